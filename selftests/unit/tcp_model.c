// SPDX-License-Identifier: GPL-2.0
/*
 * TCP tracking between two hosts that talk through a bad network.
 *
 * Each exchange rolls two hosts (tcp_host.h), a network between them that
 * loses, duplicates and reorders, and a place in it for the observer: sfw's
 * tracker. A packet may be lost, doubled, delayed before it gets there and
 * behind. What the observer refuses goes no further. Then:
 *
 * - what hosts send is not refused; the exception is below
 * - no state is shown that the hosts contradict
 * - at the end the state is time-wait or close, and all data have arrived
 * - forged segments are refused, or pass and change nothing
 *
 * Reordering is bounded: a packet is overtaken only by those sent less than a
 * round trip later. An observer who keeps no list of holes has to take some
 * late ones for old. Those, and only those, may be refused that were overtaken
 * and end more than the receiver's largest window before the end of what was
 * sent, or acknowledge more than two windows (or 66000 bytes) less than was
 * sent. With this bound their receiver has all their data, and what they
 * acknowledge has passed in another one; that is checked. And while the
 * observer has seen a SYN only, what is not its answer may be refused, for
 * the receiver drops it as well (RFC 9293, 3.10.7.3). And where after a reset
 * one host still talks about the old connection and the other one about none
 * or about another, begun by a copy of the SYN, or what comes is from one that
 * its sender has forgotten, anything may be refused.
 *
 * A reset has to pass if the receiver obeys it (RFC 5961, 3.2).
 *
 * An observer that saved its state and looks again after a while, as over a
 * change of the module, is bound by the same, and by no more than one that was
 * not there from the beginning.
 *
 * An argument is the seed. The environment variable SFW_TCP_MODEL_EXCHANGES is
 * the number of exchanges; a long run is
 *
 *	SFW_TCP_MODEL_EXCHANGES=1000000 build/unit/tcp_model SEED
 */
#include <saved.h>
#include "tcp_world.h"

#define EXCHANGES	200000
#define EVENTS		500000
#define ACK_SLACK	66000
/* After this time states with a short timeout are forgotten. */
#define SHORT_TICKS	2000

enum fault {
	FAULT_REFUSED,		/* a legal segment */
	FAULT_NEEDED,		/* an old one, but its receiver needs it */
	FAULT_LIE,		/* a state */
	FAULT_CHANGED,		/* refused, but something changed */
	FAULT_FORGED,		/* a forged segment passed or did something */
	FAULT_STUCK,		/* no end */
	FAULT_END,		/* state at the end */
	FAULT_DATA,		/* did not arrive */
	FAULT_SAVED,		/* cannot be saved */
	FAULTS,
};

static const char *const fault_name[FAULTS] = {
	[FAULT_REFUSED]	= "no legal segment is refused",
	[FAULT_NEEDED]	= "no segment is refused that its receiver needs",
	[FAULT_LIE]	= "states are as the hosts are",
	[FAULT_CHANGED]	= "what is refused changes nothing",
	[FAULT_FORGED]	= "forged segments are refused or change nothing",
	[FAULT_STUCK]	= "all exchanges come to an end",
	[FAULT_END]	= "at the end the state is time-wait or close",
	[FAULT_DATA]	= "all data arrive",
	[FAULT_SAVED]	= "every state is one that can be restored",
};

static u32 faults[FAULTS];
static bool faulty;

/* For a look at what was exercised. */
static u64 segments, late, forged, ended[SFW_STATE_MAX + 1], seen_kind[KINDS];
static u64 seen_again, seen_reopen;

static void fault(enum fault which, int dir, const struct sfw_tcp_info *t)
{
	faulty = true;
	if (!verbose) {
		faults[which]++;
		return;
	}
	if (t)
		show("^^^^^^", dir, t);
	printf("# not so: %s\n", fault_name[which]);
}

