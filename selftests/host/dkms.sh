#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# dkms builds and installs the module for both kernels, and leaves a kernel
# alone that sfw is not written for
#
# With --root DIR, dkms runs in that root file system, for the kernels whose
# headers it has (see dkms-root.sh); else here, with all its trees in a
# directory of the test's own, so that this machine's dkms does not notice.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"
plan 15

in=()
if [[ ${1:-} == --root ]]; then
	root=$(readlink -f "$2")
	in=(chroot "$root")
	trees=()
else
	command -v dkms > /dev/null || skip_all "no dkms"
	root=$TMP
	# It makes itself a key to sign with, in a place that is not for choice.
	[[ -e /var/lib/dkms/mok.key ]] || at_exit() { rm -f /var/lib/dkms/mok.{key,pub}; }
	trees=(--dkmstree "$TMP/var/lib/dkms" --sourcetree "$TMP/usr/src"
		--installtree "$TMP/lib/modules" --no-depmod)
fi
if ((${#trees[@]})); then
	mapfile -t kvers < <("$TOP/selftests/vm/kernels.sh")
else
	mapfile -t kvers < <(cd "$root/lib/modules" && printf '%s\n' */build | cut -d/ -f1)
fi
version=$(sed -n 's/^PACKAGE_VERSION="\(.*\)"/\1/p' "$TOP/dkms.conf")
mkdir -p "$root"/{var/lib/dkms,usr/src/sfw-"$version"}

# What a release has: the tree without what was built in it.
tar -C "$TOP" --exclude=./build --exclude=./.git --exclude='*.o' -c . |
	tar -C "$root/usr/src/sfw-$version" -x

run_dkms() { # COMMAND KVER
	local source=()
	((${#trees[@]})) && [[ ${2:-} ]] && source=(--kernelsourcedir "/lib/modules/$2/build")
	"${in[@]}" dkms "$1" "sfw/$version" "${trees[@]}" ${2:+-k "$2"} "${source[@]}" 2>&1
}

check "dkms add" run_dkms add
for kver in "${kvers[@]}"; do
	# dkms looks for the kernel's directory before it installs.
	mkdir -p "$root/lib/modules/$kver"
	check "dkms build for $kver" run_dkms build "$kver"
	check "dkms install for $kver" run_dkms install "$kver"
	ko=$(echo "$root/lib/modules/$kver"/updates/dkms/sfw.ko*)
	check "the module is in updates/dkms" test -s "$ko"
	is "it is for $kver" "$(modinfo -F vermagic "$ko" | cut -d' ' -f1)" "$kver"
done
is "dkms status shows both" \
	"$(run_dkms status | grep -c "^sfw/$version, .*: installed")" "${#kvers[@]}"

# Skipped, not failed: dkms says 77 for that.
for kver in 4.19.0-27-amd64 5.4.0-1-generic 5.9.16; do
	mkdir -p "$root/lib/modules/$kver"
	out=$(run_dkms build "$kver")
	is "$kver is skipped" "$?" 77
	rmdir "$root/lib/modules/$kver"
done
out=$(
	# shellcheck source=/dev/null
	. "$TOP/dkms.conf"
	for kver in 6.1.0-1 6.18.44-x 7.1-rc1 10.0.1 5.10.0-1-amd64 5.19.17 6.0.0-1 \
			2.6.32 3.16.0-4-amd64 4.9.0 5.9.9 5.1.0 5.2.1-x; do
		[[ $kver =~ $BUILD_EXCLUSIVE_KERNEL ]] && echo -n "$kver "
	done
)
is "6.1 and newer are wanted, older ones not" "$out" \
	"6.1.0-1 6.18.44-x 7.1-rc1 10.0.1 "

for kver in "${kvers[@]}"; do
	run_dkms remove "$kver" > /dev/null
done
is "dkms remove leaves no module" "$(find "$root"/lib/modules/*/updates -name 'sfw*' 2> /dev/null)" ""
rm -rf "$root/usr/src/sfw-$version" "$root/var/lib/dkms/sfw"
