// SPDX-License-Identifier: GPL-2.0
/*
 * A table that is full, and more and more connections from everywhere: SYNs,
 * datagrams and pings with forged senders, by two processes as fast as they
 * can, in a namespace with loopback filtered. Who has a connection that was
 * replied to does not notice; who wants a new one gets it, as TCP tries it (RFC
 * 6298); and the table takes no more memory than its limit allows. The same if
 * each of the forged senders gets its answer, as a service on the internet
 * gives it.
 *
 * And two processors that send the first packet of the same connection at the
 * same time.
 */
#include <linux/if.h>
#include <linux/ip.h>
#include <linux/route.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include "kselftest_harness.h"

#include "nl_text.h"

#define OPEN		2001
#define PLACES		1000	/* of the table */
#define PAIRS		16	/* TCP connections, and as many of UDP */
#define CLIENTS		nl_times(200)
#define TUPLES		nl_times(2000)

/* What a connection takes: 128 bytes, its part of a bucket, and slabs that are
 * not full; and how many may wait for their grace period: half of the limit, or
 * 4096.
 */
#define CONN_BYTES	256
#define CONNS_MAX	(PLACES + 4096)

/* Everything else that the kernel may have taken meanwhile, kB. */
#define OTHER_KB	6000

struct packet {
	struct iphdr ip;
	union {
		struct tcphdr tcp;
		struct {
			__u16 sport, dport, len, sum;
		} udp;
		struct {
			__u8 type, code;
			__u16 sum, id, seq;
		} icmp;
	};
};

struct figures {
	__u64 entries, created, evicted, refused;
};

static void loopback_up(void)
{
	struct ifreq ifr = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	ioctl(fd, SIOCSIFFLAGS, &ifr);
	close(fd);
}

/* Forged senders are where answers can be sent to. */
static int route_back(void)
{
	struct sockaddr_in dst = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(11U << 24),
	};
	struct sockaddr_in mask = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(0xff000000),
	};
	struct rtentry rt = { .rt_flags = RTF_UP, .rt_dev = "lo" };
	int fd = socket(AF_INET, SOCK_DGRAM, 0), err;

	memcpy(&rt.rt_dst, &dst, sizeof(dst));
	memcpy(&rt.rt_genmask, &mask, sizeof(mask));
	err = ioctl(fd, SIOCADDRT, &rt);
	close(fd);
	return err;
}

/* A figure of this namespace's IP, by its name. */
static long snmp(const char *proto, const char *name)
{
	char names[1024], values[1024];
	FILE *f = fopen("/proc/self/net/snmp", "r");
	long value = -1;

	while (f && fgets(names, sizeof(names), f) &&
	       fgets(values, sizeof(values), f)) {
		char *n, *v, *n_rest, *v_rest;

		n = strtok_r(names, " \n", &n_rest);
		v = strtok_r(values, " \n", &v_rest);
		if (!n || strncmp(n, proto, strlen(proto)) ||
		    n[strlen(proto)] != ':')
			continue;
		while (n && v && strcmp(n, name)) {
			n = strtok_r(NULL, " \n", &n_rest);
			v = strtok_r(NULL, " \n", &v_rest);
		}
		if (n && v)
			value = strtol(v, NULL, 10);
		break;
	}
	if (f)
		fclose(f);
	return value;
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
	if (type == SOCK_STREAM && listen(fd, 64))
		return -1;
	return fd;
}

static int connected(int type, int port)
{
	struct sockaddr_in to = here(port);
	int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);

	if (connect(fd, (struct sockaddr *)&to, sizeof(to))) {
		close(fd);
		return -1;
	}
	return fd;
}

static bool readable(int fd, int ms)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, ms) == 1;
}

static __u64 u64_of(const struct nlattr *stats, int type)
{
	const struct nlattr *a = nl_sub(stats, type);
	__u64 v = 0;
	__u32 v32;

	if (!a)
		return 0;
	if (nl_len(a) == sizeof(v32)) {
		memcpy(&v32, nl_data(a), sizeof(v32));
		return v32;
	}
	memcpy(&v, nl_data(a), sizeof(v));
	return v;
}

