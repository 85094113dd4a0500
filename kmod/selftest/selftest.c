// SPDX-License-Identifier: GPL-2.0
/*
 * Tests that run when a debug build of the module is loaded.
 *
 * What can be tested in user space is, there. Here stands what may differ in a
 * kernel: its compiler flags, its allocator, its processor.
 */
#include <linux/printk.h>

#include "selftest/classify_case.h"
#include "selftest/selftest.h"

#define CLASSIFY_TRIALS	100

static int __init test_classify(void)
{
	u32 i;
	int err;

	for (i = 0; i < CLASSIFY_TRIALS; i++) {
		err = sfw_classify_case((const u8 *)&i, sizeof(i));
		if (err) {
			pr_err("sfw: selftest: trial %u of the classifier: %d\n",
			       i, err);
			return err;
		}
	}
	pr_info("sfw: selftest: %u trials of the classifier passed\n",
		CLASSIFY_TRIALS);
	return 0;
}

/**
 * sfw_selftest_run() - run all of them
 *
 * Context: module load.
 * Return: 0, or an error if one failed.
 */
int __init sfw_selftest_run(void)
{
	return test_classify();
}
