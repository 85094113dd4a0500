#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# deb-root.sh - the Debian packages in a Debian 12 of their own: installed,
# upgraded, removed and purged, and booted with systemd; `make test-deb`
#
# The root is made once with debootstrap (package debootstrap; some minutes and
# 2 GB) and kept in build/deb-root; each run works on an overlay of it, and the
# VMs on an overlay of that. An emulated boot with systemd takes a minute.
#
# MIRROR and SECURITY name other mirrors than deb.debian.org.
set -u
here=$(dirname "$(readlink -f "$0")")
top=$(readlink -f "$here/..")
base=$top/build/deb-root
packages="dkms linux-headers-6.12-amd64 linux-image-6.12-amd64 systemd systemd-sysv
	udev dbus nftables libmnl0 libjansson4 libncursesw6 iproute2 kmod iputils-ping"
mirror=${MIRROR:-http://deb.debian.org/debian}
security=${SECURITY:-http://deb.debian.org/debian-security}

die() { echo "deb-root.sh: $*" >&2; exit 1; }

make_base() {
	command -v debootstrap > /dev/null || die "no debootstrap: apt-get install debootstrap"
	rm -rf "$base"
	mkdir -p "$base"
	debootstrap --variant=minbase --include=ca-certificates bookworm "$base" "$mirror" || return
	printf 'deb %s bookworm main\ndeb %s bookworm-updates main\ndeb %s bookworm-security main\n' \
		"$mirror" "$mirror" "$security" > "$base/etc/apt/sources.list"
	for file in /etc/resolv.conf /etc/apt/apt.conf.d/*proxy*; do
		[[ ! -f $file ]] || cp -L "$file" "$base$file"
	done
	# Nothing is started in a chroot.
	printf '#!/bin/sh\nexit 101\n' > "$base/usr/sbin/policy-rc.d"
	chmod +x "$base/usr/sbin/policy-rc.d"
	chroot "$base" apt-get -q update || return
}

# Again if the list has changed.
fill_base() {
	# shellcheck disable=SC2086 # a list
	DEBIAN_FRONTEND=noninteractive chroot "$base" \
		apt-get -q install -y --no-install-recommends $packages || return
	echo "$packages" > "$base/.ready"
}

# In a mount namespace of its own: the mounts end with it.
if [[ ${1:-} != --inside ]]; then
	[[ $(id -u) == 0 ]] || die "chroot needs root"
	[[ -e $base/.ready ]] || make_base >&2 || die "no root"
	[[ -e $base/.ready && $(< "$base/.ready") == "$packages" ]] || fill_base >&2 ||
		die "the packages could not be installed there"
	exec unshare --mount --propagation private "$here/deb-root.sh" --inside
fi

# shellcheck source-path=SCRIPTDIR
. "$here/host/lib.sh"
plan 47
root=/mnt/root
mount -t tmpfs tmpfs /mnt
mkdir /mnt/upper /mnt/work $root "$TMP/vm"
mount -t overlay overlay -o "lowerdir=$base,upperdir=/mnt/upper,workdir=/mnt/work" $root
mount -t proc proc $root/proc
mount --bind /dev $root/dev

version=$(sed -n 's/^PACKAGE_VERSION="\(.*\)"/\1/p' "$top/dkms.conf")
next=$version.1
build() { # VERSION: packages of it, in $root/debs-VERSION
	mkdir "$TMP/src" && cp -a "$top"/{COPYING,Kbuild,Makefile,README.md,dkms.conf,kmod,tools} "$TMP/src/" &&
		sed -i "s/^PACKAGE_VERSION=.*/PACKAGE_VERSION=\"$1\"/" "$TMP/src/dkms.conf" &&
		"$TMP/src/tools/packaging/deb.sh" "$TMP/debs" &&
		mkdir "$root/debs-$1" && cp "$TMP/debs"/*[!m]_*.deb "$root/debs-$1/"
	local status=$?
	rm -rf "$TMP/src" "$TMP/debs"
	return $status
}
apt() { # ARGS
	DEBIAN_FRONTEND=noninteractive chroot $root apt-get -q -y --no-install-recommends \
		-o Dpkg::Options::=--force-confold "$@"
}
debs() { (cd $root && printf '/%s ' "debs-$1"/sfw{,ctl,-dkms}_*.deb); }
module() { (cd $root/lib/modules && find . -name 'sfw.ko*'); }
# All that is there, but what every installation of packages changes.
files() {
	(cd $root && find . -path ./proc -prune -o -path ./dev -prune -o -path './debs-*' -prune -o \
		-path ./var/lib/dpkg -prune -o -path ./var/log -prune -o -path ./var/cache -prune -o \
		-path ./var/lib/apt -prune -o -path ./tmp -prune -o -path ./var/lib/dkms -prune -o \
		-path ./boot -prune -o \
		-name 'modules.*' -o -name '*.pyc' -o -name __pycache__ -o -print | sort)
}

check "packages of this version" build "$version"
check "packages of the next" build "$next"
before=$(files)

# --- install ----------------------------------------------------------------------------

# shellcheck disable=SC2046 # a list
check "they install" apt install $(debs "$version")
is "dkms has built the module" "$(module | wc -l)" 1
is "for the kernel with headers" "$(module | cut -d/ -f2)" "$(cd $root/lib/modules && echo *)"
check "sfwctl runs" chroot $root sfwctl check --strict /etc/sfw/sfw.rules
is "the unit is there, and not enabled" \
	"$(chroot $root systemctl is-enabled sfw.service)" disabled
check "it can be enabled" chroot $root systemctl enable sfw.service
is "doctor knows that it is" "$(chroot $root sfwctl -j doctor | grep -c unit-not-enabled)" 0

# --- upgrade ----------------------------------------------------------------------------

echo "in 999 allow tcp to port 999" > $root/etc/sfw/rules.d/mine.rules
echo "# mine" >> $root/etc/sfw/sfw.rules
# shellcheck disable=SC2046 # a list
check "they are upgraded" apt install $(debs "$next")
is "what the administrator wrote stays" "$(tail -n 1 $root/etc/sfw/sfw.rules) $(ls $root/etc/sfw/rules.d)" "# mine mine.rules"
is "the unit is still enabled" "$(chroot $root systemctl is-enabled sfw.service)" enabled
is "the module is the new one, alone" "$(module | wc -l) $(cd $root/usr/src && echo sfw-*)" "1 sfw-$next"
is "and says so" "$(modinfo -F version "$root/lib/modules/$(module)")" "$next"
is "so does sfwctl" "$(chroot $root sfwctl --version | cut -d, -f1)" "sfwctl $next"

# --- boot ---------------------------------------------------------------------------------

kver=$(module | cut -d/ -f2)
# The guest's network is systemd-networkd's; it starts when the network may.
cat > $root/etc/systemd/network/test.netdev <<-'END'
	[NetDev]
	Name=test0
	Kind=dummy
END
cat > $root/etc/systemd/network/test.network <<-'END'
	[Match]
	Name=test0
	[Network]
	Address=192.0.2.1/24
END
cat > $root/etc/systemd/system/vm-test.service <<-'END'
	[Unit]
	After=multi-user.target
	[Service]
	Type=oneshot
	ExecStart=/bin/bash /run/vm/stage2.sh
	[Install]
	WantedBy=default.target
END
chroot $root systemctl -q enable vm-test.service systemd-networkd.service
chroot $root systemctl -q set-default multi-user.target
echo 'Storage=volatile' >> $root/etc/systemd/journald.conf
umount $root/proc $root/dev

# boots COMMAND...: its output, one line each, in $OUT
boots() {
	OUT=$(VM_ROOT=$root VM_APPEND="vm.root=$root vm.init=/lib/systemd/systemd systemd.show_status=0 fsck.mode=skip" \
		"$here/vm/boot.sh" -d "$TMP/vm" -t "${SFW_VM_SECONDS:-900}" "$kver" "$1" 2> "$TMP/vm.err")
	STATUS=$?
	((STATUS == 0)) || { cat "$TMP/vm.err"; echo "$OUT"; } | sed 's/^/# /'
}
line() { sed -n "s/^$1: //p" <<< "$OUT"; }

# shellcheck disable=SC2016 # for the guest
common='
state() { systemctl show -P "$2" "$1"; }
# Microseconds since the kernel started.
at() { state "$1" ActiveEnterTimestampMonotonic; }
networkctl up test0 2>/dev/null
for i in 1 2 3 4 5 6 7 8 9 10; do ip -br addr show test0 | grep -q 192.0.2.1 && break; sleep 1; done
echo "interface: $(ip -br addr show test0 | grep -c 192.0.2.1)"
echo "result: $(state sfw.service ActiveState) $(state sfw.service Result)"
echo "fallback: $(state sfw-fallback.service Result) $(state sfw-fallback.service ExecMainExitTimestampMonotonic)"
echo "network-pre: $(at network-pre.target)"
echo "networkd: $(state systemd-networkd.service ExecMainStartTimestampMonotonic)"
echo "sfw-end: $(state sfw.service ExecMainExitTimestampMonotonic)"
echo "rules: $(sfwctl show 2>&1 | grep -c "^in ")"
echo "nft: $(nft list tables | tr "\n" ,)"
echo "journal: $(journalctl -b -o cat -p crit -t sfw-load | head -n 1)"
'
# shellcheck disable=SC2016 # likewise
good='
echo "system: $(systemctl list-units --failed --plain --no-legend | cut -d" " -f1 | tr "\n" " ")"
echo "doctor: $(sfwctl -j doctor | tr "\n" " ")"
sfwctl doctor > /dev/null; echo "doctor-exit: $?"
systemctl stop sfw; echo "stopped: $(sfwctl show | grep -c "^in ")"
systemctl start sfw; echo "started: $(sfwctl show | grep -c "^in ")"
echo "in 998 allow tcp to port 998" > /etc/sfw/rules.d/more.rules
systemctl reload sfw; echo "reloaded: $? $(sfwctl show | grep -c "^in ")"
echo "in 998 alow tcp" > /etc/sfw/rules.d/more.rules
systemctl reload sfw; echo "bad-reload: $? $(sfwctl show | grep -c "^in ") $(systemctl is-active sfw)"
systemctl restart sfw; echo "bad-restart: $? $(sfwctl show | grep -c "^in ") $(systemctl is-active sfw)"
cp /var/lib/sfw/last-good.rules /run/vm/
ping -c 1 -W 5 192.0.2.1 > /dev/null; echo "ping: $?"
# As node_exporter has it. The unit has few rights; one too few, and it fails.
dir=/var/lib/prometheus/node-exporter
mkdir -p $dir
systemctl start sfw-metrics.service
echo "metrics: $? $(state sfw-metrics.service Result) $(ls $dir | tr "\n" " ")"
echo "figures: $(stat -c %a $dir/sfw.prom) $(grep -c "^sfw_info{.*mode=.stateful.*} 1$" $dir/sfw.prom)"
rm -r /var/lib/prometheus
'
boots "$common$good"
is "boots with the rules" "$STATUS" 0
is "the unit is active" "$(line result)" "active success"
is "its rules are in force" "$(line rules)" 6
is "the interface is up" "$(line interface)" 1
is "the rules were in force before the network might start" \
	"$(($(line sfw-end) > 0 && $(line sfw-end) <= $(line network-pre)))" 1
is "which was before it did" "$(($(line network-pre) <= $(line networkd)))" 1
is "nothing fell back" "$(line nft)" ""
is "no unit has failed" "$(line system)" ""
is "doctor finds nothing" "$(line doctor-exit) $(line doctor | grep -oE '"severity":"(warning|error)","message":"[^"]*"')" "0 "
is "stopping does not open the host" "$(line stopped)" 6
is "nor does starting again" "$(line started)" 6
is "reload is apply" "$(line reloaded)" "0 7"
is "the figures for Prometheus are written, whatever the unit may not" \
	"$(line metrics)" "0 success sfw.prom "
is "for everybody to read, with what runs" "$(line figures)" "644 1"
is "a bad file: reload fails, and the set stays" "$(line bad-reload)" "1 7 active"
is "restart fails as well, loudly, and the set stays" "$(line bad-restart)" "1 7 failed"

mkdir -p $root/var/lib/sfw
cp "$TMP/vm/last-good.rules" $root/var/lib/sfw/
echo "in 998 alow tcp" > $root/etc/sfw/rules.d/more.rules
boots "$common"
is "boots with a bad file" "$STATUS" 0
is "the unit has failed" "$(line result)" "failed exit-code"
is "the last good set is in force" "$(line rules)" 7
is "before the network" "$(($(line sfw-end) > 0 && $(line sfw-end) <= $(line network-pre)))" 1
is "nftables has nothing" "$(line nft)" ""
is "the journal has it as critical" "$(line journal | grep -c 'CANNOT BE LOADED, .*last-good.rules is in force')" 1

rm $root/etc/sfw/rules.d/more.rules
mkdir $root/away
ko=$root/lib/modules/$(module)
mv "$ko" $root/away/
boots "$common"
is "boots in a kernel without the module" "$STATUS" 0
is "the unit has failed" "$(line result)" "failed exit-code"
is "the rules are in force through nftables" "$(line nft | grep -c 'table inet sfw')" 1
is "before the network" "$(read -r _ t < <(line fallback); ((t > 0 && t <= $(line network-pre))) && echo yes)" yes
is "the journal says so" "$(line journal | grep -c 'module cannot be loaded\|SFW IS NOT RUNNING')" 1
mv $root/away/* "$ko"
rmdir $root/away

# --- remove and purge -----------------------------------------------------------------------

mount -t proc proc $root/proc
mount --bind /dev $root/dev
chroot $root systemctl -q disable vm-test.service systemd-networkd.service systemd-networkd.socket \
	systemd-networkd-wait-online.service systemd-network-generator.service
rm -r $root/etc/systemd/network/test.* $root/etc/systemd/system/{vm-test.service,default.target}
sed -i '$d' $root/etc/systemd/journald.conf
check "they are removed" apt remove sfw sfw-dkms sfwctl
is "no module and no source of it stays" "$(module)$(find $root/usr/src -name 'sfw*')" ""
is "what the administrator wrote stays" "$(tail -n 1 $root/etc/sfw/sfw.rules)" "# mine"
rm $root/etc/sfw/rules.d/mine.rules
check "and purged" apt purge sfw sfw-dkms sfwctl
is "nothing is left" "$(diff <(echo "$before") <(files))" ""
