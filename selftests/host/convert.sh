#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# sfwctl import and export: documents of AWS, iptables and nft, what becomes of
# them, what is refused and where, and the ways there and back
# shellcheck source-path=SCRIPTDIR disable=SC2016,SC2054
. "$(dirname "$0")/lib.sh"
plan 58

SFWCTL=${SFWCTL:-$TOP/build/sfwctl}
[[ -x $SFWCTL ]] || make -s -C "$TOP" tools >&2 || exit
cd "$TMP" || exit

# ctl ARGS...: exit status in $RC, what it wrote in $OUT and $ERR
ctl() {
	"$SFWCTL" "$@" > out 2> err < /dev/null
	RC=$?
	OUT=$(< out)
	ERR=$(< err)
}

# makes NAME RULES ARGS...: exit 0, and these lines, comments and blanks aside
makes() {
	local name=$1 want=$2
	shift 2
	ctl "$@"
	if [[ $RC != 0 ]]; then
		not_ok "$name" "exit $RC: $ERR"
	else
		is "$name" "$(grep -v '^#\|^$\|^sfw 1' out)" "$want"
	fi
}

# refused NAME RC TEXT... -- ARGS...: this exit status, nothing on stdout, and
# each TEXT on stderr
refused() {
	local name=$1 want=$2 texts=() text
	shift 2
	while [[ $1 != -- ]]; do
		texts+=("$1")
		shift
	done
	shift
	ctl "$@"
	if [[ $RC != "$want" || -n $OUT ]]; then
		not_ok "$name" "exit $RC, not $want"$'\n'"$OUT"$'\n'"$ERR"
		return
	fi
	for text in "${texts[@]}"; do
		if [[ $ERR != *"$text"* ]]; then
			not_ok "$name" "no '$text' in"$'\n'"$ERR"
			return
		fi
	done
	ok "$name"
}

# edited FILTER < DOCUMENT: a document with a change, to ./edited.json
edited() { jq "$1" > edited.json; }

entries() { jq -S '.NetworkAcls[0].Entries | sort_by(.Egress, .RuleNumber)' "$1"; }

# --- network ACLs ------------------------------------------------------------

cat > acls.json <<-'END'
	{
	    "NetworkAcls": [
	        {
	            "Associations": [
	                {
	                    "NetworkAclAssociationId": "aclassoc-0c1a0a0b0c0d0e0f0",
	                    "NetworkAclId": "acl-0ea1f54ca7f5a1b2c",
	                    "SubnetId": "subnet-0931fc2fa5f1cbe44"
	                }
	            ],
	            "Entries": [
	                { "CidrBlock": "0.0.0.0/0", "Egress": true, "PortRange": { "From": 1024, "To": 65535 },
	                  "Protocol": "6", "RuleAction": "allow", "RuleNumber": 100 },
	                { "CidrBlock": "10.0.0.0/8", "Egress": true, "Protocol": "-1", "RuleAction": "allow", "RuleNumber": 110 },
	                { "Egress": true, "Ipv6CidrBlock": "2001:db8::/32", "PortRange": { "From": 53, "To": 53 },
	                  "Protocol": "17", "RuleAction": "allow", "RuleNumber": 120 },
	                { "CidrBlock": "0.0.0.0/0", "Egress": true, "Protocol": "-1", "RuleAction": "deny", "RuleNumber": 32767 },
	                { "Egress": true, "Ipv6CidrBlock": "::/0", "Protocol": "-1", "RuleAction": "deny", "RuleNumber": 32768 },
	                { "CidrBlock": "198.51.100.0/24", "Egress": false, "Protocol": "-1", "RuleAction": "deny", "RuleNumber": 90 },
	                { "CidrBlock": "0.0.0.0/0", "Egress": false, "PortRange": { "From": 443, "To": 443 },
	                  "Protocol": "6", "RuleAction": "allow", "RuleNumber": 100 },
	                { "Egress": false, "Ipv6CidrBlock": "::/0", "PortRange": { "From": 0, "To": 65535 },
	                  "Protocol": "17", "RuleAction": "allow", "RuleNumber": 105 },
	                { "CidrBlock": "10.0.0.0/8", "Egress": false, "IcmpTypeCode": { "Code": -1, "Type": 8 },
	                  "Protocol": "1", "RuleAction": "allow", "RuleNumber": 110 },
	                { "CidrBlock": "0.0.0.0/0", "Egress": false, "IcmpTypeCode": { "Code": 4, "Type": 3 },
	                  "Protocol": "1", "RuleAction": "allow", "RuleNumber": 111 },
	                { "Egress": false, "Ipv6CidrBlock": "::/0", "IcmpTypeCode": { "Code": -1, "Type": -1 },
	                  "Protocol": "58", "RuleAction": "deny", "RuleNumber": 112 },
	                { "CidrBlock": "192.0.2.7/32", "Egress": false, "Protocol": "47", "RuleAction": "allow", "RuleNumber": 32766 },
	                { "CidrBlock": "0.0.0.0/0", "Egress": false, "Protocol": "-1", "RuleAction": "deny", "RuleNumber": 32767 },
	                { "Egress": false, "Ipv6CidrBlock": "::/0", "Protocol": "-1", "RuleAction": "deny", "RuleNumber": 32768 }
	            ],
	            "IsDefault": false,
	            "NetworkAclId": "acl-0ea1f54ca7f5a1b2c",
	            "Tags": [ { "Key": "Name", "Value": "front" } ],
	            "VpcId": "vpc-06e4ab6c6cEXAMPLE",
	            "OwnerId": "111122223333"
	        }
	    ]
	}
