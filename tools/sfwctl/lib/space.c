// SPDX-License-Identifier: GPL-2.0
/*
 * Header space: see space.h.
 *
 * A box is a product of sets, one per field, and not of ranges: what a rule
 * matches is one box per family, be its list of addresses a million long, and
 * what is left of a box after another has been taken away are at most as many
 * boxes as there are fields. Sets are numbers (ranges.h), so a box is 32 bytes.
 *
 * Tried and rejected: boxes of ranges. A rule for a blocklist of a thousand
 * networks was a thousand boxes and cut every later one into thousands.
 * Decision diagrams are canonical, but blow up where rules of hosts meet rules
 * of services, and have to be turned into boxes for people in the end.
 *
 * The order of the fields matters: the protocol comes first, so that whatever
 * has only some ports, types or flags has one protocol.
 *
 * Fragments do not exist here: they are reassembled before they are judged.
 */
#include <stdio.h>
#include <stdlib.h>

#include "space.h"
#include "xalloc.h"

/* Ranges of all sets together: 256 MiB, 512 while they are moved. */
#define RANGES_MAX	(8UL << 20)

static int iface_cmp(const void *a, const void *b)
{
	const struct space_iface *x = a, *y = b;
	int cmp = strcmp(x->name, y->name);

	/* eth* comes before eth, and so right before all it covers. */
	return cmp ? cmp : (int)y->wildcard - (int)x->wildcard;
}

static void collect_ifaces(struct space *space, const struct ruleset *rs,
			   size_t *cap)
{
	size_t dir, i;

	for (dir = 0; rs && dir < 2; dir++) {
		for (i = 0; i < rs->n_rules[dir]; i++) {
			const struct sfw_rule *rule = &rs->rules[dir][i]->rule;
			struct space_iface *iface;

			if (!(rule->flags & SFW_RULE_F_IFNAME))
				continue;
			space->iface = xgrow(space->iface, cap,
					     space->n_iface + 1,
					     sizeof(*iface));
			iface = &space->iface[space->n_iface++];
			memset(iface, 0, sizeof(*iface));
			memcpy(iface->name, rule->ifname, sizeof(iface->name));
			iface->wildcard = sfw_rule_ifname_is_wildcard(rule);
		}
	}
}

static void sort_ifaces(struct space *space)
{
	size_t i, n = 0;

	if (!space->n_iface)
		return;
	qsort(space->iface, space->n_iface, sizeof(*space->iface), iface_cmp);
	for (i = 1; i < space->n_iface; i++)
		if (iface_cmp(&space->iface[n], &space->iface[i]))
			space->iface[++n] = space->iface[i];
	space->n_iface = n + 1;
}

struct space *space_new(const struct ruleset *a, const struct ruleset *b)
{
	struct range v6 = { { 0, 0 }, { ~0ULL, ~0ULL } };
	struct space *space = xcalloc(1, sizeof(*space));
	size_t cap = 0;
	u32 *full;
	int i;

	space->ranges = ranges_new(RANGES_MAX);
	collect_ifaces(space, a, &cap);
	collect_ifaces(space, b, &cap);
	sort_ifaces(space);
	for (i = 0; i < 2; i++) {
		full = space->full[i];
		full[SPACE_PROTOCOL] = ranges_span(space->ranges, 0, 255);
		full[SPACE_SRC] = i ? ranges_make(space->ranges, &v6, 1) :
				  ranges_span(space->ranges, 0, 0xffffffff);
		full[SPACE_DST] = full[SPACE_SRC];
		full[SPACE_SPORT] = ranges_span(space->ranges, 0, 65535);
		full[SPACE_DPORT] = full[SPACE_SPORT];
		full[SPACE_IFACE] = ranges_span(space->ranges, 0,
						space->n_iface);
		full[SPACE_FLAGS] = ranges_span(space->ranges, 0, 255);
	}
	space_mark(space);
	return space;
}

void space_free(struct space *space)
{
	if (!space)
		return;
	ranges_free(space->ranges);
	free(space->iface);
	free(space);
}

bool space_is_full(const struct space *space)
{
	return ranges_full(space->ranges);
}

void space_mark(struct space *space)
{
	space->mark = ranges_mark(space->ranges);
}

void space_release(struct space *space)
{
	ranges_release(space->ranges, space->mark);
}

struct box space_all(const struct space *space, u8 family)
{
	struct box box = { .family = family };

