/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The catalog of transport protocols: what the base provider offers.
 */
#include <winsock2.h>
#include <ws2spi.h>

#include "api.h"
#include "protocol.h"
#include "provider/provider.h"

#include <string.h>

static inline const WSAPROTOCOL_INFOW *entries(void)
{
    return provider_entries;
}

const WSAPROTOCOL_INFOW *catalog_entry(DWORD id)
{
    DWORD i;

    for (i = 0; i < PROVIDER_ENTRIES; i++)
        if (entries()[i].dwCatalogEntryId == id)
            return &entries()[i];
    return NULL;
}

int catalog_find(int family, int type, int protocol,
                 const WSAPROTOCOL_INFOW **ret)
{
    return protocol_find(entries(), PROVIDER_ENTRIES, family, type, protocol,
                         ret);
}

/* protocols: ends with 0; NULL: all. */
static BOOL is_wanted(const WSAPROTOCOL_INFOW *entry, const INT *protocols,
                      BOOL hidden)
{
    if ((entry->dwProviderFlags & PFL_HIDDEN) && !hidden)
        return FALSE;
    if (protocols == NULL)
        return TRUE;
    for (; *protocols != 0; protocols++)
        if (entry->iProtocol == *protocols)
            return TRUE;
    return FALSE;
}

int catalog_enumerate(const INT *protocols, void *buffer, DWORD *length,
                      BOOL unicode, BOOL hidden, int *ret_count)
{
    DWORD size =
        unicode ? sizeof(WSAPROTOCOL_INFOW) : sizeof(WSAPROTOCOL_INFOA);
    DWORD i, needed = 0;
    char *to = buffer;

    if (length == NULL)
        return WSAEFAULT;
    for (i = 0; i < PROVIDER_ENTRIES; i++)
        if (is_wanted(&entries()[i], protocols, hidden))
            needed += size;
    if (*length < needed) {
        *length = needed;
        return WSAENOBUFS;
    }
    if (buffer == NULL && needed > 0)
        return WSAEFAULT;
    for (i = 0; i < PROVIDER_ENTRIES; i++) {
        if (!is_wanted(&entries()[i], protocols, hidden))
            continue;
        if (unicode)
            memcpy(to, &entries()[i], sizeof(WSAPROTOCOL_INFOW));
        else
            protocol_to_ansi(&entries()[i], (WSAPROTOCOL_INFOA *)(void *)to);
        to += size;
    }
    *length = needed;
    *ret_count = (int)(needed / size);
    return 0;
}

__attribute__((weak)) const char *host_provider_path(void)
{
    return "libws2_32.so";
}

int catalog_provider_path(const GUID *id, WCHAR *path, INT *length)
{
    const char *from = host_provider_path();
    INT needed = (INT)strlen(from) + 1, i;

    if (id == NULL || path == NULL || length == NULL)
        return WSAEFAULT;
    if (memcmp(id, &provider_id, sizeof *id) != 0 || *length < 0)
        return WSAEINVAL;
    if (*length < needed) {
        *length = needed;
        return WSAEFAULT;
    }
    for (i = 0; i < needed; i++)
        path[i] = (unsigned char)from[i];
    *length = needed;
    return 0;
}

static int enumerate(LPINT lpiProtocols, void *buffer, LPDWORD length,
                     BOOL unicode)
{
    int error, count = 0;

    if (!api_started())
        return api_failure(WSANOTINITIALISED);
    error =
        catalog_enumerate(lpiProtocols, buffer, length, unicode, FALSE, &count);
    if (error)
        return api_failure(error);
    api_success();
    return count;
}

/*
 * The entries whose iProtocol is in lpiProtocols (ends with 0; NULL: all) and
 * that are not hidden; returns their count.  WSAENOBUFS: *lpdwBufferLength was
 * too small and now says what is needed; WSAEFAULT.
 */
int WINAPI WSAEnumProtocolsW(LPINT lpiProtocols,
                             LPWSAPROTOCOL_INFOW lpProtocolBuffer,
                             LPDWORD lpdwBufferLength)
{
    return enumerate(lpiProtocols, lpProtocolBuffer, lpdwBufferLength, TRUE);
}

/* As WSAEnumProtocolsW. */
int WINAPI WSAEnumProtocolsA(LPINT lpiProtocols,
                             LPWSAPROTOCOL_INFOA lpProtocolBuffer,
                             LPDWORD lpdwBufferLength)
{
    return enumerate(lpiProtocols, lpProtocolBuffer, lpdwBufferLength, FALSE);
}
