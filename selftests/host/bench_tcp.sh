#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# make bench-tcp works, and notices a tcp.c that is fast because it is wrong
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"
plan 10
USER_DIR=$TOP/selftests/bench/user

# built NAME [SED]: the program, on a tcp.c that sed has changed
built() {
	sed "${2:-}" "$TOP/kmod/tcp.c" > "$TMP/$1.c"
	[[ -z ${2:-} ]] || ! cmp -s "$TMP/$1.c" "$TOP/kmod/tcp.c" ||
		{ echo "nothing was changed"; return 1; }
	make -s -C "$USER_DIR" -f tcp.mk program BUILD="$TMP/$1" TCP_C="$TMP/$1.c"
}

# timed NAME: a quick run; sets $out and $status
timed() {
	out=$("$USER_DIR/tcp.py" --program "$TMP/$1/tcp" --quick --out "$TMP/$1.json" 2>&1)
	status=$?
}

check "the program is built" built good
timed good
is "a quick run ends well" "$status" 0
check "each case has its line" awk '
	/^(data|sack|ack|beyond|stale|blind|reset)-(out|in)\/(1|1000|100000) |^open\+close\// { n++ }
	END { exit n != 45 }' <<< "$out"
check "minimum and median of none, touch and sfw" \
	grep -qE '^data-out/1 ( +[0-9.]+ / [0-9.]+ ±[0-9.]+%){3}$' <<< "$out"
check "make bench-compare can read the results" \
	"$TOP/selftests/bench/compare" "$TMP/good.json" "$TMP/good.json"

check "a tcp.c that lets everything pass is built" \
	built loose 's/return SFW_TCP_BAD_WINDOW/return SFW_TCP_PASS/'
timed loose
is "it does not get away with it: exit" "$status" 1
check "what it let pass is told" \
	grep -qE 'FAILED: stale-in/1000 sfw: round 1: pass is 100000, not 0' <<< "$out"

check "one that forgets where the data ended is built" \
	built lazy 's/s->end = later(s->end, end);/s->end = later(s->end, end - t->payload);/
		s/sfw_tcp_run(tcp, dir, t->seq, t->ack, t->payload,/sfw_tcp_run(tcp, dir, t->seq, t->ack, 0,/'
timed lazy
check "what it did not learn is told" \
	grep -qE 'FAILED: data-out/1 sfw: round 1: .*wrong is 1, not 0' <<< "$out"
