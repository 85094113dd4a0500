// SPDX-License-Identifier: GPL-2.0
/*
 * Sets of packets for people: see space_text.h.
 */
#include <stdio.h>
#include <stdlib.h>

#include "names.h"
#include "out.h"
#include "print.h"
#include "space_text.h"
#include "xalloc.h"

/* Elements of a set that are written out. */
#define ELEMS_MAX	8

static bool has(const struct space *space, u32 set, u64 value)
{
	struct sfw_addr a = { 0, value };

	return ranges_has(space->ranges, set, &a);
}

static struct sfw_addr lowest(const struct space *space, u32 set)
{
	const struct range *r;
	size_t n;

	r = ranges_get(space->ranges, set, &n);
	return n ? r[0].lo : (struct sfw_addr){ 0, 0 };
}

static u8 pick_protocol(const struct space *space, const struct box *box)
{
	const u8 usual[] = {
		IPPROTO_TCP, IPPROTO_UDP,
		box->family == AF_INET ? IPPROTO_ICMP : IPPROTO_ICMPV6,
	};
	u32 set = box->set[SPACE_PROTOCOL];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(usual); i++)
		if (has(space, set, usual[i]))
			return usual[i];
	return lowest(space, set).lo;
}

/* RFC 5737, RFC 3849, and one that everybody knows; not other, if possible. */
static struct sfw_addr pick_addr(const struct space *space, u8 family, u32 set,
				 bool local, const struct sfw_addr *other)
{
	static const struct sfw_addr v4[] = {
		{ 0, 0xc0000201 }, { 0, 0xcb007109 }, { 0, 0xc6336409 },
		{ 0, 0x08080808 }, { 0, 0x0a000001 },
	};
	static const struct sfw_addr v6[] = {
		{ 0x20010db800010000ULL, 1 }, { 0x20010db800020000ULL, 9 },
		{ 0x20010db800030000ULL, 9 }, { 0x2a00000000000000ULL, 8 },
	};
	const struct sfw_addr *usual = family == AF_INET ? v4 : v6;
	size_t i, n = family == AF_INET ? ARRAY_SIZE(v4) : ARRAY_SIZE(v6);
	const struct range *r;
	struct sfw_addr addr;

	for (i = local ? 0 : 1; i < n; i++)
		if (ranges_has(space->ranges, set, &usual[i]) &&
		    (!other || sfw_addr_cmp(&usual[i], other)))
			return usual[i];
	/* The first address of a network is its name. */
	r = ranges_get(space->ranges, set, &n);
	addr = r[0].lo;
	if (!(r[0].lo.lo & 3) && r[0].hi.lo > r[0].lo.lo)
		addr.lo++;
	if (other && !sfw_addr_cmp(&addr, other) && r[0].hi.lo > addr.lo)
		addr.lo++;
	return addr;
}

static u16 pick_service(const struct space *space, u32 set)
{
	static const u16 usual[] = { 443, 80, 22, 53 };
	size_t i, n;

	/* The lowest of those that are named, unless it is a wide range. */
	if (ranges_size(space->ranges, set) > 100)
		for (i = 0; i < ARRAY_SIZE(usual); i++)
			if (has(space, set, usual[i]))
				return usual[i];
	if (!lowest(space, set).hi && !lowest(space, set).lo) {
		const struct range *r = ranges_get(space->ranges, set, &n);

		if (r[0].hi.lo)
			return 1;
	}
	return lowest(space, set).lo;
}

static u8 pick_flags(const struct space *space, u32 set)
{
	static const u8 usual[] = {
		SFW_TCP_SYN, SFW_TCP_ACK, SFW_TCP_SYN | SFW_TCP_ACK,
		SFW_TCP_RST, SFW_TCP_FIN | SFW_TCP_ACK,
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(usual); i++)
		if (has(space, set, usual[i]))
			return usual[i];
	return lowest(space, set).lo;
}

static void pick_ifname(const struct space *space, const struct box *box,
			struct packet_text *w)
{
	u32 set = box->set[SPACE_IFACE];
	u32 class;

	if (set == space->full[0][SPACE_IFACE])
		return;
	for (class = 0; class <= space->n_iface; class++) {
		if (!has(space, set, class))
			continue;
		space_ifname(space, class, w->ifname);
		if (*w->ifname)
			break;
	}
	w->pkt.ifname = w->ifname;
}

