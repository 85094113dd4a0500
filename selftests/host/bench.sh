#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# selftests/bench/run is not fooled: what jobs have left behind is judged; rule
# sets say the same in all languages; compare tells a change from noise
#
# No guest is booted here: the logs are as a job would have written them.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"
plan 37
BENCH=$TOP/selftests/bench
JOB=$TMP/job
mkdir "$JOB"

# A plan of two subjects, two rounds: every packet accepted, sfw has counted
# all of them, the probe denied.
cat > "$JOB/plan.json" <<-END
	{ "row": 2, "title": "ordered rules", "job": "t", "rounds": 2, "cases": [
	  { "case": "mix/10", "subject": "sfw", "x": 10, "unit": "ns/packet",
	    "series": "mix", "rounds": null, "role": "",
	    "expect": { "acc": "pkts", "drop": 0, "sfw_allowed": "pkts" },
	    "checks": { "probe-none": { "acc": 0, "drop": "pkts" } } },
	  { "case": "mix/10", "subject": "nft", "x": 10, "unit": "ns/packet",
	    "series": "mix", "rounds": null, "role": "",
	    "expect": { "acc": "pkts", "drop": 0 }, "checks": {} } ] }
END

good() {
	cat <<-END
		some tool says hello
		note a remark
		sample case=mix/10 subject=sfw round=1 pkts=64 cpu_ns=50.5 acc=64 drop=0 sfw_allowed=64
		sample case=mix/10 subject=nft round=1 pkts=640 cpu_ns=101 acc=640 drop=0
		sample case=mix/10 subject=nft round=2 pkts=640 cpu_ns=103 acc=640 drop=0
		sample case=mix/10 subject=sfw round=2 pkts=64 cpu_ns=51.5 acc=64 drop=0 sfw_allowed=64
		check case=mix/10 subject=sfw name=probe-none pkts=64 acc=0 drop=64
	END
}

# judged NAME STATUS PATTERN [ENDED]: the log on standard input, of a job that
# ended with ENDED, makes run end with STATUS and say PATTERN
judged() {
	local out status
	cat > "$JOB/log"
	printf '%s\n' "${4:-0}" > "$JOB/status"
	out=$("$BENCH/run" --judge "$JOB" 2>&1)
	status=$?
	if [[ $status == "$2" && $out =~ $3 ]]; then
		ok "$1"
	else
		not_ok "$1" "wanted exit $2 and '$3'; got exit $status:"$'\n'"$out"
	fi
}

judged "good figures, compared with the best peer" 0 \
	'10 +102 ±[0-9.]+% +51.0 ±[0-9.]+% +2.0x less than nft' < <(good)
judged "a packet of a timed run that was dropped" 1 \
	'sfw: FAILED: round 2: acc is 63, not 64 \(pkts\); round 2: drop is 1, not 0' \
	< <(good | sed '/sfw round=2/s/acc=64 drop=0/acc=63 drop=1/')
judged "packets that sfw has not counted" 1 'round 1: sfw_allowed is 0, not 64' \
	< <(good | sed '/sfw round=1/s/sfw_allowed=64/sfw_allowed=0/')
judged "counters that cannot be read" 1 'round 1: no sfw_allowed in the result' \
	< <(good | sed '/sfw round=1/s/sfw_allowed=64//')
judged "a peer that lets pass what it should not is FAILED, too" 1 'nft: FAILED: .*drop is 5, not 0' \
	< <(good | sed '/nft round=1/s/drop=0/drop=5/')
judged "a failed peer is no peer to compare with" 1 '10 +FAILED +51.0 ±[0-9.]+%'$'\n' \
	< <(good | sed '/nft round=1/s/drop=0/drop=5/')
judged "a firewall that lets everything pass" 1 'check probe-none: acc is 64, not 0' \
	< <(good | sed '/^check/s/acc=0 drop=64/acc=64 drop=0/')
judged "a check that was not made" 1 'check probe-none not seen' < <(good | grep -v ^check)
judged "a round that is missing" 1 'nft: FAILED: 1 of 2 samples' < <(good | grep -v 'nft round=2')
judged "a round too many" 1 'nft: FAILED: 3 of 2 samples' \
	< <(good; good | grep 'nft round=2' | sed 's/round=2/round=3/')
