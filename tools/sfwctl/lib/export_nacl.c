// SPDX-License-Identifier: GPL-2.0
/*
 * A stateless rule set as a network ACL of AWS.
 *
 * An entry has one block of one family and one range of ports, so a rule may
 * need several: they get the numbers from its own up to the next rule's. What
 * an ACL has no words for (source ports, interfaces, flags, logs, rates) is
 * refused rule by rule.
 */
#include <stdarg.h>
#include <stdio.h>

#include "export.h"
#include "import_aws.h"
#include "listops.h"
#include "print.h"

/* Entries of one direction beyond which AWS needs to be asked. */
#define QUOTA	20

struct nacl {
	const struct ruleset *rs;
	const char *router;
	json_t *entries[2];	/* by Egress */
	bool v6;		/* there is an entry about IPv6 */
	unsigned int refused;
};

/* What an entry says but for its block and its ports. */
struct entry {
	bool egress;
	u32 number, last;	/* free numbers */
	const struct sfw_rule *rule;
};

static void must(int err)
{
	if (err)
		xalloc_fail();
}

static void __printf(3, 4) refuse(struct nacl *nacl,
				  const struct sfw_rule *rule,
				  const char *fmt, ...)
{
	char *text = rule ? print_rule_text(rule) : NULL, *why;
	va_list ap;

	va_start(ap, fmt);
	why = xvasprintf(fmt, ap);
	va_end(ap);
	if (rule)
		out_err("%s %u: %s\n    %s", print_directions[rule->direction],
			rule->number, why, text);
	else
		out_err("%s", why);
	nacl->refused++;
	free(text);
	free(why);
}

/* Why an ACL cannot have this rule; NULL if it can. */
static const char *why_not(const struct sfw_rule *rule, bool egress)
{
	u32 flags = rule->flags;

	if (rule->action == SFW_ACTION_REJECT)
		return "a network ACL has no reject; deny is silent";
	if (rule->from_port)
		return "a network ACL looks at no source port";
	if (egress && rule->from)
		return "out of a subnet, a network ACL looks at no source";
	if (!egress && rule->to)
		return "into a subnet, a network ACL looks at no destination but the port";
	if (flags & (SFW_RULE_F_TCP_FLAGS | SFW_RULE_F_ESTABLISHED))
		return "a network ACL looks at no TCP flags";
	if (flags & SFW_RULE_F_LOG)
		return "a network ACL does not log";
	if (flags & SFW_RULE_F_LIMIT)
		return "a network ACL has no rates";
	if (rule->to_port && rule->protocol != IPPROTO_TCP &&
	    rule->protocol != IPPROTO_UDP)
		return "a network ACL knows ports of TCP and UDP only";
	return NULL;
}

/* Which half of the ACL a rule belongs to; false if to none. */
static bool place(struct nacl *nacl, const struct sfw_rule *rule,
		  struct entry *entry)
{
	bool on = rule->flags & SFW_RULE_F_IFNAME, high;

	entry->egress = rule->direction == SFW_DIRECTION_OUT;
	entry->number = rule->number;
	entry->last = SFW_RULE_NUMBER_PLAIN;
	if (rule->number > SFW_RULE_NUMBER_PLAIN) {
		refuse(nacl, rule, "numbers of a network ACL go from 1 to %d",
		       SFW_RULE_NUMBER_PLAIN);
		return false;
	}
	if (!nacl->router) {
		if (on)
			refuse(nacl, rule, "a network ACL knows no interfaces");
		return !on;
	}
	if (rule->direction == SFW_DIRECTION_OUT) {
		refuse(nacl, rule, "what the router itself sends is in no network ACL");
		return false;
	}
	if (!on || sfw_rule_ifname_is_wildcard(rule) ||
	    strcmp(rule->ifname, nacl->router)) {
		refuse(nacl, rule, "on a router every rule is either on %s or on !%s",
		       nacl->router, nacl->router);
		return false;
	}
	entry->egress = !(rule->flags & SFW_RULE_F_NOT_IFNAME);
	high = rule->number > AWS_ROUTER_EGRESS;
	if (entry->egress != high) {
		refuse(nacl, rule,
		       "on a router, rules on !%s have numbers up to %d, those on %s more than %d",
		       nacl->router, AWS_ROUTER_INGRESS_MAX, nacl->router,
		       AWS_ROUTER_EGRESS);
		return false;
	}
	if (entry->egress)
		entry->number -= AWS_ROUTER_EGRESS;
	return true;
}

