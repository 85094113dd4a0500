// SPDX-License-Identifier: GPL-2.0
/*
 * sfwctl show: the running rule set, as a file that loads again.
 */
#include <stdlib.h>

#include "cmd.h"
#include "lib/nl_query.h"
#include "lib/nl_staged.h"
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

/* "connections" of a staged rule are packets, see kmod/staged.h. */
static void rename_differs(json_t *obj)
{
	out_set(obj, "differs", json_incref(json_object_get(obj, "connections")));
	json_object_del(obj, "connections");
}

static void print_witnesses(const struct nl_witnesses *witnesses)
{
	size_t i;

	if (witnesses->n)
		puts("\n# judged otherwise, the latest first:");
	for (i = 0; i < witnesses->n; i++) {
		char *text = nl_witness_text(&witnesses->list[i]);

		printf("# %s, %llu s ago\n", text, (unsigned long long)
		       witnesses->list[i].age_ms / 1000);
		free(text);
	}
}

/* As for the running set; what its rules would have decided otherwise is
 * called by its name.
 */
static json_t *staged_json(const struct ruleset *rs, int direction,
			   const struct nl_status *status,
			   const struct nl_witnesses *witnesses)
{
	json_t *obj = print_ruleset_json(rs, direction), *list = json_array();
	json_t *rule, *def;
	const char *key;
	size_t i;

	json_object_del(obj, "generation");
	json_array_foreach(json_object_get(obj, "rules"), i, rule)
		rename_differs(rule);
	json_object_foreach(json_object_get(obj, "defaults"), key, def)
		rename_differs(def);
	for (i = 0; i < witnesses->n; i++)
		json_array_append_new(list,
				      nl_witness_json(&witnesses->list[i]));
	out_set(obj, "staged", nl_staging_json(&status->staging));
	out_set(obj, "witnesses", list);
	return obj;
}

static enum rc show_staged(int direction, const struct print_style *style)
{
	struct nl_witnesses witnesses = {};
	struct nl_status status;
	struct ruleset *rs;
	struct nl *nl;
	enum rc rc;

	rc = nl_open(&nl);
	if (rc != RC_OK)
		return rc;
	rc = nl_query_staged(nl, &status, &witnesses, &rs);
	nl_close(nl);
	if (rc != RC_OK)
		return rc;
	if (!rs) {
		if (out.json)
			out_json(json_pack("{s:n, s:b, s:n, s:n, s:{}, s:{}, s:[], s:n, s:[]}",
					   "mode", "audit", 0, "default_in",
					   "default_out", "options", "sets",
					   "rules", "staged", "witnesses"));
		else
			out_err("no rule set is staged");
		return RC_NO;
	}
	if (out.json) {
		out_json(staged_json(rs, direction, &status, &witnesses));
	} else {
		print_ruleset(stdout, rs, direction, style);
		if (style->counters)
			print_witnesses(&witnesses);
	}
	ruleset_free(rs);
	return RC_OK;
}

static enum rc run(int n, char **words)
{
	const struct print_style style = {
		.color = out_color(stdout),
		.numeric = out.numeric,
		.counters = cmd_option("-s"),
		.staged = cmd_option("--staged"),
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
	if (style.staged)
		return show_staged(direction, &style);
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
"Usage: sfwctl show [in|out] [-s] [--staged]\n"
"  in, out     the rules of one direction only\n"
"  -s          with counters, as comments: packets and bytes, connections\n"
"              made and those that live by the rule now, and the last hit\n"
"  --staged    the set that 'sfwctl apply --stage' loaded; with -s how many\n"
"              packets each of its rules met, how many of them were decided\n"
"              otherwise by what runs, and the last few of these\n"
"\n"
"Examples:\n"
"  sfwctl show > before.rules\n"
"  sfwctl show in -s\n"
"  sfwctl show --staged -s\n",
	.options = {
		{ "-s", NULL, false },
		{ "--staged", NULL, false },
	},
};
