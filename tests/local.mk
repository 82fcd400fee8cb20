# SPDX-License-Identifier: LGPL-2.1-or-later
# Part of the top-level Makefile.am; paths are relative to the top.
#
# make check: the conformance suites and the tests of processes natively, then
# the suites under Wine, with ws2emu and with its builtin ws2_32, and the
# comparison of the three (tests/conformance/run-wine.test).
#
# A new suite tests/conformance/NAME.c needs its NAME in CONFORMANCE_SUITES and
# four lines, as below.  tests/support/harness.h tells how to write it.

CONFORMANCE_SUITES = \
	tests/conformance/shared_sockets \
	tests/conformance/shared_tokens \
	tests/conformance/shared_state \
	tests/conformance/shared_processes \
	tests/conformance/handoff_spi \
	tests/conformance/spi_calls \
	tests/conformance/spi_controls \
	tests/conformance/catalog \
	tests/conformance/upcalls \
	tests/conformance/handle_contexts \
	tests/conformance/helper_calls \
	tests/conformance/helper_notifications \
	tests/conformance/non_ifs \
	tests/conformance/provider_loading \
	tests/conformance/provider_config \
	tests/conformance/name_space_catalog \
	tests/conformance/socket_calls \
	tests/conformance/connection_calls \
	tests/conformance/binding \
	tests/conformance/ports \
	tests/conformance/port_reservations \
	tests/conformance/data_calls \
	tests/conformance/write_watch \
	tests/conformance/multicast \
	tests/conformance/one_address \
	tests/conformance/disconnect \
	tests/conformance/accept_condition \
	tests/conformance/connect_by_name \
	tests/conformance/datagram_errors \
	tests/conformance/messages \
	tests/conformance/message_control \
	tests/conformance/data_buffers \
	tests/conformance/options \
	tests/conformance/overlapped_receive \
	tests/conformance/overlapped_results \
	tests/conformance/overlapped_send \
	tests/conformance/overlapped_cancel \
	tests/conformance/blocking_cancel \
	tests/conformance/overlapped_changes \
	tests/conformance/overlapped_ports \
	tests/conformance/overlapped_stress \
	tests/conformance/socket_notifications \
	tests/conformance/socket_notification_calls \
	tests/conformance/registered_io \
	tests/conformance/registered_io_requests \
	tests/conformance/registered_io_datagrams \
	tests/conformance/registered_io_notify \
	tests/conformance/registered_io_stress \
	tests/conformance/option_table \
	tests/conformance/option_structs \
	tests/conformance/option_effects \
	tests/conformance/ioctls \
	tests/conformance/ioctl_effects \
	tests/conformance/time_stamps \
	tests/conformance/network_controls \
	tests/conformance/select_poll \
	tests/conformance/select_edges \
	tests/conformance/raw_sockets \
	tests/conformance/accept_ex \
	tests/conformance/accept_options \
	tests/conformance/connect_ex \
	tests/conformance/extension_handles \
	tests/conformance/extension_ports \
	tests/conformance/transmit_file \
	tests/conformance/unix_names \
	tests/conformance/unix_sockets \
	tests/conformance/bad_input \
	tests/conformance/bad_pointers \
	tests/conformance/exports \
	tests/conformance/events_select \
	tests/conformance/event_objects \
	tests/conformance/events_async \
	tests/conformance/events_override \
	tests/conformance/addresses \
	tests/conformance/names \
	tests/conformance/names_async \
	tests/conformance/name_queries \
	tests/conformance/lookup_service \
	tests/conformance/network_lookup \
	tests/conformance/service_classes \
	tests/conformance/name_space_providers \
	tests/conformance/hosted_providers \
	tests/conformance/hosted_ends \
	tests/conformance/hosted_email \
	tests/conformance/databases

# In Wine only: completion ports, files and AFD are no Winsock.
WINE_ONLY_SUITES = \
	tests/conformance/afd_names \
	tests/conformance/afd_poll \
	tests/conformance/afd_poll_ends \
	tests/conformance/afd_receive \
	tests/conformance/completion_port \
	tests/conformance/completion_sockets \
	tests/conformance/completion_stress \
	tests/conformance/copied_handles \
	tests/conformance/file_io \
	tests/conformance/handle_values \
	tests/conformance/non_ifs_files \
	tests/conformance/port_replacement \
	tests/conformance/socket_files \
	tests/conformance/socket_handles \
	tests/conformance/socket_thread_pool \
	tests/conformance/synchronous_cancel

# Native only: fork is no Windows call.
PROCESS_SUITES = \
	tests/processes/fork \
	tests/processes/hosted_nonsense \
	tests/processes/hosted_processes \
	tests/processes/limits \
	tests/processes/networks \
	tests/processes/network_changes \
	tests/processes/network_limit \
	tests/processes/server_death \
	tests/processes/strangers \
	tests/processes/system_files \
	tests/processes/threads \
	tests/processes/few_ports \
	tests/processes/unprivileged

AM_TESTS_ENVIRONMENT += \
	WS2EMU_SERVER='$(abs_top_builddir)/ws2server'; \
	WS2EMU_TEST_RESULTS='$(abs_top_builddir)/tests/conformance/results'; \
	export WS2EMU_SERVER WS2EMU_TEST_RESULTS;

EXTRA_DIST += \
	tests/conformance/compare \
	$(WINE_ONLY_SUITES:=.c) \
	tests/conformance/differences.txt \
	tests/support/accepting.h \
	tests/support/afd.h \
	tests/support/blocked.h \
	tests/support/catalog.h \
	tests/support/controls.h \
	tests/support/echo.h \
	tests/support/event_actions.h \
	tests/support/events.h \
	tests/support/extensions.h \
	tests/support/file_wine.c \
	tests/support/harness.h \
	tests/support/helper_functions.h \
	tests/support/hosted.h \
	tests/support/limits.h \
	tests/support/lookups.h \
	tests/support/memory.h \
	tests/support/memory_wine.c \
	tests/support/messages.h \
	tests/support/paths.h \
	tests/support/overlapped.h \
	tests/support/places.h \
	tests/support/platform.h \
	tests/support/privileges.h \
	tests/support/platform_wine.c \
	tests/support/prefix.sh \
	tests/support/exports.h tests/support/notifications.h \
	tests/support/system_files.h \
	tests/support/ports.h \
	tests/support/ports_wine.c \
	tests/support/raw_link.h \
	tests/support/registered.h \
	tests/support/remote.h \
	tests/support/network.h \
	tests/support/server.h \
	tests/support/stranger.h \
	tests/support/sockets.h \
	tests/support/spi.h

