/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Reading what runs: status and rule set.
 */
#ifndef _SFWCTL_NL_QUERY_H
#define _SFWCTL_NL_QUERY_H

#include "nl.h"
#include "nl_decode.h"

/* How often a dump is started again if the table changes below it. */
#define NL_DUMP_TRIES	10

/* 0 or a negative errno, and nothing is said. */
int nl_ask_status(struct nl *nl, struct nl_status *status);
/* All of these say why they fail and return the exit code. */
enum rc nl_query_status(struct nl *nl, struct nl_status *status);
/* The same, and nothing else is asked. */
enum rc nl_read_status(struct nl_status *status);
/*
 * Rules, sets and status of one generation. *rs is NULL if there is no rule
 * set.
 */
enum rc nl_query_ruleset(struct nl *nl, struct nl_status *status,
			 struct ruleset **rs);
/* With the live connections of rules and defaults, which the kernel counts. */
enum rc nl_query_live(struct nl *nl, struct nl_status *status,
		      struct ruleset **rs);

/*
 * For who reads a set step by step: one with the mode, options and defaults of
 * status, NULL without memory; its sets and rules, flag is SFW_A_LIVE,
 * SFW_A_STAGED or 0. 0 or a negative errno, -EAGAIN if it changed meanwhile.
 */
struct ruleset *nl_ruleset_begin(const struct nl_status *status);
int nl_read_content(struct nl *nl, u16 flag, struct ruleset *rs);

/* Whole seconds left to confirm the last commit, 0 if none waits for it. */
u32 nl_confirm_seconds(const struct nl_status *status);
/*
 * Is this the number of a rule, or can it be? Beyond the plain numbers that
 * takes a running set with such a rule, or with more rules than those.
 */
bool nl_number_meant(u8 direction, u32 number);

/* Of both directions: for one reason, and as {REASON: N} for all. */
u64 nl_drops(const struct nl_stats *stats, size_t reason);
json_t *nl_drops_json(const struct nl_stats *stats);
/* {"entries", "max", "created", "evicted", "refused", "expired"} */
json_t *nl_table_json(const struct nl_stats *stats);

#endif /* _SFWCTL_NL_QUERY_H */
