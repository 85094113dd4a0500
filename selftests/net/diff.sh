#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC2016 # $WEB is a name in a rule file
#
# What runs against a file: "diff" by lines, "diff --semantic" by traffic, and
# what "check --host" says of a change from stateful to stateless, with the
# connections that are live. That what is foretold of these is so.

. ./lib.sh
plan 43

topology pair
peer listen "$SERVER" tcp 22 443
peer listen "$SERVER" udp 53
peer listen "$CLIENT" tcp 80

# run STATUS NAME ARGS...: sfwctl at the server, its output in $R
run() {
	local want=$1 name=$2 got
	shift 2
	ctl "$SERVER" "$@"
	got=$?
	if [[ $got == "$want" ]]; then
		ok "$name"
	else
		not_ok "$name" "sfwctl $*: exit $got, wanted $want" "$R"
	fi
}

# json NAME WANT JQ: what jq makes of $R
json() { is "$1" "$(jq -rc "$3" <<<"$R" 2>&1)" "$2"; }

rules() { cat >"$TEST_DIR/$1"; } # NAME: a file of rules, from standard input

rules all <<-END
	default in  allow
	default out allow
END
rules stateful <<-'END'
	set WEB = { 443, 8443 }
	default in  deny
	default out deny
	in  100 allow tcp to port $WEB "the web"   # sfw:ignore wide-open
	in  110 allow tcp to port 22
	in  120 allow udp to port 53
	out 100 allow tcp to port 80
END
sed 's/^in  110.*/in  110 allow tcp to port 22 on eth0/; s/^in  120.*//
	$a out 110 deny tcp from port 99' "$TEST_DIR/stateful" >"$TEST_DIR/other"
sed '1i mode stateless' "$TEST_DIR/stateful" >"$TEST_DIR/stateless"
rules repaired <<-'END'
	mode stateless
	set WEB = { 443, 8443 }
	default in  deny
	default out deny
	in  100 allow tcp to port $WEB
	in  110 allow tcp to port 22
	in  120 allow udp to port 53
	in  200 allow tcp from port 80 to port 1024-65535 return
	in  300 allow icmp type 3/4
	in  301 allow icmpv6 type 2
	out 100 allow tcp to port 80
	out 200 allow tcp from port { 22, 443, 8443 } to port 1024-65535 return
	out 210 allow udp from port 53 to port 1024-65535 return
END

# --- nothing runs -----------------------------------------------------------

run 0 "no set: the same as to allow everything, by traffic" \
	diff --semantic "$TEST_DIR/all"
run 1 "no set: a file that denies differs" diff --semantic "$TEST_DIR/stateful"
has "newly denied is what no rule allows" "$R" "newly denied   in " \
	"such as" "by       in:* (allow) before, in:* (deny) now"
is "nothing newly allowed" "${R##*newly allowed*}" "$R"

# --- lines ------------------------------------------------------------------

ctl "$SERVER" apply "$TEST_DIR/stateful"
run 0 "what runs and its file are the same" diff "$TEST_DIR/stateful"
is "nothing is printed then" "$R" ""
run 0 "in JSON, too" -j diff "$TEST_DIR/stateful"
json "with all keys" '[false,[],[]]' '[.differs, .removed, .added]'
run 1 "another file differs" diff "$TEST_DIR/other"
is "in these lines" "$R" "-in 110 allow tcp to port 22
+in 110 allow tcp to port 22 on eth0
-in 120 allow udp to port 53
+out 110 deny tcp from port 99"
run 1 "in JSON, too" -j diff "$TEST_DIR/other"
json "the same lines" '[true,["in 110 allow tcp to port 22","in 120 allow udp to port 53"],2]' \
	'[.differs, .removed, (.added | length)]'
ctl "$SERVER" add in 130 allow tcp to port 99
run 1 "a rule that was added since" diff "$TEST_DIR/stateful"
is "is the line" "$R" "-in 130 allow tcp to port 99"
R=$("$SFWCTL" -N "$SERVER" diff - <"$TEST_DIR/stateful")
is "a file from standard input" "$? $R" "1 -in 130 allow tcp to port 99"
ctl "$SERVER" del in 130
run 1 "a file for the other mode differs" diff "$TEST_DIR/stateless"
is "in that line" "$R" "-mode stateful
+mode stateless"

