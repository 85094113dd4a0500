// SPDX-License-Identifier: GPL-2.0
/*
 * The findings of check against brute force: random rule sets over a small
 * header space, in which every packet is one of some hundred kinds, and every
 * kind is asked of every rule by sfw_rule_match(). And the lines that check
 * proposes, added: the finding has to go.
 */
#include <math.h>

#include <lib/check.h>
#include <lib/parse.h>
#include <lib/print.h>
#include <lib/xalloc.h>
#include "gen.h"

#define SETS	10000
#define RULES	4		/* per direction, at most */
#define POINTS	20000

/* What a set is about; what is not stays out of it. */
struct world {
	bool v6, flags, iface, icmp, gre, limits;
	u8 mode;
};

/* Packets of one protocol and family. */
struct kind {
	u8 family;
	u8 protocol;
	bool icmp;
	int n_addr, n_sport, n_dport, n_flags, n_iface;
	int base;		/* of its points */
};

struct cell {
	struct sfw_addr addr;
	long double size;
};

static const struct cell cells4[] = {
	{ { 0, 0x0a000001 }, 2 },
	{ { 0, 0x0a000003 }, 2 },
	{ { 0, 0x08080808 }, 0x1p32L - 4 },
};

static const struct cell cells6[] = {
	{ { 0x20010db800000000ULL, 5 }, 0x1p96L },
	{ { 0x2a00000000000000ULL, 7 }, 0x1p128L - 0x1p96L },
};

/* If no rule is about IPv6 addresses. */
static const struct cell all6[] = {
	{ { 0x2a00000000000000ULL, 7 }, 0x1p128L },
};

static const u16 port_lo[] = { 0, 1024, 32768, 49152, 61000 };
static const u16 port_hi[] = { 1023, 32767, 49151, 60999, 65535 };
static const u8 icmp_types[] = { 8, 0, 3, 99 };
static const u8 icmp6_types[] = { 128, 129, 1, 99 };
/*
 * A request, what is sent in reply, and one more for each answer that the
 * flags clauses below can give together.
 */
static const u8 tcp_flags[] = {
	0x02, 0x10, 0x12, 0x18, 0x11, 0x00, 0x01, 0x03, 0x06, 0x07,
};
static const char *const ifaces[] = { "eth0", "en0", "wlan0" };

static struct kind kinds[8];
static int n_kinds, n_points;
static struct sfw_packet point[POINTS];
static u16 match[2][POINTS];	/* bit per rule, by its direction */
static const struct ruleset *set;
static struct world world;
static int n_rules[2];
static int iface_weight[3];	/* of two in one class, one has none */

static const struct cell *cells_of(const struct kind *k)
{
	if (k->family == AF_INET)
		return cells4;
	return k->n_addr == 1 ? all6 : cells6;
}

static int index_of(const struct kind *k, int src, int dst, int sport,
		    int dport, int flags, int iface)
{
	return k->base + ((((src * k->n_addr + dst) * k->n_sport + sport) *
			   k->n_dport + dport) * k->n_flags + flags) *
			 k->n_iface + iface;
}

static void make_point(const struct kind *k, int src, int dst, int sport,
		       int dport, int flags, int iface)
{
	const struct cell *cells = cells_of(k);
	struct sfw_packet *p = &point[index_of(k, src, dst, sport, dport,
					       flags, iface)];

	memset(p, 0, sizeof(*p));
	p->family = k->family;
	p->protocol = k->protocol;
	p->src = cells[src].addr;
	p->dst = cells[dst].addr;
	p->ifname = ifaces[iface];
	p->has_ports = sfw_packet_has_ports(k->protocol);
	if (p->has_ports) {
		p->sport = port_lo[sport];
		p->dport = port_lo[dport];
	}
	if (k->icmp) {
		p->icmp_type = k->family == AF_INET ? icmp_types[sport] :
						      icmp6_types[sport];
		p->icmp_code = dport;
	}
	if (k->protocol == IPPROTO_TCP)
		p->tcp.flags = tcp_flags[flags];
}

#define FOR_ALL(k, a, b, c, d, e, f)				\
	for (int a = 0; a < (k)->n_addr; a++)			\
	for (int b = 0; b < (k)->n_addr; b++)			\
	for (int c = 0; c < (k)->n_sport; c++)			\
	for (int d = 0; d < (k)->n_dport; d++)			\
	for (int e = 0; e < (k)->n_flags; e++)			\
	for (int f = 0; f < (k)->n_iface; f++)

