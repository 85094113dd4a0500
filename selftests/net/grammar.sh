#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Every clause of the rule grammar, by packets that it matches and packets
# that it does not, over both families, in a stateless set so that each packet
# reads the list.
#
# Most rules share one set: each is given a destination of its own, so that no
# other rule sees its packets, and shows in its counter what it matched. Those
# destinations are black holes: nobody answers.

# shellcheck disable=SC2016 # dollars are for the rule file

. ./lib.sh

plan 160
topology pair
ip -n "$SERVER" -batch - <<-END
	route add blackhole 10.77.0.0/16
	route add blackhole 2001:db8:7777::/64
	neigh add 203.0.113.11 lladdr 02:73:66:77:02:00 dev eth1
END

# A packet is a line of pkt without addresses, which is sent over both
# families, or with them. In front stands
#	yes | no		the rule matches it, or not
#	yes4, yes6, no4, no6	the same for one family alone
#	...@u			through the server's eth1 instead of eth0
#	...@out			sent by the server
#
# send_packets DST4 DST6 PACKET... ; counts them in YES and NO
send_packets() {
	local dst4=$1 dst6=$2 arg verb packet side
	shift 2
	YES=0 NO=0
	for arg; do
		verb=${arg%% *}
		packet=${arg#* }
		side=${verb#*@}
		[[ $verb == *@* ]] || side=c
		verb=${verb%@*}
		if [[ $packet == "ip "* ]]; then
			[[ $packet == *:*\>* ]] && verb+=6 || verb+=4
		fi
		[[ $verb == *6 ]] || send_one "$side" "$dst4" "$GHOST4" \
			"$SERVER4" "$packet"
		[[ $verb == *4 ]] || send_one "$side" "$dst6" "$GHOST6" \
			"$SERVER6" "$packet"
		[[ $verb == *[46] ]] && n=1 || n=2
		if [[ $verb == yes* ]]; then
			((YES += n))
		else
			((NO += n))
		fi
	done
}

send_one() { # SIDE DST GHOST SERVER PACKET
	case $5 in
	ip*)	packet=${5/@/$2} ;;
	*)	[[ $1 == out ]] && packet="ip $4 > $3 $5" ||
			packet="ip $3 > $2 $5" ;;
	esac
	case $1 in
	c) pkt send "$CLIENT" eth0 "$packet" ;;
	u) pkt send "$UPDATE" eth0 "$packet" ;;
	out) pkt local "$SERVER" "$packet" ;;
	esac
}

# alone NAME RULE PACKET... ; the rule has a set for itself, with the opposite
# as the default
alone() {
	local name=$1 rule=$2 default=deny got
	[[ $rule == *" allow "* ]] || default=allow
	sfw "$SERVER" <<-RULES
		mode stateless
		default in $default
		default out $default
		$rule
	RULES
	send_packets "$SGHOST4" "$SGHOST6" "${@:3}"
	wait_for -t 2000 stat_reaches "$SERVER" packets $((YES + NO))
	keep_stats "$SERVER"
	if [[ $default == deny ]]; then
		got="${D[allowed]} match, ${D[default]} do not"
	else
		got="${D[rule]} match, ${D[allowed]} do not"
	fi
	is "$name" "$got" "$YES match, $NO do not"
}

# clause NAME RULE PACKET... ; a rule among others, until run_clauses
declare -a NAMES RULES PACKETS
clause() {
	local i=${#NAMES[@]} rule=$2 to
	to="{ 10.77.0.$i, 2001:db8:7777::$i }"
	case $rule in
	*" to port "*)	rule=${rule/ to port / to $to port } ;;
	*)		rule+=" to $to" ;;
	esac
	NAMES+=("$1")
	RULES+=("${rule/100/$((100 + i))}")
	PACKETS+=("$(printf '%s\n' "${@:3}")")
}

