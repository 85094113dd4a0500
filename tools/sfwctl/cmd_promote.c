// SPDX-License-Identifier: GPL-2.0
/*
 * sfwctl promote: make the staged set the running one.
 */
#include "cmd.h"
#include "lib/lockout.h"
#include "lib/nl_staged.h"
#include "lib/nl_tx.h"

/* Would it cut the session that it is done in? */
static enum rc check(struct nl *nl)
{
	struct nl_status status;
	struct ruleset *rs;
	enum rc rc;

	rc = nl_query_staged(nl, &status, NULL, &rs);
	if (rc != RC_OK || !rs)
		return rc;	/* the kernel says that nothing is staged */
	rc = lockout_check_set(nl, rs);
	ruleset_free(rs);
	return rc;
}

static enum rc promote(struct nl *nl, u32 confirm, u32 *generation)
{
	enum rc rc = RC_OK;

	if (!cmd_option(LOCKOUT_OPTION))
		rc = check(nl);
	return rc == RC_OK ? nl_promote(nl, confirm, NULL, generation) : rc;
}

static enum rc run(int n, char **words)
{
	const char *confirm = cmd_option("--confirm");
	u32 generation, seconds = 0;
	struct nl *nl;
	enum rc rc;

	if (n)
		return cmd_surplus(words[0]);
	if (confirm && !cmd_read_confirm(confirm, &seconds))
		return cmd_usage("'%s' is no time to wait for 'sfwctl confirm', 1 to %d seconds is",
				 confirm, SFW_CONFIRM_MAX);
	rc = nl_open(&nl);
	if (rc != RC_OK)
		return rc;
	rc = promote(nl, seconds, &generation);
	nl_close(nl);
	if (rc != RC_OK)
		return rc;
	out_changed(generation, "the staged set runs");
	if (seconds && !out.json)
		out_done("keep it with 'sfwctl confirm' within %u s, else it is taken back",
			 seconds);
	return RC_OK;
}

const struct command cmd_promote = {
	.name = "promote",
	.run = run,
	.summary = "make the set that 'apply --stage' loaded the running one",
	.help =
"Make the set that 'sfwctl apply --stage' loaded the running one. That is a\n"
"commit like 'apply': rules that ran before go on with their counters, the others\n"
"begin anew, and live connections are judged again. Exits with 5 if nothing is\n"
"staged, or if it would cut the ssh session that sfwctl runs in.\n"
"\n"
"Usage: sfwctl promote [--confirm[=SECONDS]] [--allow-lockout]\n"
"  --confirm[=SECONDS]\n"
"              take it back after so many seconds, 60 unless said otherwise,\n"
"              if there is no 'sfwctl confirm' before\n"
LOCKOUT_HELP
"\n"
"Examples:\n"
"  sfwctl apply --stage new.rules; sfwctl status\n"
"  sfwctl promote --confirm && sfwctl confirm\n",
	.options = {
		{ "--confirm", "seconds", true },
		{ LOCKOUT_OPTION, NULL, false },
	},
};
