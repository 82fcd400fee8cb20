/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Service classes; see service_classes.h.  They can be asked about; a program
 * can install its own only with a provider of a name space that keeps them,
 * which the library's do not.
 */
#include "service_classes.h"

#include <ws2spi.h>

#include "api.h"
#include "name_spaces.h"
#include "unix/boundary.h"
#include "wide_text.h"

#include <string.h>

enum {
    NAME_SIZE = 64,
    VALUE_IS_NUMBER = 4, /* REG_DWORD */
    RR_A = 1,
    RR_AAAA = 28,
    DOMAIN_PORT = 53,
};

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

BOOL service_class_read(const GUID *id, struct service_class *ret)
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

/* --- What is told of a class ----------------------------------------------------- */

/* All of it, in one block whose pointers are into it. */
struct class_block {
    WSASERVICECLASSINFOW info; /* of either form */
    GUID id;
    WSANSCLASSINFOW value;
    DWORD number;
    WCHAR name[NAME_SIZE], value_name[16]; /* or char */
};

/* For the address base.  FALSE: no such class. */
static BOOL block_make(const GUID *id, BOOL wide, uintptr_t base,
                       struct class_block *block)
{
    struct class_block *there = (struct class_block *)base;
    struct service_class class;
    char narrow[NAME_SIZE];

    memset(block, 0, sizeof(*block));
    if (!service_class_read(id, &class) || !class_name(&class, block->name))
        return FALSE;
    block->id = *id;
    block->info.lpServiceClassId = &there->id;
    block->info.lpszServiceClassName = there->name;
    if (class.port) {
        block->info.dwCount = 1;
        block->info.lpClassInfos = &there->value;
        block->value.lpszName = (void *)there->value_name;
        block->value.dwNameSpace = NS_DNS;
        block->value.dwValueType = VALUE_IS_NUMBER;
        block->value.dwValueSize = sizeof(block->number);
        block->value.lpValue = &there->number;
        block->number = (DWORD)class.port;
        wide_text_from_utf8(class.protocol == IPPROTO_TCP ? "TcpPort"
                                                          : "UdpPort",
                            block->value_name, 16);
    }
    if (!wide) {
        wide_text_to_utf8(block->name, narrow, sizeof(narrow));
        memcpy(block->name, narrow, sizeof(narrow));
        wide_text_to_utf8(block->value_name, narrow, sizeof(narrow));
        memcpy(block->value_name, narrow, sizeof(block->value_name));
    }
    return TRUE;
}

/* Into a buffer of the program's. */
static int hand_out(const GUID *id, BOOL wide, DWORD *length, void *to)
{
    DWORD needed = sizeof(struct class_block), room;
    struct class_block block;

    if (unix_memory_read(&room, length, sizeof(room)))
        return WSAEFAULT;
    if (!block_make(id, wide, (uintptr_t)to, &block))
        return WSATYPE_NOT_FOUND;
    if (room < needed) {
        unix_memory_write(length, &needed, sizeof(needed));
        return WSAEFAULT;
    }
    return unix_memory_write(to, &block, sizeof(block));
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

/* --- Asking ----------------------------------------------------------------------------- */

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
    /* The narrow form is made for the library's own classes alone. */
    if (name_space_built_in_of(&provider_id))
        error = hand_out(&id, wide, length, info);
    else
        error = wide ? ask_provider(asked, &id, length, info)
                     : WSAEOPNOTSUPP;
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
    WCHAR name[NAME_SIZE];
    char narrow[NAME_SIZE];
    struct service_class read;
    DWORD needed, room;
    GUID id;

    if (!api_started())
        return WSANOTINITIALISED;
    if (!class || !length)
        return WSAEFAULT;
    if (unix_memory_read(&id, class, sizeof(id)) ||
        unix_memory_read(&room, length, sizeof(room)))
        return WSAEFAULT;
    if (!service_class_read(&id, &read) || !class_name(&read, name))
        return WSAEINVAL;
    wide_text_to_utf8(name, narrow, sizeof(narrow));
    needed = (DWORD)(strlen(narrow) + 1);
    if (!to || room < needed) {
        unix_memory_write(length, &needed, sizeof(needed));
        return WSAEFAULT;
    }
    return wide ? unix_memory_write(to, name, needed * (DWORD)sizeof(WCHAR))
                : unix_memory_write(to, narrow, needed);
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

/* --- Installing ----------------------------------------------------------------------------- */

/* The id at the place of the structure's first member. */
static int read_class_id(const void *info, GUID *ret)
{
    WSASERVICECLASSINFOW copy;

    if (unix_memory_read(&copy, info, sizeof(copy)))
        return WSAEFAULT;
    if (!copy.lpServiceClassId)
        return WSAEINVAL;
    return unix_memory_read(ret, copy.lpServiceClassId, sizeof(*ret));
}

static int refuse_class(const void *info)
{
    struct service_class read;
    int error;
    GUID id;

    if (!api_started())
        return WSANOTINITIALISED;
    error = read_class_id(info, &id);
    if (error)
        return error;
    return service_class_read(&id, &read) ? WSAEALREADY : WSAEACCES;
}

/* WSAEALREADY: a class of TCP/IP; WSAEACCES: no name space keeps others;
   WSAEINVAL: no id; WSAEFAULT, WSANOTINITIALISED. */
INT WINAPI WSAInstallServiceClassA(LPWSASERVICECLASSINFOA lpServiceClassInfo)
{
    return api_failure(refuse_class(lpServiceClassInfo));
}

/* As the A form. */
INT WINAPI WSAInstallServiceClassW(LPWSASERVICECLASSINFOW lpServiceClassInfo)
{
    return api_failure(refuse_class(lpServiceClassInfo));
}

/* WSAEACCES: a class of TCP/IP; WSATYPE_NOT_FOUND: any other, as none was
   installed; WSAEFAULT, WSANOTINITIALISED. */
INT WINAPI WSARemoveServiceClass(LPGUID lpServiceClassId)
{
    struct service_class read;
    GUID id;

    if (!api_started())
        return api_failure(WSANOTINITIALISED);
    if (unix_memory_read(&id, lpServiceClassId, sizeof(id)))
        return api_failure(WSAEFAULT);
    return api_failure(service_class_read(&id, &read) ? WSAEACCES
                                                      : WSATYPE_NOT_FOUND);
}
