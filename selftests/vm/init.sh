#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# init.sh - process 1 of the initramfs: reach the machine's own root, hand over
#
# The host's / arrives as a read-only 9p share. A tmpfs is laid over it, so
# that the guest may write anywhere and nothing of it comes back. The second
# share is the only way out: it becomes /run/vm, with the command to run and
# room for its status (see boot.sh and stage2.sh).
#
# On the kernel's command line, vm.root=DIR makes a directory of the host the
# root instead, and vm.init=PROGRAM, without arguments, process 1: what it starts
# has to run stage2.sh in the end.
export PATH=/bin
mount -t proc proc /proc
mount -t devtmpfs dev /dev
mount -t sysfs sys /sys

die() {
	echo "init: $*" > /dev/console
	reboot -f
}

while read -r module; do
	insmod "/modules/$module.ko" || die "cannot insert $module"
done < /modules/order

# loose: the host does not change under the guest, at least not so that it
# would matter, and every look-up that stays in the guest is one exit less.
opt=trans=virtio,version=9p2000.L,access=any,msize=512000
mount -t 9p -o ro,cache=loose,$opt hostroot /lower || die "no root share"
mount -t tmpfs -o size=75% tmpfs /rw
mkdir /rw/upper /rw/work
lower=/lower
init="/bin/bash /run/vm/stage2.sh"
for word in $(cat /proc/cmdline); do
	case $word in
	vm.root=*) lower=/lower${word#vm.root=} ;;
	vm.init=*) init=${word#vm.init=} ;;
	esac
done
mount -t overlay -o lowerdir=$lower,upperdir=/rw/upper,workdir=/rw/work \
	overlay /newroot || die "no overlay"

root=/newroot
mkdir -p $root/proc $root/sys $root/dev $root/run $root/tmp
mount -t tmpfs tmpfs $root/run
mkdir -p $root/run/vm $root/run/netns $root/run/lock /dev/pts /dev/shm
mount -t 9p -o $opt vmshare $root/run/vm || die "no command share"
mount -t devpts devpts /dev/pts
mount -t tmpfs -o mode=1777 shm /dev/shm
mount -t debugfs debugfs /sys/kernel/debug
mount -t tracefs tracefs /sys/kernel/tracing
mount -t cgroup2 cgroup2 /sys/fs/cgroup
ln -sfn /proc/self/fd /dev/fd
ln -sfn fd/0 /dev/stdin
ln -sfn fd/1 /dev/stdout
ln -sfn fd/2 /dev/stderr
echo sfw-vm > /proc/sys/kernel/hostname
ip link set lo up

for dir in proc sys dev; do
	mount --move /$dir $root/$dir
done
# shellcheck disable=SC2086 # words
exec switch_root $root $init
