// SPDX-License-Identifier: GPL-2.0
/*
 * sfwctl conns: the connection table.
 *
 * Listing writes each connection as it comes from the kernel; a table of a
 * million entries needs no more memory than one of ten.
 */
#include <stdio.h>

#include "conns.h"
#include "lib/print.h"

void conns_rule_text(char *buf, size_t size, const struct nl_conn *conn)
{
	const char *direction = print_directions[conn->rule_direction];

	if (conn->rule_number)
		snprintf(buf, size, "%s:%u", direction, conn->rule_number);
	else
		snprintf(buf, size, "%s:*", direction);
}

void conns_ends_text(char *buf, size_t size, const struct nl_conn *conn)
{
	char src[80], dst[80], type[40], icmp[80] = "";

	print_endpoint(src, sizeof(src), conn->family, &conn->src,
		       conn->has_ports ? conn->sport : -1);
	print_endpoint(dst, sizeof(dst), conn->family, &conn->dst,
		       conn->has_ports ? conn->dport : -1);
	if (conn->has_icmp)
		snprintf(icmp, sizeof(icmp), " type %s id %u",
			 print_icmp(type, sizeof(type), conn->protocol,
				    conn->icmp_type, -1, out.numeric),
			 conn->icmp_id);
	snprintf(buf, size, "%s > %s%s", src, dst, icmp);
}

static void print_text(struct out_table *table, const struct nl_conn *conn)
{
	char proto[32], ends[256], rule[32], figures[128], expires[32], on[32];
	unsigned long long seconds = conn->expires_ms / 1000;
	char name[sizeof(conn->ifname)];
	const char *const cells[] = {
		print_protocol(proto, sizeof(proto), conn->protocol,
			       out.numeric),
		print_directions[conn->direction],
		sfw_option_state_name(conn->state),
		ends, rule, figures, expires, on,
	};

	conns_ends_text(ends, sizeof(ends), conn);
	memcpy(rule, "rule ", 5);
	conns_rule_text(rule + 5, sizeof(rule) - 5, conn);
	snprintf(figures, sizeof(figures), "%llu/%llu > %llu/%llu",
		 (unsigned long long)conn->packets,
		 (unsigned long long)conn->bytes,
		 (unsigned long long)conn->reply_packets,
		 (unsigned long long)conn->reply_bytes);
	snprintf(expires, sizeof(expires), "%llu:%02llu:%02llu",
		 seconds / 3600, seconds / 60 % 60, seconds % 60);
	snprintf(name, sizeof(name), "%s", conn->ifname);
	snprintf(on, sizeof(on), "%s%s", *name ? "on " : "", out_clean(name));
	out_table_row(table, cells);
}

static void set_text(json_t *obj, const char *key, const char *text)
{
	out_set(obj, key, json_string(text));
}

static void set_number(json_t *obj, const char *key, u64 number)
{
	out_set(obj, key, json_integer((json_int_t)number));
}

json_t *conns_json(const struct nl_conn *conn)
{
	char buf[64], name[sizeof(conn->ifname)];
	json_t *obj = json_object();

	set_text(obj, "protocol",
		 print_protocol(buf, sizeof(buf), conn->protocol, false));
	set_text(obj, "family", conn->family == AF_INET ? "ipv4" : "ipv6");
	set_text(obj, "direction", print_directions[conn->direction]);
	print_addr(buf, sizeof(buf), conn->family, &conn->src);
	set_text(obj, "source", buf);
	if (conn->has_ports)
		set_number(obj, "source_port", conn->sport);
	print_addr(buf, sizeof(buf), conn->family, &conn->dst);
	set_text(obj, "destination", buf);
	if (conn->has_ports)
		set_number(obj, "destination_port", conn->dport);
	if (conn->has_icmp) {
		set_number(obj, "icmp_type", conn->icmp_type);
		set_number(obj, "icmp_id", conn->icmp_id);
	}
	set_text(obj, "state", sfw_option_state_name(conn->state));
	out_set(obj, "replied", json_boolean(conn->replied));
	conns_rule_text(buf, sizeof(buf), conn);
	set_text(obj, "rule", buf);
	snprintf(name, sizeof(name), "%s", conn->ifname);
	if (*name)
		set_text(obj, "interface", out_clean(name));
	set_number(obj, "packets", conn->packets);
	set_number(obj, "bytes", conn->bytes);
	set_number(obj, "reply_packets", conn->reply_packets);
	set_number(obj, "reply_bytes", conn->reply_bytes);
	set_number(obj, "expires_s", conn->expires_ms / 1000);
	return obj;
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
	out_stream_item(conns_json(conn));
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
"\n"
"A line has: protocol, direction, state, ends, rule, packets/bytes of the\n"
"request > of the reply, time left in h:m:s, interface.\n"
"\n"
"Examples:\n"
"  sfwctl conns dport 443 state established\n"
"  sfwctl conns count by src dir in\n"
"  sfwctl conns kill src 198.51.100.0/24\n"
"  sfwctl conns save table && rmmod sfw && insmod sfw.ko &&\n"
"          sfwctl apply rules && sfwctl conns restore table\n",
};
