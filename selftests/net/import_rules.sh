#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What import makes of loaded rules does what they did: the same packets
# arrive, the same are answered and the same may not leave, by iptables or nft
# and then by sfw without them.

. ./lib.sh
. ./apps_lib.sh
. ./convert_lib.sh
need nft iptables
unshare --net iptables -A INPUT -j LOG 2>/dev/null ||
	skip_all "this kernel has not what the rules ask for"
plan 8

topology pair
convert_links
peer listen "$SERVER" tcp 443 8090
BASE=20000

# as_sfw NAME FORMAT: what was SEEN of the others, imported from ./saved
as_sfw() {
	local name=$1 format=$2 before=$SEEN
	R=$("$SFWCTL" -q import "$format" "$TEST_DIR/saved" 2>&1 >"$TEST_DIR/rules")
	is "$name: nothing is left out" "$R" "${3:-}"
	sfw "$SERVER" <"$TEST_DIR/rules"
	observe
	ctl "$SERVER" flush
	agree "$name: the same packets pass" "$SEEN" "$before"
}

# iptables NAME < RULES: of both families; 4: and 6: in front for one of them
by_iptables() {
	local rules v
	rules=$(cat)
	packets $((BASE += 500))
	for v in 4 6; do
		{
			echo "*filter"
			sed -n "s/^$v://; /^[46]:/!p" <<<"$rules"
			echo COMMIT
		} | ip netns exec "$SERVER" "ip${v/4/}tables-restore" ||
			bail "iptables took not what this test wants"
	done 2>&1
	observe
	ip netns exec "$SERVER" sh -c 'iptables-save; ip6tables-save' \
		>"$TEST_DIR/saved" 2>/dev/null
	ip netns exec "$SERVER" nft flush ruleset
	as_sfw "$1" iptables "${2:-}"
}

by_iptables "iptables, stateful" <<-END
	:INPUT DROP [0:0]
	:FORWARD DROP [0:0]
	:OUTPUT ACCEPT [0:0]
	:services - [0:0]
	-A INPUT -i lo -j ACCEPT
	4:-A INPUT -s $MARK4 -j ACCEPT
	6:-A INPUT -s $MARK6 -j ACCEPT
	6:-A INPUT -p ipv6-icmp --icmpv6-type 135 -j ACCEPT
	6:-A INPUT -p ipv6-icmp --icmpv6-type 136 -j ACCEPT
	-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
	-A INPUT -m conntrack --ctstate INVALID -j DROP
	-A INPUT -p tcp ! --syn -m conntrack --ctstate NEW -j DROP
	4:-A INPUT ! -s 119.18.36.130 -j services
	6:-A INPUT ! -s 2001:db8:119::130 -j services
	-A INPUT -p udp --dport 53 -m limit --limit 1/hour --limit-burst 2 -j ACCEPT
	-A INPUT -p tcp -m multiport --dports 8000:8085,8090 -j LOG
	-A INPUT -p tcp -m multiport --dports 8000:8085,8090 -j REJECT --reject-with tcp-reset
	4:-A INPUT -p icmp --icmp-type 8 -j ACCEPT
	-A services -p tcp -m multiport --dports 80,443 -m comment --comment "our web" -j ACCEPT
	-A services -p tcp --dport 22 -i eth+ -j ACCEPT
	-A services -j RETURN
	-A OUTPUT -p tcp --dport 25 -j DROP
END

by_iptables "iptables, stateless" <<-END
	:INPUT DROP [0:0]
	:FORWARD ACCEPT [0:0]
	:OUTPUT DROP [0:0]
	-A INPUT -i lo -j ACCEPT
	-A OUTPUT -o lo -j ACCEPT
	4:-A INPUT -s $MARK4 -j ACCEPT
	4:-A OUTPUT -d $MARK4 -j ACCEPT
	6:-A INPUT -s $MARK6 -j ACCEPT
	6:-A OUTPUT -d $MARK6 -j ACCEPT
	-A INPUT -p tcp --tcp-flags SYN,ACK SYN --dport 443 -j ACCEPT
	-A INPUT -p tcp --sport 443 --dport 1024: -j ACCEPT
	-A INPUT -p udp ! --dport 22:80 -j ACCEPT
	4:-A INPUT -p icmp --icmp-type 3/3 -j ACCEPT
	-A OUTPUT -p tcp --sport 443 -j ACCEPT
	-A OUTPUT -p tcp --dport 443 ! -o eth1 -j ACCEPT
	4:-A OUTPUT -m iprange --dst-range 119.18.36.100-119.18.36.200 -j ACCEPT
END

packets $((BASE += 500))
ip netns exec "$SERVER" nft -f - <<-END || bail "nft took not what this test wants"
	table inet filter {
		set hosts4 {
			type ipv4_addr
			flags interval
			elements = { 119.18.36.0-119.18.36.99, 10.0.0.0/8 }
		}
		set hosts6 {
			type ipv6_addr
			elements = { 2001:db8:119::74, $MARK6 }
		}
		chain services {
			tcp dport { 80, 443 } accept
			tcp dport 22 counter log prefix "ssh " drop
			udp dport vmap { 53 : accept, 8080-8085 : drop }
		}
		chain input {
			type filter hook input priority filter; policy drop;
			ct state vmap { established : accept, related : accept, invalid : drop }
			iif lo accept
			ip saddr $MARK4 accept
			ip6 saddr $MARK6 accept
			icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept
			ip saddr @hosts4 jump services
			ip6 saddr @hosts6 jump services
			ip6 saddr != @hosts6 tcp dport 8000-8100 reject with tcp reset
			icmp type echo-request limit rate 1/hour burst 1 packets accept
			icmpv6 type echo-request iifname "eth*" accept
			tcp flags & (fin | syn | rst | ack) == syn tcp dport 8090 accept
		}
		chain output {
			type filter hook output priority filter; policy accept;
			ip6 daddr $MARK6 accept
			tcp dport 25 drop
			meta nfproto ipv6 udp dport != { 53, 443 } oifname "eth0" drop
		}
	}
END
observe
ip netns exec "$SERVER" nft -j list ruleset >"$TEST_DIR/saved"
ip netns exec "$SERVER" nft flush ruleset
as_sfw "nft" nft

# Fragments are whole where something looks at connections; sfw sees them whole.
packets $((BASE += 500))
ip netns exec "$SERVER" nft -f - <<-END || bail "nft took not what this test wants"
	table ip f {
		chain arriving {
			type filter hook prerouting priority filter; policy drop;
			ct state invalid continue
			ip saddr $MARK4 accept
			udp dport { 53, 443 } accept
			icmp type { echo-request, echo-reply } accept
			tcp flags syn accept
		}
	}
END
observe
ip netns exec "$SERVER" nft -j list ruleset >"$TEST_DIR/saved"
ip netns exec "$SERVER" nft flush ruleset
as_sfw "nft, prerouting of one family" nft
