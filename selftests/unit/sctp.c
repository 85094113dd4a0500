// SPDX-License-Identifier: GPL-2.0
/*
 * SCTP tracking, packet by packet.
 *
 * A case is a trace. One line is one packet:
 *
 *	< INIT_ACK tag 5 init 9 = pass sctp-init-ack
 *
 * > comes from the host that sent the first packet, < from the other one.
 * Chunk types are joined by +, T behind ABORT or COMPLETE is the T bit. Behind
 * = stand the result and the state afterwards, in the words of the rule file:
 * begin, alone, pass, tag, reopen as in tcp.c; chunks: no sane host sends that.
 * A line "no pick-up" in front is about the rule set.
 */
#include <option.h>
#include <sctp.h>
#include "tap.h"

static const char *const types[] = {
	"DATA", "INIT", "INIT_ACK", "SACK", "HB", "HB_ACK", "ABORT", "SHUTDOWN",
	"SHUTDOWN_ACK", "ERROR", "ECHO", "COOKIE_ACK", "ECNE", "CWR",
	"COMPLETE", "AUTH",
};

struct trace {
	const char *name;
	const char *text;
};

#define HALF	"> INIT tag 0 init 10 = begin sctp-init\n" \
		"< INIT_ACK tag 10 init 20 = pass sctp-init-ack\n"
#define OPEN	HALF \
		"> ECHO+DATA tag 20 = pass sctp-cookie-echo\n" \
		"< COOKIE_ACK+SACK tag 10 = pass sctp-established\n"
#define TALK	OPEN \
		"> DATA tag 20 = pass sctp-established\n" \
		"< SACK+DATA tag 10 = pass sctp-established\n" \
		"< HB tag 10 = pass sctp-established\n" \
		"> HB_ACK tag 20 = pass sctp-established\n"
#define CLOSED	TALK \
		"> SHUTDOWN tag 20 = pass sctp-shutdown\n" \
		"< SHUTDOWN_ACK tag 10 = pass sctp-shutdown-ack\n" \
		"> COMPLETE tag 20 = pass sctp-close\n"

