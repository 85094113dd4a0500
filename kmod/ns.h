/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the module keeps for each network namespace.
 */
#ifndef _SFW_NS_H
#define _SFW_NS_H

#include <linux/mutex.h>
#include <linux/netfilter.h>
#include <linux/seqlock.h>
#include <linux/u64_stats_sync.h>
#include <linux/workqueue.h>
#include <net/net_namespace.h>

#include "event.h"
#include "pure.h"
#include "table.h"

struct sfw_ruleset;
struct sfw_staged;

/* Netfilter hooks of a namespace. */
#define SFW_HOOKS	4

/* struct sfw_counter, summed over the CPUs. */
struct sfw_counter_sum {
	u64 packets;
	u64 bytes;
	u64 connections;
	u64 last_hit;
};

/**
 * struct sfw_counter - what a rule or default did on one CPU
 * @syncp: lets readers on 32 bit see whole values
 * @packets: packets
 * @bytes: their bytes
 * @connections: connections made
 * @last_hit: jiffies_64 of the last packet
 *
 * Written by its CPU with BH disabled.
 */
struct sfw_counter {
	struct u64_stats_sync syncp;
	u64_stats_t packets;
	u64_stats_t bytes;
	u64_stats_t connections;
	u64_stats_t last_hit;
};

/**
 * struct sfw_stats - figures of a namespace on one CPU
 * @syncp: lets readers on 32 bit see whole values
 * @allowed: packets that passed
 * @drop: packets dropped, by direction and reason
 * @created: connections made
 * @evicted: connections removed to make room
 * @refused: packets that found no room
 * @expired: connections that timed out
 * @events_lost: events that were not sent, by group
 *
 * Written by its CPU with BH disabled.
 */
struct sfw_stats {
	struct u64_stats_sync syncp;
	u64_stats_t allowed;
	u64_stats_t drop[2][SFW_REASON_MAX + 1];
	u64_stats_t created;
	u64_stats_t evicted;
	u64_stats_t refused;
	u64_stats_t expired;
	u64_stats_t events_lost[SFW_EVENT_LIMITED];
};

/* The same, summed. */
struct sfw_stats_sum {
	u64 allowed;
	u64 drop[2][SFW_REASON_MAX + 1];
	u64 created;
	u64 evicted;
	u64 refused;
	u64 expired;
	u64 events_lost[SFW_EVENT_LIMITED];
};

/**
 * struct sfw_net - one network namespace
 * @ruleset: the running set, NULL if there is none; RCU, changed under @lock
 * @staged: a set judged beside it, NULL if there is none; RCU, changed under
 *	@lock
 * @table: the connection table, usable while @hooked
 * @stats: figures; per CPU
 * @def: counters of the two defaults; per CPU
 * @zero: what counters zero subtracts from @stats; written under @lock
 * @zero_seq: lets others read it
 * @zero_def: likewise from @def; under @lock
 * @net: the namespace
 * @hooks: what is registered while @hooked
 * @lock: serialises all changes and netlink reads
 * @txs: open transactions, struct sfw_tx; RCU, changed under @lock
 * @n_txs: how many
 * @generation: counts commits; written under @lock
 * @prev: what the last commit replaced, NULL if that was no rule set; under
 *	@lock
 * @has_prev: there was a commit; under @lock
 * @prev_since: RCU state when packets lost sight of @prev; under @lock
 * @pending: the last commit waits to be confirmed; written under @lock
 * @confirm_by: jiffies at which it is taken back; under @lock
 * @staged_seq: of the last set that was staged; under @lock
 * @reverted: generation that was taken back for want of that, if it was the
 *	last commit, else 0; under @lock
 * @revert: takes it back
 * @event: events, and who hears them
 * @hooked: hooks, defragmentation and table are up; under @lock
 */
struct sfw_net {
	struct sfw_ruleset __rcu *ruleset;
	struct sfw_staged __rcu *staged;
	struct sfw_table table;
	struct sfw_stats __percpu *stats;
	struct sfw_counter __percpu *def[2];
	struct sfw_stats_sum zero;
	seqcount_mutex_t zero_seq;
	struct sfw_counter_sum zero_def[2];
	struct net *net;
	struct nf_hook_ops hooks[SFW_HOOKS];
	struct mutex lock;	/* see above */
	struct list_head txs;
	u32 n_txs;
	u32 generation;
	u32 reverted;
	u32 staged_seq;
	struct sfw_ruleset *prev;
	unsigned long prev_since;
	unsigned long confirm_by;
	struct delayed_work revert;
	struct sfw_event_ns event;
	bool has_prev;
	bool pending;
	bool hooked;
};

struct sfw_net *sfw_ns_get(const struct net *net);
void sfw_ns_stats_sum(const struct sfw_net *sn, struct sfw_stats_sum *sum);
void sfw_ns_stats_since(const struct sfw_net *sn, struct sfw_stats_sum *sum);
void sfw_ns_stats_zero(struct sfw_net *sn, const struct sfw_stats_sum *now);
u64 sfw_ns_events_lost(const struct sfw_stats_sum *sum);
int sfw_ns_init(void);
void sfw_ns_exit(void);

#endif /* _SFW_NS_H */
