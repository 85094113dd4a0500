// SPDX-License-Identifier: GPL-2.0
/*
 * Rule sets to text that loads again: see print.h.
 *
 * What is printed is the canonical form: clauses in one order, one blank
 * between words, names where there are names. It means exactly what was
 * loaded: parsing it gives an equal rule set, element by element, and a unit
 * test holds that for thousands of random ones.
 */
#include <arpa/inet.h>

#include <utf8.h>
#include "names.h"
#include "print.h"
#include "xalloc.h"

const char *const print_directions[] = { "in", "out" };
const char *const print_actions[] = { "deny", "allow", "reject" };
const char *const print_modes[] = { "stateful", "stateless" };
const char *const print_reasons[] = {
	[SFW_REASON_RULE]		= "rule",
	[SFW_REASON_DEFAULT]		= "default",
	[SFW_REASON_INVALID_FLAGS]	= "invalid_flags",
	[SFW_REASON_INVALID_WINDOW]	= "invalid_window",
	[SFW_REASON_INVALID_CHECKSUM]	= "invalid_checksum",
	[SFW_REASON_INVALID_ICMP]	= "invalid_icmp",
	[SFW_REASON_NO_CONNECTION]	= "no_connection",
	[SFW_REASON_MALFORMED]		= "malformed",
	[SFW_REASON_TABLE_FULL]		= "table_full",
	[SFW_REASON_RATE_LIMIT]		= "rate_limit",
};

#define ELEM_TEXT_MAX	(2 * INET6_ADDRSTRLEN)
#define COUNTERS_COLUMN	72	/* counters do not move further right */

static const char *const action_colors[] = { "\033[31m", "\033[32m", "\033[33m" };

void print_addr(char *buf, size_t size, u8 family, const struct sfw_addr *addr)
{
	char text[INET6_ADDRSTRLEN] = "";
	unsigned char raw[16];
	int i;

	for (i = 0; i < 8; i++) {
		raw[i] = addr->hi >> (56 - 8 * i);
		raw[8 + i] = addr->lo >> (56 - 8 * i);
	}
	inet_ntop(family, family == AF_INET ? raw + 12 : raw, text,
		  sizeof(text));
	snprintf(buf, size, "%s", text);
}

void print_endpoint(char *buf, size_t size, u8 family,
		    const struct sfw_addr *addr, int port)
{
	char text[64];

	print_addr(text, sizeof(text), family, addr);
	if (port < 0)
		snprintf(buf, size, "%s", text);
	else if (family == AF_INET)
		snprintf(buf, size, "%s:%d", text, port);
	else
		snprintf(buf, size, "[%s]:%d", text, port);
}

void print_elem(char *buf, size_t size, const struct sfw_elem *elem)
{
	char first[INET6_ADDRSTRLEN], last[INET6_ADDRSTRLEN];

	if (elem->family) {
		print_addr(first, sizeof(first), elem->family, &elem->first);
		print_addr(last, sizeof(last), elem->family, &elem->last);
	} else {
		snprintf(first, sizeof(first), "%u", (u16)elem->first.lo);
		snprintf(last, sizeof(last), "%u", (u16)elem->last.lo);
	}
	if (elem->kind == SFW_ELEM_PREFIX)
		snprintf(buf, size, "%s/%u", first, elem->prefix_len);
	else if (elem->kind == SFW_ELEM_RANGE)
		snprintf(buf, size, "%s-%s", first, last);
	else
		snprintf(buf, size, "%s", first);
}

const char *print_protocol(char *buf, size_t size, u8 protocol, bool numeric)
{
	const char *name = numeric ? NULL : names_protocol(protocol);

	if (name)
		return name;
	snprintf(buf, size, "%u", protocol);
	return buf;
}

const char *print_icmp(char *buf, size_t size, u8 protocol, u8 type, int code,
		       bool numeric)
{
	const char *name = numeric ? NULL : names_icmp(protocol, type, code);

	if (name)
		return name;
	if (code < 0)
		snprintf(buf, size, "%u", type);
	else
		snprintf(buf, size, "%u/%u", type, code);
	return buf;
}

void print_rate(char *buf, size_t size, const struct sfw_rate *rate)
{
	static const char units[] = { 's', 'm', 'h' };

	if (rate->burst)
		snprintf(buf, size, "%u/%c burst %u", rate->count,
			 units[rate->unit], rate->burst);
	else
		snprintf(buf, size, "%u/%c", rate->count, units[rate->unit]);
}

