// SPDX-License-Identifier: GPL-2.0
/*
 * What ICMP and ICMPv6 messages mean to a stateful filter.
 *
 * Queries have an identifier and an answer: they make connections. Errors
 * quote a packet and belong to its connection. All others (router and
 * neighbour discovery, multicast listeners, redirects of IPv6) stand alone.
 *
 * Pure, no state.
 */
#include "icmp.h"

/* RFC 792, 950 */
#define ICMP4_ECHO_REPLY	0
#define ICMP4_UNREACHABLE	3
#define ICMP4_SOURCE_QUENCH	4
#define ICMP4_REDIRECT		5
#define ICMP4_ECHO		8
#define ICMP4_TIME_EXCEEDED	11
#define ICMP4_PARAMETER		12
#define ICMP4_TIMESTAMP		13
#define ICMP4_TIMESTAMP_REPLY	14
#define ICMP4_INFO		15
#define ICMP4_INFO_REPLY	16
#define ICMP4_MASK		17
#define ICMP4_MASK_REPLY	18

/* RFC 4443, 4861, 2710, 3810 */
#define ICMP6_ERROR_LAST	127
#define ICMP6_ECHO		128
#define ICMP6_ECHO_REPLY	129
#define ICMP6_MLD_QUERY		130
#define ICMP6_MLD_DONE		132
#define ICMP6_ND_FIRST		133
#define ICMP6_ND_LAST		137
#define ICMP6_MLD2_REPORT	143

/**
 * sfw_icmp_class() - kind of message
 * @protocol: IPPROTO_ICMP or IPPROTO_ICMPV6
 * @type: message type
 *
 * A redirect quotes a packet, but it is a router's order to a host and not
 * news of a connection; the list decides on it.
 *
 * Return: enum sfw_icmp_class.
 * Context: any.
 */
u8 sfw_icmp_class(u8 protocol, u8 type)
{
	if (protocol == IPPROTO_ICMPV6) {
		if (type <= ICMP6_ERROR_LAST)
			return SFW_ICMP_ERROR;
		if (type == ICMP6_ECHO)
			return SFW_ICMP_QUERY;
		if (type == ICMP6_ECHO_REPLY)
			return SFW_ICMP_REPLY;
		return SFW_ICMP_OTHER;
	}

	switch (type) {
	case ICMP4_ECHO:
	case ICMP4_TIMESTAMP:
	case ICMP4_INFO:
	case ICMP4_MASK:
		return SFW_ICMP_QUERY;
	case ICMP4_ECHO_REPLY:
	case ICMP4_TIMESTAMP_REPLY:
	case ICMP4_INFO_REPLY:
	case ICMP4_MASK_REPLY:
		return SFW_ICMP_REPLY;
	case ICMP4_UNREACHABLE:
	case ICMP4_SOURCE_QUENCH:
	case ICMP4_TIME_EXCEEDED:
	case ICMP4_PARAMETER:
		return SFW_ICMP_ERROR;
	}
	return SFW_ICMP_OTHER;
}

/**
 * sfw_icmp_query_type() - the query that a message is or answers
 * @protocol: IPPROTO_ICMP or IPPROTO_ICMPV6
 * @type: type of class SFW_ICMP_QUERY or SFW_ICMP_REPLY
 *
 * Part of the connection's key, so that a timestamp reply does not pass as
 * the answer to an echo request.
 *
 * Return: type of the query.
 * Context: any.
 */
u8 sfw_icmp_query_type(u8 protocol, u8 type)
{
	if (sfw_icmp_class(protocol, type) != SFW_ICMP_REPLY)
		return type;
	if (protocol == IPPROTO_ICMPV6)
		return ICMP6_ECHO;
	return type == ICMP4_ECHO_REPLY ? ICMP4_ECHO : type - 1;
}

/**
 * sfw_icmp_is_nd() - does IPv6 need this message to work on a link
 * @type: ICMPv6 type
 * @hop_limit: of the IPv6 header
 *
 * Neighbour discovery carries 255, which no router forwards (RFC 4861, 3.1);
 * multicast listener discovery carries 1 (RFC 2710, 3; RFC 3810, 5).
 *
 * Return: true for messages that pass unless the user filters them.
 * Context: any.
 */
bool sfw_icmp_is_nd(u8 type, u8 hop_limit)
{
	if (type >= ICMP6_ND_FIRST && type <= ICMP6_ND_LAST)
		return hop_limit == 255;
	if ((type >= ICMP6_MLD_QUERY && type <= ICMP6_MLD_DONE) ||
	    type == ICMP6_MLD2_REPORT)
		return hop_limit == 1;
	return false;
}
