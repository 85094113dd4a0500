# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# lib.sh - for job scripts of boot.sh

# m KEY=VALUE... - measure; prints the line of results. The hooks are those of
# the network namespace it runs in; words: selftests/bench/meter/config.c
m() {
	local line
	if echo "$*" > /proc/sfw_meter; then
		cat /proc/sfw_meter
	else
		read -r line < /proc/sfw_meter
		echo "m $*: $line" >&2
		return 1
	fi
} 2> /dev/null

# key NAME LINE... - the value of NAME=VALUE in a line of results
key() {
	local name=$1 word
	shift
	# shellcheck disable=SC2048 # words
	for word in $*; do
		[ "${word%%=*}" != "$name" ] || { echo "${word#*=}"; return; }
	done
	return 1
}

# now - microseconds
now() { echo "${EPOCHREALTIME/./}"; }

# clocked COMMAND... - run it, set $ms to the milliseconds of CPU time that the
# machine spent on it, the guest's kernel and all processes together, and
# $wall_ms to those that passed. On a busy machine, only the first tells much.
clocked() {
	local line cpu wall rc
	# without a process of our own between the readings
	echo op=clock > /proc/sfw_meter
	read -r line < /proc/sfw_meter
	cpu=${line##*=}
	wall=${EPOCHREALTIME/./}
	"$@"
	rc=$?
	wall=$((${EPOCHREALTIME/./} - wall))
	echo op=clock > /proc/sfw_meter
	read -r line < /proc/sfw_meter
	cpu=$((${line##*=} - cpu))
	# shellcheck disable=SC2034 # for the caller
	printf -v ms '%d.%03d' $((cpu / 1000)) $((cpu % 1000))
	# shellcheck disable=SC2034
	printf -v wall_ms '%d.%03d' $((wall / 1000)) $((wall % 1000))
	return $rc
}

# available - bytes of memory that are to be had, once caches are dropped. Free
# pages that wait in the CPU's list, which may be tens of MB, count as free.
available() {
	echo 3 > /proc/sys/vm/drop_caches
	awk '/^MemAvailable:/ { n += $2 * 1024 }
		$1 == "count:" { n += $2 * 4096 }
		END { printf "%.0f\n", n }' /proc/meminfo /proc/zoneinfo
}

# slab PATTERN - bytes in use by objects of slab caches: objects x their size
slab() {
	awk -v name="^$1\$" '$1 ~ name { n += $2 * $4 } END { printf "%.0f\n", n }' \
		/proc/slabinfo
}

# settled - available, once it stays the same: what is freed later is freed
settled() {
	local was=0 is=0 same=0 tries
	for ((tries = 0; tries < 50 && same < 3; tries++)); do
		is=$(available)
		if ((is - was < 32768 && was - is < 32768)); then
			same=$((same + 1))
		else
			same=0
		fi
		was=$is
		sleep 0.2
	done
	echo "$is"
}

# share BYTES N - BYTES / N, with one decimal
share() {
	local tenths=$(($1 * 10 / $2))
	echo "$((tenths / 10)).$((${tenths#-} % 10))"
}
