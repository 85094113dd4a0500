/* SPDX-License-Identifier: GPL-2.0 */
/*
 * From struct sk_buff to struct sfw_packet.
 */
#ifndef _SFW_PARSE_H
#define _SFW_PARSE_H

#include <linux/netfilter.h>
#include <linux/skbuff.h>

#include "packet.h"

int sfw_parse_packet(const struct sk_buff *skb, u8 family,
		     struct sfw_packet *pkt, unsigned int *thoff);
int sfw_parse_quote(const struct sk_buff *skb, const struct sfw_packet *error,
		    unsigned int thoff, struct sfw_packet *quote);
bool sfw_parse_verify(struct sk_buff *skb, unsigned int hook,
		      const struct sfw_packet *pkt, unsigned int thoff);

/**
 * sfw_parse_checksum_ok() - is the transport checksum right
 * @skb: packet
 * @hook: NF_INET_PRE_ROUTING; what this host sends is not verified
 * @pkt: the packet, parsed
 * @thoff: offset of the transport header
 *
 * Costs nothing where the device or the stack has verified it already.
 *
 * Return: false if it is wrong; protocols without one are right.
 * Context: softirq or process, BH disabled.
 */
static inline bool sfw_parse_checksum_ok(struct sk_buff *skb, unsigned int hook,
					 const struct sfw_packet *pkt,
					 unsigned int thoff)
{
	return hook != NF_INET_PRE_ROUTING || skb_csum_unnecessary(skb) ||
	       sfw_parse_verify(skb, hook, pkt, thoff);
}

#endif /* _SFW_PARSE_H */
