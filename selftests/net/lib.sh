# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034,SC2153
#
# Library of the shell tests: TAP, namespaces, traffic, sfwctl.
#
# A test sources this file, says plan N, builds a topology, loads rule sets
# and makes checks; the rest (module, helpers, cleanup, exit status) happens
# here. Running a program is what costs time in an emulated machine, so all
# traffic goes through two helpers that stay alive for the whole test and are
# asked line by line: peer (sockets, both ends of every connection) and pkt
# (packets written by hand, packets seen on the wire). Their languages stand
# at the top of peer.c and pkt.c. Functions leave their answer in $R rather
# than print it, which saves a fork each.
#
#	. ./lib.sh
#	plan 2
#	topology pair
#	sfw "$SERVER" <<-RULES
#		in 100 allow tcp to port 80
#	RULES
#	peer listen "$SERVER" tcp 80 81
#	reach ok      "port 80 is open"   "$CLIENT" tcp "$SERVER4" 80
#	reach timeout "port 81 is silent" "$CLIENT" tcp "$SERVER4" 81
#
# The environment gives SFW_KO (the module for the running kernel), SFWCTL
# (the tool) and a PATH that has the built helpers.
#
# TAP
#	plan N			number of checks; a test that makes more or
#				fewer fails
#	ok NAME, not_ok NAME [DETAIL...]
#	is NAME GOT WANTED	equal
#	like NAME GOT PATTERN	matches the shell pattern
#	has NAME GOT TEXT...	contains each of the texts
#	diag TEXT...		a comment line for whoever reads a failure
#	bail TEXT...		the test cannot go on
#	skip_all TEXT...	the test cannot run here
#	use_tracefs		it is at $TRACE, or the test is skipped; what it
#				has traced ends with it
#	shrink_caches		freed objects of sfw are not counted as in use
#	wait_for [-t MS] COMMAND...  until COMMAND succeeds, at most 20 s;
#				false if it never did
#
# Namespaces
#	make_ns NAME...		create; the full name is in $NAME
#	topology pair		CLIENT eth0 -- eth0 SERVER eth1 -- eth0 UPDATE
#	topology router		CLIENT eth0 -- eth0 ROUTER eth1 -- eth0 SERVER
#				(the router forwards and has .1 / ::1)
#	family 4|6		sets $F, and $C $S $U $G $H (client, server,
#				update server, ghosts) to addresses of it,
#				$ICMP and $ECHO_REQUEST... to its names
#	ns_set NS PATH VALUE	writes /proc/sys/PATH there
#	in_ns NS COMMAND...	runs a program there (slow)
#
#	A ghost is an address nobody has: 119.18.36.74 behind the client's
#	eth0 and 1.3.3.8 behind the server's (of a pair: in it). Packets to it
#	reach the wire and no kernel answers them, so that pkt can play a host
#	by itself.
#
# Traffic
#	peer LINE...		one line to peer, answer in $R
#	pkt LINE...		one line to pkt, answer in $R
#	reach WANT NAME NS PROTO ADDR PORT [WORDS]
#				a check: peer probe answers WANT. Waits long
#				for an answer, but not long for timeout
#
# sfw
#	sfw NS			loads the rule set on standard input
#	sfw_fails NS [ARGS]	same, but true if sfwctl refused; text in $R
#	ctl NS ARGS...		runs sfwctl there, output in $R, its status
#	moved NS		fills ${D[...]} with what stats counted since
#				the last moved / drops / sfw for that namespace
#				(packets, allowed, dropped, default, rule, ...)
#	drops NAME NS [REASON N]...  a check: since then exactly these packets
#				were dropped, no others. N+ is N or more: a SYN
#				of a real socket is sent again if the machine
#				is slow
#	counted NAME NS KEY N	a check: since then KEY moved by exactly N
#	conns NS [FILTER]	connections as JSON in $R, one blank-free line
#	no_conns NS [FILTER]	is there none?
#	rule_packets NS in:100	packets counted on a rule, in $R

