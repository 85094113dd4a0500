// SPDX-License-Identifier: GPL-2.0
/*
 * Where to cut: which field of a node's boxes, and at which numbers.
 *
 * For each field the ends of the boxes' ranges are where a cut makes sense;
 * of these up to 15 are taken, so that about as many ends lie between any two.
 * Then it is known how many boxes each child would have, and with it what a
 * packet that goes there costs: a node for each factor of 16, and a walk over
 * what is left. Boxes that lie in several children count in each, which is
 * what keeps copies down. Many boxes are represented by a sample.
 *
 * Where ranges overlap much, a cut in 16 parts copies more than there is room
 * for. Then places are taken one by one, each where it leaves the least to be
 * walked for the copies it makes, as long as these have room: a place that no
 * box crosses is found even among thousands of ends.
 *
 * Pure: see pure.h.
 */
#include "classify_tree.h"

/* Boxes that are looked at: n of fewer than twice as many are taken. */
#define SAMPLE		256

/* Costs: a box of a leaf, a node; a unit is about 0.3 ns. */
#define COST_BOX	8
#define COST_NODE	40
#define LEAF		5

/* Shares of a walk spared for shares of the room taken, in 1/1024. */
#define WORTH		512

/* Where a child could begin. */
struct place {
	u32 at;
	u32 begun;		/* boxes of the sample that begin before it */
	u32 ended;		/* and that end before it */
};

/**
 * struct sfw_cut_work - room for sfw_cut_rank()
 * @lo: lowest numbers of the sample, ascending
 * @hi: highest numbers
 * @tmp: for sorting
 * @place: for sfw_cut_rank_few()
 */
struct sfw_cut_work {
	u32 lo[2 * SAMPLE];
	u32 hi[2 * SAMPLE];
	u32 tmp[2 * SAMPLE];
	struct place place[4 * SAMPLE + 2];
};

/**
 * sfw_cut_work_new() - room for sfw_cut_rank()
 *
 * Context: may sleep.
 * Return: to be given back with sfw_free(), or NULL.
 */
struct sfw_cut_work *sfw_cut_work_new(void)
{
	return sfw_alloc(1, sizeof(struct sfw_cut_work));
}

/* Ascending. Runs of 8 by insertion, then merged; no calls, unlike sort(). */
static void sort_numbers(u32 *a, u32 *tmp, u32 n)
{
	u32 run, i, j, k;

	for (i = 1; i < n; i++) {
		u32 v = a[i];

		for (j = i; j & 7 && a[j - 1] > v; j--)
			a[j] = a[j - 1];
		a[j] = v;
	}
	for (run = 8; run < n; run *= 2) {
		for (i = 0; i + run < n; i += 2 * run) {
			u32 end = i + 2 * run < n ? i + 2 * run : n;
			u32 mid = i + run;

			if (a[mid - 1] <= a[mid])
				continue;
			memcpy(tmp, a + i, run * sizeof(*a));
			for (j = 0, k = i; j < run; k++) {
				if (mid < end && a[mid] < tmp[j])
					a[k] = a[mid++];
				else
					a[k] = tmp[j++];
			}
		}
	}
}

/* 16 times the binary logarithm, between powers of two by a straight line. */
static u32 log16(u32 n)
{
	u32 whole = 31 - __builtin_clz(n);

	return 16 * whole + (((u64)n << 4) >> whole) - 16;
}

/* What a packet costs that goes to a child with so many boxes. */
static u32 cost_of(u32 n)
{
	if (n <= LEAF)
		return COST_BOX * n;
	return COST_BOX * LEAF + COST_NODE +
	       COST_NODE * (log16(n) - log16(LEAF)) / 64;
}

/* Ends of ranges, each a place where a child could begin, ascending. */
struct ends {
	const u32 *lo, *hi;
	u32 n, i, j, first, last;
};

static bool next_end(struct ends *e, u32 *at, u32 *weight)
{
	u32 v;

	while (e->i < e->n && e->lo[e->i] <= e->first)
		e->i++;
	if (e->i < e->n && (e->j == e->n || e->hi[e->j] >= e->last ||
			    e->lo[e->i] <= e->hi[e->j] + 1))
		v = e->lo[e->i];
	else if (e->j < e->n && e->hi[e->j] < e->last)
		v = e->hi[e->j] + 1;
	else
		return false;
	*weight = 0;
	for (; e->i < e->n && e->lo[e->i] == v; e->i++)
		++*weight;
	for (; e->j < e->n && e->hi[e->j] < e->last && e->hi[e->j] + 1 == v;
	     e->j++)
		++*weight;
	*at = v;
	return true;
}

