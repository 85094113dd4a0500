/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Netlink attributes to events.
 */
#ifndef _SFWCTL_NL_EVENT_H
#define _SFWCTL_NL_EVENT_H

#include "nl_decode.h"
#include "nl_filter.h"

enum nl_event_kind {
	NL_EVENT_DROP,
	NL_EVENT_CONN_NEW,
	NL_EVENT_CONN_END,
	NL_EVENT_CHANGE,
	NL_EVENT_LOST,
};

/* A packet that was dropped. */
struct nl_packet {
	struct sfw_addr src;
	struct sfw_addr dst;
	u32 length;
	u32 rule_number;	/* valid if has_rule; 0: the default */
	u16 sport;		/* valid if has_ports */
	u16 dport;
	u16 icmp_id;		/* valid if has_icmp_id */
	u8 icmp_type;		/* valid if has_icmp */
	u8 icmp_code;
	u8 tcp_flags;		/* valid if has_flags */
	u8 family;		/* 0: not even an IP header could be read */
	u8 protocol;
	u8 direction;
	u8 reason;
	u8 action;
	u8 rule_direction;
	bool audit;		/* it passed all the same */
	bool has_rule;
	bool has_ports;
	bool has_icmp;
	bool has_icmp_id;
	bool has_flags;
	char ifname[SFW_IFNAME_MAX + 1];	/* empty if unknown */
};

struct nl_event {
	enum nl_event_kind kind;
	u32 seq;		/* counts events of the group */
	u64 time_ns;		/* since 1970 */
	u32 generation;
	struct nl_packet packet;	/* of a drop */
	struct nl_conn conn;		/* of a connection */
	u8 end;			/* enum sfw_end, of a connection's end */
	u8 change;		/* enum sfw_change, of a change: */
	bool loaded;		/* there is a rule set; else no more */
	u8 mode;
	bool audit;
	u32 portid;		/* 0: the kernel did it by itself */
	u32 rules[2];
	u32 confirm_ms;
	u8 group;		/* of what is lost, enum sfw_group */
	u64 lost;
};

/* 0, -EBADMSG, or -ENOMSG: none that this sfwctl knows. */
int nl_get_event(const struct nlmsghdr *nlh, struct nl_event *event);

/* The group that an event came by, enum sfw_group. */
u8 nl_event_group(const struct nl_event *event);
/* What filters ask about a drop or a connection; false for other events. */
bool nl_event_subject(const struct nl_event *event,
		      struct nl_subject *subject);

#endif /* _SFWCTL_NL_EVENT_H */
