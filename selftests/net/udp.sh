#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# UDP: a reply belongs to a request, for a while; what nobody asked for is
# judged by the list.

. ./lib.sh

plan 48
topology pair
peer listen "$SERVER" udp 53 54
peer listen "$CLIENT" udp 53
pkt capture client "$CLIENT" eth0
pkt capture behind "$SERVER" host 17

# A connection is gone?
gone() { no_conns "$SERVER" sport 7100; }

for f in 4 6; do
	family "$f"

	sfw "$SERVER" <<-RULES
		in  100 allow udp to port 53
		out 100 allow udp to port 53
	RULES
	reach ok "IPv$F request in, reply out" "$CLIENT" udp "$S" 53
	reach ok "IPv$F request out, reply in" "$SERVER" udp "$C" 53
	drops "IPv$F nothing of that dropped" "$SERVER"
	reach timeout "IPv$F another port is closed" \
		"$CLIENT" udp "$S" 54
	drops "IPv$F by the default" "$SERVER" default 1
	reach denied "IPv$F out to another port is refused by ourselves" \
		"$SERVER" udp "$C" 54
	drops "IPv$F by the default as well" "$SERVER" default 1

	# A ghost asks; only its own port gets and sends.
	pkt send "$CLIENT" eth0 ip "$G" \> "$S" udp 5000 \> 53 data 10
	pkt expect client 2000 "*udp 53 > 5000*"
	like "IPv$F a ghost gets its reply" "$R" "ip $S > $G *udp 53 > 5000*"
	conns "$SERVER" src "$G"
	has "IPv$F request and reply make a stream" "$R" \
		'"protocol":"udp"' '"state":"udp-stream"' '"packets":1' \
		'"reply_packets":1' '"source_port":5000' \
		'"destination_port":53' '"direction":"in"' '"rule":"in:100"'
	moved "$SERVER"

	# Unsolicited: source port 53 does not make it a reply.
	pkt forget behind
	pkt send "$CLIENT" eth0 ip "$G" \> "$S" udp 53 \> 7000 data 10
	drops "IPv$F what nobody asked for is dropped by the default" \
		"$SERVER" default 1
	pkt count behind "*udp 53 > 7000*"
	is "IPv$F and does not get through" "$R" 0

	# An open question: its answer, and what only looks like it.
	peer open ask "$SERVER" udp "$G" 53 from 7000
	peer send ask 10
	conns "$SERVER" dst "$G"
	has "IPv$F a request alone is not a stream" "$R" '"state":"udp"' \
		'"reply_packets":0' '"direction":"out"' '"rule":"out:100"'
	pkt send "$CLIENT" eth0 ip "$G" \> "$S" udp 54 \> 7000 data 10
	pkt send "$CLIENT" eth0 ip "$G" \> "$S" udp 53 \> 7001 data 10
	pkt send "$CLIENT" eth0 ip "$C" \> "$S" udp 53 \> 7000 data 10
	drops "IPv$F wrong port, wrong port, wrong host: no answers" \
		"$SERVER" default 3
	pkt send "$CLIENT" eth0 ip "$G" \> "$S" udp 53 \> 7000 badsum data 10
	drops "IPv$F a bad checksum is no answer" "$SERVER" invalid_checksum 1
	conns "$SERVER" dst "$G"
	has "IPv$F and changes nothing" "$R" '"state":"udp"' \
		'"replied":false' '"reply_packets":0'
	pkt send "$CLIENT" eth0 ip "$G" \> "$S" udp 53 \> 7000 data 10
	peer recv ask 10
	is "IPv$F the right answer arrives" "$R" ok
	peer close ask

	# The answer has to come in time.
	sfw "$SERVER" <<-RULES
		option timeout udp 1s
		option timeout udp-stream 2m
		out 100 allow udp to port 53
	RULES
	peer open ask "$SERVER" udp "$G" 53 from 7100
	peer send ask 10
	is "IPv$F a request leaves" "$R" ok
	wait_for gone
	is "IPv$F it is forgotten after its timeout" "$?" 0
	moved "$SERVER"
	pkt send "$CLIENT" eth0 ip "$G" \> "$S" udp 53 \> 7100 data 10
	drops "IPv$F an answer after that is dropped" "$SERVER" default 1
	peer send ask 10
	pkt send "$CLIENT" eth0 ip "$G" \> "$S" udp 53 \> 7100 data 10
	peer recv ask 10
	is "IPv$F one in time is not" "$R" ok
	conns "$SERVER" sport 7100
	if [[ $R =~ \"expires_s\":([0-9.]+) ]]; then
		((${BASH_REMATCH[1]%.*} >= 110 && ${BASH_REMATCH[1]%.*} <= 120))
		is "IPv$F and then the stream's timeout holds" "$?" 0
	else
		not_ok "IPv$F and then the stream's timeout holds" "$R"
	fi
	peer close ask

	sfw "$SERVER" <<-RULES
		mode stateless
		in  100 allow udp to port 53
	RULES
	reach timeout "IPv$F stateless: the reply needs a rule" \
		"$CLIENT" udp "$S" 53
	drops "IPv$F stateless: the reply is what died" "$SERVER" default 1
	sfw "$SERVER" <<-RULES
		mode stateless
		in  100 allow udp to port 53
		out 100 allow udp from port 53 return
	RULES
	reach ok "IPv$F stateless: and works with one" "$CLIENT" udp "$S" 53
	ctl "$SERVER" flush
done
