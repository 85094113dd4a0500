#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# sfwctl check: every finding where it belongs and not where it does not, what
# it says, and that the lines it proposes help
# shellcheck source-path=SCRIPTDIR disable=SC2016 # $web is a set
. "$(dirname "$0")/lib.sh"
plan 103

SFWCTL=${SFWCTL:-$TOP/build/sfwctl}
[[ -x $SFWCTL ]] || make -s -C "$TOP" tools >&2 || exit
cd "$TMP" || exit
unset NO_COLOR
PORTS=(--client-ports 32768-60999)

# findings ARGS...: "CODE RULE SEVERITY" of each in $FOUND, JSON in out
findings() {
	"$SFWCTL" -j check "$@" > out 2> err < /dev/null
	RC=$?
	FOUND=$(jq -r '.findings[] | "\(.code) \(.rule) \(.severity)"' out)
}

# has NAME LINE LINES...: a file of these lines has this finding
has() {
	local name=$1 want=$2
	shift 2
	printf '%s\n' "$@" > has.rules
	findings "${PORTS[@]}" has.rules
	if grep -qxF -- "$want" <<< "$FOUND"; then
		ok "$name"
	else
		not_ok "$name" "no '$want' in"$'\n'"$FOUND"$'\n'"$(< err)"
	fi
}

# hasnt NAME CODE LINES...: a file of these lines has no such finding
hasnt() {
	local name=$1 code=$2
	shift 2
	printf '%s\n' "$@" > has.rules
	findings "${PORTS[@]}" has.rules
	if [[ $RC -gt 1 ]]; then
		not_ok "$name" "$(< err)"
	elif grep -q "^$code " <<< "$FOUND"; then
		not_ok "$name" "$FOUND"
	else
		ok "$name"
	fi
}

# field CODE KEY: of the first finding with this code in out
field() { jq -r --arg c "$1" "[.findings[] | select(.code == \$c)][0] | .$2" out; }

# --- order -------------------------------------------------------------------

has "shadowed: an earlier rule takes all of it" "shadowed in:20 warning" \
	'in 10 allow tcp to port 443' 'in 20 deny tcp from 10.0.0.0/8 to port 443'
is "names the rule that does" "$(field shadowed 'blocked_by | join(" ")')" in:10
is "and a packet" "$(field shadowed witness)" "in tcp 10.0.0.1:49152 > 192.0.2.1:443"
is "and file and line" "$(field shadowed 'file + ":" + (.line | tostring)')" has.rules:2
has "shadowed by two together" "shadowed in:30 warning" \
	'in 10 deny tcp from 10.0.0.0/9' 'in 20 deny tcp from 10.128.0.0/9' \
	'in 30 allow tcp from 10.0.0.0/8 to port 443'
is "names both" "$(field shadowed 'blocked_by | join(" ")')" "in:10 in:20"
hasnt "not shadowed: one address is left" shadowed \
	'in 10 deny tcp from 10.0.0.0-10.255.255.254' \
	'in 30 allow tcp from 10.0.0.0/8 to port 443'
hasnt "not shadowed: beyond the rate packets go on" shadowed \
	'in 10 allow tcp to port 443 limit 5/s' 'in 20 deny tcp to port 443'
has "redundant: an earlier rule says the same" "redundant in:20 note" \
	'in 10 allow tcp to port 443' 'in 20 allow tcp from 10.0.0.0/8 to port 443'
is "names it and a packet" "$(field redundant 'blocked_by[0] + " " + .witness')" \
	"in:10 in tcp 10.0.0.1:49152 > 192.0.2.1:443"
has "redundant: the default says the same" "redundant in:20 note" \
	'in 20 deny tcp to port 23'
is "names it and a packet" "$(field redundant 'blocked_by[0] + " " + .witness')" \
	"in:* in tcp 203.0.113.9:49152 > 192.0.2.1:23"
hasnt "not redundant: a rule in between says otherwise" redundant \
	'in 10 deny tcp from 10.0.0.1 to port 443' \
	'in 20 allow tcp from 10.0.0.0/8 to port 443'
hasnt "not redundant: the log would be missed" redundant 'in 20 deny tcp to port 23 log'
has "never-matches: no family in common" "never-matches in:10 warning" \
	'in 10 allow tcp from 10.0.0.0/8 to 2001:db8::/32'