static void note(const struct packet *p)
{
	const struct sfw_tcp_info *t = &p->t;
	struct ledger *l = &w.ledger[p->dir], *r = &w.ledger[!p->dir];
	u32 win = t->window;

	if (p->id > l->last_id)
		l->last_id = p->id;
	if (t->flags & SFW_TCP_RST)
		return;
	if (!(t->flags & SFW_TCP_SYN))
		win <<= w.host[p->dir].my_shift;
	else if (w.state >= SFW_STATE_TCP_ESTABLISHED)
		win = 0;	/* nobody takes that of a copy */
	seen_again += l->any && t->payload && !lt(l->end, end_of(t));
	l->end = l->any ? max_seq(l->end, end_of(t)) : end_of(t);
	l->any = true;
	l->iss = p->iss;
	if (win > l->max_win)
		l->max_win = win;
	l->fin |= t->flags & SFW_TCP_FIN;
	if (!(t->flags & SFW_TCP_ACK))
		return;
	l->ack = l->acked ? max_seq(l->ack, t->ack) : t->ack;
	l->acked = true;
	if (w.picked && r->any)
		r->end = max_seq(r->end, ack_of(t));
	if (w.picked && !r->any) {
		r->end = t->ack;
		r->any = true;
	}
}

/* Would the receiver obey this reset, now, and can the observer know? */
static bool reset_counts(const struct packet *p)
{
	const struct host *to = &w.host[!p->dir];
	const struct sfw_tcp_info *t = &p->t;

	switch (to->state) {
	case HOST_DEAD:
	case HOST_LISTEN:
		return false;
	case HOST_SYN_SENT:
		return t->flags & SFW_TCP_ACK && lt(to->iss, t->ack) &&
		       !lt(to->max, t->ack);
	}
	if (t->seq != to->rcv || w.ledger[!p->dir].iss != to->iss)
		return false;
	/* Who was not there does not know what was acknowledged. */
	return !w.picked || t->seq == w.ledger[p->dir].end ||
	       t->seq == w.ledger[!p->dir].ack;
}

/* Do the hosts mean the same connection? */
static bool connected(void)
{
	const struct host *a = &w.host[0], *b = &w.host[1];

	return a->state >= HOST_SYN_RECEIVED &&
	       b->state >= HOST_SYN_RECEIVED && a->irs == b->iss &&
	       b->irs == a->iss;
}

/* May the observer refuse this segment? See above. */
static bool may_refuse(const struct packet *p)
{
	const struct ledger *l = &w.ledger[p->dir], *r = &w.ledger[!p->dir];
	const struct host *to = &w.host[!p->dir];
	const struct sfw_tcp_info *t = &p->t;
	u32 slack = 2 * l->max_win > ACK_SLACK ? 2 * l->max_win : ACK_SLACK;

	if (w.again || (w.reset && w.host[1].log.begun > 1))
		return true;
	/* What a liar said last may be what a reset is compared with. */
	if (t->flags & SFW_TCP_RST)
		return !reset_counts(p) || w.lied;
	if (p->iss != w.host[p->dir].iss || (w.reset && !connected()))
		return true;
	if (w.state == SFW_STATE_TCP_SYN_SENT && !(t->flags & SFW_TCP_SYN))
		return to->state == HOST_SYN_SENT;
	/* Who was not there does not know the windows of then, either. */
	if (p->id > l->last_id &&
	    !(w.picked && !lt(to->rcv, end_of(t)) && !lt(l->ack, t->ack)))
		return false;
	if (l->end - end_of(t) <= r->max_win && r->end - ack_of(t) <= slack)
		return false;
	late++;
	if (to->state >= HOST_OPEN &&
	    (lt(to->rcv, end_of(t)) || lt(l->ack, t->ack)))
		fault(FAULT_NEEDED, p->dir, t);
	return true;
}

/* Nothing that the hosts know to be otherwise. */
static bool state_is_true(void)
{
	const struct host *a = &w.host[0], *b = &w.host[1];

	if (w.crashed || w.picked)
		return true;
	switch (w.state) {
	case SFW_STATE_TCP_ESTABLISHED:
		return a->state != HOST_SYN_SENT;
	case SFW_STATE_TCP_FIN_WAIT:
		return a->log.said_fin || b->log.said_fin;
	case SFW_STATE_TCP_CLOSE_WAIT:
		return a->log.heard_fin || b->log.heard_fin;
	case SFW_STATE_TCP_LAST_ACK:
		return a->log.said_fin && b->log.said_fin;
	case SFW_STATE_TCP_TIME_WAIT:
		return a->log.heard_fin && b->log.heard_fin;
	}
	return true;
}

static bool begin(const struct packet *p)
{
	if (!sfw_tcp_can_begin(&p->t, true))
		return false;
	memset(w.ledger, 0, sizeof(w.ledger));
	w.state = sfw_tcp_begin(&w.tcp, &p->t);
	w.first = p->dir;
	w.alive = true;
	w.stale = 0;
	w.picked = !(p->t.flags & SFW_TCP_SYN);
	return true;
}

