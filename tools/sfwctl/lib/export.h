/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Rule sets of ours in the words of others.
 *
 * Both say on standard error, rule by rule, what has no such words; then
 * nothing is written.
 */
#ifndef _SFWCTL_EXPORT_H
#define _SFWCTL_EXPORT_H

#include "out.h"
#include "ruleset.h"

/*
 * A network ACL as describe-network-acls shows it. router: NULL, or the
 * interface of the subnet, as with import.
 */
enum rc export_nacl(const struct ruleset *rs, const char *id,
		    const char *router);
/* A script for nft -f. */
enum rc export_nft(const struct ruleset *rs);

#endif /* _SFWCTL_EXPORT_H */
