// SPDX-License-Identifier: GPL-2.0
/*
 * Bad requests, made with a plan: every attribute of every request is spoilt
 * in every way that its type knows, one at a time, in a request that is good
 * without that. Each must be refused with a text, and leave the running set
 * alone; the good request, sent last, must pass, so that a refusal cannot be
 * for another reason. What is well-formed and yet makes no sense is listed
 * below, line by line.
 */
#include "kselftest_harness.h"

#include "nl_text.h"

enum fault {
	UNKNOWN_TYPE,		/* an attribute nobody knows before this one */
	TYPE_ZERO,
	TOO_LONG,		/* claims to go beyond what is around it */
	NO_HEADER,		/* claims to be shorter than its own header */
	NESTED_FLAG,		/* says nested where it is not, or not where it is */
	SHORTER,
	LONGER,
	EMPTY,
	MISSING,
	BELOW,
	ABOVE,
	MOST,
	NO_NUL,
	TOO_MANY_CHARS,
	HUGE,
	GARBAGE,
	ZEROES,
	N_FAULTS
};

static const char *const fault_name[] = {
	"unknown attribute beside", "attribute 0 beside", "overlong",
	"shorter than a header", "nested flag wrong", "a byte short",
	"a byte long", "empty", "missing", "below its least",
	"above its most", "all bits set", "no NUL", "too many characters",
	"4000 characters", "garbage inside", "zeroes inside",
};

static bool fault_fits(const struct spec *s, enum fault fault)
{
	bool number = s->kind >= U8 && s->kind <= U64;

	switch (fault) {
	case SHORTER:
		return number || s->kind == ADDR || s->kind == STR;
	case LONGER:
		return number || s->kind == ADDR || s->kind == FLAG;
	case EMPTY:
		return s->kind != FLAG && !s->empty_ok;
	case MISSING:
		return s->need;
	case BELOW:
		return number && s->min;
	case ABOVE:
	case MOST:
		return number && s->max;
	case NO_NUL:
	case TOO_MANY_CHARS:
	case HUGE:
		return s->kind == STR;
	case GARBAGE:
	case ZEROES:
		return s->kind == NEST;
	default:
		return true;
	}
}

/* Write @in to @m with @fault in it. */
static void put_spoilt(struct nl_msg *m, const struct nlattr *in,
		       const struct spec *s, enum fault fault)
{
	static char text[4096];
	int type = in->nla_type & NLA_TYPE_MASK, nested;
	size_t at = m->len;
	__u32 zero = 0;

	nested = in->nla_type & NLA_F_NESTED;
	switch (fault) {
	case UNKNOWN_TYPE:
		nl_put(m, 60, &zero, sizeof(zero));
		break;
	case TYPE_ZERO:
		nl_put(m, 0, &zero, sizeof(zero));
		break;
	case TOO_LONG:
		nl_put(m, in->nla_type, nl_data(in), nl_len(in));
		((struct nlattr *)(m->buf + at))->nla_len = 0xfff0;
		return;
	case NO_HEADER:
		nl_put(m, in->nla_type, nl_data(in), nl_len(in));
		((struct nlattr *)(m->buf + at))->nla_len = 2;
		return;
	case NESTED_FLAG:
		nl_put(m, in->nla_type ^ NLA_F_NESTED, nl_data(in),
		       nl_len(in));
		return;
	case SHORTER:
		nl_put(m, in->nla_type, nl_data(in), nl_len(in) - 1);
		return;
	case LONGER:
		memset(text, 1, sizeof(text));
		memcpy(text, nl_data(in), nl_len(in));
		nl_put(m, in->nla_type, text, nl_len(in) + 1);
		return;
	case EMPTY:
		nl_put(m, in->nla_type, NULL, 0);
		return;
	case MISSING:
		return;
	case BELOW:
		text_number(m, type, s->kind, s->min - 1);
		return;
	case ABOVE:
		text_number(m, type, s->kind, s->max + 1ULL);
		return;
	case MOST:
		text_number(m, type, s->kind, ~0ULL);
		return;
	case NO_NUL:
		nl_put(m, type, "abcd", 4);
		return;
	case TOO_MANY_CHARS:
	case HUGE:
		memset(text, 'a', sizeof(text));
		nl_put(m, type, text,
		       (fault == HUGE ? 4000 : s->max + 1) + 1);
		m->buf[at + NLA_HDRLEN + (fault == HUGE ? 4000 : s->max + 1)] =
			0;
		return;
	case GARBAGE:
		memset(text, 0xa5, 13);
		nl_put(m, type | nested, text, 13);
		return;
	case ZEROES:
		memset(text, 0, 16);
		nl_put(m, type | nested, text, 16);
		return;
	default:
		abort();
	}
	nl_put(m, in->nla_type, nl_data(in), nl_len(in));
}

