/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The packet as everything below packet.c sees it: parsed once, all numbers
 * in host order, no struct sk_buff. Pure.
 */
#ifndef _SFW_PACKET_H
#define _SFW_PACKET_H

#include "pure.h"

/**
 * struct sfw_addr - an IPv4 or IPv6 address as one 128-bit number
 * @hi: upper 64 bits; 0 for IPv4
 * @lo: lower 64 bits; IPv4 in the lower half
 *
 * Host order, so that ranges are plain comparisons. The family is not in
 * here; whoever compares knows it.
 */
struct sfw_addr {
	u64 hi;
	u64 lo;
};

static inline int sfw_addr_cmp(const struct sfw_addr *a,
			       const struct sfw_addr *b)
{
	if (a->hi != b->hi)
		return a->hi < b->hi ? -1 : 1;
	if (a->lo != b->lo)
		return a->lo < b->lo ? -1 : 1;
	return 0;
}

/* TCP flags as in byte 13 of the header. */
#define SFW_TCP_FIN	0x01
#define SFW_TCP_SYN	0x02
#define SFW_TCP_RST	0x04
#define SFW_TCP_PSH	0x08
#define SFW_TCP_ACK	0x10
#define SFW_TCP_URG	0x20
#define SFW_TCP_ECE	0x40
#define SFW_TCP_CWR	0x80

/* What an ICMP or ICMPv6 message is, for tracking. */
enum sfw_icmp_class {
	SFW_ICMP_OTHER,		/* judged one by one, makes no connection */
	SFW_ICMP_QUERY,		/* carries an id, has an answer */
	SFW_ICMP_REPLY,
	SFW_ICMP_ERROR,		/* quotes a packet */
};

/**
 * struct sfw_tcp_info - the TCP header as the state machine reads it
 * @seq: sequence number
 * @ack: acknowledgment number, valid if SFW_TCP_ACK
 * @sack: highest right edge of the SACK blocks, valid if @has_sack
 * @payload: bytes of data
 * @window: as in the header, not scaled
 * @flags: SFW_TCP_*
 * @wscale: shift of the window scale option, at most 14, valid if @has_wscale
 * @doff: data offset in 32-bit words as in the header, unchecked
 * @has_wscale: window scale option present (on SYN)
 * @has_sack: a SACK block is present
 * @sack_permitted: SACK-permitted option present (on SYN)
 * @stray: it did not come from where its sender is known to be
 */
struct sfw_tcp_info {
	u32 seq;
	u32 ack;
	u32 sack;
	u32 payload;
	u16 window;
	u8 flags;
	u8 wscale;
	u8 doff;
	bool has_wscale;
	bool has_sack;
	bool sack_permitted;
	bool stray;
};

/**
 * struct sfw_sctp_info - an SCTP packet as the state machine reads it
 * @vtag: verification tag
 * @init_tag: tag that an INIT or INIT ACK names
 * @chunks: bit per type of the chunks in it, as far as sctp.c knows them
 * @count: how many
 * @reflected: the T bit of an ABORT or SHUTDOWN COMPLETE
 */
struct sfw_sctp_info {
	u32 vtag;
	u32 init_tag;
	u32 chunks;
	u16 count;
	bool reflected;
};

/**
 * struct sfw_tunnel_info - what a tunnel calls itself in one direction
 * @id: the key of GRE (RFC 2890), the call of GRE version 1 (RFC 2637), the SPI
 *	of ESP and AH (RFC 4303, RFC 4302)
 * @has_id: there is one
 */
struct sfw_tunnel_info {
	u32 id;
	bool has_id;
};

/**
 * struct sfw_packet - one packet
 * @src: source address
 * @dst: destination address
 * @ifname: name of the interface, in for SFW_DIRECTION_IN, out else; may be
 *	NULL, which no interface clause matches
 * @ifindex: index of the same, 0 if unknown
 * @len: bytes from the IP header on
 * @family: AF_INET or AF_INET6
 * @protocol: transport protocol, after IPv6 extension headers
 * @direction: enum sfw_direction
 * @has_ports: @sport and @dport are ports
 * @sport: source port
 * @dport: destination port
 * @icmp_type: of ICMP and ICMPv6
 * @icmp_code: of ICMP and ICMPv6
 * @icmp_class: enum sfw_icmp_class
 * @icmp_id: identifier of queries and replies
 * @nd: neighbour discovery or MLD with the hop limit it must have
 * @fragment: a fragment; there is no transport header, or not all of it
 * @routed: IPv6 on its way to another address than @dst (RFC 8200, 4.4); the
 *	transport checksum is about that one
 * @tcp: TCP header, valid if @protocol is IPPROTO_TCP
 * @sctp: the chunks, valid if @protocol is IPPROTO_SCTP
 * @tunnel: valid if @protocol is IPPROTO_GRE, IPPROTO_ESP or IPPROTO_AH
 */
struct sfw_packet {
	struct sfw_addr src;
	struct sfw_addr dst;
	const char *ifname;
	u32 ifindex;
	u32 len;
	u8 family;
	u8 protocol;
	u8 direction;
	bool has_ports;
	u16 sport;
	u16 dport;
	u8 icmp_type;
	u8 icmp_code;
	u8 icmp_class;
	bool nd;
	u16 icmp_id;
	bool fragment;
	bool routed;
	union {
		struct sfw_tcp_info tcp;
		struct sfw_sctp_info sctp;
		struct sfw_tunnel_info tunnel;
	};
};

/**
 * sfw_packet_has_ports() - does this protocol carry ports we read
 * @protocol: IP protocol number
 *
 * Return: true for TCP, UDP, SCTP, UDP-Lite and DCCP.
 */
static inline bool sfw_packet_has_ports(u8 protocol)
{
	switch (protocol) {
	case IPPROTO_TCP:
	case IPPROTO_UDP:
	case IPPROTO_SCTP:
	case IPPROTO_UDPLITE:
	case IPPROTO_DCCP:
		return true;
	}
	return false;
}

#endif /* _SFW_PACKET_H */
