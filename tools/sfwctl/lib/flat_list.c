// SPDX-License-Identifier: GPL-2.0
/*
 * From the chains of another firewall to our two lists: see flat.h.
 *
 * What has no rule of its own here is looked for and turned into what it is:
 *
 *   a line that logs	a log clause of the rule behind it about the same
 *			packets, or of the default
 *   ESTABLISHED	stateful mode, if packets of every connection that may
 *			begin are let through in both directions
 *   INVALID		dropped anyway in stateful mode
 *   not SYN but NEW	option tcp-pickup off
 *   lo			not filtered anyway, or option loopback filter
 *
 * and if it is none of that, it is refused by name.
 */
#include <stdio.h>
#include <string.h>

#include "flat.h"
#include "listops.h"

static const char *const hook_names[] = {
	"input", "forward", "output", "prerouting",
};

/* By list; and where the replies to what is in it come. */
static const char *const list_names[] = { "input", "output", "forward" };
static const u8 replies_at[] = {
	SFW_DIRECTION_OUT, SFW_DIRECTION_IN, FLAT_FORWARDED,
};

/* What is known of a list while it is made. */
struct side {
	u8 spoken;		/* families that have a chain */
	u8 policy[2];		/* of IPv4 and of IPv6, enum sfw_action */
};

struct build {
	struct flat *flat;
	struct side side[FLAT_LISTS];
	bool stateful;
	bool arrive;		/* the in list holds what is forwarded, too */
};

static const u8 family_bits[] = { SFW_FAMILY_4, SFW_FAMILY_6 };

static bool decides(const struct flat_rule *rule)
{
	return rule->verdict != FLAT_CONTINUE;
}

static bool denies(const struct flat_rule *rule)
{
	return rule->verdict == FLAT_DROP || rule->verdict == FLAT_REJECT;
}

/* Take the rule at i out of a list. */
static void drop_at(struct flat *flat, int dir, size_t i)
{
	flat_rule_free(flat->list[dir][i]);
	flat->n_list[dir]--;
	memmove(&flat->list[dir][i], &flat->list[dir][i + 1],
		(flat->n_list[dir] - i) * sizeof(*flat->list[dir]));
}

/* --- the lists ----------------------------------------------------------- */

static void refuse_all(struct flat *flat, const struct flat_chain *chain,
		       const char *why)
{
	size_t i;

	for (i = 0; i < chain->n_rules; i++)
		flat_refuse(flat, chain->rules[i], "%s", why);
}

/* The rules of a list are about packets to this host, or to others. */
static void divide(struct flat *flat, int list)
{
	size_t i;

	for (i = 0; i < flat->n_list[list]; i++) {
		struct flat_rule *rule = flat->list[list][i];

		flat_and_list(rule, &rule->match.to, SFW_RULE_F_NOT_TO,
			      sfw_list_get(flat->imp->local),
			      list == FLAT_FORWARDED);
		if (rule->never)
			drop_at(flat, list, i--);
	}
}

static void note_policy(struct side *side, const struct flat_chain *chain)
{
	size_t f;

	for (f = 0; f < ARRAY_SIZE(family_bits); f++)
		if (chain->families & family_bits[f])
			side->policy[f] = chain->policy;
	side->spoken |= chain->families;
}

static void take_forward(struct build *b, struct flat_chain *chain)
{
	struct flat *flat = b->flat;

	if (flat->imp->local) {
		note_policy(&b->side[FLAT_FORWARDED], chain);
		flat_chain_rules(flat, chain, FLAT_FORWARDED);
	} else if (chain->n_rules) {
		refuse_all(flat, chain,
			   "what is forwarded and what is for this host come in alike; say with --local ADDRESS,... which addresses are this host's");
	} else {
		import_remark(flat->imp,
			      "the chain for forwarded packets is not here: this is for a host that forwards nothing");
	}
}

