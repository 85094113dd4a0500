/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Requests as text. The attributes of every request as kmod/netlink/sfw.yaml
 * names them, and a writer that makes a message of a line such as
 *
 *	rule{direction=0 number=5 action=1 to-port{port{first=80 last=90}}}
 *
 * Addresses are written as people do, or as bytes in hexadecimal after a #;
 * strings end at a blank or stand between '...'; a word alone is a flag; a
 * semicolon is a blank.
 * The tables are the tests' own reading of the specification: what is
 * generated from it for the kernel is what they test.
 */
#ifndef _SFW_SELFTEST_NL_TEXT_H
#define _SFW_SELFTEST_NL_TEXT_H

#include <ctype.h>

#include "nl_sfw.h"

enum kind { NONE, U8, U16, U32, U64, FLAG, STR, ADDR, NEST };

struct spec {
	const char *name;
	enum kind kind;
	bool need;		/* the one around it is refused without */
	bool empty_ok;		/* a nest that may be empty */
	__u32 min;
	__u32 max;		/* of a string: its length; 0: as the type */
	const struct spec *nest;
	int n;
};

static const struct spec addr_spec[] = {
	[SFW_ADDR_FIRST] = { "first", ADDR, .need = true },
	[SFW_ADDR_LAST] = { "last", ADDR },
	[SFW_ADDR_PREFIX_LEN] = { "prefix-len", U8, .max = 128 },
};

static const struct spec port_spec[] = {
	[SFW_PORT_FIRST] = { "first", U16, .need = true },
	[SFW_PORT_LAST] = { "last", U16 },
};

static const struct spec list_spec[] = {
	[SFW_LIST_NAME] = { "name", STR, .need = true, .max = 31 },
	[SFW_LIST_APPEND] = { "append", FLAG },
	[SFW_LIST_NEGATE] = { "negate", FLAG },
	[SFW_LIST_ADDR] = { "addr", NEST,
			    .nest = addr_spec,
			    .n = ARRAY_SIZE(addr_spec) },
	[SFW_LIST_PORT] = { "port", NEST,
			    .nest = port_spec,
			    .n = ARRAY_SIZE(port_spec) },
};

static const struct spec rate_spec[] = {
	[SFW_RATE_COUNT] = { "count", U32, .need = true, .min = 1 },
	[SFW_RATE_UNIT] = { "unit", U8, .need = true, .max = 2 },
	[SFW_RATE_BURST] = { "burst", U32, .min = 1 },
};

static const struct spec default_spec[] = {
	[SFW_DEFAULT_ACTION] = { "action", U8, .need = true, .max = 2 },
	[SFW_DEFAULT_LOG] = { "log", FLAG },
};

static const struct spec timeout_spec[] = {
	[SFW_TIMEOUT_STATE] = { "state", U8, .need = true,
				.max = SFW_STATE_MAX },
	[SFW_TIMEOUT_SECONDS] = { "seconds", U32, .need = true, .min = 1,
				  .max = SFW_TIMEOUT_LIMIT },
};

static const struct spec option_spec[] = {
	[SFW_OPTION_MAX_CONNECTIONS] = { "max-connections", U32, .min = 1 },
	[SFW_OPTION_TCP_PICKUP] = { "tcp-pickup", U8, .max = 1 },
	[SFW_OPTION_TCP_LIBERAL] = { "tcp-liberal", U8, .max = 1 },
	[SFW_OPTION_CHECKSUM] = { "checksum", U8, .max = 1 },
	[SFW_OPTION_LOOPBACK_FILTER] = { "loopback-filter", U8, .max = 1 },
	[SFW_OPTION_ND_FILTER] = { "nd-filter", U8, .max = 1 },
	[SFW_OPTION_KEEP_CONNECTIONS] = { "keep-connections", U8, .max = 1 },
	[SFW_OPTION_TIMEOUT] = { "timeout", NEST,
			    .nest = timeout_spec,
			    .n = ARRAY_SIZE(timeout_spec) },
};

