// SPDX-License-Identifier: GPL-2.0
/*
 * Rules in the wrong place: shadowed, redundant, never-matches, correlated.
 *
 * What the rules before leave of a rule goes on through the rules behind it; if
 * all of it meets the same decision there, the rule is redundant. The first
 * packet to the contrary is enough, and most rules have one soon. If nothing is
 * left, the rules before that decide some of it shadow the rule, or say the
 * same.
 *
 * A rule with a limit lets packets beyond the rate go on, so it shadows
 * nothing, and what stands behind it decides, too.
 */
#include <stdlib.h>

#include "check.h"
#include "print.h"
#include "xalloc.h"

/* Rules that a finding shows, the others are counted. */
#define SHOWN_MAX	5
/* Rules that are looked for. */
#define TAKERS_MAX	20

struct order {
	struct check *check;
	u8 direction;
	size_t index;		/* of the rule in question */
	bool left;		/* something reaches it */
	bool needed;		/* without it a packet is decided otherwise */
	u32 *taker;		/* rules that take some of it */
	size_t n_takers, cap_takers;
	u8 *is_taker;		/* by index */
	struct box witness;	/* what the first one found takes */
};

/* What a rule does with a packet, as a number to compare. */
static u8 outcome(const struct order *o, size_t index)
{
	const struct ruleset_rule *rule = check_rule(o->check, o->direction,
						     index);
	u8 action = reach_action(o->check->reach, o->direction, index);

	/* Without a connection the reply is on its own. */
	if (rule && rule->rule.flags & SFW_RULE_F_NO_STATE &&
	    o->check->mode == SFW_MODE_STATEFUL)
		action |= 0x80;
	return action;
}

static size_t n_rules(const struct order *o)
{
	return o->check->rs->n_rules[o->direction];
}

static u32 flags_of(const struct order *o, size_t index)
{
	return index < n_rules(o) ?
	       o->check->rs->rules[o->direction][index]->rule.flags : 0;
}

static void take(struct order *o, const struct box *part, size_t index)
{
	if (!o->n_takers)
		o->witness = *part;
	o->is_taker[index] = 1;
	o->taker = xgrow(o->taker, &o->cap_takers, o->n_takers + 1,
			 sizeof(*o->taker));
	o->taker[o->n_takers++] = index;
}

/* What comes to the rules behind; positive: decided otherwise there. */
static int look_behind(const struct box *part, size_t index, void *data)
{
	struct order *o = data;

	if (outcome(o, index) != outcome(o, o->index)) {
		o->needed = true;
		return 1;
	}
	if (!o->is_taker[index] && o->n_takers < TAKERS_MAX)
		take(o, part, index);
	if (!(flags_of(o, index) & SFW_RULE_F_LIMIT))
		return 0;
	return reach_walk(o->check->reach, o->direction, part, index + 1,
			  n_rules(o), false, look_behind, o);
}

static int look_at_rest(const struct box *part, size_t index, void *data)
{
	struct order *o = data;

	(void)index;
	o->left = true;
	/* The log would be missed. */
	if (flags_of(o, o->index) & SFW_RULE_F_LOG)
		o->needed = true;
	if (o->needed)
		return 1;
	return reach_walk(o->check->reach, o->direction, part, o->index + 1,
			  n_rules(o), false, look_behind, o);
}

