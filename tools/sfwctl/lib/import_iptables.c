// SPDX-License-Identifier: GPL-2.0
/*
 * iptables-save and ip6tables-save, also one behind the other, and what
 * "iptables -S" prints.
 *
 * A rule is a row of options, which import_iptables_match.c knows. What they
 * mean is put into a struct flat_rule; flat.c does the rest.
 *
 * The file of one family says nothing about the other. So do the rules made of
 * it: those without an address of their own get 0.0.0.0/0 or ::/0.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "import_iptables.h"

void iptables_refuse(struct iptables *r, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	if (!r->refused)
		import_vrefuse(r->imp, xstrdup(r->where), xstrdup(r->text), fmt,
			       ap);
	va_end(ap);
	r->refused = true;
}

void iptables_error(struct iptables *r, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	import_verror(r->imp, xstrdup(r->where), fmt, ap);
	va_end(ap);
	r->refused = true;
}

/* --- words --------------------------------------------------------------- */

/* Cut the line; quotes and backslashes as iptables-save writes them. */
static bool cut(struct iptables *r)
{
	const char *p = r->text;
	char *word, *q;
	bool quoted;

	r->n_words = 0;
	for (;;) {
		p += strspn(p, " \t\r");
		if (!*p)
			return true;
		word = xcalloc(1, strlen(p) + 1);
		q = word;
		quoted = false;
		for (; *p && (quoted || !strchr(" \t\r", *p)); p++) {
			if (*p == '"') {
				quoted = !quoted;
				continue;
			}
			if (*p == '\\' && quoted && p[1])
				p++;
			*q++ = *p;
		}
		r->words = xgrow(r->words, &r->cap_words, r->n_words + 1,
				 sizeof(*r->words));
		r->words[r->n_words++] = word;
		if (quoted) {
			iptables_error(r, "a quote is not closed");
			return false;
		}
	}
}

static void free_words(struct iptables *r)
{
	size_t i;

	for (i = 0; i < r->n_words; i++)
		free(r->words[i]);
	r->n_words = 0;
}

const char *iptables_take(struct iptables *r, const char *option)
{
	if (r->at < r->n_words)
		return r->words[r->at++];
	iptables_error(r, "something is missing behind %s", option);
	return NULL;
}

/* --- lines --------------------------------------------------------------- */

/* Ports of either end: a rule for each. */
static void split_either(struct iptables *r, struct flat_chain *chain)
{
	struct flat_rule *other;

	if (r->rule->verdict != FLAT_ACCEPT && r->rule->verdict != FLAT_DROP &&
	    r->rule->verdict != FLAT_REJECT) {
		iptables_refuse(r,
				"--ports can be said in two rules, if they decide; this one does not");
		return;
	}
	if (r->rule->match.flags & SFW_RULE_F_LIMIT) {
		iptables_refuse(r, "--ports needs two rules, and a limit counts for one");
		return;
	}
	other = flat_rule_copy(r->rule);
	flat_and_list(other, &other->match.from_port, SFW_RULE_F_NOT_FROM_PORT,
		      sfw_list_get(r->either), false);
	flat_append(chain, other);
	flat_and_list(r->rule, &r->rule->match.to_port, SFW_RULE_F_NOT_TO_PORT,
		      sfw_list_get(r->either), false);
}

static struct flat_chain *find_chain(struct iptables *r, const char *name,
				     bool make)
{
	char key[80];

	snprintf(key, sizeof(key), "%d %s", r->families, name);
	return flat_chain(&r->flat, key, make);
}

static void read_rule(struct iptables *r)
{
	struct flat_chain *chain;
	const char *name;

	r->at = 1;
	name = iptables_take(r, r->words[0]);
	if (!name)
		return;
	if (!r->filter) {
		iptables_refuse(r, "it is in the table %s, and sfw only filters",
				r->table);
		return;
	}
	chain = find_chain(r, name, false);
	if (!chain) {
		iptables_error(r, "the chain '%s' is not declared before", name);
		return;
	}
	r->rule = flat_rule_new(r->families, r->where, r->text);
	iptables_options(r);
	if (!r->refused && r->rule->match.limit.burst &&
	    !(r->rule->match.flags & SFW_RULE_F_LIMIT))
		iptables_error(r, "a burst without a limit");
	if (r->either && !r->refused)
		split_either(r, chain);
	if (r->refused)
		flat_rule_free(r->rule);
	else
		flat_append(chain, r->rule);
	sfw_list_put(r->either);
	r->either = NULL;
	r->rule = NULL;
}

