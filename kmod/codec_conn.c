// SPDX-License-Identifier: GPL-2.0
/*
 * Netlink attributes to defaults, options and filters, and back; connections
 * to attributes.
 *
 * A filter is read once per request and then asked about every connection of
 * the table, so it is kept flat: one word says which parts count, and a part
 * is one element, not a list. The elements themselves come through the same
 * functions as those of lists, by way of a list of one: what an address, a
 * prefix or a range may be is said once, in list.c and codec_set.c.
 *
 * Synchronisation: as in codec.c. Filters and views are the caller's own
 * copies; sfw_codec_filter_match() and sfw_codec_put_conn() are called under
 * RCU while the table is walked and neither sleep nor allocate.
 */
#include <net/netlink.h>

#include "codec.h"
#include "netlink/policy.h"

/*
 * Defaults
 */

/**
 * sfw_codec_get_default() - read the default of a direction
 * @nla: nest of SFW_DEFAULT_*
 * @action: set to enum sfw_action; untouched on failure
 * @log: set to whether packets are logged; untouched on failure
 * @extack: for the reason of a refusal
 *
 * Context: any.
 * Return: 0 or -EINVAL.
 */
int sfw_codec_get_default(const struct nlattr *nla, u8 *action, bool *log,
			  struct netlink_ext_ack *extack)
{
	struct nlattr *tb[SFW_DEFAULT_COUNTERS + 1];
	int err;

	err = nla_parse_nested(tb, SFW_DEFAULT_COUNTERS, nla,
			       sfw_default_nl_policy, extack);
	if (err)
		return err;
	if (!tb[SFW_DEFAULT_ACTION])
		return sfw_codec_refuse(extack, nla,
					"a default needs an action");
	if (tb[SFW_DEFAULT_COUNTERS])
		return sfw_codec_refuse(extack, tb[SFW_DEFAULT_COUNTERS],
					"counters are reported, they cannot be set");
	*action = nla_get_u8(tb[SFW_DEFAULT_ACTION]);
	*log = nla_get_flag(tb[SFW_DEFAULT_LOG]);
	return 0;
}

/**
 * sfw_codec_put_default() - write the default of a direction
 * @skb: message
 * @attr: SFW_A_DEFAULT_IN or SFW_A_DEFAULT_OUT
 * @action: enum sfw_action
 * @log: whether packets are logged
 * @counts: its figures, or NULL
 *
 * Context: any.
 * Return: 0; -EMSGSIZE, and nothing was written.
 */
int sfw_codec_put_default(struct sk_buff *skb, int attr, u8 action, bool log,
			  const struct sfw_counts *counts)
{
	struct nlattr *nest;

	nest = nla_nest_start(skb, attr);
	if (!nest)
		return -EMSGSIZE;
	if (nla_put_u8(skb, SFW_DEFAULT_ACTION, action) ||
	    (log && nla_put_flag(skb, SFW_DEFAULT_LOG)) ||
	    sfw_codec_put_counters(skb, SFW_DEFAULT_COUNTERS, counts)) {
		nla_nest_cancel(skb, nest);
		return -EMSGSIZE;
	}
	nla_nest_end(skb, nest);
	return 0;
}

/*
 * Options
 */

/* The options that are on or off. */
static const struct {
	u8 attr;
	u8 offset;
	u32 named;
} switches[] = {
	{ SFW_OPTION_TCP_PICKUP,
	  offsetof(struct sfw_options, tcp_pickup), SFW_OPT_TCP_PICKUP },
	{ SFW_OPTION_TCP_LIBERAL,
	  offsetof(struct sfw_options, tcp_liberal), SFW_OPT_TCP_LIBERAL },
	{ SFW_OPTION_CHECKSUM,
	  offsetof(struct sfw_options, checksum), SFW_OPT_CHECKSUM },
	{ SFW_OPTION_LOOPBACK_FILTER,
	  offsetof(struct sfw_options, loopback_filter), SFW_OPT_LOOPBACK },
	{ SFW_OPTION_ND_FILTER,
	  offsetof(struct sfw_options, nd_filter), SFW_OPT_ND },
	{ SFW_OPTION_KEEP_CONNECTIONS,
	  offsetof(struct sfw_options, keep_connections), SFW_OPT_KEEP },
};

static_assert(sizeof(struct sfw_options) <= U8_MAX);