static int u32_cmp(const void *a, const void *b)
{
	const u32 *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

/* Names all takers for programs, and the first for people. */
static void show_takers(struct order *o, struct finding *f, const char *label)
{
	char name[REACH_NAME_MAX];
	size_t i;

	if (!f)
		return;
	qsort(o->taker, o->n_takers, sizeof(*o->taker), u32_cmp);
	for (i = 0; i < o->n_takers; i++) {
		reach_name(o->check->reach, o->direction, o->taker[i], name);
		finding_blocked_by(f, name);
		if (i < SHOWN_MAX)
			finding_line(f, i ? "" : label,
				     check_rule_place(o->check, o->direction,
						      o->taker[i]));
	}
	if (i > SHOWN_MAX)
		finding_line(f, "", xasprintf("and %zu more", i - SHOWN_MAX));
}

static void report(struct order *o, const char *code,
		   enum finding_severity severity, const char *takers,
		   char *message)
{
	struct finding *f = check_add(o->check, code, severity, o->direction,
				      o->index, message);

	show_takers(o, f, takers);
	check_witness(o->check, f, "such as", &o->witness, o->direction);
}

static void report_shadowed(struct order *o)
{
	report(o, "shadowed", FINDING_WARNING, "behind",
	       xasprintf("no packet ever reaches it, %s before it take%s all it matches",
			 o->n_takers == 1 ? "a rule" : "rules",
			 o->n_takers == 1 ? "s" : ""));
}

static void report_redundant(struct order *o)
{
	if (o->left)
		report(o, "redundant", FINDING_NOTE, "before",
		       xasprintf("without it the rules behind it decide the same"));
	else
		report(o, "redundant", FINDING_NOTE, "behind",
		       xasprintf("%s before it already decide%s the same",
				 o->n_takers == 1 ? "a rule" : "rules",
				 o->n_takers == 1 ? "s" : ""));
}

/* What no rule before takes. */
struct left {
	struct box part;
};

static int keep_part(const struct box *part, size_t index, void *data)
{
	struct left *left = data;

	(void)index;
	left->part = *part;
	return 1;
}

/* Which rules before it are looked for. */
enum which {
	WHICH_ACTION,		/* those of another action */
	WHICH_OTHER,		/* those that decide otherwise in any way */
	WHICH_SAME,
};

static bool is_wanted(const struct order *o, size_t index, enum which which)
{
	struct reach *reach = o->check->reach;

	if (which == WHICH_ACTION)
		return reach_action(reach, o->direction, index) !=
		       reach_action(reach, o->direction, o->index);
	return (outcome(o, index) == outcome(o, o->index)) ==
	       (which == WHICH_SAME);
}

/* Rules before this one that decide packets which it matches, too. */
static int find_takers_in(struct order *o, const struct box *box,
			  enum which which)
{
	struct box earlier, common;
	struct left left;
	size_t i, n, index;
	int ret;

	reach_inside(o->check->reach, &n);
	for (i = 0; i < n && o->n_takers < TAKERS_MAX; i++) {
		index = reach_inside(o->check->reach, &n)[i];
		if (index >= o->index)
			break;
		if (o->is_taker[index] || !is_wanted(o, index, which))
			continue;
		reach_rule(o->check->reach, o->direction, index, box->family,
			   &earlier);
		if (!space_and(o->check->space, box, &earlier, &common))
			continue;
		ret = reach_left(o->check->reach, o->direction, &common, index, true,
				 keep_part, &left);
		if (ret < 0)
			return ret;
		if (ret)
			take(o, &left.part, index);
	}
	return 0;
}

static void forget_takers(struct order *o)
{
	while (o->n_takers)
		o->is_taker[o->taker[--o->n_takers]] = 0;
}

static void report_correlated(struct order *o)
{
	static const char correlated_text[] =
		"it depends on its place: %s %u%s the other way about packets that both match";
	const struct ruleset_rule *rule;
	struct finding *f;

	qsort(o->taker, o->n_takers, sizeof(*o->taker), u32_cmp);
	rule = check_rule(o->check, o->direction, o->taker[0]);
	f = check_add(o->check, "correlated", FINDING_NOTE, o->direction,
		      o->index,
		      xasprintf(correlated_text,
				print_directions[o->direction],
				rule->rule.number,
				o->n_takers == 1 ? " decides" :
				" and others decide"));
	show_takers(o, f, "behind");
	check_witness(o->check, f, "such as", &o->witness, o->direction);
}

static const u8 families[] = { AF_INET, AF_INET6 };

static int find_takers(struct order *o, enum which which)
{
	struct box box;
	int i, ret = 0;

	forget_takers(o);
	for (i = 0; i < 2 && ret >= 0; i++) {
		if (!reach_rule(o->check->reach, o->direction, o->index,
				families[i], &box))
			continue;
		reach_enter(o->check->reach, o->direction, &box);
		ret = find_takers_in(o, &box, which);
		reach_leave(o->check->reach);
	}
	return ret;
}

static void correlated(struct order *o)
{
	if (find_takers(o, WHICH_ACTION) < 0)
		check_not_analysed(o->check, FINDING_NOTE, o->direction,
				   o->index, "correlated");
	else if (o->n_takers)
		report_correlated(o);
}

/* Nothing comes to the rule. */
static void unreached(struct order *o)
{
	if (find_takers(o, WHICH_OTHER) < 0)
		check_not_analysed(o->check, FINDING_WARNING, o->direction,
				   o->index, "shadowed, redundant");
	else if (o->n_takers)
		report_shadowed(o);
	else if (find_takers(o, WHICH_SAME) >= 0)
		report_redundant(o);
}

/* Why no packet can match. */
static char *why_never(const struct sfw_rule *rule)
{
	static const char families_text[] =
		"never matches: from, to and protocol have no address family in common";
	if (rule->families)
		return xstrdup("never matches: a negated list leaves nothing");
	if (rule->from && rule->to)
		return xstrdup(families_text);
	return xstrdup("never matches: the protocol is not of the address family of the addresses");
}

static void examine(struct order *o)
{
	int i, ret = 0, matches = 0;
	struct box box;

	forget_takers(o);
	o->left = false;
	o->needed = false;
	for (i = 0; i < 2 && !o->needed && ret >= 0; i++) {
		if (!reach_rule(o->check->reach, o->direction, o->index,
				families[i], &box))
			continue;
		matches++;
		reach_enter(o->check->reach, o->direction, &box);
		ret = reach_left(o->check->reach, o->direction, &box, o->index, true,
				 look_at_rest, o);
		reach_leave(o->check->reach);
	}
	if (!matches) {
		check_add(o->check, "never-matches", FINDING_WARNING,
			  o->direction, o->index,
			  why_never(&check_rule(o->check, o->direction,
						o->index)->rule));
		return;
	}
	if (ret < 0)
		check_not_analysed(o->check, o->left ? FINDING_NOTE :
				   FINDING_WARNING, o->direction, o->index,
				   o->left ? "redundant" :
				   "shadowed, redundant");
	else if (!o->left)
		return unreached(o);
	else if (!o->needed)
		report_redundant(o);
	correlated(o);
}

void check_order(struct check *check)
{
	struct order o = { .check = check };
	size_t most = check->rs->n_rules[0];
	int d;

	if (check->rs->n_rules[1] > most)
		most = check->rs->n_rules[1];
	o.is_taker = xcalloc(most + 1, 1);
	for (d = 0; d < 2; d++) {
		o.direction = d;
		for (o.index = 0; o.index < check->rs->n_rules[d]; o.index++) {
			examine(&o);
			space_release(check->space);
		}
		forget_takers(&o);
	}
	free(o.is_taker);
	free(o.taker);
}