static void figures_cb(const struct nlmsghdr *h, void *arg)
{
	const struct nlattr *stats = nl_top(h, SFW_A_STATS);
	struct figures *f = arg;

	if (!stats)
		return;
	f->entries = u64_of(stats, SFW_STATS_ENTRIES);
	f->created = u64_of(stats, SFW_STATS_CREATED);
	f->evicted = u64_of(stats, SFW_STATS_EVICTED);
	f->refused = u64_of(stats, SFW_STATS_REFUSED);
}

static struct figures look(struct nl *nl)
{
	struct figures f = { .entries = ~0ULL };

	nl_cmd(nl, &msg, SFW_CMD_STATUS_GET);
	if (!nl_send(nl, &msg))
		nl_answer(nl, figures_cb, &f);
	return f;
}

static int load(struct nl *nl, int places)
{
	char text[128];
	int err = sfw_begin(nl, false, -1);

	if (err)
		return err;
	snprintf(text, sizeof(text),
		 "default-in{action=1} default-out{action=1};"
		 "options{loopback-filter=1 max-connections=%d}", places);
	nl_cmd(nl, &msg, SFW_CMD_TX_CONFIG);
	text_attrs(&msg, text);
	return nl_call(nl, &msg) ?: sfw_commit(nl, false);
}

/* kB that the kernel's slabs take. */
static long slab_kb(void)
{
	char line[128];
	long kb = -1;
	FILE *f = fopen("/proc/meminfo", "r");

	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "SUnreclaim: %ld", &kb) == 1)
			break;
	fclose(f);
	return kb;
}

static __u32 next_random(__u64 *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state >> 16;
}

static __u16 sum16(const void *data, size_t len, __u32 sum)
{
	const __u8 *p = data;
	size_t i;

	for (i = 0; i < len; i += 2)
		sum += p[i] << 8 | p[i + 1];
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return htons(~sum);
}

/* One packet of a flood: never seen before, its checksums right. */
static size_t forge(struct packet *p, int proto, __u64 *state)
{
	size_t len = proto == IPPROTO_TCP ? sizeof(p->tcp) : 8;
	__u32 src = 11U << 24 | (next_random(state) & 0xffffff);
	__u32 pseudo = (src >> 16) + (src & 0xffff) +
		       (INADDR_LOOPBACK >> 16) + (INADDR_LOOPBACK & 0xffff) +
		       proto + len;
	__u32 r = next_random(state);

	memset(p, 0, sizeof(*p));
	p->ip.version = 4;
	p->ip.ihl = 5;
	p->ip.ttl = 64;
	p->ip.protocol = proto;
	p->ip.saddr = htonl(src);
	p->ip.daddr = htonl(INADDR_LOOPBACK);
	switch (proto) {
	case IPPROTO_TCP:
		p->tcp.source = r;
		p->tcp.dest = htons(OPEN);
		p->tcp.seq = next_random(state);
		p->tcp.doff = 5;
		p->tcp.syn = 1;
		p->tcp.window = htons(65000);
		p->tcp.check = sum16(&p->tcp, len, pseudo);
		break;
	case IPPROTO_UDP:
		p->udp.sport = r;
		p->udp.dport = htons(OPEN);
		p->udp.len = htons(8);
		p->udp.sum = sum16(&p->udp, len, pseudo) ?: 0xffff;
		break;
	case IPPROTO_ICMP:
		p->icmp.type = 8;
		p->icmp.id = r;
		p->icmp.sum = sum16(&p->icmp, len, 0);
		break;
	}
	return sizeof(p->ip) + len;
}

static void flood(int proto, __u64 seed, long *sent)
{
	int fd = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW);
	struct sockaddr_in to = here(0);
	struct packet p;

	/* The emulated machine has two processors for all of this. */
	nice(10);
	for (;;) {
		size_t len = forge(&p, proto, &seed);

		if (sendto(fd, &p, len, 0, (struct sockaddr *)&to,
			   sizeof(to)) >= 0)
			__atomic_fetch_add(sent, 1, __ATOMIC_RELAXED);
	}
}

FIXTURE(flood)
{
	struct nl nl;
	int tcp, udp;			/* servers */
	int client[PAIRS], server[PAIRS];
	int asker[PAIRS];
	long *sent;
	pid_t pid[2];
};

FIXTURE_VARIANT(flood)
{
	int proto;
	const char *answers[2];	/* how they are counted, if there are any */
};

