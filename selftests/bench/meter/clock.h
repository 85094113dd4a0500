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

#include <linux/array_size.h>
#include <linux/timekeeping.h>

/* of the host: include/uapi/linux/{time,resource}.h, asm/unistd_64.h */
#define METER_NR_GETRUSAGE		98
#define METER_NR_CLOCK_GETTIME		228
#define METER_CLOCK_THREAD_CPUTIME_ID	3
#define METER_RUSAGE_SELF		0
#define METER_RUSAGE_CHILDREN		-1

#ifdef CONFIG_UML
static inline long meter_host_call(long nr, long a, void *b)
{
	long ret;

	asm volatile("syscall"
		     : "=a" (ret)
		     : "0" (nr), "D" (a), "S" (b)
		     : "rcx", "r11", "memory");
	return ret;
}
#endif

/* ns */
static inline u64 meter_clock_cpu(void)
{
#ifdef CONFIG_UML
	struct { long s; long ns; } now;

	meter_host_call(METER_NR_CLOCK_GETTIME, METER_CLOCK_THREAD_CPUTIME_ID,
			&now);
	return (u64)now.s * NSEC_PER_SEC + now.ns;
#else
	return ktime_get_ns();
#endif
}

/*
 * us that the machine has spent on the guest: its kernel, and the processes in
 * it that have ended. Elsewhere, time.
 */
static inline u64 meter_clock_machine(void)
{
#ifdef CONFIG_UML
	/* struct rusage: user and system time, and 14 longs of no interest */
	struct { struct { long s; long us; } used[2]; long rest[14]; } usage;
	static const int who[] = { METER_RUSAGE_SELF, METER_RUSAGE_CHILDREN };
	u64 sum = 0;
	int i, j;

	for (i = 0; i < ARRAY_SIZE(who); i++) {
		meter_host_call(METER_NR_GETRUSAGE, who[i], &usage);
		for (j = 0; j < ARRAY_SIZE(usage.used); j++)
			sum += usage.used[j].s * USEC_PER_SEC + usage.used[j].us;
	}
	return sum;
#else
	return ktime_to_us(ktime_get());
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
