// SPDX-License-Identifier: GPL-2.0
/*
 * What stands behind a keyword of a rule file: addresses, ports, lists of
 * them, rates, durations, ICMP types and TCP flags.
 *
 * A single address or port range is one word and is taken apart here, not by
 * the lexer, because only the place tells what a word is: 80-90 are ports,
 * http-alt is a service, 10.0.0.1-10.0.0.9 is a range.
 */
#include <arpa/inet.h>
#include <stdarg.h>
#include <stdio.h>

#include "names.h"
#include "parser.h"
#include "print.h"

const char *operand_join(struct parser *p, char sep)
{
	const char *text = parser_take(p)->text;
	const struct token *tok;
	size_t len, more;
	bool first;

	for (;;) {
		tok = parser_peek(p);
		len = strlen(text);
		if (tok->kind != TOKEN_WORD || clause_is_keyword(tok) ||
		    (text[len - 1] != sep && tok->text[0] != sep))
			return text;
		more = strlen(tok->text);
		first = text != p->join;
		p->join = xgrow(p->join, &p->join_cap, len + more + 1, 1);
		if (first)
			memcpy(p->join, text, len);
		memcpy(p->join + len, tok->text, more + 1);
		text = p->join;
		p->pos++;
	}
}

static int __printf(4, 5) complain(char *why, size_t size, int ret,
				   const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why, size, fmt, ap);
	va_end(ap);
	return ret;
}

static bool addr_one(const char *word, u8 *family, struct sfw_addr *addr)
{
	unsigned char raw[16];
	int i;

	*addr = (struct sfw_addr){ 0, 0 };
	if (inet_pton(AF_INET, word, raw) == 1) {
		*family = AF_INET;
		for (i = 0; i < 4; i++)
			addr->lo = addr->lo << 8 | raw[i];
		return true;
	}
	if (inet_pton(AF_INET6, word, raw) != 1)
		return false;
	*family = AF_INET6;
	for (i = 0; i < 8; i++) {
		addr->hi = addr->hi << 8 | raw[i];
		addr->lo = addr->lo << 8 | raw[i + 8];
	}
	return true;
}

/* Why this is no address, for all the ways there are to miss one. */
static int no_addr(const char *word, char *why, size_t size)
{
	const char *zone = strchr(word, '%');
	char quote[80];

	parser_quote(quote, sizeof(quote), word);
	if (word[0] == '[')
		return complain(why, size, -1,
				"%s: write the address without brackets",
				quote);
	if (zone && strchr(word, ':'))
		return complain(why, size, -1,
				"%s: an address in a rule has no zone; leave %%... out and name the interface with on",
				quote);
	if (word[0] == '$')
		return complain(why, size, -1,
				"%s: a set cannot stand inside a list; write its elements, or one rule more",
				quote);
	if (strchr(word, ':'))
		return complain(why, size, -1,
				"%s is not an IPv6 address; those look like 2001:db8::1 or 2001:db8::/32",
				quote);
	if (*word && !word[strspn(word, "0123456789.")])
		return complain(why, size, -1,
				"%s is not an IPv4 address: that is four numbers from 0 to 255, without leading zeros",
				quote);
	return complain(why, size, -1,
			"%s is not an address: write one such as 192.0.2.1, 192.0.2.0/24, 192.0.2.1-192.0.2.9 or 2001:db8::1; names are not looked up",
			quote);
}

/* A netmask behind the slash: say what prefix length it is. */
static int bad_prefix(const char *word, const char *mask, u8 family, char *why,
		      size_t size)
{
	unsigned int width = family == AF_INET ? 32 : 128;
	struct sfw_addr addr;
	char quote[80];
	u8 mask_family;
	u32 m;

	parser_quote(quote, sizeof(quote), word);
	if (family == AF_INET && addr_one(mask, &mask_family, &addr) &&
	    mask_family == AF_INET) {
		m = ~(u32)addr.lo;
		if (!(m & (m + 1)))
			return complain(why, size, -1,
					"%s: write the length of the prefix instead of a mask: /%d",
					quote, 32 - __builtin_popcount(m));
	}
	return complain(why, size, -1,
			"%s: the length of the prefix is a number from 0 to %u",
			quote, width);
}