has "never-matches: all but everything" "never-matches in:10 warning" \
	'in 10 allow tcp from !0.0.0.0/0'
hasnt "not never-matches: mixed lists" never-matches \
	'in 10 allow tcp from { 10.0.0.0/8, 2001:db8::/32 } to 2001:db8::/32 port 443'
has "correlated: an earlier rule says otherwise about some of it" "correlated in:20 note" \
	'in 10 allow tcp to port 443' 'in 20 deny any from 198.51.100.0/24'
is "with a packet that both match" "$(field correlated witness)" \
	"in tcp 198.51.100.9:49152 > 192.0.2.1:443"
hasnt "not correlated: they do not meet" correlated \
	'in 10 allow tcp to port 443' 'in 20 deny udp from 198.51.100.0/24'

# --- ways back -----------------------------------------------------------------

MTU=('in 1 allow icmp type 3/4' 'in 2 allow icmpv6 type 2')
OUT443=('mode stateless' "${MTU[@]}" 'out 100 allow tcp to port 443')

has "missing-return: all replies are dropped" "missing-return out:100 error" "${OUT443[@]}"
is "exit 1" "$RC" 1
is "100 percent" "$(field missing-return percent)" "100"
is "by the default" "$(field missing-return 'blocked_by | join(" ")')" 'in:*'
is "the request" "$(field missing-return witness)" "out tcp 192.0.2.1:32768 > 203.0.113.9:443"
is "the line to add" "$(field missing-return add)" \
	"in 3 allow tcp from port 443 to port 32768-60999 return"
check "has the keys of the language and no others" \
	jq -e 'all(.findings[]; keys == (["code", "severity", "file", "line", "rule",
		"message", "percent", "witness", "blocked_by", "add"] | sort))' out
hasnt "not with that line" missing-return "${OUT443[@]}" "$(field missing-return add)"
has "some replies are dropped: a warning" "missing-return out:100 warning" "${OUT443[@]}" \
	'in 100 allow tcp from port 443 to port 49152-65535 return'
is "16384 of 28232 ports" "$(jq '.findings[] | .percent * 28232 / 100 | round' out)" 16384
is "the first port" "$(field missing-return witness)" "out tcp 192.0.2.1:32768 > 203.0.113.9:443"
is "the narrowest line" "$(field missing-return add)" \
	"in 101 allow tcp from port 443 to port 32768-49151 return"
hasnt "not with that line either" missing-return "${OUT443[@]}" \
	'in 100 allow tcp from port 443 to port 49152-65535 return' "$(field missing-return add)"
has "a rule takes the reply" "missing-return out:100 error" "${OUT443[@]}" \
	'in 90 deny tcp from port 443' 'in 100 allow tcp to port 1024-65535 return'
is "it is named" "$(field missing-return 'blocked_by | join(" ")')" in:90
is "the line stands before it" "$(field missing-return add)" \
	"in 89 allow tcp from port 443 to port 32768-60999 return"
hasnt "not with that line" missing-return "${OUT443[@]}" "$(field missing-return add)" \
	'in 90 deny tcp from port 443' 'in 100 allow tcp to port 1024-65535 return'
has "no number is free before it" "missing-return out:100 error" \
	'mode stateless' 'out 100 allow tcp to port 443' 'in 1 deny any'
is "so nothing is proposed" "$(field missing-return add)" null
has "who comes in has other ports" "missing-return in:100 error" \
	'mode stateless' "${MTU[@]}" 'set web = { 80, 443 }' 'in 100 allow tcp to port $web'
PORTS=()
findings has.rules
is "and the set stays a set" "$(field missing-return add)" \
	'out 100 allow tcp from port $web to port 1024-65535 return'
PORTS=(--client-ports 32768-60999)
has "ping" "missing-return out:100 error" 'mode stateless' "${MTU[@]}" \
	'out 100 allow icmp type echo-request'
is "its line" "$(field missing-return add)" "in 3 allow icmp type echo-reply return"
has "one family of two: a warning" "missing-return out:100 warning" "${OUT443[@]}" \
	'in 100 allow tcp from 0.0.0.0/0 port 443 to port 1024-65535 return'
is "and the line is for the other" "$(field missing-return add)" \
	"in 101 allow tcp from ::/0 port 443 to port 32768-60999 return"
