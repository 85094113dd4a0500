#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The examples of README, of the man pages and of the help of each command: rules
# are read without a word, commands are none that sfwctl does not know. Without
# the module those that need it say only that (exit 3); nothing of this machine
# is touched.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"
plan 7

[[ ! -d /sys/module/sfw ]] || skip_all "the module is loaded: the examples would change it"
[[ -x $TOP/build/sfwctl ]] || make -s -C "$TOP" tools >&2 || exit
sfwctl=$TOP/build/sfwctl
# shellcheck source=../net/docs_lib.sh
. "$TOP/selftests/net/docs_lib.sh"
mkdir "$TMP"/{blocks,here,bin,etc,run}
docs_extract "$TOP" "$sfwctl" "$TMP/blocks" || exit
docs_files "$TOP" "$sfwctl" "$TMP/here" "$TMP/bin" || exit
sed -i "s|/etc/sfw/|$TMP/etc/|g; s|/run/|$TMP/run/|g; s|/root/|$TMP/run/|g
	s|/usr/share/doc/sfw/|$TOP/tools/|g; s/-N [a-z\$]* //" "$TMP"/blocks/*.sh
cp "$TMP/here/web.rules" "$TMP/etc/sfw.rules"
# What the machine itself would be asked for.
for name in ip sysctl rmmod insmod; do ln -s /bin/true "$TMP/bin/$name"; done
printf '#!/bin/sh\ncat saved\n' > "$TMP/bin/iptables-save"
cp "$TMP/bin/iptables-save" "$TMP/bin/ip6tables-save"
# shellcheck disable=SC2016 # for the script
printf '#!/bin/sh\n[ "$1" = -f ] && exec cat > /dev/null; echo "{\\"nftables\\":[]}"\n' > "$TMP/bin/nft"
chmod +x "$TMP"/bin/*tables-save "$TMP/bin/nft"

commands() { # NAME SOURCE LEAST
	local bad='' file line status n=0
	for file in "$TMP/blocks/$2".*.sh; do
		while IFS= read -r line <&3; do
			n=$((n + 1))
			(cd "$TMP/here" && PATH=$TMP/bin:$PATH && set -o pipefail && eval "$line") \
				> "$TMP/out" 2>&1 3<&- < /dev/null
			status=$?
			[[ $status == [013] ]] || bad+="[$line: $status $(< "$TMP/out")]"
		done 3< "$file"
	done
	((n >= $3)) || bad+="only $n commands were found"
	is "$1" "$bad" ""
}
commands "the commands in the help of the commands" help 40
commands "those in README" README 5
commands "those in sfwctl(8)" sfwctl.8.in 6
commands "those in sfw(7)" sfw.7 2

docs_rules "$sfwctl" "$TMP/blocks"
