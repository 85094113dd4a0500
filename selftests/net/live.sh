#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Live connections per rule: how many there are, that they follow the running
# set from rule to rule, and that one which is going to be cut counts nowhere.
. ./lib.sh
. ./apps_lib.sh
need jq
plan 27

topology pair
peer listen "$SERVER" tcp 80
peer listen "$SERVER" udp 53
peer listen "$UPDATE" tcp 443

# live_is NAME WANT: "in:100=3 in:110=1 ...", defaults as in:* and out:*
live_is() {
	R=$("$SFWCTL" -j -N "$SERVER" show | jq -r '
		[(.defaults | to_entries[] |
		  "\(.key):*=\(.value.connections_live)"),
		 (.rules[] | "\(.direction):\(.number)=\(.connections_live)")] |
		map(select(endswith("=0") | not)) | join(" ")')
	is "$1" "$R" "$2"
}

for family in 4 6; do
	family $family
	what="IPv$F:"
	[[ $F == 4 ]] && far=$UPDATE4 || far=$UPDATE6
	ctl "$SERVER" flush
	sfw "$SERVER" <<-END
		default out allow
		in 100 allow tcp to port 80
		in 110 allow udp to port 53
		in 120 allow tcp to port 81
	END
	live_is "$what nothing lives in the beginning" ""
	for i in 1 2 3; do
		peer open "web$i" "$CLIENT" tcp "$S" 80 from 400$i
		peer echo "web$i"
	done
	peer open name "$CLIENT" udp "$S" 53
	peer echo name
	peer open fetch "$SERVER" tcp "$far" 443
	peer echo fetch
	live_is "$what each connection lives by its rule or default" \
		"out:*=1 in:100=3 in:110=1"
	ctl "$SERVER" show -s
	has "$what show -s says so" "$R" "3 connections, 3 live, last" \
		"0 connections, 0 live, last never"
	ctl "$SERVER" conns count rule in:100
	is "$what it is what conns counts" "${R//[^0-9]/}" 3
	ctl "$SERVER" conns kill sport 4001
	live_is "$what one less" "out:*=1 in:100=2 in:110=1"

	sfw "$SERVER" <<-END
		default out deny
		in  90  allow tcp from any port 4002
		in  100 allow udp to port 54
		in  200 allow tcp to port 80
		out 10  allow tcp to port 443
	END
	live_is "$what under a new set by what it will be judged by" \
		"in:90=1 in:200=1 out:10=1"
	for c in web2 web3 fetch; do
		peer echo "$c"
	done
	peer echo name wait 300
	live_is "$what and so it is, packet or not" "in:90=1 in:200=1 out:10=1"
	ctl "$SERVER" conns count
	is "$what what it denies is no longer there" "${R//[^0-9]/}" 3

	ctl "$SERVER" conns flush
	live_is "$what an empty table" ""
	peer echo web3
	sfw "$SERVER" <<-END
		option keep-connections on
		in 200 allow udp to port 54
		in 300 allow tcp to port 80
	END
	live_is "$what with keep-connections it stays with its number" "in:200=1"
	sfw "$SERVER" <<-END
		option keep-connections on
		in 300 allow tcp to port 80
	END
	live_is "$what or with none, if that is gone" ""
	peer echo web3
	is "$what and goes on" "$R" ok
	for c in web1 web2 web3 name fetch; do
		peer reset "$c"
	done
done
ctl "$SERVER" mode stateless
live_is "stateless there are none" ""
R=$("$SFWCTL" -N "$SERVER" show)
is "without -s there is no figure" "${R/live/}" "$R"
ctl "$SERVER" flush
ctl "$SERVER" show -s
is "without a set there is nothing to count" "$?" 1
