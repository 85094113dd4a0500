// SPDX-License-Identifier: GPL-2.0
/*
 * Explanations: what decides in each mode, which rules nearly did, the line
 * that repairs the reply; and for random sets and packets that all of it
 * agrees with matching rule by rule.
 */
#define _GNU_SOURCE	/* asprintf */
#include <lib/explain_show.h>
#include <lib/packet_text.h>
#include <lib/parse.h>
#include <lib/print.h>
#include "gen.h"

#define SETS		500	/* random rule sets */
#define PACKETS		20	/* for each */

static const struct explain_ports ports = {
	.lo = { 1024, 32768 }, .hi = { 65535, 60999 },
};

/*
 * want: request and reply in stateful and in stateless mode, steps of request
 * and reply as rule names, a miss with its field, and the lines to add.
 */
static const struct {
	const char *name;
	const char *rules;
	const char *packet;
	const char *want;
} cases[] = {
	{ "the example of the language",
	  "out 110 allow tcp to port { 80, 443 }\n"
	  "in 120 allow tcp from port 443 to port 49152-65535\n",
	  "out tcp 10.0.0.5:41514 > 93.184.216.34:443",
	  "allow out:110 / connection out:110 | allow out:110 / deny in:* | out:110 | in:120 to_port, in:* | in 121 allow tcp from port 443 to port 32768-60999 return" },
	{ "the reply is allowed",
	  "out 110 allow tcp to port 443\n"
	  "in 120 allow tcp from port 443 to port 32768-60999 return\n",
	  "out tcp 10.0.0.5:41514 > 93.184.216.34:443",
	  "allow out:110 / connection out:110 | allow out:110 / allow in:120 | out:110 | in:120 | " },
	{ "a request from outside, whose client may have any port from 1024 on",
	  "in 100 allow tcp to 192.0.2.0/24 port 22\n",
	  "in tcp 203.0.113.9:5000 > 192.0.2.1:22",
	  "allow in:100 / connection in:100 | allow in:100 / deny out:* | in:100 | out:* | out 100 allow tcp from 192.0.2.0/24 port 22 to port 1024-65535 return" },
	{ "the line stands before the rule that blocks, on a free number",
	  "in 100 allow udp from 203.0.113.0/24 to port 53 on eth0\n"
	  "out 48 allow icmp\nout 49 allow icmp type 3\n"
	  "out 50 deny udp\nout 60 allow any\n",
	  "in udp 203.0.113.9:5000 > 192.0.2.1:53 on eth0",
	  "allow in:100 / connection in:100 | allow in:100 / deny out:50 | in:100 | out:50, out:60 number | out 47 allow udp from port 53 to 203.0.113.0/24 port 1024-65535 on eth0 return" },
	{ "no number is free",
	  "in 100 allow udp to port 53\nout 1 deny udp\n",
	  "in udp 203.0.113.9:5000 > 192.0.2.1:53",
	  "allow in:100 / connection in:100 | allow in:100 / deny out:1 | in:100 | out:1 | no number" },
	{ "a client's port outside of the range is meant by itself",
	  "out 100 allow udp to port 123\n",
	  "out udp 10.0.0.5:123 > 192.0.2.1:123",
	  "allow out:100 / connection out:100 | allow out:100 / deny in:* | out:100 | in:* | in 100 allow udp from port 123 to port 123 return" },
	{ "a rule with client ports has them in the reply",
	  "out 100 allow udp from port 5000-5010 to port 123\n",
	  "out udp 10.0.0.5:5001 > 192.0.2.1:123",
	  "allow out:100 / connection out:100 | allow out:100 / deny in:* | out:100 | in:* | in 100 allow udp from port 123 to port 5000-5010 return" },
	{ "negated addresses are turned round, too",
	  "out 100 allow tcp from 10.0.0.0/8 to !192.0.2.0/24 port 80 on !eth1\n",
	  "out tcp 10.0.0.5:40000 > 198.51.100.1:80 on eth0",
	  "allow out:100 / connection out:100 | allow out:100 / deny in:* | out:100 | in:* | in 100 allow tcp from !192.0.2.0/24 port 80 to 10.0.0.0/8 port 32768-60999 on !eth1 return" },
	{ "ping", "out 100 allow icmp type echo-request\n",
	  "out icmp 10.0.0.5 > 192.0.2.1",
	  "allow out:100 / connection out:100 | allow out:100 / deny in:* | out:100 | in:* | in 100 allow icmp type echo-reply return" },
	{ "ping of IPv6, stateless",
	  "default in allow\nin 10 reject icmpv6 type echo-reply\n"
	  "out 100 allow icmpv6\n",
	  "out icmpv6 2001:db8::5 > 2001:db8::1",
	  "allow out:100 / connection out:100 | allow out:100 / reject in:10 | out:100 | in:10 | in 9 allow icmpv6 type echo-reply return" },
	{ "a protocol without ports", "out 100 allow any\n",
	  "out gre 10.0.0.5 > 192.0.2.1",
	  "allow out:100 / connection out:100 | allow out:100 / deny in:* | out:100 | in:* | in 100 allow gre return" },
	{ "SCTP", "out 100 allow sctp to port 80\n",
	  "out sctp 10.0.0.5:40000 > 192.0.2.1:80",
	  "allow out:100 / connection out:100 | allow out:100 / deny in:* | out:100 | in:* | in 100 allow sctp from port 80 to port 32768-60999 return" },
	{ "what the default allows",
	  "default out allow\n", "out udp 10.0.0.5:40000 > 192.0.2.1:53",
	  "allow out:* / connection out:* | allow out:* / deny in:* | out:* | in:* | in 100 allow udp from port 53 to port 32768-60999 return" },
	{ "a request that is denied has no reply, and nothing is proposed",
	  "in 100 allow tcp to port 80\n",
	  "in tcp 203.0.113.9:5000 > 192.0.2.1:22",
	  "deny in:* / never_sent | deny in:* / never_sent | in:100 to_port, in:* | out:* | " },
	{ "one that is rejected",
	  "in 100 reject tcp to port 22\n",
	  "in tcp 203.0.113.9:5000 > 192.0.2.1:22",
	  "reject in:100 / never_sent | reject in:100 / never_sent | in:100 | out:* | " },
	{ "no-state: the reply is on its own in both modes",
	  "in 100 allow udp to port 53 no-state\n",
	  "in udp 203.0.113.9:5000 > 192.0.2.1:53",
	  "allow in:100 / deny out:* | allow in:100 / deny out:* | in:100 | out:* | out 100 allow udp from port 53 to port 1024-65535 no-state return" },
	{ "no-state: a SYN/ACK begins no connection",
	  "default out allow\nin 100 allow tcp to port 53 no-state\n",
	  "in tcp 203.0.113.9:5000 > 192.0.2.1:53",
	  "allow in:100 / tracker no_connection | allow in:100 / allow out:* | in:100 | out:* | out 100 allow tcp from port 53 to port 1024-65535 no-state return" },
	{ "flags that nobody sends pass a stateless list only",
	  "in 100 allow tcp to port 80\nout 100 allow tcp from port 80\n",
	  "in tcp 203.0.113.9:5000 > 192.0.2.1:80 flags syn,fin",
	  "tracker invalid_flags / never_sent | allow in:100 / allow out:100 | in:100 | out:100 | " },
	{ "a segment in the middle of a connection is picked up",
	  "in 100 allow tcp to port 80\n",
	  "in tcp 203.0.113.9:5000 > 192.0.2.1:80 flags ack",
	  "allow in:100 / connection in:100 | allow in:100 / deny out:* | in:100 | out:* | out 100 allow tcp from port 80 to port 1024-65535 return" },
	{ "unless tcp-pickup is off",
	  "option tcp-pickup off\nin 100 allow tcp to port 80\n"
	  "out 100 allow tcp\n",
	  "in tcp 203.0.113.9:5000 > 192.0.2.1:80 flags ack",
	  "tracker no_connection / never_sent | allow in:100 / allow out:100 | in:100 | out:100 | " },
	{ "an echo reply that nobody asked for",
	  "in 100 allow icmp\n", "in icmp 203.0.113.9 > 192.0.2.1 type echo-reply",
	  "tracker no_connection / no_reply | allow in:100 / no_reply | in:100 |  | " },
	{ "an ICMP error about nothing",
	  "in 100 allow icmp\n", "in icmp 203.0.113.9 > 192.0.2.1 type 3/4",
	  "tracker invalid_icmp / no_reply | allow in:100 / no_reply | in:100 |  | " },
	{ "that a rule wants without state",
	  "in 100 allow icmp no-state\n",
	  "in icmp 203.0.113.9 > 192.0.2.1 type 3/4",
	  "allow in:100 / no_reply | allow in:100 / no_reply | in:100 |  | " },
	{ "neighbour discovery", "in 100 deny any\n",
	  "in icmpv6 fe80::1 > ff02::1 type router-advertisement",
	  "neighbour_discovery / no_reply | neighbour_discovery / no_reply |  |  | " },
	{ "unless it is filtered",
	  "option neighbour-discovery filter\nin 100 deny any\n",
	  "in icmpv6 fe80::1 > ff02::1 type router-advertisement",
	  "deny in:100 / no_reply | deny in:100 / no_reply | in:100 |  | " },
	{ "loopback", "in 100 deny any\n",
	  "out tcp 127.0.0.1:40000 > 127.0.0.1:80",
	  "loopback / loopback | loopback / loopback |  |  | " },
	{ "loopback that is filtered meets both lists",
	  "option loopback filter\nout 100 allow tcp to port 80\n"
	  "in 110 allow tcp to port 80\n",
	  "out tcp 127.0.0.1:40000 > 127.0.0.1:80",
	  "allow out:100 / connection out:100 | allow out:100 / deny out:* | out:100, in:110 | out:100 to_port, out:*, in:110 to_port, in:* | out 101 allow tcp from port 80 to port 32768-60999 return, in 111 allow tcp from port 80 to port 32768-60999 return" },
	{ "and is dropped by the second",
	  "option loopback filter\nout 100 allow tcp to port 80\n",
	  "out tcp 127.0.0.1:40000 > 127.0.0.1:80",
	  "deny in:* / never_sent | deny in:* / never_sent | out:100, in:* | out:100 to_port, out:*, in:* | " },
	{ "near misses have one part that does not fit",
	  "in 10 allow udp to port 22\n"			/* protocol */
	  "in 20 allow tcp from 10.0.0.0/8 to port 22\n"	/* from */
	  "in 30 allow tcp from 10.0.0.0/8 to port 23\n"	/* two */
	  "in 40 allow tcp to 192.0.2.9 port 22\n"		/* to */
	  "in 50 allow icmp\nin 60 deny esp\n",
	  "in tcp 203.0.113.9:5000 > 192.0.2.1:22",
	  "deny in:* / never_sent | deny in:* / never_sent | in:10 protocol, in:20 from, in:40 to, in:* | out:* | " },
	{ "the family, the interface and the flags",
	  "in 10 allow tcp from 2001:db8::/32 to port 22\n"
	  "in 20 allow tcp to port 22 on eth1\n"
	  "in 30 allow tcp to port 22 flags established\n",
	  "in tcp 203.0.113.9:5000 > 192.0.2.1:22 on eth0",
	  "deny in:* / never_sent | deny in:* / never_sent | in:10 family, in:20 interface, in:30 flags, in:* | out:* | " },
	{ "every near miss of a list",
	  "in 10 deny tcp to port 21\nin 20 allow tcp to port 23\n"
	  "in 30 allow tcp to port 24\nin 40 deny tcp to port 25\n"
	  "in 50 allow tcp from any to port 26\nin 60 allow tcp to port 27\n",
	  "in tcp 203.0.113.9:5000 > 192.0.2.1:22",
	  "deny in:* / never_sent | deny in:* / never_sent | in:10 to_port, in:20 to_port, in:30 to_port, in:40 to_port, in:50 to_port, in:60 to_port, in:* | out:* | " },
	{ "the best of very many, those that would decide otherwise first",
	  "in 10 deny tcp to port 110\nin 11 allow tcp to port 111\n"
	  "in 12 allow tcp to port 112\nin 13 deny tcp to port 113\n"
	  "in 14 allow tcp to port 114\nin 15 allow tcp to port 115\n"
	  "in 16 allow tcp to port 116\nin 17 allow tcp to port 117\n"
	  "in 18 allow tcp to port 118\nin 19 allow tcp to port 119\n"
	  "in 20 allow tcp to port 120\nin 21 allow tcp to port 121\n"
	  "in 22 allow tcp to port 122\nin 23 allow tcp to port 123\n"
	  "in 24 allow tcp to port 124\n",
	  "in tcp 203.0.113.9:5000 > 192.0.2.1:22",
	  "deny in:* / never_sent | deny in:* / never_sent | in:12 to_port, in:14 to_port, in:15 to_port, in:16 to_port, in:17 to_port, in:18 to_port, in:19 to_port, in:20 to_port, in:21 to_port, in:22 to_port, in:23 to_port, in:24 to_port, in:* and 3 | out:* | " },
};

