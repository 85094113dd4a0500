// SPDX-License-Identifier: GPL-2.0
/*
 * Network ACLs as "aws ec2 describe-network-acls" writes them.
 *
 * An entry is a rule of ours with its number: what comes in is judged by its
 * source and its destination port, what goes out by its destination. Entry
 * 32767, and 32768 for IPv6, is the default.
 *
 * An ACL guards a subnet, and sfw may stand in two places for that. On an
 * instance, Egress is out and the rest is in. On the router before the subnet,
 * every packet that crosses is an in packet: what goes into the subnet arrives
 * on any interface but that of the subnet, what leaves it arrives there. The
 * two are disjoint, so only the order within each matters: entries into the
 * subnet keep their numbers, and 10000 is added to those out of it.
 *
 * Tried and rejected: doubling the numbers of both on a router. Nobody finds
 * rule 100 again when it is called 201.
 */
#include <stdio.h>
#include <string.h>

#include "import_aws.h"
#include "names.h"
#include "parse.h"

/* Members that are null; SDKs write them for what is not there. */
static void drop_nulls(json_t *value)
{
	const char *key;
	json_t *child;
	void *next;
	size_t i;

	json_object_foreach_safe(value, next, key, child) {
		if (json_is_null(child))
			json_object_del(value, key);
		else
			drop_nulls(child);
	}
	json_array_foreach(value, i, child)
		drop_nulls(child);
}

bool aws_load(struct import *imp, struct jdoc *top)
{
	if (!jdoc_load(imp, top))
		return false;
	drop_nulls(top->value);
	return true;
}

int aws_protocol(const char *text)
{
	static const struct {
		const char *name;
		int number;
	} names[] = {
		{ "-1", -1 }, { "all", -1 }, { "tcp", IPPROTO_TCP },
		{ "udp", IPPROTO_UDP }, { "icmp", IPPROTO_ICMP },
		{ "icmpv6", IPPROTO_ICMPV6 },
	};
	long long n = names_uint(text, 255);
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++)
		if (!strcmp(names[i].name, text))
			return names[i].number;
	return n < 0 ? -2 : (int)n;
}

bool aws_wanted(const struct import *imp, const char *id)
{
	size_t i;

	for (i = 0; i < imp->n_ids; i++)
		if (id && !strcmp(imp->ids[i], id))
			return true;
	return !imp->n_ids;
}

long aws_choose(struct import *imp, const struct jdoc *array, const char *key)
{
	size_t i, n = json_array_size(array->value);
	char *list = xstrdup("");
	struct jdoc obj, id;
	long found = -1;

	for (i = 0; i < n; i++) {
		const char *text = "one without an id";
		char *more;

		/* A single one needs no name to be meant. */
		if (!jdoc_element(imp, array, i, JDOC_OBJECT, &obj) ||
		    (json_object_get(obj.value, key) &&
		     !jdoc_get(imp, &obj, key, JDOC_STRING, &id))) {
			free(list);
			return -1;
		}
		if (jdoc_text(&obj, key))
			text = jdoc_text(&obj, key);
		more = xasprintf("%s%s%s", list, i ? ", " : "", text);
		free(list);
		list = more;
		if (imp->n_ids ? aws_wanted(imp, jdoc_text(&obj, key)) : n == 1)
			found = i;
	}
	if (!n)
		jdoc_error(imp, array, "there is nothing in it");
	else if (found < 0 && imp->n_ids)
		jdoc_error(imp, array, "'%s' is not here; there is: %s",
			   imp->ids[0], list);
	else if (found < 0)
		jdoc_error(imp, array, "there are %zu of them; choose one with --id: %s",
			   n, list);
	free(list);
	return found;
}

struct sfw_list *aws_cidr(struct import *imp, const struct jdoc *obj,
			  const char *key, u8 family)
{
	struct sfw_list *list;
	struct jdoc node;

	if (!jdoc_need(imp, obj, key, JDOC_STRING, &node))
		return NULL;
	list = strchr(json_string_value(node.value), '-') ? NULL :
	       import_addr(json_string_value(node.value), family);
	if (!list)
		jdoc_error(imp, &node, "'%s' is no IPv%d block; one looks like %s",
			   json_string_value(node.value),
			   family == AF_INET ? 4 : 6,
			   family == AF_INET ? "192.0.2.0/24" : "2001:db8::/32");
	return list;
}

