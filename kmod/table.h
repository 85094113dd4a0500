/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The connection table of a namespace.
 */
#ifndef _SFW_TABLE_H
#define _SFW_TABLE_H

#include <linux/refcount.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>

#include "conn.h"

struct sfw_stats;

/* Connections of a table that were removed and wait to be freed. */
struct sfw_waiting {
	refcount_t n;	/* and one for the table itself */
};

/* Where a walk is; all zero in the beginning. */
struct sfw_conn_cursor {
	u32 family;	/* 0 IPv4, 1 IPv6, 2 done */
	u32 at;		/* see sfw_hash_gather() */
};

/**
 * struct sfw_table - connections of one namespace
 * @hash: IPv4 [0] and IPv6 [1]
 * @count: connections in each; changes only when one is made or removed
 * @resize: lock for resizing
 * @grow: worker that does it
 * @waiting: what is gone but not freed
 * @gc: removes what has expired
 * @gc_at: where it goes on
 * @hurried: jiffies when it was last called because of a full table
 * @stats: figures of the namespace, per CPU
 * @fill: when it was said that it is full
 */
struct sfw_table {
	struct sfw_hash hash[2];
	atomic_t count[2];
	spinlock_t resize;	/* see above */
	struct work_struct grow;
	struct sfw_waiting *waiting;
	struct delayed_work gc;
	struct sfw_conn_cursor gc_at;
	unsigned long hurried;
	struct sfw_stats __percpu *stats;
	struct sfw_fill fill;
};

int sfw_table_init(struct sfw_table *table, struct sfw_stats __percpu *stats);
void sfw_table_destroy(struct sfw_table *table);
void sfw_table_hurry(struct sfw_table *table);
void sfw_table_grow_now(struct sfw_table *table, bool v6, u32 count);

/* Connections that are visited at a time, at most; of more in a bucket, a part.
 * The smallest message of a dump has room for so many: 3,776 bytes, of which one
 * with all its state takes less than 450.
 */
#define SFW_TABLE_WALK_MAX	8

typedef int (*sfw_table_walk_fn)(struct sfw_conn *conn, void *arg);
int sfw_table_walk_bucket(struct sfw_table *table, struct sfw_conn_cursor *at,
			  sfw_table_walk_fn fn, void *arg);

static inline void sfw_table_put_waiting(struct sfw_waiting *waiting)
{
	if (refcount_dec_and_test(&waiting->n))
		kfree(waiting);
}

/* Connections per two buckets beyond which a table grows. */
#define SFW_TABLE_FILL	7

static inline u32 sfw_table_count(const struct sfw_table *table)
{
	return atomic_read(&table->count[0]) + atomic_read(&table->count[1]);
}

/* Expired or not; otherwise as sfw_table_find(). */
static __always_inline struct sfw_conn *
sfw_table_lookup(struct sfw_table *table, const struct sfw_conn_place *place,
		 int *dir)
{
	struct sfw_conn *conn;

	if (!place->v6)
		conn = sfw_hash_find(&table->hash[0], place->hash,
				     &place->key4, sfw_conn_same4);
	else
		conn = sfw_hash_find(&table->hash[1], place->hash,
				     &place->key6, sfw_conn_same6);
	if (conn)
		*dir = place->swapped != !!(conn->flags & SFW_CONN_F_SWAPPED);
	return conn;
}

/**
 * sfw_table_find() - the connection of a packet
 * @table: the table
 * @place: from sfw_conn_locate()
 * @dir: set to 0 if the originator sent it, 1 if the responder
 *
 * A connection whose time is over is removed here, however late the
 * collector is.
 *
 * Return: the connection, or NULL.
 * Context: RCU read side, BH disabled.
 */
static __always_inline struct sfw_conn *
sfw_table_find(struct sfw_table *table, const struct sfw_conn_place *place,
	       int *dir)
{
	struct sfw_conn *conn = sfw_table_lookup(table, place, dir);

	if (conn && unlikely(sfw_conn_expired(conn))) {
		sfw_conn_expire(table, conn);
		return NULL;
	}
	return conn;
}

/**
 * sfw_table_grow() - after a connection was added
 * @table: the table
 * @v6: its family
 * @count: connections of that family
 *
 * Context: RCU read side, BH disabled.
 */
static inline void sfw_table_grow(struct sfw_table *table, bool v6, u32 count)
{
	if (unlikely(count * 2 > READ_ONCE(table->hash[v6].n) * SFW_TABLE_FILL))
		sfw_table_grow_now(table, v6, count);
}

#endif /* _SFW_TABLE_H */
