// SPDX-License-Identifier: GPL-2.0
/*
 * Chains and jumps: see flat.h.
 *
 * A jump is taken apart: every rule of its chain is taken with the jump's own
 * conditions added. That is exact as long as both can be said at once and
 * nothing in the chain goes back under a condition; where it is not, the rule
 * is refused by name.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "flat.h"
#include "listops.h"

/* Rules of a list; jumps can multiply them. */
#define LIST_MAX	200000

#define ENDS	(SFW_RULE_F_NOT_FROM | SFW_RULE_F_NOT_FROM_PORT | \
		 SFW_RULE_F_NOT_TO | SFW_RULE_F_NOT_TO_PORT)
#define FLAGS	(SFW_RULE_F_TCP_FLAGS | SFW_RULE_F_ESTABLISHED)
#define ICMP	(SFW_RULE_F_ICMP_TYPE | SFW_RULE_F_ICMP_CODE)

struct flat_chain *flat_chain(struct flat *flat, const char *name, bool make)
{
	struct flat_chain *chain;
	size_t i;

	for (i = 0; i < flat->n_chains; i++)
		if (!strcmp(flat->chains[i]->name, name))
			return flat->chains[i];
	if (!make)
		return NULL;
	chain = xcalloc(1, sizeof(*chain));
	chain->name = xstrdup(name);
	chain->hook = FLAT_NO_HOOK;
	chain->policy = SFW_ACTION_ALLOW;
	chain->families = FLAT_FAMILIES;
	flat->chains = xgrow(flat->chains, &flat->cap_chains,
			     flat->n_chains + 1, sizeof(*flat->chains));
	flat->chains[flat->n_chains++] = chain;
	return chain;
}

struct flat_rule *flat_rule_new(u8 families, const char *where,
				const char *source)
{
	struct flat_rule *rule = xcalloc(1, sizeof(*rule));

	rule->families = families;
	rule->ct = FLAT_CT_ALL;
	rule->where = xstrdup(where);
	rule->source = source ? xstrdup(source) : NULL;
	return rule;
}

struct flat_rule *flat_rule_copy(const struct flat_rule *rule)
{
	struct flat_rule *copy = xcalloc(1, sizeof(*copy));

	*copy = *rule;
	sfw_list_get(copy->match.from);
	sfw_list_get(copy->match.from_port);
	sfw_list_get(copy->match.to);
	sfw_list_get(copy->match.to_port);
	if (rule->match.comment)
		copy->match.comment = xstrdup(rule->match.comment);
	copy->target = rule->target ? xstrdup(rule->target) : NULL;
	copy->where = xstrdup(rule->where);
	copy->source = rule->source ? xstrdup(rule->source) : NULL;
	return copy;
}

void flat_rule_free(struct flat_rule *rule)
{
	sfw_rule_destroy(&rule->match);
	free(rule->target);
	free(rule->where);
	free(rule->source);
	free(rule);
}

void flat_append(struct flat_chain *chain, struct flat_rule *rule)
{
	chain->rules = xgrow(chain->rules, &chain->cap_rules,
			     chain->n_rules + 1, sizeof(*chain->rules));
	chain->rules[chain->n_rules++] = rule;
}

void flat_refuse(struct flat *flat, const struct flat_rule *rule,
		 const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	import_vrefuse(flat->imp, xstrdup(rule->where),
		       rule->source ? xstrdup(rule->source) : NULL, fmt, ap);
	va_end(ap);
}

void flat_and_list(struct flat_rule *rule, struct sfw_list **field,
		   u32 not_flag, struct sfw_list *list, bool negate)
{
	struct sfw_list *both;

	if (*field) {
		both = listops_both(*field, rule->match.flags & not_flag, list,
				    negate);
		sfw_list_put(list);
		sfw_list_put(*field);
		list = both;
		negate = false;
		rule->match.flags &= ~not_flag;
	} else if (!list->n_elem) {
		/* A set without elements: in it is nothing, out of it all. */
		sfw_list_put(list);
		if (!negate)
			rule->never = true;
		return;
	}
	*field = list;
	if (negate)
		rule->match.flags |= not_flag;
	if (!list->n_elem)
		rule->never = true;
}

