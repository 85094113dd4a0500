// SPDX-License-Identifier: GPL-2.0
/*
 * What the converters into our language share: see import.h.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <utf8.h>
#include "import.h"
#include "parse.h"
#include "print.h"

/* Bytes of a document; that of a large site has a few MiB. */
#define FILE_MAX	(64UL << 20)

static void __printf(5, 0) add_message(struct import *imp,
				       enum import_kind kind, char *where,
				       char *source, const char *fmt,
				       va_list ap)
{
	struct import_message *m;

	imp->messages = xgrow(imp->messages, &imp->cap_messages,
			      imp->n_messages + 1, sizeof(*m));
	m = &imp->messages[imp->n_messages++];
	m->kind = kind;
	m->where = where;
	m->source = source;
	m->text = xvasprintf(fmt, ap);
	imp->count[kind]++;
}

void import_verror(struct import *imp, char *where, const char *fmt,
		   va_list ap)
{
	add_message(imp, IMPORT_ERROR, where, NULL, fmt, ap);
}

void import_error(struct import *imp, char *where, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	import_verror(imp, where, fmt, ap);
	va_end(ap);
}

void import_vrefuse(struct import *imp, char *where, char *source,
		    const char *fmt, va_list ap)
{
	add_message(imp, IMPORT_REFUSED, where, source, fmt, ap);
}

void import_refuse(struct import *imp, char *where, char *source,
		   const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	import_vrefuse(imp, where, source, fmt, ap);
	va_end(ap);
}

void import_note(struct import *imp, char *where, char *source,
		 const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	add_message(imp, IMPORT_NOTE, where, source, fmt, ap);
	va_end(ap);
}

/* Fit for one line of a terminal or of a rule file. */
static char *one_line(char *text)
{
	char *p;

	for (p = text; *p; p++)
		if (*p == '\n' || *p == '\r' || *p == '\t')
			*p = ' ';
	return out_clean(text);
}

void import_remark(struct import *imp, const char *fmt, ...)
{
	va_list ap;

	imp->remarks = xgrow(imp->remarks, &imp->cap_remarks,
			     imp->n_remarks + 1, sizeof(*imp->remarks));
	va_start(ap, fmt);
	imp->remarks[imp->n_remarks++] = one_line(xvasprintf(fmt, ap));
	va_end(ap);
}

bool import_read(struct import *imp, const char *path)
{
	bool standard = !strcmp(path, "-");
	FILE *in = standard ? stdin : fopen(path, "r");
	size_t cap = 0, n;

	imp->file = standard ? "<stdin>" : path;
	free(imp->text);
	imp->text = NULL;
	imp->len = 0;
	if (!in) {
		out_err("%s: %s", path, strerror(errno));
		return false;
	}
	do {
		imp->text = xgrow(imp->text, &cap, imp->len + 65536, 1);
		errno = 0;
		n = fread(imp->text + imp->len, 1, 65535, in);
		imp->len += n;
	} while (n && imp->len <= FILE_MAX);
	imp->text[imp->len] = '\0';
	if (ferror(in) || imp->len > FILE_MAX) {
		out_err("%s: %s", imp->file, ferror(in) ? strerror(errno) :
			"more than 64 MiB are not read");
		if (!standard)
			fclose(in);
		return false;
	}
	if (!standard)
		fclose(in);
	return true;
}

enum rc import_report(const struct import *imp)
{
	static const char *const words[] = { "note", "cannot say this", "error" };
	size_t i;

	for (i = 0; i < imp->n_messages; i++) {
		const struct import_message *m = &imp->messages[i];

		if (m->kind == IMPORT_NOTE && out.quiet)
			continue;
		/* A line number belongs to the file, a path is in it. */
		fprintf(stderr, "%s:%s%s: %s: %s\n", imp->file,
			strspn(m->where, "0123456789:") ? "" : " ",
			one_line(m->where), words[m->kind], one_line(m->text));
		if (m->source)
			fprintf(stderr, "    %s\n", one_line(m->source));
	}
	if (imp->count[IMPORT_ERROR])
		return RC_USAGE;
	if (!imp->count[IMPORT_REFUSED])
		return RC_OK;
	if (imp->partial) {
		out_warn("%s: %zu thing%s left out; the result has %s as comments",
			 imp->file, imp->count[IMPORT_REFUSED],
			 imp->count[IMPORT_REFUSED] == 1 ? "" : "s",
			 imp->count[IMPORT_REFUSED] == 1 ? "it" : "them");
		return RC_OK;
	}
	out_err("%s: nothing is written, since the result would mean something else; --partial writes the rest",
		imp->file);
	return RC_NO;
}

void import_print(const struct import *imp)
{
	const struct print_style style = {
		.color = out_color(stdout),
		.numeric = out.numeric,
	};
	size_t i;

	if (out.json) {
		out_json(print_ruleset_json(imp->rs, -1));
		return;
	}
	for (i = 0; i < imp->n_remarks; i++)
		printf("# %s\n", imp->remarks[i]);
	for (i = 0; i < imp->n_messages; i++) {
		const struct import_message *m = &imp->messages[i];

		printf("# %s, %s%s: %s\n",
		       m->kind == IMPORT_NOTE ? "note" : "left out",
		       strspn(m->where, "0123456789") ? "line " : "", m->where,
		       m->text);
		if (m->source)
			printf("#     %s\n", m->source);
	}
	print_ruleset(stdout, imp->rs, -1, &style);
}

