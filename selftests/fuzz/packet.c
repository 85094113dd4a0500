// SPDX-License-Identifier: GPL-2.0
/*
 * Any bytes as TCP options and as the chunks of an SCTP packet: the entry
 * point of libFuzzer, which selftests/unit/packet.c calls as well.
 *
 * What is read must not depend on bytes outside of the header, so each input
 * is a copy of its own, at the end of which sanitizers watch.
 */
#include <stdio.h>

#include <generic.h>
#include <sctp.h>
#include <tcp_opt.h>

#define OPTIONS_MAX	40

static void must(bool good, const char *what)
{
	if (good)
		return;
	fprintf(stderr, "fuzz: %s\n", what);
	abort();
}

static void try_options(const u8 *data, unsigned int len, u8 flags)
{
	struct sfw_tcp_info t = { .flags = flags, .doff = 5 };
	u8 *opt = malloc(len ? len : 1);

	must(opt, "no memory");
	memcpy(opt, data, len);
	sfw_tcp_opt_read(&t, opt, len);
	must(t.wscale <= 14, "a scale above 14");
	must(!t.has_wscale || flags & SFW_TCP_SYN, "a scale without SYN");
	must(!t.sack_permitted || flags & SFW_TCP_SYN, "SACK without SYN");
	must(t.has_sack || !t.sack, "an edge without a block");
	free(opt);
}

static void try_chunks(const u8 *data, unsigned int len)
{
	struct sfw_sctp_info t = { .vtag = 1 };
	unsigned int rest = len, step, n;

	while (rest) {
		n = rest < SFW_SCTP_CHUNK_HEAD ? rest : SFW_SCTP_CHUNK_HEAD;
		u8 *head = malloc(n);

		must(head, "no memory");
		memcpy(head, data + (len - rest), n);
		step = sfw_sctp_chunk(&t, head, rest);
		free(head);
		if (!step)
			return;
		must(step <= rest, "a step out of the packet");
		must(step >= 4, "a step that is none");
		rest -= step;
	}
	must(!len || t.count, "no chunk in a packet that has some");
	if (!sfw_sctp_valid(&t, 1, 1))
		return;
	must(!sfw_sctp_is_init(&t), "an INIT with a tag");
}

static void try_tunnel(u8 protocol, const u8 *data, unsigned int len)
{
	struct sfw_tunnel_info t = { .id = 1 };
	u8 *head = malloc(len ? len : 1);

	must(head, "no memory");
	memcpy(head, data, len);
	sfw_generic_tunnel(&t, protocol, head, len);
	must(t.has_id || !t.id, "an id that there is not");
	must(!t.has_id || len >= 4, "an id of less than it has");
	free(head);
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	if (!size)
		return 0;
	if (size - 1 <= OPTIONS_MAX)
		try_options(data + 1, size - 1, data[0]);
	try_chunks(data + 1, size - 1);
	if (size - 1 <= SFW_GENERIC_HEAD) {
		try_tunnel(IPPROTO_GRE, data + 1, size - 1);
		try_tunnel(IPPROTO_ESP, data + 1, size - 1);
		try_tunnel(IPPROTO_AH, data + 1, size - 1);
	}
	return 0;
}
