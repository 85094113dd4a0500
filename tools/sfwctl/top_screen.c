// SPDX-License-Identifier: GPL-2.0
/*
 * The screen of sfwctl top: six lines of figures, a table, a line of keys.
 *
 * Made for 80 columns and 24 lines; what is wider or higher gets more of rules
 * and addresses, what is smaller loses lines at the end and text at the right.
 * Plain ASCII, so that it looks the same on every terminal.
 */
#ifdef SFW_HAVE_NCURSES

#include <curses.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "conns.h"
#include "lib/print.h"
#include "lib/xalloc.h"
#include "top_screen.h"

#define HEAD_LINES	7	/* the table's own headline is the last */
#define BAR_WIDTH	30

enum { PAIR_RED = 1, PAIR_GREEN, PAIR_YELLOW };

size_t top_page(void)
{
	int rows = LINES - HEAD_LINES - 1;	/* the keys are the last */

	return rows > 1 ? (size_t)rows : 1;
}

size_t top_rows(const struct top_sample *s, enum top_view view)
{
	switch (view) {
	case TOP_RULES:
		return s->n_rules;
	case TOP_SOURCES:
	case TOP_DESTINATIONS:
		return s->tally[view - TOP_SOURCES].n;
	case TOP_CONNECTIONS:
		break;
	}
	return s->n_conns;
}

/* A whole line, cut at the right edge. */
static void __printf(3, 4) row(int y, attr_t attr, const char *fmt, ...)
{
	va_list ap;
	char *text;

	if (y >= LINES)
		return;
	va_start(ap, fmt);
	text = xvasprintf(fmt, ap);
	va_end(ap);
	move(y, 0);
	clrtoeol();
	attrset(attr);
	addnstr(text, COLS);
	if (attr & A_REVERSE)
		while (getcurx(stdscr) < COLS - 1 && getcury(stdscr) == y)
			addch(' ');
	attrset(A_NORMAL);
	free(text);
}

static const char *rate(char buf[16], const struct top_sample *s, u64 now,
			u64 before)
{
	top_human(buf, 16, top_rate(s, now, before));
	return buf;
}

static void draw_head(const struct top_sample *s, const struct top_state *t)
{
	const struct nl_status *status = &s->status;
	char when[16] = "", set[96];
	time_t now = time(NULL);
	struct tm tm;

	if (localtime_r(&now, &tm))
		strftime(when, sizeof(when), "%H:%M:%S", &tm);
	if (status->loaded)
		snprintf(set, sizeof(set), "%s%s, generation %u, %u in, %u out",
			 print_modes[status->mode],
			 status->audit ? " (audit)" : "", status->generation,
			 status->rules[SFW_DIRECTION_IN],
			 status->rules[SFW_DIRECTION_OUT]);
	else
		snprintf(set, sizeof(set), "no rule set is loaded");
	row(0, A_BOLD, "sfwctl top  %s  %s  every %.0f s%s", when, set,
	    t->interval, t->paused ? "  PAUSED" : "");
}

static void draw_rates(const struct top_sample *s)
{
	const struct nl_stats *now = &s->status.stats, *old = &s->before;
	char packets[16], allowed[16], dropped[16], made[16], gone[16];

	row(1, A_NORMAL,
	    "packets %s/s  allowed %s/s  dropped %s/s  new %s/s  expired %s/s",
	    rate(packets, s, now->packets, old->packets),
	    rate(allowed, s, now->allowed, old->allowed),
	    rate(dropped, s, now->dropped, old->dropped),
	    rate(made, s, now->created, old->created),
	    rate(gone, s, now->expired, old->expired));
}

