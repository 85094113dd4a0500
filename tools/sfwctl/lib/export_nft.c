// SPDX-License-Identifier: GPL-2.0
/*
 * A rule set as a script for nft, for where the module cannot be loaded.
 *
 * The table has our two lists as chains where our hooks are: what arrives at
 * prerouting, what this host sends at output, both at the priority of filters.
 * In front of a list stands what sfw does unasked: loopback and neighbour
 * discovery pass; in stateful mode known connections pass, and what cannot
 * belong to one is dropped. nf_conntrack is the connection table then, and
 * its being there is what reassembles fragments in both modes.
 *
 * A rule of ours is one of nft's per family it names addresses of. Where such
 * a pair has a rate, it is a limit by name that both use. A rule that logs has
 * a chain of its own, since the log has a rate and the rule has not.
 *
 * The answers of reject pass our own output without being judged. Theirs are
 * let through by what nf_conntrack thinks of them: a reset is related to a
 * connection that is not there yet, an ICMP error is about none. Errors that
 * the kernel sends for closed ports are about one that is there.
 *
 * What stays different is nf_conntrack's own view of a connection: it takes no
 * FIN for a beginning, is more patient with numbers outside of the window, and
 * what it calls invalid is dropped here, also where our default would answer.
 * The kernel's ICMP errors about untracked packets leave if there is a reject.
 *
 * Tried and rejected: the hooks input and forward. The two would need the list
 * twice, and the rates in it would count apart.
 */
#include <stdarg.h>
#include <stdio.h>

#include "export.h"
#include "listops.h"
#include "print.h"
#include "xalloc.h"

/* Of nft, with its NUL; longer comments are cut. */
#define COMMENT_MAX	120
/* What entry.c gives a log without a rate. */
#define LOG_RATE	"20/second burst 100 packets"

struct script {
	FILE *out;
	const struct ruleset *rs;
	bool rejects;		/* some rule or default does */
};

/* One list element by list element, as nft writes them. */
static void write_elems(struct script *s, const struct sfw_list *list)
{
	char text[100];
	u32 i;

	for (i = 0; i < list->n_elem; i++) {
		print_elem(text, sizeof(text), &list->elem[i]);
		fprintf(s->out, "%s%s", i ? ", " : "", text);
	}
}

/* The part of a set that nft can hold in one: one family, or ports. */
static void write_set(struct script *s, const struct sfw_list *set, u8 family)
{
	struct sfw_list *part = listops_family(set, family);

	if (part->n_elem) {
		fprintf(s->out, "\tset %s.%s {\n\t\ttype %s\n\t\tflags interval\n\t\telements = { ",
			set->name, !family ? "port" :
			family == AF_INET ? "ip4" : "ip6",
			!family ? "inet_service" :
			family == AF_INET ? "ipv4_addr" : "ipv6_addr");
		write_elems(s, part);
		fputs(" }\n\t}\n\n", s->out);
	}
	sfw_list_put(part);
}

static void write_sets(struct script *s)
{
	size_t i;

	for (i = 0; i < s->rs->n_sets; i++) {
		const struct sfw_list *set = s->rs->sets[i];

		if (set->kind == SFW_LIST_PORTS) {
			write_set(s, set, 0);
		} else {
			write_set(s, set, AF_INET);
			write_set(s, set, AF_INET6);
		}
	}
}

/* --- one rule ------------------------------------------------------------ */

static const char *port_word(u8 protocol)
{
	switch (protocol) {
	case IPPROTO_TCP:
		return "tcp";
	case IPPROTO_UDP:
		return "udp";
	case IPPROTO_SCTP:
		return "sctp";
	case IPPROTO_DCCP:
		return "dccp";
	}
	return "udplite";
}

/*
 * " ip saddr { ... }". False: nothing is in it, the rule never matches. *said
 * becomes true if it names the family.
 */
static bool write_list(struct script *s, const char *word,
		       const struct sfw_list *list, bool negate, u8 family,
		       bool *said)
{
	struct sfw_list *part;
	bool all, braces;

	if (!list)
		return true;
	part = listops_family(list, family);
	all = listops_is_all(part, family);
	braces = part->n_elem != 1;
	if (!all) {
		fprintf(s->out, "%s %s", word, negate ? "!= " : "");
		if (list->name[0]) {
			fprintf(s->out, "@%s.%s ", list->name, !family ? "port" :
				family == AF_INET ? "ip4" : "ip6");
		} else {
			fputs(braces ? "{ " : "", s->out);
			write_elems(s, part);
			fputs(braces ? " } " : " ", s->out);
		}
		*said = true;
	}
	sfw_list_put(part);
	return !(all && negate);
}