static int get_timeout(const struct nlattr *nla, struct sfw_options *opt,
		       struct netlink_ext_ack *extack)
{
	struct nlattr *tb[SFW_TIMEOUT_SECONDS + 1];
	u8 state;
	int err;

	err = nla_parse_nested(tb, SFW_TIMEOUT_SECONDS, nla,
			       sfw_timeout_nl_policy, extack);
	if (err)
		return err;
	if (!tb[SFW_TIMEOUT_STATE] || !tb[SFW_TIMEOUT_SECONDS])
		return sfw_codec_refuse(extack, nla,
					"a timeout needs a state and seconds");
	state = nla_get_u8(tb[SFW_TIMEOUT_STATE]);
	if (nla_get_u32(tb[SFW_TIMEOUT_SECONDS]) > SFW_TIMEOUT_LIMIT)
		return sfw_codec_refuse(extack, tb[SFW_TIMEOUT_SECONDS],
					"a timeout is at most 1728000 seconds (20 days)");
	opt->timeout[state] = nla_get_u32(tb[SFW_TIMEOUT_SECONDS]);
	opt->named_timeouts |= BIT(state);
	return 0;
}

/**
 * sfw_codec_get_options() - read the options that a message names
 * @nla: nest of SFW_OPTION_*
 * @opt: options in force so far; what the message names is changed and noted
 *	as named, all else stays; untouched on failure
 * @extack: for the reason of a refusal
 *
 * Context: any.
 * Return: 0 or -EINVAL.
 */
int sfw_codec_get_options(const struct nlattr *nla, struct sfw_options *opt,
			  struct netlink_ext_ack *extack)
{
	struct nlattr *tb[SFW_OPTION_TIMEOUT + 1];
	struct sfw_options new = *opt;
	const struct nlattr *el;
	unsigned int i;
	int err, rem;

	err = nla_parse_nested(tb, SFW_OPTION_TIMEOUT, nla,
			       sfw_option_nl_policy, extack);
	if (err)
		return err;
	if (tb[SFW_OPTION_MAX_CONNECTIONS]) {
		new.max_connections =
			nla_get_u32(tb[SFW_OPTION_MAX_CONNECTIONS]);
		new.named |= SFW_OPT_MAX_CONNECTIONS;
	}
	for (i = 0; i < ARRAY_SIZE(switches); i++) {
		if (!tb[switches[i].attr])
			continue;
		*((bool *)((u8 *)&new + switches[i].offset)) =
			nla_get_u8(tb[switches[i].attr]);
		new.named |= switches[i].named;
	}
	nla_for_each_nested(el, nla, rem) {
		if (nla_type(el) != SFW_OPTION_TIMEOUT)
			continue;
		err = get_timeout(el, &new, extack);
		if (err)
			return err;
	}
	*opt = new;
	return 0;
}

