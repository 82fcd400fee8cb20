/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The configuration calls for transport providers (WSC*).
 *
 * The catalog holds the base provider and cannot be changed: installing,
 * removing and reordering fail the way Windows fails them for a user who may
 * not write the catalog, WSANO_RECOVERY, after the checks of the arguments.
 * Errors go to *lpErrno, which may be NULL; where a call has none it returns
 * the error.
 */
#include <winsock2.h>
#include <ws2spi.h>

#include "api.h"
#include "provider/provider.h"

#include <string.h>

static int spi_result(int error, LPINT lpErrno)
{
    if (error && lpErrno != NULL)
        *lpErrno = error;
    return error ? SOCKET_ERROR : 0;
}

static BOOL is_known(const GUID *id)
{
    return memcmp(id, &provider_id, sizeof *id) == 0;
}

/* --- Looking ------------------------------------------------------------- */

/* As WSAEnumProtocolsW, with hidden entries; works without WSAStartup. */
int WSPAPI WSCEnumProtocols(LPINT lpiProtocols,
                            LPWSAPROTOCOL_INFOW lpProtocolBuffer,
                            LPDWORD lpdwBufferLength, LPINT lpErrno)
{
    int count = 0;
    int error = catalog_enumerate(lpiProtocols, lpProtocolBuffer,
                                  lpdwBufferLength, TRUE, TRUE, &count);

    return error ? spi_result(error, lpErrno) : count;
}

/* The catalog for 32-bit programs: it is the same. */
int WSPAPI WSCEnumProtocols32(LPINT lpiProtocols,
                              LPWSAPROTOCOL_INFOW lpProtocolBuffer,
                              LPDWORD lpdwBufferLength, LPINT lpErrno)
{
    return WSCEnumProtocols(lpiProtocols, lpProtocolBuffer, lpdwBufferLength,
                            lpErrno);
}

/* Where a provider's library is.  WSAEFAULT: NULL, or too short a buffer;
   WSAEINVAL: no such provider. */
int WSPAPI WSCGetProviderPath(LPGUID lpProviderId, WCHAR *lpszProviderDllPath,
                              LPINT lpProviderDllPathLen, LPINT lpErrno)
{
    return spi_result(catalog_provider_path(lpProviderId, lpszProviderDllPath,
                                            lpProviderDllPathLen),
                      lpErrno);
}

/* 32-bit programs have the same catalog; so for all of the *32 forms. */
int WSPAPI WSCGetProviderPath32(LPGUID lpProviderId, WCHAR *lpszProviderDllPath,
                                LPINT lpProviderDllPathLen, LPINT lpErrno)
{
    return WSCGetProviderPath(lpProviderId, lpszProviderDllPath,
                              lpProviderDllPathLen, lpErrno);
}

/* --- Changing ------------------------------------------------------------ */

static int refuse_install(const GUID *id, const WCHAR *path,
                          const WSAPROTOCOL_INFOW *entries, DWORD n,
                          LPINT lpErrno)
{
    if (id == NULL || path == NULL || entries == NULL)
        return spi_result(WSAEFAULT, lpErrno);
    return spi_result(n == 0 ? WSAEINVAL : WSANO_RECOVERY, lpErrno);
}

/* WSAEFAULT, WSAEINVAL, else WSANO_RECOVERY; so for all of its kin. */
int WSPAPI WSCInstallProvider(LPGUID lpProviderId,
                              const WCHAR *lpszProviderDllPath,
                              const LPWSAPROTOCOL_INFOW lpProtocolInfoList,
                              DWORD dwNumberOfEntries, LPINT lpErrno)
{
    return refuse_install(lpProviderId, lpszProviderDllPath, lpProtocolInfoList,
                          dwNumberOfEntries, lpErrno);
}

int WSPAPI WSCInstallProvider64_32(LPGUID lpProviderId,
                                   const WCHAR *lpszProviderDllPath,
                                   const LPWSAPROTOCOL_INFOW lpProtocolInfoList,
                                   DWORD dwNumberOfEntries, LPINT lpErrno)
{
    return refuse_install(lpProviderId, lpszProviderDllPath, lpProtocolInfoList,
                          dwNumberOfEntries, lpErrno);
}

int WSPAPI WSCInstallProviderAndChains64_32(
    LPGUID lpProviderId, const LPWSTR lpszProviderDllPath,
    const LPWSTR lpszProviderDllPath32, const LPWSTR lpszLspName,
    DWORD dwServiceFlags, LPWSAPROTOCOL_INFOW lpProtocolInfoList,
    DWORD dwNumberOfEntries, LPDWORD lpdwCatalogEntryId, LPINT lpErrno)
{
    (void)lpszProviderDllPath32;
    (void)dwServiceFlags;
    (void)lpdwCatalogEntryId;
    if (lpszLspName == NULL)
        return spi_result(WSAEFAULT, lpErrno);
    return refuse_install(lpProviderId, lpszProviderDllPath, lpProtocolInfoList,
                          dwNumberOfEntries, lpErrno);
}

/* WSAEFAULT; WSAEINVAL: no such provider; else WSANO_RECOVERY. */
static int refuse_change(const GUID *id, LPINT lpErrno)
{
    if (id == NULL)
        return spi_result(WSAEFAULT, lpErrno);
    return spi_result(is_known(id) ? WSANO_RECOVERY : WSAEINVAL, lpErrno);
}

/* Removes a provider; see refuse_change. */
int WSPAPI WSCDeinstallProvider(LPGUID lpProviderId, LPINT lpErrno)
{
    return refuse_change(lpProviderId, lpErrno);
}

