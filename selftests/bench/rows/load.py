# SPDX-License-Identifier: GPL-2.0
"""Row 7: loading a rule set, changing one rule of 10,000

In the user-mode kernel for all: the tool reads its file, talks to the kernel
and returns when the set is in force. There, system calls and page faults cost
several times what they cost natively, for everybody. So nft and iptables are
also timed on this machine's own kernel, in a network namespace that goes with
the command, where that kernel has them. sfw is not: its module is not loaded
into that kernel, and no command of sfwctl only reads a file.

A change is one rule put at the end or into the middle, then taken out again.
Most of it is the tool's start: start-the-tool is the same without a change, so
what the change itself costs is the difference.
Wall time: only on a quiet machine do these figures mean something.
"""
import rules
from ordered import make, probes
from plan import Case, Job

NUMBER = 7
TITLE = "loading rules, changing one"
FAMILY = "ipv4"
SUBJECTS = ("sfw", "nft", "iptables")
STEP = 2                # between numbers of sfw's rules: room for one more
CHANGED = 10000

# What is put into the middle: the packets that no other rule is about.
SFW_RULE = f"allow udp from 198.18.0.0/15 to port {rules.NO_RULE_PORT}"
NFT_RULE = f"ip saddr 198.18.0.0/15 udp dport {rules.NO_RULE_PORT} accept"
IPTABLES_RULE = f"-s 198.18.0.0/15 -p udp --dport {rules.NO_RULE_PORT} -j ACCEPT"

SCRIPT = """
# loads N ROUNDS
loads() {
	local case=load-in-user-mode/$1 base=mix-$1 round subject ms
	for ((round = 1; round <= $2; round++)); do
		for subject in $(rotate $round sfw nft iptables); do
			space $subject &&
				ms=$(timed load $subject $subject ipv4 $base.$subject) &&
				echo "sample case=$case subject=$subject round=$round value=$ms"
			((round > 1)) || ask $case $subject $base.probes
			unspace $subject
		done
	done
}

# The rules that a change puts in and takes out again, at the end of the list
# and in the middle; nft's handle of the rule there is $handle, of the new $new.
append_sfw() { on sfw sfwctl -q add in $((%(changed)d * %(step)d + 1)) %(sfw)s; }
append_nft() { on nft nft add rule ip bench pre %(nft)s; }
append_iptables() { on iptables iptables-legacy -t raw -A PREROUTING %(ipt)s; }
insert_sfw() { on sfw sfwctl -q add in $((%(middle)d * %(step)d + 1)) %(sfw)s; }
insert_nft() { on nft nft insert rule ip bench pre handle $handle %(nft)s; }
insert_iptables() { on iptables iptables-legacy -t raw -I PREROUTING %(middle)d %(ipt)s; }
delete_sfw() { on sfw sfwctl -q del in $((%(middle)d * %(step)d + 1)); }
delete_nft() { on nft nft delete rule ip bench pre handle $new; }
delete_iptables() { on iptables iptables-legacy -t raw -D PREROUTING %(middle)d; }
unappend_sfw() { on sfw sfwctl -q del in $((%(changed)d * %(step)d + 1)); }
unappend_nft() { delete_nft; }
unappend_iptables() { on iptables iptables-legacy -t raw -D PREROUTING $((%(changed)d + 1)); }

start_sfw() { on sfw sfwctl --version; }
start_nft() { on nft nft --version; }
start_iptables() { on iptables iptables-legacy --version; }

# handles: nft's of all rules; a new one gets the number after the last
handles() { on nft nft -a list chain ip bench pre | sed -n '/ip saddr/s/.* # handle //p'; }

# change CASE SUBJECT ROUND PROBES FUNCTION: time it; then ask
change() {
	local ms
	ms=$(timed $5_$2) && echo "sample case=$1-%(changed)d subject=$2 round=$3 value=$ms"
	ask $1-%(changed)d $2 $4
}

changes() {
	local base=mix-%(changed)d round subject handle new ms
	for subject in sfw nft iptables; do
		space $subject && load $subject $subject ipv4 $base.$subject || return
	done
	handle=$(handles | sed -n %(middle)dp)
	new=$(handles | tail -n 1)
	for ((round = 1; round <= ROUNDS; round++)); do
		for subject in $(rotate $round sfw nft iptables); do
			[[ $subject != nft ]] || new=$((new + 1))
			change append-to $subject $round added.probes append
			unappend_$subject
			[[ $subject != nft ]] || new=$((new + 1))
			change insert-into $subject $round added.probes insert
			change delete-from $subject $round $base.probes delete
			ms=$(timed start_$subject) &&
				echo "sample case=start-the-tool subject=$subject round=$round value=$ms"
		done
	done
	for subject in sfw nft iptables; do
		unspace $subject
	done
}
"""