/* One chain of a hook at its place. */
static void take_chain(struct build *b, struct flat_chain *chain)
{
	switch (chain->hook) {
	case FLAT_FORWARD:
		take_forward(b, chain);
		break;
	case FLAT_INPUT:
	case FLAT_ARRIVE:
		note_policy(&b->side[SFW_DIRECTION_IN], chain);
		flat_chain_rules(b->flat, chain, SFW_DIRECTION_IN);
		b->arrive |= chain->hook == FLAT_ARRIVE;
		break;
	case FLAT_OUTPUT:
		note_policy(&b->side[SFW_DIRECTION_OUT], chain);
		flat_chain_rules(b->flat, chain, SFW_DIRECTION_OUT);
		break;
	default:
		break;
	}
}

static bool lets_all(const struct flat_chain *chain)
{
	return !chain->n_rules && chain->policy == SFW_ACTION_ALLOW;
}

static void take_chains(struct build *b)
{
	/* Rules for this host stand before those for others. */
	static const enum flat_hook order[] = {
		FLAT_ARRIVE, FLAT_INPUT, FLAT_FORWARD, FLAT_OUTPUT,
	};
	struct flat *flat = b->flat;
	u8 seen[FLAT_HOOKS] = { 0 };
	size_t h, i;

	for (h = 0; h < ARRAY_SIZE(order); h++) {
		for (i = 0; i < flat->n_chains; i++) {
			struct flat_chain *chain = flat->chains[i];
			u8 twice = seen[order[h]];

			if (chain->hook != order[h])
				continue;
			if (order[h] == FLAT_INPUT || order[h] == FLAT_FORWARD)
				twice |= seen[FLAT_ARRIVE];
			/* One that lets everything pass changes nothing. */
			twice &= chain->families;
			if (twice && !lets_all(chain)) {
				import_refuse(flat->imp, xstrdup(chain->name),
					      NULL,
					      "there is another chain before it at %s; sfw has one list, and what the first one accepts is accepted",
					      hook_names[order[h]]);
				refuse_all(flat, chain, "it is in a second chain");
				continue;
			}
			if (twice)
				continue;
			seen[order[h]] |= chain->families;
			take_chain(b, chain);
		}
	}
}

/* Interfaces that a list cannot know. */
static void check_interfaces(struct build *b)
{
	struct flat *flat = b->flat;
	int dir;
	size_t i;

	for (dir = 0; dir < FLAT_LISTS; dir++) {
		for (i = 0; i < flat->n_list[dir]; i++) {
			struct flat_rule *rule = flat->list[dir][i];

			if (dir != SFW_DIRECTION_OUT && rule->oif.name[0])
				flat_refuse(flat, rule,
					    "sfw judges before the routing and does not know where a packet will leave");
			else if (dir == SFW_DIRECTION_OUT && rule->iif.name[0])
				flat_refuse(flat, rule, "what this host sends came in nowhere");
			else
				continue;
			drop_at(flat, dir, i--);
		}
	}
}

/* --- lines that log ------------------------------------------------------ */

static void log_by(struct flat_rule *rule, const struct flat_rule *line)
{
	rule->match.flags |= SFW_RULE_F_LOG;
	if (line->match.flags & SFW_RULE_F_LOG_RATE) {
		rule->match.flags |= SFW_RULE_F_LOG_RATE;
		rule->match.log_rate = line->match.log_rate;
	} else if (line->match.flags & SFW_RULE_F_LIMIT) {
		rule->match.flags |= SFW_RULE_F_LOG_RATE;
		rule->match.log_rate = line->match.limit;
	}
	if (!rule->match.comment && line->match.comment)
		rule->match.comment = xstrdup(line->match.comment);
}

static void merge_log(struct build *b, int dir, size_t i)
{
	struct flat *flat = b->flat;
	struct flat_rule *line = flat->list[dir][i], *next = NULL;
	const struct side *side = &b->side[dir];
	u8 policy = side->policy[line->families & SFW_FAMILY_4 ? 0 : 1];
	size_t j;

	/* Rules about the other family only have no part in it. */
	for (j = i + 1; !next && j < flat->n_list[dir]; j++)
		if (flat->list[dir][j]->families & line->families)
			next = flat->list[dir][j];
	if (next && decides(next) && next->families == line->families &&
	    next->ct == line->ct && flat_same_clauses(line, next) &&
	    !(next->match.flags & (SFW_RULE_F_LOG | SFW_RULE_F_LIMIT))) {
		log_by(next, line);
		drop_at(flat, dir, i);
		return;
	}
	if (!next && (line->families != FLAT_FAMILIES ||
		      side->policy[0] == side->policy[1])) {
		/* The last line: what it logs meets the policy. */
		line->verdict = policy == SFW_ACTION_ALLOW ? FLAT_ACCEPT :
							     FLAT_DROP;
		line->match.flags &= ~SFW_RULE_F_LOG;
		log_by(line, line);
		line->match.flags &= ~SFW_RULE_F_LIMIT;
		return;
	}
	flat_refuse(flat, line,
		    "it only logs, and no rule behind it decides about the same packets");
	drop_at(flat, dir, i);
}

