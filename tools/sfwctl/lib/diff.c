// SPDX-License-Identifier: GPL-2.0
/*
 * What two rule sets decide differently: see diff.h.
 *
 * Rules that are in both sets, in the same order, cannot differ by themselves:
 * a packet that is decided otherwise has its first match, in one set or the
 * other, in a rule that was added, removed or changed, or in a changed default.
 * So only what reaches those is taken through the other set.
 *
 * What comes out is cut along the rules. It is united where two boxes differ in
 * one field, then each box is widened field by field as far as all of it is
 * decided otherwise, and boxes within others go. Rates are not looked at.
 */
#include <stdlib.h>

#include "diff.h"
#include "xalloc.h"

/* Pieces of what differs in one direction. */
#define PIECES_MAX	4000
/* With more boxes than these it is not worth to widen them. */
#define WIDEN_MAX	200

static const u8 families[] = { AF_INET, AF_INET6 };

struct search {
	struct diff *diff;
	u8 direction;
	bool allows;		/* the rule whose packets are looked at */
	bool from_old;		/* it is one of the old set */
	const bool *changed;	/* rules of the old set, by index */
	struct boxes boxes[2];	/* newly denied, newly allowed */
};

static bool allows(const struct reach *reach, u8 direction, size_t index)
{
	return reach_action(reach, direction, index) == SFW_ACTION_ALLOW;
}

static int compare(const struct box *part, size_t index, void *data)
{
	struct search *s = data;
	struct reach *other = s->from_old ? s->diff->new : s->diff->old;
	bool allowed = allows(other, s->direction, index);
	struct boxes *boxes;

	/* Found already, from the other side. */
	if (!s->from_old && s->changed[index])
		return 0;
	if (allowed == s->allows)
		return 0;
	boxes = &s->boxes[s->from_old ? allowed : s->allows];
	boxes_add(boxes, part);
	return boxes->n > PIECES_MAX ? 1 : 0;
}

static int look_at(const struct box *part, size_t index, void *data)
{
	struct search *s = data;
	struct reach *other = s->from_old ? s->diff->new : s->diff->old;

	(void)index;
	return reach_walk(other, s->direction, part, 0,
			  reach_ruleset(other)->n_rules[s->direction], false,
			  compare, s);
}

/* What reaches a changed rule of one set, by the other set. */
static bool look_at_rule(struct search *s, size_t index)
{
	struct reach *reach = s->from_old ? s->diff->old : s->diff->new;
	struct box box;
	int f;

	s->allows = allows(reach, s->direction, index);
	for (f = 0; f < 2; f++)
		if (reach_rule(reach, s->direction, index, families[f],
			       &box) &&
		    reach_left(reach, s->direction, &box, index, false,
			       look_at, s))
			return false;
	return true;
}

/* Do they match the same and say the same? */
static bool is_same(const struct diff *diff, u8 direction, size_t old,
		    size_t new)
{
	struct box a, b;
	bool in_a, in_b;
	int f;

	if (reach_action(diff->old, direction, old) !=
	    reach_action(diff->new, direction, new))
		return false;
	for (f = 0; f < 2; f++) {
		in_a = reach_rule(diff->old, direction, old, families[f], &a);
		in_b = reach_rule(diff->new, direction, new, families[f], &b);
		if (in_a != in_b || (in_a && memcmp(&a, &b, sizeof(a))))
			return false;
	}
	return true;
}

/* Rules with the same number that are the same; all others have changed. */
static void find_changed(const struct diff *diff, u8 direction, bool *old,
			 bool *new)
{
	const struct ruleset *a = reach_ruleset(diff->old);
	const struct ruleset *b = reach_ruleset(diff->new);
	size_t na = a->n_rules[direction], nb = b->n_rules[direction];
	size_t i = 0, j = 0;

	memset(old, true, na + 1);
	memset(new, true, nb + 1);
	while (i < na && j < nb) {
		u32 x = a->rules[direction][i]->rule.number;
		u32 y = b->rules[direction][j]->rule.number;

		if (x == y && is_same(diff, direction, i, j)) {
			old[i] = false;
			new[j] = false;
		}
		i += x <= y;
		j += y <= x;
	}
	if (a->def[direction].action == b->def[direction].action) {
		old[na] = false;
		new[nb] = false;
	}
}

/* Is all of the box in the boxes? */
static bool is_covered(struct space *space, const struct box *box,
		       const struct boxes *boxes)
{
	struct boxes now = { .n = 0 }, next = { .n = 0 };
	struct box rest[SPACE_DIMS];
	size_t i, j;
	bool empty;
	int k, n;

	boxes_add(&now, box);
	for (i = 0; i < boxes->n && now.n; i++) {
		struct boxes swap = now;

		next.n = 0;
		for (j = 0; j < now.n; j++) {
			n = space_without(space, &now.box[j], &boxes->box[i],
					  rest);
			for (k = 0; k < n; k++)
				boxes_add(&next, &rest[k]);
		}
		now = next;
		next = swap;
	}
	empty = !now.n;
	boxes_free(&now);
	boxes_free(&next);
	return empty;
}

/* Widen a box in one field to all that any of them has there. */
static void widen(struct space *space, const struct boxes *all,
		  struct box *box, int dim)
{
	struct box wide = *box;
	size_t i;

