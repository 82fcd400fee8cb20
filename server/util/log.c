/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Lines on standard error.
 *
 * Each line goes out by one write, so lines of several processes do not mix.
 * A detached process has its standard error on /dev/null: logging costs it a
 * write and never waits.
 */
#include "util/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

static bool tracing;

/* Turns log_trace on or off. */
void log_set_tracing(bool on)
{
    tracing = on;
}

/* Whether log_trace prints: for callers whose arguments cost something. */
bool log_is_tracing(void)
{
    return tracing;
}

static void print_line(const char *format, va_list arguments)
{
    static const char prefix[] = "ws2server: ";
    char line[512];
    int length;

    length = snprintf(line, sizeof line, "%s", prefix);
    length += vsnprintf(line + length, sizeof line - (size_t)length - 1, format,
                        arguments);
    if (length > (int)sizeof line - 2)
        length = sizeof line - 2;
    line[length++] = '\n';
    if (write(STDERR_FILENO, line, (size_t)length) < 0)
        return; /* nobody is left to tell */
}

/* Prints one line about something that went wrong. */
void log_error(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    print_line(format, arguments);
    va_end(arguments);
}

/* Prints one line when tracing is on. */
void log_trace(const char *format, ...)
{
    va_list arguments;

    if (!tracing)
        return;
    va_start(arguments, format);
    print_line(format, arguments);
    va_end(arguments);
}
