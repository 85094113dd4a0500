// SPDX-License-Identifier: GPL-2.0
/*
 * Rules: DIRECTION NUMBER ACTION PROTOCOL, clauses in any order, a comment.
 *
 * A clause with a fault is left out and the next one is looked at; after a
 * word that is no clause the parser goes on at the next word that is one. What
 * depends on several clauses is asked at the end, and only about the parts
 * that were understood, so that one mistake does not cause a second message.
 */
#include <stdio.h>

#include "names.h"
#include "parser.h"

/* Columns of what was written; 0 is absent. */
struct rule_places {
	unsigned int number;
	unsigned int from, from_port;
	unsigned int to, to_port;
	unsigned int on, type, flags;
	unsigned int log, limit, no_state, ret;
};

struct rule_parser {
	struct parser *p;
	struct sfw_rule *rule;
	struct rule_places at;
	int protocol;		/* 256: any; -1: not understood */
	bool action_known;
};

bool clause_is_keyword(const struct token *tok)
{
	return tok->kind == TOKEN_WORD &&
	       names_index(names_clauses, tok->text) >= 0;
}

/* False: this clause was there before. */
static bool first_time(struct rule_parser *rp, unsigned int *at,
		       const struct token *tok, const char *what)
{
	if (*at) {
		parser_error(rp->p, tok->column,
			     "a second %s in this rule, the first is in column %u; a rule has one",
			     what, *at);
		return false;
	}
	*at = tok->column;
	return true;
}

static void parse_number(struct rule_parser *rp)
{
	struct parser *p = rp->p;
	const struct token *tok = parser_peek(p);
	struct sfw_rule *rule = rp->rule;
	struct place **page, *first;
	int number;

	rp->at.number = tok->column;
	number = tok->kind == TOKEN_WORD ? parse_rule_number(tok->text) : -1;
	if (number < 0) {
		/* in allow tcp: forgotten rather than misspelt */
		bool forgotten = tok->kind == TOKEN_WORD &&
				 (names_index(names_actions, tok->text) >= 0 ||
				  clause_is_keyword(tok));

		if (forgotten)
			parser_error(p, tok->column,
				     "the number of the rule is missing before '%s': write one from 1 to %d",
				     tok->text, SFW_RULE_NUMBER_PLAIN);
		else
			parser_unknown(p, tok, "the number of a rule",
				       "one from 1 to 32766, without leading zeros",
				       NULL);
		if (!forgotten && tok->kind == TOKEN_WORD)
			p->pos++;
		rule->number = 1;
		return;
	}
	p->pos++;
	rule->number = number;
	p->n_rules[rule->direction]++;
	if (!parse_number_allowed(number, p->n_rules[rule->direction]))
		parser_number_beyond(p, tok->column, rule->direction, number);

	page = &p->rule[rule->direction][number / PARSER_PAGE];
	if (!*page)
		*page = xcalloc(PARSER_PAGE, sizeof(struct place));
	first = &(*page)[number % PARSER_PAGE];
	if (first->line)
		parser_error(p, tok->column,
			     "%s %d is already at %s:%u; give this rule another number",
			     names_directions[rule->direction], number,
			     first->file, first->line);
	else
		*first = parser_place(p);
}

static void parse_action(struct rule_parser *rp)
{
	struct parser *p = rp->p;
	const struct token *tok = parser_peek(p);
	struct suggest s;
	int action;

	action = tok->kind == TOKEN_WORD ?
		 names_index(names_actions, tok->text) : -1;
	rp->action_known = action >= 0;
	if (action >= 0) {
		p->pos++;
		rp->rule->action = action;
		return;
	}
	if (tok->kind == TOKEN_WORD &&
	    (clause_is_keyword(tok) || parse_protocol(tok->text) >= 0)) {
		parser_error(p, tok->column,
			     "the action is missing before '%s': write allow, deny or reject",
			     tok->text);
		return;
	}
	suggest_begin(&s, tok->text);
	names_suggest_action(&s);
	parser_unknown(p, tok, "an action", "allow, deny or reject", &s);
	if (tok->kind == TOKEN_WORD)
		p->pos++;
}