static void write_flags(struct script *s, const struct sfw_rule *rule)
{
	static const char *const names[] = {
		"fin", "syn", "rst", "psh", "ack", "urg", "ecn", "cwr",
	};
	bool more = false;
	size_t i;

	if (rule->flags & SFW_RULE_F_ESTABLISHED)
		fputs("tcp flags & (rst | ack) != 0x0 ", s->out);
	if (!(rule->flags & SFW_RULE_F_TCP_FLAGS) || !rule->tcp_mask)
		return;
	fputs("tcp flags & (", s->out);
	for (i = 0; i < ARRAY_SIZE(names); i++) {
		if (!(rule->tcp_mask & 1 << i))
			continue;
		fprintf(s->out, "%s%s", more ? " | " : "", names[i]);
		more = true;
	}
	fprintf(s->out, ") == 0x%x ", rule->tcp_set);
}

static void write_rate(struct script *s, const struct sfw_rate *rate)
{
	static const char *const units[] = { "second", "minute", "hour" };

	fprintf(s->out, "%u/%s burst %u packets", rate->count,
		units[rate->unit],
		rate->burst ? rate->burst : SFW_RATE_BURST_DEFAULT);
}

/* Conditions of a rule for one family, 0: for both. False: they never hold. */
static bool write_match(struct script *s, const struct sfw_rule *rule,
			u8 family)
{
	const char *ip = family == AF_INET6 ? "ip6" : "ip";
	u32 flags = rule->flags;
	char words[2][16];
	bool said = false, good = true;

	if (flags & SFW_RULE_F_IFNAME)
		fprintf(s->out, "%sifname %s\"%s%s\" ",
			rule->direction == SFW_DIRECTION_IN ? "i" : "o",
			flags & SFW_RULE_F_NOT_IFNAME ? "!= " : "",
			rule->ifname,
			sfw_rule_ifname_is_wildcard(rule) ? "*" : "");
	if (family) {
		snprintf(words[0], sizeof(words[0]), "%s saddr", ip);
		snprintf(words[1], sizeof(words[1]), "%s daddr", ip);
		good &= write_list(s, words[0], rule->from,
				   flags & SFW_RULE_F_NOT_FROM, family, &said);
		good &= write_list(s, words[1], rule->to,
				   flags & SFW_RULE_F_NOT_TO, family, &said);
		if (!said)
			fprintf(s->out, "meta nfproto ipv%s ",
				family == AF_INET ? "4" : "6");
	}
	if (!(flags & SFW_RULE_F_PROTOCOL))
		return good;
	/* Also where a port says it: a range of all ports is not written. */
	fprintf(s->out, "meta l4proto %u ", rule->protocol);
	snprintf(words[0], sizeof(words[0]), "%s sport",
		 port_word(rule->protocol));
	snprintf(words[1], sizeof(words[1]), "%s dport",
		 port_word(rule->protocol));
	good &= write_list(s, words[0], rule->from_port,
			   flags & SFW_RULE_F_NOT_FROM_PORT, 0, &said);
	good &= write_list(s, words[1], rule->to_port,
			   flags & SFW_RULE_F_NOT_TO_PORT, 0, &said);
	if (flags & SFW_RULE_F_ICMP_TYPE)
		fprintf(s->out, "icmp%s type %u ",
			rule->protocol == IPPROTO_ICMP ? "" : "v6",
			rule->icmp_type);
	if (flags & SFW_RULE_F_ICMP_CODE)
		fprintf(s->out, "icmp%s code %u ",
			rule->protocol == IPPROTO_ICMP ? "" : "v6",
			rule->icmp_code);
	write_flags(s, rule);
	return good;
}

/* The families a rule needs a line for: 0 alone is one for both. */
static size_t rule_families(const struct sfw_rule *rule, u8 *families)
{
	size_t n = 0;

	families[0] = 0;
	if (rule->families == (SFW_FAMILY_4 | SFW_FAMILY_6) && !rule->from &&
	    !rule->to)
		return 1;
	if (rule->families & SFW_FAMILY_4)
		families[n++] = AF_INET;
	if (rule->families & SFW_FAMILY_6)
		families[n++] = AF_INET6;
	return n;
}

