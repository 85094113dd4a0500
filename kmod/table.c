// SPDX-License-Identifier: GPL-2.0
/*
 * The connection table of a namespace: how it grows, shrinks, is walked, and
 * loses what has expired.
 *
 * There is a hash table (hash.c) for each family. Growing is a worker's
 * business; if that does not come to it, because packets leave it no time, each
 * new connection makes one more bucket, so that chains stay short in any case.
 * Shrinking is the collector's.
 *
 * Life: expiry is decided at look-up, to the jiffy. The collector in a
 * delayed work only gives memory back; it works for a few milliseconds a run
 * and goes on where it stopped.
 *
 * Synchronisation: @resize is held while buckets are made or taken away, for
 * some dozens at a time. It is outside of the locks of buckets; those of
 * connections are never taken inside. Walks are under RCU.
 */
#include <linux/ktime.h>
#include <linux/sched.h>

#include "ns.h"
#include "table.h"

/* The collector: time per run, and pauses within and after a pass. */
#define GC_BUDGET_NS	(2 * NSEC_PER_MSEC)
#define GC_PAUSE_BUSY	msecs_to_jiffies(20)
#define GC_PAUSE_IDLE	msecs_to_jiffies(2000)

/* Buckets made or taken away at a time, and the fill, in connections per two
 * buckets, at which packets help.
 */
#define RESIZE_BATCH	32
#define FILL_LATE	12

static bool wants_more(const struct sfw_table *table, bool v6)
{
	return (u32)atomic_read(&table->count[v6]) * 2 >
	       READ_ONCE(table->hash[v6].n) * SFW_TABLE_FILL;
}

static bool wants_less(const struct sfw_table *table, bool v6)
{
	u32 n = READ_ONCE(table->hash[v6].n);

	return n > SFW_HASH_MIN && (u32)atomic_read(&table->count[v6]) < n;
}

/* Returns whether there is more to do. */
static bool grow_batch(struct sfw_table *table, bool v6,
		       struct sfw_hash_reserve *reserve)
{
	bool more = true;
	int i;

	sfw_hash_reserve(&table->hash[v6], reserve);
	rcu_read_lock();
	spin_lock_bh(&table->resize);
	for (i = 0; i < RESIZE_BATCH && more; i++)
		more = wants_more(table, v6) &&
		       sfw_hash_split(&table->hash[v6], reserve);
	spin_unlock_bh(&table->resize);
	rcu_read_unlock();
	return more;
}

static void grow_work(struct work_struct *work)
{
	struct sfw_table *table = container_of(work, struct sfw_table, grow);
	int v6;

	for (v6 = 0; v6 < 2; v6++) {
		struct sfw_hash_reserve reserve = {};

		while (grow_batch(table, v6, &reserve))
			cond_resched();
		sfw_hash_unreserve(&reserve);
	}
}

/**
 * sfw_table_grow_now() - there are more connections than buckets want
 * @table: the table
 * @v6: the family
 * @count: connections of that family
 *
 * Context: RCU read side, BH disabled.
 */
void sfw_table_grow_now(struct sfw_table *table, bool v6, u32 count)
{
	struct sfw_hash *h = &table->hash[v6];

	if (!work_pending(&table->grow))
		queue_work(system_unbound_wq, &table->grow);
	if (count * 2 > READ_ONCE(h->n) * FILL_LATE &&
	    spin_trylock(&table->resize)) {
		sfw_hash_split(h, NULL);
		spin_unlock(&table->resize);
	}
}

/**
 * sfw_table_walk_bucket() - visit the connections of one bucket, or a part
 * @table: the table
 * @at: where to go on; all zero is the beginning. Moves on only if all of the
 *	bucket was visited
 * @fn: called with each connection that has not expired; may kill it. Not 0
 *	ends the walk with that value
 * @arg: for @fn
 *
 * The caller loops and may sleep in between. A connection that is there from
 * the beginning of a walk to its end is met exactly once, though the table
 * grow or shrink meanwhile.
 *
 * Return: 0 to go on, 1 at the end, else what @fn returned.
 * Context: any.
 */
int sfw_table_walk_bucket(struct sfw_table *table, struct sfw_conn_cursor *at,
			  sfw_table_walk_fn fn, void *arg)
{
	struct sfw_conn_cursor next = *at;
	void *items[SFW_TABLE_WALK_MAX];
	int ret = 0;
	u32 i, n;

	if (at->family > 1)
		return 1;
	rcu_read_lock();
	n = sfw_hash_gather(&table->hash[at->family], &next.at, items,
			    ARRAY_SIZE(items));
	for (i = 0; i < n; i++) {
		struct sfw_conn *conn = items[i];

		if (sfw_conn_expired(conn)) {
			local_bh_disable();
			sfw_conn_expire(table, conn);
			local_bh_enable();
			continue;
		}
		ret = fn(conn, arg);
		if (ret)
			goto out;
	}
	if (!next.at)
		next.family++;
	*at = next;
	if (at->family > 1)
		ret = 1;
out:
	rcu_read_unlock();
	return ret;
}

