// SPDX-License-Identifier: GPL-2.0
/*
 * Any bytes as rules, packets and changes: the classifier answers as a walk
 * over the rules does. The trial itself is kmod/selftest/classify_case.c, which
 * debug builds of the module run as well.
 */
#include <stdio.h>

#include <selftest/classify_case.h>

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	int err = sfw_classify_case(data, size);

	if (err) {
		fprintf(stderr, "fuzz: the classifier: %d\n", err);
		abort();
	}
	return 0;
}
