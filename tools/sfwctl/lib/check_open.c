// SPDX-License-Identifier: GPL-2.0
/*
 * What the world may reach, and what it should: wide-open, family-gap,
 * icmp-basics.
 *
 * A service is open to the world if a client with any of its usual ports
 * reaches it from half of all addresses of the family or more: a blocklist in
 * front of a rule does not close it, and 0.0.0.0/1 is no way to say 10.0.0.0/8.
 */
#include <stdio.h>
#include <stdlib.h>

#include "check.h"
#include "print.h"
#include "space_text.h"
#include "xalloc.h"

static const struct service {
	u16 port;
	u8 protocol;
	const char *name;
} services[] = {
	{ 22, IPPROTO_TCP, "ssh" },
	{ 3389, IPPROTO_TCP, "remote desktop" },
	{ 3389, IPPROTO_UDP, "remote desktop" },
	{ 1433, IPPROTO_TCP, "SQL Server" },
	{ 1434, IPPROTO_UDP, "SQL Server" },
	{ 1521, IPPROTO_TCP, "Oracle" },
	{ 3306, IPPROTO_TCP, "MySQL" },
	{ 5432, IPPROTO_TCP, "PostgreSQL" },
	{ 5984, IPPROTO_TCP, "CouchDB" },
	{ 6379, IPPROTO_TCP, "Redis" },
	{ 9042, IPPROTO_TCP, "Cassandra" },
	{ 9200, IPPROTO_TCP, "Elasticsearch" },
	{ 11211, IPPROTO_TCP, "memcached" },
	{ 11211, IPPROTO_UDP, "memcached" },
	{ 27017, IPPROTO_TCP, "MongoDB" },
};

/* Ports a client may begin with; all of them have to be allowed. */
#define CLIENT_LO	1024

static const u8 families[] = { AF_INET, AF_INET6 };
static const char *const family_names[] = { "IPv4", "IPv6" };

struct open {
	struct check *check;
	size_t index;		/* of the rule */
	u32 dports;		/* what the world reaches */
	u32 clients;		/* all ports that a client may have */
	bool any;
	struct box part;	/* some of it */
};

static bool is_world(const struct space *space, const struct box *box,
		     const void *data)
{
	u32 full = space->full[SPACE_V6(box->family)][SPACE_SRC];
	u32 src = box->set[SPACE_SRC];

	(void)data;
	return src == full || ranges_size(space->ranges, src) * 2 >=
			      ranges_size(space->ranges, full);
}

/* First packets of a protocol to a port. */
static struct box requests_to(struct space *space, u8 family, u8 protocol,
			      u32 dports)
{
	const struct exchange ex = { .family = family, .protocol = protocol };
	struct box box = request_all(space, &ex, NULL, SFW_DIRECTION_IN);

	box.set[SPACE_DPORT] = dports;
	return box;
}

/*
 * May clients have any port, and is it not the host itself? Whom a rule for
 * loopback lets in is here already.
 */
static bool is_for_clients(struct space *space, const struct box *rule)
{
	u32 lo = space_iface_class(space, "lo");

	if (lo && rule->set[SPACE_IFACE] == space_one(space, lo) &&
	    !space->iface[lo - 1].wildcard)
		return false;
	return ranges_within(space->ranges,
			     space_span(space, CLIENT_LO, U16_MAX),
			     rule->set[SPACE_SPORT]);
}

static int keep_part(const struct box *part, size_t index, void *data)
{
	struct open *o = data;

	(void)index;
	o->part = *part;
	return 1;
}

/* Does the rule open one of these ports? 1, 0, REACH_TOO_MUCH. */
static int opens(struct open *o, const struct box *rule, u8 protocol,
		 u32 dports)
{
	struct box requests, box;
	int ret;

	requests = requests_to(o->check->space, rule->family, protocol, dports);
	if (!space_and(o->check->space, rule, &requests, &box))
		return 0;
	reach_prune(o->check->reach, is_world, NULL);
	ret = reach_left(o->check->reach, SFW_DIRECTION_IN, &box, o->index, true,
			 keep_part, o);
	reach_prune(o->check->reach, NULL, NULL);
	return ret;
}

/* What a rule opens, as it is said. */
struct exposure {
	char *what;
	bool family[2];
	bool too_much;
	struct box box;
};