static void parse_proto(struct rule_parser *rp)
{
	struct parser *p = rp->p;
	const struct token *tok = parser_peek(p);
	static const char right[] =
		"any, tcp, udp, icmp, icmpv6, sctp, udplite, dccp, gre, esp, ah or 0 to 255";
	struct suggest s;

	if (clause_is_keyword(tok)) {
		rp->protocol = -1;
		parser_error(p, tok->column,
			     "the protocol is missing before '%s': write %s",
			     tok->text, right);
		return;
	}
	rp->protocol = tok->kind == TOKEN_WORD ? parse_protocol(tok->text) : -1;
	if (rp->protocol < 0) {
		suggest_begin(&s, tok->text);
		names_suggest_protocol(&s);
		parser_unknown(p, tok, "a protocol", right, &s);
	}
	if (tok->kind == TOKEN_WORD)
		p->pos++;
	if (rp->protocol >= 0 && rp->protocol < 256) {
		rp->rule->protocol = rp->protocol;
		rp->rule->flags |= SFW_RULE_F_PROTOCOL;
	}
}

/* After from or to: an address, ports, or both. */
static void parse_end(struct rule_parser *rp, const struct token *keyword,
		      bool from)
{
	struct sfw_list **addr = from ? &rp->rule->from : &rp->rule->to;
	struct sfw_list **port = from ? &rp->rule->from_port :
					&rp->rule->to_port;
	unsigned int *at = from ? &rp->at.from : &rp->at.to;
	unsigned int *port_at = from ? &rp->at.from_port : &rp->at.to_port;
	u8 protocol = rp->protocol > 0 && rp->protocol < 256 ?
		      rp->protocol : 0;
	struct parser *p = rp->p;
	struct sfw_list *list;
	const struct token *tok;
	bool negate, ok;

	if (!parser_at_word(p, "port")) {
		ok = operand_endpoint(p, OPERAND_ADDRS, protocol,
				      keyword->text, &list, &negate);
		if (!first_time(rp, at, keyword, keyword->text)) {
			sfw_list_put(list);
		} else if (ok) {
			*addr = list;
			if (negate)
				rp->rule->flags |= from ? SFW_RULE_F_NOT_FROM :
							  SFW_RULE_F_NOT_TO;
		}
	}
	tok = parser_peek(p);
	if (!parser_accept_word(p, "port"))
		return;
	ok = operand_endpoint(p, OPERAND_PORTS, protocol, "port", &list,
			      &negate);
	if (!first_time(rp, port_at, tok,
			from ? "port after from" : "port after to")) {
		sfw_list_put(list);
	} else if (ok) {
		*port = list;
		if (negate)
			rp->rule->flags |= from ? SFW_RULE_F_NOT_FROM_PORT :
						  SFW_RULE_F_NOT_TO_PORT;
	}
}

static void parse_on(struct rule_parser *rp, const struct token *keyword)
{
	bool first = first_time(rp, &rp->at.on, keyword, "on");
	struct parser *p = rp->p;
	bool negate = parser_accept_sign(p, '!');
	const struct token *tok = parser_peek(p);
	struct sfw_rule ignored = { 0 };
	char quote[80];

	/* In quotes an interface may even be called log. */
	if ((tok->kind != TOKEN_WORD && tok->kind != TOKEN_STRING) ||
	    clause_is_keyword(tok)) {
		parser_unknown(p, tok, "an interface",
			       "a name such as eth0, or the start of one and *",
			       NULL);
		return;
	}
	p->pos++;
	if (!sfw_rule_set_ifname(first ? rp->rule : &ignored, tok->text)) {
		if (first && negate)
			rp->rule->flags |= SFW_RULE_F_NOT_IFNAME;
		return;
	}
	parser_quote(quote, sizeof(quote), tok->text);
	if (!strcmp(tok->text, "*"))
		parser_error(p, tok->column,
			     "'*' is every interface; leave on out");
	else if (strlen(tok->text) > SFW_IFNAME_MAX)
		parser_error(p, tok->column,
			     "%s is too long for an interface: at most %d characters",
			     quote, SFW_IFNAME_MAX);
	else if (strchr(tok->text, '*'))
		parser_error(p, tok->column,
			     "%s: a * stands at the end of an interface, as in veth*",
			     quote);
	else
		parser_error(p, tok->column,
			     "%s cannot be an interface: write a name such as eth0",
			     quote);
}

