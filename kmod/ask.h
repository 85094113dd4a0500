/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Asking the receiver of a SYN whether its connection still is.
 */
#ifndef _SFW_ASK_H
#define _SFW_ASK_H

struct sfw_packet;
struct sk_buff;

int sfw_ask_instead(struct sk_buff *skb, const struct sfw_packet *pkt,
		    unsigned int thoff);

#endif /* _SFW_ASK_H */
