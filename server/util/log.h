/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Lines on standard error, and whether the tracing ones are wanted. */
#ifndef UTIL_LOG_H
#define UTIL_LOG_H

#include <stdbool.h>

void log_set_tracing(bool on);
bool log_is_tracing(void);
void log_error(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_trace(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