static void add_kind(u8 family, u8 protocol)
{
	struct kind *k = &kinds[n_kinds++];
	bool ports = sfw_packet_has_ports(protocol);

	*k = (struct kind){
		.family = family,
		.protocol = protocol,
		.icmp = protocol == IPPROTO_ICMP || protocol == IPPROTO_ICMPV6,
		.n_addr = family == AF_INET ? 3 : world.v6 ? 2 : 1,
		.n_flags = protocol == IPPROTO_TCP ? (world.flags ? 10 : 2) : 1,
		.n_iface = world.iface ? 3 : 1,
		.base = n_points,
	};
	k->n_sport = ports ? 5 : k->icmp ? 4 : 1;
	k->n_dport = ports ? 5 : k->icmp ? 2 : 1;
	n_points += k->n_addr * k->n_addr * k->n_sport * k->n_dport *
		    k->n_flags * k->n_iface;
	if (n_points > POINTS)
		gen_must(NULL);
	FOR_ALL(k, src, dst, sport, dport, flags, iface)
		make_point(k, src, dst, sport, dport, flags, iface);
}

static void make_world(void)
{
	world = (struct world){
		.v6 = rnd_once_in(3),
		.flags = rnd_once_in(4),
		.iface = rnd_once_in(4),
		.icmp = rnd_once_in(3),
		.gre = rnd_once_in(6),
		.limits = rnd_once_in(4),
		.mode = rnd_once_in(4) ? SFW_MODE_STATEFUL :
					 SFW_MODE_STATELESS,
	};
	n_kinds = 0;
	n_points = 0;
	add_kind(AF_INET, IPPROTO_TCP);
	add_kind(AF_INET, IPPROTO_UDP);
	/* What check asks about is there even if no rule is about it. */
	add_kind(AF_INET, IPPROTO_ICMP);
	if (world.gre)
		add_kind(AF_INET, IPPROTO_GRE);
	add_kind(AF_INET6, IPPROTO_TCP);
	add_kind(AF_INET6, IPPROTO_UDP);
	add_kind(AF_INET6, IPPROTO_ICMPV6);
	if (world.gre)
		add_kind(AF_INET6, IPPROTO_GRE);
}

/* --- random sets --------------------------------------------------------- */

static struct sfw_list *gen_addrs(void)
{
	static const struct sfw_addr v4 = { 0, 0x0a000000 };
	static const struct sfw_addr v4b = { 0, 0x0a000002 };
	static const struct sfw_addr v6 = { 0x20010db800000000ULL, 0 };
	struct sfw_list *list = gen_must(sfw_list_new(NULL));
	bool six = world.v6 && rnd_once_in(3);
	int ret = 0;

	if (!six || rnd_once_in(2)) {
		switch (rnd_below(3)) {
		case 0:
			ret = sfw_list_add_prefix(list, AF_INET, &v4, 31);
			break;
		case 1:
			ret = sfw_list_add_prefix(list, AF_INET, &v4b, 31);
			break;
		default:
			ret = sfw_list_add_prefix(list, AF_INET, &v4, 30);
		}
	}
	if (six)
		ret |= sfw_list_add_prefix(list, AF_INET6, &v6, 32);
	if (ret || sfw_list_compile(list))
		gen_must(NULL);
	return list;
}

static struct sfw_list *gen_ports(void)
{
	struct sfw_list *list = gen_must(sfw_list_new(NULL));
	int a = rnd_below(5), b = rnd_below(5), c;

	if (a > b) {
		c = a;
		a = b;
		b = c;
	}
	if (sfw_list_add_port(list, port_lo[a], port_hi[b]))
		gen_must(NULL);
	c = rnd_below(5);
	if (rnd_once_in(4) &&
	    sfw_list_add_port(list, port_lo[c], port_hi[c]))
		gen_must(NULL);
	if (sfw_list_compile(list))
		gen_must(NULL);
	return list;
}

static void gen_icmp_rule(struct sfw_rule *r)
{
	bool six = world.v6 && rnd_once_in(2);

	r->protocol = six ? IPPROTO_ICMPV6 : IPPROTO_ICMP;
	if (rnd_once_in(3))
		return;
	r->flags |= SFW_RULE_F_ICMP_TYPE;
	r->icmp_type = six ? icmp6_types[rnd_below(3)] :
			     icmp_types[rnd_below(3)];
	if (rnd_once_in(4)) {
		r->flags |= SFW_RULE_F_ICMP_CODE;
		r->icmp_code = 0;
	}
}

