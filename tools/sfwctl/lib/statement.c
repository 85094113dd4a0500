// SPDX-License-Identifier: GPL-2.0
/*
 * All statements of a rule file but rules.
 *
 * What may be said once is remembered with its place, so that the second
 * time can point to the first. Sets are kept in a tree by name (tsearch), a
 * set with a fault without its list, so that rules that use it are not
 * complained about for it.
 */
#define _GNU_SOURCE	/* tdestroy */
#include <errno.h>
#include <glob.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "names.h"
#include "parser.h"

/* RFC 5382 section 5, REQ-5. */
#define ESTABLISHED_SAFE	(2 * 3600 + 4 * 60)

static const char *const statements[] = {
	"in", "out", "default", "set", "mode", "option", "include", "audit",
	"sfw", "inbound", "outbound", NULL
};

void statement_end(struct parser *p, const char *after)
{
	const struct token *tok = parser_peek(p);
	char quote[80];

	if (tok->kind == TOKEN_END)
		return;
	parser_quote(quote, sizeof(quote), tok->text);
	parser_error(p, tok->column, "%s cannot stand after %s",
		     quote, after);
}

/* False: it was said before. */
static bool first_time(struct parser *p, struct place *place,
		       unsigned int column, const char *what)
{
	if (place->line) {
		parser_error(p, column,
			     "%s is already given at %s:%u; leave one of the two",
			     what, place->file, place->line);
		return false;
	}
	*place = parser_place(p);
	return true;
}

/*
 * One of the words of a list: its index, or -1 after a complaint. The token is
 * taken unless the line is over.
 */
static int choice(struct parser *p, const char *const *words, const char *what,
		  const char *right)
{
	const struct token *tok = parser_take(p);
	struct suggest s;
	int i = -1;

	if (tok->kind == TOKEN_WORD)
		i = names_index(words, tok->text);
	if (i < 0) {
		suggest_begin(&s, tok->text);
		suggest_try_all(&s, words);
		parser_unknown(p, tok, what, right, &s);
	}
	return i;
}

static int choose_on_off(struct parser *p)
{
	static const char *const words[] = { "off", "on", NULL };

	return choice(p, words, "a switch", "on or off");
}

static void parse_version(struct parser *p, const struct token *keyword)
{
	const struct token *tok;
	char quote[80];

	if (p->src->started) {
		parser_error(p, keyword->column,
			     "the format version is the first statement of a file; move this line up");
		return;
	}
	tok = parser_take(p);
	if (tok->kind != TOKEN_WORD || names_uint(tok->text, UINT_MAX) < 0) {
		parser_unknown(p, tok, "a format version", "sfw 1", NULL);
		return;
	}
	if (strcmp(tok->text, "1")) {
		parser_quote(quote, sizeof(quote), tok->text);
		parser_error(p, tok->column,
			     "format version %s is not known, this sfwctl reads version 1; the rest of the file was not read",
			     quote);
		p->src->stop = true;
		return;
	}
	statement_end(p, "the format version");
}

static void parse_mode_statement(struct parser *p, const struct token *keyword)
{
	int mode = choice(p, names_modes, "a mode", "stateful or stateless");

	if (first_time(p, &p->mode, keyword->column, "mode") && mode >= 0)
		p->rs->mode = mode;
	if (mode >= 0)
		statement_end(p, "the mode");
}

static void parse_audit(struct parser *p, const struct token *keyword)
{
	int on = choose_on_off(p);

	if (first_time(p, &p->audit, keyword->column, "audit") && on >= 0)
		p->rs->audit = on;
	if (on >= 0)
		statement_end(p, "audit on or off");
}

static void parse_default(struct parser *p, const struct token *keyword)
{
	const struct token *tok = parser_take(p);
	char what[] = "default out";
	struct ruleset_place *at;
	struct suggest s;
	bool first;
	int dir = -1, action;

	if (tok->kind == TOKEN_WORD)
		dir = parse_direction(tok->text);
	if (dir < 0) {
		suggest_begin(&s, tok->text);
		suggest_try_all(&s, names_directions);
		parser_unknown(p, tok, "a direction",
			       "default in ACTION or default out ACTION", &s);
		return;
	}
	snprintf(what, sizeof(what), "default %s", names_directions[dir]);
	first = first_time(p, &p->def[dir], keyword->column, what);
	tok = parser_take(p);
	action = tok->kind == TOKEN_WORD ?
		 names_index(names_actions, tok->text) : -1;
	if (action < 0) {
		suggest_begin(&s, tok->text);
		names_suggest_action(&s);
		parser_unknown(p, tok, "an action", "allow, deny or reject", &s);
		return;
	}
	if (first)
		p->rs->def[dir].action = action;
	if (parser_accept_word(p, "log") && first)
		p->rs->def[dir].log = true;
	statement_end(p, "the default; only log may follow its action");
	if (!first)
		return;
	at = &p->rs->def_at[dir];
	at->file = xstrdup(p->src->name);
	at->line = p->src->line;
	at->text = xstrndup(p->line, p->line_len);
	at->ignore = clause_parse_ignore(p);
}

