// SPDX-License-Identifier: GPL-2.0
/*
 * sfwctl counters: start counting anew.
 */
#include "cmd.h"
#include "lib/nl_tx.h"

static enum rc run(int n, char **words)
{
	static const char *const list[] = { "zero", NULL };
	struct nl *nl;
	enum rc rc;

	if (!n)
		return cmd_usage("it needs the word zero; 'show -s' and 'stats' show counters");
	if (cmd_find_word(list, words[0]) < 0)
		return cmd_usage("'%s' is unknown, zero is what there is",
				 words[0]);
	if (n > 1)
		return cmd_surplus(words[1]);
	rc = nl_open(&nl);
	if (rc != RC_OK)
		return rc;
	rc = nl_zero_counters(nl);
	nl_close(nl);
	if (rc != RC_OK)
		return rc;
	if (out.json)
		out_json(json_pack("{s:b}", "zeroed", 1));
	out_done("all counters are zero");
	return RC_OK;
}

const struct command cmd_counters = {
	.name = "counters",
	.run = run,
	.summary = "set the counters of rules and figures to zero",
	.help =
"Set the counters of rules and defaults, and the figures of 'sfwctl stats', to\n"
"zero. Connections keep theirs.\n"
"\n"
"Usage: sfwctl counters zero\n"
"\n"
"Example:\n"
"  sfwctl show -s > yesterday && sfwctl counters zero\n",
};
