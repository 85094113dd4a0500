/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The generic netlink family.
 */
#ifndef _SFW_NETLINK_H
#define _SFW_NETLINK_H

int sfw_netlink_init(void);
void sfw_netlink_exit(void);

#endif /* _SFW_NETLINK_H */
