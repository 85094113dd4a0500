/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Connections outside of their table: as conns save writes and conns restore
 * reads them. Pure.
 */
#ifndef _SFW_SAVED_H
#define _SFW_SAVED_H

#include "packet.h"
#include "rule.h"
#include "sctp.h"
#include "tcp.h"

/**
 * struct sfw_track - what a connection is followed by
 * @tcp: valid if the protocol is TCP
 * @sctp: valid if the protocol is SCTP
 * @first: TCP flags of the first packet; 0 for all other protocols
 * @hooks: see struct sfw_conn
 * @standing: enum sfw_standing
 * @picked_up: its beginning was not seen
 * @looped: see struct sfw_conn
 */
struct sfw_track {
	union {
		struct sfw_tcp tcp;
		struct sfw_sctp sctp;
	};
	u8 first;
	u8 hooks;
	u8 standing;
	bool picked_up;
	bool looped;
};

/**
 * struct sfw_saved - a connection
 * @src: originator
 * @dst: responder
 * @packets: of the originator [0] and the responder [1]
 * @bytes: likewise
 * @expires_ms: time it has left
 * @rule: number of the rule that made it, 0 for the default
 * @sport: port of the originator, for protocols that have ports
 * @dport: port of the responder, likewise
 * @icmp_id: for ICMP and ICMPv6
 * @icmp_type: likewise, of the query
 * @family: AF_INET or AF_INET6
 * @protocol: IP protocol
 * @direction: enum sfw_direction
 * @state: enum sfw_state
 * @ifname: interface of the first packet, empty if it is unknown
 * @track: what it is followed by
 */
struct sfw_saved {
	struct sfw_addr src;
	struct sfw_addr dst;
	u64 packets[2];
	u64 bytes[2];
	u64 expires_ms;
	u32 rule;
	u16 sport;
	u16 dport;
	u16 icmp_id;
	u8 icmp_type;
	u8 family;
	u8 protocol;
	u8 direction;
	u8 state;
	char ifname[SFW_IFNAME_MAX + 1];
	struct sfw_track track;
};

const char *sfw_saved_check(const struct sfw_saved *saved, const char **field);
void sfw_saved_packet(const struct sfw_saved *saved, struct sfw_packet *pkt);

#endif /* _SFW_SAVED_H */
