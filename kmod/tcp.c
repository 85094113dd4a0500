// SPDX-License-Identifier: GPL-2.0
/*
 * TCP connections as a host in the middle can follow them.
 *
 * The state is not a table of (state, flags) pairs. Each side has a few facts
 * (it sent a SYN, a FIN; the other side acknowledged the FIN) and four
 * numbers; the state shown to people is derived from the facts. That keeps
 * simultaneous open, simultaneous close and half-close from being special
 * cases.
 *
 * The numbers are those of Guido van Rooij, "Real Stateful TCP Packet
 * Filtering in IP Filter" (2000): for each side the end of what it sent and
 * the end of what it may send. A segment must lie between what the receiver
 * may still need and what it allowed; its acknowledgment must name data that
 * was sent, and not be older than a window. RFC 7323 for scaling, RFC 9293
 * for the rest, RFC 5961 for resets: a reset counts only with the sequence
 * number that the receiver expects next, so that a blind one is not forwarded.
 *
 * The sender of a SYN that meets a running connection may have lost it, or be
 * anybody. In the window it does not go on: the receiver is asked where it is
 * (ask.c), and what it says tells the honest sender to reset. Elsewhere no host
 * gives up its connection for it, so it is passed on, and if both hosts have
 * lost the connection they have the new one at once. Whoever forges it can forge
 * the answer, and the end of the handshake as well. So nothing of it touches
 * the facts until the handshake is over, and whatever one of the hosts says
 * about the old connection meanwhile ends it; both say so at once when they
 * are asked what makes no sense to them (RFC 5961, 4), if they have not just
 * said so, and if what is forged gets as far as them. Nothing of it counts,
 * therefore, that did not come from where its sender is, as judge.c knows by hook
 * and interface; who should hear it is asked instead. What remains: whoever is
 * where both hosts are, behind the same interface, and forges all three.
 *
 * Pure: no locks here, the caller holds the connection's.
 *
 * Tried and rejected: a transition table in the manner of a protocol
 * automaton. It needs a row for every mixture of both sides' progress, and
 * the mixtures that nobody thought of are where such tables go wrong.
 */
#include "tcp.h"
#include "tcp_run.h"

/* Third and fourth entry of struct sfw_tcp.scales, and their value for none. */
#define PROBE		2
#define ANSWER		3
#define NO_SCALE	15

static bool before(u32 a, u32 b)
{
	return (s32)(a - b) < 0;
}

static bool after(u32 a, u32 b)
{
	return before(b, a);
}

static u32 later(u32 a, u32 b)
{
	return after(a, b) ? a : b;
}

static u32 larger(u32 a, u32 b)
{
	return a > b ? a : b;
}

static u8 get_scale(const struct sfw_tcp *tcp, int which)
{
	return tcp->scales >> (4 * which) & 0xf;
}

static void set_scale(struct sfw_tcp *tcp, int which, u8 scale)
{
	tcp->scales &= ~(0xf << (4 * which));
	tcp->scales |= scale << (4 * which);
}

/**
 * sfw_tcp_can_begin() - may this segment be a connection's first
 * @t: the header, with valid flags
 * @pickup: running connections are taken over
 *
 * A SYN always; with @pickup a segment with ACK that is neither a reset nor
 * the answer to a SYN.
 *
 * Return: true if a connection may be made for it.
 * Context: any.
 */
bool sfw_tcp_can_begin(const struct sfw_tcp_info *t, bool pickup)
{
	if (t->flags & SFW_TCP_RST)
		return false;
	if (t->flags & SFW_TCP_SYN)
		return !(t->flags & SFW_TCP_ACK);
	return pickup;
}

static void learn_syn(struct sfw_tcp *tcp, int dir,
		      const struct sfw_tcp_info *t)
{
	struct sfw_tcp_half *s = &tcp->half[dir];

	s->end = sfw_tcp_segment_end(t);
	s->max_end = s->end;
	s->max_win = t->window ? t->window : 1;
	tcp->flags[dir] = SFW_TCP_F_SEEN | SFW_TCP_F_SYN;
	if (t->flags & SFW_TCP_ACK) {
		s->ack = t->ack;
		tcp->flags[dir] |= SFW_TCP_F_ACKED;
	}
	/* The least that the other side can acknowledge; see acks_syn(). */
	if (!(tcp->flags[!dir] & SFW_TCP_F_ACKED))
		tcp->half[!dir].ack = t->seq + 1;
	set_scale(tcp, dir, t->has_wscale ? t->wscale : 0);
	if (t->has_wscale)
		tcp->flags[dir] |= SFW_TCP_F_SCALE;
}

