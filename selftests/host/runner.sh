#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# selftests/run is not fooled: what VMs have printed, and worse, is judged
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"
plan 20

# judged NAME TOTALS STATUS: the output on standard input ends with the line
# TOTALS and the exit status
judged() {
	local out status
	cat > "$TMP/vm"
	out=$("$TOP/selftests/run" --judge "$TMP/vm" 2>&1)
	status=$?
	if [[ ${out##*$'\n'} == "$2" && $status == "$3" ]]; then
		ok "$1"
	else
		not_ok "$1" "wanted '$2', exit $3; got exit $status:"$'\n'"$out"
	fi
}

# A VM's output around what one test printed; $1 is how kselftest's runner
# saw it end.
around() {
	local line
	printf '%s\n' "#: kselftest" "TAP version 13" "1..1" \
		"# overriding timeout to 240" "# selftests: /x/net: a.sh"
	while IFS= read -r line; do
		echo "# $line"
	done
	printf '%s\n' "$1" "#: kernel" "TAP version 13" "1..1" "ok 1 - clean" "#: end"
}
well="ok 1 selftests: /x/net: a.sh"
badly="not ok 1 selftests: /x/net: a.sh # exit=1"
late="not ok 1 selftests: /x/net: a.sh # TIMEOUT 240 seconds"
skipped="ok 1 selftests: /x/net: a.sh # SKIP"

judged "two good results" "3 passed, 0 failed" 0 < <(around "$well" <<-END
	TAP version 13
	1..2
	ok 1 - one
	# a remark
	ok 2 - two
END
)
judged "the plan may stand at the end" "3 passed, 0 failed" 0 < <(around "$well" <<-END
	ok 1 - one
	ok 2 - two
	1..2
END
)
judged "a bad result" "2 passed, 1 failed" 1 < <(around "$badly" <<-END
	1..2
	ok 1 - one
	not ok 2 - two
END
)
judged "a bad result of a program that ends with 0" "2 passed, 1 failed" 1 < <(around "$well" <<-END
	1..2
	ok 1 - one
	not ok 2 - two
END
)
judged "good results of a program that does not" "2 passed, 1 failed" 1 < <(around "$badly" <<-END
	1..1
	ok 1 - one
END
)
judged "no plan" "2 passed, 1 failed" 1 < <(around "$well" <<-END
	ok 1 - one
END
)
judged "fewer results than planned" "2 passed, 1 failed" 1 < <(around "$well" <<-END
	1..2
	ok 1 - one
END
)
judged "more results than planned" "3 passed, 1 failed" 1 < <(around "$well" <<-END
	1..1
	ok 1 - one
	ok 2 - two
END
)
judged "no word" "1 passed, 1 failed" 1 < <(around "$well" < /dev/null)
judged "a plan of nothing" "1 passed, 1 failed" 1 < <(around "$well" <<-END
	1..0
END
)
judged "a test that does not apply" "1 passed, 0 failed, 1 skipped" 0 < <(around "$skipped" <<-END
	1..0 # SKIP no such thing here
END
)
judged "nor ends well" "1 passed, 1 failed, 1 skipped" 1 < <(around "$badly" <<-END
	1..0 # SKIP no such thing here
END
)
judged "a result that does not apply" "2 passed, 0 failed, 1 skipped" 0 < <(around "$well" <<-END
	1..2
	ok 1 - one
	ok 2 - two # SKIP no such thing here
END
)
judged "bad is bad, whatever its reason" "1 passed, 1 failed" 1 < <(around "$well" <<-END
	1..1
	not ok 1 - one # TODO some day
END
)
judged "bails out" "2 passed, 1 failed" 1 < <(around "$badly" <<-END
	1..3
	ok 1 - one
	Bail out! no network
END
)
judged "too late" "2 passed, 1 failed" 1 < <(around "$late" <<-END
	1..1
	ok 1 - one
END
)
judged "the last line lacks its end" "2 passed, 0 failed" 0 < <(
	around "# ok 1 - one$well" <<-END
		1..1
	END
)
judged "the VM dies in a test" "1 passed, 3 failed" 1 < <(around "$well" <<-END | head -n 7
	1..2
	ok 1 - one
END
)
judged "a test is never run" "2 passed, 1 failed" 1 < <(around "$well" <<-END | sed '3s/1$/2/'
	1..1
	ok 1 - one
END
)
judged "the VM never starts" "0 passed, 1 failed" 1 < /dev/null
