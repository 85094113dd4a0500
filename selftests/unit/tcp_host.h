/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A small TCP host for tcp_model.c: RFC 9293, with RFC 5961 for what comes out
 * of place, RFC 7323 window scaling, RFC 2018 SACK, RFC 7413 data on the SYN.
 *
 * No byte is stored. A stream is its length; what a host knows of the other
 * stream is how far it has it without a hole and which pieces lie beyond.
 * Where hosts of this world differ (what a probe looks like, what is sent
 * again, ...) there is a switch, and each host of each exchange rolls the dice.
 *
 * Who includes this defines host_emit(), the wire.
 */
#ifndef _SFW_UNIT_TCP_HOST_H
#define _SFW_UNIT_TCP_HOST_H

#include <tcp.h>
#include "tap.h"

#define NEVER		(~0ULL)
#define PIECES		4
/* Answers to what is out of place, and for how long (RFC 5961, 7): two
 * confused hosts would never stop.
 */
#define CHALLENGES	20
#define CHALLENGE_TICKS	50
/* SYN/ACKs that nobody answers */
#define TRIES		80

enum host_state {
	HOST_DEAD,		/* knows no connection, refuses all */
	HOST_LISTEN,
	HOST_SYN_SENT,
	HOST_SYN_RECEIVED,
	HOST_OPEN,		/* and all states of closing */
	HOST_TIME_WAIT,
};

enum host_timer {
	TIMER_RESEND,		/* or probe a closed window */
	TIMER_ACK,
	TIMER_APP,
	TIMER_KEEP_ALIVE,
	TIMER_TIME_WAIT,
	TIMERS,
};

/**
 * struct host_habits - how a host is
 * @total: bytes that its application sends
 * @buffer: bytes that it takes before its application reads
 * @mss: largest segment
 * @flight: most bytes on their way
 * @rto: ticks until something is sent again
 * @idle: ticks until a keep-alive
 * @time_wait: ticks in TIME-WAIT
 * @pause: ticks between two acts of the application, at most
 * @scale: its window shift
 * @server: listens, and listens again after a connection
 * @offers_scale: window scaling on its SYN
 * @drops_options: but not if it has to send that again
 * @sack: uses SACK
 * @fast_open: sends, takes data with the SYN
 * @fast_answer: does not wait with data for the end of the handshake then
 * @go_back: sends all again, not only the first segment
 * @probe_byte: probes a closed window with a byte, not with an old number
 * @keep_byte: a byte in keep-alives
 * @fin_alone: never together with data
 * @shrinks: takes back windows it offered
 * @eager: acknowledges each segment
 * @polite: closes after the other side did
 * @crossing: takes the acknowledgment of a SYN/ACK that meets its own
 * @aborts: ends with a reset
 */
struct host_habits {
	u32 total;
	u32 buffer;
	u32 mss;
	u32 flight;
	u32 rto;
	u32 idle;
	u32 time_wait;
	u32 pause;
	u8 scale;
	bool server, offers_scale, drops_options, sack, fast_open, fast_answer;
	bool go_back, probe_byte, keep_byte, fin_alone, shrinks, eager, polite;
	bool crossing, aborts;
};

struct piece {
	u32 from;
	u32 to;
};

/**
 * struct host - one end
 * @my: habits
 * @id: 0 or 1
 * @state: enum host_state
 * @timer: ticks
 * @iss: initial sequence number
 * @una: what the other side has
 * @nxt: what to send next
 * @max: the end of all that was ever sent
 * @edge: what may be sent
 * @wl1: segment that set @edge
 * @wl2: its acknowledgment
 * @their_window: largest that was offered
 * @queued: bytes that the application has written
 * @duplicates: acknowledgments that said nothing new
 * @irs: the other's initial sequence number
 * @rcv: what is expected next
 * @adv: the end of what was ever offered
 * @unread: bytes that wait for the application
 * @piece: beyond a hole
 * @pieces: how many
 * @their_fin: sequence number of the other's FIN, with @their_fin_known
 * @heard: segments since the last acknowledgment
 * @scaling_offered: by the other side
 * @my_shift: of windows it sends
 * @their_shift: of windows it gets
 * @challenges: answers given since @challenged_at
 * @challenged_at: ticks
 * @tries: of SYNs
 * @closed: the application sends no more
 * @fin_sent: once
 * @fin_acked: the other side has it
 * @fin_taken: the other's FIN
 * @first: closed before the other did
 * @delivered: bytes that the application got
 * @log: what is remembered of connections that are over
 */
