// SPDX-License-Identifier: GPL-2.0
/*
 * States of the protocols that have no handshake to follow.
 *
 * UDP is unreplied or a stream (RFC 4787, 4.3 has the reasons for two
 * timeouts), UDP-Lite likewise; ICMP queries and everything else have one
 * state. One file instead of one for each protocol: there is one line to each.
 *
 * Tunnels have an id, which is shown but does not tell connections apart: the
 * SPI of each direction is what its receiver chose, and changes as keys do (RFC
 * 4301, 4.1), so the packet that returns cannot be told by it; and rules are
 * about addresses.
 *
 * Pure.
 */
#include "generic.h"

/**
 * sfw_generic_state() - state of a connection that is not TCP
 * @protocol: IP protocol
 * @replied: a packet of the responder was seen
 *
 * Return: enum sfw_state.
 * Context: any.
 */
u8 sfw_generic_state(u8 protocol, bool replied)
{
	switch (protocol) {
	case IPPROTO_UDP:
	case IPPROTO_UDPLITE:
		return replied ? SFW_STATE_UDP_STREAM : SFW_STATE_UDP;
	case IPPROTO_ICMP:
	case IPPROTO_ICMPV6:
		return SFW_STATE_ICMP;
	}
	return SFW_STATE_GENERIC;
}

static u32 get_be32(const u8 *p)
{
	return (u32)p[0] << 24 | p[1] << 16 | p[2] << 8 | p[3];
}

/**
 * sfw_generic_tunnel() - the id in the header of a tunnel's packet
 * @tunnel: filled in
 * @protocol: IP protocol for which sfw_generic_is_tunnel() holds
 * @head: what follows the IP header
 * @len: bytes there, of which SFW_GENERIC_HEAD are enough
 *
 * Context: any.
 */
void sfw_generic_tunnel(struct sfw_tunnel_info *tunnel, u8 protocol,
			const u8 *head, unsigned int len)
{
	unsigned int at = protocol == IPPROTO_AH ? 4 : 0;
	bool has = true, call = false;

	if (protocol == IPPROTO_GRE) {
		/* The key is there if bit 2 is set, behind the checksum, if
		 * that is there (RFC 2890, 2). It is, too, if there is routing
		 * (RFC 1701), which nobody sends any more.
		 */
		has = len >= 4 && head[0] & 0x20;
		at = has && head[0] & 0xc0 ? 8 : 4;
		/* Version 1: behind the length (RFC 2637, 4.1). */
		call = has && (head[1] & 7) == 1;
	}
	tunnel->has_id = has && len >= at + 4;
	tunnel->id = tunnel->has_id ? get_be32(head + at) : 0;
	if (call)
		tunnel->id &= U16_MAX;
}
