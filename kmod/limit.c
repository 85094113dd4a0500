// SPDX-License-Identifier: GPL-2.0
/*
 * Rate limits of rules and of their log lines.
 *
 * Synchronisation: a spinlock around the arithmetic of limit.h, so that two
 * CPUs never pass on one token. What is beyond the rate does not reach the
 * lock: the time of the next token is known as soon as the last one is taken,
 * and until then a packet is refused by one read of a cache line that nobody
 * writes. A flood against a limited rule therefore costs each CPU its own
 * packets and not those of the others.
 *
 * Tried and rejected: a share of the rate per CPU. Traffic comes in on few
 * CPUs, so the shares of the others would be lost, and "10 per hour" cannot be
 * shared.
 */
#include <linux/kernel.h>
#include <linux/spinlock.h>

#include "limit.h"

/**
 * sfw_limit_init() - a limit of which nothing is used yet
 * @limit: filled in completely; nobody else sees it yet
 * @rate: the rate; without a burst it is SFW_RATE_BURST_DEFAULT
 *
 * Context: any.
 */
void sfw_limit_init(struct sfw_limit *limit, const struct sfw_rate *rate)
{
	spin_lock_init(&limit->lock);
	sfw_bucket_init(&limit->bucket, rate);
	limit->next = 0;
}

/**
 * sfw_limit_take() - may one more packet pass
 * @limit: the limit
 * @now_ns: ktime_get_ns() or another clock that all callers share and that
 *	never goes back
 *
 * Context: any but hard interrupts; takes a spinlock with bottom halves off.
 * Return: true if the packet is within the rate, and it was counted.
 */
bool sfw_limit_take(struct sfw_limit *limit, u64 now_ns)
{
	bool ok;

	/* Elsewhere a u64 may be read in two halves, one old and one new. */
	if (IS_ENABLED(CONFIG_64BIT) && now_ns < READ_ONCE(limit->next))
		return false;

	spin_lock_bh(&limit->lock);
	ok = sfw_bucket_take(&limit->bucket, now_ns);
	WRITE_ONCE(limit->next, sfw_bucket_next(&limit->bucket));
	spin_unlock_bh(&limit->lock);
	return ok;
}
