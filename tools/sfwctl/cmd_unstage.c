// SPDX-License-Identifier: GPL-2.0
/*
 * sfwctl unstage: drop what apply --stage loaded.
 */
#include "cmd.h"
#include "lib/nl_tx.h"

static enum rc run(int n, char **words)
{
	return cmd_change(n, words, nl_unstage, "the staged set is dropped");
}

const struct command cmd_unstage = {
	.name = "unstage",
	.run = run,
	.summary = "drop the set that 'apply --stage' loaded",
	.help =
"Drop the set that 'sfwctl apply --stage' loaded beside the running one. What\n"
"runs does not change. Exits with 5 if nothing is staged.\n"
"\n"
"Usage: sfwctl unstage\n"
"\n"
"Example:\n"
"  sfwctl show --staged -s; sfwctl unstage\n",
};
