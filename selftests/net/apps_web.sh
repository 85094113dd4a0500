#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The web through sfw, with rule sets on every host that takes part:
#
#	CLIENT curl -- SERVER nginx: files, reverse proxy, TCP balancer --
#	UPDATE nginx: two servers on two addresses
#
# Everything once with stateful and once with stateless sets, on IPv4 and on
# IPv6, and not one packet of it may be dropped.
. ./lib.sh
. ./apps_lib.sh
need nginx curl openssl /usr/bin/python3
/usr/bin/python3 -c 'import websockets' 2>/dev/null ||
	skip_all "python3-websockets is not installed"
[[ -e /usr/lib/nginx/modules/ngx_stream_module.so ]] ||
	skip_all "libnginx-mod-stream is not installed"

plan 42

topology pair
ip -n "$UPDATE" -batch - <<-END
	addr add 203.0.113.11/24 dev eth0
	addr add 2001:db8:203::11/64 dev eth0 nodad
END
certificate "$SERVER4" "$SERVER6"
mkdir "$TEST_DIR/www"
head -c 1000000 /dev/urandom >"$TEST_DIR/www/big"
echo hello >"$TEST_DIR/www/small"

web_server "$UPDATE" back <<-END
	http {
		access_log off;
		server {
			listen 203.0.113.10:8000;
			listen [2001:db8:203::10]:8000;
			location / { return 200 "one\n"; }
		}
		server {
			listen 203.0.113.11:8000;
			listen [2001:db8:203::11]:8000;
			location / { return 200 "two\n"; }
		}
	}
