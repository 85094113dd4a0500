/* SPDX-License-Identifier: GPL-2.0 */
/*
 * From struct sk_buff to struct sfw_packet.
 */
#ifndef _SFW_PARSE_H
#define _SFW_PARSE_H

#include <linux/skbuff.h>

#include "packet.h"

int sfw_parse_packet(const struct sk_buff *skb, u8 family,
		     struct sfw_packet *pkt, unsigned int *thoff);
void sfw_parse_remains(const struct sk_buff *skb, u8 family,
		       struct sfw_packet *pkt);
int sfw_parse_quote(const struct sk_buff *skb, const struct sfw_packet *error,
		    unsigned int thoff, struct sfw_packet *quote);
bool sfw_parse_checksum_ok(struct sk_buff *skb, unsigned int hook,
			   const struct sfw_packet *pkt, unsigned int thoff);

#endif /* _SFW_PARSE_H */
