// SPDX-License-Identifier: GPL-2.0
/*
 * Netlink attributes to sets and rules. The mirror of nl_encode.c.
 *
 * What comes from the kernel has to pass the same sfw_rule_check() as what
 * comes from a file, so that everything behind this works on sound rules only.
 */
#include <linux/genetlink.h>

#include "nl_attr.h"
#include "nl_decode.h"

static const u8 list_types[NL_ATTRS] = {
	[SFW_LIST_NAME]		= MNL_TYPE_NUL_STRING,
	[SFW_LIST_APPEND]	= MNL_TYPE_FLAG,
	[SFW_LIST_NEGATE]	= MNL_TYPE_FLAG,
	[SFW_LIST_ADDR]		= MNL_TYPE_NESTED,
	[SFW_LIST_PORT]		= MNL_TYPE_NESTED,
};

static const u8 addr_types[NL_ATTRS] = {
	[SFW_ADDR_FIRST]	= MNL_TYPE_BINARY,
	[SFW_ADDR_LAST]		= MNL_TYPE_BINARY,
	[SFW_ADDR_PREFIX_LEN]	= MNL_TYPE_U8,
};

static const u8 port_types[NL_ATTRS] = {
	[SFW_PORT_FIRST]	= MNL_TYPE_U16,
	[SFW_PORT_LAST]		= MNL_TYPE_U16,
};

static const u8 rate_types[NL_ATTRS] = {
	[SFW_RATE_COUNT]	= MNL_TYPE_U32,
	[SFW_RATE_UNIT]		= MNL_TYPE_U8,
	[SFW_RATE_BURST]	= MNL_TYPE_U32,
};

static const u8 rule_types[NL_ATTRS] = {
	[SFW_RULE_DIRECTION]	= MNL_TYPE_U8,
	[SFW_RULE_NUMBER]	= MNL_TYPE_U32,
	[SFW_RULE_ACTION]	= MNL_TYPE_U8,
	[SFW_RULE_PROTOCOL]	= MNL_TYPE_U8,
	[SFW_RULE_FROM]		= MNL_TYPE_NESTED,
	[SFW_RULE_FROM_PORT]	= MNL_TYPE_NESTED,
	[SFW_RULE_TO]		= MNL_TYPE_NESTED,
	[SFW_RULE_TO_PORT]	= MNL_TYPE_NESTED,
	[SFW_RULE_INTERFACE]	= MNL_TYPE_NUL_STRING,
	[SFW_RULE_INTERFACE_NEGATE] = MNL_TYPE_FLAG,
	[SFW_RULE_ICMP_TYPE]	= MNL_TYPE_U8,
	[SFW_RULE_ICMP_CODE]	= MNL_TYPE_U8,
	[SFW_RULE_TCP_MASK]	= MNL_TYPE_U8,
	[SFW_RULE_TCP_SET]	= MNL_TYPE_U8,
	[SFW_RULE_TCP_ESTABLISHED] = MNL_TYPE_FLAG,
	[SFW_RULE_LOG]		= MNL_TYPE_FLAG,
	[SFW_RULE_LOG_RATE]	= MNL_TYPE_NESTED,
	[SFW_RULE_LIMIT]	= MNL_TYPE_NESTED,
	[SFW_RULE_NO_STATE]	= MNL_TYPE_FLAG,
	[SFW_RULE_RETURN]	= MNL_TYPE_FLAG,
	[SFW_RULE_COMMENT]	= MNL_TYPE_NUL_STRING,
	[SFW_RULE_COUNTERS]	= MNL_TYPE_NESTED,
};

static int add_addr(struct sfw_list *list, const struct nlattr *nest)
{
	struct sfw_addr first, last;
	struct nl_attrs attrs;
	u8 family, family2;
	int err;

	err = nl_attrs_parse(&attrs, nest, addr_types);
	if (err)
		return err;
	if (!attrs.tb[SFW_ADDR_FIRST])
		return -EBADMSG;
	err = nl_get_address(attrs.tb[SFW_ADDR_FIRST], &family, &first);
	if (err)
		return err;
	if (attrs.tb[SFW_ADDR_PREFIX_LEN])
		return sfw_list_add_prefix(list, family, &first,
					   nl_get_u8(&attrs, SFW_ADDR_PREFIX_LEN));
	if (!attrs.tb[SFW_ADDR_LAST])
		return sfw_list_add_range(list, family, &first, &first);
	err = nl_get_address(attrs.tb[SFW_ADDR_LAST], &family2, &last);
	if (err || family != family2)
		return -EBADMSG;
	return sfw_list_add_range(list, family, &first, &last);
}

