/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A provider of a name space, for tests: names that end in ".zoo".
 *
 * owl.zoo has an address of each family; others have those that
 * NSPSetService was given, in this process.  It keeps no service classes.
 */
#include <winsock2.h>
#include <ws2spi.h>

#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#define N_ELEMENTS(array) (sizeof(array) / sizeof((array)[0]))
#define MAX_NAMES 8
#define NAME_SIZE 64

/* A name that was registered; "": a free place. */
static struct {
    WCHAR name[NAME_SIZE];
    struct sockaddr_in address;
} names[MAX_NAMES];

static int fail(int error)
{
    WSASetLastError(error);
    return SOCKET_ERROR;
}

static size_t length_of(const WCHAR *text)
{
    size_t n = 0;

    while (text[n])
        n++;
    return n;
}

static int same(const WCHAR *one, const WCHAR *other)
{
    size_t n = length_of(one);

    return n == length_of(other) && !memcmp(one, other, n * sizeof(WCHAR));
}

static int is_ours(const WCHAR *name)
{
    size_t n = name ? length_of(name) : 0;

    return n > 4 && n < NAME_SIZE && same(name + n - 4, L".zoo");
}

static int find(const WCHAR *name)
{
    size_t i;

    for (i = 0; i < MAX_NAMES; i++)
        if (same(names[i].name, name))
            return (int)i;
    return -1;
}

/* --- Look-ups ------------------------------------------------------------- */

struct lookup {
    WCHAR name[NAME_SIZE];
    struct sockaddr_storage address;
    int length, is_over;
};

/* DNS_TYPE_AAAA's class, SVCID_INET_HOSTADDRBYNAME or another one. */
static int wants_inet6(const GUID *class)
{
    return class->Data1 == 0x00090035 && class->Data3 == 28;
}

static int answer(struct lookup *lookup, const GUID *class)
{
    struct sockaddr_in *inet = (struct sockaddr_in *)&lookup->address;
    const int place = find(lookup->name);

    if (wants_inet6(class)) {
        if (!same(lookup->name, L"owl.zoo"))
            return 0;
        lookup->address.ss_family = 23; /* AF_INET6 */
        ((unsigned char *)&lookup->address)[8] = 0xfd;
        ((unsigned char *)&lookup->address)[23] = 1;
        lookup->length = 28;
        return 1;
    }
    inet->sin_family = AF_INET;
    lookup->length = sizeof(*inet);
    if (place >= 0)
        *inet = names[place].address;
    else if (same(lookup->name, L"owl.zoo"))
        inet->sin_addr.s_addr = htonl(0x0a010203);
    else
        return 0;
    return 1;
}

static INT WSPAPI lookup_begin(LPGUID provider, LPWSAQUERYSETW set,
                               LPWSASERVICECLASSINFOW class, DWORD flags,
                               LPHANDLE handle)
{
    struct lookup *lookup;

    (void)provider, (void)class, (void)flags;
    if (!is_ours(set->lpszServiceInstanceName))
        return fail(WSASERVICE_NOT_FOUND);
    lookup = calloc(1, sizeof(*lookup));
    if (!lookup)
        return fail(WSA_NOT_ENOUGH_MEMORY);
    memcpy(lookup->name, set->lpszServiceInstanceName,
           length_of(set->lpszServiceInstanceName) * sizeof(WCHAR));
    if (!answer(lookup, set->lpServiceClassId)) {
        free(lookup);
        return fail(WSASERVICE_NOT_FOUND);
    }
    *handle = lookup;
    return 0;
}

static INT WSPAPI lookup_next(HANDLE handle, DWORD flags, LPDWORD length,
                              LPWSAQUERYSETW set)
{
    struct {
        WSAQUERYSETW set;
        CSADDR_INFO info;
        struct lookup copy;
    } *result = (void *)set;
    struct lookup *lookup = handle;
    SOCKET_ADDRESS *remote;

    (void)flags;
    if (lookup->is_over)
        return fail(WSA_E_NO_MORE);
    if (*length < sizeof(*result)) {
        *length = sizeof(*result);
        return fail(WSAEFAULT);
    }
    memset(result, 0, sizeof(*result));
    result->copy = *lookup;
    set->dwSize = sizeof(*set);
    set->lpszServiceInstanceName = result->copy.name;
    set->dwNumberOfCsAddrs = 1;
    set->lpcsaBuffer = &result->info;
    remote = &result->info.RemoteAddr;
    remote->lpSockaddr = (struct sockaddr *)&result->copy.address;
    remote->iSockaddrLength = lookup->length;
    result->info.iSocketType = SOCK_STREAM;
    result->info.iProtocol = IPPROTO_TCP;
    lookup->is_over = 1;
    return 0;
}

static INT WSPAPI lookup_end(HANDLE handle)
{
    free(handle);
    return 0;
}

/* --- Registering ---------------------------------------------------------- */

static INT WSPAPI set_service(LPGUID provider, LPWSASERVICECLASSINFOW class,
                              LPWSAQUERYSETW set, WSAESETSERVICEOP what,
                              DWORD flags)
{
    const WCHAR *name = set->lpszServiceInstanceName;
    const SOCKET_ADDRESS *address;
    int place;

    (void)provider, (void)class, (void)flags;
    if (!is_ours(name))
        return fail(WSAEINVAL);
    place = find(name);
    if (what != RNRSERVICE_REGISTER) {
        if (place < 0)
            return fail(WSASERVICE_NOT_FOUND);
        names[place].name[0] = 0;
        return 0;
    }
    if (place < 0)
        place = find(L"");
    if (place < 0 || set->dwNumberOfCsAddrs != 1)
        return fail(WSAENOBUFS);
    address = &set->lpcsaBuffer[0].LocalAddr;
    if (address->iSockaddrLength != sizeof(names[place].address))
        return fail(WSAEINVAL);
    memcpy(&names[place].address, address->lpSockaddr,
           sizeof(names[place].address));
    memcpy(names[place].name, name, (length_of(name) + 1) * sizeof(WCHAR));
    return 0;
}

static INT WSPAPI install_class(LPGUID provider, LPWSASERVICECLASSINFOW class)
{
    (void)provider, (void)class;
    return fail(WSAEOPNOTSUPP);
}

static INT WSPAPI remove_class(LPGUID provider, LPGUID class)
{
    (void)provider, (void)class;
    return fail(WSAEOPNOTSUPP);
}

static INT WSPAPI get_class(LPGUID provider, LPDWORD length,
                            LPWSASERVICECLASSINFOW class)
{
    (void)provider, (void)length, (void)class;
    return fail(WSAEOPNOTSUPP);
}

static INT WSPAPI cleanup(LPGUID provider)
{
    (void)provider;
    return 0;
}

INT WSPAPI NSPStartup(LPGUID provider, LPNSP_ROUTINE routines)
{
    (void)provider;
    routines->NSPCleanup = cleanup;
    routines->NSPLookupServiceBegin = lookup_begin;
    routines->NSPLookupServiceNext = lookup_next;
    routines->NSPLookupServiceEnd = lookup_end;
    routines->NSPSetService = set_service;
    routines->NSPInstallServiceClass = install_class;
    routines->NSPRemoveServiceClass = remove_class;
    routines->NSPGetServiceClassInfo = get_class;
    routines->NSPIoctl = NULL;
    return 0;
}
