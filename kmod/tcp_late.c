// SPDX-License-Identifier: GPL-2.0
/*
 * TCP connections that went on while nobody followed them.
 *
 * A connection that was saved and restored is known: who the ends are, that
 * they both agreed to it, how they scale their windows, what is closed. Only
 * the numbers may be old, because between saving and restoring the hosts did
 * not stand still. As long as segments fit the numbers there are, they hold.
 * One that does not fit shows where its sender is now, and the other side is
 * taken at its word next, within what this one allows; as with a connection
 * that is picked up. That goes on until some segments of each side have fitted
 * what was learned from the other - one may be late, and from before: whoever
 * wants to lead the numbers astray from outside has to forge both sides, and
 * before the hosts speak.
 *
 * Pure: no locks here, the caller holds the connection's.
 *
 * Tried and rejected: wider windows after restoring. There is no width that is
 * enough: at 10 Gbit/s all numbers are gone through in three seconds.
 */
#include "tcp.h"

#define SCALE_MAX	14
#define WINDOW_MAX	((u32)U16_MAX << SCALE_MAX)

/* As in tcp.c: an ACK may be this much older, at least. */
#define ACK_SLACK	66000U

/* Facts that hold however old the numbers are. */
#define LASTING		(SFW_TCP_F_FIN | SFW_TCP_F_FIN_ACKED | SFW_TCP_F_SCALE)

/* Where the sender of a segment is, and what that tells of the other side. */
static bool catch_up(struct sfw_tcp *tcp, int dir, const struct sfw_tcp_info *t)
{
	struct sfw_tcp_half *s = &tcp->half[dir], *r = &tcp->half[!dir];
	u8 both = tcp->flags[0] & tcp->flags[1];
	u8 any = tcp->flags[0] | tcp->flags[1];
	u32 end = t->seq + t->payload + !!(t->flags & SFW_TCP_FIN);
	bool ended = tcp->flags[dir] & SFW_TCP_F_FIN;
	bool other_ended = tcp->flags[!dir] & SFW_TCP_F_FIN;
	u32 win;

	/* Behind a FIN nothing is sent. */
	if ((ended && (s32)(end - s->end) > 0) ||
	    (other_ended && (s32)(t->ack - r->end) > 0))
		return false;

	/* Only two SYNs tell whether windows are scaled. */
	if ((any & ~both) & SFW_TCP_F_SYN)
		tcp->scales = SCALE_MAX << 4 | SCALE_MAX;
	win = (u32)t->window << (tcp->scales >> (4 * dir) & 0xf);
	if (win < ACK_SLACK)
		win = ACK_SLACK;

	tcp->flags[dir] &= LASTING;
	tcp->flags[dir] |= SFW_TCP_F_SEEN | SFW_TCP_F_ACKED;
	if (!ended)
		s->end = end;
	if (t->flags & SFW_TCP_FIN)
		tcp->flags[dir] |= SFW_TCP_F_FIN;
	s->ack = t->ack;
	if (win > s->max_win)
		s->max_win = win;
	/* Until the other side says what it allows. */
	s->max_end = s->end + WINDOW_MAX;

	tcp->flags[!dir] &= LASTING;
	if (other_ended) {
		tcp->flags[!dir] |= SFW_TCP_F_SEEN | SFW_TCP_F_ACKED;
		if (t->ack == r->end)
			tcp->flags[!dir] |= SFW_TCP_F_FIN_ACKED;
	}
	r->max_end = t->ack + win + BIT(SCALE_MAX);
	return true;
}

/**
 * sfw_tcp_late() - what to do with a segment of a connection that was restored
 * @tcp: the connection
 * @state: enum sfw_state, brought up to date
 * @dir: 0 from the originator, 1 from the responder
 * @t: the segment
 * @result: what sfw_tcp_track() said of it
 * @stale: the numbers may be old: SFW_TCP_STALE at first, 0 once they are known
 *	not to be
 *
 * Resets, SYNs, and what comes for a connection that is closed, prove
 * themselves by the numbers there are or not at all.
 *
 * Return: @result, or SFW_TCP_PASS if the connection caught up.
 * Context: any; the caller holds the connection's lock.
 */
enum sfw_tcp_result sfw_tcp_late(struct sfw_tcp *tcp, u8 *state, int dir,
				 const struct sfw_tcp_info *t,
				 enum sfw_tcp_result result, u8 *stale)
{
	if (t->flags & (SFW_TCP_SYN | SFW_TCP_RST) ||
	    *state == SFW_STATE_TCP_CLOSE || *state == SFW_STATE_TCP_TIME_WAIT)
		return result;
	/* A SYN was restored, and here may be an answer to what came after it. If
	 * it is one to an older connection, a reset follows and that ends it.
	 */
	if (result == SFW_TCP_PASS && *state == SFW_STATE_TCP_SYN_SENT)
		result = SFW_TCP_BAD_WINDOW;
	if (result == SFW_TCP_PASS) {
		if (tcp->flags[0] & tcp->flags[1] & SFW_TCP_F_SEEN &&
		    *stale >> (4 * dir) & 0xf)
			*stale -= 1 << (4 * dir);
		if (!*stale) {
			/* Each may have sent all that it was allowed to, for
			 * good; this is how tcp.c knows.
			 */
			tcp->flags[0] &= ~SFW_TCP_F_SYN;
			tcp->flags[1] &= ~SFW_TCP_F_SYN;
		}
	} else if (result == SFW_TCP_BAD_WINDOW && catch_up(tcp, dir, t)) {
		*stale = SFW_TCP_STALE;
		*state = sfw_tcp_state(tcp);
		return SFW_TCP_PASS;
	}
	return result;
}
