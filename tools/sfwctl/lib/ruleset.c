// SPDX-License-Identifier: GPL-2.0
/*
 * A rule set in user space: see ruleset.h.
 *
 * The arrays have no capacity beside their length: they grow when the length
 * is a power of two, which is as good and cannot get out of step.
 */
#include "ruleset.h"

struct ruleset *ruleset_new(void)
{
	struct ruleset *rs = calloc(1, sizeof(*rs));

	if (!rs)
		return NULL;
	rs->mode = SFW_MODE_STATEFUL;
	rs->def[SFW_DIRECTION_IN].action = SFW_ACTION_DENY;
	rs->def[SFW_DIRECTION_OUT].action = SFW_ACTION_DENY;
	sfw_option_defaults(&rs->options);
	return rs;
}

void ruleset_rule_free(struct ruleset_rule *rule)
{
	if (!rule)
		return;
	sfw_rule_destroy(&rule->rule);
	free(rule->file);
	free(rule->text);
	free(rule->ignore);
	free(rule);
}

void ruleset_free(struct ruleset *rs)
{
	size_t i, dir;

	if (!rs)
		return;
	for (dir = 0; dir < ARRAY_SIZE(rs->rules); dir++) {
		for (i = 0; i < rs->n_rules[dir]; i++)
			ruleset_rule_free(rs->rules[dir][i]);
		free(rs->rules[dir]);
		free(rs->def_at[dir].file);
		free(rs->def_at[dir].text);
		free(rs->def_at[dir].ignore);
	}
	for (i = 0; i < rs->n_sets; i++)
		sfw_list_put(rs->sets[i]);
	free(rs->sets);
	free(rs);
}

/* Room for one more pointer, NULL without memory. */
static void *grow(void *array, size_t n)
{
	if (n & (n - 1))
		return array;
	return realloc(array, (n ? n * 2 : 1) * sizeof(void *));
}

int ruleset_add_set(struct ruleset *rs, struct sfw_list *set)
{
	struct sfw_list **sets = grow(rs->sets, rs->n_sets);

	if (!sets)
		return -ENOMEM;
	rs->sets = sets;
	sets[rs->n_sets++] = set;
	return 0;
}

int ruleset_add_rule(struct ruleset *rs, struct ruleset_rule *rule)
{
	u8 dir = rule->rule.direction;
	struct ruleset_rule **rules = grow(rs->rules[dir], rs->n_rules[dir]);

	if (!rules)
		return -ENOMEM;
	rs->rules[dir] = rules;
	rules[rs->n_rules[dir]++] = rule;
	return 0;
}

struct sfw_list *ruleset_find_set(const struct ruleset *rs, const char *name)
{
	size_t i;

	for (i = 0; i < rs->n_sets; i++)
		if (!strcmp(rs->sets[i]->name, name))
			return rs->sets[i];
	return NULL;
}

struct ruleset_rule *ruleset_find_rule(const struct ruleset *rs, u8 direction,
				       u32 number)
{
	size_t lo = 0, hi = rs->n_rules[direction];

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		struct ruleset_rule *rule = rs->rules[direction][mid];

		if (rule->rule.number == number)
			return rule;
		if (rule->rule.number < number)
			lo = mid + 1;
		else
			hi = mid;
	}
	return NULL;
}

static int rule_cmp(const void *a, const void *b)
{
	const struct ruleset_rule *const *x = a, *const *y = b;

	if ((*x)->rule.number != (*y)->rule.number)
		return (*x)->rule.number < (*y)->rule.number ? -1 : 1;
	return 0;
}

void ruleset_sort(struct ruleset *rs)
{
	size_t dir;

	for (dir = 0; dir < ARRAY_SIZE(rs->rules); dir++)
		if (rs->n_rules[dir])
			qsort(rs->rules[dir], rs->n_rules[dir],
			      sizeof(*rs->rules[dir]), rule_cmp);
}
