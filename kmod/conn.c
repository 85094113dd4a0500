// SPDX-License-Identifier: GPL-2.0
/*
 * The connection table of a namespace.
 *
 * One node per connection: the key holds both endpoints in ascending order
 * (tuple.h), so request and reply find the same node, and comparing the
 * sender with the key's first endpoint gives the direction. The hash is
 * siphash-1-3 with a secret key, so that nobody outside can choose collisions
 * (on 32 bit the kernel's hsiphash is halfsiphash).
 * The tables are the kernel's rhashtable, one per family because the key's
 * size is a compile-time constant there; it grows in the background while
 * traffic goes on.
 *
 * Synchronisation: look-ups run under RCU alone. A connection is filled in
 * completely before it is inserted. It is removed by whoever sets @dead under
 * its lock first; that one unlinks it and frees it by call_rcu. The rcu_head
 * shares its memory with the TCP state, which is touched only under the lock
 * and only while not @dead.
 *
 * Life: expiry is decided at look-up, to the jiffy. The collector in a
 * delayed work only gives memory back; it works for a few milliseconds a run
 * and goes on where it stopped.
 *
 * Limit: @count is reserved before a connection is made. At the limit one
 * unreplied connection is looked for among the buckets next to the new one's
 * and the one that was silent for longest goes. The place follows from the secret
 * hash, so it is as good as random and costs nothing. Handshakes that were
 * never completed, closed connections, and datagrams and pings that were
 * answered once go next: whoever sends a flood is answered too. If there are
 * none either, the new one is refused.
 *
 * Tried and rejected: two nodes per connection as nf_conntrack has them (twice
 * the chains and 40 bytes more); a list of unreplied connections for exact
 * eviction (a lock that all CPUs take for every new connection).
 */
#include <linux/module.h>
#include <linux/random.h>
#include <linux/siphash.h>

#include "codec.h"
#include "conn.h"
#include "event.h"
#include "generic.h"
#include "ns.h"
#include "option.h"
#include "trace.h"

/* Connections looked at for one to evict, and buckets, which may be empty:
 * as many as the smallest table has.
 */
#define EVICT_SAMPLE	64
#define EVICT_BUCKETS	1024

/* How often another CPU may take the victim away. */
#define EVICT_TRIES	4

/* The collector: time per run, and pauses within and after a pass. */
#define GC_BUDGET_NS	(2 * NSEC_PER_MSEC)
#define GC_PAUSE_BUSY	msecs_to_jiffies(20)
#define GC_PAUSE_IDLE	msecs_to_jiffies(2000)

#if !defined(CONFIG_DEBUG_SPINLOCK) && !defined(CONFIG_DEBUG_LOCK_ALLOC) && \
	!defined(CONFIG_PREEMPT_RT) && defined(CONFIG_64BIT)
static_assert(sizeof(struct sfw_conn4) <= 128);
static_assert(sizeof(struct sfw_conn6) <= 192);
#endif

static struct kmem_cache *conn4_cache;
static struct kmem_cache *conn6_cache;
static hsiphash_key_t hash_key __read_mostly;

static u32 hash4(const void *data, u32 len, u32 seed)
{
	const struct sfw_key4 *key = data;

	return hsiphash_4u32(key->end[0] >> 32, key->end[0],
			     (key->end[1] >> 32) ^ seed, key->end[1],
			     &hash_key);
}

static u32 hash6(const void *data, u32 len, u32 seed)
{
	return hsiphash(data, sizeof(struct sfw_key6), &hash_key) ^ seed;
}

static int compare4(struct rhashtable_compare_arg *arg, const void *obj)
{
	const struct sfw_key4 *a = arg->key, *b = obj;

	BUILD_BUG_ON(offsetof(struct sfw_conn4, key));
	return (a->end[0] ^ b->end[0]) | (a->end[1] ^ b->end[1]) ? 1 : 0;
}

static int compare6(struct rhashtable_compare_arg *arg, const void *obj)
{
	const struct sfw_key6 *a = arg->key, *b = obj;

	BUILD_BUG_ON(offsetof(struct sfw_conn6, key));
	return (a->addr[0].lo ^ b->addr[0].lo) |
	       (a->addr[1].lo ^ b->addr[1].lo) |
	       (a->addr[0].hi ^ b->addr[0].hi) |
	       (a->addr[1].hi ^ b->addr[1].hi) | (a->rest ^ b->rest) ? 1 : 0;
}

