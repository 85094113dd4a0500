/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Tracepoints sfw:verdict, sfw:conn_new, sfw:conn_destroy, for trace-cmd, perf
 * and bpftrace.
 *
 * Fields are numbers, and addresses of 16 bytes, IPv4 as ::ffff:1.2.3.4; no
 * strings, so that filters are cheap and every tool can read them. netns is the
 * inode number that lsns and /proc/PID/ns/net show. rule is the number in the
 * list of rule_dir, 0 for the default; if no list was asked it is -1. The
 * reason of what is allowed is 255. A packet whose IP header could not be read
 * has family 0.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM sfw

#if !defined(_SFW_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define _SFW_TRACE_H

#include <linux/tracepoint.h>

#include "conn.h"
#include "judge.h"
#include "ns.h"
#include "packet.h"
#include "ruleset.h"

#ifndef _SFW_TRACE_ONCE
#define _SFW_TRACE_ONCE
static inline void sfw_trace_addr(u8 *to, u8 family,
				  const struct sfw_addr *addr)
{
	__be64 v6[2] = { cpu_to_be64(addr->hi), cpu_to_be64(addr->lo) };

	if (family == AF_INET)
		v6[1] = cpu_to_be64(0xffffULL << 32 | (u32)addr->lo);
	memcpy(to, v6, sizeof(v6));
}

/* Ports, or the identifier of an ICMP query. */
static inline u16 sfw_trace_sport(const struct sfw_packet *pkt)
{
	return pkt->has_ports ? pkt->sport : pkt->icmp_id;
}

/* The rule that a packet of a known connection passes by. */
static inline void sfw_trace_rule(const struct sfw_conn *conn,
				  struct sfw_verdict *v)
{
	v->listed = true;
	v->direction = conn->flags & SFW_CONN_F_OUT ? SFW_DIRECTION_OUT :
						      SFW_DIRECTION_IN;
	v->number = READ_ONCE(conn->rule);
}
#endif

#define SFW_TRACE_DIRECTION(d)						\
	__print_symbolic(d, { 0, "in" }, { 1, "out" })

TRACE_EVENT(verdict,
	TP_PROTO(const struct sfw_net *sn, const struct sfw_ruleset *rs,
		 const struct sfw_packet *pkt, const struct sfw_verdict *v),
	TP_ARGS(sn, rs, pkt, v),
	TP_STRUCT__entry(
		__field(__u32, netns)
		__field(__u32, generation)
		__field(__s32, rule)
		__field(__u32, ifindex)
		__field(__u32, len)
		__field(__u16, sport)
		__field(__u16, dport)
		__field(__u8, dir)
		__field(__u8, rule_dir)
		__field(__u8, action)
		__field(__u8, reason)
		__field(__u8, audit)
		__field(__u8, family)
		__field(__u8, proto)
		__field(__u8, icmp_type)
		__field(__u8, icmp_code)
		__field(__u8, tcp_flags)
		__array(__u8, saddr, 16)
		__array(__u8, daddr, 16)
	),
	TP_fast_assign(
		__entry->netns = sn->net->ns.inum;
		__entry->generation = rs->generation;
		__entry->rule = v->listed ? (__s32)v->number : -1;
		__entry->ifindex = pkt->ifindex;
		__entry->len = pkt->len;
		__entry->dir = pkt->direction;
		__entry->rule_dir = v->listed ? v->direction : pkt->direction;
		__entry->action = v->action;
		__entry->reason = v->action == SFW_ACTION_ALLOW ? 255 :
							    v->reason;
		__entry->audit = rs->audit;
		__entry->family = pkt->family;
		__entry->proto = pkt->protocol;
		__entry->sport = pkt->has_ports ? pkt->sport : 0;
		__entry->dport = pkt->has_ports ? pkt->dport : 0;
		__entry->icmp_type = pkt->icmp_type;
		__entry->icmp_code = pkt->icmp_code;
		__entry->tcp_flags = pkt->protocol == IPPROTO_TCP &&
				     pkt->has_ports ? pkt->tcp.flags : 0;
		sfw_trace_addr(__entry->saddr, pkt->family, &pkt->src);
		sfw_trace_addr(__entry->daddr, pkt->family, &pkt->dst);
	),
	TP_printk("netns=%u dir=%s action=%s reason=%s audit=%u rule=%s:%d gen=%u if=%u family=%u proto=%u src=%pI6c sport=%u dst=%pI6c dport=%u len=%u type=%u code=%u flags=0x%02x",
		  __entry->netns, SFW_TRACE_DIRECTION(__entry->dir),
		  __print_symbolic(__entry->action, { 0, "deny" },
				   { 1, "allow" }, { 2, "reject" }),
		  __print_symbolic(__entry->reason, { 0, "rule" }, { 1, "default" },
				   { 2, "invalid_flags" },
				   { 3, "invalid_window" },
				   { 4, "invalid_checksum" },
				   { 5, "invalid_icmp" },
				   { 6, "no_connection" }, { 7, "malformed" },
				   { 8, "table_full" }, { 9, "rate_limit" },
				   { 255, "-" }),
		  __entry->audit,
		  SFW_TRACE_DIRECTION(__entry->rule_dir),
		  __entry->rule, __entry->generation, __entry->ifindex,
		  __entry->family, __entry->proto, __entry->saddr,
		  __entry->sport, __entry->daddr, __entry->dport, __entry->len,
		  __entry->icmp_type, __entry->icmp_code, __entry->tcp_flags)
);

