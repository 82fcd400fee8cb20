/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The catalog of name spaces; see name_spaces.h.
 *
 * It can be enumerated, by whoever has called WSAStartup, and it cannot be
 * changed: the calls that would fail, after the checks of their arguments,
 * with the error that Windows documents for it.
 */
#include "name_spaces.h"

#include "api.h"
#include "wide_text.h"

#include <stdlib.h>
#include <string.h>

/* --- The entries ------------------------------------------------------------ */

/* The id is that of Windows' own provider. */
static const struct name_space entries[] = {
    {
        .provider = {0x22059d40, 0x7e9e, 0x11cf,
                     {0xae, 0x5a, 0x00, 0xaa, 0x00, 0xa7, 0x11, 0x2b}},
        .name_space = NS_DNS,
        .identifier = L"Tcpip",
        .startup = name_space_dns_startup,
    },
};

enum { N_ENTRIES = sizeof(entries) / sizeof(entries[0]) };

static BOOL entry_matches(const struct name_space *entry, DWORD name_space,
                          const GUID *provider)
{
    if (name_space != NS_ALL && name_space != entry->name_space)
        return FALSE;
    return !provider ||
           !memcmp(provider, &entry->provider, sizeof(*provider));
}

/* NULL: no entry has the id. */
static const struct name_space *entry_of(const GUID *provider)
{
    unsigned int i;

    for (i = 0; i < N_ENTRIES; i++)
        if (entry_matches(&entries[i], NS_ALL, provider))
            return &entries[i];
    return NULL;
}

/* --- Providers in use --------------------------------------------------------- */

int name_space_acquire(DWORD name_space, const GUID *provider,
                       unsigned int index,
                       struct name_space_provider **ret_provider)
{
    struct name_space_provider *used;
    unsigned int i;
    GUID id;

    for (i = 0; i < N_ENTRIES; i++)
        if (entry_matches(&entries[i], name_space, provider) && index-- == 0)
            break;
    if (i == N_ENTRIES)
        return WSASERVICE_NOT_FOUND;
    used = calloc(1, sizeof(*used));
    if (!used)
        return WSA_NOT_ENOUGH_MEMORY;
    used->provider = id = entries[i].provider;
    used->name_space = entries[i].name_space;
    used->routines.cbSize = sizeof(used->routines);
    if (entries[i].startup(&id, &used->routines)) {
        free(used);
        return WSASERVICE_NOT_FOUND;
    }
    *ret_provider = used;
    return 0;
}

void name_space_release(struct name_space_provider *provider)
{
    if (provider)
        provider->routines.NSPCleanup(&provider->provider);
    free(provider);
}

/* --- Enumerating ----------------------------------------------------------------- */

/* WSANAMESPACE_INFOEX, which Wine's headers lack; it begins like the plain
   form, whose last field is the identifier, char or WCHAR. */
struct extended_info {
    WSANAMESPACE_INFOA plain;
    struct {
        ULONG size;
        BYTE *data;
    } provider_specific;
};

enum { IDENTIFIER_SIZE = 512 }; /* bytes of UTF-8 */

/* The bytes of an identifier with its NUL; to may be NULL. */
static size_t put_identifier(const WCHAR *identifier, BOOL wide, void *to)
{
    char narrow[IDENTIFIER_SIZE];
    size_t n = 0;

    if (wide) {
        while (identifier[n])
            n++;
        n = (n + 1) * sizeof(WCHAR);
        if (to)
            memcpy(to, identifier, n);
        return n;
    }
    if (!wide_text_to_utf8(identifier, narrow, sizeof(narrow)))
        narrow[0] = '\0';
    n = strlen(narrow) + 1;
    if (to)
        memcpy(to, narrow, n);
    return n;
}

/* The structures one after the other, then the strings. */
static size_t size_of_entries(size_t size, BOOL wide)
{
    size_t needed = 0;
    unsigned int i;

    for (i = 0; i < N_ENTRIES; i++)
        needed += size + put_identifier(entries[i].identifier, wide, NULL);
    return needed;
}

