/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Waiting for notices on a descriptor until somebody stops it.
 *
 * A notice only says that something may have changed.  What it tells is thrown
 * away: who waits looks for itself.
 */
#ifndef UTIL_WATCH_H
#define UTIL_WATCH_H

#include <stdbool.h>

struct watch {
    int notices; /* readable with each notice; non-blocking */
    int stop;    /* eventfd, which nobody reads */
};

int watch_init(struct watch *watch, int notices);
void watch_deinit(struct watch *watch);
bool watch_wait(const struct watch *watch);
void watch_stop(const struct watch *watch);

#endif
