/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A helper that is asked line by line: words in, one line of answer out, and
 * the network namespaces that the words name. Shared by peer and pkt, which
 * are one source file each, so this is a header of static functions.
 */
#ifndef _SFW_LINES_H
#define _SFW_LINES_H

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#ifndef __printf
#define __printf(fmt, args) __attribute__((__format__(printf, fmt, args)))
#endif

#define LINES_WORDS_MAX 512
#define LINES_SPACES_MAX 64

/**
 * struct command - one word that starts a line; an empty one ends the table
 * @word: the word
 * @words: words the line must have at least, @word counted
 * @run: gets the words, NULL after the last; two more may be looked at
 */
struct command {
	const char *word;
	int words;
	void (*run)(char **w);
};

static char lines_answer[4096];

static struct {
	char name[64];
	int fd;
} lines_spaces[LINES_SPACES_MAX];

static int lines_n_spaces;

/* Sets the answer of the line; "ok" if nobody does. */
static __printf(1, 2) void say(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(lines_answer, sizeof(lines_answer), fmt, ap);
	va_end(ap);
}

static inline long now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* Index of a namespace, opened when first named; -1 if there is none. */
static int lines_space(const char *name)
{
	char path[128] = "/proc/self/ns/net";
	int i;

	for (i = 0; i < lines_n_spaces; i++)
		if (!strcmp(lines_spaces[i].name, name))
			return i;
	if (i == LINES_SPACES_MAX ||
	    strlen(name) >= sizeof(lines_spaces[i].name)) {
		say("error: too many namespaces, or too long a name");
		return -1;
	}
	if (strcmp(name, "-"))
		snprintf(path, sizeof(path), "/run/netns/%s", name);
	lines_spaces[i].fd = open(path, O_RDONLY | O_CLOEXEC);
	if (lines_spaces[i].fd < 0) {
		say("error: no namespace %s", name);
		return -1;
	}
	snprintf(lines_spaces[i].name, sizeof(lines_spaces[i].name), "%s",
		 name);
	return lines_n_spaces++;
}

/* Sockets made after this belong to that namespace. */
static void lines_enter(int ns)
{
	if (setns(lines_spaces[ns].fd, CLONE_NEWNET)) {
		perror("setns");
		exit(1);
	}
}

/* "set NS PATH VALUE" */
static inline void lines_set(char **w)
{
	char path[256];
	int ns = lines_space(w[1]);
	int fd;

	if (ns < 0)
		return;
	lines_enter(ns);
	snprintf(path, sizeof(path), "/proc/sys/%s", w[2]);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, w[3], strlen(w[3])) < 0)
		say("error: %s: %m", path);
	if (fd >= 0)
		close(fd);
}

static void lines_run(const struct command *commands, char *line)
{
	char *w[LINES_WORDS_MAX + 3];
	const struct command *c;
	int n = 0;

	for (w[0] = strtok(line, " \t"); w[n] && n < LINES_WORDS_MAX;
	     w[n] = strtok(NULL, " \t"))
		n++;
	w[n] = NULL;
	w[n + 1] = NULL;
	w[n + 2] = NULL;
	if (!n)
		return;
	say("ok");
	for (c = commands; c->word; c++)
		if (!strcmp(w[0], c->word))
			break;
	if (!c->word)
		say("error: no command %s", w[0]);
	else if (n < c->words)
		say("error: %s needs %d more words", w[0], c->words - n);
	else
		c->run(w);
	puts(lines_answer);
	fflush(stdout);
}

/**
 * lines_obey() - read lines until the input ends
 * @commands: what they may say
 * @ready: serves others until input may be there; true if it is
 *
 * Return: exit status.
 */
static int lines_obey(const struct command *commands, bool (*ready)(void))
{
	static char line[65536];
	size_t fill = 0;
	char *end;
	ssize_t n;

	if (lines_space("-") < 0)
		return 1;
	for (;;) {
		while ((end = memchr(line, '\n', fill))) {
			*end++ = '\0';
			lines_run(commands, line);
			fill -= end - line;
			memmove(line, end, fill);
		}
		if (ready && !ready())
			continue;
		n = read(0, line + fill, sizeof(line) - fill);
		if (n <= 0)
			return 0;
		fill += n;
	}
}

#endif /* _SFW_LINES_H */
