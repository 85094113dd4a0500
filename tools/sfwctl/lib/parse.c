// SPDX-License-Identifier: GPL-2.0
/*
 * Rule files to rule sets: files, lines and messages.
 *
 * A line is the unit: lexed whole, parsed as one statement, and whatever is
 * wrong with it ends with it. So one mistake is one message, and all mistakes
 * of all files come out in one go. Nothing comes out of a file with an error.
 *
 * Tried and rejected: a generated parser (bison). The grammar is a dozen
 * keywords; what takes the room is saying what would be right.
 */
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <utf8.h>
#include "parser.h"

#define LINE_ERRORS_MAX	20	/* messages about one line */
#define QUOTE_MAX	48	/* bytes of a word in a message */

/* The line, one character on the screen for each of its own. */
static char *printable(const char *line, size_t len)
{
	char *text = xcalloc(len + 1, 1), *out = text;
	unsigned int n;
	u32 ch;

	while (len) {
		n = sfw_utf8_next(line, len, &ch);
		if (!n || (sfw_utf8_is_control(ch) && ch != '\t')) {
			n = n ? n : 1;
			*out++ = '?';
		} else {
			memcpy(out, line, n);
			out += n;
		}
		line += n;
		len -= n;
	}
	return text;
}

static char *included_from(const struct source *src)
{
	char *text = NULL, *more;

	for (src = src->up; src; src = src->up) {
		more = xasprintf("%s%s%s:%u", text ? text : "",
				 text ? ", " : "", src->name, src->line);
		free(text);
		text = more;
	}
	return text;
}

static void message_free(struct parse_message *m)
{
	free(m->file);
	free(m->text);
	free(m->source);
	free(m->included);
}

static void message_add(struct parser *p, const struct source *src,
			unsigned int column, bool warning, char *text)
{
	struct parse_result *res = p->res;
	struct parse_message *m;

	res->messages = xgrow(res->messages, &p->cap, res->n_messages + 1,
			      sizeof(*res->messages));
	m = &res->messages[res->n_messages++];
	*m = (struct parse_message){
		.file = xstrdup(src->name),
		.line = src->line,
		.column = column,
		.warning = warning,
		.text = text,
		.included = included_from(src),
	};
	if (src->line)
		m->source = printable(p->line, p->line_len);
	if (!warning)
		res->n_errors++;
}

static void complain(struct parser *p, unsigned int column, bool warning,
		     const char *fmt, va_list ap)
{
	if (p->line_errors > LINE_ERRORS_MAX)
		return;
	if (p->line_errors++ == LINE_ERRORS_MAX)
		message_add(p, p->src, column, false,
			    xstrdup("more errors from here on in this line"));
	else
		message_add(p, p->src, column, warning, xvasprintf(fmt, ap));
}

void parser_error(struct parser *p, unsigned int column, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	complain(p, column, false, fmt, ap);
	va_end(ap);
}

void parser_number_beyond(struct parser *p, unsigned int column, u8 direction,
			  int number)
{
	size_t before = p->res->n_messages;

	parser_error(p, column,
		     "'%d' is not the number of a rule: write one from 1 to %d, without leading zeros",
		     number, SFW_RULE_NUMBER_PLAIN);
	if (p->res->n_messages > before) {
		/* The rule is kept: it is an error only if it stays one. */
		p->res->messages[before].beyond = direction + 1;
		p->res->n_errors--;
	}
}

void parser_warn(struct parser *p, unsigned int column, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	complain(p, column, true, fmt, ap);
	va_end(ap);
}

/* About a file as a whole, before a line of it was read. */
static void __printf(3, 4) file_error(struct parser *p, const char *name,
				      const char *fmt, ...)
{
	struct source src = { .name = name, .up = p->src ? p->src->up : NULL };
	va_list ap;

	va_start(ap, fmt);
	message_add(p, &src, 0, false, xvasprintf(fmt, ap));
	va_end(ap);
}

const char *parser_quote(char *buf, size_t size, const char *word)
{
	size_t len = strlen(word), max = QUOTE_MAX;

	if (len <= max) {
		snprintf(buf, size, "'%s'", word);
		return buf;
	}
	while ((word[max] & 0xc0) == 0x80)
		max--;
	snprintf(buf, size, "'%.*s...'", (int)max, word);
	return buf;
}

void parser_unknown(struct parser *p, const struct token *tok,
		    const char *what, const char *right,
		    const struct suggest *s)
{
	char quote[80];

	if (tok->kind == TOKEN_END) {
		parser_error(p, tok->column, "%s is missing: write %s",
			     what, right);
		return;
	}
	if (tok->kind == TOKEN_STRING) {
		parser_error(p, tok->column,
			     "a string where %s should be: write %s",
			     what, right);
		return;
	}
	parser_quote(quote, sizeof(quote), tok->text);
	if (s && s->best)
		parser_error(p, tok->column, "%s is not %s; did you mean '%s'?",
			     quote, what, s->best);
	else
		parser_error(p, tok->column, "%s is not %s: write %s",
			     quote, what, right);
}

