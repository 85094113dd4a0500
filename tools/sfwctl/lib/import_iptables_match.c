// SPDX-License-Identifier: GPL-2.0
/*
 * The options of a rule of iptables.
 *
 * An option that is not known here makes the whole rule a refused one, since
 * it may narrow it.
 */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "import_iptables.h"
#include "listops.h"
#include "names.h"
#include "parse.h"

#define FLAGS_SYN	(SFW_TCP_FIN | SFW_TCP_SYN | SFW_TCP_RST | SFW_TCP_ACK)

/* --- operands ------------------------------------------------------------ */

static void *oom(void *p)
{
	if (!p)
		xalloc_fail();
	return p;
}

static struct sfw_list *new_list(void)
{
	return oom(sfw_list_new(NULL));
}

/* 255.255.255.0 to a length; -1 if it is none. */
static int mask_len(const char *mask)
{
	struct sfw_elem elem;
	u32 m;

	if (!strchr(mask, '.') || !parse_addr(mask, &elem) ||
	    elem.family != AF_INET || elem.kind != SFW_ELEM_ONE)
		return -1;
	m = ~(u32)elem.first.lo;
	return m & (m + 1) ? -1 : 32 - __builtin_popcount(m);
}

static bool add_addr(struct iptables *r, struct sfw_list *list, const char *text)
{
	u8 family = r->families == SFW_FAMILY_4 ? AF_INET : AF_INET6;
	const char *mask = strchr(text, '/');
	struct sfw_elem elem;
	char *plain;
	int len;

	if (mask && strchr(mask + 1, '.') && family == AF_INET) {
		len = mask_len(mask + 1);
		if (len < 0) {
			iptables_refuse(r, "%s: a mask with holes is no network", text);
			return false;
		}
		plain = xasprintf("%.*s/%d", (int)(mask - text), text, len);
	} else {
		plain = xstrdup(text);
	}
	if (!parse_addr(plain, &elem)) {
		iptables_error(r, "'%s' is no address", text);
		free(plain);
		return false;
	}
	free(plain);
	if (elem.family != family) {
		iptables_error(r, "'%s' is an address of the other family; is this %s-save?",
			       text, family == AF_INET ? "ip6tables" : "iptables");
		return false;
	}
	/* /32 is how iptables-save writes one address. */
	if (elem.kind == SFW_ELEM_PREFIX &&
	    elem.prefix_len != (family == AF_INET ? 32 : 128))
		len = sfw_list_add_prefix(list, family, &elem.first,
					  elem.prefix_len);
	else
		len = sfw_list_add_range(list, family, &elem.first, &elem.last);
	if (len)
		xalloc_fail();
	return true;
}

/* A,B,C to a list, by what add does with each; NULL after a complaint. */
static struct sfw_list *read_list(struct iptables *r, const char *text,
				  bool (*add)(struct iptables *r,
					      struct sfw_list *list,
					      const char *text))
{
	struct sfw_list *list = new_list();
	char *copy = xstrdup(text), *rest = copy, *word;
	bool good = true;

	while (good && (word = strsep(&rest, ",")))
		good = add(r, list, word);
	free(copy);
	if (good && sfw_list_compile(list))
		xalloc_fail();
	if (good)
		return list;
	sfw_list_put(list);
	return NULL;
}

static bool add_port(struct iptables *r, struct sfw_list *list, const char *text)
{
	char *copy = xstrdup(text), *colon = strchr(copy, ':');
	struct sfw_elem first, last;
	bool good;

	if (colon)
		*colon++ = '\0';
	/* ":80" and "1024:" are open at one end. */
	good = parse_ports(*copy ? copy : "0", &first) &&
	       (!colon || parse_ports(*colon ? colon : "65535", &last));
	if (!colon)
		last = first;
	good = good && first.kind == SFW_ELEM_ONE &&
	       last.kind == SFW_ELEM_ONE && first.first.lo <= last.first.lo;
	if (!good)
		iptables_error(r, "'%s' is neither a port nor a range of ports", text);
	else if (sfw_list_add_port(list, first.first.lo, last.first.lo))
		xalloc_fail();
	free(copy);
	return good;
}

