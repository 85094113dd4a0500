#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What a stranger sends into a TCP connection in the name of its ends: it does
# not reach them, or does no harm, and hosts that lost a connection get a new
# one all the same.

. ./lib.sh

plan 170
topology router
peer listen "$SERVER" tcp 80
pkt capture server "$SERVER" eth0
pkt capture client "$CLIENT" eth0

PORT=5000
RULES='in 100 allow tcp to port 80 on eth0'

# A segment from the client to the server, or from the server to the client.
cs() { pkt send "$CLIENT" eth0 ip "$G" \> "$H" tcp $PORT \> 80 flags "$@"; }
sc() { pkt send "$SERVER" eth0 ip "$H" \> "$G" tcp 80 \> $PORT flags "$@"; }

# The same by the wrong interface: the client's way for the server, and the server's
# for the client.
ss() { pkt send "$CLIENT" eth0 ip "$H" \> "$G" tcp 80 \> $PORT flags "$@"; }
cc() { pkt send "$SERVER" eth0 ip "$G" \> "$H" tcp $PORT \> 80 flags "$@"; }

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

state_is() { # STATE
	conns "$ROUTER" port $PORT
	[[ $R == *"\"state\":\"$1\""* ]]
}

state() { # NAME STATE
	if wait_for -t 2000 state_is "$2"; then
		ok "$1: $2"
	else
		not_ok "$1: $2" "$R"
	fi
}