struct place parser_place(const struct parser *p)
{
	return (struct place){ p->src->name, p->src->line };
}

static void lex_complain(void *ctx, unsigned int column, const char *text)
{
	parser_error(ctx, column, "%s", text);
}

/*
 * What is found out about a line only at its end belongs before what was
 * found at later places. The messages are nearly sorted, equal places stay.
 */
static void sort_messages(struct parse_message *m, size_t n)
{
	size_t i, j;

	for (i = 1; i < n; i++) {
		struct parse_message moving = m[i];

		for (j = i; j && m[j - 1].column > moving.column; j--)
			m[j] = m[j - 1];
		m[j] = moving;
	}
}

static void read_line(struct parser *p, const char *line, size_t len)
{
	size_t before = p->res->n_messages;
	size_t files = p->n_files;

	p->line = line;
	p->line_len = len;
	p->line_errors = 0;
	p->pos = 0;
	if (!lex_line(&p->lex, line, len, lex_complain, p)) {
		p->src->started = true;
		return;
	}
	if (p->lex.n > 1) {
		p->line_fn(p);
		p->src->started = true;
	}
	/* An include brought messages of other files, in order already. */
	if (files == p->n_files && p->res->n_messages > before + 1)
		sort_messages(p->res->messages + before,
			      p->res->n_messages - before);
}

static void read_text(struct parser *p, struct source *src, const char *text,
		      size_t len)
{
	struct source *up = p->src;
	struct lex up_lex = p->lex;
	const char *up_line = p->line;
	size_t up_len = p->line_len, up_pos = p->pos;
	const char *end = text + len, *eol;

	p->src = src;
	memset(&p->lex, 0, sizeof(p->lex));
	if (len >= 2 && (!memcmp(text, "\xff\xfe", 2) ||
			 !memcmp(text, "\xfe\xff", 2))) {
		file_error(p, src->name,
			   "the file is UTF-16; save it as UTF-8");
		text = end;
	} else if (len >= 3 && !memcmp(text, "\xef\xbb\xbf", 3)) {
		text += 3;	/* the mark some editors write before UTF-8 */
	}
	while (text < end && !src->stop) {
		eol = memchr(text, '\n', end - text);
		len = (eol ? eol : end) - text;
		src->line++;
		read_line(p, text, len && text[len - 1] == '\r' ? len - 1 : len);
		text += len + 1;
		if (!eol)
			break;
	}
	lex_free(&p->lex);
	p->lex = up_lex;
	p->pos = up_pos;
	p->line = up_line;
	p->line_len = up_len;
	p->line_errors = 0;
	p->src = up;
}

/* The whole of a file; NULL with a reason in why, a static text. */
static char *slurp(int fd, size_t *len, const char **why)
{
	size_t cap = 0;
	char *text = NULL;
	ssize_t n;

	for (*len = 0; *len <= PARSER_FILE_MAX; *len += n) {
		text = xgrow(text, &cap, *len + 65536, 1);
		n = read(fd, text + *len, cap - *len);
		if (n < 0 && errno == EINTR)
			n = 0;
		else if (n < 0)
			break;
		else if (!n)
			return text;
	}
	*why = *len > PARSER_FILE_MAX ? "more than 256 MiB" : strerror(errno);
	free(text);
	return NULL;
}

/* Note the file; an earlier notice of the same file, or NULL. */
static const struct file_seen *see_file(struct parser *p, const char *name,
					const struct stat *st)
{
	struct file_seen *file;
	size_t i;

	for (i = 0; st && i < p->n_files; i++)
		if (p->files[i].dev == st->st_dev &&
		    p->files[i].ino == st->st_ino)
			return &p->files[i];
	p->files = xgrow(p->files, &p->cap_files, p->n_files + 1,
			 sizeof(*p->files));
	file = &p->files[p->n_files++];
	*file = (struct file_seen){ .name = xstrdup(name) };
	if (st) {
		file->dev = st->st_dev;
		file->ino = st->st_ino;
	}
	if (p->src)
		file->place = parser_place(p);
	return NULL;
}

static bool is_being_read(const struct parser *p, const char *name)
{
	const struct source *src;

	for (src = p->src; src; src = src->up)
		if (!strcmp(src->name, name))
			return true;
	return false;
}

static void twice(struct parser *p, unsigned int column, const char *path,
		  const struct file_seen *seen)
{
	if (is_being_read(p, seen->name))
		parser_error(p, column,
			     "'%s' includes itself; leave this include out",
			     path);
	else
		parser_error(p, column,
			     "'%s' is already included at %s:%u; include a file once",
			     path, seen->place.file, seen->place.line);
}

static bool open_ok(int fd, struct stat *st, bool regular, const char **why)
{
	if (fd < 0 || fstat(fd, st))
		*why = strerror(errno);
	else if (S_ISDIR(st->st_mode))
		*why = "it is a directory";
	else if (regular && !S_ISREG(st->st_mode))
		*why = "it is not a regular file";
	else
		return true;
	return false;
}

