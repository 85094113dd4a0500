// SPDX-License-Identifier: GPL-2.0
/*
 * What came of a staged set, as netlink attributes.
 *
 * Synchronisation: the namespace's lock, under which the staged set stays.
 */
#include <linux/netdevice.h>
#include <linux/timekeeping.h>

#include "codec.h"
#include "ruleset.h"
#include "staged.h"

static u64 age_ms(u64 since)
{
	return div_u64(ktime_get_boottime_ns() - since, NSEC_PER_MSEC);
}

/**
 * sfw_codec_put_staging() - the figures of a staged set
 * @skb: message
 * @staged: the staged set; without one nothing is written
 *
 * Return: 0, or -EMSGSIZE and nothing was written.
 * Context: the namespace's lock.
 */
int sfw_codec_put_staging(struct sk_buff *skb, const struct sfw_staged *staged)
{
	struct sfw_staged_sum sum;
	struct nlattr *nest;

	if (!staged)
		return 0;
	sfw_staged_sum(staged, &sum);
	nest = nla_nest_start(skb, SFW_A_STAGING);
	if (!nest)
		return -EMSGSIZE;
	if (nla_put_u64_64bit(skb, SFW_STAGING_AGE_MS, age_ms(staged->since),
			      SFW_STAGING_PAD) ||
	    nla_put_u8(skb, SFW_STAGING_MODE, staged->rs->mode) ||
	    nla_put_u32(skb, SFW_STAGING_RULES_IN,
			staged->rs->n[SFW_DIRECTION_IN]) ||
	    nla_put_u32(skb, SFW_STAGING_RULES_OUT,
			staged->rs->n[SFW_DIRECTION_OUT]) ||
	    nla_put_u64_64bit(skb, SFW_STAGING_JUDGED, sum.judged,
			      SFW_STAGING_PAD) ||
	    nla_put_u64_64bit(skb, SFW_STAGING_OPENED, sum.opened,
			      SFW_STAGING_PAD) ||
	    nla_put_u64_64bit(skb, SFW_STAGING_CLOSED, sum.closed,
			      SFW_STAGING_PAD)) {
		nla_nest_cancel(skb, nest);
		return -EMSGSIZE;
	}
	nla_nest_end(skb, nest);
	return 0;
}

static int put_packet(struct sk_buff *skb, const struct sfw_staged_witness *w)
{
	bool icmp = w->protocol == IPPROTO_ICMP ||
		    w->protocol == IPPROTO_ICMPV6;

	if (nla_put_u8(skb, SFW_WITNESS_DIRECTION, w->direction) ||
	    nla_put_u8(skb, SFW_WITNESS_PROTOCOL, w->protocol) ||
	    sfw_codec_put_addr(skb, SFW_WITNESS_SOURCE, w->family, &w->src) ||
	    sfw_codec_put_addr(skb, SFW_WITNESS_DESTINATION, w->family,
			       &w->dst))
		return -EMSGSIZE;
	if (icmp && (nla_put_u8(skb, SFW_WITNESS_ICMP_TYPE, w->icmp_type) ||
		     nla_put_u8(skb, SFW_WITNESS_ICMP_CODE, w->icmp_code)))
		return -EMSGSIZE;
	if (sfw_packet_has_ports(w->protocol) &&
	    (nla_put_u16(skb, SFW_WITNESS_SOURCE_PORT, w->sport) ||
	     nla_put_u16(skb, SFW_WITNESS_DESTINATION_PORT, w->dport)))
		return -EMSGSIZE;
	if (w->protocol == IPPROTO_TCP &&
	    nla_put_u8(skb, SFW_WITNESS_TCP_FLAGS, w->tcp_flags))
		return -EMSGSIZE;
	return 0;
}

static int put_verdicts(struct sk_buff *skb,
			const struct sfw_staged_witness *w)
{
	if (nla_put_u8(skb, SFW_WITNESS_ACTION, w->live_action) ||
	    (!w->known &&
	     nla_put_u32(skb, SFW_WITNESS_RULE_NUMBER, w->live_rule)) ||
	    nla_put_u8(skb, SFW_WITNESS_STAGED_ACTION, w->staged_action) ||
	    nla_put_u32(skb, SFW_WITNESS_STAGED_RULE_NUMBER, w->staged_rule) ||
	    nla_put_u64_64bit(skb, SFW_WITNESS_AGE_MS, age_ms(w->when),
			      SFW_WITNESS_PAD))
		return -EMSGSIZE;
	return 0;
}

static int put_interface(struct sk_buff *skb, struct net *net, u32 ifindex)
{
	char name[IFNAMSIZ] = "";
	struct net_device *dev;

	rcu_read_lock();
	dev = dev_get_by_index_rcu(net, ifindex);
	if (dev)
		strscpy(name, dev->name, sizeof(name));
	rcu_read_unlock();
	/* It may be gone; then nobody knows its name any more. */
	if (!*name)
		return 0;
	return nla_put_string(skb, SFW_WITNESS_INTERFACE, name);
}

/**
 * sfw_codec_put_witnesses() - the last packets judged otherwise
 * @skb: message
 * @net: the namespace, for the names of interfaces
 * @staged: the staged set
 *
 * The latest comes first; those that find no room are left out.
 *
 * Return: 0.
 * Context: the namespace's lock; may sleep.
 */
int sfw_codec_put_witnesses(struct sk_buff *skb, struct net *net,
			    const struct sfw_staged *staged)
{
	struct sfw_staged_sum sum;
	u32 i;

	sfw_staged_sum(staged, &sum);
	for (i = 0; i < sum.n; i++) {
		const struct sfw_staged_witness *w = &sum.witness[i];
		struct nlattr *nest = nla_nest_start(skb, SFW_A_WITNESS);

		if (!nest)
			break;
		if (put_packet(skb, w) || put_verdicts(skb, w) ||
		    put_interface(skb, net, w->ifindex)) {
			nla_nest_cancel(skb, nest);
			break;
		}
		nla_nest_end(skb, nest);
	}
	return 0;
}
