// SPDX-License-Identifier: GPL-2.0
/*
 * What is wrong with a rule set: see check.h.
 *
 * Each part walks sets of packets through the lists (reach.h) and reports what
 * it finds; none knows of another. After each rule the sets made for it are
 * forgotten, so that memory is bounded by the worst rule.
 */
#include <stdlib.h>

#include "check.h"
#include "print.h"
#include "space_text.h"
#include "xalloc.h"

const struct ruleset_rule *check_rule(const struct check *check, u8 direction,
				      size_t index)
{
	return index < check->rs->n_rules[direction] ?
	       check->rs->rules[direction][index] : NULL;
}

struct finding *check_add(struct check *check, const char *code,
			  enum finding_severity severity, u8 direction,
			  size_t index, char *message)
{
	const struct ruleset_rule *rule = check_rule(check, direction, index);
	const struct ruleset_place *at = &check->rs->def_at[direction];
	char name[REACH_NAME_MAX];
	struct finding *f;

	if (!rule && finding_is_ignored(at->ignore, code)) {
		free(message);
		return NULL;
	}
	reach_name(check->reach, direction, index, name);
	f = findings_add(check->out, code, severity, rule, name, message);
	if (f && !rule) {
		f->file = at->file;
		f->line = at->line;
		f->text = at->text;
	}
	return f;
}

void check_not_analysed(struct check *check, enum finding_severity severity,
			u8 direction, size_t index, const char *what)
{
	static const char too_many[] =
		"not analysed for %s: it and the other rules cut each other into too many pieces";
	struct finding *f;

	f = check_add(check, "not-analysed", severity, direction, index,
		      xasprintf(too_many,
				what));
	finding_line(f, "bound",
		     xasprintf("%lu comparisons for one rule, %lu for a file",
			       REACH_WALK_MAX, REACH_TOTAL_MAX));
}

char *check_rule_place(const struct check *check, u8 direction, size_t index)
{
	const struct ruleset_rule *rule = check_rule(check, direction, index);
	char *text, *place;

	if (!rule)
		return xasprintf("%s *, the default: %s",
				 print_directions[direction],
				 print_actions[reach_action(check->reach,
							    direction,
							    index)]);
	text = print_rule_text(&rule->rule);
	place = rule->file ? xasprintf("%s   (%s:%u)", text, rule->file,
				       rule->line) : xstrdup(text);
	free(text);
	return place;
}

void check_witness(struct check *check, struct finding *f, const char *label,
		   const struct box *box, u8 direction)
{
	if (!f)
		return;
	f->witness = space_witness(check->space, box, direction);
	if (label)
		finding_line(f, label, xstrdup(f->witness));
}

void check_ruleset(const struct ruleset *rs, u8 mode, bool forwarded,
		   const struct explain_ports *ports, struct findings *out)
{
	static const char too_long[] =
		"not analysed: the lists of the rules are too long";
	struct check check = {
		.rs = rs,
		.out = out,
		.mode = mode,
		.ports = *ports,
		.mode_change = rs->mode != mode,
		.forwarded = forwarded,
	};
	struct finding *f;

	check.space = space_new(rs, NULL);
	check.reach = reach_new(check.space, rs);
	if (check.reach) {
		check_order(&check);
		check_return(&check);
		check_open(&check);
	} else {
		f = findings_add(out, "not-analysed", FINDING_WARNING, NULL,
				 NULL, xstrdup(too_long));
		finding_line(f, "bound",
			     xstrdup("8 million ranges in all lists together"));
	}
	reach_free(check.reach);
	space_free(check.space);
	numbers_free(&check.numbers);
}
