/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The routines that the library's providers of name spaces have in common; see
 * name_spaces.h.
 */
#include <winsock2.h>
#include <ws2spi.h>

#include "api.h"
#include "lookup_results.h"
#include "name_spaces.h"

static INT WSPAPI cleanup(LPGUID provider)
{
    (void)provider;
    return 0;
}

static INT WSPAPI set_service(LPGUID provider, LPWSASERVICECLASSINFOW class,
                              LPWSAQUERYSETW info, WSAESETSERVICEOP operation,
                              DWORD flags)
{
    (void)provider, (void)class, (void)info, (void)operation, (void)flags;
    return api_failure(WSAEOPNOTSUPP);
}

static INT WSPAPI install_class(LPGUID provider, LPWSASERVICECLASSINFOW class)
{
    (void)provider, (void)class;
    return api_failure(WSAEOPNOTSUPP);
}

static INT WSPAPI remove_class(LPGUID provider, LPGUID class)
{
    (void)provider, (void)class;
    return api_failure(WSAEOPNOTSUPP);
}

static INT WSPAPI get_class(LPGUID provider, LPDWORD length,
                            LPWSASERVICECLASSINFOW class)
{
    (void)provider, (void)length, (void)class;
    return api_failure(WSATYPE_NOT_FOUND);
}

void name_space_fill_routines(LPNSP_ROUTINE routines)
{
    routines->cbSize = sizeof(*routines);
    routines->dwMajorVersion = 1;
    routines->dwMinorVersion = 1;
    routines->NSPCleanup = cleanup;
    routines->NSPLookupServiceBegin = NULL;
    routines->NSPLookupServiceNext = lookup_results_next;
    routines->NSPLookupServiceEnd = lookup_results_end;
    routines->NSPSetService = set_service;
    routines->NSPInstallServiceClass = install_class;
    routines->NSPRemoveServiceClass = remove_class;
    routines->NSPGetServiceClassInfo = get_class;
    routines->NSPIoctl = NULL;
}
