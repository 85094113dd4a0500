/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Talking to sfw.ko: one generic netlink socket, requests and their answers.
 */
#ifndef _SFWCTL_NL_H
#define _SFWCTL_NL_H

#include <libmnl/libmnl.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <pure.h>
#include <signal.h>

#include "out.h"

/* Why the kernel refused a request. */
struct nl_error {
	int code;		/* negative errno, 0 if it did not refuse */
	u32 seq;		/* which message */
	u32 offset;		/* of the attribute in it, 0 if untold */
	u32 missing;		/* type of a missing attribute, 0 if untold */
	char text[256];		/* in the kernel's words, or empty */
};

struct nl;

/* One answer; 0 or a negative errno, which ends the request. */
typedef int (*nl_cb)(const struct nlmsghdr *nlh, void *data);

/* Enter a network namespace: a name, a path, or the pid of a member. */
enum rc nl_enter_netns(const char *name);

/* Find the module. RC_OK, or the exit code after saying why. */
enum rc nl_open(struct nl **nl);
/*
 * The same, but an absent module (*version is 0) or one of another interface
 * version is RC_MODULE without a word.
 */
enum rc nl_probe(struct nl **nl, u32 *version);
void nl_close(struct nl *nl);

/* Start a message in buf; flags beside NLM_F_REQUEST. */
struct nlmsghdr *nl_begin(struct nl *nl, void *buf, u8 cmd, u16 flags);

/*
 * Send the messages in buf, wait for the answer to the last one, which carries
 * NLM_F_ACK or NLM_F_DUMP, and hand every answer that has attributes to cb.
 * 0 or a negative errno; nl_error() says more. -EAGAIN: what a dump shows
 * changed while it was read (all of it was handed out nevertheless).
 */
int nl_send(struct nl *nl, const void *buf, size_t len, nl_cb cb, void *data);
int nl_talk(struct nl *nl, const struct nlmsghdr *nlh, nl_cb cb, void *data);

/*
 * Join multicast groups, a bit per enum sfw_group. The socket is for nl_hear()
 * alone from then on. RC_OK, or the exit code after saying why.
 */
enum rc nl_listen(struct nl *nl, u32 groups);
/*
 * Wait for the next event, with the signals of mask blocked, and hand it and
 * those behind it to cb. 0, -ETIMEDOUT (timeout_ms of -1 is for ever), -EINTR,
 * -EPIPE if nobody reads out_fd any more (-1 is nothing), -ENOBUFS if events
 * were lost because they were not read in time, or what cb returned.
 */
int nl_hear(struct nl *nl, const sigset_t *mask, int out_fd, int timeout_ms,
	    nl_cb cb, void *data);

const struct nl_error *nl_error(const struct nl *nl);
/*
 * Say why a request failed. err is what nl_talk() returned; doing is what was
 * tried ("add rule in 100"), NULL for nothing. Returns the exit code.
 */
enum rc nl_report(const struct nl *nl, int err, const char *doing);

#endif /* _SFWCTL_NL_H */
