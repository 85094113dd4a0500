// SPDX-License-Identifier: GPL-2.0
/*
 * Would a rule set cut the ssh session in which sfwctl runs?
 *
 * Two questions, because either alone is not enough to stay in control: does
 * the session that runs go on, and is the next one from the same client let
 * in? The packets that decide it are made by hand - SYN and SYN/ACK for the
 * next session, an ACK of each side for this one - and matched against the
 * rules with the code that the kernel matches with.
 *
 * Stateless, each of the four has to be allowed by its list. Stateful, the
 * packet that begins a connection decides: for a session in the kernel's table
 * the one that began it, which the new set judges again; else the client's
 * next packet, if such packets may begin connections (option tcp-pickup).
 *
 * Rates are not looked at: a limit that lets nobody in is not what people
 * write. If the interface is not known, a rule that names one might match or
 * not; whatever is worse is assumed.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <tcp.h>

#include "lockout.h"
#include "nl_conns.h"
#include "nl_query.h"
#include "print.h"
#include "xalloc.h"

#define ACK	(SFW_TCP_ACK | SFW_TCP_PSH)
#define SYN_ACK	(SFW_TCP_SYN | SFW_TCP_ACK)

struct trial {
	const struct ruleset *rs;
	const struct session *session;
	struct lockout *found;
};

static struct sfw_packet make_packet(const struct session *s, u8 direction,
				     bool from_client, u8 flags)
{
	return (struct sfw_packet){
		.family = s->family,
		.protocol = IPPROTO_TCP,
		.direction = direction,
		.ifname = *s->ifname ? s->ifname : NULL,
		.len = 60,
		.has_ports = true,
		.src = from_client ? s->client : s->server,
		.dst = from_client ? s->server : s->client,
		.sport = from_client ? s->client_port : s->server_port,
		.dport = from_client ? s->server_port : s->client_port,
		.tcp = { .flags = flags, .doff = 5 },
	};
}

static bool matches(const struct sfw_rule *rule, const struct sfw_packet *pkt)
{
	struct sfw_rule any = *rule;

	if (pkt->ifname || !(rule->flags & SFW_RULE_F_IFNAME))
		return sfw_rule_match(rule, pkt);
	/* It is not known; assume what is worse. */
	any.flags &= ~(SFW_RULE_F_IFNAME | SFW_RULE_F_NOT_IFNAME);
	return rule->action != SFW_ACTION_ALLOW && sfw_rule_match(&any, pkt);
}

/* What the list says; *rule is NULL for the default. */
static bool list_allows(const struct ruleset *rs, const struct sfw_packet *pkt,
			const struct sfw_rule **rule)
{
	u8 d = pkt->direction;
	size_t i;

	for (i = 0; i < rs->n_rules[d]; i++) {
		*rule = &rs->rules[d][i]->rule;
		if (matches(*rule, pkt))
			return (*rule)->action == SFW_ACTION_ALLOW;
	}
	*rule = NULL;
	return rs->def[d].action == SFW_ACTION_ALLOW;
}

static bool is_free(const struct sfw_rule *rule)
{
	return rule && rule->flags & SFW_RULE_F_NO_STATE;
}

/* One packet by its list alone; whether it is allowed, and by which rule. */
static bool passes(const struct trial *t, u8 direction, bool from_client,
		   u8 flags, const struct sfw_rule **rule)
{
	struct sfw_packet pkt = make_packet(t->session, direction, from_client,
					    flags);

	if (list_allows(t->rs, &pkt, rule))
		return true;
	*t->found = (struct lockout){
		.rule = *rule,
		.direction = direction,
		.from_client = from_client,
	};
	return false;
}

/* The same for a packet of no connection, in a stateful set. */
static bool passes_alone(const struct trial *t, u8 direction, bool from_client,
			 u8 flags)
{
	const struct sfw_tcp_info tcp = { .flags = flags, .doff = 5 };
	const struct sfw_rule *rule;

	if (!passes(t, direction, from_client, flags, &rule))
		return false;
	if (is_free(rule) || sfw_tcp_can_begin(&tcp, t->rs->options.tcp_pickup))
		return true;
	*t->found = (struct lockout){
		.rule = rule,
		.direction = direction,
		.from_client = from_client,
		.why = flags & SFW_TCP_SYN ?
		       "the answer cannot begin a connection" :
		       "no connection is known, and option tcp-pickup is off",
	};
	return false;
}