/* The tracker's word; with nothing changed if it is no. */
static enum sfw_tcp_result track(const struct packet *p)
{
	const struct sfw_tcp tcp = w.tcp;
	const u8 state = w.state;
	enum sfw_tcp_result result;

	if (p->t.flags & SFW_TCP_SYN && !(p->t.flags & SFW_TCP_ACK))
		w.last_syn = p->t.seq;
	if (w.stale)
		result = sfw_tcp_late(&w.tcp, &w.state, p->dir != w.first,
				      &p->t, false, &w.stale);
	else
		result = sfw_tcp_track(&w.tcp, &w.state, p->dir != w.first,
				       &p->t, false);
	if (result != SFW_TCP_PASS &&
	    (memcmp(&w.tcp, &tcp, sizeof(tcp)) || w.state != state))
		fault(FAULT_CHANGED, p->dir, &p->t);
	return result;
}

/* The observer saves what it knows, and is back some packets later. */
static void look_away(void)
{
	const char *field, *why;
	struct sfw_saved saved = {
		.family = AF_INET,
		.protocol = IPPROTO_TCP,
		.state = w.state,
		.packets = { 1 },
		.expires_ms = 1,
		.track = {
			.tcp = w.tcp,
			.first = w.picked ? SFW_TCP_ACK : SFW_TCP_SYN,
			.picked_up = w.picked,
		},
	};

	why = sfw_saved_check(&saved, &field);
	if (why) {
		fault(FAULT_SAVED, 0, NULL);
		if (verbose)
			printf("# %s: %s\n", field, why);
	}
	w.unwatched = rnd_below(rnd_once_in(2) ? 4 : 60);
	w.stale = SFW_TCP_STALE;
	w.picked = true;
	/* Of who was not there for the handshake any window is believed. */
	w.forgeries = w.tcp.flags[0] & w.tcp.flags[1] & SFW_TCP_F_SYN &&
		      rnd_once_in(2) ? 2 : 0;
	w.liar = rnd_below(2);
	w.lied = false;
	memset(w.ledger, 0, sizeof(w.ledger));
	if (verbose)
		printf("# not looking at %u packets\n", w.unwatched);
}

/* A packet gets to the observer: does it pass? */
static bool observe(const struct packet *p)
{
	enum sfw_tcp_result result = SFW_TCP_PASS;

	segments++;
	if (w.watched && w.alive && !--w.watched)
		look_away();
	if (w.unwatched) {
		w.unwatched--;
		return true;
	}
	/* Who looks late sees no late copies of the handshake, either. */
	if ((w.kind == PICKED_UP || w.kind == RESTORED) &&
	    p->t.flags & SFW_TCP_SYN &&
	    w.host[1].state != HOST_LISTEN && (!w.alive || w.picked))
		return true;
	if (w.alive && now - w.passed_at > SHORT_TICKS &&
	    (w.state == SFW_STATE_TCP_CLOSE ||
	     w.state == SFW_STATE_TCP_SYN_SENT ||
	     w.state == SFW_STATE_TCP_SYN_RECEIVED))
		w.alive = false;
	if (!sfw_tcp_flags_valid(&p->t, 80)) {
		fault(FAULT_REFUSED, p->dir, &p->t);
		return false;
	}
	if (!w.alive) {
		if (!begin(p))
			return false;
	} else {
		result = track(p);
	}
	if (result == SFW_TCP_REOPEN) {
		seen_reopen++;
		w.again = w.reset && w.kind < CRASHED_BOTH;
		begin(p);
		result = SFW_TCP_PASS;
	}
	show(result == SFW_TCP_PASS ? "passes" : "REFUSED", p->dir, &p->t);
	if (result != SFW_TCP_PASS) {
		if (!may_refuse(p))
			fault(FAULT_REFUSED, p->dir, &p->t);
		return false;
	}
	note(p);
	w.passed_at = now;
	if (!state_is_true())
		fault(FAULT_LIE, p->dir, &p->t);
	return true;
}

static u32 far_from(u32 seq, u32 least)
{
	u32 off = least + rnd() % (0x7fffff00 - least);

	return rnd_once_in(2) ? seq + off : seq - off;
}

