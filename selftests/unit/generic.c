// SPDX-License-Identifier: GPL-2.0
/*
 * The state of each protocol that is not TCP, in the words of the rule file; and
 * the ids of tunnels.
 */
#include <generic.h>
#include <option.h>
#include "tap.h"

static const char *want(int protocol, bool replied)
{
	switch (protocol) {
	case 17:	/* UDP */
	case 136:	/* UDP-Lite */
		return replied ? "udp-stream" : "udp";
	case 1:		/* ICMP */
	case 58:	/* ICMPv6 */
		return "icmp";
	}
	return "generic";
}

#define BYTES(...)	(const u8[]){ __VA_ARGS__ }, sizeof((u8[]){ __VA_ARGS__ })

static void id_is(const char *name, u8 protocol, const u8 *head,
		  unsigned int len, s64 want)
{
	struct sfw_tunnel_info info = { .id = 1, .has_id = true };
	/* Of its size, so that a sanitizer sees what is read behind it. */
	u8 *copy = malloc(len ? len : 1);
	s64 got;

	memcpy(copy, head, len);
	sfw_generic_tunnel(&info, protocol, copy, len);
	free(copy);
	got = info.has_id ? (s64)info.id : -1;
	ok(got == want, "%s", name);
	if (got != want)
		printf("# got %lld, wanted %lld\n", (long long)got,
		       (long long)want);
}

static void test_ids(void)
{
	id_is("ESP: the first word", IPPROTO_ESP,
	      BYTES(0xfe, 2, 3, 4, 0, 0, 0, 1), 0xfe020304);
	id_is("ESP: nothing of what is cut short", IPPROTO_ESP,
	      BYTES(0xfe, 2, 3), -1);
	id_is("AH: the second word", IPPROTO_AH,
	      BYTES(59, 1, 0, 0, 1, 2, 3, 4, 0, 0, 0, 1), 0x01020304);
	id_is("AH: nothing of what is cut short", IPPROTO_AH,
	      BYTES(59, 1, 0, 0, 1, 2, 3), -1);
	id_is("GRE: a key", IPPROTO_GRE,
	      BYTES(0x20, 0, 8, 0, 0xff, 2, 3, 4), 0xff020304);
	id_is("GRE: a key of 0 is one", IPPROTO_GRE,
	      BYTES(0x20, 0, 8, 0, 0, 0, 0, 0), 0);
	id_is("GRE: a key behind a checksum", IPPROTO_GRE,
	      BYTES(0xa0, 0, 8, 0, 9, 9, 0, 0, 0, 0, 0, 7), 7);
	id_is("GRE: a key behind what routing brings", IPPROTO_GRE,
	      BYTES(0x60, 0, 8, 0, 9, 9, 0, 0, 0, 0, 0, 7), 7);
	id_is("GRE: a key, and a sequence number behind it", IPPROTO_GRE,
	      BYTES(0x30, 0, 8, 0, 0, 0, 0, 7, 0, 0, 0, 1), 7);
	id_is("GRE: no key", IPPROTO_GRE,
	      BYTES(0x90, 0, 8, 0, 9, 9, 0, 0, 0, 0, 0, 7), -1);
	id_is("GRE: nothing of what is cut short", IPPROTO_GRE,
	      BYTES(0xa0, 0, 8, 0, 9, 9, 0, 0, 0, 0, 0), -1);
	id_is("GRE: nor of nothing", IPPROTO_GRE, (const u8 *)"", 0, -1);
	id_is("GRE version 1: the call, without the length", IPPROTO_GRE,
	      BYTES(0x30, 1, 0x88, 0x0b, 0, 99, 0x12, 0x34), 0x1234);
}

static void test_notes(void)
{
	struct sfw_tunnel_info info = { .id = 5, .has_id = true };
	struct sfw_tunnel tunnel = { .has_id = 0 };

	sfw_generic_note(&tunnel, 1, &info);
	ok(tunnel.has_id == 2 && tunnel.id[1] == 5, "an id of one direction");
	info.id = 6;
	sfw_generic_note(&tunnel, 1, &info);
	info.id = 7;
	sfw_generic_note(&tunnel, 0, &info);
	ok(tunnel.has_id == 3 && tunnel.id[0] == 7 && tunnel.id[1] == 6,
	   "the last one counts, each direction by itself");
	info.has_id = false;
	sfw_generic_note(&tunnel, 0, &info);
	ok(tunnel.has_id == 3 && tunnel.id[0] == 7,
	   "a packet without one changes nothing");
}

int main(void)
{
	unsigned int wrong = 0;
	int protocol, replied;

	printf("TAP version 13\n");
	for (protocol = 0; protocol < 256; protocol++) {
		for (replied = 0; replied < 2; replied++) {
			u8 state = sfw_generic_state(protocol, replied);
			const char *got = sfw_option_state_name(state);

			if (got && !strcmp(got, want(protocol, replied)))
				continue;
			printf("# protocol %d, %sreplied: %s\n", protocol,
			       replied ? "" : "not ", got ? got : "no state");
			wrong++;
		}
	}
	ok(!wrong, "states of all protocols, before and after a reply");
	test_ids();
	test_notes();
	return tap_done();
}