static void note_exposure(struct exposure *e, int v6, const struct open *o,
			  char *what)
{
	bool known = e->what && strstr(e->what, what);
	char *all;

	if (!e->what)
		e->box = o->part;
	e->family[v6] = true;
	if (!e->what || known) {
		if (known)
			free(what);
		else
			e->what = what;
		return;
	}
	all = xasprintf("%s, %s", e->what, what);
	free(e->what);
	free(what);
	e->what = all;
}

static void find_services(struct open *o, const struct box *rule,
			  struct exposure *e)
{
	struct space *space = o->check->space;
	int v6 = SPACE_V6(rule->family), ret;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(services); i++) {
		const struct service *s = &services[i];

		ret = opens(o, rule, s->protocol, space_one(space, s->port));
		if (ret < 0)
			e->too_much = true;
		if (ret > 0)
			note_exposure(e, v6, o,
				      xasprintf("port %u (%s)", s->port,
						s->name));
	}
}

/* Every port of TCP or UDP. */
static bool find_all_ports(struct open *o, const struct box *rule,
			   struct exposure *e)
{
	static const u8 protocols[] = { IPPROTO_TCP, IPPROTO_UDP };
	struct space *space = o->check->space;
	u32 all = space_span(space, 1, U16_MAX);
	size_t i;
	int ret;

	if (!ranges_within(space->ranges, all, rule->set[SPACE_DPORT]))
		return false;
	for (i = 0; i < ARRAY_SIZE(protocols); i++) {
		ret = opens(o, rule, protocols[i], all);
		if (ret < 0)
			e->too_much = true;
		if (ret <= 0)
			continue;
		note_exposure(e, SPACE_V6(rule->family), o,
			      xstrdup("every port"));
		return true;
	}
	return false;
}

static void wide_open(struct check *check, size_t index)
{
	struct open o = { .check = check, .index = index };
	struct exposure e = { .what = NULL };
	struct finding *f;
	struct box rule;
	int i;

	for (i = 0; i < 2; i++) {
		if (!reach_rule(check->reach, SFW_DIRECTION_IN, index,
				families[i], &rule) ||
		    !is_world(check->space, &rule, NULL) ||
		    !is_for_clients(check->space, &rule))
			continue;
		if (!find_all_ports(&o, &rule, &e))
			find_services(&o, &rule, &e);
	}
	if (e.what) {
		f = check_add(check, "wide-open", FINDING_WARNING,
			      SFW_DIRECTION_IN, index,
			      xasprintf("%s open to the world, %s%s%s", e.what,
					e.family[0] ? "0.0.0.0/0" : "",
					e.family[0] && e.family[1] ? " and " : "",
					e.family[1] ? "::/0" : ""));
		check_witness(check, f, "such as", &e.box, SFW_DIRECTION_IN);
	} else if (e.too_much) {
		check_not_analysed(check, FINDING_WARNING, SFW_DIRECTION_IN,
				   index, "wide-open");
	}
	free(e.what);
}

/* --- family-gap --------------------------------------------------------- */

static int add_ports(const struct box *part, size_t index, void *data)
{
	struct open *o = data;
	struct space *space = o->check->space;

	if (reach_action(o->check->reach, SFW_DIRECTION_IN, index) !=
	    SFW_ACTION_ALLOW)
		return 0;
	if (!is_for_clients(space, part))
		return 0;
	o->dports = ranges_or(space->ranges, o->dports,
			      part->set[SPACE_DPORT]);
	return 0;
}

/* May there be a port in it that is not known to be open? */
static bool may_add_ports(const struct space *space, const struct box *box,
			  const void *data)
{
	const struct open *o = data;

	return !ranges_within(space->ranges, box->set[SPACE_DPORT],
			      o->dports) &&
	       ranges_within(space->ranges, o->clients,
			     box->set[SPACE_SPORT]) &&
	       is_world(space, box, NULL);
}

/* Ports that the rule opens, or any rule if index is SIZE_MAX. */
static int ports_open(struct check *check, size_t index, const struct box *box,
		      u32 *dports)
{
	struct open o = { .check = check, .index = index };
	int ret;

	o.clients = space_span(check->space, CLIENT_LO, U16_MAX);
	reach_prune(check->reach, may_add_ports, &o);
	if (index == SIZE_MAX)
		ret = reach_walk(check->reach, SFW_DIRECTION_IN, box, 0,
				 check->rs->n_rules[SFW_DIRECTION_IN], false,
				 add_ports, &o);
	else
		ret = reach_left(check->reach, SFW_DIRECTION_IN, box, index, true,
				 add_ports, &o);
	reach_prune(check->reach, NULL, NULL);
	*dports = o.dports;
	return ret;
}

