/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The words of the rule language and the numbers they stand for.
 */
#ifndef _SFWCTL_NAMES_H
#define _SFWCTL_NAMES_H

#include <pure.h>
#include "suggest.h"

/* Digits only, no leading zeros, at most max; -1 if it is not that. */
long long names_uint(const char *word, u32 max);

/* Lists of words that end with NULL. */
extern const char *const names_directions[];
extern const char *const names_actions[];	/* by enum sfw_action */
extern const char *const names_modes[];		/* by enum sfw_mode */
extern const char *const names_clauses[];	/* words within a rule */
extern const char *const names_codes[];		/* findings of check */

/* Index of word in such a list, -1 if it is not there. */
int names_index(const char *const *list, const char *word);

/* What other firewalls call them, too. */
void names_suggest_action(struct suggest *s);

/* A protocol that has a name, NULL if this one has none. */
const char *names_protocol(u8 protocol);
void names_suggest_protocol(struct suggest *s);

/* Type and code, -1 if the name leaves the code open; false if no such name. */
bool names_icmp_lookup(u8 protocol, const char *word, u8 *type, int *code);
const char *names_icmp(u8 protocol, u8 type, int code);
void names_suggest_icmp(struct suggest *s, u8 protocol);

/* SFW_TCP_* bit of a name or all or none, -1; and the text of a mask. */
int names_tcp_flag(const char *word);
void names_tcp_flags(char *buf, size_t size, u8 flags);
void names_suggest_tcp_flag(struct suggest *s);

/*
 * Port of a service in /etc/services as the protocol (0: any) knows it; -1 if
 * there is none, -2 if it stands for several.
 */
int names_service(const char *word, u8 protocol);
void names_suggest_service(struct suggest *s);

#endif /* _SFWCTL_NAMES_H */
