/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The traces of tcp.c, which says how to read them.
 */
#ifndef _SFW_UNIT_TCP_TRACES_H
#define _SFW_UNIT_TCP_TRACES_H

struct trace {
	const char *name;
	const char *text;
};

/* The opening of most traces. */
#define SYN	"> S 0 win 64240 ws 7 = begin tcp-syn-sent\n"
#define SYN_ACK	"< SA 0 ack 1 win 65160 ws 7 = pass tcp-syn-received\n"
#define OPEN	SYN SYN_ACK \
		"> A 1 ack 1 win 502 = pass tcp-established\n"
/* 100 bytes from > and 200 from <, all acknowledged */
#define TALK	OPEN \
		"> PA 1 len 100 ack 1 win 502 = pass tcp-established\n" \
		"< PA 1 len 200 ack 101 win 509 = pass tcp-established\n" \
		"> A 101 ack 201 win 501 = pass tcp-established\n"
/* > has closed, < has it */
#define HALF	TALK \
		"> FA 101 ack 201 win 501 = pass tcp-fin-wait\n" \
		"< A 201 ack 102 win 509 = pass tcp-close-wait\n"
#define CLOSED	HALF \
		"< FA 201 ack 102 win 509 = pass tcp-last-ack\n" \
		"> A 102 ack 202 win 501 = pass tcp-time-wait\n"

