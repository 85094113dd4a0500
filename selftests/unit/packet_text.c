// SPDX-License-Identifier: GPL-2.0
/*
 * Packets in words: what is read, what is refused and where, what is printed,
 * and what the reply is.
 */
#include <lib/packet_text.h>
#include "gen.h"

#define PACKETS	5000	/* random ones */

/* What is read and printed again; NULL: the same. */
static const struct {
	const char *text;
	const char *printed;
	const char *reply;	/* empty: none */
} good[] = {
	{ "out tcp 10.0.0.5:51514 > 93.184.216.34:443", NULL,
	  "in tcp 93.184.216.34:443 > 10.0.0.5:51514 flags syn,ack" },
	{ "in udp [2001:db8::1]:53 > [2001:db8::2]:5353 on eth0", NULL,
	  "out udp [2001:db8::2]:5353 > [2001:db8::1]:53 on eth0" },
	{ "outbound\ttcp 10.0.0.5:1>10.0.0.6:https",
	  "out tcp 10.0.0.5:1 > 10.0.0.6:443",
	  "in tcp 10.0.0.6:443 > 10.0.0.5:1 flags syn,ack" },
	{ "in tcp 10.0.0.5:1> 10.0.0.6:2", "in tcp 10.0.0.5:1 > 10.0.0.6:2",
	  "out tcp 10.0.0.6:2 > 10.0.0.5:1 flags syn,ack" },
	{ "in tcp 10.0.0.5:1 >10.0.0.6:2", "in tcp 10.0.0.5:1 > 10.0.0.6:2",
	  "out tcp 10.0.0.6:2 > 10.0.0.5:1 flags syn,ack" },
	{ "in tcp 10.0.0.5 > 10.0.0.6:2", "in tcp 10.0.0.5:49152 > 10.0.0.6:2",
	  "out tcp 10.0.0.6:2 > 10.0.0.5:49152 flags syn,ack" },
	{ "in 6 2001:db8::5 > [2001:db8::6]:2",
	  "in tcp [2001:db8::5]:49152 > [2001:db8::6]:2",
	  "out tcp [2001:db8::6]:2 > [2001:db8::5]:49152 flags syn,ack" },
	{ "in tcp 10.0.0.5:1 > 10.0.0.6:2 flags ack", NULL,
	  "out tcp 10.0.0.6:2 > 10.0.0.5:1 flags ack" },
	{ "in tcp 10.0.0.5:1 > 10.0.0.6:2 flags SA",
	  "in tcp 10.0.0.5:1 > 10.0.0.6:2 flags syn,ack",
	  "out tcp 10.0.0.6:2 > 10.0.0.5:1 flags ack" },
	{ "in tcp 10.0.0.5:1 > 10.0.0.6:2 flags established",
	  "in tcp 10.0.0.5:1 > 10.0.0.6:2 flags ack",
	  "out tcp 10.0.0.6:2 > 10.0.0.5:1 flags ack" },
	{ "in tcp 10.0.0.5:1 > 10.0.0.6:2 flags SYN,ACK/ACK",
	  "in tcp 10.0.0.5:1 > 10.0.0.6:2 flags ack",
	  "out tcp 10.0.0.6:2 > 10.0.0.5:1 flags ack" },
	{ "in tcp 10.0.0.5:1 > 10.0.0.6:2 flags fin, ack",
	  "in tcp 10.0.0.5:1 > 10.0.0.6:2 flags fin,ack",
	  "out tcp 10.0.0.6:2 > 10.0.0.5:1 flags ack" },
	{ "in tcp 10.0.0.5:1 > 10.0.0.6:2 flags 0x02",
	  "in tcp 10.0.0.5:1 > 10.0.0.6:2",
	  "out tcp 10.0.0.6:2 > 10.0.0.5:1 flags syn,ack" },
	{ "in tcp 10.0.0.5:1 > 10.0.0.6:2 flags none", NULL,
	  "out tcp 10.0.0.6:2 > 10.0.0.5:1 flags ack" },
	{ "in tcp 10.0.0.5:1 > 10.0.0.6:2 flags rst", NULL, "" },
	{ "out icmp 10.0.0.5 > 1.1.1.1",
	  "out icmp 10.0.0.5 > 1.1.1.1 type echo-request",
	  "in icmp 1.1.1.1 > 10.0.0.5 type echo-reply" },
	{ "out icmp 10.0.0.5 > 1.1.1.1 type 8 id 77",
	  "out icmp 10.0.0.5 > 1.1.1.1 type echo-request id 77",
	  "in icmp 1.1.1.1 > 10.0.0.5 type echo-reply id 77" },
	{ "out icmp 10.0.0.5 > 1.1.1.1 type timestamp-request", NULL,
	  "in icmp 1.1.1.1 > 10.0.0.5 type timestamp-reply" },
	{ "in icmp 1.1.1.1 > 10.0.0.5 type echo-reply", NULL, "" },
	{ "in icmp 1.1.1.1 > 10.0.0.5 type 3/4",
	  "in icmp 1.1.1.1 > 10.0.0.5 type fragmentation-needed", "" },
	{ "in icmp 1.1.1.1 > 10.0.0.5 type 200/7", NULL, "" },
	{ "in icmpv6 2001:db8::1 > 2001:db8::2",
	  "in icmpv6 2001:db8::1 > 2001:db8::2 type echo-request",
	  "out icmpv6 2001:db8::2 > 2001:db8::1 type echo-reply" },
	{ "in icmpv6 fe80::1 > ff02::1 type router-advertisement on eth0",
	  "in icmpv6 fe80::1 > ff02::1 on eth0 type router-advertisement", "" },
	{ "in gre [10.0.0.1] > 10.0.0.2", "in gre 10.0.0.1 > 10.0.0.2",
	  "out gre 10.0.0.2 > 10.0.0.1" },
	{ "in 253 10.0.0.1 > 10.0.0.2", NULL, "out 253 10.0.0.2 > 10.0.0.1" },
	{ "out sctp 10.0.0.1:7 > 10.0.0.2:8", NULL,
	  "in sctp 10.0.0.2:8 > 10.0.0.1:7" },
	{ "out udp 127.0.0.1:7 > 127.0.0.9:8",
	  "out udp 127.0.0.1:7 > 127.0.0.9:8 on lo",
	  "in udp 127.0.0.9:8 > 127.0.0.1:7 on lo" },
	{ "out esp ::1 > ::1", "out esp ::1 > ::1 on lo",
	  "in esp ::1 > ::1 on lo" },
	{ "out esp 10.0.0.1 > 10.0.0.1", "out esp 10.0.0.1 > 10.0.0.1 on lo",
	  "in esp 10.0.0.1 > 10.0.0.1 on lo" },
	{ "in udp 10.0.0.1:1 > 10.0.0.2:2 on \"type\"", NULL,
	  "out udp 10.0.0.2:2 > 10.0.0.1:1 on \"type\"" },
	{ "in udp 10.0.0.1:1 > 10.0.0.2:2 # seen on Monday",
	  "in udp 10.0.0.1:1 > 10.0.0.2:2",
	  "out udp 10.0.0.2:2 > 10.0.0.1:1" },
};

