/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Packets of flows.
 */
#ifndef _METER_PACKET_H
#define _METER_PACKET_H

#include <linux/skbuff.h>

#include "config.h"

/* Which packet of a flow. */
enum meter_packet {
	METER_FIRST,	/* SYN, or the first datagram */
	METER_ANSWER,	/* SYN and ACK, or a datagram, from the other side */
	METER_ACK,	/* the third of the handshake */
	METER_DATA,	/* data of the side that began */
};

/**
 * struct meter_flow - a flow
 * @src: source address of the side that began; IPv4 in the last four bytes
 * @sport: its port
 * @round: how many packets of data went before, about
 */
struct meter_flow {
	struct in6_addr src;
	u16 sport;
	u32 round;
};

void meter_packet_flow(const struct meter_config *config, u32 number,
		       struct meter_flow *flow);
void meter_packet_stranger(const struct meter_config *config, u64 number,
			   struct meter_flow *flow);
void meter_packet_build(const struct meter_config *config,
			const struct meter_flow *flow, enum meter_packet which,
			struct net_device *dev, struct sk_buff *skb);

#endif
