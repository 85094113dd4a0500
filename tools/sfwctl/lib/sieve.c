// SPDX-License-Identifier: GPL-2.0
/*
 * Rules that a box cannot meet: see sieve.h.
 *
 * A rule and a box do not meet if in some field the rule ends below where the
 * box begins, or begins above where it ends. For some values of each field, those
 * that part the rules evenly, a bitmap says which rules end at or below it, and
 * another which begin at or above it. A question picks the nearest of these, two
 * per field, and 64 rules are turned away by a dozen words. With 10,000 rules that is
 * fifty times as fast as to look at their hulls one after the other.
 *
 * Tried and rejected: a tree over the addresses. Rules for any source stand in
 * every branch of one, and half of the questions are about any destination.
 */
#include <stdlib.h>

#include "sieve.h"
#include "xalloc.h"

/* Bitmaps per field and side; fewer if there are so many rules. */
#define STOPS_MAX	128
#define BYTES_MAX	(32UL << 20)

/* One side of a field: values, ascending, and the rules beyond each. */
struct side {
	u64 stop[STOPS_MAX];
	u64 *beyond;		/* words bits for each stop */
	size_t n;
};

struct sieve {
	struct side below[SIEVE_DIMS];	/* rules that end at or below a stop */
	struct side above[SIEVE_DIMS];	/* rules that begin at or above one */
	u64 *valid;		/* rules that match anything */
	size_t n;
	size_t words;
};

struct value {
	u64 value;
	u32 position;
};

static int value_cmp(const void *a, const void *b)
{
	const struct value *x = a, *y = b;

	return x->value < y->value ? -1 : x->value > y->value;
}

/* The end of the values that are equal to that at i. */
static size_t group_end(const struct value *v, size_t n, size_t i)
{
	size_t end = i + 1;

	while (end < n && v[end].value == v[i].value)
		end++;
	return end;
}

/* How many values may stand between two stops. */
static size_t step_of(const struct value *v, size_t n, size_t most)
{
	size_t i, groups = 0, last = 0;

	for (i = 0; i < n; i = group_end(v, n, i)) {
		last = i;
		groups++;
	}
	/* What all rules have that do not care comes last. */
	return groups <= most ? 1 : last / (most / 2) + 1;
}

/*
 * Stops among values, and bitmaps of what is up to each; one before and one
 * behind each value that many have.
 */
static void make_side(struct side *side, struct value *v, size_t n,
		      size_t words, size_t most)
{
	size_t i, end, since = 0, step;
	u64 *so_far;

	if (n)
		qsort(v, n, sizeof(*v), value_cmp);
	step = step_of(v, n, most);
	side->beyond = xcalloc(most * words + 1, sizeof(u64));
	so_far = xcalloc(words + 1, sizeof(u64));
	for (i = 0; i < n && side->n < most; i = end) {
		end = group_end(v, n, i);
		since += end - i;
		for (; i < end; i++)
			so_far[v[i].position / 64] |= 1ULL << v[i].position % 64;
		if (since < step && end < n &&
		    group_end(v, n, end) - end < step)
			continue;
		memcpy(side->beyond + side->n * words, so_far,
		       words * sizeof(u64));
		side->stop[side->n++] = v[end - 1].value;
		since = 0;
	}
	free(so_far);
}

struct sieve *sieve_new(const struct hull *hull, const u32 *order, size_t n)
{
	struct sieve *sieve = xcalloc(1, sizeof(*sieve));
	struct value *v = xcalloc(n + 1, sizeof(*v));
	size_t words = (n + 63) / 64, most, i, valid;
	int d, above;

	most = BYTES_MAX / (2 * SIEVE_DIMS * sizeof(u64) * (words + 1));
	most = most > STOPS_MAX ? STOPS_MAX : most;
	most = most > n ? n : most;
	most = most < 2 ? 2 : most;
	sieve->n = n;
	sieve->words = words;
	sieve->valid = xcalloc(words + 1, sizeof(u64));
	for (i = 0; i < n; i++)
		if (!hull_is_none(&hull[order[i]]))
			sieve->valid[i / 64] |= 1ULL << i % 64;
	for (d = 0; d < SIEVE_DIMS; d++) {
		for (above = 0; above < 2; above++) {
			valid = 0;
			for (i = 0; i < n; i++) {
				const struct hull *h = &hull[order[i]];

				if (hull_is_none(h))
					continue;
				v[valid].position = i;
				/* The other way up, both sides are the same. */
				v[valid++].value = above ? ~h->lo[d] : h->hi[d];
			}
			make_side(above ? &sieve->above[d] : &sieve->below[d],
				  v, valid, words, most);
		}
	}
	free(v);
	return sieve;
}

void sieve_free(struct sieve *sieve)
{
	int d;

	if (!sieve)
		return;
	for (d = 0; d < SIEVE_DIMS; d++) {
		free(sieve->below[d].beyond);
		free(sieve->above[d].beyond);
	}
	free(sieve->valid);
	free(sieve);
}

/* The bitmap of the last stop below a value. */
static void ask_side(const struct side *side, size_t words, u64 value,
		     struct sieve_query *query)
{
	size_t lo = 0, hi = side->n;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (side->stop[mid] < value)
			lo = mid + 1;
		else
			hi = mid;
	}
	if (lo)
		query->miss[query->n++] = side->beyond + (lo - 1) * words;
}

void sieve_ask(const struct sieve *sieve, const struct hull *hull,
	       struct sieve_query *query)
{
	int d;

	query->n = 0;
	for (d = 0; d < SIEVE_DIMS; d++) {
		ask_side(&sieve->below[d], sieve->words, hull->lo[d], query);
		ask_side(&sieve->above[d], sieve->words, ~hull->hi[d], query);
	}
}

static u64 word_of(const struct sieve_query *query, u64 may, size_t w)
{
	int i;

	for (i = 0; i < query->n && may; i++)
		may &= ~query->miss[i][w];
	return may;
}

size_t sieve_words(const struct sieve *sieve)
{
	return sieve->words;
}

size_t sieve_all(const struct sieve *sieve, const struct sieve_query *query,
		 u64 *may)
{
	size_t w, n = 0;

	for (w = 0; w < sieve->words; w++) {
		may[w] = word_of(query, sieve->valid[w], w);
		n += __builtin_popcountll(may[w]);
	}
	return n;
}

size_t sieve_next(const struct sieve *sieve, const struct sieve_query *query,
		  const u64 *among, size_t from)
{
	size_t w = from / 64;
	u64 mask = ~0ULL << from % 64, may;

	for (; w < sieve->words; w++, mask = ~0ULL) {
		may = word_of(query, among[w] & mask, w);
		if (may)
			return w * 64 + __builtin_ctzll(may);
	}
	return sieve->n;
}
