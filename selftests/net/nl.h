/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A generic netlink client that can also speak badly.
 *
 * libmnl builds only well-formed messages; half of what the netlink tests
 * send is not. So messages are plain bytes here, and every answer is kept
 * whole: error number, extack text, generation. One socket has one request
 * under way at a time.
 */
#ifndef _SFW_SELFTEST_NL_H
#define _SFW_SELFTEST_NL_H

#include <errno.h>
#include <fcntl.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <uapi/sfw.h>

#define NL_MSG_MAX	(128 * 1024)

/* In seconds, of kselftest_harness.h: kernels that report bugs are slow. */
#undef TEST_TIMEOUT_DEFAULT
#define TEST_TIMEOUT_DEFAULT	300

/* Not a kernel's answer: nothing came before the socket's time limit. */
#define NL_NO_ANSWER	1

struct nl_msg {
	size_t len;
	union {
		struct nlmsghdr hdr;
		char buf[NL_MSG_MAX];
	};
};

struct nl {
	int fd;
	size_t room;		/* bytes per recv(), which is how a dump is cut */
	__u32 seq;
	__u16 family;
	int err;		/* of the last answer, as from errno */
	char text[512];		/* its extack text */
	int gen;		/* SFW_A_GENERATION of the last reply, or -1 */
	bool intr;		/* NLM_F_DUMP_INTR was seen */
	bool done;		/* the dump's end was seen */
};

/* How often: @n, or a tenth of it on a kernel that is slow (SFW_SLOW). */
static inline int nl_times(int n)
{
	return getenv("SFW_SLOW") ? n / 10 : n;
}

static inline void nl_start(struct nl_msg *m, __u16 type, __u16 flags, __u8 cmd,
			    __u8 version)
{
	struct genlmsghdr *g;

	memset(m->buf, 0, NLMSG_HDRLEN + GENL_HDRLEN);
	m->hdr.nlmsg_type = type;
	m->hdr.nlmsg_flags = NLM_F_REQUEST | flags;
	g = NLMSG_DATA(&m->hdr);
	g->cmd = cmd;
	g->version = version;
	m->len = NLMSG_HDRLEN + GENL_HDRLEN;
}

/* Start a request of our family. */
static inline void nl_cmd(struct nl *nl, struct nl_msg *m, __u8 cmd)
{
	nl_start(m, nl->family, NLM_F_ACK, cmd, SFW_GENL_VERSION);
}

static inline void nl_put(struct nl_msg *m, __u16 type, const void *data,
			  size_t len)
{
	struct nlattr *a = (struct nlattr *)(m->buf + m->len);

	if (m->len + NLA_HDRLEN + NLA_ALIGN(len) > sizeof(m->buf)) {
		fprintf(stderr, "nl_put: message too long\n");
		abort();
	}
	a->nla_type = type;
	a->nla_len = NLA_HDRLEN + len;
	memset(m->buf + m->len + NLA_HDRLEN, 0, NLA_ALIGN(len));
	if (len)
		memcpy(m->buf + m->len + NLA_HDRLEN, data, len);
	m->len += NLA_HDRLEN + NLA_ALIGN(len);
}

static inline void nl_u8(struct nl_msg *m, __u16 type, __u8 v)
{
	nl_put(m, type, &v, sizeof(v));
}

static inline void nl_u16(struct nl_msg *m, __u16 type, __u16 v)
{
	nl_put(m, type, &v, sizeof(v));
}

static inline void nl_u32(struct nl_msg *m, __u16 type, __u32 v)
{
	nl_put(m, type, &v, sizeof(v));
}

static inline void nl_str(struct nl_msg *m, __u16 type, const char *s)
{
	nl_put(m, type, s, strlen(s) + 1);
}

static inline void nl_flag(struct nl_msg *m, __u16 type)
{
	nl_put(m, type, NULL, 0);
}

static inline size_t nl_nest(struct nl_msg *m, __u16 type)
{
	size_t at = m->len;

	nl_put(m, type | NLA_F_NESTED, NULL, 0);
	return at;
}

static inline void nl_end(struct nl_msg *m, size_t at)
{
	((struct nlattr *)(m->buf + at))->nla_len = m->len - at;
}