/* The first rule that takes what is denied. */
static int first_denied(const struct box *part, size_t index, void *data)
{
	struct open *o = data;

	if (reach_action(o->check->reach, SFW_DIRECTION_IN, index) ==
	    SFW_ACTION_ALLOW)
		return 0;
	if (!o->any || index < o->index) {
		o->index = index;
		o->part = *part;
	}
	o->any = true;
	return 0;
}

static char *rule_of_family(struct check *check, const struct sfw_rule *like,
			    u8 family, u32 dports, size_t before)
{
	struct sfw_rule rule = {
		.direction = SFW_DIRECTION_IN,
		.action = SFW_ACTION_ALLOW,
		.protocol = like->protocol,
		.flags = SFW_RULE_F_PROTOCOL | (like->flags &
			 (SFW_RULE_F_IFNAME | SFW_RULE_F_NOT_IFNAME)),
		.ifname_len = like->ifname_len,
	};
	struct space *space = check->space;
	char *text;

	memcpy(rule.ifname, like->ifname, sizeof(rule.ifname));
	rule.number = numbers_take(&check->numbers, check->rs,
				   SFW_DIRECTION_IN, before);
	if (!rule.number)
		return NULL;
	rule.from = space_addr_list(space, family == AF_INET ?
				    space->full[0][SPACE_SRC] : 0,
				    family == AF_INET6 ?
				    space->full[1][SPACE_SRC] : 0, 1);
	rule.to_port = space_port_list(space, dports, 64);
	text = print_rule_text(&rule);
	sfw_rule_destroy(&rule);
	return text;
}

static void report_gap(struct check *check, size_t index, u8 family, u8 other,
		       u32 gap)
{
	struct open denied = { .check = check };
	const struct ruleset_rule *rule = check_rule(check, SFW_DIRECTION_IN,
						     index);
	char *ports = space_ports_text(check->space, gap);
	char name[REACH_NAME_MAX];
	struct finding *f;
	struct box box;

	box = requests_to(check->space, other, rule->rule.protocol, gap);
	f = check_add(check, "family-gap", FINDING_WARNING, SFW_DIRECTION_IN,
		      index, xasprintf("port %s is open to the world over %s only",
				       ports, family_names[SPACE_V6(family)]));
	free(ports);
	if (!f)
		return;
	reach_walk(check->reach, SFW_DIRECTION_IN, &box, 0,
		   check->rs->n_rules[SFW_DIRECTION_IN], false, first_denied,
		   &denied);
	if (!denied.any)
		return;
	check_witness(check, f, "closed to", &denied.part, SFW_DIRECTION_IN);
	reach_name(check->reach, SFW_DIRECTION_IN, denied.index, name);
	finding_blocked_by(f, name);
	finding_line(f, "by", check_rule_place(check, SFW_DIRECTION_IN,
					       denied.index));
	if (rule->rule.to)
		return;
	f->add = rule_of_family(check, &rule->rule, other, gap, denied.index);
	if (f->add)
		finding_line(f, "add", xstrdup(f->add));
}

static void family_gap(struct check *check, size_t index)
{
	const struct ruleset_rule *rule = check_rule(check, SFW_DIRECTION_IN,
						     index);
	struct space *space = check->space;
	struct box box, requests;
	u32 ports, others;
	int i;

	if (!rule || !(rule->rule.flags & SFW_RULE_F_PROTOCOL) ||
	    !sfw_packet_has_ports(rule->rule.protocol))
		return;
	for (i = 0; i < 2; i++) {
		if (!reach_rule(check->reach, SFW_DIRECTION_IN, index,
				families[i], &box))
			continue;
		requests = requests_to(space, families[i], rule->rule.protocol,
				       space->full[0][SPACE_DPORT]);
		if (!is_world(space, &box, NULL) ||
		    !space_and(space, &box, &requests, &box))
			continue;
		if (ports_open(check, index, &box, &ports) < 0)
			goto too_much;
		if (ports == RANGES_EMPTY)
			continue;
		box = requests_to(space, families[!i], rule->rule.protocol,
				  ports);
		if (ports_open(check, SIZE_MAX, &box, &others) < 0)
			goto too_much;
		ports = ranges_without(space->ranges, ports, others);
		if (ports != RANGES_EMPTY)
			report_gap(check, index, families[i], families[!i],
				   ports);
	}
	return;

too_much:
	check_not_analysed(check, FINDING_WARNING, SFW_DIRECTION_IN, index,
			   "family-gap");
}

