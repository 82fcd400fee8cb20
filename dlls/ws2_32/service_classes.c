/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Service classes; see service_classes.h.
 *
 * Those of TCP/IP are known by their ids.  Programs install others: each
 * provider of a name space is told of them, and the DNS's keeps them in the
 * catalogs' store.
 */
#include "service_classes.h"

#include <ws2spi.h>

#include "api.h"
#include "name_spaces.h"
#include "service_class_store.h"
#include "unix/boundary.h"
#include "wide_text.h"

#include <stdlib.h>
#include <string.h>

enum {
    NAME_SIZE = 64,
    VALUE_IS_NUMBER = 4, /* REG_DWORD */
    RR_A = 1,
    RR_AAAA = 28,
    DOMAIN_PORT = 53,
};

/* The names of the values that are ports. */
#define TCP_PORT "TcpPort"
#define UDP_PORT "UdpPort"

/* The rest of the ids of all these classes. */
static const BYTE common[8] = {0xc0, 0, 0, 0, 0, 0, 0, 0x46};

static BOOL read_question_class(ULONG number, struct service_class *ret)
{
    static const enum service_class_kind kinds[] = {
        SERVICE_CLASS_HOST_NAME, SERVICE_CLASS_HOST_BY_ADDRESS,
        SERVICE_CLASS_SERVICE_BY_NAME, SERVICE_CLASS_HOST_BY_NAME};

    if (number >= sizeof(kinds) / sizeof(kinds[0]))
        return FALSE;
    ret->kind = kinds[number];
    return TRUE;
}

/* SVCID_DNS: a question for records of the DNS. */
static BOOL read_record_class(unsigned int type, struct service_class *ret)
{
    ret->port = 0;
    ret->protocol = 0;
    ret->kind = type == RR_AAAA ? SERVICE_CLASS_INET6_HOST
                                : SERVICE_CLASS_HOST_BY_NAME;
    return type == RR_A || type == RR_AAAA;
}

/* One of TCP/IP's own. */
static BOOL read_own_class(const GUID *id, struct service_class *ret)
{
    ULONG high = id->Data1 >> 16;

    memset(ret, 0, sizeof(*ret));
    if (id->Data2 || memcmp(id->Data4, common, sizeof(common)))
        return FALSE;
    if ((id->Data1 & ~0xffU) == 0x0002a800 && !id->Data3)
        return read_question_class(id->Data1 & 0xff, ret);
    if (high != 0x0009 && high != 0x000a)
        return FALSE;
    ret->kind = SERVICE_CLASS_PORT;
    ret->port = (int)(id->Data1 & 0xffff);
    ret->protocol = high == 0x0009 ? IPPROTO_TCP : IPPROTO_UDP;
    if (ret->port == DOMAIN_PORT && id->Data3)
        return read_record_class(id->Data3, ret);
    return !id->Data3;
}

/* The name of a class; FALSE: it has none. */
static BOOL class_name(const struct service_class *class,
                       WCHAR name[NAME_SIZE])
{
    static const char *const names[] = {
        [SERVICE_CLASS_HOST_NAME] = "Hostname",
        [SERVICE_CLASS_HOST_BY_NAME] = "HostAddrByName",
        [SERVICE_CLASS_INET6_HOST] = "HostAddrByName",
        [SERVICE_CLASS_HOST_BY_ADDRESS] = "HostAddrByInetString",
        [SERVICE_CLASS_SERVICE_BY_NAME] = "ServiceByName",
    };
    struct unix_database_entry entry;

    if (class->kind != SERVICE_CLASS_PORT) {
        wide_text_from_utf8(names[class->kind], name, NAME_SIZE);
        return TRUE;
    }
    if (unix_find_service(NULL, class->port,
                          class->protocol == IPPROTO_TCP ? "tcp" : "udp",
                          &entry))
        return FALSE;
    wide_text_from_utf8(entry.name, name, NAME_SIZE);
    return TRUE;
}

/* --- What is told of a class ---------------------------------------------- */

/* A class of TCP/IP.  NULL: it is none, or has no name. */
static struct catalog_item *own_class(const GUID *id)
{
    struct service_class class;
    WCHAR name[NAME_SIZE];
    DWORD port;
    const struct service_class_value value = {
        .name_space = NS_DNS,
        .type = VALUE_IS_NUMBER,
        .size = sizeof(port),
        .value = (const uint8_t *)&port,
    };

