#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A rule with a log clause writes a line for each packet that it decides on: in
# the words of netfilter's own logging, with the rule, what it said and the
# generation in front; no more lines than the clause allows; none into the
# host's log from a user's own network.
. ./lib.sh
plan 14

topology pair
read -r NETNS < <(ip netns exec "$SERVER" stat -Lc %i /proc/self/ns/net)
send() { pkt send "$CLIENT" eth0 "$@"; }

mark="sfw log $$"
echo "$mark" >/dev/kmsg
# lines NETNS: what was logged of that namespace since the test began, in LINES
lines() {
	R=$(dmesg)
	mapfile -t LINES < <(sed -n 's/^\[[^]]*\] //; /sfw: .*NETNS='"$1"' /p' \
		<<<"${R##*"$mark"}")
}
NAMES=() WANT=()
# logs NAME LINE: a packet that was sent wrote this line, a pattern; looked at
# when all are sent, for dmesg is slow
logs() {
	NAMES+=("$1")
	WANT+=("sfw: $2")
}

sfw "$SERVER" <<-'END'
	mode stateless
	default in  deny log
	default out allow
	in  10 deny   udp to port 1 on eth0 log
	in  20 reject tcp to port 2 log
	in  30 allow  icmp log
	in  31 allow  icmpv6 log
	in  40 deny   udp to port 4
	in  50 deny   udp to port 5 log limit 1/h burst 3
	out 10 deny   udp to port 7 log
END
for f in 4 6; do
	family "$f"
	ip=28 tcp=40 icmp=28 name=ICMP rule=30
	[[ $F == 4 ]] || ip=48 tcp=60 icmp=48 name=ICMPv6 rule=31
	send ip "$G" \> "$S" udp 5000 \> 1
	logs "IPv$F a rule" "in:10 deny gen=1 NETNS=$NETNS IN=eth0 OUT= SRC=$G DST=$S LEN=$ip PROTO=UDP SPT=5000 DPT=1"
	send ip "$G" \> "$S" tcp 5000 \> 2 flags SE seq 7 win 9
	logs "IPv$F with what TCP has" "in:20 reject gen=1 NETNS=$NETNS IN=eth0 OUT= SRC=$G DST=$S LEN=$tcp PROTO=TCP SPT=5000 DPT=2 SEQ=7 ACK=0 WINDOW=9 ECE SYN"
	send ip "$G" \> "$S" icmp "$ECHO_REQUEST" id 77
	logs "IPv$F an allow rule, with what ICMP has" "in:$rule allow gen=1 NETNS=$NETNS IN=eth0 OUT= SRC=$G DST=$S LEN=$icmp PROTO=$name TYPE=$ECHO_REQUEST CODE=0 ID=77"
	pkt local "$SERVER" ip "$S" \> "$G" udp 5000 \> 7
	logs "IPv$F on the way out" "out:10 deny gen=1 NETNS=$NETNS IN= OUT=eth0 SRC=$S DST=$G LEN=$ip PROTO=UDP SPT=5000 DPT=7"
done
send ip "$GHOST4" \> "$SERVER4" udp 5000 \> 9
logs "the default is *" "in:\* deny gen=1 *DPT=9"
send ip "$GHOST4" \> "$SERVER4" udp 5000 \> 4
send times 20 ip "$GHOST4" \> "$SERVER4" udp 5000 \> 5
sent=${#WANT[@]}
ctl "$SERVER" audit on
send ip "$GHOST4" \> "$SERVER4" udp 5001 \> 1
drops "they have all been judged" "$SERVER" rule 28 default 1

cat >"$TEST_DIR/own" <<-END
	ip link set lo up
	printf 'option loopback filter\nout 10 deny udp to port 81 log\n' |
		$SFWCTL -q apply - || exit
	echo x 2>/dev/null >/dev/udp/127.0.0.1/81
	$SFWCTL -j stats | grep -o '"rule": *1'
	stat -Lc %i /proc/self/ns/net
END
{
	read -r counted
	read -r own
} < <(ip netns exec "$SERVER" unshare -Urn bash "$TEST_DIR/own" 2>&1)

lines "$NETNS"
for ((i = 0; i < sent; i++)); do
	like "${NAMES[i]}" "${LINES[i]:-no line}" "${WANT[i]}"
done
rest=${LINES[*]:sent}
like "without the clause no line, with a limit no more than that" "$rest" \
	"sfw: in:50 *DPT=5 sfw: in:50 *DPT=5 sfw: in:50 *DPT=5 sfw: in:10 *"
is "so many in all" "${#LINES[@]}" $((sent + 4))
like "another generation is told" "${LINES[-1]}" "sfw: in:10 deny gen=2 *SPT=5001 *"
lines "$own"
is "in a user's own network nothing is logged" \
	"${#LINES[@]} of ${counted##*[!0-9]}" "0 of 1"
