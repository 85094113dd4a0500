// SPDX-License-Identifier: GPL-2.0
/*
 * The words of the rule language: see names.h.
 *
 * The tables are short and searched from the front; where two names stand for
 * one number, the first is the one that is printed. Services come from the
 * system's list, read once: getservbyname() reads the file at every call,
 * which a rule file of many thousand lines feels.
 */
#include <netdb.h>
#include <stdio.h>

#include <option.h>
#include <packet.h>
#include "names.h"
#include "parse.h"
#include "xalloc.h"

const char *const names_directions[] = { "in", "out", NULL };
const char *const names_actions[] = { "deny", "allow", "reject", NULL };
const char *const names_modes[] = { "stateful", "stateless", NULL };
const char *const names_clauses[] = {
	"from", "to", "on", "type", "flags", "log", "limit", "no-state",
	"return", "port", "burst", NULL
};

const char *const names_codes[] = {
	"shadowed", "redundant", "never-matches", "correlated",
	"missing-return", "exposed-listener", "orphan-return", "lock-out",
	"icmp-basics", "family-gap", "wide-open", "mode-change",
	"table-size", "not-analysed", NULL
};

long long names_uint(const char *word, u32 max)
{
	u64 value = 0;
	const char *p;

	if (!*word || (word[0] == '0' && word[1]))
		return -1;
	for (p = word; *p; p++) {
		if (*p < '0' || *p > '9')
			return -1;
		value = value * 10 + (*p - '0');
		if (value > max)
			return -1;
	}
	return value;
}

int names_index(const char *const *list, const char *word)
{
	int i;

	for (i = 0; list[i]; i++)
		if (!strcmp(list[i], word))
			return i;
	return -1;
}

void names_suggest_action(struct suggest *s)
{
	static const char *const allow[] = { "accept", "permit", "pass", NULL };
	static const char *const deny[] = { "drop", "block", "discard", NULL };

	suggest_try_all(s, names_actions);
	if (names_index(allow, s->word) >= 0)
		s->best = "allow";
	else if (names_index(deny, s->word) >= 0)
		s->best = "deny";
}

static const struct {
	const char *name;
	u8 number;
} protocols[] = {
	{ "tcp", IPPROTO_TCP },
	{ "udp", IPPROTO_UDP },
	{ "icmp", IPPROTO_ICMP },
	{ "icmpv6", IPPROTO_ICMPV6 },
	{ "sctp", IPPROTO_SCTP },
	{ "udplite", IPPROTO_UDPLITE },
	{ "dccp", IPPROTO_DCCP },
	{ "gre", IPPROTO_GRE },
	{ "esp", IPPROTO_ESP },
	{ "ah", IPPROTO_AH },
};

const char *names_protocol(u8 protocol)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(protocols); i++)
		if (protocols[i].number == protocol)
			return protocols[i].name;
	return NULL;
}

void names_suggest_protocol(struct suggest *s)
{
	size_t i;

	suggest_try(s, "any");
	for (i = 0; i < ARRAY_SIZE(protocols); i++)
		suggest_try(s, protocols[i].name);
}

int parse_protocol(const char *word)
{
	size_t i;

	if (!strcmp(word, "any"))
		return 256;
	for (i = 0; i < ARRAY_SIZE(protocols); i++)
		if (!strcmp(protocols[i].name, word))
			return protocols[i].number;
	return names_uint(word, 255);
}

int parse_direction(const char *word)
{
	if (!strcmp(word, "inbound"))
		return SFW_DIRECTION_IN;
	if (!strcmp(word, "outbound"))
		return SFW_DIRECTION_OUT;
	return names_index(names_directions, word);
}

int parse_mode(const char *word)
{
	return names_index(names_modes, word);
}

int parse_state(const char *word)
{
	int state;

	for (state = 0; state <= SFW_STATE_MAX; state++)
		if (!strcmp(sfw_option_state_name(state), word))
			return state;
	return -1;
}

int parse_rule_number(const char *word)
{
	int number = names_uint(word, SFW_RULE_NUMBER_MAX);

	return number ? number : -1;
}

bool parse_number_allowed(u32 number, size_t n)
{
	return number <= SFW_RULE_NUMBER_PLAIN || n > SFW_RULE_NUMBER_PLAIN;
}

struct icmp_name {
	const char *name;
	u8 type;
	s32 code;	/* -1: whatever the code */
};

