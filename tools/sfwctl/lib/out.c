// SPDX-License-Identifier: GPL-2.0
/*
 * What sfwctl writes. Answers go to standard output, everything else to
 * standard error, so that an answer can be piped; with -j standard output has
 * one JSON object or nothing.
 *
 * Nothing here checks single writes: stdio remembers a failure, and
 * out_finish() asks for it once at the end.
 */
#define _GNU_SOURCE		/* fwrite_unlocked() */
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "out.h"
#include "xalloc.h"

struct out_options out;

static const char *const paints[] = {
	[OUT_BOLD]	= "\033[1m",
	[OUT_RED]	= "\033[1;31m",
	[OUT_GREEN]	= "\033[32m",
	[OUT_YELLOW]	= "\033[33m",
};

#define PAINT_END	"\033[0m"

bool out_color(FILE *file)
{
	const char *env;

	switch (out.color) {
	case OUT_COLOR_ALWAYS:
		return true;
	case OUT_COLOR_NEVER:
		return false;
	case OUT_COLOR_AUTO:
		break;
	}
	/* no-color.org: set and not empty, whatever the value. */
	env = getenv("NO_COLOR");
	if (env && *env)
		return false;
	env = getenv("TERM");
	if (!env || !strcmp(env, "dumb"))
		return false;
	return isatty(fileno(file));
}

const char *out_painted(enum out_paint paint, const char *text)
{
	static char buf[4][128];
	static unsigned int next;
	char *p = buf[next++ % 4];

	if (!out_color(stdout))
		return text;
	snprintf(p, sizeof(buf[0]), "%s%s%s", paints[paint], text, PAINT_END);
	return p;
}

static void message(enum out_paint paint, const char *kind, const char *fmt,
		    va_list ap)
{
	bool color = out_color(stderr);

	/* What was answered so far stands before the complaint. */
	fflush(stdout);
	fprintf(stderr, "%ssfwctl:%s ", color ? paints[paint] : "",
		color ? PAINT_END : "");
	fputs(kind, stderr);
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
}

void out_err(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	message(OUT_RED, "", fmt, ap);
	va_end(ap);
}

void out_warn(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	message(OUT_YELLOW, "warning: ", fmt, ap);
	va_end(ap);
}

void out_verbose(const char *fmt, ...)
{
	va_list ap;

	if (!out.verbose)
		return;
	va_start(ap, fmt);
	message(OUT_BOLD, "", fmt, ap);
	va_end(ap);
}

void out_done(const char *fmt, ...)
{
	va_list ap;

	if (out.quiet || out.json)
		return;
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	putchar('\n');
}

void out_changed(u32 generation, const char *fmt, ...)
{
	va_list ap;

	if (out.json)
		out_json(json_pack("{s:I}", "generation",
				   (json_int_t)generation));
	if (out.quiet || out.json)
		return;
	printf("generation %u: ", generation);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	putchar('\n');
}

char *out_clean(char *text)
{
	char *p;

	for (p = text; *p; p++)
		if (*p < ' ' || *p > '~')
			*p = '?';
	return text;
}

static size_t json_flags(void)
{
	return out.pretty ? JSON_INDENT(2) : JSON_COMPACT;
}

void out_set(json_t *obj, const char *key, json_t *value)
{
	if (json_object_set_new(obj, key, value))
		xalloc_fail();
}

void out_json(json_t *obj)
{
	int ret;

	if (!obj)
		xalloc_fail();
	ret = json_dumpf(obj, stdout, json_flags());
	json_decref(obj);
	/* It also fails for a failed write, which out_finish() reports. */
	if (ret && !ferror(stdout))
		xalloc_fail();
	putchar('\n');
}

static bool stream_first;

void out_stream_begin(const char *key)
{
	stream_first = true;
	printf(out.pretty ? "{\n  \"%s\": [" : "{\"%s\":[", key);
}

void out_stream_item(json_t *item)
{
	char *text, *p;

	text = item ? json_dumps(item, json_flags()) : NULL;
	if (!text)
		xalloc_fail();
	json_decref(item);

	if (!stream_first)
		putchar(',');
	stream_first = false;
	if (out.pretty)
		fputs("\n    ", stdout);
	for (p = text; *p; p++) {
		putchar(*p);
		/* Inside a string it is escaped, so this is a line's end. */
		if (*p == '\n')
			fputs("    ", stdout);
	}
	free(text);
}

