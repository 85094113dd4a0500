# SPDX-License-Identifier: GPL-2.0
"""Row 4: the first packet of a connection, over the fill of the table and over
the rules before the one that allows it

Each packet is a connection of its own, and is taken through prerouting and
local input, where nf_conntrack adds it to its table. Over the fill: the table
grows to a fill, WINDOW connections are timed, and so on to the next fill; then
it is emptied for the next round. nf_conntrack's hash table gets, before each
window, twice as many buckets as it will hold connections, 262,144 at least.

What is timed there is the way through the hooks. sfw's table grows by itself,
in a worker, between packets; and everybody leaves something to RCU. So the
growth from nothing to the last fill is also shown as a whole, with all the
work that the kernel did in that time.

Over rules: the table is nearly empty, and the list is of kind mix (rules.py).
"""
import rules
from ordered import make, probes
from plan import Case, Job

NUMBER = 4
TITLE = "a new connection"
FILLS = (0, 100000, 500000, 1000000)
WINDOW = 50000
BEFORE = (10, 1000, 10000)
PROTOCOLS = {"tcp": 6, "udp": 17}
OPTIONS = ("max-connections 4000000", "timeout udp 10h", "timeout tcp-syn-sent 10h")
ESTABLISHED = {"nft": ("ct state established,related accept",),
               "iptables": ("-m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT",)}

SCRIPT = """
sysctl -qw net.netfilter.nf_conntrack_max=4000000 && warm || exit

# empty SUBJECT: forget all connections
empty() {
	if [[ $1 == sfw ]]; then
		on sfw sfwctl -q conns flush
	else
		on $1 conntrack -F 2> /dev/null
	fi
}

# all_of LINE: nanoseconds of all the work in a result
all_of() {
	local ns n
	ns=$(value total_ns "$1") && n=$(value pkts "$1") || return
	echo $((${ns%%.*} * n))
}

# fills CASE FAMILY BASE KEYS FILL... -- SUBJECT...
fills() {
	local case=$1 family=$2 base=$3 keys=$4 fills=() ready=() round subject fill at
	local line work acc
	shift 4
	while [[ $1 != -- ]]; do fills+=($1); shift; done
	shift
	for subject; do
		space $subject && load $subject $subject $family $base.${subject##*+} &&
			{ [[ $subject == sfw ]] || patient $subject; } && ready+=($subject)
	done
	for ((round = 1; round <= ROUNDS && ${#ready[@]}; round++)); do
		for subject in $(rotate $round ${ready[@]}); do
			at=0 work=0 acc=0
			for fill in ${fills[@]}; do
				[[ $subject == sfw ]] || buckets $((fill < 131072 ? 262144 : fill * 2))
				if ((fill > at)); then
					line=$(meter $subject op=new hooks=both \\
						start=$at pkts=$((fill - at)) $keys)
					work=$((work + $(all_of "$line")))
					acc=$((acc + $(value acc "$line")))
				fi
				line=$(take $case/$fill $subject $round op=new hooks=both \\
					start=$fill pkts=%(window)d $keys) || continue
				echo "$line"
				work=$((work + $(all_of "$line")))
				acc=$((acc + $(value acc "$line")))
				at=$((fill + %(window)d))
			done
			echo "sample case=$case/growth subject=$subject round=$round" \\
				"value=$((work / at)) connections=$at acc=$acc"
			empty $subject
		done
	done
	for subject in ${ready[@]}; do
		ask $case/${fills[0]} $subject $base.probes both
		empty $subject
		unspace $subject
	done
}

# behind CASE FAMILY BASE KEYS SUBJECT...
behind() {
	local case=$1 family=$2 base=$3 keys=$4 ready=() round subject
	local -A pkts
	shift 4
	buckets 262144
	for subject; do
		space $subject && load $subject $subject $family $base.${subject##*+} &&
			{ [[ $subject == sfw ]] || patient $subject; } &&
			pkts[$subject]=$(packets $subject %(ms)d op=new hooks=both $keys) ||
			continue
		((pkts[$subject] < 100000)) || pkts[$subject]=100032
		empty $subject
		ready+=($subject)
	done
	for ((round = 1; round <= ROUNDS && ${#ready[@]}; round++)); do
		for subject in $(rotate $round ${ready[@]}); do
			take $case $subject $round op=new hooks=both start=0 \\
				pkts=${pkts[$subject]} $keys
			empty $subject
		done
	done
	for subject in ${ready[@]}; do
		ask $case $subject $base.probes both
		empty $subject
		unspace $subject
	done
}
"""