struct host {
	struct host_habits my;
	u8 id;
	u8 state;
	u64 timer[TIMERS];
	u32 iss, una, nxt, max, edge, wl1, wl2, their_window, queued;
	u32 duplicates;
	u32 irs, rcv, adv, unread;
	struct piece piece[PIECES];
	u32 pieces;
	u32 their_fin;
	u32 heard;
	bool scaling_offered;
	u8 my_shift, their_shift;
	u64 challenged_at;
	u8 challenges, tries;
	bool their_fin_known, closed, fin_sent, fin_acked, fin_taken, first;
	u32 delivered;
	struct {
		u32 begun;
		bool said_fin, heard_fin, well, reset;
		u32 delivered;
	} log;
};

static u64 now;

static void host_emit(struct host *h, const struct sfw_tcp_info *t);
static void host_output(struct host *h);

static inline bool lt(u32 a, u32 b)
{
	return (s32)(a - b) < 0;
}

static inline u32 max_seq(u32 a, u32 b)
{
	return lt(a, b) ? b : a;
}

static inline u32 min_u32(u32 a, u32 b)
{
	return a < b ? a : b;
}

/* Behind the last byte that the application wrote; the FIN's place. */
static inline u32 data_end(const struct host *h)
{
	return h->iss + 1 + h->queued;
}

static u16 offer(struct host *h, bool syn)
{
	u32 room = h->my.buffer > h->unread ? h->my.buffer - h->unread : 0;
	u32 edge = h->rcv + room, field;
	u8 shift = syn ? 0 : h->my_shift;

	if (!h->my.shrinks)
		edge = max_seq(edge, h->adv);
	field = min_u32((edge - h->rcv) >> shift, 65535);
	h->adv = max_seq(h->adv, h->rcv + (field << shift));
	return field;
}

static void emit(struct host *h, u8 flags, u32 seq, u32 len)
{
	bool syn = flags & SFW_TCP_SYN;
	struct sfw_tcp_info t = {
		.seq = seq, .payload = len, .flags = flags, .doff = 5,
	};
	u32 i;

	if (flags & SFW_TCP_ACK) {
		t.ack = h->rcv;
		h->heard = 0;
		h->timer[TIMER_ACK] = NEVER;
	}
	if (!(flags & SFW_TCP_RST))
		t.window = offer(h, syn);
	if (syn) {
		/* The answer has the option if the question had. */
		t.has_wscale = h->my.offers_scale &&
			       (flags & SFW_TCP_ACK ? h->scaling_offered :
				!(h->my.drops_options && h->tries > 1));
		t.wscale = t.has_wscale ? h->my.scale : 0;
		h->tries++;
	}
	for (i = 0; h->my.sack && i < h->pieces && !syn; i++) {
		t.sack = t.has_sack ? max_seq(t.sack, h->piece[i].to) :
				      h->piece[i].to;
		t.has_sack = true;
	}
	if (!(flags & SFW_TCP_RST))
		h->max = max_seq(h->max, seq + len + syn +
					 !!(flags & SFW_TCP_FIN));
	host_emit(h, &t);
}

static void emit_ack(struct host *h)
{
	emit(h, SFW_TCP_ACK, h->max, 0);
}

static void challenge(struct host *h)
{
	if (now - h->challenged_at > CHALLENGE_TICKS) {
		h->challenged_at = now;
		h->challenges = 0;
	}
	if (h->challenges++ < CHALLENGES)
		emit_ack(h);
}

