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
#include "program_text.h"
#include "providers.h"
#include "unix/boundary.h"

/* Only the family of a protocol entry counts; the A and W forms of the
   structure have it at the same place.  WSAEINVAL, WSAEFAULT. */
static int check_entry(const WSAPROTOCOL_INFOW *entry, int family)
{
    int entry_family;

    if (entry == NULL)
        return 0;
    if (unix_memory_read(&entry_family, &entry->iAddressFamily,
                         sizeof(entry_family)))
        return WSAEFAULT;
    return entry_family != family ? WSAEINVAL : 0;
}

/* The provider of the entry, or of the first one of the family.  One that
   cannot be loaded leaves addresses to the base provider: they are what they
   are. */
static const WSPPROC_TABLE *provider_for(const WSAPROTOCOL_INFOW *given,
                                         int family)
{
    const WSPPROC_TABLE *provider =
        __atomic_load_n(&provider_table, __ATOMIC_ACQUIRE);
    const WSAPROTOCOL_INFOW *entry = NULL;
    DWORD id;

    if (provider == NULL)
        return NULL;
    if (given != NULL &&
        !unix_memory_read(&id, &given->dwCatalogEntryId, sizeof(id)))
        entry = catalog_entry(id);
    if (entry == NULL)
        entry = catalog_entry_of_family(family);
    if (entry != NULL)
        (void)provider_of_entry(entry, &provider);
    return provider;
}

/* The provider's form; returns a Winsock error code.  address: the program's;
   text: of SOCKADDR_TEXT_SIZE characters, *ret_length with the NUL. */
static int address_to_string(const struct sockaddr *address, DWORD length,
                             WSAPROTOCOL_INFOW *entry, WCHAR *text,
                             DWORD *ret_length)
{
    const WSPPROC_TABLE *provider;
    INT error = WSANOTINITIALISED;
    struct sockaddr_storage copy;

    if (!api_started())
        return error;
    if (length < sizeof(address->sa_family))
        return WSAEFAULT;
    if (length > sizeof(copy))
        length = sizeof(copy);
    if (unix_memory_read(&copy, address, length))
        return WSAEFAULT;
    error = check_entry(entry, copy.ss_family);
    if (error)
        return error;
    provider = provider_for(entry, copy.ss_family);
    if (provider == NULL)
        return WSANOTINITIALISED;
    *ret_length = SOCKADDR_TEXT_SIZE;
    return provider->lpWSPAddressToString((struct sockaddr *)&copy, length,
                                          entry, text, ret_length, &error)
               ? error
               : 0;
}

/* Into a buffer of the program's, of either form. */
static int put_address(const struct sockaddr *address, DWORD address_length,
                       WSAPROTOCOL_INFOW *entry, void *to, DWORD *length,
                       BOOL wide)
{
    WCHAR text[SOCKADDR_TEXT_SIZE];
    char narrow[SOCKADDR_TEXT_SIZE];
    DWORD needed = 0, room, i;
    int error = address_to_string(address, address_length, entry, text,
                                  &needed);

    if (error == WSANOTINITIALISED)
        return error;
    if (unix_memory_read(&room, length, sizeof(room)))
        return WSAEFAULT;
    if (error)
        return error;
    if (unix_memory_write(length, &needed, sizeof(needed)) || !to ||
        room < needed)
        return WSAEFAULT;
    for (i = 0; i < needed; i++)
        narrow[i] = (char)text[i];
    return wide ? unix_memory_write(to, text, needed * (DWORD)sizeof(WCHAR))
                : unix_memory_write(to, narrow, needed);
}

/* What a failed reading leaves in the address is the program's, too: so the
   whole of it is copied both ways. */
static int string_to_address(WCHAR *text, INT family, WSAPROTOCOL_INFOW *entry,
                             struct sockaddr *ret, INT *length)
{
    const WSPPROC_TABLE *provider;
    INT error = WSANOTINITIALISED, room, after;
    struct sockaddr_storage copy;

