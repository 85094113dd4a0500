#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The examples of the documents, run with the module and with all that they
# name: the commands of README, of the man pages and of the help of each command
# do what they are there for; README shows what its commands print; the kernel
# takes every example rule set.
. ./lib.sh
. ./apps_lib.sh
. ./docs_lib.sh
need python3 jq nft iptables-restore script
plan 10

make_ns ONE
top=$(readlink -f ../..)
blocks=$TEST_DIR/blocks
bin=$TEST_DIR/bin
export WORK=$TEST_DIR/work OUT=$TEST_DIR/out TERM=xterm
mkdir "$blocks" "$bin" "$WORK"
docs_extract "$top" "$SFWCTL" "$blocks" || bail "no examples"
docs_files "$top" "$SFWCTL" "$WORK" "$bin" || bail "no files for them"

# Places outside of the test's own directory, without what this machine has
# there.
made=
[[ -d /etc/sfw ]] || { mkdir /etc/sfw && made=1; }
mount -t tmpfs tmpfs /etc/sfw || bail "no tmpfs on /etc/sfw"
cp "$WORK/web.rules" /etc/sfw/sfw.rules
doc=/usr/share/doc/sfw
if [[ ! -e $doc ]]; then
	mkdir -p $doc && ln -s "$top/tools/examples" $doc/examples
else
	doc=
fi
at_exit() {
	umount /etc/sfw
	[[ ! $made ]] || rmdir /etc/sfw
	[[ ! $doc ]] || rm -r $doc
}
sed -i "s|/run/|$TEST_DIR/run/|g; s|/root/|$TEST_DIR/run/|g" "$blocks"/*.sh
mkdir "$TEST_DIR/run"
for program in iptables-restore ip6tables-restore; do
	ip netns exec "$ONE" $program "$WORK/saved" || bail "no $program"
done

cat >"$TEST_DIR/run.sh" <<-'END'
	# run.sh BLOCK...: each line as its reader would type it, in a host that
	# has a rule set
	set -o pipefail
	cd "$WORK" || exit
	export MEMBER=$$
	# These may say no; 1 from any other command is a failure.
	may_say_no='(check|diff|doctor|explain|test|mode|audit|conns)'
	for block; do
		before=$(sfwctl -q apply web.rules 2>&1) &&
			{ ! grep -q -- --staged "$block" ||
				before=$(sfwctl -q apply --stage next.rules 2>&1); } ||
			echo "[before ${block##*/}: $before]"
		while IFS= read -r line <&3; do
			run=$line
			if [[ $line =~ ^sfwctl\ (-[^ ]+\ )*monitor ]]; then
				# A second of it, and then ^C.
				run="timeout --preserve-status -s INT 1 $line"
			elif [[ $line =~ ^sfwctl\ top ]]; then
				run="echo q | timeout 20 script -qec \"$line\" /dev/null"
			fi
			eval "$run" >"$OUT" 2>&1 3<&- </dev/null
			status=$?
			case $status in
			0) ;;
			1) [[ $line =~ ^([^|]*\|\ *)?sfwctl\ (-[^ ]+\ )*$may_say_no(\ |$) ]] ||
				echo "[$line: 1 $(<"$OUT")]" ;;
			*) echo "[$line: $status $(<"$OUT")]" ;;
			esac
		done 3<"$block"
	done
END
PATH=$bin:$PATH

commands() { # NAME SOURCE LEAST
	local bad lines
	mapfile -t lines < <(cat "$blocks/$2".*.sh)
	now && bad=-$NOW
	R=$(ip netns exec "$ONE" bash "$TEST_DIR/run.sh" "$blocks/$2".*.sh 2>&1)
	now && diag "${#lines[@]} commands, $((NOW + bad)) ms"
	((${#lines[@]} >= $3)) || R+="only ${#lines[@]} commands were found"
	is "$1" "$R" ""
}
commands "the commands in the help of the commands" help 60
commands "those in README" README 13
commands "those in sfwctl(8)" sfwctl.8.in 8
commands "those in sfw(7)" sfw.7 6
ip netns del web 2>/dev/null

# Of a host whose ports are the kernel's default. "..." stands for what is left
# out.
bad=
n=0
for file in "$blocks"/README.*.out; do
	n=$((n + 1))
	R=$(cd "$WORK" && ip netns exec "$ONE" bash "${file%.out}.sh" 2>&1)
	want=$(<"$file")
	# shellcheck disable=SC1003 # a backslash
	want=${want//'\'/'\\'} want=${want//'*'/'\*'} want=${want//'['/'\['}
	want=${want//'?'/'\?'} want=${want//'...'/'*'}
	# shellcheck disable=SC2053 # a pattern is wanted
	[[ $R == $want ]] || bad+="${file##*/}: $R"$'\n'
done
((n >= 3)) || bad+="only $n blocks have output"
is "README shows what they print" "$bad" ""

docs_rules "$SFWCTL" "$blocks"

bad=
n=0
for file in "$top"/tools/examples/*.rules "$top"/tools/systemd/*.rules; do
	n=$((n + 1))
	R=$("$SFWCTL" -N "$ONE" apply --dry-run "$file" 2>&1) ||
		bad+="${file##*/}: $? $R"$'\n'
done
((n >= 12)) || bad+="only $n files"
is "the kernel takes every example file" "$bad" ""
R=$("$SFWCTL" -N "$ONE" apply --dry-run - 2>&1 <<<"in 10 allow icmp to port 1")
is "which it would not do with any file" "$?" 2
