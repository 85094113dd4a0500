#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A router in the middle. What it forwards comes in, is judged once, by the
# in list, and is not judged again on its way out; the out list is for what
# the router itself sends.

. ./lib.sh

plan 42
topology router
peer listen "$SERVER" tcp 80 81
peer listen "$SERVER" udp 53
peer listen "$CLIENT" tcp 80
peer listen "$CLIENT" udp 53
peer listen "$ROUTER" tcp 22
pkt capture server "$SERVER" eth0

for f in 4 6; do
	family "$f"
	if [[ $F == 4 ]]; then
		ROUTER_ADDR=119.18.36.1 EXCEEDED=11/0
	else
		ROUTER_ADDR=2001:db8:119::1 EXCEEDED=3/0
	fi

	sfw "$ROUTER" <<-RULES
		in  100 allow tcp to port 80 on eth0
		in  110 allow udp to port 53 on eth0
		out 100 deny  any
	RULES
	pkt send "$CLIENT" eth0 ip "$G" \> "$H" udp 5000 \> 53 data 10
	pkt expect server 2000 "*udp 5000 > 53*"
	like "IPv$F a datagram is forwarded though nothing may go out" "$R" \
		"ip $G > $H ttl 63 *"
	counted "IPv$F and counted once" "$ROUTER" packets 1
	conns "$ROUTER" proto udp
	has "IPv$F it came in" "$R" '"direction":"in"' '"rule":"in:110"' \
		'"packets":1,'
	reach ok "IPv$F a connection through it: request and reply" \
		"$CLIENT" tcp "$S" 80
	reach ok "IPv$F a UDP request and its reply" "$CLIENT" udp "$S" 53
	drops "IPv$F nothing of that dropped" "$ROUTER"
	rule_packets "$ROUTER" out:100
	is "IPv$F and the out list had no part in it" "$R" 0

	reach timeout "IPv$F another port is closed" "$CLIENT" tcp "$S" 81
	drops "IPv$F by the default for in" "$ROUTER" default 1+
	reach timeout "IPv$F the other way is closed, TCP" \
		"$SERVER" tcp "$C" 80
	reach timeout "IPv$F the other way is closed, UDP" \
		"$SERVER" udp "$C" 53
	drops "IPv$F by the interface they came in on" "$ROUTER" default 2+

	reach timeout "IPv$F the router itself may not ask" \
		"$ROUTER" tcp "$S" 80
	drops "IPv$F that is what the out list is for" "$ROUTER" rule 1+
	reach timeout "IPv$F nor is it open itself" \
		"$CLIENT" tcp "$ROUTER_ADDR" 22
	drops "IPv$F by the in list" "$ROUTER" default 1+

	# Errors of others pass through, its own leave: they are related.
	peer unlisten "$SERVER" udp 53
	reach refused "IPv$F an error about a forwarded datagram passes" \
		"$CLIENT" udp "$S" 53
	peer listen "$SERVER" udp 53
	pkt capture client "$CLIENT" eth0
	pkt send "$CLIENT" eth0 ip "$G" \> "$H" ttl 1 udp 5001 \> 53 data 10
	pkt expect client 2000 "*icmp $EXCEEDED*"
	like "IPv$F the router's own error leaves" "$R" "ip $ROUTER_ADDR > $G*"
	drops "IPv$F nothing of that dropped" "$ROUTER"

	# Stateless: each of the two packets comes in, from its own side.
	sfw "$ROUTER" <<-RULES
		mode stateless
		in  100 allow tcp to port 80 on eth0
		in  110 allow tcp from port 80 on eth1 return
	RULES
	reach ok "IPv$F stateless: two rules for in" "$CLIENT" tcp "$S" 80
	drops "IPv$F stateless: nothing dropped" "$ROUTER"
	ctl "$ROUTER" flush
done
