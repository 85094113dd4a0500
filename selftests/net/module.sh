#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The module comes and goes while traffic runs and rule sets are loaded in
# several namespaces; hooks are there with a rule set only; a namespace may be
# deleted under traffic. What the kernel has to say about it is looked at when
# the whole collection has run.
. ./lib.sh
. ./apps_lib.sh
need iperf3 nft ping
plan 34

topology pair
peer listen "$SERVER" tcp 80 81
peer listen "$SERVER" udp 53

remove_module() { rmmod sfw 2>/dev/null; }

# The module is to be inserted again whatever happens: others need it.
at_exit() {
	kill "${DAEMONS[@]}" 2>/dev/null
	[[ -d /sys/module/sfw ]] || load_module
}

# Names of the module's caches in use, in $R. One that the kernel merged with
# another is not listed.
caches() {
	local name
	R=''
	while read -r name _; do
		[[ $name == sfw_* ]] && R+="$name "
	done </proc/slabinfo
}

# Sets N to the hooks of the module in a namespace.
hooks() {
	local text
	text=$(ip netns exec "$1" nft list hooks 2>/dev/null)
	N=0
	while [[ $text == *"[sfw]"* ]]; do
		text=${text#*"[sfw]"}
		((N++))
	done
}

load_sets() {
	sfw "$CLIENT" <<-END
		default out deny
		out 100 allow tcp to port { 80, 5201 }
		out 110 allow udp to port 53
		out 120 allow icmp type echo-request
	END
	sfw "$SERVER" <<-END
		in 100 allow tcp to port { 80, 5201 }
		in 110 allow udp to port 53
		in 120 allow icmp type echo-request
	END
	sfw "$UPDATE" <<-END
		default out allow
		in 100 allow any from { 10.0.0.0/8, 2001:db8::/32 }
	END
}

# --- hooks ---------------------------------------------------------------------------

# hooks_are NAME NS N: so many hooks are the module's. Debian's 6.1 cannot list
# them (CONFIG_NETFILTER_NETLINK_HOOK).
hooks_are() {
	if [[ $CAN_LIST_HOOKS ]]; then
		hooks "$2"
		is "$1" "$N" "$3"
	else
		echo "ok $((++TAP_DONE)) - $1 # SKIP this kernel cannot list hooks"
	fi
}
CAN_LIST_HOOKS=
modprobe nfnetlink_hook 2>/dev/null && CAN_LIST_HOOKS=yes

family 4
ctl "$SERVER" flush
hooks_are "no hook without a rule set" "$SERVER" 0
load_sets
hooks_are "with one, two hooks for each family" "$SERVER" 4
hooks_are "in every namespace that has one" "$CLIENT" 4
sfw "$SERVER" <<-END
	in 100 allow tcp to port { 80, 5201 }
END
hooks_are "a second set brings no second hooks" "$SERVER" 4
ctl "$SERVER" flush
hooks_are "they go with the set" "$SERVER" 0
R=$(ip netns exec "$SERVER" nft list hooks 2>/dev/null)
[[ $R != *defrag* ]]
is "and so does defragmentation" "$?" 0
hooks_are "of this namespace only" "$CLIENT" 4
reach ok "everything passes without them" "$CLIENT" tcp "$S" 80

# --- load and unload under traffic --------------------------------------------------------

R=$(echo /sys/kernel/slab/sfw_*)
like "the module has its caches" "$R" "*/sfw_[a-z]*"
in_background "$SERVER" iperf3 -s
wait_for -t 30000 listening "$PID" tcp 5201 || bail "no iperf3"
in_background "$CLIENT" iperf3 -c "$S" -t 3600 -b 5M
iperf=$PID
in_background "$CLIENT" ping -q -i 0.05 "$S"
ping=$PID
peer open idle "$CLIENT" tcp "$S" 80
echo "default in allow" >"$TEST_DIR/pending"
for round in 1 2 3; do
	load_sets
	# A commit that waits to be confirmed is in nobody's way.
	ctl "$UPDATE" apply --confirm=600 "$TEST_DIR/pending" || bail "$R"
	peer echo idle
	moved "$SERVER"
	wait_for stat_reaches "$SERVER" allowed 50
	is "round $round: traffic is judged" "$?" 0
	wait_for -t 20000 remove_module
	is "round $round: the module goes, with three sets at work" "$?" 0
	caches
	grep -q '^sfw ' /proc/modules
	is "round $round: and nothing of it stays" "$? $R" "1 "
	ctl "$SERVER" status
	is "round $round: sfwctl says that it is not there" "$?" 3
	reach ok "round $round: nothing is filtered" "$CLIENT" tcp "$S" 81
	load_module
	LAST=()
done
kill -0 "$iperf" "$ping"
is "all the time the traffic has gone on" "$?" 0
peer echo idle
is "an idle connection as well" "$R" ok
ctl "$SERVER" status
like "a module that comes back has no rule set" "$R" "*no rule set*"
insmod "$SFW_KO" 2>/dev/null
is "a module that is there is not inserted twice" "$?" 1

# --- namespaces that go under traffic -------------------------------------------------------

gone() { ! ip -n "$SERVER" link show eth9 &>/dev/null; }

load_sets
failed=
for round in 1 2 3; do
	# Not by make_ns: peer would keep it open.
	short=sfw-short-$$
	NAMESPACES+=("$short")
	ip -batch - <<-END
		netns add $short
		link add eth9 netns $short type veth peer name eth9 netns $SERVER
	END
	ip -n "$short" -batch - <<-END
		link set eth9 up
		addr add 10.9.0.2/24 dev eth9
	END
	ip -n "$SERVER" -batch - <<-END
		link set eth9 up
		addr add 10.9.0.1/24 dev eth9
	END
	sfw "$short" <<-END
		default out allow
		in 100 allow icmp type echo-request limit 1000/s burst 1000
		in 110 reject udp
	END
	sfw "$SERVER" <<-END
		default out allow
		in 100 allow tcp to port { 80, 5201 }
		in 110 allow icmp type echo-request
	END
	# Its time is over about when the namespace is.
	ctl "$short" apply --confirm=1 "$TEST_DIR/pending" ||
		failed+=" apply: $R"
	in_background "$SERVER" ping -q -i 0.005 10.9.0.2
	flood=$PID
	wait_for -t 20000 stat_reaches "$short" packets 50 || failed+=" packets"
	ip netns del "$short"
	unset "NAMESPACES[-1]"
	wait_for -t 20000 gone || failed+=" gone"
	kill "$flood"
	wait "$flood" 2>/dev/null
	LAST=()
done
is "three namespaces are deleted while packets come in" "$failed" ""
kill -0 "$iperf" "$ping"
is "and the traffic of the others goes on" "$?" 0
for ns in "$CLIENT" "$SERVER" "$UPDATE"; do
	ctl "$ns" flush
done
kill "$iperf" "$ping"
wait "$iperf" "$ping" 2>/dev/null
wait_for -t 20000 remove_module
is "after all that the module goes once more" "$?" 0

# One of another release: its interface has the number 7.
zeros=$(printf '\\x00%.0s' {1..13})
LC_ALL=C sed "s/sfw$zeros\\x01\\x00/sfw$zeros\\x07\\x00/" "$SFW_KO" >"$TEST_DIR/other.ko"
SFW_KO=$TEST_DIR/other.ko load_module
ctl "$SERVER" status
like "one with another interface: exit 3, and what repairs it" "$? $R" \
	"3 *speaks version 7 *install both from one release"
ctl "$SERVER" -j doctor
has "doctor finds it as well" "$? $R" "1 " '"interface-version"' \
	"apt-get install sfwctl sfw-dkms && reboot"
wait_for -t 20000 remove_module
load_module
reach ok "and comes once more" "$CLIENT" tcp "$S" 80