static int set_cmp(const void *a, const void *b)
{
	const struct set_seen *x = a, *y = b;

	return strcmp(x->name, y->name);
}

bool statement_find_set(struct parser *p, const char *name,
			struct sfw_list **list)
{
	struct set_seen key = { .name = name };
	struct set_seen **found = tfind(&key, &p->sets, set_cmp);
	struct sfw_list *set;

	*list = NULL;
	if (found) {
		*list = (*found)->list;
		return true;
	}
	set = p->base ? ruleset_find_set(p->base, name) : NULL;
	if (!set)
		return false;
	if (!ruleset_find_set(p->rs, name) &&
	    ruleset_add_set(p->rs, sfw_list_get(set)))
		xalloc_fail();
	*list = set;
	return true;
}

/* The first of them only: with very many, each mistake would cost a second. */
void statement_suggest_set(const struct parser *p, struct suggest *s)
{
	const struct ruleset *rs = p->base ? p->base : p->rs;
	size_t i;

	for (i = 0; i < rs->n_sets && i < 1000; i++)
		suggest_try(s, rs->sets[i]->name);
}

static void set_seen_free(void *p)
{
	struct set_seen *set = p;

	free(set->own_name);
	free(set);
}

void statement_free(struct parser *p)
{
	tdestroy(p->sets, set_seen_free);
	p->sets = NULL;
}

static bool set_name_ok(const char *name)
{
	static const char letters[] =
		"_ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
	size_t len = strlen(name);

	if (!len || len > SFW_SET_NAME_MAX || !strchr(letters, name[0]))
		return false;
	while (*name && (strchr(letters, *name) || *name == '-' ||
			 (*name >= '0' && *name <= '9')))
		name++;
	return !*name;
}

/* What follows the name; NULL if it is no list. */
static struct sfw_list *parse_set_list(struct parser *p, const char *name)
{
	const struct token *tok = parser_peek(p);
	struct sfw_list *list;

	if (!parser_accept_sign(p, '=')) {
		parser_error(p, tok->column,
			     "= is missing after the name of the set: write set %s = { ... }",
			     name);
		if (tok->kind == TOKEN_END)
			return NULL;
	}
	tok = parser_peek(p);
	if (parser_at_sign(p, '!')) {
		parser_error(p, tok->column,
			     "a set cannot be negated; write !$%s in the rules that use it",
			     name);
		return NULL;
	}
	if (tok->kind != TOKEN_WORD && !parser_at_sign(p, '{')) {
		parser_unknown(p, tok, "a list",
			       "{ and addresses or ports, separated by commas, and }",
			       NULL);
		return NULL;
	}
	list = sfw_list_new(name);
	if (!list)
		xalloc_fail();
	if (!operand_list(p, list, OPERAND_EITHER, 0)) {
		sfw_list_put(list);
		return NULL;
	}
	if (sfw_list_compile(list))
		xalloc_fail();
	return list;
}

static void parse_set(struct parser *p)
{
	size_t errors = p->res->n_errors;
	const struct token *tok = parser_take(p);
	struct set_seen *seen, **found;
	struct sfw_list *list;

	if (tok->kind != TOKEN_WORD || !set_name_ok(tok->text)) {
		if (tok->kind == TOKEN_WORD && tok->text[0] == '$' &&
		    set_name_ok(tok->text + 1))
			parser_error(p, tok->column,
				     "the $ stands where a set is used; here write set %s = { ... }",
				     tok->text + 1);
		else
			parser_unknown(p, tok, "a name for a set",
				       "a letter or _, then letters, digits, - and _, at most 31 in all",
				       NULL);
		return;
	}
	seen = xcalloc(1, sizeof(*seen));
	seen->own_name = xstrdup(tok->text);
	seen->name = seen->own_name;
	seen->place = parser_place(p);
	found = tsearch(seen, &p->sets, set_cmp);
	if (!found)
		xalloc_fail();
	if (*found != seen) {
		parser_error(p, tok->column,
			     "the set %s is already given at %s:%u; give this one another name",
			     tok->text, (*found)->place.file,
			     (*found)->place.line);
		set_seen_free(seen);
		seen = NULL;
	}
	list = parse_set_list(p, tok->text);
	if (list)
		statement_end(p, "the list");
	if (p->res->n_errors != errors || !seen) {
		sfw_list_put(list);
		return;
	}
	seen->list = list;
	if (ruleset_add_set(p->rs, list))
		xalloc_fail();
}

