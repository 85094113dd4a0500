// SPDX-License-Identifier: GPL-2.0
/*
 * What the running set does with a packet that somebody describes.
 *
 * The answer comes from what judges packets: the compiled lists, the table,
 * and fresh.h for all that has no connection. Nothing happens by it: no
 * counter moves, no rate gives a token, no connection is made, refreshed or
 * removed. A packet of a known connection is said to pass as it does if its
 * numbers fit, which nobody can write by hand; one whose connection the set is
 * going to cut is told so.
 *
 * Beside the set's own mode the other one can be asked for; there are
 * connections in stateful sets only.
 *
 * Synchronisation: RCU read side, as packets have it; no lock is taken but
 * that of a tunnel's connection, for its ids, so that questions hold up neither
 * packets nor commits.
 */
#include <linux/netdevice.h>
#include <net/genetlink.h>

#include "codec.h"
#include "compat.h"
#include "dump.h"
#include "fresh.h"
#include "judge.h"
#include "netlink/policy.h"
#include "ns.h"
#include "ruleset.h"

/**
 * struct explanation - the answer
 * @generation: of the set that gave it
 * @rule_number: of the rule that decides or made the connection, 0: default
 * @rule_direction: of that rule
 * @has_rule: one of both decides
 * @cause: enum sfw_cause
 * @action: enum sfw_action
 * @reason: enum sfw_reason, if it is not allowed
 * @connects: the packet would make a connection
 * @has_conn: @conn is the one it belongs to
 * @conn: that connection
 */
struct explanation {
	u32 generation;
	u32 rule_number;
	u8 rule_direction;
	bool has_rule;
	u8 cause;
	u8 action;
	u8 reason;
	bool connects;
	bool has_conn;
	struct sfw_conn_view conn;
};

/* A packet, with room for the name it points to. */
struct described {
	struct sfw_packet pkt;
	char ifname[SFW_IFNAME_MAX + 1];
};

static u8 get_u8(const struct nlattr *nla)
{
	return nla ? nla_get_u8(nla) : 0;
}

static u16 get_u16(const struct nlattr *nla)
{
	return nla ? nla_get_u16(nla) : 0;
}

static int get_ends(struct nlattr **tb, const struct nlattr *nest,
		    struct sfw_packet *pkt, struct netlink_ext_ack *extack)
{
	if (!tb[SFW_PACKET_SOURCE])
		return sfw_codec_refuse(extack, nest,
					"the source of the packet is missing");
	if (!tb[SFW_PACKET_DESTINATION])
		return sfw_codec_refuse(extack, nest,
					"the destination of the packet is missing");
	pkt->family = sfw_codec_read_addr(tb[SFW_PACKET_SOURCE], &pkt->src);
	if (!pkt->family)
		return sfw_codec_refuse(extack, tb[SFW_PACKET_SOURCE],
					"an address has 4 or 16 bytes");
	if (sfw_codec_read_addr(tb[SFW_PACKET_DESTINATION], &pkt->dst) !=
	    pkt->family)
		return sfw_codec_refuse(extack, tb[SFW_PACKET_DESTINATION],
					"both ends of a packet are of one family");
	return 0;
}

static int get_packet(const struct nlattr *nest, struct described *d,
		      struct netlink_ext_ack *extack)
{
	struct nlattr *tb[SFW_PACKET_INTERFACE + 1];
	struct sfw_packet *pkt = &d->pkt;
	int err;

	memset(d, 0, sizeof(*d));
	err = nla_parse_nested(tb, SFW_PACKET_INTERFACE, nest,
			       sfw_packet_nl_policy, extack);
	if (err)
		return err;
	if (!tb[SFW_PACKET_DIRECTION])
		return sfw_codec_refuse(extack, nest,
					"the direction of the packet is missing");
	if (!tb[SFW_PACKET_PROTOCOL])
		return sfw_codec_refuse(extack, nest,
					"the protocol of the packet is missing");
	err = get_ends(tb, nest, pkt, extack);
	if (err)
		return err;
	pkt->direction = nla_get_u8(tb[SFW_PACKET_DIRECTION]);
	pkt->protocol = nla_get_u8(tb[SFW_PACKET_PROTOCOL]);
	pkt->sport = get_u16(tb[SFW_PACKET_SOURCE_PORT]);
	pkt->dport = get_u16(tb[SFW_PACKET_DESTINATION_PORT]);
	pkt->icmp_type = get_u8(tb[SFW_PACKET_ICMP_TYPE]);
	pkt->icmp_code = get_u8(tb[SFW_PACKET_ICMP_CODE]);
	pkt->icmp_id = get_u16(tb[SFW_PACKET_ICMP_ID]);
	if (pkt->protocol == IPPROTO_TCP)
		pkt->tcp.flags = tb[SFW_PACKET_TCP_FLAGS] ?
				 nla_get_u8(tb[SFW_PACKET_TCP_FLAGS]) :
				 SFW_TCP_SYN;
	if (tb[SFW_PACKET_INTERFACE]) {
		strscpy(d->ifname, nla_data(tb[SFW_PACKET_INTERFACE]),
			sizeof(d->ifname));
		if (!*d->ifname)
			return sfw_codec_refuse(extack,
						tb[SFW_PACKET_INTERFACE],
						"an interface name is not empty");
		pkt->ifname = d->ifname;
	}
	sfw_fresh_fill(pkt);
	return 0;
}

