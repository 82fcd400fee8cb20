/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Looking for services in the name spaces.  There are none to be found.
 */
#include <winsock2.h>
#include <ws2spi.h>

#include "api.h"

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

/* --- Control codes --------------------------------------------------------------------- */

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