static int addr_prefix(const char *word, const char *net, const char *len,
		       struct sfw_elem *elem, char *why, size_t size)
{
	struct sfw_list list = { 0 };
	struct sfw_addr addr;
	char text[80];
	long long n;
	int ret = 0;

	if (!addr_one(net, &elem->family, &addr))
		return no_addr(word, why, size);
	n = names_uint(len, elem->family == AF_INET ? 32 : 128);
	if (n < 0)
		return bad_prefix(word, len, elem->family, why, size);
	/* The list knows how to mask; it is the one implementation. */
	if (sfw_list_add_prefix(&list, elem->family, &addr, n))
		xalloc_fail();
	*elem = list.one;
	if (sfw_addr_cmp(&addr, &elem->first)) {
		print_elem(text, sizeof(text), elem);
		ret = complain(why, size, 1,
			       "%s has bits beyond its prefix; it is taken as %s",
			       word, text);
	}
	return ret;
}

static int addr_range(const char *word, const char *first, const char *last,
		      struct sfw_elem *elem, char *why, size_t size)
{
	u8 family;

	if (!addr_one(first, &elem->family, &elem->first) ||
	    !addr_one(last, &family, &elem->last))
		return no_addr(word, why, size);
	if (family != elem->family)
		return complain(why, size, -1,
				"%s: both ends of a range are of one family",
				word);
	if (sfw_addr_cmp(&elem->first, &elem->last) > 0)
		return complain(why, size, -1,
				"%s: the range is reversed; write %s-%s",
				word, last, first);
	elem->kind = sfw_addr_cmp(&elem->first, &elem->last) ? SFW_ELEM_RANGE :
							       SFW_ELEM_ONE;
	return 0;
}

/* ::ffff:0:0/96 never is on the wire; whoever writes it means IPv4, mostly. */
static bool is_mapped(const struct sfw_elem *elem)
{
	return elem->family == AF_INET6 && !elem->first.hi && !elem->last.hi &&
	       elem->first.lo >> 32 == 0xffff &&
	       elem->last.lo >> 32 == 0xffff &&
	       !(elem->kind == SFW_ELEM_PREFIX && elem->prefix_len == 96);
}

int operand_addr(const char *word, struct sfw_elem *elem, char *why,
		 size_t size)
{
	char copy[2 * INET6_ADDRSTRLEN], *sep;
	int ret;

	memset(elem, 0, sizeof(*elem));
	if (strlen(word) >= sizeof(copy))
		return no_addr(word, why, size);
	memcpy(copy, word, strlen(word) + 1);
	sep = strpbrk(copy, "-/");
	if (sep) {
		char kind = *sep;

		*sep++ = 0;
		if (kind == '/')
			ret = addr_prefix(word, copy, sep, elem, why, size);
		else
			ret = addr_range(word, copy, sep, elem, why, size);
	} else if (addr_one(copy, &elem->family, &elem->first)) {
		elem->last = elem->first;
		elem->kind = SFW_ELEM_ONE;
		ret = 0;
	} else {
		ret = no_addr(word, why, size);
	}
	if (!ret && is_mapped(elem))
		ret = complain(why, size, 1,
			       "%s matches IPv6 packets only; for IPv4 write the address without ::ffff:",
			       word);
	return ret;
}

bool parse_addr(const char *word, struct sfw_elem *elem)
{
	char why[PARSER_WHY_MAX];

	return operand_addr(word, elem, why, sizeof(why)) >= 0;
}

static int port_one(const char *word, u8 protocol, u16 *port)
{
	long long n = names_uint(word, 0xffff);

	if (n < 0 && *word && (word[0] < '0' || word[0] > '9' ||
			       word[strspn(word, "0123456789")]))
		n = names_service(word, protocol);
	*port = n;
	return n < 0 ? n : 0;
}

