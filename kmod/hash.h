/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A hash table whose buckets are cache lines; see hash.c. Pure.
 */
#ifndef _SFW_HASH_H
#define _SFW_HASH_H

#include "shared.h"

/* Items in a bucket, and in each of those that hang behind one. */
#define SFW_HASH_SLOTS		6
#define SFW_HASH_MORE_SLOTS	4

/* Buckets that are allocated together: 32 KB. */
#define SFW_HASH_SEGMENT_BITS	9
#define SFW_HASH_SEGMENT	((u32)BIT(SFW_HASH_SEGMENT_BITS))

#define SFW_HASH_MIN		64
#define SFW_HASH_MAX		((u32)BIT(26))

/**
 * struct sfw_hash_bucket - items whose hashes end alike
 * @next: bucket with more of them, bit 0: locked. Written under the lock
 * @word: tags, marks and @seq, to be read at once
 * @half: of it, on 32 bit; @seq first
 * @tag: of each item, 0 if there is none; under the lock
 * @marks: a bit per item that means something to the user; under the lock
 * @seq: counts items that were moved within the chain; under the lock
 * @slot: the items; written under the lock, read under RCU
 * @few: those of a bucket behind another
 * @rcu: frees that one
 */
struct sfw_hash_bucket {
	unsigned long next;
	union {
		__le64 word;
		__le32 half[2];
		struct {
			u8 tag[SFW_HASH_SLOTS];
			u8 marks;
			u8 seq;
		};
	};
	union {
		void __rcu *slot[SFW_HASH_SLOTS];
		struct {
			void __rcu *few[SFW_HASH_MORE_SLOTS];
			struct rcu_head rcu;
		};
	};
} __aligned(64);

struct sfw_hash_dir {
	struct rcu_head rcu;
	u32 size;
	struct sfw_hash_bucket *segment[];
};

/**
 * struct sfw_hash_ops - what a table knows of its items
 * @hash: hash of an item, as it was inserted
 * @same: does an item have this key
 */
struct sfw_hash_ops {
	u32 (*hash)(const void *item);
	bool (*same)(const void *item, const void *key);
};

/**
 * struct sfw_hash - a hash table
 * @dir: where the buckets are; written under the user's lock for resizing
 * @n: buckets in use; likewise
 * @segments: segments there are; under that lock
 * @ops: constant
 */
struct sfw_hash {
	struct sfw_hash_dir __rcu *dir;
	u32 n;
	u32 segments;
	const struct sfw_hash_ops *ops;
};

/* Memory that a table may need to grow, taken where that may sleep. */
struct sfw_hash_reserve {
	struct sfw_hash_bucket *segment;
	struct sfw_hash_dir *dir;
};

/* A keyed hash: SipHash-1-3 (Aumasson and Bernstein 2012), all of its state. */
struct sfw_hash_key {
	u64 k[2];
};

struct sfw_hash_state {
	u64 v[4];
};

static __always_inline u64 sfw_hash_rol(u64 x, unsigned int by)
{
	return x << by | x >> (64 - by);
}

static __always_inline void sfw_hash_round(struct sfw_hash_state *s)
{
	s->v[0] += s->v[1];
	s->v[2] += s->v[3];
	s->v[1] = sfw_hash_rol(s->v[1], 13) ^ s->v[0];
	s->v[3] = sfw_hash_rol(s->v[3], 16) ^ s->v[2];
	s->v[0] = sfw_hash_rol(s->v[0], 32);
	s->v[2] += s->v[1];
	s->v[0] += s->v[3];
	s->v[1] = sfw_hash_rol(s->v[1], 17) ^ s->v[2];
	s->v[3] = sfw_hash_rol(s->v[3], 21) ^ s->v[0];
	s->v[2] = sfw_hash_rol(s->v[2], 32);
}

/**
 * sfw_hash_words() - hash of some words
 * @key: the secret
 * @word: the words
 * @n: how many; a constant
 *
 * Return: the lower half of SipHash-1-3 of the words in little endian.
 * Context: any.
 */
static __always_inline u32 sfw_hash_words(const struct sfw_hash_key *key,
					  const u64 *word, u32 n)
{
	struct sfw_hash_state s = { {
		key->k[0] ^ 0x736f6d6570736575ULL,
		key->k[1] ^ 0x646f72616e646f6dULL,
		key->k[0] ^ 0x6c7967656e657261ULL,
		key->k[1] ^ 0x7465646279746573ULL,
	} };
	u64 last = (u64)n << 59;	/* bytes, in the uppermost one */
	u32 i;

	/* Rounds depend on one another; counting them costs more than code. */
#pragma GCC unroll 5
	for (i = 0; i < n; i++) {
		s.v[3] ^= word[i];
		sfw_hash_round(&s);
		s.v[0] ^= word[i];
	}
	s.v[3] ^= last;
	sfw_hash_round(&s);
	s.v[0] ^= last;
	s.v[2] ^= 0xff;
	sfw_hash_round(&s);
	sfw_hash_round(&s);
	sfw_hash_round(&s);
	return s.v[0] ^ s.v[1] ^ s.v[2] ^ s.v[3];
}

/* Number of a hash's bucket among @n. */
static __always_inline u32 sfw_hash_index(u32 n, u32 hash)
{
	u32 mask = U32_MAX >> __builtin_clz(n - 1);
	u32 i = hash & mask;

	return i < n ? i : i & (mask >> 1);
}

