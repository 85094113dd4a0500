#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# initramfs.sh KVER OUT - make the initramfs that boot.sh boots
#
# busybox, the few modules that lead to a 9p root under an overlay, and
# init.sh as /init. All come from this machine; nothing is compiled.
set -eu
kver=$1 out=$2
here=$(dirname "$(readlink -f "$0")")
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT

mkdir -p "$tree"/{bin,dev,lower,modules,newroot,proc,rw,sys}
cp "$(command -v busybox)" "$tree/bin/busybox"
for applet in sh mount insmod ip mkdir ln switch_root reboot; do
	ln -s busybox "$tree/bin/$applet"
done

# In the order in which they must be inserted. A module that is built in has
# no file and is not listed as one by modprobe.
: > "$tree/modules/order"
modprobe ${VM_ROOT:+-d "$VM_ROOT"} -S "$kver" --all --show-depends \
	virtio_pci virtio_console 9p 9pnet_virtio overlay |
while read -r verb file _; do
	[ "$verb" = insmod ] || continue
	name=$(basename "$file")
	name=${name%%.ko*}
	[ ! -e "$tree/modules/$name.ko" ] || continue
	case $file in
	*.xz)	xz -dc "$file" ;;
	*.zst)	zstd -qdc "$file" ;;
	*)	cat "$file" ;;
	esac > "$tree/modules/$name.ko"
	echo "$name" >> "$tree/modules/order"
done

install -m 755 "$here/init.sh" "$tree/init"
(cd "$tree" && find . | cpio -o -H newc --quiet) > "$out.$$"
mv "$out.$$" "$out"
