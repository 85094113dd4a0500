// SPDX-License-Identifier: GPL-2.0
/*
 * The line that lets a reply through.
 *
 * It answers what the rule of the request allows to this service, and no more:
 * the rule's addresses the other way round, the service's port, and the ports
 * that clients of that side take, since the next request comes from another
 * one. It stands before the rule that blocks the reply, with the nearest free
 * number; rules in front of it miss the reply anyway.
 */
#include <stdio.h>
#include <stdlib.h>

#include "explain.h"
#include "print.h"
#include "xalloc.h"

#define PORT_RANGE	"/proc/sys/net/ipv4/ip_local_port_range"

/* What Linux has, should /proc not be there. */
#define PORT_LO		32768
#define PORT_HI		60999

void explain_read_ports(struct explain_ports *ports)
{
	unsigned int lo = 0, hi = 0;
	FILE *file = fopen(PORT_RANGE, "re");

	if (!file || fscanf(file, "%u %u", &lo, &hi) != 2 || !lo || lo > hi ||
	    hi > U16_MAX) {
		lo = PORT_LO;
		hi = PORT_HI;
	}
	if (file)
		fclose(file);
	ports->lo[SFW_DIRECTION_OUT] = lo;
	ports->hi[SFW_DIRECTION_OUT] = hi;
	ports->lo[SFW_DIRECTION_IN] = 1024;
	ports->hi[SFW_DIRECTION_IN] = U16_MAX;
}

/* A number that no rule has, before the one that blocks; 0: there is none. */
static u32 free_number(const struct ruleset *rs, u8 direction,
		       const struct sfw_rule *before)
{
	size_t n = rs->n_rules[direction];
	u32 number = SFW_RULE_NUMBER_PLAIN;

	if (before)
		number = before->number - 1;
	else if (n && rs->rules[direction][n - 1]->rule.number <
		      SFW_RULE_NUMBER_PLAIN)
		number = rs->rules[direction][n - 1]->rule.number + 1;
	else if (!n)
		number = 100;
	while (number && ruleset_find_rule(rs, direction, number))
		number--;
	return number;
}

static struct sfw_list *port_list(u16 lo, u16 hi)
{
	struct sfw_list *list = sfw_list_new("");

	if (!list || sfw_list_add_port(list, lo, hi) || sfw_list_compile(list))
		xalloc_fail();
	return list;
}

/* Where the client's port may be: where this one is, at least. */
static void client_ports(const struct explain *ex, struct sfw_rule *fix,
			 const struct sfw_rule *asks,
			 const struct explain_ports *ports)
{
	const struct sfw_packet *pkt = &ex->request.pkt;
	/* Whom this host forwards, it does not know: as if coming in. */
	u8 d = pkt->direction;
	u16 port = pkt->sport;

	if (asks && asks->from_port) {
		fix->to_port = sfw_list_get(asks->from_port);
		if (asks->flags & SFW_RULE_F_NOT_FROM_PORT)
			fix->flags |= SFW_RULE_F_NOT_TO_PORT;
	} else if (port >= ports->lo[d] && port <= ports->hi[d]) {
		fix->to_port = port_list(ports->lo[d], ports->hi[d]);
	} else {
		fix->to_port = port_list(port, port);
	}
}

/* Does the interface clause of the request's rule hold for the reply's? */
static bool holds_for(const struct sfw_rule *rule, const char *ifname)
{
	bool same = !strncmp(ifname, rule->ifname, rule->ifname_len);

	return same != !!(rule->flags & SFW_RULE_F_NOT_IFNAME);
}

