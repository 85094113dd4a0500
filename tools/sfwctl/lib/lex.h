/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One line of a rule file to words, strings and signs.
 */
#ifndef _SFWCTL_LEX_H
#define _SFWCTL_LEX_H

#include <stdbool.h>
#include <stddef.h>

enum token_kind {
	TOKEN_END,		/* of the line */
	TOKEN_WORD,
	TOKEN_STRING,		/* text is what stands between the quotes */
	TOKEN_SIGN,		/* one of { } , = ! */
};

struct token {
	enum token_kind kind;
	const char *text;	/* ends with NUL */
	unsigned int column;	/* 1.., in characters */
};

struct lex {
	struct token *token;	/* the last one is TOKEN_END */
	size_t n;
	const char *comment;	/* after the #, NULL if there is none */
	unsigned int comment_column;	/* of the # */

	/* private: */
	size_t cap;
	char *text;		/* where the tokens' texts are */
	size_t text_cap;
};

/* A complaint; column as in struct token. */
typedef void lex_error_fn(void *ctx, unsigned int column, const char *text);

/*
 * Cut a line, given without its line end. The tokens live until the next call
 * or lex_free(). False: the line is not text and should not be looked at.
 */
bool lex_line(struct lex *lex, const char *line, size_t len,
	      lex_error_fn *error, void *ctx);
void lex_free(struct lex *lex);

#endif /* _SFWCTL_LEX_H */
