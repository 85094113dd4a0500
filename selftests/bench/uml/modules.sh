#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# modules.sh DIR OUTDIR - build sfw.ko and sfw_meter.ko for the benches' kernel
#
# DIR is what build.sh printed. Both modules are put into OUTDIR/KEY, KEY being
# the end of DIR, and their objects stay below it, so that only what changed is
# built again.
#
# UML_FORCE_LOCK (a thing of linux-6.12.patch) gives atomics their lock prefix,
# as in the kernel itself: without it, an SMP kernel's cost would not be seen.
set -eu -o pipefail
[ $# -eq 2 ] || { echo "usage: modules.sh DIR OUTDIR" >&2; exit 1; }
top=$(readlink -f "$(dirname "$0")/../../..")
dir=$(readlink -f "$1")
[ -e "$dir/linux" ] || {
	echo "modules.sh: no kernel in $1; build.sh makes one" >&2
	exit 1
}
mkdir -p "$2"
out=$(readlink -f "$2")/${dir##*-}
mkdir -p "$out"
# Held by this shell alone: a make that outlives it does not keep others out.
exec 9> "$out/.lock"
flock 9

# As in the top Makefile: kbuild puts objects beside sources, so it gets a
# directory of links.
mirror() { # FROM TO
	mkdir -p "$2"
	find "$2" -xtype l -delete
	(cd "$1" && find . -type f \( -name '*.[ch]' -o -name Kbuild \
		-o -name dkms.conf \)) | while read -r f; do
		[ -e "$2/$f" ] && continue
		mkdir -p "$(dirname "$2/$f")"
		ln -s "$(readlink -f "$1/$f")" "$2/$f"
	done
}

build() { # MODULE
	make -s -C "$dir/src" ARCH=um O="$dir/obj" M="$out/$1" \
		KCFLAGS=-DUML_FORCE_LOCK -j"$(nproc)" modules >&2 9>&-
	cmp -s "$out/$1/$1.ko" "$out/$1.ko" || {
		cp "$out/$1/$1.ko" "$out/$1.ko.new"
		mv "$out/$1.ko.new" "$out/$1.ko"
	}
}

mkdir -p "$out/sfw"
ln -sfn "$top/Kbuild" "$out/sfw/Kbuild"
ln -sfn "$top/dkms.conf" "$out/sfw/dkms.conf"
mirror "$top/kmod" "$out/sfw/kmod"
build sfw

mirror "$top/selftests/bench/meter" "$out/sfw_meter"
build sfw_meter
