#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The man pages: clean source, nothing that the tool says is missing in them,
# nothing that is not so
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"
plan 11

command -v mandoc > /dev/null || skip_all "no mandoc"
[[ -x $TOP/build/sfwctl ]] || make -s -C "$TOP" tools >&2 || exit
sfwctl=$TOP/build/sfwctl
check "they can be made" "$TOP/tools/man/build.sh" "$sfwctl" "$TMP/man"
cd "$TMP/man" || exit
is "all three" "$(ls)" "sfw.7"$'\n'"sfw.rules.5"$'\n'"sfwctl.8"
is "mandoc has nothing to say" "$(mandoc -Tlint -Wwarning ./* 2>&1)" ""

# words TEXT: without line breaks and blanks, which a page has elsewhere
words() { tr -s ' \n\t' ' ' <<< "$1"; }
section() { # NAME: of the commands, as the page shows it
	mandoc -Tascii -Owidth=120 sfwctl.8 | col -b |
		awk -v name="$1" '/^   [a-z]/ { on = $1 == name && NF == 1; next } /^[A-Z]/ { on = 0 } on'
}
mapfile -t commands < <("$sfwctl" --help | sed -n '/^Commands/,/^$/s/^  \([a-z][a-z-]*\) .*/\1/p' | grep -vx help)
is "the page has the commands of the tool, no others" \
	"$(sed -n 's/^\.Ss \([a-z]*\)$/\1/p' sfwctl.8)" "$(printf '%s\n' "${commands[@]}")"
bad=
for name in "${commands[@]}"; do
	page=$(words "$(section "$name")")
	help=$("$sfwctl" help "$name" | sed '/^Options, before or after/,$d')
	while read -r option; do
		[[ $page == *[\ \[]"$option"[!a-z0-9-]* ]] || bad+=" $name:$option"
	done < <(grep -oE '(^|[[ ])(--[a-z0-9-]+|-[a-z]($|[] ,=]))' <<< "$help" | grep -oE -- '-[a-z0-9-]+' | sort -u)
	# And the other way round.
	while read -r option; do
		[[ $help == *"$option"* ]] || bad+=" $name:$option(page)"
	done < <(grep -oE '(^|[[ ])(--[a-z0-9-]+|-[a-z]) ' <<< "$page" | grep -oE -- '-[^ ]*' | sort -u)
	first=$(words "$(sed '/^$/,$d' <<< "$help")")
	[[ $page == *"${first% }"* ]] || bad+=" $name: the words are others"
done
is "each with what its help says, and with every option" "$bad" ""

globals=$("$sfwctl" --help | sed -n '/^Options, before/,/^$/p' | grep -oE '^  (-[a-z], )?-?-[a-zA-Z-]+' | tr -d ' ' | tr ',' '\n' | sort -u)
is "the options of all commands are those of the tool" \
	"$(sed -n '/^between its words/,/^\.El/s/^\.It \(Fl .*\)/\1/p' sfwctl.8 | tr ',' '\n' |
		sed -E 's/^ *(Fl )?-/--/; s/^Fl ([a-zA-Z])( .*)?$/-\1/; s/ *$//' | sort -u)" "$globals"

# Figures that the page gives are those of the code: both in seconds.
code=$(sed -nE 's/^\t\[SFW_STATE_([A-Z_]+)\]\t+= ([0-9 *]+),$/\1 \2/p' "$TOP/kmod/option.c" |
	while read -r name value; do name=${name,,}; echo "${name//_/-} $((value))"; done)
listed=$(sed -n '/^\.Ss Timeouts/,/^\.El/p' sfw.7 | sed -n '/^\.It /{N;s/^\.It //;s/\n/: /p}')
page=$(sed -nE 's/^([a-z-]+): ([0-9]+) (s|min|h)\b.*/\1 \2 \3/p' <<< "$listed" |
	while read -r name value unit; do
		case $unit in min) value=$((value * 60)) ;; h) value=$((value * 3600)) ;; esac
		echo "$name $value"
	done)
is "the timeouts of sfw(7) are those of the module" "$(grep -vxF "$code" <<< "$page")" ""
is "all of them are there" "$(grep -vxF "$page" <<< "$code" | grep -v ' 120$')" ""
# Those that are left out are named together.
grep -q '^other sctp states: 2 min' <<< "$listed"
is "or named together" "$?$(grep -vxF "$page" <<< "$code" | grep -v '^sctp')" 0

is "each with its reason" "$(grep -vE ': [0-9]+ (s|min|h): .' <<< "$listed")" ""

# Every option, statement and clause of the language is in sfw.rules(5).
bad=
mapfile -t options < <(echo 'option x' | "$sfwctl" check - 2>&1 | grep -oE 'write .*' | grep -oE '[a-z-]+' | grep -vxE 'write|or')
[[ ${#options[@]} -ge 8 ]] || bad=" no options in the tool's words"
for word in "${options[@]}" $("$sfwctl" complete -- add in 1 allow tcp ""); do
	grep -qw -- "$word" sfw.rules.5 || bad+=" $word"
done
is "sfw.rules(5) has every option and every clause" "$bad" ""