/* A walk through the attributes of a good request. */
struct walk {
	struct nl_msg *out;
	int victim;		/* the attribute to spoil */
	enum fault fault;
	int at;			/* attributes met so far */
	bool fits;		/* the fault made sense there */
	char path[128];		/* of the victim */
};

static void walk_attrs(struct walk *w, const char *p, size_t len,
		       const struct spec *spec, const char *path)
{
	const struct nlattr *a;

	while ((a = nl_first(p, len))) {
		const struct spec *s = &spec[a->nla_type & NLA_TYPE_MASK];
		size_t step = NLA_ALIGN(a->nla_len), at;
		char inner[64];

		snprintf(inner, sizeof(inner), "%.40s.%s", path, s->name);
		if (w->at++ == w->victim) {
			w->fits = fault_fits(s, w->fault);
			snprintf(w->path, sizeof(w->path), "%s", inner + 1);
			if (w->fits)
				put_spoilt(w->out, a, s, w->fault);
			/* Those inside have no number in this walk. */
		} else if (s->kind == NEST) {
			at = nl_nest(w->out, a->nla_type & NLA_TYPE_MASK);
			walk_attrs(w, nl_data(a), nl_len(a), s->nest, inner);
			nl_end(w->out, at);
		} else {
			nl_put(w->out, a->nla_type, nl_data(a), nl_len(a));
		}
		if (step >= len)
			break;
		p += step;
		len -= step;
	}
}

#define HEADERS (NLMSG_HDRLEN + GENL_HDRLEN)

static struct nl_msg pattern, spoilt;

/* @pattern to @spoilt with one fault; how many attributes were met. */
static int spoil(struct walk *w, int victim, enum fault fault)
{
	memset(w, 0, sizeof(*w));
	w->out = &spoilt;
	w->victim = victim;
	w->fault = fault;
	memcpy(spoilt.buf, pattern.buf, HEADERS);
	spoilt.len = HEADERS;
	walk_attrs(w, pattern.buf + HEADERS, pattern.len - HEADERS, main_spec,
		   "");
	return w->at;
}

FIXTURE(bad)
{
	struct nl nl;
	struct nl other;	/* looks at what is running */
	struct sfw_seen before;
};

FIXTURE_SETUP(bad)
{
	ASSERT_EQ(0, nl_load_module());
	ASSERT_EQ(0, unshare(CLONE_NEWNET));
	ASSERT_EQ(0, nl_open(&self->nl));
	ASSERT_EQ(0, nl_open(&self->other));
	ASSERT_EQ(0, sfw_load(&self->nl, LIVE_RULES));
	ASSERT_EQ(0, sfw_look(&self->other, &self->before));
	ASSERT_EQ(LIVE_RULES, self->before.rules);
}

FIXTURE_TEARDOWN(bad)
{
	nl_close(&self->nl);
	nl_close(&self->other);
}

#define EXPECT_UNCHANGED() do {						\
	struct sfw_seen __after;					\
	EXPECT_EQ(0, sfw_look(&self->other, &__after));			\
	EXPECT_EQ(self->before.hash, __after.hash);			\
} while (0)

/* Send @spoilt and see it refused with a text; what names it in a failure. */
#define EXPECT_SPOILT_REFUSED(...) do {					\
	int __err = nl_call(&self->nl, &spoilt);			\
	EXPECT_GT(0, __err) {						\
		TH_LOG(__VA_ARGS__);					\
	}								\
	EXPECT_TRUE(!__err || self->nl.text[0]) {			\
		TH_LOG(__VA_ARGS__);					\
		TH_LOG("refused with %d, without a text", __err);	\
	}								\
} while (0)

