// SPDX-License-Identifier: GPL-2.0
/*
 * Sends packets written by hand and says which packets came.
 *
 * Like peer, it is started once by a shell test and asked line by line.
 *
 *	send NS DEV [times N] PACKET	put it on the wire at DEV. The other end
 *			of the veth pair gets it; no firewall of NS sees it.
 *			Of N copies each has the next source port or ICMP id
 *	noise NS DEV SEED [times N] PACKET	as send, but in each copy some bytes
 *			are random ones, and some copies are cut; the version
 *			and the checksum of an IPv4 header are right
 *	local NS [times N] PACKET	the host NS sends it itself, through its
 *			own output hooks. The answer may be denied (EPERM)
 *	fragments NS DEV RANGES PACKET	as send, in pieces: RANGES says which
 *			bytes behind the IP header, such as 0-15,16-39,40- ; in
 *			any order, overlapping or missing. Starts are multiples
 *			of 8, a range without end is the last fragment
 *	capture NAME NS DEV		record what comes in there from now on
 *	capture NAME NS host PROTO	record what reaches the host behind its
 *			firewall of one protocol number, both families
 *	expect NAME MS PATTERN		the first recorded packet that matches,
 *			as text; what came before it is forgotten. Answers
 *			"none" after MS milliseconds
 *	count NAME PATTERN		how many recorded packets match; all are
 *			forgotten
 *	forget NAME			all recorded packets
 *	set NS PATH VALUE		write /proc/sys/PATH
 *
 * PACKET is a row of layers, each with the fields that shall not be as they
 * should be; numbers in C notation:
 *
 *	ip SRC > DST [ttl|tos|id|off|len|proto|ihl|version|sum N] [df] [mf]
 *		[badsum] [opt HEX]
 *	hop|dstopts|auth|frag [proto N] [len N] [opt HEX] [off N] [mf] [id N]
 *	routing [kind N] [left N] [opt HEX]
 *	tcp SPORT > DPORT [flags FSRPAUEC|none] [seq|ack|win|urg|doff|sum N]
 *		[badsum] [mss N] [ws N] [sackok] [sack-left N] [sack-right N]
 *		[tsval N] [tsecr N] [opt HEX]
 *	udp|udplite SPORT > DPORT [len|sum|cov N] [badsum]
 *	sctp SPORT > DPORT [kind N] [tag N] [init N] [len N] [flags F] [badsum]
 *		kind: of the chunk; init: the tag that an INIT names, 1 unless
 *		written; len: of the chunk, so that others may follow in hex;
 *		flags F is the T bit
 *	dccp SPORT > DPORT [kind N] [seq N] [ack N] [badsum]
 *	icmp TYPE[/CODE] [id N] [seq N] [mtu N] [sum N] [badsum]  both families
 *	data N | text WORD | hex HEX	content
 *	cut N		the bytes of all layers to the right end here; lengths
 *			to the right still tell the whole. In front: the packet
 *
 * An ICMP error quotes by more layers: ip A > B icmp 3/3 ip B > A udp 1 > 2.
 *
 * A recorded packet reads: ip SRC > DST ttl N [off N [mf]] tcp S > D flags SA
 * seq N ack N win N data N [badsum]; PATTERN is a shell pattern for that.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fnmatch.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "lines.h"
#include "pkt.h"

#define CAPTURES_MAX 32
#define WIRES_MAX 32
#define CAPTURE_BUFFER (4 << 20)
#define PACKET_LEN_MAX 65536

struct capture {
	char name[32];
	int fd[2];	/* one per family for a host, else [1] is -1 */
	bool host;
	u8 proto;
};

static struct capture captures[CAPTURES_MAX];
static int n_captures;

/* --- sending -------------------------------------------------------------- */

struct wire {
	int ns;
	char dev[IFNAMSIZ];
	int fd;
	struct sockaddr_ll to;
};

/*
 * A packet socket at NS DEV that sends to the other end of the pair, or NULL.
 * It stays open: closing one waits for all processors to take notice.
 */
