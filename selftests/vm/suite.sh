#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# suite.sh [TEST...] - in a VM: run the kselftest collection, then look at what
# the kernel has to say
#
# Inserts sfw.ko, runs the tests of selftests/net (all, or
# the named ones), takes the module out, and checks that nothing of it stayed
# and that the kernel did not complain. Two TAP streams on stdout, each after
# a line "#: NAME"; selftests/run reads them.
#
# With SFW_DEBUG the kernel is one of ../debug, see guest.sh there; its console
# is judged instead of its log.
#
# A test gets: SFW_KO and SFWCTL, the module and the tool; KSFT, kselftest's
# directory; SFW_PLACES, see note_place(); a PATH with the programs of
# selftests/net and sfwctl; the collection as its directory. Each has
# SFW_TEST_TIMEOUT seconds.
here=$(dirname "$(readlink -f "$0")")
src=$(readlink -f "$here/../..")
kver=$(uname -r)

# From a copy: who edits or builds on the host while this runs would else
# hand the guest, which believes its cache, a mixture of old and new.
top=/run/sfw
mkdir -p $top/build $top/selftests $top/tools || exit 1
cp -a "$src/build/net" "$src/build/sfwctl" "$src/build/$kver/sfw.ko" $top/build/ &&
	cp -a "$src/selftests/net" $top/selftests/ &&
	cp -a "$src"/tools/{examples,systemd,man} $top/tools/ &&
	cp -a "$src/README.md" $top/ || exit 1
export SFW_KO=$top/build/sfw.ko
export SFWCTL=$top/build/sfwctl
export SFW_PLACES=$top/places
export KSFT=$src/build/ksft/tools/testing/selftests
export PATH=$top/build/net:$top/build:$PATH
# shellcheck source=../debug/guest.sh
[[ -z ${SFW_DEBUG:-} ]] || . "$here/../debug/guest.sh" || exit 1
export kselftest_override_timeout=${SFW_TEST_TIMEOUT:-480}
cd $top/selftests/net || exit 1

count=0
ok() { echo "ok $((++count)) - $1"; }
not_ok() { # NAME [TEXT]
	echo "not ok $((++count)) - $1"
	[[ -z $2 ]] || echo "# ${2//$'\n'/$'\n# '}"
}
# check NAME TEXT: good if there is nothing to say
check() { if [[ -z $2 ]]; then ok "$1"; else not_ok "$1" "$2"; fi; }

insert() {
	local deps
	deps=$(modinfo -F depends "$SFW_KO") || return
	# shellcheck disable=SC2086 # a list
	[[ -z $deps ]] || modprobe -a ${deps//,/ } || return
	insmod "$SFW_KO" && note_place
}

# Where the module is in memory; a test that inserts it again says so, too.
note_place() { grep '^sfw ' /proc/modules >> "$SFW_PLACES"; }

# The module may be needed by a namespace that the kernel is still taking
# down: up to 20 seconds.
remove() {
	local try text
	for ((try = 0; try < 200; try++)); do
		[[ -d /sys/module/sfw ]] || return 0
		text=$(rmmod sfw 2>&1) && return 0
		read -rt 0.1 <> <(:)
	done
	echo "$text; used by: $(< /sys/module/sfw/refcnt)"
}

# What the kernel said by itself since the mark; lines that a test wrote to
# /dev/kmsg have another facility than "kern".
complaints() {
	local log
	log=$(dmesg -x)
	[[ $log == *"$mark"* ]] || { echo "the kernel's log ran over"; return; }
	grep '^kern' <<< "${log#*"$mark"}" | cut -c 16- |
	grep -E -A 25 -e 'WARNING|\bBUG\b|Oops|Call Trace|general protection' \
		-e 'refcount_t|suspicious RCU|possible circular locking' \
		-e 'unregister_netdevice: waiting|kmem_cache_destroy' \
		-e 'still has objects|[Oo]bjects remaining' \
		-e 'INFO: task|detected stall|self-detected|kmemleak' \
		-e 'UBSAN|KASAN|KCSAN|scheduling while atomic|sleeping function' \
		-e 'Redzone|Poison overwritten' | head -n 120
}

# Lines with an address that was in the module, and where there. What other
# modules allocate in the functions that they have for their start only has no
# name later either.
from_module() {
	local line at base size
	while IFS= read -r line; do
		[[ $line =~ \ 0x([0-9a-f]+)\  ]] || continue
		at=$((16#${BASH_REMATCH[1]}))
		while read -r _ size _ _ _ base _; do
			((at >= base && at < base + size)) || continue
			printf '%s (sfw.ko + 0x%x)\n' "$line" $((at - base))
			break
		done < "$SFW_PLACES"
	done
}

# Caches and allocations that outlived the module. With slub_debug=U the
# kernel keeps the caller of each object: one without a name was in a module
# that is gone. What was given to kfree_rcu may lie around for some seconds.
leftovers() {
	local end=$((SECONDS + 20)) text
	while :; do
		text=$(grep '^sfw' /proc/slabinfo
			{
				grep -E '^ *[0-9]+ 0x[0-9a-f]+ ' /sys/kernel/debug/slab/*/alloc_traces
				grep -E ' 0x[0-9a-f]+ pages=' /proc/vmallocinfo
			} | from_module)
		[[ $text ]] || return
		((SECONDS < end)) || break
		read -rt 0.1 <> <(:)
	done
	echo "$text"
}

# W: warned, D: died, B: bad page, L: soft lockup. The log can lose lines,
# these bits cannot be taken back.
tainted() {
	local now
	read -r now < /proc/sys/kernel/tainted
	((now &= 1 << 9 | 1 << 7 | 1 << 5 | 1 << 14)) && echo "mask $now"
}

mark="sfw suite $$ begins"
echo "$mark" > /dev/kmsg
[[ -z ${SFW_DEBUG:-} ]] || debug_begin
inserted=$(insert 2>&1 || echo "exit $?")

echo "#: kselftest"
make --no-print-directory -s run_tests TESTS="$*" 2>&1

echo "#: kernel"
echo "TAP version 13"
if [[ ${SFW_DEBUG:-} ]]; then echo 1..5; else echo 1..6; fi
check "sfw.ko can be inserted" "$inserted"
[[ -z ${SFW_DEBUG:-} ]] || debug_before_remove
check "sfw.ko can be removed" "$(remove)"
check "/proc/modules has no trace of it" "$(grep '^sfw' /proc/modules)"
check "no object and no cache of it stayed" "$(leftovers)"
if [[ ${SFW_DEBUG:-} ]]; then
	debug_end
else
	check "no complaint in the kernel's log" "$(complaints)"
fi
check "no taint flag of a warning" "$(tainted)"
echo "#: end"
