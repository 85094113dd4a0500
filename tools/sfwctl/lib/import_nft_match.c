// SPDX-License-Identifier: GPL-2.0
/*
 * A match of nft: see import_nft.h.
 *
 * Addresses and ports are lists here as there. Interfaces, protocols, ICMP
 * types and such are single, so a match with several of them makes several
 * rules, which decide alike.
 */
#include <stdio.h>
#include <string.h>

#include "import_nft.h"
#include "listops.h"
#include "names.h"
#include "parse.h"

enum field {
	F_SADDR, F_DADDR, F_SPORT, F_DPORT, F_PROTOCOL, F_FAMILY, F_IIF, F_OIF,
	F_ICMP_TYPE, F_ICMP_CODE, F_TCP_FLAGS, F_CT_STATE, F_UNKNOWN,
};

/* A field, and what it says about the packet by being looked at. */
struct selector {
	enum field field;
	int protocol;		/* -1: none */
	u8 families;
};

static const struct name_value {
	const char *name;
	int value;
} icmp_types[] = {
	{ "echo-reply", 0 }, { "destination-unreachable", 3 },
	{ "source-quench", 4 }, { "redirect", 5 }, { "echo-request", 8 },
	{ "router-advertisement", 9 }, { "router-solicitation", 10 },
	{ "time-exceeded", 11 }, { "parameter-problem", 12 },
	{ "timestamp-request", 13 }, { "timestamp-reply", 14 },
	{ "info-request", 15 }, { "info-reply", 16 },
	{ "address-mask-request", 17 }, { "address-mask-reply", 18 }, { 0 },
}, icmpv6_types[] = {
	{ "destination-unreachable", 1 }, { "packet-too-big", 2 },
	{ "time-exceeded", 3 }, { "parameter-problem", 4 },
	{ "echo-request", 128 }, { "echo-reply", 129 },
	{ "mld-listener-query", 130 }, { "mld-listener-report", 131 },
	{ "mld-listener-done", 132 }, { "mld-listener-reduction", 132 },
	{ "nd-router-solicit", 133 }, { "nd-router-advert", 134 },
	{ "nd-neighbor-solicit", 135 }, { "nd-neighbor-advert", 136 },
	{ "nd-redirect", 137 }, { "router-renumbering", 138 },
	{ "ind-neighbor-solicit", 141 }, { "ind-neighbor-advert", 142 },
	{ "mld2-listener-report", 143 }, { 0 },
}, icmp_codes[] = {
	{ "net-unreachable", 0 }, { "host-unreachable", 1 },
	{ "prot-unreachable", 2 }, { "port-unreachable", 3 },
	{ "frag-needed", 4 }, { "net-prohibited", 9 },
	{ "host-prohibited", 10 }, { "admin-prohibited", 13 }, { 0 },
}, icmpv6_codes[] = {
	{ "no-route", 0 }, { "admin-prohibited", 1 }, { "addr-unreachable", 3 },
	{ "port-unreachable", 4 }, { "policy-fail", 5 },
	{ "reject-route", 6 }, { 0 },
}, tcp_flags[] = {
	{ "fin", SFW_TCP_FIN }, { "syn", SFW_TCP_SYN }, { "rst", SFW_TCP_RST },
	{ "psh", SFW_TCP_PSH }, { "ack", SFW_TCP_ACK }, { "urg", SFW_TCP_URG },
	{ "ecn", SFW_TCP_ECE }, { "ece", SFW_TCP_ECE }, { "cwr", SFW_TCP_CWR },
	{ 0 },
}, ct_states[] = {
	{ "new", FLAT_NEW }, { "established", FLAT_ESTABLISHED },
	{ "related", FLAT_RELATED }, { "invalid", FLAT_INVALID },
	{ "untracked", FLAT_UNTRACKED }, { 0 },
}, protocols[] = {
	{ "ipv6-icmp", IPPROTO_ICMPV6 }, { "icmpv6", IPPROTO_ICMPV6 },
	{ "igmp", IPPROTO_IGMP }, { "comp", 108 }, { "ospf", 89 },
	{ "ospfigp", 89 }, { "pim", IPPROTO_PIM }, { "vrrp", 112 }, { 0 },
}, families[] = {
	{ "ipv4", SFW_FAMILY_4 }, { "ip", SFW_FAMILY_4 },
	{ "ipv6", SFW_FAMILY_6 }, { "ip6", SFW_FAMILY_6 }, { 0 },
};

