/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a rule set does with a packet and with its reply, and why.
 */
#ifndef _SFWCTL_EXPLAIN_H
#define _SFWCTL_EXPLAIN_H

#include "ruleset.h"

/* Near misses that are shown of one list: all of most lists, on one screen. */
#define EXPLAIN_MISSES_MAX	12

/* Parts of a rule that a packet may miss. */
enum explain_field {
	EXPLAIN_FAMILY,
	EXPLAIN_PROTOCOL,
	EXPLAIN_FROM,
	EXPLAIN_FROM_PORT,
	EXPLAIN_TO,
	EXPLAIN_TO_PORT,
	EXPLAIN_INTERFACE,
	EXPLAIN_TYPE,
	EXPLAIN_FLAGS,
	EXPLAIN_FIELDS,
	EXPLAIN_NUMBER = EXPLAIN_FIELDS,	/* it comes too late */
};

extern const char *const explain_fields[];	/* "from_port", ... */

/* One line of a list that is worth looking at. */
struct explain_step {
	const struct sfw_rule *rule;	/* NULL: the default */
	bool decides;
	enum explain_field field;	/* valid unless it decides */
	char *why;			/* likewise: "port 80 is not 443" */
};

/* A packet and what one list says about it, whatever the mode. */
struct explain_walk {
	struct sfw_packet pkt;
	const struct sfw_rule *rule;	/* that decides, NULL: the default */
	u8 action;			/* enum sfw_action */
	struct explain_step step[EXPLAIN_MISSES_MAX + 2];
	size_t n_steps;
	size_t more;			/* near misses that are not shown */
};

/* A packet on its way through this host. */
struct explain_half {
	struct sfw_packet pkt;
	bool exists;			/* not every packet has a reply */
	struct explain_walk walk[2];	/* two if it goes to this host itself */
	size_t n_walks;
};

enum explain_cause {
	EXPLAIN_LIST,		/* the list said so */
	EXPLAIN_LOOPBACK,	/* passes unseen */
	EXPLAIN_DISCOVERY,	/* neighbour discovery or MLD, passes unseen */
	EXPLAIN_CONNECTION,	/* of a connection that is or would be there */
	EXPLAIN_TRACKER,	/* no connection, and it cannot begin one */
	EXPLAIN_NEVER,		/* nobody sends it: the request is dropped */
	EXPLAIN_NOTHING,	/* such packets have no reply */
};

/* What happens to it in one mode. */
struct explain_verdict {
	enum explain_cause cause;
	u8 action;			/* enum sfw_action; allow for NOTHING */
	u8 reason;			/* enum sfw_reason, if it is not allowed */
	bool connects;			/* it makes a connection */
	size_t walk;			/* of those of the half, if LIST */
	u8 direction;			/* of the rule, if LIST or CONNECTION */
	u32 number;			/* of the rule, 0: the default */
};

struct explain_mode {
	struct explain_verdict request;
	struct explain_verdict reply;
	bool works;			/* request and reply pass */
	char *verdict;			/* "times out, the reply is dropped" */
};

/* Where a client's ports are: the lowest and the highest. */
struct explain_ports {
	u16 lo[2];			/* by direction of the request */
	u16 hi[2];
};

#define EXPLAIN_ADDS_MAX	2

struct nl_conn;

struct explain {
	const struct ruleset *rs;
	bool forwarded;
	struct explain_half request;
	struct explain_half reply;
	struct explain_mode mode[2];	/* by enum sfw_mode */
	char *add[EXPLAIN_ADDS_MAX];	/* lines that repair the reply */
	size_t n_adds;
	bool no_number;			/* there is none before what blocks it */
	const struct nl_conn *live;	/* that the request belongs to, or NULL */
};

/* Classifiers of a rule set, for many packets. */
struct explain_lists;
struct explain_lists *explain_lists_new(const struct ruleset *rs);
void explain_lists_free(struct explain_lists *lists);

/*
 * What the list of its direction says to a packet, without near misses: the
 * action, and the rule, NULL for the default.
 */
u8 explain_list(const struct explain_lists *lists, const struct sfw_packet *pkt,
		const struct sfw_rule **rule);
/* The same for the whole of it, in one mode and without any connection. */
struct explain_verdict explain_judge(const struct explain_lists *lists,
				     u8 mode, const struct sfw_packet *pkt);

/*
 * All of it. forwarded: this host only forwards the packet, so that its reply
 * arrives here, too, through reply_ifname, which may be NULL. Strings of pkt
 * and rules of the set have to live as long as the result.
 */
void explain_run(const struct explain_lists *lists,
		 const struct sfw_packet *pkt, bool forwarded,
		 const char *reply_ifname, const struct explain_ports *ports,
		 struct explain *ex);
void explain_free(struct explain *ex);

/*
 * Verdicts of another judge, the kernel, in place of ours for the requests;
 * what follows from them is worked out again.
 */
void explain_replace(struct explain *ex,
		     const struct explain_verdict request[2],
		     const struct explain_ports *ports);

/* This host's ip_local_port_range, and 1024-65535 for who comes in. */
void explain_read_ports(struct explain_ports *ports);

/* explain_why.c: the fields that a packet misses, as bits; none: it matches. */
u32 explain_missed(const struct sfw_rule *rule, const struct sfw_packet *pkt);
char *explain_why(const struct sfw_rule *rule, const struct sfw_packet *pkt,
		  enum explain_field field);
/* Clauses that a rule has. */
unsigned int explain_clauses(const struct sfw_rule *rule);

/* explain_fix.c: fills ex->add. */
void explain_fix(struct explain *ex, const struct explain_ports *ports);

#endif /* _SFWCTL_EXPLAIN_H */
