/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Saving and restoring connections.
 */
#ifndef _SFWCTL_NL_SAVED_H
#define _SFWCTL_NL_SAVED_H

#include <saved.h>

#include "nl.h"

typedef void (*nl_saved_cb)(const struct sfw_saved *saved, void *data);

/*
 * Hand every connection to cb. *twice: the table grew meanwhile, so that some
 * may have come twice. Says why it fails and returns the exit code.
 */
enum rc nl_saved_dump(struct nl *nl, nl_saved_cb cb, void *data, bool *twice);

/*
 * Insert n connections. results gets an enum sfw_restored for each of the
 * *done that the kernel was done with, which are fewer than n only if it fails.
 */
enum rc nl_saved_restore(struct nl *nl, const struct sfw_saved *saved, u32 n,
			 u8 *results, u32 *done);

#endif /* _SFWCTL_NL_SAVED_H */
