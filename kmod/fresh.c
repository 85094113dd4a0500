// SPDX-License-Identifier: GPL-2.0
/*
 * Packets that are described and were never received.
 *
 * Somebody who asks about a packet names what people know of it: addresses,
 * ports, flags. The rest follows here, as parse.c would have found it in the
 * packet that usually begins a connection.
 *
 * Pure, no state.
 */
#include "fresh.h"
#include "icmp.h"

/* RFC 9260, 3.3.2 and 3.3.3; any tag but 0 will do. */
#define SCTP_INIT	1
#define SCTP_INIT_ACK	2
#define SCTP_INIT_LEN	20
#define SCTP_TAG	1

/**
 * sfw_fresh_fill_sctp() - the chunks of an SCTP packet
 * @pkt: gets an INIT, which has no tag in front
 * @answer: or the INIT ACK to that
 *
 * Context: any.
 */
void sfw_fresh_fill_sctp(struct sfw_packet *pkt, bool answer)
{
	const u8 head[SFW_SCTP_CHUNK_HEAD] = {
		answer ? SCTP_INIT_ACK : SCTP_INIT, 0, 0, SCTP_INIT_LEN,
		0, 0, 0, SCTP_TAG,
	};

	memset(&pkt->sctp, 0, sizeof(pkt->sctp));
	pkt->sctp.vtag = answer ? SCTP_TAG : 0;
	sfw_sctp_chunk(&pkt->sctp, head, SCTP_INIT_LEN);
}

/**
 * sfw_fresh_fill() - what follows from the fields of a described packet
 * @pkt: family, protocol, direction, addresses, ports, ICMP type, code and
 *	identifier, TCP flags and interface name are given, all else is zero
 *
 * Neighbour discovery and MLD have the hop limit that they have to have.
 *
 * Context: any.
 */
void sfw_fresh_fill(struct sfw_packet *pkt)
{
	pkt->has_ports = sfw_packet_has_ports(pkt->protocol);
	switch (pkt->protocol) {
	case IPPROTO_TCP:
		pkt->tcp.doff = 5;
		break;
	case IPPROTO_SCTP:
		sfw_fresh_fill_sctp(pkt, false);
		break;
	case IPPROTO_ICMP:
		if (pkt->family == AF_INET)
			pkt->icmp_class = sfw_icmp_class(pkt->protocol,
							 pkt->icmp_type);
		break;
	case IPPROTO_ICMPV6:
		if (pkt->family != AF_INET6)
			break;
		pkt->icmp_class = sfw_icmp_class(pkt->protocol,
						 pkt->icmp_type);
		pkt->nd = sfw_icmp_is_nd(pkt->icmp_type, 255) ||
			  sfw_icmp_is_nd(pkt->icmp_type, 1);
		break;
	}
}
