/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Writing a file that is the old one or the new one, never half of either.
 */
#ifndef _SFWCTL_FILE_H
#define _SFWCTL_FILE_H

#include <stdio.h>

#include "out.h"

/* A file that is being written beside the one it will replace. */
struct file_new;

/*
 * Start the successor of path, which need not be there; a symbolic link is
 * followed, so that it stays one. RC_OK, or the exit code after saying why.
 * Write to file_stream().
 */
enum rc file_begin(const char *path, struct file_new **new);
FILE *file_stream(const struct file_new *new);
/*
 * Bring it to the disk and put it in place of the old file, whose mode and
 * owner it has. After a failure the old file is untouched and the new one
 * gone. Frees in any case.
 */
enum rc file_commit(struct file_new *new);
/* Give up; the old file stays. */
void file_abort(struct file_new *new);

#endif /* _SFWCTL_FILE_H */
