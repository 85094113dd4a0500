// SPDX-License-Identifier: GPL-2.0
/*
 * The classifier finds what a plain walk over the rules finds: in sets of
 * thousands of rules, also such as were made to break it, and after changes of
 * a few rules, which it does not compile anew. And it takes no more memory
 * than it may.
 *
 *   classify_large [SEED [TIMES]]     TIMES as many sets
 */
#include "classify_set.h"

#include <classify_tree.h>

#define MOST		1500
#define PACKETS		500
#define CHANGES		12

/* Bytes for each rule and for a set: nothing may take more. */
#define BYTES_EACH	(3 * 48 * 2 * 2)
#define BYTES_MORE	(2 * (4096 * 48 * 2 + 65536))

static struct sfw_list *list_of(u8 family, u64 lo, u64 hi)
{
	struct sfw_list *list = gen_must(sfw_list_new(NULL));
	struct sfw_addr a = { 0, lo }, b = { 0, hi };
	int err;

	if (!family)
		err = sfw_list_add_port(list, lo, hi);
	else
		err = sfw_list_add_range(list, family, &a, &b);
	if (err || sfw_list_compile(list))
		gen_must(NULL);
	return list;
}

/* Several clauses in most: else the first few rules match everything. */
static void mixed(struct sfw_rule *rule, u32 i, u32 n)
{
	(void)i;
	(void)n;
	do {
		sfw_rule_destroy(rule);
		memset(rule, 0, sizeof(*rule));
		gen_rule(rule, NULL);
	} while (!rule->from + !rule->to + !rule->from_port + !rule->to_port >
		 2 + rnd_once_in(50));
}

/* From wide to narrow or from narrow to wide, in addresses and ports. */
static void nested(struct sfw_rule *rule, u32 i, u32 n)
{
	u32 k = n & 1 ? i : n - i;

	rule->from = list_of(AF_INET, 0x0a000000 + k, 0x0a100000 - k);
	rule->to = list_of(AF_INET, 0x0b000000 + k, 0x0b100000 - k);
	if (n & 2) {
		rule->flags |= SFW_RULE_F_PROTOCOL;
		rule->protocol = IPPROTO_TCP;
		rule->to_port = list_of(0, k, 65535 - k);
	}
}

static void crossing(struct sfw_rule *rule, u32 i, u32 n)
{
	u32 k = rnd_below(4 * n), l = k + rnd_below(n);

	rule->flags |= SFW_RULE_F_PROTOCOL;
	rule->protocol = IPPROTO_UDP;
	switch (i % 4) {
	case 0:
		rule->from = list_of(AF_INET, k, l);
		break;
	case 1:
		rule->to = list_of(AF_INET6, k, l);
		break;
	case 2:
		rule->from_port = list_of(0, k, l);
		break;
	case 3:
		rule->to_port = list_of(0, k, l);
	}
}

static void wild(struct sfw_rule *rule, u32 i, u32 n)
{
	/* The last of them are never reached but by who goes on. */
	if (i < n - 20)
		rule->flags |= SFW_RULE_F_LIMIT;
	rule->limit.count = 1;
	rule->action = SFW_ACTION_ALLOW;
}

static void ports(struct sfw_rule *rule, u32 i, u32 n)
{
	u32 k = rnd_below(65536), span = rnd_below(n & 1 ? 10 : 3000);

	rule->flags |= SFW_RULE_F_PROTOCOL;
	rule->protocol = i & 1 ? IPPROTO_TCP : IPPROTO_UDP;
	rule->to_port = list_of(0, k, k + span > 65535 ? 65535 : k + span);
}

/* Addresses that differ in one bit. */
static void one_bit(struct sfw_rule *rule, u32 i, u32 n)
{
	u64 a = 0x0a0a0a0a ^ 1U << rnd_below(32);
	u64 b = 0xc0a80101 ^ 1U << rnd_below(32);

	(void)n;
	rule->from = list_of(i & 1 ? AF_INET6 : AF_INET, a, a);
	if (rnd_once_in(2))
		rule->to = list_of(i & 1 ? AF_INET6 : AF_INET, b, b);
}

static void interfaces(struct sfw_rule *rule, u32 i, u32 n)
{
	char name[SFW_IFNAME_MAX + 1];

	snprintf(name, sizeof(name), "veth%u%s", rnd_below(n),
		 rnd_once_in(20) ? "*" : "");
	if (sfw_rule_set_ifname(rule, name))
		gen_must(NULL);
	if (i > n / 2 && rnd_once_in(30))
		rule->flags |= SFW_RULE_F_NOT_IFNAME;
	if (rnd_once_in(2))
		rule->to = list_of(AF_INET, i, i + rnd_below(3));
}

