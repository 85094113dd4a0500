// SPDX-License-Identifier: GPL-2.0
/*
 * Words to a packet, right or wrong in any field.
 *
 * A packet is a row of layers. The words are read once from the left into
 * struct layer; the bytes are then made from the right, each layer put in
 * front of what is there already, so that lengths and checksums cover what
 * follows and a packet quoted in an ICMP error is nothing special. Every
 * number that is computed can be written instead, to be wrong.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pkt.h"

#define LAYERS_MAX 16
#define OPT_MAX 255

enum type {
	IP, HOP, DSTOPTS, ROUTING, AUTH, FRAG,
	TCP, UDP, UDPLITE, SCTP, DCCP, ICMP,
	DATA, TEXT, HEX, CUT,
};

enum field {
	TTL, TOS, ID, OFF, DF, MF, LEN, PROTO, IHL, VERSION, SUM, BADSUM,
	SPORT, DPORT, FLAGS, SEQ, ACK, WIN, URG, DOFF, MSS, WS, SACKOK,
	SACKL, SACKR, TSVAL, TSECR, COV, TAG, INIT, KIND, LEFT, CODE, MTU,
	COUNT,
	FIELDS
};

struct layer {
	enum type type;
	long f[FIELDS];
	bool has[FIELDS];
	u8 src[16], dst[16];	/* of IP */
	size_t addr;			/* 4 or 16 */
	u8 opt[OPT_MAX];
	size_t n_opt;
	const char *text;
};

static const struct {
	const char *word;
	enum type type;
	int proto;	/* in the header before; -1: none of its own */
} types[] = {
	{ "ip", IP, -1 }, { "hop", HOP, 0 }, { "dstopts", DSTOPTS, 60 },
	{ "routing", ROUTING, 43 }, { "auth", AUTH, 51 }, { "frag", FRAG, 44 },
	{ "tcp", TCP, 6 }, { "udp", UDP, 17 }, { "udplite", UDPLITE, 136 },
	{ "sctp", SCTP, 132 }, { "dccp", DCCP, 33 }, { "icmp", ICMP, -1 },
	{ "data", DATA, -1 }, { "text", TEXT, -1 }, { "hex", HEX, -1 },
	{ "cut", CUT, -1 },
};

/* Words inside a layer: a number follows, or none (the field becomes 1). */
static const struct {
	const char *word;
	enum field field;
	bool bare;
} fields[] = {
	{ "ttl", TTL, false }, { "tos", TOS, false }, { "id", ID, false },
	{ "off", OFF, false }, { "df", DF, true }, { "mf", MF, true },
	{ "len", LEN, false }, { "proto", PROTO, false },
	{ "ihl", IHL, false }, { "version", VERSION, false },
	{ "sum", SUM, false }, { "badsum", BADSUM, true },
	{ "seq", SEQ, false }, { "ack", ACK, false }, { "win", WIN, false },
	{ "urg", URG, false }, { "doff", DOFF, false }, { "mss", MSS, false },
	{ "ws", WS, false }, { "sackok", SACKOK, true },
	{ "sack-left", SACKL, false }, { "sack-right", SACKR, false },
	{ "tsval", TSVAL, false }, { "tsecr", TSECR, false },
	{ "cov", COV, false }, { "tag", TAG, false }, { "init", INIT, false },
	{ "kind", KIND, false },
	{ "left", LEFT, false }, { "mtu", MTU, false },
};

static char error[128];

static const char *fail(const char *what, const char *word)
{
	snprintf(error, sizeof(error), "%s '%s'", what, word ? word : "");
	return error;
}

/* --- checksums ------------------------------------------------------------ */

u32 pkt_sum(const void *data, size_t len, u32 sum)
{
	const u8 *p = data;

	for (; len > 1; len -= 2, p += 2)
		sum += p[0] << 8 | p[1];
	return len ? sum + (p[0] << 8) : sum;
}

u16 pkt_sum_fold(u32 sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return ~sum;
}

u32 pkt_sum_pseudo(const u8 *src, const u8 *dst, size_t size, u32 len,
		   u8 proto)
{
	u32 sum = pkt_sum(src, size, 0);

	sum = pkt_sum(dst, size, sum);
	return sum + (len >> 16) + (len & 0xffff) + proto;
}

static u32 crc32c(const u8 *data, size_t len)
{
	u32 crc = ~0u;
	int bit;

	while (len--) {
		crc ^= *data++;
		for (bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78 : 0);
	}
	return ~crc;
}

/* --- words to layers ------------------------------------------------------ */

