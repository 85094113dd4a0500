# SPDX-License-Identifier: GPL-2.0
# The classifier's benchmark, in user space and without any kernel
#
#   make bench-classify [QUICK=1] [PART=acl/users/ipv4]     from the top

TOP	:= $(abspath ../../..)
BUILD	:= $(TOP)/build/bench/user
CC	:= gcc
# As for the kernel: it may not use vector registers.
CFLAGS	:= -std=gnu11 -O2 -g -fno-tree-vectorize -fno-strict-aliasing \
	   -Wall -Wextra -Werror -I$(TOP)/kmod

PURE	:= $(patsubst $(TOP)/%.c,$(BUILD)/%.o,$(wildcard $(TOP)/kmod/classify*.c)) \
	   $(BUILD)/kmod/list.o $(BUILD)/kmod/rule.o

classify: $(BUILD)/classify
	@$(BUILD)/classify $(if $(filter 1,$(QUICK)),-q) \
		-o $(TOP)/build/bench/classify.json $(PART)

$(BUILD)/classify: $(BUILD)/classify.o $(BUILD)/gen.o $(PURE)
	@$(CC) $(CFLAGS) -o $@ $^

$(BUILD)/kmod/%.o: $(TOP)/kmod/%.c classify.mk
	@mkdir -p $(@D)
	@$(CC) $(CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/%.o: %.c classify.mk
	@mkdir -p $(@D)
	@$(CC) $(CFLAGS) -MMD -MP -c -o $@ $<

-include $(BUILD)/classify.d $(BUILD)/gen.d $(PURE:.o=.d)
.PHONY: classify
