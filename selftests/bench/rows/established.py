# SPDX-License-Identifier: GPL-2.0
"""Row 3: a packet of an established connection, one of 1 to 1 million (sfw: 10)

Connections are chosen at random for each packet. nf_conntrack's rules are the
usual two: established and related packets are accepted, new ones too. They
stand where they cost least: at prerouting, alone. Its hash table, which all
namespaces share, holds only the connections of the one that is measured, and
has the size that was best for it in a trial just before.

A sample counts only if each packet was seen as part of an established
connection: by nf_conntrack's own mark, and for sfw by no connection having
been added to the table nor lost.
"""
import rules
from plan import Case, Job

NUMBER = 3
TITLE = "an established packet"
PROTOCOLS = {"tcp": 6, "udp": 17}
CONNTRACK = ("nf_conntrack+nft", "nf_conntrack+iptables")

SCRIPT = """
sysctl -qw net.netfilter.nf_conntrack_max=24000000 && warm || exit

# up SUBJECT FAMILY CASE FLOWS KEYS: a namespace with established connections
up() {
	local subject=$1 family=$2 case=$3 flows=$4 keys=$5 line
	space $subject && load $subject $subject $family $family.${subject##*+} || return
	[[ $subject == sfw ]] || patient $subject || return
	line=$(meter $subject op=setup flows=$flows $keys) || return
	echo "check case=$case subject=$subject name=setup $line"
}

# best SUBJECT FLOWS KEYS: the best size of nf_conntrack's table
best() {
	local subject=$1 flows=$2 keys=$3 size line ns least= found=
	for size in $((flows < 16384 ? 16384 : flows)) $((flows < 16384 ? 65536 : flows * 2)) \\
			$((flows < 16384 ? 262144 : flows * 4)); do
		buckets $size || return
		line=$(meter $subject op=run hooks=pre flows=$flows pkts=200000 $keys) || return
		ns=$(value cpu_ns "$line")
		if [[ -z $least ]] || ((${ns/./} < ${least/./})); then
			least=$ns found=$size
		fi
	done
	buckets $found
	echo "note $subject, $flows connections: $found buckets"
}

# samples CASE FLOWS KEYS SUBJECT...
samples() {
	local case=$1 flows=$2 keys=$3 round subject
	local -A pkts
	shift 3
	for subject; do
		pkts[$subject]=$(packets $subject %(ms)d op=run hooks=pre flows=$flows $keys)
	done
	for ((round = 1; round <= ROUNDS; round++)); do
		for subject in $(rotate $round "$@"); do
			take $case $subject $round op=run hooks=pre flows=$flows \\
				pkts=${pkts[$subject]} $keys
		done
	done
}

# held CASE SUBJECT: how many connections nf_conntrack has
held() {
	echo "check case=$1 subject=$2 name=held entries=$(on $2 \\
		cat /proc/sys/net/netfilter/nf_conntrack_count)"
}

# measure CASE FAMILY FLOWS KEYS
measure() {
	local case=$1 family=$2 flows=$3 keys=$4
	local a=nf_conntrack+nft b=nf_conntrack+iptables
	up sfw $family $case $flows "$keys"
	up $a $family $case $flows "$keys" && best $a $flows "$keys" &&
		samples $case $flows "$keys" sfw $a
	held $case $a
	unspace sfw
	on $a conntrack -F 2> /dev/null
	unspace $a
	up $b $family $case $flows "$keys" && best $b $flows "$keys" &&
		samples $case $flows "$keys" $b
	held $case $b
	on $b conntrack -F 2> /dev/null
	unspace $b
}

# alone CASE FAMILY FLOWS KEYS: sfw only
alone() {
	up sfw $2 $1 $3 "$4" && samples $1 $3 "$4" sfw
	unspace sfw
}
"""


def texts():
    """Rule sets of both families, for all."""
    out = {}
    for name, family in rules.FAMILIES.items():
        ip = "ip" if family.version == 4 else "ip6"
        out[f"{name}.sfw"] = (
            "mode stateful\ndefault in deny\ndefault out deny\n"
            "option max-connections 16000000\n"
            "option timeout udp 10h\noption timeout udp-stream 10h\n"
            "option timeout tcp-syn-sent 10h\noption timeout tcp-syn-received 10h\n"
            "in 10 allow any\n")
        out[f"{name}.nft"] = (
            f"table {ip} bench {{\n chain pre {{\n"
            "  type filter hook prerouting priority 0; policy drop;\n"
            "  ct state established,related accept\n  ct state new accept\n }\n}\n")
        out[f"{name}.iptables"] = (
            "*mangle\n:PREROUTING DROP [0:0]\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n"
            ":OUTPUT ACCEPT [0:0]\n:POSTROUTING ACCEPT [0:0]\n"
            "-A PREROUTING -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT\n"
            "-A PREROUTING -m conntrack --ctstate NEW -j ACCEPT\nCOMMIT\n")
    return out


def add(protocol, family, flows, cases, alone=False):
    """One size: its cases, and the line of the script."""
    case, series = f"{protocol}/{family}/{flows}", f"{protocol}/{family}"
    every = {"acc": "pkts", "drop": 0}
    cases.append(Case(
        case, "sfw", flows, series=series,
        expect=every | {"sfw_packets": "pkts", "sfw_allowed": "pkts",
                        "sfw_created": 0, "sfw_entries": flows},
        checks={"setup": {"ok": flows}}))
    if not alone:
        cases += [Case(case, s, flows, series=series, expect=every | {"est": "pkts"},
                       checks={"setup": {"ok": flows}, "held": {"entries": flows}})
                  for s in CONNTRACK]
    keys = rules.meter(rules.FAMILIES[family], PROTOCOLS[protocol]).rsplit(" ", 1)[0]
    return f"{'alone' if alone else 'measure'} {case} {family} {flows} '{keys}'\n"


def one(name, sizes, ms, seconds, memory="3G", alone=False):
    cases = []
    script = SCRIPT % {"ms": ms}
    for protocol, family, flows in sizes:
        script += add(protocol, family, flows, cases, alone)
    return Job(name, script, cases, files=texts(), seconds=seconds, memory=memory)


def jobs(quick, _rounds):
    if quick:
        return [one("quick", [("tcp", "ipv4", 1000), ("tcp", "ipv4", 100000),
                              ("udp", "ipv4", 100000), ("tcp", "ipv6", 1000)], 80, 30)]
    both = [(p, "ipv4", n) for p in PROTOCOLS for n in (1, 1000, 100000, 1000000)]
    return [one("ipv4", both, 200, 120),
            one("ipv6", [(p, "ipv6", n) for p in PROTOCOLS for n in (1000, 100000)],
                200, 50),
            one("many", [(p, "ipv4", 10000000) for p in PROTOCOLS], 200, 90, "6G", True)]