static void read_addr(struct iptables *r, const char *text, bool source)
{
	struct sfw_list *list = text ? read_list(r, text, add_addr) : NULL;
	struct sfw_rule *m = &r->rule->match;

	if (list)
		flat_and_list(r->rule, source ? &m->from : &m->to,
			      source ? SFW_RULE_F_NOT_FROM : SFW_RULE_F_NOT_TO,
			      list, r->negate);
}

static void read_ports(struct iptables *r, const char *text, bool source)
{
	struct sfw_list *list = text ? read_list(r, text, add_port) : NULL;
	struct sfw_rule *m = &r->rule->match;

	if (list)
		flat_and_list(r->rule, source ? &m->from_port : &m->to_port,
			      source ? SFW_RULE_F_NOT_FROM_PORT :
				       SFW_RULE_F_NOT_TO_PORT, list, r->negate);
}

static void read_if(struct iptables *r, const char *text, struct flat_if *own)
{
	struct flat_if given = { .negate = r->negate };
	size_t len = text ? strlen(text) : 0;
	const char *why;

	if (!len)
		return;
	if (len > SFW_IFNAME_MAX) {
		iptables_error(r, "'%s' is too long for an interface", text);
		return;
	}
	memcpy(given.name, text, len + 1);
	if (given.name[len - 1] == '+') {
		/* every interface, or none of them */
		if (len == 1) {
			r->rule->never |= r->negate;
			return;
		}
		given.name[len - 1] = '*';
	}
	why = flat_and_if(r->rule, own, &given);
	if (why)
		iptables_refuse(r, "%s", why);
}

static void read_protocol(struct iptables *r, const char *text)
{
	static const struct {
		const char *name;
		int number;
	} more[] = {
		{ "ipv6-icmp", IPPROTO_ICMPV6 }, { "icmp6", IPPROTO_ICMPV6 },
		{ "ipv6-icmpv6", IPPROTO_ICMPV6 }, { "all", 256 }, { "0", 256 },
		{ "igmp", IPPROTO_IGMP }, { "ipencap", IPPROTO_IPIP },
		{ "ipv4", IPPROTO_IPIP }, { "ipv6", IPPROTO_IPV6 },
		{ "ipip", 94 }, { "ospf", 89 }, { "pim", IPPROTO_PIM },
		{ "vrrp", 112 }, { "l2tp", 115 }, { "eigrp", 88 },
	};
	int protocol = -1;
	size_t i;

	if (!text)
		return;
	for (i = 0; i < ARRAY_SIZE(more); i++)
		if (!strcasecmp(more[i].name, text))
			protocol = more[i].number;
	if (protocol < 0)
		protocol = parse_protocol(text);
	if (protocol < 0)
		iptables_refuse(r,
				"the protocol '%s' has no name here; iptables-save without names writes its number",
				text);
	else if (r->negate)
		iptables_refuse(r, "every protocol but one: sfw cannot say that in one rule");
	else if (protocol < 256)
		flat_and_protocol(r->rule, protocol);
}

static void read_icmp(struct iptables *r, const char *text)
{
	bool v6 = r->families == SFW_FAMILY_6;
	struct sfw_rule *m = &r->rule->match;
	char *copy, *slash;
	long long n, c = -1;
	int code = -1;
	u8 type;

	if (!text)
		return;
	if (r->negate) {
		iptables_refuse(r, "every ICMP type but one: sfw cannot say that in one rule");
		return;
	}
	if (!strcmp(text, "any") || (!v6 && !strcmp(text, "255")))
		return;
	copy = xstrdup(text);
	slash = strchr(copy, '/');
	if (slash)
		*slash++ = '\0';
	n = names_uint(copy, 255);
	if (slash)
		c = names_uint(slash, 255);
	if (n >= 0 && (!slash || c >= 0)) {
		type = n;
		code = c;
	} else if (slash || !names_icmp_lookup(v6 ? IPPROTO_ICMPV6 :
					       IPPROTO_ICMP, copy, &type,
					       &code)) {
		iptables_error(r, "'%s' is no ICMP type", text);
		free(copy);
		return;
	}
	free(copy);
	m->flags |= SFW_RULE_F_ICMP_TYPE;
	m->icmp_type = type;
	if (code >= 0) {
		m->flags |= SFW_RULE_F_ICMP_CODE;
		m->icmp_code = code;
	}
}

