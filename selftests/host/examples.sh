#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The example rule sets: clean, and they do what is expected of them
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"
cd "$TOP/tools/examples" || exit
expect=(*.expect)
plan $((5 + ${#expect[@]}))

sfwctl=${SFWCTL:-$TOP/build/sfwctl}
[[ -x $sfwctl ]] || make -s -C "$TOP" tools >&2 || exit
bad=
for name in bastion dns edge router server workstation; do
	[[ -s $name.expect ]] || bad+=" $name"
done
is "those that everybody needs have a file of what is expected" "$bad" ""
bad=
for file in *.rules; do
	# One shows every clause there is, two tell what a rule for replies is.
	[[ $file != all-clauses.rules && $file != web-stateless* ]] || continue
	"$sfwctl" check --strict "$file" > "$TMP/out" 2>&1 || bad+=$(< "$TMP/out")$'\n'
done
is "all pass check --strict" "$bad" ""
check "that with every clause can be read" "$sfwctl" export json -f all-clauses.rules
bad=
for file in "${expect[@]}"; do
	check "${file%.expect}: does what is expected" "$sfwctl" test "$file" -f "${file%.expect}.rules"
	# Both ways, or else a set that allows everything would pass.
	# shellcheck disable=SC2015 # a failure of either
	grep -q '^expect  *allow' "$file" && grep -qE '^expect  *(deny|reject)' "$file" || bad+=" $file"
done
is "what is to pass and what is not are both asked" "$bad" ""
sed 's/^expect allow/expect deny/' server.expect > "$TMP/server.expect"
"$sfwctl" test "$TMP/server.expect" -f server.rules > /dev/null 2>&1
is "what is not so is noticed" "$?" 1
