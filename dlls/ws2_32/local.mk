# SPDX-License-Identifier: LGPL-2.1-or-later
# Part of the top-level Makefile.am; paths are relative to the top.
#
# libws2_32.so is made of parts, and so is the module for Wine, which differs
# in its host alone:
#
#     libws2api.la      the API and the base provider   Windows headers
#     libws2unix.la     the unix side                   POSIX headers
#     libhostnative.la  the host of ELF processes       POSIX headers

# What every host needs, in the order of the layers.
WS2_PARTS = libws2api.la libws2unix.la libws2wire.la libws2util.la

# For each POSIX source that is linked into the library: see libc_names.h.
# Link-time optimisation would lose the versions.
LIBC_NAMES_CPPFLAGS = -include $(top_srcdir)/dlls/ws2_32/libc_names.h -fno-lto

# See sanitizer_names.h.
if WITH_SANITIZER
WINDOWS_CPPFLAGS += -include $(top_srcdir)/dlls/ws2_32/sanitizer_names.h
endif

spiinclude_HEADERS += include/afunix.h include/mswsock.h include/unistd.h \
	include/winsock.h include/winsock2.h include/ws2spi.h
embedinclude_HEADERS += include/ws2emu/embed.h include/ws2emu/libc_beside.h \
	include/ws2emu/port.h include/ws2emu/ws2help.h

noinst_HEADERS += \
	dlls/ws2_32/address_list.h \
	dlls/ws2_32/address_text.h \
	dlls/ws2_32/api.h \
	dlls/ws2_32/database_entries.h \
	dlls/ws2_32/catalog.h \
	dlls/ws2_32/libc_names.h \
	dlls/ws2_32/helpers.h \
	dlls/ws2_32/email_domains.h \
	dlls/ws2_32/hosted_message.h \
	dlls/ws2_32/hosted_session.h \
	dlls/ws2_32/hosting.h \
	dlls/ws2_32/hosting_session.h \
	dlls/ws2_32/hosting_threads.h \
	dlls/ws2_32/lookup.h \
	dlls/ws2_32/lookup_results.h \
	dlls/ws2_32/name_spaces.h \
	dlls/ws2_32/non_ifs_support.h \
	dlls/ws2_32/notices.h \
	dlls/ws2_32/program_text.h \
	dlls/ws2_32/protocol.h \
	dlls/ws2_32/query_set.h \
	dlls/ws2_32/provider_config.h \
	dlls/ws2_32/provider_addresses.h \
	dlls/ws2_32/providers.h \
	dlls/ws2_32/sanitizer_names.h \
	dlls/ws2_32/service_class_store.h \
	dlls/ws2_32/service_classes.h \
	dlls/ws2_32/tasks.h \
	dlls/ws2_32/thread_buffer.h \
	dlls/ws2_32/wide_text.h \
	dlls/ws2_32/wsc.h \
	dlls/ws2_32/host/catalog.h \
	dlls/ws2_32/host/host.h \
	dlls/ws2_32/host/native/native.h \
	dlls/ws2_32/provider/buffers.h \
	dlls/ws2_32/provider/ioctl.h \
	dlls/ws2_32/provider/overlapped.h \
	dlls/ws2_32/provider/provider.h \
	dlls/ws2_32/provider/registered_io.h \
	dlls/ws2_32/unix/accept_operation.h \
	dlls/ws2_32/unix/address.h \
	dlls/ws2_32/unix/afd_poll.h \
	dlls/ws2_32/unix/attach.h \
	dlls/ws2_32/unix/boundary.h \
	dlls/ws2_32/unix/channel.h \
	dlls/ws2_32/unix/completion.h \
	dlls/ws2_32/unix/connection.h \
	dlls/ws2_32/unix/connection_context.h \
	dlls/ws2_32/unix/control_data.h \
	dlls/ws2_32/unix/data.h \
	dlls/ws2_32/unix/datagram_error.h \
	dlls/ws2_32/unix/descriptor.h \
	dlls/ws2_32/unix/disconnect_operation.h \
	dlls/ws2_32/unix/echo_socket.h \
	dlls/ws2_32/unix/error.h \
	dlls/ws2_32/unix/exchange.h \
	dlls/ws2_32/unix/extension.h \
	dlls/ws2_32/unix/group_socket.h \
	dlls/ws2_32/unix/interfaces.h \
	dlls/ws2_32/unix/kernel_call.h \
	dlls/ws2_32/unix/kernel_socket.h \
	dlls/ws2_32/unix/launch.h \
	dlls/ws2_32/unix/link.h \
	dlls/ws2_32/unix/memory.h \
	dlls/ws2_32/unix/message.h \
	dlls/ws2_32/unix/name.h \
	dlls/ws2_32/unix/network_limit.h \
	dlls/ws2_32/unix/notification.h \
	dlls/ws2_32/unix/notifier.h \
	dlls/ws2_32/unix/operation.h \
	dlls/ws2_32/unix/option.h \
	dlls/ws2_32/unix/option_carry.h \
	dlls/ws2_32/unix/option_tcp.h \
	dlls/ws2_32/unix/overlapped.h \
	dlls/ws2_32/unix/path_name.h \
	dlls/ws2_32/unix/path_socket.h \
	dlls/ws2_32/unix/port_reservation.h \
	dlls/ws2_32/unix/raw_socket.h \
	dlls/ws2_32/unix/proactor.h \
	dlls/ws2_32/unix/readiness.h \
	dlls/ws2_32/unix/recovery.h \
	dlls/ws2_32/unix/rio.h \
	dlls/ws2_32/unix/rio_buffer.h \
	dlls/ws2_32/unix/rio_completion_queue.h \
	dlls/ws2_32/unix/rio_request.h \
	dlls/ws2_32/unix/rio_request_queue.h \
	dlls/ws2_32/unix/rio_table.h \
	dlls/ws2_32/unix/show.h \
	dlls/ws2_32/unix/socket.h \
	dlls/ws2_32/unix/socket_operations.h \
	dlls/ws2_32/unix/socket_state.h \
	dlls/ws2_32/unix/time_stamp.h \
	dlls/ws2_32/unix/transfer.h \
	dlls/ws2_32/unix/wait.h

