// SPDX-License-Identifier: GPL-2.0
/*
 * Printing: what is printed loads again and is the same, as text and as JSON;
 * the canonical form; figures.
 */
#include <lib/parse.h>
#include <lib/print.h>
#include "gen.h"

#define SETS	10000	/* random rule sets */

static const struct print_style plain = { 0 };

static struct ruleset *gen_ruleset(void)
{
	struct ruleset *rs = gen_must(ruleset_new());
	struct sfw_options *o = &rs->options;
	u32 i, n;

	rs->mode = rnd_below(2);
	rs->audit = rnd_once_in(3);
	for (i = 0; i < 2; i++) {
		rs->def[i].action = rnd_below(3);
		rs->def[i].log = rnd_once_in(3);
	}
	o->named = rnd() & rnd() & 0x7f;
	o->named_timeouts = rnd() & rnd() & (BIT(SFW_STATE_MAX + 1) - 1);
	if (o->named & SFW_OPT_MAX_CONNECTIONS)
		o->max_connections = rnd_once_in(3) ? 0xffffffff :
						      1 + rnd_below(1000);
	if (o->named & SFW_OPT_TCP_PICKUP)
		o->tcp_pickup = rnd_below(2);
	if (o->named & SFW_OPT_TCP_LIBERAL)
		o->tcp_liberal = rnd_below(2);
	if (o->named & SFW_OPT_CHECKSUM)
		o->checksum = rnd_below(2);
	if (o->named & SFW_OPT_LOOPBACK)
		o->loopback_filter = rnd_below(2);
	if (o->named & SFW_OPT_ND)
		o->nd_filter = rnd_below(2);
	if (o->named & SFW_OPT_KEEP)
		o->keep_connections = rnd_below(2);
	for (i = 0; i <= SFW_STATE_MAX; i++)
		if (o->named_timeouts & BIT(i))
			o->timeout[i] = rnd_once_in(2) ?
				(1 + rnd_below(20)) * 86400 :
				1 + rnd_below(SFW_TIMEOUT_LIMIT);

	for (i = 0, n = rnd_below(5); i < n; i++) {
		char name[SFW_SET_NAME_MAX + 1];

		snprintf(name, sizeof(name), "%s%u",
			 rnd_once_in(3) ? "to" : "A-b_c", i);
		if (ruleset_add_set(rs, gen_list(name, 1 + rnd_below(2),
						 rnd_once_in(9) ? 300 : 5)))
			gen_must(NULL);
	}
	for (i = 0, n = rnd_below(8); i < n; i++) {
		struct ruleset_rule *r = gen_must(calloc(1, sizeof(*r)));

		gen_rule(&r->rule, rs);
		ruleset_sort(rs);
		if (ruleset_find_rule(rs, r->rule.direction, r->rule.number)) {
			ruleset_rule_free(r);
			continue;
		}
		if (sfw_rule_check(&r->rule) || ruleset_add_rule(rs, r))
			gen_must(NULL);
		if (rnd_once_in(2)) {
			r->counters.packets = rnd();
			r->counters.bytes = rnd();
			r->counters.last_hit_ms = rnd() >> rnd_below(60);
			r->counters.hit = true;
		}
		if (rnd_once_in(9))
			r->ignore = gen_must(strdup("wide-open shadowed"));
	}
	ruleset_sort(rs);
	return rs;
}

static char *text_of(const struct ruleset *rs, int direction,
		     const struct print_style *style)
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	print_ruleset(f, rs, direction, style);
	fclose(f);
	return text;
}

static bool rules_equal(const struct ruleset *a, const struct ruleset *b,
			int dir)
{
	size_t i;

	if (a->n_rules[dir] != b->n_rules[dir] ||
	    a->def[dir].action != b->def[dir].action ||
	    a->def[dir].log != b->def[dir].log)
		return false;
	for (i = 0; i < a->n_rules[dir]; i++) {
		const struct ruleset_rule *x = a->rules[dir][i];
		const struct ruleset_rule *y = b->rules[dir][i];

		if (!sfw_rule_equal(&x->rule, &y->rule) ||
		    x->rule.families != y->rule.families ||
		    strcmp(x->ignore ? x->ignore : "",
			   y->ignore ? y->ignore : ""))
			return false;
	}
	return true;
}

