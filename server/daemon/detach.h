/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Detaching from the process that started the server. */
#ifndef DAEMON_DETACH_H
#define DAEMON_DETACH_H

#include <stdbool.h>

int detach_clean(void);
int detach_fork(void);
void detach_report_ready(bool detached, bool keep_errors);

#endif
