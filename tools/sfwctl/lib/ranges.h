/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Sets of numbers up to 128 bits, as ranges; each set is kept once and known
 * by its id.
 */
#ifndef _SFWCTL_RANGES_H
#define _SFWCTL_RANGES_H

#include <packet.h>

/* Both ends belong to it. */
struct range {
	struct sfw_addr lo;
	struct sfw_addr hi;
};

struct ranges;

#define RANGES_EMPTY	0

/* max: ranges of all sets together; 32 bytes each. Never NULL. */
struct ranges *ranges_new(size_t max);
void ranges_free(struct ranges *rs);

/*
 * All of these return the id of a set. Without room they return RANGES_EMPTY
 * and ranges_full() says so from then on: what was reckoned since is void.
 */
u32 ranges_make(struct ranges *rs, struct range *r, size_t n);	/* any order */
u32 ranges_span(struct ranges *rs, u64 lo, u64 hi);
u32 ranges_and(struct ranges *rs, u32 a, u32 b);
u32 ranges_or(struct ranges *rs, u32 a, u32 b);
u32 ranges_without(struct ranges *rs, u32 a, u32 b);
bool ranges_full(const struct ranges *rs);

/* Have they an element in common? */
bool ranges_meet(struct ranges *rs, u32 a, u32 b);
bool ranges_has(const struct ranges *rs, u32 a, const struct sfw_addr *value);
/* Is all of a in b? */
bool ranges_within(struct ranges *rs, u32 a, u32 b);
/* Its ranges, ascending, disjoint, not adjacent; good until the next set. */
const struct range *ranges_get(const struct ranges *rs, u32 a, size_t *n);
/* How many elements. */
long double ranges_size(const struct ranges *rs, u32 a);

/*
 * Forget the sets made since the mark, and that there was no room. Cheap if
 * they are few.
 */
u32 ranges_mark(const struct ranges *rs);
void ranges_release(struct ranges *rs, u32 mark);

#endif /* _SFWCTL_RANGES_H */
