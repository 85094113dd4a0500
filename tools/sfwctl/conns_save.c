// SPDX-License-Identifier: GPL-2.0
/*
 * sfwctl conns save, conns restore: the table, carried over a change of the
 * module or to another machine.
 *
 * What is saved goes to a temporary file first, and from there to its place as
 * a whole; so nobody restores half a table, and one that was read while it grew
 * can be read again. What is restored is read to its end before the first
 * connection is sent: a file with an error restores nothing.
 */
#include <errno.h>
#include <net/if.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conns.h"
#include "lib/nl_saved.h"
#include "lib/saved.h"
#include "lib/xalloc.h"

/* How often to read a table that grows meanwhile. */
#define SAVE_TRIES	5

/* Errors that are told before the rest of a file is given up. */
#define ERRORS_MAX	20

/* Interfaces that are told, if they are not here. */
#define NAMES_MAX	8

/*
 * Saving
 */

struct saving {
	FILE *file;
	unsigned long long n;
};

static void save_one(const struct sfw_saved *saved, void *data)
{
	struct saving *saving = data;

	saved_write(saving->file, saved);
	saving->n++;
}

static enum rc write_error(const char *path)
{
	out_err("%s: %s", path, strerror(errno));
	return RC_KERNEL;
}

/* The table into a file that was just made. */
static enum rc save_into(struct nl *nl, struct saving *saving, const char *path)
{
	static char buffer[256 * 1024];
	int tries = 0;
	bool twice;
	enum rc rc;

	setvbuf(saving->file, buffer, _IOFBF, sizeof(buffer));
	do {
		rewind(saving->file);
		if (ftruncate(fileno(saving->file), 0))
			return write_error(path);
		saving->n = 0;
		saved_write_header(saving->file);
		rc = nl_saved_dump(nl, save_one, saving, &twice);
	} while (rc == RC_OK && twice && ++tries < SAVE_TRIES);
	if (rc != RC_OK)
		return rc;
	/* To restore one twice does no harm. */
	if (twice)
		out_verbose("the table grew while it was read: some may be in it twice");
	if (fflush(saving->file) || ferror(saving->file))
		return write_error(path);
	return RC_OK;
}

static enum rc save_to_stdout(struct nl *nl)
{
	struct saving saving = { .file = tmpfile() };
	char buf[65536];
	size_t len;
	enum rc rc;

	if (!saving.file)
		return write_error("a temporary file");
	rc = save_into(nl, &saving, "a temporary file");
	rewind(saving.file);
	while (rc == RC_OK &&
	       (len = fread(buf, 1, sizeof(buf), saving.file)) > 0)
		fwrite(buf, 1, len, stdout);
	fclose(saving.file);
	return rc;
}

static enum rc save_to_file(struct nl *nl, const char *path)
{
	char *temporary = xasprintf("%s.XXXXXX", path);
	struct saving saving = { .n = 0 };
	enum rc rc = RC_KERNEL;
	int fd;

	/* For its owner alone: who knows the numbers of a connection can
	 * break into it.
	 */
	fd = mkstemp(temporary);
	if (fd >= 0)
		saving.file = fdopen(fd, "w+");
	if (!saving.file) {
		rc = write_error(path);
		goto out;
	}
	rc = save_into(nl, &saving, path);
	if (rc == RC_OK && (fsync(fd) || rename(temporary, path)))
		rc = write_error(path);
	if (fclose(saving.file) && rc == RC_OK)
		rc = write_error(path);
	if (rc != RC_OK)
		unlink(temporary);
out:
	free(temporary);
	if (rc != RC_OK)
		return rc;
	if (out.json)
		out_json(json_pack("{s:I}", "count", (json_int_t)saving.n));
	out_done("%llu connection%s", saving.n, saving.n == 1 ? "" : "s");
	return RC_OK;
}

enum rc conns_save(int n, char **words)
{
	struct stat st;
	struct nl *nl;
	enum rc rc;

	if (n > 1)
		return cmd_surplus(words[1]);
	rc = nl_open(&nl);
	if (rc != RC_OK)
		return rc;
	/* There is no other file to take the place of a device. */
	if (n && strcmp(words[0], "-") && !stat(words[0], &st) &&
	    !S_ISREG(st.st_mode)) {
		if (!freopen(words[0], "w", stdout))
			rc = write_error(words[0]);
		n = 0;
	}
	if (rc == RC_OK)
		rc = n && strcmp(words[0], "-") ? save_to_file(nl, words[0]) :
						  save_to_stdout(nl);
	nl_close(nl);
	return rc;
}

/*
 * Restoring
 */

struct restoring {
	const char *name;
	struct sfw_saved *saved;
	size_t cap;
	u32 n;			/* of line 2 + i is saved[i] */
	u32 errors;
};

static void file_error(struct restoring *r, u32 line,
		       const struct saved_error *error)
{
	char *text = xasprintf("%s%s%s%s", *error->field ? "\"" : "",
			       error->field, *error->field ? "\": " : "",
			       error->text);

	fprintf(stderr, "%s:%u: error: %s\n", r->name, line, out_clean(text));
	free(text);
	r->errors++;
}

/* 1: a line, without its end; 0: the end of the file; -1: an error. */
static int read_line(struct restoring *r, FILE *file, char *buf, u32 line)
{
	struct saved_error error = { .field = "" };
	size_t len;

	if (!fgets(buf, SAVED_LINE_MAX + 1, file)) {
		if (!ferror(file))
			return 0;
		write_error(r->name);
		r->errors++;
		return -1;
	}
	len = strlen(buf);
	if (len && buf[len - 1] == '\n') {
		buf[len - 1] = '\0';
		return 1;
	}
	/* A file that was cut off, or is none of ours. */
	snprintf(error.text, sizeof(error.text), len < SAVED_LINE_MAX ?
		 "the line has no end: the file was cut off, or is binary" :
		 "the line has more than %d characters", SAVED_LINE_MAX);
	file_error(r, line, &error);
	return -1;
}