/* RFC 9293, 3.10.7.1: how a host without a connection answers. */
static void refuse(struct host *h, const struct sfw_tcp_info *t)
{
	struct sfw_tcp_info rst = { .flags = SFW_TCP_RST, .doff = 5 };

	if (t->flags & SFW_TCP_RST)
		return;
	if (t->flags & SFW_TCP_ACK) {
		rst.seq = t->ack;
	} else {
		rst.flags |= SFW_TCP_ACK;
		rst.ack = t->seq + t->payload + !!(t->flags & SFW_TCP_SYN) +
			  !!(t->flags & SFW_TCP_FIN);
	}
	host_emit(h, &rst);
}

static void host_number(struct host *h, u32 iss)
{
	h->iss = iss;
	h->una = iss;
	h->nxt = iss;
	h->max = iss;
}

/* No connection. Numbers of the next one have nothing to do with the last. */
static void host_forget(struct host *h)
{
	struct host fresh = { .my = h->my, .id = h->id, .log = h->log };
	int i;

	for (i = 0; i < TIMERS; i++)
		fresh.timer[i] = NEVER;
	fresh.state = h->my.server ? HOST_LISTEN : HOST_DEAD;
	*h = fresh;
	host_number(h, rnd());
}

static void host_reset(struct host *h)
{
	h->log.reset = true;
	host_forget(h);
}

static void host_begin(struct host *h, u8 state)
{
	h->state = state;
	h->log.begun++;
	h->timer[TIMER_RESEND] = now + h->my.rto;
	h->timer[TIMER_KEEP_ALIVE] = now + h->my.idle;
	h->timer[TIMER_APP] = now + rnd_below(h->my.pause + 1);
}

static void send_syn(struct host *h)
{
	bool ack = h->state == HOST_SYN_RECEIVED;
	u32 len = 0;

	/* Data once only: who does not answer may not like them. */
	if (!ack && h->my.fast_open && !h->tries)
		len = min_u32(h->my.total, h->my.mss);
	if (len > h->queued)
		h->queued = len;
	h->nxt = h->iss + 1;
	emit(h, SFW_TCP_SYN | (ack ? SFW_TCP_ACK : 0), h->iss, len);
}

static void host_connect(struct host *h)
{
	host_begin(h, HOST_SYN_SENT);
	send_syn(h);
}

static void learn_scale(struct host *h, const struct sfw_tcp_info *t)
{
	bool scaling = t->has_wscale && h->my.offers_scale;

	h->scaling_offered = t->has_wscale;
	h->my_shift = scaling ? h->my.scale : 0;
	h->their_shift = scaling ? t->wscale : 0;
}

static void set_window(struct host *h, const struct sfw_tcp_info *t, u8 shift)
{
	u32 win = (u32)t->window << shift;

	h->edge = t->ack + win;
	h->wl1 = t->seq;
	h->wl2 = t->ack;
	if (win > h->their_window)
		h->their_window = win;
}

/* RFC 9293, 3.10.5 */
static void host_abort(struct host *h)
{
	if (h->state == HOST_OPEN || h->state == HOST_SYN_RECEIVED)
		emit(h, SFW_TCP_RST | SFW_TCP_ACK, h->max, 0);
	host_reset(h);
}

/* Both directions are closed and acknowledged. */
static bool host_done(struct host *h)
{
	if (h->state != HOST_OPEN || !h->fin_acked || !h->fin_taken)
		return false;
	h->log.well = true;
	h->log.delivered = h->delivered + h->unread;
	if (!h->first) {
		host_forget(h);
		return true;
	}
	h->state = HOST_TIME_WAIT;
	h->timer[TIMER_RESEND] = NEVER;
	h->timer[TIMER_KEEP_ALIVE] = NEVER;
	h->timer[TIMER_APP] = NEVER;
	h->timer[TIMER_TIME_WAIT] = now + h->my.time_wait;
	return true;
}

/* Sent, or sent again: from @seq on, as much as fits. */
static u32 send_from(struct host *h, u32 seq, u32 limit)
{
	u32 left = data_end(h) - seq, len = min_u32(h->my.mss, left);
	u8 flags = SFW_TCP_ACK | SFW_TCP_PSH;
	bool fin;

	if (lt(data_end(h), seq))
		return 0;
	len = min_u32(len, lt(seq, limit) ? limit - seq : 0);
	fin = h->closed && len == left && !lt(limit, seq + len) &&
	      !(len && h->my.fin_alone);
	if (!len && !fin)
		return 0;
	if (fin) {
		if (!h->fin_sent)
			h->first = !h->fin_taken;
		h->fin_sent = true;
		h->log.said_fin = true;
		flags |= SFW_TCP_FIN;
	}
	emit(h, flags, seq, len);
	return len + fin;
}

