// SPDX-License-Identifier: GPL-2.0
/*
 * Rules: what is sound, what matches (against a second way to say it), what
 * is the same. And the options' defaults.
 */
#include <option.h>
#include "gen.h"

#define RULES	20000
#define PACKETS	30

static bool in_list(const struct sfw_list *list, u8 family,
		    const struct sfw_addr *value, bool *mentions)
{
	bool found = false;
	u32 i;

	*mentions = false;
	for (i = 0; i < list->n_elem; i++) {
		const struct sfw_elem *e = &list->elem[i];

		if (e->family != family)
			continue;
		*mentions = true;
		found |= sfw_addr_cmp(&e->first, value) <= 0 &&
			 sfw_addr_cmp(value, &e->last) <= 0;
	}
	return found;
}

/* An address clause: speaks about the families it mentions, negated or not. */
static bool addr_holds(const struct sfw_list *list, bool negate, u8 family,
		       const struct sfw_addr *addr)
{
	bool mentions, found;

	if (!list)
		return true;
	found = in_list(list, family, addr, &mentions);
	return mentions && found != negate;
}

static bool port_holds(const struct sfw_list *list, bool negate,
		       const struct sfw_packet *pkt, u16 port)
{
	struct sfw_addr value = { 0, port };
	bool mentions;

	if (!list)
		return true;
	if (!pkt->has_ports || pkt->fragment)
		return false;
	return in_list(list, 0, &value, &mentions) != negate;
}

static bool ifname_holds(const struct sfw_rule *rule, const char *ifname)
{
	size_t len = strlen(rule->ifname);
	bool yes;

	if (!(rule->flags & SFW_RULE_F_IFNAME))
		return true;
	if (!ifname)
		return false;
	if (sfw_rule_ifname_is_wildcard(rule))
		yes = strlen(ifname) >= len &&
		      !memcmp(ifname, rule->ifname, len);
	else
		yes = !strcmp(ifname, rule->ifname);
	return yes != !!(rule->flags & SFW_RULE_F_NOT_IFNAME);
}

/* The clauses one by one, as the language explains them. */
static bool matches(const struct sfw_rule *r, const struct sfw_packet *pkt)
{
	u32 f = r->flags;

	if ((f & SFW_RULE_F_PROTOCOL) && pkt->protocol != r->protocol)
		return false;
	if ((f & SFW_RULE_F_PROTOCOL) && r->protocol == IPPROTO_ICMP &&
	    pkt->family == AF_INET6)
		return false;
	if ((f & SFW_RULE_F_PROTOCOL) && r->protocol == IPPROTO_ICMPV6 &&
	    pkt->family == AF_INET)
		return false;
	if (pkt->fragment && (f & (SFW_RULE_F_ICMP_TYPE | SFW_RULE_F_TCP_FLAGS |
				   SFW_RULE_F_ESTABLISHED)))
		return false;
	if ((f & SFW_RULE_F_ICMP_TYPE) && pkt->icmp_type != r->icmp_type)
		return false;
	if ((f & SFW_RULE_F_ICMP_CODE) && pkt->icmp_code != r->icmp_code)
		return false;
	if ((f & SFW_RULE_F_TCP_FLAGS) &&
	    (pkt->tcp.flags & r->tcp_mask) != r->tcp_set)
		return false;
	if ((f & SFW_RULE_F_ESTABLISHED) && !(pkt->tcp.flags & SFW_TCP_ACK) &&
	    !(pkt->tcp.flags & SFW_TCP_RST))
		return false;
	return addr_holds(r->from, f & SFW_RULE_F_NOT_FROM, pkt->family,
			  &pkt->src) &&
	       addr_holds(r->to, f & SFW_RULE_F_NOT_TO, pkt->family,
			  &pkt->dst) &&
	       port_holds(r->from_port, f & SFW_RULE_F_NOT_FROM_PORT, pkt,
			  pkt->sport) &&
	       port_holds(r->to_port, f & SFW_RULE_F_NOT_TO_PORT, pkt,
			  pkt->dport) &&
	       ifname_holds(r, pkt->ifname);
}

/* An address that the list knows, or its neighbour, or any. */
static struct sfw_addr near_list(const struct sfw_list *list, u8 family)
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

