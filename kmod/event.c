// SPDX-License-Identifier: GPL-2.0
/*
 * Events for whoever listens: one message of generic netlink for each packet
 * that is dropped, each connection that is made or goes, each change of the
 * rule set; a multicast group for each kind, in the namespace where it
 * happened. Who has CAP_NET_ADMIN over the namespace may listen; genetlink
 * checks that.
 *
 * Nobody listens: a static key per group keeps the packet path free of it.
 * Kernels from 6.9 on say when a group is joined, and the key is on from then
 * until a second after the last one left. Older ones do not; there the key is
 * always on, and once a tick a drop, and a new connection, asks who listens.
 * For packets of known connections nothing is ever asked.
 *
 * Somebody listens: an event costs more than the packet it tells of, so each
 * namespace has a token bucket for drops and one for connections. What is
 * beyond the rate is counted, for each CPU by itself, and told within a
 * second: a gap is never quiet. Changes of the rule set are all sent. Those
 * that a listener was too slow to read are known to its socket, which says
 * ENOBUFS; the sequence numbers tell it how many they were. Clock of the
 * buckets is jiffies: a better one costs a tenth of a dropped packet, and by
 * this one a refusal holds until the next tick, without another question.
 *
 * Synchronisation: @limit has its own lock, all else are single words. Keys
 * change under keys_lock only. Events are sent under RCU, so that after a grace
 * period none is on its way to a family that is gone.
 *
 * Tried and rejected: a key that counts joins and leaves. A socket may join
 * twice what it leaves once, and anybody may leave what he never joined. A
 * filter for each listener in the kernel: the message would still have to be
 * made, and that is most of it.
 */
#include <linux/netdevice.h>
#include <linux/timekeeping.h>

#include "codec.h"
#include "commit.h"
#include "compat.h"
#include "conn.h"
#include "dump.h"
#include "event.h"
#include "judge.h"
#include "ns.h"
#include "ruleset.h"

/* Nobody heard for so long: what is beyond the rate is missed by nobody. */
#define DEAF_AFTER	(10 * HZ)

/* Between what is lost and the message about it. */
#define TELL_AFTER	HZ

/* Between the last listener and the end of the key. */
#define IDLE_AFTER	HZ

/* A message of any kind fits in; the longest, of IPv6 connections, has 330. */
#define ROOM		512

const struct genl_multicast_group sfw_event_groups[SFW_GROUP_MAX + 1] = {
	[SFW_GROUP_DROPS] = SFW_COMPAT_GROUP(SFW_MCGRP_DROPS),
	[SFW_GROUP_CONNS] = SFW_COMPAT_GROUP(SFW_MCGRP_CONNS),
	[SFW_GROUP_RULES] = SFW_COMPAT_GROUP(SFW_MCGRP_RULES),
};

DEFINE_STATIC_KEY_FALSE(sfw_event_drops);
DEFINE_STATIC_KEY_FALSE(sfw_event_conns);

static DEFINE_MUTEX(keys_lock);	/* guards the keys and joined */
static unsigned long joined[SFW_EVENT_LIMITED];
static bool closed = true;	/* READ_ONCE/WRITE_ONCE; under RCU */

static void set_key(int group, bool on)
{
	struct static_key_false *key = group == SFW_GROUP_DROPS ?
				       &sfw_event_drops : &sfw_event_conns;

	if (on)
		static_branch_enable(key);
	else
		static_branch_disable(key);
}

/* Does anybody listen, in whatever namespace? */
static bool listeners(int group)
{
	return SFW_COMPAT_HAS_GROUPS &&
	       genl_has_listeners(&sfw_netlink_family, &init_net, group);
}

static void idle_work(struct work_struct *work)
{
	int group;

	mutex_lock(&keys_lock);
	for (group = 0; group < SFW_EVENT_LIMITED && !closed; group++) {
		/* Told of the listener before he is one. */
		if (time_before(jiffies, joined[group] + IDLE_AFTER))
			continue;
		set_key(group, listeners(group));
	}
	mutex_unlock(&keys_lock);
}

static DECLARE_DELAYED_WORK(idle, idle_work);

