#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Fragments are put together before they are judged: a datagram is one packet
# to the list and one in the counters, whatever pieces it came in; pieces
# that do not make a datagram are never judged and never pass.

. ./lib.sh

plan 60
topology router
peer listen "$SERVER" udp 53 54
peer listen "$SERVER" tcp 80
pkt capture client "$CLIENT" eth0
pkt capture server "$SERVER" host 17
pkt capture wire "$SERVER" eth0

id=100

# Pieces of one datagram of 48 bytes, header included, to the server.
pieces() { # RANGES PORT
	((++id))
	pkt fragments "$CLIENT" eth0 "$1" ip "$G" \> "$S" id $id \
		udp 5000 \> "$2" data 40
}

arrives() { # NAME
	pkt expect server 2000 "*udp 5000 > 53 data 40*"
	like "$1" "$R" "ip $G > $S *"
}

rules() { # NS
	sfw "$1" <<-RULES
		in  100 allow udp to port 53
		in  110 allow tcp to port 80
	RULES
}

for f in 4 6; do
	family "$f"

	# --- the host the fragments are for -------------------------------

	rules "$SERVER"
	peer open big "$CLIENT" udp "$S" 53
	peer echo big 9000
	is "IPv$F at the host: 9000 bytes and their echo" "$R" ok
	counted "IPv$F at the host: request and reply are two packets" \
		"$SERVER" allowed 2
	peer echo big 60000
	is "IPv$F at the host: 60000 bytes and their echo" "$R" ok
	peer close big
	drops "IPv$F at the host: nothing dropped" "$SERVER"
	peer open big "$CLIENT" udp "$S" 54
	peer send big 9000
	drops "IPv$F at the host: to a closed port it is one drop" \
		"$SERVER" default 1
	peer close big
	ctl "$SERVER" flush

	# --- a router, which lets whole datagrams pass --------------------

	rules "$ROUTER"
	peer open big "$CLIENT" udp "$S" 53
	pkt forget wire
	peer echo big 9000
	is "IPv$F router: 9000 bytes and their echo" "$R" ok
	counted "IPv$F router: judged as two packets" "$ROUTER" allowed 2
	pkt count wire "*off *"
	((R >= 7))
	is "IPv$F router: forwarded as fragments again" "$?" 0
	peer close big

	pkt forget server
	pieces 0-15,16-31,32- 53
	arrives "IPv$F in order"
	pieces 32-,16-31,0-15 53
	arrives "IPv$F in reverse order"
	pieces 16-31,0-15,32- 53
	arrives "IPv$F in any order"
	pieces 0-7,8-15,16-23,24-31,32-39,40- 53
	arrives "IPv$F in pieces of eight bytes"
	counted "IPv$F four datagrams and four echoes are eight packets" \
		"$ROUTER" packets 8
	pieces 0-7,8-15,16-23,24-31,32-39,40- 54
	drops "IPv$F a datagram to a closed port is one drop" \
		"$ROUTER" default 1

	pieces 16-31 53
	pieces 16-31,32- 53
	pieces 0-15,32- 53
	pieces 0-15 53
	counted "IPv$F what is incomplete is not judged" "$ROUTER" packets 0
	pkt count server "*"
	is "IPv$F and does not pass" "$R" 0

	# The second piece would rewrite the port that was judged.
	pieces 0-31,8-39,40- 53
	pieces 0-31,16- 53
	counted "IPv$F overlapping pieces make no datagram" "$ROUTER" packets 0
	pkt count server "*"
	is "IPv$F and do not pass" "$R" 0
	pieces 0-15,16-31,32- 53
	arrives "IPv$F others are not hurt by that"
	pieces 0-15,0-15,16-31,32- 53
	arrives "IPv$F a piece that comes twice changes nothing"
	moved "$ROUTER"

	# TCP flags in the second piece; IPv6 wants the whole header in the
	# first one (RFC 8200, 4.5) and leaves it in pieces otherwise.
	((++id))
	pkt fragments "$CLIENT" eth0 0-7,8- ip "$G" \> "$S" id $id \
		tcp 5001 \> 80 flags SFP seq 1 data 20
	if [[ $F == 4 ]]; then
		drops "IPv4 flags in the second piece are seen" \
			"$ROUTER" invalid_flags 1
	else
		drops "IPv6 flags in the second piece: it never comes so far" \
			"$ROUTER" malformed 1
	fi
	((++id))
	pkt fragments "$CLIENT" eth0 24-,0-23 ip "$G" \> "$S" id $id \
		tcp 5001 \> 80 flags S seq 1 data 40
	pkt expect client 2000 "*tcp 80 > 5001 flags SA*"
	like "IPv$F a SYN in two pieces is answered" "$R" "ip $S > $G *"
	moved "$ROUTER"

	# A checksum is over the whole.
	((++id))
	pkt fragments "$CLIENT" eth0 0-15,16-31,32- ip "$G" \> "$S" id $id \
		udp 5000 \> 53 badsum data 40
	drops "IPv$F the checksum of the whole is verified" \
		"$ROUTER" invalid_checksum 1
	ctl "$ROUTER" flush

	# --- stateless ----------------------------------------------------

	sfw "$ROUTER" <<-RULES
		mode stateless
		in  100 allow udp to port 53
		in  110 allow udp from port 53
	RULES
	pkt forget server
	pieces 32-,16-31,0-15 53
	arrives "IPv$F stateless: put together as well"
	pieces 32-,16-31,0-15 54
	drops "IPv$F stateless: and one drop" "$ROUTER" default 1
	ctl "$ROUTER" flush
