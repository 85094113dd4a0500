#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Commits that are taken back: by rollback at any time, and by the kernel if
# apply --confirm is not followed by confirm - whatever became of sfwctl, of
# its shell, of the whole session, or of the connection the session came by.
. ./lib.sh
. ./apps_lib.sh
need setsid socat pkill
plan 100

topology pair
family 4
peer listen "$SERVER" tcp 80 81

# The way things are, and the way they are to be.
cat >"$TEST_DIR/old" <<-END
	default out deny
	in 100 allow tcp to port { 22, 80 }
	in 110 allow icmp type echo-request "stays"
END
cat >"$TEST_DIR/new" <<-END
	default out deny
	in 100 allow tcp to port { 22, 81 }
	in 110 allow icmp type echo-request "stays"
END
echo "default out deny" >"$TEST_DIR/cut"

# run STATUS PATTERN NAME ARGS...: sfwctl at SERVER
run() {
	local want=$1 pattern=$2 name=$3 status
	shift 3
	ctl "$SERVER" "$@"
	status=$?
	# shellcheck disable=SC2053 # a pattern is wanted
	if [[ $status == "$want" && $R == $pattern ]]; then
		ok "$name"
	else
		not_ok "$name" "sfwctl $*" "exit $status, wanted $want" \
			"said   '$R'" "wanted '$pattern'"
	fi
}

shown() { # what runs at SERVER, in $R
	R=$("$SFWCTL" -N "$SERVER" show 2>&1)
}