END
NACL='mode stateless
default in deny
default out deny
in 90 deny any from 198.51.100.0/24
in 100 allow tcp from 0.0.0.0/0 to port 443
in 105 allow udp from ::/0
in 110 allow icmp from 10.0.0.0/8 type echo-request
in 111 allow icmp from 0.0.0.0/0 type fragmentation-needed
in 112 deny icmpv6 from ::/0
in 32766 allow gre from 192.0.2.7/32
out 100 allow tcp to 0.0.0.0/0 port 1024-65535
out 110 allow any to 10.0.0.0/8
out 120 allow udp to 2001:db8::/32 port 53'
makes "aws-nacl: entries are rules of the same number, 32767 is the default" "$NACL" \
	import aws-nacl acls.json
is "the name is a comment" "$(head -n 1 out)" "# network ACL acl-0ea1f54ca7f5a1b2c (front) of vpc-06e4ab6c6cEXAMPLE"
"$SFWCTL" import aws-nacl acls.json > acl.rules
check "what it makes is a rule file" "$SFWCTL" export json -f acl.rules
"$SFWCTL" export aws-nacl -f acl.rules --id acl-0ea1f54ca7f5a1b2c > back.json
is "and back: the same entries" "$(entries back.json)" "$(entries acls.json)"
is "under the name that was asked for" "$(jq -r '.NetworkAcls[0].NetworkAclId' back.json)" acl-0ea1f54ca7f5a1b2c
"$SFWCTL" import aws-nacl back.json | grep -v '^#' > again.rules
is "and here again: the same rules" "$(< again.rules)" "$(grep -v '^#' acl.rules)"
is "standard input will do" "$("$SFWCTL" import aws-nacl - < acls.json)" "$(< acl.rules)"
is "import -j is the object of show -j" \
	"$("$SFWCTL" -j import aws-nacl acls.json | jq -c '[.mode, .rules[1].number, .rules[1].from, .rules[1].to_port]')" \
	'["stateless",100,"0.0.0.0/0","443"]'

makes "aws-nacl --router: all is in; out of the subnet on its interface, 10000 higher" \
'mode stateless
default in deny
default out allow
in 90 deny any from 198.51.100.0/24 on !eth1
in 100 allow tcp from 0.0.0.0/0 to port 443 on !eth1
in 105 allow udp from ::/0 on !eth1
in 110 allow icmp from 10.0.0.0/8 on !eth1 type echo-request
in 111 allow icmp from 0.0.0.0/0 on !eth1 type fragmentation-needed
in 112 deny icmpv6 from ::/0 on !eth1
in 10100 allow tcp to 0.0.0.0/0 port 1024-65535 on eth1
in 10110 allow any to 10.0.0.0/8 on eth1
in 10120 allow udp to 2001:db8::/32 port 53 on eth1' \
	import aws-nacl --router eth1 <(jq 'del(.NetworkAcls[0].Entries[] | select(.RuleNumber == 32766))' acls.json)
"$SFWCTL" export aws-nacl --router eth1 -f <(grep -v '^#' out) > back.json
is "and back" "$(entries back.json)" "$(entries acls.json | jq 'map(select(.RuleNumber != 32766))')"
refused "a number that has no place on a router" 1 "Entries[11].RuleNumber" 32766 -- \
	import aws-nacl --router eth1 acls.json

jq '.NetworkAcls += [.NetworkAcls[0] | .NetworkAclId = "acl-2" | .Entries = []]' acls.json > two.json
refused "several ACLs: they are listed" 2 "NetworkAcls" "--id" acl-0ea1f54ca7f5a1b2c acl-2 -- \
	import aws-nacl two.json
makes "--id chooses" $'mode stateless\ndefault in deny\ndefault out deny' import aws-nacl two.json --id acl-2
refused "--id that is not there" 2 "'acl-3'" acl-2 -- import aws-nacl two.json --id acl-3

# What is wrong is named by its path: FILTER, then what the message has to hold.
bad=
while IFS=';' read -r filter path text; do
	edited "$filter" < acls.json
	ctl import aws-nacl edited.json
	[[ $RC == 2 && -z $OUT && $ERR == *"edited.json: $path: "*"$text"* ]] ||
		bad+=" [$filter: $RC $ERR]"
done <<-'END'
	.NetworkAcls[0].Entries[0].PortRange.From = "x";NetworkAcls[0].Entries[0].PortRange.From;integer
	.NetworkAcls[0].Entries[0].PortRange.From = 70000;NetworkAcls[0].Entries[0].PortRange.From;65535
	.NetworkAcls[0].Entries[0].PortRange = {"From": 9, "To": 5};NetworkAcls[0].Entries[0].PortRange;reversed
	del(.NetworkAcls[0].Entries[0].PortRange);NetworkAcls[0].Entries[0].PortRange;missing
	.NetworkAcls[0].Entries[1].CidrBlock = "10.0.0/8";NetworkAcls[0].Entries[1].CidrBlock;'10.0.0/8'
	.NetworkAcls[0].Entries[1].CidrBlock = "::/0";NetworkAcls[0].Entries[1].CidrBlock;IPv4
	.NetworkAcls[0].Entries[1].Ipv6CidrBlock = "::/0";NetworkAcls[0].Entries[1];either
	.NetworkAcls[0].Entries[1].Protocol = "300";NetworkAcls[0].Entries[1].Protocol;'300'
	.NetworkAcls[0].Entries[1].Protocol = 6;NetworkAcls[0].Entries[1].Protocol;text
	.NetworkAcls[0].Entries[1].RuleAction = "permit";NetworkAcls[0].Entries[1].RuleAction;allow or deny
	.NetworkAcls[0].Entries[1].RuleNumber = 0;NetworkAcls[0].Entries[1].RuleNumber;out of range
	.NetworkAcls[0].Entries[1].RuleNumber = 100;NetworkAcls[0].Entries[1];twice
	.NetworkAcls[0].Entries[1].Egress = "true";NetworkAcls[0].Entries[1].Egress;true or false
	.NetworkAcls[0].Entries[1].PortRang = {};NetworkAcls[0].Entries[1].PortRang;known
	.NetworkAcls[0].Entries[3].Protocol = "6";NetworkAcls[0].Entries[3];all traffic
	.NetworkAcls[0].Entries[8].IcmpTypeCode.Type = -1 | .NetworkAcls[0].Entries[8].IcmpTypeCode.Code = 1;NetworkAcls[0].Entries[8].IcmpTypeCode;without a type
	.NetworkAcls[0].Entries = {};NetworkAcls[0].Entries;array
	.NetworkAcls = [];NetworkAcls;nothing
	{};NetworkAcls;missing
	[];document;describe-network-acls
