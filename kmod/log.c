// SPDX-License-Identifier: GPL-2.0
/*
 * Lines in the kernel log for rules with a log clause.
 *
 * One line per packet, in the words that readers and scripts know from
 * netfilter's own logging: IN= OUT= SRC= DST= LEN= PROTO= SPT= DPT=. What sfw
 * adds stands in front: the rule, what it said and the generation, because a
 * rule number means something else after the next commit.
 *
 *   sfw: in:130 deny gen=5 IN=eth0 OUT= SRC=198.51.100.7 DST=1.3.3.7 LEN=60
 *   PROTO=TCP SPT=40000 DPT=443 SEQ=1 ACK=0 WINDOW=64240 SYN
 *
 * (in one line). A field never contains a blank or an equals sign, so that a
 * line can be taken apart without guessing.
 *
 * Synchronisation: none; the line is made on the stack. How many lines there
 * may be is up to the caller, who has a struct sfw_limit for each rule.
 *
 * Tried and rejected: nf_log_packet(). It needs the skb, which ends at
 * packet.c, and knows neither rule numbers nor generations.
 */
#define pr_fmt(fmt) "sfw: " fmt

#include <linux/inet.h>
#include <linux/printk.h>
#include <linux/user_namespace.h>
#include <net/net_namespace.h>

#include "log.h"

/* Each character of an interface name as \xHH. */
#define IFNAME_LOG_MAX	(4 * SFW_IFNAME_MAX + 1)

/* The longest: TCP with all numbers at their most digits and all flags. */
#define TRANSPORT_MAX	160

/*
 * Whoever may name an interface must not be able to write other fields, end
 * the line or reach the terminal of its reader: names may hold any byte but
 * '/', ':' and white space.
 */
static void write_ifname(char *out, const char *name)
{
	unsigned int i;

	for (i = 0; name && name[i] && i < SFW_IFNAME_MAX; i++) {
		u8 c = name[i];

		if (c > ' ' && c <= '~' && c != '=' && c != '"' && c != '\\')
			*out++ = c;
		else
			out += sprintf(out, "\\x%02x", c);
	}
	*out = '\0';
}

static void write_addr(char *out, size_t size, u8 family,
		       const struct sfw_addr *addr)
{
	__be32 v4 = cpu_to_be32((u32)addr->lo);
	__be64 v6[2] = { cpu_to_be64(addr->hi), cpu_to_be64(addr->lo) };

	if (family == AF_INET)
		snprintf(out, size, "%pI4", &v4);
	else
		snprintf(out, size, "%pI6c", v6);
}

static void write_tcp(char *out, size_t size, const struct sfw_packet *pkt)
{
	/* In the order of the header, as netfilter writes them. */
	static const struct {
		u8 flag;
		char name[5];
	} flags[] = {
		{ SFW_TCP_CWR, "CWR" },
		{ SFW_TCP_ECE, "ECE" },
		{ SFW_TCP_URG, "URG" },
		{ SFW_TCP_ACK, "ACK" },
		{ SFW_TCP_PSH, "PSH" },
		{ SFW_TCP_RST, "RST" },
		{ SFW_TCP_SYN, "SYN" },
		{ SFW_TCP_FIN, "FIN" },
	};
	const struct sfw_tcp_info *tcp = &pkt->tcp;
	unsigned int i, n;

	n = scnprintf(out, size, " PROTO=TCP SPT=%u DPT=%u SEQ=%u ACK=%u WINDOW=%u",
		      pkt->sport, pkt->dport, tcp->seq, tcp->ack, tcp->window);
	for (i = 0; i < ARRAY_SIZE(flags); i++)
		if (tcp->flags & flags[i].flag)
			n += scnprintf(out + n, size - n, " %s",
				       flags[i].name);
}

