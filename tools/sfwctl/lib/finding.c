// SPDX-License-Identifier: GPL-2.0
/*
 * Findings, and how they look: see finding.h.
 *
 * For people a finding is a headline as compilers write it, the rule as it
 * stands in the file, and below it what proves and repairs it, each line behind
 * a word:
 *
 *	web.rules:7: error: out 100: every connection times out ... [missing-return]
 *	    out 100 allow tcp to port $web
 *	    request  out tcp 192.0.2.1:32768 > 203.0.113.9:80
 *	    reply    in tcp 203.0.113.9:80 > 192.0.2.1:32768
 *	    taken by in *, the default: deny
 *	    add      in 110 allow tcp from port $web to port 32768-60999 return
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "finding.h"
#include "out.h"
#include "print.h"
#include "xalloc.h"

static const char *const severities[] = { "note", "warning", "error" };

json_t *finding_text_json(const char *text)
{
	json_t *json;
	char *copy;

	if (!text)
		return json_null();
	json = json_string(text);
	if (json)
		return json;
	copy = xstrdup(text);
	json = json_string(out_clean(copy));
	free(copy);
	if (!json)
		xalloc_fail();
	return json;
}

bool finding_is_ignored(const char *ignore, const char *code)
{
	const char *p = ignore;
	size_t len = strlen(code);

	while (p && *p) {
		size_t word = strcspn(p, " ");

		if (word == len && !strncmp(p, code, len))
			return true;
		p += word;
		p += strspn(p, " ");
	}
	return false;
}

struct finding *findings_add(struct findings *list, const char *code,
			     enum finding_severity severity,
			     const struct ruleset_rule *rule, const char *name,
			     char *message)
{
	struct finding *f;

	if (rule && finding_is_ignored(rule->ignore, code)) {
		free(message);
		return NULL;
	}
	list->finding = xgrow(list->finding, &list->cap, list->n + 1,
			      sizeof(*f));
	f = &list->finding[list->n++];
	*f = (struct finding){
		.code = code,
		.severity = severity,
		.rule = rule,
		.message = message,
		.percent = -1,
	};
	if (name)
		f->name = xstrdup(name);
	else if (rule)
		f->name = xasprintf("%s:%u",
				    print_directions[rule->rule.direction],
				    rule->rule.number);
	list->count[severity]++;
	return f;
}

void finding_line(struct finding *f, const char *label, char *text)
{
	if (!f || f->n_lines == FINDING_LINES_MAX) {
		free(text);
		return;
	}
	f->lines[f->n_lines++] = (struct finding_line){ label, text };
}

void finding_blocked_by(struct finding *f, const char *name)
{
	if (!f)
		return;
	if (!f->blocked_by)
		f->blocked_by = json_array();
	if (!f->blocked_by ||
	    json_array_append_new(f->blocked_by, json_string(name)))
		xalloc_fail();
}

static const char *file_of(const struct findings *list,
			   const struct finding *f)
{
	if (f->file)
		return f->file;
	return f->rule && f->rule->file ? f->rule->file : list->file;
}

static unsigned int line_of(const struct finding *f)
{
	return f->line || !f->rule ? f->line : f->rule->line;
}

static const struct findings *sorted;

/* By place, the whole before its parts; then as they were found. */
static int finding_cmp(const void *a, const void *b)
{
	const struct finding *x = a, *y = b;
	unsigned int lx = line_of(x), ly = line_of(y);
	int cmp = strcmp(file_of(sorted, x), file_of(sorted, y));

	if (cmp && lx && ly)
		return cmp;
	if (lx != ly)
		return lx < ly ? -1 : 1;
	if (x->severity != y->severity)
		return x->severity > y->severity ? -1 : 1;
	cmp = strcmp(x->code, y->code);
	return cmp ? cmp : strcmp(x->message, y->message);
}

void findings_sort(struct findings *list)
{
	sorted = list;
	if (list->n)
		qsort(list->finding, list->n, sizeof(*list->finding),
		      finding_cmp);
}

