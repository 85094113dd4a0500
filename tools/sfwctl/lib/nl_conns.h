/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Reading and removing connections.
 */
#ifndef _SFWCTL_NL_CONNS_H
#define _SFWCTL_NL_CONNS_H

#include "nl.h"
#include "nl_decode.h"
#include "nl_filter.h"

typedef void (*nl_conns_cb)(const struct nl_conn *conn, void *data);

/*
 * Hand every connection that passes the filter to cb, as they come from the
 * kernel. *changed: the table was rebuilt meanwhile, so that some may have
 * been missed or seen twice. All say why they fail and return the exit code.
 */
enum rc nl_conns_dump(struct nl *nl, const struct nl_filter *filter,
		      nl_conns_cb cb, void *data, bool *changed);
enum rc nl_conns_count(struct nl *nl, const struct nl_filter *filter,
		       u64 *count);
enum rc nl_conns_kill(struct nl *nl, const struct nl_filter *filter,
		      u64 *count);

#endif /* _SFWCTL_NL_CONNS_H */
