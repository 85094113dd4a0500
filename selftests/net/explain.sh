#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# explain and test: what is said offline, what the kernel says and what happens
# to real packets is the same, on thousands of random ones. Then the kernel on
# connections that are there, on a set that cuts them, and on who may ask;
# apply --test.

. ./lib.sh

plan 25
topology router
ip -n "$ROUTER" -batch - <<-END
	route add 10.1.0.0/16 via $CLIENT4
	route add 10.2.0.0/16 via $SERVER4
	route add 2001:db8:a1::/48 via $CLIENT6
	route add 2001:db8:b2::/48 via $SERVER6
	neigh replace $CLIENT4 lladdr 02:73:66:77:01:00 dev eth0
	neigh replace $CLIENT6 lladdr 02:73:66:77:01:00 dev eth0
	neigh replace $SERVER4 lladdr 02:73:66:77:02:01 dev eth1
	neigh replace $SERVER6 lladdr 02:73:66:77:02:01 dev eth1
END
for dev in all default eth0 eth1; do
	ns_set "$ROUTER" "net/ipv4/conf/$dev/rp_filter" 0
done
# Hosts on whom packets for others end.
for ns in "$CLIENT" "$SERVER"; do
	ns_set "$ns" net/ipv4/ip_forward 0
done

R=$(/usr/bin/python3 ./explain_agree.py "$CLIENT" "$ROUTER" "$SERVER" \
	"${SFW_SETS:-8}" "${SFW_PACKETS:-250}" 2>&1)
STATUS=$?
diag "${R//$'\n'/$'\n# '}"
is "offline, in the kernel and on the wire: random packets get one verdict" "$STATUS" 0

ctl "$ROUTER" flush

# --- connections ------------------------------------------------------------

explain() { # NS ARGS...
	local ns=$1
	shift
	R=$("$SFWCTL" -N "$ns" explain "$@" 2>&1)
	RC=$?
}

has_conn() { ! no_conns "$@"; }

for f in 4 6; do
	family "$f"
	[[ $F == 4 ]] && A="$C:40000" B="$S:53" || A="[$C]:40000" B="[$S]:53"

	sfw "$SERVER" <<-RULES
		in 100 allow udp to port 53
		in 110 allow tcp to port 80 limit 1/h burst 1
	RULES
	explain "$SERVER" "in udp $A > $B on eth0"
	has "IPv$F before: it would make a connection" "$R" \
		"in 100  allow udp to port 53" "connection made by in 100"
	no_conns "$SERVER"
	is "IPv$F and to ask makes none" "$R" '{"connections":[]}'
	for _ in 1 2 3; do
		explain "$SERVER" "in tcp ${A} > ${B/%53/80} on eth0"
	done
	has "IPv$F a rate is not used up by questions" "$R" "within its rate"
	pkt send "$CLIENT" eth0 ip "$C" \> "$S" tcp 40000 \> 80
	wait_for has_conn "$SERVER" dport 80
	is "IPv$F so a packet passes" "$?" 0

	pkt send "$CLIENT" eth0 ip "$C" \> "$S" udp 40000 \> 53
	wait_for has_conn "$SERVER" dport 53
	explain "$SERVER" "in udp $A > $B on eth0"
	has "IPv$F the connection that is there, with its state and rule" "$R" \
		"connection made by in 100" "udp, 1 packets there and 0 back"
	explain "$SERVER" "out udp $B > $A on eth0"
	has "IPv$F its reply belongs to it, too" "$R" "connection made by in 100"

	sfw "$SERVER" <<-RULES
		in 90 reject udp from $C
		in 100 allow udp to port 53
	RULES
	explain "$SERVER" "out udp $B > $A on eth0" --mode stateful
	is "IPv$F a set that cuts it: exit 1" "$RC" 1
	has "IPv$F says by which rule" "$R" "connection, cut by in 90" "-> reject"
	sfw "$SERVER" <<-RULES
		mode stateless
		in 100 allow udp to port 53
	RULES
	explain "$SERVER" "in udp $A > $B on eth0"
	is "IPv$F stateless: exit 1" "$RC" 1
	has "IPv$F the reply is dropped, and the line to add" "$R" \
		"stateless: times out, the reply is dropped" \
		"add      out 100 allow udp from port 53 to port 1024-65535 return"
	R=$(sed -n 's/^add *//p' <<< "$R")
	"$SFWCTL" -q -N "$SERVER" add "$R"
	explain "$SERVER" "in udp $A > $B on eth0"
	is "IPv$F added, it works: exit 0" "$RC" 0
done

# --- without a rule set, and apply --test -----------------------------------

ctl "$SERVER" flush
explain "$SERVER" "in udp 192.0.2.9:1 > 192.0.2.1:53"
is "no rule set: exit 1" "$RC" 1
echo "expect deny in tcp 192.0.2.9:1 > 192.0.2.1:22" > "$TEST_DIR/expect"
sfw_fails "$SERVER" --test "$TEST_DIR/expect" <<-RULES
	in 100 allow tcp
RULES
has "apply --test refuses a set that fails" "$R" "expect:1: deny in tcp" "nothing is changed"