END
is "a wrong field is named by its path, exit 2" "$bad" ""
echo '{"NetworkAcls": [' > cut.json
refused "a file that is no JSON: line and column" 2 "cut.json:" "no JSON" -- import aws-nacl cut.json
refused "defaults that differ by family" 1 "Entries[4]" -- import aws-nacl \
	<(jq '.NetworkAcls[0].Entries[4].RuleAction = "allow"' acls.json)

# --- export to a network ACL -----------------------------------------------------

cat > wide.rules <<-'END'
	mode stateless
	set hosts = { 10.0.0.1-10.0.0.3, 2001:db8::1 }
	in 100 allow tcp to port { 80, 443 } "web"
	in 110 allow tcp from $hosts to port !22-65535 return
	in 200 deny icmp
	default out allow
END
"$SFWCTL" export aws-nacl -f wide.rules > wide.json
is "a rule that takes several entries gets the numbers behind its own" \
	"$(jq -c '.NetworkAcls[0].Entries[] | select(.Egress | not) | [.RuleNumber, .CidrBlock // .Ipv6CidrBlock, .PortRange.From, .PortRange.To, .RuleAction]' wide.json)" \
'[100,"0.0.0.0/0",80,80,"allow"]
[101,"0.0.0.0/0",443,443,"allow"]
[102,"::/0",80,80,"allow"]
[103,"::/0",443,443,"allow"]
[110,"10.0.0.1/32",0,21,"allow"]
[111,"10.0.0.2/31",0,21,"allow"]
[112,"2001:db8::1/128",0,21,"allow"]
[200,"0.0.0.0/0",null,null,"deny"]
[32767,"0.0.0.0/0",null,null,"deny"]
[32768,"::/0",null,null,"deny"]'
is "a default that allows is two entries at the end" \
	"$(jq -c '[.NetworkAcls[0].Entries[] | select(.Egress and .RuleAction == "allow") | .RuleNumber]' wide.json)" '[32765,32766]'

bad=
while IFS='|' read -r rule text; do
	printf '%s\n' "mode stateless" "$rule" > one.rules
	ctl export aws-nacl -f one.rules
	[[ $RC == 1 && -z $OUT && $ERR == *"$text"* ]] || bad+=" [$rule: $RC $ERR]"
done <<-'END'
	in 100 allow tcp from port 443 to port 1024-65535|in 100: a network ACL looks at no source port
	in 100 allow tcp to 10.0.0.1 port 443|in 100: into a subnet
	out 100 allow tcp from 10.0.0.1|out 100: out of a subnet
	in 100 reject tcp|in 100: a network ACL has no reject
	in 100 allow tcp flags established|in 100: a network ACL looks at no TCP flags
	in 100 allow tcp on eth0|in 100: a network ACL knows no interfaces
	in 100 deny tcp log|in 100: a network ACL does not log
	in 100 allow tcp limit 10/s|in 100: a network ACL has no rates
	in 100 allow sctp to port 9|in 100: a network ACL knows ports of TCP and UDP only
	in 32766 allow tcp|in 32766: it takes 2 entries
	default in reject|default in reject
	default in deny log|default in log
	audit on|audit
	option loopback filter|option loopback filter
END
is "what a network ACL cannot say is named by its rule, exit 1" "$bad" ""
echo 'in 100 allow tcp' > one.rules
refused "a stateful set is no network ACL" 1 stateful -- export aws-nacl -f one.rules

# --- security groups ---------------------------------------------------------------

cat > groups.json <<-'END'
	{
	    "SecurityGroups": [
	        {
	            "Description": "our web servers",
	            "GroupName": "web",
	            "IpPermissions": [
	                {
	                    "FromPort": 443, "IpProtocol": "tcp", "ToPort": 443,
	                    "IpRanges": [ { "CidrIp": "0.0.0.0/0", "Description": "the \"world\"" } ],
	                    "Ipv6Ranges": [ { "CidrIpv6": "::/0" } ],
	                    "PrefixListIds": [], "UserIdGroupPairs": []
	                },
	                {
	                    "FromPort": 22, "IpProtocol": "tcp", "ToPort": 22, "IpRanges": [], "Ipv6Ranges": [],
	                    "PrefixListIds": [ { "PrefixListId": "pl-63a5400a", "Description": "offices" } ],
	                    "UserIdGroupPairs": [ { "GroupId": "sg-903004f8", "UserId": "123456789012", "Description": "bastion" } ]
	                },
	                {
	                    "FromPort": 8, "IpProtocol": "icmp", "ToPort": -1, "IpRanges": [ { "CidrIp": "10.0.0.0/8" } ],
	                    "Ipv6Ranges": [], "PrefixListIds": [], "UserIdGroupPairs": []
	                },
	                {
	                    "FromPort": -1, "IpProtocol": "icmpv6", "ToPort": -1, "IpRanges": [],
	                    "Ipv6Ranges": [ { "CidrIpv6": "2001:db8::/32" } ], "PrefixListIds": [], "UserIdGroupPairs": []
	                },
	                {
	                    "IpProtocol": "50", "IpRanges": [ { "CidrIp": "192.0.2.1/32" } ],
	                    "Ipv6Ranges": [], "PrefixListIds": [], "UserIdGroupPairs": []
	                }
	            ],
	            "OwnerId": "123456789012",
	            "GroupId": "sg-903004f9",
	            "IpPermissionsEgress": [
	                {
	                    "IpProtocol": "-1", "IpRanges": [ { "CidrIp": "0.0.0.0/0" } ],
	                    "Ipv6Ranges": [], "PrefixListIds": [], "UserIdGroupPairs": []
	                }
	            ],
	            "VpcId": "vpc-1a2b3c4d"
	        },
	        {
	            "Description": "dns", "GroupName": "dns", "GroupId": "sg-2",
	            "IpPermissions": [
	                {
	                    "FromPort": 53, "IpProtocol": "udp", "ToPort": 53, "IpRanges": [ { "CidrIp": "10.0.0.0/8" } ],
	                    "Ipv6Ranges": [], "PrefixListIds": [], "UserIdGroupPairs": []
	                }
	            ],
	            "IpPermissionsEgress": []
	        }
	    ]
	}
