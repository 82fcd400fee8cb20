# SPDX-License-Identifier: LGPL-2.1-or-later
# Part of the top-level Makefile.am; paths are relative to the top.

# --- libws2ctl: inspection ----------------------------------------------------

lib_LTLIBRARIES += libws2ctl.la
embedinclude_HEADERS += include/ws2emu/inspect.h

libws2ctl_la_SOURCES = \
	tools/diag.c \
	tools/diag.h \
	tools/inspect.c \
	tools/inspect.h \
	tools/inspect_text.c \
	server/util/runtime_directory.c \
	server/util/runtime_directory.h \
	server/wire/frame.c \
	server/wire/frame.h
libws2ctl_la_LDFLAGS = $(AM_LDFLAGS) -version-info 0:0:0

# --- ws2ctl -------------------------------------------------------------------

bin_PROGRAMS += ws2ctl

ws2ctl_SOURCES = \
	tools/ws2ctl.c \
	tools/ws2ctl.h \
	tools/ws2ctl_json.c \
	tools/ws2ctl_table.c
ws2ctl_CPPFLAGS = $(AM_CPPFLAGS) -DWS2EMU_VERSION='"$(VERSION)"'
ws2ctl_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS) $(SMARTCOLS_CFLAGS)
ws2ctl_LDADD = libws2ctl.la $(JANSSON_LIBS) $(SMARTCOLS_LIBS)

if WITH_CUNIT
check_PROGRAMS += tests/tools/hold
TESTS += tests/tools/ws2ctl.sh
endif
dist_check_SCRIPTS += tests/tools/ws2ctl.sh

tests_tools_hold_SOURCES = tests/tools/hold.c
tests_tools_hold_CPPFLAGS = $(WINDOWS_CPPFLAGS)
tests_tools_hold_CFLAGS = $(WINDOWS_CFLAGS)
tests_tools_hold_LDFLAGS = $(AM_LDFLAGS) -no-install
tests_tools_hold_LDADD = libws2_32.la

# --- ws2run: programs on ws2emu, Wine prefixes --------------------------------

# A rule here, not config.status: the folders are known to make alone.
tools/ws2run: tools/ws2run.in Makefile
	$(AM_V_GEN)$(MKDIR_P) tools && \
	$(SED) -e 's|@VERSION[@]|$(VERSION)|g' -e 's|@libdir[@]|$(libdir)|g' \
	    -e 's|@libexecdir[@]|$(libexecdir)|g' -e 's|@WINE[@]|$(WINE)|g' \
	    $(srcdir)/tools/ws2run.in >$@.tmp && \
	chmod +x $@.tmp && mv -f $@.tmp $@
bin_SCRIPTS += tools/ws2run
CLEANFILES += tools/ws2run
EXTRA_DIST += tools/ws2run.in

# It makes two Wine prefixes.
if WITH_WINE_TESTS
TESTS += tests/tools/ws2run.sh
endif
dist_check_SCRIPTS += tests/tools/ws2run.sh
AM_TESTS_ENVIRONMENT += \
	builddir='$(abs_top_builddir)'; MINGW_CC='$(MINGW_CC)'; \
	export builddir MINGW_CC;
