// SPDX-License-Identifier: GPL-2.0
/*
 * The transport below everything that talks to sfw.ko.
 *
 * libmnl builds messages and walks attributes. The loop over answers is our
 * own, because mnl_cb_run() gives up at the first error of a batch, drops the
 * text the kernel sends with it (extended ACK), and stops in the middle of a
 * dump that was interrupted, with the rest of it still in the socket.
 *
 * Requests go out one at a time, or in batches of a few whose last message
 * asks for an acknowledgment. The kernel handles them inside sendmsg(), so
 * the answers that can be waiting are bounded by the batch and the receive
 * buffer does not overflow.
 */
#define _GNU_SOURCE		/* setns() */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "nl.h"
#include "xalloc.h"

#define NETNS_DIR	"/run/netns"

/*
 * One answer at most: a rule is bounded by the 16 bits of an attribute's
 * length, and the kernel puts several into one answer only while it is small.
 */
#define RX_SIZE		(256 * 1024)
/* More than the largest batch, see nl_tx.c; beyond it sendmsg() refuses. */
#define SOCKET_BUFFER	(1024 * 1024)
/* Of who listens: some seconds of events at the rate they are sent at. */
#define EVENT_BUFFER	(8 * 1024 * 1024)

struct nl {
	struct mnl_socket *sock;
	unsigned int portid;
	u32 seq;
	u16 family;
	u32 group[SFW_GROUP_MAX + 1];	/* 0: the module has none */
	struct nl_error error;
	char rx[RX_SIZE];
};

/* Names there are, for the message about one there is not. */
static void list_netns(char *buf, size_t size)
{
	const struct dirent *entry;
	size_t len = 0;
	DIR *dir;

	*buf = '\0';
	dir = opendir(NETNS_DIR);
	if (!dir)
		return;
	while ((entry = readdir(dir)) && len < size) {
		if (*entry->d_name == '.')
			continue;
		len += snprintf(buf + len, size - len, "%s%s",
				len ? ", " : "", entry->d_name);
	}
	closedir(dir);
	if (len >= size)
		memcpy(buf + size - 4, "...", 4);
	out_clean(buf);
}

static int open_netns(const char *name)
{
	char path[512];
	int fd;

	if (strchr(name, '/'))
		return open(name, O_RDONLY | O_CLOEXEC);
	snprintf(path, sizeof(path), NETNS_DIR "/%s", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0 || errno != ENOENT || !*name ||
	    name[strspn(name, "0123456789")])
		return fd;
	snprintf(path, sizeof(path), "/proc/%s/ns/net", name);
	return open(path, O_RDONLY | O_CLOEXEC);
}

enum rc nl_enter_netns(const char *name)
{
	char there[256];
	int fd, err;

	if (!*name) {
		out_err("-N needs the name of a network namespace, a path or a pid");
		return RC_USAGE;
	}
	fd = open_netns(name);
	if (fd < 0) {
		err = errno;
		if (err == EACCES || err == EPERM) {
			out_err("network namespace '%s': %s; entering it needs root",
				name, strerror(err));
			return RC_PERMISSION;
		}
		list_netns(there, sizeof(there));
		if (err != ENOENT)
			out_err("network namespace '%s': %s", name,
				strerror(err));
		else if (*there)
			out_err("there is no network namespace '%s'; named ones are: %s",
				name, there);
		else
			out_err("there is no network namespace '%s'; there are no named ones (ip netns add NAME makes one), a path or a pid works, too",
				name);
		return RC_USAGE;
	}
	err = setns(fd, CLONE_NEWNET) ? errno : 0;
	close(fd);
	if (!err)
		return RC_OK;
	if (err == EINVAL) {
		out_err("'%s' is not a network namespace", name);
		return RC_USAGE;
	}
	if (err == EPERM) {
		out_err("network namespace '%s': entering it needs root (CAP_SYS_ADMIN)",
			name);
		return RC_PERMISSION;
	}
	out_err("network namespace '%s': %s", name, strerror(err));
	return RC_KERNEL;
}