static const struct wire *find_wire(const char *space, const char *dev)
{
	static struct wire wires[WIRES_MAX];
	static int n_wires;
	struct ifreq ifr = { 0 };
	int ns = lines_space(space);
	struct wire *wire;

	if (ns < 0)
		return NULL;
	for (wire = wires; wire < wires + n_wires; wire++)
		if (wire->ns == ns && !strcmp(wire->dev, dev))
			return wire;
	if (n_wires == WIRES_MAX) {
		say("error: too many devices");
		return NULL;
	}
	lines_enter(ns);
	memset(wire, 0, sizeof(*wire));
	wire->ns = ns;
	snprintf(wire->dev, sizeof(wire->dev), "%s", dev);
	memcpy(ifr.ifr_name, wire->dev, IFNAMSIZ);
	wire->fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (wire->fd < 0 || ioctl(wire->fd, SIOCGIFHWADDR, &ifr)) {
		say("error: %s of %s: %m", dev, space);
		close(wire->fd);
		return NULL;
	}
	wire->to.sll_family = AF_PACKET;
	wire->to.sll_ifindex = if_nametoindex(dev);
	wire->to.sll_halen = 6;
	memcpy(wire->to.sll_addr, ifr.ifr_hwaddr.sa_data, 6);
	/* lib.sh gives the ends addresses that differ in this bit. */
	wire->to.sll_addr[5] ^= 1;
	n_wires++;
	return wire;
}

static bool wire_send(const struct wire *wire, const struct pkt *pkt)
{
	struct sockaddr_ll to = wire->to;
	const u8 *dst = pkt->data + pkt->dst;

	if (pkt->family == AF_INET) {
		to.sll_protocol = htons(ETH_P_IP);
		if (dst[0] >> 4 == 14) {
			memcpy(to.sll_addr, "\x01\x00\x5e", 3);
			to.sll_addr[3] = dst[1] & 0x7f;
			memcpy(to.sll_addr + 4, dst + 2, 2);
		}
	} else {
		to.sll_protocol = htons(ETH_P_IPV6);
		if (dst[0] == 0xff) {
			memcpy(to.sll_addr, "\x33\x33", 2);
			memcpy(to.sll_addr + 2, dst + 12, 4);
		}
	}
	if (sendto(wire->fd, pkt->data, pkt->len, 0, (void *)&to,
		   sizeof(to)) < 0) {
		say("error: send: %m");
		return false;
	}
	return true;
}

/* Reads "times N" at @w, if there; returns the words after. */
static char **get_times(char **w, unsigned int *times)
{
	*times = 1;
	if (!w[0] || strcmp(w[0], "times") || !w[1])
		return w;
	*times = atoi(w[1]);
	return w + 2;
}

static void do_send(char **w)
{
	static struct pkt pkt;
	const struct wire *wire = find_wire(w[1], w[2]);
	unsigned int times, i;
	const char *err;
	char **words;

	if (!wire)
		return;
	words = get_times(w + 3, &times);
	for (i = 0; i < times; i++) {
		err = pkt_build(words, i, &pkt);
		if (err) {
			say("error: %s", err);
			break;
		}
		if (!wire_send(wire, &pkt))
			break;
	}
}

static u32 next_random(u32 *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	*state ^= *state << 5;
	return *state;
}

/* What the host's IP drops before any firewall sees it is of no use, so that is
 * rare.
 */
