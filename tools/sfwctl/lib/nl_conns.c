// SPDX-License-Identifier: GPL-2.0
/*
 * Reading and removing connections.
 *
 * A table of a million entries changes all the time; its dump is a stream, not
 * a picture of one moment. It is handed on entry by entry and never kept.
 */
#include <errno.h>

#include "nl_conns.h"

struct stream {
	nl_conns_cb cb;
	void *data;
};

static int conn_cb(const struct nlmsghdr *nlh, void *data)
{
	const struct stream *stream = data;
	struct nl_conn conn;
	int err;

	err = nl_get_conn(nlh, &conn);
	if (err)
		return err;
	stream->cb(&conn, stream->data);
	return 0;
}

enum rc nl_conns_dump(struct nl *nl, const struct nl_filter *filter,
		      nl_conns_cb cb, void *data, bool *changed)
{
	struct stream stream = { .cb = cb, .data = data };
	struct nlmsghdr *nlh;
	char buf[1024];
	int err;

	*changed = false;
	if (nl_filter_no_conn(filter))
		return RC_OK;
	nlh = nl_begin(nl, buf, SFW_CMD_CONN_GET, NLM_F_DUMP);
	if (!nl_filter_put(nlh, sizeof(buf), filter))
		return nl_report(nl, -EMSGSIZE, "filter");
	err = nl_talk(nl, nlh, conn_cb, &stream);
	if (err == -EAGAIN) {
		*changed = true;
		return RC_OK;
	}
	return err ? nl_report(nl, err, NULL) : RC_OK;
}

static int count_cb(const struct nlmsghdr *nlh, void *data)
{
	return nl_get_count(nlh, data);
}

static enum rc request_count(struct nl *nl, u8 cmd,
			     const struct nl_filter *filter, u64 *count)
{
	struct nlmsghdr *nlh;
	char buf[1024];
	int err;

	*count = 0;
	if (nl_filter_no_conn(filter))
		return RC_OK;
	nlh = nl_begin(nl, buf, cmd, NLM_F_ACK);
	if (!nl_filter_put(nlh, sizeof(buf), filter))
		return nl_report(nl, -EMSGSIZE, "filter");
	err = nl_talk(nl, nlh, count_cb, count);
	return err ? nl_report(nl, err, NULL) : RC_OK;
}

enum rc nl_conns_count(struct nl *nl, const struct nl_filter *filter,
		       u64 *count)
{
	return request_count(nl, SFW_CMD_CONN_COUNT, filter, count);
}

enum rc nl_conns_kill(struct nl *nl, const struct nl_filter *filter,
		      u64 *count)
{
	return request_count(nl, SFW_CMD_CONN_KILL, filter, count);
}
