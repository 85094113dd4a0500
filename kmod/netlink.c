// SPDX-License-Identifier: GPL-2.0
/*
 * The generic netlink family: what user space asks for, step by step.
 *
 * Attributes are checked against the policy generated from netlink/sfw.yaml
 * before anything here runs, and turned into structures by codec*.c. Rules and
 * transactions are ruleset.c's; this file only takes the namespace's lock,
 * calls, and answers. Dumps are in dump.c.
 *
 * A transaction belongs to the socket that opened it. When the socket closes,
 * for whatever reason, the netlink notifier drops what it staged.
 *
 * Synchronisation: parallel_ops, so that a large rule set of one namespace
 * does not hold up others; everything about one namespace is under its lock.
 */
#include <linux/netlink.h>
#include <linux/notifier.h>
#include <net/genetlink.h>

#include "codec.h"
#include "commit.h"
#include "compat.h"
#include "dump.h"
#include "event.h"
#include "live.h"
#include "netlink/policy.h"
#include "netlink.h"
#include "ns.h"
#include "ruleset.h"
#include "staged.h"

/* A reply that holds one number. */
static struct sk_buff *reply_new(struct genl_info *info, void **hdr)
{
	struct sk_buff *skb = genlmsg_new(NLMSG_GOODSIZE, GFP_KERNEL);

	if (!skb)
		return NULL;
	*hdr = genlmsg_put_reply(skb, info, &sfw_netlink_family, 0,
				 info->genlhdr->cmd);
	if (!*hdr) {
		nlmsg_free(skb);
		return NULL;
	}
	return skb;
}

static int reply_generation(struct sk_buff *skb, void *hdr, u32 generation,
			    struct genl_info *info)
{
	/* There is room: the skb was made for this. */
	if (nla_put_u32(skb, SFW_A_GENERATION, generation)) {
		nlmsg_free(skb);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, hdr);
	/* What was asked for is done, whether or not the reader has room. */
	genlmsg_reply(skb, info);
	return 0;
}