if WITH_CUNIT

# --- The harness --------------------------------------------------------------

check_LTLIBRARIES += tests/support/libharness.la \
	tests/support/libharnesswinsock.la tests/support/libharnessnative.la \
	tests/support/libsuite.la

SUITE_CPPFLAGS = -I$(top_srcdir)/tests $(WINDOWS_CPPFLAGS)
SUITE_CFLAGS = $(WINDOWS_CFLAGS)
# The harness names remote_role, which a suite may not.
SUITE_LINK = -no-install -Wl,-u,remote_role $(SANITIZER_FLAGS)
SUITE_LIBS = tests/support/libsuite.la libws2_32.la $(CUNIT_LIBS) -lpthread

tests_support_libharness_la_SOURCES = \
	tests/support/harness.c tests/support/peer.c
tests_support_libharness_la_CPPFLAGS = -I$(top_srcdir)/tests $(AM_CPPFLAGS)
tests_support_libharness_la_CFLAGS = $(AM_CFLAGS) $(CUNIT_CFLAGS)

tests_support_libharnesswinsock_la_SOURCES = \
	tests/support/sockets.c tests/support/places.c tests/support/paths.c \
	tests/support/catalog.c \
	tests/support/echo.c \
	tests/support/messages.c \
	tests/support/hosted.c \
	tests/support/notifications.c \
	tests/support/overlapped.c \
	tests/support/registered.c \
	tests/support/remote.c \
	tests/support/spi.c \
	tests/support/events.c tests/support/event_scenes.c \
	tests/support/event_actions.c tests/support/event_transfer.c
tests_support_libharnesswinsock_la_CPPFLAGS = $(SUITE_CPPFLAGS) \
	-DTEST_BUILD_DIRECTORY='"$(abs_top_builddir)"'
tests_support_libharnesswinsock_la_CFLAGS = $(SUITE_CFLAGS)

tests_support_libharnessnative_la_SOURCES = \
	tests/support/file_native.c \
	tests/support/limits_native.c tests/support/memory_native.c \
	tests/support/exports_native.c \
	tests/support/ports_native.c \
	tests/support/network_native.c \
	tests/support/privileges_native.c \
	tests/support/raw_link.c \
	tests/support/platform_native.c tests/support/server.c \
	tests/support/stranger.c tests/support/system_files_native.c \
	tests/support/window_native.c
tests_support_libharnessnative_la_CPPFLAGS = -I$(top_srcdir)/tests $(AM_CPPFLAGS)
tests_support_libharnessnative_la_CFLAGS = $(AM_CFLAGS)

tests_support_libsuite_la_SOURCES =
tests_support_libsuite_la_LIBADD = tests/support/libharness.la \
	tests/support/libharnesswinsock.la tests/support/libharnessnative.la

# --- The suites, natively -----------------------------------------------------

check_PROGRAMS += $(CONFORMANCE_SUITES) $(PROCESS_SUITES)
TESTS += $(CONFORMANCE_SUITES) $(PROCESS_SUITES)

tests_conformance_shared_sockets_CPPFLAGS = $(SUITE_CPPFLAGS)
tests_conformance_shared_sockets_CFLAGS = $(SUITE_CFLAGS)
tests_conformance_shared_sockets_LDFLAGS = $(SUITE_LINK)
tests_conformance_shared_sockets_LDADD = $(SUITE_LIBS)

tests_conformance_shared_tokens_CPPFLAGS = $(SUITE_CPPFLAGS)
tests_conformance_shared_tokens_CFLAGS = $(SUITE_CFLAGS)
tests_conformance_shared_tokens_LDFLAGS = $(SUITE_LINK)
tests_conformance_shared_tokens_LDADD = $(SUITE_LIBS)

tests_conformance_shared_state_CPPFLAGS = $(SUITE_CPPFLAGS)
tests_conformance_shared_state_CFLAGS = $(SUITE_CFLAGS)
tests_conformance_shared_state_LDFLAGS = $(SUITE_LINK)
tests_conformance_shared_state_LDADD = $(SUITE_LIBS)

tests_conformance_shared_processes_CPPFLAGS = $(SUITE_CPPFLAGS)
tests_conformance_shared_processes_CFLAGS = $(SUITE_CFLAGS)
tests_conformance_shared_processes_LDFLAGS = $(SUITE_LINK)
tests_conformance_shared_processes_LDADD = $(SUITE_LIBS)

tests_conformance_handoff_spi_CPPFLAGS = $(SUITE_CPPFLAGS)
tests_conformance_handoff_spi_CFLAGS = $(SUITE_CFLAGS)
tests_conformance_handoff_spi_LDFLAGS = $(SUITE_LINK)
tests_conformance_handoff_spi_LDADD = $(SUITE_LIBS)

tests_conformance_spi_calls_CPPFLAGS = $(SUITE_CPPFLAGS)
tests_conformance_spi_calls_CFLAGS = $(SUITE_CFLAGS)
tests_conformance_spi_calls_LDFLAGS = $(SUITE_LINK)
tests_conformance_spi_calls_LDADD = $(SUITE_LIBS)

tests_conformance_spi_controls_CPPFLAGS = $(SUITE_CPPFLAGS)
tests_conformance_spi_controls_CFLAGS = $(SUITE_CFLAGS)
tests_conformance_spi_controls_LDFLAGS = $(SUITE_LINK)
tests_conformance_spi_controls_LDADD = $(SUITE_LIBS)

