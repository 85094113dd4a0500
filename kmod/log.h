/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Lines in the kernel log for rules with a log clause.
 */
#ifndef _SFW_LOG_H
#define _SFW_LOG_H

#include "packet.h"

struct net;

void sfw_log_packet(const struct net *net, u8 direction, u32 number, u8 action,
		    u32 generation, const struct sfw_packet *pkt);

#endif /* _SFW_LOG_H */
