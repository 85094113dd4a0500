// SPDX-License-Identifier: GPL-2.0
/*
 * sfwctl monitor: events as they happen.
 *
 * One socket listens, another one asks for the rule set, for the comments of
 * its rules: once at the beginning, and again when an event comes of a later
 * generation. An event of an earlier one has no comment, for that set is gone.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cmd.h"
#include "lib/nl_query.h"
#include "monitor.h"

/* After so long no event comes any more that would show a gap. */
#define QUIET_MS	1000

struct monitor {
	struct nl *ear;
	struct nl *nl;
	u32 groups;		/* a bit each, enum sfw_group */
	struct nl_filter filter;
	struct ruleset *rs;	/* that ran at generation, NULL if none */
	u32 generation;
	u64 left;		/* events to show, if counted */
	bool counted;
	u32 overrun;		/* groups, a bit each, of which the socket may
				 * have lost some; how many, seq tells
				 */
	bool told;		/* of a gap since */
	bool known[SFW_GROUP_MAX + 1];	/* seq is valid */
	u32 seq[SFW_GROUP_MAX + 1];
};

static int ended;

static void end(int signal)
{
	(void)signal;
	__atomic_store_n(&ended, 1, __ATOMIC_RELAXED);
}

static u64 now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (u64)now.tv_sec * 1000000000 + (u64)now.tv_nsec;
}

/* The set that an event is about, if it still runs. A set that cannot be read
 * costs the comment, not the event.
 */
static const struct ruleset *set_of(struct monitor *m, u32 generation)
{
	struct nl_status status;

	if ((s32)(generation - m->generation) > 0) {
		ruleset_free(m->rs);
		m->rs = NULL;
		m->generation = generation;
		if (nl_query_ruleset(m->nl, &status, &m->rs) == RC_OK)
			m->generation = status.generation;
	}
	return m->rs && m->generation == generation ? m->rs : NULL;
}

static const char *comment_of(struct monitor *m, const struct nl_event *event)
{
	const struct ruleset_rule *rule;
	const struct ruleset *rs;
	struct nl_subject s;

	if (!nl_event_subject(event, &s) || !s.has_rule || !s.rule_number)
		return NULL;
	rs = set_of(m, event->generation);
	rule = rs ? ruleset_find_rule(rs, s.rule_direction, s.rule_number) :
		    NULL;
	return rule ? rule->rule.comment : NULL;
}

/* What is missing between the last event of the group and this one. */
static void check_gap(struct monitor *m, const struct nl_event *event)
{
	u8 group = nl_event_group(event);
	u32 missing = event->seq - m->seq[group] - 1;

	/* What was read before it overran is still in the socket; two CPUs may
	 * send in another order than they count.
	 */
	if (m->overrun & BIT(group) && m->known[group] && (s32)missing > 0) {
		monitor_show_lost(group, missing, MONITOR_READER,
				  event->time_ns);
		m->overrun &= ~BIT(group);
		m->told = true;
	}
	m->known[group] = true;
	m->seq[group] = event->seq;
}

/* Nothing came any more: what was lost was the last there was. */
static void close_gap(struct monitor *m)
{
	u8 group;

	for (group = 0; group <= SFW_GROUP_MAX && !m->told; group++)
		if (m->overrun & BIT(group))
			monitor_show_lost(group, 0, MONITOR_READER, now_ns());
	m->overrun = 0;
}

static int hear(const struct nlmsghdr *nlh, void *data)
{
	struct monitor *m = data;
	struct nl_subject subject;
	struct nl_event event;
	int err;

	if (m->counted && !m->left)
		return 0;
	err = nl_get_event(nlh, &event);
	if (err == -ENOMSG)
		return 0;
	if (err)
		return err;
	check_gap(m, &event);
	if (m->filter.given && event.kind != NL_EVENT_LOST &&
	    (!nl_event_subject(&event, &subject) ||
	     !nl_filter_match(&m->filter, &subject)))
		return 0;
	monitor_show(&event, comment_of(m, &event));
	if (m->counted && event.kind != NL_EVENT_LOST)
		m->left--;
	return 0;
}

static enum rc listen_on(struct monitor *m)
{
	const struct sigaction action = { .sa_handler = end };
	sigset_t blocked, before;
	int err = 0;

