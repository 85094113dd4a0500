# SPDX-License-Identifier: GPL-2.0
#
# sfw: the firewall module, its command line tool, and their tests
#
#   make                    both, for the running kernel
#   make module [KVER=v]    build/v/sfw.ko; W=1 and C=2 mean what they mean in
#                           the kernel: more warnings, check with sparse
#   make tools              build/sfwctl
#   make man                build/man/sfwctl.8, sfw.7 and sfw.rules.5
#   make install, uninstall [KVER=v] [PREFIX=/usr/local] [DESTDIR=dir]
#
#   make deb                build/deb/*.deb: sfw-dkms, sfwctl and sfw
#
#   make test               everything: builds, static checks, unit tests,
#                           install tests, and the kselftests on a 6.1 and a
#                           6.12 kernel in VMs. TESTS="a b" KVERS="v w" narrow
#   make vmtest TESTS="a b" [KVER=v]
#                           only rebuild what changed, and run these in one VM
#   make vm [KVER=v]        a shell in that VM
#   make demo               the story of the firewall, on real traffic
#   make test-debug         the kselftests on two kernels that report bugs:
#                           KASAN, lockdep, kmemleak and others, and KCSAN.
#                           The first time it builds them. TESTS="a b" and
#                           KERNELS=kasan narrow
#   make test-long          those tests that can with large numbers: 10^6
#                           exchanges of TCP, 10^5 swaps of rule sets, 10^4
#                           random sets, fuzzing; hours. PARTS="model vm fuzz"
#                           narrows, selftests/long has the numbers
#   make test-dkms-root     dkms in a Debian that has nothing else
#   make test-deb           the packages in such a one: installed, upgraded,
#                           removed, purged, and booted with systemd
#
#   make bench [ROWS="2 3"] [QUICK=1] [ROUNDS=n]
#                           what packets cost beside nftables, iptables and
#                           nf_conntrack, at native speed; 40 minutes, QUICK=1:
#                           five; build/bench/results.json, tables, plots
#   make bench-compare A=old.json B=new.json
#                           what changed between two runs of it
#   make bench-classify [QUICK=1] [PART=acl/users]
#                           the classifier alone, in user space;
#                           build/bench/classify.json
#   make bench-tcp [QUICK=1]
#                           TCP tracking alone, in user space
#   make bench-check [QUICK=1] [PART=acl/ipv4]
#                           what "sfwctl check" takes for 1,000 and 10,000
#                           rules of each kind; build/bench/check.json
#   make bench-instructions [KVER=v]
#                           instructions per packet, counted in a VM: noise-free,
#                           at any load; for comparing two commits
#
#   make packages           install the Debian packages all tests need
#   make clean
#
# Nothing is written outside build/ (dkms and `make M=$PWD` by hand excepted).

KVER	?= $(shell uname -r)
KDIR	?= /lib/modules/$(KVER)/build
PREFIX	?= /usr/local
DESTDIR	?=
CC	:= $(if $(filter default,$(origin CC)),gcc,$(CC))
CFLAGS	?= -O2 -g

VERSION	:= $(shell sed -n 's/^PACKAGE_VERSION="\(.*\)"/\1/p' dkms.conf)
PACKAGES := selftests/packages.sh

# `make -j4` is respected; without -j use what the machine has.
JOBS	= $(if $(filter -j%,$(MAKEFLAGS)),,-j$(shell nproc))
MAKEFLAGS += --no-print-directory
Q	= $(if $(filter 1,$(V)),,@)

.PHONY: all module tools man deb install uninstall clean packages \
	test test-debug test-long test-dkms-root test-deb vmtest vm-ready vm demo bench \
	bench-compare bench-classify bench-check bench-tcp bench-instructions
all: module tools

## the module

# kbuild puts objects beside sources. So that the source tree stays clean and
# two kernels can be built at the same time, each kernel gets a directory of
# symbolic links to the sources, and kbuild's droppings fall in there.
MIRROR	= build/$(KVER)/src

