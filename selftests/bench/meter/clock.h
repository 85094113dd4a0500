/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The clocks of the meter.
 *
 * Under user-mode Linux a module runs in the host's user mode, so a plain
 * system call asks the host how much CPU time this thread has had. That leaves
 * out the time in which the host ran somebody else, and so measures a busy
 * machine as well as an idle one. Elsewhere it is the monotonic clock, which
 * does no better than the machine is idle.
 */
#ifndef _METER_CLOCK_H
#define _METER_CLOCK_H

#include <linux/timekeeping.h>

/* of the host: include/uapi/linux/time.h, asm/unistd_64.h */
#define METER_NR_CLOCK_GETTIME		228
#define METER_CLOCK_THREAD_CPUTIME_ID	3

/* ns */
static inline u64 meter_clock_cpu(void)
{
#ifdef CONFIG_UML
	struct { long s; long ns; } now;
	long ret;

	asm volatile("syscall"
		     : "=a" (ret)
		     : "0" ((long)METER_NR_CLOCK_GETTIME),
		       "D" ((long)METER_CLOCK_THREAD_CPUTIME_ID), "S" (&now)
		     : "rcx", "r11", "memory");
	return (u64)now.s * NSEC_PER_SEC + now.ns;
#else
	return ktime_get_ns();
#endif
}

/* cycles; what went before is done before it is read */
static inline u64 meter_clock_cycles(void)
{
	u32 low, high;

	asm volatile("lfence; rdtsc; lfence"
		     : "=a" (low), "=d" (high) :: "memory");
	return (u64)high << 32 | low;
}

#endif