static void add_entry(struct nacl *nacl, struct entry *entry, u8 family,
		      const char *block, const struct sfw_elem *ports)
{
	const struct sfw_rule *rule = entry->rule;
	bool any = !rule || !(rule->flags & SFW_RULE_F_PROTOCOL);
	bool deny = !rule || rule->action == SFW_ACTION_DENY;
	json_t *obj = json_object();
	char protocol[8];

	snprintf(protocol, sizeof(protocol), "%d", any ? -1 : rule->protocol);
	out_set(obj, family == AF_INET ? "CidrBlock" : "Ipv6CidrBlock",
		json_string(block));
	out_set(obj, "Egress", json_boolean(entry->egress));
	if (!any && (rule->protocol == IPPROTO_ICMP ||
		     rule->protocol == IPPROTO_ICMPV6))
		out_set(obj, "IcmpTypeCode",
			json_pack("{s:i, s:i}", "Code",
				  rule->flags & SFW_RULE_F_ICMP_CODE ?
				  rule->icmp_code : -1, "Type",
				  rule->flags & SFW_RULE_F_ICMP_TYPE ?
				  rule->icmp_type : -1));
	if (!any && (rule->protocol == IPPROTO_TCP ||
		     rule->protocol == IPPROTO_UDP))
		out_set(obj, "PortRange",
			json_pack("{s:i, s:i}",
				  "From", ports ? (int)ports->first.lo : 0,
				  "To", ports ? (int)ports->last.lo :
						U16_MAX));
	out_set(obj, "Protocol", json_string(protocol));
	out_set(obj, "RuleAction", json_string(deny ? "deny" : "allow"));
	out_set(obj, "RuleNumber", json_integer(entry->number++));
	if (json_array_append_new(nacl->entries[entry->egress], obj))
		xalloc_fail();
	nacl->v6 |= family == AF_INET6;
}

/* The blocks of a rule's other end. */
static struct sfw_list *blocks(const struct sfw_rule *rule, bool egress)
{
	const struct sfw_list *end = egress ? rule->to : rule->from;
	struct sfw_list *plain, *all, *cut;
	u32 negate = rule->flags & (egress ? SFW_RULE_F_NOT_TO :
					     SFW_RULE_F_NOT_FROM);

	all = import_everything(rule->families);
	if (end) {
		plain = listops_both(all, false, end, negate);
		sfw_list_put(all);
		all = plain;
	}
	cut = listops_networks(all);
	sfw_list_put(all);
	return cut;
}

static void add_rule(struct nacl *nacl, struct entry *entry)
{
	const struct sfw_rule *rule = entry->rule;
	struct sfw_list *networks, *ports = NULL;
	u32 i, j, n_ports;
	char block[64];

	networks = blocks(rule, entry->egress);
	if (rule->to_port)
		ports = listops_plain(rule->to_port,
				      rule->flags & SFW_RULE_F_NOT_TO_PORT);
	n_ports = ports ? ports->n_elem : 1;
	if ((u64)networks->n_elem * n_ports >
	    entry->last - entry->number + 1) {
		refuse(nacl, rule,
		       "it takes %u entries, and before the next rule there are %u numbers",
		       networks->n_elem * n_ports,
		       entry->last - entry->number + 1);
		goto out;
	}
	for (i = 0; i < networks->n_elem; i++) {
		struct sfw_elem net = networks->elem[i];

		net.kind = SFW_ELEM_PREFIX;
		print_elem(block, sizeof(block), &net);
		for (j = 0; j < n_ports; j++)
			add_entry(nacl, entry, net.family, block,
				  ports ? &ports->elem[j] : NULL);
	}
out:
	sfw_list_put(networks);
	sfw_list_put(ports);
}

/* The number before that of the next rule in the same half. */
static u32 last_number(struct nacl *nacl, u8 dir, size_t i,
		       const struct entry *entry, u32 end)
{
	const struct ruleset *rs = nacl->rs;
	size_t j;

	for (j = i + 1; j < rs->n_rules[dir]; j++) {
		const struct sfw_rule *rule = &rs->rules[dir][j]->rule;
		bool egress = nacl->router ?
			      !(rule->flags & SFW_RULE_F_NOT_IFNAME) :
			      entry->egress;

		if (egress != entry->egress)
			continue;
		return rule->number - 1 -
		       (nacl->router && egress ? AWS_ROUTER_EGRESS : 0);
	}
	return end;
}

static u8 default_action(const struct nacl *nacl, bool egress)
{
	return nacl->rs->def[egress && !nacl->router].action;
}

