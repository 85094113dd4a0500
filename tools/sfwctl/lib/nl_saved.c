// SPDX-License-Identifier: GPL-2.0
/*
 * Saving and restoring connections.
 *
 * Both ways a connection is an SFW_A_CONN with an SFW_CONN_TRACK. Many of them
 * go into one message: a system call for each would cost more than all else.
 */
#include <errno.h>

#include "nl_attr.h"
#include "nl_decode.h"
#include "nl_encode.h"
#include "nl_saved.h"
#include "xalloc.h"

/* Connections in a message, and room for that many. */
#define BATCH		256
#define BATCH_SIZE	(BATCH * 512)

static const u8 conn_types[NL_ATTRS] = {
	[SFW_CONN_TRACK]	= MNL_TYPE_NESTED,
};

static const u8 track_types[NL_ATTRS] = {
	[SFW_TRACK_STANDING]	= MNL_TYPE_U8,
	[SFW_TRACK_PICKED_UP]	= MNL_TYPE_FLAG,
	[SFW_TRACK_LOOPED]	= MNL_TYPE_FLAG,
	[SFW_TRACK_FIRST_FLAGS]	= MNL_TYPE_U8,
	[SFW_TRACK_HOOKS]	= MNL_TYPE_U8,
	[SFW_TRACK_TCP]		= MNL_TYPE_NESTED,
	[SFW_TRACK_SCTP]	= MNL_TYPE_NESTED,
};

static const u8 tcp_types[NL_ATTRS] = {
	[SFW_TRACK_TCP_ORIGINATOR]	= MNL_TYPE_NESTED,
	[SFW_TRACK_TCP_RESPONDER]	= MNL_TYPE_NESTED,
	[SFW_TRACK_TCP_PROBE]		= MNL_TYPE_U32,
	[SFW_TRACK_TCP_PROBE_SCALE]	= MNL_TYPE_U8,
	[SFW_TRACK_TCP_ANSWER_SCALE]	= MNL_TYPE_U8,
};

static const u8 half_types[NL_ATTRS] = {
	[SFW_TRACK_HALF_END]		= MNL_TYPE_U32,
	[SFW_TRACK_HALF_MAX_END]	= MNL_TYPE_U32,
	[SFW_TRACK_HALF_ACK]		= MNL_TYPE_U32,
	[SFW_TRACK_HALF_WINDOW]		= MNL_TYPE_U32,
	[SFW_TRACK_HALF_SCALE]		= MNL_TYPE_U8,
	[SFW_TRACK_HALF_FLAGS]		= MNL_TYPE_U8,
};

static const u8 sctp_types[NL_ATTRS] = {
	[SFW_TRACK_SCTP_TAG_ORIGINATOR]		= MNL_TYPE_U32,
	[SFW_TRACK_SCTP_TAG_RESPONDER]		= MNL_TYPE_U32,
	[SFW_TRACK_SCTP_NEXT_ORIGINATOR]	= MNL_TYPE_U32,
	[SFW_TRACK_SCTP_NEXT_RESPONDER]		= MNL_TYPE_U32,
	[SFW_TRACK_SCTP_AGAIN]			= MNL_TYPE_U8,
};

static int get_half(const struct nlattr *nest, struct sfw_tcp *tcp, int side)
{
	struct sfw_tcp_half *half = &tcp->half[side];
	struct nl_attrs attrs;
	int err;

	if (!nest)
		return -EBADMSG;
	err = nl_attrs_parse(&attrs, nest, half_types);
	if (err)
		return err;
	half->end = nl_get_u32(&attrs, SFW_TRACK_HALF_END);
	half->max_end = nl_get_u32(&attrs, SFW_TRACK_HALF_MAX_END);
	half->ack = nl_get_u32(&attrs, SFW_TRACK_HALF_ACK);
	half->max_win = nl_get_u32(&attrs, SFW_TRACK_HALF_WINDOW);
	tcp->scales |= (nl_get_u8(&attrs, SFW_TRACK_HALF_SCALE) & 0xf) <<
		       4 * side;
	tcp->flags[side] = nl_get_u8(&attrs, SFW_TRACK_HALF_FLAGS);
	return 0;
}

