// SPDX-License-Identifier: GPL-2.0
/*
 * Lock-out: which rule sets cut an ssh session, and which packet of it.
 */
#include <lib/lockout.h>
#include <lib/parse.h>
#include "tap.h"

#define SSH	"198.51.100.7 40000 192.0.2.1 22"
#define SSH6	"2001:db8::7%eth0 40000 2001:db8::1 22"

/* What drops the session: nothing, or the rule, the packet, and which session. */
static const struct {
	const char *name;
	const char *rules;
	const char *ssh;
	enum lockout_track track;
	const char *want;
} cases[] = {
	{ "stateful: the rule for ssh",
	  "in 100 allow tcp to port 22\n", SSH, LOCKOUT_TRACKED, "" },
	{ "IPv6",
	  "in 100 allow tcp from 2001:db8::/32 to port 22\n", SSH6,
	  LOCKOUT_TRACKED, "" },
	{ "an address of IPv4 in IPv6 is what it means",
	  "in 100 allow tcp from 198.51.100.0/24 to port 22\n",
	  "::ffff:198.51.100.7 40000 ::ffff:192.0.2.1 22", LOCKOUT_TRACKED, "" },
	{ "no rule for ssh",
	  "in 100 allow tcp to port 80\n", SSH, LOCKOUT_TRACKED,
	  "in:* client this" },
	{ "a rule that denies it before",
	  "in 90 deny tcp from 198.51.100.0/24\nin 100 allow tcp to port 22\n",
	  SSH, LOCKOUT_TRACKED, "in:90 client this" },
	{ "reject is no better",
	  "default in allow\nin 90 reject tcp to port 22\n", SSH,
	  LOCKOUT_TRACKED, "in:90 client this" },
	{ "another port of sshd",
	  "in 100 allow tcp to port 22\n",
	  "198.51.100.7 40000 192.0.2.1 2222", LOCKOUT_TRACKED,
	  "in:* client this" },
	{ "keep-connections lets this one go on, not the next",
	  "option keep-connections on\nin 100 allow tcp to port 80\n", SSH,
	  LOCKOUT_TRACKED, "in:* client next" },
	{ "and keeps nothing that is not in the table",
	  "option keep-connections on\nin 100 allow tcp to port 80\n", SSH,
	  LOCKOUT_UNKNOWN, "in:* client this" },
	{ "audit drops nothing",
	  "audit on\nin 100 allow tcp to port 80\n", SSH, LOCKOUT_TRACKED, "" },
	{ "SYNs are enough for one in the table",
	  "in 100 allow tcp flags syn to port 22\n", SSH, LOCKOUT_TRACKED, "" },
	{ "but not for one that is not",
	  "in 100 allow tcp flags syn to port 22\n", SSH, LOCKOUT_UNKNOWN,
	  "in:* client this" },
	{ "pickup takes over what is not in the table",
	  "in 100 allow tcp to port 22\n", SSH, LOCKOUT_UNKNOWN, "" },
	{ "if it is on",
	  "option tcp-pickup off\nin 100 allow tcp to port 22\n", SSH,
	  LOCKOUT_UNKNOWN, "in:100 client this" },
	{ "in the table it need not",
	  "option tcp-pickup off\nin 100 allow tcp to port 22\n", SSH,
	  LOCKOUT_TRACKED, "" },
	{ "one that began with our packet is judged by out",
	  "default out deny\nin 100 allow tcp to port 22\n", SSH,
	  LOCKOUT_TRACKED_BACK, "out:* server this" },
	{ "and goes on if out allows it",
	  "default out allow\nin 100 allow tcp to port 22\n", SSH,
	  LOCKOUT_TRACKED_BACK, "" },
	{ "a connection that is denied, packets that are let in only",
	  "in 100 allow tcp to port 22 flags established\n", SSH,
	  LOCKOUT_UNKNOWN, "in:* client next" },
	{ "no-state: the answer is on its own",
	  "default out deny\nin 100 allow tcp to port 22 no-state\n", SSH,
	  LOCKOUT_TRACKED, "out:* server this" },
	{ "no-state: a rule for it",
	  "default out deny\nin 100 allow tcp to port 22 no-state\n"
	  "out 100 allow tcp from port 22 no-state\n", SSH, LOCKOUT_TRACKED, "" },
	{ "no-state one way: the SYN/ACK begins no connection",
	  "default out allow\nin 100 allow tcp to port 22 no-state\n", SSH,
	  LOCKOUT_TRACKED, "out:* server next" },
	{ "a limit is not a denial",
	  "in 100 allow tcp to port 22 limit 1/h\n", SSH, LOCKOUT_TRACKED, "" },
	{ "stateless: both halves",
	  "mode stateless\ndefault out deny\nin 100 allow tcp to port 22\n"
	  "out 100 allow tcp from port 22 return\n", SSH, LOCKOUT_UNKNOWN, "" },
	{ "stateless: the way back is missing",
	  "mode stateless\ndefault out deny\nin 100 allow tcp to port 22\n",
	  SSH, LOCKOUT_UNKNOWN, "out:* server this" },
	{ "stateless: the way back is for other ports",
	  "mode stateless\ndefault out deny\nin 100 allow tcp to port 22\n"
	  "out 100 allow tcp from port 22 to port 49152-65535\n", SSH,
	  LOCKOUT_UNKNOWN, "out:* server this" },
	{ "stateless: no SYN comes in",
	  "mode stateless\ndefault out allow\n"
	  "in 100 allow tcp to port 22 flags established\n", SSH,
	  LOCKOUT_UNKNOWN, "in:* client next" },
	{ "stateless: the table of before is of no use",
	  "mode stateless\noption keep-connections on\ndefault out deny\n"
	  "in 100 allow tcp to port 22\n", SSH, LOCKOUT_TRACKED,
	  "out:* server this" },
	{ "the interface is that of the route",
	  "in 100 allow tcp to port 22 on eth0\n", SSH, LOCKOUT_TRACKED, "" },
	{ "on another one it is denied",
	  "in 100 allow tcp to port 22 on eth1\n", SSH, LOCKOUT_TRACKED,
	  "in:* client this" },
	{ "an interface that is not known: what allows does not",
	  "in 100 allow tcp to port 22 on eth0\n", "?" SSH, LOCKOUT_TRACKED,
	  "in:* client this" },
	{ "and what denies does",
	  "in 90 deny any on !eth0\nin 100 allow tcp to port 22\n", "?" SSH,
	  LOCKOUT_TRACKED, "in:90 client this" },
	{ "a session with oneself passes",
	  "default out deny\n", "=" SSH, LOCKOUT_UNKNOWN, "" },
	{ "unless loopback is filtered",
	  "option loopback filter\ndefault out deny\n"
	  "in 100 allow tcp to port 22\n", "=" SSH, LOCKOUT_UNKNOWN,
	  "out:* client this" },
	{ "then it needs both lists",
	  "option loopback filter\ndefault out deny\n"
	  "in 100 allow tcp to port 22\nout 100 allow tcp to port 22\n",
	  "=" SSH, LOCKOUT_UNKNOWN, "" },
	{ "stateless, both lists for both ways",
	  "mode stateless\noption loopback filter\ndefault out deny\n"
	  "in 100 allow tcp to port 22\nout 100 allow tcp to port 22\n",
	  "=" SSH, LOCKOUT_UNKNOWN, "in:* server this" },
};

