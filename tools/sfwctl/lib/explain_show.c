// SPDX-License-Identifier: GPL-2.0
/*
 * Explanations on a terminal: see section 4 of the language.
 *
 * Three columns: what is looked at, what it says, and in one line under each
 * other why it does not match or what happens. The two halves of a connection
 * stand one below the other, since forgetting the second one is the mistake.
 */
#include <stdarg.h>
#include <stdlib.h>

#include "explain_show.h"
#include "nl_decode.h"
#include "out.h"
#include "packet_text.h"
#include "print.h"
#include "xalloc.h"

#define NOTE_COLUMN	62	/* why, and what happens */
#define ENDS_WIDTH	34	/* of one end */

static const char *painted_action(u8 action)
{
	return out_painted(action == SFW_ACTION_ALLOW ? OUT_GREEN :
			   action == SFW_ACTION_REJECT ? OUT_YELLOW : OUT_RED,
			   print_actions[action]);
}

static int width_of(const char *text)
{
	int n = 0;

	for (; *text; text++)
		n += (*text & 0xc0) != 0x80;
	return n;
}

/* A line up to the column of notes; takes the text. */
static void left(FILE *out, const char *head, char *text)
{
	int used = width_of(head) + width_of(text);

	fprintf(out, "%s%s%*s", head, text,
		used < NOTE_COLUMN ? NOTE_COLUMN - used : 3, "");
	free(text);
}

static const char *number_text(char buf[12], u32 number)
{
	if (number)
		snprintf(buf, 12, "%u", number);
	else
		snprintf(buf, 12, "*");
	return buf;
}

/* Digits of the longest number, so that actions stand under each other. */
static int number_width(const struct explain_walk *walk)
{
	int width = 1;
	char buf[12];
	size_t i;

	for (i = 0; i < walk->n_steps; i++) {
		const struct sfw_rule *rule = walk->step[i].rule;
		int n = snprintf(buf, sizeof(buf), "%u",
				 rule ? rule->number : 0);

		if (n > width)
			width = n;
	}
	return width;
}

/* "allow tcp to port 443", without direction, number and comment. */
static char *rule_rest(const struct sfw_rule *rule, bool numeric)
{
	const struct print_style style = { .numeric = numeric };
	struct sfw_rule bare = *rule;
	char *text = NULL, *rest, *copy;
	size_t size;
	FILE *file = open_memstream(&text, &size);
	int i;

	if (!file)
		xalloc_fail();
	bare.comment = NULL;
	print_rule(file, &bare, &style);
	if (fclose(file))
		xalloc_fail();
	rest = text;
	for (i = 0; i < 2; i++)
		rest = strchr(rest, ' ') + 1;
	copy = xstrdup(rest);
	free(text);
	return copy;
}

static void show_step(FILE *out, const struct explain_walk *walk,
		      const struct explain_step *step, const char *head,
		      const char *gap, bool settles, bool numeric)
{
	const char *direction = print_directions[walk->pkt.direction];
	const struct sfw_rule *rule = step->rule;
	char buf[12], *rest;

	rest = rule ? rule_rest(rule, numeric) : xstrdup("default");
	left(out, head, xasprintf("%s %-*s%s%s", direction, number_width(walk),
				  number_text(buf, rule ? rule->number : 0),
				  gap, rest));
	free(rest);
	if (!step->decides) {
		if (step->field == EXPLAIN_NUMBER)
			fprintf(out, "would match, but %s %s comes first\n",
				direction,
				number_text(buf, walk->rule->number));
		else
			fprintf(out, "%s\n", step->why);
		return;
	}
	if (rule)
		fputs(rule->flags & SFW_RULE_F_LIMIT ?
		      "match within its rate " : "match ", out);
	/* Where the tracker has the last word, the list has not. */
	if (!settles)
		fputs(rule ? "\n" : "the list would allow it\n", out);
	else
		fprintf(out, "-> %s\n", painted_action(walk->action));
}

/* head stands before the first line, and blanks of its width before others. */
static void show_walk(FILE *out, const struct explain_walk *walk,
		      const char *head, const char *gap, bool settles,
		      bool numeric)
{
	char blank[20];
	size_t i;

	snprintf(blank, sizeof(blank), "%*s", width_of(head), "");
	for (i = 0; i < walk->n_steps; i++) {
		show_step(out, walk, &walk->step[i], i ? blank : head, gap,
			  settles, numeric);
		if (walk->more && walk->step[i].decides)
			fprintf(out, "%s(%zu more miss by one part only)\n",
				blank, walk->more);
	}
}

const char *const explain_causes[] = {
	[EXPLAIN_LIST]		= "list",
	[EXPLAIN_LOOPBACK]	= "loopback",
	[EXPLAIN_DISCOVERY]	= "neighbour_discovery",
	[EXPLAIN_CONNECTION]	= "connection",
	[EXPLAIN_TRACKER]	= "tracker",
	[EXPLAIN_NEVER]		= "never_sent",
	[EXPLAIN_NOTHING]	= "no_reply",
};

