// SPDX-License-Identifier: GPL-2.0
/*
 * Both ends of many connections, in many network namespaces, in one process.
 *
 * Shell tests start this once and ask it line by line; every line gets one
 * line of answer. Echo servers run between and during the lines, so a client
 * of the same process gets served. One process, one thread, one poll loop:
 * nothing here depends on which of two processes runs first, and a probe costs
 * no fork. (A client and a server program each was tried first and spent its
 * time in exec and in waiting for servers to be up.)
 *
 *	set NS PATH VALUE		write /proc/sys/PATH
 *	listen NS PROTO PORT...		echo on all addresses, both families
 *	unlisten NS PROTO PORT...
 *	probe NS PROTO ADDR PORT [from PORT] [src ADDR] [wait MS]
 *			connect, one word there and back, orderly close. For
 *			icmp and icmpv6 (an echo request) PORT is the id
 *	open NAME NS PROTO ADDR PORT [from PORT] [src ADDR] [wait MS]
 *			connect and keep; "ok" then says the handshake is done
 *	accept NAME NS PORT [wait MS]
 *			take over the newest connection on a port: from now on
 *			it does what it is told and echoes no more
 *	echo NAME [BYTES] [wait MS]	send and expect the same back
 *	send NAME BYTES
 *	recv NAME BYTES [wait MS]	that many bytes from the other end
 *	eof NAME [wait MS]		the other end said it sends no more
 *	shut NAME			say that we send no more
 *	close NAME, reset NAME		close in order, close by RST
 *	port NAME			answers the local port
 *
 * NS is a name in /run/netns or "-" for our own. PROTO is tcp, udp, sctp,
 * dccp, udplite, icmp, icmpv6. Answers: ok, timeout, connected (but no echo
 * came), refused, reset, unreachable, prohibited, denied (EPERM: the way out is
 * closed), closed, too-big, any other errno by its text in one word; or
 * "error: ..." if the line makes no sense.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <ctype.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include "lines.h"

#ifndef IPPROTO_DCCP
#define IPPROTO_DCCP 33
#endif
#ifndef SOCK_DCCP
#define SOCK_DCCP 6
#endif
#ifndef SOL_DCCP
#define SOL_DCCP 269
#endif
#define DCCP_SOCKOPT_SERVICE 2

#define WAIT_DEFAULT 5000
#define BUF_SIZE 65536

enum kind { LISTEN, ECHO_STREAM, ECHO_DGRAM, OWNED };

struct proto {
	const char *name;
	int type;
	int number;
	bool stream;	/* has connections to accept */
};

static const struct proto protos[] = {
	{ "tcp", SOCK_STREAM, IPPROTO_TCP, true },
	{ "udp", SOCK_DGRAM, IPPROTO_UDP, false },
	{ "sctp", SOCK_STREAM, IPPROTO_SCTP, true },
	{ "dccp", SOCK_DCCP, IPPROTO_DCCP, true },
	{ "udplite", SOCK_DGRAM, IPPROTO_UDPLITE, false },
	{ "icmp", SOCK_RAW, IPPROTO_ICMP, false },
	{ "icmpv6", SOCK_RAW, IPPROTO_ICMPV6, false },
	{ }
};

struct sock {
	int fd;
	enum kind kind;
	const struct proto *proto;
	int ns;			/* index in lines_space() */
	int port;		/* local, of listeners and what they accept */
	unsigned int serial;	/* order of accepting */
	char name[32];		/* of OWNED */
	char *pending;		/* echo that did not fit yet */
	size_t n_pending;
	bool eof;		/* close once pending is out */
};

static struct sock *socks;
static int n_socks, cap_socks;
static unsigned int serial;
static struct pollfd *polls;
static char buffer[BUF_SIZE];

/* The word for an errno. */
static const char *word(int err)
{
	static char text[64];
	char *p;

	switch (err) {
	case 0:
		return "ok";
	case ECONNREFUSED:
		return "refused";
	case ECONNRESET:
		return "reset";
	case EHOSTUNREACH:
	case ENETUNREACH:
		return "unreachable";
	case EACCES:
		return "prohibited";
	case EPERM:
		return "denied";
	case ETIMEDOUT:
		return "timeout";
	case EPIPE:
	case ENOTCONN:
		return "closed";
	case EMSGSIZE:
		return "too-big";
	}
	snprintf(text, sizeof(text), "%s", strerror(err));
	for (p = text; *p; p++)
		*p = *p == ' ' ? '-' : tolower((unsigned char)*p);
	return text;
}

