// SPDX-License-Identifier: GPL-2.0
/*
 * Load and unload, nothing else.
 *
 * Order: what others use comes first and goes last. Netlink goes first, so
 * that nothing new begins; then the namespaces with their hooks, tables and
 * rule sets; then what waits for the last RCU callbacks.
 */
#include <linux/module.h>

#include "conn.h"
#include "deps.h"
#include "netlink.h"
#include "ns.h"
#include "ruleset.h"
#include "selftest/selftest.h"

static int __init sfw_init(void)
{
	int err;

	err = sfw_selftest_run();
	if (err)
		return err;
	err = sfw_deps_init();
	if (err)
		return err;
	err = sfw_conn_init();
	if (err)
		goto no_conn;
	err = sfw_ruleset_init();
	if (err)
		goto no_ruleset;
	err = sfw_ns_init();
	if (err)
		goto no_ns;
	err = sfw_netlink_init();
	if (err)
		goto no_netlink;
	pr_info("sfw " SFW_VERSION ": loaded, no rule set in force\n");
	return 0;

no_netlink:
	sfw_ns_exit();
no_ns:
	sfw_ruleset_exit();
no_ruleset:
	sfw_conn_exit();
no_conn:
	sfw_deps_exit();
	return err;
}

static void __exit sfw_exit(void)
{
	sfw_netlink_exit();
	sfw_ns_exit();
	sfw_ruleset_exit();
	sfw_conn_exit();
	sfw_deps_exit();
}

module_init(sfw_init);
module_exit(sfw_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("A firewall with two modes: stateful and stateless");
MODULE_VERSION(SFW_VERSION);
MODULE_ALIAS_GENL_FAMILY(SFW_GENL_NAME);
