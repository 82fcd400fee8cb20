# SPDX-License-Identifier: LGPL-2.1-or-later
# Part of the top-level Makefile.am; paths are relative to the top.

EXTRA_DIST += tests/headers/program.c
dist_check_SCRIPTS += tests/headers/orders.test
TESTS += tests/headers/orders.test
AM_TESTS_ENVIRONMENT += \
	CC='$(CC)'; WINE_INCLUDES='$(WINE_INCLUDES)'; \
	SANITIZER_FLAGS='$(SANITIZER_FLAGS)'; \
	export CC WINE_INCLUDES SANITIZER_FLAGS;
