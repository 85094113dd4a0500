// SPDX-License-Identifier: GPL-2.0
/*
 * sfwctl audit: judge and count everything, drop nothing.
 */
#include <stdio.h>

#include "cmd.h"
#include "lib/lockout.h"
#include "lib/nl_query.h"
#include "lib/nl_tx.h"

static const char *const words_off_on[] = { "off", "on", NULL };

static enum rc show(void)
{
	struct nl_status status;
	enum rc rc;

	rc = nl_read_status(&status);
	if (rc != RC_OK)
		return rc;
	if (out.json)
		out_json(json_pack("{s:b}", "audit", status.audit));
	else if (status.loaded)
		puts(words_off_on[status.audit]);
	else
		out_err("no rule set is loaded in this namespace: there is nothing to audit");
	return status.loaded ? RC_OK : RC_NO;
}

static enum rc set(u8 audit)
{
	struct lockout_change change = LOCKOUT_NO_CHANGE;
	u32 generation;
	struct nl *nl;
	enum rc rc;

	change.audit = audit;
	rc = nl_open(&nl);
	if (rc != RC_OK)
		return rc;
	if (!cmd_option(LOCKOUT_OPTION))
		rc = lockout_check_change(nl, &change);
	if (rc == RC_OK)
		rc = nl_set_mode(nl, NULL, &audit, &generation);
	nl_close(nl);
	if (rc != RC_OK)
		return rc;
	if (out.json)
		out_json(json_pack("{s:b, s:I}", "audit", audit, "generation",
				   (json_int_t)generation));
	out_done("generation %u: audit %s", generation, words_off_on[audit]);
	return RC_OK;
}

static enum rc run(int n, char **words)
{
	int audit = 0;

	if (n > 1)
		return cmd_surplus(words[1]);
	if (n) {
		audit = cmd_find_word(words_off_on, words[0]);
		if (audit < 0)
			return cmd_usage("'%s' is neither on nor off",
					 words[0]);
	}
	return n ? set((u8)audit) : show();
}

const struct command cmd_audit = {
	.name = "audit",
	.run = run,
	.summary = "show or switch: judge and count, but drop nothing",
	.help =
"Show whether the running set is audited, or switch that. With audit on all\n"
"packets are judged and counted, and none is dropped: a way to try a rule set\n"
"on real traffic.\n"
"\n"
"Usage: sfwctl audit [on|off] [--allow-lockout]\n"
LOCKOUT_HELP
"\n"
"Example:\n"
"  sfwctl audit on\n",
	.options = { { LOCKOUT_OPTION, NULL, false } },
};
