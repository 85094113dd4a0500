/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A rule set in user space: what the parser makes of a file, what comes back
 * from the kernel, what is printed and sent. The rules and lists are the
 * kernel's own structures (kmod/rule.h, kmod/list.h).
 */
#ifndef _SFWCTL_RULESET_H
#define _SFWCTL_RULESET_H

#include <classify.h>
#include <option.h>
#include <rule.h>

struct counters {
	u64 packets;
	u64 bytes;
	u64 connections;
	u64 last_hit_ms;	/* milliseconds ago, valid if hit */
	bool hit;
	bool has_live;
	u32 live;		/* connections there are, valid if has_live */
};

/* rule.rule is first, so that a struct sfw_rule * of ours is one of these. */
struct ruleset_rule {
	struct sfw_rule rule;
	struct counters counters;
	char *file;		/* where it was written, NULL from the kernel */
	unsigned int line;
	char *text;		/* the line as written, without its newline */
	char *ignore;		/* codes of # sfw:ignore, blank separated */
};

/* Where a default was written; all zero from the kernel, or if it was not. */
struct ruleset_place {
	char *file;
	unsigned int line;
	char *text;		/* as of a rule */
	char *ignore;
};

struct ruleset_default {
	u8 action;		/* enum sfw_action; deny unless the file says */
	bool log;
	struct counters counters;
};

struct ruleset {
	u8 mode;		/* enum sfw_mode; stateful unless the file says */
	bool audit;
	u32 generation;		/* from the kernel, else 0 */
	struct ruleset_default def[2];	/* by enum sfw_direction */
	struct ruleset_place def_at[2];
	struct sfw_options options;
	struct sfw_list **sets;	/* in the order they were written */
	size_t n_sets;
	struct ruleset_rule **rules[2];	/* by direction, ascending number */
	size_t n_rules[2];
};

struct ruleset *ruleset_new(void);	/* defaults filled in; NULL no memory */
void ruleset_free(struct ruleset *rs);

/* Append; takes ownership (of one reference). 0 or -ENOMEM. */
int ruleset_add_set(struct ruleset *rs, struct sfw_list *set);
int ruleset_add_rule(struct ruleset *rs, struct ruleset_rule *rule);
void ruleset_rule_free(struct ruleset_rule *rule);

/* NULL if there is none. Rules are found once they are sorted. */
struct sfw_list *ruleset_find_set(const struct ruleset *rs, const char *name);
struct ruleset_rule *ruleset_find_rule(const struct ruleset *rs, u8 direction,
				       u32 number);
/* Sort rules by number; call once after the last ruleset_add_rule(). */
void ruleset_sort(struct ruleset *rs);

#endif /* _SFWCTL_RULESET_H */
