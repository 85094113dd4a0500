// SPDX-License-Identifier: GPL-2.0
/*
 * What kmod/tcp.c costs for a segment, in user space at the machine's speed.
 *
 * N connections with windows of a gigabyte are visited in one random order,
 * over and over. They go through phases, of which each is timed as a whole:
 *
 *   data-out, sack-in, ack-in	the originator sends, the responder reports
 *				holes, then acknowledges
 *   data-in, sack-out, ack-out	the same the other way round
 *   beyond-*, stale-*		data behind the window's edge, long gone data
 *   blind-*, reset-*		a reset that is not exact, one that is
 *   open+close			SYN, SYN/ACK, ACK, and the same with FIN, in ns
 *				per connection
 *
 * -out comes from the originator, -in from the responder. Each phase is run by
 * three subjects: "sfw" is what the module does with a segment of a known
 * connection, sfw_tcp_flags_valid() and sfw_tcp_track(); "none" gets the same
 * segments and does nothing, so it is what the meter costs by itself; "touch"
 * writes to the connection, too, and shows what of the rest is the memory's.
 * The subjects take turns, round by round. Nothing is taken off any figure.
 *
 * Segments are built in front of the call and need no memory but the order of
 * visits: whatever is fetched from memory is the connection. One cache line is
 * given to each, in large pages, as the kernel maps its own memory.
 *
 * Time is the thread's CPU time, for other programs should not count. Results
 * are lines `sample ...` for tcp.py. Each says how many segments there were,
 * what became of them, and in how many connections something was wrong after
 * the phase: another state or other numbers than this file expects. So a
 * tcp.c that is fast because it lets everything pass, or learns nothing, does
 * not get away with it.
 *
 * Tried and rejected: segments made beforehand, in arrays. Reading them evicts
 * the connections that one wants to see cached.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include <tcp.h>

#define LARGE_PAGE	(2UL << 20)
#define SCALE		14
#define WINDOW		((u32)U16_MAX << SCALE)
#define PAYLOAD		1000U
/* Data, in all passes of a phase, stays inside the window. */
#define PASSES_MAX	(WINDOW / 2 / PAYLOAD)

#define PORT		443

#ifndef __always_inline
#define __always_inline	inline __attribute__((__always_inline__))
#endif
#define noinline	__attribute__((__noinline__))

/**
 * struct conn - a connection, and the state the table keeps beside it
 * @tcp: the connection
 * @state: enum sfw_state
 * @touched: for the subject "touch"
 */
struct conn {
	struct sfw_tcp tcp;
	u8 state;
	u32 touched;
} __aligned(64);

enum subject {
	NONE,
	TOUCH,
	SFW,
	SUBJECTS,
};

static const char *const subject_names[SUBJECTS] = { "none", "touch", "sfw" };

enum kind {
	DATA,
	SACK,
	ACK,
	BEYOND,
	STALE,
	BLIND,
	RESET,
	OPEN_CLOSE,
};

/**
 * struct phase - what is sent
 * @name: of the case
 * @kind: enum kind
 * @dir: 0 from the originator
 * @result: what shall become of each segment
 * @state: of each connection afterwards
 */
struct phase {
	const char *name;
	enum kind kind;
	int dir;
	enum sfw_tcp_result result;
	u8 state;
};

#define EST	SFW_STATE_TCP_ESTABLISHED
/* In this order: holes are reported before they are filled. */
static const struct phase phases[] = {
	{ "data-out", DATA, 0, SFW_TCP_PASS, EST },
	{ "sack-in", SACK, 1, SFW_TCP_PASS, EST },
	{ "ack-in", ACK, 1, SFW_TCP_PASS, EST },
	{ "data-in", DATA, 1, SFW_TCP_PASS, EST },
	{ "sack-out", SACK, 0, SFW_TCP_PASS, EST },
	{ "ack-out", ACK, 0, SFW_TCP_PASS, EST },
	{ "beyond-out", BEYOND, 0, SFW_TCP_BAD_WINDOW, EST },
	{ "beyond-in", BEYOND, 1, SFW_TCP_BAD_WINDOW, EST },
	{ "stale-out", STALE, 0, SFW_TCP_BAD_WINDOW, EST },
	{ "stale-in", STALE, 1, SFW_TCP_BAD_WINDOW, EST },
	{ "blind-out", BLIND, 0, SFW_TCP_BAD_WINDOW, EST },
	{ "blind-in", BLIND, 1, SFW_TCP_BAD_WINDOW, EST },
	{ "reset-out", RESET, 0, SFW_TCP_PASS, SFW_STATE_TCP_CLOSE },
	{ "reset-in", RESET, 1, SFW_TCP_PASS, SFW_STATE_TCP_CLOSE },
	{ "open+close", OPEN_CLOSE, 0, SFW_TCP_PASS, SFW_STATE_TCP_TIME_WAIT },
};
#undef EST

