// SPDX-License-Identifier: GPL-2.0
/*
 * Netlink attributes to events.
 *
 * A reason, an end or a change beyond those known here comes from a newer
 * module. There is no name for it, so the event is passed over; nothing is
 * shown as what it is not.
 */
#include <errno.h>
#include <linux/genetlink.h>
#include <stdio.h>

#include "nl_attr.h"
#include "nl_event.h"

static const u8 packet_types[NL_ATTRS] = {
	[SFW_DROPPED_DIRECTION]		= MNL_TYPE_U8,
	[SFW_DROPPED_REASON]		= MNL_TYPE_U8,
	[SFW_DROPPED_ACTION]		= MNL_TYPE_U8,
	[SFW_DROPPED_AUDIT]		= MNL_TYPE_FLAG,
	[SFW_DROPPED_RULE_NUMBER]	= MNL_TYPE_U32,
	[SFW_DROPPED_RULE_DIRECTION]	= MNL_TYPE_U8,
	[SFW_DROPPED_PROTOCOL]		= MNL_TYPE_U8,
	[SFW_DROPPED_SOURCE]		= MNL_TYPE_BINARY,
	[SFW_DROPPED_DESTINATION]	= MNL_TYPE_BINARY,
	[SFW_DROPPED_SOURCE_PORT]	= MNL_TYPE_U16,
	[SFW_DROPPED_DESTINATION_PORT]	= MNL_TYPE_U16,
	[SFW_DROPPED_ICMP_TYPE]		= MNL_TYPE_U8,
	[SFW_DROPPED_ICMP_CODE]		= MNL_TYPE_U8,
	[SFW_DROPPED_ICMP_ID]		= MNL_TYPE_U16,
	[SFW_DROPPED_TCP_FLAGS]		= MNL_TYPE_U8,
	[SFW_DROPPED_LENGTH]		= MNL_TYPE_U32,
	[SFW_DROPPED_INTERFACE]		= MNL_TYPE_NUL_STRING,
};

static int get_ends(const struct nl_attrs *attrs, struct nl_packet *pkt)
{
	u8 family;
	int err;

	if (!attrs->tb[SFW_DROPPED_SOURCE] && !attrs->tb[SFW_DROPPED_DESTINATION])
		return 0;
	if (!attrs->tb[SFW_DROPPED_SOURCE] ||
	    !attrs->tb[SFW_DROPPED_DESTINATION])
		return -EBADMSG;
	err = nl_get_address(attrs->tb[SFW_DROPPED_SOURCE], &pkt->family,
			     &pkt->src);
	if (!err)
		err = nl_get_address(attrs->tb[SFW_DROPPED_DESTINATION],
				     &family, &pkt->dst);
	if (err || family != pkt->family)
		return -EBADMSG;
	return 0;
}

static int get_packet(const struct nlattr *nest, struct nl_packet *pkt)
{
	const struct nlattr *name;
	struct nl_attrs attrs;
	int err;

	if (!nest)
		return -EBADMSG;
	err = nl_attrs_parse(&attrs, nest, packet_types);
	if (!err)
		err = nl_get_enum(&attrs, SFW_DROPPED_DIRECTION,
				  SFW_DIRECTION_OUT, &pkt->direction);
	if (!err)
		err = nl_get_enum(&attrs, SFW_DROPPED_ACTION, SFW_ACTION_REJECT,
				  &pkt->action);
	if (!err)
		err = get_ends(&attrs, pkt);
	if (err)
		return err;
	if (!attrs.tb[SFW_DROPPED_REASON])
		return -EBADMSG;
	pkt->reason = nl_get_u8(&attrs, SFW_DROPPED_REASON);
	if (pkt->reason > SFW_REASON_MAX)
		return -ENOMSG;
	pkt->audit = attrs.tb[SFW_DROPPED_AUDIT];
	pkt->has_rule = attrs.tb[SFW_DROPPED_RULE_NUMBER];
	if (pkt->has_rule) {
		err = nl_get_enum(&attrs, SFW_DROPPED_RULE_DIRECTION,
				  SFW_DIRECTION_OUT, &pkt->rule_direction);
		if (err)
			return err;
	}
	pkt->rule_number = nl_get_u32(&attrs, SFW_DROPPED_RULE_NUMBER);
	pkt->protocol = nl_get_u8(&attrs, SFW_DROPPED_PROTOCOL);
	pkt->has_ports = attrs.tb[SFW_DROPPED_SOURCE_PORT] &&
			 attrs.tb[SFW_DROPPED_DESTINATION_PORT];
	pkt->sport = nl_get_u16(&attrs, SFW_DROPPED_SOURCE_PORT);
	pkt->dport = nl_get_u16(&attrs, SFW_DROPPED_DESTINATION_PORT);
	pkt->has_icmp = attrs.tb[SFW_DROPPED_ICMP_TYPE] &&
			attrs.tb[SFW_DROPPED_ICMP_CODE];
	pkt->icmp_type = nl_get_u8(&attrs, SFW_DROPPED_ICMP_TYPE);
	pkt->icmp_code = nl_get_u8(&attrs, SFW_DROPPED_ICMP_CODE);
	pkt->has_icmp_id = attrs.tb[SFW_DROPPED_ICMP_ID];
	pkt->icmp_id = nl_get_u16(&attrs, SFW_DROPPED_ICMP_ID);
	pkt->has_flags = attrs.tb[SFW_DROPPED_TCP_FLAGS];
	pkt->tcp_flags = nl_get_u8(&attrs, SFW_DROPPED_TCP_FLAGS);
	pkt->length = nl_get_u32(&attrs, SFW_DROPPED_LENGTH);
	name = attrs.tb[SFW_DROPPED_INTERFACE];
	if (name)
		snprintf(pkt->ifname, sizeof(pkt->ifname), "%s",
			 mnl_attr_get_str(name));
	return 0;
}