tests_conformance_provider_loading_CPPFLAGS = $(SUITE_CPPFLAGS)
tests_conformance_provider_loading_CFLAGS = $(SUITE_CFLAGS)
tests_conformance_provider_loading_LDFLAGS = $(SUITE_LINK)
tests_conformance_provider_loading_LDADD = $(SUITE_LIBS)

tests_conformance_name_space_catalog_CPPFLAGS = $(SUITE_CPPFLAGS)
tests_conformance_name_space_catalog_CFLAGS = $(SUITE_CFLAGS)
tests_conformance_name_space_catalog_LDFLAGS = $(SUITE_LINK)
tests_conformance_name_space_catalog_LDADD = $(SUITE_LIBS)

tests_conformance_provider_config_CPPFLAGS = $(SUITE_CPPFLAGS)
tests_conformance_provider_config_CFLAGS = $(SUITE_CFLAGS)
tests_conformance_provider_config_LDFLAGS = $(SUITE_LINK)
tests_conformance_provider_config_LDADD = $(SUITE_LIBS)

tests_conformance_non_ifs_CPPFLAGS = $(SUITE_CPPFLAGS)
tests_conformance_non_ifs_CFLAGS = $(SUITE_CFLAGS)
tests_conformance_non_ifs_LDFLAGS = $(SUITE_LINK)
tests_conformance_non_ifs_LDADD = $(SUITE_LIBS)

tests_conformance_handle_contexts_CPPFLAGS = $(SUITE_CPPFLAGS)
tests_conformance_handle_contexts_CFLAGS = $(SUITE_CFLAGS)
tests_conformance_handle_contexts_LDFLAGS = $(SUITE_LINK)
tests_conformance_handle_contexts_LDADD = $(SUITE_LIBS)

tests_conformance_helper_calls_CPPFLAGS = $(SUITE_CPPFLAGS)
tests_conformance_helper_calls_CFLAGS = $(SUITE_CFLAGS)
tests_conformance_helper_calls_LDFLAGS = $(SUITE_LINK)
tests_conformance_helper_calls_LDADD = $(SUITE_LIBS)

tests_conformance_helper_notifications_CPPFLAGS = $(SUITE_CPPFLAGS)
tests_conformance_helper_notifications_CFLAGS = $(SUITE_CFLAGS)
tests_conformance_helper_notifications_LDFLAGS = $(SUITE_LINK)
tests_conformance_helper_notifications_LDADD = $(SUITE_LIBS)

tests_conformance_upcalls_CPPFLAGS = $(SUITE_CPPFLAGS)
tests_conformance_upcalls_CFLAGS = $(SUITE_CFLAGS)
tests_conformance_upcalls_LDFLAGS = $(SUITE_LINK)
tests_conformance_upcalls_LDADD = $(SUITE_LIBS)

tests_conformance_catalog_CPPFLAGS = $(SUITE_CPPFLAGS)
tests_conformance_catalog_CFLAGS = $(SUITE_CFLAGS)
tests_conformance_catalog_LDFLAGS = $(SUITE_LINK)
tests_conformance_catalog_LDADD = $(SUITE_LIBS)

tests_conformance_socket_calls_CPPFLAGS = $(SUITE_CPPFLAGS)
tests_conformance_socket_calls_CFLAGS = $(SUITE_CFLAGS)
tests_conformance_socket_calls_LDFLAGS = $(SUITE_LINK)
tests_conformance_socket_calls_LDADD = $(SUITE_LIBS)

tests_conformance_connection_calls_CPPFLAGS = $(SUITE_CPPFLAGS)
tests_conformance_connection_calls_CFLAGS = $(SUITE_CFLAGS)
tests_conformance_connection_calls_LDFLAGS = $(SUITE_LINK)
tests_conformance_connection_calls_LDADD = $(SUITE_LIBS)

tests_conformance_binding_CPPFLAGS = $(SUITE_CPPFLAGS)
tests_conformance_binding_CFLAGS = $(SUITE_CFLAGS)
tests_conformance_binding_LDFLAGS = $(SUITE_LINK)
tests_conformance_binding_LDADD = $(SUITE_LIBS)

tests_conformance_ports_CPPFLAGS = $(SUITE_CPPFLAGS)
tests_conformance_ports_CFLAGS = $(SUITE_CFLAGS)
tests_conformance_ports_LDFLAGS = $(SUITE_LINK)
tests_conformance_ports_LDADD = $(SUITE_LIBS)

tests_conformance_port_reservations_CPPFLAGS = $(SUITE_CPPFLAGS)
tests_conformance_port_reservations_CFLAGS = $(SUITE_CFLAGS)
tests_conformance_port_reservations_LDFLAGS = $(SUITE_LINK)
tests_conformance_port_reservations_LDADD = $(SUITE_LIBS)

tests_conformance_data_calls_CPPFLAGS = $(SUITE_CPPFLAGS)
tests_conformance_data_calls_CFLAGS = $(SUITE_CFLAGS)
tests_conformance_data_calls_LDFLAGS = $(SUITE_LINK)
tests_conformance_data_calls_LDADD = $(SUITE_LIBS)

tests_conformance_data_buffers_CPPFLAGS = $(SUITE_CPPFLAGS)
tests_conformance_data_buffers_CFLAGS = $(SUITE_CFLAGS)
tests_conformance_data_buffers_LDFLAGS = $(SUITE_LINK)
tests_conformance_data_buffers_LDADD = $(SUITE_LIBS)

tests_conformance_messages_CPPFLAGS = $(SUITE_CPPFLAGS)
tests_conformance_messages_CFLAGS = $(SUITE_CFLAGS)
tests_conformance_messages_LDFLAGS = $(SUITE_LINK)
tests_conformance_messages_LDADD = $(SUITE_LIBS)

