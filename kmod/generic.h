/* SPDX-License-Identifier: GPL-2.0 */
/*
 * States of the protocols that have no handshake to follow. Pure.
 */
#ifndef _SFW_GENERIC_H
#define _SFW_GENERIC_H

#include "pure.h"

u8 sfw_generic_state(u8 protocol, bool replied);

#endif /* _SFW_GENERIC_H */
