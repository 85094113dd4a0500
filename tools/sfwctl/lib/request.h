/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Requests and replies as sets of packets.
 */
#ifndef _SFWCTL_REQUEST_H
#define _SFWCTL_REQUEST_H

#include "explain.h"
#include "space.h"

/* "A-B" for both; false if it is no such range. */
bool client_ports_parse(struct explain_ports *ports, const char *text);

/* A protocol that has requests and replies; of ICMP, one kind of query. */
struct exchange {
	u8 family;		/* AF_INET, AF_INET6 */
	u8 protocol;
	bool icmp;
	u8 query;		/* ICMP types, valid if icmp */
	u8 answer;
};

struct exchanges {
	struct exchange *ex;
	size_t n, cap;
};

/*
 * Those that are looked at in a rule set: TCP, UDP, ping, and whatever the
 * rules name.
 */
void exchanges_find(struct exchanges *list, const struct ruleset *rs);
void exchanges_free(struct exchanges *list);

/* All first packets; ports may be NULL, then the client's may be any. */
struct box request_all(struct space *space, const struct exchange *ex,
		       const struct explain_ports *ports, u8 direction);
/* All replies, whatever they reply to. */
struct box reply_all(struct space *space, const struct exchange *ex);
/* What comes back to a request, and what that was the reply to. */
struct box request_reply(struct space *space, const struct exchange *ex,
			 const struct box *request);
struct box reply_request(struct space *space, const struct exchange *ex,
			 const struct box *reply);
/* What follows on the same way after the first packet; false if nothing does. */
bool request_more(struct space *space, const struct exchange *ex,
		  const struct box *request, struct box *more);

#endif /* _SFWCTL_REQUEST_H */