run_clauses() {
	local i line yes=() all=0 others=0
	local -A counted=()
	sfw "$SERVER" < <(echo "mode stateless"
		printf '%s\n' "$SETS" "${RULES[@]}")
	for i in "${!NAMES[@]}"; do
		mapfile -t lines <<< "${PACKETS[i]}"
		send_packets "10.77.0.$i" "2001:db8:7777::$i" "${lines[@]}"
		yes[i]=$YES
		((all += YES + NO))
		((others += NO))
	done
	wait_for -t 5000 stat_reaches "$SERVER" packets "$all"
	keep_stats "$SERVER"
	ctl "$SERVER" show -s
	while read -r line; do
		[[ $line =~ ^in\ ([0-9]+)\ .*[^0-9]([0-9]+)\ packets ]] &&
			counted[${BASH_REMATCH[1]}]=${BASH_REMATCH[2]}
	done <<< "$R"
	for i in "${!NAMES[@]}"; do
		if [[ ${counted[$((100 + i))]:-} == "${yes[i]}" ]]; then
			ok "${NAMES[i]}"
		else
			not_ok "${NAMES[i]}" "${RULES[i]}" "${PACKETS[i]}" \
				"got    ${counted[$((100 + i))]:-no such rule}" \
				"wanted ${yes[i]}"
		fi
	done
	is "all others fell to the default" "${D[default]}" "$others"
}


SETS='set here = { 10.0.0.0/8, 2001:db8:77::/48, 172.16.0.1 }
set web = { 80, 443, 8000-8100 }'

# --- actions ---------------------------------------------------------------

alone "allow" "in 100 allow udp to port 1000" \
	"yes udp 5 > 1000" "no udp 5 > 1001"
alone "deny" "in 100 deny udp to port 1000" \
	"yes udp 5 > 1000" "no udp 5 > 1001"
alone "allow, out" "out 100 allow udp to port 1000" \
	"yes@out udp 5 > 1000" "no@out udp 5 > 1001"
alone "deny, out" "out 100 deny udp to port 1000" \
	"yes@out udp 5 > 1000" "no@out udp 5 > 1001"
alone "in is not out" "in 100 allow udp" "yes udp 5 > 6" "no@out udp 5 > 6"
alone "out is not in" "out 100 allow udp" "no udp 5 > 6" "yes@out udp 5 > 6"
alone "inbound" "inbound 100 allow udp" "yes udp 5 > 6" "no@out udp 5 > 6"
alone "outbound" "outbound 100 allow udp" "no udp 5 > 6" "yes@out udp 5 > 6"

# --- protocols -------------------------------------------------------------

TCP="tcp 5 > 80 flags S" UDP="udp 5 > 80" SCTP="sctp 5 > 80 data 4"
LITE="udplite 5 > 80" DCCP="dccp 5 > 80" GRE="proto 47 hex 00000800"
ESP="proto 50 hex 0000000100000001" AH="auth $UDP"
OTHER="proto 99 hex 00000000" PING4="icmp 8 id 1" PING6="icmp 128 id 1"

proto() { # WORD YES NO...
	local word=$1 match=$2 other args=()
	shift 2
	for other; do
		args+=("no $other")
	done
	clause "protocol $word" "in 100 allow $word" "yes $match" "${args[@]}"
}

proto tcp "$TCP" "$UDP" "$SCTP" "$OTHER"
proto 6 "$TCP" "$UDP" "$SCTP"
proto udp "$UDP" "$TCP" "$LITE" "$OTHER"
proto 17 "$UDP" "$TCP" "$LITE"
proto sctp "$SCTP" "$TCP" "$UDP"
proto 132 "$SCTP" "$TCP" "$UDP"
proto udplite "$LITE" "$UDP" "$TCP"
proto 136 "$LITE" "$UDP" "$TCP"
proto dccp "$DCCP" "$UDP" "$TCP"
proto 33 "$DCCP" "$UDP" "$TCP"
proto gre "$GRE" "$ESP" "$AH" "$UDP"
proto 47 "$GRE" "$ESP" "$AH"
proto esp "$ESP" "$GRE" "$AH"
proto 50 "$ESP" "$GRE" "$AH"
proto ah "$AH" "$ESP" "$GRE" "$UDP"
proto 51 "$AH" "$ESP" "$UDP"
proto 99 "$OTHER" "$TCP" "$UDP" "$GRE"
clause "protocol 255" "in 100 allow 255" "yes proto 255 hex 00000000" "no $OTHER"
clause "protocol 0" "in 100 allow 0" "yes4 proto 0 hex 00000000" "no $OTHER"
clause "protocol icmp is for IPv4" "in 100 allow icmp" \
	"yes4 $PING4" "no6 $PING6" "no $UDP"
clause "protocol 1 is icmp" "in 100 allow 1" "yes4 $PING4" "no6 $PING6"
clause "protocol icmpv6 is for IPv6" "in 100 allow icmpv6" \
	"yes6 $PING6" "no4 $PING4" "no $UDP"
