// SPDX-License-Identifier: GPL-2.0
/*
 * TCP tracking, segment by segment.
 *
 * A case is a trace. One line is one segment:
 *
 *	> SA 0 len 5 ack 1 win 1000 ws 7 sack 9 stray 1 = pass tcp-established
 *
 * > comes from the host that sent the first segment, < from the other one.
 * The flags are S A F R P U, the number behind them is the sequence number.
 * Sequence numbers count from the sender's initial one, acknowledgments and
 * right edges of SACK blocks from the receiver's; @ in front of a sequence
 * number says that it is the number itself, "stray 1" that it came from where
 * its sender is not. Behind = stand the result and the
 * state afterwards, in the words of the rule file:
 *
 *	begin	first segment of a connection
 *	alone	without a connection it cannot begin one
 *	pass	belongs to the connection
 *	window	refused, nothing is changed
 *	flags	likewise
 *	reopen	the old connection is over, this segment begins another
 *
 * A line "liberal" or "no pick-up" in front is about the rule set.
 *
 * Initial sequence numbers are no part of a trace. Every trace runs with those
 * that bring one of its numbers to where 32 bits and where the sign wrap
 * around, one after the other, for both hosts.
 */
#include <option.h>
#include <tcp.h>
#include "tap.h"
#include "tcp_traces.h"
#include "tcp_traces_late.h"

#define STEPS	40

struct step {
	int dir;
	s64 seq;
	s64 ack;
	s64 sack;
	bool absolute;
	struct sfw_tcp_info t;
	char result[16];
	char state[24];
};

static const char flag_letters[] = "FSRPAUEC";

static bool read_flags(const char *word, u8 *flags)
{
	const char *at;

	for (*flags = 0; *word; word++) {
		at = strchr(flag_letters, *word);
		if (!at)
			return false;
		*flags |= 1 << (at - flag_letters);
	}
	return true;
}

/* One line of a trace; false if it is none. */
static bool read_step(char *line, struct step *step)
{
	char *save, *at, *word = strtok_r(line, " ", &save);
	s64 number;

	memset(step, 0, sizeof(*step));
	step->t.doff = 5;
	step->dir = word && *word == '<';
	word = strtok_r(NULL, " ", &save);
	if (!word || !read_flags(word, &step->t.flags))
		return false;
	word = strtok_r(NULL, " ", &save);
	if (!word)
		return false;
	step->absolute = *word == '@';
	step->seq = strtoll(word + step->absolute, NULL, 10);
	for (;;) {
		word = strtok_r(NULL, " ", &save);
		if (!word)
			return false;
		if (!strcmp(word, "="))
			break;
		at = strtok_r(NULL, " ", &save);
		if (!at)
			return false;
		number = strtoll(at, NULL, 10);
		if (!strcmp(word, "len")) {
			step->t.payload = number;
		} else if (!strcmp(word, "win")) {
			step->t.window = number;
		} else if (!strcmp(word, "ack")) {
			step->ack = number;
		} else if (!strcmp(word, "ws")) {
			step->t.has_wscale = true;
			step->t.wscale = number;
		} else if (!strcmp(word, "sack")) {
			step->t.has_sack = true;
			step->sack = number;
		} else if (!strcmp(word, "stray")) {
			step->t.stray = number;
		} else {
			return false;
		}
	}
	return sscanf(save, "%15s %23s", step->result, step->state) == 2;
}

/**
 * struct script - a trace, ready to run
 * @step: its segments
 * @n: how many
 * @liberal: windows are not checked
 * @no_pickup: running connections are not picked up
 */
struct script {
	struct step step[STEPS];
	int n;
	bool liberal;
	bool no_pickup;
};

static bool read_trace(const char *text, struct script *script)
{
	size_t size = strlen(text) + 1;
	char copy[8192], *save, *line;

	memset(script, 0, sizeof(*script));
	if (size > sizeof(copy))
		return false;
	memcpy(copy, text, size);
	for (line = strtok_r(copy, "\n", &save); line;
	     line = strtok_r(NULL, "\n", &save)) {
		if (!strcmp(line, "liberal"))
			script->liberal = true;
		else if (!strcmp(line, "no pick-up"))
			script->no_pickup = true;
		else if (script->n == STEPS ||
			 !read_step(line, &script->step[script->n++]))
			return false;
	}
	return script->n;
}

