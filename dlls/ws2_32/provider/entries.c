/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The base provider's catalog entries, in the order of the catalog: the first
 * that fits a triple is taken, so TCP over IPv4 is what socket(AF_INET, 0, 0)
 * gives.
 */
#include <winsock2.h>
#include <ws2tcpip.h>

#include <afunix.h>

#include "provider/provider.h"

#include <stddef.h>
#include <string.h>

/* The ids of Windows' own base provider, one for each family, as Windows'
   catalog shows them.  Programs know them: libuv polls by AFD, as it can here,
   only a socket of one of the first two. */
#define ID_INET \
    { \
        0xe70f1aa0, 0xab8b, 0x11cf, \
        { \
            0x8c, 0xa3, 0x00, 0x80, 0x5f, 0x48, 0xa1, 0x92 \
        } \
    }
#define ID_INET6 \
    { \
        0xf9eab0c0, 0x26d4, 0x11d0, \
        { \
            0xbb, 0xbf, 0x00, 0xaa, 0x00, 0x6c, 0x34, 0xe4 \
        } \
    }
#define ID_UNIX \
    { \
        0xa00943d9, 0x9c2e, 0x4633, \
        { \
            0x9b, 0x59, 0x00, 0x57, 0xa3, 0x16, 0x09, 0x94 \
        } \
    }

#define STREAM_FLAGS \
    (XP1_GUARANTEED_DELIVERY | XP1_GUARANTEED_ORDER | XP1_GRACEFUL_CLOSE | \
     XP1_EXPEDITED_DATA | XP1_IFS_HANDLES)
#define DATAGRAM_FLAGS \
    (XP1_CONNECTIONLESS | XP1_MESSAGE_ORIENTED | XP1_SUPPORT_BROADCAST | \
     XP1_SUPPORT_MULTIPOINT | XP1_IFS_HANDLES)

/* What UDP can carry: 65535 less its own header and IPv4's. */
#define DATAGRAM_SIZE 65507

/* AF_UNIX has no urgent data. */
#define LOCAL_FLAGS \
    (XP1_GUARANTEED_DELIVERY | XP1_GUARANTEED_ORDER | XP1_GRACEFUL_CLOSE | \
     XP1_IFS_HANDLES)

#define FULL_ENTRY(id, flags, shown, family, name_size, least_size, type, \
                   protocol, max_offset, size, text) \
    { \
        .dwServiceFlags1 = (flags), \
        .dwProviderFlags = PFL_MATCHES_PROTOCOL_ZERO | (shown), \
        .ProviderId = ID_##family, .dwCatalogEntryId = (id), \
        .ProtocolChain = {.ChainLen = BASE_PROTOCOL}, .iVersion = 2, \
        .iAddressFamily = AF_##family, .iMaxSockAddr = (name_size), \
        .iMinSockAddr = (least_size), .iSocketType = (type), \
        .iProtocol = (protocol), .iProtocolMaxOffset = (max_offset), \
        .iNetworkByteOrder = BIGENDIAN, \
        .iSecurityScheme = SECURITY_PROTOCOL_NONE, .dwMessageSize = (size), \
        .szProtocol = text, \
    }

#define ENTRY(id, flags, family, name_size, type, protocol, size, text) \
    FULL_ENTRY(id, flags, 0, family, name_size, name_size, type, protocol, 0, \
               size, text)

/* Any protocol, for who asks for it by type. */
#define RAW_ENTRY(id, family, name_size, text) \
    FULL_ENTRY(id, DATAGRAM_FLAGS, PFL_HIDDEN, family, name_size, name_size, \
               SOCK_RAW, 0, 255, DATAGRAM_SIZE, text)

const WSAPROTOCOL_INFOW provider_entries[PROVIDER_ENTRIES] = {
    ENTRY(1001, STREAM_FLAGS, INET, sizeof(struct sockaddr_in), SOCK_STREAM,
          IPPROTO_TCP, 0, L"ws2emu Tcpip [TCP/IP]"),
    ENTRY(1002, DATAGRAM_FLAGS, INET, sizeof(struct sockaddr_in), SOCK_DGRAM,
          IPPROTO_UDP, DATAGRAM_SIZE, L"ws2emu Tcpip [UDP/IP]"),
    ENTRY(1003, STREAM_FLAGS, INET6, sizeof(struct sockaddr_in6),
          SOCK_STREAM, IPPROTO_TCP, 0, L"ws2emu Tcpip [TCP/IPv6]"),
    ENTRY(1004, DATAGRAM_FLAGS, INET6, sizeof(struct sockaddr_in6),
          SOCK_DGRAM, IPPROTO_UDP, DATAGRAM_SIZE, L"ws2emu Tcpip [UDP/IPv6]"),
    RAW_ENTRY(1005, INET, sizeof(struct sockaddr_in), L"ws2emu Tcpip [RAW/IP]"),
    FULL_ENTRY(1006, LOCAL_FLAGS, 0, UNIX, sizeof(SOCKADDR_UN),
               offsetof(SOCKADDR_UN, sun_path), SOCK_STREAM, 0, 0, 0,
               L"AF_UNIX"),
    RAW_ENTRY(1007, INET6, sizeof(struct sockaddr_in6),
              L"ws2emu Tcpip [RAW/IPv6]"),
};

BOOL provider_is_base(const GUID *id)
{
    int i;

    for (i = 0; i < PROVIDER_ENTRIES; i++)
        if (!memcmp(&provider_entries[i].ProviderId, id, sizeof(*id)))
            return TRUE;
    return FALSE;
}

/* The entry of a socket that is what `identity` says; NULL: there is none. */
static const WSAPROTOCOL_INFOW *entry_for(const struct unix_identity *identity)
{
    int i;

    for (i = 0; i < PROVIDER_ENTRIES; i++)
        if (provider_entries[i].iAddressFamily == identity->family &&
            provider_entries[i].iSocketType == identity->type)
            return &provider_entries[i];
    return NULL;
}

int provider_entry_of(SOCKET s, WSAPROTOCOL_INFOW *ret)
{
    const WSAPROTOCOL_INFOW *entry;
    struct unix_identity identity;
    int error;

    error = unix_socket_identity(s, &identity);
    if (error)
        return error;
    entry = entry_for(&identity);
    if (entry == NULL)
        return WSAENOTSOCK;
    *ret = *entry;
    return 0;
}

int provider_admit(SOCKET s)
{
    const WSAPROTOCOL_INFOW *entry = NULL;
    struct unix_identity identity;
    INT error;

    error = unix_socket_identity(s, &identity);
    if (!error) {
        entry = entry_for(&identity);
        error = WSAEINVAL;
    }
    if (entry != NULL && provider_upcalls().lpWPUModifyIFSHandle(
                             entry->dwCatalogEntryId, s, &error) == s)
        return 0;
    unix_socket_close(s);
    return error;
}
