// SPDX-License-Identifier: GPL-2.0
/*
 * Netlink attributes to rules, and back. Sets and the elements of lists are in
 * codec_set.c; options, filters and connections in codec_conn.c.
 *
 * Everything that comes in is checked here before it becomes a part of a rule
 * set: the policies generated from sfw.yaml bound types and sizes, these files
 * check how the attributes fit together, and sfw_rule_check() whether the rule
 * as a whole makes sense. Every refusal names the attribute and the reason,
 * and leaves the rule set that is being built as it was. What goes out is the
 * exact mirror: a dump that is sent in again makes the same rule set.
 *
 * A rule is never cut in two: it is judged as a whole when it comes in, and a
 * reader of a dump should not have to put it together. So it has to fit the
 * largest message of a dump, which bounds the lists that are written out in
 * it; the assertion below does the sum.
 *
 * Synchronisation: none of its own. All get functions run under the mutex of
 * the namespace that guards staging and lists; the put functions need no more
 * than that somebody keeps the object alive.
 */
#include <linux/build_bug.h>
#include <linux/sched.h>

#include "codec.h"
#include "netlink/policy.h"

/* nla_total_size() as a constant. */
#define ATTR(payload)	NLA_ALIGN(NLA_HDRLEN + (payload))

/* The largest element of each kind is a range. */
#define ADDR_MAX	(ATTR(0) + 2 * ATTR(sizeof(struct in6_addr)))
#define PORT_MAX	(ATTR(0) + 2 * ATTR(sizeof(u16)))
#define RATE_MAX	(ATTR(0) + 2 * ATTR(sizeof(u32)) + ATTR(sizeof(u8)))

/* 64-bit attributes may be preceded by one that pads. */
#define COUNTERS_MAX	(ATTR(0) + 4 * (ATTR(0) + ATTR(sizeof(u64))))

/* from, to and their ports, each with negate. */
#define LISTS_MAX	(4 * (ATTR(0) + ATTR(0)) + \
			 SFW_LIST_ANON_MAX * 2 * (ADDR_MAX + PORT_MAX))

#define RULE_MAX	(ATTR(0) + LISTS_MAX + 2 * RATE_MAX + COUNTERS_MAX + \
			 ATTR(sizeof(u32)) +		/* number */ \
			 7 * ATTR(sizeof(u8)) +		/* direction ... */ \
			 5 * ATTR(0) +			/* switches */ \
			 ATTR(SFW_IFNAME_MAX + 1) + \
			 ATTR(SFW_COMMENT_MAX + 1))

static_assert(SFW_CODEC_ELEM_MAX == ADDR_MAX);

/* Headers, the generation, the rule, and the end of the dump behind it. */
static_assert(NLMSG_HDRLEN + GENL_HDRLEN + ATTR(sizeof(u32)) + RULE_MAX +
	      NLMSG_HDRLEN + sizeof(u32) <= SFW_CODEC_DUMP_ALLOC);

/**
 * sfw_codec_refuse() - say why a message is not accepted
 * @extack: where to say it, or NULL
 * @nla: attribute at fault
 * @why: static text
 *
 * Context: any.
 * Return: -EINVAL.
 */
int sfw_codec_refuse(struct netlink_ext_ack *extack, const struct nlattr *nla,
		     const char *why)
{
	/* NL_SET_ERR_MSG_ATTR() takes nothing but literals. */
	if (extack) {
		extack->_msg = why;
		NL_SET_BAD_ATTR(extack, nla);
	}
	return -EINVAL;
}

/* A clause that names a set. */
static int get_named(const struct nlattr *nla, const struct sfw_sets *sets,
		     u8 kind, struct sfw_list **out,
		     struct netlink_ext_ack *extack)
{
	struct sfw_list *set = sfw_codec_find_set(sets, nla_data(nla));
	int err;

	if (!set) {
		sfw_codec_refuse(extack, nla, "there is no set of this name");
		return -ENOENT;
	}
	if (set->kind != kind)
		return sfw_codec_refuse(extack, nla, kind == SFW_LIST_ADDRS ?
					"this set holds ports, not addresses" :
					"this set holds addresses, not ports");
	err = sfw_codec_close_set(set, extack);
	if (err)
		return err;
	*out = sfw_list_get(set);
	return 0;
}

/* A clause that writes out what it means. */
static int get_anonymous(const struct nlattr *nla, struct nlattr **tb, u8 kind,
			 struct sfw_list **out, struct netlink_ext_ack *extack)
{
	const struct nlattr *wrong;
	struct sfw_list *list;
	int err;

