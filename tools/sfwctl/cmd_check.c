// SPDX-License-Identifier: GPL-2.0
/*
 * sfwctl check: is the file right, and does it say something sensible. Works
 * on the file alone: no root, no module.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "lib/parse.h"
#include "lib/print.h"
#include "lib/xalloc.h"

/* What was found so far; text is printed at once, JSON at the end. */
struct report {
	json_t *findings;
	size_t n_warnings;
};

/* A file may be called anything, and JSON is UTF-8. */
static json_t *text_json(const char *text)
{
	json_t *json = json_string(text);
	char *copy;

	if (json)
		return json;
	copy = xstrdup(text);
	json = json_string(out_clean(copy));
	free(copy);
	return json;
}

static void add_json(struct report *report, json_t *finding)
{
	if (!finding || json_array_append_new(report->findings, finding))
		xalloc_fail();
}

/* What the parser said. Its text goes where that of "apply" goes. */
static void report_messages(struct report *report,
			    const struct parse_result *res)
{
	size_t i;

	for (i = 0; i < res->n_messages; i++) {
		const struct parse_message *m = &res->messages[i];

		if (!out.json)
			continue;
		add_json(report,
			 json_pack("{s:s, s:s, s:o, s:i, s:i, s:o}",
				   "code", "syntax", "severity",
				   m->warning ? "warning" : "error",
				   "file", text_json(m->file),
				   "line", m->line, "column", m->column,
				   "message", text_json(m->text)));
	}
	report->n_warnings += res->n_messages - res->n_errors;
	if (!out.json)
		parse_print_messages(res, stderr, out_color(stderr));
}

/* Is the code among those of "# sfw:ignore CODE..."? */
static bool ignored(const struct ruleset_rule *rule, const char *code)
{
	const char *p = rule->ignore;
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

static void report_rule(struct report *report, const struct ruleset_rule *rule,
			const char *code, const char *message)
{
	const char *direction = print_directions[rule->rule.direction];
	char name[32];

	if (ignored(rule, code))
		return;
	report->n_warnings++;
	snprintf(name, sizeof(name), "%s:%u", direction, rule->rule.number);
	if (out.json) {
		add_json(report,
			 json_pack("{s:s, s:s, s:o, s:i, s:s, s:s}",
				   "code", code, "severity", "warning",
				   "file", text_json(rule->file),
				   "line", rule->line, "rule", name,
				   "message", message));
		return;
	}
	printf("%s:%u: %s: %s %u: %s [%s]\n    %s\n", rule->file, rule->line,
	       out_painted(OUT_YELLOW, "warning"), direction, rule->rule.number,
	       message, code, rule->text);
}

/* Why no packet can match, for a rule that has no families left. */
static const char *why_never(const struct sfw_rule *rule)
{
	if (rule->from && rule->to)
		return "never matches: from, to and protocol have no address family in common";
	return "never matches: the protocol is not of the address family of the addresses";
}

static size_t examine(struct report *report, const struct ruleset *rs)
{
	size_t dir, i, n = 0;

	for (dir = 0; dir < ARRAY_SIZE(rs->rules); dir++) {
		for (i = 0; i < rs->n_rules[dir]; i++) {
			const struct ruleset_rule *rule = rs->rules[dir][i];

			n++;
			if (!rule->rule.families)
				report_rule(report, rule, "never-matches",
					    why_never(&rule->rule));
		}
	}
	return n;
}

static enum rc run(int n, char **words)
{
	struct report report = { .n_warnings = 0 };
	struct parse_result *res;
	size_t n_rules = 0;
	enum rc rc = RC_OK;

	if (!n)
		return cmd_usage("it needs a FILE, or - for standard input");
	if (n > 1)
		return cmd_surplus(words[1]);

	report.findings = json_array();
	res = parse_file(words[0]);
	report_messages(&report, res);
	if (res->ruleset)
		n_rules = examine(&report, res->ruleset);
	if (res->n_errors)
		rc = RC_USAGE;
	else if (report.n_warnings && cmd_option("--strict"))
		rc = RC_NO;

	if (out.json)
		out_json(json_pack("{s:O}", "findings", report.findings));
	else if (!res->n_errors)
		out_done("%s: %zu rule%s, %zu warning%s", words[0], n_rules,
			 n_rules == 1 ? "" : "s", report.n_warnings,
			 report.n_warnings == 1 ? "" : "s");
	json_decref(report.findings);
	parse_result_free(res);
	return rc;
}

const struct command cmd_check = {
	.name = "check",
	.run = run,
	.summary = "is a rule file right; needs no root and no module",
	.help =
"Read a rule file and say what is wrong with it: all errors at once, each with\n"
"its place, and rules that can never match. Needs no root and no module.\n"
"Exits with 2 if there are errors; with 0 if there are only warnings.\n"
"\n"
"Usage: sfwctl check FILE [--strict]\n"
"  FILE        the rule file; - is standard input\n"
"  --strict    exit with 1 if there are warnings\n"
"\n"
"A comment '# sfw:ignore CODE' at the end of a rule silences a warning there.\n"
"\n"
"Examples:\n"
"  sfwctl check /etc/sfw/sfw.rules\n"
"  sfwctl -j check --strict new.rules | jq .findings\n",
	.options = { { "--strict", NULL, false } },
};