END
GIVEN=(--group sg-903004f8=10.0.1.0/24,10.0.2.9 --prefix-list pl-63a5400a=192.0.2.0/24)
SG_HEAD='mode stateful
default in deny
default out deny
set sg-903004f8 = { 10.0.1.0/24, 10.0.2.9 }
set pl-63a5400a = { 192.0.2.0/24 }'
SG_IN='in 100 allow tcp from 0.0.0.0/0 to port 443 "the \"world\""
in 110 allow tcp from ::/0 to port 443
in 120 allow tcp from $sg-903004f8 to port 22 "bastion"
in 130 allow tcp from $pl-63a5400a to port 22 "offices"
in 140 allow icmp from 10.0.0.0/8 type echo-request
in 150 allow icmpv6 from 2001:db8::/32
in 160 allow esp from 192.0.2.1/32'
makes "aws-sg: stateful, what is not allowed is denied, descriptions are comments" \
	"$SG_HEAD"$'\n'"$SG_IN"$'\nout 100 allow any to 0.0.0.0/0' \
	import aws-sg groups.json --id sg-903004f9 "${GIVEN[@]}"
check "what it makes is a rule file" "$SFWCTL" export json -f <(cat out)
refused "names of addresses that are not given: their paths, and how to give them" 1 \
	"SecurityGroups[0].IpPermissions[1].UserIdGroupPairs[0]:" "--group sg-903004f8=" \
	"SecurityGroups[0].IpPermissions[1].PrefixListIds[0]:" "--prefix-list pl-63a5400a=" -- \
	import aws-sg groups.json --id sg-903004f9
ctl import aws-sg groups.json --id sg-903004f9 --partial
is "--partial: the rest, and a comment for each" \
	"$RC $(grep -c '^# left out, SecurityGroups\[0\].IpPermissions\[1\]' out) $(grep -c '^in ' out)" "0 2 5"
refused "several groups: they are listed" 2 "--id" sg-903004f9 sg-2 -- import aws-sg groups.json
makes "several --id add up" \
	"$SG_HEAD"$'\n'"$SG_IN"$'\nin 170 allow udp from 10.0.0.0/8 to port 53\nout 100 allow any to 0.0.0.0/0' \
	import aws-sg groups.json --id sg-903004f9 --id sg-2 "${GIVEN[@]}"
refused "one of several that is not there" 2 "'sg-3'" -- import aws-sg groups.json --id sg-2 --id sg-3

cat > rules.json <<-'END'
	{
	    "SecurityGroupRules": [
	        { "SecurityGroupRuleId": "sgr-1", "GroupId": "sg-1234567890abcdef0", "GroupOwnerId": "123456789012",
	          "IsEgress": false, "IpProtocol": "tcp", "FromPort": 80, "ToPort": 81, "CidrIpv4": "192.0.2.0/24",
	          "Description": "partners", "Tags": [] },
	        { "SecurityGroupRuleId": "sgr-2", "GroupId": "sg-1234567890abcdef0", "GroupOwnerId": "123456789012",
	          "IsEgress": false, "IpProtocol": "-1", "FromPort": -1, "ToPort": -1,
	          "ReferencedGroupInfo": { "GroupId": "sg-9", "UserId": "123456789012" }, "Tags": [] },
	        { "SecurityGroupRuleId": "sgr-3", "GroupId": "sg-1234567890abcdef0", "GroupOwnerId": "123456789012",
	          "IsEgress": true, "IpProtocol": "-1", "FromPort": -1, "ToPort": -1, "CidrIpv6": "::/0", "Tags": [] },
	        { "SecurityGroupRuleId": "sgr-4", "GroupId": "sg-1234567890abcdef0", "GroupOwnerId": "123456789012",
	          "IsEgress": true, "IpProtocol": "tcp", "FromPort": 0, "ToPort": 65535, "PrefixListId": "pl-1", "Tags": [] }
	    ]
	}
END
makes "aws-sg: describe-security-group-rules" \
'mode stateful
default in deny
default out deny
set sg-9 = { 10.9.0.0/16 }
set pl-1 = { 10.8.0.0/16, 2001:db8::/32 }
in 100 allow tcp from 192.0.2.0/24 to port 80-81 "partners"
in 110 allow any from $sg-9
out 100 allow any to ::/0
out 110 allow tcp to $pl-1' \
	import aws-sg rules.json --group sg-9=10.9.0.0/16 --prefix-list pl-1=10.8.0.0/16 --prefix-list pl-1=2001:db8::/32