static void put_entries(char *buffer, size_t size, BOOL wide)
{
    char *text = buffer + N_ENTRIES * size;
    unsigned int i;

    memset(buffer, 0, N_ENTRIES * size);
    for (i = 0; i < N_ENTRIES; i++) {
        WSANAMESPACE_INFOA *info = (void *)(buffer + i * size);

        info->NSProviderId = entries[i].provider;
        info->dwNameSpace = entries[i].name_space;
        info->dwVersion = entries[i].version;
        info->fActive = TRUE;
        info->lpszIdentifier = text;
        text += put_identifier(entries[i].identifier, wide, text);
    }
}

/* Returns the count of name spaces.  WSAEFAULT: NULL, or too little room, and
   *length says how much is needed. */
static int enumerate(DWORD *length, void *buffer, BOOL wide, BOOL extended)
{
    size_t size = extended ? sizeof(struct extended_info)
                           : sizeof(WSANAMESPACE_INFOA);
    size_t needed = size_of_entries(size, wide);

    if (!api_started())
        return api_failure(WSANOTINITIALISED);
    if (length == NULL)
        return api_failure(WSAEFAULT);
    if (buffer == NULL || *length < needed) {
        *length = (DWORD)needed;
        return api_failure(WSAEFAULT);
    }
    put_entries(buffer, size, wide);
    host_set_last_error(0);
    return N_ENTRIES;
}

/* The name spaces; see enumerate. */
INT WINAPI WSAEnumNameSpaceProvidersA(LPDWORD lpdwBufferLength,
                                      LPWSANAMESPACE_INFOA lpnspBuffer)
{
    return enumerate(lpdwBufferLength, lpnspBuffer, FALSE, FALSE);
}

INT WINAPI WSAEnumNameSpaceProvidersW(LPDWORD lpdwBufferLength,
                                      LPWSANAMESPACE_INFOW lpnspBuffer)
{
    return enumerate(lpdwBufferLength, lpnspBuffer, TRUE, FALSE);
}

/* With the providers' own data, of which these have none. */
INT WINAPI WSAEnumNameSpaceProvidersExA(LPDWORD lpdwBufferLength,
                                        void *lpnspBuffer);
INT WINAPI WSAEnumNameSpaceProvidersExA(LPDWORD lpdwBufferLength,
                                        void *lpnspBuffer)
{
    return enumerate(lpdwBufferLength, lpnspBuffer, FALSE, TRUE);
}

INT WINAPI WSAEnumNameSpaceProvidersExW(LPDWORD lpdwBufferLength,
                                        void *lpnspBuffer);
INT WINAPI WSAEnumNameSpaceProvidersExW(LPDWORD lpdwBufferLength,
                                        void *lpnspBuffer)
{
    return enumerate(lpdwBufferLength, lpnspBuffer, TRUE, TRUE);
}

/* For 32-bit programs: they are the same. */
INT WSPAPI WSCEnumNameSpaceProviders32(LPDWORD lpdwBufferLength,
                                       LPWSANAMESPACE_INFOW lpnspBuffer)
{
    return enumerate(lpdwBufferLength, lpnspBuffer, TRUE, FALSE);
}

INT WSPAPI WSCEnumNameSpaceProvidersEx32(LPDWORD lpdwBufferLength,
                                         void *lpnspBuffer);
INT WSPAPI WSCEnumNameSpaceProvidersEx32(LPDWORD lpdwBufferLength,
                                         void *lpnspBuffer)
{
    return enumerate(lpdwBufferLength, lpnspBuffer, TRUE, TRUE);
}

/* --- Changing the catalog ------------------------------------------------------------------ */

/* Works without WSAStartup, as the catalog of protocols does. */
static int refuse_install(const void *name, const void *path,
                          const GUID *provider)
{
    return api_failure(name && path && provider ? WSAEACCES : WSAEFAULT);
}

/* The name space of a GUID may not be changed, any other does not exist. */
static int refuse_change(const GUID *provider)
{
    if (provider == NULL)
        return api_failure(WSAEFAULT);
    return api_failure(entry_of(provider) ? WSAEACCES : WSAEINVAL);
}

/* WSAEACCES, WSAEFAULT; so for all of its kin. */
INT WSPAPI WSCInstallNameSpace(LPWSTR lpszIdentifier, LPWSTR lpszPathName,
                               DWORD dwNameSpace, DWORD dwVersion,
                               LPGUID lpProviderId)
{
    (void)dwNameSpace;
    (void)dwVersion;
    return refuse_install(lpszIdentifier, lpszPathName, lpProviderId);
}

