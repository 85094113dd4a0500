// SPDX-License-Identifier: GPL-2.0
/*
 * Header space: the sets of rules against sfw_rule_match() packet by packet,
 * what and, without and swap say against what they mean, sizes, witnesses.
 */
#include <icmp.h>
#include <lib/request.h>
#include <lib/space_text.h>
#include <lib/xalloc.h>
#include "gen.h"

#define SETS	400
#define RULES	8
#define PACKETS	60

static const u8 families[] = { AF_INET, AF_INET6 };

/* A value that the list knows, or its neighbour, or any. */
static struct sfw_addr near_addr(const struct sfw_list *list, u8 family)
{
	const struct sfw_elem *e;
	struct sfw_addr addr = gen_addr(family);

	if (!list || rnd_once_in(4))
		return addr;
	e = &list->elem[rnd_below(list->n_elem)];
	if (e->family != family)
		return addr;
	addr = rnd_once_in(2) ? e->first : e->last;
	if (rnd_once_in(4))
		addr.lo = family == AF_INET ? (u32)(addr.lo + 1) : addr.lo - 1;
	return addr;
}

static u16 near_port(const struct sfw_list *list)
{
	if (!list || rnd_once_in(4))
		return gen_port();
	return list->elem[rnd_below(list->n_elem)].first.lo + rnd_below(2);
}

/* A packet that has a fair chance with this rule. */
static void gen_packet(struct sfw_packet *pkt, const struct sfw_rule *r)
{
	static const char *const names[] = {
		"eth0", "lo", "veth12", "veth", "vet", "e", "eth", "eth01",
		"abcdefghijklmno", "abcdefghijklmn", "log", "logx", "to",
	};

	memset(pkt, 0, sizeof(*pkt));
	pkt->family = gen_family();
	pkt->src = near_addr(r->from, pkt->family);
	pkt->dst = near_addr(r->to, pkt->family);
	pkt->protocol = rnd_once_in(8) ? rnd_below(256) : r->protocol;
	pkt->has_ports = sfw_packet_has_ports(pkt->protocol);
	if (pkt->has_ports) {
		pkt->sport = near_port(r->from_port);
		pkt->dport = near_port(r->to_port);
	}
	if (pkt->protocol == IPPROTO_TCP)
		pkt->tcp.flags = rnd_once_in(2) ? rnd() : r->tcp_set;
	if (pkt->protocol == IPPROTO_ICMP ||
	    pkt->protocol == IPPROTO_ICMPV6) {
		pkt->icmp_type = rnd_once_in(2) ? rnd() : r->icmp_type;
		pkt->icmp_code = rnd_once_in(2) ? rnd() : r->icmp_code;
	}
	pkt->ifname = names[rnd_below(ARRAY_SIZE(names))];
}

static struct ruleset *gen_set(void)
{
	struct ruleset *rs = gen_must(ruleset_new());
	struct ruleset_rule *entry;
	int i;

	for (i = 0; i < RULES; i++) {
		entry = gen_must(calloc(1, sizeof(*entry)));
		do {
			sfw_rule_destroy(&entry->rule);
			memset(&entry->rule, 0, sizeof(entry->rule));
			gen_rule(&entry->rule, NULL);
		} while (sfw_rule_check(&entry->rule));
		entry->rule.number = i + 1;
		if (ruleset_add_rule(rs, entry))
			gen_must(NULL);
	}
	ruleset_sort(rs);
	return rs;
}

struct tally {
	unsigned int match;	/* space_has() and sfw_rule_match() agree */
	unsigned int matched;	/* and say yes */
	unsigned int and, without, within, swap, witness, disjoint;
	unsigned int checks;
};

static bool has_any(const struct space *space, const struct box *box, int n,
		    const struct sfw_packet *pkt)
{
	int i, found = 0;

	for (i = 0; i < n; i++)
		found += space_has(space, &box[i], pkt);
	return found == 1;
}

/* The same packet on its way back. */
static void turn(struct sfw_packet *pkt)
{
	struct sfw_addr addr = pkt->src;
	u16 port = pkt->sport;

	pkt->src = pkt->dst;
	pkt->dst = addr;
	pkt->sport = pkt->dport;
	pkt->dport = port;
}

static void compare(struct space *space, const struct sfw_rule *a,
		    const struct sfw_rule *b, struct tally *t)
{
	struct box x, y, common, rest[SPACE_DIMS], back;
	struct sfw_packet pkt;
	bool hx, hy, meets;
	int i, n;

	gen_packet(&pkt, rnd_once_in(2) ? a : b);
	hx = space_of_rule(space, a, pkt.family, &x) &&
	     space_has(space, &x, &pkt);
	hy = space_of_rule(space, b, pkt.family, &y) &&
	     space_has(space, &y, &pkt);
	t->checks++;
	t->match += hx == sfw_rule_match(a, &pkt) &&
		    hy == sfw_rule_match(b, &pkt);
	t->matched += hx;
	if (!space_of_rule(space, a, pkt.family, &x) ||
	    !space_of_rule(space, b, pkt.family, &y)) {
		t->and++;
		t->without++;
		t->within++;
		t->swap++;
		t->disjoint++;
		return;
	}
	meets = space_and(space, &x, &y, &common);
	t->and += (meets && space_has(space, &common, &pkt)) == (hx && hy);
	n = space_without(space, &x, &y, rest);
	t->without += has_any(space, rest, n, &pkt) == (hx && !hy);
	for (i = 1; i < n && !space_meet(space, &rest[0], &rest[i]); i++)
		;
	t->disjoint += i >= n;
	t->within += !space_is_within(space, &x, &y) || !hx || hy;
	if (meets && !space_is_within(space, &common, &x))
		t->within--;
	back = space_swap(&x, pkt.protocol == IPPROTO_ICMP ||
			      pkt.protocol == IPPROTO_ICMPV6);
	turn(&pkt);
	t->swap += space_has(space, &back, &pkt) == hx;
}

