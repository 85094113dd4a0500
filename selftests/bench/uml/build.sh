#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# build.sh - build the user-mode kernel of the benchmarks; print its directory
#
# The directory is build/bench/linux-KEY (SFW_BENCH_CACHE=dir puts it
# elsewhere): `linux` is the kernel, `obj` and `src` are what modules are built
# against. KEY is the hash of all it is made from: the version of Debian's
# linux-source-6.12, the compiler's, the configuration, the patch and this
# script. A kernel that is there already is not built again.
#
# The patch does three things, each of them on the peers' side:
#  - boots on hosts whose register image is larger than 6.12 expects (AMX);
#  - prices atomics as an SMP kernel does, for all of net/*/netfilter;
#  - turns on the AVX2 code of nft's pipapo sets, which is off in user mode.
set -eu
here=$(dirname "$(readlink -f "$0")")
top=$(readlink -f "$here/../../..")
cache=${SFW_BENCH_CACHE:-$top/build/bench}
tarball=/usr/src/linux-source-6.12.tar.xz

version=$(dpkg-query -W -f '${Version}' linux-source-6.12)
key=$({ echo "$version"; gcc --version | head -n 1
	cat "$here/linux.config" "$here/linux-6.12.patch" "$here/build.sh"
} | sha256sum | cut -c 1-12)
dir=$cache/linux-$key

mkdir -p "$cache"
exec 9> "$cache/.lock"
flock 9
if [ ! -e "$dir/linux" ]; then
	echo "# building the user-mode kernel ($version): some minutes, once" >&2
	rm -rf "$dir"
	mkdir -p "$dir/obj"
	tar -xJf "$tarball" -C "$dir"
	mv "$dir"/linux-source-6.12 "$dir/src"
	patch -s -p1 -d "$dir/src" < "$here/linux-6.12.patch"
	um() { make -s -C "$dir/src" ARCH=um O="$dir/obj" UML_REAL=y "$@"; }
	{
		um defconfig &&
		(cd "$dir/src" && ARCH=um scripts/kconfig/merge_config.sh -m \
			-O "$dir/obj" "$dir/obj/.config" "$here/linux.config") &&
		um olddefconfig &&
		um -j"$(nproc)"
	} > "$dir/build.log" 2>&1 || {
		tail -n 30 "$dir/build.log" >&2
		echo "build.sh: the kernel does not build; all of it: $dir/build.log" >&2
		exit 1
	}
	find "$dir/obj" \( -name '*.o' -o -name '.*.cmd' -o -name '*.a' \) \
		-not -path '*/scripts/*' -delete
	mv "$dir/obj/linux" "$dir/linux"
fi
echo "$dir"
