/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The thread's last error, which is the host's: in Wine it is also what
 * GetLastError gives.
 */
#include <winsock2.h>

#include "api.h"

/* The last error of this thread; works before WSAStartup.  Never fails. */
int WINAPI WSAGetLastError(void)
{
    return (int)host_get_last_error();
}

/* Sets the last error of this thread; works before WSAStartup. */
void WINAPI WSASetLastError(int iError)
{
    host_set_last_error((uint32_t)iError);
}
