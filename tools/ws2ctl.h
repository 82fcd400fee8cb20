/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The outputs of ws2ctl.  Each prints a whole snapshot to standard output and
 * returns 0 or -errno.
 */
#ifndef WS2CTL_H
#define WS2CTL_H

#include <ws2emu/inspect.h>

#define EVENTS_LENGTH 160 /* all names of events */

int print_tables(const struct ws2emu_snapshot *snapshot);
int print_json(const struct ws2emu_snapshot *snapshot);

#endif
