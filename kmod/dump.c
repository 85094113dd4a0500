// SPDX-License-Identifier: GPL-2.0
/*
 * Dumps of sets, rules and connections.
 *
 * A dump goes on where the last message ended. Sets and rules belong to a
 * generation; if it moves while a dump is on its way, the kernel marks the
 * dump as interrupted (NLM_F_DUMP_INTR) and the reader begins again.
 * Connections that come and go are not an interruption; one that exists from
 * the first to the last message of a dump is in it exactly once, because
 * messages end between buckets of the table, and walks bear with its resizing.
 *
 * The first message of sets and rules carries the generation alone. So there
 * is always something to send before an object that needs a larger buffer.
 *
 * Synchronisation: the namespace's lock for each message.
 */
#include <linux/netlink.h>
#include <net/genetlink.h>
#include <net/sock.h>

#include "codec.h"
#include "compat.h"
#include "dump.h"
#include "live.h"
#include "netlink/policy.h"
#include "ns.h"
#include "ruleset.h"
#include "staged.h"

/* State of a dump of sets or rules between messages. */
struct place {
	bool begun;
	u8 direction;
	u32 index;
	u32 elem;
};

static void *message_begin(struct sk_buff *skb, struct netlink_callback *cb,
			   u8 cmd)
{
	void *hdr = genlmsg_put(skb, NETLINK_CB(cb->skb).portid,
				cb->nlh->nlmsg_seq, &sfw_netlink_family,
				NLM_F_MULTI, cmd);

	if (hdr)
		genl_dump_check_consistent(cb, hdr);
	return hdr;
}

/* The set that a dump is about, NULL if there is none; *generation is its
 * number, and cb->seq tells an interrupted dump.
 */
static const struct sfw_ruleset *dumped_set(struct sfw_net *sn,
					    struct netlink_callback *cb,
					    u32 *generation)
{
	const struct sfw_staged *staged;

	if (!sfw_compat_dump_attrs(cb)[SFW_A_STAGED]) {
		*generation = sn->generation;
		cb->seq = sn->generation + 1;
		return sfw_ruleset_running(sn);
	}
	staged = sfw_staged_get(sn);
	*generation = staged ? staged->seq : 0;
	cb->seq = *generation + 1;
	return staged ? staged->rs : NULL;
}

static int put_generation(struct sk_buff *skb, struct netlink_callback *cb,
			  struct place *at, u8 cmd, u32 generation)
{
	void *hdr;

	if (at->begun)
		return 0;
	hdr = message_begin(skb, cb, cmd);
	if (!hdr)
		return -EMSGSIZE;
	if (nla_put_u32(skb, SFW_A_GENERATION, generation)) {
		genlmsg_cancel(skb, hdr);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, hdr);
	at->begun = true;
	return 0;
}

/* 0: more of the same set follows in the next message, 1: it is complete. */
static int put_set(struct sk_buff *skb, struct netlink_callback *cb,
		   const struct sfw_list *set, u32 *elem, u32 generation)
{
	void *hdr = message_begin(skb, cb, SFW_CMD_SET_GET);
	int err;

	if (!hdr)
		return -EMSGSIZE;
	err = nla_put_u32(skb, SFW_A_GENERATION, generation);
	if (!err)
		err = sfw_codec_put_set(skb, set, elem);
	if (err < 0) {
		genlmsg_cancel(skb, hdr);
		return err;
	}
	genlmsg_end(skb, hdr);
	return !err;
}

/* The skb is full. If not one object fitted ask for a larger one; what is sent
 * before it must not be empty, so the generation is said once more.
 */
static int message_full(struct sk_buff *skb, struct netlink_callback *cb,
			struct place *at, u8 cmd, u32 generation, bool progress)
{
	if (!progress) {
		/* The larger one was not large enough, or there is none. */
		if (cb->min_dump_alloc >= SFW_CODEC_DUMP_ALLOC)
			return -EMSGSIZE;
		cb->min_dump_alloc = SFW_CODEC_DUMP_ALLOC;
		if (!skb->len) {
			at->begun = false;
			put_generation(skb, cb, at, cmd, generation);
		}
	}
	return skb->len ? skb->len : -EMSGSIZE;
}

int sfw_nl_set_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct sfw_net *sn = sfw_ns_get(sock_net(skb->sk));
	struct place *at = (struct place *)cb->ctx;
	const struct sfw_ruleset *rs;
	bool progress = false;
	u32 generation;
	int ret;

	mutex_lock(&sn->lock);
	rs = dumped_set(sn, cb, &generation);
	ret = put_generation(skb, cb, at, SFW_CMD_SET_GET, generation);
	while (!ret && rs && at->index < rs->sets.n) {
		ret = put_set(skb, cb, rs->sets.list[at->index], &at->elem,
			      generation);
		if (ret < 0)
			break;
		progress = true;
		if (ret) {
			at->index++;
			at->elem = 0;
			ret = 0;
		}
	}
	if (ret == -EMSGSIZE)
		ret = message_full(skb, cb, at, SFW_CMD_SET_GET, generation,
				   progress);
	if (progress)
		cb->min_dump_alloc = 0;
	mutex_unlock(&sn->lock);
	return ret ? ret : skb->len;
}