static char *append(char *text, const char *more)
{
	char *both;

	if (asprintf(&both, "%s%s", text, more) < 0)
		gen_must(NULL);
	free(text);
	return both;
}

static char *verdict_text(const struct explain_verdict *v)
{
	char name[24] = "", *text;
	const char *what;

	if (v->cause == EXPLAIN_LIST || v->cause == EXPLAIN_CONNECTION)
		explain_rule_name(name, sizeof(name), v->direction, v->number);
	else if (v->cause == EXPLAIN_TRACKER)
		snprintf(name, sizeof(name), "%s", print_reasons[v->reason]);
	what = v->cause == EXPLAIN_LIST ? print_actions[v->action] :
					  explain_causes[v->cause];
	if (asprintf(&text, "%s%s%s", what, *name ? " " : "", name) < 0)
		gen_must(NULL);
	return text;
}

static char *append_mode(char *text, const struct explain_mode *m)
{
	char *request = verdict_text(&m->request);
	char *reply = verdict_text(&m->reply);

	text = append(text, request);
	text = append(text, " / ");
	text = append(text, reply);
	free(request);
	free(reply);
	return append(text, " | ");
}

static char *append_steps(char *text, const struct explain_half *half)
{
	bool first = true;
	size_t i, j;

	for (i = 0; i < half->n_walks; i++) {
		const struct explain_walk *walk = &half->walk[i];

		for (j = 0; j < walk->n_steps; j++) {
			const struct explain_step *step = &walk->step[j];
			char name[24];

			explain_rule_name(name, sizeof(name),
					  walk->pkt.direction,
					  step->rule ? step->rule->number : 0);
			text = append(text, first ? "" : ", ");
			text = append(text, name);
			if (!step->decides) {
				text = append(text, " ");
				text = append(text,
					      explain_fields[step->field]);
			}
			first = false;
		}
		if (walk->more) {
			char more[24];

			snprintf(more, sizeof(more), " and %zu", walk->more);
			text = append(text, more);
		}
	}
	return append(text, " | ");
}

