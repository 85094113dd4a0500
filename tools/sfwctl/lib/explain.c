// SPDX-License-Identifier: GPL-2.0
/*
 * What a rule set does with a packet and with its reply, and why.
 *
 * The lists are read by the kernel's classifier, and what stateful mode makes
 * of a packet without a connection is the kernel's fresh.h. What is added here
 * is the second half - the reply, by a connection or by its own list - and the
 * rules that nearly decided otherwise: those that the packet misses by one
 * part, the best few of them. A list of 10,000 rules gives a handful of lines.
 *
 * Rates are not looked at: a packet is taken to be within them.
 */
#include <stdio.h>
#include <stdlib.h>

#include <fresh.h>

#include "explain.h"
#include "packet_text.h"
#include "print.h"
#include "xalloc.h"

struct explain_lists {
	const struct ruleset *rs;
	struct sfw_classifier *cls[2];
};

/* A rule that the packet misses by one part. */
struct miss {
	const struct sfw_rule *rule;
	enum explain_field field;
	unsigned int score;
};

/* struct ruleset_rule begins with the rule, so these are what is wanted. */
static struct sfw_rule *const *rules_of(const struct ruleset *rs, u8 d)
{
	return (struct sfw_rule *const *)rs->rules[d];
}

struct explain_lists *explain_lists_new(const struct ruleset *rs)
{
	struct explain_lists *lists = xcalloc(1, sizeof(*lists));
	int d;

	lists->rs = rs;
	for (d = 0; d < 2; d++) {
		lists->cls[d] = sfw_classify_build(rules_of(rs, d),
						   rs->n_rules[d]);
		if (!lists->cls[d])
			xalloc_fail();
	}
	return lists;
}

void explain_lists_free(struct explain_lists *lists)
{
	if (!lists)
		return;
	sfw_classify_free(lists->cls[0]);
	sfw_classify_free(lists->cls[1]);
	free(lists);
}

/* Index of the rule that decides. */
static u32 decide(const struct explain_lists *lists,
		  const struct sfw_packet *pkt, u32 from)
{
	return sfw_classify_next(lists->cls[pkt->direction], pkt, from);
}

u8 explain_list(const struct explain_lists *lists, const struct sfw_packet *pkt,
		const struct sfw_rule **rule)
{
	const struct ruleset *rs = lists->rs;
	u32 index = decide(lists, pkt, 0);

	*rule = index == SFW_CLASSIFY_NONE ? NULL :
		&rs->rules[pkt->direction][index]->rule;
	return *rule ? (*rule)->action : rs->def[pkt->direction].action;
}

static bool is_loopback(const struct sfw_packet *pkt)
{
	return pkt->ifname && !strcmp(pkt->ifname, "lo");
}

/* On its way back in, what this host sent itself meets the list alone. */
static bool list_alone(const struct sfw_packet *pkt)
{
	return is_loopback(pkt) && pkt->direction == SFW_DIRECTION_IN;
}

/* What passes before any rule is looked at; false if it does not. */
static bool passes_unseen(const struct ruleset *rs,
			  const struct sfw_packet *pkt,
			  struct explain_verdict *v)
{
	*v = (struct explain_verdict){ .action = SFW_ACTION_ALLOW };
	if (is_loopback(pkt) && !rs->options.loopback_filter)
		v->cause = EXPLAIN_LOOPBACK;
	else if (pkt->nd && !rs->options.nd_filter)
		v->cause = EXPLAIN_DISCOVERY;
	else
		return false;
	return true;
}

static struct explain_verdict drop(enum sfw_reason reason)
{
	return (struct explain_verdict){
		.cause = EXPLAIN_TRACKER,
		.action = SFW_ACTION_DENY,
		.reason = reason,
	};
}

/* What comes of what the list says, without any connection. */
static struct explain_verdict settle(const struct ruleset *rs, u8 mode,
				     const struct sfw_packet *pkt,
				     const struct sfw_rule *rule, u8 action)
{
	struct explain_verdict v = {
		.cause = EXPLAIN_LIST,
		.action = action,
		.reason = rule ? SFW_REASON_RULE : SFW_REASON_DEFAULT,
		.direction = pkt->direction,
		.number = rule ? rule->number : 0,
	};

	if (mode == SFW_MODE_STATELESS)
		return v;
	switch (sfw_fresh_judge(pkt, rule, action, rs->options.tcp_pickup)) {
	case SFW_FRESH_LIST:
		break;
	case SFW_FRESH_CONNECT:
		v.connects = true;
		break;
	case SFW_FRESH_NO_CONNECTION:
		return drop(SFW_REASON_NO_CONNECTION);
	case SFW_FRESH_BAD_FLAGS:
		return drop(SFW_REASON_INVALID_FLAGS);
	case SFW_FRESH_BAD_ERROR:
		return drop(SFW_REASON_INVALID_ICMP);
	}
	return v;
}

