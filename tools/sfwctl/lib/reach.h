/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which rule decides which packets: first match over sets of packets.
 */
#ifndef _SFWCTL_REACH_H
#define _SFWCTL_REACH_H

#include "space.h"

/* A rule set made ready; one per struct ruleset. */
struct reach;

/*
 * What one walk may cost, in looks at rules, and what all walks of a struct
 * reach may cost together.
 */
#define REACH_WALK_MAX		3000000UL
#define REACH_TOTAL_MAX		1500000000UL

/* Beyond a bound: nothing is known. */
#define REACH_TOO_MUCH		(-1)

/*
 * Packets whose first match among the rules looked at is rule index, or that
 * match none, then it is the end of them. Not 0: that is enough, and
 * reach_walk() returns it; positive.
 */
typedef int (*reach_cb)(const struct box *part, size_t index, void *data);

/*
 * Keeps both. NULL if the sets of the rules need too much room. The rules'
 * sets are made, and the space marked.
 */
struct reach *reach_new(struct space *space, const struct ruleset *rs);
void reach_free(struct reach *reach);

/*
 * Take the packets in box through the rules from..to-1 of a direction and hand
 * them to cb in disjoint parts. Rules with a limit let packets beyond the rate
 * go on: with pass_limits such a rule decides nothing (index is never that of
 * one), else it decides as if there was no limit.
 *
 * Returns 0, what cb returned, or REACH_TOO_MUCH.
 */
int reach_walk(struct reach *reach, u8 direction, const struct box *box,
	       size_t from, size_t to, bool pass_limits, reach_cb cb,
	       void *data);

/*
 * The packets in box that no rule before index "to" decides, or with
 * pass_limits decides for good; cb gets them in disjoint parts, with that
 * index. Cheaper than a walk: the order of those rules does not matter, and the
 * widest come first.
 */
int reach_left(struct reach *reach, u8 direction, const struct box *box,
	       size_t to, bool pass_limits, reach_cb cb, void *data);

typedef bool (*reach_keep)(const struct space *space, const struct box *box,
			   const void *data);

/*
 * Boxes that keep says no to are dropped, with all that would come of them,
 * until this is called with NULL. Of a part of a box it says no, too.
 */
void reach_prune(struct reach *reach, reach_keep keep, const void *data);

/*
 * Until reach_leave(), walks of this direction and family keep to packets in
 * box; they look at the rules that meet it only.
 */
void reach_enter(struct reach *reach, u8 direction, const struct box *box);
void reach_leave(struct reach *reach);
/* The rules there are in it, ascending; good until the next walk. */
const u32 *reach_inside(struct reach *reach, size_t *n);

/* What a rule matches; false if it matches nothing of the family. */
bool reach_rule(const struct reach *reach, u8 direction, size_t index,
		u8 family, struct box *box);
/* Action of a rule, or of the default behind the last one. */
u8 reach_action(const struct reach *reach, u8 direction, size_t index);
const struct ruleset *reach_ruleset(const struct reach *reach);
struct space *reach_space(const struct reach *reach);
/* "in:100", "in:*"; buf is of 20 bytes. */
#define REACH_NAME_MAX	20
void reach_name(const struct reach *reach, u8 direction, size_t index,
		char *buf);

#endif /* _SFWCTL_REACH_H */