static void parse_type(struct rule_parser *rp, const struct token *keyword)
{
	bool first = first_time(rp, &rp->at.type, keyword, "type");
	int protocol = rp->protocol < 0 ? 256 : rp->protocol;
	struct sfw_rule *rule = rp->rule;
	u8 type;
	int code;

	if (!operand_icmp(rp->p, protocol, &type, &code) || !first)
		return;
	rule->flags |= SFW_RULE_F_ICMP_TYPE;
	rule->icmp_type = type;
	if (code >= 0) {
		rule->flags |= SFW_RULE_F_ICMP_CODE;
		rule->icmp_code = code;
	}
}

static void parse_flags(struct rule_parser *rp, const struct token *keyword)
{
	bool first = first_time(rp, &rp->at.flags, keyword, "flags");
	struct sfw_rule *rule = rp->rule;
	bool established;
	u8 mask, set;

	if (!operand_tcp_flags(rp->p, &mask, &set, &established) || !first)
		return;
	if (established) {
		rule->flags |= SFW_RULE_F_ESTABLISHED;
	} else {
		rule->flags |= SFW_RULE_F_TCP_FLAGS;
		rule->tcp_mask = mask;
		rule->tcp_set = set;
	}
}

static void parse_log(struct rule_parser *rp, const struct token *keyword)
{
	bool first = first_time(rp, &rp->at.log, keyword, "log");
	struct sfw_rate rate;

	if (first)
		rp->rule->flags |= SFW_RULE_F_LOG;
	if (!parser_accept_word(rp->p, "limit") ||
	    !operand_rate(rp->p, &rate) || !first)
		return;
	rp->rule->flags |= SFW_RULE_F_LOG_RATE;
	rp->rule->log_rate = rate;
}

static void parse_limit(struct rule_parser *rp, const struct token *keyword)
{
	bool first = first_time(rp, &rp->at.limit, keyword, "limit");
	struct sfw_rate rate;

	if (!operand_rate(rp->p, &rate) || !first)
		return;
	rp->rule->flags |= SFW_RULE_F_LIMIT;
	rp->rule->limit = rate;
}

/* A clause that is one word. */
static void parse_switch(struct rule_parser *rp, unsigned int *at,
			 const struct token *keyword, u32 flag)
{
	if (first_time(rp, at, keyword, keyword->text))
		rp->rule->flags |= flag;
}

static void skip_to_clause(struct parser *p)
{
	const struct token *tok;

	for (tok = parser_peek(p); tok->kind != TOKEN_END &&
	     tok->kind != TOKEN_STRING && !clause_is_keyword(tok);
	     tok = parser_peek(p))
		parser_take(p);
}

/* A word that starts no clause: what may have been meant? */
static void parse_stray(struct rule_parser *rp, const struct token *tok)
{
	struct parser *p = rp->p;
	struct sfw_elem elem;
	struct suggest s;
	char quote[80];

	parser_quote(quote, sizeof(quote), tok->text);
	suggest_begin(&s, tok->text);
	suggest_try_all(&s, names_clauses);
	if (tok->kind == TOKEN_SIGN)
		parser_error(p, tok->column,
			     "'%s' cannot stand here; from, to, on, type, flags, log, limit, no-state, return or a comment may follow",
			     tok->text);
	else if (tok->text[0] == '$')
		parser_error(p, tok->column,
			     "%s needs from, to or port before it", quote);
	else if (!s.best && strpbrk(tok->text, ".:") &&
		 parse_addr(tok->text, &elem))
		parser_error(p, tok->column,
			     "%s: write from or to before an address", quote);
	else if (!s.best && parse_ports(tok->text, &elem))
		parser_error(p, tok->column,
			     "%s: write to port or from port before a port",
			     quote);
	else
		parser_unknown(p, tok, "a clause",
			       "from, to, on, type, flags, log, limit, no-state, return or a \"comment\"",
			       &s);
	parser_take(p);
	skip_to_clause(p);
}

