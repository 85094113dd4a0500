// SPDX-License-Identifier: GPL-2.0
/*
 * Rule sets and filters to netlink attributes, as kmod/netlink/sfw.yaml has
 * them.
 *
 * Everything is put with a check of the room left. A thing that does not fit
 * is taken out again as a whole, so that the caller can send what is there
 * and try once more in an empty message.
 */
#include <arpa/inet.h>
#include <stdio.h>

#include "nl_encode.h"

/* An attribute's length has 16 bits. */
#define ATTR_MAX	65535

/* Close a nest whose content went in, or take it out again. */
static bool nest_close(struct nlmsghdr *nlh, struct nlattr *nest, bool ok)
{
	size_t len = (char *)mnl_nlmsg_get_payload_tail(nlh) - (char *)nest;

	if (!ok || len > ATTR_MAX) {
		mnl_attr_nest_cancel(nlh, nest);
		return false;
	}
	mnl_attr_nest_end(nlh, nest);
	return true;
}

static bool put_flag(struct nlmsghdr *nlh, size_t size, u16 type)
{
	return mnl_attr_put_check(nlh, size, type, 0, NULL);
}

bool nl_put_address(struct nlmsghdr *nlh, size_t size, u16 type, u8 family,
		    const struct sfw_addr *addr)
{
	u32 word[4] = {
		htonl((u32)(addr->hi >> 32)), htonl((u32)addr->hi),
		htonl((u32)(addr->lo >> 32)), htonl((u32)addr->lo),
	};

	if (family == AF_INET)
		return mnl_attr_put_check(nlh, size, type, 4, &word[3]);
	return mnl_attr_put_check(nlh, size, type, 16, word);
}

bool nl_put_addr(struct nlmsghdr *nlh, size_t size, u16 type,
		 const struct sfw_elem *elem)
{
	struct nlattr *nest = mnl_attr_nest_start_check(nlh, size, type);
	bool ok;

	if (!nest)
		return false;
	ok = nl_put_address(nlh, size, SFW_ADDR_FIRST, elem->family, &elem->first);
	if (elem->kind == SFW_ELEM_RANGE)
		ok = ok && nl_put_address(nlh, size, SFW_ADDR_LAST, elem->family,
				       &elem->last);
	else if (elem->kind == SFW_ELEM_PREFIX)
		ok = ok && mnl_attr_put_u8_check(nlh, size, SFW_ADDR_PREFIX_LEN,
						 elem->prefix_len);
	return nest_close(nlh, nest, ok);
}

bool nl_put_port(struct nlmsghdr *nlh, size_t size, u16 type,
		 const struct sfw_elem *elem)
{
	struct nlattr *nest = mnl_attr_nest_start_check(nlh, size, type);
	bool ok;

	if (!nest)
		return false;
	ok = mnl_attr_put_u16_check(nlh, size, SFW_PORT_FIRST,
				    (u16)elem->first.lo);
	if (elem->kind == SFW_ELEM_RANGE)
		ok = ok && mnl_attr_put_u16_check(nlh, size, SFW_PORT_LAST,
						  (u16)elem->last.lo);
	return nest_close(nlh, nest, ok);
}

static bool put_elem(struct nlmsghdr *nlh, size_t size,
		     const struct sfw_list *list, u32 i)
{
	if (list->kind == SFW_LIST_PORTS)
		return nl_put_port(nlh, size, SFW_LIST_PORT, &list->elem[i]);
	return nl_put_addr(nlh, size, SFW_LIST_ADDR, &list->elem[i]);
}

/* The operand of a clause: the name of a set, or elements. */
static bool put_list(struct nlmsghdr *nlh, size_t size, u16 type,
		     const struct sfw_list *list, bool negate)
{
	struct nlattr *nest;
	bool ok = true;
	u32 i;

	if (!list)
		return true;
	nest = mnl_attr_nest_start_check(nlh, size, type);
	if (!nest)
		return false;
	if (negate)
		ok = put_flag(nlh, size, SFW_LIST_NEGATE);
	if (*list->name)
		ok = ok && mnl_attr_put_strz_check(nlh, size, SFW_LIST_NAME,
						   list->name);
	else
		for (i = 0; ok && i < list->n_elem; i++)
			ok = put_elem(nlh, size, list, i);
	return nest_close(nlh, nest, ok);
}