static void merge_logs(struct build *b)
{
	struct flat *flat = b->flat;
	int dir;
	size_t i;

	for (dir = 0; dir < FLAT_LISTS; dir++)
		/* From the end, so that the one behind is settled. */
		for (i = flat->n_list[dir]; i-- > 0;)
			if (!decides(flat->list[dir][i]))
				merge_log(b, dir, i);
}

/* --- connections --------------------------------------------------------- */

static void find_mode(struct build *b)
{
	int dir;
	size_t i;

	for (dir = 0; dir < FLAT_LISTS; dir++)
		for (i = 0; i < b->flat->n_list[dir]; i++)
			if (b->flat->list[dir][i]->ct != FLAT_CT_ALL)
				b->stateful = true;
}

/* Families of which packets of every connection are let through. */
static u8 lets_known(struct build *b, int dir)
{
	const struct side *side = &b->side[dir];
	struct flat *flat = b->flat;
	u8 open = FLAT_FAMILIES & ~side->spoken, cut = 0;
	size_t i, f;

	for (i = 0; i < flat->n_list[dir]; i++) {
		struct flat_rule *rule = flat->list[dir][i];
		u8 left = rule->families & ~open;

		if (!left || !(rule->ct & FLAT_ESTABLISHED))
			continue;
		if (denies(rule) && flat_is_plain(rule)) {
			cut |= left;
		} else if (denies(rule)) {
			if (rule->ct & FLAT_NEW)
				import_note(flat->imp, xstrdup(rule->where),
					    rule->source ?
					    xstrdup(rule->source) : NULL,
					    "it also drops packets of connections that were let in; sfw judges how connections begin");
		} else if (flat_is_plain(rule)) {
			open |= left;
		}
	}
	for (f = 0; f < ARRAY_SIZE(family_bits); f++)
		if (side->policy[f] == SFW_ACTION_ALLOW)
			open |= family_bits[f] & ~cut;
	return open;
}

/* Families whose packets all meet a rule before they meet the policy. */
static u8 all_decided(struct build *b, int dir)
{
	u8 families = 0;
	size_t i;

	for (i = 0; i < b->flat->n_list[dir]; i++) {
		const struct flat_rule *rule = b->flat->list[dir][i];

		if (flat_is_plain(rule) && rule->ct & FLAT_NEW)
			families |= rule->families;
	}
	return families;
}

/* One end of a rule, or of the reply to what another matches. */
static bool covers_end(const struct sfw_list *a, u32 not_a,
		       const struct sfw_list *b, u32 not_b)
{
	return !a || (b && !not_a == !not_b && sfw_list_equal(a, b));
}