/* Acknowledges neither what was sent nor the SYN that was last seen. */
static u32 forge_ack(u32 seq, u32 least)
{
	u32 ack;

	do {
		ack = far_from(seq, least);
	} while (ack - w.last_syn <= 70000);
	return ack;
}

/* Not one of the numbers that the receiver may expect. */
static void forge_reset(struct packet *p)
{
	const struct ledger *l = &w.ledger[p->dir], *r = &w.ledger[!p->dir];

	do {
		p->t.seq = rnd_once_in(2) ? (u32)rnd() :
			   l->end - 70000 + rnd_below(140000);
	} while (p->t.seq == l->end || (r->acked && p->t.seq == r->ack) ||
		 (l->fin && p->t.seq == l->end - 1));
	p->t.flags = SFW_TCP_RST;
	if (w.state == SFW_STATE_TCP_SYN_SENT && rnd_once_in(2)) {
		p->t.flags |= SFW_TCP_ACK;
		p->t.ack = forge_ack(r->end, 2000);
	}
}

static void forge_data(struct packet *p)
{
	const struct ledger *l = &w.ledger[p->dir], *r = &w.ledger[!p->dir];
	u32 window = 2 * (ACK_SLACK + l->max_win + r->max_win);

	p->t.flags = SFW_TCP_ACK | (rnd_once_in(4) ? SFW_TCP_FIN : 0);
	p->t.payload = 1 + rnd_below(1400);
	p->t.seq = l->end;
	p->t.ack = r->end;
	switch (rnd_below(3)) {
	case 0:
		p->t.seq = far_from(l->end, window);
		break;
	case 1:
		p->t.ack = far_from(r->end, window);
		break;
	case 2:
		p->t.ack += 1 + rnd_below(100000);
		break;
	}
	p->t.window = rnd();
}

/* While a restored connection takes either side at its word: who knows no
 * number says one, and resets or closes what he said. It may pass, and end
 * nothing. In the name of one side, that is: see tcp_late.c.
 */
static void forge_word(void)
{
	struct packet p = { .dir = w.liar, .seen = true };
	const u8 state = w.state;
	bool passed;
	int i;

	if (state != SFW_STATE_TCP_ESTABLISHED || !w.stale)
		return;
	p.t.doff = 5;
	p.t.window = rnd();
	p.t.seq = far_from(w.tcp.half[p.dir != w.first].end, 1 << 20);
	p.t.ack = far_from(w.tcp.half[p.dir == w.first].end, 1 << 20);
	for (i = 0; i < 3; i++) {
		const u8 flags[] = { SFW_TCP_ACK, SFW_TCP_ACK | SFW_TCP_FIN,
				     SFW_TCP_RST };

		p.t.flags = flags[i];
		passed = track(&p) == SFW_TCP_PASS;
		w.lied = true;
		forged++;
		show(passed ? "forged" : "forged,no", p.dir, &p.t);
		if (w.state != state || (passed && p.t.flags & SFW_TCP_RST))
			fault(FAULT_FORGED, p.dir, &p.t);
		if (passed)
			travel(&p, !p.dir);
		if (p.t.flags & SFW_TCP_FIN)
			p.t.seq++;
	}
}

/* Somebody who sees nothing sends a segment in the name of a host. */
static void forge(void)
{
	struct packet p = { .dir = rnd_below(2), .seen = true };
	const u8 state = w.state;
	enum sfw_tcp_result result;
	bool may_pass = false;

	if (w.kind == RESTORED && w.picked) {
		forge_word();
		return;
	}
	p.t.doff = 5;
	switch (rnd_below(4)) {
	case 0:
		forge_reset(&p);
		may_pass = state == SFW_STATE_TCP_SYN_SENT && p.dir == w.first;
		break;
	case 1:
		if (w.picked || !w.ledger[0].any || !w.ledger[1].any)
			return;
		/* Then the right acknowledgment is all that is asked for, and
		 * that is no guess here.
		 */
		if (w.tcp.flags[1] & SFW_TCP_F_ANSWERED)
			return;
		forge_data(&p);
		break;
	case 2:
		/* A host takes it for a new connection, as we do; and of
		 * two that do not belong only one is remembered.
		 */
		if (w.kind >= ABORTED || state == SFW_STATE_TCP_CLOSE ||
		    state == SFW_STATE_TCP_TIME_WAIT ||
		    (state == SFW_STATE_TCP_SYN_SENT && p.dir != w.first) ||
		    w.host[!p.dir].state == HOST_SYN_SENT)
			return;
		p.t.flags = SFW_TCP_SYN;
		p.t.seq = rnd();
		may_pass = true;
		break;
	case 3:
		p.t.flags = SFW_TCP_SYN | SFW_TCP_ACK;
		p.t.seq = rnd();
		p.t.ack = forge_ack(w.ledger[!p.dir].end,
				    2 * (ACK_SLACK + w.ledger[p.dir].max_win));
		may_pass = state == SFW_STATE_TCP_SYN_SENT || w.picked;
		break;
	}
	forged++;
	result = track(&p);
	show(result == SFW_TCP_PASS ? "forged" : "forged,no", p.dir, &p.t);
	if (w.state != state || (result == SFW_TCP_PASS && !may_pass) ||
	    result == SFW_TCP_REOPEN)
		fault(FAULT_FORGED, p.dir, &p.t);
	if (result == SFW_TCP_PASS)
		travel(&p, !p.dir);
}

