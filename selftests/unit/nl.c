// SPDX-License-Identifier: GPL-2.0
/*
 * Netlink messages of sfwctl: what is encoded is decoded to the same, and
 * nothing that may come back from a kernel, however broken, is read beyond its
 * end or taken for a sound rule.
 */
#include <linux/genetlink.h>

#include <lib/nl_decode.h>
#include <lib/nl_encode.h>
#include <lib/nl_explain.h>
#include <lib/nl_filter.h>
#include "gen.h"

#define SETS		2000	/* random rule sets */
#define MUTATIONS	60	/* of each message of theirs */
#define ROOM		(256 * 1024)

static struct nlmsghdr *begin(char *buf)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);

	mnl_nlmsg_put_extra_header(nlh, sizeof(struct genlmsghdr));
	return nlh;
}

static struct ruleset *gen_content(void)
{
	struct ruleset *rs = gen_must(ruleset_new());
	u32 i, n;

	for (i = 0, n = rnd_below(4); i < n; i++) {
		char name[SFW_SET_NAME_MAX + 1];

		snprintf(name, sizeof(name), "set-%u", i);
		if (ruleset_add_set(rs, gen_list(name, 1 + rnd_below(2),
						 rnd_once_in(9) ? 300 : 9)))
			gen_must(NULL);
	}
	for (i = 0, n = rnd_below(6); i < n; i++) {
		struct ruleset_rule *r = gen_must(calloc(1, sizeof(*r)));

		gen_rule(&r->rule, rs);
		/* Numbers may repeat here: nothing sorts or looks them up. */
		if (sfw_rule_check(&r->rule) || ruleset_add_rule(rs, r))
			gen_must(NULL);
	}
	return rs;
}

/* Break a message: cut it short, change bytes of it, or both. */
static struct nlmsghdr *mutate(const struct nlmsghdr *nlh)
{
	const u32 head = MNL_NLMSG_HDRLEN + sizeof(struct genlmsghdr);
	u32 len = nlh->nlmsg_len, n = 1 + rnd_below(8);
	struct nlmsghdr *copy;

	if (len > head && rnd_once_in(2))
		len = head + rnd_below(len - head);
	if (!rnd_once_in(4))
		len &= ~(MNL_ALIGNTO - 1U);
	/* Of exactly this size, so that one byte beyond it is noticed. */
	copy = gen_must(malloc(len));
	memcpy(copy, nlh, len);
	copy->nlmsg_len = len;
	if (len == head)
		return copy;
	while (n--) {
		u32 at = head + rnd_below(len - head);

		((u8 *)copy)[at] = rnd_once_in(2) ? rnd() :
			((u8 *)copy)[at] ^ (1U << rnd_below(8));
	}
	return copy;
}

static bool sound(struct ruleset *rs)
{
	size_t dir, i;

	for (dir = 0; dir < 2; dir++)
		for (i = 0; i < rs->n_rules[dir]; i++)
			if (rs->rules[dir][i]->rule.direction != dir ||
			    sfw_rule_check(&rs->rules[dir][i]->rule))
				return false;
	return true;
}

/* Everything that reads an answer, with one that is broken. */
static bool survives(const struct nlmsghdr *nlh, struct ruleset *sets)
{
	struct ruleset *rs = gen_must(ruleset_new());
	struct nl_status status;
	struct nl_explanation answer;
	struct nl_conn conn;
	u32 generation;
	u64 count;
	bool good;
	size_t i;

	for (i = 0; i < sets->n_sets; i++)
		ruleset_add_set(rs, sfw_list_get(sets->sets[i]));
	nl_get_rules(nlh, rs);
	good = sound(rs);
	ruleset_free(rs);

	rs = gen_must(ruleset_new());
	nl_get_sets(nlh, rs);
	for (i = 0; i < rs->n_sets; i++)
		if (sfw_list_compile(rs->sets[i]))
			gen_must(NULL);
	ruleset_free(rs);

	if (!nl_get_status(nlh, &status) && status.loaded &&
	    (status.mode > SFW_MODE_STATELESS ||
	     status.def[0].action > SFW_ACTION_REJECT ||
	     status.def[1].action > SFW_ACTION_REJECT))
		good = false;
	if (!nl_get_conn(nlh, &conn) &&
	    (conn.direction > SFW_DIRECTION_OUT ||
	     conn.rule_direction > SFW_DIRECTION_OUT ||
	     strlen(conn.ifname) > SFW_IFNAME_MAX))
		good = false;
	if (!nl_get_explanation(nlh, &answer) &&
	    (answer.verdict.cause > EXPLAIN_TRACKER ||
	     answer.verdict.action > SFW_ACTION_REJECT ||
	     answer.verdict.reason > SFW_REASON_MAX ||
	     answer.verdict.direction > SFW_DIRECTION_OUT))
		good = false;
	nl_get_generation(nlh, &generation);
	nl_get_count(nlh, &count);
	return good;
}

