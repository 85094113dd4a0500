// SPDX-License-Identifier: GPL-2.0
/*
 * Who sees packets, on kernels that do not list their hooks (Debian's 6.1):
 * what can be had of it from the tables. Chains of nftables say where they
 * stand; those of iptables stand where they always do. What others have at
 * the hooks shows in no table.
 *
 * Asking changes nothing: no question is asked for which the kernel would have
 * to load a module.
 */
#include <netinet/in.h>	/* before the kernel's */
#include <arpa/inet.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <limits.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nf_tables_compat.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter_ipv4.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "hooks.h"
#include "out.h"
#include "xalloc.h"

struct tables {
	struct hook *list;
	size_t n, cap;
	bool nat;		/* there is a chain of NAT */
	bool tracked;		/* somebody asks nf_conntrack */
};

static void add(struct tables *t, const struct hook *hook)
{
	t->list = xgrow(t->list, &t->cap, t->n + 1, sizeof(*t->list));
	t->list[t->n++] = *hook;
}

static void add_module(struct tables *t, u8 family, u8 number, int priority,
		       const char *module, const char *function)
{
	struct hook hook = {
		.family = family, .number = number, .priority = priority,
	};

	snprintf(hook.module, sizeof(hook.module), "%s", module);
	snprintf(hook.function, sizeof(hook.function), "%s", function);
	add(t, &hook);
}

/* --- nftables ---------------------------------------------------------------- */

static const char *text_of(const struct nlattr *attr)
{
	return attr && mnl_attr_validate(attr, MNL_TYPE_NUL_STRING) == 0 ?
	       mnl_attr_get_str(attr) : "";
}

static const struct nlattr *find(const struct nlattr *nest, u16 type)
{
	const struct nlattr *attr;

	if (!nest)
		return NULL;
	mnl_attr_for_each_nested(attr, nest)
		if (mnl_attr_get_type(attr) == type)
			return attr;
	return NULL;
}

static const struct nlattr *find_main(const struct nlmsghdr *nlh, u16 type)
{
	const struct nlattr *attr;

	mnl_attr_for_each(attr, nlh, sizeof(struct nfgenmsg))
		if (mnl_attr_get_type(attr) == type)
			return attr;
	return NULL;
}

static bool number_of(const struct nlattr *attr, u32 *n)
{
	if (!attr || mnl_attr_validate(attr, MNL_TYPE_U32) < 0)
		return false;
	*n = ntohl(mnl_attr_get_u32(attr));
	return true;
}

static int read_chain(const struct nlmsghdr *nlh, void *data)
{
	const struct nfgenmsg *nfg = mnl_nlmsg_get_payload(nlh);
	const struct nlattr *at = find_main(nlh, NFTA_CHAIN_HOOK);
	bool inet = nfg->nfgen_family == NFPROTO_INET;
	struct hook hook = { .number = 0 };
	struct tables *t = data;
	u32 number, priority;

	if ((!inet && nfg->nfgen_family != NFPROTO_IPV4 &&
	     nfg->nfgen_family != NFPROTO_IPV6) ||
	    !number_of(find(at, NFTA_HOOK_HOOKNUM), &number) ||
	    !number_of(find(at, NFTA_HOOK_PRIORITY), &priority) ||
	    number >= NF_INET_NUMHOOKS)
		return MNL_CB_OK;
	hook.number = (u8)number;
	hook.priority = (int)priority;
	if (!strcmp(text_of(find_main(nlh, NFTA_CHAIN_TYPE)), "nat")) {
		/* As the kernel shows it: NAT is no filter. */
		t->nat = true;
		snprintf(hook.module, sizeof(hook.module), "nf_nat");
		snprintf(hook.function, sizeof(hook.function), "nft_nat_do_chain");
	} else {
		snprintf(hook.table, sizeof(hook.table), "%s %s",
			 inet ? "inet" : nfg->nfgen_family == NFPROTO_IPV4 ?
			 "ip" : "ip6", text_of(find_main(nlh, NFTA_CHAIN_TABLE)));
		snprintf(hook.chain, sizeof(hook.chain), "%s",
			 text_of(find_main(nlh, NFTA_CHAIN_NAME)));
		out_clean(hook.table);
		out_clean(hook.chain);
		snprintf(hook.function, sizeof(hook.function), "nft_do_chain");
	}
	if (inet || nfg->nfgen_family == NFPROTO_IPV4) {
		hook.family = AF_INET;
		add(t, &hook);
	}
	if (inet || nfg->nfgen_family == NFPROTO_IPV6) {
		hook.family = AF_INET6;
		add(t, &hook);
	}
	return MNL_CB_OK;
}

/* Does a rule ask what nf_conntrack knows of the packet? */
static int read_rule(const struct nlmsghdr *nlh, void *data)
{
	const struct nlattr *list = find_main(nlh, NFTA_RULE_EXPRESSIONS);
	struct tables *t = data;
	const struct nlattr *elem;

	if (!list)
		return MNL_CB_OK;
	mnl_attr_for_each_nested(elem, list) {
		const char *name = text_of(find(elem, NFTA_EXPR_NAME));
		const struct nlattr *match = find(elem, NFTA_EXPR_DATA);

		t->tracked |= !strcmp(name, "ct");
		/* of iptables-nft */
		if (strcmp(name, "match"))
			continue;
		name = text_of(find(match, NFTA_MATCH_NAME));
		t->tracked |= !strcmp(name, "conntrack") || !strcmp(name, "state");
	}
	return MNL_CB_OK;
}