static const struct proto *find_proto(const char *name)
{
	const struct proto *p;

	for (p = protos; p->name; p++)
		if (!strcmp(p->name, name))
			return p;
	say("error: no protocol %s", name);
	return NULL;
}

static struct sock *add_sock(int fd, enum kind kind, const struct proto *proto,
			     int ns, int port)
{
	struct sock *s;

	if (n_socks == cap_socks) {
		cap_socks = cap_socks ? 2 * cap_socks : 64;
		socks = realloc(socks, cap_socks * sizeof(*socks));
		polls = realloc(polls, (cap_socks + 1) * sizeof(*polls));
		if (!socks || !polls)
			abort();
	}
	s = &socks[n_socks++];
	memset(s, 0, sizeof(*s));
	s->fd = fd;
	s->kind = kind;
	s->proto = proto;
	s->ns = ns;
	s->port = port;
	s->serial = ++serial;
	return s;
}

static void drop_sock(struct sock *s)
{
	close(s->fd);
	free(s->pending);
	*s = socks[--n_socks];
}

static struct sock *find_name(const char *name)
{
	int i;

	for (i = 0; i < n_socks; i++)
		if (socks[i].kind == OWNED && !strcmp(socks[i].name, name))
			return &socks[i];
	say("error: no connection %s", name);
	return NULL;
}

static void set_name(struct sock *s, const char *name)
{
	s->kind = OWNED;
	snprintf(s->name, sizeof(s->name), "%s", name);
}

/* --- the servers -------------------------------------------------------- */

static void serve_listener(struct sock *s)
{
	int fd = accept4(s->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

	if (fd >= 0)
		add_sock(fd, ECHO_STREAM, s->proto, s->ns, s->port);
}

static void serve_dgram(struct sock *s)
{
	struct sockaddr_storage from;
	struct iovec iov = { buffer, sizeof(buffer) };
	char control[256];
	struct msghdr msg = {
		.msg_name = &from, .msg_namelen = sizeof(from),
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = sizeof(control),
	};
	ssize_t n = recvmsg(s->fd, &msg, 0);

	if (n < 0)
		return;
	/*
	 * The control message (IPV6_PKTINFO) goes back as it came: the answer
	 * leaves from the address that was asked.
	 */
	iov.iov_len = n;
	sendmsg(s->fd, &msg, 0);
}

/* Returns false if the connection is over. */
static bool serve_stream(struct sock *s, short events)
{
	ssize_t n;

	if (s->n_pending && (events & POLLOUT)) {
		n = send(s->fd, s->pending, s->n_pending, MSG_NOSIGNAL);
		if (n < 0)
			return errno == EAGAIN;
		s->n_pending -= n;
		memmove(s->pending, s->pending + n, s->n_pending);
	}
	if (!s->n_pending && !s->eof &&
	    (events & (POLLIN | POLLHUP | POLLERR))) {
		n = recv(s->fd, buffer, sizeof(buffer), 0);
		if (n < 0)
			return errno == EAGAIN;
		if (n == 0) {
			s->eof = true;
		} else {
			ssize_t out = send(s->fd, buffer, n, MSG_NOSIGNAL);

			if (out < 0 && errno != EAGAIN)
				return false;
			if (out < 0)
				out = 0;
			if (out < n) {
				if (!s->pending)
					s->pending = malloc(BUF_SIZE);
				if (!s->pending)
					abort();
				s->n_pending = n - out;
				memcpy(s->pending, buffer + out, n - out);
			}
		}
	}
	return !s->eof || s->n_pending;
}

/*
 * One turn of the loop: serves whatever is ready, waits at most @wait ms for
 * something to be. @fd is watched for @events too, if not negative. Returns
 * what happened on @fd.
 */
static short pump(int fd, short events, long wait)
{
	int i, n = n_socks;

	for (i = 0; i < n; i++) {
		struct sock *s = &socks[i];

		polls[i].fd = s->kind == OWNED ? -1 : s->fd;
		polls[i].events = s->n_pending ? POLLOUT : POLLIN;
		polls[i].revents = 0;
	}
	polls[n].fd = fd;
	polls[n].events = events;
	polls[n].revents = 0;
	if (poll(polls, n + 1, wait) <= 0)
		return 0;
	events = polls[n].revents;
	/* From the end, as drop_sock() moves the last one down. */
	for (i = n - 1; i >= 0; i--) {
		short got = polls[i].revents;

		if (!got)
			continue;
		if (socks[i].kind == LISTEN)
			serve_listener(&socks[i]);
		else if (socks[i].kind == ECHO_DGRAM)
			serve_dgram(&socks[i]);
		else if (!serve_stream(&socks[i], got))
			drop_sock(&socks[i]);
	}
	return events;
}

/* Pumps until @fd is ready for @events; false when @end has come. */
static bool await(int fd, short events, long end)
{
	for (;;) {
		long left = end - now_ms();

		if (pump(fd, events, left > 0 ? left : 0))
			return true;
		if (left <= 0)
			return false;
	}
}

/* --- the lines ---------------------------------------------------------- */

/* Local address of any family from text; the length, or 0. */
static socklen_t parse_addr(const char *text, int port,
			    struct sockaddr_storage *out)
{
	struct sockaddr_in *in = (void *)out;
	struct sockaddr_in6 *in6 = (void *)out;

	memset(out, 0, sizeof(*out));
	if (inet_pton(AF_INET, text, &in->sin_addr) == 1) {
		in->sin_family = AF_INET;
		in->sin_port = htons(port);
		return sizeof(*in);
	}
	if (inet_pton(AF_INET6, text, &in6->sin6_addr) == 1) {
		in6->sin6_family = AF_INET6;
		in6->sin6_port = htons(port);
		return sizeof(*in6);
	}
	say("error: no address %s", text);
	return 0;
}

static int make_socket(int family, const struct proto *proto)
{
	int fd = socket(family, proto->type | SOCK_NONBLOCK | SOCK_CLOEXEC,
			proto->number);
	int one = 1, service = htonl(42);

	if (fd < 0)
		return fd;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (proto->number == IPPROTO_DCCP)
		setsockopt(fd, SOL_DCCP, DCCP_SOCKOPT_SERVICE,
			   &service, sizeof(service));
	return fd;
}

static void do_listen(char **w)
{
	const struct proto *proto = find_proto(w[2]);
	int ns = lines_space(w[1]);
	struct sockaddr_storage addr;
	int i, fd, one = 1, off = 0;

	if (!proto || ns < 0)
		return;
	lines_enter(ns);
	for (i = 3; w[i]; i++) {
		fd = make_socket(AF_INET6, proto);
		parse_addr("::", atoi(w[i]), &addr);
		if (fd >= 0) {
			setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off,
				   sizeof(off));
			setsockopt(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, &one,
				   sizeof(one));
		}
		if (fd < 0 ||
		    bind(fd, (void *)&addr, sizeof(struct sockaddr_in6)) ||
		    (proto->stream && listen(fd, 1024))) {
			say("error: listen %s %s: %m", w[2], w[i]);
			if (fd >= 0)
				close(fd);
			return;
		}
		add_sock(fd, proto->stream ? LISTEN : ECHO_DGRAM, proto, ns,
			 atoi(w[i]));
	}
}