/* Long lists, plain and negated. */
static void lists(struct sfw_rule *rule, u32 i, u32 n)
{
	(void)i;
	(void)n;
	rule->flags |= SFW_RULE_F_PROTOCOL;
	rule->protocol = IPPROTO_TCP;
	rule->from = gen_list(NULL, SFW_LIST_ADDRS, 240);
	rule->to = gen_list(NULL, SFW_LIST_ADDRS, rnd_once_in(2) ? 2 : 240);
	rule->to_port = gen_list(NULL, SFW_LIST_PORTS, 20);
	if (rnd_once_in(5))
		rule->flags |= SFW_RULE_F_NOT_FROM;
	if (rnd_once_in(5))
		rule->flags |= SFW_RULE_F_NOT_TO_PORT;
}

/* Of IPv6, seldom prefixes. */
static void ranges6(struct sfw_rule *rule, u32 i, u32 n)
{
	u32 k = rnd_below(4 * n), l = rnd_below(4 * n);

	rule->from = list_of(AF_INET6, k, k + 1 + rnd_below(n));
	if (i & 1)
		rule->to = list_of(AF_INET6, l, l + 1 + rnd_below(n));
}

/* All hold one packet in three fields of four, and miss it in the fourth. */
static void missing(struct sfw_rule *rule, u32 i, u32 n)
{
	const u32 address = 0x0a000000, port = 20000, reach = 4 * n;
	u32 lo[4], hi[4], f;

	for (f = 0; f < 4; f++) {
		u32 at = f < 2 ? address : port, far = f < 2 ? reach : 500;

		lo[f] = at - 1 - rnd_below(far);
		hi[f] = at + 1 + rnd_below(far);
		if (f == i % 4) {
			lo[f] = at + 1 + rnd_below(40 * far);
			hi[f] = lo[f] + rnd_below(far);
		}
	}
	rule->flags |= SFW_RULE_F_PROTOCOL;
	rule->protocol = IPPROTO_UDP;
	rule->from = list_of(n & 1 ? AF_INET6 : AF_INET, lo[0], hi[0]);
	rule->to = list_of(n & 1 ? AF_INET6 : AF_INET, lo[1], hi[1]);
	rule->from_port = list_of(0, lo[2], hi[2]);
	rule->to_port = list_of(0, lo[3], hi[3]);
}

static const struct kind {
	const char *name;
	void (*make)(struct sfw_rule *rule, u32 i, u32 n);
	u32 most;
} kinds[] = {
	{ "mixed rules", mixed, MOST },
	{ "nested ranges", nested, MOST },
	{ "crossing ranges", crossing, MOST },
	{ "wildcards", wild, MOST },
	{ "ranges on one field", ports, MOST },
	{ "addresses of one different bit", one_bit, MOST },
	{ "interfaces", interfaces, MOST },
	{ "lists", lists, 400 },
	{ "ranges of IPv6", ranges6, MOST },
	{ "ranges that hold each other but for one field", missing, MOST },
};

static struct sfw_rule *make_rule(const struct kind *kind, u32 i, u32 n)
{
	struct sfw_rule *rule = gen_must(calloc(1, sizeof(*rule)));

	kind->make(rule, i, n);
	rule->number = 1;
	set_check(rule);
	return rule;
}

static void free_rule(struct sfw_rule *rule)
{
	sfw_rule_destroy(rule);
	free(rule);
}

static bool packets_agree(const struct set *set, u32 packets)
{
	struct sfw_packet pkt;
	u32 i, at, left;

	for (i = 0; i < packets; i++) {
		pick_packet(set, &pkt);
		if (!agrees(set, &pkt, 0, &at))
			return false;
		for (left = 3; at != SFW_CLASSIFY_NONE && left; left--)
			if (!agrees(set, &pkt, at + 1, &at))
				return false;
		if (rnd_once_in(8) &&
		    !agrees(set, &pkt, rnd_below(set->n + 2), &at))
			return false;
	}
	return true;
}

static bool is_bounded(const struct set *set)
{
	struct sfw_classify_bound bound;

	sfw_classify_bound(set->cls, &bound);
	if (bound.bytes <= (u64)set->n * BYTES_EACH + BYTES_MORE &&
	    bound.steps <= 2 * 4 * 14)
		return true;
	printf("# %u rules take %llu bytes, %u steps\n", set->n,
	       (unsigned long long)bound.bytes, bound.steps);
	return false;
}