clause "protocol 58 is icmpv6" "in 100 allow 58" "yes6 $PING6" "no4 $PING4"
alone "protocol any" "in 100 allow any" "yes $TCP" "yes $UDP" "yes $OTHER" \
	"yes4 $PING4" "yes6 $PING6" "yes $AH" "no@out $UDP"

# --- addresses -------------------------------------------------------------

from() { # NAME WORDS ADDR... ; addresses that match first, then "-", others
	local name=$1 words=$2 verb=yes args=() addr
	shift 2
	for addr; do
		case $addr in
		-) verb=no ;;
		*) args+=("$verb ip $addr > @ udp 5 > 6") ;;
		esac
	done
	clause "from $name" "in 100 allow udp from $words" "${args[@]}"
}

from "one IPv4 address" 10.1.2.3 10.1.2.3 - 10.1.2.2 10.1.2.4 ::a01:203 \
	2001:db8:77::1
from "one IPv6 address" 2001:db8:77::1 2001:db8:77::1 - 2001:db8:77:: \
	2001:db8:77::2 10.1.2.3
from "an IPv4 prefix" 10.0.0.0/8 10.0.0.0 10.255.255.255 10.1.2.3 - \
	9.255.255.255 11.0.0.0 2001:db8:77::1
from "an IPv4 prefix inside a byte" 10.32.0.0/11 10.32.0.0 10.63.255.255 - \
	10.31.255.255 10.64.0.0
from "an IPv4 prefix of one" 10.1.2.3/32 10.1.2.3 - 10.1.2.2
from "an IPv6 prefix" 2001:db8:77::/48 2001:db8:77::1 \
	2001:db8:77:ffff:ffff:ffff:ffff:ffff - 2001:db8:78:: 10.0.0.1
from "an IPv6 prefix inside a byte" 2001:db8:60::/43 2001:db8:60::1 \
	2001:db8:7f::1 - 2001:db8:80::1 2001:db8:5f::1
from "an IPv6 prefix longer than 64" 2001:db8:77::a00:0/104 \
	2001:db8:77::aff:ffff - 2001:db8:77::b00:0 2001:db8:77::9ff:ffff
from "a prefix with host bits" 10.0.0.5/8 10.9.9.9 - 11.0.0.5
from "all of IPv4" 0.0.0.0/0 1.2.3.4 223.1.2.3 - 2001:db8:77::1
from "all of IPv6" ::/0 2001:db8:77::1 fd00::1 - 1.2.3.4
from "an IPv4 range" 10.0.0.5-10.0.1.2 10.0.0.5 10.0.0.255 10.0.1.2 - \
	10.0.0.4 10.0.1.3
from "an IPv6 range" 2001:db8:77::5-2001:db8:77:1::2 2001:db8:77::5 \
	2001:db8:77:0:ffff::1 2001:db8:77:1::2 - 2001:db8:77::4 \
	2001:db8:77:1::3
from "a list" "{ 10.1.2.3, 10.2.0.0/16, 10.3.0.1-10.3.0.9 }" 10.1.2.3 \
	10.2.7.7 10.3.0.9 - 10.1.2.4 10.3.0.10 2001:db8:77::1
from "a list of both families" "{ 10.0.0.0/8, 2001:db8:77::/48 }" 10.1.1.1 \
	2001:db8:77::1 - 11.1.1.1 2001:db8:78::1
from "any" any 10.1.2.3 2001:db8:77::1
from "not one IPv4 address" '!10.1.2.3' 10.1.2.2 10.1.2.4 - 10.1.2.3 \
	2001:db8:77::1
from "not an IPv6 prefix" '!2001:db8:77::/48' 2001:db8:78::1 - \
	2001:db8:77::1 10.1.2.3
from "not a range" '!10.0.0.5-10.0.0.9' 10.0.0.4 10.0.0.10 - 10.0.0.5 10.0.0.9
from "not a list" '!{ 10.1.2.3, 10.2.0.0/16 }' 10.3.0.1 - 10.1.2.3 10.2.1.1 \
	2001:db8:77::1
from "not a list of both families" '!{ 10.0.0.0/8, 2001:db8:77::/48 }' \
	11.1.1.1 2001:db8:78::1 - 10.1.1.1 2001:db8:77::1
from "a set" '$here' 10.1.1.1 172.16.0.1 2001:db8:77::1 - 11.1.1.1 \
	172.16.0.2 2001:db8:78::1
from "not a set" '!$here' 11.1.1.1 2001:db8:78::1 - 10.1.1.1 172.16.0.1 \
	2001:db8:77::1
