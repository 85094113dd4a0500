/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Functions of other modules.
 */
#ifndef _SFW_DEPS_H
#define _SFW_DEPS_H

#include <net/netfilter/ipv4/nf_defrag_ipv4.h>
#include <net/netfilter/ipv4/nf_reject.h>
#include <net/netfilter/ipv6/nf_defrag_ipv6.h>
#include <net/netfilter/ipv6/nf_reject.h>

/* X(function) for each. */
#define SFW_DEPS(X)			\
	X(nf_defrag_ipv4_enable)	\
	X(nf_defrag_ipv4_disable)	\
	X(nf_defrag_ipv6_enable)	\
	X(nf_defrag_ipv6_disable)	\
	X(nf_send_reset)		\
	X(nf_send_unreach)		\
	X(nf_send_reset6)		\
	X(nf_send_unreach6)

#define SFW_DEPS_FIELD(f)	typeof(&(f)) f;

/* Called as sfw_deps.nf_send_reset(...); constant after module load. */
extern struct sfw_deps {
	SFW_DEPS(SFW_DEPS_FIELD)
} sfw_deps;

int sfw_deps_init(void);
void sfw_deps_exit(void);

#endif /* _SFW_DEPS_H */
