// SPDX-License-Identifier: GPL-2.0
/*
 * Messages of the parser on a terminal: the place, the line, a caret.
 *
 * Columns are counted in characters, but a caret has to stand under cells of
 * the screen: wide characters take two, combining ones none. Tabs are printed
 * under tabs, which agrees with every tab width. A set may be a line of
 * megabytes; of long lines the surroundings of the place are shown.
 */
#include <utf8.h>
#include "parse.h"

#define SHOWN_MAX	120	/* characters of a line */
#define BEFORE_MAX	80	/* of them before the place */

/* Cells a character takes, as Unicode's EastAsianWidth has it, in the large. */
static unsigned int cells(u32 ch)
{
	static const struct {
		u32 first, last;
		unsigned int cells;
	} wide[] = {
		{ 0x300, 0x36f, 0 },		/* combining marks */
		{ 0x1100, 0x115f, 2 },		/* Hangul Jamo */
		{ 0x200b, 0x200d, 0 },		/* zero width */
		{ 0x2e80, 0xa4cf, 2 },		/* CJK, Kana, Yi */
		{ 0xac00, 0xd7a3, 2 },		/* Hangul */
		{ 0xf900, 0xfaff, 2 },
		{ 0xfe00, 0xfe0f, 0 },		/* variation selectors */
		{ 0xfe30, 0xfe6f, 2 },
		{ 0xff00, 0xff60, 2 },		/* full width forms */
		{ 0xffe0, 0xffe6, 2 },
		{ 0x1f300, 0x1f64f, 2 },	/* pictures */
		{ 0x1f900, 0x1f9ff, 2 },
		{ 0x20000, 0x3fffd, 2 },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(wide); i++)
		if (ch >= wide[i].first && ch <= wide[i].last)
			return wide[i].cells;
	return 1;
}

static void print_source(const struct parse_message *m, FILE *out,
			 const char *on, const char *off)
{
	const char *p = m->source, *end = p + strlen(p), *from, *to;
	unsigned int i, n, first = 1;
	u32 ch;

	if (m->column > BEFORE_MAX)
		first = m->column - BEFORE_MAX + 1;
	for (i = 1; i < first && p < end; i++)
		p += sfw_utf8_next(p, end - p, &ch);
	from = p;
	for (i = 0; i < SHOWN_MAX && p < end; i++)
		p += sfw_utf8_next(p, end - p, &ch);
	to = p;
	fprintf(out, "%s%.*s%s\n", first > 1 ? "..." : "", (int)(to - from),
		from, to < end ? "..." : "");

	fputs(first > 1 ? "   " : "", out);
	for (i = first, p = from; i < m->column && p < to; i++, p += n) {
		n = sfw_utf8_next(p, to - p, &ch);
		if (ch == '\t')
			fputc('\t', out);
		else
			fprintf(out, "%*s", (int)cells(ch), "");
	}
	fprintf(out, "%s^%s\n", on, off);
}

void parse_print_messages(const struct parse_result *res, FILE *out, bool color)
{
	const char *bold = color ? "\033[1m" : "";
	const char *off = color ? "\033[0m" : "";
	const char *on;
	size_t i;

	for (i = 0; i < res->n_messages; i++) {
		const struct parse_message *m = &res->messages[i];

		if (m->included)
			fprintf(out, "in a file included at %s:\n",
				m->included);
		fprintf(out, "%s%s:", bold, m->file);
		if (m->line)
			fprintf(out, "%u:%u:", m->line, m->column);
		on = color ? m->warning ? "\033[1;35m" : "\033[1;31m" : "";
		fprintf(out, "%s %s%s:%s %s\n", off, on,
			m->warning ? "warning" : "error", off, m->text);
		if (m->source)
			print_source(m, out, on, off);
	}
}
