#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# sfwctl in an ssh session refuses what would cut it: with the rules of a file
# and with one changed rule, by promote, for a session that is in the table or not, seen
# through sudo, and only where the session ends.
# shellcheck disable=SC2016 # $0 and $@ are of another shell
. ./lib.sh
. ./apps_lib.sh
need jq
plan 50

topology pair
peer listen "$SERVER" tcp 22
SSH=

# run STATUS PATTERN NAME ARGS...: sfwctl at SERVER in the session $SSH
run() {
	local want=$1 pattern=$2 name=$3 status
	shift 3
	R=$(SSH_CONNECTION=$SSH "$SFWCTL" -N "$SERVER" "$@" 2>&1)
	status=$?
	# shellcheck disable=SC2053 # a pattern is wanted
	if [[ $status == "$want" && $R == $pattern ]]; then
		ok "$name"
	else
		not_ok "$name" "sfwctl $*" "exit $status, wanted $want" \
			"said   '$R'" "wanted '$pattern'"
	fi
}

rules() { cat >"$TEST_DIR/$1"; }

rules good <<-END
	default out deny
	in 100 allow tcp to port { 22, 80 } on eth0
END
rules web <<-END
	default out deny
	in 100 allow tcp to port 80
END
rules other <<-END
	in 100 allow tcp to port 22 on eth1
END
rules both <<-END
	mode stateless
	in  100 allow tcp to port 22
	out 100 allow tcp from port 22 return
END

for family in 4 6; do
	family $family
	what="IPv$F:"
	SSH="$C 40000 $S 22"
	ctl "$SERVER" flush
	run 5 "*lock-out*'default in'*client*$C*40000*$S*22*--allow-lockout*" \
		"$what a set that leaves ssh out is refused" \
		apply "$TEST_DIR/web"
	run 1 '*no rule set*' "$what and not loaded" show
	run 0 '*' "$what one that has it is loaded" apply "$TEST_DIR/good"
	peer open ssh "$CLIENT" tcp "$S" 22 from 40000
	peer echo ssh
	run 5 "*lock-out*'default in'*" "$what it is refused on another interface" \
		apply "$TEST_DIR/other"
	run 5 '*lock-out*' "$what so is a dry run" \
		apply --dry-run "$TEST_DIR/web"
	run 5 '*lock-out*' "$what so is a set that waits to be confirmed" \
		apply --confirm "$TEST_DIR/web"
	run 5 "*lock-out*'default in'*" "$what so is del" del in 100
	run 5 "*lock-out*'in 90 deny tcp*" "$what so is add" \
		add in 90 deny tcp to port 22
	run 5 "*lock-out*'default out'*server*" "$what so is mode" \
		mode stateless
	run 0 '*' "$what add of something else is not" \
		add in 110 deny tcp to port 22
	run 5 "*lock-out*'in 90 deny tcp to port 22'*" "$what so is move" \
		move in 110 90
	peer echo ssh
	is "$what the session goes on" "$R" ok
	run 0 '*' "$what --allow-lockout insists" \
		move in 110 90 --allow-lockout
	peer echo ssh wait 300
	is "$what and then it is cut" "$R" timeout
	run 0 '*' "$what what is cut already is not refused for that" \
		add in 120 allow tcp to port 443
	run 0 '*' "$what --allow-lockout with a set" \
		apply --allow-lockout "$TEST_DIR/web"
	peer reset ssh
done

# A set that is staged cuts nobody, but when it is promoted.
family 4
SSH="$C 40001 $S 22"
ctl "$SERVER" apply "$TEST_DIR/good"
peer open ssh "$CLIENT" tcp "$S" 22 from 40001
peer echo ssh
run 0 '*' "a set that has ssh is staged" apply --stage "$TEST_DIR/good"
run 0 '*' "and promoted" promote
run 0 '*' "one that leaves it out may be staged" \
	apply --stage "$TEST_DIR/web"
run 5 "*lock-out*'default in'*client*$C*40001*$S*22*--allow-lockout*" \
	"promote of it is refused" promote
run 5 '*lock-out*' "with --confirm as well" promote --confirm
run 0 '*in 100 allow tcp to port 80*' "it is staged as before" show --staged
peer echo ssh
is "the session goes on" "$R" ok
run 0 '*' "promote --allow-lockout insists" promote --allow-lockout
peer echo ssh wait 300
is "and cuts it" "$R" timeout
peer reset ssh

SSH="$C 40000 $S 22"
run 0 '*' "stateless with both halves" apply "$TEST_DIR/both"
run 5 "*lock-out*'default out'*server*" "without one of them it is refused" \
	del out 100
ctl "$SERVER" audit on
run 5 "*lock-out*" "so it is when audit ends" apply "$TEST_DIR/web"
rules audited <<< "audit on"
run 0 '*' "nothing is cut in audit" apply "$TEST_DIR/audited"
run 5 "*lock-out*'default in'*" "but when it ends" audit off

json=$(SSH_CONNECTION=$SSH "$SFWCTL" -j -N "$SERVER" apply "$TEST_DIR/web")
is "-j has it as a finding" "$? $(jq -r '.findings[0] |
	"\(.code) \(.severity) \(.rule)"' <<< "$json")" "5 lock-out error in:*"
SSH="$C 40000 $U 22"
run 0 '*' "a session that ends elsewhere is not ours" apply "$TEST_DIR/web"
SSH="no session"
run 0 '*' "nor is what names none" apply "$TEST_DIR/web"

# What sudo does: the variable is in the shell's environment only.
R=$(SSH_CONNECTION="$C 40000 $S 22" bash -c \
	'env -u SSH_CONNECTION bash -c "\"\$@\"; exit \$?" - "$@"; exit $?' - \
	"$SFWCTL" -N "$SERVER" apply "$TEST_DIR/web" 2>&1)
STATUS=$?
like "the session is seen through sudo" "$STATUS $R" "5 *lock-out*"