bool nl_put_set(struct nlmsghdr *nlh, size_t size, size_t max,
		const struct sfw_list *set, u32 *pos)
{
	u32 start = nlh->nlmsg_len, i = *pos;
	struct nlattr *nest;
	bool ok;

	nest = mnl_attr_nest_start_check(nlh, size, SFW_A_SET);
	if (!nest)
		return false;
	ok = mnl_attr_put_strz_check(nlh, size, SFW_LIST_NAME, set->name);
	if (i)
		ok = ok && put_flag(nlh, size, SFW_LIST_APPEND);
	while (ok && i < set->n_elem && nlh->nlmsg_len - start < max)
		ok = put_elem(nlh, size, set, i++);
	if (!nest_close(nlh, nest, ok))
		return false;
	*pos = i;
	return true;
}

bool nl_put_default(struct nlmsghdr *nlh, size_t size, u16 type,
		    const struct ruleset_default *def)
{
	struct nlattr *nest = mnl_attr_nest_start_check(nlh, size, type);
	bool ok;

	if (!nest)
		return false;
	ok = mnl_attr_put_u8_check(nlh, size, SFW_DEFAULT_ACTION, def->action);
	if (def->log)
		ok = ok && put_flag(nlh, size, SFW_DEFAULT_LOG);
	return nest_close(nlh, nest, ok);
}

static bool put_timeout(struct nlmsghdr *nlh, size_t size, u8 state,
			u32 seconds)
{
	struct nlattr *nest;
	bool ok;

	nest = mnl_attr_nest_start_check(nlh, size, SFW_OPTION_TIMEOUT);
	if (!nest)
		return false;
	ok = mnl_attr_put_u8_check(nlh, size, SFW_TIMEOUT_STATE, state) &&
	     mnl_attr_put_u32_check(nlh, size, SFW_TIMEOUT_SECONDS, seconds);
	return nest_close(nlh, nest, ok);
}

bool nl_put_options(struct nlmsghdr *nlh, size_t size,
		    const struct sfw_options *opt)
{
	const struct {
		u32 bit;
		u16 type;
		bool value;
	} switches[] = {
		{ SFW_OPT_TCP_PICKUP, SFW_OPTION_TCP_PICKUP, opt->tcp_pickup },
		{ SFW_OPT_TCP_LIBERAL, SFW_OPTION_TCP_LIBERAL, opt->tcp_liberal },
		{ SFW_OPT_CHECKSUM, SFW_OPTION_CHECKSUM, opt->checksum },
		{ SFW_OPT_LOOPBACK, SFW_OPTION_LOOPBACK_FILTER,
		  opt->loopback_filter },
		{ SFW_OPT_ND, SFW_OPTION_ND_FILTER, opt->nd_filter },
		{ SFW_OPT_KEEP, SFW_OPTION_KEEP_CONNECTIONS,
		  opt->keep_connections },
	};
	struct nlattr *nest;
	bool ok = true;
	size_t i;

	if (!opt->named && !opt->named_timeouts)
		return true;
	nest = mnl_attr_nest_start_check(nlh, size, SFW_A_OPTIONS);
	if (!nest)
		return false;
	if (opt->named & SFW_OPT_MAX_CONNECTIONS)
		ok = mnl_attr_put_u32_check(nlh, size,
					    SFW_OPTION_MAX_CONNECTIONS,
					    opt->max_connections);
	for (i = 0; ok && i < ARRAY_SIZE(switches); i++)
		if (opt->named & switches[i].bit)
			ok = mnl_attr_put_u8_check(nlh, size, switches[i].type,
						   switches[i].value);
	for (i = 0; ok && i <= SFW_STATE_MAX; i++)
		if (opt->named_timeouts & BIT(i))
			ok = put_timeout(nlh, size, (u8)i, opt->timeout[i]);
	return nest_close(nlh, nest, ok);
}

static bool put_rate(struct nlmsghdr *nlh, size_t size, u16 type,
		     const struct sfw_rate *rate)
{
	struct nlattr *nest = mnl_attr_nest_start_check(nlh, size, type);
	bool ok;

	if (!nest)
		return false;
	ok = mnl_attr_put_u32_check(nlh, size, SFW_RATE_COUNT, rate->count) &&
	     mnl_attr_put_u8_check(nlh, size, SFW_RATE_UNIT, rate->unit);
	if (rate->burst)
		ok = ok && mnl_attr_put_u32_check(nlh, size, SFW_RATE_BURST,
						  rate->burst);
	return nest_close(nlh, nest, ok);
}

