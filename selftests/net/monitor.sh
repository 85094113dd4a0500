#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# sfwctl monitor: an event for each packet that is dropped, each connection that
# comes and goes, each change of the rule set, and for nothing else. What is too
# much is counted and told. Who may listen, and how a listener ends.
. ./lib.sh
plan 57

topology pair
peer listen "$SERVER" tcp 80
peer listen "$SERVER" udp 53

declare -A MON

# listen NAME NS ARGS...: sfwctl monitor in the background
listen() {
	local name=$1 ns=$2
	shift 2
	: >"$TEST_DIR/$name.err"
	"$SFWCTL" -v -N "$ns" "$@" >"$TEST_DIR/$name" 2>"$TEST_DIR/$name.err" &
	MON[$name]=$!
	wait_for -t 20000 listens "$name" || bail "no monitor: $(<"$TEST_DIR/$name.err")"
}
listens() { [[ $(<"$TEST_DIR/$1.err") == *listening* ]]; }

# heard NAME PATTERN: there is such a line
heard() {
	local line
	while IFS= read -r line; do
		# shellcheck disable=SC2053 # a pattern is wanted
		[[ $line != $2 ]] || return 0
	done <"$TEST_DIR/$1"
	return 1
}
# hears TEXT NAME PATTERN: a check: and it comes
hears() {
	if wait_for -t 20000 heard "$2" "$3"; then
		ok "$1"
	else
		not_ok "$1" "wanted '$3'" "in $(<"$TEST_DIR/$2")"
	fi
}
# ends NAME: the exit status, in R; bounded by the time of the test
ends() {
	wait "${MON[$1]}"
	R=$?
}
stop() { # NAME [SIGNAL]
	kill -"${2:-INT}" "${MON[$1]}"
	ends "$1"
}
n_events() { # NAME PATTERN, in R
	local line
	R=0
	while IFS= read -r line; do
		# shellcheck disable=SC2053
		[[ $line == $2 ]] && R=$((R + 1))
	done <"$TEST_DIR/$1"
}

send() { pkt send "$CLIENT" eth0 "$@"; }

sfw "$SERVER" <<-'END'
	option tcp-pickup off
	default in  deny
	default out allow
	in  10 deny   udp to port 1     "no \"one\", no $ and no ünicode"
	in  20 allow  udp to port 2 limit 1/h burst 1
	in  30 allow  tcp to port 80    "web"
	in  40 allow  udp to port 53
	in  50 reject udp to port 3
	out 10 deny   udp to port 7
END

# --- nobody listens --------------------------------------------------------

send times 2500 ip "$GHOST4" \> "$SERVER4" udp 5000 \> 9
counted "packets are dropped while nobody listens" "$SERVER" dropped 2500
is "and nothing of that is lost" "${D[events_lost]}" 0

# --- drops -----------------------------------------------------------------

