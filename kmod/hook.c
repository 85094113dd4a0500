// SPDX-License-Identifier: GPL-2.0
/*
 * Netfilter hooks of a namespace.
 *
 * PRE_ROUTING sees what arrives, for this host or to be forwarded; LOCAL_OUT
 * what this host sends. A packet passes one of them, so it is judged once. The
 * priority is that of filters: behind defragmentation, nf_conntrack and
 * destination NAT, before source NAT, so that both directions show the same
 * addresses.
 *
 * Two kinds of packets pass twice. What goes to this host itself leaves
 * through LOCAL_OUT and arrives on the loopback device. What belongs to a VRF
 * is shown once more for the VRF's master device; that second view is skipped.
 *
 * What is dropped is freed here, in sfw_hook_drop(), not by the core: so that
 * dropwatch, pwru and whoever else follows skb:kfree_skb sees who did it.
 *
 * Synchronisation: the core calls hooks under RCU; BH is disabled here where it
 * is not yet, since LOCAL_OUT may come from a system call and a packet that
 * waited in a queue of user space from another.
 */
#include <linux/netdevice.h>
#include <linux/netfilter_ipv4.h>
#include <linux/netfilter_ipv6.h>

#include "ask.h"
#include "compat.h"
#include "deps.h"
#include "event.h"
#include "fast.h"
#include "hook.h"
#include "judge.h"
#include "ns.h"
#include "parse.h"
#include "reject.h"
#include "ruleset.h"
#include "staged.h"
#include "trace.h"

/**
 * sfw_hook_drop() - drop a packet
 * @skb: freed; another reference to it may be left
 *
 * A function of its own whose name says whose it is: that is what
 * dropwatch shows of where a packet was freed.
 *
 * Return: what a hook returns then; who sent the packet from here gets EPERM.
 * Context: of a hook.
 */
noinline unsigned int sfw_hook_drop(struct sk_buff *skb)
{
	return sfw_compat_drop(skb);
}

static bool is_loopback(const struct net_device *dev, const struct sk_buff *skb,
			u8 direction)
{
	if (dev && dev->flags & IFF_LOOPBACK)
		return true;
	/* a copy of our own multicast */
	return direction == SFW_DIRECTION_IN && skb->pkt_type == PACKET_LOOPBACK;
}

/* An ICMP error with what it quotes; apart, for its room on the stack. */
static noinline struct sfw_verdict judge_error(struct sfw_net *sn,
					       const struct sfw_ruleset *rs,
					       struct sfw_question *q,
					       const struct sk_buff *skb,
					       unsigned int thoff)
{
	struct sfw_packet quote;

	if (!sfw_parse_quote(skb, q->pkt, thoff, &quote))
		q->quote = &quote;
	return sfw_judge_packet(sn, rs, q);
}

/* What cannot be read; apart, for it is rare. */
static noinline struct sfw_verdict judge_malformed(struct sfw_net *sn,
						   struct sfw_packet *pkt,
						   const struct sk_buff *skb,
						   u8 family)
{
	struct sfw_verdict v = sfw_judge_malformed(sn, pkt->direction);

	sfw_parse_remains(skb, family, pkt);
	return v;
}

/* Is there a set that wants to see every packet? A staged stateful one is asked
 * about first packets alone, and those do not go the short way.
 */
static __always_inline bool is_watched(const struct sfw_net *sn)
{
	const struct sfw_staged *staged = rcu_dereference(sn->staged);

	return unlikely(staged) && staged->rs->mode != SFW_MODE_STATEFUL;
}

static __always_inline unsigned int judge(struct sfw_net *sn,
					  const struct sfw_ruleset *rs,
					  struct sk_buff *skb,
					  const struct nf_hook_state *state,
					  const struct net_device *dev,
					  u8 direction, bool looped)
{
	u8 family = state->pf == NFPROTO_IPV4 ? AF_INET : AF_INET6;
	/* Whoever reads a field sees to it that it is set: to clear them all
	 * first would cost more than a look-up.
	 */
	struct sfw_packet pkt __uninitialized;
	struct sfw_question q = {
		.pkt = &pkt,
		.looped = looped,
	};
	struct sfw_verdict v;
	unsigned int thoff;

	/* Who has to see every packet, such as a tracepoint in use, must not
	 * let them go this way.
	 */
	if (likely(rs->mode == SFW_MODE_STATEFUL && !looped &&
		   !is_watched(sn) && !trace_verdict_enabled()) &&
	    likely(sfw_fast_packet(sn, rs, skb, family != AF_INET, direction)))
		return NF_ACCEPT;

	pkt.direction = direction;
	pkt.ifname = dev ? dev->name : NULL;
	pkt.ifindex = dev ? dev->ifindex : 0;
	if (unlikely(sfw_parse_packet(skb, family, &pkt, &thoff))) {
		v = judge_malformed(sn, &pkt, skb, family);
		goto judged;
	}
	if (pkt.nd && !rs->eff.nd_filter)
		return NF_ACCEPT;

	if (rs->mode == SFW_MODE_STATEFUL && rs->eff.checksum)
		q.bad_checksum = !sfw_parse_checksum_ok(skb, state->hook, &pkt,
							thoff);
	if (unlikely(rs->mode == SFW_MODE_STATEFUL &&
		     pkt.icmp_class == SFW_ICMP_ERROR))
		v = judge_error(sn, rs, &q, skb, thoff);
	else
		v = sfw_judge_packet(sn, rs, &q);
judged:
	trace_verdict(sn, rs, &pkt, &v);
	/* Without memory for the question a packet goes that was allowed. */
	if (likely(v.action == SFW_ACTION_ALLOW))
		return likely(!v.ask) || !sfw_ask_instead(skb, &pkt, thoff) ?
		       NF_ACCEPT : sfw_hook_drop(skb);
	sfw_event_drop(sn, rs, &pkt, &v);
	if (rs->audit)
		return NF_ACCEPT;
	if (v.action == SFW_ACTION_REJECT)
		sfw_reject_packet(skb, state, &pkt);
	return sfw_hook_drop(skb);
}

