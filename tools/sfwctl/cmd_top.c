// SPDX-License-Identifier: GPL-2.0
/*
 * sfwctl top: what happens now, on a full screen.
 *
 * The terminal is given back in every way out: by key, by SIGINT, SIGQUIT,
 * SIGTERM or SIGHUP, after an error, and without memory. What would be written to
 * standard error meanwhile would stand in the middle of the screen, so it is
 * kept, and written when the screen is gone.
 *
 * Reading a million connections takes a second or so: between two readings
 * lies at least three times as long as one took.
 *
 * No wait for a key is longer than a moment. A signal that comes after it was
 * looked for one, and before the wait, ends no wait; and a terminal that goes
 * without SIGHUP, which only comes from the one that controls the session, says
 * nothing but that there is no key.
 */
#include "cmd.h"

#ifdef SFW_HAVE_NCURSES

#include <curses.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/print.h"
#include "lib/xalloc.h"
#include "top_screen.h"

#define INTERVAL	2.0
#define LONGEST		60.0
#define WORDS_MAX	32

struct top {
	struct nl *nl;
	struct nl_filter filter;
	char words[256];	/* of the filter, which points into it */
	char typed[256];	/* the same, as it was typed */
	struct top_sample *sample;
	struct top_state state;
};

static int ended;

static struct {
	SCREEN *screen;
	int saved;		/* the real standard error, -1: not replaced */
	FILE *kept;
} term = { .saved = -1 };

static void end(int signal)
{
	(void)signal;
	__atomic_store_n(&ended, 1, __ATOMIC_RELAXED);
}

static bool is_over(void)
{
	return __atomic_load_n(&ended, __ATOMIC_RELAXED);
}

/* Neither a signal came, nor is the terminal gone. */
static bool goes_on(void)
{
	return !is_over() && isatty(STDIN_FILENO);
}

/* Screen away, then what was said meanwhile. May be called again. */
static void give_back(void)
{
	char buf[512];
	size_t n;

	if (!term.screen)
		return;
	endwin();
	term.screen = NULL;
	fflush(stderr);
	if (term.saved < 0)
		return;
	dup2(term.saved, STDERR_FILENO);
	close(term.saved);
	term.saved = -1;
	rewind(term.kept);
	while ((n = fread(buf, 1, sizeof(buf), term.kept)))
		fwrite(buf, 1, n, stderr);
	fclose(term.kept);
}

/* What was said since the last time, its first line; and it is forgotten. */
static const char *said(char *buf, size_t size)
{
	fflush(stderr);
	rewind(term.kept);
	if (!fgets(buf, (int)size, term.kept))
		snprintf(buf, size, "?");
	buf[strcspn(buf, "\n")] = '\0';
	rewind(term.kept);
	if (ftruncate(fileno(term.kept), 0))
		return buf;
	lseek(STDERR_FILENO, 0, SEEK_SET);
	return buf;
}

static enum rc take_terminal(void)
{
	static const int signals[] = { SIGINT, SIGQUIT, SIGTERM, SIGHUP };
	struct sigaction action = { .sa_handler = end };
	size_t i;

	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)) {
		out_err("top needs a terminal; 'sfwctl stats' and 'sfwctl monitor' do not");
		return RC_USAGE;
	}
	for (i = 0; i < ARRAY_SIZE(signals); i++)
		sigaction(signals[i], &action, NULL);
	term.kept = tmpfile();
	if (!term.kept) {
		out_err("a temporary file: %s", strerror(errno));
		return RC_KERNEL;
	}
	term.screen = newterm(NULL, stdout, stdin);
	if (!term.screen) {
		out_err("the terminal '%s' is unknown; is TERM right?",
			getenv("TERM") ? getenv("TERM") : "");
		return RC_USAGE;
	}
	atexit(give_back);
	term.saved = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
	dup2(fileno(term.kept), STDERR_FILENO);
	if (out_color(stdout) && has_colors()) {
		start_color();
		use_default_colors();
		init_pair(1, COLOR_RED, -1);
		init_pair(2, COLOR_GREEN, -1);
		init_pair(3, COLOR_YELLOW, -1);
	}
	cbreak();
	noecho();
	keypad(stdscr, TRUE);
	set_escdelay(50);
	curs_set(0);
	return RC_OK;
}

