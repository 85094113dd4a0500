#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A subnet as AWS has them: a network ACL, stateless, at the router before it,
# and a security group, stateful, at the instance in it, both imported from
# what AWS writes. The ACL has the mistake that everybody makes once: out of
# the subnet go answers to port 443 and not to the ports that clients have.

. ./lib.sh
plan 20

topology router
peer listen "$SERVER" tcp 443 80
peer listen "$CLIENT" tcp 443
SUBNET=eth1

cat >"$TEST_DIR/acl.json" <<-'END'
	{ "NetworkAcls": [ {
	    "NetworkAclId": "acl-0ea1f54ca7f5a1b2c", "VpcId": "vpc-1", "IsDefault": false,
	    "Associations": [ { "NetworkAclAssociationId": "aclassoc-1",
	        "NetworkAclId": "acl-0ea1f54ca7f5a1b2c", "SubnetId": "subnet-1" } ],
	    "Tags": [ { "Key": "Name", "Value": "front" } ],
	    "Entries": [
	        { "RuleNumber": 100, "Egress": true, "Protocol": "6", "RuleAction": "allow",
	          "CidrBlock": "0.0.0.0/0", "PortRange": { "From": 443, "To": 443 } },
	        { "RuleNumber": 32767, "Egress": true, "Protocol": "-1", "RuleAction": "deny",
	          "CidrBlock": "0.0.0.0/0" },
	        { "RuleNumber": 100, "Egress": false, "Protocol": "6", "RuleAction": "allow",
	          "CidrBlock": "0.0.0.0/0", "PortRange": { "From": 443, "To": 443 } },
	        { "RuleNumber": 110, "Egress": false, "Protocol": "6", "RuleAction": "allow",
	          "CidrBlock": "119.18.36.0/24", "PortRange": { "From": 80, "To": 80 } },
	        { "RuleNumber": 32767, "Egress": false, "Protocol": "-1", "RuleAction": "deny",
	          "CidrBlock": "0.0.0.0/0" }
	    ] } ] }
END
cat >"$TEST_DIR/sg.json" <<-'END'
	{ "SecurityGroups": [ {
	    "GroupId": "sg-903004f8", "GroupName": "web", "Description": "web servers",
	    "VpcId": "vpc-1", "OwnerId": "123456789012",
	    "IpPermissions": [
	        { "IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "UserIdGroupPairs": [],
	          "IpRanges": [ { "CidrIp": "0.0.0.0/0", "Description": "the world" } ],
	          "Ipv6Ranges": [], "PrefixListIds": [] }
	    ],
	    "IpPermissionsEgress": [
	        { "IpProtocol": "-1", "UserIdGroupPairs": [], "IpRanges": [ { "CidrIp": "0.0.0.0/0" } ],
	          "Ipv6Ranges": [], "PrefixListIds": [] }
	    ] } ] }
END

# sets $R to standard output, a failure is one of the test
made() {
	R=$("$SFWCTL" "$@" 2>&1) || bail "sfwctl $*: $R"
}

# --- both imported -------------------------------------------------------

made import aws-nacl --router $SUBNET "$TEST_DIR/acl.json"
echo "$R" >"$TEST_DIR/acl.rules"
has "the ACL is a stateless set of the router" "$R" "mode stateless" \
	"in 100 allow tcp from 0.0.0.0/0 to port 443 on !$SUBNET" \
	"in 10100 allow tcp to 0.0.0.0/0 port 443 on $SUBNET"
made import aws-sg "$TEST_DIR/sg.json"
echo "$R" >"$TEST_DIR/sg.rules"
has "the group is a stateful set of the instance" "$R" "mode stateful" \
	'in 100 allow tcp from 0.0.0.0/0 to port 443 "the world"'
sfw "$ROUTER" <"$TEST_DIR/acl.rules"
sfw "$SERVER" <"$TEST_DIR/sg.rules"

