// SPDX-License-Identifier: GPL-2.0
/*
 * sfwctl conns: the connection table.
 *
 * Listing writes each connection as it comes from the kernel; a table of a
 * million entries needs no more memory than one of ten.
 */
#include <stdio.h>

#include "conns.h"
#include "lib/build.h"
#include "lib/print.h"

void conns_rule_text(char *buf, size_t size, const struct nl_conn *conn)
{
	const char *direction = print_directions[conn->rule_direction];

	if (conn->rule_number)
		snprintf(buf, size, "%s:%u", direction, conn->rule_number);
	else
		snprintf(buf, size, "%s:*", direction);
}

/* "1.3.3.7:443", "[2001:db8::1]:443", or the address alone. */
static char *endpoint(char *p, const struct nl_conn *conn,
		      const struct sfw_addr *addr, u16 port)
{
	bool brackets = conn->has_ports && conn->family != AF_INET;

	if (brackets)
		*p++ = '[';
	p = build_addr(p, conn->family, addr);
	if (brackets)
		*p++ = ']';
	if (!conn->has_ports)
		return p;
	*p++ = ':';
	return build_number(p, port);
}

/* What the ids of a tunnel are; a key is written in decimal, as ip-tunnel(8)
 * does, an SPI in hexadecimal, as ip-xfrm(8) does.
 */
static bool has_spi(const struct nl_conn *conn)
{
	return conn->protocol != IPPROTO_GRE;
}

static char *tunnel_text(char *p, const struct nl_conn *conn)
{
	int i;

	p = build_text(p, has_spi(conn) ? " spi " : " key ");
	for (i = 0; i < 2; i++) {
		if (i)
			*p++ = '/';
		if (!conn->has_tunnel_id[i])
			*p++ = '-';
		else if (has_spi(conn))
			p += sprintf(p, "0x%08x", conn->tunnel_id[i]);
		else
			p = build_number(p, conn->tunnel_id[i]);
	}
	return p;
}

static char *endpoints(char *p, const struct nl_conn *conn)
{
	char type[40];

	p = endpoint(p, conn, &conn->src, conn->sport);
	p = build_text(p, " > ");
	p = endpoint(p, conn, &conn->dst, conn->dport);
	if (conn->has_tunnel_id[0] || conn->has_tunnel_id[1])
		return tunnel_text(p, conn);
	if (!conn->has_icmp)
		return p;
	p = build_text(p, " type ");
	p = build_text(p, print_icmp(type, sizeof(type), conn->protocol,
				     conn->icmp_type, -1, out.numeric));
	p = build_text(p, " id ");
	return build_number(p, conn->icmp_id);
}

/* "in:100", or "in:*" for the default. */
static char *rule_text(char *p, const struct nl_conn *conn)
{
	p = build_text(p, print_directions[conn->rule_direction]);
	*p++ = ':';
	if (conn->rule_number)
		return build_number(p, conn->rule_number);
	*p++ = '*';
	return p;
}

void conns_ends_text(char *buf, size_t size, const struct nl_conn *conn)
{
	char text[256];

	*endpoints(text, conn) = '\0';
	snprintf(buf, size, "%s", text);
}

static char *figures_text(char *p, const struct nl_conn *conn)
{
	p = build_number(p, conn->packets);
	*p++ = '/';
	p = build_number(p, conn->bytes);
	p = build_text(p, " > ");
	p = build_number(p, conn->reply_packets);
	*p++ = '/';
	return build_number(p, conn->reply_bytes);
}

static char *time_text(char *p, u64 seconds)
{
	p = build_number(p, seconds / 3600);
	*p++ = ':';
	p = build_two(p, seconds / 60 % 60);
	*p++ = ':';
	return build_two(p, seconds % 60);
}

static void print_text(struct out_table *table, const struct nl_conn *conn)
{
	char proto[32], ends[256], rule[32], figures[128], expires[32], on[32];
	char name[sizeof(conn->ifname)];
	const char *const cells[] = {
		print_protocol(proto, sizeof(proto), conn->protocol,
			       out.numeric),
		print_directions[conn->direction],
		sfw_option_state_name(conn->state),
		ends, rule, figures, expires, on,
	};

	*endpoints(ends, conn) = '\0';
	*rule_text(build_text(rule, "rule "), conn) = '\0';
	*figures_text(figures, conn) = '\0';
	*time_text(expires, conn->expires_ms / 1000) = '\0';
	memcpy(name, conn->ifname, sizeof(name));
	*build_text(build_text(on, *name ? "on " : ""), out_clean(name)) = '\0';
	out_table_row(table, cells);
}

