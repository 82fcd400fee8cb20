/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * getaddrinfo in its four forms, and the freeing of their lists.
 *
 * ADDRINFOA, ADDRINFOW and the ADDRINFOEX forms agree on all fields up to
 * ai_addr; the name is char or WCHAR, and the extended forms have more fields
 * before ai_next.  So one builder makes all four lists.  Each entry is one
 * block: the structure, its address, its name.
 *
 * These functions return their error and also set it as the last error, 0
 * included.
 */
#include <winsock2.h>
#include <ws2tcpip.h>

#include "api.h"
#include "unix/boundary.h"
#include "wide_text.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/* Flags that Wine's headers lack. */
enum {
    FLAG_DNS_ONLY = 0x10,
    FLAG_FORCE_CLEAR_TEXT = 0x20,
    FLAG_BYPASS_DNS_CACHE = 0x40,
    FLAG_RETURN_TTL = 0x80,
    FLAG_FQDN = 0x20000,
    FLAG_FILESERVER = 0x40000,
    KNOWN_FLAGS = AI_PASSIVE | AI_CANONNAME | AI_NUMERICHOST |
                  AI_NUMERICSERV | FLAG_DNS_ONLY | FLAG_FORCE_CLEAR_TEXT |
                  FLAG_BYPASS_DNS_CACHE | FLAG_RETURN_TTL | AI_ALL |
                  AI_ADDRCONFIG | AI_V4MAPPED | AI_NON_AUTHORITATIVE |
                  AI_SECURE | AI_RETURN_PREFERRED_NAMES | FLAG_FQDN |
                  FLAG_FILESERVER | AI_DISABLE_IDN_ENCODING,
};

enum { NAME_SIZE = 1026, SERVICE_SIZE = 256 };

/* The fields that all forms share. */
_Static_assert(offsetof(ADDRINFOA, ai_addr) == offsetof(ADDRINFOEXW, ai_addr),
               "ADDRINFOEXW begins like ADDRINFOA");
_Static_assert(offsetof(ADDRINFOA, ai_canonname) ==
                   offsetof(ADDRINFOW, ai_canonname),
               "ADDRINFOW is like ADDRINFOA");

enum list_form { LIST_NARROW, LIST_WIDE, LIST_EXTENDED, LIST_EXTENDED_WIDE };

static BOOL form_is_wide(enum list_form form)
{
    return form == LIST_WIDE || form == LIST_EXTENDED_WIDE;
}

static BOOL form_is_extended(enum list_form form)
{
    return form == LIST_EXTENDED || form == LIST_EXTENDED_WIDE;
}

/* An entry of a list, of any form. */
struct entry {
    union {
        ADDRINFOA plain;
        ADDRINFOEXA extended;
    } info;
    uint8_t address[28];
    WCHAR name[]; /* or char */
};

static int finish(int error)
{
    host_set_last_error((uint32_t)error);
    return error;
}

/* --- Lists ------------------------------------------------------------------------ */

static void *entry_next(const struct entry *entry, BOOL extended)
{
    return extended ? (void *)entry->info.extended.ai_next
                    : (void *)entry->info.plain.ai_next;
}

static void list_free(void *list, BOOL extended)
{
    struct entry *entry = list, *next;

    for (; entry; entry = next) {
        next = entry_next(entry, extended);
        free(entry);
    }
}

/* name "": the entry has none. */
static struct entry *entry_new(const struct unix_address *address,
                               const char *name, BOOL wide)
{
    size_t characters = !*name ? 0
                        : wide ? wide_text_from_utf8(name, NULL, 0)
                               : strlen(name) + 1;
    struct entry *entry = calloc(1, sizeof(*entry) +
                                        characters * sizeof(WCHAR));

    if (!entry)
        return NULL;
    memcpy(entry->address, address->bytes, sizeof(entry->address));
    entry->info.plain.ai_family = address->family;
    entry->info.plain.ai_socktype = address->type;
    entry->info.plain.ai_protocol = address->protocol;
    entry->info.plain.ai_addrlen = (size_t)address->length;
    entry->info.plain.ai_addr = (struct sockaddr *)entry->address;
    if (characters && wide)
        wide_text_from_utf8(name, entry->name, characters);
    else if (characters)
        memcpy(entry->name, name, characters);
    if (characters)
        entry->info.plain.ai_canonname = (char *)entry->name;
    return entry;
}