static void put(struct layer *l, enum field key, long value)
{
	l->f[key] = value;
	l->has[key] = true;
}

static long get(const struct layer *l, enum field key, long otherwise)
{
	return l->has[key] ? l->f[key] : otherwise;
}

static bool parse_number(const char *word, long *value)
{
	char *end;

	if (!word || !*word)
		return false;
	*value = strtol(word, &end, 0);
	return !*end;
}

static bool parse_hex(const char *word, u8 *out, size_t max, size_t *len)
{
	*len = 0;
	for (; word && word[0] && word[1]; word += 2) {
		char byte[3] = { word[0], word[1] };
		char *end;

		if (*len == max)
			return false;
		out[(*len)++] = strtoul(byte, &end, 16);
		if (*end)
			return false;
	}
	return word && !*word;
}

static bool parse_flags(const char *word, long *flags)
{
	static const char letters[] = "FSRPAUEC";
	const char *at;

	*flags = 0;
	if (!word || !strcmp(word, "none"))
		return word;
	for (; *word; word++) {
		at = strchr(letters, *word);
		if (!at)
			return false;
		*flags |= 1 << (at - letters);
	}
	return true;
}

/* The words between a layer's name and its fields; returns those after. */
static char **parse_start(struct layer *l, char **w)
{
	long n;

	switch (l->type) {
	case IP:
		if (!w[0] || !w[1] || strcmp(w[1], ">") || !w[2])
			return NULL;
		l->addr = strchr(w[0], ':') ? 16 : 4;
		if (inet_pton(l->addr == 4 ? AF_INET : AF_INET6, w[0],
			      l->src) != 1 ||
		    inet_pton(l->addr == 4 ? AF_INET : AF_INET6, w[2],
			      l->dst) != 1)
			return NULL;
		return w + 3;
	case TCP:
	case UDP:
	case UDPLITE:
	case SCTP:
	case DCCP:
		if (!parse_number(w[0], &n) || !w[1] || strcmp(w[1], ">"))
			return NULL;
		put(l, SPORT, n);
		if (!parse_number(w[2], &n))
			return NULL;
		put(l, DPORT, n);
		return w + 3;
	case ICMP: {
		char *end;

		if (!w[0])
			return NULL;
		put(l, KIND, strtol(w[0], &end, 0));
		if (*end == '/')
			put(l, CODE, strtol(end + 1, &end, 0));
		return *end ? NULL : w + 1;
	}
	case DATA:
	case CUT:
		if (!parse_number(w[0], &n) || n < 0 || n > PKT_MAX)
			return NULL;
		put(l, COUNT, n);
		return w + 1;
	case TEXT:
	case HEX:
		l->text = w[0];
		return w[0] ? w + 1 : NULL;
	default:
		return w;
	}
}

static const char *parse_layers(char **w, struct layer *layers, int *n_layers)
{
	struct layer *l = NULL;
	size_t i;
	long n;

	*n_layers = 0;
	while (*w) {
		for (i = 0; i < ARRAY_SIZE(types); i++)
			if (!strcmp(*w, types[i].word))
				break;
		if (i < ARRAY_SIZE(types)) {
			const char *name = *w;

			if (*n_layers == LAYERS_MAX)
				return fail("too many layers at", name);
			l = &layers[(*n_layers)++];
			memset(l, 0, sizeof(*l));
			l->type = types[i].type;
			w = parse_start(l, w + 1);
			if (!w)
				return fail("bad words after", name);
			continue;
		}
		if (!l || l->type >= DATA)
			return fail("no header to have a", *w);
		if (!strcmp(*w, "flags")) {
			if (!parse_flags(w[1], &n))
				return fail("no flags", w[1]);
			put(l, FLAGS, n);
			w += 2;
			continue;
		}
		if (!strcmp(*w, "opt")) {
			if (!parse_hex(w[1], l->opt, OPT_MAX, &l->n_opt))
				return fail("bad hex", w[1]);
			w += 2;
			continue;
		}
		for (i = 0; i < ARRAY_SIZE(fields); i++)
			if (!strcmp(*w, fields[i].word))
				break;
		if (i == ARRAY_SIZE(fields))
			return fail("no word", *w);
		if (fields[i].bare) {
			put(l, fields[i].field, 1);
			w++;
		} else if (parse_number(w[1], &n)) {
			put(l, fields[i].field, n);
			w += 2;
		} else {
			return fail("no number", w[1]);
		}
	}
	return *n_layers ? NULL : "no packet";
}

/* --- layers to bytes ------------------------------------------------------ */