static char *explanation(const struct explain *ex)
{
	char *text = gen_must(strdup(""));
	size_t i;

	text = append_mode(text, &ex->mode[SFW_MODE_STATEFUL]);
	text = append_mode(text, &ex->mode[SFW_MODE_STATELESS]);
	text = append_steps(text, &ex->request);
	text = append_steps(text, &ex->reply);
	for (i = 0; i < ex->n_adds; i++) {
		text = append(text, i ? ", " : "");
		text = append(text, ex->add[i]);
	}
	return append(text, ex->no_number ? "no number" : "");
}

static void test_case(size_t i)
{
	const char *rules = cases[i].rules;
	struct parse_result *set, *res;
	struct explain_lists *lists;
	struct packet_text packet;
	struct explain ex;
	char *text;

	set = parse_text("rules", rules, strlen(rules));
	res = packet_text_read("packet", cases[i].packet, &packet);
	if (!set->ruleset || !res->ruleset) {
		parse_print_messages(set, stdout, false);
		parse_print_messages(res, stdout, false);
		ok(false, "%s: it can be read", cases[i].name);
	} else {
		lists = explain_lists_new(set->ruleset);
		explain_run(lists, &packet.pkt, false, NULL, &ports, &ex);
		text = explanation(&ex);
		ok(same_text(text, cases[i].want), "%s", cases[i].name);
		free(text);
		explain_free(&ex);
		explain_lists_free(lists);
	}
	parse_result_free(res);
	parse_result_free(set);
}

