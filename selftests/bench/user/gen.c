// SPDX-License-Identifier: GPL-2.0
/*
 * Rule sets and traffic for timing the classifier.
 *
 * What makes a rule set hard for a classifier is not its size but how its
 * rules overlap, and that follows from how networks are laid out. So addresses
 * are drawn from a small world, made anew for each set: sites (networks of an
 * organisation, a few hundred for 10,000 rules), subnets in the sites, hosts in
 * the subnets; a rule names any of these, something wider, or nothing. Ports
 * are mostly well-known ones, a few far more often than the others, at times
 * ranges. The kinds differ in how often each happens:
 *
 *             source any  destination any  both ports  protocol any  host pairs
 *   acl       1/4         1/30             rare        1/10          some
 *   firewall  9/20        3/10             often       1/5           few
 *   chain     3/20        1/5              common      1/4           many
 *
 * and in the tables below. No two rules are the same.
 *
 * Two orders. Specific first is what tools write that sort by prefix length;
 * the first match is then mostly the only narrow one. In the users' order the
 * rules of a site stand together in no order, sites come in no order, and of
 * the rules without addresses half stand among them from the middle on and half at
 * the end: rules shadow parts of others, as in files that have grown for years.
 *
 * Tried and rejected: sets of other projects' generators. They may not be
 * handed on, and list the most specific rules first, which flatters whoever
 * stops at the first match. Uniformly random addresses: they hardly overlap.
 */
#include <stdio.h>

#include "gen.h"

#define SERVICES	200

/* Parts of 1,000. */
struct mix {
	u16 src_any, src_wide, src_site, src_subnet;	/* else a host */
	u16 dst_any, dst_wide, dst_site, dst_subnet;
	u16 tcp, udp, icmp;				/* else any protocol */
	u16 sport_one, sport_range;			/* else any */
	u16 dport_one, dport_range;
};

static const struct mix mixes[GEN_KINDS] = {
	[GEN_ACL] = {
		250, 50, 250, 250, 30, 20, 70, 380,
		700, 150, 50, 10, 10, 600, 120,
	},
	[GEN_FIREWALL] = {
		450, 50, 150, 150, 300, 50, 150, 200,
		500, 220, 80, 100, 200, 450, 300,
	},
	[GEN_CHAIN] = {
		150, 50, 150, 200, 200, 50, 150, 200,
		450, 250, 50, 250, 50, 500, 100,
	},
};

/**
 * struct world - what the rules of a set talk about
 * @sites: how many sites there are
 * @site: their networks
 * @site_len: and prefix lengths
 * @service: ports; the first ones are the most used
 */
struct world {
	struct gen_rnd *r;
	u8 family;
	u32 sites;
	struct sfw_addr *site;
	u8 *site_len;
	u16 service[SERVICES];
};

/* A rule on its way into the set, and where it goes. */
struct draft {
	struct sfw_rule rule;
	struct sfw_addr src, dst;
	u8 src_len, dst_len;
	u16 sport[2], dport[2];
	u32 site;
	u64 place;
};

static void *must(void *p)
{
	if (!p) {
		fprintf(stderr, "bench: out of memory\n");
		exit(1);
	}
	return p;
}

u64 gen_rnd_next(struct gen_rnd *r)
{
	r->state ^= r->state >> 12;
	r->state ^= r->state << 25;
	r->state ^= r->state >> 27;
	return r->state * 0x2545f4914f6cdd1dULL;
}

u32 gen_rnd_below(struct gen_rnd *r, u32 n)
{
	return ((gen_rnd_next(r) >> 32) * n) >> 32;
}

const char *gen_kind_name(enum gen_kind kind)
{
	static const char *const names[] = { "acl", "firewall", "chain" };

	return names[kind];
}

const char *gen_order_name(enum gen_order order)
{
	static const char *const names[] = { "specific", "users" };

	return names[order];
}

static void mask(struct sfw_addr *a, u8 family, unsigned int len)
{
	if (family == AF_INET)
		len += 96;
	if (len <= 64)
		a->lo = 0;
	else if (len < 128)
		a->lo &= ~0ULL << (128 - len);
	if (!len)
		a->hi = 0;
	else if (len < 64)
		a->hi &= ~0ULL << (64 - len);
}

/* Set the @bits bits at @shift from the right to a random number. */
static void scatter(struct gen_rnd *r, struct sfw_addr *a, unsigned int shift,
		    unsigned int bits)
{
	u64 x = gen_rnd_next(r) & ((1ULL << bits) - 1);

	if (shift >= 64)
		a->hi |= x << (shift - 64);
	else
		a->lo |= x << shift;
}

