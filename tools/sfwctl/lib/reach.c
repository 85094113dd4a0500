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
 * bitmaps (sieve.h), then of their hulls, the lowest and highest value of
 * addresses and ports, side by side in memory.
 *
 * What cannot be kept small is bounded: a walk, and all walks together, stop
 * after so many looks at rules, and say so. Looks are counted rather than
 * seconds, so that the same file gives the same answer everywhere.
 */
#include <stdio.h>
#include <stdlib.h>

#include "print.h"
#include "reach.h"
#include "sieve.h"
#include "xalloc.h"

/* What it costs to cut a box, in looks at rules. */
#define SPLIT_LOOKS	16

/* A walk among more rules asks bitmaps for each part. */
#define LIST_MAX	64

/* Rules by number, and those that match most first. */
enum order {
	BY_INDEX,
	BY_SIZE,
	ORDERS,
};

struct list {
	struct box *box[2];	/* what each rule matches, by family */
	struct hull *hull[2];
	u32 *order[2][ORDERS];	/* by position: the index */
	u32 *rank[2];		/* by index: the position by size */
	struct sieve *sieve[2][ORDERS];
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
	u64 *word;		/* likewise: bitmaps of candidates */
	size_t n_words, cap_words;
	unsigned long looks;	/* of all walks */
	/* The rules that meet the box of reach_enter(), made when needed. */
	bool entered, listed, sorted;
	u8 direction;
	struct box last;
	size_t n_inside;
	u32 *inside[ORDERS];	/* positions; by size only if sorted */
	size_t cap_inside[ORDERS];
	u64 *key;		/* to sort by */
	size_t cap_keys;
	reach_keep keep;
	const void *keep_data;
};

static void span_of(const struct space *space, const struct box *box,
		    enum space_dim dim, u64 *lo, u64 *hi)
{
	const struct range *r;
	size_t n;

	r = ranges_get(space->ranges, box->set[dim], &n);
	if (box->family == AF_INET6 && (dim == SPACE_SRC || dim == SPACE_DST)) {
		*lo = r[0].lo.hi;
		*hi = r[n - 1].hi.hi;
	} else {
		*lo = r[0].lo.lo;
		*hi = r[n - 1].hi.lo;
	}
}

static struct hull hull_of(const struct space *space, const struct box *box)
{
	static const enum space_dim dims[] = {
		[SIEVE_DST] = SPACE_DST,
		[SIEVE_SRC] = SPACE_SRC,
		[SIEVE_DPORT] = SPACE_DPORT,
		[SIEVE_SPORT] = SPACE_SPORT,
		[SIEVE_PROTOCOL] = SPACE_PROTOCOL,
	};
	struct hull h;
	int d;

	h.lo[SIEVE_INDEX] = 0;
	h.hi[SIEVE_INDEX] = ~0ULL;
	for (d = SIEVE_INDEX + 1; d < SIEVE_DIMS; d++)
		span_of(space, box, dims[d], &h.lo[d], &h.hi[d]);
	return h;
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
	u32 **order = list->order[v6];
	size_t i;
	int o;

	for (i = 0; i < list->n; i++) {
		sized[i].index = i;
		if (!hull_is_none(&list->hull[v6][i]))
			sized[i].size = size_of(reach->space,
						&list->box[v6][i]);
	}
	if (list->n)
		qsort(sized, list->n, sizeof(*sized), sized_cmp);
	for (o = 0; o < ORDERS; o++) {
		order[o] = xcalloc(list->n + 1, sizeof(u32));
		for (i = 0; i < list->n; i++)
			order[o][i] = o == BY_SIZE ? sized[i].index : i;
		list->sieve[v6][o] = sieve_new(list->hull[v6], order[o],
					       list->n);
	}
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

			hull->lo[SIEVE_INDEX] = 1;
			if (!space_of_rule(reach->space,
					   &rs->rules[direction][i]->rule,
					   v6 ? AF_INET6 : AF_INET, box))
				continue;
			*hull = hull_of(reach->space, box);
			hull->lo[SIEVE_INDEX] = i;
			hull->hi[SIEVE_INDEX] = i;
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
	int dir, v6, o;

