// SPDX-License-Identifier: GPL-2.0
/*
 * A hash table whose buckets are cache lines.
 *
 * A bucket holds up to six items with eight bits of their hashes beside them,
 * so a look-up reads one line of the table and, of the items, the one that it
 * looks for; a miss reads no item at all. What does not fit goes into smaller
 * buckets that hang behind it.
 *
 * The table grows and shrinks by a bucket at a time (linear hashing, Litwin
 * 1980). With n buckets, 2^k < n <= 2^(k+1), an item is in the bucket that the
 * lower k + 1 bits of its hash name, or the lower k bits if there is no such
 * bucket yet. Bucket n comes into being by taking from bucket n - 2^k what
 * belongs there, and the last bucket goes back the same way:
 *
 *	n = 6:  0 1 2 3 4 5	hash ..110 is in bucket 2
 *	n = 7:  0 1 2 3 4 5 6	bucket 2 was split, it is in bucket 6
 *
 * So there is neither a moment when all items move, nor one when they may be in
 * either of two tables. Buckets are allocated 512 at a time, which the page
 * allocator can do in one piece, and lie in the kernel's linear mapping with
 * its large pages.
 *
 * Synchronisation: readers are under RCU alone. Writers hold the lock of the
 * (first) bucket, bit 0 of @next; it is the innermost lock and held for some
 * hundred instructions. Whoever resizes holds a lock of the user's besides,
 * outside of it. An item that moves is put into its new place first; then the
 * new place is made known, by @n or, within a chain, by @seq; then the old one
 * is cleared. So a reader that found nothing, and finds both unchanged
 * afterwards, has not missed it. Items and buckets are freed after a grace
 * period; a bucket that hangs behind another has its rcu_head where slots have
 * never been.
 *
 * A walk goes in the order of the reversed hashes. What one bucket holds is an
 * interval in that order, whatever n is and becomes, so a walk that is
 * interrupted meets each item that stays exactly once, though the table be
 * resized.
 *
 * Pure: one implementation, also compiled into tests in user space.
 *
 * Tried and rejected: rhashtable, whose chains are made of the items
 * themselves: of those with half a bucket per item on average one in four
 * look-ups reads a line of another item first, and a miss reads all of a
 * chain; its table is vmalloc memory, with small pages; and a table of eight
 * megabytes is moved as a whole. conn.c has the figures.
 */
#include "hash.h"

static_assert(sizeof(void *) != 8 || sizeof(struct sfw_hash_bucket) == 64);

/* Slots of a bucket behind another, as sfw_hash_match() says it. */
#define MORE_SLOTS	0x000080808080ULL

/* Segments that the first directory has room for. */
#define DIR_MIN		16

/* The largest power of two that is not above @x. */
static u32 top_bit(u32 x)
{
	return 1U << (31 - __builtin_clz(x));
}

static u32 reversed(u32 x)
{
	x = (x & 0x55555555) << 1 | (x >> 1 & 0x55555555);
	x = (x & 0x33333333) << 2 | (x >> 2 & 0x33333333);
	x = (x & 0x0f0f0f0f) << 4 | (x >> 4 & 0x0f0f0f0f);
	return __builtin_bswap32(x);
}

/* How many lower bits of their hashes the items of bucket @i share. */
static u32 depth(u32 n, u32 i)
{
	u32 half = top_bit(n - 1);	/* 2^k */
	u32 k = __builtin_ctz(half);

	return (i & (half - 1)) + half < n ? k + 1 : k;
}

static struct sfw_hash_dir *dir_of(const struct sfw_hash *h)
{
	return rcu_dereference_protected(h->dir, true);
}

/* Keeps the lock if @b is the first one. */
static void set_next(struct sfw_hash_bucket *b, const struct sfw_hash_bucket *next)
{
	/* What is in it comes first. */
	smp_store_release(&b->next,
			  (unsigned long)next | (READ_ONCE(b->next) & 1));
}

static void *item_locked(const struct sfw_hash_bucket *b, u32 i)
{
	return rcu_dereference_protected(b->slot[i], true);
}

static void put(struct sfw_hash_bucket *b, u32 i, u8 tag, void *item, bool mark)
{
	rcu_assign_pointer(b->slot[i], item);
	if (mark)
		WRITE_ONCE(b->marks, b->marks | 1U << i);
	/* Whoever sees the tag, by sfw_hash_word(), sees the item. */
	smp_store_release(&b->tag[i], tag);
}

