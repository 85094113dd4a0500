/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Packets written by hand: words to bytes, bytes to words.
 */
#ifndef _SFW_PKT_H
#define _SFW_PKT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;

#ifndef ARRAY_SIZE
#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#endif

#ifndef __printf
#define __printf(fmt, args) __attribute__((__format__(printf, fmt, args)))
#endif

#define PKT_MAX 66000

/**
 * struct pkt - a packet from the IP header on
 * @data: its bytes
 * @len: how many
 * @family: AF_INET or AF_INET6, of the outermost header
 * @fixed: bytes of headers that every fragment repeats
 * @next: where in @data the number of the protocol after those stands
 * @dst: where in @data the destination stands
 * @id: of the outermost header, for its IPv6 fragments
 */
struct pkt {
	u8 data[PKT_MAX];
	size_t len;
	int family;
	size_t fixed;
	size_t next;
	size_t dst;
	u32 id;
};

/*
 * Words to a packet, @step added to each outermost port or id that tells
 * connections apart. NULL if all is well, else what is wrong.
 */
const char *pkt_build(char **words, unsigned int step, struct pkt *pkt);

/*
 * A packet to words, as pkt.c documents them. @checked: transport checksums
 * are complete and a wrong one is to be told.
 */
void pkt_text(const u8 *data, size_t len, bool checked, char *text,
	      size_t size);

/* Internet checksum of @len bytes on top of @sum, not inverted. */
u32 pkt_sum(const void *data, size_t len, u32 sum);
u16 pkt_sum_fold(u32 sum);
/* Sum of the pseudo header; addresses of 4 or 16 bytes. */
u32 pkt_sum_pseudo(const u8 *src, const u8 *dst, size_t size, u32 len,
		   u8 proto);

#endif /* _SFW_PKT_H */