static const struct spec rule_spec[] = {
	[SFW_RULE_DIRECTION] = { "direction", U8, .need = true, .max = 1 },
	[SFW_RULE_NUMBER] = { "number", U32, .need = true, .min = 1,
			      .max = SFW_RULE_NUMBER_MAX },
	[SFW_RULE_ACTION] = { "action", U8, .need = true, .max = 2 },
	[SFW_RULE_PROTOCOL] = { "protocol", U8 },
	[SFW_RULE_FROM] = { "from", NEST,
			    .nest = list_spec,
			    .n = ARRAY_SIZE(list_spec) },
	[SFW_RULE_FROM_PORT] = { "from-port", NEST,
			    .nest = list_spec,
			    .n = ARRAY_SIZE(list_spec) },
	[SFW_RULE_TO] = { "to", NEST,
			    .nest = list_spec,
			    .n = ARRAY_SIZE(list_spec) },
	[SFW_RULE_TO_PORT] = { "to-port", NEST,
			    .nest = list_spec,
			    .n = ARRAY_SIZE(list_spec) },
	[SFW_RULE_INTERFACE] = { "interface", STR, .max = SFW_IFNAME_MAX },
	[SFW_RULE_INTERFACE_NEGATE] = { "interface-negate", FLAG },
	[SFW_RULE_ICMP_TYPE] = { "icmp-type", U8 },
	[SFW_RULE_ICMP_CODE] = { "icmp-code", U8 },
	[SFW_RULE_TCP_MASK] = { "tcp-mask", U8 },
	[SFW_RULE_TCP_SET] = { "tcp-set", U8 },
	[SFW_RULE_TCP_ESTABLISHED] = { "tcp-established", FLAG },
	[SFW_RULE_LOG] = { "log", FLAG },
	[SFW_RULE_LOG_RATE] = { "log-rate", NEST,
			    .nest = rate_spec,
			    .n = ARRAY_SIZE(rate_spec) },
	[SFW_RULE_LIMIT] = { "limit", NEST,
			    .nest = rate_spec,
			    .n = ARRAY_SIZE(rate_spec) },
	[SFW_RULE_NO_STATE] = { "no-state", FLAG },
	[SFW_RULE_RETURN] = { "return", FLAG },
	[SFW_RULE_COMMENT] = { "comment", STR, .max = SFW_COMMENT_MAX },
};

static const struct spec filter_spec[] = {
	[SFW_FILTER_DIRECTION] = { "direction", U8, .max = 1 },
	[SFW_FILTER_PROTOCOL] = { "protocol", U8 },
	[SFW_FILTER_SRC] = { "src", NEST,
			    .nest = addr_spec,
			    .n = ARRAY_SIZE(addr_spec) },
	[SFW_FILTER_DST] = { "dst", NEST,
			    .nest = addr_spec,
			    .n = ARRAY_SIZE(addr_spec) },
	[SFW_FILTER_ADDR] = { "addr", NEST,
			    .nest = addr_spec,
			    .n = ARRAY_SIZE(addr_spec) },
	[SFW_FILTER_SPORT] = { "sport", NEST,
			    .nest = port_spec,
			    .n = ARRAY_SIZE(port_spec) },
	[SFW_FILTER_DPORT] = { "dport", NEST,
			    .nest = port_spec,
			    .n = ARRAY_SIZE(port_spec) },
	[SFW_FILTER_PORT] = { "port", NEST,
			    .nest = port_spec,
			    .n = ARRAY_SIZE(port_spec) },
	[SFW_FILTER_STATE] = { "state", U8, .max = SFW_STATE_MAX },
	[SFW_FILTER_RULE_DIRECTION] = { "rule-direction", U8, .max = 1 },
	[SFW_FILTER_RULE_NUMBER] = { "rule-number", U32 },
	[SFW_FILTER_INTERFACE] = { "interface", STR, .max = SFW_IFNAME_MAX },
};

static const struct spec packet_spec[] = {
	[SFW_PACKET_DIRECTION] = { "direction", U8, .need = true, .max = 1 },
	[SFW_PACKET_PROTOCOL] = { "protocol", U8, .need = true },
	[SFW_PACKET_SOURCE] = { "source", ADDR, .need = true },
	[SFW_PACKET_DESTINATION] = { "destination", ADDR, .need = true },
	[SFW_PACKET_SOURCE_PORT] = { "source-port", U16 },
	[SFW_PACKET_DESTINATION_PORT] = { "destination-port", U16 },
	[SFW_PACKET_ICMP_TYPE] = { "icmp-type", U8 },
	[SFW_PACKET_ICMP_CODE] = { "icmp-code", U8 },
	[SFW_PACKET_ICMP_ID] = { "icmp-id", U16 },
	[SFW_PACKET_TCP_FLAGS] = { "tcp-flags", U8 },
	[SFW_PACKET_INTERFACE] = { "interface", STR, .max = SFW_IFNAME_MAX },
};

