/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Lists of addresses or ports: the named sets of a rule file and the operands
 * of from, to and port. Pure.
 */
#ifndef _SFW_LIST_H
#define _SFW_LIST_H

#include "packet.h"

enum sfw_list_kind {
	SFW_LIST_EMPTY,
	SFW_LIST_ADDRS,
	SFW_LIST_PORTS,
};

enum sfw_elem_kind {
	SFW_ELEM_ONE,		/* an address or a port: first == last */
	SFW_ELEM_PREFIX,	/* addresses: first is the network */
	SFW_ELEM_RANGE,
};

/* Both ends belong to the range. */
struct sfw_range4 {
	u32 lo;
	u32 hi;
};

struct sfw_range6 {
	struct sfw_addr lo;
	struct sfw_addr hi;
};

/**
 * struct sfw_elem - one element as the user wrote it
 * @first: lowest address; a port in @first.lo
 * @last: highest address; a port in @last.lo
 * @range: both
 * @kind: enum sfw_elem_kind, how to write it back
 * @family: AF_INET, AF_INET6; 0 for ports
 * @prefix_len: 0..32 or 0..128 for SFW_ELEM_PREFIX
 */
struct sfw_elem {
	union {
		struct {
			struct sfw_addr first;
			struct sfw_addr last;
		};
		struct sfw_range6 range;
	};
	u8 kind;
	u8 family;
	u8 prefix_len;
};

/* Most elements of one list; a list is read by binary search. */
#define SFW_LIST_ELEMS_MAX	1048576U

/*
 * Most elements of a list without a name. A rule with four such lists has to
 * fit one message of a dump, 32 KiB; codec.c asserts it. Longer lists are
 * sets, which are sent in pieces.
 */
#define SFW_LIST_ANON_MAX	240

/**
 * struct sfw_list - elements as written and as searched
 * @name: of a set, else empty
 * @refs: owners; the last sfw_list_put() frees. A running rule set, its
 *	predecessor that is being freed and a staged one share lists
 * @kind: enum sfw_list_kind
 * @elem: elements in the order they were written
 * @n_elem: how many
 * @cap: room in @elem
 * @r4: IPv4 ranges or ports, ascending, disjoint, not adjacent
 * @n4: how many
 * @r6: IPv6 ranges, likewise
 * @n6: how many
 * @one: the first element, which is the only one of most lists and then needs
 *	no memory of its own
 * @one4: its range, likewise
 *
 * Immutable after sfw_list_compile(), so readers need only RCU.
 */
struct sfw_list {
	const char *name;
	refcount_t refs;
	u8 kind;
	u32 n_elem;
	u32 cap;
	struct sfw_elem *elem;
	struct sfw_range4 *r4;
	struct sfw_range6 *r6;
	u32 n4;
	u32 n6;
	struct sfw_elem one;
	struct sfw_range4 one4;
};

struct sfw_list *sfw_list_new(const char *name);
struct sfw_list *sfw_list_get(struct sfw_list *list);
void sfw_list_put(struct sfw_list *list);

int sfw_list_add_port(struct sfw_list *list, u16 first, u16 last);
int sfw_list_add_range(struct sfw_list *list, u8 family,
		       const struct sfw_addr *first,
		       const struct sfw_addr *last);
int sfw_list_add_prefix(struct sfw_list *list, u8 family,
			const struct sfw_addr *addr, u8 prefix_len);
int sfw_list_compile(struct sfw_list *list);

bool sfw_list_has_port(const struct sfw_list *list, u16 port);
bool sfw_list_has_addr(const struct sfw_list *list, u8 family,
		       const struct sfw_addr *addr);
bool sfw_list_equal(const struct sfw_list *a, const struct sfw_list *b);

#endif /* _SFW_LIST_H */