static int put_drop(struct sk_buff *skb, u8 direction, u8 reason, u64 packets)
{
	struct nlattr *nest = nla_nest_start(skb, SFW_STATS_DROP);

	if (!nest ||
	    nla_put_u8(skb, SFW_DROP_DIRECTION, direction) ||
	    nla_put_u8(skb, SFW_DROP_REASON, reason) ||
	    nla_put_u64_64bit(skb, SFW_DROP_PACKETS, packets, SFW_DROP_PAD))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int put_stats(struct sk_buff *skb, struct sfw_net *sn,
		     const struct sfw_ruleset *rs)
{
	struct sfw_stats_sum now;
	u64 dropped = 0;
	struct nlattr *nest;
	int d, r;

	sfw_ns_stats_since(sn, &now);
	nest = nla_nest_start(skb, SFW_A_STATS);
	if (!nest)
		return -EMSGSIZE;
	for (d = 0; d < 2; d++) {
		for (r = 0; r <= SFW_REASON_MAX; r++) {
			dropped += now.drop[d][r];
			if (put_drop(skb, d, r, now.drop[d][r]))
				return -EMSGSIZE;
		}
	}
	if (nla_put_u64_64bit(skb, SFW_STATS_PACKETS,
			      now.allowed + dropped, SFW_STATS_PAD) ||
	    nla_put_u64_64bit(skb, SFW_STATS_ALLOWED, now.allowed,
			      SFW_STATS_PAD) ||
	    nla_put_u64_64bit(skb, SFW_STATS_DROPPED, dropped,
			      SFW_STATS_PAD) ||
	    nla_put_u64_64bit(skb, SFW_STATS_CREATED, now.created,
			      SFW_STATS_PAD) ||
	    nla_put_u64_64bit(skb, SFW_STATS_EVICTED, now.evicted,
			      SFW_STATS_PAD) ||
	    nla_put_u64_64bit(skb, SFW_STATS_REFUSED, now.refused,
			      SFW_STATS_PAD) ||
	    nla_put_u64_64bit(skb, SFW_STATS_EXPIRED, now.expired,
			      SFW_STATS_PAD) ||
	    nla_put_u64_64bit(skb, SFW_STATS_EVENTS_LOST,
			      sfw_ns_events_lost(&now), SFW_STATS_PAD) ||
	    nla_put_u32(skb, SFW_STATS_ENTRIES,
			sn->hooked ? sfw_table_count(&sn->table) : 0) ||
	    nla_put_u32(skb, SFW_STATS_MAX_ENTRIES, rs ? rs->eff.max_connections : 0))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

/* What can be done about the last commit. */
static int put_commit(struct sk_buff *skb, const struct sfw_net *sn)
{
	u32 left = sfw_commit_left(sn);

	if (left && nla_put_u32(skb, SFW_A_CONFIRM_MS, left))
		return -EMSGSIZE;
	if (sn->has_prev && nla_put_u32(skb, SFW_A_ROLLBACK_GENERATION,
					sn->prev ? sn->prev->generation : 0))
		return -EMSGSIZE;
	if (sn->reverted && nla_put_u32(skb, SFW_A_REVERTED, sn->reverted))
		return -EMSGSIZE;
	return 0;
}

static int put_config(struct sk_buff *skb, const struct sfw_ruleset *rs,
		      const struct sfw_counts counts[2])
{
	int d;

	for (d = 0; d < 2; d++)
		if (sfw_codec_put_default(skb, d == SFW_DIRECTION_IN ?
					  SFW_A_DEFAULT_IN : SFW_A_DEFAULT_OUT,
					  rs->def[d].action, rs->def[d].log,
					  &counts[d]) ||
		    sfw_codec_put_compiled(skb, d == SFW_DIRECTION_IN ?
					   SFW_A_COMPILED_IN :
					   SFW_A_COMPILED_OUT, rs->cls[d]))
			return -EMSGSIZE;
	if (nla_put_u8(skb, SFW_A_MODE, rs->mode) ||
	    nla_put_u8(skb, SFW_A_AUDIT, rs->audit) ||
	    sfw_codec_put_options(skb, SFW_A_OPTIONS, &rs->opt, false) ||
	    sfw_codec_put_options(skb, SFW_A_EFFECTIVE, &rs->eff, true) ||
	    nla_put_u32(skb, SFW_A_RULES_IN, rs->n[SFW_DIRECTION_IN]) ||
	    nla_put_u32(skb, SFW_A_RULES_OUT, rs->n[SFW_DIRECTION_OUT]))
		return -EMSGSIZE;
	return 0;
}

static int put_status(struct sk_buff *skb, struct sfw_net *sn, bool live)
{
	const struct sfw_ruleset *rs = sfw_ruleset_running(sn);
	struct sfw_counts counts[2];
	int d;

	if (nla_put_u32(skb, SFW_A_GENERATION, sn->generation) ||
	    put_stats(skb, sn, rs) || put_commit(skb, sn))
		return -EMSGSIZE;
	if (!rs)
		return 0;
	for (d = 0; d < 2; d++) {
		sfw_entry_counts(sn->def[d], &sn->zero_def[d], &counts[d]);
		if (live)
			sfw_live_show(rs, d, SFW_CLASSIFY_NONE, &counts[d]);
	}
	if (put_config(skb, rs, counts) ||
	    nla_put_u64_64bit(skb, SFW_A_AGE_MS,
			      div_u64(ktime_get_boottime_ns() - rs->committed,
				      NSEC_PER_MSEC), SFW_A_PAD))
		return -EMSGSIZE;
	return sfw_codec_put_staging(skb, sfw_staged_get(sn));
}

/* The staged set in place of the running one. */
static int put_staged(struct sk_buff *skb, struct sfw_net *sn,
		      struct netlink_ext_ack *extack)
{
	const struct sfw_staged *staged = sfw_staged_get(sn);
	static const struct sfw_counter_sum zero;
	struct sfw_counts counts[2];
	int d;

	if (!staged) {
		NL_SET_ERR_MSG(extack, "no rule set is staged");
		return -ENOENT;
	}
	for (d = 0; d < 2; d++)
		sfw_entry_counts(staged->def[d], &zero, &counts[d]);
	if (nla_put_u32(skb, SFW_A_GENERATION, staged->seq) ||
	    put_config(skb, staged->rs, counts) ||
	    sfw_codec_put_staging(skb, staged))
		return -EMSGSIZE;
	return sfw_codec_put_witnesses(skb, sn->net, staged);
}

int sfw_nl_status_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct sfw_net *sn = sfw_ns_get(genl_info_net(info));
	bool staged = info->attrs[SFW_A_STAGED];
	bool live = info->attrs[SFW_A_LIVE];
	struct sk_buff *reply;
	void *hdr;
	int err;

	reply = reply_new(info, &hdr);
	if (!reply)
		return -ENOMEM;
	mutex_lock(&sn->lock);
	err = live && !staged ? sfw_live_count(sn) : 0;
	if (!err)
		err = staged ? put_staged(reply, sn, info->extack) :
			       put_status(reply, sn, live);
	mutex_unlock(&sn->lock);
	if (err) {
		nlmsg_free(reply);
		return err;
	}
	genlmsg_end(reply, hdr);
	return genlmsg_reply(reply, info);
}

static int check_expected(struct sfw_net *sn, struct genl_info *info)
{
	const struct nlattr *nla = info->attrs[SFW_A_EXPECT_GENERATION];

	if (!nla || nla_get_u32(nla) == sn->generation)
		return 0;
	NL_SET_BAD_ATTR(info->extack, nla);
	return sfw_ruleset_stale(sn, info->extack);
}

int sfw_nl_tx_begin_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct sfw_net *sn = sfw_ns_get(genl_info_net(info));
	u32 generation;
	struct sk_buff *reply;
	void *hdr;
	int err;

	reply = reply_new(info, &hdr);
	if (!reply)
		return -ENOMEM;
	mutex_lock(&sn->lock);
	generation = sn->generation;
	err = check_expected(sn, info);
	if (!err)
		err = sfw_ruleset_begin(sn, info->snd_portid,
					!!info->attrs[SFW_A_CLONE],
					info->extack);
	mutex_unlock(&sn->lock);
	if (err) {
		nlmsg_free(reply);
		return err;
	}
	return reply_generation(reply, hdr, generation, info);
}

