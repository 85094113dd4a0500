// SPDX-License-Identifier: GPL-2.0
/*
 * sfwctl doctor, the neighbours: other firewalls in this network namespace and
 * in which order they see packets, nf_conntrack, reverse path filtering.
 */
#include <netinet/in.h>	/* before the kernel's */
#include <linux/netfilter.h>
#include <linux/netfilter_ipv4.h>
#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "doctor.h"
#include "lib/hooks.h"
#include "lib/iptables.h"
#include "lib/xalloc.h"

/* The table of sfw-fallback.service. */
#define FALLBACK	"inet sfw"

static bool is_of_iptables(const char *name)
{
	return !strncmp(name, "iptable_", 8) || !strncmp(name, "ip6table_", 9);
}

/* What is built into the kernel has no module: mangle has a function of its own. */
static bool is_iptables(const struct hook *hook)
{
	return strstr(hook->function, "ipt_do_table") ||
	       strstr(hook->function, "ip6t_do_table") ||
	       is_of_iptables(hook->module) || is_of_iptables(hook->function);
}

/* The kernel does not list its hooks, they are from the tables. */
static bool from_tables;

/* Where it stands, for a packet that sfw judges. */
static const char *order(const struct hook *list, size_t n, size_t at)
{
	const struct hook *hook = &list[at];
	size_t i;

	if (hook->number != NF_INET_PRE_ROUTING &&
	    hook->number != NF_INET_LOCAL_OUT)
		return "after sfw";
	for (i = at + 1; i < n && list[i].number == hook->number &&
	     list[i].family == hook->family; i++)
		if (!strcmp(list[i].module, "sfw"))
			return "before sfw";
	if (from_tables && hook->priority == NF_IP_PRI_FILTER)
		return "before sfw or after it, as they were loaded";
	return "after sfw";
}

/* The table of iptables that is there, or NULL. */
static const char *iptables_table(const struct hook *hook)
{
	static const char *const modules[] = { "iptable_", "ip6table_" };
	static const struct {
		int priority;
		const char *table;
	} tables[] = {
		{ NF_IP_PRI_RAW_BEFORE_DEFRAG, "raw" },
		{ NF_IP_PRI_RAW, "raw" },
		{ NF_IP_PRI_MANGLE, "mangle" },
		{ NF_IP_PRI_FILTER, "filter" },
		{ NF_IP_PRI_SECURITY, "security" },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(modules); i++)
		if (!strncmp(hook->module, modules[i], strlen(modules[i])))
			return hook->module + strlen(modules[i]);
	/* Their common function, or built into the kernel. */
	for (i = 0; i < ARRAY_SIZE(tables); i++)
		if (hook->priority == tables[i].priority)
			return tables[i].table;
	return NULL;
}

/* Tables of these are what docker writes with iptables-nft, or by itself. */
static bool of_docker(const struct hook *hook)
{
	if (!strcmp(hook->table, "ip docker-bridges") ||
	    !strcmp(hook->table, "ip6 docker-bridges"))
		return true;
	return if_nametoindex("docker0") &&
	       (!strcmp(hook->table, "ip filter") ||
		!strcmp(hook->table, "ip6 filter") ||
		!strcmp(hook->table, "ip raw") ||
		!strcmp(hook->table, "ip6 raw") ||
		is_iptables(hook));
}

static bool told_before(const struct hook *list, size_t at)
{
	size_t i;

	for (i = 0; i < at; i++)
		if (!strcmp(list[i].table, list[at].table) &&
		    !strcmp(list[i].chain, list[at].chain) &&
		    list[i].number == list[at].number &&
		    (*list[at].table || list[i].family == list[at].family) &&
		    list[i].priority == list[at].priority &&
		    !strcmp(list[i].function, list[at].function))
			return true;
	return false;
}

