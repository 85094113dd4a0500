/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What happens to a packet, and why.
 */
#ifndef _SFW_JUDGE_H
#define _SFW_JUDGE_H

#include "packet.h"

struct sfw_conn;
struct sfw_net;
struct sfw_ruleset;

/**
 * struct sfw_verdict - what happens to a packet
 * @action: enum sfw_action
 * @reason: enum sfw_reason, if it is not allowed
 * @known: it belongs to a connection, or the list was not asked for another
 *	reason
 * @index: of the rule that decided, SFW_CLASSIFY_NONE for the default; valid
 *	unless @known
 * @listed: a list was read, and said so by the rule below
 * @direction: enum sfw_direction, of that list
 * @ask: it may not go on as it is, but as a question with the numbers that are
 *	in the packet's tcp by now; see ask.c
 * @number: of the rule, 0 for the default
 *
 * Of a packet of a known connection the rule is there only while somebody
 * traces. Two registers hold all of it.
 */
struct sfw_verdict {
	u8 action;
	u8 reason;
	bool known;
	bool listed;
	u8 direction;
	bool ask;
	u32 index;
	u32 number;
};

/**
 * struct sfw_question - a packet and what the hook found out about it
 * @pkt: the packet
 * @quote: for ICMP errors the packet they quote, NULL if it is unreadable
 * @bad_checksum: its transport checksum is wrong
 * @looped: it was judged on its way out to this same host
 */
struct sfw_question {
	struct sfw_packet *pkt;
	const struct sfw_packet *quote;
	bool bad_checksum;
	bool looped;
};

struct sfw_verdict sfw_judge_packet(struct sfw_net *sn,
				    const struct sfw_ruleset *rs,
				    const struct sfw_question *q);
u32 sfw_judge_first_match(const struct sfw_ruleset *rs,
			  const struct sfw_packet *pkt, bool *limited);
u32 sfw_judge_index(struct sfw_net *sn, const struct sfw_ruleset *rs,
		    const struct sfw_conn *conn);
struct sfw_verdict sfw_judge_malformed(struct sfw_net *sn, u8 direction);

#endif /* _SFW_JUDGE_H */