/* Conditions of one line; NULL if they never hold. To be freed. */
static char *match_text(struct script *s, const struct sfw_rule *rule,
			u8 family)
{
	FILE *out = s->out;
	char *text = NULL;
	size_t size;
	bool good;

	s->out = open_memstream(&text, &size);
	if (!s->out)
		xalloc_fail();
	good = write_match(s, rule, family);
	if (fclose(s->out))
		xalloc_fail();
	s->out = out;
	if (good)
		return text;
	free(text);
	return NULL;
}

static void write_verdict(struct script *s, u8 action, int protocol)
{
	if (action == SFW_ACTION_ALLOW || s->rs->audit)
		fputs("accept", s->out);
	else if (action == SFW_ACTION_DENY)
		fputs("drop", s->out);
	else if (protocol < 0)
		fputs("goto refuse", s->out);
	else if (protocol == IPPROTO_TCP)
		fputs("reject with tcp reset", s->out);
	else
		fprintf(s->out, "reject with icmpx type %s",
			sfw_packet_has_ports(protocol) ? "port-unreachable" :
							 "admin-prohibited");
}

/* "in:120 text" as a comment; nft's strings know no quotes within. */
static void write_comment(struct script *s, const struct sfw_rule *rule)
{
	char text[COMMENT_MAX + 1];
	size_t n;
	char *p;

	n = snprintf(text, sizeof(text), "%s:%u%s%s",
		     print_directions[rule->direction], rule->number,
		     rule->comment ? " " : "",
		     rule->comment ? rule->comment : "");
	/* Not within a character. */
	if (n > COMMENT_MAX) {
		n = COMMENT_MAX;
		while (n && (text[n - 1] & 0xc0) == 0x80)
			n--;
		if (n && (text[n - 1] & 0x80))
			n--;
		text[n] = '\0';
	}
	for (p = text; *p; p++)
		if (*p == '"')
			*p = '\'';
	fprintf(s->out, " comment \"%s\"\n", text);
}

static int rule_protocol(const struct sfw_rule *rule)
{
	return rule->flags & SFW_RULE_F_PROTOCOL ? rule->protocol : -1;
}

static void write_rule(struct script *s, const struct sfw_rule *rule)
{
	const char *direction = print_directions[rule->direction];
	u8 families[2];
	size_t i, n = rule_families(rule, families);
	char *match;

	if (!rule->families)
		fprintf(s->out, "\t\t# %s:%u never matches\n", direction,
			rule->number);
	for (i = 0; i < n; i++) {
		match = match_text(s, rule, families[i]);
		if (!match)
			continue;
		fprintf(s->out, "\t\t%s", match);
		free(match);
		if (rule->flags & SFW_RULE_F_LIMIT && n > 1) {
			fprintf(s->out, "limit name \"%s-%u\" ", direction,
				rule->number);
		} else if (rule->flags & SFW_RULE_F_LIMIT) {
			fputs("limit rate ", s->out);
			write_rate(s, &rule->limit);
			fputc(' ', s->out);
		}
		fputs("counter ", s->out);
		if (rule->flags & SFW_RULE_F_LOG)
			fprintf(s->out, "goto %s-%u", direction, rule->number);
		else
			write_verdict(s, rule->action, rule_protocol(rule));
		write_comment(s, rule);
	}
}

/* --- what stands in front ------------------------------------------------ */

/* Limits that two lines share, and chains of rules that log. */
static void write_helpers(struct script *s, u8 dir)
{
	const char *direction = print_directions[dir];
	u8 families[2];
	size_t i;

	for (i = 0; i < s->rs->n_rules[dir]; i++) {
		const struct sfw_rule *rule = &s->rs->rules[dir][i]->rule;

		if (rule->flags & SFW_RULE_F_LIMIT &&
		    rule_families(rule, families) > 1) {
			fprintf(s->out, "\tlimit %s-%u {\n\t\trate ",
				direction, rule->number);
			write_rate(s, &rule->limit);
			fputs("\n\t}\n\n", s->out);
		}
		if (!(rule->flags & SFW_RULE_F_LOG))
			continue;
		fprintf(s->out, "\tchain %s-%u {\n\t\tlimit rate ", direction,
			rule->number);
		if (rule->flags & SFW_RULE_F_LOG_RATE)
			write_rate(s, &rule->log_rate);
		else
			fputs(LOG_RATE, s->out);
		fprintf(s->out, " log prefix \"sfw: %s:%u %s \"\n\t\t",
			direction, rule->number, print_actions[rule->action]);
		write_verdict(s, rule->action, rule_protocol(rule));
		fputs("\n\t}\n\n", s->out);
	}
}

