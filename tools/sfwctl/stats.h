/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the ways to show figures share.
 */
#ifndef _SFWCTL_STATS_H
#define _SFWCTL_STATS_H

#include "cmd.h"

/* stats --prometheus */
enum rc stats_prometheus(void);

#endif /* _SFWCTL_STATS_H */
