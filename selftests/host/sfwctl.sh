#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# sfwctl without the module: usage, help, check, exit codes, what it writes
# where
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"
plan 76

SFWCTL=${SFWCTL:-$TOP/build/sfwctl}
[[ -x $SFWCTL ]] || make -s -C "$TOP" tools >&2 || exit
cd "$TMP" || exit
unset NO_COLOR

COMMANDS=(status show check diff derive apply confirm rollback promote unstage add del move mode audit flush
	conns explain test stats counters import export save doctor complete)
# In the language, and not in this sfwctl.
NOT_THERE=()

# ctl ARGS...: exit status in $RC, what it wrote in $OUT and $ERR
ctl() {
	"$SFWCTL" "$@" > out 2> err < /dev/null
	RC=$?
	OUT=$(< out)
	ERR=$(< err)
}

# exits NAME RC ARGS...: this exit status; a refusal leaves stdout empty
exits() {
	local name=$1 want=$2
	shift 2
	ctl "$@"
	if [[ $RC != "$want" ]]; then
		not_ok "$name" "exit $RC, not $want: sfwctl $*"$'\n'"$OUT"$'\n'"$ERR"
	elif [[ $want -gt 1 && -n $OUT ]]; then
		not_ok "$name" "sfwctl $* failed and wrote to stdout:"$'\n'"$OUT"
	elif [[ $want -gt 1 && -z $ERR ]]; then
		not_ok "$name" "sfwctl $* failed in silence"
	else
		ok "$name"
	fi
}

# says NAME TEXT...: the last call wrote each TEXT to stderr
says() {
	local name=$1 text
	shift
	for text; do
		if [[ $ERR != *"$text"* ]]; then
			not_ok "$name" "no '$text' in"$'\n'"$ERR"
			return
		fi
	done
	ok "$name"
}

# --- usage ---------------------------------------------------------------

exits "no arguments: exit 2" 2
says "and a short usage on stderr" "Usage:" "--help"
exits "--help: exit 0" 0 --help
is "and nothing on stderr" "$ERR" ""
HELP=$OUT
bad=
for cmd in "${COMMANDS[@]}"; do
	[[ $HELP == *$'\n'"  $cmd "* ]] || bad+=" $cmd"
done
is "--help lists every command" "$bad" ""
bad=
for cmd in "${NOT_THERE[@]}"; do
	[[ $HELP == *$'\n'"  $cmd "* ]] && bad+=" $cmd is listed"
	ctl "$cmd"
	[[ $RC == 2 && -z $OUT && $ERR == *"unknown command '$cmd'"* ]] || bad+=" $cmd: $RC $ERR"
done
is "what is not there is not listed and not known" "$bad" ""

bad=
for cmd in "${COMMANDS[@]}"; do
	ctl "$cmd" --help
	[[ $RC == 0 && -z $ERR && $OUT == *"Usage: sfwctl $cmd"* &&
		$OUT == *Example*"sfwctl "* ]] || bad+=" $cmd: $RC"
	help=$OUT
	ctl help "$cmd"
	[[ $RC == 0 && $OUT == "$help" ]] || bad+=" help $cmd: $RC"
	ctl --help "$cmd"
	[[ $RC == 0 && $OUT == "$help" ]] || bad+=" --help $cmd: $RC"
	# Every option that the help names is taken, not only listed.
	mapfile -t options < <(grep -oE '^  -(-[a-z0-9-]+|[a-z])' <<< "$help")
	for opt in "${options[@]#  }"; do
		case $opt in
		-c)	ctl "$cmd" "$opt" never --help ;;
		-N | -f | --mode | --expect | --peer | --test | --expect-generation | --id | --group | \
			--prefix-list | --client-ports | --router | --local)
			ctl "$cmd" "$opt" 1 --help ;;
		*)	ctl "$cmd" "$opt" --help ;;
		esac
		[[ $RC == 0 ]] || bad+=" $cmd $opt: $RC"
	done
