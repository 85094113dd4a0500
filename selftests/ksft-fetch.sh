#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# ksft-fetch.sh DEST - take what a test needs of the kernel's own source tree
#
# Unpacks kselftest's framework (lib.mk, the runner, kselftest_harness.h) and
# checkpatch.pl from Debian's linux-source package into DEST, so that no copy
# of them lives in this repository. 6.12's files serve both kernels:
# ktap_helpers.sh is newer than 6.1. Does nothing if DEST is up to date.
set -eu
dest=$1
tarball=${KSOURCE:-/usr/src/linux-source-6.12.tar.xz}
top=$(basename "$tarball" .tar.xz)
tests=$top/tools/testing/selftests

[ -r "$tarball" ] || { echo "ksft-fetch.sh: no $tarball: apt-get install $top" >&2; exit 1; }
[ ! "$dest/.done" -nt "$tarball" ] || exit 0
rm -rf "$dest"
mkdir -p "$dest"
tar -xJf "$tarball" -C "$dest" --strip-components=1 \
	"$tests/lib.mk" "$tests/kselftest.h" "$tests/kselftest_harness.h" \
	"$tests/kselftest" "$top/scripts/checkpatch.pl" \
	"$top/scripts/spelling.txt" "$top/scripts/const_structs.checkpatch"
touch "$dest/.done"
