/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The connection table of a namespace.
 */
#ifndef _SFW_CONN_H
#define _SFW_CONN_H

#include <linux/rhashtable.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>

#include "fill.h"
#include "sctp.h"
#include "tcp.h"
#include "tuple.h"

struct sfw_conn_view;
struct sfw_options;
struct sfw_saved;
struct sfw_stats;
struct sfw_track;

/* struct sfw_conn.flags, set once before the connection is visible. */
#define SFW_CONN_F_V6		BIT(0)
#define SFW_CONN_F_OUT		BIT(1)	/* begun by this host */
#define SFW_CONN_F_SWAPPED	BIT(2)	/* originator is key's second endpoint */
#define SFW_CONN_F_PICKED_UP	BIT(3)	/* its handshake was not seen */

/* How far a connection got, which decides whether it may be evicted. */
enum sfw_conn_replied {
	SFW_CONN_UNREPLIED = SFW_STANDING_UNREPLIED,	/* goes first */
	SFW_CONN_HEARD = SFW_STANDING_HEARD,	/* next: half a handshake,
						 * closed, or answered and
						 * nothing said since
						 */
	SFW_CONN_STAYS = SFW_STANDING_STAYS,
};

/**
 * struct sfw_conn - a connection; the key is in front of it
 * @node: link in its hash table
 * @expires: jiffies at which it is gone, lower 32 bits; READ_ONCE/WRITE_ONCE
 * @lock: guards @tcp, @sctp, @count and @dead
 * @origin: generation of the rule set that judged it last and the index of
 *	the rule there, see sfw_conn_origin(); READ_ONCE/WRITE_ONCE
 * @count: packets, and bytes from the IP header on, of the originator [0] and
 *	the responder [1]; changed under @lock, read without it
 * @tcp: state of TCP; under @lock and only while not @dead
 * @sctp: likewise of SCTP
 * @rcu: takes the place of these once the connection is @dead
 * @ifindex: interface of the first packet
 * @rule: number of the rule that made it, 0 for the default
 * @state: enum sfw_state; READ_ONCE/WRITE_ONCE
 * @flags: SFW_CONN_F_*, constant
 * @first: TCP flags or ICMP type of the first packet, constant
 * @replied: enum sfw_conn_replied; READ_ONCE/WRITE_ONCE
 * @dead: removed from the table; set under @lock
 * @hooks: where segments of each side came by that proved to be its own, bit
 *	2 * side + enum sfw_direction; under @lock
 * @looped: its first packet passed the in list too, see judge_looped()
 * @stale: of TCP that was restored, see sfw_tcp_late(); under @lock
 *
 * The order is that of use: with an IPv4 key in front, all that a datagram of
 * the originator touches is in the first cache line.
 */
struct sfw_conn {
	struct rhash_head node;
	u32 expires;
	spinlock_t lock;	/* see above */
	u64 origin;
	u8 state;
	u8 flags;
	u8 first;
	u8 replied;
	u8 dead;
	u8 looped;
	u8 hooks;
	u8 stale;
	struct sfw_conn_counts {
		u64 packets;
		u64 bytes;
	} count[2];
	union {
		struct sfw_tcp tcp;
		struct sfw_sctp sctp;
		struct rcu_head rcu;
	};
	u32 ifindex;
	u32 rule;
};

struct sfw_conn4 {
	struct sfw_key4 key;
	struct sfw_conn c;
};

struct sfw_conn6 {
	struct sfw_key6 key;
	struct sfw_conn c;
};

/**
 * struct sfw_table - connections of one namespace
 * @ht: IPv4 [0] and IPv6 [1]
 * @count: connections in both; changes only when one is made or removed
 * @gc: removes what has expired
 * @gc_at: where it goes on
 * @stats: figures of the namespace, per CPU
 * @fill: when it was said that it is full
 */
struct sfw_table {
	struct rhashtable ht[2];
	atomic_t count;
	struct delayed_work gc;
	struct sfw_conn_cursor {
		u32 family;	/* 0 IPv4, 1 IPv6, 2 done */
		u32 rnd;	/* identifies the bucket table */
		u32 bucket;
		bool started;
		bool moved;	/* the table was resized meanwhile */
	} gc_at;
	struct sfw_stats __percpu *stats;
	struct sfw_fill fill;
};

/**
 * sfw_conn_origin() - generation and rule index as stored in @origin
 * @generation: of the rule set
 * @index: of the rule in its direction's list, U32_MAX for the default
 */
static inline u64 sfw_conn_origin(u32 generation, u32 index)
{
	return (u64)generation << 32 | index;
}

int sfw_conn_init(void);
void sfw_conn_exit(void);

int sfw_conn_table_init(struct sfw_table *table,
			struct sfw_stats __percpu *stats);
void sfw_conn_table_destroy(struct sfw_table *table);

struct sfw_conn *sfw_conn_find(struct sfw_table *table,
			       const struct sfw_packet *pkt, int *dir);
struct sfw_conn *sfw_conn_peek(struct sfw_table *table,
			       const struct sfw_packet *pkt, int *dir);
struct sfw_conn *sfw_conn_add(struct sfw_table *table,
			      const struct sfw_packet *pkt, u64 origin,
			      u32 rule, const struct sfw_options *opt,
			      bool *raced);
struct sfw_conn *sfw_conn_new(const struct sfw_packet *pkt);
int sfw_conn_insert(struct sfw_table *table, struct sfw_conn *conn, u32 max);
bool sfw_conn_kill(struct sfw_table *table, struct sfw_conn *conn,
		   enum sfw_end end);
void sfw_conn_first_packet(const struct sfw_conn *conn,
			   struct sfw_packet *pkt);
void sfw_conn_get_view(struct net *net, const struct sfw_conn *conn,
		       struct sfw_conn_view *view);
bool sfw_conn_get_track(struct sfw_conn *conn, struct sfw_conn_view *view,
			struct sfw_track *track);
struct sfw_conn *sfw_conn_restore(struct net *net,
				  const struct sfw_saved *saved,
				  const struct sfw_options *opt,
				  u32 generation);

typedef int (*sfw_conn_walk_fn)(struct sfw_conn *conn, void *arg);
int sfw_conn_walk_bucket(struct sfw_table *table, struct sfw_conn_cursor *at,
			 sfw_conn_walk_fn fn, void *arg);
u32 sfw_conn_table_seq(struct sfw_table *table);

static inline bool sfw_conn_expired(const struct sfw_conn *conn)
{
	return (s32)(READ_ONCE(conn->expires) - (u32)jiffies) <= 0;
}

/* Did its ends say that it is over? */
static inline bool sfw_conn_closed(const struct sfw_conn *conn)
{
	u8 state = READ_ONCE(conn->state);

	return state == SFW_STATE_TCP_TIME_WAIT ||
	       state == SFW_STATE_TCP_CLOSE || state == SFW_STATE_SCTP_CLOSE;
}

/* Under the connection's lock, which costs less than two atomic additions. */
static inline void sfw_conn_count(struct sfw_conn *conn, int dir, u32 len)
{
	struct sfw_conn_counts *c = &conn->count[dir];

	WRITE_ONCE(c->packets, c->packets + 1);
	WRITE_ONCE(c->bytes, c->bytes + len);
}

/* Only written when it changes: the line stays shared between CPUs. */
static inline void sfw_conn_refresh(struct sfw_conn *conn, u32 seconds)
{
	u32 expires = (u32)jiffies + seconds * HZ;

	if (READ_ONCE(conn->expires) != expires)
		WRITE_ONCE(conn->expires, expires);
}

#endif /* _SFW_CONN_H */
