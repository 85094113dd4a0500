// SPDX-License-Identifier: GPL-2.0
/*
 * sfwctl: which command, which options, and the exit code.
 *
 * Options are read here for all commands, because global ones may stand before
 * or after the command and between its words. getopt_long() was the first
 * choice; it cannot read what belongs to a command that it has not found yet.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd.h"
#include "lib/nl.h"
#include "lib/xalloc.h"

static const struct command *const commands[] = {
	&cmd_status,
	&cmd_show,
	&cmd_check,
	&cmd_diff,
	&cmd_derive,
	&cmd_apply,
	&cmd_confirm,
	&cmd_rollback,
	&cmd_promote,
	&cmd_unstage,
	&cmd_add,
	&cmd_del,
	&cmd_move,
	&cmd_mode,
	&cmd_audit,
	&cmd_flush,
	&cmd_conns,
	&cmd_explain,
	&cmd_test,
	&cmd_monitor,
	&cmd_top,
	&cmd_stats,
	&cmd_counters,
	&cmd_import,
	&cmd_export,
	&cmd_save,
	&cmd_doctor,
	&cmd_complete,
};

/* What the command line says. */
static struct {
	const struct command *command;
	const char *netns;
	const char *value[CMD_OPTIONS_MAX];	/* of the command's options */
	struct {
		int option;
		const char *value;
	} *given;		/* all of them in order, for those of many */
	size_t n_given, cap_given;
	char **words;
	int n_words;
	bool help;		/* --help, or the command "help" */
	bool version;
	bool end;		/* behind "--" all are words */
} line;

static const char globals[] =
"Options, before or after the command:\n"
"  -j          one JSON object instead of text\n"
"  -p          indent the JSON\n"
"  -c WHEN     colour: auto, always or never; NO_COLOR is respected\n"
"  -n          numbers instead of names of protocols and ICMP types\n"
"  -N NETNS    in this network namespace: a name, a path or a pid\n"
"  -q          do not say what was done\n"
"  -v          show the netlink messages, on standard error\n"
"  -h, --help  this text, or that of a command\n"
"  --version   the version of sfwctl and of its kernel interface\n";

static void print_help(FILE *file)
{
	size_t i;

	fputs("sfwctl: the command line of the sfw firewall\n\n"
	      "Usage: sfwctl [OPTION]... COMMAND [WORD]...\n"
	      "       sfwctl COMMAND --help\n\n"
	      "Commands; a unique start of the name will do:\n", file);
	for (i = 0; i < ARRAY_SIZE(commands); i++)
		fprintf(file, "  %-10s  %s\n", commands[i]->name,
			commands[i]->summary);
	fprintf(file, "  %-10s  %s\n\n", "help", "explain a command");
	fputs(globals, file);
	fputs("\nExit status: 0 yes or done; 1 a negative answer; 2 usage or parse error;\n"
	      "3 module absent or of another version; 4 permission; 5 the kernel refused.\n\n"
	      "Example:\n"
	      "  sfwctl apply /etc/sfw/sfw.rules && sfwctl status\n", file);
}

static void print_command_help(const struct command *command)
{
	fputs(command->help, stdout);
	printf("\n%s", globals);
}

/* Once for all commands: a short reminder, in place of the long text. */
static enum rc usage(void)
{
	size_t i;

	fputs("Usage: sfwctl [OPTION]... COMMAND [WORD]...\nCommands:", stderr);
	for (i = 0; i < ARRAY_SIZE(commands); i++)
		fprintf(stderr, " %s", commands[i]->name);
	fputs(" help\n'sfwctl --help' explains them.\n", stderr);
	return RC_USAGE;
}

static enum rc surplus(const char *command, const char *word)
{
	out_err("%s: '%s' is a word too many; 'sfwctl %s --help' shows the usage",
		command, word, command);
	return RC_USAGE;
}

enum rc cmd_surplus(const char *word)
{
	return surplus(line.command->name, word);
}

enum rc cmd_usage(const char *fmt, ...)
{
	const char *name = line.command->name;
	va_list ap;
	char *why;

	va_start(ap, fmt);
	why = xvasprintf(fmt, ap);
	va_end(ap);
	out_err("%s: %s; 'sfwctl %s --help' shows the usage", name, why, name);
	free(why);
	return RC_USAGE;
}

enum rc cmd_change(int n, char **words,
		   enum rc (*act)(struct nl *nl, u32 *generation),
		   const char *done)
{
	u32 generation;
	struct nl *nl;
	enum rc rc;

	if (n)
		return cmd_surplus(words[0]);
	rc = nl_open(&nl);
	if (rc != RC_OK)
		return rc;
	rc = act(nl, &generation);
	nl_close(nl);
	if (rc == RC_OK)
		out_changed(generation, "%s", done);
	return rc;
}

