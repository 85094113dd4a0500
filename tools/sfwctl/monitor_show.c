// SPDX-License-Identifier: GPL-2.0
/*
 * Events as text and as JSON.
 *
 * Lines come one by one, for as long as somebody looks; so a column is as wide
 * as its widest cell so far, and begins with what most cells need.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "conns.h"
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

/* cells of the columns in front of COL_MORE may be shorter than others. */
static void line(const char *const cells[N_COLUMNS], enum out_paint paint)
{
	size_t i, len, last = N_COLUMNS - 1;

	while (last && !*cells[last])
		last--;
	for (i = 0; i <= last; i++) {
		len = strlen(cells[i]);
		if (len > width[i])
			width[i] = len;
		fputs(i == COL_EVENT && *cells[i] ?
		      out_painted(paint, cells[i]) : cells[i], stdout);
		if (i < last)
			printf("%*s", (int)(width[i] - len) + 2, "");
	}
	putchar('\n');
}

static void clock_text(char *buf, size_t size, u64 time_ns)
{
	time_t seconds = (time_t)(time_ns / 1000000000);
	struct tm tm;
	char hms[16];

	if (!localtime_r(&seconds, &tm) ||
	    !strftime(hms, sizeof(hms), "%H:%M:%S", &tm))
		*hms = '\0';
	snprintf(buf, size, "%s.%06u", hms,
		 (unsigned int)(time_ns % 1000000000 / 1000));
}

/* RFC 3339 wants +02:00 where strftime() gives +0200. */
static void stamp(char *buf, size_t size, u64 time_ns)
{
	time_t seconds = (time_t)(time_ns / 1000000000);
	char date[32] = "", zone[8] = "";
	struct tm tm;

	if (localtime_r(&seconds, &tm)) {
		strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%S", &tm);
		strftime(zone, sizeof(zone), "%z", &tm);
	}
	snprintf(buf, size, "%s.%06u%.3s:%s", date,
		 (unsigned int)(time_ns % 1000000000 / 1000), zone,
		 strlen(zone) == 5 ? zone + 3 : "00");
}

static void rule_text(char *buf, size_t size, u8 direction, u32 number)
{
	if (number)
		snprintf(buf, size, "%s:%u", print_directions[direction],
			 number);
	else
		snprintf(buf, size, "%s:*", print_directions[direction]);
}

static void flags_text(char *buf, size_t size, u8 flags, const char *sep)
{
	static const char *const names[] = {
		"fin", "syn", "rst", "psh", "ack", "urg", "ece", "cwr",
	};
	size_t i, used = 0;

	*buf = '\0';
	for (i = 0; i < ARRAY_SIZE(names); i++)
		if (flags & BIT(i) && used < size)
			used += snprintf(buf + used, size - used, "%s%s",
					 used ? sep : "", names[i]);
}

static void packet_ends(char *buf, size_t size, const struct nl_packet *pkt)
{
	char src[80], dst[80], type[40], more[96] = "", flags[40];
	int n = 0;

	if (!pkt->family) {
		snprintf(buf, size, "-");
		return;
	}
	print_endpoint(src, sizeof(src), pkt->family, &pkt->src,
		       pkt->has_ports ? pkt->sport : -1);
	print_endpoint(dst, sizeof(dst), pkt->family, &pkt->dst,
		       pkt->has_ports ? pkt->dport : -1);
	if (pkt->has_icmp) {
		n = snprintf(more, sizeof(more), " type %s",
			     print_icmp(type, sizeof(type), pkt->protocol,
					pkt->icmp_type, pkt->icmp_code,
					out.numeric));
		if (pkt->has_icmp_id)
			snprintf(more + n, sizeof(more) - n, " id %u",
				 pkt->icmp_id);
	} else if (pkt->has_flags) {
		flags_text(flags, sizeof(flags), pkt->tcp_flags, ",");
		snprintf(more, sizeof(more), " %s", *flags ? flags : "none");
	}
	snprintf(buf, size, "%s > %s%s", src, dst, more);
}