/* The transaction of the sender, ready for more, or what is wrong with it. */
static struct sfw_tx *open_tx(struct sfw_net *sn, struct genl_info *info)
{
	struct sfw_tx *tx = sfw_ruleset_find_tx(sn, info->snd_portid);

	if (!tx) {
		NL_SET_ERR_MSG(info->extack,
			       "no transaction is open on this socket: send tx-begin first");
		return ERR_PTR(-ENOENT);
	}
	if (tx->failed) {
		NL_SET_ERR_MSG(info->extack,
			       "an earlier message of this transaction was refused: begin again");
		return ERR_PTR(-ECANCELED);
	}
	return tx;
}

static int tx_config(struct sfw_ruleset *rs, struct genl_info *info)
{
	static const int defaults[2] = { SFW_A_DEFAULT_IN, SFW_A_DEFAULT_OUT };
	int d, err;

	for (d = 0; d < 2; d++) {
		if (!info->attrs[defaults[d]])
			continue;
		err = sfw_codec_get_default(info->attrs[defaults[d]],
					    &rs->def[d].action,
					    &rs->def[d].log, info->extack);
		if (err)
			return err;
	}
	if (info->attrs[SFW_A_OPTIONS]) {
		err = sfw_codec_get_options(info->attrs[SFW_A_OPTIONS],
					    &rs->opt, info->extack);
		if (err)
			return err;
	}
	if (info->attrs[SFW_A_MODE])
		rs->mode = nla_get_u8(info->attrs[SFW_A_MODE]);
	if (info->attrs[SFW_A_AUDIT])
		rs->audit = nla_get_u8(info->attrs[SFW_A_AUDIT]);
	return 0;
}