/* A connection that this packet begins, with what comes back to it. */
static bool connects(const struct trial *t, u8 direction, bool from_client,
		     u8 flags, u8 answer)
{
	const struct sfw_rule *rule;

	if (!passes_alone(t, direction, from_client, flags))
		return false;
	passes(t, direction, from_client, flags, &rule);
	/* Without a connection the other half is on its own. */
	return !is_free(rule) ||
	       passes_alone(t, !direction, !from_client, answer);
}

static bool this_goes_on(const struct trial *t, enum lockout_track track)
{
	if (track != LOCKOUT_UNKNOWN && t->rs->options.keep_connections)
		return true;
	switch (track) {
	case LOCKOUT_TRACKED:
		return connects(t, SFW_DIRECTION_IN, true, SFW_TCP_SYN, ACK);
	case LOCKOUT_TRACKED_BACK:
		return connects(t, SFW_DIRECTION_OUT, false, ACK, ACK);
	case LOCKOUT_UNKNOWN:
		break;
	}
	return connects(t, SFW_DIRECTION_IN, true, ACK, ACK);
}

static bool next_comes_in(const struct trial *t)
{
	return connects(t, SFW_DIRECTION_IN, true, SFW_TCP_SYN, SYN_ACK);
}

/* Both halves of what the client sends and of what comes back. */
static bool passes_stateless(const struct trial *t, u8 flags, u8 answer)
{
	const struct sfw_rule *rule;

	return passes(t, SFW_DIRECTION_IN, true, flags, &rule) &&
	       passes(t, SFW_DIRECTION_OUT, false, answer, &rule);
}

/* A session with oneself meets both lists with each of its packets. */
static bool passes_local(const struct trial *t, u8 flags, u8 answer)
{
	const struct sfw_rule *rule;
	u8 d;

	for (d = SFW_DIRECTION_IN; d <= SFW_DIRECTION_OUT; d++)
		if (!passes(t, d, true, flags, &rule) ||
		    (t->rs->mode == SFW_MODE_STATELESS &&
		     !passes(t, d, false, answer, &rule)))
			return false;
	return true;
}

bool lockout_judge(const struct ruleset *rs, const struct session *session,
		   enum lockout_track track, struct lockout *found)
{
	const struct trial t = {
		.rs = rs,
		.session = session,
		.found = found,
	};
	bool on, in;

	if (rs->audit || (session->local && !rs->options.loopback_filter))
		return false;
	if (session->local) {
		on = track != LOCKOUT_UNKNOWN || passes_local(&t, ACK, ACK);
		in = on && passes_local(&t, SFW_TCP_SYN, SYN_ACK);
	} else if (rs->mode == SFW_MODE_STATELESS) {
		on = passes_stateless(&t, ACK, ACK);
		in = on && passes_stateless(&t, SFW_TCP_SYN, SYN_ACK);
	} else {
		on = this_goes_on(&t, track);
		in = on && next_comes_in(&t);
	}
	if (on && !in)
		found->fresh = true;
	return !in;
}

struct search {
	const struct session *session;
	enum lockout_track track;
};

static bool same(const struct sfw_addr *a, u16 a_port,
		 const struct sfw_addr *b, u16 b_port)
{
	return !sfw_addr_cmp(a, b) && a_port == b_port;
}

static void look_at(const struct nl_conn *conn, void *data)
{
	struct search *search = data;
	const struct session *s = search->session;

	if (conn->family != s->family || conn->protocol != IPPROTO_TCP)
		return;
	if (same(&conn->src, conn->sport, &s->client, s->client_port) &&
	    same(&conn->dst, conn->dport, &s->server, s->server_port))
		search->track = LOCKOUT_TRACKED;
	else if (same(&conn->dst, conn->dport, &s->client, s->client_port) &&
		 same(&conn->src, conn->sport, &s->server, s->server_port))
		search->track = LOCKOUT_TRACKED_BACK;
}

/* What the kernel's table has of the session. */
static enum rc ask_track(struct nl *nl, const struct session *session,
			 enum lockout_track *track)
{
	struct search search = { .session = session };
	char key[3][8] = { "proto", "addr", "port" };
	char tcp[] = "tcp", addr[64], port[8], *words[6];
	struct nl_filter filter;
	bool changed;
	enum rc rc;