void flat_and_protocol(struct flat_rule *rule, u8 protocol)
{
	if (rule->match.flags & SFW_RULE_F_PROTOCOL &&
	    rule->match.protocol != protocol)
		rule->never = true;
	rule->match.flags |= SFW_RULE_F_PROTOCOL;
	rule->match.protocol = protocol;
}

static bool if_matches(const char *pattern, const char *name)
{
	size_t len = strlen(pattern);

	if (len && pattern[len - 1] == '*')
		return !strncmp(pattern, name, len - 1);
	return !strcmp(pattern, name);
}

static bool is_wild(const char *name)
{
	return *name && name[strlen(name) - 1] == '*';
}

const char *flat_and_if(struct flat_rule *rule, struct flat_if *own,
			const struct flat_if *other)
{
	bool covers, covered;

	if (!other->name[0])
		return NULL;
	if (!own->name[0] || (own->negate == other->negate &&
			      !strcmp(own->name, other->name))) {
		*own = *other;
		return NULL;
	}
	/* Does one pattern hold all that the other does? */
	covers = if_matches(own->name, other->name);
	covered = if_matches(other->name, own->name);
	if (!own->negate && !other->negate) {
		if (covers)
			*own = *other;
		else if (!covered)
			rule->never = true;
		return NULL;
	}
	if (own->negate && other->negate) {
		if (covered)
			*own = *other;
		else if (!covers)
			return "two interfaces are excluded, and sfw can exclude one";
		return NULL;
	}
	/* One is wanted, one excluded. */
	if (own->negate ? covers : covered) {
		rule->never = true;
		return NULL;
	}
	if (is_wild(own->negate ? other->name : own->name) &&
	    (own->negate ? covered : covers))
		return "some interfaces of a wildcard are excluded, and sfw cannot say that";
	if (own->negate)
		*own = *other;
	return NULL;
}

const char *flat_and_flags(struct flat_rule *rule, u8 mask, u8 set)
{
	u8 common = rule->match.tcp_mask & mask;

	if (rule->match.flags & SFW_RULE_F_ESTABLISHED)
		return "TCP flags are asked for twice";
	if ((rule->match.tcp_set ^ set) & common)
		rule->never = true;
	flat_and_protocol(rule, IPPROTO_TCP);
	rule->match.flags |= SFW_RULE_F_TCP_FLAGS;
	rule->match.tcp_mask |= mask;
	rule->match.tcp_set |= set;
	return NULL;
}

bool flat_is_plain(const struct flat_rule *rule)
{
	const struct sfw_rule *m = &rule->match;

	return !(m->flags & (SFW_RULE_F_PROTOCOL | ICMP | FLAGS |
			     SFW_RULE_F_LIMIT)) &&
	       !m->from && !m->to && !m->from_port && !m->to_port &&
	       !rule->iif.name[0] && !rule->oif.name[0] && !rule->not_syn;
}

static bool same_if(const struct flat_if *a, const struct flat_if *b)
{
	return a->negate == b->negate && !strcmp(a->name, b->name);
}

bool flat_same_clauses(const struct flat_rule *a, const struct flat_rule *b)
{
	const struct sfw_rule *x = &a->match, *y = &b->match;
	u32 flags = SFW_RULE_F_PROTOCOL | ICMP | FLAGS | ENDS;

	return (x->flags & flags) == (y->flags & flags) &&
	       x->protocol == y->protocol && x->icmp_type == y->icmp_type &&
	       x->icmp_code == y->icmp_code && x->tcp_mask == y->tcp_mask &&
	       x->tcp_set == y->tcp_set && sfw_list_equal(x->from, y->from) &&
	       sfw_list_equal(x->to, y->to) &&
	       sfw_list_equal(x->from_port, y->from_port) &&
	       sfw_list_equal(x->to_port, y->to_port) &&
	       same_if(&a->iif, &b->iif) && same_if(&a->oif, &b->oif) &&
	       a->not_syn == b->not_syn;
}

