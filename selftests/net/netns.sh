#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Network namespaces have nothing in common but the module: not the rules, the
# mode, the connections, the counters or the generation. One that ends takes
# its rule set and its connections along.
. ./lib.sh
plan 32

topology pair
peer listen "$SERVER" tcp 80 81 82
peer listen "$SERVER" udp 53
peer listen "$UPDATE" tcp 80

generation() { # NS: sets GEN
	local json
	json=$("$SFWCTL" -j -N "$1" status)
	[[ $json =~ \"generation\":\ *([0-9]+) ]]
	GEN=${BASH_REMATCH[1]}
}

sfw "$CLIENT" <<-END
	default out allow
	out 100 deny tcp to port 81
END
sfw "$SERVER" <<-END
	in 100 allow tcp to port { 80, 81 }
END
family 4
reach ok "both sets allow it" "$CLIENT" tcp "$S" 80
reach timeout "the client's set denies it" "$CLIENT" tcp "$S" 81
drops "which is the client's drop" "$CLIENT" rule 1
drops "and not the server's" "$SERVER"
reach ok "a host without a set may" "$UPDATE" tcp "$S" 81
reach timeout "the server's set denies it" "$CLIENT" tcp "$S" 82
drops "which is the server's drop" "$SERVER" default 1
drops "and not the client's" "$CLIENT"

ctl "$CLIENT" show
client=$R
like "the client shows its rules" "$R" "*out 100 deny tcp to port 81*"
[[ $R != *"in 100"* ]]
is "and not the server's" "$?" 0
ctl "$UPDATE" show
is "the third host has none" "$?" 1
ctl "$CLIENT" conns count dir out
is "the client's table has what it began" "${R//[^0-9]/}" 2
ctl "$SERVER" conns count dir in
is "the server's table has what came in" "${R//[^0-9]/}" 2

generation "$CLIENT"
before=$GEN
for mode in stateless stateful stateless; do
	ctl "$SERVER" mode "$mode"
done
ctl "$SERVER" conns flush
generation "$CLIENT"
is "the server's changes are not generations of the client" "$GEN" "$before"
ctl "$CLIENT" mode
is "nor is its mode" "$R" stateful
ctl "$CLIENT" conns count
is "nor is what it forgets" "$((${R//[^0-9]/} >= 2))" 1
ctl "$SERVER" flush
reach timeout "without the server's set the client's still holds" \
	"$CLIENT" tcp "$S" 81
reach ok "and nothing else does" "$CLIENT" tcp "$S" 82
ctl "$CLIENT" show
is "the client's set is as it was" "$R" "$client"

# --- a namespace that ends -----------------------------------------------------

# Objects of the module's caches that are in use, in $OBJECTS.
objects() {
	local name active
	shrink_caches
	OBJECTS=0
	while read -r name active _; do
		[[ $name == sfw_* ]] && OBJECTS=$((OBJECTS + active))
	done </proc/slabinfo
}

objects_at_most() {
	objects
	((OBJECTS <= $1))
}

# A helper of its own, for it must end before the namespace can.
other() {
	echo "$*" >&"${OTHER[1]}"
	IFS= read -rt 60 R <&"${OTHER[0]}"
}

gone() { # NS DEV: the namespace at the other end of DEV is no more
	! ip -n "$1" link show "$2" &>/dev/null
}

ctl "$CLIENT" flush
objects
before=$OBJECTS
for round in 1 2 3; do
	# Not by make_ns: peer would keep it open.
	SHORT=sfw-short-$$
	NAMESPACES+=("$SHORT")
	ip -batch - <<-END
		netns add $SHORT
		link add eth9 netns $SHORT type veth peer name eth9 netns $SERVER
	END
	ip -n "$SHORT" -batch - <<-END
		link set lo up
		link set eth9 up
		addr add 10.9.0.2/24 dev eth9
		addr add 2001:db8:9::2/64 dev eth9 nodad
	END
	ip -n "$SERVER" -batch - <<-END
		link set eth9 up
		addr add 10.9.0.1/24 dev eth9
		addr add 2001:db8:9::1/64 dev eth9 nodad
	END
	sfw "$SHORT" <<-END
		default out allow
		set many = { 10.0.0.0/8, 192.168.0.0/16, 2001:db8::/32 }
		in 100 allow any from \$many
	END
	coproc OTHER { exec peer; }
	other open a "$SHORT" tcp 10.9.0.1 80
	other echo a
	other open b "$SHORT" tcp 2001:db8:9::1 80
	other echo b
	other open c "$SHORT" udp 10.9.0.1 53
	other echo c
	is "round $round: a namespace with live connections" "$R" ok
	ctl "$SHORT" conns count
	is "round $round: is at an end" "${R//[^0-9]/}" 3
	pid=$OTHER_PID
	kill -KILL "$pid"
	wait "$pid" 2>/dev/null
	ip netns del "$SHORT"
	unset "NAMESPACES[-1]"
	wait_for -t 10000 gone "$SERVER" eth9
	is "round $round: and goes" "$?" 0
done
wait_for -t 10000 objects_at_most "$before"
is "every object of the three has been freed" "$?" 0
ip netns add "$SHORT"
NAMESPACES+=("$SHORT")
ctl "$SHORT" status
like "a namespace of the same name begins without a set" "$R" "*no rule set*"
reach ok "and the other namespaces go on" "$CLIENT" tcp "$S" 80
ctl "$UPDATE" status
like "the host that never had a set has none" "$R" "*no rule set*"