/**
 * struct bed - the connections, and how far all of them are
 * @conn: connections
 * @order: of visits
 * @n: how many
 * @passes: over all of them, in each phase
 * @end: what was sent of either direction, bytes
 * @acked: and what the other side has acknowledged
 */
static struct bed {
	struct conn *conn;
	u32 *order;
	u32 n;
	u32 passes;
	u32 end[2];
	u32 acked[2];
} bed;

/* What became of the segments of a phase. */
struct tally {
	u64 segments;
	u64 pass;
	u64 refused;
	u64 reopen;
};

static void die(const char *what)
{
	fprintf(stderr, "bench: %s: %s\n", what, strerror(errno));
	exit(2);
}

static u64 cpu_now(void)
{
	struct timespec t;

	if (clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t))
		die("no clock of the thread's CPU time");
	return t.tv_sec * 1000000000ULL + t.tv_nsec;
}

static u64 rnd(void)
{
	static u64 x = 0x9e3779b97f4a7c15ULL;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	return x;
}

/* The initial sequence number of side @dir. Another one for each connection,
 * so that branches on where numbers wrap go as they go in life.
 */
static inline u32 initial(u32 c, int dir)
{
	return (c * 2 + dir + 1) * 0x9e3779b1U;
}

/* A segment of an established connection, by the sides' progress. */
static inline void build(struct sfw_tcp_info *t, enum kind kind, int dir,
			 u32 c, u32 pass)
{
	u32 mine = initial(c, dir) + 1 + bed.end[dir];
	u32 theirs = initial(c, !dir) + 1 + bed.acked[!dir];

	*t = (struct sfw_tcp_info){
		.seq = mine, .ack = theirs, .window = U16_MAX,
		.flags = SFW_TCP_ACK, .doff = 8,
	};
	switch (kind) {
	case DATA:
		t->seq += pass * PAYLOAD;
		t->payload = PAYLOAD;
		t->flags |= SFW_TCP_PSH;
		break;
	case SACK:
		t->doff = 11;
		t->has_sack = true;
		t->sack = theirs + (pass + 1) * PAYLOAD;
		break;
	case ACK:
		t->ack += (pass + 1) * PAYLOAD;
		break;
	case BEYOND:
		t->seq += WINDOW + 1;
		t->payload = PAYLOAD;
		break;
	case STALE:
		t->seq -= WINDOW + PAYLOAD + 1;
		t->payload = PAYLOAD;
		break;
	case BLIND:
		t->seq += 1 + (pass & 0xffff);
		t->flags = SFW_TCP_RST;
		break;
	case RESET:
		t->flags = SFW_TCP_RST;
		break;
	case OPEN_CLOSE:
		break;
	}
}

/* The subjects. None may be inlined: a call is part of all of them. */
static noinline enum sfw_tcp_result
do_nothing(struct conn *c, int dir, const struct sfw_tcp_info *t)
{
	/* as if all of them were looked at */
	asm volatile("" :: "r" (c), "r" (dir), "r" (t) : "memory");
	return SFW_TCP_PASS;
}

static noinline enum sfw_tcp_result
do_touch(struct conn *c, int dir, const struct sfw_tcp_info *t)
{
	c->touched += dir;
	asm volatile("" :: "r" (c), "r" (t) : "memory");
	return SFW_TCP_PASS;
}

static noinline enum sfw_tcp_result
do_sfw(struct conn *c, int dir, const struct sfw_tcp_info *t)
{
	if (!sfw_tcp_flags_valid(t, PORT))
		return SFW_TCP_BAD_FLAGS;
	return sfw_tcp_track(&c->tcp, &c->state, dir, t, false);
}

static inline void count(struct tally *tally, enum sfw_tcp_result result)
{
	tally->segments++;
	tally->pass += result == SFW_TCP_PASS;
	tally->refused += result == SFW_TCP_BAD_WINDOW;
	tally->reopen += result == SFW_TCP_REOPEN;
}

typedef enum sfw_tcp_result (*subject_fn)(struct conn *, int,
					  const struct sfw_tcp_info *);