static int put_rule(struct sk_buff *skb, struct netlink_callback *cb,
		    const struct sfw_ruleset *rs, const struct place *at,
		    bool live, u32 generation)
{
	const struct sfw_entry *entry = sfw_ruleset_entry(rs, at->direction,
							  at->index);
	struct sfw_counts counts;
	void *hdr;

	hdr = message_begin(skb, cb, SFW_CMD_RULE_GET);
	if (!hdr)
		return -EMSGSIZE;
	sfw_entry_counts(entry->counter, &entry->zero, &counts);
	if (live)
		sfw_live_show(rs, at->direction, at->index, &counts);
	if (nla_put_u32(skb, SFW_A_GENERATION, generation) ||
	    sfw_codec_put_rule(skb, &entry->rule, &counts)) {
		genlmsg_cancel(skb, hdr);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, hdr);
	return 0;
}

int sfw_nl_rule_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	const struct nlattr *only = sfw_compat_dump_attrs(cb)[SFW_A_DIRECTION];
	bool live = sfw_compat_dump_attrs(cb)[SFW_A_LIVE] &&
		    !sfw_compat_dump_attrs(cb)[SFW_A_STAGED];
	struct sfw_net *sn = sfw_ns_get(sock_net(skb->sk));
	struct place *at = (struct place *)cb->ctx;
	const struct sfw_ruleset *rs;
	bool progress = false;
	u32 generation;
	int ret;

	mutex_lock(&sn->lock);
	rs = dumped_set(sn, cb, &generation);
	ret = live && !at->begun ? sfw_live_count(sn) : 0;
	if (!ret)
		ret = put_generation(skb, cb, at, SFW_CMD_RULE_GET,
				     generation);
	while (!ret && rs && at->direction < 2) {
		u8 d = at->direction;

		if ((only && nla_get_u8(only) != d) || at->index >= rs->n[d]) {
			at->direction++;
			at->index = 0;
			continue;
		}
		ret = put_rule(skb, cb, rs, at, live, generation);
		if (ret)
			break;
		progress = true;
		at->index++;
	}
	if (ret == -EMSGSIZE)
		ret = message_full(skb, cb, at, SFW_CMD_RULE_GET, generation,
				   progress);
	if (progress)
		cb->min_dump_alloc = 0;
	mutex_unlock(&sn->lock);
	return ret ? ret : skb->len;
}

struct conn_dump {
	struct sk_buff *skb;
	struct netlink_callback *cb;
	struct sfw_net *sn;
	struct sfw_filter filter;
	bool full;
};

static int put_conn(struct sfw_conn *conn, void *arg)
{
	struct conn_dump *dump = arg;
	struct sfw_conn_view view;
	struct sfw_track track;
	void *hdr;

	sfw_conn_get_view(dump->sn->net, conn, &view);
	if (!sfw_codec_filter_match(&dump->filter, &view))
		return 0;
	if (dump->full) {
		if (!sfw_conn_get_track(conn, &view, &track))
			return 0;
		view.track = &track;
	}
	hdr = message_begin(dump->skb, dump->cb, SFW_CMD_CONN_GET);
	if (!hdr)
		return -EMSGSIZE;
	if (sfw_codec_put_conn(dump->skb, &view)) {
		genlmsg_cancel(dump->skb, hdr);
		return -EMSGSIZE;
	}
	genlmsg_end(dump->skb, hdr);
	return 0;
}

/* Fill the skb with whole parts of the table. */
static int dump_parts(struct conn_dump *dump, struct sfw_conn_cursor *at)
{
	struct sk_buff *skb = dump->skb;
	unsigned int mark;
	int ret;

	for (;;) {
		mark = skb->len;
		ret = sfw_table_walk_bucket(&dump->sn->table, at, put_conn,
					    dump);
		if (ret == -EMSGSIZE) {
			/* The next message has room for it, see
			 * SFW_TABLE_WALK_MAX.
			 */
			nlmsg_trim(skb, skb_tail_pointer(skb) -
				   (skb->len - mark));
			return skb->len ? skb->len : ret;
		}
		if (ret)
			return skb->len;
		cond_resched();
	}
}

int sfw_nl_conn_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	const struct nlattr *nla = sfw_compat_dump_attrs(cb)[SFW_A_FILTER];
	struct sfw_net *sn = sfw_ns_get(sock_net(skb->sk));
	struct sfw_conn_cursor *at = (struct sfw_conn_cursor *)cb->ctx;
	struct conn_dump dump = {
		.skb = skb,
		.cb = cb,
		.sn = sn,
		.full = sfw_compat_dump_attrs(cb)[SFW_A_FULL],
	};
	int ret = 0;

	BUILD_BUG_ON(sizeof(*at) > sizeof(cb->ctx));
	if (nla) {
		ret = sfw_codec_get_filter(nla, &dump.filter, cb->extack);
		if (ret)
			return ret;
	}
	mutex_lock(&sn->lock);
	cb->seq = 1;
	if (sn->hooked)
		ret = dump_parts(&dump, at);
	mutex_unlock(&sn->lock);
	return ret;
}