void parser_read_file(struct parser *p, const char *path, unsigned int column)
{
	bool included = p->src, std_in = !included && !strcmp(path, "-");
	struct source src = { .up = p->src };
	const struct file_seen *seen;
	const char *why = "";
	char *text = NULL;
	struct stat st;
	size_t len;
	int fd = 0;

	/* Not to wait for the writer of a pipe that is none of our business. */
	if (!std_in)
		fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY |
			  (included ? O_NONBLOCK : 0));
	if (open_ok(fd, &st, included, &why)) {
		seen = see_file(p, std_in ? "<stdin>" : path, &st);
		if (seen) {
			twice(p, column, path, seen);
			close(fd);
			return;
		}
		text = slurp(fd, &len, &why);
	}
	if (fd >= 0 && !std_in)
		close(fd);
	if (!text) {
		if (included)
			parser_error(p, column, "cannot read '%s': %s",
				     path, why);
		else
			file_error(p, path, "cannot read it: %s", why);
		return;
	}
	src.name = p->files[p->n_files - 1].name;
	src.depth = src.up ? src.up->depth + 1 : 0;
	read_text(p, &src, text, len);
	free(text);
}

static void begin(struct parser *p)
{
	memset(p, 0, sizeof(*p));
	p->line_fn = statement_parse;
	p->res = xcalloc(1, sizeof(*p->res));
	p->rs = ruleset_new();
	if (!p->rs)
		xalloc_fail();
}

/* Now that all rules are counted, are the numbers beyond the plain ones right? */
static void forgive_beyond(struct parser *p)
{
	struct parse_result *res = p->res;
	size_t i, left = 0;

	for (i = 0; i < res->n_messages; i++) {
		struct parse_message *m = &res->messages[i];

		if (m->beyond && p->n_rules[m->beyond - 1] > SFW_RULE_NUMBER_PLAIN) {
			message_free(m);
		} else {
			res->n_errors += !!m->beyond;
			res->messages[left++] = *m;
		}
	}
	res->n_messages = left;
}

static struct parse_result *finish(struct parser *p)
{
	struct parse_result *res = p->res;
	size_t i;

	forgive_beyond(p);
	if (res->n_errors) {
		ruleset_free(p->rs);
	} else {
		ruleset_sort(p->rs);
		res->ruleset = p->rs;
	}
	statement_free(p);
	for (i = 0; i < p->n_files; i++)
		free(p->files[i].name);
	free(p->files);
	for (i = 0; i < ARRAY_SIZE(p->rule[0]); i++) {
		free(p->rule[0][i]);
		free(p->rule[1][i]);
	}
	free(p->join);
	return res;
}

struct parse_result *parse_file(const char *path)
{
	struct parser p;

	begin(&p);
	parser_read_file(&p, path, 0);
	return finish(&p);
}

struct parse_result *parser_run_file(const char *path, parser_line_fn *fn,
				     void *data)
{
	struct parser p;

	begin(&p);
	p.line_fn = fn;
	p.line_data = data;
	parser_read_file(&p, path, 0);
	return finish(&p);
}

struct parse_result *parse_text(const char *name, const char *text, size_t len)
{
	struct source src = { 0 };
	struct parser p;

	begin(&p);
	see_file(&p, name, NULL);
	src.name = p.files[0].name;
	read_text(&p, &src, len ? text : "", len);
	return finish(&p);
}

/* One line, without its newline. */
static void read_single(struct parser *p, struct source *src, const char *name,
			const char *text)
{
	size_t len = strlen(text);

	see_file(p, name, NULL);
	src->name = p->files[0].name;
	src->line = 1;
	p->src = src;
	if (len && text[len - 1] == '\n')
		len--;
	read_line(p, text, len);
	lex_free(&p->lex);
}

struct parse_result *parser_run_line(const char *name, const char *text,
				     parser_line_fn *fn, void *data)
{
	struct source src = { 0 };
	struct parser p;

	begin(&p);
	p.line_fn = fn;
	p.line_data = data;
	read_single(&p, &src, name, text);
	return finish(&p);
}

struct parse_result *parse_rule(const char *name, const char *text,
				const struct ruleset *base)
{
	struct source src = { 0 };
	struct parser p;
	int dir;

	begin(&p);
	p.base = base;
	for (dir = 0; base && dir < 2; dir++)
		p.n_rules[dir] = base->n_rules[dir];
	p.rule_only = true;
	read_single(&p, &src, name, text);
	if (!p.res->n_errors && !p.rs->n_rules[0] && !p.rs->n_rules[1])
		parser_error(&p, 1,
			     "there is no rule: write in or out, a number, an action and a protocol");
	return finish(&p);
}

void parse_result_free(struct parse_result *res)
{
	size_t i;

	if (!res)
		return;
	for (i = 0; i < res->n_messages; i++)
		message_free(&res->messages[i]);
	free(res->messages);
	ruleset_free(res->ruleset);
	free(res);
}
