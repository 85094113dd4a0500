// SPDX-License-Identifier: GPL-2.0
/*
 * Security groups as "aws ec2 describe-security-groups" and
 * "describe-security-group-rules" write them.
 *
 * A group only allows, so its rules have no order and no numbers: they get
 * those of their order in the document. Every source or destination is a rule,
 * since each has a description. Instances may have several groups, whose rules
 * add up: --id takes several.
 *
 * What a group names but does not say, the addresses of another group or of a
 * prefix list, has to be given; it becomes a set of that name.
 */
#include <stdio.h>
#include <string.h>

#include "import_aws.h"
#include "parse.h"

/* What a permission says but for the other end. */
struct permission {
	u8 direction;
	struct sfw_rule rule;	/* protocol, ports, ICMP */
};

/* FromPort and ToPort by protocol; false after a complaint. */
static bool read_range(struct import *imp, const struct jdoc *obj,
		       struct permission *perm)
{
	long long from = -1, to = -1;
	u8 protocol = perm->rule.protocol;
	bool any = !(perm->rule.flags & SFW_RULE_F_PROTOCOL);
	bool icmp = protocol == IPPROTO_ICMP || protocol == IPPROTO_ICMPV6;
	size_t errors = imp->count[IMPORT_ERROR];
	struct jdoc node;

	if (any || (!icmp && protocol != IPPROTO_TCP &&
		    protocol != IPPROTO_UDP))
		return true;	/* AWS: the range means nothing then */
	if (!icmp && (!jdoc_need(imp, obj, "FromPort", JDOC_INTEGER, &node) ||
		      !jdoc_need(imp, obj, "ToPort", JDOC_INTEGER, &node)))
		return false;
	jdoc_integer(imp, obj, "FromPort", icmp ? -1 : 0, icmp ? 255 : U16_MAX,
		     &from);
	jdoc_integer(imp, obj, "ToPort", icmp ? -1 : 0, icmp ? 255 : U16_MAX,
		     &to);
	if (errors != imp->count[IMPORT_ERROR])
		return false;
	if (icmp)
		return aws_icmp(imp, obj, &perm->rule, from, to);
	if (from > to) {
		jdoc_error(imp, obj, "the range is reversed: FromPort is %lld and ToPort is %lld",
			   from, to);
		return false;
	}
	aws_ports(&perm->rule, from, to);
	return true;
}

static bool read_permission(struct import *imp, const struct jdoc *obj,
			    u8 direction, struct permission *perm)
{
	struct jdoc node;
	int protocol;

	memset(perm, 0, sizeof(*perm));
	perm->direction = direction;
	if (!jdoc_need(imp, obj, "IpProtocol", JDOC_STRING, &node))
		return false;
	protocol = aws_protocol(json_string_value(node.value));
	if (protocol < -1) {
		jdoc_error(imp, &node,
			   "'%s' is no protocol; it is tcp, udp, icmp, icmpv6, a number from 0 to 255, or \"-1\" for all",
			   json_string_value(node.value));
		return false;
	}
	if (protocol >= 0) {
		perm->rule.flags |= SFW_RULE_F_PROTOCOL;
		perm->rule.protocol = protocol;
	}
	if (read_range(imp, obj, perm))
		return true;
	sfw_rule_destroy(&perm->rule);
	return false;
}

/* A rule: the permission with its other end, of which it takes a reference. */
static void add_rule(struct import *imp, const struct jdoc *node,
		     const struct permission *perm, struct sfw_list *end)
{
	struct ruleset_rule *rule;
	const char *why;

	if (!end)
		return;
	/* The number comes when all are there. */
	rule = import_rule(perm->direction, 1, SFW_ACTION_ALLOW,
			   jdoc_text(node, "Description"));
	rule->rule.flags = perm->rule.flags;
	rule->rule.protocol = perm->rule.protocol;
	rule->rule.icmp_type = perm->rule.icmp_type;
	rule->rule.icmp_code = perm->rule.icmp_code;
	rule->rule.to_port = sfw_list_get(perm->rule.to_port);
	if (perm->direction == SFW_DIRECTION_OUT)
		rule->rule.to = end;
	else
		rule->rule.from = end;
	if (!import_add(imp, rule, &why))
		jdoc_refuse(imp, node, "%s", why);
}