static int find_value(const struct name_value *list, const char *name)
{
	for (; list->name; list++)
		if (!strcmp(list->name, name))
			return list->value;
	return -1;
}

/* --- which field --------------------------------------------------------- */

static struct selector select_payload(const char *protocol, const char *field)
{
	static const struct {
		const char *protocol, *field;
		struct selector selector;
	} known[] = {
		{ "ip", "saddr", { F_SADDR, -1, SFW_FAMILY_4 } },
		{ "ip", "daddr", { F_DADDR, -1, SFW_FAMILY_4 } },
		{ "ip", "protocol", { F_PROTOCOL, -1, SFW_FAMILY_4 } },
		{ "ip6", "saddr", { F_SADDR, -1, SFW_FAMILY_6 } },
		{ "ip6", "daddr", { F_DADDR, -1, SFW_FAMILY_6 } },
		{ "ip6", "nexthdr", { F_PROTOCOL, -1, SFW_FAMILY_6 } },
		{ "icmp", "type", { F_ICMP_TYPE, IPPROTO_ICMP, SFW_FAMILY_4 } },
		{ "icmp", "code", { F_ICMP_CODE, IPPROTO_ICMP, SFW_FAMILY_4 } },
		{ "icmpv6", "type",
		  { F_ICMP_TYPE, IPPROTO_ICMPV6, SFW_FAMILY_6 } },
		{ "icmpv6", "code",
		  { F_ICMP_CODE, IPPROTO_ICMPV6, SFW_FAMILY_6 } },
		{ "tcp", "flags", { F_TCP_FLAGS, IPPROTO_TCP, FLAT_FAMILIES } },
	};
	static const struct {
		const char *name;
		int protocol;
	} with_ports[] = {
		{ "tcp", IPPROTO_TCP }, { "udp", IPPROTO_UDP },
		{ "sctp", IPPROTO_SCTP }, { "dccp", IPPROTO_DCCP },
		{ "udplite", IPPROTO_UDPLITE }, { "th", -1 },
	};
	struct selector s = { F_UNKNOWN, -1, FLAT_FAMILIES };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(known); i++)
		if (!strcmp(known[i].protocol, protocol) &&
		    !strcmp(known[i].field, field))
			return known[i].selector;
	for (i = 0; i < ARRAY_SIZE(with_ports); i++) {
		if (strcmp(with_ports[i].name, protocol))
			continue;
		s.protocol = with_ports[i].protocol;
		if (!strcmp(field, "sport"))
			s.field = F_SPORT;
		else if (!strcmp(field, "dport"))
			s.field = F_DPORT;
	}
	return s;
}

static struct selector select_field(const struct jdoc *left)
{
	static const struct {
		const char *key;
		enum field field;
	} metas[] = {
		{ "iif", F_IIF }, { "iifname", F_IIF }, { "oif", F_OIF },
		{ "oifname", F_OIF }, { "l4proto", F_PROTOCOL },
		{ "nfproto", F_FAMILY }, { "protocol", F_FAMILY },
	};
	struct selector s = { F_UNKNOWN, -1, FLAT_FAMILIES };
	json_t *obj, *meta, *both;
	const char *key, *field;
	size_t i;

	obj = json_object_get(left->value, "payload");
	key = json_string_value(json_object_get(obj, "protocol"));
	field = json_string_value(json_object_get(obj, "field"));
	if (key && field)
		return select_payload(key, field);

	meta = json_object_get(left->value, "meta");
	key = json_string_value(json_is_string(meta) ? meta :
				json_object_get(meta, "key"));
	for (i = 0; key && i < ARRAY_SIZE(metas); i++)
		if (!strcmp(metas[i].key, key))
			s.field = metas[i].field;