/**
 * sfw_event_bind() - somebody is going to listen
 * @group: enum sfw_group
 *
 * Return: 0.
 * Context: may sleep.
 */
int sfw_event_bind(int group)
{
	if (group >= SFW_EVENT_LIMITED)
		return 0;
	mutex_lock(&keys_lock);
	if (!closed) {
		joined[group] = jiffies;
		set_key(group, true);
	}
	mutex_unlock(&keys_lock);
	return 0;
}

/**
 * sfw_event_unbind() - somebody, perhaps, listens no more
 * @group: enum sfw_group
 *
 * Context: may sleep.
 */
void sfw_event_unbind(int group)
{
	if (group >= SFW_EVENT_LIMITED)
		return;
	/* After sfw_event_exit() nobody would wait for the work. */
	mutex_lock(&keys_lock);
	if (!closed)
		mod_delayed_work(system_power_efficient_wq, &idle,
				 IDLE_AFTER + 1);
	mutex_unlock(&keys_lock);
}

/**
 * sfw_event_init() - the family is about to be there
 *
 * Context: module load.
 */
void sfw_event_init(void)
{
	int group;

	mutex_lock(&keys_lock);
	WRITE_ONCE(closed, false);
	for (group = 0; group < SFW_EVENT_LIMITED; group++)
		set_key(group, SFW_COMPAT_HAS_GROUPS && !SFW_COMPAT_HAS_BIND);
	mutex_unlock(&keys_lock);
}

/**
 * sfw_event_exit() - the family is about to go
 *
 * Context: module unload; waits until no event is on its way.
 */
void sfw_event_exit(void)
{
	int group;

	mutex_lock(&keys_lock);
	WRITE_ONCE(closed, true);
	for (group = 0; group < SFW_EVENT_LIMITED; group++)
		set_key(group, false);
	mutex_unlock(&keys_lock);
	cancel_delayed_work_sync(&idle);
	synchronize_rcu();
}

static u64 lost(const struct sfw_net *sn, int group)
{
	struct sfw_stats_sum sum;

	sfw_ns_stats_sum(sn, &sum);
	return sum.events_lost[group];
}

/* BH disabled. */
static void count_lost(struct sfw_net *sn, int group)
{
	struct sfw_stats *s = this_cpu_ptr(sn->stats);

	u64_stats_update_begin(&s->syncp);
	u64_stats_inc(&s->events_lost[group]);
	u64_stats_update_end(&s->syncp);
}

static void count_lost_anywhere(struct sfw_net *sn, int group)
{
	bool bh = !in_softirq();

	if (bh)
		local_bh_disable();
	count_lost(sn, group);
	if (bh)
		local_bh_enable();
}

/* In a flood nearly all events end with these two. Is there none to have until
 * the clock ticks, and is a message about those that are lost on its way?
 */
static __always_inline bool spent(const struct sfw_net *sn, int group)
{
	unsigned long now = jiffies;

	return READ_ONCE(sn->event.refused[group]) == now &&
	       atomic_read(&sn->event.armed);
}

/* Did nobody listen, or nobody in this namespace, when that was asked in this
 * tick? Who comes hears from the next one on.
 */
static __always_inline bool quiet(const struct sfw_net *sn, int group)
{
	unsigned long now = jiffies;

	return READ_ONCE(sn->event.quiet[group]) == now;
}

/* One event less; false if nobody misses it. RCU read side. */
static bool lose(struct sfw_net *sn, int group)
{
	struct sfw_event_ns *ev = &sn->event;
	unsigned long heard = READ_ONCE(ev->heard[group]);

	if (!heard || time_after(jiffies, heard + DEAF_AFTER))
		return false;
	count_lost_anywhere(sn, group);
	if (!atomic_read(&ev->armed) && !atomic_xchg(&ev->armed, 1))
		queue_delayed_work(system_power_efficient_wq, &ev->tell,
				   TELL_AFTER);
	return true;
}

/* The event's message begins; NULL without memory. */
static struct sk_buff *begin(struct sfw_net *sn, int group, u8 cmd, void **hdr)
{
	struct sk_buff *skb = genlmsg_new(ROOM, GFP_ATOMIC | __GFP_NOWARN);
	u32 seq = atomic_inc_return(&sn->event.seq[group]);

