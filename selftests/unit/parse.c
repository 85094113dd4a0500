// SPDX-License-Identifier: GPL-2.0
/*
 * The parser: what a file means, what is said about a bad one, and where.
 */
#include <dirent.h>
#include <netdb.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <lib/parse.h>
#include "parse_cases.h"
#include "tap.h"

#define BIG_LINES	100000
#define BIG_SECONDS	10	/* of the processor, sanitizers and all */

/* All messages of a result, LINE:COLUMN: SEVERITY: TEXT. */
static char *messages(const struct parse_result *res)
{
	char *text = NULL;
	size_t size, i;
	FILE *f = open_memstream(&text, &size);

	for (i = 0; i < res->n_messages; i++)
		fprintf(f, "%u:%u: %s: %s\n", res->messages[i].line,
			res->messages[i].column,
			res->messages[i].warning ? "warning" : "error",
			res->messages[i].text);
	fclose(f);
	return text;
}

/* What goes to the terminal. */
static char *printed(const struct parse_result *res, bool color)
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	parse_print_messages(res, f, color);
	fclose(f);
	return text;
}

static struct parse_result *parse(const char *text)
{
	return parse_text("t", text, strlen(text));
}

/* The messages about a text of len bytes are these. */
static bool says(const char *text, size_t len, const char *want)
{
	struct parse_result *res = parse_text("t", text, len);
	char *got = messages(res);
	bool good = same_text(got, want) &&
		    !res->ruleset == !!strstr(want, ": error: ");

	parse_result_free(res);
	free(got);
	return good;
}

static void test_cases(void)
{
	char name[60];
	size_t i, j;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		/* TAP takes one line, without its own sign. */
		snprintf(name, sizeof(name), "%s", cases[i].text);
		for (j = 0; name[j]; j++)
			if (name[j] == '\n' || name[j] == '#')
				name[j] = name[j] == '#' ? '.' : ';';
		ok(says(cases[i].text, strlen(cases[i].text), cases[i].want),
		   "%s", name);
	}
}

#define SAYS(text, want, name)	ok(says(text, sizeof(text) - 1, want), name)

static void test_encoding(void)
{
	SAYS("", "", "an empty file");
	SAYS("\n\r\n  # x\r\nin 1 allow tcp \"x\"\r\n", "", "CRLF");
	SAYS("in 1 allow tcp\r", "", "CR at the end of the file");
	SAYS("\xef\xbb\xbfsfw 1\nin 1 allow tcp", "", "a byte order mark");
	SAYS("\xef\xbb\xbfsfw 1\n\xef\xbb\xbfin 1 allow tcp",
	     "2:1: error: character U+FEFF outside of a string; write a plain blank\n",
	     "a byte order mark in the middle");
	SAYS("sfw 1\nin\0 1",
	     "2:3: error: NUL byte; a rule file is text\n", "a NUL byte");
	SAYS("in 1\r allow tcp",
	     "1:5: error: carriage return inside a line; lines end in LF or CRLF\n",
	     "CR inside a line");
	SAYS("in 1 allow tcp \"\xc3\xa4\xe4\"\nalow",
	     "1:18: error: byte 0xe4 is not UTF-8; save the file as UTF-8\n"
	     "2:1: error: 'alow' is not a statement: write in, out, default, set, mode, option, audit, include or sfw\n",
	     "Latin-1, in the column of its character");
	SAYS("# \xc3",
	     "1:3: error: byte 0xc3 is not UTF-8; save the file as UTF-8\n",
	     "UTF-8 that ends early, in a comment");
	SAYS("# \xc0\xaf",
	     "1:3: error: byte 0xc0 is not UTF-8; save the file as UTF-8\n",
	     "UTF-8 longer than it need be");
	SAYS("# \xed\xa0\x80",
	     "1:3: error: byte 0xed is not UTF-8; save the file as UTF-8\n",
	     "half of a UTF-16 pair");
	SAYS("# \xf4\x90\x80\x80",
	     "1:3: error: byte 0xf4 is not UTF-8; save the file as UTF-8\n",
	     "beyond U+10FFFF");
	SAYS("\xff\xfei\0n\0", "0:0: error: the file is UTF-16; save it as UTF-8\n",
	     "UTF-16");
	SAYS("in 1 allow tcp \"\x1b[31m\"",
	     "1:17: error: control character U+001B; a rule file has none but tabs\n",
	     "an escape sequence");
	SAYS("# \xe2\x80\xae",
	     "1:3: error: control character U+202E; a rule file has none but tabs\n",
	     "a change of writing direction");
	SAYS("in 1 allow tcp \"a\tb\"",
	     "1:16: error: a tab in the comment; write blanks instead\n",
	     "a tab in a comment of a rule");
	SAYS("in\t1\tallow\ttcp\t# \t", "", "tabs elsewhere");
	SAYS("in 1 allow tcp \"a # b\" # c", "", "a # in a string");
}

