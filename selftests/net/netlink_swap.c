// SPDX-License-Identifier: GPL-2.0
/*
 * Rule sets that change as fast as they can, under traffic, in one namespace
 * with loopback filtered: a commit is atomic for every packet. What both sets
 * allow is never lost, what both deny never passes, and the table does not
 * lose a connection. The shell tests do the same with sfwctl, slower and with
 * real applications.
 */
#include <linux/if.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include "kselftest_harness.h"

#include "nl_text.h"

#define OPEN	2001	/* both sets allow it */
#define CLOSED	2002	/* both deny it */
#define ROUNDS	nl_times(1500)	/* and at least so many swaps */
#define SWAPS	nl_times(200)

/* Swaps between sets of opposite sense; SFW_SWAPS in the environment wins. */
#define OPPOSITE_SWAPS	1500

/* Ports that these two sets judge: what one allows the other denies. */
#define P_ONE		2003	/* the first set's rule allows, the other's denies */
#define P_TWO		2004	/* the other way round */
#define P_NEVER		2005	/* both deny, one by rule and one by default */
#define P_ALWAYS	2006	/* both allow, likewise */
#define P_LAST		P_ALWAYS

/* Two sets that have neither a rule nor a list in common. */
static const char *const sets[] = {
	"rule{direction=0 number=10 action=1 protocol=17;"
	"to-port{port{first=2001}}};"
	"rule{direction=0 number=20 action=1 protocol=6;"
	"to-port{port{first=2001}}};"
	"rule{direction=1 number=10 action=1 protocol=17;"
	"to-port{port{first=2001}}};"
	"rule{direction=1 number=20 action=1 protocol=6;"
	"to-port{port{first=2001}}}",
	"set{name=here addr{first=127.0.0.0 prefix-len=8}};"
	"set{name=gate port{first=1000 last=2001}};"
	"rule{direction=0 number=5 action=0 to{addr{first=192.0.2.1}}};"
	"rule{direction=0 number=300 action=1 protocol=17 to{name=here};"
	"to-port{name=gate}};"
	"rule{direction=0 number=400 action=1 protocol=6 to{name=here};"
	"to-port{name=gate}};"
	"rule{direction=1 number=300 action=1 protocol=17 from{name=here};"
	"to-port{name=gate}};"
	"rule{direction=1 number=400 action=1 protocol=6 from{name=here};"
	"to-port{name=gate}}",
};

/*
 * Two stateless sets of opposite sense, in their rules, which have the same
 * numbers, and in what they do not name. The rules of one with the default of
 * the other would let P_NEVER pass or drop P_ALWAYS.
 */
static const char *const opposite_config[] = {
	"mode=1 default-in{action=1} default-out{action=1};"
	"options{loopback-filter=1}",
	"mode=1 default-in{action=1} default-out{action=0};"
	"options{loopback-filter=1}",
};

static const char *const opposite_rules[] = {
	"rule{direction=1 number=10 action=1 protocol=17;"
	"to-port{port{first=2003}}};"
	"rule{direction=1 number=20 action=0 protocol=17;"
	"to-port{port{first=2004}}};"
	"rule{direction=1 number=30 action=0 protocol=17;"
	"to-port{port{first=2005}}}",
	"rule{direction=1 number=10 action=0 protocol=17;"
	"to-port{port{first=2003}}};"
	"rule{direction=1 number=20 action=1 protocol=17;"
	"to-port{port{first=2004}}};"
	"rule{direction=1 number=30 action=1 protocol=17;"
	"to-port{port{first=2006}}}",
};

static int swap_set(struct nl *nl, const char *config, const char *rules)
{
	int err = sfw_begin(nl, false, -1);

	if (err)
		return err;
	nl_cmd(nl, &msg, SFW_CMD_TX_CONFIG);
	text_attrs(&msg, config);
	err = nl_call(nl, &msg);
	if (err)
		return err;
	nl_cmd(nl, &msg, SFW_CMD_TX_ADD);
	text_attrs(&msg, rules);
	return nl_call(nl, &msg) ?: sfw_commit(nl, false);
}

static int swap_to(struct nl *nl, int which)
{
	return swap_set(nl, "options{loopback-filter=1}", sets[which]);
}

static int swap_opposite(struct nl *nl, int which)
{
	return swap_set(nl, opposite_config[which], opposite_rules[which]);
}

static void loopback_up(void)
{
	struct ifreq ifr = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	ioctl(fd, SIOCSIFFLAGS, &ifr);
	close(fd);
}

static struct sockaddr_in here(int port)
{
	return (struct sockaddr_in){
		.sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
}

static int bound(int type, int port)
{
	struct sockaddr_in sa = here(port);
	int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);

	if (bind(fd, (struct sockaddr *)&sa, sizeof(sa)))
		return -1;
	if (type == SOCK_STREAM && listen(fd, 8))
		return -1;
	return fd;
}