	if (!skb)
		return NULL;
	*hdr = genlmsg_put(skb, 0, seq, &sfw_netlink_family, 0, cmd);
	if (*hdr && !nla_put_u64_64bit(skb, SFW_A_TIME, ktime_get_real_ns(),
				       SFW_A_PAD))
		return skb;
	nlmsg_free(skb);
	return NULL;
}

/* RCU read side. */
static void finish(struct sfw_net *sn, int group, struct sk_buff *skb,
		   void *hdr)
{
	int err;

	genlmsg_end(skb, hdr);
	if (READ_ONCE(closed)) {
		nlmsg_free(skb);
		return;
	}
	/* Who is too slow to take it, is told so by his socket. */
	err = genlmsg_multicast_netns(&sfw_netlink_family, sn->net, skb, 0,
				      group, GFP_ATOMIC);
	if (!err && group < SFW_EVENT_LIMITED)
		WRITE_ONCE(sn->event.heard[group], jiffies | 1);
}

/* May one be sent? If not, it is lost. RCU read side. */
static bool take(struct sfw_net *sn, int group)
{
	struct sfw_event_ns *ev = &sn->event;
	u64 now = get_jiffies_64();

	if (!listeners(group)) {
		WRITE_ONCE(ev->quiet[group], (unsigned long)now);
		return false;
	}
	if (sfw_limit_take(&ev->limit[group], jiffies64_to_nsecs(now)))
		return true;
	if (lose(sn, group))
		WRITE_ONCE(ev->refused[group], (unsigned long)now);
	else
		WRITE_ONCE(ev->quiet[group], (unsigned long)now);
	return false;
}

static void tell_one(struct sfw_net *sn, int group, u64 n)
{
	struct sk_buff *skb;
	void *hdr;

	rcu_read_lock();
	skb = begin(sn, group, SFW_CMD_LOST_EVENT, &hdr);
	if (!skb)
		goto out;
	if (nla_put_u8(skb, SFW_A_GROUP, group) ||
	    nla_put_u64_64bit(skb, SFW_A_COUNT, n, SFW_A_PAD)) {
		nlmsg_free(skb);
		goto out;
	}
	finish(sn, group, skb, hdr);
	sn->event.told[group] += n;
out:
	rcu_read_unlock();
}

static bool tell_all(struct sfw_net *sn)
{
	bool any = false;
	int group;

	for (group = 0; group < SFW_EVENT_LIMITED; group++) {
		u64 n = lost(sn, group) - sn->event.told[group];

		if (!n)
			continue;
		tell_one(sn, group, n);
		any = true;
	}
	return any;
}

static void tell_work(struct work_struct *work)
{
	struct sfw_event_ns *ev = container_of(to_delayed_work(work),
					       struct sfw_event_ns, tell);
	struct sfw_net *sn = container_of(ev, struct sfw_net, event);

	if (!tell_all(sn)) {
		atomic_set(&ev->armed, 0);
		/* Who took it for armed has counted by then. */
		synchronize_rcu();
		if (!tell_all(sn) || atomic_xchg(&ev->armed, 1))
			return;
	}
	queue_delayed_work(system_power_efficient_wq, &ev->tell, TELL_AFTER);
}

/**
 * sfw_event_begin_ns() - a namespace comes into being
 * @sn: the namespace, all zeroes
 *
 * Context: may sleep.
 */
void sfw_event_begin_ns(struct sfw_net *sn)
{
	static const struct sfw_rate rate = {
		.count = SFW_EVENT_RATE,
		.burst = SFW_EVENT_BURST,
		.unit = SFW_RATE_UNIT_SECOND,
	};
	struct sfw_event_ns *ev = &sn->event;
	int group;

	for (group = 0; group < SFW_EVENT_LIMITED; group++) {
		sfw_limit_init(&ev->limit[group], &rate);
		ev->quiet[group] = jiffies - 1;
	}
	INIT_DELAYED_WORK(&ev->tell, tell_work);
}

/**
 * sfw_event_end_ns() - a namespace goes
 * @sn: the namespace; no packet path can reach it any more
 *
 * Context: may sleep.
 */
void sfw_event_end_ns(struct sfw_net *sn)
{
	cancel_delayed_work_sync(&sn->event.tell);
}