static int tx_add(struct sfw_ruleset *rs, struct genl_info *info)
{
	const struct nlattr *nla;
	int err, rem;

	nlmsg_for_each_attr(nla, info->nlhdr, GENL_HDRLEN, rem) {
		switch (nla_type(nla)) {
		case SFW_A_SET:
			err = sfw_codec_get_set(nla, &rs->sets, info->extack);
			break;
		case SFW_A_RULE:
			err = sfw_ruleset_add(rs, nla, info->extack);
			break;
		default:
			NL_SET_ERR_MSG_ATTR(info->extack, nla,
					    "tx-add takes sets and rules only");
			err = -EINVAL;
			break;
		}
		if (err)
			return err;
		cond_resched();
	}
	return 0;
}

static int need_attr(struct genl_info *info, int attr, const char *what)
{
	if (info->attrs[attr])
		return 0;
	if (info->extack)
		info->extack->_msg = what;
	return -EINVAL;
}

/* The policy has seen to the lower end. */
static int need_number(struct genl_info *info, int type, const char *missing)
{
	struct nlattr *attr = info->attrs[type];
	int err = need_attr(info, type, missing);

	if (err || nla_get_u32(attr) <= SFW_RULE_NUMBER_MAX)
		return err;
	NL_SET_ERR_MSG_ATTR(info->extack, attr,
			    "a rule number is 1 to 16777215");
	return -EINVAL;
}

static int need_rule(struct genl_info *info)
{
	int err;

	err = need_attr(info, SFW_A_DIRECTION, "the direction is missing");
	return err ? err : need_number(info, SFW_A_NUMBER,
				       "the rule number is missing");
}

static int tx_del(struct sfw_ruleset *rs, struct genl_info *info)
{
	int err = need_rule(info);

	if (err)
		return err;
	return sfw_ruleset_del(rs, nla_get_u8(info->attrs[SFW_A_DIRECTION]),
			       nla_get_u32(info->attrs[SFW_A_NUMBER]),
			       info->extack);
}

static int tx_move(struct sfw_ruleset *rs, struct genl_info *info)
{
	int err = need_rule(info);

	if (!err)
		err = need_number(info, SFW_A_TO_NUMBER,
				  "the new rule number is missing");
	if (err)
		return err;
	return sfw_ruleset_move(rs, nla_get_u8(info->attrs[SFW_A_DIRECTION]),
				nla_get_u32(info->attrs[SFW_A_NUMBER]),
				nla_get_u32(info->attrs[SFW_A_TO_NUMBER]),
				info->extack);
}

static int tx_charge(struct sfw_tx *tx, struct genl_info *info)
{
	tx->bytes += info->nlhdr->nlmsg_len;
	if (tx->bytes <= SFW_TX_BYTES_MAX)
		return 0;
	NL_SET_ERR_MSG(info->extack,
		       "a transaction has at most 512 MiB of messages");
	return -E2BIG;
}

/* One step of a transaction; a step that fails spoils the whole. */
static int tx_step(struct genl_info *info,
		   int (*step)(struct sfw_ruleset *rs, struct genl_info *info))
{
	struct sfw_net *sn = sfw_ns_get(genl_info_net(info));
	struct sfw_tx *tx;
	int err;

	mutex_lock(&sn->lock);
	tx = open_tx(sn, info);
	if (IS_ERR(tx)) {
		err = PTR_ERR(tx);
	} else {
		err = tx_charge(tx, info);
		if (!err)
			err = step(tx->rs, info);
		if (err)
			tx->failed = true;
	}
	mutex_unlock(&sn->lock);
	return err;
}

int sfw_nl_tx_config_doit(struct sk_buff *skb, struct genl_info *info)
{
	return tx_step(info, tx_config);
}

