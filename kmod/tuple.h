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

/*
 * Keys are whole words that are put together in registers: a word that is
 * written in parts and read at once, as by a hash, costs more than the hash.
 */

/**
 * struct sfw_key4 - an IPv4 connection
 * @end: the endpoints in ascending order: address in bits 47..16, port below;
 *	above them in [0] protocol and @sub, in [1] the asker
 */
struct sfw_key4 {
	u64 end[2];
};

/**
 * struct sfw_key6 - an IPv6 connection
 * @addr: of the endpoints in ascending order
 * @rest: their ports, protocol, @sub and asker, from bit 0 on
 */
struct sfw_key6 {
	struct sfw_addr addr[2];
	u64 rest;
};

/* What a key says about its endpoints; [0] is the first. */
struct sfw_ends {
	struct sfw_addr addr[2];
	u16 port[2];
	u8 protocol;
	u8 sub;
};

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
	u64 a, b;
	bool swap;
	u8 sub;

	sub = sfw_tuple_ports(pkt, port);
	a = pkt->src.lo << 16 | port[0];
	b = pkt->dst.lo << 16 | port[1];
	swap = a == b ? sfw_tuple_self(pkt) : a > b;
	key->end[0] = (swap ? b : a) | (u64)pkt->protocol << 48 |
		      (u64)sub << 56;
	key->end[1] = (swap ? a : b) | (u64)sfw_tuple_asker(pkt, swap) << 48;
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
	u8 sub;

	sub = sfw_tuple_ports(pkt, port);
	cmp = sfw_addr_cmp(&pkt->src, &pkt->dst);
	if (!cmp)
		cmp = port[0] - port[1];
	swap = cmp ? cmp > 0 : sfw_tuple_self(pkt);
	key->addr[0] = swap ? pkt->dst : pkt->src;
	key->addr[1] = swap ? pkt->src : pkt->dst;
	key->rest = (u64)port[swap] | (u64)port[!swap] << 16 |
		    (u64)pkt->protocol << 32 | (u64)sub << 40 |
		    (u64)sfw_tuple_asker(pkt, swap) << 48;
	return swap;
}

/**
 * sfw_tuple_pair4() - key of an IPv4 packet that has ports
 * @key: filled in, as sfw_tuple_key4() does
 * @protocol: its protocol
 * @from: the sender, as in the key
 * @to: the receiver
 *
 * Return: true if the sender is the second endpoint of the key.
 */
static inline bool sfw_tuple_pair4(struct sfw_key4 *key, u8 protocol, u64 from,
				   u64 to)
{
	bool swap = from > to;

	key->end[0] = (swap ? to : from) | (u64)protocol << 48;
	key->end[1] = swap ? from : to;
	return swap;
}

/**
 * sfw_tuple_pair6() - key of an IPv6 packet that has ports
 * @key: filled in, as sfw_tuple_key6() does
 * @protocol: its protocol
 * @src: sender
 * @dst: receiver
 * @sport: port of the sender
 * @dport: port of the receiver
 *
 * Return: true if the sender is the second endpoint of the key.
 */
static inline bool sfw_tuple_pair6(struct sfw_key6 *key, u8 protocol,
				   const struct sfw_addr *src,
				   const struct sfw_addr *dst, u16 sport,
				   u16 dport)
{
	int cmp = sfw_addr_cmp(src, dst);
	bool swap = cmp ? cmp > 0 : sport > dport;

	key->addr[0] = swap ? *dst : *src;
	key->addr[1] = swap ? *src : *dst;
	key->rest = (u64)(swap ? dport : sport) |
		    (u64)(swap ? sport : dport) << 16 | (u64)protocol << 32;
	return swap;
}

/**
 * sfw_tuple_ends4() - read a key
 * @key: the key
 * @ends: filled in
 */
static inline void sfw_tuple_ends4(const struct sfw_key4 *key,
				   struct sfw_ends *ends)
{
	int i;

	for (i = 0; i < 2; i++) {
		ends->addr[i].hi = 0;
		ends->addr[i].lo = (u32)(key->end[i] >> 16);
		ends->port[i] = key->end[i];
	}
	ends->protocol = key->end[0] >> 48;
	ends->sub = key->end[0] >> 56;
}

/**
 * sfw_tuple_ends6() - read a key
 * @key: the key
 * @ends: filled in
 */
static inline void sfw_tuple_ends6(const struct sfw_key6 *key,
				   struct sfw_ends *ends)
{
	ends->addr[0] = key->addr[0];
	ends->addr[1] = key->addr[1];
	ends->port[0] = key->rest;
	ends->port[1] = key->rest >> 16;
	ends->protocol = key->rest >> 32;
	ends->sub = key->rest >> 40;
}

#endif /* _SFW_TUPLE_H */
