// SPDX-License-Identifier: GPL-2.0
/*
 * sfwctl confirm: keep what apply --confirm loaded.
 */
#include "cmd.h"
#include "lib/nl_tx.h"

static enum rc run(int n, char **words)
{
	return cmd_change(n, words, nl_confirm, "confirmed");
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
