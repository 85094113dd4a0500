/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What pure files need that share memory between CPUs, for both builds.
 *
 * In user space they run in threads that never free what a reader may still
 * look at: what the kernel frees after a grace period is kept there until the
 * process ends.
 */
#ifndef _SFW_SHARED_H
#define _SFW_SHARED_H

#include "pure.h"

#ifdef __KERNEL__

#include <linux/bit_spinlock.h>
#include <linux/compiler.h>
#include <linux/preempt.h>
#include <linux/prefetch.h>
#include <linux/rcupdate.h>

/* Bit 0 of a word is a lock; it does not sleep, nor may its holder. */
static inline void sfw_bit_lock(unsigned long *word)
{
	bit_spin_lock(0, word);
}

/* As __bit_spin_unlock(), for nobody else writes to it; but readers take the rest
 * of the word meanwhile, which a plain store does not say.
 */
static inline void sfw_bit_unlock(unsigned long *word)
{
	smp_store_release(word, READ_ONCE(*word) & ~1UL);
	preempt_enable();
	__release(bitlock);
}

/* Zeroed; with @atomic from any context. Freed by kvfree(), after readers. */
static inline void *sfw_alloc_shared(size_t size, bool atomic)
{
	return atomic ? kzalloc(size, GFP_ATOMIC | __GFP_NOWARN) :
			kvzalloc(size, GFP_KERNEL | __GFP_NOWARN);
}

#define sfw_free_shared(p)		kvfree(p)
#define sfw_free_after_readers(p, head)	kvfree_rcu(p, head)

#else /* user space */

#include <endian.h>
#include <linux/types.h>

#define __rcu
#define __acquires(x)
#define READ_ONCE(x)		__atomic_load_n(&(x), __ATOMIC_RELAXED)
#define WRITE_ONCE(x, v)	__atomic_store_n(&(x), v, __ATOMIC_RELAXED)
#define smp_load_acquire(p)	__atomic_load_n(p, __ATOMIC_ACQUIRE)
#define smp_store_release(p, v)	__atomic_store_n(p, v, __ATOMIC_RELEASE)
#define smp_rmb()		__atomic_thread_fence(__ATOMIC_ACQUIRE)
#define smp_wmb()		__atomic_thread_fence(__ATOMIC_RELEASE)
#define rcu_dereference(p)	__atomic_load_n(&(p), __ATOMIC_ACQUIRE)
#define rcu_access_pointer(p)	__atomic_load_n(&(p), __ATOMIC_RELAXED)
#define rcu_assign_pointer(p, v) __atomic_store_n(&(p), v, __ATOMIC_RELEASE)
#define RCU_INIT_POINTER(p, v)	__atomic_store_n(&(p), v, __ATOMIC_RELAXED)
#define rcu_dereference_protected(p, c) ((void)(c), __atomic_load_n(&(p), __ATOMIC_RELAXED))
#define rcu_read_lock()		((void)0)
#define rcu_read_unlock()	((void)0)
#define le64_to_cpu(x)		le64toh(x)
#define le32_to_cpu(x)		le32toh(x)
#undef __always_inline
#define __always_inline		inline __attribute__((__always_inline__))
#define prefetch(p)		__builtin_prefetch(p)
#define static_assert		_Static_assert

struct rcu_head {
	struct rcu_head *next;
	void *what;
};

static inline void sfw_bit_lock(unsigned long *word)
{
	while (__atomic_fetch_or(word, 1, __ATOMIC_ACQUIRE) & 1)
		;
}

static inline void sfw_bit_unlock(unsigned long *word)
{
	__atomic_fetch_and(word, ~1UL, __ATOMIC_RELEASE);
}

static inline void *sfw_alloc_shared(size_t size, bool atomic)
{
	void *p = aligned_alloc(64, (size + 63) & ~(size_t)63);

	(void)atomic;
	return p ? memset(p, 0, size) : NULL;
}

#define sfw_free_shared(p)	free(p)

/* Whoever compiles this keeps them. */
void sfw_shared_keep(struct rcu_head *head, void *what);
#define sfw_free_after_readers(p, head)	sfw_shared_keep(&(p)->head, p)

#endif /* __KERNEL__ */

#endif /* _SFW_SHARED_H */
