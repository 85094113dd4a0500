// SPDX-License-Identifier: GPL-2.0
/*
 * Events as text and as JSON.
 *
 * Lines come one by one, for as long as somebody looks; so a column is as wide
 * as its widest cell so far, and begins with what most cells need.
 *
 * There may be thousands a second, beside the traffic that they are about: a
 * line is put together by build.h. printf() takes twice as long for one, and
 * jansson four times.
 */
#define _GNU_SOURCE		/* fwrite_unlocked() */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "conns.h"
#include "lib/build.h"
#include "lib/print.h"
#include "lib/xalloc.h"
#include "monitor.h"

static const char *const ends[SFW_END_MAX + 1] = {
	[SFW_END_EXPIRED]	= "expired",
	[SFW_END_CLOSED]	= "closed",
	[SFW_END_KILLED]	= "killed",
	[SFW_END_EVICTED]	= "evicted",
	[SFW_END_CUT]		= "cut",
};

static const char *const changes[SFW_CHANGE_MAX + 1] = {
	[SFW_CHANGE_LOAD]	= "load",
	[SFW_CHANGE_EDIT]	= "edit",
	[SFW_CHANGE_SWITCH]	= "switch",
	[SFW_CHANGE_FLUSH]	= "flush",
	[SFW_CHANGE_CONFIRM]	= "confirm",
	[SFW_CHANGE_ROLLBACK]	= "rollback",
	[SFW_CHANGE_REVERT]	= "revert",
	[SFW_CHANGE_PROMOTE]	= "promote",
};

static const char *const groups[SFW_GROUP_MAX + 1] = {
	[SFW_GROUP_DROPS]	= SFW_MCGRP_DROPS,
	[SFW_GROUP_CONNS]	= SFW_MCGRP_CONNS,
	[SFW_GROUP_RULES]	= SFW_MCGRP_RULES,
};

/* The columns in front; what follows them is as long as it is. */
enum column {
	COL_TIME,
	COL_EVENT,
	COL_DIRECTION,
	COL_WHY,
	COL_RULE,
	COL_PROTOCOL,
	COL_ENDS,
	COL_MORE,
	N_COLUMNS,
};

static size_t width[N_COLUMNS] = {
	[COL_TIME]	= 15,
	[COL_EVENT]	= 5,
	[COL_DIRECTION]	= 3,
	[COL_WHY]	= 7,
	[COL_RULE]	= 6,
	[COL_PROTOCOL]	= 4,
	[COL_ENDS]	= 40,
};

static void spaces(size_t n)
{
	while (n--)
		putchar_unlocked(' ');
}

static void cell(const char *text, size_t column, bool last)
{
	size_t len = strlen(text);

	fwrite_unlocked(text, 1, len, stdout);
	if (!last)
		spaces((width[column] > len ? width[column] - len : 0) + 2);
}

/* cells of the columns in front of COL_MORE may be shorter than others. */
static void line(const char *const cells[N_COLUMNS], enum out_paint paint)
{
	size_t i, len, last = N_COLUMNS - 1;
	const char *painted;

	while (last && !*cells[last])
		last--;
	for (i = 0; i <= last; i++) {
		len = strlen(cells[i]);
		if (len > width[i])
			width[i] = len;
		if (i != COL_EVENT || !*cells[i]) {
			cell(cells[i], i, i == last);
			continue;
		}
		painted = out_painted(paint, cells[i]);
		fwrite_unlocked(painted, 1, strlen(painted), stdout);
		if (i < last)
			spaces(width[i] - len + 2);
	}
	putchar_unlocked('\n');
}

/* Events come many in a second: the calendar is asked for the first of them. */
static const struct tm *local(time_t seconds)
{
	static bool known;
	static time_t when;
	static struct tm tm;

	if (!known || seconds != when)
		known = localtime_r(&seconds, &tm);
	when = seconds;
	return known ? &tm : NULL;
}

static char *build_digits(char *p, u64 n, int digits)
{
	int i;

	for (i = digits; i--; n /= 10)
		p[i] = (char)('0' + n % 10);
	return p + digits;
}

/* "14:03:22.123456" */
static char *build_clock(char *p, const struct tm *tm, u64 time_ns)
{
	if (tm) {
		p = build_two(p, (u64)tm->tm_hour);
		*p++ = ':';
		p = build_two(p, (u64)tm->tm_min);
		*p++ = ':';
		p = build_two(p, (u64)tm->tm_sec);
	}
	*p++ = '.';
	return build_digits(p, time_ns % 1000000000 / 1000, 6);
}

static void clock_text(char *buf, u64 time_ns)
{
	const struct tm *tm = local((time_t)(time_ns / 1000000000));

	*build_clock(buf, tm, time_ns) = '\0';
}

