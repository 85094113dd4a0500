// SPDX-License-Identifier: GPL-2.0
/*
 * The options of a rule set: what holds when the file is silent, and what the
 * states are called.
 *
 * Constant data and no state of its own, so there is nothing to synchronise.
 * Pure: see pure.h.
 */
#include "option.h"

/* In the words of the rule file. */
static const char *const state_names[] = {
	[SFW_STATE_TCP_SYN_SENT]	= "tcp-syn-sent",
	[SFW_STATE_TCP_SYN_RECEIVED]	= "tcp-syn-received",
	[SFW_STATE_TCP_ESTABLISHED]	= "tcp-established",
	[SFW_STATE_TCP_FIN_WAIT]	= "tcp-fin-wait",
	[SFW_STATE_TCP_CLOSE_WAIT]	= "tcp-close-wait",
	[SFW_STATE_TCP_LAST_ACK]	= "tcp-last-ack",
	[SFW_STATE_TCP_TIME_WAIT]	= "tcp-time-wait",
	[SFW_STATE_TCP_CLOSE]		= "tcp-close",
	[SFW_STATE_UDP]			= "udp",
	[SFW_STATE_UDP_STREAM]		= "udp-stream",
	[SFW_STATE_ICMP]		= "icmp",
	[SFW_STATE_GENERIC]		= "generic",
	[SFW_STATE_SCTP_INIT]		= "sctp-init",
	[SFW_STATE_SCTP_INIT_ACK]	= "sctp-init-ack",
	[SFW_STATE_SCTP_COOKIE_ECHO]	= "sctp-cookie-echo",
	[SFW_STATE_SCTP_ESTABLISHED]	= "sctp-established",
	[SFW_STATE_SCTP_SHUTDOWN]	= "sctp-shutdown",
	[SFW_STATE_SCTP_SHUTDOWN_ACK]	= "sctp-shutdown-ack",
	[SFW_STATE_SCTP_CLOSE]		= "sctp-close",
};

/*
 * Seconds. tcp-established is a day, far above the 2 hours 4 minutes that
 * RFC 5382 section 5 (REQ-5) asks for, because hosts with keep-alives probe
 * every two hours. tcp-syn-sent and tcp-close-wait outlast the retransmissions
 * of common hosts; tcp-time-wait is twice an MSL of 60 s. udp and udp-stream
 * are what DNS and calls over UDP need; RFC 4787 section 4.3 (REQ-5) asks for
 * two minutes, which a flow that was answered gets. Whatever SCTP sends again
 * it sends again within RTO.Max, 60 s (RFC 9260, 16), and an idle association
 * shows itself by a heartbeat every 30 s and a few RTOs (8.3): sctp-established
 * outlasts several that are lost.
 */
static const u32 timeouts[] = {
	[SFW_STATE_TCP_SYN_SENT]	= 120,
	[SFW_STATE_TCP_SYN_RECEIVED]	= 60,
	[SFW_STATE_TCP_ESTABLISHED]	= 24 * 60 * 60,
	[SFW_STATE_TCP_FIN_WAIT]	= 120,
	[SFW_STATE_TCP_CLOSE_WAIT]	= 240,
	[SFW_STATE_TCP_LAST_ACK]	= 30,
	[SFW_STATE_TCP_TIME_WAIT]	= 120,
	[SFW_STATE_TCP_CLOSE]		= 10,
	[SFW_STATE_UDP]			= 30,
	[SFW_STATE_UDP_STREAM]		= 180,
	[SFW_STATE_ICMP]		= 30,
	[SFW_STATE_GENERIC]		= 600,
	[SFW_STATE_SCTP_INIT]		= 120,
	[SFW_STATE_SCTP_INIT_ACK]	= 120,
	[SFW_STATE_SCTP_COOKIE_ECHO]	= 120,
	[SFW_STATE_SCTP_ESTABLISHED]	= 600,
	[SFW_STATE_SCTP_SHUTDOWN]	= 120,
	[SFW_STATE_SCTP_SHUTDOWN_ACK]	= 120,
	[SFW_STATE_SCTP_CLOSE]		= 10,
};

/**
 * sfw_option_defaults() - the options of a rule set that names none
 * @opt: filled in completely
 *
 * Context: any.
 */
void sfw_option_defaults(struct sfw_options *opt)
{
	memset(opt, 0, sizeof(*opt));
	memcpy(opt->timeout, timeouts, sizeof(opt->timeout));
	opt->tcp_pickup = true;
	opt->checksum = true;
}

/**
 * sfw_option_state_name() - the word for a state
 * @state: enum sfw_state
 *
 * Context: any.
 * Return: a static string; "unknown" for a number that is no state.
 */
const char *sfw_option_state_name(u8 state)
{
	if (state >= ARRAY_SIZE(state_names))
		return "unknown";
	return state_names[state];
}
