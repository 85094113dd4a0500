/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What stateful mode makes of a packet of no known connection. Pure.
 *
 * Here are the decisions that need no table: judge.c takes them for packets,
 * explain.c for whoever asks about one, and sfwctl for rules that are not even
 * loaded.
 */
#ifndef _SFW_FRESH_H
#define _SFW_FRESH_H

#include "rule.h"
#include "sctp.h"
#include "tcp.h"
#include "tuple.h"

enum sfw_fresh {
	SFW_FRESH_LIST,		/* as the list says; nothing is remembered */
	SFW_FRESH_CONNECT,	/* it is allowed and makes a connection */
	SFW_FRESH_NO_CONNECTION,	/* it would have to belong to one */
	SFW_FRESH_BAD_FLAGS,	/* no host sends it; the list is not read */
	SFW_FRESH_BAD_ERROR,	/* an ICMP error about nothing we know */
};

/**
 * sfw_fresh_chunks_valid() - can an SCTP packet look like this at all
 * @pkt: the packet
 *
 * Return: true if so, and for all other protocols.
 * Context: any.
 */
static inline bool sfw_fresh_chunks_valid(const struct sfw_packet *pkt)
{
	return pkt->protocol != IPPROTO_SCTP ||
	       sfw_sctp_valid(&pkt->sctp, pkt->sport, pkt->dport);
}

/**
 * sfw_fresh_can_begin() - can this packet be a connection's first
 * @pkt: the packet
 * @pickup: connections that run already are taken over
 *
 * Return: true if so.
 * Context: any.
 */
static inline bool sfw_fresh_can_begin(const struct sfw_packet *pkt,
				       bool pickup)
{
	if (pkt->protocol == IPPROTO_TCP)
		return sfw_tcp_can_begin(&pkt->tcp, pickup);
	if (pkt->protocol == IPPROTO_SCTP)
		return sfw_sctp_can_begin(&pkt->sctp, pickup);
	return pkt->icmp_class != SFW_ICMP_REPLY;
}

/**
 * sfw_fresh_settle() - what comes of a packet that is no ICMP error
 * @pkt: the packet, of valid flags
 * @rule: the rule that decides, NULL for the default
 * @action: what it says, enum sfw_action
 * @pickup: as above
 *
 * Return: SFW_FRESH_LIST, SFW_FRESH_CONNECT or SFW_FRESH_NO_CONNECTION.
 * Context: any; the caller keeps the rule alive.
 */
static inline enum sfw_fresh sfw_fresh_settle(const struct sfw_packet *pkt,
					      const struct sfw_rule *rule,
					      u8 action, bool pickup)
{
	if (action != SFW_ACTION_ALLOW ||
	    (rule && rule->flags & SFW_RULE_F_NO_STATE) || !sfw_tuple_has(pkt))
		return SFW_FRESH_LIST;
	return sfw_fresh_can_begin(pkt, pickup) ? SFW_FRESH_CONNECT :
						  SFW_FRESH_NO_CONNECTION;
}

/**
 * sfw_fresh_error() - what comes of an ICMP error about no known connection
 * @pkt: the error
 * @rule: the rule that decides, NULL for the default
 *
 * What this host itself sends hurts none.
 *
 * Return: SFW_FRESH_LIST or SFW_FRESH_BAD_ERROR.
 * Context: any; the caller keeps the rule alive.
 */
static inline enum sfw_fresh sfw_fresh_error(const struct sfw_packet *pkt,
					     const struct sfw_rule *rule)
{
	return pkt->direction == SFW_DIRECTION_IN &&
	       !(rule && rule->flags & SFW_RULE_F_NO_STATE) ?
	       SFW_FRESH_BAD_ERROR : SFW_FRESH_LIST;
}

/**
 * sfw_fresh_judge() - all of it, in order
 * @pkt: the packet; of an ICMP error it is not known what it quotes
 * @rule: the rule that decides, NULL for the default
 * @action: what it says, enum sfw_action
 * @pickup: as above
 *
 * Return: enum sfw_fresh.
 * Context: any; the caller keeps the rule alive.
 */
static inline enum sfw_fresh sfw_fresh_judge(const struct sfw_packet *pkt,
					     const struct sfw_rule *rule,
					     u8 action, bool pickup)
{
	if (pkt->protocol == IPPROTO_TCP &&
	    !sfw_tcp_flags_valid(&pkt->tcp, pkt->dport))
		return SFW_FRESH_BAD_FLAGS;
	if (!sfw_fresh_chunks_valid(pkt))
		return SFW_FRESH_BAD_FLAGS;
	if (pkt->icmp_class == SFW_ICMP_ERROR)
		return sfw_fresh_error(pkt, rule);
	return sfw_fresh_settle(pkt, rule, action, pickup);
}

void sfw_fresh_fill(struct sfw_packet *pkt);
void sfw_fresh_fill_sctp(struct sfw_packet *pkt, bool answer);

#endif /* _SFW_FRESH_H */
