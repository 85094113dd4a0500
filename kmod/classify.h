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

struct sfw_classifier *sfw_classify_build(struct sfw_rule *const *rules,
					  u32 n);
void sfw_classify_free(struct sfw_classifier *cls);
u32 sfw_classify_next(const struct sfw_classifier *cls,
		      const struct sfw_packet *pkt, u32 from);

#endif /* _SFW_CLASSIFY_H */