static struct sfw_list *named(struct import *imp,
			      const struct import_name *names, size_t n,
			      const char *id)
{
	struct sfw_list *list;
	size_t i;

	for (i = 0; i < n; i++) {
		if (strcmp(names[i].name, id))
			continue;
		list = names[i].list;
		if (!ruleset_find_set(imp->rs, list->name) &&
		    ruleset_add_set(imp->rs, sfw_list_get(list)))
			xalloc_fail();
		return sfw_list_get(list);
	}
	return NULL;
}

/* The addresses that the command line gives to a group or prefix list. */
static struct sfw_list *given(struct import *imp, const struct jdoc *node,
			      const char *id, bool group)
{
	struct sfw_list *list = NULL;

	if (!id) {
		jdoc_error(imp, node, "the id of the %s is missing",
			   group ? "group" : "prefix list");
		return NULL;
	}
	/* Their ids differ, so --group may say which list pl-1 is, too. */
	if (!group)
		list = named(imp, imp->prefix_lists, imp->n_prefix_lists, id);
	if (!list)
		list = named(imp, imp->groups, imp->n_groups, id);
	if (!list)
		jdoc_refuse(imp, node,
			    "%s %s is a name for addresses that are not here; give them with --%s %s=CIDR,...",
			    group ? "group" : "prefix list", id,
			    group ? "group" : "prefix-list", id);
	return list;
}

enum end_kind { END_V4, END_V6, END_GROUP, END_PREFIX_LIST };

static const struct {
	const char *array;
	const char *key;
	const char *known[8];
} ends[] = {
	[END_V4] = { "IpRanges", "CidrIp", { "CidrIp", "Description" } },
	[END_V6] = { "Ipv6Ranges", "CidrIpv6", { "CidrIpv6", "Description" } },
	[END_GROUP] = { "UserIdGroupPairs", "GroupId",
		{ "GroupId", "GroupName", "Description", "UserId", "VpcId",
		  "PeeringStatus", "VpcPeeringConnectionId" } },
	[END_PREFIX_LIST] = { "PrefixListIds", "PrefixListId",
		{ "PrefixListId", "Description" } },
};

static struct sfw_list *read_end(struct import *imp, const struct jdoc *node,
				 enum end_kind kind)
{
	struct jdoc id;

	jdoc_only(imp, node, ends[kind].known);
	if (kind == END_V4 || kind == END_V6)
		return aws_cidr(imp, node, ends[kind].key,
				kind == END_V4 ? AF_INET : AF_INET6);
	if (!jdoc_need(imp, node, ends[kind].key, JDOC_STRING, &id))
		return NULL;
	return given(imp, node, json_string_value(id.value), kind == END_GROUP);
}

static void read_permissions(struct import *imp, const struct jdoc *array,
			     u8 direction)
{
	static const char *const keys[] = {
		"FromPort", "IpProtocol", "IpRanges", "Ipv6Ranges",
		"PrefixListIds", "ToPort", "UserIdGroupPairs", NULL,
	};
	struct permission perm;
	struct jdoc obj, list, node;
	size_t i, j, kind;

	for (i = 0; i < json_array_size(array->value); i++) {
		if (!jdoc_element(imp, array, i, JDOC_OBJECT, &obj))
			continue;
		jdoc_only(imp, &obj, keys);
		if (!read_permission(imp, &obj, direction, &perm))
			continue;
		for (kind = 0; kind < ARRAY_SIZE(ends); kind++) {
			if (!jdoc_get(imp, &obj, ends[kind].array, JDOC_ARRAY,
				      &list))
				continue;
			for (j = 0; j < json_array_size(list.value); j++)
				if (jdoc_element(imp, &list, j, JDOC_OBJECT,
						 &node))
					add_rule(imp, &node, &perm,
						 read_end(imp, &node, kind));
		}
		sfw_rule_destroy(&perm.rule);
	}
}

