// SPDX-License-Identifier: GPL-2.0
/*
 * Who sees packets in this network namespace, and in which order: what the
 * kernel (nfnetlink_hook, 5.14 and newer) says about each of netfilter's
 * hooks. 'nft list hooks' prints the same; it has no form for programs.
 */
#include <netinet/in.h>	/* before the kernel's */
#include <arpa/inet.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_hook.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hooks.h"
#include "out.h"
#include "xalloc.h"

struct reading {
	struct hook *list;
	size_t n, cap;
	u8 family;
	u8 number;
};

const char *hooks_name(u8 number)
{
	static const char *const names[] = {
		[NF_INET_PRE_ROUTING]	= "prerouting",
		[NF_INET_LOCAL_IN]	= "input",
		[NF_INET_FORWARD]	= "forward",
		[NF_INET_LOCAL_OUT]	= "output",
		[NF_INET_POST_ROUTING]	= "postrouting",
	};

	return number < ARRAY_SIZE(names) ? names[number] : "?";
}

static void copy(char *to, size_t size, const struct nlattr *attr)
{
	if (mnl_attr_validate(attr, MNL_TYPE_NUL_STRING) < 0)
		return;
	snprintf(to, size, "%s", mnl_attr_get_str(attr));
	out_clean(to);
}

static const char *family_name(u8 family)
{
	switch (family) {
	case NFPROTO_INET:
		return "inet";
	case NFPROTO_IPV4:
		return "ip";
	case NFPROTO_IPV6:
		return "ip6";
	}
	return "?";
}

/* Table and chain of nftables. */
static void read_chain(struct hook *hook, const struct nlattr *info)
{
	const struct nlattr *desc, *attr;
	char table[48] = "";
	u8 family = hook->family;

	mnl_attr_for_each_nested(desc, info) {
		if (mnl_attr_get_type(desc) != NFNLA_HOOK_INFO_DESC)
			continue;
		mnl_attr_for_each_nested(attr, desc) {
			switch (mnl_attr_get_type(attr)) {
			case NFNLA_CHAIN_TABLE:
				copy(table, sizeof(table), attr);
				break;
			case NFNLA_CHAIN_FAMILY:
				if (mnl_attr_validate(attr, MNL_TYPE_U8) == 0)
					family = mnl_attr_get_u8(attr);
				break;
			case NFNLA_CHAIN_NAME:
				copy(hook->chain, sizeof(hook->chain), attr);
				break;
			}
		}
	}
	if (*table)
		snprintf(hook->table, sizeof(hook->table), "%s %s",
			 family_name(family), table);
}

static int read_hook(const struct nlmsghdr *nlh, void *data)
{
	struct reading *r = data;
	const struct nlattr *attr;
	struct hook *hook;

	r->list = xgrow(r->list, &r->cap, r->n + 1, sizeof(*r->list));
	hook = &r->list[r->n++];
	*hook = (struct hook){ .family = r->family, .number = r->number };
	mnl_attr_for_each(attr, nlh, sizeof(struct nfgenmsg)) {
		switch (mnl_attr_get_type(attr)) {
		case NFNLA_HOOK_PRIORITY:
			if (mnl_attr_validate(attr, MNL_TYPE_U32) == 0)
				hook->priority = (int)ntohl(mnl_attr_get_u32(attr));
			break;
		case NFNLA_HOOK_FUNCTION_NAME:
			copy(hook->function, sizeof(hook->function), attr);
			break;
		case NFNLA_HOOK_MODULE_NAME:
			copy(hook->module, sizeof(hook->module), attr);
			break;
		case NFNLA_HOOK_CHAIN_INFO:
			read_chain(hook, attr);
			break;
		}
	}
	return MNL_CB_OK;
}

int hooks_dump(struct mnl_socket *sock, struct nlmsghdr *nlh, size_t size,
	       mnl_cb_t cb, void *data)
{
	u32 seq = nlh->nlmsg_seq;
	ssize_t len;
	int ret;

	if (mnl_socket_sendto(sock, nlh, nlh->nlmsg_len) < 0)
		return -errno;
	do {
		len = mnl_socket_recvfrom(sock, nlh, size);
		if (len < 0)
			return -errno;
		ret = mnl_cb_run(nlh, (size_t)len, seq,
				 mnl_socket_get_portid(sock), cb, data);
		if (ret < 0)
			return -errno;
	} while (ret > MNL_CB_STOP);
	return 0;
}

static int read_one(struct mnl_socket *sock, struct reading *r, u32 seq)
{
	char buf[16384] __attribute((__aligned__(8)));
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct nfgenmsg *nfg;

	nlh->nlmsg_type = NFNL_SUBSYS_HOOK << 8 | NFNL_MSG_HOOK_GET;
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	nlh->nlmsg_seq = seq;
	nfg = mnl_nlmsg_put_extra_header(nlh, sizeof(*nfg));
	nfg->nfgen_family = r->family;
	nfg->version = NFNETLINK_V0;
	mnl_attr_put_u32(nlh, NFNLA_HOOK_HOOKNUM, htonl(r->number));
	return hooks_dump(sock, nlh, sizeof(buf), read_hook, r);
}

int hooks_read(struct hook **list, size_t *n)
{
	static const u8 families[] = { NFPROTO_IPV4, NFPROTO_IPV6 };
	struct reading r = { .n = 0 };
	struct mnl_socket *sock;
	u32 seq = 0;
	size_t i;
	int err = 0;

	*list = NULL;
	*n = 0;
	sock = mnl_socket_open2(NETLINK_NETFILTER, SOCK_CLOEXEC);
	if (!sock)
		return -errno;
	if (mnl_socket_bind(sock, 0, MNL_SOCKET_AUTOPID) < 0)
		err = -errno;
	for (i = 0; !err && i < ARRAY_SIZE(families); i++) {
		r.family = families[i];
		for (r.number = 0; !err && r.number < NF_INET_NUMHOOKS; r.number++)
			err = read_one(sock, &r, ++seq);
	}
	mnl_socket_close(sock);
	if (err) {
		free(r.list);
		return err;
	}
	*list = r.list;
	*n = r.n;
	return 0;
}