/* Everything there is to send that may be sent. */
static void host_output(struct host *h)
{
	bool early = h->state == HOST_SYN_RECEIVED && h->my.fast_answer &&
		     h->unread;
	bool sent = false;
	u32 n;

	if (h->state != HOST_OPEN && !early)
		return;
	while (h->nxt - h->una < h->my.flight) {
		n = send_from(h, h->nxt, h->edge);
		if (!n)
			break;
		h->nxt += n;
		sent = true;
	}
	if (sent || (h->una == h->max && h->timer[TIMER_RESEND] == NEVER &&
		     lt(h->nxt, data_end(h) + (h->closed && !h->fin_acked))))
		h->timer[TIMER_RESEND] = now + h->my.rto;
}

static void resend(struct host *h)
{
	h->timer[TIMER_RESEND] = now + h->my.rto + rnd_below(h->my.rto);
	if (h->state == HOST_SYN_RECEIVED && h->tries > TRIES) {
		host_reset(h);
		return;
	}
	if (h->state == HOST_SYN_SENT || h->state == HOST_SYN_RECEIVED) {
		send_syn(h);
		return;
	}
	if (h->una == h->max) {
		if (!lt(h->una, data_end(h)) || lt(h->una, h->edge)) {
			h->timer[TIMER_RESEND] = NEVER;
			host_output(h);
		} else if (h->my.probe_byte) {
			emit(h, SFW_TCP_ACK, h->una, 1);
		} else {
			emit(h, SFW_TCP_ACK, h->una - 1, 0);
		}
		return;
	}
	if (h->my.go_back && lt(h->una, h->edge)) {
		h->nxt = h->una;
		host_output(h);
	} else {
		send_from(h, h->una, max_seq(h->edge, h->una + 1));
	}
}

/* The application reads, writes, closes; when it has done all it rests. */
static void host_app(struct host *h)
{
	u32 old = h->adv, known = h->adv - h->rcv, n;

	h->timer[TIMER_APP] = NEVER;
	if (h->my.aborts && rnd_once_in(4)) {
		host_abort(h);
		return;
	}
	if (h->unread) {
		n = rnd_once_in(3) ? h->unread : 1 + rnd_below(h->unread);
		h->unread -= n;
		h->delivered += n;
	}
	if (h->queued < h->my.total)
		h->queued += 1 + rnd_below(h->my.total - h->queued);
	if (h->queued == h->my.total && (!h->my.polite || h->fin_taken))
		h->closed = true;
	if (!h->closed || !h->fin_taken || h->unread)
		h->timer[TIMER_APP] = now + 1 + rnd_below(h->my.pause + 1);
	host_output(h);
	/* Worth a word if the window was small. */
	n = h->my.buffer - min_u32(h->unread, h->my.buffer);
	n = min_u32(n, 65535U << h->my_shift);
	if (h->state == HOST_OPEN && h->adv == old &&
	    n > known + h->my.buffer / 4)
		emit_ack(h);
}

static void take_piece(struct host *h, u32 from, u32 to)
{
	u32 i;

	for (i = 0; i < h->pieces; i++) {
		struct piece *p = &h->piece[i];

		if (lt(to, p->from) || lt(p->to, from))
			continue;
		if (lt(from, p->from))
			p->from = from;
		p->to = max_seq(p->to, to);
		return;
	}
	/* No place: forgotten, which SACK allows (RFC 2018, 8). */
	if (h->pieces < PIECES)
		h->piece[h->pieces++] = (struct piece){ from, to };
}

