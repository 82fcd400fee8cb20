# SPDX-License-Identifier: LGPL-2.1-or-later
# Part of the top-level Makefile.am; paths are relative to the top.

# Layers, each of which may use those above it here and no other.
noinst_LTLIBRARIES += libws2util.la libws2wire.la libws2core.la

libws2util_la_SOURCES = \
	server/util/fd.c \
	server/util/fd.h \
	server/util/icmp_error.c \
	server/util/icmp_error.h \
	server/util/list.h \
	server/util/log.c \
	server/util/log.h \
	server/util/loop.c \
	server/util/loop.h \
	server/util/runtime_directory.c \
	server/util/runtime_directory.h \
	server/util/watch.c \
	server/util/watch.h
# Both are also linked into the library: see dlls/ws2_32/libc_names.h.
libws2util_la_CPPFLAGS = $(AM_CPPFLAGS) $(LIBC_NAMES_CPPFLAGS)

# Frames are the clients' as well.
libws2wire_la_SOURCES = \
	server/wire/frame.c \
	server/wire/frame.h
libws2wire_la_CPPFLAGS = $(AM_CPPFLAGS) $(LIBC_NAMES_CPPFLAGS)

libws2core_la_SOURCES = \
	server/core/advertisement.c \
	server/core/advertisement.h \
	server/core/binding.c \
	server/core/binding.h \
	server/core/client.c \
	server/core/client.h \
	server/core/dispatch.c \
	server/core/dispatch.h \
	server/core/duplicate.c \
	server/core/duplicate.h \
	server/core/event_target.c \
	server/core/event_target.h \
	server/core/holder.c \
	server/core/holder.h \
	server/core/limits.h \
	server/core/monitor.c \
	server/core/monitor.h \
	server/core/network_changes.c \
	server/core/network_changes.h \
	server/core/network_events.c \
	server/core/network_events.h \
	server/core/notifier.c \
	server/core/notifier.h \
	server/core/observation.c \
	server/core/observation.h \
	server/core/record.c \
	server/core/record.h \
	server/core/registration.c \
	server/core/registration.h \
	server/core/request.h \
	server/core/request_client.c \
	server/core/request_event.c \
	server/core/request_list.c \
	server/core/request_name.c \
	server/core/request_ports.c \
	server/core/request_provider.c \
	server/core/request_socket.c \
	server/core/reservation.c \
	server/core/reservation.h \
	server/core/server.c \
	server/core/server.h \
	server/core/socket.c \
	server/core/socket.h

libexec_PROGRAMS += ws2server
ws2server_SOURCES = \
	server/daemon/detach.c \
	server/daemon/detach.h \
	server/daemon/listener.c \
	server/daemon/listener.h \
	server/daemon/main.c \
	server/daemon/options.c \
	server/daemon/options.h \
	server/daemon/place.c \
	server/daemon/place.h
ws2server_LDADD = libws2core.la libws2wire.la libws2util.la
