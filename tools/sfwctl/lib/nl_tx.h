/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Changing what runs: one transaction of the kernel, bound to the socket.
 */
#ifndef _SFWCTL_NL_TX_H
#define _SFWCTL_NL_TX_H

#include "nl.h"
#include "ruleset.h"

/*
 * All say why they fail and return the exit code. After a failure there is
 * nothing to undo: the kernel drops what was staged when the socket closes.
 */

/* clone: start from the running set. expect may be NULL. */
enum rc nl_tx_begin(struct nl *nl, bool clone, const u32 *expect);
/* Mode, audit, defaults, options, sets and rules. */
enum rc nl_tx_load(struct nl *nl, const struct ruleset *rs);
/*
 * generation is the one that runs now. After confirm seconds the kernel takes
 * the commit back, unless it is 0 or nl_confirm() comes first.
 */
enum rc nl_tx_commit(struct nl *nl, bool dry_run, u32 confirm,
		     u32 *generation);
/* Judge it beside what runs, and change nothing. */
enum rc nl_tx_stage(struct nl *nl, bool dry_run, u32 *generation);

/*
 * Whole transactions that change one rule of what runs. expect may be NULL.
 */
enum rc nl_add_rule(struct nl *nl, const struct sfw_rule *rule,
		    const u32 *expect, u32 *generation);
enum rc nl_del_rule(struct nl *nl, u8 direction, u32 number, u32 *generation);
enum rc nl_move_rule(struct nl *nl, u8 direction, u32 number, u32 to,
		     u32 *generation);

/*
 * Changes that are one request each, outside a transaction. Of mode and audit
 * one may be NULL and stays as it is.
 */
enum rc nl_set_mode(struct nl *nl, const u8 *mode, const u8 *audit,
		    u32 *generation);
enum rc nl_flush(struct nl *nl, u32 *generation);
/* Make the staged set the running one; drop it. expect may be NULL. */
enum rc nl_promote(struct nl *nl, u32 confirm, const u32 *expect,
		   u32 *generation);
enum rc nl_unstage(struct nl *nl, u32 *generation);
/* Keep the commit that waits for it; take the last commit back. */
enum rc nl_confirm(struct nl *nl, u32 *generation);
enum rc nl_rollback(struct nl *nl, u32 *generation);
enum rc nl_zero_counters(struct nl *nl);

#endif /* _SFWCTL_NL_TX_H */
