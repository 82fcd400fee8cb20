/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Options and control.  SO_OPENTYPE is the thread's, not the socket's: it is
 * answered here, for whatever handle.
 */
#include <winsock2.h>

#include <mswsock.h>
#include <ws2spi.h>

#include "api.h"
#include "unix/boundary.h"

/* GCC's code for a thread-local variable of a shared library clobbers %rdi,
   which Windows' calling convention preserves: only a function of the other
   convention may get its address. */
static __attribute__((noinline)) int *thread_open_type(void)
{
    static _Thread_local int open_type;

    return &open_type;
}

int api_open_type(void)
{
    return *thread_open_type();
}

static inline BOOL is_open_type(int level, int optname)
{
    return level == SOL_SOCKET && optname == SO_OPENTYPE;
}

/* A length of -1 is let pass, as Windows does. */
static int OFF_HOT_PATH get_open_type(char *optval, int *optlen)
{
    int length, error = unix_memory_read(&length, optlen, sizeof length);

    if (error)
        return error;
    if (length != -1 && length < (int)sizeof(int))
        return WSAEFAULT;
    error = unix_memory_write(optval, thread_open_type(), sizeof(int));
    length = sizeof(int);
    return error ? error : unix_memory_write(optlen, &length, sizeof length);
}

static int OFF_HOT_PATH set_open_type(const char *optval, int optlen)
{
    if (optlen < (int)sizeof(int))
        return WSAEFAULT;
    return unix_memory_read(thread_open_type(), optval, sizeof(int));
}

/* An option of a socket. */
int WINAPI getsockopt(SOCKET s, int level, int optname, char *optval,
                      int *optlen)
{
    const WSPPROC_TABLE *provider = provider_of(s);
    INT error = WSANOTINITIALISED;

    if (provider != NULL && is_open_type(level, optname))
        return api_result(get_open_type(optval, optlen));
    if (provider == NULL ||
        provider->lpWSPGetSockOpt(s, level, optname, optval, optlen, &error))
        return api_failure(error);
    return api_success();
}

/* Sets an option of a socket. */
int WINAPI setsockopt(SOCKET s, int level, int optname, const char *optval,
                      int optlen)
{
    const WSPPROC_TABLE *provider = provider_of(s);
    INT error = WSANOTINITIALISED;

    if (provider != NULL && is_open_type(level, optname))
        return api_result(set_open_type(optval, optlen));
    if (provider == NULL ||
        provider->lpWSPSetSockOpt(s, level, optname, optval, optlen, &error))
        return api_failure(error);
    return api_success();
}

/* Controls a socket; see WSPIoctl. */
int WINAPI WSAIoctl(SOCKET s, DWORD dwIoControlCode, LPVOID lpvInBuffer,
                    DWORD cbInBuffer, LPVOID lpvOutBuffer, DWORD cbOutBuffer,
                    LPDWORD lpcbBytesReturned, LPWSAOVERLAPPED lpOverlapped,
                    LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine)
{
    const WSPPROC_TABLE *provider = provider_of(s);
    INT error = WSANOTINITIALISED;
    WSATHREADID thread;

    if (provider == NULL ||
        provider->lpWSPIoctl(s, dwIoControlCode, lpvInBuffer, cbInBuffer,
                             lpvOutBuffer, cbOutBuffer, lpcbBytesReturned,
                             lpOverlapped, lpCompletionRoutine,
                             api_thread(lpCompletionRoutine != NULL, &thread),
                             &error))
        return api_failure(error);
    return api_success();
}

/* FIONBIO, FIONREAD and SIOCATMARK: *argp goes in and comes out. */
int WINAPI ioctlsocket(SOCKET s, LONG cmd, u_long *argp)
{
    DWORD returned;

    return WSAIoctl(s, (DWORD)cmd, argp, sizeof *argp, argp, sizeof *argp,
                    &returned, NULL, NULL);
}
