// SPDX-License-Identifier: GPL-2.0
/*
 * Walks of sets of packets through long lists, longer than what is looked at
 * rule by rule: each packet has to be in one part, with the rule that decides
 * it. And sets of numbers with many ranges against sets of bits.
 */
#include <lib/reach.h>
#include "small.h"

#define SETS	60
#define WALKS	6
#define SAMPLE	150
#define MOST	240		/* rules of a list */

#define BITS	400
#define TRIES	20000

struct part {
	struct box box;
	size_t index;
};

struct parts {
	struct part *part;
	size_t n, cap;
};

static int keep(const struct box *box, size_t index, void *data)
{
	struct parts *parts = data;

	if (parts->n == parts->cap) {
		parts->cap = parts->cap ? 2 * parts->cap : 64;
		parts->part = gen_must(realloc(parts->part,
					       parts->cap *
					       sizeof(*parts->part)));
	}
	parts->part[parts->n++] = (struct part){ *box, index };
	return 0;
}

static struct ruleset *long_set(size_t n)
{
	struct ruleset *rs = gen_must(ruleset_new());
	struct ruleset_rule *entry;
	size_t i;

	for (i = 0; i < n; i++) {
		entry = gen_must(calloc(1, sizeof(*entry)));
		gen_small_rule(&entry->rule, i + 1, SFW_DIRECTION_IN);
		if (ruleset_add_rule(rs, entry))
			gen_must(NULL);
	}
	ruleset_sort(rs);
	return rs;
}

/* The first rule in from..to-1 that decides it, or to. */
static size_t first_match(const struct ruleset *rs, size_t from, size_t to,
			  bool pass_limits, const struct sfw_packet *pkt)
{
	const struct sfw_rule *rule;
	size_t i;

	for (i = from; i < to; i++) {
		rule = &rs->rules[SFW_DIRECTION_IN][i]->rule;
		if (sfw_rule_match(rule, pkt) &&
		    !(pass_limits && rule->flags & SFW_RULE_F_LIMIT))
			return i;
	}
	return to;
}

struct tally {
	unsigned int walks, parts, wrong, decided;
};

static void one_walk(struct tally *t, struct reach *reach,
		     const struct box *box)
{
	const struct ruleset *rs = reach_ruleset(reach);
	size_t n = rs->n_rules[SFW_DIRECTION_IN];
	size_t to = rnd_below(n + 1), from = rnd_below(to + 1);
	bool left = rnd_once_in(2), pass = rnd_once_in(2);
	struct parts parts = { .n = 0 };
	int i, ret;

	if (left)
		from = 0;
	ret = left ? reach_left(reach, SFW_DIRECTION_IN, box, to, pass, keep,
				&parts) :
		     reach_walk(reach, SFW_DIRECTION_IN, box, from, to, pass,
				keep, &parts);
	t->walks++;
	t->parts += parts.n;
	t->wrong += ret != 0;
	for (i = 0; i < SAMPLE; i++) {
		const struct sfw_packet *pkt = &point[rnd_below(n_points)];
		size_t want = first_match(rs, from, to, pass, pkt), p;
		unsigned int found = 0, good = 0;
		bool expected;

		expected = space_has(reach_space(reach), box, pkt) &&
			   (!left || want == to);
		for (p = 0; p < parts.n; p++) {
			if (!space_has(reach_space(reach), &parts.part[p].box,
				       pkt))
				continue;
			found++;
			good += parts.part[p].index == want;
		}
		t->decided += expected && want < to;
		t->wrong += found != expected || good != expected;
	}
	free(parts.part);
}