tests_conformance_message_control_CPPFLAGS = $(SUITE_CPPFLAGS)
tests_conformance_message_control_CFLAGS = $(SUITE_CFLAGS)
tests_conformance_message_control_LDFLAGS = $(SUITE_LINK)
tests_conformance_message_control_LDADD = $(SUITE_LIBS)

tests_conformance_datagram_errors_CPPFLAGS = $(SUITE_CPPFLAGS)
tests_conformance_datagram_errors_CFLAGS = $(SUITE_CFLAGS)
tests_conformance_datagram_errors_LDFLAGS = $(SUITE_LINK)
tests_conformance_datagram_errors_LDADD = $(SUITE_LIBS)

tests_conformance_connect_by_name_CPPFLAGS = $(SUITE_CPPFLAGS)
tests_conformance_connect_by_name_CFLAGS = $(SUITE_CFLAGS)
tests_conformance_connect_by_name_LDFLAGS = $(SUITE_LINK)
tests_conformance_connect_by_name_LDADD = $(SUITE_LIBS)

tests_conformance_accept_condition_CPPFLAGS = $(SUITE_CPPFLAGS)
tests_conformance_accept_condition_CFLAGS = $(SUITE_CFLAGS)
tests_conformance_accept_condition_LDFLAGS = $(SUITE_LINK)
tests_conformance_accept_condition_LDADD = $(SUITE_LIBS)

tests_conformance_disconnect_CPPFLAGS = $(SUITE_CPPFLAGS)
tests_conformance_disconnect_CFLAGS = $(SUITE_CFLAGS)
tests_conformance_disconnect_LDFLAGS = $(SUITE_LINK)
tests_conformance_disconnect_LDADD = $(SUITE_LIBS)

tests_conformance_multicast_CPPFLAGS = $(SUITE_CPPFLAGS)
tests_conformance_multicast_CFLAGS = $(SUITE_CFLAGS)
tests_conformance_multicast_LDFLAGS = $(SUITE_LINK)
tests_conformance_multicast_LDADD = $(SUITE_LIBS)
tests_conformance_one_address_CPPFLAGS = $(SUITE_CPPFLAGS)
tests_conformance_one_address_CFLAGS = $(SUITE_CFLAGS)
tests_conformance_one_address_LDFLAGS = $(SUITE_LINK)
tests_conformance_one_address_LDADD = $(SUITE_LIBS)
tests_conformance_overlapped_receive_CPPFLAGS = $(SUITE_CPPFLAGS)
tests_conformance_overlapped_receive_CFLAGS = $(SUITE_CFLAGS)
tests_conformance_overlapped_receive_LDFLAGS = $(SUITE_LINK)
tests_conformance_overlapped_receive_LDADD = $(SUITE_LIBS)

tests_conformance_overlapped_results_CPPFLAGS = $(SUITE_CPPFLAGS)
tests_conformance_overlapped_results_CFLAGS = $(SUITE_CFLAGS)
tests_conformance_overlapped_results_LDFLAGS = $(SUITE_LINK)
tests_conformance_overlapped_results_LDADD = $(SUITE_LIBS)

tests_conformance_overlapped_send_CPPFLAGS = $(SUITE_CPPFLAGS)
tests_conformance_overlapped_send_CFLAGS = $(SUITE_CFLAGS)
tests_conformance_overlapped_send_LDFLAGS = $(SUITE_LINK)
tests_conformance_overlapped_send_LDADD = $(SUITE_LIBS)

tests_conformance_blocking_cancel_CPPFLAGS = $(SUITE_CPPFLAGS)
tests_conformance_blocking_cancel_CFLAGS = $(SUITE_CFLAGS)
tests_conformance_blocking_cancel_LDFLAGS = $(SUITE_LINK)
tests_conformance_blocking_cancel_LDADD = $(SUITE_LIBS)

tests_conformance_overlapped_cancel_CPPFLAGS = $(SUITE_CPPFLAGS)
tests_conformance_overlapped_cancel_CFLAGS = $(SUITE_CFLAGS)
tests_conformance_overlapped_cancel_LDFLAGS = $(SUITE_LINK)
tests_conformance_overlapped_cancel_LDADD = $(SUITE_LIBS)

tests_conformance_overlapped_changes_CPPFLAGS = $(SUITE_CPPFLAGS)
tests_conformance_overlapped_changes_CFLAGS = $(SUITE_CFLAGS)
tests_conformance_overlapped_changes_LDFLAGS = $(SUITE_LINK)
tests_conformance_overlapped_changes_LDADD = $(SUITE_LIBS)

tests_conformance_extension_handles_CPPFLAGS = $(SUITE_CPPFLAGS)
tests_conformance_extension_handles_CFLAGS = $(SUITE_CFLAGS)
tests_conformance_extension_handles_LDFLAGS = $(SUITE_LINK)
tests_conformance_extension_handles_LDADD = $(SUITE_LIBS)

tests_conformance_extension_ports_CPPFLAGS = $(SUITE_CPPFLAGS)
tests_conformance_extension_ports_CFLAGS = $(SUITE_CFLAGS)
tests_conformance_extension_ports_LDFLAGS = $(SUITE_LINK)
tests_conformance_extension_ports_LDADD = $(SUITE_LIBS)

tests_conformance_overlapped_ports_CPPFLAGS = $(SUITE_CPPFLAGS)
tests_conformance_overlapped_ports_CFLAGS = $(SUITE_CFLAGS)
tests_conformance_overlapped_ports_LDFLAGS = $(SUITE_LINK)
tests_conformance_overlapped_ports_LDADD = $(SUITE_LIBS)

tests_conformance_overlapped_stress_CPPFLAGS = $(SUITE_CPPFLAGS)
tests_conformance_overlapped_stress_CFLAGS = $(SUITE_CFLAGS)
tests_conformance_overlapped_stress_LDFLAGS = $(SUITE_LINK)
tests_conformance_overlapped_stress_LDADD = $(SUITE_LIBS)