static int get_tcp(const struct nlattr *nest, struct sfw_tcp *tcp)
{
	struct nl_attrs attrs;
	int err;

	if (!nest)
		return -EBADMSG;
	err = nl_attrs_parse(&attrs, nest, tcp_types);
	if (!err)
		err = get_half(attrs.tb[SFW_TRACK_TCP_ORIGINATOR], tcp, 0);
	if (!err)
		err = get_half(attrs.tb[SFW_TRACK_TCP_RESPONDER], tcp, 1);
	if (err)
		return err;
	tcp->probe = nl_get_u32(&attrs, SFW_TRACK_TCP_PROBE);
	tcp->scales |=
		(nl_get_u8(&attrs, SFW_TRACK_TCP_PROBE_SCALE) & 0xf) << 8 |
		(nl_get_u8(&attrs, SFW_TRACK_TCP_ANSWER_SCALE) & 0xf) << 12;
	return 0;
}

static int get_sctp(const struct nlattr *nest, struct sfw_sctp *sctp)
{
	struct nl_attrs attrs;
	int err;

	if (!nest)
		return -EBADMSG;
	err = nl_attrs_parse(&attrs, nest, sctp_types);
	if (err)
		return err;
	sctp->tag[0] = nl_get_u32(&attrs, SFW_TRACK_SCTP_TAG_ORIGINATOR);
	sctp->tag[1] = nl_get_u32(&attrs, SFW_TRACK_SCTP_TAG_RESPONDER);
	sctp->next[0] = nl_get_u32(&attrs, SFW_TRACK_SCTP_NEXT_ORIGINATOR);
	sctp->next[1] = nl_get_u32(&attrs, SFW_TRACK_SCTP_NEXT_RESPONDER);
	sctp->again = nl_get_u8(&attrs, SFW_TRACK_SCTP_AGAIN);
	return sctp->again > 2 ? -EBADMSG : 0;
}

static int get_track(const struct nlmsghdr *nlh, u8 protocol,
		     struct sfw_track *track)
{
	struct nl_attrs attrs;
	int err;

	err = nl_attrs_main(&attrs, nlh);
	if (!err)
		err = nl_attrs_parse(&attrs, attrs.tb[SFW_A_CONN], conn_types);
	if (err)
		return err;
	if (!attrs.tb[SFW_CONN_TRACK])
		return -EBADMSG;
	err = nl_attrs_parse(&attrs, attrs.tb[SFW_CONN_TRACK], track_types);
	if (!err)
		err = nl_get_enum(&attrs, SFW_TRACK_STANDING,
				  SFW_STANDING_STAYS, &track->standing);
	if (err)
		return err;
	track->picked_up = attrs.tb[SFW_TRACK_PICKED_UP];
	track->looped = attrs.tb[SFW_TRACK_LOOPED];
	track->first = nl_get_u8(&attrs, SFW_TRACK_FIRST_FLAGS);
	track->hooks = nl_get_u8(&attrs, SFW_TRACK_HOOKS);
	if (protocol == IPPROTO_TCP)
		return get_tcp(attrs.tb[SFW_TRACK_TCP], &track->tcp);
	if (protocol == IPPROTO_SCTP)
		return get_sctp(attrs.tb[SFW_TRACK_SCTP], &track->sctp);
	return 0;
}

struct stream {
	nl_saved_cb cb;
	void *data;
};

static int saved_cb(const struct nlmsghdr *nlh, void *data)
{
	const struct stream *stream = data;
	struct sfw_saved saved;
	struct nl_conn conn;
	int err;

	memset(&saved, 0, sizeof(saved));
	err = nl_get_conn(nlh, &conn);
	if (!err)
		err = get_track(nlh, conn.protocol, &saved.track);
	if (err)
		return err;
	/* As good as gone. */
	if (!conn.expires_ms)
		return 0;
	saved.src = conn.src;
	saved.dst = conn.dst;
	saved.packets[0] = conn.packets;
	saved.packets[1] = conn.reply_packets;
	saved.bytes[0] = conn.bytes;
	saved.bytes[1] = conn.reply_bytes;
	saved.expires_ms = conn.expires_ms;
	saved.rule = conn.rule_number;
	saved.sport = conn.sport;
	saved.dport = conn.dport;
	saved.icmp_id = conn.icmp_id;
	saved.icmp_type = conn.icmp_type;
	saved.family = conn.family;
	saved.protocol = conn.protocol;
	saved.direction = conn.direction;
	saved.state = conn.state;
	memcpy(saved.ifname, conn.ifname, sizeof(saved.ifname));
	stream->cb(&saved, stream->data);
	return 0;
}

