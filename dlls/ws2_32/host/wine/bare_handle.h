/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Bare handles: NT handles of which only the value is used.
 *
 * Where a SOCKET has another kernel socket than its handle leads to
 * (unix/exchange.h), what wineserver knows of the handle is of no use, and
 * making and closing it is a way to wineserver and back each.  So a program
 * that exchanges sockets, or makes many SOCKETs, gets bare handles for them:
 * real ones, so that no other object gets the value, but of a socket that is
 * nobody's.  When a SOCKET is closed, its bare handle is kept for a later one.
 *
 * Invariants
 *  - a bare handle that is no descriptor's (unix_socket_is_known) is a closed
 *    handle to the program: the hooks answer STATUS_INVALID_HANDLE.
 *  - its flags, to be inherited and not to be closed, are kept here; wineserver
 *    is told of the first before a process is made that inherits handles.
 *  - those that are kept are taken in the order in which they came, so a value
 *    comes again as late as it can.
 */
#ifndef WS2EMU_HOST_WINE_BARE_HANDLE_H
#define WS2EMU_HOST_WINE_BARE_HANDLE_H

#include <windows.h>
#include <winternl.h>

#include <stdint.h>

#include "unix/boundary.h"

enum bare_handle_flags {
    BARE_HANDLE = 1,
    BARE_HANDLE_INHERITS = 2,
    BARE_HANDLE_PROTECTED = 4,
    BARE_HANDLE_IS_PASSED_ON = 8, /* wineserver lets children inherit it */
    BARE_HANDLE_IS_USED = 16, /* Wine was asked for what the handle leads to, and
                                 may have a descriptor of it */
};

#define BARE_HANDLE_PAGE 4096
#define BARE_HANDLE_PAGES 4096

/* A byte for each handle, enum bare_handle_flags; written under a lock. */
extern uint8_t *bare_handle_pages[BARE_HANDLE_PAGES];

/* 0: it is no bare handle.  Every handle passes here: two loads at most.  The
   low two bits of a handle are the program's own. */
static inline unsigned int bare_handle_flags(HANDLE handle)
{
    const uint64_t index = (uintptr_t)handle >> 2;
    const uint8_t *page;

    if (index >= BARE_HANDLE_PAGES * BARE_HANDLE_PAGE)
        return 0;
    page = __atomic_load_n(&bare_handle_pages[index / BARE_HANDLE_PAGE],
                           __ATOMIC_ACQUIRE);
    return page ? __atomic_load_n(&page[index % BARE_HANDLE_PAGE],
                                  __ATOMIC_RELAXED)
                : 0;
}

static inline int bare_handle_is(HANDLE handle)
{
    return bare_handle_flags(handle) != 0;
}

/* To the program it is a closed handle. */
static inline int bare_handle_is_closed(HANDLE handle)
{
    return bare_handle_is(handle) &&
           !unix_socket_is_known((uintptr_t)handle & ~(uintptr_t)3);
}

/* A call that is about the handle's file is handed on to Wine; what Wine knows
   of it will end with the handle, which is not kept then.
   STATUS_INVALID_HANDLE: it is closed. */
NTSTATUS bare_handle_use(HANDLE handle);

/* The hooks that bare handles need are in. */
void bare_handle_allow(void);

/* One that was kept, or a new one.  STATUS_NOT_SUPPORTED: there are none, or
   `most` are SOCKETs' already. */
NTSTATUS bare_handle_take(int inherits, uint32_t most, HANDLE *ret_handle);
/* It is no SOCKET's any more. */
void bare_handle_give_back(HANDLE handle);
void bare_handle_set_flags(HANDLE handle, int inherits, int is_protected);
/* A child is about to inherit what is to be inherited. */
void bare_handle_before_child(void);
/* Closes those that are kept. */
void bare_handle_close_kept(void);

#endif