	if (!reach)
		return;
	for (dir = 0; dir < 2; dir++) {
		for (v6 = 0; v6 < 2; v6++) {
			free(reach->list[dir].box[v6]);
			free(reach->list[dir].hull[v6]);
			free(reach->list[dir].rank[v6]);
			for (o = 0; o < ORDERS; o++) {
				free(reach->list[dir].order[v6][o]);
				sieve_free(reach->list[dir].sieve[v6][o]);
			}
		}
	}
	free(reach->candidate);
	for (o = 0; o < ORDERS; o++)
		free(reach->inside[o]);
	free(reach->key);
	free(reach->step);
	free(reach->word);
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
	return !hull_is_none(&list->hull[v6][index]);
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

static bool meets(const struct reach *reach, u8 direction,
		  const struct box *box, const struct hull *h, size_t index)
{
	const struct list *list = &reach->list[direction];
	int v6 = SPACE_V6(box->family);

	return hulls_meet(h, &list->hull[v6][index]) &&
	       space_meet(reach->space, box, &list->box[v6][index]);
}

static void add_candidate(struct reach *reach, u32 position)
{
	reach->candidate = xgrow(reach->candidate, &reach->cap_candidates,
				 reach->n_candidates + 1,
				 sizeof(*reach->candidate));
	reach->candidate[reach->n_candidates++] = position;
}

/* Is there a list of rules inside, and is it about this? */
static bool is_inside(const struct reach *reach, u8 direction,
		      const struct box *box)
{
	return reach->entered && reach->listed &&
	       reach->direction == direction &&
	       reach->last.family == box->family &&
	       reach->n_inside <= LIST_MAX;
}

static int key_cmp(const void *a, const void *b)
{
	const u64 *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

/* Those inside, as positions by size. */
static void sort_inside(struct reach *reach)
{
	const struct list *list = &reach->list[reach->direction];
	int v6 = SPACE_V6(reach->last.family);
	size_t i, n = reach->n_inside;

	if (reach->sorted)
		return;
	reach->sorted = true;
	if (!n)
		return;
	reach->key = xgrow(reach->key, &reach->cap_keys, n, sizeof(u64));
	for (i = 0; i < n; i++)
		reach->key[i] = list->rank[v6][reach->inside[BY_INDEX][i]];
	qsort(reach->key, n, sizeof(u64), key_cmp);
	reach->inside[BY_SIZE] = xgrow(reach->inside[BY_SIZE],
				       &reach->cap_inside[BY_SIZE], n,
				       sizeof(u32));
	for (i = 0; i < n; i++)
		reach->inside[BY_SIZE][i] = reach->key[i];
}

/* A walk under way. */
struct walk {
	struct reach *reach;
	const struct list *list;
	u8 direction;
	int v6;
	bool pass_limits;
	enum order order;
	size_t from, to;	/* rules it is about */
	/*
	 * Its candidates: positions on the stack, that is their places there,
	 * or if there are many a bitmap of positions.
	 */
	size_t begin, end;
	bool sieved;
	size_t among;		/* of the stack of words */
	unsigned long looks;
};

/* Those inside that meet the box. */
static void look_inside(struct walk *w, const struct box *box,
			const struct hull *h)
{
	struct reach *reach = w->reach;
	const u32 *index = w->list->order[w->v6][w->order];
	size_t i;

	if (w->order == BY_SIZE)
		sort_inside(reach);
	for (i = 0; i < reach->n_inside; i++) {
		u32 at = reach->inside[w->order][i];

		if (index[at] >= w->from && index[at] < w->to &&
		    meets(reach, w->direction, box, h, index[at]))
			add_candidate(reach, at);
	}
	w->looks += reach->n_inside / 8;
}

/* Positions of a bitmap that meet the box, onto the stack. */
static void list_candidates(struct walk *w, const struct box *box,
			    const struct hull *h, const u64 *may)
{
	const u32 *index = w->list->order[w->v6][w->order];
	size_t i, at, words = sieve_words(w->list->sieve[w->v6][w->order]);
	u64 word;

	for (i = 0; i < words; i++) {
		for (word = may[i]; word; word &= word - 1) {
			at = i * 64 + __builtin_ctzll(word);
			w->looks++;
			if (index[at] >= w->from && index[at] < w->to &&
			    meets(w->reach, w->direction, box, h, index[at]))
				add_candidate(w->reach, at);
		}
	}
}

/*
 * The rules w->from..w->to-1 that meet the box: all that do, as a list on the
 * stack or, unless it has to be a list, as a bitmap of these and some others.
 */
static void find_candidates(struct walk *w, const struct box *box,
			    bool must_list)
{
	const struct sieve *sieve = w->list->sieve[w->v6][w->order];
	size_t words = sieve_words(sieve), n;
	struct reach *reach = w->reach;
	struct hull h = hull_of(reach->space, box);
	struct sieve_query query;
	u64 *may;

	w->begin = reach->n_candidates;
	w->end = w->begin;
	if (w->from >= w->to)
		return;
	if (is_inside(reach, w->direction, box)) {
		look_inside(w, box, &h);
		w->end = reach->n_candidates;
		return;
	}
	h.lo[SIEVE_INDEX] = w->from;
	h.hi[SIEVE_INDEX] = w->to - 1;
	sieve_ask(sieve, &h, &query);
	w->among = reach->n_words;
	reach->word = xgrow(reach->word, &reach->cap_words,
			    reach->n_words + words, sizeof(u64));
	may = reach->word + w->among;
	n = sieve_all(sieve, &query, may);
	w->looks += words;
	if (n > LIST_MAX && !must_list) {
		reach->n_words += words;
		w->sieved = true;
		w->begin = 0;
		w->end = w->list->n;
		return;
	}
	list_candidates(w, box, &h, may);
	w->end = reach->n_candidates;
}

/* Makes the list, or if there would be many of them only if it must. */
static void list_inside(struct reach *reach, bool must)
{
	struct walk w = {
		.reach = reach,
		.list = &reach->list[reach->direction],
		.direction = reach->direction,
		.v6 = SPACE_V6(reach->last.family),
		.order = BY_INDEX,
		.to = reach->list[reach->direction].n,
	};
	size_t n, words = reach->n_words, base = reach->n_candidates;

	if (reach->listed)
		return;
	find_candidates(&w, &reach->last, must);
	reach->n_words = words;
	reach->looks += w.looks;
	if (w.sieved)
		return;
	n = w.end - w.begin;
	reach->listed = true;
	reach->n_inside = n;
	reach->n_candidates = base;
	if (!n)
		return;
	reach->inside[BY_INDEX] = xgrow(reach->inside[BY_INDEX],
					&reach->cap_inside[BY_INDEX], n,
					sizeof(u32));
	memcpy(reach->inside[BY_INDEX], reach->candidate + base,
	       n * sizeof(u32));
}

void reach_enter(struct reach *reach, u8 direction, const struct box *box)
{
	/* Often it is the rule of the last time. */
	if (reach->direction != direction ||
	    memcmp(&reach->last, box, sizeof(*box))) {
		reach->listed = false;
		reach->sorted = false;
		reach->direction = direction;
		reach->last = *box;
		list_inside(reach, false);
	}
	reach->entered = true;
}

void reach_leave(struct reach *reach)
{
	reach->entered = false;
}

void reach_prune(struct reach *reach, reach_keep keep, const void *data)
{
	reach->keep = keep;
	reach->keep_data = data;
}

const u32 *reach_inside(struct reach *reach, size_t *n)
{
	list_inside(reach, true);
	*n = reach->n_inside;
	return reach->inside[BY_INDEX];
}

static bool decides(const struct walk *w, const struct box *box,
		    const struct hull *h, size_t index)
{
	if (!meets(w->reach, w->direction, box, h, index))
		return false;
	return !w->pass_limits ||
	       !(w->reach->rs->rules[w->direction][index]->rule.flags &
		 SFW_RULE_F_LIMIT);
}

/*
 * The first candidate from *next on that meets the box, its index; SIZE_MAX:
 * none. Then *next is behind it.
 */
static size_t next_rule(struct walk *w, const struct box *box, size_t *next)
{
	const struct hull h = hull_of(w->reach->space, box);
	const u32 *order = w->list->order[w->v6][w->order];
	const struct sieve *sieve = w->list->sieve[w->v6][w->order];
	struct sieve_query query;
	size_t i = *next, index;

	if (!w->sieved) {
		for (; i < w->end; i++) {
			w->looks++;
			index = order[w->reach->candidate[i]];
			if (decides(w, box, &h, index)) {
				*next = i + 1;
				return index;
			}
		}
		return SIZE_MAX;
	}
	sieve_ask(sieve, &h, &query);
	for (;; i++) {
		w->looks++;
		i = sieve_next(sieve, &query, w->reach->word + w->among, i);
		if (i >= w->end)
			break;
		index = order[i];
		if (index >= w->from && index < w->to &&
		    decides(w, box, &h, index)) {
			w->looks += (i - *next) / 64;
			*next = i + 1;
			return index;
		}
	}
	w->looks += (w->end - *next) / 64;
	return SIZE_MAX;
}

/* By size: the order does not matter, and cb gets what is left only. */
static int walk(struct reach *reach, u8 direction, const struct box *box,
		size_t from, size_t to, enum order order, bool pass_limits,
		reach_cb cb, void *data)
{
	struct walk w = {
		.reach = reach,
		.list = &reach->list[direction],
		.direction = direction,
		.v6 = SPACE_V6(box->family),
		.pass_limits = pass_limits,
		.order = order,
		.from = from,
		.to = to,
	};
	size_t bottom = reach->n_steps, base = reach->n_candidates, index;
	size_t words = reach->n_words;
	struct box common, rest[SPACE_DIMS];
	int i, n, ret = 0;

	find_candidates(&w, box, false);
	push(reach, box, w.begin);
	while (reach->n_steps > bottom && !ret) {
		struct step step = reach->step[--reach->n_steps];
		const struct box *rule;

		if (reach->keep && !reach->keep(reach->space, &step.box,
						reach->keep_data))
			continue;
		index = next_rule(&w, &step.box, &step.next);
		if (index == SIZE_MAX) {
			ret = cb(&step.box, to, data);
			continue;
		}
		if (w.looks > REACH_WALK_MAX ||
		    reach->looks + w.looks > REACH_TOTAL_MAX ||
		    space_is_full(reach->space)) {
			ret = REACH_TOO_MUCH;
			break;
		}
		rule = &w.list->box[w.v6][index];
		n = space_split(reach->space, &step.box, rule, rest, &common);
		w.looks += SPLIT_LOOKS;
		for (i = n - 1; i >= 0; i--)
			push(reach, &rest[i], step.next);
		if (order == BY_INDEX)
			ret = cb(&common, index, data);
	}
	if (space_is_full(reach->space))
		ret = REACH_TOO_MUCH;
	reach->looks += w.looks;
	reach->n_steps = bottom;
	reach->n_candidates = base;
	reach->n_words = words;
	return ret;
}

int reach_walk(struct reach *reach, u8 direction, const struct box *box,
	       size_t from, size_t to, bool pass_limits, reach_cb cb,
	       void *data)
{
	return walk(reach, direction, box, from, to, BY_INDEX, pass_limits, cb,
		    data);
}

int reach_left(struct reach *reach, u8 direction, const struct box *box,
	       size_t to, bool pass_limits, reach_cb cb, void *data)
{
	return walk(reach, direction, box, 0, to, BY_SIZE, pass_limits, cb, data);
}
