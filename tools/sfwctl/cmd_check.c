// SPDX-License-Identifier: GPL-2.0
/*
 * sfwctl check: is the file right, and does it say what its writer means.
 * Works on the file alone: no root, no module.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "lib/check.h"
#include "lib/parse.h"
#include "lib/print.h"
#include "lib/xalloc.h"

/* What the parser said. Its text goes where that of "apply" goes. */
static void report_messages(struct findings *findings,
			    const struct parse_result *res)
{
	struct finding *f;
	size_t i;

	for (i = 0; i < res->n_messages; i++) {
		const struct parse_message *m = &res->messages[i];

		f = findings_add(findings, "syntax", m->warning ?
				 FINDING_WARNING : FINDING_ERROR, NULL, NULL,
				 xstrdup(m->text));
		f->from_parser = true;
		f->file = m->file;
		f->line = m->line;
		f->column = m->column;
	}
	if (!out.json)
		parse_print_messages(res, stderr, out_color(stderr));
}

static enum rc judge(const struct findings *findings,
		     const struct parse_result *res)
{
	if (res->n_errors)
		return RC_USAGE;
	if (findings->count[FINDING_ERROR] || findings->count[FINDING_WARNING])
		return RC_NO;
	return findings->count[FINDING_NOTE] && cmd_option("--strict") ?
	       RC_NO : RC_OK;
}

static void show(const struct findings *findings,
		 const struct parse_result *res, const char *path)
{
	const struct ruleset *rs = res->ruleset;
	char *summary;
	size_t n;

	if (out.json) {
		out_json(json_pack("{s:o}", "findings",
				   findings_json(findings)));
		return;
	}
	findings_print(findings, stdout);
	if (!rs)
		return;
	n = rs->n_rules[0] + rs->n_rules[1];
	summary = findings_summary(findings);
	out_done("%s: %zu rule%s, %s", path, n, n == 1 ? "" : "s", summary);
	free(summary);
}

static enum rc run(int n, char **words)
{
	struct findings findings = { .n = 0 };
	const char *ports_text = cmd_option("--client-ports");
	const char *mode_text = cmd_option("--mode");
	bool forwarded = cmd_option("--forwarded");
	struct explain_ports ports;
	struct parse_result *res;
	int mode = -1;
	enum rc rc;

	if (!n)
		return cmd_usage("it needs a FILE, or - for standard input");
	if (n > 1)
		return cmd_surplus(words[1]);
	explain_read_ports(&ports);
	if (ports_text && !client_ports_parse(&ports, ports_text))
		return cmd_usage("'%s' is no range of ports such as 32768-60999",
				 ports_text);
	if (mode_text) {
		mode = parse_mode(mode_text);
		if (mode < 0)
			return cmd_usage("'%s' is no mode, stateful or stateless is",
					 mode_text);
	}

	res = parse_file(words[0]);
	findings.file = strcmp(words[0], "-") ? words[0] : "<stdin>";
	report_messages(&findings, res);
	if (res->ruleset) {
		u8 m = mode < 0 ? res->ruleset->mode : (u8)mode;

		check_ruleset(res->ruleset, m, forwarded, &ports, &findings);
		if (cmd_option("--host"))
			check_host(res->ruleset, m, forwarded, &findings);
		findings_sort(&findings);
	}
	rc = judge(&findings, res);
	show(&findings, res, findings.file);
	findings_free(&findings);
	parse_result_free(res);
	return rc;
}

const struct command cmd_check = {
	.name = "check",
	.run = run,
	.summary = "is a rule file right; needs no root and no module",
	.help =
"Read a rule file and say what is wrong with it: all errors at once, each with\n"
"its place; and if there are none, what the rules do that nobody wants. It\n"
"looks at all packets there are, so what it says is so. Needs no root and no\n"
"module. Exits with 0 if there is nothing but notes, with 1 if there are\n"
"findings, with 2 if the file cannot be read.\n"
"\n"
"Usage: sfwctl check FILE [--host] [--strict] [--client-ports A-B]\n"
"                    [--mode stateful|stateless] [--forwarded]\n"
"  FILE        the rule file; - is standard input\n"
"  --host      look at this machine, too: its listening sockets, interfaces,\n"
"              memory, what runs now, and the ssh session this is typed in\n"
"  --strict    exit with 1 if there are notes, too\n"
"  --client-ports A-B\n"
"              ports of those who begin connections; otherwise this machine's\n"
"              ip_local_port_range for what goes out, 1024-65535 for what\n"
"              comes in\n"
"  --mode MODE as if the file said so\n"
"  --forwarded this host is a router: nothing that comes in is for itself, and\n"
"              replies to it come in, too, by another interface than the rule\n"
"              is about, or if that is about all by any. Otherwise that is taken\n"
"              to be so only where no other explanation is left\n"
"\n"
"Findings, with the severity:\n"
"  missing-return    error if all replies to what a rule allows are dropped,\n"
"                    warning if some are; stateless\n"
"  shadowed          warning: never reached, rules before it decide otherwise\n"
"  never-matches     warning: there is no such packet\n"
"  exposed-listener  warning: only a return rule opens a listening socket\n"
"  wide-open         warning: all ports, ssh, remote desktop or a database\n"
"                    open to 0.0.0.0/0 or ::/0\n"
"  family-gap        warning: open to the world over IPv4 or IPv6 only\n"
"  icmp-basics       warning: path-MTU messages are dropped; stateless\n"
"  mode-change       warning: what a change from stateful to stateless breaks\n"
"  table-size        warning: a full connection table would not fit in memory\n"
"  lock-out          error: this ssh session would be cut\n"
"  redundant         note: without it nothing changes\n"
"  correlated        note: its place matters, an earlier rule says otherwise\n"
"  orphan-return     note: a return rule that answers nothing\n"
"  not-analysed      the answer would take too long; nothing is guessed\n"
"A comment '# sfw:ignore CODE' at the end of a rule, or of a default, silences a\n"
"finding there.\n"
"\n"
"Examples:\n"
"  sfwctl check /etc/sfw/sfw.rules\n"
"  sfwctl -j check --strict new.rules | jq .findings\n",
	.options = {
		{ "--host", NULL, false },
		{ "--strict", NULL, false },
		{ "--client-ports", "a range of ports", false },
		{ "--mode", "stateful or stateless", false },
		{ "--forwarded", NULL, false },
	},
};
