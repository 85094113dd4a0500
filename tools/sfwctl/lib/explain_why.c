// SPDX-License-Identifier: GPL-2.0
/*
 * Which parts of a rule a packet misses, and how to say it.
 *
 * A part is tried by itself: a rule that has this part alone is matched
 * against the packet with the kernel's own sfw_rule_match(). So this file
 * knows nothing about matching, only about words.
 */
#include <stdio.h>

#include "explain.h"
#include "names.h"
#include "print.h"
#include "xalloc.h"

#define BOTH_FAMILIES	(SFW_FAMILY_4 | SFW_FAMILY_6)

const char *const explain_fields[] = {
	[EXPLAIN_FAMILY]	= "family",
	[EXPLAIN_PROTOCOL]	= "protocol",
	[EXPLAIN_FROM]		= "from",
	[EXPLAIN_FROM_PORT]	= "from_port",
	[EXPLAIN_TO]		= "to",
	[EXPLAIN_TO_PORT]	= "to_port",
	[EXPLAIN_INTERFACE]	= "interface",
	[EXPLAIN_TYPE]		= "type",
	[EXPLAIN_FLAGS]		= "flags",
	[EXPLAIN_NUMBER]	= "number",
};

/* The switches that belong to a field. */
static const u32 field_flags[EXPLAIN_FIELDS] = {
	[EXPLAIN_PROTOCOL]	= SFW_RULE_F_PROTOCOL,
	[EXPLAIN_FROM]		= SFW_RULE_F_NOT_FROM,
	[EXPLAIN_FROM_PORT]	= SFW_RULE_F_NOT_FROM_PORT,
	[EXPLAIN_TO]		= SFW_RULE_F_NOT_TO,
	[EXPLAIN_TO_PORT]	= SFW_RULE_F_NOT_TO_PORT,
	[EXPLAIN_INTERFACE]	= SFW_RULE_F_IFNAME | SFW_RULE_F_NOT_IFNAME,
	[EXPLAIN_TYPE]		= SFW_RULE_F_ICMP_TYPE | SFW_RULE_F_ICMP_CODE,
	[EXPLAIN_FLAGS]		= SFW_RULE_F_TCP_FLAGS |
				  SFW_RULE_F_ESTABLISHED,
};

static bool has_field(const struct sfw_rule *rule, enum explain_field field)
{
	switch (field) {
	case EXPLAIN_FAMILY:
		return rule->families != BOTH_FAMILIES;
	case EXPLAIN_FROM:
		return rule->from;
	case EXPLAIN_FROM_PORT:
		return rule->from_port;
	case EXPLAIN_TO:
		return rule->to;
	case EXPLAIN_TO_PORT:
		return rule->to_port;
	default:
		return rule->flags & field_flags[field];
	}
}

static bool field_holds(const struct sfw_rule *rule,
			const struct sfw_packet *pkt, enum explain_field field)
{
	struct sfw_rule one = *rule;

	one.flags &= field_flags[field];
	one.families = field == EXPLAIN_FAMILY ? rule->families : BOTH_FAMILIES;
	one.from = field == EXPLAIN_FROM ? rule->from : NULL;
	one.from_port = field == EXPLAIN_FROM_PORT ? rule->from_port : NULL;
	one.to = field == EXPLAIN_TO ? rule->to : NULL;
	one.to_port = field == EXPLAIN_TO_PORT ? rule->to_port : NULL;
	/* These are read from the header of their protocol. */
	if (field == EXPLAIN_FLAGS && pkt->protocol != IPPROTO_TCP)
		return false;
	if (field == EXPLAIN_TYPE && pkt->protocol != IPPROTO_ICMP &&
	    pkt->protocol != IPPROTO_ICMPV6)
		return false;
	return sfw_rule_match(&one, pkt);
}

static bool speaks_of(const struct sfw_list *list, u8 family)
{
	return !list || (family == AF_INET ? list->n4 : list->n6);
}

u32 explain_missed(const struct sfw_rule *rule, const struct sfw_packet *pkt)
{
	u32 missed = 0;
	int field;

	for (field = 0; field < EXPLAIN_FIELDS; field++)
		if (has_field(rule, field) && !field_holds(rule, pkt, field))
			missed |= BIT(field);
	if (!(missed & BIT(EXPLAIN_FAMILY)))
		return missed;
	/* One thing has one name: a list of IPv4 misses IPv6 as such, and icmp
	 * as a protocol.
	 */
	if (!speaks_of(rule->from, pkt->family))
		missed &= ~BIT(EXPLAIN_FROM);
	if (!speaks_of(rule->to, pkt->family))
		missed &= ~BIT(EXPLAIN_TO);
	if (missed & BIT(EXPLAIN_PROTOCOL) &&
	    speaks_of(rule->from, pkt->family) &&
	    speaks_of(rule->to, pkt->family))
		missed &= ~BIT(EXPLAIN_FAMILY);
	return missed;
}

