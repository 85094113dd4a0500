#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# SCTP: the states of an association and their timeouts, the verification tags
# that prove what belongs to it, hosts that restart; and what a stranger sends.
# Both ends are played by hand, then by the kernel where it has SCTP.

. ./lib.sh

plan 108
topology router
pkt capture server "$SERVER" eth0
pkt capture client "$CLIENT" eth0

PORT=1000
DATA=0 INIT=1 INIT_ACK=2 SACK=3 HB=4 HB_ACK=5 ABORT=6 SHUTDOWN=7
SHUTDOWN_ACK=8 ECHO=10 COOKIE_ACK=11 COMPLETE=14

cs() { pkt send "$CLIENT" eth0 ip "$G" \> "$H" sctp $PORT \> 2000 kind "$@"; }
sc() { pkt send "$SERVER" eth0 ip "$H" \> "$G" sctp 2000 \> $PORT kind "$@"; }

cs_passes() { # NAME CHUNK...
	pkt forget server
	cs "${@:2}"
	pkt expect server 2000 "*sctp $PORT > 2000 kind $2 *"
	like "$1" "$R" "ip $G > $H *"
}

sc_passes() { # NAME CHUNK...
	pkt forget client
	sc "${@:2}"
	pkt expect client 2000 "*sctp 2000 > $PORT kind $2 *"
	like "$1" "$R" "ip $H > $G *"
}

