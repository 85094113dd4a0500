#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Completion: sfwctl offers what its command table and its language have, and
# bash, zsh and fish offer what sfwctl does
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"
plan 23

[[ -x $TOP/build/sfwctl ]] || make -s -C "$TOP" tools >&2 || exit
PATH=$TOP/build:$PATH
dir=$TOP/tools/completion
cd "$TMP" || exit
mkdir sub
touch sub.rules

# words WORD...: what sfwctl offers, without the descriptions
words() { sfwctl complete -- "$@" | cut -f 1 | tr '\n' ' '; }

is "every command of the overview is offered, no other" "$(words "")" \
	"$(sfwctl --help | sed -n '/^Commands/,/^$/s/^  \([a-z-]*\) .*/\1/p' | tr '\n' ' ')"
bad=
for cmd in $(words ""); do
	[[ $cmd != help ]] || continue
	offered=" $(words "$cmd" -)"
	for opt in $(sfwctl help "$cmd" | sed '/^Options, before/,$d' | grep -oE '^  (--[a-z0-9-]+|-[a-z])' |
			sort -u); do
		[[ $offered == *" $opt "* ]] || bad+=" $cmd $opt"
	done
done
is "and every option that its help has" "$bad" ""
# lists PATTERN: of the help on standard input what matches it, without brackets
lists() { grep -oE -- "$1" | tr -d '[]'; }
# differs CASE: of words offered and words in the help, which $offered and $list
# have, in any order
differs() {
	[[ $(tr ' ' '\n' <<<"$offered" | sed '/^$/d' | sort) == \
	   $(tr '| ' '\n\n' <<<"$list" | sed '/^$/d' | sort) ]] ||
		bad+=" $1 (offered $offered, help $list)"
}
bad='' compared=''
for cmd in $(words ""); do
	[[ $cmd != help ]] || continue
	usage=$(sfwctl help "$cmd" | sed -n '/^Usage/,/^$/p')
	# Its first word, if that is of a list: a|b, or one on each line.
	list=$(lists "^(Usage:|      ) sfwctl $cmd \[?[a-z][a-z-]*(\|[a-z-]+)*(\]?( |$))" <<<"$usage" |
		awk '{ print $NF }' | tr '\n' ' ')
	if [[ $list ]]; then
		[[ $usage != *FILTER* ]] || list+=" $(words top "")"
		offered=$(words "$cmd" "")
		differs "$cmd"
		compared+=" $cmd"
	fi
	while read -r opt list; do
		[[ $list ]] || continue
		offered=$(words "$cmd" "$opt" "")
		differs "$cmd $opt"
		compared+=" $cmd $opt"
	done < <(lists '[[ ]--[a-z-]+ [a-z]+(\|[a-z]+)+' <<<"$usage" | sed 's/^ *//' | sort -u)
done
is "lists of words are those of the help" "$bad" ""
is "which are these" "${compared# }" \
	"show check --mode derive mode audit conns explain --expect explain --mode monitor counters import export"
list=$(sfwctl help conns | sed -n '/^FILTER is/,/^$/s/^  \([a-z|]*\) .*/\1/p')
offered=$(words top "")
bad=
differs filter
list=$(sfwctl help conns | tr -s ' \n' ' ' | sed 's/.* WORD is \([a-z, ]*\) kill .*/\1/; s/,\| or / /g')
offered=$(words conns count by "")
differs "count by"
list=$(sfwctl help explain | tr -s ' \n' ' ' | lists '\[[a-z]+ [A-Z][^]]*\]' |
	sed 's/ .*//' | tr '\n' ' ')
offered=$(words explain in icmp a ">" b "")
differs packet
is "so are those in its text" "$bad" ""
is "an option that takes no file is offered none" \
	"$(words check --client-ports "")$(words monitor --count "")$(words export --router lo)$(words test -f "")" \
	"lo :files "
is "the words of a filter" "$(words conns s)$(words conns kill proto tcp d)" "save src sport state dir dst dport "
is "a start of a command is enough" "$(words mod s)" "stateful stateless "
is "options before the command are passed over" "$(words -j -c never mode state)" "stateful stateless "
is "values of options" "$(words -c "")" "auto always never "
is "words of a rule" "$(words add in 10 a | head -c 6) $(words add in 10 allow tc) $(words add in 10 allow tcp fr)" \
	"allow  tcp  from "
is "states" "$(words conns state tcp-s)" "tcp-syn-sent tcp-syn-received "
is "interfaces" "$(words conns on lo)" "lo "
is "a command that is none: nothing, and no error" "$(words frobnicate "" 2>&1)" ""

# bash LINE: what its completion offers
in_bash() {
	bash --norc -c '
		. "$1"
		COMP_LINE=$2 COMP_POINT=${#2} COMP_WORDBREAKS=$'"' \t\n\"'\\''><=;|&(:'"'
		_sfwctl
		echo "${COMPREPLY[*]}"' - "$dir/sfwctl.bash" "$1" 2>&1
}
is "bash: words" "$(in_bash "sfwctl conns dir ")" "in out"
is "bash: files" "$(in_bash "sfwctl check su" | tr ' ' '\n' | sort | tr '\n' ' ')" "sub sub.rules "

if ! command -v zsh > /dev/null; then
	for name in syntax words files; do ok "zsh: $name # SKIP no zsh"; done
else
	check "zsh: syntax" zsh -n "$dir/_sfwctl"
	# Its own functions only work at a prompt: here they say what they get.
	in_zsh() {
		zsh -f -c '
			_describe() { print -r -- "${(P)@[-1]}"; }
			_files() { print -r -- "files"; }
			words=("${@[2,-1]}") CURRENT=$(( $# - 1 )) PREFIX=$@[-1]
			. $1' - "$dir/_sfwctl" "$@" 2>&1
	}
	is "zsh: words" "$(in_zsh sfwctl conns dir "")" "in out"
	is "zsh: files" "$(in_zsh sfwctl check su)" "files"
fi
if ! command -v fish > /dev/null; then
	for name in syntax words descriptions files; do ok "fish: $name # SKIP no fish"; done
else
	export HOME=$TMP
	# shellcheck disable=SC2016 # for fish
	in_fish() { fish -c 'source $argv[1]; complete -C $argv[2]' "$dir/sfwctl.fish" "$1" 2>&1; }
	check "fish: syntax" fish -n "$dir/sfwctl.fish"
	is "fish: words" "$(in_fish "sfwctl conns dir " | tr '\n' ' ')" "in out "
	is "fish: descriptions" "$(in_fish "sfwctl roll")" \
		"$(sfwctl complete -- roll)"
	is "fish: files" "$(in_fish "sfwctl check su" | sort | tr '\n' ' ')" "sub.rules sub/ "
fi