static void test_sample(void)
{
	struct parse_result *res = parse(
		"sfw 1\nmode stateless\naudit on\ndefault in reject log\n"
		"default outbound allow\noption max-connections 7\n"
		"option timeout udp 2m\noption tcp-pickup off\n"
		"option loopback filter\noption keep-connections on\n"
		"set n = { 10.0.0.0/8, 2001:db8::1 , 1.1.1.1 - 1.1.1.9 }\n"
		"set p = { 80, 8000-8080 }\n"
		"out 5 reject 17 from 1.2.3.4 port !{ 1, 2 } log \"a \\\"b\\\" \\\\\"\n"
		"in 20 allow tcp from !$n to any port $p on !veth* flags syn limit 3/m burst 9 log limit 1/h no-state return\n"
		"in 10 deny icmpv6 type 1/4 # sfw:ignore wide-open, shadowed\n");
	const struct ruleset_rule *r;
	const struct ruleset *rs = res->ruleset;
	const struct sfw_options *o;

	if (!ok(rs && !res->n_messages, "a file with every clause")) {
		parse_result_free(res);
		return;
	}
	ok(rs->mode == SFW_MODE_STATELESS && rs->audit &&
	   rs->def[0].action == SFW_ACTION_REJECT && rs->def[0].log &&
	   rs->def[1].action == SFW_ACTION_ALLOW && !rs->def[1].log,
	   "mode, audit, defaults");
	o = &rs->options;
	ok(o->max_connections == 7 && o->timeout[SFW_STATE_UDP] == 120 &&
	   !o->tcp_pickup && o->loopback_filter && o->keep_connections &&
	   o->checksum && !o->nd_filter, "options");
	ok(o->named == (SFW_OPT_MAX_CONNECTIONS | SFW_OPT_TCP_PICKUP |
			SFW_OPT_LOOPBACK | SFW_OPT_KEEP) &&
	   o->named_timeouts == BIT(SFW_STATE_UDP), "and which are named");
	ok(rs->n_sets == 2 && !strcmp(rs->sets[0]->name, "n") &&
	   rs->sets[0]->n_elem == 3 && rs->sets[0]->n4 == 2 &&
	   rs->sets[1]->kind == SFW_LIST_PORTS &&
	   rs->sets[1]->elem[1].last.lo == 8080, "sets");
	ok(rs->n_rules[0] == 2 && rs->n_rules[1] == 1 &&
	   rs->rules[0][0]->rule.number == 10 &&
	   rs->rules[0][1]->rule.number == 20, "rules in ascending order");
	r = rs->rules[0][0];
	ok(r->line == 15 && !strcmp(r->file, "t") &&
	   !strncmp(r->text, "in 10 deny icmpv6", 17) &&
	   !strcmp(r->ignore, "wide-open shadowed"),
	   "where a rule was written, and what to ignore");
	ok(r->rule.icmp_type == 1 && r->rule.icmp_code == 4 &&
	   r->rule.families == SFW_FAMILY_6, "type, code and family");
	r = rs->rules[0][1];
	ok(r->rule.from == rs->sets[0] && r->rule.to_port == rs->sets[1] &&
	   !r->rule.to && !strcmp(r->rule.ifname, "veth"),
	   "sets by reference");
	ok(r->rule.flags == (SFW_RULE_F_PROTOCOL | SFW_RULE_F_NOT_FROM |
			     SFW_RULE_F_IFNAME | SFW_RULE_F_NOT_IFNAME |
			     SFW_RULE_F_TCP_FLAGS | SFW_RULE_F_LIMIT |
			     SFW_RULE_F_LOG | SFW_RULE_F_LOG_RATE |
			     SFW_RULE_F_NO_STATE | SFW_RULE_F_RETURN),
	   "flags of the clauses");
	ok(r->rule.tcp_mask == 0x12 && r->rule.tcp_set == 2 &&
	   r->rule.limit.count == 3 && r->rule.limit.burst == 9 &&
	   r->rule.limit.unit == SFW_RATE_UNIT_MINUTE &&
	   r->rule.log_rate.count == 1 && !r->rule.log_rate.burst &&
	   r->rule.log_rate.unit == SFW_RATE_UNIT_HOUR, "flags and rates");
	r = rs->rules[1][0];
	ok(!strcmp(r->rule.comment, "a \"b\" \\") &&
	   r->rule.protocol == IPPROTO_UDP &&
	   r->rule.flags & SFW_RULE_F_NOT_FROM_PORT &&
	   ruleset_find_rule(rs, 1, 5) == r && !ruleset_find_rule(rs, 0, 5),
	   "a comment with quotes; a rule is found");
	parse_result_free(res);

	res = parse("");
	rs = res->ruleset;
	ok(rs && rs->mode == SFW_MODE_STATEFUL && !rs->audit &&
	   rs->def[0].action == SFW_ACTION_DENY &&
	   rs->def[1].action == SFW_ACTION_DENY,
	   "a file that says nothing: stateful, deny, deny");
	parse_result_free(res);
}