	/* A signal between the look at ended and the wait must not get lost. */
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGINT);
	sigaddset(&blocked, SIGTERM);
	sigprocmask(SIG_BLOCK, &blocked, &before);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	signal(SIGPIPE, SIG_IGN);
	sigdelset(&before, SIGINT);
	sigdelset(&before, SIGTERM);

	out_verbose("listening");
	while (!__atomic_load_n(&ended, __ATOMIC_RELAXED) &&
	       (!m->counted || m->left) && !ferror(stdout)) {
		err = nl_hear(m->ear, &before, STDOUT_FILENO,
			      m->overrun ? QUIET_MS : -1, hear, m);
		fflush(stdout);
		if (err == -ENOBUFS) {
			m->overrun = m->groups;
			m->told = false;
		} else if (err == -ETIMEDOUT) {
			close_gap(m);
			fflush(stdout);
		} else if (err == -EPIPE) {
			return RC_OK;
		} else if (err && err != -EINTR) {
			return nl_report(m->ear, err, "listening");
		}
	}
	return RC_OK;
}

static enum rc start(struct monitor *m)
{
	struct nl_status status;
	enum rc rc;

	rc = nl_open(&m->ear);
	if (rc == RC_OK)
		rc = nl_open(&m->nl);
	/* First listen, then read: no commit can come in between unheard. */
	if (rc == RC_OK)
		rc = nl_listen(m->ear, m->groups);
	if (rc == RC_OK)
		rc = nl_query_ruleset(m->nl, &status, &m->rs);
	if (rc == RC_OK) {
		m->generation = status.generation;
		if (!status.loaded && !out.quiet &&
		    m->groups != BIT(SFW_GROUP_RULES))
			out_warn("no rule set is loaded: until one is, nothing is dropped and there are no connections");
		rc = listen_on(m);
	}
	ruleset_free(m->rs);
	nl_close(m->nl);
	nl_close(m->ear);
	return rc;
}

static bool read_count(struct monitor *m, const char *word)
{
	char *rest;

	if (!word)
		return true;
	errno = 0;
	m->left = strtoull(word, &rest, 10);
	m->counted = true;
	return *word >= '0' && *word <= '9' && !*rest && !errno && m->left;
}

static enum rc run(int n, char **words)
{
	enum { ALL = SFW_GROUP_MAX + 1 };
	static const char *const which[] = {
		[SFW_GROUP_DROPS] = SFW_MCGRP_DROPS,
		[SFW_GROUP_CONNS] = SFW_MCGRP_CONNS,
		[SFW_GROUP_RULES] = SFW_MCGRP_RULES,
		[ALL] = "all",
		NULL
	};
	struct monitor m = {
		.groups = BIT(SFW_GROUP_DROPS) | BIT(SFW_GROUP_CONNS) |
			  BIT(SFW_GROUP_RULES),
	};
	int i = 0, found;
	enum rc rc;

	if (!read_count(&m, cmd_option("--count")))
		return cmd_usage("--count needs a number of events, at least 1");
	found = n ? cmd_find_word(which, words[0]) : -1;
	/* The words of a filter come in pairs, so an odd one stands alone. */
	if (n % 2 && found < 0)
		return cmd_usage("'%s': monitor shows drops, conns, rules or all",
				 words[0]);
	if (n % 2 || (found >= 0 && !strcmp(words[0], which[found]))) {
		if (found != ALL)
			m.groups = BIT(found);
		i = 1;
	}
	rc = nl_filter_parse(&m.filter, n - i, words + i);
	if (rc != RC_OK)
		return rc;
	return start(&m);
}

const struct command cmd_monitor = {
	.name = "monitor",
	.run = run,
	.summary = "show drops, connections and changes as they happen",
	.help =
"Show what happens, as it happens, one line an event: packets that are dropped,\n"
"with the rule that says so and its comment; connections that are made or end,\n"
"and why; changes of the rule set. Ends with SIGINT, SIGTERM, or when nobody\n"
"reads any more.\n"
"\n"
"Usage: sfwctl monitor [drops|conns|rules|all] [FILTER] [--count N]\n"
"  --count N   end after N events that were shown\n"
"\n"
"FILTER is that of 'sfwctl conns', and for drops:\n"
"  reason R    rule, default, no_connection, invalid_window, ...\n"
"All words have to hold; what an event does not have is no match. With a FILTER\n"
"changes of the rule set are not shown.\n"
"\n"
"A drop has: time, direction, reason, rule, protocol, packet, interface and\n"
"generation of the rule set. A rule of - means that no list was asked. With audit\n"
"on the packet passed, and 'audit' stands for 'drop'. A connection ends because\n"
"it expired, was closed by its ends, killed by 'conns kill', evicted from a full\n"
"table, or cut by a rule set.\n"
"\n"
"The kernel sends at most 1000 drops and 1000 connections a second, and as many\n"
"at once; 'lost N' says how many more there were. Counters count all of them.\n"
"\n"
"Examples:\n"
"  sfwctl monitor drops dir in dport 443\n"
"  sfwctl monitor conns rule in:120\n"
"  sfwctl -j monitor | jq -r 'select(.reason == \"invalid_window\") | .source'\n",
	.options = {
		{ "--count", "a number of events" },
	},
};