/* Both SYNs are there: scaling holds only if both offered it (RFC 7323, 2.2),
 * and each side may send what the other's unscaled first window allows.
 */
static void join_syns(struct sfw_tcp *tcp)
{
	int d;

	if (!(tcp->flags[0] & tcp->flags[1] & SFW_TCP_F_SCALE)) {
		set_scale(tcp, 0, 0);
		set_scale(tcp, 1, 0);
	}
	for (d = 0; d < 2; d++) {
		struct sfw_tcp_half *s = &tcp->half[d];
		struct sfw_tcp_half *r = &tcp->half[!d];
		u32 ahead = s->end - r->ack;

		s->max_end = later(s->max_end, s->end + r->max_win);
		/* Data on a SYN is sent before there is a window, and sent
		 * again if it was not taken (RFC 7413, 4.1.3).
		 */
		r->max_win = larger(r->max_win, ahead);
	}
}

/**
 * sfw_tcp_begin() - state of a connection from its first segment
 * @tcp: filled in
 * @t: a segment for which sfw_tcp_can_begin() holds
 *
 * Return: enum sfw_state.
 * Context: any; @tcp is not shared yet, or locked.
 */
u8 sfw_tcp_begin(struct sfw_tcp *tcp, const struct sfw_tcp_info *t)
{
	memset(tcp, 0, sizeof(*tcp));
	if (t->flags & SFW_TCP_SYN) {
		learn_syn(tcp, 0, t);
		tcp->probe = t->seq + 1;
		tcp->flags[0] |= SFW_TCP_F_FIRST;
		return SFW_STATE_TCP_SYN_SENT;
	}

	set_scale(tcp, 0, SFW_TCP_SCALE_MAX);
	set_scale(tcp, 1, SFW_TCP_SCALE_MAX);
	tcp->flags[0] = SFW_TCP_F_SEEN | SFW_TCP_F_ACKED;
	tcp->half[0].end = sfw_tcp_segment_end(t);
	tcp->half[0].ack = t->ack;
	/* More may have been sent before, and larger windows offered. */
	tcp->half[0].max_end = tcp->half[0].end + SFW_TCP_WINDOW_MAX;
	tcp->half[0].max_win = larger((u32)t->window << SFW_TCP_SCALE_MAX,
				      SFW_TCP_ACK_SLACK);
	/* Its right edge was further if only rounding took it back (RFC 7323,
	 * 2.4).
	 */
	tcp->half[1].max_end = t->ack + tcp->half[0].max_win +
			       BIT(SFW_TCP_SCALE_MAX);
	if (t->flags & SFW_TCP_FIN) {
		tcp->flags[0] |= SFW_TCP_F_FIN;
		return SFW_STATE_TCP_FIN_WAIT;
	}
	return SFW_STATE_TCP_ESTABLISHED;
}

/* Does @ack acknowledge the SYN of side @d? Of what was sent with it (RFC 7413)
 * or behind it any part may be acknowledged, too.
 */
static bool acks_syn(const struct sfw_tcp *tcp, int d, u32 ack)
{
	return !before(ack, tcp->half[!d].ack) &&
	       !after(ack, tcp->half[d].end);
}

static bool has_probe(const struct sfw_tcp *tcp)
{
	return (tcp->flags[0] | tcp->flags[1]) & SFW_TCP_F_PROBE;
}

static bool is_answered(const struct sfw_tcp *tcp)
{
	return tcp->flags[1] & SFW_TCP_F_ANSWERED;
}

/* Does no host believe in this connection that a later SYN might end? */
static bool nothing_to_lose(const struct sfw_tcp *tcp, u8 state)
{
	return state == SFW_STATE_TCP_SYN_SENT ||
	       tcp->flags[0] & tcp->flags[1] & SFW_TCP_F_FIN_ACKED;
}

/* May anybody have sent a segment that would replace a connection that runs? */
static bool is_stray(const struct sfw_tcp *tcp, u8 state,
		     const struct sfw_tcp_info *t)
{
	return t->stray && state != SFW_STATE_TCP_CLOSE &&
	       !nothing_to_lose(tcp, state);
}

