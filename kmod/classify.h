/* SPDX-License-Identifier: GPL-2.0 */
/*
 * First match over ordered rules. Pure.
 */
#ifndef _SFW_CLASSIFY_H
#define _SFW_CLASSIFY_H

#include "rule.h"

/* No rule matches: the direction's default decides. */
#define SFW_CLASSIFY_NONE	U32_MAX

struct sfw_classifier;

/**
 * struct sfw_classify_bound - what a packet costs at most, and what it takes
 * @steps: nodes of trees that a packet passes at most
 * @tests: rules, or parts of rules, that it is compared with at most
 * @gave_up: leaves that are longer than they should be, for want of room or
 *	time; 0 is as it should be
 * @bytes: of the compiled form, without the rules
 * @changes: rules changed since the trees were built
 */
struct sfw_classify_bound {
	u32 steps;
	u32 tests;
	u32 gave_up;
	u32 changes;
	u64 bytes;
};

struct sfw_classifier *sfw_classify_build(struct sfw_rule *const *rules,
					  u32 n);
int sfw_classify_rebuild(struct sfw_classifier **cls,
			 struct sfw_rule *const *rules, u32 n,
			 const struct sfw_classifier *old);
void sfw_classify_free(struct sfw_classifier *cls);
void sfw_classify_bound(const struct sfw_classifier *cls,
			struct sfw_classify_bound *bound);
u32 sfw_classify_next(const struct sfw_classifier *cls,
		      const struct sfw_packet *pkt, u32 from);

#endif /* _SFW_CLASSIFY_H */
