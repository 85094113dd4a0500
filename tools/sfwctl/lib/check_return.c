// SPDX-License-Identifier: GPL-2.0
/*
 * Ways back: missing-return, orphan-return, mode-change.
 *
 * A rule that is marked return is taken at its word: it is for replies, and
 * nobody asks for the replies to these.
 *
 * What comes in is for this host, and replies go out, or it is forwarded, and
 * replies come in as well, by another interface. Which of the two is not in the
 * file, nor are this host's addresses. So it is taken to be for this host, unless
 * that is out of the question: if the rule is about some interfaces, "out"
 * drops the replies, and on another interface "in" lets replies in that nothing
 * which may go out can be answered by. Or unless the user says that all of it is
 * forwarded.
 */
#include <stdio.h>
#include <stdlib.h>

#include <icmp.h>
#include "check.h"
#include "out.h"
#include "print.h"
#include "space_text.h"
#include "xalloc.h"

#define TAKERS_MAX	3

struct ways {
	struct check *check;
	struct exchanges exchanges;
	u8 direction;
	size_t index;
	struct missing *m;	/* one per exchange that the rule has */
	size_t n;
	bool forwarded;		/* what m has is about that */
	bool perhaps;		/* it would be, if the host forwards */
	bool has_return;	/* a rule in is marked return */
};

static void clear(struct ways *w)
{
	size_t i;

	for (i = 0; i < w->n; i++)
		missing_free(&w->m[i]);
	w->n = 0;
}

static bool fails_wholly(const struct missing *m)
{
	return !m->some_pass;
}

static double percent_of(const struct missing *m)
{
	return fails_wholly(m) ? 100 : (double)(m->failed / m->total * 100);
}

/* The worst there is; NULL: all replies come back. */
static const struct missing *worst(const struct ways *w)
{
	const struct missing *worst = NULL;
	size_t i;

	for (i = 0; i < w->n; i++)
		if (w->m[i].fail.n &&
		    (!worst || percent_of(&w->m[i]) > percent_of(worst)))
			worst = &w->m[i];
	return worst;
}

/* "58.03%"; what is not all of it does not look so. */
static void print_percent(char *buf, size_t size, double percent)
{
	if (percent < 0.01)
		snprintf(buf, size, "less than 0.01%%");
	else if (percent > 99.99)
		snprintf(buf, size, "more than 99.99%%");
	else
		snprintf(buf, size, "%.2f%%", percent);
}

/* " over IPv6", " of udp": what is said of some exchanges only. */
static char *of_which(const struct ways *w, const struct missing *bad)
{
	bool families = false, protocols = false;
	char buf[8];
	size_t i;

	for (i = 0; i < w->n; i++) {
		const struct missing *m = &w->m[i];

		if (percent_of(m) == percent_of(bad) && m->fail.n)
			continue;
		if (m->ex->protocol == bad->ex->protocol)
			families = true;
		else
			protocols = true;
	}
	return xasprintf("%s%s%s", protocols ? " of " : "", protocols ?
			 print_protocol(buf, sizeof(buf), bad->ex->protocol,
					false) : "",
			 !families ? "" : bad->ex->family == AF_INET ?
			 " over IPv4" : " over IPv6");
}

static char *headline(const struct ways *w, const struct missing *bad,
		      bool all)
{
	static const char some[] =
		"%s of the connections%s time out: replies are dropped, first those to port %u";
	char *which = of_which(w, bad), percent[32], *text;
	bool ports = sfw_packet_has_ports(bad->ex->protocol);

	if (all) {
		text = xstrdup("every connection times out: all replies are dropped");
	} else if (fails_wholly(bad)) {
		text = xasprintf("every connection%s times out: all its replies are dropped",
				 which);
	} else {
		print_percent(percent, sizeof(percent), percent_of(bad));
		if (ports)
			text = xasprintf(some,
					 percent, which, bad->first_port);
		else
			text = xasprintf("%s of the requests%s get no answer: replies are dropped",
					 percent, which);
	}
	free(which);
	return text;
}

/* What comes back to the witness. */
static void show_reply(const struct ways *w, const struct missing *bad,
		       struct finding *f)
{
	char name[SFW_IFNAME_MAX + 1];
	struct packet_text request;
	struct sfw_packet reply;

