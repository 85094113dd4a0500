#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# nft, iptables and nf_conntrack in the same namespace: each judges what the
# one before it let through, each keeps its own connections, and taking one of
# them away does not take anything from the other.
. ./lib.sh
. ./apps_lib.sh
need nft iptables conntrack ping
plan 31

topology pair
peer listen "$SERVER" tcp 80 81 82 83
peer listen "$SERVER" udp 53

nft_server() { # from standard input
	ip netns exec "$SERVER" nft -f - 2>"$TEST_DIR/nft" ||
		bail "nft: $(< "$TEST_DIR/nft")"
}

# Sets N to the packets of the counter $1 of nft.
nft_counter() {
	R=$(ip netns exec "$SERVER" nft list counter inet f "$1" 2>&1)
	N=-1
	[[ $R =~ packets\ ([0-9]+) ]] && N=${BASH_REMATCH[1]}
}

# Sets N to the entries of nf_conntrack that match the arguments.
tracked() {
	R=$(ip netns exec "$SERVER" conntrack -L "$@" 2>/dev/null)
	N=0
	while read -r line; do
		[[ $line ]] && ((N++))
	done <<<"$R"
}

nft_server <<-END
	table inet f {
		counter invalid { }
		counter new81 { }
		counter established { }
		chain input {
			type filter hook input priority 0; policy accept;
			ct state invalid counter name invalid drop
			tcp dport 81 counter name new81
			ct state established,related counter name established \
				accept
			tcp dport 82 drop
		}
		chain output {
			type filter hook output priority 0; policy accept;
			ct state invalid counter name invalid drop
		}
	}
END
sfw "$SERVER" <<-END
	default out deny
	in 100 allow tcp to port { 80, 82, 83 }
	in 110 allow udp to port 53
	in 120 allow icmp type echo-request
	in 121 allow icmpv6 type echo-request
END

for family in 4 6; do
	family $family
	what="IPv$F:"
	reach ok "$what TCP passes both" "$CLIENT" tcp "$S" 80
	reach ok "$what UDP passes both" "$CLIENT" udp "$S" 53
	reach ok "$what ping passes both" "$CLIENT" "$ICMP" "$S" 7
	reach timeout "$what nft denies what sfw allows" "$CLIENT" tcp "$S" 82
	reach timeout "$what sfw denies what nft allows" "$CLIENT" tcp "$S" 81
	drops "$what the latter is sfw's drop" "$SERVER" default 1
	R=$(ip netns exec "$CLIENT" ping -c 2 -i 0.2 -W 5 -s 4000 "$S")
	like "$what fragments are put together once for both" "$R" \
		"*2 received*"
done
nft_counter new81
is "what sfw drops nft never sees" "$N" 0
nft_counter established
is "nft sees established connections" "$((N > 0))" 1
nft_counter invalid
is "and none that it calls invalid" "$N" 0
tracked -p tcp --dport 81
is "nf_conntrack has no entry of what sfw dropped" "$N" 0

family 4
peer open long "$CLIENT" tcp "$S" 80 from 4000
peer echo long
tracked -p tcp --orig-port-src 4000
is "a connection is one entry of nf_conntrack" "$N" 1
ctl "$SERVER" conns count sport 4000
is "and one of sfw" "${R//[^0-9]/}" 1

# --- one goes, the other stays ------------------------------------------------------

ctl "$SERVER" flush
peer echo long
is "without sfw the connection goes on" "$R" ok
reach timeout "nft still denies" "$CLIENT" tcp "$S" 82
reach ok "and sfw does not" "$CLIENT" tcp "$S" 81
R=$(ip netns exec "$CLIENT" ping -c 1 -W 5 -s 4000 "$S")
like "nf_conntrack still gets its fragments put together" "$R" "*1 received*"

sfw "$SERVER" <<-END
	in 100 allow tcp to port { 80, 82, 83 }
	in 120 allow icmp type echo-request
END
peer echo long
is "with sfw again it is picked up" "$R" ok
ip netns exec "$SERVER" nft delete table inet f
peer echo long
is "without nft the connection goes on" "$R" ok
reach ok "nft denies no more" "$CLIENT" tcp "$S" 82
reach timeout "sfw still does" "$CLIENT" tcp "$S" 81
R=$(ip netns exec "$CLIENT" ping -c 1 -W 5 -s 4000 "$S")
like "sfw still gets its fragments put together" "$R" "*1 received*"

ip netns exec "$SERVER" iptables -A INPUT -p tcp --dport 83 -j REJECT \
	--reject-with tcp-reset
reach refused "iptables rejects what sfw allows" "$CLIENT" tcp "$S" 83
ctl "$SERVER" conns count dport 83 state tcp-close
is "and sfw has seen the answer" "${R//[^0-9]/}" 1
