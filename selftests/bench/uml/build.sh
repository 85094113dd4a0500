#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# build.sh - build the user-mode kernel of the benchmarks; print its directory
#
# The directory is build/bench/linux-KEY (SFW_BENCH_CACHE=dir puts it
# elsewhere): `linux` is the kernel, `obj` and `src` are what modules are built
# against. KEY is the hash of all it is made from: the version of Debian's
# linux-source-6.12, the compiler's, the configuration, the patch and this
# script. A kernel that is there already is not built again; one that was not
# finished is not there, for `linux` comes last.
#
# The patch does three things, each of them on the peers' side:
#  - boots on hosts whose register image is larger than 6.12 expects (AMX);
#  - prices atomics as an SMP kernel does, for all of net/*/netfilter;
#  - turns on the AVX2 code of nft's pipapo sets, which is off in user mode.
#
# linux.config says what is on, everything else is off: that builds in half the
# time of the default configuration.
set -eu
here=$(dirname "$(readlink -f "$0")")
top=$(readlink -f "$here/../../..")
tarball=/usr/src/linux-source-6.12.tar.xz

die() { echo "build.sh: $*" >&2; exit 1; }

for need in flex bison bc xz patch gcc make; do
	command -v $need > /dev/null || die "no $need: selftests/packages.sh $top/selftests/bench/packages"
done
[ -r $tarball ] || die "no $tarball: apt-get install linux-source-6.12"
cache=${SFW_BENCH_CACHE:-$top/build/bench}
mkdir -p "$cache"
cache=$(readlink -f "$cache")

version=$(dpkg-query -W -f '${Version}' linux-source-6.12)
key=$({ echo "$version"; gcc --version | head -n 1
	cat "$here/linux.config" "$here/linux-6.12.patch" "$here/build.sh"
} | sha256sum | cut -c 1-12)
dir=$cache/linux-$key

um() { make -s -C "$dir/src" ARCH=um O="$dir/obj" UML_REAL=y "$@"; }

# What is compiled is below a few directories; of the others, the build wants
# Kconfig and Makefile only.
unpack() {
	tar -xJf $tarball -C "$dir" --wildcards \
		--exclude '*/Documentation/*/*' --exclude '*/sound/*.[chS]' \
		--exclude '*/tools/testing' --exclude '*/tools/perf' \
		--exclude '*/drivers/gpu/*.[ch]' --exclude '*/drivers/media/*.[ch]' \
		--exclude '*/drivers/staging/*.[ch]' --exclude '*/drivers/scsi/*.[ch]' \
		--exclude '*/drivers/net/ethernet/*.[ch]' \
		--exclude '*/drivers/net/wireless/*.[ch]' \
		--exclude '*/drivers/infiniband/*.[ch]' --exclude '*.dts' \
		--exclude '*.dtsi'
	mv "$dir"/linux-source-6.12 "$dir/src"
	patch -s -p1 -d "$dir/src" < "$here/linux-6.12.patch"
}

build() {
	um allnoconfig KCONFIG_ALLCONFIG="$here/linux.config"
	if grep -v '^#' "$here/linux.config" | grep . |
		grep -vxF -f "$dir/obj/.config"; then
		echo "linux.config: the kernel does not take these lines" >&2
		return 1
	fi
	um -j"$(nproc)"
}

# As a list of commands with || would switch off set -e in the functions:
# a process of its own.
if [ "${1:-}" = --into ]; then
	dir=$2
	unpack
	build
	exit
fi

exec 9> "$cache/.lock-$key"
flock 9
if [ ! -e "$dir/linux" ]; then
	echo "# building the user-mode kernel ($version): some minutes, once" >&2
	rm -rf "$dir"
	mkdir -p "$dir/obj"
	"$here/build.sh" --into "$dir" > "$dir/build.log" 2>&1 9>&- || {
		tail -n 30 "$dir/build.log" >&2
		die "the kernel does not build; all of it: $dir/build.log"
	}
	find "$dir/obj" \( -name '*.o' -o -name '.*.cmd' -o -name '*.a' \) \
		-not -path '*/scripts/*' -delete
	mv "$dir/obj/linux" "$dir/linux"
fi
echo "$dir"
