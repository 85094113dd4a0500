#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Who may: root of the user namespace that owns a network namespace, and nobody
# else. Everybody else is told so, with exit 4.
. ./lib.sh
plan 17

make_ns HOST
chmod 755 "$TEST_DIR"
cp "$SFWCTL" "$TEST_DIR/sfwctl"
chmod 755 "$TEST_DIR/sfwctl"
tool=$TEST_DIR/sfwctl
cat >"$TEST_DIR/rules" <<-END
	sfw 1
	option loopback filter
	default in  allow
	default out allow
	out 100 deny udp to port 81
END
chmod 644 "$TEST_DIR/rules"
sfw "$HOST" <"$TEST_DIR/rules"
ctl "$HOST" show
set_before=$R

# as_nobody COMMAND...: in HOST, without any right; output in $R
as_nobody() {
	R=$(ip netns exec "$HOST" setpriv --reuid=65534 --regid=65534 \
		--clear-groups "$@" 2>&1)
}

# The exit status of each command of sfwctl that speaks with the kernel.
cat >"$TEST_DIR/try" <<-END
	for words in status show stats conns "conns count" "conns flush" \
		"conns kill proto tcp" mode "mode stateless" audit "audit on" \
		"add in 1 deny any" "del out 100" "move out 100 1" flush \
		"counters zero" "apply $TEST_DIR/rules"; do
		$tool \$words >/dev/null 2>&1
		echo "\$words \$?"
	done
END
chmod 644 "$TEST_DIR/try"
refused=$(sed "s/.*/& 4/" <<-END
	status
	show
	stats
	conns
	conns count
	conns flush
	conns kill proto tcp
	mode
	mode stateless
	audit
	audit on
	add in 1 deny any
	del out 100
	move out 100 1
	flush
	counters zero
	apply $TEST_DIR/rules
END
)

as_nobody bash "$TEST_DIR/try"
is "an ordinary user is refused every command" "$R" "$refused"
as_nobody "$tool" flush
like "and told what is missing" "$R" "*CAP_NET_ADMIN*"
as_nobody "$tool" check "$TEST_DIR/rules" # which may find something
is "to check a file takes no right" "$(($? < 2))" 1
as_nobody unshare -Ur bash "$TEST_DIR/try"
is "root of a user namespace is refused in a namespace it does not own" \
	"$R" "$refused"
ctl "$HOST" show
is "the set is as it was" "$R" "$set_before"
R=$(setpriv --reuid=65534 --regid=65534 --clear-groups \
	"$tool" -N "$HOST" show 2>&1)
is "-N needs the right to enter" "$?" 4

# --- a user's own network ---------------------------------------------------------

# A line for each thing that was tried, "name status".
cat >"$TEST_DIR/own" <<-END
	say() { echo "\$1 \$2"; }
	ip link set lo up
	$tool apply $TEST_DIR/rules >/dev/null 2>&1; say apply \$?
	$tool show | grep -q "out 100 deny udp to port 81"; say show \$?
	$tool add in 7 deny tcp to port 7 >/dev/null; say add \$?
	$tool mode stateless >/dev/null; say mode \$?
	$tool mode stateful >/dev/null; say mode-back \$?
	echo x 2>/dev/null >/dev/udp/127.0.0.1/82; say allowed \$?
	echo x 2>/dev/null >/dev/udp/127.0.0.1/81; say denied \$?
	echo x 2>/dev/null >/dev/udp/::1/81; say denied6 \$?
	$tool -j stats | grep -q '"rule": *2'; say counted \$?
	$tool conns count dport 82; say conns \$?
	$tool flush >/dev/null; say flush \$?
	$tool show >/dev/null 2>&1; say nothing \$?
END
chmod 644 "$TEST_DIR/own"
as_nobody unshare -Urn bash "$TEST_DIR/own"
own=$R
tried() { # NAME WHAT STATUS
	like "$1" $'\n'"$own"$'\n' "*"$'\n'"$2 $3"$'\n'"*"
}
tried "in a network namespace of its own it loads a set" apply 0
tried "reads it back" show 0
tried "changes it" add 0
tried "switches its mode" mode 0
tried "a packet that the set allows passes" allowed 0
tried "a packet that it denies does not" denied 1
tried "on IPv6 neither" denied6 1
tried "both are counted" counted 0
tried "there is a connection table" $'1\nconns' 0
tried "and it takes the set away" flush 0
ctl "$HOST" show
is "none of which the host's set noticed" "$R" "$set_before"
