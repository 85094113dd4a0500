/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Header space: sets of packets as boxes, and rules as such sets.
 */
#ifndef _SFWCTL_SPACE_H
#define _SFWCTL_SPACE_H

#include "ranges.h"
#include "ruleset.h"

/*
 * The fields of a packet that rules look at. Ports are those of protocols that
 * have ports; of ICMP and ICMPv6 the type is in SPACE_SPORT and the code in
 * SPACE_DPORT, each as its upper byte, so that all values of a field are
 * values of a packet whatever the protocol.
 */
enum space_dim {
	SPACE_PROTOCOL,
	SPACE_DST,
	SPACE_SRC,
	SPACE_DPORT,
	SPACE_SPORT,
	SPACE_IFACE,		/* class of interfaces that rules distinguish */
	SPACE_FLAGS,		/* of TCP, 0..255 */
	SPACE_DIMS,
};

/* All packets of one family whose every field is in its set. */
struct box {
	u32 family;		/* AF_INET, AF_INET6 */
	u32 set[SPACE_DIMS];	/* id of struct ranges */
};

/* Interfaces as the rules name them, ascending; class i is names[i - 1]. */
struct space_iface {
	char name[SFW_IFNAME_MAX + 1];
	bool wildcard;		/* names that begin so, unless a later one does */
};

struct space {
	struct ranges *ranges;
	u32 mark;		/* sets that stay */
	u32 full[2][SPACE_DIMS];	/* by SPACE_V6(family) */
	struct space_iface *iface;	/* class 0 is any other interface */
	size_t n_iface;
};

#define SPACE_V6(family)	((family) == AF_INET6)

/* The space of one rule set (b is NULL) or of two; never NULL. */
struct space *space_new(const struct ruleset *a, const struct ruleset *b);
void space_free(struct space *space);
/* No room for the sets that were made: nothing since the last mark holds. */
bool space_is_full(const struct space *space);
/* Keep the sets there are; forget those made since. */
void space_mark(struct space *space);
void space_release(struct space *space);

/* Every packet of a family. */
struct box space_all(const struct space *space, u8 family);
/* What a rule matches of a family; false if that is nothing. */
bool space_of_rule(struct space *space, const struct sfw_rule *rule, u8 family,
		   struct box *box);
/* The sets of single values and spans. */
u32 space_one(struct space *space, u64 value);
u32 space_span(struct space *space, u64 lo, u64 hi);
u32 space_icmp(struct space *space, u8 value);	/* a type or a code */
/* Addresses in one of the lists, NULL is all. */
u32 space_addrs(struct space *space, const struct sfw_list *list, bool negate,
		u8 family);

bool space_meet(const struct space *space, const struct box *a,
		const struct box *b);
/* False: they have nothing in common. */
bool space_and(struct space *space, const struct box *a, const struct box *b,
	       struct box *common);
/* What is left of a: disjoint boxes, at most SPACE_DIMS. How many. */
int space_without(struct space *space, const struct box *a,
		  const struct box *b, struct box *rest);
/* The same of boxes that meet, and what they have in common. */
int space_split(struct space *space, const struct box *a, const struct box *b,
		struct box *rest, struct box *common);
bool space_is_within(const struct space *space, const struct box *a,
		     const struct box *b);
bool space_has(const struct space *space, const struct box *box,
	       const struct sfw_packet *pkt);
/*
 * Tuples of addresses, ports and class of interface; for ICMP ratios only have
 * a meaning.
 */
long double space_size(const struct space *space, const struct box *box);
/*
 * Packets the other way round: addresses and ports change sides. Not for boxes
 * that hold ICMP and protocols with ports at once, of which types or ports are
 * limited; rules have none.
 */
struct box space_swap(const struct box *box, bool icmp);

/* An interface of a class; empty if the class cannot be told from others. */
void space_ifname(const struct space *space, u32 class, char *name);
u32 space_iface_class(const struct space *space, const char *ifname);
u32 space_iface_of(struct space *space, const struct sfw_rule *rule);

/* A growing list of boxes. */
struct boxes {
	struct box *box;
	size_t n, cap;
};

void boxes_add(struct boxes *boxes, const struct box *box);
void boxes_free(struct boxes *boxes);
/* Unite those that differ in one field only, until there are no more such. */
void boxes_merge(struct space *space, struct boxes *boxes);

#endif /* _SFWCTL_SPACE_H */