static const char *tracker_text(u8 reason)
{
	switch (reason) {
	case SFW_REASON_INVALID_FLAGS:
		return "no host sends such flags or chunks: invalid_flags";
	case SFW_REASON_INVALID_ICMP:
		return "an error about no known connection: invalid_icmp";
	case SFW_REASON_NO_CONNECTION:
		return "belongs to no connection and begins none: no_connection";
	}
	return print_reasons[reason];
}

char *explain_cause_text(const struct explain_verdict *v)
{
	char buf[12];

	switch (v->cause) {
	case EXPLAIN_LIST:
		return xasprintf("%s %s", print_directions[v->direction],
				 number_text(buf, v->number));
	case EXPLAIN_LOOPBACK:
		return xstrdup("loopback is not filtered");
	case EXPLAIN_DISCOVERY:
		return xstrdup("neighbour discovery and MLD are not filtered");
	case EXPLAIN_CONNECTION:
		return xasprintf("connection%s by %s %s",
				 v->action == SFW_ACTION_ALLOW ? " made" :
								 ", cut",
				 print_directions[v->direction],
				 number_text(buf, v->number));
	case EXPLAIN_TRACKER:
		return xstrdup(tracker_text(v->reason));
	case EXPLAIN_NEVER:
		return xstrdup("never sent");
	case EXPLAIN_NOTHING:
		break;
	}
	return xstrdup("no reply");
}

static void show_verdict(FILE *out, const struct explain_verdict *v,
			 const char *head)
{
	left(out, head, explain_cause_text(v));
	fprintf(out, "-> %s\n", painted_action(v->action));
}

static bool by_list(const struct explain_verdict *v)
{
	return v->cause == EXPLAIN_LIST;
}

static void show_packet(FILE *out, const char *what,
			const struct sfw_packet *pkt, bool numeric)
{
	const char *direction = print_directions[pkt->direction];
	char *text = packet_text_print(pkt, numeric);

	fprintf(out, "%-8s %-3s %s\n", what, direction,
		text + strlen(direction) + 1);
	free(text);
}

static void show_live(FILE *out, const struct nl_conn *conn)
{
	unsigned long long seconds = conn->expires_ms / 1000;

	fprintf(out, "%13s%s, %llu packets there and %llu back, ends in %llu:%02llu:%02llu\n",
		"", sfw_option_state_name(conn->state),
		(unsigned long long)conn->packets,
		(unsigned long long)conn->reply_packets, seconds / 3600,
		seconds / 60 % 60, seconds % 60);
}

static void show_request(FILE *out, const struct explain *ex,
			 unsigned int modes, bool numeric)
{
	const struct explain_verdict *stateful =
		&ex->mode[SFW_MODE_STATEFUL].request;
	const struct explain_verdict *stateless =
		&ex->mode[SFW_MODE_STATELESS].request;
	bool full = modes & BIT(SFW_MODE_STATEFUL);
	size_t i;

	show_packet(out, "request", &ex->request.pkt, numeric);
	if (!ex->request.n_walks) {
		show_verdict(out, stateless, "  ");
		return;
	}
	for (i = 0; i < ex->request.n_walks; i++)
		show_walk(out, &ex->request.walk[i], "  ", "  ",
			  modes & BIT(SFW_MODE_STATELESS) || by_list(stateful),
			  numeric);
	if (full && !by_list(stateful))
		show_verdict(out, stateful, "  stateful   ");
	if (full && ex->live)
		show_live(out, ex->live);
}

static void show_reply_mode(FILE *out, const struct explain *ex, u8 mode,
			    bool numeric)
{
	const struct explain_verdict *v = &ex->mode[mode].reply;
	char head[20];
	size_t i;

	snprintf(head, sizeof(head), "  %-9s  ", print_modes[mode]);
	if (by_list(v) || v->cause == EXPLAIN_TRACKER) {
		for (i = 0; i < ex->reply.n_walks; i++) {
			show_walk(out, &ex->reply.walk[i], head, " ",
				  by_list(v), numeric);
			snprintf(head, sizeof(head), "%13s", "");
		}
		if (by_list(v))
			return;
	}
	show_verdict(out, v, head);
}

/* What it looks like is said by what it answers. */
static void show_reply_packet(FILE *out, const struct sfw_packet *reply,
			      const struct sfw_packet *request, bool numeric)
{
	struct sfw_packet pkt = *reply;

	if (pkt.protocol == IPPROTO_TCP &&
	    request->tcp.flags == SFW_TCP_SYN)
		pkt.tcp.flags = SFW_TCP_SYN;
	show_packet(out, "reply", &pkt, numeric);
}

