// SPDX-License-Identifier: GPL-2.0
/*
 * Which packets have the same key, and what tells their direction.
 *
 * Every pair of packets out of a small world is compared with the plain
 * definition: two packets belong to one connection if one is the other, or the
 * other turned round. A turned query is its reply.
 */
#include <tuple.h>
#include "tap.h"

#define WORLD	2000

struct key {
	union {
		struct sfw_key4 v4;
		struct sfw_key6 v6;
		u8 byte[sizeof(struct sfw_key6)];
	};
	bool swapped;
};

/* On top of two kinds of rubbish: nothing of it may stay in the key. */
static struct key key_of(const struct sfw_packet *pkt, u8 rubbish)
{
	struct key key;

	memset(&key, 0, sizeof(key));
	if (pkt->family == AF_INET) {
		memset(&key.v4, rubbish, sizeof(key.v4));
		key.swapped = sfw_tuple_key4(&key.v4, pkt);
	} else {
		memset(&key.v6, rubbish, sizeof(key.v6));
		key.swapped = sfw_tuple_key6(&key.v6, pkt);
	}
	return key;
}

static bool same_key(const struct sfw_packet *a, const struct sfw_packet *b)
{
	struct key ka = key_of(a, 0x00), kb = key_of(b, 0xff);

	return a->family == b->family &&
	       !memcmp(ka.byte, kb.byte, sizeof(ka.byte));
}

static bool same_way(const struct sfw_packet *a, const struct sfw_packet *b)
{
	return key_of(a, 0).swapped == key_of(b, 0).swapped;
}

static bool is_icmp(const struct sfw_packet *pkt)
{
	return pkt->protocol == (pkt->family == AF_INET ? IPPROTO_ICMP :
							  IPPROTO_ICMPV6);
}

static void set_icmp(struct sfw_packet *pkt, u8 type)
{
	pkt->icmp_type = type;
	pkt->icmp_class = sfw_icmp_class(pkt->protocol, type);
}

static u8 turned_type(u8 type)
{
	static const u8 pairs[][2] = {
		{ 8, 0 }, { 13, 14 }, { 15, 16 }, { 17, 18 }, { 128, 129 },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(pairs); i++) {
		if (type == pairs[i][0])
			return pairs[i][1];
		if (type == pairs[i][1])
			return pairs[i][0];
	}
	return type;
}

static struct sfw_packet turned(const struct sfw_packet *pkt)
{
	struct sfw_packet t = *pkt;

	t.src = pkt->dst;
	t.dst = pkt->src;
	t.sport = pkt->dport;
	t.dport = pkt->sport;
	if (is_icmp(pkt))
		set_icmp(&t, turned_type(pkt->icmp_type));
	return t;
}

/* The same as far as connections go. */
static bool alike(const struct sfw_packet *a, const struct sfw_packet *b)
{
	if (a->family != b->family || a->protocol != b->protocol ||
	    sfw_addr_cmp(&a->src, &b->src) || sfw_addr_cmp(&a->dst, &b->dst))
		return false;
	if (a->has_ports)
		return a->sport == b->sport && a->dport == b->dport;
	if (is_icmp(a))
		return a->icmp_type == b->icmp_type && a->icmp_id == b->icmp_id;
	return true;
}

/* What has no say in the key. */
static void add_noise(struct sfw_packet *pkt)
{
	pkt->ifname = rnd_once_in(2) ? "eth0" : NULL;
	pkt->ifindex = rnd();
	pkt->len = rnd();
	pkt->direction = rnd_below(2);
	pkt->icmp_code = rnd();
	pkt->tcp.flags = rnd();
	pkt->tcp.seq = rnd();
	if (!pkt->has_ports) {
		pkt->sport = rnd();
		pkt->dport = rnd();
	}
	if (!is_icmp(pkt)) {
		pkt->icmp_type = rnd();
		pkt->icmp_id = rnd();
	}
}

static struct sfw_packet world[WORLD];
static int people;

static void settle(struct sfw_packet pkt)
{
	add_noise(&pkt);
	world[people++] = pkt;
}

static void settle_icmp(struct sfw_packet pkt)
{
	static const u8 types4[] = { 8, 0, 13, 14, 15, 16, 17, 18 };
	static const u8 types6[] = { 128, 129 };
	bool v4 = pkt.family == AF_INET;
	size_t n = v4 ? ARRAY_SIZE(types4) : ARRAY_SIZE(types6);
	size_t i;

	pkt.protocol = v4 ? IPPROTO_ICMP : IPPROTO_ICMPV6;
	for (i = 0; i < 2 * n; i++) {
		pkt.icmp_id = i < n ? 1 : 0x100;
		set_icmp(&pkt, v4 ? types4[i % n] : types6[i % n]);
		settle(pkt);
	}
}

