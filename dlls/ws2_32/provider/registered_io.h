/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Registered I/O, of which a program gets the functions as a table. */
#ifndef WS2EMU_PROVIDER_REGISTERED_IO_H
#define WS2EMU_PROVIDER_REGISTERED_IO_H

#include <winsock2.h>

#include <mswsock.h>

extern const RIO_EXTENSION_FUNCTION_TABLE registered_io_functions;

#endif
