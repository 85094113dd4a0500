// SPDX-License-Identifier: ((GPL-2.0 WITH Linux-syscall-note) OR BSD-3-Clause)
/* Do not edit directly, auto-generated from: */
/*	kmod/netlink/sfw.yaml */
/* YNL-GEN kernel source */

#include <net/netlink.h>
#include <net/genetlink.h>

#include "policy.h"

#include <uapi/sfw.h>

/* Common nested types */
const struct nla_policy sfw_addr_nl_policy[SFW_ADDR_PREFIX_LEN + 1] = {
	[SFW_ADDR_FIRST] = { .type = NLA_BINARY, },
	[SFW_ADDR_LAST] = { .type = NLA_BINARY, },
	[SFW_ADDR_PREFIX_LEN] = NLA_POLICY_MAX(NLA_U8, 128),
};

const struct nla_policy sfw_conn_nl_policy[SFW_CONN_REPLY_TUNNEL_ID + 1] = {
	[SFW_CONN_DIRECTION] = NLA_POLICY_MAX(NLA_U8, 1),
	[SFW_CONN_PROTOCOL] = { .type = NLA_U8, },
	[SFW_CONN_SOURCE] = { .type = NLA_BINARY, },
	[SFW_CONN_DESTINATION] = { .type = NLA_BINARY, },
	[SFW_CONN_SOURCE_PORT] = { .type = NLA_U16, },
	[SFW_CONN_DESTINATION_PORT] = { .type = NLA_U16, },
	[SFW_CONN_ICMP_TYPE] = { .type = NLA_U8, },
	[SFW_CONN_ICMP_ID] = { .type = NLA_U16, },
	[SFW_CONN_STATE] = NLA_POLICY_MAX(NLA_U8, 18),
	[SFW_CONN_REPLIED] = { .type = NLA_FLAG, },
	[SFW_CONN_INTERFACE] = { .type = NLA_NUL_STRING, .len = SFW_IFNAME_MAX, },
	[SFW_CONN_RULE_DIRECTION] = NLA_POLICY_MAX(NLA_U8, 1),
	[SFW_CONN_RULE_NUMBER] = { .type = NLA_U32, },
	[SFW_CONN_PACKETS] = { .type = NLA_U64, },
	[SFW_CONN_BYTES] = { .type = NLA_U64, },
	[SFW_CONN_REPLY_PACKETS] = { .type = NLA_U64, },
	[SFW_CONN_REPLY_BYTES] = { .type = NLA_U64, },
	[SFW_CONN_EXPIRES_MS] = { .type = NLA_U64, },
	[SFW_CONN_TRACK] = NLA_POLICY_NESTED(sfw_track_nl_policy),
	[SFW_CONN_TUNNEL_ID] = { .type = NLA_U32, },
	[SFW_CONN_REPLY_TUNNEL_ID] = { .type = NLA_U32, },
};

const struct nla_policy sfw_counters_nl_policy[SFW_COUNTERS_PAD + 1] = {
	[SFW_COUNTERS_PACKETS] = { .type = NLA_U64, },
	[SFW_COUNTERS_BYTES] = { .type = NLA_U64, },
	[SFW_COUNTERS_CONNECTIONS] = { .type = NLA_U64, },
	[SFW_COUNTERS_LAST_HIT_MS] = { .type = NLA_U64, },
	[SFW_COUNTERS_LIVE] = { .type = NLA_U32, },
};

const struct nla_policy sfw_default_nl_policy[SFW_DEFAULT_COUNTERS + 1] = {
	[SFW_DEFAULT_ACTION] = NLA_POLICY_MAX(NLA_U8, 2),
	[SFW_DEFAULT_LOG] = { .type = NLA_FLAG, },
	[SFW_DEFAULT_COUNTERS] = NLA_POLICY_NESTED(sfw_counters_nl_policy),
};

const struct nla_policy sfw_filter_nl_policy[SFW_FILTER_INTERFACE + 1] = {
	[SFW_FILTER_DIRECTION] = NLA_POLICY_MAX(NLA_U8, 1),
	[SFW_FILTER_PROTOCOL] = { .type = NLA_U8, },
	[SFW_FILTER_SRC] = NLA_POLICY_NESTED(sfw_addr_nl_policy),
	[SFW_FILTER_DST] = NLA_POLICY_NESTED(sfw_addr_nl_policy),
	[SFW_FILTER_ADDR] = NLA_POLICY_NESTED(sfw_addr_nl_policy),
	[SFW_FILTER_SPORT] = NLA_POLICY_NESTED(sfw_port_nl_policy),
	[SFW_FILTER_DPORT] = NLA_POLICY_NESTED(sfw_port_nl_policy),
	[SFW_FILTER_PORT] = NLA_POLICY_NESTED(sfw_port_nl_policy),
	[SFW_FILTER_STATE] = NLA_POLICY_MAX(NLA_U8, 18),
	[SFW_FILTER_RULE_DIRECTION] = NLA_POLICY_MAX(NLA_U8, 1),
	[SFW_FILTER_RULE_NUMBER] = { .type = NLA_U32, },
	[SFW_FILTER_INTERFACE] = { .type = NLA_NUL_STRING, .len = SFW_IFNAME_MAX, },
};

