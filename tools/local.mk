# SPDX-License-Identifier: LGPL-2.1-or-later
# Part of the top-level Makefile.am; paths are relative to the top.

# --- ws2run: programs on ws2emu, Wine prefixes -----------------------------------

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