static int list_new(const struct unix_addresses *addresses,
                    enum list_form form, void **ret)
{
    struct entry *first = NULL, *last = NULL, *entry;
    uint32_t i;

    for (i = 0; i < addresses->count; i++) {
        /* The first entry alone has the name. */
        entry = entry_new(&addresses->items[i],
                          i ? "" : addresses->canonical_name,
                          form_is_wide(form));
        if (!entry) {
            list_free(first, form_is_extended(form));
            return WSA_NOT_ENOUGH_MEMORY;
        }
        if (!last)
            first = entry;
        else if (form_is_extended(form))
            last->info.extended.ai_next = &entry->info.extended;
        else
            last->info.plain.ai_next = &entry->info.plain;
        last = entry;
    }
    *ret = first;
    return 0;
}

/* --- Questions --------------------------------------------------------------------- */

static int check_flags(int flags, BOOL has_node)
{
    if (flags & ~KNOWN_FLAGS)
        return WSAEINVAL;
    if ((flags & AI_CANONNAME) && (!has_node || (flags & FLAG_FQDN)))
        return WSAEINVAL;
    return 0;
}

/* hints: of any form, not NULL. */
static int check_hints(const ADDRINFOA *hints, BOOL extended, BOOL has_node)
{
    const struct entry *entry = (const struct entry *)(const void *)hints;

    if (hints->ai_addrlen || hints->ai_canonname || hints->ai_addr ||
        entry_next(entry, extended))
        return WSANO_RECOVERY;
    if (hints->ai_family != AF_UNSPEC && hints->ai_family != AF_INET &&
        hints->ai_family != AF_INET6)
        return WSAEAFNOSUPPORT;
    if (hints->ai_socktype < 0 || hints->ai_socktype > SOCK_RAW)
        return WSAESOCKTNOSUPPORT;
    return check_flags(hints->ai_flags, has_node);
}

/* The list for a question that has been checked for all that concerns the
   form.  node, service: UTF-8, may be NULL. */
static int resolve(const char *node, const char *service,
                   const ADDRINFOA *hints, enum list_form form, void **ret)
{
    static const ADDRINFOA none = {.ai_family = AF_UNSPEC};
    struct unix_addresses addresses = {.count = 0};
    int error, flags;

    if (!hints)
        hints = &none;
    else if ((error = check_hints(hints, form_is_extended(form),
                                  node != NULL)))
        return error;
    flags = hints->ai_flags;
    if (flags & FLAG_FQDN)
        flags |= AI_CANONNAME;

    error = unix_resolve(node, service, flags, hints->ai_family,
                         hints->ai_socktype, hints->ai_protocol, &addresses);
    if (error)
        return error;
    error = list_new(&addresses, form, ret);
    unix_addresses_free(&addresses);
    return error;
}

/* As resolve, of wide strings. */
static int resolve_wide(const WCHAR *node, const WCHAR *service,
                        const ADDRINFOA *hints, enum list_form form,
                        void **ret)
{
    char narrow_node[NAME_SIZE], narrow_service[SERVICE_SIZE];
    BOOL encode = !hints || !(hints->ai_flags & AI_DISABLE_IDN_ENCODING);

    if (node && !encode && !wide_text_is_ascii(node))
        return WSAHOST_NOT_FOUND;
    if (node && !wide_text_to_host_name(node, narrow_node, NAME_SIZE))
        return WSAHOST_NOT_FOUND;
    if (service && !wide_text_to_utf8(service, narrow_service, SERVICE_SIZE))
        return WSATYPE_NOT_FOUND;
    return resolve(node ? narrow_node : NULL, service ? narrow_service : NULL,
                   hints, form, ret);
}

