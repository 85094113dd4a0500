/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Packets in words:
 *
 *	in|out PROTO SRC[:PORT] > DST[:PORT] [on IFACE] [type T/C] [id N]
 *		[flags F]
 */
#ifndef _SFWCTL_PACKET_TEXT_H
#define _SFWCTL_PACKET_TEXT_H

#include "parse.h"

struct parser;

/* The port of a client that names none: in every usual ephemeral range. */
#define PACKET_PORT_USUAL	49152

/* A packet and the name it points to; so it cannot be copied. */
struct packet_text {
	struct sfw_packet pkt;
	char ifname[SFW_IFNAME_MAX + 1];
};

/*
 * Read one. What is left out is what usually begins a connection: a SYN, an
 * INIT, an echo request; a source port is PACKET_PORT_USUAL. A packet of an
 * address to itself or of loopback is on lo. The result's ruleset is NULL, and
 * packet of no use, if there was an error.
 */
struct parse_result *packet_text_read(const char *name, const char *text,
				      struct packet_text *packet);
/* The same in the middle of a line; false after complaints. */
bool packet_text_parse(struct parser *p, struct packet_text *packet);

/* In words that read back to the same packet; fresh memory. */
char *packet_text_print(const struct sfw_packet *pkt, bool numeric);
/* "10.0.0.5:51514", "[2001:db8::1]:443", "10.0.0.5" */
void packet_text_end(char *buf, size_t size, const struct sfw_packet *pkt,
		     bool source);

/*
 * What comes back: the SYN/ACK, the echo reply, in the other direction and
 * through the same interface. False if nothing does.
 */
bool packet_text_reply(const struct sfw_packet *pkt, struct sfw_packet *reply);

#endif /* _SFWCTL_PACKET_TEXT_H */
