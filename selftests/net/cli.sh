#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC2016 # $NAME of a rule file is not for the shell
#
# sfwctl against the kernel: what each command answers, by its exit status and
# by its words; that what is shown loads again to the same; that an error
# changes nothing.
. ./lib.sh
plan 88

make_ns ONE TWO

# run STATUS PATTERN NAME ARGS...: sfwctl in ONE exits with STATUS and says
# what matches PATTERN, on either stream; input comes from $IN
IN=/dev/null
run() {
	local want=$1 pattern=$2 name=$3 status
	shift 3
	R=$("$SFWCTL" -N "$ONE" "$@" 2>&1 <"$IN")
	status=$?
	# shellcheck disable=SC2053 # a pattern is wanted
	if [[ $status == "$want" && $R == $pattern ]]; then
		ok "$name"
	else
		not_ok "$name" "sfwctl $*" "exit $status, wanted $want" \
			"said   '$R'" "wanted '$pattern'"
	fi
}

# json NAME WANT JQ ARGS...: what jq makes of the output of sfwctl -j
json() {
	local name=$1 want=$2 jq=$3
	shift 3
	R=$("$SFWCTL" -j -N "$ONE" "$@" 2>&1 | jq -rc "$jq" 2>&1)
	is "$name" "$R" "$want"
}

generation() { # sets GEN to what ONE is at
	local json
	json=$("$SFWCTL" -j -N "$ONE" status)
	[[ $json =~ \"generation\":\ *([0-9]+) ]]
	GEN=${BASH_REMATCH[1]}
}

rules() { # NAME: the text of a rule set, from standard input
	cat >"$TEST_DIR/$1"
}

# --- without a rule set -----------------------------------------------------------

run 0 '*no rule set*' "status says that there is no rule set" status
run 1 '*no rule set*' "show has nothing to show" show
run 1 '*no rule set*' "mode has nothing to say" mode
run 5 '*no rule set*' "mode has nothing to switch" mode stateless
run 5 '*no rule set*' "add has nothing to add to" add in 1 allow any
run 5 '*no rule set*' "del has nothing to delete from" del in 1
run 0 '*' "flush of nothing is done" flush
run 0 '0' "there are no connections" conns count
json "stats are all zero" 0 '[.. | numbers] | add' stats

# --- apply and show ---------------------------------------------------------------

rules full <<'END'
sfw 1
mode stateful
default in  reject log
default out allow
set admins = { 10.0.0.0/8, 2001:db8:10::/48, 192.0.2.1-192.0.2.9, 198.51.100.7 }
set web    = { 80, 443, 8000-8100 }
option max-connections 1000
option timeout udp 10s
option timeout tcp-established 5d
option tcp-pickup off
option tcp-liberal on
option checksum off
option loopback filter
option neighbour-discovery filter
option keep-connections on
in  100 allow tcp  to port $web                              "public web"
in  110 allow tcp  from $admins to port ssh limit 10/m burst 20
in  120 allow icmp type echo-request
in  121 allow icmp type 3/4
in  125 allow icmpv6 type packet-too-big
in  130 deny  any  from 198.51.100.0/24 on eth0 log limit 5/s "abuser"
in  135 reject tcp from !10.0.0.0/8 to !{ 192.0.2.1, 2001:db8::1 } port !25 on !veth*
in  140 allow tcp  flags syn from 10.0.0.0/8 port 1024-65535
in  150 allow tcp  flags established no-state
in  160 allow tcp  flags syn,ack/syn
in  170 allow udp  from $admins return
in  180 allow 47
in  190 allow sctp to port { 5, 7-9 }
in  200 allow 253 from 2001:db8::/32
out 100 deny  tcp  to port 25 "a \"quoted\" word # and a hash, größer"
out 32766 allow any
END
printf '\xef\xbb\xbfsfw 1\r\nin 1 allow tcp to port 22\r\n' >"$TEST_DIR/crlf"

generation
before=$GEN
run 0 '*14 in*2 out*stateful*' "apply loads a file with every clause" \
	apply "$TEST_DIR/full"
generation
is "and makes it one generation" "$GEN" $((before + 1))
"$SFWCTL" -N "$ONE" show >"$TEST_DIR/shown"
"$SFWCTL" -N "$TWO" apply "$TEST_DIR/shown" >/dev/null 2>"$TEST_DIR/err"
is "what show prints loads again" "$? $(< "$TEST_DIR/err")" "0 "
"$SFWCTL" -N "$TWO" show >"$TEST_DIR/again"
is "to the same" "$(< "$TEST_DIR/again")" "$(< "$TEST_DIR/shown")"
one=$("$SFWCTL" -j -N "$ONE" show)
two=$("$SFWCTL" -j -N "$TWO" show)
is "down to every key of -j" "${two/\"generation\":+([ 0-9])/}" \
	"${one/\"generation\":+([ 0-9])/}"
"$SFWCTL" -N "$ONE" show -s >"$TEST_DIR/counted"
"$SFWCTL" -N "$TWO" apply "$TEST_DIR/counted" >/dev/null
"$SFWCTL" -N "$TWO" show >"$TEST_DIR/again"
is "show -s loads again to the same as well" \
	"$(< "$TEST_DIR/again")" "$(< "$TEST_DIR/shown")"
like "it has the counters" "$(< "$TEST_DIR/counted")" '*0 packets*'
run 0 '*in 100 *"public web"*' "show in has the rules in" show in
is "and no rule out" "${R#*out 100}" "$R"
IN=$TEST_DIR/full run 0 '*14 in*' "apply - reads standard input" apply -
run 0 '*' "lines may end in CR LF" apply "$TEST_DIR/crlf"
run 0 '*' "apply -q says nothing when all is well" \
	-q apply "$TEST_DIR/full"
is "nothing at all" "$R" ""

# --- JSON ---------------------------------------------------------------------------

json "show -j: the keys of the set" true \
	'["mode","audit","generation","default_in","default_out","options",
	  "sets","rules"] - keys == []' show
json "show -j: values of the set" 'stateful false reject allow 16' \
	'"\(.mode) \(.audit) \(.default_in) \(.default_out) \(.rules|length)"' \
	show
json "show -j: a rule has its clauses and its counters, no others" \
	'action,bytes,comment,connections,connections_live,direction,last_hit_s,number,packets,protocol,to_port' \
	'.rules[0] | keys | join(",")' show
json "show -j: every clause has its key" true \
	'["from","from_port","to","to_port","interface","type","flags","log",
	  "limit","no_state","return","comment"] -
	 ([.rules[] | keys[]] | unique) == []' show
