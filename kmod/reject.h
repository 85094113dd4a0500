/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The answers of reject.
 */
#ifndef _SFW_REJECT_H
#define _SFW_REJECT_H

#include <linux/netfilter.h>

#include "packet.h"

void sfw_reject_packet(struct sk_buff *skb, const struct nf_hook_state *state,
		       const struct sfw_packet *pkt);
bool sfw_reject_is_ours(const struct net *net);

#endif /* _SFW_REJECT_H */