unsigned int explain_clauses(const struct sfw_rule *rule)
{
	unsigned int n = 0;
	int field;

	for (field = EXPLAIN_PROTOCOL; field < EXPLAIN_FIELDS; field++)
		n += has_field(rule, field);
	return n;
}

/* "source 10.0.0.5 is not 10.0.0.6", "port 22 is outside" */
static char *why_list(const char *what, const char *value,
		      const struct sfw_list *list, bool negated)
{
	char one[100];

	if (negated)
		return xasprintf("%s %s is excluded", what, value);
	if (list->name[0])
		return xasprintf("%s %s is outside of $%s", what, value,
				 list->name);
	if (list->n_elem != 1 || list->elem[0].kind != SFW_ELEM_ONE)
		return xasprintf("%s %s is outside", what, value);
	print_elem(one, sizeof(one), &list->elem[0]);
	return xasprintf("%s %s is not %s", what, value, one);
}

static char *why_port(const char *what, u16 port, const struct sfw_list *list,
		      bool negated, const struct sfw_packet *pkt)
{
	char value[8];

	if (!pkt->has_ports)
		return xstrdup("the packet has no ports");
	snprintf(value, sizeof(value), "%u", port);
	return why_list(what, value, list, negated);
}

static char *why_interface(const struct sfw_rule *rule,
			   const struct sfw_packet *pkt)
{
	bool wildcard = sfw_rule_ifname_is_wildcard(rule);

	if (!pkt->ifname)
		return xstrdup("the packet names no interface: write on IFACE");
	if (rule->flags & SFW_RULE_F_NOT_IFNAME)
		return xasprintf("interface %s is excluded", pkt->ifname);
	return xasprintf("interface %s is not %s%s", pkt->ifname,
			 rule->ifname, wildcard ? "*" : "");
}

static char *why_protocol(const struct sfw_rule *rule,
			  const struct sfw_packet *pkt)
{
	char a[8], b[8];

	return xasprintf("protocol %s is not %s",
			 print_protocol(a, sizeof(a), pkt->protocol, false),
			 print_protocol(b, sizeof(b), rule->protocol, false));
}

static char *why_type(const struct sfw_rule *rule, const struct sfw_packet *pkt)
{
	bool has_code = rule->flags & SFW_RULE_F_ICMP_CODE;
	char a[40], b[40];

	if (pkt->protocol != IPPROTO_ICMP && pkt->protocol != IPPROTO_ICMPV6)
		return xstrdup("the packet has no ICMP type");
	return xasprintf("type %s is not %s",
			 print_icmp(a, sizeof(a), pkt->protocol, pkt->icmp_type,
				    has_code ? pkt->icmp_code : -1, false),
			 print_icmp(b, sizeof(b), rule->protocol,
				    rule->icmp_type,
				    has_code ? rule->icmp_code : -1, false));
}

static char *why_flags(const struct sfw_rule *rule,
		       const struct sfw_packet *pkt)
{
	char a[40], b[100];

	if (pkt->protocol != IPPROTO_TCP)
		return xstrdup("the packet has no TCP flags");
	names_tcp_flags(a, sizeof(a), pkt->tcp.flags);
	print_tcp_flags(b, sizeof(b), rule);
	return xasprintf("flags %s do not fit %s", a, b);
}

char *explain_why(const struct sfw_rule *rule, const struct sfw_packet *pkt,
		  enum explain_field field)
{
	u32 flags = rule->flags;
	char addr[64];

	switch (field) {
	case EXPLAIN_FAMILY:
		return xasprintf("the packet is IPv%d, the rule speaks of %s",
				 pkt->family == AF_INET ? 4 : 6,
				 !rule->families ? "no family" :
				 rule->families & SFW_FAMILY_4 ? "IPv4" :
								 "IPv6");
	case EXPLAIN_PROTOCOL:
		return why_protocol(rule, pkt);
	case EXPLAIN_FROM:
		print_addr(addr, sizeof(addr), pkt->family, &pkt->src);
		return why_list("source", addr, rule->from,
				flags & SFW_RULE_F_NOT_FROM);
	case EXPLAIN_FROM_PORT:
		return why_port("source port", pkt->sport, rule->from_port,
				flags & SFW_RULE_F_NOT_FROM_PORT, pkt);
	case EXPLAIN_TO:
		print_addr(addr, sizeof(addr), pkt->family, &pkt->dst);
		return why_list("destination", addr, rule->to,
				flags & SFW_RULE_F_NOT_TO);
	case EXPLAIN_TO_PORT:
		return why_port("port", pkt->dport, rule->to_port,
				flags & SFW_RULE_F_NOT_TO_PORT, pkt);
	case EXPLAIN_INTERFACE:
		return why_interface(rule, pkt);
	case EXPLAIN_TYPE:
		return why_type(rule, pkt);
	case EXPLAIN_FLAGS:
		return why_flags(rule, pkt);
	case EXPLAIN_NUMBER:
		break;
	}
	return xstrdup("an earlier rule decides");
}