static void walks(struct tally *t)
{
	struct ruleset *rs = long_set(1 + rnd_below(MOST));
	struct space *space = space_new(rs, NULL);
	struct reach *reach = gen_must(reach_new(space, rs));
	size_t n = rs->n_rules[SFW_DIRECTION_IN], index, j, k;
	struct box box, all;
	u8 family;
	int i;

	for (i = 0; i < WALKS; i++) {
		family = gen_family();
		index = rnd_below(n);
		all = space_all(space, family);
		if (rnd_once_in(3) ||
		    !reach_rule(reach, SFW_DIRECTION_IN, index, family, &box)) {
			one_walk(t, reach, &all);
			continue;
		}
		/* With the rule's own list made before, or not. */
		if (rnd_once_in(2))
			reach_enter(reach, SFW_DIRECTION_IN, &box);
		one_walk(t, reach, &box);
		if (rnd_once_in(2)) {
			const u32 *inside;
			struct box other;

			reach_enter(reach, SFW_DIRECTION_IN, &box);
			inside = reach_inside(reach, &k);
			for (index = 0, j = 0; index < n; index++) {
				if (!reach_rule(reach, SFW_DIRECTION_IN, index,
						family, &other) ||
				    !space_meet(space, &box, &other))
					continue;
				t->wrong += j >= k || inside[j] != index;
				j++;
			}
			t->wrong += j != k;
			one_walk(t, reach, &box);
		}
		reach_leave(reach);
		space_release(space);
	}
	reach_free(reach);
	space_free(space);
	ruleset_free(rs);
}

/* --- sets of numbers -------------------------------------------------------- */

static u32 gen_bits(struct ranges *rs, bool *bit, u32 most)
{
	struct range r[BITS];
	u32 n = rnd_below(most + 1), i, j;

	memset(bit, 0, BITS);
	for (i = 0; i < n; i++) {
		u32 lo = rnd_below(BITS);
		u32 hi = lo + rnd_below(rnd_once_in(4) ? 60 : 3);

		hi = hi < BITS ? hi : BITS - 1;
		r[i] = (struct range){ { 0, lo }, { 0, hi } };
		for (j = lo; j <= hi; j++)
			bit[j] = true;
	}
	return ranges_make(rs, r, n);
}

static bool same_bits(const struct ranges *rs, u32 set, const bool *bit)
{
	const struct range *r;
	size_t n, i;
	u32 j;

	r = ranges_get(rs, set, &n);
	for (i = 1; i < n; i++)
		if (r[i].lo.lo <= r[i - 1].hi.lo + 1)
			return false;
	for (j = 0; j < BITS; j++) {
		struct sfw_addr value = { 0, j };

		if (ranges_has(rs, set, &value) != bit[j])
			return false;
	}
	return true;
}

static unsigned int numbers(void)
{
	struct ranges *rs = ranges_new(1 << 20);
	bool a[BITS], b[BITS], want[BITS];
	unsigned int i, wrong = 0;
	u32 x, y, j, mark = ranges_mark(rs);

	for (i = 0; i < TRIES; i++) {
		x = gen_bits(rs, a, rnd_once_in(3) ? 3 : 80);
		y = gen_bits(rs, b, rnd_once_in(3) ? 3 : 80);
		for (j = 0; j < BITS; j++)
			want[j] = a[j] && !b[j];
		wrong += !same_bits(rs, ranges_without(rs, x, y), want);
		for (j = 0; j < BITS; j++)
			want[j] = a[j] && b[j];
		wrong += !same_bits(rs, ranges_and(rs, x, y), want);
		for (j = 0; j < BITS; j++)
			want[j] = a[j] || b[j];
		wrong += !same_bits(rs, ranges_or(rs, x, y), want);
		ranges_release(rs, mark);
	}
	ranges_free(rs);
	return wrong;
}

int main(int argc, char **argv)
{
	struct tally t = { .walks = 0 };
	unsigned int wrong;
	int i;

	rnd_seed(argc, argv);
	for (i = 0; i < SETS; i++) {
		make_world();
		walks(&t);
	}
	printf("# %u walks, %u parts\n", t.walks, t.parts);
	ok(!t.wrong, "each packet is in one part, with the rule that decides it (%u wrong)",
	   t.wrong);
	ok(t.decided > 100, "and many are decided by one (%u)", t.decided);
	wrong = numbers();
	ok(!wrong, "sets of up to 80 ranges: and, or, without (%u wrong)",
	   wrong);
	return tap_done();
}
