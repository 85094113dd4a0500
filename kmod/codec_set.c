// SPDX-License-Identifier: GPL-2.0
/*
 * Netlink attributes to addresses, ports and sets, and back.
 *
 * Sets come in pieces, because an attribute holds at most 64 KiB. A set is
 * open as long as it is the last one and nobody looked at it; only then more
 * elements may be appended. It is compiled once, when the next definition or
 * the first rule that names it closes it. Compiling after each piece was the
 * first idea: a set of a million elements comes in 500 pieces, and would be
 * sorted 500 times.
 *
 * Rules name their sets, and rule sets have had ten thousand of them, so names
 * are hashed. The table is two arrays and a few lines; it never shrinks and
 * nothing is deleted from it, which an rhashtable or xarray would pay for. The
 * hash is seeded: root of a user namespace must not be able to choose names
 * that make look-ups slow.
 *
 * Synchronisation: as in codec.c.
 */
#include <linux/build_bug.h>
#include <linux/jhash.h>
#include <linux/random.h>
#include <linux/sched.h>
#include <linux/stringify.h>

#include "classify.h"
#include "codec.h"
#include "netlink/policy.h"

/* An attribute's length has 16 bits; stop well before. */
#define SET_NEST_MAX	60000

/* Room that a piece of a set leaves for attributes of the caller. */
#define SET_ROOM	64

static_assert(SFW_LIST_ELEMS_MAX == 1048576);

/* Say why with another error than -EINVAL. */
static int refuse_as(int err, struct netlink_ext_ack *extack,
		     const struct nlattr *nla, const char *why)
{
	sfw_codec_refuse(extack, nla, why);
	return err;
}

/*
 * Addresses and ports
 */

/**
 * sfw_codec_read_addr() - read an address in network order
 * @nla: the attribute
 * @addr: filled in
 *
 * Context: any.
 * Return: the family, which the length tells; 0 if it is that of neither.
 */
u8 sfw_codec_read_addr(const struct nlattr *nla, struct sfw_addr *addr)
{
	__be32 v4;
	__be64 v6[2];

	switch (nla_len(nla)) {
	case sizeof(v4):
		memcpy(&v4, nla_data(nla), sizeof(v4));
		addr->hi = 0;
		addr->lo = be32_to_cpu(v4);
		return AF_INET;
	case sizeof(v6):
		memcpy(v6, nla_data(nla), sizeof(v6));
		addr->hi = be64_to_cpu(v6[0]);
		addr->lo = be64_to_cpu(v6[1]);
		return AF_INET6;
	}
	return 0;
}

/* The list was checked before, so that only these are left to go wrong. */
static int added(int err, const struct nlattr *nla,
		 struct netlink_ext_ack *extack)
{
	switch (err) {
	case -E2BIG:
		sfw_codec_refuse(extack, nla,
				 "a set holds at most 1048576 elements");
		break;
	case -EINVAL:
		sfw_codec_refuse(extack, nla,
				 "a list holds addresses or ports, not both");
		break;
	}
	return err;
}

/**
 * sfw_codec_get_addr() - append an address, prefix or range to a list
 * @nla: nest of SFW_ADDR_*
 * @list: list of addresses, or empty so far
 * @extack: for the reason of a refusal
 *
 * Context: may sleep.
 * Return: 0; -EINVAL, -E2BIG or -ENOMEM, and the list is as it was.
 */
int sfw_codec_get_addr(const struct nlattr *nla, struct sfw_list *list,
		       struct netlink_ext_ack *extack)
{
	struct nlattr *tb[SFW_ADDR_PREFIX_LEN + 1];
	struct sfw_addr first, last;
	u8 family, prefix_len;
	int err;

	err = nla_parse_nested(tb, SFW_ADDR_PREFIX_LEN, nla,
			       sfw_addr_nl_policy, extack);
	if (err)
		return err;
	if (!tb[SFW_ADDR_FIRST])
		return sfw_codec_refuse(extack, nla,
					"an address is missing");
	family = sfw_codec_read_addr(tb[SFW_ADDR_FIRST], &first);
	if (!family)
		return sfw_codec_refuse(extack, tb[SFW_ADDR_FIRST],
					"an address has 4 or 16 bytes");