static void show_reply(FILE *out, const struct explain *ex,
		       unsigned int modes, bool numeric)
{
	u8 mode;

	if (!ex->reply.exists) {
		fputs("reply    none, such a packet is not answered\n", out);
		return;
	}
	show_reply_packet(out, &ex->reply.pkt, &ex->request.pkt, numeric);
	if (!ex->reply.n_walks) {
		show_verdict(out, &ex->mode[SFW_MODE_STATELESS].reply, "  ");
		return;
	}
	for (mode = 0; mode < 2; mode++) {
		if (!(modes & BIT(mode)))
			continue;
		if (ex->mode[mode].reply.cause == EXPLAIN_NEVER)
			fprintf(out, "  %-9s  never sent, the request is %s\n",
				print_modes[mode],
				ex->mode[mode].request.action ==
				SFW_ACTION_REJECT ? "rejected" : "dropped");
		else
			show_reply_mode(out, ex, mode, numeric);
	}
}

static void show_result(FILE *out, const struct explain *ex,
			unsigned int modes)
{
	const char *gap = "result   ";
	u8 mode;

	for (mode = 0; mode < 2; mode++) {
		const struct explain_mode *m = &ex->mode[mode];

		if (!(modes & BIT(mode)))
			continue;
		fprintf(out, "%s%s: %s", gap, print_modes[mode],
			out_painted(m->works ? OUT_GREEN : OUT_RED,
				    m->verdict));
		gap = "     ";
	}
	fputc('\n', out);
	if (ex->rs->audit)
		fputs("audit    on: nothing is dropped yet, this is what the rules say\n",
		      out);
}

void explain_show(FILE *out, const struct explain *ex, unsigned int modes,
		  bool numeric)
{
	size_t i;

	show_request(out, ex, modes, numeric);
	show_reply(out, ex, modes, numeric);
	show_result(out, ex, modes);
	for (i = 0; i < ex->n_adds; i++)
		fprintf(out, "add      %s\n", out_painted(OUT_BOLD,
							  ex->add[i]));
	if (ex->no_number)
		fprintf(out, "add      %s\n",
			"a return rule, but no number is free before the rule that blocks the reply: move that");
}

/* One end's part in one half: "out 110 allow", "in  connection", "in". */
static char *end_text(const struct explain_verdict *v, u8 direction)
{
	const char *d = print_directions[direction];
	char buf[12];

	if (!v)
		return xasprintf("%-3s", d);
	switch (v->cause) {
	case EXPLAIN_LIST:
		return xasprintf("%-3s %-5s %s", d,
				 number_text(buf, v->number),
				 print_actions[v->action]);
	case EXPLAIN_CONNECTION:
		return xasprintf("%-3s connection of %s %s", d,
				 print_directions[v->direction],
				 number_text(buf, v->number));
	case EXPLAIN_NEVER:
		return xasprintf("%-3s not sent", d);
	case EXPLAIN_TRACKER:
		return xasprintf("%-3s deny, %s", d, print_reasons[v->reason]);
	default:
		return xasprintf("%-3s passes unseen", d);
	}
}

static void show_ends_row(FILE *out, const char *head,
			  const struct explain_verdict *here, u8 direction,
			  const struct explain_verdict *there, bool we_ask,
			  bool reply)
{
	char *mine = end_text(here, direction);
	char *theirs = end_text(there, !direction);
	char *client = we_ask ? mine : theirs;
	char *server = we_ask ? theirs : mine;
	const struct explain_verdict *sender = we_ask == reply ? there : here;
	const char *arrow = reply ? "<--" : "-->";

	if (sender && sender->action != SFW_ACTION_ALLOW)
		arrow = " x ";
	fprintf(out, "  %-18s %-*s %s  %s\n", head, ENDS_WIDTH, client, arrow,
		server);
	free(mine);
	free(theirs);
}

void explain_show_ends(FILE *out, const struct explain *here,
		       const struct explain *there, unsigned int modes)
{
	const struct sfw_packet *pkt = &here->request.pkt;
	bool we_ask = pkt->direction == SFW_DIRECTION_OUT;
	char src[80], dst[80], client[120], head[40];
	u8 mode;

	packet_text_end(src, sizeof(src), pkt, true);
	packet_text_end(dst, sizeof(dst), pkt, false);
	snprintf(client, sizeof(client), "%s (%s)", src,
		 we_ask ? "here" : "there");
	fprintf(out, "\n  %-18s %-*s      %s (%s)\n", "both ends", ENDS_WIDTH,
		client, dst, we_ask ? "there" : "here");
	for (mode = 0; mode < 2; mode++) {
		const struct explain_mode *h = &here->mode[mode];
		const struct explain_mode *t = there ? &there->mode[mode] :
						       NULL;

		if (!(modes & BIT(mode)))
			continue;
		snprintf(head, sizeof(head), "%-9s request",
			 print_modes[mode]);
		show_ends_row(out, head, &h->request, pkt->direction,
			      t ? &t->request : NULL, we_ask, false);
		if (!here->reply.exists)
			continue;
		snprintf(head, sizeof(head), "%-9s reply", "");
		show_ends_row(out, head, &h->reply, !pkt->direction,
			      t ? &t->reply : NULL, we_ask, true);
	}
	if (!there)
		fprintf(out, "  %s\n",
			"The other end needs both halves in its own list, too; --peer FILE asks it.");
}