static bool readable(int fd, int ms)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, ms) == 1;
}

FIXTURE(swap)
{
	struct nl nl;
	int udp;		/* at OPEN */
	int closed;		/* at CLOSED */
	int tcp;		/* listens at OPEN */
	int *commits;		/* shared with the one who swaps: those done, */
	int *begun;		/* and with the one under way */
	int *sent;		/* packets sent meanwhile */
};

FIXTURE_SETUP(swap)
{
	ASSERT_EQ(0, nl_load_module());
	ASSERT_EQ(0, unshare(CLONE_NEWNET));
	loopback_up();
	self->udp = bound(SOCK_DGRAM, OPEN);
	self->closed = bound(SOCK_DGRAM, CLOSED);
	self->tcp = bound(SOCK_STREAM, OPEN);
	ASSERT_LE(0, self->udp);
	ASSERT_LE(0, self->closed);
	ASSERT_LE(0, self->tcp);
	ASSERT_EQ(0, nl_open(&self->nl));
	ASSERT_EQ(0, swap_to(&self->nl, 0));
	self->commits = mmap(NULL, 3 * sizeof(int), PROT_READ | PROT_WRITE,
			     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, (void *)self->commits);
	self->begun = self->commits + 1;
	self->sent = self->commits + 2;
}

FIXTURE_TEARDOWN(swap)
{
	nl_close(&self->nl);
	close(self->udp);
	close(self->closed);
	close(self->tcp);
}

static int seen(int *commits)
{
	return __atomic_load_n(commits, __ATOMIC_RELAXED);
}

/* A process that does nothing but swap until it is killed. */
static pid_t start_swapping(int *commits)
{
	pid_t pid = fork();
	struct nl nl;

	if (pid)
		return pid;
	if (nl_open(&nl))
		_exit(1);
	for (;;) {
		if (swap_to(&nl, !(seen(commits) & 1)))
			_exit(2);
		__atomic_fetch_add(commits, 1, __ATOMIC_RELAXED);
	}
}

/* Reads the drops that stats counts into *@arg. */
static void dropped_cb(const struct nlmsghdr *h, void *arg)
{
	const struct nlattr *a = nl_sub(nl_top(h, SFW_A_STATS),
					SFW_STATS_DROPPED);

	if (a)
		memcpy(arg, nl_data(a), sizeof(__u64));
}

static __u64 dropped(struct nl *nl)
{
	__u64 n = 0;

	nl_cmd(nl, &msg, SFW_CMD_STATUS_GET);
	if (nl_send(nl, &msg) || nl_answer(nl, dropped_cb, &n))
		return ~0ULL;
	return n;
}

TEST_F_TIMEOUT(swap, allowed_packets_and_connections_survive, 90)
{
	struct sockaddr_in to = here(OPEN);
	int client, server, udp, i, lost = 0, denied = 0, commits, status;
	__u32 out, in;
	pid_t pid;

	client = socket(AF_INET, SOCK_STREAM, 0);
	ASSERT_EQ(0, connect(client, (struct sockaddr *)&to, sizeof(to)));
	server = accept(self->tcp, NULL, NULL);
	ASSERT_LE(0, server);
	pid = start_swapping(self->commits);
	ASSERT_LT(0, pid);
	for (i = 0; i < ROUNDS || seen(self->commits) < SWAPS; i++) {
		/* A new socket is a new connection in the table. */
		udp = socket(AF_INET, SOCK_DGRAM, 0);
		out = i;
		if (sendto(udp, &out, sizeof(out), 0, (struct sockaddr *)&to,
			   sizeof(to)) < 0)
			denied++;
		else if (!readable(self->udp, 1000) ||
			 recv(self->udp, &in, sizeof(in), 0) != sizeof(in) ||
			 in != out)
			lost++;
		close(udp);
		/* One TCP connection for all: there and back. */
		ASSERT_EQ(4, send(client, &out, sizeof(out), 0));
		ASSERT_TRUE(readable(server, 5000)) {
			TH_LOG("the connection was cut in round %d", i);
		}
		ASSERT_EQ(4, recv(server, &in, sizeof(in), 0));
		ASSERT_EQ(4, send(server, &in, sizeof(in), 0));
		ASSERT_TRUE(readable(client, 5000));
		ASSERT_EQ(4, recv(client, &in, sizeof(in), 0));
	}
	commits = seen(self->commits);
	ASSERT_EQ(0, kill(pid, SIGKILL));
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_TRUE(WIFSIGNALED(status));
	TH_LOG("%d rounds, %d swaps", i, commits);
	EXPECT_EQ(0, lost);
	EXPECT_EQ(0, denied);
	EXPECT_EQ(0ULL, dropped(&self->nl));
	close(client);
	close(server);
}