/* RFC 792, 950, 1122, 1256, 1812, 8335. */
static const struct icmp_name icmp_names[] = {
	{ "echo-reply", 0, -1 },
	{ "destination-unreachable", 3, -1 },
	{ "network-unreachable", 3, 0 },
	{ "net-unreachable", 3, 0 },
	{ "host-unreachable", 3, 1 },
	{ "protocol-unreachable", 3, 2 },
	{ "port-unreachable", 3, 3 },
	{ "fragmentation-needed", 3, 4 },
	{ "frag-needed", 3, 4 },
	{ "source-route-failed", 3, 5 },
	{ "network-unknown", 3, 6 },
	{ "host-unknown", 3, 7 },
	{ "host-isolated", 3, 8 },
	{ "network-prohibited", 3, 9 },
	{ "net-prohibited", 3, 9 },
	{ "host-prohibited", 3, 10 },
	{ "tos-network-unreachable", 3, 11 },
	{ "tos-host-unreachable", 3, 12 },
	{ "communication-prohibited", 3, 13 },
	{ "administratively-prohibited", 3, 13 },
	{ "admin-prohibited", 3, 13 },
	{ "host-precedence-violation", 3, 14 },
	{ "precedence-cutoff", 3, 15 },
	{ "source-quench", 4, -1 },
	{ "redirect", 5, -1 },
	{ "network-redirect", 5, 0 },
	{ "host-redirect", 5, 1 },
	{ "tos-network-redirect", 5, 2 },
	{ "tos-host-redirect", 5, 3 },
	{ "echo-request", 8, -1 },
	{ "echo", 8, -1 },
	{ "router-advertisement", 9, -1 },
	{ "router-solicitation", 10, -1 },
	{ "time-exceeded", 11, -1 },
	{ "ttl-exceeded", 11, 0 },
	{ "reassembly-time-exceeded", 11, 1 },
	{ "parameter-problem", 12, -1 },
	{ "bad-header", 12, 0 },
	{ "required-option-missing", 12, 1 },
	{ "bad-length", 12, 2 },
	{ "timestamp-request", 13, -1 },
	{ "timestamp", 13, -1 },
	{ "timestamp-reply", 14, -1 },
	{ "information-request", 15, -1 },
	{ "information-reply", 16, -1 },
	{ "address-mask-request", 17, -1 },
	{ "address-mask-reply", 18, -1 },
	{ "extended-echo-request", 42, -1 },
	{ "extended-echo-reply", 43, -1 },
};

/* RFC 4443, 4861, 2710, 3810, 2894, 4620, 3122, 3971, 4286, 8335; nd- and mld-
 * are the names of nft.
 */
static const struct icmp_name icmpv6_names[] = {
	{ "destination-unreachable", 1, -1 },
	{ "no-route", 1, 0 },
	{ "communication-prohibited", 1, 1 },
	{ "administratively-prohibited", 1, 1 },
	{ "admin-prohibited", 1, 1 },
	{ "beyond-scope", 1, 2 },
	{ "address-unreachable", 1, 3 },
	{ "port-unreachable", 1, 4 },
	{ "failed-policy", 1, 5 },
	{ "reject-route", 1, 6 },
	{ "packet-too-big", 2, -1 },
	{ "time-exceeded", 3, -1 },
	{ "ttl-exceeded", 3, 0 },
	{ "hop-limit-exceeded", 3, 0 },
	{ "reassembly-time-exceeded", 3, 1 },
	{ "parameter-problem", 4, -1 },
	{ "bad-header", 4, 0 },
	{ "unknown-header-type", 4, 1 },
	{ "unknown-option", 4, 2 },
	{ "echo-request", 128, -1 },
	{ "echo", 128, -1 },
	{ "echo-reply", 129, -1 },
	{ "multicast-listener-query", 130, -1 },
	{ "mld-listener-query", 130, -1 },
	{ "multicast-listener-report", 131, -1 },
	{ "mld-listener-report", 131, -1 },
	{ "multicast-listener-done", 132, -1 },
	{ "mld-listener-done", 132, -1 },
	{ "router-solicitation", 133, -1 },
	{ "nd-router-solicit", 133, -1 },
	{ "router-advertisement", 134, -1 },
	{ "nd-router-advert", 134, -1 },
	{ "neighbour-solicitation", 135, -1 },
	{ "neighbor-solicitation", 135, -1 },
	{ "nd-neighbor-solicit", 135, -1 },
	{ "neighbour-advertisement", 136, -1 },
	{ "neighbor-advertisement", 136, -1 },
	{ "nd-neighbor-advert", 136, -1 },
	{ "redirect", 137, -1 },
	{ "nd-redirect", 137, -1 },
	{ "router-renumbering", 138, -1 },
	{ "node-information-query", 139, -1 },
	{ "node-information-reply", 140, -1 },
	{ "inverse-neighbour-solicitation", 141, -1 },
	{ "inverse-neighbor-solicitation", 141, -1 },
	{ "inverse-neighbour-advertisement", 142, -1 },
	{ "inverse-neighbor-advertisement", 142, -1 },
	{ "multicast-listener-report-v2", 143, -1 },
	{ "mld2-listener-report", 143, -1 },
	{ "certification-path-solicitation", 148, -1 },
	{ "certification-path-advertisement", 149, -1 },
	{ "multicast-router-advertisement", 151, -1 },
	{ "multicast-router-solicitation", 152, -1 },
	{ "multicast-router-termination", 153, -1 },
	{ "extended-echo-request", 160, -1 },
	{ "extended-echo-reply", 161, -1 },
};

