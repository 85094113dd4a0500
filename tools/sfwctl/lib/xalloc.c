// SPDX-License-Identifier: GPL-2.0
/*
 * Memory or the end of the program: see xalloc.h.
 *
 * Tried and rejected: handing -ENOMEM up through the parser. Nothing it could
 * do with it differs from ending, and every line would be twice as long.
 */
#define _GNU_SOURCE	/* vasprintf */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "xalloc.h"

void xalloc_fail(void)
{
	fputs("sfwctl: out of memory\n", stderr);
	exit(5);
}

void *xcalloc(size_t n, size_t size)
{
	void *p = calloc(n ? n : 1, size ? size : 1);

	if (!p)
		xalloc_fail();
	return p;
}

char *xstrndup(const char *s, size_t n)
{
	char *p = xcalloc(n + 1, 1);

	memcpy(p, s, n);
	return p;
}

char *xstrdup(const char *s)
{
	return xstrndup(s, strlen(s));
}

char *xvasprintf(const char *fmt, va_list ap)
{
	char *p;

	if (vasprintf(&p, fmt, ap) < 0)
		xalloc_fail();
	return p;
}

char *xasprintf(const char *fmt, ...)
{
	va_list ap;
	char *p;

	va_start(ap, fmt);
	p = xvasprintf(fmt, ap);
	va_end(ap);
	return p;
}

void *xgrow(void *array, size_t *cap, size_t n, size_t size)
{
	size_t want = *cap ? *cap : 8;

	if (n <= *cap)
		return array;
	while (want < n)
		want *= 2;
	if (want > SIZE_MAX / size)
		xalloc_fail();
	array = realloc(array, want * size);
	if (!array)
		xalloc_fail();
	*cap = want;
	return array;
}
