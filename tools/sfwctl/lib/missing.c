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

void missing_free(struct missing *m)
{
	boxes_free(&m->fail);
	free(m->taker);
	m->taker = NULL;
}
