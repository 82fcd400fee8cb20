# SPDX-License-Identifier: LGPL-2.1-or-later
# Part of the top-level Makefile.am; paths are relative to the top.
#
# The library inside Wine: ws2emu.dll.so, a winelib module of the same parts as
# libws2_32.so but with the Wine host, and ws2_32.dll, a PE file whose exports
# all forward to it.  tools/ws2run.in tells how a prefix gets at them.

EXTRA_DIST += \
	dlls/ws2_32/host/wine/afd_file.c \
	dlls/ws2_32/host/wine/afd_file.h \
	dlls/ws2_32/host/wine/afd_hooks.c \
	dlls/ws2_32/host/wine/afd_hooks.h \
	dlls/ws2_32/host/wine/afd_name.c \
	dlls/ws2_32/host/wine/afd_name.h \
	dlls/ws2_32/host/wine/afd_poll.c \
	dlls/ws2_32/host/wine/afd_poll.h \
	dlls/ws2_32/host/wine/afd_receive.c \
	dlls/ws2_32/host/wine/afd_receive.h \
	dlls/ws2_32/host/wine/bare_handle.c \
	dlls/ws2_32/host/wine/bare_handle.h \
	dlls/ws2_32/host/wine/cancel_hooks.c \
	dlls/ws2_32/host/wine/cancel_hooks.h \
	dlls/ws2_32/host/wine/completion.c \
	dlls/ws2_32/host/wine/completion_hooks.c \
	dlls/ws2_32/host/wine/completion_hooks.h \
	dlls/ws2_32/host/wine/completion_port.c \
	dlls/ws2_32/host/wine/completion_port.h \
	dlls/ws2_32/host/wine/catalog.c \
	dlls/ws2_32/host/wine/catalog.h \
	dlls/ws2_32/host/wine/catalog_watch.c \
	dlls/ws2_32/host/wine/event.c \
	dlls/ws2_32/host/wine/file_hooks.c \
	dlls/ws2_32/host/wine/file_hooks.h \
	dlls/ws2_32/host/wine/handle_hooks.c \
	dlls/ws2_32/host/wine/handle_hooks.h \
	dlls/ws2_32/host/wine/socket_handle.h \
	dlls/ws2_32/host/wine/handle_table.c \
	dlls/ws2_32/host/wine/handle_table.h \
	dlls/ws2_32/host/wine/hook.c \
	dlls/ws2_32/host/wine/hook.h \
	dlls/ws2_32/host/wine/library.c \
	dlls/ws2_32/host/wine/memory.c \
	dlls/ws2_32/host/wine/notification_handle.c \
	dlls/ws2_32/host/wine/notification_handle.h \
	dlls/ws2_32/host/wine/nt.c \
	dlls/ws2_32/host/wine/nt.h \
	dlls/ws2_32/host/wine/path.c \
	dlls/ws2_32/host/wine/posix.c \
	dlls/ws2_32/host/wine/posix.h \
	dlls/ws2_32/host/wine/process.c \
	dlls/ws2_32/host/wine/process_hooks.c \
	dlls/ws2_32/host/wine/process_hooks.h \
	dlls/ws2_32/host/wine/provider_path.c \
	dlls/ws2_32/host/wine/request_hooks.c \
	dlls/ws2_32/host/wine/request_hooks.h \
	dlls/ws2_32/host/wine/socket_file_hooks.c \
	dlls/ws2_32/host/wine/socket_file_hooks.h \
	dlls/ws2_32/host/wine/socket_handle.c \
	dlls/ws2_32/host/wine/thread.c \
	dlls/ws2_32/host/wine/thread.h \
	dlls/ws2_32/host/wine/wait_hooks.c \
	dlls/ws2_32/host/wine/wait_hooks.h \
	dlls/ws2_32/host/wine/window.c

if WITH_WINE

noinst_LTLIBRARIES += libhostwine.la libhostwineposix.la

