/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Kernel errors as Winsock errors.
 *
 * The pairs are those of <ws2emu/errors.def>.  Errors that answer to the same
 * Winsock code under a second name, or whose meaning in a socket call is not
 * the general one, are listed here.
 */
#include "unix/error.h"

#include <errno.h>

#include <ws2emu/constants.h>

int error_from_errno(int unix_errno)
{
    switch (unix_errno) {
    case 0:
        return WS2_SUCCESS;
    case EPIPE: /* the peer is gone; SD_SEND is told apart before */
        return WS2_ECONNRESET;
    case EPERM: /* a firewall's refusal, a privileged port */
        return WS2_EACCES;
    case EINPROGRESS: /* Winsock never says WSAEINPROGRESS for connect */
        return WS2_EWOULDBLOCK;
    case ENFILE:
        return WS2_EMFILE;
    case ENOMEM:
        return WS2_ENOBUFS;
    case EBADF:
        return WS2_ENOTSOCK;
    case ENODEV:
    case ENXIO:
        return WS2_EADDRNOTAVAIL;
    case EPROTO:
        return WS2_ECONNABORTED;
    case ENONET:
        return WS2_ENETDOWN;
    }
#define WS2_ERROR(name, value, error, text)                                    \
    if ((error) != 0 && unix_errno == (error))                                 \
        return value;
#include <ws2emu/errors.def>
#undef WS2_ERROR
    return WS2_SYSCALLFAILURE;
}
