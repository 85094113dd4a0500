# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034,SC2086
#
# The same packets through two firewalls, for the tests that source this after
# lib.sh and topology pair.
#
#	convert_links		neighbours and routes for what follows
#	packets BASE		sets PACKETS; BASE is the first port or id used
#	observe			sends them; what arrived, what answered and what
#				could not be sent is in SEEN, a line each
#	agree NAME WHAT GOT WANTED	a check: the two saw the same, and some
#				packets passed and some did not
#
# Left out is what connection trackers see each in its own way: a FIN that is
# the first packet, numbers far outside of the window, answers to no question.
#
# The firewall has to let through whatever comes from or goes to 119.18.36.99
# and 2001:db8:119::99: those packets say where the others end.

shopt -s extglob

MARK4=119.18.36.99 MARK6=2001:db8:119::99
OTHER4=119.18.36.130 OTHER6=2001:db8:119::130

convert_links() {
	local a
	for a in $MARK4 $MARK6 $OTHER4 $OTHER6; do
		echo "neigh add $a lladdr 02:73:66:77:01:00 dev eth0"
	done | ip -n "$SERVER" -batch - || bail "no neighbours"
	pkt capture tcp "$SERVER" host 6
	pkt capture udp "$SERVER" host 17
	pkt capture icmp "$SERVER" host 1
	pkt capture icmpv6 "$SERVER" host 58
	pkt capture wire "$CLIENT" eth0
}

arrives() { PACKETS+=("send $CLIENT eth0 ip $1 > $S ${*:2}"); }
leaves() { PACKETS+=("local $SERVER ip $S > $1 ${*:2}"); }

# Every packet has a port or id of its own, P, but for those that belong to
# one before them.
family_packets() {
	local src port type quoted o
	family "$1"
	[[ $F == 4 ]] && o=$OTHER4 || o=$OTHER6
	for src in $G $o; do
		for port in 22 53 80 443 8080 8090; do
			[[ $src == "$G" || $port == [48]* ]] || continue
			arrives "$src" tcp $((P++)) \> $port flags S
			arrives "$src" udp $((P++)) \> $port data 8
		done
		arrives "$src" icmp $ECHO_REQUEST id $((P++))
	done
	arrives "$G" tcp 443 \> $((P++)) flags S
	for type in A R SF none SA; do
		arrives "$G" tcp $((P++)) \> 443 flags $type
	done
	[[ $F == 6 ]] || arrives "$G" icmp 13 id $((P++))
	[[ $F == 6 ]] || arrives "$G" icmp 9
	quoted="ip $S > $G udp $P > 53"
	[[ $F == 4 ]] && type=3/3 || type=1/4
	arrives "$G" icmp $type "$quoted"
	PACKETS+=("fragments $CLIENT eth0 0-15,16- ip $G > $S udp $((P++)) > 53 data 32")
	PACKETS+=("fragments $CLIENT eth0 0-15,16- ip $G > $S udp $((P++)) > 54 data 32")
	for port in 25 80 443; do
		leaves "$G" tcp $((P++)) \> $port flags S
		leaves "$o" udp $((P++)) \> $port data 8
	done
	leaves "$G" icmp $ECHO_REQUEST id $((P++))

	# Connections of the host, and what comes back.
	leaves "$G" tcp $P \> 443 flags S seq 100
	arrives "$G" tcp 443 \> $P flags SA seq 500 ack 101
	leaves "$G" tcp $P \> 443 flags A seq 101 ack 501
	arrives "$G" tcp 443 \> $((P++)) flags PA seq 501 ack 101 data 3
	leaves "$G" udp $P \> 53 data 8
	arrives "$G" udp 53 \> $P data 8
	arrives "$G" icmp $type ip "$S" \> "$G" udp $((P++)) \> 53
	leaves "$o" udp $P \> 443 data 8
	arrives "$o" udp 443 \> $((P++)) data 8
}

packets() {
	P=$1
	PACKETS=()
	family_packets 4
	family_packets 6
}

# What a capture has up to the packet that ends it, without what is random.
drain() { # CAPTURE PATTERN OF THE LAST
	while :; do
		pkt expect "$1" 5000 '*'
		# shellcheck disable=SC2254 # a pattern is wanted
		case $R in
		none)
			SEEN+="$1: the last packet is missing"$'\n'
			return ;;
		$2)	return ;;
		*"$MARK4"* | *"$MARK6"* | *"icmp 13"[0-9]* | *"icmp 143"*)
			;;
		*)	R=${R// ttl +([0-9])/}
			R=${R// @(seq|ack|win) +([0-9])/}
			SEEN+="$1 $R"$'\n' ;;
		esac
	done
}

observe() {
	local line
	SEEN=
	for line in tcp udp icmp icmpv6 wire; do
		pkt forget $line
	done
	for line in "${PACKETS[@]}"; do
		pkt "$line"
		[[ $line != local* ]] || SEEN+="sent $R"$'\n'
	done
	pkt send "$CLIENT" eth0 ip $MARK4 \> $SERVER4 tcp 1 \> 9 flags S
	pkt send "$CLIENT" eth0 ip $MARK4 \> $SERVER4 udp 1 \> 9
	pkt send "$CLIENT" eth0 ip $MARK4 \> $SERVER4 icmp 8 id 9
	pkt send "$CLIENT" eth0 ip $MARK6 \> $SERVER6 tcp 1 \> 9 flags S
	pkt send "$CLIENT" eth0 ip $MARK6 \> $SERVER6 udp 1 \> 9
	pkt send "$CLIENT" eth0 ip $MARK6 \> $SERVER6 icmp 128 id 9
	pkt local "$SERVER" ip $SERVER6 \> $MARK6 udp 2 \> 10
	drain tcp "ip $MARK6 > *"
	drain udp "ip $MARK6 > *"
	drain icmp "ip $MARK4 > *"
	drain icmpv6 "ip $MARK6 > *"
	drain wire "*udp 2 > 10*"
}

agree() {
	local name=$1 got=$2 want=$3 n
	n=$(grep -c '^\(tcp\|udp\|icmp\)' <<<"$want")
	if ((n < 5 || n >= ${#PACKETS[@]})) || [[ $want == *missing* ]]; then
		not_ok "$name" "$n of ${#PACKETS[@]} packets arrived:" "$want"
	elif [[ $got == "$want" ]]; then
		ok "$name ($n of ${#PACKETS[@]} packets arrived)"
	else
		not_ok "$name" "$(diff <(echo "$want") <(echo "$got"))"
	fi
}
