/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A small header space: every packet is one of some hundred kinds, and every
 * kind can be asked of every rule by sfw_rule_match(). Random rule sets whose
 * rules do not cut finer than that.
 */
#ifndef _SFW_UNIT_SMALL_H
#define _SFW_UNIT_SMALL_H

#include "gen.h"

#define RULES	4		/* per direction, at most */
#define POINTS	20000

/* What a set is about; what is not stays out of it. */
struct world {
	bool v6, flags, iface, icmp, gre, limits;
	u8 mode;
};

/* Packets of one protocol and family. */
struct kind {
	u8 family;
	u8 protocol;
	bool icmp;
	int n_addr, n_sport, n_dport, n_flags, n_iface;
	int base;		/* of its points */
};

struct cell {
	struct sfw_addr addr;
	long double size;
};

static const struct cell cells4[] = {
	{ { 0, 0x0a000001 }, 2 },
	{ { 0, 0x0a000003 }, 2 },
	{ { 0, 0x08080808 }, 0x1p32L - 4 },
};

static const struct cell cells6[] = {
	{ { 0x20010db800000000ULL, 5 }, 0x1p96L },
	{ { 0x2a00000000000000ULL, 7 }, 0x1p128L - 0x1p96L },
};

/* If no rule is about IPv6 addresses. */
static const struct cell all6[] = {
	{ { 0x2a00000000000000ULL, 7 }, 0x1p128L },
};

static const u16 port_lo[] = { 0, 1024, 32768, 49152, 61000 };
static const u16 port_hi[] = { 1023, 32767, 49151, 60999, 65535 };
static const u8 icmp_types[] = { 8, 0, 3, 99 };
static const u8 icmp6_types[] = { 128, 129, 1, 99 };
/*
 * A request, what is sent in reply, and one more for each answer that the
 * flags clauses below can give together.
 */
static const u8 tcp_flags[] = {
	0x02, 0x10, 0x12, 0x18, 0x11, 0x00, 0x01, 0x03, 0x06, 0x07,
};
static const char *const ifaces[] = { "eth0", "en0", "wlan0" };

static struct kind kinds[8];
static int n_kinds, n_points;
static struct sfw_packet point[POINTS];
static u16 match[2][POINTS];	/* bit per rule, by its direction */
static const struct ruleset *set;
static struct world world;
static int n_rules[2];
static int iface_weight[3];	/* of two in one class, one has none */

static inline const struct cell *cells_of(const struct kind *k)
{
	if (k->family == AF_INET)
		return cells4;
	return k->n_addr == 1 ? all6 : cells6;
}

static inline int index_of(const struct kind *k, int src, int dst, int sport,
		    int dport, int flags, int iface)
{
	return k->base + ((((src * k->n_addr + dst) * k->n_sport + sport) *
			   k->n_dport + dport) * k->n_flags + flags) *
			 k->n_iface + iface;
}

static inline void make_point(const struct kind *k, int src, int dst, int sport,
		       int dport, int flags, int iface)
{
	const struct cell *cells = cells_of(k);
	struct sfw_packet *p = &point[index_of(k, src, dst, sport, dport,
					       flags, iface)];

	memset(p, 0, sizeof(*p));
	p->family = k->family;
	p->protocol = k->protocol;
	p->src = cells[src].addr;
	p->dst = cells[dst].addr;
	p->ifname = ifaces[iface];
	p->has_ports = sfw_packet_has_ports(k->protocol);
	if (p->has_ports) {
		p->sport = port_lo[sport];
		p->dport = port_lo[dport];
	}
	if (k->icmp) {
		p->icmp_type = k->family == AF_INET ? icmp_types[sport] :
						      icmp6_types[sport];
		p->icmp_code = dport;
	}
	if (k->protocol == IPPROTO_TCP)
		p->tcp.flags = tcp_flags[flags];
}