static u8 scratch[2 * PKT_MAX];	/* filled from the end */
static u8 *head;

static size_t content(void)
{
	return scratch + sizeof(scratch) - head;
}

static u8 *prepend(size_t len)
{
	if ((size_t)(head - scratch) < len)
		abort();
	head -= len;
	memset(head, 0, len);
	return head;
}

static void put16(u8 *p, unsigned long value)
{
	p[0] = value >> 8;
	p[1] = value;
}

static void put32(u8 *p, unsigned long value)
{
	put16(p, value >> 16);
	put16(p + 2, value);
}

/* The written checksum, or the right one, or that with a bit turned. */
static void put_sum(const struct layer *l, u8 *p, u16 right)
{
	put16(p, get(l, SUM, right ^ (l->has[BADSUM] ? 0x5555 : 0)));
}

static u32 pseudo(const struct layer *ip, u32 len, u8 proto)
{
	return ip ? pkt_sum_pseudo(ip->src, ip->dst, ip->addr, len, proto) : 0;
}

static int proto_of(const struct layer *l, const struct layer *ip)
{
	size_t i;

	switch (l->type) {
	case ICMP:
		return ip && ip->addr == 16 ? 58 : 1;
	case IP:
		return l->addr == 16 ? 41 : 4;
	default:
		for (i = 0; i < ARRAY_SIZE(types); i++)
			if (types[i].type == l->type)
				return types[i].proto;
		return -1;
	}
}

/* The number the header before @next carries. */
static int next_proto(const struct layer *l, const struct layer *next,
		      const struct layer *ip)
{
	int proto = -1;

	while (next && next->type == CUT)
		next = next + 1;
	if (next)
		proto = proto_of(next, ip);
	/* 59: nothing follows; data without a header is experimental, 253. */
	return get(l, PROTO, proto >= 0 ? proto : next ? 253 : 59);
}

static void build_ip(const struct layer *l, const struct layer *next)
{
	size_t payload = content(), hlen;
	u8 *p;

	if (l->addr == 16) {
		p = prepend(40);
		put32(p, (get(l, VERSION, 6) & 15) << 28 |
			 get(l, TOS, 0) << 20);
		put16(p + 4, get(l, LEN, payload));
		p[6] = next_proto(l, next, l);
		p[7] = get(l, TTL, 64);
		memcpy(p + 8, l->src, 16);
		memcpy(p + 24, l->dst, 16);
		return;
	}
	hlen = 20 + (l->n_opt + 3) / 4 * 4;
	p = prepend(hlen);
	p[0] = (get(l, VERSION, 4) & 15) << 4 | (get(l, IHL, hlen / 4) & 15);
	p[1] = get(l, TOS, 0);
	put16(p + 2, get(l, LEN, hlen + payload));
	put16(p + 4, get(l, ID, 0));
	put16(p + 6, get(l, DF, 0) << 14 | get(l, MF, 0) << 13 |
		     (get(l, OFF, 0) / 8 & 0x1fff));
	p[8] = get(l, TTL, 64);
	p[9] = next_proto(l, next, l);
	memcpy(p + 12, l->src, 4);
	memcpy(p + 16, l->dst, 4);
	memcpy(p + 20, l->opt, l->n_opt);
	put_sum(l, p + 10, pkt_sum_fold(pkt_sum(p, hlen, 0)));
}

static void build_extension(const struct layer *l, const struct layer *next,
			    const struct layer *ip)
{
	size_t len;
	u8 *p;

	if (l->type == FRAG) {
		p = prepend(8);
		p[0] = next_proto(l, next, ip);
		put16(p + 2, (get(l, OFF, 0) & ~7L) | get(l, MF, 0));
		put32(p + 4, get(l, ID, 0));
		return;
	}
	if (l->type == AUTH) {
		/* SPI and sequence number, then the check value. */
		len = 12 + (l->n_opt + 7) / 8 * 8 + 4;
		p = prepend(len);
		p[0] = next_proto(l, next, ip);
		p[1] = get(l, LEN, len / 4 - 2);
		put32(p + 4, get(l, ID, 0x100));
		put32(p + 8, get(l, SEQ, 1));
		memcpy(p + 12, l->opt, l->n_opt);
		return;
	}
	len = (2 + (l->type == ROUTING ? 2 : 0) + l->n_opt + 7) / 8 * 8;
	p = prepend(len);
	p[0] = next_proto(l, next, ip);
	p[1] = get(l, LEN, len / 8 - 1);
	if (l->type == ROUTING) {
		p[2] = get(l, KIND, 0);
		p[3] = get(l, LEFT, 0);
		memcpy(p + 4, l->opt, l->n_opt);
	} else if (l->n_opt) {
		memcpy(p + 2, l->opt, l->n_opt);
	} else {
		p[2] = 1;		/* PadN of 6 bytes */
		p[3] = len - 4;
	}
}

