#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# make deb: three packages, clean, with everything in them that the units and
# the documents name. `make test-deb` installs them and boots with them.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"
plan 17

for need in dpkg-buildpackage dh dh_dkms lintian fakeroot; do
	command -v $need > /dev/null || skip_all "no $need"
done
version=$(sed -n 's/^PACKAGE_VERSION="\(.*\)"/\1/p' "$TOP/dkms.conf")
arch=$(dpkg --print-architecture)
# The symbols of debuggers take as long as all the rest.
export DEB_BUILD_OPTIONS=noautodbgsym
check "the packages can be built" "$TOP/tools/packaging/deb.sh" "$TMP/deb"
cd "$TMP/deb" || exit
is "there are three" "$(echo *.deb)" \
	"sfw-dkms_${version}_all.deb sfw_${version}_all.deb sfwctl_${version}_$arch.deb"
is "lintian has nothing to say" "$(lintian --allow-root --fail-on error,warning ./*.changes 2>&1)" ""
is "nor is anything overridden" "$(find "$TOP/tools/packaging/debian" -name '*overrides*')" ""

for name in sfw sfw-dkms sfwctl; do
	dpkg-deb -x "${name}_${version}"_*.deb "$TMP/$name"
	dpkg-deb -e "${name}_${version}"_*.deb "$TMP/$name.control"
	cp -a "$TMP/$name/." "$TMP/root/" 2> /dev/null || { mkdir -p "$TMP/root" && cp -a "$TMP/$name/." "$TMP/root/"; }
done
is "no file is in two packages" "$(cd "$TMP" && find sfw sfw-dkms sfwctl ! -type d | cut -d/ -f2- | sort | uniq -d)" ""
check "the command runs" "$TMP/root/usr/bin/sfwctl" --version
is "pages for it, for the rules and for the whole" "$(cd "$TMP/root/usr/share/man" && echo man*/*)" \
	"man5/sfw.rules.5.gz man7/sfw.7.gz man8/sfwctl.8.gz"
is "completion for three shells" "$(cd "$TMP/root/usr/share" && find bash-completion zsh fish -type f | wc -l)" 3
is "the units: the firewall, what it falls back on, figures for node_exporter" \
	"$(cd "$TMP/root/lib/systemd/system" && echo *)" \
	"sfw-fallback.service sfw-metrics.service sfw-metrics.timer sfw.service"
bad=
while read -r path; do
	[[ -e $TMP/root/$path ]] || bad+=" $path"
done < <(grep -hoE '/(usr|etc)/[a-z/._-]*[a-z]' "$TMP/root"/lib/systemd/system/*.service \
	"$TMP/root/usr/libexec/sfw/sfw-load" | grep -v /etc/sfw/emergency.rules | sort -u)
is "what the units run and read is in them" "$bad" ""
is "the rules of the administrator are one configuration file" "$(< "$TMP/sfw.control/conffiles")" /etc/sfw/sfw.rules
bad=
for file in "$TMP/root/etc/sfw/sfw.rules" "$TMP/root/usr/share/sfw/emergency.rules"; do
	"$TMP/root/usr/bin/sfwctl" check --strict "$file" > out 2>&1 || bad+=$(< out)
done
is "the rules that come with them pass check --strict" "$bad" ""
is "the module is loaded at boot" "$(< "$TMP/root/usr/lib/modules-load.d/sfw.conf")" sfw
is "an installation enables nothing, a removal stops nothing" \
	"$(grep -hE 'deb-systemd-invoke|systemctl.* (start|stop|restart)' "$TMP/sfw.control"/p* | grep -v daemon-reload)" ""
src=$TMP/root/usr/src/sfw-$version
is "dkms gets all that the module is made of" \
	"$(cd "$TOP" && find kmod Kbuild -name '*.[chS]' -o -name Kbuild | sort)" \
	"$(cd "$src" && find kmod Kbuild -name '*.[chS]' -o -name Kbuild | sort)"
is "and its configuration, for this version" \
	"$(sed -n 's/^PACKAGE_\(NAME\|VERSION\)=//p' "$src/dkms.conf" | tr -d '\n')" "\"sfw\"\"$version\""
is "sfw needs the other two, and nftables to fall back on" \
	"$(sed -n 's/^Depends: //p' "$TMP/sfw.control/control")" \
	"nftables, sfw-dkms (>= $version), sfwctl (>= $version)"
