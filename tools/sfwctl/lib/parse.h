/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Rule files to rule sets.
 */
#ifndef _SFWCTL_PARSE_H
#define _SFWCTL_PARSE_H

#include <stdio.h>
#include "ruleset.h"

struct parse_message {
	char *file;		/* standard input is "<stdin>" */
	unsigned int line;	/* 1..; 0 is the file as a whole */
	unsigned int column;	/* 1.., in characters; 0 with line 0 */
	bool warning;		/* else an error */
	char *text;		/* what is wrong, and what would be right */
	char *source;		/* the line, fit for a terminal; NULL, line 0 */
	char *included;		/* "FILE:LINE, FILE:LINE", innermost first, of
				 * the includes that lead here; NULL if none
				 */
	u8 beyond;		/* 1 + direction: it is no error if there are
				 * more rules than plain numbers there
				 */
};

struct parse_result {
	struct ruleset *ruleset;	/* NULL if there was an error */
	struct parse_message *messages;	/* in order of place */
	size_t n_messages;
	size_t n_errors;
};

/*
 * Read a file; "-" is standard input. Reports all errors of all files, but
 * stops after 20 in one line. Never NULL: without memory sfwctl ends.
 */
struct parse_result *parse_file(const char *path);
/* The same from memory; name stands in messages. */
struct parse_result *parse_text(const char *name, const char *text, size_t len);
/*
 * One rule in the words of the file; base gives the sets it may name and may
 * be NULL. The result's ruleset holds that rule alone (and the sets it uses).
 * A number beyond the plain ones needs a base with that many rules.
 */
struct parse_result *parse_rule(const char *name, const char *text,
				const struct ruleset *base);
void parse_result_free(struct parse_result *res);
/* FILE:LINE:COL: error: text, the line, a caret. color as for errors. */
void parse_print_messages(const struct parse_result *res, FILE *out, bool color);

/* Shared with the filters and commands; -1 if it is none. */
int parse_protocol(const char *word);			/* 0..255, 256 is any */
int parse_direction(const char *word);			/* enum sfw_direction */
int parse_mode(const char *word);			/* enum sfw_mode */
int parse_state(const char *word);			/* enum sfw_state */
int parse_rule_number(const char *word);		/* 1..SFW_RULE_NUMBER_MAX */
/*
 * Rule numbers go up to SFW_RULE_NUMBER_PLAIN, and beyond it where there are
 * more rules than that: may a direction with n rules have this number?
 */
bool parse_number_allowed(u32 number, size_t n);
/* ADDRESS, ADDRESS/LEN or A-B into one element; false if it is none. */
bool parse_addr(const char *word, struct sfw_elem *elem);
/* N or N-M, numbers or service names. */
bool parse_ports(const char *word, struct sfw_elem *elem);

#endif /* _SFWCTL_PARSE_H */