void witness_of(const struct space *space, const struct box *box, u8 direction,
		struct packet_text *w)
{
	bool in = direction == SFW_DIRECTION_IN;
	struct sfw_packet *pkt = &w->pkt;
	u8 protocol, echo;

	memset(w, 0, sizeof(*w));
	protocol = pick_protocol(space, box);
	pkt->family = box->family;
	pkt->direction = direction;
	pkt->protocol = protocol;
	pkt->src = pick_addr(space, box->family, box->set[SPACE_SRC], !in,
			     NULL);
	pkt->dst = pick_addr(space, box->family, box->set[SPACE_DST], in,
			     &pkt->src);
	pick_ifname(space, box, w);
	if (sfw_packet_has_ports(protocol)) {
		pkt->has_ports = true;
		pkt->sport = box->set[SPACE_SPORT] ==
			     space->full[0][SPACE_SPORT] ?
			     PACKET_PORT_USUAL :
			     lowest(space, box->set[SPACE_SPORT]).lo;
		pkt->dport = pick_service(space, box->set[SPACE_DPORT]);
		if (protocol == IPPROTO_TCP)
			pkt->tcp.flags = pick_flags(space,
						    box->set[SPACE_FLAGS]);
		return;
	}
	if (protocol != IPPROTO_ICMP && protocol != IPPROTO_ICMPV6)
		return;
	echo = protocol == IPPROTO_ICMP ? 8 : 128;
	pkt->icmp_type = has(space, box->set[SPACE_SPORT], echo << 8) ? echo :
			 lowest(space, box->set[SPACE_SPORT]).lo >> 8;
	pkt->icmp_code = lowest(space, box->set[SPACE_DPORT]).lo >> 8;
}

static FILE *open_text(char **text, size_t *size)
{
	FILE *out = open_memstream(text, size);

	if (!out)
		xalloc_fail();
	return out;
}

static void close_text(FILE *out)
{
	if (fclose(out))
		xalloc_fail();
}

char *space_witness(const struct space *space, const struct box *box,
		    u8 direction)
{
	struct packet_text w;

	witness_of(space, box, direction, &w);
	return packet_text_print(&w.pkt, out.numeric);
}

/* The prefix length if the range is a network, else -1. */
static int prefix_of(u8 family, const struct range *r)
{
	struct sfw_addr diff = { r->lo.hi ^ r->hi.hi, r->lo.lo ^ r->hi.lo };
	int bits = 0, width = family == AF_INET ? 32 : 128;
	struct sfw_addr mask;

	if (diff.hi)
		bits = 128 - __builtin_clzll(diff.hi);
	else if (diff.lo)
		bits = 64 - __builtin_clzll(diff.lo);
	mask.hi = bits <= 64 ? 0 : bits == 128 ? ~0ULL :
					       (1ULL << (bits - 64)) - 1;
	mask.lo = bits >= 64 ? ~0ULL : (1ULL << bits) - 1;
	if (diff.hi != mask.hi || diff.lo != mask.lo ||
	    (r->lo.hi & mask.hi) || (r->lo.lo & mask.lo))
		return -1;
	return width - bits;
}

static void add_addrs(const struct space *space, struct sfw_list *list,
		      u8 family, u32 set)
{
	const struct range *r;
	size_t i, n;
	int len, ret;

	r = ranges_get(space->ranges, set, &n);
	for (i = 0; i < n; i++) {
		len = prefix_of(family, &r[i]);
		if (len >= 0 && sfw_addr_cmp(&r[i].lo, &r[i].hi))
			ret = sfw_list_add_prefix(list, family, &r[i].lo, len);
		else
			ret = sfw_list_add_range(list, family, &r[i].lo,
						 &r[i].hi);
		if (ret)
			xalloc_fail();
	}
}

static struct sfw_list *compiled(struct sfw_list *list)
{
	if (sfw_list_compile(list))
		xalloc_fail();
	return list;
}

static struct sfw_list *new_list(void)
{
	struct sfw_list *list = sfw_list_new(NULL);

	if (!list)
		xalloc_fail();
	return list;
}

