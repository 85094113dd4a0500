// SPDX-License-Identifier: GPL-2.0
/*
 * sfwctl show: the running rule set, as a file that loads again.
 */
#include "cmd.h"
#include "lib/nl_query.h"
#include "lib/parse.h"
#include "lib/print.h"

/* Nothing runs: an empty file would not mean that, it denies everything. */
static enum rc show_nothing(const struct nl_status *status)
{
	if (out.json)
		out_json(json_pack("{s:n, s:b, s:I, s:n, s:n, s:{}, s:{}, s:[]}",
				   "mode", "audit", 0, "generation",
				   (json_int_t)status->generation,
				   "default_in", "default_out", "options",
				   "sets", "rules"));
	else
		out_err("no rule set is loaded in this namespace: everything passes");
	return RC_NO;
}

static enum rc run(int n, char **words)
{
	const struct print_style style = {
		.color = out_color(stdout),
		.numeric = out.numeric,
		.counters = cmd_option("-s"),
	};
	struct nl_status status;
	struct ruleset *rs;
	int direction = -1;
	struct nl *nl;
	enum rc rc;

	if (n > 1)
		return cmd_surplus(words[1]);
	if (n) {
		direction = parse_direction(words[0]);
		if (direction < 0)
			return cmd_usage("'%s' is no direction, in or out is",
					 words[0]);
	}
	rc = nl_open(&nl);
	if (rc != RC_OK)
		return rc;
	rc = style.counters || out.json ? nl_query_live(nl, &status, &rs) :
					  nl_query_ruleset(nl, &status, &rs);
	nl_close(nl);
	if (rc != RC_OK)
		return rc;
	if (!rs)
		return show_nothing(&status);
	if (out.json)
		out_json(print_ruleset_json(rs, direction));
	else
		print_ruleset(stdout, rs, direction, &style);
	ruleset_free(rs);
	return RC_OK;
}

const struct command cmd_show = {
	.name = "show",
	.run = run,
	.summary = "the running rule set, as a file that loads again",
	.help =
"Show the running rule set. What it prints loads again with 'sfwctl apply'.\n"
"Without a rule set it says so on standard error, and exits with 1.\n"
"\n"
"Usage: sfwctl show [in|out] [-s]\n"
"  in, out     the rules of one direction only\n"
"  -s          with counters, as comments: packets and bytes, connections\n"
"              made and those that live by the rule now, and the last hit\n"
"\n"
"Examples:\n"
"  sfwctl show > before.rules\n"
"  sfwctl show in -s\n",
	.options = { { "-s", NULL, false } },
};
