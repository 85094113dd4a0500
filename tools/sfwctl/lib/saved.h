/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The file of conns save and conns restore: one JSON object in a line.
 */
#ifndef _SFWCTL_SAVED_H
#define _SFWCTL_SAVED_H

#include <saved.h>
#include <stdio.h>

/* Of the format; another number if a reader of this one would get it wrong. */
#define SAVED_VERSION	1

/* No line is longer, with its newline. */
#define SAVED_LINE_MAX	2048

struct saved_error {
	char field[48];		/* "tcp.originator.end"; empty: the line */
	char text[200];		/* what is wrong with it, and what is right */
};

/* The first line. */
void saved_write_header(FILE *file);
bool saved_read_header(const char *line, struct saved_error *error);

/* Every other line; false with an error if it is no valid connection. */
void saved_write(FILE *file, const struct sfw_saved *saved);
bool saved_read(const char *line, struct sfw_saved *saved,
		struct saved_error *error);

#endif /* _SFWCTL_SAVED_H */
