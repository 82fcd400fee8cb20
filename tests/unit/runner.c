/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The run of a unit test; see runner.h. */
#include "runner.h"

int test_main(const char *name, CU_TestInfo *tests)
{
    CU_SuiteInfo suites[] = {
        { .pName = name, .pTests = tests },
        CU_SUITE_INFO_NULL,
    };
    unsigned failures;

    if (CU_initialize_registry() != CUE_SUCCESS ||
        CU_register_suites(suites) != CUE_SUCCESS)
        return 99;
    CU_basic_set_mode(CU_BRM_VERBOSE);
    CU_basic_run_tests();
    failures = CU_get_number_of_failures();
    CU_cleanup_registry();
    return failures != 0;
}