	memcpy(box.set, space->full[SPACE_V6(family)], sizeof(box.set));
	return box;
}

u32 space_one(struct space *space, u64 value)
{
	return ranges_span(space->ranges, value, value);
}

u32 space_span(struct space *space, u64 lo, u64 hi)
{
	return ranges_span(space->ranges, lo, hi);
}

u32 space_icmp(struct space *space, u8 value)
{
	return ranges_span(space->ranges, (u64)value << 8,
			   (u64)value << 8 | 0xff);
}

u32 space_addrs(struct space *space, const struct sfw_list *list, bool negate,
		u8 family)
{
	u32 full = space->full[SPACE_V6(family)][SPACE_SRC], set;
	size_t i, n = 0;
	struct range *r;

	if (!list)
		return full;
	n = family == AF_INET ? list->n4 : list->n6;
	r = xcalloc(n + 1, sizeof(*r));
	for (i = 0; i < n; i++) {
		if (family == AF_INET)
			r[i] = (struct range){ { 0, list->r4[i].lo },
					       { 0, list->r4[i].hi } };
		else
			r[i] = (struct range){ list->r6[i].lo, list->r6[i].hi };
	}
	set = ranges_make(space->ranges, r, n);
	free(r);
	return negate ? ranges_without(space->ranges, full, set) : set;
}

static u32 ports_of(struct space *space, const struct sfw_list *list,
		    bool negate)
{
	u32 full = space->full[0][SPACE_SPORT], set;
	struct range *r;
	u32 i;

	if (!list)
		return full;
	r = xcalloc(list->n4 + 1, sizeof(*r));
	for (i = 0; i < list->n4; i++)
		r[i] = (struct range){ { 0, list->r4[i].lo },
				       { 0, list->r4[i].hi } };
	set = ranges_make(space->ranges, r, list->n4);
	free(r);
	return negate ? ranges_without(space->ranges, full, set) : set;
}

static u32 flags_of(struct space *space, const struct sfw_rule *rule)
{
	struct range r[256];
	size_t n = 0;
	u32 f;

	if (!(rule->flags & (SFW_RULE_F_TCP_FLAGS | SFW_RULE_F_ESTABLISHED)))
		return space->full[0][SPACE_FLAGS];
	for (f = 0; f < 256; f++)
		if (rule->flags & SFW_RULE_F_ESTABLISHED ?
		    f & (SFW_TCP_ACK | SFW_TCP_RST) :
		    (f & rule->tcp_mask) == rule->tcp_set)
			r[n++] = (struct range){ { 0, f }, { 0, f } };
	return ranges_make(space->ranges, r, n);
}

/* Does this pattern cover a name, or all that another one covers? */
static bool covers(const struct space_iface *pattern, const char *name)
{
	return pattern->wildcard ?
	       !strncmp(name, pattern->name, strlen(pattern->name)) :
	       !strcmp(name, pattern->name);
}

u32 space_iface_of(struct space *space, const struct sfw_rule *rule)
{
	u32 full = space->full[0][SPACE_IFACE], set;
	struct space_iface key = { .wildcard = false };
	size_t i = 0, last;

	if (!(rule->flags & SFW_RULE_F_IFNAME))
		return full;
	memcpy(key.name, rule->ifname, sizeof(key.name));
	key.wildcard = sfw_rule_ifname_is_wildcard(rule);
	while (iface_cmp(&space->iface[i], &key))
		i++;
	last = i;
	while (last + 1 < space->n_iface &&
	       key.wildcard && covers(&key, space->iface[last + 1].name))
		last++;
	set = ranges_span(space->ranges, i + 1, last + 1);
	return rule->flags & SFW_RULE_F_NOT_IFNAME ?
	       ranges_without(space->ranges, full, set) : set;
}

u32 space_iface_class(const struct space *space, const char *ifname)
{
	size_t i;

	/* What stands last is the most exact. */
	for (i = space->n_iface; i; i--)
		if (covers(&space->iface[i - 1], ifname))
			return i;
	return 0;
}

