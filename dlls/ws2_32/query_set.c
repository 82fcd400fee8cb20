/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * WSAQUERYSET; see query_set.h.
 */
#include "query_set.h"

#include "program_text.h"
#include "unix/boundary.h"
#include "wide_text.h"

#include <stdlib.h>
#include <string.h>

_Static_assert(sizeof(WSAQUERYSETA) == sizeof(WSAQUERYSETW),
               "the forms differ in their strings alone");

enum {
    TEXT_SIZE = QUERY_SET_TEXT,
    MAX_PROTOCOLS = QUERY_SET_PROTOCOLS,
    MAX_ADDRESSES = QUERY_SET_ADDRESSES,
    MAX_BLOB = QUERY_SET_BLOB,
};

enum { N_TEXTS = 4, N_GUIDS = 2 };

struct query_set {
    WSAQUERYSETW set;
    WCHAR texts[N_TEXTS][TEXT_SIZE];
    GUID guids[N_GUIDS];
    WSAVERSION version;
    AFPROTOCOLS protocols[MAX_PROTOCOLS];
    CSADDR_INFO addresses[MAX_ADDRESSES];
    struct sockaddr_storage names[2 * MAX_ADDRESSES];
    BLOB blob;
    BYTE *bytes;
};

/* --- Reading -------------------------------------------------------------- */

void query_set_free(WSAQUERYSETW *set)
{
    if (set)
        free(((struct query_set *)set)->bytes);
    free(set);
}

/* Each of these replaces a pointer to memory of the program's by one to its
   copy; NULL stays NULL. */

static int copy_text(LPWSTR *text, BOOL wide, WCHAR copy[TEXT_SIZE])
{
    char narrow[TEXT_SIZE];
    int error;

    if (!*text)
        return 0;
    if (wide) {
        error = program_text_read_wide(*text, copy, TEXT_SIZE);
    } else {
        error = program_text_read((const char *)*text, narrow, TEXT_SIZE);
        if (!error)
            wide_text_from_utf8(narrow, copy, TEXT_SIZE);
    }
    *text = copy;
    return error == WSAENAMETOOLONG ? WSAEINVAL : error;
}

static int copy_bytes(void *pointer, void *copy, size_t size)
{
    void *from;

    memcpy(&from, pointer, sizeof(from));
    if (!from)
        return 0;
    memcpy(pointer, &copy, sizeof(copy));
    return unix_memory_read(copy, from, (uint32_t)size);
}

static int copy_name(SOCKET_ADDRESS *name, struct sockaddr_storage *copy)
{
    if (!name->lpSockaddr)
        return 0;
    if (name->iSockaddrLength < 0 ||
        (size_t)name->iSockaddrLength > sizeof(*copy))
        return WSAEINVAL;
    return copy_bytes(&name->lpSockaddr, copy, (size_t)name->iSockaddrLength);
}

static int copy_addresses(struct query_set *copy)
{
    DWORD n = copy->set.lpcsaBuffer ? copy->set.dwNumberOfCsAddrs : 0, i;
    int error;

    copy->set.dwNumberOfCsAddrs = n;
    if (n > MAX_ADDRESSES)
        return WSAEINVAL;
    error = copy_bytes(&copy->set.lpcsaBuffer, copy->addresses,
                       n * sizeof(copy->addresses[0]));
    for (i = 0; i < n && !error; i++) {
        error = copy_name(&copy->addresses[i].LocalAddr, &copy->names[2 * i]);
        if (!error)
            error = copy_name(&copy->addresses[i].RemoteAddr,
                              &copy->names[2 * i + 1]);
    }
    return error;
}

static int copy_protocols(struct query_set *copy)
{
    DWORD n = copy->set.lpafpProtocols ? copy->set.dwNumberOfProtocols : 0;

    copy->set.dwNumberOfProtocols = n;
    if (n > MAX_PROTOCOLS)
        return WSAEINVAL;
    return copy_bytes(&copy->set.lpafpProtocols, copy->protocols,
                      n * sizeof(copy->protocols[0]));
}

static int copy_blob(struct query_set *copy)
{
    int error = copy_bytes(&copy->set.lpBlob, &copy->blob, sizeof(copy->blob));

    if (error || !copy->set.lpBlob)
        return error;
    if (copy->blob.cbSize > MAX_BLOB)
        return WSAEINVAL;
    copy->bytes = malloc(copy->blob.cbSize + 1);
    if (!copy->bytes)
        return WSA_NOT_ENOUGH_MEMORY;
    return copy_bytes(&copy->blob.pBlobData, copy->bytes, copy->blob.cbSize);
}

