// SPDX-License-Identifier: GPL-2.0
/*
 * sfwctl status: what holds in this namespace, on one screen.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "cmd.h"
#include "lib/nl_query.h"
#include "lib/nl_staged.h"
#include "lib/print.h"
#include "lib/xalloc.h"

#define LABEL_WIDTH	14
#define LINE_WIDTH	(80 - LABEL_WIDTH)

static const char nothing_loaded[] =
	"no rule set is loaded in this namespace: everything passes";

/* What passes without being judged. NULL ends the list. */
static void not_covered(const struct nl_status *status, const char *list[3])
{
	size_t n = 0;

	if (!status->loaded) {
		list[n++] = nothing_loaded;
	} else {
		if (!status->effective.loopback_filter)
			list[n++] = "loopback passes";
		if (!status->effective.nd_filter)
			list[n++] = "IPv6 neighbour discovery and MLD pass";
	}
	list[n] = NULL;
}

/* When the set was loaded, by the clock of now. */
static void since(char *buf, size_t size, const char *format, u64 age_ms)
{
	struct timespec now;
	struct tm tm;
	time_t then;

	clock_gettime(CLOCK_REALTIME, &now);
	then = now.tv_sec - (time_t)(age_ms / 1000);
	if (now.tv_nsec / 1000000 < (long)(age_ms % 1000))
		then--;
	if (!localtime_r(&then, &tm) || !strftime(buf, size, format, &tm))
		*buf = '\0';
}

/* RFC 3339 wants +02:00 where strftime() gives +0200. */
static json_t *since_json(u64 age_ms)
{
	char buf[64];
	size_t len;

	since(buf, sizeof(buf), "%Y-%m-%dT%H:%M:%S%z", age_ms);
	len = strlen(buf);
	if (len < 5)
		return json_null();
	memmove(buf + len - 1, buf + len - 2, 3);
	buf[len - 2] = ':';
	return json_string(buf);
}

/* A label in the first column, blank for a line that goes on. */
static void label(const char *name)
{
	printf("%s%*s", out_painted(OUT_BOLD, name),
	       LABEL_WIDTH - (int)strlen(name), "");
}

/* What rollback, or the end of the time to confirm, leads to. */
static void name_previous(char *buf, size_t size,
			  const struct nl_status *status)
{
	if (status->rollback_generation)
		snprintf(buf, size, "generation %u",
			 status->rollback_generation);
	else
		snprintf(buf, size, "no rule set");
}

static void print_commit(const struct nl_status *status)
{
	char previous[32];

	if (status->reverted) {
		label("taken back");
		printf("generation %u, which was not confirmed in time\n",
		       status->reverted);
	}
	if (!status->confirm_ms)
		return;
	name_previous(previous, sizeof(previous), status);
	label("pending");
	printf("%s %u s, then %s comes back\n",
	       out_painted(OUT_YELLOW, "'sfwctl confirm' keeps it within"),
	       nl_confirm_seconds(status), previous);
}

/* What a packet that reads the list costs at most, and what the list takes. */
static void print_compiled(const char *name, const struct nl_compiled *c)
{
	label(name);
	printf("at most %u steps and %u comparisons a packet, %llu KiB",
	       c->steps, c->tests, (unsigned long long)(c->bytes + 1023) / 1024);
	if (c->changes)
		printf(", %u rules changed since", c->changes);
	putchar('\n');
	if (!c->long_leaves)
		return;
	label("");
	printf("%s: %u lists in it are longer than they should be\n",
	       out_painted(OUT_YELLOW, "rules that overlap too much"),
	       c->long_leaves);
}

static void print_loaded(const struct nl_status *status)
{
	char when[64], age[32];

	label("mode");
	puts(print_modes[status->mode]);
	label("audit");
	puts(status->audit ?
	     out_painted(OUT_YELLOW, "on: nothing is dropped, drops are only counted") :
	     "off");
	label("generation");
	since(when, sizeof(when), "%Y-%m-%d %H:%M:%S", status->age_ms);
	out_duration(age, sizeof(age), status->age_ms / 1000);
	printf("%u, since %s (%s)\n", status->generation, when, age);
	print_commit(status);
	label("defaults");
	printf("in %s%s, out %s%s\n",
	       print_actions[status->def[SFW_DIRECTION_IN].action],
	       status->def[SFW_DIRECTION_IN].log ? " log" : "",
	       print_actions[status->def[SFW_DIRECTION_OUT].action],
	       status->def[SFW_DIRECTION_OUT].log ? " log" : "");
	label("rules");
	printf("%u in, %u out\n", status->rules[SFW_DIRECTION_IN],
	       status->rules[SFW_DIRECTION_OUT]);
	print_compiled("compiled in", &status->compiled[SFW_DIRECTION_IN]);
	print_compiled("compiled out", &status->compiled[SFW_DIRECTION_OUT]);
}

