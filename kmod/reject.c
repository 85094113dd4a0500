// SPDX-License-Identifier: GPL-2.0
/*
 * The answers of reject: a reset for TCP, port unreachable for protocols with
 * ports, administratively prohibited for the rest (RFC 792, RFC 1812 5.2.7.1,
 * RFC 4443 3.1).
 *
 * The kernel's nf_reject builds and sends them. They leave through LOCAL_OUT
 * of the same namespace while we are still in here, on this CPU and with BH
 * disabled, belong to no connection and must not be judged: per-CPU pointers to
 * the namespace and to the task tell the hook. The task is for PREEMPT_RT, where
 * another one may send from this CPU meanwhile.
 *
 * Tried and rejected: a mark on the answer, which would overwrite what routing
 * rules look at.
 */
#include <linux/icmpv6.h>
#include <linux/percpu.h>
#include <linux/sched.h>
#include <net/icmp.h>

#include "deps.h"
#include "reject.h"

static DEFINE_PER_CPU(const struct net *, answering);
static DEFINE_PER_CPU(const struct task_struct *, answering_task);

/**
 * sfw_reject_is_ours() - is the packet at LOCAL_OUT an answer being sent
 * @net: the namespace
 *
 * Return: true if it is.
 * Context: BH disabled.
 */
bool sfw_reject_is_ours(const struct net *net)
{
	return this_cpu_read(answering) == net &&
	       this_cpu_read(answering_task) == current;
}

static bool to_many(const struct sfw_packet *pkt)
{
	if (pkt->family == AF_INET6)
		return pkt->dst.hi >> 56 == 0xff;
	return (u32)pkt->dst.lo >> 28 == 0xe || (u32)pkt->dst.lo == INADDR_BROADCAST;
}

/**
 * sfw_reject_packet() - answer a packet that is about to be dropped
 * @skb: the packet
 * @state: where it is
 * @pkt: the packet, parsed
 *
 * Nothing is sent to a reset, an ICMP error, a broadcast or a multicast
 * (RFC 1122, 3.2.2); nf_reject and icmp_send() see to that and to rate limits.
 *
 * Context: BH disabled.
 */
void sfw_reject_packet(struct sk_buff *skb, const struct nf_hook_state *state,
		       const struct sfw_packet *pkt)
{
	const struct net *outer = this_cpu_read(answering);

	if (pkt->icmp_class == SFW_ICMP_ERROR)
		return;
	/* nf_reject and icmp_send() look at the route, which at PRE_ROUTING is
	 * the one back.
	 */
	if (skb->pkt_type != PACKET_HOST || to_many(pkt))
		return;
	this_cpu_write(answering_task, current);
	this_cpu_write(answering, state->net);
	if (pkt->family == AF_INET) {
		if (pkt->protocol == IPPROTO_TCP)
			sfw_deps.nf_send_reset(state->net, state->sk, skb,
					       state->hook);
		else
			sfw_deps.nf_send_unreach(skb, pkt->has_ports ?
						 ICMP_PORT_UNREACH :
						 ICMP_PKT_FILTERED,
						 state->hook);
	} else {
		if (pkt->protocol == IPPROTO_TCP)
			sfw_deps.nf_send_reset6(state->net, state->sk, skb,
						state->hook);
		else
			sfw_deps.nf_send_unreach6(state->net, skb,
						  pkt->has_ports ?
						  ICMPV6_PORT_UNREACH :
						  ICMPV6_ADM_PROHIBITED,
						  state->hook);
	}
	this_cpu_write(answering, outer);
}
