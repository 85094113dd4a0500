// SPDX-License-Identifier: GPL-2.0
/*
 * A rule set on this machine: exposed-listener, lock-out, table-size,
 * mode-change, and interfaces that are not there.
 *
 * What the machine does not tell, for lack of a module or of privilege, is not
 * looked at; it is no finding.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include "check.h"
#include "lockout.h"
#include "nl_conns.h"
#include "nl_query.h"
#include "packet_text.h"
#include "print.h"
#include "sockets.h"
#include "xalloc.h"

/* The larger of the two kinds of connections, with its place in the hash. */
#define CONNECTION_BYTES	216
/* Part of the memory that a full table may take. */
#define MEMORY_PART		4

#define MODULE	"/sys/module/sfw"

/* --- exposed-listener ----------------------------------------------------- */

struct exposed {
	struct check *check;
	bool by_return;
	size_t index;		/* then: the first of them */
	struct box part;
};

static int find_opener(const struct box *part, size_t index, void *data)
{
	const struct ruleset_rule *rule;
	struct exposed *e = data;

	if (reach_action(e->check->reach, SFW_DIRECTION_IN, index) !=
	    SFW_ACTION_ALLOW)
		return 0;
	rule = check_rule(e->check, SFW_DIRECTION_IN, index);
	if (!rule || !(rule->rule.flags & SFW_RULE_F_RETURN))
		return 1;
	if (!e->by_return) {
		e->index = index;
		e->part = *part;
	}
	e->by_return = true;
	return 0;
}

static void look_at_listener(const struct listener *l, void *data)
{
	static const char text[] =
		"%s port %u is listened on here, and only this rule, for replies, opens it";
	static const char tcp[] =
		"add 'flags established', which lets no connection begin";
	static const char udp[] = "let no service listen on a client's port";
	const struct exchange ex = {
		.family = l->family, .protocol = l->protocol,
	};
	struct exposed *e = data;
	struct check *check = e->check;
	struct range addr = { l->addr, l->addr };
	struct finding *f;
	struct box box;
	char proto[8];

	box = request_all(check->space, &ex, NULL, SFW_DIRECTION_IN);
	box.set[SPACE_DPORT] = space_one(check->space, l->port);
	if (!l->any)
		box.set[SPACE_DST] = ranges_make(check->space->ranges, &addr,
						 1);
	e->by_return = false;
	if (reach_walk(check->reach, SFW_DIRECTION_IN, &box, 0,
		       check->rs->n_rules[SFW_DIRECTION_IN], false,
		       find_opener, e) || !e->by_return)
		return;
	f = check_add(check, "exposed-listener", FINDING_WARNING,
		      SFW_DIRECTION_IN, e->index,
		      xasprintf(text, print_protocol(proto, sizeof(proto),
						     l->protocol, false),
				l->port));
	check_witness(check, f, "such as", &e->part, SFW_DIRECTION_IN);
	finding_line(f, "better", xstrdup(l->protocol == IPPROTO_TCP ? tcp :
								       udp));
}

static void exposed_listeners(struct check *check)
{
	struct exposed e = { .check = check };

	sockets_listening(look_at_listener, &e);
}

/* --- interfaces ------------------------------------------------------------- */

static bool is_there(const struct sfw_rule *rule)
{
	struct if_nameindex *all, *i;
	bool there = false;

	if (!sfw_rule_ifname_is_wildcard(rule))
		return if_nametoindex(rule->ifname);
	all = if_nameindex();
	for (i = all; i && i->if_index && !there; i++)
		there = !strncmp(i->if_name, rule->ifname,
				 strlen(rule->ifname));
	if (all)
		if_freenameindex(all);
	return there;
}

static void unknown_interfaces(struct check *check)
{
	size_t i;
	int d;

	for (d = 0; d < 2; d++) {
		for (i = 0; i < check->rs->n_rules[d]; i++) {
			const struct sfw_rule *rule =
				&check->rs->rules[d][i]->rule;

			if (!(rule->flags & SFW_RULE_F_IFNAME) ||
			    rule->flags & SFW_RULE_F_NOT_IFNAME ||
			    is_there(rule))
				continue;
			check_add(check, "never-matches", FINDING_WARNING, d, i,
				  xasprintf("this host has no interface %s%s",
					    rule->ifname,
					    sfw_rule_ifname_is_wildcard(rule) ?
					    "*" : ""));
		}
	}
}

/* --- lock-out ------------------------------------------------------------- */