const char *cmd_option(const char *name)
{
	size_t i;

	for (i = 0; i < CMD_OPTIONS_MAX; i++)
		if (line.command->options[i].name &&
		    !strcmp(line.command->options[i].name, name))
			return line.value[i];
	return NULL;
}

const char *cmd_option_next(const char *name, size_t *at)
{
	while (*at < line.n_given) {
		size_t i = (*at)++;

		if (!strcmp(line.command->options[line.given[i].option].name,
			    name))
			return line.given[i].value;
	}
	return NULL;
}

int cmd_find_word(const char *const *list, const char *word)
{
	int i, found = -1;

	for (i = 0; list[i]; i++) {
		if (!strcmp(list[i], word))
			return i;
		if (!*word || strncmp(list[i], word, strlen(word)))
			continue;
		if (found >= 0)
			return -1;
		found = i;
	}
	return found;
}

char *cmd_join(int n, char **words)
{
	size_t len = 1;
	char *text, *p;
	int i;

	for (i = 0; i < n; i++)
		len += strlen(words[i]) + 1;
	text = xcalloc(len, 1);
	p = text;
	for (i = 0; i < n; i++) {
		if (i)
			*p++ = ' ';
		p = stpcpy(p, words[i]);
	}
	return text;
}

const struct command *cmd_nth(size_t i)
{
	return i < ARRAY_SIZE(commands) ? commands[i] : NULL;
}

const struct command *cmd_named(const char *word)
{
	const struct command *found = NULL;
	size_t i, len = strlen(word);

	for (i = 0; i < ARRAY_SIZE(commands); i++) {
		if (!strcmp(commands[i]->name, word))
			return commands[i];
		if (!len || strncmp(commands[i]->name, word, len))
			continue;
		if (found)
			return NULL;
		found = commands[i];
	}
	return found;
}

/* The command, or help with its first word; RC_OK if it is one. */
static enum rc find_command(const char *word)
{
	char candidates[256];
	size_t i, len = strlen(word), used = 0;
	int n = 0;

	for (i = 0; i < ARRAY_SIZE(commands); i++) {
		const char *name = commands[i]->name;

		if (!strcmp(name, word)) {
			line.command = commands[i];
			return RC_OK;
		}
		if (!len || strncmp(name, word, len))
			continue;
		line.command = commands[i];
		used += snprintf(candidates + used, sizeof(candidates) - used,
				 "%s%s", n++ ? ", " : "", name);
	}
	if (n == 1)
		return RC_OK;
	line.command = NULL;
	if (n)
		out_err("'%s' may be: %s", word, candidates);
	else
		out_err("unknown command '%s'; 'sfwctl --help' lists what there is",
			word);
	return RC_USAGE;
}

static enum rc unknown_option(const char *name)
{
	if (line.command)
		out_err("%s: unknown option '%s'; 'sfwctl %s --help' shows what there is",
			line.command->name, name, line.command->name);
	else
		out_err("unknown option '%s'; 'sfwctl --help' shows what there is",
			name);
	return RC_USAGE;
}

static enum rc set_color(const char *when)
{
	static const char *const names[] = { "auto", "always", "never" };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		if (!strcmp(names[i], when)) {
			out.color = (enum out_color)i;
			return RC_OK;
		}
	}
	out_err("-c '%s': colour is auto, always or never", when);
	return RC_USAGE;
}

/* An option's index in the command's table, or -1. */
static int find_option(const char *name, size_t len)
{
	int i;

	if (!line.command)
		return -1;
	for (i = 0; i < CMD_OPTIONS_MAX && line.command->options[i].name; i++) {
		const char *known = line.command->options[i].name;

		if (strlen(known) == len && !strncmp(known, name, len))
			return i;
	}
	return -1;
}

static void set_option(int i, const char *value)
{
	line.value[i] = value;
	line.given = xgrow(line.given, &line.cap_given, line.n_given + 1,
			   sizeof(*line.given));
	line.given[line.n_given].option = i;
	line.given[line.n_given++].value = value;
}

/* "--name" or "--name=value"; *next is what may be the value. */
static enum rc long_option(const char *arg, char ***next)
{
	size_t len = strcspn(arg, "=");
	const char *wanted;
	int i;

	if (!strcmp(arg, "--help")) {
		line.help = true;
		return RC_OK;
	}
	if (!strcmp(arg, "--version")) {
		line.version = true;
		return RC_OK;
	}
	i = find_option(arg, len);
	if (i < 0)
		return unknown_option(arg);
	wanted = line.command->options[i].value;
	if (!wanted) {
		if (arg[len])
			return cmd_usage("'%.*s' takes no value", (int)len,
					 arg);
		set_option(i, "");
		return RC_OK;
	}
	if (arg[len]) {
		set_option(i, arg + len + 1);
	} else if (line.command->options[i].optional) {
		set_option(i, "");
	} else {
		if (!**next)
			return cmd_usage("'%s' needs %s", arg, wanted);
		set_option(i, *(*next)++);
	}
	return RC_OK;
}