static void make_noise(struct pkt *pkt, u32 *random)
{
	bool v4 = pkt->family == AF_INET;
	size_t head, at;
	int n;

	for (n = 1 + next_random(random) % 6; n; n--) {
		at = next_random(random) % pkt->len;
		if (at < pkt->fixed && next_random(random) % 8)
			at = pkt->fixed + next_random(random) %
			     (pkt->len - pkt->fixed);
		if (at)
			pkt->data[at] = next_random(random) >> 8;
	}
	if (!(next_random(random) % 4)) {
		pkt->len = pkt->fixed + next_random(random) %
			   (pkt->len - pkt->fixed);
		at = pkt->len - (v4 ? 0 : 40);
		pkt->data[v4 ? 2 : 4] = at >> 8;
		pkt->data[v4 ? 3 : 5] = at;
	}
	head = (pkt->data[0] & 15) * 4;
	if (v4 && head <= pkt->len) {
		u16 sum;

		memset(pkt->data + 10, 0, 2);
		sum = pkt_sum_fold(pkt_sum(pkt->data, head, 0));
		pkt->data[10] = sum >> 8;
		pkt->data[11] = sum;
	}
}

static void do_noise(char **w)
{
	static struct pkt whole, pkt;
	const struct wire *wire = find_wire(w[1], w[2]);
	u32 random = strtoul(w[3], NULL, 0) * 2654435761U | 1;
	unsigned int times, i;
	const char *err;
	char **words;

	if (!wire)
		return;
	words = get_times(w + 4, &times);
	err = pkt_build(words, 0, &whole);
	if (!err && whole.len <= whole.fixed)
		err = "noise needs something behind the IP header";
	if (err) {
		say("error: %s", err);
		return;
	}
	for (i = 0; i < times; i++) {
		pkt = whole;
		make_noise(&pkt, &random);
		if (!wire_send(wire, &pkt))
			break;
	}
}

static void do_local(char **w)
{
	static struct pkt pkt;
	unsigned int times, i;
	int ns = lines_space(w[1]);
	int fd[2] = { -1, -1 };
	const char *err;
	char **words;

	if (ns < 0)
		return;
	lines_enter(ns);
	/* IPPROTO_RAW: we write the IP header. */
	fd[0] = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW);
	fd[1] = socket(AF_INET6, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW);
	words = get_times(w + 2, &times);
	for (i = 0; i < times; i++) {
		struct sockaddr_in to4 = { .sin_family = AF_INET };
		struct sockaddr_in6 to6 = { .sin6_family = AF_INET6 };
		ssize_t n;

		err = pkt_build(words, i, &pkt);
		if (err) {
			say("error: %s", err);
			break;
		}
		memcpy(&to4.sin_addr, pkt.data + 16, 4);
		memcpy(&to6.sin6_addr, pkt.data + 24, 16);
		if (pkt.family == AF_INET)
			n = sendto(fd[0], pkt.data, pkt.len, 0, (void *)&to4,
				   sizeof(to4));
		else
			n = sendto(fd[1], pkt.data, pkt.len, 0, (void *)&to6,
				   sizeof(to6));
		if (n < 0) {
			if (errno == EPERM)
				say("denied");
			else
				say("failed: %m");
		}
	}
	close(fd[0]);
	close(fd[1]);
}

/* Bytes @from to before @to of @whole behind its fixed headers. */
static void cut_fragment(const struct pkt *whole, size_t from, size_t to,
			 bool more, struct pkt *frag)
{
	size_t fixed = whole->fixed, n = to - from;
	u8 *p = frag->data;

	*frag = *whole;
	if (whole->family == AF_INET) {
		p[2] = (fixed + n) >> 8;
		p[3] = fixed + n;
		p[6] = (p[6] & 0x40) | (more ? 0x20 : 0) | from / 8 >> 8;
		p[7] = from / 8;
		p[10] = 0;
		p[11] = 0;
		frag->len = pkt_sum_fold(pkt_sum(p, fixed, 0));
		p[10] = frag->len >> 8;
		p[11] = frag->len;
		memcpy(p + fixed, whole->data + fixed + from, n);
		frag->len = fixed + n;
		return;
	}
	memset(p + fixed, 0, 8);
	p[fixed] = p[frag->next];
	p[frag->next] = 44;
	p[fixed + 2] = from >> 8;
	p[fixed + 3] = (from & 0xf8) | more;
	p[fixed + 6] = whole->id >> 8;
	p[fixed + 7] = whole->id;
	memcpy(p + fixed + 8, whole->data + fixed + from, n);
	frag->len = fixed + 8 + n;
	n = frag->len - 40;
	p[4] = n >> 8;
	p[5] = n;
}