static const struct rhashtable_params params4 = {
	.head_offset = offsetof(struct sfw_conn4, c.node),
	.key_offset = offsetof(struct sfw_conn4, key),
	.key_len = sizeof(struct sfw_key4),
	.hashfn = hash4,
	.obj_cmpfn = compare4,
	.min_size = 1024,
	.automatic_shrinking = true,
};

static const struct rhashtable_params params6 = {
	.head_offset = offsetof(struct sfw_conn6, c.node),
	.key_offset = offsetof(struct sfw_conn6, key),
	.key_len = sizeof(struct sfw_key6),
	.hashfn = hash6,
	.obj_cmpfn = compare6,
	.min_size = 256,
	.automatic_shrinking = true,
};

static struct sfw_conn4 *conn4_of(struct sfw_conn *conn)
{
	return container_of(conn, struct sfw_conn4, c);
}

static struct sfw_conn6 *conn6_of(struct sfw_conn *conn)
{
	return container_of(conn, struct sfw_conn6, c);
}

static void conn_free(struct sfw_conn *conn)
{
	if (conn->flags & SFW_CONN_F_V6)
		kmem_cache_free(conn6_cache, conn6_of(conn));
	else
		kmem_cache_free(conn4_cache, conn4_of(conn));
}

static void conn_free_rcu(struct rcu_head *rcu)
{
	conn_free(container_of(rcu, struct sfw_conn, rcu));
}

/* BH is disabled: the figures belong to this CPU. */
static void stats_inc(u64_stats_t __percpu *what,
		      struct u64_stats_sync __percpu *syncp)
{
	struct u64_stats_sync *s = this_cpu_ptr(syncp);

	u64_stats_update_begin(s);
	u64_stats_inc(this_cpu_ptr(what));
	u64_stats_update_end(s);
}

/**
 * sfw_conn_kill() - remove a connection
 * @table: its table
 * @conn: the connection
 * @end: why
 *
 * Return: true if this call removed it, false if another was first.
 * Context: RCU read side, any but hard interrupt.
 */
bool sfw_conn_kill(struct sfw_table *table, struct sfw_conn *conn,
		   enum sfw_end end)
{
	bool mine;

	spin_lock_bh(&conn->lock);
	mine = !conn->dead;
	conn->dead = 1;
	/* Under the lock, so that whoever sees it dead does not find it again.
	 * Nobody takes this lock inside one of the hash table.
	 */
	if (mine && conn->flags & SFW_CONN_F_V6)
		rhashtable_remove_fast(&table->ht[1], &conn->node, params6);
	else if (mine)
		rhashtable_remove_fast(&table->ht[0], &conn->node, params4);
	spin_unlock_bh(&conn->lock);
	if (!mine)
		return false;

	atomic_dec(&table->count);
	trace_conn_destroy(container_of(table, struct sfw_net, table), conn,
			   end);
	sfw_event_conn(table, conn, end);
	call_rcu(&conn->rcu, conn_free_rcu);
	return true;
}

static void conn_expire(struct sfw_table *table, struct sfw_conn *conn)
{
	if (sfw_conn_kill(table, conn, sfw_conn_closed(conn) ?
			  SFW_END_CLOSED : SFW_END_EXPIRED))
		stats_inc(&table->stats->expired, &table->stats->syncp);
}

/* Expired or not; *dir as below. */
static __always_inline struct sfw_conn *
lookup(struct sfw_table *table, const struct sfw_packet *pkt, int *dir)
{
	struct sfw_conn *conn = NULL;
	struct sfw_conn4 *c4;
	struct sfw_conn6 *c6;
	struct sfw_key4 key4;
	struct sfw_key6 key6;
	bool swapped;

	if (pkt->family == AF_INET) {
		swapped = sfw_tuple_key4(&key4, pkt);
		c4 = rhashtable_lookup(&table->ht[0], &key4, params4);
		if (c4)
			conn = &c4->c;
	} else {
		swapped = sfw_tuple_key6(&key6, pkt);
		c6 = rhashtable_lookup(&table->ht[1], &key6, params6);
		if (c6)
			conn = &c6->c;
	}
	if (conn)
		*dir = swapped != !!(conn->flags & SFW_CONN_F_SWAPPED);
	return conn;
}

