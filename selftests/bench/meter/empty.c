// SPDX-License-Identifier: GPL-2.0
/*
 * A hook that does nothing: what a packet pays for there being a firewall.
 *
 * Synchronisation: whether a namespace has it changes under the meter's lock,
 * and when the namespace goes, which nobody can then name any more.
 */
#include <linux/netfilter_ipv4.h>
#include <linux/netfilter_ipv6.h>
#include <net/netns/generic.h>

#include "empty.h"

struct empty_net {
	bool on;
};

static unsigned int empty_id __read_mostly;

static unsigned int empty(void *priv, struct sk_buff *skb,
			  const struct nf_hook_state *state)
{
	return NF_ACCEPT;
}

static const struct nf_hook_ops empty_ops[] = {
	{
		.hook = empty,
		.pf = NFPROTO_IPV4,
		.hooknum = NF_INET_PRE_ROUTING,
		.priority = NF_IP_PRI_FILTER,
	},
	{
		.hook = empty,
		.pf = NFPROTO_IPV6,
		.hooknum = NF_INET_PRE_ROUTING,
		.priority = NF_IP6_PRI_FILTER,
	},
};

/**
 * meter_empty_set() - register or remove the hook
 * @net: where
 * @on: register it
 *
 * Return: 0 or what registration returned.
 * Context: may sleep; the meter's lock is held.
 */
int meter_empty_set(struct net *net, bool on)
{
	struct empty_net *en = net_generic(net, empty_id);
	int err;

	if (en->on == on)
		return 0;
	if (on) {
		err = nf_register_net_hooks(net, empty_ops,
					    ARRAY_SIZE(empty_ops));
		if (err)
			return err;
	} else {
		nf_unregister_net_hooks(net, empty_ops, ARRAY_SIZE(empty_ops));
	}
	en->on = on;
	return 0;
}

static void __net_exit empty_net_exit(struct net *net)
{
	meter_empty_set(net, false);
}

static struct pernet_operations empty_net_ops = {
	.exit = empty_net_exit,
	.id = &empty_id,
	.size = sizeof(struct empty_net),
};

/**
 * meter_empty_init() - be told when namespaces go
 *
 * Return: 0 or an error.
 * Context: module load.
 */
int __init meter_empty_init(void)
{
	return register_pernet_subsys(&empty_net_ops);
}

/**
 * meter_empty_exit() - remove the hook everywhere
 *
 * Context: module unload.
 */
void meter_empty_exit(void)
{
	unregister_pernet_subsys(&empty_net_ops);
}