static int add_port(struct sfw_list *list, const struct nlattr *nest)
{
	struct nl_attrs attrs;
	u16 first;
	int err;

	err = nl_attrs_parse(&attrs, nest, port_types);
	if (err)
		return err;
	if (!attrs.tb[SFW_PORT_FIRST])
		return -EBADMSG;
	first = nl_get_u16(&attrs, SFW_PORT_FIRST);
	if (!attrs.tb[SFW_PORT_LAST])
		return sfw_list_add_port(list, first, first);
	return sfw_list_add_port(list, first, nl_get_u16(&attrs, SFW_PORT_LAST));
}

static int add_elems(struct sfw_list *list, const struct nlattr *nest)
{
	const struct nlattr *attr;
	int err = 0;

	mnl_attr_for_each_nested(attr, nest) {
		switch (mnl_attr_get_type(attr)) {
		case SFW_LIST_ADDR:
			err = add_addr(list, attr);
			break;
		case SFW_LIST_PORT:
			err = add_port(list, attr);
			break;
		}
		if (err)
			return err == -ENOMEM ? err : -EBADMSG;
	}
	return 0;
}

/* One set, or more elements of the one that came last. */
static int get_set(const struct nlattr *nest, struct ruleset *rs)
{
	struct sfw_list *list = NULL;
	struct nl_attrs attrs;
	const char *name;
	int err;

	err = nl_attrs_parse(&attrs, nest, list_types);
	if (err)
		return err;
	if (!attrs.tb[SFW_LIST_NAME])
		return -EBADMSG;
	name = mnl_attr_get_str(attrs.tb[SFW_LIST_NAME]);
	if (!*name || strlen(name) > SFW_SET_NAME_MAX)
		return -EBADMSG;

	if (attrs.tb[SFW_LIST_APPEND]) {
		if (rs->n_sets)
			list = rs->sets[rs->n_sets - 1];
		if (!list || strcmp(list->name, name))
			return -EBADMSG;
	} else {
		list = sfw_list_new(name);
		if (!list)
			return -ENOMEM;
		err = ruleset_add_set(rs, list);
		if (err) {
			sfw_list_put(list);
			return err;
		}
	}
	return add_elems(list, nest);
}

/* Hand on every attribute of one type, once the whole message is checked. */
static int get_each(const struct nlmsghdr *nlh, u16 type, struct ruleset *rs,
		    int (*get)(const struct nlattr *nest, struct ruleset *rs))
{
	const struct nlattr *attr;
	struct nl_attrs attrs;
	int err;

	err = nl_attrs_main(&attrs, nlh);
	if (err)
		return err;
	mnl_attr_for_each(attr, nlh, sizeof(struct genlmsghdr)) {
		if (mnl_attr_get_type(attr) != type)
			continue;
		err = get(attr, rs);
		if (err)
			return err;
	}
	return 0;
}

int nl_get_sets(const struct nlmsghdr *nlh, struct ruleset *rs)
{
	return get_each(nlh, SFW_A_SET, rs, get_set);
}

/* The operand of a clause: elements, or a set of rs. */
static int get_list(const struct nlattr *nest, const struct ruleset *rs,
		    struct sfw_rule *rule, u32 negate, struct sfw_list **list)
{
	struct nl_attrs attrs;
	int err;

	if (!nest)
		return 0;
	err = nl_attrs_parse(&attrs, nest, list_types);
	if (err)
		return err;
	if (attrs.tb[SFW_LIST_NEGATE])
		rule->flags |= negate;
	if (attrs.tb[SFW_LIST_NAME]) {
		const struct nlattr *name = attrs.tb[SFW_LIST_NAME];

		*list = sfw_list_get(ruleset_find_set(rs,
						      mnl_attr_get_str(name)));
		return *list ? 0 : -EBADMSG;
	}
	*list = sfw_list_new(NULL);
	if (!*list)
		return -ENOMEM;
	err = add_elems(*list, nest);
	return err ? err : sfw_list_compile(*list);
}

static int get_rate(const struct nlattr *nest, struct sfw_rate *rate)
{
	struct nl_attrs attrs;
	int err;

	err = nl_attrs_parse(&attrs, nest, rate_types);
	if (err)
		return err;
	rate->count = nl_get_u32(&attrs, SFW_RATE_COUNT);
	rate->burst = nl_get_u32(&attrs, SFW_RATE_BURST);
	return nl_get_enum(&attrs, SFW_RATE_UNIT, SFW_RATE_UNIT_HOUR,
			&rate->unit);
}

