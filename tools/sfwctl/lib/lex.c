// SPDX-License-Identifier: GPL-2.0
/*
 * One line of a rule file to words, strings and signs: see lex.h.
 *
 * The whole line is cut at once, before anything looks at it: then one look
 * decides whether it is text at all, and the parser may look ahead freely.
 * What commonly comes with copied text (no-break spaces, typographic quotes
 * and dashes) looks right on the screen and is therefore named.
 */
#include <stdio.h>
#include <string.h>

#include <utf8.h>
#include "lex.h"
#include "xalloc.h"

struct cutter {
	struct lex *lex;
	const char *p;
	const char *end;
	unsigned int column;	/* of p */
	char *out;		/* where the next text goes */
	lex_error_fn *error;
	void *ctx;
};

void lex_free(struct lex *lex)
{
	free(lex->token);
	free(lex->text);
	memset(lex, 0, sizeof(*lex));
}

static void complain(const struct cutter *c, unsigned int column,
		     const char *text)
{
	c->error(c->ctx, column, text);
}

/* Is it text: UTF-8 without control characters? The first fault is named. */
static bool is_text(const struct cutter *c)
{
	const char *p = c->p;
	unsigned int column = 1, n;
	char text[120];
	u32 ch;

	for (; p < c->end; p += n, column++) {
		n = sfw_utf8_next(p, c->end - p, &ch);
		if (!n)
			snprintf(text, sizeof(text),
				 "byte 0x%02x is not UTF-8; save the file as UTF-8",
				 (unsigned char)*p);
		else if (!ch)
			snprintf(text, sizeof(text),
				 "NUL byte; a rule file is text");
		else if (ch == '\r')
			snprintf(text, sizeof(text),
				 "carriage return inside a line; lines end in LF or CRLF");
		else if (sfw_utf8_is_control(ch) && ch != '\t')
			snprintf(text, sizeof(text),
				 "control character U+%04X; a rule file has none but tabs",
				 ch);
		else
			continue;
		complain(c, column, text);
		return false;
	}
	return true;
}

/* Characters that pass for others on the screen; NULL for all the rest. */
static const char *lookalike(u32 ch)
{
	switch (ch) {
	case 0xa0:
	case 0x202f:
	case 0x205f:
	case 0x3000:
	case 0xfeff:
		return "a plain blank";
	case 0xab:
	case 0xbb:
	case 0x201c ... 0x201f:
		return "a plain \"";
	case 0x2010 ... 0x2015:
	case 0x2212:
		return "a plain -";
	}
	return ch >= 0x2000 && ch <= 0x200d ? "a plain blank" : NULL;
}

static void add(struct cutter *c, enum token_kind kind, const char *text,
		unsigned int column)
{
	struct lex *lex = c->lex;

	lex->token = xgrow(lex->token, &lex->cap, lex->n + 1,
			   sizeof(*lex->token));
	lex->token[lex->n++] = (struct token){
		.kind = kind, .text = text, .column = column,
	};
}

static bool ends_word(char ch)
{
	switch (ch) {
	case ' ':
	case '\t':
	case '{':
	case '}':
	case ',':
	case '=':
	case '!':
	case '"':
	case '#':
		return true;
	}
	return false;
}

/* False: there is a character in it that only looks like another. */
static bool cut_word(struct cutter *c)
{
	unsigned int column = c->column;
	char *text = c->out;

	while (c->p < c->end && !ends_word(*c->p)) {
		const char *instead;
		unsigned int n;
		char msg[120];
		u32 ch;

		n = sfw_utf8_next(c->p, c->end - c->p, &ch);
		instead = lookalike(ch);
		if (instead) {
			snprintf(msg, sizeof(msg),
				 "character U+%04X outside of a string; write %s",
				 ch, instead);
			complain(c, c->column, msg);
			return false;
		}
		memcpy(c->out, c->p, n);
		c->out += n;
		c->p += n;
		c->column++;
	}
	*c->out++ = 0;
	add(c, TOKEN_WORD, text, column);
	return true;
}

static void cut_string(struct cutter *c)
{
	unsigned int column = c->column;
	bool closed = false;
	char *text = c->out;

	for (c->p++, c->column++; c->p < c->end && !closed; c->p++) {
		char ch = *c->p;

		if (ch == '"') {
			closed = true;
		} else if (ch == '\\' && c->p + 1 < c->end &&
			   (c->p[1] == '"' || c->p[1] == '\\')) {
			*c->out++ = *++c->p;
			c->column++;
		} else {
			if (ch == '\\')
				complain(c, c->column,
					 "unknown escape in a string; write \\\" for a quote and \\\\ for a backslash");
			*c->out++ = ch;
		}
		if ((ch & 0xc0) != 0x80)
			c->column++;
	}
	if (!closed)
		complain(c, column, "the string has no end; write \" after it, on the same line");
	*c->out++ = 0;
	add(c, TOKEN_STRING, text, column);
}

bool lex_line(struct lex *lex, const char *line, size_t len,
	      lex_error_fn *error, void *ctx)
{
	struct cutter c = {
		.lex = lex, .p = line, .end = line + len, .column = 1,
		.error = error, .ctx = ctx,
	};
	unsigned int end_column = 1;

	lex->n = 0;
	lex->comment = NULL;
	if (!is_text(&c))
		return false;
	/* Every text is a part of the line, or a sign, and a NUL. */
	lex->text = xgrow(lex->text, &lex->text_cap, 2 * len + 2, 1);
	c.out = lex->text;

	while (c.p < c.end) {
		char ch = *c.p;

		if (ch == ' ' || ch == '\t') {
			c.p++;
			c.column++;
			continue;
		}
		if (ch == '#') {
			len = c.end - c.p - 1;
			memcpy(c.out, c.p + 1, len);
			c.out[len] = 0;
			lex->comment = c.out;
			lex->comment_column = c.column;
			break;
		}
		if (ch == '"') {
			cut_string(&c);
		} else if (ends_word(ch)) {
			add(&c, TOKEN_SIGN, c.out, c.column);
			*c.out++ = ch;
			*c.out++ = 0;
			c.p++;
			c.column++;
		} else if (!cut_word(&c)) {
			return false;
		}
		end_column = c.column;
	}
	add(&c, TOKEN_END, "", end_column);
	return true;
}
