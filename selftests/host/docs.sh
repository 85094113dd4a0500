#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The examples of README, of the man pages and of the help of each command: rules
# are read without a word, commands are none that sfwctl does not know. Without
# the module those that need it say only that (exit 3); nothing of this machine
# is touched.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"
plan 7

[[ ! -d /sys/module/sfw ]] || skip_all "the module is loaded: the examples would change it"
[[ -x $TOP/build/sfwctl ]] || make -s -C "$TOP" tools >&2 || exit
sfwctl=$TOP/build/sfwctl
mkdir "$TMP"/{blocks,work,bin,etc,run}
python3 "$TOP/selftests/host/docs.py" "$TMP/blocks" "$sfwctl" "$TOP/README.md" \
	"$TOP/tools/man/sfwctl.8.in" "$TOP/tools/man/sfw.7" "$TOP/tools/man/sfw.rules.5" || exit
sed -i "s|/etc/sfw/|$TMP/etc/|g; s|/run/|$TMP/run/|g; s|/root/|$TMP/run/|g
	s|/usr/share/doc/sfw/|$TOP/tools/|g; s/-N [a-z\$]* //" "$TMP"/blocks/*.sh

# What they name.
cat >"$TMP/work/acl.json" <<-'END'
	{"NetworkAcls":[{"NetworkAclId":"acl-0a1b","Entries":[
	{"Egress":false,"RuleNumber":100,"RuleAction":"allow","Protocol":"6","CidrBlock":"0.0.0.0/0","PortRange":{"From":443,"To":443}},
	{"Egress":false,"RuleNumber":32767,"RuleAction":"deny","Protocol":"-1","CidrBlock":"0.0.0.0/0"},
	{"Egress":true,"RuleNumber":100,"RuleAction":"allow","Protocol":"-1","CidrBlock":"0.0.0.0/0"},
	{"Egress":true,"RuleNumber":32767,"RuleAction":"deny","Protocol":"-1","CidrBlock":"0.0.0.0/0"}]}]}
END
cat >"$TMP/work/groups.json" <<-'END'
	{"SecurityGroups":[{"GroupId":"sg-1","IpPermissions":[{"IpProtocol":"tcp","FromPort":443,"ToPort":443,"IpRanges":[],"UserIdGroupPairs":[{"GroupId":"sg-2"}]}],"IpPermissionsEgress":[{"IpProtocol":"-1","IpRanges":[{"CidrIp":"0.0.0.0/0"}]}]}]}
END
cat >"$TMP/work/rules.json" <<-'END'
	{"SecurityGroupRules":[{"SecurityGroupRuleId":"sgr-1","GroupId":"sg-1","IsEgress":false,"IpProtocol":"tcp","FromPort":443,"ToPort":443,"PrefixListId":"pl-1"}]}
END
cat >"$TMP/work/saved" <<-'END'
	*filter
	:INPUT DROP [0:0]
	:FORWARD DROP [0:0]
	:OUTPUT ACCEPT [0:0]
	-A INPUT -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT
	-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT
	COMMIT
END
cat > "$TMP/work/web.rules" <<-'END'
	sfw 1
	default out allow
	set admins = { 10.0.0.0/8 }
	in 120 allow tcp to port 80
	out 100 allow tcp to port 443
END
printf 'mode stateless\nin 100 allow tcp to port 443\n' > "$TMP/work/nacl.rules"
for name in new old sfw; do cp "$TMP/work/web.rules" "$TMP/work/$name.rules"; done
cp "$TMP/work/web.rules" "$TMP/etc/sfw.rules"
cp "$TMP/work/saved" "$TMP/work/router.v4"
cp "$TOP"/tools/examples/*.expect "$TMP/work/"
ln -s "$TOP/tools" "$TMP/work/tools"
"$sfwctl" import aws-nacl "$TMP/work/acl.json" > "$TMP/work/subnet.rules"
"$sfwctl" import aws-nacl "$TMP/work/acl.json" --router eth1 > "$TMP/work/router.rules"
ln -s "$sfwctl" "$TMP/bin/sfwctl"
for name in ip sysctl docker rmmod insmod; do ln -s /bin/true "$TMP/bin/$name"; done
printf '#!/bin/sh\ncat acl.json\n' > "$TMP/bin/aws"
printf '#!/bin/sh\ncat saved\n' > "$TMP/bin/iptables-save"
cp "$TMP/bin/iptables-save" "$TMP/bin/ip6tables-save"
# shellcheck disable=SC2016 # for the script
printf '#!/bin/sh\n[ "$1" = -f ] && exec cat > /dev/null; echo "{\\"nftables\\":[]}"\n' > "$TMP/bin/nft"
chmod +x "$TMP"/bin/*

commands() { # NAME SOURCE LEAST
	local bad='' file line status n=0
	for file in "$TMP/blocks/$2".*.sh; do
		while IFS= read -r line <&3; do
			n=$((n + 1))
			(cd "$TMP/work" && PATH=$TMP/bin:$PATH && set -o pipefail && eval "$line") \
				> "$TMP/out" 2>&1 3<&- < /dev/null
			status=$?
			[[ $status == [013] ]] || bad+="[$line: $status $(< "$TMP/out")]"
		done 3< "$file"
	done
	((n >= $3)) || bad+="only $n commands were found"
	is "$1" "$bad" ""
}
commands "the commands in the help of the commands" help 40
commands "those in README" README 5
commands "those in sfwctl(8)" sfwctl.8.in 6
commands "those in sfw(7)" sfw.7 2

rules() { # NAME SOURCE LEAST
	local bad='' n=0 file text
	for file in "$TMP/blocks/$2".*.rules; do
		n=$((n + 1))
		# Read, not analysed: a part of a set need not make sense by itself.
		text=$("$sfwctl" export json -f "$file" 2>&1 > /dev/null)
		[[ $? == 0 && ! $text ]] || bad+="$file: $text"
	done
	((n >= $3)) || bad+="only $n blocks were found"
	is "$1" "$bad" ""
}
rules "the rules in README" README 2
rules "those in sfw(7)" sfw.7 3
rules "those in sfw.rules(5)" sfw.rules.5 2
