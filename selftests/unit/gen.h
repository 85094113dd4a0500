/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Random lists, rules and rule sets: sound ones, of every clause there is,
 * with addresses and ports from a small world, so that they meet.
 */
#ifndef _SFW_UNIT_GEN_H
#define _SFW_UNIT_GEN_H

#include <lib/ruleset.h>
#include "tap.h"

static inline void *gen_must(void *p)
{
	if (!p) {
		printf("Bail out! out of memory\n");
		exit(1);
	}
	return p;
}

static inline u8 gen_family(void)
{
	return rnd_once_in(2) ? AF_INET : AF_INET6;
}

/* Near each other, with carries between the halves of IPv6, and the ends. */
static inline struct sfw_addr gen_addr(u8 family)
{
	struct sfw_addr addr = { 0, 0 };

	if (family == AF_INET) {
		switch (rnd_below(6)) {
		case 0:
			addr.lo = rnd() & 0xffffffff;
			break;
		case 1:
			addr.lo = rnd_below(4);
			break;
		case 2:
			addr.lo = 0xffffffff - rnd_below(4);
			break;
		default:
			addr.lo = 0x0a000000 + rnd_below(300);
		}
		return addr;
	}
	switch (rnd_below(6)) {
	case 0:
		addr.hi = rnd();
		addr.lo = rnd();
		break;
	case 1:
		addr.lo = rnd_below(4);
		break;
	case 2:
		addr.hi = ~0ULL;
		addr.lo = ~0ULL - rnd_below(4);
		break;
	case 3:
		addr.hi = 0x20010db800000000ULL + rnd_below(3);
		addr.lo = ~0ULL - rnd_below(4);
		break;
	default:
		addr.hi = 0x20010db800000000ULL + rnd_below(3);
		addr.lo = rnd_below(300);
	}
	return addr;
}

static inline u16 gen_port(void)
{
	switch (rnd_below(4)) {
	case 0:
		return rnd();
	case 1:
		return rnd_once_in(2) ? 0 : 65535;
	default:
		return 75 + rnd_below(20);
	}
}

static inline void gen_add_addr(struct sfw_list *list, u8 family)
{
	struct sfw_addr a = gen_addr(family), b = gen_addr(family), c;

	switch (rnd_below(3)) {
	case 0:
		b = a;
		break;
	case 1:
		if (sfw_list_add_prefix(list, family, &a,
					rnd_below(family == AF_INET ? 33 : 129)))
			gen_must(NULL);
		return;
	}
	if (sfw_addr_cmp(&a, &b) > 0) {
		c = a;
		a = b;
		b = c;
	}
	if (sfw_list_add_range(list, family, &a, &b))
		gen_must(NULL);
}

/* Compiled. A list of addresses mostly has one family, at times both. */
static inline struct sfw_list *gen_list(const char *name, u8 kind, u32 max)
{
	struct sfw_list *list = gen_must(sfw_list_new(name));
	u32 n = 1 + rnd_below(max);
	u8 family = gen_family();
	bool mixed = rnd_once_in(3);

	while (n--) {
		u16 first = gen_port(), last = gen_port();

		if (kind == SFW_LIST_ADDRS) {
			gen_add_addr(list, mixed ? gen_family() : family);
		} else if (rnd_once_in(2) || first > last) {
			if (sfw_list_add_port(list, first, first))
				gen_must(NULL);
		} else if (sfw_list_add_port(list, first, last)) {
			gen_must(NULL);
		}
	}
	if (sfw_list_compile(list))
		gen_must(NULL);
	return list;
}

/* One of the sets, or a list of its own; or none. */
static inline struct sfw_list *gen_operand(const struct ruleset *rs, u8 kind)
{
	struct sfw_list *set;

	if (rnd_once_in(2))
		return NULL;
	if (rs && rs->n_sets && rnd_once_in(2)) {
		set = rs->sets[rnd_below(rs->n_sets)];
		if (set->kind == kind)
			return sfw_list_get(set);
	}
	return gen_list(NULL, kind, rnd_once_in(2) ? 1 : 5);
}

static inline void gen_rate(struct sfw_rate *rate)
{
	rate->count = rnd_once_in(4) ? 0xffffffff : 1 + rnd_below(100);
	rate->burst = rnd_once_in(2) ? 0 : 1 + rnd_below(50);
	rate->unit = rnd_below(3);
}

static inline char *gen_comment(void)
{
	static const char *const pieces[] = {
		"web", " ", "\"", "\\", "#", "ü", "日本", "'", "{", "$x",
		"😀", "\\\"", ",", "=", "from", "%s",
	};
	char text[SFW_COMMENT_MAX + 1] = "";
	u32 n = 1 + rnd_below(rnd_once_in(20) ? 300 : 6);
	size_t len = 0, more;

	while (n--) {
		const char *piece = pieces[rnd_below(ARRAY_SIZE(pieces))];

		more = strlen(piece);
		if (len + more > SFW_COMMENT_MAX)
			break;
		memcpy(text + len, piece, more + 1);
		len += more;
	}
	return gen_must(strdup(text));
}