struct nlmsghdr *nl_begin(struct nl *nl, void *buf, u8 cmd, u16 flags)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct genlmsghdr *genl;

	nlh->nlmsg_type = nl->family;
	nlh->nlmsg_flags = NLM_F_REQUEST | flags;
	nlh->nlmsg_seq = ++nl->seq;
	genl = mnl_nlmsg_put_extra_header(nlh, sizeof(*genl));
	genl->cmd = cmd;
	genl->version = SFW_GENL_VERSION;
	return nlh;
}

const struct nl_error *nl_error(const struct nl *nl)
{
	return &nl->error;
}

static const char *const command_names[SFW_CMD_MAX + 1] = {
	[SFW_CMD_STATUS_GET]	= "status-get",
	[SFW_CMD_SET_GET]	= "set-get",
	[SFW_CMD_RULE_GET]	= "rule-get",
	[SFW_CMD_TX_BEGIN]	= "tx-begin",
	[SFW_CMD_TX_CONFIG]	= "tx-config",
	[SFW_CMD_TX_ADD]	= "tx-add",
	[SFW_CMD_TX_DEL]	= "tx-del",
	[SFW_CMD_TX_MOVE]	= "tx-move",
	[SFW_CMD_TX_COMMIT]	= "tx-commit",
	[SFW_CMD_TX_ABORT]	= "tx-abort",
	[SFW_CMD_MODE_SET]	= "mode-set",
	[SFW_CMD_FLUSH]		= "flush",
	[SFW_CMD_CONN_GET]	= "conn-get",
	[SFW_CMD_CONN_COUNT]	= "conn-count",
	[SFW_CMD_CONN_KILL]	= "conn-kill",
	[SFW_CMD_COUNTERS_ZERO]	= "counters-zero",
	[SFW_CMD_CONFIRM]	= "confirm",
	[SFW_CMD_ROLLBACK]	= "rollback",
	[SFW_CMD_CONN_RESTORE]	= "conn-restore",
	[SFW_CMD_DROP_EVENT]	= "drop-event",
	[SFW_CMD_CONN_NEW_EVENT] = "conn-new-event",
	[SFW_CMD_CONN_END_EVENT] = "conn-end-event",
	[SFW_CMD_CHANGE_EVENT]	= "change-event",
	[SFW_CMD_LOST_EVENT]	= "lost-event",
};

/* For -v: one line per message. */
static void trace(const struct nl *nl, const char *what,
		  const struct nlmsghdr *nlh)
{
	const struct genlmsghdr *genl = mnl_nlmsg_get_payload(nlh);
	const char *name = "?";

	if (!out.verbose)
		return;
	if (nlh->nlmsg_type == NLMSG_ERROR)
		name = "acknowledgment or error";
	else if (nlh->nlmsg_type == NLMSG_DONE)
		name = "end of dump";
	else if (nlh->nlmsg_type == GENL_ID_CTRL)
		name = "family sfw";
	else if (nlh->nlmsg_type == nl->family &&
		 mnl_nlmsg_get_payload_len(nlh) >= sizeof(*genl) &&
		 genl->cmd <= SFW_CMD_MAX && command_names[genl->cmd])
		name = command_names[genl->cmd];
	out_verbose("netlink: %s %s, seq %u, %u bytes", what, name,
		    nlh->nlmsg_seq, nlh->nlmsg_len);
}

/* Attributes behind an error or the end of a dump: the extended ACK. */
static void read_ext_ack(struct nl_error *error, const struct nlmsghdr *nlh,
			 size_t offset)
{
	const struct nlattr *attr;

	if (!(nlh->nlmsg_flags & NLM_F_ACK_TLVS) ||
	    mnl_nlmsg_get_payload_len(nlh) < offset)
		return;
	mnl_attr_for_each(attr, nlh, offset) {
		switch (mnl_attr_get_type(attr)) {
		case NLMSGERR_ATTR_MSG:
			if (mnl_attr_validate(attr, MNL_TYPE_NUL_STRING) < 0)
				break;
			snprintf(error->text, sizeof(error->text), "%s",
				 mnl_attr_get_str(attr));
			out_clean(error->text);
			break;
		case NLMSGERR_ATTR_OFFS:
			if (mnl_attr_validate(attr, MNL_TYPE_U32) == 0)
				error->offset = mnl_attr_get_u32(attr);
			break;
		case NLMSGERR_ATTR_MISS_TYPE:
			if (mnl_attr_validate(attr, MNL_TYPE_U32) == 0)
				error->missing = mnl_attr_get_u32(attr);
			break;
		}
	}
}

