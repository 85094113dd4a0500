/* SPDX-License-Identifier: GPL-2.0 */
/*
 * "Did you mean ...?": the candidate that is nearest to a misspelt word.
 */
#ifndef _SFWCTL_SUGGEST_H
#define _SFWCTL_SUGGEST_H

struct suggest {
	const char *word;	/* what was written */
	const char *best;	/* nearest candidate so far; NULL, none is near */
	unsigned int score;	/* of best; before, one beyond what is near */
};

void suggest_begin(struct suggest *s, const char *word);
/* The candidate has to live as long as best is used. */
void suggest_try(struct suggest *s, const char *candidate);
/* All words of a list that ends with NULL. */
void suggest_try_all(struct suggest *s, const char *const *candidates);

#endif /* _SFWCTL_SUGGEST_H */
