/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the configuration calls (WSC*) have in common.
 *
 * They work without WSAStartup, on the store itself: processes that run see a
 * change at their next first WSAStartup.  Those of transports report by
 * *lpErrno, which may be NULL, or return the error where they have none.
 */
#ifndef WS2EMU_WSC_H
#define WS2EMU_WSC_H

#include <winsock2.h>
#include <ws2spi.h>

#include "api.h"
#include "catalog.h"
#include "unix/boundary.h"

static inline int wsc_result(int error, LPINT lpErrno)
{
    if (error)
        (void)unix_memory_write(lpErrno, &error, sizeof(error));
    return error ? SOCKET_ERROR : 0;
}

/* A copy of the program's string with its NUL in room characters.  WSAEFAULT;
   WSAEINVAL: empty, or too long. */
int wsc_read_text(const WCHAR *from, WCHAR *to, DWORD room);

/* Puts an entry with a new id at a place of the section, given as a count of
   the section's entries before it (the end: a large number).  The id becomes
   *ret_id; WSA_NOT_ENOUGH_MEMORY. */
int wsc_insert_entry(struct catalog_items *store, uint32_t section,
                     uint32_t place, const WCHAR *path,
                     const WSAPROTOCOL_INFOW *entry, DWORD *ret_id);

/* The item of a section that a key (of any alignment up to 8) names. */
typedef struct catalog_item *wsc_find(const struct catalog_items *store,
                                      uint32_t section, const void *key);

/* Puts a section into the order of n keys of the program's, up to 16 bytes
   each. WSAEFAULT; WSAEINVAL: not all of its items, each once; else as
   store_change. */
int wsc_write_order(uint32_t section, const void *keys, size_t key_size,
                    DWORD n, wsc_find *find);

#endif
