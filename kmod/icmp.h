/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What ICMP and ICMPv6 messages mean to a stateful filter. Pure.
 */
#ifndef _SFW_ICMP_H
#define _SFW_ICMP_H

#include "packet.h"

u8 sfw_icmp_class(u8 protocol, u8 type);
u8 sfw_icmp_query_type(u8 protocol, u8 type);
bool sfw_icmp_is_nd(u8 type, u8 hop_limit);

#endif /* _SFW_ICMP_H */
