// SPDX-License-Identifier: GPL-2.0
/*
 * Connections as lines of JSON, and back: every fact survives; what is no
 * connection is refused, with the field that is wrong; a line that was damaged
 * anywhere is refused or is another valid connection, and never a fault.
 *
 * Arguments: seed, rounds.
 */
#include <option.h>

#include "../../tools/sfwctl/lib/saved.h"
#include "gen.h"

#define ROUNDS		20000

static struct sfw_saved random_saved(void)
{
	static const u8 protocols[] = {
		IPPROTO_TCP, IPPROTO_TCP, IPPROTO_UDP, IPPROTO_ICMP,
		IPPROTO_ICMPV6, IPPROTO_SCTP, IPPROTO_ESP, 200,
	};
	static const u8 types[] = { 8, 13, 15, 17, 128 };
	struct sfw_saved s;
	const char *field;
	struct sfw_tcp *tcp;
	int i;

	/* Most of them are none. */
	do {
		memset(&s, 0, sizeof(s));
		s.family = gen_family();
		s.src = gen_addr(s.family);
		s.dst = gen_addr(s.family);
		s.protocol = protocols[rnd_below(ARRAY_SIZE(protocols))];
		s.direction = rnd_below(2);
		s.state = rnd_below(SFW_STATE_MAX + 1);
		s.rule = rnd_once_in(3) ? 0 : 1 + rnd_below(SFW_RULE_NUMBER_MAX);
		for (i = 0; i < 2; i++) {
			s.packets[i] = rnd() >> (1 + rnd_below(63));
			s.bytes[i] = rnd() >> (1 + rnd_below(63));
		}
		s.expires_ms = 1 + rnd_below(SFW_TIMEOUT_LIMIT) * 1000ULL;
		if (sfw_packet_has_ports(s.protocol)) {
			s.sport = rnd();
			s.dport = rnd();
		} else if (s.protocol == IPPROTO_ICMP ||
			   s.protocol == IPPROTO_ICMPV6) {
			s.icmp_id = rnd();
			s.icmp_type = types[rnd_below(ARRAY_SIZE(types))];
		}
		if (rnd_once_in(2))
			strcpy(s.ifname, rnd_once_in(2) ? "eth0" : "br-0.12:x");
		s.track.standing = rnd_below(3);
		s.track.hooks = rnd_below(16);
		s.track.looped = rnd_once_in(4);
		s.track.picked_up = rnd_once_in(4);
		if (s.protocol == IPPROTO_TCP) {
			tcp = &s.track.tcp;
			for (i = 0; i < 2; i++) {
				tcp->half[i].end = rnd();
				tcp->half[i].max_end = rnd();
				tcp->half[i].ack = rnd();
				tcp->half[i].max_win = rnd();
				tcp->flags[i] = rnd();
				tcp->scales |= rnd_below(15) << 4 * i |
					       rnd_below(16) << (8 + 4 * i);
			}
			tcp->probe = rnd();
			s.track.first = rnd();
		} else if (s.protocol == IPPROTO_SCTP) {
			s.track.sctp.again = rnd_below(3);
			for (i = 0; i < 2; i++) {
				s.track.sctp.tag[i] = rnd();
				s.track.sctp.next[i] = rnd();
			}
		}
	} while (sfw_saved_check(&s, &field));
	return s;
}

static void write_line(const struct sfw_saved *s, char *line)
{
	FILE *file = fmemopen(line, SAVED_LINE_MAX + 1, "w");

	gen_must(file);
	saved_write(file, s);
	fclose(file);
}

/* Structures have holes. */
static bool same(const struct sfw_saved *a, const struct sfw_saved *b)
{
	char one[SAVED_LINE_MAX + 1], two[SAVED_LINE_MAX + 1];

	write_line(a, one);
	write_line(b, two);
	return same_text(one, two) &&
	       !memcmp(&a->src, &b->src, sizeof(a->src)) &&
	       !memcmp(&a->dst, &b->dst, sizeof(a->dst)) &&
	       a->family == b->family && a->state == b->state &&
	       a->expires_ms == b->expires_ms && a->rule == b->rule &&
	       a->track.hooks == b->track.hooks &&
	       a->track.standing == b->track.standing &&
	       !memcmp(&a->track.tcp, &b->track.tcp, sizeof(a->track.tcp));
}

static bool survives(const struct sfw_saved *s)
{
	char line[SAVED_LINE_MAX + 1];
	struct saved_error error = { .text = "" };
	struct sfw_saved back;

	write_line(s, line);
	if (!saved_read(line, &back, &error)) {
		printf("# %s# \"%s\": %s\n", line, error.field, error.text);
		return false;
	}
	return same(s, &back);
}