static void settle_between(u8 family, struct sfw_addr src, struct sfw_addr dst)
{
	static const u8 with_ports[] = { 6, 17, 33, 132, 136 };
	static const u8 without[] = { 0, 2, 47, 50, 51, 255 };
	static const u16 ports[] = { 1, 0x100 };
	struct sfw_packet pkt = {
		.family = family, .src = src, .dst = dst, .has_ports = true,
	};
	size_t i, p;

	for (i = 0; i < ARRAY_SIZE(with_ports); i++) {
		pkt.protocol = with_ports[i];
		for (p = 0; p < 4; p++) {
			pkt.sport = ports[p & 1];
			pkt.dport = ports[p >> 1];
			settle(pkt);
		}
	}
	pkt.has_ports = false;
	for (i = 0; i < ARRAY_SIZE(without); i++) {
		pkt.protocol = without[i];
		settle(pkt);
	}
	settle_icmp(pkt);
}

/* Addresses that differ in one half only, and whose order depends on it. */
static void settle_world(void)
{
	static const struct sfw_addr a4[] = {
		{ 0, 1 }, { 0, 0x01000000 }, { 0, 0xffffffff },
	};
	static const struct sfw_addr a6[] = {
		{ 1, 2 }, { 2, 1 }, { 1, 1ULL << 32 }, { 1ULL << 63, 2 },
	};
	size_t i, j;

	for (i = 0; i < ARRAY_SIZE(a4); i++)
		for (j = 0; j < ARRAY_SIZE(a4); j++)
			settle_between(AF_INET, a4[i], a4[j]);
	for (i = 0; i < ARRAY_SIZE(a6); i++)
		for (j = 0; j < ARRAY_SIZE(a6); j++)
			settle_between(AF_INET6, a6[i], a6[j]);
}

static void show(const struct sfw_packet *pkt)
{
	printf("# family %u protocol %u %llx:%llx %u > %llx:%llx %u type %u id %u\n",
	       pkt->family, pkt->protocol, (unsigned long long)pkt->src.hi,
	       (unsigned long long)pkt->src.lo, pkt->sport,
	       (unsigned long long)pkt->dst.hi, (unsigned long long)pkt->dst.lo,
	       pkt->dport, pkt->icmp_type, pkt->icmp_id);
}

static void test_pairs(void)
{
	unsigned int split = 0, merged = 0, way = 0;
	int i, j;

	for (i = 0; i < people; i++) {
		for (j = 0; j < people; j++) {
			const struct sfw_packet *a = &world[i], *b = &world[j];
			struct sfw_packet t = turned(b);
			bool forth = alike(a, b), back = alike(a, &t);
			bool same = same_key(a, b);
			unsigned int *count = NULL;

			if (!same && (forth || back))
				count = &split;
			else if (same && !forth && !back)
				count = &merged;
			else if (same && forth != back && same_way(a, b) != forth)
				count = &way;
			if (!count || (*count)++ > 2)
				continue;
			show(a);
			show(b);
		}
	}
	printf("# %d packets, each with each\n", people);
	ok(!split, "packets of one connection have one key (%u do not)", split);
	ok(!merged, "packets of two connections have two keys (%u do not)",
	   merged);
	ok(!way, "request and reply are told apart (%u are not)", way);
}

/* Two hosts that ping each other, and one that pings itself. */
static bool test_pings(u8 family)
{
	struct sfw_packet ping = {
		.family = family,
		.protocol = family == AF_INET ? IPPROTO_ICMP : IPPROTO_ICMPV6,
		.src = { 0, 1 }, .dst = { 0, 2 }, .icmp_id = 7,
	};
	struct sfw_packet pong, other, reply;

	set_icmp(&ping, family == AF_INET ? 8 : 128);
	pong = turned(&ping);
	other = ping;
	other.src = ping.dst;
	other.dst = ping.src;
	reply = turned(&other);
	if (!same_key(&ping, &pong) || !same_key(&other, &reply) ||
	    same_key(&ping, &other) || same_key(&ping, &reply) ||
	    same_way(&ping, &pong) || same_way(&other, &reply))
		return false;

	ping.dst = ping.src;
	pong = turned(&ping);
	return same_key(&ping, &pong) && !same_way(&ping, &pong);
}

/* Bits of a packet: addresses, then what tells connections apart, protocol. */
#define ADDR_BITS	256
#define BITS		(ADDR_BITS + 32 + 8)

static bool flip_addr(struct sfw_packet *pkt, int bit)
{
	struct sfw_addr *addr = bit & 128 ? &pkt->dst : &pkt->src;

	bit &= 127;
	if (pkt->family == AF_INET && bit >= 32)
		return false;
	*(bit < 64 ? &addr->lo : &addr->hi) ^= 1ULL << (bit & 63);
	return true;
}

