/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Service classes: the DNS keeps none, and none can be installed.
 */
#include <winsock2.h>
#include <ws2spi.h>

#include "api.h"

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
