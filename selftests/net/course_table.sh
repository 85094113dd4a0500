#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The table of every firewall course:
#
#	inbound		allow 22, 80, 443	deny the rest
#	outbound	allow any
#
# A stateful firewall does what the reader thinks. A stateless one lets
# connections in only because everything may go out, and connections out time
# out: their replies come in to a high port. Opening 32768-61000 mends that,
# and opens whatever listens there.

. ./lib.sh

plan 44
topology pair
peer listen "$SERVER" tcp 22 80 443 8080 40000
peer listen "$UPDATE" tcp 443
peer listen "$UPDATE" udp 53

table() { # MODE DEFAULT-OUT [RULE]
	sfw "$SERVER" <<-RULES
		mode $1
		in 100 allow tcp to port { 22, 80, 443 }
		default in deny
		default out $2
		${3:-}
	RULES
}

for f in 4 6; do
	family "$f"

	table stateful allow
	for port in 22 80 443; do
		reach ok "IPv$F stateful: in to $port" \
			"$CLIENT" tcp "$S" "$port"
	done
	drops "IPv$F stateful: nothing dropped" "$SERVER"
	reach timeout "IPv$F stateful: not in to 8080" "$CLIENT" tcp "$S" 8080
	drops "IPv$F stateful: by the default" "$SERVER" default 1+
	reach ok "IPv$F stateful: out" "$SERVER" tcp "$U" 443
	reach ok "IPv$F stateful: out, UDP" "$SERVER" udp "$U" 53
	drops "IPv$F stateful: nothing of that dropped" "$SERVER"

	table stateless deny
	reach timeout "IPv$F stateless, nothing out: not in to 443" \
		"$CLIENT" tcp "$S" 443
	drops "IPv$F stateless, nothing out: the reply is what died" \
		"$SERVER" default 1+

	table stateless allow
	for port in 22 80 443; do
		reach ok "IPv$F stateless: in to $port, as all may go out" \
			"$CLIENT" tcp "$S" "$port"
	done
	reach timeout "IPv$F stateless: connections out time out" \
		"$SERVER" tcp "$U" 443
	drops "IPv$F stateless: the reply is what died" "$SERVER" default 1+
	reach timeout "IPv$F stateless: UDP out gets no reply" \
		"$SERVER" udp "$U" 53
	drops "IPv$F stateless: that died too" "$SERVER" default 1+

	table stateless allow "in 110 allow tcp to port 32768-61000 return"
	reach ok "IPv$F stateless, high ports open: out works" \
		"$SERVER" tcp "$U" 443
	drops "IPv$F stateless, high ports open: nothing dropped" "$SERVER"
	reach timeout "IPv$F stateless, high ports open: not in to 8080" \
		"$CLIENT" tcp "$S" 8080
	reach ok "IPv$F stateless, high ports open: nor is a listener hidden" \
		"$CLIENT" tcp "$S" 40000
done