END
web_server "$SERVER" front <<-END
	http {
		access_log off;
		root $TEST_DIR/www;
		client_max_body_size 10m;
		client_body_temp_path $TEST_DIR/body;
		proxy_temp_path $TEST_DIR/proxy;
		upstream four {
			server 203.0.113.10:8000;
			server 203.0.113.11:8000;
		}
		upstream six {
			server [2001:db8:203::10]:8000;
			server [2001:db8:203::11]:8000;
		}
		upstream sockets { server 203.0.113.10:8765; }
		server {
			listen 80;
			listen [::]:80;
			listen 443 ssl http2;
			listen [::]:443 ssl http2;
			ssl_certificate $TEST_DIR/cert.pem;
			ssl_certificate_key $TEST_DIR/key.pem;
			location /four { proxy_pass http://four; }
			location /six { proxy_pass http://six; }
			location /ws {
				proxy_pass http://sockets;
				proxy_http_version 1.1;
				proxy_set_header Upgrade \$http_upgrade;
				proxy_set_header Connection upgrade;
			}
		}
	}
	stream {
		upstream four {
			server 203.0.113.10:8000;
			server 203.0.113.11:8000;
		}
		upstream six {
			server [2001:db8:203::10]:8000;
			server [2001:db8:203::11]:8000;
		}
		server { listen 9004; listen [::]:9004; proxy_pass four; }
		server { listen 9006; listen [::]:9006; proxy_pass six; }
	}
END
mkfifo "$TEST_DIR/ws"
exec {WS_IN}> >(exec /usr/bin/python3 ws.py >"$TEST_DIR/ws")
exec {WS_OUT}<"$TEST_DIR/ws"

ws() {
	echo "$*" >&"$WS_IN"
	IFS= read -rt 60 R <&"$WS_OUT" || bail "ws.py died at: $*"
}

ws serve "$UPDATE" 8765
[[ $R == ok ]] || bail "no WebSocket server: $R"

# fetch NAME WANT [CURL ARGUMENT...]: what curl prints, in one line
fetch() {
	local name=$1 want=$2
	shift 2
	R=$(ip netns exec "$CLIENT" curl -s -m 20 --cacert "$TEST_DIR/cert.pem" \
		"$@" 2>&1)
	is "$name" "${R//$'\n'/ }" "$want"
}

# Like fetch, for what two servers answer four times in turn.
fetch_turns() {
	local name=$1 one two
	shift
	R=$(ip netns exec "$CLIENT" curl -s -m 20 "$@" 2>&1)
	one=${R//[^o]/} two=${R//[^w]/}
	# "one" has one o and no w, "two" has one of each.
	is "$name" "$((${#one} - ${#two})) one, ${#two} two" "2 one, 2 two"
}

# The checks of one family under the sets that are loaded; eight of them.
web() {
	local what="$1 IPv$F:" host=$S words=(four six)
	local back=${words[F == 6]} url
	[[ $F == 6 ]] && host="[$S]"
	url=http://$host

	fetch "$what HTTP/1.1 keeps its connection for five requests" \
		"200 1.1 1 200 1.1 0 200 1.1 0 200 1.1 0 200 1.1 0" \
		-w '%{http_code} %{http_version} %{num_connects}\n' \
		-o /dev/null --http1.1 "$url/small" \
		-o /dev/null "$url/small" -o /dev/null "$url/big" \
		-o /dev/null "$url/small" -o /dev/null "$url/small"
	fetch "$what HTTP/2 over TLS, a megabyte and a word" \
		"200 2 1000000 200 2 6" \
		-w '%{http_code} %{http_version} %{size_download}\n' \
		--http2 "https://$host/big" -o "$TEST_DIR/got" \
		"https://$host/small" -o /dev/null
	cmp -s "$TEST_DIR/got" "$TEST_DIR/www/big"
	is "$what every byte of it is right" "$?" 0
	fetch "$what HTTP/1.1 over TLS" "200 1.1" \
		-w '%{http_code} %{http_version}' -o /dev/null \
		--http1.1 "https://$host/small"
	fetch_turns "$what a reverse proxy turns to two servers" \
		"$url/$back" "$url/$back" "$url/$back" "$url/$back"
	fetch "$what a megabyte up through the proxy" "200 1000000" \
		-w '%{http_code} %{size_upload}' -o /dev/null -H Expect: \
		--data-binary "@$TEST_DIR/www/big" "$url/$back"
	fetch_turns "$what a TCP balancer turns to two servers" --http1.0 \
		"$url:900$F" "$url:900$F" "$url:900$F" "$url:900$F"
	ws echo "$CLIENT" "ws://$host/ws"
	is "$what a WebSocket session through the proxy" "$R" ok
}

# Any dropped packet of the traffic since the sets were loaded is a failure.
nothing_dropped() {
	drops "$1: the client's set dropped nothing" "$CLIENT"
	drops "$1: the server's set dropped nothing" "$SERVER"
	drops "$1: the update server's set dropped nothing" "$UPDATE"
}

sfw "$CLIENT" <<-END
	default out deny
	out 100 allow tcp to port { 80, 443, 9004, 9006 }
END
sfw "$SERVER" <<-END
	default out deny
	in  100 allow tcp to port { 80, 443, 9004, 9006 }
	out 100 allow tcp to port { 8000, 8765 }
END
sfw "$UPDATE" <<-END
	default out deny
	set front = { $SERVER4, $SERVER6 }
	in 100 allow tcp from \$front to port { 8000, 8765 }
END
for family in 4 6; do
	family $family
	web stateful
done
nothing_dropped stateful
conns "$SERVER" dir out dport 8000
like "stateful: the server's table has what the proxy opened" "$R" \
	'*"rule":*"out:100"*'

sfw "$CLIENT" <<-END
	mode stateless
	default out deny
	set web = { 80, 443, 9004, 9006 }
	out 100 allow tcp to port \$web
	in  100 allow tcp from port \$web to port 32768-60999 return
END
sfw "$SERVER" <<-END
	mode stateless
	default out deny
	set web = { 80, 443, 9004, 9006 }
	set back = { 8000, 8765 }
	in  100 allow tcp to port \$web
	in  110 allow tcp from port \$back to port 32768-60999 return
	out 100 allow tcp to port \$back
	out 110 allow tcp from port \$web return
END
sfw "$UPDATE" <<-END
	mode stateless
	default out deny
	set back = { 8000, 8765 }
	in  100 allow tcp to port \$back
	out 100 allow tcp from port \$back return
END
for family in 4 6; do
	family $family
	web stateless
done
nothing_dropped stateless
conns "$SERVER" count
is "stateless: there is no connection table" "${R//[^0-9]/}" 0

exec {WS_IN}>&- {WS_OUT}<&-

# And the sets are what let it through.
sfw "$SERVER" <<-END
	default out reject
	in 100 allow tcp to port { 80, 443 }
END
family 4
fetch "a proxy that may not ask its servers says so at once" 502 \
	-w '%{http_code}' -o /dev/null "http://$S/four"
drops "because the request was dropped on the way out" "$SERVER" default 2
