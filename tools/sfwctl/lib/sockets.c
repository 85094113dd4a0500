// SPDX-License-Identifier: GPL-2.0
/*
 * Sockets that wait for somebody: see sockets.h.
 *
 * Asked by sock_diag, which needs no privilege, for one protocol and family at
 * a time. An IPv6 socket on :: hears IPv4, too, unless it was told not to.
 */
#include <arpa/inet.h>
#include <libmnl/libmnl.h>
#include <linux/inet_diag.h>
#include <linux/sock_diag.h>
#include <netinet/tcp.h>

#include "sockets.h"

struct question {
	void (*cb)(const struct listener *l, void *data);
	void *data;
	u8 protocol;
};

static struct sfw_addr read_addr(u8 family, const __be32 *raw)
{
	struct sfw_addr addr = { 0, ntohl(raw[0]) };

	if (family == AF_INET6) {
		addr.hi = (u64)ntohl(raw[0]) << 32 | ntohl(raw[1]);
		addr.lo = (u64)ntohl(raw[2]) << 32 | ntohl(raw[3]);
	}
	return addr;
}

static bool is_loopback(const struct listener *l)
{
	if (l->family == AF_INET)
		return l->addr.lo >> 24 == 127;
	return !l->addr.hi && l->addr.lo == 1;
}

/* ::ffff:10.0.0.1 is an IPv4 socket in disguise. */
static bool is_mapped(const struct sfw_addr *addr)
{
	return !addr->hi && addr->lo >> 32 == 0xffff;
}

static int socket_cb(const struct nlmsghdr *nlh, void *data)
{
	const struct inet_diag_msg *msg = mnl_nlmsg_get_payload(nlh);
	struct question *q = data;
	struct listener l = { .protocol = q->protocol };
	const struct nlattr *attr;
	bool v6only = false;

	if (mnl_nlmsg_get_payload_len(nlh) < sizeof(*msg) ||
	    (msg->idiag_family != AF_INET && msg->idiag_family != AF_INET6))
		return MNL_CB_OK;
	mnl_attr_for_each(attr, nlh, sizeof(*msg))
		if (mnl_attr_get_type(attr) == INET_DIAG_SKV6ONLY &&
		    mnl_attr_validate(attr, MNL_TYPE_U8) >= 0)
			v6only = mnl_attr_get_u8(attr);
	l.family = msg->idiag_family;
	l.port = ntohs(msg->id.idiag_sport);
	l.addr = read_addr(l.family, msg->id.idiag_src);
	if (l.family == AF_INET6 && is_mapped(&l.addr)) {
		l.family = AF_INET;
		l.addr.lo = (u32)l.addr.lo;
	}
	l.any = !l.addr.hi && !l.addr.lo;
	if (is_loopback(&l) || !l.port)
		return MNL_CB_OK;
	q->cb(&l, q->data);
	if (l.family == AF_INET6 && l.any && !v6only) {
		l.family = AF_INET;
		q->cb(&l, q->data);
	}
	return MNL_CB_OK;
}

static bool ask(struct mnl_socket *sock, u8 family, u8 protocol,
		struct question *q)
{
	/* An unconnected UDP socket is called closed. */
	const u32 states = protocol == IPPROTO_TCP ? 1U << TCP_LISTEN :
						     1U << TCP_CLOSE;
	char buf[16384] __attribute((__aligned__(8)));
	struct inet_diag_req_v2 *req;
	struct nlmsghdr *nlh;
	ssize_t len;
	int ret = MNL_CB_OK;

	nlh = mnl_nlmsg_put_header(buf);
	nlh->nlmsg_type = SOCK_DIAG_BY_FAMILY;
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	nlh->nlmsg_seq = (u32)family << 8 | protocol;
	req = mnl_nlmsg_put_extra_header(nlh, sizeof(*req));
	req->sdiag_family = family;
	req->sdiag_protocol = protocol;
	req->idiag_states = states;
	q->protocol = protocol;
	if (mnl_socket_sendto(sock, nlh, nlh->nlmsg_len) < 0)
		return false;
	while (ret == MNL_CB_OK) {
		len = mnl_socket_recvfrom(sock, buf, sizeof(buf));
		if (len <= 0)
			return false;
		ret = mnl_cb_run(buf, (size_t)len, (u32)family << 8 | protocol,
				 mnl_socket_get_portid(sock), socket_cb, q);
	}
	return ret >= 0;
}

bool sockets_listening(void (*cb)(const struct listener *l, void *data),
		       void *data)
{
	static const u8 protocols[] = { IPPROTO_TCP, IPPROTO_UDP };
	static const u8 families[] = { AF_INET, AF_INET6 };
	struct question q = { .cb = cb, .data = data };
	struct mnl_socket *sock;
	bool good;
	size_t i;

	sock = mnl_socket_open2(NETLINK_SOCK_DIAG, SOCK_CLOEXEC);
	if (!sock)
		return false;
	good = mnl_socket_bind(sock, 0, MNL_SOCKET_AUTOPID) >= 0;
	for (i = 0; good && i < 4; i++)
		/* A kernel without IPv6 has no such sockets. */
		good = ask(sock, families[i / 2], protocols[i % 2], &q) ||
		       families[i / 2] == AF_INET6;
	mnl_socket_close(sock);
	return good;
}
