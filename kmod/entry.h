/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Rules as the kernel holds them.
 */
#ifndef _SFW_ENTRY_H
#define _SFW_ENTRY_H

#include <linux/refcount.h>

#include "codec.h"
#include "limit.h"
#include "ns.h"
#include "rule.h"

/* A log clause without a rate of its own. */
#define SFW_LOG_RATE	20
#define SFW_LOG_BURST	100

/**
 * struct sfw_entry - a rule in the kernel
 * @rule: what it says; constant
 * @refs: rule sets that hold it
 * @limit: state of its limit clause, NULL without one
 * @log: state of its log limit, NULL if it does not log
 * @counter: what it did, per CPU
 * @zero: what counters zero subtracts; under the namespace's lock
 *
 * Rule sets share entries: a rule that stays over a commit keeps its counters
 * and buckets.
 */
struct sfw_entry {
	struct sfw_rule rule;
	refcount_t refs;
	struct sfw_limit *limit;
	struct sfw_limit *log;
	struct sfw_counter __percpu *counter;
	struct sfw_counter_sum zero;
};

struct sfw_entry *sfw_entry_new(void);
int sfw_entry_arm(struct sfw_entry *entry);
void sfw_entry_put(struct sfw_rule *rule);
void sfw_entry_log_limit(struct sfw_limit *limit, const struct sfw_rate *rate);

void sfw_entry_sum(const struct sfw_counter __percpu *counter,
		   struct sfw_counter_sum *sum);
void sfw_entry_counts(const struct sfw_counter __percpu *counter,
		      const struct sfw_counter_sum *zero,
		      struct sfw_counts *counts);

#endif /* _SFW_ENTRY_H */