/* A handshake may be on its way, but what is late of the old connection does
 * not bring that back.
 */
static void end_for_good(struct sfw_tcp *tcp)
{
	tcp->flags[0] |= SFW_TCP_F_FIN | SFW_TCP_F_FIN_ACKED;
	tcp->flags[1] |= SFW_TCP_F_FIN | SFW_TCP_F_FIN_ACKED;
}

static void forget_probe(struct sfw_tcp *tcp)
{
	tcp->flags[0] &= ~SFW_TCP_F_PROBE;
	tcp->flags[1] &= ~(SFW_TCP_F_PROBE | SFW_TCP_F_ANSWERED);
}

/* Of an answered handshake: half of the sequence number behind the SYN, and
 * half of the one behind the answer.
 */
static u16 probe_seq(const struct sfw_tcp *tcp)
{
	return tcp->probe;
}

static u16 probe_ack(const struct sfw_tcp *tcp)
{
	return tcp->probe >> 16;
}

/* Does @ack acknowledge the SYN of side @d that met the connection, or data on
 * it?
 */
static bool acks_probe(const struct sfw_tcp *tcp, int d, u32 ack)
{
	if (!(tcp->flags[d] & SFW_TCP_F_PROBE))
		return false;
	return is_answered(tcp) ? (u16)ack == probe_seq(tcp) :
				  ack - tcp->probe <= U16_MAX;
}

/* A SYN again, perhaps with another window, without its data or with fewer
 * options. Any of them may be the one that is answered.
 */
static void learn_syn_again(struct sfw_tcp *tcp, int dir,
			    const struct sfw_tcp_info *t)
{
	struct sfw_tcp_half *s = &tcp->half[dir];

	s->end = later(s->end, sfw_tcp_segment_end(t));
	s->max_end = later(s->max_end, s->end);
	s->max_win = larger(s->max_win, t->window);
}

/* A late copy of the SYN that began the connection? */
static bool is_first_syn(const struct sfw_tcp *tcp,
			 const struct sfw_tcp_info *t)
{
	return tcp->flags[0] & SFW_TCP_F_FIRST && t->seq + 1 == tcp->probe;
}

static void learn_probe(struct sfw_tcp *tcp, int dir,
			const struct sfw_tcp_info *t)
{
	bool mine = tcp->flags[dir] & SFW_TCP_F_PROBE;

	/* Sent again, because the answer did not come yet. */
	if (mine && is_answered(tcp) && (u16)(t->seq + 1) == probe_seq(tcp))
		return;
	/* If it comes again without scaling, the first may be answered. */
	if (!mine || tcp->probe != t->seq + 1 || t->has_wscale)
		set_scale(tcp, PROBE, t->has_wscale ? t->wscale : NO_SCALE);
	forget_probe(tcp);
	tcp->probe = t->seq + 1;
	tcp->flags[0] &= ~SFW_TCP_F_FIRST;
	tcp->flags[dir] |= SFW_TCP_F_PROBE;
}

/* A SYN without ACK meets a connection. */
static enum sfw_tcp_result track_syn(struct sfw_tcp *tcp, u8 *state, int dir,
				     const struct sfw_tcp_info *t)
{
	switch (*state) {
	case SFW_STATE_TCP_SYN_SENT:
		if (dir == 0) {
			/* Another number: the host begins anew, or this is
			 * an old duplicate. The answer tells.
			 */
			if (t->seq + 1 != tcp->half[1].ack)
				break;
			learn_syn_again(tcp, 0, t);
			if (t->has_wscale) {
				set_scale(tcp, 0, t->wscale);
				tcp->flags[0] |= SFW_TCP_F_SCALE;
			}
			return SFW_TCP_PASS;
		}
		/* Simultaneous open (RFC 9293, 3.5). */
		learn_syn(tcp, 1, t);
		join_syns(tcp);
		*state = SFW_STATE_TCP_SYN_RECEIVED;
		return SFW_TCP_PASS;
	case SFW_STATE_TCP_CLOSE:
		if (is_answered(tcp))
			break;
		return SFW_TCP_REOPEN;
	case SFW_STATE_TCP_TIME_WAIT:
		/* RFC 9293, 3.6.1: reuse needs a later sequence number. An
		 * earlier one is answered by an ACK, that by a reset.
		 */
		if (after(t->seq, tcp->half[dir].end))
			return SFW_TCP_REOPEN;
		break;
	}

	/*
	 * The host behind the SYN lost the connection, or somebody guesses.
	 * The other side answers a SYN it cannot use with an ACK (RFC 5961, 4),
	 * which makes an honest host send an exact reset. If it does accept
	 * the SYN, its SYN/ACK names the probe. From the responder that is so
	 * only if nobody knows who began.
	 */
	if (!is_stray(tcp, *state, t) &&
	    (dir == 0 ? !is_first_syn(tcp, t) :
			!(tcp->flags[0] & SFW_TCP_F_SYN)))
		learn_probe(tcp, dir, t);
	return SFW_TCP_PASS;
}