static void arrive(struct packet p)
{
	if (p.seen) {
		/* A stranger's SYN begins a connection of the stranger. */
		if (!p.id && p.t.flags & SFW_TCP_SYN &&
		    w.state != SFW_STATE_TCP_SYN_SENT &&
		    w.host[!p.dir].state == HOST_LISTEN)
			return;
		show("arrives", p.dir, &p.t);
		host_input(&w.host[!p.dir], &p.t);
		return;
	}
	if (w.alive && w.forgeries && rnd_once_in(8)) {
		w.forgeries--;
		forge();
	}
	if (!observe(&p))
		return;
	p.seen = true;
	travel(&p, !p.dir);
}

/* The first host is back after a crash, with another connection. */
static void begin_again(void)
{
	struct host *a = &w.host[0], *b = &w.host[1];
	u32 iss = a->max + 1 + rnd_below(1000000);

	w.crash_at = NEVER;
	w.crashed = true;
	w.on_wire = 0;
	memset(&a->log, 0, sizeof(a->log));
	memset(&b->log, 0, sizeof(b->log));
	memset(w.ledger, 0, sizeof(w.ledger));
	host_forget(a);
	if (rnd_once_in(2))
		host_number(a, iss);
	if (w.kind == CRASHED_CLOSED)
		b->my.server = false;
	if (w.kind != CRASHED_ONE)
		host_forget(b);
	if (verbose)
		printf("# %s\n", kind_name[w.kind]);
	host_connect(a);
}

static bool at_rest(const struct host *h)
{
	return h->state == HOST_DEAD || h->state == HOST_LISTEN ||
	       h->state == HOST_TIME_WAIT;
}

/* The next thing that happens; false if nothing does. */
static bool step(void)
{
	u64 next = w.crash_at, order = NEVER;
	int i, t, who = -1, which = -1;

	for (i = 0; i < w.on_wire; i++) {
		const struct packet *p = &w.wire[i];

		if (p->due < next || (p->due == next && p->order < order)) {
			next = p->due;
			order = p->order;
			who = i;
		}
	}
	if (who < 0 && at_rest(&w.host[0]) && at_rest(&w.host[1]) &&
	    w.crash_at == NEVER)
		return false;
	for (i = 0; i < 2; i++) {
		for (t = 0; t < TIMERS; t++) {
			if (w.host[i].timer[t] < next) {
				next = w.host[i].timer[t];
				who = i;
				which = t;
			}
		}
	}
	if (next == NEVER)
		return false;
	now = next;
	if (which >= 0) {
		host_tick(&w.host[who], which);
	} else if (who >= 0) {
		struct packet p = w.wire[who];

		w.wire[who] = w.wire[--w.on_wire];
		arrive(p);
	} else {
		begin_again();
	}
	return true;
}

