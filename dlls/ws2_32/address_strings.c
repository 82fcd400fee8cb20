/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Socket addresses as text: WSAAddressToString and WSAStringToAddress.  The
 * provider of the family does the work, in its wide form.
 */
#include <winsock2.h>
#include <ws2spi.h>
#include <ws2tcpip.h>

#include "address_text.h"
#include "api.h"

#include <string.h>

/* Only these fields of a protocol entry choose the provider; the A and W forms
   of the structure have them at the same place. */
static int check_entry(const WSAPROTOCOL_INFOW *entry, int family)
{
    return entry != NULL && entry->iAddressFamily != family ? WSAEINVAL : 0;
}

/* The provider's form; returns a Winsock error code. */
static int address_to_string(const struct sockaddr *address, DWORD length,
                             WSAPROTOCOL_INFOW *entry, WCHAR *text,
                             DWORD *text_length)
{
    const WSPPROC_TABLE *provider = provider_of(INVALID_SOCKET);
    INT error = WSANOTINITIALISED;

    if (provider == NULL)
        return error;
    if (address == NULL || text_length == NULL ||
        length < sizeof(address->sa_family))
        return WSAEFAULT;
    error = check_entry(entry, address->sa_family);
    if (error)
        return error;
    return provider->lpWSPAddressToString((struct sockaddr *)address, length,
                                          entry, text, text_length, &error)
               ? error
               : 0;
}

static int string_to_address(WCHAR *text, INT family, WSAPROTOCOL_INFOW *entry,
                             struct sockaddr *ret, INT *length)
{
    const WSPPROC_TABLE *provider = provider_of(INVALID_SOCKET);
    INT error = WSANOTINITIALISED;

    if (provider == NULL)
        return error;
    if (length == NULL || ret == NULL)
        return WSAEFAULT;
    error = check_entry(entry, family);
    if (error)
        return error;
    return provider->lpWSPStringToAddress(text, family, entry, ret, length,
                                          &error)
               ? error
               : 0;
}

/*
 * "address:port".  *lpdwAddressStringLength counts characters with the NUL.
 * WSAEINVAL: an unknown family, or not the entry's; WSAEFAULT: NULL, a short
 * address, or no room, and the length says how much is needed.
 */
INT WINAPI WSAAddressToStringW(LPSOCKADDR lpsaAddress, DWORD dwAddressLength,
                               LPWSAPROTOCOL_INFOW lpProtocolInfo,
                               LPWSTR lpszAddressString,
                               LPDWORD lpdwAddressStringLength)
{
    return api_result(address_to_string(lpsaAddress, dwAddressLength,
                                        lpProtocolInfo, lpszAddressString,
                                        lpdwAddressStringLength));
}

/* As the W form; lengths in bytes. */
INT WINAPI WSAAddressToStringA(LPSOCKADDR lpsaAddress, DWORD dwAddressLength,
                               LPWSAPROTOCOL_INFOA lpProtocolInfo,
                               LPSTR lpszAddressString,
                               LPDWORD lpdwAddressStringLength)
{
    WCHAR text[SOCKADDR_TEXT_SIZE];
    DWORD length = SOCKADDR_TEXT_SIZE, room, i;
    int error;

    error = address_to_string(lpsaAddress, dwAddressLength,
                              (WSAPROTOCOL_INFOW *)lpProtocolInfo, text,
                              lpdwAddressStringLength ? &length : NULL);
    if (error)
        return api_failure(error);
    room = lpszAddressString ? *lpdwAddressStringLength : 0;
    *lpdwAddressStringLength = length;
    if (room < length)
        return api_failure(WSAEFAULT);
    for (i = 0; i < length; i++)
        lpszAddressString[i] = (char)text[i];
    return api_success();
}

/*
 * Reads "address:port".  WSAEINVAL: NULL, malformed, or an unknown family;
 * WSAEFAULT: too little room, and *lpAddressLength says how much is needed.
 */
INT WINAPI WSAStringToAddressW(LPWSTR AddressString, INT AddressFamily,
                               LPWSAPROTOCOL_INFOW lpProtocolInfo,
                               LPSOCKADDR lpAddress, LPINT lpAddressLength)
{
    return api_result(string_to_address(AddressString, AddressFamily,
                                        lpProtocolInfo, lpAddress,
                                        lpAddressLength));
}

/* As the W form. */
INT WINAPI WSAStringToAddressA(LPSTR AddressString, INT AddressFamily,
                               LPWSAPROTOCOL_INFOA lpProtocolInfo,
                               LPSOCKADDR lpAddress, LPINT lpAddressLength)
{
    WCHAR text[ADDRESS_INPUT_SIZE + 1];
    size_t i = 0;

    if (AddressString != NULL) {
        /* Of a longer text one more character than any address has. */
        for (; AddressString[i] && i < ADDRESS_INPUT_SIZE; i++)
            text[i] = (unsigned char)AddressString[i];
        text[i] = 0;
    }
    return api_result(string_to_address(AddressString ? text : NULL,
                                        AddressFamily,
                                        (WSAPROTOCOL_INFOW *)lpProtocolInfo,
                                        lpAddress, lpAddressLength));
}
