# SPDX-License-Identifier: GPL-2.0
# bench-tcp: TCP tracking in user space, without any kernel
#
#   make bench-tcp [QUICK=1]    from the top
#   make -f tcp.mk program [TCP_C=file]    only build it; on another tcp.c

TOP	:= $(abspath ../../..)
BUILD	?= $(TOP)/build/bench/user
CC	:= gcc
# As for the kernel: it may not use vector registers.
CFLAGS	:= -std=gnu11 -O2 -g -fno-tree-vectorize -fno-strict-aliasing \
	   -Wall -Wextra -Werror -I$(TOP)/kmod
TCP_C	?= $(TOP)/kmod/tcp.c

tcp: program
	@./tcp.py --program $(BUILD)/tcp $(if $(filter 1,$(QUICK)),--quick)

program: $(BUILD)/tcp

$(BUILD)/tcp: tcp.c $(TCP_C) $(wildcard $(TOP)/kmod/*.h $(TOP)/kmod/uapi/*.h) tcp.mk
	@mkdir -p $(@D)
	@$(CC) $(CFLAGS) -o $@ tcp.c $(TCP_C)

.PHONY: tcp program