struct explain_verdict explain_judge(const struct explain_lists *lists,
				     u8 mode, const struct sfw_packet *pkt)
{
	const struct sfw_rule *rule;
	struct explain_verdict v;
	u8 action;

	if (passes_unseen(lists->rs, pkt, &v))
		return v;
	action = explain_list(lists, pkt, &rule);
	return settle(lists->rs, list_alone(pkt) ? SFW_MODE_STATELESS : mode,
		      pkt, rule, action);
}

static bool denies(u8 action)
{
	return action != SFW_ACTION_ALLOW;
}

/* How much a near miss tells, 0: nothing. */
static unsigned int score(const struct sfw_rule *rule, u8 action,
			  enum explain_field field)
{
	unsigned int fits = explain_clauses(rule) - 1;

	/* That a rule about another protocol is about another protocol. */
	if (field == EXPLAIN_PROTOCOL && !fits)
		return 0;
	return (denies(rule->action) != denies(action) ? 100 : 0) +
	       10 * fits + (field != EXPLAIN_PROTOCOL) + 1;
}

/* Keep the best; of equals the later, which is nearer to what decides. */
static void keep_miss(struct miss *best, const struct miss *miss)
{
	struct miss moving = *miss, tmp;
	size_t i;

	for (i = 0; i < EXPLAIN_MISSES_MAX; i++) {
		if (best[i].score > moving.score)
			continue;
		tmp = best[i];
		best[i] = moving;
		moving = tmp;
	}
}

static int by_number(const void *a, const void *b)
{
	const struct miss *x = a, *y = b;

	return x->rule->number < y->rule->number ? -1 : 1;
}

static void add_step(struct explain_walk *walk, const struct sfw_rule *rule,
		     bool decides, enum explain_field field)
{
	walk->step[walk->n_steps++] = (struct explain_step){
		.rule = rule,
		.decides = decides,
		.field = field,
		.why = decides ? NULL : explain_why(rule, &walk->pkt, field),
	};
}

static void find_misses(const struct explain_lists *lists,
			struct explain_walk *walk, u32 end)
{
	u8 d = walk->pkt.direction;
	struct miss best[EXPLAIN_MISSES_MAX] = { { .score = 0 } };
	size_t i, n = 0;

	for (i = 0; i < end && i < lists->rs->n_rules[d]; i++) {
		struct miss miss = { .rule = &lists->rs->rules[d][i]->rule };
		u32 missed = explain_missed(miss.rule, &walk->pkt);

		if (!missed || missed & (missed - 1))
			continue;
		miss.field = __builtin_ctz(missed);
		miss.score = score(miss.rule, walk->action, miss.field);
		if (!miss.score)
			continue;
		keep_miss(best, &miss);
		n++;
	}
	walk->more = n > EXPLAIN_MISSES_MAX ? n - EXPLAIN_MISSES_MAX : 0;
	n -= walk->more;
	qsort(best, n, sizeof(*best), by_number);
	for (i = 0; i < n; i++)
		add_step(walk, best[i].rule, false, best[i].field);
}

/* The first later rule that would have said otherwise. */
static void find_late(const struct explain_lists *lists,
		      struct explain_walk *walk, u32 index)
{
	const struct sfw_rule *rule;

	while (index != SFW_CLASSIFY_NONE) {
		index = decide(lists, &walk->pkt, index + 1);
		if (index == SFW_CLASSIFY_NONE)
			return;
		rule = &lists->rs->rules[walk->pkt.direction][index]->rule;
		if (denies(rule->action) == denies(walk->action))
			continue;
		add_step(walk, rule, false, EXPLAIN_NUMBER);
		return;
	}
}

static void do_walk(const struct explain_lists *lists,
		    const struct sfw_packet *pkt, u8 direction,
		    struct explain_walk *walk)
{
	u32 index;

	walk->pkt = *pkt;
	walk->pkt.direction = direction;
	index = decide(lists, &walk->pkt, 0);
	walk->action = explain_list(lists, &walk->pkt, &walk->rule);
	find_misses(lists, walk, index);
	add_step(walk, walk->rule, true, 0);
	find_late(lists, walk, index);
}

/* A packet to this same host leaves and arrives. */
static void do_half(const struct explain_lists *lists,
		    struct explain_half *half)
{
	struct explain_verdict v;
	const struct sfw_packet *pkt = &half->pkt;

	half->n_walks = 0;
	if (!half->exists || passes_unseen(lists->rs, pkt, &v))
		return;
	if (is_loopback(pkt))
		do_walk(lists, pkt, SFW_DIRECTION_OUT,
			&half->walk[half->n_walks++]);
	do_walk(lists, pkt, is_loopback(pkt) ? SFW_DIRECTION_IN :
					       pkt->direction,
		&half->walk[half->n_walks++]);
}