	wrong = tb[kind == SFW_LIST_ADDRS ? SFW_LIST_PORT : SFW_LIST_ADDR];
	if (wrong)
		return sfw_codec_refuse(extack, wrong, kind == SFW_LIST_ADDRS ?
					"from and to hold addresses, not ports" :
					"from-port and to-port hold ports, not addresses");
	list = sfw_list_new(NULL);
	if (!list)
		return -ENOMEM;
	err = sfw_codec_get_elems(nla, list, extack);
	if (!err)
		err = sfw_list_compile(list);
	if (err) {
		sfw_list_put(list);
		return err;
	}
	*out = list;
	return 0;
}

/* from, to and their ports; @nla is NULL if the rule is silent about it. */
static int get_list(const struct nlattr *nla, const struct sfw_sets *sets,
		    u8 kind, u32 negation, struct sfw_list **out,
		    struct sfw_rule *rule, struct netlink_ext_ack *extack)
{
	struct nlattr *tb[SFW_LIST_PORT + 1];
	int err;

	if (!nla)
		return 0;
	err = nla_parse_nested(tb, SFW_LIST_PORT, nla, sfw_list_nl_policy,
			       extack);
	if (err)
		return err;
	if (tb[SFW_LIST_APPEND])
		return sfw_codec_refuse(extack, tb[SFW_LIST_APPEND],
					"append is for sets, not for rules");
	if (tb[SFW_LIST_NEGATE])
		rule->flags |= negation;
	if (!tb[SFW_LIST_ADDR] && !tb[SFW_LIST_PORT]) {
		if (!tb[SFW_LIST_NAME])
			return sfw_codec_refuse(extack, nla,
						"a list in a rule needs elements or the name of a set");
		return get_named(tb[SFW_LIST_NAME], sets, kind, out, extack);
	}
	if (tb[SFW_LIST_NAME])
		return sfw_codec_refuse(extack, tb[SFW_LIST_NAME],
					"a list in a rule has elements or the name of a set, not both");
	return get_anonymous(nla, tb, kind, out, extack);
}

static int get_rate(const struct nlattr *nla, u32 flag, struct sfw_rate *rate,
		    struct sfw_rule *rule, struct netlink_ext_ack *extack)
{
	struct nlattr *tb[SFW_RATE_BURST + 1];
	int err;

	if (!nla)
		return 0;
	err = nla_parse_nested(tb, SFW_RATE_BURST, nla, sfw_rate_nl_policy,
			       extack);
	if (err)
		return err;
	if (!tb[SFW_RATE_COUNT] || !tb[SFW_RATE_UNIT])
		return sfw_codec_refuse(extack, nla,
					"a rate needs a count and a unit");
	rate->count = nla_get_u32(tb[SFW_RATE_COUNT]);
	rate->unit = nla_get_u8(tb[SFW_RATE_UNIT]);
	if (tb[SFW_RATE_BURST])
		rate->burst = nla_get_u32(tb[SFW_RATE_BURST]);
	rule->flags |= flag;
	return 0;
}

/* What every rule has, and the switches. */
static int get_head(const struct nlattr *nla, struct nlattr **tb,
		    struct sfw_rule *rule, struct netlink_ext_ack *extack)
{
	static const struct {
		u8 attr;
		u32 flag;
	} switches[] = {
		{ SFW_RULE_INTERFACE_NEGATE, SFW_RULE_F_NOT_IFNAME },
		{ SFW_RULE_TCP_ESTABLISHED, SFW_RULE_F_ESTABLISHED },
		{ SFW_RULE_LOG, SFW_RULE_F_LOG },
		{ SFW_RULE_NO_STATE, SFW_RULE_F_NO_STATE },
		{ SFW_RULE_RETURN, SFW_RULE_F_RETURN },
	};
	unsigned int i;

	if (!tb[SFW_RULE_DIRECTION])
		return sfw_codec_refuse(extack, nla, "a rule needs a direction");
	if (!tb[SFW_RULE_NUMBER])
		return sfw_codec_refuse(extack, nla, "a rule needs a number");
	if (!tb[SFW_RULE_ACTION])
		return sfw_codec_refuse(extack, nla, "a rule needs an action");
	if (tb[SFW_RULE_COUNTERS])
		return sfw_codec_refuse(extack, tb[SFW_RULE_COUNTERS],
					"counters are reported, they cannot be set");
	rule->direction = nla_get_u8(tb[SFW_RULE_DIRECTION]);
	rule->number = nla_get_u32(tb[SFW_RULE_NUMBER]);
	rule->action = nla_get_u8(tb[SFW_RULE_ACTION]);
	for (i = 0; i < ARRAY_SIZE(switches); i++)
		if (tb[switches[i].attr])
			rule->flags |= switches[i].flag;
	return 0;
}