    if (!api_started())
        return error;
    if (unix_memory_read(&room, length, sizeof(room)) || ret == NULL)
        return WSAEFAULT;
    error = check_entry(entry, family);
    if (error)
        return error;
    provider = provider_for(entry, family);
    if (provider == NULL)
        return WSANOTINITIALISED;
    if (room < 0)
        room = 0;
    if (room > (INT)sizeof(copy))
        room = sizeof(copy);
    after = room;
    if (unix_memory_read(&copy, ret, (uint32_t)room))
        return WSAEFAULT;
    if (!provider->lpWSPStringToAddress(text, family, entry,
                                        (struct sockaddr *)&copy, &after,
                                        &error))
        error = 0;
    if (unix_memory_write(ret, &copy, (uint32_t)room))
        return WSAEFAULT;
    if ((!error || error == WSAEFAULT) &&
        unix_memory_write(length, &after, sizeof(after)))
        return WSAEFAULT;
    return error;
}

/* text: of ADDRESS_INPUT_SIZE + 1 characters; of a longer string one more than
   any address has. */
static int read_text(const void *from, BOOL wide, WCHAR *text)
{
    char narrow[ADDRESS_INPUT_SIZE + 1];
    int error = wide ? program_text_read_wide(from, text,
                                              ADDRESS_INPUT_SIZE + 1)
                     : program_text_read(from, narrow, sizeof(narrow));
    size_t i;

    if (error && error != WSAENAMETOOLONG)
        return error;
    if (!wide) {
        for (i = 0; narrow[i]; i++)
            text[i] = (unsigned char)narrow[i];
        text[i] = 0;
    }
    return 0;
}

static int read_address(const void *from, BOOL wide, INT family,
                        WSAPROTOCOL_INFOW *entry, struct sockaddr *ret,
                        INT *length)
{
    WCHAR text[ADDRESS_INPUT_SIZE + 1];

    if (from && read_text(from, wide, text))
        return WSAEFAULT;
    return string_to_address(from ? text : NULL, family, entry, ret, length);
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
    return api_result(put_address(lpsaAddress, dwAddressLength, lpProtocolInfo,
                                  lpszAddressString, lpdwAddressStringLength,
                                  TRUE));
}

/* As the W form; lengths in bytes. */
INT WINAPI WSAAddressToStringA(LPSOCKADDR lpsaAddress, DWORD dwAddressLength,
                               LPWSAPROTOCOL_INFOA lpProtocolInfo,
                               LPSTR lpszAddressString,
                               LPDWORD lpdwAddressStringLength)
{
    return api_result(put_address(lpsaAddress, dwAddressLength,
                                  (WSAPROTOCOL_INFOW *)lpProtocolInfo,
                                  lpszAddressString, lpdwAddressStringLength,
                                  FALSE));
}

/*
 * Reads "address:port".  WSAEINVAL: NULL, malformed, or an unknown family;
 * WSAEFAULT: too little room, and *lpAddressLength says how much is needed.
 */
INT WINAPI WSAStringToAddressW(LPWSTR AddressString, INT AddressFamily,
                               LPWSAPROTOCOL_INFOW lpProtocolInfo,
                               LPSOCKADDR lpAddress, LPINT lpAddressLength)
{
    return api_result(read_address(AddressString, TRUE, AddressFamily,
                                   lpProtocolInfo, lpAddress,
                                   lpAddressLength));
}

/* As the W form. */
INT WINAPI WSAStringToAddressA(LPSTR AddressString, INT AddressFamily,
                               LPWSAPROTOCOL_INFOA lpProtocolInfo,
                               LPSOCKADDR lpAddress, LPINT lpAddressLength)
{
    return api_result(read_address(AddressString, FALSE, AddressFamily,
                                   (WSAPROTOCOL_INFOW *)lpProtocolInfo,
                                   lpAddress, lpAddressLength));
}
