/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The run of a unit test, which is a program with one suite. */
#ifndef TESTS_UNIT_RUNNER_H
#define TESTS_UNIT_RUNNER_H

#include <CUnit/Basic.h>

/* Runs the tests, which end with a CU_TEST_INFO_NULL; returns the exit status:
   99 when they could not be run. */
int test_main(const char *name, CU_TestInfo *tests);

#endif