/* Does the rule match all that the other one does, or all replies to it? */
static bool covers(const struct flat_rule *rule, const struct flat_rule *other,
		   bool reply)
{
	const struct sfw_rule *a = &rule->match, *b = &other->match;
	const struct flat_if *if_a = rule->iif.name[0] ? &rule->iif :
							 &rule->oif;
	const struct flat_if *if_b = other->iif.name[0] ? &other->iif :
							  &other->oif;
	u32 fa = a->flags, fb = b->flags;

	if (!reply && flat_same_clauses(rule, other))
		return true;
	if (fa & (SFW_RULE_F_TCP_FLAGS | SFW_RULE_F_ESTABLISHED |
		  SFW_RULE_F_ICMP_TYPE | SFW_RULE_F_LIMIT) || rule->not_syn)
		return false;
	if (fa & SFW_RULE_F_PROTOCOL && (!(fb & SFW_RULE_F_PROTOCOL) ||
					 a->protocol != b->protocol))
		return false;
	if (if_a->name[0] && (if_a->negate != if_b->negate ||
			      strcmp(if_a->name, if_b->name)))
		return false;
	return covers_end(a->from, fa & SFW_RULE_F_NOT_FROM,
			  reply ? b->to : b->from,
			  fb & (reply ? SFW_RULE_F_NOT_TO :
					SFW_RULE_F_NOT_FROM)) &&
	       covers_end(a->to, fa & SFW_RULE_F_NOT_TO,
			  reply ? b->from : b->to,
			  fb & (reply ? SFW_RULE_F_NOT_FROM :
					SFW_RULE_F_NOT_TO)) &&
	       covers_end(a->from_port, fa & SFW_RULE_F_NOT_FROM_PORT,
			  reply ? b->to_port : b->from_port,
			  fb & (reply ? SFW_RULE_F_NOT_TO_PORT :
					SFW_RULE_F_NOT_FROM_PORT)) &&
	       covers_end(a->to_port, fa & SFW_RULE_F_NOT_TO_PORT,
			  reply ? b->from_port : b->to_port,
			  fb & (reply ? SFW_RULE_F_NOT_FROM_PORT :
					SFW_RULE_F_NOT_TO_PORT));
}

/* Echo replies by name, which textbooks write. */
static bool covers_ping(const struct flat_rule *rule,
			const struct flat_rule *other)
{
	const struct sfw_rule *a = &rule->match, *b = &other->match;

	return a->flags & SFW_RULE_F_ICMP_TYPE &&
	       b->flags & SFW_RULE_F_ICMP_TYPE && a->protocol == b->protocol &&
	       ((a->icmp_type == 0 && b->icmp_type == 8) ||
		(a->icmp_type == 129 && b->icmp_type == 128)) &&
	       !a->from && !a->to;
}

static bool some_covers(struct build *b, int dir, const struct flat_rule *first,
			bool reply)
{
	struct flat *flat = b->flat;
	size_t i;

	for (i = 0; i < flat->n_list[dir]; i++) {
		const struct flat_rule *rule = flat->list[dir][i];

		if (rule->verdict == FLAT_ACCEPT &&
		    rule->ct & FLAT_ESTABLISHED &&
		    !(first->families & ~rule->families) &&
		    (covers(rule, first, reply) ||
		     (reply && covers_ping(rule, first))))
			return true;
	}
	return false;
}

/* Is every packet of every connection that may begin let through? */
static void check_known(struct build *b)
{
	struct flat *flat = b->flat;
	u8 open[FLAT_LISTS];
	size_t i, f;
	int dir;

	for (dir = 0; dir < FLAT_LISTS; dir++)
		open[dir] = lets_known(b, dir);
	for (dir = 0; dir < FLAT_LISTS; dir++) {
		int back = replies_at[dir];
		u8 decided = all_decided(b, dir);

		for (i = 0; i < flat->n_list[dir]; i++) {
			struct flat_rule *rule = flat->list[dir][i];

			if (rule->verdict != FLAT_ACCEPT ||
			    !(rule->ct & FLAT_NEW))
				continue;
			if (rule->families & ~open[dir] &&
			    !(rule->ct & FLAT_ESTABLISHED) &&
			    !some_covers(b, dir, rule, false))
				flat_refuse(flat, rule,
					    "it lets connections begin whose later packets no rule lets through; sfw lets them");
			else if (rule->families & ~open[back] &&
				 !some_covers(b, back, rule, true))
				flat_refuse(flat, rule,
					    "it lets connections begin whose replies no rule lets through; sfw lets them, in stateful mode");
		}
		for (f = 0; f < ARRAY_SIZE(family_bits); f++)
			if (b->side[dir].policy[f] == SFW_ACTION_ALLOW &&
			    b->side[dir].spoken & family_bits[f] &&
			    !((open[back] | decided) & family_bits[f]))
				import_refuse(flat->imp,
					      xstrdup(list_names[dir]),
					      NULL,
					      "its policy lets connections begin whose replies no rule lets through; sfw lets them, in stateful mode");
	}
}

