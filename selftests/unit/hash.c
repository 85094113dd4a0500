// SPDX-License-Identifier: GPL-2.0
/*
 * The hash table of connections: what is in it is found, walks meet each item
 * once while it grows and shrinks, nobody can make chains long without the
 * key, and threads that read, write and resize at the same time agree.
 */
#include <pthread.h>
#include <sched.h>

#include <hash.h>
#include <tuple.h>
#include "tap.h"

#define N	20000
#define FILL	7	/* items per two buckets, as table.h has it */

struct item {
	struct sfw_key4 key;
	u32 hash;
	bool in;		/* the model: is it in the table? */
	u32 met;		/* by a walk */
};

static struct sfw_hash_key secret;
static pthread_mutex_t keep_lock = PTHREAD_MUTEX_INITIALIZER;
static struct rcu_head *kept;

void sfw_shared_keep(struct rcu_head *head, void *what)
{
	pthread_mutex_lock(&keep_lock);
	head->next = kept;
	head->what = what;
	kept = head;
	pthread_mutex_unlock(&keep_lock);
}

static u32 hash_of(const void *item)
{
	return ((const struct item *)item)->hash;
}

static bool same(const void *item, const void *key)
{
	return !memcmp(&((const struct item *)item)->key, key,
		       sizeof(struct sfw_key4));
}

static const struct sfw_hash_ops ops = { .hash = hash_of, .same = same };

static void nothing(void *item)
{
	(void)item;
}

static u32 hash_with(const struct sfw_hash_key *key,
		     const struct sfw_key4 *what)
{
	return sfw_hash_words(key, what->end, 2);
}

static void set_key(struct item *item, u64 a, u64 b)
{
	item->key.end[0] = a;
	item->key.end[1] = b;
	item->hash = hash_with(&secret, &item->key);
}

static void new_secret(void)
{
	secret.k[0] = rnd();
	secret.k[1] = rnd();
}

/* --- the hash ------------------------------------------------------------- */

static void test_vectors(void)
{
	/* "hsiphash" of the kernel: key and message are 00 01 02 ... */
	const struct sfw_hash_key key = { {
		0x0706050403020100ULL, 0x0f0e0d0c0b0a0908ULL } };
	u64 word[5];
	int i;

	for (i = 0; i < 5; i++)
		word[i] = key.k[0] + i * 0x0808080808080808ULL;
	ok(sfw_hash_words(&key, word, 1) == 0x8d299a8e &&
	   sfw_hash_words(&key, word, 2) == 0x7d908b66 &&
	   sfw_hash_words(&key, word, 5) == 0x99e41531,
	   "the hash is SipHash-1-3 of 8, 16 and 40 bytes");
}

static void test_match(void)
{
	bool good = true;
	int n, i;

	for (n = 0; n < 1000000 && good; n++) {
		u8 byte[8], tag = rnd_below(4);
		u64 word = 0, match, used;

		for (i = 0; i < 8; i++) {
			byte[i] = rnd_once_in(2) ? rnd_below(4) : rnd();
			word |= (u64)byte[i] << (8 * i);
		}
		used = sfw_hash_used(word);
		match = sfw_hash_match(word, tag);
		for (i = 0; i < SFW_HASH_SLOTS; i++) {
			good &= !!(used & 0x80ULL << (8 * i)) == !!byte[i];
			/* none is missing, and the first one is right */
			good &= byte[i] != tag || match & 0x80ULL << (8 * i);
		}
		good &= !((used | match) >> 48);
		if (match)
			good &= byte[sfw_hash_pop(&match)] == tag;
	}
	ok(good, "tags are found, and slots in use");
}

/* --- the table ------------------------------------------------------------ */

static bool split(struct sfw_hash *h)
{
	struct sfw_hash_reserve r = {};
	bool good;

	if (rnd_once_in(2))
		return sfw_hash_split(h, NULL);
	sfw_hash_reserve(h, &r);
	good = sfw_hash_split(h, &r);
	sfw_hash_unreserve(&r);
	return good;
}

static void resize(struct sfw_hash *h)
{
	void *segment[2];
	u32 n = rnd_below(64), i;

	if (rnd_once_in(2)) {
		while (n--)
			split(h);
	} else {
		while (n--)
			sfw_hash_merge(h);
		n = sfw_hash_trim(h, segment, ARRAY_SIZE(segment));
		for (i = 0; i < n; i++)
			free(segment[i]);
	}
}