static u16 near_ports(const struct sfw_list *list)
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
		"abcdefghijklmno", "abcdefghijklmn", "log", "logx", NULL,
	};

	memset(pkt, 0, sizeof(*pkt));
	pkt->family = gen_family();
	pkt->src = near_list(r->from, pkt->family);
	pkt->dst = near_list(r->to, pkt->family);
	pkt->sport = near_ports(r->from_port);
	pkt->dport = near_ports(r->to_port);
	pkt->protocol = rnd_once_in(8) ? rnd_below(256) : r->protocol;
	pkt->has_ports = sfw_packet_has_ports(pkt->protocol) &&
			 !rnd_once_in(10);
	pkt->ifname = rnd_once_in(2) ? r->ifname :
		names[rnd_below(ARRAY_SIZE(names))];
	pkt->icmp_type = rnd_once_in(4) ? rnd() : r->icmp_type;
	pkt->icmp_code = rnd_once_in(4) ? rnd() : r->icmp_code;
	pkt->tcp.flags = rnd_once_in(2) ? rnd() :
			 r->tcp_set | (rnd() & ~r->tcp_mask);
	pkt->fragment = rnd_once_in(12);
}

static void test_match(void)
{
	unsigned int wrong = 0, hits = 0, unsound = 0, unequal = 0;
	struct sfw_packet pkt;
	int i, j;

	for (i = 0; i < RULES; i++) {
		struct sfw_rule rule = { 0 };

		gen_rule(&rule, NULL);
		unsound += !!sfw_rule_check(&rule);
		unequal += !sfw_rule_equal(&rule, &rule);
		for (j = 0; j < PACKETS; j++) {
			bool want;

			gen_packet(&pkt, &rule);
			want = matches(&rule, &pkt);
			wrong += sfw_rule_match(&rule, &pkt) != want;
			hits += want;
		}
		sfw_rule_destroy(&rule);
	}
	printf("# %u of %u packets matched\n", hits, RULES * PACKETS);
	ok(!unsound, "sound rules are found sound (%u are not)", unsound);
	ok(!unequal, "a rule equals itself");
	ok(hits > RULES * PACKETS / 20, "enough packets match to mean something");
	ok(!wrong, "matches as clause by clause (%u do not)", wrong);
}

/* One clause each, from a rule without any. */
enum spoil {
	NUMBER_0, NUMBER_BIG, DIRECTION, ACTION, FLAGS_BEYOND,
	NOT_FROM, NOT_TO, NOT_FROM_PORT, NOT_TO_PORT, NOT_IFNAME,
	FROM_PORTS, TO_EMPTY, PORT_ADDRS, PORT_ANY, PORT_GRE, PORT_ICMP,
	TYPE_ANY, TYPE_TCP, CODE_ALONE, FLAGS_UDP, FLAGS_ANY, FLAGS_BOTH,
	FLAGS_SET, LOG_RATE_ALONE, RATE_0, RATE_UNIT, LOG_RATE_0,
	LIMIT_DENY, LIMIT_REJECT, NO_STATE_DENY,
	COMMENT_LONG, COMMENT_LF, COMMENT_ESC, COMMENT_UTF8, COMMENT_BIDI,
	SPOILS,
};

static const char *const spoil_text[SPOILS] = {
	[NUMBER_0]	= "number is 1 to 16777215",
	[NUMBER_BIG]	= "number is 1 to 16777215",
	[DIRECTION]	= "in or out",
	[ACTION]	= "allow, deny or reject",
	[FLAGS_BEYOND]	= "unknown clause",
	[NOT_FROM]	= "something to negate",
	[NOT_TO]	= "something to negate",
	[NOT_FROM_PORT]	= "something to negate",
	[NOT_TO_PORT]	= "something to negate",
	[NOT_IFNAME]	= "something to negate",
	[FROM_PORTS]	= "list of addresses",
	[TO_EMPTY]	= "list of addresses",
	[PORT_ADDRS]	= "list of ports",
	[PORT_ANY]	= "protocol with ports: tcp, udp, sctp, udplite or dccp",
	[PORT_GRE]	= "protocol with ports",
	[PORT_ICMP]	= "protocol with ports",
	[TYPE_ANY]	= "icmp or icmpv6",
	[TYPE_TCP]	= "icmp or icmpv6",
	[CODE_ALONE]	= "needs an ICMP type",
	[FLAGS_UDP]	= "protocol tcp",
	[FLAGS_ANY]	= "protocol tcp",
	[FLAGS_BOTH]	= "not both",
	[FLAGS_SET]	= "in the mask",
	[LOG_RATE_ALONE] = "needs log",
	[RATE_0]	= "at least 1",
	[RATE_UNIT]	= "at least 1",
	[LOG_RATE_0]	= "at least 1",
	[LIMIT_DENY]	= "limit is for allow",
	[LIMIT_REJECT]	= "limit is for allow",
	[NO_STATE_DENY]	= "no-state is for allow",
	[COMMENT_LONG]	= "255 bytes",
	[COMMENT_LF]	= "control characters",
	[COMMENT_ESC]	= "control characters",
	[COMMENT_UTF8]	= "UTF-8",
	[COMMENT_BIDI]	= "control characters",
};

