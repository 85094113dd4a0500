/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The options of a rule set and their defaults. Pure.
 */
#ifndef _SFW_OPTION_H
#define _SFW_OPTION_H

#include "pure.h"

/* Bits of struct sfw_options.named beside the timeouts. */
#define SFW_OPT_MAX_CONNECTIONS	BIT(0)
#define SFW_OPT_TCP_PICKUP	BIT(1)
#define SFW_OPT_TCP_LIBERAL	BIT(2)
#define SFW_OPT_CHECKSUM	BIT(3)
#define SFW_OPT_LOOPBACK	BIT(4)
#define SFW_OPT_ND		BIT(5)
#define SFW_OPT_KEEP		BIT(6)

/**
 * struct sfw_options - options in force
 * @max_connections: entries of the table, at least 1; 0 lets the kernel
 *	choose by memory size
 * @timeout: seconds per enum sfw_state, at least 1
 * @named: SFW_OPT_* that the rule file names
 * @named_timeouts: bit per enum sfw_state that the rule file names
 * @tcp_pickup: follow TCP connections whose handshake was not seen
 * @tcp_liberal: do not check windows
 * @checksum: drop packets with bad transport checksums
 * @loopback_filter: judge loopback traffic
 * @nd_filter: judge neighbour discovery and MLD
 * @keep_connections: do not judge live connections again after a commit
 */
struct sfw_options {
	u32 max_connections;
	u32 timeout[SFW_STATE_MAX + 1];
	u32 named;
	u32 named_timeouts;
	bool tcp_pickup;
	bool tcp_liberal;
	bool checksum;
	bool loopback_filter;
	bool nd_filter;
	bool keep_connections;
};

void sfw_option_defaults(struct sfw_options *opt);
const char *sfw_option_state_name(u8 state);

#endif /* _SFW_OPTION_H */
