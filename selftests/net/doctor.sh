#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# sfwctl doctor finds what is put in its way: other firewalls at netfilter's
# hooks with their order, nf_conntrack, a strict reverse path filter, a set on
# trial; and names the command that repairs it. Repaired, it finds nothing.
. ./lib.sh
. ./apps_lib.sh
need nft iptables-legacy
plan 36

make_ns ONE
ip -n "$ONE" -batch - <<-END || bail "no interfaces"
	link add eth0 type dummy
	link add eth1 type dummy
	link set eth0 up
	link set eth1 up
END

# finding CODE: sets S, M and FIX to its severity, message and repair
doctor() {
	R=$("$SFWCTL" -j -N "$ONE" doctor 2>&1)
	RC=$?
}
finding() {
	local list
	list=$(jq -r --arg c "$1" '[.findings[] | select(.code == $c)] |
		"\(.[0].severity // "none")\n\([.[].message] | join("; "))\n\(.[0].fix // "")"' <<<"$R")
	S=${list%%$'\n'*}
	FIX=${list##*$'\n'}
	M=${list#*$'\n'}
	M=${M%$'\n'*}
}
in_one() { ip netns exec "$ONE" "$@"; }

# The module is as the machine has it: only what is in the namespace counts.
others() {
	jq -r '[.findings[] | select(.severity == "warning" or .severity == "error") |
		.code | select(test("^module-") | not)] | join(" ")' <<<"$R"
}

# Debian's 6.1 does not list its hooks: there it is what tables tell.
modprobe nfnetlink_hook 2>/dev/null

doctor
is "no rule set is a finding: exit 1" "$RC $(others)" "1 no-rules"
finding no-rules
is "with what repairs it" "$S $FIX" "warning sfwctl apply /etc/sfw/sfw.rules"
finding namespace
is "the boot is that of the host, which this is not" "$S" note
finding taint
want="note *O, it is not part of the kernel's source"
# A kernel that asks for no signatures does not miss one.
[[ $(< /sys/module/sfw/taint) == *E* ]] && want+="; E, it has no signature *"
like "what the module taints is explained" "$S $M" "$want;*"
finding interface-version
is "the interface is that of sfwctl" "$S" none

sfw "$ONE" <<-END
	in 100 allow tcp to port 22
END
doctor
is "with one there is nothing to find in the namespace" "$(others)" ""

# --- a set on trial, audit ---------------------------------------------------------

ctl "$ONE" audit on
ctl "$ONE" apply --confirm=200 - <<<"audit on"
doctor
is "audit and a set on trial" "$(others)" "audit pending-confirm"
ctl "$ONE" confirm
ctl "$ONE" audit off

# --- reverse path --------------------------------------------------------------------

ns_set "$ONE" net/ipv4/conf/eth0/rp_filter 1
doctor
finding rp-filter
is "a strict reverse path filter" "$S $FIX" "warning sysctl -w net.ipv4.conf.eth0.rp_filter=2"
ns_set "$ONE" net/ipv4/conf/all/rp_filter 1
doctor
finding rp-filter
# Some kernels have tunnels in every namespace.
all=$(ip netns exec "$ONE" sh -c 'ls /proc/sys/net/ipv4/conf' | grep -cvx 'all\|default\|lo')
like "on all" "$M $FIX" "*on $all of $all *sysctl -w net.ipv4.conf.all.rp_filter=2"
ns_set "$ONE" net/ipv4/conf/all/rp_filter 2
doctor
finding rp-filter
is "loose on all is loose everywhere" "$S" none

# --- others at the hooks ----------------------------------------------------------------

in_one nft -f - <<-END || bail "nft"
	table inet f {
		chain early {
			type filter hook prerouting priority -10;
		}
		chain late {
			type filter hook prerouting priority 10;
		}
		chain input {
			type filter hook input priority 0; policy drop;
			tcp dport 22 accept
		}
	}
END
doctor
finding other-firewall
is "chains of nftables" "$S ${FIX%% #*}" "warning nft delete table inet f   "
has "where they stand, and on which side of sfw" "$M" \
	"table inet f, chain early: at prerouting, priority -10, before sfw" \
	"table inet f, chain late: at prerouting, priority 10, after sfw" \
	"table inet f, chain input: at input, priority 0, after sfw"
is "each once, not once a family" "$(grep -o "chain input" <<<"$M" | wc -l)" 1
finding conntrack
is "nf_conntrack is not there" "$S" none
R=$("$SFWCTL" -N "$ONE" doctor 2>&1)
is "the text exits with 1, too" "$?" 1
like "and lists all in their order" "$R" "*IPv4 prerouting*-10*inet f early*0  sfw*10*inet f late*IPv4 input*inet f input*"
is "sfw once a hook" "$(grep -c '  sfw$' <<<"$R")" 4

in_one nft add rule inet f input ct state established accept
doctor
finding conntrack
is "nf_conntrack without NAT" "$S" warning
in_one nft -f - <<-END || bail "nft nat"
	table ip n {
		chain pre { type nat hook prerouting priority dstnat; tcp dport 81 redirect to :80; }
	}
END
doctor
finding conntrack
is "with NAT it is needed" "$S" note
finding other-firewall
is "chains of NAT are no other firewall" "${M/ table ip n/}" "$M"
in_one nft delete table ip n
in_one nft delete table inet f
doctor
is "what is taken away is found no more" "$(others)" ""

# --- iptables -----------------------------------------------------------------------------

# repair: run the commands of all findings of other firewalls, in order
repair() {
	local fixes
	fixes=$(jq -r '.findings[] | select(.code == "other-firewall") | .fix' <<<"$R")
	in_one bash -c "$fixes"
}
in_one bash -c 'iptables-legacy -L; iptables-legacy -t mangle -L
	ip6tables-legacy -t raw -L' >/dev/null
doctor
finding other-firewall
is "tables of iptables that somebody only looked at" "$S" none
in_one bash -c '
	iptables-legacy -A INPUT -p tcp --dport 22 -j ACCEPT
	iptables-legacy -P INPUT DROP
	iptables-legacy -t mangle -A PREROUTING -p tcp --dport 84 -j DROP
	ip6tables-legacy -t raw -P OUTPUT DROP'
doctor
finding other-firewall
has "rules, and policies that drop" "$S $M" "warning" \
	"iptables (legacy, IPv4), table filter: at input, priority 0, after sfw" \
	"iptables (legacy, IPv4), table mangle: at prerouting, priority -150, before sfw" \
	"iptables (legacy, IPv6), table raw: at output, priority -300, before sfw"
is "and nothing of the chains without" "$(grep -o "priority" <<<"$M" | wc -l)" 3
R=$(jq -r '.findings[] | select(.code == "other-firewall") | .fix' <<<"$R" | sed 's/ *#.*//')
is "the repair accepts before it takes away what accepts, in the right table" "$R" \
	"iptables-legacy -t mangle -F PREROUTING
iptables-legacy -t filter -P INPUT ACCEPT; iptables-legacy -t filter -F INPUT
ip6tables-legacy -t raw -P OUTPUT ACCEPT; ip6tables-legacy -t raw -F OUTPUT"
doctor
repair
doctor
is "repaired, it is found no more" "$(others)" ""

in_one iptables-legacy -A INPUT -p tcp --dport 83 -j DROP
in_one ip link add docker0 type dummy
doctor
finding other-firewall
like "with docker's bridge it is docker's" "$S $M" "note *, docker's: at input*"
is "and nothing to repair" "$(others)" ""
in_one ip link del docker0
in_one iptables-legacy -F
for family in ip ip6; do
	echo "table $family docker-bridges {
		chain filter-FORWARD { type filter hook forward priority filter; policy drop; }
	}"
done | in_one nft -f - || bail "nft"
doctor
finding other-firewall
has "the tables that docker makes itself are docker's" "$S $M" "note nftables" \
	"table ip docker-bridges, chain filter-FORWARD, docker's: at forward" \
	"table ip6 docker-bridges, chain filter-FORWARD, docker's: at forward"
is "and nobody is told to delete them" "$(others) $(jq -c '[.findings[] |
	select(.code == "other-firewall").fix] | unique' <<<"$R")" " [null]"