	obj = json_object_get(left->value, "ct");
	key = json_string_value(json_object_get(obj, "key"));
	if (key && !strcmp(key, "state"))
		s.field = F_CT_STATE;

	/* tcp flags & MASK */
	both = json_object_get(left->value, "&");
	obj = json_object_get(json_array_get(both, 0), "payload");
	key = json_string_value(json_object_get(obj, "protocol"));
	field = json_string_value(json_object_get(obj, "field"));
	if (key && field && !strcmp(key, "tcp") && !strcmp(field, "flags"))
		return select_payload(key, field);
	return s;
}

/* The field as nft writes it, for messages; to be freed. */
static char *field_name(const struct jdoc *left)
{
	char *text = json_dumps(left->value, JSON_COMPACT | JSON_ENCODE_ANY);

	if (!text)
		xalloc_fail();
	return text;
}

/* --- lists --------------------------------------------------------------- */

/* The value within {"elem": {"val": ...}}. */
static const struct jdoc *bare(const struct jdoc *value, struct jdoc *elem,
			       struct jdoc *val)
{
	elem->up = value;
	elem->key = "elem";
	elem->value = json_object_get(value->value, "elem");
	if (!elem->value)
		return value;
	val->up = elem;
	val->key = "val";
	val->value = json_object_get(elem->value, "val");
	return val->value ? val : value;
}

static bool add_range(struct nft *nft, const struct jdoc *value,
		      struct sfw_list *list, const char *first,
		      const char *last)
{
	struct sfw_elem a, b;

	if (!first || !last || !parse_addr(first, &a) ||
	    !parse_addr(last, &b) || a.family != b.family ||
	    sfw_list_add_range(list, a.family, &a.first, &b.last)) {
		jdoc_error(nft->imp, value, "this is no range of addresses");
		return false;
	}
	return true;
}

static bool add_addr(struct nft *nft, const struct jdoc *value,
		     struct sfw_list *list)
{
	json_t *prefix = json_object_get(value->value, "prefix");
	json_t *range = json_object_get(value->value, "range");
	json_t *len = json_object_get(prefix, "len");
	const char *text = json_string_value(prefix ?
					     json_object_get(prefix, "addr") :
					     value->value);
	struct sfw_elem elem;
	int ret;

	if (range)
		return add_range(nft, value, list,
				 json_string_value(json_array_get(range, 0)),
				 json_string_value(json_array_get(range, 1)));
	if (!text || !parse_addr(text, &elem)) {
		if (text && strchr(text, '.') && !strchr(text, '@'))
			jdoc_error(nft->imp, value, "'%s' is no address", text);
		else
			nft_refuse(nft, value, "this is no address");
		return false;
	}
	if (prefix)
		ret = sfw_list_add_prefix(list, elem.family, &elem.first,
					  json_integer_value(len));
	else if (elem.kind == SFW_ELEM_PREFIX)
		ret = sfw_list_add_prefix(list, elem.family, &elem.first,
					  elem.prefix_len);
	else
		ret = sfw_list_add_range(list, elem.family, &elem.first,
					 &elem.last);
	if (ret)
		jdoc_error(nft->imp, value, "this is no network");
	return !ret;
}

/* A port by number or name; -1 if it is none. */
static long long port(const json_t *value)
{
	struct sfw_elem elem;

	if (json_is_integer(value))
		return json_integer_value(value);
	if (json_is_string(value) &&
	    parse_ports(json_string_value(value), &elem) &&
	    elem.kind == SFW_ELEM_ONE)
		return elem.first.lo;
	return -1;
}

static bool add_port(struct nft *nft, const struct jdoc *value,
		     struct sfw_list *list)
{
	json_t *range = json_object_get(value->value, "range");
	long long first = port(range ? json_array_get(range, 0) : value->value);
	long long last = port(range ? json_array_get(range, 1) : value->value);

	if (first < 0 || last > U16_MAX || first > last) {
		jdoc_error(nft->imp, value, "this is neither a port nor a range of ports");
		return false;
	}
	if (sfw_list_add_port(list, first, last))
		xalloc_fail();
	return true;
}