static void clear(struct sfw_hash_bucket *b, u32 i)
{
	WRITE_ONCE(b->tag[i], 0);
	WRITE_ONCE(b->marks, b->marks & ~(1U << i));
	RCU_INIT_POINTER(b->slot[i], NULL);
}

static u64 free_slots(const struct sfw_hash_bucket *head, const struct sfw_hash_bucket *b)
{
	return ~sfw_hash_used(sfw_hash_word(b)) & (b == head ? SFW_HASH_ALL : MORE_SLOTS);
}

static struct sfw_hash_bucket *lock_bucket(struct sfw_hash *h, u32 hash)
	__acquires(bitlock)
{
	for (;;) {
		struct sfw_hash_bucket *b = sfw_hash_home(h, hash);

		sfw_bit_lock(&b->next);
		/* Resizing locks what it takes from. */
		if (likely(b == sfw_hash_home(h, hash)))
			return b;
		sfw_bit_unlock(&b->next);
	}
}

static struct sfw_hash_bucket *new_more(void)
{
	return sfw_alloc_shared(sizeof(struct sfw_hash_bucket), true);
}

/* Buckets behind the first one that hold nothing. */
static void drop_empty(struct sfw_hash_bucket *head)
{
	struct sfw_hash_bucket *b, *prev = head;

	while ((b = sfw_hash_next(prev))) {
		if (sfw_hash_used(sfw_hash_word(b))) {
			prev = b;
			continue;
		}
		/* Who stands in it still finds the way on. */
		set_next(prev, sfw_hash_next(b));
		sfw_free_after_readers(b, rcu);
	}
}

/**
 * sfw_hash_insert() - add an item
 * @h: the table
 * @hash: its hash
 * @key: its key
 * @item: the item, which readers see from now on
 * @old: set to an item of that key, if there is one
 *
 * Return: 0, -EEXIST with @old, -ENOMEM.
 * Context: RCU read side, BH disabled.
 */
int sfw_hash_insert(struct sfw_hash *h, u32 hash, const void *key, void *item,
		    void **old)
{
	struct sfw_hash_bucket *head, *b, *last, *room, *spare = NULL;
	u8 tag = sfw_hash_tag(hash);
	u64 match, place;
	int err = 0;

again:
	head = lock_bucket(h, hash);
	room = NULL;
	place = 0;
	last = head;
	for (b = head; b; b = sfw_hash_next(b)) {
		match = sfw_hash_match(sfw_hash_word(b), tag);
		while (match) {
			void *other = item_locked(b, sfw_hash_pop(&match));

			if (other && h->ops->same(other, key)) {
				*old = other;
				err = -EEXIST;
				goto out;
			}
		}
		if (!room) {
			place = free_slots(head, b);
			if (place)
				room = b;
		}
		last = b;
	}
	if (room) {
		put(room, sfw_hash_pop(&place), tag, item, false);
		goto out;
	}
	if (spare) {
		put(spare, 0, tag, item, false);
		set_next(last, spare);
		spare = NULL;
		goto out;
	}
	sfw_bit_unlock(&head->next);
	spare = new_more();
	if (spare)
		goto again;
	return -ENOMEM;

out:
	sfw_bit_unlock(&head->next);
	if (unlikely(spare))
		sfw_free_shared(spare);
	return err;
}

/* Where an item is in a locked chain. */
static struct sfw_hash_bucket *find_item(struct sfw_hash_bucket *head, u8 tag,
					 const void *item, u32 *i)
{
	struct sfw_hash_bucket *b;

	for (b = head; b; b = sfw_hash_next(b)) {
		u64 match = sfw_hash_match(sfw_hash_word(b), tag);

		while (match) {
			*i = sfw_hash_pop(&match);
			if (item_locked(b, *i) == item)
				return b;
		}
	}
	return NULL;
}

/**
 * sfw_hash_remove() - take an item out
 * @h: the table
 * @hash: its hash
 * @item: the item; readers may look at it for a grace period
 *
 * Return: false if it is not there.
 * Context: RCU read side, BH disabled.
 */