tests_conformance_socket_notification_calls_CPPFLAGS = $(SUITE_CPPFLAGS)
tests_conformance_socket_notification_calls_CFLAGS = $(SUITE_CFLAGS)
tests_conformance_socket_notification_calls_LDFLAGS = $(SUITE_LINK)
tests_conformance_socket_notification_calls_LDADD = $(SUITE_LIBS)

tests_conformance_socket_notifications_CPPFLAGS = $(SUITE_CPPFLAGS)
tests_conformance_socket_notifications_CFLAGS = $(SUITE_CFLAGS)
tests_conformance_socket_notifications_LDFLAGS = $(SUITE_LINK)
tests_conformance_socket_notifications_LDADD = $(SUITE_LIBS)

tests_conformance_registered_io_CPPFLAGS = $(SUITE_CPPFLAGS)
tests_conformance_registered_io_CFLAGS = $(SUITE_CFLAGS)
tests_conformance_registered_io_LDFLAGS = $(SUITE_LINK)
tests_conformance_registered_io_LDADD = $(SUITE_LIBS)

tests_conformance_registered_io_requests_CPPFLAGS = $(SUITE_CPPFLAGS)
tests_conformance_registered_io_requests_CFLAGS = $(SUITE_CFLAGS)
tests_conformance_registered_io_requests_LDFLAGS = $(SUITE_LINK)
tests_conformance_registered_io_requests_LDADD = $(SUITE_LIBS)

tests_conformance_registered_io_datagrams_CPPFLAGS = $(SUITE_CPPFLAGS)
tests_conformance_registered_io_datagrams_CFLAGS = $(SUITE_CFLAGS)
tests_conformance_registered_io_datagrams_LDFLAGS = $(SUITE_LINK)
tests_conformance_registered_io_datagrams_LDADD = $(SUITE_LIBS)

tests_conformance_registered_io_stress_CPPFLAGS = $(SUITE_CPPFLAGS)
tests_conformance_registered_io_stress_CFLAGS = $(SUITE_CFLAGS)
tests_conformance_registered_io_stress_LDFLAGS = $(SUITE_LINK)
tests_conformance_registered_io_stress_LDADD = $(SUITE_LIBS)

tests_conformance_registered_io_notify_CPPFLAGS = $(SUITE_CPPFLAGS)
tests_conformance_registered_io_notify_CFLAGS = $(SUITE_CFLAGS)
tests_conformance_registered_io_notify_LDFLAGS = $(SUITE_LINK)
tests_conformance_registered_io_notify_LDADD = $(SUITE_LIBS)

tests_conformance_name_space_providers_CPPFLAGS = $(SUITE_CPPFLAGS)
tests_conformance_name_space_providers_CFLAGS = $(SUITE_CFLAGS)
tests_conformance_name_space_providers_LDFLAGS = $(SUITE_LINK)
tests_conformance_name_space_providers_LDADD = $(SUITE_LIBS)

tests_conformance_hosted_providers_CPPFLAGS = $(SUITE_CPPFLAGS)
tests_conformance_hosted_providers_CFLAGS = $(SUITE_CFLAGS)
tests_conformance_hosted_providers_LDFLAGS = $(SUITE_LINK)
tests_conformance_hosted_providers_LDADD = $(SUITE_LIBS)

tests_conformance_hosted_email_CPPFLAGS = $(SUITE_CPPFLAGS)
tests_conformance_hosted_email_CFLAGS = $(SUITE_CFLAGS)
tests_conformance_hosted_email_LDFLAGS = $(SUITE_LINK)
tests_conformance_hosted_email_LDADD = $(SUITE_LIBS)

tests_conformance_hosted_ends_CPPFLAGS = $(SUITE_CPPFLAGS)
tests_conformance_hosted_ends_CFLAGS = $(SUITE_CFLAGS)
tests_conformance_hosted_ends_LDFLAGS = $(SUITE_LINK)
tests_conformance_hosted_ends_LDADD = $(SUITE_LIBS)

tests_conformance_service_classes_CPPFLAGS = $(SUITE_CPPFLAGS)
tests_conformance_service_classes_CFLAGS = $(SUITE_CFLAGS)
tests_conformance_service_classes_LDFLAGS = $(SUITE_LINK)
tests_conformance_service_classes_LDADD = $(SUITE_LIBS)

tests_conformance_exports_CPPFLAGS = $(SUITE_CPPFLAGS) -Itests/conformance
tests_conformance_exports_CFLAGS = $(SUITE_CFLAGS)
tests_conformance_exports_LDFLAGS = $(SUITE_LINK)
tests_conformance_exports_LDADD = $(SUITE_LIBS)

# The list of exports, which the suite includes.
exports_list = dlls/ws2_32/exports/ws2_32.exports
tests/conformance/exports_list.h: $(exports_list) \
		dlls/ws2_32/exports/generate
	$(AM_V_GEN)$(MKDIR_P) tests/conformance && \
	$(srcdir)/dlls/ws2_32/exports/generate test $(srcdir)/$(exports_list) \
	    > $@.tmp && mv $@.tmp $@
CLEANFILES += tests/conformance/exports_list.h
tests/conformance/exports-exports.$(OBJEXT) \
	tests/conformance/exports.exe.so \
	tests/conformance/bad_pointers-bad_pointers.$(OBJEXT) \
	tests/conformance/bad_pointers.exe.so: tests/conformance/exports_list.h

tests_conformance_write_watch_CPPFLAGS = $(SUITE_CPPFLAGS)
tests_conformance_write_watch_CFLAGS = $(SUITE_CFLAGS)
tests_conformance_write_watch_LDFLAGS = $(SUITE_LINK)
tests_conformance_write_watch_LDADD = $(SUITE_LIBS)

tests_conformance_options_CPPFLAGS = $(SUITE_CPPFLAGS)
tests_conformance_options_CFLAGS = $(SUITE_CFLAGS)
tests_conformance_options_LDFLAGS = $(SUITE_LINK)
tests_conformance_options_LDADD = $(SUITE_LIBS)