state_is() { # STATE TIMEOUT
	STATE=none LEFT=0
	conns "$ROUTER" port $PORT
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

# An association; the client expects tag 10, the server tag 20.
open_one() {
	PORT=$((PORT + 1))
	cs $INIT init 10
	sc $INIT_ACK tag 10 init 20 data 64
	cs $ECHO tag 20 data 64
	sc $COOKIE_ACK tag 10
}

TIMEOUTS='option timeout sctp-init 100s
option timeout sctp-init-ack 200s
option timeout sctp-cookie-echo 300s
option timeout sctp-established 400s
option timeout sctp-shutdown 500s
option timeout sctp-shutdown-ack 600s
option timeout sctp-close 700s'
RULES='in 100 allow sctp to port 2000 on eth0'

modprobe sctp 2>/dev/null && HAVE=1 || HAVE=
[[ $HAVE ]] && peer listen "$SERVER" sctp 2000

for f in 4 6; do
	family "$f"
	PORT=$((F * 1000))
	sfw "$ROUTER" <<< "$TIMEOUTS
$RULES"

	# --- from INIT to SHUTDOWN COMPLETE ---------------------------------

	cs_passes "IPv$F INIT" $INIT init 10
	state "IPv$F after INIT" sctp-init 100
	sc_passes "IPv$F INIT ACK" $INIT_ACK tag 10 init 20 data 64
	state "IPv$F after INIT ACK" sctp-init-ack 200
	cs_passes "IPv$F COOKIE ECHO" $ECHO tag 20 data 64
	state "IPv$F after COOKIE ECHO" sctp-cookie-echo 300
	sc_passes "IPv$F COOKIE ACK" $COOKIE_ACK tag 10
	state "IPv$F after COOKIE ACK" sctp-established 400
	cs_passes "IPv$F DATA" $DATA tag 20 data 100
	sc_passes "IPv$F SACK" $SACK tag 10 data 12
	sc_passes "IPv$F HEARTBEAT" $HB tag 10 data 40
	cs_passes "IPv$F HEARTBEAT ACK" $HB_ACK tag 20 data 40
	cs_passes "IPv$F SHUTDOWN" $SHUTDOWN tag 20 data 4
	state "IPv$F after SHUTDOWN" sctp-shutdown 500
	sc_passes "IPv$F SHUTDOWN ACK" $SHUTDOWN_ACK tag 10
	state "IPv$F after SHUTDOWN ACK" sctp-shutdown-ack 600
	cs_passes "IPv$F SHUTDOWN COMPLETE" $COMPLETE tag 20
	state "IPv$F after SHUTDOWN COMPLETE" sctp-close 700
	cs_passes "IPv$F an INIT begins another" $INIT init 11
	state "IPv$F after it" sctp-init 100
	sc_passes "IPv$F which is refused" $ABORT tag 11
	state "IPv$F after ABORT" sctp-close 700
	drops "IPv$F nothing of that was dropped" "$ROUTER"

	# --- what does not belong to it -------------------------------------

	open_one
	cs $DATA tag 21 data 20
	sc $DATA tag 20 data 20
	cs $ABORT tag 10
	sc $ABORT tag 10 flags F
	cs $SHUTDOWN tag 21 data 4
	drops "IPv$F tags that are only guessed" "$ROUTER" invalid_window 5
	cs $INIT init 0
	cs $INIT tag 20 init 5
	cs $INIT init 5 len 20 hex 00000004
	cs $DATA tag 0 data 20
	cs $COMPLETE tag 20 len 4 hex 0e000004
	drops "IPv$F packets that no host sends" "$ROUTER" invalid_flags 5
	cs $DATA tag 20 len 40 data 20
	cs $DATA tag 20 len 3 data 20
	cs $INIT init 5 len 16
	pkt send "$CLIENT" eth0 ip "$G" \> "$H" proto 132 hex \
		03e807d000000000
	pkt send "$CLIENT" eth0 ip "$G" \> "$H" proto 132 hex \
		03e807d00000000000000000
	drops "IPv$F chunks and headers that are cut short" \
		"$ROUTER" malformed 5
	cs $ABORT tag 20 badsum
	drops "IPv$F a bad checksum ends nothing" "$ROUTER" invalid_checksum 1
	state "IPv$F the association stands" sctp-established
	cs_passes "IPv$F ABORT with the right tag passes" $ABORT tag 20
	state "IPv$F and ends it" sctp-close

	# --- a handshake meets an association -------------------------------

	open_one
	cs_passes "IPv$F INIT of a host that restarted" $INIT init 30
	sc_passes "IPv$F its answer" $INIT_ACK tag 30 init 40 data 64
	cs_passes "IPv$F its cookie" $ECHO tag 40 data 64
	sc_passes "IPv$F taken" $COOKIE_ACK tag 30
	cs_passes "IPv$F new tags hold" $DATA tag 40 data 20
	drops "IPv$F nothing of that was dropped" "$ROUTER"
	cs $DATA tag 20 data 20
	drops "IPv$F old ones do not" "$ROUTER" invalid_window 1

	open_one
	cs $INIT init 30
	sc $INIT_ACK tag 30 init 40 data 64
	cs_passes "IPv$F forged, for the client speaks" $DATA tag 20 data 20
	sc $COOKIE_ACK tag 30
	drops "IPv$F the rest comes too late" "$ROUTER" invalid_window 1
	sc_passes "IPv$F the server goes on as well" $DATA tag 10 data 20
	pkt send "$SERVER" eth0 ip "$H" \> "$G" sctp 2000 \> $PORT init 50
	drops "IPv$F an INIT of the other side needs the list" \
		"$ROUTER" default 1

	# --- met half-way ---------------------------------------------------

	sfw "$ROUTER" <<< "$RULES"
	PORT=$((PORT + 1))
	cs $INIT_ACK tag 5 init 6
	cs $ABORT tag 5
	drops "IPv$F answers begin nothing" "$ROUTER" no_connection 2
	cs_passes "IPv$F a running one is picked up" $DATA tag 20 data 20
	sc_passes "IPv$F and its other side" $SACK tag 10 data 12
	sc $SACK tag 11 data 12
	drops "IPv$F whose tag is known from then on" "$ROUTER" invalid_window 1
	sfw "$ROUTER" <<< "option tcp-pickup off
$RULES"
	PORT=$((PORT + 1))
	cs $DATA tag 20 data 20
	drops "IPv$F pickup off: unknown" "$ROUTER" no_connection 1
	cs_passes "IPv$F pickup off: a heartbeat tries a new path" \
		$HB tag 20 data 40

	# --- the kernel's ---------------------------------------------------

	if [[ $HAVE ]]; then
		peer open c "$CLIENT" sctp "$S" 2000 from 3000
		is "IPv$F real: it opens" "$R" ok
		peer echo c 100000
		is "IPv$F real: it carries data" "$R" ok
		PORT=3000
		state "IPv$F real: it is up" sctp-established
		peer close c
		state "IPv$F real: it is closed" sctp-close
		drops "IPv$F real: nothing dropped" "$ROUTER"

		# One of the router's own, whose packets do not come in.
		sfw "$ROUTER" <<< 'out 100 allow sctp to port 2000'
		peer open own "$ROUTER" sctp "$S" 2000 from 3001
		peer echo own
		conns "$ROUTER" dir out
		[[ $R =~ \"source\":\"([^\"]*)\" ]]
		pkt send "$SERVER" eth0 ip "${BASH_REMATCH[1]}" \> "$S" \
			sctp 3001 \> 2000 init 30
		drops "IPv$F real: nobody else begins anew for the router" \
			"$ROUTER" invalid_window 1
		peer echo own
		is "IPv$F real: whose association goes on" "$R" ok
		peer close own
	else
		for i in 1 2 3 4 5 6 7; do
			ok "IPv$F real $i # SKIP no SCTP in this kernel"
		done
	fi
	ctl "$ROUTER" flush
done
