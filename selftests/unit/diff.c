// SPDX-License-Identifier: GPL-2.0
/*
 * diff --semantic against brute force: pairs of random rule sets, one made from
 * the other by a few changes, and every kind of packet of a small header space
 * asked of both.
 */
#include <lib/diff.h>
#include <lib/print.h>
#include "small.h"

#define PAIRS	3000

/* A copy with some rules gone, others new, and now and then another default. */
static struct ruleset *change(const struct ruleset *from)
{
	struct ruleset *rs = gen_must(ruleset_new());
	struct ruleset_rule *entry;
	size_t i;
	int d;

	for (d = 0; d < 2; d++) {
		rs->def[d] = from->def[d];
		if (rnd_once_in(10))
			rs->def[d].action ^= 1;
		for (i = 0; i < from->n_rules[d]; i++) {
			const struct sfw_rule *rule =
				&from->rules[d][i]->rule;

			if (rnd_once_in(5))
				continue;
			entry = gen_must(calloc(1, sizeof(*entry)));
			entry->rule = *rule;
			sfw_list_get(rule->from);
			sfw_list_get(rule->to);
			sfw_list_get(rule->from_port);
			sfw_list_get(rule->to_port);
			/* Elsewhere, at times. */
			if (rnd_once_in(6))
				entry->rule.number += 25;
			if (ruleset_add_rule(rs, entry))
				gen_must(NULL);
		}
		if (rnd_once_in(3)) {
			entry = gen_must(calloc(1, sizeof(*entry)));
			gen_small_rule(&entry->rule, 5 + 10 * rnd_below(5), d);
			if (ruleset_add_rule(rs, entry))
				gen_must(NULL);
		}
	}
	ruleset_sort(rs);
	return rs;
}

static bool has_point(const struct diff *diff, const struct diff_side *side,
		      const struct sfw_packet *pkt)
{
	struct box twin;
	size_t i;

	for (i = 0; i < side->n; i++) {
		if (space_has(diff->space, &side->traffic[i].box, pkt))
			return true;
		if (!side->traffic[i].both)
			continue;
		twin = side->traffic[i].box;
		twin.family = pkt->family;
		twin.set[SPACE_SRC] = diff->space->full[SPACE_V6(pkt->family)]
						       [SPACE_SRC];
		twin.set[SPACE_DST] = twin.set[SPACE_SRC];
		if (space_has(diff->space, &twin, pkt))
			return true;
	}
	return false;
}

static bool old_allows[2][POINTS];

static void ask(const struct ruleset *rs)
{
	set = rs;
	match_all();
}

/* Packets for which the diff is wrong. */
static unsigned int compare(const struct diff *diff, unsigned int *differ)
{
	unsigned int wrong = 0;
	int d, p;

	for (d = 0; d < 2; d++) {
		for (p = 0; p < n_points; p++) {
			bool was = old_allows[d][p], is = allows(d, p);

			wrong += has_point(diff, &diff->allowed[d],
					   &point[p]) != (is && !was);
			wrong += has_point(diff, &diff->denied[d],
					   &point[p]) != (was && !is);
			*differ += is != was;
		}
	}
	return wrong;
}

int main(int argc, char **argv)
{
	unsigned int wrong = 0, same = 0, differ = 0;
	int i, d, p;

	rnd_seed(argc, argv);
	for (i = 0; i < PAIRS; i++) {
		struct ruleset *old, *new;
		struct diff diff;

		make_world();
		old = gen_small_set();
		new = change(old);
		ask(old);
		for (d = 0; d < 2; d++)
			for (p = 0; p < n_points; p++)
				old_allows[d][p] = allows(d, p);
		ask(new);
		wrong += !diff_find(&diff, old, new) ||
			 compare(&diff, &differ);
		diff_free(&diff);
		same += !diff_find(&diff, new, new) || diff.allowed[0].n ||
			diff.allowed[1].n || diff.denied[0].n ||
			diff.denied[1].n;
		diff_free(&diff);
		ruleset_free(old);
		ruleset_free(new);
	}
	printf("# %u kinds of packets are decided otherwise\n", differ);
	ok(differ > PAIRS, "changes change something");
	ok(!wrong, "%d pairs: what is newly allowed and denied, packet by packet (%u differ)",
	   PAIRS, wrong);
	ok(!same, "a set does not differ from itself");
	return tap_done();
}
