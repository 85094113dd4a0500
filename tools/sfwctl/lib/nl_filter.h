/* SPDX-License-Identifier: GPL-2.0 */
/*
 * FILTER words: which connections are meant.
 */
#ifndef _SFWCTL_NL_FILTER_H
#define _SFWCTL_NL_FILTER_H

#include <libmnl/libmnl.h>
#include "out.h"
#include "ruleset.h"

struct nl_filter {
	u32 given;		/* bit per word; 0 is no filter at all */
	u8 direction;
	u8 protocol;
	u8 state;
	u8 rule_direction;
	u32 rule_number;	/* 0: the default */
	struct sfw_elem src, dst, addr;
	struct sfw_elem sport, dport, port;
	const char *ifname;
};

/* Says what is wrong; RC_OK or RC_USAGE. argv has to outlive the filter. */
enum rc nl_filter_parse(struct nl_filter *filter, int argc, char **argv);
/* SFW_A_FILTER, nothing for no filter. */
bool nl_filter_put(struct nlmsghdr *nlh, size_t size,
		   const struct nl_filter *filter);

#endif /* _SFWCTL_NL_FILTER_H */
