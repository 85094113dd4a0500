// SPDX-License-Identifier: GPL-2.0
/*
 * A rule set of one mode from one of the other: see derive.h.
 *
 * Stateless from stateful is the question of check, asked of every rule, and
 * its answers added: what would be dropped of the replies, and of what follows
 * the first packet on the same way. TCP's are let through only if they cannot
 * begin a connection. What stateful mode knows and no list can say - that there
 * was a request - is lost; how much that opens is counted.
 *
 * Stateful from stateless is the other question: is all that a return rule lets
 * through a reply to something that is allowed? Then the connection table knows
 * better, and the rule can go. If not, it stays, and a packet says why.
 */
#include <stdlib.h>

#include <icmp.h>
#include "derive.h"
#include "print.h"
#include "space_text.h"
#include "xalloc.h"

/* Added rules can be in the way of others' only once. */
#define ROUNDS_MAX	4

static const u8 families[] = { AF_INET, AF_INET6 };

static const char too_many[] =
	"%s and the other rules cut each other into too many pieces";
static const char no_number[] =
	"no number is free in front of what drops the replies to %s; make room with other numbers";

struct work {
	struct ruleset *rs;
	const struct explain_ports *ports;
	struct derivation *d;
	struct space *space;
	struct reach *reach;
	struct exchanges exchanges;
	struct numbers numbers;
	struct repairs repairs;
	size_t counting;	/* which of the added rules */
	const struct sfw_rule *counted;	/* that rule */
};

static void note(struct derived **list, size_t *n, size_t *cap,
		 const struct sfw_rule *rule, char *why)
{
	*list = xgrow(*list, cap, *n + 1, sizeof(**list));
	(*list)[(*n)++] = (struct derived){
		.direction = rule->direction,
		.number = rule->number,
		.rule = print_rule_text(rule),
		.why = why,
	};
}

/* A new rule; why is what people read at its end. */
static void note_added(struct work *w, struct sfw_rule *rule, char *why)
{
	rule->comment = xstrdup(why);
	note(&w->d->added, &w->d->n_added, &w->d->cap_added, rule, why);
}

static void free_list(struct derived *list, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		free(list[i].rule);
		free(list[i].why);
	}
	free(list);
}

void derivation_free(struct derivation *d)
{
	free_list(d->added, d->n_added);
	free_list(d->dropped, d->n_dropped);
	free_list(d->kept, d->n_kept);
	free(d->failed);
}

static bool begin(struct work *w)
{
	w->space = space_new(w->rs, NULL);
	w->reach = reach_new(w->space, w->rs);
	exchanges_find(&w->exchanges, w->rs);
	if (!w->reach)
		w->d->failed = xstrdup("the lists of the rules are too long");
	return w->reach;
}

static void end(struct work *w)
{
	reach_free(w->reach);
	space_free(w->space);
	exchanges_free(&w->exchanges);
	numbers_free(&w->numbers);
}

static char *rule_name(const struct work *w, u8 direction, size_t index)
{
	if (index < w->rs->n_rules[direction])
		return xasprintf("%s %u", print_directions[direction],
				 w->rs->rules[direction][index]->rule.number);
	return xasprintf("default %s", print_directions[direction]);
}

/* Do rules that are on their way let through all of it? */
static bool is_covered(struct work *w, const struct missing *m, bool more)
{
	struct box box, rule;
	size_t i, j;

	for (i = 0; i < m->fail.n; i++) {
		box = m->fail.box[i];
		if (more)
			request_more(w->space, m->ex, &m->fail.box[i], &box);
		else
			box = request_reply(w->space, m->ex, &m->fail.box[i]);
		for (j = 0; j < w->repairs.n; j++) {
			const struct sfw_rule *r = &w->repairs.rule[j]->rule;

			if (r->direction == (more ? m->direction :
						    !m->direction) &&
			    space_of_rule(w->space, r, box.family, &rule) &&
			    space_is_within(w->space, &box, &rule))
				break;
		}
		if (j == w->repairs.n)
			return false;
	}
	return true;
}

static void drop_covered(struct work *w, struct missing *m, size_t n,
			 bool more)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (m[i].fail.n && is_covered(w, &m[i], more))
			m[i].fail.n = 0;
}

