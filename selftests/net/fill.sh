#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A table that gets full says so in the kernel's log, once a minute, and names
# what can be done about it.
. ./lib.sh
plan 10

topology pair
peer listen "$SERVER" udp 53
pkt capture client "$CLIENT" eth0
read -r NETNS < <(ip netns exec "$SERVER" stat -Lc %i /proc/self/ns/net)

# said: what sfw said of this namespace since the test began, in R
mark="sfw fill $$"
echo "$mark" >/dev/kmsg
said() {
	R=$(dmesg)
	R=$(grep "sfw: .*NETNS=$NETNS" <<<"${R#*"$mark"}")
}
lines() { # TEXT PATTERN N
	local n
	said
	n=$(grep -c "$2" <<<"$R")
	is "$1" "$n" "$3"
}

rules() {
	sfw "$1" <<-END
		option max-connections 20
		option timeout udp 600
		option timeout udp-stream 600
		default out allow
		in  40 allow  udp to port 53
	END
}

rules "$SERVER"
# Two ways, and on, so that they stay.
talk() { # N FIRST-PORT
	pkt send "$CLIENT" eth0 times "$1" ip "$GHOST4" \> "$SERVER4" \
		udp "$2" \> 53 data 4
	pkt expect client 2000 "*udp 53 > $(($2 + $1 - 1)) *"
	pkt send "$CLIENT" eth0 times "$1" ip "$GHOST4" \> "$SERVER4" \
		udp "$2" \> 53 data 4
}
begun=$SECONDS
talk 17 5000
lines "below nine tenths nothing is said" . 0
talk 3 5100
lines "at nine tenths it is" "over 90 % full" 1
said
like "how full it is" "$R" "*full (NETNS=$NETNS), 1[89] of 20 in use: *"
has "and what to do: a larger table, shorter timeouts, a limit on the rule" \
	"$R" "option max-connections" "option timeout" "'limit' or 'no-state'" \
	"sfwctl conns count by state" "sfwctl conns count by rule"
pkt send "$CLIENT" eth0 times 3 ip "$GHOST4" \> "$SERVER4" udp 6000 \> 53
drops "it is full" "$SERVER" table_full 3
lines "the first refusal is told" "connection refused, the table is full" 1
ctl "$SERVER" conns kill sport 5000-5010
talk 11 7000
pkt send "$CLIENT" eth0 times 3 ip "$GHOST4" \> "$SERVER4" udp 8000 \> 53
drops "it is full again" "$SERVER" table_full 3
said
n=$(grep -c . <<<"$R")
is "within a minute neither is told again" \
	"$((n <= 2 + 2 * ((SECONDS - begun) / 60)))" 1

# --- a user's own network ---------------------------------------------------

chmod 755 "$TEST_DIR"
cp "$SFWCTL" "$TEST_DIR/sfwctl"
chmod 755 "$TEST_DIR/sfwctl"
cat >"$TEST_DIR/own" <<-END
	ip link set lo up
	printf 'option loopback filter\noption max-connections 4\nin 1 allow any\nout 1 allow any\n' |
		$TEST_DIR/sfwctl -q apply - || exit
	for port in 1 2 3 4 5 6; do
		echo x 2>/dev/null >/dev/udp/127.0.0.1/\$port
	done
	stat -Lc %i /proc/self/ns/net
	$TEST_DIR/sfwctl conns count
END
chmod 644 "$TEST_DIR/own"
{
	read -r NETNS
	read -r n
} < <(ip netns exec "$SERVER" setpriv --reuid=65534 --regid=65534 \
	--clear-groups unshare -Urn bash "$TEST_DIR/own")
is "a table of a user's own namespace is full as well" "$n" 4
lines "but the log is the host's" . 0
