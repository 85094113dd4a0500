// SPDX-License-Identifier: GPL-2.0
/*
 * Life of the per-namespace state.
 *
 * A namespace has little more than counters until a rule set is loaded. When
 * it goes, its hooks are unregistered in pre_exit; the core waits for a grace
 * period for all of them together; exit frees the rest.
 */
#include <net/netns/generic.h>

#include "commit.h"
#include "ns.h"
#include "proc.h"

static unsigned int net_id __read_mostly;

/**
 * sfw_ns_get() - our state of a namespace
 * @net: the namespace
 *
 * Return: the state; it lives as long as @net and this module.
 * Context: any.
 */
struct sfw_net *sfw_ns_get(const struct net *net)
{
	return net_generic(net, net_id);
}

/**
 * sfw_ns_stats_sum() - figures of a namespace over all CPUs
 * @sn: the namespace
 * @sum: filled in
 *
 * Context: any.
 */
void sfw_ns_stats_sum(const struct sfw_net *sn, struct sfw_stats_sum *sum)
{
	int cpu, d, r, g;

	memset(sum, 0, sizeof(*sum));
	for_each_possible_cpu(cpu) {
		const struct sfw_stats *s = per_cpu_ptr(sn->stats, cpu);
		struct sfw_stats_sum one;
		unsigned int start;

		do {
			start = u64_stats_fetch_begin(&s->syncp);
			one.allowed = u64_stats_read(&s->allowed);
			one.created = u64_stats_read(&s->created);
			one.evicted = u64_stats_read(&s->evicted);
			one.refused = u64_stats_read(&s->refused);
			one.expired = u64_stats_read(&s->expired);
			for (g = 0; g < SFW_EVENT_LIMITED; g++)
				one.events_lost[g] =
					u64_stats_read(&s->events_lost[g]);
			for (d = 0; d < 2; d++)
				for (r = 0; r <= SFW_REASON_MAX; r++)
					one.drop[d][r] =
						u64_stats_read(&s->drop[d][r]);
		} while (u64_stats_fetch_retry(&s->syncp, start));

		sum->allowed += one.allowed;
		sum->created += one.created;
		sum->evicted += one.evicted;
		sum->refused += one.refused;
		sum->expired += one.expired;
		for (g = 0; g < SFW_EVENT_LIMITED; g++)
			sum->events_lost[g] += one.events_lost[g];
		for (d = 0; d < 2; d++)
			for (r = 0; r <= SFW_REASON_MAX; r++)
				sum->drop[d][r] += one.drop[d][r];
	}
}

/**
 * sfw_ns_stats_since() - the same, since they were set to zero
 * @sn: the namespace
 * @sum: filled in
 *
 * Context: process; may sleep.
 */
void sfw_ns_stats_since(const struct sfw_net *sn, struct sfw_stats_sum *sum)
{
	struct sfw_stats_sum zero;
	unsigned int start;
	int d, r, g;

	/* This first: no figure is less than it was then. */
	do {
		start = read_seqcount_begin(&sn->zero_seq);
		zero = sn->zero;
	} while (read_seqcount_retry(&sn->zero_seq, start));

	sfw_ns_stats_sum(sn, sum);
	sum->allowed -= zero.allowed;
	sum->created -= zero.created;
	sum->evicted -= zero.evicted;
	sum->refused -= zero.refused;
	sum->expired -= zero.expired;
	for (g = 0; g < SFW_EVENT_LIMITED; g++)
		sum->events_lost[g] -= zero.events_lost[g];
	for (d = 0; d < 2; d++)
		for (r = 0; r <= SFW_REASON_MAX; r++)
			sum->drop[d][r] -= zero.drop[d][r];
}

/**
 * sfw_ns_stats_zero() - let them count from here
 * @sn: the namespace
 * @now: what sfw_ns_stats_sum() said
 *
 * Context: the namespace's lock.
 */
void sfw_ns_stats_zero(struct sfw_net *sn, const struct sfw_stats_sum *now)
{
	/* Who reads this on another CPU is to find the counters, which a third
	 * one writes, at least as far as they were here.
	 */
	smp_mb();
	write_seqcount_begin(&sn->zero_seq);
	sn->zero = *now;
	write_seqcount_end(&sn->zero_seq);
}

/**
 * sfw_ns_events_lost() - events of all kinds that were not sent
 * @sum: figures of a namespace
 */
u64 sfw_ns_events_lost(const struct sfw_stats_sum *sum)
{
	u64 n = 0;
	int g;

	for (g = 0; g < SFW_EVENT_LIMITED; g++)
		n += sum->events_lost[g];
	return n;
}

static void ns_free(struct sfw_net *sn)
{
	int d;

	for (d = 0; d < 2; d++)
		free_percpu(sn->def[d]);
	free_percpu(sn->stats);
}

static int __net_init ns_init(struct net *net)
{
	struct sfw_net *sn = sfw_ns_get(net);
	int cpu, d;

	sn->net = net;
	mutex_init(&sn->lock);
	seqcount_mutex_init(&sn->zero_seq, &sn->lock);
	INIT_LIST_HEAD(&sn->txs);
	sfw_commit_begin_ns(sn);
	sfw_event_begin_ns(sn);
	sn->stats = alloc_percpu(struct sfw_stats);
	if (!sn->stats)
		goto fail;
	for_each_possible_cpu(cpu)
		u64_stats_init(&per_cpu_ptr(sn->stats, cpu)->syncp);
	for (d = 0; d < 2; d++) {
		sn->def[d] = alloc_percpu(struct sfw_counter);
		if (!sn->def[d])
			goto fail;
		for_each_possible_cpu(cpu)
			u64_stats_init(&per_cpu_ptr(sn->def[d], cpu)->syncp);
	}
	if (sfw_proc_up(net))
		goto fail;
	return 0;

fail:
	ns_free(sn);
	return -ENOMEM;
}

static void __net_exit ns_pre_exit(struct net *net)
{
	sfw_commit_stop_ns(sfw_ns_get(net));
}

static void __net_exit ns_exit(struct net *net)
{
	struct sfw_net *sn = sfw_ns_get(net);
	struct sfw_tx *tx, *next;

	sfw_proc_down(net);
	mutex_lock(&sn->lock);
	list_for_each_entry_safe(tx, next, &sn->txs, list)
		sfw_ruleset_drop_tx(sn, tx);
	sfw_commit_end_ns(sn);
	mutex_unlock(&sn->lock);
	sfw_event_end_ns(sn);
	ns_free(sn);
}

static struct pernet_operations ns_ops = {
	.init = ns_init,
	.pre_exit = ns_pre_exit,
	.exit = ns_exit,
	.id = &net_id,
	.size = sizeof(struct sfw_net),
};

/**
 * sfw_ns_init() - follow the network namespaces
 *
 * Return: 0 or -ENOMEM.
 * Context: module load.
 */
int __init sfw_ns_init(void)
{
	return register_pernet_subsys(&ns_ops);
}

/**
 * sfw_ns_exit() - leave all network namespaces
 *
 * Context: module unload; netlink is closed.
 */
void sfw_ns_exit(void)
{
	unregister_pernet_subsys(&ns_ops);
}