/* "FIN,SYN" or ALL or NONE to a mask; -1 after a complaint. */
static int read_flag_list(struct iptables *r, const char *text)
{
	char *copy, *rest, *word;
	int mask = 0;

	if (!text)
		return -1;
	if (!strcasecmp(text, "ALL"))
		return 0x3f;
	if (!strcasecmp(text, "NONE"))
		return 0;
	copy = xstrdup(text);
	rest = copy;
	while (mask >= 0 && (word = strsep(&rest, ","))) {
		int bit;
		char *p;

		for (p = word; *p; p++)
			*p |= 0x20;	/* names are in lower case */
		bit = names_tcp_flag(word);
		mask = bit < 0 ? -1 : mask | bit;
	}
	free(copy);
	if (mask < 0)
		iptables_error(r, "'%s' are no TCP flags", text);
	return mask;
}

static void and_flags(struct iptables *r, int mask, int set)
{
	const char *why;

	if (r->negate && mask == FLAGS_SYN && set == SFW_TCP_SYN) {
		flat_and_protocol(r->rule, IPPROTO_TCP);
		r->rule->not_syn = true;
		return;
	}
	if (r->negate && !(mask & (mask - 1)) && mask) {
		set = ~set & mask;
	} else if (r->negate) {
		iptables_refuse(r,
				"TCP flags that must not be so: sfw cannot say that in one rule");
		return;
	}
	if (set & ~mask) {
		r->rule->never = true;
		return;
	}
	why = flat_and_flags(r->rule, mask, set);
	if (why)
		iptables_refuse(r, "%s", why);
}

static void read_flags(struct iptables *r, const char *option)
{
	int mask = read_flag_list(r, iptables_take(r, option));
	int set = mask < 0 ? -1 : read_flag_list(r, iptables_take(r, option));

	if (set >= 0)
		and_flags(r, mask, set);
}

static void read_states(struct iptables *r, const char *text)
{
	static const struct {
		const char *name;
		u8 bit;
	} states[] = {
		{ "NEW", FLAT_NEW }, { "ESTABLISHED", FLAT_ESTABLISHED },
		{ "RELATED", FLAT_RELATED }, { "INVALID", FLAT_INVALID },
		{ "UNTRACKED", FLAT_UNTRACKED },
	};
	char *copy, *rest, *word;
	u8 ct = 0, bit;
	size_t i;

	if (!text)
		return;
	copy = xstrdup(text);
	rest = copy;
	while ((word = strsep(&rest, ","))) {
		bit = 0;
		for (i = 0; i < ARRAY_SIZE(states); i++)
			if (!strcasecmp(states[i].name, word))
				bit = states[i].bit;
		if (!bit)
			iptables_refuse(r, "sfw has no connection state '%s'", word);
		ct |= bit;
	}
	free(copy);
	r->rule->ct &= r->negate ? FLAT_CT_ALL & ~ct : ct;
	if (!r->rule->ct)
		r->rule->never = true;
}

