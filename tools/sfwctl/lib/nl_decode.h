/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Netlink attributes to rule sets, connections and figures.
 */
#ifndef _SFWCTL_NL_DECODE_H
#define _SFWCTL_NL_DECODE_H

#include <libmnl/libmnl.h>
#include "ruleset.h"

struct nl_stats {
	u64 packets;
	u64 allowed;
	u64 dropped;
	u64 drop[2][SFW_REASON_MAX + 1];	/* by direction and reason */
	u32 entries;
	u32 max;
	u64 created;
	u64 evicted;
	u64 refused;
	u64 expired;
	u64 events_lost;
};

/* What came of a staged set so far. */
struct nl_staging {
	bool staged;		/* there is one */
	u8 mode;
	u32 rules[2];		/* by direction */
	u64 age_ms;
	u64 judged;		/* packets that both sets judged */
	u64 opened;		/* dropped, and it would let them pass */
	u64 closed;		/* the other way round */
};

/* What rules were compiled to, as struct sfw_classify_bound has it. */
struct nl_compiled {
	u32 steps;
	u32 tests;
	u32 long_leaves;
	u32 changes;
	u64 bytes;
};

struct nl_status {
	bool loaded;		/* there is a rule set; else figures only */
	u8 mode;
	bool audit;
	u32 generation;
	u64 age_ms;
	u32 rules[2];		/* by direction */
	struct nl_compiled compiled[2];
	struct ruleset_default def[2];
	struct sfw_options options;	/* those named */
	struct sfw_options effective;	/* all, as they are in force */
	struct nl_stats stats;
	u32 confirm_ms;		/* left to confirm the last commit, else 0 */
	u32 reverted;		/* generation that was not confirmed, or 0 */
	bool has_rollback;
	u32 rollback_generation;	/* that rollback brings back, 0: none */
	struct nl_staging staging;
};

struct nl_conn {
	struct sfw_addr src;
	struct sfw_addr dst;
	u64 packets;
	u64 bytes;
	u64 reply_packets;
	u64 reply_bytes;
	u64 expires_ms;
	u32 rule_number;	/* 0: the default of the direction */
	u32 tunnel_id[2];
	u16 sport;		/* valid if has_ports */
	u16 dport;
	u16 icmp_id;		/* valid if has_icmp */
	u8 icmp_type;
	u8 family;
	u8 protocol;
	u8 direction;
	u8 state;
	u8 rule_direction;
	bool has_ports;
	bool has_icmp;
	bool has_tunnel_id[2];	/* of the originator, of the responder */
	bool replied;
	char ifname[SFW_IFNAME_MAX + 1];	/* empty if unknown */
};

/*
 * Whole messages. Lengths and types of all attributes are checked; unknown
 * ones are passed over. 0, -EBADMSG or -ENOMEM.
 */
int nl_get_status(const struct nlmsghdr *nlh, struct nl_status *status);
int nl_get_conn(const struct nlmsghdr *nlh, struct nl_conn *conn);
/* SFW_A_CONN; it may be missing (NULL), which is -EBADMSG. */
int nl_get_conn_nest(const struct nlattr *nest, struct nl_conn *conn);
int nl_get_generation(const struct nlmsghdr *nlh, u32 *generation);
int nl_get_count(const struct nlmsghdr *nlh, u64 *count);
/* Append what the message holds; sets have to be complete before rules. */
int nl_get_sets(const struct nlmsghdr *nlh, struct ruleset *rs);
int nl_get_rules(const struct nlmsghdr *nlh, struct ruleset *rs);

#endif /* _SFWCTL_NL_DECODE_H */
