#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# sfwctl conns save and restore: connections of all protocols, on both families,
# outlive the module and go on, though tcp-pickup is off and nothing else can
# explain it; a transfer is in progress meanwhile. What is restored is what was
# saved, in another namespace too; the running set judges it; a live connection
# stays; a table that is too small takes what it can; a file with an error
# restores nothing.
. ./lib.sh
. ./apps_lib.sh
need iperf3
plan 65

topology pair
modprobe sctp 2>/dev/null && HAVE_SCTP=1 || HAVE_SCTP=
FILE=$TEST_DIR/table

at_exit() {
	kill "${DAEMONS[@]}" 2>/dev/null
	[[ -d /sys/module/sfw ]] || load_module
}
remove_module() { rmmod sfw 2>/dev/null; }

OPTIONS='option tcp-pickup off
option timeout udp 600
option timeout udp-stream 600
option timeout icmp 600'
RULES="$OPTIONS
default in  deny
default out deny
in  100 allow tcp  to port { 80, 5201 } on eth0
in  110 allow udp  to port 53
in  120 allow icmp type echo-request
in  121 allow icmpv6 type echo-request
in  130 allow sctp to port 99
in  140 allow esp
out 100 allow tcp  to port 443"

peer listen "$SERVER" tcp 80
peer listen "$SERVER" udp 53
peer listen "$UPDATE" tcp 443
[[ $HAVE_SCTP ]] && peer listen "$SERVER" sctp 99
in_background "$SERVER" iperf3 -s --logfile "$TEST_DIR/server.log"
wait_for -t 30000 listening "$PID" tcp 5201 || bail "no iperf3"

sfw "$SERVER" <<< "$RULES"
for f in 4 6; do
	family $f
	peer open "web$f" "$CLIENT" tcp "$S" 80 from 400$f
	peer echo "web$f" 1000
	peer open "name$f" "$CLIENT" udp "$S" 53 from 500$f
	peer echo "name$f"
	peer open "fetch$f" "$SERVER" tcp "$U" 443 from 600$f
	peer echo "fetch$f" 1000
	peer probe "$CLIENT" "$ICMP" "$S" 77
done
[[ $HAVE_SCTP ]] && peer open assoc "$CLIENT" sctp "$SERVER4" 99 from 7000
[[ $HAVE_SCTP ]] && peer echo assoc
pkt send "$CLIENT" eth0 ip "$GHOST4" \> "$SERVER4" proto 50 hex 0000000100000001
pkt send "$CLIENT" eth0 ip "$GHOST4" \> "$SERVER4" tcp 7000 \> 80 flags S seq 1
# This one will not be in the file.
peer open lost "$CLIENT" tcp "$SERVER4" 80 from 4009
peer echo lost
peer open half "$CLIENT" tcp "$SERVER4" 80 from 4010
peer echo half
peer accept served "$SERVER" 80
peer shut half
peer eof served

# --- over a new module ---------------------------------------------------------