/* The end of what side @d sent. If it was picked up, more than we saw may have
 * passed before: as much as it was allowed to send.
 */
static u32 sent_end(const struct sfw_tcp *tcp, int d)
{
	const struct sfw_tcp_half *h = &tcp->half[d];

	return tcp->flags[d] & SFW_TCP_F_SYN ? h->end :
					       later(h->end, h->max_end);
}

/* Is a SYN or a reset where it may end a connection that runs, at hosts that
 * follow RFC 793? If the handshake was not seen, the window is a guess.
 */
static bool hits_window(const struct sfw_tcp *tcp, u8 state, int dir,
			const struct sfw_tcp_info *t)
{
	const u8 known = SFW_TCP_F_SEEN | SFW_TCP_F_ACKED | SFW_TCP_F_SYN;

	return (state == SFW_STATE_TCP_ESTABLISHED ||
		state == SFW_STATE_TCP_FIN_WAIT ||
		state == SFW_STATE_TCP_CLOSE_WAIT) &&
	       (tcp->flags[0] & tcp->flags[1] & known) == known &&
	       !before(sfw_tcp_segment_end(t), tcp->half[!dir].ack) &&
	       !after(t->seq, tcp->half[dir].max_end);
}

/* Van Rooij's four bounds, as far as both sides are known. */
static bool in_window(const struct sfw_tcp *tcp, int dir,
		      const struct sfw_tcp_info *t)
{
	const struct sfw_tcp_half *s = &tcp->half[dir];
	const struct sfw_tcp_half *r = &tcp->half[!dir];
	bool s_seen = tcp->flags[dir] & SFW_TCP_F_SEEN;
	bool r_seen = tcp->flags[!dir] & SFW_TCP_F_SEEN;
	u32 end = sfw_tcp_segment_end(t);
	u32 ack = t->has_sack ? later(t->sack, t->ack) : t->ack;

	/* One more than allowed: the probe of a closed window. */
	if (r_seen && after(end, s->max_end + 1))
		return false;
	if (s_seen && r_seen && before(end, s->end - r->max_win))
		return false;
	if (r_seen && after(ack, sent_end(tcp, !dir)))
		return false;
	if (s_seen && r_seen && before(ack, r->end - sfw_tcp_reach(s)))
		return false;
	return true;
}

/* The facts of a connection from its first two segments. */
static void learn_syns(struct sfw_tcp *tcp, int dir,
		       const struct sfw_tcp_info *syn,
		       const struct sfw_tcp_info *answer)
{
	memset(tcp, 0, sizeof(*tcp));
	learn_syn(tcp, dir, syn);
	learn_syn(tcp, !dir, answer);
	join_syns(tcp);
	tcp->probe = syn->seq + 1;
	if (dir == 0)
		tcp->flags[0] |= SFW_TCP_F_FIRST;
}

static bool answers_probe(const struct sfw_tcp *tcp, int dir,
			  const struct sfw_tcp_info *t)
{
	if (!acks_probe(tcp, !dir, t->ack))
		return false;
	return !is_answered(tcp) ||
	       (u16)(t->seq + 1 + t->payload) == probe_ack(tcp);
}