/* Inlined for each direction, so that what differs is decided there. */
static __always_inline unsigned int hook(struct sfw_net *sn,
					 struct sk_buff *skb,
					 const struct nf_hook_state *state,
					 u8 direction)
{
	const struct net_device *dev = direction == SFW_DIRECTION_IN ?
				       state->in : state->out;
	const struct net_device *shown = dev;
	const struct sfw_ruleset *rs;
	unsigned int verdict;
	bool loopback, bh;

	rs = rcu_dereference(sn->ruleset);
	if (!rs)
		return NF_ACCEPT;
	/* Destination NAT and marks have routed anew at LOCAL_OUT; state->out
	 * is from before.
	 */
	if (direction == SFW_DIRECTION_OUT && skb_dst(skb))
		dev = skb_dst(skb)->dev;
	loopback = is_loopback(dev, skb, direction);
	if (loopback && !rs->eff.loopback_filter)
		return NF_ACCEPT;
	/* What the core shows, for the route may be the slave's already. */
	if (shown && netif_is_l3_master(shown))
		return NF_ACCEPT;

	bh = !in_softirq();
	if (bh)
		local_bh_disable();
	if (direction == SFW_DIRECTION_OUT && sfw_reject_is_ours(state->net))
		verdict = NF_ACCEPT;
	else
		verdict = judge(sn, rs, skb, state, dev, direction,
				loopback && direction == SFW_DIRECTION_IN);
	if (bh)
		local_bh_enable();
	return verdict;
}

static unsigned int hook_in(void *priv, struct sk_buff *skb,
			    const struct nf_hook_state *state)
{
	return hook(priv, skb, state, SFW_DIRECTION_IN);
}

static unsigned int hook_out(void *priv, struct sk_buff *skb,
			     const struct nf_hook_state *state)
{
	return hook(priv, skb, state, SFW_DIRECTION_OUT);
}

/* A namespace has its own copy, whose @priv is its state. */
static const struct nf_hook_ops hook_ops[SFW_HOOKS] = {
	{
		.hook = hook_in,
		.pf = NFPROTO_IPV4,
		.hooknum = NF_INET_PRE_ROUTING,
		.priority = NF_IP_PRI_FILTER,
	},
	{
		.hook = hook_out,
		.pf = NFPROTO_IPV4,
		.hooknum = NF_INET_LOCAL_OUT,
		.priority = NF_IP_PRI_FILTER,
	},
	{
		.hook = hook_in,
		.pf = NFPROTO_IPV6,
		.hooknum = NF_INET_PRE_ROUTING,
		.priority = NF_IP6_PRI_FILTER,
	},
	{
		.hook = hook_out,
		.pf = NFPROTO_IPV6,
		.hooknum = NF_INET_LOCAL_OUT,
		.priority = NF_IP6_PRI_FILTER,
	},
};

/**
 * sfw_hook_up() - begin to judge packets of a namespace
 * @sn: the namespace; its rule set and table are in place
 *
 * Return: 0 or what registration or defragmentation returned.
 * Context: may sleep.
 */
int sfw_hook_up(struct sfw_net *sn)
{
	struct net *net = sn->net;
	int err, i;

	err = sfw_deps.nf_defrag_ipv4_enable(net);
	if (err)
		return err;
	err = sfw_deps.nf_defrag_ipv6_enable(net);
	if (err)
		goto no_defrag6;
	for (i = 0; i < SFW_HOOKS; i++) {
		sn->hooks[i] = hook_ops[i];
		sn->hooks[i].priv = sn;
	}
	err = nf_register_net_hooks(net, sn->hooks, SFW_HOOKS);
	if (err)
		goto no_hooks;
	return 0;

no_hooks:
	sfw_deps.nf_defrag_ipv6_disable(net);
no_defrag6:
	sfw_deps.nf_defrag_ipv4_disable(net);
	return err;
}

/**
 * sfw_hook_down() - stop judging packets of a namespace
 * @sn: the namespace
 *
 * Packets under way may be in the hooks until the next RCU grace period.
 *
 * Context: may sleep.
 */
void sfw_hook_down(struct sfw_net *sn)
{
	struct net *net = sn->net;

	nf_unregister_net_hooks(net, sn->hooks, SFW_HOOKS);
	sfw_deps.nf_defrag_ipv6_disable(net);
	sfw_deps.nf_defrag_ipv4_disable(net);
}