	if (tb[SFW_ADDR_PREFIX_LEN]) {
		if (tb[SFW_ADDR_LAST])
			return sfw_codec_refuse(extack, tb[SFW_ADDR_LAST],
						"a prefix has no last address");
		prefix_len = nla_get_u8(tb[SFW_ADDR_PREFIX_LEN]);
		if (prefix_len > (family == AF_INET ? 32 : 128))
			return sfw_codec_refuse(extack, tb[SFW_ADDR_PREFIX_LEN],
						"a prefix length is 0 to 32 for IPv4, 0 to 128 for IPv6");
		err = sfw_list_add_prefix(list, family, &first, prefix_len);
		return added(err, nla, extack);
	}

	last = first;
	if (tb[SFW_ADDR_LAST]) {
		if (sfw_codec_read_addr(tb[SFW_ADDR_LAST], &last) != family)
			return sfw_codec_refuse(extack, tb[SFW_ADDR_LAST],
						"both ends of a range are of one family");
		if (sfw_addr_cmp(&last, &first) < 0)
			return sfw_codec_refuse(extack, tb[SFW_ADDR_LAST],
						"a range ends before it begins");
	}
	err = sfw_list_add_range(list, family, &first, &last);
	return added(err, nla, extack);
}

/**
 * sfw_codec_get_port() - append a port or a range of ports to a list
 * @nla: nest of SFW_PORT_*
 * @list: list of ports, or empty so far
 * @extack: for the reason of a refusal
 *
 * Context: may sleep.
 * Return: 0; -EINVAL, -E2BIG or -ENOMEM, and the list is as it was.
 */
int sfw_codec_get_port(const struct nlattr *nla, struct sfw_list *list,
		       struct netlink_ext_ack *extack)
{
	struct nlattr *tb[SFW_PORT_LAST + 1];
	u16 first, last;
	int err;

	err = nla_parse_nested(tb, SFW_PORT_LAST, nla, sfw_port_nl_policy,
			       extack);
	if (err)
		return err;
	if (!tb[SFW_PORT_FIRST])
		return sfw_codec_refuse(extack, nla, "a port is missing");
	first = nla_get_u16(tb[SFW_PORT_FIRST]);
	last = first;
	if (tb[SFW_PORT_LAST]) {
		last = nla_get_u16(tb[SFW_PORT_LAST]);
		if (last < first)
			return sfw_codec_refuse(extack, tb[SFW_PORT_LAST],
						"a range ends before it begins");
	}
	return added(sfw_list_add_port(list, first, last), nla, extack);
}

/**
 * sfw_codec_put_addr() - write an address in network order
 * @skb: message
 * @attr: type of the attribute
 * @family: AF_INET for 4 bytes, else 16
 * @addr: the address
 *
 * Context: any.
 * Return: 0 or -EMSGSIZE.
 */
int sfw_codec_put_addr(struct sk_buff *skb, int attr, u8 family,
		       const struct sfw_addr *addr)
{
	__be32 v4 = cpu_to_be32((u32)addr->lo);
	__be64 v6[2] = { cpu_to_be64(addr->hi), cpu_to_be64(addr->lo) };

	if (family == AF_INET)
		return nla_put(skb, attr, sizeof(v4), &v4);
	return nla_put(skb, attr, sizeof(v6), v6);
}

/**
 * sfw_codec_put_elem() - write an element of a list as it was written
 * @skb: message; gets one SFW_LIST_ADDR or SFW_LIST_PORT
 * @elem: the element
 *
 * Context: any.
 * Return: 0; -EMSGSIZE, and nothing was written.
 */
int sfw_codec_put_elem(struct sk_buff *skb, const struct sfw_elem *elem)
{
	struct nlattr *nest;
	int err;

	nest = nla_nest_start(skb, elem->family ? SFW_LIST_ADDR :
						  SFW_LIST_PORT);
	if (!nest)
		return -EMSGSIZE;
	if (!elem->family) {
		err = nla_put_u16(skb, SFW_PORT_FIRST, elem->first.lo);
		if (!err && elem->kind == SFW_ELEM_RANGE)
			err = nla_put_u16(skb, SFW_PORT_LAST, elem->last.lo);
	} else {
		err = sfw_codec_put_addr(skb, SFW_ADDR_FIRST, elem->family,
					 &elem->first);
		if (!err && elem->kind == SFW_ELEM_RANGE)
			err = sfw_codec_put_addr(skb, SFW_ADDR_LAST,
						 elem->family, &elem->last);
		if (!err && elem->kind == SFW_ELEM_PREFIX)
			err = nla_put_u8(skb, SFW_ADDR_PREFIX_LEN,
					 elem->prefix_len);
	}
	if (err) {
		nla_nest_cancel(skb, nest);
		return err;
	}
	nla_nest_end(skb, nest);
	return 0;
}