/* Side @dir took a SYN that met the connection. */
static void take_answer(struct sfw_tcp *tcp, u8 *state, int dir,
			const struct sfw_tcp_info *t)
{
	const struct sfw_tcp_info syn = {
		.seq = tcp->probe - 1,
		.payload = t->ack - tcp->probe,
		.window = U16_MAX,
		.flags = SFW_TCP_SYN,
		.has_wscale = get_scale(tcp, PROBE) != NO_SCALE,
		.wscale = get_scale(tcp, PROBE),
	};

	if (is_answered(tcp))
		return;
	if (nothing_to_lose(tcp, *state)) {
		learn_syns(tcp, !dir, &syn, t);
		*state = SFW_STATE_TCP_SYN_RECEIVED;
		return;
	}
	tcp->probe = (u16)t->ack | (t->seq + 1 + t->payload) << 16;
	set_scale(tcp, ANSWER, t->has_wscale ? t->wscale : NO_SCALE);
	tcp->flags[1] |= SFW_TCP_F_ANSWERED;
}

/* A segment while the handshake of a later SYN waits for its end: is it that?
 * Then the old connection is gone, and @next is the new one.
 */
static bool ends_handshake(const struct sfw_tcp *tcp, int dir,
			   const struct sfw_tcp_info *t, struct sfw_tcp *next)
{
	/* One less if it keeps alive what it believes to be open. */
	u32 seq = t->seq + ((u16)(t->seq + 1) == probe_seq(tcp));
	const struct sfw_tcp_info syn = {
		.seq = seq - 1,
		.window = U16_MAX,
		.flags = SFW_TCP_SYN,
		.has_wscale = get_scale(tcp, PROBE) != NO_SCALE,
		.wscale = get_scale(tcp, PROBE),
	};
	const struct sfw_tcp_info answer = {
		.seq = t->ack - 1,
		.ack = seq,
		.window = U16_MAX,
		.flags = SFW_TCP_SYN | SFW_TCP_ACK,
		.has_wscale = get_scale(tcp, ANSWER) != NO_SCALE,
		.wscale = get_scale(tcp, ANSWER),
	};

	/* The first data may have been lost. */
	if (!(tcp->flags[dir] & SFW_TCP_F_PROBE) ||
	    (u16)t->ack != probe_ack(tcp))
		return false;
	learn_syns(next, dir, &syn, &answer);
	return in_window(next, dir, t);
}

static enum sfw_tcp_result track_syn_ack(struct sfw_tcp *tcp, u8 *state,
					 int dir, const struct sfw_tcp_info *t,
					 bool liberal)
{
	bool picked = !((tcp->flags[0] | tcp->flags[1]) & SFW_TCP_F_SYN);
	bool both = tcp->flags[0] & tcp->flags[1] & SFW_TCP_F_SEEN;
	bool copy;

	switch (*state) {
	case SFW_STATE_TCP_SYN_SENT:
		if (dir == 0)
			return SFW_TCP_BAD_FLAGS;
		if (acks_syn(tcp, 0, t->ack)) {
			learn_syn(tcp, 1, t);
			join_syns(tcp);
			*state = SFW_STATE_TCP_SYN_RECEIVED;
			return SFW_TCP_PASS;
		}
		/* An answer to an older SYN of the same ports: the originator
		 * resets it, so it must see it.
		 */
		if (!acks_probe(tcp, 0, t->ack))
			return SFW_TCP_PASS;
		break;
	case SFW_STATE_TCP_SYN_RECEIVED:
		if (!acks_syn(tcp, !dir, t->ack))
			break;
		/* Sent again, or the second half of a simultaneous open. */
		if (t->seq + 1 == tcp->half[!dir].ack) {
			tcp->half[dir].ack = t->ack;
			tcp->flags[dir] |= SFW_TCP_F_ACKED;
			learn_syn_again(tcp, dir, t);
			join_syns(tcp);
			if (tcp->flags[0] & tcp->flags[1] & SFW_TCP_F_ACKED)
				*state = SFW_STATE_TCP_ESTABLISHED;
			return SFW_TCP_PASS;
		}
		/* The responder forgot the SYN and took it again; the
		 * originator has not answered either yet.
		 */
		if (dir == 1 && !(tcp->flags[0] & SFW_TCP_F_ACKED)) {
			learn_syn(tcp, 1, t);
			join_syns(tcp);
			return SFW_TCP_PASS;
		}
		break;
	}

	/* The first one again, because the ACK of it was lost or late. */
	copy = (both || picked) && in_window(tcp, dir, t);
	if (copy && !picked)
		return SFW_TCP_PASS;
	if (answers_probe(tcp, dir, t) && !is_stray(tcp, *state, t) &&
	    !hits_window(tcp, *state, dir, t)) {
		take_answer(tcp, state, dir, t);
		return SFW_TCP_PASS;
	}
	return copy || liberal ? SFW_TCP_PASS : SFW_TCP_BAD_WINDOW;
}

