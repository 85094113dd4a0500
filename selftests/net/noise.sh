#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Packets of all kinds with random bytes in them, some cut short, with their
# checksums looked at and without: none is read beyond its end, which the kernels
# that report such things see; each is settled once, and the firewall goes on. The
# seed is SFW_SEED, else 1.
. ./lib.sh
plan 16

SEED=${SFW_SEED:-1}
TIMES=400
[[ ! ${SFW_SLOW:-} ]] || TIMES=100
echo "# seed $SEED"

topology pair
peer listen "$SERVER" tcp 80
peer listen "$SERVER" udp 53

noise() { # PACKET
	SENT=$((SENT + TIMES))
	pkt noise "$CLIENT" eth0 $((SEED * 1000 + SENT / TIMES)) times $TIMES \
		ip "$G" \> "$S" "$@"
}

all_kinds() {
	local error options="mss 1460 ws 7 sackok tsval 1 tsecr 2"
	# shellcheck disable=SC2086 # words
	for error in "$@"; do
		noise icmp $error ip "$S" \> "$G" tcp 80 \> 4000 seq 1 data 8
		noise icmp $error ip "$S" \> "$G" udp 53 \> 4001 data 8
		noise icmp $error ip "$S" \> "$G" icmp "$ECHO_REPLY" id 7 data 8
		noise icmp $error ip "$S" \> "$G" sctp 99 \> 4002 kind 0 tag 1
	done
	# shellcheck disable=SC2086
	noise tcp 4000 \> 80 flags S $options
	noise tcp 4000 \> 80 flags A seq 2 ack 2 sack-left 5 sack-right 9 data 20
	noise udp 4001 \> 53 data 20
	noise udplite 4001 \> 53 cov 8 data 20
	noise sctp 4002 \> 99 kind 1 init 5 data 40
	noise sctp 4002 \> 99 kind 0 tag 5 len 20 hex 00000000000000000a000004
	noise dccp 4003 \> 99 kind 0 data 8
	noise icmp "$ECHO_REQUEST" id 7 data 20
	noise auth proto 17 hex 0fa1003500100000aabbccddeeff0011
	noise proto 47 hex b000080000000000000000070000000100000000
	noise proto 50 hex 0000000700000001aabbccdd
	noise frag mf id 9 udp 4001 \> 53 data 64
	if [[ $F == 6 ]]; then
		noise hop opt 0502000001000000 dstopts opt 01040000 udp 4001 \> 53 data 8
		noise routing kind 2 left 0 tcp 4000 \> 80 flags S
		noise icmp 135 data 24
	fi
}

for f in 4 6; do
	family "$f"
	errors="3/3 11/0 3/4 12/0"
	[[ $F == 4 ]] || errors="1/4 3/0 2/0 4/0"
	for sums in on off; do
		SENT=0
		sfw "$SERVER" <<-RULES
			option checksum $sums
			in  10 allow tcp to port 80
			in  20 allow udp to port { 53 }
			in  30 allow $ICMP type echo-request
			in  40 allow sctp to port 99
			in  50 allow gre
		RULES
		moved "$SERVER"
		# shellcheck disable=SC2086
		all_kinds $errors
		peer open web "$CLIENT" tcp "$S" 80
		peer echo web
		is "IPv$F checksum $sums: who is connected talks" "$R" ok
		peer close web
		read_stats "$SERVER"
		# shellcheck disable=SC2154 # they are words
		is "IPv$F checksum $sums: each is settled once" \
			"$((D[allowed] + D[dropped]))" "${D[packets]}"
		((D[packets] > SENT / 2))
		is "IPv$F checksum $sums: most of them got there" "$?" 0
		few=''
		for reason in default malformed invalid_flags invalid_icmp \
			$([[ $sums == off ]] || echo invalid_checksum); do
			((D["$reason"])) || few+=" $reason"
		done
		is "IPv$F checksum $sums: all reasons were met" "$few" ""
		keep_stats "$SERVER"
	done
	ctl "$SERVER" flush
done
