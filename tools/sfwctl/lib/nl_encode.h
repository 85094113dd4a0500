/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Rule sets and filters to netlink attributes.
 */
#ifndef _SFWCTL_NL_ENCODE_H
#define _SFWCTL_NL_ENCODE_H

#include <libmnl/libmnl.h>
#include "ruleset.h"

/*
 * size is the room that nlh has, headers included. False if something does
 * not fit there or into the 16 bits of an attribute's length; the message is
 * then as it was.
 */
bool nl_put_default(struct nlmsghdr *nlh, size_t size, u16 type,
		    const struct ruleset_default *def);
/* The options that are named. */
bool nl_put_options(struct nlmsghdr *nlh, size_t size,
		    const struct sfw_options *opt);
bool nl_put_rule(struct nlmsghdr *nlh, size_t size,
		 const struct sfw_rule *rule);
/*
 * Elements of a named set from *pos on, as many as fit into about max bytes;
 * *pos moves behind them. Any piece but the first is marked as more of it.
 */
bool nl_put_set(struct nlmsghdr *nlh, size_t size, size_t max,
		const struct sfw_list *set, u32 *pos);

/* 4 or 16 bytes in network order. */
bool nl_put_address(struct nlmsghdr *nlh, size_t size, u16 type, u8 family,
		    const struct sfw_addr *addr);

/* One element of a filter: nested attributes of an address or of ports. */
bool nl_put_addr(struct nlmsghdr *nlh, size_t size, u16 type,
		 const struct sfw_elem *elem);
bool nl_put_port(struct nlmsghdr *nlh, size_t size, u16 type,
		 const struct sfw_elem *elem);

#endif /* _SFWCTL_NL_ENCODE_H */
