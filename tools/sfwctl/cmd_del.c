// SPDX-License-Identifier: GPL-2.0
/*
 * sfwctl del: one rule less.
 */
#include "cmd.h"
#include "lib/lockout.h"
#include "lib/nl_query.h"
#include "lib/nl_tx.h"
#include "lib/parse.h"
#include "lib/print.h"

static enum rc delete(u8 direction, u32 number)
{
	struct lockout_change change = LOCKOUT_NO_CHANGE;
	u32 generation;
	struct nl *nl;
	enum rc rc;

	change.direction = direction;
	change.number = number;
	rc = nl_open(&nl);
	if (rc != RC_OK)
		return rc;
	if (!cmd_option(LOCKOUT_OPTION))
		rc = lockout_check_change(nl, &change);
	if (rc == RC_OK)
		rc = nl_del_rule(nl, direction, number, &generation);
	nl_close(nl);
	if (rc == RC_OK)
		out_changed(generation, "deleted %s %u",
			    print_directions[direction], number);
	return rc;
}

static enum rc run(int n, char **words)
{
	int direction, number;

	if (n < 2)
		return cmd_usage("it needs a direction and a number, such as in 100");
	if (n > 2)
		return cmd_surplus(words[2]);
	direction = parse_direction(words[0]);
	if (direction < 0)
		return cmd_usage("'%s' is no direction, in or out is",
				 words[0]);
	number = parse_rule_number(words[1]);
	if (number < 0 || !nl_number_meant((u8)direction, (u32)number))
		return cmd_usage("'%s' is no rule number, 1 to %d is", words[1],
				 SFW_RULE_NUMBER_PLAIN);
	return delete((u8)direction, (u32)number);
}

const struct command cmd_del = {
	.name = "del",
	.run = run,
	.summary = "delete one rule of the running set",
	.help =
"Delete one rule of the running set.\n"
"\n"
"Usage: sfwctl del DIR NUM [--allow-lockout]\n"
"  DIR         in or out\n"
"  NUM         the number of the rule\n"
LOCKOUT_HELP
"\n"
"Example:\n"
"  sfwctl del in 120\n",
	.options = { { LOCKOUT_OPTION, NULL, false } },
};
