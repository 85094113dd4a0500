/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a chain of iptables (the legacy one) does.
 */
#ifndef _SFWCTL_IPTABLES_H
#define _SFWCTL_IPTABLES_H

#include <pure.h>

/* Built-in chains, by enum nf_inet_hooks: "PREROUTING", ... */
extern const char *const iptables_chains[];

struct iptables_chain {
	bool rules;	/* there are some */
	bool accept;	/* its policy is ACCEPT */
};

/*
 * The chain of a table at a hook, in this network namespace. The table has to
 * be there: for one that is not the kernel would load its module. 0 or a
 * negative errno; the kernel tells those with CAP_NET_ADMIN.
 */
int iptables_read(u8 family, const char *table, u8 hook,
		  struct iptables_chain *chain);

#endif /* _SFWCTL_IPTABLES_H */