/* An acknowledgment or a refusal. Returns 0 or the negative errno. */
static int read_ack(struct nl_error *error, const struct nlmsghdr *nlh)
{
	const struct nlmsgerr *err = mnl_nlmsg_get_payload(nlh);
	size_t offset = sizeof(*err);

	memset(error, 0, sizeof(*error));
	if (mnl_nlmsg_get_payload_len(nlh) < sizeof(*err))
		return -EBADMSG;
	error->seq = nlh->nlmsg_seq;
	error->code = err->error;
	/* Without CAP_ACK a refusal repeats the whole request. */
	if (!(nlh->nlmsg_flags & NLM_F_CAPPED)) {
		if (err->msg.nlmsg_len < sizeof(err->msg))
			return -EBADMSG;
		offset += MNL_ALIGN(err->msg.nlmsg_len) - sizeof(err->msg);
	}
	read_ext_ack(error, nlh, offset);
	return error->code > 0 ? -EBADMSG : error->code;
}

/* The end of a dump, which may carry an error. */
static int read_done(struct nl_error *error, const struct nlmsghdr *nlh)
{
	memset(error, 0, sizeof(*error));
	if (mnl_nlmsg_get_payload_len(nlh) < sizeof(int))
		return 0;
	error->seq = nlh->nlmsg_seq;
	memcpy(&error->code, mnl_nlmsg_get_payload(nlh), sizeof(int));
	read_ext_ack(error, nlh, sizeof(int));
	return error->code > 0 ? -EBADMSG : error->code;
}

/* One datagram from the kernel, nobody else. */
static ssize_t receive(struct nl *nl, int flags)
{
	struct sockaddr_nl from;
	struct iovec iov = { .iov_base = nl->rx, .iov_len = sizeof(nl->rx) };
	struct msghdr msg = {
		.msg_name = &from,
		.msg_namelen = sizeof(from),
		.msg_iov = &iov,
		.msg_iovlen = 1,
	};
	ssize_t len;

	do {
		len = recvmsg(mnl_socket_get_fd(nl->sock), &msg, flags);
	} while ((len < 0 && errno == EINTR) ||
		 (len >= 0 && (msg.msg_namelen != sizeof(from) ||
			       from.nl_pid != 0)));
	if (len < 0)
		return -errno;
	if (msg.msg_flags & MSG_TRUNC)
		return -EMSGSIZE;
	return len;
}

/* What is under way: messages first to last, and what came of them. */
struct exchange {
	u32 first;
	u32 last;
	nl_cb cb;
	void *data;
	int err;		/* the first failure */
	bool interrupted;	/* of a dump: the table changed meanwhile */
	bool done;
};

static void fail(struct nl *nl, struct exchange *x, int err,
		 const struct nl_error *error)
{
	if (x->err)
		return;
	x->err = err;
	if (error)
		nl->error = *error;
	else
		nl->error = (struct nl_error){ .code = 0 };
}

static void handle(struct nl *nl, struct exchange *x,
		   const struct nlmsghdr *nlh)
{
	struct nl_error error;
	int err;

	/* Answers to what an earlier failure left behind are not ours. */
	if (nlh->nlmsg_pid != nl->portid ||
	    nlh->nlmsg_seq - x->first > x->last - x->first)
		return;
	trace(nl, "got", nlh);
	if (nlh->nlmsg_flags & NLM_F_DUMP_INTR)
		x->interrupted = true;

	switch (nlh->nlmsg_type) {
	case NLMSG_NOOP:
		return;
	case NLMSG_OVERRUN:
		fail(nl, x, -ENOBUFS, NULL);
		return;
	case NLMSG_ERROR:
	case NLMSG_DONE:
		err = nlh->nlmsg_type == NLMSG_DONE ? read_done(&error, nlh) :
						      read_ack(&error, nlh);
		if (err)
			fail(nl, x, err, &error);
		else if (*error.text)
			out_warn("%s", error.text);
		if (nlh->nlmsg_seq == x->last)
			x->done = true;
		return;
	}
	if (nlh->nlmsg_type < NLMSG_MIN_TYPE || !x->cb || x->err)
		return;
	if (mnl_nlmsg_get_payload_len(nlh) < sizeof(struct genlmsghdr))
		err = -EBADMSG;
	else
		err = x->cb(nlh, x->data);
	if (err)
		fail(nl, x, err, NULL);
}

