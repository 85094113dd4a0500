#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# kernels.sh [SERIES...] - the kernels to test on, one version per line
#
# For each series (default: 6.1 and 6.12, the two that Debian 12 has) the
# newest Debian kernel in /boot. A series without a kernel is an error. The
# cloud flavour has no 9p and the realtime one is another beast; both are
# passed over.
#
# KERNELS_BOOT=dir looks elsewhere than in /boot.
boot=${KERNELS_BOOT:-/boot}
[ $# -gt 0 ] || set -- 6.1 6.12
status=0
for series; do
	newest=
	for image in $(printf '%s\n' "$boot/vmlinuz-$series."*-amd64 | sort -V); do
		case $image in *-cloud-*|*-rt-*|*[*]*) ;; *) newest=$image ;; esac
	done
	if [ -n "$newest" ]; then
		echo "${newest#"$boot"/vmlinuz-}"
	else
		meta=linux-image-$series-amd64
		[ "$series" != 6.1 ] || meta=linux-image-amd64
		echo "kernels.sh: no $series kernel in $boot: apt-get install $meta" >&2
		status=1
	fi
done
exit $status
