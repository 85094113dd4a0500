/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a command of sfwctl is, and what it gets from main().
 */
#ifndef _SFWCTL_CMD_H
#define _SFWCTL_CMD_H

#include <rule.h>

#include "lib/out.h"

/* An option of one command. */
struct cmd_option {
	const char *name;	/* "-s", "--strict"; NULL ends the list */
	const char *value;	/* what has to follow, NULL for a switch */
	bool optional;		/* the value may follow a '=', or is missing */
};

#define CMD_OPTIONS_MAX	8

struct command {
	const char *name;
	/* words: what is left after options; ends with NULL */
	enum rc (*run)(int n, char **words);
	const char *summary;	/* one line for the overview */
	const char *help;
	struct cmd_option options[CMD_OPTIONS_MAX + 1];
};

/*
 * The value of an option of the command that runs, "" for a switch; NULL if it
 * was not given.
 */
const char *cmd_option(const char *name);
/*
 * The values of an option that may be given several times, in their order; *at
 * is 0 at first. NULL behind the last one.
 */
const char *cmd_option_next(const char *name, size_t *at);

/* Says how the command is used, after the reason. Returns RC_USAGE. */
enum rc cmd_usage(const char *fmt, ...)
	__attribute((__format__(__printf__, 1, 2)));
/* The same for a word too many. */
enum rc cmd_surplus(const char *word);

/* The commands, in the order of the overview; NULL behind the last. */
const struct command *cmd_nth(size_t i);
/* By its name or a unique start of it, in silence; NULL if it is none. */
const struct command *cmd_named(const char *word);

/*
 * A command that takes no words and is one request of the kernel, act; done
 * says what holds then.
 */
struct nl;
enum rc cmd_change(int n, char **words,
		   enum rc (*act)(struct nl *nl, u32 *generation),
		   const char *done);

/* Digits only, 32 bits; false if it is not that. */
bool cmd_read_number(const char *text, u32 *number);
/*
 * Seconds to confirm in: "60", and nothing is the usual; false if it is no time
 * that the kernel takes.
 */
bool cmd_read_confirm(const char *text, u32 *seconds);

/* Index of the word in list, which ends with NULL, or of a unique start. */
int cmd_find_word(const char *const *list, const char *word);

/* Words with a blank between each two; fresh memory. */
char *cmd_join(int n, char **words);

extern const struct command cmd_add;
extern const struct command cmd_apply;
extern const struct command cmd_audit;
extern const struct command cmd_check;
extern const struct command cmd_complete;
extern const struct command cmd_confirm;
extern const struct command cmd_conns;
extern const struct command cmd_counters;
extern const struct command cmd_del;
extern const struct command cmd_derive;
extern const struct command cmd_diff;
extern const struct command cmd_doctor;
extern const struct command cmd_explain;
extern const struct command cmd_export;
extern const struct command cmd_flush;
extern const struct command cmd_import;
extern const struct command cmd_mode;
extern const struct command cmd_monitor;
extern const struct command cmd_move;
extern const struct command cmd_promote;
extern const struct command cmd_rollback;
extern const struct command cmd_save;
extern const struct command cmd_show;
extern const struct command cmd_stats;
extern const struct command cmd_status;
extern const struct command cmd_test;
extern const struct command cmd_top;
extern const struct command cmd_unstage;

#endif /* _SFWCTL_CMD_H */