static const char *and_icmp(struct flat_rule *rule, const struct sfw_rule *more)
{
	struct sfw_rule *m = &rule->match;

	if (more->flags & SFW_RULE_F_ICMP_TYPE) {
		if (m->flags & SFW_RULE_F_ICMP_TYPE &&
		    m->icmp_type != more->icmp_type)
			rule->never = true;
		m->icmp_type = more->icmp_type;
	}
	if (more->flags & SFW_RULE_F_ICMP_CODE) {
		if (m->flags & SFW_RULE_F_ICMP_CODE &&
		    m->icmp_code != more->icmp_code)
			rule->never = true;
		m->icmp_code = more->icmp_code;
	}
	m->flags |= more->flags & ICMP;
	return NULL;
}

/* The conditions of a jump added to a rule; NULL, or why they cannot be. */
static const char *add_conditions(struct flat_rule *rule,
				  const struct flat_rule *jump)
{
	const struct sfw_rule *more = &jump->match;
	struct sfw_rule *m = &rule->match;
	const char *why = NULL;

	if (more->flags & SFW_RULE_F_LIMIT)
		return "a limit on a jump is for all rules behind it, and sfw limits single ones";
	rule->families &= jump->families;
	rule->ct &= jump->ct;
	if (!rule->families || !rule->ct || jump->never)
		rule->never = true;
	if (more->flags & SFW_RULE_F_PROTOCOL)
		flat_and_protocol(rule, more->protocol);
	if (more->from)
		flat_and_list(rule, &m->from, SFW_RULE_F_NOT_FROM,
			      sfw_list_get(more->from),
			      more->flags & SFW_RULE_F_NOT_FROM);
	if (more->to)
		flat_and_list(rule, &m->to, SFW_RULE_F_NOT_TO,
			      sfw_list_get(more->to),
			      more->flags & SFW_RULE_F_NOT_TO);
	if (more->from_port)
		flat_and_list(rule, &m->from_port, SFW_RULE_F_NOT_FROM_PORT,
			      sfw_list_get(more->from_port),
			      more->flags & SFW_RULE_F_NOT_FROM_PORT);
	if (more->to_port)
		flat_and_list(rule, &m->to_port, SFW_RULE_F_NOT_TO_PORT,
			      sfw_list_get(more->to_port),
			      more->flags & SFW_RULE_F_NOT_TO_PORT);
	and_icmp(rule, more);
	if (more->flags & SFW_RULE_F_ESTABLISHED) {
		if (m->flags & SFW_RULE_F_TCP_FLAGS)
			return "TCP flags are asked for twice";
		m->flags |= SFW_RULE_F_ESTABLISHED;
	}
	if (more->flags & SFW_RULE_F_TCP_FLAGS)
		why = flat_and_flags(rule, more->tcp_mask, more->tcp_set);
	if (!why)
		why = flat_and_if(rule, &rule->iif, &jump->iif);
	if (!why)
		why = flat_and_if(rule, &rule->oif, &jump->oif);
	if (!why && jump->not_syn && rule->match.flags & FLAGS)
		why = "TCP flags are asked for twice";
	rule->not_syn |= jump->not_syn;
	if (!m->comment && more->comment)
		m->comment = xstrdup(more->comment);
	return why;
}

void flat_push(struct flat *flat, u8 list, struct flat_rule *rule)
{
	if (rule->never) {
		flat_rule_free(rule);
		return;
	}
	flat->list[list] = xgrow(flat->list[list], &flat->cap_list[list],
				 flat->n_list[list] + 1,
				 sizeof(*flat->list[list]));
	flat->list[list][flat->n_list[list]++] = rule;
}

/* Does a packet that gets to the end of the chain come back? */
static bool always_decides(const struct flat_chain *chain)
{
	const struct flat_rule *last;

	if (!chain->n_rules)
		return false;
	last = chain->rules[chain->n_rules - 1];
	return flat_is_plain(last) && last->ct == FLAT_CT_ALL &&
	       (last->verdict == FLAT_ACCEPT || last->verdict == FLAT_DROP ||
		last->verdict == FLAT_REJECT);
}

static void flatten(struct flat *flat, struct flat_chain *chain,
		    const struct flat_rule *jump, struct flat_chain *base,
		    u8 list);

