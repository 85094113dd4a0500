/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the ways to show connections share.
 */
#ifndef _SFWCTL_CONNS_H
#define _SFWCTL_CONNS_H

#include "cmd.h"
#include "lib/nl_conns.h"

/* "in:100", or "in:*" for the default. */
void conns_rule_text(char *buf, size_t size, const struct nl_conn *conn);

/* "1.3.3.7:443 > 10.0.0.1:5000", with what belongs to ICMP. */
void conns_ends_text(char *buf, size_t size, const struct nl_conn *conn);
/* Warn of a filter that no connection passes. */
void conns_filter_warn(const struct nl_filter *filter);
/* The members of an element of "connections", each behind a comma; less than
 * 1 KB, as by build.h.
 */
char *conns_build_json(char *p, const struct nl_conn *conn);

/* "count" and "count by WORD"; n counts the words behind "count". */
enum rc conns_count(int n, char **words);

/* "save [FILE|-]" and "restore [FILE|-]"; likewise. */
enum rc conns_save(int n, char **words);
enum rc conns_restore(int n, char **words);

#endif /* _SFWCTL_CONNS_H */