/* One value of the list, or all of {"set": [...]} or [...]. */
static bool add_values(struct nft *nft, const struct jdoc *value,
		       struct sfw_list *list, bool ports)
{
	struct jdoc elem, val, array = { value, "set", 0, NULL };
	size_t i;

	array.value = json_object_get(value->value, "set");
	if (json_is_array(value->value))
		array = *value;
	if (!array.value) {
		value = bare(value, &elem, &val);
		return ports ? add_port(nft, value, list) :
			       add_addr(nft, value, list);
	}
	/* A set of one element is written without brackets. */
	if (!json_is_array(array.value))
		return add_values(nft, &array, list, ports);
	for (i = 0; i < json_array_size(array.value); i++) {
		struct jdoc one = { &array, NULL, i,
				    json_array_get(array.value, i) };

		if (!add_values(nft, &one, list, ports))
			return false;
	}
	return true;
}

/* A name that a set of ours may have, and none has yet. */
static void set_name(struct nft *nft, const char *name, char *out, size_t size)
{
	char base[SFW_SET_NAME_MAX - 3];
	unsigned int n = 1;
	size_t i;
	char *p;

	snprintf(base, sizeof(base), "%s", name);
	for (p = base; *p; p++)
		if (!strchr("_-", *p) && !(*p >= '0' && *p <= '9') &&
		    !(*p >= 'a' && *p <= 'z') && !(*p >= 'A' && *p <= 'Z'))
			*p = '_';
	if (base[0] == '-' || (base[0] >= '0' && base[0] <= '9'))
		base[0] = '_';
	snprintf(out, size, "%s", base);
	for (i = 0; i < nft->n_sets; i++) {
		if (!nft->sets[i].list || strcmp(nft->sets[i].list->name, out))
			continue;
		snprintf(out, size, "%s-%u", base, ++n);
		i = (size_t)-1;
	}
}

/* A set of a table as a set of ours; NULL after a complaint. */
static struct sfw_list *named_list(struct nft *nft, const struct jdoc *value,
				   const char *name, bool ports)
{
	struct nft_set *set = nft_find_set(nft, name);
	char own[SFW_SET_NAME_MAX + 1];
	struct sfw_list *list;
	struct jdoc elem;
	json_t *flags;
	size_t i;

	if (!set) {
		jdoc_error(nft->imp, value, "there is no set '%s' in the table",
			   name);
		return NULL;
	}
	flags = json_object_get(set->obj, "flags");
	for (i = 0; i < json_array_size(flags); i++) {
		const char *flag = json_string_value(json_array_get(flags, i));

		if (flag && (!strcmp(flag, "timeout") ||
			     !strcmp(flag, "dynamic"))) {
			nft_refuse(nft, value,
				   "the set '%s' changes by itself, and those of sfw do not",
				   name);
			return NULL;
		}
	}
	if (set->list)
		return sfw_list_get(set->list);
	elem.up = &set->node;
	elem.key = "elem";
	elem.value = json_object_get(set->obj, "elem");
	set_name(nft, name, own, sizeof(own));
	list = sfw_list_new(elem.value ? own : NULL);
	if (!list)
		xalloc_fail();
	if (elem.value && !add_values(nft, &elem, list, ports)) {
		sfw_list_put(list);
		return NULL;
	}
	if (sfw_list_compile(list))
		xalloc_fail();
	if (list->n_elem)
		set->list = sfw_list_get(list);
	return list;
}

/* < and > of ports */
static struct sfw_list *compared(struct nft *nft, const struct jdoc *right,
				 const char *op)
{
	long long value = port(right->value), first = 0, last = U16_MAX;

	if (value < 0 || value > U16_MAX) {
		jdoc_error(nft->imp, right, "this is no port");
		return NULL;
	}
	if (op[0] == '<')
		last = op[1] ? value : value - 1;
	else
		first = op[1] ? value : value + 1;
	if (first <= last)
		return import_ports(first, last);
	nft_refuse(nft, right, "no port is %s %lld", op, value);
	return NULL;
}

