// SPDX-License-Identifier: GPL-2.0
/*
 * sfwctl stats --prometheus: the figures in Prometheus' text format.
 *
 * Names and labels stay what they are: dashboards and alerts know them. A rule
 * is named by direction and number as everywhere, "*" is the default; what it
 * is for is in sfw_rule_info alone, so that an edited comment does not begin a
 * new series of each figure.
 */
#include <stdio.h>

#include "lib/nl_query.h"
#include "lib/print.h"
#include "stats.h"

static void family(const char *name, const char *type, const char *help)
{
	printf("# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void value(u64 n)
{
	printf(" %llu\n", (unsigned long long)n);
}

static void single(const char *name, const char *type, const char *help, u64 n)
{
	family(name, type, help);
	fputs(name, stdout);
	value(n);
}

/* Backslash, quote and newline are what the format escapes. */
static void label_text(const char *text)
{
	const char *p;

	for (p = text; *p; p++) {
		switch (*p) {
		case '\\':
			fputs("\\\\", stdout);
			break;
		case '"':
			fputs("\\\"", stdout);
			break;
		case '\n':
			fputs("\\n", stdout);
			break;
		default:
			putchar(*p);
		}
	}
}

static void rule_labels(const char *name, u8 direction, u32 number)
{
	printf("%s{direction=\"%s\",rule=\"", name,
	       print_directions[direction]);
	if (number)
		printf("%u\"", number);
	else
		fputs("*\"", stdout);
}

enum figure {
	PACKETS,
	BYTES,
	CONNECTIONS,
};

static u64 pick(const struct counters *c, enum figure figure)
{
	switch (figure) {
	case PACKETS:
		return c->packets;
	case BYTES:
		return c->bytes;
	case CONNECTIONS:
		break;
	}
	return c->live;
}

/* One figure of all rules and both defaults. */
static void rules(const char *name, const char *type, const char *help,
		  const struct ruleset *rs, enum figure figure)
{
	size_t i;
	u8 d;

	family(name, type, help);
	for (d = 0; rs && d < 2; d++) {
		for (i = 0; i < rs->n_rules[d]; i++) {
			const struct ruleset_rule *rule = rs->rules[d][i];

			rule_labels(name, d, rule->rule.number);
			printf(",action=\"%s\"}",
			       print_actions[rule->rule.action]);
			value(pick(&rule->counters, figure));
		}
		rule_labels(name, d, 0);
		printf(",action=\"%s\"}", print_actions[rs->def[d].action]);
		value(pick(&rs->def[d].counters, figure));
	}
}

static void rule_info(const struct ruleset *rs)
{
	static const char name[] = "sfw_rule_info";
	size_t i;
	u8 d;

	family(name, "gauge", "Comments of the rules that have one.");
	for (d = 0; rs && d < 2; d++) {
		for (i = 0; i < rs->n_rules[d]; i++) {
			const struct sfw_rule *rule = &rs->rules[d][i]->rule;

			if (!rule->comment)
				continue;
			rule_labels(name, d, rule->number);
			fputs(",comment=\"", stdout);
			label_text(rule->comment);
			fputs("\"}", stdout);
			value(1);
		}
	}
}

static void drops(const struct nl_stats *stats)
{
	static const char name[] = "sfw_drops_total";
	size_t reason;
	u8 d;

	family(name, "counter", "Packets dropped, by direction and reason.");
	for (d = 0; d < 2; d++) {
		for (reason = 0; reason <= SFW_REASON_MAX; reason++) {
			printf("%s{direction=\"%s\",reason=\"%s\"}", name,
			       print_directions[d], print_reasons[reason]);
			value(stats->drop[d][reason]);
		}
	}
}

static void put_table(const struct nl_stats *stats)
{
	single("sfw_conntrack_entries", "gauge",
	       "Connections in the table.", stats->entries);
	single("sfw_conntrack_entries_limit", "gauge",
	       "Connections that the table may hold.", stats->max);
	single("sfw_conntrack_created_total", "counter",
	       "Connections made.", stats->created);
	single("sfw_conntrack_evicted_total", "counter",
	       "Connections that made room for others at the limit.",
	       stats->evicted);
	single("sfw_conntrack_refused_total", "counter",
	       "Packets that found no room in the table.", stats->refused);
	single("sfw_conntrack_expired_total", "counter",
	       "Connections that timed out.", stats->expired);
	single("sfw_events_lost_total", "counter",
	       "Events that were not sent because there were too many.",
	       stats->events_lost);
}

static void print_all(const struct nl_status *status, const struct ruleset *rs)
{
	family("sfw_info", "gauge", "Version and mode; mode none is no rule set.");
	printf("sfw_info{version=\"");
	label_text(SFW_VERSION);
	printf("\",mode=\"%s\",audit=\"%s\"} 1\n",
	       status->loaded ? print_modes[status->mode] : "none",
	       status->audit ? "on" : "off");
	single("sfw_ruleset_generation", "gauge",
	       "Commits so far; each is a new rule set.", status->generation);
	single("sfw_confirm_pending", "gauge",
	       "1 while a commit waits to be confirmed.",
	       status->confirm_ms ? 1 : 0);
	single("sfw_packets_allowed_total", "counter", "Packets that passed.",
	       status->stats.allowed);
	drops(&status->stats);
	rules("sfw_rule_packets_total", "counter",
	      "Packets that a rule, or default *, has decided on.", rs, PACKETS);
	rules("sfw_rule_bytes_total", "counter",
	      "Their bytes, from the IP header on.", rs, BYTES);
	rules("sfw_rule_connections", "gauge",
	      "Live connections that a rule, or default *, lets in.", rs,
	      CONNECTIONS);
	rule_info(rs);
	put_table(&status->stats);
}

enum rc stats_prometheus(void)
{
	struct ruleset *rs = NULL;
	struct nl_status status;
	struct nl *nl;
	enum rc rc;

	rc = nl_open(&nl);
	if (rc != RC_OK)
		return rc;
	rc = nl_query_live(nl, &status, &rs);
	nl_close(nl);
	if (rc == RC_OK)
		print_all(&status, rs);
	ruleset_free(rs);
	return rc;
}