	witness_of(w->check->space, &bad->first, w->direction, &request);
	request.pkt.icmp_class = bad->ex->icmp ? SFW_ICMP_QUERY :
						 SFW_ICMP_OTHER;
	if (!packet_text_reply(&request.pkt, &reply))
		return;
	if (bad->forwarded) {
		reply.direction = w->direction;
		space_ifname(w->check->space, bad->reply_class, name);
		reply.ifname = w->check->space->n_iface && *name ? name : NULL;
	}
	finding_line(f, "reply", packet_text_print(&reply, out.numeric));
}

/* Ports of clients whose replies are dropped. */
static void show_ports(const struct ways *w, const struct missing *bad,
		       struct finding *f)
{
	const struct explain_ports *ports = &w->check->ports;
	struct space *space = w->check->space;
	u32 set = RANGES_EMPTY;
	char *text;
	size_t i;

	if (fails_wholly(bad) || !sfw_packet_has_ports(bad->ex->protocol))
		return;
	for (i = 0; i < bad->fail.n; i++)
		set = ranges_or(space->ranges, set,
				bad->fail.box[i].set[SPACE_SPORT]);
	if (set == space_span(space, ports->lo[w->direction],
			      ports->hi[w->direction]))
		return;
	text = space_ports_text(space, set);
	finding_line(f, "ports",
		     xasprintf("%s of the client's %u-%u", text,
			       ports->lo[w->direction],
			       ports->hi[w->direction]));
	free(text);
}

static void show_takers(const struct ways *w, const struct missing *bad,
			struct finding *f)
{
	u8 direction = bad->forwarded ? w->direction : !w->direction;
	char name[REACH_NAME_MAX];
	size_t i, shown = 0;

	reach_name(w->check->reach, direction, bad->first_taker, name);
	finding_blocked_by(f, name);
	finding_line(f, "dropped by", check_rule_place(w->check, direction,
						       bad->first_taker));
	for (i = 0; i < bad->n_takers; i++) {
		if (bad->taker[i] == bad->first_taker)
			continue;
		reach_name(w->check->reach, direction, bad->taker[i], name);
		finding_blocked_by(f, name);
		if (++shown < TAKERS_MAX)
			finding_line(f, "and by",
				     check_rule_place(w->check, direction,
						      bad->taker[i]));
	}
	if (shown >= TAKERS_MAX)
		finding_line(f, "", xasprintf("and %zu more",
					      shown - TAKERS_MAX + 1));
}

static void show_repair(struct ways *w, struct finding *f)
{
	static const char no_number[] =
		"is free in front of what drops it; make room with other numbers";
	struct repairs repairs = { .n = 0 };
	char *text, *all = NULL;
	bool complete;
	size_t i;

	complete = repair_missing(w->check->reach, w->m, w->n, false, false,
				  &w->check->numbers, &repairs);
	for (i = 0; i < repairs.n; i++) {
		text = print_rule_text(&repairs.rule[i]->rule);
		finding_line(f, "add", xstrdup(text));
		if (all) {
			char *more = xasprintf("%s\n%s", all, text);

			free(all);
			free(text);
			all = more;
		} else {
			all = text;
		}
	}
	if (!complete)
		finding_line(f, "no number",
			     xasprintf(no_number));
	f->add = all;
	repairs_free(&repairs);
}

/* It may be meant for replies itself: nothing below the clients' ports. */
static bool looks_like_return(const struct ways *w)
{
	const struct ruleset_rule *rule = check_rule(w->check, w->direction,
						     w->index);

	return rule && rule->rule.to_port && rule->rule.to_port->n4 &&
	       !(rule->rule.flags & SFW_RULE_F_NOT_TO_PORT) &&
	       rule->rule.to_port->r4[0].lo >= 1024 &&
	       rule->rule.to_port->r4[0].hi - rule->rule.to_port->r4[0].lo >
	       1000;
}

static void report_missing(struct ways *w)
{
	static const char perhaps[] =
		"if this host only forwards it, the replies come in: see --forwarded";
	static const char by_another[] =
		"replies come in by another interface: what goes out asks for none of these";
	const struct missing *bad = worst(w);
	struct finding *f;
	bool all = true;
	char *text;
	size_t i;

	if (!bad)
		return;
	for (i = 0; i < w->n; i++)
		all = all && fails_wholly(&w->m[i]);
	text = headline(w, bad, all);
	if (w->check->mode_change) {
		char *more = xasprintf("in stateless mode %s", text);

		free(text);
		text = more;
	}
	f = check_add(w->check, w->check->mode_change ? "mode-change" :
		      "missing-return",
		      all && !w->check->mode_change ? FINDING_ERROR :
		      FINDING_WARNING, w->direction, w->index, text);
	if (!f)
		return;
	f->percent = percent_of(bad);
	check_witness(w->check, f, "request", &bad->first, w->direction);
	show_reply(w, bad, f);
	show_ports(w, bad, f);
	show_takers(w, bad, f);
	show_repair(w, f);
	if (w->perhaps)
		finding_line(f, "or", xstrdup(perhaps));
	if (w->forwarded && !w->check->forwarded)
		finding_line(f, "forwarded",
			     xstrdup(by_another));
	if (looks_like_return(w))
		finding_line(f, "or", xstrdup("mark it 'return', if it is there for replies"));
}

