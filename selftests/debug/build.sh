#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# build.sh kasan|kcsan - build a kernel that reports bugs; print its directory
#
# The directory is build/debug/KIND-KEY (SFW_DEBUG_CACHE=dir puts it elsewhere):
#	release		its version, as uname -r says it
#	boot/vmlinuz-*	the kernel, for ../vm/boot.sh
#	lib/modules/	lists of what is built in, for modprobe
#	obj/		what modules are built against (KDIR)
# KEY is the hash of all it is made from: the version of Debian's
# linux-source-6.12, the compiler's, the configuration, and $recipe below. A
# kernel that is there already is not built again.
#
# common.config and KIND.config are laid over tinyconfig. An option that was
# asked for and that Kconfig did not grant is an error, or else a detector that
# is silent because it is not there would pass for a clean run.
set -eu
recipe=1
kind=${1:-}
here=$(dirname "$(readlink -f "$0")")
top=$(readlink -f "$here/../..")
[ -n "$kind" ] && [ -e "$here/$kind.config" ] && [ "$kind" != common ] || {
	echo "usage: build.sh kasan|kcsan" >&2
	exit 2
}
cache=${SFW_DEBUG_CACHE:-$top/build/debug}
tarball=/usr/src/linux-source-6.12.tar.xz

version=$(dpkg-query -W -f '${Version}' linux-source-6.12)
key=$({ echo "$version $recipe"; gcc --version | head -n 1
	cat "$here/common.config" "$here/$kind.config"
} | sha256sum | cut -c 1-8)
dir=$cache/$kind-$key
src=$cache/src-$(echo "$version" | tr -c '0-9a-zA-Z.\n' _)

# One is built at a time; who needs one that is there does not wait.
mkdir -p "$cache"
[ -e "$dir/release" ] || { exec 9> "$cache/.lock"; flock 9; }
[ ! -e "$dir/release" ] || { echo "$dir"; exit; }

echo "# building a $kind kernel ($version): ten minutes or more, once" >&2
if [ ! -e "$src" ]; then
	rm -rf "$src.new"
	mkdir "$src.new"
	tar -xJf "$tarball" -C "$src.new" --strip-components=1
	mv "$src.new" "$src"
fi
rm -rf "$dir"
mkdir -p "$dir/obj" "$dir/boot"
kernel() {
	nice -n 19 make -s -C "$src" O="$dir/obj" LOCALVERSION="-$kind-$key" "$@"
}
{
	kernel tinyconfig &&
	(cd "$src" && scripts/kconfig/merge_config.sh -m -O "$dir/obj" \
		"$dir/obj/.config" "$here/common.config" "$here/$kind.config") &&
	kernel olddefconfig
} > "$dir/build.log" 2>&1 || {
	tail -n 30 "$dir/build.log" >&2
	echo "build.sh: no configuration; all of it: $dir/build.log" >&2
	exit 1
}
refused=$(cat "$here/common.config" "$here/$kind.config" |
	grep -E '^(# )?CONFIG_' | while read -r line; do
	case $line in
	CONFIG_*)
		grep -qxF "$line" "$dir/obj/.config" || echo "  $line" ;;
	*)
		line=${line#\# }
		! grep -q "^${line%% *}=" "$dir/obj/.config" || echo "  $line" ;;
	esac
done)
[ -z "$refused" ] || {
	printf 'build.sh: Kconfig does not grant:\n%s\n' "$refused" >&2
	exit 1
}
{
	kernel -j"$(nproc)" bzImage modules &&
	kernel INSTALL_MOD_PATH="$dir" modules_install
} >> "$dir/build.log" 2>&1 || {
	tail -n 30 "$dir/build.log" >&2
	echo "build.sh: the kernel does not build; all of it: $dir/build.log" >&2
	exit 1
}
release=$(cat "$dir/obj/include/config/kernel.release")
cp "$dir/obj/arch/x86/boot/bzImage" "$dir/boot/vmlinuz-$release"
find "$dir/obj" \( -name '*.o' -o -name '.*.cmd' -o -name '*.a' \) \
	-not -path '*/scripts/*' -not -path '*/tools/*' -delete
rm -f "$dir"/obj/vmlinux* "$dir"/obj/.tmp_*
echo "$release" > "$dir/release"
echo "$dir"