static enum sfw_tcp_result track_rst(struct sfw_tcp *tcp, u8 *state, int dir,
				     const struct sfw_tcp_info *t, bool liberal)
{
	const struct sfw_tcp_half *s = &tcp->half[dir];
	const struct sfw_tcp_half *r = &tcp->half[!dir];
	bool valid;

	if (liberal) {
		valid = true;
	} else if (*state == SFW_STATE_TCP_SYN_SENT) {
		/* RFC 9293, 3.10.7.3: only the acknowledgment proves it. From
		 * the originator it answers what did not acknowledge its SYN,
		 * and the SYN stands.
		 */
		if (dir == 0)
			return SFW_TCP_PASS;
		valid = false;
	} else if (!(tcp->flags[dir] & SFW_TCP_F_SEEN)) {
		valid = tcp->flags[!dir] & SFW_TCP_F_ACKED &&
			t->seq == r->ack;
	} else {
		/* RFC 5961, 3.2: what the receiver expects next. That is what
		 * it acknowledged last, or, if its ACK is on the way, the end
		 * of what was sent.
		 */
		valid = t->seq == s->end ||
			(tcp->flags[!dir] & SFW_TCP_F_ACKED &&
			 t->seq == r->ack);
		/* macOS resets with the number of the FIN that it sent. */
		if (!valid && tcp->flags[dir] & SFW_TCP_F_FIN)
			valid = t->seq == s->end - 1;
	}
	/* A SYN is refused by a host that knows no connection (RFC 9293,
	 * 3.10.7.1), if its sender has shown no other answer.
	 */
	if (!valid && t->flags & SFW_TCP_ACK)
		valid = (tcp->flags[!dir] & (SFW_TCP_F_SYN |
					     SFW_TCP_F_ACKED)) ==
			SFW_TCP_F_SYN && acks_syn(tcp, !dir, t->ack);
	if (valid) {
		*state = SFW_STATE_TCP_CLOSE;
		if (has_probe(tcp))
			end_for_good(tcp);
		return SFW_TCP_PASS;
	}
	if (is_stray(tcp, *state, t))
		return SFW_TCP_BAD_WINDOW;
	/* One that met the connection is refused: its sender has to know, but
	 * both may be forged, and hosts that know better may not say so again
	 * at once (RFC 5961, 10). So what runs goes on; if it does not, the
	 * next SYN finds out. A host's refusal has the number 0.
	 */
	if (t->flags & SFW_TCP_ACK && acks_probe(tcp, !dir, t->ack) &&
	    (!t->seq || !hits_window(tcp, *state, dir, t))) {
		if (nothing_to_lose(tcp, *state))
			*state = SFW_STATE_TCP_CLOSE;
		return SFW_TCP_PASS;
	}
	/* Or either host gives up its handshake. */
	if (is_answered(tcp) && !hits_window(tcp, *state, dir, t) &&
	    (u16)t->seq == (tcp->flags[dir] & SFW_TCP_F_PROBE ?
			    probe_seq(tcp) : probe_ack(tcp)))
		return SFW_TCP_PASS;
	return SFW_TCP_BAD_WINDOW;
}

static void learn_segment(struct sfw_tcp *tcp, int dir,
			  const struct sfw_tcp_info *t)
{
	struct sfw_tcp_half *s = &tcp->half[dir];
	struct sfw_tcp_half *r = &tcp->half[!dir];
	u32 win = (u32)t->window << get_scale(tcp, dir);
	u32 end = sfw_tcp_segment_end(t);
	u32 edge;
	bool first = !(tcp->flags[dir] & (SFW_TCP_F_SYN | SFW_TCP_F_ACKED));

	if (!(tcp->flags[dir] & SFW_TCP_F_SEEN)) {
		tcp->flags[dir] |= SFW_TCP_F_SEEN;
		s->end = r->ack;
		s->max_win = SFW_TCP_ACK_SLACK;
	}
	s->end = later(s->end, end);
	if (win > s->max_win)
		s->max_win = win;
	s->ack = tcp->flags[dir] & SFW_TCP_F_ACKED ? later(s->ack, t->ack)
						   : t->ack;
	tcp->flags[dir] |= SFW_TCP_F_ACKED;
	/* Of a side that was picked up this may be an old one, and what is
	 * sent was allowed.
	 */
	edge = first ? later(t->ack + s->max_win, r->end) :
		       later(t->ack + (win ? win : 1), r->max_end);
	r->max_end = edge;
	if (!(tcp->flags[!dir] & SFW_TCP_F_SYN) &&
	    tcp->flags[!dir] & SFW_TCP_F_SEEN)
		r->end = later(r->end, t->has_sack ? later(t->sack, t->ack) :
						     t->ack);
	if (t->flags & SFW_TCP_FIN)
		tcp->flags[dir] |= SFW_TCP_F_FIN;
	if (tcp->flags[!dir] & SFW_TCP_F_FIN && !before(t->ack, r->end))
		tcp->flags[!dir] |= SFW_TCP_F_FIN_ACKED;
}

