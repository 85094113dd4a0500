// SPDX-License-Identifier: GPL-2.0
/*
 * A rule with a limit, and two processors that send against it as fast as they
 * can: over any second, as many packets pass as the rate says, to one.
 *
 * The limit is on a rule of the list for what goes out, so the sender is told of
 * each packet whether it passed, and by the kernel's own clock between which two
 * moments that was decided. How fast the machine is does not matter: a packet that
 * was refused proves that no token was left at that moment. Between two such
 * moments exactly those tokens were used that the time between them brought,
 * whole ones, so at most one more or less than the rate times the time.
 */
#include <errno.h>
#include <linux/if.h>
#include <pthread.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <time.h>

#include "kselftest_harness.h"

#include "nl_text.h"

#define PORT		2001
#define RATE		nl_times(1000)	/* packets a second */
#define SECOND		1000000000ULL
#define TIME		(4 * SECOND)	/* from when the burst is used up */
#define BIN		(SECOND / 50)	/* one refused packet is noted for each */

/* So much that the time in which nobody sends, because the machine has other
 * things to do, cannot fill it up again: that would lose tokens.
 */
#define BURST		(6 * RATE)
#define FULL		(6 * SECOND)	/* by then it is, if nobody sends */

/* What may be noted of each sender; it passes less in that time. */
#define EVENTS_MAX	(BURST + 60 * RATE)

/* Something that was decided between two moments. */
struct event {
	__u64 from, to;
};

struct sender {
	pthread_t thread;
	int cpu;
	int error;
	struct event *passed, *refused;
	int n_passed, n_refused;
	long all_refused;
};

static __u64 now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * SECOND + ts.tv_nsec;
}

static void loopback_up(void)
{
	struct ifreq ifr = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	ioctl(fd, SIOCSIFFLAGS, &ifr);
	close(fd);
}

/* Of the refused packets of a bin the one whose moment is known best. */
static void note_refused(struct sender *s, const struct event *e)
{
	struct event *last = s->refused + s->n_refused - 1;

	s->all_refused++;
	if (!s->n_refused || e->from / BIN != last->from / BIN)
		s->refused[s->n_refused++] = *e;
	else if (e->to - e->from < last->to - last->from)
		*last = *e;
}