static void say_nftables(const struct hook *list, size_t n, size_t at)
{
	const struct hook *hook = &list[at];
	bool docker = of_docker(hook);
	char *fix = docker ? NULL :
		    xasprintf("nft delete table %s    # unless it is wanted beside sfw",
			      hook->table);

	doctor_say(docker ? SEVERITY_NOTE : SEVERITY_WARNING, "other-firewall",
		   fix, "nftables, table %s, chain %s%s: at %s, priority %d, %s",
		   hook->table, hook->chain, docker ? ", docker's" : "",
		   hooks_name(hook->number), hook->priority, order(list, n, at));
	free(fix);
}

/*
 * The policy first: without the rules that accept, a policy that drops would
 * cut who types this. Whose chain the kernel does not tell is to be looked at.
 */
static char *iptables_fix(const struct hook *hook, const char *table,
			  const struct iptables_chain *chain)
{
	const char *tool = hook->family == AF_INET ? "iptables-legacy" :
						     "ip6tables-legacy";
	const char *name = iptables_chains[hook->number];
	char *policy, *fix;

	if (!chain)
		return xasprintf("%s-save    # what it does", tool);
	policy = chain->accept ? xstrdup("") :
		 xasprintf("%s -t %s -P %s ACCEPT; ", tool, table, name);
	fix = xasprintf("%s%s -t %s -F %s    # unless it is wanted beside sfw",
			policy, tool, table, name);
	free(policy);
	return fix;
}

/* False if it does nothing: a table is at its hooks once it was looked at. */
static bool say_iptables(const struct hook *list, size_t n, size_t at)
{
	const struct hook *hook = &list[at];
	const char *table = iptables_table(hook);
	bool docker = of_docker(hook);
	struct iptables_chain chain;
	bool known;
	char *fix;

	known = table && !iptables_read(hook->family, table, hook->number,
					&chain);
	if (known && !chain.rules && chain.accept)
		return false;
	fix = docker ? NULL : iptables_fix(hook, table, known ? &chain : NULL);
	doctor_say(docker ? SEVERITY_NOTE : SEVERITY_WARNING, "other-firewall",
		   fix, "iptables (legacy, IPv%d), table %s%s: at %s, priority %d, %s",
		   hook->family == AF_INET ? 4 : 6, table ? table : "?",
		   docker ? ", docker's" : "", hooks_name(hook->number),
		   hook->priority, order(list, n, at));
	free(fix);
	return true;
}

/* By its function, too: it may be built into the kernel and is no module then. */
static bool is_conntrack(const struct hook *hook)
{
	return !strcmp(hook->module, "nf_conntrack") ||
	       strstr(hook->function, "_conntrack_in") ||
	       strstr(hook->function, "_conntrack_local");
}

static void conntrack(const struct hook *list, size_t n)
{
	bool tracked = false, nat = false;
	size_t i;

	for (i = 0; i < n; i++) {
		tracked |= is_conntrack(&list[i]);
		nat |= !strcmp(list[i].module, "nf_nat") ||
		       strstr(list[i].function, "nf_nat");
	}
	if (nat)
		doctor_say(SEVERITY_NOTE, "conntrack", NULL,
			   "nf_conntrack follows connections, too: NAT needs it");
	else if (tracked)
		doctor_say(SEVERITY_WARNING, "conntrack",
			   "nft list ruleset | grep -w ct    # which rules ask for it",
			   "nf_conntrack follows every connection, too, and no NAT needs it: that costs more than sfw's own table");
	else
		doctor_say(SEVERITY_OK, "conntrack", NULL,
			   "nf_conntrack does not follow connections here");
}

