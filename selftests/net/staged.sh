#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A staged set: judged beside the running one, decides nothing, tells what it
# would have decided otherwise, can be made the running one or dropped.
. ./lib.sh
. ./apps_lib.sh
need jq
plan 65

topology pair
peer listen "$SERVER" tcp 80 81
peer listen "$UPDATE" tcp 443

cat >"$TEST_DIR/live" <<-END
	default out allow
	in 100 allow tcp to port 80
	in 110 allow udp to port 53
	in 120 allow icmp
	in 121 allow icmpv6
END
cat >"$TEST_DIR/next" <<-END
	default out allow
	set web = { 80, 81 }
	in 100 allow tcp to port \$web
	in 105 deny udp from any to port 53 "names"
	in 120 allow icmp
	in 121 allow icmpv6
END

# staged WANT NAME: "judged newly_allowed newly_denied" of status
staged() {
	R=$("$SFWCTL" -j -N "$SERVER" status | jq -r '.staged |
		if . then "\(.judged) \(.newly_allowed) \(.newly_denied)"
		else "none" end')
	is "$2" "$R" "$1"
}

# rules WANT NAME: number:packets:differs of the staged rules of in that met any
rules() {
	R=$("$SFWCTL" -j -N "$SERVER" show in --staged | jq -r '
		[.rules[] | select(.packets > 0) |
		"\(.number):\(.packets):\(.differs)"] | join(" ")')
	is "$2" "$R" "$1"
}

# udp N: N datagrams of a ghost to port 53, each the first of a connection
udp() {
	pkt send "$CLIENT" eth0 times "$1" ip "$G" \> "$S" udp 20000 \> 53
}

family 4
"$SFWCTL" -N "$SERVER" apply --stage "$TEST_DIR/next" 2>"$TEST_DIR/err"
is "without a running set nothing can be staged" "$?" 5
like "and it is said why" "$(<"$TEST_DIR/err")" "*no rule set is loaded*"
ctl "$SERVER" promote
is "nothing to promote: exit 5" "$?" 5
like "promote says so" "$R" "*no rule set is staged*"
ctl "$SERVER" unstage
is "nothing to drop: exit 5" "$?" 5
ctl "$SERVER" show --staged
is "nothing to show: exit 1" "$?" 1
sfw "$SERVER" <"$TEST_DIR/live"
staged none "status knows of none"

ctl "$SERVER" apply --stage --confirm "$TEST_DIR/next"
is "--stage and --confirm are not for each other" "$?" 2
ctl "$SERVER" apply --stage --dry-run "$TEST_DIR/next"
staged none "--dry-run stages nothing"
ctl "$SERVER" apply --stage "$TEST_DIR/next"
like "apply --stage says beside what" "$R" "*staged beside generation 1: 4 in*"
"$SFWCTL" -N "$SERVER" show >"$TEST_DIR/running"
like "what runs is what ran" "$(<"$TEST_DIR/running")" "*in 110 allow udp*"
"$SFWCTL" -N "$SERVER" show --staged >"$TEST_DIR/shown"
like "show --staged shows the other one, with its sets" \
	"$(<"$TEST_DIR/shown")" "*set web = { 80, 81 }*in 105 deny udp*"
"$SFWCTL" check "$TEST_DIR/shown" >/dev/null 2>&1
is "which loads again" "$(($? < 2))" 1
staged "0 0 0" "it has judged nothing yet"

# --- both stateful -----------------------------------------------------------

for f in 4 6; do
	family $f
	what="IPv$F:"
	[[ $F == 6 ]] && ctl "$SERVER" apply --stage "$TEST_DIR/next"
	moved "$SERVER"
	reach timeout "$what it opens no port" "$CLIENT" tcp "$S" 81
	drops "$what what runs drops" "$SERVER" default 1+
	R=$("$SFWCTL" -j -N "$SERVER" status | jq .staged.newly_allowed)
	is "$what what it would have let in is counted" "$((R > 0))" 1

	ctl "$SERVER" apply --stage "$TEST_DIR/next"
	udp 5
	pkt send "$CLIENT" eth0 times 3 ip "$G" \> "$S" "icmp" "$ECHO_REQUEST" id 7
	drops "$what it closes none" "$SERVER"
	staged "8 0 5" "$what what it would have dropped is counted"
	rules "105:5:5 $([[ $F == 6 ]] && echo 121 || echo 120):3:0" "$what and by which of its rules"
	udp 5
	staged "8 0 5" "$what a packet of a connection is no first packet"
	# Not those of a connection that runs either, which go another way.
	peer open run "$CLIENT" tcp "$S" 80
	peer echo run
	staged "9 0 5" "$what one that begins is"
	for i in {1..5}; do
		peer echo run
	done
	staged "9 0 5" "$what what comes on it later is not"
	peer reset run
	ctl "$SERVER" show in --staged -s
	[[ $F == 6 ]] && from="[$G]" || from=$G
	has "$what show --staged -s says it" "$R" \
		" 5 packets, " " bytes, 5 decided otherwise, last "
	has "$what with witnesses" "$R" "# in udp $from:20004 > " \
		"allowed by in 110, staged in 105 would deny it"
	ctl "$SERVER" conns flush
done

# --- the running set changes below it -----------------------------------------

family 4
ctl "$SERVER" add 'in 200 allow tcp to port 9'
like "a rule can be added beside it" "$R" "*generation*"
staged "9 0 5" "it stays"
ctl "$SERVER" apply --confirm=600 "$TEST_DIR/live"
ctl "$SERVER" promote
is "while a commit waits to be confirmed there is no promotion" "$?" 5
staged "9 0 5" "and it is still there"
ctl "$SERVER" confirm

# --- staged stateless ----------------------------------------------------------

ctl "$SERVER" conns flush
sed 's/^/ /;1i mode stateless' "$TEST_DIR/live" >"$TEST_DIR/stateless"
sed -i 's/out allow/out deny/' "$TEST_DIR/stateless"
ctl "$SERVER" apply --stage "$TEST_DIR/stateless"
reach ok "beside a stateless set connections work" "$CLIENT" tcp "$S" 80
R=$("$SFWCTL" -j -N "$SERVER" status | jq '.staged.newly_denied > 0')
is "the replies that it would have dropped are counted" "$R" true
peer open run "$CLIENT" tcp "$S" 80
peer echo run
before=$("$SFWCTL" -j -N "$SERVER" status | jq .staged.judged)
for i in {1..5}; do
	peer echo run
done
R=$("$SFWCTL" -j -N "$SERVER" status | jq ".staged.judged - $before")
is "and each packet of a connection that runs is compared ($R)" "$((R >= 10))" 1
peer reset run
ctl "$SERVER" show --staged -s
has "with witnesses" "$R" "# out tcp $S:80 > $C:" \
	": allowed by its connection, staged out * would deny it"

# --- live stateless, staged stateful -------------------------------------------

cat >"$TEST_DIR/both" <<-END
	mode stateless
	default out allow
	in 100 allow tcp to port 80
	in 110 allow tcp from port 443
END
sfw "$SERVER" <"$TEST_DIR/both"
cat >"$TEST_DIR/stateful" <<-END
	default out allow
	in 100 allow tcp to port 80
END
ctl "$SERVER" apply --stage "$TEST_DIR/stateful"
reach ok "beside a stateful set the stateless one works" \
	"$SERVER" tcp "$U" 443
R=$("$SFWCTL" -j -N "$SERVER" status |
	jq -r '.staged | "\(.judged > 5) \(.newly_allowed) \(.newly_denied)"')
is "what may be a reply is no difference" "$R" "true 0 0"
pkt send "$CLIENT" eth0 ip "$G" \> "$S" tcp 443 \> 22 flags S
R=$("$SFWCTL" -j -N "$SERVER" status | jq -r .staged.newly_denied)
is "IPv4: a request is none" "$R" 0

# --- promotion -------------------------------------------------------------------

sfw "$SERVER" <"$TEST_DIR/live"
udp 4
rule_packets "$SERVER" in:110
before=$R
cat >"$TEST_DIR/next" <<-END
	default out allow
	in 100 allow tcp to port 81
	in 110 allow udp to port 53
	in 120 allow icmp
	in 121 allow icmpv6
END
ctl "$SERVER" apply --stage "$TEST_DIR/next"
pkt send "$CLIENT" eth0 times 2 ip "$G" \> "$S" icmp 8 id 9
ctl "$SERVER" -j promote
like "promote makes it the running one" "$R" '*"generation"*'
staged none "then none is staged"
reach ok "it decides now" "$CLIENT" tcp "$S" 81
reach timeout "in place of what ran" "$CLIENT" tcp "$S" 80
rule_packets "$SERVER" in:110
is "a rule that stays goes on with its counters" "$R" "$before"
rule_packets "$SERVER" in:100
is "the others begin anew" "$((R > 0 && R < 20))" 1
R=$("$SFWCTL" -j -N "$SERVER" show | jq '.rules[0].connections')
is "with the connections that they made" "$R" 1
ctl "$SERVER" apply --stage "$TEST_DIR/live"
ctl "$SERVER" promote --confirm=600
like "promote --confirm waits" "$R" "*confirm*within 600 s*"
ctl "$SERVER" rollback
"$SFWCTL" -N "$SERVER" show in >"$TEST_DIR/running"
like "and can be taken back" "$(<"$TEST_DIR/running")" \
	"*in 100 allow tcp to port 81*"

# --- its end ---------------------------------------------------------------------

ctl "$SERVER" apply --stage "$TEST_DIR/live"
ctl "$SERVER" unstage
like "unstage drops it" "$R" "*dropped*"
staged none "nothing is staged"
ctl "$SERVER" apply --stage "$TEST_DIR/live"
ctl "$SERVER" flush
ctl "$SERVER" show --staged
is "flush drops it as well" "$?" 1
R=$("$SFWCTL" -j -N "$SERVER" show --staged | jq -c '[.staged, .rules]')
is "-j says so in an object" "$R" "[null,[]]"

# What is staged has no place where nothing runs.
sfw "$SERVER" <"$TEST_DIR/live"
ctl "$SERVER" apply --stage "$TEST_DIR/next"
ctl "$SERVER" rollback
ctl "$SERVER" promote
is "rollback to no rule set drops it: nothing to promote" "$?" 5
ctl "$SERVER" apply --confirm=1 "$TEST_DIR/live"
ctl "$SERVER" apply --stage "$TEST_DIR/next"
unloaded() { [[ $("$SFWCTL" -j -N "$SERVER" status | jq .mode) == null ]]; }
wait_for unloaded
ctl "$SERVER" promote
is "so does the kernel when nobody confirms" "$?" 5

# --- replaced under traffic --------------------------------------------------------

sfw "$SERVER" <"$TEST_DIR/live"
peer open busy "$CLIENT" tcp "$S" 80
failed=0
for ((i = 0; i < 8; i++)); do
	udp 50
	ctl "$SERVER" apply --stage "$TEST_DIR/next" || ((failed++))
	peer echo busy
	[[ $R == ok ]] || ((failed++))
done
is "it is replaced under traffic, and nothing is lost" "$failed" 0
drops "nor dropped" "$SERVER"

# A namespace goes with one staged. Not by make_ns: peer would keep it open.
NAMESPACES+=("sfw-staged-$$")
ip netns add "sfw-staged-$$"
sfw "sfw-staged-$$" <"$TEST_DIR/live"
ctl "sfw-staged-$$" apply --stage "$TEST_DIR/next"
ip netns del "sfw-staged-$$"
is "a namespace goes with a set staged" "$?" 0
