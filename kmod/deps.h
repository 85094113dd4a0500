/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Functions of other modules.
 */
#ifndef _SFW_DEPS_H
#define _SFW_DEPS_H

#include <net/netfilter/ipv4/nf_defrag_ipv4.h>
#include <net/netfilter/ipv4/nf_reject.h>
#include <net/netfilter/ipv6/nf_defrag_ipv6.h>
#include <net/netfilter/ipv6/nf_reject.h>

/* Called as sfw_deps.nf_send_reset(...); constant after module load. */
extern struct sfw_deps {
	int (*nf_defrag_ipv4_enable)(struct net *net);
	void (*nf_defrag_ipv4_disable)(struct net *net);
	int (*nf_defrag_ipv6_enable)(struct net *net);
	void (*nf_defrag_ipv6_disable)(struct net *net);
	void (*nf_send_reset)(struct net *net, struct sock *sk,
			      struct sk_buff *skb, int hook);
	void (*nf_send_unreach)(struct sk_buff *skb, int code, int hook);
	void (*nf_send_reset6)(struct net *net, struct sock *sk,
			       struct sk_buff *skb, int hook);
	void (*nf_send_unreach6)(struct net *net, struct sk_buff *skb,
				 unsigned char code, unsigned int hook);
} sfw_deps;

int sfw_deps_init(void);
void sfw_deps_exit(void);

#endif /* _SFW_DEPS_H */
