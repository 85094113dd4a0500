#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The tracepoints of sfw, by way of tracefs and, with the examples of sfw(7) as
# they stand there, of trace-cmd, perf and bpftrace; and what the kernel's own
# tracepoint says about packets that sfw drops: who did it, and why.
. ./lib.sh
plan 18

use_tracefs

topology pair
peer listen "$SERVER" tcp 80
peer listen "$SERVER" udp 53
sfw "$SERVER" <<-END
	option tcp-pickup off
	option timeout udp 600
	default in  deny
	default out allow
	in  10 deny   udp to port 1
	in  30 allow  tcp to port 80
	in  40 allow  udp to port 53
	in  50 reject udp to port 3
END
read -r NETNS < <(ip netns exec "$SERVER" stat -Lc %i /proc/self/ns/net)
send() { pkt send "$CLIENT" eth0 "$@"; }

# --- tracefs ---------------------------------------------------------------

echo nohash-ptr >$TRACE/trace_options 2>/dev/null
echo >$TRACE/trace
for event in sfw/verdict sfw/conn_new sfw/conn_destroy skb/kfree_skb; do
	echo 1 >$TRACE/events/$event/enable || bail "no event $event"
done
send ip "$GHOST4" \> "$SERVER4" udp 5000 \> 1
send ip "$GHOST6" \> "$SERVER6" udp 5001 \> 3
send ip "$GHOST4" \> "$SERVER4" tcp 5002 \> 80 flags A
send cut 50 ip "$GHOST4" \> "$SERVER4" udp 5003 \> 53 len 5
peer open web "$CLIENT" tcp "$SERVER6" 80 from 4000
peer echo web
ctl "$SERVER" conns kill dport 80
echo 0 >$TRACE/events/enable
trace=$(<$TRACE/trace)

traced() { # TEXT PATTERN
	like "$1" "$trace" "*$2*"
}
# Debian's 6.1 writes the last name of an event that it looks up as nothing, in
# the kernel's own events as well.
in=in out=out reason=NETFILTER_DROP
if [[ $trace == *kfree_skb:*" reason: "$'\n'* ]]; then
	in='' out='' reason=''
fi
at="netns=$NETNS dir=$in"
traced "verdict: a rule denies" \
	"verdict: $at action=deny reason=rule audit=0 rule=in:10 gen=1 if=* family=2 proto=17 src=::ffff:$GHOST4 sport=5000 dst=::ffff:$SERVER4 dport=1 len=*"
traced "verdict: a rule rejects, on IPv6" \
	"verdict: $at action=reject reason=rule audit=0 rule=in:50 gen=1 if=* family=10 proto=17 src=$GHOST6 sport=5001 dst=$SERVER6 dport=3 *"
traced "verdict: no list was asked" \
	"verdict: $at action=deny reason=no_connection audit=0 rule=in:-1 * sport=5002 *flags=0x10"
traced "verdict: what cannot be read" \
	"verdict: $at action=deny reason=malformed audit=0 rule=in:-1 * family=2 proto=17 src=::ffff:$GHOST4 sport=0 *"
traced "verdict: an answer passes by the rule of its connection" \
	"verdict: netns=$NETNS dir=$out action=allow reason=- audit=0 rule=in:30 * src=$SERVER6 sport=80 *"
traced "conn_new" \
	"conn_new: $at rule=30 gen=1 if=* family=10 proto=6 src=$CLIENT6 sport=4000 dst=$SERVER6 dport=80 state=0"
traced "conn_destroy, with why and figures" \
	"conn_destroy: $at why=killed rule=30 * sport=4000 * state=2 packets=[1-9]* bytes=[1-9]* reply_packets=[1-9]* reply_bytes=[1-9]*"