libhostwine_la_SOURCES = \
	dlls/ws2_32/host/wine/afd_file.c \
	dlls/ws2_32/host/wine/afd_hooks.c \
	dlls/ws2_32/host/wine/afd_name.c \
	dlls/ws2_32/host/wine/afd_poll.c \
	dlls/ws2_32/host/wine/afd_receive.c \
	dlls/ws2_32/host/wine/bare_handle.c \
	dlls/ws2_32/host/wine/cancel_hooks.c \
	dlls/ws2_32/host/wine/completion.c \
	dlls/ws2_32/host/wine/completion_hooks.c \
	dlls/ws2_32/host/wine/completion_port.c \
	dlls/ws2_32/host/wine/catalog.c \
	dlls/ws2_32/host/wine/catalog_watch.c \
	dlls/ws2_32/host/wine/event.c \
	dlls/ws2_32/host/wine/file_hooks.c \
	dlls/ws2_32/host/wine/handle_hooks.c \
	dlls/ws2_32/host/wine/handle_table.c \
	dlls/ws2_32/host/wine/hook.c \
	dlls/ws2_32/host/wine/library.c \
	dlls/ws2_32/host/wine/memory.c \
	dlls/ws2_32/host/wine/notification_handle.c \
	dlls/ws2_32/host/wine/nt.c \
	dlls/ws2_32/host/wine/path.c \
	dlls/ws2_32/host/wine/process.c \
	dlls/ws2_32/host/wine/process_hooks.c \
	dlls/ws2_32/host/wine/provider_path.c \
	dlls/ws2_32/host/wine/request_hooks.c \
	dlls/ws2_32/host/wine/socket_file_hooks.c \
	dlls/ws2_32/host/wine/socket_handle.c \
	dlls/ws2_32/host/wine/thread.c \
	dlls/ws2_32/host/wine/wait_hooks.c \
	dlls/ws2_32/host/wine/window.c
# <wine/exception.h> is two folders up from the Windows headers.  windows.h
# without sockets: the boundary's names stay as they are.
libhostwine_la_CPPFLAGS = $(WINDOWS_CPPFLAGS) \
	-isystem $(WINE_INCLUDES)/../.. -DWIN32_LEAN_AND_MEAN
libhostwine_la_CFLAGS = $(WINDOWS_CFLAGS)

libhostwineposix_la_SOURCES = dlls/ws2_32/host/wine/posix.c \
	dlls/ws2_32/host/catalog_file.c \
	dlls/ws2_32/host/catalog_items.c \
	dlls/ws2_32/host/catalog_watch.c \
	dlls/ws2_32/host/handle_calls.c
libhostwineposix_la_CPPFLAGS = $(AM_CPPFLAGS) $(LIBC_NAMES_CPPFLAGS)
libhostwineposix_la_CFLAGS = $(AM_CFLAGS)

wine_module = wine/x86_64-unix/ws2emu.dll.so
wine_forwarder = wine/x86_64-windows/ws2_32.dll
wine_exports = $(srcdir)/dlls/ws2_32/exports/ws2_32.exports
wine_generate = $(SHELL) $(srcdir)/dlls/ws2_32/exports/generate
wine_parts = $(WS2_PARTS) libhostwine.la libhostwineposix.la

wine/ws2emu.spec: dlls/ws2_32/exports/ws2_32.exports \
		dlls/ws2_32/exports/generate
	$(AM_V_GEN)$(MKDIR_P) wine && \
	$(wine_generate) spec $(wine_exports) >$@.tmp && mv -f $@.tmp $@

# As in libws2_32.so, the version keeps libc's functions apart from Winsock's
# of the same names.  Wine's loader looks for the header.
wine/ws2emu.map: dlls/ws2_32/ws2_32.map
	$(AM_V_GEN)$(MKDIR_P) wine && \
	$(SED) 's/^global:$$/global:\n    __wine_spec_nt_header;/' \
	    dlls/ws2_32/ws2_32.map >$@.tmp && mv -f $@.tmp $@

wine/ws2_32.def: dlls/ws2_32/exports/ws2_32.exports \
		dlls/ws2_32/exports/generate
	$(AM_V_GEN)$(MKDIR_P) wine && \
	$(wine_generate) forward-def $(wine_exports) >$@.tmp && mv -f $@.tmp $@

# winebuild looks for the undefined symbols of objects, not of archives.
wine/ws2emu.o: $(wine_parts)
	$(AM_V_GEN)$(MKDIR_P) wine && \
	objects= && \
	for part in $(wine_parts); do \
	    directory=`dirname $$part` && name=`basename $$part .la` && \
	    objects="$$objects $$directory/.libs/$$name.a" || exit 1; \
	done && \
	$(LD) -r -o $@.tmp --whole-archive $$objects && mv -f $@.tmp $@