/* "option NAME VALUE" per line, as a rule file has them. */
static char *option_lines(const struct sfw_options *opt, bool all)
{
	char *text = NULL;
	size_t size;
	FILE *file;

	file = open_memstream(&text, &size);
	if (!file)
		xalloc_fail();
	print_options(file, opt, all);
	if (fclose(file))
		xalloc_fail();
	return text;
}

/* Those lines that begin with prefix, without it, as one list. */
static void print_options_after(const char *prefix, char *text,
				const char *none)
{
	size_t len = strlen(prefix), column = 0;
	char *line, *next;

	for (line = strtok_r(text, "\n", &next); line;
	     line = strtok_r(NULL, "\n", &next)) {
		size_t width;

		if (strncmp(line, prefix, len))
			continue;
		width = strlen(line + len) + 2;
		if (column && column + width > LINE_WIDTH) {
			puts(",");
			label("");
			column = 0;
		}
		printf("%s%s", column ? ", " : "", line + len);
		column += width;
	}
	puts(column ? "" : none);
}

static void print_all_options(const struct nl_status *status)
{
	char *text;

	label("options");
	text = option_lines(&status->options, false);
	print_options_after("option ", text, "none named");
	free(text);
	label("timeouts");
	text = option_lines(&status->effective, true);
	print_options_after("option timeout ", text, "none");
	free(text);
}

static void print_figures(const struct nl_stats *stats)
{
	const char *sep = ": ";
	size_t i;

	label("connections");
	printf("%u / %u", stats->entries, stats->max);
	if (stats->evicted)
		printf(", %llu evicted", (unsigned long long)stats->evicted);
	if (stats->refused)
		printf(", %llu refused", (unsigned long long)stats->refused);
	putchar('\n');
	label("dropped");
	printf("%llu", (unsigned long long)stats->dropped);
	for (i = 0; i <= SFW_REASON_MAX; i++) {
		u64 drops = nl_drops(stats, i);

		if (!drops)
			continue;
		printf("%s%s %llu", sep, print_reasons[i],
		       (unsigned long long)drops);
		sep = ", ";
	}
	putchar('\n');
}

static void print_staging(const struct nl_staging *staging)
{
	char age[32];

	if (!staging->staged)
		return;
	label("staged");
	out_duration(age, sizeof(age), staging->age_ms / 1000);
	printf("%u in, %u out, %s, for %s: of %llu packets it would have\n",
	       staging->rules[SFW_DIRECTION_IN],
	       staging->rules[SFW_DIRECTION_OUT], print_modes[staging->mode],
	       age, (unsigned long long)staging->judged);
	label("");
	printf("allowed %llu that were dropped, denied %llu that passed\n",
	       (unsigned long long)staging->opened,
	       (unsigned long long)staging->closed);
}

static void print_text(const struct nl_status *status)
{
	const char *list[3];
	size_t i;

	if (!status->loaded) {
		puts(nothing_loaded);
		printf("generation %u\n", status->generation);
		print_commit(status);
		return;
	}
	print_loaded(status);
	print_all_options(status);
	print_figures(&status->stats);
	print_staging(&status->staging);
	not_covered(status, list);
	label("not covered");
	if (!list[0])
		fputs("nothing", stdout);
	for (i = 0; list[i]; i++)
		printf("%s%s", i ? "; " : "", list[i]);
	putchar('\n');
}

/* As "show" has them, but all of them, and the timeouts as "timeouts". */
static json_t *effective_json(const struct sfw_options *opt)
{
	json_t *obj = print_options_json(opt, true);
	json_t *timeouts = json_incref(json_object_get(obj, "timeout"));

	json_object_del(obj, "timeout");
	out_set(obj, "timeouts", timeouts);
	return obj;
}

