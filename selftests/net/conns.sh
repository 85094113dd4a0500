#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# sfwctl conns: the list as text and as JSON, every word of a filter, counting,
# killing (which acts at the connection's next packet) and flushing.
. ./lib.sh
plan 74

topology pair
sfw "$SERVER" <<-END
	option tcp-pickup off
	option timeout tcp-syn-received 600
	option timeout udp 600
	option timeout udp-stream 600
	option timeout icmp 600
	default in  deny
	default out allow
	in  100 allow tcp to port 80
	in  110 allow udp to port 53
	in  120 allow icmp type echo-request
	in  121 allow icmpv6 type echo-request
	in  130 allow sctp to port 99
	out 100 allow tcp to port 443
END

peer listen "$SERVER" tcp 80
peer listen "$SERVER" udp 53
peer listen "$UPDATE" tcp 443

# The table of this test, seven entries:
#	web	in:100 eth0 TCP established, IPv4, from port 4000
#	web6	in:100 eth0 the same on IPv6, from port 4006
#	name	in:110 eth0 UDP stream, from port 5353
#	ping	in:120 eth0 ICMP echo with id 77
#	fetch	out:100 eth1 TCP established, to UPDATE
#	lost	out:* eth0 UDP to nobody: unreplied
#	half	in:100 eth0 TCP from GHOST, SYN only
peer open web "$CLIENT" tcp "$SERVER4" 80 from 4000
peer echo web 1000
peer open web6 "$CLIENT" tcp "$SERVER6" 80 from 4006
peer echo web6
peer open name "$CLIENT" udp "$SERVER4" 53 from 5353
peer echo name
peer echo name
peer probe "$CLIENT" icmp "$SERVER4" 77
peer open fetch "$SERVER" tcp "$UPDATE4" 443
peer echo fetch
pkt local "$SERVER" ip "$SERVER4" \> "$GHOST4" udp 6000 \> 6001
pkt send "$CLIENT" eth0 ip "$GHOST4" \> "$SERVER4" tcp 7000 \> 80 flags S

# --- filters ------------------------------------------------------------------

# count WANT FILTER...: so many of them pass
count() {
	local want=$1
	shift
	ctl "$SERVER" conns count "$@"
	is "conns count ${*:-(no filter)}" "${R//[^0-9]/}" "$want"
}

count 7
count 5 dir in
count 2 dir out
count 4 proto tcp
count 2 proto udp
count 1 proto icmp
count 0 reason rule
count 4 proto 6
count 0 proto sctp
count 3 src "$CLIENT4"
count 1 src "$CLIENT6"
count 4 src 119.18.36.0/24
count 1 src 2001:db8:119::/64
count 2 src "$SERVER4"
count 4 dst "$SERVER4"
count 1 dst 203.0.113.0/24
count 5 addr 119.18.36.0/24
count 6 addr "$SERVER4"
count 2 addr "$GHOST4"
count 1 addr "$SERVER6"
count 0 addr 192.0.2.1
count 1 sport 4000
count 2 sport 4000-4006
count 3 dport 80
count 4 dport 53-80
count 0 dport 4000
count 1 port 5353
count 4 port 1-100
count 0 port 81
count 3 state tcp-established
count 1 state tcp-syn-received
count 1 state udp
count 1 state udp-stream
count 1 state icmp
count 0 state tcp-time-wait
count 3 rule in:100
count 1 rule in:120
count 1 rule out:100
count 1 rule 'out:*'
count 0 rule in:130
count 6 on eth0
count 1 on eth1
count 0 on lo
count 2 dir in proto tcp src 119.18.36.0/24
count 1 dir in proto tcp src "$CLIENT4" dport 80 state tcp-established \
	rule in:100 on eth0
count 0 dir in dport 443

# usage NAME WORDS...: refused as a usage error, exit 2, with a text
usage() {
	local name=$1
	shift
	ctl "$SERVER" conns "$@"
	is "$name is a usage error" "$? ${R:+text}" "2 text"
}

