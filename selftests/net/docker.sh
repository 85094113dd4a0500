#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Containers: a bridge with NAT and published ports, as docker makes them, keeps
# working beside sfw and is subject to its rules; and a container may have a
# rule set of its own. The rules are those that docker 20 to 27 writes, by
# iptables (the nf_tables one), for a bridge docker0 and a container that
# publishes port 80 as 8080.
. ./lib.sh
. ./apps_lib.sh
need iptables-nft-restore nft
unshare --net iptables-nft -t nat -A POSTROUTING -j MASQUERADE 2>/dev/null ||
	skip_all "this kernel has not what docker's rules ask for"
plan 24

make_ns HOST CLIENT WEB APP
ip -batch - <<-END || bail "cannot link"
	$(link "$CLIENT" eth0 "$HOST" eth0 1)
	$(link "$WEB" eth0 "$HOST" vethweb 2)
	$(link "$APP" eth0 "$HOST" vethapp 3)
END
ip -n "$CLIENT" -batch - <<-END || bail "no client"
	link set lo up
	link set eth0 up
	addr add $CLIENT4/24 dev eth0
	route add 1.3.3.0/24 dev eth0
	route add 172.17.0.0/16 via $SERVER4 dev eth0 onlink
END
ip -n "$HOST" -batch - <<-END || bail "no host"
	link set lo up
	link set eth0 up
	addr add $SERVER4/24 dev eth0
	route add 119.18.36.0/24 dev eth0
	link add docker0 type bridge
	addr add 172.17.0.1/16 dev docker0
	link set vethweb master docker0 up
	link set vethapp master docker0 up
	link set docker0 up