/* As jansson would write it, in a fifth of the time. */
char *conns_build_json(char *p, const struct nl_conn *conn)
{
	char buf[64], name[sizeof(conn->ifname)];

	p = build_key_text(p, "protocol",
			   print_protocol(buf, sizeof(buf), conn->protocol,
					  false));
	p = build_key_text(p, "family",
			   conn->family == AF_INET ? "ipv4" : "ipv6");
	p = build_key_text(p, "direction", print_directions[conn->direction]);
	*build_addr(buf, conn->family, &conn->src) = '\0';
	p = build_key_text(p, "source", buf);
	if (conn->has_ports)
		p = build_key_number(p, "source_port", conn->sport);
	*build_addr(buf, conn->family, &conn->dst) = '\0';
	p = build_key_text(p, "destination", buf);
	if (conn->has_ports)
		p = build_key_number(p, "destination_port", conn->dport);
	if (conn->has_icmp) {
		p = build_key_number(p, "icmp_type", conn->icmp_type);
		p = build_key_number(p, "icmp_id", conn->icmp_id);
	}
	if (conn->has_tunnel_id[0])
		p = build_key_number(p, has_spi(conn) ? "spi" : "key",
				     conn->tunnel_id[0]);
	if (conn->has_tunnel_id[1])
		p = build_key_number(p, has_spi(conn) ? "reply_spi" :
							"reply_key",
				     conn->tunnel_id[1]);
	p = build_key_text(p, "state", sfw_option_state_name(conn->state));
	p = build_key_bool(p, "replied", conn->replied);
	*rule_text(buf, conn) = '\0';
	p = build_key_text(p, "rule", buf);
	memcpy(name, conn->ifname, sizeof(name));
	if (*name)
		p = build_key_text(p, "interface", out_clean(name));
	p = build_key_number(p, "packets", conn->packets);
	p = build_key_number(p, "bytes", conn->bytes);
	p = build_key_number(p, "reply_packets", conn->reply_packets);
	p = build_key_number(p, "reply_bytes", conn->reply_bytes);
	p = build_key_number(p, "expires_s", conn->expires_ms / 1000);
	return p;
}

/* An object: no comma in front of its first key. */
static char *conn_json(char *p, const struct nl_conn *conn)
{
	char *end = conns_build_json(p, conn);

	*p = '{';
	*end++ = '}';
	return end;
}

static void write_json(const struct nl_conn *conn)
{
	char text[1024];
	char *end = conn_json(text, conn);

	if (out.pretty)
		out_stream_item(json_loadb(text, end - text, 0, NULL));
	else
		out_stream_text(text, end - text);
}

/* The stream begins with the first one, so that a refusal leaves no output. */
struct listing {
	struct out_table *table;
	bool begun;
};

static void list_one(const struct nl_conn *conn, void *data)
{
	struct listing *listing = data;

	if (!out.json) {
		print_text(listing->table, conn);
		return;
	}
	if (!listing->begun)
		out_stream_begin("connections");
	listing->begun = true;
	write_json(conn);
}

void conns_filter_warn(const struct nl_filter *filter)
{
	if (nl_filter_no_conn(filter))
		out_warn("reason selects dropped packets, see 'sfwctl monitor'; a connection has none");
}

static enum rc list(struct nl *nl, const struct nl_filter *filter)
{
	struct listing listing = { .begun = false };
	bool changed;
	enum rc rc;

	if (!out.json)
		listing.table = out_table_new("llllllrl");
	rc = nl_conns_dump(nl, filter, list_one, &listing, &changed);
	if (!out.json) {
		out_table_end(listing.table);
	} else if (rc == RC_OK) {
		if (!listing.begun)
			out_stream_begin("connections");
		out_stream_end();
	}
	if (rc == RC_OK && changed)
		out_warn("the table was rebuilt while it was read: some connections may be missing or listed twice");
	return rc;
}

/* The number killed; with a filter that met nothing, that is a no. */
static enum rc kill_all(struct nl *nl, const struct nl_filter *filter)
{
	u64 count;
	enum rc rc;

