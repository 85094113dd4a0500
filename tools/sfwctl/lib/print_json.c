// SPDX-License-Identifier: GPL-2.0
/*
 * Rule sets to JSON: see print.h and section 2 of the language.
 *
 * Clauses are strings in the words of the rule file ("10.0.0.0/8", "$web",
 * "!{ 80, 443 }"), so that there is one notation to learn, and what was read
 * from here can be written into a rule. Figures are integers.
 */
#include "print.h"
#include "xalloc.h"

/* A string that jansson made, or the end. */
static json_t *must(json_t *value)
{
	if (!value)
		xalloc_fail();
	return value;
}

static void set(json_t *obj, const char *key, json_t *value)
{
	if (json_object_set_new(obj, key, must(value)))
		xalloc_fail();
}

static void set_text(json_t *obj, const char *key, char *text)
{
	set(obj, key, json_string(text));
	free(text);
}

static void set_list(json_t *obj, const char *key, const struct sfw_list *list,
		     bool negate)
{
	if (list)
		set_text(obj, key, print_list_text(list, negate));
}

void print_counters_json(json_t *obj, const struct counters *c)
{
	set(obj, "packets", json_integer(c->packets));
	set(obj, "bytes", json_integer(c->bytes));
	set(obj, "connections", json_integer(c->connections));
	if (c->has_live)
		set(obj, "connections_live", json_integer(c->live));
	set(obj, "last_hit_s",
	    c->hit ? json_integer(c->last_hit_ms / 1000) : json_null());
}

json_t *print_rule_json(const struct ruleset_rule *entry)
{
	const struct sfw_rule *rule = &entry->rule;
	json_t *obj = must(json_object());
	u32 flags = rule->flags;
	char buf[100];

	set(obj, "direction", json_string(print_directions[rule->direction]));
	set(obj, "number", json_integer(rule->number));
	set(obj, "action", json_string(print_actions[rule->action]));
	set(obj, "protocol",
	    json_string(flags & SFW_RULE_F_PROTOCOL ?
			print_protocol(buf, sizeof(buf), rule->protocol,
				       false) : "any"));
	set_list(obj, "from", rule->from, flags & SFW_RULE_F_NOT_FROM);
	set_list(obj, "from_port", rule->from_port,
		 flags & SFW_RULE_F_NOT_FROM_PORT);
	set_list(obj, "to", rule->to, flags & SFW_RULE_F_NOT_TO);
	set_list(obj, "to_port", rule->to_port, flags & SFW_RULE_F_NOT_TO_PORT);
	if (flags & SFW_RULE_F_IFNAME)
		set_text(obj, "interface", print_ifname_text(rule));
	if (flags & SFW_RULE_F_ICMP_TYPE)
		set(obj, "type",
		    json_string(print_icmp(buf, sizeof(buf), rule->protocol,
					   rule->icmp_type,
					   flags & SFW_RULE_F_ICMP_CODE ?
					   rule->icmp_code : -1, false)));
	if (flags & (SFW_RULE_F_TCP_FLAGS | SFW_RULE_F_ESTABLISHED)) {
		print_tcp_flags(buf, sizeof(buf), rule);
		set(obj, "flags", json_string(buf));
	}
	if (flags & SFW_RULE_F_LOG)
		set(obj, "log", json_true());
	if (flags & SFW_RULE_F_LOG_RATE) {
		print_rate(buf, sizeof(buf), &rule->log_rate);
		set(obj, "log_limit", json_string(buf));
	}
	if (flags & SFW_RULE_F_LIMIT) {
		print_rate(buf, sizeof(buf), &rule->limit);
		set(obj, "limit", json_string(buf));
	}
	if (flags & SFW_RULE_F_NO_STATE)
		set(obj, "no_state", json_true());
	if (flags & SFW_RULE_F_RETURN)
		set(obj, "return", json_true());
	if (rule->comment)
		set(obj, "comment", json_string(rule->comment));
	print_counters_json(obj, &entry->counters);
	return obj;
}

/* tcp-established to tcp_established: keys are in snake case. */
static void snake_case(char *text)
{
	for (; *text; text++)
		if (*text == '-')
			*text = '_';
}

json_t *print_options_json(const struct sfw_options *opt, bool all)
{
	json_t *obj = must(json_object()), *timeouts;
	u32 named = all ? ~0U : opt->named;
	char *key;
	int i;

	if ((named & SFW_OPT_MAX_CONNECTIONS) && opt->max_connections)
		set(obj, "max_connections", json_integer(opt->max_connections));
	if (all || opt->named_timeouts) {
		timeouts = must(json_object());
		for (i = 0; i <= SFW_STATE_MAX; i++) {
			if (!all && !(opt->named_timeouts & BIT(i)))
				continue;
			key = xstrdup(sfw_option_state_name(i));
			snake_case(key);
			set(timeouts, key, json_integer(opt->timeout[i]));
			free(key);
		}
		set(obj, "timeout", timeouts);
	}
	if (named & SFW_OPT_TCP_PICKUP)
		set(obj, "tcp_pickup", json_boolean(opt->tcp_pickup));
	if (named & SFW_OPT_TCP_LIBERAL)
		set(obj, "tcp_liberal", json_boolean(opt->tcp_liberal));
	if (named & SFW_OPT_CHECKSUM)
		set(obj, "checksum", json_boolean(opt->checksum));
	if (named & SFW_OPT_LOOPBACK)
		set(obj, "loopback",
		    json_string(opt->loopback_filter ? "filter" : "pass"));
	if (named & SFW_OPT_ND)
		set(obj, "neighbour_discovery",
		    json_string(opt->nd_filter ? "filter" : "pass"));
	if (named & SFW_OPT_KEEP)
		set(obj, "keep_connections",
		    json_boolean(opt->keep_connections));
	return obj;
}

static json_t *set_json(const struct sfw_list *list)
{
	json_t *array = must(json_array());
	char text[100];
	u32 i;

	for (i = 0; i < list->n_elem; i++) {
		print_elem(text, sizeof(text), &list->elem[i]);
		if (json_array_append_new(array, must(json_string(text))))
			xalloc_fail();
	}
	return array;
}

json_t *print_ruleset_json(const struct ruleset *rs, int direction)
{
	json_t *obj = must(json_object()), *part, *child;
	size_t i;
	int dir;

	set(obj, "mode", json_string(print_modes[rs->mode]));
	set(obj, "audit", json_boolean(rs->audit));
	set(obj, "generation", json_integer(rs->generation));
	set(obj, "default_in", json_string(print_actions[rs->def[0].action]));
	set(obj, "default_out", json_string(print_actions[rs->def[1].action]));

	part = must(json_object());
	for (dir = 0; dir < 2; dir++) {
		const struct ruleset_default *def = &rs->def[dir];

		child = must(json_object());
		set(child, "action", json_string(print_actions[def->action]));
		if (def->log)
			set(child, "log", json_true());
		print_counters_json(child, &def->counters);
		set(part, print_directions[dir], child);
	}
	set(obj, "defaults", part);
	set(obj, "options", print_options_json(&rs->options, false));

	part = must(json_object());
	for (i = 0; i < rs->n_sets; i++)
		set(part, rs->sets[i]->name, set_json(rs->sets[i]));
	set(obj, "sets", part);

	part = must(json_array());
	for (dir = 0; dir < 2; dir++) {
		if (direction >= 0 && direction != dir)
			continue;
		for (i = 0; i < rs->n_rules[dir]; i++)
			if (json_array_append_new(part, print_rule_json(rs->rules[dir][i])))
				xalloc_fail();
	}
	set(obj, "rules", part);
	return obj;
}