/* The rule of an index, NULL for the default. */
static const struct sfw_rule *rule_at(const struct sfw_ruleset *rs, u8 d,
				      u32 index)
{
	return index < rs->n[d] ? rs->rule[d][index] : NULL;
}

static u8 action_of(const struct sfw_ruleset *rs, u8 d,
		    const struct sfw_rule *rule)
{
	return rule ? rule->action : rs->def[d].action;
}

static void set_rule(struct explanation *ex, const struct sfw_ruleset *rs,
		     u8 d, const struct sfw_rule *rule)
{
	ex->has_rule = true;
	ex->rule_direction = d;
	ex->rule_number = rule ? rule->number : 0;
	ex->action = action_of(rs, d, rule);
	ex->reason = rule ? SFW_REASON_RULE : SFW_REASON_DEFAULT;
}

static void set_drop(struct explanation *ex, enum sfw_reason reason)
{
	ex->cause = SFW_CAUSE_TRACKER;
	ex->action = SFW_ACTION_DENY;
	ex->reason = reason;
}

/* The list on the packet that began a connection, which it denies by now. */
static void explain_cut(struct sfw_net *sn, const struct sfw_ruleset *rs,
			const struct sfw_conn *conn, struct explanation *ex)
{
	const struct net_device *dev;
	struct sfw_packet first;
	u8 d;

	sfw_conn_first_packet(conn, &first);
	dev = dev_get_by_index_rcu(sn->net, first.ifindex);
	first.ifname = dev ? dev->name : NULL;
	d = first.direction;
	set_rule(ex, rs, d, rule_at(rs, d, sfw_classify_next(rs->cls[d],
							     &first, 0)));
}

/* Of a connection that there is; false if there is none. */
static bool explain_conn(struct sfw_net *sn, const struct sfw_ruleset *rs,
			 const struct sfw_packet *pkt, struct explanation *ex)
{
	const struct sfw_rule *rule;
	struct sfw_conn *conn;
	u32 index;
	int dir;
	u8 d;

	if (rs->mode != SFW_MODE_STATEFUL || !sfw_tuple_has(pkt))
		return false;
	conn = sfw_conn_peek(&sn->table, pkt, &dir);
	if (!conn)
		return false;
	index = sfw_judge_index(sn, rs, conn);
	d = conn->flags & SFW_CONN_F_OUT ? SFW_DIRECTION_OUT :
					   SFW_DIRECTION_IN;
	rule = rule_at(rs, d, index);
	/* The set wants no state for it any more: judged as a first packet. */
	if (rule && rule->flags & SFW_RULE_F_NO_STATE && !rs->audit &&
	    READ_ONCE(conn->origin) >> 32 != rs->generation)
		return false;

	ex->cause = SFW_CAUSE_CONNECTION;
	ex->has_conn = true;
	sfw_conn_get_view(sn->net, conn, &ex->conn);
	if (rule || index == SFW_CLASSIFY_NONE) {
		set_rule(ex, rs, d, rule);
	} else if (rs->eff.keep_connections) {
		/* Its rule is gone, and it stays. */
		ex->has_rule = true;
		ex->rule_direction = d;
		ex->rule_number = ex->conn.rule_number;
	} else {
		explain_cut(sn, rs, conn, ex);
		return true;
	}
	ex->action = SFW_ACTION_ALLOW;
	return true;
}

static void explain_list(const struct sfw_ruleset *rs,
			 const struct sfw_packet *pkt, bool alone,
			 struct explanation *ex)
{
	const struct sfw_rule *rule;
	u8 d = pkt->direction;