bool sfw_hash_remove(struct sfw_hash *h, u32 hash, void *item)
{
	struct sfw_hash_bucket *head = lock_bucket(h, hash), *b;
	u32 i;

	b = find_item(head, sfw_hash_tag(hash), item, &i);
	if (b) {
		clear(b, i);
		if (b != head)
			drop_empty(head);
	}
	sfw_bit_unlock(&head->next);
	return b;
}

/**
 * sfw_hash_mark() - set or clear the mark of an item
 * @h: the table
 * @hash: its hash
 * @item: the item; nothing is done if it is not there
 * @fn: asked, while the bucket is locked, whether it is to be set
 *
 * Context: RCU read side, BH disabled.
 */
void sfw_hash_mark(struct sfw_hash *h, u32 hash, const void *item,
		   bool (*fn)(const void *item))
{
	struct sfw_hash_bucket *head = lock_bucket(h, hash), *b;
	u32 i;

	b = find_item(head, sfw_hash_tag(hash), item, &i);
	if (b) {
		u8 marks = b->marks & ~(1U << i);

		if (fn(item))
			marks |= 1U << i;
		WRITE_ONCE(b->marks, marks);
	}
	sfw_bit_unlock(&head->next);
}

/* While an item moves it is in two places. */
static bool is_in(void **items, u32 n, const void *item)
{
	u32 i;

	for (i = 0; i < n; i++)
		if (items[i] == item)
			return true;
	return false;
}

/* Items of a chain whose places in a walk are from @at to @last; how many, more
 * than @max if there is no room for all.
 */
static u32 gather_chain(const struct sfw_hash *h, const struct sfw_hash_bucket *b,
			u32 at, u32 last, void **items, u32 max)
{
	u32 got = 0;

	for (; b; b = sfw_hash_next(b)) {
		u64 match = sfw_hash_used(sfw_hash_word(b));

		while (match) {
			void *item = rcu_dereference(b->slot[sfw_hash_pop(&match)]);
			u32 place;

			if (!item)
				continue;
			/* Met before buckets were merged, or another's? */
			place = reversed(h->ops->hash(item));
			if (place < at || place > last || is_in(items, got, item))
				continue;
			if (got == max)
				return max + 1;
			items[got++] = item;
		}
	}
	return got;
}

/* One bucket's items, or those of its first part; false if it changed meanwhile. */
static bool gather_bucket(const struct sfw_hash *h, u32 *at, void **items,
			  u32 max, u32 *got)
{
	u32 n = smp_load_acquire(&h->n);	/* and then the directory */
	u32 index = sfw_hash_index(n, reversed(*at));
	const struct sfw_hash_bucket *head = sfw_hash_at(h, index);
	u8 seq = sfw_hash_seq(sfw_hash_word(head));
	u32 bits = depth(n, index), last = *at | (U32_MAX >> bits);

	/* A part of the interval will do, and it does not matter then who leaves
	 * the rest of it before the walk comes there. More than @max of one hash
	 * are not to be expected, who chose them would have to know the secret.
	 */
	while ((*got = gather_chain(h, head, *at, last, items, max)) > max) {
		if (last == *at) {
			*got = max;
			break;
		}
		last = *at + (last - *at) / 2;
	}
	smp_rmb();	/* pairs with say_moved() */
	n = READ_ONCE(h->n);
	if (index != sfw_hash_index(n, reversed(*at)) ||
	    bits != depth(n, index) || seq != READ_ONCE(head->seq))
		return false;
	*at = last + 1;
	return true;
}

/**
 * sfw_hash_gather() - items of the next bucket of a walk
 * @h: the table
 * @at: where the walk is, 0 in the beginning and 0 again at its end
 * @items: filled in
 * @max: room in @items; of a bucket with more it is a part
 *
 * Each item that is in the table from the beginning of a walk to its end is
 * met exactly once, whoever else comes and goes.
 *
 * Return: how many items.
 * Context: RCU read side, which is what the items need.
 */
u32 sfw_hash_gather(const struct sfw_hash *h, u32 *at, void **items, u32 max)
{
	u32 got;

	while (!gather_bucket(h, at, items, max, &got))
		;
	return got;
}

static struct sfw_hash_dir *new_dir(u32 size, bool atomic)
{
	struct sfw_hash_dir *dir;