static json_t *compiled_json(const struct nl_compiled *c)
{
	return json_pack("{s:I, s:I, s:I, s:I, s:I}",
			 "steps", (json_int_t)c->steps,
			 "tests", (json_int_t)c->tests,
			 "long_leaves", (json_int_t)c->long_leaves,
			 "changes", (json_int_t)c->changes,
			 "bytes", (json_int_t)c->bytes);
}

static json_t *loaded_json(const struct nl_status *status)
{
	return json_pack("{s:s, s:b, s:I, s:o, s:I, s:s, s:s, s:I, s:I, s:o, s:o, s:o, s:o}",
			 "mode", print_modes[status->mode],
			 "audit", status->audit,
			 "generation", (json_int_t)status->generation,
			 "since", since_json(status->age_ms),
			 "age_s", (json_int_t)(status->age_ms / 1000),
			 "default_in",
			 print_actions[status->def[SFW_DIRECTION_IN].action],
			 "default_out",
			 print_actions[status->def[SFW_DIRECTION_OUT].action],
			 "rules_in",
			 (json_int_t)status->rules[SFW_DIRECTION_IN],
			 "rules_out",
			 (json_int_t)status->rules[SFW_DIRECTION_OUT],
			 "compiled_in",
			 compiled_json(&status->compiled[SFW_DIRECTION_IN]),
			 "compiled_out",
			 compiled_json(&status->compiled[SFW_DIRECTION_OUT]),
			 "options",
			 print_options_json(&status->options, false),
			 "effective", effective_json(&status->effective));
}

static json_t *unloaded_json(const struct nl_status *status)
{
	return json_pack("{s:n, s:b, s:I, s:n, s:n, s:n, s:n, s:i, s:i, s:n, s:n, s:{}, s:{}}",
			 "mode", "audit", 0,
			 "generation", (json_int_t)status->generation,
			 "since", "age_s", "default_in", "default_out",
			 "rules_in", 0, "rules_out", 0, "compiled_in",
			 "compiled_out", "options", "effective");
}

/* null, or until when and what then. */
static json_t *pending_json(const struct nl_status *status)
{
	json_t *previous;

	if (!status->confirm_ms)
		return json_null();
	previous = status->rollback_generation ?
		   json_integer(status->rollback_generation) : json_null();
	return json_pack("{s:I, s:o}", "left_s",
			 (json_int_t)nl_confirm_seconds(status),
			 "previous_generation", previous);
}

static void print_json(const struct nl_status *status)
{
	const struct nl_stats *stats = &status->stats;
	json_t *obj, *covered = json_array();
	const char *list[3];
	size_t i;

	not_covered(status, list);
	for (i = 0; list[i]; i++)
		if (json_array_append_new(covered, json_string(list[i])))
			xalloc_fail();
	obj = status->loaded ? loaded_json(status) : unloaded_json(status);
	out_set(obj, "pending_confirm", pending_json(status));
	out_set(obj, "reverted", status->reverted ?
		json_integer(status->reverted) : json_null());
	out_set(obj, "staged", nl_staging_json(&status->staging));
	out_set(obj, "connections", nl_table_json(stats));
	out_set(obj, "dropped", json_integer((json_int_t)stats->dropped));
	out_set(obj, "drops", nl_drops_json(stats));
	out_set(obj, "not_covered", covered);
	out_json(obj);
}

static enum rc run(int n, char **words)
{
	struct nl_status status;
	enum rc rc;

	if (n)
		return cmd_surplus(words[0]);
	rc = nl_read_status(&status);
	if (rc != RC_OK)
		return rc;
	if (out.json)
		print_json(&status);
	else
		print_text(&status);
	return RC_OK;
}

const struct command cmd_status = {
	.name = "status",
	.run = run,
	.summary = "mode, defaults, options, table fill, drops, what is not covered",
	.help =
"Show what holds in this network namespace: mode, generation and age of the\n"
"rule set, whether it waits for 'sfwctl confirm' and how long, defaults,\n"
"options, how full the connection table is, drops by reason, what a staged set\n"
"would have decided otherwise, and what passes without being judged.\n"
"\n"
"Usage: sfwctl status\n"
"\n"
"Examples:\n"
"  sfwctl status\n"
"  sfwctl -j status | jq .drops\n",
};
