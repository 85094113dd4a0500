// SPDX-License-Identifier: GPL-2.0
/*
 * Connections: how they are found, made, evicted and removed.
 *
 * One node per connection: the key holds both endpoints in ascending order
 * (tuple.h), so request and reply find the same node, and comparing the
 * sender with the key's first endpoint gives the direction. The hash is
 * SipHash-1-3 with a secret key, so that nobody outside can choose collisions.
 * There is one hash table (hash.c) per family because the key's size is a
 * compile-time constant there; table.c makes it grow and shrink.
 *
 * Synchronisation: look-ups run under RCU alone. A connection is filled in
 * completely before it is inserted; of two CPUs that insert the same one, one
 * gets the other's. It is removed by whoever sets @dead under its lock first;
 * that one unlinks it and frees it by call_rcu. The rcu_head shares its memory
 * with the states of TCP and SCTP, which are touched only under the lock and only
 * while not @dead.
 *
 * Limit: a connection is counted before it is made. At the limit one
 * unreplied connection is looked for among the buckets next to the new one's
 * and the one that was silent for longest goes. The place follows from the
 * secret hash, so it is as good as random and costs nothing. Handshakes that
 * were never completed, closed connections, and datagrams and pings that were
 * answered once go next: whoever sends a flood is answered too. If there are
 * none either, the new one is refused. A connection that was found to stay is
 * marked in its bucket, so the next search sees it without reading it: a
 * flood at a table full of connections that stay costs some lines of the
 * table per packet, not as many connections. What was evicted keeps its memory
 * for a grace period; if half of the limit waits for that, nothing is evicted,
 * so memory is bounded whatever the rate. (With an eighth, a flood of a million
 * a second found no place for one in six at 50,000 connections.)
 *
 * What it costs beside nf_conntrack with nft in the same run of `make bench`,
 * by medians, and what it cost with rhashtable and the long way alone. The goal
 * is 0.30:
 *
 *	an established packet, of connections	1	10^3	10^5	10^6
 *	  TCP					0.42	0.47	0.66	0.58
 *	    before				0.65	0.64	0.64	0.81
 *	  UDP					0.41	0.43	0.61	0.63
 *	    before				0.57	0.60	0.70	0.82
 *	a new one, over connections in the table:	0	10^5	5*10^5	10^6
 *	  UDP					0.42	0.28	0.32	0.29
 *	    before				0.42	0.38
 *	  TCP					0.37	0.36	0.27	0.29
 *	  UDP, IPv6				0.46	0.31	0.35	0.35
 *	one while the table grows to 10^6: UDP 0.49, TCP 0.44, IPv6 0.54
 *	one refused at a table that is full of established ones: 0.69
 *	    before: 4.7, 64 connections were read for each
 *
 * What is missing at 1 and at 1,000, where a packet takes 54 and 74 ns, is not
 * the table: it is what every packet needs. Even in instructions, where memory
 * is free, it takes 0.42 of nf_conntrack's for TCP and 0.46 for UDP
 * (make bench-instructions): the hook's call and the headers, a keyed hash, a
 * lock, and three counters, the connection's, the rule's and the namespace's.
 * With 1,000 connections come two reads that depend on each other and miss the
 * first level cache.
 *
 * What is missing beyond 10^5 is memory: two reads that miss the cache, the
 * second at the address that the first one gave, bucket and connection. A
 * chain of such reads took 130 ns each there, for any size beyond the second
 * level cache; so two of them are half of nf_conntrack's packet, and less than
 * all else is gone already. One would be enough if the hash itself gave the
 * address of a connection. That was thought through and not built: entries of
 * 128 bytes in a table that has to have room cost 175 and more, and those that
 * a growing table moves would have to move under their readers.
 *
 * A new connection takes 0.68 (TCP) and 0.78 (UDP) of nf_conntrack's instructions:
 * it has to be found missing, counted, cleared, filled in, inserted, and judged by
 * the list, and nothing of that can be left out; the rest of what is saved is memory
 * that is not touched. perf, of a UDP connection on its way through the hooks, in a
 * table of up to 16,000 (150 ns) and of up to 700,000 (280 ns):
 *
 *					16,000	700,000
 *	look-up and short way		29 %	57 %
 *	  of it one read of the bucket		47 %
 *	clearing it			22 %	 6 %
 *	allocation			 9 %	 5 %
 *	the bucket's lock, insertion	 6 %	 6 %
 *	the list			 5 %	 4 %
 *	all else			29 %	22 %
 *
 * The memory of a connection comes out of a grace period, so it is cold: to clear
 * it costs two misses, in whatever way it is written. The bucket's place is as good
 * as random, which is what keeps chains short. Growth costs more, as half of the
 * connections are moved each time it doubles, in a worker that reads all of them.
 *
 * Tried and rejected: two nodes per connection as nf_conntrack has them (twice
 * the chains and 40 bytes more); a list of unreplied connections for exact
 * eviction (a lock that all CPUs take for every new connection); rhashtable
 * (the figures above; 3 bytes less per connection). A bucket's memory is 20 of
 * the 148 bytes that a connection takes.
 */