/* The bar gets what the figures leave of the line. */
static void draw_table(const struct top_sample *s)
{
	const struct nl_stats *now = &s->status.stats, *old = &s->before;
	char evicted[16], refused[16], bar[BAR_WIDTH + 1];
	int percent = 0, filled = 0, width;
	char *figures;

	if (now->max)
		percent = (int)((u64)now->entries * 100 / now->max);
	figures = xasprintf("%d %%, %u of %u  evicted %s/s  refused %s/s",
			    percent, now->entries, now->max,
			    rate(evicted, s, now->evicted, old->evicted),
			    rate(refused, s, now->refused, old->refused));
	width = COLS - (int)strlen(figures) - (int)strlen("table [] ");
	if (width > BAR_WIDTH)
		width = BAR_WIDTH;
	if (width < 0)
		width = 0;
	if (now->max)
		filled = (int)((u64)now->entries * (u64)width / now->max);
	if (filled > width)
		filled = width;
	memset(bar, '.', (size_t)width);
	memset(bar, '#', (size_t)filled);
	bar[width] = '\0';
	row(2, percent >= 90 ? A_BOLD | COLOR_PAIR(PAIR_RED) : A_NORMAL,
	    "table [%s] %s", bar, figures);
	free(figures);
}

/* Two lines: rates of the reasons there are, and totals of those. */
static void draw_drops(const struct top_sample *s)
{
	char rates[512], totals[512], buf[16];
	size_t i, r = 0, n = 0;

	*rates = '\0';
	*totals = '\0';
	for (i = 0; i <= SFW_REASON_MAX; i++) {
		u64 now = nl_drops(&s->status.stats, i);
		u64 old = nl_drops(&s->before, i);

		if (s->has_rates && now > old)
			r += snprintf(rates + r, sizeof(rates) - r, "  %s %s",
				      print_reasons[i], rate(buf, s, now, old));
		if (!now)
			continue;
		top_human(buf, sizeof(buf), (double)now);
		n += snprintf(totals + n, sizeof(totals) - n, "  %s %s",
			      print_reasons[i], buf);
	}
	row(3, *rates ? COLOR_PAIR(PAIR_RED) : A_NORMAL, "drops/s%s",
	    *rates ? rates : "  none");
	row(4, A_NORMAL, "drops  %s", *totals ? totals : "  none");
}

static void draw_middle(const struct top_sample *s, const struct top_state *t)
{
	if (t->message)
		row(5, COLOR_PAIR(PAIR_YELLOW) | A_BOLD, "%s", t->message);
	else if (t->view == TOP_CONNECTIONS && s->met > s->n_conns)
		row(5, A_BOLD, "connections of %s: the %zu with the most bytes of %zu",
		    t->picked, s->n_conns, s->met);
	else if (t->view == TOP_CONNECTIONS)
		row(5, A_BOLD, "connections of %s: %zu%s%s", t->picked, s->met,
		    *t->filter ? ", filter " : "", t->filter);
	else
		row(5, A_NORMAL, "%s%s", *t->filter ? "filter " : "",
		    t->filter);
}

/* The name of a column, marked if it is the one sorted by. */
static const char *head(char buf[16], const struct top_state *t, int column)
{
	snprintf(buf, 16, "%s%s", t->column[t->view] == column ? "*" : "",
		 top_columns[t->view][column]);
	return buf;
}

static void draw_rule(int y, attr_t attr, const struct top_rule *rule)
{
	char packets[16], bytes[16], name[24];

	top_human(packets, sizeof(packets), rule->packet_rate);
	top_human(bytes, sizeof(bytes), rule->byte_rate);
	if (rule->number)
		snprintf(name, sizeof(name), "%s:%u",
			 print_directions[rule->direction], rule->number);
	else
		snprintf(name, sizeof(name), "%s:*",
			 print_directions[rule->direction]);
	if (!(attr & A_REVERSE) && rule->action != SFW_ACTION_ALLOW &&
	    rule->packet_rate > 0)
		attr |= COLOR_PAIR(PAIR_RED);
	row(y, attr, "%10s %10s %8llu  %-10s  %s", packets, bytes,
	    (unsigned long long)rule->conns, name, rule->text);
}

static void draw_talker(int y, attr_t attr, const struct top_talker *talker)
{
	char addr[64], bytes[16], per_second[16];

	print_addr(addr, sizeof(addr), talker->family, &talker->addr);
	top_human(bytes, sizeof(bytes), (double)talker->bytes);
	top_human(per_second, sizeof(per_second), talker->byte_rate);
	row(y, attr, "%10llu %10s %10s  %s", (unsigned long long)talker->conns,
	    bytes, per_second, addr);
}

