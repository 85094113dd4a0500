// SPDX-License-Identifier: GPL-2.0
/*
 * sfwctl doctor: examine the installation, from the module file to the
 * neighbours at netfilter's hooks, and say how to repair what is found.
 *
 * Nothing is changed. What cannot be found out (a file that only root may
 * read) is said and is no finding.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "doctor.h"
#include "lib/xalloc.h"

static json_t *findings;
static size_t counted;		/* warnings and errors */

void doctor_say(enum severity severity, const char *code, const char *fix,
		const char *fmt, ...)
{
	static const char *const names[] = { "ok", "note", "warning", "error" };
	static const enum out_paint paints[] = {
		OUT_GREEN, OUT_BOLD, OUT_YELLOW, OUT_RED
	};
	json_t *obj;
	va_list ap;
	char *text;

	counted += severity >= SEVERITY_WARNING;
	va_start(ap, fmt);
	text = xvasprintf(fmt, ap);
	va_end(ap);
	if (!out.json && !(out.quiet && severity < SEVERITY_WARNING)) {
		printf("%s%*s%s", out_painted(paints[severity], names[severity]),
		       9 - (int)strlen(names[severity]), "", text);
		if (severity)
			printf(" [%s]", code);
		putchar('\n');
		if (fix)
			printf("         %s\n", fix);
	} else if (out.json && severity) {
		obj = json_pack("{s:s, s:s, s:s, s:o}", "code", code,
				"severity", names[severity], "message", text,
				"fix", fix ? json_string(fix) : json_null());
		if (!obj || json_array_append_new(findings, obj))
			xalloc_fail();
	}
	free(text);
}

bool doctor_read_line(const char *path, char *buf, size_t size)
{
	FILE *file = fopen(path, "re");
	bool ok;

	if (!file)
		return false;
	ok = fgets(buf, (int)size, file);
	fclose(file);
	if (ok) {
		buf[strcspn(buf, "\n")] = '\0';
		out_clean(buf);
	}
	return ok;
}

/* What holds in the namespace, as far as it may be a surprise. */
static void examine_rules(const struct nl_status *status)
{
	const struct nl_stats *stats = &status->stats;

	if (!status->loaded) {
		doctor_say(SEVERITY_WARNING, "no-rules",
			   "sfwctl apply /etc/sfw/sfw.rules",
			   "no rule set is loaded in this namespace: everything passes");
		return;
	}
	doctor_say(SEVERITY_OK, "no-rules", NULL,
		   "generation %u is in force: %u in, %u out",
		   status->generation, status->rules[0], status->rules[1]);
	if (status->audit)
		doctor_say(SEVERITY_WARNING, "audit", "sfwctl audit off",
			   "audit is on: nothing is dropped");
	if (status->confirm_ms)
		doctor_say(SEVERITY_WARNING, "pending-confirm",
			   "sfwctl confirm    # or: sfwctl rollback",
			   "the set is on trial and is taken back in %u s",
			   nl_confirm_seconds(status));
	if ((u64)stats->entries * 10 >= (u64)stats->max * 9 && stats->max)
		doctor_say(SEVERITY_WARNING, "table-full",
			   "sfwctl conns count by src    # who; then: option max-connections",
			   "the connection table is nearly full: %u of %u",
			   stats->entries, stats->max);
}

static enum rc run(int n, char **words)
{
	struct nl_status status;
	struct ruleset *rs = NULL;
	u32 version = 0;
	struct nl *nl;
	bool asked = false;
	enum rc rc;

	if (n)
		return cmd_surplus(words[0]);
	findings = json_array();
	counted = 0;
	rc = nl_probe(&nl, &version);
	if (rc == RC_OK) {
		rc = nl_query_ruleset(nl, &status, &rs);
		asked = rc == RC_OK;
		nl_close(nl);
	}
	doctor_module(version);
	if (rc == RC_PERMISSION)
		doctor_say(SEVERITY_NOTE, "permission", "sudo sfwctl doctor",
			   "the rest of the examination needs root");
	if (asked)
		examine_rules(&status);
	doctor_boot(asked ? &status : NULL, rs);
	doctor_net(asked ? &status : NULL);
	ruleset_free(rs);
	if (out.json)
		out_json(json_pack("{s:O}", "findings", findings));
	json_decref(findings);
	return counted ? RC_NO : RC_OK;
}

const struct command cmd_doctor = {
	.name = "doctor",
	.run = run,
	.summary = "examine the installation, and say what repairs it",
	.help =
"Examine the installation: is the module built for the running kernel, loaded,\n"
"signed by a key that the kernel knows, of the same release as sfwctl; will the\n"
"rules be there after the next boot, before the network, and the same; who else\n"
"judges packets here, and in which order; what else drops them. Below each\n"
"finding stands the command that repairs it. Nothing is changed. Notes are good\n"
"to know; with warnings and errors it exits with 1.\n"
"\n"
"Usage: sfwctl doctor\n"
"\n"
"Examples:\n"
"  sfwctl doctor\n"
"  sfwctl -j doctor | jq '.findings[] | .fix'\n",
};
