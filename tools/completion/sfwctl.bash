# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Completion of sfwctl for bash; sfwctl itself knows what may stand where.
_sfwctl() {
	local line cur words=() rest=$COMP_LINE head
	# The line up to the cursor, in words of the shell and not in those of
	# readline, which takes in:120 apart.
	rest=${rest:0:COMP_POINT}
	read -ra words <<< "$rest"
	[[ $rest != *[[:space:]] ]] || words+=("")
	cur=${words[${#words[@]} - 1]}
	# What readline thinks is behind the last colon.
	head=
	[[ $COMP_WORDBREAKS != *:* || $cur != *:* ]] || head=${cur%:*}:
	COMPREPLY=()
	while IFS= read -r line; do
		line=${line%%$'\t'*}
		if [[ $line == :files ]]; then
			compopt -o filenames 2> /dev/null
			mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -f -- "$cur")
		else
			COMPREPLY+=("${line#"$head"}")
		fi
	done < <("${words[0]}" complete -- "${words[@]:1}" 2> /dev/null)
}
complete -F _sfwctl sfwctl
