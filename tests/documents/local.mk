# SPDX-License-Identifier: LGPL-2.1-or-later
# Part of the top-level Makefile.am; paths are relative to the top.

EXTRA_DIST += README.md ARCHITECTURE.md CONTRIBUTING.md
dist_check_SCRIPTS += tests/documents/check tests/documents/layers
TESTS += tests/documents/check tests/documents/layers
