/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A rule set of one mode from one of the other.
 */
#ifndef _SFWCTL_DERIVE_H
#define _SFWCTL_DERIVE_H

#include "missing.h"

/* A rule that was added, or was not needed, or had to stay. */
struct derived {
	long double tuples[2];	/* IPv4, IPv6: what an added rule opens */
	u8 direction;
	u32 number;
	char *rule;		/* in words */
	char *why;		/* "replies to out 100", a packet */
};

struct derivation {
	struct derived *added;
	size_t n_added, cap_added;
	struct derived *dropped;
	size_t n_dropped, cap_dropped;
	struct derived *kept;
	size_t n_kept, cap_kept;
	char *failed;		/* why it cannot be done, or NULL */
};

/*
 * Make a stateful set stateless: add the narrowest rules for what comes back
 * to what it allows, and for ICMP errors. False, and failed says why.
 */
bool derive_stateless(struct ruleset *rs, const struct explain_ports *ports,
		      struct derivation *d);
/*
 * Make a stateless set stateful: take out the return rules all of whose packets
 * are replies to what it allows.
 */
bool derive_stateful(struct ruleset *rs, struct derivation *d);
void derivation_free(struct derivation *d);

#endif /* _SFWCTL_DERIVE_H */
