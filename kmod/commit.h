/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Changes of what runs in a namespace, and how they are taken back.
 */
#ifndef _SFW_COMMIT_H
#define _SFW_COMMIT_H

#include "ruleset.h"

int sfw_commit_tx(struct sfw_net *sn, struct sfw_tx *tx, bool dry_run,
		  u32 confirm, struct netlink_ext_ack *extack);
int sfw_commit_mode(struct sfw_net *sn, int mode, int audit,
		    struct netlink_ext_ack *extack);
int sfw_commit_flush(struct sfw_net *sn, struct netlink_ext_ack *extack);
int sfw_commit_confirm(struct sfw_net *sn, struct netlink_ext_ack *extack);
int sfw_commit_rollback(struct sfw_net *sn, struct netlink_ext_ack *extack);
u32 sfw_commit_left(const struct sfw_net *sn);
int sfw_commit_stage(struct sfw_net *sn, struct sfw_tx *tx, bool dry_run,
		     struct netlink_ext_ack *extack);
int sfw_commit_unstage(struct sfw_net *sn, struct netlink_ext_ack *extack);
int sfw_commit_promote(struct sfw_net *sn, u32 confirm,
		       struct netlink_ext_ack *extack);
void sfw_commit_zero(struct sfw_net *sn);

void sfw_commit_begin_ns(struct sfw_net *sn);
void sfw_commit_stop_ns(struct sfw_net *sn);
void sfw_commit_end_ns(struct sfw_net *sn);

#endif /* _SFW_COMMIT_H */
