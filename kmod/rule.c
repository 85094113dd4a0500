// SPDX-License-Identifier: GPL-2.0
/*
 * One rule: is it sound, does it match, is it the same as another.
 *
 * The meaning of a rule is in this file and nowhere else. The kernel calls
 * sfw_rule_check() on what comes in over netlink, sfwctl on what it parsed, so
 * both refuse the same rules in the same words; the kernel decides packets
 * with sfw_rule_match(), and so do the offline tools.
 *
 * Synchronisation: a rule is built by one thread and immutable once it is part
 * of a rule set that packets see. Counters and rate limits live with their
 * owner, not here.
 *
 * Tried and rejected: keeping the negations in the lists. A set may be named
 * plain by one rule and negated by the next.
 *
 * Pure: see pure.h.
 */
#include "rule.h"
#include "utf8.h"

#define ALL_FAMILIES	(SFW_FAMILY_4 | SFW_FAMILY_6)
#define ALL_FLAGS	(BIT(16) - 1)

/*
 * Interface names that the kernel takes and a rule file can spell. The kernel
 * forbids '/', ':' and white space; the others are the file's own signs.
 */
static bool ifname_char_ok(char c)
{
	return c > ' ' && c <= '~' && !strchr("/:\"#{},!=$*\\", c);
}

/**
 * sfw_rule_set_ifname() - set the interface clause
 * @rule: rule to change; untouched on error
 * @name: interface, or the start of one and *; at most SFW_IFNAME_MAX
 *	characters in all, without the ! of a negation
 *
 * Context: any.
 * Return: 0; -EINVAL if no interface can be called so.
 */
int sfw_rule_set_ifname(struct sfw_rule *rule, const char *name)
{
	size_t i, len = strlen(name);
	bool wildcard;

	if (!len || len > SFW_IFNAME_MAX)
		return -EINVAL;
	wildcard = name[len - 1] == '*';
	if (wildcard)
		len--;
	if (!len || (!wildcard && (!strcmp(name, ".") || !strcmp(name, ".."))))
		return -EINVAL;
	for (i = 0; i < len; i++)
		if (!ifname_char_ok(name[i]))
			return -EINVAL;

	memset(rule->ifname, 0, sizeof(rule->ifname));
	memcpy(rule->ifname, name, len);
	rule->ifname_len = wildcard ? len : len + 1;
	rule->flags |= SFW_RULE_F_IFNAME;
	return 0;
}

/**
 * sfw_rule_ifname_is_wildcard() - was the interface written with a *
 * @rule: the rule
 *
 * Context: any.
 * Return: true if so; false also without an interface clause.
 */
bool sfw_rule_ifname_is_wildcard(const struct sfw_rule *rule)
{
	return rule->ifname_len && rule->ifname[rule->ifname_len - 1];
}

static const char *check_comment(const char *comment)
{
	size_t len = strlen(comment);
	unsigned int n;
	u32 c;

	if (len > SFW_COMMENT_MAX)
		return "a comment has at most 255 bytes";
	while (len) {
		n = sfw_utf8_next(comment, len, &c);
		if (!n || sfw_utf8_is_control(c))
			return "a comment is UTF-8 text without control characters";
		comment += n;
		len -= n;
	}
	return NULL;
}

static bool rate_ok(const struct sfw_rate *rate)
{
	return rate->count && rate->unit <= SFW_RATE_UNIT_HOUR;
}

static const char *check_lists(const struct sfw_rule *rule)
{
	u32 flags = rule->flags;

	if ((rule->from && rule->from->kind != SFW_LIST_ADDRS) ||
	    (rule->to && rule->to->kind != SFW_LIST_ADDRS))
		return "from and to need a list of addresses that is not empty";
	if ((rule->from_port && rule->from_port->kind != SFW_LIST_PORTS) ||
	    (rule->to_port && rule->to_port->kind != SFW_LIST_PORTS))
		return "port needs a list of ports that is not empty";
	if ((!rule->from && (flags & SFW_RULE_F_NOT_FROM)) ||
	    (!rule->to && (flags & SFW_RULE_F_NOT_TO)) ||
	    (!rule->from_port && (flags & SFW_RULE_F_NOT_FROM_PORT)) ||
	    (!rule->to_port && (flags & SFW_RULE_F_NOT_TO_PORT)) ||
	    (!(flags & SFW_RULE_F_IFNAME) && (flags & SFW_RULE_F_NOT_IFNAME)))
		return "a negation needs something to negate";
	return NULL;
}