/* One exchange more; false: it cannot be analysed, which is said. */
static bool add_missing(struct ways *w, const struct exchange *ex)
{
	const struct explain_ports *ports = &w->check->ports;
	struct missing *m = &w->m[w->n];
	int ret;

	ret = w->forwarded ?
	      missing_forwarded(w->check->reach, ex, ports, w->index, m) :
	      missing_find(w->check->reach, ex, ports, w->direction, w->index,
			   false, m);
	if (ret >= 0 && m->total > 0) {
		w->n++;
		return true;
	}
	missing_free(m);
	if (ret < 0)
		check_not_analysed(w->check, FINDING_WARNING, w->direction,
				   w->index, "missing-return");
	return ret >= 0;
}

/* Replies to what is for this host, or to what it sends. */
static bool find_own(struct ways *w)
{
	struct box rule;
	bool good = true;
	u8 family = 0;
	size_t i;

	/* The exchanges of a family stand together. */
	for (i = 0; i < w->exchanges.n && good; i++) {
		if (family != w->exchanges.ex[i].family) {
			reach_leave(w->check->reach);
			family = w->exchanges.ex[i].family;
			if (reach_rule(w->check->reach, w->direction, w->index,
				       family, &rule))
				reach_enter(w->check->reach, w->direction,
					    &rule);
		}
		good = add_missing(w, &w->exchanges.ex[i]);
	}
	reach_leave(w->check->reach);
	return good;
}

/* Replies to what is forwarded. */
static bool find_forwarded(struct ways *w)
{
	bool good = true;
	size_t i;

	clear(w);
	w->forwarded = true;
	for (i = 0; i < w->exchanges.n && good; i++)
		good = add_missing(w, &w->exchanges.ex[i]);
	return good;
}

/* Would forwarding explain it? */
static bool may_be_forwarded(struct ways *w)
{
	size_t i;

	for (i = 0; i < w->exchanges.n; i++)
		if (missing_is_forwarded(w->check->reach, &w->exchanges.ex[i],
					 &w->check->ports, w->index) > 0)
			return true;
	return false;
}

/* Is the rule about some interfaces, so that there are others? */
static bool has_ifaces(const struct ways *w)
{
	const struct ruleset_rule *rule = check_rule(w->check, w->direction,
						     w->index);
	struct space *space = w->check->space;

	return rule && space_iface_of(space, &rule->rule) !=
		       space->full[0][SPACE_IFACE];
}

static void examine_allow(struct ways *w)
{
	bool good;

	clear(w);
	w->forwarded = false;
	w->perhaps = false;
	if (w->check->forwarded && w->direction == SFW_DIRECTION_IN) {
		good = find_forwarded(w);
	} else {
		good = find_own(w);
		if (good && w->direction == SFW_DIRECTION_IN && worst(w)) {
			if (!has_ifaces(w))
				w->perhaps = w->has_return &&
					     may_be_forwarded(w);
			else if (may_be_forwarded(w))
				good = find_forwarded(w);
		}
	}
	if (good)
		report_missing(w);
	clear(w);
}

/* --- orphan-return ------------------------------------------------------ */

struct orphan {
	struct ways *w;
	const struct exchange *ex;
	u8 back;		/* where the requests are looked for */
};

static int is_allowed(const struct box *part, size_t index, void *data)
{
	struct orphan *o = data;

	(void)part;
	return reach_action(o->w->check->reach, o->back, index) ==
	       SFW_ACTION_ALLOW;
}

static int ask_back(const struct box *part, size_t index, void *data)
{
	struct orphan *o = data;
	struct check *check = o->w->check;
	struct box request;

	(void)index;
	request = reply_request(check->space, o->ex, part);
	if (o->back == o->w->direction)
		request.set[SPACE_IFACE] =
			missing_reply_ifaces(check->space,
					     part->set[SPACE_IFACE]);
	return reach_walk(check->reach, o->back, &request, 0,
			  check->rs->n_rules[o->back], false, is_allowed, o);
}