static void world_init(struct world *w, struct gen_rnd *r, u8 family, u32 n)
{
	static const u8 len4[] = { 16, 18, 20, 22, 23, 24 };
	static const u8 len6[] = { 32, 40, 44, 48, 48, 48 };
	u32 i, providers;

	w->r = r;
	w->family = family;
	w->sites = 4;
	while ((u64)w->sites * w->sites < 8ULL * n)
		w->sites++;
	w->site = must(calloc(w->sites, sizeof(*w->site)));
	w->site_len = must(calloc(w->sites, 1));
	providers = 3 + w->sites / 16;
	for (i = 0; i < w->sites; i++) {
		struct gen_rnd p = {
			0x9e3779b97f4a7c15ULL * (1 + gen_rnd_below(r, providers)),
		};
		struct sfw_addr *a = &w->site[i];

		/* Sites are neighbours in the networks of a few providers. */
		if (family == AF_INET) {
			a->lo = (1 + gen_rnd_below(&p, 222)) << 24;
			a->lo |= gen_rnd_below(&p, 16) << 20;
			scatter(r, a, 8, 12);
			w->site_len[i] = len4[gen_rnd_below(r, sizeof(len4))];
		} else {
			a->hi = 0x2000ULL << 48;
			a->hi |= (u64)gen_rnd_below(&p, 0x1000) << 48;
			a->hi |= (u64)gen_rnd_below(&p, 0x10000) << 32;
			scatter(r, a, 80, 16);
			w->site_len[i] = len6[gen_rnd_below(r, sizeof(len6))];
		}
		mask(a, family, w->site_len[i]);
	}
	for (i = 0; i < SERVICES; i++)
		w->service[i] = i < SERVICES / 2 ? 1 + gen_rnd_below(r, 1024) :
						   gen_rnd_below(r, 65536);
}

/* Small numbers are likely: as 1/x. */
static u32 skewed(struct gen_rnd *r, u32 n)
{
	u32 below = 1;

	while (below < n && gen_rnd_below(r, 4))
		below *= 2;
	return gen_rnd_below(r, below < n ? below : n);
}

/* The address clause: any, wide, a site, a subnet of it or a host there. */
static u8 draw_addr(struct world *w, struct sfw_addr *a, u32 site,
		    const u16 *part)
{
	bool v4 = w->family == AF_INET;
	unsigned int len = w->site_len[site];
	u32 wide = part[0] + part[1], whole = wide + part[2];
	u32 x = gen_rnd_below(w->r, 1000);

	*a = w->site[site];
	if (x < part[0]) {
		len = 0;
	} else if (x < wide) {
		len = v4 ? 6 + gen_rnd_below(w->r, 9) :
			   12 + gen_rnd_below(w->r, 19);
	} else if (x >= whole) {
		/* Few subnets of what a site could have are in use. */
		if (v4 && len < 24)
			a->lo |= (u64)skewed(w->r, 1U << (24 - len)) << 8;
		else if (!v4)
			a->hi |= skewed(w->r, 1U << (64 - len > 12 ? 12 :
						    64 - len));
		if (x - whole < part[3]) {
			len = v4 ? 24 + gen_rnd_below(w->r, 5) : 64;
			if (v4)
				scatter(w->r, a, 4, 4);
			else if (!gen_rnd_below(w->r, 3))
				len = 56 + gen_rnd_below(w->r, 8);
		} else {
			len = v4 ? 32 : 128;
			if (v4 || gen_rnd_below(w->r, 2))
				a->lo |= 1 + gen_rnd_below(w->r, 254);
			else
				scatter(w->r, a, 0, 63);
		}
	}
	mask(a, w->family, len);
	return len;
}

static void draw_port(struct world *w, u16 port[2], u16 one, u16 range)
{
	u32 x = gen_rnd_below(w->r, 1000);
	u32 t;

	port[0] = 0;
	port[1] = 65535;
	if (x < one) {
		port[0] = w->service[skewed(w->r, SERVICES)];
		port[1] = port[0];
	} else if (x < one + range) {
		switch (gen_rnd_below(w->r, 5)) {
		case 0:
		case 1:
			port[0] = 1024;
			break;
		case 2:
			port[1] = 1023;
			break;
		case 3:
			port[0] = w->service[skewed(w->r, SERVICES)];
			t = port[0] + 1 + gen_rnd_below(w->r, 100);
			port[1] = t > 65535 ? 65535 : t;
			break;
		default:
			port[0] = 1024 + gen_rnd_below(w->r, 60000);
			t = port[0] + gen_rnd_below(w->r, 5000);
			port[1] = t > 65535 ? 65535 : t;
		}
	}
}