static size_t tcp_options(const struct layer *l, u8 *o)
{
	size_t n = 0;

	if (l->has[MSS]) {
		memcpy(o + n, "\2\4", 2);
		put16(o + n + 2, l->f[MSS]);
		n += 4;
	}
	if (l->has[WS]) {
		memcpy(o + n, "\1\3\3", 3);
		o[n + 3] = l->f[WS];
		n += 4;
	}
	if (l->has[SACKOK]) {
		memcpy(o + n, "\1\1\4\2", 4);
		n += 4;
	}
	if (l->has[TSVAL]) {
		memcpy(o + n, "\1\1\10\12", 4);
		put32(o + n + 4, l->f[TSVAL]);
		put32(o + n + 8, get(l, TSECR, 0));
		n += 12;
	}
	if (l->has[SACKL]) {
		memcpy(o + n, "\1\1\5\12", 4);
		put32(o + n + 4, l->f[SACKL]);
		put32(o + n + 8, get(l, SACKR, 0));
		n += 12;
	}
	memcpy(o + n, l->opt, l->n_opt > 40 ? 40 : l->n_opt);
	n += l->n_opt > 40 ? 40 : l->n_opt;
	return (n + 3) / 4 * 4;
}

static void build_tcp(const struct layer *l, const struct layer *ip,
		      unsigned int step)
{
	u8 opt[128] = { 0 };
	size_t n = tcp_options(l, opt);
	u8 *p = prepend(20 + n);

	put16(p, l->f[SPORT] + step);
	put16(p + 2, l->f[DPORT]);
	put32(p + 4, get(l, SEQ, 0));
	put32(p + 8, get(l, ACK, 0));
	p[12] = get(l, DOFF, 5 + n / 4) << 4;
	p[13] = get(l, FLAGS, 2);
	put16(p + 14, get(l, WIN, 65535));
	put16(p + 18, get(l, URG, 0));
	memcpy(p + 20, opt, n);
	put_sum(l, p + 16,
		pkt_sum_fold(pkt_sum(p, content(),
				     pseudo(ip, content(), 6))));
}

static void build_udp(const struct layer *l, const struct layer *ip,
		      unsigned int step)
{
	bool lite = l->type == UDPLITE;
	u8 *p = prepend(8);
	size_t all = content(), cov = all;
	u16 sum;

	put16(p, l->f[SPORT] + step);
	put16(p + 2, l->f[DPORT]);
	put16(p + 4, lite ? get(l, COV, 0) : get(l, LEN, all));
	if (lite && get(l, COV, 0) && (size_t)l->f[COV] < all)
		cov = l->f[COV];
	sum = pkt_sum_fold(pkt_sum(p, cov, pseudo(ip, all, lite ? 136 : 17)));
	put_sum(l, p + 6, sum ? sum : 0xffff);
}

/* One chunk, INIT unless written: the content is its value. INIT and INIT ACK
 * have their fixed fields in front of that.
 */
static void build_sctp(const struct layer *l, unsigned int step)
{
	long kind = get(l, KIND, 1);
	bool init = kind == 1 || kind == 2;
	u32 crc;
	u8 *p;

	if (init) {
		p = prepend(16);
		put32(p, get(l, INIT, 1));
		put32(p + 4, 65536);		/* window */
		put16(p + 8, 1);		/* streams */
		put16(p + 10, 1);
	}
	p = prepend(16);
	put16(p, l->f[SPORT] + step);
	put16(p + 2, l->f[DPORT]);
	put32(p + 4, get(l, TAG, 0));
	p[12] = kind;
	p[13] = get(l, FLAGS, 0);
	put16(p + 14, get(l, LEN, content() - 12));
	crc = crc32c(p, content()) ^ (l->has[BADSUM] ? 0x5555 : 0);
	/* The one checksum on the wire that is little endian. */
	p[8] = crc;
	p[9] = crc >> 8;
	p[10] = crc >> 16;
	p[11] = crc >> 24;
}

