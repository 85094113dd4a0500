// SPDX-License-Identifier: GPL-2.0
/*
 * "Did you mean ...?": see suggest.h.
 *
 * Distance is counted in single-letter insertions, deletions, replacements
 * and swaps of neighbours, letter case ignored (optimal string alignment).
 * One error is near for short words, one in three letters for longer ones:
 * with more, suggestions become noise.
 */
#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#include "suggest.h"

#define WORD_MAX	40	/* longer words get no suggestion */

static unsigned int min3(unsigned int a, unsigned int b, unsigned int c)
{
	if (b < a)
		a = b;
	return c < a ? c : a;
}

static bool same(char a, char b)
{
	return tolower((unsigned char)a) == tolower((unsigned char)b);
}

/* Are the letters of part in whole, in their order? */
static bool has_letters(const char *whole, const char *part)
{
	for (; *whole && *part; whole++)
		part += same(*whole, *part);
	return !*part;
}

static unsigned int distance(const char *a, size_t m, const char *b, size_t n)
{
	unsigned int rows[3][WORD_MAX + 1];
	unsigned int *before = rows[0], *last = rows[1], *row = rows[2], *tmp;
	size_t i, j;

	for (j = 0; j <= n; j++)
		last[j] = j;
	for (i = 1; i <= m; i++) {
		row[0] = i;
		for (j = 1; j <= n; j++) {
			row[j] = min3(last[j] + 1, row[j - 1] + 1,
				      last[j - 1] + !same(a[i - 1], b[j - 1]));
			if (i > 1 && j > 1 && before[j - 2] + 1 < row[j] &&
			    same(a[i - 1], b[j - 2]) &&
			    same(a[i - 2], b[j - 1]))
				row[j] = before[j - 2] + 1;
		}
		tmp = before;
		before = last;
		last = row;
		row = tmp;
	}
	return last[n];
}

void suggest_begin(struct suggest *s, const char *word)
{
	size_t len = strlen(word);

	s->word = word;
	s->best = NULL;
	s->score = 4 * (len < 6 ? 1 : len / 3) + 4;
}

void suggest_try(struct suggest *s, const char *candidate)
{
	size_t m = strlen(s->word), n = strlen(candidate);
	size_t diff = m > n ? m - n : n - m;
	unsigned int d, score;

	if (m > WORD_MAX || n > WORD_MAX || 4 * diff >= s->score)
		return;
	d = distance(s->word, m, candidate, n);
	/*
	 * Of equally near words, the one that starts alike is more likely, and
	 * then the one that only had a letter too few.
	 */
	score = 4 * d + 2 * !same(*s->word, *candidate) +
		!has_letters(candidate, s->word);
	/* A word of which nothing is left is not misspelt, it is another. */
	if (score < s->score && (d < m || !d)) {
		s->best = candidate;
		s->score = score;
	}
}

void suggest_try_all(struct suggest *s, const char *const *candidates)
{
	for (; *candidates; candidates++)
		suggest_try(s, *candidates);
}