static const struct spec half_spec[] = {
	[SFW_TRACK_HALF_END] = { "end", U32 },
	[SFW_TRACK_HALF_MAX_END] = { "max-end", U32 },
	[SFW_TRACK_HALF_ACK] = { "ack", U32 },
	[SFW_TRACK_HALF_WINDOW] = { "window", U32 },
	[SFW_TRACK_HALF_SCALE] = { "scale", U8, .max = 14 },
	[SFW_TRACK_HALF_FLAGS] = { "flags", U8 },
};

static const struct spec track_tcp_spec[] = {
	[SFW_TRACK_TCP_ORIGINATOR] = { "originator", NEST, .need = true,
			    .nest = half_spec,
			    .n = ARRAY_SIZE(half_spec) },
	[SFW_TRACK_TCP_RESPONDER] = { "responder", NEST, .empty_ok = true,
			    .nest = half_spec,
			    .n = ARRAY_SIZE(half_spec) },
	[SFW_TRACK_TCP_PROBE] = { "probe", U32 },
	[SFW_TRACK_TCP_PROBE_SCALE] = { "probe-scale", U8, .max = 15 },
	[SFW_TRACK_TCP_ANSWER_SCALE] = { "answer-scale", U8, .max = 15 },
};

static const struct spec track_sctp_spec[] = {
	[SFW_TRACK_SCTP_TAG_ORIGINATOR] = { "tag-originator", U32 },
	[SFW_TRACK_SCTP_TAG_RESPONDER] = { "tag-responder", U32 },
	[SFW_TRACK_SCTP_NEXT_ORIGINATOR] = { "next-originator", U32 },
	[SFW_TRACK_SCTP_NEXT_RESPONDER] = { "next-responder", U32 },
	[SFW_TRACK_SCTP_AGAIN] = { "again", U8, .max = 2 },
};

static const struct spec track_spec[] = {
	[SFW_TRACK_STANDING] = { "standing", U8, .max = SFW_STANDING_STAYS },
	[SFW_TRACK_PICKED_UP] = { "picked-up", FLAG },
	[SFW_TRACK_LOOPED] = { "looped", FLAG },
	[SFW_TRACK_FIRST_FLAGS] = { "first-flags", U8, .need = true },
	[SFW_TRACK_HOOKS] = { "hooks", U8, .max = 15 },
	[SFW_TRACK_TCP] = { "tcp", NEST, .need = true,
			    .nest = track_tcp_spec,
			    .n = ARRAY_SIZE(track_tcp_spec) },
	[SFW_TRACK_SCTP] = { "sctp", NEST, .need = true,
			    .nest = track_sctp_spec,
			    .n = ARRAY_SIZE(track_sctp_spec) },
};

static const struct spec conn_spec[] = {
	[SFW_CONN_DIRECTION] = { "direction", U8, .need = true, .max = 1 },
	[SFW_CONN_PROTOCOL] = { "protocol", U8, .need = true },
	[SFW_CONN_SOURCE] = { "source", ADDR, .need = true },
	[SFW_CONN_DESTINATION] = { "destination", ADDR, .need = true },
	[SFW_CONN_SOURCE_PORT] = { "source-port", U16, .need = true },
	[SFW_CONN_DESTINATION_PORT] = { "destination-port", U16, .need = true },
	[SFW_CONN_ICMP_TYPE] = { "icmp-type", U8 },
	[SFW_CONN_ICMP_ID] = { "icmp-id", U16 },
	[SFW_CONN_STATE] = { "state", U8, .need = true, .max = SFW_STATE_MAX },
	[SFW_CONN_INTERFACE] = { "interface", STR, .max = SFW_IFNAME_MAX },
	[SFW_CONN_RULE_DIRECTION] = { "rule-direction", U8, .max = 1 },
	[SFW_CONN_RULE_NUMBER] = { "rule-number", U32,
				   .max = SFW_RULE_NUMBER_MAX },
	[SFW_CONN_PACKETS] = { "packets", U64, .need = true, .min = 1 },
	[SFW_CONN_BYTES] = { "bytes", U64 },
	[SFW_CONN_REPLY_PACKETS] = { "reply-packets", U64 },
	[SFW_CONN_REPLY_BYTES] = { "reply-bytes", U64 },
	[SFW_CONN_EXPIRES_MS] = { "expires-ms", U64, .need = true, .min = 1,
				  .max = SFW_TIMEOUT_LIMIT * 1000U },
	[SFW_CONN_TRACK] = { "track", NEST, .need = true,
			    .nest = track_spec,
			    .n = ARRAY_SIZE(track_spec) },
	[SFW_CONN_TUNNEL_ID] = { "tunnel-id", U32 },
	[SFW_CONN_REPLY_TUNNEL_ID] = { "reply-tunnel-id", U32 },
};

