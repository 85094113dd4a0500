// SPDX-License-Identifier: GPL-2.0
/*
 * Any bytes as a rule file: the entry point of libFuzzer, which the mutating
 * driver in selftests/unit/fuzz.c calls as well.
 *
 * Beyond not crashing: messages and rule set agree, messages point into the
 * text and are fit for a terminal, and what was read is printed, read again
 * and printed the same.
 */
#include <stdio.h>

#include <lib/parse.h>
#include <lib/print.h>
#include <utf8.h>

static void must(bool good, const char *what)
{
	if (good)
		return;
	fprintf(stderr, "fuzz: %s\n", what);
	abort();
}

/* UTF-8 without control characters but tabs; returns the characters. */
static size_t terminal_text(const char *text)
{
	size_t len = strlen(text), n = 0;
	unsigned int bytes;
	u32 ch;

	while (len) {
		bytes = sfw_utf8_next(text, len, &ch);
		must(bytes && (ch == '\t' || !sfw_utf8_is_control(ch)),
		     "a message that is not fit for a terminal");
		text += bytes;
		len -= bytes;
		n++;
	}
	return n;
}

static void check_messages(const struct parse_result *res)
{
	size_t i, errors = 0;
	char *text = NULL;
	size_t size;
	FILE *f;

	for (i = 0; i < res->n_messages; i++) {
		const struct parse_message *m = &res->messages[i];

		errors += !m->warning;
		terminal_text(m->text);
		must(!m->line == !m->source && !m->line == !m->column,
		     "a line without its text, or without a column");
		if (m->source)
			must(m->column <= terminal_text(m->source) + 1,
			     "a column beyond the line");
	}
	must(errors == res->n_errors, "errors are miscounted");
	must(!errors == !!res->ruleset, "a rule set with errors, or none without");
	f = open_memstream(&text, &size);
	if (!f)
		return;
	parse_print_messages(res, f, size & 1);
	fclose(f);
	free(text);
}

static char *print(const struct ruleset *rs)
{
	const struct print_style plain = { 0 };
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	must(f, "no memory");
	print_ruleset(f, rs, -1, &plain);
	fclose(f);
	return text;
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	struct parse_result *res, *again;
	char *text, *text_again;
	json_t *json;

	res = parse_text("fuzz", (const char *)data, size);
	check_messages(res);
	if (res->ruleset) {
		text = print(res->ruleset);
		again = parse_text("printed", text, strlen(text));
		must(again->ruleset, "what was printed does not load");
		text_again = print(again->ruleset);
		must(!strcmp(text, text_again), "printed again, it differs");
		json = print_ruleset_json(res->ruleset, -1);
		must(json, "no JSON");
		json_decref(json);
		free(text_again);
		free(text);
		parse_result_free(again);
	}
	parse_result_free(res);
	return 0;
}
