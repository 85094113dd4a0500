// SPDX-License-Identifier: GPL-2.0
/*
 * Rule sets of the other mode: what derive makes of random stateful sets lets
 * all replies through, and nothing that was allowed is lost; what it makes of
 * stateless ones keeps every packet that is no reply.
 */
#include <lib/check.h>
#include <lib/derive.h>
#include <lib/print.h>
#include "small.h"

#define SETS	1500

static const struct explain_ports ports = {
	{ 1024, 32768 }, { 65535, 60999 },
};

static bool was[2][POINTS];

static void ask(const struct ruleset *rs)
{
	int d, p;

	set = rs;
	match_all();
	for (d = 0; d < 2; d++)
		for (p = 0; p < n_points; p++)
			was[d][p] = allows(d, p);
}

static void show(const struct ruleset *rs)
{
	const struct print_style plain = { .color = false };

	printf("# --- set\n");
	print_ruleset(stdout, rs, -1, &plain);
	printf("# ---\n");
}

static bool has_missing(const struct ruleset *rs)
{
	struct findings findings = { .file = "derived" };
	bool missing = false;
	size_t i;

	check_ruleset(rs, SFW_MODE_STATELESS, false, &ports, &findings);
	for (i = 0; i < findings.n; i++)
		missing |= !strcmp(findings.finding[i].code, "missing-return");
	findings_free(&findings);
	return missing;
}

/* Packets that were allowed and are not any more. */
static unsigned int lost(const struct ruleset *rs)
{
	unsigned int n = 0;
	int d, p;

	set = rs;
	match_all();
	for (d = 0; d < 2; d++)
		for (p = 0; p < n_points; p++)
			n += was[d][p] && !allows(d, p);
	return n;
}

/* Point of the request that a packet would be the reply to. */
static int request_of(const struct kind *k, int src, int dst, int sport,
		      int dport, int iface)
{
	if (k->icmp)
		return index_of(k, dst, src, 0, dport, 0, iface);
	return index_of(k, dst, src, dport, sport, 0, iface);
}

/* Packets that got lost and are neither replies nor ICMP errors. */
static unsigned int lost_requests(const struct ruleset *rs)
{
	unsigned int n = 0;
	int d, i;

	set = rs;
	match_all();
	for (d = 0; d < 2; d++) {
		for (i = 0; i < n_kinds; i++) {
			const struct kind *k = &kinds[i];

			FOR_ALL(k, src, dst, sport, dport, flags, iface) {
				int p = index_of(k, src, dst, sport, dport,
						 flags, iface);
				bool reply = k->icmp ? sport == 1 : true;

				if (!was[d][p] || allows(d, p) ||
				    (k->icmp && sport == 2))
					continue;
				if (!reply ||
				    !was[!d][request_of(k, src, dst, sport,
							dport, iface)])
					n++;
			}
		}
	}
	return n;
}

int main(int argc, char **argv)
{
	unsigned int stateless = 0, missing = 0, gone = 0, bad = 0;
	unsigned int dropped = 0, not_reply = 0, stateful = 0;
	int i;

	rnd_seed(argc, argv);
	for (i = 0; i < SETS; i++) {
		struct derivation d = { .failed = NULL };
		struct ruleset *rs;

		make_world();
		rs = gen_small_set();
		ask(rs);
		if (rs->mode == SFW_MODE_STATEFUL) {
			stateless++;
			if (!derive_stateless(rs, &ports, &d)) {
				/* Before rule 10 there are nine numbers. */
				bad += !strstr(d.failed, "no number is free");
			} else {
				if (has_missing(rs) && missing++ < 2)
					show(rs);
				gone += lost(rs) > 0;
			}
		} else {
			stateful++;
			bad += !derive_stateful(rs, &d);
			dropped += d.n_dropped;
			if (lost_requests(rs) && not_reply++ < 2)
				show(rs);
		}
		derivation_free(&d);
		ruleset_free(rs);
	}
	printf("# %u made stateless, %u stateful, of which %u rules were dropped\n",
	       stateless, stateful, dropped);
	ok(!bad && stateless > SETS / 4, "derived (%u were not)", bad);
	ok(!missing, "stateless: no reply is missing (%u sets miss some)",
	   missing);
	ok(!gone, "stateless: what was allowed is allowed (%u sets lost some)",
	   gone);
	ok(dropped > 20 && !not_reply,
	   "stateful: what was dropped are replies to what is allowed (%u sets lost more)",
	   not_reply);
	return tap_done();
}