static const char *protocol_name(u8 protocol)
{
	switch (protocol) {
	case IPPROTO_TCP:
		return "TCP";
	case IPPROTO_UDP:
		return "UDP";
	case IPPROTO_SCTP:
		return "SCTP";
	case IPPROTO_UDPLITE:
		return "UDPLITE";
	case IPPROTO_DCCP:
		return "DCCP";
	case IPPROTO_ICMP:
		return "ICMP";
	case IPPROTO_ICMPV6:
		return "ICMPv6";
	case IPPROTO_GRE:
		return "GRE";
	case IPPROTO_ESP:
		return "ESP";
	case IPPROTO_AH:
		return "AH";
	}
	return NULL;
}

static void write_transport(char *out, size_t size,
			    const struct sfw_packet *pkt)
{
	const char *name = protocol_name(pkt->protocol);
	unsigned int n;

	if (pkt->protocol == IPPROTO_TCP && pkt->has_ports && !pkt->fragment) {
		write_tcp(out, size, pkt);
		return;
	}
	if (name)
		n = scnprintf(out, size, " PROTO=%s", name);
	else
		n = scnprintf(out, size, " PROTO=%u", pkt->protocol);
	if (pkt->fragment) {
		scnprintf(out + n, size - n, " FRAG");
	} else if (pkt->has_ports) {
		scnprintf(out + n, size - n, " SPT=%u DPT=%u", pkt->sport,
			  pkt->dport);
	} else if (pkt->protocol == IPPROTO_ICMP ||
		   pkt->protocol == IPPROTO_ICMPV6) {
		n += scnprintf(out + n, size - n, " TYPE=%u CODE=%u",
			       pkt->icmp_type, pkt->icmp_code);
		if (pkt->icmp_class == SFW_ICMP_QUERY ||
		    pkt->icmp_class == SFW_ICMP_REPLY)
			scnprintf(out + n, size - n, " ID=%u", pkt->icmp_id);
	}
}

static const char *action_name(u8 action)
{
	switch (action) {
	case SFW_ACTION_ALLOW:
		return "allow";
	case SFW_ACTION_REJECT:
		return "reject";
	}
	return "deny";
}

/**
 * sfw_log_packet() - write a line about a packet to the kernel log
 * @net: namespace of the rule set
 * @direction: enum sfw_direction, of the rule
 * @number: of the rule, 0 for the default
 * @action: enum sfw_action, what the rule says
 * @generation: of the rule set
 * @pkt: the packet
 *
 * There is one kernel log, and it belongs to the host. Root of a user
 * namespace governs the rules of its own network namespaces and could fill
 * that log with lines about packets it made up itself, each rule at its own
 * rate; so nothing is written for namespaces that do not belong to the initial
 * user namespace. Lines of namespaces other than the first carry the inode
 * number that lsns and /proc/PID/ns/net show.
 *
 * Context: any; the caller limits the rate.
 */
void sfw_log_packet(const struct net *net, u8 direction, u32 number, u8 action,
		    u32 generation, const struct sfw_packet *pkt)
{
	char ifname[IFNAME_LOG_MAX], transport[TRANSPORT_MAX];
	char src[INET6_ADDRSTRLEN], dst[INET6_ADDRSTRLEN];
	bool in = pkt->direction == SFW_DIRECTION_IN;
	char rule[sizeof("4294967295")] = "*";
	char netns[sizeof(" NETNS=4294967295")] = "";

	if (net->user_ns != &init_user_ns)
		return;

	if (number)
		snprintf(rule, sizeof(rule), "%u", number);
	if (!net_eq(net, &init_net))
		snprintf(netns, sizeof(netns), " NETNS=%u", net->ns.inum);
	write_ifname(ifname, pkt->ifname);
	write_addr(src, sizeof(src), pkt->family, &pkt->src);
	write_addr(dst, sizeof(dst), pkt->family, &pkt->dst);
	write_transport(transport, sizeof(transport), pkt);

	pr_info("%s:%s %s gen=%u%s IN=%s OUT=%s SRC=%s DST=%s LEN=%u%s\n",
		direction == SFW_DIRECTION_IN ? "in" : "out", rule,
		action_name(action), generation, netns, in ? ifname : "",
		in ? "" : ifname, src, dst, pkt->len, transport);
}
