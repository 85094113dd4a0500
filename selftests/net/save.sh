#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# shellcheck disable=SC2016 # $NAME of a rule file is not for the shell
#
# sfwctl save: what runs is in a file that loads again, the file is the old or
# the new one whatever goes wrong, and every failure has its words and its exit
# status. So have the answers of all commands that nobody can read.
. ./lib.sh
plan 45

make_ns ONE TWO
dir=$TEST_DIR/etc
small=$TEST_DIR/small
mkdir -m 755 "$dir" "$small"
chmod 755 "$TEST_DIR"
mount -t tmpfs -o size=8k tmpfs "$small" || bail "no tmpfs"
# The place of the boot, but not this machine's.
made=
[[ -d /etc/sfw ]] || { mkdir /etc/sfw && made=1; }
mount -t tmpfs -o mode=755 tmpfs /etc/sfw || bail "no tmpfs on /etc/sfw"
at_exit() {
	umount "$small" /etc/sfw
	[[ ! $made ]] || rmdir /etc/sfw
}

# run STATUS PATTERN NAME ARGS...: sfwctl in ONE
run() {
	local want=$1 pattern=$2 name=$3 status
	shift 3
	R=$("$SFWCTL" -N "$ONE" "$@" 2>&1)
	status=$?
	# shellcheck disable=SC2053 # a pattern is wanted
	if [[ $status == "$want" && $R == $pattern ]]; then
		ok "$name"
	else
		not_ok "$name" "sfwctl $*" "exit $status, wanted $want" \
			"said   '$R'" "wanted '$pattern'"
	fi
}

# left NAME DIR FILES: these files are there and no others, hidden ones neither
left() {
	local names
	names=$(ls -A "$2")
	is "$1" "${names//$'\n'/ }" "$3"
}

run 1 '*no rule set*nothing is saved' "without a rule set there is nothing to save" \
	save "$dir/a"
left "and no file is made" "$dir" ""

mkdir /etc/sfw/rules.d
echo 'in 20 allow udp to port $names' >/etc/sfw/rules.d/b.rules
echo 'set names = { 53, 5353 }' >/etc/sfw/rules.d/a.rules
echo 'in 30 allow any' >/etc/sfw/rules.d/c.rules.off
cat >/etc/sfw/sfw.rules <<-'END'
	sfw 1
	default in reject log
	option max-connections 1000
	in 10 allow tcp to port 80 "with \"quotes\" and größer"
	include "rules.d/*.rules"
END
chmod 640 /etc/sfw/sfw.rules
run 0 '*2 in*' "rules.d: its files are read in the order of their names" \
	apply /etc/sfw/sfw.rules
"$SFWCTL" -N "$ONE" show >"$TEST_DIR/shown"
run 0 'generation * is in /etc/sfw/sfw.rules: 2 in, 0 out, stateful' \
	"save writes the file of the boot" save
is "with the mode it had" "$(stat -c %a /etc/sfw/sfw.rules)" 640
is "it has the whole set" "$(grep -v '^#' /etc/sfw/sfw.rules)" \
	"$(< "$TEST_DIR/shown")"
like "and says where it is from" "$(head -n 1 /etc/sfw/sfw.rules)" \
	'# Written by sfwctl save, 20*'
"$SFWCTL" -N "$TWO" apply /etc/sfw/sfw.rules >/dev/null
is "it loads again" "$? $("$SFWCTL" -N "$TWO" show)" "0 $(< "$TEST_DIR/shown")"
left "nothing else was left there" /etc/sfw "rules.d sfw.rules"

umask 027
run 0 '*' "save to a file that is not there yet" save "$dir/new"
is "its mode is that of any new file" "$(stat -c %a "$dir/new")" 640
umask 022
ln -s new "$dir/link"
echo gone >"$dir/new"
chown 65534:65534 "$dir/new"
run 0 '*' "save through a symbolic link" save "$dir/link"
is "the link stays one" "$(readlink "$dir/link")" new
is "what it leads to is written, and whose it was" \
	"$(grep -c '^in' "$dir/new") $(stat -c %u:%g "$dir/new")" "2 65534:65534"
