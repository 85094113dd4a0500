// SPDX-License-Identifier: GPL-2.0
/*
 * Any bytes as a course of events: segments of TCP and packets of SCTP into
 * the state machines; TCP connections are saved and restored meanwhile, so that
 * the numbers may be old (tcp_late.c). The entry point of libFuzzer, which
 * selftests/unit/packet.c calls as well.
 *
 * Numbers are made of few bits, so that they meet each other: near to what was
 * seen, or anywhere. What must hold: nothing changes unless the packet passes,
 * states are those of the protocol, a quote is judged without a fault.
 */
#include <stdio.h>

#include <option.h>
#include <sctp.h>
#include <tcp.h>

static void must(bool good, const char *what)
{
	if (good)
		return;
	fprintf(stderr, "fuzz: %s\n", what);
	abort();
}

struct input {
	const u8 *at;
	size_t left;
};

static u8 take(struct input *in)
{
	if (!in->left)
		return 0;
	in->left--;
	return *in->at++;
}

/* A number of 32 bits from one byte or five. */
static u32 take_number(struct input *in, const u32 *near, unsigned int n)
{
	u8 how = take(in);
	u32 number = near[(how >> 5) % n];

	switch (how & 0x1f) {
	case 0x1f:
		number = (u32)take(in) << 24;
		number |= take(in) << 16;
		fallthrough;
	case 0x1e:
		number += take(in) << 8;
		fallthrough;
	case 0x1d:
		return number + take(in);
	}
	return number + (how & 0x1f) - 8;
}

static void take_segment(struct input *in, const struct sfw_tcp *tcp, int dir,
			 struct sfw_tcp_info *t)
{
	const struct sfw_tcp_half *s = &tcp->half[dir], *r = &tcp->half[!dir];
	const u32 seqs[] = { s->end, s->max_end, r->ack, tcp->probe,
			     s->end - r->max_win };
	const u32 acks[] = { r->end, s->ack, tcp->probe,
			     r->end - s->max_win, tcp->probe >> 16 };
	u8 what;

	memset(t, 0, sizeof(*t));
	t->flags = take(in);
	what = take(in);
	t->doff = 5;
	t->stray = what & 16;
	t->seq = take_number(in, seqs, ARRAY_SIZE(seqs));
	t->ack = take_number(in, acks, ARRAY_SIZE(acks));
	t->window = what & 1 ? take(in) << 8 : 65535;
	if (what & 2)
		t->payload = take(in) << (what >> 5);
	if (what & 4) {
		t->has_sack = true;
		t->sack = take_number(in, acks, ARRAY_SIZE(acks));
	}
	if (what & 8 && t->flags & SFW_TCP_SYN) {
		t->has_wscale = true;
		t->wscale = take(in) % 15;
	}
}

/* As the module asks it of a connection that was restored. */
static enum sfw_tcp_result try_late(struct sfw_tcp *tcp, u8 *state, int dir,
				    const struct sfw_tcp_info *t, bool liberal,
				    u8 *stale)
{
	const struct sfw_tcp old = *tcp;
	enum sfw_tcp_result result;
	u8 was = *stale, ended = SFW_TCP_STALE_FIN << (4 * dir);

	result = sfw_tcp_late(tcp, state, dir, t, liberal, stale);
	if (result != SFW_TCP_PASS) {
		must(*stale == was, "refused, but nearer to be sure");
		return result;
	}
	if ((*stale & SFW_TCP_STALE) == SFW_TCP_STALE &&
	    (was & SFW_TCP_STALE) != SFW_TCP_STALE) {
		must(!(t->flags & (SFW_TCP_SYN | SFW_TCP_RST)),
		     "a SYN or a reset was taken at its word");
		/* What is closed stays so: behind a FIN nothing is sent. */
		must(!(old.flags[dir] & SFW_TCP_F_FIN &&
		       (s32)(tcp->half[dir].end - old.half[dir].end) > 0),
		     "sent behind a FIN");
		must(!(old.flags[dir] & SFW_TCP_F_FIN) ||
		     tcp->flags[dir] & SFW_TCP_F_FIN, "a FIN was forgotten");
	}
	must(*stale == 0 || t->flags & SFW_TCP_RST ||
	     !(tcp->flags[dir] & ~old.flags[dir] & SFW_TCP_F_FIN),
	     "a FIN by its own word");
	must(!(t->flags & SFW_TCP_FIN) || *stale == 0 || *stale & ended ||
	     *state == SFW_STATE_TCP_CLOSE || *state == SFW_STATE_TCP_TIME_WAIT ||
	     tcp->flags[dir] & SFW_TCP_F_FIN ||
	     t->seq + t->payload + 1 != tcp->half[dir].end,
	     "a FIN was not noted");
	return result;
}

