// SPDX-License-Identifier: GPL-2.0
/*
 * Replies that are dropped: see missing.h.
 *
 * What reaches a rule, and is a request, is turned round and taken through the
 * list of the other direction; what is denied there, turned back, are the
 * requests that fail. All of it is exact; shares are of tuples of addresses and
 * ports.
 *
 * A rule about TCP flags may deny some replies to a request and not others.
 * Then the request fails, and it is counted once.
 */
#include <stdlib.h>

#include "missing.h"
#include "xalloc.h"

/* Pieces of what fails of one rule. */
#define FAIL_MAX	20000

struct search {
	struct reach *reach;
	struct missing *m;
	bool more;
	u8 direction;		/* of what is looked at: replies, or the rest */
	u32 flags;		/* those it may have */
	size_t start;		/* of what failed of this part */
	bool partial;		/* some flags are decided otherwise */
	bool passed;
};

static void add_taker(struct missing *m, size_t index)
{
	size_t i;

	for (i = 0; i < m->n_takers; i++)
		if (m->taker[i] == index)
			return;
	m->taker = xgrow(m->taker, &m->cap_takers, m->n_takers + 1,
			 sizeof(*m->taker));
	m->taker[m->n_takers++] = index;
	if (m->n_takers == 1 || index < m->earliest)
		m->earliest = index;
}

/* Add what is not in the boxes from a place on. */
static void add_rest(struct space *space, struct boxes *boxes, size_t from,
		     const struct box *box)
{
	struct boxes now = { .n = 0 }, next = { .n = 0 };
	struct box rest[SPACE_DIMS];
	size_t end = boxes->n, i, j;
	int k, n;

	boxes_add(&now, box);
	for (i = from; i < end; i++) {
		struct boxes swap = now;

		next.n = 0;
		for (j = 0; j < now.n; j++) {
			n = space_without(space, &now.box[j], &boxes->box[i],
					  rest);
			for (k = 0; k < n; k++)
				boxes_add(&next, &rest[k]);
		}
		now = next;
		next = swap;
	}
	for (j = 0; j < now.n; j++)
		boxes_add(boxes, &now.box[j]);
	boxes_free(&now);
	boxes_free(&next);
}

static u16 lowest_port(const struct space *space, const struct box *box)
{
	const struct range *r;
	size_t n;

	r = ranges_get(space->ranges, box->set[SPACE_SPORT], &n);
	return n ? r[0].lo.lo : 0;
}

static int look_at_reply(const struct box *part, size_t index, void *data)
{
	struct search *s = data;
	struct space *space = reach_space(s->reach);
	struct missing *m = s->m;
	struct box request;
	u16 port;

	if (part->set[SPACE_FLAGS] != s->flags)
		s->partial = true;
	if (reach_action(s->reach, s->direction, index) == SFW_ACTION_ALLOW) {
		s->passed = true;
		return 0;
	}
	if (s->more) {
		request = *part;
		request.set[SPACE_FLAGS] = space_one(space, SFW_TCP_SYN);
	} else {
		request = reply_request(space, m->ex, part);
	}
	port = lowest_port(space, &request);
	if (!m->fail.n || port < m->first_port) {
		m->first = request;
		m->first_port = port;
		m->first_taker = index;
	}
	add_taker(m, index);
	if (s->partial)
		add_rest(space, &m->fail, s->start, &request);
	else
		boxes_add(&m->fail, &request);
	return m->fail.n > FAIL_MAX ? 1 : 0;
}

/* Of what failed, is there some of this request that did not? */
static bool rest_passes(struct search *s, const struct box *request)
{
	size_t n = s->m->fail.n;
	bool passes;

	add_rest(reach_space(s->reach), &s->m->fail, s->start, request);
	passes = s->m->fail.n > n;
	s->m->fail.n = n;
	return passes;
}

static int look_at_request(const struct box *part, size_t index, void *data)
{
	struct search *s = data;
	struct space *space = reach_space(s->reach);
	struct box reply;
	int ret;

	(void)index;
	s->m->total += space_size(space, part);
	s->start = s->m->fail.n;
	s->partial = false;
	s->passed = false;
	if (s->more)
		request_more(space, s->m->ex, part, &reply);
	else
		reply = request_reply(space, s->m->ex, part);
	s->flags = reply.set[SPACE_FLAGS];
	ret = reach_walk(s->reach, s->direction, &reply, 0,
			 reach_ruleset(s->reach)->n_rules[s->direction], false,
			 look_at_reply, s);
	if (ret)
		return ret;
	if (s->partial ? rest_passes(s, part) : s->passed)
		s->m->some_pass = true;
	return 0;
}