listen drops "$SERVER" -j monitor drops
listen some "$SERVER" -j monitor drops dport 1 src "$GHOST4" reason rule
listen text "$SERVER" -c never monitor drops
listen paint "$SERVER" -c always monitor drops
listen elsewhere "$CLIENT" -j monitor
for f in 4 6; do
	family "$f"
	[[ $F == 4 ]] && UNREACHABLE=3/3 || UNREACHABLE=1/4
	ends="\"family\":\"ipv$F\",\"source\":\"$G\""
	send ip "$G" \> "$S" udp 5000 \> 1
	hears "IPv$F rule" drops \
		"{\"event\":\"drop\",\"time\":\"2*\",\"direction\":\"in\",\"reason\":\"rule\",\"action\":\"deny\",\"audit\":false,\"rule\":\"in:10\",\"protocol\":\"udp\",$ends,\"source_port\":5000,\"destination\":\"$S\",\"destination_port\":1,\"length\":*,\"interface\":\"eth0\",\"generation\":1,\"comment\":\"no \\\\\"one\\\\\", no \$ and no ünicode\"}"
	send ip "$G" \> "$S" tcp 5000 \> 81 flags S
	hears "IPv$F default, with TCP flags" drops \
		"*\"reason\":\"default\",*\"rule\":\"in:\\*\",\"protocol\":\"tcp\",$ends,*\"destination_port\":81,\"tcp_flags\":\"syn\",*"
	send times 2 ip "$G" \> "$S" udp 5000 \> 2
	hears "IPv$F rate_limit" drops \
		"*\"reason\":\"rate_limit\",*\"rule\":\"in:\\*\",*$ends,*"
	send ip "$G" \> "$S" udp 5000 \> 3
	hears "IPv$F reject" drops \
		"*\"reason\":\"rule\",\"action\":\"reject\",*\"rule\":\"in:50\",*$ends,*"
	pkt local "$SERVER" ip "$S" \> "$G" udp 5000 \> 7
	hears "IPv$F out" drops \
		"*\"direction\":\"out\",\"reason\":\"rule\",*\"rule\":\"out:10\",*\"ipv$F\",*\"destination\":\"$G\",\"destination_port\":7,*"
	send ip "$G" \> "$S" tcp 5000 \> 80 flags A
	hears "IPv$F no_connection, for which no list speaks" drops \
		"*\"reason\":\"no_connection\",\"action\":\"deny\",\"audit\":false,\"protocol\":\"tcp\",$ends,*"
	send ip "$G" \> "$S" icmp "$UNREACHABLE" ip "$S" \> "$G" udp 1 \> 2
	hears "IPv$F invalid_icmp, with its type" drops \
		"*\"reason\":\"invalid_icmp\",*$ends,*\"icmp_type\":${UNREACHABLE%/*},\"icmp_code\":${UNREACHABLE#*/},\"length\"*"
	send cut 50 ip "$G" \> "$S" udp 5000 \> 53 len 5
	hears "IPv$F malformed, as far as it can be read" drops \
		"*\"reason\":\"malformed\",*\"protocol\":\"udp\",$ends,\"destination\":\"$S\",\"length\":*"
done
n_events drops '*'
drops_heard=$R
read_stats "$SERVER"
is "as many events as drops" "$drops_heard" "${D[dropped]}"
n_events some '*'
is "one of them has all that the filter wants" "$R" 1
hears "as text, with the rule's comment" text \
	"??:??:??.??????  drop   in   rule* in:10 *udp *$GHOST4:5000 > $SERVER4:1 * bytes  on eth0  gen 1  \"no \"one\", no \$ and no *nicode\""

hears "in colour, if that is wanted" paint $'*  \e\\[*mdrop\e\\[*m  *in:10*'

# --- audit -----------------------------------------------------------------

ctl "$SERVER" audit on
send ip "$GHOST4" \> "$SERVER4" udp 5000 \> 1
hears "with audit on the packet passes, and the event says so" drops \
	'*"reason":"rule","action":"deny","audit":true,*"generation":2,"comment":*'
ctl "$SERVER" audit off

# --- how it ends -----------------------------------------------------------

stop drops INT
is "SIGINT ends it well" "$R" 0
stop some TERM
is "so does SIGTERM" "$R" 0
is "in another namespace nothing of all that was heard" \
	"$(<"$TEST_DIR/elsewhere")" ""
stop elsewhere
# A datagram that is not the kernel's: root may send it. 16: AF_NETLINK, NETLINK_GENERIC
ip netns exec "$SERVER" perl -e 'socket(S, 16, 3, 16) && send(S,
	pack("LSSLL", 16, 99, 0, 0, 0), 0, pack("SSLL", 16, 0, $ARGV[0], 0)) or die $!' \
	"${MON[text]}" || bail "no datagram to the monitor"
kill -INT "${MON[text]}"
gone() { ! kill -0 "${MON[text]}" 2>/dev/null; }
wait_for gone
is "a message of a stranger does not keep it from ending" "$?" 0
kill -KILL "${MON[text]}" 2>/dev/null
ends text
stop paint
listen counted "$SERVER" -j monitor drops --count 2
send times 3 ip "$GHOST4" \> "$SERVER4" udp 5000 \> 1
ends counted
is "--count ends it well" "$R" 0
n_events counted '*'
is "after that many" "$R" 2

mkfifo "$TEST_DIR/pipe"
"$SFWCTL" -v -N "$SERVER" -j monitor drops >"$TEST_DIR/pipe" \
	2>"$TEST_DIR/piped.err" &
