// SPDX-License-Identifier: GPL-2.0
/*
 * States of the protocols that have no handshake to follow.
 *
 * UDP is unreplied or a stream (RFC 4787, 4.3 has the reasons for two
 * timeouts), UDP-Lite likewise; ICMP queries and everything else have one
 * state. One file instead of one for each protocol: there is one line to each.
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
