// SPDX-License-Identifier: GPL-2.0
/*
 * sfwctl rollback: take the last commit back.
 */
#include "cmd.h"
#include "lib/nl_tx.h"

static enum rc run(int n, char **words)
{
	return cmd_change(n, words, nl_rollback, "the last commit is taken back");
}

const struct command cmd_rollback = {
	.name = "rollback",
	.run = run,
	.summary = "take the last commit back, confirmed or not",
	.help =
"Take the last commit back: what ran before it runs again. Every change is one\n"
"commit - apply, add, del, move, mode, audit, flush - and the kernel keeps what\n"
"the last one replaced. Rollback is a commit as well, so a second one goes\n"
"forth again. If the last commit waits to be confirmed, it no longer\n"
"does. Rules come back with their counters; connections that were cut do not.\n"
"Exits with 5 if nothing was changed yet since the module was loaded.\n"
"\n"
"Usage: sfwctl rollback\n"
"\n"
"Example:\n"
"  sfwctl flush; sfwctl rollback\n",
};
