#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# sfwctl test and apply --test on files of expectations, and those of the
# examples; no module is needed
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"
EXPECTS=("$TOP"/tools/examples/*.expect)
plan $((21 + ${#EXPECTS[@]}))

SFWCTL=${SFWCTL:-$TOP/build/sfwctl}
[[ -x $SFWCTL ]] || make -s -C "$TOP" tools >&2 || exit
cd "$TMP" || exit

cat > web.rules <<-'END'
	in 100 allow tcp to port 443 "our web site"
	in 110 reject tcp to port 25
	in 120 deny tcp
	in 130 allow tcp to port 22
	out 100 allow udp to port 53 on eth0
END
cat > good.expect <<-'END'
	# a comment

	expect allow in tcp 203.0.113.9:5000 > 192.0.2.1:443   # and another
	expect deny in tcp 203.0.113.9:5000 > 192.0.2.1:22
	expect deny in tcp [2001:db8::9]:5000 > [2001:db8::1]:25
	expect reject in tcp 203.0.113.9:5000 > 192.0.2.1:25
	expect allow out udp 192.0.2.1:5000 > 192.0.2.53:53 on eth0
	expect deny out udp 192.0.2.1:5000 > 192.0.2.53:53 on eth1
END
cat > bad.expect <<-'END'
	expect allow in tcp 203.0.113.9:5000 > 192.0.2.1:443
	expect allow in tcp 203.0.113.9:5000 > 192.0.2.1:22
	expect reject out udp 192.0.2.1:5000 > 192.0.2.53:53 on eth1
END

# ctl ARGS...: status in $RC, stdout in $R, stderr in $ERR
ctl() {
	R=$("$SFWCTL" "$@" 2> err)
	RC=$?
	ERR=$(< err)
}

ctl test good.expect -f web.rules
is "all are met: exit 0" "$RC" 0
is "as TAP, with the place and what decided" "$(head -n 4 <<< "$R")" \
"TAP version 13
1..6
ok 1 - good.expect:3: allow in tcp 203.0.113.9:5000 > 192.0.2.1:443
#   by in 100 allow tcp to port 443 \"our web site\""
is "a number for each" "$(grep -c '^ok' <<< "$R")" 6
is "the interface counts" "$(tail -n 1 <<< "$R")" "#   by default out: deny"
ctl test bad.expect -f web.rules
is "not all are met: exit 1" "$RC" 1
is "which, and what decided instead" "$(grep -A 1 '^not ok' <<< "$R")" \
"not ok 2 - bad.expect:2: allow in tcp 203.0.113.9:5000 > 192.0.2.1:22
#   by in 120 deny tcp
not ok 3 - bad.expect:3: reject out udp 192.0.2.1:5000 > 192.0.2.53:53 on eth1
#   by default out: deny"
R=$("$SFWCTL" test - -f web.rules < good.expect)
is "from standard input" "$?" 0
ctl -j test bad.expect -f web.rules
is "-j: exit 1" "$RC" 1
is "one object for each, and the sums" "$(python3 -c '
import json, sys
x = json.load(sys.stdin)
for t in x["tests"]: print(t["line"], t["expect"], t["ok"], t["action"], t["rule"])
print(x["passed"], x["failed"])' <<< "$R")" \
"1 allow True allow in:100
2 allow False deny in:120
3 reject False deny out:*
1 2"

(echo "mode stateless"; cat web.rules) > stateless.rules
echo "expect allow in tcp 203.0.113.9:5000 > 192.0.2.1:443 flags syn,fin" > flags.expect
ctl test flags.expect -f web.rules
is "in the mode of the set: no host sends this" "$RC $(tail -n 1 <<< "$R")" \
	"1 #   deny: no host sends such flags or chunks: invalid_flags"
ctl test flags.expect -f stateless.rules
is "which a stateless list does not ask" "$RC" 0

cat > wrong.expect <<-'END'
	expect alow in tcp 203.0.113.9:5000 > 192.0.2.1:443
	in tcp 203.0.113.9:5000 > 192.0.2.1:443
	expect allow in tcp 203.0.113.9:5000 > 192.0.2.1:443 to port 3
END
ctl test wrong.expect -f web.rules
is "errors in the file: exit 2, and nothing else" "$RC$R" 2
is "all of them, each with its place" \
	"$(grep -o '^wrong.expect:[0-9:]* error' <<< "$ERR" | tr '\n' ' ')" \
	"wrong.expect:1:8: error wrong.expect:2:1: error wrong.expect:3:54: error "
is "a misspelt word" "$(grep -c "did you mean 'allow'" <<< "$ERR")" 1
echo "# nothing" > empty.expect
ctl test empty.expect -f web.rules
is "a file without expectations proves nothing: exit 2" "$RC$R" 2
ctl test nothing.expect -f web.rules
is "no such file: exit 2" "$RC$R" 2
ctl test good.expect -f wrong.expect
is "rules with an error: exit 2" "$RC$R" 2

ctl apply web.rules --test bad.expect
is "apply --test: exit 1, before the module is looked for" "$RC" 1
is "says which are not met, what decided, and that nothing is changed" "$ERR" \
"sfwctl: not met: bad.expect:2: allow in tcp 203.0.113.9:5000 > 192.0.2.1:22
    by in 120 deny tcp
sfwctl: not met: bad.expect:3: reject out udp 192.0.2.1:5000 > 192.0.2.53:53 on eth1
    by default out: deny
sfwctl: 2 of 3 expectations of bad.expect are not met: nothing is changed"
ctl apply web.rules --test wrong.expect
is "apply --test with a file that has errors: exit 2" "$RC" 2

for file in "${EXPECTS[@]}"; do
	check "${file##*/}: its rules do that" \
		"$SFWCTL" test "$file" -f "${file%.expect}.rules"
done
ctl test "$TOP/tools/examples/web-stateless.expect" -f "$TOP/tools/examples/web-stateless-broken.rules"
is "the forgotten half of each connection is found" "$RC $(grep -c '^not ok' <<< "$R")" "1 2"
