#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Rule sets that change under traffic: what both the old and the new one allow
# never loses a packet, what the new one denies is cut at its next packet, and
# option keep-connections leaves what lives alone.
. ./lib.sh
. ./apps_lib.sh
need iperf3 ping
plan 48

topology pair
peer listen "$SERVER" tcp 80 81
peer listen "$SERVER" udp 53
peer listen "$UPDATE" tcp 443

# --- swaps under load -----------------------------------------------------------------

SWAPS=40
cat >"$TEST_DIR/one" <<-END
	default out deny
	in 100 allow tcp to port { 80, 5201 }
	in 110 allow icmp type echo-request
END
cat >"$TEST_DIR/two" <<-END
	set ours = { 119.18.36.0/24, 10.0.0.0/8 }
	set none = { 198.51.100.0/24 }
	default out deny
	in 5   deny  any  from \$none
	in 50  allow icmp from \$ours
	in 100 allow tcp  from \$ours to port 5201 "another rule, the same number"
	in 300 allow tcp  to port 80
	out 7  deny  udp
END
family 4
sfw "$SERVER" <"$TEST_DIR/one"
in_background "$SERVER" iperf3 -s -1
wait_for -t 30000 listening "$PID" tcp 5201 || bail "no iperf3"
peer open idle "$CLIENT" tcp "$S" 80
peer echo idle
generation=
read_generation() {
	ctl "$SERVER" -j status
	[[ $R =~ \"generation\":\ *([0-9]+) ]] && generation=${BASH_REMATCH[1]}
}
read_generation
before=$generation
in_background "$CLIENT" ping -q -i 0.02 "$S"
ping=$PID
in_background "$CLIENT" iperf3 -c "$S" -t 3600 -b 10M -J
iperf=$PID
counted_rule() { # more packets than before
	rule_packets "$SERVER" in:100
	((R > 100))
}
wait_for -t 30000 counted_rule || bail "iperf3 does not run: $R"
failed=0
for ((i = 0; i < SWAPS; i++)); do
	file=two
	((i % 2)) && file=one
	"$SFWCTL" -q -N "$SERVER" apply "$TEST_DIR/$file" 2>/dev/null ||
		((failed++))
done
is "$SWAPS swaps under load, none refused" "$failed" 0
kill -0 "$iperf"
is "iperf3 still runs" "$?" 0
kill -INT "$iperf" "$ping"
wait "$iperf" "$ping"
R=$(< "$TEST_DIR/iperf3.log")
[[ ${R##*\"sum_sent\"} =~ \"bytes\":[[:space:]]*([0-9]+) ]]
is "it sent its data on one connection all the time" \
	"$((${BASH_REMATCH[1]:-0} > 1000000))" 1
R=$(< "$TEST_DIR/ping.log")
like "no ping was lost" "$R" "*, 0% packet loss*"
read_generation
is "each swap is one generation" "$generation" $((before + SWAPS))
drops "no packet was dropped" "$SERVER"
peer echo idle
is "a connection that was idle meanwhile goes on" "$R" ok
peer close idle

# --- what the new set denies --------------------------------------------------------------

alive() { # NAME CONNECTION
	peer echo "$2"
	is "$1" "$R" ok
}

cut() { # NAME CONNECTION
	peer echo "$2" wait 300
	is "$1" "$R" timeout
}

# all_counted REASON RULE...: the rules have counted, each of them, and together
# what was dropped for it since the flush
all_counted() {
	local rule sum=0
	read_stats "$SERVER"
	for rule in "${@:2}"; do
		rule_packets "$SERVER" "$rule"
		[[ $R == [1-9]* ]] || return 1
		((sum += R))
	done
	((sum == ${LAST[$SERVER/$1]:-0} + D[$1]))
}

for family in 4 6; do
	family $family
	what="IPv$F:"
	[[ $F == 4 ]] && far=$UPDATE4 || far=$UPDATE6
	allow_all() {
		sfw "$SERVER" <<-END
			default out deny
			in  100 allow tcp to port 80
			in  110 allow tcp to port 81
			in  120 allow udp to port 53
			out 100 allow tcp to port 443
			$1
		END
	}
	open_all() {
		peer open "a$1" "$CLIENT" tcp "$S" 80
		peer open "b$1" "$CLIENT" tcp "$S" 81
		peer open "c$1" "$CLIENT" udp "$S" 53
		peer open "d$1" "$SERVER" tcp "$far" 443
		for c in a b c d; do
			peer echo "$c$1"
		done
	}
	close_all() {
		for c in a b c d; do
			peer reset "$c$1"
		done
	}

	ctl "$SERVER" flush
	allow_all ""
	open_all 1
	sfw "$SERVER" <<-END
		default out deny
		in 90  deny  tcp to port 80
		in 500 allow tcp to port 80-81
	END
	cut "$what an explicit deny cuts a connection" a1
	alive "$what one that another rule allows now goes on" b1
	cut "$what a rule that is gone cuts a UDP stream" c1
	cut "$what and a connection of this host's own" d1
	wait_for stat_reaches "$SERVER" rule 1
	is "$what a cut packet is counted by what denied it" "$?" 0
	wait_for stat_reaches "$SERVER" default 2
	is "$what by a rule or by the default" "$?" 0
	# What is cut is sent again, so both are read until they are of one moment.
	wait_for all_counted rule in:90
	is "$what a rule has counted all that it cut" "$?" 0
	wait_for all_counted default default:in default:out
	is "$what and the defaults what they did" "$?" 0
	ctl "$SERVER" conns count proto tcp dport 80
	is "$what the cut connection is not in the table" "${R//[^0-9]/}" 0
	close_all 1

	ctl "$SERVER" flush
	allow_all ""
	open_all 2
	ctl "$SERVER" del in 100
	cut "$what the deletion of a rule cuts its connection" a2
	alive "$what and no other" b2
	alive "$what not the UDP stream" c2
	alive "$what not this host's own" d2
	ctl "$SERVER" move in 110 115
	alive "$what a rule that moves takes its connection along" b2
	close_all 2

	ctl "$SERVER" flush
	allow_all "option keep-connections on"
	open_all 3
	sfw "$SERVER" <<-END
		option keep-connections on
		default out deny
		in 90 deny any
	END
	alive "$what keep-connections: TCP goes on" a3
	alive "$what keep-connections: UDP goes on" c3
	alive "$what keep-connections: this host's own goes on" d3
	reach timeout "$what keep-connections: a new one is denied" \
		"$CLIENT" tcp "$S" 80
	ctl "$SERVER" conns flush
	cut "$what what is no longer in the table is judged anew" a3
	close_all 3
done
sfw "$SERVER" <<-END
	in 100 allow tcp to port 80
END
reach ok "and all is well in the end" "$CLIENT" tcp "$S" 80
ctl "$SERVER" conns count dport 80
is "with one connection" "${R//[^0-9]/}" 1
peer listen "$SERVER" tcp 82
reach timeout "and what nothing allows is denied" "$CLIENT" tcp "$S" 82