#include <linux/bitops.h>
#include <linux/module.h>
#include <linux/random.h>

#include "codec.h"
#include "conn.h"
#include "event.h"
#include "generic.h"
#include "ns.h"
#include "option.h"
#include "table.h"
#include "trace.h"

/* Connections looked at for one to evict, and buckets, which may be empty. */
#define EVICT_SAMPLE	64
#define EVICT_BUCKETS	256

/* How often another CPU may take the victim away. */
#define EVICT_TRIES	4

/* Connections that may wait to be freed, if half of the limit is less. */
#define WAITING_MIN	4096

#if !defined(CONFIG_DEBUG_SPINLOCK) && !defined(CONFIG_DEBUG_LOCK_ALLOC) && \
	!defined(CONFIG_PREEMPT_RT) && defined(CONFIG_64BIT)
static_assert(sizeof(struct sfw_conn4) <= 128);
static_assert(sizeof(struct sfw_conn6) <= 192);
#endif

static struct kmem_cache *conn4_cache;
static struct kmem_cache *conn6_cache;
struct sfw_hash_key sfw_conn_hash_key __read_mostly;

static u32 hash_of(const void *item)
{
	const struct sfw_conn *conn = item;

	return conn->hash;
}

const struct sfw_hash_ops sfw_conn_hash_ops[2] = {
	{ .hash = hash_of, .same = sfw_conn_same4 },
	{ .hash = hash_of, .same = sfw_conn_same6 },
};

static bool is_v6(const struct sfw_conn *conn)
{
	return conn->flags & SFW_CONN_F_V6;
}

static const void *key_of(const struct sfw_conn *conn)
{
	return is_v6(conn) ? (const void *)&sfw_conn6_of(conn)->key :
			     &sfw_conn4_of(conn)->key;
}

/**
 * sfw_conn_free() - free a connection that nobody can find
 * @conn: the connection
 *
 * Context: any.
 */
void sfw_conn_free(struct sfw_conn *conn)
{
	if (is_v6(conn))
		kmem_cache_free(conn6_cache,
				container_of(conn, struct sfw_conn6, c));
	else
		kmem_cache_free(conn4_cache,
				container_of(conn, struct sfw_conn4, c));
}

static void conn_free_rcu(struct rcu_head *rcu)
{
	struct sfw_conn *conn = container_of(rcu, struct sfw_conn, gone.rcu);
	struct sfw_waiting *waiting = conn->gone.waiting;

	sfw_conn_free(conn);
	sfw_table_put_waiting(waiting);
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
	if (mine)
		sfw_hash_remove(&table->hash[is_v6(conn)], conn->hash, conn);
	spin_unlock_bh(&conn->lock);
	if (!mine)
		return false;

	atomic_dec(&table->count[is_v6(conn)]);
	trace_conn_destroy(container_of(table, struct sfw_net, table), conn,
			   end);
	sfw_event_conn(table, conn, end);
	refcount_inc(&table->waiting->n);
	conn->gone.waiting = table->waiting;
	call_rcu(&conn->gone.rcu, conn_free_rcu);
	return true;
}

/**
 * sfw_conn_expire() - remove a connection whose time is over
 * @table: its table
 * @conn: the connection
 *
 * Context: RCU read side, BH disabled.
 */
void sfw_conn_expire(struct sfw_table *table, struct sfw_conn *conn)
{
	if (sfw_conn_kill(table, conn, sfw_conn_closed(conn) ?
			  SFW_END_CLOSED : SFW_END_EXPIRED))
		stats_inc(&table->stats->expired, &table->stats->syncp);
}