/* Always inlined with constants, so that each loop has one direct call and a
 * builder without branches.
 */
static __always_inline void
walk(enum kind kind, int dir, subject_fn fn, struct tally *tally)
{
	struct sfw_tcp_info t;
	u32 pass, i;

	for (pass = 0; pass < bed.passes; pass++)
		for (i = 0; i < bed.n; i++) {
			u32 c = bed.order[i];

			build(&t, kind, dir, c, pass);
			count(tally, fn(&bed.conn[c], dir, &t));
		}
}

/* The handshake. */
static __always_inline void
open_one(u32 c, enum subject s, subject_fn fn, struct tally *tally)
{
	struct conn *conn = &bed.conn[c];
	struct sfw_tcp_info t = {
		.seq = initial(c, 0), .window = U16_MAX, .flags = SFW_TCP_SYN,
		.doff = 10, .has_wscale = true, .wscale = SCALE,
		.sack_permitted = true,
	};

	if (s == SFW) {
		bool good = sfw_tcp_flags_valid(&t, PORT) &&
			    sfw_tcp_can_begin(&t, false);

		if (good)
			conn->state = sfw_tcp_begin(&conn->tcp, &t);
		count(tally, good ? SFW_TCP_PASS : SFW_TCP_BAD_FLAGS);
	} else {
		count(tally, fn(conn, 0, &t));
	}
	t.seq = initial(c, 1);
	t.ack = initial(c, 0) + 1;
	t.flags |= SFW_TCP_ACK;
	count(tally, fn(conn, 1, &t));

	t = (struct sfw_tcp_info){
		.seq = initial(c, 0) + 1, .ack = initial(c, 1) + 1,
		.window = U16_MAX, .flags = SFW_TCP_ACK, .doff = 8,
	};
	count(tally, fn(conn, 0, &t));
}

static __always_inline void
close_one(u32 c, subject_fn fn, struct tally *tally)
{
	struct conn *conn = &bed.conn[c];
	struct sfw_tcp_info t = {
		.seq = initial(c, 0) + 1, .ack = initial(c, 1) + 1,
		.window = U16_MAX, .flags = SFW_TCP_FIN | SFW_TCP_ACK,
		.doff = 8,
	};

	count(tally, fn(conn, 0, &t));
	t.seq = initial(c, 1) + 1;
	t.ack = initial(c, 0) + 2;
	count(tally, fn(conn, 1, &t));
	t.seq = initial(c, 0) + 2;
	t.ack = initial(c, 1) + 2;
	t.flags = SFW_TCP_ACK;
	count(tally, fn(conn, 0, &t));
}

static __always_inline void
open_and_close(enum subject s, subject_fn fn, struct tally *tally)
{
	u32 pass, i;

	for (pass = 0; pass < bed.passes; pass++)
		for (i = 0; i < bed.n; i++) {
			open_one(bed.order[i], s, fn, tally);
			close_one(bed.order[i], fn, tally);
		}
}

static __always_inline void
run(const struct phase *p, enum subject s, subject_fn fn, struct tally *tally)
{
	switch (p->kind * 2 + p->dir) {
#define CASE(kind)							\
	case (kind) * 2:						\
		walk(kind, 0, fn, tally);				\
		return;							\
	case (kind) * 2 + 1:						\
		walk(kind, 1, fn, tally);				\
		return
	CASE(DATA);
	CASE(SACK);
	CASE(ACK);
	CASE(BEYOND);
	CASE(STALE);
	CASE(BLIND);
	CASE(RESET);
#undef CASE
	case OPEN_CLOSE * 2:
		open_and_close(s, fn, tally);
		return;
	}
	abort();
}

/* All are established anew. Windows of SYNs are not scaled, so the responder
 * has to say once more what it offers.
 */
static void open_all(void)
{
	struct tally tally = { };
	u32 i;

	for (i = 0; i < bed.n; i++) {
		u32 c = bed.order[i];
		struct sfw_tcp_info t = {
			.seq = initial(c, 1) + 1, .ack = initial(c, 0) + 1,
			.window = U16_MAX, .flags = SFW_TCP_ACK, .doff = 8,
		};

		open_one(c, SFW, do_sfw, &tally);
		count(&tally, do_sfw(&bed.conn[c], 1, &t));
	}
	memset(bed.end, 0, sizeof(bed.end));
	memset(bed.acked, 0, sizeof(bed.acked));
}