/* The addresses and the interface of the request's rule, turned round. */
static void mirror(struct sfw_rule *fix, const struct sfw_rule *asks,
		   const struct sfw_packet *reply)
{
	if (!asks)
		return;
	if (asks->to)
		fix->from = sfw_list_get(asks->to);
	if (asks->from)
		fix->to = sfw_list_get(asks->from);
	if (asks->flags & SFW_RULE_F_NOT_TO)
		fix->flags |= SFW_RULE_F_NOT_FROM;
	if (asks->flags & SFW_RULE_F_NOT_FROM)
		fix->flags |= SFW_RULE_F_NOT_TO;
	if (asks->flags & SFW_RULE_F_IFNAME && reply->ifname) {
		sfw_rule_set_ifname(fix, reply->ifname);
		/* On a router the reply comes from the other side. */
		if ((sfw_rule_ifname_is_wildcard(asks) ||
		     asks->flags & SFW_RULE_F_NOT_IFNAME) &&
		    holds_for(asks, reply->ifname)) {
			memcpy(fix->ifname, asks->ifname, sizeof(fix->ifname));
			fix->ifname_len = asks->ifname_len;
			fix->flags |= asks->flags & SFW_RULE_F_NOT_IFNAME;
		}
		fix->flags |= SFW_RULE_F_IFNAME;
	}
}

static void make_fix(const struct explain *ex, const struct explain_walk *walk,
		     const struct sfw_rule *asks, bool no_state,
		     const struct explain_ports *ports, struct sfw_rule *fix)
{
	const struct sfw_packet *reply = &walk->pkt;

	*fix = (struct sfw_rule){
		.direction = reply->direction,
		.number = free_number(ex->rs, reply->direction, walk->rule),
		.action = SFW_ACTION_ALLOW,
		.protocol = reply->protocol,
		.flags = SFW_RULE_F_PROTOCOL | SFW_RULE_F_RETURN |
			 (no_state ? SFW_RULE_F_NO_STATE : 0),
	};
	mirror(fix, asks, reply);
	if (reply->has_ports) {
		fix->from_port = port_list(reply->sport, reply->sport);
		client_ports(ex, fix, asks, ports);
	}
	if (reply->protocol == IPPROTO_ICMP ||
	    reply->protocol == IPPROTO_ICMPV6) {
		fix->flags |= SFW_RULE_F_ICMP_TYPE;
		fix->icmp_type = reply->icmp_type;
	}
	sfw_rule_check(fix);
}

/* The rule that let the request through this list's counterpart. */
static const struct sfw_rule *asking_rule(const struct explain *ex, size_t walk)
{
	const struct explain_half *request = &ex->request;

	/* To itself: the reply leaves as the request did, rule by rule. */
	return walk < request->n_walks ? request->walk[walk].rule : NULL;
}

static void fix_walk(struct explain *ex, size_t i, bool no_state,
		     const struct explain_ports *ports)
{
	const struct explain_walk *walk = &ex->reply.walk[i];
	struct sfw_rule fix;

	make_fix(ex, walk, asking_rule(ex, i), no_state, ports, &fix);
	/* What does not help is not proposed. */
	if (!fix.number)
		ex->no_number = true;
	else if (sfw_rule_match(&fix, &walk->pkt))
		ex->add[ex->n_adds++] = print_rule_text(&fix);
	sfw_rule_destroy(&fix);
}

void explain_fix(struct explain *ex, const struct explain_ports *ports)
{
	const struct explain_mode *stateful = &ex->mode[SFW_MODE_STATEFUL];
	const struct explain_mode *stateless = &ex->mode[SFW_MODE_STATELESS];
	bool no_state, wanted;
	size_t i;

	/* Without a connection the reply is on its own in both modes. */
	no_state = stateful->request.action == SFW_ACTION_ALLOW &&
		   stateful->request.cause == EXPLAIN_LIST &&
		   !stateful->request.connects && !stateful->works;
	wanted = stateless->request.action == SFW_ACTION_ALLOW &&
		 !stateless->works;
	if (!ex->reply.exists)
		return;
	for (i = 0; i < ex->reply.n_walks; i++) {
		bool denied = ex->reply.walk[i].action !=
				       SFW_ACTION_ALLOW;

		/* Allowed by a list that would have to say no-state. */
		if ((wanted && denied) || (no_state && (denied || !i)))
			fix_walk(ex, i, no_state, ports);
	}
}