static void read_file(struct restoring *r, FILE *file)
{
	char buf[SAVED_LINE_MAX + 1];
	struct saved_error error;
	u32 line = 1;
	int ret;

	ret = read_line(r, file, buf, line);
	if (!ret) {
		snprintf(error.text, sizeof(error.text),
			 "the file is empty; the first line says what it is");
		error.field[0] = '\0';
		file_error(r, line, &error);
	}
	if (ret <= 0)
		return;
	if (!saved_read_header(buf, &error)) {
		file_error(r, line, &error);
		return;
	}
	while (r->errors < ERRORS_MAX &&
	       (ret = read_line(r, file, buf, ++line)) > 0) {
		r->saved = xgrow(r->saved, &r->cap, r->n + 1,
				 sizeof(*r->saved));
		if (saved_read(buf, &r->saved[r->n], &error))
			r->n++;
		else
			file_error(r, line, &error);
	}
}

/* Rules with "on" will not match what came by interfaces that are not here. */
static void warn_about_interfaces(const struct restoring *r)
{
	const char *names[NAMES_MAX];
	u32 i, n = 0, j;

	for (i = 0; i < r->n && n < NAMES_MAX; i++) {
		const char *name = r->saved[i].ifname;

		/* They come in no order, but there are few. */
		if (!*name || (i && !strcmp(name, r->saved[i - 1].ifname)))
			continue;
		for (j = 0; j < n && strcmp(names[j], name); j++)
			;
		if (j < n || if_nametoindex(name))
			continue;
		names[n++] = name;
		out_warn("there is no interface %s here: what came by it is unknown to rules with 'on'",
			 name);
	}
}

struct outcome {
	u32 n[SFW_RESTORED_NO_MEMORY + 1];
	u32 first[SFW_RESTORED_NO_MEMORY + 1];	/* line */
};

static enum rc report(const struct restoring *r, const u8 *results, u32 done,
		      enum rc rc)
{
	struct outcome o = { .n = { 0 } };
	u32 i;

	for (i = 0; i < done; i++) {
		u8 what = results[i] > SFW_RESTORED_NO_MEMORY ?
			  SFW_RESTORED_NO_MEMORY : results[i];

		if (!o.n[what]++)
			o.first[what] = i + 2;
	}
	if (out.json)
		out_json(json_pack("{s:I,s:I,s:I,s:I}",
				   "restored",
				   (json_int_t)o.n[SFW_RESTORED_DONE],
				   "existing",
				   (json_int_t)o.n[SFW_RESTORED_EXISTS],
				   "no_room",
				   (json_int_t)o.n[SFW_RESTORED_FULL],
				   "no_memory",
				   (json_int_t)o.n[SFW_RESTORED_NO_MEMORY] +
				   (r->n - done)));
	out_done("%u of %u connection%s restored", o.n[SFW_RESTORED_DONE],
		 r->n, r->n == 1 ? "" : "s");
	if (o.n[SFW_RESTORED_EXISTS])
		out_warn("%u of them there %s already (the first is line %u); the live one stays",
			 o.n[SFW_RESTORED_EXISTS],
			 o.n[SFW_RESTORED_EXISTS] == 1 ? "is" : "are",
			 o.first[SFW_RESTORED_EXISTS]);
	if (o.n[SFW_RESTORED_FULL]) {
		out_err("%u found no room (the first is line %u): 'option max-connections' bounds the table",
			o.n[SFW_RESTORED_FULL], o.first[SFW_RESTORED_FULL]);
		rc = RC_KERNEL;
	}
	if (o.n[SFW_RESTORED_NO_MEMORY]) {
		out_err("the kernel had no memory for %u (the first is line %u)",
			o.n[SFW_RESTORED_NO_MEMORY],
			o.first[SFW_RESTORED_NO_MEMORY]);
		rc = RC_KERNEL;
	}
	if (done < r->n)
		out_err("lines %u to %u were not restored", done + 2, r->n + 1);
	return rc;
}

static enum rc restore_all(struct restoring *r)
{
	u8 *results = xcalloc(r->n ? r->n : 1, 1);
	struct nl *nl;
	u32 done = 0;
	enum rc rc;

	rc = nl_open(&nl);
	if (rc == RC_OK) {
		warn_about_interfaces(r);
		rc = nl_saved_restore(nl, r->saved, r->n, results, &done);
		nl_close(nl);
		if (rc == RC_OK || done)
			rc = report(r, results, done, rc);
	}
	free(results);
	return rc;
}

enum rc conns_restore(int n, char **words)
{
	struct restoring r = { .name = "<stdin>" };
	FILE *file = stdin;
	enum rc rc;

	if (n > 1)
		return cmd_surplus(words[1]);
	if (n && strcmp(words[0], "-")) {
		r.name = words[0];
		file = fopen(words[0], "re");
		if (!file) {
			out_err("%s: %s", words[0], strerror(errno));
			return RC_USAGE;
		}
	}
	read_file(&r, file);
	if (file != stdin)
		fclose(file);
	if (!r.errors) {
		rc = restore_all(&r);
	} else {
		out_err("%s%u error%s, nothing is restored",
			r.errors < ERRORS_MAX ? "" : "at least ", r.errors,
			r.errors == 1 ? "" : "s");
		rc = RC_USAGE;
	}
	free(r.saved);
	return rc;
}
