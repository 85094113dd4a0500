# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Library of the jobs: namespaces, subjects in them, samples and checks
#
# Read at the start of every job, with BENCH, JOB, ROUNDS and QUICK set. In the
# guest there are sfwctl, nft, iptables-legacy, ipset and conntrack, the module
# is inserted, and the meter is /proc/sfw_meter. judge.py reads what is printed.

# on SPACE COMMAND...: run it in that network namespace
on() {
	local space=$1
	shift
	nsenter --net="/run/netns/$space" "$@"
}

# space NAME: make a network namespace; its device b0 is where packets arrive,
# for sfw does not judge the loopback device
space() {
	ip netns add "$1" && on "$1" sh -c \
		'ip link set lo up && ip link add b0 type dummy && ip link set b0 up'
}

unspace() { ip netns del "$1"; }

# meter SPACE key=value...: one run of the meter there; prints its result
# shellcheck disable=SC2016
meter() {
	local space=$1
	shift
	on "$space" sh -c 'echo "$*" > /proc/sfw_meter ||
		{ echo "note the meter refused $*: $(cat /proc/sfw_meter)" >&2; exit 1; }
		cat /proc/sfw_meter' meter "$@"
}

# value KEY LINE: what stands behind KEY=; empty and false if it is not there
value() {
	[[ " $2 " =~ [[:space:]]$1=([^[:space:]]*) ]] && echo "${BASH_REMATCH[1]}"
}

# counters SPACE: sfw's own, as numbers in the order of COUNTERS
COUNTERS=(packets allowed dropped entries created evicted refused expired)
counters() {
	local json name
	json=$(on "$1" sfwctl -j stats) || return
	for name in "${COUNTERS[@]}"; do
		[[ $json =~ \"$name\":\ *([0-9]+) ]] || return
		echo "${BASH_REMATCH[1]}"
	done
}

# take CASE SUBJECT ROUND key=value...: measure, print a sample. The namespace
# is SUBJECT, or SPACE if that is set. For sfw, and subjects that begin with
# "sfw-", with what happened to its counters: sfw_packets=... and so on, and
# sfw_entries=, which is how many connections there are.
take() {
	local case=$1 subject=$2 round=$3 space=${SPACE:-$2} line i was=() is=()
	shift 3
	[[ $subject != sfw* ]] || mapfile -t was < <(counters "$space")
	line=$(meter "$space" "$@") || return
	if [[ $subject == sfw* ]]; then
		mapfile -t is < <(counters "$space")
		for i in "${!is[@]}"; do
			if [[ ${COUNTERS[i]} == entries ]]; then
				line+=" sfw_entries=${is[i]}"
			else
				line+=" sfw_${COUNTERS[i]}=$((is[i] - was[i]))"
			fi
		done
	fi
	echo "sample case=$case subject=$subject round=$round $line"
}

# packets SPACE MS key=value...: how many packets take about MS milliseconds, at
# least 64, at most 4 million; a multiple of 64
packets() {
	local space=$1 ms=$2 n=64 line ns
	shift 2
	while :; do
		line=$(meter "$space" "$@" pkts=$n) && ns=$(value cpu_ns "$line") || return
		ns=${ns%.*}
		((ns > 0)) || ns=1
		((n * ns < ms * 100000 && n < 65536)) || break
		n=$((n * 8))
	done
	n=$((ms * 1000000 / ns / 64 * 64))
	echo $((n < 64 ? 64 : n > 4194304 ? 4194304 : n))
}

# warm: let the guest have its memory from the host now, not in a sample
warm() {
	local mb
	mb=$(awk '/^MemAvailable:/ { print int($2 / 1024 * 0.45) }' /proc/meminfo)
	dd if=/dev/zero of=/tmp/warm bs=1M count="$mb" status=none
	rm -f /tmp/warm
}

# rotate ROUND WORD...: the words, in every round from another one on
rotate() {
	local by=$1
	shift
	by=$(((by - 1) % $#))
	echo "${@:by+1}" "${@:1:by}"
}

# now: microseconds; timed COMMAND...: runs it, prints milliseconds
now() { echo "${EPOCHREALTIME/./}"; }
timed() {
	local since=${EPOCHREALTIME/./} us
	"$@" > /dev/null || return
	us=$((${EPOCHREALTIME/./} - since))
	printf '%d.%03d\n' $((us / 1000)) $((us % 1000))
}

# load SUBJECT SPACE FAMILY FILE: give it a rule set. SUBJECT may carry a
# prefix as in nf_conntrack+nft. For ipset, FILE.rules is the rules beside it.
load() {
	local ipt=iptables-legacy-restore
	[[ $3 == ipv4 ]] || ipt=ip6tables-legacy-restore
	case ${1##*+} in
	sfw-staged) on "$2" sfwctl -q apply "$4" && on "$2" sfwctl -q apply --stage "$4" ;;
	sfw*) on "$2" sfwctl -q apply "$4" ;;
	nft | pipapo) on "$2" nft -f "$4" ;;
	iptables) on "$2" "$ipt" "$4" ;;
	ipset) on "$2" ipset restore -f "$4" && on "$2" "$ipt" "$4.rules" ;;
	*) echo "note no subject $1"; false ;;
	esac
}

# buckets N: size of nf_conntrack's hash table, which all namespaces share
buckets() {
	echo "$1" > /sys/module/nf_conntrack/parameters/hashsize
}

# patient SPACE: connections there stay as long as the benchmark does
patient() {
	on "$1" sh -c 'for t in udp_timeout udp_timeout_stream \
		tcp_timeout_syn_sent tcp_timeout_syn_recv tcp_timeout_established; do
			echo 36000 > /proc/sys/net/netfilter/nf_conntrack_$t || exit
		done'
}

# ask CASE SUBJECT FILE [HOOKS]: send the packets that FILE names, print as
# checks what became of them
ask() {
	local name keys line
	while read -r name keys; do
		# shellcheck disable=SC2086 # words
		line=$(meter "${SPACE:-$2}" op=run hooks="${4:-pre}" pkts=64 $keys) ||
			return
		echo "check case=$1 subject=$2 name=probe-$name $line"
	done < "$3"
}

# listen FILE key=value...: sfwctl monitor in the namespace sfw, into FILE; MONITOR
# is its process. The meter is asked for packets that are dropped, until the
# first is heard of. Not with -v, which shows each message, and takes its time.
listen() {
	local file=$1
	shift
	: > "$file"
	nsenter --net=/run/netns/sfw sfwctl monitor > "$file" &
	MONITOR=$!
	until [[ -s $file || ! -e /proc/$MONITOR ]]; do
		meter sfw "$@" pkts=64 > /dev/null
		read -rt 0.05 <> <(:)
	done
	[[ -e /proc/$MONITOR ]]
}