static void try_witness(struct space *space, const struct sfw_rule *rule,
			struct tally *t, unsigned int *n)
{
	struct packet_text w;
	struct box box;
	int i;

	for (i = 0; i < 2; i++) {
		if (!space_of_rule(space, rule, families[i], &box))
			continue;
		witness_of(space, &box, rule->direction, &w);
		/* Not limited means that the name does not matter. */
		if (!w.pkt.ifname)
			w.pkt.ifname = "eth0";
		(*n)++;
		t->witness += sfw_rule_match(rule, &w.pkt);
	}
}

static void test_rules(void)
{
	struct tally t = { .match = 0 };
	unsigned int witnesses = 0;
	int i, j, k;

	for (i = 0; i < SETS; i++) {
		struct ruleset *rs = gen_set();
		struct space *space = space_new(rs, NULL);
		const struct sfw_rule *rule[RULES];
		int n = 0, d;

		for (d = 0; d < 2; d++)
			for (j = 0; j < (int)rs->n_rules[d]; j++)
				rule[n++] = &rs->rules[d][j]->rule;
		for (j = 0; j < n; j++) {
			for (k = 0; k < PACKETS; k++)
				compare(space, rule[j], rule[rnd_below(n)], &t);
			try_witness(space, rule[j], &t, &witnesses);
		}
		space_free(space);
		ruleset_free(rs);
	}
	printf("# %u packets, %u of them matched; %u witnesses\n", t.checks,
	       t.matched, witnesses);
	ok(t.matched > t.checks / 20 && t.match == t.checks,
	   "a rule's boxes hold what sfw_rule_match() matches");
	ok(t.and == t.checks, "and: what is in both");
	ok(t.without == t.checks, "without: what is in one and not the other");
	ok(t.disjoint == t.checks, "and its boxes are disjoint");
	ok(t.within == t.checks, "within: nothing of one is outside the other");
	ok(t.swap == t.checks, "swap: packets on their way back");
	ok(t.witness == witnesses, "a witness of a rule matches it");
}

static void test_sizes(void)
{
	struct ruleset *rs = gen_must(ruleset_new());
	struct space *space = space_new(rs, NULL);
	const struct exchange tcp = {
		.family = AF_INET, .protocol = IPPROTO_TCP,
	};
	const struct explain_ports ports = { { 1024, 32768 }, { 65535, 60999 } };
	struct box box = request_all(space, &tcp, &ports, SFW_DIRECTION_OUT);
	struct range r[] = {
		{ { 0, 5 }, { 0, 9 } }, { { 0, 1 }, { 0, 3 } },
		{ { 0, 4 }, { 0, 4 } }, { { ~0ULL, ~0ULL }, { ~0ULL, ~0ULL } },
		{ { 1, ~0ULL }, { 2, 0 } },
	};
	size_t n;
	u32 set;

	ok(space_size(space, &box) == 0x1p64L * 65536 * 28232,
	   "tuples are counted exactly");
	box.set[SPACE_SPORT] = space_span(space, 49152, 60999);
	ok(space_size(space, &box) == 0x1p64L * 65536 * 11848,
	   "and so is part of them");
	set = ranges_make(space->ranges, r, ARRAY_SIZE(r));
	ranges_get(space->ranges, set, &n);
	ok(n == 3 && ranges_size(space->ranges, set) == 12,
	   "ranges in any order become disjoint and not adjacent");
	ok(ranges_without(space->ranges, set, set) == RANGES_EMPTY &&
	   ranges_and(space->ranges, set, set) == set &&
	   ranges_or(space->ranges, set, RANGES_EMPTY) == set,
	   "a set with itself and with nothing");
	space_free(space);
	ruleset_free(rs);
}

/* No room: said, and gone with the sets that took it. */
static void test_full(void)
{
	struct ranges *rs = ranges_new(100);
	struct range r[60];
	u32 mark, small;
	size_t i;

	small = ranges_span(rs, 7, 9);
	mark = ranges_mark(rs);
	for (i = 0; i < ARRAY_SIZE(r); i++)
		r[i] = (struct range){ { 0, 4 * i }, { 0, 4 * i + 1 } };
	ranges_make(rs, r, ARRAY_SIZE(r));
	ok(!ranges_full(rs), "a list that fits");
	for (i = 0; i < ARRAY_SIZE(r); i++)
		r[i] = (struct range){ { 0, 8 * i }, { 0, 8 * i + 1 } };
	ok(ranges_make(rs, r, ARRAY_SIZE(r)) == RANGES_EMPTY &&
	   ranges_full(rs), "one that does not: that there is no room is said");
	ranges_release(rs, mark);
	ok(!ranges_full(rs) && ranges_span(rs, 7, 9) == small,
	   "released, there is room again, and what was before is there");
	ranges_free(rs);
}

int main(int argc, char **argv)
{
	rnd_seed(argc, argv);
	test_rules();
	test_sizes();
	test_full();
	return tap_done();
}
