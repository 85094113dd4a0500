# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# stage2.sh - process 1 after switch_root: run the command, leave its status
#
# /run/vm is shared with boot.sh on the host: `command` is run by bash, its
# status goes to `status`. No status there means that the VM died.
#
# Starting a program is what costs time under emulation: bash builtins only.
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export HOME=/root LANG=C.UTF-8 TERM=dumb
cd /run/vm || echo "stage2: no /run/vm" > /dev/console
: > started

if [[ -e interactive ]]; then
	# A session of its own with the console as controlling terminal, or
	# else there is no job control and no ^C.
	setsid -cw bash command < /dev/ttyS0 > /dev/ttyS0 2>&1
	echo $? > status
else
	out=/dev/console
	for name in /sys/class/virtio-ports/*/name; do
		[[ -e $name ]] && read -r port < "$name" &&
			[[ $port == vm.out ]] && name=${name%/name} &&
			out=/dev/${name##*/}
	done
	# Through cat: a virtio port can be opened only once, and kselftest
	# opens /dev/stdout again. A program that the command left behind may
	# hold the pipe for ever; two seconds are enough for the last words.
	exec 3> >(exec cat > "$out")
	reader=$!
	bash command < /dev/null >&3 2>&1 3>&-
	echo $? > status
	exec 3>&-
	for ((i = 0; i < 20; i++)); do
		[[ -e /proc/$reader ]] || break
		read -rt 0.1 <> <(:)
	done
fi
echo b > /proc/sysrq-trigger
while :; do read -rt 1 _; done
