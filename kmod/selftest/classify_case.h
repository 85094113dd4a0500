/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One trial of the classifier: any bytes are taken for rules, packets and
 * changes, and each answer is compared with a walk over the rules. Pure: the
 * fuzzer and debug builds of the module call the same.
 */
#ifndef _SFW_SELFTEST_CLASSIFY_CASE_H
#define _SFW_SELFTEST_CLASSIFY_CASE_H

#include "classify.h"

int sfw_classify_case(const u8 *data, size_t len);

#endif /* _SFW_SELFTEST_CLASSIFY_CASE_H */
