// SPDX-License-Identifier: GPL-2.0
/*
 * The classifier finds what a plain walk over the rules finds, whatever the
 * rules, the packet and the place to begin.
 *
 * rule.c is about sfw_rule_match(); here it is taken for granted.
 */
#include <classify.h>
#include "gen.h"

#define SETS	4000
#define PACKETS	300
#define MOST	40

/* All of a direction, ascending, as ruleset.c hands them over. */
struct set {
	struct sfw_rule rule[MOST];
	struct sfw_rule *ptr[MOST];
	u32 n;
	struct sfw_classifier *cls;
};

static void set_init(struct set *set)
{
	u32 i;

	memset(set, 0, sizeof(*set));
	set->n = rnd_once_in(50) ? 0 : 1 + rnd_below(rnd_once_in(3) ? 4 : MOST);
	for (i = 0; i < set->n; i++) {
		struct sfw_rule *rule = &set->rule[i];

		gen_rule(rule, NULL);
		rule->number = i + 1;
		/* Rules of nearly no clause, so that many match. */
		if (rnd_once_in(4)) {
			sfw_rule_destroy(rule);
			rule->flags &= SFW_RULE_F_PROTOCOL;
		}
		if (sfw_rule_check(rule)) {
			printf("Bail out! the generator makes unsound rules\n");
			exit(1);
		}
		set->ptr[i] = rule;
	}
	set->cls = gen_must(sfw_classify_build(set->ptr, set->n));
}

static void set_free(struct set *set)
{
	u32 i;

	sfw_classify_free(set->cls);
	for (i = 0; i < set->n; i++)
		sfw_rule_destroy(&set->rule[i]);
}

/* Where the list begins or ends, next to it, or anywhere. */
static struct sfw_addr pick_addr(const struct sfw_list *list, u8 family)
{
	struct sfw_addr addr = gen_addr(family);
	const struct sfw_elem *e;

	if (!list || rnd_once_in(4))
		return addr;
	e = &list->elem[rnd_below(list->n_elem)];
	if (e->family != family)
		return addr;
	addr = rnd_once_in(2) ? e->first : e->last;
	addr.lo += (int)rnd_below(3) - 1;
	if (family == AF_INET)
		addr.lo = (u32)addr.lo;
	return addr;
}

static u16 pick_port(const struct sfw_list *list)
{
	const struct sfw_elem *e;

	if (!list || rnd_once_in(4))
		return gen_port();
	e = &list->elem[rnd_below(list->n_elem)];
	return (rnd_once_in(2) ? e->first.lo : e->last.lo) + rnd_below(3) - 1;
}

/* A packet near one of the rules. */
static void pick_packet(const struct set *set, struct sfw_packet *pkt)
{
	static const struct sfw_rule none;
	const struct sfw_rule *r;

	r = set->n ? &set->rule[rnd_below(set->n)] : &none;
	memset(pkt, 0, sizeof(*pkt));
	pkt->family = gen_family();
	pkt->protocol = r->flags & SFW_RULE_F_PROTOCOL && !rnd_once_in(4) ?
			r->protocol : rnd_below(rnd_once_in(2) ? 256 : 60);
	pkt->src = pick_addr(r->from, pkt->family);
	pkt->dst = pick_addr(r->to, pkt->family);
	pkt->has_ports = sfw_packet_has_ports(pkt->protocol);
	if (pkt->has_ports) {
		pkt->sport = pick_port(r->from_port);
		pkt->dport = pick_port(r->to_port);
	}
	pkt->icmp_type = rnd_once_in(4) ? rnd() : r->icmp_type;
	pkt->icmp_code = rnd_once_in(4) ? rnd() : r->icmp_code;
	pkt->tcp.flags = rnd_once_in(2) ? rnd() :
			 r->tcp_set | (rnd() & ~r->tcp_mask);
	pkt->ifname = rnd_once_in(3) ? r->ifname : "eth0";
	pkt->fragment = rnd_once_in(20);
}

static u32 walk(const struct set *set, const struct sfw_packet *pkt, u32 from)
{
	u32 i;

	for (i = from; i < set->n; i++)
		if (sfw_rule_match(&set->rule[i], pkt))
			return i;
	return SFW_CLASSIFY_NONE;
}

static bool agrees(const struct set *set, const struct sfw_packet *pkt,
		   u32 from, u32 *found)
{
	u32 want = walk(set, pkt, from);

	*found = sfw_classify_next(set->cls, pkt, from);
	if (*found == want)
		return true;
	printf("# %u rules from %u, family %u protocol %u: %u, not %u\n",
	       set->n, from, pkt->family, pkt->protocol, *found, want);
	return false;
}

int main(int argc, char **argv)
{
	u64 firsts = 0, more = 0, matched = 0, deep = 0;
	bool first_good = true, more_good = true;
	struct sfw_packet pkt;
	struct set set;
	int i, j;
	u32 at;

	printf("TAP version 13\n");
	rnd_seed(argc, argv);
	for (i = 0; i < SETS && first_good && more_good; i++) {
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