NATIVE = """
# native SUBJECT COMMAND...: in a namespace of its own; prints milliseconds
native() {
	unshare -n bash -c '. "$BENCH/rows/lib.sh"; timed "$@"' native "$@"
}

# have SUBJECT CASE COMMAND...: whether this machine has it
have() {
	local why
	why=$(unshare -n "${@:3}" 2>&1 > /dev/null) && return
	echo "skip case=$2 subject=$1 not on this machine: ${why:-unshare refused}"
	false
}

loads() {
	local case=load-native/$1 base=mix-$1 round ms subjects=()
	! have nft $case nft list ruleset || subjects+=(nft)
	! have iptables $case iptables-legacy -t raw -S || subjects+=(iptables)
	for ((round = 1; round <= $2 && ${#subjects[@]}; round++)); do
		for subject in $(rotate $round ${subjects[@]}); do
			case $subject in
			nft) ms=$(native nft -f $base.nft) ;;
			iptables) ms=$(native iptables-legacy-restore $base.iptables) ;;
			esac && echo "sample case=$case subject=$subject round=$round value=$ms"
		done
	done
}
"""


def files_of(n, native):
    def lazily(write, **kw):
        return lambda: write(make("mix", n, FAMILY), rules.FAMILIES[FAMILY], **kw)

    step = STEP if n <= 16383 else 1
    out = {f"mix-{n}.sfw": lazily(rules.sfw, step=step), f"mix-{n}.nft": lazily(rules.nft),
           f"mix-{n}.iptables": lazily(rules.iptables)}
    if not native:
        out[f"mix-{n}.probes"] = lambda: rules.probe_lines(
            probes("mix", n, FAMILY), rules.FAMILIES[FAMILY])
    return out


def checks_of(n):
    return lambda: rules.probe_checks(probes("mix", n, FAMILY))


def in_user_mode(sizes):
    files, cases, script = {}, [], SCRIPT % {
        "middle": CHANGED // 2, "step": STEP, "changed": CHANGED, "sfw": SFW_RULE,
        "nft": NFT_RULE, "ipt": IPTABLES_RULE}
    for n, rounds in sizes:
        files |= files_of(n, False)
        cases += [Case(f"load-in-user-mode/{n}", s, n, "ms", f"load-in-user-mode/{FAMILY}",
                       rounds, checks=checks_of(n)) for s in SUBJECTS]
        script += f"loads {n} {rounds}\n"

    # After a change the packets that no rule was about are accepted.
    files |= files_of(CHANGED, False)
    family = rules.FAMILIES[FAMILY]
    added = rules.Probe("none", family.number(family.first), family.number(family.host),
                        rules.UDP, rules.SPORT, rules.NO_RULE_PORT, True)
    files["added.probes"] = rules.probe_lines([added], family)
    for s in SUBJECTS:
        cases += [Case(f"{what}-{CHANGED}", s, unit="ms", checks=rules.probe_checks([added]))
                  for what in ("append-to", "insert-into")]
        cases.append(Case(f"delete-from-{CHANGED}", s, unit="ms",
                          checks=checks_of(CHANGED)))
        cases.append(Case("start-the-tool", s, unit="ms"))
    return files, cases, script + "changes\n"


def natively(sizes):
    files, cases, script = {}, [], NATIVE
    for n, rounds in sizes:
        files |= files_of(n, True)
        series = "load-native/ipv4"
        cases += [Case(f"load-native/{n}", s, n, "ms", series, rounds)
                  for s in ("nft", "iptables")]
        script += f"loads {n} {rounds}\n"
    return files, cases, script


def jobs(quick, rounds):
    sizes = [(1000, rounds), (10000, rounds)] + ([] if quick else [(100000, 3)])
    out = []
    for name, (files, cases, script), where, seconds in (
            ("user-mode", in_user_mode(sizes), "uml", 40 if quick else 180),
            ("native", natively(sizes), "host", 8 if quick else 40)):
        out.append(Job(name, script, cases, files=files, where=where, seconds=seconds,
                       memory="3G"))
    return out
