/* SPDX-License-Identifier: ((GPL-2.0 WITH Linux-syscall-note) OR BSD-3-Clause) */
/* Do not edit directly, auto-generated from: */
/*	kmod/netlink/sfw.yaml */
/* YNL-GEN kernel header */

#ifndef _LINUX_SFW_GEN_H
#define _LINUX_SFW_GEN_H

#include <net/netlink.h>
#include <net/genetlink.h>

#include <uapi/sfw.h>

/* Common nested types */
extern const struct nla_policy sfw_addr_nl_policy[SFW_ADDR_PREFIX_LEN + 1];
extern const struct nla_policy sfw_conn_nl_policy[SFW_CONN_REPLY_TUNNEL_ID + 1];
extern const struct nla_policy sfw_counters_nl_policy[SFW_COUNTERS_PAD + 1];
extern const struct nla_policy sfw_default_nl_policy[SFW_DEFAULT_COUNTERS + 1];
extern const struct nla_policy sfw_filter_nl_policy[SFW_FILTER_INTERFACE + 1];
extern const struct nla_policy sfw_list_nl_policy[SFW_LIST_PORT + 1];
extern const struct nla_policy sfw_option_nl_policy[SFW_OPTION_TIMEOUT + 1];
extern const struct nla_policy sfw_packet_nl_policy[SFW_PACKET_INTERFACE + 1];
extern const struct nla_policy sfw_port_nl_policy[SFW_PORT_LAST + 1];
extern const struct nla_policy sfw_rate_nl_policy[SFW_RATE_BURST + 1];
extern const struct nla_policy sfw_rule_nl_policy[SFW_RULE_COUNTERS + 1];
extern const struct nla_policy sfw_timeout_nl_policy[SFW_TIMEOUT_SECONDS + 1];
extern const struct nla_policy sfw_track_nl_policy[SFW_TRACK_SCTP + 1];
extern const struct nla_policy sfw_track_half_nl_policy[SFW_TRACK_HALF_FLAGS + 1];
extern const struct nla_policy sfw_track_sctp_nl_policy[SFW_TRACK_SCTP_AGAIN + 1];
extern const struct nla_policy sfw_track_tcp_nl_policy[SFW_TRACK_TCP_ANSWER_SCALE + 1];

/* Global operation policy for sfw */
extern const struct nla_policy sfw_main_nl_policy[SFW_A_PACKET + 1];

/* Ops table for sfw */
extern const struct genl_small_ops sfw_nl_ops[22];

int sfw_nl_status_get_doit(struct sk_buff *skb, struct genl_info *info);
int sfw_nl_set_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb);
int sfw_nl_rule_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb);
int sfw_nl_tx_begin_doit(struct sk_buff *skb, struct genl_info *info);
int sfw_nl_tx_config_doit(struct sk_buff *skb, struct genl_info *info);
int sfw_nl_tx_add_doit(struct sk_buff *skb, struct genl_info *info);
int sfw_nl_tx_del_doit(struct sk_buff *skb, struct genl_info *info);
int sfw_nl_tx_move_doit(struct sk_buff *skb, struct genl_info *info);
int sfw_nl_tx_commit_doit(struct sk_buff *skb, struct genl_info *info);
int sfw_nl_tx_abort_doit(struct sk_buff *skb, struct genl_info *info);
int sfw_nl_mode_set_doit(struct sk_buff *skb, struct genl_info *info);
int sfw_nl_flush_doit(struct sk_buff *skb, struct genl_info *info);
int sfw_nl_conn_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb);
int sfw_nl_conn_count_doit(struct sk_buff *skb, struct genl_info *info);
int sfw_nl_conn_kill_doit(struct sk_buff *skb, struct genl_info *info);
int sfw_nl_counters_zero_doit(struct sk_buff *skb, struct genl_info *info);
int sfw_nl_confirm_doit(struct sk_buff *skb, struct genl_info *info);
int sfw_nl_rollback_doit(struct sk_buff *skb, struct genl_info *info);
int sfw_nl_promote_doit(struct sk_buff *skb, struct genl_info *info);
int sfw_nl_unstage_doit(struct sk_buff *skb, struct genl_info *info);
int sfw_nl_conn_restore_doit(struct sk_buff *skb, struct genl_info *info);
int sfw_nl_explain_doit(struct sk_buff *skb, struct genl_info *info);

enum {
	SFW_NLGRP_DROPS,
	SFW_NLGRP_CONNS,
	SFW_NLGRP_RULES,
};

#endif /* _LINUX_SFW_GEN_H */