/* "3/min" */
static void read_limit(struct iptables *r, const char *text)
{
	struct sfw_rate *rate = &r->rule->match.limit;
	const char *slash = text ? strchr(text, '/') : NULL;
	char *number;
	long long n;

	if (!text)
		return;
	number = xstrndup(text, slash ? (size_t)(slash - text) : strlen(text));
	n = names_uint(number, U32_MAX);
	free(number);
	if (n < 1) {
		iptables_error(r, "'%s' is no rate", text);
		return;
	}
	switch (slash ? slash[1] : 's') {
	case 's':
		rate->unit = SFW_RATE_UNIT_SECOND;
		break;
	case 'm':
		rate->unit = SFW_RATE_UNIT_MINUTE;
		break;
	case 'h':
		rate->unit = SFW_RATE_UNIT_HOUR;
		break;
	default:
		iptables_refuse(r, "%s: a rate here is per second, minute or hour", text);
		return;
	}
	rate->count = n;
	r->rule->match.flags |= SFW_RULE_F_LIMIT;
}

static void read_burst(struct iptables *r, const char *text)
{
	long long n = text ? names_uint(text, U32_MAX) : -1;

	if (text && n < 1)
		iptables_error(r, "'%s' is no burst", text);
	else if (text)
		r->rule->match.limit.burst = n;
}

static void read_comment(struct iptables *r, const char *text)
{
	char **comment = &r->rule->match.comment;

	if (!text || *comment)
		return;
	*comment = import_comment(text);
}

/* --- options ------------------------------------------------------------- */

static void read_match(struct iptables *r, const char *name)
{
	static const char *const known[] = {
		"tcp", "udp", "icmp", "icmp6", "sctp", "dccp", "udplite",
		"multiport", "state", "conntrack", "limit", "comment",
		"iprange", NULL,
	};

	if (name && names_index(known, name) < 0)
		iptables_refuse(r, "sfw has no match '%s'", name);
}

static void read_target(struct iptables *r, const char *name, bool go)
{
	static const struct {
		const char *name;
		enum flat_verdict verdict;
	} targets[] = {
		{ "ACCEPT", FLAT_ACCEPT }, { "DROP", FLAT_DROP },
		{ "REJECT", FLAT_REJECT }, { "RETURN", FLAT_RETURN },
		{ "LOG", FLAT_CONTINUE },
	};
	char key[80];
	size_t i;

	if (!name)
		return;
	for (i = 0; i < ARRAY_SIZE(targets) && !go; i++) {
		if (strcmp(targets[i].name, name))
			continue;
		r->rule->verdict = targets[i].verdict;
		if (r->rule->verdict == FLAT_CONTINUE)
			r->rule->match.flags |= SFW_RULE_F_LOG;
		return;
	}
	snprintf(key, sizeof(key), "%d %s", r->families, name);
	if (!flat_chain(&r->flat, key, false)) {
		iptables_refuse(r, "sfw has no target '%s', and there is no chain of that name",
				name);
		return;
	}
	r->rule->verdict = go ? FLAT_GOTO : FLAT_JUMP;
	r->rule->target = xstrdup(key);
}

enum option {
	O_SOURCE, O_DESTINATION, O_IN, O_OUT, O_PROTOCOL, O_MATCH, O_JUMP,
	O_GOTO, O_SPORT, O_DPORT, O_PORTS, O_ICMP, O_FLAGS, O_SYN, O_STATE,
	O_LIMIT, O_BURST, O_COMMENT, O_SRC_RANGE, O_DST_RANGE, O_IGNORE_ONE,
	O_IGNORE, O_LOG_PREFIX,
};

