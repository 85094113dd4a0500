#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# How long connections are remembered: status shows what holds; a changed
# timeout holds for live connections from their next packet on, and not before;
# whose time is over is gone for the packet that comes then, whatever the
# collector has done; and what nobody asks for any more is collected.
. ./lib.sh
plan 29

topology pair
peer listen "$SERVER" tcp 80
peer listen "$SERVER" udp 53
family 4

RULES='in 100 allow tcp to port 80
in 110 allow udp to port { 53, 54 }
in 120 allow icmp type echo-request
in 130 allow esp
default out deny'

# --- what holds -------------------------------------------------------------------

STATES="tcp_syn_sent 120 tcp_syn_received 60 tcp_established 86400
tcp_fin_wait 120 tcp_close_wait 240 tcp_last_ack 30 tcp_time_wait 120
tcp_close 10 udp 30 udp_stream 180 icmp 30 generic 600 sctp_init 120
sctp_init_ack 120 sctp_cookie_echo 120 sctp_established 600 sctp_shutdown 120
sctp_shutdown_ack 120 sctp_close 10"

# The words of the file, or keys of JSON, and seconds: all of them.
sfw "$SERVER" <<< "$RULES"
ctl "$SERVER" -j status
R=$(jq -c '.effective.timeouts | to_entries | sort_by(.key)' <<<"$R" 2>&1)
# shellcheck disable=SC2086 # a list
want=$(printf '{"key":"%s","value":%s}\n' ${STATES} | jq -sc 'sort_by(.key)')
is "status -j: every state and its default" "${R//-/_}" "$want"
ctl "$SERVER" status
has "status: so does the text" "$R" "tcp-established" "tcp-time-wait" \
	"udp-stream" "sctp-close" "1d" "2m" "10s"
sfw "$SERVER" <<< "option timeout udp 77
$RULES"
ctl "$SERVER" status
has "status: and what the set says" "$R" "udp 77s"
ctl "$SERVER" apply - <<< "option timeout tcp-established 7439
$RULES"
like "a timeout below that of RFC 5382 is a warning, no error" "$? $R" \
	"0 *warning*RFC 5382*"

# --- a changed one ------------------------------------------------------------------

# left NAME LOW HIGH FILTER...: seconds the one connection has left are between
left() {
	local name=$1 low=$2 high=$3 seconds=none
	shift 3
	conns "$SERVER" "$@"
	[[ $R =~ \"expires_s\":([0-9]+) ]] && seconds=${BASH_REMATCH[1]}
	if [[ $seconds != none ]] && ((seconds >= low && seconds <= high)); then
		ok "$name"
	else
		not_ok "$name" "$seconds s left, wanted $low to $high" "$R"
	fi
}

# A set in which every connection here has so many seconds.
all_have() {
	sfw "$SERVER" <<-END
		option timeout tcp-established $1
		option timeout udp-stream $1
		option timeout udp $1
		option timeout icmp $1
		option timeout generic $1
		$RULES
	END
}

esp() { pkt send "$CLIENT" eth0 ip "$GHOST4" \> "$S" proto 50 hex 00000001; }

ctl "$SERVER" conns flush
all_have 8000
peer open web "$CLIENT" tcp "$S" 80 from 4000
peer echo web
peer open name "$CLIENT" udp "$S" 53 from 5000
peer echo name
peer echo name
peer probe "$CLIENT" icmp "$S" 77
esp
for what in "tcp 8000" "udp 8000" "icmp 8000" "esp 8000"; do
	left "${what% *}: it has the time of the set" 7900 8000 proto "${what% *}"
done
all_have 600
for what in tcp udp icmp esp; do
	left "$what: a new set changes nothing by itself" 7800 8000 proto $what
done
peer echo web
peer echo name
peer probe "$CLIENT" icmp "$S" 77
esp
for what in tcp udp icmp esp; do
	left "$what: but at the next packet" 500 600 proto $what
done
all_have 9000
peer echo web
peer echo name
left "tcp: a longer one as well" 8900 9000 proto tcp
left "udp: a longer one as well" 8900 9000 proto udp

# --- the end -------------------------------------------------------------------------

sfw "$SERVER" <<< "option timeout udp 1s
$RULES"
# Nobody listens there, so nobody answers.
over() { now; ((NOW >= END)); }
for round in 1 2 3 4; do
	pkt send "$CLIENT" eth0 ip "$GHOST4" \> "$S" udp 600$round \> 54
	counted "round $round: a datagram makes a connection" "$SERVER" created 1
	# From here on it has a second at most, whenever the collector comes.
	now
	END=$((NOW + 1000))
	wait_for over
	pkt local "$SERVER" ip "$S" \> "$GHOST4" udp 54 \> 600$round
	is "round $round: a second later it is unknown" "$R" denied
done
moved "$SERVER"
pkt send "$CLIENT" eth0 times 200 ip "$GHOST4" \> "$S" udp 7000 \> 54
counted "many are made" "$SERVER" created 200
entries() {
	ctl "$SERVER" -j stats
	[[ $R == *'"entries":'" "$1,* || $R == *'"entries":'$1,* ]]
}
wait_for stat_reaches "$SERVER" expired 200
is "nobody asks for them again, and they are collected" "$?" 0
ctl "$SERVER" conns kill proto tcp
ctl "$SERVER" conns flush
wait_for entries 0
is "nothing is left" "$?" 0
