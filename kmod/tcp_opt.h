/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Options of a TCP header. Pure.
 */
#ifndef _SFW_TCP_OPT_H
#define _SFW_TCP_OPT_H

#include "packet.h"

void sfw_tcp_opt_read(struct sfw_tcp_info *t, const u8 *opt, unsigned int len);

#endif /* _SFW_TCP_OPT_H */