    if (!read_own_class(id, &class) || !class_name(&class, name))
        return NULL;
    port = (DWORD)class.port;
    return service_class_new(
        id, name, class.protocol == IPPROTO_TCP ? TCP_PORT : UDP_PORT,
        class.port ? &value : NULL);
}

/* NULL: there is no such class. */
static struct catalog_item *class_of(const GUID *id)
{
    struct service_class class;

    return read_own_class(id, &class) ? own_class(id)
                                      : service_class_installed(id);
}

/* In memory of the library's, from malloc. */
static void *block_of(const struct catalog_item *class, BOOL wide,
                      size_t *ret_size, uintptr_t base)
{
    const size_t size = service_class_write(class, wide, NULL, 0, 0);
    void *block = malloc(size);

    *ret_size = size;
    if (block)
        service_class_write(class, wide, block, size,
                            base ? base : (uintptr_t)block);
    return block;
}

WSASERVICECLASSINFOW *service_class_describe(const GUID *id)
{
    struct catalog_item *class = class_of(id);
    void *block;
    size_t size;

    if (!class)
        return NULL;
    block = block_of(class, TRUE, &size, 0);
    catalog_item_free(class);
    return block;
}

/* Into a buffer of the program's. */
static int hand_out_class(const struct catalog_item *class, BOOL wide,
                          DWORD *length, void *to)
{
    int error = WSA_NOT_ENOUGH_MEMORY;
    DWORD needed, room;
    size_t size;
    void *block;

    if (unix_memory_read(&room, length, sizeof(room)))
        return WSAEFAULT;
    block = block_of(class, wide, &size, (uintptr_t)to);
    if (block && room < size) {
        needed = (DWORD)size;
        unix_memory_write(length, &needed, sizeof(needed));
        error = WSAEFAULT;
    } else if (block) {
        error = unix_memory_write(to, block, (uint32_t)size);
    }
    free(block);
    return error;
}

static int hand_out(const GUID *id, BOOL wide, DWORD *length, void *to)
{
    struct catalog_item *class;
    DWORD room;
    int error;

    if (unix_memory_read(&room, length, sizeof(room)))
        return WSAEFAULT;
    class = class_of(id);
    if (!class)
        return WSATYPE_NOT_FOUND;
    error = hand_out_class(class, wide, length, to);
    catalog_item_free(class);
    return error;
}

INT service_class_info(DWORD *length, WSASERVICECLASSINFOW *info)
{
    WSASERVICECLASSINFOW asked;
    GUID id;
    int error = unix_memory_read(&asked, info, sizeof(asked));

    if (!error)
        error = unix_memory_read(&id, asked.lpServiceClassId, sizeof(id));
    if (!error)
        error = hand_out(&id, TRUE, length, info);
    return error ? api_failure(error) : 0;
}

/* --- What a class means to the DNS ---------------------------------------- */

/* An installed one: its first port. */
static BOOL read_installed_class(const GUID *id, struct service_class *ret)
{
    struct catalog_item *class = service_class_installed(id);
    struct service_class_value value;
    WCHAR wide[NAME_SIZE];
    char name[NAME_SIZE];
    uint32_t at = 0;
    DWORD port;

    memset(ret, 0, sizeof(*ret));
    while (class && !ret->port && service_class_next(class, &at, &value)) {
        if (value.name_length >= NAME_SIZE || value.size != sizeof(port) ||
            value.type != VALUE_IS_NUMBER)
            continue;
        memset(wide, 0, sizeof(wide));
        memcpy(wide, value.name, value.name_length * sizeof(WCHAR));
        memcpy(&port, value.value, sizeof(port));
        if (!wide_text_to_utf8(wide, name, sizeof(name)) || port > 0xffff)
            continue;
        ret->protocol = !strcmp(name, TCP_PORT)   ? IPPROTO_TCP
                        : !strcmp(name, UDP_PORT) ? IPPROTO_UDP
                                                  : 0;
        ret->port = ret->protocol ? (int)port : 0;
    }
    catalog_item_free(class);
    ret->kind = SERVICE_CLASS_PORT;
    return ret->port != 0;
}

BOOL service_class_read(const GUID *id, struct service_class *ret)
{
    return read_own_class(id, ret) || read_installed_class(id, ret);
}

/* --- Asking --------------------------------------------------------------- */

