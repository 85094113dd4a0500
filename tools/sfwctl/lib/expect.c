// SPDX-License-Identifier: GPL-2.0
/*
 * Files of expectations: see expect.h.
 *
 * Each packet is judged by itself, in the mode of the set and as if there were
 * no connection but those that run; so the order of lines does not matter. A
 * stateless set is asked about its replies by lines of their own.
 */
#include <stdio.h>
#include <stdlib.h>

#include "expect.h"
#include "explain_show.h"
#include "names.h"
#include "parser.h"
#include "print.h"

static bool get_action(struct parser *p, u8 *action)
{
	const struct token *tok = parser_take(p);
	struct suggest s;
	int i;

	i = tok->kind == TOKEN_WORD ? names_index(names_actions, tok->text) :
				      -1;
	if (i < 0) {
		suggest_begin(&s, tok->text);
		suggest_try_all(&s, names_actions);
		parser_unknown(p, tok, "what is expected",
			       "allow, deny or reject, and a packet", &s);
		return false;
	}
	*action = i;
	return true;
}

static void read_expectation(struct parser *p)
{
	struct expect_file *file = p->line_data;
	const struct token *tok = parser_take(p);
	struct expect *e;
	struct suggest s;

	if (tok->kind != TOKEN_WORD || strcmp(tok->text, "expect")) {
		suggest_begin(&s, tok->text);
		suggest_try(&s, "expect");
		parser_unknown(p, tok, "an expectation",
			       "expect allow|deny in|out PROTO SRC:PORT > DST:PORT",
			       &s);
		return;
	}
	e = xcalloc(1, sizeof(*e));
	if (!get_action(p, &e->action) ||
	    !packet_text_parse(p, &e->packet)) {
		free(e);
		return;
	}
	e->file = xstrdup(p->src->name);
	e->line = p->src->line;
	file->expect = xgrow(file->expect, &file->cap, file->n + 1,
			     sizeof(*file->expect));
	file->expect[file->n++] = e;
}

enum rc expect_read(struct expect_file *file, const char *path)
{
	struct parse_result *res;
	bool good;

	memset(file, 0, sizeof(*file));
	res = parser_run_file(path, read_expectation, file);
	parse_print_messages(res, stderr, out_color(stderr));
	good = res->ruleset;
	parse_result_free(res);
	if (good && !file->n) {
		out_err("%s: there is no expectation in it: write lines such as 'expect allow in tcp 192.0.2.9:5000 > 192.0.2.1:443'",
			path);
		good = false;
	}
	return good ? RC_OK : RC_USAGE;
}

void expect_free(struct expect_file *file)
{
	size_t i;

	for (i = 0; i < file->n; i++) {
		free(file->expect[i]->file);
		free(file->expect[i]);
	}
	free(file->expect);
}

enum rc expect_try(struct expect_file *file, struct subject *subject)
{
	enum rc rc;
	size_t i;

	file->n_failed = 0;
	for (i = 0; i < file->n; i++) {
		struct expect *e = file->expect[i];
		u8 action;

		rc = subject_judge(subject, subject->rs->mode, &e->packet.pkt,
				   &e->answer);
		if (rc != RC_OK)
			return rc;
		action = e->answer.verdict.action;
		e->met = action == e->action ||
			 (e->action == SFW_ACTION_DENY &&
			  action == SFW_ACTION_REJECT);
		file->n_failed += !e->met;
	}
	return file->n_failed ? RC_NO : RC_OK;
}

/* "by in 120 deny tcp to port 22", "by default in: deny" */
static char *decision(const struct expect *e, const struct ruleset *rs)
{
	const struct explain_verdict *v = &e->answer.verdict;
	const struct ruleset_rule *rule = NULL;
	char *rest, *text;

	if (v->number)
		rule = ruleset_find_rule(rs, v->direction, v->number);
	if (v->cause == EXPLAIN_LIST && rule) {
		rest = print_rule_text(&rule->rule);
		text = xasprintf("by %s", rest);
	} else if (v->cause == EXPLAIN_LIST) {
		rest = NULL;
		text = xasprintf("by default %s: %s",
				 print_directions[v->direction],
				 print_actions[v->action]);
	} else {
		rest = explain_cause_text(v);
		text = xasprintf("%s: %s", print_actions[v->action], rest);
	}
	free(rest);
	return text;
}

static char *expectation(const struct expect *e)
{
	char *packet = packet_text_print(&e->packet.pkt, out.numeric), *text;

	text = xasprintf("%s:%u: %s %s", e->file, e->line,
			 print_actions[e->action], packet);
	free(packet);
	return text;
}

static json_t *expect_json(const struct expect *e)
{
	const struct explain_verdict *v = &e->answer.verdict;
	char *packet = packet_text_print(&e->packet.pkt, out.numeric);
	char name[20];
	json_t *obj;

	obj = json_pack("{s:s, s:I, s:s, s:s, s:b, s:s, s:s}",
			"file", e->file, "line", (json_int_t)e->line,
			"expect", print_actions[e->action], "packet", packet,
			"ok", e->met, "action", print_actions[v->action],
			"by", explain_causes[v->cause]);
	if (v->cause == EXPLAIN_LIST || v->cause == EXPLAIN_CONNECTION) {
		explain_rule_name(name, sizeof(name), v->direction, v->number);
		out_set(obj, "rule", json_string(name));
	}
	if (v->connects)
		out_set(obj, "connects", json_true());
	if (v->action != SFW_ACTION_ALLOW)
		out_set(obj, "reason", json_string(print_reasons[v->reason]));
	free(packet);
	return obj;
}

/* What was printed may come from a file name: no control characters. */
static void put_line(FILE *file, const char *head, char *text)
{
	fprintf(file, "%s%s\n", head, out_clean(text));
	free(text);
}

void expect_show(const struct expect_file *file, const struct ruleset *rs)
{
	json_t *tests;
	char head[32];
	size_t i;

	if (out.json) {
		tests = json_array();
		for (i = 0; i < file->n; i++)
			json_array_append_new(tests,
					      expect_json(file->expect[i]));
		out_json(json_pack("{s:o, s:I, s:I}", "tests", tests,
				   "passed",
				   (json_int_t)(file->n - file->n_failed),
				   "failed", (json_int_t)file->n_failed));
		return;
	}
	printf("TAP version 13\n1..%zu\n", file->n);
	for (i = 0; i < file->n; i++) {
		const struct expect *e = file->expect[i];

		snprintf(head, sizeof(head), "%sok %zu - ",
			 e->met ? "" : "not ", i + 1);
		put_line(stdout, head, expectation(e));
		put_line(stdout, "#   ", decision(e, rs));
	}
}

void expect_report(const struct expect_file *file, const struct ruleset *rs)
{
	size_t i;

	for (i = 0; i < file->n; i++) {
		const struct expect *e = file->expect[i];

		if (e->met)
			continue;
		put_line(stderr, "sfwctl: not met: ", expectation(e));
		put_line(stderr, "    ", decision(e, rs));
	}
}