TEST_F_TIMEOUT(swap, denied_packets_never_pass, 60)
{
	struct sockaddr_in to = here(CLOSED);
	int udp = socket(AF_INET, SOCK_DGRAM, 0);
	int i, passed = 0, status;
	pid_t pid = start_swapping(self->commits);

	ASSERT_LT(0, pid);
	for (i = 0; i < ROUNDS || seen(self->commits) < SWAPS; i++)
		if (sendto(udp, &i, sizeof(i), 0, (struct sockaddr *)&to,
			   sizeof(to)) >= 0)
			passed++;
	ASSERT_EQ(0, kill(pid, SIGKILL));
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_TRUE(WIFSIGNALED(status));
	EXPECT_EQ(0, passed);
	EXPECT_FALSE(readable(self->closed, 0));
	EXPECT_EQ((__u64)i, dropped(&self->nl));
	close(udp);
}

/* A process that swaps sets of opposite sense; now and then by rollback, which
 * is a commit like any other. Mostly it swaps as fast as it can; now and then
 * it lets a few packets go by.
 */
static pid_t start_opposite(int *commits, int *begun, int *sent, int swaps)
{
	pid_t pid = fork();
	struct nl nl;
	int i, err, n;

	if (pid)
		return pid;
	if (nl_open(&nl))
		_exit(1);
	for (i = 0; i < swaps; i++) {
		__atomic_store_n(begun, i + 1, __ATOMIC_SEQ_CST);
		if (i % 64 == 63)
			err = sfw_plain(&nl, SFW_CMD_ROLLBACK);
		else
			err = swap_opposite(&nl, !(i & 1));
		if (err)
			_exit(2);
		__atomic_store_n(commits, i + 1, __ATOMIC_SEQ_CST);
		n = seen(sent);
		while (!(i % 8) && seen(sent) - n < 8)
			sched_yield();
	}
	_exit(0);
}

/* What set @which says about a port. */
static bool opposite_allows(int which, int port)
{
	switch (port) {
	case P_ONE:
		return which == 0;
	case P_TWO:
		return which == 1;
	case P_NEVER:
		return false;
	}
	return true;
}

TEST_F_TIMEOUT(swap, every_verdict_is_one_of_the_two_sets, 3600)
{
	const char *env = getenv("SFW_SWAPS");
	int swaps = env ? atoi(env) : OPPOSITE_SWAPS;
	long sent = 0, denied = 0, certain = 0, wrong = 0;
	int port, done, status, fd, sink[P_LAST - P_ONE + 1];
	struct sockaddr_in to;
	__u64 before;
	pid_t pid;

	/* No packet of this test meets another set than these. */
	ASSERT_EQ(0, swap_opposite(&self->nl, 0));
	before = dropped(&self->nl);
	/* Without a socket there an ICMP error would be judged as well. */
	for (port = P_ONE; port <= P_LAST; port++) {
		sink[port - P_ONE] = bound(SOCK_DGRAM, port);
		ASSERT_LE(0, sink[port - P_ONE]);
	}
	port = P_ONE;
	fd = socket(AF_INET, SOCK_DGRAM, 0);
	ASSERT_LE(0, fd);
	pid = start_opposite(self->commits, self->begun, self->sent, swaps);
	ASSERT_LT(0, pid);
	do {
		bool passed;
		int first, last;

		done = waitpid(pid, &status, WNOHANG);
		first = __atomic_load_n(self->commits, __ATOMIC_SEQ_CST);
		to = here(port);
		passed = sendto(fd, &port, sizeof(port), 0,
				(struct sockaddr *)&to, sizeof(to)) >= 0;
		last = __atomic_load_n(self->begun, __ATOMIC_SEQ_CST);
		sent++;
		__atomic_store_n(self->sent, (int)sent, __ATOMIC_SEQ_CST);
		denied += !passed;
		/* Judged by the set that ran before it was sent, or by one
		 * that was committed before it had been.
		 */
		if (first == last) {
			certain++;
			wrong += passed != opposite_allows(first & 1, port);
		} else {
			wrong += passed != opposite_allows(0, port) &&
				 passed != opposite_allows(1, port);
		}
		port = port == P_LAST ? P_ONE : port + 1;
	} while (!done);
	TH_LOG("%d swaps, %ld packets, %ld of them surely under one set", swaps,
	       sent, certain);
	EXPECT_EQ(pid, done);
	EXPECT_TRUE(WIFEXITED(status) && !WEXITSTATUS(status));
	EXPECT_EQ(swaps, seen(self->commits));
	EXPECT_EQ(0, wrong);
	EXPECT_LT(swaps / 2, certain);
	EXPECT_LT(0, denied);
	EXPECT_LT(denied, sent);
	/* The kernel counts each drop once, whichever set it was by. */
	EXPECT_EQ((__u64)denied, dropped(&self->nl) - before);
	close(fd);
	for (port = P_ONE; port <= P_LAST; port++)
		close(sink[port - P_ONE]);
}

TEST_HARNESS_MAIN