const struct nla_policy sfw_list_nl_policy[SFW_LIST_PORT + 1] = {
	[SFW_LIST_NAME] = { .type = NLA_NUL_STRING, .len = SFW_SET_NAME_MAX, },
	[SFW_LIST_APPEND] = { .type = NLA_FLAG, },
	[SFW_LIST_NEGATE] = { .type = NLA_FLAG, },
	[SFW_LIST_ADDR] = NLA_POLICY_NESTED(sfw_addr_nl_policy),
	[SFW_LIST_PORT] = NLA_POLICY_NESTED(sfw_port_nl_policy),
};

const struct nla_policy sfw_option_nl_policy[SFW_OPTION_TIMEOUT + 1] = {
	[SFW_OPTION_MAX_CONNECTIONS] = NLA_POLICY_MIN(NLA_U32, 1),
	[SFW_OPTION_TCP_PICKUP] = NLA_POLICY_MAX(NLA_U8, 1),
	[SFW_OPTION_TCP_LIBERAL] = NLA_POLICY_MAX(NLA_U8, 1),
	[SFW_OPTION_CHECKSUM] = NLA_POLICY_MAX(NLA_U8, 1),
	[SFW_OPTION_LOOPBACK_FILTER] = NLA_POLICY_MAX(NLA_U8, 1),
	[SFW_OPTION_ND_FILTER] = NLA_POLICY_MAX(NLA_U8, 1),
	[SFW_OPTION_KEEP_CONNECTIONS] = NLA_POLICY_MAX(NLA_U8, 1),
	[SFW_OPTION_TIMEOUT] = NLA_POLICY_NESTED(sfw_timeout_nl_policy),
};

const struct nla_policy sfw_packet_nl_policy[SFW_PACKET_INTERFACE + 1] = {
	[SFW_PACKET_DIRECTION] = NLA_POLICY_MAX(NLA_U8, 1),
	[SFW_PACKET_PROTOCOL] = { .type = NLA_U8, },
	[SFW_PACKET_SOURCE] = { .type = NLA_BINARY, },
	[SFW_PACKET_DESTINATION] = { .type = NLA_BINARY, },
	[SFW_PACKET_SOURCE_PORT] = { .type = NLA_U16, },
	[SFW_PACKET_DESTINATION_PORT] = { .type = NLA_U16, },
	[SFW_PACKET_ICMP_TYPE] = { .type = NLA_U8, },
	[SFW_PACKET_ICMP_CODE] = { .type = NLA_U8, },
	[SFW_PACKET_ICMP_ID] = { .type = NLA_U16, },
	[SFW_PACKET_TCP_FLAGS] = { .type = NLA_U8, },
	[SFW_PACKET_INTERFACE] = { .type = NLA_NUL_STRING, .len = SFW_IFNAME_MAX, },
};

const struct nla_policy sfw_port_nl_policy[SFW_PORT_LAST + 1] = {
	[SFW_PORT_FIRST] = { .type = NLA_U16, },
	[SFW_PORT_LAST] = { .type = NLA_U16, },
};

const struct nla_policy sfw_rate_nl_policy[SFW_RATE_BURST + 1] = {
	[SFW_RATE_COUNT] = NLA_POLICY_MIN(NLA_U32, 1),
	[SFW_RATE_UNIT] = NLA_POLICY_MAX(NLA_U8, 2),
	[SFW_RATE_BURST] = NLA_POLICY_MIN(NLA_U32, 1),
};