/* A new connection has to begin with a SYN: an option says that here. */
static bool take_not_syn(struct build *b, const struct flat_rule *rule)
{
	struct sfw_options *opt = &b->flat->imp->rs->options;
	struct flat_rule copy = *rule;

	if (!rule->not_syn)
		return false;
	copy.not_syn = false;
	copy.match.flags &= ~(u32)SFW_RULE_F_PROTOCOL;
	if (denies(rule) && !(rule->ct & (FLAT_ESTABLISHED | FLAT_RELATED)) &&
	    rule->ct & FLAT_NEW && flat_is_plain(&copy)) {
		opt->tcp_pickup = false;
		opt->named |= SFW_OPT_TCP_PICKUP;
	} else {
		flat_refuse(b->flat, rule,
			    "flags that must not be SYN alone can be asked for in one way only: TCP, NEW, drop");
	}
	return true;
}

/* Is there nothing left of a rule once connections are followed? */
static bool is_about_known(struct build *b, const struct flat_rule *rule)
{
	if (take_not_syn(b, rule))
		return true;
	if (!b->stateful || rule->ct & FLAT_NEW)
		return false;
	if (rule->ct & (FLAT_ESTABLISHED | FLAT_RELATED) && denies(rule))
		flat_refuse(b->flat, rule,
			    "sfw lets packets of known connections pass before it reads the list");
	else if (rule->ct & FLAT_INVALID && rule->verdict == FLAT_ACCEPT)
		flat_refuse(b->flat, rule, "sfw drops what cannot belong to its connection");
	else if (rule->ct == FLAT_UNTRACKED)
		flat_refuse(b->flat, rule,
			    "sfw tracks what it lets through; no-state is the word for what it shall not");
	return true;
}

static void take_connections(struct build *b)
{
	struct flat *flat = b->flat;
	int dir;
	size_t i;

	find_mode(b);
	flat->imp->rs->mode = b->stateful ? SFW_MODE_STATEFUL :
					    SFW_MODE_STATELESS;
	if (b->stateful)
		check_known(b);
	for (dir = 0; dir < FLAT_LISTS; dir++)
		for (i = 0; i < flat->n_list[dir]; i++)
			if (is_about_known(b, flat->list[dir][i]))
				drop_at(flat, dir, i--);
}

/* --- loopback ------------------------------------------------------------ */

static const struct flat_if *own_if(const struct flat_rule *rule, int dir)
{
	return dir == SFW_DIRECTION_OUT ? &rule->oif : &rule->iif;
}

static bool only_lo(const struct flat_rule *rule, int dir)
{
	return !strcmp(own_if(rule, dir)->name, "lo") &&
	       !own_if(rule, dir)->negate;
}

static bool never_lo(const struct flat_rule *rule, int dir)
{
	const struct flat_if *i = own_if(rule, dir);

	return i->name[0] && (!strcmp(i->name, "lo") ? i->negate : !i->negate);
}

/* Families whose loopback traffic the list lets through in any case. */
static u8 lets_lo(struct build *b, int dir)
{
	const struct side *side = &b->side[dir];
	u8 open = FLAT_FAMILIES & ~side->spoken, cut = 0;
	size_t i, f;

	for (i = 0; i < b->flat->n_list[dir]; i++) {
		struct flat_rule *rule = b->flat->list[dir][i];
		struct flat_rule bare = *rule;

		if (never_lo(rule, dir))
			continue;
		bare.iif.name[0] = '\0';
		bare.oif.name[0] = '\0';
		if (denies(rule))
			cut |= rule->families & ~open;
		else if (flat_is_plain(&bare))
			open |= rule->families & ~cut;
	}
	for (f = 0; f < ARRAY_SIZE(family_bits); f++)
		if (side->policy[f] == SFW_ACTION_ALLOW)
			open |= family_bits[f] & ~cut;
	return open;
}

/* The document is about one family: loopback of the other stays as it is. */
static void keep_other_lo(struct build *b)
{
	struct flat *flat = b->flat;
	u8 other;
	int dir;

	other = FLAT_FAMILIES & ~(b->side[0].spoken | b->side[1].spoken);
	for (dir = 0; dir < 2 && other && !flat->complete; dir++) {
		struct flat_rule *rule = flat_rule_new(other, "lo", NULL);
		struct flat_if *i = dir == SFW_DIRECTION_IN ? &rule->iif :
							      &rule->oif;

		memcpy(i->name, "lo", 3);
		rule->verdict = FLAT_ACCEPT;
		flat_push(flat, dir, rule);
	}
}

