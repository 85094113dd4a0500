/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Netlink attributes to rules, sets, options and filters, and back.
 */
#ifndef _SFW_CODEC_H
#define _SFW_CODEC_H

#include <net/genetlink.h>

#include "generic.h"
#include "list.h"
#include "option.h"
#include "rule.h"
#include "saved.h"

struct sfw_classifier;
struct sfw_staged;

/* Most named sets of a rule set. */
#define SFW_SETS_MAX		65536

/*
 * Room that any one message about a rule, set or connection fits into. A dump
 * that could not put even one object into an empty skb sets min_dump_alloc to
 * this, sends what it has and goes on. It is what the kernel grants a reader
 * with a buffer of 32 KiB, as libmnl's MNL_SOCKET_DUMP_SIZE is.
 */
#define SFW_CODEC_DUMP_ALLOC	SKB_WITH_OVERHEAD(32768)

/**
 * struct sfw_sets - the named lists of a rule set, in the order given
 * @list: the lists, one reference each
 * @slot: hash of the names by open addressing: 1 + index into @list, 0 is
 *	free; 2 * @cap slots, so never more than half full
 * @seed: of the hash
 * @n: how many
 * @cap: room in @list, a power of two or 0
 *
 * All zeroes is a valid empty one. The last list is open for more elements
 * until it is compiled: by the next definition, by the first rule that names
 * it, or by sfw_codec_sets_finish().
 */
struct sfw_sets {
	struct sfw_list **list;
	u32 *slot;
	u32 seed;
	u32 n;
	u32 cap;
};

/**
 * struct sfw_counts - figures of a rule or default, summed over the CPUs
 * @packets: packets that matched, or of connections the rule made
 * @bytes: their bytes from the IP header on
 * @connections: connections made
 * @last_hit_ms: milliseconds ago, valid if @hit
 * @hit: there was a packet
 * @live: connections there are, valid if @has_live
 * @has_live: they were counted
 */
struct sfw_counts {
	u64 packets;
	u64 bytes;
	u64 connections;
	u64 last_hit_ms;
	bool hit;
	bool has_live;
	u32 live;
};

/* What conn-get, conn-count and conn-kill select by; absent parts match all. */
#define SFW_FILTER_F_DIRECTION	BIT(0)
#define SFW_FILTER_F_PROTOCOL	BIT(1)
#define SFW_FILTER_F_SRC	BIT(2)
#define SFW_FILTER_F_DST	BIT(3)
#define SFW_FILTER_F_ADDR	BIT(4)
#define SFW_FILTER_F_SPORT	BIT(5)
#define SFW_FILTER_F_DPORT	BIT(6)
#define SFW_FILTER_F_PORT	BIT(7)
#define SFW_FILTER_F_STATE	BIT(8)
#define SFW_FILTER_F_RULE	BIT(9)
#define SFW_FILTER_F_IFNAME	BIT(10)

struct sfw_filter {
	u32 flags;
	struct sfw_elem src, dst, addr;
	struct sfw_elem sport, dport, port;
	u32 rule_number;
	u8 rule_direction;
	u8 direction;
	u8 protocol;
	u8 state;
	char ifname[SFW_IFNAME_MAX + 1];
};

/* One connection as netlink shows it and filters judge it. */
struct sfw_conn_view {
	struct sfw_addr src, dst;
	u64 packets, bytes, reply_packets, reply_bytes;
	u64 expires_ms;
	u32 rule_number;	/* 0: the direction's default */
	u16 sport, dport;	/* valid if has_ports */
	struct sfw_tunnel tunnel;	/* of GRE, ESP and AH */
	u16 icmp_id;		/* valid for ICMP and ICMPv6 */
	u8 icmp_type;
	u8 family, protocol, direction, state;
	u8 rule_direction;
	bool has_ports;
	bool replied;
	char ifname[SFW_IFNAME_MAX + 1];	/* empty if unknown */
	const struct sfw_track *track;	/* NULL if nobody asked for it */
};

int sfw_codec_get_set(const struct nlattr *nla, struct sfw_sets *sets,
		      struct netlink_ext_ack *extack);
int sfw_codec_put_set(struct sk_buff *skb, const struct sfw_list *set,
		      u32 *pos);
int sfw_codec_get_rule(const struct nlattr *nla, const struct sfw_sets *sets,
		       struct sfw_rule *rule, struct netlink_ext_ack *extack);
int sfw_codec_put_rule(struct sk_buff *skb, const struct sfw_rule *rule,
		       const struct sfw_counts *counts);
int sfw_codec_get_default(const struct nlattr *nla, u8 *action, bool *log,
			  struct netlink_ext_ack *extack);
int sfw_codec_put_default(struct sk_buff *skb, int attr, u8 action, bool log,
			  const struct sfw_counts *counts);
int sfw_codec_get_options(const struct nlattr *nla, struct sfw_options *opt,
			  struct netlink_ext_ack *extack);
int sfw_codec_put_options(struct sk_buff *skb, int attr,
			  const struct sfw_options *opt, bool all);
int sfw_codec_get_filter(const struct nlattr *nla, struct sfw_filter *filter,
			 struct netlink_ext_ack *extack);
bool sfw_codec_filter_match(const struct sfw_filter *filter,
			    const struct sfw_conn_view *view);
int sfw_codec_put_conn(struct sk_buff *skb, const struct sfw_conn_view *view);
int sfw_codec_put_track(struct sk_buff *skb, u8 protocol,
			const struct sfw_track *track);
int sfw_codec_get_saved(const struct nlattr *nla, struct sfw_saved *saved,
			struct netlink_ext_ack *extack);

/* codec_staged.c */
int sfw_codec_put_compiled(struct sk_buff *skb, int attr,
			   const struct sfw_classifier *cls);
int sfw_codec_put_staging(struct sk_buff *skb, const struct sfw_staged *staged);
int sfw_codec_put_witnesses(struct sk_buff *skb, struct net *net,
			    const struct sfw_staged *staged);

int sfw_codec_sets_finish(struct sfw_sets *sets,
			  struct netlink_ext_ack *extack);
int sfw_codec_sets_clone(struct sfw_sets *to, const struct sfw_sets *from);
void sfw_codec_sets_free(struct sfw_sets *sets);
struct sfw_list *sfw_codec_find_set(const struct sfw_sets *sets,
				    const char *name);

/* Among codec.c, codec_set.c and codec_conn.c. */

/* Room for the largest element of a list, an IPv6 range. */
#define SFW_CODEC_ELEM_MAX	44

int sfw_codec_refuse(struct netlink_ext_ack *extack, const struct nlattr *nla,
		     const char *why);
u8 sfw_codec_read_addr(const struct nlattr *nla, struct sfw_addr *addr);
int sfw_codec_get_addr(const struct nlattr *nla, struct sfw_list *list,
		       struct netlink_ext_ack *extack);
int sfw_codec_get_port(const struct nlattr *nla, struct sfw_list *list,
		       struct netlink_ext_ack *extack);
int sfw_codec_get_elems(const struct nlattr *nla, struct sfw_list *list,
			struct netlink_ext_ack *extack);
int sfw_codec_close_set(struct sfw_list *set, struct netlink_ext_ack *extack);
int sfw_codec_put_addr(struct sk_buff *skb, int attr, u8 family,
		       const struct sfw_addr *addr);
int sfw_codec_put_elem(struct sk_buff *skb, const struct sfw_elem *elem);
int sfw_codec_put_counters(struct sk_buff *skb, int attr,
			   const struct sfw_counts *counts);

#endif /* _SFW_CODEC_H */
