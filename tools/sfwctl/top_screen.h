/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The screen of sfwctl top.
 */
#ifndef _SFWCTL_TOP_SCREEN_H
#define _SFWCTL_TOP_SCREEN_H

#include "top.h"

struct top_state {
	enum top_view view;
	enum top_view back;	/* from connections */
	int column[TOP_VIEWS];	/* that each is sorted by */
	size_t at[TOP_VIEWS];	/* the row that is chosen */
	size_t first[TOP_VIEWS];	/* the row on top */
	bool paused;
	double interval;	/* seconds */
	const char *filter;	/* as it was typed, "" for none */
	const char *message;	/* what is wrong with the last key, or NULL */
	struct top_pick pick;
	char picked[128];	/* as text */
};

/* Rows of the view there are. */
size_t top_rows(const struct top_sample *sample, enum top_view view);
/* Rows of it that fit on the screen. */
size_t top_page(void);
void top_draw(const struct top_sample *sample, struct top_state *state);
/* A line at the bottom, edited; false if it was given up, or nothing goes on. */
bool top_prompt(const char *label, char *buf, size_t size,
		bool (*goes_on)(void));

/* No wait for a key is longer, in milliseconds. */
#define TOP_MOMENT	500

#endif /* _SFWCTL_TOP_SCREEN_H */