FIXTURE_VARIANT_ADD(flood, syn) { .proto = IPPROTO_TCP };
FIXTURE_VARIANT_ADD(flood, udp) { .proto = IPPROTO_UDP };
FIXTURE_VARIANT_ADD(flood, ping) { .proto = IPPROTO_ICMP };
FIXTURE_VARIANT_ADD(flood, syn_that_is_answered) {
	.proto = IPPROTO_TCP,
	.answers = { "Tcp", "OutSegs" },
};

FIXTURE_VARIANT_ADD(flood, ping_that_is_answered) {
	.proto = IPPROTO_ICMP,
	.answers = { "Icmp", "OutEchoReps" },
};

FIXTURE_SETUP(flood)
{
	ASSERT_EQ(0, nl_load_module());
	ASSERT_EQ(0, unshare(CLONE_NEWNET));
	loopback_up();
	if (variant->answers[0])
		ASSERT_EQ(0, route_back());
	self->tcp = bound(SOCK_STREAM, OPEN);
	self->udp = bound(SOCK_DGRAM, OPEN + 1);
	ASSERT_LE(0, self->tcp);
	ASSERT_LE(0, self->udp);
	ASSERT_EQ(0, nl_open(&self->nl));
	ASSERT_EQ(0, load(&self->nl, PLACES));
	self->sent = mmap(NULL, sizeof(long), PROT_READ | PROT_WRITE,
			  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, (void *)self->sent);
}

FIXTURE_TEARDOWN(flood)
{
	int i, status;

	for (i = 0; i < 2; i++) {
		if (self->pid[i] <= 0)
			continue;
		kill(self->pid[i], SIGKILL);
		waitpid(self->pid[i], &status, 0);
	}
	nl_close(&self->nl);
	close(self->tcp);
	close(self->udp);
}

/* A word there and back over UDP; false if it does not come. */
static bool ask(int asker, int server, int word)
{
	struct sockaddr_in from;
	socklen_t len = sizeof(from);
	int got = -1;

	send(asker, &word, sizeof(word), 0);
	if (!readable(server, 1000) ||
	    recvfrom(server, &got, sizeof(got), 0, (struct sockaddr *)&from,
		     &len) != sizeof(got))
		return false;
	sendto(server, &got, sizeof(got), 0, (struct sockaddr *)&from, len);
	got = -1;
	return readable(asker, 1000) &&
	       recv(asker, &got, sizeof(got), 0) == sizeof(got) && got == word;
}

/* The same over TCP. */
static bool talk(int client, int server, int word)
{
	int got = -1;

	return send(client, &word, sizeof(word), MSG_NOSIGNAL) == sizeof(word) &&
	       readable(server, 5000) &&
	       recv(server, &got, sizeof(got), 0) == sizeof(got) &&
	       send(server, &got, sizeof(got), MSG_NOSIGNAL) == sizeof(got) &&
	       readable(client, 5000) &&
	       recv(client, &got, sizeof(got), 0) == sizeof(got) && got == word;
}

/* A new connection, as an honest host makes it; false if it gets none. */
static bool meet(int listener, int word)
{
	int client = connected(SOCK_STREAM, OPEN), server;
	bool good;

	if (client < 0)
		return false;
	/* Half open connections of the flood are not accepted. */
	server = accept(listener, NULL, NULL);
	good = server >= 0 && talk(client, server, word);
	close(client);
	close(server);
	return good;
}

