// SPDX-License-Identifier: GPL-2.0
/*
 * sfwctl export: a rule set in the words of others.
 */
#include <stdio.h>
#include <string.h>

#include "cmd.h"
#include "lib/export.h"
#include "lib/nl_query.h"
#include "lib/parse.h"
#include "lib/print.h"
#include "lib/xalloc.h"

static const char *const format_names[] = { "aws-nacl", "nft", "json", NULL };

enum { FORMAT_NACL, FORMAT_NFT, FORMAT_JSON };

static enum rc export(int format, const struct ruleset *rs)
{
	const char *id = cmd_option("--id");

	switch (format) {
	case FORMAT_NACL:
		return export_nacl(rs, id ? id : "acl-0",
				   cmd_option("--router"));
	case FORMAT_NFT:
		return export_nft(rs);
	}
	out_json(print_ruleset_json(rs, -1));
	return RC_OK;
}

/* The running set; RC_NO if there is none. */
static enum rc export_running(int format)
{
	struct nl_status status;
	struct ruleset *rs;
	struct nl *nl;
	enum rc rc;

	rc = nl_open(&nl);
	if (rc != RC_OK)
		return rc;
	rc = format == FORMAT_JSON ? nl_query_live(nl, &status, &rs) :
				     nl_query_ruleset(nl, &status, &rs);
	nl_close(nl);
	if (rc != RC_OK)
		return rc;
	if (!rs) {
		out_err("no rule set is loaded in this namespace: everything passes");
		return RC_NO;
	}
	rc = export(format, rs);
	ruleset_free(rs);
	return rc;
}

static enum rc export_file(int format, const char *path)
{
	struct parse_result *res = parse_file(path);
	enum rc rc = RC_USAGE;

	parse_print_messages(res, stderr, out_color(stderr));
	if (res->ruleset)
		rc = export(format, res->ruleset);
	parse_result_free(res);
	return rc;
}

static enum rc run(int n, char **words)
{
	int format;

	if (!n)
		return cmd_usage("it needs a format: aws-nacl, nft or json");
	format = cmd_find_word(format_names, words[0]);
	if (format < 0)
		return cmd_usage("'%s' is no format; aws-nacl, nft and json are",
				 words[0]);
	if (n > 1)
		return cmd_surplus(words[1]);
	if (format != FORMAT_NACL && cmd_option("--id"))
		return cmd_usage("--id makes no sense with %s",
				 format_names[format]);
	if (format != FORMAT_NACL && cmd_option("--router"))
		return cmd_usage("--router makes no sense with %s",
				 format_names[format]);
	if (cmd_option("-f"))
		return export_file(format, cmd_option("-f"));
	return export_running(format);
}

const struct command cmd_export = {
	.name = "export",
	.run = run,
	.summary = "a rule set as a network ACL, an nft script or JSON",
	.help =
"Write a rule set, that which runs or that of a file, in the words of others.\n"
"What those have no words for is named, rule by rule; then nothing is written\n"
"and the exit status is 1.\n"
"\n"
"Usage: sfwctl export aws-nacl [-f FILE] [--id ACL] [--router IFACE]\n"
"       sfwctl export nft [-f FILE]\n"
"       sfwctl export json [-f FILE]\n"
"  aws-nacl    as describe-network-acls shows one. For stateless sets; comments\n"
"              and 'return' are left behind. A rule that takes several entries\n"
"              gets the numbers up to the next rule's\n"
"  nft         a script that does the same without the module of sfw:\n"
"              'nft -f' loads it, 'nft delete table inet sfw' takes it away\n"
"  json        what 'sfwctl -j show' prints\n"
"  -f FILE     the rule file; - is standard input. Needs no root, no module\n"
"  --id ACL    how the network ACL is called\n"
"  --router IFACE\n"
"              the set is one for the router before the subnet at IFACE, as\n"
"              'sfwctl import aws-nacl --router IFACE' makes them\n"
"\n"
"Examples:\n"
"  sfwctl export nft -f /etc/sfw/sfw.rules | nft -f -\n"
"  sfwctl -p export aws-nacl -f subnet.rules --id acl-0a1b\n"
"  sfwctl export aws-nacl -f router.rules --router eth1\n"
"  sfwctl export json | jq .rules\n",
	.options = {
		{ "-f", "a rule file", false },
		{ "--id", "the id of an ACL", false },
		{ "--router", "an interface", false },
	},
};
