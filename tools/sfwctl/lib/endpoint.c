// SPDX-License-Identifier: GPL-2.0
/*
 * Lists of addresses or ports, and the end points of rules made of them.
 *
 * A list goes on after a bad element, so that every bad element of a long
 * line is reported; where a bracket is missing, the list ends at the next
 * keyword, so that the rest of the rule is still looked at.
 */
#include <stdio.h>

#include "parser.h"

/* For sets, where nothing but the element says what it is. */
static bool looks_like_addr(const char *word)
{
	const char *colon = strchr(word, ':');

	/* 1024:65535 is how others write a range of ports. */
	if (colon && !strchr(colon + 1, ':') &&
	    !word[strspn(word, "0123456789:")])
		return false;
	return colon || strpbrk(word, "./%[") || !strcmp(word, "any");
}

static int list_append(struct sfw_list *list, const struct sfw_elem *elem)
{
	if (!elem->family)
		return sfw_list_add_port(list, elem->first.lo, elem->last.lo);
	if (elem->kind == SFW_ELEM_PREFIX)
		return sfw_list_add_prefix(list, elem->family, &elem->first,
					   elem->prefix_len);
	return sfw_list_add_range(list, elem->family, &elem->first,
				  &elem->last);
}

/* One element; the token at hand is a word. */
static bool element(struct parser *p, struct sfw_list *list,
		    enum operand_want want, u8 protocol)
{
	unsigned int column = parser_peek(p)->column;
	const char *word = operand_join(p, '-');
	char why[PARSER_WHY_MAX], quote[80];
	struct sfw_elem elem;
	bool addr;
	int ret;

	parser_quote(quote, sizeof(quote), word);
	addr = want == OPERAND_ADDRS ||
	       (want == OPERAND_EITHER && looks_like_addr(word));
	if (!strcmp(word, "any")) {
		parser_error(p, column, addr ?
			     "'any' cannot stand in a list; 0.0.0.0/0 and ::/0 are all addresses" :
			     "'any' is not a port; leave port out to match every port");
		return false;
	}
	if (want == OPERAND_EITHER && list->kind != SFW_LIST_EMPTY &&
	    list->kind != (addr ? SFW_LIST_ADDRS : SFW_LIST_PORTS)) {
		parser_error(p, column,
			     "%s is not %s like those before it: a set holds addresses or ports",
			     quote, addr ? "a port" : "an address");
		return false;
	}
	if (addr)
		ret = operand_addr(word, &elem, why, sizeof(why));
	else
		ret = operand_ports(word, protocol, &elem, why, sizeof(why));
	if (ret < 0)
		parser_error(p, column, "%s", why);
	else if (ret)
		parser_warn(p, column, "%s", why);
	if (ret < 0)
		return false;
	ret = list_append(list, &elem);
	if (ret == -E2BIG)
		parser_error(p, column,
			     "a list has at most %u elements; make it two sets",
			     SFW_LIST_ELEMS_MAX);
	else if (ret)
		xalloc_fail();
	return !ret;
}

/* Something in a list that is no element; false: the list is over here. */
static bool list_junk(struct parser *p, bool after_comma)
{
	const struct token *tok = parser_peek(p);

	if (tok->kind == TOKEN_END) {
		parser_error(p, tok->column,
			     "the list has no end; write } after it, on the same line");
		return false;
	}
	if (tok->kind == TOKEN_STRING || clause_is_keyword(tok)) {
		parser_error(p, tok->column,
			     "the list has no end; write } before this");
		return false;
	}
	switch (tok->text[0]) {
	case ',':
		parser_error(p, tok->column,
			     "an element is missing before this comma");
		break;
	case '}':
		parser_error(p, tok->column, after_comma ?
			     "an element is missing after the last comma; leave the comma out" :
			     "an empty list matches nothing; write at least one element");
		break;
	case '{':
		parser_error(p, tok->column,
			     "a list inside a list; write its elements alone");
		break;
	case '!':
		parser_error(p, tok->column,
			     "single elements cannot be negated; write ! before the { of the list");
		break;
	default:
		parser_error(p, tok->column,
			     "'%s' inside a list; elements are separated by commas",
			     tok->text);
	}
	if (tok->text[0] != '}')
		p->pos++;
	return true;
}