static size_t count(const struct space *space, u32 set)
{
	size_t n;

	ranges_get(space->ranges, set, &n);
	return n;
}

struct sfw_list *space_addr_list(const struct space *space, u32 v4, u32 v6,
				 size_t max)
{
	struct sfw_list *list;

	if (count(space, v4) + count(space, v6) > max)
		return NULL;
	list = new_list();
	add_addrs(space, list, AF_INET, v4);
	add_addrs(space, list, AF_INET6, v6);
	return compiled(list);
}

struct sfw_list *space_port_list(const struct space *space, u32 set,
				 size_t max)
{
	const struct range *r;
	struct sfw_list *list;
	size_t i, n;

	r = ranges_get(space->ranges, set, &n);
	if (n > max)
		return NULL;
	list = new_list();
	for (i = 0; i < n; i++)
		if (sfw_list_add_port(list, r[i].lo.lo, r[i].hi.lo))
			xalloc_fail();
	return compiled(list);
}

/* The elements, the first few of them if there are many. */
static void print_list(FILE *out, struct sfw_list *list)
{
	char buf[100];
	u32 i;

	if (list->n_elem != 1)
		fputs("{ ", out);
	for (i = 0; i < list->n_elem && i < ELEMS_MAX; i++) {
		print_elem(buf, sizeof(buf), &list->elem[i]);
		fprintf(out, "%s%s", i ? ", " : "", buf);
	}
	if (i < list->n_elem)
		fprintf(out, ", and %u more", list->n_elem - i);
	if (list->n_elem != 1)
		fputs(" }", out);
	sfw_list_put(list);
}

static void print_numbers(FILE *out, const struct space *space, u32 set)
{
	const struct range *r;
	size_t i, n;

	r = ranges_get(space->ranges, set, &n);
	for (i = 0; i < n && i < ELEMS_MAX; i++) {
		fprintf(out, "%s%llu", i ? ", " : "",
			(unsigned long long)r[i].lo.lo);
		if (r[i].lo.lo != r[i].hi.lo)
			fprintf(out, "-%llu", (unsigned long long)r[i].hi.lo);
	}
	if (i < n)
		fprintf(out, ", and %zu more", n - i);
}

char *space_ports_text(const struct space *space, u32 set)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_text(&text, &size);

	print_numbers(out, space, set);
	close_text(out);
	return text;
}

static void print_protocols(FILE *out, struct space *space, u32 set)
{
	u32 full = space->full[0][SPACE_PROTOCOL], protocol;
	bool but = ranges_size(space->ranges, set) > 128;
	const char *comma = "";
	char buf[8];

	if (set == full || but)
		fputs(set == full ? "any" : "any but ", out);
	if (set == full)
		return;
	for (protocol = 0; protocol < 256; protocol++) {
		if (has(space, set, protocol) == but)
			continue;
		fprintf(out, "%s%s", comma,
			print_protocol(buf, sizeof(buf), protocol, false));
		comma = ", ";
	}
}

static void print_ifaces(FILE *out, const struct space *space, u32 set)
{
	const char *comma = "";
	u32 class;
	bool but = has(space, set, 0);

	if (but)
		fputs("any but ", out);
	for (class = 1; class <= space->n_iface; class++) {
		const struct space_iface *iface = &space->iface[class - 1];

		if (has(space, set, class) == but)
			continue;
		fprintf(out, "%s%s%s", comma, iface->name,
			iface->wildcard ? "*" : "");
		comma = ", ";
	}
}

static void print_flags(FILE *out, const struct space *space, u32 set)
{
	char buf[64];

	names_tcp_flags(buf, sizeof(buf), pick_flags(space, set));
	fputs(buf, out);
	if (count(space, set) > 1 || ranges_size(space->ranges, set) > 1)
		fprintf(out, " and %.0Lf more combinations",
			ranges_size(space->ranges, set) - 1);
}

/* Addresses or ports, or what they are not if that is shorter. */
static void print_set(FILE *out, struct space *space, const struct box *box,
		      enum space_dim dim)
{
	u32 full = space->full[SPACE_V6(box->family)][dim];
	u32 set = box->set[dim];
	u32 others = ranges_without(space->ranges, full, set);
	bool ports = dim == SPACE_SPORT || dim == SPACE_DPORT;