/**
 * sfw_tcp_state() - what to call a connection that is neither opening nor reset
 * @tcp: the connection
 *
 * Return: enum sfw_state.
 * Context: any; the caller holds the connection's lock.
 */
u8 sfw_tcp_state(const struct sfw_tcp *tcp)
{
	u8 both = tcp->flags[0] & tcp->flags[1];
	u8 any = tcp->flags[0] | tcp->flags[1];

	if (likely(!(any & (SFW_TCP_F_FIN | SFW_TCP_F_FIN_ACKED))))
		return SFW_STATE_TCP_ESTABLISHED;
	if (both & SFW_TCP_F_FIN_ACKED)
		return SFW_STATE_TCP_TIME_WAIT;
	if (both & SFW_TCP_F_FIN)
		return SFW_STATE_TCP_LAST_ACK;
	if (any & SFW_TCP_F_FIN_ACKED)
		return SFW_STATE_TCP_CLOSE_WAIT;
	return SFW_STATE_TCP_FIN_WAIT;
}

/* A SYN, and no answer or a refusal. */
static bool waits_for_answer(const struct sfw_tcp *tcp)
{
	return tcp->flags[0] & SFW_TCP_F_SYN &&
	       !(tcp->flags[1] & SFW_TCP_F_SEEN);
}

/* The responder may answer a SYN that meets its old connection with an ACK
 * (RFC 5961, 4); the originator resets.
 */
static bool may_be_challenge(const struct sfw_tcp_info *t)
{
	return !t->payload && !(t->flags & SFW_TCP_FIN);
}

/* Both SYNs are acknowledged, or we were not there. */
static bool handshake_is_over(const struct sfw_tcp *tcp)
{
	u8 both = tcp->flags[0] & tcp->flags[1];

	return !(both & SFW_TCP_F_SYN) || both & SFW_TCP_F_ACKED;
}

/**
 * sfw_tcp_track() - take one segment of a known connection
 * @tcp: the connection
 * @state: enum sfw_state, brought up to date
 * @dir: 0 from the originator, 1 from the responder
 * @t: the segment, for which sfw_tcp_flags_valid() holds
 * @liberal: do not check windows
 *
 * Nothing is changed unless the result is SFW_TCP_PASS.
 *
 * Return: what to do with it. After SFW_TCP_REOPEN the caller removes the
 * connection and judges the segment as a first one.
 * Context: any; the caller holds the connection's lock.
 */