#define FOR_ALL(k, a, b, c, d, e, f)				\
	for (int a = 0; a < (k)->n_addr; a++)			\
	for (int b = 0; b < (k)->n_addr; b++)			\
	for (int c = 0; c < (k)->n_sport; c++)			\
	for (int d = 0; d < (k)->n_dport; d++)			\
	for (int e = 0; e < (k)->n_flags; e++)			\
	for (int f = 0; f < (k)->n_iface; f++)

static inline void add_kind(u8 family, u8 protocol)
{
	struct kind *k = &kinds[n_kinds++];
	bool ports = sfw_packet_has_ports(protocol);

	*k = (struct kind){
		.family = family,
		.protocol = protocol,
		.icmp = protocol == IPPROTO_ICMP || protocol == IPPROTO_ICMPV6,
		.n_addr = family == AF_INET ? 3 : world.v6 ? 2 : 1,
		.n_flags = protocol == IPPROTO_TCP ? (world.flags ? 10 : 2) : 1,
		.n_iface = world.iface ? 3 : 1,
		.base = n_points,
	};
	k->n_sport = ports ? 5 : k->icmp ? 4 : 1;
	k->n_dport = ports ? 5 : k->icmp ? 2 : 1;
	n_points += k->n_addr * k->n_addr * k->n_sport * k->n_dport *
		    k->n_flags * k->n_iface;
	if (n_points > POINTS)
		gen_must(NULL);
	FOR_ALL(k, src, dst, sport, dport, flags, iface)
		make_point(k, src, dst, sport, dport, flags, iface);
}

static inline void make_world(void)
{
	world = (struct world){
		.v6 = rnd_once_in(3),
		.flags = rnd_once_in(4),
		.iface = rnd_once_in(4),
		.icmp = rnd_once_in(3),
		.gre = rnd_once_in(6),
		.limits = rnd_once_in(4),
		.mode = rnd_once_in(4) ? SFW_MODE_STATEFUL :
					 SFW_MODE_STATELESS,
	};
	n_kinds = 0;
	n_points = 0;
	add_kind(AF_INET, IPPROTO_TCP);
	add_kind(AF_INET, IPPROTO_UDP);
	/* What check asks about is there even if no rule is about it. */
	add_kind(AF_INET, IPPROTO_ICMP);
	if (world.gre)
		add_kind(AF_INET, IPPROTO_GRE);
	add_kind(AF_INET6, IPPROTO_TCP);
	add_kind(AF_INET6, IPPROTO_UDP);
	add_kind(AF_INET6, IPPROTO_ICMPV6);
	if (world.gre)
		add_kind(AF_INET6, IPPROTO_GRE);
}

/* --- random sets --------------------------------------------------------- */

static inline struct sfw_list *gen_addrs(void)
{
	static const struct sfw_addr v4 = { 0, 0x0a000000 };
	static const struct sfw_addr v4b = { 0, 0x0a000002 };
	static const struct sfw_addr v6 = { 0x20010db800000000ULL, 0 };
	struct sfw_list *list = gen_must(sfw_list_new(NULL));
	bool six = world.v6 && rnd_once_in(3);
	int ret = 0;

	if (!six || rnd_once_in(2)) {
		switch (rnd_below(3)) {
		case 0:
			ret = sfw_list_add_prefix(list, AF_INET, &v4, 31);
			break;
		case 1:
			ret = sfw_list_add_prefix(list, AF_INET, &v4b, 31);
			break;
		default:
			ret = sfw_list_add_prefix(list, AF_INET, &v4, 30);
		}
	}
	if (six)
		ret |= sfw_list_add_prefix(list, AF_INET6, &v6, 32);
	if (ret || sfw_list_compile(list))
		gen_must(NULL);
	return list;
}

