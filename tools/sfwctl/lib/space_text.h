/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Sets of packets for people: in words, and one packet of them.
 */
#ifndef _SFWCTL_SPACE_TEXT_H
#define _SFWCTL_SPACE_TEXT_H

#include "packet_text.h"
#include "space.h"

/*
 * A packet of the box as it would be met in practice: addresses that are meant
 * for examples and ports of services where the box has them, else the lowest;
 * the source port is the lowest.
 */
void witness_of(const struct space *space, const struct box *box, u8 direction,
		struct packet_text *w);
/* The same in words, as packet_text.h reads them; fresh memory. */
char *space_witness(const struct space *space, const struct box *box,
		    u8 direction);

/* "tcp from 10.0.0.0/8 to port 22", as a rule would say it; fresh memory. */
char *space_text(struct space *space, const struct box *box);
/* "32768-49151, 50000" */
char *space_ports_text(const struct space *space, u32 set);
/* One field of it, as in show -j; NULL if it is not limited. */
char *space_dim_text(struct space *space, const struct box *box,
		     enum space_dim dim);

/* A set of addresses or ports as the operand of a rule; NULL: too long. */
struct sfw_list *space_addr_list(const struct space *space, u32 v4, u32 v6,
				 size_t max);
struct sfw_list *space_port_list(const struct space *space, u32 set,
				 size_t max);

#endif /* _SFWCTL_SPACE_TEXT_H */