int missing_find(struct reach *reach, const struct exchange *ex,
		 const struct explain_ports *ports, u8 direction, size_t index,
		 bool more, struct missing *m)
{
	struct search s = {
		.reach = reach,
		.m = m,
		.more = more,
		.direction = more ? direction : !direction,
	};
	struct space *space = reach_space(reach);
	struct box rule, requests, box;
	size_t i;
	int ret;

	*m = (struct missing){
		.ex = ex,
		.direction = direction,
		.index = index,
	};
	if (!reach_rule(reach, direction, index, ex->family, &rule) ||
	    (more && ex->protocol != IPPROTO_TCP))
		return 0;
	requests = request_all(space, ex, ports, direction);
	if (!space_and(space, &rule, &requests, &box))
		return 0;
	ret = reach_left(reach, direction, &box, index, true, look_at_request, &s);
	if (ret || space_is_full(space))
		return REACH_TOO_MUCH;
	for (i = 0; i < m->fail.n; i++)
		m->failed += space_size(space, &m->fail.box[i]);
	return 0;
}

/* --- what is forwarded ---------------------------------------------------- */

u32 missing_reply_ifaces(struct space *space, u32 request_ifaces)
{
	u32 full = space->full[0][SPACE_IFACE];

	return request_ifaces == full ? full :
	       ranges_without(space->ranges, full, request_ifaces);
}

/* The requests of a rule that come in; false: it has none. */
static bool requests_in(struct reach *reach, const struct exchange *ex,
			const struct explain_ports *ports, size_t index,
			struct box *box, u32 *reply_ifaces)
{
	struct space *space = reach_space(reach);
	struct box rule, requests;

	if (!reach_rule(reach, SFW_DIRECTION_IN, index, ex->family, &rule))
		return false;
	*reply_ifaces = missing_reply_ifaces(space, rule.set[SPACE_IFACE]);
	requests = request_all(space, ex, ports, SFW_DIRECTION_IN);
	return space_and(space, &rule, &requests, box);
}

struct forwarded {
	struct search s;
	u32 reply_ifaces;
	u32 iface;		/* of the request at hand */
	struct boxes pending;	/* requests whose replies were dropped so far */
	bool last;		/* on all interfaces but one */
};

/* Back to a request that came in by its own interface. */
static int drop_forwarded(const struct box *part, size_t index, void *data)
{
	struct forwarded *f = data;
	struct space *space = reach_space(f->s.reach);
	struct missing *m = f->s.m;
	struct box request;
	size_t n = f->pending.n;
	u16 port;

	if (reach_action(f->s.reach, SFW_DIRECTION_IN, index) ==
	    SFW_ACTION_ALLOW)
		return 0;
	request = reply_request(space, m->ex, part);
	request.set[SPACE_IFACE] = f->iface;
	add_rest(space, &f->pending, f->s.start, &request);
	if (!f->last || f->pending.n == n)
		return f->pending.n > FAIL_MAX ? 1 : 0;
	port = lowest_port(space, &request);
	if (!m->n_takers || port < m->first_port) {
		m->first = request;
		m->first_port = port;
		m->first_taker = index;
	}
	add_taker(m, index);
	return f->pending.n > FAIL_MAX ? 1 : 0;
}

/* What is pending, on one interface more. */
static int next_iface(struct forwarded *f, u32 class)
{
	struct space *space = reach_space(f->s.reach);
	struct boxes before = f->pending;
	struct box reply;
	size_t i;
	int ret = 0;

	f->pending = (struct boxes){ .n = 0 };
	for (i = 0; i < before.n && !ret; i++) {
		reply = request_reply(space, f->s.m->ex, &before.box[i]);
		f->iface = before.box[i].set[SPACE_IFACE];
		f->s.start = f->pending.n;
		reply.set[SPACE_IFACE] = space_one(space, class);
		ret = reach_walk(f->s.reach, SFW_DIRECTION_IN, &reply, 0,
				 reach_ruleset(f->s.reach)->n_rules[SFW_DIRECTION_IN],
				 false, drop_forwarded, f);
	}
	boxes_free(&before);
	return ret;
}

