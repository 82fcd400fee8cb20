/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * getaddrinfo and getnameinfo, in their narrow and wide forms.  The extended
 * forms are in names_extended.c.
 *
 * These functions return their error and also set it as the last error, 0
 * included.
 */
#include <winsock2.h>
#include <ws2tcpip.h>

#include "address_list.h"
#include "api.h"
#include "unix/boundary.h"
#include "wide_text.h"

#include <stdlib.h>
#include <string.h>

enum { NAME_SIZE = 1026, SERVICE_SIZE = 256 };

static int finish(int error)
{
    host_set_last_error((uint32_t)error);
    return error;
}

/* --- getaddrinfo ---------------------------------------------------------- */

static int find(enum address_list_form form, const void *node,
                const void *service, const void *hints, void *ret)
{
    struct address_question question;
    void *list = NULL;
    int error = 0;

    if (unix_memory_write(ret, &list, sizeof(list)))
        return WSAEFAULT;
    if (!api_started())
        return WSANOTINITIALISED;
    error = address_question_read(form, node, service, hints, &question);
    if (!error)
        error = address_question_ask(&question, &list);
    if (!error && unix_memory_write(ret, &list, sizeof(list))) {
        address_list_free(list, form);
        error = WSAEFAULT;
    }
    return error;
}

/*
 * The addresses of a name and the port of a service, one entry for each
 * address, with the type and protocol of the hints.  The list is freed with
 * freeaddrinfo.  Errors: WSAHOST_NOT_FOUND, WSANO_DATA, WSATRY_AGAIN,
 * WSANO_RECOVERY, WSATYPE_NOT_FOUND (service), WSAEINVAL (flags),
 * WSAEAFNOSUPPORT, WSAESOCKTNOSUPPORT, WSA_NOT_ENOUGH_MEMORY, WSAEFAULT.
 */
int WINAPI getaddrinfo(const char *pNodeName, const char *pServiceName,
                       const struct addrinfo *pHints,
                       struct addrinfo **ppResult)
{
    return finish(find(ADDRESS_LIST_NARROW, pNodeName, pServiceName, pHints,
                       ppResult));
}

/* As getaddrinfo; the list is freed with FreeAddrInfoW. */
int WINAPI GetAddrInfoW(PCWSTR pNodeName, PCWSTR pServiceName,
                        const ADDRINFOW *pHints, PADDRINFOW *ppResult)
{
    return finish(find(ADDRESS_LIST_WIDE, pNodeName, pServiceName, pHints,
                       ppResult));
}

/* Frees the whole list; NULL is one. */
void WINAPI freeaddrinfo(LPADDRINFO pAddrInfo)
{
    address_list_free(pAddrInfo, ADDRESS_LIST_NARROW);
}

/* As freeaddrinfo. */
void WINAPI FreeAddrInfoW(PADDRINFOW pAddrInfo)
{
    address_list_free(pAddrInfo, ADDRESS_LIST_WIDE);
}

/* --- getnameinfo ---------------------------------------------------------- */

/* A buffer of the program's for a name; size in characters. */
struct name_buffer {
    void *to;
    DWORD size;
    BOOL wide;
};

static BOOL is_wanted(const struct name_buffer *buffer)
{
    return buffer->to && buffer->size;
}

/* WSAEFAULT: no room, or a bad pointer. */
static int put_name(const char *name, const struct name_buffer *buffer)
{
    WCHAR wide[NAME_SIZE];
    size_t length;

    if (!is_wanted(buffer))
        return 0;
    if (!buffer->wide) {
        length = strlen(name) + 1;
        return length > buffer->size
                   ? WSAEFAULT
                   : unix_memory_write(buffer->to, name, (uint32_t)length);
    }
    length = wide_text_from_utf8(name, wide, NAME_SIZE);
    if (length > buffer->size || length > NAME_SIZE)
        return WSAEFAULT;
    return unix_memory_write(buffer->to, wide,
                             (uint32_t)(length * sizeof(WCHAR)));
}

static int find_name(const SOCKADDR *address, int length,
                     const struct name_buffer *node,
                     const struct name_buffer *service, int flags)
{
    char node_text[NAME_SIZE] = "", service_text[SERVICE_SIZE] = "";
    struct sockaddr_storage copy;
    int error;

    if (!api_started())
        return WSANOTINITIALISED;
    if (length > (int)sizeof(copy))
        length = sizeof(copy);
    if (length < 0 || unix_memory_read(&copy, address, (uint32_t)length))
        return WSAEFAULT;
    error = unix_resolve_name(&copy, length,
                              is_wanted(node) ? node_text : NULL, NAME_SIZE,
                              is_wanted(service) ? service_text : NULL,
                              SERVICE_SIZE, flags);
    if (!error)
        error = put_name(node_text, node);
    if (!error)
        error = put_name(service_text, service);
    return error;
}

/*
 * The name of an address and of its port.  A buffer may be NULL or of size 0,
 * not both.  Errors: WSAEFAULT (a short address, a bad pointer, or too little
 * room), WSAEAFNOSUPPORT, WSAHOST_NOT_FOUND, WSATRY_AGAIN, WSANO_RECOVERY.
 */
int WINAPI getnameinfo(const SOCKADDR *pSockaddr, socklen_t SockaddrLength,
                       PCHAR pNodeBuffer, DWORD NodeBufferSize,
                       PCHAR pServiceBuffer, DWORD ServiceBufferSize,
                       INT Flags)
{
    const struct name_buffer node = {pNodeBuffer, NodeBufferSize, FALSE};
    const struct name_buffer service = {pServiceBuffer, ServiceBufferSize,
                                        FALSE};

    return finish(find_name(pSockaddr, SockaddrLength, &node, &service,
                            Flags));
}

/* As getnameinfo; sizes in WCHARs. */
INT WINAPI GetNameInfoW(const SOCKADDR *pSockaddr, socklen_t SockaddrLength,
                        PWCHAR pNodeBuffer, DWORD NodeBufferSize,
                        PWCHAR pServiceBuffer, DWORD ServiceBufferSize,
                        INT Flags)
{
    const struct name_buffer node = {pNodeBuffer, NodeBufferSize, TRUE};
    const struct name_buffer service = {pServiceBuffer, ServiceBufferSize,
                                        TRUE};

    return finish(find_name(pSockaddr, SockaddrLength, &node, &service,
                            Flags));
}