static int no_port(const char *word, int err, char *why, size_t size)
{
	struct suggest s;
	char quote[80];

	parser_quote(quote, sizeof(quote), word);
	if (err == -2)
		return complain(why, size, -1,
				"%s stands for several ports; write the number",
				quote);
	if (*word && !word[strspn(word, "0123456789")])
		return complain(why, size, -1,
				"%s is not a port: that is a number from 0 to 65535, without leading zeros",
				quote);
	if (word[0] == '$')
		return complain(why, size, -1,
				"%s: a set cannot stand inside a list; write its elements, or one rule more",
				quote);
	if (!word[strspn(word, "0123456789:-")])
		return complain(why, size, -1,
				"%s is not a range of ports: write both ends and a dash, such as 1024-65535",
				quote);
	suggest_begin(&s, word);
	names_suggest_service(&s);
	if (s.best)
		return complain(why, size, -1,
				"%s is not a port and not in /etc/services; did you mean '%s'?",
				quote, s.best);
	return complain(why, size, -1,
			"%s is not a port and not in /etc/services: write a number such as 80, or a range such as 1024-65535",
			quote);
}

int operand_ports(const char *word, u8 protocol, struct sfw_elem *elem,
		  char *why, size_t size)
{
	char first[64], *dash;
	u16 lo, hi;
	int err;

	memset(elem, 0, sizeof(*elem));
	err = port_one(word, protocol, &lo);
	hi = lo;
	/* A service may have dashes itself: try them all. */
	if (err && strlen(word) < sizeof(first)) {
		memcpy(first, word, strlen(word) + 1);
		for (dash = strchr(first, '-'); dash && err;
		     dash = strchr(dash + 1, '-')) {
			*dash = 0;
			if (!port_one(first, protocol, &lo) &&
			    !port_one(dash + 1, protocol, &hi))
				err = 0;
			*dash = '-';
		}
	}
	if (err)
		return no_port(word, err, why, size);
	if (lo > hi)
		return complain(why, size, -1,
				"%s: the range is reversed; write %u-%u",
				word, hi, lo);
	elem->first.lo = lo;
	elem->last.lo = hi;
	elem->kind = lo == hi ? SFW_ELEM_ONE : SFW_ELEM_RANGE;
	return 0;
}

bool parse_ports(const char *word, struct sfw_elem *elem)
{
	char why[PARSER_WHY_MAX];

	return operand_ports(word, 0, elem, why, sizeof(why)) >= 0;
}

/* N / UNIT as one word. Complains and returns 0 if it is no rate. */
static u32 rate_count(struct parser *p, u8 *unit)
{
	const struct token *tok = parser_peek(p);
	unsigned int column = tok->column;
	const char *word, *slash;
	char count[16], quote[80];
	long long n = -1;

	if (tok->kind != TOKEN_WORD || clause_is_keyword(tok)) {
		parser_unknown(p, tok, "a rate",
			       "a number and /s, /m or /h, such as 10/s", NULL);
		return 0;
	}
	word = operand_join(p, '/');
	slash = strchr(word, '/');
	if (slash && slash - word < (int)sizeof(count)) {
		snprintf(count, sizeof(count), "%.*s", (int)(slash - word),
			 word);
		n = names_uint(count, UINT_MAX);
		*unit = !strcmp(slash, "/s") ? SFW_RATE_UNIT_SECOND :
			!strcmp(slash, "/m") ? SFW_RATE_UNIT_MINUTE :
			!strcmp(slash, "/h") ? SFW_RATE_UNIT_HOUR : 0xff;
	}
	if (n > 0 && *unit != 0xff)
		return n;
	parser_quote(quote, sizeof(quote), word);
	parser_error(p, column,
		     "%s is not a rate: write a number from 1 on and /s, /m or /h, such as 10/s",
		     quote);
	return 0;
}

bool operand_rate(struct parser *p, struct sfw_rate *rate)
{
	const struct token *tok;
	long long n;

	rate->burst = 0;
	rate->count = rate_count(p, &rate->unit);
	if (!parser_accept_word(p, "burst"))
		return rate->count;
	tok = parser_peek(p);
	n = tok->kind == TOKEN_WORD ? names_uint(tok->text, UINT_MAX) : -1;
	if (n <= 0)
		parser_unknown(p, tok, "a burst",
			       "a number from 1 on, such as burst 20", NULL);
	if (tok->kind == TOKEN_WORD && !clause_is_keyword(tok))
		p->pos++;
	rate->burst = n > 0 ? n : 0;
	return rate->count && n > 0;
}

