#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# ICMP errors belong to the connection of the packet they quote: traceroute,
# refused ports and path MTU discovery work without a rule. An error that
# quotes nothing we know is dropped as invalid_icmp, whatever the list says,
# unless a no-state rule lets it in.

. ./lib.sh

plan 84
topology router
peer listen "$SERVER" udp 53
peer listen "$SERVER" tcp 80
pkt capture client "$CLIENT" eth0
pkt capture server "$SERVER" eth0

for f in 4 6; do
	family "$f"
	if [[ $F == 4 ]]; then
		UNREACHABLE=3/3 EXCEEDED=11/0 TOO_BIG=3/4 PARAMETER=12/0
		ROUTER_ADDR=119.18.36.1 PROTO=1 STRANGE="*"
	else
		UNREACHABLE=1/4 EXCEEDED=3/0 TOO_BIG=2/0 PARAMETER=4/0
		ROUTER_ADDR=2001:db8:119::1 PROTO=58
		# Neighbour discovery is ICMPv6 as well.
		STRANGE="*icmp [1-4]/*"
	fi

	# --- a client behind its own firewall -----------------------------

	sfw "$CLIENT" <<-RULES
		out 100 allow udp
		out 110 allow tcp to port 80
	RULES
	pkt capture answers "$CLIENT" host "$PROTO"
	reach refused "IPv$F port unreachable arrives" "$CLIENT" udp "$S" 99
	pkt expect answers 2000 "*icmp $UNREACHABLE*"
	like "IPv$F and quotes what was sent" "$R" "ip $S > $C *ip $C > $S*"
	drops "IPv$F nothing dropped for that" "$CLIENT"

	in_ns "$CLIENT" traceroute -n -q 1 -m 4 -w 2 "$S" \
		> "$TEST_DIR/route" 2>&1
	mapfile -t hops < "$TEST_DIR/route"
	like "IPv$F traceroute sees the router" "${hops[1]:-}" \
		" 1  $ROUTER_ADDR *ms*"
	like "IPv$F traceroute arrives" "${hops[2]:-}" " 2  $S *ms*"
	drops "IPv$F nothing dropped for that" "$CLIENT"

	# The link behind the router takes 1300 bytes.
	ip -n "$ROUTER" link set eth1 mtu 1300
	pkt forget answers
	peer open big "$CLIENT" udp "$S" 53
	peer send big 1400
	pkt expect answers 2000 "*icmp $TOO_BIG*"
	like "IPv$F fragmentation needed arrives" "$R" \
		"ip $ROUTER_ADDR > $C *icmp $TOO_BIG mtu 1300*"
	peer echo big 1400
	is "IPv$F the sender is told" "$R" too-big
	peer echo big 1200
	is "IPv$F the connection goes on" "$R" ok
	peer close big
	drops "IPv$F nothing dropped for that" "$CLIENT"
	ip -n "$ROUTER" link set eth1 mtu 1500

	# --- errors made by hand, to the client ---------------------------

	sfw "$CLIENT" <<-RULES
		option timeout udp 1h
		in  100 allow $ICMP
		out 100 allow udp
		out 110 allow tcp to port 80
	RULES
	# A question to the ghost, so that no kernel interferes.
	peer open ask "$CLIENT" udp "$H" 53 from 6000
	peer send ask 10
	pkt expect server 2000 "*udp 6000 > 53*"
	like "IPv$F a question is on its way" "$R" "ip $C > $H *"
	pkt forget answers

	error() { # SRC TYPE QUOTE...
		pkt send "$ROUTER" eth0 ip "$1" \> "$C" icmp "${@:2}"
	}

	error "$ROUTER_ADDR" "$EXCEEDED" ip "$C" \> "$H" ttl 1 udp 6000 \> 53 data 10
	pkt expect answers 2000 "*icmp $EXCEEDED*"
	like "IPv$F an error that quotes it passes, from any router" "$R" \
		"ip $ROUTER_ADDR > *"
	error "$H" "$PARAMETER" cut $((F == 4 ? 28 : 48)) \
		ip "$C" \> "$H" udp 6000 \> 53 data 10
	pkt expect answers 2000 "*icmp $PARAMETER*"
	like "IPv$F eight bytes of its UDP header are enough" "$R" "ip $H > *"
	drops "IPv$F neither dropped" "$CLIENT"

	error "$H" "$UNREACHABLE" ip "$C" \> "$H" udp 6001 \> 53 data 10
	drops "IPv$F another source port: not ours" "$CLIENT" invalid_icmp 1
	error "$H" "$UNREACHABLE" ip "$C" \> "$H" udp 6000 \> 54 data 10
	drops "IPv$F another destination port: not ours" \
		"$CLIENT" invalid_icmp 1
	error "$S" "$UNREACHABLE" ip "$C" \> "$S" udp 6000 \> 53 data 10
	drops "IPv$F another destination: not ours" "$CLIENT" invalid_icmp 1
	error "$H" "$UNREACHABLE" ip "$C" \> "$H" tcp 6000 \> 53
	drops "IPv$F another protocol: not ours" "$CLIENT" invalid_icmp 1
	error "$H" "$UNREACHABLE" ip "$H" \> "$C" udp 53 \> 6000 data 10
	drops "IPv$F quotes what we would have received: not sent by us" \
		"$CLIENT" invalid_icmp 1
	error "$H" "$UNREACHABLE" cut $((F == 4 ? 27 : 47)) \
		ip "$C" \> "$H" udp 6000 \> 53 data 10
	drops "IPv$F quotes seven bytes of the UDP header" \
		"$CLIENT" invalid_icmp 1
	error "$H" "$UNREACHABLE" cut 19 ip "$C" \> "$H" udp 6000 \> 53
	drops "IPv$F quotes half an IP header" "$CLIENT" invalid_icmp 1
	error "$H" "$UNREACHABLE"
	drops "IPv$F quotes nothing" "$CLIENT" invalid_icmp 1
	error "$H" "$UNREACHABLE" ip "$C" \> "$H" icmp "$UNREACHABLE" \
		ip "$H" \> "$C" udp 53 \> 6000
	drops "IPv$F quotes an error: there are none about errors" \
		"$CLIENT" invalid_icmp 1
	error "$H" "$UNREACHABLE" badsum ip "$C" \> "$H" udp 6000 \> 53 data 10
	drops "IPv$F a bad checksum is found first" \
		"$CLIENT" invalid_checksum 1
	pkt count answers "$STRANGE"
	is "IPv$F none of these got through" "$R" 0
	conns "$CLIENT" sport 6000
	has "IPv$F the connection stands as it was" "$R" '"state":"udp"' \
		'"reply_packets":0'
	# An error of ours, about an answer.
	ours() {
		pkt local "$CLIENT" ip "$C" \> "$H" icmp "$UNREACHABLE" \
			ip "$H" \> "$C" udp 53 \> 6000 data 10
	}
	ours
	is "IPv$F an error about an answer that never came is refused" \
		"$R" denied
	drops "IPv$F as it is related to nothing" "$CLIENT" invalid_icmp 1
	pkt send "$SERVER" eth0 ip "$H" \> "$C" udp 53 \> 6000 data 10
	counted "IPv$F an answer comes" "$CLIENT" allowed 1
	ours
	is "IPv$F an error about it may leave" "$R" ok
	drops "IPv$F nothing dropped for that" "$CLIENT"
	peer close ask

	# TCP: the quoted sequence number must be one in flight.
	pkt forget server
	peer open c "$CLIENT" tcp "$S" 80
	peer echo c
	peer port c
	port=$R
	pkt expect server 2000 "*tcp $port > 80 flags S seq*"
	[[ $R =~ seq\ ([0-9]+) ]]
	first=${BASH_REMATCH[1]}
	# All of it is acknowledged; this is the next byte.
	ctl "$CLIENT" conns save -
	[[ $R =~ \"source_port\":\ *$port,.*\"originator\":\ *\{\"end\":\ *([0-9]+) ]]
	seq=${BASH_REMATCH[1]}
	pkt forget answers
	# Not port unreachable, which would end the connection.
	error "$S" "$EXCEEDED" cut $((F == 4 ? 28 : 48)) \
		ip "$C" \> "$S" tcp "$port" \> 80 seq "$seq" flags A
	pkt expect answers 2000 "*icmp $EXCEEDED*"
	like "IPv$F an error about a TCP segment passes" "$R" "ip $S > *"
	moved "$CLIENT"
	error "$S" "$EXCEEDED" cut $((F == 4 ? 28 : 48)) ip "$C" \> "$S" \
		tcp "$port" \> 80 seq $(((seq + 900000000) & 0xffffffff)) flags A
	drops "IPv$F not about one that was never sent" \
		"$CLIENT" invalid_icmp 1
	error "$S" "$EXCEEDED" cut $((F == 4 ? 28 : 48)) ip "$C" \> "$S" \
		tcp "$port" \> 80 seq $(((first + 1) & 0xffffffff)) flags A
	drops "IPv$F nor about one that has arrived" "$CLIENT" invalid_icmp 1
	peer echo c
	is "IPv$F the connection lives" "$R" ok
	peer close c

	# --- the list's part ----------------------------------------------

	sfw "$CLIENT" <<-RULES
		in  100 allow $ICMP no-state
	RULES
	pkt forget answers
	error "$H" "$UNREACHABLE" ip "$C" \> "$H" udp 6005 \> 53 data 10
	pkt expect answers 2000 "*icmp $UNREACHABLE*"
	like "IPv$F a no-state rule lets a strange error in" "$R" "ip $H > *"
	drops "IPv$F nothing dropped for that" "$CLIENT"

	# Errors that this host sends: related ones, others by the list.
	sfw "$CLIENT" <<-RULES
		in  100 allow udp to port 99
	RULES
	reach refused "IPv$F our own refusal leaves without a rule" \
		"$SERVER" udp "$C" 99
	drops "IPv$F nothing dropped for that" "$CLIENT"
	pkt local "$CLIENT" ip "$C" \> "$H" icmp "$UNREACHABLE" \
		ip "$H" \> "$C" udp 1 \> 2 data 10
	is "IPv$F a strange one of ours needs the list" "$R" denied
	drops "IPv$F which says no by default" "$CLIENT" default 1
	sfw "$CLIENT" <<-RULES
		out 100 allow $ICMP
	RULES
	pkt forget server
	pkt local "$CLIENT" ip "$C" \> "$H" icmp "$UNREACHABLE" \
		ip "$H" \> "$C" udp 1 \> 2 data 10
	pkt expect server 2000 "*icmp $UNREACHABLE*"
	like "IPv$F or yes" "$R" "ip $C > $H *"
	ctl "$CLIENT" flush
done