static void test_limits(void)
{
	char text[10000], *p, *got;
	struct parse_result *res;
	int i, n;

	for (n = SFW_LIST_ANON_MAX; n <= SFW_LIST_ANON_MAX + 1; n++) {
		p = text + sprintf(text, "in 1 allow tcp to port { 1");
		for (i = 2; i <= n; i++)
			p += sprintf(p, ", %d", 2 * i);
		sprintf(p, " }");
		res = parse(text);
		ok(n == SFW_LIST_ANON_MAX ? !!res->ruleset :
		   res->n_errors == 1 &&
		   strstr(res->messages[0].text, "make it a set"),
		   "a list of %d elements in a rule", n);
		parse_result_free(res);
	}

	for (n = SFW_COMMENT_MAX; n <= SFW_COMMENT_MAX + 1; n++) {
		sprintf(text, "in 1 allow tcp \"%0*d\"", n, 0);
		res = parse(text);
		ok(n == SFW_COMMENT_MAX ? !!res->ruleset :
		   res->n_errors == 1 &&
		   !strcmp(res->messages[0].text,
			   "the comment has 256 bytes; at most 255"),
		   "a comment of %d bytes", n);
		parse_result_free(res);
	}

	p = text + sprintf(text, "set a = { x1");
	for (i = 0; i < 100; i++)
		p += sprintf(p, ", 99999");
	sprintf(p, " }\nin 0 allow tcp");
	res = parse(text);
	got = res->n_errors == 22 ? res->messages[20].text : (char *)"";
	ok(!strcmp(got, "more errors from here on in this line") &&
	   res->messages[21].line == 2,
	   "twenty errors of a line are enough, the next line has its own");
	parse_result_free(res);

	memset(text, 'x', 200);
	sprintf(text + 200, " = 5");
	res = parse(text);
	ok(res->n_errors == 1 && strlen(res->messages[0].text) < 200 &&
	   strstr(res->messages[0].text, "xxx...'"),
	   "a long word is quoted in part");
	parse_result_free(res);
}

static bool prints(struct parse_result *res, bool color, const char *want)
{
	char *got = printed(res, color);
	bool good = same_text(got, want);

	free(got);
	parse_result_free(res);
	return good;
}

