// SPDX-License-Identifier: GPL-2.0
/*
 * The figures of sfwctl top: read, tallied, compared with those before.
 *
 * The table is read connection by connection and tallied by rule, source and
 * destination as it comes; of the connections themselves only those with the
 * most bytes are kept, in a heap whose root has the fewest.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lib/print.h"
#include "lib/xalloc.h"
#include "top.h"

double top_clock(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

double top_rate(const struct top_sample *s, u64 now, u64 before)
{
	/* Counters can be set to zero meanwhile. */
	if (!s->has_rates || now < before)
		return 0;
	return (double)(now - before) / s->seconds;
}

void top_human(char *buf, size_t size, double value)
{
	static const char units[] = "kMGTPE";
	int unit = -1;

	while (value >= 9999.5 || (unit >= 0 && value >= 999.5)) {
		value /= 1000;
		unit++;
	}
	if (unit < 0)
		snprintf(buf, size, "%.0f", value);
	else
		snprintf(buf, size, "%.*f%c", value < 9.995 ? 2 :
			 value < 99.95 ? 1 : 0, value, units[unit]);
}

/*
 * Talkers
 */

static struct top_talker *tally_slot(const struct top_tally *t, u8 family,
				     const struct sfw_addr *addr)
{
	u64 hash = (addr->hi ^ addr->lo * 0x9e3779b97f4a7c15ULL ^ family) *
		   0xff51afd7ed558ccdULL;
	size_t i = (hash ^ hash >> 32) & (t->n_slots - 1);

	while (t->slot[i].family &&
	       (t->slot[i].family != family ||
		sfw_addr_cmp(&t->slot[i].addr, addr)))
		i = (i + 1) & (t->n_slots - 1);
	return &t->slot[i];
}

static void tally_init(struct top_tally *t)
{
	t->n_slots = 64;
	t->slot = xcalloc(t->n_slots, sizeof(*t->slot));
}

static void tally_grow(struct top_tally *t)
{
	struct top_tally old = *t;
	size_t i;

	t->n_slots *= 2;
	t->slot = xcalloc(t->n_slots, sizeof(*t->slot));
	for (i = 0; i < old.n_slots; i++)
		if (old.slot[i].family)
			*tally_slot(t, old.slot[i].family, &old.slot[i].addr) =
				old.slot[i];
	free(old.slot);
}

static void tally_add(struct top_tally *t, u8 family,
		      const struct sfw_addr *addr, u64 bytes)
{
	struct top_talker *talker = tally_slot(t, family, addr);

	if (!talker->family) {
		talker->family = family;
		talker->addr = *addr;
		if (++t->n > t->n_slots / 2) {
			tally_grow(t);
			talker = tally_slot(t, family, addr);
		}
	}
	talker->conns++;
	talker->bytes += bytes;
}

/* In a list of its own that can be sorted, with rates. */
static void list_talkers(struct top_sample *s, const struct top_sample *before,
			 int which)
{
	const struct top_tally *t = &s->tally[which];
	struct top_talker *list = xcalloc(t->n + 1, sizeof(*list));
	size_t i, n = 0;

	for (i = 0; i < t->n_slots; i++) {
		struct top_talker *talker = &t->slot[i];

		if (!talker->family)
			continue;
		if (before)
			talker->byte_rate =
				top_rate(s, talker->bytes,
					 tally_slot(&before->tally[which],
						    talker->family,
						    &talker->addr)->bytes);
		list[n++] = *talker;
	}
	s->talkers[which] = list;
}

/*
 * Rules
 */

static int place_cmp(const void *a, const void *b)
{
	const struct top_rule *x = a, *y = b;

	if (x->direction != y->direction)
		return x->direction < y->direction ? -1 : 1;
	/* The default, which is 0, is the last one. */
	if (x->number != y->number)
		return x->number - 1 < y->number - 1 ? -1 : 1;
	return 0;
}

/* rules have to be in their order. */
static struct top_rule *find_rule(const struct top_rule *rules, size_t n,
				  u8 direction, u32 number)
{
	const struct top_rule key = {
		.direction = direction,
		.number = number,
	};

	return n ? bsearch(&key, rules, n, sizeof(key), place_cmp) : NULL;
}

static void put_rule(struct top_rule *to, u8 direction, u32 number, u8 action,
		     char *text, const struct counters *counters)
{
	*to = (struct top_rule){
		.direction = direction,
		.number = number,
		.action = action,
		.text = out_clean(text),
		.packets = counters->packets,
		.bytes = counters->bytes,
	};
}

