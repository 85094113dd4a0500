// SPDX-License-Identifier: GPL-2.0
/*
 * Sets of numbers: see ranges.h.
 *
 * The analysis of rule sets asks the same questions about the same few sets
 * over and over: the addresses of a rule, the ports of another, what is left of
 * them. So a set is kept once, found again by a hash of its ranges, and named
 * by a number; equal sets have equal numbers. The last results of and, or and
 * without are remembered by the numbers of their operands.
 *
 * Sets are never freed one by one. Whoever makes many takes a mark before and
 * releases down to it.
 *
 * A set may have a million ranges and its partner one: the operations walk
 * the smaller set and search the larger.
 */
#include <stdlib.h>

#include "ranges.h"
#include "xalloc.h"

#define MEMO_SIZE	32768U	/* a power of two */
/* Sets that it does not pay to forget. */
#define RELEASE_MIN	6000

enum operation {
	OP_NONE,
	OP_AND,
	OP_OR,
	OP_WITHOUT,
};

struct entry {
	size_t first;		/* in range */
	u32 n;
	u32 hash;
	u32 next;		/* with the same hash bucket; 0 ends */
};

struct memo {
	u32 a;
	u32 b;
	u32 result;
	enum operation op;
};

struct ranges {
	struct range *range;
	size_t n, cap, max;
	struct entry *set;	/* by id; 0 is the empty one */
	size_t n_sets, cap_sets;
	u32 *bucket;
	u32 n_buckets;		/* power of two */
	struct range *scratch;
	size_t n_scratch, cap_scratch;
	struct memo *memo;
	bool full;
};

static struct sfw_addr next_of(const struct sfw_addr *a)
{
	struct sfw_addr next = { a->hi, a->lo + 1 };

	if (!next.lo)
		next.hi++;
	return next;
}

static struct sfw_addr before(const struct sfw_addr *a)
{
	struct sfw_addr prev = { a->hi, a->lo - 1 };

	if (!a->lo)
		prev.hi--;
	return prev;
}

static bool is_last(const struct sfw_addr *a)
{
	return !~a->hi && !~a->lo;
}

struct ranges *ranges_new(size_t max)
{
	struct ranges *rs = xcalloc(1, sizeof(*rs));

	rs->max = max;
	rs->n_buckets = 1024;
	rs->bucket = xcalloc(rs->n_buckets, sizeof(*rs->bucket));
	rs->memo = xcalloc(MEMO_SIZE, sizeof(*rs->memo));
	rs->set = xgrow(NULL, &rs->cap_sets, 64, sizeof(*rs->set));
	rs->set[0] = (struct entry){ .n = 0 };
	rs->n_sets = 1;
	return rs;
}

void ranges_free(struct ranges *rs)
{
	if (!rs)
		return;
	free(rs->range);
	free(rs->set);
	free(rs->bucket);
	free(rs->scratch);
	free(rs->memo);
	free(rs);
}

bool ranges_full(const struct ranges *rs)
{
	return rs->full;
}

const struct range *ranges_get(const struct ranges *rs, u32 a, size_t *n)
{
	*n = rs->set[a].n;
	return rs->range + rs->set[a].first;
}

/* A sum of numbers that do not wait for each other: sets may be long. */
static u32 hash_of(const struct range *r, size_t n)
{
	u64 sum = n, h;
	size_t i;

	for (i = 0; i < n; i++) {
		h = r[i].lo.lo * 0x9e3779b97f4a7c15ULL +
		    r[i].hi.lo * 0xbf58476d1ce4e5b9ULL +
		    (r[i].lo.hi ^ (r[i].hi.hi << 32 | r[i].hi.hi >> 32)) *
		    0x94d049bb133111ebULL;
		sum += (h ^ h >> 32) * 0xff51afd7ed558ccdULL;
	}
	return sum ^ sum >> 32;
}

static void rehash(struct ranges *rs)
{
	u32 id, *head;

	memset(rs->bucket, 0, rs->n_buckets * sizeof(*rs->bucket));
	for (id = 1; id < rs->n_sets; id++) {
		head = &rs->bucket[rs->set[id].hash & (rs->n_buckets - 1)];
		rs->set[id].next = *head;
		*head = id;
	}
}