static inline struct nlattr *nl_first(const void *p, size_t len)
{
	const struct nlattr *a = p;

	return len >= NLA_HDRLEN && a->nla_len >= NLA_HDRLEN &&
	       a->nla_len <= len ? (struct nlattr *)a : NULL;
}

/* The first attribute of @type among @len bytes at @p, or NULL. */
static inline const struct nlattr *nl_find(const void *p, size_t len, int type)
{
	const struct nlattr *a;

	while ((a = nl_first(p, len))) {
		size_t step = NLA_ALIGN(a->nla_len);

		if ((a->nla_type & NLA_TYPE_MASK) == type)
			return a;
		if (step > len)
			break;
		p = (const char *)p + step;
		len -= step;
	}
	return NULL;
}

static inline const void *nl_data(const struct nlattr *a)
{
	return (const char *)a + NLA_HDRLEN;
}

static inline size_t nl_len(const struct nlattr *a)
{
	return a->nla_len - NLA_HDRLEN;
}

static inline __u32 nl_get_u32(const struct nlattr *a)
{
	__u32 v;

	memcpy(&v, nl_data(a), sizeof(v));
	return v;
}

static inline __u8 nl_get_u8(const struct nlattr *a)
{
	return *(const __u8 *)nl_data(a);
}

static inline const struct nlattr *nl_sub(const struct nlattr *a, int type)
{
	return a ? nl_find(nl_data(a), nl_len(a), type) : NULL;
}

/* Attribute of a reply's top level. */
static inline const struct nlattr *nl_top(const struct nlmsghdr *h, int type)
{
	size_t skip = NLMSG_HDRLEN + GENL_HDRLEN;

	if (h->nlmsg_len < skip)
		return NULL;
	return nl_find((const char *)h + skip, h->nlmsg_len - skip, type);
}

/* Send as it is, nlmsg_len and all. */
static inline int nl_send_raw(struct nl *nl, struct nl_msg *m)
{
	struct sockaddr_nl to = { .nl_family = AF_NETLINK };

	m->hdr.nlmsg_seq = ++nl->seq;
	if (sendto(nl->fd, m->buf, m->len, 0, (struct sockaddr *)&to,
		   sizeof(to)) < 0)
		return -errno;
	return 0;
}

static inline int nl_send(struct nl *nl, struct nl_msg *m)
{
	m->hdr.nlmsg_len = m->len;
	return nl_send_raw(nl, m);
}

typedef void (*nl_cb)(const struct nlmsghdr *h, void *arg);

/*
 * One datagram of answers to the request under way. True while more is to
 * come; false after its end, with nl->err set.
 */
static inline bool nl_read(struct nl *nl, nl_cb cb, void *arg)
{
	static struct nl_msg in;
	struct nlmsghdr *h = &in.hdr;
	ssize_t n;

	n = recv(nl->fd, in.buf, nl->room, 0);
	if (n < 0) {
		nl->err = errno == EAGAIN ? NL_NO_ANSWER : -errno;
		return false;
	}
	for (; NLMSG_OK(h, n); h = NLMSG_NEXT(h, n)) {
		const struct nlattr *a;
		struct nlmsgerr *e;
		size_t skip;

		if (h->nlmsg_seq != nl->seq)
			continue;
		if (h->nlmsg_flags & NLM_F_DUMP_INTR)
			nl->intr = true;
		if (h->nlmsg_type == NLMSG_DONE) {
			skip = NLMSG_HDRLEN + sizeof(int);
			nl->done = true;
			nl->err = *(int *)NLMSG_DATA(h);
			a = h->nlmsg_len > skip ?
			    nl_find((char *)h + skip, h->nlmsg_len - skip,
				    NLMSGERR_ATTR_MSG) : NULL;
			if (a)
				snprintf(nl->text, sizeof(nl->text), "%.*s",
					 (int)nl_len(a), (char *)nl_data(a));
			return false;
		}
		if (h->nlmsg_type == NLMSG_ERROR) {
			/* NETLINK_CAP_ACK: the request is not quoted. */
			e = NLMSG_DATA(h);
			skip = NLMSG_HDRLEN + sizeof(*e);
			a = nl_find((char *)h + skip, h->nlmsg_len - skip,
				    NLMSGERR_ATTR_MSG);
			if (a)
				snprintf(nl->text, sizeof(nl->text), "%.*s",
					 (int)nl_len(a), (char *)nl_data(a));
			nl->err = e->error;
			return false;
		}
		a = nl_top(h, SFW_A_GENERATION);
		if (h->nlmsg_type == nl->family && a)
			nl->gen = nl_get_u32(a);
		if (cb)
			cb(h, arg);
	}
	return true;
}