static int transmit(struct nl *nl, const void *buf, size_t len)
{
	static const struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	ssize_t ret;

	do {
		ret = sendto(mnl_socket_get_fd(nl->sock), buf, len, 0,
			     (const struct sockaddr *)&kernel, sizeof(kernel));
	} while (ret < 0 && errno == EINTR);
	return ret < 0 ? -errno : 0;
}

int nl_send(struct nl *nl, const void *buf, size_t len, nl_cb cb, void *data)
{
	const struct nlmsghdr *nlh = buf;
	struct exchange x = {
		.first = nlh->nlmsg_seq,
		.last = nl->seq,
		.cb = cb,
		.data = data,
	};
	int err, left = (int)len;

	memset(&nl->error, 0, sizeof(nl->error));
	for (; mnl_nlmsg_ok(nlh, left); nlh = mnl_nlmsg_next(nlh, &left))
		trace(nl, "send", nlh);
	err = transmit(nl, buf, len);
	if (err)
		return err;

	while (!x.done) {
		ssize_t got = receive(nl, 0);

		if (got < 0)
			return (int)got;
		left = (int)got;
		for (nlh = (void *)nl->rx; mnl_nlmsg_ok(nlh, left);
		     nlh = mnl_nlmsg_next(nlh, &left))
			handle(nl, &x, nlh);
	}
	if (!x.err && x.interrupted)
		return -EAGAIN;
	return x.err;
}

int nl_talk(struct nl *nl, const struct nlmsghdr *nlh, nl_cb cb, void *data)
{
	return nl_send(nl, nlh, nlh->nlmsg_len, cb, data);
}

struct family {
	u16 id;
	u32 version;
	u32 group[SFW_GROUP_MAX + 1];
};

static const char *const group_names[SFW_GROUP_MAX + 1] = {
	[SFW_GROUP_DROPS]	= SFW_MCGRP_DROPS,
	[SFW_GROUP_CONNS]	= SFW_MCGRP_CONNS,
	[SFW_GROUP_RULES]	= SFW_MCGRP_RULES,
};

/* One group: a name and a number. */
static int read_group(const struct nlattr *nest, struct family *family)
{
	const struct nlattr *attr;
	const char *name = "";
	size_t i;
	u32 id = 0;

	mnl_attr_for_each_nested(attr, nest) {
		switch (mnl_attr_get_type(attr)) {
		case CTRL_ATTR_MCAST_GRP_NAME:
			if (mnl_attr_validate(attr, MNL_TYPE_NUL_STRING) < 0)
				return -EBADMSG;
			name = mnl_attr_get_str(attr);
			break;
		case CTRL_ATTR_MCAST_GRP_ID:
			if (mnl_attr_validate(attr, MNL_TYPE_U32) < 0)
				return -EBADMSG;
			id = mnl_attr_get_u32(attr);
			break;
		}
	}
	for (i = 0; i <= SFW_GROUP_MAX; i++)
		if (!strcmp(name, group_names[i]))
			family->group[i] = id;
	return 0;
}

static int read_groups(const struct nlattr *nest, struct family *family)
{
	const struct nlattr *attr;
	int err;

	mnl_attr_for_each_nested(attr, nest) {
		err = read_group(attr, family);
		if (err)
			return err;
	}
	return 0;
}

static int read_family(const struct nlmsghdr *nlh, void *data)
{
	struct family *family = data;
	const struct nlattr *attr;

	mnl_attr_for_each(attr, nlh, sizeof(struct genlmsghdr)) {
		switch (mnl_attr_get_type(attr)) {
		case CTRL_ATTR_FAMILY_ID:
			if (mnl_attr_validate(attr, MNL_TYPE_U16) < 0)
				return -EBADMSG;
			family->id = mnl_attr_get_u16(attr);
			break;
		case CTRL_ATTR_VERSION:
			if (mnl_attr_validate(attr, MNL_TYPE_U32) < 0)
				return -EBADMSG;
			family->version = mnl_attr_get_u32(attr);
			break;
		case CTRL_ATTR_MCAST_GROUPS:
			if (mnl_attr_validate(attr, MNL_TYPE_NESTED) < 0 ||
			    read_groups(attr, family))
				return -EBADMSG;
			break;
		}
	}
	return 0;
}

