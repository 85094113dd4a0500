#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# sfw-load, which sfw.service runs: whatever is wrong at boot, a rule set is in
# force afterwards, the best there is, and the unit's exit status and words say
# which.
. ./lib.sh
plan 23

topology pair
peer listen "$SERVER" tcp 22 80 81 82

load=../../tools/systemd/sfw-load
export SFW_RULES=$TEST_DIR/etc/sfw.rules
export SFW_LAST_GOOD=$TEST_DIR/var/last-good.rules
export SFW_EMERGENCY=$TEST_DIR/emergency.rules
export SFWCTL
mkdir "$TEST_DIR/etc" "$TEST_DIR/etc/rules.d"
cp ../../tools/systemd/emergency.rules "$SFW_EMERGENCY"

# loads STATUS PATTERN NAME ACTION: sfw-load on the server
loads() {
	local status
	TRAFFIC=$((TRAFFIC + 1))
	R=$(ip netns exec "$SERVER" "$load" "$4" 2>&1)
	status=$?
	# shellcheck disable=SC2053 # a pattern is wanted
	if [[ $status == "$1" && $R == $2 ]]; then
		ok "$3"
	else
		not_ok "$3" "exit $status, wanted $1" "said   '$R'" "wanted '$2'"
	fi
}

rules() { cat >"$SFW_RULES"; }
running() { "$SFWCTL" -N "$SERVER" show 2>&1 | grep -E '^(in|out) '; }

# --- a good file ------------------------------------------------------------------------

rules <<-'END'
	sfw 1
	include "rules.d/*.rules"
	in 100 allow tcp to port 80
END
echo 'in 110 allow tcp to port 82' >"$TEST_DIR/etc/rules.d/more.rules"
loads 0 '' "start with a good file says nothing" start
reach ok "its rules are in force" "$CLIENT" tcp "$SERVER4" 80
reach ok "those of rules.d, too" "$CLIENT" tcp "$SERVER4" 82
reach timeout "and nothing else is open" "$CLIENT" tcp "$SERVER4" 81
is "what runs is kept, includes and all" \
	"$(grep -E '^(in|out) ' "$SFW_LAST_GOOD")" "$(running)"
loads 0 '' "start again changes nothing" start

# --- a bad one, while a set is in force -----------------------------------------------------

before=$(running)
echo 'in 100 alow tcp' >"$SFW_RULES"
loads 1 '*sfw.rules:1:8: error:*'"<2>sfw: $SFW_RULES cannot be loaded: the set that was in force stays*" \
	"restart with a bad file fails and says why" start
is "the set that was in force stays" "$(running)" "$before"
loads 1 '*error:*<3>*stays' "reload of a bad file fails" reload
is "the set that was in force stays" "$(running)" "$before"
loads 0 '<4>*nothing is given to nftables' "there is nothing to fall back from" fallback

# --- a bad one at boot ------------------------------------------------------------------------

ctl "$SERVER" flush
loads 1 "*error:*<2>sfw: * CANNOT BE LOADED, $SFW_LAST_GOOD is in force instead*" \
	"boot with a bad file fails and names what is in force" start
is "it is the last good set" "$(running)" "$before"
reach timeout "the host is not open" "$CLIENT" tcp "$SERVER4" 81
ctl "$SERVER" flush
rm "$SFW_RULES"
loads 1 "*CANNOT BE LOADED, $SFW_LAST_GOOD is in force*" \
	"boot without a file is the same" start

ctl "$SERVER" flush
rm "$SFW_LAST_GOOD"
loads 1 "*CANNOT BE LOADED, $SFW_EMERGENCY is in force*" \
	"boot with no good set at all: that of emergencies" start
reach ok "it lets in ssh" "$CLIENT" tcp "$SERVER4" 22
reach timeout "and no other service" "$CLIENT" tcp "$SERVER4" 80
is "it is not the last good one" "$(ls "${SFW_LAST_GOOD%/*}")" ""

ctl "$SERVER" flush
mv "$SFW_EMERGENCY" "$TEST_DIR/away"
loads 2 "*nor can any other rule set" "with nothing left it says so" start
mv "$TEST_DIR/away" "$SFW_EMERGENCY"

# --- reload -----------------------------------------------------------------------------------

echo 'in 100 allow tcp to port 81' >"$SFW_RULES"
loads 0 '' "reload is apply" reload
reach ok "the new rules are in force" "$CLIENT" tcp "$SERVER4" 81
is "and are kept" "$(grep -E '^(in|out) ' "$SFW_LAST_GOOD")" "$(running)"