bool aws_icmp(struct import *imp, const struct jdoc *node,
	      struct sfw_rule *rule, long long type, long long code)
{
	if (type < 0 && code >= 0) {
		jdoc_error(imp, node,
			   "a code without a type; -1 for the type goes with -1 for the code");
		return false;
	}
	if (type >= 0) {
		rule->flags |= SFW_RULE_F_ICMP_TYPE;
		rule->icmp_type = type;
	}
	if (code >= 0) {
		rule->flags |= SFW_RULE_F_ICMP_CODE;
		rule->icmp_code = code;
	}
	return true;
}

void aws_ports(struct sfw_rule *rule, long long first, long long last)
{
	if (first || last != U16_MAX)
		rule->to_port = import_ports(first, last);
}

static void read_ports(struct import *imp, const struct jdoc *entry,
		       struct sfw_rule *rule)
{
	static const char *const keys[] = { "From", "To", NULL };
	struct jdoc range, node;
	long long from, to;

	if (!jdoc_need(imp, entry, "PortRange", JDOC_OBJECT, &range))
		return;
	jdoc_only(imp, &range, keys);
	if (!jdoc_need(imp, &range, "From", JDOC_INTEGER, &node) ||
	    !jdoc_need(imp, &range, "To", JDOC_INTEGER, &node) ||
	    !jdoc_integer(imp, &range, "From", 0, U16_MAX, &from) ||
	    !jdoc_integer(imp, &range, "To", 0, U16_MAX, &to))
		return;
	if (from > to)
		jdoc_error(imp, &range, "the range is reversed: From is %lld and To is %lld",
			   from, to);
	else
		aws_ports(rule, from, to);
}

static void read_icmp(struct import *imp, const struct jdoc *entry,
		      struct sfw_rule *rule)
{
	static const char *const keys[] = { "Type", "Code", NULL };
	long long type = -1, code = -1;
	struct jdoc both;

	if (!jdoc_get(imp, entry, "IcmpTypeCode", JDOC_OBJECT, &both))
		return;
	jdoc_only(imp, &both, keys);
	jdoc_integer(imp, &both, "Type", -1, 255, &type);
	jdoc_integer(imp, &both, "Code", -1, 255, &code);
	aws_icmp(imp, &both, rule, type, code);
}

/* The block into *list; false after a complaint. */
static bool read_block(struct import *imp, const struct jdoc *entry,
		       struct sfw_list **list)
{
	bool v4 = json_object_get(entry->value, "CidrBlock");
	bool v6 = json_object_get(entry->value, "Ipv6CidrBlock");

	if (v4 == v6) {
		jdoc_error(imp, entry, "an entry has either a CidrBlock or an Ipv6CidrBlock");
		return false;
	}
	*list = v4 ? aws_cidr(imp, entry, "CidrBlock", AF_INET) :
		     aws_cidr(imp, entry, "Ipv6CidrBlock", AF_INET6);
	return *list;
}

/* Entry 32767 or 32768: what holds if no other entry does. */
static void read_default(struct import *imp, const struct jdoc *entry,
			 u8 direction, u8 action, int protocol,
			 const struct sfw_list *block)
{
	u8 *def = &imp->rs->def[direction].action;

	if (protocol != -1 || block->elem[0].kind != SFW_ELEM_PREFIX ||
	    block->elem[0].prefix_len) {
		jdoc_error(imp, entry,
			   "the last entry of an ACL is about all traffic: Protocol \"-1\", and 0.0.0.0/0 or ::/0");
		return;
	}
	if (imp->has_default[direction] && *def != action)
		jdoc_refuse(imp, entry,
			    "this is another action than that of the other default here, and sfw has one per direction, for both families");
	imp->has_default[direction] = true;
	*def = action;
}