static enum rc module_absent(void)
{
	out_err("sfw: the module is not loaded in this kernel (modprobe sfw or insmod .../sfw.ko)");
	return RC_MODULE;
}

/* With a place for the version, nothing is said about absence or another one. */
static enum rc find_family(struct nl *nl, u32 *version)
{
	struct family family = { 0 };
	struct nlmsghdr *nlh;
	char buf[256];
	int err;

	nl->family = GENL_ID_CTRL;
	nlh = nl_begin(nl, buf, CTRL_CMD_GETFAMILY, NLM_F_ACK);
	mnl_attr_put_strz(nlh, CTRL_ATTR_FAMILY_NAME, SFW_GENL_NAME);
	err = nl_talk(nl, nlh, read_family, &family);
	if (err == -ENOENT)
		return version ? RC_MODULE : module_absent();
	if (!err && !family.id)
		err = -EBADMSG;
	if (err)
		return nl_report(nl, err, "looking for the module");
	if (version)
		*version = family.version;
	if (family.version != SFW_GENL_VERSION) {
		if (version)
			return RC_MODULE;
		out_err("the loaded module speaks version %u of the sfw netlink interface, this sfwctl version %u: install both from one release",
			family.version, SFW_GENL_VERSION);
		return RC_MODULE;
	}
	nl->family = family.id;
	memcpy(nl->group, family.group, sizeof(nl->group));
	return RC_OK;
}

static void set_buffer(const struct nl *nl, int option, int force, int size)
{
	int fd = mnl_socket_get_fd(nl->sock);

	if (setsockopt(fd, SOL_SOCKET, force, &size, sizeof(size)))
		setsockopt(fd, SOL_SOCKET, option, &size, sizeof(size));
}

/* Sizes and extras; a kernel that refuses one still works without it. */
static void set_options(const struct nl *nl)
{
	int on = 1;

	mnl_socket_setsockopt(nl->sock, NETLINK_EXT_ACK, &on, sizeof(on));
	mnl_socket_setsockopt(nl->sock, NETLINK_CAP_ACK, &on, sizeof(on));
	set_buffer(nl, SO_SNDBUF, SO_SNDBUFFORCE, SOCKET_BUFFER);
	set_buffer(nl, SO_RCVBUF, SO_RCVBUFFORCE, SOCKET_BUFFER);
}

static enum rc open_socket(struct nl **result, u32 *version)
{
	struct nl *nl = xcalloc(1, sizeof(*nl));
	enum rc rc;

	*result = NULL;
	nl->sock = mnl_socket_open2(NETLINK_GENERIC, SOCK_CLOEXEC);
	if (!nl->sock) {
		if (errno == EPROTONOSUPPORT || errno == EAFNOSUPPORT) {
			rc = version ? RC_MODULE : module_absent();
		} else {
			out_err("netlink socket: %s", strerror(errno));
			rc = RC_KERNEL;
		}
		free(nl);
		return rc;
	}
	if (mnl_socket_bind(nl->sock, 0, MNL_SOCKET_AUTOPID) < 0) {
		out_err("netlink socket: %s", strerror(errno));
		nl_close(nl);
		return RC_KERNEL;
	}
	nl->portid = mnl_socket_get_portid(nl->sock);
	set_options(nl);
	rc = find_family(nl, version);
	if (rc != RC_OK) {
		nl_close(nl);
		return rc;
	}
	*result = nl;
	return RC_OK;
}

enum rc nl_open(struct nl **nl)
{
	return open_socket(nl, NULL);
}

enum rc nl_probe(struct nl **nl, u32 *version)
{
	*version = 0;
	return open_socket(nl, version);
}

enum rc nl_listen(struct nl *nl, u32 groups)
{
	size_t i;

