// SPDX-License-Identifier: GPL-2.0
/*
 * sfwctl save: the running rule set into the file that is loaded at boot.
 *
 * What is on trial ('apply --confirm') is not saved: the kernel may take it
 * back, and then the next boot would bring it again with nobody there to say
 * no.
 */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "cmd.h"
#include "lib/file.h"
#include "lib/nl_query.h"
#include "lib/print.h"

#define SAVE_DIR	"/etc/sfw"
#define SAVE_FILE	SAVE_DIR "/sfw.rules"

static enum rc query(struct nl_status *status, struct ruleset **rs)
{
	struct nl *nl;
	enum rc rc;

	rc = nl_open(&nl);
	if (rc != RC_OK)
		return rc;
	rc = nl_query_ruleset(nl, status, rs);
	nl_close(nl);
	return rc;
}

/* Is there something that may be kept? Says why not. */
static enum rc worth_keeping(const struct nl_status *status,
			     const struct ruleset *rs)
{
	if (!rs) {
		out_err("no rule set is loaded in this namespace: nothing is saved");
		return RC_NO;
	}
	if (status->confirm_ms) {
		out_err("generation %u is on trial for another %u s: nothing is saved before 'sfwctl confirm'",
			status->generation, nl_confirm_seconds(status));
		return RC_NO;
	}
	return RC_OK;
}

static enum rc write_set(const char *path, const struct ruleset *rs)
{
	const struct print_style style = { .numeric = out.numeric };
	struct file_new *new;
	char when[64] = "";
	struct tm tm;
	time_t now;
	enum rc rc;

	rc = file_begin(path, &new);
	if (rc != RC_OK)
		return rc;
	now = time(NULL);
	if (localtime_r(&now, &tm))
		strftime(when, sizeof(when), ", %Y-%m-%d %H:%M:%S %z", &tm);
	fprintf(file_stream(new), "# Written by sfwctl save%s\n", when);
	print_ruleset(file_stream(new), rs, -1, &style);
	return file_commit(new);
}

static enum rc run(int n, char **words)
{
	const char *path = n ? words[0] : SAVE_FILE;
	struct nl_status status;
	struct ruleset *rs;
	enum rc rc;

	if (n > 1)
		return cmd_surplus(words[1]);
	if (n && !strcmp(path, "-"))
		return cmd_usage("it writes files; 'sfwctl show' writes to standard output");
	rc = query(&status, &rs);
	if (rc != RC_OK)
		return rc;
	rc = worth_keeping(&status, rs);
	/* Who asks for no other place has it made, too. */
	if (rc == RC_OK && !n && mkdir(SAVE_DIR, 0755) && errno != EEXIST)
		out_verbose("mkdir " SAVE_DIR ": %s", strerror(errno));
	if (rc == RC_OK)
		rc = write_set(path, rs);
	if (rc == RC_OK && out.json)
		out_json(json_pack("{s:s, s:I}", "file", path, "generation",
				   (json_int_t)status.generation));
	else if (rc == RC_OK)
		out_done("generation %u is in %s: %zu in, %zu out, %s",
			 status.generation, path, rs->n_rules[0],
			 rs->n_rules[1], print_modes[rs->mode]);
	ruleset_free(rs);
	return rc;
}

const struct command cmd_save = {
	.name = "save",
	.run = run,
	.summary = "write the running rule set to a file, by default that of the boot",
	.help =
"Write the running rule set to a file that loads again. The file is the old or\n"
"the new one, never half of it: with a full disk or without permission the old\n"
"one stays as it was. Mode and owner of the old file are kept, its comments and\n"
"includes are not: the new file has it all. A set that waits for 'sfwctl\n"
"confirm' is not saved.\n"
"\n"
"Usage: sfwctl save [FILE]\n"
"  FILE        where to; /etc/sfw/sfw.rules if it is left out\n"
"\n"
"Examples:\n"
"  sfwctl save\n"
"  sfwctl save /root/before.rules\n",
};
