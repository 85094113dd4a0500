// SPDX-License-Identifier: GPL-2.0
/*
 * sfwctl flush: no rule set any more.
 */
#include "cmd.h"
#include "lib/nl_tx.h"

static enum rc run(int n, char **words)
{
	u32 generation;
	struct nl *nl;
	enum rc rc;

	if (n)
		return cmd_surplus(words[0]);
	rc = nl_open(&nl);
	if (rc != RC_OK)
		return rc;
	rc = nl_flush(nl, &generation);
	nl_close(nl);
	if (rc == RC_OK)
		out_changed(generation, "no rule set, everything passes");
	return rc;
}

const struct command cmd_flush = {
	.name = "flush",
	.run = run,
	.summary = "remove rule set, connection table and hooks",
	.help =
"Remove the rule set of this network namespace, with its connection table and\n"
"its hooks. Everything passes then.\n"
"\n"
"Usage: sfwctl flush\n"
"\n"
"Example:\n"
"  sfwctl show > before.rules && sfwctl flush\n",
};
