#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Every drop has one reason. One rule set, all the reasons, and they add up:
# to all drops, and with what was allowed to all packets.

. ./lib.sh

plan 34
topology pair
peer listen "$SERVER" tcp 80
peer listen "$SERVER" udp 53
pkt capture client "$CLIENT" eth0

send() { pkt send "$CLIENT" eth0 "$@"; }

for f in 4 6; do
	family "$f"
	[[ $F == 4 ]] && UNREACHABLE=3/3 || UNREACHABLE=1/4
	declare -A SUM=()

	# one NAME REASON N: these packets were dropped for that
	one() {
		drops "IPv$F $1" "$SERVER" "$2" "$3"
		SUM[$2]=$((${SUM[$2]:-0} + $3))
	}

	ctl "$SERVER" flush
	sfw "$SERVER" <<-RULES
		option max-connections 2
		option tcp-pickup off
		default out allow
		in  10 deny   udp to port 1
		in  20 allow  udp to port 2 limit 1/h burst 1
		in  30 allow  tcp to port 80
		in  40 allow  udp to port 53
		in  50 reject udp to port 3
		out 10 deny   udp to port 7
	RULES
	moved "$SERVER"
	declare -A FIRST=()
	for key in packets allowed dropped $REASONS; do
		FIRST[$key]=${LAST[$SERVER/$key]:-0}
	done

	send times 2 ip "$G" \> "$S" udp 5000 \> 1
	one "rule, in" rule 2
	pkt local "$SERVER" ip "$S" \> "$G" udp 5000 \> 7
	one "rule, out" rule 1
	send ip "$G" \> "$S" udp 5000 \> 3
	one "rule, reject" rule 1
	send times 3 ip "$G" \> "$S" udp 5000 \> 9
	one "default" default 3
	send times 5 ip "$G" \> "$S" udp 5000 \> 2
	one "rate_limit" rate_limit 4
	send times 2 ip "$G" \> "$S" tcp 5000 \> 80 flags SF
	one "invalid_flags" invalid_flags 2
	send times 3 ip "$G" \> "$S" tcp 5000 \> 80 flags S badsum
	one "invalid_checksum" invalid_checksum 3
	send ip "$G" \> "$S" icmp "$UNREACHABLE" ip "$S" \> "$G" udp 1 \> 2
	one "invalid_icmp" invalid_icmp 1
	send times 2 ip "$G" \> "$S" tcp 5000 \> 80 flags A
	one "no_connection" no_connection 2
	send times 2 cut 50 ip "$G" \> "$S" udp 5000 \> 53 len 5
	one "malformed" malformed 2
	pkt forget client
	send ip "$G" \> "$S" tcp 5000 \> 80 flags S seq 1000
	pkt expect client 2000 "*tcp 80 > 5000 flags SA*"
	send ip "$G" \> "$S" tcp 5000 \> 80 flags A seq 7777777 ack 1
	one "invalid_window" invalid_window 1
	# Two that go on after the answer stay; there is no room for more.
	ctl "$SERVER" conns flush
	moved "$SERVER"
	send times 2 ip "$G" \> "$S" udp 6000 \> 53 data 4
	pkt expect client 2000 "*udp 53 > 6001*"
	send times 2 ip "$G" \> "$S" udp 6000 \> 53 data 4
	send times 3 ip "$G" \> "$S" udp 7000 \> 53 data 4
	one "table_full" table_full 3

	read_stats "$SERVER"
	got='' want=''
	for key in $REASONS; do
		got+="$key $((${LAST[$SERVER/$key]:-0} + ${D[$key]:-0} -
			FIRST[$key])) "
		want+="$key ${SUM[$key]:-0} "
	done
	is "IPv$F every reason has its count" "$got" "$want"
	total=0
	for key in $REASONS; do
		total=$((total + ${LAST[$SERVER/$key]:-0}))
	done
	is "IPv$F the reasons add up to all drops" \
		"$total" "${LAST[$SERVER/dropped]}"
	is "IPv$F drops and allowed add up to all packets" \
		"$((LAST[$SERVER/dropped] + LAST[$SERVER/allowed]))" \
		"${LAST[$SERVER/packets]}"

	ctl "$SERVER" counters zero
	LAST=()
	read_stats "$SERVER"
	got=0
	for key in packets allowed dropped $REASONS; do
		got=$((got + D[$key]))
	done
	is "IPv$F counters zero makes them zero" "$got" 0
	keep_stats "$SERVER"
	send ip "$G" \> "$S" udp 5000 \> 9
	drops "IPv$F and they count on from there" "$SERVER" default 1
done
