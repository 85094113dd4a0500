#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# sfwctl explain on rule files: what it draws, in which words, and its exit
# status; no module is needed
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"
plan 40

SFWCTL=${SFWCTL:-$TOP/build/sfwctl}
[[ -x $SFWCTL ]] || make -s -C "$TOP" tools >&2 || exit
cd "$TMP" || exit
export NO_COLOR=1

# The line to add names this host's range of ports.
read -r LO HI < /proc/sys/net/ipv4/ip_local_port_range

cat > web.rules <<-'END'
	sfw 1
	mode stateful
	out 110 allow tcp to port { 80, 443 }               "updates"
	in  120 allow tcp from port 443 to port 65000-65535
END
sed 's/stateful/stateless/' web.rules > stateless.rules
OUT_443="out tcp 10.0.0.5:$LO > 93.184.216.34:443"

# explain ARGS...: status in $RC, stdout in $R, stderr in $ERR
explain() {
	R=$("$SFWCTL" explain "$@" 2> err)
	RC=$?
	ERR=$(< err)
}

explain -f web.rules "$OUT_443"
is "stateful, the reply follows: exit 0" "$RC" 0
is "both halves in both modes, the near miss, the result and the line to add" "$R" \
"request  out tcp 10.0.0.5:$LO > 93.184.216.34:443
  out 110  allow tcp to port { 80, 443 }                      match -> allow
reply    in  tcp 93.184.216.34:443 > 10.0.0.5:$LO
  stateful   connection made by out 110                       -> allow
  stateless  in 120 allow tcp from port 443 to port 65000-65535   port $LO is outside
             in *   default                                   -> deny
result   stateful: works     stateless: times out, the reply is dropped
add      in 121 allow tcp from port 443 to port $LO-$HI return"
ADD=$(sed -n 's/^add *//p' <<< "$R")
explain -f stateless.rules "$OUT_443"
is "stateless, the reply is dropped: exit 1" "$RC" 1
(cat stateless.rules; echo "$ADD") > fixed.rules
explain -f fixed.rules "$OUT_443"
is "with the line added it works" "$RC $(tail -n 1 <<< "$R")" \
	"0 result   stateful: works     stateless: works"
explain -f web.rules --mode both "$OUT_443"
is "--mode both asks for both" "$RC" 1
explain -f stateless.rules --mode stateful "$OUT_443"
is "--mode stateful asks for that, whatever the file says" "$RC" 0
is "and shows that" "$(grep -c stateless <<< "$R")$(grep -c 'result   stateful: works$' <<< "$R")" 01
explain -f web.rules --mode stateless "$OUT_443"
is "--mode stateless likewise" "$RC$(grep -c stateful <<< "$R")" 10
explain -f web.rules --expect allow "$OUT_443"
is "--expect allow of what is allowed" "$RC $(tail -n 1 <<< "$R")" "0 expect   allow: yes"
explain -f web.rules --expect deny "$OUT_443"
is "--expect deny of what is allowed" "$RC $(tail -n 1 <<< "$R")" "1 expect   deny: no"
explain -f stateless.rules --expect allow "$OUT_443"
is "--expect is about the request" "$RC" 0
explain -f - "$OUT_443" < web.rules
is "the rules from standard input" "$RC" 0
explain -f web.rules out tcp "10.0.0.5:$LO" ">" 93.184.216.34:443
is "the packet as several words" "$RC" 0
"$SFWCTL" explain -fweb.rules "$OUT_443" > /dev/null
is "the file next to its letter" "$?" 0
explain -f web.rules "out tcp 10.0.0.5:1 > 10.0.0.0/8:443"
is "a packet that is none: exit 2, its place, a caret" "$RC$R $ERR" \
"2 packet:1:22: error: '10.0.0.0/8' is more than one address; a packet has one, such as 10.0.0.0
out tcp 10.0.0.5:1 > 10.0.0.0/8:443
                     ^"
echo 'in 100 alow tcp' > bad.rules
explain -f bad.rules "$OUT_443"
is "a file with an error: exit 2, nothing is explained" "$RC$R" 2

explain -f web.rules 'in tcp 203.0.113.9:5000 > 10.0.0.5:22'
is "a denied request: exit 1" "$RC" 1
is "its reply is never sent" "$(grep -c 'never sent, the request is dropped' <<< "$R")" 2
is "and nothing is proposed" "$(grep -c '^add' <<< "$R")" 0

cat > clauses.rules <<-'END'
	default in reject
	in 10 allow tcp to port 22 limit 5/s
	in 20 allow icmp type echo-request
	in 30 allow icmpv6
	in 40 allow udp to port 53 no-state
	in 50 allow sctp to port 80
	in 60 deny  tcp to port 80
	in 70 allow tcp to port 80
END
packet() { explain -f clauses.rules "$1"; }
packet 'in tcp 203.0.113.9:5000 > 10.0.0.5:22'
is "a limit: within its rate" "$RC $(grep -c 'match within its rate -> allow' <<< "$R")" "0 1"
packet 'in tcp 203.0.113.9:5000 > 10.0.0.5:23'
is "reject: refused" "$RC $(grep -c 'refused, the request is rejected' <<< "$R")" "1 1"
packet 'in tcp 203.0.113.9:5000 > 10.0.0.5:80'
is "a rule that comes too late" \
	"$(sed -n 's/^  in 70  allow tcp to port 80 *//p' <<< "$R")" "would match, but in 60 comes first"