/* A provider reads the id where it is to put the rest. */
static int ask_provider(struct name_space_provider *provider, GUID *id,
                        DWORD *length, WSASERVICECLASSINFOW *info)
{
    WSASERVICECLASSINFOW asked = {.lpServiceClassId = id};

    if (unix_memory_write(info, &asked, sizeof(asked)))
        return WSAEFAULT;
    if (!provider->routines.NSPGetServiceClassInfo(&provider->provider, length,
                                                   info))
        return 0;
    return (int)host_get_last_error();
}

/* The narrow form of what a provider tells. */
static int ask_provider_narrow(struct name_space_provider *provider, GUID *id,
                               DWORD *length, void *info)
{
    DWORD room = 4096;
    WSASERVICECLASSINFOW *wide = malloc(room);
    struct catalog_item *class = NULL;
    int error;

    if (!wide)
        return WSA_NOT_ENOUGH_MEMORY;
    error = ask_provider(provider, id, &room, wide);
    if (!error)
        error = service_class_copy(wide, TRUE, &class);
    free(wide);
    if (error)
        return error;
    error = hand_out_class(class, FALSE, length, info);
    catalog_item_free(class);
    return error;
}

static int get_class_info(const GUID *provider, const GUID *class,
                          DWORD *length, void *info, BOOL wide)
{
    struct name_space_provider *asked;
    GUID provider_id, id;
    int error;

    if (!api_started())
        return WSANOTINITIALISED;
    if (!provider || !class || !length || !info)
        return WSAEINVAL;
    if (unix_memory_read(&provider_id, provider, sizeof(provider_id)) ||
        unix_memory_read(&id, class, sizeof(id)))
        return WSAEFAULT;
    if (name_space_acquire(NS_ALL, &provider_id, 0, &asked))
        return WSAEINVAL;
    if (name_space_built_in_of(&provider_id))
        error = hand_out(&id, wide, length, info);
    else if (wide)
        error = ask_provider(asked, &id, length, info);
    else
        error = ask_provider_narrow(asked, &id, length, info);
    name_space_release(asked);
    return error;
}

/*
 * What a name space knows of a class.  WSAEINVAL: NULL, or no such provider;
 * WSATYPE_NOT_FOUND; WSAEFAULT: a bad pointer, or too little room, and
 * *lpdwBufSize says how much is needed; WSANOTINITIALISED.
 */
INT WINAPI WSAGetServiceClassInfoA(LPGUID lpProviderId, LPGUID lpServiceClassId,
                                   LPDWORD lpdwBufSize,
                                   LPWSASERVICECLASSINFOA lpServiceClassInfo)
{
    return api_result(get_class_info(lpProviderId, lpServiceClassId,
                                     lpdwBufSize, lpServiceClassInfo, FALSE));
}

/* As the A form. */
INT WINAPI WSAGetServiceClassInfoW(LPGUID lpProviderId, LPGUID lpServiceClassId,
                                   LPDWORD lpdwBufSize,
                                   LPWSASERVICECLASSINFOW lpServiceClassInfo)
{
    return api_result(get_class_info(lpProviderId, lpServiceClassId,
                                     lpdwBufSize, lpServiceClassInfo, TRUE));
}

static int get_class_name(const GUID *class, DWORD *length, void *to, BOOL wide)
{
    struct catalog_item *found;
    char *narrow;
    DWORD needed, room;
    int error;
    GUID id;

    if (!api_started())
        return WSANOTINITIALISED;
    if (!class || !length)
        return WSAEFAULT;
    if (unix_memory_read(&id, class, sizeof(id)) ||
        unix_memory_read(&room, length, sizeof(room)))
        return WSAEFAULT;
    found = class_of(&id);
    if (!found)
        return WSAEINVAL;
    narrow = catalog_text_to_utf8(found->text);
    needed = 1;
    if (wide)
        while (found->text[needed - 1])
            needed++;
    else
        needed += narrow ? (DWORD)strlen(narrow) : 0;
    if (!narrow) {
        error = WSA_NOT_ENOUGH_MEMORY;
    } else if (!to || room < needed) {
        unix_memory_write(length, &needed, sizeof(needed));
        error = WSAEFAULT;
    } else {
        error = wide ? unix_memory_write(to, found->text,
                                         needed * (DWORD)sizeof(WCHAR))
                     : unix_memory_write(to, narrow, needed);
    }
    free(narrow);
    catalog_item_free(found);
    return error;
}

/* The name of a class.  WSAEINVAL: it has none; WSAEFAULT: a bad pointer, or
   too little room, and *lpdwBufferLength says how many characters are needed;
   WSANOTINITIALISED. */