/**
 * struct run - a trace on its way
 * @tcp: the tracker's facts, if @alive
 * @state: and its state
 * @alive: there is a connection
 * @first: the host that began it
 */
struct run {
	struct sfw_tcp tcp;
	u8 state;
	bool alive;
	int first;
};

static const char *begin(struct run *run, const struct script *script,
			 const struct step *step, const struct sfw_tcp_info *t)
{
	if (!sfw_tcp_can_begin(t, !script->no_pickup))
		return "alone";
	run->state = sfw_tcp_begin(&run->tcp, t);
	run->alive = true;
	run->first = step->dir;
	return "begin";
}

/* What judge.c does with a segment. */
static const char *take(struct run *run, const struct script *script,
			const struct step *step, const struct sfw_tcp_info *t)
{
	const struct run old = *run;
	const char *result = "?";

	if (!sfw_tcp_flags_valid(t, 80))
		return "invalid";
	if (!run->alive)
		return begin(run, script, step, t);
	switch (sfw_tcp_track(&run->tcp, &run->state, step->dir != run->first,
			      t, script->liberal)) {
	case SFW_TCP_PASS:
		return "pass";
	case SFW_TCP_BAD_FLAGS:
		result = "flags";
		break;
	case SFW_TCP_BAD_WINDOW:
		result = "window";
		break;
	case SFW_TCP_REOPEN:
		result = "reopen";
		break;
	}
	if (memcmp(&run->tcp, &old.tcp, sizeof(old.tcp)) ||
	    run->state != old.state)
		return "refused, but changed";
	if (!strcmp(result, "reopen"))
		begin(run, script, step, t);
	return result;
}

static bool is(const char *want, const char *got)
{
	return !strcmp(want, "any") || !strcmp(want, got);
}

static bool run_script(const struct script *script, const u32 isn[2])
{
	const struct step *step = script->step;
	struct run run = { .alive = false };
	const char *result, *state;
	struct sfw_tcp_info t;
	int i;

	for (i = 0; i < script->n; i++, step++) {
		t = step->t;
		t.seq = step->seq + (step->absolute ? 0 : isn[step->dir]);
		if (t.flags & SFW_TCP_ACK)
			t.ack = isn[!step->dir] + step->ack;
		if (t.has_sack)
			t.sack = isn[!step->dir] + step->sack;
		result = take(&run, script, step, &t);
		state = run.alive ? sfw_option_state_name(run.state) : "-";
		if (is(step->result, result) && is(step->state, state))
			continue;
		printf("# line %d: want %s %s, got %s %s; initial numbers %u %u\n",
		       i + 1, step->result, step->state, result, state, isn[0],
		       isn[1]);
		return false;
	}
	return true;
}

/* Initial sequence number that brings @relative near to a place that wraps. */
static u32 isn_for(s64 relative, int which)
{
	static const u32 places[] = {
		0xfffffffe, 0xffffffff, 0, 1, 0x7fffffff, 0x80000000,
	};

	return places[which % ARRAY_SIZE(places)] - (u32)relative;
}

static bool test_trace(const struct trace *trace)
{
	u32 isn[2] = { 1000000, 5000000 };
	struct script script;
	int i, which;

	if (!read_trace(trace->text, &script)) {
		printf("# this is no trace\n");
		return false;
	}
	if (!run_script(&script, isn))
		return false;
	for (i = 0; i < script.n; i++) {
		const struct step *step = &script.step[i];
		s64 last = step->seq + step->t.payload;
		int d = step->dir;

		for (which = 0; which < 12; which++) {
			isn[d] = isn_for(which < 6 ? step->seq : last, which);
			isn[!d] = isn_for(step->ack, rnd_below(6));
			if (!run_script(&script, isn))
				return false;
			isn[!d] = rnd();
			if (!run_script(&script, isn))
				return false;
		}
	}
	return true;
}

