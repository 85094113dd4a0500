// SPDX-License-Identifier: GPL-2.0
/*
 * Whose rules a question is about.
 *
 * The listing of what runs is read once, for the words of its rules; every
 * answer of the kernel has to be about that same generation.
 */
#include <errno.h>

#include "nl_query.h"
#include "subject.h"

void subject_open_set(struct subject *subject, const struct ruleset *rs)
{
	memset(subject, 0, sizeof(*subject));
	subject->rs = rs;
	subject->lists = explain_lists_new(rs);
}

enum rc subject_open_file(struct subject *subject, const char *path)
{
	struct parse_result *res = parse_file(path);

	memset(subject, 0, sizeof(*subject));
	parse_print_messages(res, stderr, out_color(stderr));
	if (res->ruleset)
		subject_open_set(subject, res->ruleset);
	subject->res = res;
	return res->ruleset ? RC_OK : RC_USAGE;
}

enum rc subject_open_running(struct subject *subject)
{
	struct ruleset *running = NULL;
	struct nl_status status;
	struct nl *nl = NULL;
	enum rc rc;

	memset(subject, 0, sizeof(*subject));
	rc = nl_open(&nl);
	if (rc == RC_OK)
		rc = nl_query_ruleset(nl, &status, &running);
	if (rc == RC_OK && !running) {
		out_err("no rule set is loaded in this namespace: everything passes; -f FILE asks a file");
		rc = RC_NO;
	}
	if (rc != RC_OK) {
		nl_close(nl);
		return rc;
	}
	/* The options in force, also those that the set does not name. */
	running->options = status.effective;
	subject_open_set(subject, running);
	subject->running = running;
	subject->nl = nl;
	return RC_OK;
}

void subject_close(struct subject *subject)
{
	explain_lists_free(subject->lists);
	ruleset_free(subject->running);
	parse_result_free(subject->res);
	nl_close(subject->nl);
}

enum rc subject_judge(struct subject *subject, u8 mode,
		      const struct sfw_packet *pkt,
		      struct nl_explanation *answer)
{
	int err;

	if (!subject->nl) {
		memset(answer, 0, sizeof(*answer));
		answer->verdict = explain_judge(subject->lists, mode, pkt);
		return RC_OK;
	}
	err = nl_explain(subject->nl, pkt, mode, answer);
	/* -ENOENT: it was flushed meanwhile. */
	if (err && err != -ENOENT)
		return nl_report(subject->nl, err, "ask about a packet");
	if (err || answer->generation != subject->rs->generation) {
		out_err("the running rule set was changed meanwhile; ask again");
		return RC_KERNEL;
	}
	return RC_OK;
}
