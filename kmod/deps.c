// SPDX-License-Identifier: GPL-2.0
/*
 * Functions of other modules, looked up at load time.
 *
 * Defragmentation and the answers of reject are modules of their own on most
 * distributions. A plain call would make `insmod sfw.ko` fail with unknown
 * symbols unless the user had loaded four modules before; people who build and
 * try a module should not have to know. So the functions are requested by
 * name, which loads their modules, and their modules are held until ours goes.
 * None of them is on the way of an ordinary packet.
 */
#include <linux/init.h>
#include <linux/kmod.h>
#include <linux/module.h>

#include "deps.h"

struct sfw_deps sfw_deps __ro_after_init;

#define PUT(f)					\
	do {					\
		if (sfw_deps.f)			\
			symbol_put(f);		\
	} while (0);

#define GET(f)								\
	do {								\
		sfw_deps.f = symbol_request(f);				\
		if (!sfw_deps.f) {					\
			pr_err("sfw: this kernel has no " #f "(): modprobe nf_defrag_ipv4 nf_defrag_ipv6 nf_reject_ipv4 nf_reject_ipv6\n"); \
			goto missing;					\
		}							\
	} while (0);

/**
 * sfw_deps_init() - find the functions, loading their modules
 *
 * Return: 0 or -ENOENT.
 * Context: module load.
 */
int __init sfw_deps_init(void)
{
	SFW_DEPS(GET)
	return 0;
missing:
	SFW_DEPS(PUT)
	return -ENOENT;
}

/**
 * sfw_deps_exit() - let their modules go
 *
 * Context: module unload.
 */
void sfw_deps_exit(void)
{
	SFW_DEPS(PUT)
}

MODULE_SOFTDEP("pre: nf_defrag_ipv4 nf_defrag_ipv6 nf_reject_ipv4 nf_reject_ipv6");