/* Rules for what one rule lacks; false: it cannot be done. */
static bool repair(struct work *w, u8 direction, size_t index, bool more)
{
	struct missing *m = xcalloc(w->exchanges.n, sizeof(*m));
	size_t i, n = 0, before = w->repairs.n;
	char *name = rule_name(w, direction, index);
	bool good = true;

	for (i = 0; i < w->exchanges.n && good; i++)
		good = missing_find(w->reach, &w->exchanges.ex[i], w->ports,
				    direction, index, more, &m[n++]) >= 0;
	if (!good)
		w->d->failed = xasprintf(too_many, name);
	drop_covered(w, m, n, more);
	if (good && !repair_missing(w->reach, m, n, true, more, &w->numbers,
				    &w->repairs)) {
		w->d->failed = xasprintf(no_number, name);
		good = false;
	}
	for (i = before; i < w->repairs.n; i++)
		note_added(w, &w->repairs.rule[i]->rule,
			   xasprintf(more ? "the rest of %s" : "replies to %s",
				     name));
	for (i = 0; i < n; i++)
		missing_free(&m[i]);
	free(m);
	free(name);
	return good;
}

/* --- ICMP errors ---------------------------------------------------------- */

struct denied {
	struct work *w;
	bool any;
	size_t first;
};

static int find_denied(const struct box *part, size_t index, void *data)
{
	struct denied *d = data;

	(void)part;
	if (reach_action(d->w->reach, SFW_DIRECTION_IN, index) ==
	    SFW_ACTION_ALLOW)
		return 0;
	if (!d->any || index < d->first)
		d->first = index;
	d->any = true;
	return 0;
}

/* Can anything of this family go out? */
static bool goes_out(const struct work *w, u8 family)
{
	struct box box;
	size_t i;

	for (i = 0; i <= w->rs->n_rules[SFW_DIRECTION_OUT]; i++)
		if (reach_action(w->reach, SFW_DIRECTION_OUT, i) ==
		    SFW_ACTION_ALLOW &&
		    reach_rule(w->reach, SFW_DIRECTION_OUT, i, family, &box))
			return true;
	return false;
}

static bool admit_error(struct work *w, u8 family, u8 type)
{
	struct denied denied = { .w = w };
	struct box box = space_all(w->space, family);
	struct ruleset_rule *entry;
	u32 number;

	box.set[SPACE_PROTOCOL] = space_one(w->space, family == AF_INET ?
					    IPPROTO_ICMP : IPPROTO_ICMPV6);
	box.set[SPACE_SPORT] = space_icmp(w->space, type);
	if (reach_walk(w->reach, SFW_DIRECTION_IN, &box, 0,
		       w->rs->n_rules[SFW_DIRECTION_IN], false, find_denied,
		       &denied) < 0 || !denied.any)
		return true;
	number = numbers_take(&w->numbers, w->rs, SFW_DIRECTION_IN,
			      denied.first);
	if (!number) {
		w->d->failed = xasprintf(no_number, "ICMP errors");
		return false;
	}
	entry = xcalloc(1, sizeof(*entry));
	entry->rule = (struct sfw_rule){
		.number = number,
		.direction = SFW_DIRECTION_IN,
		.action = SFW_ACTION_ALLOW,
		.protocol = family == AF_INET ? IPPROTO_ICMP : IPPROTO_ICMPV6,
		.icmp_type = type,
		.flags = SFW_RULE_F_PROTOCOL | SFW_RULE_F_ICMP_TYPE |
			 SFW_RULE_F_RETURN,
	};
	sfw_rule_check(&entry->rule);
	w->repairs.rule = xgrow(w->repairs.rule, &w->repairs.cap,
				w->repairs.n + 1,
				sizeof(struct ruleset_rule *));
	w->repairs.rule[w->repairs.n++] = entry;
	note_added(w, &entry->rule, xstrdup("errors about what is sent"));
	return true;
}

/* RFC 792: unreachable, time exceeded, parameter problem; RFC 4443. */
static bool admit_errors(struct work *w)
{
	static const u8 v4[] = { 3, 11, 12 }, v6[] = { 1, 2, 3, 4 };
	bool good = true;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(v4) && good && goes_out(w, AF_INET); i++)
		good = admit_error(w, AF_INET, v4[i]);
	for (i = 0; i < ARRAY_SIZE(v6) && good && goes_out(w, AF_INET6); i++)
		good = admit_error(w, AF_INET6, v6[i]);
	return good;
}