/* A forwarded packet's reply comes in as well. */
static void test_forwarded(void)
{
	static const char rules[] = "in 100 allow tcp to port 80 on eth0\n";
	struct parse_result *set, *res;
	struct explain_lists *lists;
	struct packet_text packet;
	struct explain ex;
	char *text;

	set = parse_text("rules", rules, strlen(rules));
	res = packet_text_read("packet",
			       "in tcp 10.0.0.5:5000 > 10.1.0.5:80 on eth0",
			       &packet);
	lists = explain_lists_new(set->ruleset);
	explain_run(lists, &packet.pkt, true, "eth1", &ports, &ex);
	text = explanation(&ex);
	ok(same_text(text,
		     "allow in:100 / connection in:100 | allow in:100 / deny in:* | in:100 | in:* | in 101 allow tcp from port 80 to port 1024-65535 on eth1 return"),
	   "the reply of a forwarded packet comes in, through the other interface");
	free(text);
	explain_free(&ex);
	explain_lists_free(lists);
	parse_result_free(res);
	parse_result_free(set);
}

static struct ruleset *gen_set(void)
{
	struct ruleset *rs = gen_must(ruleset_new());
	u32 n = rnd_below(30);
	int d;

	for (d = 0; d < 2; d++)
		rs->def[d].action = rnd_below(3);
	rs->options.tcp_pickup = rnd_below(2);
	rs->options.nd_filter = rnd_below(2);
	rs->options.loopback_filter = rnd_below(2);
	while (n--) {
		struct ruleset_rule *r = gen_must(calloc(1, sizeof(*r)));

		do {
			sfw_rule_destroy(&r->rule);
			memset(r, 0, sizeof(*r));
			gen_rule(&r->rule, rs);
		} while (sfw_rule_check(&r->rule));
		r->rule.number = 10 * (n + 1);
		if (ruleset_add_rule(rs, r))
			gen_must(NULL);
	}
	ruleset_sort(rs);
	return rs;
}

