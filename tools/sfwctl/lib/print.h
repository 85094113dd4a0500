/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Rule sets to text that loads again, and to JSON.
 */
#ifndef _SFWCTL_PRINT_H
#define _SFWCTL_PRINT_H

#include <jansson.h>
#include <stdio.h>
#include "ruleset.h"

struct print_style {
	bool color;
	bool numeric;	/* -n: no names of protocols and ICMP types */
	bool counters;	/* -s: append what the rule did, as a # comment */
	bool staged;	/* it decided nothing: say what it would have */
	bool compared;	/* without # sfw:ignore, which the kernel does not keep */
};

/* Whole set, re-loadable; direction -1 is both. */
void print_ruleset(FILE *out, const struct ruleset *rs, int direction,
		   const struct print_style *style);
/* One rule without newline, as in the file. */
void print_rule(FILE *out, const struct sfw_rule *rule,
		const struct print_style *style);
/* Same into fresh memory, plain style. */
char *print_rule_text(const struct sfw_rule *rule);

/* The options the file names, or all in force, one statement each. */
void print_options(FILE *out, const struct sfw_options *opt, bool all);
json_t *print_options_json(const struct sfw_options *opt, bool all);

/* "12 packets, 840 bytes, 3 connections, 1 live, last 5 s ago", or "never". */
void print_counters(FILE *out, const struct counters *counters);
/* packets, bytes, connections, connections_live and last_hit_s into obj. */
void print_counters_json(json_t *obj, const struct counters *counters);

/* What stands behind the words from, port, on, type, flags and limit. */
char *print_list_text(const struct sfw_list *list, bool negate);
char *print_ifname_text(const struct sfw_rule *rule);
void print_tcp_flags(char *buf, size_t size, const struct sfw_rule *rule);
void print_rate(char *buf, size_t size, const struct sfw_rate *rate);

/* Objects of section 2 of the language: RULE, and the whole of show -j. */
json_t *print_rule_json(const struct ruleset_rule *rule);
json_t *print_ruleset_json(const struct ruleset *rs, int direction);

/* "10.0.0.0/8", "2001:db8::1", "1.1.1.1-1.1.1.9", "80", "1024-65535". */
void print_addr(char *buf, size_t size, u8 family, const struct sfw_addr *addr);
/* "1.3.3.7:443", "[2001:db8::1]:443"; port -1 is none. */
void print_endpoint(char *buf, size_t size, u8 family,
		    const struct sfw_addr *addr, int port);
void print_elem(char *buf, size_t size, const struct sfw_elem *elem);
/* Into buf unless it has a name; numeric forces the number. */
const char *print_protocol(char *buf, size_t size, u8 protocol, bool numeric);
const char *print_icmp(char *buf, size_t size, u8 protocol, u8 type, int code,
		       bool numeric);	/* code -1: none */
extern const char *const print_directions[];	/* by enum sfw_direction */
extern const char *const print_actions[];	/* by enum sfw_action */
extern const char *const print_modes[];		/* by enum sfw_mode */
extern const char *const print_reasons[];	/* "rule", ... snake_case */

#endif /* _SFWCTL_PRINT_H */