refused "a group that is named: its path" 1 "SecurityGroupRules[1].ReferencedGroupInfo:" sg-9 \
	"SecurityGroupRules[3].PrefixListId:" pl-1 -- import aws-sg rules.json

bad=
while IFS=';' read -r file filter path text; do
	edited "$filter" < "$file.json"
	ctl import aws-sg edited.json "${GIVEN[@]}"
	[[ $RC == 2 && -z $OUT && $ERR == *"edited.json: $path: "*"$text"* ]] ||
		bad+=" [$filter: $RC $ERR]"
done <<-'END'
	groups;del(.SecurityGroups[1]) | .SecurityGroups[0].IpPermissions[0].FromPort = "443";SecurityGroups[0].IpPermissions[0].FromPort;integer
	groups;del(.SecurityGroups[1]) | del(.SecurityGroups[0].IpPermissions[0].ToPort);SecurityGroups[0].IpPermissions[0].ToPort;missing
	groups;del(.SecurityGroups[1]) | .SecurityGroups[0].IpPermissions[0].IpRanges[0].CidrIp = "0";SecurityGroups[0].IpPermissions[0].IpRanges[0].CidrIp;'0'
	groups;del(.SecurityGroups[1]) | .SecurityGroups[0].IpPermissions[0].IpProtocol = "tpc";SecurityGroups[0].IpPermissions[0].IpProtocol;'tpc'
	groups;del(.SecurityGroups[1]) | .SecurityGroups[0].IpPermissions[0].Ranges = [];SecurityGroups[0].IpPermissions[0].Ranges;known
	groups;del(.SecurityGroups[1]) | del(.SecurityGroups[0].IpPermissionsEgress, .SecurityGroups[0].IpPermissions);SecurityGroups[0];neither
	groups;del(.SecurityGroups[1]) | .SecurityGroups[0].IpPermissionsEgress = {};SecurityGroups[0].IpPermissionsEgress;array
	rules;.SecurityGroupRules[0].CidrIpv6 = "::/0";SecurityGroupRules[0];one of
	rules;del(.SecurityGroupRules[0].IsEgress);SecurityGroupRules[0].IsEgress;missing
	rules;.SecurityGroupRules[2].GroupId = "sg-2";SecurityGroupRules;--id
	rules;{};document;describe-security-group
END
is "a wrong field is named by its path, exit 2" "$bad" ""

# What the description of a document names is enough: no ids, no empty arrays.
echo '{"NetworkAcls": [{"Entries": [{"RuleNumber": 7, "RuleAction": "allow", "Egress": false, "Protocol": "-1",
	"CidrBlock": null, "Ipv6CidrBlock": "::/0", "PortRange": null, "IcmpTypeCode": null}]}]}' > small.json
makes "aws-nacl: a single ACL needs no id, and null is absent" \
	$'mode stateless\ndefault in deny\ndefault out deny\nin 7 allow any from ::/0' import aws-nacl small.json
echo '{"SecurityGroups": [{"IpPermissions": [{"IpProtocol": "icmp", "FromPort": 3, "ToPort": 4,
	"IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]}]}' > small.json
makes "aws-sg: a single group needs no id and no IpPermissionsEgress" \
	$'mode stateful\ndefault in deny\ndefault out deny\nin 100 allow icmp from 0.0.0.0/0 type fragmentation-needed' \
	import aws-sg small.json
check "but that it is missing is said" grep -q '^small.json: SecurityGroups.0..IpPermissionsEgress: note: this is missing' err
jq 'del(.SecurityGroupRules[] | .GroupId, .GroupOwnerId, .SecurityGroupRuleId, .Tags)' rules.json > small.json
echo '{"SecurityGroupRules": []}' > none.json
makes "aws-sg: a group may have no rules" $'mode stateful\ndefault in deny\ndefault out deny' import aws-sg none.json
is "aws-sg: rules need no id, and --group gives prefix lists, too" \
	"$("$SFWCTL" import aws-sg small.json --group sg-9=10.9.0.0/16 --group pl-1=10.8.0.0/16 | grep '^set\|^out')" \
'set sg-9 = { 10.9.0.0/16 }
set pl-1 = { 10.8.0.0/16 }
out 100 allow any to ::/0
out 110 allow tcp to $pl-1'

# --- iptables -----------------------------------------------------------------------

cat > server.v4 <<-'END'
	# Generated by iptables-save v1.8.9 (nf_tables) on Sat Nov 28 13:00:00 2026
	*filter
	:INPUT DROP [12:840]
	:FORWARD DROP [0:0]
	:OUTPUT ACCEPT [99:8400]
	:services - [0:0]
	-A INPUT -i lo -j ACCEPT
	-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
	-A INPUT -m conntrack --ctstate INVALID -j DROP
	-A INPUT -p tcp -m tcp ! --tcp-flags FIN,SYN,RST,ACK SYN -m conntrack --ctstate NEW -j DROP
	-A INPUT -s 198.51.100.7/32 -p tcp -m tcp --dport 22 -j LOG --log-prefix "banned "
	-A INPUT -s 198.51.100.7/32 -p tcp -m tcp --dport 22 -j REJECT --reject-with tcp-reset
	-A INPUT ! -s 203.0.113.0/24 -j services
	-A INPUT -p icmp -m icmp --icmp-type 8 -m limit --limit 5/sec --limit-burst 10 -j ACCEPT
	-A INPUT -i eth+ -p udp -m udp --sport 1024:65535 --dport 53 -j ACCEPT
	-A INPUT -p tcp -m tcp --dport 2049 ! -i eth1 -j ACCEPT
	-A INPUT -m limit --limit 5/min -j LOG --log-prefix "dropped: " --log-level 7
	-A services -p tcp -m multiport --dports 80,443,8000:8080 -m comment --comment "the \"web\"" -j ACCEPT
	-A services -s 192.0.2.0/24 -p tcp -m tcp --dport 22 -m conntrack --ctstate NEW -j ACCEPT
	-A services -m iprange --src-range 192.0.2.10-192.0.2.19 -p tcp -m tcp --dport 25 -j ACCEPT
	-A services -j RETURN
	COMMIT
	# Completed on Sat Nov 28 13:00:00 2026