static const struct trace traces[] = {
	/* The handshake: RFC 9293, 3.5 */
	{ "handshake", OPEN },
	{ "handshake, every segment twice",
	  SYN "> S 0 win 64240 ws 7 = pass tcp-syn-sent\n"
	  SYN_ACK "< SA 0 ack 1 win 65160 ws 7 = pass tcp-syn-received\n"
	  "> A 1 ack 1 win 502 = pass tcp-established\n"
	  "> A 1 ack 1 win 502 = pass tcp-established\n" },
	{ "SYN/ACK is lost behind us, SYN and SYN/ACK come again",
	  SYN SYN_ACK
	  "> S 0 win 64240 ws 7 = pass tcp-syn-received\n"
	  "< SA 0 ack 1 win 65160 ws 7 = pass tcp-syn-received\n"
	  "> A 1 ack 1 win 502 = pass tcp-established\n"
	  "> PA 1 len 30000 ack 1 win 502 = pass tcp-established\n" },
	{ "third ACK is lost behind us, SYN/ACK comes again",
	  OPEN
	  "< SA 0 ack 1 win 65160 ws 7 = pass tcp-established\n"
	  "> A 1 ack 1 win 502 = pass tcp-established\n" },
	{ "third ACK and data are lost behind us, SYN/ACK comes again",
	  OPEN
	  "> PA 1 len 1000 ack 1 win 502 = pass tcp-established\n"
	  "< SA 0 ack 1 win 65160 ws 7 = pass tcp-established\n"
	  "> PA 1 len 1000 ack 1 win 502 = pass tcp-established\n"
	  "< A 1 ack 1001 win 509 = pass tcp-established\n" },
	{ "third ACK is lost before us, data come next",
	  SYN SYN_ACK
	  "> PA 1 len 100 ack 1 win 502 = pass tcp-established\n" },
	{ "third ACK and data are lost before us, the FIN comes",
	  SYN SYN_ACK
	  "> FA 101 ack 1 win 502 = pass tcp-fin-wait\n"
	  "> PA 1 len 100 ack 1 win 502 = pass tcp-fin-wait\n"
	  "< A 1 ack 102 win 509 = pass tcp-close-wait\n" },
	{ "third ACK that acknowledges too much or too little",
	  SYN SYN_ACK
	  "> A 1 ack 2 win 502 = window tcp-syn-received\n"
	  "> A 1 ack 0 win 502 = window tcp-syn-received\n"
	  "> PA 1 len 10 ack 100000 win 502 = window tcp-syn-received\n" },
	{ "SYN came twice; a copy of the SYN/ACK comes after data",
	  SYN SYN_ACK
	  "> S 0 win 64240 ws 7 = pass tcp-syn-received\n"
	  "> A 1 ack 1 win 502 = pass tcp-established\n"
	  "< PA 1 len 200 ack 1 win 509 = pass tcp-established\n"
	  "> PA 1 len 100 ack 201 win 502 = pass tcp-established\n"
	  "< SA 0 ack 1 win 65160 ws 7 = pass tcp-established\n"
	  "< A 201 ack 101 win 509 = pass tcp-established\n"
	  "> PA 101 len 100 ack 201 win 502 = pass tcp-established\n" },
	{ "copies of SYN and SYN/ACK come after data",
	  TALK
	  "> S 0 win 64240 ws 7 = pass tcp-established\n"
	  "< SA 0 ack 1 win 65160 ws 7 = pass tcp-established\n"
	  "> PA 101 len 100 ack 201 win 502 = pass tcp-established\n"
	  "< A 201 ack 201 win 509 = pass tcp-established\n" },
	{ "answer to the SYN with another number: the first was forgotten",
	  SYN SYN_ACK
	  "> S 0 win 64240 ws 7 = pass tcp-syn-received\n"
	  "< SA 70000 ack 1 win 65160 ws 7 = pass tcp-syn-received\n"
	  "> A 1 ack 70001 win 502 = pass tcp-established\n"
	  "< PA 70001 len 100 ack 1 win 509 = pass tcp-established\n" },
	{ "old duplicate of a SYN before the SYN (RFC 9293, 3.5, figure 9)",
	  "> S -90000 win 64240 ws 7 = begin tcp-syn-sent\n"
	  "> S 0 win 64240 ws 7 = pass tcp-syn-sent\n"
	  "< SA 0 ack -89999 win 65160 ws 7 = pass any\n"
	  "> R -89999 = pass any\n"
	  "> S 0 win 64240 ws 7 = any any\n"
	  "< SA 50000 ack 1 win 65160 ws 7 = pass tcp-syn-received\n"
	  "> A 1 ack 50001 win 502 = pass tcp-established\n"
	  "< PA 50001 len 100 ack 1 win 509 = pass tcp-established\n" },
	{ "old duplicate of a SYN after the SYN",
	  SYN
	  "> S -90000 win 64240 ws 7 = pass tcp-syn-sent\n"
	  SYN_ACK
	  "> A 1 ack 1 win 502 = pass tcp-established\n"
	  "< PA 1 len 100 ack 1 win 509 = pass tcp-established\n" },
	{ "host tries again with another number before an answer came",
	  SYN
	  "> S 700000 win 64240 ws 9 = pass tcp-syn-sent\n"
	  "< SA 0 ack 700001 win 65160 ws 7 = pass tcp-syn-received\n"
	  "> A 700001 ack 1 win 502 = pass tcp-established\n"
	  "> PA 700001 len 65160 ack 1 win 502 = pass tcp-established\n"
	  "< PA 1 len 250000 ack 765161 win 509 = pass tcp-established\n" },
	{ "stale SYN/ACK meets a SYN; its reset ends nothing",
	  SYN
	  "< SA 7777 ack 123456 win 65160 = pass tcp-syn-sent\n"
	  "> R 123456 = pass tcp-syn-sent\n"
	  SYN_ACK
	  "> A 1 ack 1 win 502 = pass tcp-established\n" },
	{ "SYN meets a half-open connection (RFC 9293, 3.5.1, figure 10)",
	  SYN
	  "< A 300 ack -100 win 509 = pass tcp-syn-sent\n"
	  "> R -100 = pass tcp-syn-sent\n"
	  "> S 0 win 64240 ws 7 = pass tcp-syn-sent\n"
	  "< SA 90000 ack 1 win 65160 ws 7 = pass tcp-syn-received\n"
	  "> A 1 ack 90001 win 502 = pass tcp-established\n" },
	{ "what cannot follow a SYN",
	  SYN
	  "< PA 1 len 10 ack 1 win 509 = window tcp-syn-sent\n"
	  "< FA 1 ack 1 win 509 = window tcp-syn-sent\n"
	  "> A 1 ack 1 win 502 = window tcp-syn-sent\n"
	  "> PA 1 len 5 ack 1 win 502 = window tcp-syn-sent\n"
	  "> SA 0 ack 1 win 502 = flags tcp-syn-sent\n" },
	{ "half-closed from SYN-RECEIVED (RFC 9293, 3.10.4)",
	  SYN SYN_ACK
	  "< FA 1 ack 1 win 509 = pass tcp-syn-received\n"
	  "> A 1 ack 1 win 502 = pass tcp-fin-wait\n"
	  "> A 1 ack 2 win 502 = pass tcp-close-wait\n"
	  "> FA 1 ack 2 win 502 = pass tcp-last-ack\n"
	  "< A 2 ack 2 win 509 = pass tcp-time-wait\n" },

	/* Simultaneous open: RFC 9293, 3.5, figure 8 */
	{ "simultaneous open",
	  SYN
	  "< S 0 win 65160 ws 7 = pass tcp-syn-received\n"
	  "> SA 0 ack 1 win 64240 ws 7 = pass tcp-syn-received\n"
	  "< SA 0 ack 1 win 65160 ws 7 = pass tcp-established\n"
	  "> PA 1 len 60000 ack 1 win 502 = pass tcp-established\n"
	  "< PA 1 len 60000 ack 60001 win 509 = pass tcp-established\n" },
	{ "simultaneous open, every segment twice",
	  SYN
	  "> S 0 win 64240 ws 7 = pass tcp-syn-sent\n"
	  "< S 0 win 65160 ws 7 = pass tcp-syn-received\n"
	  "< S 0 win 65160 ws 7 = pass tcp-syn-received\n"
	  "> SA 0 ack 1 win 64240 ws 7 = pass tcp-syn-received\n"
	  "> SA 0 ack 1 win 64240 ws 7 = pass tcp-syn-received\n"
	  "< SA 0 ack 1 win 65160 ws 7 = pass tcp-established\n"
	  "< SA 0 ack 1 win 65160 ws 7 = pass tcp-established\n"
	  "> SA 0 ack 1 win 64240 ws 7 = pass tcp-established\n" },
	{ "simultaneous open, one SYN is lost behind us",
	  SYN
	  "< S 0 win 65160 ws 7 = pass tcp-syn-received\n"
	  "> SA 0 ack 1 win 64240 ws 7 = pass tcp-syn-received\n"
	  "< A 1 ack 1 win 509 = pass tcp-established\n" },
	{ "simultaneous open, one SYN/ACK is lost before us",
	  SYN
	  "< S 0 win 65160 ws 7 = pass tcp-syn-received\n"
	  "< SA 0 ack 1 win 65160 ws 7 = pass tcp-syn-received\n"
	  "> PA 1 len 100 ack 1 win 502 = pass tcp-established\n" },
	{ "simultaneous open, one SYN/ACK is lost behind us, the other comes again",
	  SYN
	  "< S 0 win 65160 ws 7 = pass tcp-syn-received\n"
	  "> SA 0 ack 1 win 64240 ws 7 = pass tcp-syn-received\n"
	  "< SA 0 ack 1 win 65160 ws 7 = pass tcp-established\n"
	  "< PA 1 len 50 ack 1 win 509 = pass tcp-established\n"
	  "> SA 0 ack 1 win 64240 ws 7 = pass tcp-established\n"
	  "< A 51 ack 1 win 509 = pass tcp-established\n"
	  "> A 1 ack 51 win 502 = pass tcp-established\n" },

	/* TCP Fast Open: RFC 7413 */
	{ "SYN with data, all acknowledged, data of the server at once",
	  "> S 0 len 100 win 64240 ws 7 = begin tcp-syn-sent\n"
	  "< SA 0 ack 101 win 65160 ws 7 = pass tcp-syn-received\n"
	  "< PA 1 len 1000 ack 101 win 509 = pass tcp-syn-received\n"
	  "> A 101 ack 1 win 502 = pass tcp-established\n"
	  "> A 101 ack 1001 win 502 = pass tcp-established\n"
	  "< FA 1001 ack 101 win 509 = pass tcp-fin-wait\n" },
	{ "SYN with more data than the window allows; taken in part",
	  "> S 0 len 1400 win 64240 = begin tcp-syn-sent\n"
	  "< SA 0 ack 1 win 200 = pass tcp-syn-received\n"
	  "> PA 1 len 200 ack 1 win 64240 = pass tcp-established\n"
	  "< A 1 ack 201 win 200 = pass tcp-established\n"
	  "> PA 201 len 200 ack 1 win 64240 = pass tcp-established\n" },
	{ "SYN with data, data not taken",
	  "> S 0 len 100 win 64240 ws 7 = begin tcp-syn-sent\n"
	  "< SA 0 ack 1 win 65160 ws 7 = pass tcp-syn-received\n"
	  "> PA 1 len 100 ack 1 win 502 = pass tcp-established\n"
	  "< A 1 ack 101 win 509 = pass tcp-established\n" },
	{ "SYN with data comes again without, the answer is to the first",
	  "> S 0 len 100 win 64240 ws 7 = begin tcp-syn-sent\n"
	  "> S 0 win 64240 ws 7 = pass tcp-syn-sent\n"
	  "< SA 0 ack 101 win 65160 ws 7 = pass tcp-syn-received\n"
	  "> A 101 ack 1 win 502 = pass tcp-established\n"
	  "< PA 1 len 10 ack 101 win 509 = pass tcp-established\n" },
	{ "SYN with data comes again without, the answer is to the second",
	  "> S 0 len 100 win 64240 ws 7 = begin tcp-syn-sent\n"
	  "> S 0 win 64240 ws 7 = pass tcp-syn-sent\n"
	  "< SA 0 ack 1 win 65160 ws 7 = pass tcp-syn-received\n"
	  "> PA 1 len 100 ack 1 win 502 = pass tcp-established\n" },
	{ "SYN with data: a stale SYN/ACK is not its answer (RFC 9293, 3.10.7.3)",
	  "> S 0 len 100 win 64240 ws 7 = begin tcp-syn-sent\n"
	  "< SA 0 ack 0 win 65160 ws 7 = pass tcp-syn-sent\n"
	  "< SA 0 ack -5000 win 65160 ws 7 = pass tcp-syn-sent\n"
	  "< RA @0 ack -5000 = window tcp-syn-sent\n"
	  "< SA 90000 ack 101 win 65160 ws 7 = pass tcp-syn-received\n"
	  "> A 101 ack 90001 win 502 = pass tcp-established\n" },
	{ "SYN/ACK comes again with a larger window, then with data",
	  "> S 0 len 100 win 1000 = begin tcp-syn-sent\n"
	  "< SA 0 ack 101 win 100 = pass tcp-syn-received\n"
	  "< SA 0 len 50 ack 101 win 200 = pass tcp-syn-received\n"
	  "> A 301 ack 51 win 1000 = pass tcp-established\n"
	  "> PA 101 len 200 ack 51 win 1000 = pass tcp-established\n" },
	{ "data on the SYN/ACK, then that comes again without",
	  "> S 0 len 100 win 64240 ws 7 = begin tcp-syn-sent\n"
	  "< SA 0 len 10 ack 101 win 65160 ws 7 = pass tcp-syn-received\n"
	  "< SA 0 ack 101 win 65160 ws 7 = pass tcp-syn-received\n"
	  "> A 101 ack 11 win 502 = pass tcp-established\n" },

	/* Windows and their scale: RFC 7323, 2 */
	{ "both offer scaling: windows count from the first ACK on",
	  "> S 0 win 1000 ws 3 = begin tcp-syn-sent\n"
	  "< SA 0 ack 1 win 2000 ws 5 = pass tcp-syn-received\n"
	  "> PA 1 len 2003 ack 1 win 1000 = window tcp-syn-received\n"
	  "> PA 1 len 2001 ack 1 win 1000 = pass tcp-established\n"
	  "< PA 1 len 8002 ack 2002 win 100 = window tcp-established\n"
	  "< PA 1 len 8000 ack 2002 win 100 = pass tcp-established\n"
	  "> PA 2002 len 3200 ack 8001 win 1000 = pass tcp-established\n"
	  "> PA 5202 len 2 ack 8001 win 1000 = window tcp-established\n" },
	{ "scaling offered by the first only",
	  "> S 0 win 1000 ws 3 = begin tcp-syn-sent\n"
	  "< SA 0 ack 1 win 2000 = pass tcp-syn-received\n"
	  "> A 1 ack 1 win 1000 = pass tcp-established\n"
	  "< PA 1 len 1002 ack 1 win 100 = window tcp-established\n"
	  "< PA 1 len 1000 ack 1 win 100 = pass tcp-established\n" },
	{ "scaling offered by the second only",
	  "> S 0 win 1000 = begin tcp-syn-sent\n"
	  "< SA 0 ack 1 win 2000 ws 5 = pass tcp-syn-received\n"
	  "> A 1 ack 1 win 1000 = pass tcp-established\n"
	  "> PA 1 len 1950 ack 1 win 1000 = pass tcp-established\n"
	  "< A 1 ack 1951 win 100 = pass tcp-established\n"
	  "> PA 1951 len 102 ack 1 win 1000 = window tcp-established\n"
	  "> PA 1951 len 100 ack 1 win 1000 = pass tcp-established\n" },
	{ "no scaling",
	  "> S 0 win 1000 = begin tcp-syn-sent\n"
	  "< SA 0 ack 1 win 2000 = pass tcp-syn-received\n"
	  "> A 1 ack 1 win 1000 = pass tcp-established\n"
	  "< PA 1 len 1002 ack 1 win 100 = window tcp-established\n"
	  "> PA 1 len 2002 ack 1 win 1000 = window tcp-established\n"
	  "< PA 1 len 1000 ack 1 win 100 = pass tcp-established\n"
	  "> PA 1 len 2000 ack 1001 win 1000 = pass tcp-established\n" },
	{ "largest scale and window: a gigabyte",
	  "> S 0 win 65535 ws 14 = begin tcp-syn-sent\n"
	  "< SA 0 ack 1 win 65535 ws 14 = pass tcp-syn-received\n"
	  "> A 1 ack 1 win 65535 = pass tcp-established\n"
	  "< PA 1073725440 len 1 ack 1 win 65535 = pass tcp-established\n"
	  "< PA 1073725440 len 3 ack 1 win 65535 = window tcp-established\n"
	  "< PA 1 len 1 ack 1 win 65535 = pass tcp-established\n"
	  "> A 1 ack 1 sack 1073725441 win 65535 = pass tcp-established\n"
	  "> A 1 ack 1073725441 win 65535 = pass tcp-established\n" },
	{ "SYN comes again without scaling, the answer is to the first",
	  SYN
	  "> S 0 win 64240 = pass tcp-syn-sent\n"
	  SYN_ACK
	  "> A 1 ack 1 win 502 = pass tcp-established\n"
	  "< PA 1 len 60000 ack 1 win 509 = pass tcp-established\n"
	  "> A 1 ack 60001 win 502 = pass tcp-established\n"
	  "< PA 60001 len 60000 ack 1 win 509 = pass tcp-established\n" },
	{ "SYN comes again without scaling, the answer is to the second",
	  SYN
	  "> S 0 win 64240 = pass tcp-syn-sent\n"
	  "< SA 0 ack 1 win 65160 = pass tcp-syn-received\n"
	  "> A 1 ack 1 win 500 = pass tcp-established\n"
	  "< PA 1 len 64240 ack 1 win 500 = pass tcp-established\n"
	  "> A 1 ack 64241 win 500 = pass tcp-established\n"
	  "< PA 64241 len 502 ack 1 win 500 = window tcp-established\n" },

	/* Data */
	{ "data both ways", TALK },
	{ "SACK beyond the ACK, and beyond what was sent",
	  TALK
	  "< PA 201 len 100 ack 101 win 509 = pass tcp-established\n"
	  "< PA 301 len 100 ack 101 win 509 = pass tcp-established\n"
	  "> A 101 ack 201 sack 401 win 501 = pass tcp-established\n"
	  "> A 101 ack 201 sack 402 win 501 = window tcp-established\n"
	  "> A 101 ack 201 sack 100000 win 501 = window tcp-established\n"
	  "> A 101 ack 401 sack 301 win 501 = pass tcp-established\n" },
	{ "segments lost before us: later ones, then the lost ones",
	  TALK
	  "> PA 1101 len 1000 ack 201 win 501 = pass tcp-established\n"
	  "< A 201 ack 101 sack 2101 win 509 = pass tcp-established\n"
	  "> PA 101 len 1000 ack 201 win 501 = pass tcp-established\n"
	  "< A 201 ack 2101 win 509 = pass tcp-established\n" },
	{ "acknowledgment of what was not sent",
	  TALK
	  "> A 101 ack 202 win 501 = window tcp-established\n"
	  "< A 201 ack 102 win 509 = window tcp-established\n"
	  "< PA 201 len 10 ack 2000000000 win 509 = window tcp-established\n" },
	{ "retransmission, whole, in part, and more than before",
	  TALK
	  "> PA 1 len 100 ack 201 win 501 = pass tcp-established\n"
	  "> PA 51 len 50 ack 201 win 501 = pass tcp-established\n"
	  "> PA 51 len 1000 ack 201 win 501 = pass tcp-established\n"
	  "< A 201 ack 1051 win 509 = pass tcp-established\n" },
	{ "acknowledgment that is older than two windows (RFC 5961, 5.2)",
	  "> S 0 win 65535 = begin tcp-syn-sent\n"
	  "< SA 0 ack 1 win 65535 = pass tcp-syn-received\n"
	  "> A 1 ack 1 win 65535 = pass tcp-established\n"
	  "< A 1 len 65535 ack 1 win 65535 = pass tcp-established\n"
	  "> A 1 ack 65536 win 65535 = pass tcp-established\n"
	  "< A 65536 len 65535 ack 1 win 65535 = pass tcp-established\n"
	  "> A 1 ack 1 win 65535 = pass tcp-established\n"
	  "> A 1 ack 131071 win 65535 = pass tcp-established\n"
	  "< A 131071 len 1 ack 1 win 65535 = pass tcp-established\n"
	  "> A 1 ack 1 win 65535 = window tcp-established\n"
	  "> A 1 ack 2 win 65535 = pass tcp-established\n" },
	{ "acknowledgment that is old, small windows",
	  "> S 0 win 1000 = begin tcp-syn-sent\n"
	  "< SA 0 ack 1 win 30000 = pass tcp-syn-received\n"
	  "> A 1 len 30000 ack 1 win 1000 = pass tcp-established\n"
	  "< A 1 ack 30001 win 30000 = pass tcp-established\n"
	  "> A 30001 len 30000 ack 1 win 1000 = pass tcp-established\n"
	  "< A 1 ack 60001 win 30000 = pass tcp-established\n"
	  "> A 60001 len 6000 ack 1 win 1000 = pass tcp-established\n"
	  "< A 1 ack 1 win 30000 = pass tcp-established\n"
	  "> A 66001 len 1 ack 1 win 1000 = pass tcp-established\n"
	  "< A 1 ack 1 win 30000 = window tcp-established\n" },
	{ "data older than a window, data beyond it",
	  "> S 0 win 1000 = begin tcp-syn-sent\n"
	  "< SA 0 ack 1 win 1000 = pass tcp-syn-received\n"
	  "> A 1 len 1000 ack 1 win 1000 = pass tcp-established\n"
	  "< A 1 ack 1001 win 1000 = pass tcp-established\n"
	  "> A 1001 len 1000 ack 1 win 1000 = pass tcp-established\n"
	  "> A 1 len 999 ack 1 win 1000 = window tcp-established\n"
	  "> A 1 len 1000 ack 1 win 1000 = pass tcp-established\n"
	  "> A 2001 len 2 ack 1 win 1000 = window tcp-established\n"
	  "> A 100000000 len 1 ack 1 win 1000 = window tcp-established\n"
	  "> A -2000000000 len 1 ack 1 win 1000 = window tcp-established\n" },
	{ "window shrinks, data that were allowed before come",
	  TALK
	  "< A 201 ack 101 win 509 = pass tcp-established\n"
	  "< A 201 ack 101 win 1 = pass tcp-established\n"
	  "> PA 101 len 65152 ack 201 win 501 = pass tcp-established\n" },
	{ "zero window, its probes and its end",
	  TALK
	  "< PA 201 len 64128 ack 101 win 509 = pass tcp-established\n"
	  "> A 101 ack 64329 win 0 = pass tcp-established\n"
	  "< A 64329 len 1 ack 101 win 509 = pass tcp-established\n"
	  "> A 101 ack 64329 win 0 = pass tcp-established\n"
	  "< A 64328 ack 101 win 509 = pass tcp-established\n"
	  "> A 101 ack 64329 win 0 = pass tcp-established\n"
	  "< A 64329 len 100 ack 101 win 509 = window tcp-established\n"
	  "> A 101 ack 64330 win 501 = pass tcp-established\n"
	  "< A 64330 len 64128 ack 101 win 509 = pass tcp-established\n" },
	{ "zero window from the handshake on",
	  "> S 0 win 1000 ws 7 = begin tcp-syn-sent\n"
	  "< SA 0 ack 1 win 0 ws 7 = pass tcp-syn-received\n"
	  "> A 1 ack 1 win 10 = pass tcp-established\n"
	  "> A 0 ack 1 win 10 = pass tcp-established\n"
	  "< A 1 ack 1 win 0 = pass tcp-established\n"
	  "> A 1 len 1 ack 1 win 10 = pass tcp-established\n"
	  "< A 1 ack 1 win 0 = pass tcp-established\n"
	  "> A 1 len 500 ack 1 win 10 = window tcp-established\n"
	  "< A 1 ack 1 win 10 = pass tcp-established\n"
	  "> A 1 len 1280 ack 1 win 10 = pass tcp-established\n" },
	{ "keep-alive without and with a byte (RFC 9293, 3.8.4)",
	  TALK
	  "> A 100 ack 201 win 501 = pass tcp-established\n"
	  "< A 201 ack 101 win 509 = pass tcp-established\n"
	  "< A 200 len 1 ack 101 win 509 = pass tcp-established\n"
	  "> A 101 ack 201 win 501 = pass tcp-established\n" },

	/* The end: RFC 9293, 3.6 */
	{ "first host closes first", CLOSED },
	{ "second host closes first",
	  TALK
	  "< FA 201 ack 101 win 509 = pass tcp-fin-wait\n"
	  "> A 101 ack 202 win 501 = pass tcp-close-wait\n"
	  "> FA 101 ack 202 win 501 = pass tcp-last-ack\n"
	  "< A 202 ack 102 win 509 = pass tcp-time-wait\n" },
	{ "close in three segments",
	  TALK
	  "> FA 101 ack 201 win 501 = pass tcp-fin-wait\n"
	  "< FA 201 ack 102 win 509 = pass tcp-last-ack\n"
	  "> A 102 ack 202 win 501 = pass tcp-time-wait\n" },
	{ "simultaneous close (figure 13)",
	  TALK
	  "> FA 101 ack 201 win 501 = pass tcp-fin-wait\n"
	  "< FA 201 ack 101 win 509 = pass tcp-last-ack\n"
	  "> A 102 ack 202 win 501 = pass tcp-last-ack\n"
	  "< A 202 ack 102 win 509 = pass tcp-time-wait\n" },
	{ "FIN with data; what is before it is acknowledged first",
	  TALK
	  "> FPA 101 len 50 ack 201 win 501 = pass tcp-fin-wait\n"
	  "< A 201 ack 151 win 509 = pass tcp-fin-wait\n"
	  "< A 201 ack 152 win 509 = pass tcp-close-wait\n" },
	{ "FIN overtakes data",
	  TALK
	  "> FA 1101 ack 201 win 501 = pass tcp-fin-wait\n"
	  "< A 201 ack 101 sack 1102 win 509 = pass tcp-fin-wait\n"
	  "> PA 101 len 1000 ack 201 win 501 = pass tcp-fin-wait\n"
	  "< A 201 ack 1102 win 509 = pass tcp-close-wait\n" },
	{ "FIN comes again before and after it is acknowledged",
	  TALK
	  "> FA 101 ack 201 win 501 = pass tcp-fin-wait\n"
	  "> FA 101 ack 201 win 501 = pass tcp-fin-wait\n"
	  "< A 201 ack 102 win 509 = pass tcp-close-wait\n"
	  "> FA 101 ack 201 win 501 = pass tcp-close-wait\n"
	  "< FA 201 ack 102 win 509 = pass tcp-last-ack\n"
	  "< FA 201 ack 102 win 509 = pass tcp-last-ack\n"
	  "> A 102 ack 202 win 501 = pass tcp-time-wait\n" },
	{ "after the final ACK the FIN comes again, and its answer",
	  CLOSED
	  "< FA 201 ack 102 win 509 = pass tcp-time-wait\n"
	  "> A 102 ack 202 win 501 = pass tcp-time-wait\n"
	  "> FA 101 ack 201 win 501 = pass tcp-time-wait\n" },
	{ "half-closed, data and acknowledgments go on",
	  HALF
	  "< PA 201 len 60000 ack 102 win 509 = pass tcp-close-wait\n"
	  "> A 102 ack 60201 win 501 = pass tcp-close-wait\n"
	  "< PA 60201 len 60000 ack 102 win 509 = pass tcp-close-wait\n"
	  "> A 102 ack 120201 win 501 = pass tcp-close-wait\n"
	  "< FA 120201 ack 102 win 509 = pass tcp-last-ack\n"
	  "> A 102 ack 120202 win 501 = pass tcp-time-wait\n" },

};

#endif /* _SFW_UNIT_TCP_TRACES_H */
