// SPDX-License-Identifier: GPL-2.0
/*
 * Rule sets of a namespace: the running one and those being staged.
 *
 * A rule set is staged in a transaction that belongs to one netlink socket
 * and becomes the running one in a single pointer swap (commit.c). It is
 * constant while it runs: a change, be it of one rule or of the mode, is a new rule set that
 * shares the unchanged rules (struct sfw_entry) and lists with the old one.
 * Rules that a new file repeats word for word are replaced by the old entries
 * at commit, so their counters and rate limits go on without a gap.
 *
 * Synchronisation: struct sfw_net.lock for all changes and for readers that
 * may sleep; packets see the running set under RCU. The old set is freed by
 * rcu_work on a work queue of the module, because freeing large arrays and
 * per-CPU memory is not for softirq.
 *
 * Tried and rejected: changing mode and audit in place. A packet would see
 * the switch in the middle of its way, and the generation would not tell.
 */
#include <linux/mm.h>
#include <linux/percpu.h>
#include <linux/slab.h>
#include <linux/user_namespace.h>

#include "compat.h"
#include "ruleset.h"

/* Without max-connections: this part of memory, within bounds. */
#define TABLE_MEMORY_SHARE	64
#define TABLE_BYTES_EACH	160
#define TABLE_MIN		16384U
#define TABLE_MAX		16777216U

static struct workqueue_struct *free_wq;

/**
 * sfw_ruleset_free() - free a rule set that no packet can see
 * @rs: the rule set or NULL
 *
 * Context: may sleep.
 */
void sfw_ruleset_free(struct sfw_ruleset *rs)
{
	u32 i;
	int d;

	if (!rs)
		return;
	for (d = 0; d < 2; d++) {
		sfw_classify_free(rs->cls[d]);
		for (i = 0; i < rs->n[d]; i++) {
			sfw_entry_put(rs->rule[d][i]);
			if (!(i & 1023))
				cond_resched();
		}
		kvfree(rs->rule[d]);
		kvfree(rs->live[d]);
	}
	sfw_codec_sets_free(&rs->sets);
	kfree(rs);
}

static void ruleset_free_work(struct work_struct *work)
{
	sfw_ruleset_free(container_of(to_rcu_work(work), struct sfw_ruleset,
				      rwork));
}

/**
 * sfw_ruleset_free_later() - free a rule set that packets may still read
 * @rs: the rule set, which no packet finds any more, or NULL
 *
 * Context: any.
 */
void sfw_ruleset_free_later(struct sfw_ruleset *rs)
{
	if (!rs)
		return;
	INIT_RCU_WORK(&rs->rwork, ruleset_free_work);
	sfw_ruleset_queue_free(&rs->rwork);
}

/**
 * sfw_ruleset_queue_free() - free something after a grace period, in a work
 * @rwork: the work, which frees what it is in
 *
 * Context: any.
 */
void sfw_ruleset_queue_free(struct rcu_work *rwork)
{
	queue_rcu_work(free_wq, rwork);
}

static int ruleset_reserve(struct sfw_ruleset *rs, int d, u32 room)
{
	struct sfw_rule **bigger;
	u32 cap = max(rs->cap[d], 16U);

	if (room <= rs->cap[d])
		return 0;
	while (cap < room)
		cap *= 2;
	bigger = kvcalloc(cap, sizeof(*bigger), GFP_KERNEL_ACCOUNT);
	if (!bigger)
		return -ENOMEM;
	if (rs->n[d])
		memcpy(bigger, rs->rule[d], rs->n[d] * sizeof(*bigger));
	kvfree(rs->rule[d]);
	rs->rule[d] = bigger;
	rs->cap[d] = cap;
	return 0;
}

static struct sfw_ruleset *ruleset_new(void)
{
	struct sfw_ruleset *rs;
	int d;

	rs = kzalloc(sizeof(*rs), GFP_KERNEL_ACCOUNT);
	if (!rs)
		return NULL;
	rs->mode = SFW_MODE_STATEFUL;
	for (d = 0; d < 2; d++)
		rs->def[d].action = SFW_ACTION_DENY;
	sfw_option_defaults(&rs->opt);
	return rs;
}

/**
 * sfw_ruleset_clone() - begin a change of a rule set
 * @old: the rule set
 *
 * Rules and lists are shared. What comes back is not compiled.
 *
 * Return: the rule set, or NULL without memory.
 * Context: the namespace's lock; may sleep.
 */