left_at_most() { # SECONDS
	conns "$ROUTER" sport $PORT
	[[ $R =~ \"expires_s\":([0-9]+) ]] && ((BASH_REMATCH[1] <= $1))
}

# An open connection: the client has sent up to 2000, the server up to 6000.
# The windows are 60000, not scaled.
open_one() {
	PORT=$((PORT + 1))
	cs S seq 1999 win 60000 mss 1460
	sc SA seq 5999 ack 2000 win 60000 mss 1460
	cs A seq 2000 ack 6000 win 60000
	sc A seq 6000 ack 2000 win 60000
}

goes_on() { # NAME
	cs_passes "$1: the client's data pass" PA seq 2000 ack 6000 data 10
	sc_passes "$1: the server's data pass" PA seq 6000 ack 2010 data 10
	state "$1: it stands" tcp-established
	drops "$1: nothing of that was dropped" "$ROUTER"
}

for f in 4 6; do
	family "$f"
	sfw "$ROUTER" <<< "$RULES"

	# --- both hosts forged, their connection is forwarded ----------------

	open_one
	cs S seq 800000
	sc_passes "IPv$F a SYN into a connection, and an answer" \
		SA seq 900000 ack 800001
	state "IPv$F that ends nothing yet" tcp-established
	cs_passes "IPv$F for the client says no" A seq 2000 ack 6000
	cs A seq 800001 ack 900001
	sc SA seq 900000 ack 800001
	drops "IPv$F so the rest comes too late" "$ROUTER" invalid_window 2
	goes_on "IPv$F after a forged handshake"

	open_one
	cs S seq 800000
	sc_passes "IPv$F a SYN, and the server says no" A seq 6000 ack 2000
	sc SA seq 900000 ack 800001
	sc RA seq 0 ack 800001
	drops "IPv$F an answer or a refusal comes too late" \
		"$ROUTER" invalid_window 2
	goes_on "IPv$F after a forged answer"

	open_one
	cs S seq 800000
	sc_passes "IPv$F a SYN, and a refusal" RA seq 0 ack 800001
	state "IPv$F that closes nothing, though nobody objects" tcp-established
	conns "$ROUTER" sport $PORT
	[[ $R =~ \"expires_s\":([0-9]+) ]] && ((BASH_REMATCH[1] > 80000))
	is "IPv$F nor does it shorten its time" "$?" 0
	wait_for left_at_most 86397
	cs_passes "IPv$F another SYN" S seq 700000
	left_at_most 86397
	is "IPv$F nor does it give it more" "$?" 0
	state "IPv$F begins nothing either" tcp-established
	sc_passes "IPv$F the server objects" A seq 6000 ack 2000
	goes_on "IPv$F after a forged refusal"

	# --- from where the hosts are not --------------------------------------

	open_one
	cs S seq 800000
	pkt forget client
	ss SA seq 900000 ack 800001
	pkt expect client 2000 "*tcp 80 > $PORT flags A *"
	like "IPv$F a SYN's answer by the client's interface: it is asked" \
		"$R" "ip $H > $G * seq 5999 ack 2000 *"
	ss RA seq 0 ack 800001
	cs A seq 800001 ack 900001
	drops "IPv$F an answer by the client's interface is none" \
		"$ROUTER" invalid_window 2
	goes_on "IPv$F after an answer by the client's interface"

	open_one
	pkt forget server
	cc S seq 800000
	pkt expect server 2000 "*tcp $PORT > 80 flags A *"
	like "IPv$F a SYN by the server's interface: it is asked" \
		"$R" "ip $G > $H * seq 1999 ack 6000 *"
	sc SA seq 900000 ack 800001
	drops "IPv$F a SYN by the server's interface waits for no answer" \
		"$ROUTER" invalid_window 1
	goes_on "IPv$F after a SYN by the server's interface"

	open_one
	cs S seq 800000
	sc_passes "IPv$F a SYN and its answer" SA seq 900000 ack 800001
	cc A seq 800001 ack 900001
	drops "IPv$F the end by the server's interface is none" \
		"$ROUTER" invalid_window 1
	goes_on "IPv$F after the end by the server's interface"

	# Somebody on the client's side was there before it, with all three packets,
	# none of which gets further than the router.
	PORT=$((7200 + F))
	pkt send "$CLIENT" eth0 ip "$C" \> "$S" ttl 1 tcp $PORT \> 80 \
		flags S seq 1000 win 60000
	pkt send "$CLIENT" eth0 ip "$S" \> "$C" ttl 1 tcp 80 \> $PORT \
		flags SA seq 5000 ack 1001 win 60000
	pkt send "$CLIENT" eth0 ip "$C" \> "$S" ttl 1 tcp $PORT \> 80 \
		flags A seq 1001 ack 5001 win 60000
	state "IPv$F a connection that no host knows" tcp-established
	peer open c "$CLIENT" tcp "$S" 80 from $PORT
	is "IPv$F does not keep them from having one" "$R" ok
	peer echo c
	is "IPv$F and from talking" "$R" ok
	peer close c

	# A connection of the router itself, whose segments do not come in.
	sfw "$ROUTER" <<< 'out 100 allow tcp to port 80'
	peer open own "$ROUTER" tcp "$S" 80
	peer echo own
	conns "$ROUTER" dir out
	[[ $R =~ \"source\":\"([^\"]*)\",\"source_port\":([0-9]+) ]]
	own=${BASH_REMATCH[1]} port=${BASH_REMATCH[2]}
	pkt send "$SERVER" eth0 ip "$own" \> "$S" tcp "$port" \> 80 \
		flags S seq 800000
	pkt send "$SERVER" eth0 ip "$S" \> "$own" tcp 80 \> "$port" \
		flags SA seq 900000 ack 800001
	pkt send "$SERVER" eth0 ip "$own" \> "$S" tcp "$port" \> 80 \
		flags A seq 800001 ack 900001
	drops "IPv$F nobody else speaks for the router" "$ROUTER" invalid_window 2
	peer echo own
	is "IPv$F its own connection goes on" "$R" ok
	peer close own
	ctl "$ROUTER" flush
	sfw "$ROUTER" <<< "$RULES"

	# --- within the window -----------------------------------------------

	open_one
	pkt forget server
	cs S seq 2500 mss 1460
	pkt expect server 2000 "*tcp $PORT > 80 flags *"
	like "IPv$F a SYN in the window: the server is asked where it is" \
		"$R" "ip $G > $H * flags A seq 1999 ack 6000 *"
	[[ $R != *badsum* ]]
	is "IPv$F and the checksum is that of the question" "$?" 0
	sc_passes "IPv$F it says so" A seq 6000 ack 2000
	goes_on "IPv$F after a SYN in the window"

	open_one
	pkt forget server
	cs S seq 2600
	pkt expect server 2000 "*tcp $PORT > 80 flags A *"
	like "IPv$F if the SYN was the client's own: a question" "$R" "ip $G > $H *"
	sc_passes "IPv$F the answer" A seq 6000 ack 2000
	cs_passes "IPv$F its reset" R seq 2000
	state "IPv$F closed" tcp-close
	cs_passes "IPv$F the SYN again" S seq 2600
	state "IPv$F begins anew" tcp-syn-sent

	# --- both lost it ----------------------------------------------------

	open_one
	cs S seq 800000 win 1000 ws 3
	sc SA seq 900000 ack 800001 win 1000 ws 3
	cs_passes "IPv$F nobody says no: the handshake's end" \
		A seq 800001 ack 900001
	cs_passes "IPv$F and data" PA seq 800001 ack 900001 data 10
	sc_passes "IPv$F both ways" PA seq 900001 ack 800011 data 10
	state "IPv$F that is the connection now" tcp-established
	cs A seq 2000 ack 6000
	sc A seq 6000 ack 2000
	drops "IPv$F the old one is not" "$ROUTER" invalid_window 2
	conns "$ROUTER" sport $PORT
	has "IPv$F there is one, still of its rule" "$R" '"rule":"in:100"'

	# --- met half-way, from the server's side ----------------------------

	sfw "$ROUTER" <<< 'in 100 allow tcp from port 80 on eth1'
	PORT=$((PORT + 1))
	sc_passes "IPv$F the server is heard first" A seq 6000 ack 2000 data 10
	cs_passes "IPv$F its client is known from that" A seq 2000 ack 6010
	cs S seq 800000
	drops "IPv$F a SYN of the client needs the list, which denies" \
		"$ROUTER" default 1
	state "IPv$F the connection stands" tcp-established
	sfw "$ROUTER" <<< "$RULES
in 110 allow tcp from port 80 on eth1"
	# Of what was picked up the window may be a gigabyte.
	cs_passes "IPv$F or allows" S seq 3000000000
	sc_passes "IPv$F its answer passes" SA seq 900000 ack 3000000001
	cs_passes "IPv$F its end" A seq 3000000001 ack 900001
	sc_passes "IPv$F its data" PA seq 900001 ack 3000000001 data 10
	drops "IPv$F nothing of that was dropped" "$ROUTER"

	# --- real hosts that lost a connection -------------------------------

	sfw "$ROUTER" <<< "$RULES"
	PORT=$((7000 + F))
	peer open c "$CLIENT" tcp "$S" 80 from $PORT
	peer echo c
	peer accept s "$SERVER" 80
	# Its reset gets nowhere.
	ip -n "$CLIENT" route add blackhole "$S"
	peer reset c
	ip -n "$CLIENT" route del blackhole "$S"
	state "IPv$F the client lost it, and nobody knows" tcp-established
	now
	since=$NOW
	peer open c "$CLIENT" tcp "$S" 80 from $PORT
	is "IPv$F it connects from the same port" "$R" ok
	now
	((NOW - since < 1000))
	is "IPv$F within a second" "$?" 0 || diag "$((NOW - since)) ms"
	peer echo c
	is "IPv$F and talks" "$R" ok
	peer close s

	peer accept s "$SERVER" 80
	ip -n "$CLIENT" route add blackhole "$S"
	ip -n "$SERVER" route add blackhole "$C"
	peer reset c
	peer reset s
	ip -n "$CLIENT" route del blackhole "$S"
	ip -n "$SERVER" route del blackhole "$C"
	state "IPv$F both lost it" tcp-established
	now
	since=$NOW
	peer open c "$CLIENT" tcp "$S" 80 from $PORT
	is "IPv$F it connects again" "$R" ok
	now
	((NOW - since < 1000))
	is "IPv$F within a second, too" "$?" 0 || diag "$((NOW - since)) ms"
	peer echo c
	is "IPv$F and talks, too" "$R" ok
	drops "IPv$F nothing of that was dropped" "$ROUTER"
	peer close c
	ctl "$ROUTER" flush
done