static void gen_packet(struct packet_text *packet)
{
	static const char *const protocols[] = {
		"tcp", "tcp", "udp", "icmp", "sctp", "gre", "0", "255",
	};
	const char *protocol = protocols[rnd_below(ARRAY_SIZE(protocols))];
	static const char *const ifnames[] = {
		"", "", " on eth0", " on veth12", " on log", " on lo",
	};
	struct sfw_packet pkt = { .family = gen_family() };
	char src[80], dst[80], text[300], more[40] = "";
	struct parse_result *res;

	pkt.has_ports = *protocol == 't' || *protocol == 'u' ||
			*protocol == 's';
	pkt.src = gen_addr(pkt.family);
	pkt.dst = gen_addr(pkt.family);
	pkt.sport = gen_port();
	pkt.dport = gen_port();
	packet_text_end(src, sizeof(src), &pkt, true);
	packet_text_end(dst, sizeof(dst), &pkt, false);
	if (*protocol == 't' && rnd_once_in(3))
		snprintf(more, sizeof(more), " flags 0x%02x",
			 (unsigned int)rnd_below(256));
	if (*protocol == 'i')
		snprintf(more, sizeof(more), " type %u/%u",
			 rnd_below(rnd_once_in(2) ? 16 : 256), rnd_below(6));
	snprintf(text, sizeof(text), "%s %s%s %s > %s%s%s",
		 rnd_once_in(2) ? "in" : "out", protocol,
		 *protocol == 'i' && pkt.family == AF_INET6 ? "v6" : "", src,
		 dst, ifnames[rnd_below(ARRAY_SIZE(ifnames))], more);
	res = packet_text_read("packet", text, packet);
	if (!res->ruleset) {
		parse_print_messages(res, stdout, false);
		gen_must(NULL);
	}
	parse_result_free(res);
}

/* First match as anybody would write it; and every miss is one. */
static bool walk_is_right(const struct ruleset *rs,
			  const struct explain_walk *walk)
{
	u8 d = walk->pkt.direction;
	const struct sfw_rule *first = NULL;
	size_t i;

	for (i = 0; i < rs->n_rules[d]; i++) {
		const struct sfw_rule *rule = &rs->rules[d][i]->rule;
		bool match = sfw_rule_match(rule, &walk->pkt);

		if (match != !explain_missed(rule, &walk->pkt))
			return false;
		if (match && !first)
			first = rule;
	}
	if (first != walk->rule ||
	    walk->action != (first ? first->action : rs->def[d].action))
		return false;
	for (i = 0; i < walk->n_steps; i++) {
		const struct explain_step *step = &walk->step[i];

		if (step->decides ? step->rule != first :
		    step->field != EXPLAIN_NUMBER &&
		    explain_missed(step->rule, &walk->pkt) !=
		    BIT(step->field))
			return false;
	}
	return true;
}