static void do_unlisten(char **w)
{
	const struct proto *proto = find_proto(w[2]);
	int ns = lines_space(w[1]);
	int i, j;

	if (!proto || ns < 0)
		return;
	for (i = 3; w[i]; i++)
		for (j = n_socks - 1; j >= 0; j--)
			if ((socks[j].kind == LISTEN ||
			     socks[j].kind == ECHO_DGRAM) &&
			    socks[j].proto == proto && socks[j].ns == ns &&
			    socks[j].port == atoi(w[i]))
				drop_sock(&socks[j]);
}

/* Connects as w[0..] NS PROTO ADDR PORT [words] says; -1 with an answer. */
static int do_connect(char **w, const struct proto **proto, int *ns, long *end)
{
	struct sockaddr_storage to, from;
	long wait = WAIT_DEFAULT;
	socklen_t len, err_len;
	const char *src = NULL;
	int port = 0, fd, err, i;

	*proto = find_proto(w[1]);
	*ns = lines_space(w[0]);
	if (!*proto || *ns < 0)
		return -1;
	len = parse_addr(w[2], (*proto)->type == SOCK_RAW ? 0 : atoi(w[3]),
			 &to);
	if (!len)
		return -1;
	for (i = 4; w[i]; i += 2) {
		if (!w[i + 1]) {
			say("error: %s what?", w[i]);
			return -1;
		}
		if (!strcmp(w[i], "from")) {
			port = atoi(w[i + 1]);
		} else if (!strcmp(w[i], "src")) {
			src = w[i + 1];
		} else if (!strcmp(w[i], "wait")) {
			wait = atol(w[i + 1]);
		} else {
			say("error: no word %s", w[i]);
			return -1;
		}
	}
	*end = now_ms() + wait;
	lines_enter(*ns);
	fd = make_socket(to.ss_family, *proto);
	if (fd < 0) {
		say("%s", word(errno));
		return -1;
	}
	if (port || src) {
		if (!src)
			src = to.ss_family == AF_INET ? "0.0.0.0" : "::";
		if (!parse_addr(src, port, &from))
			goto fail;
		if (bind(fd, (void *)&from, len)) {
			say("error: bind %s port %d: %m", src, port);
			goto fail;
		}
	}
	if (connect(fd, (void *)&to, len)) {
		err = errno;
		if (err == EINPROGRESS) {
			if (!await(fd, POLLOUT, *end)) {
				say("timeout");
				goto fail;
			}
			err_len = sizeof(err);
			getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &err_len);
		}
		if (err) {
			say("%s", word(err));
			goto fail;
		}
	}
	return fd;