INT WSPAPI WSCInstallNameSpace32(LPWSTR lpszIdentifier, LPWSTR lpszPathName,
                                 DWORD dwNameSpace, DWORD dwVersion,
                                 LPGUID lpProviderId)
{
    (void)dwNameSpace;
    (void)dwVersion;
    return refuse_install(lpszIdentifier, lpszPathName, lpProviderId);
}

INT WSPAPI WSCInstallNameSpaceEx(LPWSTR lpszIdentifier, LPWSTR lpszPathName,
                                 DWORD dwNameSpace, DWORD dwVersion,
                                 LPGUID lpProviderId, LPBLOB lpProviderSpecific)
{
    (void)dwNameSpace;
    (void)dwVersion;
    (void)lpProviderSpecific;
    return refuse_install(lpszIdentifier, lpszPathName, lpProviderId);
}

INT WSPAPI WSCInstallNameSpaceEx32(LPWSTR lpszIdentifier, LPWSTR lpszPathName,
                                   DWORD dwNameSpace, DWORD dwVersion,
                                   LPGUID lpProviderId,
                                   LPBLOB lpProviderSpecific)
{
    (void)dwNameSpace;
    (void)dwVersion;
    (void)lpProviderSpecific;
    return refuse_install(lpszIdentifier, lpszPathName, lpProviderId);
}

/* WSAEACCES, WSAEINVAL, WSAEFAULT as refuse_change says; so for the next
   three. */
INT WSPAPI WSCUnInstallNameSpace(LPGUID lpProviderId)
{
    return refuse_change(lpProviderId);
}

INT WSPAPI WSCUnInstallNameSpace32(LPGUID lpProviderId)
{
    return refuse_change(lpProviderId);
}

INT WSPAPI WSCEnableNSProvider(LPGUID lpProviderId, BOOL fEnable)
{
    (void)fEnable;
    return refuse_change(lpProviderId);
}

INT WSPAPI WSCEnableNSProvider32(LPGUID lpProviderId, BOOL fEnable)
{
    (void)fEnable;
    return refuse_change(lpProviderId);
}

/* Returns the error itself: WSAEFAULT; WSAEINVAL: other name spaces than there
   are; else WSANO_RECOVERY. */
INT WSPAPI WSCWriteNameSpaceOrder(LPGUID lpProviderId, DWORD dwNumberOfEntries)
{
    if (lpProviderId == NULL)
        return WSAEFAULT;
    if (dwNumberOfEntries != N_ENTRIES || !entry_of(lpProviderId))
        return WSAEINVAL;
    return WSANO_RECOVERY;
}

/* For 32-bit programs: the same. */
INT WSPAPI WSCWriteNameSpaceOrder32(LPGUID lpProviderId,
                                    DWORD dwNumberOfEntries)
{
    return WSCWriteNameSpaceOrder(lpProviderId, dwNumberOfEntries);
}

/* --- Name-space providers of programs --------------------------------------------------------- */

/* valid: the pointers that must not be NULL are not. */
static int refuse(BOOL valid, int error)
{
    if (!api_started())
        return api_failure(WSANOTINITIALISED);
    return api_failure(valid ? error : WSAEFAULT);
}

/* Providers inside the program (version 2 of the interface) are not taken. */
INT WINAPI WSAAdvertiseProvider(const GUID *puuidProviderId,
                                const void *pNSPv2Routine);
INT WINAPI WSAAdvertiseProvider(const GUID *puuidProviderId,
                                const void *pNSPv2Routine)
{
    return refuse(puuidProviderId && pNSPv2Routine, WSAEOPNOTSUPP);
}

/* None was taken: WSAEINVAL; WSAEFAULT. */
INT WINAPI WSAUnadvertiseProvider(const GUID *puuidProviderId);
INT WINAPI WSAUnadvertiseProvider(const GUID *puuidProviderId)
{
    return refuse(puuidProviderId != NULL, WSAEINVAL);
}

/* No call was ever handed to a provider: WSAEINVAL. */
INT WINAPI WSAProviderCompleteAsyncCall(HANDLE hAsyncCall, INT iRetCode);
INT WINAPI WSAProviderCompleteAsyncCall(HANDLE hAsyncCall, INT iRetCode)
{
    (void)hAsyncCall;
    (void)iRetCode;
    return refuse(TRUE, WSAEINVAL);
}