static void do_fragments(char **w)
{
	static struct pkt whole, frag;
	const struct wire *wire = find_wire(w[1], w[2]);
	const char *err = pkt_build(w + 4, 0, &whole);
	char *p = w[3];

	if (!wire)
		return;
	if (err) {
		say("error: %s", err);
		return;
	}
	do {
		size_t from = strtoul(p, &p, 10), to;
		bool last = true;

		if (*p++ != '-') {
			say("error: ranges are FROM-TO,FROM-");
			break;
		}
		to = whole.len - whole.fixed;
		if (*p && *p != ',') {
			last = false;
			to = strtoul(p, &p, 10) + 1;
		}
		if (from % 8 || to <= from || to > whole.len - whole.fixed) {
			say("error: no such range");
			break;
		}
		cut_fragment(&whole, from, to, !last, &frag);
		if (!wire_send(wire, &frag))
			break;
	} while (*p++ == ',');
}

/* --- recording ------------------------------------------------------------ */

static void do_capture(char **w)
{
	struct capture *c = &captures[n_captures];
	int ns = lines_space(w[2]);
	int one = 1, size = CAPTURE_BUFFER, i;

	if (ns < 0)
		return;
	if (n_captures == CAPTURES_MAX) {
		say("error: too many captures");
		return;
	}
	memset(c, 0, sizeof(*c));
	snprintf(c->name, sizeof(c->name), "%s", w[1]);
	c->fd[0] = -1;
	c->fd[1] = -1;
	lines_enter(ns);
	if (!strcmp(w[3], "host")) {
		if (!w[4]) {
			say("error: which protocol?");
			return;
		}
		c->host = true;
		c->proto = atoi(w[4]);
		c->fd[0] = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, c->proto);
		c->fd[1] = socket(AF_INET6, SOCK_RAW | SOCK_CLOEXEC, c->proto);
		setsockopt(c->fd[1], IPPROTO_IPV6, IPV6_RECVPKTINFO, &one,
			   sizeof(one));
		setsockopt(c->fd[1], IPPROTO_IPV6, IPV6_RECVHOPLIMIT, &one,
			   sizeof(one));
	} else {
		struct sockaddr_ll at = {
			.sll_family = AF_PACKET,
			.sll_protocol = htons(ETH_P_ALL),
			.sll_ifindex = if_nametoindex(w[3]),
		};

		c->fd[0] = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
		setsockopt(c->fd[0], SOL_PACKET, PACKET_AUXDATA, &one,
			   sizeof(one));
		setsockopt(c->fd[0], SOL_PACKET, PACKET_IGNORE_OUTGOING, &one,
			   sizeof(one));
		if (!at.sll_ifindex ||
		    bind(c->fd[0], (void *)&at, sizeof(at))) {
			say("error: %s of %s: %m", w[3], w[2]);
			close(c->fd[0]);
			return;
		}
	}
	for (i = 0; i < 2; i++)
		setsockopt(c->fd[i], SOL_SOCKET, SO_RCVBUFFORCE, &size,
			   sizeof(size));
	n_captures++;
}

static struct capture *find_capture(const char *name)
{
	int i;

	/* The newest of that name. */
	for (i = n_captures - 1; i >= 0; i--)
		if (!strcmp(captures[i].name, name))
			return &captures[i];
	say("error: no capture %s", name);
	return NULL;
}