/* Clauses about the transport header. */
static int get_transport(struct nlattr **tb, struct sfw_rule *rule,
			 struct netlink_ext_ack *extack)
{
	const struct nlattr *mask = tb[SFW_RULE_TCP_MASK];
	const struct nlattr *set = tb[SFW_RULE_TCP_SET];

	if (!mask != !set)
		return sfw_codec_refuse(extack, mask ? mask : set,
					"tcp-mask and tcp-set go together");
	if (mask) {
		rule->tcp_mask = nla_get_u8(mask);
		rule->tcp_set = nla_get_u8(set);
		rule->flags |= SFW_RULE_F_TCP_FLAGS;
	}
	if (tb[SFW_RULE_PROTOCOL]) {
		rule->protocol = nla_get_u8(tb[SFW_RULE_PROTOCOL]);
		rule->flags |= SFW_RULE_F_PROTOCOL;
	}
	if (tb[SFW_RULE_ICMP_TYPE]) {
		rule->icmp_type = nla_get_u8(tb[SFW_RULE_ICMP_TYPE]);
		rule->flags |= SFW_RULE_F_ICMP_TYPE;
	}
	if (tb[SFW_RULE_ICMP_CODE]) {
		rule->icmp_code = nla_get_u8(tb[SFW_RULE_ICMP_CODE]);
		rule->flags |= SFW_RULE_F_ICMP_CODE;
	}
	return 0;
}

/* Interface and comment; sfw_rule_check() judges the comment's characters. */
static int get_texts(struct nlattr **tb, struct sfw_rule *rule,
		     struct netlink_ext_ack *extack)
{
	const struct nlattr *nla = tb[SFW_RULE_INTERFACE];
	size_t len;

	if (nla && sfw_rule_set_ifname(rule, nla_data(nla)))
		return sfw_codec_refuse(extack, nla,
					"an interface is 1 to 15 visible characters, * only at the end");
	nla = tb[SFW_RULE_COMMENT];
	len = nla ? strlen(nla_data(nla)) : 0;
	if (!len)
		return 0;
	rule->comment = sfw_alloc(1, len + 1);
	if (!rule->comment)
		return -ENOMEM;
	memcpy(rule->comment, nla_data(nla), len);
	return 0;
}

static int get_rule(const struct nlattr *nla, const struct sfw_sets *sets,
		    struct sfw_rule *rule, struct netlink_ext_ack *extack)
{
	struct nlattr *tb[SFW_RULE_COUNTERS + 1];
	const char *why;
	int err;

	err = nla_parse_nested(tb, SFW_RULE_COUNTERS, nla, sfw_rule_nl_policy,
			       extack);
	if (err)
		return err;
	err = get_head(nla, tb, rule, extack);
	if (err)
		return err;
	err = get_transport(tb, rule, extack);
	if (err)
		return err;
	err = get_rate(tb[SFW_RULE_LIMIT], SFW_RULE_F_LIMIT, &rule->limit,
		       rule, extack);
	if (err)
		return err;
	err = get_rate(tb[SFW_RULE_LOG_RATE], SFW_RULE_F_LOG_RATE,
		       &rule->log_rate, rule, extack);
	if (err)
		return err;
	err = get_list(tb[SFW_RULE_FROM], sets, SFW_LIST_ADDRS,
		       SFW_RULE_F_NOT_FROM, &rule->from, rule, extack);
	if (err)
		return err;
	err = get_list(tb[SFW_RULE_FROM_PORT], sets, SFW_LIST_PORTS,
		       SFW_RULE_F_NOT_FROM_PORT, &rule->from_port, rule,
		       extack);
	if (err)
		return err;
	err = get_list(tb[SFW_RULE_TO], sets, SFW_LIST_ADDRS,
		       SFW_RULE_F_NOT_TO, &rule->to, rule, extack);
	if (err)
		return err;
	err = get_list(tb[SFW_RULE_TO_PORT], sets, SFW_LIST_PORTS,
		       SFW_RULE_F_NOT_TO_PORT, &rule->to_port, rule, extack);
	if (err)
		return err;
	err = get_texts(tb, rule, extack);
	if (err)
		return err;

	why = sfw_rule_check(rule);
	return why ? sfw_codec_refuse(extack, nla, why) : 0;
}

