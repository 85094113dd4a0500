#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# selftests/bench/instructions/run is not fooled by what guests have printed
#
# No VM is booted here: the logs are as two boots would have written them.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"
plan 19
BENCH=$TOP/selftests/bench
mkdir "$TMP/good"

# Logs in which everything is as it must be. In the second boot, sfw's figures
# are 1 higher, of 1000; those of the others the same, 2000.
cat > "$TMP/log.py" <<'END'
import sys
sys.dont_write_bytecode = True
sys.path[:0] = [f"{sys.argv[1]}{x}" for x in ("/instructions", "", "/rows")]
import cases

def right(expect):
    found = {"pkts": 6400, "known_pkts": 1600}
    for key, want in expect.items():
        found[key] = found.get(want, want)
    return " ".join(f"{k}={v}" for k, v in found.items())

for number in (1, 2):
    with open(f"{sys.argv[2]}/log-{number}", "w", encoding="ascii") as log:
        for c in cases.job().cases:
            who = f"case={c.case} subject={c.subject}"
            figure = 999 + number if c.subject == "sfw" else 2000
            print(f"sample {who} round={number} {right(c.expect)} cpu_ns=7 "
                  f"value={figure}", file=log)
            for name, expect in c.checks.items():
                print(f"check {who} name={name} {right(expect)}", file=log)
    with open(f"{sys.argv[2]}/status-{number}", "w", encoding="ascii") as status:
        print(0, file=status)
END
check "logs are made" /usr/bin/python3 "$TMP/log.py" "$BENCH" "$TMP/good"

# judged NAME STATUS PATTERN [SED FILE]: the logs make run end with STATUS and
# say PATTERN, after sed has changed one of them
judged() {
	local out status
	rm -rf "$TMP/changed"
	cp -r "$TMP/good" "$TMP/changed"
	if [[ ${4:-} ]]; then
		sed -i "$4" "$TMP/changed/$5"
		if cmp -s "$TMP/good/$5" "$TMP/changed/$5"; then
			not_ok "$1" "nothing was changed"
			return
		fi
	fi
	out=$("$BENCH/instructions/run" --judge "$TMP/changed" 2>&1)
	status=$?
	if [[ $status == "$2" && $out =~ $3 ]]; then
		ok "$1"
	else
		not_ok "$1" "wanted exit $2 and '$3'; got exit $status:"$'\n'"$out"
	fi
}

judged "good figures, compared with the best peer" 0 \
	'tcp/ipv4/1000 +2 000 ±[0-9.]+% +2 000 ±[0-9.]+% +2 000 ±[0-9.]+% +1 0?0[0-9.]+ ±[0-9.]+% +2.0x less than nf_conntrack'
judged "all six rows" 0 '1\. no hook.*2\. 1,000 ordered.*3\. a packet.*4\. the first.*6\. a packet during.*9\. a packet'
judged "a packet that was dropped" 1 'sfw: FAILED: round 2: acc is 6399, not 6400' \
	'/^sample case=tcp.ipv6.*=sfw /s/acc=6400/acc=6399/' log-2
judged "packets that are not of an established connection" 1 \
	'udp/ipv4/1000 nf_conntrack.nft: FAILED: round 1: est is 0' \
	'/^sample case=udp.ipv4.*+nft /s/est=6400/est=0/' log-1
judged "connections that sfw should not have made" 1 'sfw_created is 3, not 0' \
	'/^sample case=udp.ipv6.*=sfw /s/sfw_created=0/sfw_created=3/' log-1
judged "new connections that were none" 1 'new-tcp/ipv4 nf_conntrack.iptables: FAILED.*new is 1, not 6400' \
	'/^sample case=new-tcp.ipv4.*iptables /s/new=6400/new=1/' log-2
judged "a list that lets pass what it should not" 1 'pipapo: FAILED: check probe-none: acc is 6400, not 0' \
	'/^check case=mix.ipv4.*pipapo name=probe-none /s/acc=0 drop=6400/acc=6400 drop=0/' log-1
judged "a listener that costs more than it may" 1 'drop/ipv4 sfw-watched: FAILED: check listener: within_5_percent is 0, not 1' \
	'/^check case=drop.ipv4.*=listener /s/within_5_percent=1/within_5_percent=0/' log-1
judged "a staged set that costs more than it may" 1 'tcp/ipv6/1000 sfw-staged: FAILED: check staged: within_2_times is 0, not 1' \
	'/^check case=tcp.ipv6.*name=staged /s/within_2_times=1/within_2_times=0/' log-2
judged "a flood that costs more at a full table than it may" 1 'tcp/ipv4/newcomer sfw-full: FAILED: check flood: within_50_percent is 0, not 1' \
	'/^check case=tcp.ipv4.newcomer.*name=flood /s/within_50_percent=1/within_50_percent=0/' log-1
judged "a flood that finds no place" 1 'udp/ipv4/established sfw-full: FAILED: round 1: acc is 6399, not 6400' \
	'/^sample case=udp.ipv4.established.*=sfw-full /s/ acc=6400/ acc=6399/' log-1
judged "a figure that only one boot has" 1 'new-udp/ipv6 sfw: FAILED: 1 of 2 samples' \
	'/^sample case=new-udp.ipv6 subject=sfw/d' log-2
judged "a boot that died after its last figure" 1 'FAILED: boot 2 ended with 125' 's/0/125/' status-2
rm "$TMP/good/status-1"
judged "a boot that left no status" 1 'FAILED: boot 1 left no status-1'

# results BASE UNIT
results() {
	cat <<-END
		{ "meta": {}, "titles": {}, "rows": [ { "row": 3, "case": "tcp/ipv4/1000",
		  "subject": "sfw", "role": "sfw", "ok": true, "unit": "$2",
		  "samples": [$1.1, $1.2], "median": $1.15 } ] }
	END
}
results 1000 instructions > "$TMP/old"
results 1004 instructions > "$TMP/new"
results 1004 ns/packet > "$TMP/time"
check "compare marks 0.4 %" \
	grep -qE '\+0\.40% +±0\.00% +MORE$' <("$BENCH/compare" "$TMP/old" "$TMP/new")
check "but compares no instructions with times" \
	grep -q 'no figure is in both' <("$BENCH/compare" "$TMP/old" "$TMP/time" 2>&1)

# the guest's part

check "guest.sh is in order" bash -n "$BENCH/instructions/guest.sh"
# shellcheck disable=SC2016 # for the shell that is started
check "a complaint of the kernel ends a boot badly" bash -c '
	eval "$(sed -n "/^sound()/,/^}/p" "$1")"
	dmesg() { echo "[    3.1] $said"; }
	said="all well"; sound > /dev/null || { echo "all is well"; exit 1; }
	said="WARNING: CPU: 0 PID: 1 at x.c:1"; ! sound > /dev/null || { echo not seen; exit 1; }
' _ "$BENCH/instructions/guest.sh"
