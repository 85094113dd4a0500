#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# deb.sh DIR - build the Debian packages into DIR; `make deb`
#
# From a copy of the tree, with tools/packaging/debian as its debian/. The
# version is that of dkms.conf; the date is that of the last commit, so that
# the same source gives the same packages.
set -eu
out=$(realpath -m "${1:?}")
top=$(readlink -f "$(dirname "$0")/../..")
cd "$top"
for need in dpkg-buildpackage:dpkg-dev dh:debhelper dh_dkms:dh-dkms fakeroot:fakeroot; do
	command -v "${need%:*}" > /dev/null ||
		{ echo "deb.sh: no ${need%:*}: apt-get install ${need#*:}" >&2; exit 1; }
done
version=$(sed -n 's/^PACKAGE_VERSION="\(.*\)"/\1/p' dkms.conf)
if date=$(git log -1 --format=%ct 2> /dev/null); then :; else
	date=$(stat -c %Y dkms.conf)
fi
date=$(date -u -R -d "@$date")

rm -rf "$out"
src=$out/sfw-$version
mkdir -p "$src"
tar -c --exclude='*.o' --exclude='*.cmd' --exclude='__pycache__' \
	COPYING Kbuild Makefile README.md dkms.conf kmod tools | tar -C "$src" -x
cp -a tools/packaging/debian "$src/debian"
rm "$src/debian/changelog.in"
sed -e "s/@VERSION@/$version/; s/@DATE@/$date/" tools/packaging/debian/changelog.in \
	> "$src/debian/changelog"
cd "$src"
# What make was told is not for the make of the packages.
unset MAKEFLAGS MFLAGS MAKELEVEL CFLAGS LDFLAGS CPPFLAGS
dpkg-buildpackage -us -uc -b > "$out/log" 2>&1 ||
	{ tail -n 40 "$out/log" >&2; echo "deb.sh: see $out/log" >&2; exit 1; }
rm -rf "$src"
ls "$out"/*.deb