static void parse_timeout(struct parser *p, const struct token *keyword)
{
	const struct token *tok = parser_take(p), *value;
	char what[40];
	struct suggest s;
	int state = -1, i;
	u32 seconds;
	bool first;

	if (tok->kind == TOKEN_WORD)
		state = parse_state(tok->text);
	if (state < 0) {
		suggest_begin(&s, tok->text);
		for (i = 0; i <= SFW_STATE_MAX; i++)
			suggest_try(&s, sfw_option_state_name(i));
		parser_unknown(p, tok, "a state",
			       "tcp-syn-sent, tcp-syn-received, tcp-established, tcp-fin-wait, tcp-close-wait, tcp-last-ack, tcp-time-wait, tcp-close, udp, udp-stream, icmp, generic, sctp-init, sctp-init-ack, sctp-cookie-echo, sctp-established, sctp-shutdown, sctp-shutdown-ack or sctp-close",
			       &s);
		return;
	}
	snprintf(what, sizeof(what), "timeout %s", tok->text);
	value = parser_peek(p);
	first = first_time(p, &p->timeout[state], keyword->column, what);
	if (operand_duration(p, &seconds) && first) {
		p->rs->options.timeout[state] = seconds;
		p->rs->options.named_timeouts |= BIT(state);
		if (state == SFW_STATE_TCP_ESTABLISHED &&
		    seconds < ESTABLISHED_SAFE)
			parser_warn(p, value->column,
				    "a timeout below 2 hours 4 minutes cuts idle TCP connections before their keep-alive (RFC 5382); write 7440s or more");
		statement_end(p, "the timeout");
	}
}

static void parse_max_connections(struct parser *p)
{
	const struct token *tok = parser_take(p);
	long long n = -1;

	if (tok->kind == TOKEN_WORD)
		n = names_uint(tok->text, UINT_MAX);
	if (n > 0)
		p->rs->options.max_connections = n;
	else
		parser_unknown(p, tok, "a number of connections",
			       "a number from 1 on", NULL);
}

/* A switch: on and off, or filter and pass. Bit of struct sfw_options.named. */
static void parse_option_switch(struct parser *p, u32 bit)
{
	static const char *const filter_words[] = { "pass", "filter", NULL };
	struct sfw_options *opt = &p->rs->options;
	int value;

	if (bit == SFW_OPT_LOOPBACK || bit == SFW_OPT_ND)
		value = choice(p, filter_words, "a choice", "filter or pass");
	else
		value = choose_on_off(p);
	if (value < 0)
		return;
	switch (bit) {
	case SFW_OPT_TCP_PICKUP:
		opt->tcp_pickup = value;
		break;
	case SFW_OPT_TCP_LIBERAL:
		opt->tcp_liberal = value;
		break;
	case SFW_OPT_CHECKSUM:
		opt->checksum = value;
		break;
	case SFW_OPT_LOOPBACK:
		opt->loopback_filter = value;
		break;
	case SFW_OPT_ND:
		opt->nd_filter = value;
		break;
	case SFW_OPT_KEEP:
		opt->keep_connections = value;
		break;
	}
}

static void parse_option(struct parser *p, const struct token *keyword)
{
	static const char *const words[] = {
		"timeout", "max-connections", "tcp-pickup", "tcp-liberal",
		"checksum", "loopback", "neighbour-discovery",
		"keep-connections", "neighbor-discovery", NULL
	};
	static const u32 bits[] = {
		0, SFW_OPT_MAX_CONNECTIONS, SFW_OPT_TCP_PICKUP,
		SFW_OPT_TCP_LIBERAL, SFW_OPT_CHECKSUM, SFW_OPT_LOOPBACK,
		SFW_OPT_ND, SFW_OPT_KEEP, SFW_OPT_ND,
	};
	size_t errors = p->res->n_errors;
	char what[40];
	int i;

	i = choice(p, words, "an option",
		   "max-connections, timeout, tcp-pickup, tcp-liberal, checksum, loopback, neighbour-discovery or keep-connections");
	if (i < 0)
		return;
	if (!bits[i]) {
		parse_timeout(p, keyword);
		return;
	}
	snprintf(what, sizeof(what), "option %s", words[i]);
	if (first_time(p, &p->option[__builtin_ctz(bits[i])], keyword->column,
		       what))
		p->rs->options.named |= bits[i];
	if (bits[i] == SFW_OPT_MAX_CONNECTIONS)
		parse_max_connections(p);
	else
		parse_option_switch(p, bits[i]);
	if (p->res->n_errors == errors)
		statement_end(p, "the option");
}

