/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Name spaces: there is one, the DNS, which getaddrinfo asks.
 *
 * It can be enumerated.  It keeps no services and no service classes, so
 * looking for any finds none, and the catalog of name spaces cannot be
 * changed: these calls fail, after the checks of their arguments, with the
 * error that Windows documents for it.
 */
#include <winsock2.h>
#include <ws2spi.h>

#include "api.h"

#include <string.h>

/* --- The one name space -------------------------------------------------------------- */

/* Windows' provider of the DNS. */
static const GUID dns_provider = {
    0x22059d40, 0x7e9e, 0x11cf, {0xae, 0x5a, 0x00, 0xaa, 0x00, 0xa7, 0x11, 0x2b}};

static const char identifier[] = "Tcpip";
enum { IDENTIFIER_SIZE = sizeof(identifier) }; /* characters with the NUL */

/* WSANAMESPACE_INFOEX, which Wine's headers lack; it begins like the plain
   form, whose last field is the identifier, char or WCHAR. */
struct extended_info {
    WSANAMESPACE_INFOA plain;
    struct {
        ULONG size;
        BYTE *data;
    } provider_specific;
};

static void put_identifier(void *to, BOOL wide)
{
    WCHAR *text = to;
    int i;

    if (!wide) {
        memcpy(to, identifier, IDENTIFIER_SIZE);
        return;
    }
    for (i = 0; i < IDENTIFIER_SIZE; i++)
        text[i] = (WCHAR)identifier[i];
}

/* Returns the count of name spaces.  WSAEFAULT: NULL, or too little room, and
   *length says how much is needed. */