static void parse_comment(struct rule_parser *rp, const struct token *tok)
{
	size_t len = strlen(tok->text);

	if (len > SFW_COMMENT_MAX)
		parser_error(rp->p, tok->column,
			     "the comment has %zu bytes; at most %d",
			     len, SFW_COMMENT_MAX);
	else if (strchr(tok->text, '\t'))
		parser_error(rp->p, tok->column,
			     "a tab in the comment; write blanks instead");
	else if (len)
		rp->rule->comment = xstrdup(tok->text);
}

/* A burst without a rate, and the number it may have. */
static void parse_burst(struct rule_parser *rp, const struct token *keyword)
{
	const struct token *tok = parser_peek(rp->p);

	parser_error(rp->p, keyword->column,
		     "burst belongs to a rate: write limit 10/s burst 20");
	if (tok->kind == TOKEN_WORD && !clause_is_keyword(tok))
		rp->p->pos++;
}

static void parse_clause(struct rule_parser *rp)
{
	struct parser *p = rp->p;
	const struct token *tok = parser_peek(p);
	const char *word = tok->text;

	if (!clause_is_keyword(tok)) {
		parse_stray(rp, tok);
		return;
	}
	if (!strcmp(word, "port")) {
		parser_error(p, tok->column,
			     "whose port? write to port, or from port");
		p->pos++;
		if (parser_peek(p)->kind != TOKEN_END) {
			struct sfw_list *list;
			bool negate;

			operand_endpoint(p, OPERAND_PORTS, 0, "port", &list,
					 &negate);
			sfw_list_put(list);
		}
		return;
	}
	p->pos++;
	if (!strcmp(word, "from"))
		parse_end(rp, tok, true);
	else if (!strcmp(word, "to"))
		parse_end(rp, tok, false);
	else if (!strcmp(word, "on"))
		parse_on(rp, tok);
	else if (!strcmp(word, "type"))
		parse_type(rp, tok);
	else if (!strcmp(word, "flags"))
		parse_flags(rp, tok);
	else if (!strcmp(word, "log"))
		parse_log(rp, tok);
	else if (!strcmp(word, "limit"))
		parse_limit(rp, tok);
	else if (!strcmp(word, "no-state"))
		parse_switch(rp, &rp->at.no_state, tok, SFW_RULE_F_NO_STATE);
	else if (!strcmp(word, "return"))
		parse_switch(rp, &rp->at.ret, tok, SFW_RULE_F_RETURN);
	else
		parse_burst(rp, tok);
}

/* What the clauses mean together, each fault at its clause. */
static void check_clauses(struct rule_parser *rp, size_t errors)
{
	const struct rule_places *at = &rp->at;
	struct parser *p = rp->p;
	int protocol = rp->protocol;
	const char *err;

	if (protocol >= 0 &&
	    (protocol == 256 || !sfw_packet_has_ports(protocol))) {
		static const char text[] =
			"a port needs a protocol with ports: tcp, udp, sctp, udplite or dccp";

		if (at->from_port)
			parser_error(p, at->from_port, text);
		if (at->to_port)
			parser_error(p, at->to_port, text);
	}
	if (at->type && protocol >= 0 && protocol != IPPROTO_ICMP &&
	    protocol != IPPROTO_ICMPV6)
		parser_error(p, at->type,
			     "type needs the protocol icmp or icmpv6");
	if (at->flags && protocol >= 0 && protocol != IPPROTO_TCP)
		parser_error(p, at->flags, "flags needs the protocol tcp");
	if (rp->action_known && rp->rule->action != SFW_ACTION_ALLOW) {
		if (at->limit)
			parser_error(p, at->limit,
				     "limit is for allow rules; log limit limits the log of others");
		if (at->no_state)
			parser_error(p, at->no_state,
				     "no-state is for allow rules; others make no connection");
	}
	/* The last word is the kernel's own check. */
	err = sfw_rule_check(rp->rule);
	if (err && p->res->n_errors == errors)
		parser_error(p, at->number, "%s", err);
}

