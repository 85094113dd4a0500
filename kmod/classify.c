// SPDX-License-Identifier: GPL-2.0
/*
 * First match over ordered rules.
 *
 * The rules of one direction are tried one after the other. What is compiled
 * is only what spares work on every packet: the rules that can match at all
 * are sorted by family and protocol beforehand, as one ascending array of
 * rule indexes for TCP, UDP, ICMP and all else in each family, so that a
 * packet never meets a rule about another family or protocol.
 *
 * A classifier is immutable. It does not own the rules; they outlive it.
 * Look-ups need RCU in the kernel and nothing in user space.
 *
 * Pure: see pure.h.
 */
#include "classify.h"

enum bucket {
	BUCKET_TCP,
	BUCKET_UDP,
	BUCKET_ICMP,	/* of the family */
	BUCKET_OTHER,
	BUCKETS,
};

/**
 * struct sfw_classifier - compiled rules of one direction
 * @rules: all rules, ascending
 * @n: how many
 * @index: the indexes of those that can match, by family and bucket
 * @len: entries of each @index
 */
struct sfw_classifier {
	struct sfw_rule *const *rules;
	u32 n;
	u32 *index[2][BUCKETS];
	u32 len[2][BUCKETS];
};

static enum bucket bucket_of(int v6, u8 protocol)
{
	switch (protocol) {
	case IPPROTO_TCP:
		return BUCKET_TCP;
	case IPPROTO_UDP:
		return BUCKET_UDP;
	case IPPROTO_ICMP:
		return v6 ? BUCKET_OTHER : BUCKET_ICMP;
	case IPPROTO_ICMPV6:
		return v6 ? BUCKET_ICMP : BUCKET_OTHER;
	}
	return BUCKET_OTHER;
}

static bool belongs(const struct sfw_rule *rule, int v6, enum bucket b)
{
	if (!(rule->families & (v6 ? SFW_FAMILY_6 : SFW_FAMILY_4)))
		return false;
	return !(rule->flags & SFW_RULE_F_PROTOCOL) ||
	       bucket_of(v6, rule->protocol) == b;
}

static int build_bucket(struct sfw_classifier *cls, int v6, enum bucket b)
{
	u32 *index;
	u32 n = 0;
	u32 i;

	for (i = 0; i < cls->n; i++)
		n += belongs(cls->rules[i], v6, b);
	if (!n)
		return 0;
	index = sfw_alloc(n, sizeof(*index));
	if (!index)
		return -ENOMEM;
	cls->index[v6][b] = index;
	for (i = 0; i < cls->n; i++)
		if (belongs(cls->rules[i], v6, b))
			index[cls->len[v6][b]++] = i;
	return 0;
}

/**
 * sfw_classify_build() - compile the rules of one direction
 * @rules: rules in ascending order, checked by sfw_rule_check(); the array and
 *	the rules must stay until sfw_classify_free()
 * @n: how many, 0 and up
 *
 * Return: the classifier, NULL if there is no memory.
 * Context: may sleep.
 */
struct sfw_classifier *sfw_classify_build(struct sfw_rule *const *rules, u32 n)
{
	struct sfw_classifier *cls;
	int v6, b;

	cls = sfw_alloc(1, sizeof(*cls));
	if (!cls)
		return NULL;
	cls->rules = rules;
	cls->n = n;
	for (v6 = 0; v6 < 2; v6++) {
		for (b = 0; b < BUCKETS; b++) {
			if (build_bucket(cls, v6, b)) {
				sfw_classify_free(cls);
				return NULL;
			}
		}
	}
	return cls;
}

/**
 * sfw_classify_free() - free a classifier
 * @cls: what sfw_classify_build() returned, or NULL
 *
 * Context: may sleep; no reader is left.
 */
void sfw_classify_free(struct sfw_classifier *cls)
{
	int v6, b;

	if (!cls)
		return;
	for (v6 = 0; v6 < 2; v6++)
		for (b = 0; b < BUCKETS; b++)
			sfw_free(cls->index[v6][b]);
	sfw_free(cls);
}

/* First place in an ascending array whose value is @from or more. */
static u32 lower_bound(const u32 *index, u32 len, u32 from)
{
	u32 lo = 0;

	while (lo < len) {
		u32 mid = lo + (len - lo) / 2;

		if (index[mid] < from)
			lo = mid + 1;
		else
			len = mid;
	}
	return lo;
}

/**
 * sfw_classify_next() - first rule that matches, from a place on
 * @cls: the classifier
 * @pkt: the packet
 * @from: index of the first rule to consider; 0 for the beginning. The caller
 *	goes on behind a rule whose limit is used up
 *
 * Return: index of the rule in the array given to sfw_classify_build(), or
 * SFW_CLASSIFY_NONE.
 * Context: any; RCU read side in the kernel.
 */
u32 sfw_classify_next(const struct sfw_classifier *cls,
		      const struct sfw_packet *pkt, u32 from)
{
	int v6 = pkt->family == AF_INET6;
	enum bucket b = bucket_of(v6, pkt->protocol);
	const u32 *index = cls->index[v6][b];
	u32 len = cls->len[v6][b];
	u32 i;

	for (i = from ? lower_bound(index, len, from) : 0; i < len; i++)
		if (sfw_rule_match(cls->rules[index[i]], pkt))
			return index[i];
	return SFW_CLASSIFY_NONE;
}