/* The filter of what is in top->typed; it stays as it was if that is none. */
static bool set_filter(struct top *top, const char *typed)
{
	char words[sizeof(top->words)], *argv[WORDS_MAX + 1], *word, *save;
	struct nl_filter filter;
	int n = 0;

	snprintf(words, sizeof(words), "%s", typed);
	for (word = strtok_r(words, " ", &save); word && n < WORDS_MAX;
	     word = strtok_r(NULL, " ", &save))
		argv[n++] = word;
	argv[n] = NULL;
	if (nl_filter_parse(&filter, n, argv) != RC_OK)
		return false;
	snprintf(top->typed, sizeof(top->typed), "%s", typed);
	memcpy(top->words, words, sizeof(words));
	if (filter.ifname)
		filter.ifname = top->words + (filter.ifname - words);
	top->filter = filter;
	return true;
}

static enum rc reread(struct top *top)
{
	struct top_state *t = &top->state;
	struct top_sample *new;
	enum rc rc;

	rc = top_read(top->nl, &top->filter,
		      t->view == TOP_CONNECTIONS ? &t->pick : NULL,
		      top->sample, &new);
	if (rc != RC_OK)
		return rc;
	top_free(top->sample);
	top->sample = new;
	t->interval = new->took * 3 > INTERVAL ? new->took * 3 : INTERVAL;
	if (t->interval > LONGEST)
		t->interval = LONGEST;
	return RC_OK;
}

/* Into the connections of the chosen row. */
static bool pick_row(struct top *top)
{
	struct top_state *t = &top->state;
	const struct top_sample *s = top->sample;
	size_t at = t->at[t->view];

	if (t->view == TOP_CONNECTIONS || at >= top_rows(s, t->view))
		return false;
	if (t->view == TOP_RULES) {
		const struct top_rule *rule = &s->rules[at];

		t->pick = (struct top_pick){
			.by_rule = true,
			.direction = rule->direction,
			.number = rule->number,
		};
		snprintf(t->picked, sizeof(t->picked), "%s:",
			 print_directions[rule->direction]);
		snprintf(t->picked + strlen(t->picked), 16,
			 rule->number ? "%u" : "*", rule->number);
	} else {
		const struct top_talker *talker =
			&s->talkers[t->view - TOP_SOURCES][at];

		t->pick = (struct top_pick){
			.by_addr = true,
			.family = talker->family,
			.addr = talker->addr,
		};
		print_addr(t->picked, sizeof(t->picked), talker->family,
			   &talker->addr);
	}
	t->back = t->view;
	t->view = TOP_CONNECTIONS;
	t->at[t->view] = 0;
	t->first[t->view] = 0;
	return true;
}

static void show_view(struct top_state *t, enum top_view view)
{
	t->view = view;
}

static void next_column(struct top_state *t)
{
	if (!top_columns[t->view][++t->column[t->view]])
		t->column[t->view] = 0;
}

static void go(struct top *top, long rows)
{
	struct top_state *t = &top->state;
	size_t *at = &t->at[t->view], n = top_rows(top->sample, t->view);

	if (rows < 0 && (size_t)-rows > *at)
		*at = 0;
	else
		*at += (size_t)rows;
	if (*at >= n)
		*at = n ? n - 1 : 0;
}

/* True if the figures have to be read again at once. */
static bool ask_filter(struct top *top, char *message, size_t size)
{
	char typed[sizeof(top->typed)];

	memcpy(typed, top->typed, sizeof(typed));
	if (!top_prompt("filter: ", typed, sizeof(typed), goes_on))
		return false;
	if (set_filter(top, typed))
		return true;
	top->state.message = said(message, size);
	return false;
}

