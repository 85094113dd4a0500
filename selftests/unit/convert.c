// SPDX-License-Identifier: GPL-2.0
/*
 * Converters: lists as sets against a walk over their elements, and chains of
 * iptables against an interpreter that goes through them as iptables does.
 */
#include "gen.h"

#include <lib/import.h>
#include <lib/listops.h>

#define LISTS	3000
#define SETS	4000
#define PACKETS	60

#define CHAINS		4	/* INPUT and three that it may go to */
#define RULES_MAX	6

/* --- lists ---------------------------------------------------------------- */

static struct sfw_list *compiled(struct sfw_list *list)
{
	if (!list || sfw_list_compile(list))
		abort();
	return list;
}

/* Few numbers in a small space, so that ranges meet. */
static struct sfw_list *small_list(bool ports)
{
	static const struct sfw_addr net6 = { 0x20010db800000000, 0 };
	struct sfw_list *list = sfw_list_new(NULL);
	u32 i, n = 1 + rnd_below(4);

	for (i = 0; i < n; i++) {
		u32 lo = rnd_below(4) ? rnd_below(64) : 0, hi = lo + rnd_below(20);
		struct sfw_addr a = { 0, 0xffffffc0 + (lo & 63) }, b = a;

		if (ports) {
			if (sfw_list_add_port(list, 65472 + lo,
					      hi > 63 ? 65535 : 65472 + hi))
				abort();
			continue;
		}
		b.lo = hi > 63 ? 0xffffffff : 0xffffffc0 + hi;
		if (rnd_below(2)) {
			a = net6;
			a.lo = lo;
			b = net6;
			b.lo = hi;
		}
		if (sfw_list_add_range(list, a.hi ? AF_INET6 : AF_INET, &a,
				       &b))
			abort();
	}
	return compiled(list);
}

static bool has(const struct sfw_list *list, u8 family, u32 i)
{
	struct sfw_addr a = { 0, 0xffffffc0 + i };

	if (!family)
		return sfw_list_has_port(list, 65472 + i);
	if (family == AF_INET6)
		a = (struct sfw_addr){ 0x20010db800000000, i };
	return sfw_list_has_addr(list, family, &a);
}

static bool about(const struct sfw_list *list, u8 family)
{
	return family == AF_INET6 ? list->n6 : list->n4;
}

static bool both_ok(bool ports)
{
	static const u8 families[] = { AF_INET, AF_INET6, 0 };
	struct sfw_list *a = small_list(ports), *b = small_list(ports);
	bool not_a = rnd_below(2), not_b = rnd_below(2), good = true;
	struct sfw_list *both = listops_both(a, not_a, b, not_b);
	struct sfw_list *either = listops_either(a, b);
	struct sfw_list *nets = listops_networks(both);
	u32 i, f;

	for (f = ports ? 2 : 0; f < (ports ? 3U : 2U); f++) {
		for (i = 0; i < 64; i++) {
			bool x = about(a, families[f]) &&
				 has(a, families[f], i) != not_a;
			bool y = about(b, families[f]) &&
				 has(b, families[f], i) != not_b;

			good &= has(both, families[f], i) == (x && y);
			good &= has(nets, families[f], i) == (x && y);
			good &= has(either, families[f], i) ==
				(has(a, families[f], i) ||
				 has(b, families[f], i));
		}
	}
	for (i = 0; i < nets->n_elem && !ports; i++)
		good &= nets->elem[i].kind == SFW_ELEM_PREFIX;
	sfw_list_put(a);
	sfw_list_put(b);
	sfw_list_put(both);
	sfw_list_put(either);
	sfw_list_put(nets);
	return good;
}

static void test_lists(void)
{
	u32 i, bad = 0;

	for (i = 0; i < LISTS; i++)
		bad += !both_ok(i & 1);
	ok(!bad, "%u pairs of lists: what is in both, in either, and their networks",
	   LISTS);
}

/* --- chains --------------------------------------------------------------- */

enum target { ACCEPT, DROP, REJECT, RETURN, JUMP };

/* A condition is an index into its table, 0 is none. */
struct irule {
	u8 src, proto, port, iface;
	bool not_src, not_port, not_iface;
	enum target target;
	u8 chain;
};

