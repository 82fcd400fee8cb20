/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Control codes that tell of the machine's addresses, interfaces and routes. */
#include <winsock2.h>

#include <ws2ipdef.h>
#include <ws2spi.h>

#include "provider/ioctl.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/* How many addresses SIO_ADDRESS_LIST_SORT sorts. */
#define MAX_SORTED 4096

/* --- SIO_ADDRESS_LIST_QUERY ----------------------------------------------- */

static DWORD list_size(uint32_t count)
{
    return (DWORD)(offsetof(SOCKET_ADDRESS_LIST, Address) +
                   count * sizeof(SOCKET_ADDRESS));
}

/* The list and behind it its addresses, as the program will see them in `out`;
   NULL: no memory. */
static SOCKET_ADDRESS_LIST *build_list(const struct unix_addresses *addresses,
                                       const char *out, DWORD *ret_size)
{
    DWORD place = list_size(addresses->count);
    SOCKET_ADDRESS_LIST *list;
    uint32_t i;

    for (i = 0, *ret_size = place; i < addresses->count; i++)
        *ret_size += (DWORD)addresses->items[i].length;
    list = calloc(1, *ret_size < sizeof *list ? sizeof *list : *ret_size);
    if (list == NULL)
        return NULL;
    list->iAddressCount = (INT)addresses->count;
    for (i = 0; i < addresses->count; i++) {
        const struct unix_address *address = &addresses->items[i];

        memcpy((char *)list + place, address->bytes, (size_t)address->length);
        list->Address[i].lpSockaddr = (LPSOCKADDR)(out + place);
        list->Address[i].iSockaddrLength = address->length;
        place += (DWORD)address->length;
    }
    return list;
}

int ioctl_get_address_list(const struct ioctl_call *call, DWORD *ret_size)
{
    SOCKET_ADDRESS_LIST *list = NULL;
    struct unix_addresses addresses;
    int error;

    if (call->out_size > 0 && call->out_size < sizeof(INT))
        return WSAEINVAL;
    error = unix_list_local_addresses(call->identity.family, &addresses);
    if (error)
        return error;
    list = build_list(&addresses, call->out, ret_size);
    if (list == NULL)
        error = WSAENOBUFS;
    else if (call->out == NULL || call->out_size < *ret_size)
        error = WSAEFAULT;
    else
        error = unix_memory_write(call->out, list, *ret_size);
    free(list);
    unix_addresses_free(&addresses);
    return error;
}

/* --- SIO_ADDRESS_LIST_SORT ------------------------------------------------ */

/* The program's list and the ranks of its addresses. */
struct sorting {
    SOCKET_ADDRESS_LIST *list;
    struct unix_destination *destinations;
    DWORD size;
};

static int read_destinations(struct sorting *sorting)
{
    INT i;

    for (i = 0; i < sorting->list->iAddressCount; i++) {
        struct unix_destination *destination = &sorting->destinations[i];
        const SOCKET_ADDRESS *address = &sorting->list->Address[i];
        INT length = address->iSockaddrLength;
        int error;

        if (length < 0 || length > (INT)sizeof destination->bytes)
            length = sizeof destination->bytes;
        destination->length = (uint32_t)length;
        destination->index = (uint32_t)i;
        error = unix_memory_read(destination->bytes, address->lpSockaddr,
                                 destination->length);
        if (error)
            return error;
    }
    return 0;
}

static int sort_list(const struct ioctl_call *call, struct sorting *sorting)
{
    const uint32_t count = (uint32_t)sorting->list->iAddressCount;
    SOCKET_ADDRESS *sorted;
    uint32_t i;
    int error = read_destinations(sorting);

    if (!error)
        error = unix_sort_destinations(sorting->destinations, count);
    if (error)
        return error;
    sorted = calloc(count ? count : 1, sizeof *sorted);
    if (sorted == NULL)
        return WSAENOBUFS;
    for (i = 0; i < count; i++)
        sorted[i] = sorting->list->Address[sorting->destinations[i].index];
    memcpy(sorting->list->Address, sorted, count * sizeof *sorted);
    free(sorted);
    return unix_memory_write(call->out, sorting->list, sorting->size);
}

/* Sorts destinations, best first: the input's list of addresses comes out in
   another order. */
int ioctl_sort_addresses(const struct ioctl_call *call, DWORD *ret_size)
{
    struct sorting sorting = {.list = NULL};
    INT count;
    int error = unix_memory_read(&count, call->in, sizeof count);

    if (error)
        return error;
    if (count < 0 || count > MAX_SORTED)
        return WSAEINVAL;
    sorting.size = list_size((uint32_t)count);
    if (call->in_size < sorting.size)
        return WSAEINVAL;
    *ret_size = sorting.size;
    if (call->out == NULL || call->out_size < sorting.size)
        return WSAEFAULT;
    sorting.list = malloc(sorting.size + sizeof *sorting.list);
    sorting.destinations = calloc(count ? (size_t)count : 1,
                                  sizeof *sorting.destinations);
    if (sorting.list == NULL || sorting.destinations == NULL)
        error = WSAENOBUFS;
    if (!error)
        error = unix_memory_read(sorting.list, call->in, sorting.size);
    if (!error) {
        sorting.list->iAddressCount = count; /* it may change under our eyes */
        error = sort_list(call, &sorting);
    }
    if (error)
        *ret_size = 0;
    free(sorting.list);
    free(sorting.destinations);
    return error;
}