/**
 * sfw_conn_find() - the connection of a packet
 * @table: table of the namespace
 * @pkt: a packet for which sfw_tuple_has() holds
 * @dir: set to 0 if the originator sent it, 1 if the responder
 *
 * sfw_table_find() for where speed does not matter.
 *
 * Return: the connection, or NULL.
 * Context: RCU read side, BH disabled.
 */
struct sfw_conn *sfw_conn_find(struct sfw_table *table,
			       const struct sfw_packet *pkt, int *dir)
{
	struct sfw_conn_place place;

	sfw_conn_locate(&place, pkt);
	return sfw_table_find(table, &place, dir);
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
	struct sfw_conn_place place;
	struct sfw_conn *conn;

	sfw_conn_locate(&place, pkt);
	conn = sfw_table_lookup(table, &place, dir);
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

static bool stays(const void *item)
{
	const struct sfw_conn *conn = item;

	return READ_ONCE(conn->replied) == SFW_CONN_STAYS;
}

/**
 * sfw_conn_set_replied() - how far a connection got
 * @table: its table
 * @conn: the connection
 * @replied: enum sfw_conn_replied
 *
 * Context: RCU read side, BH disabled.
 */
void sfw_conn_set_replied(struct sfw_table *table, struct sfw_conn *conn,
			  u8 replied)
{
	u8 was = READ_ONCE(conn->replied);

	WRITE_ONCE(conn->replied, replied);
	/* Whoever looks for a victim may have marked it meanwhile. */
	if (was == SFW_CONN_STAYS && replied != was)
		sfw_hash_mark(&table->hash[is_v6(conn)], conn->hash, conn,
			      stays);
}

/* Of a bucket, what has to go first: one that has expired, or a better victim
 * than @victim.
 */
static struct sfw_conn *bucket_victim(struct sfw_hash *h,
				      const struct sfw_hash_bucket *b, u64 word,
				      struct sfw_conn *victim,
				      const struct sfw_options *opt)
{
	u64 used = sfw_hash_used(word);

	while (used) {
		u32 i = sfw_hash_pop(&used);
		struct sfw_conn *conn;

		if (sfw_hash_marks(word) & 1U << i)
			continue;
		conn = rcu_dereference(b->slot[i]);
		if (!conn)
			continue;
		if (sfw_conn_expired(conn))
			return conn;
		if (stays(conn))
			sfw_hash_mark(h, conn->hash, conn, stays);
		else if (better_victim(conn, victim, opt))
			victim = conn;
	}
	return victim;
}

/* The connection near the place where hash points to that has to go first. */
static struct sfw_conn *find_victim(struct sfw_hash *h, u32 hash,
				    const struct sfw_options *opt)
{
	u32 n = smp_load_acquire(&h->n);	/* and then the directory */
	u32 i = sfw_hash_index(n, hash);
	struct sfw_conn *victim = NULL;
	u32 buckets, seen = 0;

	for (buckets = 0; buckets < EVICT_BUCKETS && buckets < n; buckets++) {
		const struct sfw_hash_bucket *b;

		for (b = sfw_hash_at(h, i); b; b = sfw_hash_next(b)) {
			u64 word = sfw_hash_word(b);

			victim = bucket_victim(h, b, word, victim, opt);
			if (victim && sfw_conn_expired(victim))
				return victim;
			seen += hweight64(sfw_hash_used(word));
		}
		if (seen >= EVICT_SAMPLE)
			break;
		/* A few are enough if nobody answered one of them. */
		if (seen >= EVICT_SAMPLE / 8 && victim &&
		    !READ_ONCE(victim->replied))
			break;
		i = i + 1 < n ? i + 1 : 0;
	}
	return victim;
}

/* Too many that are gone wait for their grace period? */
static bool many_waiting(const struct sfw_table *table,
			 const struct sfw_options *opt)
{
	return refcount_read(&table->waiting->n) >
	       max_t(u32, opt->max_connections / 2, WAITING_MIN);
}

/* Make room for one connection; false if all that were looked at stay. */
static bool evict(struct sfw_table *table, bool v6, u32 hash,
		  const struct sfw_options *opt)
{
	bool expired;
	int tries;

	if (many_waiting(table, opt))
		return false;
	for (tries = 0; tries < EVICT_TRIES; tries++) {
		struct sfw_conn *victim = NULL;

		/* The one to be made is counted in its own family. */
		if (atomic_read(&table->count[v6]) > 1)
			victim = find_victim(&table->hash[v6], hash, opt);
		if (!victim && atomic_read(&table->count[!v6]))
			victim = find_victim(&table->hash[!v6], hash, opt);
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

static struct sfw_conn *conn_new(const struct sfw_packet *pkt,
				 const struct sfw_conn_place *place)
{
	struct sfw_conn *conn;

	if (!place->v6) {
		struct sfw_conn4 *c4;

		c4 = kmem_cache_zalloc(conn4_cache, GFP_ATOMIC | __GFP_NOWARN);
		if (!c4)
			return NULL;
		c4->key = place->key4;
		conn = &c4->c;
	} else {
		struct sfw_conn6 *c6;

		c6 = kmem_cache_zalloc(conn6_cache, GFP_ATOMIC | __GFP_NOWARN);
		if (!c6)
			return NULL;
		c6->key = place->key6;
		conn = &c6->c;
		conn->flags |= SFW_CONN_F_V6;
	}
	conn->hash = place->hash;
	if (place->swapped)
		conn->flags |= SFW_CONN_F_SWAPPED;
	if (pkt->direction == SFW_DIRECTION_OUT)
		conn->flags |= SFW_CONN_F_OUT;
	spin_lock_init(&conn->lock);
	conn->ifindex = pkt->ifindex;
	return conn;
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
	struct sfw_conn_place place;

	sfw_conn_locate(&place, pkt);
	return conn_new(pkt, &place);
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
		if (sfw_generic_is_tunnel(pkt->protocol))
			sfw_generic_note(&conn->tunnel, 0, &pkt->tunnel);
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
 * @place: of the packet, from sfw_conn_locate()
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
			      const struct sfw_packet *pkt,
			      const struct sfw_conn_place *place, u64 origin,
			      u32 rule, const struct sfw_options *opt,
			      bool *raced)
{
	bool v6 = place->v6;
	struct sfw_conn *conn;
	void *old;
	u32 count, all;

	*raced = false;
	conn = conn_new(pkt, place);
	if (!conn)
		goto refused;
	conn->origin = origin;
	conn->rule = rule;
	conn_begin(conn, pkt, opt);

	/* Who counts himself first sees whoever else wants the last place. */
	count = atomic_inc_return(&table->count[v6]);
	all = count + (u32)atomic_read(&table->count[!v6]);
	sfw_fill_check(table, all, opt->max_connections);
	if (all > opt->max_connections && !evict(table, v6, conn->hash, opt)) {
		sfw_fill_warn(table, opt->max_connections, true);
		sfw_table_hurry(table);
		goto uncount;
	}

	switch (sfw_hash_insert(&table->hash[v6], conn->hash, &place->key4,
				conn, &old)) {
	case 0:
		stats_inc(&table->stats->created, &table->stats->syncp);
		sfw_table_grow(table, v6, count);
		trace_conn_new(container_of(table, struct sfw_net, table),
			       conn);
		sfw_event_conn(table, conn, -1);
		return conn;
	case -EEXIST:
		*raced = true;
		atomic_dec(&table->count[v6]);
		sfw_conn_free(conn);
		return old;
	}
uncount:
	atomic_dec(&table->count[v6]);
	sfw_conn_free(conn);
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
 * Return: 0; -EEXIST if there is one, -ENOSPC if there is no room, -ENOMEM.
 * Context: RCU read side, BH disabled.
 */
int sfw_conn_insert(struct sfw_table *table, struct sfw_conn *conn, u32 max)
{
	bool v6 = is_v6(conn);
	int err = -ENOSPC;
	void *old;
	u32 count;

	count = atomic_inc_return(&table->count[v6]);
	if (count + (u32)atomic_read(&table->count[!v6]) <= max)
		err = sfw_hash_insert(&table->hash[v6], conn->hash,
				      key_of(conn), conn, &old);
	if (err) {
		atomic_dec(&table->count[v6]);
		sfw_conn_free(conn);
		return err;
	}
	stats_inc(&table->stats->created, &table->stats->syncp);
	sfw_table_grow(table, v6, count);
	trace_conn_new(container_of(table, struct sfw_net, table), conn);
	sfw_event_conn(table, conn, -1);
	return 0;
}

/**
 * sfw_conn_init() - make the caches
 *
 * Return: 0 or -ENOMEM.
 * Context: module load.
 */
int __init sfw_conn_init(void)
{
	get_random_bytes(&sfw_conn_hash_key, sizeof(sfw_conn_hash_key));
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
