// SPDX-License-Identifier: GPL-2.0
/*
 * The tracepoints of trace.h.
 *
 * Synchronisation: as the core has it; probes run where the tracepoint is hit.
 */
#include <linux/module.h>

#define CREATE_TRACE_POINTS
#include "trace.h"
