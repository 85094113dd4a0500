/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Events for whoever listens: drops, connections, changes of the rule set.
 */
#ifndef _SFW_EVENT_H
#define _SFW_EVENT_H

#include <linux/jump_label.h>
#include <net/genetlink.h>

#include "limit.h"

struct sfw_conn;
struct sfw_net;
struct sfw_packet;
struct sfw_ruleset;
struct sfw_table;
struct sfw_verdict;

/* Of drops and of connections, each, in a namespace. */
#define SFW_EVENT_RATE		1000
#define SFW_EVENT_BURST		1000

/* Groups whose events come with the traffic, and may be too many. */
#define SFW_EVENT_LIMITED	(SFW_GROUP_CONNS + 1)

/**
 * struct sfw_event_ns - events of a namespace
 * @limit: how many may be sent; by enum sfw_group
 * @refused: jiffies when @limit last had none to give and that was counted as
 *	lost; by group, READ_ONCE/WRITE_ONCE
 * @quiet: jiffies when nobody was found to listen, or to miss any; by group,
 *	READ_ONCE/WRITE_ONCE
 * @heard: jiffies when somebody here got one last, 0 if never; by group,
 *	READ_ONCE/WRITE_ONCE
 * @seq: events sent; by group
 * @told: what of the lost ones was told; by group, written by @tell alone
 * @tell: tells how many were lost
 * @armed: @tell is on its way
 */
struct sfw_event_ns {
	struct sfw_limit limit[SFW_EVENT_LIMITED];
	unsigned long refused[SFW_EVENT_LIMITED];
	unsigned long quiet[SFW_EVENT_LIMITED];
	unsigned long heard[SFW_EVENT_LIMITED];
	atomic_t seq[SFW_GROUP_MAX + 1];
	u64 told[SFW_EVENT_LIMITED];
	struct delayed_work tell;
	atomic_t armed;
};

extern const struct genl_multicast_group sfw_event_groups[SFW_GROUP_MAX + 1];

DECLARE_STATIC_KEY_FALSE(sfw_event_drops);
DECLARE_STATIC_KEY_FALSE(sfw_event_conns);

void sfw_event_init(void);
void sfw_event_exit(void);
int sfw_event_bind(int group);
void sfw_event_unbind(int group);
void sfw_event_begin_ns(struct sfw_net *sn);
void sfw_event_end_ns(struct sfw_net *sn);

void sfw_event_send_drop(struct sfw_net *sn, const struct sfw_ruleset *rs,
			 const struct sfw_packet *pkt,
			 const struct sfw_verdict *v);
void sfw_event_send_conn(struct sfw_table *table, const struct sfw_conn *conn,
			 int end);
bool sfw_event_watched(void);
void sfw_event_change(struct sfw_net *sn, enum sfw_change change, u32 portid);

/**
 * sfw_event_drop() - a packet is dropped
 * @sn: the namespace
 * @rs: its running rule set
 * @pkt: the packet
 * @v: the verdict
 *
 * Context: RCU read side, BH disabled.
 */
static inline void sfw_event_drop(struct sfw_net *sn,
				  const struct sfw_ruleset *rs,
				  const struct sfw_packet *pkt,
				  const struct sfw_verdict *v)
{
	if (static_branch_unlikely(&sfw_event_drops))
		sfw_event_send_drop(sn, rs, pkt, v);
}

/**
 * sfw_event_conn() - a connection was made, or is gone
 * @table: its table
 * @conn: the connection
 * @end: enum sfw_end; -1 if it was made
 *
 * Context: RCU read side.
 */
static inline void sfw_event_conn(struct sfw_table *table,
				  const struct sfw_conn *conn, int end)
{
	if (static_branch_unlikely(&sfw_event_conns))
		sfw_event_send_conn(table, conn, end);
}

#endif /* _SFW_EVENT_H */
