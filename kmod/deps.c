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

#define DEPS	"nf_defrag_ipv4 nf_defrag_ipv6 nf_reject_ipv4 nf_reject_ipv6"

struct sfw_deps sfw_deps __ro_after_init;

/**
 * sfw_deps_exit() - let their modules go
 *
 * Context: module unload, or a load that failed.
 */
void sfw_deps_exit(void)
{
	if (sfw_deps.nf_defrag_ipv4_enable)
		symbol_put(nf_defrag_ipv4_enable);
	if (sfw_deps.nf_defrag_ipv4_disable)
		symbol_put(nf_defrag_ipv4_disable);
	if (sfw_deps.nf_defrag_ipv6_enable)
		symbol_put(nf_defrag_ipv6_enable);
	if (sfw_deps.nf_defrag_ipv6_disable)
		symbol_put(nf_defrag_ipv6_disable);
	if (sfw_deps.nf_send_reset)
		symbol_put(nf_send_reset);
	if (sfw_deps.nf_send_unreach)
		symbol_put(nf_send_unreach);
	if (sfw_deps.nf_send_reset6)
		symbol_put(nf_send_reset6);
	if (sfw_deps.nf_send_unreach6)
		symbol_put(nf_send_unreach6);
}

/**
 * sfw_deps_init() - find the functions, loading their modules
 *
 * Return: 0 or -ENOENT.
 * Context: module load.
 */
int __init sfw_deps_init(void)
{
	sfw_deps.nf_defrag_ipv4_enable = symbol_request(nf_defrag_ipv4_enable);
	sfw_deps.nf_defrag_ipv4_disable =
		symbol_request(nf_defrag_ipv4_disable);
	sfw_deps.nf_defrag_ipv6_enable = symbol_request(nf_defrag_ipv6_enable);
	sfw_deps.nf_defrag_ipv6_disable =
		symbol_request(nf_defrag_ipv6_disable);
	sfw_deps.nf_send_reset = symbol_request(nf_send_reset);
	sfw_deps.nf_send_unreach = symbol_request(nf_send_unreach);
	sfw_deps.nf_send_reset6 = symbol_request(nf_send_reset6);
	sfw_deps.nf_send_unreach6 = symbol_request(nf_send_unreach6);
	if (sfw_deps.nf_defrag_ipv4_enable && sfw_deps.nf_defrag_ipv4_disable &&
	    sfw_deps.nf_defrag_ipv6_enable && sfw_deps.nf_defrag_ipv6_disable &&
	    sfw_deps.nf_send_reset && sfw_deps.nf_send_unreach &&
	    sfw_deps.nf_send_reset6 && sfw_deps.nf_send_unreach6)
		return 0;
	pr_err("sfw: a kernel function is missing; modprobe %s\n", DEPS);
	sfw_deps_exit();
	return -ENOENT;
}

MODULE_SOFTDEP("pre: " DEPS);
