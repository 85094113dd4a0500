// SPDX-License-Identifier: GPL-2.0
/*
 * From struct sk_buff to struct sfw_packet: the only reader of headers.
 *
 * Every header is read with skb_header_pointer(), which checks the length and
 * copies from fragments, so the packet is neither changed nor linearised.
 * Lengths come from the skb, which the IP layer has trimmed to the length in
 * the header; segments that the stack keeps together (GSO) are larger than
 * any length field. What the headers are copied to, if need be, is not cleared
 * before: on kernels that clear variables that took as long as parsing.
 *
 * No state, no locks.
 *
 * Tried and rejected: ipv6_skip_exthdr() and ipv6_find_hdr(). The first walks
 * past AH, so that a rule on AH would see what is inside on IPv6 and AH itself
 * on IPv4; neither bounds the number of headers, and a packet of 64 KB holds
 * thousands.
 */
#include <linux/icmp.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/netfilter.h>
#include <linux/netfilter_ipv4.h>
#include <linux/netfilter_ipv6.h>
#include <linux/sctp.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <net/ip6_checksum.h>
#include <net/ipv6.h>
#include <net/tcp.h>

#include "compat.h"
#include "generic.h"
#include "icmp.h"
#include "parse.h"
#include "sctp.h"
#include "tcp_opt.h"

/* RFC 8200, 4.1 recommends each once, destination options twice. */
#define EXTHDRS_MAX	12

/* As many as 64 KB hold of those that carry one byte of data each. */
#define SCTP_CHUNKS_MAX	3276

/* Bytes of transport header that every ICMP error quotes (RFC 792). */
#define QUOTE_MIN	8

static void addr_from_in6(struct sfw_addr *addr, const struct in6_addr *in6)
{
	addr->hi = be64_to_cpup((const __be64 *)&in6->s6_addr32[0]);
	addr->lo = be64_to_cpup((const __be64 *)&in6->s6_addr32[2]);
}

static int parse_tcp(const struct sk_buff *skb, unsigned int off,
		     struct sfw_packet *pkt)
{
	struct sfw_tcp_info *t = &pkt->tcp;
	/* NOP, NOP, timestamp: what nearly every segment carries */
	static const u8 usual[] = { TCPOPT_NOP, TCPOPT_NOP, TCPOPT_TIMESTAMP,
				    TCPOLEN_TIMESTAMP };
	u8 buf[MAX_TCP_OPTION_SPACE] __uninitialized;
	const struct tcphdr *th;
	struct tcphdr _th __uninitialized;
	unsigned int len;
	const u8 *opt;

	th = skb_header_pointer(skb, off, sizeof(_th), &_th);
	if (!th)
		return -EINVAL;
	pkt->sport = ntohs(th->source);
	pkt->dport = ntohs(th->dest);
	t->seq = ntohl(th->seq);
	t->ack = ntohl(th->ack_seq);
	t->window = ntohs(th->window);
	t->flags = tcp_flag_byte(th);
	t->doff = th->doff;
	t->wscale = 0;
	t->has_wscale = false;
	t->has_sack = false;
	t->sack_permitted = false;
	t->stray = false;
	t->sack = 0;
	t->payload = 0;
	if (t->doff < 5)
		return 0;	/* the caller calls that bad flags */
	len = t->doff * 4;
	if (len > skb->len - off)
		return -EINVAL;
	t->payload = skb->len - off - len;

	len -= sizeof(_th);
	if (!len)
		return 0;
	opt = skb_header_pointer(skb, off + sizeof(_th), len, buf);
	if (!opt)
		return -EINVAL;
	if (len == TCPOLEN_TSTAMP_ALIGNED && !memcmp(opt, usual, sizeof(usual)))
		return 0;
	sfw_tcp_opt_read(t, opt, len);
	return 0;
}

static int parse_icmp(const struct sk_buff *skb, unsigned int off,
		      struct sfw_packet *pkt)
{
	const struct icmphdr *ih;
	struct icmphdr _ih __uninitialized;

	/* Type, code and identifier are at the same place in ICMPv6. */
	ih = skb_header_pointer(skb, off, sizeof(_ih), &_ih);
	if (!ih)
		return -EINVAL;
	pkt->icmp_type = ih->type;
	pkt->icmp_code = ih->code;
	pkt->icmp_id = ntohs(ih->un.echo.id);
	/* ICMP inside IPv6 and the reverse mean nothing to anybody. */
	if (pkt->family == (pkt->protocol == IPPROTO_ICMP ? AF_INET : AF_INET6))
		pkt->icmp_class = sfw_icmp_class(pkt->protocol, ih->type);
	return 0;
}

