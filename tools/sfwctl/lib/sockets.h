/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Sockets of this network namespace that wait for somebody.
 */
#ifndef _SFWCTL_SOCKETS_H
#define _SFWCTL_SOCKETS_H

#include <packet.h>

struct listener {
	struct sfw_addr addr;	/* that it is bound to; valid unless any */
	u16 port;
	u8 family;
	u8 protocol;		/* IPPROTO_TCP, IPPROTO_UDP */
	bool any;		/* every address of the family */
};

/*
 * TCP sockets that listen and UDP sockets that are connected to nobody, one
 * per family they hear. Those on loopback addresses are left out. False if the
 * kernel does not say; what was handed out before is true.
 */
bool sockets_listening(void (*cb)(const struct listener *l, void *data),
		       void *data);

#endif /* _SFWCTL_SOCKETS_H */
