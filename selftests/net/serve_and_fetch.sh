#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A web server that also fetches its updates from a third host: two rules for
# a stateful firewall, four for a stateless one, and what each of the four is
# for.

# shellcheck disable=SC2016 # the dollar is for the rule file

. ./lib.sh

plan 38
topology pair
peer listen "$SERVER" tcp 443 22
peer listen "$UPDATE" tcp 443 80
peer listen "$CLIENT" tcp 443

SETS="set update = { $UPDATE4, $UPDATE6 }"
SERVE='in  100 allow tcp to port 443'
FETCH='out 100 allow tcp to $update port 443'
SERVE_REPLY='out 110 allow tcp from port 443 return'
FETCH_REPLY='in  110 allow tcp from $update port 443 to port 32768-60999 return'

# Loads a set of these rules.
load() { # MODE RULE...
	local mode=$1
	shift
	{
		echo "mode $mode"
		echo "$SETS"
		printf '%s\n' "$@"
	} > "$TEST_DIR/rules"
	sfw "$SERVER" < "$TEST_DIR/rules"
}

for f in 4 6; do
	family "$f"

	load stateful "$SERVE" "$FETCH"
	reach ok "IPv$F stateful, 2 rules: serves" "$CLIENT" tcp "$S" 443
	reach ok "IPv$F stateful, 2 rules: fetches" "$SERVER" tcp "$U" 443
	drops "IPv$F stateful, 2 rules: nothing dropped" "$SERVER"
	reach timeout "IPv$F stateful, 2 rules: no other service" \
		"$CLIENT" tcp "$S" 22
	reach timeout "IPv$F stateful, 2 rules: no other port of the host" \
		"$SERVER" tcp "$U" 80
	reach timeout "IPv$F stateful, 2 rules: no other host" \
		"$SERVER" tcp "$C" 443
	drops "IPv$F stateful, 2 rules: all three by the default" \
		"$SERVER" default 3+

	load stateless "$SERVE" "$FETCH"
	reach timeout "IPv$F stateless, 2 rules: does not serve" \
		"$CLIENT" tcp "$S" 443
	drops "IPv$F stateless, 2 rules: the reply out died" "$SERVER" default 1+
	reach timeout "IPv$F stateless, 2 rules: does not fetch" \
		"$SERVER" tcp "$U" 443
	drops "IPv$F stateless, 2 rules: the reply in died" "$SERVER" default 1+

	load stateless "$SERVE" "$FETCH" "$SERVE_REPLY"
	reach ok "IPv$F stateless, third rule: serves" "$CLIENT" tcp "$S" 443
	reach timeout "IPv$F stateless, third rule: does not fetch" \
		"$SERVER" tcp "$U" 443

	load stateless "$SERVE" "$FETCH" "$FETCH_REPLY"
	reach timeout "IPv$F stateless, fourth rule alone: does not serve" \
		"$CLIENT" tcp "$S" 443
	reach ok "IPv$F stateless, fourth rule alone: fetches" \
		"$SERVER" tcp "$U" 443

	load stateless "$SERVE" "$FETCH" "$SERVE_REPLY" "$FETCH_REPLY"
	reach ok "IPv$F stateless, 4 rules: serves" "$CLIENT" tcp "$S" 443
	reach ok "IPv$F stateless, 4 rules: fetches" "$SERVER" tcp "$U" 443
	drops "IPv$F stateless, 4 rules: nothing dropped" "$SERVER"
	no_conns "$SERVER"
	is "IPv$F stateless: keeps no table" "$R" '{"connections":[]}'
done
