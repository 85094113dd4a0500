// SPDX-License-Identifier: GPL-2.0
/*
 * Packets in words: see packet_text.h.
 *
 * A packet is written like a rule, but every part of it is one thing: one
 * address, one port, one protocol. Whoever writes a network or a range here
 * has rules in mind, and is told.
 */
#include <stdio.h>

#include <fresh.h>
#include <icmp.h>

#include "names.h"
#include "packet_text.h"
#include "parser.h"
#include "print.h"

#define RIGHT	"in|out PROTO SRC[:PORT] > DST[:PORT]"

static const char *const clauses[] = { "on", "type", "id", "flags", NULL };

/* One end as written. */
struct end {
	char *text;
	unsigned int column;
	struct sfw_elem addr;
	u16 port;
	bool has_port;
};

/* What stands where, to complain about the whole at its parts. */
struct places {
	unsigned int proto, type, id, flags;
};

static bool get_direction(struct parser *p, struct sfw_packet *pkt)
{
	const struct token *tok = parser_take(p);
	struct suggest s;
	int dir;

	dir = tok->kind == TOKEN_WORD ? parse_direction(tok->text) : -1;
	if (dir < 0) {
		suggest_begin(&s, tok->text);
		suggest_try_all(&s, names_directions);
		parser_unknown(p, tok, "the direction of a packet",
			       "in or out, as this host sees it: " RIGHT, &s);
		return false;
	}
	pkt->direction = dir;
	return true;
}

static bool get_protocol(struct parser *p, struct sfw_packet *pkt)
{
	static const char right[] =
		"tcp, udp, icmp, icmpv6, sctp, udplite, dccp, gre, esp, ah or 0 to 255";
	const struct token *tok = parser_take(p);
	struct suggest s;
	int protocol;

	protocol = tok->kind == TOKEN_WORD ? parse_protocol(tok->text) : -1;
	if (protocol == 256) {
		parser_error(p, tok->column,
			     "a packet has one protocol: write %s", right);
		return false;
	}
	if (protocol < 0) {
		suggest_begin(&s, tok->text);
		names_suggest_protocol(&s);
		parser_unknown(p, tok, "a protocol", right, &s);
		return false;
	}
	pkt->protocol = protocol;
	pkt->has_ports = sfw_packet_has_ports(protocol);
	return true;
}

/* What is written behind the protocol, apart by > wherever its blanks are. */
static bool cut_ends(struct parser *p, struct end *src, struct end *dst)
{
	const struct token *tok = parser_take(p);
	const char *arrow;

	if (tok->kind != TOKEN_WORD || *tok->text == '>') {
		parser_unknown(p, tok, "where the packet comes from",
			       "an address: " RIGHT, NULL);
		return false;
	}
	arrow = strchr(tok->text, '>');
	src->column = tok->column;
	src->text = xstrndup(tok->text, arrow ? (size_t)(arrow - tok->text) :
						strlen(tok->text));
	dst->column = tok->column;
	if (!arrow) {
		tok = parser_peek(p);
		if (tok->kind != TOKEN_WORD || *tok->text != '>') {
			parser_error(p, tok->column,
				     "> is missing after where the packet comes from: write '%s', in quotes, for > is special to a shell",
				     RIGHT);
			return false;
		}
		parser_take(p);
		arrow = tok->text;
		dst->column = tok->column;
	}
	if (arrow[1]) {
		dst->column += arrow + 1 - tok->text;
		dst->text = xstrdup(arrow + 1);
		return true;
	}
	tok = parser_take(p);
	if (tok->kind != TOKEN_WORD) {
		parser_unknown(p, tok, "where the packet goes to",
			       "an address: " RIGHT, NULL);
		return false;
	}
	dst->column = tok->column;
	dst->text = xstrdup(tok->text);
	return true;
}

static bool get_port(struct parser *p, const struct sfw_packet *pkt,
		     struct end *end, const char *word, unsigned int column)
{
	char why[PARSER_WHY_MAX], quote[80], proto[8];
	struct sfw_elem elem;