static void free_names(struct import_name *names, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		free(names[i].name);
		sfw_list_put(names[i].list);
	}
	free(names);
}

void import_free(struct import *imp)
{
	size_t i;

	for (i = 0; i < imp->n_messages; i++) {
		free(imp->messages[i].where);
		free(imp->messages[i].text);
		free(imp->messages[i].source);
	}
	for (i = 0; i < imp->n_remarks; i++)
		free(imp->remarks[i]);
	free(imp->messages);
	free(imp->remarks);
	free_names(imp->groups, imp->n_groups);
	free_names(imp->prefix_lists, imp->n_prefix_lists);
	sfw_list_put(imp->local);
	ruleset_free(imp->rs);
	free(imp->ids);
	free(imp->text);
}

char *import_comment(const char *text)
{
	size_t len, used = 0;
	char *comment;
	unsigned int n;
	u32 c;

	if (!text || !*text)
		return NULL;
	len = strlen(text);
	comment = xcalloc(1, len + 1);
	while (len) {
		n = sfw_utf8_next(text, len, &c);
		if (used + (n ? n : 1) > SFW_COMMENT_MAX)
			break;
		if (!n || sfw_utf8_is_control(c))
			comment[used++] = n ? ' ' : '?';
		else
			memcpy(comment + used, text, n);
		if (n && !sfw_utf8_is_control(c))
			used += n;
		n = n ? n : 1;
		text += n;
		len -= n;
	}
	while (used && comment[used - 1] == ' ')
		used--;
	comment[used] = '\0';
	if (used)
		return comment;
	free(comment);
	return NULL;
}

struct ruleset_rule *import_rule(u8 direction, u32 number, u8 action,
				 const char *comment)
{
	struct ruleset_rule *rule = xcalloc(1, sizeof(*rule));

	rule->rule.direction = direction;
	rule->rule.number = number;
	rule->rule.action = action;
	rule->rule.comment = import_comment(comment);
	return rule;
}

bool import_add(struct import *imp, struct ruleset_rule *rule,
		const char **why)
{
	*why = sfw_rule_check(&rule->rule);
	if (*why) {
		ruleset_rule_free(rule);
		return false;
	}
	if (ruleset_add_rule(imp->rs, rule))
		xalloc_fail();
	return true;
}

bool import_number(struct import *imp, u8 direction)
{
	u32 first = IMPORT_FIRST, step = IMPORT_STEP;
	size_t i, n = imp->rs->n_rules[direction];

	if (n > SFW_RULE_NUMBER_MAX)
		return false;
	/* Beyond the plain numbers only rule sets that need it. */
	if (n && first + (n - 1) * step > SFW_RULE_NUMBER_PLAIN) {
		first = 1;
		step = n <= SFW_RULE_NUMBER_PLAIN ?
		       SFW_RULE_NUMBER_PLAIN / n : 1;
	}
	for (i = 0; i < n; i++)
		imp->rs->rules[direction][i]->rule.number = first + i * step;
	return true;
}

static struct sfw_list *compiled(struct sfw_list *list)
{
	if (sfw_list_compile(list))
		xalloc_fail();
	return list;
}

static struct sfw_list *new_list(void)
{
	struct sfw_list *list = sfw_list_new(NULL);

	if (!list)
		xalloc_fail();
	return list;
}

struct sfw_list *import_list(const struct sfw_elem *elem)
{
	struct sfw_list *list = new_list();
	int ret;

	if (elem->kind == SFW_ELEM_PREFIX)
		ret = sfw_list_add_prefix(list, elem->family, &elem->first,
					  elem->prefix_len);
	else
		ret = sfw_list_add_range(list, elem->family, &elem->first,
					 &elem->last);
	if (ret)
		xalloc_fail();
	return compiled(list);
}

struct sfw_list *import_addr(const char *text, u8 family)
{
	struct sfw_elem elem;

	if (!parse_addr(text, &elem) || (family && elem.family != family))
		return NULL;
	return import_list(&elem);
}

struct sfw_list *import_ports(u16 first, u16 last)
{
	struct sfw_list *list = new_list();

	if (sfw_list_add_port(list, first, last))
		xalloc_fail();
	return compiled(list);
}

struct sfw_list *import_everything(u8 families)
{
	const struct sfw_addr zero = { 0, 0 };
	struct sfw_list *list = new_list();

	if (((families & SFW_FAMILY_4) &&
	     sfw_list_add_prefix(list, AF_INET, &zero, 0)) ||
	    ((families & SFW_FAMILY_6) &&
	     sfw_list_add_prefix(list, AF_INET6, &zero, 0)))
		xalloc_fail();
	return compiled(list);
}
