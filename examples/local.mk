# SPDX-License-Identifier: LGPL-2.1-or-later
# Part of the top-level Makefile.am; paths are relative to the top.
#
# Providers: shared objects for native programs, DLLs for programs in Wine, of
# the same sources.  examples/README.md tells how to use them.

EXTRA_DIST += \
	examples/README.md \
	examples/socks5/README.md \
	examples/traffic_log/README.md \
	examples/common/chain.h \
	examples/common/platform.h \
	examples/common/platform_windows.c \
	examples/common/relay.h

EXAMPLE_CPPFLAGS = -I$(top_srcdir)/examples/common $(WINDOWS_CPPFLAGS)
# One symbol: the rest of a provider is nobody's business.
EXAMPLE_LDFLAGS = $(AM_LDFLAGS) -module -avoid-version -shared \
	-export-symbols-regex '^WSPStartup$$'

noinst_LTLIBRARIES += examples/common/libchain.la examples/common/libplatform.la

examples_common_libchain_la_SOURCES = examples/common/chain.c \
	examples/common/relay.c
examples_common_libchain_la_CPPFLAGS = $(EXAMPLE_CPPFLAGS)
examples_common_libchain_la_CFLAGS = $(WINDOWS_CFLAGS)

examples_common_libplatform_la_SOURCES = examples/common/platform_native.c
examples_common_libplatform_la_CFLAGS = $(AM_CFLAGS)

EXAMPLE_LIBS = examples/common/libchain.la examples/common/libplatform.la \
	libws2_32.la -lpthread

providerdir = $(libdir)/ws2emu/providers
provider_LTLIBRARIES = examples/traffic_log/traffic_log.la \
	examples/socks5/socks5.la

examples_traffic_log_traffic_log_la_SOURCES = \
	examples/traffic_log/traffic_log.c
examples_traffic_log_traffic_log_la_CPPFLAGS = $(EXAMPLE_CPPFLAGS)
examples_traffic_log_traffic_log_la_CFLAGS = $(WINDOWS_CFLAGS)
examples_traffic_log_traffic_log_la_LDFLAGS = $(EXAMPLE_LDFLAGS)
examples_traffic_log_traffic_log_la_LIBADD = $(EXAMPLE_LIBS)

examples_socks5_socks5_la_SOURCES = \
	examples/socks5/proxy.c \
	examples/socks5/proxy.h \
	examples/socks5/socks5.c
examples_socks5_socks5_la_CPPFLAGS = $(EXAMPLE_CPPFLAGS)
examples_socks5_socks5_la_CFLAGS = $(WINDOWS_CFLAGS)
examples_socks5_socks5_la_LDFLAGS = $(EXAMPLE_LDFLAGS)
examples_socks5_socks5_la_LIBADD = $(EXAMPLE_LIBS)

# --- ws2provider --------------------------------------------------------------

bin_PROGRAMS += ws2provider
ws2provider_SOURCES = tools/ws2provider.c
ws2provider_CPPFLAGS = $(WINDOWS_CPPFLAGS)
ws2provider_CFLAGS = $(WINDOWS_CFLAGS)
ws2provider_LDADD = libws2_32.la

# --- The layers of the tests --------------------------------------------------

# -rpath makes libtool build a module that is not installed.
LAYER_LDFLAGS = $(EXAMPLE_LDFLAGS) -rpath /nowhere

check_LTLIBRARIES += tests/support/layer1.la tests/support/layer2.la \
	tests/support/layer3.la tests/support/handle_layer.la \
	tests/support/bad_provider.la tests/support/name_space.la
tests_support_name_space_la_SOURCES = tests/support/name_space.c
tests_support_name_space_la_CPPFLAGS = $(EXAMPLE_CPPFLAGS)
tests_support_name_space_la_CFLAGS = $(WINDOWS_CFLAGS)
tests_support_name_space_la_LDFLAGS = $(AM_LDFLAGS) -module -avoid-version \
	-shared -export-symbols-regex '^NSPStartup$$' -rpath /nowhere
tests_support_name_space_la_LIBADD = libws2_32.la
tests_support_handle_layer_la_SOURCES = tests/support/handle_layer.c \
	tests/support/handle_requests.c
