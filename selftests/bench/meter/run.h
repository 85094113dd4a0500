/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Measuring.
 */
#ifndef _METER_RUN_H
#define _METER_RUN_H

#include <net/net_namespace.h>

#include "config.h"

int meter_run_init(void);
void meter_run_exit(void);
int meter_run(struct net *net, const struct meter_config *config, char *result,
	      size_t size);

#endif
