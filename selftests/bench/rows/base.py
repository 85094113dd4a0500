# SPDX-License-Identifier: GPL-2.0
"""Row 1: what the way through the hooks costs without a firewall."""
import rules
from plan import Case, Job

NUMBER = 1
TITLE = "no hook, an empty hook"

SCRIPT = """
space none && space empty && meter empty op=hook on=1 || exit
pkts=$(packets none 250 op=run hooks=pre %(keys)s) || exit
for ((round = 1; round <= ROUNDS; round++)); do
	for subject in $(rotate $round none empty); do
		take ipv4 $subject $round op=run hooks=pre pkts=$pkts %(ipv4)s
		take ipv6 $subject $round op=run hooks=pre pkts=$pkts %(ipv6)s
	done
done
meter empty op=hook on=0
"""


def jobs(_quick, _rounds):
    keys = {name: rules.meter(family) for name, family in rules.FAMILIES.items()}
    cases = [Case(name, subject, expect={"acc": "pkts", "drop": 0})
             for name in rules.FAMILIES for subject in ("none", "empty")]
    return [Job("base", SCRIPT % (keys | {"keys": keys["ipv4"]}), cases, seconds=15)]