static int glob_error(const char *path, int err)
{
	(void)path;
	(void)path;
	return err != ENOENT && err != ENOTDIR;
}

/*
 * All files that a pattern names, in the order of their names; a directory
 * without any is no error, so that files can be put there later. Only
 * what stands in the include, from that place on, is a pattern.
 */
static void include_pattern(struct parser *p, const char *path, size_t from,
			    unsigned int column)
{
	char *pattern = xcalloc(2 * strlen(path) + 1, 1), *to = pattern;
	glob_t found;
	size_t i;
	int ret;

	for (i = 0; path[i]; i++) {
		if (i < from && strchr("*?[\\", path[i]))
			*to++ = '\\';
		*to++ = path[i];
	}
	ret = glob(pattern, 0, glob_error, &found);
	if (ret == GLOB_NOSPACE)
		xalloc_fail();
	if (ret && ret != GLOB_NOMATCH)
		parser_error(p, column, "cannot look for '%s': %s", path,
			     strerror(errno));
	for (i = 0; !ret && i < found.gl_pathc; i++)
		parser_read_file(p, found.gl_pathv[i], column);
	globfree(&found);
	free(pattern);
}

static void parse_include(struct parser *p, const struct token *keyword)
{
	const struct token *tok = parser_take(p);
	const char *from = p->src->name;
	const char *slash = strrchr(from, '/');
	unsigned int column = tok->column;
	bool pattern;
	char *path;

	if (tok->kind != TOKEN_STRING || !*tok->text) {
		parser_error(p, column,
			     "include needs a file in quotes: include \"web.rules\"");
		return;
	}
	if (parser_peek(p)->kind != TOKEN_END) {
		statement_end(p, "the file of an include");
		return;
	}
	if (p->src->depth + 1 >= PARSER_DEPTH_MAX) {
		parser_error(p, keyword->column,
			     "files include each other %d deep; at most that many",
			     PARSER_DEPTH_MAX);
		return;
	}
	if (tok->text[0] == '/' || !slash)
		path = xstrdup(tok->text);
	else
		path = xasprintf("%.*s%s", (int)(slash - from + 1), from,
				 tok->text);
	/* A file that is called like a pattern is that file. */
	pattern = strpbrk(tok->text, "*?[") && access(path, F_OK);
	if (pattern)
		include_pattern(p, path, strlen(path) - strlen(tok->text),
				column);
	else
		parser_read_file(p, path, column);
	free(path);
}

void statement_parse(struct parser *p)
{
	const struct token *tok = parser_take(p);
	struct suggest s;
	int dir;

	dir = tok->kind == TOKEN_WORD ? parse_direction(tok->text) : -1;
	if (dir >= 0) {
		clause_parse_rule(p, dir);
		return;
	}
	if (p->rule_only) {
		suggest_begin(&s, tok->text);
		suggest_try_all(&s, names_directions);
		parser_unknown(p, tok, "the start of a rule",
			       "in or out, a number, an action and a protocol",
			       &s);
	} else if (tok->kind != TOKEN_WORD ||
		   names_index(statements, tok->text) < 0) {
		suggest_begin(&s, tok->text);
		suggest_try_all(&s, statements);
		parser_unknown(p, tok, "a statement",
			       "in, out, default, set, mode, option, audit, include or sfw",
			       &s);
	} else if (!strcmp(tok->text, "sfw")) {
		parse_version(p, tok);
	} else if (!strcmp(tok->text, "mode")) {
		parse_mode_statement(p, tok);
	} else if (!strcmp(tok->text, "audit")) {
		parse_audit(p, tok);
	} else if (!strcmp(tok->text, "default")) {
		parse_default(p, tok);
	} else if (!strcmp(tok->text, "set")) {
		parse_set(p);
	} else if (!strcmp(tok->text, "option")) {
		parse_option(p, tok);
	} else {
		parse_include(p, tok);
	}
}