alone "to an address" "in 100 allow udp to 1.3.3.8" \
	"yes ip 10.1.1.1 > 1.3.3.8 udp 5 > 6" \
	"no ip 1.3.3.8 > 1.3.3.9 udp 5 > 6"
alone "to a list of both families" \
	"in 100 allow udp to { 1.3.3.0/28, 2001:db8:1337::8 }" \
	"yes ip 10.1.1.1 > 1.3.3.8 udp 5 > 6" \
	"yes ip 2001:db8::1 > 2001:db8:1337::8 udp 5 > 6" \
	"no ip 10.1.1.1 > 1.3.3.16 udp 5 > 6" \
	"no ip 2001:db8::1 > 2001:db8:1337::9 udp 5 > 6"
alone "to what is not" "in 100 allow udp to !1.3.3.8" \
	"yes ip 10.1.1.1 > 1.3.3.9 udp 5 > 6" \
	"no ip 10.1.1.1 > 1.3.3.8 udp 5 > 6"
alone "from and to" "in 100 allow udp from 10.0.0.0/8 to 1.3.3.8" \
	"yes ip 10.1.1.1 > 1.3.3.8 udp 5 > 6" \
	"no ip 11.1.1.1 > 1.3.3.8 udp 5 > 6" \
	"no ip 10.1.1.1 > 1.3.3.9 udp 5 > 6"
alone "to an address, out" "out 100 allow udp to 119.18.36.74" \
	"yes@out ip 1.3.3.7 > 119.18.36.74 udp 5 > 6" \
	"no@out ip 1.3.3.7 > 119.18.36.75 udp 5 > 6"

# --- ports -----------------------------------------------------------------

port() { # NAME WORDS PORT... - PORT...
	local name=$1 words=$2 verb=yes args=() port
	shift 2
	for port; do
		case $port in
		-) verb=no ;;
		*) args+=("$verb udp 5 > $port") ;;
		esac
	done
	clause "to port $name" "in 100 allow udp to port $words" "${args[@]}"
}

port "one" 53 53 - 52 54
port "a service" domain 53 - 54
port "a range" 1024-2047 1024 1500 2047 - 1023 2048
port "a list" "{ 53, 100-110, https }" 53 100 110 443 - 54 99 111 444
port "not one" '!53' 52 54 65535 - 53
port "not a range" '!1024-2047' 1023 2048 - 1024 2047
port "not a list" '!{ 53, 100-110 }' 54 111 - 53 105
port "a set" '$web' 80 443 8050 - 81 7999 8101
port "not a set" '!$web' 81 8101 - 80 8000
port "first and last" '{ 1, 65535 }' 1 65535 - 2 65534
clause "from port" "in 100 allow udp from port 5000" \
	"yes udp 5000 > 6" "no udp 6 > 5000"
clause "from port and to port" \
	"in 100 allow udp from port 5000 to port 6000" \
	"yes udp 5000 > 6000" "no udp 5000 > 6001" "no udp 5001 > 6000"
clause "from an address and port to a port" \
	"in 100 allow udp from 10.0.0.0/8 port 5000-5009 to port 53" \
	"yes ip 10.1.1.1 > @ udp 5009 > 53" \
	"no ip 11.1.1.1 > @ udp 5009 > 53" \
	"no ip 10.1.1.1 > @ udp 5010 > 53" \
	"no ip 10.1.1.1 > @ udp 5009 > 54"
clause "port of TCP" "in 100 allow tcp to port 80" \
	"yes tcp 5 > 80" "no tcp 5 > 81" "no udp 5 > 80"
clause "port of SCTP" "in 100 allow sctp to port 80" \
	"yes sctp 5 > 80 data 4" "no sctp 5 > 81 data 4"
clause "port of UDP-Lite" "in 100 allow udplite to port 80" \
	"yes udplite 5 > 80" "no udplite 5 > 81"
clause "port of DCCP" "in 100 allow dccp to port 80" \
	"yes dccp 5 > 80" "no dccp 5 > 81"
clause "port of a protocol by number" "in 100 allow 6 to port 80" \
	"yes tcp 5 > 80" "no tcp 5 > 81"

# --- interfaces ------------------------------------------------------------

clause "on an interface" "in 100 allow udp on eth0" \
	"yes udp 5 > 6" "no@u udp 5 > 6"
clause "on the other" "in 100 allow udp on eth1" \
	"yes@u udp 5 > 6" "no udp 5 > 6"