/* The set with the ranges in scratch. */
static u32 intern(struct ranges *rs)
{
	const struct range *r = rs->scratch;
	size_t n = rs->n_scratch;
	u32 hash, id, *head;

	if (!n || rs->full)
		return RANGES_EMPTY;
	hash = hash_of(r, n);
	for (id = rs->bucket[hash & (rs->n_buckets - 1)]; id;
	     id = rs->set[id].next)
		if (rs->set[id].hash == hash && rs->set[id].n == n &&
		    !memcmp(rs->range + rs->set[id].first, r, n * sizeof(*r)))
			return id;
	/* A set costs more than its ranges; max / 4 sets are of the same size. */
	if (rs->n + n > rs->max || rs->n_sets >= rs->max / 4) {
		rs->full = true;
		return RANGES_EMPTY;
	}
	rs->range = xgrow(rs->range, &rs->cap, rs->n + n, sizeof(*r));
	rs->set = xgrow(rs->set, &rs->cap_sets, rs->n_sets + 1,
			sizeof(*rs->set));
	memcpy(rs->range + rs->n, r, n * sizeof(*r));
	id = rs->n_sets++;
	rs->set[id] = (struct entry){ .first = rs->n, .n = n, .hash = hash };
	rs->n += n;
	if (rs->n_sets > rs->n_buckets) {
		free(rs->bucket);
		rs->n_buckets *= 4;
		rs->bucket = xcalloc(rs->n_buckets, sizeof(*rs->bucket));
		rehash(rs);
		return id;
	}
	head = &rs->bucket[hash & (rs->n_buckets - 1)];
	rs->set[id].next = *head;
	*head = id;
	return id;
}

/* Append to scratch, which ends below or beside it, or overlaps it. */
static void put(struct ranges *rs, const struct sfw_addr *lo,
		const struct sfw_addr *hi)
{
	struct range *last;

	if (rs->n_scratch) {
		struct sfw_addr beyond;

		last = &rs->scratch[rs->n_scratch - 1];
		beyond = next_of(&last->hi);
		if (is_last(&last->hi) || sfw_addr_cmp(lo, &beyond) <= 0) {
			if (sfw_addr_cmp(hi, &last->hi) > 0)
				last->hi = *hi;
			return;
		}
	}
	if (rs->n_scratch >= rs->max) {
		rs->full = true;
		return;
	}
	rs->scratch = xgrow(rs->scratch, &rs->cap_scratch, rs->n_scratch + 1,
			    sizeof(*rs->scratch));
	rs->scratch[rs->n_scratch++] = (struct range){ *lo, *hi };
}

static int range_cmp(const void *a, const void *b)
{
	const struct range *x = a, *y = b;

	return sfw_addr_cmp(&x->lo, &y->lo);
}

u32 ranges_make(struct ranges *rs, struct range *r, size_t n)
{
	size_t i;

	if (n)
		qsort(r, n, sizeof(*r), range_cmp);
	rs->n_scratch = 0;
	for (i = 0; i < n; i++)
		put(rs, &r[i].lo, &r[i].hi);
	return intern(rs);
}

u32 ranges_span(struct ranges *rs, u64 lo, u64 hi)
{
	struct range r = { { 0, lo }, { 0, hi } };

	return ranges_make(rs, &r, 1);
}

/* The first range that ends at value or above. */
static size_t find(const struct range *r, size_t n, const struct sfw_addr *value)
{
	size_t lo = 0;

	while (lo < n) {
		size_t mid = lo + (n - lo) / 2;

		if (sfw_addr_cmp(&r[mid].hi, value) < 0)
			lo = mid + 1;
		else
			n = mid;
	}
	return lo;
}

bool ranges_has(const struct ranges *rs, u32 a, const struct sfw_addr *value)
{
	const struct range *r;
	size_t i, n;

	r = ranges_get(rs, a, &n);
	i = find(r, n, value);
	return i < n && sfw_addr_cmp(&r[i].lo, value) <= 0;
}

static struct memo *memo_of(struct ranges *rs, enum operation op, u32 a, u32 b)
{
	u32 h = (a * 0x9e3779b1U ^ b * 0x85ebca6bU) + op * 0xc2b2ae35U;

	return &rs->memo[(h ^ (h >> 15)) & (MEMO_SIZE - 1)];
}

static bool recall(const struct memo *m, enum operation op, u32 a, u32 b)
{
	return m->op == op && m->a == a && m->b == b;
}

