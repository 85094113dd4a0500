#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A host loses its power in the middle of a connection: its namespace is torn
# down with all that it knew, and set up again with the same addresses. Behind a
# router that remembers the old connection it has a new one on the same ports
# within a second, whether it was the one that asked or the one that was asked.
. ./lib.sh
plan 28

topology router
peer listen "$SERVER" tcp 80
sfw "$ROUTER" <<-END
	option tcp-pickup off
	in 100 allow tcp to port 80 on eth2
	in 110 allow tcp to port 80 on eth0
END

# The host of this test, behind a third interface of the router. It has a peer
# of its own, for that other one would keep its namespace.
HOST=sfw-host-$$ HOST_IN='' HOST_OUT='' HOST_PID=''
HOST_4=10.9.0.2 HOST_6=2001:db8:9::2
mkfifo "$TEST_DIR/host"
NAMESPACES+=("$HOST")

boot() {
	ip -batch - <<-END || bail "no host"
		netns add $HOST
		$(link "$HOST" eth0 "$ROUTER" eth2 3)
	END
	ip -n "$ROUTER" -batch - <<-END || bail "no way to the host"
		link set eth2 up
		addr add 10.9.0.1/24 dev eth2
		addr add 2001:db8:9::1/64 dev eth2 nodad
	END
	ip -n "$HOST" -batch - <<-END || bail "no address"
		link set lo up
		link set eth0 up
		addr add $HOST_4/24 dev eth0
		addr add $HOST_6/64 dev eth0 nodad
		route add default via 10.9.0.1
		route add default via 2001:db8:9::1
	END
	exec {HOST_IN}> >(exec ip netns exec "$HOST" peer >"$TEST_DIR/host")
	HOST_PID=$!
	exec {HOST_OUT}<"$TEST_DIR/host"
}

# First the cable, so that nothing says goodbye.
lose_power() {
	ip -n "$ROUTER" link del eth2
	kill -KILL "$HOST_PID"
	exec {HOST_IN}>&- {HOST_OUT}<&-
	ip netns del "$HOST"
}

host() {
	TRAFFIC=$((TRAFFIC + 1))
	echo "$*" >&"$HOST_IN"
	IFS= read -rt 60 R <&"$HOST_OUT" || bail "the host died at: $*"
	[[ $R != error:* ]] || bail "host $*: $R"
}

state_of() { # PORT
	conns "$ROUTER" sport "$1"
	R=${R#*'"state":"'}
	R=${R%%'"'*}
}

# A second, and some times what a connection takes on a machine as busy as this.
within_a_second() { # NAME
	now
	if ((NOW - SINCE < 1000 + 5 * USUAL)); then
		ok "$1"
	else
		not_ok "$1" "$((NOW - SINCE)) ms, usually $USUAL"
	fi
}

for f in 4 6; do
	family $f
	HOST_ADDR=HOST_$f
	HOST_ADDR=${!HOST_ADDR}

	# --- the one that asked -----------------------------------------------

	boot
	now
	SINCE=$NOW
	host open c - tcp "$S" 80 from 7000
	now
	USUAL=$((NOW - SINCE))
	host echo c 10000
	is "IPv$f the host has a connection" "$R" ok
	lose_power
	state_of 7000
	is "IPv$f that is gone, and the router does not know" "$R" \
		tcp-established
	boot
	now
	SINCE=$NOW
	host open c - tcp "$S" 80 from 7000
	is "IPv$f it connects from the same port" "$R" ok
	within_a_second "IPv$f within a second"
	host echo c 10000
	is "IPv$f and talks" "$R" ok
	state_of 7000
	is "IPv$f which is one connection to the router" "$R" tcp-established
	host close c
	peer unlisten "$SERVER" tcp 80
	peer listen "$SERVER" tcp 80

	# --- the one that was asked --------------------------------------------

	host listen - tcp 80
	peer open d "$CLIENT" tcp "$HOST_ADDR" 80 from 7100
	peer echo d 10000
	is "IPv$f somebody is connected to the host" "$R" ok
	lose_power
	boot
	host listen - tcp 80
	peer echo d
	is "IPv$f the host, back, knows of no connection" "$R" reset
	state_of 7100
	is "IPv$f as the router hears" "$R" tcp-close
	peer close d
	now
	SINCE=$NOW
	peer open d "$CLIENT" tcp "$HOST_ADDR" 80 from 7100
	is "IPv$f who was connected connects again from the same port" "$R" ok
	within_a_second "IPv$f within a second, too"
	peer echo d 10000
	is "IPv$f and talks, too" "$R" ok
	drops "IPv$f nothing of that was dropped" "$ROUTER"
	peer close d
	lose_power
	ctl "$ROUTER" conns flush
	is "IPv$f the router forgets" "$?" 0
done