static const struct spec main_spec[] = {
	[SFW_A_EXPECT_GENERATION] = { "expect-generation", U32 },
	[SFW_A_CLONE] = { "clone", FLAG },
	[SFW_A_DRY_RUN] = { "dry-run", FLAG },
	[SFW_A_MODE] = { "mode", U8, .max = 1 },
	[SFW_A_AUDIT] = { "audit", U8, .max = 1 },
	[SFW_A_DEFAULT_IN] = { "default-in", NEST,
			    .nest = default_spec,
			    .n = ARRAY_SIZE(default_spec) },
	[SFW_A_DEFAULT_OUT] = { "default-out", NEST,
			    .nest = default_spec,
			    .n = ARRAY_SIZE(default_spec) },
	[SFW_A_OPTIONS] = { "options", NEST, .empty_ok = true, .nest = option_spec,
			    .n = ARRAY_SIZE(option_spec) },
	[SFW_A_SET] = { "set", NEST,
			    .nest = list_spec,
			    .n = ARRAY_SIZE(list_spec) },
	[SFW_A_RULE] = { "rule", NEST,
			    .nest = rule_spec,
			    .n = ARRAY_SIZE(rule_spec) },
	[SFW_A_DIRECTION] = { "direction", U8, .max = 1 },
	[SFW_A_NUMBER] = { "number", U32, .need = true, .min = 1,
			   .max = SFW_RULE_NUMBER_MAX },
	[SFW_A_TO_NUMBER] = { "to-number", U32, .need = true, .min = 1,
			      .max = SFW_RULE_NUMBER_MAX },
	[SFW_A_FILTER] = { "filter", NEST, .empty_ok = true, .nest = filter_spec,
			    .n = ARRAY_SIZE(filter_spec) },
	[SFW_A_PACKET] = { "packet", NEST, .need = true, .nest = packet_spec,
			    .n = ARRAY_SIZE(packet_spec) },
	[SFW_A_CONN] = { "conn", NEST, .need = true, .nest = conn_spec,
			    .n = ARRAY_SIZE(conn_spec) },
};

static inline void text_bad(const char *text)
{
	fprintf(stderr, "nl_text: cannot read '%s'\n", text);
	abort();
}

/* The value of an address or a string at @p, its bytes to @to; its length. */
static inline int text_value(enum kind kind, const char *p, char *to)
{
	char stop = *p == '\'' ? '\'' : ' ';
	unsigned int byte;
	int n = 0;

	if (stop == '\'')
		p++;
	if (kind == ADDR && *p == '#') {
		for (p++; sscanf(p, "%2x", &byte) == 1; p += 2)
			to[n++] = byte;
		return n;
	}
	while (*p && *p != stop && (stop == '\'' || !strchr("};", *p)))
		to[n++] = *p++;
	to[n] = 0;
	if (kind == STR)
		return n + 1;
	if (inet_pton(AF_INET, to, to + 64) == 1)
		n = 4;
	else if (inet_pton(AF_INET6, to, to + 64) == 1)
		n = 16;
	else
		text_bad(to);
	memcpy(to, to + 64, n);
	return n;
}

/* What stands behind a name; @c if anything may. */
static inline char text_after(enum kind kind, char c)
{
	if (kind == NEST)
		return '{';
	if (kind == FLAG)
		return c == '{' || c == '=' ? ' ' : c;
	return '=';
}

