// SPDX-License-Identifier: GPL-2.0
/*
 * Changing what runs: one transaction of the kernel, bound to the socket.
 *
 * Rules go out many per message, and messages several per system call; only
 * the last of a call asks for an acknowledgment, refusals come back in any
 * case.
 *
 * A refusal carries the offset of the attribute in its message. The offsets at
 * which rules and sets begin are kept until the call is answered, so that the
 * message can name the line of the file.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "nl_encode.h"
#include "nl_query.h"
#include "nl_tx.h"
#include "print.h"
#include "xalloc.h"

/* A message, and a call, are closed once they are longer than this. */
#define MESSAGE_FULL	(32 * 1024)
#define BATCH_FULL	(128 * 1024)
/* One attribute may begin just before, and has up to 64 KiB. */
#define BATCH_SIZE	(BATCH_FULL + MESSAGE_FULL + 80 * 1024)

/* What stands where in the batch; a rule or a set. */
struct place {
	u32 seq;
	u32 offset;
	const struct ruleset_rule *rule;
	const struct sfw_list *set;
};

struct batch {
	struct nl *nl;
	char *buf;
	size_t len;		/* messages that are closed */
	struct nlmsghdr *last;	/* the last of them */
	struct nlmsghdr *open;	/* the one behind them, NULL if there is none */
	struct place *place;
	size_t n_places;
	size_t cap_places;
};

static void batch_init(struct batch *b, struct nl *nl)
{
	*b = (struct batch){ .nl = nl, .buf = xcalloc(1, BATCH_SIZE) };
}

static void batch_free(struct batch *b)
{
	free(b->buf);
	free(b->place);
}

/* The message to put something into, and the room it has. */
static struct nlmsghdr *batch_open(struct batch *b, size_t *size)
{
	if (!b->open)
		b->open = nl_begin(b->nl, b->buf + b->len, SFW_CMD_TX_ADD, 0);
	*size = BATCH_SIZE - b->len;
	return b->open;
}

static void batch_note(struct batch *b, u32 offset,
		       const struct ruleset_rule *rule,
		       const struct sfw_list *set)
{
	b->place = xgrow(b->place, &b->cap_places, b->n_places + 1,
			 sizeof(*b->place));
	b->place[b->n_places++] = (struct place){
		.seq = b->open->nlmsg_seq,
		.offset = offset,
		.rule = rule,
		.set = set,
	};
}

/* "FILE:LINE: rule in 100", as far as it is known. */
static void name_rule(char *buf, size_t size, const struct ruleset_rule *rule)
{
	const char *direction = print_directions[rule->rule.direction];

	if (rule->file)
		snprintf(buf, size, "%s:%u: rule %s %u", rule->file,
			 rule->line, direction, rule->rule.number);
	else
		snprintf(buf, size, "rule %s %u", direction,
			 rule->rule.number);
}

static enum rc report_rule(const struct nl *nl, int err,
			   const struct ruleset_rule *rule)
{
	char name[512];
	enum rc rc;

	name_rule(name, sizeof(name), rule);
	rc = nl_report(nl, err, name);
	if (rc == RC_KERNEL && rule->text)
		fprintf(stderr, "    %s\n", rule->text);
	return rc;
}

/* The last thing that begins at or before the attribute the kernel named. */
static enum rc report_batch(const struct batch *b, int err)
{
	const struct nl_error *error = nl_error(b->nl);
	const struct place *found = NULL;
	char name[SFW_SET_NAME_MAX + 16];
	size_t i, in_message = 0;

	for (i = 0; i < b->n_places; i++) {
		if (b->place[i].seq != error->seq)
			continue;
		in_message++;
		if (!error->offset || b->place[i].offset <= error->offset)
			found = &b->place[i];
	}
	/* Without an offset it is clear only if there is no other. */
	if (!found || (!error->offset && in_message > 1))
		return nl_report(b->nl, err, NULL);
	if (found->rule)
		return report_rule(b->nl, err, found->rule);
	snprintf(name, sizeof(name), "set %s", found->set->name);
	return nl_report(b->nl, err, name);
}

static enum rc batch_send(struct batch *b)
{
	int err;

