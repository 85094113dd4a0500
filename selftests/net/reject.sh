#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What reject answers: a reset to TCP, port unreachable to protocols with
# ports, administratively prohibited to the rest; to some packets nothing. The
# answers need no rule, and the packet counts as one drop.

. ./lib.sh

plan 72
topology pair
peer listen "$SERVER" tcp 80
peer listen "$UPDATE" tcp 443 80
peer listen "$UPDATE" udp 53
pkt capture client "$CLIENT" eth0
pkt capture update "$UPDATE" eth0

# answer NAME PATTERN PACKET... ; the ghost sends a packet and is answered
answer() {
	pkt send "$CLIENT" eth0 ip "$G" \> "$S" "${@:3}"
	pkt expect client 2000 "ip $S > $G *"
	like "$1" "$R" "$2"
}

for f in 4 6; do
	family "$f"
	if [[ $F == 4 ]]; then
		PORT=3/3 PROHIBITED=3/13 EXCEEDED=11/0 MULTICAST=224.0.0.1
	else
		PORT=1/4 PROHIBITED=1/1 EXCEEDED=3/0 MULTICAST=ff02::1
	fi

	for mode in stateful stateless; do
		sfw "$SERVER" <<-RULES
			mode $mode
			in  100 reject tcp to port 81
			in  110 reject udp to port 54
			in  120 reject any
			out 100 deny   any
		RULES
		who="IPv$F in, $mode:"
		reach refused "$who TCP is refused" "$CLIENT" tcp "$S" 81
		reach refused "$who UDP is refused" "$CLIENT" udp "$S" 54
		drops "$who two drops, and the answers needed no rule" \
			"$SERVER" rule 2
		pkt forget client
		answer "$who a SYN gets a reset that fits" \
			"*tcp 81 > 5000 flags RA seq 0 ack 1001 * data 0" \
			tcp 5000 \> 81 flags S seq 1000
		answer "$who a segment gets a reset that fits" \
			"*tcp 81 > 5000 flags R seq 777 * data 0" \
			tcp 5000 \> 81 flags A seq 1000 ack 777
		answer "$who UDP gets port unreachable" \
			"*icmp $PORT ip $G > $S * udp 5000 > 54 data 10" \
			udp 5000 \> 54 data 10
		answer "$who so does SCTP" \
			"*icmp $PORT ip $G > $S * sctp 5000 > 54*" \
			sctp 5000 \> 54 data 4
		answer "$who a ping gets prohibited" \
			"*icmp $PROHIBITED ip $G > $S * icmp $ECHO_REQUEST/0 *" \
			icmp "$ECHO_REQUEST" id 5 data 8
		answer "$who GRE gets prohibited" \
			"*icmp $PROHIBITED ip $G > $S * proto 47 *" \
			proto 47 hex 0000080000000000
		drops "$who each was one drop" "$SERVER" rule 6

		# To these there is no answer: it could be answered again.
		pkt send "$CLIENT" eth0 ip "$G" \> "$S" tcp 5000 \> 81 flags R
		pkt send "$CLIENT" eth0 ip "$G" \> "$MULTICAST" udp 5000 \> 54
		drops "$who a reset and a multicast are dropped" \
			"$SERVER" rule 2
		pkt send "$CLIENT" eth0 ip "$G" \> "$S" icmp "$EXCEEDED" \
			ip "$S" \> "$G" udp 1 \> 2
		stat_reaches "$SERVER" dropped 1 || wait_for \
			stat_reaches "$SERVER" dropped 1
		is "$who an error is dropped" "${D[dropped]}" 1
		pkt count client "ip $S > $G *"
		is "$who and none of the three is answered" "$R" 0
	done

	# Requests of our own.
	sfw "$SERVER" <<-RULES
		out 100 reject tcp to port 443
		out 110 reject udp to port 53
		default out reject
	RULES
	pkt forget update
	reach refused "IPv$F out: TCP is refused at once" "$SERVER" tcp "$U" 443
	drops "IPv$F out: one drop" "$SERVER" rule 1
	peer open u "$SERVER" udp "$U" 53
	peer send u 10
	is "IPv$F out: UDP is denied" "$R" denied
	peer recv u 10
	is "IPv$F out: and told why, as if from there" "$R" refused
	peer close u
	drops "IPv$F out: one drop" "$SERVER" rule 1
	reach refused "IPv$F out: a default can reject as well" \
		"$SERVER" tcp "$U" 80
	drops "IPv$F out: by the default" "$SERVER" default 1
	pkt count update "ip $S > *"
	is "IPv$F out: nothing of it left" "$R" 0

	sfw "$SERVER" <<-RULES
		default in reject
	RULES
	reach refused "IPv$F in: a default can reject as well" \
		"$CLIENT" tcp "$S" 80
	drops "IPv$F in: by the default" "$SERVER" default 1
	ctl "$SERVER" flush
done