END
for ns in WEB:2 APP:3; do
	name=${ns%:*}
	ip -n "${!name}" -batch - <<-END || bail "no container"
		link set lo up
		link set eth0 up
		addr add 172.17.0.${ns#*:}/16 dev eth0
		route add default via 172.17.0.1
	END
done
ns_set "$HOST" net/ipv4/ip_forward 1

docker_starts() {
	ip netns exec "$HOST" iptables-nft-restore <<-'END' || bail "no rules of docker"
		*nat
		:PREROUTING ACCEPT [0:0]
		:INPUT ACCEPT [0:0]
		:OUTPUT ACCEPT [0:0]
		:POSTROUTING ACCEPT [0:0]
		:DOCKER - [0:0]
		-A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER
		-A OUTPUT ! -d 127.0.0.0/8 -m addrtype --dst-type LOCAL -j DOCKER
		-A POSTROUTING -s 172.17.0.0/16 ! -o docker0 -j MASQUERADE
		-A POSTROUTING -s 172.17.0.2/32 -d 172.17.0.2/32 -p tcp -m tcp --dport 80 -j MASQUERADE
		-A DOCKER -i docker0 -j RETURN
		-A DOCKER ! -i docker0 -p tcp -m tcp --dport 8080 -j DNAT --to-destination 172.17.0.2:80
		COMMIT
		*filter
		:INPUT ACCEPT [0:0]
		:FORWARD DROP [0:0]
		:OUTPUT ACCEPT [0:0]
		:DOCKER - [0:0]
		:DOCKER-ISOLATION-STAGE-1 - [0:0]
		:DOCKER-ISOLATION-STAGE-2 - [0:0]
		:DOCKER-USER - [0:0]
		-A FORWARD -j DOCKER-USER
		-A FORWARD -j DOCKER-ISOLATION-STAGE-1
		-A FORWARD -o docker0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
		-A FORWARD -o docker0 -j DOCKER
		-A FORWARD -i docker0 ! -o docker0 -j ACCEPT
		-A FORWARD -i docker0 -o docker0 -j ACCEPT
		-A DOCKER -d 172.17.0.2/32 ! -i docker0 -o docker0 -p tcp -m tcp --dport 80 -j ACCEPT
		-A DOCKER-ISOLATION-STAGE-1 -i docker0 ! -o docker0 -j DOCKER-ISOLATION-STAGE-2
		-A DOCKER-ISOLATION-STAGE-1 -j RETURN
		-A DOCKER-ISOLATION-STAGE-2 -o docker0 -j DROP
		-A DOCKER-ISOLATION-STAGE-2 -j RETURN
		-A DOCKER-USER -j RETURN
		COMMIT
	END
}
peer listen "$WEB" tcp 80 81
peer listen "$CLIENT" tcp 90
peer listen "$CLIENT" udp 53
peer listen "$HOST" tcp 22

works() { # WHAT
	reach ok "$1: a published port" "$CLIENT" tcp "$SERVER4" 8080
	reach ok "$1: a container reaches the net" "$APP" tcp "$CLIENT4" 90
}

docker_starts
works "docker alone"

# The rules of sfw(7).
sfw "$HOST" <<-'END'
	default out allow
	in 200 allow tcp to 172.17.0.0/16 port 80       "published: docker run -p 8080:80"
	in 210 allow any from 172.17.0.0/16 on docker0  "containers may go anywhere"
END
works "beside sfw"
reach ok "and asks for names" "$APP" udp "$CLIENT4" 53
reach ok "from container to container" "$APP" tcp 172.17.0.2 80
reach ok "from the host to a container" "$HOST" tcp 172.17.0.2 81
reach ok "from a container to the host" "$APP" tcp 172.17.0.1 22
drops "nothing of that was dropped" "$HOST"
reach timeout "what is not published is not reached" "$CLIENT" tcp 172.17.0.2 81
reach timeout "nor is the host itself" "$CLIENT" tcp "$SERVER4" 22
drops "sfw dropped both" "$HOST" default 2
conns "$HOST" rule in:200
has "the connection is that of the container's address" "$R" \
	'"source":"119.18.36.73"' '"destination":"172.17.0.2","destination_port":80'

sfw "$HOST" <<-'END'
	default out allow
	in 200 deny  tcp to 172.17.0.0/16 port 80 from 119.18.36.0/24
	in 210 allow any from 172.17.0.0/16 on docker0
END
reach timeout "sfw can deny what docker publishes" "$CLIENT" tcp "$SERVER4" 8080
drops "by its rule" "$HOST" rule 1

# Bridged packets pass netfilter once docker has asked for it.
if modprobe br_netfilter 2>/dev/null; then
	ns_set "$HOST" net/bridge/bridge-nf-call-iptables 1
	reach ok "bridged packets, as seen by netfilter" "$APP" tcp 172.17.0.2 80
	conns "$HOST" src 172.17.0.3 dst 172.17.0.2 dport 80
	has "are connections of rule 210" "$R" '"rule":"in:210"'
else
	ok "bridged packets, as seen by netfilter # SKIP no br_netfilter"
	ok "are connections of rule 210 # SKIP no br_netfilter"
fi

# --- docker starts anew, sfw goes ---------------------------------------------------

ip netns exec "$HOST" nft flush ruleset
docker_starts
sfw "$HOST" <<-'END'
	default out allow
	in 200 allow tcp to 172.17.0.0/16 port 80
	in 210 allow any from 172.17.0.0/16 on docker0
END
works "after docker started anew"
ctl "$HOST" flush
works "without sfw"

# --- a container with rules of its own -------------------------------------------------

ip netns exec "$WEB" sleep 300 &
pid=$!
# Until it is there its pid names the namespace of this test.
entered() { [[ /proc/$pid/ns/net -ef /run/netns/$WEB ]]; }
wait_for entered
"$SFWCTL" -N "$pid" apply - >/dev/null <<-'END'
	in 100 allow tcp to port 80
END
is "rules for a container, which is named by a process in it" "$?" 0
reach ok "its own rules allow" "$APP" tcp 172.17.0.2 80
reach timeout "and deny" "$APP" tcp 172.17.0.2 81
kill "$pid"