	if (!b->len)
		return RC_OK;
	b->last->nlmsg_flags |= NLM_F_ACK;
	err = nl_send(b->nl, b->buf, b->len, NULL, NULL);
	if (err)
		return report_batch(b, err);
	b->len = 0;
	b->n_places = 0;
	return RC_OK;
}

static enum rc batch_close(struct batch *b)
{
	if (!b->open)
		return RC_OK;
	b->len += NLMSG_ALIGN(b->open->nlmsg_len);
	b->last = b->open;
	b->open = NULL;
	return b->len >= BATCH_FULL ? batch_send(b) : RC_OK;
}

static enum rc batch_set(struct batch *b, const struct sfw_list *set)
{
	u32 offset, pos = 0;
	size_t size;
	enum rc rc;

	do {
		struct nlmsghdr *nlh = batch_open(b, &size);

		offset = nlh->nlmsg_len;
		if (!nl_put_set(nlh, size, MESSAGE_FULL, set, &pos))
			return nl_report(b->nl, -EMSGSIZE, set->name);
		batch_note(b, offset, NULL, set);
		if (nlh->nlmsg_len < MESSAGE_FULL)
			continue;
		rc = batch_close(b);
		if (rc != RC_OK)
			return rc;
	} while (pos < set->n_elem);
	return RC_OK;
}

static enum rc too_long(const char *name)
{
	out_err("%s: the lists are too long for one rule; make them sets (set NAME = { ... })",
		name);
	return RC_KERNEL;
}

static enum rc batch_rule(struct batch *b, const struct ruleset_rule *rule)
{
	size_t size;
	struct nlmsghdr *nlh = batch_open(b, &size);
	u32 offset = nlh->nlmsg_len;
	char name[512];

	if (!nl_put_rule(nlh, size, &rule->rule)) {
		name_rule(name, sizeof(name), rule);
		return too_long(name);
	}
	batch_note(b, offset, rule, NULL);
	return nlh->nlmsg_len < MESSAGE_FULL ? RC_OK : batch_close(b);
}

static enum rc send_content(struct batch *b, const struct ruleset *rs)
{
	size_t i, dir;
	enum rc rc = RC_OK;

	for (i = 0; rc == RC_OK && i < rs->n_sets; i++)
		rc = batch_set(b, rs->sets[i]);
	for (dir = 0; dir < ARRAY_SIZE(rs->rules); dir++)
		for (i = 0; rc == RC_OK && i < rs->n_rules[dir]; i++)
			rc = batch_rule(b, rs->rules[dir][i]);
	if (rc == RC_OK)
		rc = batch_close(b);
	if (rc == RC_OK)
		rc = batch_send(b);
	return rc;
}

static void report_pending(const struct nl_status *status)
{
	u32 left = nl_confirm_seconds(status);

	out_err("generation %u waits to be confirmed (%u s left): keep it with 'sfwctl confirm' or take it back with 'sfwctl rollback' first",
		status->generation, left);
}

/*
 * Why a change was refused. Kernels before 6.2 have no messages with numbers
 * in them, so the generation that won is asked for, and doing says which rule.
 */
static enum rc report_change(struct nl *nl, int err, const char *doing)
{
	struct nl_status status;
	struct nl *other;

	if (err == -EINPROGRESS) {
		/* What the kernel said is not to be lost. */
		if (nl_open(&other) != RC_OK)
			return RC_KERNEL;
		if (nl_ask_status(other, &status) || !status.confirm_ms)
			nl_report(nl, err, doing);
		else
			report_pending(&status);
		nl_close(other);
		return RC_KERNEL;
	}
	if (err != -ESTALE)
		return nl_report(nl, err, doing);
	if (nl_ask_status(nl, &status))
		out_err("the rule set changed meanwhile");
	else
		out_err("the rule set changed meanwhile: generation %u holds now",
			status.generation);
	return RC_KERNEL;
}

/* A request without an answer of its own. */
static enum rc request(struct nl *nl, const struct nlmsghdr *nlh,
		       const char *doing)
{
	int err = nl_talk(nl, nlh, NULL, NULL);

	return err ? report_change(nl, err, doing) : RC_OK;
}

enum rc nl_tx_begin(struct nl *nl, bool clone, const u32 *expect)
{
	struct nlmsghdr *nlh;
	char buf[64];

