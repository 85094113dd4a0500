// SPDX-License-Identifier: GPL-2.0
/*
 * Rule files, changed at random, into the parser: selftests/fuzz/parse.c says
 * what must hold. Sanitizers see the rest. Arguments: seed, rounds.
 */
#include <sanitizer/common_interface_defs.h>
#include <time.h>
#include <unistd.h>

#include "../fuzz/parse.c"
#include "parse_cases.h"
#include "tap.h"

#define ROUNDS		40000
#define INPUT_MAX	4096
#define ROUND_SECONDS	5

static const char *const words[] = {
	"sfw 1\n", "mode ", "stateful", "stateless", "audit on\n", "default ",
	"set a = ", "set b = {", "$a", "$b", "option ", "timeout ",
	"tcp-established ", "max-connections ", "checksum off\n",
	"loopback filter\n", "include \"x\"\n", "in ", "out ", "inbound ",
	"allow ", "deny ", "reject ", "any", "tcp ", "udp ", "icmp ",
	"icmpv6 ", "from ", "to ", "port ", "on ", "type ", "flags ", "log ",
	"limit ", "10/s ", "burst ", "no-state ", "return ", "echo-request ",
	"3/4 ", "syn,ack/syn ", "established ", "10.0.0.0/8", "10.0.0.1",
	"-10.0.0.9", "2001:db8::/32", "::ffff:1.2.3.4", "1024-65535", "80",
	"http", "{", "}", ",", "=", "!", "\"", "\\\"", "\\", "#", "\n",
	"\r\n", "\t", " ", "*", "/", "-", "0", "65536", "# sfw:ignore ",
	"wide-open", "\xc3\xa4", "\xe6\x97\xa5", "\xe2\x80\xae", "\xff",
	"\xef\xbb\xbf", "\xc2\xa0",
};

static const char start[] =
	"sfw 1\nmode stateless\ndefault in reject log\ndefault out allow\n"
	"option timeout udp 2m\noption tcp-pickup off\n"
	"set n = { 10.0.0.0/8, 2001:db8::1, 1.1.1.1-1.1.1.9 }\n"
	"set p = { 80, 8000-8080 }\n"
	"in 20 allow tcp from !$n to any port $p on !veth* flags syn limit 3/m burst 9 log limit 1/h no-state return\n"
	"in 10 deny icmpv6 type 1/4 # sfw:ignore wide-open\n"
	"out 5 reject 17 from 1.2.3.4 port !{ 1, 2 } log \"a \\\"b\\\"\"\n";

static char input[INPUT_MAX + 64];
static size_t input_len;
static unsigned int round_no;

/* The input of the round that ends the test. */
static void on_death(void)
{
	fprintf(stderr, "# round %u, this input:\n", round_no);
	fflush(stderr);
	if (write(2, input, input_len) < 0)
		return;
	fputs("\n", stderr);
}

static void insert(size_t at, const char *text, size_t len)
{
	if (input_len + len > INPUT_MAX)
		return;
	memmove(input + at + len, input + at, input_len - at);
	memcpy(input + at, text, len);
	input_len += len;
}

static void drop(size_t at, size_t len)
{
	if (len > input_len - at)
		len = input_len - at;
	memmove(input + at, input + at + len, input_len - at - len);
	input_len -= len;
}

static void change(void)
{
	size_t at = rnd_below(input_len + 1), len;
	const char *word, *nl;
	char copy[200];

	switch (rnd_below(7)) {
	case 0:
		if (at < input_len)
			input[at] ^= 1 << rnd_below(8);
		break;
	case 1:
		drop(at, 1 + rnd_below(rnd_once_in(4) ? 100 : 4));
		break;
	case 2:		/* a piece again, somewhere else */
		len = 1 + rnd_below(sizeof(copy) - 1);
		if (len > input_len - at)
			len = input_len - at;
		memcpy(copy, input + at, len);
		insert(rnd_below(input_len + 1), copy, len);
		break;
	case 3:		/* the rest of the line away */
		nl = memchr(input + at, '\n', input_len - at);
		drop(at, nl ? (size_t)(nl - input - at) : input_len - at);
		break;
	default:
		word = words[rnd_below(ARRAY_SIZE(words))];
		insert(at, word, strlen(word));
	}
}

static void begin(void)
{
	const char *text = start;

	input_len = 0;
	if (rnd_once_in(2))
		text = cases[rnd_below(ARRAY_SIZE(cases))].text;
	insert(0, text, strlen(text));
}

int main(int argc, char **argv)
{
	unsigned int rounds = argc > 2 ? strtoul(argv[2], NULL, 0) : ROUNDS;
	clock_t since, took, slowest = 0;
	unsigned int changes;

	rnd_seed(argc, argv);
	__sanitizer_set_death_callback(on_death);
	fflush(stdout);
	for (round_no = 0; round_no < rounds; round_no++) {
		if (rnd_once_in(8) || !round_no)
			begin();
		for (changes = 1 + rnd_below(4); changes; changes--)
			change();
		since = clock();
		LLVMFuzzerTestOneInput((unsigned char *)input, input_len);
		took = clock() - since;
		if (took > slowest)
			slowest = took;
	}
	ok(true, "%u changed files are read without a fault", rounds);
	ok(slowest < ROUND_SECONDS * CLOCKS_PER_SEC,
	   "each within %d s of the processor", ROUND_SECONDS);
	return tap_done();
}