int sfw_nl_tx_add_doit(struct sk_buff *skb, struct genl_info *info)
{
	return tx_step(info, tx_add);
}

int sfw_nl_tx_del_doit(struct sk_buff *skb, struct genl_info *info)
{
	return tx_step(info, tx_del);
}

int sfw_nl_tx_move_doit(struct sk_buff *skb, struct genl_info *info)
{
	return tx_step(info, tx_move);
}

/* Seconds to wait, 0 if none are named, or an error. */
static int confirm_seconds(struct genl_info *info)
{
	const struct nlattr *confirm = info->attrs[SFW_A_CONFIRM];

	if (!confirm)
		return 0;
	if (nla_get_u32(confirm) <= SFW_CONFIRM_MAX)
		return nla_get_u32(confirm);
	NL_SET_ERR_MSG_ATTR(info->extack, confirm,
			    "a commit waits at most 86400 seconds to be confirmed");
	return -EINVAL;
}

int sfw_nl_tx_commit_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct sfw_net *sn = sfw_ns_get(genl_info_net(info));
	bool dry_run = info->attrs[SFW_A_DRY_RUN];
	int confirm = confirm_seconds(info);
	enum sfw_change change;
	u32 generation, before;
	struct sk_buff *reply;
	struct sfw_tx *tx;
	void *hdr;
	int err;

	if (confirm < 0)
		return confirm;
	if (info->attrs[SFW_A_STAGE] && confirm) {
		NL_SET_ERR_MSG_ATTR(info->extack, info->attrs[SFW_A_CONFIRM],
				    "a staged set changes nothing: there is nothing to confirm");
		return -EINVAL;
	}
	/* Before the commit: after it nothing may fail. */
	reply = reply_new(info, &hdr);
	if (!reply)
		return -ENOMEM;
	mutex_lock(&sn->lock);
	tx = open_tx(sn, info);
	change = !IS_ERR(tx) && tx->edit ? SFW_CHANGE_EDIT : SFW_CHANGE_LOAD;
	before = sn->generation;
	if (IS_ERR(tx))
		err = PTR_ERR(tx);
	else if (info->attrs[SFW_A_STAGE])
		err = sfw_commit_stage(sn, tx, dry_run, info->extack);
	else
		err = sfw_commit_tx(sn, tx, dry_run, confirm, info->extack);
	if (sn->generation != before)
		sfw_event_change(sn, change, info->snd_portid);
	generation = sn->generation;
	mutex_unlock(&sn->lock);
	if (err) {
		nlmsg_free(reply);
		return err;
	}
	return reply_generation(reply, hdr, generation, info);
}

int sfw_nl_tx_abort_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct sfw_net *sn = sfw_ns_get(genl_info_net(info));
	struct sfw_tx *tx;

	mutex_lock(&sn->lock);
	tx = sfw_ruleset_find_tx(sn, info->snd_portid);
	if (tx)
		sfw_ruleset_drop_tx(sn, tx);
	mutex_unlock(&sn->lock);
	return 0;
}

int sfw_nl_mode_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct sfw_net *sn = sfw_ns_get(genl_info_net(info));
	const struct nlattr *mode = info->attrs[SFW_A_MODE];
	const struct nlattr *audit = info->attrs[SFW_A_AUDIT];
	u32 generation, before;
	struct sk_buff *reply;
	void *hdr;
	int err;

	if (!mode && !audit) {
		NL_SET_ERR_MSG(info->extack, "neither mode nor audit is given");
		return -EINVAL;
	}
	reply = reply_new(info, &hdr);
	if (!reply)
		return -ENOMEM;
	mutex_lock(&sn->lock);
	before = sn->generation;
	err = check_expected(sn, info);
	if (!err)
		err = sfw_commit_mode(sn, mode ? nla_get_u8(mode) : -1,
				      audit ? nla_get_u8(audit) : -1,
				      info->extack);
	generation = sn->generation;
	if (generation != before)
		sfw_event_change(sn, SFW_CHANGE_SWITCH, info->snd_portid);
	mutex_unlock(&sn->lock);
	if (err) {
		nlmsg_free(reply);
		return err;
	}
	return reply_generation(reply, hdr, generation, info);
}