MON[piped]=$!
exec {reader}<"$TEST_DIR/pipe"
wait_for -t 20000 listens piped
exec {reader}<&-
ends piped
is "it ends well when nobody reads any more, even if nothing happens" "$R" 0

# --- connections -----------------------------------------------------------

sfw "$SERVER" <<-END
	option timeout udp 600
	option timeout udp-stream 600
	option timeout icmp 1
	option timeout tcp-time-wait 1
	default in  deny
	in  30 allow  tcp to port 80    "web"
	in  40 allow  udp to port 53
	in  50 allow  icmp type echo-request
	in  60 allow  gre
END
ctl "$SERVER" conns flush
listen conns "$SERVER" -j monitor conns
peer open web "$CLIENT" tcp "$SERVER4" 80 from 4000
hears "a connection is made" conns \
	'{"event":"new","time":"2*","protocol":"tcp","family":"ipv4","direction":"in","source":"'"$CLIENT4"'","source_port":4000,"destination":"'"$SERVER4"'","destination_port":80,"state":"tcp-syn-sent",*"rule":"in:30","interface":"eth0","packets":1,*"generation":4,"comment":"web"}'
peer close web
hears "its ends close it" conns \
	'{"event":"end",*"why":"closed",*"source_port":4000,*"state":"tcp-time-wait",*"reply_packets":[1-9]*,"comment":"web"}'
send ip "$GHOST6" \> "$SERVER6" udp 5000 \> 53 data 4
ctl "$SERVER" conns flush
hears "one is killed" conns '*"why":"killed","protocol":"udp","family":"ipv6",*'
send ip "$GHOST4" \> "$SERVER4" proto 47 hex 2000080000000007
hears "a tunnel begins with its key" conns \
	'*"event":"new",*"protocol":"gre",*"key":7,*'
ctl "$SERVER" conns flush
hears "and ends with it" conns '*"event":"end",*"protocol":"gre",*"key":7,*'
send ip "$GHOST4" \> "$SERVER4" icmp 8 id 77
hears "one expires" conns '*"why":"expired","protocol":"icmp",*"icmp_id":77,*'
peer open web "$CLIENT" tcp "$SERVER4" 80 from 4001
sfw "$SERVER" <<-END
	option max-connections 2
	in  40 allow  udp to port 53
END
peer send web 1
hears "one is cut by a rule set" conns \
	'*"why":"cut","protocol":"tcp",*"source_port":4001,*'
send times 3 ip "$GHOST4" \> "$SERVER4" udp 6001 \> 53
hears "one is evicted" conns '*"why":"evicted","protocol":"udp",*'
ctl "$SERVER" flush
hears "what is left ends with the rule set" conns \
	'*"why":"cut","protocol":"udp",*'
n_events conns '*"event":"new"*'
new=$R
n_events conns '*"event":"end"*'
is "every connection that came has gone" "$R" "$new"
stop conns

# --- changes ---------------------------------------------------------------

listen rules "$SERVER" -j monitor rules
listen all "$SERVER" -c never monitor
# Two rules, then a third one, and so on: generations 7 to 12.
sfw "$SERVER" <<-END
	in  10 deny   udp to port 1
	in  30 allow  tcp to port 80
END
ctl "$SERVER" add in 40 allow udp to port 53
ctl "$SERVER" mode stateless
ctl "$SERVER" rollback
printf 'in 10 deny udp to port 9\n' |
	"$SFWCTL" -q -N "$SERVER" apply --confirm=60 -
ctl "$SERVER" confirm
ctl "$SERVER" mode stateful
ctl "$SERVER" flush
hears "a set is loaded" rules \
	'{"event":"rules","time":"2*","change":"load","portid":[1-9]*,"mode":"stateful","audit":false,"rules_in":2,"rules_out":0,"generation":7}'
hears "and edited" rules '*"change":"edit",*"rules_in":3,*"generation":8}'
hears "its mode is switched" rules \
	'*"change":"switch",*"mode":"stateless",*"generation":9}'