INT WINAPI WSAGetServiceClassNameByClassIdA(LPGUID lpServiceClassId,
                                            LPSTR lpszServiceClassName,
                                            LPDWORD lpdwBufferLength)
{
    return api_result(get_class_name(lpServiceClassId, lpdwBufferLength,
                                     lpszServiceClassName, FALSE));
}

/* As the A form. */
INT WINAPI WSAGetServiceClassNameByClassIdW(LPGUID lpServiceClassId,
                                            LPWSTR lpszServiceClassName,
                                            LPDWORD lpdwBufferLength)
{
    return api_result(get_class_name(lpServiceClassId, lpdwBufferLength,
                                     lpszServiceClassName, TRUE));
}

/* --- Installing ----------------------------------------------------------- */

INT service_class_keep(const WSASERVICECLASSINFOW *info)
{
    struct catalog_item *class;
    int error = service_class_copy(info, TRUE, &class);

    if (error)
        return api_failure(error);
    error = service_class_install(class);
    catalog_item_free(class);
    return api_result(error);
}

INT service_class_forget(const GUID *id)
{
    return api_result(service_class_uninstall(id));
}

/* A call of each provider's: success when one of them did it, else the error of
   the first that has more to say than that it keeps no classes. */
static int tell_providers(int (*tell)(struct name_space_provider *, void *),
                          void *argument)
{
    struct name_space_provider *provider;
    int error = WSAEOPNOTSUPP, refused = 0;
    BOOL done = FALSE;
    unsigned int i;

    for (i = 0; refused != WSASERVICE_NOT_FOUND; i++) {
        refused = name_space_acquire(NS_ALL, NULL, i, &provider);
        if (refused)
            continue;
        if (!tell(provider, argument))
            done = TRUE;
        else if (error == WSAEOPNOTSUPP)
            error = (int)host_get_last_error();
        name_space_release(provider);
    }
    return done ? 0 : error;
}

static int tell_install(struct name_space_provider *provider, void *class)
{
    return provider->routines.NSPInstallServiceClass(&provider->provider,
                                                     class);
}

static int tell_remove(struct name_space_provider *provider, void *id)
{
    return provider->routines.NSPRemoveServiceClass(&provider->provider, id);
}

static int install_class(const void *info, BOOL wide)
{
    struct catalog_item *class;
    struct service_class own;
    void *block = NULL;
    size_t size;
    int error;

    if (!api_started())
        return WSANOTINITIALISED;
    error = service_class_copy(info, wide, &class);
    if (error)
        return error;
    if (read_own_class((const GUID *)(const void *)class->data, &own)) {
        error = WSAEALREADY;
    } else {
        block = block_of(class, TRUE, &size, 0);
        error = block ? tell_providers(tell_install, block)
                      : WSA_NOT_ENOUGH_MEMORY;
    }
    free(block);
    catalog_item_free(class);
    return error;
}

/*
 * Makes a class known, to all providers of name spaces, for all programs and
 * until it is removed.  WSAEINVAL: NULL, no id, no name, or more than a class
 * has; WSAEALREADY: one of this id is installed, or is TCP/IP's; WSAEACCES: the
 * store cannot be written; WSAEFAULT, WSA_NOT_ENOUGH_MEMORY,
 * WSANOTINITIALISED.  Source: Microsoft's page.
 */
INT WINAPI WSAInstallServiceClassA(LPWSASERVICECLASSINFOA lpServiceClassInfo)
{
    return api_result(install_class(lpServiceClassInfo, FALSE));
}

/* As the A form. */
INT WINAPI WSAInstallServiceClassW(LPWSASERVICECLASSINFOW lpServiceClassInfo)
{
    return api_result(install_class(lpServiceClassInfo, TRUE));
}

/* Takes an installed class back.  WSATYPE_NOT_FOUND: there is none; WSAEACCES:
   a class of TCP/IP, or the store cannot be written; WSAEINVAL: NULL;
   WSAEFAULT, WSANOTINITIALISED. */
INT WINAPI WSARemoveServiceClass(LPGUID lpServiceClassId)
{
    struct service_class own;
    GUID id;

    if (!api_started())
        return api_failure(WSANOTINITIALISED);
    if (!lpServiceClassId)
        return api_failure(WSAEINVAL);
    if (unix_memory_read(&id, lpServiceClassId, sizeof(id)))
        return api_failure(WSAEFAULT);
    if (read_own_class(&id, &own))
        return api_failure(WSAEACCES);
    return api_result(tell_providers(tell_remove, &id));
}
