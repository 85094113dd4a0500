/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The world of tcp_model.c: two hosts, the network between them, and the
 * place in it from which sfw's tracker looks.
 */
#ifndef _SFW_UNIT_TCP_WORLD_H
#define _SFW_UNIT_TCP_WORLD_H

#include <option.h>
#include "tcp_host.h"

#define ON_WIRE		512

enum kind {
	PLAIN,
	SIMULTANEOUS,
	FAST_OPEN,
	PICKED_UP,
	RESTORED,		/* seen, saved, not seen, restored */
	REFUSED,
	ABORTED,
	CRASHED_BOTH,		/* the first host comes back, and */
	CRASHED_ONE,		/* ... the other knows the old connection */
	CRASHED_CLOSED,		/* ... the other listens no more */
	KINDS,
};

static const char *const kind_name[KINDS] = {
	"plain", "simultaneous open", "fast open", "picked up", "restored",
	"refused",
	"aborted", "both crashed", "one crashed", "crashed and closed",
};

/**
 * struct packet - on its way
 * @t: the segment
 * @due: ticks
 * @order: among those due at the same time
 * @id: the how many-th of its sender; 0 is forged
 * @iss: of its sender then
 * @dir: sender
 * @seen: has passed the observer
 */
struct packet {
	struct sfw_tcp_info t;
	u64 due;
	u64 order;
	u32 id;
	u32 iss;
	u8 dir;
	bool seen;
};

/* What the observer can know of one side, in plain words. */
struct ledger {
	bool any;
	bool acked;
	bool fin;
	u32 iss;
	u32 end;
	u32 ack;
	u32 max_win;
	u32 last_id;
};

/**
 * struct world - one exchange
 * @host: the ends
 * @wire: between them
 * @on_wire: packets there
 * @order: of packets
 * @sent: packets of each host
 * @distance: ticks between each host and the observer; none loses nothing
 * @jitter: ticks, at most
 * @loss: one in so many, 0 is never
 * @doubles: likewise
 * @kind: enum kind
 * @crash_at: ticks
 * @crashed: it has happened
 * @unwatched: packets that pass before the observer looks
 * @watched: packets until it looks away and saves what it knows
 * @stale: what it has restored may be old
 * @liar: in whose name somebody speaks then
 * @lied: somebody did
 * @alive: the observer has a connection
 * @picked: and did not see all of it
 * @first: who began it
 * @tcp: the tracker
 * @state: its state
 * @ledger: of both hosts
 * @forgeries: so many more
 * @reset: a host has sent a reset
 * @again: then a copy of the SYN has begun another connection
 * @last_syn: number of the last SYN that the observer saw
 * @passed_at: ticks at which a packet passed
 */
struct world {
	struct host host[2];
	struct packet wire[ON_WIRE];
	int on_wire;
	u64 order;
	u32 sent[2];
	u32 distance[2];
	u32 jitter;
	u32 loss;
	u32 doubles;
	u8 kind;
	u64 crash_at;
	bool crashed;
	u32 unwatched;
	u32 watched;
	u8 stale;
	u8 liar;
	bool lied;
	bool alive;
	bool picked;
	int first;
	struct sfw_tcp tcp;
	u8 state;
	struct ledger ledger[2];
	u32 forgeries;
	bool reset;
	bool again;
	u32 last_syn;
	u64 passed_at;
};

static struct world w;
static bool verbose;

/* For a look at what was exercised. */
static u64 seen_zero, seen_sack;

static const char *flag_text(u8 flags)
{
	static const char letters[] = "FSRPAU";
	static char text[8];
	int i, n = 0;

	for (i = 0; i < 6; i++)
		if (flags & 1 << i)
			text[n++] = letters[i];
	text[n] = 0;
	return text;
}

/* Numbers count from the initial ones, which makes them readable. */
static void show(const char *what, int dir, const struct sfw_tcp_info *t)
{
	if (!verbose)
		return;
	printf("# %6llu %-9s %c %-3s %d len %u ack %d win %u",
	       (unsigned long long)now, what, dir ? '<' : '>',
	       flag_text(t->flags),
	       (s32)(t->seq - w.host[dir].iss), t->payload,
	       t->flags & SFW_TCP_ACK ? (s32)(t->ack - w.host[!dir].iss) : 0,
	       t->window);
	if (t->has_wscale)
		printf(" ws %u", t->wscale);
	if (t->has_sack)
		printf(" sack %d", (s32)(t->sack - w.host[!dir].iss));
	printf(" %s\n", w.alive ? sfw_option_state_name(w.state) : "-");
}

static void put(const struct packet *p, u64 due)
{
	if (w.on_wire == ON_WIRE)
		return;
	w.wire[w.on_wire] = *p;
	w.wire[w.on_wire].due = due;
	w.wire[w.on_wire++].order = w.order++;
}

/* The way between the observer and host @h, in either direction. */
static void travel(const struct packet *p, int h)
{
	u32 distance = w.distance[h];

	if (!distance) {
		put(p, now);
		return;
	}
	if (w.loss && rnd_once_in(w.loss))
		return;
	put(p, now + distance + rnd_below(w.jitter + 1));
	if (w.doubles && rnd_once_in(w.doubles))
		put(p, now + distance + rnd_below(w.jitter + 1));
}

static void host_emit(struct host *h, const struct sfw_tcp_info *t)
{
	struct packet p = {
		.t = *t, .dir = h->id, .id = ++w.sent[h->id], .iss = h->iss,
	};

	show("sends", h->id, t);
	seen_zero += !t->window && !(t->flags & SFW_TCP_RST);
	seen_sack += t->has_sack;
	w.reset |= t->flags & SFW_TCP_RST;
	travel(&p, h->id);
}

static u32 end_of(const struct sfw_tcp_info *t)
{
	return t->seq + t->payload + !!(t->flags & SFW_TCP_SYN) +
	       !!(t->flags & SFW_TCP_FIN);
}

static u32 ack_of(const struct sfw_tcp_info *t)
{
	return t->has_sack ? max_seq(t->sack, t->ack) : t->ack;
}

#endif /* _SFW_UNIT_TCP_WORLD_H */