tests_conformance_option_table_CPPFLAGS = $(SUITE_CPPFLAGS)
tests_conformance_option_table_CFLAGS = $(SUITE_CFLAGS)
tests_conformance_option_table_LDFLAGS = $(SUITE_LINK)
tests_conformance_option_table_LDADD = $(SUITE_LIBS)

tests_conformance_option_structs_CPPFLAGS = $(SUITE_CPPFLAGS)
tests_conformance_option_structs_CFLAGS = $(SUITE_CFLAGS)
tests_conformance_option_structs_LDFLAGS = $(SUITE_LINK)
tests_conformance_option_structs_LDADD = $(SUITE_LIBS)

tests_conformance_option_effects_CPPFLAGS = $(SUITE_CPPFLAGS)
tests_conformance_option_effects_CFLAGS = $(SUITE_CFLAGS)
tests_conformance_option_effects_LDFLAGS = $(SUITE_LINK)
tests_conformance_option_effects_LDADD = $(SUITE_LIBS)

tests_conformance_accept_ex_CPPFLAGS = $(SUITE_CPPFLAGS)
tests_conformance_accept_ex_CFLAGS = $(SUITE_CFLAGS)
tests_conformance_accept_ex_LDFLAGS = $(SUITE_LINK)
tests_conformance_accept_ex_LDADD = $(SUITE_LIBS)

tests_conformance_accept_options_CPPFLAGS = $(SUITE_CPPFLAGS)
tests_conformance_accept_options_CFLAGS = $(SUITE_CFLAGS)
tests_conformance_accept_options_LDFLAGS = $(SUITE_LINK)
tests_conformance_accept_options_LDADD = $(SUITE_LIBS)

tests_conformance_connect_ex_CPPFLAGS = $(SUITE_CPPFLAGS)
tests_conformance_connect_ex_CFLAGS = $(SUITE_CFLAGS)
tests_conformance_connect_ex_LDFLAGS = $(SUITE_LINK)
tests_conformance_connect_ex_LDADD = $(SUITE_LIBS)

tests_conformance_transmit_file_CPPFLAGS = $(SUITE_CPPFLAGS)
tests_conformance_transmit_file_CFLAGS = $(SUITE_CFLAGS)
tests_conformance_transmit_file_LDFLAGS = $(SUITE_LINK)
tests_conformance_transmit_file_LDADD = $(SUITE_LIBS)

tests_conformance_ioctls_CPPFLAGS = $(SUITE_CPPFLAGS)
tests_conformance_ioctls_CFLAGS = $(SUITE_CFLAGS)
tests_conformance_ioctls_LDFLAGS = $(SUITE_LINK)
tests_conformance_ioctls_LDADD = $(SUITE_LIBS)

tests_conformance_ioctl_effects_CPPFLAGS = $(SUITE_CPPFLAGS)
tests_conformance_ioctl_effects_CFLAGS = $(SUITE_CFLAGS)
tests_conformance_ioctl_effects_LDFLAGS = $(SUITE_LINK)
tests_conformance_ioctl_effects_LDADD = $(SUITE_LIBS)

tests_conformance_time_stamps_CPPFLAGS = $(SUITE_CPPFLAGS)
tests_conformance_time_stamps_CFLAGS = $(SUITE_CFLAGS)
tests_conformance_time_stamps_LDFLAGS = $(SUITE_LINK)
tests_conformance_time_stamps_LDADD = $(SUITE_LIBS)

tests_conformance_network_controls_CPPFLAGS = $(SUITE_CPPFLAGS)
tests_conformance_network_controls_CFLAGS = $(SUITE_CFLAGS)
tests_conformance_network_controls_LDFLAGS = $(SUITE_LINK)
tests_conformance_network_controls_LDADD = $(SUITE_LIBS)

tests_conformance_select_poll_CPPFLAGS = $(SUITE_CPPFLAGS)
tests_conformance_select_poll_CFLAGS = $(SUITE_CFLAGS)
tests_conformance_select_poll_LDFLAGS = $(SUITE_LINK)
tests_conformance_select_poll_LDADD = $(SUITE_LIBS)

tests_conformance_select_edges_CPPFLAGS = $(SUITE_CPPFLAGS)
tests_conformance_select_edges_CFLAGS = $(SUITE_CFLAGS)
tests_conformance_select_edges_LDFLAGS = $(SUITE_LINK)
tests_conformance_select_edges_LDADD = $(SUITE_LIBS)

tests_conformance_raw_sockets_CPPFLAGS = $(SUITE_CPPFLAGS)
tests_conformance_raw_sockets_CFLAGS = $(SUITE_CFLAGS)
tests_conformance_raw_sockets_LDFLAGS = $(SUITE_LINK)
tests_conformance_raw_sockets_LDADD = $(SUITE_LIBS)

tests_conformance_unix_names_CPPFLAGS = $(SUITE_CPPFLAGS)
tests_conformance_unix_names_CFLAGS = $(SUITE_CFLAGS)
tests_conformance_unix_names_LDFLAGS = $(SUITE_LINK)
tests_conformance_unix_names_LDADD = $(SUITE_LIBS)

tests_conformance_unix_sockets_CPPFLAGS = $(SUITE_CPPFLAGS)
tests_conformance_unix_sockets_CFLAGS = $(SUITE_CFLAGS)
tests_conformance_unix_sockets_LDFLAGS = $(SUITE_LINK)
tests_conformance_unix_sockets_LDADD = $(SUITE_LIBS)

tests_conformance_bad_input_CPPFLAGS = $(SUITE_CPPFLAGS)
tests_conformance_bad_input_CFLAGS = $(SUITE_CFLAGS)
tests_conformance_bad_input_LDFLAGS = $(SUITE_LINK)
tests_conformance_bad_input_LDADD = $(SUITE_LIBS)

tests_conformance_bad_pointers_CPPFLAGS = $(tests_conformance_exports_CPPFLAGS)
tests_conformance_bad_pointers_CFLAGS = $(SUITE_CFLAGS)
tests_conformance_bad_pointers_LDFLAGS = $(SUITE_LINK)
tests_conformance_bad_pointers_LDADD = $(SUITE_LIBS)