/* A request without content, answered with the generation that runs then. */
static int simple(struct genl_info *info, enum sfw_change change,
		  int (*act)(struct sfw_net *sn,
			     struct netlink_ext_ack *extack))
{
	struct sfw_net *sn = sfw_ns_get(genl_info_net(info));
	u32 generation, before;
	struct sk_buff *reply;
	void *hdr;
	int err;

	reply = reply_new(info, &hdr);
	if (!reply)
		return -ENOMEM;
	mutex_lock(&sn->lock);
	before = sn->generation;
	err = act(sn, info->extack);
	generation = sn->generation;
	if (!err && (generation != before || change == SFW_CHANGE_CONFIRM))
		sfw_event_change(sn, change, info->snd_portid);
	mutex_unlock(&sn->lock);
	if (err) {
		nlmsg_free(reply);
		return err;
	}
	return reply_generation(reply, hdr, generation, info);
}

int sfw_nl_flush_doit(struct sk_buff *skb, struct genl_info *info)
{
	return simple(info, SFW_CHANGE_FLUSH, sfw_commit_flush);
}

int sfw_nl_confirm_doit(struct sk_buff *skb, struct genl_info *info)
{
	return simple(info, SFW_CHANGE_CONFIRM, sfw_commit_confirm);
}

int sfw_nl_unstage_doit(struct sk_buff *skb, struct genl_info *info)
{
	return simple(info, SFW_CHANGE_EDIT, sfw_commit_unstage);
}

int sfw_nl_promote_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct sfw_net *sn = sfw_ns_get(genl_info_net(info));
	int confirm = confirm_seconds(info);
	struct sk_buff *reply;
	u32 generation;
	void *hdr;
	int err;

	if (confirm < 0)
		return confirm;
	reply = reply_new(info, &hdr);
	if (!reply)
		return -ENOMEM;
	mutex_lock(&sn->lock);
	err = check_expected(sn, info);
	if (!err)
		err = sfw_commit_promote(sn, confirm, info->extack);
	if (!err)
		sfw_event_change(sn, SFW_CHANGE_PROMOTE, info->snd_portid);
	generation = sn->generation;
	mutex_unlock(&sn->lock);
	if (err) {
		nlmsg_free(reply);
		return err;
	}
	return reply_generation(reply, hdr, generation, info);
}

int sfw_nl_rollback_doit(struct sk_buff *skb, struct genl_info *info)
{
	return simple(info, SFW_CHANGE_ROLLBACK, sfw_commit_rollback);
}

struct pick {
	const struct sfw_filter *filter;
	struct sfw_net *sn;
	bool kill;
	u64 n;
};

static int pick_conn(struct sfw_conn *conn, void *arg)
{
	struct pick *pick = arg;
	struct sfw_conn_view view;

	if (pick->filter->flags) {
		sfw_conn_get_view(pick->sn->net, conn, &view);
		if (!sfw_codec_filter_match(pick->filter, &view))
			return 0;
	}
	if (!pick->kill ||
	    sfw_conn_kill(&pick->sn->table, conn, SFW_END_KILLED))
		pick->n++;
	return 0;
}

/* Count or kill the connections that pass the filter. */
static int pick_conns(struct genl_info *info, bool kill)
{
	struct sfw_net *sn = sfw_ns_get(genl_info_net(info));
	struct sfw_conn_cursor at = {};
	struct sfw_filter filter = {};
	struct pick pick = {
		.filter = &filter,
		.sn = sn,
		.kill = kill,
	};
	struct sk_buff *reply;
	void *hdr;
	int err;

	if (info->attrs[SFW_A_FILTER]) {
		err = sfw_codec_get_filter(info->attrs[SFW_A_FILTER], &filter,
					   info->extack);
		if (err)
			return err;
	}
	reply = reply_new(info, &hdr);
	if (!reply)
		return -ENOMEM;

	mutex_lock(&sn->lock);
	while (sn->hooked) {
		if (sfw_table_walk_bucket(&sn->table, &at, pick_conn, &pick))
			break;
		cond_resched();
	}
	mutex_unlock(&sn->lock);

	if (nla_put_u64_64bit(reply, SFW_A_COUNT, pick.n, SFW_A_PAD)) {
		nlmsg_free(reply);
		return -EMSGSIZE;
	}
	genlmsg_end(reply, hdr);
	return genlmsg_reply(reply, info);
}

