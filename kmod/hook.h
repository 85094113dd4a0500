/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Netfilter hooks of a namespace.
 */
#ifndef _SFW_HOOK_H
#define _SFW_HOOK_H

struct net;

int sfw_hook_up(struct net *net);
void sfw_hook_down(struct net *net);

#endif /* _SFW_HOOK_H */