in_background "$CLIENT" iperf3 -c "$SERVER4" -t 3600 -b 10M -J
iperf=$PID
moved "$SERVER"
wait_for -t 20000 stat_reaches "$SERVER" allowed 200
is "a transfer is in progress" "$?" 0
ctl "$SERVER" conns save "$FILE"
is "the table is saved" "$?" 0
n=${R//[^0-9]/}
ctl "$SERVER" conns count
is "and says how many, one a line behind the first" \
	"$n $(($(wc -l <"$FILE") - 1)) $((n > 12))" \
	"${R//[^0-9]/} ${R//[^0-9]/} 1"
is "nobody but its owner reads it" "$(stat -c %a "$FILE")" 600
grep -v '"source_port":4009,' "$FILE" >"$TEST_DIR/less"
read -r header <"$FILE"
is "the first line names format and version" "$header" \
	'{"format":"sfw-conns","version":1}'
ctl "$SERVER" conns save
is "without a file it goes to standard output" \
	"$? $(jq -s '.[1:] | all(.packets >= 1)' <<<"$R" 2>&1)" "0 true"

# What has to be the same, without what time changes.
facts() {
	jq -cS "del(.expires_ms)${2:-}" <"$1" | sort
}

wait_for -t 20000 remove_module
is "the module goes" "$?" 0
peer echo web4 100000
is "traffic goes on without it" "$R" ok
load_module
# shellcheck disable=SC2034 # of lib.sh
LAST=()
ctl "$SERVER" conns restore "$TEST_DIR/less"
like "without a rule set there is nothing to restore to" "$? $R" \
	"5 *no rule set is loaded*"
sfw "$SERVER" <<< "$RULES"
ctl "$SERVER" conns restore "$TEST_DIR/less"
is "the table is restored" "$?" 0
all=$(($(wc -l <"$TEST_DIR/less") - 1))
# SCTP may have sent a heartbeat before, and that begins a connection.
like "all of it" "$R" "*@($all of $all connections|$((all - 1)) of $all*1 of them there is already)*"

for f in 4 6; do
	peer echo "web$f" 200000
	is "IPv$f TCP goes on, though it went on without us" "$R" ok
	peer echo "fetch$f" 200000
	is "IPv$f TCP of this host goes on" "$R" ok
	peer echo "name$f"
	is "IPv$f UDP goes on" "$R" ok
done
peer send served 20000
peer recv half 20000
is "a half closed connection still sends the other way" "$R" ok
peer close served
peer eof half
is "and closes" "$R" ok
if [[ $HAVE_SCTP ]]; then
	peer echo assoc
	is "SCTP goes on" "$R" ok
else
	ok "SCTP goes on # SKIP this kernel has none"
fi
# The reply alone: no rule lets it out.
for f in 4 6; do
	family $f
	pkt capture client "$CLIENT" eth0
	pkt local "$SERVER" ip "$S" \> "$C" icmp "$ECHO_REPLY" id 77
	pkt expect client 2000 "*icmp $ECHO_REPLY/0*"
	like "IPv$f an echo request may still be answered" "$R" "ip $S > $C *"
	pkt local "$SERVER" ip "$S" \> "$C" icmp "$ECHO_REPLY" id 78
	is "IPv$f another one not" "$R" denied
	pkt local "$SERVER" ip "$S" \> "$C" udp 53 \> 500$f
	pkt expect client 2000 "*udp 53 > 500$f*"
	like "IPv$f so may a UDP question" "$R" "ip $S > $C *"
done
pkt local "$SERVER" ip "$SERVER4" \> "$GHOST4" proto 50 hex 0000000200000001
is "and ESP" "$R" ok
moved "$SERVER"
peer echo lost wait 300
is "a connection that was not in the file is cut" "$R" timeout
wait_for stat_reaches "$SERVER" no_connection 1
is "because nobody knows it" "$?" 0
keep_stats "$SERVER"
# Not how much arrived: the end of an iperf3 test overtakes what is on its way.
moved "$SERVER"
wait_for -t 30000 stat_reaches "$SERVER" allowed 200
is "the transfer goes on" "$? $(kill -0 "$iperf"; echo $?)" "0 0"
kill -INT "$iperf"
wait "$iperf"
# What is closed goes by itself, sooner or later than what comes here.
ctl "$SERVER" conns kill port 5201
moved "$SERVER"
# The lost one still sends again.
peer echo web4 1000
peer echo web6 1000
drops "and nothing is out of its window any more" "$SERVER" no_connection 0+
pkt send "$CLIENT" eth0 ip "$CLIENT4" \> "$SERVER4" tcp 4004 \> 80 \
	flags A seq 1 ack 1 data 10
drops "but what does not fit is" "$SERVER" invalid_window 1 no_connection 0+

# --- the same in another namespace ------------------------------------------------

# On eth1 of it: there is no eth9. Short-lived ones are not looked for.
ctl "$SERVER" conns save "$FILE"
facts "$FILE" >"$TEST_DIR/wanted"
sfw "$UPDATE" <<< "$RULES"
ctl "$UPDATE" conns restore "$FILE"
is "another namespace takes the table" "$?" 0
like "and is told of interfaces that it has not" "$R" "*no interface eth1*"
ctl "$UPDATE" conns save "$TEST_DIR/other"
facts "$TEST_DIR/other" >"$TEST_DIR/got"
sed 's/"interface":"eth1",//' "$TEST_DIR/wanted" >"$TEST_DIR/known"
diff "$TEST_DIR/known" "$TEST_DIR/got" >"$TEST_DIR/diff"
is "with every fact" "$? $(head -n 5 "$TEST_DIR/diff")" "0 "
ctl "$UPDATE" conns count proto tcp
n=${R//[^0-9]/}
ctl "$SERVER" conns count proto tcp
is "as many by a filter, too" "$n" "${R//[^0-9]/}"
ctl "$UPDATE" -j conns restore "$FILE"
has "twice makes no second one" "$R" '"restored":0' '"no_room":0'
ctl "$UPDATE" conns save "$TEST_DIR/again"
facts "$TEST_DIR/again" >"$TEST_DIR/got"
cmp -s "$TEST_DIR/known" "$TEST_DIR/got"
is "and changes none" "$?" 0
jq -c '(select(.source_port == 4004) | .packets) = 9999' "$FILE" \
	>"$TEST_DIR/changed"
ctl "$SERVER" conns restore - <"$TEST_DIR/changed"
is "a live connection stays, which is no failure" "$?" 0
has "that is said" "$R" "already" "the live one stays"
conns "$SERVER" sport 4004
[[ $R != *'"packets":9999'* ]]
is "as it is" "$?" 0

# --- the running set has its say -----------------------------------------------------

sfw "$SERVER" <<-END
	$OPTIONS
	in  110 allow udp to port 53
	in  100 allow tcp to port 80 from { $CLIENT6 }
	out 100 allow tcp to port 443
END
ctl "$SERVER" conns flush
ctl "$SERVER" conns restore "$FILE"
moved "$SERVER"
peer echo web4 wait 300
is "what it denies is cut at its next packet" "$R" timeout
wait_for stat_reaches "$SERVER" default 1
is "by its list" "$?" 0
peer echo web6
is "what it allows goes on" "$R" ok
conns "$SERVER" sport 4006
has "on the rule that allows it" "$R" '"rule":"in:100"'
sfw "$SERVER" <<< "option keep-connections on
$RULES"
ctl "$SERVER" conns flush
ctl "$SERVER" conns restore "$FILE"
peer echo name4
is "with keep-connections, too" "$R" ok
rule_packets "$SERVER" in:110
is "they count on the rule of their number" "$((R >= 1))" 1

# --- no room ------------------------------------------------------------------------

all=$(($(wc -l <"$FILE") - 1))
sfw "$SERVER" <<< "option max-connections 3
$RULES"
ctl "$SERVER" conns flush
ctl "$SERVER" conns restore "$FILE"
is "a table that is too small" "$?" 5
has "says how many it took and where it was full" "$R" \
	"3 of $all connections restored" "$((all - 3)) found no room" \
	"line 5"
ctl "$SERVER" conns count
is "and has no more" "${R//[^0-9]/}" 3

# --- what is no table -----------------------------------------------------------------

sfw "$SERVER" <<< "$RULES"
ctl "$SERVER" conns flush
grep '"source_port":4004,' "$FILE" >"$TEST_DIR/line"
grep -v '"source_port":4004,' "$FILE" >"$TEST_DIR/rest"

# broken NAME LINE TEXT SED: with that change to the connection from port 4004
# the file is refused.
broken() {
	{ cat "$TEST_DIR/rest"; sed "$4" "$TEST_DIR/line"; } >"$TEST_DIR/broken"
	ctl "$SERVER" conns restore "$TEST_DIR/broken"
	like "$1: exit 2, line and reason" "$? $R" "2 *broken:$2: error: $3*"
}
last=$((all + 1))
broken "a number that is a word" $last '"packets"*' 's/"packets":[0-9]*/"packets":"x"/'
broken "a negative one" $last '"tcp.originator.end"*' 's/"end":[0-9]*/"end":-1/'
broken "a state of UDP" $last '"state"*' 's/tcp-established/udp-stream/'
broken "an unknown key" $last '"colour"*' 's/"packets"/"colour":1,"packets"/'
broken "a missing key" $last '"tcp"*missing*' 's/,"tcp":.*/}/'
broken "half a line" $last '*JSON*' 's/"tcp":.*//'
broken "a time of a year" $last '"expires_ms"*' \
	's/"expires_ms":[0-9]*/"expires_ms":31536000000/'
printf '%s' "$(< "$FILE")" >"$TEST_DIR/cut"
ctl "$SERVER" conns restore "$TEST_DIR/cut"
like "a file that was cut off" "$? $R" "2 *:$last: error: *cut off*"
head -c 100000 /dev/urandom >"$TEST_DIR/noise"
ctl "$SERVER" conns restore "$TEST_DIR/noise"
like "noise" "$? $R" "2 *noise:1: error: *"
sed '1s/:1}/:2}/' "$FILE" >"$TEST_DIR/newer"
ctl "$SERVER" conns restore "$TEST_DIR/newer"
like "a newer version" "$? $R" '2 *newer:1: error: "version"*'
ctl "$SERVER" conns restore "$TEST_DIR/nowhere"
is "a file that is not there" "$?" 2
ctl "$SERVER" conns restore "$FILE" more
is "a word too many" "$?" 2
no_conns "$SERVER" proto tcp
is "nothing of all that was restored" "$?" 0
sfw "$SERVER" <<< "mode stateless
default in allow"
ctl "$SERVER" conns restore "$FILE"
like "a stateless set has no table" "$? $R" "5 *stateless*"
ctl "$SERVER" conns save "$FILE/none"
is "where no file can be" "$?" 5