/* "in:100" as people say it. */
static void print_name(FILE *file, const char *name)
{
	const char *colon = strchr(name, ':');

	if (colon)
		fprintf(file, "%.*s %s: ", (int)(colon - name), name,
			colon + 1);
}

static void print_finding(const struct findings *list,
			  const struct finding *f, FILE *file)
{
	static const enum out_paint paints[] = {
		OUT_BOLD, OUT_YELLOW, OUT_RED,
	};
	const char *text = f->text || !f->rule ? f->text : f->rule->text;
	size_t i, width = 0;

	fputs(file_of(list, f), file);
	if (line_of(f))
		fprintf(file, ":%u", line_of(f));
	fprintf(file, ": %s: ", out_painted(paints[f->severity],
					    severities[f->severity]));
	if (f->name)
		print_name(file, f->name);
	fprintf(file, "%s [%s]\n", f->message, f->code);
	if (text)
		fprintf(file, "    %s\n", text + strspn(text, " \t"));
	for (i = 0; i < f->n_lines; i++)
		if (strlen(f->lines[i].label) > width)
			width = strlen(f->lines[i].label);
	for (i = 0; i < f->n_lines; i++) {
		const char *label = f->lines[i].label;
		int pad = (int)(width - strlen(label)) + 2;

		fprintf(file, "    %s%*s%s\n",
			strcmp(label, "add") ? label :
			out_painted(OUT_GREEN, label), pad, "",
			f->lines[i].text);
	}
}

void findings_print(const struct findings *list, FILE *file)
{
	size_t i;

	for (i = 0; i < list->n; i++)
		if (!list->finding[i].from_parser)
			print_finding(list, &list->finding[i], file);
}

static json_t *finding_json(const struct findings *list,
			    const struct finding *f)
{
	json_t *obj = json_object();

	out_set(obj, "code", json_string(f->code));
	out_set(obj, "severity", json_string(severities[f->severity]));
	out_set(obj, "file", finding_text_json(file_of(list, f)));
	out_set(obj, "line", line_of(f) ? json_integer(line_of(f)) :
					  json_null());
	if (f->from_parser)
		out_set(obj, "column", json_integer(f->column));
	out_set(obj, "rule", finding_text_json(f->name));
	out_set(obj, "message", finding_text_json(f->message));
	out_set(obj, "percent", f->percent < 0 ? json_null() :
						 json_real(f->percent));
	out_set(obj, "witness", finding_text_json(f->witness));
	out_set(obj, "blocked_by", f->blocked_by ? json_incref(f->blocked_by) :
						   json_null());
	out_set(obj, "add", finding_text_json(f->add));
	return obj;
}

json_t *findings_json(const struct findings *list)
{
	json_t *array = json_array();
	size_t i;

	for (i = 0; i < list->n; i++)
		if (json_array_append_new(array, finding_json(list,
							      &list->finding[i])))
			xalloc_fail();
	return array;
}

char *findings_summary(const struct findings *list)
{
	static const char *const plural[] = { "s", "" };
	const size_t *n = list->count;

	return xasprintf("%zu error%s, %zu warning%s, %zu note%s",
			 n[FINDING_ERROR], plural[n[FINDING_ERROR] == 1],
			 n[FINDING_WARNING], plural[n[FINDING_WARNING] == 1],
			 n[FINDING_NOTE], plural[n[FINDING_NOTE] == 1]);
}

void findings_free(struct findings *list)
{
	size_t i, j;

	for (i = 0; i < list->n; i++) {
		struct finding *f = &list->finding[i];

		free(f->name);
		free(f->message);
		free(f->witness);
		free(f->add);
		json_decref(f->blocked_by);
		for (j = 0; j < f->n_lines; j++)
			free(f->lines[j].text);
	}
	free(list->finding);
	*list = (struct findings){ .n = 0 };
}