static const struct trace traces[] = {
	{ "handshake, data, heartbeats", TALK },
	{ "shutdown (9.2)", CLOSED
	  "> INIT tag 0 init 30 = reopen sctp-init\n"
	  "< INIT_ACK tag 30 init 40 = pass sctp-init-ack\n" },
	{ "every packet twice",
	  "> INIT tag 0 init 10 = begin sctp-init\n"
	  "> INIT tag 0 init 10 = pass sctp-init\n"
	  "< INIT_ACK tag 10 init 20 = pass sctp-init-ack\n"
	  "< INIT_ACK tag 10 init 20 = pass sctp-init-ack\n"
	  "> ECHO tag 20 = pass sctp-cookie-echo\n"
	  "> ECHO tag 20 = pass sctp-cookie-echo\n"
	  "< COOKIE_ACK tag 10 = pass sctp-established\n"
	  "< COOKIE_ACK tag 10 = pass sctp-established\n"
	  "> ECHO tag 20 = pass sctp-established\n"
	  "< INIT_ACK tag 10 init 20 = pass sctp-established\n"
	  "> INIT tag 0 init 10 = pass sctp-established\n"
	  "> SHUTDOWN+SACK tag 20 = pass sctp-shutdown\n"
	  "> SHUTDOWN tag 20 = pass sctp-shutdown\n"
	  "< DATA tag 10 = pass sctp-shutdown\n"
	  "< SHUTDOWN_ACK tag 10 = pass sctp-shutdown-ack\n"
	  "< SHUTDOWN_ACK tag 10 = pass sctp-shutdown-ack\n"
	  "> SHUTDOWN tag 20 = pass sctp-shutdown-ack\n"
	  "> COMPLETE tag 20 = pass sctp-close\n"
	  "< SHUTDOWN_ACK tag 10 = pass sctp-close\n"
	  "> COMPLETET tag 10 = pass sctp-close\n"
	  "> COMPLETET tag 20 = tag sctp-close\n" },
	{ "two INITs, two answers: the first is taken",
	  HALF
	  "> INIT tag 0 init 10 = pass sctp-init-ack\n"
	  "< INIT_ACK tag 10 init 21 = pass sctp-init-ack\n"
	  "> ECHO tag 20 = pass sctp-cookie-echo\n"
	  "< COOKIE_ACK tag 10 = pass sctp-established\n"
	  "> DATA tag 20 = pass sctp-established\n" },
	{ "two INITs, two answers: the second is taken",
	  HALF
	  "< INIT_ACK tag 10 init 21 = pass sctp-init-ack\n"
	  "> ECHO tag 21 = pass sctp-cookie-echo\n"
	  "< COOKIE_ACK tag 10 = pass sctp-established\n"
	  "> DATA tag 20 = tag sctp-established\n"
	  "> DATA tag 21 = pass sctp-established\n" },
	{ "the host gave up its first INIT before an answer came",
	  "> INIT tag 0 init 10 = begin sctp-init\n"
	  "> INIT tag 0 init 11 = pass sctp-init\n"
	  "< INIT_ACK tag 11 init 20 = pass sctp-init-ack\n"
	  "> ECHO tag 20 = pass sctp-cookie-echo\n"
	  "< COOKIE_ACK tag 11 = pass sctp-established\n" },
	{ "INITs cross (5.2.1)",
	  "> INIT tag 0 init 10 = begin sctp-init\n"
	  "< INIT tag 0 init 20 = pass sctp-init\n"
	  "> INIT_ACK tag 20 init 10 = pass sctp-init-ack\n"
	  "< INIT_ACK tag 10 init 20 = pass sctp-init-ack\n"
	  "> ECHO tag 20 = pass sctp-cookie-echo\n"
	  "< ECHO tag 10 = pass sctp-cookie-echo\n"
	  "< COOKIE_ACK tag 10 = pass sctp-established\n"
	  "> COOKIE_ACK tag 20 = pass sctp-established\n"
	  "> DATA tag 20 = pass sctp-established\n" },
	{ "refused",
	  "> INIT tag 0 init 10 = begin sctp-init\n"
	  "< ABORT tag 11 = tag sctp-init\n"
	  "< ABORTT tag 10 = tag sctp-init\n"
	  "< ABORT tag 10 = pass sctp-close\n"
	  "> INIT tag 0 init 11 = reopen sctp-init\n" },
	{ "what cannot follow an INIT",
	  "> INIT tag 0 init 10 = begin sctp-init\n"
	  "< INIT_ACK tag 11 init 20 = tag sctp-init\n"
	  "< COOKIE_ACK tag 10 = tag sctp-init\n"
	  "< DATA tag 10 = tag sctp-init\n"
	  "> DATA tag 20 = tag sctp-init\n"
	  "> ABORT tag 20 = tag sctp-init\n" },
	{ "tags that are only guessed",
	  TALK
	  "> DATA tag 10 = tag sctp-established\n"
	  "< DATA tag 20 = tag sctp-established\n"
	  "< ABORT tag 20 = tag sctp-established\n"
	  "< ABORT tag 11 = tag sctp-established\n"
	  "> ABORTT tag 20 = tag sctp-established\n"
	  "< SHUTDOWN tag 11 = tag sctp-established\n"
	  "> COOKIE_ACK tag 21 = tag sctp-established\n"
	  "< INIT_ACK tag 11 init 9 = tag sctp-established\n"
	  "< COMPLETE tag 20 = tag sctp-established\n" },
	{ "ABORT of each side, with the T bit and without (8.5.1)",
	  TALK "< ABORT tag 10 = pass sctp-close\n" },
	{ "ABORT of the originator", TALK "> ABORT tag 20 = pass sctp-close\n" },
	{ "ABORT of a host that knows nothing any more",
	  TALK "< ABORTT tag 20 = pass sctp-close\n" },
	{ "SHUTDOWN COMPLETE out of place changes nothing",
	  TALK "< COMPLETE tag 10 = pass sctp-established\n" },
	{ "INIT while the other side leaves (9.2)",
	  TALK
	  "< SHUTDOWN tag 10 = pass sctp-shutdown\n"
	  "> SHUTDOWN_ACK tag 20 = pass sctp-shutdown-ack\n"
	  "< INIT tag 0 init 50 = pass sctp-shutdown-ack\n"
	  "> SHUTDOWN_ACK tag 20 = pass sctp-shutdown-ack\n"
	  "< COMPLETET tag 20 = pass sctp-close\n"
	  "< INIT tag 0 init 50 = reopen sctp-init\n" },
	{ "the same, and we have forgotten it",
	  "> INIT tag 0 init 10 = begin sctp-init\n"
	  "< SHUTDOWN_ACK tag 77 = pass sctp-init\n"
	  "> COMPLETET tag 77 = pass sctp-init\n"
	  "> COMPLETE tag 77 = tag sctp-init\n"
	  "< INIT_ACK tag 10 init 20 = pass sctp-init-ack\n" },
	{ "restart (5.2.4.1, action A)",
	  TALK
	  "> INIT tag 0 init 30 = pass sctp-established\n"
	  "< DATA tag 10 = pass sctp-established\n"
	  "< INIT_ACK tag 30 init 40 = pass sctp-established\n"
	  "< HB tag 10 = pass sctp-established\n"
	  "> ECHO tag 40 = pass sctp-established\n"
	  "< COOKIE_ACK tag 30 = pass sctp-established\n"
	  "> DATA tag 40 = pass sctp-established\n"
	  "< DATA tag 30 = pass sctp-established\n"
	  "> DATA tag 20 = tag sctp-established\n"
	  "< DATA tag 10 = tag sctp-established\n" },
	{ "restart of the responder",
	  TALK
	  "< INIT tag 0 init 40 = pass sctp-established\n"
	  "> INIT_ACK tag 40 init 30 = pass sctp-established\n"
	  "< ECHO tag 30 = pass sctp-established\n"
	  "> COOKIE_ACK tag 40 = pass sctp-established\n"
	  "> DATA tag 40 = pass sctp-established\n"
	  "< DATA tag 30 = pass sctp-established\n" },
	{ "restart is refused: the old association goes on",
	  TALK
	  "> INIT tag 0 init 30 = pass sctp-established\n"
	  "< ABORT tag 30 = pass sctp-established\n"
	  "< DATA tag 10 = pass sctp-established\n" },
	{ "forged INIT and answers: the host it names is heard",
	  TALK
	  "> INIT tag 0 init 30 = pass sctp-established\n"
	  "< INIT_ACK tag 30 init 40 = pass sctp-established\n"
	  "> SACK tag 20 = pass sctp-established\n"
	  "> ECHO tag 40 = tag sctp-established\n"
	  "< COOKIE_ACK tag 30 = tag sctp-established\n"
	  "< INIT_ACK tag 30 init 41 = tag sctp-established\n"
	  "< DATA tag 10 = pass sctp-established\n" },
	{ "forged INIT: data with its tag are no news",
	  TALK
	  "> INIT tag 0 init 30 = pass sctp-established\n"
	  "< COOKIE_ACK tag 30 = tag sctp-established\n"
	  "< INIT_ACK tag 30 init 40 = pass sctp-established\n"
	  "> DATA tag 40 = tag sctp-established\n"
	  "< DATA tag 30 = tag sctp-established\n"
	  "< SHUTDOWN tag 30 = tag sctp-established\n" },
	{ "pick-up: both sides are learned",
	  "> DATA tag 20 = begin sctp-established\n"
	  "> DATA tag 21 = tag sctp-established\n"
	  "< ABORT tag 10 = tag sctp-established\n"
	  "< SACK tag 10 = pass sctp-established\n"
	  "< SACK tag 11 = tag sctp-established\n"
	  "> SHUTDOWN tag 20 = pass sctp-shutdown\n"
	  "< ABORT tag 10 = pass sctp-close\n" },
	{ "pick-up: the other host knows nothing",
	  "> DATA tag 20 = begin sctp-established\n"
	  "< ABORTT tag 21 = tag sctp-established\n"
	  "< ABORTT tag 20 = pass sctp-close\n" },
	{ "what cannot be picked up",
	  "> INIT_ACK tag 5 init 6 = alone -\n"
	  "> ABORT tag 5 = alone -\n"
	  "> COOKIE_ACK tag 5 = alone -\n"
	  "> ERROR tag 5 = alone -\n"
	  "> SHUTDOWN_ACK tag 5 = alone -\n"
	  "> COMPLETE tag 5 = alone -\n" },
	{ "no pick-up: INIT, and HEARTBEAT of a new path (5.4)",
	  "no pick-up\n"
	  "> DATA tag 20 = alone -\n"
	  "> ECHO tag 20 = alone -\n"
	  "> SHUTDOWN tag 20 = alone -\n"
	  "> HB tag 20 = begin sctp-established\n"
	  "< HB_ACK tag 10 = pass sctp-established\n" },
	{ "what no sane host sends (3.3, 6.10, 8.5.1)",
	  TALK
	  "> INIT tag 5 init 6 = chunks sctp-established\n"
	  "> INIT tag 0 init 0 = chunks sctp-established\n"
	  "> INIT+DATA tag 0 init 6 = chunks sctp-established\n"
	  "> INIT_ACK tag 20 init 0 = chunks sctp-established\n"
	  "> INIT_ACK+ECHO tag 20 init 6 = chunks sctp-established\n"
	  "> COMPLETE+SACK tag 20 = chunks sctp-established\n"
	  "> ABORT+DATA tag 20 = chunks sctp-established\n"
	  "> ERROR+ABORT tag 0 = chunks sctp-established\n"
	  "> DATA tag 0 = chunks sctp-established\n"
	  "> ERROR+ABORT tag 20 = pass sctp-close\n" },
};

