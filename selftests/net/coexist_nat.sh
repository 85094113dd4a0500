#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# NAT by nft in the same namespace, on a router and on a host: sfw sees
# addresses after DNAT and before SNAT, in both directions, so that its rules
# speak of the real ends and a connection is one entry.
. ./lib.sh
. ./apps_lib.sh
need nft conntrack
plan 34

topology router
peer listen "$SERVER" tcp 80 81 443
peer listen "$SERVER" udp 53

nft_in() { # NS, rules from standard input
	ip netns exec "$1" nft -f - 2>"$TEST_DIR/nft" ||
		bail "nft: $(< "$TEST_DIR/nft")"
}

count() { # NAME WANT NS FILTER...
	local name=$1 want=$2
	shift 2
	ctl "$1" conns count "${@:2}"
	is "$name" "${R//[^0-9]/}" "$want"
}

# The router: a port of its own leads to the server, and what it forwards to
# the server has its own address there.
nft_in "$ROUTER" <<-END
	table inet nat {
		chain pre {
			type nat hook prerouting priority dstnat;
			ip daddr 119.18.36.1 tcp dport 8080 \
				dnat ip to $SERVER4:80
			ip6 daddr 2001:db8:119::1 tcp dport 8080 \
				dnat ip6 to [$SERVER6]:80
			ip daddr 119.18.36.1 udp dport 5353 \
				dnat ip to $SERVER4:53
		}
		chain post {
			type nat hook postrouting priority srcnat;
			oifname eth1 masquerade
		}
	}
END
sfw "$ROUTER" <<-END
	in 100 allow tcp from { $CLIENT4, $CLIENT6 } to { $SERVER4, $SERVER6 } port 80 on eth0
	in 110 allow tcp from { $CLIENT4, $CLIENT6 } to { $SERVER4, $SERVER6 } port 81 on eth0
	in 120 allow udp to $SERVER4 on eth0
	in 200 deny  tcp to { 119.18.36.1, 2001:db8:119::1 } port 8080
END
# The server hears the router's addresses only.
sfw "$SERVER" <<-END
	in 100 allow any from { 1.3.3.1, 2001:db8:1337::1 }
END

for family in 4 6; do
	family $family
	what="router, IPv$F:"
	gate=119.18.36.1 near=1.3.3.1
	[[ $F == 6 ]] && gate=2001:db8:119::1 near=2001:db8:1337::1
	peer open "dnat$F" "$CLIENT" tcp "$gate" 8080 from 4000
	peer echo "dnat$F" 5000
	is "$what DNAT, the rule names the server" "$R" ok
	peer open "snat$F" "$CLIENT" tcp "$S" 81 from 4001
	peer echo "snat$F" 5000
	is "$what SNAT, the rule names the client" "$R" ok
	count "$what DNAT is one connection, client to server" 1 "$ROUTER" \
		src "$C" sport 4000 dst "$S" dport 80 rule in:100 dir in
	count "$what SNAT is one connection, client to server" 1 "$ROUTER" \
		src "$C" sport 4001 dst "$S" dport 81 rule in:110 dir in
	count "$what and there is no other" 2 "$ROUTER" proto tcp \
		src "$C"
	conns "$ROUTER" sport 4000
	like "$what replies are counted on it" "$R" \
		'*"reply_bytes":*[0-9][0-9][0-9][0-9]*'
	count "$what the server has the router as its client" 2 "$SERVER" \
		proto tcp src "$near"
	drops "$what nothing was dropped" "$ROUTER"
	peer close "dnat$F"
	peer close "snat$F"
done
family 4
reach ok "UDP through DNAT and SNAT" "$CLIENT" udp 119.18.36.1 5353
reach refused "an ICMP error comes back through SNAT to its connection" \
	"$CLIENT" udp "$S" 4444
drops "and is not dropped" "$ROUTER"
reach timeout "what is not translated does not get through" \
	"$CLIENT" tcp "$S" 443
drops "it meets the default" "$ROUTER" default 1
R=$(ip netns exec "$ROUTER" conntrack -L -p udp --orig-port-dst 5353 2>/dev/null)
like "nf_conntrack has both addresses of it" "$R" "*119.18.36.1*1.3.3.7*"

# After the rules of NAT are gone what they denied to see is denied.
ip netns exec "$ROUTER" nft delete table inet nat
reach timeout "without DNAT the packet is for the router itself" \
	"$CLIENT" tcp 119.18.36.1 8080
drops "and meets the rule of that address" "$ROUTER" rule 1

# --- on a host ------------------------------------------------------------------------

ctl "$ROUTER" flush
ctl "$SERVER" flush
ip -n "$CLIENT" addr add 119.18.36.80/24 dev eth0
nft_in "$CLIENT" <<-END
	table ip nat {
		chain out {
			type nat hook output priority -100;
			ip daddr 192.0.2.99 tcp dport 80 dnat to $SERVER4:80
		}
		chain post {
			type nat hook postrouting priority srcnat;
			tcp dport 443 snat to 119.18.36.80
		}
	}
END
nft_in "$SERVER" <<-END
	table inet nat {
		chain pre {
			type nat hook prerouting priority dstnat;
			tcp dport 8443 redirect to :443
		}
	}
END
sfw "$CLIENT" <<-END
	default out deny
	out 100 allow tcp to $SERVER4 port 80
	out 110 allow tcp from $CLIENT4 to $SERVER4 port 443
	out 120 allow tcp to port 8443
END
sfw "$SERVER" <<-END
	in 100 allow tcp to port { 80, 443 }
END
peer open out "$CLIENT" tcp 192.0.2.99 80 from 5000
peer echo out
is "host: DNAT of its own packets" "$R" ok
count "host: it is one connection to the real server" 1 "$CLIENT" \
	sport 5000 src "$CLIENT4" dst "$SERVER4" dport 80 rule out:100 dir out
peer open mask "$CLIENT" tcp "$SERVER4" 443 from 5001
peer echo mask
is "host: SNAT of its own packets" "$R" ok
count "host: it is one connection from the address before" 1 "$CLIENT" \
	sport 5001 src "$CLIENT4" dst "$SERVER4" rule out:110
count "host: and the server sees the one after" 1 "$SERVER" \
	src 119.18.36.80
peer open redir "$CLIENT" tcp "$SERVER4" 8443 from 5002
peer echo redir
is "host: redirection to another port" "$R" ok
count "host: the server's rule is for the real port" 1 "$SERVER" \
	dst "$SERVER4" dport 443 sport 5002 rule in:100
count "host: there is no second entry" 3 "$SERVER"
drops "host: the client dropped nothing" "$CLIENT"
drops "host: the server dropped nothing" "$SERVER"