/* What is read of a damaged line is a connection that can be written. */
static bool damage(const struct sfw_saved *s)
{
	char line[SAVED_LINE_MAX + 1];
	struct saved_error error = { .text = "" };
	struct sfw_saved back;
	size_t len, i;
	const char *field;
	u32 n;

	write_line(s, line);
	len = strlen(line);
	for (n = 1 + rnd_below(3); n && len; n--) {
		i = rnd_below(len);
		switch (rnd_below(4)) {
		case 0:
			line[i] = rnd();
			break;
		case 1:
			line[i] = "0123456789-.eE\"{}[],:tfn"[rnd_below(24)];
			break;
		case 2:
			memmove(line + i, line + i + 1, len - i);
			len--;
			break;
		case 3:
			line[i] = '\0';
			len = i ? i : 1;
			break;
		}
	}
	if (!saved_read(line, &back, &error))
		return *error.text;
	return !sfw_saved_check(&back, &field) && survives(&back);
}

#define HEAD	"{\"protocol\":\"tcp\",\"direction\":\"in\"," \
		"\"source\":\"1.2.3.4\",\"destination\":\"5.6.7.8\"," \
		"\"source_port\":1,\"destination_port\":2,"
#define STATE	"\"state\":\"tcp-established\",\"rule\":\"in:100\","
#define FIGURES	"\"packets\":1,\"bytes\":2,\"reply_packets\":3," \
		"\"reply_bytes\":4,\"expires_ms\":5,"
#define STANDING "\"standing\":\"stays\",\"first_flags\":2,"
#define HALF	"{\"end\":1,\"max_end\":2,\"ack\":3,\"window\":4,\"scale\":7," \
		"\"flags\":[\"seen\",\"syn\"]}"
#define TCP	"\"tcp\":{\"originator\":" HALF ",\"responder\":" HALF "}}"
#define GOOD	HEAD STATE FIGURES STANDING TCP
#define SCTP	"{\"protocol\":\"sctp\",\"direction\":\"out\"," \
		"\"source\":\"::1\",\"destination\":\"::2\"," \
		"\"source_port\":1,\"destination_port\":2," \
		"\"state\":\"sctp-established\",\"rule\":\"out:*\"," FIGURES \
		"\"standing\":\"stays\",\"sctp\":"