/* A number of the width of its kind. */
static inline void text_number(struct nl_msg *m, int type, enum kind kind,
			       __u64 v)
{
	__u32 v32 = v;
	__u16 v16 = v;
	__u8 v8 = v;

	switch (kind) {
	case U8:
		nl_put(m, type, &v8, sizeof(v8));
		break;
	case U16:
		nl_put(m, type, &v16, sizeof(v16));
		break;
	case U32:
		nl_put(m, type, &v32, sizeof(v32));
		break;
	default:
		nl_put(m, type, &v, sizeof(v));
	}
}

/* Write the attributes at @p to @m until a } or the end; where that is. */
static inline const char *text_put(struct nl_msg *m, const char *p,
				   const struct spec *spec, int n)
{
	char value[512];
	size_t len, at;
	__u64 v;
	int i;

	for (;;) {
		while (*p == ' ' || *p == ';')
			p++;
		if (!*p || *p == '}')
			return p;
		len = strcspn(p, "={} ;");
		for (i = 1; i < n; i++)
			if (spec[i].name && strlen(spec[i].name) == len &&
			    !memcmp(spec[i].name, p, len))
				break;
		if (i == n || p[len] != text_after(spec[i].kind, p[len]))
			text_bad(p);
		p += len;
		switch (spec[i].kind) {
		case NEST:
			at = nl_nest(m, i);
			p = text_put(m, p + 1, spec[i].nest, spec[i].n);
			if (*p++ != '}')
				text_bad(p);
			nl_end(m, at);
			continue;
		case FLAG:
			nl_flag(m, i);
			continue;
		case U8:
		case U16:
		case U32:
		case U64:
			v = strtoull(++p, NULL, 0);
			text_number(m, i, spec[i].kind, v);
			break;
		default:
			nl_put(m, i, value, text_value(spec[i].kind, ++p,
						       value));
			break;
		}
		if (*p == '\'')
			p = strchr(p + 1, '\'') + 1;
		else
			p += strcspn(p, " };");
	}
}

/* The attributes of a whole request. */
static inline void text_attrs(struct nl_msg *m, const char *text)
{
	if (*text_put(m, text, main_spec, ARRAY_SIZE(main_spec)))
		text_bad(text);
}

/* A dump is asked for in another way than anything else. */
static inline bool text_is_dump(__u8 cmd)
{
	return cmd == SFW_CMD_SET_GET || cmd == SFW_CMD_RULE_GET ||
	       cmd == SFW_CMD_CONN_GET;
}

static inline void text_msg(struct nl *nl, struct nl_msg *m, __u8 cmd,
			    const char *text)
{
	nl_cmd(nl, m, cmd);
	if (text_is_dump(cmd))
		m->hdr.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	text_attrs(m, text);
}

/* One good request of every kind, between them with every attribute. */
struct text_request {
	const char *name;
	__u8 cmd;
	bool staged;		/* in a transaction: a clone of LIVE_RULES */
	const char *text;
};

#define GOOD_SETS "set{name=a addr{first=10.0.0.0 prefix-len=8}};" \
	"set{name=p port{first=80}} "
#define GOOD_FILTER "filter{direction=0 protocol=6;" \
	"src{first=10.0.0.0 prefix-len=8};" \
	"dst{first=2001:db8::1 last=2001:db8::9} addr{first=10.1.1.1};" \
	"sport{first=1024 last=65535} dport{first=80} port{first=80};" \
	"state=2 rule-direction=0 rule-number=5 interface=eth0}"

#define GOOD_CONN(what) \
	"conn{direction=0 " what " source=10.0.0.1 destination=10.0.0.2;" \
	"source-port=4000 destination-port=80 interface=eth0;" \
	"rule-direction=0 rule-number=1 packets=9 bytes=900;" \
	"reply-packets=8 reply-bytes=800 expires-ms=1000 "

