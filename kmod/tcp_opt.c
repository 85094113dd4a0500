// SPDX-License-Identifier: GPL-2.0
/*
 * Options of a TCP header, as far as the state machine asks for them: window
 * scale, SACK permitted, SACK.
 *
 * Pure, no state. A file of its own so that it can be fuzzed.
 */
#include "tcp_opt.h"

#define OPT_END			0
#define OPT_NOP			1
#define OPT_WINDOW_SCALE	3
#define OPT_SACK_PERMITTED	4
#define OPT_SACK		5

/* RFC 7323, 2.3 */
#define SCALE_MAX		14

/* RFC 2018, 3: pairs of edges, the right one second. */
static void read_sack(struct sfw_tcp_info *t, const u8 *opt, unsigned int size)
{
	unsigned int i;

	for (i = 2; i + 8 <= size; i += 8) {
		const u8 *p = opt + i + 4;
		u32 edge = (u32)p[0] << 24 | p[1] << 16 | p[2] << 8 | p[3];

		if (!t->has_sack || (s32)(edge - t->sack) > 0)
			t->sack = edge;
		t->has_sack = true;
	}
}

/**
 * sfw_tcp_opt_read() - options behind a TCP header
 * @t: that header; gets what its options say
 * @opt: the options
 * @len: bytes of them
 *
 * Reading ends at what makes no sense; receivers do the same.
 *
 * Context: any.
 */
void sfw_tcp_opt_read(struct sfw_tcp_info *t, const u8 *opt, unsigned int len)
{
	while (len > 0) {
		unsigned int size;

		if (opt[0] == OPT_END)
			return;
		if (opt[0] == OPT_NOP) {
			opt++;
			len--;
			continue;
		}
		if (len < 2)
			return;
		size = opt[1];
		if (size < 2 || size > len)
			return;

		switch (opt[0]) {
		case OPT_WINDOW_SCALE:
			/* Only with SYN (RFC 7323, 2.2). */
			if (size != 3 || !(t->flags & SFW_TCP_SYN))
				break;
			t->has_wscale = true;
			t->wscale = opt[2] > SCALE_MAX ? SCALE_MAX : opt[2];
			break;
		case OPT_SACK_PERMITTED:
			t->sack_permitted = t->flags & SFW_TCP_SYN;
			break;
		case OPT_SACK:
			read_sack(t, opt, size);
			break;
		}
		opt += size;
		len -= size;
	}
}
