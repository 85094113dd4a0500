// SPDX-License-Identifier: GPL-2.0
/*
 * First match over sets of packets: see reach.h.
 *
 * A walk takes a box to the first rule that has packets in common with it; the
 * common part is decided, and what is left, up to seven boxes, goes on behind
 * that rule. It goes depth first: a caller that asks "is there any packet
 * that..." has its answer at the first leaf, where breadth first would cut up
 * everything before.
 *
 * Two things keep it fast with 10,000 rules. A walk looks only at rules that
 * meet the box it began with. And whether a rule meets a box is asked first of
 * their hulls, the lowest and highest value of addresses and ports, side by
 * side in memory; of IPv6 addresses the upper half.
 *
 * What cannot be kept small is bounded: a walk, and all walks together, stop
 * after so many looks at rules, and say so. Looks are counted rather than
 * seconds, so that the same file gives the same answer everywhere.
 */
#include <stdio.h>
#include <stdlib.h>

#include "print.h"
#include "reach.h"
#include "xalloc.h"

/* What it costs to cut a box, in looks at rules. */
#define SPLIT_LOOKS	16

struct hull {
	u64 src[2];
	u64 dst[2];
	u16 sport[2];
	u16 dport[2];
	u8 protocol[2];
};

struct list {
	struct box *box[2];	/* what each rule matches, by family */
	struct hull *hull[2];
	u32 *rank[2];		/* by index: 0 is the rule that matches most */
	size_t n;
};

/* A box on its way, and the next candidate to look at. */
struct step {
	struct box box;
	size_t next;
};

struct reach {
	struct space *space;
	const struct ruleset *rs;
	struct list list[2];	/* by direction */
	u32 *candidate;		/* shared by nested walks, as a stack */
	size_t n_candidates, cap_candidates;
	struct step *step;	/* likewise */
	size_t n_steps, cap_steps;
	unsigned long looks;	/* of all walks */
	/* The candidates at the bottom are those of reach_enter(). */
	bool entered;
	u8 direction;
	struct box last;
	size_t n_inside;
	u32 *inside;		/* the same, that which matches most first,
				 * and once more ascending
				 */
	size_t cap_inside;
	u64 *key;		/* to sort by */
	size_t cap_keys;
	bool (*keep)(const struct space *space, const struct box *box);
};

static void span_of(const struct space *space, const struct box *box,
		    enum space_dim dim, u64 span[2])
{
	const struct range *r;
	size_t n;

	r = ranges_get(space->ranges, box->set[dim], &n);
	if (box->family == AF_INET6 && (dim == SPACE_SRC || dim == SPACE_DST)) {
		span[0] = r[0].lo.hi;
		span[1] = r[n - 1].hi.hi;
	} else {
		span[0] = r[0].lo.lo;
		span[1] = r[n - 1].hi.lo;
	}
}

static struct hull hull_of(const struct space *space, const struct box *box)
{
	struct hull h;
	u64 span[2];
	int i;

	span_of(space, box, SPACE_SRC, h.src);
	span_of(space, box, SPACE_DST, h.dst);
	span_of(space, box, SPACE_SPORT, span);
	for (i = 0; i < 2; i++)
		h.sport[i] = span[i];
	span_of(space, box, SPACE_DPORT, span);
	for (i = 0; i < 2; i++)
		h.dport[i] = span[i];
	span_of(space, box, SPACE_PROTOCOL, span);
	for (i = 0; i < 2; i++)
		h.protocol[i] = span[i];
	return h;
}

static bool hulls_meet(const struct hull *a, const struct hull *b)
{
	return a->dst[0] <= b->dst[1] && b->dst[0] <= a->dst[1] &&
	       a->src[0] <= b->src[1] && b->src[0] <= a->src[1] &&
	       a->protocol[0] <= b->protocol[1] &&
	       b->protocol[0] <= a->protocol[1] &&
	       a->dport[0] <= b->dport[1] && b->dport[0] <= a->dport[1] &&
	       a->sport[0] <= b->sport[1] && b->sport[0] <= a->sport[1];
}

