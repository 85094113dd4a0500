// SPDX-License-Identifier: GPL-2.0
/*
 * sfwctl diff: how two rule sets differ, in their lines or in what they do.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "lib/diff.h"
#include "lib/finding.h"
#include "lib/nl_query.h"
#include "lib/parse.h"
#include "lib/print.h"
#include "lib/space_text.h"
#include "lib/xalloc.h"

/* --- lines ---------------------------------------------------------------- */

/* The lines of a set as it is printed, without the empty ones. */
struct text {
	char *text;
	char **line;
	size_t n, cap;
};

static struct text text_of(const struct ruleset *rs)
{
	const struct print_style plain = {
		.numeric = out.numeric,
		.compared = true,
	};
	struct text t = { .n = 0 };
	char *line, *next;
	size_t size;
	FILE *file = open_memstream(&t.text, &size);

	if (!file)
		xalloc_fail();
	print_ruleset(file, rs, -1, &plain);
	if (fclose(file))
		xalloc_fail();
	for (line = strtok_r(t.text, "\n", &next); line;
	     line = strtok_r(NULL, "\n", &next)) {
		t.line = xgrow(t.line, &t.cap, t.n + 1, sizeof(char *));
		t.line[t.n++] = line;
	}
	return t;
}

static void text_free(struct text *t)
{
	free(t->text);
	free(t->line);
}

/* "in 100 ..." is 100 of in; all else stands before, in its own order. */
static bool rule_key(const char *line, int *direction, unsigned int *number)
{
	if (sscanf(line, "in %u ", number) == 1)
		*direction = 0;
	else if (sscanf(line, "out %u ", number) == 1)
		*direction = 1;
	else
		return false;
	return true;
}

static bool has_line(const struct text *t, const char *line)
{
	size_t i;
	int d;
	unsigned int n;

	for (i = 0; i < t->n && !rule_key(t->line[i], &d, &n); i++)
		if (!strcmp(t->line[i], line))
			return true;
	return false;
}

struct lines {
	json_t *removed;
	json_t *added;
	size_t n;
};

static void report_line(struct lines *lines, bool added, const char *line)
{
	char *text;

	lines->n++;
	if (out.json) {
		if (json_array_append_new(added ? lines->added : lines->removed,
					  json_string(line)))
			xalloc_fail();
		return;
	}
	text = xasprintf("%c%s", added ? '+' : '-', line);
	puts(out_painted(added ? OUT_GREEN : OUT_RED, text));
	free(text);
}

/* Where rules begin. */
static size_t report_head(struct lines *lines, const struct text *t,
			  const struct text *other, bool added)
{
	unsigned int number;
	size_t i;
	int d;

	for (i = 0; i < t->n && !rule_key(t->line[i], &d, &number); i++)
		if (!has_line(other, t->line[i]))
			report_line(lines, added, t->line[i]);
	return i;
}

static void compare_lines(struct lines *lines, const struct text *a,
			  const struct text *b)
{
	size_t i = report_head(lines, a, b, false);
	size_t j = report_head(lines, b, a, true);

	while (i < a->n || j < b->n) {
		unsigned int na = 0, nb = 0;
		int da = 2, db = 2, order;

		if (i < a->n)
			rule_key(a->line[i], &da, &na);
		if (j < b->n)
			rule_key(b->line[j], &db, &nb);
		order = da != db ? da - db : na < nb ? -1 : na > nb;
		if (!order && !strcmp(a->line[i], b->line[j])) {
			i++;
			j++;
			continue;
		}
		if (order <= 0)
			report_line(lines, false, a->line[i++]);
		if (order >= 0)
			report_line(lines, true, b->line[j++]);
	}
}

static enum rc diff_lines(const struct ruleset *old, const struct ruleset *new)
{
	struct lines lines = {
		.removed = json_array(), .added = json_array(),
	};
	struct text a = text_of(old), b = text_of(new);