void print_tcp_flags(char *buf, size_t size, const struct sfw_rule *rule)
{
	char mask[40], set[40];

	if (rule->flags & SFW_RULE_F_ESTABLISHED) {
		snprintf(buf, size, "established");
		return;
	}
	if (rule->tcp_mask == (SFW_TCP_SYN | SFW_TCP_ACK) &&
	    rule->tcp_set == SFW_TCP_SYN) {
		snprintf(buf, size, "syn");
		return;
	}
	names_tcp_flags(mask, sizeof(mask), rule->tcp_mask);
	names_tcp_flags(set, sizeof(set), rule->tcp_set);
	snprintf(buf, size, "%s/%s", mask, set);
}

char *print_ifname_text(const struct sfw_rule *rule)
{
	bool wildcard = sfw_rule_ifname_is_wildcard(rule);
	const char *quote = "";

	/* An interface may be called like a clause. */
	if (!wildcard && names_index(names_clauses, rule->ifname) >= 0)
		quote = "\"";
	return xasprintf("%s%s%s%s%s",
			 rule->flags & SFW_RULE_F_NOT_IFNAME ? "!" : "",
			 quote, rule->ifname, wildcard ? "*" : "", quote);
}

/* The elements of a list, in braces if there are several or it is a set. */
static void list_elems(FILE *out, const struct sfw_list *list)
{
	bool braces = list->n_elem != 1 || list->name[0];
	char text[ELEM_TEXT_MAX];
	u32 i;

	fputs(braces ? "{ " : "", out);
	for (i = 0; i < list->n_elem; i++) {
		print_elem(text, sizeof(text), &list->elem[i]);
		fprintf(out, "%s%s", i ? ", " : "", text);
	}
	fputs(braces ? " }" : "", out);
}

static void list_operand(FILE *out, const struct sfw_list *list, bool negate)
{
	fputs(negate ? "!" : "", out);
	if (list->name[0])
		fprintf(out, "$%s", list->name);
	else
		list_elems(out, list);
}

char *print_list_text(const struct sfw_list *list, bool negate)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		xalloc_fail();
	list_operand(out, list, negate);
	if (fclose(out))
		xalloc_fail();
	return text;
}

/* One end of a rule: " from A port P". */
static void print_end(FILE *out, const char *word, const struct sfw_list *addr,
		      bool not_addr, const struct sfw_list *port, bool not_port)
{
	if (!addr && !port)
		return;
	fprintf(out, " %s", word);
	if (addr) {
		fputc(' ', out);
		list_operand(out, addr, not_addr);
	}
	if (port) {
		fputs(" port ", out);
		list_operand(out, port, not_port);
	}
}

static void print_comment(FILE *out, const char *comment, bool color)
{
	fputs(color ? " \033[2m\"" : " \"", out);
	for (; *comment; comment++) {
		if (*comment == '"' || *comment == '\\')
			fputc('\\', out);
		fputc(*comment, out);
	}
	fputs(color ? "\"\033[0m" : "\"", out);
}

void print_rule(FILE *out, const struct sfw_rule *rule,
		const struct print_style *style)
{
	u32 flags = rule->flags;
	char buf[ELEM_TEXT_MAX];
	char *text;

	fprintf(out, "%s %u %s%s%s %s", print_directions[rule->direction],
		rule->number, style->color ? action_colors[rule->action] : "",
		print_actions[rule->action], style->color ? "\033[0m" : "",
		flags & SFW_RULE_F_PROTOCOL ?
		print_protocol(buf, sizeof(buf), rule->protocol,
			       style->numeric) : "any");
	print_end(out, "from", rule->from, flags & SFW_RULE_F_NOT_FROM,
		  rule->from_port, flags & SFW_RULE_F_NOT_FROM_PORT);
	print_end(out, "to", rule->to, flags & SFW_RULE_F_NOT_TO,
		  rule->to_port, flags & SFW_RULE_F_NOT_TO_PORT);
	if (flags & SFW_RULE_F_IFNAME) {
		text = print_ifname_text(rule);
		fprintf(out, " on %s", text);
		free(text);
	}
	if (flags & SFW_RULE_F_ICMP_TYPE)
		fprintf(out, " type %s",
			print_icmp(buf, sizeof(buf), rule->protocol,
				   rule->icmp_type,
				   flags & SFW_RULE_F_ICMP_CODE ?
				   rule->icmp_code : -1, style->numeric));
	if (flags & (SFW_RULE_F_TCP_FLAGS | SFW_RULE_F_ESTABLISHED)) {
		print_tcp_flags(buf, sizeof(buf), rule);
		fprintf(out, " flags %s", buf);
	}
	/* Before log: behind it, limit would be that of the log. */
	if (flags & SFW_RULE_F_LIMIT) {
		print_rate(buf, sizeof(buf), &rule->limit);
		fprintf(out, " limit %s", buf);
	}
	if (flags & SFW_RULE_F_LOG)
		fputs(" log", out);
	if (flags & SFW_RULE_F_LOG_RATE) {
		print_rate(buf, sizeof(buf), &rule->log_rate);
		fprintf(out, " limit %s", buf);
	}
	if (flags & SFW_RULE_F_NO_STATE)
		fputs(" no-state", out);
	if (flags & SFW_RULE_F_RETURN)
		fputs(" return", out);
	if (rule->comment)
		print_comment(out, rule->comment, style->color);
}