static void test_print(void)
{
	char text[1000], want[1000];

	ok(prints(parse("\n\tin 1\talow tcp \"日本\" x"), false,
		  "t:2:7: error: 'alow' is not an action; did you mean 'allow'?\n"
		  "\tin 1\talow tcp \"日本\" x\n"
		  "\t    \t^\n"
		  "t:2:21: error: 'x' cannot stand after the comment, which ends a rule\n"
		  "\tin 1\talow tcp \"日本\" x\n"
		  "\t    \t                ^\n"),
	   "the place, the line, a caret under the cell");
	ok(prints(parse("mode"), true,
		  "\033[1mt:1:5:\033[0m \033[1;31merror:\033[0m a mode is missing: write stateful or stateless\n"
		  "mode\n    \033[1;31m^\033[0m\n"), "in colour, at the end");
	ok(prints(parse("in 1 allow tcp from 10.0.0.1/8"), false,
		  "t:1:21: warning: 10.0.0.1/8 has bits beyond its prefix; it is taken as 10.0.0.0/8\n"
		  "in 1 allow tcp from 10.0.0.1/8\n"
		  "                    ^\n"), "a warning");
	ok(prints(parse("a\033]0;x\a\xff"), false,
		  "t:1:2: error: control character U+001B; a rule file has none but tabs\n"
		  "a?]0;x??\n ^\n"), "nothing that upsets a terminal");
	sprintf(text, "set a = { %090d, 1 } # %0200d", 7, 7);
	sprintf(want, "t:1:11: error: '%047d0...' is not a port: that is a number from 0 to 65535, without leading zeros\n"
		"set a = { %090d, 1 } # %012d...\n%10s^\n", 0, 7, 0, "");
	ok(prints(parse(text), false, want), "the start of a long line");
	sprintf(text, "# %0200d\nset a = {%200s x1 } # %0200d", 1, "", 1);
	{
		struct parse_result *res = parse(text);
		char *got = printed(res, false), *nl = strchr(got, '\n');

		sprintf(want, "...%79sx1 } # %034d...\n   %79s^\n", "", 0, "");
		ok(nl && same_text(nl + 1, want), "the middle of a long line");
		free(got);
		parse_result_free(res);
	}
}

/* A file in the directory of this run. */
static void put(const char *dir, const char *name, const char *text)
{
	char path[200];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "w");
	if (!f || fputs(text, f) < 0 || fclose(f)) {
		printf("Bail out! cannot write %s\n", path);
		exit(1);
	}
}

/* Read dir/name, compare with DIR instead of the real one. */
static bool file_says(const char *dir, const char *name, const char *want)
{
	char path[200], *got, *out = NULL, *p, *hit;
	struct parse_result *res;
	size_t size;
	bool good;
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	res = parse_file(path);
	got = printed(res, false);
	f = open_memstream(&out, &size);
	for (p = got; (hit = strstr(p, dir)); p = hit + strlen(dir))
		fprintf(f, "%.*sDIR", (int)(hit - p), p);
	fputs(p, f);
	fclose(f);
	good = same_text(out, want);
	free(out);
	free(got);
	parse_result_free(res);
	return good;
}