static void match_list(struct nft *nft, const struct selector *s,
		       const struct jdoc *right, const char *op)
{
	static const u32 not_flags[] = {
		SFW_RULE_F_NOT_FROM, SFW_RULE_F_NOT_TO,
		SFW_RULE_F_NOT_FROM_PORT, SFW_RULE_F_NOT_TO_PORT,
	};
	bool ports = s->field == F_SPORT || s->field == F_DPORT;
	const char *name = json_string_value(right->value);
	struct sfw_list *list;
	size_t i;

	if (ports && (op[0] == '<' || op[0] == '>')) {
		list = compared(nft, right, op);
		op = "==";
	} else if (name && name[0] == '@') {
		list = named_list(nft, right, name + 1, ports);
	} else {
		list = sfw_list_new(NULL);
		if (!list)
			xalloc_fail();
		if (!add_values(nft, right, list, ports)) {
			sfw_list_put(list);
			list = NULL;
		} else if (sfw_list_compile(list)) {
			xalloc_fail();
		}
	}
	if (!list)
		return;
	for (i = 0; i < nft->rule.n; i++) {
		struct sfw_rule *m = &nft->rule.alt[i]->match;
		struct sfw_list **fields[] = {
			&m->from, &m->to, &m->from_port, &m->to_port,
		};

		flat_and_list(nft->rule.alt[i], fields[s->field],
			      not_flags[s->field], sfw_list_get(list),
			      !strcmp(op, "!="));
	}
	sfw_list_put(list);
}

/* --- single values -------------------------------------------------------- */

/* Names or numbers of flags, alone, in a list or joined by |; -1: not known. */
static int bits(const json_t *value, const struct name_value *names)
{
	json_t *list = json_object_get(value, "|");
	int sum = 0, one;
	size_t i;

	if (!list)
		list = json_object_get(value, "set");
	if (!list && json_is_array(value))
		list = (json_t *)value;
	if (json_is_integer(value))
		return json_integer_value(value) & 0xff;
	if (json_is_string(value))
		return find_value(names, json_string_value(value));
	if (!json_is_array(list))
		return -1;
	for (i = 0; i < json_array_size(list); i++) {
		one = bits(json_array_get(list, i), names);
		if (one < 0)
			return -1;
		sum |= one;
	}
	return sum;
}

static void and_flags(struct nft *nft, const struct jdoc *node, int mask,
		      int set)
{
	const char *why;
	size_t i;

	for (i = 0; i < nft->rule.n; i++) {
		why = flat_and_flags(nft->rule.alt[i], mask, set);
		if (why)
			nft_refuse(nft, node, "%s", why);
	}
}

/* One of the flags at least. */
static void any_flag(struct nft *nft, const struct jdoc *node, int set)
{
	size_t i, n = __builtin_popcount(set), bit;
	const char *why;

	if (set == (SFW_TCP_ACK | SFW_TCP_RST)) {
		for (i = 0; i < nft->rule.n; i++) {
			struct sfw_rule *m = &nft->rule.alt[i]->match;

			if (m->flags & SFW_RULE_F_TCP_FLAGS)
				nft_refuse(nft, node, "TCP flags are asked for twice");
			m->flags |= SFW_RULE_F_ESTABLISHED;
		}
		return;
	}
	nft_multiply(nft, n);
	bit = 0;
	for (i = 0; n && i < nft->rule.n; i++) {
		if (i % n == 0)
			bit = 0;
		while (!(set & 1 << bit))
			bit++;
		why = flat_and_flags(nft->rule.alt[i], 1 << bit, 1 << bit);
		if (why)
			nft_refuse(nft, node, "%s", why);
		bit++;
	}
}