/* The set with the lines that were proposed lets the reply through. */
static bool fix_works(struct ruleset *rs, const struct packet_text *packet,
		      const struct explain *ex)
{
	struct parse_result *res[EXPLAIN_ADDS_MAX];
	struct explain_lists *lists;
	struct ruleset_rule **kept[2];
	size_t n_kept[2], i;
	struct explain after;
	bool works;
	int d;

	for (d = 0; d < 2; d++) {
		kept[d] = rs->rules[d];
		n_kept[d] = rs->n_rules[d];
		rs->rules[d] = gen_must(calloc(n_kept[d] + 2, sizeof(*kept[d])));
		if (n_kept[d])
			memcpy(rs->rules[d], kept[d],
			       n_kept[d] * sizeof(*kept[d]));
	}
	works = true;
	for (i = 0; i < ex->n_adds; i++) {
		res[i] = parse_rule("add", ex->add[i], rs);
		if (!res[i]->ruleset) {
			parse_print_messages(res[i], stdout, false);
			works = false;
			continue;
		}
		for (d = 0; d < 2; d++)
			if (res[i]->ruleset->n_rules[d])
				rs->rules[d][rs->n_rules[d]++] =
					res[i]->ruleset->rules[d][0];
	}
	ruleset_sort(rs);
	lists = explain_lists_new(rs);
	explain_run(lists, &packet->pkt, false, NULL, &ports, &after);
	if (ex->n_adds && !ex->no_number) {
		works = works && after.mode[SFW_MODE_STATELESS].works;
		/* In stateful mode nothing else changes for the worse. */
		works = works && (after.mode[SFW_MODE_STATEFUL].works ||
				  !ex->mode[SFW_MODE_STATEFUL].works);
	}
	explain_free(&after);
	explain_lists_free(lists);
	for (d = 0; d < 2; d++) {
		free(rs->rules[d]);
		rs->rules[d] = kept[d];
		rs->n_rules[d] = n_kept[d];
	}
	for (i = 0; i < ex->n_adds; i++)
		parse_result_free(res[i]);
	return works;
}

static void say_set(struct ruleset *rs, const struct packet_text *packet,
		    const struct explain *ex)
{
	const struct print_style style = { 0 };
	char *text = packet_text_print(&packet->pkt, false);
	char *all = explanation(ex);

	print_ruleset(stdout, rs, -1, &style);
	printf("%s\n%s\n", text, all);
	free(text);
	free(all);
}

static bool same(const struct explain_verdict *a,
		 const struct explain_verdict *b)
{
	return a->cause == b->cause && a->action == b->action &&
	       a->reason == b->reason && a->connects == b->connects &&
	       a->direction == b->direction && a->number == b->number;
}

static void test_random(void)
{
	unsigned int n = 0, fixes = 0, missing = 0, judged = 0;
	bool right = true, fixed = true, judges = true;
	int i, j, mode;

	for (i = 0; i < SETS && right && fixed && judges; i++) {
		struct ruleset *rs = gen_set();
		struct explain_lists *lists = explain_lists_new(rs);

		for (j = 0; j < PACKETS && right && fixed && judges; j++) {
			struct packet_text packet;
			struct explain ex;
			size_t w;

			gen_packet(&packet);
			explain_run(lists, &packet.pkt, false, NULL, &ports,
				    &ex);
			for (w = 0; w < ex.request.n_walks; w++)
				right = right &&
					walk_is_right(rs, &ex.request.walk[w]);
			for (w = 0; w < ex.reply.n_walks; w++)
				right = right &&
					walk_is_right(rs, &ex.reply.walk[w]);
			for (mode = 0; mode < 2 && ex.request.n_walks == 1;
			     mode++, judged++) {
				struct explain_verdict v =
					explain_judge(lists, mode, &packet.pkt);

				judges = judges && same(&v, &ex.mode[mode].request);
			}
			fixes += ex.n_adds > 0;
			missing += ex.no_number;
			fixed = fix_works(rs, &packet, &ex);
			if (!right || !fixed || !judges)
				say_set(rs, &packet, &ex);
			n++;
			explain_free(&ex);
		}
		explain_lists_free(lists);
		ruleset_free(rs);
	}
	ok(right, "%u random packets: who decides and what is missed", n);
	ok(judges && judged > n, "judging alone says the same");
	ok(fixed && fixes > 100, "%u lines to add repair the reply (%u found no number)",
	   fixes, missing);
}

int main(int argc, char **argv)
{
	size_t i;

	rnd_seed(argc, argv);
	for (i = 0; i < ARRAY_SIZE(cases); i++)
		test_case(i);
	test_forwarded();
	test_random();
	return tap_done();
}
