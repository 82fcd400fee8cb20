/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The Wine host: memory that Wine opens only when the program itself touches
 * it.
 *
 * Pages with write watches, and guard pages, are protected until a fault of
 * the process reaches Wine's handler; the kernel knows nothing of it and
 * answers EFAULT.  So the pages are touched from here, under a handler.
 */
#include <windows.h>

#include <wine/exception.h>

#include <stdint.h>

#include "host/host.h"

#define PAGE_LENGTH 4096

/* A guard page's first touch raises an exception and opens the page. */
static LONG CALLBACK touch_filter(EXCEPTION_POINTERS *exception)
{
    switch (exception->ExceptionRecord->ExceptionCode) {
    case EXCEPTION_ACCESS_VIOLATION:
    case EXCEPTION_IN_PAGE_ERROR:
    case EXCEPTION_GUARD_PAGE:
        return EXCEPTION_EXECUTE_HANDLER;
    default:
        return EXCEPTION_CONTINUE_SEARCH;
    }
}

/* The write is an atomic one that changes nothing: another thread may be using
   the buffer. */
static inline void touch_byte(volatile char *byte, int write)
{
    if (write)
        __asm__ volatile("lock orb $0, %0" : "+m"(*byte));
    else
        (void)*byte;
}

static char *page_after(char *at)
{
    return (char *)(((uintptr_t)at & ~(uintptr_t)(PAGE_LENGTH - 1)) +
                    PAGE_LENGTH);
}

/* Where the first page begins that cannot be used; end: all can. */
static char *touch_until(char *from, char *to, int write)
{
    char *volatile at = from, *volatile end = to;

    __TRY
    {
        for (; at < end; at = page_after(at))
            touch_byte(at, write);
    }
    __EXCEPT(touch_filter)
    {
    }
    __ENDTRY
    return at < end ? at : end;
}

/* A guard page faults once. */
int HOT_PATH host_memory_touch(void *memory, size_t length, int write)
{
    char *at = memory, *const end = at + length;

    if (end < at)
        return 0;
    while (at < end) {
        char *stopped = touch_until(at, end, write);

        if (stopped == end)
            return 1;
        at = page_after(stopped);
        if (touch_until(stopped, stopped + 1, write) == stopped)
            return 0;
    }
    return 1;
}

/* Nothing is taken to be good: a page may be watched anew at any time. */
void host_memory_forget(void)
{
}
