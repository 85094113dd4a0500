// SPDX-License-Identifier: GPL-2.0
/*
 * sfwctl complete: what may stand at the cursor. The completions of bash, zsh
 * and fish (tools/completion) ask for it, so that there is one that knows the
 * language, beside the parser, and none in three dialects.
 *
 * Rule numbers, interfaces and namespaces are those that there are now. Nothing
 * is ever said about an error: a shell that asks for words gets words or none.
 */
#include <dirent.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "lib/names.h"
#include "lib/nl_query.h"
#include "lib/parse.h"
#include "lib/print.h"

/* What the shell has to complete by itself: names of files. */
#define FILES		":files"

static const char *partial;	/* the word at the cursor, as far as it goes */

static void offer(const char *word, const char *what)
{
	if (strncmp(word, partial, strlen(partial)))
		return;
	if (what)
		printf("%s\t%s\n", word, what);
	else
		puts(word);
}

static void offer_list(const char *const *list)
{
	for (; *list; list++)
		offer(*list, NULL);
}

static void offer_files(void)
{
	puts(FILES);
}

static void offer_directory(const char *path)
{
	const struct dirent *entry;
	DIR *dir = opendir(path);

	while (dir && (entry = readdir(dir)))
		if (*entry->d_name != '.')
			offer(entry->d_name, NULL);
	if (dir)
		closedir(dir);
}

/* Not /sys/class/net: that one stays with the namespace it was mounted in. */
static void offer_interfaces(void)
{
	struct if_nameindex *list = if_nameindex(), *i;

	for (i = list; i && i->if_index; i++)
		offer(i->if_name, NULL);
	if (list)
		if_freenameindex(list);
}

static void offer_states(void)
{
	u8 state;

	for (state = 0; state <= SFW_STATE_MAX; state++)
		offer(sfw_option_state_name(state), NULL);
}

static void offer_protocols(void)
{
	int protocol;

	offer("any", NULL);
	for (protocol = 0; protocol < 256; protocol++)
		if (names_protocol(protocol))
			offer(names_protocol(protocol), NULL);
}

static void offer_reasons(void)
{
	size_t i;

	for (i = 0; i <= SFW_REASON_MAX; i++)
		offer(print_reasons[i], NULL);
}

/* The rules of one direction, or of both; colon: as "in:120". */
static void offer_rules(int direction, bool colon)
{
	struct nl_status status;
	struct ruleset *rs;
	struct nl *nl;
	size_t d, i;

	if (nl_open(&nl) != RC_OK)
		return;
	if (nl_query_ruleset(nl, &status, &rs) != RC_OK)
		rs = NULL;
	nl_close(nl);
	for (d = 0; rs && d < ARRAY_SIZE(rs->rules); d++) {
		if (direction >= 0 && (size_t)direction != d)
			continue;
		for (i = 0; i < rs->n_rules[d]; i++) {
			const struct sfw_rule *rule = &rs->rules[d][i]->rule;
			char *text = print_rule_text(rule);
			char word[32];

			snprintf(word, sizeof(word), "%s%s%u",
				 colon ? print_directions[d] : "",
				 colon ? ":" : "", rule->number);
			offer(word, text);
			free(text);
		}
		if (colon) {
			offer(d == SFW_DIRECTION_IN ? "in:*" : "out:*",
			      "the default");
		}
	}
	ruleset_free(rs);
}

static const char *const filter_words[] = {
	"dir", "proto", "src", "dst", "addr", "sport", "dport", "port",
	"state", "rule", "on", "reason", NULL
};

static const char *const count_words[] = {
	"proto", "src", "dst", "dport", "state", "rule", "on", "dir", NULL
};

/* What the word before asks for; false if it asks for nothing. */
static bool offer_after(const char *before)
{
	if (!strcmp(before, "dir"))
		offer_list(names_directions);
	else if (!strcmp(before, "proto"))
		offer_protocols();
	else if (!strcmp(before, "state"))
		offer_states();
	else if (!strcmp(before, "rule"))
		offer_rules(-1, true);
	else if (!strcmp(before, "on"))
		offer_interfaces();
	else if (!strcmp(before, "reason"))
		offer_reasons();
	else if (!strcmp(before, "by"))
		offer_list(count_words);
	else
		return names_index(filter_words, before) >= 0;
	return true;
}

