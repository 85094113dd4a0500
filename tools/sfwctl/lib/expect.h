/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Files of expectations:
 *
 *	expect allow|deny|reject PACKET
 *
 * one to a line, # starts a comment. deny is met by reject as well.
 */
#ifndef _SFWCTL_EXPECT_H
#define _SFWCTL_EXPECT_H

#include "packet_text.h"
#include "subject.h"

struct expect {
	struct packet_text packet;
	u8 action;
	unsigned int line;
	char *file;
	bool met;			/* from here on after expect_try() */
	struct nl_explanation answer;
};

struct expect_file {
	struct expect **expect;
	size_t n, cap;
	size_t n_failed;
};

/* "-" is standard input. Says what is wrong with it; RC_OK or RC_USAGE. */
enum rc expect_read(struct expect_file *file, const char *path);
void expect_free(struct expect_file *file);

/* All of them, in the mode of the set. RC_OK, RC_NO if one is not met. */
enum rc expect_try(struct expect_file *file, struct subject *subject);

/* TAP, or the object of -j. */
void expect_show(const struct expect_file *file, const struct ruleset *rs);
/* Those that are not met, on standard error. */
void expect_report(const struct expect_file *file, const struct ruleset *rs);

#endif /* _SFWCTL_EXPECT_H */
