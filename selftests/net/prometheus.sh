#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Figures for monitoring: stats --prometheus, the file that node_exporter reads,
# and /proc/net/sfw_stats for who has no rights.
. ./lib.sh
plan 23

topology pair
peer listen "$SERVER" udp 53
send() { pkt send "$CLIENT" eth0 "$@"; }

metrics() {
	R=$("$SFWCTL" -N "$SERVER" stats --prometheus) ||
		bail "stats --prometheus: exit $?"
	echo "$R" >"$TEST_DIR/metrics"
	R=$'\n'$R$'\n'
}
# good TEXT: what metrics wrote is
good() {
	local said
	said=$(python3 ./prometheus.py "$TEST_DIR/metrics")
	is "$1" "$said" ""
}
# sample TEXT LINE: a check: there is this line
sample() { has "$1" "$R" $'\n'"$2"$'\n'; }

metrics
good "without a rule set it is well-formed"
sample "and says so" 'sfw_info{version="'"$("$SFWCTL" --version |
	sed 's/sfwctl \([^,]*\),.*/\1/')"'",mode="none",audit="off"} 1'

sfw "$SERVER" <<-'END'
	option timeout udp 600
	option max-connections 1000
	default in  deny
	default out allow
	in  10 deny   udp to port 1    "a \"quoted\" back\\slash ü"
	in  40 allow  udp to port 53
	in  50 reject udp to port 3
END
send times 3 ip "$GHOST4" \> "$SERVER4" udp 5000 \> 1
send times 2 ip "$GHOST6" \> "$SERVER6" udp 5000 \> 53 data 10
send ip "$GHOST4" \> "$SERVER4" udp 5000 \> 9
counted "traffic came" "$SERVER" dropped 4
metrics
good "with rules it is well-formed, with all the names there are"
sample "a rule's packets" \
	'sfw_rule_packets_total{direction="in",rule="10",action="deny"} 3'
sample "its bytes" \
	'sfw_rule_bytes_total{direction="in",rule="10",action="deny"} 84'
sample "the default's packets" \
	'sfw_rule_packets_total{direction="in",rule="*",action="deny"} 1'
sample "a rule's live connections" \
	'sfw_rule_connections{direction="in",rule="40",action="allow"} 2'
sample "drops" 'sfw_drops_total{direction="in",reason="rule"} 3'
sample "a comment, escaped" \
	'sfw_rule_info{direction="in",rule="10",comment="a \"quoted\" back\\slash ü"} 1'
sample "the table" 'sfw_conntrack_entries 2'
sample "its limit" 'sfw_conntrack_entries_limit 1000'
sample "the generation" 'sfw_ruleset_generation 1'
sample "nothing to confirm" 'sfw_confirm_pending 0'
if command -v promtool >/dev/null; then
	is "promtool has nothing to say" \
		"$(promtool check metrics <"$TEST_DIR/metrics" 2>&1)" ""
else
	echo "ok $((++TAP_DONE)) - promtool # SKIP no promtool"
fi

echo "in 40 allow udp to port 53" |
	"$SFWCTL" -q -N "$SERVER" apply --confirm=600 -
metrics
sample "a commit waits to be confirmed" 'sfw_confirm_pending 1'
ctl "$SERVER" confirm

# --- the file of node_exporter ----------------------------------------------

unit=../../tools/systemd/sfw-metrics.service
exec=$(sed -n "s/^ExecStart=\/bin\/sh -ec '\(.*\)'$/\1/p" $unit)
mkdir "$TEST_DIR/node"
run_unit() { # PATH
	ip netns exec "$SERVER" env "PATH=$1" DIR="$TEST_DIR/node" \
		/bin/sh -ec "$exec"
}
run_unit "${SFWCTL%/*}:$PATH"
cp "$TEST_DIR/node/sfw.prom" "$TEST_DIR/metrics"
good "the unit writes a file that is well-formed"
mkdir "$TEST_DIR/broken"
printf '#!/bin/sh\necho half\nexit 3\n' >"$TEST_DIR/broken/sfwctl"
chmod +x "$TEST_DIR/broken/sfwctl"
run_unit "$TEST_DIR/broken:$PATH"
good "which stays as it was when sfwctl fails"

# --- /proc/net/sfw_stats ----------------------------------------------------

stats_of() { # NS, as a user without rights; in R
	R=$(ip netns exec "$1" setpriv --reuid=65534 --regid=65534 \
		--clear-groups cat /proc/net/sfw_stats)
}
stats_of "$SERVER"
has "everybody may read the figures" $'\n'"$R"$'\n' \
	$'\nloaded 1\n' $'\ngeneration 2\n' $'\ndropped 4\n' \
	$'\ndropped_in_rule 3\n' $'\ndropped_in_default 1\n' \
	$'\nconnections 2\n' $'\nconnections_created 2\n' \
	$'\nevents_lost 0\n'
[[ $R =~ ^([a-z_]+\ [0-9]+$'\n')*[a-z_]+\ [0-9]+$ ]]
is "a name and a number a line" "$?" 0
is "nobody may write" "$(stat -Lc %a /proc/net/sfw_stats)" 444
stats_of "$CLIENT"
has "each namespace has its own" $'\n'"$R"$'\n' $'loaded 0\n' \
	$'\ngeneration 0\n' $'\ndropped 0\n'
ctl "$SERVER" counters zero
stats_of "$SERVER"
has "counters zero holds for it, too" $'\n'"$R"$'\n' $'\ndropped 0\n' \
	$'\nconnections_created 0\n' $'\nconnections 2\n'
