/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * WSPAddressToString and WSPStringToAddress.
 */
#include <winsock2.h>
#include <ws2spi.h>

#include "address_text.h"
#include "provider/provider.h"

/* See sockaddr_text_write for the errors.  The base provider needs no entry to
   know a family. */
INT WSPAPI WSPAddressToString(LPSOCKADDR lpsaAddress, DWORD dwAddressLength,
                              LPWSAPROTOCOL_INFOW lpProtocolInfo,
                              LPWSTR lpszAddressString,
                              LPDWORD lpdwAddressStringLength, LPINT lpErrno)
{
    int error = sockaddr_text_write(lpsaAddress, dwAddressLength,
                                    lpszAddressString,
                                    lpdwAddressStringLength);

    (void)lpProtocolInfo;
    return provider_result(error, lpErrno);
}

/* See sockaddr_text_read for the errors. */
INT WSPAPI WSPStringToAddress(LPWSTR AddressString, INT AddressFamily,
                              LPWSAPROTOCOL_INFOW lpProtocolInfo,
                              LPSOCKADDR lpAddress, LPINT lpAddressLength,
                              LPINT lpErrno)
{
    int error = sockaddr_text_read(AddressString, AddressFamily, lpAddress,
                                   lpAddressLength);

    (void)lpProtocolInfo;
    return provider_result(error, lpErrno);
}