static void read_group(struct import *imp, const struct jdoc *group)
{
	static const char *const keys[] = {
		[SFW_DIRECTION_IN] = "IpPermissions",
		[SFW_DIRECTION_OUT] = "IpPermissionsEgress",
	};
	const char *name = jdoc_text(group, "GroupName");
	const char *text = jdoc_text(group, "Description");
	struct jdoc array;
	u8 dir;

	import_remark(imp, "security group %s%s%s%s%s%s",
		      jdoc_text(group, "GroupId") ?: "without an id",
		      name ? " (" : "", name ?: "", name ? ")" : "",
		      text ? ": " : "", text ?: "");
	if (!json_object_get(group->value, keys[0]) &&
	    !json_object_get(group->value, keys[1]))
		jdoc_error(imp, group, "neither %s nor %s is in it", keys[0],
			   keys[1]);
	for (dir = 0; dir < 2; dir++) {
		if (jdoc_get(imp, group, keys[dir], JDOC_ARRAY, &array))
			read_permissions(imp, &array, dir);
		else if (!array.value)
			import_note(imp, jdoc_path(&array), NULL,
				    "this is missing, as if it were empty: nothing %s",
				    dir == SFW_DIRECTION_OUT ? "may leave" :
							       "may enter");
	}
}

/* The other end of an object of SecurityGroupRules: one of four. */
static struct sfw_list *read_rule_end(struct import *imp,
				      const struct jdoc *obj)
{
	static const char *const keys[] = {
		"CidrIpv4", "CidrIpv6", "PrefixListId", "ReferencedGroupInfo",
	};
	const char *found = NULL;
	struct jdoc node;
	size_t i, n = 0;

	for (i = 0; i < ARRAY_SIZE(keys); i++) {
		if (json_object_get(obj->value, keys[i])) {
			found = keys[i];
			n++;
		}
	}
	if (n != 1) {
		jdoc_error(imp, obj,
			   "a rule has one of CidrIpv4, CidrIpv6, PrefixListId and ReferencedGroupInfo");
		return NULL;
	}
	if (found == keys[0] || found == keys[1])
		return aws_cidr(imp, obj, found,
				found == keys[0] ? AF_INET : AF_INET6);
	if (!jdoc_get(imp, obj, found,
		      found == keys[2] ? JDOC_STRING : JDOC_OBJECT, &node))
		return NULL;
	if (found == keys[2])
		return given(imp, &node, json_string_value(node.value), false);
	return given(imp, &node, jdoc_text(&node, "GroupId"), true);
}

static void read_rule(struct import *imp, const struct jdoc *obj)
{
	static const char *const keys[] = {
		"CidrIpv4", "CidrIpv6", "Description", "FromPort",
		"GroupId", "GroupOwnerId", "IpProtocol", "IsEgress",
		"PrefixListId", "ReferencedGroupInfo", "SecurityGroupRuleArn",
		"SecurityGroupRuleId", "Tags", "ToPort", NULL,
	};
	struct permission perm;
	struct jdoc egress;

	jdoc_only(imp, obj, keys);
	if (!jdoc_need(imp, obj, "IsEgress", JDOC_BOOL, &egress))
		return;
	if (!read_permission(imp, obj, json_is_true(egress.value) ?
			     SFW_DIRECTION_OUT : SFW_DIRECTION_IN, &perm))
		return;
	add_rule(imp, obj, &perm, read_rule_end(imp, obj));
	sfw_rule_destroy(&perm.rule);
}