static const struct text_request good[] = {
	{ "status-get", SFW_CMD_STATUS_GET, false, "" },
	{ "set-get", SFW_CMD_SET_GET, false, "" },
	{ "rule-get", SFW_CMD_RULE_GET, false, "direction=1" },
	{ "tx-begin", SFW_CMD_TX_BEGIN, false, "clone" },
	{ "tx-config", SFW_CMD_TX_CONFIG, true,
	  "mode=1 audit=1 default-in{action=2 log} default-out{action=1};"
	  "options{max-connections=1000 tcp-pickup=0 tcp-liberal=1;"
	  "checksum=0 loopback-filter=1 nd-filter=1 keep-connections=1;"
	  "timeout{state=0 seconds=1} timeout{state=11 seconds=1728000}}" },
	{ "tx-add set of addresses", SFW_CMD_TX_ADD, true,
	  "set{name=mixed addr{first=10.0.0.1};"
	  "addr{first=192.168.0.0 prefix-len=16};"
	  "addr{first=2001:db8:: prefix-len=32};"
	  "addr{first=10.1.0.1 last=10.1.0.9}};"
	  "set{name=mixed append addr{first=2001:db9::1 last=2001:db9::9}}" },
	{ "tx-add set of ports", SFW_CMD_TX_ADD, true,
	  "set{name=web port{first=80} port{first=8000 last=8100}};"
	  "set{name=web append port{first=443}}" },
	{ "tx-add tcp rule", SFW_CMD_TX_ADD, true,
	  GOOD_SETS
	  "rule{direction=0 number=500 action=1 protocol=6;"
	  "from{negate addr{first=10.0.0.0 prefix-len=8}};"
	  "from-port{port{first=1024 last=65535}} to{name=a};"
	  "to-port{negate name=p} interface=eth* interface-negate;"
	  "tcp-mask=0x12 tcp-set=2 log log-rate{count=5 unit=1 burst=9};"
	  "limit{count=10 unit=0 burst=20} return comment='for a test'}" },
	{ "tx-add icmp rule", SFW_CMD_TX_ADD, true,
	  "rule{direction=1 number=501 action=1 protocol=1 icmp-type=3;"
	  "icmp-code=4 no-state}" },
	{ "tx-add established rule", SFW_CMD_TX_ADD, true,
	  "rule{direction=1 number=502 action=0 protocol=6;"
	  "tcp-established}" },
	{ "tx-del", SFW_CMD_TX_DEL, true, "direction=0 number=3" },
	{ "tx-move", SFW_CMD_TX_MOVE, true,
	  "direction=0 number=4 to-number=400" },
	{ "tx-commit", SFW_CMD_TX_COMMIT, true, "dry-run" },
	{ "tx-abort", SFW_CMD_TX_ABORT, true, "" },
	{ "conn-get", SFW_CMD_CONN_GET, false, GOOD_FILTER },
	{ "conn-count", SFW_CMD_CONN_COUNT, false, GOOD_FILTER },
	{ "conn-kill", SFW_CMD_CONN_KILL, false, GOOD_FILTER },
	{ "conn-restore of tcp", SFW_CMD_CONN_RESTORE, false,
	  GOOD_CONN("protocol=6 state=2")
	  "track{standing=2 looped first-flags=2 hooks=3;"
	  "tcp{originator{end=10 max-end=20 ack=5 window=100 scale=7 flags=0x33};"
	  "responder{end=5 max-end=50 ack=10 window=100 scale=7 flags=0x33};"
	  "probe=0 probe-scale=0 answer-scale=0}}}" },
	{ "conn-restore of sctp", SFW_CMD_CONN_RESTORE, false,
	  GOOD_CONN("protocol=132 state=15")
	  "track{standing=2 hooks=3;"
	  "sctp{tag-originator=1 tag-responder=2 next-originator=0;"
	  "next-responder=0 again=0}}}" },
	{ "explain", SFW_CMD_EXPLAIN, false,
	  "mode=0 packet{direction=0 protocol=6 source=10.0.0.1;"
	  "destination=10.0.0.2 source-port=5000 destination-port=80;"
	  "icmp-type=0 icmp-code=0 icmp-id=0 tcp-flags=2 interface=eth0}" },
	{ "counters-zero", SFW_CMD_COUNTERS_ZERO, false, "" },
	{ "mode-set", SFW_CMD_MODE_SET, false,
	  "mode=1 audit=1 expect-generation=1" },
	{ "flush", SFW_CMD_FLUSH, false, "" },
};

#define GOOD ((int)ARRAY_SIZE(good))

/* The running set of these tests has the rules in 1 to in LIVE_RULES. */
#define LIVE_RULES 10

#endif /* _SFW_SELFTEST_NL_TEXT_H */