static void say(char *buf, size_t size, const struct lockout *found)
{
	char number[16] = "*";

	if (found->rule)
		snprintf(number, sizeof(number), "%u", found->rule->number);
	snprintf(buf, size, "%s:%s %s %s",
		 found->direction == SFW_DIRECTION_IN ? "in" : "out", number,
		 found->from_client ? "client" : "server",
		 found->fresh ? "next" : "this");
}

static void try(size_t i)
{
	const char *ssh = cases[i].ssh;
	char got[64] = "", mark = 0;
	struct parse_result *res;
	struct session session;
	struct lockout found;

	if (*ssh == '?' || *ssh == '=')
		mark = *ssh++;
	res = parse_text("rules", cases[i].rules, strlen(cases[i].rules));
	if (!res->ruleset || !session_parse(ssh, &session)) {
		parse_print_messages(res, stdout, false);
		ok(false, "%s: can be read", cases[i].name);
		parse_result_free(res);
		return;
	}
	session.local = mark == '=';
	if (mark != '?')
		snprintf(session.ifname, sizeof(session.ifname), "%s",
			 session.local ? "lo" : "eth0");
	if (lockout_judge(res->ruleset, &session, cases[i].track, &found))
		say(got, sizeof(got), &found);
	ok(same_text(got, cases[i].want), "%s", cases[i].name);
	parse_result_free(res);
}

int main(void)
{
	static const char *const bad[] = {
		"", "198.51.100.7", "198.51.100.7 40000 192.0.2.1",
		"198.51.100.7 40000 2001:db8::1 22", "a b c d",
		"198.51.100.7 70000 192.0.2.1 22", SSH " 7",
		"UNKNOWN 65535 UNKNOWN 65535",
	};
	struct session session;
	char text[100];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++)
		try(i);
	for (i = 0; i < ARRAY_SIZE(bad); i++)
		ok(!session_parse(bad[i], &session), "no session: '%s'", bad[i]);
	session_parse(SSH6, &session);
	session_text(text, sizeof(text), &session);
	ok(same_text(text, "[2001:db8::7]:40000 > [2001:db8::1]:22"),
	   "a session in words");
	return tap_done();
}