# --- the mistake ------------------------------------------------------------

reach timeout "no connection comes about" "$CLIENT" tcp "$SERVER4" 443
rule_packets "$ROUTER" in:100
like "though the ACL let the request in" "$R" [1-9]*
rule_packets "$SERVER" in:100
like "and the group did, too" "$R" [1-9]*
drops "the reply died at the router, by the last entry" "$ROUTER" default 1+
drops "and nothing at the instance, which is stateful" "$SERVER"
reach timeout "the instance cannot fetch from port 443 either: no entry for what comes back" \
	"$SERVER" tcp "$CLIENT4" 443

# --- found -------------------------------------------------------------------

# As the instance has it, in and out; so does AWS.
made import aws-nacl "$TEST_DIR/acl.json"
echo "$R" >"$TEST_DIR/instance.rules"
R=$("$SFWCTL" check "$TEST_DIR/instance.rules" 2>&1)
has "check finds it in the ACL: the entry, what drops the reply, the line to add" "$R" \
	"error: in 100: every connection times out: all replies are dropped [missing-return]" \
	"dropped by  out *, the default: deny" \
	"add         out 101 allow tcp from port 443 to 0.0.0.0/0 port 1024-65535 return"
LINE=$(sed -n '/in 100: every/,/add/s/^ *add *//p' <<<"$R")
{ cat "$TEST_DIR/instance.rules"; echo "$LINE"; } >"$TEST_DIR/narrow.rules"
R=$("$SFWCTL" check "$TEST_DIR/narrow.rules" 2>&1)
is "with that line the finding is gone" "$(grep -c 'in 100: every' <<<"$R")" 0

# --- explained ---------------------------------------------------------------

PACKET="in tcp $CLIENT4:51514 > $SERVER4:443 on eth0"
explain() {
	R=$("$SFWCTL" explain "$PACKET" -f "$1" --forwarded=$SUBNET 2>&1)
	STATUS=$?
}
explain "$TEST_DIR/acl.rules"
is "explain says that it does not work" $STATUS 1
has "names the entry that misses the reply, and why" "$R" \
	"in 10100 allow tcp to 0.0.0.0/0 port 443 on $SUBNET" \
	"port 51514 is not 443" "times out, the reply is dropped"
ADD=$(sed -n 's/^add *//p' <<<"$R")
like "and the line to add" "$ADD" "in 101[0-9][0-9] allow tcp from *port 443 to *port 1024-65535*return"

# --- repaired -------------------------------------------------------------------

{ cat "$TEST_DIR/acl.rules"; echo "$ADD"; } >"$TEST_DIR/fixed.rules"
explain "$TEST_DIR/fixed.rules"
is "with it, explain says that it works" $STATUS 0
sfw "$ROUTER" <"$TEST_DIR/fixed.rules"
moved "$SERVER"
reach ok "and so it does" "$CLIENT" tcp "$SERVER4" 443
drops "with nothing dropped at the router" "$ROUTER"
# An ACL looks at no source port, so that of AWS has to be a little wider.
R=$("$SFWCTL" export aws-nacl -f "$TEST_DIR/narrow.rules" 2>&1)
has "the line that check found is too narrow for an ACL" "$R" \
	"out 101: a network ACL looks at no source port"
sed 's/^out 101 allow tcp from port 443/out 101 allow tcp/' "$TEST_DIR/narrow.rules" |
	"$SFWCTL" export aws-nacl -f - >"$TEST_DIR/fixed.json"
made import aws-nacl --router $SUBNET "$TEST_DIR/fixed.json"
sfw "$ROUTER" <<<"$R"
moved "$SERVER"
reach ok "without the source port, as an ACL, it works as well" \
	"$CLIENT" tcp "$SERVER4" 443
reach timeout "what the group does not allow stays closed, though the ACL lets it in" \
	"$CLIENT" tcp "$SERVER4" 80
drops "by the group" "$SERVER" default 1+
