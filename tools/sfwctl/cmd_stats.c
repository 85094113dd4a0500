// SPDX-License-Identifier: GPL-2.0
/*
 * sfwctl stats: the figures, all of them.
 */
#include <stdio.h>

#include "cmd.h"
#include "lib/nl_query.h"
#include "lib/print.h"
#include "stats.h"

static void row(struct out_table *table, const char *name, u64 value)
{
	const char *cells[4] = { name, "", "", "" };
	char buf[24];

	snprintf(buf, sizeof(buf), "%llu", (unsigned long long)value);
	cells[1] = buf;
	out_table_row(table, cells);
}

/* Total, and what of it was in and out. */
static void drop_row(struct out_table *table, const struct nl_stats *stats,
		     size_t reason)
{
	char name[32], buf[3][24];
	const char *cells[4] = { name, buf[0], buf[1], buf[2] };

	snprintf(name, sizeof(name), "  %s", print_reasons[reason]);
	snprintf(buf[0], sizeof(buf[0]), "%llu",
		 (unsigned long long)nl_drops(stats, reason));
	snprintf(buf[1], sizeof(buf[1]), "in %llu",
		 (unsigned long long)stats->drop[SFW_DIRECTION_IN][reason]);
	snprintf(buf[2], sizeof(buf[2]), "out %llu",
		 (unsigned long long)stats->drop[SFW_DIRECTION_OUT][reason]);
	out_table_row(table, cells);
}

static void print_text(const struct nl_stats *stats)
{
	struct out_table *table = out_table_new("lrrr");
	size_t i;

	row(table, "packets", stats->packets);
	row(table, "allowed", stats->allowed);
	row(table, "dropped", stats->dropped);
	for (i = 0; i <= SFW_REASON_MAX; i++)
		drop_row(table, stats, i);
	row(table, "connections", stats->entries);
	row(table, "  max", stats->max);
	row(table, "  created", stats->created);
	row(table, "  evicted", stats->evicted);
	row(table, "  refused", stats->refused);
	row(table, "  expired", stats->expired);
	row(table, "events lost", stats->events_lost);
	out_table_end(table);
}

static void print_json(const struct nl_stats *stats)
{
	out_json(json_pack("{s:I, s:I, s:I, s:o, s:o, s:I}",
			   "packets", (json_int_t)stats->packets,
			   "allowed", (json_int_t)stats->allowed,
			   "dropped", (json_int_t)stats->dropped,
			   "drops", nl_drops_json(stats),
			   "connections", nl_table_json(stats),
			   "events_lost", (json_int_t)stats->events_lost));
}

static enum rc run(int n, char **words)
{
	struct nl_status status;
	enum rc rc;

	if (n)
		return cmd_surplus(words[0]);
	if (cmd_option("--prometheus")) {
		if (out.json)
			return cmd_usage("--prometheus is a format of its own, without -j");
		return stats_prometheus();
	}
	rc = nl_read_status(&status);
	if (rc != RC_OK)
		return rc;
	if (out.json)
		print_json(&status.stats);
	else
		print_text(&status.stats);
	return RC_OK;
}

const struct command cmd_stats = {
	.name = "stats",
	.run = run,
	.summary = "packets, drops by reason, connections: all figures",
	.help =
"Show the figures of this network namespace since its first rule set, or since\n"
"'sfwctl counters zero': packets judged, allowed and dropped, drops by reason\n"
"and direction, and what happened to connections.\n"
"\n"
"Usage: sfwctl stats [--prometheus]\n"
"  --prometheus   in the text format of Prometheus, with the figures of every\n"
"                 rule; for the textfile collector of node_exporter\n"
"\n"
"/proc/net/sfw_stats has the same figures, readable by everybody.\n"
"\n"
"Examples:\n"
"  sfwctl stats\n"
"  sfwctl -j stats | jq .drops.invalid_window\n"
"  sfwctl stats --prometheus | grep sfw_drops_total\n",
	.options = {
		{ "--prometheus" },
	},
};