enum rc nl_saved_dump(struct nl *nl, nl_saved_cb cb, void *data, bool *twice)
{
	struct stream stream = { .cb = cb, .data = data };
	struct nlmsghdr *nlh;
	char buf[128];
	int err;

	*twice = false;
	nlh = nl_begin(nl, buf, SFW_CMD_CONN_GET, NLM_F_DUMP);
	mnl_attr_put(nlh, SFW_A_FULL, 0, NULL);
	err = nl_talk(nl, nlh, saved_cb, &stream);
	if (err == -EAGAIN) {
		*twice = true;
		return RC_OK;
	}
	return err ? nl_report(nl, err, NULL) : RC_OK;
}

static void put_half(struct nlmsghdr *nlh, u16 type, const struct sfw_tcp *tcp,
		     int side)
{
	const struct sfw_tcp_half *half = &tcp->half[side];
	struct nlattr *nest = mnl_attr_nest_start(nlh, type);

	mnl_attr_put_u32(nlh, SFW_TRACK_HALF_END, half->end);
	mnl_attr_put_u32(nlh, SFW_TRACK_HALF_MAX_END, half->max_end);
	mnl_attr_put_u32(nlh, SFW_TRACK_HALF_ACK, half->ack);
	mnl_attr_put_u32(nlh, SFW_TRACK_HALF_WINDOW, half->max_win);
	mnl_attr_put_u8(nlh, SFW_TRACK_HALF_SCALE,
			tcp->scales >> 4 * side & 0xf);
	mnl_attr_put_u8(nlh, SFW_TRACK_HALF_FLAGS, tcp->flags[side]);
	mnl_attr_nest_end(nlh, nest);
}

static void put_tcp(struct nlmsghdr *nlh, const struct sfw_tcp *tcp)
{
	struct nlattr *nest = mnl_attr_nest_start(nlh, SFW_TRACK_TCP);

	put_half(nlh, SFW_TRACK_TCP_ORIGINATOR, tcp, 0);
	put_half(nlh, SFW_TRACK_TCP_RESPONDER, tcp, 1);
	mnl_attr_put_u32(nlh, SFW_TRACK_TCP_PROBE, tcp->probe);
	mnl_attr_put_u8(nlh, SFW_TRACK_TCP_PROBE_SCALE, tcp->scales >> 8 & 0xf);
	mnl_attr_put_u8(nlh, SFW_TRACK_TCP_ANSWER_SCALE,
			tcp->scales >> 12 & 0xf);
	mnl_attr_nest_end(nlh, nest);
}

static void put_sctp(struct nlmsghdr *nlh, const struct sfw_sctp *sctp)
{
	struct nlattr *nest = mnl_attr_nest_start(nlh, SFW_TRACK_SCTP);

	mnl_attr_put_u32(nlh, SFW_TRACK_SCTP_TAG_ORIGINATOR, sctp->tag[0]);
	mnl_attr_put_u32(nlh, SFW_TRACK_SCTP_TAG_RESPONDER, sctp->tag[1]);
	mnl_attr_put_u32(nlh, SFW_TRACK_SCTP_NEXT_ORIGINATOR, sctp->next[0]);
	mnl_attr_put_u32(nlh, SFW_TRACK_SCTP_NEXT_RESPONDER, sctp->next[1]);
	mnl_attr_put_u8(nlh, SFW_TRACK_SCTP_AGAIN, sctp->again);
	mnl_attr_nest_end(nlh, nest);
}

static void put_track(struct nlmsghdr *nlh, u8 protocol,
		      const struct sfw_track *track)
{
	struct nlattr *nest = mnl_attr_nest_start(nlh, SFW_CONN_TRACK);

	mnl_attr_put_u8(nlh, SFW_TRACK_STANDING, track->standing);
	mnl_attr_put_u8(nlh, SFW_TRACK_HOOKS, track->hooks);
	if (track->picked_up)
		mnl_attr_put(nlh, SFW_TRACK_PICKED_UP, 0, NULL);
	if (track->looped)
		mnl_attr_put(nlh, SFW_TRACK_LOOPED, 0, NULL);
	if (protocol == IPPROTO_TCP) {
		mnl_attr_put_u8(nlh, SFW_TRACK_FIRST_FLAGS, track->first);
		put_tcp(nlh, &track->tcp);
	} else if (protocol == IPPROTO_SCTP) {
		put_sctp(nlh, &track->sctp);
	}
	mnl_attr_nest_end(nlh, nest);
}