static bool head_equal(const struct ruleset *a, const struct ruleset *b)
{
	const struct sfw_options *o = &a->options, *p = &b->options;
	size_t i;

	if (a->mode != b->mode || a->audit != b->audit ||
	    a->n_sets != b->n_sets)
		return false;
	if (o->named != p->named || o->named_timeouts != p->named_timeouts ||
	    o->max_connections != p->max_connections ||
	    o->tcp_pickup != p->tcp_pickup ||
	    o->tcp_liberal != p->tcp_liberal || o->checksum != p->checksum ||
	    o->loopback_filter != p->loopback_filter ||
	    o->nd_filter != p->nd_filter ||
	    o->keep_connections != p->keep_connections ||
	    memcmp(o->timeout, p->timeout, sizeof(o->timeout)))
		return false;
	for (i = 0; i < a->n_sets; i++)
		if (!sfw_list_equal(a->sets[i], b->sets[i]))
			return false;
	return true;
}

/* Printed in this style and read again, it is the same. */
static bool loads_again(const struct ruleset *rs, int direction,
			const struct print_style *style, const char *what)
{
	char *text = text_of(rs, direction, style);
	struct parse_result *res = parse_text("printed", text, strlen(text));
	bool good = res->ruleset && head_equal(rs, res->ruleset);
	char *again;
	int dir;

	for (dir = 0; good && dir < 2; dir++)
		if (direction < 0 || direction == dir)
			good = rules_equal(rs, res->ruleset, dir);
	if (good && style == &plain && direction < 0) {
		again = text_of(res->ruleset, -1, &plain);
		good = !strcmp(text, again);
		free(again);
	}
	if (!good) {
		printf("# %s: not the same:\n%s", what, text);
		parse_print_messages(res, stdout, false);
	}
	parse_result_free(res);
	free(text);
	return good;
}

static bool rule_loads_again(const struct ruleset *rs,
			     const struct ruleset_rule *r)
{
	char *text = print_rule_text(&r->rule);
	struct parse_result *res = parse_rule("rule", text, rs);
	u8 dir = r->rule.direction;
	bool good = res->ruleset && res->ruleset->n_rules[dir] == 1 &&
		    sfw_rule_equal(&res->ruleset->rules[dir][0]->rule,
				   &r->rule);

	if (!good)
		printf("# not the same: %s\n", text);
	parse_result_free(res);
	free(text);
	return good;
}

static const char *str(const json_t *obj, const char *key)
{
	return json_string_value(json_object_get(obj, key));
}

static void clause(FILE *f, const json_t *obj, const char *key, const char *word)
{
	if (str(obj, key))
		fprintf(f, " %s %s", word, str(obj, key));
}

/* The strings of the JSON, put after their words, are the rule again. */
static bool json_is_rule(const struct ruleset *rs, const struct ruleset_rule *r)
{
	json_t *obj = print_rule_json(r);
	struct parse_result *res;
	char *text = NULL;
	size_t size;
	bool good;
	FILE *f;
	u8 dir = r->rule.direction;

	f = open_memstream(&text, &size);
	fprintf(f, "%s %lld %s %s", str(obj, "direction"),
		(long long)json_integer_value(json_object_get(obj, "number")),
		str(obj, "action"), str(obj, "protocol"));
	clause(f, obj, "from", "from");
	clause(f, obj, "from_port", "from port");
	clause(f, obj, "to", "to");
	clause(f, obj, "to_port", "to port");
	clause(f, obj, "interface", "on");
	clause(f, obj, "type", "type");
	clause(f, obj, "flags", "flags");
	clause(f, obj, "limit", "limit");
	if (json_is_true(json_object_get(obj, "log")))
		fprintf(f, " log");
	clause(f, obj, "log_limit", "limit");
	if (json_is_true(json_object_get(obj, "no_state")))
		fprintf(f, " no-state");
	if (json_is_true(json_object_get(obj, "return")))
		fprintf(f, " return");
	fclose(f);
	res = parse_rule("json", text, rs);
	good = res->ruleset && res->ruleset->n_rules[dir] == 1;
	if (good) {
		struct sfw_rule *got = &res->ruleset->rules[dir][0]->rule;

		if (str(obj, "comment"))
			got->comment = strdup(str(obj, "comment"));
		good = sfw_rule_equal(got, &r->rule) &&
		       json_is_integer(json_object_get(obj, "packets")) &&
		       json_is_integer(json_object_get(obj, "bytes")) &&
		       json_is_integer(json_object_get(obj, "connections")) &&
		       (r->counters.hit ?
			json_is_integer(json_object_get(obj, "last_hit_s")) :
			json_is_null(json_object_get(obj, "last_hit_s")));
	}
	if (!good)
		printf("# JSON is not the same: %s\n", text);
	json_decref(obj);
	parse_result_free(res);
	free(text);
	return good;
}