static void draw(struct world *w, const struct mix *mix, struct draft *d)
{
	u32 x = gen_rnd_below(w->r, 1000);
	struct sfw_rule *rule = &d->rule;
	u32 other = gen_rnd_below(w->r, w->sites);

	memset(d, 0, sizeof(*d));
	d->site = gen_rnd_below(w->r, w->sites);
	d->src_len = draw_addr(w, &d->src, other, &mix->src_any);
	d->dst_len = draw_addr(w, &d->dst, d->site, &mix->dst_any);
	d->sport[1] = 65535;
	d->dport[1] = 65535;
	rule->action = gen_rnd_below(w->r, 3) ? SFW_ACTION_ALLOW :
						SFW_ACTION_DENY;
	if (x >= (u32)mix->tcp + mix->udp + mix->icmp)
		return;
	rule->flags = SFW_RULE_F_PROTOCOL;
	if (x >= (u32)mix->tcp + mix->udp) {
		rule->protocol = w->family == AF_INET ? IPPROTO_ICMP :
							IPPROTO_ICMPV6;
		if (gen_rnd_below(w->r, 2)) {
			rule->flags |= SFW_RULE_F_ICMP_TYPE;
			rule->icmp_type = gen_rnd_below(w->r, 20);
		}
		return;
	}
	rule->protocol = x < mix->tcp ? IPPROTO_TCP : IPPROTO_UDP;
	draw_port(w, d->sport, mix->sport_one, mix->sport_range);
	draw_port(w, d->dport, mix->dport_one, mix->dport_range);
}

static u32 draft_hash(const struct draft *d)
{
	const u64 part[] = {
		d->src.hi, d->src.lo, d->dst.hi, d->dst.lo,
		(u64)d->src_len << 8 | d->dst_len,
		(u64)d->sport[0] << 48 | (u64)d->sport[1] << 32 |
		d->dport[0] << 16 | d->dport[1],
		(u64)d->rule.flags << 16 | d->rule.protocol << 8 |
		d->rule.icmp_type,
	};
	u64 h = 0;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(part); i++) {
		h = (h ^ part[i]) * 0x9e3779b97f4a7c15ULL;
		h ^= h >> 29;
	}
	return h;
}

static bool draft_same(const struct draft *a, const struct draft *b)
{
	return !sfw_addr_cmp(&a->src, &b->src) &&
	       !sfw_addr_cmp(&a->dst, &b->dst) &&
	       a->src_len == b->src_len && a->dst_len == b->dst_len &&
	       !memcmp(a->sport, b->sport, sizeof(a->sport)) &&
	       !memcmp(a->dport, b->dport, sizeof(a->dport)) &&
	       a->rule.flags == b->rule.flags &&
	       a->rule.protocol == b->rule.protocol &&
	       a->rule.icmp_type == b->rule.icmp_type;
}

static unsigned int port_bits(const u16 port[2])
{
	unsigned int bits = 16;
	u32 span = port[1] - port[0];

	for (; span; span >>= 1)
		bits--;
	return bits;
}

/* Where the rule stands: the lower the number, the earlier. */
static u64 place(struct world *w, const struct draft *d, enum gen_order order,
		 const u32 *site_place)
{
	unsigned int narrow = d->src_len + d->dst_len + port_bits(d->sport) +
			      port_bits(d->dport);
	u64 any = gen_rnd_next(w->r) >> 32;

	if (order == GEN_SPECIFIC_FIRST)
		return (u64)(1000 - narrow) << 32 | any;
	if (d->src_len < 8 && d->dst_len < 8)
		return gen_rnd_below(w->r, 2) ? ~0ULL :
			(1ULL << 63 | gen_rnd_next(w->r) >> 1);
	return (u64)site_place[d->site] << 32 | any;
}

static int draft_cmp(const void *a, const void *b)
{
	const struct draft *x = a, *y = b;

	return x->place < y->place ? -1 : x->place > y->place;
}

static struct sfw_list *one_addr(u8 family, const struct sfw_addr *a, u8 len)
{
	struct sfw_list *list;

	if (!len)
		return NULL;
	list = must(sfw_list_new(NULL));
	if (sfw_list_add_prefix(list, family, a, len) ||
	    sfw_list_compile(list))
		must(NULL);
	return list;
}

static struct sfw_list *one_port(const u16 port[2])
{
	struct sfw_list *list;

	if (!port[0] && port[1] == 65535)
		return NULL;
	list = must(sfw_list_new(NULL));
	if (sfw_list_add_port(list, port[0], port[1]) ||
	    sfw_list_compile(list))
		must(NULL);
	return list;
}