	dir = sfw_alloc_shared(sizeof(*dir) + size * sizeof(dir->segment[0]),
			       atomic);
	if (dir)
		dir->size = size;
	return dir;
}

static struct sfw_hash_bucket *new_segment(bool atomic)
{
	return sfw_alloc_shared(SFW_HASH_SEGMENT * sizeof(struct sfw_hash_bucket),
				atomic);
}

/**
 * sfw_hash_reserve() - take the memory that the next split may need
 * @h: the table
 * @r: what was taken before and is not used yet, or zeroes
 *
 * Without memory @r stays as it is.
 *
 * Context: may sleep; the one that resizes by this.
 */
void sfw_hash_reserve(const struct sfw_hash *h, struct sfw_hash_reserve *r)
{
	u32 segments = READ_ONCE(h->segments), size;

	if (READ_ONCE(h->n) >> SFW_HASH_SEGMENT_BITS < segments)
		return;
	if (!r->segment)
		r->segment = new_segment(false);
	/* Only who resizes by atomic memory could make it larger meanwhile. */
	rcu_read_lock();
	size = rcu_dereference(h->dir)->size;
	rcu_read_unlock();
	if (segments >= size && !r->dir)
		r->dir = new_dir(2 * size, false);
}

/**
 * sfw_hash_unreserve() - give back what was not needed
 * @r: what sfw_hash_reserve() took
 *
 * Context: any.
 */
void sfw_hash_unreserve(struct sfw_hash_reserve *r)
{
	sfw_free_shared(r->segment);
	sfw_free_shared(r->dir);
}

/* Room for the address of one more segment. */
static bool have_dir(struct sfw_hash *h, struct sfw_hash_reserve *r)
{
	struct sfw_hash_dir *dir = dir_of(h), *larger = NULL;

	if (h->segments < dir->size)
		return true;
	if (r && r->dir && r->dir->size > dir->size) {
		larger = r->dir;
		r->dir = NULL;
	} else {
		larger = new_dir(2 * dir->size, true);
	}
	if (!larger)
		return false;
	memcpy(larger->segment, dir->segment,
	       h->segments * sizeof(dir->segment[0]));
	rcu_assign_pointer(h->dir, larger);
	sfw_free_after_readers(dir, rcu);
	return true;
}

/* Memory for bucket @i, which is the next one. */
static bool have_segment(struct sfw_hash *h, u32 i, struct sfw_hash_reserve *r)
{
	struct sfw_hash_bucket *segment;

	if (i >> SFW_HASH_SEGMENT_BITS < h->segments)
		return true;
	if (!have_dir(h, r))
		return false;
	if (r && r->segment) {
		segment = r->segment;
		r->segment = NULL;
	} else {
		segment = new_segment(true);
	}
	if (!segment)
		return false;
	/* Readers see it when @n says so. */
	dir_of(h)->segment[h->segments] = segment;
	WRITE_ONCE(h->segments, h->segments + 1);
	return true;
}

/* Memory for the items that go from one chain to another, taken beforehand. */
struct spares {
	struct sfw_hash_bucket *first;
	u32 n;
};

static bool have_spares(struct spares *spares, u32 n)
{
	while (spares->n < n) {
		struct sfw_hash_bucket *b = new_more();

		if (!b)
			return false;
		b->next = (unsigned long)spares->first;
		spares->first = b;
		spares->n++;
	}
	return true;
}

static struct sfw_hash_bucket *take_spare(struct spares *spares)
{
	struct sfw_hash_bucket *b = spares->first;

	spares->first = sfw_hash_next(b);
	spares->n--;
	b->next = 0;
	return b;
}

static void free_spares(struct spares *spares)
{
	while (spares->n)
		sfw_free_shared(take_spare(spares));
}

/* Copy an item to the chain of @to; there are enough spares. */
static void copy_item(struct sfw_hash_bucket *to, const struct sfw_hash_bucket *from,
		      u32 i, struct spares *spares)
{
	bool mark = from->marks & 1U << i;
	struct sfw_hash_bucket *b = to;
	u64 place;

	while (!(place = free_slots(to, b))) {
		if (!sfw_hash_next(b))
			set_next(b, take_spare(spares));
		b = sfw_hash_next(b);
	}
	put(b, sfw_hash_pop(&place), from->tag[i], item_locked(from, i), mark);
}