char *clause_parse_ignore(struct parser *p)
{
	const char *comment = p->lex.comment, *mark = NULL, *next, *end;
	char *codes = NULL, *more, quote[80];
	unsigned int column;
	struct suggest s;
	size_t len;

	if (!comment)
		return NULL;
	for (next = comment; (next = strstr(next, "sfw:ignore")); next++) {
		const char *before = next;

		while (before > comment &&
		       (before[-1] == ' ' || before[-1] == '\t'))
			before--;
		if (before == comment || before[-1] == '#')
			mark = next + strlen("sfw:ignore");
	}
	if (!mark)
		return NULL;
	/* Columns count characters; bytes after the first are none. */
	column = p->lex.comment_column + 1;
	for (next = comment; next < mark; next++)
		column += (*next & 0xc0) != 0x80;
	for (; *mark && *mark != '#'; mark = end) {
		len = strspn(mark, " \t,");
		mark += len;
		column += len;
		len = strcspn(mark, " \t,#");
		end = mark + len;
		if (!len)
			continue;
		more = xasprintf("%s%s%.*s", codes ? codes : "",
				 codes ? " " : "", (int)len, mark);
		free(codes);
		codes = more;
		more = xstrndup(mark, len);
		if (names_index(names_codes, more) < 0) {
			suggest_begin(&s, more);
			suggest_try_all(&s, names_codes);
			parser_quote(quote, sizeof(quote), more);
			if (s.best)
				parser_warn(p, column,
					    "%s is no finding of check; did you mean '%s'?",
					    quote, s.best);
			else
				parser_warn(p, column,
					    "%s is no finding of check; write a code that check prints, such as wide-open",
					    quote);
		}
		free(more);
		for (; mark < end; mark++)
			column += (*mark & 0xc0) != 0x80;
	}
	if (!codes)
		parser_warn(p, column,
			    "sfw:ignore names no finding; write a code that check prints, such as wide-open");
	return codes;
}

void clause_parse_rule(struct parser *p, u8 direction)
{
	struct ruleset_rule *entry = xcalloc(1, sizeof(*entry));
	struct rule_parser rp = { .p = p, .rule = &entry->rule };
	size_t errors = p->res->n_errors;
	const struct token *tok;

	entry->rule.direction = direction;
	parse_number(&rp);
	/* Where the line is over, one complaint about it is enough. */
	if (p->res->n_errors == errors ||
	    parser_peek(p)->kind != TOKEN_END)
		parse_action(&rp);
	if (p->res->n_errors == errors ||
	    parser_peek(p)->kind != TOKEN_END)
		parse_proto(&rp);
	while ((tok = parser_peek(p))->kind != TOKEN_END) {
		if (tok->kind != TOKEN_STRING) {
			size_t before = p->res->n_errors;

			parse_clause(&rp);
			/* A sign belongs to what was complained about. */
			if (p->res->n_errors != before &&
			    parser_peek(p)->kind == TOKEN_SIGN)
				skip_to_clause(p);
			continue;
		}
		p->pos++;
		parse_comment(&rp, tok);
		statement_end(p, "the comment, which ends a rule");
		break;
	}
	check_clauses(&rp, errors);
	entry->ignore = clause_parse_ignore(p);
	if (p->res->n_errors != errors) {
		ruleset_rule_free(entry);
		return;
	}
	entry->file = xstrdup(p->src->name);
	entry->line = p->src->line;
	entry->text = xstrndup(p->line, p->line_len);
	if (ruleset_add_rule(p->rs, entry))
		xalloc_fail();
}