static void test_include(void)
{
	char dir[] = "/tmp/sfw-unit-XXXXXX", path[200], text[200];
	static const char *const files[] = {
		"a.rules", "b.rules", "sub/c.rules", "sub/d.rules", "loop",
		"twice", "abs", "fifo", "rc", "glob", "sub/[a] 1", "sub/[a] 2",
		"sub/.hidden",
	};
	struct parse_result *res;
	size_t i;

	if (!mkdtemp(dir)) {
		printf("Bail out! no directory in /tmp\n");
		exit(1);
	}
	snprintf(path, sizeof(path), "%s/sub", dir);
	mkdir(path, 0700);
	put(dir, "a.rules", "sfw 1\nset w = { 80 }\ninclude \"sub/c.rules\"\nin 9 allow tcp to port $late\n");
	put(dir, "sub/c.rules", "sfw 1\nin 1 allow tcp to port $w\ninclude \"d.rules\"\nset late = { 1 }\n");
	put(dir, "sub/d.rules", "in 2 allow tcp from $w\n\nin 1 allow udp\n");
	ok(file_says(dir, "a.rules",
		     "in a file included at DIR/sub/c.rules:3, DIR/a.rules:3:\n"
		     "DIR/sub/d.rules:1:21: error: '$w' is a set of ports; addresses belong here, ports stand after the word port\n"
		     "in 2 allow tcp from $w\n"
		     "                    ^\n"
		     "in a file included at DIR/sub/c.rules:3, DIR/a.rules:3:\n"
		     "DIR/sub/d.rules:3:4: error: in 1 is already at DIR/sub/c.rules:2; give this rule another number\n"
		     "in 1 allow udp\n"
		     "   ^\n"), "relative to the including file, with the way there");
	put(dir, "sub/d.rules", "in 2 deny tcp\n");
	snprintf(path, sizeof(path), "%s/a.rules", dir);
	res = parse_file(path);
	ok(res->ruleset && res->ruleset->n_rules[0] == 3 &&
	   res->ruleset->n_sets == 2 && res->ruleset->rules[0][1]->line == 1 &&
	   strstr(res->ruleset->rules[0][1]->file, "/sub/d.rules"),
	   "the parts make one rule set");
	parse_result_free(res);

	put(dir, "loop", "include \"sub/../loop\"\nalow");
	ok(file_says(dir, "loop",
		     "DIR/loop:1:9: error: 'DIR/sub/../loop' includes itself; leave this include out\n"
		     "include \"sub/../loop\"\n"
		     "        ^\n"
		     "DIR/loop:2:1: error: 'alow' is not a statement: write in, out, default, set, mode, option, audit, include or sfw\n"
		     "alow\n"
		     "^\n"), "a file that includes itself");
	put(dir, "twice", "include \"sub/d.rules\"\ninclude \"sub/d.rules\"\n");
	ok(file_says(dir, "twice",
		     "DIR/twice:2:9: error: 'DIR/sub/d.rules' is already included at DIR/twice:1; include a file once\n"
		     "include \"sub/d.rules\"\n"
		     "        ^\n"), "a file included twice");
	snprintf(text, sizeof(text), "include \"%s/sub/d.rules\"", dir);
	put(dir, "abs", text);
	ok(file_says(dir, "abs", ""), "an absolute name");
	snprintf(path, sizeof(path), "%s/fifo", dir);
	if (mkfifo(path, 0600))
		printf("# no fifo\n");
	put(dir, "b.rules", "include \"fifo\"");
	ok(file_says(dir, "b.rules",
		     "DIR/b.rules:1:9: error: cannot read 'DIR/fifo': it is not a regular file\n"
		     "include \"fifo\"\n"
		     "        ^\n"), "a pipe is not waited for");
	ok(file_says(dir, "none",
		     "DIR/none: error: cannot read it: No such file or directory\n"),
	   "a file that is not there");
	ok(file_says(dir, "sub", "DIR/sub: error: cannot read it: it is a directory\n"),
	   "a directory");
	put(dir, "rc", "sfw 3\nin");
	put(dir, "b.rules", "include \"rc\"\nx");
	ok(file_says(dir, "b.rules",
		     "in a file included at DIR/b.rules:1:\n"
		     "DIR/rc:1:5: error: format version '3' is not known, this sfwctl reads version 1; the rest of the file was not read\n"
		     "sfw 3\n"
		     "    ^\n"
		     "DIR/b.rules:2:1: error: 'x' is not a statement: write in, out, default, set, mode, option, audit, include or sfw\n"
		     "x\n"
		     "^\n"), "another format version ends its file only");

	put(dir, "sub/[a] 2", "in 4 deny tcp\n");
	put(dir, "sub/[a] 1", "in 4 deny udp\n");
	put(dir, "sub/.hidden", "in 4 deny sctp\n");
	put(dir, "glob", "include \"sub/* [1-9]\"\ninclude \"none/*.rules\"");
	ok(file_says(dir, "glob",
		     "in a file included at DIR/glob:1:\n"
		     "DIR/sub/[a] 2:1:4: error: in 4 is already at DIR/sub/[a] 1:1; give this rule another number\n"
		     "in 4 deny tcp\n"
		     "   ^\n"), "a pattern: its files by name; it may have none");
	put(dir, "glob", "include \"sub/[a] 1\"");
	ok(file_says(dir, "glob", ""), "a name that only looks like a pattern");

	for (i = 0; i < 20; i++) {
		snprintf(text, sizeof(text), "include \"n%zu\"", i + 1);
		snprintf(path, sizeof(path), "n%zu", i);
		put(dir, path, text);
	}
	snprintf(path, sizeof(path), "%s/n0", dir);
	res = parse_file(path);
	ok(res->n_errors == 1 && strstr(res->messages[0].file, "/n15") &&
	   strstr(res->messages[0].text, "16 deep"), "sixteen files deep");
	parse_result_free(res);

	for (i = 0; i < 20; i++) {
		snprintf(path, sizeof(path), "%s/n%zu", dir, i);
		unlink(path);
	}
	for (i = 0; i < ARRAY_SIZE(files); i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, files[i]);
		unlink(path);
	}
	snprintf(path, sizeof(path), "%s/sub", dir);
	rmdir(path);
	ok(!rmdir(dir), "nothing is left behind");
}