/* --- Plain forms --------------------------------------------------------------------- */

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
    void *list = NULL;
    int error;

    if (!ppResult)
        return finish(WSAEFAULT);
    *ppResult = NULL;
    if (!api_started())
        return finish(WSANOTINITIALISED);
    error = resolve(pNodeName, pServiceName, pHints, LIST_NARROW, &list);
    *ppResult = list;
    return finish(error);
}

/* As getaddrinfo; the list is freed with FreeAddrInfoW. */
int WINAPI GetAddrInfoW(PCWSTR pNodeName, PCWSTR pServiceName,
                        const ADDRINFOW *pHints, PADDRINFOW *ppResult)
{
    void *list = NULL;
    int error;

    if (!ppResult)
        return finish(WSAEFAULT);
    *ppResult = NULL;
    if (!api_started())
        return finish(WSANOTINITIALISED);
    error = resolve_wide(pNodeName, pServiceName,
                         (const ADDRINFOA *)(const void *)pHints, LIST_WIDE,
                         &list);
    *ppResult = list;
    return finish(error);
}

/* Frees the whole list; NULL is one. */
void WINAPI freeaddrinfo(LPADDRINFO pAddrInfo)
{
    list_free(pAddrInfo, FALSE);
}

/* As freeaddrinfo. */
void WINAPI FreeAddrInfoW(PADDRINFOW pAddrInfo)
{
    list_free(pAddrInfo, FALSE);
}

/* --- Extended forms ------------------------------------------------------------------ */

/* Of the name spaces there is the DNS.  Only synchronous questions are
   answered: WSAEOPNOTSUPP. */
static int check_extended(DWORD name_space, const OVERLAPPED *overlapped,
                          BOOL routine)
{
    if (!api_started())
        return WSANOTINITIALISED;
    if ((routine && !overlapped) ||
        (routine && overlapped->hEvent != NULL))
        return WSAEINVAL;
    if (name_space != NS_ALL && name_space != NS_DNS)
        return WSASERVICE_NOT_FOUND;
    return 0;
}

/* As GetAddrInfoW, with a list of the extended form; its ai_blob and
   ai_provider are NULL.  Overlapped: WSAEOPNOTSUPP. */
int WINAPI GetAddrInfoExW(const WCHAR *pName, const WCHAR *pServiceName,
                          DWORD dwNameSpace, GUID *lpNspId,
                          const ADDRINFOEXW *hints, ADDRINFOEXW **ppResult,
                          struct timeval *timeout, OVERLAPPED *lpOverlapped,
                          LPLOOKUPSERVICE_COMPLETION_ROUTINE
                              lpCompletionRoutine,
                          HANDLE *lpHandle)
{
    void *list = NULL;
    int error;

    (void)lpNspId;
    (void)timeout; /* for overlapped questions */
    (void)lpHandle;
    if (!ppResult)
        return finish(WSAEFAULT);
    *ppResult = NULL;
    error = check_extended(dwNameSpace, lpOverlapped,
                           lpCompletionRoutine != NULL);
    if (!error && !pName && !pServiceName)
        error = WSAHOST_NOT_FOUND;
    if (!error && lpOverlapped)
        error = WSAEOPNOTSUPP;
    if (!error)
        error = resolve_wide(pName, pServiceName,
                             (const ADDRINFOA *)(const void *)hints,
                             LIST_EXTENDED_WIDE, &list);
    *ppResult = list;
    return finish(error);
}

