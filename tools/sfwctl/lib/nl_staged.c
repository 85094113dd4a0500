// SPDX-License-Identifier: GPL-2.0
/*
 * The staged rule set, and what it would have decided otherwise.
 *
 * It is read like the running set, see nl_query.c; its "generation" is a
 * number that the kernel gives each staged set.
 */
#include <errno.h>
#include <linux/genetlink.h>
#include <stdio.h>
#include <stdlib.h>

#include "nl_attr.h"
#include "nl_staged.h"
#include "packet_text.h"
#include "print.h"
#include "xalloc.h"

static const u8 staging_types[NL_ATTRS] = {
	[SFW_STAGING_AGE_MS]	= MNL_TYPE_U64,
	[SFW_STAGING_MODE]	= MNL_TYPE_U8,
	[SFW_STAGING_RULES_IN]	= MNL_TYPE_U32,
	[SFW_STAGING_RULES_OUT]	= MNL_TYPE_U32,
	[SFW_STAGING_JUDGED]	= MNL_TYPE_U64,
	[SFW_STAGING_OPENED]	= MNL_TYPE_U64,
	[SFW_STAGING_CLOSED]	= MNL_TYPE_U64,
};

static const u8 witness_types[NL_ATTRS] = {
	[SFW_WITNESS_DIRECTION]	= MNL_TYPE_U8,
	[SFW_WITNESS_PROTOCOL]	= MNL_TYPE_U8,
	[SFW_WITNESS_SOURCE]	= MNL_TYPE_BINARY,
	[SFW_WITNESS_DESTINATION] = MNL_TYPE_BINARY,
	[SFW_WITNESS_SOURCE_PORT] = MNL_TYPE_U16,
	[SFW_WITNESS_DESTINATION_PORT] = MNL_TYPE_U16,
	[SFW_WITNESS_ICMP_TYPE]	= MNL_TYPE_U8,
	[SFW_WITNESS_ICMP_CODE]	= MNL_TYPE_U8,
	[SFW_WITNESS_TCP_FLAGS]	= MNL_TYPE_U8,
	[SFW_WITNESS_INTERFACE]	= MNL_TYPE_NUL_STRING,
	[SFW_WITNESS_ACTION]	= MNL_TYPE_U8,
	[SFW_WITNESS_RULE_NUMBER] = MNL_TYPE_U32,
	[SFW_WITNESS_STAGED_ACTION] = MNL_TYPE_U8,
	[SFW_WITNESS_STAGED_RULE_NUMBER] = MNL_TYPE_U32,
	[SFW_WITNESS_AGE_MS]	= MNL_TYPE_U64,
};

/* What a verdict of the list is called by those whose packet it was. */
static const char *const done[] = {
	[SFW_ACTION_DENY] = "denied",
	[SFW_ACTION_ALLOW] = "allowed",
	[SFW_ACTION_REJECT] = "rejected",
};

int nl_get_staging(const struct nlattr *nest, struct nl_staging *staging)
{
	struct nl_attrs attrs;
	int err;

	if (!nest)
		return 0;
	err = nl_attrs_parse(&attrs, nest, staging_types);
	if (!err)
		err = nl_get_enum(&attrs, SFW_STAGING_MODE, SFW_MODE_STATELESS,
				  &staging->mode);
	if (err)
		return err;
	staging->staged = true;
	staging->age_ms = nl_get_u64(&attrs, SFW_STAGING_AGE_MS);
	staging->rules[SFW_DIRECTION_IN] = nl_get_u32(&attrs,
						      SFW_STAGING_RULES_IN);
	staging->rules[SFW_DIRECTION_OUT] = nl_get_u32(&attrs,
						       SFW_STAGING_RULES_OUT);
	staging->judged = nl_get_u64(&attrs, SFW_STAGING_JUDGED);
	staging->opened = nl_get_u64(&attrs, SFW_STAGING_OPENED);
	staging->closed = nl_get_u64(&attrs, SFW_STAGING_CLOSED);
	return 0;
}

