// SPDX-License-Identifier: GPL-2.0
/*
 * The arithmetic of rate limits, against a second, slow way to say the same:
 * one number of 128 bits that no rate, burst or pause can overflow.
 */
#include <limit.h>

#include "tap.h"

#define u128	unsigned __int128

#define S	1000000000ULL
#define MINUTE	(60 * S)
#define HOUR	(60 * MINUTE)
#define U32_ALL	0xffffffffU

/* Any number of bits is as likely as any other. */
static u64 rnd_bits(unsigned int most)
{
	return rnd() >> (64 - (1 + rnd() % most));
}

static u64 unit_ns(u8 unit)
{
	return unit == SFW_RATE_UNIT_SECOND ? S :
	       unit == SFW_RATE_UNIT_MINUTE ? MINUTE : HOUR;
}

/* The textbook: fill, no fuller than full, and take. */
struct model {
	u128 level;
	u128 full;
	u64 count;
	u64 cost;
	u64 last;
};

static void model_init(struct model *m, const struct sfw_rate *rate)
{
	m->count = rate->count;
	m->cost = unit_ns(rate->unit);
	m->full = (u128)m->cost *
		  (rate->burst ? rate->burst : SFW_RATE_BURST_DEFAULT);
	m->level = m->full;
	m->last = 0;
}

static bool model_take(struct model *m, u64 now)
{
	if (now > m->last) {
		m->level += (u128)(now - m->last) * m->count;
		if (m->level > m->full)
			m->level = m->full;
		m->last = now;
	}
	if (m->level < m->cost)
		return false;
	m->level -= m->cost;
	return true;
}

static bool same(const struct sfw_bucket *b, const struct model *m)
{
	return (u128)b->tokens * b->cost + b->portions == m->level &&
	       b->portions < b->cost && b->tokens <= b->burst &&
	       !b->tokens == !!sfw_bucket_next(b);
}

static void print_rate(const struct sfw_rate *rate, u64 now)
{
	printf("# %u per %llu s burst %u at %llu ns\n", rate->count,
	       unit_ns(rate->unit) / S, rate->burst, (unsigned long long)now);
}

/*
 * Pauses of all sizes: around one token, around full, and anything. Clocks
 * that CPUs read before they wait for each other go back a little.
 */
static u64 next_time(const struct sfw_bucket *b, u64 now)
{
	u64 step;

	switch (rnd() % 8) {
	case 0:
		step = b->cost / b->gain + rnd() % 3;
		break;
	case 1:
		step = b->full_ns / 2 + rnd_bits(20);
		break;
	case 2:
		step = SFW_BUCKET_SHORT_NS - 2 + rnd() % 5;
		break;
	case 3:
		step = rnd_bits(58);
		break;
	case 4:
		return now - rnd() % (now < 1000 ? now : 1000);
	case 5:
		step = sfw_bucket_next(b);
		step = step > now ? step - now - rnd() % 2 : 0;
		break;
	default:
		step = rnd_bits(20);
	}
	/* Clocks count from boot: 2^62 ns are 146 years. */
	return now + step < 1ULL << 62 ? now + step : now;
}

static bool random_case(void)
{
	struct sfw_rate rate = {
		.count = rnd_bits(32),
		.burst = rnd_bits(32),
		.unit = rnd() % 3,
	};
	struct sfw_bucket b;
	struct model m;
	u64 now = 1 + rnd_bits(50);
	int i, j;

	if (!rate.count)
		rate.count = 1;
	sfw_bucket_init(&b, &rate);
	model_init(&m, &rate);
	for (i = 0; i < 200; i++) {
		/* Bursts, so that large buckets get empty as well. */
		if (!(rnd() % 8)) {
			u64 taken = rnd() % (b.tokens + 1ULL);

			if (sfw_bucket_take(&b, now) != model_take(&m, now))
				goto differ;
			if (taken <= b.tokens) {
				b.tokens -= taken;
				m.level -= (u128)taken * m.cost;
			}
		}
		for (j = rnd() % 8; j >= 0; j--)
			if (sfw_bucket_take(&b, now) != model_take(&m, now) ||
			    !same(&b, &m))
				goto differ;
		now = next_time(&b, now);
	}
	return true;

differ:
	print_rate(&rate, now);
	return false;
}

/* How many of one attempt every @step in @length pass? */
static u64 count(const struct sfw_rate *rate, u64 step, u64 length)
{
	u64 start = 12345, now, n = 0;
	struct sfw_bucket b;

	sfw_bucket_init(&b, rate);
	for (now = start; now - start < length; now += step)
		n += sfw_bucket_take(&b, now);
	return n;
}

/*
 * In every window of a run, not only in the whole: at most burst + what the
 * time is worth. Greedy senders get no less than it is worth, minus the one
 * that is not complete.
 */
