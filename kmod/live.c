// SPDX-License-Identifier: GPL-2.0
/*
 * How many connections live by each rule.
 *
 * Counted when somebody asks, by a walk over the table: a connection knows the
 * rule set that judged it last and its rule there. One that the running set
 * has not met yet is judged by it here, for the count alone; so what is shown
 * is what the running set makes of the table, also right after a commit, and a
 * connection that is going to be cut counts for no rule. A million connections
 * are a walk of some tenths of a second, in which packets go on.
 *
 * The figures stay with the rule set, 4 bytes a rule, once they were asked
 * for: a dump takes several messages, and nobody tells us if its reader goes
 * away in the middle.
 *
 * Synchronisation: the namespace's lock; the table is walked under RCU.
 *
 * Tried and rejected: per-CPU counters that are written when a connection is
 * made, moved and removed. The last needs the rule, whose entry may be gone
 * with its set by then; so every connection would hold a reference, for which
 * its 128 bytes have no room, and every new one would write to one cache line
 * more - all for a figure that is looked at now and then.
 */
#include <linux/sched.h>

#include "conn.h"
#include "judge.h"
#include "live.h"

struct count {
	struct sfw_net *sn;
	struct sfw_ruleset *rs;
};

/* The default stands behind the last rule. */
static u32 place(const struct sfw_ruleset *rs, u8 direction, u32 index)
{
	return index == SFW_CLASSIFY_NONE ? rs->n[direction] : index;
}

static int count_one(struct sfw_conn *conn, void *arg)
{
	struct count *count = arg;
	struct sfw_ruleset *rs = count->rs;
	u8 d = conn->flags & SFW_CONN_F_OUT ? SFW_DIRECTION_OUT :
					      SFW_DIRECTION_IN;
	u32 index = sfw_judge_index(count->sn, rs, conn);

	if (index == SFW_CLASSIFY_NONE || index < rs->n[d])
		rs->live[d][place(rs, d, index)]++;
	return 0;
}

static void forget(struct sfw_ruleset *rs)
{
	int d;

	for (d = 0; d < 2; d++)
		memset(rs->live[d], 0, (rs->n[d] + 1) * sizeof(*rs->live[d]));
}

/**
 * sfw_live_count() - count the connections of every rule of the running set
 * @sn: the namespace; without a rule set nothing is done
 *
 * Return: 0 or -ENOMEM.
 * Context: the namespace's lock; may sleep.
 */
int sfw_live_count(struct sfw_net *sn)
{
	struct sfw_ruleset *rs = sfw_ruleset_running(sn);
	struct count count = { .sn = sn, .rs = rs };
	struct sfw_conn_cursor at = {};
	int d;

	if (!rs)
		return 0;
	for (d = 0; d < 2; d++) {
		if (rs->live[d])
			continue;
		rs->live[d] = kvcalloc(rs->n[d] + 1, sizeof(*rs->live[d]),
				       GFP_KERNEL_ACCOUNT);
		if (!rs->live[d])
			return -ENOMEM;
	}
	forget(rs);
	while (!sfw_table_walk_bucket(&sn->table, &at, count_one, &count))
		cond_resched();
	return 0;
}

/**
 * sfw_live_show() - what was counted for a rule
 * @rs: the running set
 * @direction: enum sfw_direction
 * @index: of the rule, SFW_CLASSIFY_NONE for the default
 * @counts: gets the figure, if it was counted
 *
 * Context: the namespace's lock.
 */
void sfw_live_show(const struct sfw_ruleset *rs, u8 direction, u32 index,
		   struct sfw_counts *counts)
{
	if (!rs->live[SFW_DIRECTION_IN] || !rs->live[SFW_DIRECTION_OUT])
		return;
	counts->has_live = true;
	counts->live = rs->live[direction][place(rs, direction, index)];
}