	if (!pkt->has_ports) {
		parser_error(p, column,
			     "%s has no ports: leave :%s out%s",
			     print_protocol(proto, sizeof(proto),
					    pkt->protocol, false), word,
			     pkt->protocol == IPPROTO_ICMP ||
			     pkt->protocol == IPPROTO_ICMPV6 ?
			     ", type comes after the addresses" : "");
		return false;
	}
	if (operand_ports(word, pkt->protocol, &elem, why, sizeof(why)) < 0) {
		parser_error(p, column, "%s", why);
		return false;
	}
	if (elem.first.lo != elem.last.lo) {
		parser_error(p, column,
			     "%s is a range of ports; a packet has one, such as %u",
			     parser_quote(quote, sizeof(quote), word),
			     (u16)elem.first.lo);
		return false;
	}
	end->port = elem.first.lo;
	end->has_port = true;
	return true;
}

/* A, A:PORT, [A]:PORT; columns move on with what is read. */
static bool get_end(struct parser *p, const struct sfw_packet *pkt,
		    struct end *end)
{
	char why[PARSER_WHY_MAX], quote[80], one[64];
	unsigned int column = end->column;
	char *addr = end->text, *port = NULL, *close;

	parser_quote(quote, sizeof(quote), end->text);
	if (*addr == '[') {
		close = strchr(++addr, ']');
		column++;
		if (!close || (close[1] && close[1] != ':')) {
			parser_error(p, end->column,
				     "%s: write an IPv6 address with its port as [2001:db8::1]:443",
				     quote);
			return false;
		}
		*close++ = 0;
		port = *close ? close + 1 : NULL;
	} else if (strchr(addr, ':') == strrchr(addr, ':')) {
		port = strchr(addr, ':');
		if (port)
			*port++ = 0;
	}
	if (operand_addr(addr, &end->addr, why, sizeof(why)) < 0) {
		parser_error(p, column, "%s", why);
		return false;
	}
	if (end->addr.kind != SFW_ELEM_ONE) {
		print_addr(one, sizeof(one), end->addr.family,
			   &end->addr.first);
		parser_error(p, column,
			     "%s is more than one address; a packet has one, such as %s",
			     parser_quote(quote, sizeof(quote), addr), one);
		return false;
	}
	return !port || get_port(p, pkt, end, port,
				 end->column + (port - end->text));
}

/* The place that needs a port, with one. */
static void say_no_port(struct parser *p, const struct sfw_packet *pkt,
			const struct end *dst)
{
	bool six = dst->addr.family == AF_INET6;
	char addr[64], proto[8];

	print_addr(addr, sizeof(addr), dst->addr.family, &dst->addr.first);
	parser_error(p, dst->column,
		     "%s goes to a port: write %s%s%s:443",
		     print_protocol(proto, sizeof(proto), pkt->protocol,
				    false),
		     six ? "[" : "", addr, six ? "]" : "");
}

static bool join_ends(struct parser *p, struct sfw_packet *pkt,
		      const struct end *src, const struct end *dst)
{
	if (src->addr.family != dst->addr.family) {
		parser_error(p, dst->column,
			     "one end is IPv4 and the other IPv6; a packet is of one family");
		return false;
	}
	if (pkt->has_ports && !dst->has_port) {
		say_no_port(p, pkt, dst);
		return false;
	}
	pkt->family = src->addr.family;
	pkt->src = src->addr.first;
	pkt->dst = dst->addr.first;
	if (pkt->has_ports) {
		pkt->sport = src->has_port ? src->port : PACKET_PORT_USUAL;
		pkt->dport = dst->port;
	}
	return true;
}

static bool get_ends(struct parser *p, struct sfw_packet *pkt)
{
	struct end src = { 0 }, dst = { 0 };
	bool ok;

	ok = cut_ends(p, &src, &dst);
	if (ok) {
		ok = get_end(p, pkt, &src);
		ok = get_end(p, pkt, &dst) && ok;
	}
	if (ok)
		ok = join_ends(p, pkt, &src, &dst);
	free(src.text);
	free(dst.text);
	return ok;
}

static bool get_ifname(struct parser *p, struct packet_text *packet)
{
	const struct token *tok = parser_take(p);
	struct sfw_rule rule = { 0 };
	char quote[80];

	if (tok->kind != TOKEN_WORD && tok->kind != TOKEN_STRING) {
		parser_unknown(p, tok, "an interface", "its name, such as eth0",
			       NULL);
		return false;
	}
	if (sfw_rule_set_ifname(&rule, tok->text) ||
	    sfw_rule_ifname_is_wildcard(&rule)) {
		parser_error(p, tok->column,
			     "%s is not the name of one interface: write one such as eth0, at most %d characters",
			     parser_quote(quote, sizeof(quote), tok->text),
			     SFW_IFNAME_MAX);
		return false;
	}
	memcpy(packet->ifname, rule.ifname, sizeof(packet->ifname));
	return true;
}