static const struct {
	const char *text;
	u32 lo, hi;
} nets[] = {
	{ NULL, 0, 0 },
	{ "10.0.0.0/8", 0x0a000000, 0x0affffff },
	{ "10.1.0.0/16", 0x0a010000, 0x0a01ffff },
	{ "10.1.2.3/32", 0x0a010203, 0x0a010203 },
	{ "192.0.2.0/24", 0xc0000200, 0xc00002ff },
};

static const u32 sources[] = {
	0x0a010203, 0x0a010204, 0x0a020304, 0xc0000201, 0x08080808,
};

static const char *const protos[] = { NULL, "tcp", "udp" };
static const char *const ports[] = { NULL, "22", "80:90", "22,85,443" };
static const u16 some_ports[] = { 22, 80, 85, 90, 91, 443 };
static const char *const ifaces[] = { NULL, "eth0", "eth1", "eth+" };
static const char *const names[] = { "eth0", "eth1", "wg0" };

static bool port_in(u8 index, u16 port)
{
	switch (index) {
	case 1:
		return port == 22;
	case 2:
		return port >= 80 && port <= 90;
	}
	return port == 22 || port == 85 || port == 443;
}

static bool imatch(const struct irule *r, const struct sfw_packet *pkt)
{
	if (r->src && (pkt->src.lo >= nets[r->src].lo &&
		       pkt->src.lo <= nets[r->src].hi) == r->not_src)
		return false;
	if (r->proto && pkt->protocol != (r->proto == 1 ? IPPROTO_TCP :
							  IPPROTO_UDP))
		return false;
	if (r->port && port_in(r->port, pkt->dport) == r->not_port)
		return false;
	if (r->iface) {
		bool same = r->iface == 3 ? !strncmp(pkt->ifname, "eth", 3) :
					    !strcmp(pkt->ifname,
						    ifaces[r->iface]);

		if (same == r->not_iface)
			return false;
	}
	return true;
}

struct ichain {
	struct irule rule[RULES_MAX];
	u32 n;
};

/* ACCEPT, DROP or REJECT; RETURN at the end of the chain. */
static enum target walk(const struct ichain *chains, u32 c,
			const struct sfw_packet *pkt)
{
	u32 i;

	for (i = 0; i < chains[c].n; i++) {
		const struct irule *r = &chains[c].rule[i];
		enum target t = r->target;

		if (!imatch(r, pkt))
			continue;
		if (t == JUMP)
			t = walk(chains, r->chain, pkt);
		else if (t == RETURN)
			return RETURN;
		if (t != RETURN)
			return t;
	}
	return RETURN;
}

static void random_rule(struct irule *r, u32 chain)
{
	memset(r, 0, sizeof(*r));
	if (rnd_below(2)) {
		r->src = 1 + rnd_below(4);
		r->not_src = !rnd_below(3);
	}
	if (rnd_below(2)) {
		r->proto = 1 + rnd_below(2);
		if (rnd_below(2)) {
			r->port = 1 + rnd_below(3);
			r->not_port = !rnd_below(3);
		}
	}
	if (!rnd_below(3)) {
		r->iface = 1 + rnd_below(3);
		r->not_iface = !rnd_below(3);
	}
	r->target = rnd_below(3);
	if (chain + 1 < CHAINS && !rnd_below(2)) {
		r->target = JUMP;
		r->chain = chain + 1 + rnd_below(CHAINS - chain - 1);
	} else if (!rnd_below(5)) {
		r->target = RETURN;
		/* Under a condition it is refused but where chains begin. */
		if (chain)
			*r = (struct irule){ .target = RETURN };
	}
}

static void write_rule(FILE *out, u32 chain, const struct irule *r)
{
	static const char *const targets[] = {
		"ACCEPT", "DROP", "REJECT", "RETURN",
	};

	fprintf(out, "-A %s%u", chain ? "C" : "INPUT", chain);
	if (r->src)
		fprintf(out, "%s -s %s", r->not_src ? " !" : "",
			nets[r->src].text);
	if (r->iface)
		fprintf(out, "%s -i %s", r->not_iface ? " !" : "",
			ifaces[r->iface]);
	if (r->proto)
		fprintf(out, " -p %s", protos[r->proto]);
	if (r->port)
		fprintf(out, " -m multiport%s --dports %s",
			r->not_port ? " !" : "", ports[r->port]);
	if (r->target == JUMP)
		fprintf(out, " -j C%u\n", r->chain);
	else
		fprintf(out, " -j %s\n", targets[r->target]);
}