static bool windows(void)
{
	enum { N = 2000 };
	const struct sfw_rate rate = { .count = 7, .burst = 3 };
	static u64 passed[N];
	struct sfw_bucket b;
	u64 now = 1;
	int i, j, n = 0;

	sfw_bucket_init(&b, &rate);
	while (n < N) {
		if (sfw_bucket_take(&b, now))
			passed[n++] = now;
		now += 1 + rnd() % 20000000;
		if (!(rnd() % 50))
			now += rnd() % (2 * S);
	}
	for (i = 0; i < N; i++)
		for (j = i; j < N; j++)
			if ((u64)(j - i + 1) > rate.burst +
			    (passed[j] - passed[i]) * rate.count / S)
				return false;
	return true;
}

/* One nanosecond before next there is nothing, at next there is one. */
static bool next_is_exact(const struct sfw_rate *rate)
{
	struct sfw_bucket b, early;
	u64 now = 777, next;
	int i;

	sfw_bucket_init(&b, rate);
	b.tokens = 0;
	b.last = now;
	for (i = 0; i < 1000; i++) {
		next = sfw_bucket_next(&b);
		early = b;
		if (next <= now || sfw_bucket_take(&early, next - 1) ||
		    !sfw_bucket_take(&b, next))
			return false;
		/* More than one came at once: away with them. */
		b.tokens = 0;
		now = next;
	}
	return true;
}

int main(int argc, char **argv)
{
	struct sfw_rate fast = { .count = U32_ALL, .burst = U32_ALL };
	struct sfw_rate slow = {
		.count = 1, .burst = 1, .unit = SFW_RATE_UNIT_HOUR,
	};
	struct sfw_rate huge = {
		.count = 1, .burst = U32_ALL, .unit = SFW_RATE_UNIT_HOUR,
	};
	struct sfw_rate rate = { .count = 3, .burst = 2 };
	struct sfw_bucket b;
	bool good;
	u64 n;
	int i;

	rnd_seed(argc, argv);

	/* 3 a second does not divide a second; 60 s of it are exactly 180. */
	ok(count(&rate, 1000003, MINUTE) == 2 + 179,
	   "3/s burst 2 for a minute: 2 and 179");
	ok(count(&rate, 1000003, MINUTE + S) == 2 + 182,
	   "3/s burst 2 for a second more: three more");
	rate.burst = 0;
	ok(count(&rate, 1, 100) == SFW_RATE_BURST_DEFAULT,
	   "no burst written: the default");

	rate = (struct sfw_rate){
		.count = 10, .burst = 10, .unit = SFW_RATE_UNIT_MINUTE,
	};
	ok(count(&rate, 7 * S, 10 * MINUTE) == 86,
	   "10/m: all pass that come more slowly");
	ok(count(&rate, 99999999, HOUR) == 10 + 599,
	   "10/m burst 10 for an hour: 10 and 599");

	sfw_bucket_init(&b, &slow);
	ok(sfw_bucket_take(&b, 1) && !sfw_bucket_take(&b, HOUR) &&
	   sfw_bucket_take(&b, HOUR + 1) &&
	   !sfw_bucket_take(&b, 2 * HOUR),
	   "1/h: one each hour, to the nanosecond");

	/* A nanosecond is worth 4.29 events. */
	sfw_bucket_init(&b, &fast);
	b.tokens = 0;
	b.last = 1;
	for (n = 0; sfw_bucket_take(&b, 2); n++)
		;
	for (i = 3; i < 1000; i++)
		while (sfw_bucket_take(&b, i))
			n++;
	ok(n == U32_ALL * 998ULL / S, "4294967295/s: whole events in 998 ns");
	sfw_bucket_take(&b, 999 + S);
	ok(b.tokens == b.burst - 1, "4294967295/s: full after a second");

	sfw_bucket_init(&b, &huge);
	b.tokens = 0;
	b.last = 5;
	good = !sfw_bucket_take(&b, 5 + HOUR - 1);
	good = good && sfw_bucket_take(&b, 5 + HOUR) && !b.tokens;
	good = good && sfw_bucket_take(&b, 5 + 1000001 * HOUR);
	ok(good && b.tokens == 999999,
	   "1/h burst 4294967295: a million hours bring a million");

	rate = (struct sfw_rate){ .count = 100, .burst = 50 };
	sfw_bucket_init(&b, &rate);
	while (sfw_bucket_take(&b, HOUR))
		;
	for (n = 0; sfw_bucket_take(&b, 1000 * HOUR); n++)
		;
	ok(n == 50, "a long pause saves no more than the burst");
	ok(!sfw_bucket_take(&b, 999 * HOUR) &&
	   !sfw_bucket_take(&b, 1000 * HOUR + 9999999) &&
	   sfw_bucket_take(&b, 1000 * HOUR + 10000000),
	   "a clock that goes back earns nothing and loses nothing");

	ok(windows(), "no window of a run passes more than it may");

	good = next_is_exact(&slow) && next_is_exact(&huge) &&
	       next_is_exact(&rate);
	for (i = 0; good && i < 1000; i++) {
		rate = (struct sfw_rate){
			.count = 1 + rnd_bits(31), .unit = rnd() % 3,
		};
		good = next_is_exact(&rate);
		if (!good)
			print_rate(&rate, 0);
	}
	ok(good, "the time of the next event is exact");

	for (i = 0, good = true; good && i < 20000; i++)
		good = random_case();
	ok(good, "20000 random rates and runs: the same as the model");

	return tap_done();
}
