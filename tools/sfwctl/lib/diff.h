/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What two rule sets decide differently.
 */
#ifndef _SFWCTL_DIFF_H
#define _SFWCTL_DIFF_H

#include "reach.h"

/* Packets that the new set lets through and the old one does not, or so. */
struct diff_traffic {
	struct box box;
	bool both;		/* and the same of the other family */
	size_t was, now;	/* indexes of rules that decide the witness */
};

struct diff_side {
	struct diff_traffic *traffic;
	size_t n;
};

struct diff {
	struct space *space;
	struct reach *old, *new;
	struct diff_side allowed[2];	/* newly, by direction */
	struct diff_side denied[2];
};

/*
 * Keeps both sets. Boxes of one side cover all that is newly so, and nothing
 * else, with as few as were found. False: not analysed, too many pieces.
 */
bool diff_find(struct diff *diff, const struct ruleset *old,
	       const struct ruleset *new);
void diff_free(struct diff *diff);

#endif /* _SFWCTL_DIFF_H */
