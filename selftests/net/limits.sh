#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A full connection table: unreplied entries make room for new ones, replied
# ones stay, and only when all are replied is a new one refused. The figures
# of stats account for every entry, and the memory comes back.
. ./lib.sh
plan 43

topology pair
peer listen "$SERVER" tcp 80
peer listen "$SERVER" udp 53
peer listen "$UPDATE" udp 53

# From now on the fields of connections in stats are differences, too.
table() { # NAME WANT...  WANT is "created N" and so on
	local name=$1 got='' key
	shift
	for key in created evicted refused expired; do
		got+="$key ${D[$key]} "
	done
	is "$name" "${got% }" "$*"
}

settled() { # NS KEY N: the figure has reached N
	read_stats "$1"
	[[ ${D[$2]} == "$3" ]]
}

count() { # NS [FILTER]: entries in $R
	local ns=$1
	shift
	ctl "$ns" conns count "$@"
	R=${R//[^0-9]/}
}

counts() { # NS N [FILTER]
	local want=$2
	count "$1" "${@:3}"
	[[ $R == "$want" ]]
}

ports() { # of destinations, in order
	conns "$SERVER"
	grep -o '"destination_port":[0-9]*' <<<"$R" | sort -t: -k2n |
		cut -d: -f2 | paste -sd' '
}

lifetime=1
[[ ! ${SFW_SLOW:-} ]] || lifetime=10
for family in 4 6; do
	family $family
	what="IPv$F:"

	# --- unreplied entries make room, replied ones stay ---------------
	ctl "$SERVER" flush
	sfw "$SERVER" <<-END
		option max-connections 100
		default out allow
		in 100 allow tcp to port 80
		in 110 allow udp to port 53
	END
	for i in {1..8}; do
		peer open "t$i" "$CLIENT" tcp "$S" 80
		peer open "u$i" "$CLIENT" udp "$S" 53
		peer echo "u$i"
		peer echo "u$i"
	done
	is "$what 16 connections are there" "$R" ok
	pkt local "$SERVER" times 500 ip "$S" \> "$G" udp 1000 \> 9
	drops "$what no packet of 500 new connections is dropped" "$SERVER"
	table "$what the oldest unreplied entries made room" \
		created 516 evicted 416 refused 0 expired 0
	count "$SERVER"
	is "$what the table is as full as it may be" "$R" 100
	read_stats "$SERVER"
	is "$what and stats says so" "$((D[entries])) $((D[max] +
		LAST[$SERVER/max]))" "0 100"
	failed=''
	for i in {1..8}; do
		peer echo "t$i"
		[[ $R == ok ]] || failed+="t$i: $R "
		peer echo "u$i"
		[[ $R == ok ]] || failed+="u$i: $R "
	done
	is "$what every replied connection still works" "$failed" ""
	count "$SERVER" rule in:100
	is "$what the TCP connections are the same entries as before" "$R" 8
	count "$SERVER" rule in:110
	is "$what the UDP connections as well" "$R" 8
	for i in {1..8}; do
		peer close "t$i"
		peer close "u$i"
	done

	# --- the one that was silent for longest makes room -----------------
	ctl "$SERVER" flush
	sfw "$SERVER" <<-END
		option max-connections 4
		default out allow
	END
	# The first of them is heard again. Between two of them the clock has to tick.
	for port in 1 2 3 4 1 5; do
		pkt local "$SERVER" ip "$S" \> "$G" udp 1000 \> $port
		poll_pause 0.05
	done
	is "$what the oldest made room, not the first" "$(ports)" "1 3 4 5"
	pkt local "$SERVER" ip "$S" \> "$G" udp 1000 \> 6
	is "$what then the next" "$(ports)" "1 4 5 6"
	moved "$SERVER"

	# --- all are replied: a new one is refused ------------------------
	ctl "$SERVER" flush
	sfw "$SERVER" <<-END
		option max-connections 4
		option timeout tcp-close 1
		in 100 allow tcp to port 80
	END
	for i in {1..4}; do
		peer open "t$i" "$CLIENT" tcp "$S" 80
		peer echo "t$i"
	done
	reach timeout "$what a fifth connection to a table of four" \
		"$CLIENT" tcp "$S" 80
	drops "$what its packet is counted as table_full" "$SERVER" \
		table_full 1
	table "$what and as one refused connection" \
		created 4 evicted 0 refused 1 expired 0
	failed=''
	for i in {1..4}; do
		peer echo "t$i"
		[[ $R == ok ]] || failed+="t$i: $R "
	done
	is "$what the four are not disturbed" "$failed" ""
	peer reset t1
	wait_for counts "$SERVER" 3
	reach ok "$what there is room again when one has ended" \
		"$CLIENT" tcp "$S" 80
	for i in {2..4}; do
		peer close "t$i"
	done

	# --- entries end by themselves ------------------------------------
	ctl "$SERVER" flush
	# So long that they can be counted first.
	sfw "$SERVER" <<-END
		option timeout udp $lifetime
		default out allow
	END
	pkt local "$SERVER" times 50 ip "$S" \> "$G" udp 1000 \> 9
	count "$SERVER"
	is "$what 50 unreplied entries" "$R" 50
	wait_for -t 30000 settled "$SERVER" expired 50
	keep_stats "$SERVER"
	table "$what which expire, are removed and counted" \
		created 50 evicted 0 refused 0 expired 50
	count "$SERVER"
	is "$what and leave an empty table" "$R" 0
