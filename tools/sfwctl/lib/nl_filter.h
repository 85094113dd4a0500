/* SPDX-License-Identifier: GPL-2.0 */
/*
 * FILTER words: which connections, or events, are meant.
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
	u8 reason;
	u8 rule_direction;
	u32 rule_number;	/* 0: the default */
	struct sfw_elem src, dst, addr;
	struct sfw_elem sport, dport, port;
	const char *ifname;
};

/* What a filter can be asked about, whatever it is. */
struct nl_subject {
	struct sfw_addr src, dst;
	u32 rule_number;
	u16 sport, dport;	/* valid if has_ports */
	u8 family;		/* 0: what it was could not be read */
	u8 protocol;
	u8 direction;
	u8 state;		/* valid if has_state */
	u8 reason;		/* valid if has_reason */
	u8 rule_direction;	/* valid if has_rule */
	bool has_ports, has_state, has_reason, has_rule;
	const char *ifname;
};

/* Says what is wrong; RC_OK or RC_USAGE. argv has to outlive the filter. */
enum rc nl_filter_parse(struct nl_filter *filter, int argc, char **argv);
/* Does it ask for what no connection has, the reason of a drop? */
bool nl_filter_no_conn(const struct nl_filter *filter);
/* Do all words hold? What a subject does not have is no match. */
bool nl_filter_match(const struct nl_filter *filter,
		     const struct nl_subject *subject);
/* SFW_A_FILTER, nothing for no filter. */
bool nl_filter_put(struct nlmsghdr *nlh, size_t size,
		   const struct nl_filter *filter);

#endif /* _SFWCTL_NL_FILTER_H */