static void shrink_batch(struct sfw_table *table, bool v6)
{
	int i;

	rcu_read_lock();
	spin_lock_bh(&table->resize);
	for (i = 0; i < RESIZE_BATCH && wants_less(table, v6); i++)
		if (!sfw_hash_merge(&table->hash[v6]))
			break;
	spin_unlock_bh(&table->resize);
	rcu_read_unlock();
}

/* Free the memory of buckets that nobody needs. */
static void trim(struct sfw_table *table, bool v6)
{
	struct sfw_hash *h = &table->hash[v6];
	void *segments[16];
	u32 i, n;

	if (!sfw_hash_spare(h))
		return;
	/* Who looked for a bucket in there is gone; only we make new spares. */
	synchronize_rcu();
	do {
		spin_lock_bh(&table->resize);
		n = sfw_hash_trim(h, segments, ARRAY_SIZE(segments));
		spin_unlock_bh(&table->resize);
		for (i = 0; i < n; i++)
			sfw_free_shared(segments[i]);
	} while (n);
}

static int gc_visit(struct sfw_conn *conn, void *arg)
{
	return 0;	/* the walk itself removes what has expired */
}

/* False if the time is over before all is done. */
static bool gc_run(struct sfw_table *table)
{
	u64 end = ktime_get_ns() + GC_BUDGET_NS;
	unsigned int n = 0;
	int v6;

	while (!sfw_table_walk_bucket(table, &table->gc_at, gc_visit, NULL)) {
		if (!(++n & 127)) {
			cond_resched();
			if (ktime_get_ns() > end)
				return false;
		}
	}
	for (v6 = 0; v6 < 2; v6++) {
		while (wants_less(table, v6)) {
			shrink_batch(table, v6);
			cond_resched();
			if (ktime_get_ns() > end)
				return false;
		}
		trim(table, v6);
	}
	memset(&table->gc_at, 0, sizeof(table->gc_at));
	return true;
}

static void gc_work(struct work_struct *work)
{
	struct sfw_table *table = container_of(to_delayed_work(work),
					       struct sfw_table, gc);

	queue_delayed_work(system_power_efficient_wq, &table->gc,
			   gc_run(table) ? GC_PAUSE_IDLE : GC_PAUSE_BUSY);
}

/**
 * sfw_table_hurry() - a connection was refused for want of room
 * @table: the table
 *
 * What has expired may be found by the collector alone, as connections that
 * once were to stay are not read in the search for a victim. It comes at once,
 * but not more often than each second.
 *
 * Context: of a packet.
 */
void sfw_table_hurry(struct sfw_table *table)
{
	unsigned long last = READ_ONCE(table->hurried);

	if (jiffies - last < HZ ||
	    cmpxchg(&table->hurried, last, jiffies) != last)
		return;
	mod_delayed_work(system_power_efficient_wq, &table->gc, 0);
}

/**
 * sfw_table_init() - make an empty table
 * @table: the table
 * @stats: figures of the namespace
 *
 * Return: 0 or -ENOMEM.
 * Context: may sleep.
 */
int sfw_table_init(struct sfw_table *table, struct sfw_stats __percpu *stats)
{
	table->waiting = kmalloc(sizeof(*table->waiting), GFP_KERNEL);
	if (!table->waiting)
		return -ENOMEM;
	if (!sfw_hash_init(&table->hash[0], &sfw_conn_hash_ops[0]))
		goto no_hash4;
	if (!sfw_hash_init(&table->hash[1], &sfw_conn_hash_ops[1]))
		goto no_hash6;
	refcount_set(&table->waiting->n, 1);
	atomic_set(&table->count[0], 0);
	atomic_set(&table->count[1], 0);
	spin_lock_init(&table->resize);
	table->stats = stats;
	memset(&table->gc_at, 0, sizeof(table->gc_at));
	table->hurried = jiffies - HZ;
	INIT_WORK(&table->grow, grow_work);
	INIT_DELAYED_WORK(&table->gc, gc_work);
	queue_delayed_work(system_power_efficient_wq, &table->gc,
			   GC_PAUSE_IDLE);
	return 0;

no_hash6:
	sfw_hash_destroy(&table->hash[0], NULL);
no_hash4:
	kfree(table->waiting);
	return -ENOMEM;
}

static void destroy_one(void *item)
{
	sfw_conn_free(item);
}

/**
 * sfw_table_destroy() - free a table and all in it
 * @table: the table; no packet path can reach it any more
 *
 * Context: may sleep.
 */
void sfw_table_destroy(struct sfw_table *table)
{
	int v6;

	cancel_delayed_work_sync(&table->gc);
	cancel_work_sync(&table->grow);
	for (v6 = 0; v6 < 2; v6++) {
		sfw_hash_destroy(&table->hash[v6], destroy_one);
		atomic_set(&table->count[v6], 0);
	}
	sfw_table_put_waiting(table->waiting);
}
