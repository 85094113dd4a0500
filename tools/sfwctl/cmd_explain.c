// SPDX-License-Identifier: GPL-2.0
/*
 * sfwctl explain: a packet and its reply through both lists.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "lib/explain_show.h"
#include "lib/packet_text.h"
#include "lib/print.h"
#include "lib/subject.h"

/* What the options ask for. */
struct wanted {
	int mode;		/* enum sfw_mode, 2: both, -1: that of the set */
	int action;		/* that is expected, -1: none */
	const char *file;	/* NULL: what runs */
	const char *peer;
	bool both_ends;
};

/* Bits of the modes that decide about the exit status. */
static unsigned int asked_modes(const struct wanted *wanted,
				const struct ruleset *rs)
{
	if (wanted->mode == 2)
		return EXPLAIN_BOTH_MODES;
	return BIT(wanted->mode < 0 ? rs->mode : wanted->mode);
}

static bool is_as_asked(const struct wanted *wanted, const struct explain *ex)
{
	unsigned int modes = asked_modes(wanted, ex->rs);
	int mode;

	for (mode = 0; mode < 2; mode++) {
		const struct explain_mode *m = &ex->mode[mode];

		if (!(modes & BIT(mode)))
			continue;
		if (wanted->action < 0 ? !m->works :
		    m->request.action != wanted->action)
			return false;
	}
	return true;
}

static void show(const struct wanted *wanted, const struct explain *here,
		 const struct explain *there, bool as_asked)
{
	unsigned int modes = wanted->mode < 0 ? EXPLAIN_BOTH_MODES :
			     asked_modes(wanted, here->rs);
	json_t *json;

	if (out.json) {
		json = explain_json(here, out.numeric);
		if (there)
			out_set(json, "peer", explain_json(there,
							   out.numeric));
		if (wanted->action >= 0)
			out_set(json, "as_expected", json_boolean(as_asked));
		out_json(json);
		return;
	}
	explain_show(stdout, here, modes, out.numeric);
	if (wanted->action >= 0)
		printf("expect   %s: %s\n", print_actions[wanted->action],
		       as_asked ? out_painted(OUT_GREEN, "yes") :
				  out_painted(OUT_RED, "no"));
	if (wanted->both_ends)
		explain_show_ends(stdout, here, there, modes);
}

/* The packet as the other end sees it, through whatever interface. */
static void run_peer(const struct subject *src, const struct packet_text *packet,
		     const struct explain_ports *ports, struct explain *ex)
{
	struct sfw_packet pkt = packet->pkt;

	pkt.direction = !pkt.direction;
	pkt.ifname = NULL;
	explain_run(src->lists, &pkt, false, NULL, ports, ex);
}

/* The kernel's word on the request, list by list as it would meet them. */
static enum rc ask_mode(struct subject *subject, const struct explain *ex,
			u8 mode, struct explain_verdict *v,
			struct nl_explanation *live)
{
	struct nl_explanation answer;
	enum rc rc = RC_OK;
	size_t i = 0;

	do {
		rc = subject_judge(subject, mode, ex->request.n_walks ?
				   &ex->request.walk[i].pkt : &ex->request.pkt,
				   &answer);
		if (rc != RC_OK)
			return rc;
		answer.verdict.walk = i;
		if (!i || answer.verdict.action != SFW_ACTION_ALLOW)
			*v = answer.verdict;
		if (answer.has_conn)
			*live = answer;
	} while (v->action == SFW_ACTION_ALLOW && ++i < ex->request.n_walks);
	return RC_OK;
}

static enum rc ask_kernel(struct subject *subject, struct explain *ex,
			  const struct explain_ports *ports,
			  struct nl_explanation *live)
{
	struct explain_verdict request[2];
	enum rc rc = RC_OK;
	u8 mode;

	for (mode = 0; mode < 2 && rc == RC_OK; mode++)
		rc = ask_mode(subject, ex, mode, &request[mode], live);
	if (rc != RC_OK)
		return rc;
	explain_replace(ex, request, ports);
	if (live->has_conn)
		ex->live = &live->conn;
	return RC_OK;
}

static enum rc explain(const struct wanted *wanted, struct subject *here,
		       struct subject *there, const struct packet_text *packet)
{
	const char *forwarded = cmd_option("--forwarded");
	struct nl_explanation live = { .has_conn = false };
	struct explain_ports ports;
	struct explain ex, peer;
	enum rc rc = RC_OK;
	bool as_asked;

	explain_read_ports(&ports);
	explain_run(here->lists, &packet->pkt, forwarded,
		    forwarded && *forwarded ? forwarded : NULL, &ports, &ex);
	if (!wanted->file)
		rc = ask_kernel(here, &ex, &ports, &live);
	if (rc != RC_OK) {
		explain_free(&ex);
		return rc;
	}
	as_asked = is_as_asked(wanted, &ex);
	if (wanted->peer) {
		run_peer(there, packet, &ports, &peer);
		if (wanted->action < 0)
			as_asked = is_as_asked(wanted, &peer) && as_asked;
	}
	show(wanted, &ex, wanted->peer ? &peer : NULL, as_asked);
	explain_free(&ex);
	if (wanted->peer)
		explain_free(&peer);
	return as_asked ? RC_OK : RC_NO;
}

