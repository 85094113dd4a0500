/* SPDX-License-Identifier: GPL-2.0 */
/*
 * More traces of tcp.c: connections that are reset, met by a SYN, picked up while
 * they run, or followed without their windows.
 */
#ifndef _SFW_UNIT_TCP_TRACES_LATE_H
#define _SFW_UNIT_TCP_TRACES_LATE_H

#include "tcp_traces.h"

static const struct trace late_traces[] = {
	/* Resets: RFC 9293, 3.10.7 and RFC 5961, 3 */
	{ "reset, exact, from the first host",
	  TALK "> R 101 = pass tcp-close\n" },
	{ "reset, exact, from the second host",
	  TALK "< RA 201 ack 101 = pass tcp-close\n" },
	{ "reset at what the receiver acknowledged, data are lost behind us",
	  TALK
	  "> PA 101 len 500 ack 201 win 501 = pass tcp-established\n"
	  "> R 101 = pass tcp-close\n" },
	{ "reset at the end of data that are not acknowledged yet",
	  TALK
	  "> PA 101 len 500 ack 201 win 501 = pass tcp-established\n"
	  "> RA 601 ack 201 = pass tcp-close\n" },
	{ "reset at what was acknowledged; an older acknowledgment came late",
	  TALK
	  "< PA 201 len 100 ack 101 win 509 = pass tcp-established\n"
	  "< PA 301 len 100 ack 101 win 509 = pass tcp-established\n"
	  "> A 101 ack 301 win 501 = pass tcp-established\n"
	  "> A 101 ack 201 win 501 = pass tcp-established\n"
	  "< R 201 = window tcp-established\n"
	  "< R 301 = pass tcp-close\n" },
	{ "reset in the window but not exact",
	  TALK
	  "> R 102 = window tcp-established\n"
	  "> R 100 = window tcp-established\n"
	  "< R 200 = window tcp-established\n"
	  "< RA 202 ack 101 = window tcp-established\n"
	  "> R 30000 = window tcp-established\n"
	  "> PA 101 len 500 ack 201 win 501 = pass tcp-established\n"
	  "> R 301 = window tcp-established\n" },
	{ "reset far out",
	  TALK
	  "> R 500000 = window tcp-established\n"
	  "> R -500000 = window tcp-established\n"
	  "< R 2147483647 = window tcp-established\n"
	  "< R -2147483647 = window tcp-established\n" },
	{ "refused: reset with a valid acknowledgment",
	  SYN "< RA @0 ack 1 = pass tcp-close\n"
	  "> S 40000 win 64240 ws 7 = reopen tcp-syn-sent\n" },
	{ "refused: the reset comes again, others do not pass",
	  SYN "< RA @0 ack 1 = pass tcp-close\n"
	  "< RA @0 ack 1 = pass tcp-close\n"
	  "< R 500000 = window tcp-close\n"
	  "< RA 500000 ack 2 = window tcp-close\n"
	  "< SA 500000 ack 700000 win 9 = window tcp-close\n"
	  "> SA 500000 ack 700000 win 9 = window tcp-close\n"
	  "< PA 2000000000 len 9 ack 1 win 9 = window tcp-close\n"
	  "< PA -2000000000 len 9 ack 1 win 9 = window tcp-close\n"
	  "> PA 77 len 9 ack 1 win 9 = window tcp-close\n" },
	{ "reset of a SYN without, and with another acknowledgment",
	  SYN
	  "< R @0 = window tcp-syn-sent\n"
	  "< R 1 = window tcp-syn-sent\n"
	  "< RA @0 ack 0 = window tcp-syn-sent\n"
	  "< RA @0 ack 2 = window tcp-syn-sent\n"
	  "< RA @0 ack 2000000000 = window tcp-syn-sent\n" },
	{ "SYN with data is refused",
	  "> S 0 len 100 win 64240 ws 7 = begin tcp-syn-sent\n"
	  "< RA @0 ack 101 = pass tcp-close\n" },
	{ "SYN/ACK is lost behind us, then the host listens no more",
	  SYN SYN_ACK
	  "> S 0 win 64240 ws 7 = pass tcp-syn-received\n"
	  "< RA 5000 ack 0 = window tcp-syn-received\n"
	  "< RA 5000 ack 2 = window tcp-syn-received\n"
	  "< RA @0 ack 1 = pass tcp-close\n" },
	{ "handshake is over: acknowledging the SYN is not enough for a reset",
	  OPEN "< RA 5000 ack 1 = window tcp-established\n" },
	{ "scan: SYN/ACK is answered by a reset",
	  SYN SYN_ACK "> R 1 = pass tcp-close\n" },
	{ "in SYN-RECEIVED resets are exact",
	  SYN SYN_ACK
	  "> R 2 = window tcp-syn-received\n"
	  "> R 0 = window tcp-syn-received\n"
	  "< R 2 = window tcp-syn-received\n"
	  "< RA 1 ack 1 = pass tcp-close\n" },
	{ "after a FIN: reset exact, or at the FIN itself",
	  HALF "> R 102 = pass tcp-close\n" },
	{ "after a FIN: reset at the FIN itself, as macOS sends it",
	  HALF "> R 101 = pass tcp-close\n" },
	{ "after a FIN: reset by the host that got data it does not want",
	  HALF
	  "< PA 201 len 100 ack 102 win 509 = pass tcp-close-wait\n"
	  "> R 102 = pass tcp-close\n" },
	{ "after a FIN: reset from the other host, exact",
	  HALF
	  "< PA 201 len 100 ack 102 win 509 = pass tcp-close-wait\n"
	  "< R 301 = pass tcp-close\n" },
	{ "after a FIN: reset in the window but not exact",
	  HALF
	  "> R 103 = window tcp-close-wait\n"
	  "> R 99 = window tcp-close-wait\n"
	  "> R 30000 = window tcp-close-wait\n"
	  "< R 30000 = window tcp-close-wait\n"
	  "< R 199 = window tcp-close-wait\n" },
	{ "TIME-WAIT: reset exact and not",
	  CLOSED
	  "< R 5000 = window tcp-time-wait\n"
	  "> R 5000 = window tcp-time-wait\n"
	  "> R 102 = pass tcp-close\n" },
	{ "after a reset: what was on its way passes, the state stays",
	  TALK
	  "> PA 101 len 10 ack 201 win 501 = pass tcp-established\n"
	  "> R 101 = pass tcp-close\n"
	  "< PA 201 len 100 ack 111 win 509 = pass tcp-close\n"
	  "> R 111 = pass tcp-close\n"
	  "< FA 301 ack 111 win 509 = pass tcp-close\n" },

	/* A SYN meets a connection: RFC 9293, 3.6.1, 3.5.1; RFC 5961, 4 */
	{ "TIME-WAIT: a later SYN is a new connection",
	  CLOSED
	  "> S 5000 win 64240 ws 7 = reopen tcp-syn-sent\n"
	  "< SA 9000 ack 5001 win 65160 ws 7 = pass tcp-syn-received\n"
	  "> A 5001 ack 9001 win 502 = pass tcp-established\n" },
	{ "TIME-WAIT: a later SYN of the other host is a new connection",
	  CLOSED
	  "< S 5000 win 64240 ws 7 = reopen tcp-syn-sent\n"
	  "> SA 9000 ack 5001 win 65160 ws 7 = pass tcp-syn-received\n"
	  "< A 5001 ack 9001 win 502 = pass tcp-established\n" },
	{ "TIME-WAIT: an earlier SYN is answered, the answer is reset",
	  CLOSED
	  "> S -5000 win 64240 ws 7 = pass tcp-time-wait\n"
	  "< A 202 ack 102 win 509 = pass tcp-time-wait\n"
	  "> R 102 = pass tcp-close\n"
	  "> S -5000 win 64240 ws 7 = reopen tcp-syn-sent\n"
	  "< SA 9000 ack -4999 win 65160 ws 7 = pass tcp-syn-received\n" },
	{ "TIME-WAIT: an earlier SYN is taken, for the other host forgot",
	  CLOSED
	  "> S -500000 win 64240 ws 7 = pass tcp-time-wait\n"
	  "< SA -900000 ack -499999 win 65160 ws 7 = pass tcp-syn-received\n"
	  "> A -499999 ack -899999 win 502 = pass tcp-established\n" },
	{ "TIME-WAIT: an earlier SYN is answered first, a copy of it is taken",
	  CLOSED
	  "> S -500000 win 64240 ws 7 = pass tcp-time-wait\n"
	  "< A 202 ack 102 win 509 = pass tcp-time-wait\n"
	  "< SA -900000 ack -499999 win 65160 ws 7 = pass tcp-syn-received\n" },
	{ "SYN in a running connection: challenge ACK, reset, new SYN",
	  TALK
	  "> S 800000 win 64240 ws 7 = pass tcp-established\n"
	  "< A 201 ack 101 win 509 = pass tcp-established\n"
	  "> R 101 = pass tcp-close\n"
	  "> S 800000 win 64240 ws 7 = reopen tcp-syn-sent\n"
	  "< SA 900000 ack 800001 win 65160 ws 7 = pass tcp-syn-received\n"
	  "> A 800001 ack 900001 win 502 = pass tcp-established\n" },
	{ "forged SYN, then copies of SYN and SYN/ACK",
	  TALK
	  "> S 800000 win 64240 ws 7 = pass tcp-established\n"
	  "> S 0 win 64240 ws 7 = pass tcp-established\n"
	  "< SA 0 ack 1 win 65160 ws 7 = pass tcp-established\n"
	  "< A 201 ack 101 win 509 = pass tcp-established\n" },
	{ "SYN in a running connection is a forgery: it goes on",
	  TALK
	  "> S 800000 win 64240 ws 7 = pass tcp-established\n"
	  "< A 201 ack 101 win 509 = pass tcp-established\n"
	  "< S 800000 win 64240 ws 7 = pass tcp-established\n"
	  "> A 101 ack 201 win 501 = pass tcp-established\n"
	  "> PA 101 len 100 ack 201 win 501 = pass tcp-established\n"
	  "< PA 201 len 100 ack 201 win 509 = pass tcp-established\n" },
	{ "SYN in SYN-RECEIVED with another number: challenge, reset, new SYN",
	  SYN SYN_ACK
	  "> S 800000 win 64240 ws 7 = pass tcp-syn-received\n"
	  "< A 1 ack 1 win 509 = pass tcp-syn-received\n"
	  "> R 1 = pass tcp-close\n"
	  "> S 800000 win 64240 ws 7 = reopen tcp-syn-sent\n" },
	{ "stale connection: the second host takes a new SYN",
	  TALK
	  "> S 800000 win 1000 ws 3 = pass tcp-established\n"
	  "< SA 900000 ack 800001 win 2000 ws 4 = pass tcp-established\n"
	  "> A 800001 ack 900001 win 500 = pass tcp-established\n"
	  "> A 101 ack 201 win 501 = window tcp-established\n"
	  "> PA 800001 len 2000 ack 900001 win 500 = pass tcp-established\n"
	  "< PA 900001 len 4000 ack 802001 win 100 = pass tcp-established\n"
	  "> PA 802001 len 63535 ack 904001 win 500 = pass tcp-established\n"
	  "< A 904001 ack 865536 win 100 = pass tcp-established\n"
	  "> PA 865536 len 1602 ack 904001 win 500 = window tcp-established\n"
	  "> PA 865536 len 1600 ack 904001 win 500 = pass tcp-established\n" },
	{ "stale connection: a new SYN without scaling is taken",
	  TALK
	  "> S 800000 win 1000 = pass tcp-established\n"
	  "< SA 900000 ack 800001 win 2000 = pass tcp-established\n"
	  "> A 800001 ack 900001 win 1000 = pass tcp-established\n"
	  "< A 900001 ack 800001 win 1000 = pass tcp-established\n"
	  "> PA 800001 len 65537 ack 900001 win 1000 = window tcp-established\n"
	  "> PA 800001 len 65535 ack 900001 win 1000 = pass tcp-established\n" },
	{ "stale connection: every segment of the new handshake twice",
	  TALK
	  "> S 800000 win 1000 ws 3 = pass tcp-established\n"
	  "> S 800000 win 1000 ws 3 = pass tcp-established\n"
	  "< SA 900000 ack 800001 win 2000 ws 4 = pass tcp-established\n"
	  "> S 800000 win 1000 ws 3 = pass tcp-established\n"
	  "< SA 900000 ack 800001 win 2000 ws 4 = pass tcp-established\n"
	  "< SA 900001 ack 800001 win 2000 ws 4 = window tcp-established\n"
	  "> A 800001 ack 900001 win 500 = pass tcp-established\n"
	  "> A 800001 ack 900001 win 500 = pass tcp-established\n"
	  "< SA 900000 ack 800001 win 2000 ws 4 = pass tcp-established\n"
	  "> S 800000 win 1000 ws 3 = pass tcp-established\n" },
	{ "stale connection: the end of the new handshake is lost, data come",
	  TALK
	  "> S 800000 win 1000 ws 3 = pass tcp-established\n"
	  "< SA 900000 ack 800001 win 2000 ws 4 = pass tcp-established\n"
	  "> PA 801461 len 500 ack 900001 win 500 = pass tcp-established\n"
	  "> PA 800001 len 1460 ack 900001 win 500 = pass tcp-established\n"
	  "< A 900001 ack 801961 win 500 = pass tcp-established\n" },
	{ "stale connection: the new SYN is taken, either host gives up",
	  TALK
	  "> S 800000 win 1000 ws 3 = pass tcp-established\n"
	  "< SA 900000 ack 800001 win 2000 ws 4 = pass tcp-established\n"
	  "> R 800002 = window tcp-established\n"
	  "> R 800001 = pass tcp-established\n"
	  "< R 900000 = window tcp-established\n"
	  "< R 900001 = pass tcp-established\n"
	  "< RA 7000000 ack 800001 = pass tcp-established\n" },
	{ "stale connection: a new SYN is refused (RFC 9293, 3.10.7.1)",
	  TALK
	  "> S 800000 win 1000 ws 3 = pass tcp-established\n"
	  "< RA 7000000 ack 800001 = pass tcp-established\n"
	  "< RA 7000000 ack 800001 = pass tcp-established\n"
	  "> S 900000 win 1000 ws 3 = pass tcp-established\n"
	  "< SA 700000 ack 900001 win 2000 ws 4 = pass tcp-established\n"
	  "> A 900001 ack 700001 win 500 = pass tcp-established\n"
	  "< PA 700001 len 4000 ack 900001 win 100 = pass tcp-established\n" },
	{ "stale connection: a new SYN comes again without scaling, the first is taken",
	  TALK
	  "> S 800000 win 1000 ws 3 = pass tcp-established\n"
	  "> S 800000 win 1000 = pass tcp-established\n"
	  "< SA 900000 ack 800001 win 2000 ws 4 = pass tcp-established\n"
	  "> A 800001 ack 900001 win 500 = pass tcp-established\n"
	  "< PA 900001 len 65535 ack 800001 win 100 = pass tcp-established\n"
	  "> A 800001 ack 965536 win 500 = pass tcp-established\n"
	  "< PA 965536 len 4000 ack 800001 win 100 = pass tcp-established\n" },
	{ "stale connection: a new SYN with data is taken (RFC 7413)",
	  TALK
	  "> S 800000 len 500 win 1000 ws 3 = pass tcp-established\n"
	  "< SA 900000 len 9 ack 800501 win 2000 ws 4 = pass tcp-established\n"
	  "> A 800501 ack 900010 win 500 = pass tcp-established\n" },
	{ "forged SYN and answer: the old connection goes on (forwarded)",
	  TALK
	  "> S 800000 win 1000 ws 3 = pass tcp-established\n"
	  "< SA 900000 ack 800001 win 2000 ws 4 = pass tcp-established\n"
	  "> A 101 ack 201 win 501 = pass tcp-established\n"
	  "> A 800001 ack 900001 win 500 = window tcp-established\n"
	  "< SA 900000 ack 800001 win 2000 ws 4 = window tcp-established\n"
	  "> PA 101 len 100 ack 201 win 501 = pass tcp-established\n"
	  "< PA 201 len 100 ack 201 win 509 = pass tcp-established\n" },
	{ "forged SYN and answer: a reset in the window is none of that handshake",
	  TALK
	  "> S 800000 win 1000 ws 3 = pass tcp-established\n"
	  "< SA 900000 ack 800001 win 2000 ws 4 = pass tcp-established\n"
	  /* The low 16 bits are those of the forged numbers. */
	  "> R 13569 = window tcp-established\n"
	  "< R 48033 = window tcp-established\n"
	  "> R 800001 = pass tcp-established\n" },
	{ "a SYN from elsewhere is passed on, but nothing that follows counts",
	  TALK
	  "> S 800000 win 1000 ws 3 stray 1 = pass tcp-established\n"
	  "< SA 900000 ack 800001 win 2000 ws 4 = window tcp-established\n"
	  "< RA 7000000 ack 800001 = window tcp-established\n"
	  "> A 800001 ack 900001 win 500 = window tcp-established\n" },
	{ "an answer from elsewhere",
	  TALK
	  "> S 800000 win 1000 ws 3 = pass tcp-established\n"
	  "< SA 900000 ack 800001 win 2000 ws 4 stray 1 = window tcp-established\n"
	  "< RA 7000000 ack 800001 stray 1 = window tcp-established\n"
	  "> A 800001 ack 900001 win 500 = window tcp-established\n" },
	{ "the end of a handshake from elsewhere",
	  TALK
	  "> S 800000 win 1000 ws 3 = pass tcp-established\n"
	  "< SA 900000 ack 800001 win 2000 ws 4 = pass tcp-established\n"
	  "> R 800001 stray 1 = window tcp-established\n"
	  "> A 800001 ack 900001 win 500 stray 1 = window tcp-established\n"
	  "> A 800001 ack 900001 win 500 = pass tcp-established\n" },
	{ "from elsewhere: what is right in itself passes",
	  TALK
	  "> PA 101 len 9 ack 201 win 501 stray 1 = pass tcp-established\n"
	  "< RA 201 ack 110 stray 1 = pass tcp-close\n" },
	{ "from elsewhere: a SYN in TIME-WAIT",
	  CLOSED "> S -800000 win 1000 ws 3 stray 1 = pass tcp-time-wait\n"
	  "< SA 900000 ack -799999 win 2000 ws 4 stray 1 = pass tcp-syn-received\n" },
	{ "forged SYN, challenge ACK, forged answer: that is too late",
	  TALK
	  "> S 800000 win 1000 ws 3 = pass tcp-established\n"
	  "< A 201 ack 101 win 509 = pass tcp-established\n"
	  "< SA 900000 ack 800001 win 2000 ws 4 = window tcp-established\n"
	  "< RA 7000000 ack 800001 = window tcp-established\n"
	  "> A 800001 ack 900001 win 500 = window tcp-established\n" },
	{ "forged SYN and refusal: they close nothing, though no host objects",
	  TALK
	  "> FA 101 ack 201 win 501 = pass tcp-fin-wait\n"
	  "> S 800000 win 1000 ws 3 = pass tcp-fin-wait\n"
	  "< RA 7000000 ack 800001 = pass tcp-fin-wait\n"
	  "> S 800000 win 1000 ws 3 = pass tcp-fin-wait\n"
	  "< RA 0 ack 800001 = pass tcp-fin-wait\n"
	  "< A 201 ack 102 win 509 = pass tcp-close-wait\n"
	  "< RA 7000000 ack 800001 = window tcp-close-wait\n" },
	{ "forged SYN and refusal in the handshake: it goes on",
	  SYN SYN_ACK
	  "> S 800000 win 1000 ws 3 = pass tcp-syn-received\n"
	  "< RA 7000000 ack 800001 = pass tcp-syn-received\n"
	  "< SA 0 ack 1 win 65160 ws 7 = pass tcp-syn-received\n"
	  "< A 1 ack 1 win 509 = pass tcp-syn-received\n"
	  "> A 1 ack 1 win 502 = pass tcp-established\n" },
	{ "stale connection: resets that do not refuse the new SYN",
	  TALK
	  "< RA 7000000 ack 800001 = window tcp-established\n"
	  "> S 800000 win 1000 ws 3 = pass tcp-established\n"
	  "< RA 7000000 ack 800000 = window tcp-established\n"
	  "< R 7000000 = window tcp-established\n"
	  "> R 7000000 = window tcp-established\n" },
	{ "the answer to a later SYN may not be in the window",
	  TALK
	  "> S 800000 win 1000 ws 3 = pass tcp-established\n"
	  "< SA 300 ack 800001 win 2000 ws 4 = window tcp-established\n"
	  "< SA 900000 ack 800001 win 2000 ws 4 = pass tcp-established\n" },
	{ "stale SYN/ACK meets a running connection",
	  TALK
	  "< SA 900000 ack 1 win 65160 = window tcp-established\n"
	  "< SA 0 ack 900000 win 65160 = window tcp-established\n"
	  "< SA -900000 ack -900000 win 65160 = window tcp-established\n"
	  "> SA 900000 ack 900000 win 65160 = window tcp-established\n"
	  "> SA -900000 ack -900000 win 65160 = window tcp-established\n" },
	{ "after a reset a SYN of either host is a new connection",
	  TALK "> R 101 = pass tcp-close\n"
	  "< S -70000 win 64240 ws 7 = reopen tcp-syn-sent\n" },

	/* Running connections are picked up */
	{ "pick-up: data, and the answer",
	  "> PA 0 len 100 ack 0 win 500 = begin tcp-established\n"
	  "< A 0 ack 100 win 500 = pass tcp-established\n"
	  "< PA 0 len 1000000 ack 100 win 500 = pass tcp-established\n"
	  "> A 100 ack 1000000 win 500 = pass tcp-established\n"
	  "> PA 100 len 10 ack 1500000000 win 500 = window tcp-established\n"
	  "< PA 1200000000 len 10 ack 100 win 500 = window tcp-established\n"
	  "> PA -1200000000 len 10 ack 0 win 500 = window tcp-established\n"
	  "< FA 1000000 ack 100 win 500 = pass tcp-fin-wait\n"
	  "> FA 100 ack 1000001 win 500 = pass tcp-last-ack\n"
	  "< A 1000001 ack 101 win 500 = pass tcp-time-wait\n" },
	{ "pick-up: acknowledgment first, then the data that were on their way",
	  "> A 0 ack 0 win 500 = begin tcp-established\n"
	  "< A 50000 len 1400 ack 0 win 500 = pass tcp-established\n"
	  "> A 0 ack 51400 win 500 = pass tcp-established\n"
	  "< A 51400 len 1400 ack 0 win 500 = pass tcp-established\n" },
	{ "pick-up: windows may be scaled, on both sides",
	  "> A 0 ack 0 win 1 = begin tcp-established\n"
	  "< A 0 len 60000 ack 0 win 1 = pass tcp-established\n"
	  "> A 0 ack 60000 win 1000 = pass tcp-established\n"
	  "< A 10000000 len 1400 ack 0 win 1000 = pass tcp-established\n"
	  "> A 10000000 len 1400 ack 60000 win 1000 = pass tcp-established\n" },
	{ "pick-up by the end of the handshake; the SYN/ACK comes again",
	  "> A 1 ack 1 win 502 = begin tcp-established\n"
	  "< SA 0 ack 1 win 65160 ws 7 = pass tcp-established\n"
	  "> A 1 ack 1 win 502 = pass tcp-established\n" },
	{ "pick-up: several segments before the other host is heard",
	  "> A 0 len 1400 ack 0 win 500 = begin tcp-established\n"
	  "> A 1400 len 1400 ack 0 win 500 = pass tcp-established\n"
	  "> A 2800 len 1400 ack 0 win 500 = pass tcp-established\n"
	  "< A 0 ack 1400 win 500 = pass tcp-established\n"
	  "< A 0 ack 4200 win 500 = pass tcp-established\n" },
	{ "pick-up: keep-alive of an idle connection",
	  "> A -1 ack 0 win 500 = begin tcp-established\n"
	  "< A 0 ack 0 win 500 = pass tcp-established\n"
	  "> A -1 ack 0 win 500 = pass tcp-established\n"
	  "< A 0 ack 0 win 500 = pass tcp-established\n"
	  "> PA 0 len 100 ack 0 win 500 = pass tcp-established\n" },
	{ "pick-up: the answer to a keep-alive first",
	  "> A 0 ack 0 win 500 = begin tcp-established\n"
	  "< A -1 ack 0 win 500 = pass tcp-established\n"
	  "> A 0 ack 0 win 500 = pass tcp-established\n" },
	{ "pick-up: a retransmission first, more was sent before",
	  "> A 0 len 1400 ack 0 win 500 = begin tcp-established\n"
	  "< A 0 ack 14000 win 500 = pass tcp-established\n"
	  "> A 14000 len 1400 ack 0 win 500 = pass tcp-established\n" },
	{ "pick-up: a retransmission first, SACK knows more",
	  "> A 0 len 1400 ack 0 win 500 = begin tcp-established\n"
	  "< A 0 ack 1400 sack 14000 win 500 = pass tcp-established\n"
	  "> A 1400 len 1400 ack 0 win 500 = pass tcp-established\n"
	  "< A 0 ack 14000 win 500 = pass tcp-established\n" },
	{ "pick-up: a retransmission of the other host, more was sent before",
	  "> A 0 ack 0 sack 14000 win 500 = begin tcp-established\n"
	  "< A 0 len 1400 ack 0 win 500 = pass tcp-established\n"
	  "> A 0 ack 1400 sack 14000 win 500 = pass tcp-established\n"
	  "> A 0 ack 14000 win 500 = pass tcp-established\n"
	  "> A 0 ack 2000000000 win 500 = window tcp-established\n" },
	{ "pick-up: a closed window and its probes",
	  "> A -1 ack 0 win 500 = begin tcp-established\n"
	  "< A 0 ack 0 win 0 = pass tcp-established\n"
	  "> A -1 ack 0 win 500 = pass tcp-established\n"
	  "< A 0 ack 0 win 0 = pass tcp-established\n"
	  "< A 0 ack 0 win 500 = pass tcp-established\n"
	  "> A 0 len 1400 ack 0 win 500 = pass tcp-established\n" },
	{ "pick-up: data, and the answer closes the window",
	  "> A 0 len 1400 ack 0 win 500 = begin tcp-established\n"
	  "< A 0 ack 1400 win 0 = pass tcp-established\n"
	  "> A 1399 ack 0 win 500 = pass tcp-established\n"
	  "< A 0 ack 1400 win 0 = pass tcp-established\n" },
	{ "pick-up: own window is closed",
	  "> A 0 ack 0 win 0 = begin tcp-established\n"
	  "< A -1 ack 0 win 500 = pass tcp-established\n"
	  "> A 0 ack 0 win 0 = pass tcp-established\n"
	  "< A 0 len 1 ack 0 win 500 = pass tcp-established\n"
	  "> A 0 ack 0 win 500 = pass tcp-established\n"
	  "< A 0 len 1400 ack 0 win 500 = pass tcp-established\n" },
	{ "pick-up: an old closed window is late, its end passed before",
	  "> PA 149 len 148 ack 2 win 500 = begin tcp-established\n"
	  "< A 2 ack 149 win 0 = pass tcp-established\n"
	  "> A 297 ack 2 win 500 = pass tcp-established\n"
	  "> PA 297 len 148 ack 2 win 500 = pass tcp-established\n" },
	{ "pick-up: rounding has taken a piece of the window back",
	  "> A 17921 ack 0 win 8 = begin tcp-established\n"
	  "< PA 131000 len 16000 ack 17921 win 500 = pass tcp-established\n"
	  "< PA 147000 len 456 ack 17921 win 500 = pass tcp-established\n"
	  "< PA 147456 len 2 ack 17921 win 500 = window tcp-established\n" },
	{ "pick-up: FIN first",
	  "> FA 0 ack 0 win 500 = begin tcp-fin-wait\n"
	  "< A 0 ack 1 win 500 = pass tcp-close-wait\n"
	  "< FA 0 ack 1 win 500 = pass tcp-last-ack\n"
	  "> A 1 ack 1 win 500 = pass tcp-time-wait\n" },
	{ "pick-up: FIN with data first, a late acknowledgment, simultaneous close",
	  "> FPA 0 len 100 ack 0 win 500 = begin tcp-fin-wait\n"
	  "< A 500 ack 0 win 500 = pass tcp-fin-wait\n"
	  "< FA 500 ack 0 win 500 = pass tcp-last-ack\n"
	  "> A 101 ack 501 win 500 = pass tcp-last-ack\n"
	  "< A 501 ack 101 win 500 = pass tcp-time-wait\n" },
	{ "pick-up: reset of the host not heard, exact only",
	  "> PA 0 len 100 ack 0 win 500 = begin tcp-established\n"
	  "< R 1 = window tcp-established\n"
	  "< R -1 = window tcp-established\n"
	  "< R 0 = pass tcp-close\n" },
	{ "pick-up: resets of the hosts heard, exact only",
	  "> PA 0 len 100 ack 0 win 500 = begin tcp-established\n"
	  "< A 0 ack 100 win 500 = pass tcp-established\n"
	  "< R 1 = window tcp-established\n"
	  "> R 99 = window tcp-established\n"
	  "> R 100000 = window tcp-established\n"
	  "> R 100 = pass tcp-close\n" },
	{ "pick-up from the server, connection is lost, client's new SYN is taken",
	  "> PA 0 len 100 ack 0 win 500 = begin tcp-established\n"
	  "< A 0 ack 100 win 500 = pass tcp-established\n"
	  "< S 800000 win 1000 ws 2 = pass tcp-established\n"
	  "> SA 2000000000 ack 800001 win 2000 ws 2 = pass tcp-established\n"
	  "> SA 2000000000 ack 800001 win 2000 ws 2 = pass tcp-established\n"
	  "< S 800000 win 1000 ws 2 = pass tcp-established\n"
	  "< A 800001 ack 2000000001 win 250 = pass tcp-established\n"
	  "< PA 800001 len 2000 ack 2000000001 win 250 = pass tcp-established\n"
	  "> A 2000000001 ack 802001 win 250 = pass tcp-established\n"
	  "> SA 2000000000 ack 800001 win 2000 ws 2 = pass tcp-established\n"
	  "< PA 866000 len 1002 ack 2000000001 win 250 = window tcp-established\n"
	  "< FA 802001 ack 2000000001 win 250 = pass tcp-fin-wait\n" },
	{ "pick-up: what cannot be picked up",
	  "> R 0 = alone -\n"
	  "> RA 0 ack 0 = alone -\n"
	  "< SA 0 ack 1 win 500 = alone -\n" OPEN },
	{ "no pick-up: only a SYN begins",
	  "no pick-up\n"
	  "> A 0 ack 0 win 500 = alone -\n"
	  "> PA 0 len 9 ack 0 = alone -\n"
	  "< FA 0 ack 0 win 500 = alone -\n"
	  "> R 0 = alone -\n"
	  "< SA 0 ack 1 win 500 = alone -\n" OPEN },

	/* option tcp-liberal on */
	{ "liberal: windows are not checked",
	  "liberal\n"
	  TALK
	  "> PA 900000000 len 10 ack 800000000 win 1 = pass tcp-established\n"
	  "< PA -900000000 len 10 ack -5 win 1 = pass tcp-established\n"
	  "> R 12345 = pass tcp-close\n" },
	{ "liberal: a reset of a SYN needs no acknowledgment",
	  "liberal\n"
	  SYN "< R 77 = pass tcp-close\n" },
	{ "liberal: the handshake is still followed",
	  "liberal\n"
	  OPEN
	  "> FA 1 ack 1 win 502 = pass tcp-fin-wait\n"
	  "< FA 1 ack 2 win 509 = pass tcp-last-ack\n"
	  "> A 2 ack 2 win 502 = pass tcp-time-wait\n" },
	{ "liberal: a SYN/ACK of any number passes",
	  "liberal\n"
	  TALK
	  "< SA 900000 ack 1 win 65160 = pass tcp-established\n"
	  "> PA 101 len 100 ack 201 win 501 = pass tcp-established\n" },
};

#endif /* _SFW_UNIT_TCP_TRACES_LATE_H */
