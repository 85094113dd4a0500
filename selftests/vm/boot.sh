#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# boot.sh [-i] [-t SECONDS] KVER COMMAND - run COMMAND in a VM under kernel KVER
#
# Boots the installed Debian kernel KVER with this machine's own / as its root
# (9p, read-only, under a tmpfs: the guest may write anywhere and nothing
# comes back), runs COMMAND there with bash, prints its output, and exits with
# its status; 124: time limit (default 600 s), 125: the VM died, its console's
# last lines are on stderr.
#
#	-i	interactive: COMMAND has the terminal
#	-d DIR	DIR is /run/vm in the guest, writable, and stays; the console's
#		output is DIR/console
#
# Environment: SFW_VM_ACCEL=kvm|tcg  do not try which of them works
#	       SFW_VM_ACCEL=icount   emulate one CPU whose time is the number
#				     of instructions it has executed, in ns
#	       SFW_VM_CACHE=dir      where kernels and initramfs are kept,
#	                             default build/vm beside selftests
#	       VM_ROOT=dir           boot/vmlinuz-KVER and lib/modules/KVER are
#	                             there and not in /; see ../debug/build.sh
#	       VM_SMP=2 VM_MEM=2048  size
#	       VM_APPEND=...         more for the kernel's command line
#	       VM_QEMU=...           more for qemu's
#
# Needs: qemu-system-x86 busybox-static cpio kmod xz-utils zstd
#
# What was tried, so that nobody needs to try it again:
#  - the microvm machine never reached a shell (TSC calibration);
#  - the kernel is unpacked here and booted as a bare vmlinux through PVH and
#    qboot: with a bzImage, most of the boot time is an emulated decompressor;
#  - la57=off: Debian's kernels take twice as long to boot with five levels;
#  - output goes through a virtio port, because an emulated UART is slow, and
#    into a file chardev on a fifo, because a stdio chardev wedges when stdin
#    is /dev/null and /dev/stdout cannot be opened when it is a socket;
#  - on a busy machine an emulated kernel of two CPUs sometimes dies while it
#    boots, of an int3 that code patching had just taken away: a VM that ends
#    before it runs COMMAND is booted again, twice at most;
#  - /dev/kvm may be there and KVM guests hang all the same: KVM is tried once
#    per boot of this machine, with a short time limit.
set -u

die() { echo "boot.sh: $*" >&2; exit 125; }

said=("$@")
interactive=
limit=600
share=
while getopts id:t: opt; do
	case $opt in
	i)	interactive=1 limit=0 ;;
	d)	share=$(realpath "$OPTARG") || exit 125 ;;
	t)	limit=$OPTARG ;;
	*)	exit 125 ;;
	esac
