/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Netfilter hooks of a namespace.
 */
#ifndef _SFW_HOOK_H
#define _SFW_HOOK_H

struct sfw_net;
struct sk_buff;

int sfw_hook_up(struct sfw_net *sn);
void sfw_hook_down(struct sfw_net *sn);
unsigned int sfw_hook_drop(struct sk_buff *skb);

#endif /* _SFW_HOOK_H */
