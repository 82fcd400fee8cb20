/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * WSAAdvertiseProvider and its kin: providers of name spaces in programs
 * (version 2 of the interface).
 *
 * Such a provider is one that was installed without a library
 * (WSCInstallNameSpaceEx with an empty path, as Microsoft's sample "namingapi"
 * does); the program that hosts it makes it known for as long as it likes.
 */
#include <winsock2.h>
#include <ws2spi.h>

#include "api.h"
#include "hosting.h"
#include "name_spaces.h"
#include "unix/boundary.h"

static int advertise(const GUID *provider, const NSPV2_ROUTINE *routines)
{
    NSPV2_ROUTINE copy;
    GUID id;

    if (!api_started())
        return WSANOTINITIALISED;
    if (!provider || !routines)
        return WSAEINVAL;
    if (unix_memory_read(&id, provider, sizeof(id)) ||
        unix_memory_read(&copy, routines, sizeof(copy)))
        return WSAEFAULT;
    if (!copy.NSPv2LookupServiceBegin || !copy.NSPv2LookupServiceNextEx ||
        !copy.NSPv2LookupServiceEnd)
        return WSAEINVAL;
    if (!name_space_is_hosted(&id))
        return WSAEINVALIDPROVIDER;
    return hosting_begin(&id, &copy);
}

/*
 * Makes a provider that this program hosts known to the user's programs, until
 * WSAUnadvertiseProvider, the last WSACleanup or the end of the process.  Its
 * functions are called on threads of the library's, several at a time.
 * WSAEINVAL: NULL, no functions for look-ups, or a program hosts it already;
 * WSAEINVALIDPROVIDER: no active provider without a library is installed by
 * this id; WSAEFAULT: a bad pointer, or ws2server cannot be reached;
 * WSA_NOT_ENOUGH_MEMORY, WSANOTINITIALISED.
 */
INT WSPAPI WSAAdvertiseProvider(const GUID *puuidProviderId,
                                const LPCNSPV2_ROUTINE pNSPv2Routine)
{
    return api_result(advertise(puuidProviderId, pNSPv2Routine));
}

/* Takes that back.  The sessions of its clients end, and no function of the
   provider's is called any more, unless one of them calls this.  WSAEINVAL:
   NULL, or it is not advertised here; WSAEFAULT, WSANOTINITIALISED. */
INT WSPAPI WSAUnadvertiseProvider(const GUID *puuidProviderId)
{
    GUID id;

    if (!api_started())
        return api_failure(WSANOTINITIALISED);
    if (!puuidProviderId)
        return api_failure(WSAEINVAL);
    if (unix_memory_read(&id, puuidProviderId, sizeof(id)))
        return api_failure(WSAEFAULT);
    return api_result(hosting_end(&id));
}

/* A provider's call is over, and iRetCode is how: 0, an error, or SOCKET_ERROR
   with the last error.  WSAEINVAL: NULL, or no such call; WSAEFAULT: there is
   no good result; WSANOTINITIALISED. */
INT WSPAPI WSAProviderCompleteAsyncCall(HANDLE hAsyncCall, INT iRetCode)
{
    const BOOL started = api_started();
    const int error = hosting_complete(hAsyncCall, iRetCode);

    return api_result(started ? error : WSANOTINITIALISED);
}