static void neighbours(const struct hook *list, size_t n,
		       const struct nl_status *status)
{
	size_t i, others = 0, own = 0;
	bool fallback = false;

	for (i = 0; i < n; i++) {
		if (!strcmp(list[i].module, "sfw"))
			own++;
		if (!strcmp(list[i].table, FALLBACK)) {
			fallback = true;
			continue;
		}
		if ((!*list[i].table && !is_iptables(&list[i])) ||
		    told_before(list, i))
			continue;
		if (*list[i].table) {
			say_nftables(list, n, i);
			others++;
		} else {
			others += say_iptables(list, n, i);
		}
	}
	if (fallback)
		doctor_say(SEVERITY_ERROR, "fallback",
			   "systemctl restart sfw    # once the module can be loaded",
			   "the rules are in force through nftables, table %s, because sfw could not be started",
			   FALLBACK);
	if (!others && !fallback)
		doctor_say(SEVERITY_OK, "other-firewall", NULL,
			   "no other firewall is in this network namespace");
	if (status && status->loaded && !own)
		doctor_say(SEVERITY_ERROR, "hooks-missing",
			   "sfwctl apply /etc/sfw/sfw.rules",
			   "a rule set is loaded, but sfw is at none of netfilter's hooks");
	conntrack(list, n);
}

static bool read_filter(const char *ifname, int *value)
{
	char *path = xasprintf("/proc/sys/net/ipv4/conf/%s/rp_filter", ifname);
	char line[16];
	bool ok = doctor_read_line(path, line, sizeof(line));

	free(path);
	*value = ok ? atoi(line) : 0;
	return ok;
}

/* The kernel takes the larger one of an interface's and that of "all". */
static void reverse_path(void)
{
	struct if_nameindex *list = if_nameindex(), *i;
	int all, value, strict = 0, n = 0;
	const char *name = NULL;
	char *fix;

	if (!list)
		return;
	read_filter("all", &all);
	for (i = list; i->if_index; i++) {
		if (!strcmp(i->if_name, "lo") || !read_filter(i->if_name, &value))
			continue;
		n++;
		if ((value > all ? value : all) == 1) {
			strict++;
			name = i->if_name;
		}
	}
	if (strict && n > 1) {
		if (all == 1)
			name = "all";
		fix = xasprintf("sysctl -w net.ipv4.conf.%s.rp_filter=2", name);
		doctor_say(SEVERITY_WARNING, "rp-filter", fix,
			   "strict reverse path filtering on %d of %d interfaces drops what sfw has allowed and counted, where the way back is another one",
			   strict, n);
		free(fix);
	} else {
		doctor_say(SEVERITY_OK, "rp-filter", NULL,
			   "reverse path filtering does not get in the way");
	}
	if_freenameindex(list);
}

static void list_hooks(const struct hook *list, size_t n)
{
	const struct hook *last = NULL;
	size_t i;

	if (out.json || out.quiet)
		return;
	for (i = 0; i < n; last = &list[i++]) {
		const struct hook *h = &list[i];

		if (!last)
			printf("\nwho sees packets, in this order%s:\n",
			       from_tables ? " (from tables: this kernel does not list its hooks)" :
					     "");
		if (!last || last->number != h->number || last->family != h->family)
			printf("  IPv%d %s\n", h->family == AF_INET ? 4 : 6,
			       hooks_name(h->number));
		printf("    %6d  %s%s%s%s%s\n", h->priority,
		       *h->module && !strcmp(h->module, "sfw") ?
		       out_painted(OUT_BOLD, "sfw") : h->function,
		       *h->table ? " " : "", h->table,
		       *h->chain ? " " : "", h->chain);
	}
}

void doctor_net(const struct nl_status *status)
{
	struct hook *list;
	size_t n;
	int err;

	reverse_path();
	err = hooks_read(&list, &n);
	from_tables = err && err != -EPERM;
	if (from_tables)
		err = hooks_read_tables(&list, &n, status && status->loaded);
	if (err) {
		doctor_say(SEVERITY_NOTE, "other-firewall",
			   "nft list ruleset; iptables-save",
			   "the kernel does not tell who is at its hooks: %s",
			   strerror(-err));
		return;
	}
	neighbours(list, n, status);
	list_hooks(list, n);
	free(list);
}