static void gen_proto(struct sfw_rule *r)
{
	u32 x = rnd_below(12);

	if (x < 2)
		return;
	r->flags |= SFW_RULE_F_PROTOCOL;
	if (x < 8) {
		r->protocol = IPPROTO_TCP;
	} else if (x < 10) {
		r->protocol = IPPROTO_UDP;
	} else if (x == 10 && world.gre) {
		r->protocol = IPPROTO_GRE;
	} else if (world.icmp) {
		gen_icmp_rule(r);
	} else {
		r->protocol = IPPROTO_TCP;
	}
	if (!sfw_packet_has_ports(r->protocol))
		return;
	if (rnd_once_in(3))
		r->from_port = gen_ports();
	if (!rnd_once_in(3))
		r->to_port = gen_ports();
	if (r->from_port && rnd_once_in(6))
		r->flags |= SFW_RULE_F_NOT_FROM_PORT;
	if (r->to_port && rnd_once_in(6))
		r->flags |= SFW_RULE_F_NOT_TO_PORT;
}

static void gen_small_rule(struct sfw_rule *r, u32 number, u8 direction)
{
	memset(r, 0, sizeof(*r));
	r->number = number;
	r->direction = direction;
	r->action = rnd_once_in(8) ? SFW_ACTION_REJECT :
		    rnd_once_in(3) ? SFW_ACTION_DENY : SFW_ACTION_ALLOW;
	gen_proto(r);
	if (rnd_once_in(3))
		r->from = gen_addrs();
	if (rnd_once_in(3))
		r->to = gen_addrs();
	if (r->from && rnd_once_in(4))
		r->flags |= SFW_RULE_F_NOT_FROM;
	if (r->to && rnd_once_in(4))
		r->flags |= SFW_RULE_F_NOT_TO;
	if (world.iface && rnd_once_in(2)) {
		sfw_rule_set_ifname(r, rnd_once_in(3) ? "e*" : "eth0");
		if (rnd_once_in(3))
			r->flags |= SFW_RULE_F_NOT_IFNAME;
	}
	if (world.flags && r->protocol == IPPROTO_TCP && rnd_once_in(2)) {
		if (rnd_once_in(2)) {
			r->flags |= SFW_RULE_F_ESTABLISHED;
		} else {
			r->flags |= SFW_RULE_F_TCP_FLAGS;
			r->tcp_mask = rnd_once_in(3) ? 0x01 : 0x12;
			r->tcp_set = r->tcp_mask == 0x12 ? 0x02 : 0x01;
		}
	}
	if (world.limits && r->action == SFW_ACTION_ALLOW && rnd_once_in(3)) {
		r->flags |= SFW_RULE_F_LIMIT;
		r->limit.count = 10;
	}
	if (r->action == SFW_ACTION_ALLOW && rnd_once_in(6))
		r->flags |= SFW_RULE_F_RETURN;
	if (r->action == SFW_ACTION_ALLOW && rnd_once_in(8))
		r->flags |= SFW_RULE_F_NO_STATE;
	if (rnd_once_in(10))
		r->flags |= SFW_RULE_F_LOG;
	if (sfw_rule_check(r))
		gen_must(NULL);
}

static struct ruleset *gen_small_set(void)
{
	struct ruleset *rs = gen_must(ruleset_new());
	struct ruleset_rule *entry;
	u32 i, n;
	int d;

	rs->mode = world.mode;
	for (d = 0; d < 2; d++) {
		rs->def[d].action = rnd_once_in(4) ? SFW_ACTION_ALLOW :
						     SFW_ACTION_DENY;
		n = rnd_below(RULES + 1);
		for (i = 0; i < n; i++) {
			entry = gen_must(calloc(1, sizeof(*entry)));
			gen_small_rule(&entry->rule, 10 * (i + 1), d);
			if (ruleset_add_rule(rs, entry))
				gen_must(NULL);
		}
	}
	ruleset_sort(rs);
	return rs;
}

/* --- brute force ----------------------------------------------------------- */

static const struct sfw_rule *rule_at(int d, int i)
{
	return i < n_rules[d] ? &set->rules[d][i]->rule : NULL;
}

static u32 flags_at(int d, int i)
{
	const struct sfw_rule *rule = rule_at(d, i);

	return rule ? rule->flags : 0;
}