static void match_flags(struct nft *nft, const struct jdoc *left,
			const struct jdoc *right, const char *op)
{
	json_t *both = json_object_get(left->value, "&");
	int mask = both ? bits(json_array_get(both, 1), tcp_flags) : 0xff;
	int set = bits(right->value, tcp_flags);
	bool not_equal = !strcmp(op, "!=");
	size_t i;

	if (mask < 0 || set < 0) {
		nft_refuse(nft, right, "these are no TCP flags");
	} else if (!strcmp(op, "in")) {
		any_flag(nft, right, set & mask);
	} else if (not_equal && !set) {
		any_flag(nft, right, mask);
	} else if (not_equal && mask && !(mask & (mask - 1))) {
		and_flags(nft, right, mask, ~set & mask);
	} else if (not_equal && set == SFW_TCP_SYN &&
		   mask == (SFW_TCP_FIN | SFW_TCP_SYN | SFW_TCP_RST |
			    SFW_TCP_ACK)) {
		for (i = 0; i < nft->rule.n; i++)
			nft->rule.alt[i]->not_syn = true;
	} else if (not_equal || set & ~mask) {
		nft_refuse(nft, right,
			   "TCP flags that must not be so: sfw cannot say that in one rule");
	} else {
		and_flags(nft, right, mask, set);
	}
}

static void match_state(struct nft *nft, const struct jdoc *right,
			const char *op)
{
	int ct = bits(right->value, ct_states);
	size_t i;

	if (ct <= 0) {
		nft_refuse(nft, right, "sfw has no such connection state");
		return;
	}
	if (!strcmp(op, "!="))
		ct = FLAT_CT_ALL & ~ct;
	for (i = 0; i < nft->rule.n; i++) {
		nft->rule.alt[i]->ct &= ct;
		if (!nft->rule.alt[i]->ct)
			nft->rule.alt[i]->never = true;
	}
}

static int protocol_value(const json_t *value)
{
	const char *text = json_string_value(value);
	int n;

	if (json_is_integer(value))
		return json_integer_value(value);
	if (!text)
		return -1;
	n = find_value(protocols, text);
	if (n < 0)
		n = parse_protocol(text);
	return n > 255 ? -1 : n;
}

static int icmp_value(const struct selector *s, const json_t *value)
{
	bool v6 = s->protocol == IPPROTO_ICMPV6;

	if (json_is_integer(value))
		return json_integer_value(value) & 0xff;
	if (!json_is_string(value))
		return -1;
	if (s->field == F_ICMP_TYPE)
		return find_value(v6 ? icmpv6_types : icmp_types,
				  json_string_value(value));
	return find_value(v6 ? icmpv6_codes : icmp_codes,
			  json_string_value(value));
}

static void and_interface(struct nft *nft, struct flat_rule *rule,
			  const struct selector *s, const struct jdoc *value,
			  bool negate)
{
	const char *name = json_string_value(value->value), *why;
	struct flat_if given = { .negate = negate };

	if (!name || strlen(name) > SFW_IFNAME_MAX) {
		nft_refuse(nft, value, "this is no name of an interface");
		return;
	}
	snprintf(given.name, sizeof(given.name), "%s", name);
	why = flat_and_if(rule, s->field == F_IIF ? &rule->iif : &rule->oif,
			  &given);
	if (why)
		nft_refuse(nft, value, "%s", why);
}

/* One of the values onto one of the rules. */
static void and_value(struct nft *nft, struct flat_rule *rule,
		      const struct selector *s, const struct jdoc *value,
		      bool negate)
{
	struct sfw_rule *m = &rule->match;
	int n = -1;

	if (s->field == F_IIF || s->field == F_OIF) {
		and_interface(nft, rule, s, value, negate);
		return;
	}
	if (s->field == F_FAMILY && json_is_string(value->value))
		n = find_value(families, json_string_value(value->value));
	else if (s->field == F_PROTOCOL)
		n = protocol_value(value->value);
	else if (s->field == F_ICMP_TYPE || s->field == F_ICMP_CODE)
		n = icmp_value(s, value->value);
	if (n < 0) {
		nft_refuse(nft, value, "sfw has no word for this value");
		return;
	}
	if (negate && s->field != F_FAMILY) {
		nft_refuse(nft, value, "all but one: sfw cannot say that in one rule");
		return;
	}
	switch (s->field) {
	case F_FAMILY:
		rule->families &= negate ? ~n : n;
		rule->never |= !rule->families;
		break;
	case F_PROTOCOL:
		flat_and_protocol(rule, n);
		break;
	case F_ICMP_TYPE:
		if (m->flags & SFW_RULE_F_ICMP_TYPE && m->icmp_type != n)
			rule->never = true;
		m->flags |= SFW_RULE_F_ICMP_TYPE;
		m->icmp_type = n;
		break;
	default:
		if (m->flags & SFW_RULE_F_ICMP_CODE && m->icmp_code != n)
			rule->never = true;
		m->flags |= SFW_RULE_F_ICMP_CODE;
		m->icmp_code = n;
		break;
	}
}

