# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# The examples of the documents, for the tests that run them: with the module
# in docs.sh, without it in ../host/docs.sh.
#
#	docs_extract TOP SFWCTL DIR	files with the examples into DIR, see
#					docs.py
#	docs_files TOP SFWCTL DIR BIN	into DIR the files that they name, into
#					BIN programs that are not here: aws,
#					and docker, whose container has $MEMBER
#					as a process
#	docs_rules SFWCTL DIR		three checks: the rules of each document
#					can be read

docs_extract() {
	python3 "$1/selftests/net/docs.py" "$3" "$2" "$1/README.md" \
		"$1/tools/man/sfwctl.8.in" "$1/tools/man/sfw.7" \
		"$1/tools/man/sfw.rules.5"
}

docs_files() {
	local top=$1 sfwctl=$2 dir=$3 bin=$4 name
	cat >"$dir/acl.json" <<-'END'
		{"NetworkAcls":[{"NetworkAclId":"acl-0a1b","Entries":[
		{"Egress":false,"RuleNumber":100,"RuleAction":"allow","Protocol":"6","CidrBlock":"0.0.0.0/0","PortRange":{"From":443,"To":443}},
		{"Egress":false,"RuleNumber":32767,"RuleAction":"deny","Protocol":"-1","CidrBlock":"0.0.0.0/0"},
		{"Egress":true,"RuleNumber":100,"RuleAction":"allow","Protocol":"-1","CidrBlock":"0.0.0.0/0"},
		{"Egress":true,"RuleNumber":32767,"RuleAction":"deny","Protocol":"-1","CidrBlock":"0.0.0.0/0"}]}]}
	END
	cat >"$dir/groups.json" <<-'END'
		{"SecurityGroups":[{"GroupId":"sg-1","IpPermissions":[{"IpProtocol":"tcp","FromPort":443,"ToPort":443,"IpRanges":[],"UserIdGroupPairs":[{"GroupId":"sg-2"}]}],"IpPermissionsEgress":[{"IpProtocol":"-1","IpRanges":[{"CidrIp":"0.0.0.0/0"}]}]}]}
	END
	cat >"$dir/rules.json" <<-'END'
		{"SecurityGroupRules":[{"SecurityGroupRuleId":"sgr-1","GroupId":"sg-1","IsEgress":false,"IpProtocol":"tcp","FromPort":443,"ToPort":443,"PrefixListId":"pl-1"}]}
	END
	cat >"$dir/saved" <<-'END'
		*filter
		:INPUT DROP [0:0]
		:FORWARD DROP [0:0]
		:OUTPUT ACCEPT [0:0]
		-A INPUT -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT
		-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT
		COMMIT
	END
	cp "$dir/saved" "$dir/router.v4"
	# With what other examples speak of: a set, a rule 120.
	cat >"$dir/web.rules" <<-'END'
		sfw 1
		default out allow
		set admins = { 10.0.0.0/8 }
		in 120 allow tcp to port 80
		in 130 allow udp to port 53
		out 100 allow tcp to port 443
	END
	printf 'mode stateless\nin 100 allow tcp to port 443\n' >"$dir/nacl.rules"
	for name in new old sfw next; do
		cp "$dir/web.rules" "$dir/$name.rules"
	done
	"$sfwctl" import aws-nacl "$dir/acl.json" >"$dir/subnet.rules" &&
		"$sfwctl" import aws-nacl "$dir/acl.json" --router eth1 \
			>"$dir/router.rules" || return
	ln -s "$top/tools" "$dir/tools"
	ln -s "$sfwctl" "$bin/sfwctl"
	printf '#!/bin/sh\ncat acl.json\n' >"$bin/aws"
	# shellcheck disable=SC2016 # for the script
	printf '#!/bin/sh\necho $MEMBER\n' >"$bin/docker"
	chmod +x "$bin/aws" "$bin/docker"
}

rules_of() { # SFWCTL DIR NAME SOURCE LEAST
	local sfwctl=$1 dir=$2 name=$3 source=$4 least=$5
	local n=0 file text status bad=''

	for file in "$dir/$source".*.rules; do
		[[ -e $file ]] || break
		n=$((n + 1))
		# Read, not analysed: a part of a set need not make sense by
		# itself.
		text=$("$sfwctl" export json -f "$file" 2>&1 >/dev/null)
		status=$?
		[[ $status == 0 && ! $text ]] || bad+="$file: $text"
	done
	((n >= least)) || bad+="only $n blocks of rules were found"
	is "$name" "$bad" ""
}

docs_rules() {
	rules_of "$1" "$2" "the rules in README" README 2
	rules_of "$1" "$2" "those in sfw(7)" sfw.7 3
	rules_of "$1" "$2" "those in sfw.rules(5)" sfw.rules.5 2
}