def texts(base, n, family, protocol=rules.UDP):
    """{file: function that gives its text}, for all subjects."""
    kind = rules.FAMILIES[family]

    def lazily(write, **kw):
        return lambda: write(make("mix", n, family, protocol), kind, **kw)

    return {
        f"{base}.sfw": lazily(rules.sfw, mode="stateful", options=OPTIONS),
        f"{base}.nft": lazily(rules.nft, priority=0, before=ESTABLISHED["nft"]),
        f"{base}.pipapo": lazily(rules.pipapo, priority=0, before=ESTABLISHED["nft"]),
        f"{base}.iptables": lazily(rules.iptables, table="filter", chain="INPUT",
                                   before=ESTABLISHED["iptables"]),
        f"{base}.probes": lambda: rules.probe_lines(
            probes("mix", n, family, protocol), kind),
    }


def case_of(name, subject, x, series, n, family, protocol=rules.UDP, asked=True):
    """A case; asked: whether probes are sent in it."""
    expect = {"acc": "pkts", "drop": 0}
    if subject == "sfw":
        expect |= {"sfw_packets": "pkts", "sfw_created": "pkts", "sfw_dropped": 0}
    else:
        expect["new"] = "pkts"
    return Case(name, subject, x, series=series, expect=expect, checks=(
        lambda: rules.probe_checks(probes("mix", n, family, protocol))) if asked else {})


def over_fill(protocol, family, fills, files, cases):
    base = f"fill-{protocol}-{family}"
    files |= texts(base, 1, family, protocol)
    subjects = ("sfw", "nf_conntrack+nft", "nf_conntrack+iptables")
    case = f"{protocol}-fill/{family}"
    for fill in fills:
        cases += [case_of(f"{case}/{fill}", s, fill,
                          f"{protocol}-over-connections-in-the-table/{family}", 1, family,
                          protocol, fill == fills[0]) for s in subjects]
    cases += [Case(f"{case}/growth", s, unit="ns/connection",
                   expect={"connections": fills[-1] + WINDOW, "acc": "connections"})
              for s in subjects]
    keys = rules.meter(rules.FAMILIES[family], PROTOCOLS[protocol])
    return (f"fills {case} {family} {base} '{keys}' {' '.join(map(str, fills))} -- "
            f"{' '.join(subjects)}\n")


def over_rules(family, n, files, cases):
    base = f"rules-{family}-{n}"
    files |= texts(base, n, family)
    subjects = ("sfw", "nf_conntrack+nft", "nf_conntrack+iptables", "nf_conntrack+pipapo")
    case = f"udp-rules/{family}/{n}"
    cases += [case_of(case, s, n, f"udp-over-rules-before-the-match/{family}", n, family)
              for s in subjects]
    keys = rules.meter(rules.FAMILIES[family])
    return f"behind {case} {family} {base} '{keys}' {' '.join(subjects)}\n"


def one(name, fills, before, ms, seconds):
    files, cases = {}, []
    script = SCRIPT % {"ms": ms, "window": WINDOW}
    for protocol, family, sizes in fills:
        script += over_fill(protocol, family, sizes, files, cases)
    for family, n in before:
        script += over_rules(family, n, files, cases)
    return Job(name, script, cases, files=files, seconds=seconds, memory="3G")


def jobs(quick, _rounds):
    if quick:
        return [one("quick", [("udp", "ipv4", (0, 100000))],
                    [("ipv4", 10), ("ipv4", 1000)], 80, 30)]
    return [one("fill", [("udp", "ipv4", FILLS), ("tcp", "ipv4", FILLS),
                         ("udp", "ipv6", FILLS)], (), 200, 200),
            one("rules", (), [(f, n) for f in rules.FAMILIES for n in BEFORE], 200, 90)]
