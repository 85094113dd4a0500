#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Audit: everything is judged and counted as if it were in force, and nothing
# is dropped or answered.

. ./lib.sh

plan 42
topology pair
peer listen "$SERVER" tcp 22 80
peer listen "$SERVER" udp 53
peer listen "$UPDATE" udp 53
pkt capture client "$CLIENT" eth0
pkt capture host "$SERVER" host 17

for f in 4 6; do
	family "$f"

	sfw "$SERVER" <<-RULES
		audit on
		in  100 allow  tcp to port 80
		in  110 reject udp to port 53
		in  120 deny   udp to port 54
	RULES
	ctl "$SERVER" audit
	like "IPv$F audit is on" "$R" "*on*"
	reach ok "IPv$F what is allowed passes" "$CLIENT" tcp "$S" 80
	drops "IPv$F and counts as allowed" "$SERVER"
	reach ok "IPv$F what is not allowed passes as well" \
		"$CLIENT" tcp "$S" 22
	reach ok "IPv$F out, too" "$SERVER" udp "$U" 53
	moved "$SERVER"
	((D[default] > 0))
	is "IPv$F and counts as dropped" "$?" 0

	pkt send "$CLIENT" eth0 ip "$G" \> "$S" tcp 5555 \> 80 flags S seq 1
	pkt send "$CLIENT" eth0 ip "$G" \> "$S" tcp 5555 \> 80 \
		flags A seq 900000 ack 5
	both_counted() {
		conns "$SERVER" sport 5555
		[[ $R == *'"packets":2,'* ]]
	}
	wait_for both_counted
	is "IPv$F a segment out of the window keeps its connection" "$?" 0
	moved "$SERVER"

	pkt forget client
	pkt send "$CLIENT" eth0 ip "$G" \> "$S" udp 5000 \> 53 data 10
	pkt expect client 2000 "*"
	like "IPv$F a rejected datagram is answered by the service alone" \
		"$R" "ip $S > $G * udp 53 > 5000 data 10"
	drops "IPv$F the request by a rule, the reply by the default" \
		"$SERVER" rule 1 default 1
	rule_packets "$SERVER" in:110
	is "IPv$F the rule counts it" "$R" 1
	pkt forget host
	pkt send "$CLIENT" eth0 ip "$G" \> "$S" udp 5000 \> 53 badsum data 10
	pkt send "$CLIENT" eth0 ip "$G" \> "$S" udp 5000 \> 53 len 99 data 20
	pkt send "$CLIENT" eth0 ip "$G" \> "$S" tcp 5000 \> 80 flags SF
	drops "IPv$F invalid packets count by their reasons" "$SERVER" \
		invalid_checksum 1 malformed 1 invalid_flags 1
	pkt count host "*"
	is "IPv$F and reach the host" "$R" 2

	ctl "$SERVER" audit off
	is "IPv$F it can be turned off" "$?" 0
	moved "$SERVER"
	reach timeout "IPv$F then what is not allowed is dropped" \
		"$CLIENT" tcp "$S" 22
	drops "IPv$F by the default" "$SERVER" default 1+
	reach refused "IPv$F and what is rejected is answered" \
		"$CLIENT" udp "$S" 53
	drops "IPv$F by the rule" "$SERVER" rule 1

	ctl "$SERVER" audit on
	is "IPv$F and on again" "$?" 0
	moved "$SERVER"
	reach ok "IPv$F then all passes again" "$CLIENT" tcp "$S" 22

	sfw "$SERVER" <<-RULES
		mode stateless
		audit on
		in  100 allow  tcp to port 80
	RULES
	reach ok "IPv$F stateless: what is not allowed passes" \
		"$CLIENT" udp "$S" 53
	drops "IPv$F stateless: request and reply count as dropped" \
		"$SERVER" default 2
	ctl "$SERVER" flush
done
