// SPDX-License-Identifier: GPL-2.0
/*
 * A connection table that gets full says so, in the kernel log: once when nine
 * tenths are used, once when the first connection is refused, and each again
 * after a minute if it is still so. The line names what can be done, and how
 * to find out which of it: a larger table, shorter timeouts of the states that
 * fill it, or a limit (or no-state) on the rule that lets them in.
 *
 * Synchronisation: the time of the last line is one word, and whoever changes
 * it writes the line.
 *
 * There is one kernel log and it is the host's: namespaces that belong to a
 * user namespace other than the first write nothing; /proc/net/sfw_stats and
 * the counters tell them.
 */
#define pr_fmt(fmt) "sfw: " fmt

#include <linux/jiffies.h>
#include <linux/printk.h>
#include <linux/user_namespace.h>

#include "fill.h"
#include "ns.h"

#define AGAIN	(60 * HZ)

static bool is_due(unsigned long *last)
{
	unsigned long then = READ_ONCE(*last), now = jiffies | 1;

	if (then && time_before(now, then + AGAIN))
		return false;
	return cmpxchg(last, then, now) == then;
}

/**
 * sfw_fill_warn() - the table is nearly full, or is
 * @table: table of the namespace
 * @max: as many connections as there may be
 * @refused: one was refused; else nine tenths are used
 *
 * Context: any.
 */
void sfw_fill_warn(struct sfw_table *table, u32 max, bool refused)
{
	const struct sfw_net *sn = container_of(table, struct sfw_net, table);
	char netns[sizeof(" (NETNS=4294967295)")] = "";

	if (sn->net->user_ns != &init_user_ns ||
	    !is_due(refused ? &table->fill.refused : &table->fill.high))
		return;
	if (!net_eq(sn->net, &init_net))
		snprintf(netns, sizeof(netns), " (NETNS=%u)", sn->net->ns.inum);
	pr_warn("%s%s, %u of %u in use: raise 'option max-connections', shorten 'option timeout' (sfwctl conns count by state), or put 'limit' or 'no-state' on the rule that lets them in (sfwctl conns count by rule)\n",
		refused ? "connection refused, the table is full" :
			  "the connection table is over 90 % full",
		netns, min_t(u32, sfw_table_count(table), max), max);
}
