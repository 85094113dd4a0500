// SPDX-License-Identifier: GPL-2.0
/*
 * The ssh session in which sfwctl runs.
 *
 * sshd tells its children about the connection in SSH_CONNECTION. sudo and su
 * - which is how most come here - take that out of the environment, so the
 * environments that our parents were started with are looked at as well. The
 * nearest one that knows counts.
 *
 * Whether the session has to do with this network namespace (it may be another
 * one's, with -N) and by which interface its packets come is asked of the
 * routing table: the server's address has to be local here.
 */
#include <arpa/inet.h>
#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "out.h"
#include "print.h"
#include "session.h"

#define VARIABLE	"SSH_CONNECTION="
/* More parents than anybody has; a circle cannot be. */
#define PARENTS_MAX	64
/* Environments are long, and their order is anybody's guess. */
#define ENVIRON_MAX	(1024 * 1024)

/* An address, without a zone; IPv4 in IPv6 is what it means. 0: it is none. */
static u8 read_address(const char *text, struct sfw_addr *addr)
{
	char plain[INET6_ADDRSTRLEN];
	size_t len = strcspn(text, "%");
	u32 word[4];

	if (len >= sizeof(plain))
		return 0;
	memcpy(plain, text, len);
	plain[len] = '\0';
	addr->hi = 0;
	if (inet_pton(AF_INET, plain, word) == 1) {
		addr->lo = ntohl(word[0]);
		return AF_INET;
	}
	if (inet_pton(AF_INET6, plain, word) != 1)
		return 0;
	if (!word[0] && !word[1] && word[2] == htonl(0xffff)) {
		addr->lo = ntohl(word[3]);
		return AF_INET;
	}
	addr->hi = (u64)ntohl(word[0]) << 32 | ntohl(word[1]);
	addr->lo = (u64)ntohl(word[2]) << 32 | ntohl(word[3]);
	return AF_INET6;
}

bool session_parse(const char *text, struct session *session)
{
	char client[64], server[64], rest;
	unsigned int port[2];

	memset(session, 0, sizeof(*session));
	if (sscanf(text, "%63s %5u %63s %5u %c", client, &port[0], server,
		   &port[1], &rest) != 4 ||
	    port[0] > 65535 || port[1] > 65535)
		return false;
	session->family = read_address(client, &session->client);
	session->client_port = (u16)port[0];
	session->server_port = (u16)port[1];
	return session->family &&
	       read_address(server, &session->server) == session->family;
}

/* The variable in an environment as /proc has it; fresh memory or NULL. */
static char *search_environ(const char *path)
{
	FILE *file = fopen(path, "re");
	size_t size = 0, total = 0;
	char *line = NULL;
	ssize_t len;

	if (!file)
		return NULL;
	while ((len = getdelim(&line, &size, '\0', file)) > 0) {
		if (!strncmp(line, VARIABLE, strlen(VARIABLE))) {
			memmove(line, line + strlen(VARIABLE),
				strlen(line) + 1 - strlen(VARIABLE));
			fclose(file);
			return line;
		}
		total += (size_t)len;
		if (total > ENVIRON_MAX)
			break;
	}
	free(line);
	fclose(file);
	return NULL;
}

static int parent_of(int pid)
{
	char path[32], line[128];
	int parent = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	file = fopen(path, "re");
	if (!file)
		return 0;
	while (fgets(line, sizeof(line), file))
		if (sscanf(line, "PPid: %d", &parent) == 1)
			break;
	fclose(file);
	return parent;
}

/* What SSH_CONNECTION is here or in the nearest parent; fresh memory. */
static char *connection_text(void)
{
	const char *own = getenv("SSH_CONNECTION");
	char path[32], *text = NULL;
	int i, pid;

	if (own)
		return strdup(own);
	pid = getppid();
	for (i = 0; !text && i < PARENTS_MAX && pid > 0; i++) {
		snprintf(path, sizeof(path), "/proc/%d/environ", pid);
		text = search_environ(path);
		pid = parent_of(pid);
	}
	return text;
}

