// SPDX-License-Identifier: GPL-2.0
/*
 * Noise: good requests with random damage, many of them. Whatever the kernel
 * thinks of one, it answers, and it works afterwards. The seed is printed and
 * is the same in every run, so that a failure can be had again;
 * SFW_NOISE_SEED and SFW_NOISE_COUNT choose others.
 */
#include "kselftest_harness.h"

#include "nl_text.h"

#define HEADERS (NLMSG_HDRLEN + GENL_HDRLEN)
#define COUNT	nl_times(20000)

static __u64 state;

/* xorshift64* */
static __u32 rnd(void)
{
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return (state * 0x2545f4914f6cdd1dULL) >> 32;
}

static __u32 below(__u32 n)
{
	return rnd() % n;
}

static unsigned long setting(const char *name, unsigned long value)
{
	const char *text = getenv(name);

	return text ? strtoul(text, NULL, 0) : value;
}

/* Damage @m behind its headers, once. */
static void damage(struct nl *nl, struct nl_msg *m)
{
	static const __u16 odd[] = { 0, 1, 2, 3, 4, 5, 8, 0x7f, 0x80, 0xff,
				     0x4000, 0x7fff, 0x8000, 0xfffc, 0xffff };
	static struct nl_msg other;
	size_t body = m->len - HEADERS, at, n;
	char *p = m->buf + HEADERS;
	__u16 v;

	if (!body) {
		/* Nothing there to damage: something made up. */
		nl_put(m, rnd(), &state, below(9));
		return;
	}
	at = below(body);
	switch (below(8)) {
	case 0:
		p[at] ^= 1 << below(8);
		break;
	case 1:
		p[at] = rnd();
		break;
	case 2:		/* where lengths and types stand */
		at &= ~3;
		v = below(3) ? odd[below(ARRAY_SIZE(odd))] : rnd();
		memcpy(p + at + 2 * below(2), &v, sizeof(v));
		break;
	case 3:		/* a piece is gone */
		n = 1 + below(body - at);
		memmove(p + at, p + at + n, body - at - n);
		m->len -= n;
		break;
	case 4:		/* a piece is there twice */
		n = 1 + below(body - at);
		memmove(p + at + n, p + at, body - at);
		m->len += n;
		break;
	case 5:		/* the end is gone */
		m->len = HEADERS + at;
		break;
	case 6:		/* the end of another request follows */
		n = below(GOOD);
		text_msg(nl, &other, good[n].cmd, good[n].text);
		body = other.len - HEADERS;
		n = body ? below(body) & ~3 : 0;
		memcpy(m->buf + m->len, other.buf + HEADERS + n, body - n);
		m->len += body - n;
		break;
	default:	/* a piece of noise */
		for (n = 1 + below(body - at); n; n--)
			p[at++] = rnd();
		break;
	}
}

FIXTURE(noise)
{
	struct nl nl;
	struct nl other;
};

FIXTURE_SETUP(noise)
{
	ASSERT_EQ(0, nl_load_module());
	ASSERT_EQ(0, unshare(CLONE_NEWNET));
	ASSERT_EQ(0, nl_open(&self->nl));
	ASSERT_EQ(0, nl_open(&self->other));
	ASSERT_EQ(0, sfw_load(&self->nl, LIVE_RULES));
	state = setting("SFW_NOISE_SEED", 20240229) ?: 1;
	TH_LOG("seed %llu", (unsigned long long)state);
}

FIXTURE_TEARDOWN(noise)
{
	nl_close(&self->nl);
	nl_close(&self->other);
}

/* @n damaged requests of those below @kinds; how many the kernel refused. */
static int make_noise(struct nl *nl, int n, int kinds)
{
	static struct nl_msg m;
	int i, k, refused = 0;

	for (i = 0; i < n; i++) {
		k = below(kinds);
		if (good[k].staged && sfw_begin(nl, true, -1))
			sfw_begin(nl, false, -1);
		text_msg(nl, &m, good[k].cmd, good[k].text);
		for (k = 1 + below(4); k; k--)
			damage(nl, &m);
		switch (nl_call(nl, &m)) {
		case 0:
			break;
		case NL_NO_ANSWER:
			return -1;
		default:
			refused++;
			break;
		}
	}
	return refused;
}

/* The last two of the list change what is running, as tx-commit may. */
TEST_F_TIMEOUT(noise, is_answered_and_changes_nothing, 240)
{
	struct sfw_seen before, after;
	int i, n, all = setting("SFW_NOISE_COUNT", COUNT), refused = 0;

	ASSERT_EQ(0, sfw_look(&self->other, &before));
	/* In parts around tx-commit, whose damaged dry-run is a commit. */
	for (i = 0; good[i].cmd != SFW_CMD_TX_COMMIT; i++)
		;
	n = make_noise(&self->nl, all, i);
	ASSERT_LE(0, n);
	refused += n;
	TH_LOG("%d of %d refused", refused, all);
	/* Nearly all damage is seen, and not all of it is fatal. */
	EXPECT_LT(all / 2, refused);
	EXPECT_GT(all, refused);
	ASSERT_EQ(0, sfw_look(&self->other, &after));
	EXPECT_EQ(before.hash, after.hash);
}

TEST_F_TIMEOUT(noise, leaves_a_namespace_that_works, 120)
{
	struct sfw_seen seen;

	ASSERT_LE(0, make_noise(&self->nl,
				setting("SFW_NOISE_COUNT", COUNT) / 5, GOOD));
	/* Whatever runs now, it can be looked at and replaced. */
	EXPECT_EQ(0, sfw_look(&self->other, &seen));
	ASSERT_EQ(0, sfw_load(&self->nl, 3));
	ASSERT_EQ(0, sfw_look(&self->other, &seen));
	EXPECT_EQ(3, seen.rules);
	EXPECT_EQ(0, sfw_plain(&self->nl, SFW_CMD_FLUSH));
}

TEST_HARNESS_MAIN