status() { # KEY...: what the status of SERVER has there, in $R
	local json key got=
	json=$("$SFWCTL" -j -N "$SERVER" status)
	json=${json//[[:space:]]/}
	for key; do
		[[ $json =~ \"$key\":(\{[^}]*\}|[^,}]*) ]] ||
			bail "no $key in $json"
		got+="${got:+ }${BASH_REMATCH[1]//\"}"
	done
	R=$got
}

reaches() { # KEY WANT, for wait_for
	status "$1"
	[[ $R == "$2" ]]
}

generation() { status generation; GEN=$R; }

# The generation of the next commit, asked before there is a timer.
next_generation() { generation; ((GEN++)); }

# --- nothing to take back -------------------------------------------------------

run 5 '*no commit to take back*' "there is no rollback before the first commit"\
	rollback
run 5 '*no commit waits*' "and nothing to confirm" confirm
status pending_confirm reverted
is "status knows of nothing pending" "$R" "null null"

# --- the first set of all --------------------------------------------------------

run 0 '*generation 1*confirm*within 1 s*' "apply --confirm loads it" \
	apply --confirm=1 "$TEST_DIR/old"
wait_for -t 20000 reaches mode null
is "without confirm there is no rule set again" "$?" 0
status generation reverted pending_confirm
is "which is a generation, and status tells why" "$R" "2 1 null"
run 0 '*everything passes*taken back*generation 1,*not confirmed*' \
	"in words as well" status
run 5 '*too late*generation 1 *' "confirm says that it is too late" confirm
reach ok "no hook is left" "$CLIENT" tcp "$S" 81
run 0 '*generation 3*' "rollback loads after all what was not confirmed" \
	rollback
reach timeout "and it judges" "$CLIENT" tcp "$S" 81
run 0 '*generation 4*' "a second one takes that back" rollback
run 1 '*no rule set*' "there is no rule set" show

# --- pending ------------------------------------------------------------------------

run 0 '*' "a set is loaded for good" apply "$TEST_DIR/old"
shown
old=$R
run 0 '*within 60 s*' "another one with the usual time" \
	apply --confirm "$TEST_DIR/new"
shown
new=$R
generation
status left_s previous_generation
is "status -j has the seconds left" "$((${R% *} > 20 && ${R% *} <= 60))" 1
is "and what comes then" "${R#* }" $((GEN - 1))
run 0 "*pending*'sfwctl confirm'*within*s, then generation $((GEN - 1))*" \
	"status has them in words" status
busy="*generation $GEN waits*confirm*rollback*"
run 5 "$busy" "a second apply says that one is pending" apply "$TEST_DIR/old"
run 5 "$busy" "one with --confirm as well" apply --confirm "$TEST_DIR/old"
run 5 "$busy" "so does add" add in 120 allow tcp to port 443
run 5 "$busy" "so does del" del in 100
run 5 "$busy" "so does move" move in 100 105
run 5 "$busy" "so does mode" mode stateless
run 5 "$busy" "so does audit" audit on
run 5 "$busy" "so does flush" flush
run 0 '*' "a dry run may be made" apply --dry-run "$TEST_DIR/old"
run 0 '*' "counters may be set to zero" counters zero
run 0 '*' "connections may be removed" conns flush
shown
is "nothing of all that changed the set" "$R" "$new"
run 0 "*generation $GEN: *" "confirm keeps it" confirm
status pending_confirm
is "nothing is pending then" "$R" null
run 5 '*no commit waits*' "confirm is for once" confirm
run 0 '*' "rollback is possible all the same" rollback
shown
is "it leads to what was before" "$R" "$old"
run 2 '*1 to 86400 seconds*' "no time at all is no time" \
	apply --confirm=0 "$TEST_DIR/new"
run 2 '*1 to 86400 seconds*' "nor is for ever" \
	apply --confirm=86401 "$TEST_DIR/new"
run 2 '*1 to 86400 seconds*' "nor a word" apply --confirm=soon "$TEST_DIR/new"
run 2 '*' "a value stands behind =" apply --confirm 60 "$TEST_DIR/new"
run 0 '*' "a dry run arms nothing" \
	apply --dry-run --confirm=1 "$TEST_DIR/new"
status pending_confirm
is "nothing at all" "$R" null

# --- rollback while pending, and what timers of the past do -----------------------------

run 0 '*' "some seconds to confirm" apply --confirm=4 "$TEST_DIR/new"
run 0 '*' "confirmed in them" confirm
run 0 '*' "and the next at once" apply --confirm=600 "$TEST_DIR/old"
# The first timer would have been over when this one is.
run 0 '*' "in another namespace as many seconds" \
	-N "$UPDATE" apply --confirm=4 "$TEST_DIR/old"
in_update() { reaches mode null; }
SERVER=$UPDATE wait_for -t 20000 in_update
is "which runs out there" "$?" 0
status left_s
is "a timer that was confirmed does nothing" "$((R > 400))" 1
run 0 '*' "rollback does not wait for the timer" rollback
shown
is "it is done at once" "$R" "$new"
status pending_confirm reverted
is "with nothing pending, and by nobody's timer" "$R" "null null"
run 0 '*' "rollback again" rollback
shown
is "brings the set that was pending, for good" "$R" "$old"
status pending_confirm
is "really" "$R" null

# --- every change is a commit --------------------------------------------------------------

undone() { # NAME ARGS...
	local name=$1 before
	shift
	shown
	before=$R
	ctl "$SERVER" "$@" || not_ok "$name: $R"
	shown
	[[ $R != "$before" ]]
	is "$name changes what runs" "$?" 0
	ctl "$SERVER" rollback
	shown
	is "$name can be taken back" "$R" "$before"
}
undone add add in 120 allow tcp to port 443
undone del del in 110
undone move move in 110 105
undone mode mode stateless
undone audit audit on
undone flush flush
undone apply apply "$TEST_DIR/new"
drops "no packet was dropped by all that" "$SERVER"

# --- counters and connections --------------------------------------------------------------

ctl "$SERVER" apply "$TEST_DIR/old"
peer open a "$CLIENT" tcp "$S" 80
peer echo a
rule_packets "$SERVER" in:100
counted=$R
ctl "$SERVER" apply --confirm=4 "$TEST_DIR/new"
peer open b "$CLIENT" tcp "$S" 81
peer echo b
is "a connection that the pending set allows" "$R" ok
wait_for -t 20000 reaches pending_confirm null
is "the time is over" "$?" 0
shown
is "what ran before runs again" "$R" "$old"
rule_packets "$SERVER" in:100
is "its rules with their counters" "$R" "$counted"
moved "$SERVER"
peer echo b wait 300
is "what only the set allowed that is gone is cut" "$R" timeout
wait_for stat_reaches "$SERVER" default 1
is "and counted" "$?" 0
peer echo a
is "a connection that was idle meanwhile goes on" "$R" ok
peer reset b
peer close a
counters() { # of a rule and a default, in $R
	local rule
	rule_packets "$SERVER" in:100
	rule=$R
	rule_packets "$SERVER" default:in
	R="$rule $R"
}
moved "$SERVER"
counters
counted=$R
like "a rule and a default have counted" "$counted" "[1-9]* [1-9]*"
ctl "$SERVER" flush
ctl "$SERVER" rollback
counters
is "after flush they come back with their counters" "$R" "$counted"
counted "and the namespace with its figures" "$SERVER" dropped 0
ctl "$SERVER" flush
ctl "$SERVER" apply "$TEST_DIR/old"
counters
is "a set that is loaded over none begins anew" "$R" "0 0"
LAST=()
counted "in all figures" "$SERVER" dropped 0
ctl "$SERVER" apply "$TEST_DIR/new"
ctl "$SERVER" counters zero
ctl "$SERVER" rollback
rule_packets "$SERVER" in:100
is "counters zero is for what rollback brings back as well" "$R" 0

# --- whatever became of sfwctl -----------------------------------------------------------------

# sfwctl cannot write that it is done into a pipe that is full, so it is there
# as long as it is let live, and its commit is done.
mkfifo "$TEST_DIR/full"
exec {FULL}<>"$TEST_DIR/full"
head -c 65536 /dev/zero >&"$FULL"
pending() { status pending_confirm; [[ $R != null ]]; }

comes_back() { # NAME
	wait_for -t 20000 reaches pending_confirm null
	shown
	is "$1" "$R" "$old"
	status reverted
	is "by the kernel's timer: $1" "$R" "$GEN"
}

ctl "$SERVER" apply "$TEST_DIR/old"
next_generation
"$SFWCTL" -N "$SERVER" apply --confirm=6 "$TEST_DIR/new" >&"$FULL" &
pid=$!
wait_for pending
is "sfwctl has made its commit" "$?" 0
kill -0 "$pid"
is "and is still there" "$?" 0
kill -KILL "$pid"
wait "$pid" 2>/dev/null
shown
is "killed, it takes nothing along" "$R" "$new"
comes_back "kill -9 of sfwctl does not hinder"

next_generation
setsid bash -c '
	echo $$ >"$1/session"
	"$2" -N "$3" apply --confirm=4 "$1/new"
	"$2" -N "$3" confirm' - "$TEST_DIR" "$SFWCTL" "$SERVER" >&"$FULL" 2>&1 &
wait_for pending
is "a session has made its commit" "$?" 0
session=$(< "$TEST_DIR/session")
pgrep -s "$session" sfwctl >/dev/null
is "and waits for sfwctl" "$?" 0
pkill -HUP -s "$session"
over() { ! pgrep -s "$session" >/dev/null; }
wait_for over
is "SIGHUP ends all of it" "$?" 0
comes_back "SIGHUP to the session does not hinder"
exec {FULL}>&-

# --- a set that cuts the session that loads it ------------------------------------------------

mkfifo "$TEST_DIR/keys"
ctl "$SERVER" apply "$TEST_DIR/old"
in_background "$SERVER" socat TCP-LISTEN:22,reuseaddr \
	EXEC:bash,stderr
wait_for -t 30000 listening "$PID" tcp 22 || bail "no shell at port 22"
exec {KEYS}<>"$TEST_DIR/keys"
ip netns exec "$CLIENT" socat -t 1 - "TCP:$S:22" \
	<"$TEST_DIR/keys" >"$TEST_DIR/screen" 2>&1 &
DAEMONS+=("$!")
on_screen() { [[ -e $TEST_DIR/screen && $(< "$TEST_DIR/screen") == *"$1"* ]]; }
echo 'echo login' >&"$KEYS"
wait_for on_screen login
is "a session runs over a connection" "$?" 0
moved "$SERVER"
next_generation
echo "'$SFWCTL' -q apply --confirm=5 '$TEST_DIR/cut'; echo loaded" >&"$KEYS"
wait_for pending
is "it loads a set that cuts it" "$?" 0
wait_for stat_reaches "$SERVER" default 1
is "its packets are dropped" "$?" 0
on_screen loaded
is "it does not see any more what it did" "$?" 1
comes_back "the kernel lets it in again"
echo 'echo again' >&"$KEYS"
wait_for -t 30000 on_screen again
is "the session goes on" "$?" 0
on_screen loaded
is "and sees what it missed" "$?" 0
echo exit >&"$KEYS"
exec {KEYS}>&-

ctl "$SERVER" apply --confirm=600 "$TEST_DIR/new"
is "a namespace may end with a commit that waits" "$?" 0