/* All headers there can be, against the list of those that make sense. */
static bool test_flags(void)
{
	static const u8 sound[] = {
		SFW_TCP_SYN, SFW_TCP_SYN | SFW_TCP_ACK, SFW_TCP_ACK,
		SFW_TCP_FIN | SFW_TCP_ACK, SFW_TCP_RST,
		SFW_TCP_RST | SFW_TCP_ACK,
	};
	const u8 looked_at = SFW_TCP_SYN | SFW_TCP_ACK | SFW_TCP_FIN |
			     SFW_TCP_RST;
	int flags, doff, port;
	bool want;
	size_t i;

	for (flags = 0; flags < 256; flags++) {
		for (doff = 0; doff < 16; doff++) {
			for (port = 0; port < 2; port++) {
				struct sfw_tcp_info t = {
					.flags = flags, .doff = doff,
				};

				want = false;
				for (i = 0; i < ARRAY_SIZE(sound); i++)
					want |= (flags & looked_at) == sound[i];
				want = want && doff >= 5;
				if (!port && flags & SFW_TCP_SYN)
					want = false;
				if (sfw_tcp_flags_valid(&t, port) == want)
					continue;
				printf("# flags %#x doff %d port %d\n", flags,
				       doff, port);
				return false;
			}
		}
	}
	return true;
}

static bool pass(struct run *run, int dir, u8 flags, u32 seq, u32 ack, u32 len)
{
	struct sfw_tcp_info t = {
		.flags = flags, .doff = 5, .seq = seq, .ack = ack,
		.payload = len, .window = 65535,
	};

	return sfw_tcp_track(&run->tcp, &run->state, dir, &t, false) ==
	       SFW_TCP_PASS;
}

/* Closed by one side, the other sends @total bytes: several times round. */
static bool test_half_close(u64 total)
{
	const struct sfw_tcp_info syn = {
		.flags = SFW_TCP_SYN, .doff = 5, .seq = 77, .window = 65535,
	};
	const u32 ack = 79;
	struct run run;
	u32 seq = 100001;
	u64 sent;

	run.state = sfw_tcp_begin(&run.tcp, &syn);
	if (!pass(&run, 1, SFW_TCP_SYN | SFW_TCP_ACK, seq - 1, 78, 0) ||
	    !pass(&run, 0, SFW_TCP_FIN | SFW_TCP_ACK, 78, seq, 0) ||
	    !pass(&run, 1, SFW_TCP_ACK, seq, ack, 0))
		return false;
	for (sent = 0; sent < total; sent += 65535) {
		if (!pass(&run, 1, SFW_TCP_ACK, seq, ack, 65535) ||
		    !pass(&run, 0, SFW_TCP_ACK, ack, seq + 65535, 0) ||
		    run.state != SFW_STATE_TCP_CLOSE_WAIT)
			return false;
		seq += 65535;
		/* What is a lap old, or half a lap ahead, is out. */
		if (pass(&run, 1, SFW_TCP_ACK, seq + 0x80000000, ack, 1) ||
		    pass(&run, 0, SFW_TCP_ACK, ack, seq + 1, 0) ||
		    pass(&run, 0, SFW_TCP_RST, ack + 7, 0, 0) ||
		    run.state != SFW_STATE_TCP_CLOSE_WAIT)
			return false;
	}
	return pass(&run, 1, SFW_TCP_FIN | SFW_TCP_ACK, seq, ack, 0) &&
	       pass(&run, 0, SFW_TCP_ACK, ack, seq + 1, 0) &&
	       run.state == SFW_STATE_TCP_TIME_WAIT;
}