tests_conformance_addresses_CPPFLAGS = $(SUITE_CPPFLAGS)
tests_conformance_addresses_CFLAGS = $(SUITE_CFLAGS)
tests_conformance_addresses_LDFLAGS = $(SUITE_LINK)
tests_conformance_addresses_LDADD = $(SUITE_LIBS)

tests_conformance_names_CPPFLAGS = $(SUITE_CPPFLAGS)
tests_conformance_names_CFLAGS = $(SUITE_CFLAGS)
tests_conformance_names_LDFLAGS = $(SUITE_LINK)
tests_conformance_names_LDADD = $(SUITE_LIBS)

tests_conformance_names_async_CPPFLAGS = $(SUITE_CPPFLAGS)
tests_conformance_names_async_CFLAGS = $(SUITE_CFLAGS)
tests_conformance_names_async_LDFLAGS = $(SUITE_LINK)
tests_conformance_names_async_LDADD = $(SUITE_LIBS)

tests_conformance_name_queries_CPPFLAGS = $(SUITE_CPPFLAGS)
tests_conformance_name_queries_CFLAGS = $(SUITE_CFLAGS)
tests_conformance_name_queries_LDFLAGS = $(SUITE_LINK)
tests_conformance_name_queries_LDADD = $(SUITE_LIBS)

tests_conformance_lookup_service_CPPFLAGS = $(SUITE_CPPFLAGS)
tests_conformance_lookup_service_CFLAGS = $(SUITE_CFLAGS)
tests_conformance_lookup_service_LDFLAGS = $(SUITE_LINK)
tests_conformance_lookup_service_LDADD = $(SUITE_LIBS)

tests_conformance_network_lookup_CPPFLAGS = $(SUITE_CPPFLAGS)
tests_conformance_network_lookup_CFLAGS = $(SUITE_CFLAGS)
tests_conformance_network_lookup_LDFLAGS = $(SUITE_LINK)
tests_conformance_network_lookup_LDADD = $(SUITE_LIBS)

tests_conformance_databases_CPPFLAGS = $(SUITE_CPPFLAGS)
tests_conformance_databases_CFLAGS = $(SUITE_CFLAGS)
tests_conformance_databases_LDFLAGS = $(SUITE_LINK)
tests_conformance_databases_LDADD = $(SUITE_LIBS)

tests_processes_fork_CPPFLAGS = $(SUITE_CPPFLAGS)
tests_processes_fork_CFLAGS = $(SUITE_CFLAGS)
tests_processes_fork_LDFLAGS = $(SUITE_LINK)
tests_processes_fork_LDADD = $(SUITE_LIBS)

tests_processes_hosted_nonsense_CPPFLAGS = $(SUITE_CPPFLAGS)
tests_processes_hosted_nonsense_CFLAGS = $(SUITE_CFLAGS)
tests_processes_hosted_nonsense_LDFLAGS = $(SUITE_LINK)
tests_processes_hosted_nonsense_LDADD = $(SUITE_LIBS)

tests_processes_hosted_processes_CPPFLAGS = $(SUITE_CPPFLAGS)
tests_processes_hosted_processes_CFLAGS = $(SUITE_CFLAGS)
tests_processes_hosted_processes_LDFLAGS = $(SUITE_LINK)
tests_processes_hosted_processes_LDADD = $(SUITE_LIBS)

tests_processes_network_changes_CPPFLAGS = $(SUITE_CPPFLAGS)
tests_processes_network_changes_CFLAGS = $(SUITE_CFLAGS)
tests_processes_network_changes_LDFLAGS = $(SUITE_LINK)
tests_processes_network_changes_LDADD = $(SUITE_LIBS)

tests_processes_networks_CPPFLAGS = $(SUITE_CPPFLAGS)
tests_processes_networks_CFLAGS = $(SUITE_CFLAGS)
tests_processes_networks_LDFLAGS = $(SUITE_LINK)
tests_processes_networks_LDADD = $(SUITE_LIBS)

tests_processes_server_death_CPPFLAGS = $(SUITE_CPPFLAGS)
tests_processes_server_death_CFLAGS = $(SUITE_CFLAGS)
tests_processes_server_death_LDFLAGS = $(SUITE_LINK)
tests_processes_server_death_LDADD = $(SUITE_LIBS)

tests_processes_strangers_CPPFLAGS = $(SUITE_CPPFLAGS)
tests_processes_strangers_CFLAGS = $(SUITE_CFLAGS)
tests_processes_strangers_LDFLAGS = $(SUITE_LINK)
tests_processes_strangers_LDADD = $(SUITE_LIBS)

tests_processes_limits_CPPFLAGS = $(SUITE_CPPFLAGS)
tests_processes_limits_CFLAGS = $(SUITE_CFLAGS)
tests_processes_limits_LDFLAGS = $(SUITE_LINK)
tests_processes_limits_LDADD = $(SUITE_LIBS)

tests_processes_network_limit_CPPFLAGS = $(SUITE_CPPFLAGS)
tests_processes_network_limit_CFLAGS = $(SUITE_CFLAGS)
tests_processes_network_limit_LDFLAGS = $(SUITE_LINK)
tests_processes_network_limit_LDADD = $(SUITE_LIBS)

tests_processes_few_ports_CPPFLAGS = $(SUITE_CPPFLAGS)
tests_processes_few_ports_CFLAGS = $(SUITE_CFLAGS)
tests_processes_few_ports_LDFLAGS = $(SUITE_LINK)
tests_processes_few_ports_LDADD = $(SUITE_LIBS)

tests_processes_unprivileged_CPPFLAGS = $(SUITE_CPPFLAGS)
tests_processes_unprivileged_CFLAGS = $(SUITE_CFLAGS)
tests_processes_unprivileged_LDFLAGS = $(SUITE_LINK)
tests_processes_unprivileged_LDADD = $(SUITE_LIBS)