usage "an unknown word" colour red
usage "an unknown state" state asleep
usage "half an address" src 10.0.0
usage "a port beyond 65535" port 70000
usage "a filter without its value" proto
usage "kill without a filter" kill

# --- the list -------------------------------------------------------------------

# Fields of the one connection that passes the filter, as jq finds them.
field() { # NAME WANT JQ FILTER...
	local name=$1 want=$2 jq=$3
	shift 3
	conns "$SERVER" "$@"
	R=$(jq -rc ".connections | if length == 1 then .[0] | $jq \
		else length end" <<<"$R" 2>&1)
	is "conns -j: $name" "$R" "$want"
}

field "keys of a TCP connection" "bytes destination destination_port \
direction expires_s family interface packets protocol reply_bytes \
reply_packets rule source source_port state" \
	'keys | map(select(. != "replied")) | join(" ")' sport 4000
field "values of a TCP connection" \
	"tcp 4 in 119.18.36.73 4000 1.3.3.7 80 tcp_established in:100" \
	'"\(.protocol) \(.family|tostring|gsub("[^46]";"")) \(.direction) \(
	 .source) \(.source_port) \(.destination) \(.destination_port) \(
	 .state|gsub("-";"_")) \(.rule)"' sport 4000
field "a kilobyte each way is in the byte counters" true \
	'.bytes > 1000 and .reply_bytes > 1000 and .packets >= 3 and
	 .reply_packets >= 2' sport 4000
field "addresses of IPv6" "$CLIENT6 $SERVER6" \
	'"\(.source) \(.destination)"' sport 4006
field "type and id of an ICMP connection, and no ports" "8 77 null" \
	'"\(.icmp_type) \(.icmp_id) \(.source_port)"' proto icmp
field "a default rule is a *" 'out:*' .rule state udp
field "an unreplied connection has no reply" "1 0" \
	'"\(.packets) \(.reply_packets)"' state udp
field "two questions and two answers" "2 2" \
	'"\(.packets) \(.reply_packets)"' dport 53
field "time left is within the timeout of the state" true \
	'.expires_s > 400 and .expires_s <= 600' dport 53
ctl "$SERVER" conns sport 4000
like "conns: a line of text has it all" "$R" \
	"*tcp*in*established*119.18.36.73:4000*1.3.3.7:80*in:100*"
ctl "$SERVER" conns sport 4006
like "conns: IPv6 in brackets" "$R" \
	"*[[]${CLIENT6}[]]:4006*[[]${SERVER6}[]]:80*"
ctl "$SERVER" conns proto sctp
is "conns: nothing to show is not an error" "$?" 0

ctl "$SERVER" conns count by state
R=${R//tcp-/}
like "conns count by state: the most first" "$R" "*3*established*1*"
ctl "$SERVER" conns count by proto dir in
like "conns count by proto, with a filter" "$R" "*3*tcp*"
ctl "$SERVER" -j conns count by rule
R=$(jq -c '[.counts[] | select(.key == "in:100").count, .count] | add' \
	<<<"$R" 2>&1)
is "conns count by rule: 3 of 7 by one rule" "$R" 10

# --- kill and flush ---------------------------------------------------------------

moved "$SERVER"
ctl "$SERVER" conns kill dport 80 src "$CLIENT4"
is "conns kill says how many" "$? ${R//[^0-9]/}" "0 1"
ctl "$SERVER" conns count
is "and takes no other along" "${R//[^0-9]/}" 6
peer echo web wait 300
is "the killed connection is cut at its next packet" "$R" timeout
peer echo web6
is "another one goes on" "$R" ok
wait_for stat_reaches "$SERVER" no_connection 1
is "what came is counted as no_connection" "$?" 0
ctl "$SERVER" conns kill dport 80 src "$CLIENT4"
is "to kill what is not there is a negative answer" "$?" 1
ctl "$SERVER" conns flush
ctl "$SERVER" conns count
is "conns flush leaves none" "${R//[^0-9]/}" 0
