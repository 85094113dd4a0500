#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What export nft writes does what sfw does: the same packets arrive, the same
# are answered and the same may not leave, by sfw and by nft without sfw.

. ./lib.sh
. ./apps_lib.sh
. ./convert_lib.sh
need nft
plan 11

topology pair
convert_links
peer listen "$SERVER" tcp 443 8090
MARKS="in 1 allow any from { $MARK4, $MARK6 }
out 1 allow any to { $MARK4, $MARK6 }"
BASE=10000

# same NAME < RULES: sfw and the script of nft see it alike
same() {
	local by_sfw
	{ echo "$MARKS"; cat; } >"$TEST_DIR/rules"
	packets $((BASE += 500))
	sfw "$SERVER" <"$TEST_DIR/rules"
	"$SFWCTL" -N "$SERVER" export nft >"$TEST_DIR/script" ||
		bail "export refused"
	"$SFWCTL" export nft -f "$TEST_DIR/rules" | cmp - "$TEST_DIR/script" ||
		bail "of the file and of what runs: two scripts"
	observe
	by_sfw=$SEEN
	ctl "$SERVER" flush
	R=$(ip netns exec "$SERVER" nft -f "$TEST_DIR/script" 2>&1)
	is "$1: nft takes the script" "$R" ""
	observe
	agree "$1: the same packets pass" "$SEEN" "$by_sfw"
}

same "stateful" <<-'END'
	set hosts = { 119.18.36.73-119.18.36.74, 2001:db8:119::74, 10.0.0.0/8 }
	set web = { 80, 443, 8080-8085 }
	in 100 allow tcp from $hosts to port $web "web \"site\""
	in 110 allow udp to port 53 on eth*
	in 120 deny tcp to port 22 log limit 5/m
	in 130 reject tcp to port 8090
	in 140 reject udp to port 8080
	in 150 allow icmp type echo-request
	in 160 allow icmpv6 from !2001:db8:119::130 type echo-request
	out 100 allow tcp to $hosts port !25
	out 110 allow udp to port { 53, 443 }
	out 120 reject udp
	out 130 allow any on !eth*
END
reach ok "a connection to the host, by nft" "$CLIENT" tcp "$SERVER4" 443
ip netns exec "$SERVER" nft delete table inet sfw

same "stateless" <<-'END'
	mode stateless
	default out allow
	in 100 allow tcp to port { 80, 443 } flags syn
	in 110 allow tcp to port 443 flags established
	in 120 deny tcp flags fin,syn/fin,syn
	in 130 allow udp from { 119.18.36.0-119.18.36.80, 2001:db8:119::/121 } to port 53
	in 140 allow tcp from port 443 to port 1024-65535 return
	in 150 allow icmp type 3
	in 160 allow icmpv6
	in 170 reject tcp to port 22
	out 100 deny tcp to port 25 log
	out 110 deny tcp from port 443 flags syn,ack/syn,ack
END
reach timeout "without a rule for the reply, by nft" "$CLIENT" tcp "$SERVER6" 443
ip netns exec "$SERVER" nft delete table inet sfw

same "defaults that reject, audit off, no-state, rates" <<-'END'
	default in reject
	default out reject
	option tcp-pickup off
	in 100 allow udp to port 53 no-state
	in 105 deny tcp to port 80
	in 110 allow tcp to port 22-443
	in 120 allow icmp limit 1/h burst 1
	in 130 allow icmpv6 limit 1/h burst 1
	in 140 allow tcp from { 119.18.36.0/24, 2001:db8:119::/64 } to port 8080 limit 1/h burst 2
	out 100 allow udp from port 53 no-state
	out 110 allow tcp
	out 120 allow icmp
	out 130 allow icmpv6
END
ip netns exec "$SERVER" nft delete table inet sfw

same "loopback and neighbour discovery filtered" <<-'END'
	option loopback filter
	option neighbour-discovery filter
	in 100 allow tcp to port 443
	in 110 allow icmpv6
	out 100 allow icmpv6
	out 110 allow tcp to port 443
END
is "and a connection to oneself needs both lists" "$(
	peer probe "$SERVER" tcp "$SERVER4" 443 wait 2000; echo -n "$R "
	peer probe "$SERVER" tcp "$SERVER4" 8090 wait 250; echo "$R")" "ok timeout"
