/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the parts of sfwctl top share: the figures of a moment, with rates.
 */
#ifndef _SFWCTL_TOP_H
#define _SFWCTL_TOP_H

#include "cmd.h"
#include "lib/nl_conns.h"
#include "lib/nl_query.h"

/* Connections that are shown one by one, those with the most bytes. */
#define TOP_CONNS	500

enum top_view {
	TOP_RULES,
	TOP_SOURCES,
	TOP_DESTINATIONS,
	TOP_CONNECTIONS,	/* of one rule or one address */
};

#define TOP_VIEWS	(TOP_CONNECTIONS + 1)

/* A rule, or a default; number is 0 then. */
struct top_rule {
	u8 direction;
	u8 action;
	u32 number;
	char *text;		/* as in the file */
	u64 packets;
	u64 bytes;
	u64 conns;		/* there are now, that pass the filter */
	double packet_rate;	/* a second */
	double byte_rate;
};

/* An address, as source or as destination of connections. */
struct top_talker {
	struct sfw_addr addr;
	u8 family;		/* 0: a free slot */
	u64 conns;
	u64 bytes;		/* of these, both ways */
	double byte_rate;
};

/* Open addressing, never more than half full. */
struct top_tally {
	struct top_talker *slot;
	size_t n_slots;		/* a power of two */
	size_t n;
};

/* Whose connections are wanted one by one. */
struct top_pick {
	bool by_rule;
	u8 direction;
	u32 number;
	bool by_addr;
	u8 family;
	struct sfw_addr addr;
};

struct top_sample {
	struct nl_status status;
	double at;		/* seconds of some clock */
	double took;		/* seconds it took to read */
	bool has_rates;
	double seconds;		/* since the sample before */
	struct nl_stats before;
	struct top_rule *rules;
	size_t n_rules;
	struct top_tally tally[2];	/* sources, destinations */
	struct top_talker *talkers[2];	/* the same, to be sorted */
	struct nl_conn *conns;
	size_t n_conns;
	size_t met;		/* connections that were picked, shown or not */
};

/*
 * Read what there is; rates are against before, which may be NULL. pick may be
 * NULL, too: no single connections. Says why it fails.
 */
enum rc top_read(struct nl *nl, const struct nl_filter *filter,
		 const struct top_pick *pick, const struct top_sample *before,
		 struct top_sample **result);
void top_free(struct top_sample *sample);
/* Per second, 0 before there are rates. */
double top_rate(const struct top_sample *sample, u64 now, u64 before);
double top_clock(void);

/* Sort by a column of the view; the names end with NULL. */
extern const char *const *const top_columns[TOP_VIEWS];
void top_sort(struct top_sample *sample, enum top_view view, int column);

/* "1234", "12.3k", "4.56M": four digits at most. */
void top_human(char *buf, size_t size, double value);

#endif /* _SFWCTL_TOP_H */
