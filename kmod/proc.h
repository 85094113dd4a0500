/* SPDX-License-Identifier: GPL-2.0 */
/*
 * /proc/net/sfw_stats: the figures of a namespace, for everybody.
 */
#ifndef _SFW_PROC_H
#define _SFW_PROC_H

struct net;

int sfw_proc_up(struct net *net);
void sfw_proc_down(struct net *net);

#endif /* _SFW_PROC_H */
