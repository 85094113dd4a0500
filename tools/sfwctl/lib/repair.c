// SPDX-License-Identifier: GPL-2.0
/*
 * Rules that let through what is dropped: see missing.h.
 *
 * Each field of the new rule is what the failing packets have in it. Where that
 * is what the rule of the requests says, the other way round, it is said in the
 * same words, so that a named set stays one; where it would be a long list, it
 * is widened to those words. Rules that differ in their family only are made
 * one.
 *
 * The number is the nearest free one before the first rule that blocks, so
 * that the rules in front of it keep their say.
 */
#include <stdlib.h>

#include "missing.h"
#include "space_text.h"
#include "xalloc.h"

/* Elements of a list that is written out. */
#define LIST_MAX	32

/* What one rule has to let through, by family. */
struct need {
	const struct exchange *ex;
	const struct sfw_rule *asks;	/* the rule of the requests, or NULL */
	bool present[2];
	bool forwarded;
	struct box hull[2];
	size_t before;
};

static void numbers_make(struct numbers *numbers, const struct ruleset *rs,
			 u8 direction)
{
	size_t n = rs->n_rules[direction], i;
	u32 last = n ? rs->rules[direction][n - 1]->rule.number : 0;
	u32 *below;

	numbers->next[direction] = n ? last + 1 : 100;
	if (last < SFW_RULE_NUMBER_PLAIN)
		last = SFW_RULE_NUMBER_PLAIN;
	below = xcalloc((size_t)last + 1, sizeof(*below));
	for (i = 0; i <= last; i++)
		below[i] = i;
	for (i = 0; i < n; i++)
		below[rs->rules[direction][i]->rule.number]--;
	numbers->below[direction] = below;
}

/* The highest free number up to this one; 0: none. */
static u32 free_up_to(u32 *below, u32 number)
{
	while (below[number] != number) {
		below[number] = below[below[number]];
		number = below[number];
	}
	return number;
}

u32 numbers_take(struct numbers *numbers, const struct ruleset *rs,
		 u8 direction, size_t before)
{
	u32 *next = &numbers->next[direction], *below, number;

	if (!numbers->below[direction])
		numbers_make(numbers, rs, direction);
	below = numbers->below[direction];
	if (before < rs->n_rules[direction]) {
		number = rs->rules[direction][before]->rule.number - 1;
	} else {
		/* Behind the last rule they may go up, too. */
		while (*next <= SFW_RULE_NUMBER_PLAIN && below[*next] != *next)
			(*next)++;
		number = *next;
	}
	if (number > SFW_RULE_NUMBER_PLAIN)
		number = SFW_RULE_NUMBER_PLAIN;
	number = free_up_to(below, number);
	if (number)
		below[number]--;
	return number;
}

void numbers_free(struct numbers *numbers)
{
	free(numbers->below[0]);
	free(numbers->below[1]);
	*numbers = (struct numbers){ .next = { 0 } };
}

void repairs_free(struct repairs *list)
{
	size_t i;

	for (i = 0; i < list->n; i++)
		ruleset_rule_free(list->rule[i]);
	free(list->rule);
	*list = (struct repairs){ .n = 0 };
}

/* The smallest box around what is dropped. */
static struct box hull_of(struct space *space, const struct missing *m,
			  bool more)
{
	struct box hull = { .family = m->ex->family }, box;
	size_t i;
	int d;

	for (i = 0; i < m->fail.n; i++) {
		box = m->fail.box[i];
		if (!more)
			box = request_reply(space, m->ex, &box);
		for (d = 0; d < SPACE_DIMS; d++)
			hull.set[d] = ranges_or(space->ranges, hull.set[d],
						box.set[d]);
	}
	return hull;
}

/* Does a list of the rule say just this, in all families there are? */
static bool says(struct space *space, const struct need *need,
		 const struct sfw_list *list, bool negate, enum space_dim dim)
{
	u8 families = (need->present[0] ? SFW_FAMILY_4 : 0) |
		      (need->present[1] ? SFW_FAMILY_6 : 0);
	int v6;

	if (!need->asks || need->asks->families != families)
		return false;
	for (v6 = 0; v6 < 2; v6++)
		if (need->present[v6] &&
		    need->hull[v6].set[dim] !=
		    space_addrs(space, list, negate, v6 ? AF_INET6 : AF_INET))
			return false;
	return true;
}

static bool is_full(const struct space *space, const struct need *need,
		    enum space_dim dim)
{
	int v6;

	for (v6 = 0; v6 < 2; v6++)
		if (need->present[v6] &&
		    need->hull[v6].set[dim] != space->full[v6][dim])
			return false;
	return true;
}

