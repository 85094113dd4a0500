/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A hook that does nothing.
 */
#ifndef _METER_EMPTY_H
#define _METER_EMPTY_H

#include <net/net_namespace.h>

int meter_empty_init(void);
void meter_empty_exit(void);
int meter_empty_set(struct net *net, bool on);

#endif
