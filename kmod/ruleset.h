/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Rule sets of a namespace: the running one and those being staged.
 */
#ifndef _SFW_RULESET_H
#define _SFW_RULESET_H

#include <linux/refcount.h>
#include <linux/workqueue.h>

#include "classify.h"
#include "codec.h"
#include "entry.h"
#include "ns.h"
#include "option.h"

struct netlink_ext_ack;

/* Open transactions of one namespace. */
#define SFW_TX_MAX	64

/*
 * Bytes of the messages of one transaction. What a message makes the kernel
 * keep is bounded by its length, so this bounds a half-sent set, too, whatever
 * it is made of. A rule has about 100 bytes, with a long comment 350: a
 * million of them fit.
 */
#define SFW_TX_BYTES_MAX	(512ULL << 20)

/**
 * struct sfw_ruleset - a rule set; constant once it runs
 * @rwork: frees it after the last reader
 * @generation: of the commit that made it the running one
 * @mode: enum sfw_mode
 * @audit: drop nothing
 * @def: what happens to packets that no rule matches
 * @opt: options, as named
 * @eff: options in force
 * @sets: named lists
 * @rule: rules of each direction, ascending; they are in struct sfw_entry
 * @n: how many
 * @cap: room in @rule
 * @cls: compiled @rule
 * @committed: ktime_get_boottime_ns() of the commit
 * @live: connections by rule, the default last, when they were counted last;
 *	NULL if they never were; under the namespace's lock
 */
struct sfw_ruleset {
	struct rcu_work rwork;
	u32 generation;
	u8 mode;
	bool audit;
	struct sfw_default {
		u8 action;
		bool log;
		struct sfw_limit log_limit;
	} def[2];
	struct sfw_options opt;
	struct sfw_options eff;
	struct sfw_sets sets;
	struct sfw_rule **rule[2];
	u32 n[2];
	u32 cap[2];
	struct sfw_classifier *cls[2];
	u64 committed;
	u32 *live[2];
};

static inline struct sfw_entry *sfw_ruleset_entry(const struct sfw_ruleset *rs,
						  u8 direction, u32 index)
{
	return container_of(rs->rule[direction][index], struct sfw_entry, rule);
}

/**
 * struct sfw_tx - a transaction
 * @list: in struct sfw_net.txs
 * @rcu: frees it
 * @portid: of the socket it is bound to
 * @base: generation it was begun at
 * @edit: it began with the running set
 * @failed: a message of it was refused; it can only be dropped
 * @bytes: of the messages so far
 * @rs: the staged set
 *
 * All that it holds is charged to the memory cgroup of its sender, and given
 * back when the socket closes.
 */
struct sfw_tx {
	struct list_head list;
	struct rcu_head rcu;
	u32 portid;
	u32 base;
	bool edit;
	bool failed;
	u64 bytes;
	struct sfw_ruleset *rs;
};

int sfw_ruleset_init(void);
void sfw_ruleset_exit(void);

struct sfw_ruleset *sfw_ruleset_running(struct sfw_net *sn);
int sfw_ruleset_begin(struct sfw_net *sn, u32 portid, bool clone,
		      struct netlink_ext_ack *extack);
struct sfw_tx *sfw_ruleset_find_tx(struct sfw_net *sn, u32 portid);
bool sfw_ruleset_has_tx(struct sfw_net *sn, u32 portid);
void sfw_ruleset_drop_tx(struct sfw_net *sn, struct sfw_tx *tx);
int sfw_ruleset_add(struct sfw_ruleset *rs, const struct nlattr *nla,
		    struct netlink_ext_ack *extack);
int sfw_ruleset_del(struct sfw_ruleset *rs, u8 direction, u32 number,
		    struct netlink_ext_ack *extack);
int sfw_ruleset_move(struct sfw_ruleset *rs, u8 direction, u32 number, u32 to,
		     struct netlink_ext_ack *extack);
struct sfw_ruleset *sfw_ruleset_clone(const struct sfw_ruleset *old);
void sfw_ruleset_adopt(struct sfw_ruleset *rs, const struct sfw_ruleset *old);
int sfw_ruleset_compile(struct sfw_net *sn, struct sfw_ruleset *rs,
			struct netlink_ext_ack *extack);
void sfw_ruleset_free(struct sfw_ruleset *rs);
void sfw_ruleset_free_later(struct sfw_ruleset *rs);
void sfw_ruleset_queue_free(struct rcu_work *rwork);
int sfw_ruleset_stale(struct sfw_net *sn, struct netlink_ext_ack *extack);
u32 sfw_ruleset_find(const struct sfw_ruleset *rs, u8 direction, u32 number);

#endif /* _SFW_RULESET_H */