fail:
	close(fd);
	return -1;
}

/* Sends @bytes and reads them back; the word for how it went. */
static const char *echo(int fd, bool stream, size_t bytes, long end)
{
	static char out[BUF_SIZE], in[BUF_SIZE];
	size_t sent = 0, got = 0, i;

	while (got < bytes) {
		short want = POLLIN | (sent < bytes ? POLLOUT : 0);
		ssize_t n;

		if (!await(fd, want, end))
			return "timeout";
		if (sent < bytes) {
			size_t chunk = bytes - sent;

			if (chunk > sizeof(out))
				chunk = sizeof(out);
			for (i = 0; i < chunk; i++)
				out[i] = (sent + i) % 251;
			n = send(fd, out, chunk, MSG_NOSIGNAL);
			if (n < 0 && errno != EAGAIN)
				return word(errno);
			if (n > 0)
				sent += n;
		}
		n = recv(fd, in, sizeof(in), 0);
		if (n == 0 && stream)
			return "closed";
		if (n < 0 && errno != EAGAIN)
			return word(errno);
		for (i = 0; n > 0 && i < (size_t)n; i++)
			if ((unsigned char)in[i] != (got + i) % 251)
				return "garbled";
		if (n > 0)
			got += n;
	}
	return "ok";
}

/* An echo request and its reply on a connected raw socket. */
static const char *ping(int fd, const struct proto *proto, int id, long end)
{
	bool v6 = proto->number == IPPROTO_ICMPV6;
	struct icmphdr hdr = {
		.type = v6 ? ICMP6_ECHO_REQUEST : ICMP_ECHO,
		.un.echo = { .id = htons(id), .sequence = htons(1) },
	};
	int reply = v6 ? ICMP6_ECHO_REPLY : ICMP_ECHOREPLY;

	/* The kernel fills in the checksum of ICMPv6, not of ICMP. */
	if (!v6) {
		unsigned int sum = (hdr.type << 8) + id + 1;

		sum = (sum & 0xffff) + (sum >> 16);
		hdr.checksum = htons(~sum);
	}
	if (send(fd, &hdr, sizeof(hdr), 0) < 0)
		return word(errno);
	for (;;) {
		struct icmphdr *got = (void *)buffer;
		ssize_t n;

		if (!await(fd, POLLIN, end))
			return "timeout";
		n = recv(fd, buffer, sizeof(buffer), 0);
		if (n < 0) {
			if (errno == EAGAIN)
				continue;
			return word(errno);
		}
		if (!v6)	/* raw IPv4 sockets see the IP header */
			got = (void *)(buffer + (buffer[0] & 15) * 4);
		if (got->type == reply && got->un.echo.id == htons(id))
			return "ok";
	}
}

static void do_probe(char **w)
{
	const struct proto *proto;
	const char *how;
	int ns, fd;
	long end;

	fd = do_connect(w + 1, &proto, &ns, &end);
	if (fd < 0)
		return;
	if (proto->type == SOCK_RAW)
		how = ping(fd, proto, atoi(w[4]), end);
	else
		how = echo(fd, proto->stream, 4, end);
	if (proto->stream && !strcmp(how, "timeout"))
		how = "connected";
	say("%s", how);
	/* Both FINs before the answer: nothing is left to cross later. */
	if (proto->stream && !strcmp(how, "ok")) {
		shutdown(fd, SHUT_WR);
		await(fd, POLLIN, end);
	}
	close(fd);
}