/* Is a connection what the phase must have made of it? */
static bool is_right(const struct phase *p, u32 c)
{
	const struct conn *conn = &bed.conn[c];
	bool over = p->kind == OPEN_CLOSE;
	int d;

	if (conn->state != p->state)
		return false;
	for (d = 0; d < 2; d++) {
		const struct sfw_tcp_half *h = &conn->tcp.half[d];

		/* FINs take a number, too. */
		if (h->end != initial(c, d) + 1 + over + bed.end[d])
			return false;
		if (h->ack != initial(c, !d) + 1 + over + bed.acked[!d])
			return false;
	}
	return true;
}

/* Of all connections, after sfw has had a phase. */
static u32 count_wrong(const struct phase *p)
{
	u32 c, wrong = 0;

	for (c = 0; c < bed.n; c++)
		wrong += !is_right(p, c);
	return wrong;
}

/* One phase of one subject; prints its sample. */
static void time_phase(const struct phase *p, enum subject s, u32 round)
{
	struct tally tally = { };
	u64 begun, spent, divisor;
	u32 wrong = 0;

	begun = cpu_now();
	switch (s) {
	case NONE:
		run(p, NONE, do_nothing, &tally);
		break;
	case TOUCH:
		run(p, TOUCH, do_touch, &tally);
		break;
	default:
		run(p, SFW, do_sfw, &tally);
	}
	spent = cpu_now() - begun;

	if (s == SFW) {
		if (p->kind == DATA)
			bed.end[p->dir] += bed.passes * PAYLOAD;
		if (p->kind == ACK)
			bed.acked[!p->dir] += bed.passes * PAYLOAD;
		wrong = count_wrong(p);
		if (p->state != SFW_STATE_TCP_ESTABLISHED)
			open_all();
	}
	divisor = p->kind == OPEN_CLOSE ? (u64)bed.passes * bed.n :
					  tally.segments;
	printf("sample case=%s/%u subject=%s round=%u value=%.3f ", p->name,
	       bed.n, subject_names[s], round, (double)spent / divisor);
	printf("segments=%llu pass=%llu refused=%llu reopen=%llu wrong=%u\n",
	       (unsigned long long)tally.segments,
	       (unsigned long long)tally.pass,
	       (unsigned long long)tally.refused,
	       (unsigned long long)tally.reopen, wrong);
}

static void *large(size_t size)
{
	void *p;

	size = (size + LARGE_PAGE - 1) & ~(LARGE_PAGE - 1);
	p = aligned_alloc(LARGE_PAGE, size);
	if (!p)
		die("no memory for connections");
	/* If there are no large pages, small ones will do, at their price. */
	madvise(p, size, MADV_HUGEPAGE);
	memset(p, 0, size);
	return p;
}

static void set_up(u32 n, u32 visits)
{
	u32 i;

	bed.n = n;
	bed.passes = n < visits ? visits / n : 1;
	if (bed.passes > PASSES_MAX) {
		fprintf(stderr, "bench: at most %u visits\n", PASSES_MAX);
		exit(2);
	}
	bed.conn = large(n * sizeof(*bed.conn));
	bed.order = large(n * sizeof(*bed.order));
	for (i = 0; i < n; i++) {
		u32 j = rnd() % (i + 1);

		bed.order[i] = bed.order[j];
		bed.order[j] = i;
	}
	open_all();
}

/* tcp ROUNDS VISITS CONNECTIONS... */
int main(int argc, char **argv)
{
	u32 rounds = argc > 1 ? strtoul(argv[1], NULL, 10) : 0;
	u32 visits = argc > 2 ? strtoul(argv[2], NULL, 10) : 0;
	u32 round, i, turn;
	int at;

	if (argc < 4 || !rounds || !visits) {
		fprintf(stderr, "usage: %s ROUNDS VISITS CONNECTIONS...\n",
			argv[0]);
		return 2;
	}
	for (at = 3; at < argc; at++) {
		u32 n = strtoul(argv[at], NULL, 10);

		if (!n) {
			fprintf(stderr, "bench: no connections: %s\n", argv[at]);
			return 2;
		}
		set_up(n, visits);
		for (round = 1; round <= rounds; round++)
			for (i = 0; i < ARRAY_SIZE(phases); i++)
				for (turn = 0; turn < SUBJECTS; turn++) {
					u32 s = (round + turn) % SUBJECTS;

					time_phase(&phases[i], s, round);
				}
		free(bed.conn);
		free(bed.order);
	}
	return 0;
}