done
is "every command has help with usage, options that work and an example" "$bad" ""
exits "--version" 0 --version
is "names the version and the interface" \
	"$([[ $OUT =~ ^sfwctl\ [0-9.]+,\ netlink\ interface\ version\ [0-9]+$ ]] && echo yes)" yes

exits "unknown option: exit 2" 2 --bogus
exits "unknown option of a command: exit 2" 2 show --strict
says "names command and option" "show: unknown option '--strict'"
exits "a letter that is no option: exit 2" 2 status -jz
exits "a value where none belongs: exit 2" 2 check --strict=yes f
exits "an option without its value: exit 2" 2 apply f --expect-generation
exits "-c with a colour that is none: exit 2" 2 -c blue status
exits "-N without a name: exit 2" 2 status -N

# --- prefixes -------------------------------------------------------------

echo 'in 100 allow tcp to port 443' > good.rules
echo 'expect deny in gre 10.0.0.1 > 10.0.0.2' > good.expect
exits "a unique prefix is enough" 0 che good.rules
exits "an ambiguous prefix: exit 2" 2 st
says "names the candidates" status stats
exits "a name is no prefix of itself only" 2 mo
says "mode and move" mode move
exits "the empty word is no command" 2 ""

# --- where options may stand ------------------------------------------------

bad=
for args in "-j -p check good.rules" "-jp check good.rules" "check -jp good.rules" \
	"check good.rules -j -p" "-j check good.rules -p" "-cnever check -pj -- good.rules"; do
	read -ra words <<< "$args"
	ctl "${words[@]}"
	[[ $RC == 0 && $OUT == "{"$'\n'"  \"findings\": []"$'\n'"}" ]] || bad+=" [$args: $RC $OUT]"
done
is "global options before, after and between" "$bad" ""

# --- words of the commands ----------------------------------------------------

bad=
while read -r args; do
	eval "words=($args)"
	ctl "${words[@]}"
	[[ $RC == 2 && -z $OUT && -n $ERR ]] || bad+=" [$args: $RC $OUT $ERR]"
done <<-'END'
	status now
	show up
	show in out
	check
	check good.rules other.rules
	diff
	diff good.rules good.rules good.rules
	diff - -
	derive
	derive stateless
	derive good.rules
	derive sideways good.rules
	derive stateful good.rules
	derive stateless good.rules other.rules
	apply
	apply good.rules other.rules
	apply good.rules --expect-generation seven
	apply good.rules --expect-generation -1
	apply good.rules --expect-generation 4294967296
	apply good.rules --expect-generation=
	add
	del
	del in
	del in 0
	del in 32767
	del up 100
	del in 100 110
	move in 100
	move in 100 x
	move in 100 110 120
	mode statful
	mode stateful stateless
	audit maybe
	audit o
	flush all
	stats all
	counters
	counters one
	counters zero zero
	save a b
	save -
	conns flush tcp
	conns kill
	conns count by
	conns count by colour
	conns proto
	conns proto any
	conns proto tcp proto udp
	conns dir up
	conns src 10.0.0.0/33
	conns dport 80-70
	conns dport 65536
	conns state nothing
	conns rule 100
	conns rule in:0
	conns rule up:100
	conns on veth*
	conns on a-name-that-is-too-long
	import
	import aws-vpc acl.json
	import aws-nacl
	import aws-nacl a b
	import aws-nacl --group sg-1=10.0.0.0/8 a
	import aws-nacl --id a --id b acl.json
	import aws-nacl --router a/b acl.json
	import aws-sg --group sg-1 a
	import aws-sg --group sg-1=10.0.0 a
	import aws-sg --group =10.0.0.1 a
	import aws-sg --router eth1 a
	import iptables --id acl-1 a
	import iptables --local here a
	import nft --ipv6 a
	import nft no-such-file
	export
	export xml
	export nft x
	export nft -f
	export nft -f no-such-file
	export nft --id a -f good.rules
	export json --router eth0 -f good.rules
	conns colour blue
	explain
	explain 'in tcp 10.0.0.1:1'
	test
	test one.expect two.expect
	explain 'in tcp 10.0.0.1:1 > 10.0.0.2:2' -f
	explain 'in tcp 10.0.0.1:1 > 10.0.0.2:2' -f good.rules --mode statefl
	explain 'in tcp 10.0.0.1:1 > 10.0.0.2:2' -f good.rules --expect maybe
	explain 'in tcp 10.0.0.1:1 > 10.0.0.2:2' -f nothing.rules
	explain 'in tcp 10.0.0.1:1 > 10.0.0.2:2' -f good.rules --both-ends --forwarded