TEST_F_TIMEOUT(bad, every_attribute_spoilt_in_every_way_is_refused, 240)
{
	struct nl *nl = &self->nl;
	int i, victim, n, sent = 0;
	enum fault fault;
	struct walk w;

	for (i = 0; i < GOOD; i++) {
		const struct text_request *g = &good[i];

		text_msg(nl, &pattern, g->cmd, g->text);
		n = spoil(&w, -1, UNKNOWN_TYPE);
		/* The walk itself does not change a request. */
		ASSERT_EQ(0, memcmp(pattern.buf + HEADERS,
				    spoilt.buf + HEADERS,
				    pattern.len - HEADERS));
		for (victim = 0; victim < n; victim++)
			for (fault = 0; fault < N_FAULTS; fault++) {
				spoil(&w, victim, fault);
				if (!w.fits)
					continue;
				if (g->staged)
					ASSERT_EQ(0, sfw_begin(nl, true, -1));
				EXPECT_SPOILT_REFUSED("%s %s: %s", g->name,
						      w.path,
						      fault_name[fault]);
				sent++;
			}
	}
	EXPECT_LT(800, sent);
	TH_LOG("%d bad requests", sent);
	EXPECT_UNCHANGED();
}

/* In the order of the table, which ends with what changes the running set. */
TEST_F(bad, the_good_requests_pass)
{
	struct nl *nl = &self->nl;
	int i;

	for (i = 0; i < GOOD; i++) {
		const struct text_request *g = &good[i];

		if (g->staged)
			ASSERT_EQ(0, sfw_begin(nl, true, -1));
		text_msg(nl, &pattern, g->cmd, g->text);
		EXPECT_EQ(0, nl_call(nl, &pattern)) {
			TH_LOG("%s: %s", g->name, nl->text);
		}
	}
}

/* Attributes that are answers only, or of another place. */
/* A connection may be sent back as conn-get shows it, with what it learns anew. */
TEST_F(bad, what_is_only_shown_may_be_restored)
{
	struct nl *nl = &self->nl;

	text_msg(nl, &pattern, SFW_CMD_CONN_RESTORE,
		 "conn{direction=0 protocol=50 source=10.0.0.1;"
		 "destination=10.0.0.2 state=11 packets=1 expires-ms=1000;"
		 "track{standing=0} tunnel-id=7 reply-tunnel-id=9}");
	EXPECT_EQ(0, nl_call(nl, &pattern)) {
		TH_LOG("%s", nl->text);
	}
}

TEST_F(bad, every_command_refuses_attributes_it_cannot_know)
{
	static const __u16 foreign[] = {
		SFW_A_GENERATION, SFW_A_EFFECTIVE, SFW_A_RULES_IN,
		SFW_A_RULES_OUT, SFW_A_AGE_MS, SFW_A_STATS, SFW_A_CONN,
		SFW_A_COUNT, SFW_A_PAD, SFW_A_MAX + 1, 1000, 0x3fff,
	};
	struct nl *nl = &self->nl;
	unsigned int f;
	__u64 v = 0;
	int i;

	for (i = 0; i < GOOD; i++)
		for (f = 0; f < ARRAY_SIZE(foreign); f++) {
			if (good[i].staged)
				ASSERT_EQ(0, sfw_begin(nl, true, -1));
			text_msg(nl, &spoilt, good[i].cmd, good[i].text);
			nl_put(&spoilt, foreign[f], &v, sizeof(v));
			EXPECT_SPOILT_REFUSED("%s with attribute %d",
					      good[i].name, foreign[f]);
		}
	EXPECT_UNCHANGED();
}

/* Cut where no attribute of the top level ends. */
TEST_F(bad, truncated_requests_are_refused)
{
	struct nl *nl = &self->nl;
	const struct nlattr *first;
	size_t cut;
	int i;

	for (i = 0; i < GOOD; i++) {
		text_msg(nl, &pattern, good[i].cmd, good[i].text);
		first = nl_first(pattern.buf + HEADERS, pattern.len - HEADERS);
		if (!first)
			continue;
		for (cut = HEADERS + 1; cut < HEADERS + first->nla_len; cut++) {
			if (good[i].staged)
				ASSERT_EQ(0, sfw_begin(nl, true, -1));
			memcpy(spoilt.buf, pattern.buf, cut);
			spoilt.len = cut;
			EXPECT_SPOILT_REFUSED("%s cut at %zu", good[i].name,
					      cut);
		}
		/* Less than the two headers: the core refuses it, silently. */
		memcpy(spoilt.buf, pattern.buf, HEADERS);
		spoilt.len = NLMSG_HDRLEN;
		EXPECT_EQ(-EINVAL, nl_call(nl, &spoilt));
	}
	EXPECT_UNCHANGED();
}