clause "on a wildcard" "in 100 allow udp on eth*" \
	"yes udp 5 > 6" "yes@u udp 5 > 6"
clause "on a wildcard that does not fit" "in 100 allow udp on veth*" \
	"no udp 5 > 6" "no@u udp 5 > 6"
clause "on a name that is only a beginning" "in 100 allow udp on eth" \
	"no udp 5 > 6" "no@u udp 5 > 6"
clause "not on an interface" "in 100 allow udp on !eth1" \
	"yes udp 5 > 6" "no@u udp 5 > 6"
clause "not on a wildcard" "in 100 allow udp on !eth*" \
	"no udp 5 > 6" "no@u udp 5 > 6"
clause "not on loopback" "in 100 allow udp on !lo" \
	"yes udp 5 > 6" "yes@u udp 5 > 6"
alone "on an interface, out" "out 100 allow udp on eth1" \
	"yes@out ip 1.3.3.7 > 203.0.113.11 udp 5 > 6" \
	"no@out ip 1.3.3.7 > 119.18.36.74 udp 5 > 6"
alone "not on an interface, out" "out 100 allow udp on !eth1" \
	"no@out ip 1.3.3.7 > 203.0.113.11 udp 5 > 6" \
	"yes@out ip 1.3.3.7 > 119.18.36.74 udp 5 > 6"

# --- ICMP ------------------------------------------------------------------

clause "type by name" "in 100 allow icmp type echo-request" \
	"yes4 icmp 8 id 1" "yes4 icmp 8/1 id 1" "no4 icmp 0 id 1" \
	"no6 icmp 128 id 1"
clause "type by number" "in 100 allow icmp type 8" \
	"yes4 icmp 8 id 1" "no4 icmp 13 id 1" "no6 icmp 8 id 1"
clause "type and code" "in 100 allow icmp type 3/4" \
	"yes4 icmp 3/4" "no4 icmp 3/3" "no4 icmp 11/4"
clause "type and code by name" "in 100 allow icmp type port-unreachable" \
	"yes4 icmp 3/3" "no4 icmp 3/4"
clause "type with all its codes" \
	"in 100 allow icmp type destination-unreachable" \
	"yes4 icmp 3/0" "yes4 icmp 3/13" "no4 icmp 11/0"
clause "ICMPv6 type by name" "in 100 allow icmpv6 type echo-request" \
	"yes6 icmp 128 id 1" "no6 icmp 129 id 1" "no4 icmp 8 id 1"
clause "ICMPv6 type by number" "in 100 allow icmpv6 type 2" \
	"yes6 icmp 2 mtu 1300" "no6 icmp 1"
clause "ICMPv6 type and code" "in 100 allow icmpv6 type 1/4" \
	"yes6 icmp 1/4" "no6 icmp 1/3"
clause "type of a protocol by number" "in 100 allow 58 type 128" \
	"yes6 icmp 128 id 1" "no6 icmp 129 id 1"

# --- TCP flags -------------------------------------------------------------

flags() { # WORDS FLAGS... - FLAGS...
	local words=$1 verb=yes args=() flags
	shift
	for flags; do
		case $flags in
		-) verb=no ;;
		*) args+=("$verb tcp 5 > 80 flags $flags") ;;
		esac
	done
	clause "flags $words" "in 100 allow tcp flags $words" "${args[@]}"
}

flags syn S SEC - SA A FA R none
flags established A SA FA R RA PA - S SEC F none
flags syn,ack/syn S SP - SA A none
flags syn,ack/syn,ack SA SAE - S A
flags fin,syn,rst,ack/fin,ack FA FPA - FSA A FRA
flags all/none none - S A F U
flags all/fin,psh,urg FPU - FPUA F
flags all/all FSRPAUEC - FSRPAUE
flags 0x12/0x02 S - SA A
flags ece/ece SE A"E" - S
flags cwr/none S - SC

run_clauses

# --- clauses beyond a single packet ----------------------------------------

# log_lines NAME PATTERN N: lines of our module in the kernel log, as read into
# LOG
log_lines() {
	local line n=0
	for line in "${LOG[@]}"; do
		[[ $line =~ sfw:\ $2 ]] && ((++n))
	done
	is "$1" "$n" "$3"
}