/**
 * sfw_codec_get_elems() - append the elements of a nest in their order
 * @nla: nest with SFW_LIST_ADDR or SFW_LIST_PORT
 * @list: list that is not compiled; without a name it is bounded by
 *	SFW_LIST_ANON_MAX
 * @extack: for the reason of a refusal
 *
 * Context: may sleep.
 * Return: 0; -EINVAL, -E2BIG or -ENOMEM, and the elements are as they were.
 */
int sfw_codec_get_elems(const struct nlattr *nla, struct sfw_list *list,
			struct netlink_ext_ack *extack)
{
	u32 n_old = list->n_elem;
	const struct nlattr *el;
	int err = 0, rem;

	nla_for_each_nested(el, nla, rem) {
		switch (nla_type(el)) {
		case SFW_LIST_ADDR:
			err = sfw_codec_get_addr(el, list, extack);
			break;
		case SFW_LIST_PORT:
			err = sfw_codec_get_port(el, list, extack);
			break;
		}
		if (!err && !*list->name && list->n_elem > SFW_LIST_ANON_MAX)
			err = sfw_codec_refuse(extack, el,
					       "a list of more than "
					       __stringify(SFW_LIST_ANON_MAX)
					       " elements needs a name: use a set");
		if (err) {
			list->n_elem = n_old;
			return err;
		}
	}
	return 0;
}

/*
 * Sets
 */

static bool name_ok(const char *name)
{
	const char *p;

	/* In ASCII; the kernel's isalpha() knows Latin-1. */
	for (p = name; *p; p++) {
		char lower = *p | 0x20;

		if ((lower >= 'a' && lower <= 'z') || *p == '_')
			continue;
		if (p > name && ((*p >= '0' && *p <= '9') || *p == '-'))
			continue;
		return false;
	}
	return p > name;
}

static bool is_compiled(const struct sfw_list *list)
{
	return list->n4 || list->n6;
}

/**
 * sfw_codec_close_set() - compile a set that may still be open
 * @set: the set
 * @extack: for the reason of a failure, or NULL
 *
 * Context: may sleep, under the mutex that guards the set's owners.
 * Return: 0 or -ENOMEM.
 */
int sfw_codec_close_set(struct sfw_list *set, struct netlink_ext_ack *extack)
{
	if (is_compiled(set))
		return 0;
	if (sfw_list_compile(set)) {
		NL_SET_ERR_MSG(extack, "no memory to sort a set");
		return -ENOMEM;
	}
	return 0;
}

/* The slot that has this name, or the free one where it belongs. */
static u32 *find_slot(const struct sfw_sets *sets, const char *name)
{
	u32 i = jhash(name, strlen(name), sets->seed);
	u32 mask = 2 * sets->cap - 1;

	for (i &= mask; sets->slot[i]; i = (i + 1) & mask)
		if (!strcmp(sets->list[sets->slot[i] - 1]->name, name))
			break;
	return &sets->slot[i];
}

/* Give the sets room for @cap lists, a power of two. */
static int sets_resize(struct sfw_sets *sets, u32 cap)
{
	struct sfw_sets fresh = {
		.list = sfw_alloc(cap, sizeof(*fresh.list)),
		.slot = sfw_alloc(2 * cap, sizeof(*fresh.slot)),
		.seed = get_random_u32(),
		.cap = cap,
	};

	if (!fresh.list || !fresh.slot) {
		sfw_free(fresh.list);
		sfw_free(fresh.slot);
		return -ENOMEM;
	}
	for (; fresh.n < sets->n; fresh.n++) {
		fresh.list[fresh.n] = sets->list[fresh.n];
		*find_slot(&fresh, fresh.list[fresh.n]->name) = fresh.n + 1;
	}
	sfw_free(sets->list);
	sfw_free(sets->slot);
	*sets = fresh;
	return 0;
}

/**
 * sfw_codec_find_set() - look for a set by its name
 * @sets: sets of a rule set
 * @name: the name
 *
 * Context: under the mutex that guards @sets.
 * Return: the set, without a reference of its own and perhaps not compiled
 * yet; NULL if there is none.
 */
struct sfw_list *sfw_codec_find_set(const struct sfw_sets *sets,
				    const char *name)
{
	u32 at;

	if (!sets->n)
		return NULL;
	at = *find_slot(sets, name);
	return at ? sets->list[at - 1] : NULL;
}

