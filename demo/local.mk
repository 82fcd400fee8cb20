# SPDX-License-Identifier: LGPL-2.1-or-later
# Part of the top-level Makefile.am; paths are relative to the top.
#
# `make demo`: source and target, each one text, as Linux programs and as .exe.

demo_common_files = demo/hand_off.c
demo_header_files = demo/hand_off.h demo/platform.h
noinst_HEADERS += $(demo_header_files)
EXTRA_DIST += demo/run demo/platform_win32.c

EXTRA_PROGRAMS += demo/source demo/target
EXTRA_LTLIBRARIES += demo/libplatform.la

demo_libplatform_la_SOURCES = demo/platform_posix.c

demo_source_SOURCES = demo/source.c $(demo_common_files)
demo_source_CPPFLAGS = $(WINDOWS_CPPFLAGS)
demo_source_CFLAGS = $(WINDOWS_CFLAGS)
demo_source_LDFLAGS = $(AM_LDFLAGS) -no-install
demo_source_LDADD = demo/libplatform.la libws2_32.la

demo_target_SOURCES = demo/target.c $(demo_common_files)
demo_target_CPPFLAGS = $(WINDOWS_CPPFLAGS)
demo_target_CFLAGS = $(WINDOWS_CFLAGS)
demo_target_LDFLAGS = $(AM_LDFLAGS) -no-install
demo_target_LDADD = demo/libplatform.la libws2_32.la

demo_built = demo/source$(EXEEXT) demo/target$(EXEEXT)
demo_ws2run =

if WITH_WINE
demo_built += demo/source.exe demo/target.exe
demo_ws2run += $(abs_builddir)/tools/ws2run

demo_compile_exe = $(AM_V_CC)$(MKDIR_P) demo && $(MINGW_CC) -std=gnu17 -O2 \
	$(WARNING_CFLAGS) -o $@

demo/source.exe: demo/source.c demo/hand_off.c demo/platform_win32.c \
		$(demo_header_files)
	$(demo_compile_exe) $(srcdir)/demo/source.c $(srcdir)/demo/hand_off.c \
		$(srcdir)/demo/platform_win32.c -lws2_32
demo/target.exe: demo/target.c demo/hand_off.c demo/platform_win32.c \
		$(demo_header_files)
	$(demo_compile_exe) $(srcdir)/demo/target.c $(srcdir)/demo/hand_off.c \
		$(srcdir)/demo/platform_win32.c -lws2_32
endif

CLEANFILES += demo/source$(EXEEXT) demo/target$(EXEEXT) \
	demo/libplatform.la demo/source.exe demo/target.exe

demo: all $(demo_built)
	@DEMO_PROGRAMS=$(abs_builddir)/demo \
	WS2EMU_SERVER=$(abs_builddir)/ws2server \
	WS2CTL=$(abs_builddir)/ws2ctl WS2RUN=$(demo_ws2run) \
	$(srcdir)/demo/run $(DEMO_FLAGS)