	nlh = nl_begin(nl, buf, SFW_CMD_TX_BEGIN, NLM_F_ACK);
	if (expect)
		mnl_attr_put_u32(nlh, SFW_A_EXPECT_GENERATION, *expect);
	if (clone)
		mnl_attr_put(nlh, SFW_A_CLONE, 0, NULL);
	return request(nl, nlh, NULL);
}

enum rc nl_tx_load(struct nl *nl, const struct ruleset *rs)
{
	struct nlmsghdr *nlh;
	struct batch batch;
	char buf[2048];
	enum rc rc;

	nlh = nl_begin(nl, buf, SFW_CMD_TX_CONFIG, NLM_F_ACK);
	mnl_attr_put_u8(nlh, SFW_A_MODE, rs->mode);
	mnl_attr_put_u8(nlh, SFW_A_AUDIT, rs->audit);
	if (!nl_put_default(nlh, sizeof(buf), SFW_A_DEFAULT_IN,
			    &rs->def[SFW_DIRECTION_IN]) ||
	    !nl_put_default(nlh, sizeof(buf), SFW_A_DEFAULT_OUT,
			    &rs->def[SFW_DIRECTION_OUT]) ||
	    !nl_put_options(nlh, sizeof(buf), &rs->options))
		return nl_report(nl, -EMSGSIZE, "options");
	rc = request(nl, nlh, NULL);
	if (rc != RC_OK)
		return rc;

	batch_init(&batch, nl);
	rc = send_content(&batch, rs);
	batch_free(&batch);
	return rc;
}

static int generation_cb(const struct nlmsghdr *nlh, void *data)
{
	return nl_get_generation(nlh, data);
}

/* A request whose answer is the generation that runs after it. */
static enum rc request_generation(struct nl *nl, const struct nlmsghdr *nlh,
				  u32 *generation)
{
	int err;

	*generation = 0;
	err = nl_talk(nl, nlh, generation_cb, generation);
	return err ? report_change(nl, err, NULL) : RC_OK;
}

enum rc nl_tx_commit(struct nl *nl, bool dry_run, u32 confirm,
		     u32 *generation)
{
	struct nlmsghdr *nlh;
	char buf[64];

	nlh = nl_begin(nl, buf, SFW_CMD_TX_COMMIT, NLM_F_ACK);
	if (dry_run)
		mnl_attr_put(nlh, SFW_A_DRY_RUN, 0, NULL);
	if (confirm)
		mnl_attr_put_u32(nlh, SFW_A_CONFIRM, confirm);
	return request_generation(nl, nlh, generation);
}

enum rc nl_tx_stage(struct nl *nl, bool dry_run, u32 *generation)
{
	struct nlmsghdr *nlh;
	char buf[64];

	nlh = nl_begin(nl, buf, SFW_CMD_TX_COMMIT, NLM_F_ACK);
	mnl_attr_put(nlh, SFW_A_STAGE, 0, NULL);
	if (dry_run)
		mnl_attr_put(nlh, SFW_A_DRY_RUN, 0, NULL);
	return request_generation(nl, nlh, generation);
}

enum rc nl_promote(struct nl *nl, u32 confirm, const u32 *expect,
		   u32 *generation)
{
	struct nlmsghdr *nlh;
	char buf[64];

	nlh = nl_begin(nl, buf, SFW_CMD_PROMOTE, NLM_F_ACK);
	if (confirm)
		mnl_attr_put_u32(nlh, SFW_A_CONFIRM, confirm);
	if (expect)
		mnl_attr_put_u32(nlh, SFW_A_EXPECT_GENERATION, *expect);
	return request_generation(nl, nlh, generation);
}

enum rc nl_unstage(struct nl *nl, u32 *generation)
{
	struct nlmsghdr *nlh;
	char buf[64];

	nlh = nl_begin(nl, buf, SFW_CMD_UNSTAGE, NLM_F_ACK);
	return request_generation(nl, nlh, generation);
}

enum rc nl_add_rule(struct nl *nl, const struct sfw_rule *rule,
		    const u32 *expect, u32 *generation)
{
	struct nlmsghdr *nlh;
	char name[32], *buf;
	enum rc rc;

	rc = nl_tx_begin(nl, true, expect);
	if (rc != RC_OK)
		return rc;
	snprintf(name, sizeof(name), "add %s %u",
		 print_directions[rule->direction], rule->number);
	buf = xcalloc(1, BATCH_SIZE);
	nlh = nl_begin(nl, buf, SFW_CMD_TX_ADD, NLM_F_ACK);
	if (nl_put_rule(nlh, BATCH_SIZE, rule))
		rc = request(nl, nlh, name);
	else
		rc = too_long(name);
	free(buf);
	return rc == RC_OK ? nl_tx_commit(nl, false, 0, generation) : rc;
}