/* Column and a piece of the message. */
static const struct {
	const char *text;
	unsigned int column;
	const char *says;
} bad[] = {
	{ "", 1, "in or out" },
	{ "up tcp 10.0.0.1:1 > 10.0.0.2:2", 1, "in or out" },
	{ "outt tcp 10.0.0.1:1 > 10.0.0.2:2", 1, "did you mean 'out'" },
	{ "in", 3, "a protocol is missing" },
	{ "in any 10.0.0.1:1 > 10.0.0.2:2", 4, "one protocol" },
	{ "in tpc 10.0.0.1:1 > 10.0.0.2:2", 4, "did you mean 'tcp'" },
	{ "in tcp", 7, "where the packet comes from is missing" },
	{ "in tcp > 10.0.0.2:2", 8, "where the packet comes from" },
	{ "in tcp 10.0.0.1:1", 18, "in quotes, for > is special" },
	{ "in tcp 10.0.0.1:1 10.0.0.2:2", 19, "> is missing" },
	{ "in tcp 10.0.0.1:1 >", 20, "where the packet goes to is missing" },
	{ "in tcp 10.0.0.0/8:1 > 10.0.0.2:2", 8, "more than one address" },
	{ "in tcp 10.0.0.1-10.0.0.9:1 > 10.0.0.2:2", 8, "more than one address" },
	{ "in tcp 10.0.0.256:1 > 10.0.0.2:2", 8, "not an IPv4 address" },
	{ "in tcp 10.0.0.1:1 > web:80", 21, "names are not looked up" },
	{ "in tcp 10.0.0.1:1-9 > 10.0.0.2:2", 17, "a packet has one, such as 1" },
	{ "in tcp 10.0.0.1:1 > 10.0.0.2:70000", 30, "0 to 65535" },
	{ "in tcp 10.0.0.1:1 > 10.0.0.2:htps", 30, "did you mean 'https'" },
	{ "in tcp 10.0.0.1:1 > 10.0.0.2", 21, "write 10.0.0.2:443" },
	{ "in tcp [2001:db8::1]:1 > 2001:db8::2", 26,
	  "write [2001:db8::2]:443" },
	{ "in tcp [2001:db8::1:1 > [2001:db8::2]:2", 8, "[2001:db8::1]:443" },
	{ "in tcp [2001:db8::1]1 > [2001:db8::2]:2", 8, "[2001:db8::1]:443" },
	{ "in tcp [2001:db8::1]:x1 > [2001:db8::2]:2", 22, "not a port" },
	{ "in tcp 10.0.0.1:1 > [2001:db8::2]:2", 21, "of one family" },
	{ "in icmp 10.0.0.1:8 > 10.0.0.2", 18, "icmp has no ports" },
	{ "in icmp 2001:db8::1 > 2001:db8::2", 4, "it is icmpv6" },
	{ "in icmpv6 10.0.0.1 > 10.0.0.2", 4, "it is icmp" },
	{ "in udp 10.0.0.1:1 > 10.0.0.2:2 type 8", 32, "icmp and icmpv6" },
	{ "in udp 10.0.0.1:1 > 10.0.0.2:2 id 8", 32, "icmp and icmpv6" },
	{ "in udp 10.0.0.1:1 > 10.0.0.2:2 flags syn", 32, "tcp" },
	{ "in tcp 10.0.0.1:1 > 10.0.0.2:2 flags sny", 38, "did you mean 'syn'" },
	{ "in tcp 10.0.0.1:1 > 10.0.0.2:2 flags", 37, "TCP flags" },
	{ "in tcp 10.0.0.1:1 > 10.0.0.2:2 flags SX", 38, "is not a TCP flag" },
	{ "in icmp 10.0.0.1 > 10.0.0.2 type ehco-request", 34,
	  "did you mean 'echo-request'" },
	{ "in icmp 10.0.0.1 > 10.0.0.2 type 300", 34, "from 0 to 255" },
	{ "in icmp 10.0.0.1 > 10.0.0.2 id 70000", 32, "0 to 65535" },
	{ "in tcp 10.0.0.1:1 > 10.0.0.2:2 on", 34, "an interface is missing" },
	{ "in tcp 10.0.0.1:1 > 10.0.0.2:2 on veth*", 35, "one interface" },
	{ "in tcp 10.0.0.1:1 > 10.0.0.2:2 on sixteen-letters-x", 35,
	  "at most 15" },
	{ "in tcp 10.0.0.1:1 > 10.0.0.2:2 flag syn", 32,
	  "did you mean 'flags'" },
	{ "in tcp 10.0.0.1:1 > 10.0.0.2:2 from 1.2.3.4", 32,
	  "is not a part of a packet" },
	{ "in tcp 10.0.0.1:1 > 10.0.0.2:2 on eth\xff", 38, "not UTF-8" },
};

