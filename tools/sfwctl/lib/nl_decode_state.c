// SPDX-License-Identifier: GPL-2.0
/*
 * Netlink attributes to the status of a namespace, its figures, and
 * connections.
 *
 * A state or a reason beyond those known here comes from a newer module; it is
 * left out rather than made an error, the totals still count it.
 */
#include <linux/genetlink.h>
#include <stdio.h>

#include "nl_attr.h"
#include "nl_decode.h"
#include "nl_staged.h"

static const u8 default_types[NL_ATTRS] = {
	[SFW_DEFAULT_ACTION]	= MNL_TYPE_U8,
	[SFW_DEFAULT_LOG]	= MNL_TYPE_FLAG,
	[SFW_DEFAULT_COUNTERS]	= MNL_TYPE_NESTED,
};

static const u8 option_types[NL_ATTRS] = {
	[SFW_OPTION_MAX_CONNECTIONS]	= MNL_TYPE_U32,
	[SFW_OPTION_TCP_PICKUP]		= MNL_TYPE_U8,
	[SFW_OPTION_TCP_LIBERAL]	= MNL_TYPE_U8,
	[SFW_OPTION_CHECKSUM]		= MNL_TYPE_U8,
	[SFW_OPTION_LOOPBACK_FILTER]	= MNL_TYPE_U8,
	[SFW_OPTION_ND_FILTER]		= MNL_TYPE_U8,
	[SFW_OPTION_KEEP_CONNECTIONS]	= MNL_TYPE_U8,
	[SFW_OPTION_TIMEOUT]		= MNL_TYPE_NESTED,
};

/* Attributes of the set "timeout"; its last one is SFW_TIMEOUT_SECONDS. */
static const u8 timeout_types[NL_ATTRS] = {
	[SFW_TIMEOUT_STATE]	= MNL_TYPE_U8,
	[SFW_TIMEOUT_SECONDS]	= MNL_TYPE_U32,
};

static const u8 drop_types[NL_ATTRS] = {
	[SFW_DROP_DIRECTION]	= MNL_TYPE_U8,
	[SFW_DROP_REASON]	= MNL_TYPE_U8,
	[SFW_DROP_PACKETS]	= MNL_TYPE_U64,
};

static const u8 stats_types[NL_ATTRS] = {
	[SFW_STATS_PACKETS]	= MNL_TYPE_U64,
	[SFW_STATS_ALLOWED]	= MNL_TYPE_U64,
	[SFW_STATS_DROPPED]	= MNL_TYPE_U64,
	[SFW_STATS_DROP]	= MNL_TYPE_NESTED,
	[SFW_STATS_ENTRIES]	= MNL_TYPE_U32,
	[SFW_STATS_MAX_ENTRIES]	= MNL_TYPE_U32,
	[SFW_STATS_CREATED]	= MNL_TYPE_U64,
	[SFW_STATS_EVICTED]	= MNL_TYPE_U64,
	[SFW_STATS_REFUSED]	= MNL_TYPE_U64,
	[SFW_STATS_EXPIRED]	= MNL_TYPE_U64,
	[SFW_STATS_EVENTS_LOST]	= MNL_TYPE_U64,
};

static const u8 compiled_types[NL_ATTRS] = {
	[SFW_COMPILED_STEPS]	= MNL_TYPE_U32,
	[SFW_COMPILED_TESTS]	= MNL_TYPE_U32,
	[SFW_COMPILED_LONG_LEAVES] = MNL_TYPE_U32,
	[SFW_COMPILED_CHANGES]	= MNL_TYPE_U32,
	[SFW_COMPILED_BYTES]	= MNL_TYPE_U64,
};

static int get_compiled(const struct nlattr *nest, struct nl_compiled *compiled)
{
	struct nl_attrs attrs;
	int err;

	if (!nest)
		return -EBADMSG;
	err = nl_attrs_parse(&attrs, nest, compiled_types);
	if (err)
		return err;
	compiled->steps = nl_get_u32(&attrs, SFW_COMPILED_STEPS);
	compiled->tests = nl_get_u32(&attrs, SFW_COMPILED_TESTS);
	compiled->long_leaves = nl_get_u32(&attrs, SFW_COMPILED_LONG_LEAVES);
	compiled->changes = nl_get_u32(&attrs, SFW_COMPILED_CHANGES);
	compiled->bytes = nl_get_u64(&attrs, SFW_COMPILED_BYTES);
	return 0;
}