static int get_packet(const struct nl_attrs *attrs, struct sfw_packet *pkt)
{
	u8 family;
	int err;

	if (!attrs->tb[SFW_WITNESS_SOURCE] ||
	    !attrs->tb[SFW_WITNESS_DESTINATION] ||
	    !attrs->tb[SFW_WITNESS_PROTOCOL])
		return -EBADMSG;
	err = nl_get_address(attrs->tb[SFW_WITNESS_SOURCE], &pkt->family,
			     &pkt->src);
	if (!err)
		err = nl_get_address(attrs->tb[SFW_WITNESS_DESTINATION],
				     &family, &pkt->dst);
	if (err || family != pkt->family)
		return -EBADMSG;
	pkt->protocol = nl_get_u8(attrs, SFW_WITNESS_PROTOCOL);
	pkt->has_ports = sfw_packet_has_ports(pkt->protocol);
	pkt->sport = nl_get_u16(attrs, SFW_WITNESS_SOURCE_PORT);
	pkt->dport = nl_get_u16(attrs, SFW_WITNESS_DESTINATION_PORT);
	pkt->icmp_type = nl_get_u8(attrs, SFW_WITNESS_ICMP_TYPE);
	pkt->icmp_code = nl_get_u8(attrs, SFW_WITNESS_ICMP_CODE);
	if (pkt->protocol == IPPROTO_TCP)
		pkt->tcp.flags = nl_get_u8(attrs, SFW_WITNESS_TCP_FLAGS);
	return nl_get_enum(attrs, SFW_WITNESS_DIRECTION, SFW_DIRECTION_OUT,
			   &pkt->direction);
}

static int get_witness(const struct nlattr *nest, struct nl_witness *w)
{
	struct nl_attrs attrs;
	int err;

	memset(w, 0, sizeof(*w));
	err = nl_attrs_parse(&attrs, nest, witness_types);
	if (!err)
		err = get_packet(&attrs, &w->pkt);
	if (!err)
		err = nl_get_enum(&attrs, SFW_WITNESS_ACTION, SFW_ACTION_REJECT,
				  &w->action);
	if (!err)
		err = nl_get_enum(&attrs, SFW_WITNESS_STAGED_ACTION,
				  SFW_ACTION_REJECT, &w->staged_action);
	if (err)
		return err;
	w->known = !attrs.tb[SFW_WITNESS_RULE_NUMBER];
	w->rule = nl_get_u32(&attrs, SFW_WITNESS_RULE_NUMBER);
	w->staged_rule = nl_get_u32(&attrs, SFW_WITNESS_STAGED_RULE_NUMBER);
	w->age_ms = nl_get_u64(&attrs, SFW_WITNESS_AGE_MS);
	if (attrs.tb[SFW_WITNESS_INTERFACE])
		snprintf(w->ifname, sizeof(w->ifname), "%s",
			 mnl_attr_get_str(attrs.tb[SFW_WITNESS_INTERFACE]));
	return 0;
}

struct answer {
	struct nl_status *status;
	struct nl_witnesses *witnesses;
};

static int staged_cb(const struct nlmsghdr *nlh, void *data)
{
	const struct answer *answer = data;
	const struct nlattr *attr;
	int err;

	err = nl_get_status(nlh, answer->status);
	if (err || !answer->witnesses)
		return err;
	answer->witnesses->n = 0;
	mnl_attr_for_each(attr, nlh, sizeof(struct genlmsghdr)) {
		struct nl_witnesses *ws = answer->witnesses;

		if (mnl_attr_get_type(attr) != SFW_A_WITNESS ||
		    ws->n == NL_WITNESSES)
			continue;
		if (mnl_attr_validate(attr, MNL_TYPE_NESTED) < 0)
			return -EBADMSG;
		err = get_witness(attr, &ws->list[ws->n]);
		if (err)
			return err;
		ws->n++;
	}
	return 0;
}

