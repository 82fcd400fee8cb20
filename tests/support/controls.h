/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* WSAIoctl for suites. */
#ifndef TESTS_SUPPORT_CONTROLS_H
#define TESTS_SUPPORT_CONTROLS_H

#include "support/sockets.h"

/* The result is 0 or SOCKET_ERROR; *ret_size comes back. */
static inline int control(SOCKET s, DWORD code, const void *in, DWORD in_size,
                          void *out, DWORD out_size, DWORD *ret_size)
{
    *ret_size = 0xdeadbeef;
    return WSAIoctl(s, code, (void *)in, in_size, out, out_size, ret_size,
                    NULL, NULL);
}

/* 0 or the error. */
static inline int control_error(SOCKET s, DWORD code, const void *in,
                                DWORD in_size, void *out, DWORD out_size)
{
    DWORD size;

    WSASetLastError(0);
    return control(s, code, in, in_size, out, out_size, &size)
               ? WSAGetLastError()
               : 0;
}

#endif