/* The hull of nothing: it meets none. */
static bool is_none(const struct hull *hull)
{
	return hull->dst[0] > hull->dst[1];
}

struct sized {
	long double size;
	u32 index;
};

static int sized_cmp(const void *a, const void *b)
{
	const struct sized *x = a, *y = b;

	if (x->size != y->size)
		return x->size > y->size ? -1 : 1;
	return x->index < y->index ? -1 : 1;
}

/* How much a rule matches, in all fields. */
static long double size_of(const struct space *space, const struct box *box)
{
	return space_size(space, box) *
	       ranges_size(space->ranges, box->set[SPACE_PROTOCOL]) *
	       ranges_size(space->ranges, box->set[SPACE_FLAGS]);
}

static void sort_list(struct reach *reach, struct list *list, int v6)
{
	struct sized *sized = xcalloc(list->n + 1, sizeof(*sized));
	size_t i;

	for (i = 0; i < list->n; i++) {
		sized[i].index = i;
		if (!is_none(&list->hull[v6][i]))
			sized[i].size = size_of(reach->space,
						&list->box[v6][i]);
	}
	if (list->n)
		qsort(sized, list->n, sizeof(*sized), sized_cmp);
	list->rank[v6] = xcalloc(list->n + 1, sizeof(u32));
	for (i = 0; i < list->n; i++)
		list->rank[v6][sized[i].index] = i;
	free(sized);
}

static void make_list(struct reach *reach, u8 direction)
{
	const struct ruleset *rs = reach->rs;
	struct list *list = &reach->list[direction];
	size_t i;
	int v6;

	list->n = rs->n_rules[direction];
	for (v6 = 0; v6 < 2; v6++) {
		list->box[v6] = xcalloc(list->n + 1, sizeof(struct box));
		list->hull[v6] = xcalloc(list->n + 1, sizeof(struct hull));
		for (i = 0; i < list->n; i++) {
			struct box *box = &list->box[v6][i];
			struct hull *hull = &list->hull[v6][i];

			if (space_of_rule(reach->space,
					  &rs->rules[direction][i]->rule,
					  v6 ? AF_INET6 : AF_INET, box))
				*hull = hull_of(reach->space, box);
			else
				hull->dst[0] = 1;
		}
		sort_list(reach, list, v6);
	}
}

struct reach *reach_new(struct space *space, const struct ruleset *rs)
{
	struct reach *reach = xcalloc(1, sizeof(*reach));

	reach->space = space;
	reach->rs = rs;
	make_list(reach, SFW_DIRECTION_IN);
	make_list(reach, SFW_DIRECTION_OUT);
	if (space_is_full(space)) {
		reach_free(reach);
		return NULL;
	}
	space_mark(space);
	return reach;
}

void reach_free(struct reach *reach)
{
	int dir, v6;

	if (!reach)
		return;
	for (dir = 0; dir < 2; dir++) {
		for (v6 = 0; v6 < 2; v6++) {
			free(reach->list[dir].box[v6]);
			free(reach->list[dir].hull[v6]);
			free(reach->list[dir].rank[v6]);
		}
	}
	free(reach->candidate);
	free(reach->inside);
	free(reach->key);
	free(reach->step);
	free(reach);
}

const struct ruleset *reach_ruleset(const struct reach *reach)
{
	return reach->rs;
}

struct space *reach_space(const struct reach *reach)
{
	return reach->space;
}

bool reach_rule(const struct reach *reach, u8 direction, size_t index,
		u8 family, struct box *box)
{
	const struct list *list = &reach->list[direction];
	int v6 = SPACE_V6(family);

	if (index >= list->n) {
		*box = space_all(reach->space, family);
		return true;
	}
	*box = list->box[v6][index];
	return !is_none(&list->hull[v6][index]);
}

u8 reach_action(const struct reach *reach, u8 direction, size_t index)
{
	return index < reach->list[direction].n ?
	       reach->rs->rules[direction][index]->rule.action :
	       reach->rs->def[direction].action;
}

