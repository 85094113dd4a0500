// SPDX-License-Identifier: GPL-2.0
/*
 * Changes of what runs in a namespace, and how they are taken back.
 *
 * Every change - a rule set, one rule, the mode, no rule set at all - is one
 * commit: a pointer is swapped, the generation goes up by one, and every
 * packet is judged wholly by what ran before or wholly by what runs then. Live
 * connections are judged again at their next packet (judge.c).
 *
 * What a commit replaced is kept, whole and compiled, until the next one. So
 * to take a commit back needs no memory and cannot fail, except that the hooks
 * have to come up again after a flush. Taking back is a commit as well: it
 * keeps what it replaced, and a second rollback goes forth again.
 *
 * A commit that asks for confirmation arms a delayed work. It belongs to the
 * namespace and to nobody's socket, so it does not matter what becomes of the
 * program that asked, of its shell or of the session they run in. Until the
 * commit is confirmed or taken back there is no other commit: what would the
 * timer go back to?
 *
 * Synchronisation: struct sfw_net.lock for everything; what proc.c reads without
 * it is written for that. The work takes it, too, and looks whether and when it
 * is due only then; so confirm need not wait for a work that runs already. A
 * rule set that comes back gets its new generation while no packet can still be
 * reading it: a grace period has to pass since it was replaced, mostly it has
 * long done so.
 *
 * Tried and rejected: cloning what is to come back. It takes memory and time
 * at a moment when nobody is there to hear that there was none.
 */
#include <linux/rcupdate.h>
#include <linux/user_namespace.h>

#include "commit.h"
#include "compat.h"
#include "conn.h"
#include "event.h"
#include "hook.h"
#include "staged.h"
#include "trace.h"

static int kill_all(struct sfw_conn *conn, void *arg)
{
	sfw_conn_kill(arg, conn, SFW_END_CUT);
	return 0;
}

static void table_clear(struct sfw_table *table)
{
	struct sfw_conn_cursor at = {};

	while (!sfw_table_walk_bucket(table, &at, kill_all, table))
		cond_resched();
}

static int go_up(struct sfw_net *sn, struct sfw_ruleset *rs)
{
	int err;

	err = sfw_table_init(&sn->table, sn->stats);
	if (err)
		return err;
	rcu_assign_pointer(sn->ruleset, rs);
	err = sfw_hook_up(sn);
	if (err) {
		RCU_INIT_POINTER(sn->ruleset, NULL);
		synchronize_rcu();
		sfw_table_destroy(&sn->table);
		return err;
	}
	sn->hooked = true;
	return 0;
}

static void go_down(struct sfw_net *sn)
{
	sfw_hook_down(sn);
	/* Who asks about a packet (explain.c) comes by no hook, and must not
	 * find a set whose table is about to go.
	 */
	RCU_INIT_POINTER(sn->ruleset, NULL);
	/* Unregistering does not wait for packets under way. */
	synchronize_rcu();
	/* Nothing runs that it could be judged beside. */
	sfw_staged_replace(sn, NULL);
	/* One by one takes longer, and is for those who look on. */
	if (sfw_event_watched() || trace_conn_destroy_enabled())
		table_clear(&sn->table);
	sfw_table_destroy(&sn->table);
	sn->hooked = false;
}

/* What packets and status are told of a set: before it is there for packets. */
static void enter(const struct sfw_net *sn, struct sfw_ruleset *rs)
{
	rs->generation = sn->generation + 1;
	rs->committed = ktime_get_boottime_ns();
}

/*
 * Let rs run, which no packet can be reading; NULL is no rule set. What ran is
 * kept in sn->prev, the caller has taken away what was there. Nothing is
 * changed if this fails, and it fails only where hooks have to come up.
 */