const struct nla_policy sfw_rule_nl_policy[SFW_RULE_COUNTERS + 1] = {
	[SFW_RULE_DIRECTION] = NLA_POLICY_MAX(NLA_U8, 1),
	[SFW_RULE_NUMBER] = NLA_POLICY_MIN(NLA_U32, 1),
	[SFW_RULE_ACTION] = NLA_POLICY_MAX(NLA_U8, 2),
	[SFW_RULE_PROTOCOL] = { .type = NLA_U8, },
	[SFW_RULE_FROM] = NLA_POLICY_NESTED(sfw_list_nl_policy),
	[SFW_RULE_FROM_PORT] = NLA_POLICY_NESTED(sfw_list_nl_policy),
	[SFW_RULE_TO] = NLA_POLICY_NESTED(sfw_list_nl_policy),
	[SFW_RULE_TO_PORT] = NLA_POLICY_NESTED(sfw_list_nl_policy),
	[SFW_RULE_INTERFACE] = { .type = NLA_NUL_STRING, .len = SFW_IFNAME_MAX, },
	[SFW_RULE_INTERFACE_NEGATE] = { .type = NLA_FLAG, },
	[SFW_RULE_ICMP_TYPE] = { .type = NLA_U8, },
	[SFW_RULE_ICMP_CODE] = { .type = NLA_U8, },
	[SFW_RULE_TCP_MASK] = { .type = NLA_U8, },
	[SFW_RULE_TCP_SET] = { .type = NLA_U8, },
	[SFW_RULE_TCP_ESTABLISHED] = { .type = NLA_FLAG, },
	[SFW_RULE_LOG] = { .type = NLA_FLAG, },
	[SFW_RULE_LOG_RATE] = NLA_POLICY_NESTED(sfw_rate_nl_policy),
	[SFW_RULE_LIMIT] = NLA_POLICY_NESTED(sfw_rate_nl_policy),
	[SFW_RULE_NO_STATE] = { .type = NLA_FLAG, },
	[SFW_RULE_RETURN] = { .type = NLA_FLAG, },
	[SFW_RULE_COMMENT] = { .type = NLA_NUL_STRING, .len = SFW_COMMENT_MAX, },
	[SFW_RULE_COUNTERS] = NLA_POLICY_NESTED(sfw_counters_nl_policy),
};

const struct nla_policy sfw_timeout_nl_policy[SFW_TIMEOUT_SECONDS + 1] = {
	[SFW_TIMEOUT_STATE] = NLA_POLICY_MAX(NLA_U8, 18),
	[SFW_TIMEOUT_SECONDS] = NLA_POLICY_MIN(NLA_U32, 1),
};

const struct nla_policy sfw_track_nl_policy[SFW_TRACK_SCTP + 1] = {
	[SFW_TRACK_STANDING] = NLA_POLICY_MAX(NLA_U8, 2),
	[SFW_TRACK_PICKED_UP] = { .type = NLA_FLAG, },
	[SFW_TRACK_LOOPED] = { .type = NLA_FLAG, },
	[SFW_TRACK_FIRST_FLAGS] = { .type = NLA_U8, },
	[SFW_TRACK_HOOKS] = NLA_POLICY_MAX(NLA_U8, 15),
	[SFW_TRACK_TCP] = NLA_POLICY_NESTED(sfw_track_tcp_nl_policy),
	[SFW_TRACK_SCTP] = NLA_POLICY_NESTED(sfw_track_sctp_nl_policy),
};

const struct nla_policy sfw_track_half_nl_policy[SFW_TRACK_HALF_FLAGS + 1] = {
	[SFW_TRACK_HALF_END] = { .type = NLA_U32, },
	[SFW_TRACK_HALF_MAX_END] = { .type = NLA_U32, },
	[SFW_TRACK_HALF_ACK] = { .type = NLA_U32, },
	[SFW_TRACK_HALF_WINDOW] = { .type = NLA_U32, },
	[SFW_TRACK_HALF_SCALE] = NLA_POLICY_MAX(NLA_U8, 14),
	[SFW_TRACK_HALF_FLAGS] = { .type = NLA_U8, },
};

const struct nla_policy sfw_track_sctp_nl_policy[SFW_TRACK_SCTP_AGAIN + 1] = {
	[SFW_TRACK_SCTP_TAG_ORIGINATOR] = { .type = NLA_U32, },
	[SFW_TRACK_SCTP_TAG_RESPONDER] = { .type = NLA_U32, },
	[SFW_TRACK_SCTP_NEXT_ORIGINATOR] = { .type = NLA_U32, },
	[SFW_TRACK_SCTP_NEXT_RESPONDER] = { .type = NLA_U32, },
	[SFW_TRACK_SCTP_AGAIN] = NLA_POLICY_MAX(NLA_U8, 2),
};

const struct nla_policy sfw_track_tcp_nl_policy[SFW_TRACK_TCP_ANSWER_SCALE + 1] = {
	[SFW_TRACK_TCP_ORIGINATOR] = NLA_POLICY_NESTED(sfw_track_half_nl_policy),
	[SFW_TRACK_TCP_RESPONDER] = NLA_POLICY_NESTED(sfw_track_half_nl_policy),
	[SFW_TRACK_TCP_PROBE] = { .type = NLA_U32, },
	[SFW_TRACK_TCP_PROBE_SCALE] = NLA_POLICY_MAX(NLA_U8, 15),
	[SFW_TRACK_TCP_ANSWER_SCALE] = NLA_POLICY_MAX(NLA_U8, 15),
};

