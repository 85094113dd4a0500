// SPDX-License-Identifier: GPL-2.0
/*
 * sfwctl mode: stateful or stateless.
 */
#include <stdio.h>

#include "cmd.h"
#include "lib/lockout.h"
#include "lib/nl_query.h"
#include "lib/nl_tx.h"
#include "lib/parse.h"
#include "lib/print.h"

static enum rc show(void)
{
	struct nl_status status;
	enum rc rc;

	rc = nl_read_status(&status);
	if (rc != RC_OK)
		return rc;
	if (out.json)
		out_json(json_pack("{s:s?}", "mode", status.loaded ?
				   print_modes[status.mode] : NULL));
	else if (status.loaded)
		puts(print_modes[status.mode]);
	else
		out_err("no rule set is loaded in this namespace: there is no mode");
	return status.loaded ? RC_OK : RC_NO;
}

static enum rc set(u8 mode)
{
	struct lockout_change change = LOCKOUT_NO_CHANGE;
	u32 generation;
	struct nl *nl;
	enum rc rc;

	change.mode = mode;
	rc = nl_open(&nl);
	if (rc != RC_OK)
		return rc;
	if (!cmd_option(LOCKOUT_OPTION))
		rc = lockout_check_change(nl, &change);
	if (rc == RC_OK)
		rc = nl_set_mode(nl, &mode, NULL, &generation);
	nl_close(nl);
	if (rc != RC_OK)
		return rc;
	if (out.json)
		out_json(json_pack("{s:s, s:I}", "mode", print_modes[mode],
				   "generation", (json_int_t)generation));
	out_done("generation %u: %s", generation, print_modes[mode]);
	return RC_OK;
}

static enum rc run(int n, char **words)
{
	int mode = -1;

	if (n > 1)
		return cmd_surplus(words[1]);
	if (n) {
		mode = parse_mode(words[0]);
		if (mode < 0)
			return cmd_usage("'%s' is no mode, stateful or stateless is",
					 words[0]);
	}
	return n ? set((u8)mode) : show();
}

const struct command cmd_mode = {
	.name = "mode",
	.run = run,
	.summary = "show or switch: stateful or stateless",
	.help =
"Show the mode of the running set, or switch it. The rules stay as they are.\n"
"Stateless, each packet is judged by itself: replies need rules of their own.\n"
"\n"
"Usage: sfwctl mode [stateful|stateless] [--allow-lockout]\n"
LOCKOUT_HELP
"\n"
"Examples:\n"
"  sfwctl mode\n"
"  sfwctl mode stateless\n",
	.options = { { LOCKOUT_OPTION, NULL, false } },
};