static int switch_to(struct sfw_net *sn, struct sfw_ruleset *rs)
{
	struct sfw_ruleset *old = sfw_ruleset_running(sn);

	if (!rs) {
		go_down(sn);
	} else if (!sn->hooked) {
		u32 generation = rs->generation;
		u64 committed = rs->committed;
		int err;

		enter(sn, rs);
		err = go_up(sn, rs);
		if (err) {
			/* It is what a rollback would bring back, as before. */
			rs->generation = generation;
			rs->committed = committed;
			return err;
		}
	} else {
		enter(sn, rs);
		rcu_assign_pointer(sn->ruleset, rs);
	}
	WRITE_ONCE(sn->generation, sn->generation + 1);
	sn->prev = old;
	sn->has_prev = true;
	sn->prev_since = get_state_synchronize_rcu();
	sn->reverted = 0;

	if (rs && old && old->mode == SFW_MODE_STATEFUL &&
	    rs->mode == SFW_MODE_STATELESS) {
		/* No table is kept; packets under way may still add to it. */
		synchronize_rcu();
		table_clear(&sn->table);
	}
	return 0;
}

/* What the defaults and the namespace have counted. */
struct figures {
	struct sfw_counter_sum def[2];
	struct sfw_stats_sum stats;
};

static void figures_read(const struct sfw_net *sn, struct figures *now)
{
	int d;

	for (d = 0; d < 2; d++)
		sfw_entry_sum(sn->def[d], &now->def[d]);
	sfw_ns_stats_sum(sn, &now->stats);
}

static void figures_zero(struct sfw_net *sn, const struct figures *now)
{
	int d;

	for (d = 0; d < 2; d++)
		sn->zero_def[d] = now->def[d];
	sfw_ns_stats_zero(sn, &now->stats);
}

/*
 * A change that is not taking one back. Where nothing ran it is a beginning,
 * and what was counted before is over - only now, and not when the set went: a
 * rollback would have brought that back with its counters.
 */
static int install(struct sfw_net *sn, struct sfw_ruleset *rs)
{
	struct sfw_ruleset *older = sn->prev;
	bool begins = rs && !sn->hooked;
	struct figures now;
	int err;

	/* Without hooks nothing counts, so it is still that afterwards. */
	if (begins)
		figures_read(sn, &now);
	err = switch_to(sn, rs);
	if (err)
		return err;
	if (begins)
		figures_zero(sn, &now);
	sfw_ruleset_free_later(older);
	return 0;
}

static int go_back(struct sfw_net *sn)
{
	struct sfw_ruleset *rs = sn->prev;

	cond_synchronize_rcu(sn->prev_since);
	return switch_to(sn, rs);
}

static int may_change(const struct sfw_net *sn, struct netlink_ext_ack *extack)
{
	if (!sn->pending)
		return 0;
	SFW_SET_ERR_MSG_FMT(extack,
			    "a commit waits to be confirmed: confirm it or roll it back first",
			    "generation %u waits to be confirmed: confirm it or roll it back first",
			    sn->generation);
	return -EINPROGRESS;
}

/**
 * sfw_commit_left() - time to confirm the last commit
 * @sn: the namespace
 *
 * Return: milliseconds, at least 1; 0 if no commit waits to be confirmed.
 * Context: the namespace's lock.
 */
u32 sfw_commit_left(const struct sfw_net *sn)
{
	long left;

	if (!sn->pending)
		return 0;
	left = sn->confirm_by - jiffies;
	return left > 0 ? max(jiffies_to_msecs(left), 1U) : 1;
}

/* The time is over: what ran before runs again. */
static void revert_work(struct work_struct *work)
{
	struct sfw_net *sn = container_of(to_delayed_work(work),
					  struct sfw_net, revert);
	u32 generation;

	mutex_lock(&sn->lock);
	if (!sn->pending)
		goto out;
	/* Not this commit's timer, but that of one confirmed meanwhile. */
	if (time_before(jiffies, sn->confirm_by)) {
		mod_delayed_work(system_unbound_wq, &sn->revert,
				 sn->confirm_by - jiffies);
		goto out;
	}
	/* A commit that waits has hooks: there is nothing that could fail. */
	generation = sn->generation;
	if (WARN_ON_ONCE(go_back(sn)))
		goto out;
	WRITE_ONCE(sn->pending, false);
	sn->reverted = generation;
	sfw_event_change(sn, SFW_CHANGE_REVERT, 0);
	/* The log is the host's. */
	if (sn->net->user_ns == &init_user_ns)
		pr_notice_ratelimited("sfw: generation %u was not confirmed in time and is taken back\n",
				      generation);
out:
	mutex_unlock(&sn->lock);
}