static void join_pieces(struct host *h)
{
	u32 i = 0;

	while (i < h->pieces) {
		struct piece *p = &h->piece[i];

		if (lt(h->rcv, p->from)) {
			i++;
			continue;
		}
		if (lt(h->rcv, p->to)) {
			h->unread += p->to - h->rcv;
			h->rcv = p->to;
		}
		*p = h->piece[--h->pieces];
		i = 0;
	}
}

/* Payload and FIN of a segment that is acceptable. */
static void take_data(struct host *h, const struct sfw_tcp_info *t)
{
	u32 from = max_seq(t->seq, h->rcv);
	u32 to = t->seq + t->payload;
	bool hurry = h->my.eager || h->pieces;

	if (!t->payload && !(t->flags & SFW_TCP_FIN))
		return;
	if (t->flags & SFW_TCP_FIN && !lt(h->adv, to)) {
		h->their_fin = to;
		h->their_fin_known = true;
	}
	if (lt(h->adv, to))
		to = h->adv;
	if (h->fin_taken || !lt(from, to)) {
		hurry = true;
	} else if (from == h->rcv) {
		h->unread += to - from;
		h->rcv = to;
		join_pieces(h);
	} else {
		take_piece(h, from, to);
		hurry = true;
	}
	if (h->their_fin_known && h->rcv == h->their_fin && !h->fin_taken) {
		h->rcv++;
		h->fin_taken = true;
		h->log.heard_fin = true;
		hurry = true;
	}
	if (h->timer[TIMER_APP] == NEVER)
		h->timer[TIMER_APP] = now + rnd_below(h->my.pause + 1);
	if (hurry || ++h->heard >= 2)
		emit_ack(h);
	else if (h->timer[TIMER_ACK] == NEVER)
		h->timer[TIMER_ACK] = now + 1 + rnd_below(20);
}

/* False if the segment is to be dropped. */
static bool take_ack(struct host *h, const struct sfw_tcp_info *t)
{
	bool news = lt(h->una, t->ack);

	if (lt(h->max, t->ack) || lt(t->ack, h->una - h->their_window)) {
		challenge(h);
		return false;
	}
	if (news) {
		h->una = t->ack;
		h->nxt = max_seq(h->nxt, h->una);
		h->duplicates = 0;
		h->timer[TIMER_RESEND] = h->una == h->max ? NEVER :
						now + h->my.rto;
		if (h->fin_sent && h->una == data_end(h) + 1)
			h->fin_acked = true;
	} else if (t->ack == h->una && !t->payload && h->una != h->max &&
		   !(t->flags & SFW_TCP_FIN) && ++h->duplicates == 3) {
		send_from(h, h->una, max_seq(h->edge, h->una + 1));
	}
	if (news || (t->ack == h->una &&
		     (lt(h->wl1, t->seq) ||
		      (h->wl1 == t->seq && !lt(t->ack, h->wl2)))))
		set_window(h, t, h->their_shift);
	return true;
}

static bool acceptable(const struct host *h, const struct sfw_tcp_info *t)
{
	u32 len = t->payload + !!(t->flags & SFW_TCP_SYN) +
		  !!(t->flags & SFW_TCP_FIN);
	u32 win = h->adv - h->rcv;

	if (!len)
		return win ? t->seq - h->rcv < win : t->seq == h->rcv;
	return win && (t->seq - h->rcv < win ||
		       t->seq + len - 1 - h->rcv < win);
}

static void input_listen(struct host *h, const struct sfw_tcp_info *t)
{
	if (t->flags & SFW_TCP_RST)
		return;
	if (t->flags & SFW_TCP_ACK || !(t->flags & SFW_TCP_SYN)) {
		refuse(h, t);
		return;
	}
	host_begin(h, HOST_SYN_RECEIVED);
	h->irs = t->seq;
	h->rcv = t->seq + 1;
	h->adv = h->rcv;
	learn_scale(h, t);
	if (h->my.fast_open && t->payload && t->payload <= h->my.buffer) {
		h->rcv += t->payload;
		h->unread = t->payload;
	}
	h->edge = h->iss + 1 + t->window;
	h->their_window = t->window;
	send_syn(h);
	host_output(h);
}

