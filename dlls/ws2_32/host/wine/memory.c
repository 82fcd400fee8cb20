/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The Wine host: memory that Wine opens only when the program itself touches it.
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

/* 1: the byte can be used.  The write is an atomic one that changes nothing:
   another thread may be using the buffer. */
static int touch_byte(volatile char *byte, int write)
{
    volatile int touched = 1;

    __TRY
    {
        if (write)
            __asm__ volatile("lock orb $0, %0" : "+m"(*byte));
        else
            (void)*byte;
    }
    __EXCEPT(touch_filter)
    {
        touched = 0;
    }
    __ENDTRY
    return touched;
}

int host_memory_touch(void *memory, size_t length, int write)
{
    char *at = memory;
    char *const end = at + length;

    while (at < end) {
        if (!touch_byte(at, write) && !touch_byte(at, write))
            return 0;
        at = (char *)(((uintptr_t)at & ~(uintptr_t)(PAGE_LENGTH - 1)) +
                      PAGE_LENGTH);
    }
    return 1;
}