/* Sequence numbers that ICMP errors quote: RFC 5927, 4.1 */
static bool test_quotes(void)
{
	const u32 isn = 0xffff0000;
	const struct sfw_tcp_info syn = {
		.flags = SFW_TCP_SYN, .doff = 5, .seq = isn, .window = 65535,
	};
	struct sfw_tcp *tcp;
	struct run run;

	tcp = &run.tcp;
	run.state = sfw_tcp_begin(tcp, &syn);
	/* Who has sent nothing is told of nothing. */
	if (sfw_tcp_quote_valid(tcp, 1, 0))
		return false;
	if (!sfw_tcp_quote_valid(tcp, 0, isn) ||
	    sfw_tcp_quote_valid(tcp, 0, isn + 2) ||
	    sfw_tcp_quote_valid(tcp, 0, isn + 0x40000000) ||
	    sfw_tcp_quote_valid(tcp, 0, isn - 0x40000000))
		return false;
	if (!pass(&run, 1, SFW_TCP_SYN | SFW_TCP_ACK, 0, isn + 1, 0) ||
	    !pass(&run, 0, SFW_TCP_ACK, isn + 1, 1, 60000) ||
	    !pass(&run, 1, SFW_TCP_ACK, 1, isn + 60001, 0) ||
	    !pass(&run, 0, SFW_TCP_ACK, isn + 60001, 1, 60000))
		return false;
	return sfw_tcp_quote_valid(tcp, 0, isn + 60001) &&
	       sfw_tcp_quote_valid(tcp, 0, isn + 120000) &&
	       sfw_tcp_quote_valid(tcp, 0, isn + 120001) &&
	       !sfw_tcp_quote_valid(tcp, 0, isn + 120002) &&
	       /* What is acknowledged is on its way no more. */
	       !sfw_tcp_quote_valid(tcp, 0, isn + 60000) &&
	       !sfw_tcp_quote_valid(tcp, 0, isn) &&
	       sfw_tcp_quote_valid(tcp, 1, 1) &&
	       !sfw_tcp_quote_valid(tcp, 1, 0) &&
	       !sfw_tcp_quote_valid(tcp, 1, 2) &&
	       !sfw_tcp_quote_valid(tcp, 1, 0x7fffffff);
}

/* A connection that runs, client 1000, server 5000, 100 bytes each way. */
static void begin_running(struct run *run)
{
	const struct sfw_tcp_info syn = {
		.flags = SFW_TCP_SYN, .doff = 5, .seq = 999, .window = 65535,
	};

	run->state = sfw_tcp_begin(&run->tcp, &syn);
	if (!pass(run, 1, SFW_TCP_SYN | SFW_TCP_ACK, 4999, 1000, 0) ||
	    !pass(run, 0, SFW_TCP_ACK, 1000, 5000, 100) ||
	    !pass(run, 1, SFW_TCP_ACK, 5000, 1100, 100) ||
	    !pass(run, 0, SFW_TCP_ACK, 1100, 5100, 0))
		run->state = SFW_STATE_TCP_CLOSE;
}

static bool late(struct run *run, u8 *stale, int dir, u8 flags, u32 seq,
		 u32 ack)
{
	struct sfw_tcp_info t = {
		.flags = flags, .doff = 5, .seq = seq, .ack = ack,
		.window = 65535,
	};

	return sfw_tcp_late(&run->tcp, &run->state, dir, &t, false, stale) ==
	       SFW_TCP_PASS;
}

/* Of a connection that was restored: who knows no number ends nothing. */
static bool test_late_forged(void)
{
	const u32 far = 0x50000000;
	u8 stale = SFW_TCP_STALE;
	struct run run;

	begin_running(&run);
	/* The word of one side, and a reset that goes with it. */
	if (!late(&run, &stale, 0, SFW_TCP_ACK, far, far) ||
	    late(&run, &stale, 0, SFW_TCP_RST, far, 0) ||
	    !late(&run, &stale, 0, SFW_TCP_FIN | SFW_TCP_ACK, far, far) ||
	    late(&run, &stale, 0, SFW_TCP_RST, far + 1, 0) ||
	    run.state != SFW_STATE_TCP_ESTABLISHED)
		return false;
	/* The other side says where both are. */
	return late(&run, &stale, 1, SFW_TCP_ACK, 7000, 3000) &&
	       run.state == SFW_STATE_TCP_ESTABLISHED &&
	       !late(&run, &stale, 0, SFW_TCP_RST, far + 1, 0) &&
	       late(&run, &stale, 0, SFW_TCP_ACK, 3000, 7000) &&
	       run.state == SFW_STATE_TCP_ESTABLISHED &&
	       late(&run, &stale, 0, SFW_TCP_RST, 3000, 0) &&
	       run.state == SFW_STATE_TCP_CLOSE;
}

