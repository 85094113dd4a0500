// SPDX-License-Identifier: GPL-2.0
/*
 * Connections that are saved and restored, as netlink attributes.
 *
 * A saved connection is what conn-get shows of any, and a nest SFW_CONN_TRACK
 * more. The policy bounds single values; whether they go together is asked of
 * saved.c. What a message leaves out is zero, unless no connection can be
 * without it.
 *
 * Synchronisation: as in codec.c.
 */
#include <net/netlink.h>

#include "codec.h"
#include "netlink/policy.h"

/* Places in struct sfw_tcp.scales */
#define PROBE_SHIFT	8
#define ANSWER_SHIFT	12

static int put_half(struct sk_buff *skb, int attr, const struct sfw_tcp *tcp,
		    int side)
{
	const struct sfw_tcp_half *half = &tcp->half[side];
	struct nlattr *nest = nla_nest_start(skb, attr);

	if (!nest)
		return -EMSGSIZE;
	if (nla_put_u32(skb, SFW_TRACK_HALF_END, half->end) ||
	    nla_put_u32(skb, SFW_TRACK_HALF_MAX_END, half->max_end) ||
	    nla_put_u32(skb, SFW_TRACK_HALF_ACK, half->ack) ||
	    nla_put_u32(skb, SFW_TRACK_HALF_WINDOW, half->max_win) ||
	    nla_put_u8(skb, SFW_TRACK_HALF_SCALE,
		       tcp->scales >> (4 * side) & 0xf) ||
	    nla_put_u8(skb, SFW_TRACK_HALF_FLAGS, tcp->flags[side]))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int put_tcp(struct sk_buff *skb, const struct sfw_tcp *tcp)
{
	struct nlattr *nest = nla_nest_start(skb, SFW_TRACK_TCP);

	if (!nest)
		return -EMSGSIZE;
	if (put_half(skb, SFW_TRACK_TCP_ORIGINATOR, tcp, 0) ||
	    put_half(skb, SFW_TRACK_TCP_RESPONDER, tcp, 1) ||
	    nla_put_u32(skb, SFW_TRACK_TCP_PROBE, tcp->probe) ||
	    nla_put_u8(skb, SFW_TRACK_TCP_PROBE_SCALE,
		       tcp->scales >> PROBE_SHIFT & 0xf) ||
	    nla_put_u8(skb, SFW_TRACK_TCP_ANSWER_SCALE,
		       tcp->scales >> ANSWER_SHIFT & 0xf))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int put_sctp(struct sk_buff *skb, const struct sfw_sctp *sctp)
{
	struct nlattr *nest = nla_nest_start(skb, SFW_TRACK_SCTP);

	if (!nest)
		return -EMSGSIZE;
	if (nla_put_u32(skb, SFW_TRACK_SCTP_TAG_ORIGINATOR, sctp->tag[0]) ||
	    nla_put_u32(skb, SFW_TRACK_SCTP_TAG_RESPONDER, sctp->tag[1]) ||
	    nla_put_u32(skb, SFW_TRACK_SCTP_NEXT_ORIGINATOR, sctp->next[0]) ||
	    nla_put_u32(skb, SFW_TRACK_SCTP_NEXT_RESPONDER, sctp->next[1]) ||
	    nla_put_u8(skb, SFW_TRACK_SCTP_AGAIN, sctp->again))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

/**
 * sfw_codec_put_track() - write what a connection is followed by
 * @skb: message; gets one SFW_CONN_TRACK
 * @protocol: of the connection
 * @track: what it is
 *
 * Context: any.
 * Return: 0; -EMSGSIZE, and the caller drops the nest around it.
 */
int sfw_codec_put_track(struct sk_buff *skb, u8 protocol,
			const struct sfw_track *track)
{
	struct nlattr *nest = nla_nest_start(skb, SFW_CONN_TRACK);

	if (!nest)
		return -EMSGSIZE;
	if (nla_put_u8(skb, SFW_TRACK_STANDING, track->standing) ||
	    nla_put_u8(skb, SFW_TRACK_HOOKS, track->hooks) ||
	    (track->picked_up && nla_put_flag(skb, SFW_TRACK_PICKED_UP)) ||
	    (track->looped && nla_put_flag(skb, SFW_TRACK_LOOPED)))
		return -EMSGSIZE;
	if (protocol == IPPROTO_TCP &&
	    (nla_put_u8(skb, SFW_TRACK_FIRST_FLAGS, track->first) ||
	     put_tcp(skb, &track->tcp)))
		return -EMSGSIZE;
	if (protocol == IPPROTO_SCTP && put_sctp(skb, &track->sctp))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static u8 get_u8(const struct nlattr *nla)
{
	return nla ? nla_get_u8(nla) : 0;
}

static u32 get_u32(const struct nlattr *nla)
{
	return nla ? nla_get_u32(nla) : 0;
}

static u64 get_u64(const struct nlattr *nla)
{
	return nla ? nla_get_u64(nla) : 0;
}

static int get_half(const struct nlattr *nla, struct sfw_tcp *tcp, int side,
		    struct netlink_ext_ack *extack)
{
	struct nlattr *tb[SFW_TRACK_HALF_FLAGS + 1];
	struct sfw_tcp_half *half = &tcp->half[side];
	int err;

	if (!nla)
		return 0;
	err = nla_parse_nested(tb, SFW_TRACK_HALF_FLAGS, nla,
			       sfw_track_half_nl_policy, extack);
	if (err)
		return err;
	half->end = get_u32(tb[SFW_TRACK_HALF_END]);
	half->max_end = get_u32(tb[SFW_TRACK_HALF_MAX_END]);
	half->ack = get_u32(tb[SFW_TRACK_HALF_ACK]);
	half->max_win = get_u32(tb[SFW_TRACK_HALF_WINDOW]);
	tcp->scales |= get_u8(tb[SFW_TRACK_HALF_SCALE]) << (4 * side);
	tcp->flags[side] = get_u8(tb[SFW_TRACK_HALF_FLAGS]);
	return 0;
}

static int get_tcp(const struct nlattr *nla, struct sfw_tcp *tcp,
		   struct netlink_ext_ack *extack)
{
	struct nlattr *tb[SFW_TRACK_TCP_ANSWER_SCALE + 1];
	int err;

	err = nla_parse_nested(tb, SFW_TRACK_TCP_ANSWER_SCALE, nla,
			       sfw_track_tcp_nl_policy, extack);
	if (!err)
		err = get_half(tb[SFW_TRACK_TCP_ORIGINATOR], tcp, 0, extack);
	if (!err)
		err = get_half(tb[SFW_TRACK_TCP_RESPONDER], tcp, 1, extack);
	if (err)
		return err;
	tcp->probe = get_u32(tb[SFW_TRACK_TCP_PROBE]);
	tcp->scales |= get_u8(tb[SFW_TRACK_TCP_PROBE_SCALE]) << PROBE_SHIFT |
		       get_u8(tb[SFW_TRACK_TCP_ANSWER_SCALE]) << ANSWER_SHIFT;
	return 0;
}

static int get_sctp(const struct nlattr *nla, struct sfw_sctp *sctp,
		    struct netlink_ext_ack *extack)
{
	struct nlattr *tb[SFW_TRACK_SCTP_AGAIN + 1];
	int err;

	err = nla_parse_nested(tb, SFW_TRACK_SCTP_AGAIN, nla,
			       sfw_track_sctp_nl_policy, extack);
	if (err)
		return err;
	sctp->tag[0] = get_u32(tb[SFW_TRACK_SCTP_TAG_ORIGINATOR]);
	sctp->tag[1] = get_u32(tb[SFW_TRACK_SCTP_TAG_RESPONDER]);
	sctp->next[0] = get_u32(tb[SFW_TRACK_SCTP_NEXT_ORIGINATOR]);
	sctp->next[1] = get_u32(tb[SFW_TRACK_SCTP_NEXT_RESPONDER]);
	sctp->again = get_u8(tb[SFW_TRACK_SCTP_AGAIN]);
	return 0;
}

static int get_track(const struct nlattr *nla, u8 protocol,
		     struct sfw_track *track, struct netlink_ext_ack *extack)
{
	bool tcp = protocol == IPPROTO_TCP, sctp = protocol == IPPROTO_SCTP;
	struct nlattr *tb[SFW_TRACK_SCTP + 1];
	int err;

	err = nla_parse_nested(tb, SFW_TRACK_SCTP, nla, sfw_track_nl_policy,
			       extack);
	if (err)
		return err;
	track->standing = get_u8(tb[SFW_TRACK_STANDING]);
	track->hooks = get_u8(tb[SFW_TRACK_HOOKS]);
	track->picked_up = tb[SFW_TRACK_PICKED_UP];
	track->looped = tb[SFW_TRACK_LOOPED];
	track->first = get_u8(tb[SFW_TRACK_FIRST_FLAGS]);
	if (!tb[SFW_TRACK_TCP] == tcp || !tb[SFW_TRACK_SCTP] == sctp)
		return sfw_codec_refuse(extack, nla,
					"a connection of TCP is tracked by tcp, one of SCTP by sctp, and no other by either");
	if (tb[SFW_TRACK_TCP])
		return get_tcp(tb[SFW_TRACK_TCP], &track->tcp, extack);
	if (tb[SFW_TRACK_SCTP])
		return get_sctp(tb[SFW_TRACK_SCTP], &track->sctp, extack);
	return 0;
}

static int get_ends(const struct nlattr *nla, struct nlattr **tb,
		    struct sfw_saved *saved, struct netlink_ext_ack *extack)
{
	bool ports = tb[SFW_CONN_SOURCE_PORT] && tb[SFW_CONN_DESTINATION_PORT];

	if (!tb[SFW_CONN_SOURCE] || !tb[SFW_CONN_DESTINATION] ||
	    !tb[SFW_CONN_PROTOCOL] || !tb[SFW_CONN_DIRECTION] ||
	    !tb[SFW_CONN_STATE] || !tb[SFW_CONN_TRACK])
		return sfw_codec_refuse(extack, nla,
					"a connection needs source, destination, protocol, direction, state and track");
	saved->family = sfw_codec_read_addr(tb[SFW_CONN_SOURCE], &saved->src);
	if (!saved->family)
		return sfw_codec_refuse(extack, tb[SFW_CONN_SOURCE],
					"an address has 4 or 16 bytes");
	if (sfw_codec_read_addr(tb[SFW_CONN_DESTINATION], &saved->dst) !=
	    saved->family)
		return sfw_codec_refuse(extack, tb[SFW_CONN_DESTINATION],
					"both addresses are of one family");
	saved->protocol = nla_get_u8(tb[SFW_CONN_PROTOCOL]);
	if (ports != sfw_packet_has_ports(saved->protocol))
		return sfw_codec_refuse(extack, tb[SFW_CONN_PROTOCOL],
					"tcp, udp, udplite, sctp and dccp have two ports, no other has");
	if (ports) {
		saved->sport = nla_get_u16(tb[SFW_CONN_SOURCE_PORT]);
		saved->dport = nla_get_u16(tb[SFW_CONN_DESTINATION_PORT]);
	}
	if (tb[SFW_CONN_ICMP_TYPE])
		saved->icmp_type = nla_get_u8(tb[SFW_CONN_ICMP_TYPE]);
	if (tb[SFW_CONN_ICMP_ID])
		saved->icmp_id = nla_get_u16(tb[SFW_CONN_ICMP_ID]);
	return 0;
}

/**
 * sfw_codec_get_saved() - read a connection that is to be restored
 * @nla: SFW_A_CONN
 * @saved: filled in, and valid as sfw_saved_check() understands it
 * @extack: for the reason of a refusal
 *
 * Context: any.
 * Return: 0 or -EINVAL.
 */
int sfw_codec_get_saved(const struct nlattr *nla, struct sfw_saved *saved,
			struct netlink_ext_ack *extack)
{
	struct nlattr *tb[SFW_CONN_MAX + 1];
	const char *field, *why;
	int err;

	memset(saved, 0, sizeof(*saved));
	err = nla_parse_nested(tb, SFW_CONN_MAX, nla, sfw_conn_nl_policy,
			       extack);
	if (!err)
		err = get_ends(nla, tb, saved, extack);
	if (err)
		return err;
	saved->direction = nla_get_u8(tb[SFW_CONN_DIRECTION]);
	saved->state = nla_get_u8(tb[SFW_CONN_STATE]);
	if (tb[SFW_CONN_RULE_DIRECTION] &&
	    nla_get_u8(tb[SFW_CONN_RULE_DIRECTION]) != saved->direction)
		return sfw_codec_refuse(extack, tb[SFW_CONN_RULE_DIRECTION],
					"a connection is made by a rule of its own direction");
	saved->rule = get_u32(tb[SFW_CONN_RULE_NUMBER]);
	saved->packets[0] = get_u64(tb[SFW_CONN_PACKETS]);
	saved->bytes[0] = get_u64(tb[SFW_CONN_BYTES]);
	saved->packets[1] = get_u64(tb[SFW_CONN_REPLY_PACKETS]);
	saved->bytes[1] = get_u64(tb[SFW_CONN_REPLY_BYTES]);
	saved->expires_ms = get_u64(tb[SFW_CONN_EXPIRES_MS]);
	if (tb[SFW_CONN_INTERFACE])
		strscpy(saved->ifname, nla_data(tb[SFW_CONN_INTERFACE]),
			sizeof(saved->ifname));
	err = get_track(tb[SFW_CONN_TRACK], saved->protocol, &saved->track,
			extack);
	if (err)
		return err;
	why = sfw_saved_check(saved, &field);
	return why ? sfw_codec_refuse(extack, nla, why) : 0;
}