static void set_protocol(struct sfw_rule *r, u8 protocol)
{
	r->flags |= SFW_RULE_F_PROTOCOL;
	r->protocol = protocol;
}

static void spoil_lists(struct sfw_rule *r, enum spoil what)
{
	switch (what) {
	case NOT_FROM:
		r->flags |= SFW_RULE_F_NOT_FROM;
		break;
	case NOT_TO:
		r->flags |= SFW_RULE_F_NOT_TO;
		break;
	case NOT_FROM_PORT:
		r->flags |= SFW_RULE_F_NOT_FROM_PORT;
		break;
	case NOT_TO_PORT:
		r->flags |= SFW_RULE_F_NOT_TO_PORT;
		break;
	case NOT_IFNAME:
		r->flags |= SFW_RULE_F_NOT_IFNAME;
		break;
	case FROM_PORTS:
		r->from = gen_list(NULL, SFW_LIST_PORTS, 2);
		break;
	case TO_EMPTY:
		r->to = gen_must(sfw_list_new(NULL));
		break;
	case PORT_ADDRS:
		set_protocol(r, IPPROTO_TCP);
		r->to_port = gen_list(NULL, SFW_LIST_ADDRS, 2);
		break;
	case PORT_GRE:
		set_protocol(r, IPPROTO_GRE);
		r->from_port = gen_list(NULL, SFW_LIST_PORTS, 2);
		break;
	case PORT_ICMP:
		set_protocol(r, IPPROTO_ICMP);
		r->to_port = gen_list(NULL, SFW_LIST_PORTS, 2);
		break;
	default:
		r->to_port = gen_list(NULL, SFW_LIST_PORTS, 2);
	}
}

static void spoil_comment(struct sfw_rule *r, enum spoil what)
{
	char text[SFW_COMMENT_MAX + 2];

	memset(text, 'x', sizeof(text));
	text[SFW_COMMENT_MAX + (what == COMMENT_LONG)] = 0;
	if (what == COMMENT_LF)
		text[254] = '\n';
	else if (what == COMMENT_ESC)
		text[0] = '\033';
	else if (what == COMMENT_UTF8)
		text[254] = '\xc3';
	else if (what == COMMENT_BIDI)
		memcpy(text, "\u202e", 3);
	r->comment = gen_must(strdup(text));
}

static void spoil_rate(struct sfw_rule *r, enum spoil what)
{
	struct sfw_rate good = { .count = 1, .unit = SFW_RATE_UNIT_HOUR };

	r->limit = good;
	r->log_rate = good;
	switch (what) {
	case LOG_RATE_ALONE:
		r->flags |= SFW_RULE_F_LOG_RATE;
		break;
	case LOG_RATE_0:
		r->flags |= SFW_RULE_F_LOG | SFW_RULE_F_LOG_RATE;
		r->log_rate.count = 0;
		break;
	case NO_STATE_DENY:
		r->flags |= SFW_RULE_F_NO_STATE;
		r->action = SFW_ACTION_DENY;
		break;
	default:
		r->flags |= SFW_RULE_F_LIMIT;
		r->limit.count = what != RATE_0;
		r->limit.unit += what == RATE_UNIT;
		if (what == LIMIT_DENY)
			r->action = SFW_ACTION_DENY;
		if (what == LIMIT_REJECT)
			r->action = SFW_ACTION_REJECT;
	}
}