static void read_rules(struct top_sample *s, const struct ruleset *rs)
{
	size_t i, n = 0;
	u8 d;

	s->rules = xcalloc(rs->n_rules[0] + rs->n_rules[1] + 2,
			   sizeof(*s->rules));
	for (d = 0; d < 2; d++) {
		const struct ruleset_default *def = &rs->def[d];

		for (i = 0; i < rs->n_rules[d]; i++) {
			const struct ruleset_rule *r = rs->rules[d][i];

			put_rule(&s->rules[n++], d, r->rule.number,
				 r->rule.action, print_rule_text(&r->rule),
				 &r->counters);
		}
		put_rule(&s->rules[n++], d, 0, def->action,
			 xasprintf("default %s %s", print_directions[d],
				   print_actions[def->action]),
			 &def->counters);
	}
	s->n_rules = n;
}

static int index_cmp(const void *a, const void *b)
{
	const struct top_rule *const *x = a, *const *y = b;

	return place_cmp(*x, *y);
}

/* before was sorted for whoever looked at it. */
static void rate_rules(struct top_sample *s, const struct top_sample *before)
{
	const struct top_rule **index, *const *old;
	size_t i;

	if (!before->n_rules)
		return;
	index = xcalloc(before->n_rules, sizeof(*index));
	for (i = 0; i < before->n_rules; i++)
		index[i] = &before->rules[i];
	qsort(index, before->n_rules, sizeof(*index), index_cmp);
	for (i = 0; i < s->n_rules; i++) {
		struct top_rule *rule = &s->rules[i];

		old = bsearch(&(const struct top_rule *){ rule }, index,
			      before->n_rules, sizeof(*index), index_cmp);
		if (!old)
			continue;
		rule->packet_rate = top_rate(s, rule->packets, (*old)->packets);
		rule->byte_rate = top_rate(s, rule->bytes, (*old)->bytes);
	}
	free(index);
}

/*
 * Connections
 */

static u64 conn_bytes(const struct nl_conn *conn)
{
	return conn->bytes + conn->reply_bytes;
}

static void swap_conns(struct nl_conn *a, struct nl_conn *b)
{
	struct nl_conn c = *a;

	*a = *b;
	*b = c;
}

/* The heap's order again, from its root down. */
static void heap_sink(struct nl_conn *heap, size_t n)
{
	size_t at = 0, child;

	for (;;) {
		child = 2 * at + 1;
		if (child >= n)
			return;
		if (child + 1 < n &&
		    conn_bytes(&heap[child + 1]) < conn_bytes(&heap[child]))
			child++;
		if (conn_bytes(&heap[at]) <= conn_bytes(&heap[child]))
			return;
		swap_conns(&heap[at], &heap[child]);
		at = child;
	}
}

static void heap_add(struct top_sample *s, const struct nl_conn *conn)
{
	size_t at;

	s->met++;
	if (s->n_conns == TOP_CONNS) {
		if (conn_bytes(conn) <= conn_bytes(&s->conns[0]))
			return;
		s->conns[0] = *conn;
		heap_sink(s->conns, s->n_conns);
		return;
	}
	at = s->n_conns++;
	s->conns[at] = *conn;
	while (at && conn_bytes(&s->conns[at]) <
		     conn_bytes(&s->conns[(at - 1) / 2])) {
		swap_conns(&s->conns[at], &s->conns[(at - 1) / 2]);
		at = (at - 1) / 2;
	}
}

struct reading {
	struct top_sample *sample;
	const struct top_pick *pick;
};

static bool picked(const struct top_pick *pick, const struct nl_conn *conn)
{
	if (pick->by_rule)
		return conn->rule_direction == pick->direction &&
		       conn->rule_number == pick->number;
	return pick->by_addr && conn->family == pick->family &&
	       (!sfw_addr_cmp(&conn->src, &pick->addr) ||
		!sfw_addr_cmp(&conn->dst, &pick->addr));
}

static void read_conn(const struct nl_conn *conn, void *data)
{
	struct reading *reading = data;
	struct top_sample *s = reading->sample;
	struct top_rule *rule = find_rule(s->rules, s->n_rules,
					  conn->rule_direction,
					  conn->rule_number);

	if (rule)
		rule->conns++;
	tally_add(&s->tally[0], conn->family, &conn->src, conn_bytes(conn));
	tally_add(&s->tally[1], conn->family, &conn->dst, conn_bytes(conn));
	if (reading->pick && picked(reading->pick, conn))
		heap_add(s, conn);
}

static enum rc read_all(struct nl *nl, const struct nl_filter *filter,
			struct reading *reading)
{
	struct top_sample *s = reading->sample;
	struct ruleset *rs = NULL;
	bool changed;
	enum rc rc;