/* Which groups the rules are of; false after a complaint. */
static bool choose_groups(struct import *imp, const struct jdoc *rules)
{
	const char *first = NULL, *id;
	char *list = xstrdup(""), *more;
	size_t i, n = 0, wanted = 0;
	struct jdoc obj, node;

	for (i = 0; i < json_array_size(rules->value); i++) {
		if (!jdoc_element(imp, rules, i, JDOC_OBJECT, &obj) ||
		    (json_object_get(obj.value, "GroupId") &&
		     !jdoc_get(imp, &obj, "GroupId", JDOC_STRING, &node)))
			break;
		/* Rules without an id are of one group, too. */
		id = jdoc_text(&obj, "GroupId") ?: "without an id";
		if (imp->n_ids && aws_wanted(imp, id))
			wanted++;
		/* Rules of a group stand together, or it is named again. */
		if (first && !strcmp(first, id))
			continue;
		more = xasprintf("%s%s%s", list, n++ ? ", " : "", id);
		free(list);
		list = more;
		first = id;
	}
	if (i < json_array_size(rules->value)) {
		free(list);
		return false;
	}
	if (!n)
		import_remark(imp, "a security group without rules");
	else if (imp->n_ids && !wanted)
		jdoc_error(imp, rules, "'%s' is not here; there is: %s",
			   imp->ids[0], list);
	else if (!imp->n_ids && n > 1)
		jdoc_error(imp, rules, "there are rules of several groups; choose with --id: %s",
			   list);
	else
		import_remark(imp, "rules of security group %s",
			      imp->n_ids == 1 ? imp->ids[0] : list);
	free(list);
	return !imp->count[IMPORT_ERROR];
}

static void read_rules(struct import *imp, const struct jdoc *rules)
{
	struct jdoc obj;
	size_t i;

	if (!choose_groups(imp, rules))
		return;
	for (i = 0; i < json_array_size(rules->value); i++)
		if (jdoc_element(imp, rules, i, JDOC_OBJECT, &obj) &&
		    aws_wanted(imp, jdoc_text(&obj, "GroupId")))
			read_rule(imp, &obj);
}

static void read_groups(struct import *imp, const struct jdoc *groups)
{
	struct jdoc obj;
	size_t i;

	if (imp->n_ids <= 1) {
		long chosen = aws_choose(imp, groups, "GroupId");

		if (chosen >= 0 &&
		    jdoc_element(imp, groups, chosen, JDOC_OBJECT, &obj))
			read_group(imp, &obj);
		return;
	}
	for (i = 0; i < json_array_size(groups->value); i++)
		if (jdoc_element(imp, groups, i, JDOC_OBJECT, &obj) &&
		    aws_wanted(imp, jdoc_text(&obj, "GroupId")))
			read_group(imp, &obj);
}

/* Every id that was asked for has to be there. */
static void check_ids(struct import *imp, const struct jdoc *array)
{
	size_t i, j;

	for (i = 0; i < imp->n_ids && !imp->count[IMPORT_ERROR]; i++) {
		for (j = 0; j < json_array_size(array->value); j++) {
			json_t *obj = json_array_get(array->value, j);
			const char *id = json_string_value(json_object_get(obj, "GroupId"));

			if (id && !strcmp(id, imp->ids[i]))
				break;
		}
		if (j == json_array_size(array->value))
			jdoc_error(imp, array, "'%s' is not here", imp->ids[i]);
	}
}

void import_sg(struct import *imp)
{
	struct jdoc top, array;

	imp->rs->mode = SFW_MODE_STATEFUL;
	if (!aws_load(imp, &top))
		return;
	if (json_object_get(top.value, "SecurityGroups")) {
		if (jdoc_get(imp, &top, "SecurityGroups", JDOC_ARRAY, &array)) {
			read_groups(imp, &array);
			check_ids(imp, &array);
		}
	} else if (json_object_get(top.value, "SecurityGroupRules")) {
		if (jdoc_get(imp, &top, "SecurityGroupRules", JDOC_ARRAY,
			     &array)) {
			read_rules(imp, &array);
			check_ids(imp, &array);
		}
	} else {
		jdoc_error(imp, &top,
			   "this is not what describe-security-groups or describe-security-group-rules writes: an object with SecurityGroups or SecurityGroupRules");
	}
	if (!import_number(imp, SFW_DIRECTION_IN) ||
	    !import_number(imp, SFW_DIRECTION_OUT))
		jdoc_refuse(imp, &top, "there are more rules than numbers");
	json_decref(top.value);
}
