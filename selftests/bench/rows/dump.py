# SPDX-License-Identifier: GPL-2.0
"""Row 8: listing connections, removing some of them

Of 100,000 and a million established TCP connections: the whole list as text
(sfwctl conns, conntrack -L), as something a program reads (sfwctl -j conns,
conntrack -L -o xml), and the removal of those from one /24 network, another
one in each round. Output goes to /dev/null; that lists are complete is checked
apart from the timing.

The figure is CPU time, of the guest's kernel and of the command together, that
this machine has spent; wall_ms stands beside it. System calls of a guest cost
some microseconds more than native ones, which burdens who makes many of them.
"""
import rules
from established import CONNTRACK, texts
from plan import Case, Job

NUMBER = 8
TITLE = "listing and removing connections"
SOURCES = 65536
SUBJECTS = ("sfw", CONNTRACK[0])

SCRIPT = """
sysctl -qw net.netfilter.nf_conntrack_max=24000000 && warm || exit

# The commands. NETWORK is the /24 whose connections go.
text() { on $1 ${TEXT[$1]}; }
machine() { on $1 ${MACHINE[$1]}; }
kill() { on $1 ${KILL[$1]} $2; }
declare -A TEXT=([sfw]="sfwctl conns" [%(peer)s]="conntrack -L")
declare -A MACHINE=([sfw]="sfwctl -j conns" [%(peer)s]="conntrack -L -o xml")
declare -A KILL=([sfw]="sfwctl -q conns kill src" [%(peer)s]="conntrack -D -s")

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

# clock CASE SUBJECT ROUND COMMAND...: time it, print a sample
clock() {
	local case=$1 subject=$2 round=$3 before=$(entries $2)
	shift 3
	clocked "$@" > /dev/null 2> errors || { cat errors; return; }
	echo "sample case=$case subject=$subject round=$round value=$ms" \\
		"wall_ms=$wall_ms removed=$((before - $(entries $subject)))"
}

# whole FLOWS SUBJECT: is everything in the lists?
whole() {
	echo "check case=list/$1 subject=$2 name=whole" \\
		"lines=$(text $2 2> /dev/null | wc -l)"
	(($1 > 100000)) || echo "check case=list-for-programs/$1 subject=$2 name=whole" \\
		"lines=$(machine $2 2> /dev/null | grep -o %(marks)s | wc -l)"
}

# size FLOWS ROUNDS KEYS
size() {
	local flows=$1 rounds=$2 keys=$3 subject round
	for subject in %(subjects)s; do
		buckets $flows
		space $subject && load $subject $subject ipv4 ipv4.${subject##*+} || return
		[[ $subject == sfw ]] || patient $subject || return
		meter $subject op=setup flows=$flows $keys > /dev/null || return
		whole $flows $subject
	done
	for ((round = 1; round <= rounds; round++)); do
		for subject in $(rotate $round %(subjects)s); do
			clock list/$flows $subject $round text $subject
			clock list-for-programs/$flows $subject $round machine $subject
			clock remove-a-network/$flows $subject $round \\
				kill $subject 198.18.$round.0/24
			# what was removed is there again in the next round
			meter $subject op=setup flows=$flows $keys > /dev/null
		done
	done
	for subject in %(subjects)s; do
		[[ $subject == sfw ]] || on $subject conntrack -F 2> /dev/null
		unspace $subject
	done
}
"""


def removed(flows):
    """Connections from 256 of the first sources."""
    return 256 * (flows // SOURCES + (flows % SOURCES >= 256 * 16))


def jobs(quick, rounds):
    sizes = [(100000, rounds)] + ([] if quick else [(1000000, min(rounds, 3))])
    script = SCRIPT % {"peer": CONNTRACK[0], "subjects": " ".join(SUBJECTS),
                       "marks": r"""-e '"source":' -e 'direction="original"'"""}
    family, cases = rules.FAMILIES["ipv4"], []
    for flows, times in sizes:
        keys = (f"family=4 proto=6 sbase={family.first} dbase={family.host} "
                f"nsrc={SOURCES}")
        script += f"size {flows} {times} '{keys}'\n"
        checks = {"whole": {"lines": flows}}
        for case, expect, seen in (
                (f"list/{flows}", 0, checks),
                (f"list-for-programs/{flows}", 0, checks if flows <= 100000 else {}),
                (f"remove-a-network/{flows}", removed(flows), {})):
            cases += [Case(case, s, flows, "ms", case.split("/", maxsplit=1)[0], times,
                           {"removed": expect}, seen) for s in SUBJECTS]
    return [Job("dump", script, cases, files=texts(), memory="3G",
                seconds=25 if quick else 150)]
