#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# boot.sh [-m SIZE] [-t SECONDS] JOBDIR - run JOBDIR/job.sh under user-mode Linux
#
# Boots the benches' kernel (build.sh makes it, modules.sh its modules) with
# this machine's own / as its root, read-only, and runs JOBDIR/job.sh there as
# root with bash, in JOBDIR, which is writable and has the same path as here.
# /run, /tmp and /var/lib are empty tmpfs. It exits with the script's status;
# 124: time limit, 125: the guest died, or its kernel complained (WARNING, BUG,
# Oops, RCU stall, a call trace), 130: interrupted.
#
#	-m SIZE		memory of the guest, default 2G
#	-t SECONDS	time limit, default 3600
#
# In JOBDIR it leaves log, what the script printed, at most some 2 s late; rc,
# its exit status; console, what the kernel printed. job.sh finds in its
# environment: SFW_KO, METER_KO (to insmod), SFWCTL, BENCH (selftests/bench), and
# a PATH with sfwctl in it.
#
# Environment: SFW_BENCH_KERNEL=dir   what build.sh printed
#	       SFW_BENCH_MODULES=dir  the OUTDIR that modules.sh was given
#	       SFW_BENCH_SFWCTL=file  sfwctl
# Where they are not set: build.sh is asked; build/bench/modules and build/sfwctl
# below the top of this tree, which have to be there.
#
# What was tried, so that nobody needs to try it again:
#  - the guest's memory is a file in $TMPDIR. On a tmpfs of huge pages, mounted
#    for this guest alone in a mount namespace of our own, every big table of
#    the guest has 2 MB pages, as a kernel's linear mapping has; without, they
#    pay a 4 KB TLB miss per access. Where that cannot be had: /dev/shm.
#  - output through the console: it drops writes when it is busy. Through a file
#    on hostfs that job.sh has open: it lags, and holes show. So the script
#    writes to a tmpfs of the guest, and init.sh appends what is new to log.
#  - a guest is many host processes, one for each of its address spaces. They
#    trace one another and go when the first one goes, whatever it dies of; a
#    process namespace of their own makes that certain.
set -u

die() { echo "boot.sh: $*" >&2; exit 125; }

memory=2G
limit=3600
while getopts m:t: opt; do
	case $opt in
	m)	memory=$OPTARG ;;
	t)	limit=$OPTARG ;;
	*)	exit 125 ;;
	esac
done
shift $((OPTIND - 1))
[ $# -eq 1 ] || die "usage: boot.sh [-m SIZE] [-t SECONDS] JOBDIR"
here=$(dirname "$(readlink -f "$0")")
top=$(readlink -f "$here/../../..")
job=$(readlink -f "$1")
[ -r "$job/job.sh" ] || die "no $1/job.sh"
[ "$(id -u)" = 0 ] || die "not root: hostfs would show a root that cannot read"

kernel=${SFW_BENCH_KERNEL:-$("$here/build.sh")} || exit 125
modules=$(readlink -f "${SFW_BENCH_MODULES:-$top/build/bench/modules}")/${kernel##*-}
sfwctl=$(readlink -f "${SFW_BENCH_SFWCTL:-$top/build/sfwctl}")
for need in "$kernel/linux" "$modules/sfw.ko" "$modules/sfw_meter.ko" "$sfwctl"; do
	[ -e "$need" ] || die "$need is not there"
done
# They are words of the kernel's command line.
case $top$job$modules$sfwctl in
*[[:space:]\"]*) die "no blanks or quotes in paths, please" ;;
esac

rm -f "$job"/{log,rc,console}
: > "$job/log"
guest=
# shellcheck disable=SC2317 # by trap
clean() {
	[ -z "$guest" ] || kill -KILL "$guest" 2> /dev/null
	# It is gone when nobody has its memory any more.
	[ -z "$guest" ] || wait "$guest" 2> /dev/null
	rm -rf "$tmp"
}
tmp=$(mktemp -d) || exit 125
trap clean EXIT
trap 'exit 130' INT TERM HUP

# Quoted for the shell that is the guest's first parent: unshare makes it PID 1
# of its process namespace, so whatever kills unshare kills all of the guest.
# shellcheck disable=SC2016
start='
	mount -t tmpfs -o huge=always,size=90% none "$1" 2> /dev/null ||
		mount -t tmpfs -o size=90% none "$1" || exit
	export TMPDIR=$1
	shift
	"$@" &
	wait $!
'
unshare -m -p -f --kill-child --mount-proc \
	timeout -k 5 "$limit" bash -c "$start" guest "$tmp" \
	"$kernel/linux" "mem=$memory" root=/dev/root rootfstype=hostfs hostfs=/ ro \
	"uml_dir=$tmp/" umid=guest con=null con0=null,fd:1 quiet loglevel=5 slab_nomerge \
	panic=-1 oops=panic "init=$here/init.sh" "JOB=$job" "TOP=$top" \
	"SFW_KO=$modules/sfw.ko" "METER_KO=$modules/sfw_meter.ko" \
	"SFWCTL=$sfwctl" < /dev/null > "$job/console" 2>&1 &
guest=$!
wait "$guest"
ended=$?
guest=

[ "$ended" != 124 ] || {
	echo "boot.sh: more than $limit s" >&2
	exit 124
}
if complaint=$(grep -m 1 -anE '\b(WARNING|BUG|Oops|Kernel panic)\b|Call Trace|rcu.*(stall|detected)|soft lockup|Modules linked in' \
		"$job/console"); then
	echo "boot.sh: the guest's kernel complained ($job/console:$complaint)" >&2
	exit 125
fi
[ -s "$job/rc" ] || {
	{
		echo "boot.sh: the guest died (status $ended); its console:"
		tail -n 30 "$job/console"
	} >&2
	exit 125
}
exit "$(cat "$job/rc")"