/* --- stateless ------------------------------------------------------------ */

static bool is_request(const struct work *w, u8 direction, size_t index)
{
	return reach_action(w->reach, direction, index) == SFW_ACTION_ALLOW &&
	       (index == w->rs->n_rules[direction] ||
		!(w->rs->rules[direction][index]->rule.flags &
		  SFW_RULE_F_RETURN));
}

/* Look for all that is missing; how many rules that makes, negative: failed. */
static int one_round(struct work *w, bool errors)
{
	bool good = begin(w);
	size_t i, added;
	int d;

	for (d = 0; d < 2 && good; d++) {
		for (i = 0; i <= w->rs->n_rules[d] && good; i++) {
			if (is_request(w, d, i))
				good = repair(w, d, i, false) &&
				       repair(w, d, i, true);
		}
	}
	if (good && errors)
		good = admit_errors(w);
	added = w->repairs.n;
	end(w);
	if (!good) {
		repairs_free(&w->repairs);
		return -1;
	}
	for (i = 0; i < added; i++)
		if (ruleset_add_rule(w->rs, w->repairs.rule[i]))
			xalloc_fail();
	free(w->repairs.rule);
	w->repairs = (struct repairs){ .n = 0 };
	ruleset_sort(w->rs);
	return (int)added;
}

/* Of addresses and ports; ICMP and others have none of these. */
static long double tuples_of(const struct work *w, const struct box *part)
{
	const struct sfw_rule *rule = w->counted;
	const struct ranges *ranges = w->space->ranges;

	if (!(rule->flags & SFW_RULE_F_PROTOCOL) ||
	    sfw_packet_has_ports(rule->protocol))
		return space_size(w->space, part);
	return ranges_size(ranges, part->set[SPACE_SRC]) *
	       ranges_size(ranges, part->set[SPACE_DST]);
}

static int add_tuples(const struct box *part, size_t index, void *data)
{
	struct work *w = data;
	struct derived *d = &w->d->added[w->counting];

	(void)index;
	d->tuples[SPACE_V6(part->family)] += tuples_of(w, part);
	return 0;
}

/* What comes to each added rule, no other rule let through. */
static void count_tuples(struct work *w)
{
	struct box box;
	size_t i, j;
	int f;

	if (!begin(w)) {
		end(w);
		return;
	}
	for (i = 0; i < w->d->n_added; i++) {
		const struct derived *d = &w->d->added[i];

		for (j = 0; j < w->rs->n_rules[d->direction]; j++)
			if (w->rs->rules[d->direction][j]->rule.number ==
			    d->number)
				break;
		w->counting = i;
		w->counted = &w->rs->rules[d->direction][j]->rule;
		for (f = 0; f < 2; f++)
			if (reach_rule(w->reach, d->direction, j, families[f],
				       &box))
				reach_left(w->reach, d->direction, &box, j, true,
					   add_tuples, w);
		space_release(w->space);
	}
	end(w);
}

bool derive_stateless(struct ruleset *rs, const struct explain_ports *ports,
		      struct derivation *d)
{
	struct work w = { .rs = rs, .ports = ports, .d = d };
	int i, n = 1;

	rs->mode = SFW_MODE_STATELESS;
	for (i = 0; n > 0 && i < ROUNDS_MAX; i++)
		n = one_round(&w, i == 0);
	if (n < 0)
		return false;
	count_tuples(&w);
	return true;
}

/* --- stateful ------------------------------------------------------------- */

struct proof {
	struct work *w;
	u8 direction;		/* of the rule */
	struct box part;	/* what is no reply */
};

static int is_denied(const struct box *part, size_t index, void *data)
{
	const struct proof *p = data;

	(void)part;
	return reach_action(p->w->reach, !p->direction, index) !=
	       SFW_ACTION_ALLOW;
}

static int ask_list(struct proof *p, const struct box *request)
{
	return reach_walk(p->w->reach, !p->direction, request, 0,
			  p->w->rs->n_rules[!p->direction], false, is_denied,
			  p);
}

/*
 * Errors pass with the connection they are about, or not at all; answers are
 * replies if somebody may ask; no other message is one.
 */