/* Up to 15 places with about as many ends between each. */
static void pick_places(struct sfw_cut *cut, const struct ends *begin)
{
	struct ends e = *begin;
	u32 at, weight, sum = 0, distinct = 0, left, acc = 0;

	while (next_end(&e, &at, &weight)) {
		sum += weight;
		distinct++;
	}
	e = *begin;
	cut->n = 0;
	left = sum;
	while (cut->n < 15 && next_end(&e, &at, &weight)) {
		acc += weight;
		if (distinct > 15 && acc * (16 - cut->n) < left)
			continue;
		cut->at[cut->n++] = at;
		left -= acc;
		acc = 0;
	}
}

/* What the children would cost, all boxes alike being packets' targets. */
static u64 cost_of_cut(const struct sfw_cut *cut, const u32 *lo, const u32 *hi,
		       u32 m, u32 n)
{
	u32 begun = 0, ended = 0, c;
	u64 cost = 0;

	for (c = 0; c <= cut->n; c++) {
		u32 in;

		if (c)
			while (ended < m && hi[ended] < cut->at[c - 1])
				ended++;
		while (begun < m && (c == cut->n || lo[begun] < cut->at[c]))
			begun++;
		in = div_u64((u64)(begun - ended) * n, m);
		cost += (u64)in * cost_of(in);
	}
	return cost;
}

/* A sample of the boxes' ranges in a field, sorted; false if all are wild. */
static bool take_sample(struct sfw_cut_work *work,
			const struct sfw_boxes *boxes, const u32 *list, u32 n,
			u32 f, u32 lo, u32 hi, struct ends *e)
{
	u32 step = n / SAMPLE ? n / SAMPLE : 1, i, m;
	bool wild = true;

	for (i = 0, m = 0; i < n && m < 2 * SAMPLE; i += step, m++) {
		const u32 *r = sfw_boxes_range(boxes, list[i], f);

		work->lo[m] = r[0];
		work->hi[m] = r[1];
		wild = wild && r[0] <= lo && r[1] >= hi;
	}
	if (wild)
		return false;
	sort_numbers(work->lo, work->tmp, m);
	sort_numbers(work->hi, work->tmp, m);
	*e = (struct ends){
		.lo = work->lo, .hi = work->hi, .n = m,
		.first = lo, .last = hi,
	};
	return true;
}

/* The cheapest first. */
static void insert_cut(struct sfw_cut *cut, u32 cuts, const struct sfw_cut *c)
{
	u32 i;

	for (i = cuts; i && cut[i - 1].cost > c->cost; i--)
		cut[i] = cut[i - 1];
	cut[i] = *c;
}

/**
 * sfw_cut_rank() - find ways to cut boxes
 * @work: from sfw_cut_work_new()
 * @boxes: all boxes
 * @list: those of the node
 * @n: how many, at least 1
 * @lo: lowest numbers of the node by field
 * @hi: highest numbers of the node by field
 * @cut: filled in with one cut for each field that has any, the cheapest
 *	first; the cost of not cutting is n * n * COST_BOX
 *
 * Context: any.
 * Return: how many cuts there are that are better than none.
 */
u32 sfw_cut_rank(struct sfw_cut_work *work, const struct sfw_boxes *boxes,
		 const u32 *list, u32 n, const u32 *lo, const u32 *hi,
		 struct sfw_cut *cut)
{
	u64 none = (u64)n * n * COST_BOX;
	struct ends e;
	u32 f, cuts = 0;

	for (f = 0; f < boxes->fields; f++) {
		struct sfw_cut c = { .field = f };

		if (!take_sample(work, boxes, list, n, f, lo[f], hi[f], &e))
			continue;
		pick_places(&c, &e);
		if (!c.n)
			continue;
		c.cost = cost_of_cut(&c, work->lo, work->hi, e.n, n) +
			 (u64)n * COST_NODE;
		if (c.cost < none)
			insert_cut(cut, cuts++, &c);
	}
	return cuts;
}

