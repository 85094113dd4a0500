// SPDX-License-Identifier: GPL-2.0
/*
 * Packets of flows, built in place in an skb that is used again and again.
 *
 * All are what a careful firewall takes for valid: checksums, lengths, options
 * and flags are right, and sequence numbers lie in the windows that the
 * handshake opened. Both sides of a TCP connection have offered what Linux
 * offers (MSS, SACK, timestamps, window scale 7), and what follows the
 * handshake carries timestamps, as nearly every segment does. So a tracker has
 * the work it has in life: options are read, windows are scaled.
 *
 * Nothing remembers flows, 10 million of them cost no memory and no cache
 * misses of the meter's own; everything is made from a flow's number. That is
 * why the data of TCP comes in rounds: it goes up by the payload each time all
 * flows have had their turn, and falls back before it leaves the window, which
 * a retransmission may do.
 *
 * No state, no locks.
 */
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/log2.h>
#include <linux/netdevice.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <net/checksum.h>
#include <net/ip.h>
#include <net/ip6_checksum.h>
#include <net/tcp.h>

#include "packet.h"

#define CLIENT_ISN	1000
#define SERVER_ISN	5000
#define WINDOW		65000
#define WSCALE		7

/*
 * Data is sent this far beyond the handshake. The window is what the answer to
 * the SYN has said: WINDOW, for in a SYN it is not scaled.
 */
#define DATA_SPAN	60000

/**
 * meter_packet_flow() - flow of a number
 * @config: the measurement
 * @number: from config->start
 * @flow: filled, of round 0
 */
void meter_packet_flow(const struct meter_config *config, u32 number,
		       struct meter_flow *flow)
{
	u32 source = number & (config->sources - 1);

	flow->src = config->src;
	flow->src.s6_addr32[3] = htonl(ntohl(config->src.s6_addr32[3]) + source);
	flow->sport = config->sport + (number >> ilog2(config->sources));
	flow->round = 0;
}

/**
 * meter_packet_stranger() - flow of a flood
 * @config: the measurement
 * @number: any; each of the first 2^39 has addresses and ports of its own
 * @flow: filled: somewhere in 10.0.0.0/8 or 2001:db8:f::/104, port 32768 or up
 */
void meter_packet_stranger(const struct meter_config *config, u64 number,
			   struct meter_flow *flow)
{
	const u64 mask = (1ULL << 39) - 1;
	u64 x = number & mask;

	/* Each step can be undone, so no two numbers meet. */
	x = (x * 0x9e3779b97f4a7c15ULL) & mask;
	x ^= x >> 20;
	x = (x * 0xbf58476d1ce4e5b9ULL) & mask;
	x ^= x >> 19;

	memset(&flow->src, 0, sizeof(flow->src));
	if (config->v6) {
		flow->src.s6_addr32[0] = htonl(0x20010db8);
		flow->src.s6_addr32[1] = htonl(0x000f0000);
		flow->src.s6_addr32[3] = htonl((u32)(x >> 15));
	} else {
		flow->src.s6_addr32[3] = htonl(10U << 24 | (u32)(x >> 15));
	}
	flow->sport = 32768 + (x & 32767);
	flow->round = 0;
}

/* Options of a SYN: MSS, SACK permitted, timestamps, window scale. */
static unsigned int put_syn_options(u8 *opt, bool answer)
{
	put_unaligned_be32(TCPOPT_MSS << 24 | TCPOLEN_MSS << 16 | 1460, opt);
	put_unaligned_be32(TCPOPT_SACK_PERM << 24 | TCPOLEN_SACK_PERM << 16 |
			   TCPOPT_TIMESTAMP << 8 | TCPOLEN_TIMESTAMP, opt + 4);
	put_unaligned_be32(100000, opt + 8);
	put_unaligned_be32(answer ? 100000 : 0, opt + 12);
	put_unaligned_be32(TCPOPT_NOP << 24 | TCPOPT_WINDOW << 16 |
			   TCPOLEN_WINDOW << 8 | WSCALE, opt + 16);
	return 20;
}

static unsigned int put_options(u8 *opt)
{
	put_unaligned_be32(TCPOPT_NOP << 24 | TCPOPT_NOP << 16 |
			   TCPOPT_TIMESTAMP << 8 | TCPOLEN_TIMESTAMP, opt);
	put_unaligned_be32(100001, opt + 4);
	put_unaligned_be32(100000, opt + 8);
	return 12;
}

/* Returns the length of the header. */
static unsigned int put_tcp(const struct meter_config *c,
			    const struct meter_flow *flow,
			    enum meter_packet which, struct tcphdr *th)
{
	bool syn = which == METER_FIRST || which == METER_ANSWER;
	bool answer = which == METER_ANSWER;
	unsigned int len = sizeof(*th);
	u32 seq = CLIENT_ISN + 1;

