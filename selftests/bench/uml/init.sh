#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# init.sh - the first process of the guest that boot.sh boots
#
# Words of the kernel's command line that the kernel does not know are our
# environment: JOB, TOP, SFW_KO, METER_KO, SFWCTL.
export PATH=${SFWCTL%/*}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export HOME=/root LC_ALL=C BENCH=$TOP/selftests/bench
export JOB SFW_KO METER_KO SFWCTL
unset TOP

mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t tmpfs tmpfs /run
# What we were told may lie below /tmp, which is to be a tmpfs too.
for path in "${SFWCTL%/*}" "${SFW_KO%/*}" "${METER_KO%/*}" "${BENCH%/*/*}"; do
	case $path in
	/tmp/*)	mkdir -p "/run/keep$path"
		mount --bind "$path" "/run/keep$path" ;;
	esac
done
mount -t tmpfs tmpfs /tmp
if [ -d /run/keep/tmp ]; then
	awk '$2 ~ "^/run/keep/" { print $2 }' /proc/mounts | while read -r path; do
		mkdir -p "${path#/run/keep}"
		mount --bind "$path" "${path#/run/keep}"
	done
fi
mount -t tmpfs tmpfs /var/lib
mkdir -p "$JOB" /run/netns
mount -t hostfs -o "$JOB" none "$JOB"
: > /run/xtables.lock
ip link set lo up

log=/run/log
: > $log
out() { # append what is new
	local size
	size=$(stat -c %s $log)
	[ "$size" -gt "$copied" ] || return 0
	tail -c +$((copied + 1)) $log | head -c $((size - copied)) >> "$JOB/log"
	sync "$JOB/log"
	copied=$size
}

cd "$JOB" || exit
bash ./job.sh > $log 2>&1 < /dev/null &
script=$!
copied=0
while kill -0 $script 2> /dev/null; do
	out
	# wakes at once when the script ends
	timeout 1.5 tail --pid=$script -f /dev/null
done
wait $script
rc=$?
out
echo $rc > "$JOB/rc"
sync "$JOB/rc"
echo o > /proc/sysrq-trigger
# That is done by a worker of the kernel.
while :; do sleep 1; done