tests_support_handle_layer_la_CPPFLAGS = $(EXAMPLE_CPPFLAGS)
tests_support_handle_layer_la_CFLAGS = $(WINDOWS_CFLAGS)
tests_support_handle_layer_la_LDFLAGS = $(LAYER_LDFLAGS)
tests_support_handle_layer_la_LIBADD = $(EXAMPLE_LIBS)
tests_support_bad_provider_la_SOURCES = tests/support/bad_provider.c
tests_support_bad_provider_la_CPPFLAGS = $(EXAMPLE_CPPFLAGS)
tests_support_bad_provider_la_CFLAGS = $(WINDOWS_CFLAGS)
tests_support_bad_provider_la_LDFLAGS = $(LAYER_LDFLAGS)
tests_support_bad_provider_la_LIBADD = $(EXAMPLE_LIBS)
tests_support_layer1_la_SOURCES = tests/support/layer.c
tests_support_layer1_la_CPPFLAGS = $(EXAMPLE_CPPFLAGS) -DLAYER=1
tests_support_layer1_la_CFLAGS = $(WINDOWS_CFLAGS)
tests_support_layer1_la_LDFLAGS = $(LAYER_LDFLAGS)
tests_support_layer1_la_LIBADD = $(EXAMPLE_LIBS)
tests_support_layer2_la_SOURCES = tests/support/layer.c
tests_support_layer2_la_CPPFLAGS = $(EXAMPLE_CPPFLAGS) -DLAYER=2
tests_support_layer2_la_CFLAGS = $(WINDOWS_CFLAGS)
tests_support_layer2_la_LDFLAGS = $(LAYER_LDFLAGS)
tests_support_layer2_la_LIBADD = $(EXAMPLE_LIBS)
tests_support_layer3_la_SOURCES = tests/support/layer.c
tests_support_layer3_la_CPPFLAGS = $(EXAMPLE_CPPFLAGS) -DLAYER=3
tests_support_layer3_la_CFLAGS = $(WINDOWS_CFLAGS)
tests_support_layer3_la_LDFLAGS = $(LAYER_LDFLAGS)
tests_support_layer3_la_LIBADD = $(EXAMPLE_LIBS)

# --- For Wine -----------------------------------------------------------------

if WITH_WINE

EXAMPLE_DLL = $(MINGW_CC) -std=gnu17 $(WARNING_CFLAGS) -O2 -shared -static-libgcc \
	-I$(srcdir)/include -I$(srcdir)/examples/common
example_dll_sources = $(srcdir)/examples/common/chain.c \
	$(srcdir)/examples/common/relay.c \
	$(srcdir)/examples/common/platform_windows.c
example_dll_needs = $(example_dll_sources) \
	$(srcdir)/examples/common/chain.h $(srcdir)/examples/common/relay.h \
	$(srcdir)/examples/common/platform.h \
	$(srcdir)/include/ws2spi.h $(srcdir)/examples/provider.def

examples_dlls = wine/x86_64-windows/traffic_log.dll \
	wine/x86_64-windows/socks5.dll
examples_wine = $(examples_dlls) wine/x86_64-windows/ws2provider.exe

wine/x86_64-windows/traffic_log.dll: examples/traffic_log/traffic_log.c \
		$(example_dll_needs)
	$(AM_V_CC)$(MKDIR_P) wine/x86_64-windows && $(EXAMPLE_DLL) -o $@ \
	    $(srcdir)/examples/traffic_log/traffic_log.c \
	    $(example_dll_sources) $(srcdir)/examples/provider.def -lws2_32

wine/x86_64-windows/socks5.dll: examples/socks5/socks5.c \
		examples/socks5/proxy.c examples/socks5/proxy.h \
		$(example_dll_needs)
	$(AM_V_CC)$(MKDIR_P) wine/x86_64-windows && $(EXAMPLE_DLL) -o $@ \
	    $(srcdir)/examples/socks5/socks5.c \
	    $(srcdir)/examples/socks5/proxy.c \
	    $(example_dll_sources) $(srcdir)/examples/provider.def -lws2_32

