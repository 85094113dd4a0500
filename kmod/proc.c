// SPDX-License-Identifier: GPL-2.0
/*
 * /proc/net/sfw_stats: the figures of a namespace, for everybody.
 *
 * For monitoring agents that run without rights and without sfwctl. A line is
 * a name and a number; names stay what they are, new ones come at the end. The
 * figures are those of "sfwctl stats". What the rules are, and what each of
 * them did, is not here: that is for those who may change them.
 *
 * Synchronisation: none that waits. Everybody may read this at any time, and
 * the namespace's lock is held for as long as a large set is compiled. RCU for
 * the rule set, and for the table, which is there as long as that can be seen;
 * each of the others is read by itself. So of two figures one may be from
 * before a commit and one from after it.
 */
#include <linux/proc_fs.h>
#include <linux/rcupdate.h>
#include <linux/seq_file.h>

#include "commit.h"
#include "ns.h"
#include "proc.h"
#include "ruleset.h"

#define NAME	"sfw_stats"

static const char * const reasons[SFW_REASON_MAX + 1] = {
	[SFW_REASON_RULE]		= "rule",
	[SFW_REASON_DEFAULT]		= "default",
	[SFW_REASON_INVALID_FLAGS]	= "invalid_flags",
	[SFW_REASON_INVALID_WINDOW]	= "invalid_window",
	[SFW_REASON_INVALID_CHECKSUM]	= "invalid_checksum",
	[SFW_REASON_INVALID_ICMP]	= "invalid_icmp",
	[SFW_REASON_NO_CONNECTION]	= "no_connection",
	[SFW_REASON_MALFORMED]		= "malformed",
	[SFW_REASON_TABLE_FULL]		= "table_full",
	[SFW_REASON_RATE_LIMIT]		= "rate_limit",
};

static void line(struct seq_file *m, const char *name, u64 value)
{
	seq_printf(m, "%s %llu\n", name, value);
}

static void show_drops(struct seq_file *m, const struct sfw_stats_sum *sum)
{
	static const char * const direction[] = { "in", "out" };
	int d, r;

	for (d = 0; d < 2; d++)
		for (r = 0; r <= SFW_REASON_MAX; r++)
			seq_printf(m, "dropped_%s_%s %llu\n", direction[d],
				   reasons[r], sum->drop[d][r]);
}

static int show(struct seq_file *m, void *v)
{
	struct sfw_net *sn = sfw_ns_get(seq_file_single_net(m));
	const struct sfw_ruleset *rs;
	u32 connections = 0, max = 0;
	struct sfw_stats_sum sum;
	u64 dropped = 0;
	bool loaded;
	int d, r;

	sfw_ns_stats_since(sn, &sum);
	rcu_read_lock();
	rs = rcu_dereference(sn->ruleset);
	loaded = rs;
	if (rs) {
		connections = sfw_table_count(&sn->table);
		max = rs->eff.max_connections;
	}
	rcu_read_unlock();
	for (d = 0; d < 2; d++)
		for (r = 0; r <= SFW_REASON_MAX; r++)
			dropped += sum.drop[d][r];
	line(m, "loaded", loaded);
	line(m, "generation", READ_ONCE(sn->generation));
	line(m, "confirm_pending", READ_ONCE(sn->pending));
	line(m, "packets", sum.allowed + dropped);
	line(m, "allowed", sum.allowed);
	line(m, "dropped", dropped);
	show_drops(m, &sum);
	line(m, "connections", connections);
	line(m, "connections_max", max);
	line(m, "connections_created", sum.created);
	line(m, "connections_evicted", sum.evicted);
	line(m, "connections_refused", sum.refused);
	line(m, "connections_expired", sum.expired);
	line(m, "events_lost", sfw_ns_events_lost(&sum));
	return 0;
}

/**
 * sfw_proc_up() - make the file of a namespace
 * @net: the namespace
 *
 * Return: 0 or -ENOMEM.
 * Context: may sleep.
 */
int sfw_proc_up(struct net *net)
{
	if (!IS_ENABLED(CONFIG_PROC_FS) ||
	    proc_create_net_single(NAME, 0444, net->proc_net, show, NULL))
		return 0;
	return -ENOMEM;
}

/**
 * sfw_proc_down() - remove it
 * @net: the namespace
 *
 * Context: may sleep; waits for those who read it.
 */
void sfw_proc_down(struct net *net)
{
	if (IS_ENABLED(CONFIG_PROC_FS))
		remove_proc_entry(NAME, net->proc_net);
}
