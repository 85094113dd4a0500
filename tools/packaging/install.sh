#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# install.sh install|uninstall - what `make install` and `make uninstall` do
#
# Run by the Makefile with DESTDIR, PREFIX and KVER in the environment and the
# top of the source as directory. Installs
#
#	PREFIX/bin/sfwctl
#	PREFIX/share/man/		sfwctl(8), sfw(7), sfw.rules(5)
#	PREFIX/share/bash-completion/, zsh/, fish/
#	PREFIX/share/doc/sfw/		README, licence, examples
#	PREFIX/share/sfw/emergency.rules
#	PREFIX/libexec/sfw/sfw-load	and what it is run by:
#	PREFIX/lib/systemd/system/	sfw.service, sfw-fallback.service
#	PREFIX/lib/modules-load.d/sfw.conf
#	/lib/modules/KVER/updates/sfw.ko
#
# all below DESTDIR. What was made, directories too, is written to
# PREFIX/share/doc/sfw/installed, so that uninstall removes exactly that: a
# directory that was there before stays, empty or not.
#
# uninstall removes the module for KVER; if sfw was installed for several
# kernels, the rest goes with the last of them.
set -eu
export LC_ALL=C
die() { echo "install.sh: $*" >&2; exit 1; }

# Absolute, and empty for the running system.
DESTDIR=${DESTDIR:+$(realpath -m "$DESTDIR")}
[ "$DESTDIR" != / ] || DESTDIR=
: "${PREFIX:?}" "${KVER:?}"

prefix=$DESTDIR$PREFIX
doc=$prefix/share/doc/sfw
record=$doc/installed
module=$DESTDIR/lib/modules/$KVER/updates/sfw.ko

# Paths are recorded without DESTDIR: a package is unpacked elsewhere.
note() { echo "${1#"$DESTDIR"}" >> "$notes"; }

make_dir() {
	[ ! -d "$1" ] || return 0
	[ "$1" = "$DESTDIR" ] || make_dir "$(dirname "$1")"
	mkdir -p "$1"
	note "$1"
}

put() { # MODE FILE TO
	make_dir "$(dirname "$3")"
	install -m "$1" "$2" "$3"
	note "$3"
	echo "  INSTALL $3"
}

# Into a file that names others by their place in /usr.
put_for_prefix() { # MODE FILE TO
	sed "s|/usr/|$PREFIX/|g" "$2" > "$notes.put"
	put "$1" "$notes.put" "$3"
	rm -f "$notes.put"
}

refresh() {
	[ -z "$DESTDIR" ] || return 0
	[ ! -d "/lib/modules/$KVER" ] || PATH=$PATH:/usr/sbin:/sbin depmod "$KVER"
}

do_install() {
	built=build/$KVER/sfw.ko
	[ -e "$built" ] || die "no $built: run make module KVER=$KVER first"
	[ -e build/man/sfwctl.8 ] || die "no man pages: run make man first"
	[ -e build/sfwctl ] || die "no build/sfwctl: run make tools first"
	notes=$(mktemp)
	trap 'rm -f "$notes"' EXIT

	put 644 "$built" "$module"
	strip --strip-debug "$module"
	put 755 build/sfwctl "$prefix/bin/sfwctl"
	for page in build/man/*.[578]; do
		put 644 "$page" "$prefix/share/man/man${page##*.}/${page##*/}"
	done
	put 644 tools/completion/sfwctl.bash "$prefix/share/bash-completion/completions/sfwctl"
	put 644 tools/completion/_sfwctl "$prefix/share/zsh/site-functions/_sfwctl"
	put 644 tools/completion/sfwctl.fish "$prefix/share/fish/vendor_completions.d/sfwctl.fish"
	put_for_prefix 755 tools/systemd/sfw-load "$prefix/libexec/sfw/sfw-load"
	put 644 tools/systemd/emergency.rules "$prefix/share/sfw/emergency.rules"
	for unit in tools/systemd/*.service tools/systemd/*.timer; do
		put_for_prefix 644 "$unit" "$prefix/lib/systemd/system/${unit##*/}"
	done
	put 644 tools/systemd/modules-load.d/sfw.conf "$prefix/lib/modules-load.d/sfw.conf"
	put 644 COPYING "$doc/COPYING"
	[ ! -e README.md ] || put 644 README.md "$doc/README.md"
	for file in tools/examples/*; do
		[ ! -f "$file" ] || put 644 "$file" "$doc/examples/${file##*/}"
	done
	note "$record"
	# Once each, what an earlier install made included.
	touch "$record"
	cat "$record" "$notes" | sort -u > "$notes.all"
	install -m 644 "$notes.all" "$record"
	rm -f "$notes.all"
	refresh
}

do_uninstall() {
	[ -e "$record" ] || die "no $record: sfw was not installed with this PREFIX and DESTDIR"
	list=$(mktemp)
	trap 'rm -f "$list"' EXIT
	if grep -v -F -x "${module#"$DESTDIR"}" "$record" |
			grep -q '/updates/sfw\.ko$'; then
		# Others remain: this kernel's directories and module only.
		awk -F/ -v kver="$KVER" '$3 == "modules" && $4 == kver' \
			"$record" > "$list"
		[ -s "$list" ] || die "sfw was not installed for $KVER"
	else
		cp "$record" "$list"
	fi
	# The longest path first: files before their directory.
	sort -r "$list" | while read -r path; do
		if [ -d "$DESTDIR$path" ]; then
			rmdir "$DESTDIR$path" 2>/dev/null || continue
		else
			rm -f "$DESTDIR$path"
		fi
		echo "  REMOVE  $DESTDIR$path"
	done
	if [ -e "$record" ]; then
		left=$(grep -v -F -x -f "$list" "$record")
		echo "$left" > "$record"
	fi
	refresh
}

case ${1:-} in
install) do_install ;;
uninstall) do_uninstall ;;
*) die "install or uninstall?" ;;
esac