void space_ifname(const struct space *space, u32 class, char *name)
{
	static const char *const usual[] = { "eth0", "eth1", "wan0", "if0" };
	const struct space_iface *iface;
	size_t len;
	int i;

	if (class && !space->iface[class - 1].wildcard) {
		memcpy(name, space->iface[class - 1].name,
		       sizeof(space->iface->name));
		return;
	}
	if (!class) {
		for (i = 0; i < (int)ARRAY_SIZE(usual); i++) {
			snprintf(name, SFW_IFNAME_MAX + 1, "%s", usual[i]);
			if (!space_iface_class(space, name))
				return;
		}
		for (i = 0; i < 100000; i++) {
			snprintf(name, SFW_IFNAME_MAX + 1, "if%d", i);
			if (!space_iface_class(space, name))
				return;
		}
		*name = '\0';
		return;
	}
	iface = &space->iface[class - 1];
	len = strlen(iface->name);
	memcpy(name, iface->name, sizeof(iface->name));
	for (i = 0; i < 36 && len < SFW_IFNAME_MAX; i++) {
		name[len] = "0123456789abcdefghijklmnopqrstuvwxyz"[i];
		name[len + 1] = '\0';
		if (space_iface_class(space, name) == class)
			return;
	}
	name[len] = '\0';
	if (space_iface_class(space, name) != class)
		*name = '\0';
}

bool space_of_rule(struct space *space, const struct sfw_rule *rule, u8 family,
		   struct box *box)
{
	u32 flags = rule->flags;
	u32 *set = box->set;
	int d;

	if (!(rule->families & (family == AF_INET ? SFW_FAMILY_4 :
						    SFW_FAMILY_6)))
		return false;
	*box = space_all(space, family);
	if (flags & SFW_RULE_F_PROTOCOL)
		set[SPACE_PROTOCOL] = space_one(space, rule->protocol);
	set[SPACE_SRC] = space_addrs(space, rule->from,
				     flags & SFW_RULE_F_NOT_FROM, family);
	set[SPACE_DST] = space_addrs(space, rule->to,
				     flags & SFW_RULE_F_NOT_TO, family);
	set[SPACE_SPORT] = ports_of(space, rule->from_port,
				    flags & SFW_RULE_F_NOT_FROM_PORT);
	set[SPACE_DPORT] = ports_of(space, rule->to_port,
				    flags & SFW_RULE_F_NOT_TO_PORT);
	if (flags & SFW_RULE_F_ICMP_TYPE)
		set[SPACE_SPORT] = space_icmp(space, rule->icmp_type);
	if (flags & SFW_RULE_F_ICMP_CODE)
		set[SPACE_DPORT] = space_icmp(space, rule->icmp_code);
	set[SPACE_FLAGS] = flags_of(space, rule);
	set[SPACE_IFACE] = space_iface_of(space, rule);
	for (d = 0; d < SPACE_DIMS; d++)
		if (set[d] == RANGES_EMPTY)
			return false;
	return true;
}

/* No set of a box is empty: what has all values meets it, and cuts nothing. */
bool space_meet(const struct space *space, const struct box *a,
		const struct box *b)
{
	const u32 *full = space->full[SPACE_V6(a->family)];
	int d;

	if (a->family != b->family)
		return false;
	for (d = 0; d < SPACE_DIMS; d++)
		if (b->set[d] != full[d] && a->set[d] != full[d] &&
		    !ranges_meet(space->ranges, a->set[d], b->set[d]))
			return false;
	return true;
}

bool space_and(struct space *space, const struct box *a, const struct box *b,
	       struct box *common)
{
	int d;

	if (!space_meet(space, a, b))
		return false;
	common->family = a->family;
	for (d = 0; d < SPACE_DIMS; d++)
		common->set[d] = ranges_and(space->ranges, a->set[d],
					    b->set[d]);
	return true;
}

int space_split(struct space *space, const struct box *a, const struct box *b,
		struct box *rest, struct box *common)
{
	const u32 *full = space->full[SPACE_V6(a->family)];
	int d, n = 0;
	u32 set;

	*common = *a;
	for (d = 0; d < SPACE_DIMS; d++) {
		if (b->set[d] == full[d] || b->set[d] == a->set[d])
			continue;
		set = ranges_without(space->ranges, a->set[d], b->set[d]);
		if (set == RANGES_EMPTY)
			continue;
		rest[n] = *common;
		rest[n++].set[d] = set;
		common->set[d] = ranges_and(space->ranges, a->set[d],
					    b->set[d]);
	}
	return n;
}

int space_without(struct space *space, const struct box *a,
		  const struct box *b, struct box *rest)
{
	struct box common;

	if (!space_meet(space, a, b)) {
		*rest = *a;
		return 1;
	}
	return space_split(space, a, b, rest, &common);
}