static int put_ends(struct sk_buff *skb, const struct sfw_packet *pkt)
{
	if (nla_put_u8(skb, SFW_DROPPED_PROTOCOL, pkt->protocol) ||
	    sfw_codec_put_addr(skb, SFW_DROPPED_SOURCE, pkt->family,
			       &pkt->src) ||
	    sfw_codec_put_addr(skb, SFW_DROPPED_DESTINATION, pkt->family,
			       &pkt->dst))
		return -EMSGSIZE;
	if (pkt->has_ports) {
		if (nla_put_u16(skb, SFW_DROPPED_SOURCE_PORT, pkt->sport) ||
		    nla_put_u16(skb, SFW_DROPPED_DESTINATION_PORT, pkt->dport))
			return -EMSGSIZE;
		if (pkt->protocol == IPPROTO_TCP)
			return nla_put_u8(skb, SFW_DROPPED_TCP_FLAGS,
					  pkt->tcp.flags);
		return 0;
	}
	if (pkt->fragment || (pkt->protocol != IPPROTO_ICMP &&
			      pkt->protocol != IPPROTO_ICMPV6))
		return 0;
	if (nla_put_u8(skb, SFW_DROPPED_ICMP_TYPE, pkt->icmp_type) ||
	    nla_put_u8(skb, SFW_DROPPED_ICMP_CODE, pkt->icmp_code))
		return -EMSGSIZE;
	if (pkt->icmp_class == SFW_ICMP_QUERY ||
	    pkt->icmp_class == SFW_ICMP_REPLY)
		return nla_put_u16(skb, SFW_DROPPED_ICMP_ID, pkt->icmp_id);
	return 0;
}