module:
	$(Q)for t in gcc make; do \
		command -v $$t >/dev/null || { echo "sfw: no $$t: apt-get install $$t" >&2; exit 1; }; \
	done
	$(Q)[ -e $(KDIR)/Makefile ] || { \
		echo "sfw: the headers of kernel $(KVER) are not here ($(KDIR) is missing)."; \
		echo "     Install them:               apt-get install linux-headers-$(KVER)"; \
		echo "     or build for another kernel: make module KVER=VERSION"; \
		have=$$(cd /lib/modules 2>/dev/null && for v in *; do [ ! -e $$v/build/Makefile ] || echo $$v; done); \
		[ -z "$$have" ] || { echo "     Kernels with headers here:"; printf '       %s\n' $$have; }; \
		exit 1; } >&2
	$(Q)mkdir -p $(MIRROR) && find $(MIRROR) -xtype l -delete
	$(Q)find Kbuild dkms.conf kmod -type f \( -name '*.[chS]' -o -name Kbuild -o -name dkms.conf \) | \
	while read -r f; do \
		[ -e $(MIRROR)/$$f ] || \
			{ mkdir -p $$(dirname $(MIRROR)/$$f) && ln -srfn $$f $(MIRROR)/$$f; } || exit; \
	done
	$(Q)flock build/$(KVER)/.lock $(MAKE) $(JOBS) -C $(KDIR) M=$(abspath $(MIRROR)) modules
	$(Q)cmp -s $(MIRROR)/sfw.ko build/$(KVER)/sfw.ko || \
		{ cp $(MIRROR)/sfw.ko build/$(KVER)/sfw.ko.$$$$ && mv build/$(KVER)/sfw.ko.$$$$ build/$(KVER)/sfw.ko; }

## the tool

PURE	:= list rule option $(patsubst kmod/%.c,%,$(wildcard kmod/classify*.c)) \
	   tcp sctp icmp generic saved fresh