static void await_confirm(struct sfw_net *sn, u32 seconds)
{
	if (!seconds)
		return;
	WRITE_ONCE(sn->pending, true);
	sn->confirm_by = jiffies + seconds * HZ;
	mod_delayed_work(system_unbound_wq, &sn->revert, seconds * HZ);
}

/**
 * sfw_commit_tx() - make the set of a transaction the running one
 * @sn: the namespace
 * @tx: the transaction; gone afterwards whatever the result
 * @dry_run: only check
 * @confirm: seconds after which it is taken back unless it is confirmed; 0 is
 *	never
 * @extack: what is wrong
 *
 * Return: 0, -ESTALE if the generation moved since the transaction began,
 * -EINPROGRESS if another commit waits to be confirmed, or -ENOMEM. After an
 * error the old set runs as before.
 * Context: the namespace's lock; may sleep.
 */
int sfw_commit_tx(struct sfw_net *sn, struct sfw_tx *tx, bool dry_run,
		  u32 confirm, struct netlink_ext_ack *extack)
{
	struct sfw_ruleset *old = sfw_ruleset_running(sn);
	int err;

	if (tx->base != sn->generation) {
		err = sfw_ruleset_stale(sn, extack);
		goto out;
	}
	err = dry_run ? 0 : may_change(sn, extack);
	if (err)
		goto out;
	if (old)
		sfw_ruleset_adopt(tx->rs, old);
	err = sfw_ruleset_compile(sn, tx->rs, extack);
	if (err || dry_run)
		goto out;
	err = install(sn, tx->rs);
	if (err)
		goto out;
	tx->rs = NULL;
	await_confirm(sn, confirm);
out:
	sfw_ruleset_drop_tx(sn, tx);
	return err;
}

/**
 * sfw_commit_mode() - switch mode or audit of the running set
 * @sn: the namespace
 * @mode: enum sfw_mode, -1 to leave it
 * @audit: 0 or 1, -1 to leave it
 * @extack: what is wrong
 *
 * Return: 0, -ENOENT without a rule set, -EINPROGRESS if a commit waits to be
 * confirmed, or -ENOMEM.
 * Context: the namespace's lock; may sleep.
 */
int sfw_commit_mode(struct sfw_net *sn, int mode, int audit,
		    struct netlink_ext_ack *extack)
{
	const struct sfw_ruleset *old = sfw_ruleset_running(sn);
	struct sfw_ruleset *rs;
	int err;

	if (!old) {
		NL_SET_ERR_MSG(extack, "no rule set is loaded");
		return -ENOENT;
	}
	if ((mode < 0 || mode == old->mode) &&
	    (audit < 0 || audit == old->audit))
		return 0;
	err = may_change(sn, extack);
	if (err)
		return err;

	rs = sfw_ruleset_clone(old);
	if (!rs)
		return -ENOMEM;
	if (mode >= 0)
		rs->mode = mode;
	if (audit >= 0)
		rs->audit = audit;
	err = sfw_ruleset_compile(sn, rs, extack);
	if (!err)
		err = install(sn, rs);
	if (err)
		sfw_ruleset_free(rs);
	return err;
}

/**
 * sfw_commit_flush() - remove rule set, table and hooks
 * @sn: the namespace
 * @extack: what is wrong
 *
 * What was counted stays until a set is loaded.
 *
 * Return: 0, also if there was no rule set; -EINPROGRESS if a commit waits to
 * be confirmed.
 * Context: the namespace's lock; may sleep.
 */
int sfw_commit_flush(struct sfw_net *sn, struct netlink_ext_ack *extack)
{
	int err;

	if (!sn->hooked)
		return 0;
	err = may_change(sn, extack);
	if (err)
		return err;
	return install(sn, NULL);
}

