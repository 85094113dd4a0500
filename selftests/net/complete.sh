#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# sfwctl complete offers what there is now: the rules that run, with what they
# say, the interfaces of the namespace that is named, the namespaces.
. ./lib.sh
plan 7

make_ns ONE
ip -n "$ONE" link add wan0 type dummy
sfw "$ONE" <<-END
	in 100 allow tcp to port 80 "web"
	in 110 allow udp
	out 120 deny tcp to port 25
END

# words NAME WANT WORD...: what is offered in ONE
words() {
	local name=$1 want=$2
	shift 2
	R=$("$SFWCTL" complete -- -N "$ONE" "$@" 2>&1)
	is "$name" "$R" "$want"
}
words "numbers of rules" $'100\tin 100 allow tcp to port 80 "web"\n110\tin 110 allow udp' del in ""
words "those of the other direction" $'120\tout 120 deny tcp to port 25' move out ""
words "rules in a filter" $'in:100\tin 100 allow tcp to port 80 "web"\nin:110\tin 110 allow udp\nin:*\tthe default' \
	conns rule in:
words "interfaces of the namespace" wan0 conns on w
words "in a rule, too" wan0 add in 130 allow any on w
R=$("$SFWCTL" complete -- -N "${ONE%?}" 2>&1)
is "namespaces" "$R" "$ONE"
ctl "$ONE" flush
words "without a rule set no rules, and no word about it" "" del in ""