# Packets that sfw dropped, and nobody else: location is in its function that
# does it. 6.12 writes the name, 6.1 the address.
mapfile -t symbols < <(awk '$NF == "[sfw]" { print $1, $3 }' /proc/kallsyms | sort)
symbol_at() { # ADDRESS, in hex: in which function of sfw it is, in R
	local symbol
	R=
	for symbol in "${symbols[@]}"; do
		[[ ! ${symbol% *} > $1 ]] || break
		R=${symbol#* }
	done
}
ours=0
while IFS= read -r line; do
	[[ $line == *kfree_skb:*" reason: $reason" ]] || continue
	[[ $line =~ location=(0x)?([0-9a-f]{16}) ]] &&
		symbol_at "${BASH_REMATCH[2]}" &&
		[[ $R == sfw_hook_drop ]] && ours=$((ours + 1))
	[[ $line == *"location=sfw_hook_drop+"*" [sfw]"* ]] && ours=$((ours + 1))
done <<<"$trace"
if ((ours == 4)); then
	ok "each drop is freed by sfw_hook_drop, for NETFILTER_DROP"
else
	not_ok "each drop is freed by sfw_hook_drop, for NETFILTER_DROP" \
		"$ours of 4" "$(grep -m 8 kfree_skb: <<<"$trace")" \
		"$(printf '%s\n' "${symbols[@]}" | grep -A 1 sfw_hook_drop)"
fi
peer probe "$SERVER" udp "$CLIENT4" 9 wait 100
sfw "$SERVER" <<<"out 10 deny udp to port 9"
peer probe "$SERVER" udp "$CLIENT4" 9 wait 100
is "who sends what is denied is told so, as ever" "$R" denied

# --- the examples of sfw(7) ---------------------------------------------------

# EXAMPLE[trace-cmd]=...: the blocks of that section by the program they begin
# with, as a shell gets them.
declare -A EXAMPLE
section='' block=''
# shellcheck disable=SC1003 # a backslash
while IFS= read -r line; do
	case $line in
	.Sh*) section=$line ;;
	.Bd*) block=' ' ;;
	.Ed)
		block=${block# }
		[[ $section != ".Sh TRACING" ]] ||
			EXAMPLE[${block%% *}]=$block
		block=
		;;
	*) [[ ! $block ]] || block+=${line//'\e'/'\'}$'\n' ;;
	esac
done <../../tools/man/sfw.7

sfw "$SERVER" <<-END
	in  10 deny   tcp to port 22
	in  40 allow  udp to port 53
END

# sleeper PID: the sleep that runs below it, in SLEEPER. Each example is about
# ten seconds; here they are over when the traffic is. Not all kernels list
# children.
sleeper() {
	local stat line pid parent
	for stat in /proc/[0-9]*/stat; do
		read -r line 2>/dev/null <"$stat" || continue
		[[ $line == *" (sleep) "* ]] || continue
		pid=${line%% *}
		while line=${line##*) } && read -r _ parent _ <<<"$line" &&
			((parent > 1)); do
			if ((parent == $1)); then
				SLEEPER=$pid
				return 0
			fi
			read -r line 2>/dev/null <"/proc/$parent/stat" || break
		done
	done
	return 1
}
# example PROGRAM PORT: what it says about traffic from PORT on, in R
example() {
	local shell started
	SLEEPER=
	R="not installed"
	command -v "$1" >/dev/null || return
	R="no example in sfw(7)"
	[[ ${EXAMPLE[$1]:-} ]] || return
	mkdir "$TEST_DIR/$1"
	now && started=$NOW
	(cd "$TEST_DIR/$1" && exec bash -c "${EXAMPLE[$1]}") \
		>"$TEST_DIR/$1/out" 2>&1 </dev/null &
	shell=$!
	recording() { sleeper "$shell" || [[ ! -e /proc/$shell ]]; }
	wait_for -t 60000 recording
	send ip "$GHOST4" \> "$SERVER4" tcp "$2" \> 22 flags S
	send ip "$GHOST4" \> "$SERVER4" tcp "$2" \> 23 flags S
	send ip "$GHOST6" \> "$SERVER6" udp "$2" \> 53 data 2
	ctl "$SERVER" conns flush
	[[ ! $SLEEPER ]] || kill "$SLEEPER"
	wait "$shell"
	now && diag "$1: $((NOW - started)) ms"
	R=$(<"$TEST_DIR/$1/out")
}
without() { # TEXT WORDS: they are not in R
	if [[ $R == *"$2"* ]]; then
		not_ok "$1" "got    '$R'" "wanted no '$2'"
	else
		ok "$1"
	fi
}

example trace-cmd 5010
like "trace-cmd: the verdicts" "$R" \
	"*verdict:*dir=in action=deny reason=rule audit=0 rule=in:10*src=::ffff:$GHOST4 sport=5010*dport=22*"
without "trace-cmd: none that its filter holds back" dport=23
# perf record, script and trace read all symbols of the kernel first, which takes
# a minute when the machine is emulated.
example perf 5020
like "perf: the verdicts that its filter lets through" "$R" \
	"* 1 *sfw:verdict *"
like "perf: the connections" "$R" "* 1 *sfw:conn_new *"
if grep -q " __sys_bpf$" /proc/kallsyms; then
	example bpftrace 5030
	has "bpftrace: sums by its maps" "$R" "@deny[0, 10]: 1" \
		"@deny[0, 0]: 1" "@bytes[53]: "
else
	ok "bpftrace: sums by its maps # SKIP no bpf() in this kernel"
fi
# Anyone may read two of them without the page.
has "README has one of them" "$(<../../README.md)" "${EXAMPLE[trace-cmd]}"

# --- dropwatch ----------------------------------------------------------------

# watch CONDITION WORDS TRAFFIC...: what dropwatch, told WORDS, says of five
# packets until CONDITION is true, in R. It stops at ^C, and goes when it is
# told to.
OUT=$TEST_DIR/dropwatch.out
watch() {
	local condition=$1 words=$2 pid control
	shift 2
	stdbuf -oL dropwatch -l kas <"$TEST_DIR/control" >"$OUT" 2>&1 &
	pid=$!
	exec {control}>"$TEST_DIR/control"
	echo "$words" >&$control
	told() { [[ $(<"$OUT") == *$1* ]]; }
	wait_for -t 20000 told "monitoring activated" &&
		send times 5 "$@" && wait_for -t 20000 "$condition"
	kill -INT $pid
	# Until it has stopped the next one may not choose how it is told.
	wait_for told "stop message"
	echo exit >&$control
	exec {control}>&-
	wait $pid
	R=$(<"$OUT")
}
told_one() { told "drop at: sfw_hook_drop+"; }
# It sums by processor and by second: five drops may be several lines. The name
# that it shows is wrong for every module, as it takes symbols to be in order.
ours_summed() { # how many drops in sfw_hook_drop it has told, in SUM
	local line
	SUM=0
	while IFS= read -r line; do
		[[ $line =~ ([0-9]+)" drops at "[^\(]*\(0x([0-9a-f]{16})\) ]] ||
			continue
		local n=${BASH_REMATCH[1]}
		symbol_at "${BASH_REMATCH[2]}"
		[[ $R != sfw_hook_drop ]] || ((SUM += n))
	done <"$OUT"
	((SUM >= 5))
}
sfw "$SERVER" <<<"in 10 deny udp to port 1"
if ! command -v dropwatch >/dev/null; then
	why="no dropwatch"
elif ! modprobe drop_monitor 2>/dev/null; then
	why="no drop_monitor in this kernel"
else
	why=
fi
if [[ $why ]]; then
	for name in packets "their sum"; do
		ok "dropwatch: $name # SKIP $why"
	done
else
	mkfifo "$TEST_DIR/control"
	# The first line is how it is started, all else is typed.
	watch told_one "${EXAMPLE[dropwatch]#*$'\n'}" ip "$GHOST6" \> "$SERVER6" udp 5001 \> 1
	has "dropwatch: each packet, who dropped it, and why" "$R" \
		"drop at: sfw_hook_drop+" "[sfw]" "drop reason: NETFILTER_DROP"
	# It may lose what it is told while it starts.
	for _ in 1 2 3; do
		watch ours_summed $'set alertmode summary\nstart' \
			ip "$GHOST4" \> "$SERVER4" udp 5000 \> 1
		ours_summed && break
	done
	is "dropwatch: their sum, at addresses in that function" "$SUM" 5
	((SUM == 5)) || diag "$(<"$OUT")"
fi

ctl "$SERVER" stats
like "and all goes on" "$R" "packets*"