/**
 * sfw_codec_sets_finish() - compile what is not compiled yet
 * @sets: sets of a rule set that is complete
 * @extack: for the reason of a failure, or NULL
 *
 * To be called before the rule set is committed: from then on its sets may be
 * shared and must not change.
 *
 * Context: may sleep, under the mutex that guards @sets.
 * Return: 0 or -ENOMEM.
 */
int sfw_codec_sets_finish(struct sfw_sets *sets,
			  struct netlink_ext_ack *extack)
{
	if (!sets->n)
		return 0;
	/* Only the last one can be open. */
	return sfw_codec_close_set(sets->list[sets->n - 1], extack);
}

/**
 * sfw_codec_sets_clone() - share the sets of a rule set with another
 * @to: all zeroes; filled in, or all zeroes on failure
 * @from: finished sets
 *
 * Context: may sleep, under the mutex that guards both.
 * Return: 0 or -ENOMEM.
 */
int sfw_codec_sets_clone(struct sfw_sets *to, const struct sfw_sets *from)
{
	u32 i;

	if (!from->n)
		return 0;
	if (sets_resize(to, from->cap))
		return -ENOMEM;
	for (i = 0; i < from->n; i++) {
		to->list[i] = sfw_list_get(from->list[i]);
		*find_slot(to, to->list[i]->name) = i + 1;
		to->n++;
	}
	return 0;
}

/**
 * sfw_codec_sets_free() - give the sets back
 * @sets: sets of a rule set that nobody else sees; all zeroes afterwards
 *
 * Context: may sleep.
 */
void sfw_codec_sets_free(struct sfw_sets *sets)
{
	u32 i;

	for (i = 0; i < sets->n; i++)
		sfw_list_put(sets->list[i]);
	sfw_free(sets->list);
	sfw_free(sets->slot);
	memset(sets, 0, sizeof(*sets));
}

/* More elements for the set that is still open. */
static int append_set(const struct nlattr *nla, struct nlattr **tb,
		      struct sfw_sets *sets, struct sfw_list *set,
		      struct netlink_ext_ack *extack)
{
	const struct nlattr *name = tb[SFW_LIST_NAME];

	if (!set)
		return refuse_as(-ENOENT, extack, name,
				 "there is no set of this name to append to");
	if (set != sets->list[sets->n - 1] || is_compiled(set) ||
	    refcount_read(&set->refs) != 1)
		return sfw_codec_refuse(extack, name,
					"only the set defined last can grow, until a rule uses it");
	if (set->kind == SFW_LIST_ADDRS && tb[SFW_LIST_PORT])
		return sfw_codec_refuse(extack, tb[SFW_LIST_PORT],
					"this set holds addresses");
	if (set->kind == SFW_LIST_PORTS && tb[SFW_LIST_ADDR])
		return sfw_codec_refuse(extack, tb[SFW_LIST_ADDR],
					"this set holds ports");
	return sfw_codec_get_elems(nla, set, extack);
}

static int define_set(const struct nlattr *nla, struct nlattr **tb,
		      struct sfw_sets *sets, const char *name,
		      struct netlink_ext_ack *extack)
{
	struct sfw_list *set;
	int err;

	if (!name_ok(name))
		return sfw_codec_refuse(extack, tb[SFW_LIST_NAME],
					"a set name is a letter or _, then letters, digits, _ and -");
	if (sets->n >= SFW_SETS_MAX)
		return refuse_as(-E2BIG, extack, tb[SFW_LIST_NAME],
				 "a rule set has at most "
				 __stringify(SFW_SETS_MAX) " sets");

	err = sfw_codec_sets_finish(sets, extack);
	if (err)
		return err;
	if (sets->n == sets->cap &&
	    sets_resize(sets, sets->cap ? 2 * sets->cap : 16))
		return -ENOMEM;
	set = sfw_list_new(name);
	if (!set)
		return -ENOMEM;
	err = sfw_codec_get_elems(nla, set, extack);
	if (err) {
		sfw_list_put(set);
		return err;
	}
	sets->list[sets->n++] = set;
	*find_slot(sets, name) = sets->n;
	return 0;
}

/**
 * sfw_codec_get_set() - define a set, or add to the one defined last
 * @nla: nest of SFW_LIST_*: a name and elements, append to add
 * @sets: sets of the rule set being built; as before on failure
 * @extack: for the reason of a refusal
 *
 * A set that does not fit one attribute comes in several: the first defines
 * it, the others carry append and must follow before the next definition and
 * before a rule that names the set.
 *
 * Context: may sleep, under the mutex that guards @sets.
 * Return: 0; -EINVAL for bad content; -EEXIST for a name that is taken;
 * -ENOENT for append to no set; -E2BIG; -ENOMEM.
 */
