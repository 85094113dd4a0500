#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What a rule set is loaded over: rules that stay keep their counters and the
# state of their limits, others begin anew; and what show prints is the file,
# for many random ones (SFW_SETS in the environment is their number).
. ./lib.sh
. ./apps_lib.sh
need python3
plan 20

topology pair
peer listen "$SERVER" udp 53 54 55

packets_are() { # NAME RULE N
	rule_packets "$SERVER" "$2"
	is "$1" "$R" "$3"
}

send() { # PORT N
	local i
	for ((i = 0; i < $2; i++)); do
		peer probe "$CLIENT" udp "$S" "$1" wait 100
	done
}

for family in 4 6; do
	family $family
	what="IPv$F:"
	ctl "$SERVER" flush
	sfw "$SERVER" <<-END
		mode stateless
		set names = { 53 }
		in 10 allow udp to port \$names "stays"
		in 20 allow udp to port 54 limit 3/h burst 3 "stays"
		in 30 allow udp to port 55 "changes"
		default out allow
	END
	send 53 3
	send 54 5
	send 55 2
	packets_are "$what a rule counts" in:10 3
	packets_are "$what a limited one what is within its rate" in:20 3
	packets_are "$what a third" in:30 2
	# Other rules around them, another order of statements, other spelling.
	sfw "$SERVER" <<-END
		default out allow
		default in deny
		mode stateless
		set names = { 53 }
		in 5  deny tcp
		in 10 allow  udp  to port \$names   "stays"    # as before
		in 20 allow udp to port 54 limit 3/h burst 3 "stays"
		in 30 allow udp to port 55-56 "changes"
		in 40 allow udp to port 53
	END
	packets_are "$what a rule that stays keeps its counter" in:10 3
	packets_are "$what so does a limited one" in:20 3
	packets_are "$what one that says something else begins anew" in:30 0
	send 53 1
	send 54 2
	packets_are "$what and counts on" in:10 4
	packets_are "$what a limit is not filled up by a new set" in:20 3
	sfw "$SERVER" <<-END
		default out allow
		mode stateless
		set names = { 53, 54 }
		in 10 allow udp to port \$names "stays"
		in 21 allow udp to port 54 limit 3/h burst 3 "stays"
	END
	packets_are "$what the words are not all: its set is another" in:10 0
done
ctl "$SERVER" flush
R=$(/usr/bin/python3 ./random_sets.py "$SFWCTL" "$SERVER" "${SFW_SETS:-120}")
status=$?
is "random sets come back as they were written" "$status ${R//[0-9]/}" "0 "
[[ $status == 0 ]] || diag "${R//$'\n'/$'\n# '}"
is "with rules in them" "$((R > 1000))" 1
