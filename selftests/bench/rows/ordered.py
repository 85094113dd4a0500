# SPDX-License-Identifier: GPL-2.0
"""Row 2: the last of 1 to 100,000 ordered rules matches

The packets are of FLOWS sources, one destination and port. What turns them
away before the last rule is the set's kind; see rules.py. All subjects that
can say the same as the list are there: maps and ipsets cannot where order
decides. Every packet of a timed run must be accepted, the defaults deny; what
is asked beside that shows that each subject reads this list and no other.

What a staged set costs is measured with the same rules in both.
"""
from functools import lru_cache

import rules
from plan import Case, Job

NUMBER = 2
TITLE = "ordered rules, the last one matches"
SIZES = (1, 10, 100, 1000, 10000)
# Loading takes minutes for the peers at this size: not everything is done.
LARGEST = 100000
LARGE = (("mix", "ipv4"), ("mix", "ipv6"), ("overlap", "ipv4"), ("overlap", "ipv6"),
         ("early", "ipv4"), ("late", "ipv4"))
STAGED = ("mix", "ipv4")
QUICK = (("mix", "ipv4", (1, 100, 10000)), ("overlap", "ipv4", (1000,)),
         ("mix", "ipv6", (1000,)))

SCRIPT = """
# measure CASE BASE FAMILY KEYS SUBJECT...: files are BASE.SUBJECT
measure() {
	local case=$1 base=$2 family=$3 keys=$4 subject round ready=() ms
	local -A pkts
	shift 4
	for subject; do
		space $subject && ms=$(timed load $subject $subject $family $base.$subject) ||
			{ echo "note $case $subject did not load"; continue; }
		pkts[$subject]=$(packets $subject %(ms)d op=run hooks=pre $keys) || continue
		ready+=($subject)
	done
	for ((round = 1; round <= ROUNDS && ${#ready[@]}; round++)); do
		for subject in $(rotate $round ${ready[@]}); do
			take $case $subject $round op=run hooks=pre \\
				pkts=${pkts[$subject]} $keys
		done
	done
	for subject in ${ready[@]}; do
		ask $case $subject $base.probes
	done
	for subject; do
		unspace $subject
	done
}
"""


@lru_cache(maxsize=2)
def make(kind, n, family, protocol=rules.UDP):
    return rules.make(kind, n, rules.FAMILIES[family], protocol)


@lru_cache(maxsize=4)
def probes(kind, n, family, protocol=rules.UDP):
    return rules.probes(make(kind, n, family, protocol), rules.FAMILIES[family])


def texts(kind, n, family):
    """{ending: function that gives the text} of all subjects' files."""
    def lazily(write):
        return lambda: write(make(kind, n, family), rules.FAMILIES[family])

    out = {"sfw": lazily(rules.sfw), "nft": lazily(rules.nft),
           "iptables": lazily(rules.iptables)}
    if (kind, family) == STAGED and n <= max(SIZES):
        out["sfw-staged"] = out["sfw"]
    if rules.disjoint(kind, n):
        out["pipapo"] = lazily(rules.pipapo)
        out["ipset"] = lazily(rules.ipset)
        out["ipset.rules"] = rules.ipset_rules
    return out


def add(kind, n, family, files, cases):
    """One size of one kind: its files and cases; the line of the script."""
    case, base = f"{kind}/{family}/{n}", f"{kind}-{family}-{n}"
    mine = texts(kind, n, family)
    subjects = [s for s in mine if "." not in s]
    for ending, text in mine.items():
        files[f"{base}.{ending}"] = text
    files[f"{base}.probes"] = lambda: rules.probe_lines(
        probes(kind, n, family), rules.FAMILIES[family])
    for subject in subjects:
        expect = {"acc": "pkts", "drop": 0}
        if subject.startswith("sfw"):
            expect |= {"sfw_packets": "pkts", "sfw_allowed": "pkts", "sfw_dropped": 0}
        cases.append(Case(case, subject, n, series=f"{kind}/{family}", expect=expect,
                          checks=lambda: rules.probe_checks(probes(kind, n, family))))
    keys = rules.meter(rules.FAMILIES[family])
    return f"measure {case} {base} {family} '{keys}' {' '.join(subjects)}\n"


def one(name, sets, ms, seconds):
    files, cases = {}, []
    script = SCRIPT % {"ms": ms}
    for kind, family, sizes in sets:
        for n in sizes:
            script += add(kind, n, family, files, cases)
    return Job(name, script, cases, files=files, seconds=seconds, memory="3G")


def jobs(quick, _rounds):
    if quick:
        return [one("quick", QUICK, 100, 45)]
    out = []
    for kind in rules.KINDS:
        for family in rules.FAMILIES:
            out.append(one(f"{kind}-{family}", [(kind, family, SIZES)], 200, 75))
            if (kind, family) in LARGE:
                maps = rules.disjoint(kind, LARGEST)
                out.append(one(f"{kind}-{family}-large", [(kind, family, (LARGEST,))], 200,
                               130 if maps else 65))
    return out