static int get_numbers(const struct nl_attrs *attrs, struct sfw_rule *rule)
{
	const struct {
		u16 type;
		u32 flag;
		u8 *value;
	} numbers[] = {
		{ SFW_RULE_PROTOCOL, SFW_RULE_F_PROTOCOL, &rule->protocol },
		{ SFW_RULE_ICMP_TYPE, SFW_RULE_F_ICMP_TYPE, &rule->icmp_type },
		{ SFW_RULE_ICMP_CODE, SFW_RULE_F_ICMP_CODE, &rule->icmp_code },
		{ SFW_RULE_TCP_MASK, SFW_RULE_F_TCP_FLAGS, &rule->tcp_mask },
		{ SFW_RULE_TCP_SET, SFW_RULE_F_TCP_FLAGS, &rule->tcp_set },
		{ SFW_RULE_TCP_ESTABLISHED, SFW_RULE_F_ESTABLISHED, NULL },
		{ SFW_RULE_LOG, SFW_RULE_F_LOG, NULL },
		{ SFW_RULE_NO_STATE, SFW_RULE_F_NO_STATE, NULL },
		{ SFW_RULE_RETURN, SFW_RULE_F_RETURN, NULL },
		{ SFW_RULE_INTERFACE_NEGATE, SFW_RULE_F_NOT_IFNAME, NULL },
	};
	size_t i;
	int err;

	rule->number = nl_get_u32(attrs, SFW_RULE_NUMBER);
	for (i = 0; i < ARRAY_SIZE(numbers); i++) {
		if (!attrs->tb[numbers[i].type])
			continue;
		rule->flags |= numbers[i].flag;
		if (numbers[i].value)
			*numbers[i].value = nl_get_u8(attrs, numbers[i].type);
	}
	err = nl_get_enum(attrs, SFW_RULE_DIRECTION, SFW_DIRECTION_OUT,
			  &rule->direction);
	if (err)
		return err;
	return nl_get_enum(attrs, SFW_RULE_ACTION, SFW_ACTION_REJECT,
			&rule->action);
}

static int get_clauses(const struct nl_attrs *attrs, const struct ruleset *rs,
		       struct sfw_rule *rule)
{
	const struct {
		u16 type;
		u32 negate;
		struct sfw_list **list;
	} lists[] = {
		{ SFW_RULE_FROM, SFW_RULE_F_NOT_FROM, &rule->from },
		{ SFW_RULE_FROM_PORT, SFW_RULE_F_NOT_FROM_PORT,
		  &rule->from_port },
		{ SFW_RULE_TO, SFW_RULE_F_NOT_TO, &rule->to },
		{ SFW_RULE_TO_PORT, SFW_RULE_F_NOT_TO_PORT, &rule->to_port },
	};
	size_t i;
	int err;

	for (i = 0; i < ARRAY_SIZE(lists); i++) {
		err = get_list(attrs->tb[lists[i].type], rs, rule,
			       lists[i].negate, lists[i].list);
		if (err)
			return err;
	}
	if (attrs->tb[SFW_RULE_INTERFACE] &&
	    sfw_rule_set_ifname(rule, mnl_attr_get_str(attrs->tb[SFW_RULE_INTERFACE])))
		return -EBADMSG;
	if (attrs->tb[SFW_RULE_LIMIT]) {
		rule->flags |= SFW_RULE_F_LIMIT;
		err = get_rate(attrs->tb[SFW_RULE_LIMIT], &rule->limit);
		if (err)
			return err;
	}
	if (attrs->tb[SFW_RULE_LOG_RATE]) {
		rule->flags |= SFW_RULE_F_LOG_RATE;
		err = get_rate(attrs->tb[SFW_RULE_LOG_RATE], &rule->log_rate);
		if (err)
			return err;
	}
	if (attrs->tb[SFW_RULE_COMMENT]) {
		rule->comment = strdup(mnl_attr_get_str(attrs->tb[SFW_RULE_COMMENT]));
		if (!rule->comment)
			return -ENOMEM;
	}
	return 0;
}

static int get_rule(const struct nlattr *nest, struct ruleset *rs)
{
	struct ruleset_rule *rule;
	struct nl_attrs attrs;
	int err;

	err = nl_attrs_parse(&attrs, nest, rule_types);
	if (err)
		return err;
	rule = calloc(1, sizeof(*rule));
	if (!rule)
		return -ENOMEM;
	err = get_numbers(&attrs, &rule->rule);
	if (!err)
		err = get_clauses(&attrs, rs, &rule->rule);
	if (!err)
		err = nl_get_counters(attrs.tb[SFW_RULE_COUNTERS],
				      &rule->counters);
	if (!err && sfw_rule_check(&rule->rule))
		err = -EBADMSG;
	if (!err)
		err = ruleset_add_rule(rs, rule);
	if (err)
		ruleset_rule_free(rule);
	return err;
}

int nl_get_rules(const struct nlmsghdr *nlh, struct ruleset *rs)
{
	return get_each(nlh, SFW_A_RULE, rs, get_rule);
}