static void test_good(void)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(good); i++) {
		const char *want = good[i].printed ? good[i].printed :
						     good[i].text;
		struct packet_text packet;
		struct sfw_packet reply;
		struct parse_result *res;
		char *text, *back;
		bool right;

		res = packet_text_read("packet", good[i].text, &packet);
		if (!ok(res->ruleset, "'%s' is a packet", good[i].text)) {
			parse_print_messages(res, stdout, false);
			parse_result_free(res);
			continue;
		}
		text = packet_text_print(&packet.pkt, false);
		back = packet_text_reply(&packet.pkt, &reply) ?
		       packet_text_print(&reply, false) : strdup("");
		right = same_text(text, want);
		right = same_text(back, good[i].reply) && right;
		ok(right, "and so is it printed, and its reply");
		free(text);
		free(back);
		parse_result_free(res);
	}
}

static void test_bad(void)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		struct packet_text packet;
		struct parse_result *res;

		res = packet_text_read("packet", bad[i].text, &packet);
		if (!ok(!res->ruleset && res->n_messages == 1 &&
			res->messages[0].line == 1 &&
			res->messages[0].column == bad[i].column &&
			strstr(res->messages[0].text, bad[i].says),
			"refused with its place: '%s'",
			bad[i].column == 38 && strchr(bad[i].text, '\xff') ?
			"no UTF-8" : bad[i].text))
			parse_print_messages(res, stdout, false);
		parse_result_free(res);
	}
}