/* Clauses that make sense with some protocols only. */
static const char *check_protocol(const struct sfw_rule *rule)
{
	bool any = !(rule->flags & SFW_RULE_F_PROTOCOL);
	u32 flags = rule->flags;

	if ((rule->from_port || rule->to_port) &&
	    (any || !sfw_packet_has_ports(rule->protocol)))
		return "a port needs a protocol with ports: tcp, udp, sctp, udplite or dccp";
	if ((flags & SFW_RULE_F_ICMP_TYPE) &&
	    (any || (rule->protocol != IPPROTO_ICMP &&
		     rule->protocol != IPPROTO_ICMPV6)))
		return "type needs the protocol icmp or icmpv6";
	if ((flags & SFW_RULE_F_ICMP_CODE) && !(flags & SFW_RULE_F_ICMP_TYPE))
		return "an ICMP code needs an ICMP type";
	if (!(flags & (SFW_RULE_F_TCP_FLAGS | SFW_RULE_F_ESTABLISHED)))
		return NULL;
	if (any || rule->protocol != IPPROTO_TCP)
		return "flags needs the protocol tcp";
	if ((flags & SFW_RULE_F_TCP_FLAGS) && (flags & SFW_RULE_F_ESTABLISHED))
		return "flags is either established or a mask, not both";
	if ((flags & SFW_RULE_F_TCP_FLAGS) &&
	    (rule->tcp_set & ~rule->tcp_mask))
		return "flags that must be set have to be in the mask, too";
	return NULL;
}

static u8 list_families(const struct sfw_list *list)
{
	if (!list)
		return ALL_FAMILIES;
	return (list->n4 ? SFW_FAMILY_4 : 0) | (list->n6 ? SFW_FAMILY_6 : 0);
}

/**
 * sfw_rule_check() - is the rule sound; work out its families
 * @rule: complete rule, its lists compiled
 *
 * A list speaks about the families it mentions, negated or not; ICMP is IPv4
 * and ICMPv6 is IPv6. What is left in @rule->families may be nothing: such a
 * rule is legal and never matches.
 *
 * Context: any.
 * Return: NULL, or a static text that says what is wrong.
 */
const char *sfw_rule_check(struct sfw_rule *rule)
{
	u32 flags = rule->flags;
	const char *err;

	if (!rule->number || rule->number > SFW_RULE_NUMBER_MAX)
		return "a rule number is 1 to 16777215";
	if (rule->direction > SFW_DIRECTION_OUT)
		return "a direction is in or out";
	if (rule->action > SFW_ACTION_REJECT)
		return "an action is allow, deny or reject";
	if (flags & ~ALL_FLAGS)
		return "unknown clause";
	err = check_lists(rule);
	if (!err)
		err = check_protocol(rule);
	if (!err && rule->comment)
		err = check_comment(rule->comment);
	if (err)
		return err;

	if ((flags & SFW_RULE_F_LOG_RATE) && !(flags & SFW_RULE_F_LOG))
		return "a rate of logging needs log";
	if (((flags & SFW_RULE_F_LIMIT) && !rate_ok(&rule->limit)) ||
	    ((flags & SFW_RULE_F_LOG_RATE) && !rate_ok(&rule->log_rate)))
		return "a rate is at least 1 per second, minute or hour";
	if (rule->action != SFW_ACTION_ALLOW) {
		if (flags & SFW_RULE_F_LIMIT)
			return "limit is for allow rules; log limit limits the log of others";
		if (flags & SFW_RULE_F_NO_STATE)
			return "no-state is for allow rules; others make no connection";
	}

	rule->families = list_families(rule->from) & list_families(rule->to);
	if (flags & SFW_RULE_F_PROTOCOL) {
		if (rule->protocol == IPPROTO_ICMP)
			rule->families &= SFW_FAMILY_4;
		else if (rule->protocol == IPPROTO_ICMPV6)
			rule->families &= SFW_FAMILY_6;
	}
	return NULL;
}

/**
 * sfw_rule_destroy() - give back what a rule owns
 * @rule: the rule; its own memory is the caller's
 *
 * Context: under the mutex that guards the lists' owners, may sleep.
 */
void sfw_rule_destroy(struct sfw_rule *rule)
{
	sfw_list_put(rule->from);
	sfw_list_put(rule->from_port);
	sfw_list_put(rule->to);
	sfw_list_put(rule->to_port);
	sfw_free(rule->comment);
	rule->from = NULL;
	rule->from_port = NULL;
	rule->to = NULL;
	rule->to_port = NULL;
	rule->comment = NULL;
}