/* UDP, UDP-Lite and DCCP begin with the ports. */
static int parse_ports(const struct sk_buff *skb, unsigned int off,
		       struct sfw_packet *pkt)
{
	unsigned int rest = skb->len - off;
	const __be16 *ports;
	__be16 buf[4] __uninitialized;

	ports = skb_header_pointer(skb, off, sizeof(buf), buf);
	if (!ports)
		return -EINVAL;
	pkt->sport = ntohs(ports[0]);
	pkt->dport = ntohs(ports[1]);

	switch (pkt->protocol) {
	case IPPROTO_UDP:
		/* A length of 0 is a jumbogram (RFC 2675, 4) or GSO. */
		if (ports[2] && (ntohs(ports[2]) < sizeof(struct udphdr) ||
				 (ntohs(ports[2]) > rest)))
			return -EINVAL;
		break;
	case IPPROTO_DCCP:
		if (rest < 12)	/* RFC 4340, 5.1: the generic header */
			return -EINVAL;
		break;
	}
	return 0;
}

static int parse_sctp(const struct sk_buff *skb, unsigned int off,
		      struct sfw_packet *pkt)
{
	struct sfw_sctp_info *t = &pkt->sctp;
	const struct sctphdr *sh;
	struct sctphdr _sh;

	sh = skb_header_pointer(skb, off, sizeof(_sh), &_sh);
	if (!sh)
		return -EINVAL;
	pkt->sport = ntohs(sh->source);
	pkt->dport = ntohs(sh->dest);
	memset(t, 0, sizeof(*t));
	t->vtag = ntohl(sh->vtag);
	off += SFW_SCTP_HEADER;

	do {
		u8 buf[SFW_SCTP_CHUNK_HEAD];
		unsigned int rest = skb->len - off, step;
		const u8 *head;

		head = skb_header_pointer(skb, off,
					  min_t(unsigned int, rest,
						sizeof(buf)), buf);
		if (!rest || !head || t->count == SCTP_CHUNKS_MAX)
			return -EINVAL;
		step = sfw_sctp_chunk(t, head, rest);
		if (!step)
			return -EINVAL;
		off += step;
	} while (off < skb->len);
	return 0;
}

static void parse_tunnel(const struct sk_buff *skb, unsigned int off,
			 struct sfw_packet *pkt)
{
	unsigned int len = min_t(unsigned int, skb->len - off,
				 SFW_GENERIC_HEAD);
	u8 buf[SFW_GENERIC_HEAD];
	const u8 *head = skb_header_pointer(skb, off, len, buf);

	sfw_generic_tunnel(&pkt->tunnel, pkt->protocol, head, head ? len : 0);
}

static int parse_transport(const struct sk_buff *skb, unsigned int off,
			   struct sfw_packet *pkt)
{
	if (off > skb->len)
		return -EINVAL;

	switch (pkt->protocol) {
	case IPPROTO_TCP:
		pkt->has_ports = true;
		return parse_tcp(skb, off, pkt);
	case IPPROTO_ICMP:
	case IPPROTO_ICMPV6:
		return parse_icmp(skb, off, pkt);
	case IPPROTO_UDP:
	case IPPROTO_UDPLITE:
	case IPPROTO_DCCP:
		pkt->has_ports = true;
		return parse_ports(skb, off, pkt);
	case IPPROTO_SCTP:
		pkt->has_ports = true;
		return parse_sctp(skb, off, pkt);
	case IPPROTO_GRE:
	case IPPROTO_ESP:
	case IPPROTO_AH:
		parse_tunnel(skb, off, pkt);
		break;
	}
	return 0;
}

/* With @quoted a first fragment is as good as a whole packet. */
static int parse_ipv4(const struct sk_buff *skb, unsigned int off, bool quoted,
		      struct sfw_packet *pkt, unsigned int *thoff)
{
	const struct iphdr *iph;
	struct iphdr _iph __uninitialized;