/* The answer of a reject to whatever it is. */
static void write_refuse(struct script *s)
{
	if (!s->rejects)
		return;
	fputs("\tchain refuse {\n"
	      "\t\tmeta l4proto tcp reject with tcp reset\n"
	      "\t\tmeta l4proto { udp, udplite, dccp, sctp } reject with icmpx type port-unreachable\n"
	      "\t\treject with icmpx type admin-prohibited\n"
	      "\t}\n\n", s->out);
}

/* Traffic that is not judged. */
static void write_passed(struct script *s, u8 dir)
{
	const struct sfw_options *opt = &s->rs->options;

	if (!opt->loopback_filter)
		fprintf(s->out, "\t\t%siftype loopback accept\n",
			dir == SFW_DIRECTION_IN ? "i" : "o");
	if (!opt->nd_filter)
		fputs("\t\ticmpv6 type 133-137 ip6 hoplimit 255 accept\n"
		      "\t\ticmpv6 type { 130, 131, 132, 143 } ip6 hoplimit 1 accept\n",
		      s->out);
}

/*
 * Rules of no-state need notrack, long before the list is read: there too the
 * rules before them are tried first.
 */
static void write_untracked(struct script *s, u8 dir)
{
	const struct ruleset *rs = s->rs;
	size_t i, j, n = 0, end = 0;
	u8 families[2];
	char *match;

	for (i = 0; i < rs->n_rules[dir]; i++)
		if (rs->rules[dir][i]->rule.flags & SFW_RULE_F_NO_STATE)
			end = i + 1;
	if (!end || rs->mode != SFW_MODE_STATEFUL)
		return;
	fprintf(s->out,
		"\tchain untracked-%s {\n\t\ttype filter hook %s priority raw; policy accept;\n",
		print_directions[dir],
		dir == SFW_DIRECTION_IN ? "prerouting" : "output");
	write_passed(s, dir);
	for (i = 0; i < end; i++) {
		const struct sfw_rule *rule = &rs->rules[dir][i]->rule;

		n = rule_families(rule, families);
		for (j = 0; j < n; j++) {
			match = match_text(s, rule, families[j]);
			if (!match)
				continue;
			fprintf(s->out, "\t\t%s%s", match,
				rule->flags & SFW_RULE_F_NO_STATE ?
				"notrack accept" : "accept");
			write_comment(s, rule);
			free(match);
		}
	}
	fputs("\t}\n\n", s->out);
}

/* The rejects of the module pass its own output unseen. */
static void write_answers(struct script *s)
{
	if (!s->rejects || s->rs->audit)
		return;
	fputs("\t\tct state related tcp flags & rst == rst accept comment \"answers of reject\"\n"
	      "\t\tct state invalid icmp type destination-unreachable icmp code { 3, 13 } accept\n"
	      "\t\tct state invalid icmpv6 type destination-unreachable icmpv6 code { 1, 4 } accept\n",
	      s->out);
}

static void write_connections(struct script *s, u8 dir)
{
	bool in = dir == SFW_DIRECTION_IN;
	const char *drop = s->rs->audit ? "accept" : "drop";

	fputs("\t\tct state established,related counter accept\n", s->out);
	fprintf(s->out, "\t\tct state invalid meta l4proto != { icmp, icmpv6 } counter %s\n",
		drop);
	/* Errors about no connection; what this host sends the list judges. */
	fprintf(s->out, "\t\tct state invalid icmp type { %s0, 14, 16, 18 } counter %s\n",
		in ? "3, 4, 11, 12, " : "", drop);
	fprintf(s->out, "\t\tct state invalid icmpv6 type { %s129 } counter %s\n",
		in ? "1-127, " : "", drop);
	if (!s->rs->options.tcp_pickup)
		fprintf(s->out,
			"\t\tct state new tcp flags & (fin | syn | rst | ack) != syn counter %s\n",
			drop);
}