static void roll_habits(struct host_habits *my)
{
	static const u32 msss[] = { 88, 536, 1220, 1460, 8960 };

	memset(my, 0, sizeof(*my));
	my->mss = msss[rnd_below(ARRAY_SIZE(msss))];
	my->total = rnd_once_in(4) ? 0 : rnd_below(my->mss * 8);
	my->buffer = rnd_once_in(3) ? 1 + rnd_below(2 * my->mss) :
				      rnd_below(300000) + my->mss;
	my->flight = my->mss * (1 + rnd_below(8));
	my->idle = rnd_once_in(4) ? 100 + rnd_below(200) : 2000;
	my->time_wait = rnd_once_in(6) ? 10 + rnd_below(200) : 100000;
	my->pause = rnd_below(rnd_once_in(3) ? 300 : 20);
	my->scale = rnd_below(rnd_once_in(2) ? 15 : 4);
	if (rnd_once_in(50)) {
		my->total = my->mss * rnd_below(80);
		my->flight = my->mss * 80;
		my->buffer = my->mss * (40 + rnd_below(80));
	}
	/* Or the window would be closed for ever. */
	while (my->scale && my->buffer >> my->scale < 2)
		my->scale--;
	my->offers_scale = !rnd_once_in(4);
	my->drops_options = rnd_once_in(4);
	my->sack = !rnd_once_in(3);
	my->go_back = rnd_once_in(2);
	my->probe_byte = rnd_once_in(2);
	my->keep_byte = rnd_once_in(2);
	my->fin_alone = rnd_once_in(2);
	my->shrinks = rnd_once_in(8);
	my->eager = rnd_once_in(3);
	my->polite = rnd_once_in(2);
	my->crossing = rnd_once_in(2);
	my->fast_answer = rnd_once_in(2);
}

static u8 roll_kind(void)
{
	u32 n = rnd_below(100);

	if (n < 12)
		return SIMULTANEOUS;
	if (n < 24)
		return FAST_OPEN;
	if (n < 33)
		return PICKED_UP;
	if (n < 40)
		return RESTORED;
	if (n < 43)
		return REFUSED;
	if (n < 51)
		return ABORTED;
	if (n < 60)
		return CRASHED_BOTH + n % 3;
	return PLAIN;
}

static void roll_world(void)
{
	struct host *a = &w.host[0], *b = &w.host[1];
	u32 trip;
	int i;

	w.on_wire = 0;
	memset(w.host, 0, sizeof(w.host));
	w.kind = roll_kind();
	seen_kind[w.kind]++;
	for (i = 0; i < 2; i++)
		w.distance[i] = rnd_once_in(4) ? 0 : 1 + rnd_below(20);
	w.distance[1] += !w.distance[0] && !w.distance[1];
	trip = 2 * (w.distance[0] + w.distance[1]);
	w.jitter = rnd_once_in(2) ? 0 : rnd_below(trip);
	w.loss = rnd_once_in(3) ? 0 : 4 + rnd_below(60);
	w.doubles = rnd_once_in(3) ? 0 : 4 + rnd_below(60);
	w.forgeries = rnd_once_in(3) ? 1 + rnd_below(4) : 0;
	for (i = 0; i < 2; i++) {
		struct host *h = &w.host[i];

		roll_habits(&h->my);
		h->id = i;
		h->my.rto = trip / 2 + 1 + rnd_below(4 * trip);
		h->my.fast_open = w.kind == FAST_OPEN;
		/* Both wait for the other to close: one has to begin. */
		if (i && a->my.polite)
			h->my.polite = false;
	}
	/* Silly windows take long. */
	a->my.total = min_u32(a->my.total, 8 * b->my.buffer);
	b->my.total = min_u32(b->my.total, 8 * a->my.buffer);
	b->my.server = w.kind != SIMULTANEOUS && w.kind != REFUSED;
	/* Whose SYNs differ, and cross or meet other ones, is not followed. */
	if (w.kind == SIMULTANEOUS || w.kind >= CRASHED_BOTH) {
		a->my.drops_options = false;
		b->my.drops_options = false;
	}
	if (w.kind == ABORTED)
		w.host[rnd_below(2)].my.aborts = true;
	w.reset = false;
	w.again = false;
	w.crashed = false;
	w.crash_at = w.kind >= CRASHED_BOTH ? now + rnd_below(20 * trip) :
					    NEVER;
	w.unwatched = w.kind == PICKED_UP ? 1 + rnd_below(30) : 0;
	w.watched = w.kind == RESTORED ? 1 + rnd_below(40) : 0;
	w.stale = 0;
	w.alive = false;
	w.picked = false;
	memset(w.ledger, 0, sizeof(w.ledger));
	for (i = 0; i < 2; i++) {
		host_forget(&w.host[i]);
		/* Near to where 32 bits or the sign wrap around. */
		if (rnd_once_in(2))
			host_number(&w.host[i],
				    (rnd_once_in(2) ? 0 : 0x80000000) -
				    rnd_below(20000));
	}
}

