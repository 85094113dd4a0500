/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Attributes of an answer, checked and in a table by type.
 */
#ifndef _SFWCTL_NL_ATTR_H
#define _SFWCTL_NL_ATTR_H

#include <libmnl/libmnl.h>
#include "ruleset.h"

/* More than any set of attributes has. */
#define NL_ATTRS	64

struct nl_attrs {
	const struct nlattr *tb[NL_ATTRS];
};

/*
 * types has an enum mnl_attr_data_type per attribute, MNL_TYPE_UNSPEC for one
 * to be ignored. Every attribute is checked; of several of one type the last
 * stands in the table, a caller that expects them walks them. 0 or -EBADMSG.
 */
int nl_attrs_parse(struct nl_attrs *attrs, const struct nlattr *nest,
		   const u8 types[NL_ATTRS]);
/* The same for the attributes of a message. */
int nl_attrs_main(struct nl_attrs *attrs, const struct nlmsghdr *nlh);

/* 0 for an attribute that is not there. */
static inline u8 nl_get_u8(const struct nl_attrs *attrs, u16 type)
{
	return attrs->tb[type] ? mnl_attr_get_u8(attrs->tb[type]) : 0;
}

static inline u16 nl_get_u16(const struct nl_attrs *attrs, u16 type)
{
	return attrs->tb[type] ? mnl_attr_get_u16(attrs->tb[type]) : 0;
}

static inline u32 nl_get_u32(const struct nl_attrs *attrs, u16 type)
{
	return attrs->tb[type] ? mnl_attr_get_u32(attrs->tb[type]) : 0;
}

static inline u64 nl_get_u64(const struct nl_attrs *attrs, u16 type)
{
	return attrs->tb[type] ? mnl_attr_get_u64(attrs->tb[type]) : 0;
}

/* -EBADMSG if it is missing or beyond max: such numbers index tables. */
int nl_get_enum(const struct nl_attrs *attrs, u16 type, u8 max, u8 *value);
/* The length tells the family. */
int nl_get_address(const struct nlattr *attr, u8 *family,
		   struct sfw_addr *addr);
/* nest may be NULL: there are no figures then. */
int nl_get_counters(const struct nlattr *nest, struct counters *counters);

#endif /* _SFWCTL_NL_ATTR_H */
