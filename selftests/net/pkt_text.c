// SPDX-License-Identifier: GPL-2.0
/*
 * A packet to words, in the vocabulary of pkt_build.c and in a fixed order,
 * so that a test can match it with a shell pattern.
 */
#include <arpa/inet.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "pkt.h"

struct out {
	char *text;
	size_t size;
	size_t len;
};

static __printf(2, 3) void add(struct out *o, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(o->text + o->len, o->size - o->len, fmt, ap);
	va_end(ap);
	o->len += n;
	if (o->len >= o->size)
		o->len = o->size - 1;
}

static unsigned int get16(const u8 *p)
{
	return p[0] << 8 | p[1];
}

static unsigned int get32(const u8 *p)
{
	return (unsigned int)get16(p) << 16 | get16(p + 2);
}

/* The addresses of the innermost IP header so far. */
struct ends {
	const u8 *src, *dst;
	size_t size;
};

static void text_ip(struct out *o, const u8 *p, size_t len, bool checked);

static void check(struct out *o, const u8 *p, size_t len, u8 proto,
		  const struct ends *ends)
{
	u32 sum = 0;

	if (proto != IPPROTO_ICMP)
		sum = pkt_sum_pseudo(ends->src, ends->dst, ends->size, len,
				     proto);
	if (pkt_sum_fold(pkt_sum(p, len, sum)))
		add(o, " badsum");
}

static void text_icmp(struct out *o, const u8 *p, size_t len,
		      u8 proto)
{
	bool v6 = proto == IPPROTO_ICMPV6;
	bool quotes = v6 ? p[0] < 128 : p[0] == 3 || p[0] == 4 || p[0] == 5 ||
					p[0] == 11 || p[0] == 12;

	add(o, " icmp %u/%u", p[0], p[1]);
	if (!quotes) {
		add(o, " id %u seq %u data %zu", get16(p + 4), get16(p + 6),
		    len - 8);
		return;
	}
	if (v6 && p[0] == 2)
		add(o, " mtu %u", get32(p + 4));
	if (!v6 && p[0] == 3 && p[1] == 4)
		add(o, " mtu %u", get16(p + 6));
	add(o, " ");
	/* What is quoted is cut, so its checksum says nothing. */
	text_ip(o, p + 8, len - 8, false);
}

static void text_transport(struct out *o, const u8 *p, size_t len,
			   u8 proto, const struct ends *ends, bool checked)
{
	static const char letters[] = "FSRPAUEC";
	char flags[9] = "", *f = flags;
	size_t hlen;
	int i;

	switch (proto) {
	case IPPROTO_TCP:
		if (len < 4)
			break;
		add(o, " tcp %u > %u", get16(p), get16(p + 2));
		if (len < 20)
			return;
		for (i = 0; i < 8; i++)
			if (p[13] & 1 << i)
				*f++ = letters[i];
		*f = '\0';
		hlen = (p[12] >> 4) * 4;
		add(o, " flags %s seq %u ack %u win %u data %zu",
		    *flags ? flags : "none", get32(p + 4), get32(p + 8),
		    get16(p + 14), hlen <= len ? len - hlen : 0);
		break;
	case IPPROTO_UDP:
	case IPPROTO_UDPLITE:
		if (len < 8)
			break;
		add(o, " %s %u > %u data %zu",
		    proto == IPPROTO_UDP ? "udp" : "udplite", get16(p),
		    get16(p + 2), len - 8);
		/* 0 says none was made */
		checked = checked && proto == IPPROTO_UDP && get16(p + 6);
		break;
	case IPPROTO_SCTP:
	case 33:
		if (len < 4)
			break;
		add(o, " %s %u > %u", proto == IPPROTO_SCTP ? "sctp" : "dccp",
		    get16(p), get16(p + 2));
		if (proto == IPPROTO_SCTP && len >= 16)
			add(o, " kind %u tag %u", p[12], get32(p + 4));
		add(o, " data %zu", len);
		checked = false;
		break;
	case IPPROTO_ICMP:
	case IPPROTO_ICMPV6:
		if (len < 8)
			break;
		text_icmp(o, p, len, proto);
		break;
	default:
		add(o, " proto %u data %zu", proto, len);
		checked = false;
	}
	if (checked)
		check(o, p, len, proto, ends);
}

static void text_ip6(struct out *o, const u8 *p, size_t len, bool checked)
{
	struct ends ends = { p + 8, p + 24, 16 };
	char src[INET6_ADDRSTRLEN], dst[INET6_ADDRSTRLEN];
	u8 next = p[6];

	inet_ntop(AF_INET6, p + 8, src, sizeof(src));
	inet_ntop(AF_INET6, p + 24, dst, sizeof(dst));
	add(o, "ip %s > %s ttl %u", src, dst, p[7]);
	p += 40;
	len -= 40;
	for (;;) {
		size_t step;

		if (len < 8)
			break;
		step = (p[1] + 1) * 8;
		if (next == 0) {
			add(o, " hop");
		} else if (next == 60) {
			add(o, " dstopts");
		} else if (next == 43) {
			add(o, " routing");
			checked = false;	/* the last hop is elsewhere */
		} else if (next == 51) {
			step = (p[1] + 2) * 4;
			add(o, " auth");
		} else if (next == 44) {
			step = 8;
			add(o, " frag off %u%s", get16(p + 2) & ~7,
			    p[3] & 1 ? " mf" : "");
			checked = false;
			if (get16(p + 2) & ~7) {
				add(o, " data %zu", len - 8);
				return;
			}
		} else {
			break;
		}
		if (step > len)
			return;
		next = p[0];
		p += step;
		len -= step;
	}
	text_transport(o, p, len, next, &ends, checked);
}

static void text_ip(struct out *o, const u8 *p, size_t len, bool checked)
{
	struct ends ends = { p + 12, p + 16, 4 };
	char src[INET_ADDRSTRLEN], dst[INET_ADDRSTRLEN];
	unsigned int off;
	size_t hlen;

	if (len >= 40 && p[0] >> 4 == 6) {
		text_ip6(o, p, len, checked);
		return;
	}
	if (len < 20 || p[0] >> 4 != 4) {
		add(o, "data %zu", len);
		return;
	}
	hlen = (p[0] & 15) * 4;
	off = get16(p + 6);
	inet_ntop(AF_INET, p + 12, src, sizeof(src));
	inet_ntop(AF_INET, p + 16, dst, sizeof(dst));
	add(o, "ip %s > %s ttl %u", src, dst, p[8]);
	/* Padding of the link. */
	if (get16(p + 2) >= hlen && get16(p + 2) < len)
		len = get16(p + 2);
	if (hlen > len)
		return;
	if (off & 0x3fff) {
		add(o, " off %u%s", (off & 0x1fff) * 8,
		    off & 0x2000 ? " mf" : "");
		checked = false;
	}
	if (off & 0x1fff)
		add(o, " data %zu", len - hlen);
	else
		text_transport(o, p + hlen, len - hlen, p[9], &ends, checked);
}

void pkt_text(const u8 *data, size_t len, bool checked, char *text,
	      size_t size)
{
	struct out o = { text, size, 0 };

	*text = '\0';
	text_ip(&o, data, len, checked);
}