static int get_change(const struct nl_attrs *attrs, struct nl_event *event)
{
	if (!attrs->tb[SFW_A_CHANGE])
		return -EBADMSG;
	event->change = nl_get_u8(attrs, SFW_A_CHANGE);
	if (event->change > SFW_CHANGE_MAX)
		return -ENOMSG;
	event->portid = nl_get_u32(attrs, SFW_A_PORTID);
	event->confirm_ms = nl_get_u32(attrs, SFW_A_CONFIRM_MS);
	event->loaded = attrs->tb[SFW_A_MODE];
	if (!event->loaded)
		return 0;
	event->audit = nl_get_u8(attrs, SFW_A_AUDIT);
	event->rules[SFW_DIRECTION_IN] = nl_get_u32(attrs, SFW_A_RULES_IN);
	event->rules[SFW_DIRECTION_OUT] = nl_get_u32(attrs, SFW_A_RULES_OUT);
	return nl_get_enum(attrs, SFW_A_MODE, SFW_MODE_STATELESS, &event->mode);
}

static int get_conn(const struct nl_attrs *attrs, struct nl_event *event)
{
	int err = nl_get_conn_nest(attrs->tb[SFW_A_CONN], &event->conn);

	if (err || event->kind == NL_EVENT_CONN_NEW)
		return err;
	if (!attrs->tb[SFW_A_END])
		return -EBADMSG;
	event->end = nl_get_u8(attrs, SFW_A_END);
	return event->end > SFW_END_MAX ? -ENOMSG : 0;
}

int nl_get_event(const struct nlmsghdr *nlh, struct nl_event *event)
{
	const struct genlmsghdr *genl = mnl_nlmsg_get_payload(nlh);
	struct nl_attrs attrs;
	int err;

	memset(event, 0, sizeof(*event));
	err = nl_attrs_main(&attrs, nlh);
	if (err)
		return err;
	event->seq = nlh->nlmsg_seq;
	event->time_ns = nl_get_u64(&attrs, SFW_A_TIME);
	event->generation = nl_get_u32(&attrs, SFW_A_GENERATION);
	switch (genl->cmd) {
	case SFW_CMD_DROP_EVENT:
		event->kind = NL_EVENT_DROP;
		return get_packet(attrs.tb[SFW_A_DROPPED], &event->packet);
	case SFW_CMD_CONN_NEW_EVENT:
		event->kind = NL_EVENT_CONN_NEW;
		return get_conn(&attrs, event);
	case SFW_CMD_CONN_END_EVENT:
		event->kind = NL_EVENT_CONN_END;
		return get_conn(&attrs, event);
	case SFW_CMD_CHANGE_EVENT:
		event->kind = NL_EVENT_CHANGE;
		return get_change(&attrs, event);
	case SFW_CMD_LOST_EVENT:
		event->kind = NL_EVENT_LOST;
		event->lost = nl_get_u64(&attrs, SFW_A_COUNT);
		return nl_get_enum(&attrs, SFW_A_GROUP, SFW_GROUP_MAX,
				   &event->group);
	}
	return -ENOMSG;
}

u8 nl_event_group(const struct nl_event *event)
{
	switch (event->kind) {
	case NL_EVENT_DROP:
		return SFW_GROUP_DROPS;
	case NL_EVENT_CONN_NEW:
	case NL_EVENT_CONN_END:
		return SFW_GROUP_CONNS;
	case NL_EVENT_CHANGE:
		return SFW_GROUP_RULES;
	case NL_EVENT_LOST:
		break;
	}
	return event->group;
}

bool nl_event_subject(const struct nl_event *event, struct nl_subject *s)
{
	const struct nl_packet *pkt = &event->packet;
	const struct nl_conn *conn = &event->conn;

	switch (event->kind) {
	case NL_EVENT_DROP:
		*s = (struct nl_subject){
			.src = pkt->src,
			.dst = pkt->dst,
			.rule_number = pkt->rule_number,
			.rule_direction = pkt->rule_direction,
			.has_rule = pkt->has_rule,
			.sport = pkt->sport,
			.dport = pkt->dport,
			.has_ports = pkt->has_ports,
			.family = pkt->family,
			.protocol = pkt->protocol,
			.direction = pkt->direction,
			.reason = pkt->reason,
			.has_reason = true,
			.ifname = pkt->ifname,
		};
		return true;
	case NL_EVENT_CONN_NEW:
	case NL_EVENT_CONN_END:
		*s = (struct nl_subject){
			.src = conn->src,
			.dst = conn->dst,
			.rule_number = conn->rule_number,
			.rule_direction = conn->rule_direction,
			.has_rule = true,
			.sport = conn->sport,
			.dport = conn->dport,
			.has_ports = conn->has_ports,
			.family = conn->family,
			.protocol = conn->protocol,
			.direction = conn->direction,
			.state = conn->state,
			.has_state = true,
			.ifname = conn->ifname,
		};
		return true;
	case NL_EVENT_CHANGE:
	case NL_EVENT_LOST:
		break;
	}
	return false;
}
