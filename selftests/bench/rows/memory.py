# SPDX-License-Identifier: GPL-2.0
"""Row 5: bytes of memory per connection and per rule

Per connection: a table of established connections grows from nothing, in a
guest that has just booted. "memory" is by how much less memory the guest has
available then, with everything: objects, what their pages waste, hash tables.
nf_conntrack's gets one bucket per connection, within the measurement, which is
what a kernel chooses by itself. "objects" is the slab caches of connections
alone. nf_conntrack's optional extensions (accounting, time stamps) are off;
sfw counts packets and bytes and has no options here.

Per rule: the list of kind mix (rules.py) is loaded, small ones into several
namespaces, and the difference in available memory divided by the rules. Each
subject has a guest of its own in which nothing is unloaded, for what goes is
freed whenever it suits the kernel. Counters per CPU, which sfw and iptables
have, count once: the guest has one CPU.
"""
import rules
from established import CONNTRACK, PROTOCOLS, texts
from ordered import make, probes
from plan import Case, Job

NUMBER = 5
TITLE = "memory"
SIZES = (1000, 10000, 100000)
TOGETHER = 20000            # rules over all namespaces, at least
# How they write it, the largest list they get, and the seconds that takes.
WRITERS = (("sfw", rules.sfw, 100000, 15), ("nft", rules.nft, 100000, 60),
           ("iptables", rules.iptables, 100000, 120), ("pipapo", rules.pipapo, 10000, 8))
FAMILY = "ipv4"

CONNECTIONS = """
sysctl -qw net.netfilter.nf_conntrack_max=24000000 && warm || exit

# entries SUBJECT
entries() {
	local now
	if [[ $1 == sfw ]]; then
		mapfile -t now < <(counters sfw)
		echo ${now[3]}
	else
		on $1 cat /proc/sys/net/netfilter/nf_conntrack_count
	fi
}

# grow NAME SUBJECT FAMILY FLOWS KEYS
grow() {
	local name=$1 subject=$2 family=$3 flows=$4 keys=$5 caches=nf_conntrack
	local objects memory line
	[[ $subject != sfw ]] || caches='sfw_conn[46]'
	buckets 16384
	space $subject && load $subject $subject $family $family.${subject##*+} || return
	[[ $subject == sfw ]] || patient $subject || return
	meter $subject op=setup flows=64 $keys > /dev/null
	# what all of this needs when it is done for the first time
	line=$(entries $subject; slab $caches; settled)
	objects=$(slab $caches) memory=$(settled)
	[[ $subject == sfw ]] || buckets $flows
	line=$(meter $subject op=setup start=64 flows=$flows $keys) || return
	memory=$((memory - $(settled)))
	objects=$(($(slab $caches) - objects))
	line+=" entries=$(($(entries $subject) - 64))"
	line="subject=$subject round=1 $line"
	echo "sample case=memory-$name $line value=$(share $memory $flows)"
	echo "sample case=objects-$name $line value=$(share $objects $flows)"
}
"""

RULES = """
# hold N COPIES SUBJECT: load it COPIES times, print what one rule takes
hold() {
	local n=$1 copies=$2 subject=$3 case=rule/$1 i memory
	for ((i = 0; i < copies; i++)); do
		space $subject-$n-$i || return
	done
	memory=$(settled)
	for ((i = 0; i < copies; i++)); do
		load $subject $subject-$n-$i %(family)s mix-$n.$subject || return
	done
	memory=$((memory - $(settled)))
	echo "sample case=$case subject=$subject round=1" \\
		"value=$(share $memory $((n * copies)))"
	SPACE=$subject-$n-0 ask $case $subject mix-$n.probes
}

# What loading needs when it is done for the first time is not the rules'.
space first && load %(subject)s first %(family)s mix-1000.%(subject)s &&
	settled > /dev/null || exit
"""


def connections(protocol, family, flows, memory):
    name = f"per-connection/{protocol}/{family}"
    keys = rules.meter(rules.FAMILIES[family], PROTOCOLS[protocol]).rsplit(" ", 1)[0]
    script, cases = CONNECTIONS, []
    for subject in ("sfw", CONNTRACK[0]):
        script += f"grow {name} {subject} {family} {flows} '{keys}'\n"
        cases += [Case(f"{what}-{name}", subject, unit="bytes", rounds=1,
                       expect={"ok": flows, "entries": flows})
                  for what in ("memory", "objects")]
    return Job(f"{protocol}-{family}", script, cases, files=texts(), seconds=10,
               memory=memory)


def compiled(subject, write, sizes, seconds):
    script, cases, files = RULES % {"family": FAMILY, "subject": subject}, [], {}
    family = rules.FAMILIES[FAMILY]
    for n in sizes:
        files[f"mix-{n}.{subject}"] = lambda n=n: write(make("mix", n, FAMILY), family)
        files[f"mix-{n}.probes"] = lambda n=n: rules.probe_lines(
            probes("mix", n, FAMILY), family)
        script += f"hold {n} {max(1, TOGETHER // n)} {subject}\n"
        cases.append(Case(f"rule/{n}", subject, n, "bytes", f"rule/{FAMILY}", 1,
                          checks=lambda n=n: rules.probe_checks(
                              probes("mix", n, FAMILY))))
    return Job(f"rules-{subject}", script, cases, files=files,
               seconds=seconds if max(sizes) > 10000 else 8, memory="3G")


def jobs(quick, _rounds):
    out = [connections("tcp", "ipv4", 100000, "2G")] if quick else \
        [connections(p, f, 1000000, "3G") for p in PROTOCOLS for f in rules.FAMILIES]
    for subject, write, largest, seconds in WRITERS:
        out.append(compiled(subject, write, [n for n in SIZES if n <= largest and
                                             not (quick and n > 1000)], seconds))
    return out