static bool survives_all(const struct nlmsghdr *nlh, struct ruleset *sets)
{
	bool good = true;
	int i;

	for (i = 0; i < MUTATIONS; i++) {
		struct nlmsghdr *copy = mutate(nlh);

		good = survives(copy, sets) && good;
		free(copy);
	}
	return good;
}

/* Sets in pieces so small that most come in several. */
static bool sets_come_back(struct ruleset *rs, struct ruleset *back,
			   char *buf, bool *broken_ok)
{
	size_t i;

	for (i = 0; i < rs->n_sets; i++) {
		u32 pos = 0;

		do {
			struct nlmsghdr *nlh = begin(buf);

			if (!nl_put_set(nlh, ROOM, 60, rs->sets[i], &pos) ||
			    nl_get_sets(nlh, back))
				return false;
			*broken_ok = survives_all(nlh, rs) && *broken_ok;
		} while (pos < rs->sets[i]->n_elem);
		if (sfw_list_compile(back->sets[i]) ||
		    !sfw_list_equal(rs->sets[i], back->sets[i]) ||
		    strcmp(rs->sets[i]->name, back->sets[i]->name))
			return false;
	}
	return back->n_sets == rs->n_sets;
}

static bool rules_come_back(struct ruleset *rs, struct ruleset *back,
			    char *buf, bool *broken_ok)
{
	size_t dir, i;

	for (dir = 0; dir < 2; dir++) {
		for (i = 0; i < rs->n_rules[dir]; i++) {
			struct nlmsghdr *nlh = begin(buf);
			const struct sfw_rule *a = &rs->rules[dir][i]->rule;
			const struct sfw_rule *b;

			if (!nl_put_rule(nlh, ROOM, a) ||
			    nl_get_rules(nlh, back) ||
			    back->n_rules[dir] != i + 1)
				return false;
			b = &back->rules[dir][i]->rule;
			if (!sfw_rule_equal(a, b) || a->families != b->families)
				return false;
			*broken_ok = survives_all(nlh, rs) && *broken_ok;
		}
	}
	return true;
}

/* A rule that does not fit leaves the message as it was. */
static bool no_half_rules(struct ruleset *rs, char *buf)
{
	size_t dir, i;

	for (dir = 0; dir < 2; dir++) {
		for (i = 0; i < rs->n_rules[dir]; i++) {
			const struct sfw_rule *rule = &rs->rules[dir][i]->rule;
			struct nlmsghdr *nlh = begin(buf);
			u32 empty = nlh->nlmsg_len, full;

			if (!nl_put_rule(nlh, ROOM, rule))
				return false;
			full = nlh->nlmsg_len;
			nlh->nlmsg_len = empty;
			if (nl_put_rule(nlh, empty + rnd_below(full - empty),
					rule) || nlh->nlmsg_len != empty)
				return false;
			if (!nl_put_rule(nlh, full, rule))
				return false;
		}
	}
	return true;
}