static bool read_chunks(char *word, struct sfw_sctp_info *t)
{
	size_t i, len;
	char *save;

	for (word = strtok_r(word, "+", &save); word;
	     word = strtok_r(NULL, "+", &save)) {
		for (i = 0; i < ARRAY_SIZE(types); i++) {
			len = strlen(types[i]);
			if (!strcmp(word, types[i]))
				break;
			if ((i == 6 || i == 14) &&
			    !strncmp(word, types[i], len) &&
			    !strcmp(word + len, "T")) {
				t->reflected = true;
				break;
			}
		}
		if (i == ARRAY_SIZE(types))
			return false;
		t->chunks |= BIT(i);
		t->count++;
	}
	return t->count;
}

struct run {
	struct sfw_sctp sctp;
	u8 state;
	bool alive;
	bool no_pickup;
};

/* What judge.c does with a packet. */
static const char *take(struct run *run, int dir,
			const struct sfw_sctp_info *t)
{
	const struct run old = *run;
	const char *result;

	if (!sfw_sctp_valid(t, 1000, 2000))
		return "chunks";
	if (!run->alive) {
		if (dir || !sfw_sctp_can_begin(t, !run->no_pickup))
			return "alone";
		run->state = sfw_sctp_begin(&run->sctp, t);
		run->alive = true;
		return "begin";
	}
	switch (sfw_sctp_track(&run->sctp, &run->state, dir, t)) {
	case SFW_SCTP_PASS:
		return "pass";
	case SFW_SCTP_BAD_TAG:
		result = "tag";
		break;
	case SFW_SCTP_REOPEN:
		result = "reopen";
		break;
	default:
		result = "?";
	}
	if (memcmp(&run->sctp, &old.sctp, sizeof(old.sctp)) ||
	    run->state != old.state)
		return "refused, but changed";
	if (!strcmp(result, "reopen"))
		run->state = sfw_sctp_begin(&run->sctp, t);
	return result;
}