static bool rule_says(const char *text, const struct ruleset *base,
		      const char *want)
{
	struct parse_result *res = parse_rule("rule", text, base);
	char *got = messages(res);
	bool good = same_text(got, want);

	free(got);
	parse_result_free(res);
	return good;
}

static void test_rule(void)
{
	struct parse_result *base = parse("set a = { 10.0.0.1 }\nset b = { 80 }\nin 1 allow any");
	struct parse_result *res;

	res = parse_rule("rule", "in 1 allow tcp from $a to $a port $b\n",
			 base->ruleset);
	ok(res->ruleset && res->ruleset->n_rules[0] == 1 &&
	   res->ruleset->n_sets == 2 &&
	   res->ruleset->sets[0] == base->ruleset->sets[0] &&
	   res->ruleset->rules[0][0]->rule.to == base->ruleset->sets[0],
	   "one rule, with the sets it uses");
	parse_result_free(res);
	ok(rule_says("in 1 allow tcp from $c", base->ruleset,
		     "1:21: error: there is no set '$c' so far: write it before the rules that use it, as set NAME = { ... }\n"),
	   "a set that the base does not have");
	ok(rule_says("in 1 allow tcp from $a", NULL,
		     "1:21: error: there is no set '$a' so far: write it before the rules that use it, as set NAME = { ... }\n"),
	   "no base, no sets");
	ok(rule_says("mode stateful", NULL,
		     "1:1: error: 'mode' is not the start of a rule: write in or out, a number, an action and a protocol\n"),
	   "other statements are none");
	ok(rule_says("", NULL,
		     "1:1: error: there is no rule: write in or out, a number, an action and a protocol\n") &&
	   rule_says(" # x", NULL,
		     "1:1: error: there is no rule: write in or out, a number, an action and a protocol\n"),
	   "nothing is none");
	ok(rule_says("in 1 allow tcp\nin 2 allow tcp", NULL,
		     "1:15: error: control character U+000A; a rule file has none but tabs\n"),
	   "two lines are not one");
	parse_result_free(base);
}

