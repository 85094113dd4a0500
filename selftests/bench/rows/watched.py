# SPDX-License-Identifier: GPL-2.0
"""Row 9: sfw while somebody listens to its events, beside sfw alone

drop     every packet is dropped by the first rule, so each is an event
new      every packet is the first of a connection, so each is an event
known    packets of 1,000 established connections: none is

sfw-watched is the same namespace with `sfwctl monitor` in it, whose output
goes into a file. The figure is all that the kernel did in that time, divided by
the packets: the packet itself, the events that the rate lets through, and the
system calls in which they are read. The burst is spent before. What sfwctl does
with them in user space is on another clock, and a system call of the user-mode
kernel takes ten times as long as one of another: for the share that a listener
takes of a machine, see row 9 of `make bench-instructions`.
"""
import rules
from plan import Case, Job

NUMBER = 9
TITLE = "while somebody listens to events"
SUBJECTS = ("sfw", "sfw-watched")
DENIED = 9

RULES = f"""sfw 1
option max-connections 16000000
option timeout udp 36000
option timeout udp-stream 36000
default in deny
default out allow
in 1 deny udp to port {DENIED}
in 2 allow udp
"""

SCRIPT = """
warm && space sfw && load sfw sfw ipv4 watched.sfw || exit

# spend CASE KEYS: the burst of events
# shellcheck disable=SC2086 # words
spend() {
	meter sfw op=flood mix=0 $2 dport=%(denied)d pkts=6400 > /dev/null
	[[ $1 != new* ]] || meter sfw op=new start=20000 $2 pkts=6400 > /dev/null
}

# In a quiet second the kernel notices that nobody listens, which shows in nothing
# else.
unwatch() {
	kill $MONITOR && wait $MONITOR
	sleep 1.3
}

# watched CASE WORK KEYS
# shellcheck disable=SC2086 # words
watched() {
	local case=$1 work=$2 keys=$3 round subject line pkts
	pkts=$(packets sfw %(ms)d $work $keys) || return
	on sfw sfwctl -q conns flush
	for ((round = 1; round <= ROUNDS; round++)); do
		for subject in $(rotate $round sfw sfw-watched); do
			[[ $case != known* ]] ||
				meter sfw op=setup flows=1000 $keys > /dev/null
			[[ $subject == sfw ]] || listen /tmp/heard op=flood mix=0 $keys || return
			spend $case "$keys"
			line=$(SPACE=sfw take $case $subject $round $work $keys \\
				pkts=$pkts)
			[[ $subject == sfw ]] || unwatch
			echo "$line value=$(value total_ns "$line")"
			on sfw sfwctl -q conns flush
		done
	done
	echo "note events lost so far: $(on sfw sfwctl -j stats | tail -c 20)"
}
"""


def jobs(quick, _rounds):
    families = ("ipv4",) if quick else tuple(rules.FAMILIES)
    script = SCRIPT % {"ms": 300 if quick else 1000, "denied": DENIED}
    expect = {
        "drop": {"acc": 0, "drop": "pkts", "sfw_dropped": "pkts"},
        "new": {"acc": "pkts", "drop": 0, "sfw_created": "pkts"},
        "known": {"acc": "pkts", "drop": 0, "sfw_created": 0},
    }
    cases = []
    for family in families:
        what = rules.FAMILIES[family]
        free = rules.meter(what).rsplit(" ", 1)[0]
        script += (f"watched drop/{family} 'op=run hooks=pre flows=1000' "
                   f"'{rules.meter(what, dport=DENIED).rsplit(' ', 1)[0]}'\n"
                   f"watched known/{family} 'op=run hooks=pre flows=1000' '{free}'\n")
        if not quick:
            script += f"watched new/{family} 'op=new start=100000' '{free}'\n"
        cases += [Case(f"{kind}/{family}", s, expect=expect[kind], role="sfw" if s == "sfw"
                       else "peer") for kind in expect if kind != "new" or not quick
                  for s in SUBJECTS]
    return [Job("watched", script, cases, files={"watched.sfw": RULES}, memory="2G",
                seconds=30 if quick else 120)]