	rule = rule_at(rs, d, sfw_classify_next(rs->cls[d], pkt, 0));
	if (!alone) {
		switch (sfw_fresh_judge(pkt, rule, action_of(rs, d, rule),
					rs->eff.tcp_pickup)) {
		case SFW_FRESH_LIST:
			break;
		case SFW_FRESH_CONNECT:
			ex->connects = true;
			break;
		case SFW_FRESH_NO_CONNECTION:
			set_drop(ex, SFW_REASON_NO_CONNECTION);
			return;
		case SFW_FRESH_BAD_FLAGS:
			set_drop(ex, SFW_REASON_INVALID_FLAGS);
			return;
		case SFW_FRESH_BAD_ERROR:
			set_drop(ex, SFW_REASON_INVALID_ICMP);
			return;
		}
	}
	ex->cause = SFW_CAUSE_LIST;
	set_rule(ex, rs, d, rule);
}

/* In the order of hook.c and judge.c. */
static void explain(struct sfw_net *sn, const struct sfw_ruleset *rs,
		    const struct sfw_packet *pkt, u8 mode,
		    struct explanation *ex)
{
	const struct net_device *dev;
	bool loopback, looped;

	dev = pkt->ifname ? dev_get_by_name_rcu(sn->net, pkt->ifname) : NULL;
	loopback = dev && dev->flags & IFF_LOOPBACK;
	looped = loopback && pkt->direction == SFW_DIRECTION_IN;
	ex->action = SFW_ACTION_ALLOW;
	ex->generation = rs->generation;
	if (loopback && !rs->eff.loopback_filter) {
		ex->cause = SFW_CAUSE_LOOPBACK;
		return;
	}
	if (pkt->nd && !rs->eff.nd_filter) {
		ex->cause = SFW_CAUSE_DISCOVERY;
		return;
	}
	if (mode == SFW_MODE_STATELESS) {
		explain_list(rs, pkt, true, ex);
		return;
	}
	if (pkt->protocol == IPPROTO_TCP &&
	    !sfw_tcp_flags_valid(&pkt->tcp, pkt->dport)) {
		set_drop(ex, SFW_REASON_INVALID_FLAGS);
		return;
	}
	if (!explain_conn(sn, rs, pkt, ex))
		explain_list(rs, pkt, looped, ex);
}

static int put_verdict(struct sk_buff *skb, const struct explanation *ex)
{
	struct nlattr *nest = nla_nest_start(skb, SFW_A_VERDICT);

	if (!nest ||
	    nla_put_u8(skb, SFW_VERDICT_CAUSE, ex->cause) ||
	    nla_put_u8(skb, SFW_VERDICT_ACTION, ex->action) ||
	    (ex->action != SFW_ACTION_ALLOW &&
	     nla_put_u8(skb, SFW_VERDICT_REASON, ex->reason)) ||
	    (ex->connects && nla_put_flag(skb, SFW_VERDICT_CONNECTS)) ||
	    (ex->has_rule &&
	     (nla_put_u8(skb, SFW_VERDICT_RULE_DIRECTION,
			 ex->rule_direction) ||
	      nla_put_u32(skb, SFW_VERDICT_RULE_NUMBER, ex->rule_number))))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int put_explanation(struct sk_buff *skb, const struct explanation *ex)
{
	int err = nla_put_u32(skb, SFW_A_GENERATION, ex->generation);

	if (!err)
		err = put_verdict(skb, ex);
	if (!err && ex->has_conn)
		err = sfw_codec_put_conn(skb, &ex->conn);
	return err;
}

static int answer(struct genl_info *info, const struct explanation *ex)
{
	struct sk_buff *skb = genlmsg_new(NLMSG_GOODSIZE, GFP_KERNEL);
	void *hdr;

	if (!skb)
		return -ENOMEM;
	hdr = genlmsg_put_reply(skb, info, &sfw_netlink_family, 0,
				info->genlhdr->cmd);
	if (!hdr || put_explanation(skb, ex)) {
		nlmsg_free(skb);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, hdr);
	return genlmsg_reply(skb, info);
}

int sfw_nl_explain_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct sfw_net *sn = sfw_ns_get(genl_info_net(info));
	const struct nlattr *mode = info->attrs[SFW_A_MODE];
	const struct sfw_ruleset *rs;
	struct explanation ex = {};
	struct described d;
	int err;

	if (!info->attrs[SFW_A_PACKET]) {
		NL_SET_ERR_MSG(info->extack, "the packet is missing");
		return -EINVAL;
	}
	err = get_packet(info->attrs[SFW_A_PACKET], &d, info->extack);
	if (err)
		return err;
	rcu_read_lock();
	rs = rcu_dereference(sn->ruleset);
	if (rs)
		explain(sn, rs, &d.pkt, mode ? nla_get_u8(mode) : rs->mode,
			&ex);
	rcu_read_unlock();
	if (!rs) {
		NL_SET_ERR_MSG(info->extack, "no rule set is loaded");
		return -ENOENT;
	}
	return answer(info, &ex);
}