TRACE_EVENT(conn_new,
	TP_PROTO(const struct sfw_net *sn, const struct sfw_conn *conn),
	TP_ARGS(sn, conn),
	TP_STRUCT__entry(
		__field(__u32, netns)
		__field(__u32, generation)
		__field(__u32, rule)
		__field(__u32, ifindex)
		__field(__u16, sport)
		__field(__u16, dport)
		__field(__u8, dir)
		__field(__u8, family)
		__field(__u8, proto)
		__field(__u8, state)
		__array(__u8, saddr, 16)
		__array(__u8, daddr, 16)
	),
	TP_fast_assign(
		struct sfw_packet first;

		sfw_conn_first_packet(conn, &first);
		__entry->netns = sn->net->ns.inum;
		__entry->generation = READ_ONCE(conn->origin) >> 32;
		__entry->rule = READ_ONCE(conn->rule);
		__entry->ifindex = conn->ifindex;
		__entry->sport = sfw_trace_sport(&first);
		__entry->dport = first.dport;
		__entry->dir = first.direction;
		__entry->family = first.family;
		__entry->proto = first.protocol;
		__entry->state = READ_ONCE(conn->state);
		sfw_trace_addr(__entry->saddr, first.family, &first.src);
		sfw_trace_addr(__entry->daddr, first.family, &first.dst);
	),
	TP_printk("netns=%u dir=%s rule=%u gen=%u if=%u family=%u proto=%u src=%pI6c sport=%u dst=%pI6c dport=%u state=%u",
		  __entry->netns, SFW_TRACE_DIRECTION(__entry->dir),
		  __entry->rule, __entry->generation, __entry->ifindex,
		  __entry->family, __entry->proto, __entry->saddr,
		  __entry->sport, __entry->daddr, __entry->dport,
		  __entry->state)
);

TRACE_EVENT(conn_destroy,
	TP_PROTO(const struct sfw_net *sn, const struct sfw_conn *conn,
		 int end),
	TP_ARGS(sn, conn, end),
	TP_STRUCT__entry(
		__field(__u64, packets)
		__field(__u64, bytes)
		__field(__u64, reply_packets)
		__field(__u64, reply_bytes)
		__field(__u32, netns)
		__field(__u32, generation)
		__field(__u32, rule)
		__field(__u32, ifindex)
		__field(__u16, sport)
		__field(__u16, dport)
		__field(__u8, dir)
		__field(__u8, family)
		__field(__u8, proto)
		__field(__u8, state)
		__field(__u8, why)
		__array(__u8, saddr, 16)
		__array(__u8, daddr, 16)
	),
	TP_fast_assign(
		struct sfw_packet first;

		sfw_conn_first_packet(conn, &first);
		__entry->packets = READ_ONCE(conn->count[0].packets);
		__entry->bytes = READ_ONCE(conn->count[0].bytes);
		__entry->reply_packets = READ_ONCE(conn->count[1].packets);
		__entry->reply_bytes = READ_ONCE(conn->count[1].bytes);
		__entry->netns = sn->net->ns.inum;
		__entry->generation = READ_ONCE(conn->origin) >> 32;
		__entry->rule = READ_ONCE(conn->rule);
		__entry->ifindex = conn->ifindex;
		__entry->sport = sfw_trace_sport(&first);
		__entry->dport = first.dport;
		__entry->dir = first.direction;
		__entry->family = first.family;
		__entry->proto = first.protocol;
		__entry->state = READ_ONCE(conn->state);
		__entry->why = end;
		sfw_trace_addr(__entry->saddr, first.family, &first.src);
		sfw_trace_addr(__entry->daddr, first.family, &first.dst);
	),
	TP_printk("netns=%u dir=%s why=%s rule=%u gen=%u if=%u family=%u proto=%u src=%pI6c sport=%u dst=%pI6c dport=%u state=%u packets=%llu bytes=%llu reply_packets=%llu reply_bytes=%llu",
		  __entry->netns, SFW_TRACE_DIRECTION(__entry->dir),
		  __print_symbolic(__entry->why, { 0, "expired" },
				   { 1, "closed" }, { 2, "killed" },
				   { 3, "evicted" }, { 4, "cut" }),
		  __entry->rule, __entry->generation, __entry->ifindex,
		  __entry->family, __entry->proto, __entry->saddr,
		  __entry->sport, __entry->daddr, __entry->dport,
		  __entry->state, __entry->packets, __entry->bytes,
		  __entry->reply_packets, __entry->reply_bytes)
);

#endif /* _SFW_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
