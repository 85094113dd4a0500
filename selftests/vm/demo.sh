#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# demo.sh - in a VM: the story of the firewall, on real traffic; `make demo`
#
# Three hosts, each a network namespace: a client 119.18.36.73, a web server
# 1.3.3.7 and a third host 203.0.113.10 where the server fetches updates. sfw
# runs on the server. Each step shows the commands and what they print, and
# says what it means, with figures taken from the counters. The demo ends with
# status 1 as soon as something is not as it says.
here=$(dirname "$(readlink -f "$0")")
src=$(readlink -f "$here/../..")
kver=$(uname -r)
export PATH=$src/build:$PATH
cd "$src" || exit
examples=tools/examples
tmp=$(mktemp -d)
web=/run/sfw-demo
# Everything that runs on goes with the VM.

if [[ ${DEMO_COLOR:-} ]]; then
	bold=$'\e[1m' dim=$'\e[36m' red=$'\e[31m' off=$'\e[0m'
fi
heading() { printf '\n%s== %s ==%s\n' "$bold" "$*" "$off"; }
say() { printf '\n%s\n' "$*"; }
means() { printf '%s   => %s%s\n' "$bold" "$*" "$off"; }
fail() {
	printf '\n%sNot as told: %s%s\n' "$red" "$*" "$off"
	exit 1
}

# on HOST COMMAND...: shows it, runs it there; its output also in $R
on() {
	local host=$1 rc
	shift
	printf '%s%s# %s%s\n' "$dim" "$host" "$*" "$off"
	R=$(ip netns exec "$host" "$@" 2>&1)
	rc=$?
	[[ -z $R ]] || printf '%s\n' "$R"
	return $rc
}

# The same on the machine that all three are part of.
here() {
	printf '%s# %s%s\n' "$dim" "$*" "$off"
	R=$(eval "$*" 2>&1) || fail "'$*' failed: $R"
	[[ -z $R ]] || printf '%s\n' "$R"
}

