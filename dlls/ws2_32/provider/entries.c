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

#define PROVIDER_ID \
    { \
        0x8f0c5d1b, 0x2c3a, 0x4e47, \
        { \
            0x9d, 0x51, 0x77, 0x73, 0x32, 0x65, 0x6d, 0x75 \
        } \
    }

const GUID provider_id = PROVIDER_ID;

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
        .ProviderId = PROVIDER_ID, .dwCatalogEntryId = (id), \
        .ProtocolChain = {.ChainLen = BASE_PROTOCOL}, .iVersion = 2, \
        .iAddressFamily = (family), .iMaxSockAddr = (name_size), \
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
    ENTRY(1001, STREAM_FLAGS, AF_INET, sizeof(struct sockaddr_in), SOCK_STREAM,
          IPPROTO_TCP, 0, L"ws2emu Tcpip [TCP/IP]"),
    ENTRY(1002, DATAGRAM_FLAGS, AF_INET, sizeof(struct sockaddr_in), SOCK_DGRAM,
          IPPROTO_UDP, DATAGRAM_SIZE, L"ws2emu Tcpip [UDP/IP]"),
    ENTRY(1003, STREAM_FLAGS, AF_INET6, sizeof(struct sockaddr_in6),
          SOCK_STREAM, IPPROTO_TCP, 0, L"ws2emu Tcpip [TCP/IPv6]"),
    ENTRY(1004, DATAGRAM_FLAGS, AF_INET6, sizeof(struct sockaddr_in6),
          SOCK_DGRAM, IPPROTO_UDP, DATAGRAM_SIZE, L"ws2emu Tcpip [UDP/IPv6]"),
    RAW_ENTRY(1005, AF_INET, sizeof(struct sockaddr_in),
              L"ws2emu Tcpip [RAW/IP]"),
    FULL_ENTRY(1006, LOCAL_FLAGS, 0, AF_UNIX, sizeof(SOCKADDR_UN),
               offsetof(SOCKADDR_UN, sun_path), SOCK_STREAM, 0, 0, 0,
               L"AF_UNIX"),
    RAW_ENTRY(1007, AF_INET6, sizeof(struct sockaddr_in6),
              L"ws2emu Tcpip [RAW/IPv6]"),
};

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