EXTRA_DIST += \
	dlls/ws2_32/exports/generate \
	dlls/ws2_32/exports/ws2_32.exports

noinst_LTLIBRARIES += libws2api.la libws2unix.la libhostnative.la

libws2api_la_SOURCES = \
	dlls/ws2_32/address_list.c \
	dlls/ws2_32/address_strings.c \
	dlls/ws2_32/address_text.c \
	dlls/ws2_32/addresses.c \
	dlls/ws2_32/advertise.c \
	dlls/ws2_32/byteorder.c \
	dlls/ws2_32/catalog.c \
	dlls/ws2_32/catalog_store.c \
	dlls/ws2_32/connect_by_name.c \
	dlls/ws2_32/constants_check.c \
	dlls/ws2_32/data.c \
	dlls/ws2_32/database_entries.c \
	dlls/ws2_32/duplicate.c \
	dlls/ws2_32/email_domains.c \
	dlls/ws2_32/error.c \
	dlls/ws2_32/events.c \
	dlls/ws2_32/handle_calls.c \
	dlls/ws2_32/handle_contexts.c \
	dlls/ws2_32/helper_calls.c \
	dlls/ws2_32/helpers.c \
	dlls/ws2_32/hosted_provider.c \
	dlls/ws2_32/hosted_session.c \
	dlls/ws2_32/hosting.c \
	dlls/ws2_32/hosting_calls.c \
	dlls/ws2_32/hosting_threads.c \
	dlls/ws2_32/hosts.c \
	dlls/ws2_32/lookup.c \
	dlls/ws2_32/lookup_dns.c \
	dlls/ws2_32/lookup_nla.c \
	dlls/ws2_32/lookup_results.c \
	dlls/ws2_32/messages.c \
	dlls/ws2_32/name_space_routines.c \
	dlls/ws2_32/name_spaces.c \
	dlls/ws2_32/names.c \
	dlls/ws2_32/name_queries.c \
	dlls/ws2_32/names_extended.c \
	dlls/ws2_32/non_ifs_support.c \
	dlls/ws2_32/notices.c \
	dlls/ws2_32/options.c \
	dlls/ws2_32/program_text.c \
	dlls/ws2_32/protocol.c \
	dlls/ws2_32/provider_config.c \
	dlls/ws2_32/provider_addresses.c \
	dlls/ws2_32/provider_sockets.c \
	dlls/ws2_32/provider_table.c \
	dlls/ws2_32/query_set.c \
	dlls/ws2_32/query_set_block.c \
	dlls/ws2_32/select.c \
	dlls/ws2_32/service_class_store.c \
	dlls/ws2_32/service_classes.c \
	dlls/ws2_32/services.c \
	dlls/ws2_32/sockaddr_text.c \
	dlls/ws2_32/sockets.c \
	dlls/ws2_32/startup.c \
	dlls/ws2_32/stubs.c \
	dlls/ws2_32/tasks.c \
	dlls/ws2_32/thread_buffer.c \
	dlls/ws2_32/upcalls.c \
	dlls/ws2_32/wide_text.c \
	dlls/ws2_32/wsc_categories.c \
	dlls/ws2_32/wsc_chains.c \
	dlls/ws2_32/wsc_name_spaces.c \
	dlls/ws2_32/wsc_order.c \
	dlls/ws2_32/wsc_transports.c \
	dlls/ws2_32/provider/accept.c \
	dlls/ws2_32/provider/address_strings.c \
	dlls/ws2_32/provider/connection.c \
	dlls/ws2_32/provider/data.c \
	dlls/ws2_32/provider/duplicate.c \
	dlls/ws2_32/provider/entries.c \
	dlls/ws2_32/provider/events.c \
	dlls/ws2_32/provider/extensions.c \
	dlls/ws2_32/provider/ioctl.c \
	dlls/ws2_32/provider/ioctl_address.c \
	dlls/ws2_32/provider/ioctl_extension.c \
	dlls/ws2_32/provider/ioctl_ports.c \
	dlls/ws2_32/provider/ioctl_time_stamp.c \
	dlls/ws2_32/provider/ioctl_tcp.c \
	dlls/ws2_32/provider/message.c \
	dlls/ws2_32/provider/options.c \
	dlls/ws2_32/provider/overlapped.c \
	dlls/ws2_32/provider/registered_io.c \
	dlls/ws2_32/provider/select.c \
	dlls/ws2_32/provider/socket.c \
	dlls/ws2_32/provider/socket_notifications.c \
	dlls/ws2_32/provider/startup.c
