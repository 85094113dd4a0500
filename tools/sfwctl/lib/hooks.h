/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Who sees packets in this network namespace, and in which order.
 */
#ifndef _SFWCTL_HOOKS_H
#define _SFWCTL_HOOKS_H

#include <libmnl/libmnl.h>
#include <pure.h>
#include <stddef.h>

struct hook {
	u8 family;		/* AF_INET, AF_INET6 */
	u8 number;		/* enum nf_inet_hooks */
	int priority;
	char function[64];	/* empty if the kernel does not tell */
	char module[64];	/* "sfw"; empty for the kernel itself */
	char table[64];		/* "inet filter", of nftables; or empty */
	char chain[64];
};

/*
 * All hooks of both families, each hook's functions in the order in which
 * they see a packet. 0 or a negative errno; the kernel tells those with
 * CAP_NET_ADMIN. Free *list.
 */
int hooks_read(struct hook **list, size_t *n);
/*
 * The same as far as tables tell, where the kernel does not list its hooks; sfw:
 * a rule set is in force. Of two at one priority nobody knows which is first.
 */
int hooks_read_tables(struct hook **list, size_t *n, bool sfw);
/* Send a request, in memory of so many bytes, which the answers take; cb gets
 * these. 0 or a negative errno.
 */
int hooks_dump(struct mnl_socket *sock, struct nlmsghdr *nlh, size_t size,
	       mnl_cb_t cb, void *data);
/* "prerouting", ... */
const char *hooks_name(u8 number);

#endif /* _SFWCTL_HOOKS_H */
