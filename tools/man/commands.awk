# SPDX-License-Identifier: GPL-2.0
# commands.awk - the help text of one command, as mdoc(7) for sfwctl(8)
#
# The texts that 'sfwctl COMMAND --help' prints are the source, so that page
# and help cannot disagree. Their form:
#
#	paragraphs
#	Usage: sfwctl ...	and lines indented under it
#	  WORD      text	a list; the text may go on below, or start there
#	Example(s):		lines of a shell, indented
#	Options, before or ...	for all commands, and not repeated here
#
# Set name= to the command.

function text(s) {
	gsub(/\\/, "\\e", s)
	gsub(/"/, "\\(dq", s)
	gsub(/`/, "\\(ga", s)
	sub(/^[.']/, "\\\\\\&&", s)
	return s
}

function dashes(s) {
	gsub(/-/, "\\-", s)
	return s
}

function go(to) {
	if (mode == to)
		return
	if (mode == "literal")
		print ".Ed"
	if (mode == "list")
		print ".El"
	mode = to
	if (to == "literal")
		print ".Bd -literal -offset indent"
	if (to == "list")
		print ".Bl -tag -width indent"
}

# A sentence that ends in a line starts the next one on a line of its own.
function sentences(s) {
	gsub(/\. +/, ".\n", s)
	gsub(/\n'/, "\n\\\\\\&'", s)
	return s
}

BEGIN { print ".Ss " name; mode = "start" }

/^Options, before or after the command:/ { exit }

/^Usage: / {
	go("literal")
	usage = 1
	sub(/^Usage: /, "")
	print dashes(text($0))
	next
}

usage && /^       / {
	print dashes(text(substr($0, 8)))
	next
}

{ usage = 0 }

/^Examples?:/ {
	go("paragraph")
	print ".Pp"
	print $0
	go("literal")
	examples = 1
	next
}

/^$/ {
	if (mode == "list" || (mode == "literal" && examples)) {
		go("paragraph")
		examples = 0
	}
	fresh = 1
	next
}

examples {
	sub(/^  /, "")
	print dashes(text($0))
	next
}

/^  [^ ]/ {
	line = substr($0, 3)
	at = match(line, /   *[^ ]/)
	go("list")
	print ".It \"\\&" dashes(text(at ? substr(line, 1, at - 1) : line)) "\""
	if (at) {
		line = substr(line, at)
		sub(/^ +/, "", line)
		print sentences(text(line))
	}
	next
}

mode == "list" && /^   / {
	sub(/^ +/, "")
	if (/^[a-z-]+: /)
		print ".Pp"
	print sentences(text($0))
	next
}

{
	if (mode == "list" || mode == "literal")
		go("paragraph")
	if (fresh && mode != "start")
		print ".Pp"
	if (mode == "start")
		mode = "paragraph"
	fresh = 0
	print sentences(text($0))
}

END { go("end") }
