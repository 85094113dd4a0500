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
 * What would end the connection must not follow from the word of one side, for
 * that may be anybody's: a reset has the number that the other side asked for
 * last, and a FIN counts when the other side acknowledges it.
 *
 * Pure: no locks here, the caller holds the connection's.
 *
 * Tried and rejected: wider windows after restoring. There is no width that is
 * enough: at 10 Gbit/s all numbers are gone through in three seconds.
 */
#include "tcp_run.h"

/* Facts that hold however old the numbers are. */
#define LASTING		(SFW_TCP_F_FIN | SFW_TCP_F_FIN_ACKED | SFW_TCP_F_SCALE)

static u8 ended_bit(int dir)
{
	return SFW_TCP_STALE_FIN << (4 * dir);
}

/* Segments of one side that still have to fit. */
static u8 left(u8 stale, int dir)
{
	return stale >> (4 * dir) & SFW_TCP_STALE_LEFT;
}

/* Where the sender of a segment is, and what that tells of the other side. */
static bool catch_up(struct sfw_tcp *tcp, int dir, const struct sfw_tcp_info *t)
{
	struct sfw_tcp_half *s = &tcp->half[dir], *r = &tcp->half[!dir];
	u8 both = tcp->flags[0] & tcp->flags[1];
	u8 any = tcp->flags[0] | tcp->flags[1];
	u32 end = sfw_tcp_segment_end(t);
	bool ended = tcp->flags[dir] & SFW_TCP_F_FIN;
	bool other_ended = tcp->flags[!dir] & SFW_TCP_F_FIN;
	u32 win;

	/* Behind a FIN nothing is sent. */
	if ((ended && (s32)(end - s->end) > 0) ||
	    (other_ended && (s32)(t->ack - r->end) > 0))
		return false;

	/* Only two SYNs tell whether windows are scaled. */
	if ((any & ~both) & SFW_TCP_F_SYN)
		tcp->scales = SFW_TCP_SCALE_MAX << 4 | SFW_TCP_SCALE_MAX;
	win = (u32)t->window << (tcp->scales >> (4 * dir) & 0xf);
	if (win < SFW_TCP_ACK_SLACK)
		win = SFW_TCP_ACK_SLACK;

	tcp->flags[dir] &= LASTING;
	tcp->flags[dir] |= SFW_TCP_F_SEEN | SFW_TCP_F_ACKED;
	if (!ended)
		s->end = end;
	s->ack = t->ack;
	if (win > s->max_win)
		s->max_win = win;
	/* Until the other side says what it allows. */
	s->max_end = s->end + SFW_TCP_WINDOW_MAX;

	tcp->flags[!dir] &= LASTING;
	if (other_ended) {
		tcp->flags[!dir] |= SFW_TCP_F_SEEN | SFW_TCP_F_ACKED;
		if (t->ack == r->end)
			tcp->flags[!dir] |= SFW_TCP_F_FIN_ACKED;
	}
	r->max_end = t->ack + win + BIT(SFW_TCP_SCALE_MAX);
	return true;
}

/* A segment passed: does it tell of a FIN, its own or the other side's? @was are
 * the ends of both as they were before.
 */
static void note_fin(struct sfw_tcp *tcp, int dir,
		     const struct sfw_tcp_info *t, const u32 was[2], u8 *stale)
{
	u32 end = tcp->half[dir].end;

	if (t->flags & SFW_TCP_FIN && end == sfw_tcp_segment_end(t))
		*stale |= ended_bit(dir);
	else if (end != was[dir])	/* it sent more, so that was no FIN */
		*stale &= ~ended_bit(dir);
	if (t->ack != was[!dir]) {
		/* It acknowledges more: the FIN is not where it was said. */
		if (tcp->half[!dir].end != was[!dir])
			*stale &= ~ended_bit(!dir);
	} else if (*stale & ended_bit(!dir)) {
		tcp->flags[!dir] |= SFW_TCP_F_FIN | SFW_TCP_F_FIN_ACKED;
		*stale &= ~ended_bit(!dir);
	}
}

/* Does a segment fit what the other side said last? What may pass is much more,
 * as long as nobody knows what was sent before.
 */
static bool is_near(const struct sfw_tcp *tcp, int dir,
		    const struct sfw_tcp_info *t)
{
	const struct sfw_tcp_half *r = &tcp->half[!dir];
	u32 reach = sfw_tcp_reach(r);

	return tcp->flags[0] & tcp->flags[1] & SFW_TCP_F_SEEN &&
	       tcp->flags[!dir] & SFW_TCP_F_ACKED &&
	       sfw_tcp_segment_end(t) - (r->ack - reach) <= 2 * reach;
}

