#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The collector gives back the memory of what has expired, a few milliseconds at a
# time: of a large table it takes many runs, with pauses in between, none of which
# does the whole work, and traffic goes on meanwhile. Seen by the tracepoints of
# workqueues.
. ./lib.sh
plan 7

N=30000
BUDGET_US=2000		# GC_BUDGET_NS of kmod/table.c
# It looks at the clock after 128 buckets, which an emulated CPU of a debug kernel
# takes a while for; and the host may let that wait.
MOST_US=40000
# GC_PAUSE_BUSY is 20 ms, of which rounding takes a tick.
PAUSE_US=15000

use_tracefs

topology pair
peer listen "$SERVER" tcp 80
sfw "$SERVER" <<-END
	option max-connections 100000
	in 10 allow tcp to port 80
	in 20 allow udp to port 53
END
peer open web "$CLIENT" tcp "$SERVER4" 80
peer echo web

# --- a large table, all of which expires at the same time --------------------

awk -v n="$N" -v dst="$SERVER4" 'BEGIN {
	print "{\"format\":\"sfw-conns\",\"version\":1}"
	for (i = 0; i < n; i++)
		printf "{\"protocol\":\"udp\",\"direction\":\"in\"," \
			"\"source\":\"10.1.%d.%d\",\"source_port\":5000," \
			"\"destination\":\"%s\",\"destination_port\":53," \
			"\"state\":\"udp\",\"rule\":\"in:20\",\"packets\":1," \
			"\"bytes\":32,\"reply_packets\":0,\"reply_bytes\":0," \
			"\"expires_ms\":1000,\"standing\":\"unreplied\"}\n",
			i / 256, i % 256, dst
}' >"$TEST_DIR/table"
echo >$TRACE/trace
for event in start end; do
	echo 1 >$TRACE/events/workqueue/workqueue_execute_$event/enable ||
		bail "no event"
done
ctl "$SERVER" conns restore "$TEST_DIR/table"
is "a large table is restored" "$?" 0

# Meanwhile an established connection goes on.
echoes=0
collected() {
	peer echo web
	[[ $R == ok* ]] && echoes=$((echoes + 1))
	stat_reaches "$SERVER" expired "$N"
}
wait_for -t 60000 collected
is "all of it is collected" "$?" 0
is "traffic goes on meanwhile" "$((echoes > 0))" 1
# The walk after the last one that it collected shrinks the table.
runs_of() { [[ $(<$TRACE/trace) == *execute_end*"gc_work [sfw]"* ]]; }
wait_for runs_of
echo 0 >$TRACE/events/enable

# Runs of the table that it worked on longest: how many took the whole budget, the
# median of these, the least pause after one of them, all of them together; us
awk '/function gc_work \[sfw\]/ {
	for (i = 1; i <= NF && $i !~ /^workqueue_execute_/; i++)
		;
	time = $(i - 1)
	sub(/:/, "", time)
	time *= 1000000
	table = $(i + 3)
	if ($i ~ /start/) {
		if (table in full && time - full[table] < 1000000)
			print table, "pause", time - full[table]
		begun[table] = time
		delete full[table]
	} else if (table in begun) {
		print table, "run", time - begun[table]
		if (time - begun[table] >= '$BUDGET_US')
			full[table] = time
	}
}' $TRACE/trace >"$TEST_DIR/runs"
TABLE=$(awk '$2 == "run" { sum[$1] += $3 }
	END { for (t in sum) if (!most || sum[t] > sum[most]) most = t; print most }' \
	"$TEST_DIR/runs")
figures() { # WHAT LEAST
	awk -v t="$TABLE" -v what="$1" -v least="$2" \
		'$1 == t && $2 == what && $3 >= least { printf "%d\n", $3 }' \
		"$TEST_DIR/runs" | sort -n
}
mapfile -t run < <(figures run "$BUDGET_US")
mapfile -t pause < <(figures pause 0)
echo "# ${#run[@]} runs took the budget: ${run[0]} to ${run[-1]} us;" \
	"pauses ${pause[0]} to ${pause[-1]} us"
is "it takes several runs" "$((${#run[@]} >= 2))" 1
median=${run[${#run[@]} / 2]}
is "each of them a few milliseconds" "$((median <= MOST_US))" 1
is "and a pause after each" "$((pause[0] >= PAUSE_US))" 1
drops "no packet was dropped" "$SERVER"