static int put_packet(struct sk_buff *skb, const struct sfw_ruleset *rs,
		      const struct sfw_packet *pkt,
		      const struct sfw_verdict *v)
{
	struct nlattr *nest = nla_nest_start(skb, SFW_A_DROPPED);

	if (!nest ||
	    nla_put_u8(skb, SFW_DROPPED_DIRECTION, pkt->direction) ||
	    nla_put_u8(skb, SFW_DROPPED_REASON, v->reason) ||
	    nla_put_u8(skb, SFW_DROPPED_ACTION, v->action) ||
	    (rs->audit && nla_put_flag(skb, SFW_DROPPED_AUDIT)) ||
	    (v->listed &&
	     (nla_put_u8(skb, SFW_DROPPED_RULE_DIRECTION, v->direction) ||
	      nla_put_u32(skb, SFW_DROPPED_RULE_NUMBER, v->number))) ||
	    (pkt->family && put_ends(skb, pkt)) ||
	    nla_put_u32(skb, SFW_DROPPED_LENGTH, pkt->len) ||
	    (pkt->ifname &&
	     nla_put_string(skb, SFW_DROPPED_INTERFACE, pkt->ifname)))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

/* Apart, so that what is past the rate saves no registers for it. */
static noinline void send_drop(struct sfw_net *sn, const struct sfw_ruleset *rs,
			       const struct sfw_packet *pkt,
			       const struct sfw_verdict *v)
{
	struct sk_buff *skb;
	void *hdr;

	if (!take(sn, SFW_GROUP_DROPS))
		return;
	skb = begin(sn, SFW_GROUP_DROPS, SFW_CMD_DROP_EVENT, &hdr);
	if (skb && !nla_put_u32(skb, SFW_A_GENERATION, rs->generation) &&
	    !put_packet(skb, rs, pkt, v)) {
		finish(sn, SFW_GROUP_DROPS, skb, hdr);
		return;
	}
	nlmsg_free(skb);
	lose(sn, SFW_GROUP_DROPS);
}

/**
 * sfw_event_send_drop() - what sfw_event_drop() does if somebody listens
 * @sn: the namespace
 * @rs: its running rule set
 * @pkt: the packet; without a family there is nothing to say about it
 * @v: the verdict
 *
 * Context: RCU read side, BH disabled.
 */
void sfw_event_send_drop(struct sfw_net *sn, const struct sfw_ruleset *rs,
			 const struct sfw_packet *pkt,
			 const struct sfw_verdict *v)
{
	if (spent(sn, SFW_GROUP_DROPS))
		count_lost(sn, SFW_GROUP_DROPS);
	else if (!quiet(sn, SFW_GROUP_DROPS))
		send_drop(sn, rs, pkt, v);
}

static noinline void send_conn(struct sfw_net *sn, const struct sfw_conn *conn,
			       int end)
{
	struct sfw_conn_view view;
	struct sk_buff *skb;
	void *hdr;

	if (!take(sn, SFW_GROUP_CONNS))
		return;
	sfw_conn_get_view(sn->net, conn, &view);
	skb = begin(sn, SFW_GROUP_CONNS, end < 0 ? SFW_CMD_CONN_NEW_EVENT :
						   SFW_CMD_CONN_END_EVENT,
		    &hdr);
	if (skb && (end < 0 || !nla_put_u8(skb, SFW_A_END, end)) &&
	    !nla_put_u32(skb, SFW_A_GENERATION,
			 READ_ONCE(conn->origin) >> 32) &&
	    !sfw_codec_put_conn(skb, &view)) {
		finish(sn, SFW_GROUP_CONNS, skb, hdr);
		return;
	}
	nlmsg_free(skb);
	lose(sn, SFW_GROUP_CONNS);
}

/**
 * sfw_event_send_conn() - what sfw_event_conn() does if somebody listens
 * @table: table of the namespace
 * @conn: the connection
 * @end: enum sfw_end; -1 if it was made
 *
 * Context: RCU read side.
 */
void sfw_event_send_conn(struct sfw_table *table, const struct sfw_conn *conn,
			 int end)
{
	struct sfw_net *sn = container_of(table, struct sfw_net, table);

	if (spent(sn, SFW_GROUP_CONNS))
		count_lost_anywhere(sn, SFW_GROUP_CONNS);
	else if (!quiet(sn, SFW_GROUP_CONNS))
		send_conn(sn, conn, end);
}

/**
 * sfw_event_watched() - does anybody listen to connections
 *
 * Return: true if so, in whatever namespace.
 * Context: any.
 */
bool sfw_event_watched(void)
{
	return static_branch_unlikely(&sfw_event_conns) &&
	       listeners(SFW_GROUP_CONNS);
}

static int put_change(struct sk_buff *skb, struct sfw_net *sn,
		      enum sfw_change change, u32 portid)
{
	const struct sfw_ruleset *rs = sfw_ruleset_running(sn);
	u32 left = sfw_commit_left(sn);

	if (nla_put_u32(skb, SFW_A_GENERATION, sn->generation) ||
	    nla_put_u8(skb, SFW_A_CHANGE, change) ||
	    (portid && nla_put_u32(skb, SFW_A_PORTID, portid)) ||
	    (left && nla_put_u32(skb, SFW_A_CONFIRM_MS, left)))
		return -EMSGSIZE;
	if (!rs)
		return 0;
	if (nla_put_u8(skb, SFW_A_MODE, rs->mode) ||
	    nla_put_u8(skb, SFW_A_AUDIT, rs->audit) ||
	    nla_put_u32(skb, SFW_A_RULES_IN, rs->n[SFW_DIRECTION_IN]) ||
	    nla_put_u32(skb, SFW_A_RULES_OUT, rs->n[SFW_DIRECTION_OUT]))
		return -EMSGSIZE;
	return 0;
}

/**
 * sfw_event_change() - the rule set was changed, or a change confirmed
 * @sn: the namespace
 * @change: what was done
 * @portid: of the socket that asked for it, 0 if nobody did
 *
 * Context: the namespace's lock; may sleep.
 */
void sfw_event_change(struct sfw_net *sn, enum sfw_change change, u32 portid)
{
	struct sk_buff *skb;
	void *hdr;

	if (!listeners(SFW_GROUP_RULES))
		return;
	rcu_read_lock();
	skb = begin(sn, SFW_GROUP_RULES, SFW_CMD_CHANGE_EVENT, &hdr);
	if (skb && !put_change(skb, sn, change, portid))
		finish(sn, SFW_GROUP_RULES, skb, hdr);
	else
		nlmsg_free(skb);
	rcu_read_unlock();
}