static u8 action_at(int d, int i)
{
	const struct sfw_rule *rule = rule_at(d, i);

	return rule ? rule->action : set->def[d].action;
}

static int outcome_at(int d, int i)
{
	return action_at(d, i) |
	       (world.mode == SFW_MODE_STATEFUL &&
		flags_at(d, i) & SFW_RULE_F_NO_STATE ? 0x80 : 0);
}

static void weigh_ifaces(void)
{
	const struct sfw_rule *rule;
	int d, i;

	iface_weight[0] = 0;
	iface_weight[1] = 0;
	iface_weight[2] = 1;
	for (d = 0; d < 2; d++) {
		for (i = 0; i < n_rules[d]; i++) {
			rule = rule_at(d, i);
			if (rule->flags & SFW_RULE_F_IFNAME)
				iface_weight[sfw_rule_ifname_is_wildcard(rule)] = 1;
		}
	}
}

static void match_all(void)
{
	int d, i, p;

	for (d = 0; d < 2; d++) {
		n_rules[d] = set->n_rules[d];
		for (p = 0; p < n_points; p++) {
			match[d][p] = 1 << n_rules[d];
			for (i = 0; i < n_rules[d]; i++)
				if (sfw_rule_match(rule_at(d, i), &point[p]))
					match[d][p] |= 1 << i;
		}
	}
}

/* Does no rule before i take the packet for good? */
static bool reaches(int d, int p, int i)
{
	int j;

	if (!(match[d][p] & 1 << i))
		return false;
	for (j = 0; j < i; j++)
		if (match[d][p] & 1 << j &&
		    !(flags_at(d, j) & SFW_RULE_F_LIMIT))
			return false;
	return true;
}

static bool same_behind(int d, int p, int i)
{
	int j;

	for (j = i + 1; j <= n_rules[d]; j++) {
		if (!(match[d][p] & 1 << j))
			continue;
		if (outcome_at(d, j) != outcome_at(d, i))
			return false;
		if (!(flags_at(d, j) & SFW_RULE_F_LIMIT))
			return true;
	}
	return true;
}

static bool allows(int d, int p)
{
	return action_at(d, __builtin_ctz(match[d][p])) == SFW_ACTION_ALLOW;
}

struct line {
	char text[80];
};

static struct line want[200], got[200];
static int n_want, n_got;

static void __attribute((__format__(__printf__, 1, 2)))
expect(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(want[n_want++].text, sizeof(want->text), fmt, ap);
	va_end(ap);
}

static void brute_order(int d, int i)
{
	bool matches = false, left = false, needed = false, other = false;
	bool action = false;
	int p, j;

	for (p = 0; p < n_points; p++) {
		if (!(match[d][p] & 1 << i))
			continue;
		matches = true;
		if (reaches(d, p, i)) {
			left = true;
			needed = needed || !same_behind(d, p, i) ||
				 flags_at(d, i) & SFW_RULE_F_LOG;
		}
		for (j = 0; j < i; j++) {
			if (!reaches(d, p, j))
				continue;
			other |= outcome_at(d, j) != outcome_at(d, i);
			action |= action_at(d, j) != action_at(d, i);
		}
	}
	if (!matches) {
		expect("%d:%d never-matches", d, i);
		return;
	}
	if (!left && other) {
		expect("%d:%d shadowed", d, i);
		return;
	}
	if (!needed) {
		expect("%d:%d redundant", d, i);
		if (!left)
			return;
	}
	if (action)
		expect("%d:%d correlated", d, i);
}

static long double weight(const struct kind *k, int src, int dst, int sport,
			  int dport, int port_cells)
{
	const struct cell *cells = cells_of(k);
	long double w = cells[src].size * cells[dst].size;

	if (port_cells)
		w *= (long double)(port_hi[sport] - port_lo[sport] + 1) *
		     (port_hi[dport] - port_lo[dport] + 1);
	return w;
}

/* The reply to a request, by its point. */
static int reply_of(const struct kind *k, int src, int dst, int sport,
		    int dport, int flags, int iface)
{
	if (k->icmp)
		return index_of(k, dst, src, 1, dport, flags, iface);
	return index_of(k, dst, src, dport, sport, flags, iface);
}

static bool is_client(int d, int sport)
{
	return d == SFW_DIRECTION_IN ? sport >= 1 : sport == 2 || sport == 3;
}