END
is "wrong words: exit 2, a reason, and nothing on stdout" "$bad" ""
exits "conns reason without a reason for drops: exit 2" 2 conns reason colour
says "says what it needs" "'reason' needs a reason for drops"
exits "conns kill needs a filter" 2 conns kill
says "and points to flush" "conns flush"
exits "an ambiguous state" 2 conns state syn
says "names the states" tcp-syn-sent tcp-syn-received

# --- check ------------------------------------------------------------------

exits "check: a good file, exit 0" 0 check good.rules
is "says so" "$OUT" "good.rules: 1 rule, 0 errors, 0 warnings, 0 notes"
exits "check -q" 0 -q check good.rules
is "says nothing" "$OUT$ERR" ""

cat > warn.rules <<-'END'
	in 100 allow tcp from 10.0.0.0/8 to 2001:db8::/32 port 22
	in 110 allow icmpv6 from 10.0.0.0/8	# sfw:ignore never-matches
	in 120 allow icmp from 10.0.0.1/8
END
exits "check: warnings, exit 1" 1 check warn.rules
is "names the rule that never matches, unless it is told not to" \
	"$(grep -c 'never-matches\]' <<< "$OUT")$(grep -o 'warn.rules:1: .*in 100' <<< "$OUT" | wc -l)" 11
says "and the host bits, with their place" "warn.rules:3:24: warning:"
exits "check --strict: warnings, exit 1" 1 check warn.rules --strict
exits "check --strict: a good file, exit 0" 0 check --strict good.rules
printf 'in 1 allow tcp to port 443\nin 2 allow tcp to port 443\n' > note.rules
exits "check: notes, exit 0" 0 check note.rules
exits "check --strict: notes, exit 1" 1 check --strict note.rules
exits "check --client-ports: no range, exit 2" 2 check --client-ports 9-1 good.rules
exits "check --mode: no mode, exit 2" 2 check --mode maybe good.rules
exits "check -j" 1 -j check warn.rules
is "one object per finding" "$(grep -o '"severity":"warning"' <<< "$OUT" | wc -l)" 2
is "with the rule's name" "$(grep -o '"rule":"in:100"' <<< "$OUT")" '"rule":"in:100"'
is "and nothing on stderr" "$ERR" ""

cat > bad.rules <<-'END'
	in 100 alow tcp
	in 99999 allow tcp
END
exits "check: errors, exit 2" 2 check bad.rules
says "all of them, with their places" "bad.rules:1:8: error:" "bad.rules:2:4: error:"
exits "check --strict: errors, exit 2" 2 check --strict bad.rules
ctl -j check bad.rules
is "check -j: errors, exit 2" "$RC" 2
is "are findings" "$(grep -o '"severity":"error"' <<< "$OUT" | wc -l)" 2
exits "check: no such file, exit 2" 2 check nothing.rules
exits "apply of a bad file: exit 2, before the module is looked for" 2 apply bad.rules
exits "add of a bad rule: exit 2, before the module is looked for" 2 add in 100 alow tcp
exits "add with a comment that lost its quotes: exit 2" 2 add in 100 allow tcp "web server"
says "says how to keep them" "'\"web server\"'"
"$SFWCTL" check - < good.rules > out 2> err
is "check reads standard input" "$?$(< err)" 0

# --- no module ----------------------------------------------------------------

if [[ -d /sys/module/sfw ]]; then
	ok "every command that needs the module exits with 3 # SKIP it is loaded"