	compare_lines(&lines, &a, &b);
	if (out.json)
		out_json(json_pack("{s:b, s:O, s:O}", "differs", lines.n > 0,
				   "removed", lines.removed, "added",
				   lines.added));
	json_decref(lines.removed);
	json_decref(lines.added);
	text_free(&a);
	text_free(&b);
	return lines.n ? RC_NO : RC_OK;
}

static const char mode_text[] =
	"mode %s, was %s: this is about first packets, 'sfwctl check' about replies";

/* --- traffic -------------------------------------------------------------- */

static char *traffic_text(const struct diff *diff, const struct diff_traffic *t)
{
	char *text = space_text(diff->space, &t->box), *over;

	/* Both families need no word about it. */
	over = t->both ? strstr(text, " over IPv") : NULL;
	if (over)
		memmove(over, over + strlen(" over IPv4"),
			strlen(over + strlen(" over IPv4")) + 1);
	return text;
}

static void print_traffic(const struct diff *diff, u8 direction, bool allowed,
			  const struct diff_traffic *t)
{
	char *traffic = traffic_text(diff, t), *line;
	char *witness = space_witness(diff->space, &t->box, direction);
	char was[REACH_NAME_MAX], now[REACH_NAME_MAX];

	reach_name(diff->old, direction, t->was, was);
	reach_name(diff->new, direction, t->now, now);
	line = xasprintf("%s  %s %s", allowed ? "newly allowed" :
					       "newly denied ",
			 print_directions[direction], traffic);
	puts(out_painted(allowed ? OUT_GREEN : OUT_RED, line));
	printf("    such as  %s\n", witness);
	printf("    by       %s (%s) before, %s (%s) now\n", was,
	       print_actions[reach_action(diff->old, direction, t->was)], now,
	       print_actions[reach_action(diff->new, direction, t->now)]);
	free(line);
	free(witness);
	free(traffic);
}

static void put_dim(json_t *obj, const struct diff *diff,
		    const struct diff_traffic *t, const char *key,
		    enum space_dim dim)
{
	char *text = space_dim_text(diff->space, &t->box, dim);

	if (text)
		out_set(obj, key, json_string(text));
	free(text);
}

static json_t *traffic_json(const struct diff *diff, u8 direction,
			    const struct diff_traffic *t)
{
	char *text = traffic_text(diff, t);
	char *witness = space_witness(diff->space, &t->box, direction);
	char was[REACH_NAME_MAX], now[REACH_NAME_MAX];
	json_t *obj;

	reach_name(diff->old, direction, t->was, was);
	reach_name(diff->new, direction, t->now, now);
	obj = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s}",
			"direction", print_directions[direction],
			"family", t->both ? "any" :
			t->box.family == AF_INET ? "ipv4" : "ipv6",
			"traffic", text, "witness", witness, "was", was,
			"now", now);
	if (!obj)
		xalloc_fail();
	put_dim(obj, diff, t, "protocol", SPACE_PROTOCOL);
	put_dim(obj, diff, t, "from", SPACE_SRC);
	put_dim(obj, diff, t, "from_port", SPACE_SPORT);
	put_dim(obj, diff, t, "to", SPACE_DST);
	put_dim(obj, diff, t, "to_port", SPACE_DPORT);
	put_dim(obj, diff, t, "interface", SPACE_IFACE);
	put_dim(obj, diff, t, "flags", SPACE_FLAGS);
	free(text);
	free(witness);
	return obj;
}

static size_t show_side(const struct diff *diff, bool allowed, json_t *array)
{
	const struct diff_side *side;
	size_t i, n = 0;
	int d;

	for (d = 0; d < 2; d++) {
		side = allowed ? &diff->allowed[d] : &diff->denied[d];
		n += side->n;
		for (i = 0; i < side->n; i++) {
			const struct diff_traffic *t = &side->traffic[i];

			if (!out.json)
				print_traffic(diff, d, allowed, t);
			else if (json_array_append_new(array,
						       traffic_json(diff, d, t)))
				xalloc_fail();
		}
	}
	return n;
}