END
makes "iptables: chains, states, logs, limits, ports" \
'mode stateful
default in deny
default out allow
option tcp-pickup off
in 100 reject tcp from 198.51.100.7 to port 22 log "banned"
in 110 allow tcp from !203.0.113.0/24 to port { 80, 443, 8000-8080 } "the \"web\""
in 120 allow tcp from 192.0.2.0/24 to port 22
in 130 allow tcp from 192.0.2.10-192.0.2.19 to port 25
in 140 allow icmp type echo-request limit 5/s burst 10
in 150 allow udp from 0.0.0.0/0 port 1024-65535 to port 53 on eth*
in 160 allow tcp from 0.0.0.0/0 to port 2049 on !eth1
in 170 deny any from 0.0.0.0/0 log limit 5/m "dropped:"' \
	import iptables server.v4
check "what it makes is a rule file" "$SFWCTL" export json -f <(cat out)

# An iptables-save of these rules; -P of INPUT is DROP, of the others ACCEPT.
saved() {
	printf '%s\n' "*filter" ":INPUT ${POLICY:-DROP} [0:0]" ":FORWARD ACCEPT [0:0]" \
		":OUTPUT ${OUTPUT:-ACCEPT} [0:0]" ":user - [0:0]" "$@" COMMIT
}
EST='-A INPUT -m state --state RELATED,ESTABLISHED -j ACCEPT'
LO='-A INPUT -i lo -j ACCEPT'
saved "$LO" '-A INPUT -p tcp -m tcp --dport 80 -j ACCEPT' > stateless.v4
makes "no state: stateless" \
'mode stateless
default in deny
default out allow
in 100 allow tcp from 0.0.0.0/0 to port 80' import iptables stateless.v4
saved '-A INPUT -p tcp -m tcp --dport 80 -j ACCEPT' > lo.v4
makes "loopback that nobody lets through is filtered, of this family" \
'mode stateless
default in deny
default out allow
option loopback filter
in 100 allow tcp from 0.0.0.0/0 to port 80
in 110 allow any from ::/0 on lo
out 100 allow any to ::/0 on lo' import iptables lo.v4
OUTPUT=DROP saved "$LO" '-A OUTPUT -o lo -j ACCEPT' \
	'-A INPUT -p tcp -m tcp --dport 22 -m state --state NEW,ESTABLISHED -j ACCEPT' \
	'-A OUTPUT -p tcp -m tcp --sport 22 -m state --state ESTABLISHED -j ACCEPT' > textbook.v4
makes "states rule by rule, as textbooks have them" \
'mode stateful
default in deny
default out deny
in 100 allow tcp from 0.0.0.0/0 to port 22' import iptables textbook.v4
sed '/OUTPUT.*22/d' textbook.v4 > halfway.v4
refused "replies that no rule lets through" 1 "halfway.v4:8: " "replies" "-A INPUT -p tcp" -- \
	import iptables halfway.v4