static int copy_all(struct query_set *copy, BOOL wide)
{
    WSAQUERYSETW *set = &copy->set;
    LPWSTR *const texts[N_TEXTS] = {&set->lpszServiceInstanceName,
                                    &set->lpszComment, &set->lpszContext,
                                    &set->lpszQueryString};
    int error = 0, i;

    for (i = 0; i < N_TEXTS && !error; i++)
        error = copy_text(texts[i], wide, copy->texts[i]);
    if (!error)
        error = copy_bytes(&set->lpServiceClassId, &copy->guids[0],
                           sizeof(GUID));
    if (!error)
        error = copy_bytes(&set->lpNSProviderId, &copy->guids[1],
                           sizeof(GUID));
    if (!error)
        error = copy_bytes(&set->lpVersion, &copy->version,
                           sizeof(copy->version));
    if (!error)
        error = copy_protocols(copy);
    if (!error)
        error = copy_addresses(copy);
    if (!error)
        error = copy_blob(copy);
    return error;
}

int query_set_read_2(const WSAQUERYSET2W *program_set, WSAQUERYSETW **ret)
{
    struct query_set *copy = calloc(1, sizeof(*copy));
    WSAQUERYSET2W given;
    int error;

    if (!copy)
        return WSA_NOT_ENOUGH_MEMORY;
    error = unix_memory_read(&given, program_set, sizeof(given));
    if (!error && given.dwSize != sizeof(given))
        error = WSAEINVAL;
    if (!error) {
        copy->set = (WSAQUERYSETW){
            .dwSize = sizeof(copy->set),
            .lpszServiceInstanceName = given.lpszServiceInstanceName,
            .lpVersion = given.lpVersion,
            .lpszComment = given.lpszComment,
            .dwNameSpace = given.dwNameSpace,
            .lpNSProviderId = given.lpNSProviderId,
            .lpszContext = given.lpszContext,
            .dwNumberOfProtocols = given.dwNumberOfProtocols,
            .lpafpProtocols = given.lpafpProtocols,
            .lpszQueryString = given.lpszQueryString,
            .dwNumberOfCsAddrs = given.dwNumberOfCsAddrs,
            .lpcsaBuffer = given.lpcsaBuffer,
            .dwOutputFlags = given.dwOutputFlags,
            .lpBlob = given.lpBlob,
        };
        error = copy_all(copy, TRUE);
    }
    if (error)
        query_set_free(&copy->set);
    else
        *ret = &copy->set;
    return error;
}

void query_set_make_2(const WSAQUERYSETW *set, WSAQUERYSET2W *ret)
{
    *ret = (WSAQUERYSET2W){
        .dwSize = sizeof(*ret),
        .lpszServiceInstanceName = set->lpszServiceInstanceName,
        .lpVersion = set->lpVersion,
        .lpszComment = set->lpszComment,
        .dwNameSpace = set->dwNameSpace,
        .lpNSProviderId = set->lpNSProviderId,
        .lpszContext = set->lpszContext,
        .dwNumberOfProtocols = set->dwNumberOfProtocols,
        .lpafpProtocols = set->lpafpProtocols,
        .lpszQueryString = set->lpszQueryString,
        .dwNumberOfCsAddrs = set->dwNumberOfCsAddrs,
        .lpcsaBuffer = set->lpcsaBuffer,
        .dwOutputFlags = set->dwOutputFlags,
        .lpBlob = set->lpBlob,
    };
}

int query_set_read(const void *program_set, BOOL wide, WSAQUERYSETW **ret)
{
    struct query_set *copy = calloc(1, sizeof(*copy));
    int error;

    if (!copy)
        return WSA_NOT_ENOUGH_MEMORY;
    error = unix_memory_read(&copy->set.dwSize, program_set,
                             sizeof(copy->set.dwSize));
    if (!error && copy->set.dwSize != sizeof(copy->set))
        error = WSAEINVAL;
    if (!error)
        error = unix_memory_read(&copy->set, program_set, sizeof(copy->set));
    if (!error)
        error = copy_all(copy, wide);
    if (error)
        query_set_free(&copy->set);
    else
        *ret = &copy->set;
    return error;
}

/* --- Writing -------------------------------------------------------------- */

/* A block in the making; to NULL: it is only measured. */
struct block {
    char *to;
    uintptr_t base;
    size_t used;
};

/* Room for size bytes; returns where they will be, as *ret_place where to
   write them (NULL: nowhere). */
static void *block_reserve(struct block *block, size_t size, void **ret_place)
{
    void *address;

    block->used = (block->used + 7) & ~(size_t)7;
    address = (void *)(block->base + block->used);
    *ret_place = block->to ? block->to + block->used : NULL;
    block->used += size;
    return address;
}