/* Does the exchange work for all that comes back? */
static bool comes_back(const struct kind *k, int d, int src, int dst,
		       int sport, int dport, int iface)
{
	int f;

	if (k->protocol != IPPROTO_TCP)
		return allows(!d, reply_of(k, src, dst, sport, dport, 0,
					   iface));
	for (f = 1; f < k->n_flags && f <= 4; f++)
		if (!allows(!d, reply_of(k, src, dst, sport, dport, f, iface)))
			return false;
	return true;
}

/* Is there a rule for it, or is it one that check always asks about? */
static bool is_asked(const struct kind *k)
{
	int d, i;

	if (k->protocol != IPPROTO_GRE)
		return true;
	for (d = 0; d < 2; d++)
		for (i = 0; i < n_rules[d]; i++)
			if (rule_at(d, i)->flags & SFW_RULE_F_PROTOCOL &&
			    rule_at(d, i)->protocol == k->protocol)
				return true;
	return false;
}

static void brute_missing(int d, int i)
{
	double worst = -1, percent;
	bool all = true, any = false;
	int n;

	for (n = 0; n < n_kinds; n++) {
		const struct kind *k = &kinds[n];
		long double total = 0, failed = 0, w;
		bool ports = sfw_packet_has_ports(k->protocol);
		bool passes = false, asked = false;

		if (!is_asked(k))
			continue;
		FOR_ALL(k, src, dst, sport, dport, flags, iface) {
			if (flags || (ports && !is_client(d, sport)) ||
			    (k->icmp && (sport || dport)) ||
			    !reaches(d, index_of(k, src, dst, sport, dport,
						 flags, iface), i))
				continue;
			w = weight(k, src, dst, sport, dport, ports);
			if (world.iface)
				w *= iface_weight[iface];
			total += w;
			asked = true;
			if (comes_back(k, d, src, dst, sport, dport, iface))
				passes = true;
			else
				failed += w;
		}
		if (!asked)
			continue;
		any = true;
		if (failed == 0 || passes)
			all = false;
		percent = passes ? (double)(failed / total * 100) : 100;
		if (failed > 0 && percent > worst)
			worst = percent;
	}
	if (any && worst >= 0)
		expect("%d:%d missing-return %s %.6f", d, i,
		       all ? "error" : "warning", worst);
}

/* Errors answer anything. */
static bool is_error(const struct kind *k, int sport)
{
	return k->icmp && sport == 2;
}

static bool is_reply(const struct kind *k, int sport, int dport, int flags)
{
	if (k->protocol == IPPROTO_TCP)
		return flags >= 1 && flags <= 4;
	return !k->icmp || (sport == 1 && !dport);
}

static void brute_orphan(int d, int i)
{
	bool any = false;
	int n, back;

	for (n = 0; n < n_kinds; n++) {
		const struct kind *k = &kinds[n];

		FOR_ALL(k, src, dst, sport, dport, flags, iface) {
			int p = index_of(k, src, dst, sport, dport, flags,
					 iface);

			if (!(match[d][p] & 1 << i))
				continue;
			any = true;
			if (is_error(k, sport))
				return;
			if (!is_asked(k) ||
			    !is_reply(k, sport, dport, flags) ||
			    !reaches(d, p, i))
				continue;
			back = k->icmp ? index_of(k, dst, src, 0, dport, 0,
						  iface) :
			       index_of(k, dst, src, dport, sport, 0, iface);
			if (allows(!d, back))
				return;
		}
	}
	if (any)
		expect("%d:%d orphan-return", d, i);
}

static void brute(void)
{
	int d, i;

	match_all();
	weigh_ifaces();
	n_want = 0;
	for (d = 0; d < 2; d++) {
		for (i = 0; i < n_rules[d]; i++)
			brute_order(d, i);
		for (i = 0; i <= n_rules[d]; i++) {
			if (action_at(d, i) != SFW_ACTION_ALLOW)
				continue;
			if (flags_at(d, i) & SFW_RULE_F_RETURN)
				brute_orphan(d, i);
			else if (world.mode == SFW_MODE_STATELESS)
				brute_missing(d, i);
		}
	}
}

/* --- comparing ------------------------------------------------------------- */

static int line_cmp(const void *a, const void *b)
{
	return strcmp(a, b);
}