/**
 * sfw_commit_stage() - judge a set beside the running one
 * @sn: the namespace
 * @tx: the transaction with the set; gone afterwards whatever the result
 * @dry_run: only check
 * @extack: what is wrong
 *
 * It takes the place of one that is staged already. Nothing that runs
 * changes: this is no commit.
 *
 * Return: 0, -ENOENT if nothing runs that it could be judged beside,
 * -EOPNOTSUPP if the transaction began with the running set, -EINTR or -ENOMEM.
 * After an error what was staged stays.
 * Context: the namespace's lock; may sleep.
 */
int sfw_commit_stage(struct sfw_net *sn, struct sfw_tx *tx, bool dry_run,
		     struct netlink_ext_ack *extack)
{
	struct sfw_staged *staged;
	int err;

	if (!sfw_ruleset_running(sn)) {
		NL_SET_ERR_MSG(extack,
			       "no rule set is loaded that it could be judged beside");
		err = -ENOENT;
		goto out;
	}
	/* A clone shares its rules, with counters and rates, with what runs. */
	if (tx->edit) {
		NL_SET_ERR_MSG(extack,
			       "a set that is staged does not begin with the running one");
		err = -EOPNOTSUPP;
		goto out;
	}
	err = sfw_ruleset_compile(sn, tx->rs, extack);
	if (err || dry_run)
		goto out;
	staged = sfw_staged_new(tx->rs);
	if (!staged) {
		err = -ENOMEM;
		goto out;
	}
	tx->rs = NULL;
	sfw_staged_replace(sn, staged);
out:
	sfw_ruleset_drop_tx(sn, tx);
	return err;
}

static int no_staged(struct netlink_ext_ack *extack)
{
	NL_SET_ERR_MSG(extack, "no rule set is staged");
	return -ENOENT;
}

/**
 * sfw_commit_unstage() - drop the staged set
 * @sn: the namespace
 * @extack: what is wrong
 *
 * Return: 0, or -ENOENT if there is none.
 * Context: the namespace's lock.
 */
int sfw_commit_unstage(struct sfw_net *sn, struct netlink_ext_ack *extack)
{
	if (!sfw_staged_get(sn))
		return no_staged(extack);
	sfw_staged_replace(sn, NULL);
	return 0;
}

static void zero_rules(struct sfw_ruleset *rs)
{
	u32 i;
	int d;

	if (!rs)
		return;
	for (d = 0; d < 2; d++) {
		for (i = 0; i < rs->n[d]; i++) {
			struct sfw_entry *entry = sfw_ruleset_entry(rs, d, i);

			sfw_entry_sum(entry->counter, &entry->zero);
			cond_resched();
		}
	}
}

/* What a staged set counted is not what it did: begin anew, except for the
 * rules that ran before.
 */
static void zero_shared(struct sfw_ruleset *rs, const struct sfw_ruleset *staged)
{
	u32 i;
	int d;

	for (d = 0; d < 2; d++) {
		for (i = 0; i < rs->n[d]; i++) {
			struct sfw_entry *entry = sfw_ruleset_entry(rs, d, i);

			if (rs->rule[d][i] == staged->rule[d][i])
				sfw_entry_sum(entry->counter, &entry->zero);
			cond_resched();
		}
	}
}

/**
 * sfw_commit_promote() - make the staged set the running one
 * @sn: the namespace
 * @confirm: as for sfw_commit_tx()
 * @extack: what is wrong
 *
 * Return: 0, -ENOENT if none is staged, -EINPROGRESS if a commit waits to be
 * confirmed, -EINTR or -ENOMEM. After an error it is still staged.
 * Context: the namespace's lock; may sleep.
 */
int sfw_commit_promote(struct sfw_net *sn, u32 confirm,
		       struct netlink_ext_ack *extack)
{
	struct sfw_staged *staged = sfw_staged_get(sn);
	struct sfw_ruleset *rs;
	int err;