enum rc nl_del_rule(struct nl *nl, u8 direction, u32 number, u32 *generation)
{
	struct nlmsghdr *nlh;
	char buf[64], name[32];
	enum rc rc;

	rc = nl_tx_begin(nl, true, NULL);
	if (rc != RC_OK)
		return rc;
	nlh = nl_begin(nl, buf, SFW_CMD_TX_DEL, NLM_F_ACK);
	mnl_attr_put_u8(nlh, SFW_A_DIRECTION, direction);
	mnl_attr_put_u32(nlh, SFW_A_NUMBER, number);
	snprintf(name, sizeof(name), "del %s %u", print_directions[direction],
		 number);
	rc = request(nl, nlh, name);
	return rc == RC_OK ? nl_tx_commit(nl, false, 0, generation) : rc;
}

enum rc nl_move_rule(struct nl *nl, u8 direction, u32 number, u32 to,
		     u32 *generation)
{
	struct nlmsghdr *nlh;
	char buf[64], name[64];
	enum rc rc;

	rc = nl_tx_begin(nl, true, NULL);
	if (rc != RC_OK)
		return rc;
	nlh = nl_begin(nl, buf, SFW_CMD_TX_MOVE, NLM_F_ACK);
	mnl_attr_put_u8(nlh, SFW_A_DIRECTION, direction);
	mnl_attr_put_u32(nlh, SFW_A_NUMBER, number);
	mnl_attr_put_u32(nlh, SFW_A_TO_NUMBER, to);
	snprintf(name, sizeof(name), "move %s %u to %s %u",
		 print_directions[direction], number,
		 print_directions[direction], to);
	rc = request(nl, nlh, name);
	return rc == RC_OK ? nl_tx_commit(nl, false, 0, generation) : rc;
}

enum rc nl_set_mode(struct nl *nl, const u8 *mode, const u8 *audit,
		    u32 *generation)
{
	struct nlmsghdr *nlh;
	char buf[64];

	nlh = nl_begin(nl, buf, SFW_CMD_MODE_SET, NLM_F_ACK);
	if (mode)
		mnl_attr_put_u8(nlh, SFW_A_MODE, *mode);
	if (audit)
		mnl_attr_put_u8(nlh, SFW_A_AUDIT, *audit);
	return request_generation(nl, nlh, generation);
}

enum rc nl_flush(struct nl *nl, u32 *generation)
{
	struct nlmsghdr *nlh;
	char buf[64];

	nlh = nl_begin(nl, buf, SFW_CMD_FLUSH, NLM_F_ACK);
	return request_generation(nl, nlh, generation);
}

enum rc nl_confirm(struct nl *nl, u32 *generation)
{
	struct nl_status status;
	struct nlmsghdr *nlh;
	char buf[64];
	int err;

	nlh = nl_begin(nl, buf, SFW_CMD_CONFIRM, NLM_F_ACK);
	err = nl_talk(nl, nlh, generation_cb, generation);
	if (err != -ENOENT)
		return err ? nl_report(nl, err, NULL) : RC_OK;
	/* Too late is worth more words than nothing to do. */
	if (nl_ask_status(nl, &status) || !status.reverted)
		out_err("no commit waits to be confirmed");
	else
		out_err("too late: generation %u was not confirmed in time and is taken back; apply it again",
			status.reverted);
	return RC_KERNEL;
}

enum rc nl_rollback(struct nl *nl, u32 *generation)
{
	struct nlmsghdr *nlh;
	char buf[64];

	nlh = nl_begin(nl, buf, SFW_CMD_ROLLBACK, NLM_F_ACK);
	return request_generation(nl, nlh, generation);
}

enum rc nl_zero_counters(struct nl *nl)
{
	struct nlmsghdr *nlh;
	char buf[64];

	nlh = nl_begin(nl, buf, SFW_CMD_COUNTERS_ZERO, NLM_F_ACK);
	return request(nl, nlh, NULL);
}
