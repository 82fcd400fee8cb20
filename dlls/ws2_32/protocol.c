/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Protocol entries: the search by triple, and the A and W forms.
 */
#include <winsock2.h>

#include "protocol.h"

#include <stddef.h>
#include <string.h>

/* Both forms are alike up to the name. */
C_ASSERT(offsetof(WSAPROTOCOL_INFOA, szProtocol) ==
         offsetof(WSAPROTOCOL_INFOW, szProtocol));
C_ASSERT(sizeof(WSAPROTOCOL_INFOA) == 372);
C_ASSERT(sizeof(WSAPROTOCOL_INFOW) == 628);

static BOOL entry_matches(const WSAPROTOCOL_INFOW *entry, int family, int type,
                          int protocol)
{
    if (family != AF_UNSPEC && family != entry->iAddressFamily)
        return FALSE;
    if (type != 0 && type != entry->iSocketType)
        return FALSE;
    if (protocol == 0)
        return (entry->dwProviderFlags & PFL_MATCHES_PROTOCOL_ZERO) != 0;
    return protocol >= entry->iProtocol &&
           protocol - entry->iProtocol <= entry->iProtocolMaxOffset;
}

static BOOL has_type(const WSAPROTOCOL_INFOW *entries, DWORD n, int type)
{
    DWORD i;

    for (i = 0; i < n; i++)
        if (type == 0 || entries[i].iSocketType == type)
            return TRUE;
    return FALSE;
}

static BOOL has_family(const WSAPROTOCOL_INFOW *entries, DWORD n, int family)
{
    DWORD i;

    for (i = 0; i < n; i++)
        if (family == AF_UNSPEC || entries[i].iAddressFamily == family)
            return TRUE;
    return FALSE;
}

int protocol_find(const WSAPROTOCOL_INFOW *entries, DWORD n, int family,
                  int type, int protocol, const WSAPROTOCOL_INFOW **ret)
{
    DWORD i;

    if (family == AF_UNSPEC && protocol == 0)
        return WSAEINVAL;
    if (type != SOCK_RAW && !has_type(entries, n, type))
        return WSAESOCKTNOSUPPORT;
    if (!has_family(entries, n, family))
        return WSAEAFNOSUPPORT;
    for (i = 0; i < n; i++) {
        if ((entries[i].dwProviderFlags & PFL_HIDDEN) ||
            !entry_matches(&entries[i], family, type, protocol))
            continue;
        *ret = &entries[i];
        return 0;
    }
    return type == SOCK_RAW ? WSAEACCES : WSAEPROTONOSUPPORT;
}

void protocol_to_ansi(const WSAPROTOCOL_INFOW *from, WSAPROTOCOL_INFOA *to)
{
    size_t i;

    memcpy(to, from, offsetof(WSAPROTOCOL_INFOA, szProtocol));
    for (i = 0; i <= WSAPROTOCOL_LEN; i++)
        to->szProtocol[i] = (CHAR)from->szProtocol[i];
    to->szProtocol[WSAPROTOCOL_LEN] = 0;
}

void protocol_from_ansi(const WSAPROTOCOL_INFOA *from, WSAPROTOCOL_INFOW *to)
{
    size_t i;

    memcpy(to, from, offsetof(WSAPROTOCOL_INFOA, szProtocol));
    for (i = 0; i <= WSAPROTOCOL_LEN; i++)
        to->szProtocol[i] = (unsigned char)from->szProtocol[i];
    to->szProtocol[WSAPROTOCOL_LEN] = 0;
}