cd "$dir" || bail "no $dir"
run 0 '{"file":"here","generation":*}' "save -j, to a file of this directory" -j save here
cd - >/dev/null || bail "no way back"
rm "$dir/here"
run 0 '' "save -q says nothing" -q save "$dir/new"

# --- what goes wrong -----------------------------------------------------------------

echo old >"$small/rules"
cat >"$TEST_DIR/big" <<-END
	$(seq -f 'in %.0f allow tcp to port 22' 1 1 300)
END
run 0 '*300 in*' "a set that is larger than the disk" apply "$TEST_DIR/big"
run 5 "sfwctl: cannot write '$small/rules': No space left on device; what was there before is untouched" \
	"full disk: exit 5" save "$small/rules"
is "the old file is as it was" "$(< "$small/rules")" old
left "and nothing beside it" "$small" rules
head -c 8k /dev/zero >"$small/fill" 2>/dev/null
run 5 '*No space left*' "not a byte left: exit 5" save "$small/other"
left "and no file" "$small" "fill rules"
run 5 "*rules: No space left on device*" \
	"connections onto a full disk: exit 5" conns save "$small/rules"
is "the old file is as it was" "$(< "$small/rules")" old
mount -o remount,ro "$small"
run 5 "*read-only*" "read-only file system: exit 5" save "$small/rules"
is "the old file is as it was" "$(< "$small/rules")" old
run 2 '*its directory is not there*' "no such directory: exit 2" \
	save "$TEST_DIR/nothing/rules"
run 2 '*no regular file*' "a directory: exit 2" save "$dir"
run 2 '*no regular file*' "a device: exit 2" save /dev/full
run 2 '*sfwctl show*' "standard output: exit 2, and what does that" save -
run 2 '*word too many*' "two files: exit 2" save a b
# Who may read the set and enter the namespace, but not write there.
echo old >"$dir/new"
R=$(ip netns exec "$ONE" setpriv --reuid 65534 --clear-groups \
	--inh-caps +net_admin --ambient-caps +net_admin \
	"$SFWCTL" save "$dir/other" 2>&1)
is "no permission: exit 4" "$? ${R%%;*}" \
	"4 sfwctl: cannot write '$dir/other': Permission denied"
left "and no file" "$dir" "link new"

run 0 '*' "a set on trial" apply --confirm=300 "$TEST_DIR/big"
run 1 '*on trial*sfwctl confirm*' "is not saved" save "$dir/new"
is "the file is as it was" "$(< "$dir/new")" old
run 0 '*' "confirmed, it is" confirm
run 0 '*' "saved" save "$dir/new"

# --- ended in the middle -------------------------------------------------------------

untimely=$(type -P peer) || bail "no peer in PATH"
untimely=${untimely%/*}/untimely.so
ulimit -c 0
for signal in HUP INT QUIT TERM; do
	number=$(kill -l $signal)
	SFW_UNTIMELY=$number LD_PRELOAD=$untimely \
		"$SFWCTL" -N "$ONE" -q save "$dir/$signal" 2>/dev/null
	is "SIG$signal ends it when the file is whole" \
		"$? $(grep -c '^in' "$dir/$signal")" "$((128 + number)) 300"
done
left "and nothing beside it" "$dir" "HUP INT QUIT TERM link new"

# --- nobody reads --------------------------------------------------------------------

R=$("$SFWCTL" -N "$ONE" show 2>&1 | head -n 1)
is "show into a reader that leaves: no word about it" "$R" "sfw 1"
"$SFWCTL" -N "$ONE" apply - >/dev/null <<-END
	option loopback filter
	in 1 allow any
	out 1 allow any
END
ip -n "$ONE" link set lo up
ip netns exec "$ONE" ping -c 1 -W 5 127.0.0.1 >/dev/null
bad=
for args in show "-j show" status conns "-j conns" stats "-j stats" "conns count"; do
	# shellcheck disable=SC2086 # words
	R=$("$SFWCTL" -N "$ONE" $args 2>&1 >/dev/full)
	status=$?
	# Line by line, as kselftest's stdbuf has it, the reason gets lost.
	[[ $status == 5 && $R == "sfwctl: standard output: "* ]] ||
		bad+="[$args: $status $R]"
done
is "every answer onto a full disk: exit 5 and a word about it" "$bad" ""