static int ask_staged(struct nl *nl, struct nl_status *status,
		      struct nl_witnesses *witnesses)
{
	struct answer answer = { status, witnesses };
	struct nlmsghdr *nlh;
	char buf[64];

	memset(status, 0, sizeof(*status));
	nlh = nl_begin(nl, buf, SFW_CMD_STATUS_GET, NLM_F_ACK);
	mnl_attr_put(nlh, SFW_A_STAGED, 0, NULL);
	return nl_talk(nl, nlh, staged_cb, &answer);
}

static int read_staged(struct nl *nl, struct nl_status *status,
		       struct nl_witnesses *witnesses, struct ruleset **result)
{
	struct nl_status after;
	struct ruleset *rs;
	int err;

	*result = NULL;
	err = ask_staged(nl, status, witnesses);
	if (err == -ENOENT)
		return 0;
	if (err)
		return err;
	rs = nl_ruleset_begin(status);
	if (!rs)
		return -ENOMEM;
	err = nl_read_content(nl, SFW_A_STAGED, rs);
	if (!err)
		err = ask_staged(nl, &after, NULL);
	if (err == -ENOENT || (!err && after.generation != rs->generation))
		err = -EAGAIN;
	if (err)
		ruleset_free(rs);
	else
		*result = rs;
	return err;
}

enum rc nl_query_staged(struct nl *nl, struct nl_status *status,
			struct nl_witnesses *witnesses, struct ruleset **rs)
{
	int tries, err = 0;

	for (tries = 0; tries < NL_DUMP_TRIES; tries++) {
		err = read_staged(nl, status, witnesses, rs);
		if (err != -EAGAIN)
			break;
	}
	return err ? nl_report(nl, err, NULL) : RC_OK;
}

/* "in 100", "in *" */
static void rule_text(char *buf, size_t size, u8 direction, u32 number)
{
	if (number)
		snprintf(buf, size, "%s %u", print_directions[direction],
			 number);
	else
		snprintf(buf, size, "%s *", print_directions[direction]);
}

static char *packet(const struct nl_witness *w)
{
	struct sfw_packet pkt = w->pkt;

	if (*w->ifname)
		pkt.ifname = w->ifname;
	return packet_text_print(&pkt, out.numeric);
}

char *nl_witness_text(const struct nl_witness *w)
{
	char by[64], would[32], *ends = packet(w), *text;
	u8 d = w->pkt.direction;

	rule_text(would, sizeof(would), d, w->staged_rule);
	if (w->known)
		snprintf(by, sizeof(by), "its connection");
	else
		rule_text(by, sizeof(by), d, w->rule);
	text = xasprintf("%s: %s by %s, staged %s would %s it", ends,
			 done[w->action], by, would,
			 print_actions[w->staged_action]);
	free(ends);
	return text;
}

json_t *nl_witness_json(const struct nl_witness *w)
{
	char *ends = packet(w);
	json_t *obj;

	obj = json_pack("{s:s, s:s, s:o, s:s, s:I, s:I}", "packet", ends,
			"action", print_actions[w->action],
			"rule", w->known ? json_null() : json_integer(w->rule),
			"staged_action", print_actions[w->staged_action],
			"staged_rule", (json_int_t)w->staged_rule,
			"age_s", (json_int_t)(w->age_ms / 1000));
	if (!obj)
		xalloc_fail();
	free(ends);
	return obj;
}

json_t *nl_staging_json(const struct nl_staging *staging)
{
	if (!staging->staged)
		return json_null();
	return json_pack("{s:s, s:I, s:I, s:I, s:I, s:I, s:I}",
			 "mode", print_modes[staging->mode],
			 "rules_in",
			 (json_int_t)staging->rules[SFW_DIRECTION_IN],
			 "rules_out",
			 (json_int_t)staging->rules[SFW_DIRECTION_OUT],
			 "age_s", (json_int_t)(staging->age_ms / 1000),
			 "judged", (json_int_t)staging->judged,
			 "newly_allowed", (json_int_t)staging->opened,
			 "newly_denied", (json_int_t)staging->closed);
}
