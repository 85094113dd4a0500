/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which of many rules can have packets in common with a box: all that do, and
 * few that do not.
 */
#ifndef _SFWCTL_SIEVE_H
#define _SFWCTL_SIEVE_H

#include <packet.h>

/* The fields that are looked at; of IPv6 addresses the upper half. */
enum sieve_dim {
	SIEVE_INDEX,		/* of the rule itself */
	SIEVE_DST,
	SIEVE_SRC,
	SIEVE_DPORT,
	SIEVE_SPORT,
	SIEVE_PROTOCOL,
	SIEVE_DIMS,
};

/* The lowest and the highest value of each. Nothing has lo above hi. */
struct hull {
	u64 lo[SIEVE_DIMS];
	u64 hi[SIEVE_DIMS];
};

struct sieve;

/* What is asked, made ready. */
struct sieve_query {
	const u64 *miss[2 * SIEVE_DIMS];	/* rules that cannot meet it */
	int n;
};

/*
 * Of n hulls; the order is that of the positions, order[0] is the index of the
 * first. Never NULL; the hulls are not needed any more.
 */
struct sieve *sieve_new(const struct hull *hull, const u32 *order, size_t n);
void sieve_free(struct sieve *sieve);

void sieve_ask(const struct sieve *sieve, const struct hull *hull,
	       struct sieve_query *query);
/* All positions that may meet it, as a bitmap of sieve_words(); how many. */
size_t sieve_all(const struct sieve *sieve, const struct sieve_query *query,
		 u64 *may);
size_t sieve_words(const struct sieve *sieve);
/* The first position among those from "from" on that may meet it; n: none. */
size_t sieve_next(const struct sieve *sieve, const struct sieve_query *query,
		  const u64 *among, size_t from);

static inline bool hulls_meet(const struct hull *a, const struct hull *b)
{
	int d;

	for (d = 0; d < SIEVE_DIMS; d++)
		if (a->lo[d] > b->hi[d] || b->lo[d] > a->hi[d])
			return false;
	return true;
}

/* The hull of nothing: it meets none. */
static inline bool hull_is_none(const struct hull *hull)
{
	return hull->lo[SIEVE_INDEX] > hull->hi[SIEVE_INDEX];
}

#endif /* _SFWCTL_SIEVE_H */