static const struct {
	const char *line;
	const char *field;	/* at fault; NULL: none is */
} lines[] = {
	{ GOOD, NULL },
	{ SCTP "{\"originator\":{\"tag\":1},\"responder\":{\"tag\":0}}}", NULL },
	{ "", "" },
	{ "[]", "" },
	{ "7", "" },
	{ "{}", "protocol" },
	{ GOOD " ", NULL },
	{ GOOD "x", "" },
	{ GOOD GOOD, "" },
	{ "{\"protocol\":\"tcp\",\"protocol\":\"tcp\"}", "" },
	{ "{\"protocol\":6}", "protocol" },
	{ "{\"protocol\":\"quic\",\"direction\":\"in\"}", "protocol" },
	{ "{\"protocol\":\"any\",\"direction\":\"in\"}", "protocol" },
	{ "{\"protocol\":\"256\",\"direction\":\"in\"}", "protocol" },
	{ "{\"protocol\":\"tcp\",\"direction\":\"up\"}", "direction" },
	{ "{\"protocol\":\"tcp\",\"direction\":\"in\",\"source\":\"1.2.3.0/24\","
	  "\"destination\":\"1.2.3.4\"}", "source" },
	{ "{\"protocol\":\"tcp\",\"direction\":\"in\",\"source\":\"::1\","
	  "\"destination\":\"1.2.3.4\"}", "destination" },
	{ HEAD "\"state\":\"tcp-asleep\"}", "state" },
	{ HEAD "\"state\":\"udp\",\"rule\":\"in:100\"," FIGURES STANDING TCP,
	  "state" },
	{ HEAD "\"state\":\"tcp-established\",\"rule\":\"out:100\"}", "rule" },
	{ HEAD "\"state\":\"tcp-established\",\"rule\":\"in:0\"}", "rule" },
	{ HEAD "\"state\":\"tcp-established\",\"rule\":\"in:16777216\"}",
	  "rule" },
	{ HEAD STATE "\"interface\":\"a-name-that-is-long\"}", "interface" },
	{ HEAD STATE "\"standing\":\"stays\",\"packets\":-1}", "packets" },
	{ HEAD STATE "\"standing\":\"stays\",\"packets\":1.5}", "packets" },
	{ HEAD STATE "\"standing\":\"stays\",\"packets\":99999999999999999999}",
	  "" },
	{ HEAD STATE "\"packets\":0,\"bytes\":2,\"reply_packets\":3,"
	  "\"reply_bytes\":4,\"expires_ms\":5," STANDING TCP, "packets" },
	{ HEAD STATE "\"packets\":1,\"bytes\":2,\"reply_packets\":3,"
	  "\"reply_bytes\":4,\"expires_ms\":0," STANDING TCP, "expires_ms" },
	{ HEAD STATE "\"packets\":1,\"bytes\":2,\"reply_packets\":3,"
	  "\"reply_bytes\":4,\"expires_ms\":1728000001," STANDING TCP,
	  "expires_ms" },
	{ HEAD STATE "\"standing\":\"sits\"}", "standing" },
	{ HEAD STATE "\"standing\":\"stays\",\"looped\":1}", "looped" },
	{ HEAD STATE "\"standing\":\"stays\",\"hooks\":[\"originator\"]}",
	  "hooks" },
	{ HEAD STATE FIGURES "\"standing\":\"stays\",\"first_flags\":256," TCP,
	  "first_flags" },
	{ HEAD STATE FIGURES "\"standing\":\"stays\",\"first_flags\":16," TCP,
	  "first_flags" },
	{ HEAD STATE FIGURES STANDING "\"tcp\":[]}", "tcp" },
	{ HEAD STATE FIGURES STANDING "\"tcp\":{\"originator\":" HALF "}}",
	  "tcp.responder" },
	{ HEAD STATE FIGURES STANDING "\"tcp\":{\"originator\":"
	  "{\"end\":4294967296}}}", "tcp.originator.end" },
	{ HEAD STATE FIGURES STANDING "\"tcp\":{\"originator\":{\"end\":1,"
	  "\"max_end\":2,\"ack\":3,\"window\":4,\"scale\":15}}}",
	  "tcp.originator.scale" },
	{ HEAD STATE FIGURES STANDING "\"tcp\":{\"originator\":{\"end\":1,"
	  "\"max_end\":2,\"ack\":3,\"window\":4,\"scale\":1,"
	  "\"flags\":[\"seen\",7]}}}", "tcp.originator.flags" },
	{ HEAD STATE FIGURES STANDING "\"tcp\":{\"originator\":" HALF
	  ",\"responder\":" HALF ",\"mss\":9}}", "tcp.mss" },
	{ HEAD STATE FIGURES STANDING "\"weight\":1," TCP, "weight" },
	{ HEAD "\"state\":\"tcp-syn-sent\",\"rule\":\"in:*\"," FIGURES STANDING
	  TCP, "state" },
	{ SCTP "{\"originator\":{\"tag\":0},\"responder\":{\"tag\":0}}}",
	  "sctp.originator.tag" },
	{ SCTP "{\"originator\":{\"tag\":1},\"responder\":{\"tag\":2},"
	  "\"again\":\"both\"}}", "sctp.again" },
	{ SCTP "{\"originator\":{\"tag\":1},\"responder\":{\"tag\":2},"
	  "\"again\":\"responder\"}}", "sctp.again" },
};

static void test_lines(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(lines); i++) {
		struct saved_error error = { .text = "" };
		struct sfw_saved saved;
		bool good = saved_read(lines[i].line, &saved, &error);

		if (!ok(good == !lines[i].field &&
			(good || (!strcmp(error.field, lines[i].field) &&
				  *error.text)),
			"line %u is %s %s", i,
			lines[i].field ? "refused for" : "good",
			lines[i].field ? lines[i].field : ""))
			printf("# %s\n# \"%s\": %s\n", lines[i].line,
			       error.field, error.text);
	}
}

static void test_header(void)
{
	struct saved_error error;

	ok(saved_read_header("{\"format\":\"sfw-conns\",\"version\":1}", &error),
	   "the header of this version");
	ok(!saved_read_header("{\"format\":\"sfw-conns\",\"version\":2}",
			      &error) && !strcmp(error.field, "version"),
	   "not that of a later one");
	ok(!saved_read_header("{\"format\":\"sfw-rules\",\"version\":1}",
			      &error) && !strcmp(error.field, "format"),
	   "nor that of something else");
	ok(!saved_read_header(GOOD, &error) && !strcmp(error.field, "format"),
	   "nor a connection in its place");
}

int main(int argc, char **argv)
{
	unsigned int rounds = argc > 2 ? strtoul(argv[2], NULL, 0) : ROUNDS;
	unsigned int i, lost = 0, wrong = 0;

	printf("TAP version 13\n");
	rnd_seed(argc, argv);
	test_header();
	test_lines();
	for (i = 0; i < rounds; i++) {
		struct sfw_saved saved = random_saved();

		lost += !survives(&saved);
		wrong += !damage(&saved);
	}
	ok(!lost, "%u random connections survive", rounds);
	ok(!wrong, "and damaged ones are refused or are connections");
	return tap_done();
}