cat server.v4 <(sed 's/iptables/ip6tables/; s/-p icmp -m icmp --icmp-type 8/-p ipv6-icmp -m icmp6 --icmpv6-type 128/
	/iprange\|^-A.*[0-9]\.[0-9]/d' server.v4) > both
ctl import iptables both
is "both families, one behind the other" \
	"$RC $(grep -c 'from 0.0.0.0/0' out) $(grep -c 'from ::/0' out) $(grep -c 'icmpv6 type echo-request' out)" "0 3 3 1"

saved "$LO" "$EST" '-A FORWARD -m state --state ESTABLISHED -j ACCEPT' '-A FORWARD -i eth0 -p tcp -m tcp --dport 443 -j ACCEPT' '-A FORWARD -j DROP' \
	'-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT' > router.v4
refused "forwarding needs the host's addresses" 1 "router.v4:8: " "router.v4:9: " "router.v4:10: " "--local" -- \
	import iptables router.v4
makes "--local: what is for this host, and what it forwards" \
'mode stateful
default in deny
default out allow
set local = { 192.0.2.1, 224.0.0.0/4, 255.255.255.255 }
in 100 allow tcp to $local port 22
in 110 allow tcp to !$local port 443 on eth0
in 120 deny any to !$local' import iptables router.v4 --local 192.0.2.1

bad=
n=0
while IFS='|' read -r rule text; do
	saved "$LO" "$EST" "$rule" '-A INPUT -p tcp -m tcp --dport 80 -j ACCEPT' > one.v4
	ctl import iptables one.v4
	[[ $RC == 1 && -z $OUT && $ERR == *"one.v4:8: cannot say this: "*"$text"*"$rule"* ]] ||
		bad+=" [$rule: $RC $ERR]"
	ctl import iptables one.v4 --partial
	[[ $RC == 0 && $OUT == *"# left out, line 8: "*"$text"*$'\n'"#     $rule"* &&
		$OUT == *$'\nin 100 allow tcp from 0.0.0.0/0 to port 80'* ]] || bad+=" [--partial $rule: $RC $OUT]"
	n=$((n + 1))
done <<-'END'
	-A INPUT -m owner --uid-owner 0 -j ACCEPT|match 'owner'
	-A INPUT -m set --match-set banned src -j DROP|match 'set'
	-A INPUT -j NFLOG|target 'NFLOG'
	-A INPUT ! -p tcp -j DROP|protocol
	-A INPUT -p icmp -m icmp ! --icmp-type 8 -j DROP|ICMP type
	-A INPUT -p tcp -m tcp ! --tcp-flags SYN,ACK SYN -j DROP|TCP flags
	-A INPUT -p tcp -m limit --limit 2/day -j ACCEPT|per second
	-A INPUT -s 10.0.0.0/255.0.255.0 -j DROP|mask
	-A INPUT -m conntrack --ctstate DNAT -j ACCEPT|'DNAT'
	-A INPUT -m conntrack --ctstate INVALID -j ACCEPT|belong
	-A INPUT -p udp -m limit --limit 5/min -j DROP|limits
	-A INPUT -p tcp -m tcp --dport 23 -j LOG|only logs
END
is "an unknown thing is named with its line, and --partial leaves it as a comment" "$bad $n" " 12"
saved "$LO" '-A INPUT -s 10.0.0.0/8 -j user' '-A user -s 10.1.0.0/16 -j RETURN' '-A user -j DROP' > return.v4
refused "going back under a condition" 1 "return.v4:8: " -- import iptables return.v4
printf '*nat\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -j DNAT --to 10.0.0.1\nCOMMIT\n%s\n' "$(saved "$LO")" > nat.v4
refused "another table" 1 "nat.v4:3: " "table nat" -- import iptables nat.v4

bad=
while IFS='|' read -r sed line text; do
	sed "$sed" server.v4 > edited.v4
	ctl import iptables edited.v4
	[[ $RC == 2 && -z $OUT && $ERR == *"edited.v4:$line: error: "*"$text"* ]] || bad+=" [$sed: $RC $ERR]"
done <<-'END'
	/COMMIT/d|22|COMMIT
	s/198.51.100.7.32/198.51.100.777/|11|'198.51.100.777'
	s/-s 192.0.2.0.24/-s 2001:db8::1/|19|other family
	s/--dport 53/--dport 70000/|15|'70000'
	s/-A services -j RETURN/-A servces -j RETURN/|21|'servces'
	s/-A services -j RETURN/-A services -j services/|21|itself
	s/INPUT DROP/INPUT REJECT/|3|policy
	s/"banned "/"banned/|11|quote
	s/^.filter//|3|table
	s/-A services -j RETURN/hello/|21|'hello'
	s/--icmp-type 8/--icmp-type 8x/|14|ICMP type
END
is "what iptables-save does not write: the line, exit 2" "$bad" ""
refused "no table filter" 2 "filter" -- import iptables /dev/null

# --- nft ----------------------------------------------------------------------------------

cat > ruleset.json <<-'END'
	{"nftables": [{"metainfo": {"version": "1.0.6", "release_name": "Lester Gooch #5", "json_schema_version": 1}},
	{"table": {"family": "inet", "name": "filter", "handle": 1}},
	{"set": {"family": "inet", "name": "admins", "table": "filter", "type": "ipv4_addr", "handle": 2, "flags": ["interval"],
	  "elem": [{"prefix": {"addr": "10.0.0.0", "len": 8}}, {"range": ["192.0.2.1", "192.0.2.9"]}]}},
	{"set": {"family": "inet", "name": "nobody", "table": "filter", "type": "ipv4_addr", "handle": 3}},
	{"chain": {"family": "inet", "table": "filter", "name": "input", "handle": 1, "type": "filter", "hook": "input", "prio": 0, "policy": "drop"}},
	{"chain": {"family": "inet", "table": "filter", "name": "output", "handle": 2, "type": "filter", "hook": "output", "prio": 0, "policy": "accept"}},
	{"chain": {"family": "inet", "table": "filter", "name": "user", "handle": 3}},
	{"rule": {"family": "inet", "table": "filter", "chain": "input", "handle": 5, "expr": [
	  {"vmap": {"key": {"ct": {"key": "state"}}, "data": {"set": [["invalid", {"drop": null}], ["established", {"accept": null}], ["related", {"accept": null}]]}}}]}},
	{"rule": {"family": "inet", "table": "filter", "chain": "input", "handle": 6, "expr": [
	  {"match": {"op": "==", "left": {"meta": {"key": "iifname"}}, "right": "lo"}}, {"accept": null}]}},
	{"rule": {"family": "inet", "table": "filter", "chain": "input", "handle": 7, "comment": "ssh", "expr": [
	  {"match": {"op": "==", "left": {"payload": {"protocol": "ip", "field": "saddr"}}, "right": "@admins"}},
	  {"match": {"op": "==", "left": {"payload": {"protocol": "tcp", "field": "dport"}}, "right": 22}},
	  {"match": {"op": "in", "left": {"ct": {"key": "state"}}, "right": "new"}}, {"counter": {"packets": 0, "bytes": 0}}, {"accept": null}]}},
	{"rule": {"family": "inet", "table": "filter", "chain": "input", "handle": 8, "expr": [
	  {"match": {"op": "==", "left": {"meta": {"key": "iifname"}}, "right": {"set": ["eth0", "wg*"]}}},
	  {"match": {"op": "!=", "left": {"payload": {"protocol": "tcp", "field": "dport"}}, "right": {"set": [80, {"range": [8000, 8080]}]}}},
	  {"jump": {"target": "user"}}]}},
	{"rule": {"family": "inet", "table": "filter", "chain": "input", "handle": 9, "expr": [
	  {"match": {"op": "==", "left": {"payload": {"protocol": "ip", "field": "saddr"}}, "right": "@nobody"}}, {"accept": null}]}},
	{"rule": {"family": "inet", "table": "filter", "chain": "input", "handle": 10, "expr": [
	  {"match": {"op": "==", "left": {"payload": {"protocol": "icmpv6", "field": "type"}}, "right": {"set": ["echo-request", "packet-too-big"]}}}, {"accept": null}]}},
	{"rule": {"family": "inet", "table": "filter", "chain": "input", "handle": 11, "expr": [
	  {"match": {"op": "==", "left": {"&": [{"payload": {"protocol": "tcp", "field": "flags"}}, ["fin", "syn", "rst", "ack"]]}, "right": "syn"}},
	  {"limit": {"rate": 10, "burst": 5, "per": "minute"}}, {"log": {"prefix": "syn "}}, {"accept": null}]}},
	{"rule": {"family": "inet", "table": "filter", "chain": "user", "handle": 12, "expr": [
	  {"match": {"op": "!=", "left": {"payload": {"protocol": "ip6", "field": "daddr"}}, "right": {"prefix": {"addr": "2001:db8::", "len": 32}}}},
	  {"match": {"op": "==", "left": {"payload": {"protocol": "tcp", "field": "dport"}}, "right": {"range": [70, 90]}}},
	  {"reject": {"type": "tcp reset"}}]}}]}
END
makes "nft: sets, maps, chains, states, both families" \
'mode stateful
default in deny
default out allow
set admins = { 10.0.0.0/8, 192.0.2.1-192.0.2.9 }
in 100 allow tcp from $admins to port 22 "ssh"
in 110 reject tcp to !2001:db8::/32 port { 70-79, 81-90 } on eth0
in 120 reject tcp to !2001:db8::/32 port { 70-79, 81-90 } on wg*
in 130 allow icmpv6 type echo-request
in 140 allow icmpv6 type packet-too-big
in 150 allow tcp flags fin,syn,rst,ack/syn limit 10/m log "syn"' \
	import nft ruleset.json
check "what it makes is a rule file" "$SFWCTL" export json -f <(cat out)
jq '.nftables |= map(select((.rule.handle // 0) < 8)) | .nftables |= map((.. | .family? // empty) |= sub("inet"; "ip"))' \
	ruleset.json > ip.json
makes "a table of one family: the other one has no chain, and passes" \
'mode stateful
default in deny
default out allow
set admins = { 10.0.0.0/8, 192.0.2.1-192.0.2.9 }
in 100 allow tcp from $admins to port 22 "ssh"
in 110 allow any from ::/0 "policy of IPv6"' import nft ip.json

bad=
while IFS=';' read -r filter want path text; do
	edited "$filter" < ruleset.json
	ctl import nft edited.json
	[[ $RC == "$want" && -z $OUT && $ERR == *"edited.json: $path: "*"$text"* ]] || bad+=" [$filter: $RC $ERR]"
done <<-'END'
	.nftables[9].rule.expr[0] = {"masquerade": null};1;nftables[9].rule.expr[0].masquerade;masquerade
	.nftables[9].rule.expr[0].match.left = {"meta": {"key": "mark"}};1;nftables[9].rule.expr[0].match.left;mark
	.nftables[13].rule.expr[1].limit.inv = true;1;nftables[13].rule.expr[1].limit;over a limit
	.nftables[2].set.flags = ["timeout"];1;nftables[9].rule.expr[0].match.right;admins
	.nftables[4].chain.hook = "ingress";1;nftables[4].chain;ingress
	.nftables[4].chain.type = "nat" | .nftables[4].chain.policy = "accept";1;nftables[8].rule;nat
	.nftables[9].rule.expr[0].match.right = "@nothere";2;nftables[9].rule.expr[0].match.right;'nothere'
	.nftables[9].rule.expr[0].match.right = "10.0.0.999";2;nftables[9].rule.expr[0].match.right;address
	.nftables[9].rule.expr[1].match.right = 70000;2;nftables[9].rule.expr[1].match.right;port
	.nftables[9].rule.expr = {};2;nftables[9].rule.expr;array
	.nftables[9].rule.chain = "nothere";2;nftables[9].rule.chain;no such chain
	del(.nftables[9].rule.expr[0].match.op);2;nftables[9].rule.expr[0].match.op;missing
	.nftables[5] = 3;2;nftables[5];object
	{};2;document;nft -j list ruleset
END
is "what is wrong or cannot be said is named by its path" "$bad" ""

# --- nft as the target, and JSON ------------------------------------------------------------

bad=
if unshare -rn true 2> /dev/null; then
	# Not all clauses can stand in one set.
	grep -v no-state "$TOP/tools/examples/all-clauses.rules" > all.rules
	"$SFWCTL" import nft ruleset.json > nft.rules
	for f in "$TOP"/tools/examples/[!a]*.rules {acl,wide,all,nft}.rules; do
		"$SFWCTL" export nft -f "$f" > script.nft 2> err && unshare -rn nft -c -f script.nft 2>> err ||
			bad+=" [$f: $(< err)]"
	done
	is "export nft: nft takes what it makes" "$bad" ""
else
	ok "export nft: nft takes what it makes # SKIP no user namespaces"
fi
printf 'in 100 allow udp limit 9/s\nin 110 allow udp no-state\n' > one.rules
refused "export nft: what it cannot say is named" 1 "in 110" -- export nft -f one.rules
echo 'in 100 alow tcp' > one.rules
refused "export of a bad file: exit 2" 2 "one.rules:1:8: error" -- export nft -f one.rules
is "export json is what show -j prints" \
	"$("$SFWCTL" export json -f acl.rules | jq -c '[.mode, .default_in, (.rules | length), .rules[0].from]')" \
	'["stateless","deny",10,"198.51.100.0/24"]'