static u32 remember(struct ranges *rs, enum operation op, u32 a, u32 b, u32 result)
{
	if (!rs->full)
		*memo_of(rs, op, a, b) = (struct memo){ a, b, result, op };
	return result;
}

/* Do their lowest and highest elements leave room for a common one? */
static bool hulls_meet(const struct range *x, size_t nx,
		       const struct range *y, size_t ny)
{
	return nx && ny && sfw_addr_cmp(&x[0].lo, &y[ny - 1].hi) <= 0 &&
	       sfw_addr_cmp(&y[0].lo, &x[nx - 1].hi) <= 0;
}

bool ranges_meet(struct ranges *rs, u32 a, u32 b)
{
	const struct range *x, *y;
	size_t i, j, nx, ny;
	const struct memo *m;

	if (a == b)
		return a != RANGES_EMPTY;
	x = ranges_get(rs, a, &nx);
	y = ranges_get(rs, b, &ny);
	if (!hulls_meet(x, nx, y, ny))
		return false;
	if (nx == 1 && ny == 1)
		return true;
	if (nx > ny)
		return ranges_meet(rs, b, a);
	if (nx > 4) {
		m = memo_of(rs, OP_AND, a, b);
		if (recall(m, OP_AND, a, b))
			return m->result != RANGES_EMPTY;
	}
	for (i = 0; i < nx; i++) {
		j = find(y, ny, &x[i].lo);
		if (j < ny && sfw_addr_cmp(&y[j].lo, &x[i].hi) <= 0)
			return true;
	}
	return false;
}

u32 ranges_and(struct ranges *rs, u32 a, u32 b)
{
	const struct range *x, *y;
	size_t i, j, nx, ny;
	struct memo *m;

	if (a == b)
		return a;
	x = ranges_get(rs, a, &nx);
	y = ranges_get(rs, b, &ny);
	if (!hulls_meet(x, nx, y, ny))
		return RANGES_EMPTY;
	if (nx > ny || (nx == ny && a > b))
		return ranges_and(rs, b, a);
	m = memo_of(rs, OP_AND, a, b);
	if (recall(m, OP_AND, a, b))
		return m->result;
	rs->n_scratch = 0;
	for (i = 0; i < nx; i++) {
		for (j = find(y, ny, &x[i].lo);
		     j < ny && sfw_addr_cmp(&y[j].lo, &x[i].hi) <= 0; j++)
			put(rs, sfw_addr_cmp(&x[i].lo, &y[j].lo) > 0 ?
			    &x[i].lo : &y[j].lo,
			    sfw_addr_cmp(&x[i].hi, &y[j].hi) < 0 ?
			    &x[i].hi : &y[j].hi);
	}
	return remember(rs, OP_AND, a, b, intern(rs));
}

u32 ranges_or(struct ranges *rs, u32 a, u32 b)
{
	const struct range *x, *y;
	size_t i = 0, j = 0, nx, ny;
	struct memo *m;

	if (a == b || b == RANGES_EMPTY)
		return a;
	if (a == RANGES_EMPTY)
		return b;
	if (a > b)
		return ranges_or(rs, b, a);
	m = memo_of(rs, OP_OR, a, b);
	if (recall(m, OP_OR, a, b))
		return m->result;
	x = ranges_get(rs, a, &nx);
	y = ranges_get(rs, b, &ny);
	rs->n_scratch = 0;
	while (i < nx || j < ny) {
		if (j == ny || (i < nx && sfw_addr_cmp(&x[i].lo, &y[j].lo) <= 0)) {
			put(rs, &x[i].lo, &x[i].hi);
			i++;
		} else {
			put(rs, &y[j].lo, &y[j].hi);
			j++;
		}
	}
	return remember(rs, OP_OR, a, b, intern(rs));
}

static void append(struct ranges *rs, const struct range *r, size_t n)
{
	if (n)
		memcpy(rs->scratch + rs->n_scratch, r, n * sizeof(*r));
	rs->n_scratch += n;
}

static void append_one(struct ranges *rs, const struct sfw_addr *lo,
		       const struct sfw_addr *hi)
{
	rs->scratch[rs->n_scratch++] = (struct range){ *lo, *hi };
}