struct sfw_ruleset *sfw_ruleset_clone(const struct sfw_ruleset *old)
{
	struct sfw_ruleset *rs;
	u32 i;
	int d;

	rs = ruleset_new();
	if (!rs)
		return NULL;
	rs->mode = old->mode;
	rs->audit = old->audit;
	rs->opt = old->opt;
	if (sfw_codec_sets_clone(&rs->sets, &old->sets))
		goto fail;
	for (d = 0; d < 2; d++) {
		rs->def[d].action = old->def[d].action;
		rs->def[d].log = old->def[d].log;
		/* One more: a clone is made to add a rule, as a rule. */
		if (ruleset_reserve(rs, d, old->n[d] + 1))
			goto fail;
		for (i = 0; i < old->n[d]; i++) {
			refcount_inc(&sfw_ruleset_entry(old, d, i)->refs);
			rs->rule[d][i] = old->rule[d][i];
		}
		rs->n[d] = old->n[d];
	}
	return rs;

fail:
	sfw_ruleset_free(rs);
	return NULL;
}

/* First rule with this number or a higher one. */
static u32 rule_position(const struct sfw_ruleset *rs, u8 direction, u32 number)
{
	u32 lo = 0, hi = rs->n[direction];

	/* Files are in order: the common answer is the end. */
	if (!hi || rs->rule[direction][hi - 1]->number < number)
		return hi;
	while (lo < hi) {
		u32 mid = lo + (hi - lo) / 2;

		if (rs->rule[direction][mid]->number < number)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/**
 * sfw_ruleset_find() - index of a rule
 * @rs: the rule set
 * @direction: enum sfw_direction
 * @number: of the rule
 *
 * Return: index in its direction, or SFW_CLASSIFY_NONE.
 * Context: RCU read side or the namespace's lock.
 */
u32 sfw_ruleset_find(const struct sfw_ruleset *rs, u8 direction, u32 number)
{
	u32 i = rule_position(rs, direction, number);

	if (i < rs->n[direction] && rs->rule[direction][i]->number == number)
		return i;
	return SFW_CLASSIFY_NONE;
}

static int insert_entry(struct sfw_ruleset *rs, struct sfw_entry *entry,
			struct netlink_ext_ack *extack)
{
	u8 d = entry->rule.direction;
	u32 i = rule_position(rs, d, entry->rule.number);
	int err;

	if (i < rs->n[d] && rs->rule[d][i]->number == entry->rule.number) {
		SFW_SET_ERR_MSG_FMT(extack,
				    "there is a rule with this number already",
				    "there is a rule %s %u already",
				    d == SFW_DIRECTION_IN ? "in" : "out",
				    entry->rule.number);
		return -EEXIST;
	}
	err = ruleset_reserve(rs, d, rs->n[d] + 1);
	if (err)
		return err;
	memmove(&rs->rule[d][i + 1], &rs->rule[d][i],
		(rs->n[d] - i) * sizeof(rs->rule[d][0]));
	rs->rule[d][i] = &entry->rule;
	rs->n[d]++;
	return 0;
}

/**
 * sfw_ruleset_add() - add a rule to a staged set
 * @rs: the staged set
 * @nla: SFW_A_RULE
 * @extack: what is wrong
 *
 * Return: 0, -EEXIST if the number is taken, -ENOENT for an unknown set,
 * -EINVAL or -ENOMEM.
 * Context: the namespace's lock; may sleep.
 */
int sfw_ruleset_add(struct sfw_ruleset *rs, const struct nlattr *nla,
		    struct netlink_ext_ack *extack)
{
	struct sfw_entry *entry;
	int err;

	entry = sfw_entry_new();
	if (!entry)
		return -ENOMEM;
	err = sfw_codec_get_rule(nla, &rs->sets, &entry->rule, extack);
	if (!err)
		err = sfw_entry_arm(entry);
	if (!err)
		err = insert_entry(rs, entry, extack);
	if (err) {
		NL_SET_BAD_ATTR(extack, extack->bad_attr ? : nla);
		sfw_entry_put(&entry->rule);
		return err;
	}
	return 0;
}

static int no_such_rule(struct netlink_ext_ack *extack, u8 d, u32 number)
{
	SFW_SET_ERR_MSG_FMT(extack, "there is no rule with this number",
			    "there is no rule %s %u",
			    d == SFW_DIRECTION_IN ? "in" : "out", number);
	return -ENOENT;
}

static struct sfw_rule *take_out(struct sfw_ruleset *rs, u8 d, u32 i)
{
	struct sfw_rule *rule = rs->rule[d][i];

	rs->n[d]--;
	memmove(&rs->rule[d][i], &rs->rule[d][i + 1],
		(rs->n[d] - i) * sizeof(rs->rule[d][0]));
	return rule;
}

/**
 * sfw_ruleset_del() - remove a rule from a staged set
 * @rs: the staged set
 * @direction: enum sfw_direction
 * @number: of the rule
 * @extack: what is wrong
 *
 * Return: 0 or -ENOENT.
 * Context: the namespace's lock; may sleep.
 */
int sfw_ruleset_del(struct sfw_ruleset *rs, u8 direction, u32 number,
		    struct netlink_ext_ack *extack)
{
	u32 i = sfw_ruleset_find(rs, direction, number);

	if (i == SFW_CLASSIFY_NONE)
		return no_such_rule(extack, direction, number);
	sfw_entry_put(take_out(rs, direction, i));
	return 0;
}

/**
 * sfw_ruleset_move() - give a rule of a staged set another number
 * @rs: the staged set
 * @direction: enum sfw_direction
 * @number: of the rule
 * @to: its new number
 * @extack: what is wrong
 *
 * The number is part of a rule's identity: its counters begin anew.
 *
 * Return: 0, -ENOENT, -EEXIST if @to is taken, or -ENOMEM.
 * Context: the namespace's lock; may sleep.
 */
int sfw_ruleset_move(struct sfw_ruleset *rs, u8 direction, u32 number, u32 to,
		     struct netlink_ext_ack *extack)
{
	u32 i = sfw_ruleset_find(rs, direction, number);
	const struct sfw_rule *old;
	struct sfw_entry *entry;
	int err;

	if (i == SFW_CLASSIFY_NONE)
		return no_such_rule(extack, direction, number);
	if (number == to)
		return 0;
	entry = sfw_entry_new();
	if (!entry)
		return -ENOMEM;

	old = rs->rule[direction][i];
	entry->rule = *old;
	entry->rule.number = to;
	sfw_list_get(entry->rule.from);
	sfw_list_get(entry->rule.from_port);
	sfw_list_get(entry->rule.to);
	sfw_list_get(entry->rule.to_port);
	if (old->comment) {
		size_t len = strlen(old->comment) + 1;

		entry->rule.comment = sfw_alloc(len, 1);
		if (!entry->rule.comment) {
			sfw_entry_put(&entry->rule);
			return -ENOMEM;
		}
		memcpy(entry->rule.comment, old->comment, len);
	}

	/* Insertion may move the old one. */
	err = sfw_entry_arm(entry);
	if (!err)
		err = insert_entry(rs, entry, extack);
	if (err) {
		sfw_entry_put(&entry->rule);
		return err;
	}
	i = sfw_ruleset_find(rs, direction, number);
	sfw_entry_put(take_out(rs, direction, i));
	return 0;
}

/**
 * sfw_ruleset_find_tx() - the open transaction of a socket
 * @sn: the namespace
 * @portid: of the socket
 *
 * Return: the transaction or NULL.
 * Context: the namespace's lock.
 */
struct sfw_tx *sfw_ruleset_find_tx(struct sfw_net *sn, u32 portid)
{
	struct sfw_tx *tx;

	list_for_each_entry(tx, &sn->txs, list)
		if (tx->portid == portid)
			return tx;
	return NULL;
}

/**
 * sfw_ruleset_has_tx() - has a socket a transaction open?
 * @sn: the namespace
 * @portid: of the socket, which sends nothing meanwhile
 *
 * Context: any.
 */
bool sfw_ruleset_has_tx(struct sfw_net *sn, u32 portid)
{
	const struct sfw_tx *tx;
	bool has = false;

	rcu_read_lock();
	list_for_each_entry_rcu(tx, &sn->txs, list)
		has |= tx->portid == portid;
	rcu_read_unlock();
	return has;
}

/**
 * sfw_ruleset_drop_tx() - forget a transaction and what it staged
 * @sn: the namespace
 * @tx: the transaction
 *
 * Context: the namespace's lock; may sleep.
 */
void sfw_ruleset_drop_tx(struct sfw_net *sn, struct sfw_tx *tx)
{
	list_del_rcu(&tx->list);
	sn->n_txs--;
	sfw_ruleset_free(tx->rs);
	kfree_rcu(tx, rcu);
}

/**
 * sfw_ruleset_stale() - refuse because the generation moved
 * @sn: the namespace
 * @extack: told which generation won
 *
 * Return: -ESTALE.
 * Context: the namespace's lock.
 */
int sfw_ruleset_stale(struct sfw_net *sn, struct netlink_ext_ack *extack)
{
	SFW_SET_ERR_MSG_FMT(extack,
			    "the rule set changed meanwhile",
			    "the rule set changed meanwhile: it is at generation %u",
			    sn->generation);
	return -ESTALE;
}

/**
 * sfw_ruleset_running() - the rule set in force
 * @sn: the namespace
 *
 * Return: the rule set, NULL if there is none.
 * Context: the namespace's lock.
 */
struct sfw_ruleset *sfw_ruleset_running(struct sfw_net *sn)
{
	return rcu_dereference_protected(sn->ruleset,
					 lockdep_is_held(&sn->lock));
}

/**
 * sfw_ruleset_begin() - open a transaction
 * @sn: the namespace
 * @portid: of the socket it is bound to
 * @clone: begin with the running set
 * @extack: what is wrong
 *
 * One that is open on the socket is dropped.
 *
 * Return: 0, -ENOENT if there is nothing to clone, -EBUSY if the namespace has
 * SFW_TX_MAX open, or -ENOMEM.
 * Context: the namespace's lock; may sleep.
 */
int sfw_ruleset_begin(struct sfw_net *sn, u32 portid, bool clone,
		      struct netlink_ext_ack *extack)
{
	struct sfw_ruleset *rs = sfw_ruleset_running(sn);
	struct sfw_tx *tx;

	tx = sfw_ruleset_find_tx(sn, portid);
	if (tx)
		sfw_ruleset_drop_tx(sn, tx);
	if (clone && !rs) {
		NL_SET_ERR_MSG(extack, "no rule set is loaded");
		return -ENOENT;
	}
	if (sn->n_txs >= SFW_TX_MAX) {
		NL_SET_ERR_MSG(extack, "too many open transactions");
		return -EBUSY;
	}

	tx = kzalloc(sizeof(*tx), GFP_KERNEL_ACCOUNT);
	if (!tx)
		return -ENOMEM;
	tx->rs = clone ? sfw_ruleset_clone(rs) : ruleset_new();
	if (!tx->rs) {
		kfree(tx);
		return -ENOMEM;
	}
	tx->portid = portid;
	tx->base = sn->generation;
	tx->edit = clone;
	list_add_tail_rcu(&tx->list, &sn->txs);
	sn->n_txs++;
	return 0;
}

/**
 * default_max_connections() - size of a table whose rule set names none
 *
 * A 64th of the machine's memory, at 160 bytes for a connection: 128 for an
 * IPv4 entry (192 for an IPv6 one), 8 to 24 for its share of the hash table's
 * buckets. That is 209,715 for 2 GiB. Not below 16,384, which take 2.5 MB, and
 * not above 16,777,216, which take 2.6 GB.
 *
 * Return: connections.
 * Context: any.
 */
static u32 default_max_connections(void)
{
	u64 n = (u64)totalram_pages() << PAGE_SHIFT;

	n /= (u64)TABLE_MEMORY_SHARE * TABLE_BYTES_EACH;
	return clamp_t(u64, n, TABLE_MIN, TABLE_MAX);
}

/**
 * sfw_ruleset_compile() - make a rule set ready to run
 * @sn: the namespace
 * @rs: the rule set
 * @extack: what is wrong
 *
 * All of a commit that can fail, before anything is changed. What the running
 * set has compiled already is shared.
 *
 * Return: 0, -ENOMEM, or -EINTR if the caller is being killed.
 * Context: the namespace's lock; may sleep.
 */
int sfw_ruleset_compile(struct sfw_net *sn, struct sfw_ruleset *rs,
			struct netlink_ext_ack *extack)
{
	const struct sfw_ruleset *old = sfw_ruleset_running(sn);
	int d, err;

	err = sfw_codec_sets_finish(&rs->sets, extack);
	if (err)
		return err;
	rs->eff = rs->opt;
	if (!rs->eff.max_connections)
		rs->eff.max_connections = default_max_connections();
	/* The table is charged to nobody: only the host's root may have a
	 * larger one.
	 */
	if (sn->net->user_ns != &init_user_ns)
		rs->eff.max_connections = min(rs->eff.max_connections,
					      default_max_connections());
	for (d = 0; d < 2; d++) {
		sfw_entry_log_limit(&rs->def[d].log_limit, NULL);
		err = sfw_classify_rebuild(&rs->cls[d], rs->rule[d], rs->n[d],
					   old ? old->cls[d] : NULL);
		if (err)
			return err;
	}
	return 0;
}

/* Sets that the new rule set repeats are shared; then two named lists are the
 * same exactly if their pointers are, and each set is compared once and not once
 * for every rule that names it.
 */
static void share_sets(struct sfw_ruleset *rs, const struct sfw_ruleset *old)
{
	u32 i;

	for (i = 0; i < rs->sets.n; i++) {
		struct sfw_list *set = rs->sets.list[i];
		struct sfw_list *twin = sfw_codec_find_set(&old->sets, set->name);

		if (twin && twin != set && sfw_list_equal(set, twin)) {
			rs->sets.list[i] = sfw_list_get(twin);
			sfw_list_put(set);
		}
		cond_resched();
	}
}

static void share_list(struct sfw_list **list, const struct sfw_sets *sets)
{
	struct sfw_list *set;

	if (!*list || !*(*list)->name)
		return;
	set = sfw_codec_find_set(sets, (*list)->name);
	if (set && set != *list) {
		sfw_list_get(set);
		sfw_list_put(*list);
		*list = set;
	}
}

static bool same_sets(const struct sfw_rule *a, const struct sfw_rule *b)
{
	const struct sfw_list *x[] = { a->from, a->from_port, a->to, a->to_port };
	const struct sfw_list *y[] = { b->from, b->from_port, b->to, b->to_port };
	int i;

	for (i = 0; i < ARRAY_SIZE(x); i++)
		if (x[i] != y[i] && ((x[i] && *x[i]->name) ||
				     (y[i] && *y[i]->name)))
			return false;
	return true;
}

/**
 * sfw_ruleset_adopt() - share what a new rule set repeats with an older one
 * @rs: the new one, not compiled yet
 * @old: the older one
 *
 * Rules that stay go on with their counters and their rate limits.
 *
 * Context: the namespace's lock; may sleep.
 */
void sfw_ruleset_adopt(struct sfw_ruleset *rs, const struct sfw_ruleset *old)
{
	int d;

	share_sets(rs, old);
	for (d = 0; d < 2; d++) {
		u32 i = 0, j = 0;

		while (i < rs->n[d] && j < old->n[d]) {
			struct sfw_rule *a = rs->rule[d][i];
			struct sfw_rule *b = old->rule[d][j];

			cond_resched();
			if (a->number < b->number) {
				i++;
				continue;
			}
			if (a->number == b->number) {
				if (a != b) {
					share_list(&a->from, &rs->sets);
					share_list(&a->from_port, &rs->sets);
					share_list(&a->to, &rs->sets);
					share_list(&a->to_port, &rs->sets);
				}
				if (a != b && same_sets(a, b) &&
				    sfw_rule_equal(a, b)) {
					refcount_inc(&sfw_ruleset_entry(old, d, j)->refs);
					rs->rule[d][i] = b;
					sfw_entry_put(a);
				}
				i++;
			}
			j++;
		}
	}
}

/**
 * sfw_ruleset_init() - make the work queue
 *
 * Return: 0 or -ENOMEM.
 * Context: module load.
 */
int __init sfw_ruleset_init(void)
{
	free_wq = alloc_workqueue("sfw", WQ_UNBOUND, 0);
	return free_wq ? 0 : -ENOMEM;
}

/**
 * sfw_ruleset_exit() - wait until all old rule sets are freed
 *
 * Context: module unload, all namespaces flushed.
 */
void sfw_ruleset_exit(void)
{
	rcu_barrier();
	destroy_workqueue(free_wq);
}