/* What stands in the transport header; a later fragment has none. */
static bool match_transport(const struct sfw_rule *rule,
			    const struct sfw_packet *pkt)
{
	u32 flags = rule->flags;

	if (rule->to_port || rule->from_port) {
		if (!pkt->has_ports || pkt->fragment)
			return false;
		if (rule->to_port &&
		    sfw_list_has_port(rule->to_port, pkt->dport) ==
		    !!(flags & SFW_RULE_F_NOT_TO_PORT))
			return false;
		if (rule->from_port &&
		    sfw_list_has_port(rule->from_port, pkt->sport) ==
		    !!(flags & SFW_RULE_F_NOT_FROM_PORT))
			return false;
	}
	if (!(flags & (SFW_RULE_F_ICMP_TYPE | SFW_RULE_F_TCP_FLAGS |
		       SFW_RULE_F_ESTABLISHED)))
		return true;
	if (pkt->fragment)
		return false;
	if ((flags & SFW_RULE_F_ICMP_TYPE) &&
	    pkt->icmp_type != rule->icmp_type)
		return false;
	if ((flags & SFW_RULE_F_ICMP_CODE) &&
	    pkt->icmp_code != rule->icmp_code)
		return false;
	if ((flags & SFW_RULE_F_TCP_FLAGS) &&
	    (pkt->tcp.flags & rule->tcp_mask) != rule->tcp_set)
		return false;
	if ((flags & SFW_RULE_F_ESTABLISHED) &&
	    !(pkt->tcp.flags & (SFW_TCP_ACK | SFW_TCP_RST)))
		return false;
	return true;
}

static bool match_ifname(const struct sfw_rule *rule,
			 const struct sfw_packet *pkt)
{
	bool same;

	if (!pkt->ifname)
		return false;
	/* Ends at the NUL of an exact name, before it with a wildcard. */
	same = !strncmp(pkt->ifname, rule->ifname, rule->ifname_len);
	return same != !!(rule->flags & SFW_RULE_F_NOT_IFNAME);
}

/**
 * sfw_rule_match() - does the rule match the packet
 * @rule: rule that passed sfw_rule_check()
 * @pkt: the packet
 *
 * What the rule says about the packet itself, all clauses but the rate: the
 * caller keeps the buckets. Direction is not looked at, rules are kept by it.
 * The tests go from one comparison to a search, so that most rules part from
 * most packets early.
 *
 * Context: any; the caller keeps the rule and its lists alive.
 * Return: true if all clauses hold.
 */
bool sfw_rule_match(const struct sfw_rule *rule, const struct sfw_packet *pkt)
{
	u8 family = pkt->family == AF_INET ? SFW_FAMILY_4 : SFW_FAMILY_6;
	u32 flags = rule->flags;

	/* Also keeps negated lists from families they do not mention. */
	if (!(rule->families & family))
		return false;
	if ((flags & SFW_RULE_F_PROTOCOL) && rule->protocol != pkt->protocol)
		return false;
	if (!match_transport(rule, pkt))
		return false;
	if (rule->from &&
	    sfw_list_has_addr(rule->from, pkt->family, &pkt->src) ==
	    !!(flags & SFW_RULE_F_NOT_FROM))
		return false;
	if (rule->to &&
	    sfw_list_has_addr(rule->to, pkt->family, &pkt->dst) ==
	    !!(flags & SFW_RULE_F_NOT_TO))
		return false;
	if ((flags & SFW_RULE_F_IFNAME) && !match_ifname(rule, pkt))
		return false;
	return true;
}

static bool rate_equal(const struct sfw_rate *a, const struct sfw_rate *b)
{
	return a->count == b->count && a->burst == b->burst &&
	       a->unit == b->unit;
}

/**
 * sfw_rule_equal() - are two rules the same as written
 * @a: a rule
 * @b: a rule
 *
 * Same direction, number and content, comment included. Rules that name a set
 * are the same if the sets are: then counters carry over to a new rule set.
 *
 * Context: any; the caller keeps both alive.
 * Return: true if so.
 */
bool sfw_rule_equal(const struct sfw_rule *a, const struct sfw_rule *b)
{
	u32 flags = a->flags;

	if (a->direction != b->direction || a->number != b->number ||
	    a->action != b->action || a->flags != b->flags)
		return false;
	if ((flags & SFW_RULE_F_PROTOCOL) && a->protocol != b->protocol)
		return false;
	if ((flags & SFW_RULE_F_ICMP_TYPE) && a->icmp_type != b->icmp_type)
		return false;
	if ((flags & SFW_RULE_F_ICMP_CODE) && a->icmp_code != b->icmp_code)
		return false;
	if ((flags & SFW_RULE_F_TCP_FLAGS) &&
	    (a->tcp_mask != b->tcp_mask || a->tcp_set != b->tcp_set))
		return false;
	if ((flags & SFW_RULE_F_IFNAME) &&
	    (a->ifname_len != b->ifname_len || strcmp(a->ifname, b->ifname)))
		return false;
	if ((flags & SFW_RULE_F_LIMIT) && !rate_equal(&a->limit, &b->limit))
		return false;
	if ((flags & SFW_RULE_F_LOG_RATE) &&
	    !rate_equal(&a->log_rate, &b->log_rate))
		return false;
	if (!a->comment != !b->comment ||
	    (a->comment && strcmp(a->comment, b->comment)))
		return false;
	return sfw_list_equal(a->from, b->from) &&
	       sfw_list_equal(a->from_port, b->from_port) &&
	       sfw_list_equal(a->to, b->to) &&
	       sfw_list_equal(a->to_port, b->to_port);
}
