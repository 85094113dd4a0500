/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The parser from inside: what its files share. Users include parse.h.
 *
 * parse.c	files, lines, messages
 * statement.c	all statements but rules
 * clause.c	rules
 * operand.c	addresses, ports, lists, rates: what stands behind a keyword
 * packet_text.c	packets, which are no part of a rule file
 */
#ifndef _SFWCTL_PARSER_H
#define _SFWCTL_PARSER_H

#include <sys/types.h>

#include "lex.h"
#include "parse.h"
#include "suggest.h"
#include "xalloc.h"

/* Files within files. */
#define PARSER_DEPTH_MAX	16
/* Rule numbers whose places are kept together. */
#define PARSER_PAGE		4096
/* Bytes of one file. */
#define PARSER_FILE_MAX		(256UL << 20)
/* Room for an operand's complaint; longer words are quoted in part. */
#define PARSER_WHY_MAX		400

/* Where something was written; line 0 is nowhere. */
struct place {
	const char *file;
	unsigned int line;
};

/* A file being read, or one that waits for the end of an included one. */
struct source {
	const struct source *up;	/* where it is included, NULL for none */
	const char *name;
	unsigned int depth;
	unsigned int line;
	bool started;		/* there was a statement */
	bool stop;		/* the rest is in a language we do not know */
};

/* A file that was or is read. */
struct file_seen {
	char *name;
	dev_t dev;
	ino_t ino;
	struct place place;	/* of its include */
};

/* A set by its name. */
struct set_seen {
	const char *name;
	struct sfw_list *list;	/* NULL: there was an error in it */
	char *own_name;		/* the name, if there is no list that has it */
	struct place place;
};

struct parser;

/* What a line is taken for; the tokens are cut, there is at least one. */
typedef void parser_line_fn(struct parser *p);

struct parser {
	struct parse_result *res;
	parser_line_fn *line_fn;	/* a statement, unless said otherwise */
	void *line_data;		/* the function's own */
	size_t cap;		/* of its messages */
	size_t line_errors;	/* complaints about this line */
	struct ruleset *rs;
	const struct ruleset *base;	/* sets from elsewhere, may be NULL */
	bool rule_only;		/* one rule and no other statement */

	struct source *src;
	const char *line;
	size_t line_len;
	struct lex lex;
	size_t pos;		/* in lex.token */
	char *join;		/* operands put together from several words */
	size_t join_cap;

	/* Where things were said first. */
	struct place mode;
	struct place audit;
	struct place def[2];
	struct place option[32];	/* by bit of struct sfw_options.named */
	struct place timeout[SFW_STATE_MAX + 1];
	/* By direction and number, in pages that are NULL until needed. */
	struct place *rule[2][SFW_RULE_NUMBER_MAX / PARSER_PAGE + 1];
	/* Rules written so far, with those that have errors. */
	size_t n_rules[2];
	void *sets;		/* tree of struct set_seen */
	struct file_seen *files;
	size_t n_files, cap_files;
};

/* parse.c */
void __printf(3, 4) parser_error(struct parser *p, unsigned int column,
				 const char *fmt, ...);
/* An error unless this direction has very many rules in the end. */
void parser_number_beyond(struct parser *p, unsigned int column, u8 direction,
			  int number);
void __printf(3, 4) parser_warn(struct parser *p, unsigned int column,
				const char *fmt, ...);
/* "'wrod' is no action: write ...", or the best of s instead. */
void parser_unknown(struct parser *p, const struct token *tok,
		    const char *what, const char *right,
		    const struct suggest *s);
/* A word as messages quote it, in part if it is long. */
const char *parser_quote(char *buf, size_t size, const char *word);
struct place parser_place(const struct parser *p);
void parser_read_file(struct parser *p, const char *path, unsigned int column);
/*
 * A file of other lines than statements, and one such line. The result has an
 * empty rule set unless there was an error.
 */
struct parse_result *parser_run_file(const char *path, parser_line_fn *fn,
				     void *data);
struct parse_result *parser_run_line(const char *name, const char *text,
				     parser_line_fn *fn, void *data);

static inline const struct token *parser_peek(const struct parser *p)
{
	return &p->lex.token[p->pos];
}

/* The token at hand; goes on to the next, but never beyond the end. */
static inline const struct token *parser_take(struct parser *p)
{
	const struct token *tok = &p->lex.token[p->pos];

	if (tok->kind != TOKEN_END)
		p->pos++;
	return tok;
}

static inline bool parser_at_word(const struct parser *p, const char *word)
{
	const struct token *tok = parser_peek(p);

	return tok->kind == TOKEN_WORD && !strcmp(tok->text, word);
}

static inline bool parser_at_sign(const struct parser *p, char sign)
{
	const struct token *tok = parser_peek(p);

	return tok->kind == TOKEN_SIGN && tok->text[0] == sign;
}

/* If the token at hand is this word or sign, take it. */
static inline bool parser_accept_word(struct parser *p, const char *word)
{
	bool yes = parser_at_word(p, word);

	p->pos += yes;
	return yes;
}

static inline bool parser_accept_sign(struct parser *p, char sign)
{
	bool yes = parser_at_sign(p, sign);

	p->pos += yes;
	return yes;
}

/* statement.c */
void statement_parse(struct parser *p);
/* Complain unless the line is over. */
void statement_end(struct parser *p, const char *after);
/* A set by its name: false if unknown; NULL list if it was given badly. */
bool statement_find_set(struct parser *p, const char *name,
			struct sfw_list **list);
void statement_suggest_set(const struct parser *p, struct suggest *s);
void statement_free(struct parser *p);

/* clause.c */
bool clause_is_keyword(const struct token *tok);
void clause_parse_rule(struct parser *p, u8 direction);
/* The codes after "# sfw:ignore" of this line, blank separated; or NULL. */
char *clause_parse_ignore(struct parser *p);

/* operand.c */
enum operand_want {
	OPERAND_ADDRS,
	OPERAND_PORTS,
	OPERAND_EITHER,		/* the first element decides */
};

/*
 * One or more words, put together where sep ends one or starts the next:
 * "80 - 90" is "80-90". The token at hand is a word.
 */
const char *operand_join(struct parser *p, char sep);
/* One element; 0, 1 with a warning in why, -1 with an error in why. */
int operand_addr(const char *word, struct sfw_elem *elem, char *why,
		 size_t size);
int operand_ports(const char *word, u8 protocol, struct sfw_elem *elem,
		  char *why, size_t size);
/*
 * An element or { ... } onto the list, all faults reported. False: there was
 * one.
 */
bool operand_list(struct parser *p, struct sfw_list *list,
		  enum operand_want want, u8 protocol);
/* [ "!" ] and an element, { ... } or $NAME; "any" for addresses is NULL. */
bool operand_endpoint(struct parser *p, enum operand_want want, u8 protocol,
		      const char *keyword, struct sfw_list **list, bool *negate);
bool operand_rate(struct parser *p, struct sfw_rate *rate);
bool operand_duration(struct parser *p, u32 *seconds);
/* protocol 256: not known. */
bool operand_icmp(struct parser *p, int protocol, u8 *type, int *code);
bool operand_tcp_flags(struct parser *p, u8 *mask, u8 *set, bool *established);
/* Those of a packet: syn,ack or SA or 0x12. */
bool operand_tcp_flag_set(struct parser *p, u8 *flags);

#endif /* _SFWCTL_PARSER_H */