static void take_loopback(struct build *b)
{
	struct flat *flat = b->flat;
	struct sfw_options *opt = &flat->imp->rs->options;
	int dir;
	size_t i;

	if ((lets_lo(b, SFW_DIRECTION_IN) & lets_lo(b, SFW_DIRECTION_OUT)) !=
	    FLAT_FAMILIES) {
		opt->loopback_filter = true;
		opt->named |= SFW_OPT_LOOPBACK;
		keep_other_lo(b);
		return;
	}
	for (dir = 0; dir < 2; dir++)
		for (i = 0; i < flat->n_list[dir]; i++)
			if (only_lo(flat->list[dir][i], dir))
				drop_at(flat, dir, i--);
}

/* --- the rule set -------------------------------------------------------- */

/* A list too long to stand in a rule becomes a set. */
static void name_list(struct flat *flat, struct sfw_list **field)
{
	struct sfw_list *list = *field, *set;
	struct ruleset *rs = flat->imp->rs;
	char name[SFW_SET_NAME_MAX + 1];
	size_t n = rs->n_sets;
	u32 i;

	if (!list)
		return;
	if (list->name[0]) {
		if (!ruleset_find_set(rs, list->name) &&
		    ruleset_add_set(rs, sfw_list_get(list)))
			xalloc_fail();
		return;
	}
	if (list->n_elem <= SFW_LIST_ANON_MAX)
		return;
	do
		snprintf(name, sizeof(name), "list%zu", ++n);
	while (ruleset_find_set(rs, name));
	set = sfw_list_new(name);
	if (!set)
		xalloc_fail();
	for (i = 0; i < list->n_elem; i++) {
		const struct sfw_elem *e = &list->elem[i];

		if (!e->family ?
		    sfw_list_add_port(set, e->first.lo, e->last.lo) :
		    e->kind == SFW_ELEM_PREFIX ?
		    sfw_list_add_prefix(set, e->family, &e->first,
					e->prefix_len) :
		    sfw_list_add_range(set, e->family, &e->first, &e->last))
			xalloc_fail();
	}
	if (sfw_list_compile(set) || ruleset_add_set(rs, sfw_list_get(set)))
		xalloc_fail();
	sfw_list_put(list);
	*field = set;
}

/* The rule is about fewer families than its lists: false, about none. */
static bool narrow(struct sfw_rule *rule, u8 families)
{
	struct sfw_list **field = rule->from ? &rule->from : &rule->to;
	struct sfw_list *list;

	if (!(rule->families & ~families))
		return rule->families;
	if (!(rule->families & families))
		return false;
	if (*field) {
		list = listops_family(*field, families & SFW_FAMILY_4 ?
				      AF_INET : AF_INET6);
		sfw_list_put(*field);
	} else {
		list = import_everything(families);
		if (rule->direction == SFW_DIRECTION_IN)
			field = &rule->from;
	}
	*field = list;
	return true;
}

static void add_rule(struct build *b, int dir, struct flat_rule *flat_rule)
{
	static const u8 actions[] = {
		[FLAT_ACCEPT] = SFW_ACTION_ALLOW,
		[FLAT_DROP] = SFW_ACTION_DENY,
		[FLAT_REJECT] = SFW_ACTION_REJECT,
	};
	const struct flat_if *interface = own_if(flat_rule, dir);
	struct ruleset_rule *rule = xcalloc(1, sizeof(*rule));
	struct sfw_rule *r = &rule->rule;
	const char *why;

	*r = flat_rule->match;
	memset(&flat_rule->match, 0, sizeof(flat_rule->match));
	r->direction = dir;
	r->number = 1;
	r->action = actions[flat_rule->verdict];
	if (r->action != SFW_ACTION_ALLOW && r->flags & SFW_RULE_F_LIMIT) {
		flat_refuse(b->flat, flat_rule,
			    "it denies up to a rate; limits are for allow rules here");
		ruleset_rule_free(rule);
		return;
	}
	if (interface->name[0]) {
		if (sfw_rule_set_ifname(r, interface->name)) {
			flat_refuse(b->flat, flat_rule, "no interface can be called '%s' in a rule",
				    interface->name);
			ruleset_rule_free(rule);
			return;
		}
		if (interface->negate)
			r->flags |= SFW_RULE_F_NOT_IFNAME;
	}
	why = sfw_rule_check(r);
	if (!why && narrow(r, flat_rule->families)) {
		name_list(b->flat, &r->from);
		name_list(b->flat, &r->to);
		name_list(b->flat, &r->from_port);
		name_list(b->flat, &r->to_port);
		if (!import_add(b->flat->imp, rule, &why))
			flat_refuse(b->flat, flat_rule, "%s", why);
		return;
	}
	if (why)
		flat_refuse(b->flat, flat_rule, "%s", why);
	ruleset_rule_free(rule);
}