static bool run_line(struct run *run, char *line)
{
	struct sfw_sctp_info t = { .count = 0 };
	char dir, chunks[64], result[24], state[24];
	const char *got, *got_state;
	unsigned int tag, init;
	int n;

	n = sscanf(line, "%c %63s tag %u init %u = %23s %23s", &dir, chunks,
		   &tag, &init, result, state);
	if (n == 6)
		t.init_tag = init;
	else if (sscanf(line, "%c %63s tag %u = %23s %23s", &dir, chunks, &tag,
			result, state) != 5)
		n = 0;
	t.vtag = tag;
	if (!n || !read_chunks(chunks, &t)) {
		printf("# no line of a trace: %s\n", line);
		return false;
	}
	got = take(run, dir == '<', &t);
	got_state = run->alive ? sfw_option_state_name(run->state) : "-";
	if (!strcmp(got, result) && !strcmp(got_state, state))
		return true;
	printf("# %s: got %s %s\n", line, got, got_state);
	return false;
}

static bool test_trace(const struct trace *trace)
{
	struct run run = { .alive = false };
	char copy[4096], *save, *line;

	snprintf(copy, sizeof(copy), "%s", trace->text);
	for (line = strtok_r(copy, "\n", &save); line;
	     line = strtok_r(NULL, "\n", &save)) {
		if (!strcmp(line, "no pick-up"))
			run.no_pickup = true;
		else if (!run_line(&run, line))
			return false;
	}
	return true;
}