static char *rule_text(const struct sfw_rule *rule,
		       const struct print_style *style)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		xalloc_fail();
	print_rule(out, rule, style);
	if (fclose(out))
		xalloc_fail();
	return text;
}

char *print_rule_text(const struct sfw_rule *rule)
{
	const struct print_style plain = { 0 };

	return rule_text(rule, &plain);
}

static void print_last(FILE *out, const struct counters *c)
{
	u64 s = c->last_hit_ms / 1000;

	fputs("last ", out);
	if (!c->hit)
		fputs("never", out);
	else if (s < 120)
		fprintf(out, "%u s ago", (unsigned int)s);
	else if (s < 120 * 60)
		fprintf(out, "%u min ago", (unsigned int)(s / 60));
	else if (s < 48 * 3600)
		fprintf(out, "%u h ago", (unsigned int)(s / 3600));
	else
		fprintf(out, "%llu d ago", (unsigned long long)(s / 86400));
}

void print_counters(FILE *out, const struct counters *c)
{
	fprintf(out, "%llu packets, %llu bytes, %llu connections, ",
		(unsigned long long)c->packets, (unsigned long long)c->bytes,
		(unsigned long long)c->connections);
	if (c->has_live)
		fprintf(out, "%u live, ", c->live);
	print_last(out, c);
}

/* A staged set: what would be connections are packets, see kmod/staged.h. */
static void print_differs(FILE *out, const struct counters *c)
{
	fprintf(out, "%llu packets, %llu bytes, %llu decided otherwise, ",
		(unsigned long long)c->packets, (unsigned long long)c->bytes,
		(unsigned long long)c->connections);
	print_last(out, c);
}

static void print_duration(FILE *out, u32 seconds)
{
	static const struct {
		u32 seconds;
		char unit;
	} units[] = { { 86400, 'd' }, { 3600, 'h' }, { 60, 'm' }, { 1, 's' } };
	size_t i = 0;

	while (seconds % units[i].seconds)
		i++;
	fprintf(out, "%u%c", seconds / units[i].seconds, units[i].unit);
}

void print_options(FILE *out, const struct sfw_options *opt, bool all)
{
	const struct {
		const char *name;
		const char *value;
		u32 bit;
	} switches[] = {
		{ "tcp-pickup", opt->tcp_pickup ? "on" : "off",
		  SFW_OPT_TCP_PICKUP },
		{ "tcp-liberal", opt->tcp_liberal ? "on" : "off",
		  SFW_OPT_TCP_LIBERAL },
		{ "checksum", opt->checksum ? "on" : "off", SFW_OPT_CHECKSUM },
		{ "loopback", opt->loopback_filter ? "filter" : "pass",
		  SFW_OPT_LOOPBACK },
		{ "neighbour-discovery", opt->nd_filter ? "filter" : "pass",
		  SFW_OPT_ND },
		{ "keep-connections", opt->keep_connections ? "on" : "off",
		  SFW_OPT_KEEP },
	};
	size_t i;

	if ((opt->named & SFW_OPT_MAX_CONNECTIONS) ||
	    (all && opt->max_connections))
		fprintf(out, "option max-connections %u\n",
			opt->max_connections);
	for (i = 0; i <= SFW_STATE_MAX; i++) {
		if (!all && !(opt->named_timeouts & BIT(i)))
			continue;
		fprintf(out, "option timeout %s ", sfw_option_state_name(i));
		print_duration(out, opt->timeout[i]);
		fputc('\n', out);
	}
	for (i = 0; i < ARRAY_SIZE(switches); i++)
		if (all || (opt->named & switches[i].bit))
			fprintf(out, "option %s %s\n", switches[i].name,
				switches[i].value);
}

