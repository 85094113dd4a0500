/* SPDX-License-Identifier: GPL-2.0 */
/*
 * nft's JSON from inside: what its files share.
 *
 * import_nft.c		tables, chains, sets, statements
 * import_nft_match.c	one match: a field, and the values it may have
 */
#ifndef _SFWCTL_IMPORT_NFT_H
#define _SFWCTL_IMPORT_NFT_H

#include "flat.h"
#include "jdoc.h"

/* A set or map of a table. */
struct nft_set {
	char *key;		/* "FAMILY TABLE NAME" */
	json_t *obj;		/* borrowed */
	struct jdoc node;	/* of it */
	struct sfw_list *list;	/* as a set of ours, NULL until it is used */
};

/* What one rule may be: several, where a field has several values. */
struct nft_rule {
	struct flat_rule **alt;
	size_t n, cap;
};

struct nft {
	struct import *imp;
	struct flat flat;
	struct nft_set *sets;
	size_t n_sets, cap_sets;
	/* The rule being read. */
	struct nft_rule rule;
	const char *family, *table;
	bool refused;
};

/* A refusal in the name of the rule being read; one per rule is enough. */
void __printf(3, 4) nft_refuse(struct nft *nft, const struct jdoc *node,
			       const char *fmt, ...);
/* A set of this table by its name, NULL if there is none. */
struct nft_set *nft_find_set(struct nft *nft, const char *name);
/* The rules being read, each joined with every one of n others. */
void nft_multiply(struct nft *nft, size_t n);

/* The statement {"match": {...}}. */
void nft_match(struct nft *nft, const struct jdoc *match);
/* left == right or left != right, for one of the rules being read. */
void nft_match_value(struct nft *nft, const struct jdoc *left,
		     const struct jdoc *right, const char *op);

#endif /* _SFWCTL_IMPORT_NFT_H */
