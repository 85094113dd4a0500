#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Figures that status and show give are true: the size of the table that follows
# from the memory and is each namespace's own, what a list costs that no tree can
# part, and how long ago a rule was hit.
. ./lib.sh
plan 21

topology pair
family 4

number() { # KEY: its first value in the JSON of $R
	[[ $R =~ \"$1\":\ *([0-9]+) ]] && R=${BASH_REMATCH[1]} || R="no $1 in $R"
}

# --- the size of the table ---------------------------------------------------------

while read -r key kb _; do
	[[ $key != MemTotal: ]] || break
done </proc/meminfo
# A 64th of the memory, at 160 bytes a connection, 16,384 to 16,777,216.
want=$((kb * 1024 / 64 / 160))
((want >= 16384)) || want=16384
((want <= 16777216)) || want=16777216

echo "default out allow" | sfw "$SERVER"
ctl "$SERVER" -j status
R=${R#*\"effective\"}
number max_connections
max=$R
# Memory may have been added or taken away from what /proc/meminfo has read.
is "without max-connections the table has a 64th of the memory ($kb kB)" \
	"$((R > want - 64 && R < want + 64 ? want : R))" "$want"
ctl "$SERVER" status
like "status says so to people" "$R" "*connections *0 / ${max}*"

for ns in "$CLIENT" "$SERVER"; do
	sfw "$ns" <<-END
		option max-connections $([[ $ns == "$CLIENT" ]] && echo 7 || echo 30)
		default in allow
		default out allow
	END
done
ctl "$CLIENT" conns flush
ctl "$SERVER" conns flush
moved "$CLIENT"
moved "$SERVER"
pkt local "$CLIENT" times 100 ip "$C" \> "$S" udp 1000 \> 9
drops "each namespace has its own limit: nothing is dropped by one" "$CLIENT"
drops "nor by the other" "$SERVER"
ctl "$CLIENT" conns count
is "the one with 7 places has 7 of 100" "${R//[^0-9]/}" 7
ctl "$SERVER" conns count
is "the one with 30 has 30 of the same" "${R//[^0-9]/}" 30
ctl "$CLIENT" -j stats
number max
is "stats of the one" "$R" 7
ctl "$SERVER" -j stats
number max
is "and of the other" "$R" 30
ctl "$UPDATE" conns count
is "a namespace without a set has no connections" "${R//[^0-9]/}" 0

# --- a list that no tree can part -------------------------------------------------------

ctl "$SERVER" -j status
number long_leaves
is "a set that is parted has no long list" "$R" 0
ctl "$SERVER" status
[[ $R == *"overlap too much"* ]]
is "and status has no word of it" "$?" 1

# Ranges that all meet in one place, with different actions in turn: no cut parts
# them.
overlapping() {
	local i n=1500 action=(deny allow)
	echo "default out allow"
	for ((i = 0; i < n; i++)); do
		echo "in $((i + 1)) ${action[i & 1]} udp" \
			"from 10.0.$((i / 250)).$((i % 250))-10.9.$((i % 250)).$((i / 250))" \
			"to 1.$((i % 3)).$((i / 250)).$((i % 250))-1.9.$((i % 250)).9" \
			"port $((1 + i % 1400))-$((2000 + i * 7 % 1500))"
	done
}
overlapping | sfw "$SERVER"
ctl "$SERVER" -j status
json=$R
number long_leaves
[[ $R =~ ^[0-9]+$ ]] && ((R > 0))
is "a list of ranges that all overlap is said to be long ($R)" "$?" 0
long=$R
R=$json
number tests
[[ $R =~ ^[0-9]+$ ]] && ((R >= 100))
is "with what a packet costs at most ($R comparisons)" "$?" 0
ctl "$SERVER" status
has "status tells people" "$R" "rules that overlap too much" \
	"$long lists in it are longer than they should be"
# It is slow, and right: the first five end before this port.
ctl "$SERVER" explain "in udp 10.5.0.5:1000 > 1.3.3.7:2030"
like "and the list still says what its order says" "$R" "*in 6 *match -> allow*"

# --- the last hit ------------------------------------------------------------------------

ctl "$SERVER" flush
# What is answered is denied, so that only what comes in is allowed.
sfw "$SERVER" <<-END
	mode stateless
	in 10 allow udp to port 9
	in 20 allow udp to port 10
END

# Sets R to the seconds since rule NUMBER was hit; FROM and TO are moments, ms,
# before and after they were asked for.
last_hit() {
	now
	FROM=$NOW
	ctl "$SERVER" -j show -s
	now
	TO=$NOW
	[[ $R =~ \"number\":\ *$1,(.*) ]] || { R="no rule $1"; return; }
	R=${BASH_REMATCH[1]}
	[[ $R =~ \"last_hit_s\":\ *([0-9]+|null) ]] && R=${BASH_REMATCH[1]}
}

# Whole seconds between a moment after the hit and before the question at the
# least, and between one before it and one after at most.
hit_is_true() { # NAME RULE
	last_hit "$2"
	local least=$(((FROM - HIT_TO) / 1000)) most=$(((TO - HIT_FROM) / 1000))
	if [[ $R =~ ^[0-9]+$ ]] && ((R >= least && R <= most)); then
		ok "$1"
	else
		not_ok "$1" "got $R s" "wanted $least to $most s"
	fi
}

hit() { # PORT
	now
	HIT_FROM=$NOW
	pkt send "$CLIENT" eth0 ip "$C" \> "$S" udp 1000 \> "$1"
	wait_for stat_reaches "$SERVER" allowed 1
	keep_stats "$SERVER"
	now
	HIT_TO=$NOW
}

older() { last_hit 10; [[ $R =~ ^[0-9]+$ ]] && ((R >= 3)); }

last_hit 10
is "a rule that nothing has met has no last hit" "$R" null
hit 9
hit_is_true "a hit is as long ago as it is" 10
last_hit 20
is "another rule's is none" "$R" null
wait_for -t 20000 older
hit_is_true "seconds later it is that long ago ($R s)" 10
ctl "$SERVER" show -s
like "and show says so" "$R" "*in 10 allow udp to port 9*1 packets*last [1-9]* s ago*"
hit 9
hit_is_true "a new one is the last one" 10