void out_stream_text(const char *text, size_t len)
{
	if (!stream_first)
		putchar_unlocked(',');
	stream_first = false;
	fwrite_unlocked(text, 1, len, stdout);
}

void out_stream_end(void)
{
	if (!out.pretty)
		fputs("]}\n", stdout);
	else
		fputs(stream_first ? "]\n}\n" : "\n  ]\n}\n", stdout);
}

#define TABLE_COLUMNS	16
#define TABLE_HELD	1000

struct out_table {
	const char *align;
	size_t columns;
	size_t width[TABLE_COLUMNS];
	char **held;	/* columns cells per line */
	size_t n_held;	/* lines */
	bool flowing;	/* the widths are known, nothing is held any more */
};

struct out_table *out_table_new(const char *align)
{
	struct out_table *table = xcalloc(1, sizeof(*table));

	table->align = align;
	table->columns = strlen(align);
	table->held = xcalloc(TABLE_HELD * table->columns, sizeof(char *));
	return table;
}

static void blanks(size_t n)
{
	while (n--)
		putchar_unlocked(' ');
}

static void table_print(const struct out_table *table, const char *const *cells)
{
	size_t i, last = 0;

	/* No blanks at the end of a line. */
	for (i = 0; i < table->columns; i++)
		if (*cells[i])
			last = i;
	for (i = 0; i <= last; i++) {
		size_t len = strlen(cells[i]);
		size_t pad = table->width[i] - len;

		/* printf() would take half of the time of a long list. */
		if (table->align[i] == 'r')
			blanks(pad);
		fwrite_unlocked(cells[i], 1, len, stdout);
		if (i == last)
			break;
		blanks(table->align[i] == 'r' ? 2 : pad + 2);
	}
	putchar_unlocked('\n');
}

static void table_release(struct out_table *table)
{
	size_t i, j;

	for (i = 0; i < table->n_held; i++) {
		char **line = &table->held[i * table->columns];

		table_print(table, (const char *const *)line);
		for (j = 0; j < table->columns; j++)
			free(line[j]);
	}
	table->n_held = 0;
	table->flowing = true;
}

void out_table_row(struct out_table *table, const char *const *cells)
{
	char **line;
	size_t i;

	for (i = 0; i < table->columns; i++) {
		size_t len = strlen(cells[i]);

		if (len > table->width[i])
			table->width[i] = len;
	}
	if (!table->flowing && table->n_held == TABLE_HELD)
		table_release(table);
	if (table->flowing) {
		table_print(table, cells);
		return;
	}
	line = &table->held[table->n_held++ * table->columns];
	for (i = 0; i < table->columns; i++)
		line[i] = xstrdup(cells[i]);
}

void out_table_end(struct out_table *table)
{
	table_release(table);
	free(table->held);
	free(table);
}

void out_duration(char *buf, size_t size, u64 seconds)
{
	static const struct {
		u64 seconds;
		const char *name;
	} units[] = {
		{ 24 * 60 * 60, "d" }, { 60 * 60, "h" }, { 60, "min" },
		{ 1, "s" },
	};
	const size_t n = ARRAY_SIZE(units);
	u64 rest;
	size_t i = 0;

	while (i < n - 1 && seconds < units[i].seconds)
		i++;
	rest = i < n - 1 ? seconds % units[i].seconds / units[i + 1].seconds : 0;
	if (rest)
		snprintf(buf, size, "%llu %s %llu %s",
			 (unsigned long long)(seconds / units[i].seconds),
			 units[i].name, (unsigned long long)rest,
			 units[i + 1].name);
	else
		snprintf(buf, size, "%llu %s",
			 (unsigned long long)(seconds / units[i].seconds),
			 units[i].name);
}

enum rc out_finish(enum rc rc)
{
	bool failed = ferror(stdout);

	errno = 0;
	if (fflush(stdout))
		failed = true;
	if (!failed)
		return rc;
	/* Nobody reads any more: that is the reader's choice, not an error. */
	if (errno == EPIPE)
		return rc;
	if (errno)
		out_err("standard output: %s", strerror(errno));
	else
		out_err("standard output: writing failed");
	return RC_KERNEL;
}
