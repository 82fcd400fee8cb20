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

#include <stddef.h>
#include <stdint.h>

struct handle_object;

/* A kind of objects; each call back may be NULL: nothing to do. */
struct handle_kind {
    size_t size; /* of an object, which begins with a struct handle_object */
    /* It is made: the rest of it is 0. */
    void (*begin)(struct handle_object *object);
    /* The last handle left the table. */
    void (*closed)(struct handle_object *object);
    /* The last reference went. */
    void (*end)(struct handle_object *object);
    struct handle_object *unused; /* under handle_table.c's lock */
};

struct handle_object {
    struct handle_kind *kind;
    uint32_t references;               /* atomic */
    uint32_t handles;                  /* in the table; atomic */
    struct handle_object *next_unused; /* under handle_table.c's lock */
};

/* An object of a kind with a reference of the caller's; NULL: no memory. */
void *handle_object_new(struct handle_kind *kind);

/* The object of a handle, with a reference; NULL: it has none of this kind. */
void *handle_table_find(HANDLE handle, const struct handle_kind *kind);
/* 1: the table has the handle.  For an early way out. */
int handle_table_has(HANDLE handle);
/* Puts a handle that is not in the table into it, with a reference of its own.
   0: no memory, or the handle is beyond the table. */
int handle_table_put(HANDLE handle, struct handle_object *object);
/* The handle is about to be closed. */
void handle_table_remove(HANDLE handle);
/* `copy` was made of `handle` and is open in this process. */
void handle_table_copy(HANDLE handle, HANDLE copy);

/* One reference more, and one less. */
void handle_object_hold(struct handle_object *object);
void handle_object_release(struct handle_object *object);

#endif