done
shift $((OPTIND - 1))
[ $# -ge 2 ] || die "usage: boot.sh [-i] [-d DIR] [-t SECONDS] KVER COMMAND"
kver=$1
shift
self=$(readlink -f "$0")
here=${self%/*}
cache=${SFW_VM_CACHE:-$here/../../build/vm}
mkdir -p "$cache" || exit 125

for need in qemu-system-x86_64:qemu-system-x86 busybox:busybox-static \
		cpio:cpio modprobe:kmod xz:xz-utils zstd:zstd; do
	PATH=$PATH:/usr/sbin:/sbin command -v "${need%:*}" > /dev/null ||
		die "no ${need%:*}: apt-get install ${need#*:}"
done
image=${VM_ROOT:-}/boot/vmlinuz-$kver
[ -r "$image" ] || die "no $image: apt-get install linux-image-$kver"

# Takes the ELF image out of a bzImage: look for the compressor's magic (6.1 is
# packed with xz, 6.12 with zstd), unpack from there, see if it is one.
unpack() { # BZIMAGE OUT
	local packer magic at
	while read -r packer magic; do
		for at in $(LC_ALL=C grep -obUaP "$magic" "$1" | cut -d: -f1 | head -n 5); do
			tail -c +$((at + 1)) "$1" | "$packer" -qdc 2> /dev/null > "$2"
			[ "$(head -c 4 "$2" | tail -c 3)" != ELF ] || return 0
		done
	done <<-'END'
		xz \xfd7zXZ\x00
		zstd \x28\xb5\x2f\xfd
		gzip \x1f\x8b\x08\x00
	END
	return 1
}

# Two of us may start at the same time.
{
	flock 9
	vmlinux=$cache/vmlinux-$kver
	if [ ! "$vmlinux" -nt "$image" ]; then
		unpack "$image" "$vmlinux.new" || die "cannot unpack $image"
		mv "$vmlinux.new" "$vmlinux"
	fi
	initramfs=$cache/initramfs-$kver
	for input in "$here/init.sh" "$here/initramfs.sh" \
			"${VM_ROOT:-}/lib/modules/$kver/modules.dep"; do
		[ "$initramfs" -nt "$input" ] || rm -f "$initramfs"
	done
	[ -e "$initramfs" ] ||
		PATH=$PATH:/usr/sbin:/sbin "$here/initramfs.sh" "$kver" "$initramfs" ||
		die "cannot make an initramfs for $kver"
} 9> "$cache/lock"

# Sets $accel to kvm or tcg. What was found out is kept for this boot.
choose_accel() {
	accel=${SFW_VM_ACCEL:-}
	[ -z "$accel" ] || return 0
	accel=tcg
	[ -w /dev/kvm ] || return 0
	local memo
	memo=$cache/accel-$(cat /proc/sys/kernel/random/boot_id)
	{
		flock 8
		if [ ! -s "$memo" ]; then
			if SFW_VM_ACCEL=kvm "$self" -t 10 "$kver" true 2> /dev/null; then
				echo kvm
			else
				echo tcg
			fi > "$memo"
		fi
	} 8> "$cache/lock-accel"
	accel=$(cat "$memo")
}
choose_accel

# Under TCG the guest reads this machine's TSC. Its frequency cannot be measured
# by a guest that does not get the processor when it wants it: on a busy
# machine guests were seen whose seconds were not half as long. cpuinfo has
# it, unless it shows what the frequency of the core is at the moment.
tsc() {
	[ ! -e /sys/devices/system/cpu/cpu0/cpufreq ] || return 0
	awk -F '[ \t]*: *' '
		$1 == "flags" { steady = / constant_tsc/ && !/ aperfmperf/ }
		$1 == "cpu MHz" { khz = int($2 * 1000) }
		END { if (khz && steady) print "tsc_early_khz=" khz }' /proc/cpuinfo
}
append=
case $accel in
kvm)	cpu=(-accel kvm -cpu "host,-arch-capabilities") ;;
tcg)	cpu=(-accel "tcg,thread=multi" -cpu "max,la57=off")
	append=$(tsc) ;;
icount)	VM_SMP=1
	VM_APPEND="clocksource=tsc ${VM_APPEND:-}"
	cpu=(-accel "tcg,thread=single" -icount "shift=0"
		-rtc "base=2026-01-01,clock=vm"
		-cpu "max,la57=off,rdrand=off,rdseed=off,erms=off") ;;
*)	die "SFW_VM_ACCEL is '$accel', it can be kvm, tcg or icount" ;;
esac

tmp=$(mktemp -d) || exit 125
[ -n "$share" ] || { share=$tmp/share; mkdir "$share"; }
qemu=
# shellcheck disable=SC2317 # by trap
clean() {
	[ -z "$qemu" ] || kill "$qemu" 2> /dev/null
	[ -z "$interactive" ] || stty sane 2> /dev/null
	rm -rf "$tmp"
}
trap clean EXIT
trap 'exit 130' INT TERM HUP
rm -f "$share"/{status,started,interactive,console}
cp "$here/stage2.sh" "$share/stage2.sh"
printf '%s\n' "$*" > "$share/command"

# A panic ends the VM: panic=-1 reboots at once and -no-reboot makes that the
# end of qemu.
append="$append console=ttyS0 panic=-1 oops=panic reboot=t loglevel=4 log_buf_len=4M
	mitigations=off audit=0 net.ifnames=0 nokaslr random.trust_cpu=on
	tsc=reliable no_timer_check ${VM_APPEND:-}"
args=(-nodefaults -no-user-config -display none -no-reboot
	-machine "q35,graphics=off,usb=off,hpet=off" -bios qboot.rom
	"${cpu[@]}" -smp "${VM_SMP:-2}" -m "${VM_MEM:-2048}"
	-kernel "$vmlinux" -initrd "$initramfs" -append "${append//[$'\n\t']/ }"
	-device "isa-serial,chardev=console" -device virtio-serial-pci
	-fsdev "local,id=root,path=/,security_model=none,readonly=on,multidevs=remap"
	-device "virtio-9p-pci,fsdev=root,mount_tag=hostroot"
	-fsdev "local,id=share,path=$share,security_model=none"
	-device "virtio-9p-pci,fsdev=share,mount_tag=vmshare")

if [ -n "$interactive" ]; then
	{
		echo "export TERM=${TERM:-dumb}"
		[ ! -t 0 ] || echo "stty $(stty size | sed 's/\(.*\) \(.*\)/rows \1 cols \2/')"
		cat "$share/command"
	} > "$share/command.new"
	mv "$share/command.new" "$share/command"
	: > "$share/interactive"
	# shellcheck disable=SC2086 # VM_QEMU is a list
	qemu-system-x86_64 "${args[@]}" -chardev stdio,id=console,signal=off \
		${VM_QEMU:-} 2> "$tmp/qemu"
	ended=$?
else
	# In the background, so that a signal to us is acted on at once. The
	# fifo is opened here as well, or cat waits for ever if qemu never does.
	mkfifo "$tmp/out"
	cat "$tmp/out" &
	reader=$!
	# shellcheck disable=SC2086 # VM_QEMU is a list
	timeout -k 5 "$limit" qemu-system-x86_64 "${args[@]}" \
		-chardev "file,id=console,path=$share/console" \
		-chardev "file,id=out,path=$tmp/out" \
		-device "virtserialport,chardev=out,name=vm.out" \
		${VM_QEMU:-} < /dev/null 2> "$tmp/qemu" > "$tmp/out" &
	qemu=$!
	wait "$qemu"
	ended=$?
	qemu=
	wait "$reader"
fi

[ ! -s "$share/status" ] || exit "$(cat "$share/status")"
{
	echo "boot.sh: no status from the VM (qemu ended with $ended)"
	cat "$tmp/qemu"
	[ ! -e "$share/console" ] || { echo "its console:"; tail -n 50 "$share/console"; }
} >&2
[ "$ended" = 124 ] && exit 124
if [ ! -e "$share/started" ] && [ "${BOOT_TRY:-1}" -lt 3 ]; then
	echo "boot.sh: it did not come up, once more" >&2
	BOOT_TRY=$((${BOOT_TRY:-1} + 1)) "$self" "${said[@]}"
	exit
fi
exit 125
