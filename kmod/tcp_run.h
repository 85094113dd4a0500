/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What nearly all segments are: data or an ACK of a connection that runs. Part
 * of tcp.c, where all is explained; inline, for every packet of a transfer
 * takes this way. And what tcp.c and tcp_late.c have in common. Pure.
 */
#ifndef _SFW_TCP_RUN_H
#define _SFW_TCP_RUN_H

#include "tcp.h"

/* An acknowledgment may be this much older than the data, at least. What a
 * host takes (RFC 5961, 5.2) is a window before what was acknowledged, and
 * that is up to a window before the end of the data.
 */
#define SFW_TCP_ACK_SLACK	66000U

/* Scale assumed for connections whose handshake was not seen (RFC 7323). */
#define SFW_TCP_SCALE_MAX	14
#define SFW_TCP_WINDOW_MAX	((u32)U16_MAX << SFW_TCP_SCALE_MAX)

/* Does @a come before @b? */
static inline bool sfw_tcp_before(u32 a, u32 b)
{
	return (s32)(a - b) < 0;
}

/* The sequence number behind a segment. */
static inline u32 sfw_tcp_segment_end(const struct sfw_tcp_info *t)
{
	return t->seq + t->payload + !!(t->flags & SFW_TCP_SYN) +
	       !!(t->flags & SFW_TCP_FIN);
}

/* Two windows of a side: as far from what it acknowledged last the other one's
 * segments may be.
 */
static inline u32 sfw_tcp_reach(const struct sfw_tcp_half *h)
{
	if (h->max_win > SFW_TCP_WINDOW_MAX / 2)
		return SFW_TCP_WINDOW_MAX;
	return h->max_win > SFW_TCP_ACK_SLACK / 2 ? 2 * h->max_win :
						     SFW_TCP_ACK_SLACK;
}

/* Both sides have shown what they have, nobody closes, no later SYN. */
static inline bool sfw_tcp_runs(const struct sfw_tcp *tcp)
{
	const u8 shown = SFW_TCP_F_SEEN | SFW_TCP_F_SYN | SFW_TCP_F_ACKED;
	const u8 other = SFW_TCP_F_FIN | SFW_TCP_F_FIN_ACKED | SFW_TCP_F_PROBE;

	return (tcp->flags[0] & (shown | other)) == shown &&
	       (tcp->flags[1] & (shown | other | SFW_TCP_F_ANSWERED)) == shown;
}

/**
 * sfw_tcp_run() - take a segment of a connection that runs
 * @tcp: the connection, of state SFW_STATE_TCP_ESTABLISHED
 * @dir: 0 from the originator, 1 from the responder
 * @seq: sequence number of a segment without SYN, FIN, RST and SACK
 * @ack: its acknowledgment number
 * @payload: bytes of data
 * @window: as in the header
 *
 * Does what sfw_tcp_track() would do, if the segment is within the bounds that
 * hold in any case.
 *
 * Return: false if it is for sfw_tcp_track() to say; nothing is changed then.
 * Context: any; the caller holds the connection's lock.
 */
static inline bool sfw_tcp_run(struct sfw_tcp *tcp, int dir, u32 seq, u32 ack,
			       u32 payload, u16 window)
{
	struct sfw_tcp_half *s = &tcp->half[dir];
	struct sfw_tcp_half *r = &tcp->half[!dir];
	u32 win = (u32)window << (tcp->scales >> (4 * dir) & 0xf);
	u32 end = seq + payload, edge = ack + (win ? win : 1);

	if (unlikely(!sfw_tcp_runs(tcp) ||
		     sfw_tcp_before(s->max_end + 1, end) ||
		     sfw_tcp_before(end, s->end - r->max_win) ||
		     sfw_tcp_before(r->end, ack) ||
		     sfw_tcp_before(ack, r->end - SFW_TCP_ACK_SLACK)))
		return false;
	if (sfw_tcp_before(s->end, end))
		s->end = end;
	if (sfw_tcp_before(s->ack, ack))
		s->ack = ack;
	if (s->max_win < win)
		s->max_win = win;
	if (sfw_tcp_before(r->max_end, edge))
		r->max_end = edge;
	return true;
}

#endif /* _SFW_TCP_RUN_H */