static void finish(const struct world *w, struct draft *d, struct sfw_rule *rule,
		   u32 number)
{
	const char *err;

	*rule = d->rule;
	rule->number = number;
	rule->from = one_addr(w->family, &d->src, d->src_len);
	rule->to = one_addr(w->family, &d->dst, d->dst_len);
	rule->from_port = one_port(d->sport);
	rule->to_port = one_port(d->dport);
	err = sfw_rule_check(rule);
	if (err) {
		fprintf(stderr, "bench: the generator made a bad rule: %s\n",
			err);
		exit(1);
	}
}

/* Draw @n different rules. */
static struct draft *draw_all(struct world *w, const struct mix *mix, u32 n)
{
	struct draft *d = must(calloc(n, sizeof(*d)));
	u32 size = 1, i = 0, h;
	u32 *seen;

	while (size < 2 * n)
		size *= 2;
	seen = must(calloc(size, sizeof(*seen)));
	while (i < n) {
		draw(w, mix, &d[i]);
		h = draft_hash(&d[i]) & (size - 1);
		while (seen[h] && !draft_same(&d[seen[h] - 1], &d[i]))
			h = (h + 1) & (size - 1);
		if (!seen[h])
			seen[h] = ++i;
	}
	free(seen);
	return d;
}

struct gen_set *gen_set_new(enum gen_kind kind, u8 family,
			    enum gen_order order, u32 n, u64 seed)
{
	struct gen_set *set = must(calloc(1, sizeof(*set)));
	struct gen_rnd r = { seed * 0x9e3779b97f4a7c15ULL + 1 };
	struct world w;
	struct draft *d;
	u32 *site_place;
	u32 i;

	world_init(&w, &r, family, n);
	site_place = must(calloc(w.sites, sizeof(*site_place)));
	for (i = 0; i < w.sites; i++)
		site_place[i] = gen_rnd_next(&r) >> 32;
	d = draw_all(&w, &mixes[kind], n);
	for (i = 0; i < n; i++)
		d[i].place = place(&w, &d[i], order, site_place);
	qsort(d, n, sizeof(*d), draft_cmp);

	set->n = n;
	set->rule = must(calloc(n, sizeof(*set->rule)));
	set->ptr = must(calloc(n, sizeof(*set->ptr)));
	for (i = 0; i < n; i++) {
		finish(&w, &d[i], &set->rule[i], i + 1);
		set->ptr[i] = &set->rule[i];
	}
	free(d);
	free(site_place);
	free(w.site);
	free(w.site_len);
	return set;
}

void gen_set_free(struct gen_set *set)
{
	u32 i;

	for (i = 0; i < set->n; i++)
		sfw_rule_destroy(&set->rule[i]);
	free(set->rule);
	free(set->ptr);
	free(set);
}

static void point_addr(struct gen_rnd *r, const struct sfw_list *list,
		       u8 family, struct sfw_addr *a)
{
	const struct sfw_elem *e;
	struct sfw_addr x = { gen_rnd_next(r), gen_rnd_next(r) };

	if (family == AF_INET) {
		x.hi = 0;
		x.lo = (u32)x.lo;
	}
	if (!list) {
		*a = x;
		return;
	}
	e = &list->elem[gen_rnd_below(r, list->n_elem)];
	a->hi = e->first.hi | (x.hi & (e->first.hi ^ e->last.hi));
	a->lo = e->first.lo | (x.lo & (e->first.lo ^ e->last.lo));
}

static u16 point_port(struct gen_rnd *r, const struct sfw_list *list)
{
	const struct sfw_elem *e;

	if (!list)
		return gen_rnd_below(r, 65536);
	e = &list->elem[gen_rnd_below(r, list->n_elem)];
	return e->first.lo + gen_rnd_below(r, e->last.lo - e->first.lo + 1);
}

void gen_point_in(struct gen_rnd *r, const struct sfw_rule *rule, u8 family,
		  struct gen_point *p)
{
	static const u8 usual[] = { IPPROTO_TCP, IPPROTO_TCP, IPPROTO_UDP };

	memset(p, 0, sizeof(*p));
	point_addr(r, rule->from, family, &p->src);
	point_addr(r, rule->to, family, &p->dst);
	p->protocol = rule->flags & SFW_RULE_F_PROTOCOL ? rule->protocol :
		      usual[gen_rnd_below(r, sizeof(usual))];
	if (sfw_packet_has_ports(p->protocol)) {
		p->sport = point_port(r, rule->from_port);
		p->dport = point_port(r, rule->to_port);
		p->tcp_flags = SFW_TCP_SYN;
	} else {
		p->icmp_type = rule->flags & SFW_RULE_F_ICMP_TYPE ?
			       rule->icmp_type : gen_rnd_below(r, 20);
	}
}
