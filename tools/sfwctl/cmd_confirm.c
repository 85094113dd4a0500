// SPDX-License-Identifier: GPL-2.0
/*
 * sfwctl confirm: keep what apply --confirm loaded.
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
	rc = nl_confirm(nl, &generation);
	nl_close(nl);
	if (rc == RC_OK)
		out_changed(generation, "confirmed");
	return rc;
}

const struct command cmd_confirm = {
	.name = "confirm",
	.run = run,
	.summary = "keep what 'apply --confirm' loaded",
	.help =
"Keep the rule set that 'sfwctl apply --confirm' loaded. Without it the kernel\n"
"goes back to what ran before. Exits with 5 if nothing waits to be confirmed,\n"
"and says so if it is too late.\n"
"\n"
"Usage: sfwctl confirm\n"
"\n"
"Example:\n"
"  sfwctl apply --confirm=120 new.rules && sfwctl confirm\n",
};
