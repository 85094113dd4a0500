/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What is wrong with a rule set: section 3 of the language.
 *
 * check.c		all of it in order, and what the parts share
 * check_order.c	shadowed, redundant, never-matches, correlated
 * check_return.c	missing-return, orphan-return, mode-change
 * check_open.c		wide-open, family-gap, icmp-basics
 * check_host.c		exposed-listener, lock-out, table-size, interfaces
 */
#ifndef _SFWCTL_CHECK_H
#define _SFWCTL_CHECK_H

#include "finding.h"
#include "reach.h"
#include "missing.h"

struct check {
	const struct ruleset *rs;
	struct space *space;
	struct reach *reach;
	struct findings *out;
	u8 mode;		/* that the rules are meant for */
	struct explain_ports ports;
	bool mode_change;	/* a set written for the other mode */
	bool forwarded;		/* nothing that comes in is for this host */
	/* Numbers of proposed lines, so that all of them can be added. */
	struct numbers numbers;
};

/* What does not depend on this host. */
void check_ruleset(const struct ruleset *rs, u8 mode, bool forwarded,
		   const struct explain_ports *ports, struct findings *out);

/* What does; after the other. */
void check_host(const struct ruleset *rs, u8 mode, bool forwarded,
		struct findings *out);
/* Of these, the listening sockets alone. */
void check_listeners(const struct ruleset *rs, struct findings *out);

void check_order(struct check *check);
void check_return(struct check *check);
void check_open(struct check *check);

/* A rule of the set, NULL for the default. */
const struct ruleset_rule *check_rule(const struct check *check, u8 direction,
				      size_t index);
/* A finding about a rule or a default. */
struct finding *check_add(struct check *check, const char *code,
			  enum finding_severity severity, u8 direction,
			  size_t index, char *message);
/* The analysis stopped at a bound; what names what is not known. */
void check_not_analysed(struct check *check, enum finding_severity severity,
			u8 direction, size_t index, const char *what);
/* "FILE:LINE: in 100 allow tcp", "in *, the default: deny"; fresh memory. */
char *check_rule_place(const struct check *check, u8 direction, size_t index);
/* Adds a witness to a finding, and a line with it. */
void check_witness(struct check *check, struct finding *f, const char *label,
		   const struct box *box, u8 direction);

#endif /* _SFWCTL_CHECK_H */