bool operand_list(struct parser *p, struct sfw_list *list,
		  enum operand_want want, u8 protocol)
{
	bool ok = true, after_comma = false, complained = false;
	const struct token *tok;

	if (!parser_accept_sign(p, '{'))
		return element(p, list, want, protocol);
	for (;;) {
		tok = parser_peek(p);
		if (tok->kind != TOKEN_WORD || clause_is_keyword(tok)) {
			ok = false;
			if (!(complained && parser_at_sign(p, '}')) &&
			    !list_junk(p, after_comma))
				return false;
			if (parser_accept_sign(p, '}'))
				return false;
			complained = true;
			continue;
		}
		complained = false;
		ok &= element(p, list, want, protocol);
		if (parser_accept_sign(p, '}'))
			return ok;
		after_comma = parser_accept_sign(p, ',');
		tok = parser_peek(p);
		if (!after_comma && tok->kind == TOKEN_WORD &&
		    !clause_is_keyword(tok)) {
			parser_error(p, tok->column,
				     "a comma is missing before this element");
			ok = false;
		}
	}
}

static bool named_set(struct parser *p, enum operand_want want,
		      struct sfw_list **list)
{
	const struct token *tok = parser_take(p);
	struct suggest s;
	char quote[80];

	parser_quote(quote, sizeof(quote), tok->text);
	if (!statement_find_set(p, tok->text + 1, list)) {
		suggest_begin(&s, tok->text + 1);
		statement_suggest_set(p, &s);
		if (s.best)
			parser_error(p, tok->column,
				     "there is no set %s so far; did you mean '$%s'?",
				     quote, s.best);
		else
			parser_error(p, tok->column,
				     "there is no set %s so far: write it before the rules that use it, as set NAME = { ... }",
				     quote);
		return false;
	}
	if (!*list)
		return false;	/* its own line was complained about */
	if (want == OPERAND_ADDRS && (*list)->kind != SFW_LIST_ADDRS) {
		parser_error(p, tok->column,
			     "%s is a set of ports; addresses belong here, ports stand after the word port",
			     quote);
		*list = NULL;
	} else if (want == OPERAND_PORTS && (*list)->kind != SFW_LIST_PORTS) {
		parser_error(p, tok->column,
			     "%s is a set of addresses; ports belong here",
			     quote);
		*list = NULL;
	}
	return sfw_list_get(*list);
}

bool operand_endpoint(struct parser *p, enum operand_want want, u8 protocol,
		      const char *keyword, struct sfw_list **list, bool *negate)
{
	const char *right = want == OPERAND_ADDRS ?
		"an address, a prefix, a range, { a, b }, $SET or any" :
		"a port, a range, { a, b } or $SET";
	const struct token *tok;
	struct sfw_list *fresh;
	unsigned int column;
	char what[40];

	*list = NULL;
	*negate = parser_accept_sign(p, '!');
	tok = parser_peek(p);
	column = tok->column;
	if (tok->kind == TOKEN_WORD && tok->text[0] == '$')
		return named_set(p, want, list);
	if (want == OPERAND_ADDRS && parser_accept_word(p, "any")) {
		if (*negate)
			parser_error(p, column,
				     "!any matches nothing; write what to leave out");
		return !*negate;
	}
	if ((tok->kind != TOKEN_WORD && !parser_at_sign(p, '{')) ||
	    clause_is_keyword(tok)) {
		snprintf(what, sizeof(what), "what comes after %s", keyword);
		parser_unknown(p, tok, what, right, NULL);
		return false;
	}

	fresh = sfw_list_new(NULL);
	if (!fresh)
		xalloc_fail();
	if (!operand_list(p, fresh, want, protocol)) {
		sfw_list_put(fresh);
		return false;
	}
	if (fresh->n_elem > SFW_LIST_ANON_MAX) {
		parser_error(p, column,
			     "a list in a rule has at most %u elements, this one has %u: make it a set, set NAME = { ... }, and write $NAME here",
			     SFW_LIST_ANON_MAX, fresh->n_elem);
		sfw_list_put(fresh);
		return false;
	}
	if (sfw_list_compile(fresh))
		xalloc_fail();
	*list = fresh;
	return true;
}