/* Global operation policy for sfw */
const struct nla_policy sfw_main_nl_policy[SFW_A_PACKET + 1] = {
	[SFW_A_EXPECT_GENERATION] = { .type = NLA_U32, },
	[SFW_A_CLONE] = { .type = NLA_FLAG, },
	[SFW_A_DRY_RUN] = { .type = NLA_FLAG, },
	[SFW_A_MODE] = NLA_POLICY_MAX(NLA_U8, 1),
	[SFW_A_AUDIT] = NLA_POLICY_MAX(NLA_U8, 1),
	[SFW_A_DEFAULT_IN] = NLA_POLICY_NESTED(sfw_default_nl_policy),
	[SFW_A_DEFAULT_OUT] = NLA_POLICY_NESTED(sfw_default_nl_policy),
	[SFW_A_OPTIONS] = NLA_POLICY_NESTED(sfw_option_nl_policy),
	[SFW_A_SET] = NLA_POLICY_NESTED(sfw_list_nl_policy),
	[SFW_A_RULE] = NLA_POLICY_NESTED(sfw_rule_nl_policy),
	[SFW_A_DIRECTION] = NLA_POLICY_MAX(NLA_U8, 1),
	[SFW_A_NUMBER] = NLA_POLICY_MIN(NLA_U32, 1),
	[SFW_A_TO_NUMBER] = NLA_POLICY_MIN(NLA_U32, 1),
	[SFW_A_FILTER] = NLA_POLICY_NESTED(sfw_filter_nl_policy),
	[SFW_A_CONN] = NLA_POLICY_NESTED(sfw_conn_nl_policy),
	[SFW_A_CONFIRM] = NLA_POLICY_MIN(NLA_U32, 1),
	[SFW_A_LIVE] = { .type = NLA_FLAG, },
	[SFW_A_STAGE] = { .type = NLA_FLAG, },
	[SFW_A_STAGED] = { .type = NLA_FLAG, },
	[SFW_A_FULL] = { .type = NLA_FLAG, },
	[SFW_A_PACKET] = NLA_POLICY_NESTED(sfw_packet_nl_policy),
};

/* Ops table for sfw */
const struct genl_small_ops sfw_nl_ops[22] = {
	{
		.cmd	= SFW_CMD_STATUS_GET,
		.doit	= sfw_nl_status_get_doit,
		.flags	= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd	= SFW_CMD_SET_GET,
		.dumpit	= sfw_nl_set_get_dumpit,
		.flags	= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd	= SFW_CMD_RULE_GET,
		.dumpit	= sfw_nl_rule_get_dumpit,
		.flags	= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd	= SFW_CMD_TX_BEGIN,
		.doit	= sfw_nl_tx_begin_doit,
		.flags	= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd	= SFW_CMD_TX_CONFIG,
		.doit	= sfw_nl_tx_config_doit,
		.flags	= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd	= SFW_CMD_TX_ADD,
		.doit	= sfw_nl_tx_add_doit,
		.flags	= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd	= SFW_CMD_TX_DEL,
		.doit	= sfw_nl_tx_del_doit,
		.flags	= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd	= SFW_CMD_TX_MOVE,
		.doit	= sfw_nl_tx_move_doit,
		.flags	= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd	= SFW_CMD_TX_COMMIT,
		.doit	= sfw_nl_tx_commit_doit,
		.flags	= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd	= SFW_CMD_TX_ABORT,
		.doit	= sfw_nl_tx_abort_doit,
		.flags	= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd	= SFW_CMD_MODE_SET,
		.doit	= sfw_nl_mode_set_doit,
		.flags	= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd	= SFW_CMD_FLUSH,
		.doit	= sfw_nl_flush_doit,
		.flags	= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd	= SFW_CMD_CONN_GET,
		.dumpit	= sfw_nl_conn_get_dumpit,
		.flags	= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd	= SFW_CMD_CONN_COUNT,
		.doit	= sfw_nl_conn_count_doit,
		.flags	= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd	= SFW_CMD_CONN_KILL,
		.doit	= sfw_nl_conn_kill_doit,
		.flags	= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd	= SFW_CMD_COUNTERS_ZERO,
		.doit	= sfw_nl_counters_zero_doit,
		.flags	= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd	= SFW_CMD_CONFIRM,
		.doit	= sfw_nl_confirm_doit,
		.flags	= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd	= SFW_CMD_ROLLBACK,
		.doit	= sfw_nl_rollback_doit,
		.flags	= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd	= SFW_CMD_PROMOTE,
		.doit	= sfw_nl_promote_doit,
		.flags	= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd	= SFW_CMD_UNSTAGE,
		.doit	= sfw_nl_unstage_doit,
		.flags	= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd	= SFW_CMD_CONN_RESTORE,
		.doit	= sfw_nl_conn_restore_doit,
		.flags	= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd	= SFW_CMD_EXPLAIN,
		.doit	= sfw_nl_explain_doit,
		.flags	= GENL_UNS_ADMIN_PERM,
	},
};