static bool is_right(const struct sfw_hash *h, struct item *item, u32 n)
{
	u32 i;

	for (i = 0; i < n; i++)
		if (sfw_hash_find(h, item[i].hash, &item[i].key, same) !=
		    (item[i].in ? &item[i] : NULL))
			return false;
	return true;
}

/* Put in or take out; false if the table says something wrong. */
static bool toggle(struct sfw_hash *h, struct item *item)
{
	struct item copy = *item;
	void *old = NULL;

	if (item->in) {
		/* a second one of that key stays outside */
		if (sfw_hash_insert(h, copy.hash, &copy.key, &copy, &old) !=
		    -EEXIST || old != item)
			return false;
		item->in = false;
		return sfw_hash_remove(h, item->hash, item) &&
		       !sfw_hash_remove(h, item->hash, item);
	}
	item->in = true;
	return !sfw_hash_insert(h, item->hash, &item->key, item, &old);
}

static bool marked(const void *item)
{
	return ((const struct item *)item)->met == 42;
}

/* Is the mark of this item set? */
static bool has_mark(const struct sfw_hash *h, const struct item *item)
{
	const struct sfw_hash_bucket *b = sfw_hash_home(h, item->hash);

	for (; b; b = sfw_hash_next(b)) {
		u64 word = sfw_hash_word(b), used = sfw_hash_used(word);

		while (used) {
			u32 i = sfw_hash_pop(&used);

			if (b->slot[i] == item)
				return sfw_hash_marks(word) & 1U << i;
		}
	}
	return false;
}

static void test_model(struct item *item)
{
	bool good = true, marks = true, filled = true;
	struct sfw_hash h;
	u32 i, n;

	sfw_hash_init(&h, &ops);
	for (i = 0; i < N; i++) {
		item[i] = (struct item){};
		set_key(&item[i], i, rnd_below(3));
		item[i].met = rnd_once_in(2) ? 42 : 0;
	}
	for (n = 0; n < 200 && good; n++) {
		for (i = 0; i < 200; i++) {
			struct item *one = &item[rnd_below(N)];

			good &= toggle(&h, one);
			if (one->in)
				sfw_hash_mark(&h, one->hash, one, marked);
		}
		resize(&h);
		if (n % 20 == 0)
			good &= is_right(&h, item, N);
	}
	good &= is_right(&h, item, N);
	for (i = 0; i < N; i++)
		marks &= has_mark(&h, &item[i]) == (item[i].in && marked(&item[i]));
	ok(good, "items are found until they are taken out, however it is resized");
	ok(marks, "their marks go with them");

	/* From full to empty: everything that hung behind buckets has gone. */
	while (sfw_hash_merge(&h))
		;
	good = is_right(&h, item, N);
	for (i = 0; i < N; i++)
		if (item[i].in)
			good &= toggle(&h, &item[i]);
	for (i = 0; i < h.n; i++)
		filled &= !sfw_hash_next(sfw_hash_at(&h, i)) &&
			  !sfw_hash_used(sfw_hash_word(sfw_hash_at(&h, i)));
	ok(good && h.n == SFW_HASH_MIN, "it shrinks to its least size");
	ok(filled, "and an empty one holds no memory beside that");
	sfw_hash_destroy(&h, nothing);
}

static void test_walk(struct item *item)
{
	u32 i, n, at, walks, most = 0, least = U32_MAX;
	struct sfw_hash h;

	for (walks = 0; walks < 30; walks++) {
		sfw_hash_init(&h, &ops);
		for (i = 0; i < N / 4; i++) {
			void *old;

			item[i] = (struct item){};
			set_key(&item[i], rnd(), rnd());
			sfw_hash_insert(&h, item[i].hash, &item[i].key,
					&item[i], &old);
		}
		for (i = rnd_below(3000); i; i--)
			split(&h);
		at = 0;
		do {
			void *items[7];

			n = sfw_hash_gather(&h, &at, items, ARRAY_SIZE(items));
			for (i = 0; i < n; i++)
				((struct item *)items[i])->met++;
			if (rnd_once_in(3))
				resize(&h);
		} while (at);
		for (i = 0; i < N / 4; i++) {
			if (item[i].met > most)
				most = item[i].met;
			if (item[i].met < least)
				least = item[i].met;
		}
		sfw_hash_destroy(&h, nothing);
	}
	ok(least == 1 && most == 1,
	   "a walk meets each item once while buckets are split and merged (%u..%u)",
	   least, most);
}

