// SPDX-License-Identifier: GPL-2.0
/*
 * sfwctl derive: a stateless rule set from a stateful one, and back.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "lib/check.h"
#include "lib/derive.h"
#include "lib/parse.h"
#include "lib/print.h"
#include "lib/xalloc.h"

static const char added_text[] =
"# Rules that were added let packets through that answer nothing, too: from so\n"
"# many tuples of addresses and ports.\n";

/* The few digits that people read: 1.2e+25 is 1.2e+25 whatever the rest. */
static void print_tuples(char *buf, size_t size, const struct derived *d)
{
	char v4[40] = "", v6[40] = "";

	if (d->tuples[0] > 0)
		snprintf(v4, sizeof(v4), "%.4Lg IPv4", d->tuples[0]);
	if (d->tuples[1] > 0)
		snprintf(v6, sizeof(v6), "%.4Lg IPv6", d->tuples[1]);
	snprintf(buf, size, "%s%s%s", v4, *v4 && *v6 ? " and " : "", v6);
}

static void print_notes(const struct derivation *d,
			const struct findings *exposed, const char *path,
			u8 mode)
{
	char tuples[100];
	size_t i;

	printf("# %s, derived from %s\n", print_modes[mode], path);
	if (d->n_added)
		fputs(added_text, stdout);
	for (i = 0; i < d->n_added; i++) {
		print_tuples(tuples, sizeof(tuples), &d->added[i]);
		printf("#   %-3s %u  %s\n",
		       print_directions[d->added[i].direction],
		       d->added[i].number, *tuples ? tuples : "none");
	}
	for (i = 0; i < d->n_dropped; i++)
		printf("# dropped, replies need no rule: %s\n",
		       d->dropped[i].rule);
	for (i = 0; i < d->n_kept; i++)
		printf("# kept: %s\n#   lets through what is no reply: %s\n",
		       d->kept[i].rule, d->kept[i].why);
	for (i = 0; i < exposed->n; i++)
		printf("# exposed: %s: %s\n", exposed->finding[i].name,
		       exposed->finding[i].message);
	putchar('\n');
}

static json_t *rules_json(const struct derived *list, size_t n, bool added)
{
	json_t *array = json_array(), *obj;
	size_t i;

	for (i = 0; i < n; i++) {
		obj = json_pack("{s:s, s:o}", "rule", list[i].rule,
				added ? "for" : "witness",
				finding_text_json(list[i].why));
		if (obj && added) {
			out_set(obj, "tuples_ipv4",
				json_real((double)list[i].tuples[0]));
			out_set(obj, "tuples_ipv6",
				json_real((double)list[i].tuples[1]));
		}
		if (!obj || json_array_append_new(array, obj))
			xalloc_fail();
	}
	return array;
}

static void show(const struct ruleset *rs, const struct derivation *d,
		 const struct findings *exposed, const char *path)
{
	const struct print_style style = {
		.color = out_color(stdout),
		.numeric = out.numeric,
	};

	if (!out.json) {
		if (!out.quiet)
			print_notes(d, exposed, path, rs->mode);
		print_ruleset(stdout, rs, -1, &style);
		return;
	}
	out_json(json_pack("{s:o, s:o, s:o, s:o, s:o}",
			   "ruleset", print_ruleset_json(rs, -1),
			   "added", rules_json(d->added, d->n_added, true),
			   "dropped", rules_json(d->dropped, d->n_dropped,
						 false),
			   "kept", rules_json(d->kept, d->n_kept, false),
			   "exposed", findings_json(exposed)));
}

static enum rc derive(struct ruleset *rs, u8 mode, const char *path,
		      const struct explain_ports *ports)
{
	struct findings exposed = { .file = path };
	struct derivation d = { .failed = NULL };
	bool good;

	good = mode == SFW_MODE_STATELESS ? derive_stateless(rs, ports, &d) :
					    derive_stateful(rs, &d);
	if (good) {
		if (cmd_option("--host"))
			check_listeners(rs, &exposed);
		show(rs, &d, &exposed, path);
	} else {
		out_err("%s: %s", path, d.failed);
	}
	findings_free(&exposed);
	derivation_free(&d);
	return good ? RC_OK : RC_NO;
}

static enum rc run(int n, char **words)
{
	const char *ports_text = cmd_option("--client-ports");
	struct explain_ports ports;
	struct parse_result *res;
	enum rc rc = RC_USAGE;
	int mode;

	if (n < 2)
		return cmd_usage("it needs stateless or stateful, and a FILE");
	if (n > 2)
		return cmd_surplus(words[2]);
	mode = parse_mode(words[0]);
	if (mode < 0)
		return cmd_usage("'%s' is no mode, stateful or stateless is",
				 words[0]);
	explain_read_ports(&ports);
	if (ports_text && !client_ports_parse(&ports, ports_text))
		return cmd_usage("'%s' is no range of ports such as 32768-60999",
				 ports_text);
	res = parse_file(words[1]);
	parse_print_messages(res, stderr, out_color(stderr));
	if (res->ruleset && res->ruleset->mode == mode)
		out_err("%s is %s already", words[1], print_modes[mode]);
	else if (res->ruleset)
		rc = derive(res->ruleset, mode, words[1], &ports);
	parse_result_free(res);
	return rc;
}

const struct command cmd_derive = {
	.name = "derive",
	.run = run,
	.summary = "a stateless rule file from a stateful one, and back",
	.help =
"Write a rule file of the other mode that lets the same connections work.\n"
"\n"
"Stateless from stateful: it adds the narrowest rules for replies and for ICMP\n"
"errors, and says, as comments, how many tuples of addresses and ports they\n"
"open, also to packets that answer nothing: a list cannot know. Those for TCP\n"
"let no connection begin. The result passes 'sfwctl check'.\n"
"\n"
"Stateful from stateless: it leaves out the rules marked return all of whose\n"
"packets are replies to what the file allows; of the others it names a packet\n"
"that is none.\n"
"\n"
"Usage: sfwctl derive stateless|stateful FILE [--host] [--client-ports A-B]\n"
"  FILE        the rule file; - is standard input\n"
"  --host      name the listening sockets of this machine that only a return\n"
"              rule opens\n"
"  --client-ports A-B\n"
"              ports of those who begin connections, as for 'sfwctl check'\n"
"\n"
"Examples:\n"
"  sfwctl derive stateless web.rules > web-stateless.rules\n"
"  sfwctl derive stateful nacl.rules | sfwctl diff --semantic -\n",
	.options = {
		{ "--host", NULL, false },
		{ "--client-ports", "a range of ports", false },
	},
};