SFWCTL=${SFWCTL:-sfwctl}
TEST_NAME=${0##*/}
TEST_DIR=$(mktemp -d)
TAP_PLAN=
TAP_DONE=0
TAP_FAILED=0
R=
declare -A D LAST READ_AT
TRAFFIC=0
declare -a NAMESPACES
PEER_IN='' PEER_OUT='' PKT_IN='' PKT_OUT=''

CLIENT4=119.18.36.73	CLIENT6=2001:db8:119::73
SERVER4=1.3.3.7		SERVER6=2001:db8:1337::7
UPDATE4=203.0.113.10	UPDATE6=2001:db8:203::10
GHOST4=119.18.36.74	GHOST6=2001:db8:119::74
SGHOST4=1.3.3.8		SGHOST6=2001:db8:1337::8

# --- TAP ---------------------------------------------------------------

plan() {
	TAP_PLAN=$1
	echo "TAP version 13"
	echo "1..$1"
}

diag() { echo "# $*"; }

ok() { echo "ok $((++TAP_DONE)) - $1"; }

not_ok() {
	echo "not ok $((++TAP_DONE)) - $1"
	TAP_FAILED=$((TAP_FAILED + 1))
	shift
	local line
	for line; do
		diag "  ${line//$'\n'/$'\n#   '}"
	done
}

is() {
	if [[ $2 == "$3" ]]; then
		ok "$1"
	else
		not_ok "$1" "got    '$2'" "wanted '$3'"
	fi
}

like() {
	# shellcheck disable=SC2053 # a pattern is wanted
	if [[ $2 == $3 ]]; then
		ok "$1"
	else
		not_ok "$1" "got    '$2'" "wanted '$3'"
	fi
}

has() {
	local name=$1 got=$2 text
	shift 2
	for text; do
		if [[ $got != *"$text"* ]]; then
			not_ok "$name" "got    '$got'" "wanted in it '$text'"
			return
		fi
	done
	ok "$name"
}

bail() {
	echo "Bail out! $*"
	exit 1
}

skip_all() {
	[[ $TAP_PLAN ]] || echo "TAP version 13"
	echo "1..0 # SKIP $*"
	TAP_PLAN=skip
	exit 4
}

# Sets NOW to milliseconds of some clock.
now() { NOW=${EPOCHREALTIME/[.,]/}; NOW=${NOW::-3}; }

# Gives the processor away for S seconds; only for use in polling loops.
poll_pause() { read -rt "$1" <> "$TEST_DIR/pause" || :; }

wait_for() {
	local limit=20000 end
	[[ $1 == -t ]] && { limit=$2; shift 2; }
	now
	end=$((NOW + limit))
	until "$@"; do
		now
		((NOW < end)) || return 1
		poll_pause 0.02
	done
}

# --- life of a test ------------------------------------------------------

cleanup() {
	local status=$? ns
	trap - EXIT
	# The helpers end when their input does.
	[[ $PEER_IN ]] && exec {PEER_IN}>&- {PEER_OUT}<&-
	[[ $PKT_IN ]] && exec {PKT_IN}>&- {PKT_OUT}<&-
	if ((${#NAMESPACES[@]})); then
		for ns in "${NAMESPACES[@]}"; do
			echo "netns del $ns"
		done | ip -force -batch - 2>/dev/null
	fi
	type at_exit &>/dev/null && at_exit
	rm -rf "$TEST_DIR"
	[[ $TAP_PLAN == skip ]] && exit 4
	if [[ $TAP_DONE != "$TAP_PLAN" && $status == 0 ]]; then
		diag "$TAP_DONE checks made, ${TAP_PLAN:-none} planned"
		status=1
	fi
	((TAP_FAILED)) && status=1
	exit "$status"
}

trap cleanup EXIT
trap 'exit 130' INT TERM

# Inserts the module unless it is there already.
load_module() {
	[[ -d /sys/module/sfw ]] && return
	[[ ${SFW_KO:-} ]] || bail "SFW_KO names no module and none is loaded"
	local deps
	deps=$(modinfo -F depends "$SFW_KO") || bail "no module at $SFW_KO"
	# shellcheck disable=SC2086 # a list
	[[ $deps ]] && modprobe -a ${deps//,/ }
	insmod "$SFW_KO" || bail "cannot insert $SFW_KO"
	[[ ! ${SFW_PLACES:-} ]] || grep '^sfw ' /proc/modules >>"$SFW_PLACES"
}

# What was freed is free: KASAN keeps it for a while, to see who still uses it.
TRACE=/sys/kernel/tracing
use_tracefs() {
	grep -qw tracefs /proc/filesystems ||
		skip_all "this kernel has no tracefs"
	mountpoint -q $TRACE || mount -t tracefs tracefs $TRACE ||
		bail "no tracefs"
	at_exit() {
		echo 0 >$TRACE/events/enable
		echo >$TRACE/trace
	}
}

shrink_caches() {
	local file
	for file in /sys/kernel/slab/sfw_*/shrink; do
		[[ ! -w $file ]] || echo 1 >"$file"
	done
}

[[ $EUID == 0 ]] || skip_all "needs root"
mkfifo "$TEST_DIR"/{pause,peer,pkt} || bail "cannot make $TEST_DIR"
[[ ${SFW_NO_MODULE:-} ]] || load_module

# --- namespaces ----------------------------------------------------------

make_ns() {
	local name full
	printf "netns add sfw-%s-$$\n" "${@,,}" |
		ip -batch - || bail "cannot make namespaces"
	for name; do
		full=sfw-${name,,}-$$
		printf -v "$name" %s "$full"
		NAMESPACES+=("$full")
		# Addresses are usable at once.
		peer set "$full" net/ipv6/conf/default/accept_dad 0
		peer set "$full" net/ipv6/conf/default/router_solicitations 0
		# A SYN/ACK that nobody answers is not sent again while others
		# count.
		peer set "$full" net/ipv4/tcp_synack_retries 0
		# As many ICMP errors as there are reasons for.
		peer set "$full" net/ipv4/icmp_ratelimit 0
		peer set "$full" net/ipv6/icmp/ratelimit 0
	done
}

# The ends of a link have hardware addresses that differ in the last bit,
# which is how pkt finds the other end.
link() { # NS DEV NS DEV NUMBER
	echo "link add $2 address 02:73:66:77:0$5:00 netns $1" \
	     "type veth peer name $4 address 02:73:66:77:0$5:01 netns $3"
}

topology() {
	case $1 in
	pair)
		make_ns CLIENT SERVER UPDATE
		ip -batch - <<-END || bail "cannot link"
			$(link "$CLIENT" eth0 "$SERVER" eth0 1)
			$(link "$UPDATE" eth0 "$SERVER" eth1 2)
		END
		ip -n "$CLIENT" -batch - <<-END || bail "no client"
			link set lo up
			link set eth0 up
			addr add $CLIENT4/24 dev eth0
			addr add $CLIENT6/64 dev eth0 nodad
			route add 1.3.3.0/24 dev eth0
			route add 2001:db8:1337::/64 dev eth0
		END
		ip -n "$SERVER" -batch - <<-END || bail "no server"
			link set lo up
			link set eth0 up
			link set eth1 up
			addr add $SERVER4/32 dev eth0
			addr add $SERVER6/128 dev eth0 nodad
			addr add $SERVER6/128 dev eth1 nodad
			route add 119.18.36.0/24 dev eth0 src $SERVER4
			route add 203.0.113.0/24 dev eth1 src $SERVER4
			route add 2001:db8:119::/64 dev eth0 src $SERVER6
			route add 2001:db8:203::/64 dev eth1 src $SERVER6
			neigh add $GHOST4 lladdr 02:73:66:77:01:00 dev eth0
			neigh add $GHOST6 lladdr 02:73:66:77:01:00 dev eth0
			route add blackhole $SGHOST4
			route add blackhole $SGHOST6
		END
		ip -n "$UPDATE" -batch - <<-END || bail "no update server"
			link set lo up
			link set eth0 up
			addr add $UPDATE4/24 dev eth0
			addr add $UPDATE6/64 dev eth0 nodad
			route add 1.3.3.0/24 dev eth0
			route add 2001:db8:1337::/64 dev eth0
		END
		;;
	router)
		make_ns CLIENT ROUTER SERVER
		ip -batch - <<-END || bail "cannot link"
			$(link "$CLIENT" eth0 "$ROUTER" eth0 1)
			$(link "$ROUTER" eth1 "$SERVER" eth0 2)
		END
		ip -n "$CLIENT" -batch - <<-END || bail "no client"
			link set lo up
			link set eth0 up
			addr add $CLIENT4/24 dev eth0
			addr add $CLIENT6/64 dev eth0 nodad
			route add default via 119.18.36.1
			route add default via 2001:db8:119::1
		END
		ip -n "$ROUTER" -batch - <<-END || bail "no router"
			link set lo up
			link set eth0 up
			link set eth1 up
			addr add 119.18.36.1/24 dev eth0
			addr add 2001:db8:119::1/64 dev eth0 nodad
			addr add 1.3.3.1/24 dev eth1
			addr add 2001:db8:1337::1/64 dev eth1 nodad
			neigh add $GHOST4 lladdr 02:73:66:77:01:00 dev eth0
			neigh add $GHOST6 lladdr 02:73:66:77:01:00 dev eth0
			neigh add $SGHOST4 lladdr 02:73:66:77:02:01 dev eth1
			neigh add $SGHOST6 lladdr 02:73:66:77:02:01 dev eth1
		END
		ip -n "$SERVER" -batch - <<-END || bail "no server"
			link set lo up
			link set eth0 up
			addr add $SERVER4/24 dev eth0
			addr add $SERVER6/64 dev eth0 nodad
			route add default via 1.3.3.1
			route add default via 2001:db8:1337::1
		END
		ns_set "$ROUTER" net/ipv4/ip_forward 1
		ns_set "$ROUTER" net/ipv6/conf/all/forwarding 1
		;;
	*)
		bail "topology $1?"
		;;
	esac
}

family() {
	F=$1
	if [[ $F == 4 ]]; then
		C=$CLIENT4 S=$SERVER4 U=$UPDATE4 G=$GHOST4 H=$SGHOST4
		ICMP=icmp ECHO_REQUEST=8 ECHO_REPLY=0
	else
		C=$CLIENT6 S=$SERVER6 U=$UPDATE6 G=$GHOST6 H=$SGHOST6
		ICMP=icmpv6 ECHO_REQUEST=128 ECHO_REPLY=129
	fi
}

ns_set() { peer set "$@"; }

in_ns() {
	TRAFFIC=$((TRAFFIC + 1))
	ip netns exec "$@"
}

# --- traffic -------------------------------------------------------------

# Starts helper $1; its ends go to the variables $2 (to write) and $3.
start_helper() {
	local fd
	command -v "$1" >/dev/null || bail "no $1 in PATH; build selftests/net"
	exec {fd}> >(exec "$1" >"$TEST_DIR/$1")
	printf -v "$2" %s "$fd"
	exec {fd}<"$TEST_DIR/$1"
	printf -v "$3" %s "$fd"
}

peer() {
	[[ $PEER_IN ]] || start_helper peer PEER_IN PEER_OUT
	TRAFFIC=$((TRAFFIC + 1))
	echo "$*" >&"$PEER_IN"
	IFS= read -rt 60 R <&"$PEER_OUT" || bail "peer died at: $*"
	[[ $R != error:* ]] || bail "peer $*: $R"
}

pkt() {
	[[ $PKT_IN ]] || start_helper pkt PKT_IN PKT_OUT
	TRAFFIC=$((TRAFFIC + 1))
	echo "$*" >&"$PKT_IN"
	IFS= read -rt 60 R <&"$PKT_OUT" || bail "pkt died at: $*"
	[[ $R != error:* ]] || bail "pkt $*: $R"
}

reach() {
	local want=$1 name=$2 wait=5000
	shift 2
	[[ $want == timeout ]] && wait=250
	peer probe "${@:1:4}" wait "$wait" "${@:5}"
	is "$name" "$R" "$want"
}

# --- sfw -----------------------------------------------------------------

sfw() {
	R=$("$SFWCTL" -N "$1" apply - 2>&1) ||
		bail "rule set refused (exit $?): $R"
	# Reading the figures costs as much as all the rest: not again, if
	# nothing can have happened to them since the last time.
	((${READ_AT[$1]:--1} == TRAFFIC)) || moved "$1"
}

sfw_fails() {
	local ns=$1
	shift
	! R=$("$SFWCTL" -N "$ns" apply "$@" - 2>&1)
}

ctl() {
	local ns=$1
	shift
	READ_AT[$ns]=-1
	R=$("$SFWCTL" -N "$ns" "$@" 2>&1)
}

# Reads the figures of NS into D as differences, without forgetting LAST.
read_stats() {
	local json
	json=$("$SFWCTL" -j -N "$1" stats) || bail "no stats of $1"
	D=()
	while [[ $json =~ \"([a-z_]+)\":\ *([0-9]+) ]]; do
		D[${BASH_REMATCH[1]}]=$((BASH_REMATCH[2] -
			${LAST[$1/${BASH_REMATCH[1]}]:-0}))
		json=${json#*"${BASH_REMATCH[0]}"}
	done
}

# From now on differences of NS count from here.
keep_stats() {
	local key
	READ_AT[$1]=$TRAFFIC
	for key in "${!D[@]}"; do
		LAST[$1/$key]=$((${LAST[$1/$key]:-0} + D[$key]))
	done
}

moved() {
	read_stats "$1"
	keep_stats "$1"
}

stat_reaches() { # NS KEY N
	read_stats "$1"
	((${D[$2]:-0} >= $3))
}

REASONS="rule default invalid_flags invalid_window invalid_checksum
invalid_icmp no_connection malformed table_full rate_limit"

drops() {
	local name=$1 ns=$2 sum=0 reason got='' want='' all=0
	local -A expected=()
	shift 2
	while (($#)); do
		expected[$1]=$2
		sum=$((sum + ${2%+}))
		shift 2
	done
	wait_for -t "${SFW_STAT_MS:-8000}" stat_reaches "$ns" dropped "$sum"
	keep_stats "$ns"
	for reason in $REASONS; do
		((all += ${D[$reason]:-0}))
		[[ ${expected[$reason]:-} == *+ ]] &&
			((${D[$reason]:-0} >= ${expected[$reason]%+})) &&
			expected[$reason]=${D[$reason]}
		[[ ${D[$reason]:-0} == 0 ]] || got+="$reason ${D[$reason]} "
		[[ ${expected[$reason]:-0} == 0 ]] ||
			want+="$reason ${expected[$reason]} "
	done
	[[ $all == "${D[dropped]:-}" ]] || got+="(dropped ${D[dropped]:-?})"
	is "$name" "$got" "$want"
}

counted() {
	wait_for -t "${SFW_STAT_MS:-8000}" stat_reaches "$2" "$3" "$4"
	keep_stats "$2"
	is "$1" "${D[$3]:-no such figure}" "$4"
}

conns() {
	local ns=$1
	shift
	R=$("$SFWCTL" -j -N "$ns" conns "$@" 2>&1)
	R=${R//[[:space:]]/}
}

no_conns() {
	conns "$@"
	[[ $R == '{"connections":[]}' ]]
}

rule_packets() {
	local line
	R="no rule $2"
	while read -r line; do
		# The line of one rule ends with what it did, as a comment.
		[[ $line =~ ^${2%:*}\ +${2#*:}\ .*[^0-9]([0-9]+)\ packets ]] &&
			R=${BASH_REMATCH[1]}
	done < <("$SFWCTL" -N "$1" show -s 2>&1)
}
