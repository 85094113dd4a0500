// SPDX-License-Identifier: GPL-2.0
/*
 * sfwctl conns count: how many connections, and of what kind.
 *
 * The plain number comes from the kernel, which counts in place. For "by WORD"
 * the table is read and tallied here, in a hash table of the values seen.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conns.h"
#include "lib/nl_query.h"
#include "lib/print.h"
#include "lib/xalloc.h"

enum by {
	BY_PROTO,
	BY_SRC,
	BY_DST,
	BY_DPORT,
	BY_STATE,
	BY_RULE,
	BY_ON,
	BY_DIR,
};

static const char *const by_words[] = {
	[BY_PROTO]	= "proto",
	[BY_SRC]	= "src",
	[BY_DST]	= "dst",
	[BY_DPORT]	= "dport",
	[BY_STATE]	= "state",
	[BY_RULE]	= "rule",
	[BY_ON]		= "on",
	[BY_DIR]	= "dir",
	NULL
};

struct entry {
	char *key;		/* NULL: the slot is free */
	u64 count;
};

/* Open addressing, never more than half full. */
struct tally {
	enum by by;
	struct entry *slot;
	size_t n_slots;		/* a power of two */
	size_t n;
};

static void tally_init(struct tally *t, enum by by)
{
	*t = (struct tally){ .by = by, .n_slots = 64 };
	t->slot = xcalloc(t->n_slots, sizeof(*t->slot));
}

static void tally_free(struct tally *t)
{
	size_t i;

	for (i = 0; i < t->n_slots; i++)
		free(t->slot[i].key);
	free(t->slot);
}

static struct entry *tally_slot(const struct tally *t, const char *key)
{
	/* FNV-1a; what is counted is our own table, so no secret is needed. */
	u64 hash = 0xcbf29ce484222325ULL;
	const char *p;
	size_t i;

	for (p = key; *p; p++)
		hash = (hash ^ (unsigned char)*p) * 0x100000001b3ULL;
	i = (hash ^ hash >> 32) & (t->n_slots - 1);
	while (t->slot[i].key && strcmp(t->slot[i].key, key))
		i = (i + 1) & (t->n_slots - 1);
	return &t->slot[i];
}

static void tally_grow(struct tally *t)
{
	struct tally old = *t;
	size_t i;

	t->n_slots *= 2;
	t->slot = xcalloc(t->n_slots, sizeof(*t->slot));
	for (i = 0; i < old.n_slots; i++)
		if (old.slot[i].key)
			*tally_slot(t, old.slot[i].key) = old.slot[i];
	free(old.slot);
}

static void tally_add(struct tally *t, const char *key)
{
	struct entry *entry = tally_slot(t, key);

	if (!entry->key) {
		entry->key = xstrdup(key);
		if (++t->n > t->n_slots / 2) {
			tally_grow(t);
			entry = tally_slot(t, key);
		}
	}
	entry->count++;
}

/* "-" where a connection has no such thing. */
static const char *key_of(char *buf, size_t size, const struct nl_conn *conn,
			  enum by by)
{
	snprintf(buf, size, "-");
	switch (by) {
	case BY_PROTO:
		return print_protocol(buf, size, conn->protocol, out.numeric);
	case BY_SRC:
		print_addr(buf, size, conn->family, &conn->src);
		break;
	case BY_DST:
		print_addr(buf, size, conn->family, &conn->dst);
		break;
	case BY_DPORT:
		if (conn->has_ports)
			snprintf(buf, size, "%u", conn->dport);
		break;
	case BY_STATE:
		return sfw_option_state_name(conn->state);
	case BY_RULE:
		conns_rule_text(buf, size, conn);
		break;
	case BY_ON:
		if (*conn->ifname)
			snprintf(buf, size, "%s", conn->ifname);
		out_clean(buf);
		break;
	case BY_DIR:
		return print_directions[conn->direction];
	}
	return buf;
}

static void count_one(const struct nl_conn *conn, void *data)
{
	struct tally *t = data;
	char buf[64];

	tally_add(t, key_of(buf, sizeof(buf), conn, t->by));
}

/* The most first; numbers among keys by their value. */
static int entry_cmp(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;
	size_t i, j;

	if (x->count != y->count)
		return x->count > y->count ? -1 : 1;
	i = strlen(x->key);
	j = strlen(y->key);
	if (i != j && i == strspn(x->key, "0123456789") &&
	    j == strspn(y->key, "0123456789"))
		return i < j ? -1 : 1;
	return strcmp(x->key, y->key);
}

static void print_tally(const struct tally *t)
{
	struct entry *list = xcalloc(t->n, sizeof(*list));
	struct out_table *table = NULL;
	size_t i, n = 0;

	for (i = 0; i < t->n_slots; i++)
		if (t->slot[i].key)
			list[n++] = t->slot[i];
	qsort(list, n, sizeof(*list), entry_cmp);

	if (out.json)
		out_stream_begin("counts");
	else
		table = out_table_new("rl");
	for (i = 0; i < n; i++) {
		char buf[24];
		const char *const cells[] = { buf, list[i].key };

		if (out.json) {
			out_stream_item(json_pack("{s:s, s:I}",
						  "key", list[i].key, "count",
						  (json_int_t)list[i].count));
			continue;
		}
		snprintf(buf, sizeof(buf), "%llu",
			 (unsigned long long)list[i].count);
		out_table_row(table, cells);
	}
	if (out.json)
		out_stream_end();
	else
		out_table_end(table);
	free(list);
}

static enum rc count_by(struct nl *nl, const struct nl_filter *filter,
			enum by by)
{
	struct tally tally;
	bool changed;
	int tries = 0;
	enum rc rc;

	tally_init(&tally, by);
	for (;;) {
		rc = nl_conns_dump(nl, filter, count_one, &tally, &changed);
		if (rc != RC_OK || !changed || ++tries == NL_DUMP_TRIES)
			break;
		tally_free(&tally);
		tally_init(&tally, by);
	}
	if (rc == RC_OK) {
		print_tally(&tally);
		if (changed)
			out_warn("the table was rebuilt while it was read: the counts are approximate");
	}
	tally_free(&tally);
	return rc;
}

static enum rc count(struct nl *nl, const struct nl_filter *filter)
{
	u64 n;
	enum rc rc;

	rc = nl_conns_count(nl, filter, &n);
	if (rc != RC_OK)
		return rc;
	if (out.json)
		out_json(json_pack("{s:I}", "count", (json_int_t)n));
	else
		printf("%llu\n", (unsigned long long)n);
	return RC_OK;
}

enum rc conns_count(int n, char **words)
{
	struct nl_filter filter;
	struct nl *nl;
	int by = -1;
	enum rc rc;

	if (n && !strcmp(words[0], "by")) {
		by = n > 1 ? cmd_find_word(by_words, words[1]) : -1;
		if (by < 0)
			return cmd_usage("by needs proto, src, dst, dport, state, rule, on or dir");
		words += 2;
		n -= 2;
	}
	rc = nl_filter_parse(&filter, n, words);
	if (rc == RC_OK)
		rc = nl_open(&nl);
	if (rc != RC_OK)
		return rc;
	conns_filter_warn(&filter);
	rc = by < 0 ? count(nl, &filter) : count_by(nl, &filter, (enum by)by);
	nl_close(nl);
	return rc;
}