/* A packet by itself, through all of its lists. */
static struct explain_verdict judge_half(const struct ruleset *rs, u8 mode,
					 const struct explain_half *half)
{
	struct explain_verdict v, last;
	size_t i;

	if (!half->exists)
		return (struct explain_verdict){
			.cause = EXPLAIN_NOTHING,
			.action = SFW_ACTION_ALLOW,
		};
	if (passes_unseen(rs, &half->pkt, &v))
		return v;
	for (i = 0; i < half->n_walks; i++) {
		const struct explain_walk *walk = &half->walk[i];

		last = settle(rs, list_alone(&walk->pkt) ?
			      SFW_MODE_STATELESS : mode, &walk->pkt,
			      walk->rule, walk->action);
		last.walk = i;
		if (!i || last.action != SFW_ACTION_ALLOW)
			v = last;
		if (v.action != SFW_ACTION_ALLOW)
			break;
	}
	return v;
}

static struct explain_verdict judge_reply(const struct explain *ex, u8 mode)
{
	const struct explain_verdict *request = &ex->mode[mode].request;

	if (ex->reply.exists && request->action != SFW_ACTION_ALLOW)
		return (struct explain_verdict){
			.cause = EXPLAIN_NEVER,
			.action = SFW_ACTION_DENY,
		};
	if (ex->reply.exists && (request->connects ||
				 request->cause == EXPLAIN_CONNECTION))
		return (struct explain_verdict){
			.cause = EXPLAIN_CONNECTION,
			.action = SFW_ACTION_ALLOW,
			.direction = request->direction,
			.number = request->number,
		};
	return judge_half(ex->rs, mode, &ex->reply);
}

static char *say_verdict(const struct explain_mode *m)
{
	if (m->works)
		return xstrdup(m->reply.cause == EXPLAIN_NOTHING ? "passes" :
								   "works");
	if (m->request.action == SFW_ACTION_REJECT)
		return xstrdup("refused, the request is rejected");
	if (m->request.action != SFW_ACTION_ALLOW)
		return xstrdup(m->reply.cause == EXPLAIN_NOTHING ||
			       m->request.cause == EXPLAIN_TRACKER ?
			       "dropped" :
			       "times out, the request is dropped");
	return xasprintf("times out, the reply is %s",
			 m->reply.action == SFW_ACTION_REJECT ? "rejected" :
								"dropped");
}

static void forget(struct explain *ex)
{
	size_t i;

	for (i = 0; i < 2; i++) {
		free(ex->mode[i].verdict);
		ex->mode[i].verdict = NULL;
	}
	for (i = 0; i < ex->n_adds; i++)
		free(ex->add[i]);
	ex->n_adds = 0;
	ex->no_number = false;
}

/* What follows from the verdicts on the request. */
static void conclude(struct explain *ex, const struct explain_ports *ports)
{
	int mode;

	for (mode = 0; mode < 2; mode++) {
		struct explain_mode *m = &ex->mode[mode];

		m->reply = judge_reply(ex, mode);
		m->works = m->request.action == SFW_ACTION_ALLOW &&
			   m->reply.action == SFW_ACTION_ALLOW;
		m->verdict = say_verdict(m);
	}
	explain_fix(ex, ports);
}

void explain_run(const struct explain_lists *lists,
		 const struct sfw_packet *pkt, bool forwarded,
		 const char *reply_ifname, const struct explain_ports *ports,
		 struct explain *ex)
{
	int mode;

	memset(ex, 0, sizeof(*ex));
	ex->rs = lists->rs;
	ex->forwarded = forwarded;
	ex->request.pkt = *pkt;
	ex->request.exists = true;
	ex->reply.exists = packet_text_reply(pkt, &ex->reply.pkt);
	if (forwarded) {
		ex->reply.pkt.direction = pkt->direction;
		ex->reply.pkt.ifname = reply_ifname;
	}
	do_half(lists, &ex->request);
	do_half(lists, &ex->reply);
	for (mode = 0; mode < 2; mode++)
		ex->mode[mode].request = judge_half(ex->rs, mode,
						    &ex->request);
	conclude(ex, ports);
}

void explain_replace(struct explain *ex,
		     const struct explain_verdict request[2],
		     const struct explain_ports *ports)
{
	int mode;

	forget(ex);
	for (mode = 0; mode < 2; mode++)
		ex->mode[mode].request = request[mode];
	conclude(ex, ports);
}

static void free_half(struct explain_half *half)
{
	size_t i, j;

	for (i = 0; i < half->n_walks; i++)
		for (j = 0; j < half->walk[i].n_steps; j++)
			free(half->walk[i].step[j].why);
}

void explain_free(struct explain *ex)
{
	forget(ex);
	free_half(&ex->request);
	free_half(&ex->reply);
}