/* What a key does. Sets *again to have the figures read at once. */
static void press(struct top *top, int key, bool *again)
{
	static char message[256];
	struct top_state *t = &top->state;

	if (key != KEY_RESIZE)
		t->message = NULL;
	switch (key) {
	case 'q':
	case 27:
	case KEY_BACKSPACE:
	case 127:
		if (t->view == TOP_CONNECTIONS)
			show_view(t, t->back);
		else if (key == 'q')
			end(0);
		break;
	case 'r':
		show_view(t, TOP_RULES);
		break;
	case 's':
		show_view(t, TOP_SOURCES);
		break;
	case 'd':
		show_view(t, TOP_DESTINATIONS);
		break;
	case '\t':
		if (t->view != TOP_CONNECTIONS)
			show_view(t, (t->view + 1) % TOP_CONNECTIONS);
		break;
	case 'o':
		next_column(t);
		break;
	case 'p':
	case ' ':
		t->paused = !t->paused;
		break;
	case 'f':
	case '/':
		*again = ask_filter(top, message, sizeof(message));
		break;
	case '\n':
	case '\r':
	case KEY_ENTER:
		*again = pick_row(top);
		break;
	case KEY_UP:
	case 'k':
		go(top, -1);
		break;
	case KEY_DOWN:
	case 'j':
		go(top, 1);
		break;
	case KEY_PPAGE:
		go(top, -(long)top_page());
		break;
	case KEY_NPAGE:
		go(top, (long)top_page());
		break;
	case KEY_HOME:
		t->at[t->view] = 0;
		break;
	case KEY_END:
		go(top, (long)top_rows(top->sample, t->view));
		break;
	}
}

static enum rc loop(struct top *top)
{
	struct top_state *t = &top->state;
	bool again = false;
	double left;
	int key;

	while (goes_on()) {
		left = top->sample->at + t->interval - top_clock();
		if (again || (left <= 0 && !t->paused)) {
			enum rc rc = reread(top);

			if (rc != RC_OK)
				return rc;
			again = false;
			left = t->interval;
		}
		top_sort(top->sample, t->view, t->column[t->view]);
		top_draw(top->sample, t);
		timeout(t->paused || left * 1000 > TOP_MOMENT ?
			TOP_MOMENT : (int)(left * 1000) + 1);
		key = getch();
		if (key != ERR)
			press(top, key, &again);
	}
	return RC_OK;
}

static enum rc show(struct top *top)
{
	enum rc rc;

	rc = nl_open(&top->nl);
	if (rc == RC_OK)
		rc = reread(top);
	if (rc == RC_OK)
		rc = take_terminal();
	if (rc == RC_OK) {
		rc = loop(top);
		give_back();
	}
	top_free(top->sample);
	nl_close(top->nl);
	return rc;
}

static enum rc run(int n, char **words)
{
	struct top top = { .state.filter = top.typed };
	char typed[sizeof(top.typed)] = "";
	size_t used = 0;
	int i;

	if (out.json)
		return cmd_usage("it has no JSON; 'stats' and 'monitor' have");
	for (i = 0; i < n && used < sizeof(typed); i++)
		used += snprintf(typed + used, sizeof(typed) - used, "%s%s",
				 i ? " " : "", words[i]);
	if (used >= sizeof(typed))
		return cmd_usage("the filter is too long");
	if (!set_filter(&top, typed))
		return RC_USAGE;
	return show(&top);
}

#else /* no ncurses */

static enum rc run(int n, char **words)
{
	(void)n;
	(void)words;
	out_err("this sfwctl was built without ncurses: apt-get install libncurses-dev, then make");
	return RC_USAGE;
}

#endif /* SFW_HAVE_NCURSES */

const struct command cmd_top = {
	.name = "top",
	.run = run,
	.summary = "watch rules, talkers, table and drops on a full screen",
	.help =
"Show what happens now, on a full screen: packets and connections a second, how\n"
"full the table is, drops by reason, and a table of rules, sources or\n"
"destinations.\n"
"\n"
"Usage: sfwctl top [FILTER]\n"
"\n"
"FILTER is that of 'sfwctl conns'; it selects the connections that are counted\n"
"for rules, sources and destinations.\n"
"\n"
"Keys:\n"
"  r, s, d     rules, sources, destinations; Tab goes round\n"
"  Enter       the connections of the chosen row; q or Esc leads back\n"
"  o           order by the next column; * marks the one that holds\n"
"  f           change the filter; nothing is no filter\n"
"  p, blank    pause\n"
"  arrows, PgUp, PgDn, Home, End   choose a row\n"
"  q           quit\n"
"\n"
"Example:\n"
"  sfwctl top dir in proto tcp\n",
};
