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

static BOOL has_type(const WSAPROTOCOL_INFOW *entry, int type)
{
    return type == 0 || type == entry->iSocketType;
}

static BOOL has_family(const WSAPROTOCOL_INFOW *entry, int family)
{
    return family == AF_UNSPEC || family == entry->iAddressFamily;
}

static BOOL has_protocol(const WSAPROTOCOL_INFOW *entry, int protocol)
{
    if (protocol == 0)
        return (entry->dwProviderFlags & PFL_MATCHES_PROTOCOL_ZERO) != 0;
    return protocol >= entry->iProtocol &&
           protocol - entry->iProtocol <= entry->iProtocolMaxOffset;
}

int protocol_find(const WSAPROTOCOL_INFOW *entries, DWORD n, int family,
                  int type, int protocol, const WSAPROTOCOL_INFOW **ret)
{
    BOOL type_is_known = FALSE, family_is_known = FALSE;
    DWORD i;

    if (family == AF_UNSPEC && protocol == 0)
        return WSAEINVAL;
    for (i = 0; i < n; i++) {
        const WSAPROTOCOL_INFOW *entry = &entries[i];

        /* A raw socket is not what one gets who leaves the type open. */
        if (!has_type(entry, type) ||
            (type == 0 && (entry->dwProviderFlags & PFL_HIDDEN)))
            continue;
        type_is_known = TRUE;
        if (!has_family(entry, family))
            continue;
        family_is_known = TRUE;
        if (!has_protocol(entry, protocol))
            continue;
        *ret = entry;
        return 0;
    }
    return !type_is_known     ? WSAESOCKTNOSUPPORT
           : !family_is_known ? WSAEAFNOSUPPORT
                              : WSAEPROTONOSUPPORT;
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