/* As sfwctl conns flush does it, in a table that could not grow: chains are
 * far longer than what is gathered at once.
 */
static void test_cull(struct item *item)
{
	u32 i, n, at = 0, left = N;
	struct sfw_hash h;

	sfw_hash_init(&h, &ops);
	for (i = 0; i < N; i++) {
		void *old;

		item[i] = (struct item){};
		set_key(&item[i], rnd(), rnd());
		sfw_hash_insert(&h, item[i].hash, &item[i].key, &item[i], &old);
	}
	do {
		void *items[7];

		n = sfw_hash_gather(&h, &at, items, ARRAY_SIZE(items));
		for (i = 0; i < n; i++)
			left -= sfw_hash_remove(&h,
						((struct item *)items[i])->hash,
						items[i]);
	} while (at);
	ok(!left, "a walk that takes out what it meets leaves none of %u (%u)",
	   N, left);
	sfw_hash_destroy(&h, nothing);
}

/* --- chosen keys ---------------------------------------------------------- */

/* The longest chain of items with such keys in a table that grew with them. */
static u32 longest(struct item *item, u32 n)
{
	u32 i, most = 0;
	struct sfw_hash h;

	sfw_hash_init(&h, &ops);
	for (i = 0; i < n; i++) {
		void *old;

		sfw_hash_insert(&h, item[i].hash, &item[i].key, &item[i], &old);
		while (i * 2 > h.n * FILL)
			sfw_hash_split(&h, NULL);
	}
	for (i = 0; i < h.n; i++) {
		const struct sfw_hash_bucket *b;
		u32 here = 0;

		for (b = sfw_hash_at(&h, i); b; b = sfw_hash_next(b))
			here += __builtin_popcountll(
				sfw_hash_used(sfw_hash_word(b)));
		if (here > most)
			most = here;
	}
	sfw_hash_destroy(&h, nothing);
	return most;
}

/* Addresses and ports as senders can choose them. */
static void choose(struct item *item, u32 n, int kind)
{
	const u64 tcp = 6ULL << 48, server = 0x0a000001ULL << 16 | 443;
	struct sfw_hash_key guess = secret;
	u32 i = 0;
	u64 x = 0;

	/* Chosen with a key that is not the secret, by one bit. */
	guess.k[0] ^= 1;
	while (i < n) {
		u64 a = 0;

		x++;
		switch (kind) {
		case 0:		/* one sender, then the next: ports in turn */
			a = 0x0b000000ULL << 16 | (x & 0xffff) |
			    (x >> 16) << 16;
			break;
		case 1:		/* one port, addresses in turn */
			a = (0x0b000000ULL + x) << 16 | 1024;
			break;
		case 2:		/* steps of a power of two */
			a = (x << 9) & 0xffffffffffffULL;
			a |= a >> 39;
			break;
		case 3:		/* port and address go against each other */
			a = (0x0b000000ULL + x) << 16 | (0xffff - (x & 0xffff));
			break;
		case 4:		/* as good as collisions, if the key were known */
			a = x & 0xffffffffffffULL;
			item[i].key.end[0] = a | tcp;
			item[i].key.end[1] = server;
			if (hash_with(&guess, &item[i].key) & 0xff)
				continue;
			break;
		}
		set_key(&item[i++], a | tcp, server);
	}
}

static void test_chosen(struct item *item)
{
	static const char * const name[] = {
		"ports in turn", "addresses in turn", "powers of two",
		"ports and addresses against each other",
		"collisions under a key of one other bit",
	};
	u32 kind, i, n;
	u64 x = 0;

	for (kind = 0; kind < ARRAY_SIZE(name); kind++) {
		u32 worst = 0, keys;

		for (keys = 0; keys < 5; keys++) {
			u32 most;

			new_secret();
			choose(item, N, kind);
			most = longest(item, N);
			if (most > worst)
				worst = most;
		}
		/* Of 10^4 buckets with up to 7 on average, by chance: 10^-6. */
		ok(worst <= 28, "%s: no chain is longer than 28 (%u)",
		   name[kind], worst);
	}

	/* It can fail: who knows the key makes one as long as he likes. */
	for (n = 0; n < 500; x++) {
		set_key(&item[n], x, 0);
		n += !(item[n].hash & 0xfff);
	}
	i = longest(item, 500);
	ok(i >= 400, "who knew the key could make one of 500 (%u)", i);
}

/* --- threads -------------------------------------------------------------- */

#define STEADY	4000		/* items that stay all the time */
#define RACED	64		/* keys that two threads fight for */