/* Chunks as bytes, up to what is said to be the end of the packet. */
static bool walk(const u8 *data, unsigned int len, struct sfw_sctp_info *t)
{
	unsigned int step;

	memset(t, 0, sizeof(*t));
	while (len) {
		step = sfw_sctp_chunk(t, data, len);
		if (!step || step > len)
			return false;
		data += step;
		len -= step;
	}
	return true;
}

static void test_chunks(void)
{
	static const u8 init[20] = { 1, 0, 0, 20, 0xde, 0xad, 0xbe, 0xef };
	static const u8 several[] = {
		3, 0, 0, 16, 1, 2, 3, 4, 0, 0, 0, 0, 0, 0, 0, 0,
		193, 0, 0, 5, 9, 0, 0, 0,	/* one byte and its padding */
		6, 1, 0, 4,
	};
	static const u8 unpadded[] = { 0, 3, 0, 5, 1 };
	u8 copy[sizeof(init)];
	struct sfw_sctp_info t;

	ok(walk(init, 20, &t) && t.chunks == BIT(1) && t.count == 1 &&
	   t.init_tag == 0xdeadbeef, "an INIT and its tag");
	ok(walk(several, sizeof(several), &t) && t.count == 3 &&
	   t.chunks == (BIT(3) | BIT(6)) && t.reflected,
	   "several chunks, one of an unknown type, the T bit");
	ok(walk(unpadded, 5, &t) && t.chunks == BIT(0),
	   "the last chunk without padding");
	ok(!walk(init, 19, &t) && !walk(init, 8, &t) && !walk(init, 3, &t),
	   "a chunk longer than the packet");
	memcpy(copy, init, sizeof(init));
	copy[3] = 16;
	ok(!walk(copy, 16, &t), "an INIT shorter than an INIT");
	copy[3] = 3;
	ok(!walk(copy, 20, &t), "a chunk shorter than its head");
	copy[3] = 0;
	ok(!walk(copy, 20, &t), "a chunk of length 0");
	t = (struct sfw_sctp_info){ .count = 1, .chunks = BIT(0), .vtag = 1 };
	ok(sfw_sctp_valid(&t, 1, 1) && !sfw_sctp_valid(&t, 0, 1) &&
	   !sfw_sctp_valid(&t, 1, 0), "no port is 0 (3.1)");
}

/* RFC 9260, 10, ICMP6 */
static void test_quotes(void)
{
	struct sfw_sctp_info t = { .count = 1, .chunks = BIT(1),
				   .init_tag = 10 };
	struct sfw_sctp sctp;
	u8 state = sfw_sctp_begin(&sctp, &t);

	ok(sfw_sctp_quote_valid(&sctp, 0, 0) &&
	   !sfw_sctp_quote_valid(&sctp, 1, 0), "an INIT on its way");
	t = (struct sfw_sctp_info){ .count = 1, .chunks = BIT(2), .vtag = 10,
				    .init_tag = 20 };
	sfw_sctp_track(&sctp, &state, 1, &t);
	ok(sfw_sctp_quote_valid(&sctp, 0, 20) &&
	   sfw_sctp_quote_valid(&sctp, 1, 10) &&
	   !sfw_sctp_quote_valid(&sctp, 0, 10) &&
	   !sfw_sctp_quote_valid(&sctp, 1, 20) &&
	   !sfw_sctp_quote_valid(&sctp, 0, 0) &&
	   !sfw_sctp_quote_valid(&sctp, 1, 0), "then the tags count");
}

int main(void)
{
	size_t i;

	printf("TAP version 13\n");
	for (i = 0; i < ARRAY_SIZE(traces); i++)
		ok(test_trace(&traces[i]), "%s", traces[i].name);
	test_chunks();
	test_quotes();
	return tap_done();
}