static void input_syn_sent(struct host *h, const struct sfw_tcp_info *t)
{
	if (t->flags & SFW_TCP_ACK &&
	    (!lt(h->iss, t->ack) || lt(h->max, t->ack))) {
		refuse(h, t);
		return;
	}
	if (t->flags & SFW_TCP_RST) {
		if (t->flags & SFW_TCP_ACK)
			host_reset(h);
		return;
	}
	if (!(t->flags & SFW_TCP_SYN))
		return;
	h->irs = t->seq;
	h->rcv = t->seq + 1;
	h->adv = h->rcv;
	learn_scale(h, t);
	if (t->flags & SFW_TCP_ACK) {
		h->una = t->ack;
		h->nxt = t->ack;
		h->max = t->ack;	/* data not taken are not sent */
		h->timer[TIMER_RESEND] = NEVER;
		set_window(h, t, 0);
		h->state = HOST_OPEN;
		h->unread += t->payload;
		h->rcv += t->payload;
		emit_ack(h);
		host_output(h);
	} else {
		h->state = HOST_SYN_RECEIVED;
		h->tries = 0;
		h->edge = h->iss + 1 + t->window;
		h->their_window = t->window;
		h->wl1 = t->seq;
		send_syn(h);
	}
}

static void input_syn(struct host *h, const struct sfw_tcp_info *t)
{
	bool copy = h->state == HOST_SYN_RECEIVED && t->seq == h->irs;

	if (copy && !(t->flags & SFW_TCP_ACK)) {
		send_syn(h);
		return;
	}
	if (copy && h->my.crossing && t->ack == h->iss + 1) {
		h->una = t->ack;
		h->timer[TIMER_RESEND] = NEVER;
		h->edge = t->ack + t->window;
		h->state = HOST_OPEN;
		emit_ack(h);
		host_output(h);
		return;
	}
	challenge(h);
}

static void host_input(struct host *h, const struct sfw_tcp_info *t)
{
	switch (h->state) {
	case HOST_DEAD:
		refuse(h, t);
		return;
	case HOST_LISTEN:
		input_listen(h, t);
		return;
	case HOST_SYN_SENT:
		input_syn_sent(h, t);
		return;
	}

	h->timer[TIMER_KEEP_ALIVE] = now + h->my.idle;
	if (t->flags & SFW_TCP_RST) {
		if (t->seq == h->rcv)
			host_reset(h);
		else if (t->seq - h->rcv < h->adv - h->rcv)
			challenge(h);
		return;
	}
	if (t->flags & SFW_TCP_SYN) {
		input_syn(h, t);
		return;
	}
	if (h->state == HOST_SYN_RECEIVED) {
		if (!lt(h->iss, t->ack) || lt(h->max, t->ack)) {
			refuse(h, t);
			return;
		}
		h->una = max_seq(h->una, h->iss + 1);
		h->state = HOST_OPEN;
		h->wl1 = t->seq - 1;
	}
	if (!acceptable(h, t)) {
		/* Good for its acknowledgment if it is a probe. */
		if (h->adv == h->rcv && t->seq == h->rcv)
			take_ack(h, t);
		challenge(h);
		host_output(h);
		return;
	}
	if (!take_ack(h, t))
		return;
	take_data(h, t);
	if (host_done(h))
		return;
	host_output(h);
}

static void host_keep_alive(struct host *h)
{
	h->timer[TIMER_KEEP_ALIVE] = now + h->my.idle;
	if (h->state == HOST_OPEN && h->una == h->max)
		emit(h, SFW_TCP_ACK, h->max - 1, h->my.keep_byte);
}

static void host_tick(struct host *h, enum host_timer which)
{
	h->timer[which] = NEVER;
	switch (which) {
	case TIMER_RESEND:
		resend(h);
		break;
	case TIMER_ACK:
		emit_ack(h);
		break;
	case TIMER_APP:
		host_app(h);
		break;
	case TIMER_KEEP_ALIVE:
		host_keep_alive(h);
		break;
	case TIMER_TIME_WAIT:
		host_forget(h);
		break;
	case TIMERS:
		break;
	}
}

#endif /* _SFW_UNIT_TCP_HOST_H */
