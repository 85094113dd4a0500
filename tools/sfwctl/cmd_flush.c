// SPDX-License-Identifier: GPL-2.0
/*
 * sfwctl flush: no rule set any more.
 */
#include "cmd.h"
#include "lib/nl_tx.h"

static enum rc run(int n, char **words)
{
	return cmd_change(n, words, nl_flush, "no rule set, everything passes");
}

const struct command cmd_flush = {
	.name = "flush",
	.run = run,
	.summary = "remove rule set, connection table and hooks",
	.help =
"Remove the rule set of this network namespace, with its connection table and\n"
"its hooks. Everything passes then. The kernel keeps the set, with what it has\n"
"counted, until the next one is loaded: 'sfwctl rollback' brings it back.\n"
"\n"
"Usage: sfwctl flush\n"
"\n"
"Example:\n"
"  sfwctl show > before.rules && sfwctl flush\n",
};
