#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# modules.sh DIR OUTDIR - build sfw.ko and sfw_meter.ko for the benches' kernel
#
# DIR is what build.sh printed. Both modules are put into OUTDIR; their objects
# stay in OUTDIR/KEY, one directory for each kernel, so that only what changed
# is built again.
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
out=$(readlink -f "$2")
obj=$out/${dir##*-}
mkdir -p "$obj"
exec 9> "$obj/.lock"
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
	make -s -C "$dir/src" ARCH=um O="$dir/obj" M="$obj/$1" \
		KCFLAGS=-DUML_FORCE_LOCK -j"$(nproc)" modules >&2
	cmp -s "$obj/$1/$1.ko" "$out/$1.ko" || {
		cp "$obj/$1/$1.ko" "$out/$1.ko.new"
		mv "$out/$1.ko.new" "$out/$1.ko"
	}
}

mkdir -p "$obj/sfw"
ln -sfn "$top/Kbuild" "$obj/sfw/Kbuild"
ln -sfn "$top/dkms.conf" "$obj/sfw/dkms.conf"
mirror "$top/kmod" "$obj/sfw/kmod"
build sfw

mirror "$top/selftests/bench/meter" "$obj/sfw_meter"
build sfw_meter