static enum rc diff_traffic(const struct ruleset *old, const struct ruleset *new)
{
	json_t *allowed = json_array(), *denied = json_array();
	struct diff diff;
	size_t n = 0;
	enum rc rc;

	if (!diff_find(&diff, old, new)) {
		out_err("not analysed: the rules cut what differs into too many pieces");
		rc = RC_NO;
	} else {
		n = show_side(&diff, true, allowed);
		n += show_side(&diff, false, denied);
		rc = n ? RC_NO : RC_OK;
		if (out.json)
			out_json(json_pack("{s:b, s:O, s:O}", "differs", n > 0,
					   "allowed", allowed, "denied",
					   denied));
		else if (!n)
			out_done("the same traffic is allowed");
		if (!out.json && old->mode != new->mode)
			out_done(mode_text, print_modes[new->mode],
				 print_modes[old->mode]);
	}
	json_decref(allowed);
	json_decref(denied);
	diff_free(&diff);
	return rc;
}

/* --- the two sets --------------------------------------------------------- */

/* What runs; without a rule set everything passes. */
static enum rc read_running(struct ruleset **rs)
{
	struct nl_status status;
	struct nl *nl;
	enum rc rc;

	rc = nl_open(&nl);
	if (rc != RC_OK)
		return rc;
	rc = nl_query_ruleset(nl, &status, rs);
	nl_close(nl);
	if (rc != RC_OK || *rs)
		return rc;
	*rs = ruleset_new();
	if (!*rs)
		xalloc_fail();
	(*rs)->def[SFW_DIRECTION_IN].action = SFW_ACTION_ALLOW;
	(*rs)->def[SFW_DIRECTION_OUT].action = SFW_ACTION_ALLOW;
	return RC_OK;
}

static enum rc compare(const struct ruleset *old, const struct ruleset *new)
{
	return cmd_option("--semantic") ? diff_traffic(old, new) :
					  diff_lines(old, new);
}

static struct parse_result *read_file(const char *path)
{
	struct parse_result *res = parse_file(path);

	parse_print_messages(res, stderr, out_color(stderr));
	return res;
}

static enum rc run(int n, char **words)
{
	struct parse_result *old = NULL, *new;
	struct ruleset *running = NULL;
	enum rc rc = RC_USAGE;

	if (!n)
		return cmd_usage("it needs a FILE to compare with what runs, or two");
	if (n > 2)
		return cmd_surplus(words[2]);
	if (n == 2 && !strcmp(words[0], "-") && !strcmp(words[1], "-"))
		return cmd_usage("standard input can be one of the two");
	if (n == 2)
		old = read_file(words[0]);
	new = read_file(words[n - 1]);
	if (new->ruleset && (!old || old->ruleset)) {
		rc = old ? RC_OK : read_running(&running);
		if (rc == RC_OK)
			rc = compare(old ? old->ruleset : running,
				     new->ruleset);
	}
	ruleset_free(running);
	if (old)
		parse_result_free(old);
	parse_result_free(new);
	return rc;
}

const struct command cmd_diff = {
	.name = "diff",
	.run = run,
	.summary = "how a rule file differs from what runs, or from another",
	.help =
"Compare a rule file with the running set, or two files; the latter needs\n"
"neither root nor module. Exits with 1 if they differ, with 0 if not.\n"
"\n"
"By lines: rules by direction and number, and the settings before them.\n"
"With --semantic, by what they do: the traffic that is newly allowed and newly\n"
"denied, as few sets of packets as will do, each with an example and the rules\n"
"that decide it. Deny and reject are the same here, and rates do not count.\n"
"\n"
"Usage: sfwctl diff [OLD] FILE [--semantic]\n"
"  OLD         a rule file; without it, what runs\n"
"  FILE        a rule file; - is standard input\n"
"  --semantic  by what they do\n"
"\n"
"Examples:\n"
"  sfwctl diff new.rules\n"
"  sfwctl diff --semantic old.rules new.rules\n",
	.options = { { "--semantic", NULL, false } },
};
