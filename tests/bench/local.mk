# SPDX-License-Identifier: LGPL-2.1-or-later
# Part of the top-level Makefile.am; paths are relative to the top.
#
# `make bench`: one table of what calls cost; BENCH_FLAGS="--quick", ...

bench_header_files = tests/bench/measure.h tests/bench/rows.h
noinst_HEADERS += $(bench_header_files)
EXTRA_DIST += tests/bench/run tests/bench/ports_win32.c \
	tests/bench/threads_win32.c

EXTRA_PROGRAMS += tests/bench/kernel tests/bench/bench
EXTRA_LTLIBRARIES += tests/bench/libmeasure.la

tests_bench_libmeasure_la_SOURCES = \
	tests/bench/measure.c \
	tests/bench/threads_posix.c

tests_bench_kernel_SOURCES = tests/bench/rows.c tests/bench/calls_kernel.c \
	tests/bench/ports_none.c
tests_bench_kernel_CPPFLAGS = -DBENCH_KERNEL $(AM_CPPFLAGS)
tests_bench_kernel_LDADD = tests/bench/libmeasure.la -lpthread

tests_bench_bench_SOURCES = tests/bench/rows.c \
	tests/bench/calls_winsock.c tests/bench/registered.c \
	tests/bench/ports_none.c
tests_bench_bench_CPPFLAGS = $(WINDOWS_CPPFLAGS)
tests_bench_bench_CFLAGS = $(WINDOWS_CFLAGS)
tests_bench_bench_LDFLAGS = $(AM_LDFLAGS) -no-install
tests_bench_bench_LDADD = tests/bench/libmeasure.la libws2_32.la -lpthread

EXTRA_PROGRAMS += tests/bench/dispatch
tests_bench_dispatch_SOURCES = tests/bench/dispatch.c
tests_bench_dispatch_CPPFLAGS = $(WINDOWS_CPPFLAGS)
tests_bench_dispatch_CFLAGS = $(WINDOWS_CFLAGS)
tests_bench_dispatch_LDFLAGS = $(AM_LDFLAGS) -no-install
tests_bench_dispatch_LDADD = libws2_32.la -ldl
CLEANFILES += tests/bench/dispatch$(EXEEXT)

# What the way to a provider costs: to the base provider, and with one layer
# that passes everything on.
bench_layer = 4c415945-5200-0001-9d51-777332656d75
bench-dispatch: tests/bench/dispatch$(EXEEXT) ws2server$(EXEEXT) \
		ws2provider$(EXEEXT) tests/support/layer1.la
	@WS2EMU_CATALOG=`mktemp` && rm -f "$$WS2EMU_CATALOG" && \
	export WS2EMU_CATALOG WS2EMU_SERVER=$(abs_builddir)/ws2server && \
	./ws2provider install --ifs $(bench_layer) "Layer 1" \
	    $(abs_builddir)/tests/support/.libs/layer1.so >/dev/null && \
	tests/bench/dispatch; status=$$?; \
	rm -f "$$WS2EMU_CATALOG"; exit $$status
.PHONY: bench-dispatch

bench_built = tests/bench/kernel$(EXEEXT) tests/bench/bench$(EXEEXT)
bench_ws2run =

if WITH_WINE
bench_built += tests/bench/bench.exe
bench_ws2run += $(abs_builddir)/tools/ws2run

bench_exe_files = tests/bench/rows.c tests/bench/measure.c \
	tests/bench/calls_winsock.c tests/bench/registered.c \
	tests/bench/ports_win32.c tests/bench/threads_win32.c

tests/bench/bench.exe: $(bench_exe_files) $(bench_header_files)
	$(AM_V_CC)$(MKDIR_P) tests/bench && \
	$(MINGW_CC) -std=gnu17 -O2 $(WARNING_CFLAGS) -I$(srcdir)/include -o $@ \
		$(bench_exe_files:%=$(srcdir)/%) -lws2_32
endif

CLEANFILES += tests/bench/kernel$(EXEEXT) tests/bench/bench$(EXEEXT) \
	tests/bench/libmeasure.la tests/bench/bench.exe

bench: all $(bench_built)
	@BENCH_PROGRAMS=$(abs_builddir)/tests/bench \
	BENCH_NODE=$(abs_builddir)/tests/real/work/node/package/bin/node.exe \
	WS2EMU_SERVER=$(abs_builddir)/ws2server WS2RUN=$(bench_ws2run) \
	$(srcdir)/tests/bench/run $(BENCH_FLAGS)