static inline void gen_ifname(struct sfw_rule *rule)
{
	static const char *const names[] = {
		"eth0", "lo", "veth*", "veth12", "wg-home.100", "e*", "log",
		"to", "abcdefghijklmno", "abcdefghijklmn*", "return", "-", "5",
		"br@x", "log*",
	};

	if (sfw_rule_set_ifname(rule, names[rnd_below(ARRAY_SIZE(names))]))
		gen_must(NULL);
	if (rnd_once_in(3))
		rule->flags |= SFW_RULE_F_NOT_IFNAME;
}

static inline void gen_protocol(struct sfw_rule *rule)
{
	static const u8 protocols[] = {
		IPPROTO_TCP, IPPROTO_TCP, IPPROTO_TCP, IPPROTO_UDP,
		IPPROTO_UDP, IPPROTO_ICMP, IPPROTO_ICMPV6, IPPROTO_SCTP,
		IPPROTO_UDPLITE, IPPROTO_DCCP, IPPROTO_GRE, 0, 255,
	};

	if (rnd_once_in(5))
		return;
	rule->flags |= SFW_RULE_F_PROTOCOL;
	rule->protocol = rnd_once_in(10) ? rnd_below(256) :
		protocols[rnd_below(ARRAY_SIZE(protocols))];
}

static inline void gen_transport(struct sfw_rule *rule,
				 const struct ruleset *rs)
{
	bool icmp = rule->protocol == IPPROTO_ICMP ||
		    rule->protocol == IPPROTO_ICMPV6;

	if (!(rule->flags & SFW_RULE_F_PROTOCOL))
		return;
	if (sfw_packet_has_ports(rule->protocol)) {
		rule->from_port = gen_operand(rs, SFW_LIST_PORTS);
		rule->to_port = gen_operand(rs, SFW_LIST_PORTS);
	}
	if (icmp && rnd_once_in(2)) {
		rule->flags |= SFW_RULE_F_ICMP_TYPE;
		rule->icmp_type = rnd_below(rnd_once_in(2) ? 16 : 256);
		if (rnd_once_in(2)) {
			rule->flags |= SFW_RULE_F_ICMP_CODE;
			rule->icmp_code = rnd_below(rnd_once_in(4) ? 256 : 6);
		}
	}
	if (rule->protocol != IPPROTO_TCP || rnd_once_in(2))
		return;
	if (rnd_once_in(3)) {
		rule->flags |= SFW_RULE_F_ESTABLISHED;
		return;
	}
	rule->flags |= SFW_RULE_F_TCP_FLAGS;
	rule->tcp_mask = rnd_once_in(3) ? SFW_TCP_SYN | SFW_TCP_ACK : rnd();
	rule->tcp_set = rule->tcp_mask & rnd();
	if (rnd_once_in(5))
		rule->tcp_mask = 0xff;
}

static inline void gen_rule(struct sfw_rule *rule, const struct ruleset *rs)
{
	rule->number = rnd_once_in(10) ? SFW_RULE_NUMBER_PLAIN :
					 1 + rnd_below(SFW_RULE_NUMBER_PLAIN);
	rule->direction = rnd_below(2);
	rule->action = rnd_below(3);
	gen_protocol(rule);
	gen_transport(rule, rs);
	rule->from = gen_operand(rs, SFW_LIST_ADDRS);
	rule->to = gen_operand(rs, SFW_LIST_ADDRS);
	if (rule->from && rnd_once_in(3))
		rule->flags |= SFW_RULE_F_NOT_FROM;
	if (rule->to && rnd_once_in(3))
		rule->flags |= SFW_RULE_F_NOT_TO;
	if (rule->from_port && rnd_once_in(3))
		rule->flags |= SFW_RULE_F_NOT_FROM_PORT;
	if (rule->to_port && rnd_once_in(3))
		rule->flags |= SFW_RULE_F_NOT_TO_PORT;
	if (rnd_once_in(3))
		gen_ifname(rule);
	if (rule->action == SFW_ACTION_ALLOW && rnd_once_in(3)) {
		rule->flags |= SFW_RULE_F_LIMIT;
		gen_rate(&rule->limit);
	}
	if (rnd_once_in(3)) {
		rule->flags |= SFW_RULE_F_LOG;
		if (rnd_once_in(2)) {
			rule->flags |= SFW_RULE_F_LOG_RATE;
			gen_rate(&rule->log_rate);
		}
	}
	if (rule->action == SFW_ACTION_ALLOW && rnd_once_in(4))
		rule->flags |= SFW_RULE_F_NO_STATE;
	if (rnd_once_in(4))
		rule->flags |= SFW_RULE_F_RETURN;
	if (rnd_once_in(2))
		rule->comment = gen_comment();
}

#endif /* _SFW_UNIT_GEN_H */