/* list and *not: the operand of the rule that asks, for this end. */
static struct sfw_list *addrs(struct space *space, const struct need *need,
			      enum space_dim dim, struct sfw_list *list,
			      bool *not)
{
	struct sfw_list *fresh;

	if (is_full(space, need, dim) || says(space, need, list, *not, dim)) {
		if (!says(space, need, list, *not, dim)) {
			*not = false;
			return NULL;
		}
		return sfw_list_get(list);
	}
	fresh = space_addr_list(space,
				need->present[0] ? need->hull[0].set[dim] : 0,
				need->present[1] ? need->hull[1].set[dim] : 0,
				LIST_MAX);
	if (!fresh)
		return sfw_list_get(list);
	*not = false;
	return fresh;
}

/* What is not in the set, if that takes fewer words; *not says so. */
static u32 shorter(struct space *space, u32 set, u32 full, bool *not)
{
	u32 others = ranges_without(space->ranges, full, set);
	size_t n_set, n_others;

	ranges_get(space->ranges, set, &n_set);
	ranges_get(space->ranges, others, &n_others);
	*not = n_others && n_others < n_set;
	return *not ? others : set;
}

/* Which of the two families is looked at, where both are the same. */
static int any_of(const struct need *need)
{
	return need->present[0] ? 0 : 1;
}

static struct sfw_list *ports(struct space *space, const struct need *need,
			      enum space_dim dim, enum space_dim asked,
			      struct sfw_list *list, bool *not)
{
	u32 set = need->hull[any_of(need)].set[dim];
	struct sfw_list *fresh;
	bool fresh_not;
	struct box box;

	if (need->asks && list &&
	    space_of_rule(space, need->asks, any_of(need) ? AF_INET6 : AF_INET,
			  &box) && box.set[asked] == set)
		return sfw_list_get(list);
	if (is_full(space, need, dim)) {
		*not = false;
		return NULL;
	}
	set = shorter(space, set, space->full[0][dim], &fresh_not);
	fresh = space_port_list(space, set, LIST_MAX);
	if (!fresh)
		return sfw_list_get(list);
	*not = fresh_not;
	return fresh;
}

static void set_flag(struct sfw_rule *rule, u32 flag, bool on)
{
	if (on)
		rule->flags |= flag;
}

/* Ends of the rule: those that ask, turned round unless it goes the same way. */
static void set_ends(struct space *space, const struct need *need, bool more,
		     struct sfw_rule *rule)
{
	const struct sfw_rule none = { .flags = 0 };
	const struct sfw_rule *asks = need->asks ? need->asks : &none;
	bool not_src = asks->flags & (more ? SFW_RULE_F_NOT_FROM :
					     SFW_RULE_F_NOT_TO);
	bool not_dst = asks->flags & (more ? SFW_RULE_F_NOT_TO :
					     SFW_RULE_F_NOT_FROM);
	bool not_sport = asks->flags & (more ? SFW_RULE_F_NOT_FROM_PORT :
					       SFW_RULE_F_NOT_TO_PORT);
	bool not_dport = asks->flags & (more ? SFW_RULE_F_NOT_TO_PORT :
					       SFW_RULE_F_NOT_FROM_PORT);

	rule->from = addrs(space, need, SPACE_SRC,
			   more ? asks->from : asks->to, &not_src);
	rule->to = addrs(space, need, SPACE_DST,
			 more ? asks->to : asks->from, &not_dst);
	set_flag(rule, SFW_RULE_F_NOT_FROM, not_src);
	set_flag(rule, SFW_RULE_F_NOT_TO, not_dst);
	if (!sfw_packet_has_ports(need->ex->protocol))
		return;
	rule->from_port = ports(space, need, SPACE_SPORT,
				more ? SPACE_SPORT : SPACE_DPORT,
				more ? asks->from_port : asks->to_port,
				&not_sport);
	rule->to_port = ports(space, need, SPACE_DPORT,
			      more ? SPACE_DPORT : SPACE_SPORT,
			      more ? asks->to_port : asks->from_port,
			      &not_dport);
	set_flag(rule, SFW_RULE_F_NOT_FROM_PORT, not_sport);
	set_flag(rule, SFW_RULE_F_NOT_TO_PORT, not_dport);
}

static void set_iface(const struct space *space, const struct need *need,
		      struct sfw_rule *rule)
{
	const struct sfw_rule *asks = need->asks;

