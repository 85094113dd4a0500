/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Rules of other firewalls to rule sets of ours: what the converters share.
 *
 * A converter fills in the rule set and reports what it cannot: an error, if
 * the document is not what it claims to be; a refusal, if it says something
 * that sfw has no words for; a note, if it is said in another way.
 */
#ifndef _SFWCTL_IMPORT_H
#define _SFWCTL_IMPORT_H

#include "out.h"
#include "ruleset.h"
#include "xalloc.h"

/* First number and distance of rules that bring none of their own. */
#define IMPORT_FIRST	100
#define IMPORT_STEP	10

/* "sg-1=10.0.0.0/8,10.1.1.1" of the command line, as a set. */
struct import_name {
	char *name;
	struct sfw_list *list;
};

enum import_kind {
	IMPORT_NOTE,
	IMPORT_REFUSED,
	IMPORT_ERROR,
};

struct import_message {
	enum import_kind kind;
	char *where;	/* "LINE" or a path in the document */
	char *text;
	char *source;	/* what was written there, NULL if it is not a line */
};

struct import {
	const char *file;	/* as messages call it */
	char *text;		/* all of it */
	size_t len;
	struct ruleset *rs;
	bool has_default[2];	/* the document has given it */

	/* What the options say. */
	const char **ids;
	size_t n_ids;
	struct import_name *groups;
	size_t n_groups, cap_groups;
	struct import_name *prefix_lists;
	size_t n_prefix_lists, cap_prefix_lists;
	const char *router;	/* interface, NULL unless on a router */
	struct sfw_list *local;	/* addresses of the host, NULL if not said */
	bool v6;		/* ip6tables */
	bool partial;		/* leave out what is refused */

	struct import_message *messages;
	size_t n_messages, cap_messages;
	size_t count[IMPORT_ERROR + 1];	/* by kind */
	char **remarks;		/* comments at the top of the result */
	size_t n_remarks, cap_remarks;
};

/* Messages; where and source are given away. */
void import_verror(struct import *imp, char *where, const char *fmt,
		   va_list ap) __printf(3, 0);
void import_error(struct import *imp, char *where, const char *fmt, ...)
	__printf(3, 4);
void import_vrefuse(struct import *imp, char *where, char *source,
		    const char *fmt, va_list ap) __printf(4, 0);
void import_refuse(struct import *imp, char *where, char *source,
		   const char *fmt, ...) __printf(4, 5);
void import_note(struct import *imp, char *where, char *source,
		 const char *fmt, ...) __printf(4, 5);
/* A comment line for the top of the result. */
void import_remark(struct import *imp, const char *fmt, ...) __printf(2, 3);

/* Read the file, "-" is standard input. False after a message. */
bool import_read(struct import *imp, const char *path);
/* Messages to standard error; the exit code they mean. */
enum rc import_report(const struct import *imp);
/* The rule set, with remarks and what was left out as comments. */
void import_print(const struct import *imp);
void import_free(struct import *imp);

/* A new rule with its words; text may be NULL. Not yet in the set. */
struct ruleset_rule *import_rule(u8 direction, u32 number, u8 action,
				 const char *comment);
/* Whatever was said there, as a comment that a rule may have; NULL if empty. */
char *import_comment(const char *text);
/* Put it into the set; false, and it is freed, if the kernel refuses such. */
bool import_add(struct import *imp, struct ruleset_rule *rule,
		const char **why);
/* Number the rules of a direction, given in their order. */
bool import_number(struct import *imp, u8 direction);

/* The list of one element. */
struct sfw_list *import_list(const struct sfw_elem *elem);
/* An address by text; NULL if it is none. */
struct sfw_list *import_addr(const char *text, u8 family);
/* Ports first to last. */
struct sfw_list *import_ports(u16 first, u16 last);
/* Every address of the families. */
struct sfw_list *import_everything(u8 families);

/* The converters; they report all they find. */
void import_nacl(struct import *imp);
void import_sg(struct import *imp);
void import_iptables(struct import *imp);
void import_nft(struct import *imp);

#endif /* _SFWCTL_IMPORT_H */
