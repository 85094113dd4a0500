/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A JSON document that is read with suspicion: every value knows its way from
 * the top, so that a complaint can name it as NetworkAcls[0].Entries[3].Egress.
 */
#ifndef _SFWCTL_JDOC_H
#define _SFWCTL_JDOC_H

#include "import.h"

/* A value; lives on the stack of whoever looks at it, below its parents. */
struct jdoc {
	const struct jdoc *up;	/* NULL for the top */
	const char *key;	/* NULL for an element of an array */
	size_t index;
	json_t *value;
};

enum jdoc_kind {
	JDOC_OBJECT,
	JDOC_ARRAY,
	JDOC_STRING,
	JDOC_INTEGER,
	JDOC_BOOL,
	JDOC_ANY,
};

/*
 * Read and parse the file, "-" is standard input; false after a complaint. The
 * value is the caller's to give back.
 */
bool jdoc_load(struct import *imp, struct jdoc *top);

/* "NetworkAcls[0].Entries[3]", the document for the top; to be freed. */
char *jdoc_path(const struct jdoc *node);

/* The document is not what it claims to be, at this place. */
void __printf(3, 4) jdoc_error(struct import *imp, const struct jdoc *node,
			       const char *fmt, ...);
/* It is, and sfw cannot say that. */
void __printf(3, 4) jdoc_refuse(struct import *imp, const struct jdoc *node,
				const char *fmt, ...);

/* A member; false if it is not there, or, after a complaint, of another kind. */
bool jdoc_get(struct import *imp, const struct jdoc *obj, const char *key,
	      enum jdoc_kind kind, struct jdoc *child);
/* The same, and it has to be there. */
bool jdoc_need(struct import *imp, const struct jdoc *obj, const char *key,
	       enum jdoc_kind kind, struct jdoc *child);
/* An element of an array; false after a complaint if it is of another kind. */
bool jdoc_element(struct import *imp, const struct jdoc *array, size_t index,
		  enum jdoc_kind kind, struct jdoc *child);
/* A member that is an integer in a range; false: absent or complained about. */
bool jdoc_integer(struct import *imp, const struct jdoc *obj, const char *key,
		  long long min, long long max, long long *value);
/* Complain about every member that is not among keys, which end with NULL. */
void jdoc_only(struct import *imp, const struct jdoc *obj,
	       const char *const *keys);
/* Text of a member, NULL if it is absent or no text. */
const char *jdoc_text(const struct jdoc *obj, const char *key);

#endif /* _SFWCTL_JDOC_H */
