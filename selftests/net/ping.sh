#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Ping both ways, by its identifier; replies that nobody asked for.

. ./lib.sh

plan 46
topology pair
pkt capture client "$CLIENT" eth0

for f in 4 6; do
	family "$f"

	sfw "$SERVER" <<-RULES
		in  100 allow $ICMP type echo-request
	RULES
	reach ok "IPv$F in: one rule for request and reply" \
		"$CLIENT" "$ICMP" "$S" 77
	conns "$SERVER" proto "$ICMP"
	has "IPv$F in: a connection by its identifier" "$R" \
		"\"icmp_type\":$ECHO_REQUEST" '"icmp_id":77' '"state":"icmp"' \
		'"direction":"in"' '"packets":1' '"reply_packets":1'
	reach denied "IPv$F in: the server may not ask" \
		"$SERVER" "$ICMP" "$C" 78
	drops "IPv$F in: the default kept that in" "$SERVER" default 1

	sfw "$SERVER" <<-RULES
		out 100 allow $ICMP type echo-request
	RULES
	reach ok "IPv$F out: one rule for request and reply" \
		"$SERVER" "$ICMP" "$C" 79
	reach timeout "IPv$F out: nobody may ask the server" \
		"$CLIENT" "$ICMP" "$S" 80
	drops "IPv$F out: the default dropped that" "$SERVER" default 1

	# Unsolicited replies, denied by the list or allowed by it.
	pkt send "$CLIENT" eth0 ip "$G" \> "$S" icmp "$ECHO_REPLY" id 5 data 8
	drops "IPv$F an unsolicited reply is dropped by the default" \
		"$SERVER" default 1
	sfw "$SERVER" <<-RULES
		default out allow
		in  100 allow $ICMP
	RULES
	pkt send "$CLIENT" eth0 ip "$G" \> "$S" icmp "$ECHO_REPLY" id 5 data 8
	drops "IPv$F allowed by the list it still cannot begin a connection" \
		"$SERVER" no_connection 1
	no_conns "$SERVER" proto "$ICMP" addr "$G"
	is "IPv$F and has begun none" "$R" '{"connections":[]}'

	# A request out, to a ghost, and answers to it.
	pkt capture answers "$SERVER" host "$([[ $f == 4 ]] && echo 1 || echo 58)"
	sfw "$SERVER" <<-RULES
		out 100 allow $ICMP type echo-request
	RULES
	pkt local "$SERVER" ip "$S" \> "$G" icmp "$ECHO_REQUEST" id 9 data 8
	pkt expect client 2000 "*icmp $ECHO_REQUEST/0 id 9 *"
	like "IPv$F a request goes out" "$R" "ip $S > $G *"
	pkt send "$CLIENT" eth0 ip "$G" \> "$S" icmp "$ECHO_REPLY" id 8 data 8
	pkt send "$CLIENT" eth0 ip "$C" \> "$S" icmp "$ECHO_REPLY" id 9 data 8
	drops "IPv$F another identifier, another host: not its reply" \
		"$SERVER" default 2
	pkt count answers "*icmp $ECHO_REPLY/0*"
	is "IPv$F neither got through" "$R" 0
	pkt send "$CLIENT" eth0 ip "$G" \> "$S" icmp "$ECHO_REPLY" id 9 badsum data 8
	drops "IPv$F a bad checksum is no reply" "$SERVER" invalid_checksum 1
	conns "$SERVER" dst "$G"
	has "IPv$F and changes nothing" "$R" '"replied":false' '"reply_packets":0'
	pkt send "$CLIENT" eth0 ip "$G" \> "$S" icmp "$ECHO_REPLY" id 9 data 8
	pkt expect answers 2000 "*icmp $ECHO_REPLY/0 id 9 *"
	like "IPv$F the reply itself does" "$R" "ip $G > $S *"
	moved "$SERVER"
	pkt send "$CLIENT" eth0 ip "$G" \> "$S" icmp "$ECHO_REQUEST" id 9 data 8
	drops "IPv$F the asked may not ask back under the same identifier" \
		"$SERVER" default 1

	sfw "$SERVER" <<-RULES
		mode stateless
		in  100 allow $ICMP type echo-request
	RULES
	reach timeout "IPv$F stateless: the reply needs a rule" \
		"$CLIENT" "$ICMP" "$S" 81
	drops "IPv$F stateless: the reply is what died" "$SERVER" default 1
	sfw "$SERVER" <<-RULES
		mode stateless
		in  100 allow $ICMP type echo-request
		out 100 allow $ICMP type echo-reply return
	RULES
	reach ok "IPv$F stateless: and works with one" \
		"$CLIENT" "$ICMP" "$S" 82
	ctl "$SERVER" flush
done

# The program people type.
sfw "$SERVER" <<-RULES
	in  100 allow icmp type echo-request
	in  110 allow icmpv6 type echo-request
RULES
in_ns "$CLIENT" ping -n -q -c 2 -i 0.01 -w 5 "$SERVER4" > "$TEST_DIR/ping"
is "ping(8) gets its replies over IPv4" "$?" 0
in_ns "$CLIENT" ping -n -q -c 2 -i 0.01 -w 5 "$SERVER6" > "$TEST_DIR/ping"
is "ping(8) gets its replies over IPv6" "$?" 0
drops "nothing of that dropped" "$SERVER"

# ICMPv6 echo inside IPv4 is neither.
sfw "$SERVER" <<-RULES
	default out allow
	in  100 allow icmp
	in  110 allow icmpv6
RULES
pkt send "$CLIENT" eth0 ip "$GHOST4" \> "$SERVER4" proto 58 hex 8000000000050001
drops "an ICMPv6 message inside IPv4 matches no icmpv6 rule" "$SERVER" default 1
pkt send "$CLIENT" eth0 ip "$GHOST6" \> "$SERVER6" proto 1 hex 0800000000050001
drops "an ICMP message inside IPv6 matches no icmp rule" "$SERVER" default 1
pkt send "$CLIENT" eth0 ip "$GHOST4" \> "$SERVER4" icmp 8 id 5 data 8
pkt expect client 2000 "*icmp 0/0 id 5 *"
like "an ICMP message does" "$R" "ip $SERVER4 > $GHOST4 *"
