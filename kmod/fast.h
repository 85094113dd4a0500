/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The short way of a packet of a connection that runs.
 *
 * Nearly all packets are such: IPv4 or IPv6 without options, all headers in
 * the linear part, UDP, or TCP without SYN, FIN and RST and with no option but
 * timestamps, of a connection that was replied to and that the running rule
 * set has judged. For these, what parse.c and judge.c find out step by step is
 * known at once: where the ports are, that no list is to be read, that no
 * state changes. Whatever is not so, or does not fit, takes the long way from
 * its beginning; nothing was changed or counted until then.
 *
 * What it means to belong to a connection, to fit its windows, to be counted,
 * is not said again here: tuple.h, hash.h, tcp_run.h, conn.h and count.h are
 * what the long way uses as well.
 *
 * Synchronisation: as in judge.c.
 *
 * It pays because a connection is mostly not in the cache: the fewer
 * instructions there are between two packets' look-ups, the more of the second
 * one's waiting falls into that of the first.
 */
#ifndef _SFW_FAST_H
#define _SFW_FAST_H

#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/prefetch.h>
#include <linux/skbuff.h>
#include <linux/tcp.h>
#include <linux/udp.h>

#include "count.h"
#include "tcp_run.h"

/* IPv4 and IPv6 headers without options, TCP's with timestamps. */
#define SFW_FAST_TCP_LONG	(sizeof(struct tcphdr) + 12)

/* NOP, NOP, timestamp, 10 bytes */
#define SFW_FAST_TCP_OPTION	0x0101080aU

/**
 * struct sfw_fast - a packet, as far as it matters here
 * @place: of its connection
 * @l4: its transport header
 * @rest: bytes from there to the end
 * @len: bytes of the packet from the IP header on
 * @protocol: IPPROTO_TCP or IPPROTO_UDP
 */
struct sfw_fast {
	struct sfw_conn_place place;
	const u8 *l4;
	u32 rest;
	u32 len;
	u8 protocol;
};

/* Ports, which TCP and UDP have in the same place, as one word in host order:
 * source above.
 */
static __always_inline u32 sfw_fast_ports(const u8 *l4)
{
	return be32_to_cpup((const __be32 *)l4);
}

static __always_inline bool sfw_fast_ip4(struct sfw_fast *f, const u8 *p)
{
	const struct iphdr *iph = (const struct iphdr *)p;
	u32 ports;

	if (p[0] != 0x45 || iph->frag_off & htons(IP_OFFSET | IP_MF))
		return false;
	f->protocol = iph->protocol;
	f->l4 = p + sizeof(*iph);
	f->rest = f->len - sizeof(*iph);
	ports = sfw_fast_ports(f->l4);
	f->place.v6 = false;
	f->place.swapped =
		sfw_tuple_pair4(&f->place.key4, f->protocol,
				(u64)ntohl(iph->saddr) << 16 | ports >> 16,
				(u64)ntohl(iph->daddr) << 16 | (u16)ports);
	return true;
}

static __always_inline bool sfw_fast_ip6(struct sfw_fast *f, const u8 *p)
{
	const struct ipv6hdr *ip6h = (const struct ipv6hdr *)p;
	struct sfw_addr src, dst;
	u32 ports;

	if (p[0] >> 4 != 6)
		return false;
	f->protocol = ip6h->nexthdr;
	f->l4 = p + sizeof(*ip6h);
	f->rest = f->len - sizeof(*ip6h);
	ports = sfw_fast_ports(f->l4);
	src.hi = be64_to_cpup((const __be64 *)&ip6h->saddr.s6_addr32[0]);
	src.lo = be64_to_cpup((const __be64 *)&ip6h->saddr.s6_addr32[2]);
	dst.hi = be64_to_cpup((const __be64 *)&ip6h->daddr.s6_addr32[0]);
	dst.lo = be64_to_cpup((const __be64 *)&ip6h->daddr.s6_addr32[2]);
	f->place.v6 = true;
	f->place.swapped = sfw_tuple_pair6(&f->place.key6, f->protocol, &src,
					   &dst, ports >> 16, ports);
	return true;
}

/* Nothing but data and an acknowledgment? Length of the header, else 0. @linear
 * bytes can be read, 20 at least.
 */
static __always_inline u32 sfw_fast_tcp(const struct sfw_fast *f, u32 linear)
{
	const struct tcphdr *th = (const struct tcphdr *)f->l4;
	u8 flags = f->l4[13];

	if ((flags & (SFW_TCP_SYN | SFW_TCP_FIN | SFW_TCP_RST | SFW_TCP_ACK)) !=
	    SFW_TCP_ACK)
		return 0;
	switch (f->l4[12] >> 4) {
	case 8:
		if (linear >= SFW_FAST_TCP_LONG &&
		    *(const __be32 *)(th + 1) == htonl(SFW_FAST_TCP_OPTION))
			return SFW_FAST_TCP_LONG;
		return 0;
	case 5:
		return sizeof(*th);
	}
	return 0;
}

