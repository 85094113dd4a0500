# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# guest.sh - in a VM with a debug kernel, a part of ../vm/suite.sh
#
# SFW_DEBUG is the kind of the kernel, SFW_DEBUG_DIR the directory that
# build.sh made. The console is read on the host, when all is over; what only
# the guest knows goes to /run/vm as well: `kmemleak`, and `detectors`, which
# says "KEY on" for each that still works at the end. Some give up after a
# report, and a kernel may have come without.
debugfs=/sys/kernel/debug

# Before the module is inserted.
debug_begin() {
	ln -sfn "$SFW_DEBUG_DIR/lib/modules/$kver" "/lib/modules/$kver"
	case $SFW_DEBUG in
	kasan)
		# What the kernel lost while it booted is not ours.
		echo scan > $debugfs/kmemleak
		echo clear > $debugfs/kmemleak
		;;
	kcsan)
		# Every 4000th access is watched at first, which misses a plain
		# counter in a hook; but with more it takes long to boot.
		echo "${SFW_KCSAN_SKIP:-200}" > /sys/module/kcsan/parameters/skip_watch
		;;
	esac
}

# Before it is removed: later nobody knows its functions by their addresses.
debug_before_remove() { grep '\[sfw\]' /proc/kallsyms | sort > /run/symbols; }

# Addresses of a stack that were in sfw.ko, by name.
name_addresses() {
	local line at symbol address name
	while IFS= read -r line; do
		if [[ $line =~ ^(.*)0x(ffffffff[0-9a-f]{8})$ ]]; then
			at=${BASH_REMATCH[2]} symbol=
			while read -r address _ name _; do
				[[ $address > $at ]] && break
				symbol="$name+$((16#$at - 16#$address))"
			done < /run/symbols
			[[ $symbol ]] && line+=" $symbol [sfw]"
		fi
		printf '%s\n' "$line"
	done
}

debug_end() {
	local try
	case $SFW_DEBUG in
	kasan)
		# kfree_rcu keeps things for up to five seconds, and what is
		# younger than that is no leak yet. An address that was in a
		# register in the first scan is not in the second.
		for try in 1 2; do
			read -rt 7 <> <(:)
			echo scan > $debugfs/kmemleak
		done
		name_addresses < $debugfs/kmemleak > /run/vm/kmemleak
		[[ -s /run/symbols ]] && echo "symbols on"
		echo scan > $debugfs/kmemleak && echo "kmemleak on"
		grep -q '^ *debug_locks: *1' /proc/lockdep_stats && echo "lockdep on"
		[[ -w $debugfs/failslab/probability ]] && echo "failslab on"
		;;
	kcsan)
		grep -q '^enabled: 1' $debugfs/kcsan && echo "kcsan on"
		;;
	esac > /run/vm/detectors
}
