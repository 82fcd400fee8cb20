/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Addresses of AF_UNIX, as in Windows 10 and later.
 *
 * The only socket type is SOCK_STREAM.  sun_path is UTF-8.
 */
#ifndef _AFUNIX_
#define _AFUNIX_

#define UNIX_PATH_MAX 108

typedef struct sockaddr_un {
    ADDRESS_FAMILY sun_family; /* AF_UNIX */
    char sun_path[UNIX_PATH_MAX];
} SOCKADDR_UN, *PSOCKADDR_UN;

/* WSAIoctl: ULONG, the id of the process at the other end. */
#define SIO_AF_UNIX_GETPEERPID _WSAIOR(IOC_VENDOR, 256)

#endif
