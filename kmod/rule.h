/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One rule: what it matches and what it says. Pure.
 */
#ifndef _SFW_RULE_H
#define _SFW_RULE_H

#include "list.h"

/* Clauses present and switches of a rule. */
#define SFW_RULE_F_PROTOCOL	BIT(0)	/* else any */
#define SFW_RULE_F_NOT_FROM	BIT(1)
#define SFW_RULE_F_NOT_FROM_PORT BIT(2)
#define SFW_RULE_F_NOT_TO	BIT(3)
#define SFW_RULE_F_NOT_TO_PORT	BIT(4)
#define SFW_RULE_F_IFNAME	BIT(5)
#define SFW_RULE_F_NOT_IFNAME	BIT(6)
#define SFW_RULE_F_ICMP_TYPE	BIT(7)
#define SFW_RULE_F_ICMP_CODE	BIT(8)
#define SFW_RULE_F_TCP_FLAGS	BIT(9)	/* tcp_mask / tcp_set */
#define SFW_RULE_F_ESTABLISHED	BIT(10)	/* ACK or RST set */
#define SFW_RULE_F_LOG		BIT(11)
#define SFW_RULE_F_LOG_RATE	BIT(12)
#define SFW_RULE_F_LIMIT	BIT(13)
#define SFW_RULE_F_NO_STATE	BIT(14)
#define SFW_RULE_F_RETURN	BIT(15)

/* Families a rule can match. */
#define SFW_FAMILY_4		BIT(0)
#define SFW_FAMILY_6		BIT(1)

/* Burst of a rate that names none. */
#define SFW_RATE_BURST_DEFAULT	5

/**
 * struct sfw_rate - so many per unit
 * @count: events per unit, at least 1
 * @burst: events at once, at least 1; 0 was not written, the default holds
 * @unit: enum sfw_rate_unit
 */
struct sfw_rate {
	u32 count;
	u32 burst;
	u8 unit;
};

/**
 * struct sfw_rule - one rule
 * @number: 1..SFW_RULE_NUMBER_MAX, identity and order in its direction
 * @flags: SFW_RULE_F_*
 * @direction: enum sfw_direction
 * @action: enum sfw_action
 * @protocol: valid with SFW_RULE_F_PROTOCOL
 * @families: SFW_FAMILY_*, computed by sfw_rule_check()
 * @icmp_type: valid with SFW_RULE_F_ICMP_TYPE
 * @icmp_code: valid with SFW_RULE_F_ICMP_CODE
 * @tcp_mask: bits looked at, with SFW_RULE_F_TCP_FLAGS
 * @tcp_set: those of them that must be set
 * @ifname_len: characters of @ifname to compare; the NUL is one of them
 *	unless the name was written with * at the end
 * @from: addresses, NULL is any
 * @from_port: ports, NULL is any
 * @to: addresses, NULL is any
 * @to_port: ports, NULL is any
 * @ifname: interface as written, without the *
 * @limit: rate beyond which packets do not match
 * @log_rate: rate beyond which matches are not logged
 * @comment: text for people, NULL if none; owned by the rule
 */
struct sfw_rule {
	u32 number;
	u32 flags;
	u8 direction;
	u8 action;
	u8 protocol;
	u8 families;
	u8 icmp_type;
	u8 icmp_code;
	u8 tcp_mask;
	u8 tcp_set;
	u8 ifname_len;
	struct sfw_list *from;
	struct sfw_list *from_port;
	struct sfw_list *to;
	struct sfw_list *to_port;
	char ifname[SFW_IFNAME_MAX + 1];
	struct sfw_rate limit;
	struct sfw_rate log_rate;
	char *comment;
};

int sfw_rule_set_ifname(struct sfw_rule *rule, const char *name);
bool sfw_rule_ifname_is_wildcard(const struct sfw_rule *rule);
const char *sfw_rule_check(struct sfw_rule *rule);
void sfw_rule_destroy(struct sfw_rule *rule);
bool sfw_rule_match(const struct sfw_rule *rule, const struct sfw_packet *pkt);
bool sfw_rule_equal(const struct sfw_rule *a, const struct sfw_rule *b);

#endif /* _SFW_RULE_H */