judged "a sample without a figure" 1 'round 2: no figure' < <(good | sed '/nft round=2/s/cpu_ns=103//')
judged "a subject nobody planned" 1 'pf: FAILED: measured, but not planned' \
	< <(good; echo 'sample case=mix/10 subject=pf round=1 cpu_ns=1')
judged "a line that names no case" 1 'neither case nor subject' < <(good; echo 'sample round=3 cpu_ns=1')
judged "what cannot be measured here is skipped, with the reason" 0 'mix/10 nft: not on this machine' \
	< <(good | grep -v subject=nft; echo 'skip case=mix/10 subject=nft not on this machine')
judged "but not if the job died" 1 'nft: FAILED: .*ended with 1' 1 \
	< <(good | grep -v subject=nft; echo 'skip case=mix/10 subject=nft not on this machine')
judged "nothing but skipped figures is no run" 1 'nothing was measured' < <(
	for s in sfw nft; do echo "skip case=mix/10 subject=$s no"; done)
judged "a script that ends badly" 1 'sfw: FAILED: the job ended with 3' 3 < <(good)
judged "a dead guest, even after the last sample" 1 'the job ended with 125: boot.sh: the guest died' \
	$'125\nboot.sh: the guest died' < <(good)
judged "a guest that does not end" 1 'the job did not end in time' late < <(good)
judged "an empty log" 1 '0 of 2 samples' < /dev/null
rm "$JOB/log"
printf '125\nno kernel\n' > "$JOB/status"
out=$("$BENCH/run" --judge "$JOB" 2>&1)
is "a guest that did not start: exit" $? 1
check "and its reason" grep -q 'did not start its job: no kernel' <<< "$out"

# rows

out=$("$BENCH/run" --rows "2 seven" 2>&1)
is "an unknown row is refused: exit" $? 2
check "with the names of all" grep -qE 'no such row: seven\. There are: 1 base, 2 ordered' <<< "$out"
out=$(make -s -C "$TOP" bench-compare 2>&1)
check "compare wants two files" grep -q 'make bench-compare A=old.json B=new.json' <<< "$out"

# compare

# results FIGURES OF SFW...: results.json of a run with these samples, of a peer
# that costs $peer
peer=50
results() {
	local IFS=, list
	list="$*"
	cat <<-END
		{ "meta": { "commit": "c", "date": "d", "quick": false, "machine": {} },
		  "titles": {}, "rows": [ { "row": 2, "case": "mix/10", "subject": "sfw",
		  "role": "sfw", "ok": true, "samples": [$list], "median": $3 }, { "row": 2,
		  "case": "mix/10", "subject": "nft", "role": "peer", "ok": true,
		  "samples": [$peer, $peer], "median": $peer } ] }
	END
}
results 100 101 100 102 101 > "$TMP/old"
results 120 121 120 122 121 > "$TMP/new"
results 90 99 104 113 108 > "$TMP/noisy"
peer=65 results 120 121 120 122 121 > "$TMP/busy"
check "a change is marked, with the noise beside it" \
	grep -qE '100 +120 +\+20\.0% +±[01]\.[0-9]% +\+0\.0% +MORE$' <("$BENCH/compare" "$TMP/old" "$TMP/new")
check "in the other direction, too" grep -qE ' -16\.7% .* less$' <("$BENCH/compare" "$TMP/new" "$TMP/old")
check "what is within the noise is not" \
	grep -qE '\+4\.0% +±([6-9]|1[0-9])\.[0-9]% +\+0\.0%$' <("$BENCH/compare" "$TMP/old" "$TMP/noisy")
check "nor what the peers did, too" \
	grep -qE '\+20\.0% +±[01]\.[0-9]% +\+30\.0%$' <("$BENCH/compare" "$TMP/old" "$TMP/busy")
"$BENCH/compare" "$TMP/old" "$TMP/none" > "$TMP/out" 2>&1
is "a file that is not there: exit" $? 1

# rule sets

cat > "$TMP/sets.py" <<'END'
"""The texts of each kind of set are rules of equal number, and the answers to
probes are not all the same."""
import sys
sys.dont_write_bytecode = True
sys.path.insert(0, sys.argv[1])
import rules

taken = rules.Taken(rules.IPV4)
made = rules.make("early", 2, rules.IPV4)[0]
assert taken.add(made) and not taken.add(made), "the same rule twice"

