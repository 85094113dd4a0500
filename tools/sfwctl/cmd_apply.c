// SPDX-License-Identifier: GPL-2.0
/*
 * sfwctl apply: load a rule file as one transaction.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "cmd.h"
#include "lib/nl_tx.h"
#include "lib/parse.h"
#include "lib/print.h"

/* Digits only, 32 bits; false if it is not that. */
static bool read_generation(const char *text, u32 *generation)
{
	unsigned long long value;
	char *end;

	if (*text < '0' || *text > '9')
		return false;
	errno = 0;
	value = strtoull(text, &end, 10);
	if (errno || *end || value > UINT_MAX)
		return false;
	*generation = (u32)value;
	return true;
}

static enum rc load(const struct ruleset *rs, const u32 *expect, bool dry_run,
		    u32 *generation)
{
	struct nl *nl;
	enum rc rc;

	rc = nl_open(&nl);
	if (rc != RC_OK)
		return rc;
	rc = nl_tx_begin(nl, false, expect);
	if (rc == RC_OK)
		rc = nl_tx_load(nl, rs);
	if (rc == RC_OK)
		rc = nl_tx_commit(nl, dry_run, generation);
	nl_close(nl);
	return rc;
}

static void say(const struct ruleset *rs, bool dry_run, u32 generation)
{
	size_t n_in = rs->n_rules[SFW_DIRECTION_IN];
	size_t n_out = rs->n_rules[SFW_DIRECTION_OUT];
	const char *mode = print_modes[rs->mode];

	if (out.json)
		out_json(json_pack("{s:I, s:b, s:s, s:b, s:I, s:I}",
				   "generation", (json_int_t)generation,
				   "dry_run", dry_run, "mode", mode,
				   "audit", rs->audit,
				   "rules_in", (json_int_t)n_in,
				   "rules_out", (json_int_t)n_out));
	else if (dry_run)
		out_done("not loaded, but it would be accepted: %zu in, %zu out, %s%s",
			 n_in, n_out, mode, rs->audit ? ", audit" : "");
	else
		out_done("generation %u: %zu in, %zu out, %s%s", generation,
			 n_in, n_out, mode, rs->audit ? ", audit" : "");
}

static enum rc run_apply(int n, char **words)
{
	const char *expected = cmd_option("--expect-generation");
	bool dry_run = cmd_option("--dry-run");
	u32 expect, generation;
	struct parse_result *res;
	enum rc rc;

	if (!n)
		return cmd_usage("it needs a FILE, or - for standard input");
	if (n > 1)
		return cmd_surplus(words[1]);
	if (expected && !read_generation(expected, &expect))
		return cmd_usage("'%s' is no generation, 'sfwctl status' shows the number",
				 expected);

	res = parse_file(words[0]);
	parse_print_messages(res, stderr, out_color(stderr));
	if (!res->ruleset) {
		rc = RC_USAGE;
	} else {
		rc = load(res->ruleset, expected ? &expect : NULL, dry_run,
			  &generation);
		if (rc == RC_OK)
			say(res->ruleset, dry_run, generation);
	}
	parse_result_free(res);
	return rc;
}

const struct command cmd_apply = {
	.name = "apply",
	.run = run_apply,
	.summary = "load a rule file, as a whole or not at all",
	.help =
"Load a rule file in place of what runs. It is one transaction: every packet is\n"
"judged by the old set or by the new one, and if anything is wrong with the\n"
"file the old set stays.\n"
"\n"
"Usage: sfwctl apply FILE|- [--dry-run] [--expect-generation N]\n"
"  FILE        the rule file; - is standard input\n"
"  --dry-run   let the kernel check it, too, but load nothing\n"
"  --expect-generation N\n"
"              refuse, with exit 5, unless N is the generation that runs\n"
"\n"
"Examples:\n"
"  sfwctl apply /etc/sfw/sfw.rules\n"
"  echo 'in 100 allow tcp to port 22' | sfwctl apply --dry-run -\n",
	.options = {
		{ "--dry-run", NULL },
		{ "--expect-generation", "the number of a generation" },
	},
};
