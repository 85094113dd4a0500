/* SPDX-License-Identifier: GPL-2.0 */
/*
 * UTF-8, one character at a time. The kernel checks comments with it, the
 * parser of rule files counts columns with it. Pure.
 */
#ifndef _SFW_UTF8_H
#define _SFW_UTF8_H

#include "pure.h"

/**
 * sfw_utf8_next() - decode one character
 * @p: bytes, at least one
 * @len: how many there are
 * @c: the character; 0 if there is none
 *
 * Shortest forms only, no surrogates, nothing above U+10FFFF, as RFC 3629
 * section 4 has it.
 *
 * Context: any.
 * Return: its bytes, 1..4; 0 if @p does not start with a character.
 */
static inline unsigned int sfw_utf8_next(const char *p, size_t len, u32 *c)
{
	static const u32 lowest[] = { 0, 0, 0x80, 0x800, 0x10000 };
	const unsigned char *s = (const unsigned char *)p;
	unsigned int i, n;
	u32 value;

	*c = 0;
	if (s[0] < 0x80) {
		*c = s[0];
		return 1;
	}
	if ((s[0] & 0xe0) == 0xc0)
		n = 2;
	else if ((s[0] & 0xf0) == 0xe0)
		n = 3;
	else if ((s[0] & 0xf8) == 0xf0)
		n = 4;
	else
		return 0;
	if (n > len)
		return 0;
	value = s[0] & (0x7f >> n);
	for (i = 1; i < n; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		value = value << 6 | (s[i] & 0x3f);
	}
	if (value < lowest[n] || value > 0x10ffff ||
	    (value >= 0xd800 && value <= 0xdfff))
		return 0;
	*c = value;
	return n;
}

/**
 * sfw_utf8_is_control() - would this character upset a terminal or a log
 * @c: the character
 *
 * Context: any.
 * Return: true for C0 and C1 controls, DEL, and the characters that break
 * lines or turn the writing direction of what follows.
 */
static inline bool sfw_utf8_is_control(u32 c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0) ||
	       (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

#endif /* _SFW_UTF8_H */