hears "taken back" rules '*"change":"rollback",*"generation":10}'
hears "a commit waits to be confirmed" rules \
	'*"change":"load",*"confirm_s":60,*"generation":11}'
hears "and is" rules '*"change":"confirm",*"generation":11}'
hears "the set is flushed" rules '*"change":"flush","portid":*"generation":12}'
n_events rules '*'
is "what changes nothing is no event" "$R" 7
stop rules
hears "the same as text, without a word for what to show" all \
	'??:??:??.??????  rules*load* generation 7: 2 in, 0 out, stateful, by port *'
stop all

# --- too many --------------------------------------------------------------

sfw "$SERVER" <<-END
	in  10 deny   udp to port 1
END
moved "$SERVER"
listen flood "$SERVER" -j monitor drops
send times 6000 ip "$GHOST4" \> "$SERVER4" udp 5000 \> 1
counted "a flood is dropped" "$SERVER" dropped 6000
lost=${D[events_lost]}
told() {
	local line
	R=0
	while IFS= read -r line; do
		[[ $line =~ \"event\":\"lost\".*\"lost\":([0-9]+) ]] &&
			R=$((R + BASH_REMATCH[1]))
	done <"$TEST_DIR/flood"
	((R == lost))
}
if ((!lost)); then
	# It took longer than the rate: an emulated debug kernel's packets do.
	ok "the events that were too many are told # SKIP none were too many"
elif wait_for -t 20000 told; then
	ok "the events that were too many are told"
else
	not_ok "the events that were too many are told" "told $R, lost $lost"
fi
all_came() { n_events flood '*"event":"drop"*'; ((R + lost >= 6000)); }
wait_for -t 20000 all_came
is "with them, not one is missing" "$((R + lost))" 6000
like "and no more than the rate came" "$((!lost || R <= 5000))" 1
stop flood

# --- who may ---------------------------------------------------------------

chmod 755 "$TEST_DIR"
cp "$SFWCTL" "$TEST_DIR/sfwctl"
chmod 755 "$TEST_DIR/sfwctl"
mkdir -m 777 "$TEST_DIR/room"
ip netns exec "$SERVER" setpriv --reuid=65534 --regid=65534 --clear-groups \
	"$TEST_DIR/sfwctl" monitor >"$TEST_DIR/stranger" 2>&1
is "a stranger may not listen" "$?" 4
cat >"$TEST_DIR/own" <<-END
	say() { echo "\$1 \$2"; }
	cd $TEST_DIR/room
	ip link set lo up
	printf 'option loopback filter\nout 10 deny udp to port 81\n' |
		$TEST_DIR/sfwctl -q apply - || exit
	$TEST_DIR/sfwctl -v -j monitor drops >heard 2>err &
	monitor=\$! # which <(:) changes
	until [[ \$(<err) == *listening* ]]; do read -rt 0.05 <> <(:); done
	echo x 2>/dev/null >/dev/udp/127.0.0.1/81
	until [[ -s heard ]]; do read -rt 0.05 <> <(:); done
	cat heard
	# A reader that sleeps, whose buffer is small: no right to a large one.
	kill -STOP \$monitor
	for ((i = 0; i < 900; i++)); do
		echo x >/dev/udp/127.0.0.1/81
	done 2>/dev/null
	kill -CONT \$monitor
	for ((i = 0; i < 100; i++)); do
		[[ \$(<heard) != *'"by":"reader"'* ]] || break
		read -rt 0.05 <> <(:)
		echo x 2>/dev/null >/dev/udp/127.0.0.1/81
	done
	kill \$monitor
	wait \$monitor
	say status \$?
	grep -o '"event":"lost".*' heard
END
chmod 644 "$TEST_DIR/own"
listen host "$SERVER" -j monitor
R=$(ip netns exec "$SERVER" setpriv --reuid=65534 --regid=65534 --clear-groups \
	unshare -Urn bash "$TEST_DIR/own" 2>&1)
own=$R
has "root of a user namespace listens in his own network" "$own" \
	'"event":"drop"' '"direction":"out"' '"destination_port":81' "status 0"
has "who reads too slowly is told" "$own" '"by":"reader","lost":'
stop host
is "and others hear nothing of it" "$(<"$TEST_DIR/host")" ""
