#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# sfwctl doctor about what is the host's own: will the rules be there after the
# next boot, before the network, and be those that run; is the module's file
# there, the one that is loaded, signed by a key that the kernel knows. Each
# finding has the command that repairs it, and without a finding it says so.
# The host is one of namespaces: its process 1, its network, and in front of
# the files of this machine others.
. ./lib.sh
. ./apps_lib.sh
need jq openssl unshare
plan 22

sign=/lib/modules/$(uname -r)/build/scripts/sign-file
export sign TEST_DIR SFWCTL SFW_KO

cat >"$TEST_DIR/host.sh" <<-'END'
	top=$(readlink -f ../..)
	ip link set lo up
	for dir in /etc/sfw /etc/systemd/system /usr/local/lib/systemd/system \
			/usr/lib/systemd/system /lib/systemd/system /run/systemd \
			"/lib/modules/$(uname -r)"/updates; do
		[[ ! -d $dir ]] || mount -t tmpfs tmpfs "$dir" || exit
	done
	units=/etc/systemd/system
	wants=$units/sysinit.target.wants
	file=/lib/modules/$(uname -r)/updates/sfw.ko

	# says NAME: the findings there are, but for notes, on one line, then
	# the repairs
	says() {
		local json
		json=$("$SFWCTL" -j doctor 2>&1)
		echo "$1: $? $(jq -r '[.findings[] | select(.severity != "note")] |
			map("\(.severity) \(.code)") + map(.fix // "-") |
			join("; ")' <<<"$json")"
	}
	# The same of one finding, a note or not, with what it says.
	told() {
		echo "$1: $("$SFWCTL" -j doctor 2>&1 | jq -r --arg c "$2" '.findings[] |
			select(.code == $c) | "\(.severity) \(.message); \(.fix // "-")"')"
	}

	says bare
	mkdir $wants
	cp "$top"/tools/systemd/sfw.service $units/
	cp "$top"/tools/systemd/sfw.rules /etc/sfw/
	chmod 644 /etc/sfw/sfw.rules
	cp "$SFW_KO" "$file"
	says disabled
	ln -s ../sfw.service $wants/
	"$SFWCTL" -q apply /etc/sfw/sfw.rules || exit
	says well

	echo "in 900 allow tcp to port 900" >>/etc/sfw/sfw.rules
	says differs
	"$SFWCTL" -q save
	says saved
	echo "in 901 alow tcp" >>/etc/sfw/sfw.rules
	chmod 666 /etc/sfw/sfw.rules
	says broken
	"$SFWCTL" -q save
	chmod 644 /etc/sfw/sfw.rules

	ln -s ../nftables.service $wants/
	says second
	rm $wants/nftables.service
	sed -i /^Before=/d $units/sfw.service
	says late
	# What systemctl edit writes; the comment and the other section are none.
	mkdir -p $units/sfw.service.d /usr/lib/systemd/system/sfw.service.d
	printf '[Unit]\n#Before=network-pre.target\nAfter=network-pre.target\n[Service]\nBefore=network-pre.target\n' \
		>$units/sfw.service.d/10-other.conf
	says other
	printf '[Unit]\nBefore = a.target \\\n  network-pre.target\n' \
		>/usr/lib/systemd/system/sfw.service.d/50-order.conf
	says added
	ln -s /dev/null $units/sfw.service.d/50-order.conf
	says masked
	rm -r $units/sfw.service.d
	says unmasked
	rm -r /usr/lib/systemd/system/sfw.service.d
	cp "$top"/tools/systemd/sfw.service $units/
	mkdir /run/systemd/system "$TEST_DIR/bin"
	printf '#!/bin/sh\ncase $* in *is-failed*sfw.service) exit 0 ;; esac; exit 1\n' \
		>"$TEST_DIR/bin/systemctl"
	chmod +x "$TEST_DIR/bin/systemctl"
	PATH=$TEST_DIR/bin:$PATH says failed
	rmdir /run/systemd/system

	printf 'option max-connections 4\noption loopback filter\nin 1 allow udp\nout 1 allow udp\n' |
		"$SFWCTL" -q apply -
	for port in 1 2 3 4; do
		echo x 2>/dev/null >/dev/udp/127.0.0.1/$port
	done
	"$SFWCTL" -q save
	says full
	"$SFWCTL" -q conns flush

	told unsigned module-unsigned
	if [[ -x $sign ]]; then
		openssl req -x509 -newkey rsa:2048 -nodes -days 30 \
			-subj "/CN=sfw test key" -keyout "$TEST_DIR/key.pem" \
			-out "$TEST_DIR/key.der" -outform DER 2>"$TEST_DIR/err" &&
			"$sign" sha256 "$TEST_DIR/key.pem" "$TEST_DIR/key.der" "$file" ||
			cat "$TEST_DIR/err"
		told signed module-key
	fi
	# What a kernel says that insists.
	insist=/sys/module/module/parameters/sig_enforce
	echo Y >"$TEST_DIR/yes"
	echo N >"$TEST_DIR/no"
	mount --bind "$TEST_DIR/yes" $insist
	says enforced
	mount --bind "$TEST_DIR/no" $insist
	if [[ -d /sys/kernel/security ]]; then
		mount -t tmpfs tmpfs /sys/kernel/security
		echo "none [integrity] confidentiality" >/sys/kernel/security/lockdown
	fi
	says locked
	echo "0a1b2c3d I------     1 perm 1f030000     0     0 asymmetri sfw test key: 4711: X509.rsa 4711 []" \
		>"$TEST_DIR/keys"
	mount --bind "$TEST_DIR/keys" /proc/keys
	says known
	echo "key: $("$SFWCTL" -c never doctor | grep "signed by")"
	cp "$SFW_KO" "$file"
	says unsigned-locked
	echo end
END
updates=/lib/modules/$(uname -r)/updates
made=()
for dir in /etc/sfw /run/systemd "$updates"; do
	[[ -d $dir ]] || { mkdir "$dir" && made+=("$dir"); }
done
at_exit() { ((${#made[@]} == 0)) || rmdir "${made[@]}"; }
out=$(unshare --mount --propagation private --pid --fork --mount-proc --net \
	bash "$TEST_DIR/host.sh" 2>&1)
finds() { # NAME KEY WANT: a pattern
	local line
	line=$(sed -n "s|^$2: ||p" <<<"$out")
	like "$1" "$line" "$3"
}
is "the host was examined to its end" "${out##*$'\n'}" end
finds "nothing is installed, and nothing runs" bare \
	"1 warning module-not-built; warning no-rules; warning unit-missing; warning rules-missing; *; sfwctl apply /etc/sfw/sfw.rules; apt-get install sfw *; cp /usr/share/doc/sfw/examples/*"
finds "the unit is not enabled" disabled \
	"1 warning no-rules; warning unit-not-enabled; *; systemctl enable sfw"
finds "all is well: exit 0, no finding" well "0 "
finds "what runs is not what the file says" differs \
	"1 warning rules-differ; sfwctl save *"
finds "saved, it is" saved "0 "
finds "a file that others may write, and that cannot be loaded" broken \
	"1 warning rules-mode; error rules-broken; chmod go-w /etc/sfw/sfw.rules; sfwctl check /etc/sfw/sfw.rules"
finds "a second firewall at boot" second \
	"1 warning boot-order; systemctl disable --now nftables.service"
finds "a unit that is not before the network" late \
	"1 warning boot-order; systemctl revert sfw *"
finds "neither a comment nor another section orders it" other \
	"1 warning boot-order; systemctl revert sfw *"
finds "one that is by what was added to it" added "0 "
finds "unless that is masked" masked \
	"1 warning boot-order; systemctl revert sfw *"
finds "by a file of the same name alone" unmasked "0 "
finds "a unit that failed" failed "1 error unit-failed; journalctl -b -u sfw *"
finds "a table that is full" full "1 warning table-full; sfwctl conns count by src *"
finds "a module without a signature is a note" unsigned \
	"note *sfw.ko is not signed: this kernel takes it, *"
if [[ -x $sign ]]; then
	finds "so is one with a key that the kernel does not know" signed \
		"note *sfw.ko is signed by 'sfw test key', a key that this kernel does not know: *; mokutil --import *"
	finds "an error, if the kernel insists" enforced \
		"1 error module-key; mokutil --import *"
	finds "or is locked down" locked "1 error module-key; mokutil --import *"
	finds "with a key that it knows all is well" known "0 "
	finds "and it is named" key \
		"ok *signed by 'sfw test key', a key that this kernel knows; the kernel is locked down"
else
	for name in signed enforced locked known named; do
		ok "$name # SKIP no sign-file"
	done
fi
if [[ -e /sys/module/module/parameters/sig_enforce || -d /sys/kernel/security ]]; then
	finds "without one locked down is an error" unsigned-locked \
		"1 error module-unsigned; dkms install --force sfw *"
else
	ok "without one locked down is an error # SKIP this kernel cannot be"
fi