int sfw_nl_conn_count_doit(struct sk_buff *skb, struct genl_info *info)
{
	return pick_conns(info, false);
}

int sfw_nl_conn_kill_doit(struct sk_buff *skb, struct genl_info *info)
{
	return pick_conns(info, true);
}

int sfw_nl_counters_zero_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct sfw_net *sn = sfw_ns_get(genl_info_net(info));
	int err = 0;

	mutex_lock(&sn->lock);
	if (sfw_ruleset_running(sn)) {
		sfw_commit_zero(sn);
	} else {
		NL_SET_ERR_MSG(info->extack, "no rule set is loaded");
		err = -ENOENT;
	}
	mutex_unlock(&sn->lock);
	return err;
}

struct genl_family sfw_netlink_family __ro_after_init = {
	.name = SFW_GENL_NAME,
	.version = SFW_GENL_VERSION,
	.maxattr = ARRAY_SIZE(sfw_main_nl_policy) - 1,
	.policy = sfw_main_nl_policy,
	.netnsok = true,
	.parallel_ops = true,
	.module = THIS_MODULE,
	.small_ops = sfw_nl_ops,
	.n_small_ops = ARRAY_SIZE(sfw_nl_ops),
	.resv_start_op = SFW_CMD_STATUS_GET,
	.mcgrps = sfw_event_groups,
	.n_mcgrps = SFW_COMPAT_HAS_GROUPS ? ARRAY_SIZE(sfw_event_groups) : 0,
	SFW_COMPAT_BIND(sfw_event_bind, sfw_event_unbind)
};

static int netlink_event(struct notifier_block *nb, unsigned long event,
			 void *ptr)
{
	const struct netlink_notify *n = ptr;
	struct sfw_net *sn;
	struct sfw_tx *tx;

	if (event != NETLINK_URELEASE || n->protocol != NETLINK_GENERIC)
		return NOTIFY_DONE;
	sn = sfw_ns_get(n->net);
	/* Nearly all who come by have nothing to do with us, and must not wait
	 * for somebody's large commit. One of its own is not missed: a message
	 * of this socket has begun it, and the socket is closed only when that
	 * has returned.
	 */
	if (!sfw_ruleset_has_tx(sn, n->portid))
		return NOTIFY_DONE;
	mutex_lock(&sn->lock);
	tx = sfw_ruleset_find_tx(sn, n->portid);
	if (tx)
		sfw_ruleset_drop_tx(sn, tx);
	mutex_unlock(&sn->lock);
	return NOTIFY_DONE;
}

static struct notifier_block notifier = {
	.notifier_call = netlink_event,
};

/**
 * sfw_netlink_init() - open the family
 *
 * Return: 0 or a negative error.
 * Context: module load.
 */
int __init sfw_netlink_init(void)
{
	int err;

	err = netlink_register_notifier(&notifier);
	if (err)
		return err;
	/* Somebody may listen as soon as the family is there. */
	sfw_event_init();
	err = genl_register_family(&sfw_netlink_family);
	if (err) {
		sfw_event_exit();
		netlink_unregister_notifier(&notifier);
	}
	return err;
}

/**
 * sfw_netlink_exit() - close the family
 *
 * Context: module unload.
 */
void sfw_netlink_exit(void)
{
	sfw_event_exit();
	genl_unregister_family(&sfw_netlink_family);
	netlink_unregister_notifier(&notifier);
}