in_one nft 'delete table ip docker-bridges; delete table ip6 docker-bridges'

# The table that sfw-fallback.service makes.
in_one nft -f - <<-END || bail "nft"
	table inet sfw {
		chain pre { type filter hook prerouting priority 0; }
	}
END
doctor
finding fallback
is "rules that had to go to nftables" "$S ${FIX%%    #*}" "error systemctl restart sfw"
in_one nft delete table inet sfw

# --- the module's file --------------------------------------------------------------------

file=/lib/modules/$(uname -r)/updates/sfw.ko
if [[ -e $file ]]; then
	for name in "it is missed" "its fix" "it is found" "its signature" "another one"; do
		ok "the module's file: $name # SKIP one is installed"
	done
else
	doctor
	finding module-not-built
	is "the module's file: it is missed" "$S" warning
	like "the module's file: its fix" "$FIX" "*install*"
	mkdir -p "${file%/*}"
	# shellcheck disable=SC2317 # by trap
	at_exit() { rm -f "$file"*; }
	cp "$SFW_KO" "$file"
	doctor
	finding module-not-built
	is "the module's file: it is found" "$S" none
	finding module-unsigned
	like "the module's file: its signature" "$S $M" "note *not signed*"
	LC_ALL=C sed 's/srcversion=......../srcversion=00000000/' "$SFW_KO" >"$file"
	doctor
	finding module-stale
	is "the module's file: another one" "$S" warning
fi
