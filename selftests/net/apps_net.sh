#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Name service and bulk traffic through sfw: dig asks dnsmasq, which asks
# another dnsmasq, over UDP and TCP and with answers that come in fragments;
# iperf3 sends TCP and UDP both ways. Stateful and stateless, IPv4 and IPv6,
# and nothing dropped.
. ./lib.sh
. ./apps_lib.sh
need dnsmasq dig iperf3

plan 30

topology pair

dns() { # NS ARGS
	local ns=$1
	shift
	in_background "$ns" dnsmasq --keep-in-foreground --conf-file=/dev/null \
		--no-resolv --no-hosts --user=root --pid-file= \
		--edns-packet-max=4096 "$@"
	wait_for -t 30000 listening "$PID" udp 53 ||
		bail "no dnsmasq: $(< "$TEST_DIR/dnsmasq.log")"
}

# Two kilobytes of text: more than a packet.
printf -v LINE '%0200d' 0
TEXT=$LINE,$LINE,$LINE,$LINE,$LINE,$LINE,$LINE,$LINE,$LINE,$LINE
dns "$UPDATE" --address=/far4.test/far6.test/192.0.2.2
dns "$SERVER" --address=/near.test/192.0.2.1 --cache-size=0 \
	--server=/far4.test/$UPDATE4 --server=/far6.test/$UPDATE6 \
	--txt-record=big.test,"$TEXT"
in_background "$SERVER" iperf3 -s
wait_for -t 30000 listening "$PID" tcp 5201 ||
	bail "no iperf3: $(< "$TEST_DIR/iperf3.log")"

ask() { # NAME WANT ARGS
	local name=$1 want=$2
	shift 2
	R=$(ip netns exec "$CLIENT" dig "@$S" +short +tries=1 +time=5 "$@" 2>&1)
	is "$name" "${R//[$'\n" ']/}" "$want"
}

iperf() {
	R=$(ip netns exec "$CLIENT" iperf3 -c "$S" -J "$@" 2>&1)
}

# Sets N to the number called $2 behind the word $1 in $R.
number() {
	N=-1
	[[ ${R##*\""$1"\"} =~ \""$2"\":[[:space:]]*([0-9]+) ]] &&
		N=${BASH_REMATCH[1]}
}

# iperf_tcp NAME ARGS: 2 MB are sent in all, and the other end tells what came
# of it until then, less what was still under way.
iperf_tcp() {
	local name=$1 sent
	shift
	iperf -n 2M "$@"
	number sum_sent bytes
	sent=$N
	number sum_received bytes
	if ((sent >= 512 << 10 && N >= 128 << 10)) &&
	   [[ $R != *\"error\"* ]]; then
		ok "$name"
	else
		not_ok "$name" "$sent bytes sent, $N received" "${R: -300}"
	fi
}

# iperf_udp NAME ARGS: most of 200 packets arrive. A slow receiver may lose
# some by itself; what sfw drops is counted at the end.
iperf_udp() {
	local name=$1 lost
	shift
	iperf -u -b 8M -l 1000 -n 200K "$@"
	number sum lost_packets
	lost=$N
	number sum packets
	if ((N >= 200 && lost >= 0 && lost < N / 2)); then
		ok "$name"
	else
		not_ok "$name" "$N packets, $lost lost" "${R: -300}"
	fi
}

# The checks of one family under the sets that are loaded; six of them.
net() {
	local what="$1 IPv$F:"

	ask "$what names of the server and of the one behind it, over UDP \
and TCP, and an answer in fragments" \
		"192.0.2.1192.0.2.2192.0.2.1192.0.2.2${TEXT//,/}" \
		near.test "far$F.test" near.test +tcp "far$F.test" +tcp \
		big.test TXT +bufsize=4096 +ignore
	iperf_tcp "$what iperf3 TCP to the server"
	iperf_tcp "$what iperf3 TCP from the server" -R
	iperf_tcp "$what iperf3 TCP both ways at once" --bidir
	iperf_udp "$what iperf3 UDP to the server"
	iperf_udp "$what iperf3 UDP from the server" -R
}

nothing_dropped() {
	drops "$1: the client's set dropped nothing" "$CLIENT"
	drops "$1: the server's set dropped nothing" "$SERVER"
}

sfw "$CLIENT" <<-END
	default out deny
	out 100 allow udp to port { 53, 5201 }
	out 110 allow tcp to port { 53, 5201 }
END
sfw "$SERVER" <<-END
	default out deny
	in  100 allow udp to port { domain, 5201 }
	in  110 allow tcp to port { domain, 5201 }
	out 100 allow udp to { $UPDATE4, $UPDATE6 } port domain
	out 110 allow tcp to { $UPDATE4, $UPDATE6 } port domain
END
for family in 4 6; do
	family $family
	net stateful
done
nothing_dropped stateful
conns "$SERVER" count proto udp dir in dport 53 src "$CLIENT4"
is "stateful: each question of the client was one connection" \
	"${R//[^0-9]/}" 3

sfw "$CLIENT" <<-END
	mode stateless
	default out deny
	set ports = { 53, 5201 }
	out 100 allow udp to port \$ports
	out 110 allow tcp to port \$ports
	in  100 allow udp from port \$ports to port 32768-60999 return
	in  110 allow tcp from port \$ports to port 32768-60999 return
END
sfw "$SERVER" <<-END
	mode stateless
	default out deny
	set ports = { 53, 5201 }
	set far = { $UPDATE4, $UPDATE6 }
	in  100 allow udp to port \$ports
	in  110 allow tcp to port \$ports
	in  120 allow udp from \$far port 53 to port 1024-65535 return
	in  130 allow tcp from \$far port 53 to port 1024-65535 return
	out 100 allow udp from port \$ports return
	out 110 allow tcp from port \$ports return
	out 120 allow udp to \$far port 53
	out 130 allow tcp to \$far port 53
END
for family in 4 6; do
	family $family
	net stateless
done
nothing_dropped stateless

# And the sets are what let it through.
sfw "$SERVER" <<-END
	default out reject
	in 100 allow udp to port 53
END
family 4
ask "a server that may not ask the next one answers nothing" "" far4.test