static void test_words(void)
{
	struct sfw_elem e;

	ok(parse_protocol("tcp") == 6 && parse_protocol("any") == 256 &&
	   parse_protocol("255") == 255 && parse_protocol("0") == 0 &&
	   parse_protocol("256") == -1 && parse_protocol("TCP") == -1 &&
	   parse_protocol("") == -1 && parse_protocol("06") == -1 &&
	   parse_protocol("icmpv6") == 58 && parse_protocol("ah") == 51,
	   "protocols");
	ok(parse_direction("in") == 0 && parse_direction("outbound") == 1 &&
	   parse_direction("inn") == -1 && parse_mode("stateless") == 1 &&
	   parse_mode("state") == -1, "directions and modes");
	ok(parse_state("tcp-close") == SFW_STATE_TCP_CLOSE &&
	   parse_state("generic") == SFW_STATE_GENERIC &&
	   parse_state("established") == -1 && parse_state("unknown") == -1,
	   "states");
	ok(parse_rule_number("1") == 1 && parse_rule_number("32766") == 32766 &&
	   parse_rule_number("0") == -1 &&
	   parse_rule_number("16777215") == SFW_RULE_NUMBER_MAX &&
	   parse_rule_number("16777216") == -1 &&
	   parse_rule_number("1x") == -1 && parse_rule_number("+1") == -1,
	   "rule numbers");
	ok(parse_addr("10.1.2.3/8", &e) && e.kind == SFW_ELEM_PREFIX &&
	   e.first.lo == 0x0a000000 && e.last.lo == 0x0affffff &&
	   e.prefix_len == 8 && e.family == AF_INET, "a prefix");
	ok(parse_addr("2001:db8::1-2001:db8::9", &e) &&
	   e.kind == SFW_ELEM_RANGE && e.family == AF_INET6 &&
	   e.first.hi == 0x20010db800000000ULL && e.last.lo == 9, "a range");
	ok(parse_addr("1.1.1.1-1.1.1.1", &e) && e.kind == SFW_ELEM_ONE &&
	   parse_addr("::", &e) && e.kind == SFW_ELEM_ONE, "single addresses");
	ok(!parse_addr("", &e) && !parse_addr("x", &e) &&
	   !parse_addr("1.1.1.1-", &e) && !parse_addr("-1.1.1.1", &e) &&
	   !parse_addr("1.1.1.1/", &e) && !parse_addr("/8", &e) &&
	   !parse_addr("1.1.1.1/8/8", &e) && !parse_addr("1.1.1.1/+8", &e) &&
	   !parse_addr("::1%lo", &e) && !parse_addr("0x1.1.1.1", &e),
	   "what is no address");
	ok(parse_ports("0", &e) && parse_ports("65535", &e) &&
	   parse_ports("1-65535", &e) && e.first.lo == 1 &&
	   e.last.lo == 65535 && e.kind == SFW_ELEM_RANGE && !e.family,
	   "ports");
	ok(!parse_ports("", &e) && !parse_ports("65536", &e) &&
	   !parse_ports("2-1", &e) && !parse_ports("-", &e) &&
	   !parse_ports("1-", &e) && !parse_ports("-1", &e) &&
	   !parse_ports("01", &e) && !parse_ports("1-2-3", &e),
	   "what is no port");
}

/* The system's own look-up decides what a service is. */
static void test_services(void)
{
	static const char *const protocols[] = { "tcp", "udp" };
	unsigned int n = 0, wrong = 0, i;
	struct servent *se;
	struct sfw_elem e;

	setservent(1);
	while ((se = getservent()) && n < 50) {
		char *name = strdup(se->s_name);

		for (i = 0; i < 2; i++) {
			struct servent *one = getservbyname(name, protocols[i]);
			struct parse_result *res;
			char text[100];
			u16 port;

			if (!one)
				continue;
			port = ntohs(one->s_port);
			snprintf(text, sizeof(text),
				 "in 1 allow %s to port %s", protocols[i], name);
			res = parse_rule("services", text, NULL);
			wrong += !res->ruleset ||
				 !sfw_list_has_port(res->ruleset->rules[0][0]->rule.to_port,
						    port);
			parse_result_free(res);
			n++;
		}
		free(name);
	}
	endservent();
	ok(!wrong, "services are what the system says%s",
	   n ? "" : " # SKIP there are none");
	n = getservbyname("ssh", "tcp") && getservbyname("ftp-data", "tcp");
	ok(!n || (parse_ports("ssh", &e) && e.first.lo == 22 &&
		  parse_ports("ftp-data", &e) && e.first.lo == 20 &&
		  parse_ports("ftp-data-ssh", &e) && e.first.lo == 20 &&
		  e.last.lo == 22), "services with dashes, and ranges of them%s",
	   n ? "" : " # SKIP no ssh or ftp-data in /etc/services");
}