static bool get_id(struct parser *p, struct sfw_packet *pkt)
{
	const struct token *tok = parser_take(p);
	long long n;

	n = tok->kind == TOKEN_WORD ? names_uint(tok->text, 0xffff) : -1;
	if (n < 0) {
		parser_unknown(p, tok, "the identifier of an ICMP query",
			       "a number from 0 to 65535", NULL);
		return false;
	}
	pkt->icmp_id = n;
	return true;
}

static bool get_type(struct parser *p, struct sfw_packet *pkt)
{
	int code;

	if (!operand_icmp(p, pkt->protocol, &pkt->icmp_type, &code))
		return false;
	pkt->icmp_code = code < 0 ? 0 : code;
	return true;
}

/* True: there was a clause and it is understood. */
static bool get_clause(struct parser *p, struct packet_text *packet,
		       struct places *at)
{
	const struct token *tok = parser_take(p);
	struct suggest s;
	int i;

	i = tok->kind == TOKEN_WORD ? names_index(clauses, tok->text) : -1;
	switch (i) {
	case 0:
		return get_ifname(p, packet);
	case 1:
		at->type = tok->column;
		return get_type(p, &packet->pkt);
	case 2:
		at->id = tok->column;
		return get_id(p, &packet->pkt);
	case 3:
		at->flags = tok->column;
		return operand_tcp_flag_set(p, &packet->pkt.tcp.flags);
	}
	suggest_begin(&s, tok->text);
	suggest_try_all(&s, clauses);
	parser_unknown(p, tok, "a part of a packet",
		       "on IFACE, type TYPE/CODE, id N or flags FLAGS", &s);
	return false;
}

/* Parts that do not go together. */
static bool check(struct parser *p, const struct sfw_packet *pkt,
		  const struct places *at)
{
	bool icmp = pkt->protocol == IPPROTO_ICMP ||
		    pkt->protocol == IPPROTO_ICMPV6;
	bool four = pkt->family == AF_INET;
	bool ok = true;

	if (icmp && pkt->protocol != (four ? IPPROTO_ICMP : IPPROTO_ICMPV6)) {
		parser_error(p, at->proto,
			     "between IPv%d addresses it is %s",
			     four ? 4 : 6, four ? "icmp" : "icmpv6");
		ok = false;
	}
	if (at->type && !icmp) {
		parser_error(p, at->type,
			     "type is for the protocols icmp and icmpv6");
		ok = false;
	}
	if (at->id && !icmp) {
		parser_error(p, at->id,
			     "id is for the protocols icmp and icmpv6");
		ok = false;
	}
	if (at->flags && pkt->protocol != IPPROTO_TCP) {
		parser_error(p, at->flags, "flags are for the protocol tcp");
		ok = false;
	}
	return ok;
}

static bool is_loopback(u8 family, const struct sfw_addr *addr)
{
	return family == AF_INET ? addr->lo >> 24 == 127 :
				   !addr->hi && addr->lo == 1;
}

/* What follows from the words. */
static void complete(struct packet_text *packet)
{
	struct sfw_packet *pkt = &packet->pkt;
	bool self = !sfw_addr_cmp(&pkt->src, &pkt->dst);

	if (!*packet->ifname && (self || is_loopback(pkt->family, &pkt->src) ||
				 is_loopback(pkt->family, &pkt->dst)))
		memcpy(packet->ifname, "lo", 3);
	pkt->ifname = *packet->ifname ? packet->ifname : NULL;
	sfw_fresh_fill(pkt);
}

bool packet_text_parse(struct parser *p, struct packet_text *packet)
{
	struct sfw_packet *pkt = &packet->pkt;
	struct places at = { 0 };
	int code;

	memset(packet, 0, sizeof(*packet));
	if (!get_direction(p, pkt))
		return false;
	at.proto = parser_peek(p)->column;
	if (!get_protocol(p, pkt) || !get_ends(p, pkt))
		return false;
	if (pkt->protocol == IPPROTO_TCP)
		pkt->tcp.flags = SFW_TCP_SYN;
	else if (pkt->protocol == IPPROTO_ICMP ||
		 pkt->protocol == IPPROTO_ICMPV6)
		names_icmp_lookup(pkt->protocol, "echo-request",
				  &pkt->icmp_type, &code);
	while (parser_peek(p)->kind != TOKEN_END)
		if (!get_clause(p, packet, &at))
			return false;
	if (!check(p, pkt, &at))
		return false;
	complete(packet);
	return true;
}

