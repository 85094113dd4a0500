/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How many connections live by each rule.
 */
#ifndef _SFW_LIVE_H
#define _SFW_LIVE_H

#include "codec.h"
#include "ruleset.h"

int sfw_live_count(struct sfw_net *sn);
void sfw_live_show(const struct sfw_ruleset *rs, u8 direction, u32 index,
		   struct sfw_counts *counts);

#endif /* _SFW_LIVE_H */