static int dump(struct mnl_socket *sock, u16 type, u32 seq, mnl_cb_t cb,
		struct tables *t)
{
	char buf[32768] __attribute((__aligned__(8)));
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct nfgenmsg *nfg;

	nlh->nlmsg_type = (u16)(NFNL_SUBSYS_NFTABLES << 8 | type);
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	nlh->nlmsg_seq = seq;
	nfg = mnl_nlmsg_put_extra_header(nlh, sizeof(*nfg));
	nfg->nfgen_family = NFPROTO_UNSPEC;
	nfg->version = NFNETLINK_V0;
	return hooks_dump(sock, nlh, sizeof(buf), cb, t);
}

static int read_nftables(struct tables *t)
{
	struct mnl_socket *sock;
	int err = 0;

	if (access("/sys/module/nf_tables", F_OK))
		return 0;
	sock = mnl_socket_open2(NETLINK_NETFILTER, SOCK_CLOEXEC);
	if (!sock)
		return -errno;
	if (mnl_socket_bind(sock, 0, MNL_SOCKET_AUTOPID) < 0)
		err = -errno;
	if (!err)
		err = dump(sock, NFT_MSG_GETCHAIN, 1, read_chain, t);
	if (!err)
		err = dump(sock, NFT_MSG_GETRULE, 2, read_rule, t);
	mnl_socket_close(sock);
	return err;
}

/* --- iptables ------------------------------------------------------------------ */

static const struct {
	const char *table;
	int priority;
	u8 hooks;		/* a bit each, enum nf_inet_hooks */
} legacy[] = {
	{ "raw", NF_IP_PRI_RAW, BIT(NF_INET_PRE_ROUTING) | BIT(NF_INET_LOCAL_OUT) },
	{ "mangle", NF_IP_PRI_MANGLE, BIT(NF_INET_NUMHOOKS) - 1 },
	{ "filter", NF_IP_PRI_FILTER, BIT(NF_INET_LOCAL_IN) |
	  BIT(NF_INET_FORWARD) | BIT(NF_INET_LOCAL_OUT) },
	{ "security", NF_IP_PRI_SECURITY, BIT(NF_INET_LOCAL_IN) |
	  BIT(NF_INET_FORWARD) | BIT(NF_INET_LOCAL_OUT) },
};

static void read_iptables(struct tables *t, u8 family, const char *path,
			  const char *prefix, const char *function)
{
	char name[64], module[64];
	FILE *file = fopen(path, "re");
	size_t i;
	u8 number;

	while (file && fgets(name, sizeof(name), file)) {
		name[strcspn(name, "\n")] = '\0';
		t->nat |= !strcmp(name, "nat");
		for (i = 0; i < ARRAY_SIZE(legacy); i++) {
			if (strcmp(name, legacy[i].table))
				continue;
			snprintf(module, sizeof(module), "%s%s", prefix, name);
			for (number = 0; number < NF_INET_NUMHOOKS; number++)
				if (legacy[i].hooks & BIT(number))
					add_module(t, family, number,
						   legacy[i].priority, module,
						   function);
		}
	}
	if (file)
		fclose(file);
}

/* --- all together --------------------------------------------------------------- */

static bool has_connections(void)
{
	FILE *file = fopen("/proc/sys/net/netfilter/nf_conntrack_count", "re");
	int n = 0;

	if (!file)
		return false;
	if (fscanf(file, "%d", &n) != 1)
		n = 0;
	fclose(file);
	return n > 0;
}

static int compare(const void *a, const void *b)
{
	const struct hook *x = a, *y = b;

	if (x->family != y->family)
		return x->family == AF_INET ? -1 : 1;
	if (x->number != y->number)
		return x->number < y->number ? -1 : 1;
	if (x->priority != y->priority)
		return x->priority < y->priority ? -1 : 1;
	/* sfw first: see hooks_read_tables(). */
	return !strcmp(y->module, "sfw") - !strcmp(x->module, "sfw");
}

int hooks_read_tables(struct hook **list, size_t *n, bool sfw)
{
	static const u8 families[] = { AF_INET, AF_INET6 };
	static const u8 both[] = { NF_INET_PRE_ROUTING, NF_INET_LOCAL_OUT };
	struct tables t = { .n = 0 };
	size_t i, j;
	int err;

	err = read_nftables(&t);
	if (err) {
		free(t.list);
		return err;
	}
	read_iptables(&t, AF_INET, "/proc/net/ip_tables_names", "iptable_",
		      "ipt_do_table");
	read_iptables(&t, AF_INET6, "/proc/net/ip6_tables_names", "ip6table_",
		      "ip6t_do_table");
	t.tracked |= t.nat || has_connections();
	for (i = 0; i < ARRAY_SIZE(families); i++) {
		for (j = 0; j < ARRAY_SIZE(both); j++) {
			if (t.tracked)
				add_module(&t, families[i], both[j],
					   NF_IP_PRI_CONNTRACK, "nf_conntrack",
					   "nf_conntrack_in");
			if (sfw)
				add_module(&t, families[i], both[j],
					   NF_IP_PRI_FILTER, "sfw", "");
		}
	}
	if (t.nat)
		add_module(&t, AF_INET, NF_INET_POST_ROUTING,
			   NF_IP_PRI_NAT_SRC, "nf_nat", "nf_nat_inet_fn");
	qsort(t.list, t.n, sizeof(*t.list), compare);
	*list = t.list;
	*n = t.n;
	return 0;
}