static const struct icmp_name *icmp_table(u8 protocol, size_t *n)
{
	if (protocol == IPPROTO_ICMPV6) {
		*n = ARRAY_SIZE(icmpv6_names);
		return icmpv6_names;
	}
	*n = ARRAY_SIZE(icmp_names);
	return icmp_names;
}

bool names_icmp_lookup(u8 protocol, const char *word, u8 *type, int *code)
{
	const struct icmp_name *t;
	size_t i, n;

	t = icmp_table(protocol, &n);
	for (i = 0; i < n; i++) {
		if (!strcmp(t[i].name, word)) {
			*type = t[i].type;
			*code = t[i].code;
			return true;
		}
	}
	return false;
}

const char *names_icmp(u8 protocol, u8 type, int code)
{
	const struct icmp_name *t;
	size_t i, n;

	t = icmp_table(protocol, &n);
	for (i = 0; i < n; i++)
		if (t[i].type == type && t[i].code == code)
			return t[i].name;
	return NULL;
}

void names_suggest_icmp(struct suggest *s, u8 protocol)
{
	const struct icmp_name *t;
	size_t i, n;

	t = icmp_table(protocol, &n);
	for (i = 0; i < n; i++)
		suggest_try(s, t[i].name);
}

/* From the lowest bit up. */
static const char *const tcp_flags[] = {
	"fin", "syn", "rst", "psh", "ack", "urg", "ece", "cwr", NULL
};

/* In capitals, too: so iptables and RFC 9293 write them. */
int names_tcp_flag(const char *word)
{
	int bit;

	if (!strcasecmp(word, "all"))
		return 0xff;
	if (!strcasecmp(word, "none"))
		return 0;
	for (bit = 0; tcp_flags[bit]; bit++)
		if (!strcasecmp(tcp_flags[bit], word))
			return 1 << bit;
	return -1;
}

void names_tcp_flags(char *buf, size_t size, u8 flags)
{
	size_t i, len = 0;

	if (!flags || flags == 0xff) {
		snprintf(buf, size, "%s", flags ? "all" : "none");
		return;
	}
	for (i = 0; tcp_flags[i]; i++)
		if (flags & (1 << i) && len < size)
			len += snprintf(buf + len, size - len, "%s%s",
					len ? "," : "", tcp_flags[i]);
}

void names_suggest_tcp_flag(struct suggest *s)
{
	suggest_try_all(s, tcp_flags);
	suggest_try(s, "all");
	suggest_try(s, "none");
	suggest_try(s, "established");
}

struct service {
	char *name;
	size_t index;	/* in the system's list */
	u8 protocol;
	u16 port;
};

static struct {
	struct service *entry;	/* by name, then as in the system's list */
	size_t n, cap;
	bool read;
} services;

static int service_cmp(const void *a, const void *b)
{
	const struct service *x = a, *y = b;
	int cmp = strcmp(x->name, y->name);

	if (!cmp)
		cmp = x->index < y->index ? -1 : 1;
	return cmp;
}

static void service_add(const char *name, const char *protocol, int port)
{
	int number = parse_protocol(protocol);
	struct service *s;

	/* The list may also have services of AppleTalk, with other numbers. */
	if (number < 0 || number > 255 || !sfw_packet_has_ports(number))
		return;
	services.entry = xgrow(services.entry, &services.cap, services.n + 1,
			       sizeof(*services.entry));
	s = &services.entry[services.n];
	s->name = xstrdup(name);
	s->index = services.n++;
	s->protocol = number;
	s->port = port;
}

static void services_read(void)
{
	struct servent *se;
	char **alias;

	if (services.read)
		return;
	services.read = true;
	setservent(1);
	while ((se = getservent())) {
		int port = ntohs(se->s_port);

		service_add(se->s_name, se->s_proto, port);
		for (alias = se->s_aliases; alias && *alias; alias++)
			service_add(*alias, se->s_proto, port);
	}
	endservent();
	if (services.n)
		qsort(services.entry, services.n, sizeof(*services.entry),
		      service_cmp);
}

int names_service(const char *word, u8 protocol)
{
	size_t lo = 0, hi, mid, i;
	int port = -1;

	services_read();
	hi = services.n;
	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (strcmp(services.entry[mid].name, word) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	for (i = lo; i < services.n; i++) {
		const struct service *s = &services.entry[i];

		if (strcmp(s->name, word))
			break;
		if (protocol && s->protocol == protocol)
			return s->port;
		if (port == -1)
			port = s->port;
		else if (port != s->port)
			port = -2;
	}
	return port;
}

void names_suggest_service(struct suggest *s)
{
	size_t i;

	services_read();
	for (i = 0; i < services.n; i++)
		suggest_try(s, services.entry[i].name);
}