done

# A program may send its datagrams in pieces, by raw sockets; the second piece
# must not get past the list for that.
sfw "$SERVER" <<-RULES
	out 100 allow udp to port 53
RULES
PAYLOAD="0028 1111 6162636465666768696a6b6c6d6e6f707172737475767778"
for port in 53 54; do
	printf -v hex '1388%04x%s' "$port" "${PAYLOAD// }"
	pkt local "$SERVER" ip "$SERVER4" \> "$CLIENT4" id "$port" mf proto 17 \
		hex "$hex"
	pkt local "$SERVER" ip "$SERVER4" \> "$CLIENT4" id "$port" off 32 \
		proto 17 data 8
	[[ $port == 53 ]] && want=ok || want=denied
	is "IPv4 own pieces to port $port are judged as one: $want" "$R" "$want"
	pkt local "$SERVER" ip "$SERVER6" \> "$CLIENT6" frag id "$port" mf \
		proto 17 hex "$hex"
	pkt local "$SERVER" ip "$SERVER6" \> "$CLIENT6" frag id "$port" off 32 \
		proto 17 data 8
	stat_reaches "$SERVER" packets 2
	is "IPv6 own pieces to port $port are judged as one" "$?" 0
	if [[ $port == 53 ]]; then
		drops "own pieces to port 53: none dropped" "$SERVER"
	else
		drops "own pieces to port 54: both dropped" "$SERVER" default 2
	fi
done
ctl "$SERVER" flush

# IPv6 only: extension headers before and behind the cut.
family 6
rules "$ROUTER"
pkt forget server
pkt fragments "$CLIENT" eth0 0-15,16- ip "$G" \> "$S" id 900 \
	hop dstopts udp 5000 \> 53 data 40
arrives "IPv6 headers on both sides of the cut"
pkt fragments "$CLIENT" eth0 0-7,8- ip "$G" \> "$S" id 901 \
	dstopts udp 5000 \> 53 data 40
drops "IPv6 a first piece without the UDP header is malformed" \
	"$ROUTER" malformed 1

# IPv4 only: a datagram that would end behind 65535.
family 4
moved "$ROUTER"
pkt send "$CLIENT" eth0 ip "$G" \> "$S" id 77 off 65528 proto 17 data 100
pkt send "$CLIENT" eth0 ip "$G" \> "$S" id 77 mf proto 17 data 96
counted "IPv4 a datagram that would be too long is none" "$ROUTER" packets 0
pkt fragments "$CLIENT" eth0 0-15,16-31,32- ip "$G" \> "$S" id 78 df \
	udp 5000 \> 53 data 40
arrives "IPv4 pieces that say do not fragment"