struct route {
	u8 type;		/* RTN_LOCAL, RTN_UNICAST, ... */
	u32 ifindex;		/* 0 if there is none */
};

static int route_cb(const struct nlmsghdr *nlh, void *data)
{
	const struct rtmsg *rtm = mnl_nlmsg_get_payload(nlh);
	struct route *route = data;
	const struct nlattr *attr;

	route->type = rtm->rtm_type;
	mnl_attr_for_each(attr, nlh, sizeof(*rtm))
		if (mnl_attr_get_type(attr) == RTA_OIF &&
		    mnl_attr_validate(attr, MNL_TYPE_U32) >= 0)
			route->ifindex = mnl_attr_get_u32(attr);
	return MNL_CB_OK;
}

static bool ask_route(u8 family, const struct sfw_addr *addr,
		      struct route *route)
{
	char buf[8192] __attribute((__aligned__(8)));
	const u32 v6[4] = {
		htonl((u32)(addr->hi >> 32)), htonl((u32)addr->hi),
		htonl((u32)(addr->lo >> 32)), htonl((u32)addr->lo),
	};
	struct mnl_socket *sock;
	struct nlmsghdr *nlh;
	struct rtmsg *rtm;
	ssize_t len = -1;
	int ret = -1;

	memset(route, 0, sizeof(*route));
	sock = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
	if (!sock)
		return false;
	nlh = mnl_nlmsg_put_header(buf);
	nlh->nlmsg_type = RTM_GETROUTE;
	nlh->nlmsg_flags = NLM_F_REQUEST;
	nlh->nlmsg_seq = 1;
	rtm = mnl_nlmsg_put_extra_header(nlh, sizeof(*rtm));
	rtm->rtm_family = family;
	rtm->rtm_dst_len = family == AF_INET ? 32 : 128;
	if (family == AF_INET)
		mnl_attr_put_u32(nlh, RTA_DST, htonl((u32)addr->lo));
	else
		mnl_attr_put(nlh, RTA_DST, sizeof(v6), v6);
	if (mnl_socket_bind(sock, 0, MNL_SOCKET_AUTOPID) >= 0 &&
	    mnl_socket_sendto(sock, nlh, nlh->nlmsg_len) >= 0)
		len = mnl_socket_recvfrom(sock, buf, sizeof(buf));
	if (len > 0)
		ret = mnl_cb_run(buf, (size_t)len, 1,
				 mnl_socket_get_portid(sock), route_cb, route);
	mnl_socket_close(sock);
	return ret > MNL_CB_ERROR && route->type != RTN_UNSPEC;
}

bool session_find(struct session *session)
{
	char name[IF_NAMESIZE], *text = connection_text();
	struct route route;
	bool known;

	if (!text)
		return false;
	known = session_parse(text, session);
	if (!known)
		out_verbose("SSH_CONNECTION is '%s', which names no session",
			    out_clean(text));
	free(text);
	if (!known)
		return false;
	if (!ask_route(session->family, &session->server, &route) ||
	    route.type != RTN_LOCAL)
		return false;
	if (!ask_route(session->family, &session->client, &route))
		return true;
	session->local = route.type == RTN_LOCAL;
	if (session->local)
		snprintf(session->ifname, sizeof(session->ifname), "lo");
	else if (route.ifindex && if_indextoname(route.ifindex, name))
		snprintf(session->ifname, sizeof(session->ifname), "%s", name);
	return true;
}

void session_text(char *buf, size_t size, const struct session *session)
{
	bool v6 = session->family == AF_INET6;
	char client[64], server[64];

	print_addr(client, sizeof(client), session->family, &session->client);
	print_addr(server, sizeof(server), session->family, &session->server);
	snprintf(buf, size, v6 ? "[%s]:%u > [%s]:%u" : "%s:%u > %s:%u", client,
		 session->client_port, server, session->server_port);
}