static void judge_end(void)
{
	const struct host *a = &w.host[0], *b = &w.host[1];
	bool reset = a->log.reset || b->log.reset;

	if (!w.alive)
		return;
	ended[w.state]++;
	/* After a reset a copy of the SYN may begin what leads nowhere. And
	 * the last ACK and the reset may both be lost before us. A host that
	 * refuses a SYN since it lost its connection does not end it for us.
	 */
	if (w.kind != CRASHED_CLOSED && w.state != SFW_STATE_TCP_TIME_WAIT &&
	    w.state != SFW_STATE_TCP_CLOSE && !w.picked &&
	    !(reset && (w.state == SFW_STATE_TCP_SYN_SENT ||
			w.state == SFW_STATE_TCP_SYN_RECEIVED)) &&
	    !(w.reset && w.loss && w.state == SFW_STATE_TCP_LAST_ACK))
		fault(FAULT_END, 0, NULL);
	if (w.kind == REFUSED || w.kind == ABORTED || w.kind == CRASHED_CLOSED)
		return;
	/* TIME-WAIT was too short for a lost acknowledgment of the FIN. */
	if (reset && (a->log.well || b->log.well))
		return;
	if (!a->log.well || !b->log.well ||
	    a->log.delivered != b->my.total || b->log.delivered != a->my.total)
		fault(FAULT_DATA, 0, NULL);
}

/* One exchange, from its own seed; true if all is well. */
static bool exchange(u64 seed)
{
	int events = 0;

	rnd_state = seed * 0x9e3779b97f4a7c15ULL | 1;
	rnd();
	now = 1000;
	faulty = false;
	roll_world();
	if (verbose)
		printf("# %s, observer at %u of %u, jitter %u, loss 1/%u, doubles 1/%u\n",
		       kind_name[w.kind], w.distance[0],
		       w.distance[0] + w.distance[1], w.jitter, w.loss,
		       w.doubles);
	host_connect(&w.host[0]);
	if (w.kind == SIMULTANEOUS) {
		now += rnd_below(w.distance[0] + w.distance[1] + 1);
		host_connect(&w.host[1]);
	}
	while (!faulty && step())
		if (++events == EVENTS)
			fault(FAULT_STUCK, 0, NULL);
	if (!faulty)
		judge_end();
	return !faulty;
}

static void report(u64 seed)
{
	printf("# exchange %llu:\n", (unsigned long long)seed);
	verbose = true;
	exchange(seed);
	verbose = false;
}

int main(int argc, char **argv)
{
	const char *env = getenv("SFW_TCP_MODEL_EXCHANGES");
	u64 n = env ? strtoull(env, NULL, 0) : EXCHANGES;
	u64 i, seed, bad = 0;
	bool all = true;
	int k;

	printf("TAP version 13\n");
	rnd_seed(argc, argv);
	seed = rnd();
	/* "SEED only EXCHANGE" runs and shows that one. */
	if (argc > 3) {
		report(strtoull(argv[3], NULL, 0));
		return 0;
	}
	for (i = 0; i < n; i++) {
		if (exchange(seed + i))
			continue;
		if (bad++ < 3)
			report(seed + i);
	}
	printf("# %llu exchanges, %llu of them bad; %llu segments\n",
	       (unsigned long long)n, (unsigned long long)bad,
	       (unsigned long long)segments);
	printf("# %llu segments too late, %llu forged\n",
	       (unsigned long long)late, (unsigned long long)forged);
	for (k = 0; k < KINDS; k++)
		printf("# %llu %s\n", (unsigned long long)seen_kind[k],
		       kind_name[k]);
	for (k = 0; k <= SFW_STATE_MAX; k++)
		if (ended[k])
			printf("# %llu ended as %s\n",
			       (unsigned long long)ended[k],
			       sfw_option_state_name(k));
	for (k = 0; k < FAULTS; k++)
		ok(!faults[k], "%s (%u faults)", fault_name[k], faults[k]);
	for (k = 0; k < KINDS; k++)
		all = all && seen_kind[k];
	ok(all && seen_zero && seen_sack && seen_again && seen_reopen && forged,
	   "closed windows, SACK, retransmissions, reuse and all kinds happened");
	ok(late < segments / 1000, "less than one segment in 1000 is too late");
	return tap_done();
}