/* --- icmp-basics -------------------------------------------------------- */

/* Is anything allowed that could need to know the path's MTU? */
static bool is_in_use(const struct check *check, u8 family)
{
	struct box box;
	size_t i;
	int d;

	for (d = 0; d < 2; d++) {
		for (i = 0; i <= check->rs->n_rules[d]; i++) {
			const struct ruleset_rule *rule = check_rule(check, d, i);

			if (reach_action(check->reach, d, i) ==
			    SFW_ACTION_ALLOW &&
			    reach_rule(check->reach, d, i, family, &box) &&
			    (!rule ||
			     !(rule->rule.flags & SFW_RULE_F_PROTOCOL) ||
			     sfw_packet_has_ports(rule->rule.protocol)))
				return true;
		}
	}
	return false;
}

static int find_allowed(const struct box *part, size_t index, void *data)
{
	struct open *o = data;

	if (reach_action(o->check->reach, SFW_DIRECTION_IN, index) ==
	    SFW_ACTION_ALLOW)
		return 1;
	return first_denied(part, index, data);
}

/* RFC 1191, RFC 8201. */
static void path_mtu(struct check *check, u8 family)
{
	static const char mtu[] =
		"path-MTU messages (%s) are dropped: large packets vanish on the way";
	bool v6 = family == AF_INET6;
	struct sfw_rule rule = {
		.direction = SFW_DIRECTION_IN,
		.action = SFW_ACTION_ALLOW,
		.protocol = v6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP,
		.icmp_type = v6 ? 2 : 3,
		.icmp_code = v6 ? 0 : 4,
		.flags = SFW_RULE_F_PROTOCOL | SFW_RULE_F_ICMP_TYPE |
			 (v6 ? 0 : SFW_RULE_F_ICMP_CODE),
	};
	struct open o = { .check = check };
	char name[REACH_NAME_MAX];
	struct finding *f;
	struct box box;
	int ret;

	if (!is_in_use(check, family))
		return;
	sfw_rule_check(&rule);
	rule.families = v6 ? SFW_FAMILY_6 : SFW_FAMILY_4;
	space_of_rule(check->space, &rule, family, &box);
	if (v6)
		box.set[SPACE_DPORT] = space_icmp(check->space, 0);
	ret = reach_walk(check->reach, SFW_DIRECTION_IN, &box, 0,
			 check->rs->n_rules[SFW_DIRECTION_IN], false,
			 find_allowed, &o);
	if (ret > 0)
		return;
	if (ret < 0) {
		check_not_analysed(check, FINDING_WARNING, SFW_DIRECTION_IN,
				   check->rs->n_rules[SFW_DIRECTION_IN],
				   "icmp-basics");
		return;
	}
	f = check_add(check, "icmp-basics", FINDING_WARNING, SFW_DIRECTION_IN,
		      o.index,
		      xasprintf(mtu,
				v6 ? "ICMPv6 2" : "ICMP 3/4"));
	check_witness(check, f, "such as", &o.part, SFW_DIRECTION_IN);
	if (!f)
		return;
	reach_name(check->reach, SFW_DIRECTION_IN, o.index, name);
	finding_blocked_by(f, name);
	finding_line(f, "dropped by", check_rule_place(check, SFW_DIRECTION_IN,
						       o.index));
	rule.number = numbers_take(&check->numbers, check->rs,
				   SFW_DIRECTION_IN, o.index);
	if (!rule.number)
		return;
	f->add = print_rule_text(&rule);
	finding_line(f, "add", xstrdup(f->add));
}

void check_open(struct check *check)
{
	const struct ruleset_rule *rule;
	size_t i;

	for (i = 0; i <= check->rs->n_rules[SFW_DIRECTION_IN]; i++) {
		if (reach_action(check->reach, SFW_DIRECTION_IN, i) !=
		    SFW_ACTION_ALLOW)
			continue;
		rule = check_rule(check, SFW_DIRECTION_IN, i);
		wide_open(check, i);
		if (!rule || !(rule->rule.flags & SFW_RULE_F_RETURN))
			family_gap(check, i);
		space_release(check->space);
	}
	if (check->mode != SFW_MODE_STATELESS)
		return;
	path_mtu(check, AF_INET);
	path_mtu(check, AF_INET6);
	space_release(check->space);
}
