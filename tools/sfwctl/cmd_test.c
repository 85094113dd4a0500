// SPDX-License-Identifier: GPL-2.0
/*
 * sfwctl test: does a rule set do what a file expects of it.
 */
#include "cmd.h"
#include "lib/expect.h"

static enum rc run(int n, char **words)
{
	const char *rules = cmd_option("-f");
	struct subject subject = { .rs = NULL };
	struct expect_file file;
	enum rc rc;

	if (!n)
		return cmd_usage("it needs a FILE of expectations, or - for standard input");
	if (n > 1)
		return cmd_surplus(words[1]);
	rc = expect_read(&file, words[0]);
	if (rc == RC_OK)
		rc = rules ? subject_open_file(&subject, rules) :
			     subject_open_running(&subject);
	if (rc == RC_OK) {
		rc = expect_try(&file, &subject);
		if (rc == RC_OK || rc == RC_NO)
			expect_show(&file, subject.rs);
	}
	subject_close(&subject);
	expect_free(&file);
	return rc;
}

const struct command cmd_test = {
	.name = "test",
	.run = run,
	.summary = "does a rule set do what a file expects of it",
	.help =
"Judge the packets of a file of expectations, and say as TAP which are met and\n"
"what decided. With -f by a rule file, which needs neither root nor module;\n"
"without, the kernel answers for what runs. Exits with 0 if all are met, with 1\n"
"if not, with 2 if a file has an error. To load a set only if it passes, see\n"
"the command 'apply'.\n"
"\n"
"Usage: sfwctl test FILE [-f RULES]\n"
"  FILE        lines of 'expect allow|deny PACKET', # starts a comment; - is\n"
"              standard input. PACKET as in 'sfwctl help explain'. deny is\n"
"              met by reject, too; reject by nothing else\n"
"  -f RULES    the rule file\n"
"\n"
"Each packet is judged alone, in the mode of the set: of a stateless one, ask\n"
"for the replies, too.\n"
"\n"
"Examples:\n"
"  echo 'expect deny in tcp 203.0.113.9:5000 > 192.0.2.1:22' > web.expect\n"
"  sfwctl test web.expect -f /etc/sfw/sfw.rules\n",
	.options = { { "-f", "a rule file", false } },
};
