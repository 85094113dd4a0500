# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034
#
# Real applications in namespaces, for the tests that source this after
# lib.sh.
#
#	need PROGRAM...		skip the test if one is not installed
#	in_background NS COMMAND...	runs until the test ends; its process id
#				is $PID, its output in $TEST_DIR/PROGRAM.PID.log
#	listening PID tcp|udp PORT	true once that process's namespace has a
#				socket bound there; for wait_for
#	web_server NS NAME	starts nginx with the configuration on standard
#				input, less the parts that all have alike
#	certificate ADDRESS...	makes $TEST_DIR/cert.pem and key.pem

DAEMONS=()

need() {
	local program
	for program; do
		command -v "$program" >/dev/null ||
			skip_all "$program is not installed"
	done
}

in_background() {
	local ns=$1
	shift
	ip netns exec "$ns" "$@" </dev/null >"$TEST_DIR/$1.log" 2>&1 &
	PID=$!
	DAEMONS+=("$PID")
}

# Sockets as /proc tells them: no program to start.
listening() {
	local pid=$1 proto=$2 port sl local_address rest file
	printf -v port %04X "$3"
	for file in /proc/"$pid"/net/"$proto"{,6}; do
		while read -r sl local_address rest; do
			[[ $local_address == *:$port ]] && return
		done <"$file" 2>/dev/null
	done
	return 1
}

web_server() {
	local ns=$1 dir=$TEST_DIR/$2 modules=/usr/lib/nginx/modules
	mkdir -p "$dir"
	{
		[[ -e $modules/ngx_stream_module.so ]] &&
			echo "load_module $modules/ngx_stream_module.so;"
		cat <<-END
			user root;
			pid $dir/pid;
			error_log $dir/error.log;
			worker_processes 1;
			events { worker_connections 256; }
		END
		cat
	} >"$dir/conf"
	# Back when it listens: it binds its ports before it goes away.
	ip netns exec "$ns" nginx -c "$dir/conf" -e "$dir/error.log" \
		>"$dir/log" 2>&1 || bail "nginx $2: $(< "$dir/log")"
	DAEMONS+=("$(< "$dir/pid")")
}

certificate() {
	local names='' address
	for address; do
		names+=${names:+,}IP:$address
	done
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 \
		-nodes -days 30 -subj /CN=sfw -addext "subjectAltName=$names" \
		-keyout "$TEST_DIR/key.pem" -out "$TEST_DIR/cert.pem" \
		2>"$TEST_DIR/openssl.log" ||
		bail "no certificate: $(< "$TEST_DIR/openssl.log")"
}

at_exit() {
	((${#DAEMONS[@]})) && kill "${DAEMONS[@]}" 2>/dev/null
	return 0
}
