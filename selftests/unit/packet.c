// SPDX-License-Identifier: GPL-2.0
/*
 * Random bytes as headers and as courses of events: selftests/fuzz/packet.c and
 * state.c say what must hold. Sanitizers see the rest. And the TCP options that
 * matter, one by one. Arguments: seed, rounds.
 */
#define LLVMFuzzerTestOneInput fuzz_packet
#include "../fuzz/packet.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput fuzz_state
#define must state_must
#include "../fuzz/state.c"
#include "tap.h"

#define ROUNDS		300000
#define INPUT_MAX	400

static bool options_are(const u8 *opt, unsigned int len, u8 flags,
			const struct sfw_tcp_info *want)
{
	struct sfw_tcp_info t = { .flags = flags };

	sfw_tcp_opt_read(&t, opt, len);
	return t.has_wscale == want->has_wscale && t.wscale == want->wscale &&
	       t.has_sack == want->has_sack && t.sack == want->sack &&
	       t.sack_permitted == want->sack_permitted;
}

static void test_options(void)
{
	static const u8 syn[] = { 2, 4, 5, 180, 4, 2, 8, 10, 1, 2, 3, 4, 0, 0,
				  0, 0, 1, 3, 3, 7 };
	static const u8 sack[] = { 1, 1, 5, 18, 0, 0, 0, 5, 0x80, 0, 0, 9,
				   0, 0, 0, 1, 0x80, 0, 0, 3 };
	static const u8 large[] = { 3, 3, 255 };
	static const u8 end[] = { 0, 3, 3, 7 };
	static const u8 cut[] = { 3, 3 }, none[] = { 3, 0, 7, 3, 3, 7 };

	ok(options_are(syn, sizeof(syn), SFW_TCP_SYN, &(struct sfw_tcp_info){
			.has_wscale = true, .wscale = 7,
			.sack_permitted = true }), "options of a SYN");
	ok(options_are(syn, sizeof(syn), SFW_TCP_ACK, &(struct sfw_tcp_info){
			.wscale = 0 }), "which mean nothing without one");
	ok(options_are(sack, sizeof(sack), SFW_TCP_ACK,
		       &(struct sfw_tcp_info){ .has_sack = true,
			.sack = 0x80000009 }), "the highest edge of SACK");
	ok(options_are(large, 3, SFW_TCP_SYN, &(struct sfw_tcp_info){
			.has_wscale = true, .wscale = 14 }),
	   "a scale above 14 is 14 (RFC 7323, 2.3)");
	ok(options_are(end, 4, SFW_TCP_SYN, &(struct sfw_tcp_info){ .sack = 0 }) &&
	   options_are(cut, 2, SFW_TCP_SYN, &(struct sfw_tcp_info){ .sack = 0 }) &&
	   options_are(none, 6, SFW_TCP_SYN, &(struct sfw_tcp_info){ .sack = 0 }),
	   "nothing behind the end, nor of what is cut or has no length");
}

int main(int argc, char **argv)
{
	unsigned int rounds = argc > 2 ? strtoul(argv[2], NULL, 0) : ROUNDS;
	unsigned int i, n;
	u8 data[INPUT_MAX];

	printf("TAP version 13\n");
	rnd_seed(argc, argv);
	test_options();
	for (i = 0; i < rounds; i++) {
		u32 len = rnd_below(rnd_once_in(2) ? 42 : INPUT_MAX);

		for (n = 0; n < len; n++)
			data[n] = rnd_once_in(2) ? rnd_below(24) : rnd();
		fuzz_packet(data, len);
		fuzz_state(data, len);
	}
	ok(true, "%u random headers and courses are taken without a fault",
	   rounds);
	return tap_done();
}
