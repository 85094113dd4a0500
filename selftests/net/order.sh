#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The first rule that matches decides, also where it does not always: what is
# beyond the limit of a rule goes on to the rules behind it, in their order, and
# a rule of an interface that does not exist yet has its place from the start.
. ./lib.sh
plan 28

topology pair

packets_are() { # NAME RULE N
	rule_packets "$SERVER" "$2"
	is "$1" "$R" "$3"
}

knock() { # DEV N PORT: that many packets from the client's DEV
	pkt send "$CLIENT" "$1" times "$2" ip "$C" \> "$S" udp 1000 \> "$3"
}

# --- limits ---------------------------------------------------------------------

for family in 4 6; do
	family $family
	what="IPv$F:"
	ctl "$SERVER" flush
	# An hour brings no token in the time of this test.
	sfw "$SERVER" <<-END
		mode stateless
		default in reject
		default out allow
		in 10 allow udp to port 9 limit 1/h burst 3 "first"
		in 20 deny tcp to port 9 "between"
		in 30 allow udp to port 9-10 limit 1/h burst 4 "second"
		in 40 deny udp to port 9 "the rest"
		in 50 allow udp to port 9 "never"
		in 60 allow udp to port 11 limit 1/h burst 2 "alone"
	END
	knock eth0 12 9
	drops "$what of 12 packets those are denied that two limits leave" \
		"$SERVER" rule 5
	packets_are "$what the first rule took what its limit allows" in:10 3
	packets_are "$what one that does not match took none" in:20 0
	packets_are "$what the next that matches took what its own allows" in:30 4
	packets_are "$what all others came to the rule behind these" in:40 5
	packets_are "$what which ends the list" in:50 0
	knock eth0 5 11
	drops "$what without a rule behind it the default is asked, and why is told" \
		"$SERVER" rate_limit 3
	knock eth0 1 9
	drops "$what the limits stay used up" "$SERVER" rule 1
	packets_are "$what and what comes meets the same rule" in:40 6
done

# --- an interface that comes later --------------------------------------------------

ctl "$SERVER" flush
sfw "$SERVER" <<-END
	mode stateless
	default out allow
	in 10 allow udp to port 9 on eth0 "there already"
	in 20 deny udp to port 9 on late0 "comes later"
	in 30 allow udp to port 9 on late* "never, on late0"
	in 40 allow udp to port 9 on !eth0 "never"
END
ip -batch - <<-END || bail "cannot link"
	$(link "$CLIENT" late1 "$SERVER" late0 3)
END
ip -n "$CLIENT" link set late1 up || bail "no late1"
ip -n "$SERVER" link set late0 up || bail "no late0"
for family in 4 6; do
	family $family
	what="IPv$F:"
	knock eth0 2 9
	drops "$what what comes by another interface passes as before" "$SERVER"
	knock late1 4 9
	drops "$what by the new one it meets the rule that waited for it" \
		"$SERVER" rule 4
	packets_are "$what which took all of it" in:20 $((family == 4 ? 4 : 8))
	packets_are "$what and left none to the pattern behind it" in:30 0
done

# Taken away and made anew, with another index, it is the same to the rule.
ip -n "$SERVER" link del late0 || bail "late0 stays"
ip -batch - <<-END || bail "cannot link again"
	$(link "$CLIENT" late1 "$SERVER" late0 3)
END
ip -n "$CLIENT" link set late1 up || bail "no late1 again"
ip -n "$SERVER" link set late0 up || bail "no late0 again"
family 4
# pkt keeps its socket at the interface that is gone; another name is new to it.
ip -n "$CLIENT" link set late1 down && ip -n "$CLIENT" link set late1 name late2 &&
	ip -n "$CLIENT" link set late2 up || bail "no late2"
knock late2 3 9
drops "an interface that comes again is under the same rule" "$SERVER" rule 3
packets_are "which goes on counting" in:20 11