done

# --- memory -------------------------------------------------------------------

# Sets KB to what the kernel's slabs take that it cannot drop by itself. KASAN keeps
# everybody's freed objects for a while: there it is what sfw's caches take, which
# to shrink lets go of theirs.
slab() {
	local key value cache objects size
	if [[ ${SFW_SLOW:-} ]]; then
		KB=0
		for cache in /sys/kernel/slab/sfw_*; do
			[[ -r $cache/total_objects ]] || continue
			read -r objects _ <"$cache/total_objects"
			read -r size <"$cache/slab_size"
			KB=$((KB + objects * size / 1024))
		done
		return
	fi
	while read -r key value _; do
		[[ $key == SUnreclaim: ]] && KB=$value
	done </proc/meminfo
}

slab_below() {
	shrink_caches
	slab
	((KB < $1))
}

ctl "$SERVER" flush
sfw "$SERVER" <<-END
	option max-connections 50000
	default out allow
END
family 4
half=20000
[[ ! ${SFW_SLOW:-} ]] || half=2000
slab
before=$KB
pkt local "$SERVER" times $half ip "$S" \> "$G" udp 1000 \> 9
pkt local "$SERVER" times $half ip "$S" \> "$G" udp 1000 \> 10
count "$SERVER"
is "$((2 * half)) entries" "$R" $((2 * half))
slab
took=$((KB - before))
((took > half / 5))
is "they take memory ($took kB)" "$?" 0
ctl "$SERVER" conns flush
count "$SERVER"
is "a flush removes them all" "$R" 0
wait_for -t 10000 slab_below $((before + took / 4))
is "and their memory comes back" "$?" 0

# One direction's flood does not shut the other one out.
ctl "$SERVER" flush
sfw "$SERVER" <<-END
	option max-connections 64
	default out allow
	in 100 allow tcp to port 80
	in 110 allow udp to port 9
END
pkt send "$CLIENT" eth0 times 300 ip "$C" \> "$S" udp 1000 \> 9
reach ok "a full table of unreplied entries lets new connections in" \
	"$CLIENT" tcp "$S" 80
reach ok "and out" "$SERVER" udp "$UPDATE4" 53
read_stats "$SERVER"
is "nothing was refused" "$((D[refused])) $((D[table_full]))" "0 0"
