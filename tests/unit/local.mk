# SPDX-License-Identifier: LGPL-2.1-or-later
# Part of the top-level Makefile.am; paths are relative to the top.
#
# The server's objects, each by itself: a server in the test's own process
# (fixture.c).  And the server's life, with processes.

SERVER_TESTS = \
	tests/unit/advertisements \
	tests/unit/binding \
	tests/unit/duplicates \
	tests/unit/frame \
	tests/unit/fuzz \
	tests/unit/network_events \
	tests/unit/path_names \
	tests/unit/record_pool \
	tests/unit/registrations \
	tests/unit/requests \
	tests/unit/show \
	tests/unit/watch

if WITH_CUNIT

check_PROGRAMS += $(SERVER_TESTS) tests/processes/server_race \
	tests/unit/set_blocks
TESTS += $(SERVER_TESTS) tests/processes/server_race tests/unit/set_blocks
check_LTLIBRARIES += tests/unit/librunner.la tests/unit/libfixture.la

tests_unit_librunner_la_SOURCES = tests/unit/runner.c tests/unit/runner.h
tests_unit_librunner_la_CFLAGS = $(AM_CFLAGS) $(CUNIT_CFLAGS)

tests_unit_libfixture_la_SOURCES = tests/unit/fixture.c tests/unit/fixture.h
tests_unit_libfixture_la_CPPFLAGS = -I$(top_srcdir)/tests/unit $(AM_CPPFLAGS)
tests_unit_libfixture_la_CFLAGS = $(AM_CFLAGS) $(CUNIT_CFLAGS)

SERVER_TEST_CPPFLAGS = -I$(top_srcdir)/tests/unit $(AM_CPPFLAGS)
SERVER_TEST_CFLAGS = $(AM_CFLAGS) $(CUNIT_CFLAGS)
SERVER_TEST_LIBS = tests/unit/libfixture.la tests/unit/librunner.la \
	libws2core.la libws2wire.la libws2util.la $(CUNIT_LIBS)

tests_unit_advertisements_SOURCES = tests/unit/advertisements.c
tests_unit_advertisements_CPPFLAGS = $(SERVER_TEST_CPPFLAGS)
tests_unit_advertisements_CFLAGS = $(SERVER_TEST_CFLAGS)
tests_unit_advertisements_LDADD = $(SERVER_TEST_LIBS)

tests_unit_binding_SOURCES = tests/unit/binding.c
tests_unit_binding_CPPFLAGS = $(SERVER_TEST_CPPFLAGS)
tests_unit_binding_CFLAGS = $(SERVER_TEST_CFLAGS)
tests_unit_binding_LDADD = $(SERVER_TEST_LIBS)

tests_unit_duplicates_SOURCES = tests/unit/duplicates.c
tests_unit_duplicates_CPPFLAGS = $(SERVER_TEST_CPPFLAGS)
tests_unit_duplicates_CFLAGS = $(SERVER_TEST_CFLAGS)
tests_unit_duplicates_LDADD = $(SERVER_TEST_LIBS)

tests_unit_frame_SOURCES = tests/unit/frame.c
tests_unit_frame_CPPFLAGS = $(SERVER_TEST_CPPFLAGS)
tests_unit_frame_CFLAGS = $(SERVER_TEST_CFLAGS)
tests_unit_frame_LDADD = $(SERVER_TEST_LIBS)

tests_unit_fuzz_SOURCES = tests/unit/fuzz.c
tests_unit_fuzz_CPPFLAGS = $(SERVER_TEST_CPPFLAGS)
tests_unit_fuzz_CFLAGS = $(SERVER_TEST_CFLAGS)
tests_unit_fuzz_LDADD = $(SERVER_TEST_LIBS)

tests_unit_network_events_SOURCES = tests/unit/network_events.c
tests_unit_network_events_CPPFLAGS = $(SERVER_TEST_CPPFLAGS)
tests_unit_network_events_CFLAGS = $(SERVER_TEST_CFLAGS)
tests_unit_network_events_LDADD = $(SERVER_TEST_LIBS)

tests_unit_path_names_SOURCES = tests/unit/path_names.c
tests_unit_path_names_CPPFLAGS = $(SERVER_TEST_CPPFLAGS) \
	-I$(top_srcdir)/dlls/ws2_32
tests_unit_path_names_CFLAGS = $(SERVER_TEST_CFLAGS)
tests_unit_path_names_LDADD = libws2unix.la $(SERVER_TEST_LIBS)

tests_unit_record_pool_SOURCES = tests/unit/record_pool.c
tests_unit_record_pool_CPPFLAGS = $(SERVER_TEST_CPPFLAGS)
tests_unit_record_pool_CFLAGS = $(SERVER_TEST_CFLAGS)
tests_unit_record_pool_LDADD = $(SERVER_TEST_LIBS)

tests_unit_registrations_SOURCES = tests/unit/registrations.c
tests_unit_registrations_CPPFLAGS = $(SERVER_TEST_CPPFLAGS)
tests_unit_registrations_CFLAGS = $(SERVER_TEST_CFLAGS)
tests_unit_registrations_LDADD = $(SERVER_TEST_LIBS)

tests_unit_requests_SOURCES = tests/unit/requests.c
tests_unit_requests_CPPFLAGS = $(SERVER_TEST_CPPFLAGS)
tests_unit_requests_CFLAGS = $(SERVER_TEST_CFLAGS)
tests_unit_requests_LDADD = $(SERVER_TEST_LIBS)

tests_unit_show_SOURCES = tests/unit/show.c
tests_unit_show_CPPFLAGS = $(SERVER_TEST_CPPFLAGS)
tests_unit_show_CFLAGS = $(SERVER_TEST_CFLAGS)
tests_unit_show_LDADD = $(SERVER_TEST_LIBS)

tests_unit_watch_SOURCES = tests/unit/watch.c
tests_unit_watch_CPPFLAGS = $(SERVER_TEST_CPPFLAGS)
tests_unit_watch_CFLAGS = $(SERVER_TEST_CFLAGS)
tests_unit_watch_LDADD = $(SERVER_TEST_LIBS)

tests_unit_set_blocks_SOURCES = tests/unit/set_blocks.c
tests_unit_set_blocks_CPPFLAGS = -I$(top_srcdir)/tests/unit $(WINDOWS_CPPFLAGS)
tests_unit_set_blocks_CFLAGS = $(WINDOWS_CFLAGS) $(CUNIT_CFLAGS)
tests_unit_set_blocks_LDADD = tests/unit/librunner.la $(WS2_PARTS) \
	libhostnative.la $(CUNIT_LIBS) -lpthread

tests_processes_server_race_SOURCES = tests/processes/server_race.c
tests_processes_server_race_CPPFLAGS = -I$(top_srcdir)/tests $(AM_CPPFLAGS)
tests_processes_server_race_CFLAGS = $(AM_CFLAGS) $(CUNIT_CFLAGS)
tests_processes_server_race_LDADD = tests/unit/librunner.la \
	libws2unix.la libhostnative.la libws2wire.la libws2util.la $(CUNIT_LIBS) -lpthread

endif
