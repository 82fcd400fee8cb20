# SPDX-License-Identifier: LGPL-2.1-or-later
# Part of the top-level Makefile.am; paths are relative to the top.
#
# `make check-real`: Windows programs that nobody here wrote, on ws2emu in
# Wine.  Each is fetched or built when the test runs, and kept in the build tree.

EXTRA_DIST += \
	tests/real/curl \
	tests/real/esbuild \
	tests/real/frame.sh \
	tests/real/libuv \
	tests/real/node \
	tests/real/node_client.js \
	tests/real/node_peer.py \
	tests/real/node_server.js \
	tests/real/ffmpeg \
	tests/real/postgres \
	tests/real/run

check-real: all
	@builddir=$(abs_builddir) srcdir=$(abs_srcdir) \
	WINE='$(WINE)' WINESERVER='$(WINESERVER)' MINGW_CC='$(MINGW_CC)' \
	$(srcdir)/tests/real/run $(REAL_PROGRAMS)

# node.exe alone, for the benchmark.
get-node: all
	@builddir=$(abs_builddir) srcdir=$(abs_srcdir) \
	WINE='$(WINE)' WINESERVER='$(WINESERVER)' \
	$(srcdir)/tests/real/node --get

clean-local: clean-real
clean-real:
	rm -rf tests/real/work

.PHONY: check-real clean-real get-node
