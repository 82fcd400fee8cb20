/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Service classes as items of the catalogs' store.
 *
 * An item's text is the class's name; its data is its GUID, then what the class
 * has for each name space: four numbers of 32 bits (the name space, the value's
 * type and size, the characters of its name), the name in UTF-16 without a NUL,
 * and the value.
 */
#ifndef WS2EMU_SERVICE_CLASS_STORE_H
#define WS2EMU_SERVICE_CLASS_STORE_H

#include <winsock2.h>

#include <stddef.h>
#include <stdint.h>

#include "host/catalog.h"

/* What a class has for a name space; name and value are of any alignment. */
struct service_class_value {
    uint32_t name_space, type, size, name_length;
    const uint8_t *name, *value;
};

/* The value at *at, which is 0 for the first; moves *at on.  FALSE: there are
   no more. */
BOOL service_class_next(const struct catalog_item *class, uint32_t *at,
                        struct service_class_value *ret);

/* A class with at most one value (NULL: none) whose name is ASCII; NULL: no
   memory. */
struct catalog_item *
service_class_new(const GUID *id, const WCHAR *name, const char *value_name,
                  const struct service_class_value *value);

/* Copies a class of the program's, a WSASERVICECLASSINFOA or -W.  WSAEINVAL: it
   is NULL, has no id, no name, or more than any class has; WSAEFAULT,
   WSA_NOT_ENOUGH_MEMORY. */
int service_class_copy(const void *program_class, BOOL wide,
                       struct catalog_item **ret);

/* Makes a WSASERVICECLASSINFOA or -W of it, as one block for the address base,
   and returns its size.  Nothing is written when it is more than the given one;
   to may be NULL then. */
size_t service_class_write(const struct catalog_item *class, BOOL wide,
                           void *to, size_t size, uintptr_t base);

/* A copy of the installed class; NULL: there is none. */
struct catalog_item *service_class_installed(const GUID *id);
/* WSAEALREADY: there is one with this id; WSAEACCES: the store cannot be
   written; WSA_NOT_ENOUGH_MEMORY, WSATRY_AGAIN. */
int service_class_install(const struct catalog_item *class);
/* WSATYPE_NOT_FOUND, and as above. */
int service_class_uninstall(const GUID *id);

#endif