json "stats -j: the keys" true \
	'["packets","allowed","dropped","drops","connections","events_lost"] -
	 keys == [] and (.connections | ["entries","max","created","evicted",
	 "refused","expired"] - keys == [])' stats
json "stats -j: every reason, no other" \
	'default,invalid_checksum,invalid_flags,invalid_icmp,invalid_window,malformed,no_connection,rate_limit,rule,table_full' \
	'.drops | keys | join(",")' stats
json "status -j: mode, generation and fill" 'stateful 1000' \
	'"\(.mode) \(.connections.max)"' status
json "-p changes the looks only" 'stateful' .mode -p show
run 0 '*mode*stateful*generation*defaults*max-connections 1000*' \
	"status has it all" status

# --- one-rule transactions ------------------------------------------------------------

run 0 '*in 105*' "add" add in 105 allow tcp to port 8443
run 0 '*in 106*' "add with a set and a comment in one word" \
	add 'in 106 allow tcp from $admins to port 23 "old ssh"'
run 5 '*in 105*already*' "add to a number that is taken" add in 105 allow udp
run 2 '*nobody*' "add with a set that is not there" \
	add 'in 107 allow tcp from $nobody'
run 2 '*' "add of what is no rule" add in 107 permit tcp
run 0 '*in 99*' "move to the front" move in 106 99
run 5 '*in 100*already*' "move onto another rule" move in 99 100
run 5 '*in 77*' "move of what is not there" move in 77 78
run 2 '*' "move beyond the numbers" move in 99 32767
run 0 '*in 105*' "del" del in 105
run 5 '*in 105*' "del twice" del in 105
run 2 '*sideways*' "del in no direction" del sideways 1
run 0 '*in 99 allow tcp from $admins to port 23 "old ssh"*in 100 *' \
	"what was moved stands where it belongs" show in

# --- modes ------------------------------------------------------------------------------

run 0 'stateful*' "mode shows it" mode
run 0 '*stateless*' "mode switches it" mode stateless
json "the rules are the same" 'stateless 17' '"\(.mode) \(.rules|length)"' show
run 2 '*' "mode refuses another word" mode sometimes
run 0 '*off*' "audit is off" audit
run 0 '*on*' "audit on" audit on
json "show -j knows" true .audit show
run 0 '*' "mode and audit back" mode stateful
run 0 '*' "audit off" audit off

