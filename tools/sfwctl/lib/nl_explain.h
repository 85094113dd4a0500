/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Asking the kernel what it does with a packet.
 */
#ifndef _SFWCTL_NL_EXPLAIN_H
#define _SFWCTL_NL_EXPLAIN_H

#include "explain.h"
#include "nl.h"
#include "nl_decode.h"

struct nl_explanation {
	u32 generation;			/* of the set that answered */
	struct explain_verdict verdict;
	bool has_conn;
	struct nl_conn conn;		/* that the packet belongs to */
};

/* 0 or a negative errno, as nl_talk(). */
int nl_explain(struct nl *nl, const struct sfw_packet *pkt, u8 mode,
	       struct nl_explanation *answer);

/* The answer in a message, for who has one; 0, -EBADMSG. */
int nl_get_explanation(const struct nlmsghdr *nlh,
		       struct nl_explanation *answer);

#endif /* _SFWCTL_NL_EXPLAIN_H */
