/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the host knows of handles that are no SOCKETs: completion ports, the
 * AFD files that carry polls, and those of the API's.
 *
 * The table maps a handle to an object without a lock, as the table of
 * descriptors does: nearly every handle that passes the hooks is in neither.
 *
 * Invariants
 *  - the memory of an object is never given back, only used again by its own
 *    kind, so a reader that lost a race reads an object, not garbage;
 *  - `references` counts 1 for each handle in the table, and what the host
 *    holds; the object's end is called when the last one goes;
 *  - a handle leaves the table before it is closed: as long as it is open its
 *    value cannot become another object's.
 */
#ifndef WS2EMU_HOST_WINE_HANDLE_TABLE_H
#define WS2EMU_HOST_WINE_HANDLE_TABLE_H

#include <windows.h>

#include <stdint.h>

enum handle_kind {
    HANDLE_COMPLETION_PORT = 1,
    HANDLE_AFD_FILE,
    HANDLE_NOTIFICATION,
};

struct handle_object {
    uint32_t references; /* atomic */
    uint32_t kind;
    /* The last handle left the table; NULL: nothing to do. */
    void (*closed)(struct handle_object *object);
    /* The last reference went. */
    void (*end)(struct handle_object *object);
    uint32_t handles; /* in the table; atomic */
};

/* The object of a handle, with a reference; NULL: it has none of this kind. */
void *handle_table_find(HANDLE handle, enum handle_kind kind);
/* 1: the table has the handle.  For an early way out. */
int handle_table_has(HANDLE handle);
/* Puts a handle that is not in the table into it, with a reference of its own.
   0: no memory, or the handle is beyond the table. */
int handle_table_put(HANDLE handle, struct handle_object *object);
/* The handle is about to be closed. */
void handle_table_remove(HANDLE handle);
/* `copy` was made of `handle` and is open in this process. */
void handle_table_copy(HANDLE handle, HANDLE copy);

void handle_object_hold(struct handle_object *object);
void handle_object_release(struct handle_object *object);

#endif