/* A request (or the type written) with 48-bit sequence numbers. */
static void build_dccp(const struct layer *l, const struct layer *ip,
		       unsigned int step)
{
	long kind = get(l, KIND, 0);
	u8 *p = prepend(kind == 0 ? 20 : 24);

	put16(p, l->f[SPORT] + step);
	put16(p + 2, l->f[DPORT]);
	p[4] = kind == 0 ? 5 : 6;
	p[8] = kind << 1 | 1;
	put32(p + 12, get(l, SEQ, 1));
	if (kind == 0)
		put32(p + 16, 42);
	else
		put32(p + 20, get(l, ACK, 0));
	put_sum(l, p + 6,
		pkt_sum_fold(pkt_sum(p, content(),
				     pseudo(ip, content(), 33))));
}

static void build_icmp(const struct layer *l, const struct layer *ip,
		       unsigned int step)
{
	u8 *p = prepend(8);
	bool v6 = ip && ip->addr == 16;

	p[0] = l->f[KIND];
	p[1] = get(l, CODE, 0);
	if (l->has[ID] || l->has[SEQ]) {
		put16(p + 4, get(l, ID, 0) + step);
		put16(p + 6, get(l, SEQ, 0));
	} else if (l->has[MTU] && v6) {
		put32(p + 4, l->f[MTU]);
	} else if (l->has[MTU]) {
		put16(p + 6, l->f[MTU]);
	}
	put_sum(l, p + 2,
		pkt_sum_fold(pkt_sum(p, content(),
				     v6 ? pseudo(ip, content(), 58) : 0)));
}

static const char *build_hex(const struct layer *l)
{
	static u8 bytes[PKT_MAX];
	size_t n;

	if (!parse_hex(l->text, bytes, sizeof(bytes), &n))
		return fail("bad hex", l->text);
	memcpy(prepend(n), bytes, n);
	return NULL;
}

const char *pkt_build(char **words, unsigned int step, struct pkt *pkt)
{
	struct layer layers[LAYERS_MAX];
	const char *err;
	int n, i, j;

	err = parse_layers(words, layers, &n);
	if (err)
		return err;
	head = scratch + sizeof(scratch);
	for (i = n - 1; i >= 0; i--) {
		const struct layer *l = &layers[i], *ip = NULL;
		const struct layer *next = i + 1 < n ? l + 1 : NULL;
		unsigned int add = step;
		u8 *p;

		if (content() > PKT_MAX - 512)
			return "too long a packet";
		for (j = i - 1; j >= 0; j--) {
			if (layers[j].type == IP && !ip)
				ip = &layers[j];
			if (layers[j].type == ICMP)
				add = 0;	/* quoted */
		}
		switch (l->type) {
		case IP:
			build_ip(l, next);
			break;
		case TCP:
			build_tcp(l, ip, add);
			break;
		case UDP:
		case UDPLITE:
			build_udp(l, ip, add);
			break;
		case SCTP:
			build_sctp(l, add);
			break;
		case DCCP:
			build_dccp(l, ip, add);
			break;
		case ICMP:
			build_icmp(l, ip, add);
			break;
		case DATA:
			p = prepend(l->f[COUNT]);
			for (j = 0; j < l->f[COUNT]; j++)
				p[j] = 'a' + j % 26;
			break;
		case TEXT:
			memcpy(prepend(strlen(l->text)), l->text,
			       strlen(l->text));
			break;
		case HEX:
			err = build_hex(l);
			if (err)
				return err;
			break;
		case CUT:
			if (content() > (size_t)l->f[COUNT]) {
				size_t len = l->f[COUNT];

				memmove(scratch + sizeof(scratch) - len, head,
					len);
				head = scratch + sizeof(scratch) - len;
			}
			break;
		default:
			build_extension(l, next, ip);
		}
	}
	pkt->len = content();
	memcpy(pkt->data, head, pkt->len);

	/* What a fragment repeats: IPv6 up to hop-by-hop and routing. */
	i = layers[0].type == CUT;
	if (i == n || layers[i].type != IP)
		return "a packet starts with ip";
	pkt->family = layers[i].addr == 4 ? AF_INET : AF_INET6;
	pkt->id = get(&layers[i], ID, 0);
	pkt->dst = pkt->family == AF_INET ? 16 : 24;
	pkt->next = pkt->family == AF_INET ? 9 : 6;
	pkt->fixed = pkt->family == AF_INET ? (pkt->data[0] & 15) * 4 : 40;
	for (i++; i < n && (layers[i].type == HOP || layers[i].type == ROUTING);
	     i++) {
		pkt->next = pkt->fixed;
		pkt->fixed += (pkt->data[pkt->fixed + 1] + 1) * 8;
	}
	return NULL;
}