	rc = nl_conns_kill(nl, filter, &count);
	if (rc != RC_OK)
		return rc;
	if (out.json)
		out_json(json_pack("{s:I}", "count", (json_int_t)count));
	out_done("%llu connection%s", (unsigned long long)count,
		 count == 1 ? "" : "s");
	return count || !filter->given ? RC_OK : RC_NO;
}

static enum rc with_filter(int n, char **words,
			   enum rc (*act)(struct nl *nl,
					  const struct nl_filter *filter))
{
	struct nl_filter filter;
	struct nl *nl;
	enum rc rc;

	rc = nl_filter_parse(&filter, n, words);
	if (rc == RC_OK)
		rc = nl_open(&nl);
	if (rc != RC_OK)
		return rc;
	conns_filter_warn(&filter);
	rc = act(nl, &filter);
	nl_close(nl);
	return rc;
}

static enum rc run(int n, char **words)
{
	enum { COUNT, KILL, FLUSH, SAVE, RESTORE };
	static const char *const list_words[] = {
		[COUNT] = "count",
		[KILL] = "kill",
		[FLUSH] = "flush",
		[SAVE] = "save",
		[RESTORE] = "restore",
		NULL
	};

	switch (n ? cmd_find_word(list_words, words[0]) : -1) {
	case COUNT:
		return conns_count(n - 1, words + 1);
	case KILL:
		if (n == 1)
			return cmd_usage("kill needs a FILTER; 'conns flush' removes all");
		return with_filter(n - 1, words + 1, kill_all);
	case FLUSH:
		if (n > 1)
			return cmd_usage("flush removes all; 'conns kill FILTER' removes some");
		return with_filter(0, words, kill_all);
	case SAVE:
		return conns_save(n - 1, words + 1);
	case RESTORE:
		return conns_restore(n - 1, words + 1);
	}
	return with_filter(n, words, list);
}

const struct command cmd_conns = {
	.name = "conns",
	.run = run,
	.summary = "list, count, remove, save or restore connections",
	.help =
"List the connection table, count in it, or remove connections from it. A\n"
"connection that is removed is judged anew at its next packet.\n"
"\n"
"Usage: sfwctl conns [FILTER]\n"
"       sfwctl conns count [by WORD] [FILTER]\n"
"       sfwctl conns kill FILTER\n"
"       sfwctl conns flush\n"
"       sfwctl conns save [FILE|-]\n"
"       sfwctl conns restore [FILE|-]\n"
"  count       how many; by WORD: a table, the most first. WORD is proto, src,\n"
"              dst, dport, state, rule, on or dir\n"
"  kill        remove those that pass the filter; exits with 1 if none does\n"
"  flush       remove all\n"
"  save        write all, with all that is known of them, as lines of JSON\n"
"  restore     put them into the table of the running stateful set: after a\n"
"              new module was inserted, or on another machine. They go on where\n"
"              they stopped, and their next packet is judged by that set. One\n"
"              that is in the table stays as it is, and none is evicted. A file\n"
"              with an error restores nothing, exit 2; if there is no room for\n"
"              all, it says for how many, exit 5\n"
"\n"
"FILTER is any of these, all of which have to hold:\n"
"  dir in|out                  who began: in is from elsewhere\n"
"  proto P                     tcp, udp, icmp, ... or a number\n"
"  src|dst|addr CIDR           of the first packet; addr is either end\n"
"  sport|dport|port N[-M]      likewise\n"
"  state S                     tcp-established, established, udp-stream, ...\n"
"  rule in:120                 the rule that made it, in:* is the default\n"
"  on IFACE                    the interface of the first packet\n"
"  reason R                    of a drop, for 'sfwctl monitor': no connection has one\n"
"\n"
"A line has: protocol, direction, state, ends, rule, packets/bytes of the\n"
"request > of the reply, time left in h:m:s, interface. The ends of a tunnel have\n"
"the key of GRE or the SPI of ESP and AH, of the request/of the reply, as each\n"
"side showed it last.\n"
"\n"
"Examples:\n"
"  sfwctl conns dport 443 state established\n"
"  sfwctl conns count by src dir in\n"
"  sfwctl conns kill src 198.51.100.0/24\n"
"  sfwctl conns save table && rmmod sfw && insmod sfw.ko &&\n"
"          sfwctl apply rules && sfwctl conns restore table\n",
};