/**
 * sfw_conn_find() - the connection of a packet
 * @table: table of the namespace
 * @pkt: a packet for which sfw_tuple_has() holds
 * @dir: set to 0 if the originator sent it, 1 if the responder
 *
 * A connection whose time is over is removed here, however late the
 * collector is.
 *
 * Return: the connection, or NULL.
 * Context: RCU read side, BH disabled.
 */
struct sfw_conn *sfw_conn_find(struct sfw_table *table,
			       const struct sfw_packet *pkt, int *dir)
{
	struct sfw_conn *conn = lookup(table, pkt, dir);

	if (conn && unlikely(sfw_conn_expired(conn))) {
		conn_expire(table, conn);
		return NULL;
	}
	return conn;
}

/**
 * sfw_conn_peek() - the same for who only asks: nothing is changed
 * @table: table of the namespace
 * @pkt: a packet for which sfw_tuple_has() holds
 * @dir: as above
 *
 * Return: the connection, or NULL.
 * Context: RCU read side.
 */
struct sfw_conn *sfw_conn_peek(struct sfw_table *table,
			       const struct sfw_packet *pkt, int *dir)
{
	struct sfw_conn *conn = lookup(table, pkt, dir);

	return conn && !sfw_conn_expired(conn) ? conn : NULL;
}

/* When its last packet came, in jiffies. What is left of its time does not
 * tell: states differ in how much they have.
 */
static u32 last_seen(const struct sfw_conn *conn, const struct sfw_options *opt)
{
	u8 state = READ_ONCE(conn->state);

	if (conn->flags & SFW_CONN_F_PICKED_UP &&
	    READ_ONCE(conn->replied) == SFW_CONN_UNREPLIED)
		state = SFW_STATE_TCP_SYN_SENT;
	return READ_ONCE(conn->expires) - opt->timeout[state] * HZ;
}

/* Unreplied before answered, then the one that was silent for longest. */
static bool better_victim(const struct sfw_conn *conn,
			  const struct sfw_conn *victim,
			  const struct sfw_options *opt)
{
	u8 a = READ_ONCE(conn->replied);
	u8 b = victim ? READ_ONCE(victim->replied) : SFW_CONN_STAYS;

	if (a != b)
		return a < b;
	return a != SFW_CONN_STAYS &&
	       (s32)(last_seen(victim, opt) - last_seen(conn, opt)) > 0;
}

/* The connection near the place where hash points to that has to go first. */
static struct sfw_conn *find_victim(struct rhashtable *ht, u32 hash,
				    const struct sfw_options *opt)
{
	struct sfw_conn *victim = NULL;
	struct bucket_table *tbl;
	struct rhash_head *pos;
	u32 i, seen = 0;

	/* While a table grows its connections are in it or in its successor. */
	for (tbl = rht_dereference_rcu(ht->tbl, ht); tbl;
	     tbl = rht_dereference_rcu(tbl->future_tbl, ht)) {
		for (i = 0; i < EVICT_BUCKETS && i < tbl->size; i++) {
			u32 at = (hash + i) & (tbl->size - 1);

			rht_for_each_rcu(pos, tbl, at) {
				struct sfw_conn *conn;

				conn = container_of(pos, struct sfw_conn, node);
				if (sfw_conn_expired(conn))
					return conn;
				if (better_victim(conn, victim, opt))
					victim = conn;
				seen++;
			}
			if (seen >= EVICT_SAMPLE)
				return victim;
			/* A few are enough if nobody answered one of them. */
			if (seen >= EVICT_SAMPLE / 8 && victim &&
			    !READ_ONCE(victim->replied))
				return victim;
		}
	}
	return victim;
}

/* Make room for one connection; false if all that were looked at stay. */
static bool evict(struct sfw_table *table, bool v6, u32 hash,
		  const struct sfw_options *opt)
{
	struct sfw_conn *victim;
	bool expired;
	int tries;

	for (tries = 0; tries < EVICT_TRIES; tries++) {
		victim = find_victim(&table->ht[v6], hash, opt);
		if (!victim)
			victim = find_victim(&table->ht[!v6], hash, opt);
		if (!victim)
			return false;
		/* Only who removed it has room; the place of one that another
		 * CPU removed is that CPU's.
		 */
		expired = sfw_conn_expired(victim);
		if (sfw_conn_kill(table, victim, expired ? SFW_END_EXPIRED :
							   SFW_END_EVICTED)) {
			stats_inc(expired ?
				  &table->stats->expired :
				  &table->stats->evicted,
				  &table->stats->syncp);
			return true;
		}
		hash += EVICT_SAMPLE;
	}
	return false;
}