static char *write_chains(const struct ichain *chains, bool drop)
{
	char *text = NULL, *p;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	u32 c, i;

	fprintf(out, "*filter\n:INPUT %s [0:0]\n:OUTPUT ACCEPT [0:0]\n",
		drop ? "DROP" : "ACCEPT");
	for (c = 1; c < CHAINS; c++)
		fprintf(out, ":C%u - [0:0]\n", c);
	fputs("-A INPUT -i lo -j ACCEPT\n", out);
	for (c = 0; c < CHAINS; c++)
		for (i = 0; i < chains[c].n; i++)
			write_rule(out, c, &chains[c].rule[i]);
	fputs("COMMIT\n", out);
	fclose(out);
	/* The built-in chain has no number. */
	while ((p = strstr(text, "INPUT0")))
		memmove(p + 5, p + 6, strlen(p + 6) + 1);
	return text;
}

static u8 judge(const struct ruleset *rs, const struct sfw_packet *pkt)
{
	size_t i;

	for (i = 0; i < rs->n_rules[SFW_DIRECTION_IN]; i++)
		if (sfw_rule_match(&rs->rules[SFW_DIRECTION_IN][i]->rule, pkt))
			return rs->rules[SFW_DIRECTION_IN][i]->rule.action;
	return rs->def[SFW_DIRECTION_IN].action;
}

static bool packets_ok(const struct ruleset *rs, const struct ichain *chains,
		       bool drop)
{
	static const u8 actions[] = {
		[ACCEPT] = SFW_ACTION_ALLOW, [DROP] = SFW_ACTION_DENY,
		[REJECT] = SFW_ACTION_REJECT,
	};
	u32 i;

	for (i = 0; i < PACKETS; i++) {
		struct sfw_packet pkt = {
			.family = AF_INET,
			.src.lo = sources[rnd_below(ARRAY_SIZE(sources))],
			.dst.lo = 0xc6336401,
			.ifname = names[rnd_below(ARRAY_SIZE(names))],
			.protocol = rnd_below(5) ? rnd_below(2) ? IPPROTO_TCP :
				    IPPROTO_UDP : IPPROTO_ESP,
			.dport = some_ports[rnd_below(ARRAY_SIZE(some_ports))],
		};
		enum target want;

		pkt.has_ports = pkt.protocol != IPPROTO_ESP;
		if (!pkt.has_ports)
			pkt.dport = 0;
		want = walk(chains, 0, &pkt);
		if (want == RETURN)
			want = drop ? DROP : ACCEPT;
		if (judge(rs, &pkt) != actions[want])
			return false;
	}
	return true;
}

/* 1: alike; 0: refused, which says nothing; -1: not alike. */
static int set_ok(void)
{
	struct ichain chains[CHAINS];
	struct import imp = { .file = "test" };
	bool drop = rnd_below(2);
	int result = 0;
	u32 c, i;

	for (c = 0; c < CHAINS; c++) {
		chains[c].n = 1 + rnd_below(RULES_MAX);
		for (i = 0; i < chains[c].n; i++)
			random_rule(&chains[c].rule[i], c);
	}
	imp.rs = ruleset_new();
	imp.text = write_chains(chains, drop);
	imp.len = strlen(imp.text);
	import_iptables(&imp);
	if (imp.count[IMPORT_ERROR]) {
		result = -1;
	} else if (!imp.count[IMPORT_REFUSED]) {
		ruleset_sort(imp.rs);
		result = packets_ok(imp.rs, chains, drop) ? 1 : -1;
	}
	for (i = 0; i < imp.n_messages && result < 0; i++)
		printf("# %s: %s\n", imp.messages[i].where,
		       imp.messages[i].text);
	import_free(&imp);
	return result;
}

static void test_chains(void)
{
	u32 i, bad = 0, alike = 0;

	for (i = 0; i < SETS; i++) {
		int result = set_ok();

		bad += result < 0;
		alike += result > 0;
	}
	ok(!bad && alike > SETS / 2,
	   "%u of %u random sets of chains are one list, %u packets each alike",
	   alike, SETS, PACKETS);
}

int main(int argc, char **argv)
{
	rnd_seed(argc, argv);
	test_lists();
	test_chains();
	return tap_done();
}
