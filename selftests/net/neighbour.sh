#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# IPv6 cannot work without neighbour discovery, so it passes, with the hop
# limit that proves it is from the link; likewise multicast listener
# discovery. A set that asks for it filters them like all else. ARP is not IP
# and passes always.

. ./lib.sh

plan 34
topology pair
peer listen "$SERVER" udp 53
pkt capture seen "$SERVER" host 58
family 6

# Who forgets its neighbours has to ask.
forget() {
	ip -n "$SERVER" -6 neigh flush dev eth0
	ip -n "$CLIENT" -6 neigh flush dev eth0
	TRAFFIC=$((TRAFFIC + 1))
}

# send TYPE HOP-LIMIT FROM TO [WORDS]
nd() {
	pkt send "$CLIENT" eth0 ip "$3" \> "$4" ttl "$2" icmp "$1" "${@:5}"
}

# Types as they are on the wire, with a target address where there is one.
ALL=ff02::1
LINK=fe80::1
TARGET="hex 20010db8133700000000000000000007"
OTHER="hex 20010db8133700000000000000000099"

sfw "$SERVER" <<< 'default in deny'
forget
reach denied "default deny: nothing goes out" "$SERVER" udp "$C" 53
drops "default deny: by the default" "$SERVER" default 1
reach timeout "default deny: nothing comes in" "$CLIENT" udp "$S" 53
drops "default deny: by the default" "$SERVER" default 1
ip -n "$CLIENT" -6 neigh show "$S" > "$TEST_DIR/neigh"
like "default deny: but the neighbour was found" "$(< "$TEST_DIR/neigh")" \
	"*lladdr 02:73:66:77:01:01*"
ip -n "$CLIENT" -4 neigh flush dev eth0
reach timeout "default deny: the same over IPv4" "$CLIENT" udp "$SERVER4" 53
ip -n "$CLIENT" -4 neigh show "$SERVER4" > "$TEST_DIR/neigh"
like "default deny: ARP found the neighbour" "$(< "$TEST_DIR/neigh")" \
	"*lladdr 02:73:66:77:01:01*"
moved "$SERVER"

pkt forget seen
pass() { # NAME TYPE HOP-LIMIT FROM TO WORDS
	nd "${@:2}"
	pkt expect seen 2000 "*icmp $2/0 *"
	like "passes: $1" "$R" "ip $4 > $5 ttl $3 *"
}
pass "router solicitation" 133 255 "$C" "$ALL"
pass "router advertisement" 134 255 "$LINK" "$ALL" hex 0000000000000000
pass "neighbour solicitation" 135 255 "$C" "$S" "$TARGET"
pass "neighbour advertisement" 136 255 "$C" "$S" "$OTHER"
pass "redirect" 137 255 "$LINK" "$S" "$OTHER" "${OTHER}"
pass "listener query" 130 1 "$LINK" "$ALL" hex 00000000000000000000000000000000
pass "listener report" 131 1 "$LINK" "$ALL" hex 00000000000000000000000000000000
pass "listener done" 132 1 "$LINK" "$ALL" hex 00000000000000000000000000000000
pass "listener report, version 2" 143 1 "$LINK" "$ALL"
counted "none of that was judged" "$SERVER" packets 0

for type in 133 134 135 136 137; do
	nd "$type" 64 "$C" "$S" "$OTHER"
	drops "judged: type $type through a router" "$SERVER" default 1
done
for type in 130 131 132 143; do
	nd "$type" 64 "$C" "$S" "$OTHER"
	drops "judged: type $type through a router" "$SERVER" default 1
done
nd 138 255 "$C" "$S" "$OTHER"
drops "judged: a type that is none of them" "$SERVER" default 1

# --- filtered ---------------------------------------------------------------

sfw "$SERVER" <<-RULES
	option neighbour-discovery filter
	in  100 allow udp to port 53
RULES
forget
reach timeout "filter: without neighbours there is no connection" \
	"$CLIENT" udp "$S" 53
stat_reaches "$SERVER" default 1
is "filter: solicitations are dropped" "$?" 0
nd 143 1 "$LINK" "$ALL"
stat_reaches "$SERVER" default 2
is "filter: listener reports are dropped" "$?" 0

sfw "$SERVER" <<-RULES
	option neighbour-discovery filter
	in  100 allow udp to port 53
	in  110 allow icmpv6 type neighbour-solicitation
	in  120 allow icmpv6 type neighbour-advertisement
	out 110 allow icmpv6 type neighbor-solicitation
	out 120 allow icmpv6 type neighbor-advertisement
RULES
forget
reach ok "filter: with rules for it there is" "$CLIENT" udp "$S" 53
rule_packets "$SERVER" in:110
((R > 0))
is "filter: the rules count it" "$?" 0
no_conns "$SERVER" proto icmpv6
is "filter: it makes no connection" "$R" '{"connections":[]}'

# Stateless is no different.
sfw "$SERVER" <<-RULES
	mode stateless
	in  100 allow udp to port 53
	out 100 allow udp from port 53
RULES
forget
reach ok "stateless: it passes" "$CLIENT" udp "$S" 53