/* All values of {"set": [...]} or @NAME, or the one. */
static void match_values(struct nft *nft, const struct selector *s,
			 const struct jdoc *right, bool negate)
{
	const char *name = json_string_value(right->value);
	struct jdoc array = { right, "set", 0, NULL }, elem, val;
	struct nft_set *set;
	size_t i, n;

	array.value = json_object_get(right->value, "set");
	if (json_is_array(right->value))
		array = *right;
	if (name && name[0] == '@') {
		set = nft_find_set(nft, name + 1);
		if (!set) {
			jdoc_error(nft->imp, right, "there is no set '%s' in the table",
				   name + 1);
			return;
		}
		array.up = &set->node;
		array.key = "elem";
		array.value = json_object_get(set->obj, "elem");
		for (i = 0; i < nft->rule.n && !array.value; i++)
			nft->rule.alt[i]->never |= !negate;
		if (!array.value)
			return;
	}
	if (!array.value || !json_is_array(array.value)) {
		const struct jdoc *one = array.value ? &array : right;

		for (i = 0; i < nft->rule.n; i++)
			and_value(nft, nft->rule.alt[i], s,
				  bare(one, &elem, &val), negate);
		return;
	}
	n = json_array_size(array.value);
	if (negate && n > 1) {
		nft_refuse(nft, right, "none of several: sfw cannot say that in one rule");
		return;
	}
	nft_multiply(nft, n);
	for (i = 0; i < nft->rule.n; i++) {
		struct jdoc one = { &array, NULL, i % n,
				    json_array_get(array.value, i % n) };

		and_value(nft, nft->rule.alt[i], s, bare(&one, &elem, &val),
			  negate);
	}
}

void nft_match_value(struct nft *nft, const struct jdoc *left,
		     const struct jdoc *right, const char *op)
{
	struct selector s = select_field(left);
	size_t i;
	char *name;

	if (s.field == F_UNKNOWN) {
		name = field_name(left);
		nft_refuse(nft, left, "sfw has no clause for %s", name);
		free(name);
		return;
	}
	if (strcmp(op, "==") && strcmp(op, "!=") && strcmp(op, "in") &&
	    ((op[0] != '<' && op[0] != '>') ||
	     (s.field != F_SPORT && s.field != F_DPORT))) {
		nft_refuse(nft, left, "sfw cannot compare with '%s' here", op);
		return;
	}
	for (i = 0; i < nft->rule.n; i++) {
		struct flat_rule *rule = nft->rule.alt[i];

		rule->families &= s.families;
		rule->never |= !rule->families;
		if (s.protocol >= 0)
			flat_and_protocol(rule, s.protocol);
	}
	switch (s.field) {
	case F_SADDR:
	case F_DADDR:
	case F_SPORT:
	case F_DPORT:
		match_list(nft, &s, right, op);
		break;
	case F_TCP_FLAGS:
		match_flags(nft, left, right, op);
		break;
	case F_CT_STATE:
		match_state(nft, right, op);
		break;
	default:
		match_values(nft, &s, right, !strcmp(op, "!="));
		break;
	}
}

void nft_match(struct nft *nft, const struct jdoc *match)
{
	struct jdoc op, left, right;

	if (jdoc_need(nft->imp, match, "op", JDOC_STRING, &op) &&
	    jdoc_need(nft->imp, match, "left", JDOC_ANY, &left) &&
	    jdoc_need(nft->imp, match, "right", JDOC_ANY, &right))
		nft_match_value(nft, &left, &right,
				json_string_value(op.value));
}
