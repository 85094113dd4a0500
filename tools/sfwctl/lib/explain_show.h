/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Explanations on a terminal and as JSON.
 */
#ifndef _SFWCTL_EXPLAIN_SHOW_H
#define _SFWCTL_EXPLAIN_SHOW_H

#include <jansson.h>
#include <stdio.h>
#include "explain.h"

#define EXPLAIN_BOTH_MODES	(BIT(SFW_MODE_STATEFUL) | BIT(SFW_MODE_STATELESS))

/* modes: bit per enum sfw_mode that is shown. */
void explain_show(FILE *out, const struct explain *ex, unsigned int modes,
		  bool numeric);
/*
 * The same connection as each end sees it; there is NULL if the other end's
 * rules are not known.
 */
void explain_show_ends(FILE *out, const struct explain *here,
		       const struct explain *there, unsigned int modes);
/* The object of section 2 of the language. */
json_t *explain_json(const struct explain *ex, bool numeric);
/* "out:110", "in:*" */
void explain_rule_name(char *buf, size_t size, u8 direction, u32 number);
/* "match by out 110", "no host sends such flags": what led to the verdict. */
char *explain_cause_text(const struct explain_verdict *v);
extern const char *const explain_causes[];	/* snake_case */

#endif /* _SFWCTL_EXPLAIN_SHOW_H */