/* The place of the rule: direction and interface, and its number there. */
static bool place_rule(struct import *imp, const struct jdoc *entry,
		       bool egress, struct sfw_rule *rule)
{
	u32 limit = SFW_RULE_NUMBER_PLAIN - AWS_ROUTER_EGRESS;
	struct jdoc node = { entry, "RuleNumber", 0, NULL };

	rule->direction = egress ? SFW_DIRECTION_OUT : SFW_DIRECTION_IN;
	if (!imp->router)
		return true;
	rule->direction = SFW_DIRECTION_IN;
	if (rule->number > (egress ? limit : AWS_ROUTER_INGRESS_MAX)) {
		jdoc_refuse(imp, &node,
			    "%u has no place on a router, where entries into the subnet go up to %d and those out of it, which get %d more, to %u",
			    rule->number, AWS_ROUTER_INGRESS_MAX,
			    AWS_ROUTER_EGRESS, limit);
		return false;
	}
	if (sfw_rule_set_ifname(rule, imp->router))
		return false;	/* the command has looked at it */
	if (egress)
		rule->number += AWS_ROUTER_EGRESS;
	else
		rule->flags |= SFW_RULE_F_NOT_IFNAME;
	return true;
}

static void finish_entry(struct import *imp, const struct jdoc *entry,
			 struct ruleset_rule *rule, bool egress)
{
	size_t errors = imp->count[IMPORT_ERROR];
	struct ruleset *rs = imp->rs;
	const char *why;
	size_t i;

	if (!place_rule(imp, entry, egress, &rule->rule)) {
		ruleset_rule_free(rule);
		return;
	}
	for (i = 0; i < rs->n_rules[rule->rule.direction]; i++)
		if (rs->rules[rule->rule.direction][i]->rule.number ==
		    rule->rule.number)
			jdoc_error(imp, entry,
				   "number %u stands twice among the entries of this direction",
				   rule->rule.number % AWS_ROUTER_EGRESS);
	if (errors != imp->count[IMPORT_ERROR])
		ruleset_rule_free(rule);
	else if (!import_add(imp, rule, &why))
		jdoc_refuse(imp, entry, "%s", why);
}

static void read_match(struct import *imp, const struct jdoc *entry,
		       struct sfw_rule *rule, int protocol)
{
	if (protocol >= 0) {
		rule->flags |= SFW_RULE_F_PROTOCOL;
		rule->protocol = protocol;
	}
	/* AWS: with other protocols ports, types and codes mean nothing. */
	if (protocol == IPPROTO_TCP || protocol == IPPROTO_UDP)
		read_ports(imp, entry, rule);
	else if (protocol == IPPROTO_ICMP || protocol == IPPROTO_ICMPV6)
		read_icmp(imp, entry, rule);
}

/* "allow" or "deny"; -1 after a complaint. */
static int read_action(struct import *imp, const struct jdoc *entry)
{
	struct jdoc node;

	if (!jdoc_need(imp, entry, "RuleAction", JDOC_STRING, &node))
		return -1;
	if (!strcmp(json_string_value(node.value), "allow"))
		return SFW_ACTION_ALLOW;
	if (!strcmp(json_string_value(node.value), "deny"))
		return SFW_ACTION_DENY;
	jdoc_error(imp, &node, "'%s' is no action; it is allow or deny",
		   json_string_value(node.value));
	return -1;
}