static void test_rulesets(char *buf)
{
	bool sets = true, rules = true, broken = true, whole = true;
	int i;

	for (i = 0; i < SETS; i++) {
		struct ruleset *rs = gen_content();
		struct ruleset *back = gen_must(ruleset_new());

		sets = sets_come_back(rs, back, buf, &broken) && sets;
		rules = rules_come_back(rs, back, buf, &broken) && rules;
		whole = no_half_rules(rs, buf) && whole;
		ruleset_free(back);
		ruleset_free(rs);
	}
	ok(sets, "%d rule sets: named sets come back, in pieces", SETS);
	ok(rules, "rules come back");
	ok(whole, "a rule that does not fit leaves nothing behind");
	ok(broken, "broken messages make no unsound rule");
}

static void put_default(struct nlmsghdr *nlh, u16 type,
			const struct ruleset_default *def)
{
	if (!nl_put_default(nlh, ROOM, type, def))
		gen_must(NULL);
}

static struct nlmsghdr *put_status(char *buf, const struct ruleset *rs)
{
	struct nlmsghdr *nlh = begin(buf);
	struct nlattr *nest, *drop;
	u8 dir, reason;

	mnl_attr_put_u32(nlh, SFW_A_GENERATION, 7);
	mnl_attr_put_u8(nlh, SFW_A_MODE, rs->mode);
	mnl_attr_put_u8(nlh, SFW_A_AUDIT, rs->audit);
	put_default(nlh, SFW_A_DEFAULT_IN, &rs->def[0]);
	put_default(nlh, SFW_A_DEFAULT_OUT, &rs->def[1]);
	if (!nl_put_options(nlh, ROOM, &rs->options))
		gen_must(NULL);
	mnl_attr_put_u32(nlh, SFW_A_RULES_IN, 3);
	mnl_attr_put_u32(nlh, SFW_A_RULES_OUT, 4);
	mnl_attr_put_u64(nlh, SFW_A_AGE_MS, 1ULL << 40);
	nest = mnl_attr_nest_start(nlh, SFW_A_STATS);
	mnl_attr_put_u64(nlh, SFW_STATS_PACKETS, 1ULL << 50);
	mnl_attr_put_u32(nlh, SFW_STATS_ENTRIES, 12);
	for (dir = 0; dir < 2; dir++) {
		/* One reason more than we know. */
		for (reason = 0; reason <= SFW_REASON_MAX + 1; reason++) {
			drop = mnl_attr_nest_start(nlh, SFW_STATS_DROP);
			mnl_attr_put_u8(nlh, SFW_DROP_DIRECTION, dir);
			mnl_attr_put_u8(nlh, SFW_DROP_REASON, reason);
			mnl_attr_put_u64(nlh, SFW_DROP_PACKETS,
					 dir * 100 + reason);
			mnl_attr_nest_end(nlh, drop);
		}
	}
	mnl_attr_nest_end(nlh, nest);
	for (dir = 0; dir < 2; dir++) {
		nest = mnl_attr_nest_start(nlh, dir ? SFW_A_COMPILED_OUT :
						      SFW_A_COMPILED_IN);
		mnl_attr_put_u32(nlh, SFW_COMPILED_TESTS, 20 + dir);
		mnl_attr_put_u64(nlh, SFW_COMPILED_BYTES, 1ULL << 33);
		mnl_attr_nest_end(nlh, nest);
	}
	return nlh;
}

static bool options_equal(const struct sfw_options *a,
			  const struct sfw_options *b)
{
	return a->named == b->named && a->named_timeouts == b->named_timeouts &&
	       a->max_connections == b->max_connections &&
	       !memcmp(a->timeout, b->timeout, sizeof(a->timeout)) &&
	       a->tcp_pickup == b->tcp_pickup &&
	       a->tcp_liberal == b->tcp_liberal &&
	       a->checksum == b->checksum &&
	       a->loopback_filter == b->loopback_filter &&
	       a->nd_filter == b->nd_filter &&
	       a->keep_connections == b->keep_connections;
}