wine/x86_64-windows/ws2provider.exe: tools/ws2provider.c include/ws2spi.h
	$(AM_V_CC)$(MKDIR_P) wine/x86_64-windows && \
	$(MINGW_CC) -std=gnu17 $(WARNING_CFLAGS) -O2 -I$(srcdir)/include -o $@ \
	    $(srcdir)/tools/ws2provider.c -lws2_32

winewindows_DATA += $(examples_wine)
CLEANFILES += $(examples_wine)

test_layers = tests/support/layer1.dll tests/support/layer2.dll \
	tests/support/layer3.dll
tests/support/handle_layer.dll: tests/support/handle_layer.c \
		tests/support/handle_requests.c tests/support/handle_requests.h \
		$(example_dll_needs)
	$(AM_V_CC)$(MKDIR_P) tests/support && $(EXAMPLE_DLL) -o $@ \
	    $(srcdir)/tests/support/handle_layer.c \
	    $(srcdir)/tests/support/handle_requests.c \
	    $(example_dll_sources) $(srcdir)/examples/provider.def -lws2_32
tests/support/bad_provider.dll: tests/support/bad_provider.c $(example_dll_needs)
	$(AM_V_CC)$(MKDIR_P) tests/support && $(EXAMPLE_DLL) -o $@ \
	    $(srcdir)/tests/support/bad_provider.c \
	    $(example_dll_sources) $(srcdir)/examples/provider.def -lws2_32
$(test_layers): tests/support/layer.c $(example_dll_needs)
	$(AM_V_CC)$(MKDIR_P) tests/support && number=`echo $@ | \
	    $(SED) 's/.*layer\(.\)\.dll/\1/'` && $(EXAMPLE_DLL) -o $@ \
	    -DLAYER=$$number $(srcdir)/tests/support/layer.c \
	    $(example_dll_sources) $(srcdir)/examples/provider.def -lws2_32
tests/support/name_space.dll: tests/support/name_space.c include/ws2spi.h
	$(AM_V_CC)$(MKDIR_P) tests/support && \
	printf 'EXPORTS\n  NSPStartup\n' > tests/support/name_space.def && \
	$(EXAMPLE_DLL) -o $@ $(srcdir)/tests/support/name_space.c \
	    tests/support/name_space.def -lws2_32
tests/providers/client.exe: tests/providers/client.c
	$(AM_V_CC)$(MKDIR_P) tests/providers && \
	$(MINGW_CC) -std=gnu17 $(WARNING_CFLAGS) -O2 -o $@ \
	    $(srcdir)/tests/providers/client.c -lws2_32
if WITH_WINE_TESTS
check_DATA += $(test_layers) tests/support/handle_layer.dll \
	tests/support/bad_provider.dll tests/support/name_space.dll \
	tests/providers/client.exe
endif
CLEANFILES += $(test_layers) tests/support/handle_layer.dll \
	tests/support/bad_provider.dll tests/support/name_space.dll \
	tests/providers/client.exe

endif

EXTRA_DIST += examples/provider.def

# --- The tests ----------------------------------------------------------------

if WITH_CUNIT
TESTS += tests/providers/chain.test tests/providers/examples.test
check_PROGRAMS += tests/providers/proxy tests/providers/client
endif
dist_check_SCRIPTS += tests/providers/chain.test tests/providers/examples.test

tests_providers_proxy_SOURCES = tests/providers/proxy.c
tests_providers_proxy_LDADD = -lpthread
tests_providers_client_SOURCES = tests/providers/client.c
tests_providers_client_CPPFLAGS = $(WINDOWS_CPPFLAGS)
tests_providers_client_CFLAGS = $(WINDOWS_CFLAGS)
tests_providers_client_LDFLAGS = $(AM_LDFLAGS) -no-install
tests_providers_client_LDADD = libws2_32.la

# In the prefix that run-wine makes, one after the other.
tests/providers/examples.log: tests/conformance/run-wine.log
tests/providers/chain.log: tests/providers/examples.log
EXTRA_DIST += tests/support/layer.c tests/support/handle_layer.c \
	tests/support/handle_requests.c tests/support/handle_requests.h \
	tests/support/bad_provider.c