/* NULL stays NULL. */
static void *block_put(struct block *block, const void *part, size_t size)
{
    void *place, *address;

    if (!part)
        return NULL;
    address = block_reserve(block, size, &place);
    if (place)
        memcpy(place, part, size);
    return address;
}

static void *block_put_text(struct block *block, const WCHAR *text, BOOL wide)
{
    char narrow[3 * TEXT_SIZE];
    size_t n = 0;

    if (!text)
        return NULL;
    while (text[n])
        n++;
    if (wide)
        return block_put(block, text, (n + 1) * sizeof(WCHAR));
    if (!wide_text_to_utf8(text, narrow, sizeof(narrow)))
        narrow[0] = '\0';
    return block_put(block, narrow, strlen(narrow) + 1);
}

static void block_put_name(struct block *block, SOCKET_ADDRESS *name)
{
    name->lpSockaddr = block_put(block, name->lpSockaddr,
                                 (size_t)name->iSockaddrLength);
}

static void *block_put_addresses(struct block *block, const WSAQUERYSETW *set)
{
    CSADDR_INFO info;
    void *place, *address;
    DWORD i;

    if (!set->dwNumberOfCsAddrs)
        return NULL;
    address = block_reserve(block, set->dwNumberOfCsAddrs * sizeof(info),
                            &place);
    for (i = 0; i < set->dwNumberOfCsAddrs; i++) {
        info = set->lpcsaBuffer[i];
        block_put_name(block, &info.LocalAddr);
        block_put_name(block, &info.RemoteAddr);
        if (place)
            memcpy((char *)place + i * sizeof(info), &info, sizeof(info));
    }
    return address;
}

static void *block_put_blob(struct block *block, const BLOB *blob)
{
    void *place, *address;
    BLOB copy;

    if (!blob)
        return NULL;
    address = block_reserve(block, sizeof(copy), &place);
    copy.cbSize = blob->cbSize;
    copy.pBlobData = block_put(block, blob->pBlobData, blob->cbSize);
    if (place)
        memcpy(place, &copy, sizeof(copy));
    return address;
}

static void block_put_set(struct block *block, const WSAQUERYSETW *set,
                          BOOL wide)
{
    WSAQUERYSETW copy = *set;
    void *place;

    block_reserve(block, sizeof(copy), &place);
    copy.dwSize = sizeof(copy);
    copy.lpServiceClassId = block_put(block, set->lpServiceClassId,
                                      sizeof(GUID));
    copy.lpVersion = block_put(block, set->lpVersion, sizeof(WSAVERSION));
    copy.lpNSProviderId = block_put(block, set->lpNSProviderId, sizeof(GUID));
    copy.lpafpProtocols = block_put(
        block, set->dwNumberOfProtocols ? set->lpafpProtocols : NULL,
        set->dwNumberOfProtocols * sizeof(AFPROTOCOLS));
    copy.lpcsaBuffer = block_put_addresses(block, set);
    copy.lpBlob = block_put_blob(block, set->lpBlob);
    copy.lpszServiceInstanceName =
        block_put_text(block, set->lpszServiceInstanceName, wide);
    copy.lpszComment = block_put_text(block, set->lpszComment, wide);
    copy.lpszContext = block_put_text(block, set->lpszContext, wide);
    copy.lpszQueryString = block_put_text(block, set->lpszQueryString, wide);
    if (place)
        memcpy(place, &copy, sizeof(copy));
}

size_t query_set_write(const WSAQUERYSETW *set, BOOL wide, void *to,
                       size_t size, uintptr_t base)
{
    /* The base is taken as aligned: the parts lie as they do at 0. */
    struct block measure = {NULL, base, 0}, block = {to, base, 0};

    block_put_set(&measure, set, wide);
    if (to && measure.used <= size)
        block_put_set(&block, set, wide);
    return measure.used;
}

int query_set_hand_out(const WSAQUERYSETW *set, BOOL wide, void *buffer,
                       DWORD *length)
{
    size_t needed = query_set_write(set, wide, NULL, 0, 0);
    void *block;
    int error;

    if (!buffer || *length < needed) {
        *length = (DWORD)needed;
        return WSAEFAULT;
    }
    block = malloc(needed);
    if (!block)
        return WSA_NOT_ENOUGH_MEMORY;
    query_set_write(set, wide, block, needed, (uintptr_t)buffer);
    error = unix_memory_write(buffer, block, (uint32_t)needed);
    free(block);
    return error;
}