/* The value of a letter: what follows in its argument, or the next one. */
static const char *letter_value(const char **rest, char ***next)
{
	const char *value = *rest;

	if (*value)
		*rest += strlen(value);
	else
		value = **next ? *(*next)++ : NULL;
	return value;
}

/* One letter; rest is what follows in the same argument. */
static enum rc letter(char c, const char **rest, char ***next)
{
	const char name[] = { '-', c, '\0' };
	const char *value;
	int i;

	switch (c) {
	case 'j':
		out.json = true;
		return RC_OK;
	case 'p':
		out.pretty = true;
		return RC_OK;
	case 'n':
		out.numeric = true;
		return RC_OK;
	case 'q':
		out.quiet = true;
		return RC_OK;
	case 'v':
		out.verbose = true;
		return RC_OK;
	case 'h':
		line.help = true;
		return RC_OK;
	case 'c':
	case 'N':
		value = letter_value(rest, next);
		if (!value) {
			out_err("'-%c' needs %s", c, c == 'c' ?
				"auto, always or never" :
				"the name of a network namespace");
			return RC_USAGE;
		}
		if (c == 'c')
			return set_color(value);
		line.netns = value;
		return RC_OK;
	}
	i = find_option(name, 2);
	if (i < 0)
		return unknown_option(name);
	value = "";
	if (line.command->options[i].value) {
		value = letter_value(rest, next);
		if (!value)
			return cmd_usage("'%s' needs %s", name,
					 line.command->options[i].value);
	}
	set_option(i, value);
	return RC_OK;
}

static enum rc add_word(char *word)
{
	if (!line.command && !line.help && *word &&
	    !strncmp("help", word, strlen(word))) {
		line.help = true;
		return RC_OK;
	}
	if (!line.command)
		return find_command(word);
	line.words[line.n_words++] = word;
	return RC_OK;
}

/* All that can be said about the line before anything is done. */
static enum rc read_line(char **argv)
{
	enum rc rc = RC_OK;

	while (rc == RC_OK && *argv) {
		char *arg = *argv++;

		if (line.end || *arg != '-' || !arg[1]) {
			rc = add_word(arg);
		} else if (!strcmp(arg, "--")) {
			line.end = true;
		} else if (arg[1] == '-') {
			rc = long_option(arg, &argv);
		} else {
			const char *rest = arg + 1;

			while (rc == RC_OK && *rest) {
				char c = *rest++;

				rc = letter(c, &rest, &argv);
			}
		}
	}
	return rc;
}

/*
 * A descriptor that is closed would be the next one opened, and the answer be
 * written into a netlink socket. Standard output is opened the wrong way
 * round, so that writing fails and is reported.
 */
static void fill_descriptors(void)
{
	int fd;

	for (fd = 0; fd <= 2; fd++)
		if (fcntl(fd, F_GETFD) < 0 &&
		    open("/dev/null", fd ? O_RDONLY : O_WRONLY) != fd)
			_exit(RC_KERNEL);
}

static enum rc run(void)
{
	enum rc rc;

	if (line.version) {
		printf("sfwctl %s, netlink interface version %d\n", SFW_VERSION,
		       SFW_GENL_VERSION);
		return RC_OK;
	}
	if (line.help) {
		if (line.command)
			print_command_help(line.command);
		else
			print_help(stdout);
		return RC_OK;
	}
	if (!line.command)
		return usage();
	if (line.netns) {
		rc = nl_enter_netns(line.netns);
		if (rc != RC_OK)
			return rc;
	}
	return line.command->run(line.n_words, line.words);
}

int main(int argc, char **argv)
{
	/* Lists of a million lines: a block of 1024 bytes to a device or of 4096
	 * to a file would be most of the work. glibc has no other size of its
	 * own, whatever setvbuf() is asked for.
	 */
	static char buffer[64 * 1024];
	enum rc rc;

	fill_descriptors();
	if (!isatty(STDOUT_FILENO))
		setvbuf(stdout, buffer, _IOFBF, sizeof(buffer));
	/* A reader that leaves ends us quietly, whoever our parent is. */
	signal(SIGPIPE, SIG_DFL);

	line.words = xcalloc((size_t)argc + 1, sizeof(*line.words));
	rc = argc ? read_line(argv + 1) : RC_USAGE;
	if (rc == RC_OK)
		rc = run();
	free(line.words);
	free(line.given);
	return out_finish(rc);
}