bool operand_duration(struct parser *p, u32 *seconds)
{
	static const char units[] = "smhd";
	static const u32 factors[] = { 1, 60, 3600, 86400 };
	const struct token *tok = parser_peek(p);
	const char *unit;
	u64 factor = 1;
	long long n = -1;
	char count[16];
	size_t len;

	if (tok->kind == TOKEN_WORD) {
		len = strlen(tok->text);
		unit = strchr(units, tok->text[len - 1]);
		if (unit) {
			factor = factors[unit - units];
			len--;
		}
		if (len < sizeof(count)) {
			snprintf(count, sizeof(count), "%.*s", (int)len,
				 tok->text);
			n = names_uint(count, UINT_MAX);
		}
	}
	if (n <= 0 || n * factor > SFW_TIMEOUT_LIMIT) {
		parser_unknown(p, tok, "a duration",
			       "seconds, or a number and s, m, h or d, from 1s to 20d",
			       NULL);
		parser_take(p);
		return false;
	}
	p->pos++;
	*seconds = n * factor;
	return true;
}

bool operand_icmp(struct parser *p, int protocol, u8 *type, int *code)
{
	bool six = protocol == IPPROTO_ICMPV6;
	const struct token *tok = parser_peek(p);
	struct token joined = *tok;
	const char *slash;
	struct suggest s;
	char number[4] = "";
	size_t len;
	long long n;

	if (tok->kind != TOKEN_WORD || clause_is_keyword(tok)) {
		parser_unknown(p, tok, "an ICMP type",
			       "a name such as echo-request, or TYPE or TYPE/CODE in numbers",
			       NULL);
		return false;
	}
	joined.text = operand_join(p, '/');
	slash = strchr(joined.text, '/');
	if (!slash && names_icmp_lookup(six ? IPPROTO_ICMPV6 : IPPROTO_ICMP,
					joined.text, type, code))
		return true;
	if (!slash && names_icmp_lookup(six ? IPPROTO_ICMP : IPPROTO_ICMPV6,
					joined.text, type, code)) {
		if (protocol == IPPROTO_ICMP || six)
			parser_error(p, joined.column,
				     "'%s' is a type of %s, not of %s",
				     joined.text, six ? "icmp" : "icmpv6",
				     six ? "icmpv6" : "icmp");
		return protocol != IPPROTO_ICMP && !six;
	}
	*code = -1;
	len = strcspn(joined.text, "/");
	if (len < sizeof(number))
		memcpy(number, joined.text, len);
	n = names_uint(number, 255);
	if (n >= 0 && slash) {
		*code = names_uint(slash + 1, 255);
		if (*code < 0)
			n = -1;
	}
	if (n >= 0) {
		*type = n;
		return true;
	}
	suggest_begin(&s, joined.text);
	names_suggest_icmp(&s, six ? IPPROTO_ICMPV6 : IPPROTO_ICMP);
	parser_unknown(p, &joined, "an ICMP type",
		       "a name such as echo-request, or TYPE or TYPE/CODE, numbers from 0 to 255",
		       &s);
	return false;
}

/* SA, as packet captures show them; -1: there is something else in it. */
static int flag_letters(const char *text)
{
	static const char letters[] = "FSRPAUEC";
	const char *at;
	int flags = 0;

	if (!*text)
		return -1;
	for (; *text; text++) {
		at = strchr(letters, *text);
		if (!at)
			return -1;
		flags |= BIT(at - letters);
	}
	return flags;
}