static void gen_packet(struct packet_text *packet)
{
	static const u8 protocols[] = {
		IPPROTO_TCP, IPPROTO_UDP, IPPROTO_ICMP, IPPROTO_SCTP,
		IPPROTO_GRE, 0, 255,
	};
	struct sfw_packet *pkt = &packet->pkt;

	memset(packet, 0, sizeof(*packet));
	pkt->family = gen_family();
	pkt->direction = rnd_below(2);
	pkt->src = gen_addr(pkt->family);
	pkt->dst = gen_addr(pkt->family);
	pkt->protocol = protocols[rnd_below(ARRAY_SIZE(protocols))];
	if (pkt->protocol == IPPROTO_ICMP && pkt->family == AF_INET6)
		pkt->protocol = IPPROTO_ICMPV6;
	pkt->has_ports = sfw_packet_has_ports(pkt->protocol);
	if (pkt->has_ports) {
		pkt->sport = gen_port();
		pkt->dport = gen_port();
	}
	if (pkt->protocol == IPPROTO_TCP)
		pkt->tcp.flags = rnd();
	if (pkt->protocol == IPPROTO_ICMP || pkt->protocol == IPPROTO_ICMPV6) {
		pkt->icmp_type = rnd_below(rnd_once_in(2) ? 20 : 256);
		pkt->icmp_code = rnd_below(rnd_once_in(2) ? 1 : 256);
		pkt->icmp_id = rnd();
	}
	strcpy(packet->ifname, rnd_once_in(2) ? "on" : "eth0");
	pkt->ifname = packet->ifname;
}

static bool same_packet(const struct sfw_packet *a, const struct sfw_packet *b)
{
	return a->family == b->family && a->protocol == b->protocol &&
	       a->direction == b->direction &&
	       !sfw_addr_cmp(&a->src, &b->src) &&
	       !sfw_addr_cmp(&a->dst, &b->dst) &&
	       a->has_ports == b->has_ports && a->sport == b->sport &&
	       a->dport == b->dport && a->icmp_type == b->icmp_type &&
	       a->icmp_code == b->icmp_code && a->icmp_id == b->icmp_id &&
	       (a->protocol != IPPROTO_TCP || a->tcp.flags == b->tcp.flags) &&
	       !strcmp(a->ifname, b->ifname);
}

static void test_random(void)
{
	struct packet_text packet, back;
	struct parse_result *res;
	char *text = NULL;
	bool good = true;
	int i;

	for (i = 0; i < PACKETS && good; i++) {
		gen_packet(&packet);
		free(text);
		text = packet_text_print(&packet.pkt, rnd_below(2));
		res = packet_text_read("packet", text, &back);
		good = res->ruleset && same_packet(&packet.pkt, &back.pkt);
		if (!good)
			parse_print_messages(res, stdout, false);
		parse_result_free(res);
	}
	ok(good, "%d random packets are what is printed of them, last '%s'", i,
	   text);
	free(text);
}

int main(int argc, char **argv)
{
	rnd_seed(argc, argv);
	test_good();
	test_bad();
	test_random();
	return tap_done();
}