has "a SYN/ACK that the flags keep out" "missing-return out:100 error" "${OUT443[@]}" \
	'in 100 allow tcp from port 443 flags syn,ack/ack return'
hasnt "established lets all replies in" missing-return "${OUT443[@]}" \
	'in 100 allow tcp flags established return'
hasnt "stateful: replies need no rule" missing-return 'out 100 allow tcp to port 443'
hasnt "nobody asks for the reply to a reply" missing-return 'mode stateless' \
	'in 100 allow tcp to port 1024-65535 return' 'out 100 deny any'
has "orphan-return: nothing is asked" "orphan-return in:100 note" 'mode stateless' \
	'in 100 allow tcp from port 443 to port 1024-65535 return' 'out 100 allow tcp to port 80'
hasnt "not an orphan: one address is asked" orphan-return 'mode stateless' \
	'in 100 allow tcp from port 443 to port 1024-65535 return' \
	'out 100 allow tcp to 192.0.2.9 port 443'
# A router: what it forwards comes in, request and reply.
ROUTER=('mode stateless' 'in 100 allow tcp to port 80 on eth0')
has "without a reply rule it is the host's own request" \
	"missing-return in:100 error" "${ROUTER[@]}"
hasnt "forwarded: the reply comes in by another interface" missing-return \
	"${ROUTER[@]}" 'in 110 allow tcp from port 80 on eth1 return'
hasnt "and its rule is no orphan" orphan-return \
	"${ROUTER[@]}" 'in 110 allow tcp from port 80 on eth1 return'
has "forwarded: some of the replies do" "missing-return in:100 warning" \
	"${ROUTER[@]}" 'in 110 allow tcp from port 80 to port 1024-40000 on eth1 return'
has "not if they answer what this host asks there" "missing-return in:100 error" \
	"${ROUTER[@]}" 'in 110 allow tcp from port 80 on eth1 return' \
	'out 100 allow tcp to port 80 on eth1'
has "nor by the same interface" "missing-return in:100 error" \
	"${ROUTER[@]}" 'in 110 allow tcp from port 80 on eth0 return'
printf '%s\n' 'mode stateless' 'in 100 allow tcp to port 80' \
	'in 110 allow tcp from port 80 return' > router.rules
findings "${PORTS[@]}" router.rules
is "without interfaces nobody knows" \
	"$(grep -c '^missing-return in:100 error' <<< "$FOUND")" 1
findings "${PORTS[@]}" --forwarded router.rules
is "but who says so: --forwarded" "$(grep -c return <<< "$FOUND")" 0
printf '%s\n' 'out 100 allow tcp to port 443' > change.rules
findings "${PORTS[@]}" --mode stateless change.rules
is "mode-change: what a stateful set would miss" \
	"$(grep -c '^mode-change out:100 warning' <<< "$FOUND")" 1
findings "${PORTS[@]}" change.rules
is "not unless it is asked for" "$FOUND" ""

# --- what is open ------------------------------------------------------------------

has "wide-open: ssh" "wide-open in:10 warning" 'in 10 allow tcp to port 22'
has "wide-open: every port" "wide-open in:10 warning" 'in 10 allow any from 0.0.0.0/0'
has "wide-open: the default" "wide-open in:* warning" 'default in allow' \
	'in 10 deny tcp from 198.51.100.0/24'
hasnt "not wide-open: closed before" wide-open 'default in allow' 'in 10 deny any'
hasnt "not wide-open: from a network" wide-open 'in 10 allow tcp from 10.0.0.0/8 to port 22'
has "family-gap: IPv4 only" "family-gap in:10 warning" 'in 10 allow tcp from 0.0.0.0/0 to port 443'
is "the line for IPv6" "$(field family-gap add)" "in 11 allow tcp from ::/0 to port 443"
hasnt "not with that line" family-gap 'in 10 allow tcp from 0.0.0.0/0 to port 443' \
	"$(field family-gap add)"
has "icmp-basics: stateless without path MTU" "icmp-basics in:* warning" "${OUT443[@]:0:1}" \
	"${OUT443[@]:3}"
hasnt "not with them" icmp-basics "${OUT443[@]}"

# --- how ------------------------------------------------------------------------