	iph = skb_header_pointer(skb, off, sizeof(_iph), &_iph);
	if (!iph || iph->version != 4 || iph->ihl < 5)
		return -EINVAL;
	pkt->src.hi = 0;
	pkt->src.lo = ntohl(iph->saddr);
	pkt->dst.hi = 0;
	pkt->dst.lo = ntohl(iph->daddr);
	pkt->protocol = iph->protocol;
	pkt->fragment = iph->frag_off & (quoted ? htons(IP_OFFSET) :
						  htons(IP_OFFSET | IP_MF));
	*thoff = off + iph->ihl * 4;
	return 0;
}

/* Walk to the transport header. AH stays visible as a protocol. */
static int parse_ipv6(const struct sk_buff *skb, unsigned int off, bool quoted,
		      struct sfw_packet *pkt, unsigned int *thoff,
		      u8 *hop_limit)
{
	const struct ipv6hdr *ip6h;
	struct ipv6hdr _ip6h __uninitialized;
	unsigned int n;
	u8 next;

	ip6h = skb_header_pointer(skb, off, sizeof(_ip6h), &_ip6h);
	if (!ip6h || ip6h->version != 6)
		return -EINVAL;
	addr_from_in6(&pkt->src, &ip6h->saddr);
	addr_from_in6(&pkt->dst, &ip6h->daddr);
	*hop_limit = ip6h->hop_limit;
	next = ip6h->nexthdr;
	off += sizeof(_ip6h);

	for (n = 0; n < EXTHDRS_MAX; n++) {
		const struct ipv6_opt_hdr *oh;
		struct ipv6_opt_hdr _oh;

		switch (next) {
		case NEXTHDR_ROUTING: {
			const struct ipv6_rt_hdr *rh;
			struct ipv6_rt_hdr _rh;

			rh = skb_header_pointer(skb, off, sizeof(_rh), &_rh);
			if (!rh)
				return -EINVAL;
			if (rh->segments_left)
				pkt->routed = true;
			fallthrough;
		}
		case NEXTHDR_HOP:
		case NEXTHDR_DEST:
			oh = skb_header_pointer(skb, off, sizeof(_oh), &_oh);
			if (!oh)
				return -EINVAL;
			next = oh->nexthdr;
			off += ipv6_optlen(oh);
			break;
		case NEXTHDR_FRAGMENT: {
			const struct frag_hdr *fh;
			struct frag_hdr _fh;

			fh = skb_header_pointer(skb, off, sizeof(_fh), &_fh);
			if (!fh)
				return -EINVAL;
			next = fh->nexthdr;
			off += sizeof(_fh);
			if (fh->frag_off & (quoted ? htons(IP6_OFFSET) :
					    htons(IP6_OFFSET | IP6_MF))) {
				pkt->fragment = true;
				pkt->protocol = next;
				*thoff = off;
				return 0;
			}
			break;
		}
		default:
			pkt->protocol = next;
			*thoff = off;
			return 0;
		}
	}
	return -EINVAL;
}

static int parse_ip(const struct sk_buff *skb, unsigned int off, u8 family,
		    bool quoted, struct sfw_packet *pkt, unsigned int *thoff,
		    u8 *hop_limit)
{
	pkt->family = family;
	pkt->protocol = 0;
	pkt->has_ports = false;
	pkt->sport = 0;
	pkt->dport = 0;
	pkt->icmp_type = 0;
	pkt->icmp_code = 0;
	pkt->icmp_class = SFW_ICMP_OTHER;
	pkt->nd = false;
	pkt->icmp_id = 0;
	pkt->fragment = false;
	pkt->routed = false;
	return family == AF_INET ?
	       parse_ipv4(skb, off, quoted, pkt, thoff) :
	       parse_ipv6(skb, off, quoted, pkt, thoff, hop_limit);
}

/**
 * sfw_parse_packet() - read the headers of a packet
 * @skb: packet with its network header set
 * @family: AF_INET or AF_INET6
 * @pkt: filled in but for direction and interface
 * @thoff: offset of the transport header
 *
 * Return: 0, or -EINVAL if a header is cut short or says impossible things.
 * Context: any.
 */
int sfw_parse_packet(const struct sk_buff *skb, u8 family,
		     struct sfw_packet *pkt, unsigned int *thoff)
{
	unsigned int off = skb_network_offset(skb);
	u8 hop_limit = 0;
	int err;

	pkt->len = skb->len - off;
	err = parse_ip(skb, off, family, false, pkt, thoff, &hop_limit);
	if (err)
		return err;
	/* nf_defrag has put fragments together; one that is still here was
	 * sent on purpose past it.
	 */
	if (pkt->fragment)
		return -EINVAL;
	err = parse_transport(skb, *thoff, pkt);
	if (err)
		return err;
	if (pkt->protocol == IPPROTO_ICMPV6 && family == AF_INET6)
		pkt->nd = sfw_icmp_is_nd(pkt->icmp_type, hop_limit);
	return 0;
}

