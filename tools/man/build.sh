#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# build.sh SFWCTL DIR - the man pages, in DIR; `make man`
#
# sfw.7 and sfw.rules.5 are as they stand here; sfwctl.8 gets its commands from
# what the tool says about itself.
set -eu
sfwctl=${1:?} to=${2:?}
here=$(dirname "$(readlink -f "$0")")
mkdir -p "$to"
cp "$here/sfw.7" "$here/sfw.rules.5" "$to/"
"$sfwctl" --help |
	sed -n '/^Commands/,/^$/s/^  \([a-z][a-z-]*\) .*/\1/p' |
	while read -r name; do
		[ "$name" != help ] || continue
		"$sfwctl" help "$name" | awk -v name="$name" -f "$here/commands.awk"
	done > "$to/commands"
grep -q '^\.Ss status' "$to/commands" || { echo "build.sh: $sfwctl names no commands" >&2; exit 1; }
sed -e "/^@COMMANDS@/{r $to/commands" -e 'd}' "$here/sfwctl.8.in" > "$to/sfwctl.8"
rm "$to/commands"