static inline struct sfw_list *gen_ports(void)
{
	struct sfw_list *list = gen_must(sfw_list_new(NULL));
	int a = rnd_below(5), b = rnd_below(5), c;

	if (a > b) {
		c = a;
		a = b;
		b = c;
	}
	if (sfw_list_add_port(list, port_lo[a], port_hi[b]))
		gen_must(NULL);
	c = rnd_below(5);
	if (rnd_once_in(4) &&
	    sfw_list_add_port(list, port_lo[c], port_hi[c]))
		gen_must(NULL);
	if (sfw_list_compile(list))
		gen_must(NULL);
	return list;
}

static inline void gen_icmp_rule(struct sfw_rule *r)
{
	bool six = world.v6 && rnd_once_in(2);

	r->protocol = six ? IPPROTO_ICMPV6 : IPPROTO_ICMP;
	if (rnd_once_in(3))
		return;
	r->flags |= SFW_RULE_F_ICMP_TYPE;
	r->icmp_type = six ? icmp6_types[rnd_below(3)] :
			     icmp_types[rnd_below(3)];
	if (rnd_once_in(4)) {
		r->flags |= SFW_RULE_F_ICMP_CODE;
		r->icmp_code = 0;
	}
}

static inline void gen_proto(struct sfw_rule *r)
{
	u32 x = rnd_below(12);

	if (x < 2)
		return;
	r->flags |= SFW_RULE_F_PROTOCOL;
	if (x < 8) {
		r->protocol = IPPROTO_TCP;
	} else if (x < 10) {
		r->protocol = IPPROTO_UDP;
	} else if (x == 10 && world.gre) {
		r->protocol = IPPROTO_GRE;
	} else if (world.icmp) {
		gen_icmp_rule(r);
	} else {
		r->protocol = IPPROTO_TCP;
	}
	if (!sfw_packet_has_ports(r->protocol))
		return;
	if (rnd_once_in(3))
		r->from_port = gen_ports();
	if (!rnd_once_in(3))
		r->to_port = gen_ports();
	if (r->from_port && rnd_once_in(6))
		r->flags |= SFW_RULE_F_NOT_FROM_PORT;
	if (r->to_port && rnd_once_in(6))
		r->flags |= SFW_RULE_F_NOT_TO_PORT;
}

static inline void gen_small_rule(struct sfw_rule *r, u32 number, u8 direction)
{
	memset(r, 0, sizeof(*r));
	r->number = number;
	r->direction = direction;
	r->action = rnd_once_in(8) ? SFW_ACTION_REJECT :
		    rnd_once_in(3) ? SFW_ACTION_DENY : SFW_ACTION_ALLOW;
	gen_proto(r);
	if (rnd_once_in(3))
		r->from = gen_addrs();
	if (rnd_once_in(3))
		r->to = gen_addrs();
	if (r->from && rnd_once_in(4))
		r->flags |= SFW_RULE_F_NOT_FROM;
	if (r->to && rnd_once_in(4))
		r->flags |= SFW_RULE_F_NOT_TO;
	if (world.iface && rnd_once_in(2)) {
		sfw_rule_set_ifname(r, rnd_once_in(3) ? "e*" : "eth0");
		if (rnd_once_in(3))
			r->flags |= SFW_RULE_F_NOT_IFNAME;
	}
	if (world.flags && r->protocol == IPPROTO_TCP && rnd_once_in(2)) {
		if (rnd_once_in(2)) {
			r->flags |= SFW_RULE_F_ESTABLISHED;
		} else {
			r->flags |= SFW_RULE_F_TCP_FLAGS;
			r->tcp_mask = rnd_once_in(3) ? 0x01 : 0x12;
			r->tcp_set = r->tcp_mask == 0x12 ? 0x02 : 0x01;
		}
	}
	if (world.limits && r->action == SFW_ACTION_ALLOW && rnd_once_in(3)) {
		r->flags |= SFW_RULE_F_LIMIT;
		r->limit.count = 10;
	}
	if (r->action == SFW_ACTION_ALLOW && rnd_once_in(6))
		r->flags |= SFW_RULE_F_RETURN;
	if (r->action == SFW_ACTION_ALLOW && rnd_once_in(8))
		r->flags |= SFW_RULE_F_NO_STATE;
	if (rnd_once_in(10))
		r->flags |= SFW_RULE_F_LOG;
	if (sfw_rule_check(r))
		gen_must(NULL);
}

