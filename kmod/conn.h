/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Connections.
 */
#ifndef _SFW_CONN_H
#define _SFW_CONN_H

#include <linux/refcount.h>
#include <linux/spinlock.h>

#include "fill.h"
#include "generic.h"
#include "hash.h"
#include "sctp.h"
#include "tcp.h"
#include "tuple.h"

struct sfw_conn_view;
struct sfw_options;
struct sfw_saved;
struct sfw_track;
struct sfw_waiting;

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
 * @expires: jiffies at which it is gone, lower 32 bits; READ_ONCE/WRITE_ONCE
 * @lock: guards @tcp, @sctp, @tunnel, @count and @dead
 * @origin: generation of the rule set that judged it last and the index of
 *	the rule there, see sfw_conn_origin(); READ_ONCE/WRITE_ONCE
 * @count: packets, and bytes from the IP header on, of the originator [0] and
 *	the responder [1]; changed under @lock, read without it
 * @tcp: state of TCP; under @lock and only while not @dead
 * @sctp: likewise of SCTP
 * @tunnel: of GRE, ESP and AH; under @lock, and still there when it is @dead
 * @gone: takes the place of @tcp and @sctp once the connection is @dead
 * @hash: of its key, constant
 * @ifindex: interface of the first packet, constant
 * @rule: number of the rule that made it, 0 for the default
 * @state: enum sfw_state; READ_ONCE/WRITE_ONCE
 * @flags: SFW_CONN_F_*, constant
 * @first: TCP flags or ICMP type of the first packet, constant
 * @replied: enum sfw_conn_replied; READ_ONCE/WRITE_ONCE
 * @dead: removed from the table; set under @lock
 * @hooks: where segments of each side came by that proved to be its own, bit
 *	2 * side + enum sfw_direction; under @lock
 * @back: interface by which the first of these of the responder came in, 0 if
 *	none did; under @lock
 * @looped: its first packet passed the in list too, see judge_looped()
 * @stale: of TCP that was restored, see sfw_tcp_late(); under @lock
 *
 * The order is that of use: with an IPv4 key in front, all that a datagram of
 * the originator touches is in the first cache line.
 */
struct sfw_conn {
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
	u32 hash;
	u32 ifindex;
	struct sfw_conn_counts {
		u64 packets;
		u64 bytes;
	} count[2];
	union {
		struct sfw_tcp tcp;
		struct sfw_sctp sctp;
		struct {
			struct sfw_conn_gone {
				struct rcu_head rcu;
				struct sfw_waiting *waiting;
			} gone;
			struct sfw_tunnel tunnel;
		};
	};
	u32 rule;
	u32 back;
};

struct sfw_conn4 {
	struct sfw_key4 key;
	struct sfw_conn c;
};

struct sfw_conn6 {
	struct sfw_key6 key;
	struct sfw_conn c;
};

struct sfw_table;

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

extern const struct sfw_hash_ops sfw_conn_hash_ops[2];
extern struct sfw_hash_key sfw_conn_hash_key;	/* constant, secret */

/**
 * struct sfw_conn_place - where the connection of a packet is, or would be
 * @key4: its key, if it is of IPv4
 * @key6: else
 * @hash: of the key
 * @v6: of IPv6
 * @swapped: the sender is the key's second endpoint
 */
struct sfw_conn_place {
	union {
		struct sfw_key4 key4;
		struct sfw_key6 key6;
	};
	u32 hash;
	bool v6;
	bool swapped;
};

static inline const struct sfw_conn4 *sfw_conn4_of(const struct sfw_conn *conn)
{
	return container_of(conn, const struct sfw_conn4, c);
}

static inline const struct sfw_conn6 *sfw_conn6_of(const struct sfw_conn *conn)
{
	return container_of(conn, const struct sfw_conn6, c);
}

static inline bool sfw_conn_same4(const void *item, const void *key)
{
	const struct sfw_key4 *a = &sfw_conn4_of(item)->key, *b = key;

	return !((a->end[0] ^ b->end[0]) | (a->end[1] ^ b->end[1]));
}

static inline bool sfw_conn_same6(const void *item, const void *key)
{
	const struct sfw_key6 *a = &sfw_conn6_of(item)->key, *b = key;

	return !((a->addr[0].lo ^ b->addr[0].lo) |
		 (a->addr[1].lo ^ b->addr[1].lo) |
		 (a->addr[0].hi ^ b->addr[0].hi) |
		 (a->addr[1].hi ^ b->addr[1].hi) | (a->rest ^ b->rest));
}

/* From the key to the hash. */
static __always_inline void sfw_conn_hash(struct sfw_conn_place *place)
{
	const struct sfw_hash_key *secret = &sfw_conn_hash_key;
	const struct sfw_key6 *key = &place->key6;

	if (place->v6) {
		const u64 word[] = {
			key->addr[0].hi, key->addr[0].lo,
			key->addr[1].hi, key->addr[1].lo, key->rest,
		};

		place->hash = sfw_hash_words(secret, word, ARRAY_SIZE(word));
	} else {
		place->hash = sfw_hash_words(secret, place->key4.end, 2);
	}
}

/**
 * sfw_conn_locate() - where the connection of a packet is
 * @place: filled in
 * @pkt: a packet for which sfw_tuple_has() holds
 *
 * Context: any.
 */
static inline void sfw_conn_locate(struct sfw_conn_place *place,
				   const struct sfw_packet *pkt)
{
	place->v6 = pkt->family != AF_INET;
	place->swapped = place->v6 ? sfw_tuple_key6(&place->key6, pkt) :
				     sfw_tuple_key4(&place->key4, pkt);
	sfw_conn_hash(place);
}

struct sfw_conn *sfw_conn_find(struct sfw_table *table,
			       const struct sfw_packet *pkt, int *dir);
struct sfw_conn *sfw_conn_peek(struct sfw_table *table,
			       const struct sfw_packet *pkt, int *dir);
struct sfw_conn *sfw_conn_add(struct sfw_table *table,
			      const struct sfw_packet *pkt,
			      const struct sfw_conn_place *place, u64 origin,
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

void sfw_conn_expire(struct sfw_table *table, struct sfw_conn *conn);
void sfw_conn_free(struct sfw_conn *conn);
void sfw_conn_set_replied(struct sfw_table *table, struct sfw_conn *conn,
			  u8 replied);

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