static void test_random(void)
{
	const struct print_style numeric = { .numeric = true };
	const struct print_style figures = { .counters = true };
	bool all = true, one = true, other = true, rules = true, json = true;
	size_t i, j, dir, n = 0;

	for (i = 0; i < SETS; i++) {
		struct ruleset *rs = gen_ruleset();

		all &= loads_again(rs, -1, &plain, "plain");
		if (i % 3 == 0)
			other &= loads_again(rs, -1, &numeric, "numeric");
		else if (i % 3 == 1)
			other &= loads_again(rs, -1, &figures, "counters");
		else
			one &= loads_again(rs, rnd_below(2), &plain, "half");
		for (dir = 0; dir < 2; dir++) {
			for (j = 0; j < rs->n_rules[dir]; j++, n++) {
				rules &= rule_loads_again(rs, rs->rules[dir][j]);
				json &= json_is_rule(rs, rs->rules[dir][j]);
			}
		}
		ruleset_free(rs);
	}
	printf("# %zu rules\n", n);
	ok(all, "%d random rule sets load again and are the same", SETS);
	ok(other, "so they do in numbers, and with counters");
	ok(one, "so does one direction alone");
	ok(rules, "so does every rule alone");
	ok(json, "and every rule from its JSON");
}

/* Every type and code of both protocols, with names and without. */
static void test_icmp(void)
{
	struct sfw_rule rule = {
		.number = 1, .flags = SFW_RULE_F_PROTOCOL | SFW_RULE_F_ICMP_TYPE,
	};
	struct parse_result *res;
	bool good = true;
	int type, code;
	char *text;

	for (rule.protocol = IPPROTO_ICMP; ; rule.protocol = IPPROTO_ICMPV6) {
		for (type = 0; type < 256; type++) {
			for (code = -1; code < 20; code++) {
				rule.icmp_type = type;
				rule.icmp_code = code < 0 ? 0 : code;
				rule.flags &= ~SFW_RULE_F_ICMP_CODE;
				if (code >= 0)
					rule.flags |= SFW_RULE_F_ICMP_CODE;
				text = print_rule_text(&rule);
				res = parse_rule("icmp", text, NULL);
				good &= res->ruleset &&
					sfw_rule_equal(&rule, &res->ruleset->rules[0][0]->rule);
				parse_result_free(res);
				free(text);
			}
		}
		if (rule.protocol == IPPROTO_ICMPV6)
			break;
	}
	ok(good, "names and numbers of ICMP types load again");
}