	set_buffer(nl, SO_RCVBUF, SO_RCVBUFFORCE, EVENT_BUFFER);
	for (i = 0; i <= SFW_GROUP_MAX; i++) {
		if (!(groups & BIT(i)))
			continue;
		if (!nl->group[i]) {
			out_err("this kernel cannot keep strangers from listening, so the module tells no events");
			return RC_KERNEL;
		}
		if (!mnl_socket_setsockopt(nl->sock, NETLINK_ADD_MEMBERSHIP,
					   &nl->group[i], sizeof(u32)))
			continue;
		if (errno == EPERM || errno == EACCES) {
			out_err("not permitted: listening needs CAP_NET_ADMIN over the network namespace (be root, or use sudo)");
			return RC_PERMISSION;
		}
		out_err("listening to %s: %s", group_names[i], strerror(errno));
		return RC_KERNEL;
	}
	return RC_OK;
}

/* What nl_hear() reads before it asks for signals and the reader again. */
#define HEAR_AT_ONCE	64

/* -EAGAIN if there is none. */
static int hear_one(struct nl *nl, nl_cb cb, void *data)
{
	ssize_t got = receive(nl, MSG_DONTWAIT);
	const struct nlmsghdr *nlh;
	int left, err;

	if (got < 0)
		return (int)got;
	left = (int)got;
	for (nlh = (void *)nl->rx; mnl_nlmsg_ok(nlh, left);
	     nlh = mnl_nlmsg_next(nlh, &left)) {
		trace(nl, "got", nlh);
		if (nlh->nlmsg_type != nl->family ||
		    mnl_nlmsg_get_payload_len(nlh) < sizeof(struct genlmsghdr))
			continue;
		err = cb(nlh, data);
		if (err)
			return err;
	}
	return 0;
}

int nl_hear(struct nl *nl, const sigset_t *mask, int out_fd, int timeout_ms,
	    nl_cb cb, void *data)
{
	struct pollfd fds[] = {
		{ .fd = mnl_socket_get_fd(nl->sock), .events = POLLIN },
		/* No events: only whether the reader has gone. */
		{ .fd = out_fd },
	};
	const struct timespec time = {
		.tv_sec = timeout_ms / 1000,
		.tv_nsec = timeout_ms % 1000 * 1000000L,
	};
	int n, err;

	if (ppoll(fds, ARRAY_SIZE(fds), timeout_ms < 0 ? NULL : &time, mask) < 0)
		return -errno;
	if (fds[1].revents & (POLLERR | POLLNVAL))
		return -EPIPE;
	if (!fds[0].revents)
		return -ETIMEDOUT;
	/* All that is there, for a look at whether there is some costs more than
	 * to read it; but not for ever.
	 */
	for (n = 0; n < HEAR_AT_ONCE; n++) {
		err = hear_one(nl, cb, data);
		/* The first as well: not the kernel's, it was thrown away. */
		if (err == -EAGAIN)
			break;
		if (err)
			return err;
	}
	return 0;
}

void nl_close(struct nl *nl)
{
	if (!nl)
		return;
	mnl_socket_close(nl->sock);
	free(nl);
}

enum rc nl_report(const struct nl *nl, int err, const char *doing)
{
	const struct nl_error *error = &nl->error;
	const char *sep = doing ? ": " : "";

	if (!doing)
		doing = "";
	/* Failures on this side of the socket. */
	if (!error->code) {
		switch (-err) {
		case EPERM:
		case EACCES:
			break;
		case EBADMSG:
			out_err("%s%sthe kernel's answer is malformed; does this sfwctl belong to the loaded module?",
				doing, sep);
			return RC_KERNEL;
		case EAGAIN:
			out_err("%s%sthe rule set changes faster than it can be read",
				doing, sep);
			return RC_KERNEL;
		case ENOBUFS:
			out_err("%s%sthe kernel's answer was lost (%s); 'sfwctl status' tells what holds",
				doing, sep, strerror(-err));
			return RC_KERNEL;
		default:
			out_err("%s%s%s", doing, sep, strerror(-err));
			return RC_KERNEL;
		}
	}
	if (err == -EPERM || err == -EACCES) {
		out_err("%s%snot permitted: this needs CAP_NET_ADMIN over the network namespace (be root, or use sudo)",
			doing, sep);
		return RC_PERMISSION;
	}
	if (!*error->text)
		out_err("%s%s%s", doing, sep, strerror(-err));
	else if (error->missing)
		out_err("%s%s%s (attribute %u is missing)", doing, sep,
			error->text, error->missing);
	else
		out_err("%s%s%s", doing, sep, error->text);
	return RC_KERNEL;
}