/* The default, and a last rule for a family that has another one. */
static void take_policy(struct build *b, int dir)
{
	struct side *side = &b->side[dir];
	struct ruleset *rs = b->flat->imp->rs;
	size_t f, main = side->spoken & SFW_FAMILY_4 ||
			 !side->spoken ? 0 : 1;

	rs->def[dir].action = side->policy[main];
	for (f = 0; f < ARRAY_SIZE(family_bits); f++) {
		struct flat_rule *rule;

		if (side->policy[f] == side->policy[main] ||
		    (!(side->spoken & family_bits[f]) && !b->flat->complete))
			continue;
		rule = flat_rule_new(family_bits[f], "policy", NULL);
		rule->verdict = side->policy[f] == SFW_ACTION_ALLOW ?
				FLAT_ACCEPT : FLAT_DROP;
		rule->match.comment = xasprintf("policy of IPv%s",
						f ? "6" : "4");
		add_rule(b, dir, rule);
		flat_rule_free(rule);
	}
}

/*
 * Where this host's addresses are known: rules for it, then rules and policy
 * for what it forwards, in one list.
 */
static void join_forwarded(struct build *b)
{
	struct flat *flat = b->flat;
	const struct side *in = &b->side[SFW_DIRECTION_IN];
	struct side *side = &b->side[FLAT_FORWARDED];
	struct flat_rule *last;
	size_t i, f;
	u8 decided;

	if (!flat->imp->local || b->arrive)
		return;
	decided = all_decided(b, FLAT_FORWARDED);
	for (f = 0; f < ARRAY_SIZE(family_bits); f++) {
		if (!(side->spoken & ~decided & family_bits[f]) ||
		    side->policy[f] == in->policy[f])
			continue;
		last = flat_rule_new(family_bits[f], "policy", NULL);
		last->verdict = side->policy[f] == SFW_ACTION_ALLOW ?
				FLAT_ACCEPT : FLAT_DROP;
		last->match.comment = xstrdup("what is forwarded");
		flat_push(flat, FLAT_FORWARDED, last);
	}
	divide(flat, SFW_DIRECTION_IN);
	divide(flat, FLAT_FORWARDED);
	for (i = 0; i < flat->n_list[FLAT_FORWARDED]; i++)
		flat_push(flat, SFW_DIRECTION_IN,
			  flat->list[FLAT_FORWARDED][i]);
	flat->n_list[FLAT_FORWARDED] = 0;
}

void flat_build(struct flat *flat)
{
	struct build b = { .flat = flat };
	size_t i;
	int dir;

	for (dir = 0; dir < FLAT_LISTS; dir++) {
		b.side[dir].policy[0] = SFW_ACTION_ALLOW;
		b.side[dir].policy[1] = SFW_ACTION_ALLOW;
	}
	take_chains(&b);
	check_interfaces(&b);
	merge_logs(&b);
	take_connections(&b);
	take_loopback(&b);
	join_forwarded(&b);
	for (dir = 0; dir < 2; dir++) {
		for (i = 0; i < flat->n_list[dir]; i++)
			add_rule(&b, dir, flat->list[dir][i]);
		take_policy(&b, dir);
		if (!import_number(flat->imp, dir))
			import_error(flat->imp, xstrdup("document"),
				     "there are more rules than numbers");
	}
}