static inline struct ruleset *gen_small_set(void)
{
	struct ruleset *rs = gen_must(ruleset_new());
	struct ruleset_rule *entry;
	u32 i, n;
	int d;

	rs->mode = world.mode;
	for (d = 0; d < 2; d++) {
		rs->def[d].action = rnd_once_in(4) ? SFW_ACTION_ALLOW :
						     SFW_ACTION_DENY;
		n = rnd_below(RULES + 1);
		for (i = 0; i < n; i++) {
			entry = gen_must(calloc(1, sizeof(*entry)));
			gen_small_rule(&entry->rule, 10 * (i + 1), d);
			if (ruleset_add_rule(rs, entry))
				gen_must(NULL);
		}
	}
	ruleset_sort(rs);
	return rs;
}

/* --- brute force ----------------------------------------------------------- */

static inline const struct sfw_rule *rule_at(int d, int i)
{
	return i < n_rules[d] ? &set->rules[d][i]->rule : NULL;
}

static inline u32 flags_at(int d, int i)
{
	const struct sfw_rule *rule = rule_at(d, i);

	return rule ? rule->flags : 0;
}

static inline u8 action_at(int d, int i)
{
	const struct sfw_rule *rule = rule_at(d, i);

	return rule ? rule->action : set->def[d].action;
}

static inline int outcome_at(int d, int i)
{
	return action_at(d, i) |
	       (world.mode == SFW_MODE_STATEFUL &&
		flags_at(d, i) & SFW_RULE_F_NO_STATE ? 0x80 : 0);
}

static inline void weigh_ifaces(void)
{
	const struct sfw_rule *rule;
	int d, i;

	iface_weight[0] = 0;
	iface_weight[1] = 0;
	iface_weight[2] = 1;
	for (d = 0; d < 2; d++) {
		for (i = 0; i < n_rules[d]; i++) {
			rule = rule_at(d, i);
			if (rule->flags & SFW_RULE_F_IFNAME)
				iface_weight[sfw_rule_ifname_is_wildcard(rule)] = 1;
		}
	}
}

static inline void match_all(void)
{
	int d, i, p;

	for (d = 0; d < 2; d++) {
		n_rules[d] = set->n_rules[d];
		for (p = 0; p < n_points; p++) {
			match[d][p] = 1 << n_rules[d];
			for (i = 0; i < n_rules[d]; i++)
				if (sfw_rule_match(rule_at(d, i), &point[p]))
					match[d][p] |= 1 << i;
		}
	}
}

/* Does no rule before i take the packet for good? */
static inline bool reaches(int d, int p, int i)
{
	int j;

	if (!(match[d][p] & 1 << i))
		return false;
	for (j = 0; j < i; j++)
		if (match[d][p] & 1 << j &&
		    !(flags_at(d, j) & SFW_RULE_F_LIMIT))
			return false;
	return true;
}

static inline bool same_behind(int d, int p, int i)
{
	int j;

	for (j = i + 1; j <= n_rules[d]; j++) {
		if (!(match[d][p] & 1 << j))
			continue;
		if (outcome_at(d, j) != outcome_at(d, i))
			return false;
		if (!(flags_at(d, j) & SFW_RULE_F_LIMIT))
			return true;
	}
	return true;
}

static inline bool allows(int d, int p)
{
	return action_at(d, __builtin_ctz(match[d][p])) == SFW_ACTION_ALLOW;
}

#endif /* _SFW_UNIT_SMALL_H */
