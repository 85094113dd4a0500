#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Modes and rule sets change under live connections. One that the new set
# allows goes on without a lost byte; one that it denies is cut at its next
# packet.

. ./lib.sh

plan 68
topology pair
peer listen "$SERVER" tcp 22 443
peer listen "$SERVER" udp 53

TWO="in  100 allow tcp to port { 22, 443 }
in  110 allow udp to port 53"
FOUR="$TWO
out 100 allow tcp from port { 22, 443 } return
out 110 allow udp from port 53 return"

echo_is() { # NAME WANT CONNECTION
	local wait=10000
	[[ $2 == timeout ]] && wait=300
	peer echo "$3" wait "$wait"
	is "$1" "$R" "$2"
}

for f in 4 6; do
	family "$f"

	# --- with rules for both directions -------------------------------

	sfw "$SERVER" <<< "mode stateful
$FOUR"
	peer open t "$CLIENT" tcp "$S" 443
	peer open u "$CLIENT" udp "$S" 53
	echo_is "IPv$F stateful: a TCP connection is up" ok t
	echo_is "IPv$F stateful: a UDP one as well" ok u
	conns "$SERVER" state tcp-established
	has "IPv$F stateful: the table knows it" "$R" '"state":"tcp-established"'

	ctl "$SERVER" mode stateless
	is "IPv$F the mode changes" "$?" 0
	ctl "$SERVER" mode
	like "IPv$F and is shown" "$R" "*stateless*"
	moved "$SERVER"
	echo_is "IPv$F stateless: TCP goes on" ok t
	echo_is "IPv$F stateless: UDP goes on" ok u
	drops "IPv$F stateless: nothing dropped" "$SERVER"
	no_conns "$SERVER"
	is "IPv$F stateless: there is no table" "$R" '{"connections":[]}'

	ctl "$SERVER" mode stateful
	moved "$SERVER"
	echo_is "IPv$F stateful again: TCP goes on" ok t
	echo_is "IPv$F stateful again: UDP goes on" ok u
	drops "IPv$F stateful again: nothing dropped" "$SERVER"
	conns "$SERVER" dport 443
	has "IPv$F stateful again: it is in the table" "$R" \
		'"state":"tcp-established"' '"rule":"in:100"'
	peer close t
	peer close u

	# --- with rules for requests only ---------------------------------

	sfw "$SERVER" <<< "mode stateful
$TWO"
	peer open t "$CLIENT" tcp "$S" 443
	echo_is "IPv$F two rules: a connection is up" ok t
	ctl "$SERVER" mode stateless
	moved "$SERVER"
	echo_is "IPv$F two rules, stateless: no reply comes" timeout t
	moved "$SERVER"
	((D[default] > 0))
	is "IPv$F two rules, stateless: the replies are dropped" "$?" 0
	ctl "$SERVER" mode stateful
	peer recv t 4 wait 10000
	is "IPv$F two rules, stateful: what was lost is sent again" "$R" ok
	echo_is "IPv$F two rules, stateful: it goes on" ok t
	peer close t

	# Picked up or not.
	sfw "$SERVER" <<< "mode stateless
option tcp-pickup off
$FOUR"
	peer open t "$CLIENT" tcp "$S" 443
	echo_is "IPv$F no pickup: a connection is up, stateless" ok t
	ctl "$SERVER" mode stateful
	moved "$SERVER"
	echo_is "IPv$F no pickup: it is unknown when stateful" timeout t
	moved "$SERVER"
	((D[no_connection] > 0))
	is "IPv$F no pickup: and dropped for that" "$?" 0
	peer reset t

	# --- a new rule set ------------------------------------------------

	sfw "$SERVER" <<< "$TWO"
	peer open web "$CLIENT" tcp "$S" 443
	peer open ssh "$CLIENT" tcp "$S" 22
	peer open u "$CLIENT" udp "$S" 53
	echo_is "IPv$F new set: TCP is up" ok web
	echo_is "IPv$F new set: another is up" ok ssh
	echo_is "IPv$F new set: UDP is up" ok u
	sfw "$SERVER" <<-RULES
		in 50 allow tcp to port 22
	RULES
	echo_is "IPv$F new set: what it allows goes on" ok ssh
	drops "IPv$F new set: without a drop" "$SERVER"
	conns "$SERVER" dport 22 state tcp-established
	has "IPv$F new set: under its new rule" "$R" '"rule":"in:50"'
	echo_is "IPv$F new set: what it denies is cut, TCP" timeout web
	echo_is "IPv$F new set: what it denies is cut, UDP" timeout u
	moved "$SERVER"
	((D[default] >= 2))
	is "IPv$F new set: by the default" "$?" 0
	peer reset web
	peer reset ssh
	peer close u

	sfw "$SERVER" <<< "$TWO"
	peer open web "$CLIENT" tcp "$S" 443
	echo_is "IPv$F keep: a connection is up" ok web
	sfw "$SERVER" <<-RULES
		option keep-connections on
		in 50 allow tcp to port 22
	RULES
	echo_is "IPv$F keep: it outlives a set that denies it" ok web
	reach timeout "IPv$F keep: there is no second one" \
		"$CLIENT" tcp "$S" 443
	drops "IPv$F keep: that is the only drop" "$SERVER" default 1+
	peer close web
	ctl "$SERVER" flush
done