static int enumerate(DWORD *length, void *buffer, BOOL wide, BOOL extended)
{
    size_t size = extended ? sizeof(struct extended_info)
                           : sizeof(WSANAMESPACE_INFOA);
    size_t needed = size + IDENTIFIER_SIZE * (wide ? sizeof(WCHAR) : 1);
    WSANAMESPACE_INFOA *info = buffer;

    if (!api_started())
        return api_failure(WSANOTINITIALISED);
    if (length == NULL)
        return api_failure(WSAEFAULT);
    if (buffer == NULL || *length < needed) {
        *length = (DWORD)needed;
        return api_failure(WSAEFAULT);
    }
    memset(buffer, 0, size);
    info->NSProviderId = dns_provider;
    info->dwNameSpace = NS_DNS;
    info->fActive = TRUE;
    info->lpszIdentifier = (char *)buffer + size;
    put_identifier(info->lpszIdentifier, wide);
    host_set_last_error(0);
    return 1;
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

/* With the providers' own data, of which the DNS has none. */
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

/* --- Looking for services ------------------------------------------------------------- */

/* Both forms of the query set have the same size.  WSAEFAULT: NULL; WSAEINVAL:
   its size; else the given error, because there are no services. */
static int refuse_query(const DWORD *size, int error)
{
    if (!api_started())
        return api_failure(WSANOTINITIALISED);
    if (size == NULL)
        return api_failure(WSAEFAULT);
    return api_failure(*size == sizeof(WSAQUERYSETW) ? error : WSAEINVAL);
}

/* WSASERVICE_NOT_FOUND; WSAEFAULT, WSAEINVAL as refuse_query says. */
INT WINAPI WSALookupServiceBeginA(LPWSAQUERYSETA lpqsRestrictions,
                                  DWORD dwControlFlags, LPHANDLE lphLookup)
{
    (void)dwControlFlags;
    return refuse_query(lpqsRestrictions && lphLookup
                            ? &lpqsRestrictions->dwSize
                            : NULL,
                        WSASERVICE_NOT_FOUND);
}

/* As the A form. */
INT WINAPI WSALookupServiceBeginW(LPWSAQUERYSETW lpqsRestrictions,
                                  DWORD dwControlFlags, LPHANDLE lphLookup)
{
    (void)dwControlFlags;
    return refuse_query(lpqsRestrictions && lphLookup
                            ? &lpqsRestrictions->dwSize
                            : NULL,
                        WSASERVICE_NOT_FOUND);
}

/* No look-up ever began, so no handle is one. */
static int refuse_handle(void)
{
    return api_failure(api_started() ? WSA_INVALID_HANDLE : WSANOTINITIALISED);
}

/* WSA_INVALID_HANDLE; so for the next two. */
INT WINAPI WSALookupServiceNextA(HANDLE hLookup, DWORD dwControlFlags,
                                 LPDWORD lpdwBufferLength,
                                 LPWSAQUERYSETA lpqsResults)
{
    (void)hLookup;
    (void)dwControlFlags;
    (void)lpdwBufferLength;
    (void)lpqsResults;
    return refuse_handle();
}

INT WINAPI WSALookupServiceNextW(HANDLE hLookup, DWORD dwControlFlags,
                                 LPDWORD lpdwBufferLength,
                                 LPWSAQUERYSETW lpqsResults)
{
    (void)hLookup;
    (void)dwControlFlags;
    (void)lpdwBufferLength;
    (void)lpqsResults;
    return refuse_handle();
}

INT WINAPI WSALookupServiceEnd(HANDLE hLookup)
{
    (void)hLookup;
    return refuse_handle();
}

/* --- Registering services -------------------------------------------------------------- */

/* The DNS takes no registrations from here: WSAEOPNOTSUPP. */
INT WINAPI WSASetServiceA(LPWSAQUERYSETA lpqsRegInfo,
                          WSAESETSERVICEOP essoperation, DWORD dwControlFlags)
{
    (void)essoperation;
    (void)dwControlFlags;
    return refuse_query(lpqsRegInfo ? &lpqsRegInfo->dwSize : NULL,
                        WSAEOPNOTSUPP);
}

/* As the A form. */
INT WINAPI WSASetServiceW(LPWSAQUERYSETW lpqsRegInfo,
                          WSAESETSERVICEOP essoperation, DWORD dwControlFlags)
{
    (void)essoperation;
    (void)dwControlFlags;
    return refuse_query(lpqsRegInfo ? &lpqsRegInfo->dwSize : NULL,
                        WSAEOPNOTSUPP);
}

/* --- Service classes -------------------------------------------------------------------- */

/* valid: the pointers that must not be NULL are not. */
static int refuse_class(BOOL valid, int error)
{
    if (!api_started())
        return api_failure(WSANOTINITIALISED);
    return api_failure(valid ? error : WSAEFAULT);
}

/* WSATYPE_NOT_FOUND: there are no classes; WSAEFAULT. */
INT WINAPI WSAGetServiceClassInfoA(LPGUID lpProviderId, LPGUID lpServiceClassId,
                                   LPDWORD lpdwBufSize,
                                   LPWSASERVICECLASSINFOA lpServiceClassInfo)
{
    (void)lpServiceClassInfo;
    return refuse_class(lpProviderId && lpServiceClassId && lpdwBufSize,
                        WSATYPE_NOT_FOUND);
}

/* As the A form. */
INT WINAPI WSAGetServiceClassInfoW(LPGUID lpProviderId, LPGUID lpServiceClassId,
                                   LPDWORD lpdwBufSize,
                                   LPWSASERVICECLASSINFOW lpServiceClassInfo)
{
    (void)lpServiceClassInfo;
    return refuse_class(lpProviderId && lpServiceClassId && lpdwBufSize,
                        WSATYPE_NOT_FOUND);
}

/* WSAEINVAL: no class has the id; WSAEFAULT. */
INT WINAPI WSAGetServiceClassNameByClassIdA(LPGUID lpServiceClassId,
                                            LPSTR lpszServiceClassName,
                                            LPDWORD lpdwBufferLength)
{
    (void)lpszServiceClassName;
    return refuse_class(lpServiceClassId && lpdwBufferLength, WSAEINVAL);
}

/* As the A form. */
INT WINAPI WSAGetServiceClassNameByClassIdW(LPGUID lpServiceClassId,
                                            LPWSTR lpszServiceClassName,
                                            LPDWORD lpdwBufferLength)
{
    (void)lpszServiceClassName;
    return refuse_class(lpServiceClassId && lpdwBufferLength, WSAEINVAL);
}

/* WSAEACCES: classes cannot be installed; WSAEFAULT. */
INT WINAPI WSAInstallServiceClassA(LPWSASERVICECLASSINFOA lpServiceClassInfo)
{
    return refuse_class(lpServiceClassInfo != NULL, WSAEACCES);
}

/* As the A form. */
INT WINAPI WSAInstallServiceClassW(LPWSASERVICECLASSINFOW lpServiceClassInfo)
{
    return refuse_class(lpServiceClassInfo != NULL, WSAEACCES);
}

/* WSATYPE_NOT_FOUND, WSAEFAULT. */
INT WINAPI WSARemoveServiceClass(LPGUID lpServiceClassId)
{
    return refuse_class(lpServiceClassId != NULL, WSATYPE_NOT_FOUND);
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
    return api_failure(memcmp(provider, &dns_provider, sizeof(dns_provider))
                           ? WSAEINVAL
                           : WSAEACCES);
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
    if (dwNumberOfEntries != 1 ||
        memcmp(lpProviderId, &dns_provider, sizeof(dns_provider)))
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

/* The DNS has no control codes. */
int WINAPI WSANSPIoctl(HANDLE hLookup, DWORD dwControlCode, LPVOID lpvInBuffer,
                       DWORD cbInBuffer, LPVOID lpvOutBuffer, DWORD cbOutBuffer,
                       LPDWORD lpcbBytesReturned, LPWSACOMPLETION lpCompletion)
{
    (void)hLookup;
    (void)dwControlCode;
    (void)lpvInBuffer;
    (void)cbInBuffer;
    (void)lpvOutBuffer;
    (void)cbOutBuffer;
    (void)lpcbBytesReturned;
    (void)lpCompletion;
    return api_failure(api_started() ? WSAEOPNOTSUPP : WSANOTINITIALISED);
}

/* Providers inside the program (version 2 of the interface) are not taken. */
INT WINAPI WSAAdvertiseProvider(const GUID *puuidProviderId,
                                const void *pNSPv2Routine);
INT WINAPI WSAAdvertiseProvider(const GUID *puuidProviderId,
                                const void *pNSPv2Routine)
{
    return refuse_class(puuidProviderId && pNSPv2Routine, WSAEOPNOTSUPP);
}

/* None was taken: WSAEINVAL; WSAEFAULT. */
INT WINAPI WSAUnadvertiseProvider(const GUID *puuidProviderId);
INT WINAPI WSAUnadvertiseProvider(const GUID *puuidProviderId)
{
    return refuse_class(puuidProviderId != NULL, WSAEINVAL);
}

/* No call was ever handed to a provider: WSAEINVAL. */
INT WINAPI WSAProviderCompleteAsyncCall(HANDLE hAsyncCall, INT iRetCode);
INT WINAPI WSAProviderCompleteAsyncCall(HANDLE hAsyncCall, INT iRetCode)
{
    (void)hAsyncCall;
    (void)iRetCode;
    return refuse_class(TRUE, WSAEINVAL);
}
