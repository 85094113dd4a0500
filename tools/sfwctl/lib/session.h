/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The ssh session in which sfwctl runs.
 */
#ifndef _SFWCTL_SESSION_H
#define _SFWCTL_SESSION_H

#include <packet.h>

struct session {
	struct sfw_addr client;
	struct sfw_addr server;	/* this host */
	u16 client_port;
	u16 server_port;
	u8 family;
	bool local;		/* from this host to itself */
	char ifname[SFW_IFNAME_MAX + 1];	/* empty if it is not known */
};

/* "CLIENT PORT SERVER PORT", as sshd writes it; the endpoints only. */
bool session_parse(const char *text, struct session *session);
/*
 * The session whose packets pass this network namespace; false if there is
 * none.
 */
bool session_find(struct session *session);
/* "192.0.2.1:4711 > 198.51.100.1:22" */
void session_text(char *buf, size_t size, const struct session *session);

#endif /* _SFWCTL_SESSION_H */