	if (!asks || is_full(space, need, SPACE_IFACE))
		return;
	memcpy(rule->ifname, asks->ifname, sizeof(rule->ifname));
	rule->ifname_len = asks->ifname_len;
	rule->flags |= asks->flags &
		       (SFW_RULE_F_IFNAME | SFW_RULE_F_NOT_IFNAME);
	/* By another interface than the request. */
	if (need->forwarded)
		rule->flags ^= SFW_RULE_F_NOT_IFNAME;
}

/* Keep a rule without addresses to the family it is for. */
static void set_family(struct need *need, struct sfw_rule *rule)
{
	const struct sfw_addr zero = { 0, 0 };
	u8 family = any_of(need) ? AF_INET6 : AF_INET;
	u8 wanted = any_of(need) ? SFW_FAMILY_6 : SFW_FAMILY_4;

	sfw_rule_check(rule);
	if ((need->present[0] && need->present[1]) || rule->families == wanted)
		return;
	if (rule->from || need->ex->icmp)
		return;
	rule->from = sfw_list_new(NULL);
	if (!rule->from ||
	    sfw_list_add_prefix(rule->from, family, &zero, 0) ||
	    sfw_list_compile(rule->from))
		xalloc_fail();
	sfw_rule_check(rule);
}

static struct ruleset_rule *make(struct space *space, struct need *need,
				 u8 direction, bool established, bool more)
{
	struct ruleset_rule *entry = xcalloc(1, sizeof(*entry));
	struct sfw_rule *rule = &entry->rule;

	rule->number = 1;
	rule->direction = direction;
	rule->action = SFW_ACTION_ALLOW;
	rule->protocol = need->ex->protocol;
	rule->flags = SFW_RULE_F_PROTOCOL | (more ? 0 : SFW_RULE_F_RETURN);
	if (need->ex->icmp) {
		rule->flags |= SFW_RULE_F_ICMP_TYPE;
		rule->icmp_type = need->ex->answer;
	}
	if (need->ex->protocol == IPPROTO_TCP && (established || more))
		rule->flags |= SFW_RULE_F_ESTABLISHED;
	set_ends(space, need, more, rule);
	set_iface(space, need, rule);
	set_family(need, rule);
	return entry;
}

/* Can one rule say both? */
static bool join(struct need *need, const struct missing *m,
		 const struct box *hull)
{
	int v6 = SPACE_V6(m->ex->family), other = !v6;
	static const enum space_dim dims[] = {
		SPACE_SPORT, SPACE_DPORT, SPACE_IFACE,
	};
	size_t i;

	if (need->ex->protocol != m->ex->protocol || need->ex->icmp ||
	    need->present[v6])
		return false;
	for (i = 0; i < ARRAY_SIZE(dims); i++)
		if (need->hull[other].set[dims[i]] != hull->set[dims[i]])
			return false;
	need->present[v6] = true;
	need->hull[v6] = *hull;
	if (m->earliest < need->before)
		need->before = m->earliest;
	return true;
}

bool repair_missing(struct reach *reach, const struct missing *m, size_t n,
		    bool established, bool more, struct numbers *numbers,
		    struct repairs *list)
{
	const struct ruleset *rs = reach_ruleset(reach);
	struct space *space = reach_space(reach);
	struct need *need = xcalloc(n, sizeof(*need));
	size_t i, j, n_needs = 0;
	bool complete = true;

	for (i = 0; i < n; i++) {
		struct box hull;

		if (!m[i].fail.n)
			continue;
		hull = hull_of(space, &m[i], more);
		for (j = 0; j < n_needs; j++)
			if (join(&need[j], &m[i], &hull))
				break;
		if (j < n_needs)
			continue;
		need[j] = (struct need){
			.ex = m[i].ex,
			.asks = m[i].index < rs->n_rules[m[i].direction] ?
				&rs->rules[m[i].direction][m[i].index]->rule :
				NULL,
			.before = m[i].earliest,
			.forwarded = m[i].forwarded,
		};
		need[j].present[SPACE_V6(hull.family)] = true;
		need[j].hull[SPACE_V6(hull.family)] = hull;
		n_needs++;
	}
	for (i = 0; i < n_needs; i++) {
		u8 direction = more || m->forwarded ? m->direction :
						      !m->direction;
		struct ruleset_rule *rule;
		u32 number;

		number = numbers_take(numbers, rs, direction, need[i].before);
		if (!number) {
			complete = false;
			continue;
		}
		rule = make(space, &need[i], direction, established, more);
		rule->rule.number = number;
		list->rule = xgrow(list->rule, &list->cap, list->n + 1,
				   sizeof(struct ruleset_rule *));
		list->rule[list->n++] = rule;
	}
	free(need);
	return complete;
}
