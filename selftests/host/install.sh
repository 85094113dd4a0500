#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# make install and make uninstall: what they put where, and that nothing stays
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"
plan 19
cd "$TOP" || exit

read -r -d '' old new < <("$TOP"/selftests/vm/kernels.sh | tr '\n' ' '; printf '\0')
dest=$TMP/dest

# The flags of the test build, or else everything is compiled again.
mk() { make -s W=1e STRICT=1 KVER="$1" DESTDIR="$dest" "${@:2}"; }

# systemd-analyze looks for what units run, and for what they are ordered by.
verify() {
	local out root=$TMP/root
	command -v systemd-analyze > /dev/null || return 0
	mkdir -p "$root"/{usr/local/libexec/sfw,etc/systemd/system,usr/lib/systemd}
	cp "$dest"/usr/local/lib/systemd/system/* "$root/etc/systemd/system/"
	cp "$dest/usr/local/libexec/sfw/sfw-load" "$root/usr/local/libexec/sfw/"
	cp -a /lib/systemd/system "$root/usr/lib/systemd/"
	install -D /bin/sh "$root/bin/sh"
	ln -sfn usr/lib "$root/lib"
	out=$(systemd-analyze verify --man=no --root="$root" sfw.service sfw-fallback.service \
		sfw-metrics.service sfw-metrics.timer 2>&1 |
		grep -i sfw)
	[[ -z $out ]] || { echo "$out"; return 1; }
}

# Everything below a directory, with what it is.
tree() { (cd "$1" && find . -printf '%P %y\n' | sort); }

check "install for $old" mk "$old" install
check "the module is where modprobe looks" \
	test -s "$dest/lib/modules/$old/updates/sfw.ko"
is "it is the module for that kernel" \
	"$(modinfo -F vermagic "$dest/lib/modules/$old/updates/sfw.ko" | cut -d' ' -f1)" "$old"
check "sfwctl runs" "$dest/usr/local/bin/sfwctl" --version
is "examples are there" "$(ls "$dest/usr/local/share/doc/sfw/examples")" \
	"$(ls tools/examples)"
is "nothing lies outside the places named" \
	"$(cd "$dest" && find . -type f | grep -vE '^./(usr/local/(bin/sfwctl$|share/(doc/)?sfw/|share/man/man[578]/sfw|share/(bash-completion|zsh|fish)/.*sfwctl|libexec/sfw/sfw-load$|lib/systemd/system/sfw|lib/modules-load.d/sfw.conf$)|lib/modules/)')" ""
check "the man pages are there" test -s "$dest/usr/local/share/man/man8/sfwctl.8" -a \
	-s "$dest/usr/local/share/man/man7/sfw.7" -a -s "$dest/usr/local/share/man/man5/sfw.rules.5"
is "the unit runs what was installed" \
	"$(sed -n 's/^ExecStart=\([^ ]*\) start$/\1/p' "$dest/usr/local/lib/systemd/system/sfw.service")" \
	/usr/local/libexec/sfw/sfw-load
check "systemd has nothing to say about the units" verify
check "install again, over it" mk "$old" install
check "install for $new as well" mk "$new" install
check "uninstall for $old" mk "$old" uninstall
is "the other kernel's module stays" \
	"$(cd "$dest" && find . -name 'sfw.ko' -o -path '*/bin/sfwctl' | sort)" \
	"./lib/modules/$new/updates/sfw.ko"$'\n'"./usr/local/bin/sfwctl"
check "uninstall for $new" mk "$new" uninstall
is "nothing is left, not even a directory" "$(ls -A "$dest" 2>&1)" \
	"ls: cannot access '$dest': No such file or directory"

# What was there before stays, empty directories and a neighbour's file.
mkdir -p "$dest/opt/sfw/bin" "$dest/lib/modules/$new/updates"
echo mine > "$dest/opt/sfw/bin/other"
before=$(tree "$dest")
mk "$new" PREFIX=/opt/sfw install > /dev/null
check "PREFIX is respected" test -x "$dest/opt/sfw/bin/sfwctl"
mk "$new" PREFIX=/opt/sfw uninstall > /dev/null
is "what was there before is there after" "$(tree "$dest")" "$before"

out=$(mk "$new" PREFIX=/nowhere uninstall 2>&1)
is "uninstall of what was not installed fails" "$?" 2
[[ $out == *"was not installed with this PREFIX"* ]]
is "and says so" "$?" 0
