#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# One request, seen from its two ends. A client 119.18.36.73 asks the web
# server 1.3.3.7, port 443. At the server that is "in, to port 443", and the
# reply "out, from port 443"; at the client the same two packets are "out, to
# port 443" and "in, from port 443". Each end is filtered in turn, in both
# modes.

. ./lib.sh

plan 46
topology pair
peer listen "$SERVER" tcp 80 443
peer listen "$CLIENT" tcp 22 443

at_the_server() {
	sfw "$SERVER" <<-RULES
		mode stateful
		in 100 allow tcp to port 443 "public web"
	RULES
	reach ok "IPv$F server, stateful: one rule lets request and reply pass" \
		"$CLIENT" tcp "$S" 443
	conns "$SERVER"
	has "IPv$F server, stateful: the connection came in" "$R" \
		'"direction":"in"' "\"source\":\"$C\"" \
		"\"destination\":\"$S\"" '"destination_port":443' \
		'"rule":"in:100"' '"protocol":"tcp"'
	drops "IPv$F server, stateful: nothing of it was dropped" "$SERVER"
	reach timeout "IPv$F server, stateful: port 80 is closed" \
		"$CLIENT" tcp "$S" 80
	drops "IPv$F server, stateful: the default dropped that" \
		"$SERVER" default 1+
	reach timeout "IPv$F server, stateful: it cannot ask the client" \
		"$SERVER" tcp "$C" 443
	drops "IPv$F server, stateful: the default kept that in" \
		"$SERVER" default 1+

	sfw "$SERVER" <<-RULES
		mode stateless
		in 200 allow tcp to port 443 "public web"
	RULES
	reach timeout "IPv$F server, stateless: the same rule is not enough" \
		"$CLIENT" tcp "$S" 443
	rule_packets "$SERVER" in:200
	like "IPv$F server, stateless: the request came in" "$R" [1-9]
	drops "IPv$F server, stateless: the reply died on its way out" \
		"$SERVER" default 1+

	sfw "$SERVER" <<-RULES
		mode stateless
		in  100 allow tcp to port 443 "public web"
		out 100 allow tcp from port 443 return
	RULES
	reach ok "IPv$F server, stateless: with a rule for the reply it works" \
		"$CLIENT" tcp "$S" 443
	drops "IPv$F server, stateless: nothing of it was dropped" "$SERVER"
	ctl "$SERVER" flush
}

at_the_client() {
	sfw "$CLIENT" <<-RULES
		mode stateful
		out 100 allow tcp to port 443 "web"
	RULES
	reach ok "IPv$F client, stateful: one rule lets request and reply pass" \
		"$CLIENT" tcp "$S" 443
	conns "$CLIENT"
	has "IPv$F client, stateful: the connection went out" "$R" \
		'"direction":"out"' "\"source\":\"$C\"" \
		"\"destination\":\"$S\"" '"destination_port":443' \
		'"rule":"out:100"'
	reach timeout "IPv$F client, stateful: it cannot ask port 80" \
		"$CLIENT" tcp "$S" 80
	drops "IPv$F client, stateful: the default kept that in" \
		"$CLIENT" default 1+
	reach timeout "IPv$F client, stateful: nobody reaches its own port 443" \
		"$SERVER" tcp "$C" 443
	drops "IPv$F client, stateful: the default dropped that" \
		"$CLIENT" default 1+

	sfw "$CLIENT" <<-RULES
		mode stateless
		out 200 allow tcp to port 443 "web"
	RULES
	reach timeout "IPv$F client, stateless: the same rule is not enough" \
		"$CLIENT" tcp "$S" 443
	rule_packets "$CLIENT" out:200
	like "IPv$F client, stateless: the request went out" "$R" [1-9]
	drops "IPv$F client, stateless: the reply died on its way in" \
		"$CLIENT" default 1+

	sfw "$CLIENT" <<-RULES
		mode stateless
		out 100 allow tcp to port 443 "web"
		in  100 allow tcp from port 443 return
		out 110 allow tcp from port 22
	RULES
	reach ok "IPv$F client, stateless: with a rule for the reply it works" \
		"$CLIENT" tcp "$S" 443
	peer unlisten "$SERVER" tcp 443
	reach ok "IPv$F client, stateless: the price: port 443 reaches all" \
		"$SERVER" tcp "$C" 22 from 443
	peer listen "$SERVER" tcp 443
	ctl "$CLIENT" flush
}

for f in 4 6; do
	family "$f"
	at_the_server
	at_the_client
done
