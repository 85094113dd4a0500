# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# guest.sh - in the VM: what the measurements of cases.py have in common
#
# Read at the start of the job, with BENCH, ROUND, FIGURE and CROWD set. In the
# current directory are the modules, sfwctl and the rule sets. judge.py reads
# what is printed.

# shellcheck source=../rows/lib.sh
. "$BENCH/rows/lib.sh"
export PATH=$PWD:/usr/sbin:/sbin:$PATH

insmod sfw_meter.ko && insmod sfw.ko && modprobe -a nf_conntrack nf_tables || exit
sysctl -qw net.netfilter.nf_conntrack_max=1000000
buckets 262144

# count CASE SUBJECT key=value...: a sample
count() {
	local line
	line=$(take "$1" "$2" "$ROUND" "${@:3}") || return
	echo "$line value=$(value "$FIGURE" "$line")"
}

# up SUBJECT FAMILY FILE: a namespace with a firewall
up() {
	space "$1" && load "$1" "$1" "$2" "$3" ||
		{ echo "note $1 did not load $3"; return 1; }
}

# floors FAMILY KEYS
# shellcheck disable=SC2086 # words
floors() {
	count "$1" none op=run $2 && count "$1" empty op=run $2
}

# listed CASE FAMILY BASE KEYS SUBJECT...: a list of rules
# shellcheck disable=SC2086 # words
listed() {
	local case=$1 family=$2 base=$3 keys=$4 subject
	shift 4
	for subject; do
		up "$subject" "$family" "$base.$subject" || continue
		count "$case" "$subject" op=run $keys
		ask "$case" "$subject" "$base.probes"
		unspace "$subject"
	done
}

# beside CASE TIMES LINE: whether what sfw-staged takes is at most that many times
# what sfw took of the same case
declare -A alone_took
beside() {
	local took
	took=$(value value "$3")
	took=${took/./}
	if [[ " $3 " == *" subject=sfw "* ]]; then
		alone_took[$1]=$took
	elif [[ " $3 " == *" subject=sfw-staged "* ]]; then
		echo "check case=$1 subject=sfw-staged name=staged" \
			"within_$2_times=$((took <= ${alone_took[$1]} * $2))"
	fi
}

# tracked PROTOCOL FAMILY FLOWS TIMES KEYS SUBJECT...: established connections, and
# new ones beside CROWD others; with a set staged at most TIMES as many
# instructions as without
# shellcheck disable=SC2086 # words
tracked() {
	local case=$1/$2/$3 fresh=new-$1/$2 family=$2 flows=$3 times=$4 keys=$5 subject line
	shift 5
	for subject; do
		up "$subject" "$family" "$family.${subject##*+}" || continue
		[[ $subject == sfw* ]] || patient "$subject" || continue
		echo "check case=$case subject=$subject name=setup $(meter \
			"$subject" op=setup flows="$flows" $keys)"
		line=$(count "$case" "$subject" op=run flows="$flows" $keys)
		echo "$line"
		beside "$case" "$times" "$line"
		meter "$subject" op=new start=2000000 $keys pkts="$CROWD" > /dev/null
		line=$(count "$fresh" "$subject" op=new start=1000000 $keys)
		echo "$line"
		beside "$fresh" "$times" "$line"
		forget "$subject"
		unspace "$subject"
	done
}

# flooded CASE FAMILY PERCENT KEYS: packets of a flood, each of which makes a
# connection, and between them packets of established ones; while there is room
# in the table, and when it has been full since long, so that each newcomer takes
# another's place, which may cost PERCENT at most
# shellcheck disable=SC2086 # words
flooded() {
	local case=$1 family=$2 percent=$3 keys=$4 subject line what took
	local -A alone
	for subject in sfw sfw-full; do
		up "$subject" "$family" "$family.$subject" || return
		meter "$subject" op=setup $keys > /dev/null
		meter "$subject" op=flood mix=0 $keys pkts="$CROWD" > /dev/null
		[[ $subject == sfw ]] ||
			meter "$subject" op=flood mix=0 $keys pkts="$CROWD" > /dev/null
		line=$(take CASE "$subject" "$ROUND" op=flood $keys) || return
		for what in newcomer established; do
			took=$(value "$FIGURE" "$line")
			[[ $what == newcomer ]] || took=$(value known_cycles "$line")
			echo "${line/CASE/$case/$what} value=$took"
			took=${took/./}
			if [[ $subject == sfw ]]; then
				alone[$what]=$took
			else
				echo "check case=$case/$what subject=sfw-full name=flood" \
					"within_${percent}_percent=$((took * 100 <=
						${alone[$what]} * (100 + percent)))"
			fi
		done
		unspace "$subject"
	done
}

# watched CASE FAMILY PERCENT HOW KEYS PACKETS: traffic while nobody listens, and
# while somebody does, which may cost PERCENT at most
#
# The figure is all that the machine does but building packets, divided by the
# packets: the sending of events, the system calls in which sfwctl reads them, and
# what it writes. The burst is spent before, so that what comes is the rate.
#
# Of new connections the figure is the packets' own way, with the making of the
# events: how much of the growth of the table falls into the time is chance. The
# first of them, which is not shown, gets the memory.
# shellcheck disable=SC2086 # words
watched() {
	local case=$1 family=$2 percent=$3 how=$4 keys=$5
	local figure=total_ns subject line alone with was
	[[ $case != new/* ]] || figure=cpu_ns
	for subject in first sfw sfw-watched; do
		[[ $subject != first || $case == new/* ]] || continue
		up sfw "$family" watched.sfw || return
		[[ $case != flow/* ]] || meter sfw op=setup $keys > /dev/null
		: > /tmp/heard
		[[ $subject != sfw-watched ]] || listen /tmp/heard op=flood mix=0 $keys
		# Until all that was put off is done.
		read -rt 0.5 <> <(:)
		meter sfw $how $keys start=2000000 pkts=6400 > /dev/null
		was=$(wc -l < /tmp/heard)
		line=$(FIGURE=$figure SPACE=sfw count "$case" "$subject" $how $keys pkts="$6")
		with=$(value value "$line")
		[[ $subject == first ]] || echo "$line"
		if [[ $subject == sfw-watched ]]; then
			kill $MONITOR
			wait $MONITOR
			echo "check case=$case subject=$subject name=listener" \
				"events=$(($(wc -l < /tmp/heard) - was))" \
				"heard=$(($(wc -l < /tmp/heard) > was)) lost=$(lost)" \
				"within_${percent}_percent=$((${with/./} * 100 <=
					${alone/./} * (100 + percent)))"
		fi
		alone=$with
		unspace sfw
	done
}

# lost: 1 if events were, else 0
lost() {
	if on sfw sfwctl -j stats | grep -q '"events_lost": *[1-9]'; then
		echo 1
	else
		echo 0
	fi
}

# forget SUBJECT: all connections
forget() {
	if [[ $1 == sfw* ]]; then
		on "$1" sfwctl -q conns flush
	else
		on "$1" conntrack -F 2> /dev/null
	fi
}

# sound: false, and says why, if the kernel has complained
sound() {
	! dmesg | grep -E 'WARNING|\bBUG\b|Oops|Call Trace|general protection'
}