$(wine_module): wine/ws2emu.spec wine/ws2emu.o wine/ws2emu.map
	$(AM_V_GEN)$(MKDIR_P) wine/x86_64-unix && \
	$(WINEGCC) -shared -o $@.tmp.dll.so wine/ws2emu.spec wine/ws2emu.o \
	    -lntdll -lkernel32 -ladvapi32 -Wl,--version-script=wine/ws2emu.map && \
	mv -f $@.tmp.dll.so $@

# No code, so no entry point and no run-time library.
$(wine_forwarder): wine/ws2_32.def
	$(AM_V_GEN)$(MKDIR_P) wine/x86_64-windows && \
	$(MINGW_CC) -shared -nostdlib -Wl,--entry=0 \
	    -Wl,--no-insert-timestamp -o $@.tmp wine/ws2_32.def && \
	mv -f $@.tmp $@

wineunixdir = $(libdir)/ws2emu/wine/x86_64-unix
wineunix_DATA = $(wine_module)
winewindowsdir = $(libdir)/ws2emu/wine/x86_64-windows
winewindows_DATA = $(wine_forwarder)

CLEANFILES += wine/ws2emu.spec wine/ws2emu.map wine/ws2_32.def \
	wine/ws2emu.o $(wine_module) $(wine_forwarder)

# --- The test -----------------------------------------------------------------

tests/wine/exits.exe: tests/wine/exits.c
	$(AM_V_CC)$(MKDIR_P) tests/wine && \
	$(MINGW_CC) -std=gnu17 $(WARNING_CFLAGS) -O2 -o $@ \
	    $(srcdir)/tests/wine/exits.c -lws2_32

tests/wine/handles.exe: tests/wine/handles.c
	$(AM_V_CC)$(MKDIR_P) tests/wine && \
	$(MINGW_CC) -std=gnu17 $(WARNING_CFLAGS) -O2 -o $@ \
	    $(srcdir)/tests/wine/handles.c -lws2_32

# Programs that use DLLs of Wine's that use ws2_32.
tests/wine/winsock1.exe: tests/wine/winsock1.c
	$(AM_V_CC)$(MKDIR_P) tests/wine && \
	$(MINGW_CC) -std=gnu17 $(WARNING_CFLAGS) -O2 -o $@ \
	    $(srcdir)/tests/wine/winsock1.c -lwsock32

tests/wine/http.exe: tests/wine/http.c
	$(AM_V_CC)$(MKDIR_P) tests/wine && \
	$(MINGW_CC) -std=gnu17 $(WARNING_CFLAGS) -O2 -o $@ \
	    $(srcdir)/tests/wine/http.c -lwinhttp -lwininet -lws2_32

tests/wine/mswsock.exe: tests/wine/mswsock.c
	$(AM_V_CC)$(MKDIR_P) tests/wine && \
	$(MINGW_CC) -std=gnu17 $(WARNING_CFLAGS) -O2 -o $@ \
	    $(srcdir)/tests/wine/mswsock.c -lmswsock -lws2_32

tests/wine/iphlpapi.exe: tests/wine/iphlpapi.c
	$(AM_V_CC)$(MKDIR_P) tests/wine && \
	$(MINGW_CC) -std=gnu17 $(WARNING_CFLAGS) -O2 -o $@ \
	    $(srcdir)/tests/wine/iphlpapi.c -liphlpapi -lws2_32

tests/wine/rpc.exe: tests/wine/rpc.c
	$(AM_V_CC)$(MKDIR_P) tests/wine && \
	$(MINGW_CC) -std=gnu17 $(WARNING_CFLAGS) -O2 -o $@ \
	    $(srcdir)/tests/wine/rpc.c -lrpcrt4 -lws2_32

wine_test_programs = tests/wine/exits.exe tests/wine/handles.exe \
	tests/wine/winsock1.exe tests/wine/http.exe tests/wine/mswsock.exe \
	tests/wine/iphlpapi.exe tests/wine/rpc.exe
$(wine_test_programs): tests/wine/cases.h

if WITH_WINE_TESTS
check_DATA += $(wine_test_programs)
TESTS += tests/wine/run
endif
CLEANFILES += $(wine_test_programs)

endif

dist_check_SCRIPTS += tests/wine/run
EXTRA_DIST += tests/wine/cases.h tests/wine/exits.c tests/wine/handles.c \
	tests/wine/http.c tests/wine/iphlpapi.c tests/wine/mswsock.c \
	tests/wine/rpc.c tests/wine/winsock1.c