/**
 * sfw_conn_new() - a connection without state, not in the table
 * @pkt: its first packet
 *
 * Return: the connection, or NULL without memory.
 * Context: any.
 */
struct sfw_conn *sfw_conn_new(const struct sfw_packet *pkt)
{
	struct sfw_conn *conn;
	bool swapped;

	if (pkt->family == AF_INET) {
		struct sfw_conn4 *c4;

		c4 = kmem_cache_zalloc(conn4_cache, GFP_ATOMIC | __GFP_NOWARN);
		if (!c4)
			return NULL;
		conn = &c4->c;
		swapped = sfw_tuple_key4(&c4->key, pkt);
	} else {
		struct sfw_conn6 *c6;

		c6 = kmem_cache_zalloc(conn6_cache, GFP_ATOMIC | __GFP_NOWARN);
		if (!c6)
			return NULL;
		conn = &c6->c;
		swapped = sfw_tuple_key6(&c6->key, pkt);
		conn->flags |= SFW_CONN_F_V6;
	}
	if (swapped)
		conn->flags |= SFW_CONN_F_SWAPPED;
	if (pkt->direction == SFW_DIRECTION_OUT)
		conn->flags |= SFW_CONN_F_OUT;
	spin_lock_init(&conn->lock);
	conn->ifindex = pkt->ifindex;
	return conn;
}

static void conn_begin(struct sfw_conn *conn, const struct sfw_packet *pkt,
		       const struct sfw_options *opt)
{
	u8 state;

	if (pkt->protocol == IPPROTO_TCP) {
		conn->first = pkt->tcp.flags;
		state = sfw_tcp_begin(&conn->tcp, &pkt->tcp);
		if (!(pkt->tcp.flags & SFW_TCP_SYN))
			conn->flags |= SFW_CONN_F_PICKED_UP;
	} else if (pkt->protocol == IPPROTO_SCTP) {
		state = sfw_sctp_begin(&conn->sctp, &pkt->sctp);
		if (state != SFW_STATE_SCTP_INIT)
			conn->flags |= SFW_CONN_F_PICKED_UP;
	} else {
		if (pkt->icmp_class == SFW_ICMP_QUERY)
			conn->first = pkt->icmp_type;
		state = sfw_generic_state(pkt->protocol, false);
	}
	conn->state = state;
	/* A connection that was picked up and never answered is not worth a
	 * day of memory.
	 */
	if (conn->flags & SFW_CONN_F_PICKED_UP)
		state = state == SFW_STATE_SCTP_ESTABLISHED ?
			SFW_STATE_SCTP_INIT : SFW_STATE_TCP_SYN_SENT;
	conn->expires = (u32)jiffies + opt->timeout[state] * HZ;
	sfw_conn_count(conn, 0, pkt->len);
}

/**
 * sfw_conn_add() - make a connection for a packet
 * @table: table of the namespace
 * @pkt: its first packet
 * @origin: see sfw_conn_origin()
 * @rule: number of the rule, 0 for the default
 * @opt: options; @max_connections is the limit
 * @raced: set to true if another CPU made the same connection first
 *
 * The packet is counted in the new connection.
 *
 * Return: the connection, the one that another CPU made, or NULL if there is
 * no room or no memory.
 * Context: RCU read side, BH disabled.
 */
struct sfw_conn *sfw_conn_add(struct sfw_table *table,
			      const struct sfw_packet *pkt, u64 origin,
			      u32 rule, const struct sfw_options *opt,
			      bool *raced)
{
	bool v6 = pkt->family == AF_INET6;
	struct sfw_conn *conn;
	void *old;
	u32 count;

	*raced = false;
	conn = sfw_conn_new(pkt);
	if (!conn)
		goto refused;
	conn->origin = origin;
	conn->rule = rule;
	conn_begin(conn, pkt, opt);

	count = atomic_inc_return(&table->count);
	sfw_fill_check(table, count, opt->max_connections);
	if (count > opt->max_connections) {
		u32 hash = v6 ? hash6(&conn6_of(conn)->key, 0, 0) :
				hash4(&conn4_of(conn)->key, 0, 0);

		if (!evict(table, v6, hash, opt)) {
			sfw_fill_warn(table, opt->max_connections, true);
			goto uncount;
		}
	}

	if (v6)
		old = rhashtable_lookup_get_insert_fast(&table->ht[1],
							&conn->node, params6);
	else
		old = rhashtable_lookup_get_insert_fast(&table->ht[0],
							&conn->node, params4);
	if (!old) {
		stats_inc(&table->stats->created, &table->stats->syncp);
		trace_conn_new(container_of(table, struct sfw_net, table),
			       conn);
		sfw_event_conn(table, conn, -1);
		return conn;
	}
	if (!IS_ERR(old)) {
		*raced = true;
		atomic_dec(&table->count);
		conn_free(conn);
		return v6 ? &((struct sfw_conn6 *)old)->c :
			    &((struct sfw_conn4 *)old)->c;
	}
uncount:
	atomic_dec(&table->count);
	conn_free(conn);
refused:
	stats_inc(&table->stats->refused, &table->stats->syncp);
	return NULL;
}