# --- errors leave everything as it is ------------------------------------------------------

"$SFWCTL" -N "$ONE" show >"$TEST_DIR/before"
generation
before=$GEN
rules bad <<-'END'
	in 100 allow tcp to prt 80
	in 100 allow tcp to port 99999
	default in perhaps
END
run 2 '*bad:1:2*: error: *prt*^*bad:2:2*: error: *99999*^*bad:3:12: error: *perhaps*^*' \
	"all errors of a file at once, with place and caret" \
	apply "$TEST_DIR/bad"
run 2 '*bad:1:2*: error:*' "check says the same" check "$TEST_DIR/bad"
rules twice <<-'END'
	in 100 allow tcp
	in 100 allow udp
END
run 2 '*twice:2:*100*' "a number twice" apply "$TEST_DIR/twice"
run 2 '*' "a file that is not there" apply "$TEST_DIR/nothing"
run 2 '*' "a directory" apply "$TEST_DIR"
run 2 '*' "apply without a file" apply
head -c 3000 /dev/urandom >"$TEST_DIR/noise"
run 2 '*noise:1:*error*' "noise" apply "$TEST_DIR/noise"
run 0 '*' "apply --dry-run says that it would load" \
	apply --dry-run "$TEST_DIR/crlf"
run 5 "*generation $before*" "apply --expect-generation of another" \
	apply --expect-generation $((before + 7)) "$TEST_DIR/crlf"
run 5 "*generation $before*" "a dry run checks the generation, too" \
	apply --dry-run --expect-generation $((before - 1)) "$TEST_DIR/crlf"
run 2 '*' "an unknown command" frobnicate
run 2 '*status*stats*' "an ambiguous command" sta
run 2 '*' "an unknown option" --frobnicate show
"$SFWCTL" -N "$ONE" show >"$TEST_DIR/after"
is "after all these the set is the same" \
	"$(< "$TEST_DIR/after")" "$(< "$TEST_DIR/before")"
generation
is "and so is its generation" "$GEN" "$before"
run 0 '*' "apply --expect-generation of the right one" \
	apply --expect-generation "$before" "$TEST_DIR/crlf"

# --- more rules than plain numbers -----------------------------------------------------------

run 2 '*32767*1 to 32766*' "add has no numbers above 32766" add in 32767 allow any
run 2 '*32767*1 to 32766*' "nor has move" move in 1 32767
{ echo option loopback filter; echo default in allow
  seq -f 'out %.0f allow tcp to port 22' 1 2 65535; } >"$TEST_DIR/many"
run 0 '*32768 out*' "a direction with more rules numbers on" \
	apply "$TEST_DIR/many"
run 0 '*' "one can be added there" add out 65536 allow icmp
run 0 '*' "moved" move out 65536 16777215
run 0 '*' "and deleted" del out 65535
ip -n "$ONE" link set lo up
ip netns exec "$ONE" ping -c 1 -W 5 127.0.0.1 >/dev/null
json "a connection knows the rule that made it" out:16777215 \
	'.connections[].rule' conns
"$SFWCTL" -N "$ONE" show >"$TEST_DIR/shown"
is "all are there" "$(grep -c '^out' "$TEST_DIR/shown")" 32768
run 2 '*in*' "not so in the other direction" add in 40000 allow any
run 0 '*' "such a set is loaded again as it was shown" apply "$TEST_DIR/shown"
generation
before=$GEN

# --- the rest --------------------------------------------------------------------------------

R=$("$SFWCTL" -N no-such-namespace show 2>&1)
is "-N with a namespace that is not there" "$? ${R:+text}" "2 text"
R=$("$SFWCTL" -N "/run/netns/$ONE" show 2>&1)
is "-N takes a path" "$?" 0
R=$("$SFWCTL" conns count 2>&1)
is "without -N it is the namespace of the caller" "$? $R" "0 0"
run 0 '*[0-9]*' "--version" --version
run 0 '*Example*' "--help of a command has an example" apply --help
run 0 '*' "a unique prefix of a command is enough" cou zero
run 0 '*' "flush removes it all" flush
run 1 '*no rule set*' "nothing is left to show" show
generation
is "flush is a generation, too" "$GEN" $((before + 1))