static int look_at_forwarded(const struct box *part, size_t index, void *data)
{
	struct forwarded *f = data;
	struct space *space = reach_space(f->s.reach);
	struct missing *m = f->s.m;
	const struct range *r;
	size_t i, k, n;
	u64 class;
	int ret = 0;

	(void)index;
	m->total += space_size(space, part);
	f->pending.n = 0;
	boxes_add(&f->pending, part);
	ranges_get(space->ranges, f->reply_ifaces, &n);
	for (i = 0; i < n && !ret; i++) {
		/* The sets may move while there are more of them. */
		r = ranges_get(space->ranges, f->reply_ifaces, &k) + i;
		for (class = r->lo.lo; !ret; class++) {
			r = ranges_get(space->ranges, f->reply_ifaces, &k) + i;
			if (class > r->hi.lo)
				break;
			f->last = i + 1 == n && class == r->hi.lo;
			m->reply_class = class;
			ret = next_iface(f, class);
		}
	}
	if (ret)
		return ret;
	n = f->pending.n;
	add_rest(space, &f->pending, 0, part);
	if (f->pending.n > n)
		m->some_pass = true;
	for (i = 0; i < n; i++)
		boxes_add(&m->fail, &f->pending.box[i]);
	return m->fail.n > FAIL_MAX ? 1 : 0;
}

int missing_forwarded(struct reach *reach, const struct exchange *ex,
		      const struct explain_ports *ports, size_t index,
		      struct missing *m)
{
	struct space *space = reach_space(reach);
	struct forwarded f = {
		.s = { .reach = reach, .m = m },
	};
	struct box box;
	size_t i;
	int ret;

	*m = (struct missing){
		.ex = ex,
		.direction = SFW_DIRECTION_IN,
		.index = index,
		.forwarded = true,
	};
	if (!requests_in(reach, ex, ports, index, &box, &f.reply_ifaces))
		return 0;
	ret = reach_left(reach, SFW_DIRECTION_IN, &box, index, true,
			 look_at_forwarded, &f);
	boxes_free(&f.pending);
	if (ret || space_is_full(space))
		return REACH_TOO_MUCH;
	for (i = 0; i < m->fail.n; i++)
		m->failed += space_size(space, &m->fail.box[i]);
	return 0;
}

struct evidence {
	struct reach *reach;
	const struct exchange *ex;
	u32 reply_ifaces;
};

/* Rules for replies let nobody ask. */
static int is_denied(const struct box *part, size_t index, void *data)
{
	const struct evidence *e = data;
	const struct ruleset *rs = reach_ruleset(e->reach);

	(void)part;
	if (index < rs->n_rules[SFW_DIRECTION_OUT] &&
	    rs->rules[SFW_DIRECTION_OUT][index]->rule.flags &
	    SFW_RULE_F_RETURN)
		return 1;
	return reach_action(e->reach, SFW_DIRECTION_OUT, index) !=
	       SFW_ACTION_ALLOW;
}

static int ask_out(const struct box *part, size_t index, void *data)
{
	struct evidence *e = data;
	struct box request;

	if (reach_action(e->reach, SFW_DIRECTION_IN, index) != SFW_ACTION_ALLOW)
		return 0;
	request = reply_request(reach_space(e->reach), e->ex, part);
	return reach_walk(e->reach, SFW_DIRECTION_OUT, &request, 0,
			  reach_ruleset(e->reach)->n_rules[SFW_DIRECTION_OUT],
			  false, is_denied, e);
}

static int let_reply_in(const struct box *part, size_t index, void *data)
{
	struct evidence *e = data;
	struct box reply = request_reply(reach_space(e->reach), e->ex, part);

	(void)index;
	reply.set[SPACE_IFACE] = e->reply_ifaces;
	return reach_walk(e->reach, SFW_DIRECTION_IN, &reply, 0,
			  reach_ruleset(e->reach)->n_rules[SFW_DIRECTION_IN],
			  false, ask_out, e);
}

int missing_is_forwarded(struct reach *reach, const struct exchange *ex,
			 const struct explain_ports *ports, size_t index)
{
	struct evidence e = { .reach = reach, .ex = ex };
	struct box box;

	if (!requests_in(reach, ex, ports, index, &box, &e.reply_ifaces))
		return 0;
	return reach_left(reach, SFW_DIRECTION_IN, &box, index, true,
			  let_reply_in, &e);
}

void missing_free(struct missing *m)
{
	boxes_free(&m->fail);
	free(m->taker);
	m->taker = NULL;
}
