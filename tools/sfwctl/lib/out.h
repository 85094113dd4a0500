/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What sfwctl writes: messages, tables, JSON, and the exit codes that go with
 * them.
 */
#ifndef _SFWCTL_OUT_H
#define _SFWCTL_OUT_H

#include <jansson.h>
#include <pure.h>
#include <stdio.h>

/* Exit codes, the same for every command. */
enum rc {
	RC_OK,		/* yes, done */
	RC_NO,		/* a negative answer */
	RC_USAGE,	/* usage or parse error */
	RC_MODULE,	/* module absent, or of another interface version */
	RC_PERMISSION,
	RC_KERNEL,	/* the kernel refused */
};

enum out_color {
	OUT_COLOR_AUTO,
	OUT_COLOR_ALWAYS,
	OUT_COLOR_NEVER,
};

/* The global options, set by main() before a command runs. */
struct out_options {
	bool json;
	bool pretty;
	bool numeric;
	bool quiet;
	bool verbose;
	enum out_color color;
};

extern struct out_options out;

enum out_paint {
	OUT_BOLD,
	OUT_RED,
	OUT_GREEN,
	OUT_YELLOW,
};

/* Is this stream coloured? */
bool out_color(FILE *file);
/* text in a colour, or plain; good until 4 further calls. stdout only. */
const char *out_painted(enum out_paint paint, const char *text);

/* "sfwctl: ..." and a newline on stderr. */
void out_err(const char *fmt, ...)
	__attribute((__format__(__printf__, 1, 2)));
void out_warn(const char *fmt, ...)
	__attribute((__format__(__printf__, 1, 2)));
/* The same with -v only. */
void out_verbose(const char *fmt, ...)
	__attribute((__format__(__printf__, 1, 2)));
/* What was done, on stdout; silent with -q and with -j. */
void out_done(const char *fmt, ...)
	__attribute((__format__(__printf__, 1, 2)));
/* The same for a change, after "generation N: "; {"generation":N} with -j. */
void out_changed(u32 generation, const char *fmt, ...)
	__attribute((__format__(__printf__, 2, 3)));
/* Replace what could upset a terminal; in place, returns text. */
char *out_clean(char *text);

/* Put value into obj, of which it takes the reference; NULL is no memory. */
void out_set(json_t *obj, const char *key, json_t *value);
/* The one object of a call; takes the reference. NULL is lack of memory. */
void out_json(json_t *obj);

/*
 * {"KEY":[item, ...]} written item by item, so that a million of them need no
 * memory. out_stream_item() takes the reference.
 */
void out_stream_begin(const char *key);
void out_stream_item(json_t *item);
/* The same for an item that is text already; not with -p. */
void out_stream_text(const char *text, size_t len);
void out_stream_end(void);

/*
 * Columns as wide as their widest cell. Lines are held back until a thousand
 * of them have shown the widths, then written as they come; a later cell that
 * is wider widens its column from there on.
 */
struct out_table;

/* align: a static string, one character per column, l or r; at most 16. */
struct out_table *out_table_new(const char *align);
void out_table_row(struct out_table *table, const char *const *cells);
/* Write what is held back, and free. */
void out_table_end(struct out_table *table);

/* "2 d 4 h", "90 s": the two largest units. */
void out_duration(char *buf, size_t size, u64 seconds);

/*
 * Flush standard output and look for write errors; returns rc, or the code
 * for a failed write.
 */
enum rc out_finish(enum rc rc);

#endif /* _SFWCTL_OUT_H */