static void try_tcp(struct input *in, bool liberal)
{
	struct sfw_tcp tcp = { .flags = { 0 } }, old;
	enum sfw_tcp_result result;
	struct sfw_tcp_info t, asked;
	bool alive = false;
	u8 state = 0, before, stale = 0, what;
	int dir;

	while (in->left) {
		what = take(in);
		dir = what & 1;
		take_segment(in, &tcp, dir, &t);
		if (!sfw_tcp_flags_valid(&t, 80))
			continue;
		if (!alive) {
			if (!sfw_tcp_can_begin(&t, true))
				continue;
			state = sfw_tcp_begin(&tcp, &t);
			alive = true;
			stale = 0;
			continue;
		}
		/* It was saved and restored before this one. */
		if (what >> 4 == 0xf)
			stale = SFW_TCP_STALE;
		old = tcp;
		before = state;
		result = stale ? try_late(&tcp, &state, dir, &t, liberal,
					  &stale) :
				 sfw_tcp_track(&tcp, &state, dir, &t, liberal);
		if (result != SFW_TCP_PASS)
			must(!memcmp(&old, &tcp, sizeof(tcp)) &&
			     state == before, "refused, but changed");
		must(state <= SFW_STATE_TCP_CLOSE, "no state of TCP");
		must(result != SFW_TCP_REOPEN ||
		     (t.flags & (SFW_TCP_SYN | SFW_TCP_ACK)) == SFW_TCP_SYN,
		     "reopened without SYN");
		must(!(tcp.flags[1] & SFW_TCP_F_ANSWERED) ||
		     (tcp.flags[0] | tcp.flags[1]) & SFW_TCP_F_PROBE,
		     "an answer without a question");
		sfw_tcp_quote_valid(&tcp, dir, t.seq);
		asked = t;
		if (sfw_tcp_ask(&tcp, state, dir, &asked))
			must(asked.seq + asked.payload + 1 ==
			     tcp.half[!dir].ack, "no question");
		alive = result != SFW_TCP_REOPEN;
	}
}

static void try_sctp(struct input *in)
{
	struct sfw_sctp sctp = { .again = 0 }, old;
	enum sfw_sctp_result result;
	struct sfw_sctp_info t;
	bool alive = false;
	u8 state = 0, before;
	int dir;

	while (in->left) {
		dir = take(in) & 1;
		memset(&t, 0, sizeof(t));
		t.chunks = 1 << (take(in) & 15);
		t.count = 1;
		t.reflected = take(in) & 1;
		t.vtag = take(in) & 7;
		t.init_tag = take(in) & 7;
		if (!sfw_sctp_valid(&t, 1, 1))
			continue;
		if (!alive) {
			if (!sfw_sctp_can_begin(&t, true))
				continue;
			state = sfw_sctp_begin(&sctp, &t);
			alive = true;
			continue;
		}
		old = sctp;
		before = state;
		result = sfw_sctp_track(&sctp, &state, dir, &t);
		if (result != SFW_SCTP_PASS)
			must(!memcmp(&old, &sctp, sizeof(sctp)) &&
			     state == before, "refused, but changed");
		must(state >= SFW_STATE_SCTP_INIT &&
		     state <= SFW_STATE_SCTP_CLOSE, "no state of SCTP");
		must(sctp.tag[0] || sctp.tag[1], "no tag at all");
		must(result == SFW_SCTP_PASS || t.vtag ||
		     result == SFW_SCTP_REOPEN, "an INIT that is refused");
		sfw_sctp_quote_valid(&sctp, dir, t.vtag);
		alive = result != SFW_SCTP_REOPEN;
	}
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	struct input in = { data, size };

	switch (take(&in) & 3) {
	case 0:
		try_sctp(&in);
		break;
	case 1:
		try_tcp(&in, true);
		break;
	default:
		try_tcp(&in, false);
	}
	return 0;
}