static void declare(struct iptables *r, const char *name, const char *policy)
{
	static const struct {
		const char *name;
		enum flat_hook hook;
	} hooks[] = {
		{ "INPUT", FLAT_INPUT }, { "FORWARD", FLAT_FORWARD },
		{ "OUTPUT", FLAT_OUTPUT },
	};
	struct flat_chain *chain;
	size_t i;

	if (!r->filter) {
		if (policy && strcmp(policy, "-") && strcmp(policy, "ACCEPT"))
			iptables_refuse(r, "a policy in the table %s, and sfw only filters",
					r->table);
		return;
	}
	chain = find_chain(r, name, true);
	chain->families = r->families;
	for (i = 0; i < ARRAY_SIZE(hooks); i++)
		if (!strcmp(hooks[i].name, name))
			chain->hook = hooks[i].hook;
	if (!policy || !strcmp(policy, "-"))
		return;
	if (!strcmp(policy, "ACCEPT"))
		chain->policy = SFW_ACTION_ALLOW;
	else if (!strcmp(policy, "DROP"))
		chain->policy = SFW_ACTION_DENY;
	else
		iptables_error(r, "'%s' is no policy; it is ACCEPT or DROP", policy);
}

static void begin_table(struct iptables *r, const char *name)
{
	if (r->in_table)
		iptables_error(r, "COMMIT is missing at the end of the table before");
	r->in_table = true;
	r->filter = !strcmp(name, "filter");
	snprintf(r->table, sizeof(r->table), "%s", name);
}

static void read_words(struct iptables *r)
{
	const char *first = r->words[0];

	/* "iptables -S" names no table and has no COMMIT. */
	if (!r->in_table && (!strcmp(first, "-P") || !strcmp(first, "-N"))) {
		r->filter = true;
		r->table[0] = '\0';
	}
	if (first[0] == '*') {
		begin_table(r, first + 1);
	} else if (!strcmp(first, "COMMIT")) {
		if (!r->in_table)
			iptables_error(r, "COMMIT without a table");
		r->in_table = false;
		r->filter = false;
	} else if (!r->in_table && !r->filter) {
		iptables_error(r,
			       "this is not what iptables-save writes: no table begins before it");
	} else if (first[0] == ':') {
		declare(r, first + 1, r->n_words > 1 ? r->words[1] : NULL);
	} else if (!strcmp(first, "-P") || !strcmp(first, "-N")) {
		if (r->n_words < 2)
			iptables_error(r, "the name of a chain is missing");
		else
			declare(r, r->words[1],
				r->n_words > 2 ? r->words[2] : NULL);
	} else if (!strcmp(first, "-A")) {
		read_rule(r);
	} else {
		iptables_error(r, "'%s' begins no line of iptables-save", first);
	}
}

static void read_line(struct iptables *r, char *line)
{
	char *end;

	r->text = line;
	r->refused = false;
	snprintf(r->where, sizeof(r->where), "%u", r->line);
	if (*line == '#') {
		/* Whose output it is stands in a comment. */
		if (!r->in_table && strstr(line, "ip6tables"))
			r->families = SFW_FAMILY_6;
		else if (!r->in_table && strstr(line, "iptables"))
			r->families = SFW_FAMILY_4;
		return;
	}
	/* [packets:bytes] of iptables-save -c */
	end = *line == '[' ? strchr(line, ']') : NULL;
	if (end)
		r->text = end + 1 + strspn(end + 1, " ");
	if (cut(r) && r->n_words)
		read_words(r);
	free_words(r);
}

void import_iptables(struct import *imp)
{
	struct iptables r = {
		.imp = imp,
		.flat.imp = imp,
		.families = imp->v6 ? SFW_FAMILY_6 : SFW_FAMILY_4,
	};
	char *rest = imp->text, *line;
	u8 spoken = 0;
	size_t i;

	if (memchr(imp->text, '\0', imp->len)) {
		import_error(imp, xstrdup("1"), "this is no text");
		return;
	}
	while ((line = strsep(&rest, "\n")) && (*line || rest)) {
		r.line++;
		read_line(&r, line);
	}
	if (r.in_table)
		import_error(imp, xstrdup(r.where),
			     "the file ends within the table %s: COMMIT is missing",
			     r.table);
	for (i = 0; i < r.flat.n_chains; i++)
		spoken |= r.flat.chains[i]->families;
	if (!spoken && !imp->count[IMPORT_ERROR])
		import_error(imp, xstrdup(r.where),
			     "there is no table filter in it");
	if (spoken && spoken != FLAT_FAMILIES)
		import_remark(imp, "from %s-save: about IPv%d only, IPv%d meets the defaults",
			      spoken == SFW_FAMILY_4 ? "iptables" : "ip6tables",
			      spoken == SFW_FAMILY_4 ? 4 : 6,
			      spoken == SFW_FAMILY_4 ? 6 : 4);
	if (!imp->count[IMPORT_ERROR])
		flat_build(&r.flat);
	flat_free(&r.flat);
	free(r.words);
}