static int get_default(const struct nlattr *nest, struct ruleset_default *def)
{
	struct nl_attrs attrs;
	int err;

	if (!nest)
		return -EBADMSG;
	err = nl_attrs_parse(&attrs, nest, default_types);
	if (err)
		return err;
	def->log = attrs.tb[SFW_DEFAULT_LOG];
	err = nl_get_enum(&attrs, SFW_DEFAULT_ACTION, SFW_ACTION_REJECT,
			  &def->action);
	if (err)
		return err;
	return nl_get_counters(attrs.tb[SFW_DEFAULT_COUNTERS], &def->counters);
}

static int get_timeouts(const struct nlattr *nest, struct sfw_options *opt)
{
	const struct nlattr *attr;
	struct nl_attrs attrs;
	int err;

	mnl_attr_for_each_nested(attr, nest) {
		u8 state;

		if (mnl_attr_get_type(attr) != SFW_OPTION_TIMEOUT)
			continue;
		err = nl_attrs_parse(&attrs, attr, timeout_types);
		if (err)
			return err;
		if (!attrs.tb[SFW_TIMEOUT_STATE] ||
		    !attrs.tb[SFW_TIMEOUT_SECONDS])
			return -EBADMSG;
		/* A state this sfwctl does not know has no place to stand. */
		state = nl_get_u8(&attrs, SFW_TIMEOUT_STATE);
		if (state > SFW_STATE_MAX)
			continue;
		opt->timeout[state] = nl_get_u32(&attrs, SFW_TIMEOUT_SECONDS);
		opt->named_timeouts |= BIT(state);
	}
	return 0;
}

static int get_options(const struct nlattr *nest, struct sfw_options *opt)
{
	const struct {
		u16 type;
		u32 bit;
		bool *value;
	} switches[] = {
		{ SFW_OPTION_TCP_PICKUP, SFW_OPT_TCP_PICKUP, &opt->tcp_pickup },
		{ SFW_OPTION_TCP_LIBERAL, SFW_OPT_TCP_LIBERAL,
		  &opt->tcp_liberal },
		{ SFW_OPTION_CHECKSUM, SFW_OPT_CHECKSUM, &opt->checksum },
		{ SFW_OPTION_LOOPBACK_FILTER, SFW_OPT_LOOPBACK,
		  &opt->loopback_filter },
		{ SFW_OPTION_ND_FILTER, SFW_OPT_ND, &opt->nd_filter },
		{ SFW_OPTION_KEEP_CONNECTIONS, SFW_OPT_KEEP,
		  &opt->keep_connections },
	};
	struct nl_attrs attrs;
	size_t i;
	int err;

	sfw_option_defaults(opt);
	if (!nest)
		return 0;
	err = nl_attrs_parse(&attrs, nest, option_types);
	if (err)
		return err;
	if (attrs.tb[SFW_OPTION_MAX_CONNECTIONS]) {
		opt->max_connections = nl_get_u32(&attrs,
						  SFW_OPTION_MAX_CONNECTIONS);
		opt->named |= SFW_OPT_MAX_CONNECTIONS;
	}
	for (i = 0; i < ARRAY_SIZE(switches); i++) {
		if (!attrs.tb[switches[i].type])
			continue;
		*switches[i].value = nl_get_u8(&attrs, switches[i].type);
		opt->named |= switches[i].bit;
	}
	return get_timeouts(nest, opt);
}

static int get_drops(const struct nlattr *nest, struct nl_stats *stats)
{
	const struct nlattr *attr;
	struct nl_attrs attrs;
	u8 direction, reason;
	int err;

	mnl_attr_for_each_nested(attr, nest) {
		if (mnl_attr_get_type(attr) != SFW_STATS_DROP)
			continue;
		err = nl_attrs_parse(&attrs, attr, drop_types);
		if (!err)
			err = nl_get_enum(&attrs, SFW_DROP_DIRECTION,
					  SFW_DIRECTION_OUT, &direction);
		if (err)
			return err;
		if (!attrs.tb[SFW_DROP_REASON])
			return -EBADMSG;
		reason = nl_get_u8(&attrs, SFW_DROP_REASON);
		if (reason > SFW_REASON_MAX)
			continue;
		stats->drop[direction][reason] = nl_get_u64(&attrs,
							    SFW_DROP_PACKETS);
	}
	return 0;
}

static int get_stats(const struct nlattr *nest, struct nl_stats *stats)
{
	struct nl_attrs attrs;
	int err;

	if (!nest)
		return 0;
	err = nl_attrs_parse(&attrs, nest, stats_types);
	if (err)
		return err;
	stats->packets = nl_get_u64(&attrs, SFW_STATS_PACKETS);
	stats->allowed = nl_get_u64(&attrs, SFW_STATS_ALLOWED);
	stats->dropped = nl_get_u64(&attrs, SFW_STATS_DROPPED);
	stats->entries = nl_get_u32(&attrs, SFW_STATS_ENTRIES);
	stats->max = nl_get_u32(&attrs, SFW_STATS_MAX_ENTRIES);
	stats->created = nl_get_u64(&attrs, SFW_STATS_CREATED);
	stats->evicted = nl_get_u64(&attrs, SFW_STATS_EVICTED);
	stats->refused = nl_get_u64(&attrs, SFW_STATS_REFUSED);
	stats->expired = nl_get_u64(&attrs, SFW_STATS_EXPIRED);
	stats->events_lost = nl_get_u64(&attrs, SFW_STATS_EVENTS_LOST);
	return get_drops(nest, stats);
}

