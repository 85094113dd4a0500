/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A connection table that gets full says so.
 */
#ifndef _SFW_FILL_H
#define _SFW_FILL_H

#include <linux/compiler.h>
#include <linux/types.h>

struct sfw_table;

/* When the two warnings were given last, jiffies; 0 is never. */
struct sfw_fill {
	unsigned long high;
	unsigned long refused;
};

void sfw_fill_warn(struct sfw_table *table, u32 max, bool refused);

/**
 * sfw_fill_check() - one connection more
 * @table: the table
 * @count: connections in it
 * @max: as many as there may be
 *
 * Context: any.
 */
static inline void sfw_fill_check(struct sfw_table *table, u32 count, u32 max)
{
	if (unlikely(count * 10ULL >= max * 9ULL))
		sfw_fill_warn(table, max, false);
}

#endif /* _SFW_FILL_H */
