// SPDX-License-Identifier: GPL-2.0
/*
 * sfwctl move: another number for one rule.
 */
#include "cmd.h"
#include "lib/lockout.h"
#include "lib/nl_query.h"
#include "lib/nl_tx.h"
#include "lib/parse.h"
#include "lib/print.h"

static enum rc move(u8 direction, u32 number, u32 to)
{
	struct lockout_change change = LOCKOUT_NO_CHANGE;
	u32 generation;
	struct nl *nl;
	enum rc rc;

	change.direction = direction;
	change.number = number;
	change.to = to;
	rc = nl_open(&nl);
	if (rc != RC_OK)
		return rc;
	if (!cmd_option(LOCKOUT_OPTION))
		rc = lockout_check_change(nl, &change);
	if (rc == RC_OK)
		rc = nl_move_rule(nl, direction, number, to, &generation);
	nl_close(nl);
	if (rc == RC_OK)
		out_changed(generation, "%s %u is now %s %u",
			    print_directions[direction], number,
			    print_directions[direction], to);
	return rc;
}

static enum rc run(int n, char **words)
{
	int direction, number[2], i;

	if (n < 3)
		return cmd_usage("it needs a direction and two numbers, such as in 100 90");
	if (n > 3)
		return cmd_surplus(words[3]);
	direction = parse_direction(words[0]);
	if (direction < 0)
		return cmd_usage("'%s' is no direction, in or out is",
				 words[0]);
	for (i = 0; i < 2; i++) {
		number[i] = parse_rule_number(words[i + 1]);
		if (number[i] < 0 ||
		    !nl_number_meant((u8)direction, (u32)number[i]))
			return cmd_usage("'%s' is no rule number, 1 to %d is",
					 words[i + 1], SFW_RULE_NUMBER_PLAIN);
	}
	return move((u8)direction, (u32)number[0], (u32)number[1]);
}

const struct command cmd_move = {
	.name = "move",
	.run = run,
	.summary = "give one rule of the running set another number",
	.help =
"Give one rule of the running set another number, and with it another place.\n"
"No other rule changes; the new number has to be free.\n"
"\n"
"Usage: sfwctl move DIR NUM NUM [--allow-lockout]\n"
"  DIR         in or out\n"
"  NUM NUM     the number it has, the number it gets\n"
LOCKOUT_HELP
"\n"
"Example:\n"
"  sfwctl move in 120 90\n",
	.options = { { LOCKOUT_OPTION, NULL, false } },
};
