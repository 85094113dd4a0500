// SPDX-License-Identifier: GPL-2.0
/*
 * sfwctl apply: load a rule file as one transaction.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "cmd.h"
#include "lib/expect.h"
#include "lib/lockout.h"
#include "lib/nl_tx.h"
#include "lib/parse.h"
#include "lib/print.h"

/* Time to confirm, where none is named; seconds. */
#define CONFIRM_USUAL	60

/* What the options ask for. */
struct plan {
	bool dry_run;
	bool expects;
	u32 expect;		/* generation that has to run */
	u32 confirm;		/* seconds, 0 is for good */
	bool stage;		/* beside what runs */
};

bool cmd_read_number(const char *text, u32 *number)
{
	unsigned long long value;
	char *end;

	if (*text < '0' || *text > '9')
		return false;
	errno = 0;
	value = strtoull(text, &end, 10);
	if (errno || *end || value > UINT_MAX)
		return false;
	*number = (u32)value;
	return true;
}

bool cmd_read_confirm(const char *text, u32 *seconds)
{
	if (!*text) {
		*seconds = CONFIRM_USUAL;
		return true;
	}
	return cmd_read_number(text, seconds) && *seconds >= 1 &&
	       *seconds <= SFW_CONFIRM_MAX;
}

static enum rc load(const struct ruleset *rs, const struct plan *plan,
		    u32 *generation)
{
	struct nl *nl;
	enum rc rc;

	rc = nl_open(&nl);
	if (rc != RC_OK)
		return rc;
	if (!plan->stage && !cmd_option(LOCKOUT_OPTION))
		rc = lockout_check_set(nl, rs);
	if (rc == RC_OK)
		rc = nl_tx_begin(nl, false,
				 plan->expects ? &plan->expect : NULL);
	if (rc == RC_OK)
		rc = nl_tx_load(nl, rs);
	if (rc == RC_OK && plan->stage)
		rc = nl_tx_stage(nl, plan->dry_run, generation);
	else if (rc == RC_OK)
		rc = nl_tx_commit(nl, plan->dry_run, plan->confirm, generation);
	nl_close(nl);
	return rc;
}

static void say(const struct ruleset *rs, const struct plan *plan,
		u32 generation)
{
	size_t n_in = rs->n_rules[SFW_DIRECTION_IN];
	size_t n_out = rs->n_rules[SFW_DIRECTION_OUT];
	const char *mode = print_modes[rs->mode];

	if (out.json)
		out_json(json_pack("{s:I, s:b, s:b, s:s, s:b, s:I, s:I, s:o}",
				   "generation", (json_int_t)generation,
				   "dry_run", plan->dry_run,
				   "staged", plan->stage, "mode", mode,
				   "audit", rs->audit,
				   "rules_in", (json_int_t)n_in,
				   "rules_out", (json_int_t)n_out,
				   "confirm_s", plan->confirm ?
				   json_integer(plan->confirm) : json_null()));
	else if (plan->dry_run)
		out_done("not loaded, but it would be accepted: %zu in, %zu out, %s%s",
			 n_in, n_out, mode, rs->audit ? ", audit" : "");
	else if (plan->stage)
		out_done("staged beside generation %u: %zu in, %zu out, %s; see 'sfwctl status'",
			 generation, n_in, n_out, mode);
	else
		out_done("generation %u: %zu in, %zu out, %s%s", generation,
			 n_in, n_out, mode, rs->audit ? ", audit" : "");
	if (plan->confirm && !plan->dry_run)
		out_done("keep it with 'sfwctl confirm' within %u s, else it is taken back",
			 plan->confirm);
}

/* Does the set do what the file expects? Says what it does instead. */
static enum rc meets(const struct ruleset *rs, const char *path)
{
	struct subject subject;
	struct expect_file file;
	enum rc rc;