static bool moves(const struct sfw_hash *h, const void *item, u32 bit)
{
	return !bit || h->ops->hash(item) & bit;
}

/* What @visit_chain() does with the items of a chain that move. */
enum visit { COUNT, COPY, CLEAR };

/* Items of the chain of @from whose hashes have @bit, all if that is 0. */
static u32 visit_chain(struct sfw_hash *h, struct sfw_hash_bucket *from, u32 bit,
		       enum visit what, struct sfw_hash_bucket *to,
		       struct spares *spares)
{
	struct sfw_hash_bucket *b;
	u32 n = 0;

	for (b = from; b; b = sfw_hash_next(b)) {
		u64 match = sfw_hash_used(sfw_hash_word(b));

		while (match) {
			u32 i = sfw_hash_pop(&match);

			if (!moves(h, item_locked(b, i), bit))
				continue;
			n++;
			if (what == COPY)
				copy_item(to, b, i, spares);
			else if (what == CLEAR)
				clear(b, i);
		}
	}
	return n;
}

/* Spares that @n items need, of which the first bucket may take some. */
static u32 spares_for(u32 n)
{
	return (n + SFW_HASH_MORE_SLOTS - 1) / SFW_HASH_MORE_SLOTS;
}

/* Items of the chain have new places; now the old ones may be cleared. */
static void say_moved(struct sfw_hash_bucket *head)
{
	smp_wmb();	/* the new places before */
	WRITE_ONCE(head->seq, head->seq + 1);
	smp_wmb();	/* and the clearing behind; pairs with sfw_hash_find() */
}

/* Fill the first bucket of a chain from those behind it. */
static void pull_up(struct sfw_hash_bucket *head)
{
	struct sfw_hash_bucket *b;

	for (b = sfw_hash_next(head); b; b = sfw_hash_next(b)) {
		u64 match = sfw_hash_used(sfw_hash_word(b));

		while (match && free_slots(head, head)) {
			u32 i = sfw_hash_pop(&match);

			copy_item(head, b, i, NULL);
			say_moved(head);
			clear(b, i);
		}
	}
	drop_empty(head);
}

/**
 * sfw_hash_split() - grow by one bucket
 * @h: the table
 * @r: what sfw_hash_reserve() took, or NULL
 *
 * Return: false without memory, or if it is as large as can be.
 * Context: RCU read side, BH disabled; the user's lock for resizing.
 */
bool sfw_hash_split(struct sfw_hash *h, struct sfw_hash_reserve *r)
{
	u32 n = h->n, bit = top_bit(n);
	struct spares spares = {};
	struct sfw_hash_bucket *from, *to;
	u32 need;

	if (n >= SFW_HASH_MAX || !have_segment(h, n, r))
		return false;
	from = sfw_hash_at(h, n & ~bit);
	to = sfw_hash_at(h, n);
	for (;;) {
		sfw_bit_lock(&from->next);
		need = spares_for(visit_chain(h, from, bit, COUNT, NULL, NULL));
		if (!sfw_hash_next(from))
			need = 0;	/* all fit into the first one */
		if (spares.n >= need)
			break;
		sfw_bit_unlock(&from->next);
		if (!have_spares(&spares, need)) {
			free_spares(&spares);
			return false;
		}
	}
	/* Who finds an item in its new place must not free it before it is gone
	 * from the old one; and a writer from before a merge may be at this
	 * lock. The lower bucket is locked first, as in sfw_hash_merge().
	 */
	sfw_bit_lock(&to->next);
	visit_chain(h, from, bit, COPY, to, &spares);
	/* Pairs with sfw_hash_home(): the bucket and what was copied to it. */
	smp_store_release(&h->n, n + 1);
	say_moved(from);
	visit_chain(h, from, bit, CLEAR, NULL, NULL);
	sfw_bit_unlock(&to->next);
	if (sfw_hash_next(from))
		pull_up(from);
	sfw_bit_unlock(&from->next);
	free_spares(&spares);
	return true;
}

/**
 * sfw_hash_merge() - shrink by one bucket
 * @h: the table
 *
 * Return: false without memory, or if it is as small as can be.
 * Context: RCU read side, BH disabled; the user's lock for resizing.
 */
