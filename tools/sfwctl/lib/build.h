/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Text put together piece by piece, for what is written a million times: there
 * printf() costs more than all else. Each appends at p, without a zero, and
 * returns the end; who calls has the room.
 */
#ifndef _SFWCTL_BUILD_H
#define _SFWCTL_BUILD_H

#include <packet.h>

#include "print.h"

static inline char *build_text(char *p, const char *text)
{
	while (*text)
		*p++ = *text++;
	return p;
}

static inline char *build_number(char *p, u64 n)
{
	char digits[20];
	int i = 0;

	do {
		digits[i++] = (char)('0' + n % 10);
		n /= 10;
	} while (n);
	while (i)
		*p++ = digits[--i];
	return p;
}

/* Two digits at least. */
static inline char *build_two(char *p, u64 n)
{
	if (n < 10)
		*p++ = '0';
	return build_number(p, n);
}

/* As print_addr(). */
static inline char *build_addr(char *p, u8 family, const struct sfw_addr *addr)
{
	char text[64];
	int shift;

	if (family != AF_INET) {
		print_addr(text, sizeof(text), family, addr);
		return build_text(p, text);
	}
	for (shift = 24; shift >= 0; shift -= 8) {
		p = build_number(p, addr->lo >> shift & 0xff);
		if (shift)
			*p++ = '.';
	}
	return p;
}

/* Members of a JSON object, each with the comma in front of it. */
static inline char *build_key(char *p, const char *name)
{
	*p++ = ',';
	*p++ = '"';
	p = build_text(p, name);
	*p++ = '"';
	*p++ = ':';
	return p;
}

/* Up to six characters for one of text, which is UTF-8. */
static inline char *build_key_text(char *p, const char *name, const char *text)
{
	static const char digits[] = "0123456789ABCDEF";

	p = build_key(p, name);
	*p++ = '"';
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;

		if (c < ' ') {
			p = build_text(p, "\\u00");
			*p++ = digits[c >> 4];
			*p++ = digits[c & 15];
			continue;
		}
		if (c == '"' || c == '\\')
			*p++ = '\\';
		*p++ = (char)c;
	}
	*p++ = '"';
	return p;
}

static inline char *build_key_number(char *p, const char *name, u64 number)
{
	return build_number(build_key(p, name), number);
}

static inline char *build_key_bool(char *p, const char *name, bool is)
{
	return build_text(build_key(p, name), is ? "true" : "false");
}

#endif /* _SFWCTL_BUILD_H */