CTL_SRC	:= $(wildcard tools/sfwctl/*.c tools/sfwctl/lib/*.c) $(PURE:%=kmod/%.c)
# STRICT=1, for the tests: warnings are errors, in objects of their own.
CTL_DIR	:= build/tools$(if $(STRICT),-strict)
CTL_OBJ	:= $(CTL_SRC:%.c=$(CTL_DIR)/%.o)
CTL_CFLAGS = -std=gnu11 $(CFLAGS) -Wall -Wextra $(if $(STRICT),-Werror) \
	-Werror=implicit -Werror=incompatible-pointer-types \
	-Ikmod -Itools/sfwctl -Itools/sfwctl/lib -DSFW_VERSION=\"$(VERSION)\" \
	$(shell pkg-config --cflags libmnl jansson 2>/dev/null)
CTL_LIBS = $(shell pkg-config --libs libmnl jansson $(NCURSES) 2>/dev/null)

# For "sfwctl top" alone, which says so if it was not there. NCURSES= does
# without.
NCURSES	?= $(shell pkg-config --exists ncursesw 2>/dev/null && echo ncursesw)
CTL_CURSES := $(CTL_DIR)/.$(or $(NCURSES),no-ncurses)
CTL_CFLAGS += $(if $(NCURSES),-DSFW_HAVE_NCURSES $(shell pkg-config --cflags-only-I ncursesw))

tools: build/sfwctl
	@:

build/sfwctl: $(CTL_OBJ)
	@echo "  LINK    $@"
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(CTL_LIBS)

$(CTL_DIR)/%.o: %.c dkms.conf | $(CTL_DIR)/.checked
	@mkdir -p $(@D)
	@echo "  CC      $@"
	$(Q)$(CC) $(CTL_CFLAGS) $(CPPFLAGS) -MMD -MP -c -o $@ $<

# Once, before the first compilation: is everything there to compile with?
$(CTL_DIR)/.checked:
	$(Q)bad=; \
	need() { eval "$$1" >/dev/null 2>&1 || { echo "sfw: no $$2: apt-get install $$3" >&2; bad=1; }; }; \
	need 'command -v $(CC)' 'C compiler' gcc; \
	need 'command -v pkg-config' pkg-config pkg-config; \
	need 'pkg-config --exists libmnl' libmnl libmnl-dev; \
	need 'pkg-config --exists jansson' jansson libjansson-dev; \
	need 'echo "#include <stdio.h>" | $(CC) -E -' 'C library headers' libc6-dev; \
	[ -z "$$bad" ] && mkdir -p $(@D) && touch $@

$(CTL_DIR)/tools/sfwctl/cmd_top.o $(CTL_DIR)/tools/sfwctl/top_screen.o: $(CTL_CURSES)
$(CTL_CURSES): | $(CTL_DIR)/.checked
	$(Q)rm -f $(CTL_DIR)/.*ncurses*; touch $@
	$(Q)[ -n "$(NCURSES)" ] || \
		echo "sfw: no ncurses, so no 'sfwctl top': apt-get install libncurses-dev"

-include $(CTL_OBJ:.o=.d)

# The commands in sfwctl(8) are what the tool says about itself.
man: tools
	$(Q)tools/man/build.sh build/sfwctl build/man

## installation

install: module tools man
	$(Q)DESTDIR='$(DESTDIR)' PREFIX='$(PREFIX)' KVER='$(KVER)' tools/packaging/install.sh install

uninstall:
	$(Q)DESTDIR='$(DESTDIR)' PREFIX='$(PREFIX)' KVER='$(KVER)' tools/packaging/install.sh uninstall

# Debian packages in build/deb.
deb:
	$(Q)tools/packaging/deb.sh build/deb

## tests; selftests/run has the whole list

# Without KVER=, VMs run the newest 6.12 that is installed.
VMVER	= $(if $(filter file,$(origin KVER)),$(lastword $(shell selftests/vm/kernels.sh 6.12)),$(KVER))

# KVERS= and TESTS= narrow it.
test: packages
	$(Q)selftests/run $(KVERS:%=--kver %) $(TESTS)

vmtest:
	$(Q)selftests/run --steps build,vm --kver $(VMVER) $(TESTS)

# Slow, and slower the first time.
test-debug:
	$(Q)$(PACKAGES) selftests/packages selftests/debug/packages
	$(Q)selftests/debug/run $(KERNELS:%=--kernel %) $(TESTS)

# What `make test` does in short; hours.
test-long:
	$(Q)$(PACKAGES) selftests/packages selftests/fuzz/packages
	$(Q)KVERS='$(KVERS)' selftests/long $(PARTS)

# dkms in a root that has nothing else; slow the first time.
test-dkms-root:
	$(Q)selftests/dkms-root.sh

# The Debian packages in such a root, and three boots with them.
test-deb: packages
	$(Q)selftests/deb-root.sh

packages:
	$(Q)selftests/packages.sh

# What a VM needs of this tree.
vm-ready: packages
	$(Q)[ -n "$(VMVER)" ]
	$(Q)$(MAKE) module KVER=$(VMVER)
	$(Q)$(MAKE) tools
	$(Q)selftests/ksft-fetch.sh build/ksft
	$(Q)$(MAKE) -C selftests/net

vm: vm-ready
	$(Q)selftests/vm/boot.sh -i $(VMVER) 'exec $(CURDIR)/selftests/vm/shell.sh'

demo: packages
	$(Q)[ -n "$(VMVER)" ]
	$(Q)$(MAKE) -s module KVER=$(VMVER)
	$(Q)$(MAKE) -s tools
	$(Q)selftests/vm/boot.sh -t 300 $(VMVER) \
		"DEMO_COLOR=$$([ ! -t 1 ] || echo 1) '$(CURDIR)/selftests/vm/demo.sh'"

## benchmarks; selftests/bench/run says how

bench:
	$(Q)$(PACKAGES) selftests/packages selftests/bench/packages
	$(Q)selftests/bench/run $(if $(filter 1,$(QUICK)),--quick) $(if $(ROWS),--rows '$(ROWS)') $(if $(ROUNDS),--rounds '$(ROUNDS)')

bench-classify:
	$(Q)$(MAKE) -C selftests/bench/user -f classify.mk QUICK='$(QUICK)' PART='$(PART)' classify

bench-check:
	$(Q)$(PACKAGES)
	$(Q)$(MAKE) -s tools
	$(Q)$(MAKE) -C selftests/bench/user -f check.mk QUICK='$(QUICK)' PART='$(PART)' check

bench-compare:
	$(Q)[ -n '$(A)' ] && [ -n '$(B)' ] || { \
		echo "sfw: which runs? make bench-compare A=old.json B=new.json" >&2; exit 1; }
	$(Q)selftests/bench/compare '$(A)' '$(B)'

bench-tcp:
	$(Q)$(PACKAGES)
	$(Q)$(MAKE) -C selftests/bench/user -f tcp.mk QUICK=$(QUICK) tcp

bench-instructions:
	$(Q)$(PACKAGES) selftests/packages selftests/bench/packages
	$(Q)selftests/bench/instructions/run $(if $(filter file,$(origin KVER)),,--kver '$(KVER)')

clean:
	rm -rf build