static void gen_options(struct sfw_options *opt)
{
	u32 i;

	sfw_option_defaults(opt);
	opt->named = rnd() & (SFW_OPT_MAX_CONNECTIONS | SFW_OPT_TCP_LIBERAL |
			      SFW_OPT_LOOPBACK | SFW_OPT_KEEP);
	if (opt->named & SFW_OPT_MAX_CONNECTIONS)
		opt->max_connections = 1 + rnd_below(1000);
	opt->tcp_liberal = opt->named & SFW_OPT_TCP_LIBERAL;
	opt->loopback_filter = opt->named & SFW_OPT_LOOPBACK;
	opt->keep_connections = opt->named & SFW_OPT_KEEP;
	opt->named_timeouts = rnd() & (BIT(SFW_STATE_MAX + 1) - 1);
	for (i = 0; i <= SFW_STATE_MAX; i++)
		if (opt->named_timeouts & BIT(i))
			opt->timeout[i] = 1 + rnd_below(1000);
}

static void test_status(char *buf)
{
	bool same = true, broken = true;
	struct ruleset *rs = gen_must(ruleset_new());
	int i;

	for (i = 0; i < 300; i++) {
		struct nl_status status;
		struct nlmsghdr *nlh;

		rs->mode = rnd_below(2);
		rs->audit = rnd_below(2);
		rs->def[rnd_below(2)].action = rnd_below(3);
		rs->def[rnd_below(2)].log = rnd_below(2);
		gen_options(&rs->options);
		nlh = put_status(buf, rs);
		same = same && !nl_get_status(nlh, &status) && status.loaded &&
		       status.mode == rs->mode && status.audit == rs->audit &&
		       status.generation == 7 && status.rules[0] == 3 &&
		       status.rules[1] == 4 && status.age_ms == 1ULL << 40 &&
		       status.def[0].action == rs->def[0].action &&
		       status.def[1].log == rs->def[1].log &&
		       options_equal(&status.options, &rs->options) &&
		       status.stats.packets == 1ULL << 50 &&
		       status.stats.entries == 12 &&
		       status.compiled[0].tests == 20 &&
		       status.compiled[1].tests == 21 &&
		       status.compiled[1].bytes == 1ULL << 33 &&
		       status.stats.drop[1][SFW_REASON_MAX] ==
		       100 + SFW_REASON_MAX;
		broken = survives_all(nlh, rs) && broken;
	}
	ruleset_free(rs);
	ok(same, "a status comes back, an unknown reason is left out");
	ok(broken, "a broken status has no mode or action beyond the known");
}

static void test_conn(char *buf)
{
	static const u8 address[16] = { 0x20, 1, 0xd, 0xb8, [15] = 1 };
	struct ruleset *none = gen_must(ruleset_new());
	struct nlmsghdr *nlh = begin(buf);
	struct nlattr *nest = mnl_attr_nest_start(nlh, SFW_A_CONN);
	struct nl_conn conn;
	bool broken = true;
	int i;

	mnl_attr_put_u8(nlh, SFW_CONN_DIRECTION, SFW_DIRECTION_OUT);
	mnl_attr_put_u8(nlh, SFW_CONN_PROTOCOL, IPPROTO_TCP);
	mnl_attr_put(nlh, SFW_CONN_SOURCE, 16, address);
	mnl_attr_put(nlh, SFW_CONN_DESTINATION, 16, address);
	mnl_attr_put_u16(nlh, SFW_CONN_SOURCE_PORT, 40000);
	mnl_attr_put_u16(nlh, SFW_CONN_DESTINATION_PORT, 443);
	mnl_attr_put_u8(nlh, SFW_CONN_STATE, 200);
	mnl_attr_put_u8(nlh, SFW_CONN_RULE_DIRECTION, SFW_DIRECTION_IN);
	mnl_attr_put_strz(nlh, SFW_CONN_INTERFACE,
			  "longer than any interface is");
	mnl_attr_put_u64(nlh, SFW_CONN_BYTES, ~0ULL);
	mnl_attr_nest_end(nlh, nest);

	ok(!nl_get_conn(nlh, &conn) && conn.family == AF_INET6 &&
	   conn.src.hi == 0x20010db800000000ULL && conn.dst.lo == 1 &&
	   conn.has_ports && conn.dport == 443 && !conn.has_icmp &&
	   conn.bytes == ~0ULL && !conn.replied && !conn.rule_number,
	   "a connection comes back");
	ok(strlen(conn.ifname) == SFW_IFNAME_MAX &&
	   !strcmp(sfw_option_state_name(conn.state), "unknown"),
	   "what is too long or unknown in it does no harm");
	for (i = 0; i < 300; i++)
		broken = survives_all(nlh, none) && broken;
	ok(broken, "a broken connection has no direction beyond the known");
	ruleset_free(none);
}