/* fin,syn, FS or a number, up to the NUL. Complains and returns -1 otherwise. */
static int flag_mask(struct parser *p, unsigned int column, char *text)
{
	struct token tok = { .kind = TOKEN_WORD, .column = column };
	struct suggest s;
	int mask = 0, bit;
	char *rest = text, *end;
	long n;

	if (text[0] >= '0' && text[0] <= '9') {
		n = strtol(text, &end, !strncmp(text, "0x", 2) ? 16 : 10);
		if (!*end && n >= 0 && n <= 0xff)
			return n;
		parser_error(p, column,
			     "'%.40s' is not a mask of TCP flags: write names, or a number from 0x00 to 0xff",
			     text);
		return -1;
	}
	while ((tok.text = strsep(&rest, ","))) {
		bit = names_tcp_flag(tok.text);
		if (bit < 0)
			bit = flag_letters(tok.text);
		if (bit >= 0) {
			mask |= bit;
			continue;
		}
		suggest_begin(&s, tok.text);
		names_suggest_tcp_flag(&s);
		parser_unknown(p, &tok, "a TCP flag",
			       "fin, syn, rst, psh, ack, urg, ece, cwr, all or none",
			       &s);
		return -1;
	}
	return mask;
}

/* MASK/SET was written in words and commas; put it together. */
static char *join_flags(struct parser *p)
{
	char *text = xstrdup(operand_join(p, '/')), *more;

	while (parser_at_sign(p, ',')) {
		const struct token *comma = parser_take(p);
		const struct token *tok = parser_peek(p);

		if (tok->kind != TOKEN_WORD || clause_is_keyword(tok)) {
			parser_error(p, comma->column,
				     "a TCP flag is missing after the comma");
			free(text);
			return NULL;
		}
		more = xasprintf("%s,%s", text, operand_join(p, '/'));
		free(text);
		text = more;
	}
	return text;
}

/* MASK, up to the NUL, and SET; the latter alone is what a packet has. */
static bool mask_and_set(struct parser *p, unsigned int column, char *text,
			 char *set_text, u8 *mask, u8 *set)
{
	int m = flag_mask(p, column, text);
	int s = flag_mask(p, column, set_text);

	if (m < 0 || s < 0)
		return false;
	if (s & ~m) {
		parser_error(p, column,
			     "flags that are set have to be among those looked at: MASK/SET, such as syn,ack/syn");
		return false;
	}
	*mask = m;
	*set = s;
	return true;
}

bool operand_tcp_flags(struct parser *p, u8 *mask, u8 *set, bool *established)
{
	const struct token *tok = parser_peek(p);
	unsigned int column = tok->column;
	bool ok = false;
	char *text, *slash;

	*established = parser_accept_word(p, "established");
	if (*established)
		return true;
	if (tok->kind != TOKEN_WORD || clause_is_keyword(tok)) {
		parser_unknown(p, tok, "a test of TCP flags",
			       "syn, established or MASK/SET such as syn,ack/syn",
			       NULL);
		return false;
	}
	text = join_flags(p);
	if (!text)
		return false;
	slash = strchr(text, '/');
	if (!slash && !strcasecmp(text, "syn")) {
		*mask = SFW_TCP_SYN | SFW_TCP_ACK;
		*set = SFW_TCP_SYN;
		ok = true;
	} else if (!slash) {
		if (flag_mask(p, column, text) >= 0)
			parser_error(p, column,
				     "flags are syn, established or MASK/SET: write which flags to look at and which of them are set, such as syn,ack/syn");
	} else {
		*slash++ = 0;
		ok = mask_and_set(p, column, text, slash, mask, set);
	}
	free(text);
	return ok;
}

bool operand_tcp_flag_set(struct parser *p, u8 *flags)
{
	const struct token *tok = parser_peek(p);
	unsigned int column = tok->column;
	char *text, *slash;
	bool ok;
	u8 mask;
	int n;

	/* What a rule says of flags says which packet is meant, too. */
	if (parser_accept_word(p, "established")) {
		*flags = SFW_TCP_ACK;
		return true;
	}
	if (tok->kind != TOKEN_WORD || clause_is_keyword(tok)) {
		parser_unknown(p, tok, "the TCP flags of a packet",
			       "names such as syn,ack, or letters such as SA",
			       NULL);
		return false;
	}
	text = join_flags(p);
	if (!text)
		return false;
	slash = strchr(text, '/');
	if (slash) {
		*slash++ = 0;
		ok = mask_and_set(p, column, text, slash, &mask, flags);
	} else {
		n = flag_mask(p, column, text);
		ok = n >= 0;
		if (ok)
			*flags = n;
	}
	free(text);
	return ok;
}
