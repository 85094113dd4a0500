// SPDX-License-Identifier: GPL-2.0
/*
 * Attributes of an answer, checked and in a table by type.
 *
 * The kernel is not taken at its word: an answer of another version, or a
 * broken one, must not make sfwctl read beyond an attribute or show a rule
 * that is not there. Each set of attributes has a table of types, every
 * attribute is checked against it, and unknown ones are passed over.
 */
#include <arpa/inet.h>
#include <linux/genetlink.h>

#include "nl_attr.h"

static const u8 main_types[NL_ATTRS] = {
	[SFW_A_GENERATION]	= MNL_TYPE_U32,
	[SFW_A_MODE]		= MNL_TYPE_U8,
	[SFW_A_AUDIT]		= MNL_TYPE_U8,
	[SFW_A_DEFAULT_IN]	= MNL_TYPE_NESTED,
	[SFW_A_DEFAULT_OUT]	= MNL_TYPE_NESTED,
	[SFW_A_OPTIONS]		= MNL_TYPE_NESTED,
	[SFW_A_EFFECTIVE]	= MNL_TYPE_NESTED,
	[SFW_A_SET]		= MNL_TYPE_NESTED,
	[SFW_A_RULE]		= MNL_TYPE_NESTED,
	[SFW_A_RULES_IN]	= MNL_TYPE_U32,
	[SFW_A_RULES_OUT]	= MNL_TYPE_U32,
	[SFW_A_AGE_MS]		= MNL_TYPE_U64,
	[SFW_A_STATS]		= MNL_TYPE_NESTED,
	[SFW_A_CONN]		= MNL_TYPE_NESTED,
	[SFW_A_COUNT]		= MNL_TYPE_U64,
	[SFW_A_CONFIRM_MS]	= MNL_TYPE_U32,
	[SFW_A_ROLLBACK_GENERATION] = MNL_TYPE_U32,
	[SFW_A_REVERTED]	= MNL_TYPE_U32,
	[SFW_A_STAGING]		= MNL_TYPE_NESTED,
	[SFW_A_WITNESS]		= MNL_TYPE_NESTED,
	[SFW_A_RESTORED]	= MNL_TYPE_BINARY,
	[SFW_A_COMPILED_IN]	= MNL_TYPE_NESTED,
	[SFW_A_COMPILED_OUT]	= MNL_TYPE_NESTED,
	[SFW_A_VERDICT]		= MNL_TYPE_NESTED,
	[SFW_A_DROPPED]		= MNL_TYPE_NESTED,
	[SFW_A_TIME]		= MNL_TYPE_U64,
	[SFW_A_END]		= MNL_TYPE_U8,
	[SFW_A_CHANGE]		= MNL_TYPE_U8,
	[SFW_A_PORTID]		= MNL_TYPE_U32,
	[SFW_A_GROUP]		= MNL_TYPE_U8,
};

static const u8 counters_types[NL_ATTRS] = {
	[SFW_COUNTERS_PACKETS]		= MNL_TYPE_U64,
	[SFW_COUNTERS_BYTES]		= MNL_TYPE_U64,
	[SFW_COUNTERS_CONNECTIONS]	= MNL_TYPE_U64,
	[SFW_COUNTERS_LAST_HIT_MS]	= MNL_TYPE_U64,
	[SFW_COUNTERS_LIVE]		= MNL_TYPE_U32,
};

static int check(const struct nlattr *attr, const u8 *types)
{
	u16 type = mnl_attr_get_type(attr);

	if (type >= NL_ATTRS || types[type] == MNL_TYPE_UNSPEC)
		return 0;
	if (mnl_attr_validate(attr, types[type]) < 0)
		return -EBADMSG;
	return 1;
}

int nl_attrs_parse(struct nl_attrs *attrs, const struct nlattr *nest,
		   const u8 types[NL_ATTRS])
{
	const struct nlattr *attr;
	int ret;

	memset(attrs, 0, sizeof(*attrs));
	mnl_attr_for_each_nested(attr, nest) {
		ret = check(attr, types);
		if (ret < 0)
			return ret;
		if (ret)
			attrs->tb[mnl_attr_get_type(attr)] = attr;
	}
	return 0;
}

int nl_attrs_main(struct nl_attrs *attrs, const struct nlmsghdr *nlh)
{
	const struct nlattr *attr;
	int ret;

	memset(attrs, 0, sizeof(*attrs));
	/* libmnl rounds the end of a message up: nothing may stand there. */
	if (nlh->nlmsg_len % MNL_ALIGNTO)
		return -EBADMSG;
	mnl_attr_for_each(attr, nlh, sizeof(struct genlmsghdr)) {
		ret = check(attr, main_types);
		if (ret < 0)
			return ret;
		if (ret)
			attrs->tb[mnl_attr_get_type(attr)] = attr;
	}
	return 0;
}

int nl_get_enum(const struct nl_attrs *attrs, u16 type, u8 max, u8 *value)
{
	*value = nl_get_u8(attrs, type);
	return attrs->tb[type] && *value <= max ? 0 : -EBADMSG;
}

int nl_get_address(const struct nlattr *attr, u8 *family,
		   struct sfw_addr *addr)
{
	u32 word[4];

	switch (mnl_attr_get_payload_len(attr)) {
	case 4:
		memcpy(word, mnl_attr_get_payload(attr), 4);
		addr->hi = 0;
		addr->lo = ntohl(word[0]);
		*family = AF_INET;
		return 0;
	case 16:
		memcpy(word, mnl_attr_get_payload(attr), 16);
		addr->hi = (u64)ntohl(word[0]) << 32 | ntohl(word[1]);
		addr->lo = (u64)ntohl(word[2]) << 32 | ntohl(word[3]);
		*family = AF_INET6;
		return 0;
	}
	return -EBADMSG;
}

int nl_get_counters(const struct nlattr *nest, struct counters *counters)
{
	struct nl_attrs attrs;
	int err;

	if (!nest)
		return 0;
	err = nl_attrs_parse(&attrs, nest, counters_types);
	if (err)
		return err;
	counters->packets = nl_get_u64(&attrs, SFW_COUNTERS_PACKETS);
	counters->bytes = nl_get_u64(&attrs, SFW_COUNTERS_BYTES);
	counters->connections = nl_get_u64(&attrs, SFW_COUNTERS_CONNECTIONS);
	counters->last_hit_ms = nl_get_u64(&attrs, SFW_COUNTERS_LAST_HIT_MS);
	counters->hit = attrs.tb[SFW_COUNTERS_LAST_HIT_MS];
	counters->live = nl_get_u32(&attrs, SFW_COUNTERS_LIVE);
	counters->has_live = attrs.tb[SFW_COUNTERS_LIVE];
	return 0;
}