static enum rc open_and_explain(const struct wanted *wanted,
				const struct packet_text *packet)
{
	struct subject here = { .rs = NULL }, there = { .rs = NULL };
	enum rc rc;

	rc = wanted->file ? subject_open_file(&here, wanted->file) :
			    subject_open_running(&here);
	if (rc == RC_OK && wanted->peer)
		rc = subject_open_file(&there, wanted->peer);
	if (rc == RC_OK)
		rc = explain(wanted, &here, &there, packet);
	subject_close(&here);
	subject_close(&there);
	return rc;
}

static enum rc read_options(struct wanted *wanted)
{
	static const char *const modes[] = { "stateful", "stateless", "both",
					     NULL };
	static const char *const actions[] = { "deny", "allow", "reject",
					       NULL };
	const char *mode = cmd_option("--mode");
	const char *action = cmd_option("--expect");

	wanted->file = cmd_option("-f");
	wanted->peer = cmd_option("--peer");
	wanted->both_ends = cmd_option("--both-ends") || wanted->peer;
	wanted->mode = mode ? cmd_find_word(modes, mode) : -1;
	if (mode && wanted->mode < 0)
		return cmd_usage("'%s' is no mode: stateful, stateless or both is",
				 mode);
	wanted->action = action ? cmd_find_word(actions, action) : -1;
	if (action && wanted->action < 0)
		return cmd_usage("'%s' is no action: allow, deny or reject is",
				 action);
	if (cmd_option("--forwarded") && wanted->both_ends)
		return cmd_usage("a forwarded packet has no end here for --both-ends");
	return RC_OK;
}

static enum rc run(int n, char **words)
{
	struct packet_text packet;
	struct wanted wanted;
	struct parse_result *res;
	char *text;
	enum rc rc;

	if (!n)
		return cmd_usage("it needs a PACKET, such as 'in udp 192.0.2.9:53 > 192.0.2.1:53'");
	rc = read_options(&wanted);
	if (rc != RC_OK)
		return rc;
	text = cmd_join(n, words);
	res = packet_text_read("packet", text, &packet);
	parse_print_messages(res, stderr, out_color(stderr));
	rc = res->ruleset ? open_and_explain(&wanted, &packet) : RC_USAGE;
	parse_result_free(res);
	free(text);
	return rc;
}

const struct command cmd_explain = {
	.name = "explain",
	.run = run,
	.summary = "what happens to a packet and its reply, and why",
	.help =
"Walk a packet, and what answers it, through both lists: the rule that decides,\n"
"those that nearly did and the part that did not fit, the result in stateful\n"
"and in stateless mode, and the line to add if the reply is dropped. With -f it\n"
"needs neither root nor module; without, the kernel answers for what runs.\n"
"Exits with 0 if request and reply pass, with 1 if not.\n"
"\n"
"Usage: sfwctl explain PACKET [-f FILE] [--mode stateful|stateless|both]\n"
"                      [--expect allow|deny|reject] [--both-ends]\n"
"                      [--peer FILE] [--forwarded[=IFACE]]\n"
"  PACKET      in|out PROTO SRC[:PORT] > DST[:PORT] [on IFACE] [type T/C]\n"
"              [id N] [flags F], in quotes; IPv6 as [2001:db8::1]:443. What is\n"
"              left out is what begins a connection: a SYN, an echo request,\n"
"              a usual client port\n"
"  -f FILE     ask this rule file; - is standard input\n"
"  --mode stateful|stateless|both\n"
"              show this mode only, and judge success by it; else both are\n"
"              shown, and that of the rule set counts\n"
"  --expect allow|deny|reject\n"
"              exit with 0 if this happens to the request, else with 1\n"
"  --both-ends\n"
"              show the connection as each end sees it: out and in here is in\n"
"              and out there\n"
"  --peer FILE\n"
"              the other end's rules, to be asked as well\n"
"  --forwarded[=IFACE]\n"
"              this host only forwards the packet: its reply comes in, too,\n"
"              by IFACE\n"
"\n"
"Examples:\n"
"  sfwctl explain -f web.rules 'out tcp 10.0.0.5:51514 > 93.184.216.34:443'\n"
"  sfwctl explain 'in icmp 203.0.113.7 > 192.0.2.1' --expect allow\n",
	.options = {
		{ "-f", "a rule file", false },
		{ "--mode", "stateful, stateless or both", false },
		{ "--expect", "allow, deny or reject", false },
		{ "--both-ends", NULL, false },
		{ "--peer", "a rule file", false },
		{ "--forwarded", "an interface", true },
	},
};
