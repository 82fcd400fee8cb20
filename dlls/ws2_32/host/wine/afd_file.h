/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * AFD files: handles that a program opened on \Device\Afd to carry polls.
 *
 * wineserver knows them as files that do nothing.  Their association with a
 * completion port is kept here alone, so the port stays one of the process.
 */
#ifndef WS2EMU_HOST_WINE_AFD_FILE_H
#define WS2EMU_HOST_WINE_AFD_FILE_H

#include <windows.h>
#include <winternl.h>

#include <stdint.h>

struct afd_file;

/* The AFD file of a handle, with a reference; NULL: it is none. */
struct afd_file *afd_file_find(HANDLE handle);
int afd_file_is(HANDLE handle); /* 1: it is one */
void afd_file_release(struct afd_file *file);

/* A handle was opened by this name: makes it known if it is an AFD file's. */
void afd_file_opened(HANDLE handle, const OBJECT_ATTRIBUTES *attributes);

/* Associates it with a port, whose reference it takes; 0: it has one. */
int afd_file_associate(struct afd_file *file, void *port, uint64_t key);
/* The same instead of the one that it has; NULL: none any more. */
void afd_file_replace_port(struct afd_file *file, void *port, uint64_t key);
int afd_file_has_port(struct afd_file *file);
void afd_file_set_modes(struct afd_file *file, uint32_t modes);

/* Posts the packet of something that ended, if the file has a port. at_once 1:
   the call itself said success. */
void afd_file_post(struct afd_file *file, uint64_t context, NTSTATUS status,
                   uint64_t information, int at_once);

#endif
