/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which connection a packet belongs to. Pure.
 *
 * A key holds the two endpoints in ascending order, so that request and reply
 * have the same key and hash; whether they had to be exchanged tells the
 * direction. For protocols without ports the ports are zero, for ICMP queries
 * both are the identifier, @sub is the type of the query and @asker tells which
 * endpoint asked: two hosts that ping each other with the same identifier have
 * two connections.
 */
#ifndef _SFW_TUPLE_H
#define _SFW_TUPLE_H

#include "icmp.h"
#include "packet.h"

struct sfw_key4 {
	u32 addr[2];
	u16 port[2];
	u8 protocol;
	u8 sub;
	u8 asker;
	u8 zero;
} __aligned(8);

struct sfw_key6 {
	struct sfw_addr addr[2];
	u16 port[2];
	u8 protocol;
	u8 sub;
	u8 asker;
	u8 zero;
} __aligned(8);

/**
 * sfw_tuple_has() - can this packet belong to a connection of its own
 * @pkt: the packet
 *
 * Return: false for ICMP messages that are neither query nor reply.
 */
static inline bool sfw_tuple_has(const struct sfw_packet *pkt)
{
	if (pkt->protocol != IPPROTO_ICMP && pkt->protocol != IPPROTO_ICMPV6)
		return true;
	return pkt->icmp_class == SFW_ICMP_QUERY ||
	       pkt->icmp_class == SFW_ICMP_REPLY;
}

static inline u8 sfw_tuple_ports(const struct sfw_packet *pkt, u16 port[2])
{
	if (pkt->has_ports) {
		port[0] = pkt->sport;
		port[1] = pkt->dport;
		return 0;
	}
	if (pkt->icmp_class == SFW_ICMP_QUERY ||
	    pkt->icmp_class == SFW_ICMP_REPLY) {
		port[0] = pkt->icmp_id;
		port[1] = pkt->icmp_id;
		return sfw_icmp_query_type(pkt->protocol, pkt->icmp_type);
	}
	port[0] = 0;
	port[1] = 0;
	return 0;
}

/* Ping to oneself: both endpoints are equal, so take the one that answers
 * for the second.
 */
static inline bool sfw_tuple_self(const struct sfw_packet *pkt)
{
	return !pkt->has_ports && pkt->icmp_class == SFW_ICMP_REPLY;
}

/* The endpoint that asked: the sender, unless this is the answer. */
static inline u8 sfw_tuple_asker(const struct sfw_packet *pkt, bool swap)
{
	if (pkt->has_ports || pkt->icmp_class == SFW_ICMP_OTHER)
		return 0;
	return swap != (pkt->icmp_class == SFW_ICMP_REPLY);
}

/**
 * sfw_tuple_key4() - key of an IPv4 packet
 * @key: filled in
 * @pkt: a packet for which sfw_tuple_has() holds
 *
 * Return: true if the sender is the second endpoint of the key.
 */
static inline bool sfw_tuple_key4(struct sfw_key4 *key,
				  const struct sfw_packet *pkt)
{
	u16 port[2];
	bool swap;
	u64 a, b;

	key->protocol = pkt->protocol;
	key->sub = sfw_tuple_ports(pkt, port);
	key->zero = 0;
	a = (u64)(u32)pkt->src.lo << 16 | port[0];
	b = (u64)(u32)pkt->dst.lo << 16 | port[1];
	swap = a == b ? sfw_tuple_self(pkt) : a > b;
	key->asker = sfw_tuple_asker(pkt, swap);
	key->addr[swap] = pkt->src.lo;
	key->addr[!swap] = pkt->dst.lo;
	key->port[swap] = port[0];
	key->port[!swap] = port[1];
	return swap;
}

/**
 * sfw_tuple_key6() - key of an IPv6 packet
 * @key: filled in
 * @pkt: a packet for which sfw_tuple_has() holds
 *
 * Return: true if the sender is the second endpoint of the key.
 */
static inline bool sfw_tuple_key6(struct sfw_key6 *key,
				  const struct sfw_packet *pkt)
{
	u16 port[2];
	bool swap;
	int cmp;

	memset(key, 0, sizeof(*key));
	key->protocol = pkt->protocol;
	key->sub = sfw_tuple_ports(pkt, port);
	cmp = sfw_addr_cmp(&pkt->src, &pkt->dst);
	if (!cmp)
		cmp = port[0] - port[1];
	swap = cmp ? cmp > 0 : sfw_tuple_self(pkt);
	key->asker = sfw_tuple_asker(pkt, swap);
	key->addr[swap] = pkt->src;
	key->addr[!swap] = pkt->dst;
	key->port[swap] = port[0];
	key->port[!swap] = port[1];
	return swap;
}

#endif /* _SFW_TUPLE_H */
