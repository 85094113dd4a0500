/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What every packet is counted in: figures of this CPU.
 */
#ifndef _SFW_COUNT_H
#define _SFW_COUNT_H

#include <linux/jiffies.h>

#include "ns.h"
#include "ruleset.h"

/**
 * sfw_count_verdict() - count what became of a packet
 * @sn: the namespace
 * @direction: enum sfw_direction
 * @action: enum sfw_action
 * @reason: enum sfw_reason, if it was not allowed
 *
 * Context: BH disabled.
 */
static inline void sfw_count_verdict(struct sfw_net *sn, u8 direction,
				     u8 action, u8 reason)
{
	struct sfw_stats *s = this_cpu_ptr(sn->stats);

	u64_stats_update_begin(&s->syncp);
	if (action == SFW_ACTION_ALLOW)
		u64_stats_inc(&s->allowed);
	else
		u64_stats_inc(&s->drop[direction][reason]);
	u64_stats_update_end(&s->syncp);
}

/**
 * sfw_count_rule() - count a packet for the rule it lives by
 * @sn: the namespace
 * @rs: the running set
 * @direction: of the rule
 * @index: of the rule; SFW_CLASSIFY_NONE is the default, others that are not
 *	there count for nobody
 * @len: of the packet
 * @connection: it made a connection
 *
 * Context: RCU read side, BH disabled.
 */
static inline void sfw_count_rule(struct sfw_net *sn,
				  const struct sfw_ruleset *rs, u8 direction,
				  u32 index, u32 len, bool connection)
{
	struct sfw_counter *c;

	if (index < rs->n[direction])
		c = this_cpu_ptr(sfw_ruleset_entry(rs, direction,
						   index)->counter);
	else if (index == SFW_CLASSIFY_NONE)
		c = this_cpu_ptr(sn->def[direction]);
	else
		return;

	u64_stats_update_begin(&c->syncp);
	u64_stats_inc(&c->packets);
	u64_stats_add(&c->bytes, len);
	if (connection)
		u64_stats_inc(&c->connections);
	u64_stats_set(&c->last_hit, get_jiffies_64());
	u64_stats_update_end(&c->syncp);
}

#endif /* _SFW_COUNT_H */