libws2api_la_CPPFLAGS = $(WINDOWS_CPPFLAGS)
# Not by __tls_get_addr: GCC thinks that it keeps the registers that Windows'
# calling convention lets a callee keep, which it does not.
libws2api_la_CFLAGS = $(WINDOWS_CFLAGS) -ftls-model=initial-exec

libws2unix_la_SOURCES = \
	dlls/ws2_32/unix/accept_operation.c \
	dlls/ws2_32/unix/address.c \
	dlls/ws2_32/unix/afd_poll.c \
	dlls/ws2_32/unix/attach.c \
	dlls/ws2_32/unix/change.c \
	dlls/ws2_32/unix/channel.c \
	dlls/ws2_32/unix/completion.c \
	dlls/ws2_32/unix/connect_operation.c \
	dlls/ws2_32/unix/connection.c \
	dlls/ws2_32/unix/connection_context.c \
	dlls/ws2_32/unix/control.c \
	dlls/ws2_32/unix/control_data.c \
	dlls/ws2_32/unix/data.c \
	dlls/ws2_32/unix/datagram_error.c \
	dlls/ws2_32/unix/database.c \
	dlls/ws2_32/unix/descriptor.c \
	dlls/ws2_32/unix/echo_socket.c \
	dlls/ws2_32/unix/disconnect_operation.c \
	dlls/ws2_32/unix/error.c \
	dlls/ws2_32/unix/event.c \
	dlls/ws2_32/unix/exchange.c \
	dlls/ws2_32/unix/group_socket.c \
	dlls/ws2_32/unix/interfaces.c \
	dlls/ws2_32/unix/kernel_socket.c \
	dlls/ws2_32/unix/launch.c \
	dlls/ws2_32/unix/link.c \
	dlls/ws2_32/unix/memory.c \
	dlls/ws2_32/unix/message.c \
	dlls/ws2_32/unix/multipoint.c \
	dlls/ws2_32/unix/name.c \
	dlls/ws2_32/unix/network.c \
	dlls/ws2_32/unix/network_limit.c \
	dlls/ws2_32/unix/network_location.c \
	dlls/ws2_32/unix/notification.c \
	dlls/ws2_32/unix/notifier.c \
	dlls/ws2_32/unix/operation.c \
	dlls/ws2_32/unix/operation_queues.c \
	dlls/ws2_32/unix/option.c \
	dlls/ws2_32/unix/option_filter.c \
	dlls/ws2_32/unix/option_ip.c \
	dlls/ws2_32/unix/option_ipv6.c \
	dlls/ws2_32/unix/option_multicast.c \
	dlls/ws2_32/unix/option_socket.c \
	dlls/ws2_32/unix/option_carry.c \
	dlls/ws2_32/unix/option_tcp.c \
	dlls/ws2_32/unix/overlapped_data.c \
	dlls/ws2_32/unix/overlapped_message.c \
	dlls/ws2_32/unix/path_name.c \
	dlls/ws2_32/unix/path_socket.c \
	dlls/ws2_32/unix/port_reservation.c \
	dlls/ws2_32/unix/processor.c \
	dlls/ws2_32/unix/raw_socket.c \
	dlls/ws2_32/unix/proactor.c \
	dlls/ws2_32/unix/proactor_epoll.c \
	dlls/ws2_32/unix/readiness.c \
	dlls/ws2_32/unix/recovery.c \
	dlls/ws2_32/unix/resolver.c \
	dlls/ws2_32/unix/rio_buffer.c \
	dlls/ws2_32/unix/rio_completion_queue.c \
	dlls/ws2_32/unix/rio_request.c \
	dlls/ws2_32/unix/rio_request_queue.c \
	dlls/ws2_32/unix/rio_table.c \
	dlls/ws2_32/unix/select.c \
	dlls/ws2_32/unix/show.c \
	dlls/ws2_32/unix/socket.c \
	dlls/ws2_32/unix/socket_operations.c \
	dlls/ws2_32/unix/socket_state.c \
	dlls/ws2_32/unix/status.c \
	dlls/ws2_32/unix/transfer.c \
	dlls/ws2_32/unix/transmit_operation.c \
	dlls/ws2_32/unix/tcp_info.c \
	dlls/ws2_32/unix/time_stamp.c \
	dlls/ws2_32/unix/wait.c