/**
 * sfw_codec_get_rule() - read a rule
 * @nla: nest of SFW_RULE_*
 * @sets: sets the rule may name; the one named is compiled if it was open
 * @rule: filled in whatever it held; all zeroes on failure
 * @extack: for the reason of a refusal
 *
 * Lists that are written out have at most SFW_LIST_ANON_MAX elements, so that
 * the time for one rule is bounded and every rule fits a dump.
 *
 * Context: may sleep, under the mutex that guards @sets.
 * Return: 0, and sfw_rule_destroy() is the caller's; -EINVAL for bad content,
 * -ENOENT for an unknown set, -ENOMEM.
 */
int sfw_codec_get_rule(const struct nlattr *nla, const struct sfw_sets *sets,
		       struct sfw_rule *rule, struct netlink_ext_ack *extack)
{
	int err;

	/* One message may carry thousands. */
	cond_resched();

	memset(rule, 0, sizeof(*rule));
	err = get_rule(nla, sets, rule, extack);
	if (err) {
		sfw_rule_destroy(rule);
		memset(rule, 0, sizeof(*rule));
	}
	return err;
}

static int put_list(struct sk_buff *skb, int attr, const struct sfw_list *list,
		    bool negate)
{
	struct nlattr *nest;
	u32 i;

	if (!list)
		return 0;
	nest = nla_nest_start(skb, attr);
	if (!nest)
		return -EMSGSIZE;
	if (negate && nla_put_flag(skb, SFW_LIST_NEGATE))
		goto full;
	if (*list->name) {
		if (nla_put_string(skb, SFW_LIST_NAME, list->name))
			goto full;
	} else {
		for (i = 0; i < list->n_elem; i++)
			if (sfw_codec_put_elem(skb, &list->elem[i]))
				goto full;
	}
	nla_nest_end(skb, nest);
	return 0;

full:
	nla_nest_cancel(skb, nest);
	return -EMSGSIZE;
}

static int put_rate(struct sk_buff *skb, int attr, const struct sfw_rate *rate)
{
	struct nlattr *nest;

	nest = nla_nest_start(skb, attr);
	if (!nest)
		return -EMSGSIZE;
	if (nla_put_u32(skb, SFW_RATE_COUNT, rate->count) ||
	    nla_put_u8(skb, SFW_RATE_UNIT, rate->unit) ||
	    (rate->burst && nla_put_u32(skb, SFW_RATE_BURST, rate->burst))) {
		nla_nest_cancel(skb, nest);
		return -EMSGSIZE;
	}
	nla_nest_end(skb, nest);
	return 0;
}

/**
 * sfw_codec_put_counters() - write the figures of a rule or default
 * @skb: message
 * @attr: type of the nest
 * @counts: the figures, or NULL to write nothing
 *
 * Context: any.
 * Return: 0 or -EMSGSIZE.
 */
int sfw_codec_put_counters(struct sk_buff *skb, int attr,
			   const struct sfw_counts *counts)
{
	struct nlattr *nest;

	if (!counts)
		return 0;
	nest = nla_nest_start(skb, attr);
	if (!nest)
		return -EMSGSIZE;
	if (nla_put_u64_64bit(skb, SFW_COUNTERS_PACKETS, counts->packets,
			      SFW_COUNTERS_PAD) ||
	    nla_put_u64_64bit(skb, SFW_COUNTERS_BYTES, counts->bytes,
			      SFW_COUNTERS_PAD) ||
	    nla_put_u64_64bit(skb, SFW_COUNTERS_CONNECTIONS,
			      counts->connections, SFW_COUNTERS_PAD) ||
	    (counts->has_live &&
	     nla_put_u32(skb, SFW_COUNTERS_LIVE, counts->live)) ||
	    (counts->hit &&
	     nla_put_u64_64bit(skb, SFW_COUNTERS_LAST_HIT_MS,
			       counts->last_hit_ms, SFW_COUNTERS_PAD))) {
		nla_nest_cancel(skb, nest);
		return -EMSGSIZE;
	}
	nla_nest_end(skb, nest);
	return 0;
}

static int put_ifname(struct sk_buff *skb, const struct sfw_rule *rule)
{
	char name[SFW_IFNAME_MAX + 2];

	if (!(rule->flags & SFW_RULE_F_IFNAME))
		return 0;
	snprintf(name, sizeof(name), "%s%s", rule->ifname,
		 sfw_rule_ifname_is_wildcard(rule) ? "*" : "");
	if (nla_put_string(skb, SFW_RULE_INTERFACE, name))
		return -EMSGSIZE;
	if (rule->flags & SFW_RULE_F_NOT_IFNAME)
		return nla_put_flag(skb, SFW_RULE_INTERFACE_NEGATE);
	return 0;
}

