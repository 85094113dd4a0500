/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Whose rules a question is about: those of a file, judged here, or those that
 * run, judged by the kernel.
 */
#ifndef _SFWCTL_SUBJECT_H
#define _SFWCTL_SUBJECT_H

#include "nl_explain.h"
#include "parse.h"

struct subject {
	const struct ruleset *rs;
	struct explain_lists *lists;
	struct nl *nl;			/* NULL: a file */
	struct parse_result *res;
	struct ruleset *running;
};

/* All of them say why they fail. After any of them, subject_close(). */
enum rc subject_open_file(struct subject *subject, const char *path);
enum rc subject_open_running(struct subject *subject);
void subject_open_set(struct subject *subject, const struct ruleset *rs);
void subject_close(struct subject *subject);

/*
 * What happens to a packet in a mode; the connection it belongs to is in
 * answer, if the kernel has one.
 */
enum rc subject_judge(struct subject *subject, u8 mode,
		      const struct sfw_packet *pkt,
		      struct nl_explanation *answer);

#endif /* _SFWCTL_SUBJECT_H */