static void add_rules(struct nacl *nacl, u8 dir)
{
	const struct ruleset *rs = nacl->rs;
	size_t i;

	for (i = 0; i < rs->n_rules[dir]; i++) {
		struct entry entry = { .rule = &rs->rules[dir][i]->rule };
		const char *why;
		u32 end = SFW_RULE_NUMBER_PLAIN;

		if (!entry.rule->families || !place(nacl, entry.rule, &entry))
			continue;
		/* Numbers for the default, if it allows. */
		if (default_action(nacl, entry.egress) == SFW_ACTION_ALLOW)
			end -= 2;
		why = why_not(entry.rule, entry.egress);
		if (why) {
			refuse(nacl, entry.rule, "%s", why);
			continue;
		}
		entry.last = last_number(nacl, dir, i, &entry, end);
		if (entry.last + 1 <= entry.number)
			refuse(nacl, entry.rule,
			       "the last two numbers are for the default, which allows");
		else
			add_rule(nacl, &entry);
	}
}

/* What is denied in the end, after what the default of ours allows. */
static void add_default(struct nacl *nacl, bool egress)
{
	static const struct sfw_rule allow = { .action = SFW_ACTION_ALLOW };
	struct entry entry = { .egress = egress };

	if (default_action(nacl, egress) == SFW_ACTION_ALLOW) {
		entry.rule = &allow;
		entry.number = SFW_RULE_NUMBER_PLAIN - 1;
		add_entry(nacl, &entry, AF_INET, "0.0.0.0/0", NULL);
		add_entry(nacl, &entry, AF_INET6, "::/0", NULL);
		entry.rule = NULL;
	}
}

static void add_last(struct nacl *nacl, bool egress)
{
	struct entry entry = { .egress = egress, .number = AWS_NACL_DEFAULT4 };

	add_entry(nacl, &entry, AF_INET, "0.0.0.0/0", NULL);
	if (nacl->v6) {
		entry.number = AWS_NACL_DEFAULT6;
		add_entry(nacl, &entry, AF_INET6, "::/0", NULL);
	}
}

static void check_set(struct nacl *nacl)
{
	const struct ruleset *rs = nacl->rs;
	int dir;

	if (rs->mode != SFW_MODE_STATELESS)
		refuse(nacl, NULL,
		       "the rule set is stateful and a network ACL is not; in stateless mode replies need rules of their own");
	if (rs->audit)
		refuse(nacl, NULL, "audit is on: it drops nothing, and a network ACL would");
	if (rs->options.loopback_filter)
		refuse(nacl, NULL,
		       "option loopback filter: no loopback traffic comes to a network ACL");
	if (rs->options.nd_filter)
		refuse(nacl, NULL,
		       "option neighbour-discovery filter: a network ACL does not filter it");
	for (dir = 0; dir < 2; dir++) {
		if (rs->def[dir].action == SFW_ACTION_REJECT)
			refuse(nacl, NULL,
			       "default %s reject: a network ACL has no reject; deny is silent",
			       print_directions[dir]);
		if (rs->def[dir].log)
			refuse(nacl, NULL, "default %s log: a network ACL does not log",
			       print_directions[dir]);
	}
	if (nacl->router && rs->def[SFW_DIRECTION_OUT].action !=
			    SFW_ACTION_ALLOW)
		refuse(nacl, NULL,
		       "default out: what the router itself sends is in no network ACL, so it has to be allow");
}

enum rc export_nacl(const struct ruleset *rs, const char *id,
		    const char *router)
{
	struct nacl nacl = { .rs = rs, .router = router };
	int egress;
	json_t *all;

	nacl.entries[0] = json_array();
	nacl.entries[1] = json_array();
	check_set(&nacl);
	add_rules(&nacl, SFW_DIRECTION_IN);
	add_rules(&nacl, SFW_DIRECTION_OUT);
	add_default(&nacl, false);
	add_default(&nacl, true);
	add_last(&nacl, false);
	add_last(&nacl, true);
	if (nacl.refused) {
		json_decref(nacl.entries[0]);
		json_decref(nacl.entries[1]);
		return RC_NO;
	}
	for (egress = 0; egress < 2; egress++)
		if (json_array_size(nacl.entries[egress]) > QUOTA)
			out_warn("%zu entries %s: AWS gives a network ACL %d per direction unless it is asked for more",
				 json_array_size(nacl.entries[egress]),
				 egress ? "out" : "in", QUOTA);
	/* AWS shows what leaves first. */
	all = nacl.entries[1];
	must(json_array_extend(all, nacl.entries[0]));
	json_decref(nacl.entries[0]);
	out_json(json_pack("{s:[{s:[], s:o, s:b, s:s, s:[]}]}", "NetworkAcls",
			   "Associations", "Entries", all, "IsDefault", 0,
			   "NetworkAclId", id, "Tags"));
	return RC_OK;
}
