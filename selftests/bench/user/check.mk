# SPDX-License-Identifier: GPL-2.0
# bench-check: what "sfwctl check" takes for rule sets of 1,000 and 10,000 rules
#
#   make bench-check [QUICK=1] [PART=acl/ipv4]     from the top; builds the tools

TOP	:= $(abspath ../../..)
BUILD	:= $(TOP)/build/bench/user
CC	:= gcc
CFLAGS	:= -std=gnu11 -O2 -g -Wall -Wextra -Werror -I$(TOP)/kmod \
	   -I$(TOP)/tools/sfwctl -I$(TOP)/tools/sfwctl/lib \
	   $(shell pkg-config --cflags jansson)
# Rules are printed by the tool's own code, as it was compiled there.
LIB	:= $(wildcard $(TOP)/build/tools/tools/sfwctl/lib/*.o $(TOP)/build/tools/kmod/*.o)

check: $(BUILD)/rulefile
	@./check.py --program $(BUILD)/rulefile --sfwctl $(TOP)/build/sfwctl \
		$(if $(filter 1,$(QUICK)),--quick) $(PART)

$(BUILD)/rulefile: rulefile.c gen.c gen.h check.mk $(LIB)
	@mkdir -p $(@D)
	@rm -f $(BUILD)/rulefile.a
	@ar rcs $(BUILD)/rulefile.a $(LIB)
	@$(CC) $(CFLAGS) -o $@ rulefile.c gen.c $(BUILD)/rulefile.a \
		$(shell pkg-config --libs libmnl jansson)

.PHONY: check