/* The few ranges of y out of the many of x: most are copied as they are. */
static void cut_out(struct ranges *rs, const struct range *x, size_t nx,
		    const struct range *y, size_t ny)
{
	struct sfw_addr lo = x[0].lo, hi;
	size_t i = 0, j, at;

	rs->scratch = xgrow(rs->scratch, &rs->cap_scratch, nx + ny,
			    sizeof(*rs->scratch));
	for (j = 0; j < ny && i < nx; j++) {
		at = i + find(x + i, nx - i, &y[j].lo);
		if (at > i) {
			append_one(rs, &lo, &x[i].hi);
			append(rs, x + i + 1, at - i - 1);
			i = at;
			if (i == nx)
				return;
			lo = x[i].lo;
		}
		if (sfw_addr_cmp(&lo, &y[j].lo) < 0) {
			hi = before(&y[j].lo);
			append_one(rs, &lo, &hi);
		}
		while (i < nx && sfw_addr_cmp(&x[i].hi, &y[j].hi) <= 0)
			if (++i < nx)
				lo = x[i].lo;
		if (i < nx && sfw_addr_cmp(&lo, &y[j].hi) <= 0)
			lo = next_of(&y[j].hi);
	}
	if (i == nx)
		return;
	append_one(rs, &lo, &x[i].hi);
	append(rs, x + i + 1, nx - i - 1);
}

u32 ranges_without(struct ranges *rs, u32 a, u32 b)
{
	const struct range *x, *y;
	size_t i, j, nx, ny;
	struct memo *m;

	if (a == b)
		return RANGES_EMPTY;
	x = ranges_get(rs, a, &nx);
	y = ranges_get(rs, b, &ny);
	if (!hulls_meet(x, nx, y, ny))
		return a;
	m = memo_of(rs, OP_WITHOUT, a, b);
	if (recall(m, OP_WITHOUT, a, b))
		return m->result;
	rs->n_scratch = 0;
	if (ny < nx) {
		cut_out(rs, x, nx, y, ny);
		return remember(rs, OP_WITHOUT, a, b, intern(rs));
	}
	for (i = 0; i < nx; i++) {
		struct sfw_addr lo = x[i].lo, hi;
		bool over = false;

		for (j = find(y, ny, &lo);
		     j < ny && sfw_addr_cmp(&y[j].lo, &x[i].hi) <= 0; j++) {
			if (sfw_addr_cmp(&lo, &y[j].lo) < 0) {
				hi = before(&y[j].lo);
				put(rs, &lo, &hi);
			}
			over = is_last(&y[j].hi);
			if (over)
				break;
			lo = next_of(&y[j].hi);
		}
		if (!over && sfw_addr_cmp(&lo, &x[i].hi) <= 0)
			put(rs, &lo, &x[i].hi);
	}
	return remember(rs, OP_WITHOUT, a, b, intern(rs));
}

bool ranges_within(struct ranges *rs, u32 a, u32 b)
{
	const struct range *x, *y;
	size_t i, j, nx, ny;

	if (a == b)
		return true;
	x = ranges_get(rs, a, &nx);
	y = ranges_get(rs, b, &ny);
	for (i = 0; i < nx; i++) {
		j = find(y, ny, &x[i].hi);
		if (j == ny || sfw_addr_cmp(&y[j].lo, &x[i].lo) > 0)
			return false;
	}
	return true;
}

long double ranges_size(const struct ranges *rs, u32 a)
{
	long double size = 0;
	const struct range *r;
	size_t i, n;

	r = ranges_get(rs, a, &n);
	for (i = 0; i < n; i++) {
		struct sfw_addr d = {
			r[i].hi.hi - r[i].lo.hi - (r[i].hi.lo < r[i].lo.lo),
			r[i].hi.lo - r[i].lo.lo,
		};

		size += (long double)d.hi * 0x1p64L + d.lo + 1;
	}
	return size;
}

u32 ranges_mark(const struct ranges *rs)
{
	return rs->n_sets;
}

void ranges_release(struct ranges *rs, u32 mark)
{
	size_t n = mark > 1 ? rs->set[mark - 1].first + rs->set[mark - 1].n : 0;

	if (!rs->full && rs->n_sets - mark < RELEASE_MIN &&
	    rs->n - n < rs->max / 8)
		return;
	rs->n_sets = mark;
	rs->n = n;
	rs->full = false;
	rehash(rs);
	memset(rs->memo, 0, MEMO_SIZE * sizeof(*rs->memo));
}