static void spoil(struct sfw_rule *r, enum spoil what)
{
	switch (what) {
	case NUMBER_0:
		r->number = 0;
		break;
	case NUMBER_BIG:
		r->number = SFW_RULE_NUMBER_MAX + 1;
		break;
	case DIRECTION:
		r->direction = 2;
		break;
	case ACTION:
		r->action = 3;
		break;
	case FLAGS_BEYOND:
		r->flags |= 1 << 16;
		break;
	case TYPE_TCP:
		set_protocol(r, IPPROTO_TCP);
		r->flags |= SFW_RULE_F_ICMP_TYPE;
		break;
	case TYPE_ANY:
		r->flags |= SFW_RULE_F_ICMP_TYPE;
		break;
	case CODE_ALONE:
		set_protocol(r, IPPROTO_ICMP);
		r->flags |= SFW_RULE_F_ICMP_CODE;
		break;
	case FLAGS_UDP:
		set_protocol(r, IPPROTO_UDP);
		r->flags |= SFW_RULE_F_ESTABLISHED;
		break;
	case FLAGS_ANY:
		r->flags |= SFW_RULE_F_TCP_FLAGS;
		break;
	case FLAGS_BOTH:
		set_protocol(r, IPPROTO_TCP);
		r->flags |= SFW_RULE_F_TCP_FLAGS | SFW_RULE_F_ESTABLISHED;
		break;
	case FLAGS_SET:
		set_protocol(r, IPPROTO_TCP);
		r->flags |= SFW_RULE_F_TCP_FLAGS;
		r->tcp_set = SFW_TCP_SYN;
		r->tcp_mask = SFW_TCP_ACK;
		break;
	default:
		if (what >= COMMENT_LONG)
			spoil_comment(r, what);
		else if (what >= LOG_RATE_ALONE)
			spoil_rate(r, what);
		else
			spoil_lists(r, what);
	}
}

static void test_check(void)
{
	const char *text;
	int what;

	for (what = 0; what < SPOILS; what++) {
		struct sfw_rule r = { .number = 1, .action = SFW_ACTION_ALLOW };
		bool sound = !sfw_rule_check(&r);

		spoil(&r, what);
		text = sfw_rule_check(&r);
		if (!ok(sound && text && strstr(text, spoil_text[what]),
			"refused: %s", spoil_text[what]))
			printf("# got: %s\n", text ? text : "(nothing)");
		sfw_rule_destroy(&r);
	}
}

static u8 families_of(u8 protocol, u8 from, u8 to)
{
	struct sfw_rule r = { .number = 1, .flags = SFW_RULE_F_NOT_FROM };
	struct sfw_addr a = { 0, 1 };
	u8 families;

	if (protocol)
		set_protocol(&r, protocol);
	r.from = gen_must(sfw_list_new(NULL));
	r.to = gen_must(sfw_list_new(NULL));
	if (from & SFW_FAMILY_4)
		sfw_list_add_range(r.from, AF_INET, &a, &a);
	if (from & SFW_FAMILY_6)
		sfw_list_add_range(r.from, AF_INET6, &a, &a);
	if (to & SFW_FAMILY_4)
		sfw_list_add_range(r.to, AF_INET, &a, &a);
	if (to & SFW_FAMILY_6)
		sfw_list_add_range(r.to, AF_INET6, &a, &a);
	if (sfw_list_compile(r.from) || sfw_list_compile(r.to))
		gen_must(NULL);
	families = sfw_rule_check(&r) ? 0xff : r.families;
	sfw_rule_destroy(&r);
	return families;
}

static void test_families(void)
{
	struct sfw_rule r = { .number = 1 };
	u8 both = SFW_FAMILY_4 | SFW_FAMILY_6, from, to;
	bool good = true;

	for (from = 1; from <= both; from++) {
		for (to = 1; to <= both; to++) {
			good &= families_of(0, from, to) == (from & to);
			good &= families_of(IPPROTO_ICMP, from, to) ==
				(from & to & SFW_FAMILY_4);
			good &= families_of(IPPROTO_ICMPV6, from, to) ==
				(from & to & SFW_FAMILY_6);
		}
	}
	ok(good, "families are those of both lists and of the protocol");
	ok(!sfw_rule_check(&r) && r.families == both,
	   "a rule without addresses has both families");
}

static void test_ifname(void)
{
	static const char *const bad[] = {
		"", "*", "abcdefghijklmnop", "abcdefghijklmno*", "a*b", "a**",
		"a b", "a/b", "a:b", "a\"b", "a#b", "{", "}", "a,b", "a=b",
		"!a", "$a", "a\tb", ".", "..", "ü", "a\\b", "a\x7f",
	};
	struct sfw_rule r = { 0 }, before = { 0 };
	bool refused = true;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(bad); i++)
		refused &= sfw_rule_set_ifname(&r, bad[i]) == -EINVAL;
	ok(refused, "names that no interface has");
	ok(!memcmp(&r, &before, sizeof(r)), "and they leave the rule alone");
	ok(!sfw_rule_ifname_is_wildcard(&r), "no interface is no wildcard");
	ok(!sfw_rule_set_ifname(&r, "veth*") && !strcmp(r.ifname, "veth") &&
	   sfw_rule_ifname_is_wildcard(&r) && (r.flags & SFW_RULE_F_IFNAME),
	   "veth* is a wildcard");
	ok(!sfw_rule_set_ifname(&r, "eth0") && !strcmp(r.ifname, "eth0") &&
	   !sfw_rule_ifname_is_wildcard(&r), "eth0 is none");
	ok(!sfw_rule_set_ifname(&r, "abcdefghijklmno") &&
	   !sfw_rule_set_ifname(&r, "..*"), "15 characters; dots and a star");
}

