/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Rule sets and packets for the classifier's tests, and a walk over the rules
 * to compare it with.
 */
#ifndef _SFW_UNIT_CLASSIFY_SET_H
#define _SFW_UNIT_CLASSIFY_SET_H

#include <classify.h>
#include "gen.h"

/* All of a direction, ascending, as ruleset.c hands them over. */
struct set {
	struct sfw_rule **ptr;
	u32 n;
	struct sfw_classifier *cls;
};

static inline void set_check(struct sfw_rule *rule)
{
	const char *err = sfw_rule_check(rule);

	if (err) {
		printf("Bail out! the generator makes unsound rules: %s\n", err);
		exit(1);
	}
}

/* Where the list begins or ends, next to it, or anywhere. */
static inline struct sfw_addr pick_addr(const struct sfw_list *list, u8 family)
{
	struct sfw_addr addr = gen_addr(family);
	const struct sfw_elem *e;

	if (!list || rnd_once_in(4))
		return addr;
	e = &list->elem[rnd_below(list->n_elem)];
	if (e->family != family)
		return addr;
	addr = rnd_once_in(2) ? e->first : e->last;
	addr.lo += (int)rnd_below(3) - 1;
	if (family == AF_INET)
		addr.lo = (u32)addr.lo;
	return addr;
}

static inline u16 pick_port(const struct sfw_list *list)
{
	const struct sfw_elem *e;

	if (!list || rnd_once_in(4))
		return gen_port();
	e = &list->elem[rnd_below(list->n_elem)];
	return (rnd_once_in(2) ? e->first.lo : e->last.lo) + rnd_below(3) - 1;
}

/* A packet near one of the rules. */
static inline void pick_packet(const struct set *set, struct sfw_packet *pkt)
{
	static const struct sfw_rule none;
	const struct sfw_rule *r;

	r = set->n ? set->ptr[rnd_below(set->n)] : &none;
	memset(pkt, 0, sizeof(*pkt));
	pkt->family = gen_family();
	pkt->protocol = r->flags & SFW_RULE_F_PROTOCOL && !rnd_once_in(4) ?
			r->protocol : rnd_below(rnd_once_in(2) ? 256 : 60);
	pkt->src = pick_addr(r->from, pkt->family);
	pkt->dst = pick_addr(r->to, pkt->family);
	pkt->has_ports = sfw_packet_has_ports(pkt->protocol);
	if (pkt->has_ports) {
		pkt->sport = pick_port(r->from_port);
		pkt->dport = pick_port(r->to_port);
	}
	pkt->icmp_type = rnd_once_in(4) ? rnd() : r->icmp_type;
	pkt->icmp_code = rnd_once_in(4) ? rnd() : r->icmp_code;
	pkt->tcp.flags = rnd_once_in(2) ? rnd() :
			 r->tcp_set | (rnd() & ~r->tcp_mask);
	pkt->ifname = rnd_once_in(3) ? r->ifname : "eth0";
	pkt->fragment = rnd_once_in(20);
}

static inline u32 walk(const struct set *set, const struct sfw_packet *pkt, u32 from)
{
	u32 i;

	for (i = from; i < set->n; i++)
		if (sfw_rule_match(set->ptr[i], pkt))
			return i;
	return SFW_CLASSIFY_NONE;
}

static inline bool agrees(const struct set *set, const struct sfw_packet *pkt,
			  u32 from, u32 *found)
{
	u32 want = walk(set, pkt, from);

	*found = sfw_classify_next(set->cls, pkt, from);
	if (*found == want)
		return true;
	printf("# %u rules from %u, family %u protocol %u: %u, not %u\n",
	       set->n, from, pkt->family, pkt->protocol, *found, want);
	return false;
}

#endif /* _SFW_UNIT_CLASSIFY_SET_H */