/* The numbers of RFC 792, 1256 and 4443, 4861 once more. */
static void test_icmp_names(void)
{
	static const struct {
		const char *name;
		u8 protocol;
		u8 type;
		s32 code;
	} names[] = {
		{ "echo-reply", IPPROTO_ICMP, 0, -1 },
		{ "destination-unreachable", IPPROTO_ICMP, 3, -1 },
		{ "network-unreachable", IPPROTO_ICMP, 3, 0 },
		{ "host-unreachable", IPPROTO_ICMP, 3, 1 },
		{ "protocol-unreachable", IPPROTO_ICMP, 3, 2 },
		{ "port-unreachable", IPPROTO_ICMP, 3, 3 },
		{ "fragmentation-needed", IPPROTO_ICMP, 3, 4 },
		{ "communication-prohibited", IPPROTO_ICMP, 3, 13 },
		{ "source-quench", IPPROTO_ICMP, 4, -1 },
		{ "redirect", IPPROTO_ICMP, 5, -1 },
		{ "echo-request", IPPROTO_ICMP, 8, -1 },
		{ "router-advertisement", IPPROTO_ICMP, 9, -1 },
		{ "router-solicitation", IPPROTO_ICMP, 10, -1 },
		{ "time-exceeded", IPPROTO_ICMP, 11, -1 },
		{ "ttl-exceeded", IPPROTO_ICMP, 11, 0 },
		{ "parameter-problem", IPPROTO_ICMP, 12, -1 },
		{ "timestamp-request", IPPROTO_ICMP, 13, -1 },
		{ "destination-unreachable", IPPROTO_ICMPV6, 1, -1 },
		{ "no-route", IPPROTO_ICMPV6, 1, 0 },
		{ "communication-prohibited", IPPROTO_ICMPV6, 1, 1 },
		{ "address-unreachable", IPPROTO_ICMPV6, 1, 3 },
		{ "port-unreachable", IPPROTO_ICMPV6, 1, 4 },
		{ "packet-too-big", IPPROTO_ICMPV6, 2, -1 },
		{ "time-exceeded", IPPROTO_ICMPV6, 3, -1 },
		{ "ttl-exceeded", IPPROTO_ICMPV6, 3, 0 },
		{ "parameter-problem", IPPROTO_ICMPV6, 4, -1 },
		{ "echo-request", IPPROTO_ICMPV6, 128, -1 },
		{ "echo-reply", IPPROTO_ICMPV6, 129, -1 },
		{ "multicast-listener-query", IPPROTO_ICMPV6, 130, -1 },
		{ "router-solicitation", IPPROTO_ICMPV6, 133, -1 },
		{ "router-advertisement", IPPROTO_ICMPV6, 134, -1 },
		{ "neighbour-solicitation", IPPROTO_ICMPV6, 135, -1 },
		{ "neighbour-advertisement", IPPROTO_ICMPV6, 136, -1 },
		{ "redirect", IPPROTO_ICMPV6, 137, -1 },
		{ "multicast-listener-report-v2", IPPROTO_ICMPV6, 143, -1 },
	};
	bool good = true;
	char buf[40];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		const char *got = print_icmp(buf, sizeof(buf),
					     names[i].protocol, names[i].type,
					     names[i].code, false);

		good &= same_text(got, names[i].name);
	}
	ok(good, "names of ICMP types");
	ok(!strcmp(print_icmp(buf, sizeof(buf), 1, 3, 4, true), "3/4") &&
	   !strcmp(print_icmp(buf, sizeof(buf), 1, 3, -1, true), "3") &&
	   !strcmp(print_protocol(buf, sizeof(buf), 6, true), "6") &&
	   !strcmp(print_protocol(buf, sizeof(buf), 6, false), "tcp") &&
	   !strcmp(print_protocol(buf, sizeof(buf), 250, false), "250"),
	   "numbers where they are wanted, or have no name");
}

static const struct {
	const char *in;
	const char *out;
} canonical[] = {
	{ "in 8 allow tcp flags SYN,ACK,RST/SYN", "in 8 allow tcp flags syn,rst,ack/syn" },
	{ "in 9 allow tcp flags SA/S", "in 9 allow tcp flags syn" },
	{ "outbound 7 allow 6 log limit 1/s burst 2 limit 3/m flags syn,ack/syn on !veth* to 10.0.0.1 port { 80 } from any port !{ 1, 2 } return no-state \"c\"",
	  "out 7 allow tcp from port !{ 1, 2 } to 10.0.0.1 port 80 on !veth* flags syn limit 3/m log limit 1/s burst 2 no-state return \"c\"" },
	{ "in 1 deny 58 type 1/4", "in 1 deny icmpv6 type port-unreachable" },
	{ "in 1 deny icmp type 3 / 3", "in 1 deny icmp type port-unreachable" },
	{ "in 1 deny icmp type 3/200", "in 1 deny icmp type 3/200" },
	{ "in 1 deny icmp type 200", "in 1 deny icmp type 200" },
	{ "in 1 deny icmp type echo", "in 1 deny icmp type echo-request" },
	{ "in 1 deny icmp type frag-needed", "in 1 deny icmp type fragmentation-needed" },
	{ "in 1 deny icmpv6 type nd-neighbor-solicit",
	  "in 1 deny icmpv6 type neighbour-solicitation" },
	{ "in 1 deny icmpv6 type mld2-listener-report",
	  "in 1 deny icmpv6 type multicast-listener-report-v2" },
	{ "in 1 deny icmpv6 type neighbor-solicitation",
	  "in 1 deny icmpv6 type neighbour-solicitation" },
	{ "in 1 deny 132 to port 1 - 2", "in 1 deny sctp to port 1-2" },
	{ "in 1 deny 250 from 2001:DB8:0::0/32 to 10.0.0.1 - 10.0.0.2",
	  "in 1 deny 250 from 2001:db8::/32 to 10.0.0.1-10.0.0.2" },
	{ "in 1 reject any from {10.0.0.0/8,::1} on lo",
	  "in 1 reject any from { 10.0.0.0/8, ::1 } on lo" },
	{ "in 1 deny tcp flags 0x02/0x02", "in 1 deny tcp flags syn/syn" },
	{ "in 1 deny tcp flags 255/0", "in 1 deny tcp flags all/none" },
	{ "in 1 deny tcp flags rst , cwr / cwr",
	  "in 1 deny tcp flags rst,cwr/cwr" },
	{ "in 1 deny tcp flags established", "in 1 deny tcp flags established" },
	{ "in 1 deny any on \"to\"", "in 1 deny any on \"to\"" },
	{ "in 1 deny any on \"eth0\"", "in 1 deny any on eth0" },
	{ "in 1 deny any \"\"", "in 1 deny any" },
	{ "in 1 deny any \"\\\\ \\\" #\"", "in 1 deny any \"\\\\ \\\" #\"" },
	{ "in 1 deny any from 0.0.0.0/0 to 255.255.255.255/32",
	  "in 1 deny any from 0.0.0.0/0 to 255.255.255.255/32" },
};

