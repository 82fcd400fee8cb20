/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Narration and turns: see hand_off.h. */
#include "hand_off.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static const char *narrator = "?";

void narrate_as(const char *who)
{
    narrator = who;
}

/* One write for each line: both processes write to one stream. */
static void narrate(const char *mark, const char *format, va_list arguments)
{
    char line[512];
    int length = snprintf(line, sizeof(line), "%s\t%s\t", mark, narrator);
    int text = vsnprintf(line + length, sizeof(line) - (size_t)length - 1,
                         format, arguments);

    length += text < (int)sizeof(line) - length - 2
                  ? text : (int)sizeof(line) - length - 2;
    line[length++] = '\n';
    fwrite(line, 1, (size_t)length, stderr);
    fflush(stderr);
}

void step(int number, const char *format, ...)
{
    char mark[16];
    va_list arguments;

    snprintf(mark, sizeof(mark), "%d", number);
    va_start(arguments, format);
    narrate(mark, format, arguments);
    va_end(arguments);
}

void proved(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    narrate("+", format, arguments);
    va_end(arguments);
}

void failed(const char *format, ...)
{
    char text[256];
    int error = WSAGetLastError();
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    fprintf(stderr, "!\t%s\t%s (last error %d)\n", narrator, text, error);
    exit(1);
}

void turn_give(struct channel *channel, enum turn turn, const void *data,
               size_t size)
{
    char byte = (char)turn;

    if (channel_write(channel, &byte, 1) < 0 ||
        channel_write(channel, data, size) < 0)
        failed("the pipe broke");
}

void turn_wait(struct channel *channel, enum turn turn, void *data,
               size_t size)
{
    char byte;

    if (channel_read(channel, &byte, 1) < 0)
        failed("the other process went away");
    if (byte != (char)turn)
        failed("the other process said '%c', not '%c'", byte, (char)turn);
    if (channel_read(channel, data, size) < 0)
        failed("the other process went away");
}

int option_get(SOCKET s, int level, int name)
{
    int value = -1, length = sizeof(value);

    if (getsockopt(s, level, name, (char *)&value, &length) != 0)
        failed("getsockopt %d", name);
    return value;
}

void option_set(SOCKET s, int level, int name, int value)
{
    if (setsockopt(s, level, name, (const char *)&value, sizeof(value)) != 0)
        failed("setsockopt %d", name);
}