/* This form has no overlapped questions at all: WSAEINVAL. */
int WINAPI GetAddrInfoExA(const char *pName, const char *pServiceName,
                          DWORD dwNameSpace, GUID *lpNspId,
                          const ADDRINFOEXA *hints, ADDRINFOEXA **ppResult,
                          struct timeval *timeout, OVERLAPPED *lpOverlapped,
                          LPLOOKUPSERVICE_COMPLETION_ROUTINE
                              lpCompletionRoutine,
                          HANDLE *lpHandle)
{
    void *list = NULL;
    int error;

    (void)lpNspId;
    (void)timeout;
    if (!ppResult)
        return finish(WSAEFAULT);
    *ppResult = NULL;
    error = check_extended(dwNameSpace, lpOverlapped,
                           lpCompletionRoutine != NULL);
    if (!error && (lpOverlapped || lpHandle))
        error = WSAEINVAL;
    if (!error)
        error = resolve(pName, pServiceName,
                        (const ADDRINFOA *)(const void *)hints, LIST_EXTENDED,
                        &list);
    *ppResult = list;
    return finish(error);
}

/* The whole list of GetAddrInfoExA; NULL is one. */
void WINAPI FreeAddrInfoEx(ADDRINFOEXA *pAddrInfoEx)
{
    list_free(pAddrInfoEx, TRUE);
}

/* The whole list of GetAddrInfoExW; NULL is one. */
void WINAPI FreeAddrInfoExW(ADDRINFOEXW *pAddrInfoEx)
{
    list_free(pAddrInfoEx, TRUE);
}

/* There is never an overlapped question. */
int WINAPI GetAddrInfoExOverlappedResult(OVERLAPPED *lpOverlapped)
{
    (void)lpOverlapped;
    return finish(WSAEINVAL);
}

/* WSA_INVALID_HANDLE, for the same reason. */
int WINAPI GetAddrInfoExCancel(HANDLE *lpHandle)
{
    (void)lpHandle;
    return finish(WSA_INVALID_HANDLE);
}

/* --- getnameinfo --------------------------------------------------------------------- */

/*
 * The name of an address and of its port.  A buffer may be NULL or of size 0,
 * not both.  Errors: WSAEFAULT (a short address, or too little room),
 * WSAEAFNOSUPPORT, WSAHOST_NOT_FOUND, WSATRY_AGAIN, WSANO_RECOVERY.
 */
int WINAPI getnameinfo(const SOCKADDR *pSockaddr, socklen_t SockaddrLength,
                       PCHAR pNodeBuffer, DWORD NodeBufferSize,
                       PCHAR pServiceBuffer, DWORD ServiceBufferSize,
                       INT Flags)
{
    if (!api_started())
        return finish(WSANOTINITIALISED);
    return finish(unix_resolve_name(pSockaddr, SockaddrLength, pNodeBuffer,
                                    NodeBufferSize, pServiceBuffer,
                                    ServiceBufferSize, Flags));
}

static int copy_wide(const char *from, WCHAR *to, DWORD size)
{
    if (!to || !size)
        return 0;
    if (wide_text_from_utf8(from, NULL, 0) > size)
        return WSAEFAULT;
    wide_text_from_utf8(from, to, size);
    return 0;
}

/* As getnameinfo; sizes in WCHARs. */
INT WINAPI GetNameInfoW(const SOCKADDR *pSockaddr, socklen_t SockaddrLength,
                        PWCHAR pNodeBuffer, DWORD NodeBufferSize,
                        PWCHAR pServiceBuffer, DWORD ServiceBufferSize,
                        INT Flags)
{
    char node[NAME_SIZE] = "", service[SERVICE_SIZE] = "";
    BOOL want_node = pNodeBuffer && NodeBufferSize;
    BOOL want_service = pServiceBuffer && ServiceBufferSize;
    int error;

    if (!api_started())
        return finish(WSANOTINITIALISED);
    error = unix_resolve_name(pSockaddr, SockaddrLength,
                              want_node ? node : NULL, NAME_SIZE,
                              want_service ? service : NULL, SERVICE_SIZE,
                              Flags);
    if (!error)
        error = copy_wide(node, pNodeBuffer, NodeBufferSize);
    if (!error)
        error = copy_wide(service, pServiceBuffer, ServiceBufferSize);
    return finish(error);
}
