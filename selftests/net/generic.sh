#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Protocols without a state machine of their own: DCCP and UDP-Lite by ports,
# all others by addresses and protocol. Both ends are played by hand.

. ./lib.sh

plan 98
topology router
pkt capture server "$SERVER" eth0
pkt capture client "$CLIENT" eth0

cs() { pkt send "$CLIENT" eth0 ip "$G" \> "$H" "$@"; }
sc() { pkt send "$SERVER" eth0 ip "$H" \> "$G" "$@"; }

# The only connection of a protocol, once it has a text; JSON and words.
shown_once() {
	conns "$ROUTER" proto "$1"
	[[ $R == *"$2"* ]]
}
shown() {
	wait_for shown_once "$1" "$2"
	TEXT=$("$SFWCTL" -N "$ROUTER" conns proto "$1" 2>&1)
}
lacks() {
	[[ $2 != *"$3"* ]]
	is "$1" "$?" 0
}
gone() { no_conns "$ROUTER"; }

for f in 4 6; do
	family "$f"

	# --- with ports -----------------------------------------------------

	sfw "$ROUTER" <<-RULES
		in 110 allow dccp to port 2000 on eth0
		in 120 allow udplite to port 2000 on eth0
	RULES
	for p in dccp udplite; do
		[[ $p == udplite ]] && state=udp-stream || state=generic
		case $p in
		dccp) request="data 4" reply="kind 1 ack 1 data 4" ;;
		udplite) request="data 8" reply="data 8" ;;
		esac
		# shellcheck disable=SC2086 # words
		cs $p 1000 \> 2000 $request
		pkt expect server 2000 "*$p 1000 > 2000*"
		like "IPv$F $p: a request passes" "$R" "ip $G > $H *"
		# shellcheck disable=SC2086
		sc $p 2000 \> 1000 $reply
		pkt expect client 2000 "*$p 2000 > 1000*"
		like "IPv$F $p: its reply passes" "$R" "ip $H > $G *"
		drops "IPv$F $p: neither is dropped" "$ROUTER"
		conns "$ROUTER" proto $p
		has "IPv$F $p: a connection by ports" "$R" \
			"\"protocol\":\"$p\"" "\"state\":\"$state\"" \
			'"source_port":1000' '"destination_port":2000' \
			'"packets":1,' '"reply_packets":1'
		# shellcheck disable=SC2086
		sc $p 2001 \> 1000 $reply
		# shellcheck disable=SC2086
		sc $p 2000 \> 1001 $reply
		# shellcheck disable=SC2086
		cs $p 1000 \> 2001 $request
		drops "IPv$F $p: other ports are not it" "$ROUTER" default 3
		# shellcheck disable=SC2086
		cs $p 1000 \> 2000 badsum $request
		drops "IPv$F $p: a bad checksum" "$ROUTER" invalid_checksum 1
	done

	# A checksum over a part: what it does not cover may be anything.
	cs udplite 1000 \> 2000 cov 8 data 100
	counted "IPv$F udplite: a checksum over the header alone" \
		"$ROUTER" allowed 1
	cs udplite 1000 \> 2000 cov 4 data 100
	drops "IPv$F udplite: one over less than that" \
		"$ROUTER" invalid_checksum 1
	cs proto 33 hex 03e807d000000000
	cs proto 136 hex 03e807d0
	drops "IPv$F headers that are cut short" "$ROUTER" malformed 2

	# --- without ports --------------------------------------------------

	sfw "$ROUTER" <<-RULES
		in 100 allow gre on eth0
		in 110 allow esp on eth0
		in 120 allow ah on eth0
		in 130 allow 99 on eth0
	RULES
	for p in gre:47 esp:50 ah:51 99:99; do
		name=${p%:*} number=${p#*:}
		if [[ $name == ah ]]; then
			words="auth proto 253 data 8" pattern="*"
		else
			words="proto $number hex 0000080000000001"
			pattern="*proto $number*"
		fi
		pkt forget server
		pkt forget client
		# shellcheck disable=SC2086
		cs $words
		pkt expect server 2000 "$pattern"
		like "IPv$F $name: a packet passes" "$R" "ip $G > $H *"
		# shellcheck disable=SC2086
		sc $words
		pkt expect client 2000 "$pattern"
		like "IPv$F $name: one in return passes" "$R" "ip $H > $G *"
		drops "IPv$F $name: neither is dropped" "$ROUTER"
		conns "$ROUTER" proto "$name"
		has "IPv$F $name: a connection by addresses" "$R" \
			'"state":"generic"' "\"source\":\"$G\"" \
			'"packets":1,' '"reply_packets":1'
		# shellcheck disable=SC2086
		pkt send "$SERVER" eth0 ip "$S" \> "$G" $words
		drops "IPv$F $name: another host is not it" "$ROUTER" default 1
	done
	sc proto 98 hex 0000080000000001
	drops "IPv$F nor is another protocol" "$ROUTER" default 1

	# --- the ids of tunnels ---------------------------------------------

	# Each direction has its own; the last that it showed is shown.
	ctl "$ROUTER" conns flush
	cs proto 50 hex fa0b0c0d00000001
	shown esp '"packets":1,'
	has "IPv$F esp: the SPI of a request" "$R" '"spi":4195027981,'
	lacks "IPv$F esp: none of a reply that was not there" "$R" reply_spi
	sc proto 50 hex 0000100100000001
	shown esp '"reply_packets":1,'
	has "IPv$F esp: the SPI of each direction" "$R" \
		'"spi":4195027981,"reply_spi":4097,'
	cs proto 50 hex 0000200200000001
	shown esp '"packets":2,'
	has "IPv$F esp: a new SPI, the same connection" "$R" \
		'"spi":8194,"reply_spi":4097,' '"packets":2,'
	has "IPv$F esp: in words" "$TEXT" \
		"$G > $H spi 0x00002002/0x00001001  rule"
	cs proto 47 hex 2000080000000007
	shown gre '"packets":1,'
	has "IPv$F gre: the key of a request, in words" "$TEXT" \
		"$G > $H key 7/-  rule"
	sc proto 47 hex a00008000000000000000009
	shown gre '"reply_packets":1,'
	has "IPv$F gre: a key of each direction" "$R" '"key":7,"reply_key":9,'
	cs proto 47 hex 0000080000000001
	cs proto 47 hex 20000800
	shown gre '"packets":3,'
	has "IPv$F gre: packets without a key change nothing" "$R" \
		'"key":7,"reply_key":9,' '"packets":3,'
	cs auth id 7 proto 253 data 8
	shown ah '"packets":1,'
	has "IPv$F ah: the SPI of a request" "$R" '"spi":7,'
	drops "IPv$F none is dropped" "$ROUTER"

	# --- timeout --------------------------------------------------------

	ctl "$ROUTER" flush
	sfw "$ROUTER" <<-RULES
		option timeout generic 1s
		in 100 allow 99 on eth0
	RULES
	cs proto 99 hex 0000080000000001
	counted "IPv$F a connection begins" "$ROUTER" created 1
	wait_for gone
	is "IPv$F a connection ends after its timeout" "$?" 0
	moved "$ROUTER"
	sc proto 99 hex 0000080000000001
	drops "IPv$F what returns then is dropped" "$ROUTER" default 1
	ctl "$ROUTER" flush
done
