// SPDX-License-Identifier: GPL-2.0
/*
 * sfwctl import: rules of others as a rule file of ours.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "lib/import.h"
#include "lib/parse.h"

static const struct {
	const char *name;
	void (*run)(struct import *imp);
	bool aws, sg, nacl, local, v6;	/* options that make sense */
} formats[] = {
	{ "aws-nacl", import_nacl, .aws = true, .nacl = true },
	{ "aws-sg", import_sg, .aws = true, .sg = true },
	{ "iptables", import_iptables, .local = true, .v6 = true },
	{ "nft", import_nft, .local = true },
};

static const char *const format_names[] = {
	"aws-nacl", "aws-sg", "iptables", "nft", NULL,
};

/* "A,B" onto a list; false after a complaint. */
static bool read_addrs(const char *option, const char *text,
		       struct sfw_list *list)
{
	char *copy = xstrdup(text), *rest = copy, *word;
	struct sfw_elem elem;
	bool good = true;

	while (good && (word = strsep(&rest, ","))) {
		good = parse_addr(word, &elem);
		if (!good)
			cmd_usage("%s: '%s' is no address or network", option,
				  word);
		else if (elem.kind == SFW_ELEM_PREFIX ?
			 sfw_list_add_prefix(list, elem.family, &elem.first,
					     elem.prefix_len) :
			 sfw_list_add_range(list, elem.family, &elem.first,
					    &elem.last))
			xalloc_fail();
	}
	free(copy);
	return good;
}

static struct sfw_list *new_list(const char *name)
{
	struct sfw_list *list = sfw_list_new(name);

	if (!list)
		xalloc_fail();
	return list;
}

/* "sg-1=10.0.0.0/8,10.9.9.9"; once more for the same name adds to it. */
static bool read_name(const char *option, const char *text,
		      struct import_name **names, size_t *n, size_t *cap)
{
	const char *equal = strchr(text, '=');
	char set[SFW_SET_NAME_MAX + 1];
	struct import_name *name = NULL;
	char *id;
	size_t i;

	if (!equal || equal == text || !equal[1]) {
		cmd_usage("%s '%s': write NAME=ADDRESS,...", option, text);
		return false;
	}
	id = xstrndup(text, equal - text);
	for (i = 0; i < *n; i++)
		if (!strcmp((*names)[i].name, id))
			name = &(*names)[i];
	if (name) {
		free(id);
		return read_addrs(option, equal + 1, name->list);
	}
	snprintf(set, sizeof(set), "%s", id);
	for (i = 0; set[i]; i++)
		if (!strchr("-_abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789",
			    set[i]))
			set[i] = '_';
	if (strlen(id) > SFW_SET_NAME_MAX || strchr("-0123456789", set[0])) {
		cmd_usage("%s '%s': no set can be called so", option, id);
		free(id);
		return false;
	}
	*names = xgrow(*names, cap, *n + 1, sizeof(**names));
	name = &(*names)[(*n)++];
	name->name = id;
	name->list = new_list(set);
	return read_addrs(option, equal + 1, name->list);
}

static bool read_names(const char *option, struct import_name **names,
		       size_t *n, size_t *cap)
{
	const char *text;
	size_t i, at = 0;

	while ((text = cmd_option_next(option, &at)))
		if (!read_name(option, text, names, n, cap))
			return false;
	for (i = 0; i < *n; i++)
		if (sfw_list_compile((*names)[i].list))
			xalloc_fail();
	return true;
}

/* This host's addresses, and those that nobody forwards. */
static bool read_local(struct import *imp, const char *text)
{
	static const char *const always[] = {
		"224.0.0.0/4", "255.255.255.255", "ff00::/8", "fe80::/10",
	};
	struct sfw_elem elem;
	size_t i, n = 0;

	imp->local = new_list("local");
	if (!read_addrs("--local", text, imp->local))
		return false;
	for (i = 0; i < imp->local->n_elem; i++)
		n |= imp->local->elem[i].family == AF_INET ? 1 : 2;
	for (i = 0; i < ARRAY_SIZE(always); i++) {
		if (!(n & (i < 2 ? 1 : 2)) || !parse_addr(always[i], &elem))
			continue;
		if (elem.kind == SFW_ELEM_PREFIX ?
		    sfw_list_add_prefix(imp->local, elem.family, &elem.first,
					elem.prefix_len) :
		    sfw_list_add_range(imp->local, elem.family, &elem.first,
				       &elem.last))
			xalloc_fail();
	}
	if (sfw_list_compile(imp->local))
		xalloc_fail();
	return true;
}

static bool refuse_option(const char *option, bool fits, const char *format)
{
	if (fits || !cmd_option(option))
		return true;
	cmd_usage("%s makes no sense with %s", option, format);
	return false;
}