/**
 * sfw_parse_remains() - what can be said about a packet that cannot be read
 * @skb: the packet, network header set
 * @family: AF_INET or AF_INET6
 * @pkt: @len, addresses and protocol are filled in, and that there is no more;
 *	without a whole IP header @family is 0 and there are none
 *
 * For who looks at what was dropped. The protocol is what the first header
 * says.
 *
 * Context: any.
 */
void sfw_parse_remains(const struct sk_buff *skb, u8 family,
		       struct sfw_packet *pkt)
{
	unsigned int off = skb_network_offset(skb);
	const struct ipv6hdr *ip6;
	const struct iphdr *ip4;
	struct ipv6hdr _ip6;
	struct iphdr _ip4;

	pkt->len = skb->len - off;
	pkt->family = 0;
	pkt->protocol = 0;
	pkt->has_ports = false;
	pkt->fragment = true;
	pkt->icmp_type = 0;
	pkt->icmp_code = 0;
	memset(&pkt->src, 0, sizeof(pkt->src));
	memset(&pkt->dst, 0, sizeof(pkt->dst));
	if (family == AF_INET) {
		ip4 = skb_header_pointer(skb, off, sizeof(_ip4), &_ip4);
		if (!ip4)
			return;
		pkt->protocol = ip4->protocol;
		pkt->src.lo = ntohl(ip4->saddr);
		pkt->dst.lo = ntohl(ip4->daddr);
	} else {
		ip6 = skb_header_pointer(skb, off, sizeof(_ip6), &_ip6);
		if (!ip6)
			return;
		pkt->protocol = ip6->nexthdr;
		addr_from_in6(&pkt->src, &ip6->saddr);
		addr_from_in6(&pkt->dst, &ip6->daddr);
	}
	pkt->family = family;
}

/**
 * sfw_parse_quote() - read the packet that an ICMP error quotes
 * @skb: the error
 * @error: what sfw_parse_packet() made of it
 * @thoff: offset of its ICMP header
 * @quote: filled in as far as the quote goes: addresses, protocol, ports or
 *	ICMP type and id, for TCP the sequence number and for SCTP the tag
 *
 * RFC 792 and RFC 4443, 3 quote at least 8 bytes of the transport header.
 *
 * Return: 0, or -EINVAL if the quote is cut short, is not of the family of the
 * error, or is itself an ICMP error (RFC 1122, 3.2.2).
 * Context: any.
 */
int sfw_parse_quote(const struct sk_buff *skb, const struct sfw_packet *error,
		    unsigned int thoff, struct sfw_packet *quote)
{
	unsigned int off = thoff + sizeof(struct icmphdr);
	unsigned int inner;
	__be32 buf[QUOTE_MIN / 4];
	const __be32 *head;
	u8 hop_limit;
	int err;

	err = parse_ip(skb, off, error->family, true, quote, &inner,
		       &hop_limit);
	if (err)
		return err;
	if (quote->fragment)
		return -EINVAL;
	head = skb_header_pointer(skb, inner, sizeof(buf), buf);
	if (!head)
		return -EINVAL;

	if (sfw_packet_has_ports(quote->protocol)) {
		quote->has_ports = true;
		quote->sport = ntohl(head[0]) >> 16;
		quote->dport = ntohl(head[0]) & 0xffff;
		if (quote->protocol == IPPROTO_SCTP)
			quote->sctp.vtag = ntohl(head[1]);
		else
			quote->tcp.seq = ntohl(head[1]);
		return 0;
	}
	if (quote->protocol == IPPROTO_ICMP ||
	    quote->protocol == IPPROTO_ICMPV6) {
		quote->icmp_type = ntohl(head[0]) >> 24;
		quote->icmp_id = ntohl(head[1]) >> 16;
		quote->icmp_class = sfw_icmp_class(quote->protocol,
						   quote->icmp_type);
		if (quote->icmp_class == SFW_ICMP_ERROR)
			return -EINVAL;
	}
	return 0;
}

/* RFC 9260, 6.8 and appendix A. The kernel's own sctp_compute_cksum() is in a
 * header that drags in all of SCTP.
 */
