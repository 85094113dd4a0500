/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Replies that are dropped, and the rules that let them through.
 */
#ifndef _SFWCTL_MISSING_H
#define _SFWCTL_MISSING_H

#include "reach.h"
#include "request.h"

/* What becomes of the requests of one rule in one protocol and family. */
struct missing {
	long double total;	/* requests that the rule decides; 0: none */
	long double failed;	/* those whose replies are dropped */
	const struct exchange *ex;
	u8 direction;		/* of the requests */
	size_t index;		/* which rule allows them */
	bool some_pass;		/* not all of them are */
	struct boxes fail;	/* they themselves, disjoint */
	struct box first;	/* with the lowest port of the client */
	u16 first_port;
	size_t first_taker;	/* index of the rule that takes its reply */
	size_t earliest;	/* the first of all rules that take one */
	u32 *taker;		/* all of them, in no order */
	size_t n_takers, cap_takers;
	bool forwarded;		/* replies come in, as the requests do */
	u32 reply_class;	/* then: the interface of the takers */
};

/*
 * Requests that rule index lets through, be it the default behind all rules.
 * more: instead of the replies look at what follows on the same way.
 * 0, or REACH_TOO_MUCH; missing_free() in any case.
 */
int missing_find(struct reach *reach, const struct exchange *ex,
		 const struct explain_ports *ports, u8 direction, size_t index,
		 bool more, struct missing *m);
/*
 * The same of requests that come in and are forwarded. Their replies come in
 * by an interface that the rule is not about; if it is about all, by any. Which
 * one is not known: a request fails if its reply is dropped on each of them. Not
 * after reach_enter().
 */
int missing_forwarded(struct reach *reach, const struct exchange *ex,
		      const struct explain_ports *ports, size_t index,
		      struct missing *m);
/*
 * Can only forwarding explain that a reply to what rule index lets in comes in
 * by such an interface: does "out" not let this host ask there by itself? 1, 0,
 * REACH_TOO_MUCH. That is proof only if the interface is another one.
 */
int missing_is_forwarded(struct reach *reach, const struct exchange *ex,
			 const struct explain_ports *ports, size_t index);
/* The interfaces by which these replies come in. */
u32 missing_reply_ifaces(struct space *space, u32 request_ifaces);
void missing_free(struct missing *m);

/* Numbers that are given away and not yet in the set; made at the first. */
struct numbers {
	u32 *below[2];		/* by number: itself or, if it is taken, one less
				 * whose number to look at
				 */
	u32 next[2];		/* none is free between the last rule and this */
};

/*
 * One that is free in front of a rule, nearest to it; 0: there is none. The set
 * may have got, since the first call, those that were given away.
 */
u32 numbers_take(struct numbers *numbers, const struct ruleset *rs,
		 u8 direction, size_t before);
void numbers_free(struct numbers *numbers);

/*
 * The narrowest rules that let through what m has of one rule: n results of
 * missing_find() or missing_forwarded(), at least one. Each is as narrow as one
 * line can be, and none is wider than the rule of the requests the other way
 * round; established: of
 * TCP no packet that begins a connection. They are appended to list, which
 * the caller frees with ruleset_rule_free(). False: there was no number.
 */
struct repairs {
	struct ruleset_rule **rule;
	size_t n, cap;
};

bool repair_missing(struct reach *reach, const struct missing *m, size_t n,
		    bool established, bool more, struct numbers *numbers,
		    struct repairs *list);
void repairs_free(struct repairs *list);

#endif /* _SFWCTL_MISSING_H */
