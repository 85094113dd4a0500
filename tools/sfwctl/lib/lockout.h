/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Would a rule set cut the ssh session in which sfwctl runs?
 */
#ifndef _SFWCTL_LOCKOUT_H
#define _SFWCTL_LOCKOUT_H

#include "nl.h"
#include "ruleset.h"
#include "session.h"

/* The option that says: I know. */
#define LOCKOUT_OPTION	"--allow-lockout"
#define LOCKOUT_HELP \
"  " LOCKOUT_OPTION "\n" \
"              do it even if it cuts the ssh session it is done in\n"

/* What the kernel knows of the session. */
enum lockout_track {
	LOCKOUT_UNKNOWN,	/* nothing: its next packet begins a connection */
	LOCKOUT_TRACKED,	/* a connection that the client began */
	LOCKOUT_TRACKED_BACK,	/* one that a packet of this host began */
};

/* Which packet of the session would be dropped, and by what. */
struct lockout {
	const struct sfw_rule *rule;	/* NULL: the default of direction */
	u8 direction;
	bool from_client;
	bool fresh;		/* the session goes on, the next is not let in */
	const char *why;	/* if it is not the rule's action */
};

/* One change of the running set; what is NULL, negative or 0 does not change. */
struct lockout_change {
	const struct sfw_rule *add;
	int direction;		/* of the rule that is deleted or moved */
	u32 number;
	u32 to;			/* 0: it is deleted */
	int mode;
	int audit;
};

#define LOCKOUT_NO_CHANGE	{ .direction = -1, .mode = -1, .audit = -1 }

/*
 * Judges the packets of the session by a whole set: the lists as the kernel
 * reads them. True if one is dropped, and found says which.
 */
bool lockout_judge(const struct ruleset *rs, const struct session *session,
		   enum lockout_track track, struct lockout *found);

/*
 * RC_OK if there is no session here or if it survives the set, or the change
 * of the running one; else they say what is wrong, and how to insist.
 */
enum rc lockout_check_set(struct nl *nl, const struct ruleset *rs);
enum rc lockout_check_change(struct nl *nl,
			     const struct lockout_change *change);

#endif /* _SFWCTL_LOCKOUT_H */