/*
 * Does it answer what goes the other way? If it comes in by some interface only,
 * or if the user says so, it may as well answer what came in by another.
 */
static int answers_any(struct orphan *o, const struct box *box)
{
	struct check *check = o->w->check;
	u8 direction = o->w->direction;
	int ret;

	o->back = !direction;
	ret = reach_left(check->reach, direction, box, o->w->index, true,
			 ask_back, o);
	if (ret || direction != SFW_DIRECTION_IN ||
	    (!check->forwarded &&
	     box->set[SPACE_IFACE] == check->space->full[0][SPACE_IFACE]))
		return ret;
	o->back = direction;
	return reach_left(check->reach, direction, box, o->w->index, true,
			  ask_back, o);
}

/* Errors answer whatever there is; what it is, does not stand in a header. */
static bool matches_errors(struct ways *w, u8 family, const struct box *rule)
{
	u8 protocol = family == AF_INET ? IPPROTO_ICMP : IPPROTO_ICMPV6;
	const struct sfw_addr value = { 0, protocol };
	struct sfw_addr t = { 0, 0 };

	if (!ranges_has(w->check->space->ranges, rule->set[SPACE_PROTOCOL],
			&value))
		return false;
	for (; t.lo < 256; t.lo++) {
		const struct sfw_addr x = { 0, t.lo << 8 };

		if (sfw_icmp_class(protocol, t.lo) == SFW_ICMP_ERROR &&
		    ranges_has(w->check->space->ranges, rule->set[SPACE_SPORT],
			       &x))
			return true;
	}
	return false;
}

static void examine_return(struct ways *w)
{
	static const char nothing[] =
		"it answers nothing: no rule lets %s what these would be replies to";
	struct orphan o = { .w = w };
	struct box rule, replies, box;
	const struct exchange *ex;
	bool any = false;
	struct finding *f;
	size_t i;
	int ret;

	for (i = 0; i < w->exchanges.n; i++) {
		ex = &w->exchanges.ex[i];
		o.ex = ex;
		if (!reach_rule(w->check->reach, w->direction, w->index,
				ex->family, &rule))
			continue;
		any = true;
		if (matches_errors(w, ex->family, &rule))
			return;
		replies = reply_all(w->check->space, ex);
		if (!space_and(w->check->space, &rule, &replies, &box))
			continue;
		ret = answers_any(&o, &box);
		if (ret < 0) {
			check_not_analysed(w->check, FINDING_NOTE,
					   w->direction, w->index,
					   "orphan-return");
			return;
		}
		if (ret)
			return;
	}
	if (!any)
		return;
	f = check_add(w->check, "orphan-return", FINDING_NOTE, w->direction,
		      w->index,
		      xasprintf(nothing,
				w->direction == SFW_DIRECTION_IN ? "out" :
				"in"));
	for (i = 0; i < w->exchanges.n && f; i++) {
		ex = &w->exchanges.ex[i];
		if (!reach_rule(w->check->reach, w->direction, w->index,
				ex->family, &rule))
			continue;
		replies = reply_all(w->check->space, ex);
		if (!space_and(w->check->space, &rule, &replies, &box))
			continue;
		check_witness(w->check, f, "such as", &box, w->direction);
		break;
	}
}

void check_return(struct check *check)
{
	struct ways w = { .check = check };
	const struct ruleset_rule *rule;
	int d;

	exchanges_find(&w.exchanges, check->rs);
	w.m = xcalloc(w.exchanges.n + 1, sizeof(*w.m));
	for (w.index = 0; w.index < check->rs->n_rules[SFW_DIRECTION_IN];
	     w.index++)
		if (check_rule(check, SFW_DIRECTION_IN,
			       w.index)->rule.flags & SFW_RULE_F_RETURN)
			w.has_return = true;
	for (d = 0; d < 2; d++) {
		w.direction = d;
		for (w.index = 0; w.index <= check->rs->n_rules[d]; w.index++) {
			rule = check_rule(check, d, w.index);
			if (reach_action(check->reach, d, w.index) !=
			    SFW_ACTION_ALLOW)
				continue;
			if (rule && rule->rule.flags & SFW_RULE_F_RETURN)
				examine_return(&w);
			else if (check->mode == SFW_MODE_STATELESS)
				examine_allow(&w);
			space_release(check->space);
		}
	}
	clear(&w);
	free(w.m);
	exchanges_free(&w.exchanges);
}
