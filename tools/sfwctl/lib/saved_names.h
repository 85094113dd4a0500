/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Words of saved connections that stand for bits and numbers.
 */
#ifndef _SFWCTL_SAVED_NAMES_H
#define _SFWCTL_SAVED_NAMES_H

#include <pure.h>

#define SAVED_BITS	8

/* By enum sfw_standing; ends with NULL. */
extern const char *const saved_standings[];
/* By bit of struct sfw_track.hooks, NULL for bits that mean nothing. */
extern const char *const saved_hooks[SAVED_BITS];
/* By bit of struct sfw_tcp.flags of either side. */
extern const char *const saved_tcp_flags[2][SAVED_BITS];
/* Originator and responder; ends with NULL. */
extern const char *const saved_sides[];

#endif /* _SFWCTL_SAVED_NAMES_H */