static void test_canonical(void)
{
	struct parse_result *res;
	size_t i, dir;
	char *text;

	for (i = 0; i < ARRAY_SIZE(canonical); i++) {
		res = parse_rule("rule", canonical[i].in, NULL);
		text = NULL;
		for (dir = 0; res->ruleset && dir < 2; dir++)
			if (res->ruleset->n_rules[dir])
				text = print_rule_text(&res->ruleset->rules[dir][0]->rule);
		ok(text && same_text(text, canonical[i].out), "prints %s",
		   canonical[i].out);
		free(text);
		parse_result_free(res);
	}
}

static const char sample[] =
	"out 1 allow udp to port 53\n"
	"option timeout udp 90\noption timeout tcp-established 86400\n"
	"option timeout icmp 3600\noption timeout generic 120\n"
	"option checksum off\noption max-connections 5\n"
	"option neighbour-discovery filter\naudit off\n"
	"set s = {2001:db8::/32 , 10.0.0.1-10.0.0.3}\nset p = 80\n"
	"in 20 reject tcp from $s to port $p log \"ü\"\n"
	"in 3 allow icmp # sfw:ignore wide-open\n"
	"default out allow log\n";

static const char sample_text[] =
	"sfw 1\nmode stateful\ndefault in deny\ndefault out allow log\n\n"
	"option max-connections 5\noption timeout tcp-established 1d\n"
	"option timeout udp 90s\noption timeout icmp 1h\n"
	"option timeout generic 2m\noption checksum off\n"
	"option neighbour-discovery filter\n\n"
	"set s = { 2001:db8::/32, 10.0.0.1-10.0.0.3 }\nset p = { 80 }\n\n"
	"in 3 allow icmp  # sfw:ignore wide-open\n"
	"in 20 reject tcp from $s to port $p log \"ü\"\n\n"
	"out 1 allow udp to port 53\n";

static const char sample_in[] =
	"sfw 1\nmode stateful\n"
	"default in deny                            # 0 packets, 0 bytes, 0 connections, last never\n\n"
	"option max-connections 5\noption timeout tcp-established 1d\n"
	"option timeout udp 90s\noption timeout icmp 1h\n"
	"option timeout generic 2m\noption checksum off\n"
	"option neighbour-discovery filter\n\n"
	"set s = { 2001:db8::/32, 10.0.0.1-10.0.0.3 }\nset p = { 80 }\n\n"
	"in 3 allow 1                               # 7 packets, 840 bytes, 2 connections, last 5 s ago  # sfw:ignore wide-open\n"
	"in 20 reject 6 from $s to port $p log \"ü\"  # 0 packets, 0 bytes, 0 connections, last never\n";