	print_addr(addr, sizeof(addr), session->family, &session->client);
	snprintf(port, sizeof(port), "%u", session->client_port);
	words[0] = key[0];
	words[1] = tcp;
	words[2] = key[1];
	words[3] = addr;
	words[4] = key[2];
	words[5] = port;
	rc = nl_filter_parse(&filter, ARRAY_SIZE(words), words);
	if (rc == RC_OK)
		rc = nl_conns_dump(nl, &filter, look_at, &search, &changed);
	*track = search.track;
	return rc;
}

static enum rc report(const struct session *session,
		      const struct lockout *found)
{
	const char *direction = print_directions[found->direction];
	char name[100], rule[32], *text, *message;

	session_text(name, sizeof(name), session);
	if (found->rule) {
		text = print_rule_text(found->rule);
		snprintf(rule, sizeof(rule), "%s:%u", direction,
			 found->rule->number);
	} else {
		text = xasprintf("default %s", direction);
		snprintf(rule, sizeof(rule), "%s:*", direction);
	}
	message = xasprintf("'%s' drops what the %s sends: %s %s%s%s", text,
			    found->from_client ? "client" : "server",
			    found->fresh ?
			    "nobody could log in again as in the ssh session" :
			    "it would cut the ssh session this runs in,",
			    name, found->why ? "; " : "",
			    found->why ? found->why : "");
	if (out.json)
		out_json(json_pack("{s:[{s:s, s:s, s:s, s:s}]}", "findings",
				   "code", "lock-out", "severity", "error",
				   "rule", rule, "message", message));
	else
		out_err("lock-out: %s. Nothing is changed; allow both ways of it, or insist with "
			LOCKOUT_OPTION, message);
	free(message);
	free(text);
	return RC_KERNEL;
}

/* before: what runs, or NULL: what is cut already is not this change's doing. */
static enum rc check(struct nl *nl, const struct ruleset *rs,
		     const struct ruleset *before,
		     const struct session *session)
{
	enum lockout_track track;
	struct lockout found;
	enum rc rc;

	if (rs->audit)
		return RC_OK;
	rc = ask_track(nl, session, &track);
	if (rc != RC_OK)
		return rc;
	if (before && lockout_judge(before, session, track, &found))
		return RC_OK;
	return lockout_judge(rs, session, track, &found) ?
	       report(session, &found) : RC_OK;
}

enum rc lockout_check_set(struct nl *nl, const struct ruleset *rs)
{
	struct session session;

	return session_find(&session) ? check(nl, rs, NULL, &session) : RC_OK;
}

/* The running set as it would be. It is for looking at only: rules that are
 * left out are not freed, the one that is added is not its own.
 */
static void change_list(struct ruleset *rs, const struct lockout_change *change,
			struct ruleset_rule *extra)
{
	struct ruleset_rule **rules;
	bool found = change->add;
	size_t i, n = 0;
	u8 d;

	d = change->add ? change->add->direction : (u8)change->direction;
	rules = xcalloc(rs->n_rules[d] + 1, sizeof(struct ruleset_rule *));
	for (i = 0; i < rs->n_rules[d]; i++) {
		const struct sfw_rule *rule = &rs->rules[d][i]->rule;

		if (change->add || rule->number != change->number) {
			rules[n++] = rs->rules[d][i];
			continue;
		}
		extra->rule = *rule;
		extra->rule.number = change->to;
		found = true;
	}
	if (change->add)
		extra->rule = *change->add;
	/* One that is not there is the kernel's to refuse. */
	if (found && extra->rule.number)
		rules[n++] = extra;
	rs->rules[d] = rules;
	rs->n_rules[d] = n;
	ruleset_sort(rs);
}

enum rc lockout_check_change(struct nl *nl, const struct lockout_change *change)
{
	struct ruleset_rule extra = { .line = 0 };
	struct ruleset *rs, after;
	struct nl_status status;
	struct session session;
	enum rc rc;
	int d;

	if (!session_find(&session))
		return RC_OK;
	rc = nl_query_ruleset(nl, &status, &rs);
	if (rc != RC_OK || !rs)
		return rc;
	after = *rs;
	if (change->mode >= 0)
		after.mode = (u8)change->mode;
	if (change->audit >= 0)
		after.audit = change->audit;
	if (change->add || change->direction >= 0)
		change_list(&after, change, &extra);
	rc = check(nl, &after, rs, &session);
	for (d = 0; d < 2; d++)
		if (after.rules[d] != rs->rules[d])
			free(after.rules[d]);
	ruleset_free(rs);
	return rc;
}
