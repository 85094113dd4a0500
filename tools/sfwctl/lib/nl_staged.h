/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The staged rule set, and what it would have decided otherwise.
 */
#ifndef _SFWCTL_NL_STAGED_H
#define _SFWCTL_NL_STAGED_H

#include <jansson.h>

#include "nl_query.h"

/* The last packets that it would have judged otherwise, the latest first. */
struct nl_witness {
	struct sfw_packet pkt;
	char ifname[SFW_IFNAME_MAX + 1];
	u64 age_ms;
	u32 rule;		/* that decided, valid unless known; 0: default */
	u32 staged_rule;	/* that would have */
	u8 action;
	u8 staged_action;
	bool known;		/* its connection decided */
};

/* More than the kernel keeps. */
#define NL_WITNESSES	16

struct nl_witnesses {
	struct nl_witness list[NL_WITNESSES];
	size_t n;
};

/* SFW_A_STAGING; without it nothing is staged. 0 or -EBADMSG. */
int nl_get_staging(const struct nlattr *nest, struct nl_staging *staging);

/*
 * Rules, sets and figures of the staged set; *rs is NULL if there is none.
 * Says why it fails and returns the exit code.
 */
enum rc nl_query_staged(struct nl *nl, struct nl_status *status,
			struct nl_witnesses *witnesses, struct ruleset **rs);

/* "in tcp 1.2.3.4:5 > 1.3.3.7:80: denied by in *, in 100 would allow it" */
char *nl_witness_text(const struct nl_witness *witness);
json_t *nl_witness_json(const struct nl_witness *witness);
/* null, or what status has about it */
json_t *nl_staging_json(const struct nl_staging *staging);

#endif /* _SFWCTL_NL_STAGED_H */