static int put_transport(struct sk_buff *skb, const struct sfw_rule *rule)
{
	u32 flags = rule->flags;

	if ((flags & SFW_RULE_F_PROTOCOL) &&
	    nla_put_u8(skb, SFW_RULE_PROTOCOL, rule->protocol))
		return -EMSGSIZE;
	if ((flags & SFW_RULE_F_ICMP_TYPE) &&
	    nla_put_u8(skb, SFW_RULE_ICMP_TYPE, rule->icmp_type))
		return -EMSGSIZE;
	if ((flags & SFW_RULE_F_ICMP_CODE) &&
	    nla_put_u8(skb, SFW_RULE_ICMP_CODE, rule->icmp_code))
		return -EMSGSIZE;
	if ((flags & SFW_RULE_F_TCP_FLAGS) &&
	    (nla_put_u8(skb, SFW_RULE_TCP_MASK, rule->tcp_mask) ||
	     nla_put_u8(skb, SFW_RULE_TCP_SET, rule->tcp_set)))
		return -EMSGSIZE;
	if ((flags & SFW_RULE_F_ESTABLISHED) &&
	    nla_put_flag(skb, SFW_RULE_TCP_ESTABLISHED))
		return -EMSGSIZE;
	return 0;
}

static int put_lists(struct sk_buff *skb, const struct sfw_rule *rule)
{
	u32 flags = rule->flags;

	if (put_list(skb, SFW_RULE_FROM, rule->from,
		     flags & SFW_RULE_F_NOT_FROM) ||
	    put_list(skb, SFW_RULE_FROM_PORT, rule->from_port,
		     flags & SFW_RULE_F_NOT_FROM_PORT) ||
	    put_list(skb, SFW_RULE_TO, rule->to, flags & SFW_RULE_F_NOT_TO) ||
	    put_list(skb, SFW_RULE_TO_PORT, rule->to_port,
		     flags & SFW_RULE_F_NOT_TO_PORT))
		return -EMSGSIZE;
	return 0;
}

static int put_tail(struct sk_buff *skb, const struct sfw_rule *rule)
{
	u32 flags = rule->flags;

	if ((flags & SFW_RULE_F_LOG) && nla_put_flag(skb, SFW_RULE_LOG))
		return -EMSGSIZE;
	if ((flags & SFW_RULE_F_LOG_RATE) &&
	    put_rate(skb, SFW_RULE_LOG_RATE, &rule->log_rate))
		return -EMSGSIZE;
	if ((flags & SFW_RULE_F_LIMIT) &&
	    put_rate(skb, SFW_RULE_LIMIT, &rule->limit))
		return -EMSGSIZE;
	if ((flags & SFW_RULE_F_NO_STATE) &&
	    nla_put_flag(skb, SFW_RULE_NO_STATE))
		return -EMSGSIZE;
	if ((flags & SFW_RULE_F_RETURN) && nla_put_flag(skb, SFW_RULE_RETURN))
		return -EMSGSIZE;
	if (rule->comment &&
	    nla_put_string(skb, SFW_RULE_COMMENT, rule->comment))
		return -EMSGSIZE;
	return 0;
}

/**
 * sfw_codec_put_rule() - write a rule
 * @skb: message; gets one SFW_A_RULE
 * @rule: the rule
 * @counts: its figures, or NULL
 *
 * Every rule that sfw_codec_get_rule() accepts fits a message of
 * SFW_CODEC_DUMP_ALLOC bytes.
 *
 * Context: any; the caller keeps @rule alive.
 * Return: 0; -EMSGSIZE, and nothing was written.
 */
int sfw_codec_put_rule(struct sk_buff *skb, const struct sfw_rule *rule,
		       const struct sfw_counts *counts)
{
	struct nlattr *nest;

	nest = nla_nest_start(skb, SFW_A_RULE);
	if (!nest)
		return -EMSGSIZE;
	if (nla_put_u8(skb, SFW_RULE_DIRECTION, rule->direction) ||
	    nla_put_u32(skb, SFW_RULE_NUMBER, rule->number) ||
	    nla_put_u8(skb, SFW_RULE_ACTION, rule->action) ||
	    put_transport(skb, rule) || put_lists(skb, rule) ||
	    put_ifname(skb, rule) || put_tail(skb, rule) ||
	    sfw_codec_put_counters(skb, SFW_RULE_COUNTERS, counts)) {
		nla_nest_cancel(skb, nest);
		return -EMSGSIZE;
	}
	nla_nest_end(skb, nest);
	return 0;
}
