/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Memory or the end of the program. sfwctl loads nothing before it has read
 * everything, so running out of memory while reading loses nothing.
 */
#ifndef _SFWCTL_XALLOC_H
#define _SFWCTL_XALLOC_H

#include <stdarg.h>
#include <stddef.h>

/* As the kernel writes them. */
#ifndef __printf
#define __printf(fmt, args)	__attribute((__format__(__printf__, fmt, args)))
#endif
#ifndef __noreturn
#define __noreturn		__attribute((__noreturn__))
#endif

/* Says so on standard error and exits with 5. */
void __noreturn xalloc_fail(void);

void *xcalloc(size_t n, size_t size);
char *xstrndup(const char *s, size_t n);
char *xstrdup(const char *s);
__printf(1, 0) char *xvasprintf(const char *fmt, va_list ap);
__printf(1, 2) char *xasprintf(const char *fmt, ...);
/* Room for at least n elements: returns array, grown by doubling if need be. */
void *xgrow(void *array, size_t *cap, size_t n, size_t size);

#endif /* _SFWCTL_XALLOC_H */