	if (count(space, others) < count(space, set)) {
		fputc('!', out);
		set = others;
	}
	if (ports)
		print_list(out, space_port_list(space, set, SIZE_MAX));
	else if (box->family == AF_INET)
		print_list(out, space_addr_list(space, set, 0, SIZE_MAX));
	else
		print_list(out, space_addr_list(space, 0, set, SIZE_MAX));
}

static bool is_icmp(const struct space *space, const struct box *box)
{
	return box->set[SPACE_PROTOCOL] != space->full[0][SPACE_PROTOCOL] &&
	       has(space, box->set[SPACE_PROTOCOL],
		   box->family == AF_INET ? IPPROTO_ICMP : IPPROTO_ICMPV6);
}

/* Types or codes of ICMP. */
static void print_octets(FILE *out, const char *comma, const struct range *r)
{
	unsigned int lo = r->lo.lo >> 8, hi = r->hi.lo >> 8;

	fprintf(out, "%s%u", comma, lo);
	if (lo != hi)
		fprintf(out, "-%u", hi);
}

char *space_dim_text(struct space *space, const struct box *box,
		     enum space_dim dim)
{
	char buf[64], *text = NULL;
	size_t size;
	FILE *out;

	if (box->set[dim] == space->full[SPACE_V6(box->family)][dim])
		return NULL;
	out = open_text(&text, &size);
	switch (dim) {
	case SPACE_PROTOCOL:
		print_protocols(out, space, box->set[dim]);
		break;
	case SPACE_IFACE:
		print_ifaces(out, space, box->set[dim]);
		break;
	case SPACE_FLAGS:
		print_flags(out, space, box->set[dim]);
		break;
	case SPACE_SPORT:
	case SPACE_DPORT:
		if (is_icmp(space, box)) {
			u64 value = lowest(space, box->set[dim]).lo >> 8;

			if (dim == SPACE_SPORT &&
			    ranges_size(space->ranges, box->set[dim]) == 256) {
				u8 p = box->family == AF_INET ?
				       IPPROTO_ICMP : IPPROTO_ICMPV6;

				fputs(print_icmp(buf, sizeof(buf), p, value, -1,
						 false), out);
			} else {
				const struct range *r;
				size_t i, n;

				r = ranges_get(space->ranges, box->set[dim],
					       &n);
				for (i = 0; i < n; i++)
					print_octets(out, i ? ", " : "", &r[i]);
			}
			break;
		}
		fallthrough;
	default:
		print_set(out, space, box, dim);
	}
	close_text(out);
	return text;
}

static void append(FILE *out, struct space *space, const struct box *box,
		   const char *word, enum space_dim dim)
{
	char *text = space_dim_text(space, box, dim);

	if (text)
		fprintf(out, " %s%s%s", word, *word ? " " : "", text);
	free(text);
}

char *space_text(struct space *space, const struct box *box)
{
	const u32 *full = space->full[SPACE_V6(box->family)];
	const u32 *set = box->set;
	bool src = set[SPACE_SRC] != full[SPACE_SRC];
	bool dst = set[SPACE_DST] != full[SPACE_DST];
	bool icmp = is_icmp(space, box);
	char *text = NULL;
	size_t size;
	FILE *out = open_text(&text, &size);

	print_protocols(out, space, set[SPACE_PROTOCOL]);
	if (!src && !dst && !icmp)
		fputs(box->family == AF_INET ? " over IPv4" : " over IPv6",
		      out);
	if (src || (!icmp && set[SPACE_SPORT] != full[SPACE_SPORT]))
		fputs(" from", out);
	append(out, space, box, "", SPACE_SRC);
	if (!icmp)
		append(out, space, box, "port", SPACE_SPORT);
	if (dst || (!icmp && set[SPACE_DPORT] != full[SPACE_DPORT]))
		fputs(" to", out);
	append(out, space, box, "", SPACE_DST);
	if (!icmp)
		append(out, space, box, "port", SPACE_DPORT);
	append(out, space, box, "on", SPACE_IFACE);
	if (icmp) {
		append(out, space, box, "type", SPACE_SPORT);
		append(out, space, box, "code", SPACE_DPORT);
	}
	append(out, space, box, "flags", SPACE_FLAGS);
	close_text(out);
	return text;
}
