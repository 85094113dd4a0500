#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# IPv6 extension headers: a packet is judged by what is behind them. AH stays
# a protocol, as on IPv4. What is cut short, or a chain without end, is
# malformed.

. ./lib.sh

plan 38
topology pair
family 6
peer listen "$SERVER" udp 53
pkt capture client "$CLIENT" eth0

sfw "$SERVER" <<-RULES
	in  100 allow udp to port 53
	in  110 allow tcp to port 80 flags syn
	in  120 allow ah from $GHOST6
RULES

# Sends with these headers in front; to port 53 it is answered, to 54 not.
through() { # NAME HEADERS...
	local name=$1
	shift
	pkt send "$CLIENT" eth0 ip "$G" \> "$S" "$@" udp 5000 \> 53 data 8
	pkt expect client 2000 "*udp 53 > 5000*"
	like "$name: allowed by the port behind it" "$R" "ip $S > $G *"
	pkt send "$CLIENT" eth0 ip "$G" \> "$S" "$@" udp 5000 \> 54 data 8
	drops "$name: dropped by the port behind it" "$SERVER" default 1
}

through "no header"
through "hop-by-hop" hop
through "destination options" dstopts
through "routing, nothing left" routing kind 0 left 0 opt 00000000
through "fragment header of a whole packet" frag id 7
through "hop-by-hop, routing, destination options" \
	hop routing left 0 opt 00000000 dstopts
through "long destination options" dstopts opt \
	"1e7c$(printf '%0248d' 0)"
through "many destination options" dstopts dstopts dstopts dstopts dstopts

# The extension headers do not make another connection.
conns "$SERVER" proto udp
has "all of that was one connection" "$R" '"source_port":5000'
[[ $R != *'},{'* ]]
is "not one for each kind of header" "$?" 0

# Flags are found behind headers as well.
pkt send "$CLIENT" eth0 ip "$G" \> "$S" dstopts tcp 5001 \> 80 flags SFP
drops "TCP flags behind a header are seen" "$SERVER" invalid_flags 1
pkt send "$CLIENT" eth0 ip "$G" \> "$S" dstopts tcp 5001 \> 80 flags S
pkt expect client 2000 "*tcp 80 > 5001 flags RA*"
like "a SYN behind a header is one" "$R" "ip $S > $G *"
pkt send "$CLIENT" eth0 ip "$G" \> "$S" dstopts udp 5000 \> 53 badsum data 8
drops "checksums are verified behind a header" "$SERVER" invalid_checksum 1
moved "$SERVER"

# AH is a protocol of its own.
# To an address that nobody has: there is no answer to count.
pkt send "$CLIENT" eth0 ip "$G" \> "$H" auth udp 5000 \> 54 data 8
counted "AH from where it is allowed passes" "$SERVER" allowed 1
pkt send "$CLIENT" eth0 ip "$C" \> "$S" auth udp 5000 \> 53 data 8
drops "AH from elsewhere is not judged by what it covers" "$SERVER" default 1
pkt send "$CLIENT" eth0 ip "$GHOST4" \> "$SERVER4" auth udp 5000 \> 53 data 8
drops "the same over IPv4" "$SERVER" default 1
pkt send "$CLIENT" eth0 ip "$G" \> "$H" hop auth udp 5000 \> 54 data 8
counted "AH behind a header" "$SERVER" allowed 1

# No next header is a protocol like any other.
pkt send "$CLIENT" eth0 ip "$G" \> "$S" dstopts proto 59
drops "nothing behind the headers: the default decides" "$SERVER" default 1

malformed() { # NAME PACKET...
	pkt send "$CLIENT" eth0 "${@:2}"
	drops "$1" "$SERVER" malformed 1
}

malformed "a header that is longer than the packet" \
	ip "$G" \> "$S" dstopts len 200 udp 5000 \> 53
malformed "a header cut in the middle" \
	ip "$G" \> "$S" proto 60 hex 11
malformed "no room for the announced header" \
	ip "$G" \> "$S" proto 43
malformed "a chain without end" ip "$G" \> "$S" \
	dstopts dstopts dstopts dstopts dstopts dstopts dstopts \
	dstopts dstopts dstopts dstopts dstopts dstopts udp 5000 \> 53
malformed "half a UDP header behind a header" \
	ip "$G" \> "$S" dstopts proto 17 hex 13880035
malformed "half a TCP header behind a header" \
	ip "$G" \> "$S" dstopts proto 6 hex 138800500000000000000000
malformed "half an ICMPv6 header" ip "$G" \> "$S" proto 58 hex 80000000
malformed "half a TCP header over IPv4" \
	ip "$GHOST4" \> "$SERVER4" proto 6 hex 138800500000000000000000
malformed "a UDP header that counts more than there is" \
	ip "$G" \> "$S" udp 5000 \> 53 len 100
malformed "a UDP header that counts less than itself" \
	ip "$G" \> "$S" udp 5000 \> 53 len 7

# After all that it still works.
through "after all that" dstopts