enum sfw_tcp_result sfw_tcp_track(struct sfw_tcp *tcp, u8 *state, int dir,
				  const struct sfw_tcp_info *t, bool liberal)
{
	if (likely(!(t->flags & (SFW_TCP_SYN | SFW_TCP_FIN | SFW_TCP_RST)) &&
		   *state == SFW_STATE_TCP_ESTABLISHED && !t->has_sack) &&
	    sfw_tcp_run(tcp, dir, t->seq, t->ack, t->payload, t->window))
		return SFW_TCP_PASS;
	if (t->flags & SFW_TCP_RST)
		return track_rst(tcp, state, dir, t, liberal);
	if (t->flags & SFW_TCP_SYN)
		return t->flags & SFW_TCP_ACK ?
			track_syn_ack(tcp, state, dir, t, liberal) :
			track_syn(tcp, state, dir, t);

	if (unlikely((tcp->flags[1] & (SFW_TCP_F_SEEN | SFW_TCP_F_ANSWERED)) !=
		     SFW_TCP_F_SEEN)) {
		struct sfw_tcp next;

		if (is_answered(tcp) && !is_stray(tcp, *state, t) &&
		    ends_handshake(tcp, dir, t, &next)) {
			*tcp = next;
			learn_segment(tcp, dir, t);
			*state = sfw_tcp_state(tcp);
			return SFW_TCP_PASS;
		}
		if (waits_for_answer(tcp))
			return liberal || (dir == 1 && may_be_challenge(t)) ?
			       SFW_TCP_PASS : SFW_TCP_BAD_WINDOW;
	}

	if (!liberal && !in_window(tcp, dir, t))
		return SFW_TCP_BAD_WINDOW;
	if (*state == SFW_STATE_TCP_SYN_RECEIVED && !liberal &&
	    !acks_syn(tcp, !dir, t->ack))
		return SFW_TCP_BAD_WINDOW;

	learn_segment(tcp, dir, t);
	/* It lives, whatever a later SYN and its answer said. */
	if (unlikely(has_probe(tcp)) && !nothing_to_lose(tcp, *state))
		forget_probe(tcp);
	switch (*state) {
	case SFW_STATE_TCP_CLOSE:
		break;
	case SFW_STATE_TCP_SYN_RECEIVED:
		if (!handshake_is_over(tcp))
			break;
		fallthrough;
	default:
		*state = sfw_tcp_state(tcp);
	}
	return SFW_TCP_PASS;
}

/**
 * sfw_tcp_ask() - does the receiver of a SYN have to be asked, and what
 * @tcp: the connection
 * @state: enum sfw_state
 * @dir: 0 from the originator, 1 from the responder
 * @t: the segment; if it is such a SYN, with the numbers of the question in its
 *	place: its data and one byte more, all of which the receiver has
 *	acknowledged
 *
 * It does if the SYN is in the window of a running connection, or if it or the
 * answer to one is not from where its sender is known to be: a way may change
 * just when both hosts lose the connection, and then a reset of the question is
 * what makes room for the new one.
 *
 * The receiver refuses what is signed (RFC 2385, RFC 5925) once it is changed, so
 * the sender has to try again with another number. To let it pass as it is would
 * be a way around this, for not all receivers look at what they did not ask for.
 *
 * Return: true if the question has to go on instead.
 * Context: any; the caller holds the connection's lock.
 */
bool sfw_tcp_ask(const struct sfw_tcp *tcp, u8 state, int dir,
		 struct sfw_tcp_info *t)
{
	const u8 known = SFW_TCP_F_SEEN | SFW_TCP_F_ACKED;
	bool stray = is_stray(tcp, state, t);

	if (!(t->flags & SFW_TCP_SYN) ||
	    (tcp->flags[0] & tcp->flags[1] & known) != known)
		return false;
	if (t->flags & SFW_TCP_ACK ? !stray || !answers_probe(tcp, dir, t) :
				     !stray && !hits_window(tcp, state, dir, t))
		return false;
	t->seq = tcp->half[!dir].ack - 1 - t->payload;
	t->ack = tcp->half[dir].ack;
	return true;
}

/**
 * sfw_tcp_quote_valid() - can an ICMP error be about this connection
 * @tcp: the connection
 * @dir: which side sent the quoted segment
 * @seq: its sequence number
 *
 * RFC 5927, 4.1: the quoted segment must be one that may still be on its way,
 * so neither acknowledged nor beyond what was sent.
 *
 * Return: true if it is.
 * Context: any; the caller holds the connection's lock.
 */
bool sfw_tcp_quote_valid(const struct sfw_tcp *tcp, int dir, u32 seq)
{
	const struct sfw_tcp_half *s = &tcp->half[dir];
	const struct sfw_tcp_half *r = &tcp->half[!dir];

	if (!(tcp->flags[dir] & SFW_TCP_F_SEEN)) {
		/* Nothing, or what the other side has acknowledged, and what
		 * it allows since.
		 */
		if (!(tcp->flags[!dir] & SFW_TCP_F_ACKED))
			return false;
		return !after(seq, s->max_end) &&
		       !before(seq, r->ack - larger(r->max_win,
						    SFW_TCP_ACK_SLACK));
	}
	if (after(seq, s->end))
		return false;
	return !before(seq, tcp->flags[!dir] & SFW_TCP_F_ACKED ? r->ack :
		       s->end - larger(r->max_win, SFW_TCP_ACK_SLACK));
}