	memset(th, 0, sizeof(*th));
	th->source = htons(answer ? c->dport : flow->sport);
	th->dest = htons(answer ? flow->sport : c->dport);
	if (syn)
		len += put_syn_options((u8 *)(th + 1), answer);
	else
		len += put_options((u8 *)(th + 1));
	th->doff = len / 4;
	th->syn = syn;
	th->ack = which != METER_FIRST;
	th->psh = which == METER_DATA;
	th->window = htons(WINDOW);
	switch (which) {
	case METER_FIRST:
		seq = CLIENT_ISN;
		break;
	case METER_ANSWER:
		seq = SERVER_ISN;
		break;
	case METER_ACK:
		break;
	case METER_DATA:
		seq += (u64)flow->round * c->payload % DATA_SPAN;
		break;
	}
	th->seq = htonl(seq);
	if (th->ack)
		th->ack_seq = htonl((answer ? CLIENT_ISN : SERVER_ISN) + 1);
	return len;
}

static unsigned int put_udp(const struct meter_config *c,
			    const struct meter_flow *flow,
			    enum meter_packet which, struct udphdr *uh)
{
	bool answer = which == METER_ANSWER;

	uh->source = htons(answer ? c->dport : flow->sport);
	uh->dest = htons(answer ? flow->sport : c->dport);
	uh->len = htons(sizeof(*uh) + c->payload);
	uh->check = 0;
	return sizeof(*uh);
}

static void put_ip4(u8 proto, __be32 src, __be32 dst, unsigned int len,
		    struct iphdr *iph)
{
	iph->version = 4;
	iph->ihl = 5;
	iph->tos = 0;
	iph->tot_len = htons(sizeof(*iph) + len);
	iph->id = 0;
	iph->frag_off = htons(IP_DF);
	iph->ttl = 64;
	iph->protocol = proto;
	iph->saddr = src;
	iph->daddr = dst;
	iph->check = 0;
	iph->check = ip_fast_csum(iph, iph->ihl);
}

static void put_ip6(u8 proto, const struct in6_addr *src,
		    const struct in6_addr *dst, unsigned int len,
		    struct ipv6hdr *ip6h)
{
	ip6_flow_hdr(ip6h, 0, 0);
	ip6h->payload_len = htons(len);
	ip6h->nexthdr = proto;
	ip6h->hop_limit = 64;
	ip6h->saddr = *src;
	ip6h->daddr = *dst;
}

/**
 * meter_packet_build() - make a packet
 * @config: the measurement
 * @flow: whose packet
 * @which: which packet of the flow
 * @dev: what it comes in by; the answer goes out there
 * @skb: 2 KB, linear, nobody else's; is as it would be at the first hook
 */
void meter_packet_build(const struct meter_config *config,
			const struct meter_flow *flow, enum meter_packet which,
			struct net_device *dev, struct sk_buff *skb)
{
	bool tcp = config->proto == IPPROTO_TCP;
	bool answer = which == METER_ANSWER;
	const struct in6_addr *src = answer ? &config->dst : &flow->src;
	const struct in6_addr *dst = answer ? &flow->src : &config->dst;
	unsigned int ip = config->v6 ? sizeof(struct ipv6hdr) :
				       sizeof(struct iphdr);
	unsigned int len, payload;
	__sum16 *check;
	__wsum sum;
	u8 *l4;

	skb->data = skb->head + NET_SKB_PAD + ETH_HLEN;
	skb_reset_tail_pointer(skb);
	skb->len = 0;
	skb_reset_network_header(skb);
	skb_set_transport_header(skb, ip);
	skb_set_mac_header(skb, -ETH_HLEN);
	skb->dev = dev;
	skb->skb_iif = dev->ifindex;
	skb->protocol = config->v6 ? htons(ETH_P_IPV6) : htons(ETH_P_IP);
	skb->pkt_type = PACKET_HOST;
	skb->ip_summed = config->check ? CHECKSUM_NONE : CHECKSUM_UNNECESSARY;
	skb->csum_level = 0;
	skb->mark = 0;
	memset(skb->cb, 0, sizeof(skb->cb));

	l4 = skb->data + ip;
	if (tcp) {
		payload = which == METER_DATA ? config->payload : 0;
		len = put_tcp(config, flow, which, (struct tcphdr *)l4);
		check = &((struct tcphdr *)l4)->check;
	} else {
		payload = config->payload;
		len = put_udp(config, flow, which, (struct udphdr *)l4);
		check = &((struct udphdr *)l4)->check;
	}
	memset(l4 + len, 0, payload);
	len += payload;
	sum = csum_partial(l4, len, 0);
	if (config->v6) {
		put_ip6(config->proto, src, dst, len, ipv6_hdr(skb));
		*check = csum_ipv6_magic(src, dst, len, config->proto, sum);
	} else {
		put_ip4(config->proto, src->s6_addr32[3], dst->s6_addr32[3],
			len, ip_hdr(skb));
		*check = csum_tcpudp_magic(src->s6_addr32[3],
					   dst->s6_addr32[3], len,
					   config->proto, sum);
	}
	/* of UDP, 0 would mean that there is none */
	if (!tcp && !*check)
		*check = CSUM_MANGLED_0;
	skb_put(skb, ip + len);
}