/* The buffer has room for BATCH of them. */
static void put_saved(struct nlmsghdr *nlh, const struct sfw_saved *saved)
{
	struct nlattr *nest = mnl_attr_nest_start(nlh, SFW_A_CONN);

	mnl_attr_put_u8(nlh, SFW_CONN_DIRECTION, saved->direction);
	mnl_attr_put_u8(nlh, SFW_CONN_PROTOCOL, saved->protocol);
	nl_put_address(nlh, BATCH_SIZE, SFW_CONN_SOURCE, saved->family,
		       &saved->src);
	nl_put_address(nlh, BATCH_SIZE, SFW_CONN_DESTINATION, saved->family,
		       &saved->dst);
	if (sfw_packet_has_ports(saved->protocol)) {
		mnl_attr_put_u16(nlh, SFW_CONN_SOURCE_PORT, saved->sport);
		mnl_attr_put_u16(nlh, SFW_CONN_DESTINATION_PORT, saved->dport);
	} else {
		mnl_attr_put_u8(nlh, SFW_CONN_ICMP_TYPE, saved->icmp_type);
		mnl_attr_put_u16(nlh, SFW_CONN_ICMP_ID, saved->icmp_id);
	}
	mnl_attr_put_u8(nlh, SFW_CONN_STATE, saved->state);
	if (*saved->ifname)
		mnl_attr_put_strz(nlh, SFW_CONN_INTERFACE, saved->ifname);
	mnl_attr_put_u8(nlh, SFW_CONN_RULE_DIRECTION, saved->direction);
	mnl_attr_put_u32(nlh, SFW_CONN_RULE_NUMBER, saved->rule);
	mnl_attr_put_u64(nlh, SFW_CONN_PACKETS, saved->packets[0]);
	mnl_attr_put_u64(nlh, SFW_CONN_BYTES, saved->bytes[0]);
	mnl_attr_put_u64(nlh, SFW_CONN_REPLY_PACKETS, saved->packets[1]);
	mnl_attr_put_u64(nlh, SFW_CONN_REPLY_BYTES, saved->bytes[1]);
	mnl_attr_put_u64(nlh, SFW_CONN_EXPIRES_MS, saved->expires_ms);
	put_track(nlh, saved->protocol, &saved->track);
	mnl_attr_nest_end(nlh, nest);
}

struct answer {
	u8 *results;
	u32 n;
	bool there;
};

static int answer_cb(const struct nlmsghdr *nlh, void *data)
{
	struct answer *answer = data;
	const struct nlattr *attr;
	struct nl_attrs attrs;
	int err;

	err = nl_attrs_main(&attrs, nlh);
	if (err)
		return err;
	attr = attrs.tb[SFW_A_RESTORED];
	if (!attr || mnl_attr_get_payload_len(attr) != answer->n)
		return -EBADMSG;
	memcpy(answer->results, mnl_attr_get_payload(attr), answer->n);
	answer->there = true;
	return 0;
}

enum rc nl_saved_restore(struct nl *nl, const struct sfw_saved *saved, u32 n,
			 u8 *results, u32 *done)
{
	char *buf = xcalloc(1, BATCH_SIZE);
	struct nlmsghdr *nlh;
	int err = 0;
	u32 i;

	for (*done = 0; *done < n; *done += i) {
		struct answer answer = { .results = results + *done };

		nlh = nl_begin(nl, buf, SFW_CMD_CONN_RESTORE, NLM_F_ACK);
		for (i = 0; i < BATCH && *done + i < n; i++)
			put_saved(nlh, &saved[*done + i]);
		answer.n = i;
		err = nl_talk(nl, nlh, answer_cb, &answer);
		if (!err && !answer.there)
			err = -EBADMSG;
		if (err)
			break;
	}
	free(buf);
	return err ? nl_report(nl, err, NULL) : RC_OK;
}
