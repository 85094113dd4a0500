/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Rule sets and traffic for timing the classifier.
 */
#ifndef _SFW_BENCH_GEN_H
#define _SFW_BENCH_GEN_H

#include <rule.h>

/* What the rules are like; gen.c says how each is made. */
enum gen_kind {
	GEN_ACL,	/* of a router before many servers */
	GEN_FIREWALL,	/* between zones, with many wildcards */
	GEN_CHAIN,	/* of a host or hypervisor: pairs of hosts, both ports */
	GEN_KINDS,
};

enum gen_order {
	GEN_SPECIFIC_FIRST,	/* narrow rules before wide ones */
	GEN_USERS,		/* site by site, as people write them */
	GEN_ORDERS,
};

/**
 * struct gen_set - a rule set
 * @rule: the rules, in their order
 * @ptr: pointers to them, as the classifier takes them
 * @n: how many
 */
struct gen_set {
	struct sfw_rule *rule;
	struct sfw_rule **ptr;
	u32 n;
};

/**
 * struct gen_point - what a rule set looks at in a packet, in one cache line
 *
 * A trace of whole struct sfw_packet would drive the classifier out of the
 * cache by itself, which packets in a kernel do not: they are hot.
 */
struct gen_point {
	struct sfw_addr src;
	struct sfw_addr dst;
	u16 sport;
	u16 dport;
	u8 protocol;
	u8 tcp_flags;
	u8 icmp_type;
	u8 icmp_code;
};

/* xorshift64*; the same numbers on every machine. */
struct gen_rnd {
	u64 state;
};

u64 gen_rnd_next(struct gen_rnd *r);
u32 gen_rnd_below(struct gen_rnd *r, u32 n);

const char *gen_kind_name(enum gen_kind kind);
const char *gen_order_name(enum gen_order order);

struct gen_set *gen_set_new(enum gen_kind kind, u8 family,
			    enum gen_order order, u32 n, u64 seed);
void gen_set_free(struct gen_set *set);

/* A packet that the rule matches; an earlier rule may match it, too. */
void gen_point_in(struct gen_rnd *r, const struct sfw_rule *rule, u8 family,
		  struct gen_point *p);

static inline void gen_point_unpack(const struct gen_point *p, u8 family,
				    struct sfw_packet *pkt)
{
	pkt->family = family;
	pkt->src = p->src;
	pkt->dst = p->dst;
	pkt->protocol = p->protocol;
	pkt->has_ports = sfw_packet_has_ports(p->protocol);
	pkt->sport = p->sport;
	pkt->dport = p->dport;
	pkt->tcp.flags = p->tcp_flags;
	pkt->icmp_type = p->icmp_type;
	pkt->icmp_code = p->icmp_code;
}

#endif /* _SFW_BENCH_GEN_H */