static bool flip_port(struct sfw_packet *pkt, int bit)
{
	if (pkt->has_ports)
		*(bit < 16 ? &pkt->sport : &pkt->dport) ^= 1U << (bit & 15);
	else if (is_icmp(pkt) && bit < 16)
		pkt->icmp_id ^= 1U << bit;
	else
		return false;
	return true;
}

/* False if the packet has no such bit. */
static bool flip(struct sfw_packet *pkt, int bit)
{
	if (bit < ADDR_BITS)
		return flip_addr(pkt, bit);
	bit -= ADDR_BITS;
	if (bit < 32)
		return flip_port(pkt, bit);
	/* ICMP with another number would be no ICMP. */
	if (is_icmp(pkt))
		return false;
	pkt->protocol ^= 1U << (bit - 32);
	return true;
}

static unsigned int test_flips(void)
{
	unsigned int wrong = 0, flipped = 0;
	struct sfw_packet pkt;
	int i, bit;

	for (i = 0; i < people; i++) {
		for (bit = 0; bit < BITS; bit++) {
			pkt = world[i];
			if (!flip(&pkt, bit))
				continue;
			flipped++;
			if (!same_key(&pkt, &world[i]))
				continue;
			printf("# bit %d\n", bit);
			show(&pkt);
			wrong++;
		}
	}
	printf("# %u bits flipped\n", flipped);
	return wrong;
}

/* ICMP messages that are neither query nor reply have no key at all. */
static bool test_has(void)
{
	struct sfw_packet pkt = { .family = AF_INET };
	unsigned int wrong = 0;
	int protocol, class;

	for (protocol = 0; protocol < 256; protocol++) {
		for (class = SFW_ICMP_OTHER; class <= SFW_ICMP_ERROR; class++) {
			bool icmp = protocol == IPPROTO_ICMP ||
				    protocol == IPPROTO_ICMPV6;

			if (!icmp && class != SFW_ICMP_OTHER)
				continue;
			pkt.protocol = protocol;
			pkt.icmp_class = class;
			wrong += sfw_tuple_has(&pkt) !=
				 (!icmp || class == SFW_ICMP_QUERY ||
				  class == SFW_ICMP_REPLY);
		}
	}
	return !wrong;
}

/* The short ways to a key say what the long one says. */
static bool test_short(void)
{
	bool good = true;
	int n;

	for (n = 0; n < 100000 && good; n++) {
		struct sfw_packet pkt = {
			.family = rnd_once_in(2) ? AF_INET : AF_INET6,
			.protocol = rnd_once_in(2) ? IPPROTO_TCP : IPPROTO_UDP,
			.has_ports = true,
			.src.lo = rnd_below(3) + 0xfffffffeULL * rnd_below(2),
			.dst.lo = rnd_below(3) + 0xfffffffeULL * rnd_below(2),
			.sport = rnd_below(3) * 0x7fff,
			.dport = rnd_below(3) * 0x7fff,
		};
		struct key key, is;

		memset(&key, 0, sizeof(key));
		if (pkt.family == AF_INET) {
			pkt.src.lo &= 0xffffffff;
			pkt.dst.lo &= 0xffffffff;
			key.swapped = sfw_tuple_pair4(&key.v4, pkt.protocol,
						      pkt.src.lo << 16 | pkt.sport,
						      pkt.dst.lo << 16 | pkt.dport);
		} else {
			pkt.src.hi = rnd_below(2);
			pkt.dst.hi = rnd_below(2);
			key.swapped = sfw_tuple_pair6(&key.v6, pkt.protocol,
						      &pkt.src, &pkt.dst,
						      pkt.sport, pkt.dport);
		}
		is = key_of(&pkt, 0);
		good = key.swapped == is.swapped &&
		       !memcmp(key.byte, is.byte, sizeof(key.byte));
	}
	return good;
}

int main(int argc, char **argv)
{
	printf("TAP version 13\n");
	rnd_seed(argc, argv);
	settle_world();
	test_pairs();
	ok(test_pings(AF_INET), "pings each other's and one's own way, IPv4");
	ok(test_pings(AF_INET6), "pings each other's and one's own way, IPv6");
	ok(!test_flips(), "every bit of addresses, ports, protocol and id counts");
	ok(sizeof(struct sfw_key4) == 2 * 8 &&
	   sizeof(struct sfw_key6) == 2 * 16 + 8,
	   "no padding in keys");
	ok(test_short(), "keys that are made of ports alone are the same ones");
	ok(test_has(), "ICMP messages that stand alone have no key");
	return tap_done();
}