/* As RFC 3339 wants it: "2026-03-01T14:03:22.123456+01:00" */
static char *build_stamp(char *p, u64 time_ns)
{
	const struct tm *tm = local((time_t)(time_ns / 1000000000));
	long minutes;

	if (!tm)
		return p;
	p = build_number(p, (u64)tm->tm_year + 1900);
	*p++ = '-';
	p = build_two(p, (u64)tm->tm_mon + 1);
	*p++ = '-';
	p = build_two(p, (u64)tm->tm_mday);
	*p++ = 'T';
	p = build_clock(p, tm, time_ns);
	minutes = tm->tm_gmtoff / 60;
	*p++ = minutes < 0 ? '-' : '+';
	p = build_two(p, (u64)labs(minutes) / 60);
	*p++ = ':';
	return build_two(p, (u64)labs(minutes) % 60);
}

/* "in:100", or "in:*" for the default. */
static void rule_text(char *p, u8 direction, u32 number)
{
	p = build_text(p, print_directions[direction]);
	*p++ = ':';
	if (number)
		p = build_number(p, number);
	else
		*p++ = '*';
	*p = '\0';
}

static char *build_flags(char *p, u8 flags)
{
	static const char *const names[] = {
		"fin", "syn", "rst", "psh", "ack", "urg", "ece", "cwr",
	};
	const char *sep = "";
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		if (!(flags & BIT(i)))
			continue;
		p = build_text(build_text(p, sep), names[i]);
		sep = ",";
	}
	return p;
}

static char *build_end(char *p, const struct nl_packet *pkt,
		       const struct sfw_addr *addr, u16 port)
{
	bool brackets = pkt->has_ports && pkt->family != AF_INET;

	if (brackets)
		*p++ = '[';
	p = build_addr(p, pkt->family, addr);
	if (brackets)
		*p++ = ']';
	if (!pkt->has_ports)
		return p;
	*p++ = ':';
	return build_number(p, port);
}

static char *build_ends(char *p, const struct nl_packet *pkt)
{
	char type[40];

	if (!pkt->family)
		return build_text(p, "-");
	p = build_end(p, pkt, &pkt->src, pkt->sport);
	p = build_text(p, " > ");
	p = build_end(p, pkt, &pkt->dst, pkt->dport);
	if (pkt->has_icmp) {
		p = build_text(p, " type ");
		p = build_text(p, print_icmp(type, sizeof(type), pkt->protocol,
					     pkt->icmp_type, pkt->icmp_code,
					     out.numeric));
		if (pkt->has_icmp_id)
			p = build_number(build_text(p, " id "), pkt->icmp_id);
	} else if (pkt->has_flags) {
		*p++ = ' ';
		p = pkt->tcp_flags ? build_flags(p, pkt->tcp_flags) :
				     build_text(p, "none");
	}
	return p;
}

/* " on eth0 gen 5 "comment"", each if it is there. */
static char *build_tail(char *p, const char *ifname, u32 generation,
			const char *comment)
{
	char name[SFW_IFNAME_MAX + 1], text[SFW_COMMENT_MAX + 1];

	snprintf(name, sizeof(name), "%s", ifname);
	if (*name)
		p = build_text(build_text(p, "  on "), out_clean(name));
	p = build_number(build_text(p, "  gen "), generation);
	if (!comment)
		return p;
	snprintf(text, sizeof(text), "%s", comment);
	p = build_text(build_text(p, "  \""), out_clean(text));
	*p++ = '"';
	return p;
}

static void show_drop(const struct nl_event *event, const char *comment)
{
	char time[32], rule[32] = "-", proto[32], packet[256], more[512];
	const struct nl_packet *pkt = &event->packet;
	const char *const cells[N_COLUMNS] = {
		[COL_TIME]	= time,
		[COL_EVENT]	= pkt->audit ? "audit" : "drop",
		[COL_DIRECTION]	= print_directions[pkt->direction],
		[COL_WHY]	= print_reasons[pkt->reason],
		[COL_RULE]	= rule,
		[COL_PROTOCOL]	= pkt->family ?
				  print_protocol(proto, sizeof(proto),
						 pkt->protocol, out.numeric) :
				  "-",
		[COL_ENDS]	= packet,
		[COL_MORE]	= more,
	};
	char *p;

	clock_text(time, event->time_ns);
	if (pkt->has_rule)
		rule_text(rule, pkt->rule_direction, pkt->rule_number);
	*build_ends(packet, pkt) = '\0';
	p = build_text(build_number(more, pkt->length), " bytes");
	*build_tail(p, pkt->ifname, event->generation, comment) = '\0';
	line(cells, pkt->audit ? OUT_YELLOW : OUT_RED);
}