/* --- SIO_GET_INTERFACE_LIST ----------------------------------------------- */

static void set_address(sockaddr_gen *ret, const uint8_t address[4])
{
    ret->AddressIn.sin_family = AF_INET;
    memcpy(&ret->AddressIn.sin_addr, address, 4);
}

static void describe_interface(const struct unix_interface *entry,
                               INTERFACE_INFO *ret)
{
    static const uint8_t broadcast[4] = {255, 255, 255, 255};
    const uint32_t flags = entry->flags;

    ret->iiFlags = (flags & UNIX_INTERFACE_UP ? IFF_UP : 0u) |
                   (flags & UNIX_INTERFACE_BROADCAST ? IFF_BROADCAST : 0u) |
                   (flags & UNIX_INTERFACE_LOOPBACK ? IFF_LOOPBACK : 0u) |
                   (flags & UNIX_INTERFACE_POINTTOPOINT ? IFF_POINTTOPOINT
                                                        : 0u) |
                   (flags & UNIX_INTERFACE_MULTICAST ? IFF_MULTICAST : 0u);
    set_address(&ret->iiAddress, entry->address);
    set_address(&ret->iiNetmask, entry->netmask);
    /* Windows tells this one for every interface. */
    set_address(&ret->iiBroadcastAddress, broadcast);
}

int ioctl_get_interface_list(const struct ioctl_call *call, DWORD *ret_size)
{
    struct unix_interfaces interfaces;
    INTERFACE_INFO info;
    uint32_t i;
    int error;

    if (call->identity.family != AF_INET)
        return WSAEINVAL;
    error = unix_list_interfaces(&interfaces);
    if (error)
        return error;
    if (call->out == NULL ||
        call->out_size < interfaces.count * sizeof info)
        error = WSAEFAULT;
    for (i = 0; i < interfaces.count && !error; i++) {
        memset(&info, 0, sizeof info);
        describe_interface(&interfaces.items[i], &info);
        error = unix_memory_write((char *)call->out + i * sizeof info, &info,
                                  sizeof info);
    }
    if (!error)
        *ret_size = (DWORD)(interfaces.count * sizeof info);
    unix_interfaces_free(&interfaces);
    return error;
}

/* --- Routes --------------------------------------------------------------- */

/* A sockaddr of the socket's family. */
static int read_destination(const struct ioctl_call *call,
                            struct unix_address *ret)
{
    DWORD needed = call->identity.family == AF_INET6
                       ? sizeof(struct sockaddr_in6)
                       : sizeof(struct sockaddr_in);
    USHORT family;
    int error = unix_memory_read(&family, call->in, sizeof family);

    if (error)
        return error;
    if (family != call->identity.family)
        return WSAEAFNOSUPPORT;
    if (call->in_size < needed)
        return WSAEFAULT;
    ret->length = (int)needed;
    return unix_memory_read(ret->bytes, call->in, needed);
}

int ioctl_get_routing_interface(const struct ioctl_call *call, DWORD *ret_size)
{
    struct unix_address destination, source;
    int error = read_destination(call, &destination);

    if (!error)
        error = unix_find_source(&destination, &source);
    if (error)
        return error;
    *ret_size = (DWORD)source.length;
    if (call->out == NULL || call->out_size < *ret_size)
        return WSAEFAULT;
    return unix_memory_write(call->out, source.bytes, *ret_size);
}

int ioctl_wait_routing_interface(const struct ioctl_call *call, DWORD *ret_size)
{
    struct unix_address destination;
    int error = read_destination(call, &destination);

    *ret_size = 0;
    return error ? error : ioctl_wait_for_change(call, UNIX_CHANGE_ROUTING);
}

int ioctl_wait_address_list(const struct ioctl_call *call, DWORD *ret_size)
{
    *ret_size = 0;
    return ioctl_wait_for_change(call, UNIX_CHANGE_ADDRESSES);
}

int ioctl_get_broadcast_address(const struct ioctl_call *call, DWORD *ret_size)
{
    struct sockaddr_in address;

    if (call->identity.family != AF_INET)
        return WSAENOPROTOOPT;
    *ret_size = sizeof address;
    if (call->out == NULL || call->out_size < sizeof address)
        return WSAEFAULT;
    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = INADDR_BROADCAST;
    return unix_memory_write(call->out, &address, sizeof address);
}