static inline void nl_reset(struct nl *nl)
{
	nl->err = 0;
	nl->text[0] = 0;
	nl->gen = -1;
	nl->intr = false;
	nl->done = false;
}

/* Read until the answer is complete; its error. */
static inline int nl_answer(struct nl *nl, nl_cb cb, void *arg)
{
	nl_reset(nl);
	while (nl_read(nl, cb, arg))
		;
	return nl->err;
}

static inline int nl_call(struct nl *nl, struct nl_msg *m)
{
	int err = nl_send(nl, m);

	return err ?: nl_answer(nl, NULL, NULL);
}

static inline int nl_dump(struct nl *nl, struct nl_msg *m, nl_cb cb, void *arg)
{
	int err;

	m->hdr.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	err = nl_send(nl, m);
	return err ?: nl_answer(nl, cb, arg);
}

static inline void nl_family_cb(const struct nlmsghdr *h, void *arg)
{
	const struct nlattr *a = nl_top(h, CTRL_ATTR_FAMILY_ID);

	if (a)
		memcpy(arg, nl_data(a), sizeof(__u16));
}

static inline int nl_lookup(struct nl *nl)
{
	struct nl_msg *m = malloc(sizeof(*m));
	int err;

	nl->family = 0;
	nl_start(m, GENL_ID_CTRL, NLM_F_ACK, CTRL_CMD_GETFAMILY, 1);
	nl_str(m, CTRL_ATTR_FAMILY_NAME, SFW_GENL_NAME);
	err = nl_send(nl, m) ?: nl_answer(nl, nl_family_cb, &nl->family);
	free(m);
	return err;
}

/*
 * A socket of the current namespace, at address @pid unless that is 0; 0 or
 * the error of the look-up.
 */
static inline int nl_open_at(struct nl *nl, size_t room, __u32 pid)
{
	struct sockaddr_nl sa = { .nl_family = AF_NETLINK, .nl_pid = pid };
	struct timeval limit = { .tv_sec = 20 };
	int one = 1;

	memset(nl, 0, sizeof(*nl));
	nl->room = room;
	nl->fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC);
	if (nl->fd < 0)
		return -errno;
	setsockopt(nl->fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	setsockopt(nl->fd, SOL_NETLINK, NETLINK_EXT_ACK, &one, sizeof(one));
	setsockopt(nl->fd, SOL_NETLINK, NETLINK_CAP_ACK, &one, sizeof(one));
	if (bind(nl->fd, (struct sockaddr *)&sa, sizeof(sa)))
		return -errno;
	return nl_lookup(nl);
}

static inline int nl_open(struct nl *nl)
{
	return nl_open_at(nl, 64 * 1024, 0);
}

/* The address the kernel knows a socket by. */
static inline __u32 nl_pid(struct nl *nl)
{
	struct sockaddr_nl sa = { };
	socklen_t len = sizeof(sa);

	getsockname(nl->fd, (struct sockaddr *)&sa, &len);
	return sa.nl_pid;
}

static inline void nl_close(struct nl *nl)
{
	close(nl->fd);
	nl->fd = -1;
}

/* Insert the module that SFW_KO names, unless one is there. */
static inline int nl_load_module(void)
{
	if (!access("/sys/module/sfw", F_OK))
		return 0;
	return system("insmod $SFW_KO");
}

/* Events have numbers among the requests; nobody can ask for them. */
#define SFW_REQUESTS	(SFW_CMD_MAX - (SFW_CMD_LOST_EVENT - \
				        SFW_CMD_DROP_EVENT + 1))

static inline bool sfw_is_event(int cmd)
{
	return cmd >= SFW_CMD_DROP_EVENT && cmd <= SFW_CMD_LOST_EVENT;
}

#endif /* _SFW_SELFTEST_NL_H */
