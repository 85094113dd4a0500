// SPDX-License-Identifier: GPL-2.0
/*
 * The classifier finds what a plain walk over the rules finds, whatever the
 * rules, the packet and the place to begin: small sets, with all that a rule
 * can say.
 *
 *   classify [SEED [TIMES]]     TIMES as many sets
 *
 * rule.c is about sfw_rule_match(); here it is taken for granted.
 */
#include "classify_set.h"

#define SETS	12000
#define PACKETS	300
#define MOST	40

static struct sfw_rule rules[MOST], *pointers[MOST];

static void set_init(struct set *set)
{
	u32 i;

	memset(rules, 0, sizeof(rules));
	set->ptr = pointers;
	set->n = rnd_once_in(50) ? 0 : 1 + rnd_below(rnd_once_in(3) ? 4 : MOST);
	for (i = 0; i < set->n; i++) {
		struct sfw_rule *rule = &rules[i];

		gen_rule(rule, NULL);
		rule->number = i + 1;
		/* Rules of nearly no clause, so that many match. */
		if (rnd_once_in(4)) {
			sfw_rule_destroy(rule);
			rule->flags &= SFW_RULE_F_PROTOCOL;
		}
		set_check(rule);
		set->ptr[i] = rule;
	}
	set->cls = gen_must(sfw_classify_build(set->ptr, set->n));
}

static void set_free(struct set *set)
{
	u32 i;

	sfw_classify_free(set->cls);
	for (i = 0; i < set->n; i++)
		sfw_rule_destroy(&rules[i]);
}

int main(int argc, char **argv)
{
	u64 firsts = 0, more = 0, matched = 0, deep = 0;
	bool first_good = true, more_good = true;
	struct sfw_packet pkt;
	struct set set;
	u32 i, times, at;
	int j;

	printf("TAP version 13\n");
	rnd_seed(argc, argv);
	times = argc > 2 ? strtoul(argv[2], NULL, 0) : 1;
	for (i = 0; i < SETS * times && first_good && more_good; i++) {
		set_init(&set);
		for (j = 0; j < PACKETS && first_good && more_good; j++) {
			pick_packet(&set, &pkt);
			first_good = agrees(&set, &pkt, 0, &at);
			firsts++;
			matched += at != SFW_CLASSIFY_NONE;
			deep += at != SFW_CLASSIFY_NONE && at > 0;
			/* As behind rules whose limit is used up. */
			while (at != SFW_CLASSIFY_NONE && more_good) {
				more_good = agrees(&set, &pkt, at + 1, &at);
				more++;
			}
			more_good = more_good &&
				    agrees(&set, &pkt, rnd_below(MOST + 2),
					   &at);
		}
		set_free(&set);
	}
	printf("# %llu packets, %llu of them matched, %llu not the first rule; %llu resumptions\n",
	       (unsigned long long)firsts, (unsigned long long)matched,
	       (unsigned long long)deep, (unsigned long long)more);
	ok(first_good, "first match as by walking");
	ok(more_good, "resumption as by walking");
	ok(matched > firsts / 4 && firsts - matched > firsts / 20 &&
	   deep > firsts / 10, "matches and misses in number");
	sfw_classify_free(NULL);
	return tap_done();
}