static __always_inline bool sfw_fast_udp(const struct sfw_fast *f)
{
	const struct udphdr *uh = (const struct udphdr *)f->l4;
	u16 len = ntohs(uh->len);

	return len >= sizeof(*uh) && len <= f->rest;
}

/* May be old: what it is decided by is looked at again under the lock. */
static __always_inline bool sfw_fast_runs(const struct sfw_conn *conn,
					  const struct sfw_ruleset *rs,
					  u64 origin)
{
	return origin >> 32 == rs->generation &&
	       READ_ONCE(conn->replied) == SFW_CONN_STAYS;
}

static __always_inline bool sfw_fast_track(const struct sfw_fast *f,
					   struct sfw_conn *conn, int dir,
					   u32 head, u8 hook, u32 timeout)
{
	const struct tcphdr *th = (const struct tcphdr *)f->l4;
	bool fits;

	spin_lock(&conn->lock);
	fits = !conn->dead && !conn->stale &&
	       conn->state == SFW_STATE_TCP_ESTABLISHED &&
	       conn->replied == SFW_CONN_STAYS && conn->hooks & hook &&
	       sfw_tcp_run(&conn->tcp, dir, ntohl(th->seq), ntohl(th->ack_seq),
			   f->rest - head, ntohs(th->window));
	if (likely(fits)) {
		sfw_conn_refresh(conn, timeout);
		sfw_conn_count(conn, dir, f->len);
	}
	spin_unlock(&conn->lock);
	return fits;
}

/**
 * sfw_fast_packet() - let a packet of a running connection pass
 * @sn: the namespace
 * @rs: its running set, of mode stateful
 * @skb: the packet, with its network header set
 * @v6: its family
 * @direction: enum sfw_direction
 *
 * It is counted, and its connection's state brought up to date.
 *
 * Return: false if the packet is for sfw_judge_packet() to judge.
 * Context: RCU read side, BH disabled.
 */
static __always_inline bool sfw_fast_packet(struct sfw_net *sn,
					    const struct sfw_ruleset *rs,
					    const struct sk_buff *skb, bool v6,
					    u8 direction)
{
	unsigned int off = skb_network_offset(skb);
	unsigned int ip = v6 ? sizeof(struct ipv6hdr) : sizeof(struct iphdr);
	struct sfw_fast f __uninitialized;
	struct sfw_conn *conn;
	u32 head = 0;
	u64 origin;
	int dir;

	/* What is shorter is none of these, or UDP almost without data. */
	if (unlikely(skb_headlen(skb) < off + ip + sizeof(struct tcphdr)))
		return false;
	if (direction == SFW_DIRECTION_IN && rs->eff.checksum &&
	    !skb_csum_unnecessary(skb))
		return false;
	f.len = skb->len - off;
	if (unlikely(!(v6 ? sfw_fast_ip6(&f, skb->data + off) :
			    sfw_fast_ip4(&f, skb->data + off))))
		return false;
	if (f.protocol == IPPROTO_TCP) {
		head = sfw_fast_tcp(&f, skb_headlen(skb) - off - ip);
		if (!head)
			return false;
	} else if (f.protocol != IPPROTO_UDP || unlikely(!sfw_fast_udp(&f))) {
		return false;
	}

	sfw_conn_hash(&f.place);
	conn = sfw_table_find(&sn->table, &f.place, &dir);
	if (!conn)
		return false;
	if (head)
		prefetch(&conn->tcp);
	origin = READ_ONCE(conn->origin);
	if (unlikely(!sfw_fast_runs(conn, rs, origin)))
		return false;
	if (head) {
		if (!sfw_fast_track(&f, conn, dir, head,
				    BIT(2 * dir + direction),
				    rs->eff.timeout[SFW_STATE_TCP_ESTABLISHED]))
			return false;
	} else {
		sfw_conn_refresh(conn,
				 rs->eff.timeout[READ_ONCE(conn->state)]);
		spin_lock(&conn->lock);
		sfw_conn_count(conn, dir, f.len);
		spin_unlock(&conn->lock);
	}
	sfw_count_rule(sn, rs, conn->flags & SFW_CONN_F_OUT ?
		       SFW_DIRECTION_OUT : SFW_DIRECTION_IN, (u32)origin, f.len,
		       false);
	sfw_count_verdict(sn, direction, SFW_ACTION_ALLOW, 0);
	return true;
}

#endif /* _SFW_FAST_H */
