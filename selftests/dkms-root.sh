#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# dkms-root.sh - run selftests/host/dkms.sh in a Debian 12 that has nothing
# but dkms and the headers of both kernels; `make test-dkms-root`
#
# What the quick test in this machine's root cannot show: that the packages
# named are enough, and dkms with its own trees. The root is made once with
# debootstrap (package debootstrap; some minutes and 1.5 GB) and kept in
# build/dkms-root; each run works on an overlay of it.
#
# MIRROR and SECURITY name other mirrors than deb.debian.org.
set -eu
here=$(dirname "$(readlink -f "$0")")
base=$here/../build/dkms-root
packages="dkms linux-headers-amd64 linux-headers-6.12-amd64"
mirror=${MIRROR:-http://deb.debian.org/debian}
security=${SECURITY:-http://deb.debian.org/debian-security}

[ "$(id -u)" = 0 ] || { echo "dkms-root.sh: chroot needs root" >&2; exit 1; }
command -v debootstrap > /dev/null ||
	{ echo "dkms-root.sh: no debootstrap: apt-get install debootstrap" >&2; exit 1; }

if [ ! -e "$base/.ready" ]; then
	rm -rf "$base"
	mkdir -p "$base"
	debootstrap --variant=minbase --include=ca-certificates bookworm "$base" "$mirror" >&2
	printf 'deb %s bookworm main\ndeb %s bookworm-updates main\ndeb %s bookworm-security main\n' \
		"$mirror" "$mirror" "$security" > "$base/etc/apt/sources.list"
	for file in /etc/resolv.conf /etc/apt/apt.conf.d/*proxy*; do
		[ ! -f "$file" ] || cp -L "$file" "$base$file"
	done
	chroot "$base" apt-get -q update >&2
	# shellcheck disable=SC2086 # a list
	DEBIAN_FRONTEND=noninteractive chroot "$base" \
		apt-get -q install -y --no-install-recommends $packages >&2
	touch "$base/.ready"
fi

# In a mount namespace of its own: the mounts end with it.
# shellcheck disable=SC2016 # expanded inside
exec unshare --mount --propagation private bash -eu -c '
	mount -t tmpfs tmpfs /mnt
	mkdir /mnt/upper /mnt/work /mnt/root
	mount -t overlay overlay -o "lowerdir=$1,upperdir=/mnt/upper,workdir=/mnt/work" /mnt/root
	mount -t proc proc /mnt/root/proc
	mount --bind /dev /mnt/root/dev
	exec "$2" --root /mnt/root
' - "$(readlink -f "$base")" "$here/host/dkms.sh"