bool space_is_within(const struct space *space, const struct box *a,
		     const struct box *b)
{
	int d;

	if (a->family != b->family)
		return false;
	for (d = 0; d < SPACE_DIMS; d++)
		if (!ranges_within(space->ranges, a->set[d], b->set[d]))
			return false;
	return true;
}

static bool has_number(const struct space *space, const struct box *box,
		       enum space_dim dim, u64 value)
{
	struct sfw_addr a = { 0, value };

	return ranges_has(space->ranges, box->set[dim], &a);
}

bool space_has(const struct space *space, const struct box *box,
	       const struct sfw_packet *pkt)
{
	bool icmp = pkt->protocol == (pkt->family == AF_INET ? IPPROTO_ICMP :
							       IPPROTO_ICMPV6);
	const struct ranges *rs = space->ranges;

	if (box->family != pkt->family ||
	    !has_number(space, box, SPACE_PROTOCOL, pkt->protocol) ||
	    !ranges_has(rs, box->set[SPACE_SRC], &pkt->src) ||
	    !ranges_has(rs, box->set[SPACE_DST], &pkt->dst) ||
	    !has_number(space, box, SPACE_IFACE,
			space_iface_class(space, pkt->ifname)))
		return false;
	if (sfw_packet_has_ports(pkt->protocol))
		return has_number(space, box, SPACE_SPORT, pkt->sport) &&
		       has_number(space, box, SPACE_DPORT, pkt->dport) &&
		       (pkt->protocol != IPPROTO_TCP ||
			has_number(space, box, SPACE_FLAGS, pkt->tcp.flags));
	return !icmp ||
	       (has_number(space, box, SPACE_SPORT, pkt->icmp_type << 8) &&
		has_number(space, box, SPACE_DPORT, pkt->icmp_code << 8));
}

long double space_size(const struct space *space, const struct box *box)
{
	static const enum space_dim dims[] = {
		SPACE_SRC, SPACE_DST, SPACE_SPORT, SPACE_DPORT, SPACE_IFACE,
	};
	long double size = 1;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(dims); i++)
		size *= ranges_size(space->ranges, box->set[dims[i]]);
	return size;
}

struct box space_swap(const struct box *box, bool icmp)
{
	struct box back = *box;

	back.set[SPACE_SRC] = box->set[SPACE_DST];
	back.set[SPACE_DST] = box->set[SPACE_SRC];
	if (!icmp) {
		back.set[SPACE_SPORT] = box->set[SPACE_DPORT];
		back.set[SPACE_DPORT] = box->set[SPACE_SPORT];
	}
	return back;
}

void boxes_add(struct boxes *boxes, const struct box *box)
{
	boxes->box = xgrow(boxes->box, &boxes->cap, boxes->n + 1, sizeof(*box));
	boxes->box[boxes->n++] = *box;
}

void boxes_free(struct boxes *boxes)
{
	free(boxes->box);
	*boxes = (struct boxes){ .n = 0 };
}

static bool has_icmp(const struct space *space, const struct box *box)
{
	return has_number(space, box, SPACE_PROTOCOL,
			  box->family == AF_INET ? IPPROTO_ICMP :
						   IPPROTO_ICMPV6);
}

/* If a and b differ in at most one field, a becomes both. */
static bool unite(struct space *space, struct box *a, const struct box *b)
{
	int d, differs = -1;

	if (a->family != b->family)
		return false;
	for (d = 0; d < SPACE_DIMS; d++) {
		if (a->set[d] == b->set[d])
			continue;
		if (differs >= 0)
			return false;
		differs = d;
	}
	/* Ports of one protocol are types of the other. */
	if (differs == SPACE_PROTOCOL &&
	    (has_icmp(space, a) || has_icmp(space, b)) &&
	    (a->set[SPACE_SPORT] != space->full[0][SPACE_SPORT] ||
	     a->set[SPACE_DPORT] != space->full[0][SPACE_DPORT]))
		return false;
	if (differs >= 0)
		a->set[differs] = ranges_or(space->ranges, a->set[differs],
					    b->set[differs]);
	return true;
}

void boxes_merge(struct space *space, struct boxes *boxes)
{
	bool again = true;
	size_t i, j;

	while (again) {
		again = false;
		for (i = 0; i < boxes->n; i++) {
			for (j = i + 1; j < boxes->n; ) {
				if (unite(space, &boxes->box[i],
					  &boxes->box[j])) {
					boxes->box[j] =
						boxes->box[--boxes->n];
					again = true;
				} else {
					j++;
				}
			}
		}
	}
}