static int ask_icmp(struct proof *p, const struct box *part, u8 protocol)
{
	struct space *space = p->w->space;
	u32 types = part->set[SPACE_SPORT];
	struct box request;
	int t, ret;

	for (t = 0; t < 256; t++) {
		u8 class = sfw_icmp_class(protocol, t);
		u32 type = space_icmp(space, t);

		if (!ranges_meet(space->ranges, types, type) ||
		    class == SFW_ICMP_ERROR)
			continue;
		p->part.set[SPACE_SPORT] = type;
		if (class != SFW_ICMP_REPLY)
			return 1;
		request = space_swap(&p->part, true);
		request.set[SPACE_SPORT] =
			space_icmp(space, sfw_icmp_query_type(protocol, t));
		ret = ask_list(p, &request);
		if (ret)
			return ret;
	}
	return 0;
}

static int ask_request(const struct box *part, size_t index, void *data)
{
	struct proof *p = data;
	struct space *space = p->w->space;
	u8 protocol = part->family == AF_INET ? IPPROTO_ICMP : IPPROTO_ICMPV6;
	u32 icmp = space_one(space, protocol);
	u32 tcp = space_one(space, IPPROTO_TCP);
	struct box request;

	(void)index;
	p->part = *part;
	if (ranges_meet(space->ranges, part->set[SPACE_PROTOCOL], icmp)) {
		p->part.set[SPACE_PROTOCOL] = icmp;
		return ask_icmp(p, part, protocol);
	}
	request = space_swap(part, false);
	/* Whatever flags it has: it belongs to a connection, or to none. */
	if (part->set[SPACE_PROTOCOL] == tcp)
		request.set[SPACE_FLAGS] = space_one(space, SFW_TCP_SYN);
	return ask_list(p, &request);
}

/* Is every packet of the rule a reply? 0 if so; positive: see part. */
static int prove(struct work *w, u8 direction, size_t index, struct proof *p)
{
	struct box box;
	int f, ret = 0;

	*p = (struct proof){ .w = w, .direction = direction };
	for (f = 0; f < 2 && !ret; f++)
		if (reach_rule(w->reach, direction, index, families[f], &box))
			ret = reach_left(w->reach, direction, &box, index, true,
					 ask_request, p);
	return ret;
}

static void take_out(struct ruleset *rs, u8 direction, const bool *out)
{
	size_t i, n = 0;

	for (i = 0; i < rs->n_rules[direction]; i++) {
		if (out[i])
			ruleset_rule_free(rs->rules[direction][i]);
		else
			rs->rules[direction][n++] = rs->rules[direction][i];
	}
	rs->n_rules[direction] = n;
}

static void examine(struct work *w, u8 direction, size_t index, bool *out)
{
	const struct sfw_rule *rule = &w->rs->rules[direction][index]->rule;
	struct proof proof;
	int ret;

	if (rule->action != SFW_ACTION_ALLOW ||
	    !(rule->flags & SFW_RULE_F_RETURN))
		return;
	ret = prove(w, direction, index, &proof);
	out[index] = !ret;
	if (!ret)
		note(&w->d->dropped, &w->d->n_dropped, &w->d->cap_dropped,
		     rule, NULL);
	else
		note(&w->d->kept, &w->d->n_kept, &w->d->cap_kept, rule,
		     ret < 0 ? xstrdup("not analysed") :
		     space_witness(w->space, &proof.part, direction));
	space_release(w->space);
}

bool derive_stateful(struct ruleset *rs, struct derivation *d)
{
	struct work w = { .rs = rs, .d = d };
	bool *out[2] = { NULL, NULL };
	bool good;
	size_t i;
	int dir;

	rs->mode = SFW_MODE_STATEFUL;
	good = begin(&w);
	/* All are judged by the whole set, then they go together. */
	for (dir = 0; dir < 2; dir++) {
		out[dir] = xcalloc(rs->n_rules[dir] + 1, sizeof(bool));
		for (i = 0; i < rs->n_rules[dir] && good; i++)
			examine(&w, dir, i, out[dir]);
	}
	end(&w);
	for (dir = 0; dir < 2; dir++) {
		take_out(rs, dir, out[dir]);
		free(out[dir]);
	}
	return good;
}