bool sfw_hash_merge(struct sfw_hash *h)
{
	u32 n = h->n, bit = top_bit(n - 1), need;
	struct spares spares = {};
	struct sfw_hash_bucket *from, *to;

	if (n <= SFW_HASH_MIN)
		return false;
	from = sfw_hash_at(h, n - 1);
	to = sfw_hash_at(h, (n - 1) & ~bit);
	for (;;) {
		sfw_bit_lock(&to->next);
		sfw_bit_lock(&from->next);
		need = spares_for(visit_chain(h, from, 0, COUNT, NULL, NULL));
		if (spares.n >= need)
			break;
		sfw_bit_unlock(&from->next);
		sfw_bit_unlock(&to->next);
		if (!have_spares(&spares, need)) {
			free_spares(&spares);
			return false;
		}
	}
	visit_chain(h, from, 0, COPY, to, &spares);
	/* Pairs with sfw_hash_home(): what was copied. */
	smp_store_release(&h->n, n - 1);
	say_moved(from);
	visit_chain(h, from, 0, CLEAR, NULL, NULL);
	drop_empty(from);
	sfw_bit_unlock(&from->next);
	sfw_bit_unlock(&to->next);
	free_spares(&spares);
	return true;
}

/* One more than is needed stays, so that a table that goes up and down by a
 * bucket does not pay for a segment each time.
 */
static u32 segments_for(u32 n)
{
	return ((n - 1) >> SFW_HASH_SEGMENT_BITS) + 2;
}

/**
 * sfw_hash_spare() - how many segments of buckets are too many
 * @h: the table
 *
 * Return: what sfw_hash_trim() would take out now.
 * Context: any; without the lock for resizing it may be old.
 */
u32 sfw_hash_spare(const struct sfw_hash *h)
{
	u32 want = segments_for(READ_ONCE(h->n)), have = READ_ONCE(h->segments);

	return have > want ? have - want : 0;
}

/**
 * sfw_hash_trim() - take segments out that are too many
 * @h: the table, which was not merged since the last grace period
 * @segments: filled with what the caller frees with sfw_free_shared()
 * @max: room in there
 *
 * Return: how many.
 * Context: the user's lock for resizing.
 */
u32 sfw_hash_trim(struct sfw_hash *h, void **segments, u32 max)
{
	struct sfw_hash_dir *dir = dir_of(h);
	u32 n = 0;

	while (n < max && sfw_hash_spare(h)) {
		WRITE_ONCE(h->segments, h->segments - 1);
		segments[n++] = dir->segment[h->segments];
		dir->segment[h->segments] = NULL;
	}
	return n;
}

/**
 * sfw_hash_init() - make an empty table
 * @h: the table
 * @ops: what it has to know of its items
 *
 * Return: false without memory.
 * Context: may sleep.
 */
bool sfw_hash_init(struct sfw_hash *h, const struct sfw_hash_ops *ops)
{
	struct sfw_hash_dir *dir = new_dir(DIR_MIN, false);

	if (!dir)
		return false;
	dir->segment[0] = new_segment(false);
	if (!dir->segment[0]) {
		sfw_free_shared(dir);
		return false;
	}
	h->ops = ops;
	h->n = SFW_HASH_MIN;
	h->segments = 1;
	RCU_INIT_POINTER(h->dir, dir);
	return true;
}

/**
 * sfw_hash_destroy() - free a table
 * @h: the table; nobody else can reach it
 * @fn: called with each item in it
 *
 * Context: may sleep.
 */
void sfw_hash_destroy(struct sfw_hash *h, void (*fn)(void *item))
{
	struct sfw_hash_dir *dir = dir_of(h);
	u32 i, s;

	for (i = 0; i < h->n; i++) {
		struct sfw_hash_bucket *head = &dir->segment[i >> SFW_HASH_SEGMENT_BITS]
						       [i & (SFW_HASH_SEGMENT - 1)];
		struct sfw_hash_bucket *b, *next;

		for (b = head; b; b = next) {
			u64 match = sfw_hash_used(sfw_hash_word(b));

			next = sfw_hash_next(b);
			while (match)
				fn(item_locked(b, sfw_hash_pop(&match)));
			if (b != head)
				sfw_free_shared(b);
		}
	}
	for (s = 0; s < h->segments; s++)
		sfw_free_shared(dir->segment[s]);
	sfw_free_shared(dir);
	RCU_INIT_POINTER(h->dir, NULL);
}
