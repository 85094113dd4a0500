// SPDX-License-Identifier: GPL-2.0
/*
 * Reading what runs: status and rule set.
 *
 * The kernel has no single message for a rule set; it is read as status, sets
 * and rules. A commit may come between any two of these. So every answer has
 * to be of the generation that the status named, the status is asked once
 * more at the end, and if anything moved all is read again.
 */
#include <errno.h>

#include "nl_query.h"
#include "parse.h"
#include "print.h"

static int status_cb(const struct nlmsghdr *nlh, void *data)
{
	return nl_get_status(nlh, data);
}

static int ask_status(struct nl *nl, struct nl_status *status, bool live)
{
	struct nlmsghdr *nlh;
	char buf[64];

	memset(status, 0, sizeof(*status));
	nlh = nl_begin(nl, buf, SFW_CMD_STATUS_GET, NLM_F_ACK);
	if (live)
		mnl_attr_put(nlh, SFW_A_LIVE, 0, NULL);
	return nl_talk(nl, nlh, status_cb, status);
}

int nl_ask_status(struct nl *nl, struct nl_status *status)
{
	return ask_status(nl, status, false);
}

enum rc nl_query_status(struct nl *nl, struct nl_status *status)
{
	int err = nl_ask_status(nl, status);

	return err ? nl_report(nl, err, NULL) : RC_OK;
}

enum rc nl_read_status(struct nl_status *status)
{
	struct nl *nl;
	enum rc rc;

	rc = nl_open(&nl);
	if (rc != RC_OK)
		return rc;
	rc = nl_query_status(nl, status);
	nl_close(nl);
	return rc;
}

/* -EAGAIN if an answer is of another generation than what was read so far. */
static int same_generation(const struct nlmsghdr *nlh, const struct ruleset *rs)
{
	u32 generation;
	int err = nl_get_generation(nlh, &generation);

	if (err)
		return err;
	return generation == rs->generation ? 0 : -EAGAIN;
}

static int sets_cb(const struct nlmsghdr *nlh, void *data)
{
	struct ruleset *rs = data;
	int err = same_generation(nlh, rs);

	return err ? err : nl_get_sets(nlh, rs);
}

static int rules_cb(const struct nlmsghdr *nlh, void *data)
{
	struct ruleset *rs = data;
	int err = same_generation(nlh, rs);

	return err ? err : nl_get_rules(nlh, rs);
}

static int dump(struct nl *nl, u8 cmd, u16 flag, nl_cb cb, struct ruleset *rs)
{
	struct nlmsghdr *nlh;
	char buf[64];

	nlh = nl_begin(nl, buf, cmd, NLM_F_DUMP);
	if (flag)
		mnl_attr_put(nlh, flag, 0, NULL);
	return nl_talk(nl, nlh, cb, rs);
}

int nl_read_content(struct nl *nl, u16 flag, struct ruleset *rs)
{
	size_t i;
	int err;

	err = dump(nl, SFW_CMD_SET_GET, flag == SFW_A_STAGED ? flag : 0,
		   sets_cb, rs);
	if (err)
		return err;
	for (i = 0; i < rs->n_sets; i++) {
		err = sfw_list_compile(rs->sets[i]);
		if (err)
			return err;
	}
	err = dump(nl, SFW_CMD_RULE_GET, flag, rules_cb, rs);
	if (!err)
		ruleset_sort(rs);
	return err;
}

struct ruleset *nl_ruleset_begin(const struct nl_status *status)
{
	struct ruleset *rs = ruleset_new();

	if (!rs)
		return NULL;
	rs->mode = status->mode;
	rs->audit = status->audit;
	rs->generation = status->generation;
	rs->options = status->options;
	memcpy(rs->def, status->def, sizeof(rs->def));
	return rs;
}

static int read_ruleset(struct nl *nl, struct nl_status *status, bool live,
			struct ruleset **result)
{
	struct nl_status after;
	struct ruleset *rs;
	int err;

	err = ask_status(nl, status, live);
	if (err || !status->loaded)
		return err;
	rs = nl_ruleset_begin(status);
	if (!rs)
		return -ENOMEM;
	err = nl_read_content(nl, live ? SFW_A_LIVE : 0, rs);
	if (!err)
		err = nl_ask_status(nl, &after);
	if (!err && after.generation != rs->generation)
		err = -EAGAIN;
	if (err)
		ruleset_free(rs);
	else
		*result = rs;
	return err;
}

static enum rc query(struct nl *nl, struct nl_status *status, bool live,
		     struct ruleset **rs)
{
	int tries, err = 0;

	for (tries = 0; tries < NL_DUMP_TRIES; tries++) {
		*rs = NULL;
		err = read_ruleset(nl, status, live, rs);
		/* -ENOENT: it was flushed since its status was read. */
		if (err != -EAGAIN && err != -ENOENT)
			break;
	}
	return err ? nl_report(nl, err, NULL) : RC_OK;
}

enum rc nl_query_ruleset(struct nl *nl, struct nl_status *status,
			 struct ruleset **rs)
{
	return query(nl, status, false, rs);
}

enum rc nl_query_live(struct nl *nl, struct nl_status *status,
		      struct ruleset **rs)
{
	return query(nl, status, true, rs);
}

bool nl_number_meant(u8 direction, u32 number)
{
	struct ruleset *rs = NULL;
	struct nl_status status;
	struct nl *nl = NULL;
	bool meant;

	if (parse_number_allowed(number, 0))
		return true;
	meant = nl_open(&nl) == RC_OK &&
		nl_query_ruleset(nl, &status, &rs) == RC_OK && rs &&
		(parse_number_allowed(number, rs->n_rules[direction]) ||
		 ruleset_find_rule(rs, direction, number));
	ruleset_free(rs);
	nl_close(nl);
	return meant;
}

u32 nl_confirm_seconds(const struct nl_status *status)
{
	return (status->confirm_ms + 999) / 1000;
}

u64 nl_drops(const struct nl_stats *stats, size_t reason)
{
	return stats->drop[SFW_DIRECTION_IN][reason] +
	       stats->drop[SFW_DIRECTION_OUT][reason];
}

json_t *nl_drops_json(const struct nl_stats *stats)
{
	json_t *drops = json_object();
	size_t i;

	for (i = 0; i <= SFW_REASON_MAX; i++)
		out_set(drops, print_reasons[i],
			json_integer((json_int_t)nl_drops(stats, i)));
	return drops;
}

json_t *nl_table_json(const struct nl_stats *stats)
{
	return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I}",
			 "entries", (json_int_t)stats->entries,
			 "max", (json_int_t)stats->max,
			 "created", (json_int_t)stats->created,
			 "evicted", (json_int_t)stats->evicted,
			 "refused", (json_int_t)stats->refused,
			 "expired", (json_int_t)stats->expired);
}
