#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# sfw-load, which sfw.service and sfw-fallback.service run, in a kernel without
# the module: the rules go to nftables, and leave it when the module is back.
. ./lib.sh
. ./apps_lib.sh
need nft
plan 14

topology pair
peer listen "$SERVER" tcp 80 81

load=../../tools/systemd/sfw-load
export SFW_RULES=$TEST_DIR/etc/sfw.rules
export SFW_LAST_GOOD=$TEST_DIR/var/last-good.rules
export SFW_EMERGENCY=$TEST_DIR/emergency.rules
export SFWCTL
mkdir "$TEST_DIR/etc"
cp ../../tools/systemd/emergency.rules "$SFW_EMERGENCY"
mkdir "$TEST_DIR/var"

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


# What sfwctl is in a kernel that has no module: what needs one ends with 3.
cat >"$TEST_DIR/absent" <<-END
	#!/bin/sh
	case " \$* " in
	*" export "* | *" check "*) exec $SFWCTL "\$@" ;;
	esac
	echo "sfwctl: sfw: the module is not loaded" >&2
	exit 3
END
chmod +x "$TEST_DIR/absent"
echo 'in 100 allow tcp to port 81' >"$SFW_RULES"
cp "$SFW_RULES" "$SFW_LAST_GOOD"
SFWCTL=$TEST_DIR/absent MODPROBE=false \
	loads 2 '<2>sfw: the module cannot be loaded into kernel*' \
	"a module that cannot be loaded: start fails" start
SFWCTL=$TEST_DIR/absent MODPROBE=true \
	loads 2 '<2>*not of the release of this sfwctl*' \
	"one of another release: start fails" start

SFWCTL=$TEST_DIR/absent \
	loads 0 "<2>sfw: SFW IS NOT RUNNING: the rules of $SFW_RULES are in force through nftables*" \
	"the fallback gives the rules to nftables, and says so" fallback
reach ok "what they allow is open" "$CLIENT" tcp "$SERVER4" 81
reach timeout "what they do not allow is not" "$CLIENT" tcp "$SERVER4" 80
SFWCTL=$TEST_DIR/absent loads 0 '*' "a second time it is the same" fallback
is "once, not twice" "$(ip netns exec "$SERVER" nft list ruleset | grep -c 'dport 81')" 1
echo 'in 100 alow tcp' >"$SFW_RULES"
SFWCTL=$TEST_DIR/absent loads 0 "*the rules of $SFW_LAST_GOOD are in force through nftables*" \
	"with a bad file, too, the last good set" fallback
reach ok "what it allows is open" "$CLIENT" tcp "$SERVER4" 81
NFT=false SFWCTL=$TEST_DIR/absent loads 2 '*<1>*THIS HOST IS OPEN' \
	"if nftables fails as well it says the worst" fallback

SFWCTL=$TEST_DIR/absent loads 0 '*' "once more to nftables" fallback
echo 'in 100 allow tcp to port { 80, 81 }' >"$SFW_RULES"
loads 0 '' "with the module again, start is good" start
is "the rules of nftables are gone" "$(ip netns exec "$SERVER" nft list ruleset)" ""
reach ok "those of sfw are in force" "$CLIENT" tcp "$SERVER4" 80