static const struct {
	const char *name;
	enum option option;
} options[] = {
	{ "-s", O_SOURCE }, { "--source", O_SOURCE }, { "--src", O_SOURCE },
	{ "-d", O_DESTINATION }, { "--destination", O_DESTINATION },
	{ "--dst", O_DESTINATION },
	{ "-i", O_IN }, { "--in-interface", O_IN },
	{ "-o", O_OUT }, { "--out-interface", O_OUT },
	{ "-p", O_PROTOCOL }, { "--protocol", O_PROTOCOL },
	{ "-m", O_MATCH }, { "--match", O_MATCH },
	{ "-j", O_JUMP }, { "--jump", O_JUMP },
	{ "-g", O_GOTO }, { "--goto", O_GOTO },
	{ "--sport", O_SPORT }, { "--source-port", O_SPORT },
	{ "--sports", O_SPORT }, { "--source-ports", O_SPORT },
	{ "--dport", O_DPORT }, { "--destination-port", O_DPORT },
	{ "--dports", O_DPORT }, { "--destination-ports", O_DPORT },
	{ "--ports", O_PORTS },
	{ "--icmp-type", O_ICMP }, { "--icmpv6-type", O_ICMP },
	{ "--tcp-flags", O_FLAGS }, { "--syn", O_SYN },
	{ "--state", O_STATE }, { "--ctstate", O_STATE },
	{ "--limit", O_LIMIT }, { "--limit-burst", O_BURST },
	{ "--comment", O_COMMENT },
	{ "--src-range", O_SRC_RANGE }, { "--dst-range", O_DST_RANGE },
	{ "--log-prefix", O_LOG_PREFIX },
	{ "--reject-with", O_IGNORE_ONE }, { "--log-level", O_IGNORE_ONE },
	{ "--log-ip-options", O_IGNORE }, { "--log-tcp-options", O_IGNORE },
	{ "--log-tcp-sequence", O_IGNORE }, { "--log-uid", O_IGNORE },
	{ "--log-macdecode", O_IGNORE },
};

static void read_option(struct iptables *r, enum option o, const char *name)
{
	struct flat_rule *rule = r->rule;

	switch (o) {
	case O_SOURCE:
	case O_SRC_RANGE:
		read_addr(r, iptables_take(r, name), true);
		break;
	case O_DESTINATION:
	case O_DST_RANGE:
		read_addr(r, iptables_take(r, name), false);
		break;
	case O_IN:
		read_if(r, iptables_take(r, name), &rule->iif);
		break;
	case O_OUT:
		read_if(r, iptables_take(r, name), &rule->oif);
		break;
	case O_PROTOCOL:
		read_protocol(r, iptables_take(r, name));
		break;
	case O_MATCH:
		read_match(r, iptables_take(r, name));
		break;
	case O_JUMP:
	case O_GOTO:
		read_target(r, iptables_take(r, name), o == O_GOTO);
		break;
	case O_SPORT:
		read_ports(r, iptables_take(r, name), true);
		break;
	case O_DPORT:
		read_ports(r, iptables_take(r, name), false);
		break;
	case O_PORTS:
		name = iptables_take(r, name);
		if (r->negate || r->either)
			iptables_refuse(r,
					"--ports with ! or twice: sfw cannot say that in one rule");
		else if (name)
			r->either = read_list(r, name, add_port);
		break;
	case O_ICMP:
		read_icmp(r, iptables_take(r, name));
		break;
	case O_FLAGS:
		read_flags(r, name);
		break;
	case O_SYN:
		and_flags(r, FLAGS_SYN, SFW_TCP_SYN);
		break;
	case O_STATE:
		read_states(r, iptables_take(r, name));
		break;
	case O_LIMIT:
		read_limit(r, iptables_take(r, name));
		break;
	case O_BURST:
		read_burst(r, iptables_take(r, name));
		break;
	case O_COMMENT:
	case O_LOG_PREFIX:
		read_comment(r, iptables_take(r, name));
		break;
	case O_IGNORE_ONE:
		iptables_take(r, name);
		break;
	case O_IGNORE:
		break;
	}
}

void iptables_options(struct iptables *r)
{
	size_t i;

	while (r->at < r->n_words && !r->refused) {
		const char *name = r->words[r->at++];

		r->negate = !strcmp(name, "!");
		if (r->negate) {
			name = iptables_take(r, "!");
			if (!name)
				return;
		}
		for (i = 0; i < ARRAY_SIZE(options); i++)
			if (!strcmp(options[i].name, name))
				break;
		if (i < ARRAY_SIZE(options))
			read_option(r, options[i].option, name);
		else
			iptables_refuse(r, "sfw has nothing for '%s'", name);
	}
}
