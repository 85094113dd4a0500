/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What one measurement is: the words that were written to /proc/sfw_meter.
 */
#ifndef _METER_CONFIG_H
#define _METER_CONFIG_H

#include <linux/if.h>
#include <linux/in6.h>
#include <linux/types.h>

/* Packets that are built and then timed together, at most. */
#define METER_BATCH	64

enum meter_op {
	METER_RUN,	/* packets of flows that exist */
	METER_NEW,	/* every packet begins a flow */
	METER_SETUP,	/* establish flows; nothing is timed packet by packet */
	METER_FLOOD,	/* new flows from anywhere, and established ones between */
	METER_HOOK,	/* register or remove the empty hook */
	METER_CLOCK,	/* read the clock of all that the machine does */
};

/**
 * struct meter_config - one measurement
 * @op: what is done
 * @proto: IPPROTO_TCP or IPPROTO_UDP
 * @v6: IPv6 packets, else IPv4
 * @local_in: packets walk PRE_ROUTING and LOCAL_IN, else PRE_ROUTING only
 * @in_order: flows one after the other, else at random
 * @check: the device has not checked checksums, the firewall may have to
 * @on: METER_HOOK: register, else remove
 * @dev: name of the device that packets come in by
 * @src: address of the first source; source n is n higher
 * @dst: address that all packets go to
 * @sources: number of sources, a power of 2; flow i has source i % @sources and
 *	source port @sport + i / @sources
 * @sport: first source port
 * @dport: destination port of all
 * @payload: bytes behind the transport header, but in handshakes
 * @flows: number of flows
 * @start: number of the first one
 * @pkts: packets to time
 * @seed: of the random order
 * @batch: packets that are built and timed together
 * @mix: METER_FLOOD: established packets after each batch
 */
struct meter_config {
	enum meter_op op;
	u8 proto;
	bool v6;
	bool local_in;
	bool in_order;
	bool check;
	bool on;
	char dev[IFNAMSIZ];
	struct in6_addr src;
	struct in6_addr dst;
	u32 sources;
	u32 sport;
	u32 dport;
	u32 payload;
	u32 flows;
	u32 start;
	u32 pkts;
	u32 seed;
	u32 batch;
	u32 mix;
};

int meter_config_parse(struct meter_config *config, char *words,
		       const char **wrong);

#endif
