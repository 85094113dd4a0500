// SPDX-License-Identifier: GPL-2.0
/*
 * What a chain of iptables (the legacy one) does: whether it has rules, and its
 * policy, of what the kernel hands out for 'iptables-legacy-save'.
 *
 * A table is at its hooks as soon as somebody has looked at it, and stays there
 * when its rules are gone. So being there says nothing.
 *
 * A chain is its rules and the policy behind them, an entry each; the kernel
 * tells where in the table each begins. So there are rules if the two differ.
 * IPv4 and IPv6 have the same requests, and entries that differ in length.
 */
#include <netinet/in.h>	/* before the kernel's */
#include <net/if.h>
#include <assert.h>
#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter_ipv4/ip_tables.h>
#include <linux/netfilter_ipv6/ip6_tables.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "iptables.h"
#include "xalloc.h"

const char *const iptables_chains[] = {
	[NF_INET_PRE_ROUTING]	= "PREROUTING",
	[NF_INET_LOCAL_IN]	= "INPUT",
	[NF_INET_FORWARD]	= "FORWARD",
	[NF_INET_LOCAL_OUT]	= "OUTPUT",
	[NF_INET_POST_ROUTING]	= "POSTROUTING",
};

static int ask(int fd, u8 family, int what, void *buf, size_t size)
{
	socklen_t len = (socklen_t)size;

	return getsockopt(fd, family == AF_INET ? IPPROTO_IP : IPPROTO_IPV6,
			  what, buf, &len) ? -errno : 0;
}

/* What the entry says that is at so many bytes of so many, 0 if it is none. */
static int verdict(u8 family, const char *entries, size_t size, size_t at)
{
	bool v4 = family == AF_INET;
	size_t fixed = v4 ? sizeof(struct ipt_entry) : sizeof(struct ip6t_entry);
	size_t where = v4 ? offsetof(struct ipt_entry, target_offset) :
			    offsetof(struct ip6t_entry, target_offset);
	struct xt_standard_target target;
	u16 behind;

	if (at > size || size - at < fixed)
		return 0;
	memcpy(&behind, entries + at + where, sizeof(behind));
	if (behind < fixed || size - at < behind ||
	    size - at - behind < sizeof(target))
		return 0;
	memcpy(&target, entries + at + behind, sizeof(target));
	return target.verdict;
}

/* The policy is the entry at so many bytes. */
static int read_policy(int fd, u8 family, const struct ipt_getinfo *info,
		       size_t at, bool *accept)
{
	size_t size = sizeof(struct ipt_get_entries) + info->size;
	struct ipt_get_entries *get = xcalloc(1, size);
	int err;

	snprintf(get->name, sizeof(get->name), "%s", info->name);
	get->size = info->size;
	err = ask(fd, family, family == AF_INET ? IPT_SO_GET_ENTRIES :
						  IP6T_SO_GET_ENTRIES, get, size);
	if (!err)
		*accept = verdict(family, (const char *)get->entrytable,
				  info->size, at) == -NF_ACCEPT - 1;
	free(get);
	return err;
}

int iptables_read(u8 family, const char *table, u8 hook,
		  struct iptables_chain *chain)
{
	/* Answers of both families are alike but in the entries. */
	static_assert(sizeof(struct ipt_getinfo) == sizeof(struct ip6t_getinfo));
	static_assert(offsetof(struct ipt_get_entries, entrytable) ==
		      offsetof(struct ip6t_get_entries, entrytable));
	struct ipt_getinfo info = { .size = 0 };
	int fd, err;

	fd = socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	snprintf(info.name, sizeof(info.name), "%s", table);
	err = ask(fd, family, family == AF_INET ? IPT_SO_GET_INFO :
						  IP6T_SO_GET_INFO, &info, sizeof(info));
	if (!err && !(info.valid_hooks & BIT(hook)))
		err = -ENOENT;
	if (!err) {
		chain->rules = info.hook_entry[hook] != info.underflow[hook];
		err = read_policy(fd, family, &info, info.underflow[hook],
				  &chain->accept);
	}
	close(fd);
	return err;
}