static void draw_conn(int y, attr_t attr, const struct nl_conn *conn)
{
	char ends[256], proto[32], bytes[16], packets[16];

	conns_ends_text(ends, sizeof(ends), conn);
	top_human(bytes, sizeof(bytes),
		  (double)(conn->bytes + conn->reply_bytes));
	top_human(packets, sizeof(packets),
		  (double)(conn->packets + conn->reply_packets));
	row(y, attr, "%7s %8s  %-3s %-4s %-15s %s", bytes, packets,
	    print_directions[conn->direction],
	    print_protocol(proto, sizeof(proto), conn->protocol, out.numeric),
	    sfw_option_state_name(conn->state), ends);
}

static void draw_headline(const struct top_state *t)
{
	char a[16], b[16], c[16], d[16];

	switch (t->view) {
	case TOP_RULES:
		row(HEAD_LINES - 1, A_REVERSE, "%10s %10s %8s  %-10s  rule",
		    head(a, t, 0), head(b, t, 1), head(c, t, 2),
		    head(d, t, 3));
		break;
	case TOP_SOURCES:
	case TOP_DESTINATIONS:
		row(HEAD_LINES - 1, A_REVERSE, "%10s %10s %10s  %s",
		    head(a, t, 0), head(b, t, 1), head(c, t, 2),
		    t->view == TOP_SOURCES ? "source" : "destination");
		break;
	case TOP_CONNECTIONS:
		row(HEAD_LINES - 1, A_REVERSE,
		    "%7s %8s  dir      state           ends", head(a, t, 0),
		    head(b, t, 1));
		break;
	}
}

static void draw_rows(const struct top_sample *s, struct top_state *t)
{
	size_t n = top_rows(s, t->view), page = top_page(), i;
	size_t *at = &t->at[t->view], *first = &t->first[t->view];

	if (*at >= n)
		*at = n ? n - 1 : 0;
	if (*at < *first)
		*first = *at;
	if (*at >= *first + page)
		*first = *at - page + 1;
	for (i = 0; i < page; i++) {
		size_t r = *first + i;
		int y = HEAD_LINES + (int)i;
		attr_t attr = r == *at ? A_REVERSE : A_NORMAL;

		if (r >= n)
			row(y, A_NORMAL, "%s", "");
		else if (t->view == TOP_RULES)
			draw_rule(y, attr, &s->rules[r]);
		else if (t->view == TOP_CONNECTIONS)
			draw_conn(y, attr, &s->conns[r]);
		else
			draw_talker(y, attr,
				    &s->talkers[t->view - TOP_SOURCES][r]);
	}
}

void top_draw(const struct top_sample *s, struct top_state *t)
{
	erase();
	draw_head(s, t);
	draw_rates(s);
	draw_table(s);
	draw_drops(s);
	draw_middle(s, t);
	draw_headline(t);
	draw_rows(s, t);
	row(LINES - 1, A_REVERSE,
	    "r rules  s sources  d dests  Enter conns  o order  f filter  p pause  q quit");
	refresh();
}

bool top_prompt(const char *label, char *buf, size_t size,
		bool (*goes_on)(void))
{
	size_t len = strlen(buf);
	int key;

	timeout(TOP_MOMENT);
	curs_set(1);
	for (;;) {
		row(LINES - 1, A_BOLD, "%s%s", label, buf);
		refresh();
		key = getch();
		switch (key) {
		case '\n':
		case '\r':
		case KEY_ENTER:
			curs_set(0);
			return true;
		case ERR:
			if (goes_on())
				break;
			fallthrough;
		case 27:	/* Esc */
			curs_set(0);
			return false;
		case KEY_BACKSPACE:
		case '\b':
		case 127:
			if (len)
				buf[--len] = '\0';
			break;
		case 'U' & 31:
			len = 0;
			*buf = '\0';
			break;
		default:
			if (key < ' ' || key > '~' || len + 1 >= size)
				break;
			buf[len++] = (char)key;
			buf[len] = '\0';
		}
	}
}

#endif /* SFW_HAVE_NCURSES */
