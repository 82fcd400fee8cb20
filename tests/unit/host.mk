# SPDX-License-Identifier: LGPL-2.1-or-later
# Part of the top-level Makefile.am; paths are relative to the top.

if WITH_CUNIT

check_PROGRAMS += tests/unit/native_host
TESTS += tests/unit/native_host

tests_unit_native_host_SOURCES = tests/unit/native_host.c
tests_unit_native_host_CPPFLAGS = -I$(top_srcdir)/tests/unit $(AM_CPPFLAGS)
tests_unit_native_host_CFLAGS = $(AM_CFLAGS) $(CUNIT_CFLAGS)
tests_unit_native_host_LDADD = tests/unit/librunner.la \
	libhostnative.la libws2util.la $(CUNIT_LIBS) -lpthread

endif