/* A jump: the rules of its chain. False: the rest of this one is not reached. */
static bool follow(struct flat *flat, const struct flat_rule *rule,
		   const struct flat_rule *with, struct flat_chain *base,
		   u8 list)
{
	struct flat_chain *chain = flat_chain(flat, rule->target, false);
	bool all = flat_is_plain(rule) && rule->ct == FLAT_CT_ALL;

	if (!chain) {
		import_error(flat->imp, xstrdup(rule->where),
			     "there is no chain '%s' to go to", rule->target);
		return true;
	}
	if (chain->active) {
		import_error(flat->imp, xstrdup(rule->where),
			     "the chain '%s' leads to itself", rule->target);
		return true;
	}
	if (rule->match.flags & SFW_RULE_F_LOG) {
		flat_refuse(flat, rule,
			    "it logs and then goes to a chain; sfw logs where it decides");
		return true;
	}
	if (rule->verdict == FLAT_GOTO && !all && !always_decides(chain)) {
		flat_refuse(flat, rule,
			    "goto does not come back, and sfw cannot leave out the rest of this chain");
		return true;
	}
	flatten(flat, chain, with, base, list);
	return rule->verdict != FLAT_GOTO || !all;
}

/* False: no rule behind this one is reached. */
static bool flatten_rule(struct flat *flat, const struct flat_rule *rule,
			 const struct flat_rule *jump, struct flat_chain *base,
			 bool in_base, u8 list)
{
	struct flat_rule *copy = flat_rule_copy(rule);
	bool all = flat_is_plain(rule) && rule->ct == FLAT_CT_ALL;
	const char *why = NULL;
	bool more = true;

	if (jump)
		why = add_conditions(copy, jump);
	if (why) {
		flat_refuse(flat, rule, "with the conditions at %s: %s",
			    jump->where, why);
		goto out;
	}
	if (copy->never)
		goto out;
	switch (rule->verdict) {
	case FLAT_JUMP:
	case FLAT_GOTO:
		more = follow(flat, rule, copy, base, list);
		goto out;
	case FLAT_RETURN:
		if (!in_base) {
			more = !all;
			if (more)
				flat_refuse(flat, rule,
					    "it goes back under a condition, and sfw has no rules to go back to");
			goto out;
		}
		copy->verdict = base->policy == SFW_ACTION_ALLOW ? FLAT_ACCEPT :
								   FLAT_DROP;
		break;
	case FLAT_CONTINUE:
		if (!(copy->match.flags & SFW_RULE_F_LOG))
			goto out;
		break;
	default:
		break;
	}
	flat_push(flat, list, copy);
	return true;

out:
	flat_rule_free(copy);
	return more;
}

static void flatten(struct flat *flat, struct flat_chain *chain,
		    const struct flat_rule *jump, struct flat_chain *base,
		    u8 list)
{
	size_t i;

	chain->active = true;
	for (i = 0; i < chain->n_rules; i++) {
		if (flat->n_list[list] > LIST_MAX) {
			import_error(flat->imp,
				     xstrdup(chain->rules[i]->where),
				     "the jumps make more than %d rules of these",
				     LIST_MAX);
			break;
		}
		if (!flatten_rule(flat, chain->rules[i], jump, base,
				  chain == base, list))
			break;
	}
	chain->active = false;
}

void flat_chain_rules(struct flat *flat, struct flat_chain *chain, u8 list)
{
	flatten(flat, chain, NULL, chain, list);
}

void flat_free(struct flat *flat)
{
	size_t i, j;

	for (i = 0; i < flat->n_chains; i++) {
		struct flat_chain *chain = flat->chains[i];

		for (j = 0; j < chain->n_rules; j++)
			flat_rule_free(chain->rules[j]);
		free(chain->rules);
		free(chain->name);
		free(chain);
	}
	free(flat->chains);
	for (i = 0; i < ARRAY_SIZE(flat->list); i++) {
		for (j = 0; j < flat->n_list[i]; j++)
			flat_rule_free(flat->list[i][j]);
		free(flat->list[i]);
	}
}
