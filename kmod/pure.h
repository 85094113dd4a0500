/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the pure files need from their surroundings, for both builds.
 *
 * A pure file (list.c, rule.c, classify.c, tcp.c, ...) is compiled into
 * sfw.ko and, unchanged, into sfwctl and the unit tests. It includes this
 * header and other pure headers only. In user space the handful of kernel
 * names it may use are defined here; a pure file that needs one more adds it
 * here rather than an #ifdef of its own.
 */
#ifndef _SFW_PURE_H
#define _SFW_PURE_H

#ifdef __KERNEL__

#include <linux/bits.h>
#include <linux/bug.h>
#include <linux/errno.h>
#include <linux/if.h>
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/kernel.h>
#include <linux/limits.h>
#include <linux/math64.h>
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/prefetch.h>
#include <linux/refcount.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/socket.h>
#include <linux/sort.h>
#include <linux/string.h>
#include <linux/types.h>

/* Memory of rule sets: may be large, may sleep, charged to the sender. */
#define sfw_alloc(n, size)	kvcalloc(n, size, GFP_KERNEL_ACCOUNT | __GFP_NOWARN)
#define sfw_free(p)		kvfree(p)

/* In long work: lets others run. True if the work is wanted no more. */
static inline bool sfw_pause(void)
{
	cond_resched();
	return fatal_signal_pending(current);
}

#else /* user space */

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <net/if.h>
#include <netinet/in.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int32_t s32;
typedef int64_t s64;

#define U16_MAX			((u16)~0U)
#define U32_MAX			((u32)~0U)
#define noinline		__attribute__((__noinline__))
#define prefetch(p)		__builtin_prefetch(p)
#define likely(x)		__builtin_expect(!!(x), 1)
#define unlikely(x)		__builtin_expect(!!(x), 0)
#define BIT(n)			(1UL << (n))
#define ARRAY_SIZE(a)		(sizeof(a) / sizeof((a)[0]))
#ifndef fallthrough
#define fallthrough		__attribute__((__fallthrough__))
#endif
#define __aligned(n)		__attribute__((__aligned__(n)))

/* sfwctl and the unit tests have one thread. */
typedef struct {
	unsigned int refs;
} refcount_t;

static inline void refcount_set(refcount_t *r, unsigned int n)
{
	r->refs = n;
}

static inline void refcount_inc(refcount_t *r)
{
	r->refs++;
}

static inline unsigned int refcount_read(const refcount_t *r)
{
	return r->refs;
}

static inline bool refcount_dec_and_test(refcount_t *r)
{
	return --r->refs == 0;
}

#define sfw_alloc(n, size)	calloc(n, size)
#define sfw_free(p)		free(p)

static inline bool sfw_pause(void)
{
	return false;
}

static inline u64 div_u64(u64 dividend, u32 divisor)
{
	return dividend / divisor;
}

static inline u64 div64_u64_rem(u64 dividend, u64 divisor, u64 *remainder)
{
	*remainder = dividend % divisor;
	return dividend / divisor;
}

/* lib/sort.c sorts in place and takes a swap function; NULL means memcpy. */
#define sort(base, n, size, cmp, swap)	qsort(base, n, size, cmp)

#endif /* __KERNEL__ */

#include <uapi/sfw.h>

#ifndef IPPROTO_UDPLITE
#define IPPROTO_UDPLITE		136
#endif
#ifndef IPPROTO_DCCP
#define IPPROTO_DCCP		33
#endif
#ifndef IPPROTO_SCTP
#define IPPROTO_SCTP		132
#endif
#ifndef IPPROTO_ICMPV6
#define IPPROTO_ICMPV6		58
#endif

#endif /* _SFW_PURE_H */