/* Change one thing of a rule that has them all; they must differ. */
static void test_equal(void)
{
	struct sfw_rule full = {
		.number = 7, .direction = 1, .action = SFW_ACTION_ALLOW,
		.protocol = IPPROTO_TCP, .icmp_type = 3, .icmp_code = 4,
		.tcp_mask = 6, .tcp_set = 2,
		.limit = { 1, 2, 0 }, .log_rate = { 3, 0, 1 },
		.flags = SFW_RULE_F_PROTOCOL | SFW_RULE_F_ICMP_TYPE |
			 SFW_RULE_F_ICMP_CODE | SFW_RULE_F_TCP_FLAGS |
			 SFW_RULE_F_LIMIT | SFW_RULE_F_LOG |
			 SFW_RULE_F_LOG_RATE,
		.comment = (char *)"c",
	};
	struct sfw_rule other;
	bool differ = true;
	int i;

	sfw_rule_set_ifname(&full, "eth0");
	full.from = gen_list("set", SFW_LIST_ADDRS, 3);
	for (i = 0; i < 19; i++) {
		struct sfw_list *list = NULL;

		other = full;
		switch (i) {
		case 0: other.number++; break;
		case 1: other.direction--; break;
		case 2: other.action--; break;
		case 3: other.protocol++; break;
		case 4: other.icmp_type++; break;
		case 5: other.icmp_code++; break;
		case 6: other.tcp_mask++; break;
		case 7: other.tcp_set++; break;
		case 8: other.limit.count++; break;
		case 9: other.limit.burst++; break;
		case 10: other.log_rate.unit++; break;
		case 11: other.flags ^= SFW_RULE_F_RETURN; break;
		case 12: other.comment = NULL; break;
		case 13: other.comment = (char *)"d"; break;
		case 14: sfw_rule_set_ifname(&other, "eth0*"); break;
		case 15: sfw_rule_set_ifname(&other, "eth1"); break;
		case 16: other.from = NULL; break;
		case 17:
			list = gen_list("set2", SFW_LIST_ADDRS, 3);
			other.from = list;
			break;
		case 18: other.to_port = full.from; break;
		}
		if (sfw_rule_equal(&full, &other) ||
		    sfw_rule_equal(&other, &full)) {
			printf("# equal in spite of change %d\n", i);
			differ = false;
		}
		sfw_list_put(list);
	}
	ok(differ, "every field counts");
	other = full;
	other.families = 3;
	ok(sfw_rule_equal(&full, &other), "but not what was worked out");
	other.flags &= ~(SFW_RULE_F_LIMIT | SFW_RULE_F_PROTOCOL);
	full.flags = other.flags;
	other.limit.count = 99;
	other.protocol = 99;
	ok(sfw_rule_equal(&full, &other), "nor what no clause mentions");
	sfw_list_put(full.from);
}

static void test_options(void)
{
	static const u32 want[] = {
		120, 60, 86400, 120, 240, 30, 120, 10, 30, 180, 30, 600,
		120, 120, 120, 600, 120, 120, 10,
	};
	struct sfw_options opt;

	memset(&opt, 0xff, sizeof(opt));
	sfw_option_defaults(&opt);
	ok(!memcmp(opt.timeout, want, sizeof(want)) &&
	   sizeof(want) == sizeof(opt.timeout), "default timeouts");
	ok(opt.tcp_pickup && opt.checksum && !opt.tcp_liberal &&
	   !opt.loopback_filter && !opt.nd_filter && !opt.keep_connections &&
	   !opt.max_connections && !opt.named && !opt.named_timeouts,
	   "default switches, nothing named");
	ok(!strcmp(sfw_option_state_name(SFW_STATE_TCP_SYN_SENT),
		   "tcp-syn-sent") &&
	   !strcmp(sfw_option_state_name(SFW_STATE_GENERIC), "generic") &&
	   !strcmp(sfw_option_state_name(SFW_STATE_MAX + 1), "unknown"),
	   "names of states");
}

int main(int argc, char **argv)
{
	rnd_seed(argc, argv);
	test_match();
	test_check();
	test_families();
	test_ifname();
	test_equal();
	test_options();
	return tap_done();
}