static size_t characters(const char *text)
{
	size_t n = 0;

	for (; *text; text++)
		n += (*text & 0xc0) != 0x80;
	return n;
}

/* Blanks up to the column of the counters, and the counters. */
static void append_counters(FILE *out, const struct counters *c, bool staged,
			    size_t used, size_t width)
{
	fprintf(out, "%*s  # ", used < width ? (int)(width - used) : 0, "");
	if (staged)
		print_differs(out, c);
	else
		print_counters(out, c);
}

static void print_default(FILE *out, const struct ruleset *rs, u8 dir,
			  const struct print_style *style, size_t width)
{
	const struct ruleset_default *def = &rs->def[dir];
	int n;

	n = fprintf(out, "default %s ", print_directions[dir]);
	n += strlen(print_actions[def->action]);
	fprintf(out, "%s%s%s",
		style->color ? action_colors[def->action] : "",
		print_actions[def->action], style->color ? "\033[0m" : "");
	if (def->log)
		n += fprintf(out, " log");
	if (style->counters)
		append_counters(out, &def->counters, style->staged, n, width);
	if (rs->def_at[dir].ignore && !style->compared)
		fprintf(out, "  # sfw:ignore %s", rs->def_at[dir].ignore);
	fputc('\n', out);
}

/* Where the counters of one direction line up. */
static size_t rules_width(const struct ruleset *rs, int direction,
			  const struct print_style *style)
{
	struct print_style plain = { .numeric = style->numeric };
	size_t i, dir, n, width = 0;
	char *text;

	for (dir = 0; style->counters && dir < ARRAY_SIZE(rs->rules); dir++) {
		if (direction >= 0 && (size_t)direction != dir)
			continue;
		for (i = 0; i < rs->n_rules[dir]; i++) {
			text = rule_text(&rs->rules[dir][i]->rule, &plain);
			n = characters(text);
			free(text);
			if (n > width)
				width = n;
		}
	}
	return width < COUNTERS_COLUMN ? width : COUNTERS_COLUMN;
}

static void print_rules(FILE *out, const struct ruleset *rs, u8 dir,
			const struct print_style *style, size_t width)
{
	struct print_style plain = { .numeric = style->numeric };
	char *text;
	size_t i;

	if (rs->n_rules[dir])
		fputc('\n', out);
	for (i = 0; i < rs->n_rules[dir]; i++) {
		const struct ruleset_rule *rule = rs->rules[dir][i];

		print_rule(out, &rule->rule, style);
		if (style->counters) {
			text = rule_text(&rule->rule, &plain);
			append_counters(out, &rule->counters, style->staged,
					characters(text), width);
			free(text);
		}
		if (rule->ignore && !style->compared)
			fprintf(out, "  # sfw:ignore %s", rule->ignore);
		fputc('\n', out);
	}
}

void print_ruleset(FILE *out, const struct ruleset *rs, int direction,
		   const struct print_style *style)
{
	size_t i, width = rules_width(rs, direction, style);
	int dir;

	fprintf(out, "sfw 1\nmode %s\n", print_modes[rs->mode]);
	if (rs->audit)
		fputs("audit on\n", out);
	for (dir = 0; dir < 2; dir++)
		if (direction < 0 || direction == dir)
			print_default(out, rs, dir, style, width);
	if (rs->options.named || rs->options.named_timeouts)
		fputc('\n', out);
	print_options(out, &rs->options, false);
	if (rs->n_sets)
		fputc('\n', out);
	for (i = 0; i < rs->n_sets; i++) {
		fprintf(out, "set %s = ", rs->sets[i]->name);
		list_elems(out, rs->sets[i]);
		fputc('\n', out);
	}
	for (dir = 0; dir < 2; dir++)
		if (direction < 0 || direction == dir)
			print_rules(out, rs, dir, style, width);
}