	if (!staged)
		return no_staged(extack);
	err = may_change(sn, extack);
	if (err)
		return err;
	rs = sfw_ruleset_clone(staged->rs);
	if (!rs)
		return -ENOMEM;
	/* The clone shares the rules, and to adopt changes their lists: no
	 * packet may still read them.
	 */
	RCU_INIT_POINTER(sn->staged, NULL);
	synchronize_rcu();
	sfw_ruleset_adopt(rs, sfw_ruleset_running(sn));
	err = sfw_ruleset_compile(sn, rs, extack);
	if (err)
		goto fail;
	zero_shared(rs, staged->rs);
	err = install(sn, rs);
	if (err)
		goto fail;
	sfw_staged_free(staged);
	await_confirm(sn, confirm);
	return 0;

fail:
	sfw_ruleset_free(rs);
	rcu_assign_pointer(sn->staged, staged);
	return err;
}

/**
 * sfw_commit_confirm() - keep the commit that waits for it
 * @sn: the namespace
 * @extack: what is wrong
 *
 * Return: 0, or -ENOENT if none waits.
 * Context: the namespace's lock.
 */
int sfw_commit_confirm(struct sfw_net *sn, struct netlink_ext_ack *extack)
{
	if (!sn->pending) {
		NL_SET_ERR_MSG(extack, "no commit waits to be confirmed");
		return -ENOENT;
	}
	WRITE_ONCE(sn->pending, false);
	cancel_delayed_work(&sn->revert);
	return 0;
}

/**
 * sfw_commit_rollback() - take the last commit back
 * @sn: the namespace
 * @extack: what is wrong
 *
 * Return: 0; -ENOENT if there was none, -ENOMEM or what hooks ask for if they
 * have to come up again, and all is as before.
 * Context: the namespace's lock; may sleep.
 */
int sfw_commit_rollback(struct sfw_net *sn, struct netlink_ext_ack *extack)
{
	int err;

	if (!sn->has_prev) {
		NL_SET_ERR_MSG(extack, "there is no commit to take back");
		return -ENOENT;
	}
	err = go_back(sn);
	if (err)
		return err;
	WRITE_ONCE(sn->pending, false);
	cancel_delayed_work(&sn->revert);
	return 0;
}

/**
 * sfw_commit_zero() - set all counters of a namespace to zero
 * @sn: the namespace
 *
 * The counters themselves belong to the packet path; what they show now is
 * remembered and subtracted. Those of the rules that rollback would bring
 * back are among them.
 *
 * Context: the namespace's lock; may sleep.
 */
void sfw_commit_zero(struct sfw_net *sn)
{
	struct figures now;

	figures_read(sn, &now);
	figures_zero(sn, &now);
	zero_rules(sfw_ruleset_running(sn));
	zero_rules(sn->prev);
}

/**
 * sfw_commit_begin_ns() - a namespace comes into being
 * @sn: the namespace, all zeroes
 *
 * Context: may sleep.
 */
void sfw_commit_begin_ns(struct sfw_net *sn)
{
	INIT_DELAYED_WORK(&sn->revert, revert_work);
}

/**
 * sfw_commit_stop_ns() - no packets and no timer from now on
 * @sn: the namespace; nobody can commit any more
 *
 * Packets under way may be in the hooks until the next RCU grace period.
 *
 * Context: may sleep.
 */
void sfw_commit_stop_ns(struct sfw_net *sn)
{
	mutex_lock(&sn->lock);
	WRITE_ONCE(sn->pending, false);
	if (sn->hooked)
		sfw_hook_down(sn);
	mutex_unlock(&sn->lock);
	cancel_delayed_work_sync(&sn->revert);
}

/**
 * sfw_commit_end_ns() - free rule sets and table
 * @sn: the namespace; a grace period after sfw_commit_stop_ns()
 *
 * Context: the namespace's lock; may sleep.
 */
void sfw_commit_end_ns(struct sfw_net *sn)
{
	sfw_ruleset_free(sn->prev);
	sn->prev = NULL;
	sfw_staged_free(rcu_replace_pointer(sn->staged, NULL,
					    lockdep_is_held(&sn->lock)));
	if (!sn->hooked)
		return;
	sfw_table_destroy(&sn->table);
	sfw_ruleset_free(rcu_replace_pointer(sn->ruleset, NULL,
					     lockdep_is_held(&sn->lock)));
	sn->hooked = false;
}