visit=(curl -sS --cacert "$web/ca.pem" --connect-timeout 5 https://1.3.3.7/)
fetch=(curl -sS --cacert "$web/ca.pem" --connect-timeout 5 https://203.0.113.10/updates)

works() {
	say "The client visits the site, the server fetches its updates:"
	on client "${visit[@]}" || fail "the client cannot reach the site"
	[[ $R == "Welcome to 1.3.3.7" ]] || fail "that is not the site"
	on server "${fetch[@]}" || fail "the server cannot fetch updates"
	[[ $R == "sfw 1.0 is out" ]] || fail "that is no list of updates"
}

# Sets N to the packets of a rule ("in 100", "default out") and D to the
# connections that it made.
packets_of() {
	local line
	N='' D=''
	while read -r line; do
		[[ $line =~ ^"$1 ".*#\ ([0-9]+)\ packets,.*\ ([0-9]+)\ conn ]] &&
			N=${BASH_REMATCH[1]} D=${BASH_REMATCH[2]}
	done < <(ip netns exec server sfwctl show -s)
	[[ $N ]] || fail "no counters of rule '$1'"
}

load() {
	on server sfwctl apply "$examples/$1" || fail "the rules were refused"
	on server sfwctl counters zero || fail "the counters stay"
}

## the stage

heading "The stage: Linux $kver"
say "client 119.18.36.73 --- server 1.3.3.7 --- third host 203.0.113.10"
{
	ip -batch - && ip -n client -batch <(cat <<-END
		link set lo up
		link set eth0 up
		addr add 119.18.36.73/24 dev eth0
		route add 1.3.3.7 dev eth0
	END
	) && ip -n server -batch <(cat <<-END
		link set lo up
		link set eth0 up
		link set eth1 up
		addr add 1.3.3.7/32 dev lo
		route add 119.18.36.0/24 dev eth0 src 1.3.3.7
		route add 203.0.113.0/24 dev eth1 src 1.3.3.7
	END
	) && ip -n updates -batch <(cat <<-END
		link set lo up
		link set eth0 up
		addr add 203.0.113.10/24 dev eth0
		route add 1.3.3.7 dev eth0
	END
	)
} <<-END || fail "no namespaces"
	netns add client
	netns add server
	netns add updates
	link add eth0 netns client type veth peer name eth0 netns server
	link add eth1 netns server type veth peer name eth0 netns updates
END

mkdir -p $web
cd $web || fail "no $web"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes \
	-days 30 -subj /CN=demo -addext "subjectAltName=IP:1.3.3.7,IP:203.0.113.10" \
	-keyout key.pem -out ca.pem 2> openssl.log || fail "$(< openssl.log)"
echo "Welcome to 1.3.3.7" > index.html
echo "sfw 1.0 is out" > updates
head -c 4M /dev/zero > film
for host in server updates; do
	cat > $host.conf <<-END
		user root;
		pid $web/$host.pid;
		error_log $web/$host.log;
		events { worker_connections 64; }
		http {
			access_log off;
			server {
				listen 443 ssl;
				ssl_certificate $web/ca.pem;
				ssl_certificate_key $web/key.pem;
				root $web;
			}
		}
	END
	ip netns exec $host nginx -c $web/$host.conf -e $web/$host.log ||
		fail "nginx: $(< $host.log)"
done
cd "$src" || exit
say "On the server and on the third host runs nginx with TLS. Without a firewall:"
works

say "The module goes in:"
deps=$(modinfo -F depends "build/$kver/sfw.ko")
[[ -z $deps ]] || here "modprobe -a ${deps//,/ }"
here "insmod build/$kver/sfw.ko"

## (a)

heading "1. Stateful, two rules"
on server cat "$examples/web-stateful.rules"
echo
load web-stateful.rules
works
packets_of "in 100"
a=$N b=$D
packets_of "out 100"
[[ $b == 1 && $D == 1 ]] || fail "in 100 made $b connections, out 100 $D"
means "Each rule let one connection begin. Its other packets passed because of
      that, in both directions: $a packets by in 100, $N by out 100."

## (b)

heading "2. The same two rules, stateless"
here "diff $examples/web-stateful.rules $examples/web-stateless-broken.rules | grep '^[<>] [a-z]'"
load web-stateless-broken.rules
dmesg --clear
say "The client tries to visit the site:"
on client "${visit[@]}"
[[ $? == 28 ]] || fail "that was to time out"
say "Which packet died? The default rules log what they drop:"
here "dmesg | grep 'sfw: out:' | head -n 1"
[[ $R =~ (out:.)\ deny.*SRC=([0-9.]+)\ DST=([0-9.]+).*SPT=443\ DPT=([0-9]+).*ACK\ SYN ]] ||
	fail "that is not the answer to the client"
m=("${BASH_REMATCH[@]}")
packets_of "in 100"
a=$N
packets_of "default out"
means "The client's SYN came in, in 100 counted $a. The server's answer, SYN/ACK
      ${m[2]}:443 > ${m[3]}:${m[4]}, is not to port 443 but from it: no rule
      of the out list matches, so the default (out *) dropped it, $N times."
[[ $a -gt 0 && $N -gt 0 ]] || fail "the counters do not say so"

say "The server tries to fetch its updates:"
on server "${fetch[@]}"
[[ $? == 28 ]] || fail "that was to time out"
here "dmesg | grep 'sfw: in:' | head -n 1"
[[ $R =~ (in:.)\ deny.*SRC=([0-9.]+)\ DST=([0-9.]+).*SPT=443\ DPT=([0-9]+).*ACK\ SYN ]] ||
	fail "that is not the answer to the server"
m=("${BASH_REMATCH[@]}")
packets_of "out 100"
a=$N
packets_of "default in"
means "Here out 100 let the SYN out ($a), and the answer ${m[2]}:443 > ${m[3]}:${m[4]}
      met the default of the in list: in * dropped $N."
[[ $a -gt 0 && $N -gt 0 ]] || fail "the counters do not say so"
b=$N
packets_of "default out"
say "The same from the counters, rule by rule and by reason:"
on server sfwctl show -s
on server sfwctl stats
[[ $R =~ dropped\ +([0-9]+).*default\ +([0-9]+)\ +in\ ([0-9]+)\ +out\ ([0-9]+) ]] ||
	fail "no figures"
((BASH_REMATCH[1] == BASH_REMATCH[2] && BASH_REMATCH[3] >= b && BASH_REMATCH[4] >= N)) ||
	fail "drops by reason do not add up"
means "All ${BASH_REMATCH[1]} packets that were dropped were replies: nothing in the
      two lists allows one, and stateless means that nobody remembers the request."

## (c)

heading "3. Stateless, four rules"
here "diff $examples/web-stateless-broken.rules $examples/web-stateless.rules | grep '^[<>] [a-z]'"
load web-stateless.rules
works
on server sfwctl show -s
packets_of "out 110"
a=$N
packets_of "in 110"
[[ $a -gt 0 && $N -gt 0 ]] || fail "the return rules counted nothing"
means "The replies have rules of their own now: $a packets by out 110, $N by in 110.
      The price: whoever sends from port 443 reaches every port in 32768-60999."

## (d)

heading "4. Back to stateful: the connection table and the counters"
load web-stateful.rules
say "A visitor watches a film, slowly, while others come and go:"
printf '%sclient# curl --limit-rate 100k https://1.3.3.7/film &%s\n' "$dim" "$off"
ip netns exec client curl -sS --cacert $web/ca.pem --limit-rate 100k \
	--write-out 'film: %{http_code}\n' -o "$tmp/film" https://1.3.3.7/film \
	< /dev/null > "$tmp/film.log" 2>&1 &
works
for ((try = 0; try < 100; try++)); do
	[[ -s $tmp/film ]] && break
	read -rt 0.1 <> <(:)
done
on server sfwctl conns
[[ $R == *tcp-established*in:100* && $R == *out:100* ]] ||
	fail "the connections are not in the table"
on server sfwctl show -s
on server sfwctl status
means "One line a connection: how it began, its state, the rule that allowed it,
      packets/bytes of both directions, and how long it is kept."

heading "Done: everything was as told"