static bool put_ifname(struct nlmsghdr *nlh, size_t size,
		       const struct sfw_rule *rule)
{
	char name[SFW_IFNAME_MAX + 2];

	snprintf(name, sizeof(name), "%s%s", rule->ifname,
		 sfw_rule_ifname_is_wildcard(rule) ? "*" : "");
	if (!mnl_attr_put_strz_check(nlh, size, SFW_RULE_INTERFACE, name))
		return false;
	return !(rule->flags & SFW_RULE_F_NOT_IFNAME) ||
	       put_flag(nlh, size, SFW_RULE_INTERFACE_NEGATE);
}

static bool put_lists(struct nlmsghdr *nlh, size_t size,
		      const struct sfw_rule *rule)
{
	u32 flags = rule->flags;

	return put_list(nlh, size, SFW_RULE_FROM, rule->from,
			flags & SFW_RULE_F_NOT_FROM) &&
	       put_list(nlh, size, SFW_RULE_FROM_PORT, rule->from_port,
			flags & SFW_RULE_F_NOT_FROM_PORT) &&
	       put_list(nlh, size, SFW_RULE_TO, rule->to,
			flags & SFW_RULE_F_NOT_TO) &&
	       put_list(nlh, size, SFW_RULE_TO_PORT, rule->to_port,
			flags & SFW_RULE_F_NOT_TO_PORT);
}

/* Clauses that are one number. */
static bool put_numbers(struct nlmsghdr *nlh, size_t size,
			const struct sfw_rule *rule)
{
	const struct {
		u32 bit;
		u16 type;
		u8 value;
	} numbers[] = {
		{ SFW_RULE_F_PROTOCOL, SFW_RULE_PROTOCOL, rule->protocol },
		{ SFW_RULE_F_ICMP_TYPE, SFW_RULE_ICMP_TYPE, rule->icmp_type },
		{ SFW_RULE_F_ICMP_CODE, SFW_RULE_ICMP_CODE, rule->icmp_code },
		{ SFW_RULE_F_TCP_FLAGS, SFW_RULE_TCP_MASK, rule->tcp_mask },
		{ SFW_RULE_F_TCP_FLAGS, SFW_RULE_TCP_SET, rule->tcp_set },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(numbers); i++)
		if ((rule->flags & numbers[i].bit) &&
		    !mnl_attr_put_u8_check(nlh, size, numbers[i].type,
					   numbers[i].value))
			return false;
	return true;
}

/* Clauses that are there or not. */
static bool put_flags(struct nlmsghdr *nlh, size_t size,
		      const struct sfw_rule *rule)
{
	static const struct {
		u32 bit;
		u16 type;
	} flags[] = {
		{ SFW_RULE_F_ESTABLISHED, SFW_RULE_TCP_ESTABLISHED },
		{ SFW_RULE_F_LOG, SFW_RULE_LOG },
		{ SFW_RULE_F_NO_STATE, SFW_RULE_NO_STATE },
		{ SFW_RULE_F_RETURN, SFW_RULE_RETURN },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(flags); i++)
		if ((rule->flags & flags[i].bit) &&
		    !put_flag(nlh, size, flags[i].type))
			return false;
	return true;
}

bool nl_put_rule(struct nlmsghdr *nlh, size_t size,
		 const struct sfw_rule *rule)
{
	struct nlattr *nest = mnl_attr_nest_start_check(nlh, size, SFW_A_RULE);
	bool ok;

	if (!nest)
		return false;
	ok = mnl_attr_put_u8_check(nlh, size, SFW_RULE_DIRECTION,
				   rule->direction) &&
	     mnl_attr_put_u32_check(nlh, size, SFW_RULE_NUMBER, rule->number) &&
	     mnl_attr_put_u8_check(nlh, size, SFW_RULE_ACTION, rule->action) &&
	     put_numbers(nlh, size, rule) &&
	     put_lists(nlh, size, rule) &&
	     put_flags(nlh, size, rule);
	if (rule->flags & SFW_RULE_F_IFNAME)
		ok = ok && put_ifname(nlh, size, rule);
	if (rule->flags & SFW_RULE_F_LOG_RATE)
		ok = ok && put_rate(nlh, size, SFW_RULE_LOG_RATE,
				    &rule->log_rate);
	if (rule->flags & SFW_RULE_F_LIMIT)
		ok = ok && put_rate(nlh, size, SFW_RULE_LIMIT, &rule->limit);
	if (rule->comment)
		ok = ok && mnl_attr_put_strz_check(nlh, size, SFW_RULE_COMMENT,
						   rule->comment);
	return nest_close(nlh, nest, ok);
}
