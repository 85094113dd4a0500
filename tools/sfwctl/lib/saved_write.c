// SPDX-License-Identifier: GPL-2.0
/*
 * Connections as lines of JSON.
 *
 * The first line of the file is
 *
 *	{"format":"sfw-conns","version":1}
 *
 * and every other line a connection. The keys that 'sfwctl -j conns' has mean
 * the same here. All numbers are decimal; a key without an entry here is an
 * error to the reader, and so is one that is missing but for those in
 * brackets, which mean 0, false or none then:
 *
 *	protocol, direction, source, destination, state, rule
 *	source_port, destination_port	for protocols with ports
 *	icmp_type, icmp_id		for ICMP and ICMPv6
 *	[interface]			of the first packet
 *	packets, bytes, reply_packets, reply_bytes
 *	expires_ms			time left; it stands still in the file
 *	standing			"unreplied", "heard" or "stays", which is
 *					the order of eviction
 *	[picked_up]			the beginning was not seen
 *	[looped]			allowed by the in list, too: a connection
 *					of the host to itself
 *	[hooks]				where each side proved to be, such as
 *					["originator-in","responder-out"]
 *	first_flags, tcp		for TCP: flags of the first packet, and
 *	  originator, responder		  end, max_end, ack, window, scale and
 *					  flags: struct sfw_tcp_half in
 *					  kmod/tcp.h
 *	  [probe, probe_scale, answer_scale]
 *					  struct sfw_tcp
 *	sctp				for SCTP
 *	  originator, responder		  verification tags: tag, [next]
 *	  [again]			  the side that began anew
 *
 * Written by hand and not by jansson, which would build a million trees.
 */
#include <option.h>

#include "print.h"
#include "saved.h"
#include "saved_names.h"

const char *const saved_standings[] = {
	[SFW_STANDING_UNREPLIED]	= "unreplied",
	[SFW_STANDING_HEARD]		= "heard",
	[SFW_STANDING_STAYS]		= "stays",
	NULL
};

const char *const saved_hooks[SAVED_BITS] = {
	"originator-in", "originator-out", "responder-in", "responder-out",
};

const char *const saved_tcp_flags[2][SAVED_BITS] = {
	{ "seen", "syn", "fin", "fin-acked", "scale", "acked", "first",
	  "probe" },
	{ "seen", "syn", "fin", "fin-acked", "scale", "acked", "answered",
	  "probe" },
};

const char *const saved_sides[] = { "originator", "responder", NULL };

void saved_write_header(FILE *file)
{
	fprintf(file, "{\"format\":\"sfw-conns\",\"version\":%d}\n",
		SAVED_VERSION);
}

static void write_bits(FILE *file, u8 bits, const char *const *names)
{
	const char *sep = "";
	int i;

	putc('[', file);
	for (i = 0; i < SAVED_BITS; i++) {
		if (!(bits & BIT(i)) || !names[i])
			continue;
		fprintf(file, "%s\"%s\"", sep, names[i]);
		sep = ",";
	}
	putc(']', file);
}

static void write_tcp(FILE *file, const struct sfw_tcp *tcp)
{
	int i;

	fputs(",\"tcp\":{", file);
	for (i = 0; i < 2; i++) {
		const struct sfw_tcp_half *half = &tcp->half[i];

		fprintf(file,
			"%s\"%s\":{\"end\":%u,\"max_end\":%u,\"ack\":%u,\"window\":%u,\"scale\":%u,\"flags\":",
			i ? "," : "", saved_sides[i], half->end, half->max_end,
			half->ack, half->max_win, tcp->scales >> 4 * i & 0xf);
		write_bits(file, tcp->flags[i], saved_tcp_flags[i]);
		putc('}', file);
	}
	fprintf(file, ",\"probe\":%u,\"probe_scale\":%u,\"answer_scale\":%u}",
		tcp->probe, tcp->scales >> 8 & 0xf, tcp->scales >> 12 & 0xf);
}

static void write_sctp(FILE *file, const struct sfw_sctp *sctp)
{
	int i;

	fputs(",\"sctp\":{", file);
	for (i = 0; i < 2; i++)
		fprintf(file, "%s\"%s\":{\"tag\":%u,\"next\":%u}",
			i ? "," : "", saved_sides[i], sctp->tag[i],
			sctp->next[i]);
	if (sctp->again)
		fprintf(file, ",\"again\":\"%s\"",
			saved_sides[sctp->again - 1]);
	putc('}', file);
}

/* Names that JSON or a terminal might read otherwise are left out: such an
 * interface is unknown to who restores.
 */
static void write_ifname(FILE *file, const char *name)
{
	const char *c;

	for (c = name; *c; c++)
		if (*c <= ' ' || *c > '~' || *c == '"' || *c == '\\')
			return;
	if (*name)
		fprintf(file, ",\"interface\":\"%s\"", name);
}

void saved_write(FILE *file, const struct sfw_saved *saved)
{
	const struct sfw_track *track = &saved->track;
	char protocol[16], src[64], dst[64];

	print_addr(src, sizeof(src), saved->family, &saved->src);
	print_addr(dst, sizeof(dst), saved->family, &saved->dst);
	fprintf(file,
		"{\"protocol\":\"%s\",\"direction\":\"%s\",\"source\":\"%s\",\"destination\":\"%s\"",
		print_protocol(protocol, sizeof(protocol), saved->protocol,
			       false),
		print_directions[saved->direction], src, dst);
	if (sfw_packet_has_ports(saved->protocol))
		fprintf(file, ",\"source_port\":%u,\"destination_port\":%u",
			saved->sport, saved->dport);
	else if (saved->protocol == IPPROTO_ICMP ||
		 saved->protocol == IPPROTO_ICMPV6)
		fprintf(file, ",\"icmp_type\":%u,\"icmp_id\":%u",
			saved->icmp_type, saved->icmp_id);
	fprintf(file, ",\"state\":\"%s\"", sfw_option_state_name(saved->state));
	if (saved->rule)
		fprintf(file, ",\"rule\":\"%s:%u\"",
			print_directions[saved->direction], saved->rule);
	else
		fprintf(file, ",\"rule\":\"%s:*\"",
			print_directions[saved->direction]);
	write_ifname(file, saved->ifname);
	fprintf(file,
		",\"packets\":%llu,\"bytes\":%llu,\"reply_packets\":%llu,\"reply_bytes\":%llu,\"expires_ms\":%llu,\"standing\":\"%s\"",
		(unsigned long long)saved->packets[0],
		(unsigned long long)saved->bytes[0],
		(unsigned long long)saved->packets[1],
		(unsigned long long)saved->bytes[1],
		(unsigned long long)saved->expires_ms,
		saved_standings[track->standing]);
	if (track->picked_up)
		fputs(",\"picked_up\":true", file);
	if (track->looped)
		fputs(",\"looped\":true", file);
	if (track->hooks) {
		fputs(",\"hooks\":", file);
		write_bits(file, track->hooks, saved_hooks);
	}
	if (saved->protocol == IPPROTO_TCP) {
		fprintf(file, ",\"first_flags\":%u", track->first);
		write_tcp(file, &track->tcp);
	} else if (saved->protocol == IPPROTO_SCTP) {
		write_sctp(file, &track->sctp);
	}
	fputs("}\n", file);
}