/* Reads one packet into text; false if there is none. */
static bool read_one(const struct capture *c, int i, char *text, size_t size)
{
	const struct sockaddr_ll *ll;
	static u8 data[40 + PACKET_LEN_MAX];
	struct sockaddr_storage from;
	struct iovec iov = { data + 40, PACKET_LEN_MAX };
	char control[256];
	struct msghdr msg = {
		.msg_name = &from, .msg_namelen = sizeof(from),
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = sizeof(control),
	};
	struct cmsghdr *cm;
	bool checked = true;
	ssize_t n;

	ll = (void *)&from;
	do {
		n = recvmsg(c->fd[i], &msg, MSG_DONTWAIT);
		if (n < 0)
			return false;
		/* What is not IP, such as ARP, is nobody's business. */
	} while (!c->host && ll->sll_protocol != htons(ETH_P_IP) &&
		 ll->sll_protocol != htons(ETH_P_IPV6));
	if (c->host && i == 1) {
		/* Raw IPv6 sockets tell the header in pieces. */
		memset(data, 0, 40);
		data[0] = 0x60;
		data[4] = n >> 8;
		data[5] = n;
		data[6] = c->proto;
		memcpy(data + 8, &((struct sockaddr_in6 *)&from)->sin6_addr,
		       16);
	}
	for (cm = CMSG_FIRSTHDR(&msg); cm; cm = CMSG_NXTHDR(&msg, cm)) {
		void *p = CMSG_DATA(cm);

		if (cm->cmsg_level == SOL_PACKET &&
		    cm->cmsg_type == PACKET_AUXDATA)
			checked = !(((struct tpacket_auxdata *)p)->tp_status &
				    TP_STATUS_CSUMNOTREADY);
		else if (cm->cmsg_level == IPPROTO_IPV6 &&
			 cm->cmsg_type == IPV6_PKTINFO)
			memcpy(data + 24,
			       &((struct in6_pktinfo *)p)->ipi6_addr, 16);
		else if (cm->cmsg_level == IPPROTO_IPV6 &&
			 cm->cmsg_type == IPV6_HOPLIMIT)
			data[7] = *(int *)p;
	}
	/* A host's own packets have no checksum yet. */
	checked = checked && !c->host;
	if (c->host && i == 1)
		pkt_text(data, 40 + n, checked, text, size);
	else
		pkt_text(data + 40, n, checked, text, size);
	return true;
}

/* Puts the words of a pattern back together. */
static void join(char **w, char *out, size_t size)
{
	size_t n = 0;

	out[0] = '\0';
	for (; *w && n < size; w++)
		n += snprintf(out + n, size - n, "%s%s", n ? " " : "", *w);
}

static void do_expect(char **w)
{
	struct capture *c = find_capture(w[1]);
	long end = now_ms() + atol(w[2]);
	char pattern[1024], text[2048];

	if (!c)
		return;
	join(w + 3, pattern, sizeof(pattern));
	for (;;) {
		struct pollfd p[2] = {
			{ .fd = c->fd[0], .events = POLLIN },
			{ .fd = c->fd[1], .events = POLLIN },
		};
		long left = end - now_ms();
		int i;

		poll(p, 2, left > 0 ? left : 0);
		for (i = 0; i < 2; i++) {
			if (c->fd[i] < 0)
				continue;
			while (read_one(c, i, text, sizeof(text))) {
				if (!fnmatch(pattern, text, 0)) {
					say("%s", text);
					return;
				}
			}
		}
		if (left <= 0) {
			say("none");
			return;
		}
	}
}

static void do_count(char **w)
{
	struct capture *c = find_capture(w[1]);
	char pattern[1024], text[2048];
	int i, n = 0;

	if (!c)
		return;
	join(w + 2, pattern, sizeof(pattern));
	for (i = 0; i < 2; i++)
		while (c->fd[i] >= 0 && read_one(c, i, text, sizeof(text)))
			n += !fnmatch(pattern, text, 0);
	if (!strcmp(w[0], "count"))
		say("%d", n);
}

static const struct command commands[] = {
	{ "send", 4, do_send },
	{ "noise", 5, do_noise },
	{ "local", 3, do_local },
	{ "fragments", 5, do_fragments },
	{ "capture", 4, do_capture },
	{ "expect", 4, do_expect },
	{ "count", 3, do_count },
	{ "forget", 2, do_count },
	{ "set", 4, lines_set },
	{ }
};

int main(void)
{
	return lines_obey(commands, NULL);
}
