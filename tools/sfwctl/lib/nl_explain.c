// SPDX-License-Identifier: GPL-2.0
/*
 * Asking the kernel what it does with a packet.
 */
#include <assert.h>
#include <errno.h>

#include "nl_attr.h"
#include "nl_encode.h"
#include "nl_explain.h"

/* The kernel's causes are the first of ours. */
static_assert((int)EXPLAIN_LIST == SFW_CAUSE_LIST);
static_assert((int)EXPLAIN_LOOPBACK == SFW_CAUSE_LOOPBACK);
static_assert((int)EXPLAIN_DISCOVERY == SFW_CAUSE_DISCOVERY);
static_assert((int)EXPLAIN_CONNECTION == SFW_CAUSE_CONNECTION);
static_assert((int)EXPLAIN_TRACKER == SFW_CAUSE_TRACKER);

static const u8 verdict_types[NL_ATTRS] = {
	[SFW_VERDICT_CAUSE]		= MNL_TYPE_U8,
	[SFW_VERDICT_ACTION]		= MNL_TYPE_U8,
	[SFW_VERDICT_REASON]		= MNL_TYPE_U8,
	[SFW_VERDICT_CONNECTS]		= MNL_TYPE_FLAG,
	[SFW_VERDICT_RULE_DIRECTION]	= MNL_TYPE_U8,
	[SFW_VERDICT_RULE_NUMBER]	= MNL_TYPE_U32,
};

static bool put_packet(struct nlmsghdr *nlh, size_t size,
		       const struct sfw_packet *pkt)
{
	struct nlattr *nest = mnl_attr_nest_start_check(nlh, size,
							SFW_A_PACKET);
	bool ok;

	if (!nest)
		return false;
	ok = mnl_attr_put_u8_check(nlh, size, SFW_PACKET_DIRECTION,
				   pkt->direction) &&
	     mnl_attr_put_u8_check(nlh, size, SFW_PACKET_PROTOCOL,
				   pkt->protocol) &&
	     nl_put_address(nlh, size, SFW_PACKET_SOURCE, pkt->family,
			    &pkt->src) &&
	     nl_put_address(nlh, size, SFW_PACKET_DESTINATION, pkt->family,
			    &pkt->dst);
	if (pkt->has_ports)
		ok = ok &&
		     mnl_attr_put_u16_check(nlh, size, SFW_PACKET_SOURCE_PORT,
					    pkt->sport) &&
		     mnl_attr_put_u16_check(nlh, size,
					    SFW_PACKET_DESTINATION_PORT,
					    pkt->dport);
	if (pkt->protocol == IPPROTO_ICMP || pkt->protocol == IPPROTO_ICMPV6)
		ok = ok &&
		     mnl_attr_put_u8_check(nlh, size, SFW_PACKET_ICMP_TYPE,
					   pkt->icmp_type) &&
		     mnl_attr_put_u8_check(nlh, size, SFW_PACKET_ICMP_CODE,
					   pkt->icmp_code) &&
		     mnl_attr_put_u16_check(nlh, size, SFW_PACKET_ICMP_ID,
					    pkt->icmp_id);
	if (pkt->protocol == IPPROTO_TCP)
		ok = ok && mnl_attr_put_u8_check(nlh, size,
						 SFW_PACKET_TCP_FLAGS,
						 pkt->tcp.flags);
	if (pkt->ifname)
		ok = ok && mnl_attr_put_strz_check(nlh, size,
						   SFW_PACKET_INTERFACE,
						   pkt->ifname);
	mnl_attr_nest_end(nlh, nest);
	return ok;
}

static int get_verdict(const struct nlattr *nest, struct explain_verdict *v)
{
	struct nl_attrs attrs;
	u8 cause;
	int err;

	if (!nest)
		return -EBADMSG;
	err = nl_attrs_parse(&attrs, nest, verdict_types);
	if (!err)
		err = nl_get_enum(&attrs, SFW_VERDICT_CAUSE, SFW_CAUSE_MAX,
				  &cause);
	if (!err)
		err = nl_get_enum(&attrs, SFW_VERDICT_ACTION,
				  SFW_ACTION_REJECT, &v->action);
	if (!err && v->action != SFW_ACTION_ALLOW)
		err = nl_get_enum(&attrs, SFW_VERDICT_REASON, SFW_REASON_MAX,
				  &v->reason);
	if (err)
		return err;
	v->cause = (enum explain_cause)cause;
	v->connects = attrs.tb[SFW_VERDICT_CONNECTS];
	v->number = nl_get_u32(&attrs, SFW_VERDICT_RULE_NUMBER);
	if (cause != SFW_CAUSE_LIST && cause != SFW_CAUSE_CONNECTION)
		return 0;
	return nl_get_enum(&attrs, SFW_VERDICT_RULE_DIRECTION,
			   SFW_DIRECTION_OUT, &v->direction);
}

int nl_get_explanation(const struct nlmsghdr *nlh,
		       struct nl_explanation *answer)
{
	struct nl_attrs attrs;
	int err;

	memset(answer, 0, sizeof(*answer));
	err = nl_attrs_main(&attrs, nlh);
	if (err)
		return err;
	err = nl_get_generation(nlh, &answer->generation);
	if (!err)
		err = get_verdict(attrs.tb[SFW_A_VERDICT], &answer->verdict);
	if (err || !attrs.tb[SFW_A_CONN])
		return err;
	answer->has_conn = true;
	return nl_get_conn(nlh, &answer->conn);
}

static int answer_cb(const struct nlmsghdr *nlh, void *data)
{
	return nl_get_explanation(nlh, data);
}

int nl_explain(struct nl *nl, const struct sfw_packet *pkt, u8 mode,
	       struct nl_explanation *answer)
{
	struct nlmsghdr *nlh;
	char buf[512];

	memset(answer, 0, sizeof(*answer));
	nlh = nl_begin(nl, buf, SFW_CMD_EXPLAIN, NLM_F_ACK);
	mnl_attr_put_u8(nlh, SFW_A_MODE, mode);
	if (!put_packet(nlh, sizeof(buf), pkt))
		return -EMSGSIZE;
	return nl_talk(nl, nlh, answer_cb, answer);
}
