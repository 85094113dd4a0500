/* SPDX-License-Identifier: GPL-2.0 */
/*
 * TCP connections as a host in the middle can follow them. Pure.
 */
#ifndef _SFW_TCP_H
#define _SFW_TCP_H

#include "packet.h"

/* What one side has shown. */
#define SFW_TCP_F_SEEN		BIT(0)	/* its numbers are known */
#define SFW_TCP_F_SYN		BIT(1)	/* it sent a SYN */
#define SFW_TCP_F_FIN		BIT(2)	/* it sent a FIN */
#define SFW_TCP_F_FIN_ACKED	BIT(3)	/* and the other side has it */
#define SFW_TCP_F_SCALE		BIT(4)	/* it offered window scaling */
#define SFW_TCP_F_ACKED		BIT(5)	/* @ack is valid */
#define SFW_TCP_F_FIRST		BIT(6)	/* of [0]: @probe is the first SYN */
#define SFW_TCP_F_ANSWERED	BIT(6)	/* of [1]: the later SYN has an answer */
#define SFW_TCP_F_PROBE		BIT(7)	/* @probe is a later SYN of this side */

/* Four bits for each side: how many segments have to fit until its numbers are
 * known to be up to date, and a FIN that the other side has not acknowledged.
 */
#define SFW_TCP_STALE		0x77
#define SFW_TCP_STALE_LEFT	0x7
#define SFW_TCP_STALE_FIN	0x8

/**
 * struct sfw_tcp_half - what one side sent
 * @end: highest sequence number sent, plus one
 * @max_end: highest that it may send: acknowledgment plus window of the
 *	other side
 * @ack: highest acknowledgment number it sent; before SFW_TCP_F_ACKED the
 *	lowest it can send
 * @max_win: largest window it offered, in bytes
 */
struct sfw_tcp_half {
	u32 end;
	u32 max_end;
	u32 ack;
	u32 max_win;
};

/**
 * struct sfw_tcp - both sides of a connection
 * @half: [0] the originator, [1] the responder
 * @probe: with SFW_TCP_F_PROBE the sequence number, plus one, of a SYN that
 *	met the running connection; with SFW_TCP_F_ANSWERED, too, half of what
 *	the end of that handshake acknowledges and half of its sequence
 *	number. With SFW_TCP_F_FIRST that of the first SYN, plus one
 * @flags: SFW_TCP_F_* of each side
 * @scales: four bits each: window shift of the originator, of the responder
 *	(0..14), of that later SYN and of its answer (15 if it offered none)
 *
 * Guarded by the connection's lock.
 */
struct sfw_tcp {
	struct sfw_tcp_half half[2];
	u32 probe;
	u8 flags[2];
	u16 scales;
};

enum sfw_tcp_result {
	SFW_TCP_PASS,		/* belongs to the connection */
	SFW_TCP_BAD_FLAGS,
	SFW_TCP_BAD_WINDOW,
	SFW_TCP_REOPEN,		/* a new connection on the same ports begins */
};

/**
 * sfw_tcp_flags_valid() - can a TCP header look like this at all
 * @t: the header
 * @dport: destination port; nothing listens on 0
 *
 * SYN stands alone but for ACK, ECE, CWR, PSH and URG; RST excludes SYN and
 * FIN; everything but a first SYN and some resets carries ACK (RFC 9293,
 * 3.10.7). The data offset covers at least the fixed header (3.1).
 *
 * Return: false if no sane host sends it.
 * Context: any.
 */
static inline bool sfw_tcp_flags_valid(const struct sfw_tcp_info *t, u16 dport)
{
	if (unlikely(t->doff < 5))
		return false;

	switch (t->flags & (SFW_TCP_SYN | SFW_TCP_RST | SFW_TCP_FIN)) {
	case SFW_TCP_FIN:
	case 0:
		return t->flags & SFW_TCP_ACK;
	case SFW_TCP_SYN:
		return dport != 0;
	case SFW_TCP_RST:
		return true;
	}
	return false;
}

bool sfw_tcp_can_begin(const struct sfw_tcp_info *t, bool pickup);
u8 sfw_tcp_begin(struct sfw_tcp *tcp, const struct sfw_tcp_info *t);
enum sfw_tcp_result sfw_tcp_track(struct sfw_tcp *tcp, u8 *state, int dir,
				  const struct sfw_tcp_info *t, bool liberal);
u8 sfw_tcp_state(const struct sfw_tcp *tcp);
enum sfw_tcp_result sfw_tcp_late(struct sfw_tcp *tcp, u8 *state, int dir,
				 const struct sfw_tcp_info *t, bool liberal,
				 u8 *stale);
bool sfw_tcp_ask(const struct sfw_tcp *tcp, u8 state, int dir,
		 struct sfw_tcp_info *t);
bool sfw_tcp_quote_valid(const struct sfw_tcp *tcp, int dir, u32 seq);

#endif /* _SFW_TCP_H */
