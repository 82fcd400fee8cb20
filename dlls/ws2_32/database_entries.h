/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * hostent, servent, protoent: what the databases of names answer, as
 * structures of Windows.
 *
 * A structure and all that it points to are one block of bytes, which is made
 * for the address where it will be: a buffer of the thread or of the program.
 * For the address 0 its pointers are offsets into it, as those of blobs are.
 * The structure comes first, then its array of aliases, then, of a host, the
 * array of its addresses and these, then the strings.
 */
#ifndef WS2EMU_DATABASE_ENTRIES_H
#define WS2EMU_DATABASE_ENTRIES_H

#include <winsock2.h>

#include <stddef.h>
#include <stdint.h>

#include "unix/boundary.h"

/* --- Hosts ---------------------------------------------------------------- */

struct host_answer {
    char name[1026];
    char alias[1026]; /* "": none */
    int family;
    size_t length;      /* of an address */
    uint32_t count;     /* of addresses */
    uint8_t *addresses; /* one after the other */
};

/* What gethostbyname knows of a name; "" is this machine.  The caller ends
   its use of the answer with host_answer_free.  Returns 0,
   WSAHOST_NOT_FOUND, WSANO_DATA, WSATRY_AGAIN, WSANO_RECOVERY, WSAENOBUFS. */
int host_answer_by_name(const char *name, struct host_answer *ret);
/* What gethostbyaddr knows of an address.  WSAEAFNOSUPPORT; WSAEFAULT: length
   is not the family's; else as host_answer_by_name. */
int host_answer_by_address(const void *address, int length, int family,
                           struct host_answer *ret);
void host_answer_free(struct host_answer *answer);

/* --- Blocks --------------------------------------------------------------- */

/* Each makes the block for the address base and returns its size.  Nothing is
   written when it is more than the given one; to may be NULL then. */
size_t hostent_write(const struct host_answer *answer, void *to, size_t size,
                     uintptr_t base);
size_t servent_write(const struct unix_database_entry *entry, void *to,
                     size_t size, uintptr_t base);
size_t protoent_write(const struct unix_database_entry *entry, void *to,
                      size_t size, uintptr_t base);

#endif
