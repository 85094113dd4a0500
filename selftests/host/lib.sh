# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034
# Library of the host tests: TAP, and a directory that goes at the end
#
#	. "$(dirname "$0")/lib.sh"
#	plan N
#	ok NAME | not_ok NAME [TEXT]
#	check NAME COMMAND...	good if it ends with 0; else shows its output
#	is NAME GOT WANTED
#
# TOP is the source tree, TMP a directory of the test's own. A test fails if
# it makes more or fewer checks than planned.
TOP=$(readlink -f "$(dirname "${BASH_SOURCE[0]}")/../..")
TMP=$(mktemp -d)
DONE=0
FAILED=0
PLANNED=

plan() { PLANNED=$1; echo "TAP version 13"; echo "1..$1"; }
ok() { echo "ok $((++DONE)) - $1"; }
not_ok() {
	echo "not ok $((++DONE)) - $1"
	FAILED=1
	[[ -z ${2:-} ]] || echo "#   ${2//$'\n'/$'\n#   '}"
}
check() {
	local name=$1 out
	shift
	if out=$("$@" 2>&1); then ok "$name"; else not_ok "$name" "exit $?: $*"$'\n'"$out"; fi
}
is() { if [[ $2 == "$3" ]]; then ok "$1"; else not_ok "$1" "got    '$2'"$'\n'"wanted '$3'"; fi; }
skip_all() { echo "1..0 # SKIP $*"; PLANNED=skip; exit 4; }

cleanup() {
	local status=$?
	! type at_exit &> /dev/null || at_exit
	rm -rf "$TMP"
	[[ $PLANNED != skip ]] || exit 4
	if [[ $DONE != "$PLANNED" ]]; then
		echo "# $DONE checks made, ${PLANNED:-none} planned"
		status=1
	fi
	((FAILED)) && status=1
	exit "$status"
}
trap cleanup EXIT
