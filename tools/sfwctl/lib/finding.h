/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What check has to say about a rule set.
 */
#ifndef _SFWCTL_FINDING_H
#define _SFWCTL_FINDING_H

#include <jansson.h>
#include "ruleset.h"

enum finding_severity {
	FINDING_NOTE,
	FINDING_WARNING,
	FINDING_ERROR,
	FINDING_SEVERITIES,
};

/* One line below the rule: a word, and what is to be said. */
struct finding_line {
	const char *label;
	char *text;
};

#define FINDING_LINES_MAX	12

struct finding {
	const char *code;
	enum finding_severity severity;
	const struct ruleset_rule *rule;	/* NULL: none, or a default */
	char *name;		/* "in:100", "in:*"; NULL: the set as a whole */
	const char *file;	/* NULL: that of the rule, or of the report */
	unsigned int line;	/* 0: of the rule, or none */
	const char *text;	/* the line; NULL: that of the rule, or none */
	char *message;
	double percent;		/* negative: none */
	char *witness;		/* a packet, or NULL */
	json_t *blocked_by;	/* names of rules, or NULL */
	char *add;		/* lines for the file, or NULL */
	bool from_parser;	/* printed already, unless it is JSON */
	unsigned int column;
	struct finding_line lines[FINDING_LINES_MAX];
	size_t n_lines;
};

struct findings {
	const char *file;	/* of the rule set as a whole */
	struct finding *finding;
	size_t n, cap;
	size_t count[FINDING_SEVERITIES];
};

/* Is the code among those of "# sfw:ignore CODE..."? NULL are none. */
bool finding_is_ignored(const char *ignore, const char *code);
/*
 * A new one; rule and name may be NULL, message is taken over. NULL if the rule
 * says that it does not want to hear this. Good until the next one.
 */
struct finding *findings_add(struct findings *list, const char *code,
			     enum finding_severity severity,
			     const struct ruleset_rule *rule, const char *name,
			     char *message);
/* text is taken over. More than FINDING_LINES_MAX are dropped. */
void finding_line(struct finding *f, const char *label, char *text);
void finding_blocked_by(struct finding *f, const char *name);

void findings_sort(struct findings *list);
void findings_print(const struct findings *list, FILE *file);
/* An array of objects with the keys that the language fixes. */
json_t *findings_json(const struct findings *list);
void findings_free(struct findings *list);
/* "2 errors, 1 warning, 3 notes"; fresh memory. */
char *findings_summary(const struct findings *list);

/* Text for JSON: a file may be called anything, and JSON is UTF-8. */
json_t *finding_text_json(const char *text);

#endif /* _SFWCTL_FINDING_H */