static void filter(int n, char **words)
{
	if (!n || !offer_after(words[n - 1]))
		offer_list(filter_words);
}

static void one_of(int n, const char *const *list)
{
	if (!n)
		offer_list(list);
}

static void files(int n, char **words)
{
	(void)words;
	if (!n)
		offer_files();
}

static void directions(int n, char **words)
{
	(void)words;
	one_of(n, names_directions);
}

static void del(int n, char **words)
{
	if (!n)
		offer_list(names_directions);
	else if (n == 1)
		offer_rules(parse_direction(words[0]), false);
}

static void modes(int n, char **words)
{
	(void)words;
	one_of(n, names_modes);
}

static void audit(int n, char **words)
{
	static const char *const list[] = { "on", "off", NULL };

	(void)words;
	one_of(n, list);
}

static void counters(int n, char **words)
{
	static const char *const list[] = { "zero", NULL };

	(void)words;
	one_of(n, list);
}

static void conns(int n, char **words)
{
	static const char *const list[] = {
		"count", "kill", "flush", "save", "restore", NULL
	};

	if (!n)
		offer_list(list);
	if (n == 1 && !strcmp(words[0], "count"))
		offer("by", NULL);
	if (n && (!strcmp(words[0], "save") || !strcmp(words[0], "restore")))
		files(n - 1, words + 1);
	else if (!n || strcmp(words[0], "flush"))
		filter(n, words);
}

static void monitor(int n, char **words)
{
	static const char *const list[] = {
		"drops", "conns", "rules", "all", NULL
	};

	one_of(n, list);
	filter(n, words);
}

/* DIR NUM ACTION PROTO { clause } */
static void rule(int n, char **words)
{
	const char *before = n ? words[n - 1] : "";

	if (!n)
		offer_list(names_directions);
	else if (n == 2)
		offer_list(names_actions);
	else if (n == 3)
		offer_protocols();
	else if (n > 3 && !strcmp(before, "on"))
		offer_interfaces();
	else if (n > 3)
		offer_list(names_clauses);
}

/* in|out PROTO SRC > DST [on IFACE] ... */
static void packet(int n, char **words)
{
	static const char *const list[] = { "on", "type", "id", "flags", NULL };

	if (!n)
		offer_list(names_directions);
	else if (n == 1)
		offer_protocols();
	else if (!strcmp(words[n - 1], "on"))
		offer_interfaces();
	else if (n > 4)
		offer_list(list);
}

static void import(int n, char **words)
{
	static const char *const list[] = {
		"aws-nacl", "aws-sg", "iptables", "nft", NULL
	};

	(void)words;
	if (n)
		offer_files();
	else
		offer_list(list);
}

static void export(int n, char **words)
{
	static const char *const list[] = { "aws-nacl", "nft", "json", NULL };

	(void)words;
	one_of(n, list);
}

static void derive(int n, char **words)
{
	static const char *const list[] = { "stateless", "stateful", NULL };

	(void)words;
	if (n)
		offer_files();
	else
		offer_list(list);
}

static void nothing(int n, char **words)
{
	(void)n;
	(void)words;
}

/* Each command's words; a command that is not here takes names of files. */
static const struct {
	const char *name;
	void (*words)(int n, char **words);
} by_command[] = {
	{ "add", rule },
	{ "audit", audit },
	{ "confirm", nothing },
	{ "conns", conns },
	{ "counters", counters },
	{ "del", del },
	{ "derive", derive },
	{ "doctor", nothing },
	{ "explain", packet },
	{ "export", export },
	{ "flush", nothing },
	{ "import", import },
	{ "mode", modes },
	{ "monitor", monitor },
	{ "move", del },
	{ "promote", nothing },
	{ "rollback", nothing },
	{ "show", directions },
	{ "stats", nothing },
	{ "status", nothing },
	{ "top", filter },
	{ "unstage", nothing },
};

static void command_words(const struct command *command, int n, char **words)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(by_command); i++) {
		if (!strcmp(by_command[i].name, command->name)) {
			by_command[i].words(n, words);
			return;
		}
	}
	files(n, words);
}