int nl_get_status(const struct nlmsghdr *nlh, struct nl_status *status)
{
	struct nl_attrs attrs;
	int err;

	memset(status, 0, sizeof(*status));
	err = nl_attrs_main(&attrs, nlh);
	if (err)
		return err;
	status->generation = nl_get_u32(&attrs, SFW_A_GENERATION);
	err = get_stats(attrs.tb[SFW_A_STATS], &status->stats);
	if (err)
		return err;
	status->confirm_ms = nl_get_u32(&attrs, SFW_A_CONFIRM_MS);
	status->reverted = nl_get_u32(&attrs, SFW_A_REVERTED);
	status->has_rollback = attrs.tb[SFW_A_ROLLBACK_GENERATION];
	status->rollback_generation = nl_get_u32(&attrs,
						 SFW_A_ROLLBACK_GENERATION);
	err = nl_get_staging(attrs.tb[SFW_A_STAGING], &status->staging);
	if (err)
		return err;
	status->loaded = attrs.tb[SFW_A_MODE];
	if (!status->loaded)
		return 0;

	status->audit = nl_get_u8(&attrs, SFW_A_AUDIT);
	status->age_ms = nl_get_u64(&attrs, SFW_A_AGE_MS);
	status->rules[SFW_DIRECTION_IN] = nl_get_u32(&attrs, SFW_A_RULES_IN);
	status->rules[SFW_DIRECTION_OUT] = nl_get_u32(&attrs, SFW_A_RULES_OUT);
	err = nl_get_enum(&attrs, SFW_A_MODE, SFW_MODE_STATELESS, &status->mode);
	if (!err)
		err = get_default(attrs.tb[SFW_A_DEFAULT_IN],
				  &status->def[SFW_DIRECTION_IN]);
	if (!err)
		err = get_default(attrs.tb[SFW_A_DEFAULT_OUT],
				  &status->def[SFW_DIRECTION_OUT]);
	if (!err)
		err = get_options(attrs.tb[SFW_A_OPTIONS], &status->options);
	if (!err)
		err = get_options(attrs.tb[SFW_A_EFFECTIVE],
				  &status->effective);
	if (!err)
		err = get_compiled(attrs.tb[SFW_A_COMPILED_IN],
				   &status->compiled[SFW_DIRECTION_IN]);
	if (!err)
		err = get_compiled(attrs.tb[SFW_A_COMPILED_OUT],
				   &status->compiled[SFW_DIRECTION_OUT]);
	return err;
}

int nl_get_generation(const struct nlmsghdr *nlh, u32 *generation)
{
	struct nl_attrs attrs;
	int err;

	err = nl_attrs_main(&attrs, nlh);
	if (err)
		return err;
	if (!attrs.tb[SFW_A_GENERATION])
		return -EBADMSG;
	*generation = nl_get_u32(&attrs, SFW_A_GENERATION);
	return 0;
}

int nl_get_count(const struct nlmsghdr *nlh, u64 *count)
{
	struct nl_attrs attrs;
	int err;

	err = nl_attrs_main(&attrs, nlh);
	if (err)
		return err;
	if (!attrs.tb[SFW_A_COUNT])
		return -EBADMSG;
	*count = nl_get_u64(&attrs, SFW_A_COUNT);
	return 0;
}

/* A number of just this size? */
static bool take(const struct nlattr *attr, void *to, size_t size)
{
	if (mnl_attr_get_payload_len(attr) != size)
		return false;
	memcpy(to, mnl_attr_get_payload(attr), size);
	return true;
}

static bool take_name(const struct nlattr *attr, char *name, size_t size)
{
	size_t len = mnl_attr_get_payload_len(attr);
	const char *text = mnl_attr_get_payload(attr);

	if (!len || text[len - 1])
		return false;
	if (len > size)
		len = size;
	memcpy(name, text, len - 1);
	name[len - 1] = '\0';
	return true;
}

