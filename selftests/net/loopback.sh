#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What a host says to itself passes, whatever the rules say, unless the set
# asks to filter loopback. Then the first packet of a connection is judged by
# the out list as it leaves and by the in list as it arrives, and makes one
# connection.

. ./lib.sh

plan 54
topology pair
peer listen "$SERVER" tcp 80
peer listen "$SERVER" udp 53

for f in 4 6; do
	family "$f"
	[[ $F == 4 ]] && LO=127.0.0.1 || LO=::1

	sfw "$SERVER" <<< 'default in deny'
	for to in "$LO" "$S"; do
		reach ok "IPv$F TCP to $to passes without a rule" \
			"$SERVER" tcp "$to" 80
		reach ok "IPv$F UDP to $to passes without a rule" \
			"$SERVER" udp "$to" 53
		reach ok "IPv$F ping to $to passes without a rule" \
			"$SERVER" "$ICMP" "$to" 7
		reach refused "IPv$F a closed port of $to refuses" \
			"$SERVER" tcp "$to" 81
	done
	counted "IPv$F and is not counted" "$SERVER" packets 0
	no_conns "$SERVER"
	is "IPv$F nor in the table" "$R" '{"connections":[]}'

	# The out list alone is not enough, nor is the in list.
	sfw "$SERVER" <<-RULES
		option loopback filter
		out 100 allow tcp to port 80
	RULES
	reach timeout "IPv$F filter: the in list has a say" \
		"$SERVER" tcp "$LO" 80
	drops "IPv$F filter: it said no" "$SERVER" default 1+
	sfw "$SERVER" <<-RULES
		option loopback filter
		in  100 allow tcp to port 80
	RULES
	reach timeout "IPv$F filter: the out list has a say" \
		"$SERVER" tcp "$S" 80
	drops "IPv$F filter: it said no" "$SERVER" default 1+

	sfw "$SERVER" <<-RULES
		option loopback filter
		out 100 allow tcp to port 80 on lo
		out 110 allow udp to port 53 on lo
		out 120 allow $ICMP type echo-request
		in  100 allow tcp to port 80 on lo
		in  110 allow udp to port 53 on lo
		in  120 allow $ICMP type echo-request
	RULES
	for to in "$LO" "$S"; do
		reach ok "IPv$F filter: both lists allow TCP to $to" \
			"$SERVER" tcp "$to" 80
		reach ok "IPv$F filter: both lists allow UDP to $to" \
			"$SERVER" udp "$to" 53
		reach ok "IPv$F filter: both lists allow ping to $to" \
			"$SERVER" "$ICMP" "$to" 7
	done
	read_stats "$SERVER"
	is "IPv$F filter: each is one connection" "${D[created]}" 6
	drops "IPv$F filter: nothing dropped" "$SERVER"
	conns "$SERVER" dst "$LO" proto tcp
	has "IPv$F filter: it went out" "$R" '"direction":"out"' \
		'"rule":"out:100"'
	rule_packets "$SERVER" in:110
	is "IPv$F filter: the in list counts its first packets" "$R" 2

	sfw "$SERVER" <<-RULES
		mode stateless
		option loopback filter
		out 100 allow udp to port 53
		in  100 allow udp to port 53
		out 110 allow udp from port 53
	RULES
	reach timeout "IPv$F filter, stateless: four packets, four rules" \
		"$SERVER" udp "$LO" 53
	drops "IPv$F filter, stateless: the reply did not get in" \
		"$SERVER" default 1
	sfw "$SERVER" <<-RULES
		mode stateless
		option loopback filter
		out 100 allow udp to port 53
		in  100 allow udp to port 53
		out 110 allow udp from port 53
		in  110 allow udp from port 53
	RULES
	reach ok "IPv$F filter, stateless: with all four it does" \
		"$SERVER" udp "$LO" 53
	ctl "$SERVER" flush
done
