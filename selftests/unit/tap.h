/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the unit tests share: TAP on standard output, and random numbers that
 * are the same on every machine.
 */
#ifndef _SFW_UNIT_TAP_H
#define _SFW_UNIT_TAP_H

#include <stdarg.h>
#include <stdio.h>

#include <pure.h>

static unsigned int tap_tests, tap_failed;

/* One test; returns good. */
static inline bool __attribute((__format__(__printf__, 2, 3)))
ok(bool good, const char *fmt, ...)
{
	va_list ap;

	printf("%sok %u - ", good ? "" : "not ", ++tap_tests);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	putchar('\n');
	tap_failed += !good;
	return good;
}

/* What was expected and what came, if they differ; returns whether they agree. */
static inline bool same_text(const char *got, const char *want)
{
	const char *parts[] = { "want", want, "got", got }, *p;
	size_t i;

	if (!strcmp(got, want))
		return true;
	for (i = 0; i < 4; i += 2) {
		printf("# %s:\n#   ", parts[i]);
		for (p = parts[i + 1]; *p; p++) {
			putchar(*p);
			if (*p == '\n')
				printf("#   ");
		}
		putchar('\n');
	}
	return false;
}

/* The plan; what main() returns. */
static inline int tap_done(void)
{
	printf("1..%u\n", tap_tests);
	return tap_failed ? 1 : 0;
}

/* xorshift64* */
static u64 rnd_state;

static inline u64 rnd(void)
{
	rnd_state ^= rnd_state >> 12;
	rnd_state ^= rnd_state << 25;
	rnd_state ^= rnd_state >> 27;
	return rnd_state * 0x2545f4914f6cdd1dULL;
}

/* 0..n-1 */
static inline u32 rnd_below(u32 n)
{
	return (rnd() >> 32) % n;
}

/* True once in n. */
static inline bool rnd_once_in(u32 n)
{
	return !rnd_below(n);
}

/* The first argument, or always the same; printed, so that it can be given. */
static inline void rnd_seed(int argc, char **argv)
{
	rnd_state = argc > 1 ? strtoull(argv[1], NULL, 0) : 1;
	printf("# seed %llu\n", (unsigned long long)rnd_state);
	rnd_state = rnd_state * 0x9e3779b97f4a7c15ULL + 1;
	if (!rnd_state)
		rnd_state = 1;
}

#endif /* _SFW_UNIT_TAP_H */
