/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Reading what iptables-save writes, from inside: what its files share.
 *
 * import_iptables.c		tables, chains, lines
 * import_iptables_match.c	the options of a rule
 */
#ifndef _SFWCTL_IMPORT_IPTABLES_H
#define _SFWCTL_IMPORT_IPTABLES_H

#include "flat.h"

struct iptables {
	struct import *imp;
	struct flat flat;
	u8 families;		/* of the file, or of this part of it */
	bool in_table;
	bool filter;		/* the table is filter */
	char table[32];
	unsigned int line;
	char where[16];		/* line, as text */
	const char *text;	/* of the line */

	char **words;		/* of the line, unquoted */
	size_t n_words, cap_words;
	size_t at;
	bool negate;		/* there was a ! before this option */
	struct flat_rule *rule;
	struct sfw_list *either;	/* ports of --ports */
	bool refused;
};

/* The rule of the line cannot be said; once per rule is enough. */
void iptables_refuse(struct iptables *r, const char *fmt, ...)
	__printf(2, 3);
/* The line is none of iptables-save. */
void iptables_error(struct iptables *r, const char *fmt, ...) __printf(2, 3);
/* The operand of an option, NULL after a complaint. */
const char *iptables_take(struct iptables *r, const char *option);
/* All options of the rule of the line, from r->at on. */
void iptables_options(struct iptables *r);

#endif /* _SFWCTL_IMPORT_IPTABLES_H */
