// SPDX-License-Identifier: GPL-2.0
/*
 * Rules as the kernel holds them: what they say, their rate limits, and what
 * they did.
 *
 * An entry is shared by the rule sets that contain the rule and counts their
 * references. Packets see it under RCU through a rule set; the last rule set
 * is freed after a grace period, and its entries with it.
 *
 * Counters are per CPU and never reset: the packet path owns them. Setting
 * them to zero means to remember what they show and to subtract it.
 */
#include <linux/percpu.h>
#include <linux/slab.h>

#include "entry.h"

static void entry_free(struct sfw_entry *entry)
{
	sfw_rule_destroy(&entry->rule);
	free_percpu(entry->counter);
	kfree(entry->limit);
	kfree(entry->log);
	kfree(entry);
}

/**
 * sfw_entry_put() - give a reference back; the last one frees
 * @rule: the rule inside the entry
 *
 * Context: may sleep; no reader of the last reference is left.
 */
void sfw_entry_put(struct sfw_rule *rule)
{
	struct sfw_entry *entry = container_of(rule, struct sfw_entry, rule);

	if (refcount_dec_and_test(&entry->refs))
		entry_free(entry);
}

/**
 * sfw_entry_new() - make an entry without content
 *
 * To be filled in and then armed.
 *
 * Return: the entry with one reference, or NULL without memory.
 * Context: may sleep.
 */
struct sfw_entry *sfw_entry_new(void)
{
	struct sfw_entry *entry;
	int cpu;

	entry = kzalloc(sizeof(*entry), GFP_KERNEL_ACCOUNT);
	if (!entry)
		return NULL;
	entry->counter = alloc_percpu_gfp(struct sfw_counter,
					  GFP_KERNEL_ACCOUNT);
	if (!entry->counter) {
		kfree(entry);
		return NULL;
	}
	for_each_possible_cpu(cpu)
		u64_stats_init(&per_cpu_ptr(entry->counter, cpu)->syncp);
	refcount_set(&entry->refs, 1);
	return entry;
}

/**
 * sfw_entry_log_limit() - bucket of a log clause
 * @limit: filled in
 * @rate: what the clause says, NULL for the rate of a plain log
 *
 * Context: any.
 */
void sfw_entry_log_limit(struct sfw_limit *limit, const struct sfw_rate *rate)
{
	const struct sfw_rate plain = {
		.count = SFW_LOG_RATE,
		.burst = SFW_LOG_BURST,
		.unit = SFW_RATE_UNIT_SECOND,
	};

	sfw_limit_init(limit, rate ? rate : &plain);
}

/**
 * sfw_entry_arm() - make the buckets of an entry whose rule is filled in
 * @entry: the entry, which has none yet
 *
 * Few rules have any, and two buckets are as large as the rest.
 *
 * Return: 0 or -ENOMEM; the entry is to be given back as before.
 * Context: may sleep.
 */
int sfw_entry_arm(struct sfw_entry *entry)
{
	const struct sfw_rule *rule = &entry->rule;

	if (rule->flags & SFW_RULE_F_LIMIT) {
		entry->limit = kmalloc(sizeof(*entry->limit),
				       GFP_KERNEL_ACCOUNT);
		if (!entry->limit)
			return -ENOMEM;
		sfw_limit_init(entry->limit, &rule->limit);
	}
	if (rule->flags & SFW_RULE_F_LOG) {
		entry->log = kmalloc(sizeof(*entry->log), GFP_KERNEL_ACCOUNT);
		if (!entry->log)
			return -ENOMEM;
		sfw_entry_log_limit(entry->log,
				    rule->flags & SFW_RULE_F_LOG_RATE ?
				    &rule->log_rate : NULL);
	}
	return 0;
}

/**
 * sfw_entry_sum() - a counter over all CPUs
 * @counter: the counter
 * @sum: filled in
 *
 * Context: any.
 */
void sfw_entry_sum(const struct sfw_counter __percpu *counter,
		   struct sfw_counter_sum *sum)
{
	int cpu;

	memset(sum, 0, sizeof(*sum));
	for_each_possible_cpu(cpu) {
		const struct sfw_counter *c = per_cpu_ptr(counter, cpu);
		u64 packets, bytes, connections, last_hit;
		unsigned int start;

		do {
			start = u64_stats_fetch_begin(&c->syncp);
			packets = u64_stats_read(&c->packets);
			bytes = u64_stats_read(&c->bytes);
			connections = u64_stats_read(&c->connections);
			last_hit = u64_stats_read(&c->last_hit);
		} while (u64_stats_fetch_retry(&c->syncp, start));
		sum->packets += packets;
		sum->bytes += bytes;
		sum->connections += connections;
		sum->last_hit = max(sum->last_hit, last_hit);
	}
}

/**
 * sfw_entry_counts() - what a counter shows
 * @counter: the counter
 * @zero: what it showed when it was set to zero
 * @counts: filled in
 *
 * Context: the namespace's lock.
 */
void sfw_entry_counts(const struct sfw_counter __percpu *counter,
		      const struct sfw_counter_sum *zero,
		      struct sfw_counts *counts)
{
	struct sfw_counter_sum sum;

	sfw_entry_sum(counter, &sum);
	counts->packets = sum.packets - zero->packets;
	counts->bytes = sum.bytes - zero->bytes;
	counts->connections = sum.connections - zero->connections;
	counts->has_live = false;
	counts->hit = counts->packets > 0;
	counts->last_hit_ms = counts->hit ?
		jiffies64_to_msecs(get_jiffies_64() - sum.last_hit) : 0;
}
