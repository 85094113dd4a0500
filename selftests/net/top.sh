#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# sfwctl top in a terminal of 80 columns and 24 lines: what it shows, what its
# keys do, and that the terminal is given back however it ends.
. ./lib.sh
plan 36

export TERM=xterm LC_ALL=C.UTF-8
TMUX_DIR=$TEST_DIR/tmux
mux() { tmux -S "$TMUX_DIR" -f /dev/null "$@"; }
at_exit() { mux kill-server 2>/dev/null; }

topology pair
peer listen "$SERVER" udp 53
send() { pkt send "$CLIENT" eth0 "$@"; }
rules() {
	sfw "$SERVER" <<-'END'
		option timeout udp 600
		option max-connections 100
		default in  deny
		default out allow
		in  10 deny   udp to port 1    "nobody"
		in  40 allow  udp to port 53   "names"
	END
}
rules
send times 5 ip "$GHOST4" \> "$SERVER4" udp 5000 \> 53 data 100
send times 2 ip "$GHOST6" \> "$SERVER6" udp 5000 \> 53
send times 3 ip "$GHOST4" \> "$SERVER4" udp 5000 \> 1

# screen: what is on it, in R
screen() {
	R=$(mux capture-pane -p)
}
# shows PATTERN: it is there; wait_for's
shows() {
	screen
	# shellcheck disable=SC2053 # a pattern is wanted
	[[ $R == $1 ]]
}
see() { # TEXT PATTERN
	if wait_for -t 30000 shows "$2"; then
		ok "$1"
	else
		not_ok "$1" "wanted '$2'" "on '$R'"
	fi
}
key() { mux send-keys "$@"; }
# in_line TEXT PATTERN: one line of the screen is so
in_line() {
	local line
	while IFS= read -r line; do
		# shellcheck disable=SC2053
		[[ $line != $2 ]] || { ok "$1"; return; }
	done <<<"$R"
	not_ok "$1" "wanted a line '$2'" "on '$R'"
}

# The shell in it says when it has the terminal again, and how that is set.
mux new-session -d -x 80 -y 24 "bash --norc --noprofile -i"
key "PS1='ready\$?> '; stty -a >$TEST_DIR/stty; top() { $SFWCTL -N $SERVER top \"\$@\"; }; clear" Enter
see "a shell" "ready0>*"
stty_before=$(<"$TEST_DIR/stty")

key "top" Enter
see "top begins with the rules" "sfwctl top *stateful, generation 1, 2 in, 0 out*packets/s*rule*"
in_line "how full the table is" "table \[##*....*] 7 %, 7 of 100 *"
in_line "drops by reason" "drops * rule 3*"
in_line "a rule with its connections" "* 7  in:40  *  in 40 allow udp to port 53 \"names\""
in_line "a default" "* 0  out:\*  *  default out allow"
in_line "the keys" "r rules  s sources*q quit*"
R=$(mux capture-pane -p | awk 'length > 80' | wc -l)
is "no line is longer than the terminal" "$R" 0

send times 500 ip "$GHOST4" \> "$SERVER4" udp 5000 \> 1
see "what a rule drops is a rate" "*drops/s*rule [1-9]*"

key s
see "s: sources by connections" "*source*$GHOST4*"
in_line "with bytes of theirs" "*5 *1280 *$GHOST4"
in_line "of both families" "*2 *192 *$GHOST6"
key d
see "d: destinations" "*destination*$SERVER4*"
key r
see "r: rules" "*bytes/s*rule*"
key o
see "o: another order" "*\*bytes/s*"
key o
see "and another: most connections first" "*\*conns*rule*in:40*in:10*"

key f
key -l "src $GHOST6"
key Enter
see "f: a filter" "*filter src $GHOST6*"
see "by which connections are counted" "* 2  in:40*"
key f
key -l " nonsense"
key Enter
see "one that is none is refused, and says why" "*nonsense*"
key f
key C-u
key Enter
see "no filter" "* 7  in:40*"

key Home Enter
see "Enter: a rule's connections" "*connections of in:40: 7*udp*$GHOST4:500* > $SERVER4:53*"
key q
see "q leads back" "*conns*rule*"
key p
see "p: pause" "*PAUSED*"
key p
wait_for -t 30000 eval '! shows "*PAUSED*"'
is "and on" "$?" 0

mux resize-window -x 60 -y 24
see "the bar of the table gets what the figures leave" \
	"*table \[..*] 7 %, 7 of 100  evicted 0/s  refused 0/s*"
mux resize-window -x 40 -y 10
see "it stays itself in a smaller window" "sfwctl top*rule*"
mux resize-window -x 80 -y 24

key q
see "q: the shell has its terminal again" "*ready0>*"
screen
[[ $R != *"sfwctl top "[0-9]* ]]
is "and its screen" "$?" 0

# --- killed ------------------------------------------------------------------

for signal in TERM INT QUIT HUP; do
	key "clear; top" Enter
	wait_for -t 30000 shows "sfwctl top *"
	pkill -"$signal" -x sfwctl
	wait_for -t 30000 shows "*ready0>*"
	key "stty -a >$TEST_DIR/new && mv $TEST_DIR/{new,stty.$signal}" Enter
	wait_for -t 30000 test -s "$TEST_DIR/stty.$signal"
	is "after SIG$signal the terminal is as before" \
		"$(<"$TEST_DIR/stty.$signal")" "$stty_before"
done
# Whatever it does when it is killed, it does not wait for a key.
untimely=$(type -P peer) || bail "no peer in PATH"
untimely=${untimely%/*}/untimely.so
for what in "p pause" "f the prompt"; do
	key "clear; LD_PRELOAD=$untimely top" Enter
	wait_for -t 30000 shows "sfwctl top *"
	key "${what%% *}"
	see "a signal right before the wait of ${what#* } is not lost" \
		"*ready0>*"
	pkill -KILL -x sfwctl
done

# A terminal that does not control the session goes without SIGHUP.
R=$(/usr/bin/python3 - "$SFWCTL" "$SERVER" <<-'END'
	import os, pty, subprocess, sys
	tool, netns = sys.argv[1:]
	ours, theirs = pty.openpty()
	top = subprocess.Popen([tool, "-N", netns, "top"], stdin=theirs,
	                       stdout=theirs, start_new_session=True)
	os.close(theirs)
	seen = b""
	while b"sfwctl top" not in seen:
	    seen += os.read(ours, 4096)
	os.close(ours)
	try:
	    print("ended", top.wait(10))
	except subprocess.TimeoutExpired:
	    print("runs")
	    top.kill()
END
)
is "it ends when its terminal is gone" "$R" "ended 0"
key "clear; TERM=nonsense top" Enter
see "an unknown terminal is an error" "*terminal 'nonsense' is unknown*ready2>*"