static const char sample_json[] =
	"{\"mode\":\"stateful\",\"audit\":false,\"generation\":9,"
	"\"default_in\":\"deny\",\"default_out\":\"allow\","
	"\"defaults\":{\"in\":{\"action\":\"deny\",\"packets\":0,\"bytes\":0,\"connections\":0,\"last_hit_s\":null},"
	"\"out\":{\"action\":\"allow\",\"log\":true,\"packets\":0,\"bytes\":0,\"connections\":0,\"last_hit_s\":null}},"
	"\"options\":{\"max_connections\":5,\"timeout\":{\"tcp_established\":86400,\"udp\":90,\"icmp\":3600,\"generic\":120},"
	"\"checksum\":false,\"neighbour_discovery\":\"filter\"},"
	"\"sets\":{\"s\":[\"2001:db8::/32\",\"10.0.0.1-10.0.0.3\"],\"p\":[\"80\"]},"
	"\"rules\":[{\"direction\":\"in\",\"number\":3,\"action\":\"allow\",\"protocol\":\"icmp\","
	"\"packets\":7,\"bytes\":840,\"connections\":2,\"last_hit_s\":5},"
	"{\"direction\":\"in\",\"number\":20,\"action\":\"reject\",\"protocol\":\"tcp\",\"from\":\"$s\",\"to_port\":\"$p\","
	"\"log\":true,\"comment\":\"ü\",\"packets\":0,\"bytes\":0,\"connections\":0,\"last_hit_s\":null},"
	"{\"direction\":\"out\",\"number\":1,\"action\":\"allow\",\"protocol\":\"udp\",\"to_port\":\"53\","
	"\"packets\":0,\"bytes\":0,\"connections\":0,\"last_hit_s\":null}]}";

static void test_sample(void)
{
	const struct print_style style = { .numeric = true, .counters = true };
	struct parse_result *res = parse_text("s", sample, strlen(sample));
	struct ruleset *rs = res->ruleset;
	json_t *json;
	char *text;

	if (!ok(rs, "the sample is read")) {
		parse_print_messages(res, stdout, false);
		return;
	}
	rs->generation = 9;
	text = text_of(rs, -1, &plain);
	ok(same_text(text, sample_text), "sections and their order");
	free(text);
	rs->rules[0][0]->counters = (struct counters){
		.packets = 7, .bytes = 840, .connections = 2,
		.last_hit_ms = 5999, .hit = true,
	};
	text = text_of(rs, SFW_DIRECTION_IN, &style);
	ok(same_text(text, sample_in), "one direction, in numbers, with counters");
	free(text);
	json = print_ruleset_json(rs, -1);
	text = json_dumps(json, JSON_COMPACT);
	ok(same_text(text, sample_json), "JSON");
	free(text);
	json_decref(json);
	json = print_ruleset_json(rs, SFW_DIRECTION_OUT);
	ok(json_array_size(json_object_get(json, "rules")) == 1,
	   "JSON of one direction");
	json_decref(json);
	json = print_options_json(&rs->options, true);
	ok(json_object_size(json_object_get(json, "timeout")) ==
	   SFW_STATE_MAX + 1 && json_object_size(json) == 8,
	   "all options in force");
	json_decref(json);
	parse_result_free(res);
}

static void test_color(void)
{
	const struct print_style style = { .color = true };
	struct parse_result *res = parse_rule("r", "in 1 deny tcp \"x\"", NULL);
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	print_rule(f, &res->ruleset->rules[0][0]->rule, &style);
	fclose(f);
	ok(same_text(text, "in 1 \033[31mdeny\033[0m tcp \033[2m\"x\"\033[0m"),
	   "colours");
	free(text);
	parse_result_free(res);
}

static void test_figures(void)
{
	static const struct {
		u64 ms;
		const char *text;
	} ages[] = {
		{ 999, "0 s ago" }, { 119999, "119 s ago" },
		{ 120000, "2 min ago" }, { 7199999, "119 min ago" },
		{ 7200000, "2 h ago" }, { 172799999, "47 h ago" },
		{ 172800000, "2 d ago" },
	};
	struct counters c = { .hit = true };
	bool good = true;
	char *text;
	size_t i, size;
	FILE *f;

	for (i = 0; i < ARRAY_SIZE(ages); i++) {
		text = NULL;
		f = open_memstream(&text, &size);
		c.last_hit_ms = ages[i].ms;
		print_counters(f, &c);
		fclose(f);
		good &= !!strstr(text, ages[i].text);
		free(text);
	}
	ok(good, "how long ago");
	for (i = 0; i <= SFW_REASON_MAX; i++)
		good &= print_reasons[i] && *print_reasons[i];
	ok(good, "every reason has a word");
}

int main(int argc, char **argv)
{
	rnd_seed(argc, argv);
	test_random();
	test_icmp();
	test_icmp_names();
	test_canonical();
	test_sample();
	test_color();
	test_figures();
	return tap_done();
}