static bool sctp_checksum_ok(const struct sk_buff *skb, unsigned int thoff)
{
	const unsigned int field = offsetof(struct sctphdr, checksum);
	unsigned int off = 0, rest = skb->len - thoff;
	__le32 have = 0;
	u32 crc = ~0U;
	u8 buf[128];

	while (rest) {
		unsigned int n = min_t(unsigned int, rest, sizeof(buf));

		if (skb_copy_bits(skb, thoff + off, buf, n))
			return false;
		if (!off) {
			memcpy(&have, buf + field, sizeof(have));
			memset(buf + field, 0, sizeof(have));
		}
		crc = sfw_compat_crc32c(crc, buf, n);
		off += n;
		rest -= n;
	}
	return have == cpu_to_le32(~crc);
}

/* RFC 3828, 3.1 and RFC 4340, 9.2: the checksum covers a part. */
static bool partial_checksum_ok(struct sk_buff *skb, unsigned int hook,
				const struct sfw_packet *pkt,
				unsigned int thoff)
{
	unsigned int rest = skb->len - thoff;
	unsigned int cover = rest;
	__be16 buf[6];
	const __be16 *h;

	h = skb_header_pointer(skb, thoff,
			       pkt->protocol == IPPROTO_DCCP ? 12 : 8, buf);
	if (!h)
		return false;
	if (pkt->protocol == IPPROTO_UDPLITE) {
		cover = ntohs(h[2]) ? ntohs(h[2]) : rest;
		if (cover < 8 || cover > rest || !h[3])
			return false;
	} else {
		unsigned int words = ntohs(h[2]) & 0xf;	/* CsCov */
		unsigned int head = (ntohs(h[2]) >> 8) & 0xff;

		if (words)
			cover = head * 4 + (words - 1) * 4;
		if (cover > rest)
			return false;
	}
	return !nf_checksum_partial(skb, hook, thoff, cover, pkt->protocol,
				    pkt->family);
}

/* What follows a datagram in its IP packet is not covered (RFC 768, RFC 9868). */
static bool udp_checksum_ok(const struct sk_buff *skb, u8 family,
			    unsigned int thoff, unsigned int len)
{
	__wsum csum = skb_checksum(skb, thoff, len, 0);

	if (family == AF_INET)
		return !csum_tcpudp_magic(ip_hdr(skb)->saddr, ip_hdr(skb)->daddr,
					  len, IPPROTO_UDP, csum);
	return !csum_ipv6_magic(&ipv6_hdr(skb)->saddr, &ipv6_hdr(skb)->daddr,
				len, IPPROTO_UDP, csum);
}

/**
 * sfw_parse_verify() - compute the transport checksum
 * @skb: packet
 * @hook: NF_INET_PRE_ROUTING
 * @pkt: the packet, parsed
 * @thoff: offset of the transport header
 *
 * For sfw_parse_checksum_ok().
 *
 * Return: false if it is wrong; protocols without one are right.
 * Context: softirq or process, BH disabled.
 */
bool sfw_parse_verify(struct sk_buff *skb, unsigned int hook,
		      const struct sfw_packet *pkt, unsigned int thoff)
{
	u8 protocol = pkt->protocol;

	if (pkt->routed)
		return true;

	switch (protocol) {
	case IPPROTO_UDP: {
		const struct udphdr *uh;
		struct udphdr _uh;

		uh = skb_header_pointer(skb, thoff, sizeof(_uh), &_uh);
		if (!uh)
			return false;
		/* none: RFC 768; over IPv6 for tunnels, RFC 6935 */
		if (!uh->check)
			return true;
		if (uh->len && ntohs(uh->len) < skb->len - thoff)
			return udp_checksum_ok(skb, pkt->family, thoff,
					       ntohs(uh->len));
		break;
	}
	case IPPROTO_UDPLITE:
	case IPPROTO_DCCP:
		return partial_checksum_ok(skb, hook, pkt, thoff);
	case IPPROTO_SCTP:
		return sctp_checksum_ok(skb, thoff);
	case IPPROTO_ICMP:
		if (pkt->family != AF_INET)
			return true;
		protocol = 0;	/* no pseudo header */
		break;
	case IPPROTO_ICMPV6:
		if (pkt->family != AF_INET6)
			return true;
		break;
	case IPPROTO_TCP:
		break;
	default:
		return true;
	}
	return !nf_checksum(skb, hook, thoff, protocol, pkt->family);
}