/**
 * sfw_conn_insert() - put a connection into the table, if there is room
 * @table: table of the namespace
 * @conn: from sfw_conn_new() and filled in; no longer the caller's
 * @max: limit of the table; none is evicted
 *
 * Return: 0; -EEXIST if there is one, -ENOSPC if there is no room, -ENOMEM, or
 * -EBUSY while the table grows.
 * Context: RCU read side, BH disabled.
 */
int sfw_conn_insert(struct sfw_table *table, struct sfw_conn *conn, u32 max)
{
	bool v6 = conn->flags & SFW_CONN_F_V6;
	int err = -ENOSPC;
	void *old;

	if ((u32)atomic_inc_return(&table->count) > max)
		goto uncount;
	if (v6)
		old = rhashtable_lookup_get_insert_fast(&table->ht[1],
							&conn->node, params6);
	else
		old = rhashtable_lookup_get_insert_fast(&table->ht[0],
							&conn->node, params4);
	if (!old) {
		stats_inc(&table->stats->created, &table->stats->syncp);
		trace_conn_new(container_of(table, struct sfw_net, table),
			       conn);
		sfw_event_conn(table, conn, -1);
		return 0;
	}
	err = IS_ERR(old) ? PTR_ERR(old) : -EEXIST;
uncount:
	atomic_dec(&table->count);
	conn_free(conn);
	return err;
}

/**
 * sfw_conn_table_seq() - does a walk see one table from end to end
 * @table: the table
 *
 * Return: a number that changes when the hash tables are resized; not 0.
 * Context: any.
 */
u32 sfw_conn_table_seq(struct sfw_table *table)
{
	u32 seq = 0;
	int f;

	rcu_read_lock();
	for (f = 0; f < 2; f++) {
		struct bucket_table *tbl;

		tbl = rht_dereference_rcu(table->ht[f].tbl, &table->ht[f]);
		seq = seq * 31 + tbl->hash_rnd + tbl->size;
		if (rcu_access_pointer(tbl->future_tbl))
			seq++;
	}
	rcu_read_unlock();
	return seq | 1;
}

/* The bucket table that the cursor is in, or the first one if that is gone. */
static struct bucket_table *cursor_table(struct rhashtable *ht,
					 struct sfw_conn_cursor *at)
{
	struct bucket_table *first = rht_dereference_rcu(ht->tbl, ht);
	struct bucket_table *tbl;

	if (at->started) {
		for (tbl = first; tbl;
		     tbl = rht_dereference_rcu(tbl->future_tbl, ht))
			if (tbl->hash_rnd == at->rnd && at->bucket <= tbl->size)
				return tbl;
		at->moved = true;
	}
	at->started = true;
	at->rnd = first->hash_rnd;
	at->bucket = 0;
	return first;
}

/**
 * sfw_conn_walk_bucket() - visit the connections of one bucket
 * @table: the table
 * @at: where to go on; all zero is the beginning. Moves on only if all of the
 *	bucket was visited
 * @fn: called with each connection that has not expired; may kill it. Not 0
 *	ends the walk with that value
 * @arg: for @fn
 *
 * The caller loops and may sleep in between. If the table is resized
 * meanwhile, connections may be met twice.
 *
 * Return: 0 to go on, 1 at the end, else what @fn returned.
 * Context: any.
 */