# --- traffic ----------------------------------------------------------------

run 0 "what runs and its file allow the same" diff --semantic "$TEST_DIR/stateful"
is "which is said" "$R" "the same traffic is allowed"
run 1 "another file does not" diff --semantic "$TEST_DIR/other"
has "names what is denied then, an example and the rules" "$R" \
	"newly denied   in tcp to port 22" "by       in:110 (allow) before, in:* (deny) now" \
	"newly denied   in udp to port 53" "by       in:120 (allow) before, in:* (deny) now"
run 1 "in JSON, too" -j diff --semantic "$TEST_DIR/other"
json "with an example of each" 'in:110 in:* true, in:120 in:* true' \
	'[.denied[] | "\(.was) \(.now) \(.witness | test(":(22|53)\\b"))"] | sort | join(", ")'
run 0 "the other mode is no other traffic" diff --semantic "$TEST_DIR/stateless"
has "but it is said" "$R" "mode stateless, was stateful"

# --- what a change of mode would do ----------------------------------------------

peer open ssh "$CLIENT" tcp "$SERVER4" 22
peer open web "$CLIENT" tcp "$SERVER6" 443
peer open dns "$CLIENT" udp "$SERVER4" 53
peer open out "$SERVER" tcp "$CLIENT4" 80
peer echo dns 10
conns "$SERVER"
is "four connections" "$(grep -o '"protocol"' <<<"$R" | wc -l)" 4

run 1 "check --host of the stateless file" \
	-j check --host --client-ports 1024-65535 "$TEST_DIR/stateless"
json "four rules would get no replies, and all four connections die" \
	"warning a stateful set runs: 4 of 4 connections would die, 4 rules lack replies" \
	'.findings[] | select(.code == "mode-change") | "\(.severity) \(.message)"'
json "these are the rules" "in:100 in:110 in:120 out:100" \
	'[.findings[] | select(.code == "missing-return") | .rule] | join(" ")'
sed 's/22, 443/443/' "$TEST_DIR/repaired" >"$TEST_DIR/no-ssh"
run 1 "of one that misses a way back" \
	-j check --host --client-ports 1024-65535 "$TEST_DIR/no-ssh"
json "one rule, one connection" \
	"a stateful set runs: 1 of 4 connections would die, 1 rules lack replies" \
	'.findings[] | select(.code == "mode-change") | .message'
run 1 "of one that misses none" \
	-j check --host --client-ports 1024-65535 "$TEST_DIR/repaired"
json "there is nothing to say" "" '.findings[] | select(.code == "mode-change") | .code'

moved "$SERVER"
ctl "$SERVER" apply --allow-lockout "$TEST_DIR/no-ssh"
for c in web dns out; do
	peer echo $c wait 5000
	is "after the change $c goes on, as foretold" "$R" ok
done
peer echo ssh wait 300
is "and ssh does not" "$R" timeout
run 1 "a stateless set runs: no change, no finding" \
	-j check --host --client-ports 1024-65535 "$TEST_DIR/stateless"
json "of that kind" "" '.findings[] | select(.code == "mode-change") | .code'

# --- errors -------------------------------------------------------------------

echo "in 1 permit tcp" >"$TEST_DIR/bad"
run 2 "a file with an error is an error, not a difference" diff "$TEST_DIR/bad"
run 2 "one that is not there, too" diff "$TEST_DIR/nothing"
R=$(setpriv --reuid=65534 --regid=65534 --clear-groups "$SFWCTL" diff - <"$TEST_DIR/all" 2>&1)
is "without privilege: exit 4" "$?" 4
ip netns del "$SERVER"
at_exit() { [[ -d /sys/module/sfw ]] || load_module; }
wait_for rmmod sfw
R=$("$SFWCTL" diff "$TEST_DIR/all" 2>&1)
is "without the module: exit 3" "$?" 3