void reach_name(const struct reach *reach, u8 direction, size_t index,
		char *buf)
{
	const char *dir = print_directions[direction];

	if (index < reach->list[direction].n)
		snprintf(buf, REACH_NAME_MAX, "%s:%u", dir,
			 reach->rs->rules[direction][index]->rule.number);
	else
		snprintf(buf, REACH_NAME_MAX, "%s:*", dir);
}

static void push(struct reach *reach, const struct box *box, size_t next)
{
	reach->step = xgrow(reach->step, &reach->cap_steps, reach->n_steps + 1,
			    sizeof(*reach->step));
	reach->step[reach->n_steps++] = (struct step){ *box, next };
}

static void try_candidate(struct reach *reach, u8 direction,
			  const struct box *box, const struct hull *h, size_t i)
{
	const struct list *list = &reach->list[direction];
	int v6 = SPACE_V6(box->family);

	if (!hulls_meet(h, &list->hull[v6][i]) ||
	    !space_meet(reach->space, box, &list->box[v6][i]))
		return;
	reach->candidate = xgrow(reach->candidate, &reach->cap_candidates,
				 reach->n_candidates + 1,
				 sizeof(*reach->candidate));
	reach->candidate[reach->n_candidates++] = i;
}

static int key_cmp(const void *a, const void *b)
{
	const u64 *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

/* The candidates from base on: those that match most first. */
static void sort_candidates(struct reach *reach, const u32 *rank, size_t base)
{
	size_t i, n = reach->n_candidates - base;
	u32 *candidate = reach->candidate + base;

	if (n < 2)
		return;
	reach->key = xgrow(reach->key, &reach->cap_keys, n, sizeof(u64));
	for (i = 0; i < n; i++)
		reach->key[i] = (u64)rank[candidate[i]] << 32 | candidate[i];
	qsort(reach->key, n, sizeof(u64), key_cmp);
	for (i = 0; i < n; i++)
		candidate[i] = (u32)reach->key[i];
}

/*
 * The rules that meet the box onto the stack of candidates, ascending or those
 * that match most first.
 */
static void find_candidates(struct reach *reach, u8 direction,
			    const struct box *box, size_t from, size_t to,
			    bool by_size)
{
	const struct hull h = hull_of(reach->space, box);
	size_t i, n = reach->n_inside, base = reach->n_candidates;

	if (reach->entered && reach->direction == direction &&
	    reach->last.family == box->family) {
		for (i = 0; i < n; i++) {
			/* The stack may move while it grows. */
			u32 index = by_size ? reach->inside[i] :
					      reach->candidate[i];

			if (index >= from && index < to)
				try_candidate(reach, direction, box, &h,
					      index);
		}
		reach->looks += n / 8;
		return;
	}
	for (i = from; i < to; i++)
		try_candidate(reach, direction, box, &h, i);
	reach->looks += (to - from) / 8;
	if (by_size)
		sort_candidates(reach,
				reach->list[direction].rank[SPACE_V6(box->family)],
				base);
}

void reach_enter(struct reach *reach, u8 direction, const struct box *box)
{
	const u32 *rank = reach->list[direction].rank[SPACE_V6(box->family)];
	size_t n;

	/* Often it is the rule of the last time. */
	if (reach->direction == direction &&
	    !memcmp(&reach->last, box, sizeof(*box))) {
		reach->entered = true;
		n = reach->n_inside;
		reach->n_candidates = n;
		if (n)
			memcpy(reach->candidate, reach->inside + n,
			       n * sizeof(u32));
		return;
	}
	find_candidates(reach, direction, box, 0, reach->list[direction].n,
			false);
	n = reach->n_candidates;
	reach->n_inside = n;
	reach->entered = true;
	reach->direction = direction;
	reach->last = *box;
	if (!n)
		return;
	reach->inside = xgrow(reach->inside, &reach->cap_inside, 2 * n,
			      sizeof(u32));
	/* Once as it is, once by size. */
	memcpy(reach->inside + n, reach->candidate, n * sizeof(u32));
	sort_candidates(reach, rank, 0);
	memcpy(reach->inside, reach->candidate, n * sizeof(u32));
	memcpy(reach->candidate, reach->inside + n, n * sizeof(u32));
}

void reach_leave(struct reach *reach)
{
	reach->entered = false;
	reach->n_candidates = 0;
}

void reach_prune(struct reach *reach,
		 bool (*keep)(const struct space *space, const struct box *box))
{
	reach->keep = keep;
}

const u32 *reach_inside(const struct reach *reach, size_t *n)
{
	*n = reach->n_inside;
	return reach->candidate;
}

/* The first candidate from *next on that meets the box; false: none. */
static bool next_rule(struct reach *reach, u8 direction, bool pass_limits,
		      const struct box *box, size_t *next, size_t end,
		      unsigned long *looks)
{
	const struct list *list = &reach->list[direction];
	const struct hull h = hull_of(reach->space, box);
	int v6 = SPACE_V6(box->family);
	size_t i;

	for (i = *next; i < end; i++) {
		size_t index = reach->candidate[i];

		if (!hulls_meet(&h, &list->hull[v6][index]) ||
		    !space_meet(reach->space, box, &list->box[v6][index]))
			continue;
		if (!pass_limits ||
		    !(reach->rs->rules[direction][index]->rule.flags &
		      SFW_RULE_F_LIMIT))
			break;
	}
	*looks += i - *next + 1;
	*next = i;
	return i < end;
}

/* by_size: the order does not matter, and cb gets what is left only. */
static int walk(struct reach *reach, u8 direction, const struct box *box,
		size_t from, size_t to, bool by_size, bool pass_limits,
		reach_cb cb, void *data)
{
	const struct list *list = &reach->list[direction];
	size_t bottom = reach->n_steps, base = reach->n_candidates, end;
	struct box common, rest[SPACE_DIMS];
	unsigned long looks = 0;
	int v6 = SPACE_V6(box->family);
	int i, n, ret = 0;

	find_candidates(reach, direction, box, from, to, by_size);
	end = reach->n_candidates;
	push(reach, box, base);
	while (reach->n_steps > bottom && !ret) {
		struct step step = reach->step[--reach->n_steps];
		const struct box *rule;

		if (reach->keep && !reach->keep(reach->space, &step.box))
			continue;
		if (!next_rule(reach, direction, pass_limits, &step.box,
			       &step.next, end, &looks)) {
			ret = cb(&step.box, to, data);
			continue;
		}
		if (looks > REACH_WALK_MAX ||
		    reach->looks + looks > REACH_TOTAL_MAX ||
		    space_is_full(reach->space)) {
			ret = REACH_TOO_MUCH;
			break;
		}
		rule = &list->box[v6][reach->candidate[step.next]];
		n = space_without(reach->space, &step.box, rule, rest);
		looks += SPLIT_LOOKS;
		for (i = n - 1; i >= 0; i--)
			push(reach, &rest[i], step.next + 1);
		if (by_size)
			continue;
		space_and(reach->space, &step.box, rule, &common);
		ret = cb(&common, reach->candidate[step.next], data);
	}
	if (space_is_full(reach->space))
		ret = REACH_TOO_MUCH;
	reach->looks += looks;
	reach->n_steps = bottom;
	reach->n_candidates = base;
	return ret;
}

int reach_walk(struct reach *reach, u8 direction, const struct box *box,
	       size_t from, size_t to, bool pass_limits, reach_cb cb,
	       void *data)
{
	return walk(reach, direction, box, from, to, false, pass_limits, cb,
		    data);
}

int reach_left(struct reach *reach, u8 direction, const struct box *box,
	       size_t to, bool pass_limits, reach_cb cb, void *data)
{
	return walk(reach, direction, box, 0, to, true, pass_limits, cb, data);
}