static void show_conn(const struct nl_event *event, const char *comment)
{
	char time[32], rule[32], proto[32], conn_ends[256], more[512];
	const struct nl_conn *conn = &event->conn;
	bool end = event->kind == NL_EVENT_CONN_END;
	const char *const cells[N_COLUMNS] = {
		[COL_TIME]	= time,
		[COL_EVENT]	= end ? "end" : "new",
		[COL_DIRECTION]	= print_directions[conn->direction],
		[COL_WHY]	= end ? ends[event->end] :
				  sfw_option_state_name(conn->state),
		[COL_RULE]	= rule,
		[COL_PROTOCOL]	= print_protocol(proto, sizeof(proto),
						 conn->protocol, out.numeric),
		[COL_ENDS]	= conn_ends,
		[COL_MORE]	= more,
	};
	char *p;

	clock_text(time, event->time_ns);
	rule_text(rule, conn->rule_direction, conn->rule_number);
	conns_ends_text(conn_ends, sizeof(conn_ends), conn);
	p = build_number(more, conn->packets);
	p = build_number(build_text(p, "/"), conn->bytes);
	p = build_number(build_text(p, " > "), conn->reply_packets);
	p = build_number(build_text(p, "/"), conn->reply_bytes);
	*build_tail(p, conn->ifname, event->generation, comment) = '\0';
	line(cells, end ? OUT_BOLD : OUT_GREEN);
}

/* All but time, event and what it was stands in one free text. */
static void show_other(u64 time_ns, const char *event, const char *what,
		       enum out_paint paint, const char *text)
{
	char time[32];
	const char *const cells[N_COLUMNS] = {
		[COL_TIME]	= time,
		[COL_EVENT]	= event,
		[COL_DIRECTION]	= "",
		[COL_WHY]	= what,
		[COL_RULE]	= "",
		[COL_PROTOCOL]	= "",
		[COL_ENDS]	= "",
		[COL_MORE]	= "",
	};
	size_t i, last = 0;

	clock_text(time, time_ns);
	for (i = 0; i <= COL_WHY; i++)
		if (*cells[i])
			last = i;
	for (i = 0; i <= last; i++)
		printf("%s%*s", i == COL_EVENT ?
		       out_painted(paint, cells[i]) : cells[i],
		       (int)(width[i] > strlen(cells[i]) ?
			     width[i] - strlen(cells[i]) : 0) + 2, "");
	puts(text);
}

static void show_change(const struct nl_event *event)
{
	char text[160];
	int n;

	n = snprintf(text, sizeof(text), "generation %u", event->generation);
	if (event->loaded)
		n += snprintf(text + n, sizeof(text) - n,
			      ": %u in, %u out, %s%s",
			      event->rules[SFW_DIRECTION_IN],
			      event->rules[SFW_DIRECTION_OUT],
			      print_modes[event->mode],
			      event->audit ? ", audit" : "");
	else
		n += snprintf(text + n, sizeof(text) - n, ": no rule set");
	if (event->confirm_ms)
		n += snprintf(text + n, sizeof(text) - n,
			      ", to be confirmed within %u s",
			      (event->confirm_ms + 999) / 1000);
	if (event->portid)
		snprintf(text + n, sizeof(text) - n, ", by port %u",
			 event->portid);
	show_other(event->time_ns, "rules", changes[event->change], OUT_YELLOW,
		   text);
}

/* An object in a line: its first members. Room is for the longest, a comment of
 * control characters.
 */
#define JSON_ROOM	(1024 + 6 * SFW_COMMENT_MAX + 512)

static char *begin_json(char *p, const char *event, u64 time_ns)
{
	char *first = p;

	p = build_key_text(p, "event", event);
	*first = '{';
	p = build_key(p, "time");
	*p++ = '"';
	p = build_stamp(p, time_ns);
	*p++ = '"';
	return p;
}

/* text is what begin_json() was given. */
static void end_json(char *text, char *p)
{
	*p++ = '}';
	if (out.pretty) {
		out_json(json_loadb(text, (size_t)(p - text), 0, NULL));
		return;
	}
	*p++ = '\n';
	fwrite_unlocked(text, 1, (size_t)(p - text), stdout);
}