/* Nothing may cost more with every line before it. */
static void test_big(void)
{
	struct parse_result *res;
	clock_t since;
	double took;
	char *text = NULL;
	size_t size;
	FILE *f;
	int i;

	f = open_memstream(&text, &size);
	for (i = 0; i < BIG_LINES / 3; i++)
		fprintf(f, "set s%d = { 10.%d.%d.0/24, 2001:db8:%x::/48 }\n",
			i, i >> 8, i & 255, i);
	for (i = SFW_RULE_NUMBER_PLAIN; i > 0; i--) {
		fprintf(f, "in %d allow tcp from $s%d port { 80, https } \"%d\"\n",
			i, i, i);
		fprintf(f, "out %d deny udp to port domain log\n", i);
	}
	fclose(f);
	since = clock();
	res = parse_text("big", text, size);
	took = (double)(clock() - since) / CLOCKS_PER_SEC;
	printf("# %.2f s\n", took);
	ok(res->ruleset && res->ruleset->n_rules[0] == SFW_RULE_NUMBER_PLAIN,
	   "a hundred thousand lines");
	ok(took < BIG_SECONDS, "within %d s of the processor", BIG_SECONDS);
	parse_result_free(res);
	free(text);

	f = open_memstream(&text, &size);
	for (i = 0; i < BIG_LINES; i++)
		fprintf(f, "in %d alow tcp from $s%d\n", i % 9, i);
	fclose(f);
	since = clock();
	res = parse_text("bad", text, size);
	took = (double)(clock() - since) / CLOCKS_PER_SEC;
	printf("# %.2f s\n", took);
	ok(res->n_errors > 2 * BIG_LINES && took < BIG_SECONDS,
	   "a hundred thousand bad lines");
	parse_result_free(res);
	free(text);
}

/* n rules "in", numbered by step from the highest down. */
static struct parse_result *parse_many(int n, int step)
{
	struct parse_result *res;
	char *text = NULL;
	size_t size;
	FILE *f;
	int i;

	f = open_memstream(&text, &size);
	for (i = n; i > 0; i--)
		fprintf(f, "in %d allow any\n", i * step);
	fclose(f);
	res = parse_text("many", text, size);
	free(text);
	return res;
}

static void test_numbers_beyond(void)
{
	struct parse_result *res, *one;

	res = parse_many(SFW_RULE_NUMBER_PLAIN, 3);
	ok(!res->ruleset &&
	   res->n_errors == SFW_RULE_NUMBER_PLAIN - SFW_RULE_NUMBER_PLAIN / 3 &&
	   res->messages[0].line == 1 && res->messages[0].column == 4 &&
	   strstr(res->messages[0].text, "write one from 1 to 32766,"),
	   "numbers above 32766 are errors as long as the others suffice");
	parse_result_free(res);

	res = parse_many(SFW_RULE_NUMBER_PLAIN + 1, 300);
	ok(res->ruleset && !res->n_messages &&
	   res->ruleset->n_rules[0] == SFW_RULE_NUMBER_PLAIN + 1,
	   "a direction with more than 32766 rules goes on above 32766");
	one = parse_rule("rule", "in 40000 allow any", res->ruleset);
	ok(one->ruleset, "and one rule can be added to it there");
	parse_result_free(one);
	one = parse_rule("rule", "out 40000 allow any", res->ruleset);
	ok(!one->ruleset, "but not in the other direction");
	parse_result_free(one);
	parse_result_free(res);
}

/* What users start from has to load without a word. */
static void test_examples(void)
{
	static const char *const dirs[] = {
		"../../tools/examples", "tools/examples",
	};
	struct parse_result *res;
	unsigned int n = 0;
	struct dirent *d;
	char path[600];
	DIR *dir = NULL;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(dirs) && !dir; i++)
		dir = opendir(dirs[i]);
	while (dir && (d = readdir(dir))) {
		if (!strstr(d->d_name, ".rules"))
			continue;
		snprintf(path, sizeof(path), "%s/%s", dirs[i - 1], d->d_name);
		res = parse_file(path);
		ok(!res->n_messages, "tools/examples/%s", d->d_name);
		parse_print_messages(res, stdout, false);
		parse_result_free(res);
		n++;
	}
	if (dir)
		closedir(dir);
	ok(n, "there are examples");
}

int main(void)
{
	test_cases();
	test_encoding();
	test_sample();
	test_limits();
	test_print();
	test_include();
	test_rule();
	test_words();
	test_services();
	test_examples();
	test_big();
	test_numbers_beyond();
	return tap_done();
}