static void write_chain(struct script *s, u8 dir)
{
	const struct ruleset *rs = s->rs;
	const struct ruleset_default *def = &rs->def[dir];
	bool drops = def->action != SFW_ACTION_ALLOW && !rs->audit;
	size_t i;

	fprintf(s->out, "\tchain %s {\n\t\ttype filter hook %s priority filter; policy %s;\n",
		dir == SFW_DIRECTION_IN ? "arriving" : "leaving",
		dir == SFW_DIRECTION_IN ? "prerouting" : "output",
		drops ? "drop" : "accept");
	write_passed(s, dir);
	if (dir == SFW_DIRECTION_OUT)
		write_answers(s);
	if (rs->mode == SFW_MODE_STATEFUL)
		write_connections(s, dir);
	else
		fputs("\t\tct state invalid continue comment \"for it reassembles fragments\"\n",
		      s->out);
	for (i = 0; i < rs->n_rules[dir]; i++)
		write_rule(s, &rs->rules[dir][i]->rule);
	if (def->log)
		fprintf(s->out, "\t\tlimit rate %s log prefix \"sfw: %s:* %s \"\n",
			LOG_RATE, print_directions[dir],
			print_actions[def->action]);
	fputs("\t\tcounter ", s->out);
	write_verdict(s, def->action, -1);
	fprintf(s->out, " comment \"%s:*\"\n\t}\n", print_directions[dir]);
}

/* What nft cannot set. */
static void write_sysctls(struct script *s)
{
	const struct sfw_options *opt = &s->rs->options;
	size_t i;

	if (s->rs->mode != SFW_MODE_STATEFUL)
		return;
	if (opt->named & SFW_OPT_MAX_CONNECTIONS)
		fprintf(s->out, "# sysctl -w net.netfilter.nf_conntrack_max=%u\n",
			opt->max_connections);
	if (opt->tcp_liberal)
		fputs("# sysctl -w net.netfilter.nf_conntrack_tcp_be_liberal=1\n",
		      s->out);
	if (!opt->checksum)
		fputs("# sysctl -w net.netfilter.nf_conntrack_checksum=0\n",
		      s->out);
	for (i = 0; i <= SFW_STATE_MAX; i++)
		if (opt->named_timeouts & BIT(i))
			fprintf(s->out,
				"# option timeout %s: %u s, see net.netfilter.nf_conntrack_*_timeout*\n",
				sfw_option_state_name(i), opt->timeout[i]);
}

/* Are there no packets of both? Said only where it is plain to see. */
static bool apart(const struct sfw_rule *a, const struct sfw_rule *b)
{
	return !(a->families & b->families) ||
	       (a->flags & b->flags & SFW_RULE_F_PROTOCOL &&
		a->protocol != b->protocol);
}

/*
 * Whether a packet goes untracked is decided where the rate of a rule before
 * is not counted. False after a complaint.
 */
static bool check_untracked(const struct ruleset *rs, u8 dir)
{
	bool good = true;
	size_t i, j;

	for (i = 0; i < rs->n_rules[dir]; i++) {
		const struct sfw_rule *rule = &rs->rules[dir][i]->rule;

		if (!(rule->flags & SFW_RULE_F_NO_STATE))
			continue;
		for (j = 0; j <= i; j++) {
			const struct sfw_rule *other = &rs->rules[dir][j]->rule;

			if (!(other->flags & SFW_RULE_F_LIMIT) ||
			    apart(rule, other))
				continue;
			out_err("%s %u: no-state at or behind a rule with a limit, %s %u, has no words in nft",
				print_directions[dir], rule->number,
				print_directions[dir], other->number);
			good = false;
			break;
		}
	}
	return good;
}

enum rc export_nft(const struct ruleset *rs)
{
	struct script s = { .out = stdout, .rs = rs };
	size_t i;
	int dir;

	if (rs->mode == SFW_MODE_STATEFUL &&
	    !(check_untracked(rs, 0) & check_untracked(rs, 1)))
		return RC_NO;

	for (dir = 0; dir < 2; dir++) {
		s.rejects |= rs->def[dir].action == SFW_ACTION_REJECT;
		for (i = 0; i < rs->n_rules[dir]; i++)
			s.rejects |= rs->rules[dir][i]->rule.action ==
				     SFW_ACTION_REJECT;
	}
	fputs("#!/usr/sbin/nft -f\n"
	      "# Made by sfwctl export nft. Connections that live stay, as with\n"
	      "# option keep-connections.\n", s.out);
	write_sysctls(&s);
	fputs("table inet sfw\ndelete table inet sfw\n\ntable inet sfw {\n",
	      s.out);
	write_sets(&s);
	write_refuse(&s);
	for (dir = 0; dir < 2; dir++) {
		write_helpers(&s, dir);
		write_untracked(&s, dir);
	}
	write_chain(&s, SFW_DIRECTION_IN);
	fputc('\n', s.out);
	write_chain(&s, SFW_DIRECTION_OUT);
	fputs("}\n", s.out);
	return RC_OK;
}