/* It closes as soon as it is back, whatever its numbers are by now. */
static bool test_late_close(u32 by)
{
	u8 stale = SFW_TCP_STALE;
	u32 a = 1100 + by, b = 5100 + by;
	struct run run;

	begin_running(&run);
	return late(&run, &stale, 0, SFW_TCP_FIN | SFW_TCP_ACK, a, b) &&
	       late(&run, &stale, 0, SFW_TCP_FIN | SFW_TCP_ACK, a, b) &&
	       late(&run, &stale, 1, SFW_TCP_ACK, b, a + 1) &&
	       run.state == SFW_STATE_TCP_CLOSE_WAIT &&
	       late(&run, &stale, 1, SFW_TCP_FIN | SFW_TCP_ACK, b, a + 1) &&
	       late(&run, &stale, 0, SFW_TCP_ACK, a + 1, b + 1) &&
	       run.state == SFW_STATE_TCP_TIME_WAIT;
}

/* Saved in the middle of its handshake, and long past that. */
static bool test_late_open(void)
{
	const struct sfw_tcp_info syn = {
		.flags = SFW_TCP_SYN, .doff = 5, .seq = 999, .window = 65535,
	};
	u8 stale = SFW_TCP_STALE;
	struct run run;

	run.state = sfw_tcp_begin(&run.tcp, &syn);
	if (!pass(&run, 1, SFW_TCP_SYN | SFW_TCP_ACK, 4999, 1000, 0))
		return false;
	return late(&run, &stale, 0, SFW_TCP_ACK, 900000, 700000) &&
	       run.state == SFW_STATE_TCP_ESTABLISHED &&
	       !late(&run, &stale, 0, SFW_TCP_RST, 900000, 0) &&
	       late(&run, &stale, 1, SFW_TCP_ACK, 700000, 900000) &&
	       late(&run, &stale, 0, SFW_TCP_RST, 900000, 0);
}

/* Restored, and both hosts have lost it: a SYN may be refused, and is not lost. */
static bool test_late_refused(void)
{
	u8 stale = SFW_TCP_STALE;
	struct run run;

	begin_running(&run);
	return late(&run, &stale, 0, SFW_TCP_SYN, 800000, 0) &&
	       !late(&run, &stale, 1, SFW_TCP_RST | SFW_TCP_ACK, 9, 800001) &&
	       late(&run, &stale, 1, SFW_TCP_RST | SFW_TCP_ACK, 0, 800001) &&
	       run.state == SFW_STATE_TCP_ESTABLISHED;
}

