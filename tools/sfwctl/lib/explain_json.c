// SPDX-License-Identifier: GPL-2.0
/*
 * Explanations as JSON: see section 2 of the language.
 */
#include <stdlib.h>

#include "explain_show.h"
#include "nl_decode.h"
#include "out.h"
#include "packet_text.h"
#include "print.h"

void explain_rule_name(char *buf, size_t size, u8 direction, u32 number)
{
	if (number)
		snprintf(buf, size, "%s:%u", print_directions[direction],
			 number);
	else
		snprintf(buf, size, "%s:*", print_directions[direction]);
}

static json_t *step_json(const struct explain_walk *walk,
			 const struct explain_step *step)
{
	const struct sfw_rule *rule = step->rule;
	json_t *obj;
	char name[20];
	char *text;

	explain_rule_name(name, sizeof(name), walk->pkt.direction,
			  rule ? rule->number : 0);
	obj = json_pack("{s:s, s:b}", "rule", name, "match", step->decides);
	out_set(obj, "field", step->decides ? json_null() :
		json_string(explain_fields[step->field]));
	if (step->why)
		out_set(obj, "why", json_string(step->why));
	if (rule) {
		text = print_rule_text(rule);
		out_set(obj, "text", json_string(text));
		free(text);
	}
	out_set(obj, "action",
		json_string(print_actions[rule ? rule->action : walk->action]));
	return obj;
}

static json_t *half_json(const struct explain_half *half, bool numeric)
{
	json_t *steps = json_array(), *obj;
	size_t i, j;
	char *text;

	if (!half->exists)
		return json_null();
	for (i = 0; i < half->n_walks; i++)
		for (j = 0; j < half->walk[i].n_steps; j++)
			json_array_append_new(steps,
					      step_json(&half->walk[i],
							&half->walk[i].step[j]));
	text = packet_text_print(&half->pkt, numeric);
	obj = json_pack("{s:s, s:o}", "packet", text, "steps", steps);
	free(text);
	return obj;
}

static json_t *verdict_json(const struct explain_verdict *v)
{
	char name[20];
	json_t *obj;

	obj = json_pack("{s:s, s:s}", "action", print_actions[v->action],
			"by", explain_causes[v->cause]);
	if (v->cause == EXPLAIN_LIST || v->cause == EXPLAIN_CONNECTION) {
		explain_rule_name(name, sizeof(name), v->direction, v->number);
		out_set(obj, "rule", json_string(name));
	}
	if (v->action != SFW_ACTION_ALLOW && v->cause != EXPLAIN_NEVER)
		out_set(obj, "reason", json_string(print_reasons[v->reason]));
	return obj;
}

static json_t *mode_json(const struct explain_mode *m)
{
	return json_pack("{s:b, s:s, s:o, s:o}", "works", m->works, "verdict",
			 m->verdict, "request", verdict_json(&m->request),
			 "reply", verdict_json(&m->reply));
}

static json_t *live_json(const struct nl_conn *conn)
{
	char rule[20];

	explain_rule_name(rule, sizeof(rule), conn->rule_direction,
			  conn->rule_number);
	return json_pack("{s:s, s:s, s:I, s:I, s:I, s:I, s:I}",
			 "state", sfw_option_state_name(conn->state),
			 "rule", rule, "packets", (json_int_t)conn->packets,
			 "bytes", (json_int_t)conn->bytes,
			 "reply_packets", (json_int_t)conn->reply_packets,
			 "reply_bytes", (json_int_t)conn->reply_bytes,
			 "expires_s", (json_int_t)(conn->expires_ms / 1000));
}

json_t *explain_json(const struct explain *ex, bool numeric)
{
	json_t *add = json_array(), *obj;
	size_t i;

	for (i = 0; i < ex->n_adds; i++)
		json_array_append_new(add, json_string(ex->add[i]));
	obj = json_pack("{s:o, s:o, s:o, s:o, s:o, s:s, s:b}",
			"request", half_json(&ex->request, numeric),
			"reply", half_json(&ex->reply, numeric),
			"stateful", mode_json(&ex->mode[SFW_MODE_STATEFUL]),
			"stateless", mode_json(&ex->mode[SFW_MODE_STATELESS]),
			"add", add, "mode", print_modes[ex->rs->mode],
			"audit", ex->rs->audit);
	if (ex->live)
		out_set(obj, "connection", live_json(ex->live));
	return obj;
}