hasnt "# sfw:ignore silences the code" wide-open 'in 10 allow tcp to port 22 # sfw:ignore wide-open'
hasnt "also at a default" icmp-basics 'mode stateless' 'default in deny # sfw:ignore icmp-basics' \
	'in 10 allow tcp to port 443'
printf '%s\n' 'mode stateless' 'default in deny' 'in 10 allow tcp to port 443 # sfw:ignore missing-return' > def.rules
"$SFWCTL" check def.rules > out
is "what is about a default has the place where it is written" "$(grep -A1 icmp-basics out)" \
"def.rules:2: warning: in *: path-MTU messages (ICMP 3/4) are dropped: large packets vanish on the way [icmp-basics]
    default in deny
--
def.rules:2: warning: in *: path-MTU messages (ICMPv6 2) are dropped: large packets vanish on the way [icmp-basics]
    default in deny"
is "with -j, too" "$("$SFWCTL" -j check def.rules | jq -c '[.findings[] | [.line, .rule]] | unique')" '[[2,"in:*"]]'
"$SFWCTL" check "${PORTS[@]}" has.rules > out 2> err
printf '%s\n' "${OUT443[@]}" > text.rules
"$SFWCTL" check "${PORTS[@]}" text.rules > out 2> err
is "for people: headline, rule, request, reply, who drops it, and the line" "$(< out)" \
"text.rules:4: error: out 100: every connection times out: all replies are dropped [missing-return]
    out 100 allow tcp to port 443
    request     out tcp 192.0.2.1:32768 > 203.0.113.9:443
    reply       in tcp 203.0.113.9:443 > 192.0.2.1:32768 flags syn,ack
    dropped by  in *, the default: deny
    add         in 3 allow tcp from port 443 to port 32768-60999 return
text.rules: 3 rules, 1 error, 0 warnings, 0 notes"
is "and explain says the same of that request" \
	"$("$SFWCTL" explain -f text.rules --mode stateless \
		'out tcp 192.0.2.1:32768 > 203.0.113.9:443' > /dev/null 2>&1; echo $?)" 1

# --- --host --------------------------------------------------------------------

cat > listen.py <<-'END'
	import socket, sys, time
	s = socket.socket()
	s.bind(("0.0.0.0", 0))
	s.listen()
	u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
	u.bind(("127.0.0.1", 0))
	print(s.getsockname()[1], u.getsockname()[1], flush=True)
	time.sleep(60)
END
exec {from}< <(exec python3 listen.py)
LISTENER=$!
at_exit() { kill "$LISTENER" 2> /dev/null; }
read -r TCP UDP <&"$from"
# host NAME CODE YES LINES...: with --host there is such a finding, or none
host() {
	local name=$1 code=$2 want=$3 got=no
	shift 3
	printf '%s\n' "$@" > host.rules
	SSH_CONNECTION='' findings --host host.rules
	! grep -q "^$code " <<< "$FOUND" || got=yes
	is "$name" "$got" "$want"
}
host "exposed-listener: only a return rule opens it" exposed-listener yes \
	"in 10 allow tcp from port 443 to port $TCP return"
is "with a packet that gets there" "$(field exposed-listener witness)" \
	"in tcp 203.0.113.9:443 > 192.0.2.1:$TCP"
host "not if another rule opens it, too" exposed-listener no \
	"in 5 allow tcp to port $TCP" "in 10 allow tcp from port 443 to port $TCP return"
host "not if no connection can begin" exposed-listener no \
	"in 10 allow tcp from port 443 to port $TCP flags established return"
host "not if it listens on loopback only" exposed-listener no \
	"in 10 allow udp to 127.0.0.1 port $UDP return"
host "an interface that is not here" never-matches yes "in 10 allow tcp to port 443 on nope0"
host "one that is, and one that may come" never-matches no "in 10 allow tcp to port 443 on l*" \
	"in 11 allow udp to port 443 on !nope0"
host "table-size: more than there is memory for" table-size yes "option max-connections 4000000000"
host "table-size: what fits" table-size no "option max-connections 10000"
findings listen.py --host
is "a file that does not parse: exit 2" "$RC" 2

# --- derive ---------------------------------------------------------------------

cat > web.rules <<-'END'
	set web = { 80, 443 }
	in  100 allow tcp to port $web
	out 100 allow tcp to port 443
	out 110 allow udp to 192.0.2.53 port 53
	out 120 allow icmp type echo-request