/* Is this the end of the connection, by the word of the side that it is sent to? */
static bool reset_is_proven(const struct sfw_tcp *tcp, u8 state, int dir,
			    const struct sfw_tcp_info *t)
{
	/* Until somebody is taken at his word, the numbers are as they were. */
	if (state == SFW_STATE_TCP_SYN_SENT ||
	    (state == SFW_STATE_TCP_SYN_RECEIVED &&
	     tcp->flags[0] & tcp->flags[1] & SFW_TCP_F_SYN))
		return true;
	if (!(tcp->flags[!dir] & SFW_TCP_F_ACKED))
		return false;
	/* Its ACK may be on the way, or a late one came last. As in tcp.c:
	 * macOS resets with the number of its FIN.
	 */
	return t->seq == tcp->half[!dir].ack ||
	       (t->seq == tcp->half[dir].end && is_near(tcp, dir, t)) ||
	       (tcp->flags[dir] & SFW_TCP_F_FIN &&
		t->seq + 1 == tcp->half[!dir].ack);
}

/* Segments of both sides have fitted. */
static void settle(struct sfw_tcp *tcp, int dir, u8 stale)
{
	struct sfw_tcp_half *s = &tcp->half[dir], *r = &tcp->half[!dir];
	u32 edge = r->ack + sfw_tcp_reach(r);

	if (stale & ended_bit(dir))
		tcp->flags[dir] |= SFW_TCP_F_FIN;
	/* What was allowed before is known, at least that well. */
	if ((s32)(edge - s->max_end) < 0 && (s32)(edge - s->end) >= 0)
		s->max_end = edge;
	/* It may have sent all that it was allowed to, for good; this is how
	 * tcp.c knows.
	 */
	tcp->flags[dir] &= ~SFW_TCP_F_SYN;
}

/**
 * sfw_tcp_late() - take a segment of a connection that was restored
 * @tcp: the connection
 * @state: enum sfw_state, brought up to date
 * @dir: 0 from the originator, 1 from the responder
 * @t: the segment, for which sfw_tcp_flags_valid() holds
 * @liberal: do not check windows
 * @stale: the numbers may be old: SFW_TCP_STALE at first, 0 once they are known
 *	not to be
 *
 * Takes the place of sfw_tcp_track() while *@stale is not 0. Resets, SYNs, and
 * what comes for a connection that is closed, prove themselves by the numbers
 * there are or not at all.
 *
 * Return: as sfw_tcp_track().
 * Context: any; the caller holds the connection's lock.
 */
enum sfw_tcp_result sfw_tcp_late(struct sfw_tcp *tcp, u8 *state, int dir,
				 const struct sfw_tcp_info *t, bool liberal,
				 u8 *stale)
{
	const u32 end[] = { tcp->half[0].end, tcp->half[1].end };
	struct sfw_tcp_info told = *t;
	enum sfw_tcp_result result;

	if (t->flags & SFW_TCP_RST && !liberal &&
	    !reset_is_proven(tcp, *state, dir, t)) {
		struct sfw_tcp same = *tcp;
		u8 open = *state;

		/* A later SYN may be refused; what was restored stays. */
		return t->flags & SFW_TCP_ACK && !t->seq ?
		       sfw_tcp_track(&same, &open, dir, t, liberal) :
		       SFW_TCP_BAD_WINDOW;
	}
	/* Its numbers are taken, and for the rest see note_fin(). */
	if (t->flags & SFW_TCP_FIN && !(tcp->flags[dir] & SFW_TCP_F_FIN)) {
		told.flags &= ~SFW_TCP_FIN;
		told.payload++;
	}
	result = sfw_tcp_track(tcp, state, dir, &told, liberal);
	if (t->flags & (SFW_TCP_SYN | SFW_TCP_RST) ||
	    *state == SFW_STATE_TCP_CLOSE || *state == SFW_STATE_TCP_TIME_WAIT)
		return result;
	/* A SYN was restored, and here may be an answer to what came after it. If
	 * it is one to an older connection, a reset follows and that ends it.
	 */
	if (result == SFW_TCP_PASS && *state == SFW_STATE_TCP_SYN_SENT)
		result = SFW_TCP_BAD_WINDOW;
	if (result == SFW_TCP_BAD_WINDOW && catch_up(tcp, dir, t)) {
		*stale |= SFW_TCP_STALE;
		*state = SFW_STATE_TCP_ESTABLISHED;	/* or beyond, below */
		result = SFW_TCP_PASS;
	} else if (result == SFW_TCP_PASS && left(*stale, dir) &&
		   is_near(tcp, dir, t)) {
		*stale -= 1 << (4 * dir);
	}
	if (result != SFW_TCP_PASS)
		return result;
	/* Its last word, for one that is far ahead may have been anybody's. */
	if (tcp->half[dir].ack - t->ack > sfw_tcp_reach(&tcp->half[dir]))
		tcp->half[dir].ack = t->ack;
	note_fin(tcp, dir, t, end, stale);
	if (!left(*stale, 0) && !left(*stale, 1)) {
		settle(tcp, 0, *stale);
		settle(tcp, 1, *stale);
		*stale = 0;
	}
	if (*state != SFW_STATE_TCP_SYN_RECEIVED)
		*state = sfw_tcp_state(tcp);
	return result;
}