static void read_entry(struct import *imp, const struct jdoc *entry)
{
	static const char *const keys[] = {
		"CidrBlock", "Egress", "IcmpTypeCode", "Ipv6CidrBlock",
		"PortRange", "Protocol", "RuleAction", "RuleNumber", NULL,
	};
	size_t errors = imp->count[IMPORT_ERROR];
	struct jdoc egress, protocol, node;
	struct sfw_list *block = NULL;
	struct ruleset_rule *rule;
	long long number = 0;
	int action, proto = -1;
	bool out_of;

	jdoc_only(imp, entry, keys);
	if (jdoc_need(imp, entry, "RuleNumber", JDOC_INTEGER, &node))
		jdoc_integer(imp, entry, "RuleNumber", 1, AWS_NACL_DEFAULT6,
			     &number);
	action = read_action(imp, entry);
	if (!jdoc_need(imp, entry, "Egress", JDOC_BOOL, &egress))
		egress.value = NULL;
	if (jdoc_need(imp, entry, "Protocol", JDOC_STRING, &protocol)) {
		proto = aws_protocol(json_string_value(protocol.value));
		if (proto < -1)
			jdoc_error(imp, &protocol,
				   "'%s' is no protocol; it is a number from 0 to 255, as a text, or \"-1\" for all",
				   json_string_value(protocol.value));
	}
	read_block(imp, entry, &block);
	if (errors != imp->count[IMPORT_ERROR]) {
		sfw_list_put(block);
		return;
	}
	out_of = json_is_true(egress.value);
	if (number > SFW_RULE_NUMBER_PLAIN) {
		read_default(imp, entry,
			     out_of && !imp->router ? SFW_DIRECTION_OUT :
						      SFW_DIRECTION_IN,
			     action, proto, block);
		sfw_list_put(block);
		return;
	}
	rule = import_rule(SFW_DIRECTION_IN, number, action, NULL);
	if (out_of)
		rule->rule.to = block;
	else
		rule->rule.from = block;
	read_match(imp, entry, &rule->rule, proto);
	if (errors != imp->count[IMPORT_ERROR])
		ruleset_rule_free(rule);
	else
		finish_entry(imp, entry, rule, out_of);
}

/* The value of the tag Name, NULL if there is none. */
static const char *name_tag(const struct jdoc *obj)
{
	json_t *tags = json_object_get(obj->value, "Tags"), *tag;
	size_t i;

	json_array_foreach(tags, i, tag) {
		const char *key = json_string_value(json_object_get(tag, "Key"));

		if (key && !strcmp(key, "Name"))
			return json_string_value(json_object_get(tag, "Value"));
	}
	return NULL;
}

static void read_acl(struct import *imp, const struct jdoc *acl)
{
	const char *name = name_tag(acl), *vpc = jdoc_text(acl, "VpcId");
	struct jdoc entries, entry;
	size_t i;

	import_remark(imp, "network ACL %s%s%s%s%s%s",
		      jdoc_text(acl, "NetworkAclId") ?: "without an id",
		      name ? " (" : "", name ?: "", name ? ")" : "",
		      vpc ? " of " : "", vpc ?: "");
	if (imp->router)
		import_remark(imp,
			      "on a router: into the subnet on any interface but %s, numbers as they are; out of it on %s, number + %d",
			      imp->router, imp->router, AWS_ROUTER_EGRESS);
	if (!jdoc_need(imp, acl, "Entries", JDOC_ARRAY, &entries))
		return;
	for (i = 0; i < json_array_size(entries.value); i++)
		if (jdoc_element(imp, &entries, i, JDOC_OBJECT, &entry))
			read_entry(imp, &entry);
}

void import_nacl(struct import *imp)
{
	struct jdoc top, acls, acl;
	long i;

	imp->rs->mode = SFW_MODE_STATELESS;
	/* No ACL filters what the router itself says. */
	if (imp->router)
		imp->rs->def[SFW_DIRECTION_OUT].action = SFW_ACTION_ALLOW;
	if (!aws_load(imp, &top))
		return;
	if (!json_is_object(top.value)) {
		jdoc_error(imp, &top,
			   "this is not what describe-network-acls writes: an object with NetworkAcls");
	} else if (json_object_get(top.value, "NetworkAcl")) {
		/* what create-network-acl answers */
		if (jdoc_need(imp, &top, "NetworkAcl", JDOC_OBJECT, &acl))
			read_acl(imp, &acl);
	} else if (jdoc_need(imp, &top, "NetworkAcls", JDOC_ARRAY, &acls)) {
		i = aws_choose(imp, &acls, "NetworkAclId");
		if (i >= 0 && jdoc_element(imp, &acls, i, JDOC_OBJECT, &acl))
			read_acl(imp, &acl);
	}
	ruleset_sort(imp->rs);
	json_decref(top.value);
}