END
"$SFWCTL" derive stateless "${PORTS[@]}" web.rules > stateless.rules 2> err
is "derive stateless" "$?$(< err)" 0
is "adds the narrowest rules for replies" "$(grep 'replies' stateless.rules)" \
'in 101 allow tcp from port 443 to port 32768-60999 flags established return "replies to out 100"
in 102 allow udp from 192.0.2.53 port 53 to port 32768-60999 return "replies to out 110"
in 103 allow icmp type echo-reply return "replies to out 120"
out 121 allow tcp from port $web to port 32768-60999 flags established return "replies to in 100"'
is "says what a rule opens: 2^32 clients, 28232 ports" \
	"$("$SFWCTL" -j derive stateless "${PORTS[@]}" web.rules |
		jq '.added[] | select(.rule | startswith("in 102")) | .tuples_ipv4')" \
	$((28232 * 4294967296))
findings "${PORTS[@]}" stateless.rules
is "check finds nothing wrong with it" "$RC$FOUND" 0
"$SFWCTL" derive stateful stateless.rules > back.rules 2> err
is "derive stateful of that" "$?$(< err)" 0
is "is the first one again" "$("$SFWCTL" diff web.rules back.rules)" ""
cat > wide.rules <<-'END'
	mode stateless
	in  100 allow tcp to port 1024-65535 return
	out 100 allow tcp to port 443
END
"$SFWCTL" derive stateful wide.rules > kept.rules
is "a return rule that lets in more stays, with a packet that is no reply" \
	"$(grep -c '^in 100 allow' kept.rules) $(grep -A1 '^# kept' kept.rules | sed -n 's/.*no reply: //p')" \
	"1 in tcp 203.0.113.9:49152 > 192.0.2.1:1024"
"$SFWCTL" derive stateless stateless.rules > out 2> err
is "there is nothing to derive from the same mode: exit 2" "$?" 2

# --- diff -----------------------------------------------------------------------

cat > old.rules <<-'END'
	in 100 allow tcp to port { 80, 443 }
	in 110 allow tcp from 10.0.0.0/8 to port 22
END
cat > new.rules <<-'END'
	default in reject
	in 100 allow tcp to port { 80, 443 }
	in 110 allow tcp from 10.0.0.0/9 to port 22
	in 115 allow udp to port 443
END
"$SFWCTL" diff old.rules new.rules > out
is "diff: exit 1 if they differ" "$?" 1
is "line by line, rules by number" "$(< out)" \
"-default in deny
+default in reject
-in 110 allow tcp from 10.0.0.0/8 to port 22
+in 110 allow tcp from 10.0.0.0/9 to port 22
+in 115 allow udp to port 443"
sed 's/22$/22 # sfw:ignore wide-open/' old.rules > noted.rules
is "what only check reads is no difference" "$("$SFWCTL" diff old.rules noted.rules)" ""
"$SFWCTL" diff --semantic old.rules new.rules > out
is "diff --semantic: exit 1 if they do" "$?" 1
is "the traffic, a packet, and who decides" "$(< out)" \
"newly allowed  in udp to port 443
    such as  in udp 203.0.113.9:49152 > 192.0.2.1:443
    by       in:* (deny) before, in:115 (allow) now
newly denied   in tcp from 10.128.0.0/9 to port 22
    such as  in tcp 10.128.0.1:49152 > 192.0.2.1:22
    by       in:110 (allow) before, in:* (reject) now"
cat > same.rules <<-'END'
	in 90 allow tcp to port 80
	in 91 allow tcp to port 443
	in 95 deny udp
	in 110 allow tcp from { 10.0.0.0/9, 10.128.0.0/9 } to port 22
END
"$SFWCTL" diff --semantic old.rules same.rules > out
is "the same in other words: exit 0" "$?$(< out)" "0the same traffic is allowed"
is "diff -j --semantic" "$("$SFWCTL" -j diff --semantic old.rules new.rules |
	jq -r '.differs, (.allowed + .denied | .[] | "\(.direction) \(.traffic) \(.was) \(.now)")')" \
"true
in udp to port 443 in:* in:115
in tcp from 10.128.0.0/9 to port 22 in:110 in:*"
cp old.rules copy.rules
"$SFWCTL" diff old.rules - < copy.rules > out
is "with itself, from standard input: exit 0 and nothing" "$?$(< out)" 0