static int put_timeout(struct sk_buff *skb, u8 state, u32 seconds)
{
	struct nlattr *nest;

	nest = nla_nest_start(skb, SFW_OPTION_TIMEOUT);
	if (!nest)
		return -EMSGSIZE;
	if (nla_put_u8(skb, SFW_TIMEOUT_STATE, state) ||
	    nla_put_u32(skb, SFW_TIMEOUT_SECONDS, seconds))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int put_options(struct sk_buff *skb, const struct sfw_options *opt,
		       u32 named, u32 named_timeouts)
{
	unsigned int i;

	if ((named & SFW_OPT_MAX_CONNECTIONS) &&
	    nla_put_u32(skb, SFW_OPTION_MAX_CONNECTIONS, opt->max_connections))
		return -EMSGSIZE;
	for (i = 0; i < ARRAY_SIZE(switches); i++)
		if ((named & switches[i].named) &&
		    nla_put_u8(skb, switches[i].attr,
			       *((const bool *)((const u8 *)opt +
						switches[i].offset))))
			return -EMSGSIZE;
	for (i = 0; i <= SFW_STATE_MAX; i++)
		if ((named_timeouts & BIT(i)) &&
		    put_timeout(skb, i, opt->timeout[i]))
			return -EMSGSIZE;
	return 0;
}

/**
 * sfw_codec_put_options() - write options
 * @skb: message
 * @attr: SFW_A_OPTIONS or SFW_A_EFFECTIVE
 * @opt: the options; with @all the caller has replaced a max_connections of 0
 *	by what is in force
 * @all: every option and timeout, else only those the rule set names
 *
 * The nest is written even if it is empty.
 *
 * Context: any.
 * Return: 0; -EMSGSIZE, and nothing was written.
 */
int sfw_codec_put_options(struct sk_buff *skb, int attr,
			  const struct sfw_options *opt, bool all)
{
	struct nlattr *nest;

	nest = nla_nest_start(skb, attr);
	if (!nest)
		return -EMSGSIZE;
	if (put_options(skb, opt, all ? U32_MAX : opt->named,
			all ? U32_MAX : opt->named_timeouts)) {
		nla_nest_cancel(skb, nest);
		return -EMSGSIZE;
	}
	nla_nest_end(skb, nest);
	return 0;
}

/*
 * Filters
 */

/* One address, prefix, range, port or range of ports. */
static int get_one(const struct nlattr *nla, u8 kind, struct sfw_elem *elem,
		   struct netlink_ext_ack *extack)
{
	struct sfw_list *list;
	int err;

	list = sfw_list_new(NULL);
	if (!list)
		return -ENOMEM;
	if (kind == SFW_LIST_ADDRS)
		err = sfw_codec_get_addr(nla, list, extack);
	else
		err = sfw_codec_get_port(nla, list, extack);
	if (!err)
		*elem = list->elem[0];
	sfw_list_put(list);
	return err;
}

static int get_elems(struct nlattr **tb, struct sfw_filter *filter,
		     struct netlink_ext_ack *extack)
{
	const struct {
		u8 attr;
		u8 kind;
		u32 flag;
		struct sfw_elem *elem;
	} parts[] = {
		{ SFW_FILTER_SRC, SFW_LIST_ADDRS, SFW_FILTER_F_SRC,
		  &filter->src },
		{ SFW_FILTER_DST, SFW_LIST_ADDRS, SFW_FILTER_F_DST,
		  &filter->dst },
		{ SFW_FILTER_ADDR, SFW_LIST_ADDRS, SFW_FILTER_F_ADDR,
		  &filter->addr },
		{ SFW_FILTER_SPORT, SFW_LIST_PORTS, SFW_FILTER_F_SPORT,
		  &filter->sport },
		{ SFW_FILTER_DPORT, SFW_LIST_PORTS, SFW_FILTER_F_DPORT,
		  &filter->dport },
		{ SFW_FILTER_PORT, SFW_LIST_PORTS, SFW_FILTER_F_PORT,
		  &filter->port },
	};
	unsigned int i;
	int err;

	for (i = 0; i < ARRAY_SIZE(parts); i++) {
		if (!tb[parts[i].attr])
			continue;
		err = get_one(tb[parts[i].attr], parts[i].kind, parts[i].elem,
			      extack);
		if (err)
			return err;
		filter->flags |= parts[i].flag;
	}
	return 0;
}

static int get_filter(const struct nlattr *nla, struct sfw_filter *filter,
		      struct netlink_ext_ack *extack)
{
	struct nlattr *tb[SFW_FILTER_INTERFACE + 1];
	int err;

	err = nla_parse_nested(tb, SFW_FILTER_INTERFACE, nla,
			       sfw_filter_nl_policy, extack);
	if (err)
		return err;
	if (tb[SFW_FILTER_DIRECTION]) {
		filter->direction = nla_get_u8(tb[SFW_FILTER_DIRECTION]);
		filter->flags |= SFW_FILTER_F_DIRECTION;
	}
	if (tb[SFW_FILTER_PROTOCOL]) {
		filter->protocol = nla_get_u8(tb[SFW_FILTER_PROTOCOL]);
		filter->flags |= SFW_FILTER_F_PROTOCOL;
	}
	if (tb[SFW_FILTER_STATE]) {
		filter->state = nla_get_u8(tb[SFW_FILTER_STATE]);
		filter->flags |= SFW_FILTER_F_STATE;
	}
	if (!tb[SFW_FILTER_RULE_DIRECTION] != !tb[SFW_FILTER_RULE_NUMBER])
		return sfw_codec_refuse(extack, nla,
					"rule-direction and rule-number go together");
	if (tb[SFW_FILTER_RULE_NUMBER]) {
		filter->rule_direction =
			nla_get_u8(tb[SFW_FILTER_RULE_DIRECTION]);
		filter->rule_number = nla_get_u32(tb[SFW_FILTER_RULE_NUMBER]);
		if (filter->rule_number > SFW_RULE_NUMBER_MAX)
			return sfw_codec_refuse(extack,
						tb[SFW_FILTER_RULE_NUMBER],
						"a rule number is 1 to 16777215, or 0 for the default");
		filter->flags |= SFW_FILTER_F_RULE;
	}
	if (tb[SFW_FILTER_INTERFACE]) {
		strscpy(filter->ifname, nla_data(tb[SFW_FILTER_INTERFACE]),
			sizeof(filter->ifname));
		if (!*filter->ifname)
			return sfw_codec_refuse(extack,
						tb[SFW_FILTER_INTERFACE],
						"an interface name is not empty");
		filter->flags |= SFW_FILTER_F_IFNAME;
	}
	return get_elems(tb, filter, extack);
}

/**
 * sfw_codec_get_filter() - read which connections are meant
 * @nla: nest of SFW_FILTER_*, or NULL for all
 * @filter: filled in whatever it held; all zeroes on failure
 * @extack: for the reason of a refusal
 *
 * An empty nest means all connections, too. All parts have to match.
 *
 * Context: may sleep.
 * Return: 0, -EINVAL or -ENOMEM.
 */
int sfw_codec_get_filter(const struct nlattr *nla, struct sfw_filter *filter,
			 struct netlink_ext_ack *extack)
{
	int err;

	memset(filter, 0, sizeof(*filter));
	if (!nla)
		return 0;
	err = get_filter(nla, filter, extack);
	/* Half a filter would mean more connections than were meant. */
	if (err)
		memset(filter, 0, sizeof(*filter));
	return err;
}

static bool addr_in(const struct sfw_elem *elem, u8 family,
		    const struct sfw_addr *addr)
{
	return elem->family == family &&
	       sfw_addr_cmp(addr, &elem->first) >= 0 &&
	       sfw_addr_cmp(addr, &elem->last) <= 0;
}

static bool port_in(const struct sfw_elem *elem, u16 port)
{
	return port >= elem->first.lo && port <= elem->last.lo;
}

static bool match_addrs(const struct sfw_filter *filter,
			const struct sfw_conn_view *view)
{
	u32 flags = filter->flags;

	if ((flags & SFW_FILTER_F_SRC) &&
	    !addr_in(&filter->src, view->family, &view->src))
		return false;
	if ((flags & SFW_FILTER_F_DST) &&
	    !addr_in(&filter->dst, view->family, &view->dst))
		return false;
	if ((flags & SFW_FILTER_F_ADDR) &&
	    !addr_in(&filter->addr, view->family, &view->src) &&
	    !addr_in(&filter->addr, view->family, &view->dst))
		return false;
	return true;
}

static bool match_ports(const struct sfw_filter *filter,
			const struct sfw_conn_view *view)
{
	u32 flags = filter->flags;

	if (!(flags & (SFW_FILTER_F_SPORT | SFW_FILTER_F_DPORT |
		       SFW_FILTER_F_PORT)))
		return true;
	if (!view->has_ports)
		return false;
	if ((flags & SFW_FILTER_F_SPORT) &&
	    !port_in(&filter->sport, view->sport))
		return false;
	if ((flags & SFW_FILTER_F_DPORT) &&
	    !port_in(&filter->dport, view->dport))
		return false;
	if ((flags & SFW_FILTER_F_PORT) &&
	    !port_in(&filter->port, view->sport) &&
	    !port_in(&filter->port, view->dport))
		return false;
	return true;
}

/**
 * sfw_codec_filter_match() - is this one of the connections meant
 * @filter: filter that sfw_codec_get_filter() filled in
 * @view: the connection
 *
 * Source and destination are those of the connection's first packet; addr and
 * port match at either end. The interface is the whole name.
 *
 * Context: any.
 * Return: true if all parts of the filter match.
 */
bool sfw_codec_filter_match(const struct sfw_filter *filter,
			    const struct sfw_conn_view *view)
{
	u32 flags = filter->flags;

	if ((flags & SFW_FILTER_F_DIRECTION) &&
	    filter->direction != view->direction)
		return false;
	if ((flags & SFW_FILTER_F_PROTOCOL) &&
	    filter->protocol != view->protocol)
		return false;
	if ((flags & SFW_FILTER_F_STATE) && filter->state != view->state)
		return false;
	if ((flags & SFW_FILTER_F_RULE) &&
	    (filter->rule_direction != view->rule_direction ||
	     filter->rule_number != view->rule_number))
		return false;
	if ((flags & SFW_FILTER_F_IFNAME) &&
	    strcmp(filter->ifname, view->ifname))
		return false;
	return match_ports(filter, view) && match_addrs(filter, view);
}

/*
 * Connections
 */

static int put_endpoints(struct sk_buff *skb, const struct sfw_conn_view *view)
{
	if (sfw_codec_put_addr(skb, SFW_CONN_SOURCE, view->family,
			       &view->src) ||
	    sfw_codec_put_addr(skb, SFW_CONN_DESTINATION, view->family,
			       &view->dst))
		return -EMSGSIZE;
	if (view->has_ports &&
	    (nla_put_u16(skb, SFW_CONN_SOURCE_PORT, view->sport) ||
	     nla_put_u16(skb, SFW_CONN_DESTINATION_PORT, view->dport)))
		return -EMSGSIZE;
	if ((view->protocol == IPPROTO_ICMP ||
	     view->protocol == IPPROTO_ICMPV6) &&
	    (nla_put_u8(skb, SFW_CONN_ICMP_TYPE, view->icmp_type) ||
	     nla_put_u16(skb, SFW_CONN_ICMP_ID, view->icmp_id)))
		return -EMSGSIZE;
	if ((view->tunnel.has_id & 1 &&
	     nla_put_u32(skb, SFW_CONN_TUNNEL_ID, view->tunnel.id[0])) ||
	    (view->tunnel.has_id & 2 &&
	     nla_put_u32(skb, SFW_CONN_REPLY_TUNNEL_ID, view->tunnel.id[1])))
		return -EMSGSIZE;
	return 0;
}

static int put_figures(struct sk_buff *skb, const struct sfw_conn_view *view)
{
	if (nla_put_u64_64bit(skb, SFW_CONN_PACKETS, view->packets,
			      SFW_CONN_PAD) ||
	    nla_put_u64_64bit(skb, SFW_CONN_BYTES, view->bytes,
			      SFW_CONN_PAD) ||
	    nla_put_u64_64bit(skb, SFW_CONN_REPLY_PACKETS,
			      view->reply_packets, SFW_CONN_PAD) ||
	    nla_put_u64_64bit(skb, SFW_CONN_REPLY_BYTES, view->reply_bytes,
			      SFW_CONN_PAD) ||
	    nla_put_u64_64bit(skb, SFW_CONN_EXPIRES_MS, view->expires_ms,
			      SFW_CONN_PAD))
		return -EMSGSIZE;
	return 0;
}

/**
 * sfw_codec_put_conn() - write a connection
 * @skb: message; gets one SFW_A_CONN
 * @view: the connection
 *
 * Context: any.
 * Return: 0; -EMSGSIZE, and nothing was written.
 */
int sfw_codec_put_conn(struct sk_buff *skb, const struct sfw_conn_view *view)
{
	struct nlattr *nest;

	nest = nla_nest_start(skb, SFW_A_CONN);
	if (!nest)
		return -EMSGSIZE;
	if (nla_put_u8(skb, SFW_CONN_DIRECTION, view->direction) ||
	    nla_put_u8(skb, SFW_CONN_PROTOCOL, view->protocol) ||
	    put_endpoints(skb, view) ||
	    nla_put_u8(skb, SFW_CONN_STATE, view->state) ||
	    (view->replied && nla_put_flag(skb, SFW_CONN_REPLIED)) ||
	    (*view->ifname &&
	     nla_put_string(skb, SFW_CONN_INTERFACE, view->ifname)) ||
	    nla_put_u8(skb, SFW_CONN_RULE_DIRECTION, view->rule_direction) ||
	    nla_put_u32(skb, SFW_CONN_RULE_NUMBER, view->rule_number) ||
	    put_figures(skb, view) ||
	    (view->track &&
	     sfw_codec_put_track(skb, view->protocol, view->track))) {
		nla_nest_cancel(skb, nest);
		return -EMSGSIZE;
	}
	nla_nest_end(skb, nest);
	return 0;
}