libws2unix_la_CPPFLAGS = $(AM_CPPFLAGS) $(LIBC_NAMES_CPPFLAGS)
libws2unix_la_CFLAGS = $(AM_CFLAGS) -ftls-model=initial-exec

libhostnative_la_SOURCES = \
	dlls/ws2_32/host/catalog_file.c \
	dlls/ws2_32/host/catalog_items.c \
	dlls/ws2_32/host/catalog_watch.c \
	dlls/ws2_32/host/handle_calls.c \
	dlls/ws2_32/host/native/catalog.c \
	dlls/ws2_32/host/native/directory.c \
	dlls/ws2_32/host/native/embed.c \
	dlls/ws2_32/host/native/event.c \
	dlls/ws2_32/host/native/handle.c \
	dlls/ws2_32/host/native/notification_handle.c \
	dlls/ws2_32/host/native/port.c \
	dlls/ws2_32/host/native/port_sockets.c \
	dlls/ws2_32/host/native/memory.c \
	dlls/ws2_32/host/native/path.c \
	dlls/ws2_32/host/native/library.c \
	dlls/ws2_32/host/native/process.c \
	dlls/ws2_32/host/native/thread.c
libhostnative_la_CPPFLAGS = $(AM_CPPFLAGS) $(LIBC_NAMES_CPPFLAGS)
libhostnative_la_CFLAGS = $(AM_CFLAGS) -ftls-model=initial-exec

lib_LTLIBRARIES += libws2_32.la

dlls/ws2_32/ws2_32.map: dlls/ws2_32/exports/ws2_32.exports \
		dlls/ws2_32/exports/generate dlls/ws2_32/sanitizer_names.h
	$(AM_V_GEN)$(MKDIR_P) dlls/ws2_32 && \
	$(SHELL) $(srcdir)/dlls/ws2_32/exports/generate version-script \
	    $(srcdir)/dlls/ws2_32/exports/ws2_32.exports >$@.tmp && \
	mv -f $@.tmp $@

libws2_32_la_SOURCES =
libws2_32_la_LIBADD = $(WS2_PARTS) libhostnative.la -lpthread
libws2_32_la_LDFLAGS = $(AM_LDFLAGS) -avoid-version \
	-Wl,--version-script=dlls/ws2_32/ws2_32.map
libws2_32_la_DEPENDENCIES = $(WS2_PARTS) libhostnative.la \
	dlls/ws2_32/ws2_32.map
CLEANFILES += dlls/ws2_32/ws2_32.map

# That libc's and Winsock's functions of one name stay apart.
if !WITH_SANITIZER
TESTS += dlls/ws2_32/check-names
endif
dist_check_SCRIPTS += dlls/ws2_32/check-names

# That the library exports what the list says.
TESTS += dlls/ws2_32/exports/check-symbols
dist_check_SCRIPTS += dlls/ws2_32/exports/check-symbols