static void test_explanation(char *buf)
{
	struct ruleset *none = gen_must(ruleset_new());
	struct nlmsghdr *nlh = begin(buf);
	struct nl_explanation answer;
	struct nlattr *nest;
	bool broken = true;
	int i;

	mnl_attr_put_u32(nlh, SFW_A_GENERATION, 7);
	nest = mnl_attr_nest_start(nlh, SFW_A_VERDICT);
	mnl_attr_put_u8(nlh, SFW_VERDICT_CAUSE, SFW_CAUSE_LIST);
	mnl_attr_put_u8(nlh, SFW_VERDICT_ACTION, SFW_ACTION_REJECT);
	mnl_attr_put_u8(nlh, SFW_VERDICT_REASON, SFW_REASON_RULE);
	mnl_attr_put(nlh, SFW_VERDICT_CONNECTS, 0, NULL);
	mnl_attr_put_u8(nlh, SFW_VERDICT_RULE_DIRECTION, SFW_DIRECTION_OUT);
	mnl_attr_put_u32(nlh, SFW_VERDICT_RULE_NUMBER, 120);
	mnl_attr_nest_end(nlh, nest);
	ok(!nl_get_explanation(nlh, &answer) && answer.generation == 7 &&
	   answer.verdict.cause == EXPLAIN_LIST &&
	   answer.verdict.action == SFW_ACTION_REJECT &&
	   answer.verdict.reason == SFW_REASON_RULE &&
	   answer.verdict.connects && answer.verdict.number == 120 &&
	   answer.verdict.direction == SFW_DIRECTION_OUT && !answer.has_conn,
	   "an explanation comes back");
	for (i = 0; i < 300; i++)
		broken = survives_all(nlh, none) && broken;
	ok(broken, "a broken explanation has no cause or action beyond the known");
	ruleset_free(none);
}

#define FILTER	"dir in proto 17 src 10.0.0.0/8 dst 2001:db8::1 addr 1.1.1.1 sport 1-2 dport 53 port 5 state estab rule out:* on eth0"

static void test_filter(char *buf)
{
	char text[] = FILTER;
	struct nlmsghdr *nlh = begin(buf);
	u32 empty = nlh->nlmsg_len, full, size;
	char *words[30], *next = text;
	struct nl_filter filter;
	bool whole = true;
	int n = 0;

	while ((words[n] = strsep(&next, " ")))
		n++;
	ok(nl_filter_parse(&filter, n, words) == RC_OK &&
	   filter.state == SFW_STATE_TCP_ESTABLISHED &&
	   filter.rule_direction == SFW_DIRECTION_OUT && !filter.rule_number,
	   "a filter of all words is read");
	ok(nl_filter_put(nlh, ROOM, &filter) && nlh->nlmsg_len > empty,
	   "and put into a message");
	full = nlh->nlmsg_len;
	for (size = empty; size < full; size++) {
		nlh->nlmsg_len = empty;
		whole = !nl_filter_put(nlh, size, &filter) &&
			nlh->nlmsg_len == empty && whole;
	}
	ok(whole, "as a whole or not at all: half a filter means more");
}

int main(int argc, char **argv)
{
	char *buf = gen_must(malloc(ROOM));

	rnd_seed(argc, argv);
	test_rulesets(buf);
	test_status(buf);
	test_conn(buf);
	test_explanation(buf);
	test_filter(buf);
	free(buf);
	return tap_done();
}
