// SPDX-License-Identifier: GPL-2.0
/*
 * Connections outside of their table: can this be one?
 *
 * What conns restore reads may be older than this module, cut off, edited or
 * made up. sfwctl asks here before it sends anything, so that it can name line
 * and field; the module asks again, because it trusts nobody. What passes is
 * something that traffic could have made: no state of another protocol, no
 * facts that exclude each other, nothing that the packet path relies upon and
 * does not find. Whether it is true nobody can know; a connection that is not
 * fits no packet, or belongs to whoever may load rules anyway.
 *
 * Pure, no state of its own. The fields are called as in the file.
 */
#include "generic.h"
#include "icmp.h"
#include "saved.h"

static bool is_icmp(const struct sfw_saved *saved)
{
	return saved->protocol == IPPROTO_ICMP ||
	       saved->protocol == IPPROTO_ICMPV6;
}

static const char *check_key(const struct sfw_saved *saved, const char **field)
{
	if (saved->family != AF_INET && saved->family != AF_INET6) {
		*field = "source";
		return "an address is IPv4 or IPv6";
	}
	if (is_icmp(saved)) {
		*field = "protocol";
		if (saved->family != (saved->protocol == IPPROTO_ICMP ?
				      AF_INET : AF_INET6))
			return "icmp goes with IPv4 addresses, icmpv6 with IPv6 ones";
		*field = "icmp_type";
		if (sfw_icmp_class(saved->protocol, saved->icmp_type) !=
		    SFW_ICMP_QUERY)
			return "only a query such as an echo request makes a connection";
	}
	if (saved->direction > SFW_DIRECTION_OUT) {
		*field = "direction";
		return "a direction is in or out";
	}
	if (saved->rule > SFW_RULE_NUMBER_MAX) {
		*field = "rule";
		return "a rule number is 1 to 16777215, or 0 for the default";
	}
	return NULL;
}

static bool state_fits(const struct sfw_saved *saved)
{
	switch (saved->protocol) {
	case IPPROTO_TCP:
		return saved->state <= SFW_STATE_TCP_CLOSE;
	case IPPROTO_SCTP:
		return saved->state >= SFW_STATE_SCTP_INIT &&
		       saved->state <= SFW_STATE_SCTP_CLOSE;
	}
	/* Their state says no more than whether there was an answer. */
	return saved->state ==
	       sfw_generic_state(saved->protocol,
				 saved->track.standing != SFW_STANDING_UNREPLIED);
}

static const char *check_tcp(const struct sfw_saved *saved, const char **field)
{
	const struct sfw_track *track = &saved->track;
	const struct sfw_tcp *tcp = &track->tcp;
	u8 both = tcp->flags[0] & tcp->flags[1];
	u8 any = tcp->flags[0] | tcp->flags[1];

	*field = "first_flags";
	if (!(track->first & SFW_TCP_SYN) != track->picked_up)
		return "a connection begins with a SYN, or it was picked up";
	*field = "tcp.originator.flags";
	if (!(tcp->flags[0] & SFW_TCP_F_SEEN))
		return "the originator was seen";
	if (tcp->flags[0] & SFW_TCP_F_FIRST && any & SFW_TCP_F_PROBE)
		return "probe is the first SYN or a later one, not both";
	*field = "tcp.responder.flags";
	if (both & SFW_TCP_F_PROBE)
		return "probe is a SYN of one side, not of both";
	if (tcp->flags[1] & SFW_TCP_F_ANSWERED && !(any & SFW_TCP_F_PROBE))
		return "there is no probe that can be answered";
	if (tcp->flags[1] & SFW_TCP_F_SYN &&
	    !(tcp->flags[1] & SFW_TCP_F_SEEN))
		return "who sent a SYN was seen";
	*field = "state";
	if (saved->state == SFW_STATE_TCP_SYN_SENT &&
	    (!(tcp->flags[0] & SFW_TCP_F_SYN) ||
	     tcp->flags[1] & SFW_TCP_F_SEEN))
		return "syn-sent is a SYN of the originator and no answer";
	return NULL;
}

static const char *check_sctp(const struct sfw_saved *saved, const char **field)
{
	const struct sfw_sctp *sctp = &saved->track.sctp;

	*field = "sctp.originator.tag";
	if (!sctp->tag[0] && !sctp->tag[1])
		return "at least one side has named its tag";
	*field = "sctp.again";
	if (sctp->again > 2)
		return "it is the side that began anew, originator or responder";
	if (sctp->again && !sctp->next[sctp->again - 1])
		return "who began anew has named its next tag";
	return NULL;
}

/**
 * sfw_saved_check() - can this be a connection
 * @saved: the connection
 * @field: set to the field at fault, as the file calls it
 *
 * Return: NULL, or a static text that says why not.
 * Context: any.
 */
const char *sfw_saved_check(const struct sfw_saved *saved, const char **field)
{
	const struct sfw_track *track = &saved->track;
	const char *why = check_key(saved, field);

	if (why)
		return why;
	*field = "standing";
	if (track->standing > SFW_STANDING_STAYS)
		return "it is unreplied, heard or stays";
	*field = "hooks";
	if (track->hooks > 15)
		return "two sides come by two hooks each";
	*field = "state";
	if (!state_fits(saved))
		return "a connection of this protocol and standing is never in this state";
	*field = "expires_ms";
	if (!saved->expires_ms ||
	    saved->expires_ms > (u64)SFW_TIMEOUT_LIMIT * 1000)
		return "the time left is 1 ms to 20 days";
	*field = "packets";
	if (!saved->packets[0])
		return "a connection has had at least one packet";
	*field = "first_flags";
	if (track->first && saved->protocol != IPPROTO_TCP)
		return "only TCP has them";
	*field = "picked_up";
	if (track->picked_up && saved->protocol != IPPROTO_TCP &&
	    saved->protocol != IPPROTO_SCTP)
		return "only TCP and SCTP are picked up";
	if (saved->protocol == IPPROTO_TCP)
		return check_tcp(saved, field);
	if (saved->protocol == IPPROTO_SCTP)
		return check_sctp(saved, field);
	return NULL;
}

/**
 * sfw_saved_packet() - the packet that a connection began with
 * @saved: the connection, valid
 * @pkt: filled in as far as the connection knows it
 *
 * Context: any.
 */
void sfw_saved_packet(const struct sfw_saved *saved, struct sfw_packet *pkt)
{
	memset(pkt, 0, sizeof(*pkt));
	pkt->src = saved->src;
	pkt->dst = saved->dst;
	pkt->family = saved->family;
	pkt->protocol = saved->protocol;
	pkt->direction = saved->direction;
	pkt->has_ports = sfw_packet_has_ports(saved->protocol);
	if (pkt->has_ports) {
		pkt->sport = saved->sport;
		pkt->dport = saved->dport;
	} else if (is_icmp(saved)) {
		pkt->icmp_id = saved->icmp_id;
		pkt->icmp_type = saved->icmp_type;
		pkt->icmp_class = SFW_ICMP_QUERY;
	}
	if (saved->protocol == IPPROTO_TCP)
		pkt->tcp.flags = saved->track.first;
}
