// SPDX-License-Identifier: GPL-2.0
/*
 * sfwctl add: one more rule, in the words of the file.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "lib/lockout.h"
#include "lib/nl_query.h"
#include "lib/nl_tx.h"
#include "lib/parse.h"
#include "lib/print.h"
#include "lib/xalloc.h"

/*
 * A shell takes the quotes of a comment away. If the last word would make a
 * rule as a comment, say how to keep them. It is not taken for one: a clause
 * with a typing error would silently become part of the comment.
 */
static void hint_at_quotes(int n, char **words, const struct ruleset *base)
{
	const char *last = words[n - 1];
	struct parse_result *res;
	char *head, *text;

	if (n < 2 || !strchr(last, ' ') || strchr(last, '"'))
		return;
	head = cmd_join(n - 1, words);
	text = xasprintf("%s \"%s\"", head, last);
	res = parse_rule("rule", text, base);
	if (res->ruleset)
		out_err("if '%s' is the comment, keep its quotes from the shell: '\"%s\"'",
			last, last);
	parse_result_free(res);
	free(text);
	free(head);
}

/* The rule that the words are; base may be NULL. */
static enum rc parse(int n, char **words, const char *text,
		     const struct ruleset *base, struct parse_result **res)
{
	*res = parse_rule("rule", text, base);
	parse_print_messages(*res, stderr, out_color(stderr));
	if ((*res)->ruleset)
		return RC_OK;
	hint_at_quotes(n, words, base);
	return RC_USAGE;
}

static const struct ruleset_rule *only_rule(const struct ruleset *rs)
{
	return rs->n_rules[SFW_DIRECTION_IN] ? rs->rules[SFW_DIRECTION_IN][0] :
					       rs->rules[SFW_DIRECTION_OUT][0];
}

static enum rc add(struct nl *nl, const struct ruleset *rs, const u32 *expect)
{
	const struct ruleset_rule *rule = only_rule(rs);
	struct lockout_change change = LOCKOUT_NO_CHANGE;
	enum rc rc = RC_OK;
	u32 generation;

	change.add = &rule->rule;
	if (!cmd_option(LOCKOUT_OPTION))
		rc = lockout_check_change(nl, &change);
	if (rc == RC_OK)
		rc = nl_add_rule(nl, &rule->rule, expect, &generation);
	if (rc == RC_OK)
		out_changed(generation, "added %s %u",
			    print_directions[rule->rule.direction],
			    rule->rule.number);
	return rc;
}

/* The sets of what runs; NULL if nothing does. */
static enum rc fetch_base(struct nl *nl, struct ruleset **base)
{
	struct nl_status status;

	return nl_query_ruleset(nl, &status, base);
}

/* Only the running set can tell whether such a number is right. */
static bool number_beyond(const char *text)
{
	char direction[16];
	int dir, number;

	if (sscanf(text, " %15[a-z] %9d", direction, &number) != 2)
		return false;
	dir = parse_direction(direction);
	return dir >= 0 && number > SFW_RULE_NUMBER_PLAIN &&
	       nl_number_meant((u8)dir, (u32)number);
}

static enum rc run(int n, char **words)
{
	struct parse_result *res = NULL;
	struct ruleset *base = NULL;
	struct nl *nl = NULL;
	bool based;
	char *text;
	enum rc rc;

	if (!n)
		return cmd_usage("it needs a RULE, as in a rule file");
	text = cmd_join(n, words);
	/*
	 * What is said without the running set is read first, so that errors
	 * need no root.
	 */
	based = strchr(text, '$') || number_beyond(text);
	rc = based ? RC_OK : parse(n, words, text, NULL, &res);
	if (rc == RC_OK)
		rc = nl_open(&nl);
	if (rc == RC_OK && based) {
		rc = fetch_base(nl, &base);
		if (rc == RC_OK)
			rc = parse(n, words, text, base, &res);
	}
	if (rc == RC_OK)
		rc = add(nl, res->ruleset, base ? &base->generation : NULL);
	nl_close(nl);
	parse_result_free(res);
	ruleset_free(base);
	free(text);
	return rc;
}

const struct command cmd_add = {
	.name = "add",
	.run = run,
	.summary = "add one rule to the running set",
	.help =
"Add one rule to the running set, in the words of a rule file. Sets that run\n"
"may be named. The quotes of a comment have to be kept from the shell.\n"
"\n"
"Usage: sfwctl add RULE [--allow-lockout]\n"
LOCKOUT_HELP
"\n"
"Examples:\n"
"  sfwctl add in 100 allow tcp to port 443\n"
"  sfwctl add 'in 110 allow tcp from $admins to port 22 \"ssh\"'\n",
	.options = { { LOCKOUT_OPTION, NULL, false } },
};