	rc = expect_read(&file, path);
	if (rc == RC_OK) {
		subject_open_set(&subject, rs);
		rc = expect_try(&file, &subject);
		subject_close(&subject);
		if (rc == RC_NO && out.json)
			expect_show(&file, rs);
		else if (rc == RC_NO)
			expect_report(&file, rs);
		if (rc == RC_NO)
			out_err("%zu of %zu expectations of %s are not met: nothing is changed",
				file.n_failed, file.n, path);
	}
	expect_free(&file);
	return rc;
}

static enum rc run_apply(int n, char **words)
{
	const char *test = cmd_option("--test");
	const char *expected = cmd_option("--expect-generation");
	const char *confirm = cmd_option("--confirm");
	struct plan plan = {
		.dry_run = cmd_option("--dry-run"),
		.stage = cmd_option("--stage"),
	};
	struct parse_result *res;
	u32 generation;
	enum rc rc;

	if (!n)
		return cmd_usage("it needs a FILE, or - for standard input");
	if (n > 1)
		return cmd_surplus(words[1]);
	plan.expects = expected;
	if (expected && !cmd_read_number(expected, &plan.expect))
		return cmd_usage("'%s' is no generation, 'sfwctl status' shows the number",
				 expected);
	if (confirm && !cmd_read_confirm(confirm, &plan.confirm))
		return cmd_usage("'%s' is no time to wait for 'sfwctl confirm', 1 to %d seconds is",
				 confirm, SFW_CONFIRM_MAX);
	if (confirm && plan.stage)
		return cmd_usage("--stage changes nothing; 'sfwctl promote' takes --confirm");

	res = parse_file(words[0]);
	parse_print_messages(res, stderr, out_color(stderr));
	if (!res->ruleset) {
		rc = RC_USAGE;
	} else {
		rc = test ? meets(res->ruleset, test) : RC_OK;
		if (rc == RC_OK)
			rc = load(res->ruleset, &plan, &generation);
		if (rc == RC_OK)
			say(res->ruleset, &plan, generation);
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
"file the old set stays. So it does, with exit 5, if the new one would cut the\n"
"ssh session that sfwctl runs in, or not let its client in again.\n"
"\n"
"Usage: sfwctl apply FILE|- [--dry-run] [--confirm[=SECONDS]] [--stage]\n"
"                    [--allow-lockout] [--expect-generation N] [--test FILE]\n"
"  FILE        the rule file; - is standard input\n"
"  --dry-run   let the kernel check it, too, but load nothing\n"
"  --confirm[=SECONDS]\n"
"              take it back after so many seconds, 60 unless said otherwise,\n"
"              if there is no 'sfwctl confirm' before. The kernel does that by\n"
"              itself, whatever became of sfwctl, the shell or the session.\n"
"              Until then nothing else can be changed; 'sfwctl rollback' takes\n"
"              it back at once\n"
"  --stage     load it beside what runs: it is asked about every first packet,\n"
"              every packet if it or what runs is stateless, and decides\n"
"              nothing. 'sfwctl status' and 'show --staged -s' tell what it\n"
"              would have decided otherwise; 'promote' makes it the running\n"
"              set, 'unstage' drops it\n"
LOCKOUT_HELP
"  --expect-generation N\n"
"              refuse, with exit 5, unless N is the generation that runs\n"
"  --test FILE\n"
"              refuse, with exit 1, a set that does not do what this file\n"
"              expects, see 'sfwctl help test'\n"
"\n"
"Examples:\n"
"  sfwctl apply /etc/sfw/sfw.rules\n"
"  sfwctl apply --confirm new.rules    # log in anew to see, then:\n"
"  sfwctl confirm\n"
"  echo 'in 100 allow tcp to port 22' | sfwctl apply --dry-run -\n",
	.options = {
		{ "--dry-run", NULL, false },
		{ "--expect-generation", "the number of a generation", false },
		{ "--confirm", "seconds", true },
		{ "--stage", NULL, false },
		{ LOCKOUT_OPTION, NULL, false },
		{ "--test", "a file of expectations", false },
	},
};