/* " on eth0 gen 5 "comment"", each if it is there. */
static void tail_text(char *buf, size_t size, const char *ifname,
		      u32 generation, const char *comment)
{
	char name[SFW_IFNAME_MAX + 1], *text = NULL;

	snprintf(name, sizeof(name), "%s", ifname);
	if (comment)
		text = out_clean(xstrdup(comment));
	snprintf(buf, size, "%s%s  gen %u%s%s%s", *name ? "  on " : "",
		 out_clean(name), generation, text ? "  \"" : "",
		 text ? text : "", text ? "\"" : "");
	free(text);
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
	int n;

	clock_text(time, sizeof(time), event->time_ns);
	if (pkt->has_rule)
		rule_text(rule, sizeof(rule), pkt->rule_direction,
			  pkt->rule_number);
	packet_ends(packet, sizeof(packet), pkt);
	n = snprintf(more, sizeof(more), "%u bytes", pkt->length);
	tail_text(more + n, sizeof(more) - n, pkt->ifname, event->generation,
		  comment);
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
	int n;

	clock_text(time, sizeof(time), event->time_ns);
	rule_text(rule, sizeof(rule), conn->rule_direction, conn->rule_number);
	conns_ends_text(conn_ends, sizeof(conn_ends), conn);
	n = snprintf(more, sizeof(more), "%llu/%llu > %llu/%llu",
		     (unsigned long long)conn->packets,
		     (unsigned long long)conn->bytes,
		     (unsigned long long)conn->reply_packets,
		     (unsigned long long)conn->reply_bytes);
	tail_text(more + n, sizeof(more) - n, conn->ifname, event->generation,
		  comment);
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

	clock_text(time, sizeof(time), time_ns);
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

static void set_text(json_t *obj, const char *key, const char *text)
{
	out_set(obj, key, json_string(text));
}

static void set_number(json_t *obj, const char *key, u64 number)
{
	out_set(obj, key, json_integer((json_int_t)number));
}

static json_t *begin_json(const char *event, u64 time_ns)
{
	json_t *obj = json_object();
	char buf[64];

	stamp(buf, sizeof(buf), time_ns);
	set_text(obj, "event", event);
	set_text(obj, "time", buf);
	return obj;
}

static void drop_json(json_t *obj, const struct nl_packet *pkt)
{
	char buf[64], name[sizeof(pkt->ifname)];

	set_text(obj, "direction", print_directions[pkt->direction]);
	set_text(obj, "reason", print_reasons[pkt->reason]);
	set_text(obj, "action", print_actions[pkt->action]);
	out_set(obj, "audit", json_boolean(pkt->audit));
	if (pkt->has_rule) {
		rule_text(buf, sizeof(buf), pkt->rule_direction,
			  pkt->rule_number);
		set_text(obj, "rule", buf);
	}
	if (pkt->family) {
		set_text(obj, "protocol",
			 print_protocol(buf, sizeof(buf), pkt->protocol,
					false));
		set_text(obj, "family",
			 pkt->family == AF_INET ? "ipv4" : "ipv6");
		print_addr(buf, sizeof(buf), pkt->family, &pkt->src);
		set_text(obj, "source", buf);
		if (pkt->has_ports)
			set_number(obj, "source_port", pkt->sport);
		print_addr(buf, sizeof(buf), pkt->family, &pkt->dst);
		set_text(obj, "destination", buf);
		if (pkt->has_ports)
			set_number(obj, "destination_port", pkt->dport);
	}
	if (pkt->has_icmp) {
		set_number(obj, "icmp_type", pkt->icmp_type);
		set_number(obj, "icmp_code", pkt->icmp_code);
	}
	if (pkt->has_icmp_id)
		set_number(obj, "icmp_id", pkt->icmp_id);
	if (pkt->has_flags) {
		flags_text(buf, sizeof(buf), pkt->tcp_flags, ",");
		set_text(obj, "tcp_flags", buf);
	}
	set_number(obj, "length", pkt->length);
	snprintf(name, sizeof(name), "%s", pkt->ifname);
	if (*name)
		set_text(obj, "interface", out_clean(name));
}

static void change_json(json_t *obj, const struct nl_event *event)
{
	set_text(obj, "change", changes[event->change]);
	if (event->portid)
		set_number(obj, "portid", event->portid);
	if (event->confirm_ms)
		set_number(obj, "confirm_s", (event->confirm_ms + 999) / 1000);
	if (!event->loaded)
		return;
	set_text(obj, "mode", print_modes[event->mode]);
	out_set(obj, "audit", json_boolean(event->audit));
	set_number(obj, "rules_in", event->rules[SFW_DIRECTION_IN]);
	set_number(obj, "rules_out", event->rules[SFW_DIRECTION_OUT]);
}

static void show_json(const struct nl_event *event, const char *comment)
{
	static const char *const names[] = {
		[NL_EVENT_DROP]		= "drop",
		[NL_EVENT_CONN_NEW]	= "new",
		[NL_EVENT_CONN_END]	= "end",
		[NL_EVENT_CHANGE]	= "rules",
	};
	json_t *obj = begin_json(names[event->kind], event->time_ns), *conn;

	switch (event->kind) {
	case NL_EVENT_DROP:
		drop_json(obj, &event->packet);
		break;
	case NL_EVENT_CONN_NEW:
	case NL_EVENT_CONN_END:
		if (event->kind == NL_EVENT_CONN_END)
			set_text(obj, "why", ends[event->end]);
		conn = conns_json(&event->conn);
		if (json_object_update(obj, conn))
			xalloc_fail();
		json_decref(conn);
		break;
	case NL_EVENT_CHANGE:
		change_json(obj, event);
		break;
	case NL_EVENT_LOST:
		break;
	}
	set_number(obj, "generation", event->generation);
	if (comment)
		set_text(obj, "comment", comment);
	out_json(obj);
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
	fflush(stdout);
}

void monitor_show_lost(u8 group, u64 n, enum monitor_loss by, u64 time_ns)
{
	char text[160], number[32] = "some";
	json_t *obj;

	if (out.json) {
		obj = begin_json("lost", time_ns);
		set_text(obj, "group", groups[group]);
		set_text(obj, "by", by == MONITOR_KERNEL ? "kernel" : "reader");
		if (n)
			set_number(obj, "lost", n);
		out_json(obj);
		fflush(stdout);
		return;
	}
	if (n)
		snprintf(number, sizeof(number), "%llu", (unsigned long long)n);
	snprintf(text, sizeof(text), "lost %s: %s", number,
		 by == MONITOR_KERNEL ?
		 "more events than the kernel sends" :
		 "they were not read in time");
	show_other(time_ns, "lost", groups[group], OUT_RED, text);
	fflush(stdout);
}
