# SPDX-License-Identifier: GPL-2.0
"""Row 6: a flood of SYNs at a full table

Every packet of the flood is the first of a connection from an address and port
that never came before; after each 64 of them come 16 packets of established
connections, timed apart.

half-open    a tenth of the table is established connections, the rest are half
             open ones of the flood: each new one has to take another's place
established  the whole table is established connections: there is no place

Three figures: a packet of the flood; an established packet meanwhile; and all
that the kernel did in that time, divided by all packets, for a firewall may
leave the freeing of what it evicts, and the search for it, to later.

nf_conntrack has twice as many buckets as places, which was best for it: with
as many as places a packet of the flood took it 1.4 times as long, with four
times as many it found no victim for 2 % of the newcomers. It looks for one in
eight buckets only, and the newcomer is dropped if there is none; up to one of
a thousand counts as placed here. sfw has to find a place for each.
"""
import rules
from established import CONNTRACK, texts
from plan import Case, Job

NUMBER = 6
TITLE = "a SYN flood at a full table"
SUBJECTS = ("sfw", CONNTRACK[0])

SCRIPT = """
warm || exit

# fill SUBJECT FAMILY MAX ESTABLISHED KEYS: until the table is full
fill() {
	local subject=$1 family=$2 max=$3 established=$4 keys=$5
	space $subject && load $subject $subject $family $family.${subject##*+} || return
	[[ $subject == sfw ]] || patient $subject || return
	meter $subject op=setup flows=$established $keys > /dev/null &&
		meter $subject op=flood pkts=$((max + max / 10)) flows=$established \\
			mix=0 $keys > /dev/null
}

# placed LINE: 1 if at least 999 of 1,000 newcomers found a place, else 0
placed() { echo $(($(value acc "$1") * 1000 >= $(value pkts "$1") * 999)); }

# flood CASE FAMILY MAX ESTABLISHED KEYS
flood() {
	local case=$1 family=$2 max=$3 established=$4 keys=$5 subject round line ready=()
	local -A pkts
	sysctl -qw net.netfilter.nf_conntrack_max=$max && buckets $((max * 2)) || return
	for subject in %(subjects)s; do
		fill $subject $family $max $established "$keys" || continue
		pkts[$subject]=$(packets $subject %(ms)d op=flood flows=$established $keys)
		ready+=($subject)
	done
	for ((round = 1; round <= ROUNDS; round++)); do
		for subject in $(rotate $round ${ready[@]}); do
			line=$(take CASE $subject $round op=flood flows=$established \\
				pkts=${pkts[$subject]} $keys) || { echo "$line"; continue; }
			[[ $subject == sfw ]] || line+=" entries=$(on $subject cat \\
				/proc/sys/net/netfilter/nf_conntrack_count)"
			line+=" placed=$(placed "$line")"
			echo "${line/CASE/$case/flood-packet}"
			echo "${line/CASE/$case/established-packet}" \\
				"value=$(value known_cpu_ns "$line")"
			echo "${line/CASE/$case/all-work}" "value=$(value total_ns "$line")"
		done
	done
	for subject in ${ready[@]}; do
		[[ $subject == sfw ]] || on $subject conntrack -F 2> /dev/null
		unspace $subject
	done
}
"""


def expected(state, subject, places):
    """Established packets always pass, and sfw's table stays full."""
    expect = {"known_acc": "known_pkts", "known_drop": 0}
    if state == "established":
        expect |= {"acc": 0, "drop": "pkts"}
    elif subject == "sfw":
        expect |= {"acc": "pkts", "drop": 0}
    else:
        expect |= {"placed": 1}
    if subject != "sfw":
        return expect | {"known_est": "known_pkts"}
    return expect | {"sfw_entries": places,
                     "sfw_evicted" if state == "half-open" else "sfw_refused": "pkts"}


def files_of(places):
    return {name: text.replace("max-connections 16000000", f"max-connections {places}")
            for name, text in texts().items()}


def jobs(quick, _rounds):
    places = 50000 if quick else 250000
    families = ("ipv4",) if quick else tuple(rules.FAMILIES)
    script = SCRIPT % {"ms": 80 if quick else 200, "subjects": " ".join(SUBJECTS)}
    cases = []
    for family in families:
        keys = rules.meter(rules.FAMILIES[family], 6).rsplit(" ", 1)[0]
        for state, established in (("half-open", places // 10), ("established", places)):
            case = f"{state}/{family}"
            script += f"flood {case} {family} {places} {established} '{keys}'\n"
            cases += [Case(f"{case}/{what}", s, expect=expected(state, s, places))
                      for what in ("flood-packet", "established-packet", "all-work")
                      for s in SUBJECTS]
    return [Job("flood", script, cases, files=files_of(places), memory="2G",
                seconds=25 if quick else 90)]