static void read_packet(struct parser *p)
{
	packet_text_parse(p, p->line_data);
}

struct parse_result *packet_text_read(const char *name, const char *text,
				      struct packet_text *packet)
{
	/* There is nothing between blanks, and that is an error, too. */
	if (!text[strspn(text, " \t\n")])
		text = "\"\"";
	return parser_run_line(name, text, read_packet, packet);
}

void packet_text_end(char *buf, size_t size, const struct sfw_packet *pkt,
		     bool source)
{
	bool six = pkt->family == AF_INET6;
	char addr[64];

	print_addr(addr, sizeof(addr), pkt->family,
		   source ? &pkt->src : &pkt->dst);
	if (pkt->has_ports)
		snprintf(buf, size, "%s%s%s:%u", six ? "[" : "", addr,
			 six ? "]" : "", source ? pkt->sport : pkt->dport);
	else
		snprintf(buf, size, "%s", addr);
}

char *packet_text_print(const struct sfw_packet *pkt, bool numeric)
{
	char src[80], dst[80], proto[8], buf[64], more[120] = "", *text;
	bool keyword;

	packet_text_end(src, sizeof(src), pkt, true);
	packet_text_end(dst, sizeof(dst), pkt, false);
	if (pkt->protocol == IPPROTO_ICMP || pkt->protocol == IPPROTO_ICMPV6) {
		int n = snprintf(more, sizeof(more), " type %s",
				 print_icmp(buf, sizeof(buf), pkt->protocol,
					    pkt->icmp_type,
					    pkt->icmp_code ? pkt->icmp_code :
							     -1, numeric));

		if (pkt->icmp_id)
			snprintf(more + n, sizeof(more) - n, " id %u",
				 pkt->icmp_id);
	} else if (pkt->protocol == IPPROTO_TCP &&
		   pkt->tcp.flags != SFW_TCP_SYN) {
		names_tcp_flags(buf, sizeof(buf), pkt->tcp.flags);
		snprintf(more, sizeof(more), " flags %s", buf);
	}
	/* An interface may be called like a clause. */
	keyword = pkt->ifname && names_index(clauses, pkt->ifname) >= 0;
	text = xasprintf("%s %s %s > %s%s%s%s%s%s",
			 print_directions[pkt->direction],
			 print_protocol(proto, sizeof(proto), pkt->protocol,
					numeric), src, dst,
			 pkt->ifname ? " on " : "", keyword ? "\"" : "",
			 pkt->ifname ? pkt->ifname : "", keyword ? "\"" : "",
			 more);
	return text;
}

/* The type that answers a query; false if it is none. */
static bool answer_type(const struct sfw_packet *pkt, u8 *type)
{
	unsigned int t;

	for (t = 0; pkt->icmp_class == SFW_ICMP_QUERY && t <= 255; t++) {
		if (sfw_icmp_class(pkt->protocol, t) == SFW_ICMP_REPLY &&
		    sfw_icmp_query_type(pkt->protocol, t) == pkt->icmp_type) {
			*type = t;
			return true;
		}
	}
	return false;
}

bool packet_text_reply(const struct sfw_packet *pkt, struct sfw_packet *reply)
{
	*reply = *pkt;
	reply->direction = !pkt->direction;
	reply->src = pkt->dst;
	reply->dst = pkt->src;
	reply->sport = pkt->dport;
	reply->dport = pkt->sport;
	switch (pkt->protocol) {
	case IPPROTO_TCP:
		if (pkt->tcp.flags & SFW_TCP_RST)
			return false;
		reply->tcp.flags = SFW_TCP_ACK;
		if ((pkt->tcp.flags & (SFW_TCP_SYN | SFW_TCP_ACK)) ==
		    SFW_TCP_SYN)
			reply->tcp.flags |= SFW_TCP_SYN;
		break;
	case IPPROTO_SCTP:
		sfw_fresh_fill_sctp(reply, true);
		break;
	case IPPROTO_ICMP:
	case IPPROTO_ICMPV6:
		if (!answer_type(pkt, &reply->icmp_type))
			return false;
		reply->icmp_code = 0;
		reply->icmp_class = SFW_ICMP_REPLY;
		break;
	}
	return true;
}