packet 'in icmp 203.0.113.9 > 10.0.0.5'
is "ping and its reply" "$RC $(grep '^re[qp]' <<< "$R" | tr '\n' ' ')" \
	"0 request  in  icmp 203.0.113.9 > 10.0.0.5 type echo-request reply    out icmp 10.0.0.5 > 203.0.113.9 type echo-reply "
is "stateless it needs a rule for the reply" "$(sed -n 's/^add *//p' <<< "$R")" \
	"out 100 allow icmp type echo-reply return"
packet 'in icmpv6 2001:db8::9 > 2001:db8::5'
is "ping of IPv6" "$(sed -n 's/^add *//p' <<< "$R")" \
	"out 100 allow icmpv6 type echo-reply return"
packet 'in icmpv6 fe80::9 > ff02::1 type router-advertisement'
is "neighbour discovery passes" "$RC $(grep -c 'neighbour discovery' <<< "$R")" "0 1"
packet 'in icmp 203.0.113.9 > 10.0.0.5 type port-unreachable'
is "an error about no connection" "$RC $(grep -c 'invalid_icmp' <<< "$R")" "1 1"
packet 'in udp 203.0.113.9:5000 > 10.0.0.5:53'
is "no-state: the reply is dropped in stateful mode, too" \
	"$RC $(sed -n 's/^add *//p' <<< "$R")" \
	"1 out 100 allow udp from port 53 to port 1024-65535 no-state return"
packet 'in sctp 203.0.113.9:5000 > 10.0.0.5:80'
is "SCTP" "$RC" 0
packet 'out tcp 127.0.0.1:5000 > 127.0.0.1:80'
is "loopback is not filtered" "$RC $(grep -c 'loopback is not filtered' <<< "$R")" "0 2"
packet 'in tcp 203.0.113.9:5000 > 10.0.0.5:22 flags syn,fin'
is "flags that no host sends" "$RC $(grep -c 'invalid_flags' <<< "$R")" "1 1"
(echo 'audit on'; cat clauses.rules) > audit.rules
explain -f audit.rules 'in tcp 203.0.113.9:5000 > 10.0.0.5:23'
is "audit: what the rules say, and that nothing is dropped" \
	"$RC $(grep -c '^audit    on: nothing is dropped' <<< "$R")" "1 1"
explain -f clauses.rules 'in udp 203.0.113.9:5000 > 10.0.0.5:53 on eth0' --forwarded=eth1
is "--forwarded: the reply comes in through the other interface" \
	"$(sed -n 's/^add *//p;s/^reply *//p' <<< "$R")" \
	"in  udp 10.0.0.5:53 > 203.0.113.9:5000 on eth1
in 71 allow udp from port 53 to port 1024-65535 no-state return"

cat > server.rules <<-'END'
	mode stateless
	in 100 allow tcp to port 443
END
explain -f web.rules --both-ends "$OUT_443"
is "--both-ends: out here is in there" \
	"$(grep -cE '^  stateful  request  out 110 +allow +-->  in' <<< "$R")$(grep -cE 'reply +in +\* +deny +<--  out' <<< "$R")" 11
explain -f web.rules --peer server.rules "$OUT_443"
is "--peer: the other end has to let both pass, too" "$RC" 1
is "the reply dies there" "$(grep -cE 'reply +in +connection of out 110 +<--  out connection of in 100' <<< "$R")$(grep -cE 'reply +in .* x +out \*' <<< "$R")" 11
echo "out 110 allow tcp from port 443 return" >> server.rules
explain -f web.rules --peer server.rules "$OUT_443"
is "with its return rule it passes" "$RC" 0

JSON=$("$SFWCTL" -j explain -f web.rules "$OUT_443")
is "-j: keys and values" "$(python3 -c '
import json, sys
x = json.load(sys.stdin)
print(x["request"]["packet"], x["reply"]["packet"], sep="; ")
print([(s["rule"], s["match"], s["field"]) for s in x["request"]["steps"]])
print([(s["rule"], s["match"], s["field"]) for s in x["reply"]["steps"]])
for m in "stateful", "stateless": print(x[m]["works"], x[m]["verdict"])
print(x["add"])' <<< "$JSON")" "out tcp 10.0.0.5:$LO > 93.184.216.34:443; in tcp 93.184.216.34:443 > 10.0.0.5:$LO flags syn,ack
[('out:110', True, None)]
[('in:120', False, 'to_port'), ('in:*', True, None)]
True works
False times out, the reply is dropped
['in 121 allow tcp from port 443 to port $LO-$HI return']"

for ((i = 1; i <= 10000; i++)); do
	echo "in $i allow tcp from 198.51.100.0/24 to port $i"
done > many.rules
explain -f many.rules 'in tcp 203.0.113.9:5000 > 10.0.0.5:22'
is "10,000 rules are a handful of lines" "$(($(wc -l <<< "$R") < 12))" 1
is "the one that nearly matched among them" "$(grep -c '^  in 22 .*source 203.0.113.9 is outside' <<< "$R")" 1