static void *send_all(void *arg)
{
	struct sockaddr_in to = {
		.sin_family = AF_INET,
		.sin_port = htons(PORT),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct sender *s = arg;
	__u64 end = 0;
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	CPU_SET(s->cpu, &cpus);
	if (sched_setaffinity(0, sizeof(cpus), &cpus))
		s->error = errno;
	while (!s->error) {
		struct event e = { .from = now() };
		bool passed = sendto(fd, &e, sizeof(e), 0,
				     (struct sockaddr *)&to, sizeof(to)) >= 0;

		if (!passed && errno != EPERM) {
			s->error = errno;
			break;
		}
		e.to = now();
		if (passed) {
			if (s->n_passed == EVENTS_MAX)
				s->error = ENOSPC;
			else
				s->passed[s->n_passed++] = e;
			continue;
		}
		note_refused(s, &e);
		if (!end)
			end = e.to + TIME;
		/* The last one is a refused one. */
		if (e.to > end || s->n_refused == EVENTS_MAX)
			break;
	}
	close(fd);
	return NULL;
}

static int by_from(const void *a, const void *b)
{
	const struct event *x = a, *y = b;

	return x->from < y->from ? -1 : x->from > y->from;
}

static int by_to(const void *a, const void *b)
{
	const struct event *x = a, *y = b;

	return x->to < y->to ? -1 : x->to > y->to;
}

/* What both have noted, in one array. */
static struct event *joined(const struct event *a, int n, const struct event *b,
			    int m, int (*order)(const void *, const void *))
{
	struct event *all = calloc(n + m + 1, sizeof(*all));

	memcpy(all, a, n * sizeof(*all));
	memcpy(all + n, b, m * sizeof(*all));
	qsort(all, n + m, sizeof(*all), order);
	return all;
}

/* How many of @n, in ascending order, began before @t, or were over by then. */
static int before(const struct event *e, int n, __u64 t, bool over)
{
	int low = 0, high = n;

	while (low < high) {
		int mid = (low + high) / 2;

		if ((over ? e[mid].to : e[mid].from) < t)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static int began_before(const struct event *from, int n, __u64 t)
{
	return before(from, n, t, false);
}

static int over_before(const struct event *to, int n, __u64 t)
{
	return before(to, n, t, true);
}

static void sum_cb(const struct nlmsghdr *h, void *arg)
{
	const struct nlattr *a = nl_sub(nl_top(h, SFW_A_STATS),
					SFW_STATS_DROPPED);

	if (a)
		memcpy(arg, nl_data(a), sizeof(__u64));
}

static __u64 dropped(struct nl *nl)
{
	__u64 n = ~0ULL;

	nl_cmd(nl, &msg, SFW_CMD_STATUS_GET);
	if (!nl_send(nl, &msg))
		nl_answer(nl, sum_cb, &n);
	return n;
}

static int load(struct nl *nl)
{
	char rule[200];
	int err = sfw_begin(nl, false, -1);

	if (err)
		return err;
	nl_cmd(nl, &msg, SFW_CMD_TX_CONFIG);
	text_attrs(&msg, "mode=1 default-in{action=1} default-out{action=0};"
			 "options{loopback-filter=1}");
	err = nl_call(nl, &msg);
	if (err)
		return err;
	nl_cmd(nl, &msg, SFW_CMD_TX_ADD);
	snprintf(rule, sizeof(rule),
		 "rule{direction=1 number=10 action=1 protocol=17;"
		 "to-port{port{first=%d}} limit{count=%d unit=0 burst=%d}}",
		 PORT, RATE, BURST);
	text_attrs(&msg, rule);
	return nl_call(nl, &msg) ?: sfw_commit(nl, false);
}

FIXTURE(rate)
{
	struct nl nl;
	int sink;
	struct sender s[2];
};

FIXTURE_SETUP(rate)
{
	struct sockaddr_in here = {
		.sin_family = AF_INET,
		.sin_port = htons(PORT),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	int i, cpus = sysconf(_SC_NPROCESSORS_ONLN);

	ASSERT_EQ(0, nl_load_module());
	ASSERT_EQ(0, unshare(CLONE_NEWNET));
	loopback_up();
	/* Without a socket there an ICMP error would be refused as well. */
	self->sink = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	ASSERT_EQ(0, bind(self->sink, (struct sockaddr *)&here, sizeof(here)));
	ASSERT_EQ(0, nl_open(&self->nl));
	ASSERT_EQ(0, load(&self->nl));
	memset(self->s, 0, sizeof(self->s));
	for (i = 0; i < 2; i++) {
		self->s[i].cpu = i % cpus;
		self->s[i].passed = calloc(EVENTS_MAX, sizeof(struct event));
		self->s[i].refused = calloc(EVENTS_MAX, sizeof(struct event));
		ASSERT_NE(NULL, self->s[i].passed);
		ASSERT_NE(NULL, self->s[i].refused);
	}
}

FIXTURE_TEARDOWN(rate)
{
	int i;

	for (i = 0; i < 2; i++) {
		free(self->s[i].passed);
		free(self->s[i].refused);
	}
	nl_close(&self->nl);
	close(self->sink);
}

/* The tokens that a time brings, in thousandths, so that no part is lost. */
static __s64 tokens(__u64 ns)
{
	return ns * RATE / (SECOND / 1000);
}

TEST_F_TIMEOUT(rate, two_processors_get_what_the_rate_says_to_one_packet, 120)
{
	struct sender *a = &self->s[0], *b = &self->s[1];
	struct event *from, *to, *refused, *r, *q;
	int i, n, m, windows = 0, wrong = 0;
	__s64 widest = 0, most, least;

	for (i = 0; i < 2; i++)
		ASSERT_EQ(0, pthread_create(&self->s[i].thread, NULL, send_all,
					    &self->s[i]));
	for (i = 0; i < 2; i++) {
		pthread_join(self->s[i].thread, NULL);
		ASSERT_EQ(0, self->s[i].error);
		/* Both were there, and both were kept in bounds. */
		EXPECT_LT(0, self->s[i].n_passed);
		ASSERT_LT(0, self->s[i].n_refused);
	}
	n = a->n_passed + b->n_passed;
	m = a->n_refused + b->n_refused;
	from = joined(a->passed, a->n_passed, b->passed, b->n_passed, by_from);
	to = joined(a->passed, a->n_passed, b->passed, b->n_passed, by_to);
	refused = joined(a->refused, a->n_refused, b->refused, b->n_refused,
			 by_from);

	/* From the first packet, which met a full bucket, to each that was
	 * refused; there may have been less, for as long as the bucket is as
	 * good as full whoever does not send loses tokens. From the first that was
	 * refused to each, and from each to one a second later. Surely between
	 * two moments is what began after the one and was over before the
	 * other; what only touches them may have been.
	 */
	for (r = refused; r < refused + m; r++) {
		most = 1000 * BURST + tokens(r->to - from[0].from);
		least = tokens(r->from - refused->to) - 1000;
		wrong += 1000LL * over_before(to, n, r->from) > most;
		if (r->from < refused->to || r->to - refused->from >= FULL)
			continue;
		wrong += 1000LL * (began_before(from, n, r->to) -
				   over_before(to, n, refused->from)) <= least;
	}
	for (r = refused, q = r; r < refused + m; r++) {
		int surely, maybe;

		while (q < refused + m && q->from < r->to + SECOND)
			q++;
		if (q == refused + m)
			break;
		surely = over_before(to, n, q->from) - began_before(from, n, r->to);
		maybe = began_before(from, n, q->to) - over_before(to, n, r->from);
		most = tokens(q->to - r->from);
		least = tokens(q->from - r->to);
		if (most - least > widest)
			widest = most - least;
		windows++;
		if (1000LL * surely > most + 1000 ||
		    (1000LL * maybe <= least - 1000 &&
		     q->to - r->from < FULL)) {
			wrong++;
			TH_LOG("%d to %d passed in %llu ns", surely, maybe,
			       (unsigned long long)(q->from - r->from));
		}
	}
	TH_LOG("%d and %d passed, %ld refused; %d windows, known to %lld/1000 packets",
	       a->n_passed, b->n_passed, a->all_refused + b->all_refused, windows,
	       (long long)widest);
	EXPECT_EQ(0, wrong);
	EXPECT_LT(0, windows);
	/* And the kernel has refused those, no others. */
	EXPECT_EQ((__u64)(a->all_refused + b->all_refused), dropped(&self->nl));
	free(from);
	free(to);
	free(refused);
}

TEST_HARNESS_MAIN
