#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# TCP connections as the router follows them. Both ends are played by hand, so
# that each segment is what it is meant to be: the states and their timeouts,
# what is refused and for which reason, connections met half-way; and then
# real ends, for which all of that must not be in the way.

. ./lib.sh

plan 180
topology router
peer listen "$SERVER" tcp 80
pkt capture server "$SERVER" eth0
pkt capture client "$CLIENT" eth0

PORT=5000

# A segment from the client to the server, or from the server to the client;
# PORT is the client's. With a name in front it is a check that it passes.
cs() { pkt send "$CLIENT" eth0 ip "$G" \> "$H" tcp $PORT \> 80 flags "$@"; }
sc() { pkt send "$SERVER" eth0 ip "$H" \> "$G" tcp 80 \> $PORT flags "$@"; }

cs_passes() { # NAME SEGMENT...
	pkt forget server
	cs "${@:2}"
	pkt expect server 2000 "*tcp $PORT > 80 flags $2 *"
	like "$1" "$R" "ip $G > $H *"
}

sc_passes() { # NAME SEGMENT...
	pkt forget client
	sc "${@:2}"
	pkt expect client 2000 "*tcp 80 > $PORT flags $2 *"
	like "$1" "$R" "ip $H > $G *"
}

state_is() { # STATE TIMEOUT
	STATE=none LEFT=0
	conns "$ROUTER" sport $PORT
	[[ $R =~ \"state\":\"([^\"]*)\" ]] && STATE=${BASH_REMATCH[1]}
	[[ $R =~ \"expires_s\":([0-9]+) ]] && LEFT=${BASH_REMATCH[1]}
	[[ $STATE == "$1" ]] &&
		((!$2 || (LEFT <= $2 && LEFT > $2 - 100)))
}

state() { # NAME STATE [TIMEOUT]
	if wait_for -t 2000 state_is "$2" "${3:-0}"; then
		ok "$1: $2"
	else
		not_ok "$1: $2" "state $STATE, $LEFT s left of ${3:-any}" "$R"
	fi
}

gone() { no_conns "$ROUTER" sport $PORT; }

# An open connection: the client has sent up to 2000, the server up to 6000.
# The windows are 60000, not scaled.
open_one() {
	PORT=$((PORT + 1))
	cs S seq 1999 win 60000 mss 1460
	sc SA seq 5999 ack 2000 win 60000 mss 1460
	cs A seq 2000 ack 6000 win 60000
}

RULES='in 100 allow tcp to port 80 on eth0'

# A hundred seconds apart, so that what is left tells which of them it is.
TIMEOUTS='option timeout tcp-syn-sent 100s
option timeout tcp-syn-received 200s
option timeout tcp-established 300s
option timeout tcp-fin-wait 400s
option timeout tcp-close-wait 500s
option timeout tcp-last-ack 600s
option timeout tcp-time-wait 700s
option timeout tcp-close 800s'

for f in 4 6; do
	family "$f"
	sfw "$ROUTER" <<< "$TIMEOUTS
$RULES"

	# --- from the first SYN to the last ACK ----------------------------

	PORT=5000
	cs_passes "IPv$F SYN" S seq 1000 mss 1460 ws 7 sackok
	state "IPv$F after SYN" tcp-syn-sent 100
	cs_passes "IPv$F SYN once more" S seq 1000 mss 1460 ws 7 sackok
	sc_passes "IPv$F SYN and ACK" SA seq 5000 ack 1001 ws 7 sackok
	state "IPv$F after SYN and ACK" tcp-syn-received 200
	cs_passes "IPv$F the last ACK of the handshake" A seq 1001 ack 5001
	state "IPv$F after the handshake" tcp-established 300
	cs_passes "IPv$F data from the client" PA seq 1001 ack 5001 data 100
	sc_passes "IPv$F its ACK" A seq 5001 ack 1101
	sc_passes "IPv$F data from the server" PA seq 5001 ack 1101 data 1000
	cs_passes "IPv$F its ACK, with SACK" A seq 1101 ack 5001 \
		sack-left 5501 sack-right 6001
	cs_passes "IPv$F data far ahead, in the scaled window" \
		A seq 1001101 ack 6001 data 100
	state "IPv$F after data" tcp-established 300
	cs_passes "IPv$F FIN of the client" FA seq 1001201 ack 6001
	state "IPv$F after one FIN" tcp-fin-wait 400
	sc_passes "IPv$F its ACK" A seq 6001 ack 1001202
	state "IPv$F after its ACK" tcp-close-wait 500
	sc_passes "IPv$F half closed: the server still sends" \
		PA seq 6001 ack 1001202 data 500
	cs_passes "IPv$F half closed: the client acknowledges" \
		A seq 1001202 ack 6501
	state "IPv$F half closed: it stays so" tcp-close-wait 500
	sc_passes "IPv$F FIN of the server" FA seq 6501 ack 1001202
	state "IPv$F after both FINs" tcp-last-ack 600
	cs_passes "IPv$F the last ACK" A seq 1001202 ack 6502
	state "IPv$F after the last ACK" tcp-time-wait 700
	cs_passes "IPv$F a later SYN opens it again" S seq 9000000
	state "IPv$F after that SYN" tcp-syn-sent 100
	drops "IPv$F nothing of all that was dropped" "$ROUTER"
	rule_packets "$ROUTER" in:100
	is "IPv$F the rule counts all of its packets" "$R" 16

	# Both close at once.
	open_one
	cs FA seq 2000 ack 6000
	sc FA seq 6000 ack 2000
	state "IPv$F FINs that cross" tcp-last-ack 600
	cs A seq 2001 ack 6001
	sc A seq 6001 ack 2001
	state "IPv$F both acknowledged" tcp-time-wait 700

	# Resets and refusals.
	open_one
	cs_passes "IPv$F a reset with the next number" R seq 2000
	state "IPv$F after it" tcp-close 800
	PORT=$((PORT + 1))
	cs S seq 1999
	sc_passes "IPv$F a refusal" RA seq 0 ack 2000
	state "IPv$F after it" tcp-close 800

	# Both open at once.
	PORT=$((PORT + 1))
	cs S seq 1999
	sc_passes "IPv$F SYNs that cross" S seq 5999
	state "IPv$F after them" tcp-syn-received 200
	cs SA seq 1999 ack 6000
	sc SA seq 5999 ack 2000
	state "IPv$F both acknowledged" tcp-established 300
	drops "IPv$F nothing of that was dropped" "$ROUTER"

	# --- what cannot belong to it --------------------------------------

	open_one
	cs A seq 2000 ack 6000 badsum data 10
	drops "IPv$F a bad checksum" "$ROUTER" invalid_checksum 1
	# Each of these would end it, or begin another.
	cs R seq 2000 badsum
	cs FA seq 2000 ack 6000 badsum
	sc RA seq 6000 ack 2000 badsum
	drops "IPv$F of what would end it" "$ROUTER" invalid_checksum 3
	state "IPv$F which changes nothing" tcp-established
	pkt send "$CLIENT" eth0 ip "$G" \> "$H" tcp 4999 \> 80 flags S seq 1 badsum
	drops "IPv$F of a SYN" "$ROUTER" invalid_checksum 1
	conns "$ROUTER" port 4999
	is "IPv$F which makes no connection" "$R" '{"connections":[]}'
	for bad in none F S"F" SR SFRPAUEC FPU PU FR U; do
		cs "$bad" seq 2000 ack 6000
	done
	drops "IPv$F flags that no host sends" "$ROUTER" invalid_flags 9
	pkt send "$CLIENT" eth0 ip "$G" \> "$H" tcp 4999 \> 0 flags S seq 1
	drops "IPv$F a SYN to port 0" "$ROUTER" invalid_flags 1
	cs A seq 2000 ack 6000 doff 4
	drops "IPv$F a header shorter than a header" "$ROUTER" invalid_flags 1
	cs A seq 2000 ack 6000 doff 15
	drops "IPv$F a header longer than the packet" "$ROUTER" malformed 1

	cs A seq 62002 ack 6000 data 10
	drops "IPv$F data behind the window" "$ROUTER" invalid_window 1
	cs A seq 4294900000 ack 6000 data 10
	drops "IPv$F data long before it" "$ROUTER" invalid_window 1
	cs A seq 2000 ack 6001
	drops "IPv$F an ACK of what was not sent" "$ROUTER" invalid_window 1
	cs A seq 2000 ack 4294840000
	drops "IPv$F an ACK of more than two windows ago" "$ROUTER" invalid_window 1
	sc A seq 66001 ack 2000 data 10
	drops "IPv$F the same from the server" "$ROUTER" invalid_window 1
	cs R seq 2001
	sc R seq 5999
	drops "IPv$F resets that only guess the number" \
		"$ROUTER" invalid_window 2
	sc SA seq 7000 ack 3000
	drops "IPv$F a SYN and ACK out of nothing" "$ROUTER" invalid_window 1
	state "IPv$F the connection stands" tcp-established 300
	cs_passes "IPv$F and goes on" PA seq 2000 ack 6000 data 10
	cs_passes "IPv$F up to the end of its window" \
		A seq 61990 ack 6000 data 10
	drops "IPv$F nothing of that was dropped" "$ROUTER"

	# The other direction has no rule.
	PORT=$((PORT + 1))
	pkt send "$SERVER" eth0 ip "$H" \> "$G" tcp 80 \> $PORT flags S seq 1
	drops "IPv$F a SYN from the other side" "$ROUTER" default 1

	# --- met half-way ---------------------------------------------------

	PORT=$((PORT + 1))
	sc SA seq 5000 ack 1001
	drops "IPv$F an answer without a question, from where none may ask" \
		"$ROUTER" default 1
	cs SA seq 5000 ack 1001
	drops "IPv$F an answer without a question begins no connection" \
		"$ROUTER" no_connection 1
	cs RA seq 5000 ack 1001
	cs R seq 5000
	drops "IPv$F nor does a reset" "$ROUTER" no_connection 2
	cs_passes "IPv$F but a running connection is picked up" \
		A seq 2000 ack 6000 data 10
	state "IPv$F which is" tcp-established
	sc_passes "IPv$F and its other side" A seq 6000 ack 2010 data 10
	state "IPv$F both known" tcp-established 300
	drops "IPv$F nothing of that was dropped" "$ROUTER"

	# --- options --------------------------------------------------------

	sfw "$ROUTER" <<< "option tcp-pickup off
option timeout tcp-syn-sent 1s
$RULES"
	PORT=$((PORT + 1))
	cs A seq 2000 ack 6000 data 10
	drops "IPv$F pickup off: a running connection is unknown" \
		"$ROUTER" no_connection 1
	open_one
	state "IPv$F pickup off: a handshake is not" tcp-established
	drops "IPv$F pickup off: nothing of it dropped" "$ROUTER"
	PORT=$((PORT + 1))
	cs S seq 1999
	counted "IPv$F a SYN alone makes a connection" "$ROUTER" created 1
	wait_for gone
	is "IPv$F is forgotten after its second" "$?" 0
	moved "$ROUTER"
	sc SA seq 5999 ack 2000
	drops "IPv$F and its answer comes too late" "$ROUTER" default 1

	sfw "$ROUTER" <<< "option tcp-liberal on
$RULES"
	open_one
	cs_passes "IPv$F liberal: data behind the window" \
		A seq 500000 ack 6000 data 10
	cs_passes "IPv$F liberal: an ACK of what was not sent" \
		A seq 2000 ack 900000
	cs SF seq 2000
	drops "IPv$F liberal: flags are still verified" \
		"$ROUTER" invalid_flags 1
	cs_passes "IPv$F liberal: a reset that only guesses" R seq 77
	state "IPv$F liberal: counts" tcp-close

	sfw "$ROUTER" <<< "option checksum off
$RULES"
	open_one
	cs_passes "IPv$F checksums off: a bad one passes" \
		A seq 2000 ack 6000 badsum data 10

	# --- real ends ------------------------------------------------------

	sfw "$ROUTER" <<< "$RULES"
	peer open c "$CLIENT" tcp "$S" 80 from 7000
	PORT=7000
	is "IPv$F real: it opens" "$R" ok
	peer echo c 1000000
	is "IPv$F real: a megabyte there and back" "$R" ok
	state "IPv$F real: it is up" tcp-established
	peer accept s "$SERVER" 80
	peer shut c
	peer eof s
	is "IPv$F real: the client says it is done" "$R" ok
	state "IPv$F real: half closed" tcp-close-wait
	peer send s 60000
	peer recv c 60000
	is "IPv$F real: the server is not done" "$R" ok
	peer close s
	peer eof c
	is "IPv$F real: now it is" "$R" ok
	state "IPv$F real: closed" tcp-time-wait
	peer close c
	peer open c "$CLIENT" tcp "$S" 80 from 7001
	PORT=7001
	peer echo c
	peer accept s "$SERVER" 80
	peer reset c
	peer recv s 1
	is "IPv$F real: a reset arrives" "$R" reset
	state "IPv$F real: and ends it" tcp-close
	peer close s
	drops "IPv$F real: nothing dropped" "$ROUTER"
	ctl "$ROUTER" flush
done