/* What a SYN becomes that meets a connection. */
static bool test_ask(void)
{
	struct sfw_tcp_info t = {
		.flags = SFW_TCP_SYN | 0xc0, .doff = 5, .seq = 2000,
		.payload = 9, .window = 65535,
	};
	const u32 in[] = { 1099, 1100, 50000, 1100 + 65535 };
	const u32 out[] = { 1098, 1100 - 70000, 0x80000000, 1101 + 65535 };
	struct run run;
	size_t i;

	begin_running(&run);
	for (i = 0; i < ARRAY_SIZE(in); i++) {
		struct sfw_tcp_info x = t, y = t;

		x.seq = in[i];
		x.payload = 0;
		y.seq = out[i];
		y.payload = 0;
		if (!sfw_tcp_ask(&run.tcp, run.state, 0, &x) ||
		    sfw_tcp_ask(&run.tcp, run.state, 0, &y))
			return false;
	}
	if (!sfw_tcp_ask(&run.tcp, run.state, 0, &t) ||
	    t.seq != 1100 - 10 || t.ack != 5100)
		return false;
	t.flags = SFW_TCP_SYN | SFW_TCP_ACK;
	if (sfw_tcp_ask(&run.tcp, run.state, 0, &t))
		return false;
	t.flags = SFW_TCP_SYN;
	t.payload = 0;
	t.seq = 6000;
	if (!sfw_tcp_ask(&run.tcp, run.state, 1, &t) || t.seq != 5099 ||
	    t.ack != 1100)
		return false;
	t.seq = 6000;
	/* What refuses a later SYN is not in the window, either. */
	if (!pass(&run, 0, SFW_TCP_SYN, 800000, 0, 0) ||
	    pass(&run, 1, SFW_TCP_RST | SFW_TCP_ACK, 5200, 800001, 0) ||
	    run.state != SFW_STATE_TCP_ESTABLISHED)
		return false;
	/* Half-closed it runs still; one that both have closed does not. */
	return pass(&run, 0, SFW_TCP_FIN | SFW_TCP_ACK, 1100, 5100, 0) &&
	       sfw_tcp_ask(&run.tcp, run.state, 1, &t) &&
	       pass(&run, 1, SFW_TCP_FIN | SFW_TCP_ACK, 5100, 1101, 0) &&
	       !sfw_tcp_ask(&run.tcp, run.state, 1, &t);
}

/* What may be forged, as it comes from elsewhere, is asked about as well. */
static bool test_asks_stray(void)
{
	const struct sfw_tcp_info syn = {
		.flags = SFW_TCP_SYN, .doff = 5, .seq = 800000, .stray = true,
	};
	const struct sfw_tcp_info answer = {
		.flags = SFW_TCP_SYN | SFW_TCP_ACK, .doff = 5, .seq = 900000,
		.ack = 800001, .stray = true,
	};
	struct sfw_tcp_info t = syn;
	struct run run;

	begin_running(&run);
	if (!sfw_tcp_ask(&run.tcp, run.state, 0, &t) || t.seq != 1099 ||
	    t.ack != 5100)
		return false;
	t = answer;
	/* No SYN waits for this. */
	if (sfw_tcp_ask(&run.tcp, run.state, 1, &t) ||
	    !pass(&run, 0, SFW_TCP_SYN, 800000, 0, 0) ||
	    !sfw_tcp_ask(&run.tcp, run.state, 1, &t) || t.seq != 5099 ||
	    t.ack != 1100)
		return false;
	t = answer;
	t.stray = false;
	if (sfw_tcp_ask(&run.tcp, run.state, 1, &t))
		return false;
	/* Nobody is left to be asked. */
	t = syn;
	return pass(&run, 1, SFW_TCP_RST, 5100, 0, 0) &&
	       run.state == SFW_STATE_TCP_CLOSE &&
	       !sfw_tcp_ask(&run.tcp, run.state, 0, &t);
}

int main(int argc, char **argv)
{
	size_t i;

	printf("TAP version 13\n");
	rnd_seed(argc, argv);
	for (i = 0; i < ARRAY_SIZE(traces); i++)
		ok(test_trace(&traces[i]), "%s", traces[i].name);
	for (i = 0; i < ARRAY_SIZE(late_traces); i++)
		ok(test_trace(&late_traces[i]), "%s", late_traces[i].name);
	ok(test_flags(), "flags and data offsets that can be, and all others");
	ok(test_half_close(9ULL << 30), "half-closed, nine gigabytes one way");
	ok(test_quotes(), "sequence numbers that ICMP errors may quote");
	ok(test_late_forged(), "restored: nobody ends it who knows no number");
	ok(test_late_close(0), "restored: it closes");
	ok(test_late_close(0x30000000), "restored: it closes, far from where it was");
	ok(test_late_close(0xa0000000), "restored: it closes, far behind");
	ok(test_late_open(), "restored: it was opened meanwhile");
	ok(test_late_refused(), "restored: a later SYN may be refused");
	ok(test_ask(), "a SYN that meets a running connection becomes a question");
	ok(test_asks_stray(), "so do one from elsewhere and an answer from there");
	return tap_done();
}
