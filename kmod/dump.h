/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Shared by netlink.c and dump.c.
 */
#ifndef _SFW_DUMP_H
#define _SFW_DUMP_H

#include <net/genetlink.h>

extern struct genl_family sfw_netlink_family;

#endif /* _SFW_DUMP_H */