for f in 4 6; do
	family "$f"

	sfw "$SERVER" <<-RULES
		in 100 allow udp from $G to port 1000 limit 2/h burst 3
		in 110 allow udp from $G to port 1001 limit 1/h
		in 120 allow udp from $G to port 1002 no-state
		in 130 allow udp from $G to port 1003 "a comment, # \" and ü"
	RULES
	pkt send "$CLIENT" eth0 times 10 ip "$G" \> "$H" udp 5000 \> 1000
	drops "IPv$F limit: beyond the burst it does not match" \
		"$SERVER" rate_limit 7
	is "IPv$F limit: the burst passed" "${D[allowed]}" 3
	pkt send "$CLIENT" eth0 times 10 ip "$G" \> "$H" udp 5100 \> 1000
	drops "IPv$F limit: then none in this hour" "$SERVER" rate_limit 10
	pkt send "$CLIENT" eth0 times 10 ip "$G" \> "$H" udp 5000 \> 1001
	drops "IPv$F limit: a burst of 5 unless written" "$SERVER" rate_limit 5
	pkt send "$CLIENT" eth0 ip "$G" \> "$H" udp 5000 \> 1000
	counted "IPv$F limit: not on what it let in before" \
		"$SERVER" allowed 1

	pkt send "$CLIENT" eth0 times 3 ip "$G" \> "$H" udp 5000 \> 1002
	counted "IPv$F no-state: packets pass" "$SERVER" allowed 3
	no_conns "$SERVER" dport 1002
	is "IPv$F no-state: and make no connection" "$R" '{"connections":[]}'
	rule_packets "$SERVER" in:120
	is "IPv$F no-state: they are counted on the rule" "$R" 3

	ctl "$SERVER" show
	has "IPv$F comment: shown as it was written" "$R" \
		'"a comment, # \" and ü"'
	SHOWN=$R
	sfw "$SERVER" <<< "$SHOWN"
	ctl "$SERVER" show
	is "IPv$F what show prints loads again, and is the same" "$R" "$SHOWN"

	# A source address of its own for each kind of line.
	L=${G/%74/9}
	sfw "$SERVER" <<-RULES
		default out deny log
		in 100 allow udp from ${L}1 log
		in 110 deny  udp from ${L}2 log
		in 120 allow udp from ${L}3 log limit 1/h burst 2
		in 130 allow udp from ${L}4
	RULES
	for n in 1 2 3 4; do
		pkt send "$CLIENT" eth0 times 4 ip "$L$n" \> "$H" udp 5000 \> 6
	done
	pkt local "$SERVER" ip "$S" \> "${L}5" udp 5000 \> 6
	counted "IPv$F log: all packets judged" "$SERVER" packets 17
	mapfile -t LOG < <(dmesg | grep 'sfw: ')
	log_lines "IPv$F log: a line for each first packet allowed" \
		"in:100 allow .*IN=eth0 .*SRC=${L}1 DST=$H .*PROTO=UDP SPT=500[0-3] DPT=6" 4
	log_lines "IPv$F log: a line for each denied" \
		"in:110 deny .*SRC=${L}2 " 4
	log_lines "IPv$F log limit: only the lines are limited" \
		"in:120 allow .*SRC=${L}3 " 2
	rule_packets "$SERVER" in:120
	is "IPv$F log limit: not the packets" "$R" 4
	log_lines "IPv$F without log: no line" ".*SRC=${L}4 " 0
	log_lines "IPv$F log of a default" \
		"out:[*] deny .*OUT=eth0 .*DST=${L}5 " 1
done

# --- what is none ------------------------------------------------------------

ctl "$SERVER" flush
BAD=("in 100 allow any to port 80" "in 101 allow udp type 3"
	"in 102 deny udp limit 1/s" "in 103 deny udp no-state"
	"in 0 allow any" "in 32767 allow any" "in 104 allow udp to port 70000"
	"in 105 allow udp from 1.2.3" 'in 106 allow udp from $nowhere'
	"in 107 allow udp flags syn"
	"in 108 allow udp on a-name-that-is-too-long"
	"in 109 allow icmp type no-such-type" "in 110 permit udp"
	"in 111 allow nonsense" "in 112 allow udp to port 9-8"
	"in 113 allow udp from 10.0.0.9-10.0.0.1")
if sfw_fails "$SERVER" < <(printf '%s\n' "in 1 allow udp" "${BAD[@]}"); then
	for i in "${!BAD[@]}"; do
		like "refused: ${BAD[i]}" "$R" "*:$((i + 2)):[0-9]*: error: *"
	done
else
	bail "a rule set full of errors was loaded"
fi
ctl "$SERVER" show
status=$?
is "not even what was right in it was loaded" "$((status != 0))" 1
