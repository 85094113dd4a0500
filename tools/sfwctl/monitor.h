/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Events as text and as JSON.
 */
#ifndef _SFWCTL_MONITOR_H
#define _SFWCTL_MONITOR_H

#include "lib/nl_event.h"
#include "lib/out.h"

/* Who lost an event. */
enum monitor_loss {
	MONITOR_KERNEL,		/* there were more than the kernel sends */
	MONITOR_READER,		/* we did not read them in time */
};

/*
 * One line, or one object with -j; who calls flushes standard output. comment is
 * that of the rule, or NULL.
 */
void monitor_show(const struct nl_event *event, const char *comment);
/* n of 0: nobody knows how many. */
void monitor_show_lost(u8 group, u64 n, enum monitor_loss by, u64 time_ns);

#endif /* _SFWCTL_MONITOR_H */