TEST_F_TIMEOUT(flood, it_does_not_disturb, 300)
{
	int i, lost = 0, cut = 0, refused = 0;
	struct figures f, first;
	__u64 most = 0;
	long before, most_kb = 0, n;

	for (i = 0; i < PAIRS; i++) {
		self->client[i] = connected(SOCK_STREAM, OPEN);
		self->server[i] = accept(self->tcp, NULL, NULL);
		self->asker[i] = connected(SOCK_DGRAM, OPEN + 1);
		ASSERT_TRUE(talk(self->client[i], self->server[i], i));
		ASSERT_TRUE(ask(self->asker[i], self->udp, i));
		ASSERT_TRUE(ask(self->asker[i], self->udp, i));
	}
	/* What comes before the first packet is over. */
	before = slab_kb();
	for (i = 0; i < 2; i++) {
		self->pid[i] = fork();
		ASSERT_LE(0, self->pid[i]);
		if (!self->pid[i])
			flood(variant->proto, 0x9e3779b97f4a7c15ULL * (i + 1),
			      self->sent);
	}
	/* Until it is full. */
	do {
		first = look(&self->nl);
		usleep(10000);
	} while (first.evicted < PLACES / 4);

	for (i = 0; i < CLIENTS; i++) {
		int k = i % PAIRS;

		lost += !ask(self->asker[k], self->udp, i);
		cut += !talk(self->client[k], self->server[k], i);
		refused += !meet(self->tcp, i);
		if (i % 10)
			continue;
		f = look(&self->nl);
		if (f.entries > most)
			most = f.entries;
		n = slab_kb() - before;
		if (n > most_kb)
			most_kb = n;
	}
	f = look(&self->nl);
	n = __atomic_load_n(self->sent, __ATOMIC_RELAXED);
	TH_LOG("%ld packets of the flood, %llu evicted, %llu refused, %ld kB",
	       n, f.evicted, f.refused, most_kb);
	EXPECT_EQ(0, lost);
	EXPECT_EQ(0, cut);
	EXPECT_EQ(0, refused);
	/* Each processor may be about to put another one in its place. */
	EXPECT_LE(most, PLACES + sysconf(_SC_NPROCESSORS_ONLN));
	EXPECT_LE(most_kb, CONNS_MAX * CONN_BYTES / 1024 + OTHER_KB);
	EXPECT_LT(first.evicted, f.evicted);
	if (variant->answers[0])
		EXPECT_LT(n / 2, snmp(variant->answers[0],
				      variant->answers[1]));
}

/* --- the same connection, twice at once ------------------------------------- */

struct racer {
	int cpu;
	int *turn;
};

/* Both come to packet @i, and send it. */
static void *race(void *arg)
{
	int fd = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW);
	struct sockaddr_in to = here(0);
	struct racer *r = arg;
	cpu_set_t cpus;
	long i, spins, failed = 0;

	CPU_ZERO(&cpus);
	CPU_SET(r->cpu, &cpus);
	sched_setaffinity(0, sizeof(cpus), &cpus);
	for (i = 0; i < TUPLES; i++) {
		__u64 state = i + 1;
		struct packet p;
		size_t len;

		next_random(&state);
		len = forge(&p, IPPROTO_UDP, &state);
		/* Each of its own, and from 12.0.0.0/8. */
		p.ip.saddr = htonl(12U << 24 | i);
		p.udp.sum = 0;
		__atomic_fetch_add(r->turn, 1, __ATOMIC_SEQ_CST);
		for (spins = 0; __atomic_load_n(r->turn, __ATOMIC_SEQ_CST) <
				2 * (i + 1); spins++)
			if (spins > 1000)
				sched_yield();
		failed += sendto(fd, &p, len, 0, (struct sockaddr *)&to,
				 sizeof(to)) < 0;
	}
	close(fd);
	return (void *)failed;
}

FIXTURE(race)
{
	struct nl nl;
};

FIXTURE_SETUP(race)
{
	ASSERT_EQ(0, nl_load_module());
	ASSERT_EQ(0, unshare(CLONE_NEWNET));
	loopback_up();
	ASSERT_EQ(0, nl_open(&self->nl));
	ASSERT_EQ(0, load(&self->nl, 1000000));
}

FIXTURE_TEARDOWN(race)
{
	nl_close(&self->nl);
}

TEST_F_TIMEOUT(race, two_processors_make_one_connection, 120)
{
	int turn = 0, i, cpus = sysconf(_SC_NPROCESSORS_ONLN);
	struct racer r[2] = { { 0, &turn }, { cpus > 1, &turn } };
	struct figures before = look(&self->nl), after;
	pthread_t thread[2];
	void *failed;

	for (i = 0; i < 2; i++)
		ASSERT_EQ(0, pthread_create(&thread[i], NULL, race, &r[i]));
	for (i = 0; i < 2; i++) {
		ASSERT_EQ(0, pthread_join(thread[i], &failed));
		EXPECT_EQ(NULL, failed);
	}
	after = look(&self->nl);
	EXPECT_EQ((__u64)TUPLES, after.created - before.created);
	EXPECT_EQ((__u64)TUPLES, after.entries - before.entries);
	EXPECT_EQ(before.refused, after.refused);
}

TEST_HARNESS_MAIN
