/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Rate limits: so many events per second, minute or hour, and so many at
 * once. The arithmetic is pure, the lock around it is in limit.c.
 *
 * A token bucket in whole numbers, without rounding. Time fills the bucket in
 * portions of a token: with N tokens per unit of U nanoseconds a nanosecond
 * brings N portions and a token costs U of them. The bucket holds whole
 * tokens, and the portions of the next one beside them. So a bucket is exact
 * for ever: in any window of length T at most burst + T * N / U events pass,
 * and never one fewer than were earned.
 *
 * No sum overflows: a gap of two seconds or less brings less than 2^63
 * portions; the rare longer ones are divided digit by digit. The division of
 * the usual case happens only when a token was earned, and none at all while
 * the bucket is full or between two tokens.
 *
 * Tried and rejected: nanoseconds per token, the textbook's way. It has to
 * round, knows no rate above 10^9 per second, and is off by a third at
 * 3 * 10^9. A theoretical arrival time in portions needs 128-bit numbers on
 * every packet.
 */
#ifndef _SFW_LIMIT_H
#define _SFW_LIMIT_H

#include "rule.h"

/**
 * struct sfw_bucket - tokens, and what they cost
 * @last: time up to which @portions and @tokens count, ns
 * @portions: of the next token, less than @cost
 * @cost: portions of one token
 * @full_ns: time in which the bucket gets full whatever it held; may be more
 *	than needed
 * @gain: portions per nanosecond
 * @tokens: events that may pass at once
 * @burst: most tokens
 */
struct sfw_bucket {
	u64 last;
	u64 portions;
	u64 cost;
	u64 full_ns;
	u32 gain;
	u32 tokens;
	u32 burst;
};

/* Gaps up to here need no long division: 2^31 * 2^32 + 2^42 < 2^64. */
#define SFW_BUCKET_SHORT_NS	0x80000000ULL

/**
 * sfw_bucket_init() - a full bucket
 * @b: filled in completely
 * @rate: tokens per unit, and at once
 *
 * Context: any.
 */
static inline void sfw_bucket_init(struct sfw_bucket *b,
				   const struct sfw_rate *rate)
{
	u64 unit = 1000000000ULL;
	u64 units;

	if (rate->unit == SFW_RATE_UNIT_MINUTE)
		unit *= 60;
	else if (rate->unit == SFW_RATE_UNIT_HOUR)
		unit *= 3600;
	b->gain = rate->count ? rate->count : 1;
	b->cost = unit;
	b->burst = rate->burst ? rate->burst : SFW_RATE_BURST_DEFAULT;
	b->tokens = b->burst;
	b->portions = 0;
	b->last = 0;
	/* An hour has less than 2^42 ns. */
	units = b->burst / b->gain;
	units++;
	b->full_ns = units >> 22 ? ~0ULL : units * unit;
}

/*
 * Tokens that @ns bring, and the portions left over, for any @ns below full_ns
 * and 2^63: then the result has at most 44 bits, in the worst case 2^63 ns
 * at 1024 per second and with the largest burst. Long division in digits of 16
 * bits; the remainder has less than 42, so that no step overflows.
 */
static inline u64 sfw_bucket_earn_long(const struct sfw_bucket *b, u64 ns,
				       u64 *portions)
{
	u64 rem = 0, tokens = 0, left;
	int shift;

	for (shift = 48; shift >= 0; shift -= 16) {
		rem = (rem << 16) + (ns >> shift & 0xffff) * b->gain;
		tokens = (tokens << 16) + div64_u64_rem(rem, b->cost, &left);
		rem = left;
	}
	*portions += rem;
	if (*portions >= b->cost) {
		*portions -= b->cost;
		tokens++;
	}
	return tokens;
}

static inline void sfw_bucket_fill(struct sfw_bucket *b, u64 now)
{
	u64 ns = now - b->last, tokens;

	/* Another CPU read its clock later and came first. */
	if ((s64)ns <= 0)
		return;
	b->last = now;
	/* A full bucket earns nothing. */
	if (b->tokens == b->burst)
		return;
	if (ns >= b->full_ns) {
		b->tokens = b->burst;
		b->portions = 0;
		return;
	}
	if (ns <= SFW_BUCKET_SHORT_NS) {
		b->portions += ns * b->gain;
		if (b->portions < b->cost)
			return;
		tokens = div64_u64_rem(b->portions, b->cost, &b->portions);
	} else {
		tokens = sfw_bucket_earn_long(b, ns, &b->portions);
	}
	if (tokens >= b->burst - b->tokens) {
		b->tokens = b->burst;
		b->portions = 0;
	} else {
		b->tokens += tokens;
	}
}

/**
 * sfw_bucket_take() - may one more event pass
 * @b: the bucket
 * @now: time in ns; what is earlier than the latest seen counts as that
 *
 * Context: any; calls for one bucket one after the other.
 * Return: true if so, and it was counted.
 */
static inline bool sfw_bucket_take(struct sfw_bucket *b, u64 now)
{
	sfw_bucket_fill(b, now);
	if (!b->tokens)
		return false;
	b->tokens--;
	return true;
}

/**
 * sfw_bucket_next() - when will the next event pass
 * @b: a bucket after sfw_bucket_take()
 *
 * Context: as sfw_bucket_take().
 * Return: the first nanosecond in which there is a token; 0 if there is one
 * already.
 */
static inline u64 sfw_bucket_next(const struct sfw_bucket *b)
{
	u64 rem;

	if (b->tokens)
		return 0;
	return b->last + div64_u64_rem(b->cost - b->portions + b->gain - 1,
				       b->gain, &rem);
}

#ifdef __KERNEL__

#include <linux/spinlock.h>

/**
 * struct sfw_limit - a bucket that several CPUs take from
 * @lock: guards @bucket and writes of @next
 * @bucket: the tokens
 * @next: time before which there is none, ns; read without @lock
 */
struct sfw_limit {
	spinlock_t lock;	/* see above */
	struct sfw_bucket bucket;
	u64 next;
};

void sfw_limit_init(struct sfw_limit *limit, const struct sfw_rate *rate);
bool sfw_limit_take(struct sfw_limit *limit, u64 now_ns);

#endif /* __KERNEL__ */

#endif /* _SFW_LIMIT_H */