/* All places of a field, with the field's first and last number around them. */
static u32 list_places(struct place *p, const struct ends *begin)
{
	struct ends e = *begin;
	u32 n = 0, at, weight, begun = 0, ended = 0;

	p[n++] = (struct place){ .at = e.first };
	while (next_end(&e, &at, &weight)) {
		while (begun < e.n && e.lo[begun] < at)
			begun++;
		while (ended < e.n && e.hi[ended] < at)
			ended++;
		p[n++] = (struct place){ at, begun, ended };
	}
	p[n++] = (struct place){ .begun = e.n };
	return n;
}

/* Of a sample that has copies: below 2^24, whatever is chosen. */
static u32 square(const struct place *from, const struct place *to)
{
	u32 in = to->begun - from->ended;

	return in * in;
}

/* Boxes that a packet is compared with, in units of 1/64: it goes to a child as
 * often as that has boxes, copies among them.
 */
static u32 mean_walk(u32 squares, u32 sum)
{
	return squares * 64 / sum;
}

/*
 * Up to 15 of the places, one after the other, each the one that spares most
 * for the room that its copies take. The sample may grow to @most.
 */
static void pick_few(struct sfw_cut *cut, const struct place *p, u32 n,
		     u32 most, u32 *looked)
{
	u32 chosen[17] = { 0, n - 1 };	/* ascending, of the places */
	u32 sum = p[n - 1].begun, room = most - sum + 1, i, k;
	u32 squares = square(p, p + n - 1);

	for (cut->n = 0; cut->n < 15; cut->n++) {
		u32 walk = mean_walk(squares, sum), best = 0, after = 0;
		u32 best_score = WORTH, best_sum = 0;
		u32 best_squares = 0;

		*looked += n;
		for (k = 0; k <= cut->n; k++) {
			const struct place *a = p + chosen[k];
			const struct place *b = p + chosen[k + 1];
			u32 others = squares - square(a, b);

			for (i = chosen[k] + 1; i < chosen[k + 1]; i++) {
				u32 more = p[i].begun - p[i].ended;
				u32 sq = others + square(a, p + i) +
					 square(p + i, b);
				u32 w = mean_walk(sq, sum + more), score;

				if (sum + more > most || w + walk / 64 >= walk)
					continue;
				score = (walk - w) * 1024 / walk * 1024 /
					(32 + more * 1024 / room);
				if (score <= best_score)
					continue;
				best_score = score;
				best = i;
				after = k;
				best_sum = sum + more;
				best_squares = sq;
			}
		}
		if (!best)
			break;
		for (i = cut->n + 1; i > after; i--)
			chosen[i + 1] = chosen[i];
		chosen[after + 1] = best;
		sum = best_sum;
		squares = best_squares;
	}
	for (i = 0; i < cut->n; i++)
		cut->at[i] = p[chosen[i + 1]].at;
	cut->cost = mean_walk(squares, sum);
}

/**
 * sfw_cut_rank_few() - find ways to cut boxes that overlap
 * @work: from sfw_cut_work_new()
 * @boxes: all boxes
 * @list: those of the node
 * @n: how many, at least 1
 * @lo: lowest numbers of the node by field
 * @hi: highest numbers of the node by field
 * @most: boxes that the children may have together, at least @n
 * @looked: set to how many places were tried, which is what it costs
 * @cut: filled in with one cut for each field that has any, the best first
 *
 * Context: any.
 * Return: how many cuts there are that are better than none.
 */
u32 sfw_cut_rank_few(struct sfw_cut_work *work, const struct sfw_boxes *boxes,
		     const u32 *list, u32 n, const u32 *lo, const u32 *hi,
		     u32 most, u32 *looked, struct sfw_cut *cut)
{
	u32 f, places, cuts = 0;
	struct ends e;

	*looked = 0;
	for (f = 0; f < boxes->fields; f++) {
		struct sfw_cut c = { .field = f };

		if (!take_sample(work, boxes, list, n, f, lo[f], hi[f], &e))
			continue;
		places = list_places(work->place, &e);
		pick_few(&c, work->place, places, div_u64((u64)most * e.n, n),
			 looked);
		/* A packet stops halfway, on average, and a node costs. */
		c.cost = div_u64(c.cost * n, e.n) * (COST_BOX / 2) +
			 64 * COST_NODE;
		if (c.n && c.cost < (u64)n * 64 * COST_BOX / 2)
			insert_cut(cut, cuts++, &c);
	}
	return cuts;
}