static struct sfw_hash shared;
static struct item *shared_item;
static bool stop;
static u32 wins[2][RACED], losses[2][RACED];
static struct item racer[2][RACED];

static void *reader(void *arg)
{
	u64 missed = 0;
	u32 i = 0;

	(void)arg;
	while (!READ_ONCE(stop)) {
		struct item *item = &shared_item[i++ % STEADY];

		if (sfw_hash_find(&shared, item->hash, &item->key, same) !=
		    item)
			missed++;
	}
	return (void *)missed;
}

static void *walker(void *arg)
{
	u32 *met = calloc(STEADY, sizeof(*met)), i, n;
	u64 wrong = 0;

	(void)arg;
	while (!READ_ONCE(stop)) {
		u32 at = 0;

		memset(met, 0, STEADY * sizeof(*met));
		do {
			void *items[32];

			n = sfw_hash_gather(&shared, &at, items,
					    ARRAY_SIZE(items));
			for (i = 0; i < n; i++) {
				u64 which = (struct item *)items[i] -
					    shared_item;

				if (which < STEADY)
					met[which]++;
			}
		} while (at && !READ_ONCE(stop));
		for (i = 0; i < STEADY && !at; i++)
			wrong += met[i] != 1;
	}
	free(met);
	return (void *)wrong;
}

static void *writer(void *arg)
{
	u32 me = arg ? 1 : 0, i = 0;

	while (!READ_ONCE(stop)) {
		u32 k = i++ % RACED;
		struct item *mine = &racer[me][k];
		void *old;

		if (sfw_hash_insert(&shared, mine->hash, &mine->key, mine,
				    &old)) {
			losses[me][k] += old == &racer[!me][k];
			continue;
		}
		wins[me][k]++;
		if (sfw_hash_find(&shared, mine->hash, &mine->key, same) !=
		    mine || !sfw_hash_remove(&shared, mine->hash, mine))
			return (void *)1;
	}
	return NULL;
}

static void *resizer(void *arg)
{
	bool grow = true;

	(void)arg;
	while (!READ_ONCE(stop)) {
		grow ? sfw_hash_split(&shared, NULL) : sfw_hash_merge(&shared);
		if (shared.n >= 4000)
			grow = false;
		if (shared.n <= STEADY / 8)
			grow = true;
	}
	return NULL;
}

static void test_threads(struct item *item)
{
	void *(*fn[])(void *) = { reader, writer, writer, resizer, walker };
	const struct timespec a_while = { .tv_sec = 3 };
	pthread_t thread[ARRAY_SIZE(fn)];
	void *bad[ARRAY_SIZE(fn)];
	bool won = true, left = false;
	u32 i;

	shared_item = item;
	sfw_hash_init(&shared, &ops);
	for (i = 0; i < STEADY; i++) {
		void *old;

		set_key(&item[i], i, 1);
		sfw_hash_insert(&shared, item[i].hash, &item[i].key, &item[i],
				&old);
	}
	for (i = 0; i < RACED; i++) {
		set_key(&racer[0][i], i, 2);
		racer[1][i] = racer[0][i];
	}
	for (i = 0; i < ARRAY_SIZE(fn); i++)
		pthread_create(&thread[i], NULL, fn[i], i == 2 ? item : NULL);
	nanosleep(&a_while, NULL);
	WRITE_ONCE(stop, true);
	for (i = 0; i < ARRAY_SIZE(fn); i++)
		pthread_join(thread[i], &bad[i]);

	ok(!bad[0], "a reader finds all that stays while others write and resize");
	ok(!bad[4], "a walk meets it once");
	ok(!bad[1] && !bad[2], "of two that insert the same key one gets in");
	for (i = 0; i < RACED; i++) {
		won &= wins[0][i] && wins[1][i];
		left |= sfw_hash_find(&shared, racer[0][i].hash,
				      &racer[0][i].key, same) != NULL;
	}
	ok(won && !left, "each of them in turn, and nothing is left behind");
	sfw_hash_destroy(&shared, nothing);
}

int main(int argc, char **argv)
{
	struct item *item = calloc(N, sizeof(*item));

	rnd_seed(argc, argv);
	new_secret();
	test_vectors();
	test_match();
	test_model(item);
	test_walk(item);
	test_cull(item);
	test_chosen(item);
	test_threads(item);
	while (kept) {
		struct rcu_head *next = kept->next;

		free(kept->what);
		kept = next;
	}
	free(item);
	return tap_done();
}
