// SPDX-License-Identifier: GPL-2.0
/*
 * conn-restore: connections that were saved go back into the table.
 *
 * All of a message are read and found valid before the first is inserted. An
 * insertion can fail for reasons of its own - there is such a connection, or
 * no room - and the reply says for each what became of it; none is evicted for
 * one that comes out of a file.
 *
 * They count as judged by the set before the running one, so that this one has
 * its say at their next packet, as after a commit.
 *
 * Synchronisation: the namespace's lock, so that there is one running set from
 * the first to the last; packets go on.
 */
#include <net/genetlink.h>

#include "codec.h"
#include "dump.h"
#include "netlink/policy.h"
#include "ns.h"
#include "ruleset.h"

static int read_all(struct genl_info *info, struct sfw_saved **all, u32 *n)
{
	const struct nlattr *nla;
	u32 count = 0;
	int err, rem;

	nlmsg_for_each_attr(nla, info->nlhdr, GENL_HDRLEN, rem)
		count += nla_type(nla) == SFW_A_CONN;
	if (!count) {
		NL_SET_ERR_MSG(info->extack, "there is no connection to restore");
		return -EINVAL;
	}
	if (count > SFW_RESTORE_MAX) {
		NL_SET_ERR_MSG(info->extack,
			       "a message restores at most 1024 connections");
		return -E2BIG;
	}
	*all = kvcalloc(count, sizeof(**all), GFP_KERNEL_ACCOUNT);
	if (!*all)
		return -ENOMEM;
	*n = 0;
	nlmsg_for_each_attr(nla, info->nlhdr, GENL_HDRLEN, rem) {
		if (nla_type(nla) != SFW_A_CONN)
			continue;
		err = sfw_codec_get_saved(nla, &(*all)[(*n)++], info->extack);
		if (err) {
			kvfree(*all);
			return err;
		}
		cond_resched();
	}
	return 0;
}

static int insert(struct sfw_net *sn, const struct sfw_ruleset *rs,
		  const struct sfw_saved *saved)
{
	struct sfw_conn *conn;
	int err = -ENOMEM;

	rcu_read_lock();
	local_bh_disable();
	conn = sfw_conn_restore(sn->net, saved, &rs->eff, rs->generation);
	if (conn)
		err = sfw_conn_insert(&sn->table, conn,
				      rs->eff.max_connections);
	local_bh_enable();
	rcu_read_unlock();
	return err;
}

static u8 restore(struct sfw_net *sn, const struct sfw_ruleset *rs,
		  const struct sfw_saved *saved)
{
	switch (insert(sn, rs, saved)) {
	case 0:
		return SFW_RESTORED_DONE;
	case -EEXIST:
		return SFW_RESTORED_EXISTS;
	case -ENOSPC:
		return SFW_RESTORED_FULL;
	}
	return SFW_RESTORED_NO_MEMORY;
}

static int restore_all(struct sfw_net *sn, const struct sfw_saved *all, u32 n,
		       u8 *results, struct netlink_ext_ack *extack)
{
	const struct sfw_ruleset *rs = sfw_ruleset_running(sn);
	u32 i;

	if (!rs) {
		NL_SET_ERR_MSG(extack,
			       "no rule set is loaded: connections belong to a stateful one, apply it first");
		return -ENOENT;
	}
	if (rs->mode != SFW_MODE_STATEFUL) {
		NL_SET_ERR_MSG(extack,
			       "the running set is stateless: it keeps no connections");
		return -EOPNOTSUPP;
	}
	for (i = 0; i < n; i++) {
		results[i] = restore(sn, rs, &all[i]);
		cond_resched();
	}
	return 0;
}

int sfw_nl_conn_restore_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct sfw_net *sn = sfw_ns_get(genl_info_net(info));
	struct sfw_saved *all;
	struct nlattr *results;
	struct sk_buff *reply;
	void *hdr;
	u32 n;
	int err;

	err = read_all(info, &all, &n);
	if (err)
		return err;
	reply = genlmsg_new(nla_total_size(n), GFP_KERNEL);
	if (!reply) {
		err = -ENOMEM;
		goto out;
	}
	hdr = genlmsg_put_reply(reply, info, &sfw_netlink_family, 0,
				info->genlhdr->cmd);
	results = hdr ? nla_reserve(reply, SFW_A_RESTORED, n) : NULL;
	if (!results) {
		err = -EMSGSIZE;
		goto out;
	}
	mutex_lock(&sn->lock);
	err = restore_all(sn, all, n, nla_data(results), info->extack);
	mutex_unlock(&sn->lock);
	if (err)
		goto out;
	genlmsg_end(reply, hdr);
	/* What was asked for is done, whether or not the reader has room. */
	genlmsg_reply(reply, info);
	reply = NULL;
out:
	nlmsg_free(reply);
	kvfree(all);
	return err;
}