static bool read_options(struct import *imp, int f)
{
	struct sfw_rule probe = { 0 };
	const char *text, *name = format_names[f];
	size_t at = 0, cap = 0;

	if (!refuse_option("--id", formats[f].aws, name) ||
	    !refuse_option("--group", formats[f].sg, name) ||
	    !refuse_option("--prefix-list", formats[f].sg, name) ||
	    !refuse_option("--router", formats[f].nacl, name) ||
	    !refuse_option("--local", formats[f].local, name) ||
	    !refuse_option("--ipv6", formats[f].v6, name))
		return false;
	while ((text = cmd_option_next("--id", &at))) {
		imp->ids = xgrow(imp->ids, &cap, imp->n_ids + 1,
				 sizeof(*imp->ids));
		imp->ids[imp->n_ids++] = text;
	}
	if (formats[f].nacl && imp->n_ids > 1) {
		cmd_usage("a subnet has one network ACL: one --id is enough");
		return false;
	}
	imp->partial = cmd_option("--partial");
	imp->v6 = cmd_option("--ipv6");
	imp->router = cmd_option("--router");
	if (imp->router && sfw_rule_set_ifname(&probe, imp->router)) {
		cmd_usage("--router '%s': no interface is called so",
			  imp->router);
		return false;
	}
	text = cmd_option("--local");
	return (!text || read_local(imp, text)) &&
	       read_names("--group", &imp->groups, &imp->n_groups,
			  &imp->cap_groups) &&
	       read_names("--prefix-list", &imp->prefix_lists,
			  &imp->n_prefix_lists, &imp->cap_prefix_lists);
}

static enum rc run(int n, char **words)
{
	struct import imp = { 0 };
	enum rc rc = RC_USAGE;
	int f;

	if (!n)
		return cmd_usage("it needs a format: aws-nacl, aws-sg, iptables or nft");
	f = cmd_find_word(format_names, words[0]);
	if (f < 0)
		return cmd_usage("'%s' is no format; aws-nacl, aws-sg, iptables and nft are",
				 words[0]);
	if (n < 2)
		return cmd_usage("it needs a FILE, or - for standard input");
	if (n > 2)
		return cmd_surplus(words[2]);
	imp.rs = ruleset_new();
	if (!imp.rs)
		xalloc_fail();
	if (read_options(&imp, f) && import_read(&imp, words[1])) {
		formats[f].run(&imp);
		rc = import_report(&imp);
		if (rc == RC_OK)
			import_print(&imp);
	}
	import_free(&imp);
	return rc;
}

const struct command cmd_import = {
	.name = "import",
	.run = run,
	.summary = "rules of AWS, iptables or nft as a rule file",
	.help =
"Read rules of another firewall and write a rule file that means the same, on\n"
"standard output. What cannot be said is named with its line or its place in\n"
"the document, and then nothing is written: exit 1, or with --partial the rest.\n"
"Exits with 2 if the file is not what it should be. Needs no root, no module.\n"
"\n"
"Usage: sfwctl import aws-nacl FILE [--id ACL] [--router IFACE]\n"
"       sfwctl import aws-sg FILE [--id GROUP]... [--group GROUP=ADDR,...]...\n"
"                                 [--prefix-list LIST=ADDR,...]...\n"
"       sfwctl import iptables FILE [--ipv6] [--local ADDR,...]\n"
"       sfwctl import nft FILE [--local ADDR,...]\n"
"  FILE        - is standard input\n"
"              aws-nacl: from describe-network-acls. Stateless; an entry is a\n"
"              rule of the same number, in for what comes to the instance\n"
"              aws-sg: from describe-security-groups or -group-rules. Stateful\n"
"              iptables: from iptables-save, ip6tables-save, or both in a row\n"
"              nft: from nft -j list ruleset\n"
"  --id ID     which ACL or group, if there are several; several groups add up\n"
"  --group GROUP=ADDR,...\n"
"              the addresses of a group, or prefix list, that others name\n"
"  --prefix-list LIST=ADDR,...\n"
"              those of a prefix list\n"
"  --router IFACE\n"
"              for the router before the subnet, which is at IFACE, instead of\n"
"              for an instance in it: all of it are in rules. Into the subnet\n"
"              goes what arrives elsewhere, number as it is; out of it comes\n"
"              what arrives at IFACE, number + 10000. What the ACL does to\n"
"              replies, 'sfwctl check' says of the one without --router\n"
"  --local ADDR,...\n"
"              this host's addresses, by which sfw tells what is for it from\n"
"              what it forwards; needed only if rules about the latter exist\n"
"  --ipv6      it is from ip6tables-save, if no comment in it says so\n"
"  --partial   leave out what cannot be said; comments show it\n"
"\n"
"A rule about ESTABLISHED becomes 'mode stateful'; reject answers TCP with a\n"
"reset, whatever was written.\n"
"\n"
"Examples:\n"
"  aws ec2 describe-network-acls | sfwctl import aws-nacl - --id acl-0a1b\n"
"  sfwctl import aws-sg groups.json --group sg-2=10.0.1.0/24,10.0.2.9\n"
"  (iptables-save; ip6tables-save) | sfwctl import iptables - > new.rules\n"
"  nft -j list ruleset | sfwctl import nft - --partial\n"
"  sfwctl import iptables router.v4 --local 192.0.2.1,10.0.0.1\n"
"  sfwctl import aws-nacl acl.json --router eth1\n"
"  sfwctl import aws-sg rules.json --prefix-list pl-1=10.8.0.0/16\n"
"  sfwctl import iptables saved --ipv6\n",
	.options = {
		{ "--id", "the id of an ACL or group", false },
		{ "--group", "GROUP=ADDRESS,...", false },
		{ "--prefix-list", "LIST=ADDRESS,...", false },
		{ "--router", "an interface", false },
		{ "--local", "addresses of this host", false },
		{ "--ipv6", NULL, false },
		{ "--partial", NULL, false },
	},
};