static void do_open(char **w)
{
	const struct proto *proto;
	int ns, fd;
	long end;

	fd = do_connect(w + 2, &proto, &ns, &end);
	if (fd >= 0)
		set_name(add_sock(fd, OWNED, proto, ns, 0), w[1]);
}

/* The value of "wait MS" at @w, which may be absent. */
static long wait_end(char **w)
{
	return now_ms() + (w[0] && !strcmp(w[0], "wait") && w[1] ?
			   atol(w[1]) : WAIT_DEFAULT);
}

static void do_accept(char **w)
{
	int ns = lines_space(w[2]);
	long end = wait_end(w + 4);
	struct sock *best;
	int i;

	if (ns < 0)
		return;
	do {
		best = NULL;
		for (i = 0; i < n_socks; i++)
			if (socks[i].kind == ECHO_STREAM &&
			    socks[i].ns == ns && socks[i].port == atoi(w[3]) &&
			    (!best || socks[i].serial > best->serial))
				best = &socks[i];
		if (best) {
			set_name(best, w[1]);
			return;
		}
		pump(-1, 0, 5);
	} while (now_ms() < end);
	say("timeout");
}

static void do_echo(char **w)
{
	struct sock *s = find_name(w[1]);
	bool count = w[2] && strcmp(w[2], "wait");

	if (s)
		say("%s", echo(s->fd, s->proto->stream,
			       count ? atol(w[2]) : 4,
			       wait_end(w + (count ? 3 : 2))));
}

static void do_send(char **w)
{
	struct sock *s = find_name(w[1]);
	size_t n = atol(w[2]);

	if (!s)
		return;
	if (n > BUF_SIZE) {
		say("error: at most %d bytes", BUF_SIZE);
		return;
	}
	memset(buffer, 'x', n);
	if (send(s->fd, buffer, n, MSG_NOSIGNAL) < 0)
		say("%s", word(errno));
}

static void do_recv(char **w)
{
	bool eof = !strcmp(w[0], "eof");
	struct sock *s = find_name(w[1]);
	long end = wait_end(w + (eof ? 2 : 3));
	size_t left = eof ? 1 : atol(w[2]);
	int fd;

	if (!s)
		return;
	fd = s->fd;
	while (left) {
		ssize_t n;

		if (!await(fd, POLLIN, end)) {
			say("timeout");
			return;
		}
		n = recv(fd, buffer, left < BUF_SIZE ? left : BUF_SIZE, 0);
		if (n < 0 && errno == EAGAIN)
			continue;
		if (n < 0)
			say("%s", word(errno));
		else if (n == 0 && !eof)
			say("closed");
		else if (n > 0 && eof)
			say("data");
		if (n <= 0 || eof)
			return;
		left -= n;
	}
}

static void do_end(char **w)
{
	struct sock *s = find_name(w[1]);
	struct linger now = { .l_onoff = 1 };

	if (!s)
		return;
	if (!strcmp(w[0], "shut")) {
		if (shutdown(s->fd, SHUT_WR))
			say("%s", word(errno));
		return;
	}
	if (!strcmp(w[0], "reset"))
		setsockopt(s->fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	drop_sock(s);
}

static void do_port(char **w)
{
	struct sock *s = find_name(w[1]);
	struct sockaddr_in6 addr;
	socklen_t len = sizeof(addr);

	if (!s)
		return;
	/* The port stands in the same place for both families. */
	if (getsockname(s->fd, (void *)&addr, &len))
		say("error: getsockname: %m");
	else
		say("%d", ntohs(addr.sin6_port));
}

static const struct command commands[] = {
	{ "set", 4, lines_set },
	{ "listen", 4, do_listen },
	{ "unlisten", 4, do_unlisten },
	{ "probe", 5, do_probe },
	{ "open", 6, do_open },
	{ "accept", 4, do_accept },
	{ "echo", 2, do_echo },
	{ "send", 3, do_send },
	{ "recv", 3, do_recv },
	{ "eof", 2, do_recv },
	{ "shut", 2, do_end },
	{ "close", 2, do_end },
	{ "reset", 2, do_end },
	{ "port", 2, do_port },
	{ }
};

static bool input_ready(void)
{
	return pump(0, POLLIN, -1);
}

int main(void)
{
	struct rlimit files = { 65536, 65536 };

	setrlimit(RLIMIT_NOFILE, &files);
	/* Room for the pollfd of the input; add_sock() makes more. */
	polls = calloc(1, sizeof(*polls));
	if (!polls)
		return 1;
	return lines_obey(commands, input_ready);
}
