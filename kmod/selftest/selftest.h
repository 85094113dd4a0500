/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Tests that run when a debug build of the module is loaded (make module
 * SELFTEST=1). If one fails, the module is not.
 */
#ifndef _SFW_SELFTEST_H
#define _SFW_SELFTEST_H

#ifdef SFW_SELFTEST
int sfw_selftest_run(void);
#else
static inline int sfw_selftest_run(void)
{
	return 0;
}
#endif

#endif /* _SFW_SELFTEST_H */
