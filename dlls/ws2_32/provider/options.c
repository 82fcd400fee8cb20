/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Socket options.  The unix side has all of them but the ones that give out
 * the socket's catalog entry.
 */
#include <winsock2.h>
#include <ws2spi.h>

#include "protocol.h"
#include "provider/provider.h"

/* SO_PROTOCOL_INFOA and W: a buffer that is too short is WSAEFAULT and learns
   the size; a longer one keeps its length. */
static int OFF_HOT_PATH get_protocol_info(SOCKET s, BOOL unicode, char *value,
                                          LPINT length)
{
    WSAPROTOCOL_INFOA ansi;
    WSAPROTOCOL_INFOW entry;
    INT needed = unicode ? sizeof entry : sizeof ansi, given;
    int error;

    error = provider_entry_of(s, &entry);
    if (!error)
        error = unix_memory_read(&given, length, sizeof given);
    if (error)
        return error;
    if (value == NULL)
        return WSAEFAULT;
    if (given < needed) {
        error = unix_memory_write(length, &needed, sizeof needed);
        return error ? error : WSAEFAULT;
    }
    if (unicode)
        return unix_memory_write(value, &entry, sizeof entry);
    protocol_to_ansi(&entry, &ansi);
    return unix_memory_write(value, &ansi, sizeof ansi);
}

static inline BOOL is_protocol_info(int level, int optname)
{
    return level == SOL_SOCKET &&
           (optname == SO_PROTOCOL_INFOA || optname == SO_PROTOCOL_INFOW);
}

/* Reads an option.  WSAENOPROTOOPT: no such name; WSAEINVAL: no such level;
   WSAEFAULT. */
int WSPAPI WSPGetSockOpt(SOCKET s, int level, int optname, char *optval,
                         LPINT optlen, LPINT lpErrno)
{
    int error;

    if (is_protocol_info(level, optname))
        error =
            get_protocol_info(s, optname == SO_PROTOCOL_INFOW, optval, optlen);
    else
        error = unix_socket_get_option(s, level, optname, optval, optlen);
    return provider_result(error, lpErrno);
}

/* Sets an option.  The errors of WSPGetSockOpt; WSAEINVAL also: the value
   cannot be. */
int WSPAPI WSPSetSockOpt(SOCKET s, int level, int optname, const char *optval,
                         int optlen, LPINT lpErrno)
{
    struct unix_identity identity;
    int error;

    if (is_protocol_info(level, optname)) {
        error = unix_socket_identity(s, &identity);
        if (!error)
            error = WSAENOPROTOOPT;
    } else {
        error = unix_socket_set_option(s, level, optname, optval, optlen);
    }
    return provider_result(error, lpErrno);
}
