#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# shell.sh - in a VM: the interactive shell of `make vm`
here=$(dirname "$(readlink -f "$0")")
src=$(readlink -f "$here/../..")
kver=$(uname -r)
export SFW_KO=$src/build/$kver/sfw.ko SFWCTL=$src/build/sfwctl
export PATH=$src/build:$src/build/net:$PATH
cd "$src" || exit

# So that insmod finds the symbols it needs; sfw itself is left to you.
deps=$(modinfo -F depends "$SFW_KO")
# shellcheck disable=SC2086 # a list
[[ -z $deps ]] || modprobe -a ${deps//,/ }
cat <<END

Linux $kver in a VM, with this machine's files; nothing you write stays.

  insmod \$SFW_KO                          $SFW_KO
  sfwctl status                           it is in PATH
  sfwctl apply tools/examples/FILE
  exit                                    ends the VM

END
PS1='sfw-vm:\w# ' exec bash --norc -i
