/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Rules of iptables and nft in one form, and the way from chains of them to
 * one list per direction.
 *
 * flat.c	chains, and the conjunction of a jump with what it leads to
 * flat_list.c	the lists: log lines, connections, loopback; the rule set
 */
#ifndef _SFWCTL_FLAT_H
#define _SFWCTL_FLAT_H

#include "import.h"

/* States of nf_conntrack a rule is about; all of them if it names none. */
#define FLAT_NEW		BIT(0)
#define FLAT_ESTABLISHED	BIT(1)
#define FLAT_RELATED		BIT(2)
#define FLAT_INVALID		BIT(3)
#define FLAT_UNTRACKED		BIT(4)
#define FLAT_CT_ALL		(BIT(5) - 1)

#define FLAT_FAMILIES		(SFW_FAMILY_4 | SFW_FAMILY_6)

enum flat_verdict {
	FLAT_CONTINUE,		/* a rule that logs, or does nothing */
	FLAT_ACCEPT,
	FLAT_DROP,
	FLAT_REJECT,
	FLAT_RETURN,
	FLAT_JUMP,
	FLAT_GOTO,
};

enum flat_hook {
	FLAT_INPUT,
	FLAT_FORWARD,
	FLAT_OUTPUT,
	FLAT_ARRIVE,		/* prerouting: input and forward */
	FLAT_HOOKS,
	FLAT_NO_HOOK = FLAT_HOOKS,
};

/* An interface, with * at the end for all that begin so; empty: any. */
struct flat_if {
	char name[SFW_IFNAME_MAX + 2];
	bool negate;
};

/* What is forwarded has a list of its own until the rule set is made. */
#define FLAT_FORWARDED	2
#define FLAT_LISTS	3

struct flat_rule {
	struct sfw_rule match;	/* clauses but for direction and interface */
	struct flat_if iif, oif;
	u8 families;		/* SFW_FAMILY_* */
	u8 ct;			/* FLAT_* states */
	bool never;		/* matches nothing */
	bool not_syn;		/* and is TCP that does not begin with a SYN */
	enum flat_verdict verdict;
	char *target;		/* of a jump */
	char *where, *source;
};

struct flat_chain {
	char *name;
	enum flat_hook hook;
	u8 families;
	u8 policy;		/* enum sfw_action */
	struct flat_rule **rules;
	size_t n_rules, cap_rules;
	bool active;		/* being flattened */
};

struct flat {
	struct import *imp;
	bool complete;		/* families without a chain are let through */
	struct flat_chain **chains;
	size_t n_chains, cap_chains;
	/* The lists, by direction and FLAT_FORWARDED; rules in them are copies. */
	struct flat_rule **list[FLAT_LISTS];
	size_t n_list[FLAT_LISTS], cap_list[FLAT_LISTS];
};

/* A chain of that name; NULL if there is none, or made if make is set. */
struct flat_chain *flat_chain(struct flat *flat, const char *name, bool make);
/* A rule that matches everything and does nothing yet; not in a chain. */
struct flat_rule *flat_rule_new(u8 families, const char *where,
				const char *source);
struct flat_rule *flat_rule_copy(const struct flat_rule *rule);
void flat_rule_free(struct flat_rule *rule);
/* Takes the rule. */
void flat_append(struct flat_chain *chain, struct flat_rule *rule);
/* One more condition; takes the reference. False: it was empty, never. */
void flat_and_list(struct flat_rule *rule, struct sfw_list **field,
		   u32 not_flag, struct sfw_list *list, bool negate);
/* One protocol more that it has to be. */
void flat_and_protocol(struct flat_rule *rule, u8 protocol);
/* NULL, or why both cannot be said at once. */
const char *flat_and_if(struct flat_rule *rule, struct flat_if *own,
			const struct flat_if *other);
const char *flat_and_flags(struct flat_rule *rule, u8 mask, u8 set);
/* No conditions but those on conntrack state and family? */
bool flat_is_plain(const struct flat_rule *rule);
/* The same clauses, state and families aside. */
bool flat_same_clauses(const struct flat_rule *a, const struct flat_rule *b);
/* A refusal in the name of the rule. */
void flat_refuse(struct flat *flat, const struct flat_rule *rule,
		 const char *fmt, ...) __printf(3, 4);
/* All rules of a chain with a hook onto a list. */
void flat_chain_rules(struct flat *flat, struct flat_chain *chain, u8 list);
/* The rule at the end of a list, which takes it; freed if it never matches. */
void flat_push(struct flat *flat, u8 list, struct flat_rule *rule);

/* The rule set of all chains, into flat->imp->rs. */
void flat_build(struct flat *flat);
void flat_free(struct flat *flat);

#endif /* _SFWCTL_FLAT_H */