	for (i = 0; i < all->n; i++) {
		if (all->box[i].family != box->family)
			continue;
		wide.set[dim] = ranges_or(space->ranges, wide.set[dim],
					  all->box[i].set[dim]);
	}
	if (wide.set[dim] != box->set[dim] && is_covered(space, &wide, all))
		*box = wide;
}

static void minimize(struct space *space, struct boxes *boxes)
{
	struct boxes all = { .n = 0 };
	size_t i, j;
	int d;

	boxes_merge(space, boxes);
	if (boxes->n < 2 || boxes->n > WIDEN_MAX)
		return;
	for (i = 0; i < boxes->n; i++)
		boxes_add(&all, &boxes->box[i]);
	for (i = 0; i < boxes->n; i++)
		/* The protocol last: others have no ports or flags. */
		for (d = SPACE_DIMS - 1; d > SPACE_PROTOCOL; d--)
			widen(space, &all, &boxes->box[i], d);
	boxes_free(&all);
	for (i = 0; i < boxes->n; i++) {
		for (j = 0; j < boxes->n; j++)
			if (j != i && space_is_within(space, &boxes->box[i],
						      &boxes->box[j]))
				break;
		if (j < boxes->n)
			boxes->box[i--] = boxes->box[--boxes->n];
	}
}

static int keep_index(const struct box *part, size_t index, void *data)
{
	(void)part;
	*(size_t *)data = index;
	return 1;
}

/* The rule that decides some packet of the box. */
static size_t decider(struct reach *reach, u8 direction, const struct box *box)
{
	size_t index = 0;

	reach_walk(reach, direction, box, 0,
		   reach_ruleset(reach)->n_rules[direction], false, keep_index,
		   &index);
	return index;
}

/* The same of both families, without a word about addresses. */
static bool is_twin(const struct space *space, const struct box *a,
		    const struct box *b)
{
	int d;

	if (a->family == b->family)
		return false;
	for (d = 0; d < SPACE_DIMS; d++) {
		if (d == SPACE_SRC || d == SPACE_DST) {
			if (a->set[d] != space->full[SPACE_V6(a->family)][d] ||
			    b->set[d] != space->full[SPACE_V6(b->family)][d])
				return false;
		} else if (a->set[d] != b->set[d]) {
			return false;
		}
	}
	return true;
}

static void fill_side(struct diff *diff, u8 direction,
		      const struct boxes *boxes, struct diff_side *side)
{
	size_t i, j;

	side->traffic = xcalloc(boxes->n + 1, sizeof(*side->traffic));
	for (i = 0; i < boxes->n; i++) {
		struct diff_traffic *t = &side->traffic[side->n];

		for (j = 0; j < side->n; j++)
			if (is_twin(diff->space, &side->traffic[j].box,
				    &boxes->box[i]))
				break;
		if (j < side->n) {
			side->traffic[j].both = true;
			continue;
		}
		t->box = boxes->box[i];
		side->n++;
	}
	for (i = 0; i < side->n; i++) {
		struct diff_traffic *t = &side->traffic[i];

		t->was = decider(diff->old, direction, &t->box);
		t->now = decider(diff->new, direction, &t->box);
	}
}

static bool find_direction(struct diff *diff, u8 direction)
{
	size_t na = reach_ruleset(diff->old)->n_rules[direction];
	size_t nb = reach_ruleset(diff->new)->n_rules[direction];
	bool *old = xcalloc(na + 1, sizeof(bool));
	bool *new = xcalloc(nb + 1, sizeof(bool)), good = true;
	struct search s = {
		.diff = diff,
		.direction = direction,
		.changed = old,
	};
	size_t i;

	find_changed(diff, direction, old, new);
	s.from_old = true;
	for (i = 0; i <= na && good; i++)
		if (old[i])
			good = look_at_rule(&s, i);
	s.from_old = false;
	for (i = 0; i <= nb && good; i++)
		if (new[i])
			good = look_at_rule(&s, i);
	if (good) {
		minimize(diff->space, &s.boxes[0]);
		minimize(diff->space, &s.boxes[1]);
		fill_side(diff, direction, &s.boxes[0],
			  &diff->denied[direction]);
		fill_side(diff, direction, &s.boxes[1],
			  &diff->allowed[direction]);
		good = !space_is_full(diff->space);
	}
	boxes_free(&s.boxes[0]);
	boxes_free(&s.boxes[1]);
	free(old);
	free(new);
	return good;
}

bool diff_find(struct diff *diff, const struct ruleset *old,
	       const struct ruleset *new)
{
	*diff = (struct diff){ .space = space_new(old, new) };
	diff->old = reach_new(diff->space, old);
	diff->new = diff->old ? reach_new(diff->space, new) : NULL;
	return diff->new && find_direction(diff, SFW_DIRECTION_IN) &&
	       find_direction(diff, SFW_DIRECTION_OUT);
}

void diff_free(struct diff *diff)
{
	int d;

	for (d = 0; d < 2; d++) {
		free(diff->allowed[d].traffic);
		free(diff->denied[d].traffic);
	}
	reach_free(diff->old);
	reach_free(diff->new);
	space_free(diff->space);
}