static void lock_out(struct check *check)
{
	const struct ruleset_rule *rule = NULL;
	struct session session;
	struct lockout found;
	char text[100], name[REACH_NAME_MAX];
	struct finding *f;

	if (!session_find(&session) ||
	    !lockout_judge(check->rs, &session, LOCKOUT_UNKNOWN, &found))
		return;
	session_text(text, sizeof(text), &session);
	/* Rules of a set are the first members of their entries. */
	if (found.rule)
		rule = (const struct ruleset_rule *)found.rule;
	snprintf(name, sizeof(name), "%s:%u",
		 print_directions[found.direction],
		 found.rule ? found.rule->number : 0);
	if (!found.rule)
		snprintf(name, sizeof(name), "%s:*",
			 print_directions[found.direction]);
	f = findings_add(check->out, "lock-out", FINDING_ERROR, rule, name,
			 xasprintf("it drops what the %s sends: %s %s%s%s",
				   found.from_client ? "client" : "server",
				   found.fresh ?
				   "nobody could log in again as in the ssh session" :
				   "it would cut the ssh session this runs in,",
				   text, found.why ? "; " : "",
				   found.why ? found.why : ""));
	finding_blocked_by(f, name);
}

/* --- table-size ----------------------------------------------------------- */

static void table_size(struct check *check)
{
	static const char text[] =
		"a full table of %u connections takes %llu MiB; this host has %llu MiB of memory";
	u64 bytes = (u64)check->rs->options.max_connections * CONNECTION_BYTES;
	struct sysinfo info;
	u64 memory;

	if (check->mode != SFW_MODE_STATEFUL || sysinfo(&info))
		return;
	memory = (u64)info.totalram * info.mem_unit;
	if (bytes <= memory / MEMORY_PART)
		return;
	findings_add(check->out, "table-size", FINDING_WARNING, NULL, NULL,
		     xasprintf(text, check->rs->options.max_connections,
			       (unsigned long long)bytes >> 20,
			       (unsigned long long)memory >> 20));
}

/* --- mode-change ---------------------------------------------------------- */

struct deaths {
	const struct explain_lists *lists;
	u64 all;
	u64 dead;
};

/* Does the list let the packets of both sides through? */
static void look_at_conn(const struct nl_conn *conn, void *data)
{
	struct deaths *deaths = data;
	const struct sfw_rule *rule;
	struct sfw_packet pkt = {
		.family = conn->family,
		.protocol = conn->protocol,
		.direction = conn->direction,
		.src = conn->src,
		.dst = conn->dst,
		.sport = conn->sport,
		.dport = conn->dport,
		.has_ports = conn->has_ports,
		.icmp_type = conn->icmp_type,
		.icmp_class = conn->has_icmp ? SFW_ICMP_QUERY : SFW_ICMP_OTHER,
		.ifname = *conn->ifname ? conn->ifname : NULL,
	}, reply;

	deaths->all++;
	if (conn->protocol == IPPROTO_TCP)
		pkt.tcp.flags = SFW_TCP_ACK;
	if (explain_list(deaths->lists, &pkt, &rule) != SFW_ACTION_ALLOW ||
	    (packet_text_reply(&pkt, &reply) &&
	     explain_list(deaths->lists, &reply, &rule) != SFW_ACTION_ALLOW))
		deaths->dead++;
}

/* What runs is stateful: what would the change do to it? */
static void mode_change(struct check *check)
{
	static const char text[] =
		"a stateful set runs: %llu of %llu connections would die, %zu rules lack replies";
	const struct nl_filter all = { 0 };
	struct deaths deaths = { .all = 0 };
	size_t i, missing = 0;
	struct nl_status status;
	struct explain_lists *lists;
	struct nl *nl;
	bool changed;

	if (check->mode != SFW_MODE_STATELESS || access(MODULE, F_OK) ||
	    geteuid() || nl_open(&nl) != RC_OK)
		return;
	if (nl_query_status(nl, &status) == RC_OK && status.loaded &&
	    status.mode == SFW_MODE_STATEFUL) {
		lists = explain_lists_new(check->rs);
		deaths.lists = lists;
		nl_conns_dump(nl, &all, look_at_conn, &deaths, &changed);
		explain_lists_free(lists);
		for (i = 0; i < check->out->n; i++)
			missing += !strcmp(check->out->finding[i].code,
					   "missing-return");
		if (deaths.dead || missing)
			findings_add(check->out, "mode-change",
				     FINDING_WARNING, NULL, NULL,
				     xasprintf(text,
					       (unsigned long long)deaths.dead,
					       (unsigned long long)deaths.all,
					       missing));
	}
	nl_close(nl);
}

void check_listeners(const struct ruleset *rs, struct findings *out)
{
	struct check check = { .rs = rs, .out = out, .mode = rs->mode };

	check.space = space_new(rs, NULL);
	check.reach = reach_new(check.space, rs);
	if (check.reach)
		exposed_listeners(&check);
	reach_free(check.reach);
	space_free(check.space);
}

void check_host(const struct ruleset *rs, u8 mode, bool forwarded,
		struct findings *out)
{
	struct check check = {
		.rs = rs,
		.out = out,
		.mode = mode,
		.forwarded = forwarded,
	};

	check.space = space_new(rs, NULL);
	check.reach = reach_new(check.space, rs);
	if (check.reach) {
		exposed_listeners(&check);
		unknown_interfaces(&check);
	}
	lock_out(&check);
	table_size(&check);
	mode_change(&check);
	reach_free(check.reach);
	space_free(check.space);
}