TEST_F(bad, reserved_header_fields_are_refused)
{
	struct genlmsghdr *g;
	int cmd;

	for (cmd = 1; cmd <= SFW_CMD_MAX; cmd++) {
		if (sfw_is_event(cmd))
			continue;
		text_msg(&self->nl, &spoilt, cmd, "");
		g = NLMSG_DATA(&spoilt.hdr);
		g->reserved = 1;
		EXPECT_SPOILT_REFUSED("command %d, reserved field", cmd);
	}
	nl_cmd(&self->nl, &spoilt, SFW_CMD_MAX + 1);
	EXPECT_EQ(-EOPNOTSUPP, nl_call(&self->nl, &spoilt));
	nl_cmd(&self->nl, &spoilt, 0);
	EXPECT_EQ(-EOPNOTSUPP, nl_call(&self->nl, &spoilt));
	EXPECT_UNCHANGED();
}

#define RULE	"rule{direction=0 number=500 action=1 "
#define TCP	RULE "protocol=6 "
#define A8	"addr{first=10.0.0.0 prefix-len=8}"

/* Well-formed, and wrong. All go into a transaction with GOOD_SETS. */
static const struct text_request senseless[] = {
	{ "ports without a protocol", SFW_CMD_TX_ADD, true,
	  RULE "to-port{port{first=80}}}" },
	{ "ports of icmp", SFW_CMD_TX_ADD, true,
	  RULE "protocol=1 from-port{port{first=80}}}" },
	{ "ICMP type without a protocol", SFW_CMD_TX_ADD, true,
	  RULE "icmp-type=8}" },
	{ "ICMP type of tcp", SFW_CMD_TX_ADD, true, TCP "icmp-type=8}" },
	{ "ICMP code without a type", SFW_CMD_TX_ADD, true,
	  RULE "protocol=1 icmp-code=4}" },
	{ "TCP flags of udp", SFW_CMD_TX_ADD, true,
	  RULE "protocol=17 tcp-mask=2 tcp-set=2}" },
	{ "established of udp", SFW_CMD_TX_ADD, true,
	  RULE "protocol=17 tcp-established}" },
	{ "TCP flags without their mask", SFW_CMD_TX_ADD, true,
	  TCP "tcp-set=2}" },
	{ "a mask of TCP flags alone", SFW_CMD_TX_ADD, true,
	  TCP "tcp-mask=2}" },
	{ "established and TCP flags", SFW_CMD_TX_ADD, true,
	  TCP "tcp-mask=2 tcp-set=2 tcp-established}" },
	{ "limit on deny", SFW_CMD_TX_ADD, true,
	  "rule{direction=0 number=500 action=0 limit{count=1 unit=0}}" },
	{ "limit on reject", SFW_CMD_TX_ADD, true,
	  "rule{direction=0 number=500 action=2 limit{count=1 unit=0}}" },
	{ "no-state on deny", SFW_CMD_TX_ADD, true,
	  "rule{direction=0 number=500 action=0 no-state}" },
	{ "a rate of the log without log", SFW_CMD_TX_ADD, true,
	  RULE "log-rate{count=1 unit=0}}" },
	{ "an interface without a name", SFW_CMD_TX_ADD, true,
	  RULE "interface=''}" },
	{ "not, but no interface", SFW_CMD_TX_ADD, true,
	  RULE "interface-negate}" },
	{ "a set that is not there", SFW_CMD_TX_ADD, true,
	  RULE "from{name=nobody}}" },
	{ "a set of ports as addresses", SFW_CMD_TX_ADD, true,
	  RULE "from{name=p}}" },
	{ "a set of addresses as ports", SFW_CMD_TX_ADD, true,
	  TCP "to-port{name=a}}" },
	{ "ports as addresses", SFW_CMD_TX_ADD, true,
	  TCP "to{port{first=80}}}" },
	{ "addresses as ports", SFW_CMD_TX_ADD, true,
	  TCP "to-port{" A8 "}}" },
	{ "a set and elements", SFW_CMD_TX_ADD, true,
	  RULE "from{name=a " A8 "}}" },
	{ "a list of nothing, negated", SFW_CMD_TX_ADD, true,
	  RULE "from{negate}}" },
	{ "append in a rule", SFW_CMD_TX_ADD, true,
	  RULE "from{append " A8 "}}" },
	{ "addresses and ports in a list", SFW_CMD_TX_ADD, true,
	  TCP "to{" A8 " port{first=80}}}" },
	{ "a range that ends before it begins", SFW_CMD_TX_ADD, true,
	  RULE "from{addr{first=10.0.0.9 last=10.0.0.1}}}" },
	{ "a range of two families", SFW_CMD_TX_ADD, true,
	  RULE "from{addr{first=10.0.0.9 last=2001:db8::1}}}" },
	{ "a range with a prefix", SFW_CMD_TX_ADD, true,
	  RULE "from{addr{first=10.0.0.1 last=10.0.0.9 prefix-len=8}}}" },
	{ "33 bits of IPv4", SFW_CMD_TX_ADD, true,
	  RULE "from{addr{first=10.0.0.0 prefix-len=33}}}" },
	{ "an address of 8 bytes", SFW_CMD_TX_ADD, true,
	  RULE "from{addr{first=#0102030405060708}}}" },
	{ "an address of 24 bytes", SFW_CMD_TX_ADD, true,
	  RULE "from{addr{first=#010203040506070801020304050607080102030405060708}}}" },
	{ "ports that end before they begin", SFW_CMD_TX_ADD, true,
	  TCP "to-port{port{first=90 last=80}}}" },
	{ "a rule and then a rule of its number", SFW_CMD_TX_ADD, true,
	  RULE "} " RULE "}" },
	{ "a set without elements", SFW_CMD_TX_ADD, true, "set{name=e}" },
	{ "a set with an empty name", SFW_CMD_TX_ADD, true,
	  "set{name='' " A8 "}" },
	{ "a set named by a digit", SFW_CMD_TX_ADD, true,
	  "set{name=1a " A8 "}" },
	{ "a set with a blank in its name", SFW_CMD_TX_ADD, true,
	  "set{name='a b' " A8 "}" },
	{ "a set defined twice", SFW_CMD_TX_ADD, true, "set{name=a " A8 "}" },
	{ "more of a set that is not there", SFW_CMD_TX_ADD, true,
	  "set{name=nobody append " A8 "}" },
	{ "ports to a set of addresses", SFW_CMD_TX_ADD, true,
	  "set{name=a append port{first=80}}" },
	{ "a set of both", SFW_CMD_TX_ADD, true,
	  "set{name=b " A8 " port{first=80}}" },
	{ "a negated set", SFW_CMD_TX_ADD, true, "set{name=b negate " A8 "}" },
	{ "a rule that is not there", SFW_CMD_TX_DEL, true,
	  "direction=0 number=77" },
	{ "the other direction", SFW_CMD_TX_DEL, true,
	  "direction=1 number=1" },
	{ "a move without direction", SFW_CMD_TX_MOVE, true,
	  "number=1 to-number=77" },
	{ "a deletion without direction", SFW_CMD_TX_DEL, true, "number=1" },
	{ "a move onto another rule", SFW_CMD_TX_MOVE, true,
	  "direction=0 number=1 to-number=2" },
	{ "a mode change that changes nothing named", SFW_CMD_MODE_SET, false,
	  "" },
	{ "an old generation", SFW_CMD_MODE_SET, false,
	  "mode=0 expect-generation=0" },
	{ "a filter by 33 bits", SFW_CMD_CONN_COUNT, false,
	  "filter{src{first=10.0.0.0 prefix-len=33}}" },
	{ "a filter by no interface", SFW_CMD_CONN_COUNT, false,
	  "filter{interface=''}" },
	{ "a filter by ports backwards", SFW_CMD_CONN_COUNT, false,
	  "filter{port{first=90 last=80}}" },
	{ "a filter by addresses backwards", SFW_CMD_CONN_GET, false,
	  "filter{addr{first=10.0.0.9 last=10.0.0.1}}" },
	{ "a filter by 5 bytes", SFW_CMD_CONN_KILL, false,
	  "filter{dst{first=#0102030405}}" },
	{ "nothing to restore", SFW_CMD_CONN_RESTORE, false, "" },
	{ "a connection of two families", SFW_CMD_CONN_RESTORE, false,
	  "conn{direction=0 protocol=17 source=10.0.0.1;"
	  "destination=2001:db8::1 source-port=1 destination-port=2 state=8;"
	  "packets=1 expires-ms=1 track{standing=0}}" },
	{ "a connection of udp with ports of icmp", SFW_CMD_CONN_RESTORE, false,
	  "conn{direction=0 protocol=17 source=10.0.0.1 destination=10.0.0.2;"
	  "icmp-type=8 icmp-id=7 state=8 packets=1 expires-ms=1;"
	  "track{standing=0}}" },
	{ "a connection of tcp in a state of sctp", SFW_CMD_CONN_RESTORE, false,
	  GOOD_CONN("protocol=6 state=12")
	  "track{standing=2 first-flags=2;"
	  "tcp{originator{flags=0x33} responder{flags=0x33}}}}" },
	{ "a connection by a rule of the other direction", SFW_CMD_CONN_RESTORE,
	  false,
	  "conn{direction=1 protocol=17 source=10.0.0.1 destination=10.0.0.2;"
	  "source-port=1 destination-port=2 state=8 rule-direction=0;"
	  "packets=1 expires-ms=1 track{standing=0}}" },
	{ "a connection of tcp and sctp", SFW_CMD_CONN_RESTORE, false,
	  GOOD_CONN("protocol=6 state=2")
	  "track{standing=2 first-flags=2 sctp{tag-originator=1};"
	  "tcp{originator{flags=0x33} responder{flags=0x33}}}}" },
	{ "a packet of two families", SFW_CMD_EXPLAIN, false,
	  "packet{direction=0 protocol=6 source=10.0.0.1;"
	  "destination=2001:db8::1}" },
	{ "a packet on no interface", SFW_CMD_EXPLAIN, false,
	  "packet{direction=0 protocol=6 source=10.0.0.1;"
	  "destination=10.0.0.2 interface=''}" },
};