static char *drop_json(char *p, const struct nl_packet *pkt)
{
	char buf[64], name[sizeof(pkt->ifname)];

	p = build_key_text(p, "direction", print_directions[pkt->direction]);
	p = build_key_text(p, "reason", print_reasons[pkt->reason]);
	p = build_key_text(p, "action", print_actions[pkt->action]);
	p = build_key_bool(p, "audit", pkt->audit);
	if (pkt->has_rule) {
		rule_text(buf, pkt->rule_direction, pkt->rule_number);
		p = build_key_text(p, "rule", buf);
	}
	if (pkt->family) {
		p = build_key_text(p, "protocol",
				   print_protocol(buf, sizeof(buf),
						  pkt->protocol, false));
		p = build_key_text(p, "family",
				   pkt->family == AF_INET ? "ipv4" : "ipv6");
		*build_addr(buf, pkt->family, &pkt->src) = '\0';
		p = build_key_text(p, "source", buf);
		if (pkt->has_ports)
			p = build_key_number(p, "source_port", pkt->sport);
		*build_addr(buf, pkt->family, &pkt->dst) = '\0';
		p = build_key_text(p, "destination", buf);
		if (pkt->has_ports)
			p = build_key_number(p, "destination_port", pkt->dport);
	}
	if (pkt->has_icmp) {
		p = build_key_number(p, "icmp_type", pkt->icmp_type);
		p = build_key_number(p, "icmp_code", pkt->icmp_code);
	}
	if (pkt->has_icmp_id)
		p = build_key_number(p, "icmp_id", pkt->icmp_id);
	if (pkt->has_flags) {
		*build_flags(buf, pkt->tcp_flags) = '\0';
		p = build_key_text(p, "tcp_flags", buf);
	}
	p = build_key_number(p, "length", pkt->length);
	memcpy(name, pkt->ifname, sizeof(name));
	if (*name)
		p = build_key_text(p, "interface", out_clean(name));
	return p;
}

static char *change_json(char *p, const struct nl_event *event)
{
	p = build_key_text(p, "change", changes[event->change]);
	if (event->portid)
		p = build_key_number(p, "portid", event->portid);
	if (event->confirm_ms)
		p = build_key_number(p, "confirm_s",
				     (event->confirm_ms + 999) / 1000);
	if (!event->loaded)
		return p;
	p = build_key_text(p, "mode", print_modes[event->mode]);
	p = build_key_bool(p, "audit", event->audit);
	p = build_key_number(p, "rules_in", event->rules[SFW_DIRECTION_IN]);
	return build_key_number(p, "rules_out",
				event->rules[SFW_DIRECTION_OUT]);
}

static void show_json(const struct nl_event *event, const char *comment)
{
	static const char *const names[] = {
		[NL_EVENT_DROP]		= "drop",
		[NL_EVENT_CONN_NEW]	= "new",
		[NL_EVENT_CONN_END]	= "end",
		[NL_EVENT_CHANGE]	= "rules",
	};
	char text[JSON_ROOM];
	char *p = begin_json(text, names[event->kind], event->time_ns);

	switch (event->kind) {
	case NL_EVENT_DROP:
		p = drop_json(p, &event->packet);
		break;
	case NL_EVENT_CONN_NEW:
	case NL_EVENT_CONN_END:
		if (event->kind == NL_EVENT_CONN_END)
			p = build_key_text(p, "why", ends[event->end]);
		p = conns_build_json(p, &event->conn);
		break;
	case NL_EVENT_CHANGE:
		p = change_json(p, event);
		break;
	case NL_EVENT_LOST:
		break;
	}
	p = build_key_number(p, "generation", event->generation);
	if (comment)
		p = build_key_text(p, "comment", comment);
	end_json(text, p);
}

void monitor_show(const struct nl_event *event, const char *comment)
{
	if (event->kind == NL_EVENT_LOST) {
		monitor_show_lost(event->group, event->lost, MONITOR_KERNEL,
				  event->time_ns);
		return;
	}
	if (out.json)
		show_json(event, comment);
	else if (event->kind == NL_EVENT_DROP)
		show_drop(event, comment);
	else if (event->kind == NL_EVENT_CHANGE)
		show_change(event);
	else
		show_conn(event, comment);
}

void monitor_show_lost(u8 group, u64 n, enum monitor_loss by, u64 time_ns)
{
	char text[256], number[32] = "some";
	char *p;

	if (out.json) {
		p = begin_json(text, "lost", time_ns);
		p = build_key_text(p, "group", groups[group]);
		p = build_key_text(p, "by",
				   by == MONITOR_KERNEL ? "kernel" : "reader");
		if (n)
			p = build_key_number(p, "lost", n);
		end_json(text, p);
		return;
	}
	if (n)
		snprintf(number, sizeof(number), "%llu", (unsigned long long)n);
	snprintf(text, sizeof(text), "lost %s: %s", number,
		 by == MONITOR_KERNEL ?
		 "more events than the kernel sends" :
		 "they were not read in time");
	show_other(time_ns, "lost", groups[group], OUT_RED, text);
}