/* What a connection has to have, and what only some have. */
enum {
	HAS_SOURCE = BIT(0),
	HAS_DESTINATION = BIT(1),
	HAS_PROTOCOL = BIT(2),
	HAS_DIRECTION = BIT(3),
	HAS_RULE_DIRECTION = BIT(4),
	HAS_ALL = BIT(5) - 1,
	HAS_PORTS = BIT(5) | BIT(6),
	HAS_ICMP = BIT(7) | BIT(8),
};

/* One attribute of a connection; *has notes it. Unknown ones are passed over. */
static bool take_attr(const struct nlattr *attr, struct nl_conn *conn,
		      u8 family[2], u32 *has)
{
	switch (mnl_attr_get_type(attr)) {
	case SFW_CONN_DIRECTION:
		*has |= HAS_DIRECTION;
		return take(attr, &conn->direction, 1);
	case SFW_CONN_PROTOCOL:
		*has |= HAS_PROTOCOL;
		return take(attr, &conn->protocol, 1);
	case SFW_CONN_SOURCE:
		*has |= HAS_SOURCE;
		return !nl_get_address(attr, &family[0], &conn->src);
	case SFW_CONN_DESTINATION:
		*has |= HAS_DESTINATION;
		return !nl_get_address(attr, &family[1], &conn->dst);
	case SFW_CONN_SOURCE_PORT:
		*has |= BIT(5);
		return take(attr, &conn->sport, 2);
	case SFW_CONN_DESTINATION_PORT:
		*has |= BIT(6);
		return take(attr, &conn->dport, 2);
	case SFW_CONN_ICMP_TYPE:
		*has |= BIT(7);
		return take(attr, &conn->icmp_type, 1);
	case SFW_CONN_ICMP_ID:
		*has |= BIT(8);
		return take(attr, &conn->icmp_id, 2);
	case SFW_CONN_TUNNEL_ID:
		conn->has_tunnel_id[0] = true;
		return take(attr, &conn->tunnel_id[0], 4);
	case SFW_CONN_REPLY_TUNNEL_ID:
		conn->has_tunnel_id[1] = true;
		return take(attr, &conn->tunnel_id[1], 4);
	case SFW_CONN_STATE:
		return take(attr, &conn->state, 1);
	case SFW_CONN_REPLIED:
		conn->replied = true;
		return true;
	case SFW_CONN_INTERFACE:
		return take_name(attr, conn->ifname, sizeof(conn->ifname));
	case SFW_CONN_RULE_DIRECTION:
		*has |= HAS_RULE_DIRECTION;
		return take(attr, &conn->rule_direction, 1);
	case SFW_CONN_RULE_NUMBER:
		return take(attr, &conn->rule_number, 4);
	case SFW_CONN_PACKETS:
		return take(attr, &conn->packets, 8);
	case SFW_CONN_BYTES:
		return take(attr, &conn->bytes, 8);
	case SFW_CONN_REPLY_PACKETS:
		return take(attr, &conn->reply_packets, 8);
	case SFW_CONN_REPLY_BYTES:
		return take(attr, &conn->reply_bytes, 8);
	case SFW_CONN_EXPIRES_MS:
		return take(attr, &conn->expires_ms, 8);
	}
	return true;
}

/* The connection in a message, NULL if there is none. */
static const struct nlattr *find_conn(const struct nlmsghdr *nlh)
{
	const struct nlattr *attr;

	/* As nl_attrs_main(): libmnl rounds the end of a message up. */
	if (nlh->nlmsg_len % MNL_ALIGNTO)
		return NULL;
	mnl_attr_for_each(attr, nlh, sizeof(struct genlmsghdr))
		if (mnl_attr_get_type(attr) == SFW_A_CONN)
			return attr;
	return NULL;
}

int nl_get_conn(const struct nlmsghdr *nlh, struct nl_conn *conn)
{
	return nl_get_conn_nest(find_conn(nlh), conn);
}

/* Read in one go and not by a table of attributes, as all else is: a million
 * of them come in a row.
 */
int nl_get_conn_nest(const struct nlattr *nest, struct nl_conn *conn)
{
	const struct nlattr *attr;
	u8 family[2] = { 0, 0 };
	u32 has = 0;

	memset(conn, 0, sizeof(*conn));
	if (!nest)
		return -EBADMSG;
	mnl_attr_for_each_nested(attr, nest)
		if (!take_attr(attr, conn, family, &has))
			return -EBADMSG;
	if ((has & HAS_ALL) != HAS_ALL || family[0] != family[1] ||
	    conn->direction > SFW_DIRECTION_OUT ||
	    conn->rule_direction > SFW_DIRECTION_OUT)
		return -EBADMSG;
	conn->family = family[0];
	conn->has_ports = (has & HAS_PORTS) == HAS_PORTS;
	conn->has_icmp = (has & HAS_ICMP) == HAS_ICMP;
	return 0;
}