TEST_F(bad, what_makes_no_sense_is_refused)
{
	struct nl *nl = &self->nl;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(senseless); i++) {
		if (senseless[i].staged) {
			ASSERT_EQ(0, sfw_begin(nl, true, -1));
			text_msg(nl, &pattern, SFW_CMD_TX_ADD, GOOD_SETS);
			ASSERT_EQ(0, nl_call(nl, &pattern)) {
				TH_LOG("%s", nl->text);
			}
		}
		text_msg(nl, &spoilt, senseless[i].cmd, senseless[i].text);
		EXPECT_SPOILT_REFUSED("%s", senseless[i].name);
	}
	EXPECT_UNCHANGED();
}

TEST_F(bad, deep_nests_are_refused)
{
	struct nl *nl = &self->nl;
	size_t at[1003];
	int i, n;

	for (n = 1; n <= 1000; n *= 10) {
		ASSERT_EQ(0, sfw_begin(nl, true, -1));
		nl_cmd(nl, &spoilt, SFW_CMD_TX_ADD);
		at[0] = nl_nest(&spoilt, SFW_A_RULE);
		at[1] = nl_nest(&spoilt, SFW_RULE_FROM);
		at[2] = nl_nest(&spoilt, SFW_LIST_ADDR);
		for (i = 3; i < 3 + n; i++)
			at[i] = nl_nest(&spoilt, SFW_ADDR_FIRST);
		while (i--)
			nl_end(&spoilt, at[i]);
		EXPECT_SPOILT_REFUSED("%d nests in an address", n);
	}
	EXPECT_UNCHANGED();
}

/* More elements than a list may have, in messages of 60 kB. */
TEST_F_TIMEOUT(bad, giant_list_is_refused, 120)
{
	struct nl *nl = &self->nl;

	ASSERT_EQ(0, sfw_begin(nl, false, -1));
	EXPECT_EQ(0, sfw_add_set(nl, "giant", 0, 1 << 20, false)) {
		TH_LOG("%s", nl->text);
	}
	EXPECT_GT(0, sfw_add_set(nl, "giant", 1 << 20, 1, true));
	EXPECT_STRNE("", nl->text);
	EXPECT_UNCHANGED();
	/* And forgotten at once, not at the end of the socket. */
	EXPECT_EQ(0, sfw_plain(nl, SFW_CMD_TX_ABORT));
}

TEST_HARNESS_MAIN