tests_processes_system_files_CPPFLAGS = $(SUITE_CPPFLAGS)
tests_processes_system_files_CFLAGS = $(SUITE_CFLAGS)
tests_processes_system_files_LDFLAGS = $(SUITE_LINK)
tests_processes_system_files_LDADD = $(SUITE_LIBS)

tests_processes_threads_CPPFLAGS = $(SUITE_CPPFLAGS)
tests_processes_threads_CFLAGS = $(SUITE_CFLAGS)
tests_processes_threads_LDFLAGS = $(SUITE_LINK)
tests_processes_threads_LDADD = $(SUITE_LIBS)

# --- The harness itself -------------------------------------------------------

check_PROGRAMS += tests/support/misbehave
dist_check_SCRIPTS += tests/support/check-harness
TESTS += tests/support/check-harness

tests_support_misbehave_CPPFLAGS = $(SUITE_CPPFLAGS)
tests_support_misbehave_CFLAGS = $(SUITE_CFLAGS)
tests_support_misbehave_LDFLAGS = $(SUITE_LINK)
tests_support_misbehave_LDADD = $(SUITE_LIBS)

tests_conformance_events_select_CPPFLAGS = $(SUITE_CPPFLAGS)
tests_conformance_events_select_CFLAGS = $(SUITE_CFLAGS)
tests_conformance_events_select_LDFLAGS = $(SUITE_LINK)
tests_conformance_events_select_LDADD = $(SUITE_LIBS)

tests_conformance_event_objects_CPPFLAGS = $(SUITE_CPPFLAGS)
tests_conformance_event_objects_CFLAGS = $(SUITE_CFLAGS)
tests_conformance_event_objects_LDFLAGS = $(SUITE_LINK)
tests_conformance_event_objects_LDADD = $(SUITE_LIBS)

tests_conformance_events_async_CPPFLAGS = $(SUITE_CPPFLAGS)
tests_conformance_events_async_CFLAGS = $(SUITE_CFLAGS)
tests_conformance_events_async_LDFLAGS = $(SUITE_LINK)
tests_conformance_events_async_LDADD = $(SUITE_LIBS)

tests_conformance_events_override_CPPFLAGS = $(SUITE_CPPFLAGS)
tests_conformance_events_override_CFLAGS = $(SUITE_CFLAGS)
tests_conformance_events_override_LDFLAGS = $(SUITE_LINK)
tests_conformance_events_override_LDADD = $(SUITE_LIBS)

# --- The server in valgrind ---------------------------------------------------

dist_check_SCRIPTS += tests/processes/server_leaks.test
TESTS += tests/processes/server_leaks.test
AM_TESTS_ENVIRONMENT += VALGRIND='$(VALGRIND)'; export VALGRIND;

# --- The suites in Wine, and the comparison -----------------------------------

dist_check_SCRIPTS += tests/conformance/run-wine.test
TESTS += tests/conformance/run-wine.test
AM_TESTS_ENVIRONMENT += \
	WS2EMU_TEST_SUITES='$(CONFORMANCE_SUITES)'; \
	WS2EMU_TEST_WINE_SUITES='$(WINE_ONLY_SUITES)'; \
	export WS2EMU_TEST_SUITES WS2EMU_TEST_WINE_SUITES;

tests/conformance/run-wine.log: $(CONFORMANCE_SUITES:=.log)

if WITH_WINE_TESTS

WINE_SUITES = $(CONFORMANCE_SUITES:=.exe.so) $(WINE_ONLY_SUITES:=.exe.so)
check_LTLIBRARIES += tests/support/libharnesswine.la
check_DATA += $(WINE_SUITES)
CLEANFILES += $(WINE_SUITES) $(WINE_SUITES:.exe.so=.exe) \
	$(WINE_SUITES:.exe.so=.winelib.o) tests/support/harness.winelib.o
AM_TESTS_ENVIRONMENT += \
	WINE='$(WINE)'; WINESERVER='$(WINESERVER)'; XVFB='$(XVFB)'; \
	export WINE WINESERVER XVFB;

tests_support_libharnesswine_la_SOURCES = tests/support/platform_wine.c \
	tests/support/afd_wine.c \
	tests/support/memory_wine.c tests/support/ports_wine.c \
	tests/support/exports_wine.c \
	tests/support/file_wine.c
tests_support_libharnesswine_la_CPPFLAGS = $(SUITE_CPPFLAGS)
tests_support_libharnesswine_la_CFLAGS = $(SUITE_CFLAGS)

# winebuild looks for the undefined symbols of objects, not of archives.
harness_winelib_parts = tests/support/libharness.la \
	tests/support/libharnesswinsock.la tests/support/libharnesswine.la

tests/support/harness.winelib.o: $(harness_winelib_parts)
	$(AM_V_GEN)$(LD) -r -o $@ --whole-archive \
	    tests/support/.libs/libharness.a \
	    tests/support/.libs/libharnesswinsock.a \
	    tests/support/.libs/libharnesswine.a

# winegcc makes the program X.exe.so and a script X.exe that starts it.
SUFFIXES += .exe.so
.c.exe.so:
	$(AM_V_CC)$(CC) $(SUITE_CPPFLAGS) -Itests/conformance $(CPPFLAGS) $(SUITE_CFLAGS) $(CFLAGS) \
	    -fPIC -c -o $*.winelib.o $<
	$(AM_V_CCLD)$(WINEGCC) -mconsole -o $*.exe $*.winelib.o \
	    tests/support/harness.winelib.o \
	    $(CUNIT_LIBS) -lws2_32 -luser32 -lntdll

$(WINE_SUITES): tests/support/harness.winelib.o

endif

endif

# The Wine prefix of run-wine, and the results.
clean-local: clean-conformance
clean-conformance:
	. $(srcdir)/tests/support/prefix.sh && end_prefix tests/prefix
	rm -rf tests/conformance/results
.PHONY: clean-conformance