/* A few rules go, a few come; the classifier is made from the one before. */
static bool change(struct set *set, const struct kind *kind, u32 *shared)
{
	u32 goes = rnd_below(4), comes = rnd_below(4), i, at;
	struct sfw_rule *gone[4];
	struct set old = *set;
	struct sfw_classify_bound bound;

	if (rnd_once_in(8))
		comes = 200;
	set->ptr = gen_must(calloc(old.n + comes + 1, sizeof(*set->ptr)));
	memcpy(set->ptr, old.ptr, old.n * sizeof(*set->ptr));
	for (i = 0; i < goes; i++) {
		at = rnd_below(set->n);
		gone[i] = set->ptr[at];
		memmove(&set->ptr[at], &set->ptr[at + 1],
			(--set->n - at) * sizeof(*set->ptr));
	}
	for (i = 0; i < comes; i++) {
		at = rnd_below(set->n + 1);
		memmove(&set->ptr[at + 1], &set->ptr[at],
			(set->n++ - at) * sizeof(*set->ptr));
		set->ptr[at] = make_rule(kind, at, set->n);
	}
	/* Numbers have room between them; what is new finds its place. */
	for (i = 0; i < set->n; i++) {
		u32 below = i ? set->ptr[i - 1]->number : 0;
		u32 above, next;

		for (next = i + 1; next < set->n &&
		     set->ptr[next]->number <= 1; next++)
			;
		if (set->ptr[i]->number > 1)
			continue;
		above = next < set->n ? set->ptr[next]->number :
					below + (next - i + 1) * 1000;
		if (above <= below + (next - i)) {
			printf("Bail out! no room for a number\n");
			exit(1);
		}
		set->ptr[i]->number = below + (above - below) / (next - i + 1);
	}
	if (sfw_classify_rebuild(&set->cls, set->ptr, set->n, old.cls))
		gen_must(NULL);
	sfw_classify_free(old.cls);
	free(old.ptr);
	for (i = 0; i < goes; i++)
		free_rule(gone[i]);
	sfw_classify_bound(set->cls, &bound);
	*shared += bound.changes > 0;
	return packets_agree(set, PACKETS / 10) && is_bounded(set);
}

static bool try_kind(const struct kind *kind, u32 times)
{
	struct set set;
	bool good = true;
	u32 i, t, shared = 0;

	for (t = 0; t < times && good; t++) {
		set.n = kind->most / 3 + rnd_below(kind->most - kind->most / 3);
		set.ptr = gen_must(calloc(set.n, sizeof(*set.ptr)));
		for (i = 0; i < set.n; i++) {
			set.ptr[i] = make_rule(kind, i, set.n);
			set.ptr[i]->number = (i + 1) * 1000;
		}
		set.cls = gen_must(sfw_classify_build(set.ptr, set.n));
		good = packets_agree(&set, PACKETS) && is_bounded(&set);
		for (i = 0; i < CHANGES && good; i++)
			good = change(&set, kind, &shared);
		sfw_classify_free(set.cls);
		for (i = 0; i < set.n; i++)
			free_rule(set.ptr[i]);
		free(set.ptr);
	}
	printf("# %s: %u changes that spared most of the work\n", kind->name,
	       shared);
	return good;
}

static struct sfw_rule **make_rules(void (*make)(struct sfw_rule *, u32, u32),
				    u32 n)
{
	struct sfw_rule **rules = gen_must(calloc(n, sizeof(*rules)));
	const struct kind kind = { .make = make };
	u32 i;

	for (i = 0; i < n; i++) {
		rules[i] = make_rule(&kind, i, n);
		rules[i]->number = i + 1;
	}
	return rules;
}

static void free_rules(struct sfw_rule **rules, u32 n)
{
	while (n)
		free_rule(rules[--n]);
	free(rules);
}

/* To ask a rule costs many times as much as a box. */
static bool ranges_are_boxes(u32 n)
{
	struct sfw_rule **rules = make_rules(ranges6, n);
	struct sfw_boxes boxes;
	u32 i, asks = 0;

	if (sfw_boxes_make(&boxes, rules, NULL, n, true))
		gen_must(NULL);
	for (i = 0; i < boxes.n; i++)
		asks += !!(*sfw_boxes_meta(&boxes, i) & SFW_BOX_CHECK);
	if (boxes.n != n || asks)
		printf("# %u rules: %u boxes, %u ask their rule\n", n, boxes.n,
		       asks);
	i = boxes.n;
	sfw_boxes_destroy(&boxes);
	free_rules(rules, n);
	return i == n && !asks;
}

/* Cuts in many parts copy too much; the one place that parts them is enough. */
static bool overlaps_are_cut(u32 n)
{
	struct sfw_rule **rules = make_rules(missing, n);
	struct sfw_classify_bound bound;
	struct sfw_classifier *cls = gen_must(sfw_classify_build(rules, n));

	sfw_classify_bound(cls, &bound);
	printf("# %u rules that overlap: at most %u are walked, %llu bytes each\n",
	       n, bound.tests, (unsigned long long)bound.bytes / n);
	sfw_classify_free(cls);
	free_rules(rules, n);
	return bound.tests < n * 3 / 5;
}

int main(int argc, char **argv)
{
	u32 times, i;

	printf("TAP version 13\n");
	rnd_seed(argc, argv);
	times = argc > 2 ? strtoul(argv[2], NULL, 0) : 1;
	for (i = 0; i < ARRAY_SIZE(kinds); i++)
		ok(try_kind(&kinds[i], 6 * times), kinds[i].name);
	ok(ranges_are_boxes(2000), "no box of IPv6 ranges has to ask its rule");
	ok(overlaps_are_cut(4000), "overlapping IPv4 ranges are cut");
	ok(overlaps_are_cut(4001), "overlapping IPv6 ranges are cut");
	return tap_done();
}