/* Upper bits choose the tag, lower ones the bucket. Not 0, which is none, and not
 * 1: sfw_hash_match() may take the byte beside it, an empty one, for it, and with
 * that the rcu_head of a bucket for items.
 */
static __always_inline u8 sfw_hash_tag(u32 hash)
{
	u8 tag = hash >> 24;

	return tag > 1 ? tag : tag + 2;
}

/* @i is below an n that was read before. */
static __always_inline struct sfw_hash_bucket *
sfw_hash_at(const struct sfw_hash *h, u32 i)
{
	const struct sfw_hash_dir *dir = rcu_dereference(h->dir);

	return &dir->segment[i >> SFW_HASH_SEGMENT_BITS]
			    [i & (SFW_HASH_SEGMENT - 1)];
}

static __always_inline struct sfw_hash_bucket *
sfw_hash_home(const struct sfw_hash *h, u32 hash)
{
	u32 n = smp_load_acquire(&h->n);	/* and then @dir */

	return sfw_hash_at(h, sfw_hash_index(n, hash));
}

static __always_inline struct sfw_hash_bucket *
sfw_hash_next(const struct sfw_hash_bucket *b)
{
	return (struct sfw_hash_bucket *)(READ_ONCE(b->next) & ~1UL);
}

/* Before the items. */
static __always_inline u64 sfw_hash_word(const struct sfw_hash_bucket *b)
{
	u32 upper;

	/* Pairs with the storing of tags. */
	if (sizeof(b->word) == sizeof(long))
		return le64_to_cpu(smp_load_acquire(&b->word));	/* likewise */
	upper = le32_to_cpu(smp_load_acquire(&b->half[1]));	/* likewise */
	return (u64)upper << 32 |
	       le32_to_cpu(smp_load_acquire(&b->half[0]));	/* likewise */
}

static __always_inline u8 sfw_hash_seq(u64 word)
{
	return word >> 56;
}

static __always_inline u8 sfw_hash_marks(u64 word)
{
	return word >> 48;
}

/* Bit 7 of each byte that holds @tag: all of those, and rarely one that does
 * not, above one that does.
 */
static __always_inline u64 sfw_hash_match(u64 word, u8 tag)
{
	const u64 ones = 0x010101010101ULL;
	u64 x = word ^ (ones * tag);

	return (x - ones) & ~x & (ones << 7);
}

/* Likewise of each slot. */
#define SFW_HASH_ALL		0x808080808080ULL

/* Slots in use, none else. */
static __always_inline u64 sfw_hash_used(u64 word)
{
	const u64 low = SFW_HASH_ALL - (SFW_HASH_ALL >> 7);

	return (((word & low) + low) | word) & SFW_HASH_ALL;
}

/* Takes the lowest out of what sfw_hash_match() found: its slot. */
static __always_inline u32 sfw_hash_pop(u64 *match)
{
	u32 i = __builtin_ctzll(*match) >> 3;

	*match &= *match - 1;
	return i;
}

/**
 * sfw_hash_find() - look an item up
 * @h: the table
 * @hash: of the key
 * @key: the key
 * @same: as in struct sfw_hash_ops, a constant
 *
 * Return: the item, or NULL if there is none at some time during this call.
 * Context: RCU read side.
 */
static __always_inline void *
sfw_hash_find(const struct sfw_hash *h, u32 hash, const void *key,
	      bool (*same)(const void *item, const void *key))
{
	const struct sfw_hash_bucket *head, *b;
	u8 seq, tag = sfw_hash_tag(hash);
	u64 word, match;
	void *item;

	for (;;) {
		head = sfw_hash_home(h, hash);
		word = sfw_hash_word(head);
		seq = sfw_hash_seq(word);
		b = head;
		for (;;) {
			match = sfw_hash_match(word, tag);
			while (match) {
				u32 i = sfw_hash_pop(&match);

				item = rcu_dereference(b->slot[i]);
				if (likely(item && same(item, key)))
					return item;
			}
			b = sfw_hash_next(b);
			if (likely(!b))
				break;
			word = sfw_hash_word(b);
		}
		/* It may have moved before our eyes. */
		smp_rmb();	/* pairs with say_moved() */
		if (likely(head == sfw_hash_home(h, hash) &&
			   seq == READ_ONCE(head->seq)))
			return NULL;
	}
}

bool sfw_hash_init(struct sfw_hash *h, const struct sfw_hash_ops *ops);
void sfw_hash_destroy(struct sfw_hash *h, void (*fn)(void *item));
int sfw_hash_insert(struct sfw_hash *h, u32 hash, const void *key, void *item,
		    void **old);
bool sfw_hash_remove(struct sfw_hash *h, u32 hash, void *item);
void sfw_hash_mark(struct sfw_hash *h, u32 hash, const void *item,
		   bool (*fn)(const void *item));
u32 sfw_hash_gather(const struct sfw_hash *h, u32 *at, void **items, u32 max);
void sfw_hash_reserve(const struct sfw_hash *h, struct sfw_hash_reserve *r);
void sfw_hash_unreserve(struct sfw_hash_reserve *r);
bool sfw_hash_split(struct sfw_hash *h, struct sfw_hash_reserve *r);
bool sfw_hash_merge(struct sfw_hash *h);
u32 sfw_hash_spare(const struct sfw_hash *h);
u32 sfw_hash_trim(struct sfw_hash *h, void **segments, u32 max);

#endif /* _SFW_HASH_H */