for kind in rules.KINDS:
    for family in rules.FAMILIES.values():
        for n in (1, 10, 300):
            made = rules.make(kind, n, family)
            assert made == rules.make(kind, n, family), "not the same twice"
            texts = {"sfw": rules.sfw(made, family).count("\nin "),
                     "nft": rules.nft(made, family).count(" daddr "),
                     "iptables": rules.iptables(made, family).count("-A PREROUTING")}
            if rules.disjoint(kind, n):
                texts["pipapo"] = sum(rules.pipapo(made, family).count(f" : {w}")
                                      for w in ("accept", "drop"))
                texts["ipset"] = rules.ipset(made, family).count("\nadd ")
            assert set(texts.values()) == {n}, (kind, family.name, n, texts)
            asked = {p.name: p for p in rules.probes(made, family)}
            assert asked["match"].allow and not asked["none"].allow
            p = asked["match"]
            hit = [i for i, r in enumerate(made)
                   if r.matches(p.source, p.target, p.protocol, p.sport, p.dport)]
            assert hit == [n - 1], (kind, family.name, n, hit)
            if rules.disjoint(kind, n):
                for i, a in enumerate(made):
                    for b in made[:i]:
                        assert a.protocol != b.protocol or not all(
                            x[0] <= y[1] and y[0] <= x[1] for x, y in
                            ((a.source, b.source), (a.target, b.target),
                             (a.dport, b.dport))), (a, b)
            elif n > 2:
                assert not asked["order"].allow, "order does not decide"
END
check "rule sets are what they are said to be" /usr/bin/python3 "$TMP/sets.py" "$BENCH"
/usr/bin/python3 -B - "$BENCH" > "$TMP/rules" <<'END'
import sys
sys.path.insert(0, sys.argv[1])
import rules
print(rules.sfw(rules.make("overlap", 200, rules.IPV6), rules.IPV6))
END
if [[ -x $TOP/build/sfwctl ]]; then
	# It may have findings.
	"$TOP/build/sfwctl" check "$TMP/rules" > /dev/null 2>&1
	check "sfwctl can read them" test $? -lt 2
else
	ok "sfwctl can read them # SKIP build/sfwctl is not built"
fi

# plots and RESULTS.md

if /usr/bin/python3 -c 'import matplotlib' 2> /dev/null; then
	/usr/bin/python3 -B - "$BENCH" "$TMP" > "$TMP/out" 2>&1 <<'END'
import sys
sys.path.insert(0, sys.argv[1])
import plot
rows = [{"row": 2, "case": f"mix/{f}/{x}", "subject": s, "x": x, "series": f"mix/{f}",
         "unit": "ns/packet", "role": "sfw" if s == "sfw" else "peer", "ok": True,
         "samples": [x], "median": 10 * x} for x in (1, 10, 100)
        for s in ("sfw", "nft") for f in ("ipv4", "ipv6")]
for folder in "ab":
    plot.all_rows({"titles": {"2": "ordered rules"}, "rows": rows}, f"{sys.argv[2]}/{folder}")
END
	check "the same results give the same picture" cmp "$TMP/a/row2.svg" "$TMP/b/row2.svg"
	check "which has a dark and a light side" grep -q prefers-color-scheme "$TMP/a/row2.svg"
else
	ok "the same results give the same picture # SKIP no matplotlib"
	ok "which has a dark and a light side # SKIP no matplotlib"
fi
echo '{ "meta": { "quick": true }, "rows": [] }' > "$TMP/quick.json"
"$BENCH/run" --publish --out "$TMP/quick.json" > "$TMP/out" 2>&1
is "a quick run is not published: exit" $? 1
for commit in 1 2; do
	printf '{ "meta": { "commit": "%s", "machine": 1, "host_kernel": 1, "guest_kernel": 1,
		"versions": 1, "rounds": 7, "quick": false }, "rows": [ { "row": 3 } ] }' \
		$commit > "$TMP/commit$commit.json"
done
"$BENCH/run" --publish "$TMP/commit2.json" --out "$TMP/commit1.json" > "$TMP/out" 2>&1
check "runs of two commits are not one" grep -q "another commit" "$TMP/out"
"$BENCH/run" --publish "$TMP/commit1.json" --out "$TMP/commit1.json" > "$TMP/out" 2>&1
check "nor are two runs of one row" grep -q "row 3 is in" "$TMP/out"