else
	bad=
	for args in status show "diff good.rules" "apply good.rules" "apply --dry-run good.rules" \
		"add in 100 allow tcp" "del in 100" "move in 100 90" mode \
		"mode stateful" audit "audit on" flush conns "conns count" \
		"conns count by proto" "conns kill proto tcp" "conns flush" "conns reason rule" \
		"explain in gre 10.0.0.1 > 10.0.0.2" "test good.expect" stats "counters zero" "export nft" "export json" "export aws-nacl" "-j status" "-j conns" "-j stats" save "save rules"; do
		read -ra words <<< "$args"
		ctl "${words[@]}"
		[[ $RC == 3 && -z $OUT && $ERR == "sfwctl: sfw: the module is not loaded"* ]] ||
			bad+=" [$args: $RC $OUT $ERR]"
	done
	is "every command that needs the module exits with 3 and says why" "$bad" ""
fi

# --- namespaces -----------------------------------------------------------------

exits "-N with a name that is not there: exit 2" 2 -N no-such-netns status
says "says so" "no network namespace 'no-such-netns'"
exits "-N with a file that is no namespace: exit 2" 2 -N /etc/passwd status
if [[ $(id -u) == 0 ]]; then
	exits "-N with a pid" 0 -N $$ check good.rules
else
	exits "-N needs root" 4 -N $$ check good.rules
fi

# --- where the output goes --------------------------------------------------------

for ((i = 1; i <= 5000; i++)); do
	echo "in $i allow icmpv6 from 10.0.0.0/8"
done > many.rules
"$SFWCTL" check many.rules 2> err | head -n 1 > out
status=${PIPESTATUS[0]}
is "a reader that leaves ends it quietly" "$status $(wc -l < out) $(< err)" "141 1 "
(trap '' PIPE; "$SFWCTL" check many.rules 2> err | head -n 1 > out)
is "also if SIGPIPE was ignored" "$(wc -l < out)$(< err)" 1
"$SFWCTL" check many.rules > /dev/full 2> err
status=$?
is "a full disk is an error" "$((status != 0)) $(grep -c 'No space left' err)" "1 1"
"$SFWCTL" --help >&- 2> err
status=$?
is "a closed stdout is an error" "$((status != 0)) $(grep -c 'standard output' err)" "1 1"

# Into a pipe that nobody empties goes what it holds, 64 KiB, and then all waits.
mkfifo pipe
for ((i = 1; i <= 3000; i++)); do
	echo "in $i allow tcp from 198.51.100.0/24 to 192.0.2.0/24 port $i"
done > long.rules
"$SFWCTL" export nft -f long.rules > pipe 2> /dev/null &
writer=$!
exec 3< pipe
written=0
while kill -0 $writer 2> /dev/null && ((written < 65536)); do
	written=$(awk '$1 == "wchar:" { print $2 }' /proc/$writer/io 2> /dev/null)
done
calls=$(awk '$1 == "syscw:" { print $2 }' /proc/$writer/io 2> /dev/null)
exec 3<&-
wait $writer
is "a long text is written in long blocks" "$((calls)) of $((written))" "1 of 65536"

# --- colour -------------------------------------------------------------------------

# On a terminal; script gives it one.
tty() { script -qec "$*" /dev/null < /dev/null; }
esc=$'\e['
colours() { if [[ $("$@" 2>&1) == *"$esc"* ]]; then echo yes; else echo no; fi; }
export TERM=xterm
is "no colour into a file" "$(colours "$SFWCTL" check warn.rules)" no
is "-c always: colour into a file" "$(colours "$SFWCTL" -c always check warn.rules)" yes
is "colour on a terminal" "$(colours tty "$SFWCTL" check warn.rules)" yes
is "-c never: none on a terminal" "$(colours tty "$SFWCTL" -c never check warn.rules)" no
is "NO_COLOR: none on a terminal" "$(NO_COLOR=1 colours tty "$SFWCTL" check warn.rules)" no
is "-c always beats NO_COLOR" "$(NO_COLOR=1 colours "$SFWCTL" -c always check warn.rules)" yes
is "TERM=dumb: none on a terminal" "$(TERM=dumb colours tty "$SFWCTL" check warn.rules)" no