int sfw_conn_walk_bucket(struct sfw_table *table, struct sfw_conn_cursor *at,
			 sfw_conn_walk_fn fn, void *arg)
{
	struct bucket_table *tbl;
	struct rhash_head *pos;
	struct rhashtable *ht;
	int ret = 0;

	if (at->family > 1)
		return 1;
	ht = &table->ht[at->family];

	rcu_read_lock();
	tbl = cursor_table(ht, at);
	if (at->bucket < tbl->size) {
		rht_for_each_rcu(pos, tbl, at->bucket) {
			struct sfw_conn *conn;

			conn = container_of(pos, struct sfw_conn, node);
			if (sfw_conn_expired(conn)) {
				local_bh_disable();
				conn_expire(table, conn);
				local_bh_enable();
				continue;
			}
			ret = fn(conn, arg);
			if (ret)
				goto out;
		}
		at->bucket++;
		goto out;
	}

	/* Entries that were moved while this table was walked are there. */
	tbl = rht_dereference_rcu(tbl->future_tbl, ht);
	if (tbl) {
		at->rnd = tbl->hash_rnd;
		at->bucket = 0;
	} else {
		at->family++;
		at->started = false;
		if (at->family > 1)
			ret = 1;
	}
out:
	rcu_read_unlock();
	return ret;
}

static int gc_visit(struct sfw_conn *conn, void *arg)
{
	return 0;	/* the walk itself removes what has expired */
}

static void gc_work(struct work_struct *work)
{
	struct sfw_table *table = container_of(to_delayed_work(work),
					       struct sfw_table, gc);
	u64 end = ktime_get_ns() + GC_BUDGET_NS;
	unsigned long pause = GC_PAUSE_BUSY;
	unsigned int n = 0;

	for (;;) {
		if (sfw_conn_walk_bucket(table, &table->gc_at, gc_visit,
					 NULL)) {
			memset(&table->gc_at, 0, sizeof(table->gc_at));
			pause = GC_PAUSE_IDLE;
			break;
		}
		if (!(++n & 127)) {
			cond_resched();
			if (ktime_get_ns() > end)
				break;
		}
	}
	queue_delayed_work(system_power_efficient_wq, &table->gc, pause);
}

/**
 * sfw_conn_table_init() - make an empty table
 * @table: the table
 * @stats: figures of the namespace
 *
 * Return: 0 or -ENOMEM.
 * Context: may sleep.
 */
int sfw_conn_table_init(struct sfw_table *table,
			struct sfw_stats __percpu *stats)
{
	int err;

	err = rhashtable_init(&table->ht[0], &params4);
	if (err)
		return err;
	err = rhashtable_init(&table->ht[1], &params6);
	if (err) {
		rhashtable_destroy(&table->ht[0]);
		return err;
	}
	atomic_set(&table->count, 0);
	table->stats = stats;
	memset(&table->gc_at, 0, sizeof(table->gc_at));
	INIT_DELAYED_WORK(&table->gc, gc_work);
	queue_delayed_work(system_power_efficient_wq, &table->gc,
			   GC_PAUSE_IDLE);
	return 0;
}

static void destroy_one(void *ptr, void *cache)
{
	kmem_cache_free(cache, ptr);
}

/**
 * sfw_conn_table_destroy() - free a table and all in it
 * @table: the table; no packet path can reach it any more
 *
 * Context: may sleep.
 */
void sfw_conn_table_destroy(struct sfw_table *table)
{
	cancel_delayed_work_sync(&table->gc);
	rhashtable_free_and_destroy(&table->ht[0], destroy_one, conn4_cache);
	rhashtable_free_and_destroy(&table->ht[1], destroy_one, conn6_cache);
	atomic_set(&table->count, 0);
}

/**
 * sfw_conn_init() - make the caches
 *
 * Return: 0 or -ENOMEM.
 * Context: module load.
 */
int __init sfw_conn_init(void)
{
	get_random_bytes(&hash_key, sizeof(hash_key));
	conn4_cache = kmem_cache_create("sfw_conn4", sizeof(struct sfw_conn4),
					0, SLAB_HWCACHE_ALIGN, NULL);
	if (!conn4_cache)
		return -ENOMEM;
	conn6_cache = kmem_cache_create("sfw_conn6", sizeof(struct sfw_conn6),
					0, SLAB_HWCACHE_ALIGN, NULL);
	if (!conn6_cache) {
		kmem_cache_destroy(conn4_cache);
		return -ENOMEM;
	}
	return 0;
}

/**
 * sfw_conn_exit() - give the caches back
 *
 * Context: module unload, all tables destroyed; waits for those that are being
 * freed.
 */
void sfw_conn_exit(void)
{
	rcu_barrier();
	kmem_cache_destroy(conn4_cache);
	kmem_cache_destroy(conn6_cache);
}