static void collect(const struct findings *findings)
{
	static const char *const codes[] = {
		"shadowed", "redundant", "never-matches", "correlated",
		"orphan-return", "missing-return", "not-analysed", NULL
	};
	size_t i;

	n_got = 0;
	for (i = 0; i < findings->n; i++) {
		const struct finding *f = &findings->finding[i];
		const char *star = strchr(f->name ? f->name : "*", '*');
		int d = f->name && !strncmp(f->name, "out", 3), c, n;
		char *text = got[n_got].text;

		for (c = 0; codes[c] && strcmp(codes[c], f->code); c++)
			;
		if (!codes[c])
			continue;
		n = star ? n_rules[d] : (int)(f->rule->rule.number / 10) - 1;
		n_got++;
		if (f->percent < 0)
			snprintf(text, sizeof(got->text), "%d:%d %s", d, n,
				 f->code);
		else
			snprintf(text, sizeof(got->text), "%d:%d %s %s %.6f",
				 d, n, f->code,
				 f->severity == FINDING_ERROR ? "error" :
				 "warning", f->percent);
	}
}

static const struct explain_ports ports = {
	{ 1024, 32768 }, { 65535, 60999 },
};

static void show_set(void)
{
	const struct print_style plain = { .color = false };
	char *text = NULL, *p;
	size_t size;
	FILE *f = open_memstream(&text, &size);
	int i;

	print_ruleset(f, set, -1, &plain);
	fclose(f);
	for (p = strtok(text, "\n"); p; p = strtok(NULL, "\n"))
		printf("#   %s\n", p);
	free(text);
	for (i = 0; i < n_want; i++)
		printf("# want %s\n", want[i].text);
	for (i = 0; i < n_got; i++)
		printf("# got  %s\n", got[i].text);
}

static bool agree(void)
{
	int i;

	qsort(want, n_want, sizeof(*want), line_cmp);
	qsort(got, n_got, sizeof(*got), line_cmp);
	if (n_want != n_got)
		return false;
	for (i = 0; i < n_want; i++)
		if (strcmp(want[i].text, got[i].text))
			return false;
	return true;
}

/* The set with all proposed lines: what is still missing of its own rules? */
static int missing_after(const struct findings *findings)
{
	const struct print_style plain = { .color = false };
	struct findings after = { .file = "after" };
	struct parse_result *res;
	char *text = NULL;
	size_t size, i;
	int missing = 0, without = 0;
	FILE *f = open_memstream(&text, &size);

	print_ruleset(f, set, -1, &plain);
	for (i = 0; i < findings->n; i++) {
		const struct finding *x = &findings->finding[i];

		if (strcmp(x->code, "missing-return"))
			continue;
		if (x->add)
			fprintf(f, "%s\n", x->add);
		else
			without++;
	}
	fclose(f);
	res = parse_text("after", text, strlen(text));
	if (!res->ruleset) {
		printf("# a proposed line is none:\n# %s\n", text);
		free(text);
		parse_result_free(res);
		return -1;
	}
	check_ruleset(res->ruleset, SFW_MODE_STATELESS, &ports, &after);
	for (i = 0; i < after.n; i++)
		missing += !strcmp(after.finding[i].code, "missing-return");
	if (missing > without)
		printf("# with the proposed lines:\n%s", text);
	findings_free(&after);
	parse_result_free(res);
	free(text);
	return missing - without;
}

static bool has_missing(const struct findings *findings)
{
	size_t i;

	for (i = 0; i < findings->n; i++)
		if (!strcmp(findings->finding[i].code, "missing-return"))
			return true;
	return false;
}

int main(int argc, char **argv)
{
	unsigned int wrong = 0, repaired = 0, unrepaired = 0;
	unsigned long lines = 0;
	int i;

	rnd_seed(argc, argv);
	for (i = 0; i < SETS; i++) {
		struct findings findings = { .file = "set" };
		struct ruleset *rs;

		make_world();
		rs = gen_small_set();
		set = rs;
		brute();
		check_ruleset(rs, rs->mode, &ports, &findings);
		collect(&findings);
		lines += n_want;
		if (!agree() && wrong++ < 3)
			show_set();
		if (has_missing(&findings) && rnd_once_in(2)) {
			repaired++;
			if (missing_after(&findings) > 0 && unrepaired++ < 3)
				show_set();
		}
		findings_free(&findings);
		ruleset_free(rs);
	}
	printf("# %lu findings, %u sets repaired\n", lines, repaired);
	ok(lines > SETS / 2, "random sets have findings");
	ok(!wrong, "%d random sets: the findings of brute force (%u differ)",
	   SETS, wrong);
	ok(repaired > 100 && !unrepaired,
	   "the lines that are proposed let all replies through (%u sets still miss some)",
	   unrepaired);
	return tap_done();
}