int sfw_codec_get_set(const struct nlattr *nla, struct sfw_sets *sets,
		      struct netlink_ext_ack *extack)
{
	struct nlattr *tb[SFW_LIST_PORT + 1];
	struct sfw_list *set;
	const char *name;
	int err;

	/* One message may carry many; each is bounded by its 64 KiB. */
	cond_resched();

	err = nla_parse_nested(tb, SFW_LIST_PORT, nla, sfw_list_nl_policy,
			       extack);
	if (err)
		return err;
	if (!tb[SFW_LIST_NAME])
		return sfw_codec_refuse(extack, nla, "a set needs a name");
	if (tb[SFW_LIST_NEGATE])
		return sfw_codec_refuse(extack, tb[SFW_LIST_NEGATE],
					"a set is not negated; rules negate");
	if (!tb[SFW_LIST_ADDR] && !tb[SFW_LIST_PORT])
		return sfw_codec_refuse(extack, nla,
					"a set needs at least one element");
	if (tb[SFW_LIST_ADDR] && tb[SFW_LIST_PORT])
		return sfw_codec_refuse(extack, tb[SFW_LIST_PORT],
					"a set holds addresses or ports, not both");

	/* The policy made sure of the NUL. */
	name = nla_data(tb[SFW_LIST_NAME]);
	set = sfw_codec_find_set(sets, name);
	if (tb[SFW_LIST_APPEND])
		return append_set(nla, tb, sets, set, extack);
	if (set)
		return refuse_as(-EEXIST, extack, tb[SFW_LIST_NAME],
				 "there is a set of this name already");
	return define_set(nla, tb, sets, name, extack);
}

/**
 * sfw_codec_put_set() - write a set, or as much of it as fits
 * @skb: message; gets one SFW_A_SET
 * @set: the set
 * @pos: element to begin with; moved to the first that did not fit
 *
 * Pieces after the first carry append.
 *
 * Context: any; the caller keeps @set alive.
 * Return: 0 if the set is complete; 1 if there is more for the next message;
 * -EMSGSIZE if not one element fits, and nothing was written.
 */
int sfw_codec_put_set(struct sk_buff *skb, const struct sfw_list *set,
		      u32 *pos)
{
	struct nlattr *nest;
	u32 i = *pos;

	nest = nla_nest_start(skb, SFW_A_SET);
	if (!nest)
		return -EMSGSIZE;
	if (nla_put_string(skb, SFW_LIST_NAME, set->name) ||
	    (i && nla_put_flag(skb, SFW_LIST_APPEND)))
		goto full;
	for (; i < set->n_elem; i++) {
		if (skb_tailroom(skb) < SFW_CODEC_ELEM_MAX + SET_ROOM ||
		    skb_tail_pointer(skb) - (u8 *)nest > SET_NEST_MAX)
			break;
		if (sfw_codec_put_elem(skb, &set->elem[i]))
			break;
	}
	if (i == *pos && i < set->n_elem)
		goto full;
	nla_nest_end(skb, nest);
	*pos = i;
	return i < set->n_elem;

full:
	nla_nest_cancel(skb, nest);
	return -EMSGSIZE;
}

/**
 * sfw_codec_put_compiled() - what a packet that reads a list costs at most
 * @skb: message
 * @attr: SFW_A_COMPILED_IN or SFW_A_COMPILED_OUT
 * @cls: the compiled list
 *
 * Return: 0 or -EMSGSIZE.
 * Context: any.
 */
int sfw_codec_put_compiled(struct sk_buff *skb, int attr,
			   const struct sfw_classifier *cls)
{
	struct sfw_classify_bound bound;
	struct nlattr *nest;

	sfw_classify_bound(cls, &bound);
	nest = nla_nest_start(skb, attr);
	if (!nest ||
	    nla_put_u32(skb, SFW_COMPILED_STEPS, bound.steps) ||
	    nla_put_u32(skb, SFW_COMPILED_TESTS, bound.tests) ||
	    nla_put_u32(skb, SFW_COMPILED_LONG_LEAVES, bound.gave_up) ||
	    nla_put_u32(skb, SFW_COMPILED_CHANGES, bound.changes) ||
	    nla_put_u64_64bit(skb, SFW_COMPILED_BYTES, bound.bytes,
			      SFW_COMPILED_PAD))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}
