// SPDX-License-Identifier: GPL-2.0
/*
 * The state of each protocol that is not TCP, in the words of the rule file.
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
	return tap_done();
}