	rc = nl_query_ruleset(nl, &s->status, &rs);
	if (rc == RC_OK && rs)
		read_rules(s, rs);
	ruleset_free(rs);
	if (rc != RC_OK)
		return rc;
	/* A table that is rebuilt meanwhile shows some twice: a moment later
	 * it is read again.
	 */
	return nl_conns_dump(nl, filter, read_conn, reading, &changed);
}

enum rc top_read(struct nl *nl, const struct nl_filter *filter,
		 const struct top_pick *pick, const struct top_sample *before,
		 struct top_sample **result)
{
	struct top_sample *s = xcalloc(1, sizeof(*s));
	struct reading reading = { .sample = s, .pick = pick };
	enum rc rc;
	int i;

	s->at = top_clock();
	for (i = 0; i < 2; i++)
		tally_init(&s->tally[i]);
	if (pick)
		s->conns = xcalloc(TOP_CONNS, sizeof(*s->conns));
	rc = read_all(nl, filter, &reading);
	if (rc != RC_OK) {
		top_free(s);
		return rc;
	}
	if (before) {
		s->has_rates = true;
		s->seconds = s->at - before->at;
		s->before = before->status.stats;
		rate_rules(s, before);
	}
	for (i = 0; i < 2; i++)
		list_talkers(s, before, i);
	s->took = top_clock() - s->at;
	*result = s;
	return RC_OK;
}

void top_free(struct top_sample *s)
{
	size_t i;

	if (!s)
		return;
	for (i = 0; i < s->n_rules; i++)
		free(s->rules[i].text);
	free(s->rules);
	for (i = 0; i < 2; i++) {
		free(s->tally[i].slot);
		free(s->talkers[i]);
	}
	free(s->conns);
	free(s);
}

/*
 * Order
 */

static const char *const rule_columns[] = {
	"packets/s", "bytes/s", "conns", "number", NULL
};

static const char *const talker_columns[] = {
	"conns", "bytes", "bytes/s", NULL
};

static const char *const conn_columns[] = { "bytes", "packets", NULL };

const char *const *const top_columns[TOP_VIEWS] = {
	[TOP_RULES]		= rule_columns,
	[TOP_SOURCES]		= talker_columns,
	[TOP_DESTINATIONS]	= talker_columns,
	[TOP_CONNECTIONS]	= conn_columns,
};

static int sort_column;		/* qsort() has no argument for it */

static int more_first(double a, double b)
{
	return a == b ? 0 : a > b ? -1 : 1;
}

static int rule_cmp(const void *a, const void *b)
{
	const struct top_rule *x = a, *y = b;
	int cmp = 0;

	switch (sort_column) {
	case 0:
		cmp = more_first(x->packet_rate, y->packet_rate);
		break;
	case 1:
		cmp = more_first(x->byte_rate, y->byte_rate);
		break;
	case 2:
		cmp = more_first((double)x->conns, (double)y->conns);
		break;
	}
	return cmp ? cmp : place_cmp(x, y);
}

static int talker_cmp(const void *a, const void *b)
{
	const struct top_talker *x = a, *y = b;
	int cmp = 0;

	switch (sort_column) {
	case 0:
		cmp = more_first((double)x->conns, (double)y->conns);
		break;
	case 1:
		cmp = more_first((double)x->bytes, (double)y->bytes);
		break;
	case 2:
		cmp = more_first(x->byte_rate, y->byte_rate);
		break;
	}
	if (!cmp && x->family != y->family)
		cmp = x->family < y->family ? -1 : 1;
	return cmp ? cmp : sfw_addr_cmp(&x->addr, &y->addr);
}

static int conn_cmp(const void *a, const void *b)
{
	const struct nl_conn *x = a, *y = b;
	int cmp;

	cmp = sort_column ?
	      more_first((double)(x->packets + x->reply_packets),
			 (double)(y->packets + y->reply_packets)) :
	      more_first((double)conn_bytes(x), (double)conn_bytes(y));
	if (!cmp)
		cmp = sfw_addr_cmp(&x->src, &y->src);
	return cmp ? cmp : (int)x->sport - (int)y->sport;
}

void top_sort(struct top_sample *s, enum top_view view, int column)
{
	sort_column = column;
	switch (view) {
	case TOP_RULES:
		if (s->n_rules)
			qsort(s->rules, s->n_rules, sizeof(*s->rules),
			      rule_cmp);
		break;
	case TOP_SOURCES:
	case TOP_DESTINATIONS:
		qsort(s->talkers[view - TOP_SOURCES],
		      s->tally[view - TOP_SOURCES].n,
		      sizeof(struct top_talker), talker_cmp);
		break;
	case TOP_CONNECTIONS:
		if (s->n_conns)
			qsort(s->conns, s->n_conns, sizeof(*s->conns),
			      conn_cmp);
		break;
	}
}