static const struct cmd_option *option_named(const struct command *command,
					     const char *name)
{
	size_t i;

	for (i = 0; command && i < CMD_OPTIONS_MAX; i++)
		if (command->options[i].name &&
		    !strcmp(command->options[i].name, name))
			return &command->options[i];
	return NULL;
}

static void option_value(const struct command *command, const char *name)
{
	static const char *const modes_both[] = {
		"stateful", "stateless", "both", NULL
	};
	static const char *const colours[] = { "auto", "always", "never", NULL };
	const struct cmd_option *option = option_named(command, name);
	const char *value = option ? option->value : NULL;

	if (!strcmp(name, "-N"))
		offer_directory("/run/netns");
	else if (!strcmp(name, "-c"))
		offer_list(colours);
	else if (!strcmp(name, "--mode"))
		offer_list(value && strstr(value, "both") ? modes_both :
							    names_modes);
	else if (!strcmp(name, "--expect"))
		offer_list(names_actions);
	else if (value && strstr(value, "interface"))
		offer_interfaces();
	else if (value && strstr(value, "file"))
		offer_files();
}

static void offer_options(const struct command *command)
{
	static const struct {
		const char *name;
		const char *what;
	} global[] = {
		{ "-j", "one JSON object instead of text" },
		{ "-p", "indent the JSON" },
		{ "-c", "colour: auto, always or never" },
		{ "-n", "numbers instead of names" },
		{ "-N", "in this network namespace" },
		{ "-q", "do not say what was done" },
		{ "-v", "show the netlink messages" },
		{ "--help", "explain the command" },
		{ "--version", "the version of sfwctl" },
	};
	size_t i;

	for (i = 0; command && i < CMD_OPTIONS_MAX; i++)
		if (command->options[i].name)
			offer(command->options[i].name,
			      command->options[i].value);
	for (i = 0; i < ARRAY_SIZE(global); i++)
		offer(global[i].name, global[i].what);
}

static void offer_commands(void)
{
	const struct command *command;
	size_t i;

	for (i = 0; (command = cmd_nth(i)); i++)
		offer(command->name, command->summary);
	offer("help", "explain a command");
}

/* Does this option take the next word as its value? */
static bool takes_value(const struct command *command, const char *word)
{
	const struct cmd_option *option = option_named(command, word);

	if (option)
		return option->value && !option->optional;
	return !strcmp(word, "-N") || !strcmp(word, "-c");
}

static enum rc run(int n, char **words)
{
	const struct command *command = NULL;
	const char *pending = NULL;
	bool help = false;
	int i, left = 0;

	/* Whatever cannot be found out is not offered, that is all. */
	if (!freopen("/dev/null", "w", stderr))
		return RC_OK;
	partial = n ? words[n - 1] : "";
	for (i = 0; i < n - 1; i++) {
		const char *word = words[i];

		if (pending) {
			if (!strcmp(pending, "-N") && nl_enter_netns(word))
				return RC_OK;
			pending = NULL;
		} else if (*word == '-' && word[1]) {
			pending = takes_value(command, word) ? word : NULL;
		} else if (!command && !help && !strcmp(word, "help")) {
			help = true;
		} else if (!command) {
			command = cmd_named(word);
			if (!command)
				return RC_OK;
		} else {
			words[left++] = words[i];
		}
	}
	if (pending)
		option_value(command, pending);
	else if (*partial == '-')
		offer_options(command);
	else if (!command)
		offer_commands();
	else if (!help)
		command_words(command, left, words);
	return RC_OK;
}

const struct command cmd_complete = {
	.name = "complete",
	.run = run,
	.summary = "what may stand at the cursor, for the completion of shells",
	.help =
"Say what the last word may be, given those before it: one candidate a line,\n"
"behind a tab what it is. The line ':files' stands for the names of files. Rule\n"
"numbers, interfaces and namespaces are those that there are. The completions of\n"
"bash, zsh and fish call it.\n"
"\n"
"Usage: sfwctl complete -- [WORD]...\n"
"  WORD        what stands behind sfwctl on the line, as far as it is typed; the\n"
"              last one may be empty\n"
"\n"
"Example:\n"
"  sfwctl complete -- conns state tcp\n",
};