int WSPAPI WSCDeinstallProvider32(LPGUID lpProviderId, LPINT lpErrno)
{
    return refuse_change(lpProviderId, lpErrno);
}

/* Replaces a provider's entries; WSAEFAULT, else see refuse_change. */
int WSPAPI WSCUpdateProvider(LPGUID lpProviderId,
                             const WCHAR *lpszProviderDllPath,
                             const LPWSAPROTOCOL_INFOW lpProtocolInfoList,
                             DWORD dwNumberOfEntries, LPINT lpErrno)
{
    if (lpszProviderDllPath == NULL ||
        (lpProtocolInfoList == NULL && dwNumberOfEntries > 0))
        return spi_result(WSAEFAULT, lpErrno);
    return refuse_change(lpProviderId, lpErrno);
}

int WSPAPI WSCUpdateProvider32(LPGUID lpProviderId,
                               const WCHAR *lpszProviderDllPath,
                               const LPWSAPROTOCOL_INFOW lpProtocolInfoList,
                               DWORD dwNumberOfEntries, LPINT lpErrno)
{
    return WSCUpdateProvider(lpProviderId, lpszProviderDllPath,
                             lpProtocolInfoList, dwNumberOfEntries, lpErrno);
}

/* Returns the error.  WSAEFAULT; WSAEINVAL: an unknown id, or not all of them;
   else WSANO_RECOVERY. */
int WSPAPI WSCWriteProviderOrder(LPDWORD lpwdCatalogEntryId,
                                 DWORD dwNumberOfEntries)
{
    DWORD i;

    if (lpwdCatalogEntryId == NULL)
        return WSAEFAULT;
    if (dwNumberOfEntries != PROVIDER_ENTRIES)
        return WSAEINVAL;
    for (i = 0; i < dwNumberOfEntries; i++)
        if (catalog_entry(lpwdCatalogEntryId[i]) == NULL)
            return WSAEINVAL;
    return WSANO_RECOVERY;
}

int WSPAPI WSCWriteProviderOrder32(LPDWORD lpwdCatalogEntryId,
                                   DWORD dwNumberOfEntries)
{
    return WSCWriteProviderOrder(lpwdCatalogEntryId, dwNumberOfEntries);
}

/* --- Categories of layered providers ------------------------------------- */

/* There are no layered providers, so none has any.  WSAEFAULT: no id;
   WSANO_RECOVERY. */
int WSPAPI WSCGetProviderInfo(LPGUID lpProviderId,
                              WSC_PROVIDER_INFO_TYPE InfoType, PBYTE Info,
                              size_t *InfoSize, DWORD Flags, LPINT lpErrno)
{
    (void)InfoType;
    (void)Info;
    (void)InfoSize;
    (void)Flags;
    return spi_result(lpProviderId == NULL ? WSAEFAULT : WSANO_RECOVERY,
                      lpErrno);
}

int WSPAPI WSCGetProviderInfo32(LPGUID lpProviderId,
                                WSC_PROVIDER_INFO_TYPE InfoType, PBYTE Info,
                                size_t *InfoSize, DWORD Flags, LPINT lpErrno)
{
    return WSCGetProviderInfo(lpProviderId, InfoType, Info, InfoSize, Flags,
                              lpErrno);
}

/* WSAEFAULT: no id, no info; WSANO_RECOVERY. */
int WSPAPI WSCSetProviderInfo(LPGUID lpProviderId,
                              WSC_PROVIDER_INFO_TYPE InfoType, PBYTE Info,
                              size_t InfoSize, DWORD Flags, LPINT lpErrno)
{
    (void)InfoType;
    (void)InfoSize;
    (void)Flags;
    return spi_result(lpProviderId == NULL || Info == NULL ? WSAEFAULT
                                                           : WSANO_RECOVERY,
                      lpErrno);
}

int WSPAPI WSCSetProviderInfo32(LPGUID lpProviderId,
                                WSC_PROVIDER_INFO_TYPE InfoType, PBYTE Info,
                                size_t InfoSize, DWORD Flags, LPINT lpErrno)
{
    return WSCSetProviderInfo(lpProviderId, InfoType, Info, InfoSize, Flags,
                              lpErrno);
}

/* WSAEINVAL: no path, or no categories to write to or to keep;
   WSANO_RECOVERY. */
int WSPAPI WSCGetApplicationCategory(LPCWSTR Path, DWORD PathLength,
                                     LPCWSTR Extra, DWORD ExtraLength,
                                     DWORD *pPermittedLspCategories,
                                     LPINT lpErrno)
{
    (void)Extra;
    (void)ExtraLength;
    return spi_result(Path == NULL || PathLength == 0 ||
                              pPermittedLspCategories == NULL
                          ? WSAEINVAL
                          : WSANO_RECOVERY,
                      lpErrno);
}

/* WSAEINVAL: no path; WSANO_RECOVERY. */
int WSPAPI WSCSetApplicationCategory(LPCWSTR Path, DWORD PathLength,
                                     LPCWSTR Extra, DWORD ExtraLength,
                                     DWORD PermittedLspCategories,
                                     DWORD *pPrevPermLspCat, LPINT lpErrno)
{
    (void)Extra;
    (void)ExtraLength;
    (void)PermittedLspCategories;
    (void)pPrevPermLspCat;
    return spi_result(
        Path == NULL || PathLength == 0 ? WSAEINVAL : WSANO_RECOVERY, lpErrno);
}
